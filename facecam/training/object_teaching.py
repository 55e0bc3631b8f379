"""Teaching a label, forgetting it, and taking that back: every time the head is fitted anew to all views there are.

The base's features cost a few milliseconds a view and the head a second or two, so nothing is spared by fitting it in steps, and
nothing old can be lost.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Mtcnn
from facecam.errors import TeachingError
from facecam.imageio import read_image
from facecam.objects.classifier import central_crop
from facecam.objects.localization import CROP_SCALES, ObjectLocator, central_square, guide_box, overlap
from facecam.objects.taught import (
    BACKGROUND,
    FEATURES,
    TaughtHead,
    TaughtLabel,
    TaughtObjects,
    base_sha256,
    read_taught,
    write_taught,
)
from facecam.settings import DetectSettings, FollowSettings, Settings
from facecam.training.head import HeadEvaluation, check, fit
from facecam.types import Box, Floats, Frame, Image

# MERGED teach.views: The views of a thing that are worth keeping: varied ones, as features, with what was seen around it; those that photos give.

SAME_VIEW = 0.985
"""Two views with a larger cosine teach the same: neighboring frames of a thing held still lie at 0.99 and above."""

MIN_VIEWS, MOST_VIEWS = 8, 200
_KIN, _FEW, _MOST_STRAYS = 0.5, 0.2, 1 / 3
"""Views of one thing are mostly this alike. In scenes it has 0.28 to 0.9 of the views as kin, what is none of it 0.03 to 0.12."""

BLOCKS = 10
"""A teaching's views, in their order of time, are tested in so many blocks."""


class FeatureSource(Protocol):
    """(n, 1280) float32 features of length 1 for n squares of a picture."""

    def __call__(self, bgr: Image, squares: Sequence[Box]) -> Floats: ...


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


def from_photos(photos: Sequence[Image], reader: FeatureSource, told: Callable[[int, int], None]) -> Views:
    """Views of a thing from still pictures of it: each as it is, mirrored, turned, nearer and farther, darker and brighter."""
    found = Views()
    for number, photo in enumerate(photos, start=1):
        for view in variations(photo):
            found.keep(reader(view, (central_crop(view),))[0])
        found.seen += 1
        told(number, len(photos))
    return found


def background_views(reader: FeatureSource) -> TaughtLabel:
    """What is nothing, before anybody taught it: parts of the bundled pictures, plain shades and noise."""
    demo = sorted((Path(__file__).parents[1] / "_demo").glob("*.jpg"))
    pictures = [part for path in demo for part in _parts(read_image(path))]
    random = np.random.default_rng(5)
    for shade in (20, 90, 160, 235):
        flat = np.full((96, 96, 3), shade, np.uint8)
        pictures += [flat, cv2.GaussianBlur(random.integers(0, shade + 1, (96, 96, 3), np.uint8), (0, 0), 3).astype(np.uint8)]
        slope = np.linspace(shade / 2, shade, 96).astype(np.uint8)
        pictures.append(np.repeat(np.tile(slope, (96, 1))[:, :, None], 3, axis=2))
    views = np.concatenate([reader(picture, (central_crop(picture),)) for picture in pictures])
    return TaughtLabel(BACKGROUND, views, np.arange(len(views), dtype=np.int32), np.empty((0, FEATURES), np.float32))


def variations(bgr: Image) -> list[Image]:
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


