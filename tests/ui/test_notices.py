"""Notices over the video: failures, progress and recovery buttons."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from facecam.errors import AccessDeniedError, CameraError, CameraMissingError, FacecamError
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.window.notices import Notice, NoticeView
from facecam.ui.window.window import Window
from tests.session.conftest import Rig, ScriptedSource
from tests.ui.cameras import ConnectedCameras

MakeWindow = Callable[[SessionController], Window]
Opens = Callable[[float], ScriptedSource]


class Stage:
    """A window over sources whose behavior a test defines."""

    def __init__(self, qtbot: QtBot, folder: Path, make_window: MakeWindow) -> None:
        self.qtbot = qtbot
        self.rig = Rig(folder)
        self.opens: dict[str, Opens] = {}
        self.cameras = ConnectedCameras(folder)
        request = SessionRequest(("0",), Settings())
        self.controller = SessionController(self._create_session, request, camera_system=self.cameras.system)
        self.window = make_window(self.controller)

    def _create_session(self, request: SessionRequest) -> Session:
        return self.rig.session(*(self.opens[source] for source in request.sources))

    @property
    def notice(self) -> str:
        notice = self.window.notice_view.notice
        return "" if notice is None else " ".join((notice.title, *notice.lines))

    def press(self, text: str) -> None:
        """Press the notice's button with this text."""
        self.qtbot.waitUntil(lambda: any(button.isVisible() for button in self._buttons(text)))
        next(button for button in self._buttons(text) if button.isVisible()).click()

    @property
    def buttons(self) -> list[str]:
        """The texts of the notice's buttons."""
        notice = self.window.notice_view.notice
        return [] if notice is None else [text for text, _ in notice.buttons]

    def _buttons(self, text: str) -> list[QPushButton]:
        return [button for button in self.window.notice_view.findChildren(QPushButton) if button.text() == text]


@pytest.fixture
def stage(qtbot: QtBot, tmp_path: Path, make_window: MakeWindow):  # type: ignore[no-untyped-def]
    made = Stage(qtbot, tmp_path, make_window)
    yield made
    assert made.controller.stop()


def missing(_: float) -> ScriptedSource:
    raise CameraMissingError("camera 0 does not exist, and this machine has no other; plug one in, or try: facecam demo")


def busy(_: float) -> ScriptedSource:
    raise CameraError("camera 0 is used by zoom (process 7); close that first")


