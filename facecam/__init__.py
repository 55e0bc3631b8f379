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
    "Calibration": "facecam.recognition.calibration",
    "FacecamError": "facecam.errors",
    "Frame": "facecam.types",
    "Gallery": "facecam.gallery.gallery",
    "GuidedEnrolment": "facecam.enrollment.guided",
    "Mode": "facecam.settings",
    "NameThis": "facecam.enrollment.corrections",
    "NotThem": "facecam.enrollment.corrections",
    "Recognizer": "facecam.recognizer",
    "Result": "facecam.types",
    "Session": "facecam.session.session",
    "Settings": "facecam.settings",
    "Tracker": "facecam.recognition.tracking",
    "Undo": "facecam.enrollment.corrections",
    "calibrate": "facecam.recognition.calibration",
    "load_settings": "facecam.settings",
    "open_face_reader": "facecam.recognition.face_analyzer",
    "open_source": "facecam.capture.source",
    "read_log": "facecam.logbook.reader",
    "read_picture": "facecam.imageio",
}

if TYPE_CHECKING:
    from facecam.capture.source import open_source
    from facecam.enrollment.corrections import NameThis, NotThem, Undo
    from facecam.enrollment.guided import GuidedEnrolment
    from facecam.errors import FacecamError
    from facecam.gallery.gallery import Gallery
    from facecam.imageio import read_picture
    from facecam.logbook.reader import read_log
    from facecam.recognition.calibration import Calibration, calibrate
    from facecam.recognition.face_analyzer import open_face_reader
    from facecam.recognition.tracking import Tracker
    from facecam.recognizer import Recognizer
    from facecam.session.session import Session
    from facecam.settings import Mode, Settings, load_settings
    from facecam.types import Frame, Result


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'facecam' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
