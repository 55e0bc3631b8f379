"""A name given to the wrong visitor and taken back, on a clip in a loop, in the real window: cards, number and visits."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from facecam.enrollment.corrections import RejectName
from facecam.errors import FaceGoneError
from facecam.gallery.people import read_people
from facecam.session.status import CommandResult
from facecam.types import DecisionStatus, Event
from facecam.ui.people_panel import PeoplePanel
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.window import Window
from tests.ui.conftest import MakeController, MakeWindow
from tests.ui.test_stranger_groups import cards

ADAM = "Adam"


class Looped:
    """The window on milk.mkv in a loop, in which one visitor is present all the time under a new track after each cut."""

    def __init__(self, controller: SessionController, window: Window, qtbot: QtBot) -> None:
        self.controller, self.window, self.qtbot = controller, window, qtbot
        self.corrections = CorrectionController.for_controller(controller)
        self.messages: list[str] = []
        self.corrections.message_posted.connect(lambda text, _: self.messages.append(text))
        self.corrections.question_asked.connect(lambda text, _: self.messages.append(text))
        controller.start()
        self.wait_for(None)

    @property
    def track_id(self) -> int:
        return self.controller.visitor_tracker.visitors[0].last_track_id

    def wait_for(self, name: str | None) -> None:
        """Wait until the present visitor is decided and has this name."""

        def is_there() -> bool:
            here = [visitor for visitor in self.controller.visitor_tracker.visitors if visitor.is_present]
            decided = DecisionStatus.UNKNOWN if name is None else DecisionStatus.KNOWN
            return [(visitor.name, visitor.status) for visitor in here] == [(name, decided)]

        self.qtbot.waitUntil(is_there)

    def wait_for_cut(self) -> None:
        """Wait until the same visitor is present under another track."""
        before, visitor_id = self.track_id, self.controller.visitor_tracker.visitors[0].visitor_id
        self.qtbot.waitUntil(
            lambda: any(
                visitor.visitor_id == visitor_id and visitor.is_present and before not in visitor.track_ids
                for visitor in self.controller.visitor_tracker.visitors
            )
        )

    def name(self, name: str) -> None:
        self.corrections.assign_name(self.controller.visitor_tracker.visitors[0], name, consent="agreed")
        self.qtbot.waitUntil(lambda: f"Named: {name}" in self.messages)
        self.wait_for(name)

    def reject(self) -> None:
        panel = self.window.findChild(PeoplePanel)
        assert panel is not None
        count = len(self.messages)
        choose(panel.menu_for(self.track_id), f"This is not {ADAM}")
        self.qtbot.waitUntil(lambda: len(self.messages) > count)
        if self.messages[-1].startswith("The face is no longer visible"):  # A cut came before the click did.
            self.wait_for(ADAM)
            self.reject()
        assert self.messages[-1] == f"This face is no longer named {ADAM}."

    def photos(self, folder: Path) -> dict[str, int]:
        return {path.name: len(list(path.glob("*.jpg"))) for path in folder.iterdir() if path.is_dir() and path.name[0] != "."}


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text().replace("&", "") == text).trigger()


@pytest.fixture
def looped(qtbot: QtBot, test_data: Path, make_controller: MakeController, make_window: MakeWindow, qapp: QApplication) -> Looped:
    controller = make_controller(str(test_data / "data" / "webcam" / "milk.mkv"))
    controller.loop(True)
    return Looped(controller, make_window(controller), qtbot)


def test_an_undone_name_leaves_the_visitor_as_before(looped: Looped, qtbot: QtBot, gallery: Path) -> None:
    before = looped.photos(gallery)
    looped.name(ADAM)
    looped.wait_for_cut()
    looped.wait_for(ADAM)
    looped.wait_for_cut()

    looped.corrections.undo()
    qtbot.waitUntil(lambda: f"Undone: named {ADAM}." in looped.messages)
    assert cards(looped.window) == {"Present now": ["Visitor 1"]}
    looped.wait_for(None)
    looped.wait_for_cut()
    looped.wait_for(None)

    (visitor,) = looped.controller.visitor_tracker.visitors
    assert (visitor.number, visitor.visits, looped.photos(gallery)) == (1, 1, before)
    qtbot.waitUntil(lambda: cards(looped.window) == {"Present now": ["Visitor 1"]})


def test_a_rejected_name_leaves_the_visitor_with_number_and_visits(looped: Looped, qtbot: QtBot, gallery: Path) -> None:
    looped.name(ADAM)
    looped.wait_for_cut()
    looped.wait_for(ADAM)

    looped.reject()
    looped.wait_for(None)
    looped.wait_for_cut()
    looped.wait_for(None)

    (visitor,) = looped.controller.visitor_tracker.visitors
    assert (visitor.number, visitor.visits) == (1, 1)
    qtbot.waitUntil(lambda: cards(looped.window) == {"Present now": ["Visitor 1"]})
    assert read_people(gallery).find(ADAM) is None

    looped.corrections.undo()
    looped.wait_for(ADAM)
    looped.corrections.undo()
    qtbot.waitUntil(lambda: ADAM not in looped.photos(gallery))
    looped.wait_for(None)
    (visitor,) = looped.controller.visitor_tracker.visitors
    assert (visitor.number, visitor.visits) == (1, 1)


def test_a_menu_that_is_open_across_a_cut_rejects_the_name_of_the_same_visitor(looped: Looped, qtbot: QtBot) -> None:
    looped.name(ADAM)
    panel = looped.window.findChild(PeoplePanel)
    assert panel is not None
    menu = panel.menu_for(looped.track_id)
    looped.wait_for_cut()
    looped.wait_for(ADAM)

    choose(menu, f"This is not {ADAM}")

    qtbot.waitUntil(lambda: f"This face is no longer named {ADAM}." in looped.messages)
    assert all("no longer visible" not in text for text in looped.messages)


def test_a_rejection_that_comes_after_a_cut_is_made_for_the_new_track(looped: Looped, qtbot: QtBot) -> None:
    looped.name(ADAM)
    ended = looped.track_id
    looped.wait_for_cut()
    looped.wait_for(ADAM)

    refused = FaceGoneError("track {track_id} has ended", track_id=ended)
    looped.controller.command_finished.emit(CommandResult(RejectName(ended, ADAM), Event("error"), refused))

    qtbot.waitUntil(lambda: looped.messages[-1] == f"This face is no longer named {ADAM}.")
