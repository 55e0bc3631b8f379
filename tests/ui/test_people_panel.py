"""People panel on real recognition of the bundled portraits: cards, keys and menus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from facecam.enrollment.corrections import RejectName, UndoCorrection
from facecam.gallery.people import Person
from facecam.gallery.undo import ChangeKind, GalleryChange
from facecam.rendering.annotations import annotate, rounded_percent
from facecam.session.status import CommandResult
from facecam.session.visitor_groups import Portrait
from facecam.settings import Mode
from facecam.types import Decision, DecisionStatus, Event, Expression, Result
from facecam.ui.people_panel import PeoplePanel
from facecam.ui.person_card import ROW, fitted_lines, people_rows, portrait_image
from facecam.ui.session_controller import SessionController
from facecam.ui.window.pages import ENROLL, WHY
from tests.session.test_visitors import FACES, UNKNOWN, UNSURE, Room, between, matcher, named, sighting
from tests.ui.leaks import count_objects, open_and_close
from tests.ui.portraits import EILEEN, GRACE, PortraitStream, portraits_controller, tracks_by_name


@pytest.fixture
def controller(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    made = portraits_controller(tmp_path, EILEEN, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def panel(qtbot: QtBot, controller: SessionController) -> PeoplePanel:
    made = PeoplePanel(controller)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    return made


def rows(panel: PeoplePanel) -> list[str]:
    return [panel.item(number).text() for number in range(panel.count())]


def entries(menu: QMenu) -> dict[str, bool]:
    """Return the entries of a menu and whether they are enabled."""
    return {action.text().replace("&", ""): action.isEnabled() for action in menu.actions() if action.text()}


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text().replace("&", "") == text).trigger()


def test_an_empty_panel_explains_itself(panel: PeoplePanel) -> None:
    assert rows(panel) == ["Present now", "No one has been present yet. People appear here when the camera sees them."]


def test_objects_mode_is_explained(panel: PeoplePanel, controller: SessionController) -> None:
    controller.change(Mode.OBJECTS)

    assert rows(panel)[1] == "Objects mode does not look for faces. Switch to Faces to see who is here."


def test_present_visitors_have_a_time_and_an_expression(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)

    assert rows(panel) == ["Present now", EILEEN, "Visitor 1"]
    text = panel.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith(f"{EILEEN}, since ")
    happy = panel.item(1).data(ROW).visitor.expression
    assert text.endswith(f", happy {rounded_percent(happy.probabilities[3])} %")
    shares = panel.item(1).data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert shares.startswith("Expression: happy ")
    assert shares.count(" %") == 7
    assert panel.item(1).toolTip().endswith(shares)


@pytest.mark.parametrize(
    ("probabilities", "text"),
    [
        ((0.02, 0.0, 0.0, 0.62, 0.0, 0.09, 0.27), "happy 60 %, neutral 25 %"),
        ((0.02, 0.0, 0.0, 0.92, 0.0, 0.0, 0.06), "happy 90 %"),
        ((0.02, 0.0, 0.31, 0.0, 0.37, 0.0, 0.3), "unclear"),
    ],
)
def test_a_card_says_how_sure_the_expression_is(probabilities: tuple[float, ...], text: str) -> None:
    room = Room()
    (visitor,) = room.update(0.0, replace(sighting(1, named("Ann")), expression=Expression(probabilities)))

    assert people_rows([visitor], 0.0)[1].detail[1] == text


def test_past_visitors_are_listed_below_and_strangers_last(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    stream.pass_time(controller, 60)

    assert rows(panel) == ["Present now", "No one is present.", "Present earlier", EILEEN, "Unknown visitors", "Visitor 1"]


def test_the_selected_card_stays_selected_when_others_change(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    panel.setCurrentRow(2)
    stream.pass_time(controller, 60)

    assert (panel.currentItem().text(), panel.currentRow()) == ("Visitor 1", 5)
    assert panel.currentItem().isSelected()


def test_who_is_perhaps_enrolled_has_a_heading_apart_from_the_unknown_visitors(
    panel: PeoplePanel, controller: SessionController
) -> None:
    room = Room()
    controller.visitor_tracker = room.tracker
    unsure = named("Ann", "near_threshold", DecisionStatus.UNSURE)
    room.update(0.0, sighting(1, UNKNOWN), sighting(2, unsure), sighting(3, named("Bob")))
    room.update(2.0, sighting(1, UNKNOWN), sighting(2, unsure), sighting(3, named("Bob")))
    room.tracker.end()
    panel.refresh()

    assert rows(panel)[2:] == ["Present earlier", "Bob", "Possibly enrolled", "Ann?", "Unknown visitors", "Visitor 1"]


def test_the_card_of_a_face_that_looks_like_a_picture_says_so_and_names_nobody(
    panel: PeoplePanel, controller: SessionController
) -> None:
    room = Room()
    controller.visitor_tracker = room.tracker
    for at_s in (0.0, 2.0):
        room.update(at_s, sighting(1, named("Ann", "presentation_attack", DecisionStatus.UNSURE)))
    panel.refresh()

    words = panel.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert panel.item(1).text() == "Unsure"
    assert "looks like a picture or a screen" in words
    assert "Ann" not in words


@pytest.mark.parametrize(
    ("decision", "title"),
    [
        (named("Ann", "near_threshold", DecisionStatus.UNSURE), "Ann?"),
        (named("Ann", "corrected", DecisionStatus.UNSURE), "Unsure"),
        (UNSURE, "Unsure"),
    ],
)
def test_a_card_says_once_that_a_face_is_unsure_and_as_the_video_does(
    panel: PeoplePanel, controller: SessionController, decision: Decision, title: str
) -> None:
    room = Room()
    controller.visitor_tracker = room.tracker
    room.update(0.0, sighting(1, decision))
    room.update(2.0, sighting(1, decision))
    panel.refresh()

    assert panel.item(1).text() == title
    words = panel.item(1).data(Qt.ItemDataRole.AccessibleTextRole).replace(title, "").lower()
    assert "sure" not in words
    (label,) = annotate(Result(0, 0.0, "room", "", (64, 48), Mode.FACES, (sighting(1, decision),))).marks
    assert label.title == title


def test_a_selected_card_that_becomes_part_of_another_one_leaves_the_selection_to_it(
    panel: PeoplePanel, controller: SessionController
) -> None:
    room = Room()
    room.tracker.use_matcher(matcher())
    controller.visitor_tracker = room.tracker
    room.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    room.update(20.0, sighting(2, UNKNOWN, embedding=between(FACES[1], FACES[2], 0.7)))
    panel.refresh()
    assert rows(panel) == ["Present now", "Visitor 2", "Unknown visitors", "Visitor 1"]
    panel.setCurrentRow(1)

    for step in range(1, 9):
        room.update(20.0 + step, sighting(2, UNKNOWN, embedding=FACES[1]))
    panel.refresh()

    assert rows(panel) == ["Present now", "Visitor 1"]
    assert panel.currentItem().text() == "Visitor 1"


def test_the_lines_of_a_card_are_broken_and_not_cut_when_text_is_large(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    lines = panel.item(1).data(ROW).detail
    metrics = panel.fontMetrics()
    width_px = metrics.horizontalAdvance(lines[0]) - 1

    fitted = fitted_lines(lines, metrics, width_px)

    assert " · ".join(fitted[:2]) == lines[0]
    assert all(metrics.horizontalAdvance(line) <= width_px for line in fitted)
    height_px = panel.sizeHintForRow(1)
    panel.setFixedWidth(panel.sizeHintForColumn(0))
    assert panel.sizeHintForRow(1) > height_px


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Menu])
def test_cards_are_reached_and_opened_by_key(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream, qtbot: QtBot, key: Qt.Key
) -> None:
    stream.show(controller)
    qtbot.keyClick(panel, Qt.Key.Key_Down)
    qtbot.keyClick(panel, key)

    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.accessibleName() == EILEEN
    menu.close()


def test_clicking_a_card_opens_its_menu_but_clicking_a_heading_does_not(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream, qtbot: QtBot
) -> None:
    stream.show(controller)
    for number, opened in ((0, False), (2, True)):
        place = panel.visualItemRect(panel.item(number)).center()
        qtbot.mouseClick(panel.viewport(), Qt.MouseButton.LeftButton, pos=place)

        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu) is opened
        if menu is not None:
            menu.close()


def test_the_menu_of_a_known_face_offers_to_reject_the_name(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)

    assert entries(panel.menu_for(tracks_by_name(controller)[EILEEN])) == {
        "Name this person…": True,
        f"This is not {EILEEN}": True,
        "Why?": True,
        "Enroll with more photos…": True,
        f"Notify me when {EILEEN} appears": True,
        "Undo the last correction": False,
        "Redo the correction": False,
    }


def test_the_menu_of_a_stranger_has_no_name_to_reject(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)

    assert list(entries(panel.menu_for(tracks_by_name(controller)[None]))) == [
        "Name this person…",
        "Why?",
        "Enroll with more photos…",
        "Undo the last correction",
        "Redo the correction",
    ]


def test_past_visitors_can_be_named_and_explained_but_not_rejected(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    number = tracks_by_name(controller)[EILEEN]
    stream.pass_time(controller, 60)

    offered = entries(panel.menu_for(number))
    assert (offered["Name this person…"], offered["Why?"]) == (True, True)
    assert (offered[f"This is not {EILEEN}"], offered["Enroll with more photos…"]) == (False, False)


def test_the_menu_of_an_expired_track_offers_only_undo_and_redo(panel: PeoplePanel) -> None:
    assert entries(panel.menu_for(12345)) == {"Undo the last correction": False, "Redo the correction": False}


def test_why_and_enroll_are_requested_by_track(panel: PeoplePanel, controller: SessionController, stream: PortraitStream) -> None:
    stream.show(controller)
    number = tracks_by_name(controller)[None]
    requested: list[tuple[str, object]] = []
    panel.page_requested.connect(lambda page_id, argument: requested.append((page_id, argument)))

    choose(panel.menu_for(number), "Why?")
    choose(panel.menu_for(number), "Enroll with more photos…")

    assert requested == [(WHY, number), (ENROLL, number)]


def test_undo_is_enabled_after_a_correction_and_redo_after_an_undo(panel: PeoplePanel, controller: SessionController) -> None:
    eileen = Person("1", EILEEN, (), (), datetime(2026, 1, 1, tzinfo=UTC))
    rejected = GalleryChange(ChangeKind.FACE_REJECTED, lambda: lambda: rejected, people=(eileen,))
    controller.command_finished.emit(CommandResult(RejectName(1, EILEEN), Event("correction"), undoable=rejected))
    assert entries(panel.menu_for(1)) == {"Undo: rejected Eileen Collins": True, "Redo the correction": False}

    event = Event("correction", track_id=1, person=EILEEN)
    controller.command_finished.emit(CommandResult(UndoCorrection(), event, redoable=rejected))
    assert entries(panel.menu_for(1)) == {"Undo the last correction": False, "Redo: rejected Eileen Collins": True}


def test_a_hidden_panel_is_updated_when_shown(panel: PeoplePanel, controller: SessionController, stream: PortraitStream) -> None:
    panel.hide()
    stream.show(controller)
    assert rows(panel)[1:] == ["No one has been present yet. People appear here when the camera sees them."]

    panel.show()

    assert rows(panel) == ["Present now", EILEEN, "Visitor 1"]


def test_every_row_is_painted_in_every_state_at_every_size(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream, qtbot: QtBot
) -> None:
    stream.show(controller)
    stream.pass_time(controller, 60)
    for width in (40, 160, 600):
        panel.resize(width, 500)
        assert not panel.grab().isNull()


@pytest.mark.parametrize("side_px", [44, 63, 96, 135])
def test_the_frame_of_a_portrait_is_at_its_edge(side_px: int) -> None:
    gray = Portrait(np.full((60, 60, 3), 128, np.uint8), 1.0)
    image = portrait_image(gray, DecisionStatus.KNOWN, side_px)

    for x, y in ((1, side_px // 2), (side_px - 2, side_px // 2), (side_px // 2, 1), (side_px // 2, side_px - 2)):
        assert image.pixelColor(x, y) != QColor(128, 128, 128)


def test_a_card_that_moves_up_keeps_its_selection(
    panel: PeoplePanel, controller: SessionController, stream: PortraitStream
) -> None:
    stream.show(controller)
    stream.pass_time(controller, 60)
    panel.setCurrentRow(3)
    stream.show(controller)

    assert rows(panel) == ["Present now", EILEEN, "Visitor 1"]
    assert (panel.currentRow(), panel.currentItem().isSelected()) == (1, True)


def test_panels_opened_and_closed_leak_nothing(controller: SessionController, stream: PortraitStream, qtbot: QtBot) -> None:
    stream.show(controller)
    open_and_close(qtbot, lambda: PeoplePanel(controller), 3)
    before = count_objects()

    open_and_close(qtbot, lambda: PeoplePanel(controller), 10)

    assert count_objects() == before
