"""Whether somebody starts facecam for the first time; light, since it is asked before the window shows anything."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSettings

from facecam.identify.people import photos_in
from facecam.ui.live import Live
from facecam.ui.sources import SourceKind, kind_of
from facecam.ui.store import flag, open_store

_KEY = "first_steps_done"


def due(live: Live, store: QSettings) -> bool:
    """Whether the first steps are to be shown: once, as long as nobody is enrolled, to somebody who wants to use a camera.

    Whoever names a film, an address or the demo knows the program, or is in the middle of a test.
    """
    folder = live.places.gallery_dir
    wants_camera = all(kind_of(source) is SourceKind.CAMERA for source in live.wish.sources)
    return folder is not None and wants_camera and not flag(store, _KEY, False) and nobody_in(folder)


def remember() -> None:
    """Do not show them again by themselves."""
    open_store().setValue(_KEY, True)


def nobody_in(folder: Path) -> bool:
    """Whether no folder in there has a photo; also when it cannot be looked into."""
    try:
        return not any(photos_in(one) for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))
    except OSError:
        return True
