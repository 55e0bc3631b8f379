from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.servers.stamp import read_stamp, write_stamp


@pytest.mark.parametrize("number", [0, 1, 123_456_789_012, 2**48 - 1])
@pytest.mark.parametrize("size_wh", [(640, 480), (480, 360), (1282, 720)])
def test_a_stamp_survives_a_poor_jpeg(number: int, size_wh: tuple[int, int], portraits: dict[str, Path]) -> None:
    portrait = cv2.imread(str(portraits["eileen_collins"]))
    assert portrait is not None
    bgr = cv2.resize(portrait, size_wh)
    write_stamp(bgr, number)

    assert read_stamp(cv2.imdecode(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 20])[1], cv2.IMREAD_COLOR)) == number


@pytest.mark.parametrize("gray", [0, 96, 255])
def test_an_image_without_a_stamp_has_none(gray: int) -> None:
    assert read_stamp(np.full((480, 640, 3), gray, np.uint8)) is None