def test_a_missing_camera_is_stated_once_with_recovery_buttons_and_without_a_command(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = missing
    stage.controller.start()
    qtbot.waitUntil(lambda: "No camera found" in stage.notice)

    assert stage.notice.lower().count("no camera") == 1
    assert "facecam demo" not in stage.notice
    assert stage.window.messages.text == "", "the notice is not repeated in the message bar"
    assert {"Open a file…", "Demo without a camera"} <= set(stage.buttons)


@pytest.mark.skipif(os.name != "posix" or Path("/dev/video0").exists(), reason="a machine without a camera")
def test_the_real_error_of_a_missing_camera_is_stated_as_one_fact(
    qtbot: QtBot, make_window: MakeWindow, make_controller: Callable[..., SessionController], tmp_path: Path
) -> None:
    controller = make_controller("0")
    controller.camera_system = ConnectedCameras(tmp_path).system
    window = make_window(controller)
    controller.start()

    qtbot.waitUntil(lambda: window.notice_view.notice is not None and window.notice_view.notice.title == "No camera found")
    assert window.notice_view.notice is not None
    assert window.notice_view.notice.lines == ("Connect a camera. Its video then appears automatically.",)
    assert window.sources.picker.name == "No camera"


def test_a_camera_that_failed_is_tried_again_from_the_notice(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = busy
    stage.controller.start()
    qtbot.waitUntil(lambda: "used by zoom" in stage.notice)

    stage.opens["0"] = ScriptedSource
    stage.press("Try again")

    qtbot.waitUntil(lambda: bool(stage.controller.frames) and stage.notice == "")


def test_the_missing_camera_is_opened_when_it_is_connected(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = missing
    stage.controller.start()
    qtbot.waitUntil(lambda: "No camera found" in stage.notice)

    stage.opens["0"] = ScriptedSource
    stage.cameras.connect(0, "Webcam")

    qtbot.waitUntil(lambda: bool(stage.controller.frames) and stage.notice == "")


def test_the_only_camera_is_opened_in_place_of_the_missing_first_one(qtbot: QtBot, stage: Stage) -> None:
    stage.opens |= {"0": missing, "2": ScriptedSource}
    stage.controller.start()
    qtbot.waitUntil(lambda: "No camera found" in stage.notice)

    stage.cameras.connect(2, "Webcam")

    qtbot.waitUntil(lambda: bool(stage.controller.frames))
    assert stage.controller.request.sources == ("2",)


def test_another_camera_is_offered_by_its_name(qtbot: QtBot, stage: Stage) -> None:
    stage.opens |= {"0": busy, "2": ScriptedSource}
    stage.cameras.connect(0, "Webcam")
    stage.cameras.connect(2, "Microscope")
    stage.controller.start()

    stage.press("Use Microscope")

    qtbot.waitUntil(lambda: bool(stage.controller.frames))
    assert stage.controller.request.sources == ("2",)


def test_a_camera_that_this_user_may_not_open_is_explained_without_a_command(qtbot: QtBot, stage: Stage) -> None:
    def denied(_: float) -> ScriptedSource:
        raise AccessDeniedError("you may not open camera 0; join the group video: sudo usermod -aG video $USER")

    stage.opens["0"] = denied
    stage.controller.start()

    qtbot.waitUntil(lambda: "No access to the camera" in stage.notice)
    assert "sudo" not in stage.notice


def test_the_demo_can_be_opened_from_the_notice(qtbot: QtBot, stage: Stage) -> None:
    stage.opens |= {"0": missing, "demo": ScriptedSource}
    stage.controller.start()
    stage.press("Demo without a camera")

    qtbot.waitUntil(lambda: bool(stage.controller.frames))
    assert stage.controller.request.sources == ("demo",)


def test_a_lost_camera_shows_a_notice_while_it_reconnects(qtbot: QtBot, stage: Stage) -> None:
    opened: list[float] = []

    def open_once(started_at_s: float) -> ScriptedSource:
        opened.append(started_at_s)
        if len(opened) > 1:
            raise CameraError("camera 0 does not open")
        return ScriptedSource(started_at_s, source="camera 0", count=20)

    stage.opens["0"] = open_once
    stage.controller.start()
    qtbot.waitUntil(lambda: "The video was interrupted" in stage.notice)
    assert "camera 0" in stage.notice.lower()


def test_a_finished_video_keeps_its_last_frame_and_can_be_played_again(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = lambda started_at_s: ScriptedSource(started_at_s, live=False, count=10)
    with qtbot.waitSignal(stage.controller.ended):
        stage.controller.start()
    assert stage.notice == "The video has ended"
    assert stage.window.notice_view.notice is not None
    assert stage.window.notice_view.notice.at_bottom
    assert stage.controller.frames[0].index == 9
    with qtbot.waitSignal(stage.controller.ended):
        stage.press("Play again")
    assert stage.notice == "The video has ended"


@pytest.mark.parametrize(
    ("progress", "text"),
    [((10, 40), "Reading the photos"), (None, "Starting recognition")],
)
def test_startup_work_is_shown_over_the_video_with_its_progress(
    qtbot: QtBot, stage: Stage, progress: tuple[int, int] | None, text: str
) -> None:
    go_on = threading.Event()
    stage.opens["0"] = ScriptedSource
    create_session = stage._create_session

    def slow(request: SessionRequest) -> Session:
        session = create_session(request)
        opened = session._recognition_worker._open_recognizer

        def open_slowly(plan):  # type: ignore[no-untyped-def]
            session.gallery_progress = progress
            go_on.wait(60)
            return opened(plan)

        session._recognition_worker._open_recognizer = open_slowly
        return session

    stage.controller._create_session = slow
    stage.controller.start()
    try:
        view = stage.window.notice_view
        qtbot.waitUntil(lambda: text in stage.notice and view.notice is not None and view.notice.at_bottom)
        assert view.notice is not None
        assert view.notice.progress == (progress or (0, 0))
    finally:
        go_on.set()
    qtbot.waitUntil(lambda: stage.notice == "")


def test_a_gallery_that_is_embedded_for_another_network_is_shown_over_the_video(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = ScriptedSource
    stage.controller.start()
    qtbot.waitUntil(lambda: stage.controller.status.ready)
    session = stage.controller.session
    assert session is not None
    monitor = session._recognition_worker._gallery_monitor
    assert monitor is not None
    monitor._requested, monitor._progress = Settings(), (10, 40)
    view = stage.window.notice_view
    qtbot.waitUntil(lambda: "Reading the photos" in stage.notice and view.notice is not None and view.notice.at_bottom)
    assert view.notice is not None
    assert view.notice.progress == (10, 40)

    monitor.use(Settings())

    qtbot.waitUntil(lambda: stage.notice == "")


def test_a_recognition_error_is_shown_unchanged(qtbot: QtBot, stage: Stage) -> None:
    stage.opens["0"] = ScriptedSource
    create_session = stage._create_session

    def broken(request: SessionRequest) -> Session:
        session = create_session(request)

        def fail(plan: object) -> object:
            raise FacecamError("models/onet.safetensors is damaged; install facecam again")

        session._recognition_worker._open_recognizer = fail  # type: ignore[assignment]
        return session

    stage.controller._create_session = broken
    stage.controller.start()
    qtbot.waitUntil(lambda: "is damaged" in stage.notice)


def test_a_notice_that_changes_while_it_is_visible_grows_with_its_contents(qtbot: QtBot) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    around.resize(800, 600)
    view = NoticeView(around)
    around.show()
    view.show_notice(Notice("No video"))
    height = view.height()
    view.show_notice(Notice("No video", ("Plug in a camera.", "Cameras on this computer:"), None, (("Try again", print),)))

    assert view.height() >= view.sizeHint().height() > height
    assert all(label.isVisible() for label in view.findChildren(QLabel)[-3:])


@pytest.mark.parametrize(("width", "rows"), [(900, 1), (440, 2)])
def test_the_buttons_of_a_notice_stay_in_one_row_where_there_is_room(qtbot: QtBot, width: int, rows: int) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    around.resize(width, 600)
    view = NoticeView(around)
    around.show()
    texts = ("Try the camera again", "Choose another camera", "Open a video file", "Open the bundled demo")
    view.show_notice(Notice("No video", (), None, tuple((text, print) for text in texts)))

    assert len({button.y() for button in view.findChildren(QPushButton)}) == rows
