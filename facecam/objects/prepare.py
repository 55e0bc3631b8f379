"""A picture as the input of a network that was trained here: middle square, size, channel order, scaling. Pure."""

from __future__ import annotations

import cv2
import numpy as np

from facecam.objects.ink import figure_on_paper
from facecam.trained import SCALINGS, InputForm
from facecam.types import Floats, Picture


def network_input(bgr: Picture, form: InputForm) -> Floats | None:
    """(size, size, channels) float32 of `bgr` (height, width, 3) uint8; None when a written figure is wanted and none is seen."""
    if form.ink:
        figure = figure_on_paper(bgr, form.size_px, form.ink_margin)
        return None if figure is None else scaled(np.repeat(figure[:, :, None], form.channels, axis=2), form)
    return scaled(squared(bgr, form), form)


def squared(bgr: Picture, form: InputForm) -> Picture:
    """(size, size, channels) uint8, RGB or grey: the centred square of the picture, averaged down or interpolated up."""
    height, width = bgr.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    sized = resized(bgr[top : top + side, left : left + side], form.size_px)
    if form.channels == 1:
        return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2GRAY), np.uint8)[:, :, None]
    return np.asarray(cv2.cvtColor(sized, cv2.COLOR_BGR2RGB), np.uint8)


def resized(square: Picture, size_px: int) -> Picture:
    """The square picture (n, n, channels) at another size, its channels as they are."""
    if square.shape[0] == size_px:
        return square
    how = cv2.INTER_AREA if square.shape[0] > size_px else cv2.INTER_LINEAR
    sized = np.asarray(cv2.resize(square, (size_px, size_px), interpolation=how), np.uint8)
    return sized.reshape(size_px, size_px, square.shape[2])


def scaled(pixels: Picture, form: InputForm) -> Floats:
    """The same as float32, as the network's recipe scales it."""
    offset, divisor = SCALINGS[form.scaling]
    return (pixels.astype(np.float32) - np.float32(offset)) / np.float32(divisor)
