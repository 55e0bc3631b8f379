"""The real command in a process of its own, in an empty folder that is its home too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from facecam.compile import cache_dir

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """What the command may see: a home of its own, no display, no people; the compiled networks are this machine's."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "FACECAM_GALLERY")}
    return kept | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "FACECAM_CACHE": str(cache_dir().parent)}


@pytest.fixture
def facecam(tmp_path: Path, environment: dict[str, str]) -> Command:
    """Runs `facecam ...` to its end."""

    def run(*words: str | Path, **options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "facecam", *map(str, words)]
        return subprocess.run(
            command, cwd=tmp_path, env=environment | options, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.fixture
def gallery(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """A gallery made by hand, where the command looks for it: a folder with a photo in it."""
    person = tmp_path / "gallery" / "Eileen Collins"
    person.mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], person)
    return tmp_path / "gallery"
