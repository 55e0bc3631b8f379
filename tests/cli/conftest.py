"""The real command in a process of its own, in an empty folder that is its home too."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from facecam.networks.convert import cache_dir

# Its list of fonts takes matplotlib seconds, once for every home.
_MATPLOTLIB = cache_dir().parent / "matplotlib"

Command = Callable[..., subprocess.CompletedProcess[str]]


def environment_in(home: Path) -> dict[str, str]:
    """What the command may see: a home of its own, no display, no settings; the compiled networks are this machine's."""
    # QT_: the tests of the window show theirs nowhere, and say so to all that comes after them.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FACECAM_", "XDG_", "QT_"))}
    kept = {name: value for name, value in kept.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return kept | {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "FACECAM_CACHE": str(cache_dir().parent),
        "MPLCONFIGDIR": str(_MATPLOTLIB),
    }


def run_in(home: Path, *words: str | Path, **options: str) -> subprocess.CompletedProcess[str]:
    """Runs `facecam ...` to its end in a folder that is its home too; `options` are variables of its environment."""
    command = [sys.executable, "-m", "facecam", *map(str, words)]
    return subprocess.run(
        command, cwd=home, env=environment_in(home) | options, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What a command may see that a test starts by itself."""
    return environment_in(tmp_path)


@pytest.fixture
def facecam(tmp_path: Path) -> Command:
    """Runs `facecam ...` to its end in the test's folder."""
    return functools.partial(run_in, tmp_path)
