"""facecam sees through a webcam: it finds faces, says who they are, reads expressions, names objects, and logs it all.

What is in `__all__` is the public interface. It is imported when it is first used, so that `import facecam` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "Calibration",
    "FacecamError",
    "Frame",
    "Gallery",
    "GuidedEnrolment",
    "Mode",
    "NameThis",
    "NotThem",
    "Recognizer",
    "Result",
    "Session",
    "Settings",
    "Tracker",
    "Undo",
    "calibrate",
    "load_settings",
    "open_face_reader",
    "open_source",
    "read_log",
    "read_picture",
]

_HOMES = {
    "Calibration": "facecam.identify.calibrate",
    "FacecamError": "facecam.errors",
    "Frame": "facecam.types",
    "Gallery": "facecam.identify.gallery",
    "GuidedEnrolment": "facecam.identify.guided",
    "Mode": "facecam.mode",
    "NameThis": "facecam.identify.corrections",
    "NotThem": "facecam.identify.corrections",
    "Recognizer": "facecam.recognizer",
    "Result": "facecam.types",
    "Session": "facecam.runtime.session",
    "Settings": "facecam.settings",
    "Tracker": "facecam.identify.track",
    "Undo": "facecam.identify.corrections",
    "calibrate": "facecam.identify.calibrate",
    "load_settings": "facecam.configuration",
    "open_face_reader": "facecam.faces",
    "open_source": "facecam.capture.source",
    "read_log": "facecam.logbook.reader",
    "read_picture": "facecam.picture",
}

if TYPE_CHECKING:
    from facecam.capture.source import open_source
    from facecam.configuration import load_settings
    from facecam.errors import FacecamError
    from facecam.faces import open_face_reader
    from facecam.identify.calibrate import Calibration, calibrate
    from facecam.identify.corrections import NameThis, NotThem, Undo
    from facecam.identify.gallery import Gallery
    from facecam.identify.guided import GuidedEnrolment
    from facecam.identify.track import Tracker
    from facecam.logbook.reader import read_log
    from facecam.mode import Mode
    from facecam.picture import read_picture
    from facecam.recognizer import Recognizer
    from facecam.runtime.session import Session
    from facecam.settings import Settings
    from facecam.types import Frame, Result


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'facecam' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
