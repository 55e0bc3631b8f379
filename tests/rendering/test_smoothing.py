"""Smoothing of annotations over frames."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.imageio import read_image
from facecam.recognizer import Recognizer
from facecam.rendering.annotations import FaceAnnotation, Stroke, annotate
from facecam.rendering.smoothing import GONE_AFTER_MS, AnnotationSmoother
from facecam.settings import Settings
from facecam.types import Box, Frame

FRAME_MS = 1000 / 30


def mark(
    x: float, y: float = 100.0, side: float = 100.0, track_id: int | None = 1, title: str = "Ann", detail: str = ""
) -> FaceAnnotation:
    return FaceAnnotation(Box(x, y, side, side), title, detail, Stroke.SOLID, (0, 0, 0), track_id)


def smoothed_x(smoother: AnnotationSmoother, xs: list[float]) -> list[float]:
    """Return the smoothed x of each frame for a face that is detected at these positions."""
    return [smoother.smooth((mark(x),), number * FRAME_MS)[0].box.x for number, x in enumerate(xs)]


def test_a_jittering_box_is_steady() -> None:
    rng = np.random.default_rng(1)
    detected = (200 + rng.normal(0, 2.0, 150)).tolist()
    shown = smoothed_x(AnnotationSmoother(), detected)[15:]

    moved = np.abs(np.diff(shown))
    assert moved.mean() < np.abs(np.diff(detected)).mean() / 10
    assert np.mean(moved == 0) > 0.5
    assert np.std(shown) < 0.5


@pytest.mark.parametrize("px_per_frame", [2.0, 6.0, 15.0])
def test_a_moving_box_is_followed_closely(px_per_frame: float) -> None:
    detected = [200 + number * px_per_frame for number in range(60)]
    shown = smoothed_x(AnnotationSmoother(), detected)

    assert abs(shown[-1] - detected[-1]) < max(5.0, 0.9 * px_per_frame)


def test_a_jump_is_not_smoothed() -> None:
    assert smoothed_x(AnnotationSmoother(), [200.0, 200.0, 300.0])[-1] == 300.0


def test_a_face_keeps_its_annotation_for_a_few_missed_frames() -> None:
    smoother = AnnotationSmoother()
    smoother.smooth((mark(10.0),), 0.0)

    assert len(smoother.smooth((), GONE_AFTER_MS - 1)) == 1
    assert smoother.smooth((), GONE_AFTER_MS + 1) == ()
    assert smoother.smooth((), GONE_AFTER_MS + 2) == ()


def test_two_faces_do_not_disturb_each_other() -> None:
    smoother = AnnotationSmoother()
    for number in range(5):
        marks = smoother.smooth((mark(10.0, track_id=1), mark(500.0, track_id=2)), number * FRAME_MS)

    assert [(one.track_id, one.box.x) for one in marks] == [(1, 10.0), (2, 500.0)]


def test_the_detail_changes_twice_a_second_and_the_title_at_once() -> None:
    smoother = AnnotationSmoother()
    details = [smoother.smooth((mark(0.0, detail=f"{n}"),), n * FRAME_MS)[0].detail for n in range(45)]

    assert len(set(details)) == 3, "1.5 s are three times WORDS_EVERY_MS"
    (changed,) = smoother.smooth((mark(0.0, title="Ben", detail="new"),), 45 * FRAME_MS)
    assert (changed.title, changed.detail) == ("Ben", "new")


def test_annotations_without_a_track_are_unchanged() -> None:
    assert AnnotationSmoother().smooth((mark(1.0, track_id=None),), 0.0) == (mark(1.0, track_id=None),)


def test_a_reset_discards_the_previous_boxes() -> None:
    smoother = AnnotationSmoother()
    smoother.smooth((mark(100.0),), 5000.0)
    smoother.reset()

    assert smoother.smooth((mark(130.0),), 0.0)[0].box.x == 130.0


def test_the_real_detectors_jitter_on_a_still_face_is_smoothed(portraits: dict[str, Path], tmp_path: Path) -> None:
    bgr = read_image(portraits["eileen_collins"])
    rng = np.random.default_rng(7)
    smoother = AnnotationSmoother()
    raw, shown = [], []
    with Recognizer(Settings(), tmp_path) as recognizer:
        for number in range(60):
            noisy = np.clip(bgr + rng.normal(0, 4.0, bgr.shape), 0, 255).astype(np.uint8)
            result = recognizer(Frame(noisy, number, number * FRAME_MS, number * FRAME_MS / 1e3, "still"))
            overlay = annotate(result)
            raw.append(overlay.marks[0].box.xyxy)
            shown.append(smoother.smooth(overlay.marks, result.t_ms)[0].box.xyxy)
    jitter, steady = (np.abs(np.diff(np.array(boxes)[30:], axis=0)) for boxes in (raw, shown))

    assert jitter.mean() > 0.1, "the boxes did not jitter"
    assert steady.mean() < jitter.mean() / 5
    assert np.ptp(np.array(shown)[30:], axis=0).max() < 1.5
