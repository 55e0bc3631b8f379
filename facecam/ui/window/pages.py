"""Pages of the window: the table of pages, and the host that opens them next to the video or over it.

A page is a QWidget created by `Class(controller, parent)`; its module is imported when it is first opened. Optional members:

- `page_requested = Signal(str, object)`: open another page by id, with an argument or None.
- `message_posted = Signal(str)`: show a sentence as a toast.
- `finished = Signal()`: close this page.
- `appearance_changed = Signal()`: language, colors or text size were changed; the window is created again, with the open pages.
- `view()` and `restore_view(view)`: what the page shows, such as its scroll position, for the page in the new window.
- `unsaved_text()`: a sentence that says what to finish first, "" when another page may replace this one.
- the method named in `open_method`: receives the argument that the page was opened with.

A closed page is deleted unless `keep_alive` is set; it must release its resources in `closeEvent`, which comes first.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QToolBar, QWidget

from facecam.messages import QT_TRANSLATE_NOOP
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import PageColumn

PEOPLE, WHY, STUDIO, GALLERY = "people", "why", "studio", "gallery"
ENROLL, TEACH, FIRST_RUN, SETTINGS, LABELS = "enroll", "teach", "first_run", "settings", "session_labels"
DOCUMENTATION, ABOUT = "documentation", "about"


class PageLocation(StrEnum):
    """SIDE: next to the video. WHOLE: instead of it."""

    SIDE = "side"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class PageSpec:
    """Untranslated title, key ("" for none), class and location of one page.

    `source_action_text` is the text of its menu entry, "" for the title; `source_tip` explains the entry.
    """

    id: str
    source_title: str
    key: str
    class_path: str
    location: PageLocation
    open_method: str = ""
    keep_alive: bool = False
    in_menu: bool = True
    source_action_text: str = ""
    source_tip: str = ""

    @property
    def title(self) -> str:
        """The title in the user's language."""
        return QCoreApplication.translate("Pages", self.source_title)

    @property
    def action_text(self) -> str:
        """The text of the menu entry in the user's language."""
        return QCoreApplication.translate("Pages", self.source_action_text or self.source_title)

    @property
    def tip(self) -> str:
        """The explanation of the menu entry in the user's language, "" without one."""
        return QCoreApplication.translate("Pages", self.source_tip) if self.source_tip else ""

    def create(self, controller: SessionController, parent: QWidget) -> QWidget:
        module, _, name = self.class_path.rpartition(".")
        widget = getattr(importlib.import_module(module), name)(controller, parent)
        assert isinstance(widget, QWidget)
        return widget


_SIDE, _WHOLE = PageLocation.SIDE, PageLocation.WHOLE
_STUDIO_TITLE = QT_TRANSLATE_NOOP("Pages", "Threshold studio")
_PEOPLE_CLASS = "facecam.ui.people_panel.PeoplePanel"
_EXPLANATION_CLASS = "facecam.ui.explanation.panel.ExplanationPanel"
_LABELS_TITLE = QT_TRANSLATE_NOOP("Pages", "Session labels")
_LABELS_CLASS = "facecam.ui.session_labels.SessionLabelsPage"
_ENROLL_CLASS = "facecam.ui.enrollment.page.EnrollmentPage"

PAGES = (
    PageSpec(
        PEOPLE,
        QT_TRANSLATE_NOOP("Pages", "People"),
        "P",
        _PEOPLE_CLASS,
        _SIDE,
        keep_alive=True,
        source_action_text=QT_TRANSLATE_NOOP("Pages", "People panel"),
        source_tip=QT_TRANSLATE_NOOP("Pages", "Show who is in front of the camera and who was"),
    ),
    PageSpec(WHY, QT_TRANSLATE_NOOP("Pages", "Why?"), "", _EXPLANATION_CLASS, _SIDE, open_method="show_track", in_menu=False),
    PageSpec(STUDIO, _STUDIO_TITLE, "T", "facecam.ui.threshold.studio.ThresholdStudio", _SIDE),
    PageSpec(GALLERY, QT_TRANSLATE_NOOP("Pages", "Gallery"), "G", "facecam.ui.gallery.page.GalleryPage", _WHOLE),
    PageSpec(ENROLL, QT_TRANSLATE_NOOP("Pages", "Enroll a person"), "E", _ENROLL_CLASS, _WHOLE, open_method="add"),
    PageSpec(TEACH, QT_TRANSLATE_NOOP("Pages", "Teach an object"), "L", "facecam.ui.teaching.TeachPanel", _SIDE),
    PageSpec(LABELS, _LABELS_TITLE, "", _LABELS_CLASS, _SIDE, in_menu=False),
    PageSpec(FIRST_RUN, QT_TRANSLATE_NOOP("Pages", "First steps"), "", "facecam.ui.onboarding.FirstRunPage", _WHOLE),
    PageSpec(SETTINGS, QT_TRANSLATE_NOOP("Pages", "Settings"), "Ctrl+,", "facecam.ui.settings.page.SettingsPage", _WHOLE),
    PageSpec(DOCUMENTATION, QT_TRANSLATE_NOOP("Pages", "Documentation"), "", "facecam.ui.help.DocumentationPage", _WHOLE),
    PageSpec(ABOUT, QT_TRANSLATE_NOOP("Pages", "About facecam"), "", "facecam.ui.help.AboutPage", _WHOLE),
)


