"""Face recognition, expressions and object recognition for webcams, with CSV logs for pandas.

`__all__` is the public interface. Each name is imported when it is first used, so that `import facecam` is fast.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "AssignName",
    "Calibration",
    "FacecamError",
    "Frame",
    "Gallery",
    "GuidedEnrollment",
    "Mode",
    "Recognizer",
    "RedoCorrection",
    "RejectName",
    "Result",
    "Session",
    "Settings",
    "Tracker",
    "UndoCorrection",
    "calibrate",
    "load_settings",
    "open_face_analyzer",
    "open_source",
    "read_image",
    "read_log",
    "unlock_gallery",
]

_MODULES = {
    "AssignName": "facecam.enrollment.corrections",
    "Calibration": "facecam.recognition.calibration",
    "FacecamError": "facecam.errors",
    "Frame": "facecam.types",
    "Gallery": "facecam.gallery.gallery",
    "GuidedEnrollment": "facecam.enrollment.guided",
    "Mode": "facecam.settings",
    "Recognizer": "facecam.recognizer",
    "RedoCorrection": "facecam.enrollment.corrections",
    "RejectName": "facecam.enrollment.corrections",
    "Result": "facecam.types",
    "Session": "facecam.session.session",
    "Settings": "facecam.settings",
    "Tracker": "facecam.recognition.tracking",
    "UndoCorrection": "facecam.enrollment.corrections",
    "calibrate": "facecam.recognition.calibration",
    "load_settings": "facecam.settings",
    "open_face_analyzer": "facecam.recognition.face_analyzer",
    "open_source": "facecam.capture.source",
    "read_image": "facecam.imageio",
    "read_log": "facecam.logbook.reader",
    "unlock_gallery": "facecam.gallery.files",
}

_DEPRECATED = {
    "GuidedEnrolment": "GuidedEnrollment",
    "NameThis": "AssignName",
    "NotThem": "RejectName",
    "Undo": "UndoCorrection",
    "open_face_reader": "open_face_analyzer",
    "read_picture": "read_image",
}
"""Earlier public names, accepted for one release."""

if TYPE_CHECKING:
    from facecam.capture.source import open_source
    from facecam.enrollment.corrections import AssignName, RedoCorrection, RejectName, UndoCorrection
    from facecam.enrollment.guided import GuidedEnrollment
    from facecam.errors import FacecamError
    from facecam.gallery.files import unlock_gallery
    from facecam.gallery.gallery import Gallery
    from facecam.imageio import read_image
    from facecam.logbook.reader import read_log
    from facecam.recognition.calibration import Calibration, calibrate
    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.recognition.tracking import Tracker
    from facecam.recognizer import Recognizer
    from facecam.session.session import Session
    from facecam.settings import Mode, Settings, load_settings
    from facecam.types import Frame, Result


def __getattr__(name: str) -> object:
    if name in _DEPRECATED:
        current = _DEPRECATED[name]
        warnings.warn(f"facecam.{name} is deprecated, use facecam.{current}", DeprecationWarning, stacklevel=2)
        name = current
    if name not in _MODULES:
        raise AttributeError(f"module 'facecam' has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
