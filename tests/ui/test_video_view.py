"""Live video: proportions, mirroring, fading annotations, and choosing faces by mouse and keyboard."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from facecam.rendering.privacy import COVER_BGR
from facecam.settings import Mode
from facecam.types import Box, DecisionStatus, Label
from facecam.ui.session_controller import SessionController
from facecam.ui.video.video_view import BACKDROP, VideoView
from tests.ui.fakes import idle_controller, make_frame, make_result, make_sighting, show_result

GREEN = (115, 158, 0)


def pixels(view: VideoView) -> np.ndarray:
    """Return the widget's device pixels (height, width, 3), BGR."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    data = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return data[:, : image.width(), :3].copy()


def halves() -> np.ndarray:
    """Return an image that is blue on the left and red on the right."""
    bgr = np.zeros((480, 640, 3), np.uint8)
    bgr[:, :320], bgr[:, 320:] = (200, 0, 0), (0, 0, 200)
    return bgr


@pytest.fixture
def fake(qtbot: QtBot) -> SessionController:
    return idle_controller()


@pytest.fixture
def view(qtbot: QtBot, fake: SessionController) -> VideoView:
    made = VideoView(fake)
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


@pytest.mark.parametrize(("window_wh", "frame_xywh"), [((900, 480), (130, 0, 640, 480)), ((640, 700), (0, 110, 640, 480))])
def test_the_frame_keeps_its_proportions_between_black_bars(
    view: VideoView, fake: SessionController, window_wh: tuple[int, int], frame_xywh: tuple[int, int, int, int]
) -> None:
    view.resize(*window_wh)
    show_result(fake, make_frame())
    shown = pixels(view)
    x, y, wide, high = frame_xywh

    assert (shown[y + 5 : y + high - 5, x + 5 : x + wide - 5] == 90).all()
    backdrop = (BACKDROP.blue(), BACKDROP.green(), BACKDROP.red())
    assert (shown[: max(1, y - 2), : max(1, x - 2)] == backdrop).all()


def test_mirroring_flips_the_frame_but_not_its_captions(view: VideoView, fake: SessionController) -> None:
    face = make_sighting(Box(60, 200, 80, 80))
    show_result(fake, make_frame(halves()), face)
    plain = pixels(view)
    view.is_mirrored = lambda slot: True
    view.update()
    mirrored = pixels(view)

    assert plain[250, 200].tolist() == mirrored[250, 700].tolist() == [200, 0, 0]
    left, right = (np.argwhere((shown == GREEN).all(axis=2))[:, 1] for shown in (plain, mirrored))
    assert left.max() < 450 < right.min()
    white = [np.argwhere((shown == 255).all(axis=2)) for shown in (plain, mirrored)]
    # The text still starts to the right of the strip at the left end of the caption.
    assert len(white[0]) == pytest.approx(len(white[1]), rel=0.1)
    assert white[1][:, 1].min() > right.min()


def test_clicking_a_face_emits_its_track(qtbot: QtBot, view: VideoView, fake: SessionController) -> None:
    show_result(fake, make_frame(), make_sighting(Box(60, 200, 80, 80), track_id=7))
    pixels(view)
    fit = dict(view.tiles())[0].fit
    assert fit is not None
    place = fit.rect.topLeft() + QPointF(100 * fit.factor, 240 * fit.factor)
    with qtbot.waitSignal(view.face_clicked) as clicked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place.toPoint())

    assert clicked.args[0] == 7
    assert clicked.args[1] == view.mapToGlobal(place.toPoint())


def test_clicking_outside_all_faces_emits_nothing(qtbot: QtBot, view: VideoView, fake: SessionController) -> None:
    show_result(fake, make_frame(), make_sighting(Box(60, 200, 80, 80)))
    pixels(view)
    with qtbot.assertNotEmitted(view.face_clicked):
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(600, 100))


def test_arrow_keys_select_faces_from_left_to_right(qtbot: QtBot, view: VideoView, fake: SessionController) -> None:
    faces = [make_sighting(Box(x, 200, 80, 80), name=name, track_id=n) for n, (x, name) in enumerate([(400, "Ben"), (60, "Ann")])]
    show_result(fake, make_frame(), *faces)
    pixels(view)
    view.setFocus()
    chosen = []
    view.face_clicked.connect(lambda track_id, place: chosen.append(track_id))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Return):
        qtbot.keyClick(view, key)

    assert chosen == [1, 0, 1]
    assert view.accessibleDescription() == "Ann"


