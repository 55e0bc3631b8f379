"""Everything the window can be told to do: one table, from which menus, buttons, keys and the list of keys are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence, QMouseEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from facecam.ui.icons import NAMES, icon
from facecam.ui.language import QT_TRANSLATE_NOOP
from facecam.ui.window.pages import PAGES, PEOPLE


class MenuGroup(StrEnum):
    """The menus, in their order."""

    PICTURE = QT_TRANSLATE_NOOP("Actions", "&Picture")
    CAMERA = QT_TRANSLATE_NOOP("Actions", "&Camera")
    VIEW = QT_TRANSLATE_NOOP("Actions", "&View")
    PEOPLE = QT_TRANSLATE_NOOP("Actions", "P&eople")
    HELP = QT_TRANSLATE_NOOP("Actions", "&Help")

    @property
    def words(self) -> str:
        """The menu's name in the user's language."""
        return QCoreApplication.translate("Actions", self.value)


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action: its words, its keys, and whether it is switched on and off. `group`: of these one is on."""

    id: str
    menu: MenuGroup
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    checkable: bool = False
    group: str = ""


DEEDS = (
    ActionSpec(
        "faces",
        MenuGroup.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Faces"),
        ("F", "F1"),
        QT_TRANSLATE_NOOP("Actions", "Recognize faces and their expressions"),
        checkable=True,
        group="mode",
    ),
    ActionSpec(
        "objects",
        MenuGroup.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Objects"),
        ("O", "F2"),
        QT_TRANSLATE_NOOP("Actions", "Recognize what is held up"),
        checkable=True,
        group="mode",
    ),
    ActionSpec(
        "pause",
        MenuGroup.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Pause"),
        ("Space",),
        QT_TRANSLATE_NOOP("Actions", "Hold the picture; nothing is recognized or logged meanwhile"),
        checkable=True,
    ),
    ActionSpec(
        "snapshot",
        MenuGroup.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Snapshot"),
        ("S",),
        QT_TRANSLATE_NOOP("Actions", "Save the picture as it is shown"),
    ),
    ActionSpec(
        "record",
        MenuGroup.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Record"),
        ("R",),
        QT_TRANSLATE_NOOP("Actions", "Record what is shown as a video"),
        checkable=True,
    ),
    ActionSpec("quit", MenuGroup.PICTURE, QT_TRANSLATE_NOOP("Actions", "Quit"), ("Ctrl+Q",)),
    ActionSpec("open_file", MenuGroup.CAMERA, QT_TRANSLATE_NOOP("Actions", "Open a file…"), ("Ctrl+O",)),
    ActionSpec("open_address", MenuGroup.CAMERA, QT_TRANSLATE_NOOP("Actions", "Open an address…"), ("Ctrl+L",)),
    ActionSpec("demo", MenuGroup.CAMERA, QT_TRANSLATE_NOOP("Actions", "Demo, without a camera")),
    ActionSpec(
        "mirror",
        MenuGroup.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Mirror"),
        ("M",),
        QT_TRANSLATE_NOOP("Actions", "Show the picture like a mirror"),
        checkable=True,
    ),
    ActionSpec(
        "blur",
        MenuGroup.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Blur strangers"),
        ("B",),
        QT_TRANSLATE_NOOP("Actions", "Blur everybody who is not known: here, in snapshots and in recordings"),
        checkable=True,
    ),
    ActionSpec(
        "figures",
        MenuGroup.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Figures beside faces"),
        ("D",),
        QT_TRANSLATE_NOOP("Actions", "Show distances and percentages beside the faces"),
        checkable=True,
    ),
    ActionSpec(
        "heat",
        MenuGroup.VIEW,
        QT_TRANSLATE_NOOP("Actions", "What decided"),
        ("X",),
        QT_TRANSLATE_NOOP("Actions", "Lay over the picture what made the face like its photo, or what speaks for the label"),
        checkable=True,
    ),
    ActionSpec(
        "bare",
        MenuGroup.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Only the picture"),
        ("H",),
        QT_TRANSLATE_NOOP("Actions", "Hide everything but the picture"),
        checkable=True,
    ),
    ActionSpec(
        "fullscreen",
        MenuGroup.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Full screen"),
        ("F11",),
        QT_TRANSLATE_NOOP("Actions", "Fill the whole screen"),
        checkable=True,
    ),
    ActionSpec(
        "undo",
        MenuGroup.PEOPLE,
        QT_TRANSLATE_NOOP("Actions", "Undo the last correction"),
        ("Ctrl+Z",),
        QT_TRANSLATE_NOOP("Actions", "Take back what was last said of a face"),
    ),
    ActionSpec(
        "keys", MenuGroup.HELP, QT_TRANSLATE_NOOP("Actions", "Keys"), ("?",), QT_TRANSLATE_NOOP("Actions", "Show all keys")
    ),
)

TOOLBAR = (
    "faces",
    "objects",
    "",
    "pause",
    "snapshot",
    "record",
    "",
    "mirror",
    "blur",
    "",
    "enroll",
    "gallery",
    "teach",
    "studio",
)
"""The buttons from left to right; "" stands for a gap."""


