"""Object recognition in a camera's frames: find the object, classify its square, average over time, or give no label.

A still image is classified as a whole; so is a frame that does not follow another one closely.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from facecam.detection.boxes import iou
from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Mtcnn
from facecam.errors import ModelError
from facecam.fileio import expand_home
from facecam.networks.keras_imagenet import keras_networks
from facecam.networks.user_networks import networks_dir
from facecam.objects.classifier import NETWORK, Classifier, TrainedClassifier, central_crop
from facecam.objects.evidence import Evidence, EvidenceRule
from facecam.objects.localization import (
    CROP_SCALES,
    ColorHistogram,
    ObjectLocator,
    area_of,
    central_square,
    guide_box,
    interpolate,
)
from facecam.objects.taught import FEATURE_NETWORK, INDEX, TaughtClassifier, TaughtFirstClassifier, taught_dir
from facecam.settings import DetectSettings, FollowSettings, Mode, ObjectSettings, Settings
from facecam.types import Box, Floats, Frame, Image, Label, Result

# Squares that overlap this much show the same part of the scene; the network's output for the last few is cached.
_SAME_SQUARE_IOU = 0.75
_CACHED_SQUARES = 4
# An object is found a few frames after it appears: a frame becomes the baseline when nothing was found for this long after it.
_SETTLED_MS = 400.0
# A face that matters here fills a good part of the image; detecting only large ones takes a third of the time.
MIN_FACE_PX = 60
_FACES = FollowSettings(detect_every_frames=15, detect_moving_every_frames=10)
# Frames farther apart are independent: images of a folder, or a camera that was lost.
_CONSECUTIVE_MS = 900.0
# A region that overlaps the last one less is another object.
_SAME_OBJECT_IOU = 0.2
# An object that is missed for less than this is expected where it was: it kept still, or a hand passed.
_MISSED_MS = 400.0
# Share of the way to its new place that the region moves in one frame.
_SMOOTHING = 0.5


class ObjectClassifier(Protocol):
    """Classifies an image or a square of one; `rule` decides whether that is enough. Owned by the thread that calls it first."""

    rule: EvidenceRule

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """Return the most probable labels of `bgr` (height, width, 3) uint8, best first; possibly none."""
        ...

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """Return the probability of each class, (n,) float32, for a square of `bgr`; possibly all zero."""
        ...

    def labels(self, probabilities: Floats) -> tuple[Label, ...]:
        """Return the three most probable labels, best first, given all probabilities (n,)."""
        ...

    def taught_shares(self) -> tuple[Label, ...]:
        """Return the taught labels with their probability for the square of the last call of `probabilities`, sure or not."""
        ...


def object_network(settings: ObjectSettings) -> str:
    """Return the configured network; one with a folder by its absolute path. ModelError lists the valid choices."""
    name = settings.network
    if name == NETWORK or name in keras_networks():
        return name
    for folder in (expand_home(name).absolute(), networks_dir() / name):
        if folder.is_dir():
            return str(folder)
    raise ModelError(
        "{name} does not classify objects; choose {network}, the folder of a trained network, or from keras.applications {names}",
        name=name,
        network=NETWORK,
        names=", ".join(keras_networks()),
    )


def pipeline_key(settings: Settings) -> tuple[str, int, int]:
    """Return the settings on which an `ObjectPipeline` depends."""
    return settings.objects.network, settings.identify.threads, settings.detect.threads


def required_networks(settings: Settings) -> list[str]:
    """Return the compiled networks that the objects mode needs; that of taught labels only once there are some."""
    network = object_network(settings.objects)
    has_taught = not Path(network).is_absolute() and (taught_dir() / INDEX).is_file()
    return [network, *([FEATURE_NETWORK] if has_taught else []), "pnet", "rnet", "onet"]


def open_classifier(settings: ObjectSettings, threads: int) -> ObjectClassifier:
    """Open the configured classifier; taught labels take precedence over ImageNet's. ModelError when weights are damaged."""
    network = object_network(settings)
    if Path(network).is_absolute():
        return TrainedClassifier(Path(network), threads)
    return TaughtFirstClassifier(TaughtClassifier(taught_dir(), threads), Classifier(threads, network))


class SceneBaseline:
    """The last image of one source without a new object: its labels and colors are not evidence for one.

    A network without a class for people calls their chest a bulletproof vest, also while an arm moves in front of it. What it
    sees in the baseline is therefore subtracted from what it sees now.
    """

    def __init__(self, classifier: ObjectClassifier) -> None:
        self._classifier = classifier
        self.reset(None)

    def reset(self, bgr: Image | None) -> None:
        """Use this first image (height, width, 3) uint8 as the baseline, or none."""
        self._bgr = bgr
        self._next: tuple[float, Image] | None = None
        self._colors: ColorHistogram | None = None
        self._cache: list[tuple[Box, Floats]] = []

    def observe(self, bgr: Image, t_ms: float) -> None:
        """Take in an image (height, width, 3) uint8 in which no new object was found."""
        if self._next is not None and t_ms - self._next[0] < _SETTLED_MS:
            return
        if self._next is not None:
            self._bgr, self._colors, self._cache = self._next[1], None, []
        self._next = t_ms, bgr

    def subtract(self, probabilities: Floats, square: Box) -> Floats:
        """Return the probabilities (n,) of a new object's square less those of the baseline."""
        self._next = None
        if self._bgr is None or not self._classifier.rule.subtract_baseline:
            return probabilities
        cached = (p for box, p in self._cache if p.size == probabilities.size and iou(square, box) >= _SAME_SQUARE_IOU)
        baseline = next(cached, None)
        if baseline is None:
            baseline = self._classifier.probabilities(self._bgr, square)
            self._cache = [(square, baseline), *self._cache][:_CACHED_SQUARES]
        difference: Floats = np.maximum(probabilities - baseline, np.float32(0))
        return difference

    def new_color_share(self, bgr: Image, square: Box) -> float:
        """Return the share of a square of `bgr` whose colors the baseline lacks; 0 without a baseline."""
        if self._bgr is None:
            return 0.0
        self._colors = self._colors or ColorHistogram(self._bgr)
        return self._colors.new_share(bgr[area_of(square, 1.0, bgr.shape)])


