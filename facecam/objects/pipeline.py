"""A camera's frames -> the object held up: find it, name its square, average over time, or say nothing.

A still picture is named as a whole; so is a frame that follows no other closely.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self

import numpy as np

from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Mtcnn
from facecam.errors import ModelError
from facecam.networks.keras_imagenet import keras_networks
from facecam.objects.classifier import NETWORK, Classifier, TrainedClassifier, central_crop
from facecam.objects.evidence import Evidence, EvidenceRule
from facecam.objects.localization import (
    CROP_SCALES,
    ColorHistogram,
    ObjectLocator,
    between,
    central_square,
    guide_box,
    overlap,
    pixels,
)
from facecam.objects.taught import FEATURE_NETWORK, INDEX, TaughtClassifier, TaughtFirstClassifier, taught_dir
from facecam.settings import DetectSettings, FollowSettings, Mode, ObjectSettings, Settings
from facecam.types import Box, Floats, Frame, Image, Label, Result

# MERGED objects.network: What names objects, by the settings: facecam's own, one of keras.applications, or a folder that `facecam train` wrote.


class ObjectNamer(Protocol):
    """Names what a picture, or a square of one, shows. `rule` says when that is enough.

    Owned by the thread that calls it first.
    """

    rule: EvidenceRule

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """The likeliest labels of `bgr` (height, width, 3) uint8, best first; none when it says nothing."""
        ...

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """(n,) float32: how likely each of its names is for a square of `bgr`; all zero when it says nothing."""
        ...

    def labels(self, likely: Floats) -> tuple[Label, ...]:
        """The three likeliest names, best first, given the probabilities (n,) of all."""
        ...


def object_network(settings: ObjectSettings) -> str:
    """The network that names objects; a trained one by its folder in full. ModelError says what there is to choose."""
    name = settings.network
    if name == NETWORK or name in keras_networks():
        return name
    folder = Path(name).expanduser().absolute()
    if folder.is_dir():
        return str(folder)
    raise ModelError(
        f"{name} names no objects; choose {NETWORK}, the folder of a trained network, or of keras.applications "
        f"{', '.join(keras_networks())}"
    )


def namer_networks(settings: ObjectSettings) -> list[str]:
    """The compiled networks that naming needs: also that of the taught labels, once there are some."""
    network = object_network(settings)
    teachable = not Path(network).is_absolute() and (taught_dir() / INDEX).is_file()
    return [network, FEATURE_NETWORK] if teachable else [network]


def open_namer(settings: ObjectSettings, threads: int) -> ObjectNamer:
    """What the settings ask for, ready to name; taught labels come before ImageNet's. ModelError when weights are damaged."""
    network = object_network(settings)
    if Path(network).is_absolute():
        return TrainedClassifier(Path(network), threads)
    return TaughtFirstClassifier(TaughtClassifier(taught_dir(), threads), Classifier(threads, network))


# MERGED objects.before: What was to be seen before anything new came: names that the network gave already, and colors that were there, are no news.
#
# The chest of whoever sits before the camera is a bulletproof vest to a network that has no name for a person, and remains one
# while an arm moves before it. What it said of the place is taken off what it says now.

# A square that overlaps this much shows the same; so many of them are kept.
_BEFORE_SAME = 0.75
_KEPT = 4
# What comes into the picture is found a few frames later: a picture counts once nothing was found for so long after it.
_SETTLED_MS = 400.0


class SceneBaseline:
    """The last picture of one source in which nothing was new."""

    def __init__(self, namer: ObjectNamer) -> None:
        self._namer = namer
        self.begin(None)

    def begin(self, bgr: Image | None) -> None:
        """This first picture (height, width, 3) uint8 is what was before; with None, nothing is known of it."""
        self._bgr = bgr
        self._next: tuple[float, Image] | None = None
        self._colors: ColorHistogram | None = None
        self._was: list[tuple[Box, Floats]] = []

    def keep(self, bgr: Image, t_ms: float) -> None:
        """Nothing new is found in this picture (height, width, 3) uint8."""
        if self._next is not None and t_ms - self._next[0] < _SETTLED_MS:
            return
        if self._next is not None:
            self._bgr, self._colors, self._was = self._next[1], None, []
        self._next = t_ms, bgr

    def news(self, likely: Floats, square: Box) -> Floats:
        """Something new is found. `likely` (n,), the probabilities of a square's names now, less what they were."""
        self._next = None
        if self._bgr is None or not self._namer.rule.news_only:
            return likely
        was = next((was for at, was in self._was if was.size == likely.size and overlap(square, at) >= _BEFORE_SAME), None)
        if was is None:
            was = self._namer.probabilities(self._bgr, square)
            self._was = [(square, was), *self._was][:_KEPT]
        news: Floats = np.maximum(likely - was, np.float32(0))
        return news

    def new_colors(self, bgr: Image, square: Box) -> float:
        """How much of a square of `bgr` has colors that were nowhere in the picture, 0 to 1; 0 while nothing is known."""
        if self._bgr is None:
            return 0.0
        self._colors = self._colors or ColorHistogram(self._bgr)
        return self._colors.new_share(bgr[pixels(square, 1.0, bgr.shape)])


# A face that matters here fills a good part of the picture; looking for large ones alone takes a third of the time.
_MIN_FACE_PX = 60
_FACES = FollowSettings(detect_every_frames=15, detect_moving_every_frames=10)
# Frames farther apart are pictures of their own: a folder's, or those of a camera that was lost.
_CONSECUTIVE_MS = 900.0
# Less overlap with the last place, and it is another thing.
_PIPELINE_SAME = 0.2
# A thing that is missed for so long is looked at where it was: it kept still, or a hand passed.
_MISSED_MS = 400.0
# How much of the way to its new place the shown region goes in one frame.
_FOLLOWS = 0.5


