"""Everything the window can be told to do: one table, from which menus, buttons, keys and the list of keys are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from facecam.ui.icons import NAMES, icon
from facecam.ui.pages import PAGES, PEOPLE
from facecam.ui.translate import QT_TRANSLATE_NOOP


class Menu(StrEnum):
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
class Deed:
    """One action: its words, its keys, and whether it is switched on and off. `group`: of these one is on."""

    id: str
    menu: Menu
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    checkable: bool = False
    group: str = ""


DEEDS = (
    Deed(
        "faces",
        Menu.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Faces"),
        ("F", "F1"),
        QT_TRANSLATE_NOOP("Actions", "Recognise faces and their expressions"),
        checkable=True,
        group="mode",
    ),
    Deed(
        "objects",
        Menu.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Objects"),
        ("O", "F2"),
        QT_TRANSLATE_NOOP("Actions", "Recognise what is held up"),
        checkable=True,
        group="mode",
    ),
    Deed(
        "pause",
        Menu.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Pause"),
        ("Space",),
        QT_TRANSLATE_NOOP("Actions", "Hold the picture; nothing is recognised or logged meanwhile"),
        checkable=True,
    ),
    Deed(
        "snapshot",
        Menu.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Snapshot"),
        ("S",),
        QT_TRANSLATE_NOOP("Actions", "Save the picture as it is shown"),
    ),
    Deed(
        "record",
        Menu.PICTURE,
        QT_TRANSLATE_NOOP("Actions", "Record"),
        ("R",),
        QT_TRANSLATE_NOOP("Actions", "Record what is shown as a video"),
        checkable=True,
    ),
    Deed("quit", Menu.PICTURE, QT_TRANSLATE_NOOP("Actions", "Quit"), ("Ctrl+Q",)),
    Deed("open_file", Menu.CAMERA, QT_TRANSLATE_NOOP("Actions", "Open a file…"), ("Ctrl+O",)),
    Deed("open_address", Menu.CAMERA, QT_TRANSLATE_NOOP("Actions", "Open an address…"), ("Ctrl+L",)),
    Deed("demo", Menu.CAMERA, QT_TRANSLATE_NOOP("Actions", "Demo, without a camera")),
    Deed(
        "mirror",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Mirror"),
        ("M",),
        QT_TRANSLATE_NOOP("Actions", "Show the picture like a mirror"),
        checkable=True,
    ),
    Deed(
        "blur",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Blur strangers"),
        ("B",),
        QT_TRANSLATE_NOOP("Actions", "Blur everybody who is not known: here, in snapshots and in recordings"),
        checkable=True,
    ),
    Deed(
        "figures",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Figures beside faces"),
        ("D",),
        QT_TRANSLATE_NOOP("Actions", "Show distances and percentages beside the faces"),
        checkable=True,
    ),
    Deed(
        "heat",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("Actions", "What decided"),
        ("X",),
        QT_TRANSLATE_NOOP("Actions", "Lay over the picture what made the face like its photo, or what speaks for the label"),
        checkable=True,
    ),
    Deed(
        "bare",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Only the picture"),
        ("H",),
        QT_TRANSLATE_NOOP("Actions", "Hide everything but the picture"),
        checkable=True,
    ),
    Deed(
        "fullscreen",
        Menu.VIEW,
        QT_TRANSLATE_NOOP("Actions", "Full screen"),
        ("F11",),
        QT_TRANSLATE_NOOP("Actions", "Fill the whole screen"),
        checkable=True,
    ),
    Deed(
        "undo",
        Menu.PEOPLE,
        QT_TRANSLATE_NOOP("Actions", "Undo the last correction"),
        ("Ctrl+Z",),
        QT_TRANSLATE_NOOP("Actions", "Take back what was last said of a face"),
    ),
    Deed("keys", Menu.HELP, QT_TRANSLATE_NOOP("Actions", "Keys"), ("?",), QT_TRANSLATE_NOOP("Actions", "Show all keys")),
)

TOOLBAR = ("faces", "objects", "", "pause", "snapshot", "record", "", "mirror", "blur", "", "enrol", "gallery", "teach", "studio")
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
                self._add(Deed(page.id, Menu.PEOPLE, page.title, keys, checkable=page.id == PEOPLE), page.words)

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def __contains__(self, name: str) -> bool:
        return name in self._made

    def of(self, menu: Menu) -> Iterator[QAction]:
        """The actions of a menu, in the table's order."""
        yield from (action for action in self._made.values() if action.data() == menu.value)

    def all(self) -> Iterator[QAction]:
        """Every action."""
        yield from self._made.values()

    def redraw(self) -> None:
        """Draw the signs anew, in the colours that the palette has now."""
        for name, action in self._made.items():
            if name in NAMES:
                action.setIcon(icon(name, self._owner.palette()))

    def _add(self, deed: Deed, words: str = "") -> None:
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
