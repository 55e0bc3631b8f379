"""What the window remembers from one start to the next: a small file beside the user's facecam.toml."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from PySide6.QtCore import QSettings


def open_store() -> QSettings:
    """The window's memory: geometry, mirror, panel. Never what decides who somebody is; that is facecam.toml's."""
    path = Path(platformdirs.user_config_dir("facecam", appauthor=False)) / "window.ini"
    return QSettings(str(path), QSettings.Format.IniFormat)


def flag(store: QSettings, key: str, default: bool) -> bool:
    """A yes or no that was kept; what is in an ini file is text."""
    return str(store.value(key, default)).lower() in ("true", "1")
