"""Actions of the window: the table behind menus, toolbar, shortcuts and the shortcut sheet, and the filter for typed letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence, QMouseEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QStyle,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from facecam.messages import QT_TRANSLATE_NOOP
from facecam.ui.icons import NAMES, icon
from facecam.ui.widgets import bold, scroll_area, vertical_layout
from facecam.ui.window.menus import plain_text
from facecam.ui.window.message_bar import Placement
from facecam.ui.window.pages import PAGES, PageLocation

_SelectionMode = QAbstractItemView.SelectionMode


class MenuGroup(StrEnum):
    """The menus in their order; values are untranslated titles."""

    FILE = QT_TRANSLATE_NOOP("Actions", "&File")
    SOURCE = QT_TRANSLATE_NOOP("Actions", "&Source")
    VIEW = QT_TRANSLATE_NOOP("Actions", "&View")
    PEOPLE = QT_TRANSLATE_NOOP("Actions", "&People")
    OBJECTS = QT_TRANSLATE_NOOP("Actions", "&Objects")
    TOOLS = QT_TRANSLATE_NOOP("Actions", "&Tools")
    HELP = QT_TRANSLATE_NOOP("Actions", "&Help")

    @property
    def label(self) -> str:
        """The title in the user's language."""
        return QCoreApplication.translate("Actions", self.value)


MENU_GROUPS: dict[MenuGroup, tuple[tuple[str, ...], ...]] = {
    MenuGroup.FILE: (
        ("open_file", "open_address"),
        ("snapshot", "snapshot_later", "record"),
        ("labels", "end", "report", "log_folder"),
        ("settings",),
        ("quit",),
    ),
    MenuGroup.SOURCE: (
        ("open_file", "open_address", "demo"),
        ("pause", "step", "seek_back", "seek_ahead", "loop"),
    ),
    MenuGroup.VIEW: (
        ("mirror", "cover", "figures", "heat"),
        ("people", "bare", "fullscreen"),
    ),
    MenuGroup.PEOPLE: (
        ("faces",),
        ("people", "enroll", "gallery"),
        ("undo", "redo"),
    ),
    MenuGroup.OBJECTS: (
        ("objects",),
        ("teach",),
    ),
    MenuGroup.TOOLS: (
        ("explain", "studio"),
        ("mark",),
    ),
    MenuGroup.HELP: (
        ("documentation", "keys", "first_run"),
        ("about",),
    ),
}
"""Ids of actions and pages in the order of each menu, with separators between the groups.

An action can be in two menus; the shortcut sheet lists it in the one of its specification. An action that is missing here comes
last in that menu.
"""

_PAGE_MENUS = {
    page_id: menu
    for menu in (MenuGroup.HELP, MenuGroup.TOOLS, MenuGroup.OBJECTS, MenuGroup.VIEW, MenuGroup.FILE, MenuGroup.PEOPLE)
    for group in MENU_GROUPS[menu]
    for page_id in group
}


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """Translated texts and shortcuts of one action. `short_text` is that of the toolbar, "" for the same."""

    id: str
    menu: MenuGroup
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    checkable: bool = False
    short_text: str = ""


TOOLBAR_GROUPS = (
    ("faces", "objects"),
    ("pause", "snapshot", "record", "mark"),
    ("mirror", "cover"),
    ("enroll", "gallery", "teach", "studio"),
)
"""Action ids from left to right, with separators between the groups."""


