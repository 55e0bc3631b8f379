"""Copies of an image are recognized after encoding, resizing and mirroring; other images are not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.gallery.verify import Thumbnail, is_same_image
from facecam.imageio import read_image
from facecam.types import Image


@pytest.fixture(scope="module", params=["grace_hopper", "eileen_collins"])
def image(request: pytest.FixtureRequest, portraits: dict[str, Path]) -> Image:
    return read_image(portraits[request.param])


def encoded(bgr: Image, quality: int) -> Image:
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def same(a: Image, b: Image) -> bool:
    return is_same_image(Thumbnail.from_image(a), Thumbnail.from_image(b)) and is_same_image(
        Thumbnail.from_image(b), Thumbnail.from_image(a)
    )


@pytest.mark.parametrize("quality", [30, 60, 90])
def test_an_image_encoded_again_is_the_same(image: Image, quality: int) -> None:
    assert same(image, encoded(image, quality))


@pytest.mark.parametrize("factor", [0.4, 0.5, 0.75, 1.5])
def test_an_image_resized_and_encoded_again_is_the_same(image: Image, factor: float) -> None:
    assert same(image, encoded(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), 60))


def test_an_image_mirrored_and_encoded_again_is_the_same(image: Image) -> None:
    assert same(image, encoded(image[:, ::-1], 60))


def test_two_portraits_are_different_images(portraits: dict[str, Path]) -> None:
    assert not same(read_image(portraits["grace_hopper"]), read_image(portraits["eileen_collins"]))


def test_two_frames_of_a_moving_head_are_different_images(image: Image) -> None:
    moved = np.roll(image, image.shape[1] // 40, axis=1)

    assert not same(image, moved)


def test_another_aspect_ratio_is_a_different_image(image: Image) -> None:
    assert not same(image, image[: int(image.shape[0] * 0.9)])