def page_spec(page_id: str) -> PageSpec:
    """Return the page with this id."""
    return next(spec for spec in PAGES if spec.id == page_id)


class PageHost(QObject):
    """Opens and closes pages by id: one panel beside the video, or pages over it.

    Opening a panel closes the one before, which does not come back. A page over the video hides the people panel until it is
    closed. A page that opens another one over the video comes back when that one is closed.
    """

    message_posted = Signal(str)
    """A sentence from one of the pages."""
    appearance_changed = Signal()
    opened = Signal(str)
    closed = Signal(str)

    def __init__(
        self, controller: SessionController, middle: QStackedWidget, whole: PageColumn, side: PageColumn, parent: QWidget
    ) -> None:
        """`middle` shows the video or the column `whole`."""
        super().__init__(parent)
        self._controller = controller
        self._middle = middle
        self._columns = {PageLocation.WHOLE: whole, PageLocation.SIDE: side}
        self._window = parent
        self._open: dict[str, QWidget] = {}
        self._kept_alive: dict[str, QWidget] = {}
        self._hides_panel = False
        for column in (whole, side):
            column.closed.connect(partial(self._close_current, column))

    def is_open(self, page_id: str) -> bool:
        """Return whether a page is open, possibly below another one."""
        return page_id in self._open

    def widget(self, page_id: str) -> QWidget | None:
        """Return an open page, or a closed one that is kept alive."""
        return self._open.get(page_id) or self._kept_alive.get(page_id)

    def get_or_create(self, page_id: str) -> QWidget:
        """Return a page without showing it."""
        return self.widget(page_id) or self._create(page_spec(page_id))

    def open(self, page_id: str, argument: object = None) -> QWidget | None:
        """Show a page in place of the open ones, pass it the argument and focus it.

        Returns:
            The page, or None while a page has unsaved work; `message_posted` then says so.
        """
        return self._show(page_id, argument, keep_whole=False)

    def toggle(self, page_id: str) -> None:
        """Close a panel that is shown; open any other page."""
        widget = self._open.get(page_id)
        if widget is not None and widget is self._columns[PageLocation.SIDE].current and widget.isVisible():
            self.close(page_id)
        else:
            self.open(page_id)

    def close(self, page_id: str) -> None:
        """Close a page if it is open."""
        spec = page_spec(page_id)
        column = self._columns[spec.location]
        focused = self._window.focusWidget()
        is_idle = focused is None or not focused.isVisible() or isinstance(focused.parentWidget(), QToolBar)
        had_focus = is_idle or column.isAncestorOf(focused)
        if self._remove(page_id) and had_focus:
            self.focus_content()

    def close_all(self) -> None:
        """Close every page, the newest first, and delete those that are kept alive."""
        for page_id in reversed(list(self._open)):
            self.close(page_id)
        for widget in self._kept_alive.values():
            widget.deleteLater()
        self._kept_alive.clear()

    def go_back(self) -> bool:
        """Go one step back in the page over the video, or close the panel; return False without either."""
        whole, side = (self._columns[location].current for location in (PageLocation.WHOLE, PageLocation.SIDE))
        if whole is not None:
            step: Callable[[], object] | None = getattr(whole, "go_back", None)
            step() if step is not None else self._close_current(self._columns[PageLocation.WHOLE])
        elif side is not None and side.isVisible():
            self._close_current(self._columns[PageLocation.SIDE])
        else:
            return False
        return True

    def unsaved_text(self) -> str:
        """Return what to finish in the open pages first, "" without unsaved work."""
        return self._unsaved_text(tuple(self._open))

    def views(self) -> list[tuple[str, object]]:
        """Return the open pages, the oldest first, each with its view."""
        return [(page_id, getattr(widget, "view", lambda: None)()) for page_id, widget in self._open.items()]

    def restore(self, views: Sequence[tuple[str, object]]) -> None:
        """Open the pages of another window with their views."""
        for page_id, view in views:
            widget = self._open.get(page_id) or self._show(page_id, None, keep_whole=True)
            if widget is not None and view is not None:
                restore_view: Callable[[object], object] = getattr(widget, "restore_view")  # noqa: B009 - an optional member
                restore_view(view)

    def hide_panel(self, hidden: bool) -> None:
        """Hide the panel without closing it, or show it again."""
        self._hides_panel = hidden
        self._update_panel()

    def focus_content(self) -> None:
        """Focus the page over the video, or the video."""
        content = self._columns[PageLocation.WHOLE].current or self._middle.widget(0)
        assert content is not None
        content.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, page_id: str, argument: object, *, keep_whole: bool) -> QWidget | None:
        """Show a page; with `keep_whole`, one over the video goes on top of the others there."""
        spec = page_spec(page_id)
        replaced = [other for other in self._open if other != page_id and not self._stays_open(other, spec, keep_whole)]
        if unsaved := self._unsaved_text(replaced):
            self.message_posted.emit(unsaved)
            return None
        for other in reversed(replaced):
            self._remove(other)
        widget = self._open[page_id] = self.get_or_create(page_id)
        if spec.location is PageLocation.WHOLE:
            side = self._columns[PageLocation.SIDE]
            room = self._middle.size() + QSize(side.width() if side.isVisible() else 0, 0)
            side.hide()
            # A page that is narrow at first may be taller, and the window would stay so.
            for part in (self._columns[spec.location], widget):
                part.resize(room)
        self._columns[spec.location].show_page(widget, spec.title)
        if spec.location is PageLocation.WHOLE:
            self._middle.setCurrentIndex(1)
        else:
            self._hides_panel = False
        self._update_panel()
        widget.setFocus(Qt.FocusReason.OtherFocusReason)
        if argument is not None and spec.open_method:
            getattr(widget, spec.open_method)(argument)
        self.opened.emit(page_id)
        return widget

    def _stays_open(self, page_id: str, opened: PageSpec, keep_whole: bool) -> bool:
        is_whole = page_spec(page_id).location is PageLocation.WHOLE
        if opened.location is PageLocation.SIDE:
            return False
        return keep_whole if is_whole else page_id == PEOPLE

    def _unsaved_text(self, page_ids: Sequence[str]) -> str:
        texts = (getattr(self._open[page_id], "unsaved_text", lambda: "")() for page_id in page_ids)
        return next(filter(None, texts), "")

    def _remove(self, page_id: str) -> bool:
        """Close a page and return whether it was open."""
        widget = self._open.pop(page_id, None)
        if widget is None:
            return False
        spec = page_spec(page_id)
        widget.close()
        column = self._columns[spec.location]
        column.remove_page(widget, delete=not spec.keep_alive)
        if spec.location is PageLocation.WHOLE and column.current is None:
            self._middle.setCurrentIndex(0)
        self._update_panel()
        self.closed.emit(page_id)
        return True

    def _update_panel(self) -> None:
        side, whole = self._columns[PageLocation.SIDE], self._columns[PageLocation.WHOLE]
        side.setVisible(side.current is not None and whole.current is None and not self._hides_panel)

    def _create(self, spec: PageSpec) -> QWidget:
        widget = spec.create(self._controller, self._window)
        connections: dict[str, Callable[..., object]] = {
            "page_requested": lambda page_id, argument=None: self._show(page_id, argument, keep_whole=True),
            "message_posted": self.message_posted.emit,
            "appearance_changed": self.appearance_changed.emit,
            "finished": lambda: self.close(spec.id),
        }
        for name, slot in connections.items():
            if (signal := getattr(widget, name, None)) is not None:
                signal.connect(slot)
        if spec.keep_alive:
            self._kept_alive[spec.id] = widget
        return widget

    def _close_current(self, column: PageColumn) -> None:
        for page_id, widget in list(self._open.items()):
            if widget is column.current:
                self.close(page_id)
                return
