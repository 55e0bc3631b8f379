"""Scenes in which something is held up: a photograph pasted over a film, scaled, turned and moved as a hand would.

A scene begins with the film alone; then the photograph comes in from below within less than half a second and stays, swaying,
turning and coming nearer and farther. Everything follows from the scene's number. Frames are 640 wide, 15 a second, as a webcam
gives them in a room's light.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.files import VideoFile
from facecam.types import Frame, Image

FPS = 15.0
ALONE_S = 0.6
SHOWN_S = 2.4
_COMES_IN_S = 0.4
_WIDTH_PX = 640


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """A background: its name and its frames."""

    name: str
    frames: tuple[Image, ...]

    def at(self, number: int) -> Image:
        """Frame `number` of the film played forwards, backwards, forwards ..., so that it has no jump."""
        last = len(self.frames) - 1
        place = number % max(2 * last, 1)
        return self.frames[place if place <= last else 2 * last - place]


@dataclass(frozen=True, slots=True)
class Motion:
    """How a photograph is held: sizes as shares of three quarters of the frame's width, angles in degrees, cycles per second."""

    size: float
    nearer: float
    turn_deg: float
    sway_deg: float
    reach: float
    cycles_hz: float
    phase: float

    @classmethod
    def of(cls, number: int) -> Motion:
        """The motion of scene `number`: the longer side 170 to 370 of 640 pixels' width, turned by up to 25 degrees."""
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
    """A frame of a scene and whether at least half of the photograph is in it."""

    frame: Frame
    shown: bool


def film(path: Path) -> Film:
    """A video file as a background: every second frame, for a film has about 30 a second."""
    frames: list[Image] = []
    with VideoFile(path) as video:
        for number in itertools.count():
            taken = video.read()
            if taken is None:
                break
            if number % 2 == 0:
                height = round(taken.bgr.shape[0] * _WIDTH_PX / taken.bgr.shape[1])
                frames.append(np.asarray(cv2.resize(taken.bgr, (_WIDTH_PX, height), interpolation=cv2.INTER_AREA), np.uint8))
    return Film(path.stem, tuple(frames))


def alone(background: Film) -> Iterator[Frame]:
    """The film's own frames, each once."""
    for index, bgr in enumerate(background.frames):
        yield Frame(bgr, index, index * 1000 / FPS, index / FPS, background.name)


def scene(background: Film, photograph: Image, number: int, lasts_s: float = SHOWN_S) -> Iterator[Shot]:
    """Scene `number`: the film alone, then for `lasts_s` with the photograph before it."""
    motion = Motion.of(number)
    card = _shrunk(photograph, _unit(background.frames[0]) * (motion.size + motion.nearer))
    first = number * 17
    for index in range(round((ALONE_S + lasts_s) * FPS)):
        bgr = background.at(first + index).copy()
        shown_s = index / FPS - ALONE_S
        if shown_s >= 0:
            paste(bgr, card, motion, shown_s)
        frame = Frame(bgr, index, index * 1000 / FPS, index / FPS, f"{background.name} {number}")
        yield Shot(frame, shown_s >= _COMES_IN_S / 2)


def paste(bgr: Image, card: Image, motion: Motion, shown_s: float) -> None:
    """Lay a photograph over `bgr` as it is held `shown_s` after it has begun to come in."""
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
    """What sizes are shares of, in pixels: the height of a picture as wide that is 4 by 3. A lens's angle is its width's."""
    return bgr.shape[1] * 0.75


def _shrunk(photograph: Image, longer_px: float) -> Image:
    """The photograph at the size in which it is seen: warpAffine takes single pixels, and a larger one would sparkle."""
    scale = longer_px / max(photograph.shape[:2])
    size_wh = max(1, round(photograph.shape[1] * scale)), max(1, round(photograph.shape[0] * scale))
    return np.asarray(cv2.resize(photograph, size_wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), np.uint8)
