"""Heatmaps over faces and objects in the window, in snapshots and in recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from facecam.settings import Mode
from facecam.types import DecisionStatus
from facecam.ui.session_controller import SessionController
from facecam.ui.window.window import Window
from tests.session.test_recording_sink import frames_in

PATIENCE_MS = 120_000


def pixels(image: QImage) -> np.ndarray:
    """Return the pixels (height, width, 3), BGR."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), :3].astype(int)


def snapshot(window: Window) -> np.ndarray:
    image = window.video.snapshot()
    assert image is not None
    return pixels(image)


def subjects(window: Window) -> list[str]:
    """Return the subjects of the visible heatmaps."""
    _, result = window.controller.results.get(0, (None, None))
    return [] if result is None else [found.subject for found, _ in window.heatmaps.heatmaps_for(0, result)]


def pause_on_known_face(qtbot: QtBot, window: Window) -> None:
    """Pause the demo on a frame with Eileen Collins; on a slow machine the paused frame may already be another person's."""
    controller = window.controller

    def is_known() -> bool:
        _, result = controller.results.get(0, (None, None))
        return result is not None and [s.track_decision.decision.status for s in result.sightings] == [DecisionStatus.KNOWN]

    while True:
        qtbot.waitUntil(is_known, timeout=PATIENCE_MS)
        controller.pause(True)
        qtbot.waitUntil(lambda: controller.results[0][0] is controller.frames[0])
        qtbot.wait(200)
        if is_known() and controller.results[0][0] is controller.frames[0]:
            return
        controller.open("demo")


def show_heatmap(qtbot: QtBot, window: Window) -> None:
    """Switch heatmaps on and wait until the paused frame has one."""
    pause_on_known_face(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert "similar to the photo" in window.toast.text
    qtbot.waitUntil(lambda: not window.heatmaps.is_loading and subjects(window) == ["Eileen Collins"], timeout=PATIENCE_MS)


def test_a_key_toggles_the_heatmap_on_the_face(qtbot: QtBot, window: Window) -> None:
    show_heatmap(qtbot, window)
    assert window.app_actions["heat"].isChecked()
    assert not window.status.heatmap.isHidden()
    box = window.controller.results[0][1].sightings[0].face.box
    with_heatmap = snapshot(window)
    shown = pixels(window.video.grab().toImage())

    qtbot.keyClick(window, Qt.Key.Key_X)
    assert window.status.heatmap.isHidden()
    plain = snapshot(window)
    assert (pixels(window.video.grab().toImage()) != shown).any(), "the window showed the heatmap"

    changed = np.argwhere(np.abs(plain - with_heatmap).max(axis=2) > 30)
    assert len(changed) > 500
    inside = (changed[:, 1] > box.x - box.w / 2) & (changed[:, 1] < box.x + 1.5 * box.w)
    assert inside.all(), "only the face has a heatmap"


def test_a_mirrored_video_has_its_heatmap_on_the_face(qtbot: QtBot, window: Window) -> None:
    window.resize(900, 700)
    show_heatmap(qtbot, window)

    def both_ways() -> list[np.ndarray]:
        """Return the view unmirrored and mirrored."""
        views = []
        for mirrored in (False, True):
            window.video.is_mirrored = lambda slot, mirrored=mirrored: mirrored
            views.append(pixels(window.video.grab().toImage()))
        return views

    with_heatmap = both_ways()
    window.app_actions["heat"].trigger()
    plain = both_ways()

    fit = dict(window.video.tiles())[0].fit
    assert fit is not None
    middle = 2 * fit.rect.x() + fit.rect.width()
    x, mirrored_x = (np.argwhere(np.abs(a - b).max(axis=2) > 40)[:, 1].mean() for a, b in zip(with_heatmap, plain, strict=True))
    assert x == pytest.approx(middle - mirrored_x, abs=8)


def test_recordings_contain_the_heatmap(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    pause_on_known_face(qtbot, window)
    window.app_actions["heat"].trigger()
    qtbot.waitUntil(lambda: bool(subjects(window)), timeout=PATIENCE_MS)
    frame, result = window.controller.results[0]
    bgr = frame.bgr.copy()
    assert window.controller.session is not None
    window.controller.session.recording.start(tmp_path / "recording.mp4")
    window.controller.session.recording(frame, result, 0)
    window.controller.session.recording.stop()
    window.heatmaps.draw_heatmaps(bgr, result, 0)

    assert frames_in(tmp_path / "recording.mp4") == 1
    import cv2

    video = cv2.VideoCapture(str(tmp_path / "recording.mp4"))
    _, recorded = video.read()
    video.release()
    in_heatmap = np.abs(bgr.astype(int) - frame.bgr).max(axis=2) > 60
    distances = [np.abs(recorded.astype(int) - other)[in_heatmap].mean() for other in (bgr, frame.bgr)]
    assert distances[0] < distances[1] / 2


def test_objects_have_heatmaps_in_objects_mode(
    qtbot: QtBot, make_controller: Callable[..., SessionController], make_window: Callable[[SessionController], Window]
) -> None:
    controller = make_controller(mode=Mode.OBJECTS)
    window = make_window(controller)
    controller.start()
    window.app_actions["heat"].trigger()
    assert "first label" in window.toast.text
    qtbot.waitUntil(lambda: bool(subjects(window)), timeout=PATIENCE_MS)


def test_another_source_gets_a_new_worker(qtbot: QtBot, window: Window) -> None:
    pause_on_known_face(qtbot, window)
    window.app_actions["heat"].trigger()
    qtbot.waitUntil(lambda: bool(subjects(window)), timeout=PATIENCE_MS)
    before = window.heatmaps._worker
    with qtbot.waitSignal(window.controller.started, timeout=PATIENCE_MS):
        window.controller.open("demo")

    assert window.heatmaps.is_on
    assert window.heatmaps._worker is not before
