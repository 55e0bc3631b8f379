"""The playback bar of files: position, seek by mouse and keyboard, next frame and loop."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from facecam.logbook.reader import read_log
from facecam.ui.session_controller import SessionController
from facecam.ui.video.playback_bar import position_text
from facecam.ui.window.window import Window
from tests.ui.fakes import idle_controller


@pytest.fixture
def playing(qtbot: QtBot, window: Window) -> Window:
    """The window while the demo plays."""
    qtbot.waitUntil(window.playback.isVisible)
    qtbot.waitUntil(lambda: window.controller.session is not None and window.controller.session.status().recognized > 3)
    return window


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (65_900, "1:05"), (3_723_000, "1:02:03")])
def test_positions_are_minutes_and_seconds(ms: float, text: str) -> None:
    assert position_text(ms) == text


def test_a_click_moves_the_video_and_the_log_names_it(qtbot: QtBot, playing: Window) -> None:
    controller, slider = playing.controller, playing.playback.slider
    QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() * 3 // 4, slider.height() // 2))
    qtbot.waitUntil(lambda: controller.position_ms > 8000)
    assert playing.playback.time.text().endswith(" / 0:12")

    qtbot.waitUntil(lambda: bool(controller.results) and controller.results[0][0].t_ms > 8000)
    controller.finish()
    qtbot.waitUntil(lambda: not controller.has_session)
    assert controller.log_path is not None
    log = read_log(controller.log_path)
    (sought,) = log[log.event_code == "seeked"].message
    assert 8 < float(sought.removeprefix("seek: to ").removesuffix(" s")) < 10


def test_the_focused_bar_moves_by_keys_and_the_window_by_shortcuts(qtbot: QtBot, playing: Window) -> None:
    controller = playing.controller
    playing.playback.slider.setFocus()
    QTest.keyClick(playing.playback.slider, Qt.Key.Key_Space)
    assert controller.is_paused
    QTest.keyClick(playing.playback.slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: controller.position_ms == 0)
    qtbot.waitUntil(lambda: playing.playback.slider.value() == 0)
    QTest.keyClick(playing.playback.slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: controller.position_ms == 5000)
    playing.app_actions["seek_ahead"].trigger()
    qtbot.waitUntil(lambda: controller.position_ms == 10_000)
    playing.app_actions["seek_back"].trigger()
    qtbot.waitUntil(lambda: controller.position_ms == 5000)


def test_the_next_frame_pauses_first_and_then_shows_one_frame_with_its_faces(qtbot: QtBot, playing: Window) -> None:
    controller = playing.controller
    playing.app_actions["step"].trigger()
    assert controller.is_paused
    assert playing.app_actions["pause"].isChecked()
    controller.seek(2000.0)
    qtbot.waitUntil(lambda: controller.position_ms == 2000)
    playing.app_actions["step"].trigger()
    qtbot.waitUntil(lambda: controller.position_ms > 2000)

    assert controller.position_ms == pytest.approx(2033.3, abs=0.1)
    qtbot.waitUntil(lambda: controller.results[0][0] is controller.frames[0])
    assert controller.results[0][1].sightings


def test_a_looped_file_does_not_end(qtbot: QtBot, playing: Window) -> None:
    controller = playing.controller
    playing.app_actions["loop"].setChecked(True)
    controller.seek(11_800.0)
    qtbot.waitUntil(lambda: controller.position_ms > 11_000)
    qtbot.waitUntil(lambda: controller.position_ms < 5000)
    assert controller.has_session

    playing.app_actions["loop"].setChecked(False)
    with qtbot.waitSignal(controller.ended):
        controller.seek(11_900.0)
    qtbot.waitUntil(lambda: not playing.playback.slider.isEnabled())


def test_a_loop_that_is_switched_on_after_the_end_plays_the_file_again(qtbot: QtBot, playing: Window) -> None:
    controller = playing.controller
    with qtbot.waitSignal(controller.ended):
        controller.seek(11_900.0)

    with qtbot.waitSignal(controller.started):
        playing.app_actions["loop"].trigger()
    playing.app_actions["loop"].trigger()
    assert controller.has_session


def test_the_button_for_pause_plays_a_file_again_that_has_ended(qtbot: QtBot, playing: Window) -> None:
    controller, pause = playing.controller, playing.app_actions["pause"]
    with qtbot.waitSignal(controller.ended):
        controller.seek(11_900.0)
    assert pause.isChecked()
    assert not controller.is_paused
    assert not playing.app_actions["step"].isEnabled()

    with qtbot.waitSignal(controller.started):
        pause.trigger()

    assert not pause.isChecked()
    qtbot.waitUntil(lambda: 0 < controller.position_ms < 11_000)
    qtbot.waitUntil(playing.app_actions["step"].isEnabled)


def test_without_a_file_there_is_no_bar(qapp: object, make_window) -> None:  # type: ignore[no-untyped-def]
    controller: SessionController = idle_controller()
    window = make_window(controller)

    assert not window.playback.isVisible()
    assert not window.app_actions["step"].isEnabled()


def test_video_only_hides_the_bar(qtbot: QtBot, playing: Window) -> None:
    playing.app_actions["bare"].trigger()
    assert not playing.playback.isVisible()
    playing.app_actions["bare"].trigger()
    assert playing.playback.isVisible()
