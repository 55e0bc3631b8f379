"""The views of a thing that are worth keeping: varied ones, as features, with what was seen around it; those that photos give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.objects.classifier import centre
from facecam.objects.taught_head import FEATURES
from facecam.objects.taught_store import BACKGROUND, TaughtLabel
from facecam.picture import read_picture
from facecam.types import Box, Floats, Picture

SAME_VIEW = 0.985
"""Two views with a larger cosine teach the same: neighbouring frames of a thing held still lie at 0.99 and above."""

MIN_VIEWS, MOST_VIEWS = 8, 200
_KIN, _FEW, _MOST_STRAYS = 0.5, 0.2, 1 / 3
"""Views of one thing are mostly this alike. In scenes it has 0.28 to 0.9 of the views as kin, what is none of it 0.03 to 0.12."""

BLOCKS = 10
"""A teaching's views, in their order of time, are tested in so many blocks."""


class Reader(Protocol):
    """(n, 1280) float32 features of length 1 for n squares of a picture."""

    def __call__(self, bgr: Picture, squares: Sequence[Box]) -> Floats: ...


@dataclass(slots=True)
class Views:
    """What was kept and what not. `alike` counts views like one that was kept, `without` frames in which nothing was new.

    `middle` is what was in the middle of the latter: the thing itself, when it never moved, else the room.
    """

    views: list[Floats] = field(default_factory=list)
    beside: list[Floats] = field(default_factory=list)
    middle: list[Floats] = field(default_factory=list)
    seen: int = 0
    alike: int = 0
    without: int = 0

    def label(self, name: str) -> TaughtLabel:
        """Them as a label, in BLOCKS stretches of time."""
        found = self if len(self.views) >= MIN_VIEWS or not self.middle else self._of_middle()
        rows = _rows(found.views)
        stray = strays(rows)
        count = int(np.count_nonzero(~stray))
        blocks = (np.arange(count) * BLOCKS // max(count, 1)).astype(np.int32)
        return TaughtLabel(name, rows[~stray], blocks, np.concatenate([_rows(found.beside), rows[stray]]))

    def _of_middle(self) -> Views:
        """What the middle of the frames showed, as views of the thing."""
        found = Views(beside=self.beside)
        for features in self.middle:
            found.keep(features)
        return found

    def keep(self, features: Floats) -> bool:
        """Whether these features (1280,) show a new side; then they are kept, as far as there is room."""
        if self.views and float(np.max(np.stack(self.views) @ features)) > SAME_VIEW:
            self.alike += 1
            return False
        if len(self.views) < MOST_VIEWS:
            self.views.append(features)
        return True


def strays(views: Floats) -> NDArray[np.bool_]:
    """Which of the views (n, 1280) are like few of the others: what was new for a moment, and not the thing.

    None, when they would be more than a third: then the thing has many faces.
    """
    if not len(views):
        return np.zeros(0, np.bool_)
    found: NDArray[np.bool_] = (views @ views.T >= _KIN).mean(axis=1) < _FEW
    return found if found.mean() <= _MOST_STRAYS else np.zeros_like(found)


def from_photos(photos: Sequence[Picture], reader: Reader, told: Callable[[int, int], None]) -> Views:
    """Views of a thing from still pictures of it: each as it is, mirrored, turned, nearer and farther, darker and brighter."""
    found = Views()
    for number, photo in enumerate(photos, start=1):
        for view in variations(photo):
            found.keep(reader(view, (centre(view),))[0])
        found.seen += 1
        told(number, len(photos))
    return found


def background_views(reader: Reader) -> TaughtLabel:
    """What is nothing, before anybody taught it: parts of the bundled pictures, plain shades and noise."""
    demo = sorted((Path(__file__).parents[1] / "_demo").glob("*.jpg"))
    pictures = [part for path in demo for part in _parts(read_picture(path))]
    random = np.random.default_rng(5)
    for shade in (20, 90, 160, 235):
        flat = np.full((96, 96, 3), shade, np.uint8)
        pictures += [flat, cv2.GaussianBlur(random.integers(0, shade + 1, (96, 96, 3), np.uint8), (0, 0), 3).astype(np.uint8)]
        slope = np.linspace(shade / 2, shade, 96).astype(np.uint8)
        pictures.append(np.repeat(np.tile(slope, (96, 1))[:, :, None], 3, axis=2))
    views = np.concatenate([reader(picture, (centre(picture),)) for picture in pictures])
    return TaughtLabel(BACKGROUND, views, np.arange(len(views), dtype=np.int32), np.empty((0, FEATURES), np.float32))


def variations(bgr: Picture) -> list[Picture]:
    """The picture and eight others that show the same thing."""
    height, width = bgr.shape[:2]
    middle = (width / 2, height / 2)
    found = [bgr, np.ascontiguousarray(bgr[:, ::-1])]
    for angle, scale in ((-15, 1.1), (15, 1.1), (-7, 0.8), (8, 1.35)):
        turn = cv2.getRotationMatrix2D(middle, angle, scale)
        found.append(np.asarray(cv2.warpAffine(bgr, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8))
    found += [cv2.convertScaleAbs(bgr, alpha=alpha, beta=beta).astype(np.uint8) for alpha, beta in ((0.65, 0), (1.15, 25))]
    found.append(np.asarray(cv2.GaussianBlur(bgr, (0, 0), max(1.0, min(height, width) / 150)), np.uint8))
    return found


def _parts(bgr: Picture) -> list[Picture]:
    """The whole picture, its quarters, its middle, and a strip at each side."""
    height, width = bgr.shape[:2]
    y, x = height // 2, width // 2
    quarters = [bgr[:y, :x], bgr[:y, x:], bgr[y:, :x], bgr[y:, x:]]
    return [bgr, *quarters, bgr[y // 2 : y + y // 2, x // 2 : x + x // 2], bgr[:, : x // 2], bgr[:, -x // 2 :]]


def _rows(features: Sequence[Floats]) -> Floats:
    return np.stack(features) if features else np.empty((0, FEATURES), np.float32)
