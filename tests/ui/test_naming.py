"""Naming, rejecting and undoing: the name field by keyboard, and corrections of a running session."""

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
from facecam.ui.people_panel import NameField
from facecam.ui.session_controller import SessionController
from facecam.ui.window.correction_controller import CorrectionController
from facecam.ui.window.message_bar import MessageButton
from tests.ui.leaks import count_objects, delete_closed
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
def window(qtbot: QtBot) -> QWidget:
    """A window with a focused line edit."""
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
def controller(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll_portraits(tmp_path / "gallery", EILEEN)
    made = portraits_controller(tmp_path, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def both(qapp: QApplication, tmp_path: Path) -> Iterator[SessionController]:
    enroll_portraits(tmp_path / "gallery", EILEEN)
    made = portraits_controller(tmp_path, EILEEN, GRACE)
    yield made
    assert made.stop()


@pytest.fixture
def opened(window: QWidget, controller: SessionController, tmp_path: Path) -> Iterator[NameField]:
    """The name field for unknown Grace Hopper; Eileen Collins is enrolled."""
    stream = PortraitStream(tmp_path / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)
        opened = NameField(controller, controller.visitor_tracker.visitors[0], window)
        opened.open_at(window.mapToGlobal(QPoint(590, 390)))
        yield opened


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


def test_the_field_is_inside_the_window_and_focused(opened: NameField, window: QWidget) -> None:
    assert window.rect().contains(opened.geometry())
    assert opened.edit.hasFocus()


def test_enter_accepts_a_name_but_not_an_empty_one(opened: NameField, qtbot: QtBot) -> None:
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
def test_canceling_names_nobody_and_restores_the_focus(opened: NameField, window: QWidget, qtbot: QtBot, how: str) -> None:
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

    qtbot.waitUntil(lambda: not window.findChildren(NameField))
    assert elsewhere.hasFocus()
    assert names == []


def test_tab_stays_in_the_field(opened: NameField, qtbot: QtBot) -> None:
    opened.edit.setText("Ann")
    for _ in range(3):
        qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Tab)

    assert opened.edit.hasFocus()


def test_enrolled_names_are_completed_from_any_part(opened: NameField, qtbot: QtBot) -> None:
    completer = opened.edit.completer()
    assert completer is not None

    completer.setCompletionPrefix("coll")

    assert completer.currentCompletion() == EILEEN


def test_fields_opened_and_closed_leak_nothing(
    window: QWidget, controller: SessionController, tmp_path: Path, qtbot: QtBot
) -> None:
    stream = PortraitStream(tmp_path / "gallery", GRACE)
    with stream.recognizer:
        stream.show(controller)

    def ask(times: int) -> None:
        for _ in range(times):
            field = NameField(controller, controller.visitor_tracker.visitors[0], window)
            field.open_at(window.mapToGlobal(QPoint(10, 10)))
            field.close()
            del field
            delete_closed(qtbot)

    ask(3)
    before = count_objects()
    ask(10)

    assert count_objects() == before


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
    CorrectionController.for_controller(both).assign_name(visitor_named(both, qtbot, EILEEN), "Ann")

    text, buttons = messages.next()
    assert text == f"This looks like {EILEEN}, who is already enrolled. Is it really Ann, a different person?"
    assert list(buttons) == ["Yes, this is Ann", f"No, it is {EILEEN}"]
    assert people(tmp_path / "gallery") == [EILEEN]

    buttons["Yes, this is Ann"]()
    assert messages.next()[0] == "Named: Ann"
    assert people(tmp_path / "gallery") == ["Ann", EILEEN]


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

    CorrectionController.for_controller(controller).assign_name(visitor, GRACE)

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
