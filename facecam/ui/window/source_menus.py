"""Menus and toolbar button for choosing a source: cameras, recent files and addresses, and the demo.

The recent sources are kept in window.ini without passwords.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from facecam.capture.addresses import redact_url
from facecam.capture.source import SourceKind, source_kind
from facecam.ui.background import BackgroundJobs
from facecam.ui.session_controller import SessionController
from facecam.ui.window.actions import Actions
from facecam.ui.window.menus import MenuSection
from facecam.ui.window.sources import AddressLine, CameraFinder, CameraMenuSection, SourcePicker, choose_file

MAX_RECENT = 8
_KEY = "recent_sources"
_HIDDEN = "***"
_MAX_CHARACTERS = 44


class RecentSources(QObject):
    """Remembers each file, folder and address that delivers images, the newest first.

    An address is kept as it may be shown, see `remembered_address`; the full one is known until the program ends.
    """

    changed = Signal()

    def __init__(self, controller: SessionController, store: QSettings, parent: QObject) -> None:
        super().__init__(parent)
        self._controller, self._store = controller, store
        self._full_addresses = controller.full_addresses
        self._delivering: set[str] = set()
        for changed in (controller.started, controller.request_changed):
            changed.connect(self._forget_delivering)
        controller.status_changed.connect(self._add_delivering)

    @property
    def sources(self) -> list[str]:
        """The remembered sources."""
        value = self._store.value(_KEY, [])
        # QSettings returns a list with one entry as that entry.
        values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [text for text in values if isinstance(text, str) and text][:MAX_RECENT]

    def full_address(self, source: str) -> str | None:
        """Return what to open for a remembered source; None when parts of its address are hidden and no longer known."""
        known = self._full_addresses.get(source, source)
        return known if source_kind(known) is not SourceKind.ADDRESS or _HIDDEN not in known else None

    def clear(self) -> None:
        """Forget all sources."""
        self._full_addresses.clear()
        self._store.remove(_KEY)
        self.changed.emit()

    def _forget_delivering(self) -> None:
        self._delivering.clear()

    def _add_delivering(self) -> None:
        statuses = self._controller.status.sources
        if self._controller.is_switching or len(statuses) != len(self._controller.request.sources):
            return
        for source, status in zip(self._controller.request.sources, statuses, strict=True):
            if status.frames and source not in self._delivering:
                self._delivering.add(source)  # Looking at a file again with each status could take long on a network drive.
                self._add(source)

    def _add(self, source: str) -> None:
        kind = source_kind(source)
        if kind is SourceKind.FILE:
            entry = str(Path(source).expanduser().absolute())
        elif kind is SourceKind.ADDRESS:
            entry = remembered_address(source)
            self._full_addresses[entry] = source
        else:
            return
        before = self.sources
        if before[:1] != [entry]:
            self._store.setValue(_KEY, [entry, *(other for other in before if other != entry)][:MAX_RECENT])
            self.changed.emit()


def remembered_address(source: str) -> str:
    """Return an address as `redact_url`, with *** in place of a user and password, which have to be entered again."""
    redacted = redact_url(source)
    authority = re.split(r"[/?#]", source.partition("://")[2], maxsplit=1)[0]
    has_login = "@" in authority and not redacted.endswith(f"://{_HIDDEN}")
    return redacted.replace("://", f"://{_HIDDEN}@", 1) if has_login else redacted


class RecentMenuSection(MenuSection):
    """Entries of the recent sources; those of missing files are disabled. `refresh` fills it when its menu opens."""

    def __init__(
        self,
        recent: RecentSources,
        open_source: Callable[[str], object],
        complete_address: Callable[[str], object],
        parent: QObject,
        *,
        can_clear: bool = False,
    ) -> None:
        """`complete_address` asks for an address of which parts are hidden. With `can_clear`, the last entry clears the list."""
        super().__init__(parent)
        self._recent, self._open_source, self._complete_address = recent, open_source, complete_address
        self._can_clear = can_clear
        self._jobs = BackgroundJobs(self)

    def refresh(self) -> None:
        """Show the sources, and look in the background whether their files exist: a network drive may not answer."""
        sources = self._recent.sources
        actions = [self._source_action(number, source) for number, source in enumerate(sources, start=1)]
        if not actions and self._can_clear:
            actions.append(QAction(self.tr("No recent files or addresses"), self, enabled=False))
        elif self._can_clear:
            separator = QAction(self)
            separator.setSeparator(True)
            clear = QAction(self.tr("Clear list"), self)
            clear.triggered.connect(self._recent.clear)
            actions += [separator, clear]
        self.show_actions(actions)
        self._jobs.cancel()
        if sources:
            self._jobs.add(lambda _: _missing(sources), self._disable, lambda error: None)

    def _source_action(self, number: int, source: str) -> QAction:
        action = QAction(f"&{number} {_short_text(source).replace('&', '&&')}", self)
        action.setData(source)
        action.setToolTip(source)
        action.triggered.connect(partial(self._open, source))
        return action

    def _open(self, source: str, _checked: bool = False) -> None:
        if (full := self._recent.full_address(source)) is not None:
            self._open_source(full)
        else:
            self._complete_address(source)

    def _disable(self, missing: set[str]) -> None:
        for action in self.actions:
            if action.data() in missing:
                action.setEnabled(False)
                action.setToolTip(self.tr("{path} does not exist any more.").format(path=action.data()))


def _short_text(source: str) -> str:
    """Return a file's name with its folder, or an address, shortened in the middle."""
    text = source
    if source_kind(source) is SourceKind.FILE or "://" not in source:
        path = Path(source)
        text = f"{path.name} ({path.parent.name})" if path.parent.name else path.name
    keep = (_MAX_CHARACTERS - 1) // 2
    return text if len(text) <= _MAX_CHARACTERS else f"{text[:keep]}…{text[-keep:]}"


