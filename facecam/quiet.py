"""Libraries that greet on stderr, and have no switch for it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


def load_keras() -> None:
    """Import Keras, and TensorFlow with it: seconds the first time, after which `import keras` costs nothing and says nothing."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # keeps TensorFlow quiet later, but not while it is imported
    with stderr_dropped():
        import keras  # noqa: F401


@contextlib.contextmanager
def stderr_dropped() -> Iterator[None]:
    """Lose what is written to file descriptor 2, by whatever thread: for libraries that greet there and have no switch for it."""
    try:
        kept = os.dup(2)
    except OSError:  # stderr is closed, so there is nothing to keep quiet
        yield
        return
    with Path(os.devnull).open("wb") as silence:
        os.dup2(silence.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