def test_annotations_of_an_older_frame_fade(view: VideoView, fake: SessionController) -> None:
    old = make_frame(at_s=100.0)
    show_result(fake, old, make_sighting(Box(200, 200, 100, 100)))
    fresh = (pixels(view) == GREEN).all(axis=2).sum()
    counts = []
    for number, later_s in enumerate((0.2, 0.9), start=1):
        fake.frames[0] = make_frame(index=number, at_s=100.0 + later_s)
        fake.frame_received.emit(0)
        counts.append((pixels(view) == GREEN).all(axis=2).sum())

    assert counts[0] == fresh > 300
    assert counts[1] == 0


def test_covering_shows_only_frames_that_were_searched_for_strangers(view: VideoView, fake: SessionController) -> None:
    fake.covers_strangers = True
    fake.frames[0] = make_frame(halves())
    fake.frame_received.emit(0)
    before = pixels(view)
    assert view.is_waiting_for_cover
    assert before.max() < 30

    noise = np.random.default_rng(1).integers(0, 255, (480, 640, 3), np.uint8)
    show_result(fake, make_frame(noise, 1), make_sighting(Box(300, 200, 100, 100), DecisionStatus.UNKNOWN))
    assert not view.is_waiting_for_cover
    image = view.snapshot()
    assert image is not None
    data = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8).reshape(480, 640, 4)
    assert (data[225:280, 320:380, :3] == COVER_BGR).all()
    assert (data[225:280, 20:80, :3] == noise[225:280, 20:80]).all()


def test_covering_shows_the_last_frame_that_was_searched_whole(view: VideoView, fake: SessionController) -> None:
    fake.covers_strangers = True
    show_result(fake, make_frame(np.full((480, 640, 3), 40, np.uint8)))

    fake.frames[0] = newest = make_frame(np.full((480, 640, 3), 200, np.uint8), 1)
    fake.frame_received.emit(0)
    fake.results[0] = newest, replace(make_result(newest), is_searched=False)
    fake.recognized.emit(0)

    assert np.median(pixels(view)) == 40
    fake.covers_strangers = False
    assert np.median(pixels(view)) == 200


def test_covering_shows_no_frame_of_objects_mode(view: VideoView, fake: SessionController) -> None:
    """Its faces were not searched for; it is the newest recognized frame just after a change of the mode."""
    fake.covers_strangers = True

    show_result(fake, make_frame(halves()), labels=(Label("n1", "cup", 0.9),))

    assert view.is_waiting_for_cover
    assert view.snapshot() is None


def test_several_sources_are_shown_side_by_side(qtbot: QtBot) -> None:
    controller = idle_controller("a.mp4", "b.mp4")
    view = VideoView(controller)
    qtbot.addWidget(view)
    view.resize(1000, 400)
    for slot, color in enumerate(((200, 0, 0), (0, 0, 200))):
        show_result(controller, make_frame(np.full((480, 640, 3), color, np.uint8)), slot=slot)
    shown = pixels(view)

    assert shown[200, 250].tolist() == [200, 0, 0]
    assert shown[200, 750].tolist() == [0, 0, 200]


def test_object_labels_are_shown_in_a_corner(view: VideoView, fake: SessionController) -> None:
    fake.change(Mode.OBJECTS)
    show_result(fake, make_frame())
    empty = pixels(view)
    show_result(fake, make_frame(index=1), labels=(Label("espresso", "n1", 0.8), Label("cup", "n2", 0.1)))
    named = pixels(view)

    changed = np.argwhere((empty != named).any(axis=2))
    assert changed[:, 0].max() < 250
    assert len(changed) > 5000


def test_frames_are_not_copied_on_their_way_to_the_screen(view: VideoView, fake: SessionController) -> None:
    frame = make_frame()
    references = sys.getrefcount(frame)
    for _ in range(50):
        fake.frames[0] = frame
        fake.frame_received.emit(0)
        pixels(view)

    assert sys.getrefcount(frame) - references <= 3


def test_signals_do_not_steal_references_to_true(fake: SessionController) -> None:
    """PySide6 6.12 on Python 3.11 steals references to True, and the program aborts when none is left."""
    received = []
    fake.frame_received.connect(received.append)
    before = sys.getrefcount(True)
    for _ in range(100):
        fake.frame_received.emit(0)
        fake.status_changed.emit()

    assert abs(sys.getrefcount(True) - before) <= 20
    assert len(received) == 100
