"""Persistent preferences: settings written to facecam.toml in the background, and the window's own state in window.ini."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Signal

from facecam.capture.source import SourceKind, source_kind
from facecam.errors import FacecamError, SettingsError
from facecam.fileio import config_dir, create_atomic, create_private_folder
from facecam.gallery.people import photos_in
from facecam.privacy.places import FOLDER_KEYS, WINDOW_FILE, PlaceKind
from facecam.settings import (
    PINNED_DISTANCES,
    Settings,
    SettingValue,
    config_to_change,
    ignored_distances,
    load_settings,
    write_settings,
)
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import error_words
from facecam.ui.session_controller import SessionController

NETWORK = "identify.network"

PREFERENCES = (
    *("language", "colors", "text_percent", "background/keep_running", "notify/people", "notify/strangers"),
    *FOLDER_KEYS.values(),
)
"""Keys of window.ini that the settings page changes, and that its reset removes."""

_FIRST_STEPS_DONE = "first_steps_done"

_write_lock = threading.Lock()


class SettingsWriter(QObject):
    """Writes settings to facecam.toml in the background, keeping everything else in the file.

    Must be closed, which writes what is pending.
    """

    saved = Signal(str)
    """The path of the file, once every pending value is in it."""
    failed = Signal(str, str)
    """The key that could not be written, and the error message."""

    def __init__(self, config: Path | None, parent: QObject | None = None) -> None:
        """`config` is the file given by the user, None for the default location."""
        super().__init__(parent)
        self._config = config
        self._pending: dict[str, SettingValue] = {}
        self._jobs = BackgroundJobs(self)

    def save(self, values: Mapping[str, SettingValue]) -> None:
        """Write these values soon; the newest value of a key wins."""
        with _write_lock:
            self._pending.update(values)
        self._jobs.add(lambda _: self._write(), self._report, lambda error: self.failed.emit("", error_words(error)))

    def save_now(self, values: Mapping[str, SettingValue]) -> None:
        """Write pending values, then these.

        Raises:
            SettingsError: The file cannot be changed. It then stays as it was.
        """
        self.close()
        with _write_lock:
            write_settings(config_to_change(self._config), values)

    def close(self) -> None:
        """Write pending values and finish."""
        self._jobs.close()
        self._write()

    def _write(self) -> tuple[str, dict[str, str]]:
        """Write pending values and return the file's path and the error message of each refused key. For any thread."""
        refused: dict[str, str] = {}
        with _write_lock:
            pending = dict(self._pending)
            self._pending.clear()
            try:
                path = config_to_change(self._config)
            except FacecamError as error:
                return "", dict.fromkeys(pending, error_words(error))
            for section in dict.fromkeys(key.partition(".")[0] for key in pending):
                changes = {key: value for key, value in pending.items() if key.startswith(f"{section}.")}
                try:
                    write_settings(path, changes)
                except SettingsError as error:
                    refused |= dict.fromkeys(changes, error_words(error))
        return (str(path.absolute()) if pending else ""), refused

    def _report(self, written: tuple[str, dict[str, str]]) -> None:
        path, refused = written
        for key, message in refused.items():
            self.failed.emit(key, message)
        if path and not refused:
            self.saved.emit(path)


def not_saved_text(error_text: str) -> str:
    """Return a sentence about a setting that could not be written to the file."""
    text = QCoreApplication.translate("Settings", "Applied until you quit, but not saved: {reason}")
    return text.format(reason=error_text)


def network_changes(config: Path | None, network: SettingValue) -> dict[str, SettingValue]:
    """Return the setting of a network, and the distances that the configuration file has for it, by their keys."""
    changes: dict[str, SettingValue] = {NETWORK: network}
    with contextlib.suppress(SettingsError):  # The file is no longer valid; saving reports it.
        identify = load_settings(config, changes).identify
        changes |= {key: getattr(identify, key.partition(".")[2]) for key in PINNED_DISTANCES}
    return changes


def changes_back(refused: Settings, settings: Settings) -> dict[str, SettingValue]:
    """Return what to save instead of refused settings: the values that differ in `settings`, None for a default."""
    before, after, default = (
        {f"{section}.{name}": value for section, values in each.to_dict().items() for name, value in values.items()}
        for each in (refused, settings, Settings())
    )
    return {key: None if value == default[key] else value for key, value in after.items() if value != before[key]}


def ignored_distances_text(config: Path | None, network: str) -> str:
    """Return sentences about distances in the configuration file that belong to another network, else ""."""
    text = QCoreApplication.translate(
        "Settings",
        "{settings}: not used, because set for the network {network}. Apply a match threshold in the threshold studio to replace "
        "the old values.",
    )
    try:
        ignored = ignored_distances(config, network)
    except SettingsError:  # Reported by whatever reads the settings.
        return ""
    return " ".join(text.format(settings=", ".join(each.keys), network=each.owner) for each in ignored)


def open_store() -> QSettings:
    """Open window.ini, which holds the state and preferences of the window; recognition settings are in facecam.toml.

    The file is private: Qt keeps the permissions of one that exists, and would let everyone read a new one.
    """
    path = config_dir() / WINDOW_FILE
    with contextlib.suppress(OSError):  # The window works without the file.
        if not path.exists():
            create_private_folder(path.parent)
            create_atomic(path, b"")
        elif path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) and os.name != "nt":
            path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return QSettings(str(path), QSettings.Format.IniFormat)


def choose_output_folder(kind: PlaceKind, folder: Path | None) -> None:
    """Use a folder for snapshots or recordings from now on, None for the default. `output_folder` returns it."""
    store = open_store()
    if folder is None:
        store.remove(FOLDER_KEYS[kind])
    else:
        store.setValue(FOLDER_KEYS[kind], str(folder.absolute()))
    store.sync()


def are_first_steps_due(controller: SessionController, store: QSettings) -> bool:
    """Return whether to show the first steps: once, for a camera, while the gallery is empty.

    Users who open a video, an address or the demo know the program or are running a test.
    """
    folder, are_done = controller.paths.gallery_dir, store.value(_FIRST_STEPS_DONE, False, type=bool)
    uses_camera = all(source_kind(source) is SourceKind.CAMERA for source in controller.request.sources)
    return folder is not None and uses_camera and not are_done and has_no_photos(folder)


def mark_first_steps_done() -> None:
    """Do not show the first steps automatically again."""
    open_store().setValue(_FIRST_STEPS_DONE, True)


def has_no_photos(folder: Path) -> bool:
    """Return whether no person folder contains a photo; also True when the gallery cannot be read."""
    try:
        return not any(photos_in(person) for person in folder.iterdir() if person.is_dir() and not person.name.startswith("."))
    except OSError:
        return True