class Actions(QObject):
    """The window's QActions by id, including one per page."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        self._actions: dict[str, QAction] = {}
        self.specs = self._make_specs()
        for spec in self.specs:
            self._add(spec)
        modes = QActionGroup(owner)
        for action_id in ("faces", "objects"):
            modes.addAction(self[action_id])
        for page in PAGES:
            if page.in_menu:
                keys = (page.key,) if page.key else ()
                is_panel = page.location is PageLocation.SIDE
                menu = _PAGE_MENUS.get(page.id, MenuGroup.TOOLS)
                self._add(ActionSpec(page.id, menu, page.action_text, keys, page.tip, checkable=is_panel))

    def _make_specs(self) -> tuple[ActionSpec, ...]:
        file, source, view, people = MenuGroup.FILE, MenuGroup.SOURCE, MenuGroup.VIEW, MenuGroup.PEOPLE
        faces = self.tr("Recognize the people in front of the camera")
        objects = self.tr("Recognize the object in front of the camera")
        pause = self.tr("Freeze the video; recognition and logging pause too")
        step = self.tr("Pause a file, or show its next frame")
        loop = self.tr("Play a file again from its beginning at its end")
        cover = self.tr("Cover the faces of all unknown people in the window, in snapshots and in recordings")
        later = self.tr("Save the view as an image after a countdown; Escape cancels")
        figures = self.tr("Show distances and percentages next to the faces")
        heat = self.tr("Highlight what makes a face match its photo, or what supports an object's label")
        bare = self.tr("Hide everything but the video")
        fullscreen = self.tr("Fill the whole screen")
        mark = self.tr("Name this moment in the log")
        labels = self.tr("Describe the next session in the log, for example its participant")
        end = self.tr("End the session, and show who was present")
        explain = self.tr("Explain the name of the chosen face: the compared photos, distances and votes")
        report = self.tr("Write a report of this session's log and open it")
        log_folder = self.tr("Open the folder of this session's log")
        undo = self.tr("Undo the last naming or rejection of a face")
        redo = self.tr("Apply the naming or rejection again that was undone last")
        return (
            ActionSpec("faces", people, self.tr("Recognize faces"), ("F", "F1"), faces, True, self.tr("Faces")),
            ActionSpec(
                "objects", MenuGroup.OBJECTS, self.tr("Recognize objects"), ("O", "F2"), objects, True, self.tr("Objects")
            ),
            ActionSpec("pause", source, self.tr("Pause"), ("Space",), pause, checkable=True),
            ActionSpec("step", source, self.tr("Next frame"), (".",), step),
            ActionSpec("seek_back", source, self.tr("5 seconds back"), ("Ctrl+Left",)),
            ActionSpec("seek_ahead", source, self.tr("5 seconds ahead"), ("Ctrl+Right",)),
            ActionSpec("loop", source, self.tr("Loop"), ("Ctrl+R",), loop, checkable=True),
            ActionSpec("snapshot", file, self.tr("Snapshot"), ("S",), self.tr("Save the current view as an image")),
            ActionSpec("snapshot_later", file, self.tr("Snapshot in 3 seconds"), ("Shift+S",), later),
            ActionSpec("record", file, self.tr("Record"), ("R",), self.tr("Record the view as a video"), checkable=True),
            ActionSpec("mark", MenuGroup.TOOLS, self.tr("Marker…"), ("N",), mark),
            ActionSpec("labels", file, self.tr("Session labels…"), ("Ctrl+Shift+L",), labels),
            ActionSpec("end", file, self.tr("End session"), ("Ctrl+E",), end),
            ActionSpec("report", file, self.tr("Open report"), (), report),
            ActionSpec("log_folder", file, self.tr("Open log folder"), (), log_folder),
            ActionSpec("quit", file, self.tr("Quit"), ("Ctrl+Q",)),
            ActionSpec("open_file", file, self.tr("Open a file…"), ("Ctrl+O",)),
            ActionSpec("open_address", file, self.tr("Open an address…"), ("Ctrl+L",)),
            ActionSpec("demo", source, self.tr("Demo without a camera")),
            ActionSpec("mirror", view, self.tr("Mirror"), ("M",), self.tr("Mirror the video horizontally"), checkable=True),
            ActionSpec("cover", view, self.tr("Cover strangers"), ("B",), cover, checkable=True),
            ActionSpec("figures", view, self.tr("Numbers next to faces"), ("D",), figures, checkable=True),
            ActionSpec("heat", view, self.tr("Heatmap"), ("X",), heat, checkable=True),
            ActionSpec("bare", view, self.tr("Video only"), ("H",), bare, checkable=True),
            ActionSpec("fullscreen", view, self.tr("Full screen"), ("F11",), fullscreen, checkable=True),
            ActionSpec("explain", MenuGroup.TOOLS, self.tr("Why?"), (), explain),
            ActionSpec("undo", people, self.tr("Undo the last correction"), ("Ctrl+Z",), undo),
            ActionSpec("redo", people, self.tr("Redo the correction"), ("Ctrl+Shift+Z",), redo),
            ActionSpec("keys", MenuGroup.HELP, self.tr("Keyboard shortcuts"), ("?",), self.tr("Show all keyboard shortcuts")),
        )

    def __getitem__(self, action_id: str) -> QAction:
        return self._actions[action_id]

    def __contains__(self, action_id: str) -> bool:
        return action_id in self._actions

    def __iter__(self) -> Iterator[QAction]:
        yield from self._actions.values()

    def in_menu(self, menu: MenuGroup) -> list[QAction]:
        """Return the actions whose specification names a menu, in the menu's order."""
        in_order = [action_id for group in MENU_GROUPS[menu] for action_id in group]
        actions = [action for action in self if action.data() == menu.value]
        return sorted(actions, key=lambda action: in_order.index(action.objectName()) if action.objectName() in in_order else 99)

    def fill_menu(self, menu: QMenu, group: MenuGroup) -> None:
        """Add the actions of MENU_GROUPS with separators, then those of this menu that are missing there."""
        listed = {action_id for action_ids in MENU_GROUPS[group] for action_id in action_ids}
        for action_ids in MENU_GROUPS[group]:
            if not menu.isEmpty():
                menu.addSeparator()
            menu.addActions([self[action_id] for action_id in action_ids if action_id in self])
        menu.addActions([action for action in self.in_menu(group) if action.objectName() not in listed])

    def update_icons(self) -> None:
        """Draw the icons in the palette's current colors."""
        for action_id, action in self._actions.items():
            if action_id in NAMES:
                action.setIcon(icon(action_id, self._owner.palette()))

    def _add(self, spec: ActionSpec) -> None:
        action = QAction(spec.text, self._owner)
        action.setObjectName(spec.id)
        if spec.short_text:
            action.setIconText(spec.short_text)
        action.setData(spec.menu.value)
        action.setCheckable(spec.checkable)
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = spec.tip or spec.text
        action.setToolTip(f"{tip} ({key})" if key else tip)
        if spec.id in NAMES:
            action.setIcon(icon(spec.id, self._owner.palette()))
        # Owned by the window rather than a menu, so that shortcuts work while menus and toolbar are hidden.
        self._owner.addAction(action)
        self._actions[spec.id] = action


