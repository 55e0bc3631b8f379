"""A camera that needs no camera: it pans and zooms, never quite still, over bundled pictures on a wall. The same every time."""

from __future__ import annotations

import importlib.resources
import math
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from facecam.errors import CameraError
from facecam.imageio import read_image
from facecam.types import Floats, Frame, Image

PICTURES = ("eileen_collins", "grace_hopper", "cat", "coffee")

_SIZE_WH = (640, 480)
_FPS = 30
_SECONDS = 12
_SCENE_WH = (3360, 1000)
_WALL_BGR = (150, 162, 168)
_MAT_PX, _FRAME_PX = 16, 7

_HUNG = {
    # name: (left, top, factor, columns shown); both portraits' faces are 330 px below the scene's upper edge
    "eileen_collins": (120, 160, 1.5, 420),
    "grace_hopper": (830, 103, 1.0, 512),
    "cat": (1440, 160, 1.9, 451),
    "coffee": (2400, 160, 1.4, 600),
}

_PATH = np.array(
    [
        # s, x, y, width of what the camera sees, in pixels of the scene
        (0.0, 465, 372, 640),  # Eileen Collins
        (2.6, 475, 380, 560),
        (3.6, 780, 400, 960),  # both
        (5.6, 790, 392, 915),
        (6.6, 1094, 362, 610),  # Grace Hopper
        (8.2, 1100, 372, 555),
        (9.0, 1868, 445, 780),  # nobody: the cat
        (10.3, 1868, 440, 700),
        (11.0, 2820, 440, 800),  # the coffee
        (12.0, 2820, 440, 730),
    ]
)


def demo_picture(name: str) -> Path:
    """The path of a bundled picture: one of PICTURES."""
    path = Path(str(importlib.resources.files("facecam"))) / "_demo" / f"{name}.jpg"
    if name not in PICTURES or not path.is_file():
        raise CameraError(f"there is no demo picture {name}; there are {', '.join(PICTURES)}, else install facecam again")
    return path


class DemoSource:
    """Twelve seconds at 30 fps, 640x480: Eileen Collins, both, Grace Hopper, then nobody but a cat and a cup of coffee."""

    source = "demo"
    camera_id = ""
    live = False
    fps: float | None = float(_FPS)
    size_wh: tuple[int, int] | None = _SIZE_WH
    frame_count: int | None = _FPS * _SECONDS

    def __init__(self) -> None:
        self._scene: Image | None = _scene()
        self._index = 0

    def read(self) -> Frame | None:
        """The next frame; None after the last."""
        if self._scene is None or self._index == _FPS * _SECONDS:
            return None
        index, self._index = self._index, self._index + 1
        # WARP_INVERSE_MAP: the matrix leads from the camera's pixels to the scene's.
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        bgr = cv2.warpAffine(self._scene, _view(index / _FPS), _SIZE_WH, flags=how, borderMode=cv2.BORDER_REPLICATE)
        return Frame(np.asarray(bgr, np.uint8), index, index * 1000 / _FPS, time.monotonic(), self.source)

    def close(self) -> None:
        self._scene = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _view(t_s: float) -> Floats:
    """The affine matrix (2, 3) from the camera's pixels to the scene's: smooth between the path's stops, held by hand."""
    stop = int(np.clip(np.searchsorted(_PATH[:, 0], t_s, side="right") - 1, 0, len(_PATH) - 2))
    begin, end = _PATH[stop], _PATH[stop + 1]
    share = (t_s - begin[0]) / (end[0] - begin[0])
    _, x, y, width = begin + (end - begin) * share * share * (3 - 2 * share)
    x += 3.0 * math.sin(5.7 * t_s) + 1.2 * math.sin(14.3 * t_s + 1)
    y += 2.5 * math.sin(4.9 * t_s + 2) + 1.0 * math.sin(16.1 * t_s)
    roll = math.radians(0.7) * math.sin(3.1 * t_s)
    factor = width / _SIZE_WH[0]
    cosine, sine = factor * math.cos(roll), factor * math.sin(roll)
    half_w, half_h = _SIZE_WH[0] / 2, _SIZE_WH[1] / 2
    return np.array(
        [[cosine, -sine, x - cosine * half_w + sine * half_h], [sine, cosine, y - sine * half_w - cosine * half_h]], np.float32
    )


def _scene() -> Image:
    """The wall with the framed pictures on it, a little darker toward the floor."""
    width, height = _SCENE_WH
    shade = np.linspace(1.08, 0.8, height)[:, np.newaxis, np.newaxis]
    scene = np.broadcast_to(np.clip(np.array(_WALL_BGR) * shade, 0, 255).astype(np.uint8), (height, width, 3)).copy()
    for name, (left, top, factor, columns) in _HUNG.items():
        picture = read_image(demo_picture(name))[:, :columns]
        picture = np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
        bottom, right = min(top + picture.shape[0], height), left + picture.shape[1]
        for margin, gray in ((_MAT_PX + _FRAME_PX, 45), (_MAT_PX, 238)):
            scene[max(0, top - margin) : bottom + margin, left - margin : right + margin] = gray
        scene[top:bottom, left:right] = picture[: bottom - top]
    return scene
