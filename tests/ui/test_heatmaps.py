"""Heatmaps over faces and objects in the window, in snapshots and in recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from facecam.settings import Mode
from facecam.types import DecisionStatus
from facecam.ui.session_controller import SessionController
from facecam.ui.window.window import Window
from tests.session.video_files import frames_in

PATIENCE_MS = 120_000
"""A process that imports Keras computes the heatmaps."""


def pixels(image: QImage) -> np.ndarray:
    """Return the pixels (height, width, 3), BGR."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), :3].astype(int)


def snapshot(window: Window) -> np.ndarray:
    image = window.video.snapshot()
    assert image is not None
    return pixels(image)


def views(window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Return the view unmirrored and mirrored."""
    shown = []
    for mirrored in (False, True):
        window.video.is_mirrored = lambda slot, mirrored=mirrored: mirrored
        shown.append(pixels(window.video.grab().toImage()))
    return shown[0], shown[1]


def subjects(window: Window) -> list[str]:
    """Return the subjects of the visible heatmaps."""
    _, result = window.controller.results.get(0, (None, None))
    return [] if result is None else [found.subject for found, _ in window.heatmaps.heatmaps_for(0, result)]


def pause_on_known_face(qtbot: QtBot, window: Window) -> None:
    """Pause the demo on a frame with Eileen Collins; on a slow machine the paused frame may already be another person's.

    The controller no longer polls then, so that no frame in progress replaces the one on the screen.
    """
    controller = window.controller

    def is_known() -> bool:
        _, result = controller.results.get(0, (None, None))
        return result is not None and [s.track_decision.decision.status for s in result.sightings] == [DecisionStatus.KNOWN]

    while True:
        qtbot.waitUntil(is_known, timeout=PATIENCE_MS)
        controller.pause(True)
        # Without the gallery, which is polled less often, there is nothing to explain a name with.
        qtbot.waitUntil(lambda: controller.results[0][0] is controller.frames[0] and controller.gallery is not None)
        if is_known():
            controller._timer.stop()
            return
        controller.open("demo")


def test_a_heatmap_appears_when_the_gallery_arrives_after_the_paused_result(qtbot: QtBot, window: Window) -> None:
    pause_on_known_face(qtbot, window)
    controller = window.controller
    gallery, controller.gallery = controller.gallery, None
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert subjects(window) == []

    controller.gallery = gallery
    controller.gallery_changed.emit()

    qtbot.waitUntil(lambda: subjects(window) == ["Eileen Collins"], timeout=PATIENCE_MS)


def test_a_key_toggles_the_heatmap_on_the_face_also_in_the_mirror_the_snapshot_and_the_recording(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    window.resize(900, 700)
    pause_on_known_face(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert "similar to the photo" in window.toast.text
    qtbot.waitUntil(lambda: not window.heatmaps.is_loading and subjects(window) == ["Eileen Collins"], timeout=PATIENCE_MS)
    assert window.app_actions["heat"].isChecked()
    assert not window.status.heatmap.isHidden()
    frame, result = window.controller.results[0]
    with_heatmap, mirror_with_heatmap = views(window)
    snapshot_with_heatmap = snapshot(window)
    recorded = recording(window, tmp_path / "recording.mp4")
    drawn = frame.bgr.copy()
    window.heatmaps.draw_heatmaps(drawn, result, 0)

    qtbot.keyClick(window, Qt.Key.Key_X)

    assert window.status.heatmap.isHidden()
    changed = np.argwhere(np.abs(snapshot(window) - snapshot_with_heatmap).max(axis=2) > 30)
    assert len(changed) > 500
    box = result.sightings[0].face.box
    inside = (changed[:, 1] > box.x - box.w / 2) & (changed[:, 1] < box.x + 1.5 * box.w)
    assert inside.all(), "only the face has a heatmap"

    pairs = zip((with_heatmap, mirror_with_heatmap), views(window), strict=True)
    x, mirrored_x = (np.argwhere(np.abs(heatmap - plain).max(axis=2) > 40)[:, 1].mean() for heatmap, plain in pairs)
    fit = dict(window.video.tiles())[0].fit
    assert fit is not None
    middle = 2 * fit.rect.x() + fit.rect.width()
    assert x == pytest.approx(middle - mirrored_x, abs=8)

    in_heatmap = np.abs(drawn.astype(int) - frame.bgr).max(axis=2) > 60
    unmirrored = recorded[:, ::-1].astype(int)  # the camera is mirrored in the window, and in its recording
    distances = [np.abs(unmirrored - other)[in_heatmap].mean() for other in (drawn, frame.bgr)]
    assert distances[0] < distances[1] / 2, "the recording has the heatmap"


def recording(window: Window, path: Path) -> np.ndarray:
    """Record the newest result and return the image in the file."""
    session = window.controller.session
    assert session is not None
    session.recording.start(path)
    session.recording(*window.controller.results[0], 0)
    session.recording.stop()
    assert frames_in(path) == 1
    video = cv2.VideoCapture(str(path))
    _, bgr = video.read()
    video.release()
    return bgr


@pytest.mark.long
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
    window.app_actions["heat"].trigger()
    before = window.heatmaps._worker
    assert before is not None
    with qtbot.waitSignal(window.controller.started):
        window.controller.open("demo")

    assert window.heatmaps.is_on
    assert window.heatmaps._worker is not before