_COLUMNS = 2
_GAP_PX = 36


class KeysOverlay(QFrame):
    """Sheet of all keyboard shortcuts over the window; Escape or a click closes it."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._previous_focus: QWidget | None = None
        self._groups: list[QWidget] = []
        self._sheet = QWidget(self)
        self.setObjectName("keys")
        self.setAccessibleName(self.tr("Keyboard shortcuts"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self._sheet.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._area = scroll_area(self._sheet, self)
        self.setFocusProxy(self._area)
        vertical_layout(self, self._area)
        column = QVBoxLayout(self._sheet)
        column.setContentsMargins(_GAP_PX * 2 // 3, _GAP_PX // 2, _GAP_PX * 2 // 3, _GAP_PX // 2)
        column.setSpacing(_GAP_PX // 3)
        column.addWidget(_heading(self.tr("Keyboard shortcuts"), 1.3))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(_GAP_PX)
        self._grid.setVerticalSpacing(_GAP_PX // 2)
        column.addLayout(self._grid)
        native = QKeySequence.SequenceFormat.NativeText
        for menu in MenuGroup:
            with_keys = [action for action in actions.in_menu(menu) if action.shortcuts()]
            rows = [
                (", ".join(key.toString(native) for key in action.shortcuts()), plain_text(action.text())) for action in with_keys
            ]
            if menu is MenuGroup.SOURCE:
                first, last = (QKeySequence(key).toString(native) for key in ("Ctrl+1", "Ctrl+9"))
                rows.insert(
                    0, (self.tr("{first} to {last}").format(first=first, last=last), self.tr("Open a camera of the menu"))
                )
            self._add_group(menu.label.replace("&", ""), rows)
        in_video = [
            (self.tr("Left, Right"), self.tr("Choose a face")),
            (self.tr("Enter"), self.tr("Open the menu of the face")),
            (self.tr("Escape"), self.tr("Close the panel, or go back to the video")),
        ]
        self._add_group(self.tr("In the video"), in_video)
        self._arrange(_COLUMNS)
        Placement(self)
        self.hide()

    def toggle(self) -> None:
        """Show or hide the sheet."""
        if not self.isHidden():
            self._close()
            return
        self._previous_focus = QApplication.focusWidget()
        self._arrange(_COLUMNS)
        if self.sizeHint().width() > self._parent.width() - 2 * self.fontMetrics().height():
            self._arrange(1)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def sizeHint(self) -> QSize:
        """Return the size of the whole sheet."""
        frame = 2 * self.frameWidth() + 1
        size = self._sheet.sizeHint() + QSize(frame, frame)
        if size.height() > self._parent.height() - _GAP_PX:
            size.setWidth(size.width() + self._area.verticalScrollBar().sizeHint().width())
        return size

    def _close(self) -> None:
        previous, self._previous_focus = self._previous_focus, None
        if previous is not None and isValid(previous):
            previous.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def _arrange(self, columns: int) -> None:
        """Lay out the groups in this many columns."""
        for number, group in enumerate(self._groups):
            self._grid.addWidget(group, number // columns, number % columns)

    def _add_group(self, title: str, rows: list[tuple[str, str]]) -> None:
        if not rows:
            return
        holder = QWidget(self._sheet)
        group = QGridLayout(holder)
        group.setContentsMargins(0, 0, 0, 0)
        group.setColumnStretch(1, 1)
        group.setHorizontalSpacing(14)
        group.addWidget(_heading(title), 0, 0, 1, 2)
        for line, (keys, text) in enumerate(rows, start=1):
            key = _heading(keys)
            key.setForegroundRole(QPalette.ColorRole.Text)
            group.addWidget(key, line, 0, Qt.AlignmentFlag.AlignRight)
            group.addWidget(QLabel(text), line, 1)
        group.setRowStretch(len(rows) + 1, 1)
        group.setVerticalSpacing(_GAP_PX // 8)
        self._groups.append(holder)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._close()


def _heading(text: str, scale: float = 1.0) -> QLabel:
    label = QLabel(text)
    label.setFont(bold(label.font(), scale))
    return label


class KeyGuard(QObject):
    """Application event filter that keeps single-letter shortcuts from widgets that use the key themselves."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and consumes_key(watched, event):
            event.accept()
            return True
        return False


