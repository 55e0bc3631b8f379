"""Digit preprocessing: handwriting on paper becomes an image like those of the data set."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facecam.objects.digit_preprocessing import extract_digit
from facecam.types import Image


def seven(paper: int, ink: int, size: int = 200) -> Image:
    """A seven on a sheet that fills the image."""
    image = np.full((size, size, 3), paper, np.uint8)
    points = np.array([[60, 50], [140, 50], [90, 150]], np.int32) * size // 200
    cv2.polylines(image, [points], isClosed=False, color=(ink,) * 3, thickness=14 * size // 200, lineType=cv2.LINE_AA)
    return image


def in_a_room(sheet: Image) -> Image:
    """The sheet in the middle of a dim, uneven frame."""
    frame = np.linspace(30, 90, 640).astype(np.uint8)[None, :, None].repeat(480, axis=0).repeat(3, axis=2)
    frame = frame + np.random.default_rng(1).integers(0, 12, frame.shape).astype(np.uint8)
    top, left = (480 - sheet.shape[0]) // 2, (640 - sheet.shape[1]) // 2
    frame[top : top + sheet.shape[0], left : left + sheet.shape[1]] = sheet
    return frame


def reference() -> Image:
    """Expected result for each of these images."""
    found = extract_digit(seven(0, 255), 16, 0.0)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "bgr",
    [seven(235, 30), seven(30, 235), in_a_room(seven(215, 40)), seven(200, 60, 900)],
    ids=["dark", "light", "room", "large"],
)
def test_a_digit_comes_out_light_on_black_and_fills_its_square(bgr: Image) -> None:
    found = extract_digit(bgr, 16, 0.0)

    assert found is not None
    assert found.shape == (16, 16)
    assert np.corrcoef(found.ravel(), reference().ravel())[0, 1] > 0.9
    assert found[0].max() > 120
    assert found[-1].max() > 120


@pytest.mark.parametrize("margin", [0.0, 4 / 28])
def test_the_margin_stays_free(margin: float) -> None:
    found = extract_digit(seven(235, 30), 28, margin)

    assert found is not None
    free = round(28 * margin)
    assert found[:free].max(initial=0) < 40
    assert found[free + 1].max() > 120


def test_a_shadow_over_the_paper_is_not_a_stroke() -> None:
    shaded = (seven(235, 30) * np.linspace(0.5, 1, 200)[None, :, None]).astype(np.uint8)

    found = extract_digit(shaded, 16, 0.0)

    assert found is not None
    assert np.corrcoef(found.ravel(), reference().ravel())[0, 1] > 0.85


@pytest.mark.parametrize("bgr", [np.full((200, 200, 3), 230, np.uint8), np.zeros((120, 160, 3), np.uint8)], ids=["blank", "dark"])
def test_blank_paper_gives_none(bgr: Image) -> None:
    assert extract_digit(bgr, 8, 0.0) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (9, 9)])
def test_an_image_of_any_size_is_accepted(shape: tuple[int, int]) -> None:
    extract_digit(np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8), 8, 0.0)
