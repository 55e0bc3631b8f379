"""The real command in its own process, with an empty home folder."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

# Matplotlib needs seconds to list the fonts in each new home folder.
_MATPLOTLIB = Path(platformdirs.user_cache_dir("facecam", appauthor=False)) / "matplotlib"

Command = Callable[..., subprocess.CompletedProcess[str]]


def environment_in(home: Path) -> dict[str, str]:
    """Return an environment with its own home, no display and no settings."""
    # The window tests set QT_QPA_PLATFORM to offscreen for the whole process.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("FACECAM_", "XDG_", "QT_"))}
    env = {name: value for name, value in env.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return env | {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "MPLCONFIGDIR": str(_MATPLOTLIB),
    }


def run_in(home: Path, *args: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `facecam ARGS` in a folder that is also its home. `variables` are added to its environment."""
    command = [sys.executable, "-m", "facecam", *map(str, args)]
    return subprocess.run(
        command, cwd=home, env=environment_in(home) | variables, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Environment for commands that a test starts itself."""
    return environment_in(tmp_path)


@pytest.fixture
def facecam(tmp_path: Path) -> Command:
    """Run `facecam ARGS` in the test's folder."""
    return functools.partial(run_in, tmp_path)
