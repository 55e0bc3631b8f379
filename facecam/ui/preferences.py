"""Keeps settings in facecam.toml while the window goes on; everything else in the file stays."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, QSettings, Signal

from facecam.capture.source import SourceKind, kind_of
from facecam.errors import FacecamError, SettingsError
from facecam.gallery.people import photos_in
from facecam.settings import config_to_change, write_setting
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController

Value = float | bool | str | None
"""A setting's value; None takes it out of the file, so that the default counts."""

_one_at_a_time = threading.Lock()


def wins_over_file(key: str) -> str:
    """The environment variable that is set and will count instead of what the file says of `section.name`, else ""."""
    variable = f"FACECAM_{key.replace('.', '_')}".upper()
    return variable if variable in os.environ else ""


class SettingsWriter(QObject):
    """Writes settings one after the other, the newest value of each. Must be closed, which writes what is left."""

    kept = Signal(str)
    """All that was asked for is in the file of that path."""
    failed = Signal(str, str)
    """A key that could not be kept, and the sentence why."""

    def __init__(self, config: Path | None, parent: QObject | None = None) -> None:
        """`config` is the file that was named, None for the usual place."""
        super().__init__(parent)
        self._config = config
        self._wanted: dict[str, Value] = {}
        self._jobs = BackgroundJobs(self)

    def keep(self, values: Mapping[str, Value]) -> None:
        """Have these written soon."""
        with _one_at_a_time:
            self._wanted.update(values)
        self._jobs.add(lambda _: self._write(), self._tell, lambda error: self.failed.emit("", str(error)))

    def close(self) -> None:
        """Write what is left, and end."""
        self._jobs.close()
        self._write()

    def _write(self) -> tuple[str, dict[str, str]]:
        """The file's path, and by key why it was not written; for any thread."""
        refused: dict[str, str] = {}
        with _one_at_a_time:
            wanted = dict(self._wanted)
            self._wanted.clear()
            try:
                path = config_to_change(self._config)
            except FacecamError as error:
                return "", dict.fromkeys(wanted, str(error))
            for key, value in wanted.items():
                try:
                    write_setting(path, key, value)
                except SettingsError as error:
                    refused[key] = str(error)
        return (str(path.absolute()) if wanted else ""), refused

    def _tell(self, written: tuple[str, dict[str, str]]) -> None:
        path, refused = written
        for key, sentence in refused.items():
            self.failed.emit(key, sentence)
        if path and not refused:
            self.kept.emit(path)


# MERGED ui.store: What the window remembers from one start to the next: a small file beside the user's facecam.toml.


def open_store() -> QSettings:
    """The window's memory: geometry, mirror, panel. Never what decides who somebody is; that is facecam.toml's."""
    path = Path(platformdirs.user_config_dir("facecam", appauthor=False)) / "window.ini"
    return QSettings(str(path), QSettings.Format.IniFormat)


def flag(store: QSettings, key: str, default: bool) -> bool:
    """A yes or no that was kept; what is in an ini file is text."""
    return str(store.value(key, default)).lower() in ("true", "1")


# MERGED ui.first_steps: Whether somebody starts facecam for the first time; light, since it is asked before the window shows anything.

_KEY = "first_steps_done"


def due(live: SessionController, store: QSettings) -> bool:
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
