"""Naming a face, denying and undoing: the small field by keyboard, and the whole way through a running session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from facecam.session.visitors import VisitorSummary
from facecam.types import DecisionStatus
from facecam.ui.naming import NameField
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.message_bar import Offer
from tests.ui.leaks import count_objects
from tests.ui.seen import EILEEN, GRACE, Sight, enroll, live_of_portraits, live_of_the_demo, tracks

PATIENCE_MS = 60_000


@dataclass
class Told:
    """What the message bar would show."""

    live: SessionController
    qtbot: QtBot
    said: list[tuple[str, tuple[Offer, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        CorrectionController.of(self.live).told.connect(lambda sentence, offers: self.said.append((sentence, offers)))

    def next(self) -> tuple[str, dict[str, Callable[[], object]]]:
        """The next sentence, and what is offered with it."""
        self.qtbot.waitUntil(lambda: bool(self.said), timeout=PATIENCE_MS)
        sentence, offers = self.said.pop(0)
        return sentence, dict(offers)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """A window with something in it that has the keyboard."""
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made).addWidget(QLineEdit(made))
    made.resize(600, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    made.findChildren(QLineEdit)[0].setFocus()
    return made


@pytest.fixture
def live(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll(tmp_path / "gallery", EILEEN)
    made = live_of_portraits(tmp_path, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def both(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll(tmp_path / "gallery", EILEEN)
    made = live_of_portraits(tmp_path, EILEEN, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def opened(window: QWidget, live: SessionController, tmp_path: Path) -> Iterator[NameField]:
    """The field for Grace Hopper, whom nobody knows, with Eileen Collins to choose from."""
    sight = Sight(tmp_path / "gallery", GRACE)
    with sight.recognizer:
        sight.look(live)
        opened = NameField(live, live.presence.cards[0], window)
        opened.open_at(window.mapToGlobal(QPoint(590, 390)))
        yield opened


def known(live: SessionController, name: str) -> Callable[[], bool]:
    return lambda: name in tracks(live)


def card_of(live: SessionController, qtbot: QtBot, name: str | None) -> VisitorSummary:
    """The card of a person who is here, None for the stranger, once it is decided."""
    qtbot.waitUntil(lambda: name in tracks(live), timeout=PATIENCE_MS)
    card = live.presence.card_of(tracks(live)[name])
    assert card is not None
    return card


def people(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_the_field_stands_inside_the_window_and_has_the_keyboard(opened: NameField, window: QWidget) -> None:
    assert window.rect().contains(opened.geometry())
    assert opened.edit.hasFocus()


def test_enter_takes_a_name_and_an_empty_one_is_none(opened: NameField, qtbot: QtBot) -> None:
    names: list[str] = []
    opened.named.connect(names.append)

    qtbot.keyClicks(opened.edit, "   ")
    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)
    assert names == []
    assert opened.isVisible()
    opened.edit.clear()
    qtbot.keyClicks(opened.edit, " Ann ")
    qtbot.keyClick(opened.edit, Qt.Key.Key_Return)

    assert names == ["Ann"]


@pytest.mark.parametrize("how", ["escape", "click elsewhere", "cancel"])
def test_the_field_goes_without_a_word_and_the_keyboard_goes_back(
    opened: NameField, window: QWidget, qtbot: QtBot, how: str
) -> None:
    names: list[str] = []
    opened.named.connect(names.append)
    elsewhere = window.findChildren(QLineEdit)[0]

    if how == "escape":
        qtbot.keyClick(opened.edit, Qt.Key.Key_Escape)
    elif how == "cancel":
        opened.edit.setText("Ann")
        qtbot.keyClick(opened.edit, Qt.Key.Key_Tab)
        qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Tab)
        qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Space)
    else:
        elsewhere.setFocus(Qt.FocusReason.MouseFocusReason)

    qtbot.waitUntil(lambda: not window.findChildren(NameField), timeout=PATIENCE_MS)
    assert elsewhere.hasFocus()
    assert names == []


def test_tab_stays_in_the_field(opened: NameField, qtbot: QtBot) -> None:
    opened.edit.setText("Ann")
    for _ in range(3):
        qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Tab)

    assert opened.edit.hasFocus()


def test_who_is_enrolled_is_offered_by_any_part_of_the_name(opened: NameField, qtbot: QtBot) -> None:
    completer = opened.edit.completer()
    assert completer is not None

    completer.setCompletionPrefix("coll")

    assert completer.currentCompletion() == EILEEN


def test_fifty_fields_leave_nothing_behind(window: QWidget, live: SessionController, tmp_path: Path, qtbot: QtBot) -> None:
    sight = Sight(tmp_path / "gallery", GRACE)
    with sight.recognizer:
        sight.look(live)

    def ask(times: int) -> None:
        for _ in range(times):
            field = NameField(live, live.presence.cards[0], window)
            field.open_at(window.mapToGlobal(QPoint(10, 10)))
            field.close()
            del field
            qtbot.wait(1)

    ask(3)
    before = count_objects()
    ask(50)

    assert count_objects() == before


def test_a_stranger_gets_a_name_and_undo_takes_it_back(live: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    told = Told(live, qtbot)
    live.start()
    stranger = card_of(live, qtbot, None)

    CorrectionController.of(live).name(stranger, GRACE)
    sentence, offers = told.next()
    assert (sentence, list(offers)) == (f"Named: {GRACE}", ["Undo"])
    qtbot.waitUntil(known(live, GRACE), timeout=PATIENCE_MS)
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]
    assert [card.track_ids for card in live.presence.cards] == [stranger.track_ids]

    offers["Undo"]()
    assert told.next() == ("Taken back.", {})
    qtbot.waitUntil(known(live, None), timeout=PATIENCE_MS)  # type: ignore[arg-type]
    assert people(tmp_path / "gallery") == [EILEEN]


def test_not_them_counts_at_once_and_undo_takes_it_back(both: SessionController, qtbot: QtBot) -> None:
    told = Told(both, qtbot)
    both.start()
    eileen = card_of(both, qtbot, EILEEN)

    CorrectionController.of(both).deny(eileen, EILEEN)
    sentence, offers = told.next()
    assert sentence == f"This is not {EILEEN} any more."
    qtbot.waitUntil(lambda: EILEEN not in tracks(both), timeout=PATIENCE_MS)

    offers["Undo"]()
    told.next()
    qtbot.waitUntil(known(both, EILEEN), timeout=PATIENCE_MS)


def test_who_looks_like_somebody_enrolled_is_asked_about_and_named_when_that_is_said_again(
    both: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    told = Told(both, qtbot)
    both.start()
    CorrectionController.of(both).name(card_of(both, qtbot, EILEEN), "Ann")

    sentence, offers = told.next()
    assert sentence == f"This looks like {EILEEN}, who is enrolled already. Is it really Ann, somebody else?"
    assert list(offers) == ["Yes, this is Ann", f"No, it is {EILEEN}"]
    assert people(tmp_path / "gallery") == [EILEEN]

    offers["Yes, this is Ann"]()
    assert told.next()[0] == "Named: Ann"
    assert people(tmp_path / "gallery") == ["Ann", EILEEN]


def test_a_stranger_who_has_gone_is_named_by_the_portrait(live: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    told = Told(live, qtbot)
    live.start()
    card_of(live, qtbot, None)
    qtbot.waitUntil(lambda: live.presence.cards[0].portrait.fitness > 0, timeout=PATIENCE_MS)
    # The camera still shows her, but the panel has let her go: what is left there must be enough.
    live.presence.end()
    gone = next(card for card in live.presence.cards if not card.here)

    CorrectionController.of(live).name(gone, GRACE)
    sentence, offers = told.next()
    assert sentence == f"Named: {GRACE}"
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]
    assert len(list((tmp_path / "gallery" / GRACE).glob("*.jpg"))) == 1
    qtbot.waitUntil(known(live, GRACE), timeout=PATIENCE_MS)
    assert [card.name for card in live.presence.cards] == [GRACE]

    offers["Undo"]()
    told.next()
    assert people(tmp_path / "gallery") == [EILEEN]


def test_a_face_that_goes_while_its_name_is_typed_is_named_by_the_portrait(
    live: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    sight = Sight(tmp_path / "gallery", GRACE)
    with sight.recognizer:
        sight.look(live)
    told = Told(live, qtbot)
    live.start()
    frame, result = sight.seen[-1]
    seen = result.sightings[0]
    there = replace(seen, vote=replace(seen.track_decision, track_id=999))
    live.presence.see(0, replace(frame, captured_at_s=time.monotonic()), replace(result, sightings=(there,)))
    card = live.presence.card_of(999)
    assert card is not None
    assert card.here

    CorrectionController.of(live).name(card, GRACE)

    assert told.next()[0] == f"Named: {GRACE}"
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]


def test_what_cannot_be_done_is_said_in_a_sentence(live: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    sight = Sight(tmp_path / "gallery", GRACE)
    with sight.recognizer:
        sight.look(live)
        sight.pass_time(live, 60)
    gone = live.presence.cards[0]
    told = Told(live, qtbot)
    live.start()

    CorrectionController.of(live).deny(gone, EILEEN)
    assert told.next() == ("The face has gone: nothing was changed.", {})
    CorrectionController.of(live).undo()
    assert told.next() == ("There is nothing to take back.", {})


def test_after_the_end_nothing_is_corrected_and_that_is_said(live: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    sight = Sight(tmp_path / "gallery", GRACE)
    with sight.recognizer:
        sight.look(live)
    told = Told(live, qtbot)

    CorrectionController.of(live).name(live.presence.cards[0], GRACE)

    assert told.next() == ("Nothing is looked at any more: open a camera or a film first.", {})
    assert people(tmp_path / "gallery") == [EILEEN]


@pytest.fixture
def demo(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll(tmp_path / "gallery", EILEEN)
    made = live_of_the_demo(tmp_path)
    yield made
    assert made.stop()


def test_in_the_demo_the_stranger_is_named_and_stays_it(demo: SessionController, qtbot: QtBot) -> None:
    told = Told(demo, qtbot)
    with qtbot.waitSignal(demo.ended, timeout=3 * PATIENCE_MS):
        demo.start()
        CorrectionController.of(demo).name(card_of(demo, qtbot, None), GRACE)

    assert told.next()[0] == f"Named: {GRACE}"
    cards = {card.name: card for card in demo.presence.cards}
    assert {EILEEN, GRACE} <= set(cards)
    assert {cards[EILEEN].kind, cards[GRACE].kind} == {DecisionStatus.KNOWN}
