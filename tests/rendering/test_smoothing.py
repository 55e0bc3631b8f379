"""Marks rest on a face that rests, go along with one that moves, and leave with one that leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.imageio import read_image
from facecam.recognizer import Recognizer
from facecam.rendering.annotations import FaceAnnotation, Stroke, annotate
from facecam.rendering.smoothing import GONE_AFTER_MS, Smoother
from facecam.settings import Settings
from facecam.types import Box, Frame

FRAME_MS = 1000 / 30


def mark(
    x: float, y: float = 100.0, side: float = 100.0, track_id: int | None = 1, title: str = "Ann", detail: str = ""
) -> FaceAnnotation:
    return FaceAnnotation(Box(x, y, side, side), title, detail, Stroke.SOLID, (0, 0, 0), track_id)


def shown_x(smoother: Smoother, xs: list[float]) -> list[float]:
    """Where the box of a face is shown whose box is detected at these places, frame by frame."""
    return [smoother.smoothed((mark(x),), number * FRAME_MS)[0].box.x for number, x in enumerate(xs)]


def test_a_box_that_trembles_by_two_percent_rests() -> None:
    rng = np.random.default_rng(1)
    detected = (200 + rng.normal(0, 2.0, 150)).tolist()
    shown = shown_x(Smoother(), detected)[15:]

    moved = np.abs(np.diff(shown))
    assert moved.mean() < np.abs(np.diff(detected)).mean() / 10
    assert np.mean(moved == 0) > 0.5
    assert np.std(shown) < 0.5


@pytest.mark.parametrize("px_per_frame", [2.0, 6.0, 15.0])
def test_a_box_that_moves_is_not_left_behind(px_per_frame: float) -> None:
    detected = [200 + number * px_per_frame for number in range(60)]
    shown = shown_x(Smoother(), detected)

    assert abs(shown[-1] - detected[-1]) < max(5.0, 0.9 * px_per_frame)


def test_a_face_that_jumps_is_shown_where_it_is() -> None:
    assert shown_x(Smoother(), [200.0, 200.0, 300.0])[-1] == 300.0


def test_a_face_missed_in_a_frame_keeps_its_mark_and_one_that_has_gone_does_not() -> None:
    smoother = Smoother()
    smoother.smoothed((mark(10.0),), 0.0)

    assert len(smoother.smoothed((), GONE_AFTER_MS - 1)) == 1
    assert smoother.smoothed((), GONE_AFTER_MS + 1) == ()
    assert smoother.smoothed((), GONE_AFTER_MS + 2) == ()


def test_two_faces_do_not_disturb_each_other() -> None:
    smoother = Smoother()
    for number in range(5):
        marks = smoother.smoothed((mark(10.0, track_id=1), mark(500.0, track_id=2)), number * FRAME_MS)

    assert [(one.track_id, one.box.x) for one in marks] == [(1, 10.0), (2, 500.0)]


def test_the_small_words_change_twice_a_second_and_the_name_at_once() -> None:
    smoother = Smoother()
    details = [smoother.smoothed((mark(0.0, detail=f"{n}"),), n * FRAME_MS)[0].detail for n in range(45)]

    assert len(set(details)) == 3, "1.5 s are three times WORDS_EVERY_MS"
    (changed,) = smoother.smoothed((mark(0.0, title="Ben", detail="new"),), 45 * FRAME_MS)
    assert (changed.title, changed.detail) == ("Ben", "new")


def test_marks_without_a_track_pass_through() -> None:
    assert Smoother().smoothed((mark(1.0, track_id=None),), 0.0) == (mark(1.0, track_id=None),)


def test_what_is_forgotten_does_not_pull_at_what_comes() -> None:
    smoother = Smoother()
    smoother.smoothed((mark(100.0),), 5000.0)
    smoother.forget()

    assert smoother.smoothed((mark(130.0),), 0.0)[0].box.x == 130.0


def test_on_a_still_face_the_real_detectors_boxes_tremble_and_the_shown_ones_rest(
    portraits: dict[str, Path], tmp_path: Path
) -> None:
    bgr = read_image(portraits["eileen_collins"])
    rng = np.random.default_rng(7)
    smoother = Smoother()
    raw, shown = [], []
    with Recognizer(Settings(), tmp_path) as recognizer:
        for number in range(60):
            noisy = np.clip(bgr + rng.normal(0, 4.0, bgr.shape), 0, 255).astype(np.uint8)
            result = recognizer(Frame(noisy, number, number * FRAME_MS, number * FRAME_MS / 1e3, "still"))
            overlay = annotate(result)
            raw.append(overlay.marks[0].box.xyxy)
            shown.append(smoother.smoothed(overlay.marks, result.t_ms)[0].box.xyxy)
    trembles, rests = (np.abs(np.diff(np.array(boxes)[30:], axis=0)) for boxes in (raw, shown))

    assert trembles.mean() > 0.1, "else there was nothing to smooth"
    assert rests.mean() < trembles.mean() / 5
    assert np.ptp(np.array(shown)[30:], axis=0).max() < 1.5
