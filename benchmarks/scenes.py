"""Scenes with an object in front of the camera: a photo pasted over a video, moved as a hand would move it.

A scene begins with the video alone; then the photo comes in from below within half a second and stays, swaying, turning, coming
nearer and farther. The scene's number determines everything. Frames are 640 wide, 15 a second, as a webcam delivers them indoors.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.compose import forward_and_back
from facecam.capture.files import VideoFile
from facecam.types import Frame, Image

FPS = 15.0
ALONE_S = 0.6
SHOWN_S = 2.4
_COMES_IN_S = 0.4
_WIDTH_PX = 640


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """A background video: its name and its frames."""

    name: str
    frames: tuple[Image, ...]

    def at(self, number: int) -> Image:
        """Return frame `number` of the video played forward, backward, forward ..."""
        return forward_and_back(self.frames, number)


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion of a photo: sizes as shares of three quarters of the frame's width, angles in degrees, cycles per second."""

    size: float
    nearer: float
    turn_deg: float
    sway_deg: float
    reach: float
    cycles_hz: float
    phase: float

    @classmethod
    def for_scene(cls, number: int) -> Motion:
        """Return the motion of scene `number`: the longer side 170 to 370 of 640 pixels, turned by up to 25 degrees."""
        random = np.random.default_rng(number)
        return cls(
            size=random.uniform(0.45, 0.68),
            nearer=random.uniform(0.03, 0.1),
            turn_deg=random.uniform(-15, 15),
            sway_deg=random.uniform(3, 10),
            reach=random.uniform(0.05, 0.2),
            cycles_hz=random.uniform(0.25, 0.6),
            phase=random.uniform(0, math.tau),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame of a scene; `shown` when at least half of the photo is in it."""

    frame: Frame
    shown: bool


def read_video(path: Path) -> Background:
    """Read every second frame of a video, which has about 30 a second."""
    frames: list[Image] = []
    with VideoFile(path) as video:
        for number in itertools.count():
            taken = video.read()
            if taken is None:
                break
            if number % 2 == 0:
                height = round(taken.bgr.shape[0] * _WIDTH_PX / taken.bgr.shape[1])
                frames.append(np.asarray(cv2.resize(taken.bgr, (_WIDTH_PX, height), interpolation=cv2.INTER_AREA), np.uint8))
    return Background(path.stem, tuple(frames))


def frames_alone(background: Background) -> Iterator[Frame]:
    """Yield the video's own frames, each once."""
    for index, bgr in enumerate(background.frames):
        yield Frame(bgr, index, index * 1000 / FPS, index / FPS, background.name)


def scene(background: Background, photo: Image, number: int, lasts_s: float = SHOWN_S) -> Iterator[Shot]:
    """Yield scene `number`: the video alone, then for `lasts_s` with the photo in front of it."""
    motion = Motion.for_scene(number)
    card = _resized(photo, _unit(background.frames[0]) * (motion.size + motion.nearer))
    first = number * 17
    for index in range(round((ALONE_S + lasts_s) * FPS)):
        bgr = background.at(first + index).copy()
        shown_s = index / FPS - ALONE_S
        if shown_s >= 0:
            paste(bgr, card, motion, shown_s)
        frame = Frame(bgr, index, index * 1000 / FPS, index / FPS, f"{background.name} {number}")
        yield Shot(frame, shown_s >= _COMES_IN_S / 2)


def paste(bgr: Image, card: Image, motion: Motion, shown_s: float) -> None:
    """Draw a photo over `bgr` at `shown_s` after it began to come in."""
    height, width = bgr.shape[:2]
    rows, columns = card.shape[:2]
    angle = math.tau * motion.cycles_hz * shown_s + motion.phase
    scale = _unit(bgr) * (motion.size + motion.nearer * math.sin(angle)) / max(rows, columns)
    x = width * (0.5 + motion.reach * math.cos(angle * 0.7))
    y = height * (0.5 + motion.reach / 2 * math.sin(angle * 1.3) + max(0.0, 1 - shown_s / _COMES_IN_S))
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), motion.turn_deg + motion.sway_deg * math.sin(angle * 0.8), scale)
    matrix[:, 2] += x - columns / 2, y - rows / 2
    cv2.warpAffine(card, matrix, (width, height), bgr, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)


def _unit(bgr: Image) -> float:
    """Return the unit of sizes in pixels: the height of a 4:3 image of the same width."""
    return bgr.shape[1] * 0.75


def _resized(photo: Image, longer_px: float) -> Image:
    """Scale the photo to its final size: warpAffine samples single pixels, and a larger photo would flicker."""
    scale = longer_px / max(photo.shape[:2])
    size_wh = max(1, round(photo.shape[1] * scale)), max(1, round(photo.shape[0] * scale))
    return np.asarray(cv2.resize(photo, size_wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.uint8)
