"""What kind of source a text names, before anything is opened."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

from facecam.capture.source import DEMO


def sentence(text: str) -> str:
    """What went wrong, as it stands alone: errors are written to follow a colon."""
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".?!" else ".")


class SourceKind(StrEnum):
    """CAMERA: of this machine; ADDRESS: a camera in the network; FILE: files and folders; DEMO: the bundled pictures."""

    CAMERA = "camera"
    ADDRESS = "address"
    FILE = "file"
    DEMO = "demo"


def kind_of(text: str) -> SourceKind:
    """How `open_source` will understand it. What is neither there nor looks like a path is taken for a camera's name."""
    if text == DEMO:
        return SourceKind.DEMO
    if "://" in text:
        return SourceKind.ADDRESS
    path = Path(text).expanduser()
    if path.is_dir() or path.is_file():
        return SourceKind.FILE
    looks_like_a_path = bool(path.suffix) or re.search(r"[/\\]", text) is not None
    return SourceKind.FILE if looks_like_a_path and not text.startswith("/dev/") else SourceKind.CAMERA
