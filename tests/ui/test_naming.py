"""Naming, rejecting and undoing: corrections of a running session."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.enrollment.corrections import AssignName
from facecam.enrollment.enroll import NOTHING_KEPT
from facecam.errors import EnrollmentRefusedError
from facecam.gallery.service import GalleryService
from facecam.session.status import CommandResult
from facecam.session.visitors import VisitorSummary
from facecam.types import DecisionStatus, Event
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.message_bar import MessageButton
from tests.ui.portraits import (
    EILEEN,
    GRACE,
    PortraitStream,
    demo_controller,
    enroll_portraits,
    portraits_controller,
    tracks_by_name,
)

DEMO_MS = 180_000


@dataclass
class Messages:
    """Messages posted by the corrections."""

    controller: SessionController
    qtbot: QtBot
    posted: list[tuple[str, tuple[MessageButton, ...]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        corrections = CorrectionController.for_controller(self.controller)
        for posted in (corrections.message_posted, corrections.question_asked):
            posted.connect(lambda text, buttons: self.posted.append((text, buttons)))

    def next(self) -> tuple[str, dict[str, Callable[[], object]]]:
        """Return the next sentence and its buttons."""
        self.qtbot.waitUntil(lambda: bool(self.posted))
        text, buttons = self.posted.pop(0)
        return text, dict(buttons)


@pytest.fixture
def controller(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll_portraits(tmp_path / "gallery", EILEEN)
    made = portraits_controller(tmp_path, GRACE)
    yield made
    assert made.stop()
    made.deleteLater()


@pytest.fixture
def both(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll_portraits(tmp_path / "gallery", EILEEN)
    made = portraits_controller(tmp_path, EILEEN, GRACE)
    yield made
    assert made.stop()
    made.deleteLater()


def known(controller: SessionController, name: str) -> Callable[[], bool]:
    return lambda: name in tracks_by_name(controller)


def visitor_named(controller: SessionController, qtbot: QtBot, name: str | None) -> VisitorSummary:
    """Wait for a present, decided visitor; None is the stranger."""
    qtbot.waitUntil(lambda: name in tracks_by_name(controller))
    visitor = controller.visitor_tracker.visitor_of(tracks_by_name(controller)[name])
    assert visitor is not None
    return visitor


def people(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_naming_a_stranger_enrolls_them_and_can_be_undone(controller: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    messages = Messages(controller, qtbot)
    controller.start()
    stranger = visitor_named(controller, qtbot, None)

    CorrectionController.for_controller(controller).assign_name(stranger, GRACE)
    text, buttons = messages.next()
    assert (text, list(buttons)) == (f"Named: {GRACE}", ["Undo"])
    qtbot.waitUntil(known(controller, GRACE))
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]
    assert [visitor.track_ids for visitor in controller.visitor_tracker.visitors] == [stranger.track_ids]

    buttons["Undo"]()
    text, buttons = messages.next()
    assert (text, list(buttons)) == (f"Undone: named {GRACE}.", ["Redo"])
    qtbot.waitUntil(known(controller, None))  # type: ignore[arg-type]
    assert people(tmp_path / "gallery") == [EILEEN]
    assert [(visitor.name, visitor.number) for visitor in controller.visitor_tracker.visitors] == [(None, 1)]

    buttons["Redo"]()
    text, buttons = messages.next()
    assert (text, list(buttons)) == (f"Redone: named {GRACE}.", ["Undo"])
    qtbot.waitUntil(known(controller, GRACE))
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]


def test_rejecting_a_name_applies_at_once_and_can_be_undone(both: SessionController, qtbot: QtBot) -> None:
    messages = Messages(both, qtbot)
    both.start()
    eileen = visitor_named(both, qtbot, EILEEN)

    CorrectionController.for_controller(both).reject_name(eileen, EILEEN)
    text, buttons = messages.next()
    assert text == f"This face is no longer named {EILEEN}."
    qtbot.waitUntil(lambda: EILEEN not in tracks_by_name(both))

    buttons["Undo"]()
    messages.next()
    qtbot.waitUntil(known(both, EILEEN))


def test_a_name_that_conflicts_with_an_enrolled_person_needs_confirmation(
    both: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    messages = Messages(both, qtbot)
    both.start()
    CorrectionController.for_controller(both).assign_name(visitor_named(both, qtbot, EILEEN), "Ann", consent="agreed")

    text, buttons = messages.next()
    assert text == f"This looks like {EILEEN}, who is already enrolled. Is it really Ann, a different person?"
    assert list(buttons) == ["Yes, this is Ann", f"No, it is {EILEEN}"]
    assert people(tmp_path / "gallery") == [EILEEN]

    buttons["Yes, this is Ann"]()
    assert messages.next()[0] == "Named: Ann"
    assert people(tmp_path / "gallery") == ["Ann", EILEEN]
    assert GalleryService(tmp_path / "gallery").person("Ann").consent == "agreed"


def test_the_answer_to_a_question_does_not_enroll_somebody_who_was_removed_meanwhile(
    both: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    messages = Messages(both, qtbot)
    both.start()
    corrections = CorrectionController.for_controller(both)
    corrections.assign_name(visitor_named(both, qtbot, EILEEN), "Ann", consent="agreed")
    _, buttons = messages.next()
    GalleryService(tmp_path / "gallery").remove_person(EILEEN)
    qtbot.waitUntil(lambda: both.gallery is not None and not both.gallery.people)

    buttons[f"No, it is {EILEEN}"]()

    assert messages.next()[0] == f"{EILEEN} was removed from the gallery. Nothing was changed."
    assert people(tmp_path / "gallery") == []


def test_a_stranger_who_left_is_enrolled_from_the_portrait(controller: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    messages = Messages(controller, qtbot)
    controller.start()
    visitor_named(controller, qtbot, None)
    qtbot.waitUntil(lambda: controller.visitor_tracker.visitors[0].portrait.score > 0)
    # The camera still shows her, but her visit has ended, so only the portrait is left.
    controller.visitor_tracker.end()
    past = next(visitor for visitor in controller.visitor_tracker.visitors if not visitor.is_present)

    CorrectionController.for_controller(controller).assign_name(past, GRACE)
    text, buttons = messages.next()
    assert text == f"Named: {GRACE}"
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]
    assert len(list((tmp_path / "gallery" / GRACE).glob("*.jpg"))) == 1
    qtbot.waitUntil(known(controller, GRACE))
    assert [visitor.name for visitor in controller.visitor_tracker.visitors] == [GRACE]

    buttons["Undo"]()
    messages.next()
    assert people(tmp_path / "gallery") == [EILEEN]


def test_a_face_that_leaves_while_its_name_is_typed_is_enrolled_from_the_portrait(
    controller: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    stream = PortraitStream(tmp_path / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)
    messages = Messages(controller, qtbot)
    controller.start()
    frame, result = stream.results[-1]
    seen = result.sightings[0]
    there = replace(seen, track_decision=replace(seen.track_decision, track_id=999))
    controller.visitor_tracker.update(0, replace(frame, captured_at_s=time.monotonic()), replace(result, sightings=(there,)))
    visitor = controller.visitor_tracker.visitor_of(999)
    assert visitor is not None
    assert visitor.is_present

    CorrectionController.for_controller(controller).assign_name(visitor, GRACE, consent="agreed")

    assert messages.next()[0] == f"Named: {GRACE}"
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]
    assert GalleryService(tmp_path / "gallery").person(GRACE).consent == "agreed"


def test_a_stranger_who_left_is_no_longer_unknown_when_enrolled_elsewhere(
    controller: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    controller.start()
    visitor_named(controller, qtbot, None)
    controller.pause(True)
    controller.visitor_tracker.end()
    assert [visitor.name for visitor in controller.visitor_tracker.visitors] == [None]

    enroll_portraits(tmp_path / "gallery", GRACE)

    qtbot.waitUntil(lambda: [visitor.name for visitor in controller.visitor_tracker.visitors] == [GRACE])
    shutil.rmtree(tmp_path / "gallery" / GRACE)
    qtbot.waitUntil(lambda: [visitor.number for visitor in controller.visitor_tracker.visitors] == [1])


def test_a_visitor_without_a_good_image_now_is_enrolled_from_earlier_portraits(
    controller: SessionController, qtbot: QtBot, tmp_path: Path
) -> None:
    messages = Messages(controller, qtbot)
    controller.start()
    stranger = visitor_named(controller, qtbot, None)
    qtbot.waitUntil(lambda: controller.visitor_tracker.visitors[0].portrait.score > 0)
    refused = EnrollmentRefusedError("nothing was enrolled for {name}", NOTHING_KEPT, name=GRACE)

    controller.command_finished.emit(CommandResult(AssignName(stranger.last_track_id, GRACE), Event("error"), refused))

    assert messages.next()[0] == f"Named: {GRACE}"
    assert people(tmp_path / "gallery") == [EILEEN, GRACE]


def test_refused_corrections_are_explained(controller: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    stream = PortraitStream(tmp_path / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)
        stream.pass_time(controller, 60)
    past = controller.visitor_tracker.visitors[0]
    messages = Messages(controller, qtbot)
    controller.start()

    CorrectionController.for_controller(controller).reject_name(past, EILEEN)
    assert messages.next() == ("The face is no longer visible. Nothing was changed.", {})
    CorrectionController.for_controller(controller).undo()
    assert messages.next() == ("There is nothing to undo.", {})


def test_corrections_after_the_end_are_refused(controller: SessionController, qtbot: QtBot, tmp_path: Path) -> None:
    stream = PortraitStream(tmp_path / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)
    messages = Messages(controller, qtbot)

    CorrectionController.for_controller(controller).assign_name(controller.visitor_tracker.visitors[0], GRACE)

    assert messages.next() == ("The session has ended. Open a camera or a video first.", {})
    assert people(tmp_path / "gallery") == [EILEEN]


@pytest.fixture
def demo(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll_portraits(tmp_path / "gallery", EILEEN)
    made = demo_controller(tmp_path)
    yield made
    assert made.stop()
    made.deleteLater()


def test_a_name_given_in_the_demo_persists(demo: SessionController, qtbot: QtBot) -> None:
    messages = Messages(demo, qtbot)
    with qtbot.waitSignal(demo.ended, timeout=DEMO_MS):
        demo.start()
        visitor = visitor_named(demo, qtbot, None)
        demo.pause(True)  # otherwise a slow machine reaches the end of the video first
        CorrectionController.for_controller(demo).assign_name(visitor, GRACE)
        assert messages.next()[0] == f"Named: {GRACE}"
        demo.pause(False)

    visitors = {visitor.name: visitor for visitor in demo.visitor_tracker.visitors}
    assert {EILEEN, GRACE} <= set(visitors)
    assert {visitors[EILEEN].status, visitors[GRACE].status} == {DecisionStatus.KNOWN}
