"""Composed video with a known number of faces, from webcam clips or, without them, from the demo's portraits.

A clip is a few dozen frames of one person; a composed frame is tiled, each tile a window around one clip's face. Clips play
forward and backward, so that a long video has no jump. Faces are as large as in the clips (about 60 px in a width of 640), or
`face_px`: dlib's detector finds none below 80 px.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.demo import demo_image
from facecam.capture.files import VideoFile
from facecam.detection.mtcnn import Mtcnn
from facecam.imageio import read_image
from facecam.settings import DetectSettings
from facecam.types import Image

VGA = (640, 480)
HD = (1280, 720)
_CLIP_FRAMES = 60
_PORTRAITS = ("eileen_collins", "grace_hopper")
_PORTRAIT_FACE_PX = 80
_WALL_BGR = (150, 162, 168)
_NOISE = 3.0


@dataclass(frozen=True, slots=True)
class Case:
    """Content of a composed frame. `face_px` is the longer side of a face; None keeps the clips' size."""

    size_wh: tuple[int, int]
    faces: int
    face_px: int | None = None

    def __str__(self) -> str:
        plural = "face" if self.faces == 1 else "faces"
        size = f" of {self.face_px} px" if self.face_px else ""
        return f"{self.size_wh[0]}x{self.size_wh[1]}, {self.faces} {plural}{size}"


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Consecutive images of one person, with the median center and longer side of the face in pixels."""

    name: str
    frames: tuple[Image, ...]
    center_xy: tuple[float, float]
    face_px: float

    def at(self, number: int) -> Image:
        """Return frame `number` of the clip played forward, backward, forward ..."""
        return forward_and_back(self.frames, number)


def forward_and_back(frames: Sequence[Image], number: int) -> Image:
    """Return frame `number` of frames played forward, backward, forward ..., so that there is no jump."""
    last = len(frames) - 1
    place = number % max(2 * last, 1)
    return frames[place if place <= last else 2 * last - place]


def clips_folder() -> Path | None:
    """Return the folder of the webcam clips below FACECAM_TEST_DATA, None without one."""
    named = os.environ.get("FACECAM_TEST_DATA")
    if not named:
        return None
    folders = [folder for folder in (Path(named) / "webcam", Path(named) / "data" / "webcam") if folder.is_dir()]
    return folders[0] if folders else None


def material() -> str:
    """Return the source of the frames, for the report."""
    return "webcam clips" if clips_folder() else "the demo's portraits, moved about"


@cache
def clips() -> tuple[Clip, ...]:
    """Return all clips in which a face was found."""
    folder = clips_folder()
    if folder is None:
        shots = [(name, _moving_portrait(name)) for name in _PORTRAITS]
    else:
        shots = [(path.stem, _read(path)) for path in sorted(folder.glob("*.mkv"))]
    detector = Mtcnn(DetectSettings())
    found = [_clip(name, frames, detector) for name, frames in shots]
    return tuple(clip for clip in found if clip is not None)


def frame(case: Case, number: int) -> Image:
    """Return frame `number` of the endless video of `case`."""
    width, height = case.size_wh
    rows = max(int(math.sqrt(case.faces * height / width) + 0.4), 1)
    image = np.empty((height, width, 3), np.uint8)
    place = 0
    for row in range(rows):
        columns = case.faces * (row + 1) // rows - place
        top, bottom = row * height // rows, (row + 1) * height // rows
        for column in range(columns):
            left, right = column * width // columns, (column + 1) * width // columns
            clip = clips()[place % len(clips())]
            image[top:bottom, left:right] = _tile(clip, number + 7 * place, (right - left, bottom - top), case)
            place += 1
    return image


def frames(case: Case, count: int, step: int = 1) -> list[Image]:
    """Return `count` frames of the case, every `step`-th."""
    return [frame(case, number * step) for number in range(count)]


def write_video(case: Case, path: Path, seconds: float, fps: float = 30) -> Path:
    """Write the case as a video file (MPEG-4 part 2, which OpenCV can write everywhere)."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, case.size_wh)
    if not writer.isOpened():
        raise OSError(f"OpenCV cannot write {path} as MPEG-4")
    for number in range(round(seconds * fps)):
        writer.write(frame(case, number))
    writer.release()
    return path


def _tile(clip: Clip, number: int, size_wh: tuple[int, int], case: Case) -> Image:
    """Return the window around the clip's face that fills a tile; the edge is repeated beyond the image."""
    source = clip.at(number)
    height, width = source.shape[:2]
    scale = case.face_px / clip.face_px if case.face_px else case.size_wh[1] / height
    if not case.face_px:
        scale = max(scale, size_wh[0] / width, size_wh[1] / height)
    window = size_wh[0] / scale, size_wh[1] / scale
    left = _inside(clip.center_xy[0] - window[0] / 2, window[0], width)
    top = _inside(clip.center_xy[1] - window[1] / 2, window[1], height)
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float32)
    tile = cv2.warpAffine(source, matrix, size_wh, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(tile, np.uint8)


def _inside(start: float, length: float, whole: float) -> float:
    """Move `start` so that the window stays inside the image; center the window when it is larger."""
    return (whole - length) / 2 if length >= whole else min(max(start, 0), whole - length)


def _clip(name: str, shots: list[Image], detector: Mtcnn) -> Clip | None:
    boxes = [found[0].box for found in (detector.detect(shot) for shot in shots[:: max(len(shots) // 5, 1)]) if found]
    if not boxes:
        return None
    places = np.array([(box.x + box.w / 2, box.y + box.h / 2, box.longer_side_px) for box in boxes])
    x, y, side = (float(value) for value in np.median(places, axis=0))
    return Clip(name, tuple(shots), (x, y), side)


def _read(path: Path) -> list[Image]:
    shots: list[Image] = []
    with VideoFile(path) as video:
        while len(shots) < _CLIP_FRAMES and (taken := video.read()) is not None:
            shots.append(taken.bgr)
    return shots


def _moving_portrait(name: str) -> list[Image]:
    """Return a portrait on a wall, 640x480, that sways and nods a little, with a camera's noise."""
    portrait = read_image(demo_image(name))
    detector = Mtcnn(DetectSettings())
    box = detector.detect(portrait)[0].box
    scale = _PORTRAIT_FACE_PX / box.longer_side_px
    random = np.random.default_rng(len(name))
    shots = []
    for number in range(_CLIP_FRAMES):
        angle = math.pi * number / _CLIP_FRAMES
        turned = cv2.getRotationMatrix2D((box.x + box.w / 2, box.y + box.h / 2), 6 * math.sin(angle), scale)
        turned[:, 2] += (320 - box.x - box.w / 2 + 25 * math.cos(angle), 140 - box.y - box.h / 2 + 8 * math.sin(2 * angle))
        shot = cv2.warpAffine(portrait, turned, VGA, borderMode=cv2.BORDER_CONSTANT, borderValue=_WALL_BGR)
        shots.append(np.clip(shot + random.normal(0, _NOISE, shot.shape), 0, 255).astype(np.uint8))
    return shots
