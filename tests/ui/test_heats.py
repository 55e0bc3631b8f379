"""What decided, laid over the live picture by a key: on the face, in snapshots and films, and gone with the key."""

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
from tests.session.test_recording import frames_in

PATIENCE_MS = 120_000


def pixels(image: QImage) -> np.ndarray:
    """Blue first."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), :3].astype(int)


def kept(window: Window) -> np.ndarray:
    picture = window.video.picture()
    assert picture is not None
    return pixels(picture)


def maps(window: Window) -> list[str]:
    """What the maps that are shown now are about."""
    _, result = window.live.results.get(0, (None, None))
    return [] if result is None else [found.about for found, _ in window.heats.shown(0, result)]


def hold_known(qtbot: QtBot, window: Window) -> None:
    """Hold the picture where Eileen Collins is known. On a slow machine the one held is later, and may be hers no more."""
    live = window.live

    def is_known() -> bool:
        _, result = live.results.get(0, (None, None))
        return result is not None and [s.track_decision.decision.status for s in result.sightings] == [DecisionStatus.KNOWN]

    while True:
        qtbot.waitUntil(is_known, timeout=PATIENCE_MS)
        live.pause(True)
        qtbot.waitUntil(lambda: live.results[0][0] is live.frames[0])
        qtbot.wait(200)
        if is_known() and live.results[0][0] is live.frames[0]:
            return
        live.open("demo")


def wait_for_heat(qtbot: QtBot, window: Window) -> None:
    """Until the held picture has its map. What is looked at then, before the loop runs again, is of one frame."""
    hold_known(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert "a face like the photo" in window.toast.text
    qtbot.waitUntil(lambda: not window.heats.loading and maps(window) == ["Eileen Collins"], timeout=PATIENCE_MS)


def test_a_key_lays_over_the_face_what_decided_and_takes_it_away(qtbot: QtBot, window: Window) -> None:
    wait_for_heat(qtbot, window)
    assert window.deeds["heat"].isChecked()
    assert not window.status.heat.isHidden()
    box = window.live.results[0][1].sightings[0].face.box
    warm = kept(window)
    shown = pixels(window.video.grab().toImage())

    qtbot.keyClick(window, Qt.Key.Key_X)
    assert window.status.heat.isHidden()
    plain = kept(window)
    assert (pixels(window.video.grab().toImage()) != shown).any(), "the window has shown it, too"

    changed = np.argwhere(np.abs(plain - warm).max(axis=2) > 30)
    assert len(changed) > 500
    inside = (changed[:, 1] > box.x - box.w / 2) & (changed[:, 1] < box.x + 1.5 * box.w)
    assert inside.all(), "only the face is warm"


def test_a_mirrored_picture_has_its_heat_on_the_face(qtbot: QtBot, window: Window) -> None:
    window.resize(900, 700)
    wait_for_heat(qtbot, window)

    def both_ways() -> list[np.ndarray]:
        """The picture as it is shown, and mirrored."""
        taken = []
        for mirrored in (False, True):
            window.video.mirrors = lambda slot, mirrored=mirrored: mirrored
            taken.append(pixels(window.video.grab().toImage()))
        return taken

    warm = both_ways()
    window.deeds["heat"].trigger()
    plain = both_ways()

    fit = dict(window.video.tiles())[0].fit
    assert fit is not None
    middle = 2 * fit.rect.x() + fit.rect.width()
    place, turned = (np.argwhere(np.abs(a - b).max(axis=2) > 40)[:, 1].mean() for a, b in zip(warm, plain, strict=True))
    assert place == pytest.approx(middle - turned, abs=8)


def test_a_film_has_it_too(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    hold_known(qtbot, window)
    window.deeds["heat"].trigger()
    qtbot.waitUntil(lambda: bool(maps(window)), timeout=PATIENCE_MS)
    frame, result = window.live.results[0]
    bgr = frame.bgr.copy()
    assert window.live.session is not None
    window.live.session.recording.start(tmp_path / "film.mp4")
    window.live.session.recording(frame, result, 0)
    window.live.session.recording.stop()
    window.heats.lay(bgr, result, 0)

    assert frames_in(tmp_path / "film.mp4") == 1
    import cv2

    video = cv2.VideoCapture(str(tmp_path / "film.mp4"))
    _, filmed = video.read()
    video.release()
    hot = np.abs(bgr.astype(int) - frame.bgr).max(axis=2) > 60
    away = [np.abs(filmed.astype(int) - other)[hot].mean() for other in (bgr, frame.bgr)]
    assert away[0] < away[1] / 2


def test_an_object_gets_it_in_objects_mode(
    qtbot: QtBot, make_live: Callable[..., SessionController], make_window: Callable[[SessionController], Window]
) -> None:
    live = make_live(mode=Mode.OBJECTS)
    window = make_window(live)
    live.start()
    window.deeds["heat"].trigger()
    assert "first label" in window.toast.text
    qtbot.waitUntil(lambda: bool(maps(window)), timeout=PATIENCE_MS)


def test_another_source_begins_with_nothing(qtbot: QtBot, window: Window) -> None:
    hold_known(qtbot, window)
    window.deeds["heat"].trigger()
    qtbot.waitUntil(lambda: bool(maps(window)), timeout=PATIENCE_MS)
    before = window.heats._thread
    with qtbot.waitSignal(window.live.begun, timeout=PATIENCE_MS):
        window.live.open("demo")

    assert window.heats.on
    assert window.heats._thread is not before
