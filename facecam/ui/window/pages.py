"""Opens and closes pages: beside the picture, instead of it, or in windows of their own."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from facecam.ui.language import QT_TRANSLATE_NOOP
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import PageColumn

# MERGED ui.pages: The pages a window can open beside or instead of the picture: a line each. A page is imported when it is first opened.
#
# A page is a QWidget made by `Class(live, parent)`. What it may have, and the window then uses:
#
# - `page_wanted = Signal(str, object)`: open another page by its id, with an argument or None.
# - `said = Signal(str)`: a sentence for the message bar.
# - `finished = Signal()`: close this page.
# - the method named in `takes`: called with the argument that the page was opened with.
#
# A closed page is deleted, unless it is `kept`; it must let go of what it began in `closeEvent`, which comes first.

PEOPLE, WHY, STUDIO, GALLERY, SETTINGS, ENROLL, FIRST_RUN = (
    "people",
    "why",
    "studio",
    "gallery",
    "settings",
    "enroll",
    "first_run",
)
TEACH = "teach"


class PageLocation(StrEnum):
    """Where a page stands: beside the picture, instead of it, or in a window of its own."""

    SIDE = "side"
    WHOLE = "whole"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page: its action's words and key ("" for none), where its class is, and how it opens."""

    id: str
    title: str
    key: str
    module: str
    name: str
    way: PageLocation
    takes: str = ""
    kept: bool = False
    in_menu: bool = True

    @property
    def words(self) -> str:
        """The title in the user's language."""
        return QCoreApplication.translate("Pages", self.title)

    @property
    def exists(self) -> bool:
        """Whether its module is there."""
        return importlib.util.find_spec(self.module) is not None

    def make(self, live: SessionController, parent: QWidget | None = None) -> QWidget:
        """A new one of it."""
        made = getattr(importlib.import_module(self.module), self.name)(live, parent)
        assert isinstance(made, QWidget)
        return made


PAGES = (
    PageSpec(
        PEOPLE, QT_TRANSLATE_NOOP("Pages", "People"), "P", "facecam.ui.people_panel", "PeoplePanel", PageLocation.SIDE, kept=True
    ),
    PageSpec(
        WHY,
        QT_TRANSLATE_NOOP("Pages", "Why?"),
        "",
        "facecam.ui.explanation.panel",
        "WhyPanel",
        PageLocation.SIDE,
        takes="show_track",
        in_menu=False,
    ),
    PageSpec(
        STUDIO,
        QT_TRANSLATE_NOOP("Pages", "Threshold studio"),
        "T",
        "facecam.ui.threshold.studio",
        "ThresholdStudio",
        PageLocation.SIDE,
    ),
    PageSpec(GALLERY, QT_TRANSLATE_NOOP("Pages", "Gallery"), "G", "facecam.ui.gallery.page", "GalleryPage", PageLocation.WHOLE),
    PageSpec(
        ENROLL,
        QT_TRANSLATE_NOOP("Pages", "Enroll a person"),
        "E",
        "facecam.ui.enrollment.page",
        "EnrollPage",
        PageLocation.WHOLE,
        takes="add",
    ),
    PageSpec(TEACH, QT_TRANSLATE_NOOP("Pages", "Teach an object"), "L", "facecam.ui.teaching", "TeachPanel", PageLocation.SIDE),
    PageSpec(
        FIRST_RUN, QT_TRANSLATE_NOOP("Pages", "First steps"), "", "facecam.ui.onboarding", "FirstRunPage", PageLocation.WHOLE
    ),
    PageSpec(
        SETTINGS, QT_TRANSLATE_NOOP("Pages", "Settings"), "Ctrl+,", "facecam.ui.settings.page", "SettingsPage", PageLocation.WHOLE
    ),
)


def page(page_id: str) -> PageSpec:
    """The page of that id."""
    return next(one for one in PAGES if one.id == page_id)


