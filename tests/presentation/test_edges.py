"""Straight edges around a face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facecam.presentation.detector import VIEWS, PresentationDetector
from facecam.presentation.edges import is_enclosed
from facecam.types import Box, Image

FACE = Box(270, 190, 100, 110)


def wall(lines: list[tuple[int, int, int, int]], seed: int = 5) -> Image:
    """Return a soft image of a wall with lines between pairs of points."""
    random = np.random.default_rng(seed)
    bgr = np.asarray(cv2.GaussianBlur(random.integers(60, 120, (480, 640, 3), np.uint8), (0, 0), 9), np.uint8)
    for x1, y1, x2, y2 in lines:
        cv2.line(bgr, (x1, y1), (x2, y2), (235, 235, 235), 6)
    return bgr


SHEET = [(190, 90, 450, 95), (450, 95, 445, 400), (445, 400, 185, 395), (185, 395, 190, 90)]


def test_a_sheet_around_the_face_encloses_it() -> None:
    assert is_enclosed(wall(SHEET), FACE)


def test_a_sheet_that_leaves_the_image_encloses_it_by_three_sides() -> None:
    assert is_enclosed(wall(SHEET)[:380], FACE)


@pytest.mark.parametrize("lines", [[], SHEET[:2], [(190, 0, 190, 479), (450, 0, 450, 479)]], ids=["none", "corner", "door"])
def test_edges_on_two_sides_do_not_enclose_it(lines: list[tuple[int, int, int, int]]) -> None:
    assert not is_enclosed(wall(lines), FACE)


def test_a_frame_elsewhere_does_not_enclose_it() -> None:
    assert not is_enclosed(wall(SHEET), Box(20, 380, 50, 55))


@pytest.mark.parametrize("size_wh", [(1, 1), (2, 40), (40, 2)])
@pytest.mark.parametrize("box", [Box(-5, -5, 90, 90), Box(-300, -300, 20, 20), Box(0, 0, 0.5, 0.5)])
def test_an_image_of_any_size_is_searched(size_wh: tuple[int, int], box: Box) -> None:
    assert not is_enclosed(np.zeros((size_wh[1], size_wh[0], 3), np.uint8), box)


def test_an_enclosed_face_has_a_lower_score_than_the_networks_give_it() -> None:
    bgr = wall(SHEET)
    detector = PresentationDetector(threads=1)
    by_networks = np.mean([detector.log_odds(name, scale, bgr, [FACE]).clip(-5, 2.5) for name, scale in VIEWS]) + 0.3

    score = detector.live_scores(bgr, [FACE])[0]

    assert np.log(score / (1 - score)) == pytest.approx(by_networks - 0.75, abs=1e-4)
