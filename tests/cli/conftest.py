"""The command line with an empty home folder: in this process, or in its own where the process is what is tested."""

from __future__ import annotations

import contextlib
import functools
import gc
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from facecam.cli import context
from facecam.cli.main import main

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
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    vars(context.invocation).update(vars(context.Invocation()))
    code: int | str | None = 0
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.chdir(home)
        environment = environment_in(home) | variables
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["facecam", *map(str, args)])
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        finally:
            gc.enable()
        texts = [stream.buffer.getvalue().decode() for stream in (out, err) if not stream.flush()]
    return subprocess.CompletedProcess(args, int(code or 0), *texts)


def run_process_in(home: Path, *args: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `facecam ARGS` as `run_in` does, in its own process."""
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


@pytest.fixture
def facecam_process(tmp_path: Path) -> Command:
    """Run `facecam ARGS` in the test's folder, in its own process."""
    return functools.partial(run_process_in, tmp_path)