@dataclass(frozen=True, slots=True)
class ObjectObservation:
    """Labels, best first, none when unsure; and the region they are of, None for the whole image or for nothing new.

    `taught` has the probability of every taught label for this frame's region, else for the center; none if nothing was
    classified.
    """

    labels: tuple[Label, ...]
    region: Box | None = None
    taught: tuple[Label, ...] = ()

    def to_result(self, frame: Frame, gallery_revision: str, total_ms: float) -> Result:
        """Return the result of a frame that took `total_ms`."""
        result = Result.empty(frame, Mode.OBJECTS)
        return replace(
            result,
            labels=self.labels,
            region=self.region,
            taught=self.taught,
            gallery_revision=gallery_revision,
            total_ms=total_ms,
        )


@dataclass(slots=True, eq=False)
class ObjectState:
    """State of one source: background, faces, and the evidence for the new object and for the center of the image.

    `region` is where the new object is, `labeled_region` the same while it has a label.
    """

    follower: FaceFollower
    baseline: SceneBaseline
    new_evidence: Evidence
    center_evidence: Evidence
    locator: ObjectLocator = field(default_factory=ObjectLocator)
    crop_scales: Iterator[float] = field(default_factory=lambda: itertools.cycle(CROP_SCALES))
    region: Box | None = None
    labeled_region: Box | None = None
    found_ms: float = -math.inf
    last_ms: float = -math.inf
    size_wh: tuple[int, int] = (0, 0)

    def update_region(self, found: Box | None) -> None:
        """Move the region to where the object was found in this frame; far from the last place it is another object."""
        if found is not None:
            self.found_ms = self.last_ms
        elif self.last_ms - self.found_ms <= _MISSED_MS:
            return
        if found is None or self.region is None or iou(found, self.region) < _SAME_OBJECT_IOU:
            self.new_evidence.reset()
            self.region = found
        else:
            self.region = interpolate(self.region, found, _SMOOTHING)

    def reset(self) -> None:
        """Forget everything: the next frame is independent."""
        self.new_evidence.reset()
        self.center_evidence.reset()
        self.follower.reset()
        self.region = self.labeled_region = None


class ObjectPipeline:
    """Face detector, locator and classifier in a row. Owned by the thread that calls it first."""

    def __init__(self, settings: Settings) -> None:
        self._classifier = open_classifier(settings.objects, settings.identify.threads)
        self._detector = Mtcnn(DetectSettings(min_face_size_px=MIN_FACE_PX, threads=settings.detect.threads))

    def new_state(self) -> ObjectState:
        """Return the state for another source."""
        rule = self._classifier.rule
        return ObjectState(FaceFollower(self._detector, _FACES), SceneBaseline(self._classifier), Evidence(rule), Evidence(rule))

    def classify_image(self, bgr: Image) -> ObjectObservation:
        """Classify a still image (height, width, 3) uint8, sure or not."""
        return ObjectObservation(self._classifier.classify(bgr))

    def observe(self, frame: Frame, state: ObjectState) -> ObjectObservation:
        """Recognize the object in a source's next frame, given the state left by the frames before it."""
        bgr, since_ms = frame.bgr, frame.t_ms - state.last_ms
        is_independent = not 0 <= since_ms <= _CONSECUTIVE_MS or frame.size_wh != state.size_wh
        state.last_ms, state.size_wh = frame.t_ms, frame.size_wh
        if is_independent:
            state.reset()
        faces = [face.box for face in state.follower.detect(bgr)]
        found = state.locator.find(bgr, frame.t_ms, faces, state.labeled_region)
        if state.locator.scene_changed:
            # Something that fills half of the image may have just appeared: the scene without it is unknown.
            state.baseline.reset(bgr if is_independent else None)
        if is_independent:
            probabilities = self._classifier.probabilities(bgr, central_crop(bgr))
            is_sure = not faces and self._classifier.rule.accepts(probabilities, is_settled=False)
            taught = self._classifier.taught_shares()
            return ObjectObservation(self._classifier.labels(probabilities) if is_sure else (), taught=taught)
        state.update_region(found)
        taught = ()
        if state.region is None:
            state.baseline.observe(bgr, frame.t_ms)
        else:
            square = central_square(found or state.region, frame.size_wh, next(state.crop_scales))
            probabilities = self._classifier.probabilities(bgr, square)
            taught = self._classifier.taught_shares()
            probabilities = state.baseline.subtract(probabilities, square)
            state.new_evidence.add(probabilities, frame.t_ms, state.baseline.new_color_share(bgr, square))
        if state.new_evidence.is_settled and state.region is not None:
            state.labeled_region = state.region
            state.center_evidence.reset()
            return ObjectObservation(self._classifier.labels(state.new_evidence.mean), state.region, taught)
        state.labeled_region = None
        if not faces:
            guide = guide_box(frame.size_wh)
            state.center_evidence.add(self._classifier.probabilities(bgr, guide), frame.t_ms)
            taught = taught or self._classifier.taught_shares()
            if state.center_evidence.is_settled and (labels := self._classifier.labels(state.center_evidence.mean)):
                return ObjectObservation(labels, guide, taught)
        return ObjectObservation((), state.region if state.new_evidence.is_sustained else None, taught)