def _parts(bgr: Image) -> list[Image]:
    """The whole picture, its quarters, its middle, and a strip at each side."""
    height, width = bgr.shape[:2]
    y, x = height // 2, width // 2
    quarters = [bgr[:y, :x], bgr[:y, x:], bgr[y:, :x], bgr[y:, x:]]
    return [bgr, *quarters, bgr[y // 2 : y + y // 2, x // 2 : x + x // 2], bgr[:, : x // 2], bgr[:, -x // 2 :]]


def _rows(features: Sequence[Floats]) -> Floats:
    return np.stack(features) if features else np.empty((0, FEATURES), np.float32)


LONGEST = 60


@dataclass(frozen=True, slots=True, eq=False)
class TeachingResult:
    """What was learned. `checked` tells how the head does on views it was not fitted on; None when no label is left."""

    taught: TaughtObjects
    checked: HeadEvaluation | None


def label_name(text: str) -> str:
    """The label as it is kept and shown: NFC, single blanks. TeachError when it cannot be shown as one line."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or not name.isprintable() or len(name) > LONGEST:
        raise TeachingError(f"{text[:80]!r} is no label; write 1 to {LONGEST} characters that can be seen")
    return BACKGROUND if name.casefold() == BACKGROUND else name


def teach(folder: Path, new: TaughtLabel, background: Callable[[], TaughtLabel]) -> TeachingResult:
    """Add the views of `new` to what `folder` holds, to those of the same label if there are any, and fit the head.

    `background` is asked once, for the first label. TeachError when the views are too few; then nothing is changed.
    """
    if len(new.views) < MIN_VIEWS:
        raise TeachingError(
            f"{new.name}: only {len(new.views)} different views were seen, {MIN_VIEWS} are needed; turn it, bring it nearer, "
            "or give more pictures"
        )
    before = read_taught(folder, base_sha256())
    labels = list(before.labels)
    if before.label(BACKGROUND) is None:
        labels.insert(0, background())
    known = next((number for number, label in enumerate(labels) if label.name == new.name), None)
    if known is None:
        labels.append(new)
    else:
        labels[known] = labels[known].joined(new)
    return _learn(folder, before, tuple(labels), before.forgotten)


def forget(folder: Path, name: str) -> TeachingResult:
    """Take a label away with all its views; until the next one is forgotten it can be had back. TeachError for an unknown one."""
    before = read_taught(folder, base_sha256())
    gone = before.label(name)
    if gone is None or name == BACKGROUND:
        known = [label.name for label in before.labels if label.name != BACKGROUND]
        raise TeachingError(
            f"{name!r} was not taught; {'taught are ' + ', '.join(known) if known else 'nothing was yet'} ({folder})"
        )
    return _learn(folder, before, tuple(label for label in before.labels if label is not gone), gone)


def restore_label(folder: Path) -> TeachingResult:
    """Put back the label that was forgotten last. TeachError when there is none."""
    before = read_taught(folder, base_sha256())
    gone = before.forgotten
    if gone is None:
        raise TeachingError(f"nothing was forgotten in {folder} that could be put back")
    again = before.label(gone.name)
    labels = tuple(label.joined(gone) if label is again else label for label in before.labels)
    return _learn(folder, before, labels if again else (*labels, gone), None)


def _learn(folder: Path, before: TaughtObjects, labels: tuple[TaughtLabel, ...], forgotten: TaughtLabel | None) -> TeachingResult:
    shown = [label for label in labels if label.name != BACKGROUND]
    head: TaughtHead | None = fit(labels) if shown else None
    after = replace(before, labels=labels, head=head, forgotten=forgotten)
    write_taught(folder, after, base_sha256())
    return TeachingResult(after, check(labels) if shown else None)


# MERGED teach.collecting: A source's frames -> the views of a thing that is held up, found where the live mode finds it; with what was seen around it.

LIVE_SECONDS = 10.0
ROOM_SECONDS = 2.0
"""At the start of a camera's lesson: the room alone, so that what is new in it is the thing."""

INTERVAL_MS = 95.0
"""Between two frames that are looked at; ten a second show every side of a thing that is turned by hand."""

_BESIDE_EVERY = 4
_CORNER_SHARE = 0.4
_SHARES = (CROP_SCALES, (CROP_SCALES[0], 1.05))
"""In turns: the live mode's two squares; and a larger one, since its place is not always the same about the same thing."""

_MIN_FACE_PX = 60


Finder = Callable[[Frame, bool], Box | None]
"""Where something new is in a source's next frame, None where nothing is; told whether it stays new however long it is there."""


class CapturePhase(StrEnum):
    """What a collector waits for."""

    ROOM = "room"
    THING = "thing"
    DONE = "done"


class ObjectFinder:
    """A Finder that looks as the live mode does. A context manager, owned by its thread."""

    def __init__(self, settings: Settings) -> None:
        self._detector = Mtcnn(DetectSettings(min_face_size_px=_MIN_FACE_PX, threads=settings.detect.threads))
        self._follower = FaceFollower(self._detector, FollowSettings(detect_every_frames=5, detect_moving_every_frames=3))
        self._locator = ObjectLocator()
        self._place: Box | None = None

    def __call__(self, frame: Frame, stays: bool) -> Box | None:
        faces = [face.box for face in self._follower.detect(frame.bgr)]
        self._place = self._locator.find(frame.bgr, frame.t_ms, faces, self._place if stays else None)
        return self._place

    def close(self) -> None:
        """Give the detector's networks back."""
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ViewCollector:
    """Takes a source's frames in turn: `room_s` seconds of the empty scene, then `thing_s` of the thing, None for all there are.

    `empty`: nothing is held up at all, so everything is a view of the background.
    """

    def __init__(
        self, reader: FeatureSource, finder: Finder, room_s: float, thing_s: float | None, *, empty: bool = False
    ) -> None:
        self.views = Views()
        self.part = CapturePhase.ROOM if room_s and not empty else CapturePhase.THING
        self._reader = reader
        self._finder = finder
        self._room_s, self._thing_s, self._empty = room_s, thing_s, empty
        self._since_ms: float | None = None
        self._last_ms = float("-inf")

    def wants(self, frame: Frame) -> bool:
        """Whether it is time for another frame."""
        return self.part is not CapturePhase.DONE and not 0 <= frame.t_ms - self._last_ms < INTERVAL_MS

    def done_share(self) -> float:
        """How much of the part that runs is over, 0 to 1; 0 where there is no end to see."""
        seconds = self._room_s if self.part is CapturePhase.ROOM else self._thing_s
        if self._since_ms is None or not seconds:
            return 0.0
        return min(1.0, (self._last_ms - self._since_ms) / 1e3 / seconds)

    def take(self, frame: Frame) -> None:
        """Look at a frame; afterward `part` says what is wanted next."""
        self._last_ms = frame.t_ms
        self._since_ms = frame.t_ms if self._since_ms is None else self._since_ms
        place = self._finder(frame, self.part is CapturePhase.THING)
        if self.part is CapturePhase.ROOM or self._empty:
            self._keep_room(frame, place)
        else:
            self._keep_thing(frame, place)
        if self.done_share() >= 1:
            self.part = CapturePhase.THING if self.part is CapturePhase.ROOM else CapturePhase.DONE
            self._since_ms = None

    def _keep_room(self, frame: Frame, place: Box | None) -> None:
        new = () if place is None else (central_square(place, frame.size_wh, CROP_SCALES[0]),)
        features = self._reader(frame.bgr, (central_crop(frame.bgr), guide_box(frame.size_wh), *new))
        if self._empty:
            self.views.seen += 1
            for row in features:
                self.views.keep(row)
        else:
            self.views.beside += list(features)

    def _keep_thing(self, frame: Frame, place: Box | None) -> None:
        views = self.views
        views.seen += 1
        if place is None:
            views.without += 1
            views.middle += list(self._reader(frame.bgr, (guide_box(frame.size_wh),)))
            return
        squares = [central_square(place, frame.size_wh, share) for share in _SHARES[views.seen % len(_SHARES)]]
        around = [] if views.seen % _BESIDE_EVERY else [box for box in _corners(frame.size_wh) if overlap(box, place) == 0]
        features = self._reader(frame.bgr, (*squares, *around))
        for row in features[: len(squares)]:
            views.keep(row)
        views.beside += list(features[len(squares) :])


def _corners(size_wh: tuple[int, int]) -> list[Box]:
    side = max(1.0, _CORNER_SHARE * min(size_wh))
    right, bottom = size_wh[0] - side, size_wh[1] - side
    return [Box(x, y, side, side) for x in (0, right) for y in (0, bottom)]
