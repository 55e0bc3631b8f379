"""The same picture is told from another one, whatever was done to the file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.gallery.verify import Thumbnail, same_picture
from facecam.imageio import read_image
from facecam.types import Image


@pytest.fixture(scope="module", params=["grace_hopper", "eileen_collins"])
def picture(request: pytest.FixtureRequest, portraits: dict[str, Path]) -> Image:
    return read_image(portraits[request.param])


def encoded(bgr: Image, quality: int) -> Image:
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def same(a: Image, b: Image) -> bool:
    return same_picture(Thumbnail.of(a), Thumbnail.of(b)) and same_picture(Thumbnail.of(b), Thumbnail.of(a))


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_encoded_again_it_is_the_same(picture: Image, quality: int) -> None:
    assert same(picture, encoded(picture, quality))


@pytest.mark.parametrize("factor", [0.4, 0.5, 0.75, 1.5])
def test_resized_and_encoded_again_it_is_the_same(picture: Image, factor: float) -> None:
    assert same(picture, encoded(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), 60))


def test_mirrored_and_encoded_again_it_is_the_same(picture: Image) -> None:
    assert same(picture, encoded(picture[:, ::-1], 60))


def test_two_portraits_are_two_pictures(portraits: dict[str, Path]) -> None:
    assert not same(read_image(portraits["grace_hopper"]), read_image(portraits["eileen_collins"]))


def test_two_frames_of_a_head_that_moved_are_two_pictures(picture: Image) -> None:
    moved = np.roll(picture, picture.shape[1] // 40, axis=1)

    assert not same(picture, moved)


def test_another_shape_is_another_picture(picture: Image) -> None:
    assert not same(picture, picture[: int(picture.shape[0] * 0.9)])
