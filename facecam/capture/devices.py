"""Linux's camera devices: which node delivers pictures, who may open it, and who has it open. Elsewhere nothing is known."""

from __future__ import annotations

import os
import struct
from pathlib import Path

_PROCESSES = Path("/proc")

# linux/videodev2.h: VIDIOC_QUERYCAP and the capabilities of a node that delivers pictures.
_QUERYCAP = 0x80685600
_CAPABILITY_BYTES, _CAPABILITIES_AT, _DEVICE_CAPS_AT = 104, 84, 88
_VIDEO_CAPTURE = 0x1 | 0x1000
_HAS_DEVICE_CAPS = 0x80000000


def may_open(node: Path) -> bool:
    """Whether this user may read and write the node, as V4L2 must to use it."""
    return os.access(node, os.R_OK | os.W_OK)


def captures(node: Path) -> bool | None:
    """Whether a node delivers pictures; None when it cannot be asked. A UVC camera has a second node, for metadata alone."""
    try:
        import fcntl
    except ImportError:
        return None
    answer = bytearray(_CAPABILITY_BYTES)
    try:
        device = os.open(node, os.O_RDWR | os.O_NONBLOCK)
        try:
            fcntl.ioctl(device, _QUERYCAP, answer)
        finally:
            os.close(device)
    except OSError:
        return None
    of_all_nodes: int = struct.unpack_from("=I", answer, _CAPABILITIES_AT)[0]
    of_this_node: int = struct.unpack_from("=I", answer, _DEVICE_CAPS_AT)[0]
    return bool((of_this_node if of_all_nodes & _HAS_DEVICE_CAPS else of_all_nodes) & _VIDEO_CAPTURE)


def users_of(node: Path, processes: Path = _PROCESSES) -> list[str]:
    """Who has a node open, as "zoom (process 1234)"; those of other users stay hidden unless one is root."""
    found = []
    for process in sorted(processes.glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            if any(link.readlink() == node for link in (process / "fd").iterdir()):
                found.append(f"{_name(process)} (process {process.name})")
        except OSError:
            continue  # it has ended meanwhile, or is another user's
    return found


def _name(process: Path) -> str:
    return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
