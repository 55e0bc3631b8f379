"""Reading of recorded videos in tests, with PyAV as browsers do: every frame is decoded."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest


def frame_times_ms(path: Path) -> list[float]:
    """Decode a whole video and return the times of its frames."""
    with av.open(str(path)) as video:
        return [float(frame.time) * 1e3 for frame in video.decode(video=0)]


def images_in(path: Path) -> list[np.ndarray]:
    """Return the decoded frames (height, width, 3) of a video."""
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]


def frames_in(path: Path) -> int:
    return len(frame_times_ms(path))


def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Yield a folder that is a disk of this size, for a fixture; skip the test when this user cannot mount one."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("root cannot mount a small disk on this system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> None:
    """Write a file until the disk is full."""
    with contextlib.suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
        while ballast.write(bytes(1 << 16)):
            pass
