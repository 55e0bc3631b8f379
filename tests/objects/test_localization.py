"""ObjectLocator and box geometry, on drawn frames."""

from __future__ import annotations

import numpy as np
import pytest

from facecam.detection.boxes import iou
from facecam.objects.localization import ObjectLocator, central_square, guide_box, interpolate
from facecam.types import Box, Image

FRAME_MS = 1000 / 15
WALL: Image = np.random.default_rng(5).integers(116, 125, (360, 640, 3), np.uint8)


def with_card(x: int, y: int, side: int = 150, gray: int = 20) -> Image:
    frame = WALL.copy()
    frame[y : y + side, x : x + side] = gray
    return frame


def locate(locator: ObjectLocator, frames: list[Image], first: int = 0, **options: object) -> list[Box | None]:
    faces = options.get("faces", [])
    labeled_region = options.get("labeled_region")
    return [locator.find(bgr, (first + i) * FRAME_MS, faces, labeled_region) for i, bgr in enumerate(frames)]  # type: ignore[arg-type]


def test_nothing_is_found_on_a_wall() -> None:
    assert locate(ObjectLocator(), [WALL] * 10) == [None] * 10


def test_the_first_frame_is_the_background() -> None:
    assert locate(ObjectLocator(), [with_card(200, 100)] * 10) == [None] * 10


def test_an_object_that_appears_is_located() -> None:
    box = locate(ObjectLocator(), [WALL] * 5 + [with_card(200, 100)])[-1]

    assert box is not None
    assert iou(box, Box(200, 100, 150, 150)) > 0.8


def test_a_moving_object_is_followed() -> None:
    boxes = locate(ObjectLocator(), [WALL] * 5 + [with_card(200 + 8 * i, 100) for i in range(20)])[5:]

    assert all(box is not None and iou(box, Box(200 + 8 * i, 100, 150, 150)) > 0.7 for i, box in enumerate(boxes))


def test_an_unlabeled_object_becomes_background() -> None:
    assert locate(ObjectLocator(), [WALL] * 5 + [with_card(200, 100)] * 200)[-1] is None


def test_a_labeled_object_does_not_become_background() -> None:
    locator = ObjectLocator()
    locate(locator, [WALL] * 5)

    boxes = locate(locator, [with_card(200, 100)] * 200, first=5, labeled_region=Box(190, 90, 170, 170))

    assert boxes[-1] is not None


def test_a_face_is_not_an_object() -> None:
    locator = ObjectLocator()
    locate(locator, [WALL] * 5)

    assert locate(locator, [with_card(200, 100)], first=5, faces=[Box(200, 100, 150, 150)]) == [None]


def test_a_change_of_light_is_not_an_object() -> None:
    assert locate(ObjectLocator(), [WALL] * 5 + [WALL + np.uint8(40)] * 3)[-1] is None


def test_another_scene_becomes_the_background() -> None:
    other: Image = np.random.default_rng(9).integers(0, 255, (12, 20, 3), np.uint8).repeat(30, 0)[:360].repeat(32, 1)

    assert locate(ObjectLocator(), [WALL] * 5 + [other] * 2)[-2:] == [None, None]


def test_after_a_pause_the_background_is_reset() -> None:
    locator = ObjectLocator()
    locate(locator, [WALL] * 5)

    assert locate(locator, [with_card(200, 100)], first=100) == [None]


@pytest.mark.parametrize(("box", "side"), [(Box(100, 100, 100, 100), 82), (Box(100, 100, 100, 300), 164.82)])
def test_the_central_square_is_most_of_a_box(box: Box, side: float) -> None:
    square = central_square(box, (640, 480), 0.82)

    assert (square.w, square.h) == (pytest.approx(side), pytest.approx(side))
    assert (square.x + square.w / 2, square.y + square.h / 2) == (box.x + box.w / 2, box.y + box.h / 2)


def test_the_central_square_of_a_box_at_the_edge_lies_in_the_frame() -> None:
    square = central_square(Box(600, -50, 300, 900), (640, 480), 0.95)

    assert (square.x + square.w, square.y, square.h) == (640, 0, 480)


def test_the_guide_box_is_in_the_middle() -> None:
    box = guide_box((640, 480))

    assert (box.x + box.w / 2, box.y + box.h / 2, box.w) == (320, 240, box.h)


def test_halfway_between_two_boxes() -> None:
    assert interpolate(Box(0, 0, 10, 20), Box(10, 20, 30, 40), 0.5) == Box(5, 10, 20, 30)


@pytest.mark.parametrize(("other", "expected"), [(Box(0, 0, 10, 10), 1), (Box(5, 0, 10, 10), 1 / 3), (Box(20, 20, 1, 1), 0)])
def test_iou_is_the_shared_area_over_the_joint_area(other: Box, expected: float) -> None:
    assert iou(Box(0, 0, 10, 10), other) == pytest.approx(expected)
