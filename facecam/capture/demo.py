"""Demo source: a virtual camera that pans and zooms over bundled images on a wall, identically on every run."""

from __future__ import annotations

import importlib.resources
import math
import time
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.video import Closing
from facecam.errors import CameraError
from facecam.imageio import read_image
from facecam.types import Floats, Frame, Image, SourceTime

IMAGES = ("eileen_collins", "grace_hopper", "cat", "coffee")

_SIZE_WH = (640, 480)
_FPS = 30
_SECONDS = 12
_SCENE_WH = (3360, 1000)
_WALL_BGR = (150, 162, 168)
_MAT_PX, _FRAME_PX = 16, 7

_PLACEMENTS = {
    # name: (left, top, factor, columns shown); both faces are 330 px below the upper edge of the scene
    "eileen_collins": (120, 160, 1.5, 420),
    "grace_hopper": (830, 103, 1.0, 512),
    "cat": (1440, 160, 1.9, 451),
    "coffee": (2400, 160, 1.4, 600),
}

_CAMERA_PATH = np.array(
    [
        # time in s; x, y and width of the view in pixels of the scene
        (0.0, 465, 372, 640),  # Eileen Collins
        (2.6, 475, 380, 560),
        (3.6, 780, 400, 960),  # both
        (5.6, 790, 392, 915),
        (6.6, 1094, 362, 610),  # Grace Hopper
        (8.2, 1100, 372, 555),
        (9.0, 1868, 445, 780),  # the cat
        (10.3, 1868, 440, 700),
        (11.0, 2820, 440, 800),  # the coffee
        (12.0, 2820, 440, 730),
    ]
)


def demo_image(name: str) -> Path:
    """Return the path of a bundled image, one of IMAGES."""
    path = Path(str(importlib.resources.files("facecam"))) / "_demo" / f"{name}.jpg"
    if name not in IMAGES or not path.is_file():
        raise CameraError(
            "demo image {name} does not exist; choose one of {names}, or reinstall facecam", name=name, names=", ".join(IMAGES)
        )
    return path


class DemoSource(Closing):
    """Twelve seconds at 30 fps, 640x480: Eileen Collins, both, Grace Hopper, then a cat and a cup of coffee."""

    source = "demo"
    camera_id = ""
    live = False
    fps: float | None = float(_FPS)
    size_wh: tuple[int, int] | None = _SIZE_WH
    frame_count: int | None = _FPS * _SECONDS
    time: SourceTime | None = None

    def __init__(self) -> None:
        self._scene: Image | None = _scene()
        self._index = 0

    def read(self) -> Frame | None:
        """Return the next frame; None after the last."""
        if self._scene is None or self._index == self.frame_count:
            return None
        index, self._index = self._index, self._index + 1
        # WARP_INVERSE_MAP: the matrix maps pixels of the camera to pixels of the scene.
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        bgr = cv2.warpAffine(self._scene, _view(index / _FPS), _SIZE_WH, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return Frame(np.asarray(bgr, np.uint8), index, index * 1000 / _FPS, time.monotonic(), self.source)

    @property
    def length_ms(self) -> float | None:
        """Return the length."""
        return _SECONDS * 1000.0

    def seek(self, t_ms: float) -> None:
        """Continue with the first frame at `t_ms` or later."""
        self._index = min(_FPS * _SECONDS, max(0, math.ceil((t_ms - 1) * _FPS / 1000)))

    def close(self) -> None:
        self._scene = None


def _view(t_s: float) -> Floats:
    """Return the affine matrix (2, 3) from camera to scene pixels: smooth between stops, with the shake of a hand-held camera."""
    stop = int(np.clip(np.searchsorted(_CAMERA_PATH[:, 0], t_s, side="right") - 1, 0, len(_CAMERA_PATH) - 2))
    begin, end = _CAMERA_PATH[stop], _CAMERA_PATH[stop + 1]
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
    """Return the wall with the framed images, slightly darker toward the floor."""
    width, height = _SCENE_WH
    shade = np.linspace(1.08, 0.8, height)[:, np.newaxis, np.newaxis]
    scene = np.broadcast_to(np.clip(np.array(_WALL_BGR) * shade, 0, 255).astype(np.uint8), (height, width, 3)).copy()
    for name, (left, top, factor, columns) in _PLACEMENTS.items():
        image = read_image(demo_image(name))[:, :columns]
        image = np.asarray(cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC), np.uint8)
        bottom, right = min(top + image.shape[0], height), left + image.shape[1]
        for margin, gray in ((_MAT_PX + _FRAME_PX, 45), (_MAT_PX, 238)):
            scene[max(0, top - margin) : bottom + margin, left - margin : right + margin] = gray
        scene[top:bottom, left:right] = image[: bottom - top]
    return scene
