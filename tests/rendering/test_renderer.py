"""Overlay drawing at every frame size: contrast, caption placement and strokes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.rendering.annotations import AnnotationBar, FaceAnnotation, Overlay, Stroke
from facecam.rendering.renderer import (
    DETAIL_BGR,
    PLATE_BGR,
    PLATE_OPACITY,
    TITLE_BGR,
    CaptionSpace,
    Rectangle,
    draw_overlay,
    place_caption,
    segments,
)
from facecam.types import Box

BLUE = (233, 180, 86)


def mark(x: float, y: float, w: float, h: float, title: str = "Ada", stroke: Stroke = Stroke.SOLID) -> FaceAnnotation:
    return FaceAnnotation(Box(x, y, w, h), title, "distance 0.31 · happy 87 %", stroke, BLUE)


def drawn(size_wh: tuple[int, int], *marks: FaceAnnotation, bars: tuple[AnnotationBar, ...] = (), gray: int = 128) -> np.ndarray:
    bgr = np.full((size_wh[1], size_wh[0], 3), gray, np.uint8)
    draw_overlay(bgr, Overlay(size_wh, marks, bars))
    return bgr


def luminance(bgr: tuple[float, ...]) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    blue, green, red = (c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in bgr)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("text", [TITLE_BGR, DETAIL_BGR])
@pytest.mark.parametrize("behind", [(0, 0, 0), (255, 255, 255), (0, 255, 255)])
def test_text_has_seven_to_one_contrast_over_any_image(text: tuple[int, ...], behind: tuple[int, ...]) -> None:
    plate = tuple(p * PLATE_OPACITY + b * (1 - PLATE_OPACITY) for p, b in zip(PLATE_BGR, behind, strict=True))

    assert (luminance(text) + 0.05) / (luminance(plate) + 0.05) > 7


@pytest.mark.parametrize("stroke", list(Stroke))
@pytest.mark.parametrize("size_wh", [(1, 1), (3, 200), (200, 3), (30, 20), (64, 48), (640, 480), (480, 640), (3840, 2160)])
def test_frames_of_any_size_can_be_drawn_on(size_wh: tuple[int, int], stroke: Stroke) -> None:
    width, height = size_wh
    marks = [
        mark(width * 0.1, height * 0.3, width * 0.4, height * 0.5, stroke=stroke),
        mark(-width, -height, width * 3, height * 3),
    ]

    image = drawn(
        size_wh,
        *marks,
        mark(width * 5, height * 5, 10, 10),
        bars=(AnnotationBar("cup 90 %", 0.9, BLUE), AnnotationBar("mug 0 %", 0, BLUE)),
    )

    assert image.shape == (height, width, 3)
    assert (image != 128).any()


def test_an_empty_overlay_changes_nothing() -> None:
    assert (drawn((64, 48)) == 128).all()


@pytest.mark.parametrize(
    "name", ["", "A", "Ada " * 40, "Софья", "Υπατία", "小明", "محمد", "שלום", "김철수", "लक्ष्मी", "A\nB\t\x00", "🙂"]
)
def test_any_name_can_be_drawn(name: str) -> None:
    assert (drawn((320, 240), mark(100, 100, 60, 80, name)) != 128).any()


def test_the_four_strokes_look_different() -> None:
    images = [drawn((640, 480), mark(200, 200, 200, 200, stroke=stroke)) for stroke in Stroke]

    assert len({image.tobytes() for image in images}) == 4


@pytest.mark.parametrize("gray", [0, 180, 255])
def test_a_box_stands_out_from_a_background_of_any_brightness(gray: int) -> None:
    image = drawn((640, 480), mark(200, 200, 200, 200), gray=gray)

    across = image[300, 190:215].astype(int)
    assert across.max() - across.min() > 60


def test_an_overlay_is_scaled_to_an_image_of_another_size() -> None:
    half = np.full((240, 320, 3), 128, np.uint8)
    draw_overlay(half, Overlay((640, 480), (mark(400, 200, 100, 100),)))

    assert (half[:, :150] == 128).all()
    assert (half[98:154, 195:260] != 128).any()


def test_a_fuller_bar_is_longer() -> None:
    little, much = (
        int((drawn((640, 480), bars=(AnnotationBar("cup", fraction, BLUE),)) == BLUE).all(axis=2).sum())
        for fraction in (0.2, 0.8)
    )

    assert 2 * little < much


def test_two_captions_do_not_cover_each_other() -> None:
    one = int((drawn((640, 480), mark(200, 200, 60, 80)) != 128).any(axis=2).sum())
    two = int((drawn((640, 480), mark(200, 200, 60, 80), mark(265, 200, 60, 80)) != 128).any(axis=2).sum())

    assert two > 1.9 * one


positions = st.floats(-500, 1500)
lengths = st.floats(1, 1000)


@given(positions, positions, lengths, lengths, st.integers(1, 640), st.integers(1, 480))
def test_a_plate_that_fits_is_inside_the_frame(x: float, y: float, w: float, h: float, width: int, height: int) -> None:
    space = CaptionSpace((640, 480), (Rectangle(0, 0, 300, 300),), ())
    plate, _ = place_caption(Rectangle(x, y, w, h), (width, height), space)

    assert 0 <= plate.x <= plate.x + plate.w <= 640
    assert 0 <= plate.y <= plate.y + plate.h <= 480


def test_a_plate_is_above_its_box_if_there_is_space_and_below_if_not() -> None:
    space = CaptionSpace((640, 480), (), ())
    above, _ = place_caption(Rectangle(100, 100, 50, 50), (80, 30), space)
    below, _ = place_caption(Rectangle(100, 5, 50, 50), (80, 30), space)

    assert above.y + above.h <= 100
    assert below.y >= 55


@given(st.sampled_from(list(Stroke)), lengths, lengths, st.integers(1, 20))
def test_every_stroke_stays_on_its_rectangle_and_reaches_every_corner(stroke: Stroke, w: float, h: float, unit: int) -> None:
    rectangle = Rectangle(10, 20, w, h)
    ends = [point for segment in segments(stroke, rectangle, unit) for point in segment]

    assert all(9.99 <= x <= 10.01 + w and 19.99 <= y <= 20.01 + h for x, y in ends)
    for corner in rectangle.corners:
        assert any(np.allclose(corner, end) for end in ends)


def test_a_caption_does_not_cover_the_bars() -> None:
    bars = tuple(AnnotationBar(f"cup {share:.0%}", share, BLUE) for share in (0.9, 0.06, 0.02))
    alone = drawn((640, 480), bars=bars)
    bottom = int(np.nonzero((alone != 128).any(axis=(1, 2)))[0].max())

    with_mark = drawn((640, 480), FaceAnnotation(Box(60, bottom + 8, 120, 120), "cup", "", Stroke.SOLID, BLUE), bars=bars)

    np.testing.assert_array_equal(with_mark[:bottom], alone[:bottom])
