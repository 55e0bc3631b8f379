"""Scenes as a webcam sees them: a photographed thing, scaled, turned and moved, pasted over a video's frames. Seeded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from facecam.capture.files import VideoFile
from facecam.types import Picture

FRAME_WH = (640, 480)


def background(video: Path, start: int, count: int) -> list[Picture]:
    """`count` frames of a video from frame `start` on, 640x480; from its beginning again where it ends."""
    found: list[Picture] = []
    with VideoFile(video) as source:
        while (frame := source.read()) is not None:
            found.append(np.asarray(cv2.resize(frame.bgr, FRAME_WH, interpolation=cv2.INTER_AREA), np.uint8))
    return [found[(start + number) % len(found)] for number in range(count)]


def held_up(thing: Picture, frames: Sequence[Picture], seed: int) -> Iterator[Picture]:
    """The frames with the thing in the middle third, its size, turn, place and light drifting as in a hand."""
    random = np.random.default_rng(seed)
    height, width = thing.shape[:2]
    side = min(height, width)
    square = thing[(height - side) // 2 : (height + side) // 2, (width - side) // 2 : (width + side) // 2]
    waves = random.uniform(0, 2 * np.pi, 5), random.uniform(0.02, 0.09, 5)
    for number, frame in enumerate(frames):
        size, turn, right, down, light = np.sin(waves[0] + waves[1] * 3 * number)
        px = (0.55 + 0.12 * size) * FRAME_WH[1]
        matrix = cv2.getRotationMatrix2D((side / 2, side / 2), 14 * turn, px / side)
        matrix[:, 2] += np.array(FRAME_WH) / 2 - side / 2 + np.array([0.05 * right, 0.05 * down]) * FRAME_WH[1]
        lit = cv2.convertScaleAbs(square, alpha=1 + 0.2 * light)
        pasted = cv2.warpAffine(lit, matrix, FRAME_WH, flags=cv2.INTER_AREA)
        where = cv2.warpAffine(np.full((side, side), 255, np.uint8), matrix, FRAME_WH) > 127
        scene = frame.copy()
        scene[where] = pasted[where]
        noise = random.normal(0, 3, scene.shape)
        yield np.clip(cv2.GaussianBlur(scene, (0, 0), 0.7) + noise, 0, 255).astype(np.uint8)


def altered(picture: Picture, random: np.random.Generator, *, test: bool) -> Picture:
    """The picture turned, moved, scaled and lit otherwise; test pictures in other ways than those that are learned from.

    Learned: turns up to 12 degrees, scales 0.9 to 1.3, brighter or darker. Test: turns of 12 to 25 degrees either way,
    scales 1.3 to 1.6, another colour balance, blur, mirrored half of the time.
    """
    height, width = picture.shape[:2]
    angle = random.choice([-1, 1]) * random.uniform(12, 25) if test else random.uniform(-12, 12)
    scale = random.uniform(1.3, 1.6) if test else random.uniform(0.9, 1.3)
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(angle), float(scale))
    matrix[:, 2] += random.uniform(-0.08, 0.08, 2) * (width, height)
    found = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    if not test:
        return np.asarray(cv2.convertScaleAbs(found, alpha=float(random.uniform(0.75, 1.25))), np.uint8)
    tinted = np.clip(found * random.uniform(0.75, 1.2, 3), 0, 255).astype(np.uint8)
    blurred = cv2.GaussianBlur(tinted, (0, 0), float(random.uniform(0.5, 2.0)))
    return np.asarray(blurred[:, ::-1] if random.random() < 0.5 else blurred, np.uint8)