Places = tuple[QStackedWidget, PageColumn, PageColumn]
"""The middle of the window, the column that may stand in it, and the column at its side."""


class PageHost(QObject):
    """Holds what is open, by page id. `said` passes on the pages' sentences."""

    said = Signal(str)
    opened = Signal(str)
    closed = Signal(str)

    def __init__(self, live: SessionController, places: Places, parent: QWidget) -> None:
        super().__init__(parent)
        self._live = live
        self._middle, self._whole, self._side = places
        self._window = parent
        self._open: dict[str, QWidget] = {}
        self._kept: dict[str, QWidget] = {}
        self._whole.closed.connect(lambda: self._close_shown(self._whole))
        self._side.closed.connect(lambda: self._close_shown(self._side))

    def is_open(self, page_id: str) -> bool:
        """Whether a page is shown, or lies below another one."""
        return page_id in self._open

    def widget(self, page_id: str) -> QWidget | None:
        """An open page, or a kept one that was open."""
        return self._open.get(page_id) or self._kept.get(page_id)

    def prepared(self, page_id: str) -> QWidget:
        """A page that is kept, made but not shown."""
        return self.widget(page_id) or self._made(page(page_id))

    def open(self, page_id: str, argument: object = None) -> QWidget:
        """Show a page, and give it the argument."""
        wanted = page(page_id)
        widget = self.prepared(page_id)
        self._open[page_id] = widget
        self._show(wanted, widget)
        if argument is not None and wanted.takes:
            getattr(widget, wanted.takes)(argument)
        self.opened.emit(page_id)
        return widget

    def close(self, page_id: str) -> None:
        """Close a page that is open."""
        widget = self._open.pop(page_id, None)
        if widget is None:
            return
        closing = page(page_id)
        widget.removeEventFilter(self)
        widget.close()
        if closing.way is PageLocation.WINDOW:
            if not closing.kept:
                widget.deleteLater()
        else:
            column = self._whole if closing.way is PageLocation.WHOLE else self._side
            column.take(widget, delete=not closing.kept)
            if closing.way is PageLocation.WHOLE and self._whole.current is None:
                self._middle.setCurrentIndex(0)
        self.closed.emit(page_id)

    def close_all(self) -> None:
        """Close every page, the last one first; for the window's end."""
        for page_id in reversed(list(self._open)):
            self.close(page_id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A page in a window of its own is closed by its frame's button, too."""
        if event.type() == QEvent.Type.Close:
            for page_id, widget in list(self._open.items()):
                if widget is watched:
                    self.close(page_id)
                    return True
        return super().eventFilter(watched, event)

    def _made(self, wanted: PageSpec) -> QWidget:
        widget = wanted.make(self._live, self._window)
        connections: dict[str, Callable[..., object]] = {
            "page_wanted": lambda page_id, argument=None: self.open(page_id, argument),
            "said": self.said.emit,
            "finished": lambda: self.close(wanted.id),
        }
        for name, slot in connections.items():
            if (signal := getattr(widget, name, None)) is not None:
                signal.connect(slot)
        if wanted.kept:
            self._kept[wanted.id] = widget
        return widget

    def _show(self, wanted: PageSpec, widget: QWidget) -> None:
        match wanted.way:
            case PageLocation.SIDE:
                self._side.show_page(widget, wanted.words)
            case PageLocation.WHOLE:
                self._whole.show_page(widget, wanted.words)
                self._middle.setCurrentIndex(1)
            case PageLocation.WINDOW:
                widget.setWindowFlag(Qt.WindowType.Window)
                widget.setWindowTitle(wanted.words)
                widget.installEventFilter(self)
                widget.show()
                widget.raise_()
        if wanted.way is not PageLocation.SIDE:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close_shown(self, column: PageColumn) -> None:
        shown = column.current
        for page_id, widget in list(self._open.items()):
            if widget is shown:
                self.close(page_id)