@dataclass(frozen=True, slots=True)
class ObjectObservation:
    """The labels, best first, none when not sure; and where it was looked, None for the whole picture or for nothing new."""

    labels: tuple[Label, ...]
    region: Box | None = None

    def result(self, frame: Frame, gallery_revision: str, total_ms: float) -> Result:
        """This as the result of a frame that took `total_ms`."""
        seen = Result.of(frame, Mode.OBJECTS)
        return replace(seen, labels=self.labels, region=self.region, gallery_revision=gallery_revision, total_ms=total_ms)


@dataclass(slots=True, eq=False)
class ObjectState:
    """What is remembered of one source: its background and faces, and the evidence for what is new and for what is in the middle.

    `place` is where something new is, `named` the same while it has a label.
    """

    follower: FaceFollower
    before: SceneBaseline
    new: Evidence
    middle: Evidence
    locator: ObjectLocator = field(default_factory=ObjectLocator)
    looks: Iterator[float] = field(default_factory=lambda: itertools.cycle(CROP_SCALES))
    place: Box | None = None
    named: Box | None = None
    found_ms: float = -math.inf
    last_ms: float = -math.inf
    size_wh: tuple[int, int] = (0, 0)

    def move(self, place: Box | None) -> None:
        """What is new is here in this frame, and for a moment where it was. Far from where it was, it is another thing."""
        if place is not None:
            self.found_ms = self.last_ms
        elif self.last_ms - self.found_ms <= _MISSED_MS:
            return
        if place is None or self.place is None or overlap(place, self.place) < _PIPELINE_SAME:
            self.new.forget()
            self.place = place
        else:
            self.place = between(self.place, place, _FOLLOWS)

    def begin_anew(self) -> None:
        """What comes next has nothing to do with what was."""
        self.new.forget()
        self.middle.forget()
        self.follower.forget()
        self.place = self.named = None


class ObjectPipeline:
    """Face detector, locator and classifier in a row. Owned by the thread that looks first."""

    def __init__(self, settings: Settings) -> None:
        self._namer = open_namer(settings.objects, settings.identify.threads)
        self._detector = Mtcnn(DetectSettings(min_face_size_px=_MIN_FACE_PX, threads=settings.detect.threads))

    def watching(self) -> ObjectState:
        """What one more source needs."""
        rule = self._namer.rule
        return ObjectState(FaceFollower(self._detector, _FACES), SceneBaseline(self._namer), Evidence(rule), Evidence(rule))

    def still(self, bgr: Image) -> ObjectObservation:
        """What a picture (height, width, 3) uint8 that stands alone shows, sure or not."""
        return ObjectObservation(self._namer.classify(bgr))

    def next(self, frame: Frame, watching: ObjectState) -> ObjectObservation:
        """What is held up in a source's next frame, given the ones before it."""
        bgr, since_ms = frame.bgr, frame.t_ms - watching.last_ms
        alone = not 0 <= since_ms <= _CONSECUTIVE_MS or frame.size_wh != watching.size_wh
        watching.last_ms, watching.size_wh = frame.t_ms, frame.size_wh
        if alone:
            watching.begin_anew()
        faces = [face.box for face in watching.follower.detect(bgr)]
        place = watching.locator.find(bgr, frame.t_ms, faces, watching.named)
        if watching.locator.began_anew:
            # Something that fills half of the picture may have come just now: nobody knows what was there before.
            watching.before.begin(bgr if alone else None)
        if alone:
            likely = self._namer.probabilities(bgr, central_crop(bgr))
            sure = not faces and self._namer.rule.enough(likely, stands=False)
            return ObjectObservation(self._namer.labels(likely) if sure else ())
        watching.move(place)
        if watching.place is None:
            watching.before.keep(bgr, frame.t_ms)
        else:
            self._look_at_new(bgr, central_square(place or watching.place, frame.size_wh, next(watching.looks)), watching)
        if watching.new.stands and watching.place is not None:
            watching.named = watching.place
            watching.middle.forget()
            return ObjectObservation(self._namer.labels(watching.new.mean), watching.named)
        watching.named = None
        seen = ObjectObservation(()) if faces else self._middle(frame, watching)
        return seen if seen.labels else ObjectObservation((), watching.place if watching.new.lasts else None)

    def _look_at_new(self, bgr: Image, square: Box, watching: ObjectState) -> None:
        """Take in what a square of this frame shows, where something is new."""
        news = watching.before.news(self._namer.probabilities(bgr, square), square)
        watching.new.add(news, watching.last_ms, watching.before.new_colors(bgr, square))

    def _middle(self, frame: Frame, watching: ObjectState) -> ObjectObservation:
        """The fallback: what is in the middle of the picture, new or not, where nobody sits."""
        guide = guide_box(frame.size_wh)
        watching.middle.add(self._namer.probabilities(frame.bgr, guide), frame.t_ms)
        return (
            ObjectObservation(self._namer.labels(watching.middle.mean), guide)
            if watching.middle.stands
            else ObjectObservation(())
        )

    def close(self) -> None:
        """Give the detector's networks back."""
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def networks(settings: Settings) -> list[str]:
    """The compiled networks that seeing objects needs."""
    return [*namer_networks(settings.objects), "pnet", "rnet", "onet"]
