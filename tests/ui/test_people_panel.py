"""The people panel on what the real networks see of the bundled portraits: cards, keys, and what each menu offers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from facecam.enrollment.corrections import RejectName
from facecam.session.status import CommandResult
from facecam.settings import Mode
from facecam.types import Event
from facecam.ui.people_panel import PeoplePanel
from facecam.ui.person_card import PeopleRow, VisitorModel
from facecam.ui.session_controller import SessionController
from facecam.ui.window.pages import ENROLL, WHY, page
from tests.ui.leaks import count_objects, open_and_close
from tests.ui.seen import EILEEN, GRACE, Sight, enroll, live_of_portraits, tracks


@pytest.fixture
def live(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    made = live_of_portraits(tmp_path, EILEEN, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def sight(live: SessionController, tmp_path: Path) -> Iterator[Sight]:
    """Eileen Collins, who is enrolled, beside Grace Hopper, who is not."""
    made = Sight(enroll(tmp_path / "gallery", EILEEN), EILEEN, GRACE)
    with made.recognizer:
        yield made


@pytest.fixture
def panel(qtbot: QtBot, live: SessionController) -> PeoplePanel:
    made = PeoplePanel(live)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    return made


def rows(panel: PeoplePanel) -> list[str]:
    return [panel.model.data(panel.model.index(number)) for number in range(panel.model.rowCount())]


def spoken(panel: PeoplePanel, key: str) -> str:
    return str(panel.model.data(panel.model.index_of(key), Qt.ItemDataRole.AccessibleTextRole))


def entries(menu: QMenu) -> dict[str, bool]:
    """What a menu offers, and whether it can be chosen."""
    return {action.text().replace("&", ""): action.isEnabled() for action in menu.actions() if action.text()}


def choose(menu: QMenu, words: str) -> None:
    next(action for action in menu.actions() if action.text().replace("&", "") == words).trigger()


def test_before_anybody_comes_a_sentence_says_what_will_stand_there(panel: PeoplePanel) -> None:
    assert rows(panel) == ["Here now", "Nobody is here yet. Whoever comes before the camera appears here."]


def test_while_only_objects_are_looked_at_the_panel_says_so(panel: PeoplePanel, live: SessionController) -> None:
    live.change(Mode.OBJECTS)

    assert rows(panel)[1] == "Only objects are looked at. Switch to faces to see who is here."


def test_a_person_and_a_stranger_are_here_each_with_time_and_expression(
    panel: PeoplePanel, live: SessionController, sight: Sight
) -> None:
    sight.look(live)

    assert rows(panel) == ["Here now", EILEEN, "Unknown"]
    card = panel.model.row(panel.model.index(1)).card
    assert card is not None
    words = spoken(panel, card.card_id)
    assert words.startswith(f"{EILEEN}, since ")
    assert words.endswith(", happy")


def test_whoever_has_gone_is_below_and_strangers_below_that(panel: PeoplePanel, live: SessionController, sight: Sight) -> None:
    sight.look(live)
    sight.pass_time(live, 60)

    assert rows(panel) == ["Here now", "Nobody is here right now.", "Was here", EILEEN, "Unknown visitors", "Unknown"]


def test_a_card_that_is_chosen_stays_chosen_when_others_come_and_go(
    panel: PeoplePanel, live: SessionController, sight: Sight
) -> None:
    sight.look(live)
    panel.view.setCurrentIndex(panel.model.index(2))
    sight.pass_time(live, 60)

    row = panel.model.row(panel.view.currentIndex())
    assert (row.title, rows(panel)[-1]) == ("Unknown", "Unknown")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Menu])
def test_a_card_is_reached_with_the_arrow_keys_and_opened_with_a_key(
    panel: PeoplePanel, live: SessionController, sight: Sight, qtbot: QtBot, key: Qt.Key
) -> None:
    sight.look(live)
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    qtbot.keyClick(panel.view, key)

    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.accessibleName() == EILEEN
    menu.close()


def test_a_click_on_a_card_opens_its_menu_and_a_click_on_a_heading_nothing(
    panel: PeoplePanel, live: SessionController, sight: Sight, qtbot: QtBot
) -> None:
    sight.look(live)
    for number, opened in ((0, False), (2, True)):
        place = panel.view.visualRect(panel.model.index(number)).center()
        qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)

        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu) is opened
        if menu is not None:
            menu.close()


def test_the_menu_of_a_known_face_offers_to_say_that_it_is_somebody_else(
    panel: PeoplePanel, live: SessionController, sight: Sight
) -> None:
    sight.look(live)

    assert entries(panel.menu_for(tracks(live)[EILEEN])) == {
        "Name this person…": True,
        f"This is not {EILEEN}": True,
        "Why?": True,
        "Enroll with more pictures…": True,
        "Undo the last correction": False,
    }


def test_the_menu_of_a_stranger_has_nobody_to_deny(panel: PeoplePanel, live: SessionController, sight: Sight) -> None:
    sight.look(live)

    assert list(entries(panel.menu_for(tracks(live)[None]))) == [
        "Name this person…",
        "Why?",
        "Enroll with more pictures…",
        "Undo the last correction",
    ]


def test_who_has_gone_can_be_named_and_explained_but_not_denied(
    panel: PeoplePanel, live: SessionController, sight: Sight
) -> None:
    sight.look(live)
    number = tracks(live)[EILEEN]
    sight.pass_time(live, 60)

    offered = entries(panel.menu_for(number))
    assert (offered["Name this person…"], offered["Why?"]) == (True, True)
    assert (offered[f"This is not {EILEEN}"], offered["Enroll with more pictures…"]) == (False, False)


def test_a_face_that_is_forgotten_has_a_menu_without_itself(panel: PeoplePanel) -> None:
    assert entries(panel.menu_for(12345)) == {"Undo the last correction": False}


def test_why_and_enroll_are_asked_for_by_track(panel: PeoplePanel, live: SessionController, sight: Sight) -> None:
    sight.look(live)
    number = tracks(live)[None]
    asked: list[tuple[str, object]] = []
    panel.why_requested.connect(lambda track_id: asked.append(("why", track_id)))
    panel.enroll_requested.connect(lambda track_id: asked.append(("enroll", track_id)))
    panel.page_wanted.connect(lambda page_id, argument: asked.append((page_id, argument)))

    choose(panel.menu_for(number), "Why?")
    choose(panel.menu_for(number), "Enroll with more pictures…")

    pages = [(ENROLL, None)] if page(ENROLL).exists else []
    assert asked == [("why", number), (WHY, number), ("enroll", number), *pages]


def test_undo_is_offered_once_something_was_corrected(panel: PeoplePanel, live: SessionController) -> None:
    live.answered.emit(CommandResult(RejectName(1, EILEEN), Event("correction")))

    assert entries(panel.menu_for(1)) == {"Undo the last correction": True}


def test_a_panel_that_nobody_sees_does_nothing_and_is_up_to_date_when_it_is_shown(
    panel: PeoplePanel, live: SessionController, sight: Sight
) -> None:
    panel.hide()
    sight.look(live)
    assert rows(panel)[1:] == ["Nobody is here yet. Whoever comes before the camera appears here."]

    panel.show()

    assert rows(panel) == ["Here now", EILEEN, "Unknown"]


def test_every_row_is_painted_in_every_state_at_every_size(
    panel: PeoplePanel, live: SessionController, sight: Sight, qtbot: QtBot
) -> None:
    sight.look(live)
    sight.pass_time(live, 60)
    for width in (40, 160, 600):
        panel.resize(width, 500)
        assert not panel.grab().isNull()


KEYS = st.lists(st.sampled_from("abcdefghij"), unique=True)


@settings(max_examples=60)
@given(st.lists(KEYS, min_size=1, max_size=6))
def test_whatever_follows_what_the_model_tells_its_view_the_truth(qapp: QApplication, lists: list[list[str]]) -> None:
    model = VisitorModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    mirror: list[str] = []

    def moved(parent: QModelIndex, start: int, end: int, to: QModelIndex, row: int) -> None:
        assert start == end
        mirror.insert(row, mirror.pop(start))

    model.rowsInserted.connect(lambda _, first, last: mirror.insert(first, model.row(model.index(first)).key))
    model.rowsRemoved.connect(lambda _, first, last: mirror.pop(first))
    model.rowsMoved.connect(moved)
    for keys in lists:
        model.show([PeopleRow(key, key) for key in keys])

        assert mirror == keys == [model.row(model.index(number)).key for number in range(model.rowCount())]


def test_fifty_panels_leave_nothing_behind(live: SessionController, sight: Sight, qtbot: QtBot) -> None:
    sight.look(live)
    open_and_close(qtbot, lambda: PeoplePanel(live), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: PeoplePanel(live), 50)

    assert count_objects() == before
