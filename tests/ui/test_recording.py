"""Recording the view: badge, result message and covered strangers; snapshots after a countdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from facecam.imageio import read_image
from facecam.session.session import Session
from facecam.settings import Settings
from facecam.ui.appearance import install_translators
from facecam.ui.session_controller import SessionController, SessionRequest
from facecam.ui.window.pages import PEOPLE
from facecam.ui.window.recording import RecordingBadge
from facecam.ui.window.window import Window
from tests.session.conftest import Rig, ScriptedSource
from tests.session.video_files import frames_in, small_disk


@pytest.fixture
def window(tmp_path: Path, make_window: Callable[[SessionController], Window]):  # type: ignore[no-untyped-def]
    """A window on a running camera."""
    rig = Rig(tmp_path)

    def create_session(request: SessionRequest) -> Session:
        return rig.session(ScriptedSource)

    controller = SessionController(create_session, SessionRequest(("0",), Settings()))
    window = make_window(controller)
    controller.start()
    yield window
    assert controller.stop()


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "disk", "2m")


def wait_for_frames(qtbot: QtBot, window: Window, count: int) -> None:
    """Wait until so many further frames are recognized; they are recorded before."""
    for _ in range(count):
        with qtbot.waitSignal(window.controller.recognized):
            pass


def test_one_action_starts_and_finishes_a_recording(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["record"].trigger()
    badge = window.findChild(RecordingBadge)
    assert badge.isVisible()
    assert window.app_actions["record"].isChecked()
    wait_for_frames(qtbot, window, 8)
    with qtbot.waitSignal(window.recorder.saved) as saved:
        window.app_actions["record"].trigger()

    assert not badge.isVisible()
    assert not window.app_actions["record"].isChecked()
    assert saved.args[0].parent == tmp_path / "Videos" / "facecam"
    assert frames_in(saved.args[0]) > 5
    assert str(saved.args[0]) in window.toast.text


def test_a_recording_in_a_pause_counts_no_time_and_says_that_nothing_was_recorded(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["pause"].trigger()
    qtbot.wait(500)  # for the frame that is being recognized
    window.app_actions["record"].trigger()
    badge = window.findChild(RecordingBadge)
    qtbot.wait(1500)
    assert badge.text().endswith("00:00")
    with qtbot.waitSignal(window.recorder.failed) as failed:
        window.app_actions["record"].trigger()

    assert failed.args[0].startswith("Nothing was recorded")
    assert "Nothing was recorded" in window.toast.text
    assert not window.app_actions["record"].isChecked()
    assert list((tmp_path / "Videos" / "facecam").iterdir()) == []


def test_recordings_in_quick_succession_are_all_playable(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    for _ in range(10):
        window.app_actions["record"].trigger()
        wait_for_frames(qtbot, window, 2)
        window.app_actions["record"].trigger()
    with qtbot.waitSignal(window.recorder.saved):
        pass

    videos = list((tmp_path / "Videos" / "facecam").iterdir())
    assert len(videos) > 5
    assert all(frames_in(video) for video in videos)
    assert not window.app_actions["record"].isChecked()
    assert window.recorder.fault == ""


def test_an_unwritable_folder_shows_an_error(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    (tmp_path / "Videos" / "facecam").write_text("no folder")
    window.app_actions["record"].trigger()

    qtbot.waitUntil(lambda: "cannot be created" in window.toast.text)
    assert not window.app_actions["record"].isChecked()


def test_switching_cameras_finishes_the_recording(qtbot: QtBot, window: Window) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["record"].trigger()
    wait_for_frames(qtbot, window, 2)
    with qtbot.waitSignal(window.recorder.saved):
        window.controller.open("1")
    assert not window.app_actions["record"].isChecked()


def test_the_view_options_apply_to_recordings_of_the_next_session(qtbot: QtBot, window: Window) -> None:
    for name in ("cover", "figures", "mirror", "bare"):
        window.app_actions[name].trigger()
    assert window.controller.session is not None
    with qtbot.waitSignal(window.controller.started):
        window.controller.open("1")

    view = window.controller.session.recording.view_of(0)
    assert (view.covers_strangers, view.annotated, view.smoothed) == (True, False, True)
    assert not view.mirrored, "cameras are mirrored until the action is used"
    assert view.texts.distance
    window.app_actions["mirror"].trigger()
    window.app_actions["figures"].trigger()
    view = window.controller.session.recording.view_of(0)
    assert view.mirrored
    assert not view.texts.distance


def test_a_recording_has_the_language_of_the_window(qapp: QApplication, qtbot: QtBot, window: Window) -> None:
    install_translators(qapp, QLocale("de"))
    try:
        window.video.show_figures(True)
        assert window.controller.session is not None
        view = window.controller.session.recording.view_of(0)
    finally:
        install_translators(qapp, QLocale("en"))

    assert view.texts.unknown == "Unbekannt"
    assert view.texts.distance.startswith("Abstand")


def test_a_full_disk_is_shown_until_the_next_recording(qtbot: QtBot, window: Window, disk: Path, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    (tmp_path / "Videos").rename(tmp_path / "other")
    (tmp_path / "Videos").symlink_to(disk)
    with qtbot.waitSignal(window.recorder.failed):
        window.app_actions["record"].trigger()

    assert "nearly full" in window.toast.text
    assert window.messages.isVisible()
    assert "nearly full" in window.messages.text
    assert not window.app_actions["record"].isChecked()
    assert window.controller.is_running
    (tmp_path / "Videos").unlink()
    window.app_actions["record"].trigger()
    qtbot.waitUntil(lambda: not window.messages.isVisible())
    wait_for_frames(qtbot, window, 2)
    with qtbot.waitSignal(window.recorder.saved):
        window.app_actions["record"].trigger()


def seconds_shown(window: Window) -> str:
    return window.countdown.text() if window.countdown.isVisible() else ""


def test_a_snapshot_is_saved_after_a_countdown_that_it_does_not_contain(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    plain = window.video.snapshot()
    shown = []
    window.app_actions["snapshot_later"].trigger()

    def is_saved() -> bool:
        shown.append(seconds_shown(window))
        return any((tmp_path / "Pictures").rglob("*.png"))

    qtbot.waitUntil(is_saved)

    assert plain is not None
    assert list(dict.fromkeys(shown))[:3] == ["3", "2", "1"]
    assert not window.countdown.isVisible()
    (path,) = (tmp_path / "Pictures").rglob("*.png")
    assert read_image(path).shape[:2] == (plain.height(), plain.width())


@pytest.mark.parametrize("place", ["video", "people", "text field"])
def test_escape_cancels_the_countdown_wherever_the_focus_is(qtbot: QtBot, window: Window, tmp_path: Path, place: str) -> None:
    qtbot.waitUntil(lambda: bool(window.controller.results))
    window.app_actions["open_address"].trigger()
    widgets = {"video": window.video, "people": window.pages.get_or_create(PEOPLE), "text field": window.address.field}
    widgets[place].setFocus()
    window.app_actions["snapshot_later"].trigger()
    finished = []
    window.countdown.finished.connect(lambda: finished.append(True))

    qtbot.keyClick(widgets[place], Qt.Key.Key_Escape)

    assert not window.countdown.isVisible()
    assert not window.countdown.is_running
    assert finished == []
    assert window.address.isVisible(), "Escape closes nothing else"