def consumes_key(watched: QObject, event: QKeyEvent) -> bool:
    """Return whether a widget uses this key itself; text fields already tell Qt so."""
    if event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
        return False
    # Combo boxes search by letters, buttons react to the space bar, and lists of several entries select by it.
    if isinstance(watched, QComboBox | QAbstractSpinBox):
        return bool(event.text()) and event.key() != Qt.Key.Key_Escape
    is_space = event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Select)
    if isinstance(watched, QAbstractItemView):
        return is_space and watched.selectionMode() in (_SelectionMode.MultiSelection, _SelectionMode.ExtendedSelection)
    if isinstance(watched, QAbstractButton | QAbstractSlider):
        return is_space and not isinstance(watched.parentWidget(), QToolBar)
    return isinstance(watched, QWidget) and bool(watched.property("types")) and bool(event.text())


_ICON, _TEXT = Qt.ToolButtonStyle.ToolButtonIconOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon
_SOURCE_GROUP = len(TOOLBAR_GROUPS)
_SHORTENED_GROUPS = (
    frozenset[int](),
    *map(frozenset, ((2,), (1, 2), (0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, _SOURCE_GROUP))),
)
"""Groups of TOOLBAR_GROUPS without texts, from the widest toolbar to the narrowest; the icons of the pages say least."""


class ActionToolBar(QToolBar):
    """Buttons of the actions in TOOLBAR_GROUPS. Enter presses the focused button; the space bar stays with Pause."""

    def __init__(self, actions: Actions, parent: QMainWindow) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Toolbar"))
        self.setObjectName("buttons")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setToolButtonStyle(_TEXT)
        self._groups: list[list[QToolButton]] = []
        for number, group in enumerate(TOOLBAR_GROUPS):
            if number:
                self.addSeparator()
            self.addActions([actions[action_id] for action_id in group])
            buttons = [self.widgetForAction(actions[action_id]) for action_id in group]
            self._groups.append([button for button in buttons if isinstance(button, QToolButton)])
        for button in self.findChildren(QToolButton):
            self._make_focusable(button)
        self._scale_icons()
        self._widths: list[int] = []
        self._step = 0

    def add_source_picker(self, button: QToolButton) -> None:
        """Place the button of the source before all others; it loses its text last."""
        first = self.actions()[0]
        self.insertWidget(first, button)
        self.insertSeparator(first)
        self._make_focusable(button)
        self._groups.append([button])
        self._widths = []
        self._fit()

    def full_width(self) -> int:
        """Return the width that the toolbar needs for all texts."""
        return self._measured_widths()[0]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_enter = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.type() == QEvent.Type.KeyPress and isinstance(watched, QToolButton) and watched.menu() is None:
            watched.click()
            return True
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_widths"):
            self._widths = []
            self._scale_icons()
            self._fit()

    def _make_focusable(self, button: QToolButton) -> None:
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Qt leaves toolbar buttons out of the tab order.
        button.installEventFilter(self)

    def _scale_icons(self) -> None:
        side = max(self.style().pixelMetric(QStyle.PixelMetric.PM_LargeIconSize) * 3 // 4, self.fontMetrics().height())
        self.setIconSize(QSize(side, side))

    def _fit(self) -> None:
        widths = self._measured_widths()
        step = next((number for number, width in enumerate(widths) if width <= self.width()), len(widths) - 1)
        if step != self._step:
            self._show_step(step)

    def _measured_widths(self) -> list[int]:
        """Return the width of the toolbar at each step."""
        if not self._widths:
            shown = self._step
            for step in range(len(_SHORTENED_GROUPS)):
                self._show_step(step)
                self._widths.append(self.sizeHint().width())
            self._show_step(shown)
        return self._widths

    def _show_step(self, step: int) -> None:
        self._step = step
        for number, buttons in enumerate(self._groups):
            for button in buttons:
                button.setToolButtonStyle(_ICON if number in _SHORTENED_GROUPS[step] else _TEXT)
        layout = self.layout()
        assert layout is not None
        layout.invalidate()  # which the buttons do not do before the toolbar is shown
