"""What was explained, as one picture to keep."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from facecam.explain.layers import Layer
from facecam.explain.objects import ObjectHeat
from facecam.overlay.heat import lay, over_square
from facecam.overlay.sheet import Panel, Row, draw_sheet
from facecam.types import Floats, Picture

_HIGH_PX = 360
_MAP_PX = 112
_FRAME = (222, 222, 222)


def object_picture(bgr: Picture, found: ObjectHeat, name: str) -> Picture:
    """(height, width, 3) uint8 BGR: the picture of that name, and the same under the heat map of its label."""
    shown = _sized(bgr, _HIGH_PX)
    factor = shown.shape[1] / bgr.shape[1]
    heated = shown.copy()
    lay(heated, found.heat, over_square(found.square, len(found.heat)) * np.float32(factor))
    (left, top, right, bottom) = (round(edge * factor) for edge in found.square.xyxy)
    cv2.rectangle(heated, (left, top), (right - 1, bottom - 1), _FRAME, 1, cv2.LINE_AA)
    words = ("Bright is what speaks for this label. The frame is what the network looks at.",)
    title = f"{found.label.name}, {found.label.probability * 100:.0f} %"
    return draw_sheet(title, words, [Row((Panel(shown, name), Panel(heated)))])


def face_picture(crop_rgb: Picture, heat: Floats, photo_rgb: Picture, title: str, captions: tuple[str, str]) -> Picture:
    """The same for a face: its crop, the crop under its heat map, and the crop of the photo it was compared with."""
    face, photo = (_sized(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8), _HIGH_PX) for rgb in (crop_rgb, photo_rgb))
    heated = face.copy()
    factor = _HIGH_PX / len(heat)
    lay(heated, heat, np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2]], np.float32))
    words = ("Bright is what makes the face like the photo: covered, it would be farther from it.",)
    return draw_sheet(title, words, [Row((Panel(face, captions[0]), Panel(heated), Panel(photo, captions[1])))])


def layers_picture(rgb: Picture, layers: Sequence[Layer], title: str) -> Picture:
    """What goes into a network, and below it a row for each layer: its maps that answer most, each from black to white."""
    rows = [Row((Panel(_sized(np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8), 2 * _MAP_PX)),))]
    for number, layer in enumerate(layers, start=1):
        _, high, wide = layer.maps.shape
        size = f"{wide} x {high} places, {len(layer.maps)} of {layer.channels} maps ({layer.name})"
        heading = f"{number}. {layer.about[0].upper()}{layer.about[1:]} · {size}"
        rows.append(Row(tuple(Panel(_map(one)) for one in layer.maps), heading))
    return draw_sheet(title, ("Each small picture is one feature map: bright where it answers.",), rows)


def _map(values: Floats) -> Picture:
    grey = np.round(values / max(float(values.max()), 1e-6) * 255).astype(np.uint8)
    large = cv2.resize(grey, (_MAP_PX, _MAP_PX), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), np.uint8)


def _sized(bgr: Picture, high_px: int) -> Picture:
    height, width = bgr.shape[:2]
    how = cv2.INTER_AREA if height > high_px else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(bgr, (max(1, round(width * high_px / height)), high_px), interpolation=how), np.uint8)
