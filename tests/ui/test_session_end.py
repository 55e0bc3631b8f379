"""The end of a session in the window: who was present, the report and the log folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from facecam.capture.demo import demo_image
from facecam.capture.source import open_source
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session
from facecam.session.visitors import VisitorSummary
from facecam.settings import Settings
from facecam.types import DecisionStatus
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.window.session_end import visitor_lines
from facecam.ui.window.window import Window
from tests.session.conftest import Rig, ScriptedSource
from tests.session.test_visitors import UNKNOWN, Room, named, sighting


def visitor(name: str | None, seconds: float, visits: int = 1) -> VisitorSummary:
    room = Room()
    room.update(0.0, sighting(1, named(name) if name else UNKNOWN))
    (seen,) = room.update(2.0, sighting(1, named(name) if name else UNKNOWN))
    return dataclasses.replace(seen, first_seen_s=0.0, last_seen_s=seconds, visits=visits)


def test_people_are_listed_with_their_time_the_longest_first_and_unknown_faces_together() -> None:
    visitors = [visitor("Ann", 12.4), visitor("Bob", 185.0, 2), visitor(None, 5.0), visitor(None, 6.0)]

    assert visitor_lines(visitors) == ("Bob: 3 min 5 s in 2 visits", "Ann: 12 s", "Unknown visitors (2): 11 s")


def test_who_is_perhaps_enrolled_is_not_counted_as_unknown() -> None:
    unsure = named("Ann", "near_threshold", DecisionStatus.UNSURE)
    seen = visitor(None, 5.0)
    perhaps = dataclasses.replace(seen, decision=unsure, last_seen_s=3.0, number=None)

    assert visitor_lines([perhaps, seen]) == ("Possibly enrolled (1): 3 s", "Unknown visitors (1): 5 s")


def test_a_person_named_twice_in_a_session_has_one_line() -> None:
    assert visitor_lines([visitor("Ann", 10.0), visitor("Ann", 20.0)]) == ("Ann: 30 s in 2 visits",)


def test_of_many_people_the_longest_are_listed() -> None:
    lines = visitor_lines([visitor(f"Person {number}", 60.0 - number) for number in range(8)])

    assert len(lines) == 6
    assert lines[0] == "Person 0: 1 min 0 s"
    assert lines[-1] == "and 3 more"


def test_without_visitors_the_notice_says_so() -> None:
    assert visitor_lines([]) == ("No one was present.",)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files and folders that the desktop was asked to open."""
    paths: list[Path] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: paths.append(Path(QUrl.toLocalFile(url))))
    return paths


def press(qtbot: QtBot, window: Window, text: str) -> None:
    def button() -> QPushButton | None:
        found = window.notice_view.findChildren(QPushButton)
        return next((each for each in found if each.text() == text and each.isVisible()), None)

    qtbot.waitUntil(lambda: button() is not None)
    button().click()  # type: ignore[union-attr]


def test_after_a_session_the_window_names_the_people_and_opens_report_and_log_folder(
    qtbot: QtBot, controller: SessionController, window: Window, opened: list[Path], tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: any(each.name == "Eileen Collins" for each in controller.visitor_tracker.visitors))

    window.app_actions["end"].trigger()

    qtbot.waitUntil(lambda: window.notice_view.notice is not None)
    assert window.notice_view.notice is not None
    assert window.notice_view.notice.title == "The session has ended", "the video has not: it was cut short"
    assert window.notice_view.notice.lines[0].startswith("Eileen Collins: ")
    assert controller.frames, "the last image stays"
    assert controller.log_path is not None
    press(qtbot, window, "Open log folder")
    assert opened == [controller.log_path.parent]

    press(qtbot, window, "Open report")
    qtbot.waitUntil(lambda: len(opened) == 2)
    assert opened[1].parent == tmp_path / "Documents" / "facecam"
    assert "Eileen Collins" in opened[1].read_text(encoding="utf-8")
    assert str(opened[1]) in window.toast.text
    toast, notice = (QRect(part.mapToGlobal(QPoint(0, 0)), part.size()) for part in (window.toast, window.notice_view))
    assert not toast.intersects(notice), "the buttons below the message can be pressed"

    press(qtbot, window, "Play again")
    qtbot.waitUntil(lambda: controller.has_session and window.notice_view.notice is None)


def test_a_camera_session_that_was_ended_can_be_started_again(
    qtbot: QtBot, tmp_path: Path, make_window: Callable[[SessionController], Window]
) -> None:
    rig = Rig(tmp_path)
    controller = SessionController(lambda request: rig.session(ScriptedSource), SessionRequest(("0",), Settings()))
    window = make_window(controller)
    controller.start()
    qtbot.waitUntil(lambda: bool(controller.frames))
    with qtbot.waitSignal(controller.ended):
        controller.finish()
    assert not controller.has_session
    assert window.notice_view.notice is not None
    assert window.notice_view.notice.title == "The session has ended"

    press(qtbot, window, "Start again")
    qtbot.waitUntil(lambda: controller.has_session and bool(controller.frames))
    assert controller.stop()


def test_the_end_of_an_image_is_the_end_of_the_session_and_of_no_video(
    qtbot: QtBot, tmp_path: Path, make_window: Callable[[SessionController], Window]
) -> None:
    image = demo_image("grace_hopper")

    def create_session(request: SessionRequest) -> Session:
        sources = (SourceConfig(str(image), lambda _: open_source(str(image), request.settings.capture, started_at_s=0.0)),)
        return Session(SessionConfig(request.settings, sources, tmp_path / "gallery"))

    controller = SessionController(create_session, SessionRequest((str(image),), Settings()))
    window = make_window(controller)
    with qtbot.waitSignal(controller.ended):
        controller.start()

    assert window.notice_view.notice is not None
    assert window.notice_view.notice.title == "The session has ended"
    assert controller.stop()


def test_a_request_while_a_session_ends_is_started(qtbot: QtBot, tmp_path: Path, qapp: object) -> None:
    rig = Rig(tmp_path)
    controller = SessionController(lambda request: rig.session(ScriptedSource), SessionRequest(("0",), Settings()))
    controller.start()
    qtbot.waitUntil(lambda: bool(controller.frames))
    controller.finish()
    controller.start()
    qtbot.waitUntil(lambda: bool(controller.frames))

    assert len(rig.sessions) == 2
    assert controller.stop()
