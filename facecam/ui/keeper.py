"""Keeps settings in facecam.toml while the window goes on; everything else in the file stays."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from facecam.config_file import config_to_change, write_setting
from facecam.errors import FacecamError, SettingsError
from facecam.ui.background import Jobs

Value = float | bool | str | None
"""A setting's value; None takes it out of the file, so that the default counts."""

_one_at_a_time = threading.Lock()


def wins_over_file(key: str) -> str:
    """The environment variable that is set and will count instead of what the file says of `section.name`, else ""."""
    variable = f"FACECAM_{key.replace('.', '_')}".upper()
    return variable if variable in os.environ else ""


class Keeper(QObject):
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
        self._jobs = Jobs(self)

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
