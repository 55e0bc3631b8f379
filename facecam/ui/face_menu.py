"""What may be done with a face, in the picture or on a card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from facecam.runtime.visitor import Card
from facecam.types import Kind
from facecam.ui.correcting import Correcting
from facecam.ui.people_rows import title_of
from facecam.ui.words import words

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Deeds:
    """What is done when an entry is chosen; a name is asked for at a place of the screen."""

    name: Callable[[Card, QPoint], object]
    why: Callable[[Card], object]
    enrol: Callable[[Card], object]


def face_menu(card: Card | None, correcting: Correcting, deeds: Deeds, parent: QWidget) -> QMenu:
    """The menu of a visitor, None of one who is forgotten; it deletes itself when it is closed."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    if card is not None:
        menu.setAccessibleName(title_of(card, words()))
        _add(menu, translate("FaceMenu", "&Name this person…"), lambda: deeds.name(card, menu.pos()))
        denied = _whom(card)
        if denied is not None:
            denial = translate("FaceMenu", "This is no&t {name}").format(name=_shown(denied))
            deny = _add(menu, denial, lambda: correcting.deny(card, denied), enabled=card.here)
            if not card.here:
                deny.setToolTip(translate("FaceMenu", "Only while the face is seen"))
        _add(menu, translate("FaceMenu", "&Why?"), lambda: deeds.why(card), enabled=card.measured is not None)
        menu.addSeparator()
        _add(menu, translate("FaceMenu", "&Enrol with more pictures…"), lambda: deeds.enrol(card), enabled=card.here)
    _add(menu, translate("FaceMenu", "&Undo the last correction"), correcting.undo, enabled=correcting.can_undo)
    return menu


def _whom(card: Card) -> str | None:
    """Who the face is said or guessed to be."""
    decision = card.sighting.vote.decision
    if decision.kind is Kind.KNOWN:
        return decision.name
    return card.guess if decision.reason != "corrected" else None


def _shown(name: str) -> str:
    """A name as a menu shows it: an ampersand would underline what follows."""
    return name.replace("&", "&&")


def _add(menu: QMenu, words: str, do: Callable[[], object], *, enabled: bool = True) -> QAction:
    action = menu.addAction(words)
    action.setEnabled(enabled)
    action.triggered.connect(lambda _=False: do())
    return action
