"""Menu entries that change while the program runs, and mnemonics that are unique in their menu in every language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

_CHANGES = "changes"
"""Property of the entries of a MenuSection that have no mnemonic of their own."""

_MNEMONIC = re.compile(r"&(.)")


class MenuSection(QObject):
    """Entries at a place of one or more menus, which are replaced together."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._places: list[tuple[QMenu, QAction | None]] = []
        self.actions: list[QAction] = []

    def insert_into(self, menu: QMenu, before: QAction | None = None) -> None:
        """Show the entries in this menu before an entry of it, at its end without one."""
        self._places.append((menu, before))

    def show_actions(self, actions: Sequence[QAction]) -> None:
        """Replace the entries."""
        for action in self.actions:
            for menu, _ in self._places:
                menu.removeAction(action)
            action.deleteLater()
        self.actions = list(actions)
        for action in self.actions:
            action.setProperty(_CHANGES, not mnemonic(action.text()))
        for menu, before in self._places:
            if before is None:
                menu.addActions(self.actions)
            else:
                menu.insertActions(before, self.actions)
            assign_mnemonics(menu.actions())


def plain_text(text: str) -> str:
    """Return the text of an action as it is shown: without the & of its mnemonic."""
    return _MNEMONIC.sub(r"\1", text)


def mnemonic(text: str) -> str:
    """Return the lower-case letter of the mnemonic in a text, "" without one."""
    return next((letter.lower() for letter in _MNEMONIC.findall(text) if letter != "&"), "")


def assign_mnemonics(actions: Iterable[QAction]) -> None:
    """Give each entry of a menu that has no mnemonic a letter of its text that no other entry has, if one is left.

    The first letter is preferred, then those of the other words, then any. A letter that an entry has already is kept unless an
    earlier entry has it; those of a MenuSection come last. Texts may contain names, and differ in each language, so that fixed
    letters would clash.
    """
    entries = [action for action in actions if action.text() and not action.isSeparator()]
    entries.sort(key=lambda action: bool(action.property(_CHANGES)))
    taken: set[str] = set()
    for action in entries:
        letter = mnemonic(action.text())
        if letter and (letter in taken or action.property(_CHANGES)):
            action.setText(plain_text(action.text()).replace("&", "&&"))
        elif letter:
            taken.add(letter)
    for action in entries:
        if not mnemonic(action.text()):
            taken.add(_add_mnemonic(action, taken))


def _add_mnemonic(action: QAction, taken: set[str]) -> str:
    """Put an & before the best free letter of the text, and return the letter; "" if none is free."""
    text = action.text()
    initials = [found.start() for found in re.finditer(r"\b\w", text)]
    for at in (*initials, *range(len(text))):
        if text[at].isalnum() and text[at].lower() not in taken:
            action.setText(f"{text[:at]}&{text[at:]}")
            return text[at].lower()
    return ""