def _missing(sources: Sequence[str]) -> set[str]:
    return {source for source in sources if "://" not in source and not Path(source).exists()}


class SourceMenus(QObject):
    """Fills the menus Source and File, and owns the source picker of the toolbar."""

    def __init__(
        self,
        controller: SessionController,
        store: QSettings,
        actions: Actions,
        address: AddressLine,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._controller, self._actions, self._address, self._parent = controller, actions, address, parent
        self.finder = CameraFinder(controller, self)
        self.cameras = CameraMenuSection(controller, self.finder, self)
        self.recent = RecentSources(controller, store, self)
        self._picker_menu = QMenu(self.tr("Source"), parent)
        self.picker = SourcePicker(controller, self.finder, self._picker_menu, parent)
        self._fill_picker_menu()
        actions["open_file"].triggered.connect(self.open_file)
        actions["open_address"].triggered.connect(address.open)
        actions["demo"].triggered.connect(self.open_demo)
        address.accepted.connect(controller.open)
        if sys.platform == "linux":  # Elsewhere a search opens each camera.
            self.finder.search()

    def open_file(self) -> None:
        """Ask for a video or an image and open it."""
        choose_file(self._parent, self._controller.open)

    def open_demo(self) -> None:
        """Open the demo."""
        self._controller.open("demo")

    def fill_source_menu(self, menu: QMenu) -> None:
        """List the cameras at the top of the menu Source."""
        self.cameras.insert_into(menu, menu.insertSeparator(menu.actions()[0]))
        menu.aboutToShow.connect(self.cameras.refresh)

    def fill_file_menu(self, menu: QMenu) -> None:
        """Add the submenu of recent sources to the menu File."""
        recent = QMenu(self.tr("Open recent"), menu)
        recent.setToolTipsVisible(True)
        section = RecentMenuSection(self.recent, self._controller.open, self._address.complete, recent, can_clear=True)
        section.insert_into(recent)
        section.refresh()
        recent.aboutToShow.connect(section.refresh)
        menu.insertMenu(self._actions["open_address"], recent)

    def close(self) -> None:
        """Cancel a running search."""
        self.finder.close()

    def _fill_picker_menu(self) -> None:
        menu = self._picker_menu
        menu.setToolTipsVisible(True)
        separators = menu.addSeparator(), menu.addSeparator()
        menu.addActions([self._actions[action_id] for action_id in ("open_file", "open_address", "demo")])
        self.cameras.insert_into(menu, separators[0])
        recent = RecentMenuSection(self.recent, self._controller.open, self._address.complete, menu)
        recent.insert_into(menu, separators[1])
        menu.aboutToShow.connect(self.cameras.refresh)
        menu.aboutToShow.connect(recent.refresh)