class Actions:
    """The window's QActions by id, those of the pages among them."""

    def __init__(self, owner: QWidget) -> None:
        self._owner = owner
        self._made: dict[str, QAction] = {}
        self._groups: dict[str, QActionGroup] = {}
        for deed in DEEDS:
            self._add(deed)
        for page in PAGES:
            if page.in_menu and page.exists:
                keys = (page.key,) if page.key else ()
                self._add(ActionSpec(page.id, MenuGroup.PEOPLE, page.title, keys, checkable=page.id == PEOPLE), page.words)

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def __contains__(self, name: str) -> bool:
        return name in self._made

    def of(self, menu: MenuGroup) -> Iterator[QAction]:
        """The actions of a menu, in the table's order."""
        yield from (action for action in self._made.values() if action.data() == menu.value)

    def all(self) -> Iterator[QAction]:
        """Every action."""
        yield from self._made.values()

    def redraw(self) -> None:
        """Draw the signs anew, in the colors that the palette has now."""
        for name, action in self._made.items():
            if name in NAMES:
                action.setIcon(icon(name, self._owner.palette()))

    def _add(self, deed: ActionSpec, words: str = "") -> None:
        action = QAction(words or _said(deed.text), self._owner)
        action.setObjectName(deed.id)
        action.setData(deed.menu.value)
        action.setCheckable(deed.checkable)
        action.setShortcuts([QKeySequence(key) for key in deed.keys])
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        tip = _said(deed.tip) if deed.tip else action.text()
        action.setToolTip(f"{tip} ({key})" if key else tip)
        if deed.id in NAMES:
            action.setIcon(icon(deed.id, self._owner.palette()))
        if deed.group:
            self._groups.setdefault(deed.group, QActionGroup(self._owner)).addAction(action)
        # Of the window, not of a menu or bar alone: a key works while these are hidden, too.
        self._owner.addAction(action)
        self._made[deed.id] = action


def _said(text: str) -> str:
    return QCoreApplication.translate("Actions", text)


# MERGED ui.keys_overlay: All keys on one sheet over the window, made from the table of actions.

_COLUMNS = 2
_GAP_PX = 36


class KeysOverlay(QScrollArea):
    """Shown and put away by the same key; Escape and a click put it away, too."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._sheet = QWidget(self)
        self.setObjectName("keys")
        self.setAccessibleName(self.tr("Keys"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setWidgetResizable(True)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._column = QVBoxLayout(self._sheet)
        self._column.setContentsMargins(_GAP_PX * 2 // 3, _GAP_PX // 2, _GAP_PX * 2 // 3, _GAP_PX // 2)
        self._column.setSpacing(_GAP_PX // 3)
        self._column.addWidget(_heading(self.tr("Keys"), 1.3))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(_GAP_PX)
        self._grid.setVerticalSpacing(_GAP_PX // 2)
        self._column.addLayout(self._grid)
        for number, menu in enumerate(MenuGroup):
            self._fill(actions, menu, number)
        in_picture = (
            (self.tr("Left, Right"), self.tr("Choose a face")),
            (self.tr("Enter"), self.tr("What may be done with the face")),
        )
        self._add_group(self.tr("In the picture"), list(in_picture), len(MenuGroup))
        self.setWidget(self._sheet)
        parent.installEventFilter(self)
        self.hide()

    def turn(self) -> None:
        """Show it, or put it away."""
        if not self.isHidden():
            self._close()
            return
        self._place()
        self.show()
        self.raise_()
        QTimer.singleShot(0, self._place)  # by now every label knows its size
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def _close(self) -> None:
        self.hide()
        self._over.setFocus()

    def _fill(self, actions: Actions, menu: MenuGroup, number: int) -> None:
        rows = []
        for action in actions.of(menu):
            keys = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()]
            if keys:
                rows.append((", ".join(keys), action.text()))
        self._add_group(menu.words.replace("&", ""), rows, number)

    def _add_group(self, title: str, rows: list[tuple[str, str]], number: int) -> None:
        if not rows:
            return
        group = QGridLayout()
        group.setColumnStretch(1, 1)
        group.setHorizontalSpacing(14)
        group.addWidget(_heading(title, 1.0), 0, 0, 1, 2)
        for line, (keys, words) in enumerate(rows, start=1):
            key = QLabel(keys)
            key.setForegroundRole(QPalette.ColorRole.Text)
            font = key.font()
            font.setBold(True)
            key.setFont(font)
            group.addWidget(key, line, 0, Qt.AlignmentFlag.AlignRight)
            group.addWidget(QLabel(words), line, 1)
        group.setRowStretch(len(rows) + 1, 1)
        group.setVerticalSpacing(_GAP_PX // 8)
        self._grid.addLayout(group, number // _COLUMNS, number % _COLUMNS)

    def _place(self) -> None:
        over, wanted, frame = self._over, self._sheet.sizeHint(), 2 * self.frameWidth() + 1
        wide, high = min(over.width() - _GAP_PX, wanted.width() + frame), min(over.height() - _GAP_PX, wanted.height() + frame)
        # Where it must scroll one way, the bar takes its room from the other.
        wide += self.verticalScrollBar().sizeHint().width() if high < wanted.height() + frame else 0
        self.setGeometry((over.width() - wide) // 2, (over.height() - high) // 2, wide, high)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._close()


def _heading(text: str, factor: float) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * factor)
    label.setFont(font)
    return label


# MERGED ui.key_guard: Single letters are the window's keys; where letters are typed, and buttons pressed by the space bar, they are not.


class KeyGuard(QObject):
    """An event filter for the application. Qt asks the widget with the focus first whether a key is its own."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_its_own(watched, event):
            event.accept()
            return True
        return False


def is_its_own(watched: QObject, event: QKeyEvent) -> bool:
    """Whether the widget would do something with this key by itself; text fields tell Qt so without our help."""
    if event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
        return False
    # A list is searched by letters, a combo box too; a button is pressed by the space bar alone.
    if isinstance(watched, QAbstractItemView | QComboBox | QAbstractSpinBox):
        return bool(event.text()) and event.key() != Qt.Key.Key_Escape
    if isinstance(watched, QAbstractButton | QAbstractSlider):
        return event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Select)
    return isinstance(watched, QWidget) and bool(watched.property("types")) and bool(event.text())
