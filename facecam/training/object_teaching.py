"""Teaching objects: collect varied views of an object, fit the head to all views, store them; forgetting and undo.

Features cost a few milliseconds per view and the head a second or two, so the head is always fitted to all views at once and
nothing old is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.detection.boxes import iou
from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Mtcnn
from facecam.errors import ImageError, TeachingError
from facecam.imageio import list_images, read_image
from facecam.objects.classifier import central_crop, label_key, label_text
from facecam.objects.localization import CROP_SCALES, ObjectLocator, central_square, guide_box
from facecam.objects.pipeline import MIN_FACE_PX
from facecam.objects.taught import BACKGROUND, FEATURES, TaughtLabel, TaughtObjects, base_sha256, read_taught, write_taught
from facecam.settings import DetectSettings, FollowSettings, Settings
from facecam.training.head import HeadEvaluation, evaluate_head, fit_head
from facecam.types import Box, Floats, Frame, Image

MIN_VIEWS, MAX_VIEWS = 8, 200
MAX_LABEL_LENGTH = 60
OBJECT_SECONDS = 10.0
SCENE_SECONDS = 2.0
"""The empty scene before a camera's object, so that what is new in it is the object."""
INTERVAL_MS = 95.0
"""Ten frames a second show every side of an object that is turned by hand."""
BLOCKS = 10
"""Blocks of time that the views of one session are tested in."""

_DUPLICATE_COSINE = 0.985
"""Views with a larger cosine teach the same: neighboring frames of an object held still lie at 0.99 and above."""
_RELATED_COSINE, _MIN_RELATED_SHARE, _MAX_OUTLIER_SHARE = 0.5, 0.2, 1 / 3
"""A view of the object is related to 0.28 to 0.9 of the views in scenes, any other view to 0.03 to 0.12."""
_NEGATIVES_EVERY = 4
_CORNER_SHARE = 0.4
_VIEW_SCALES = (CROP_SCALES, (CROP_SCALES[0], 1.05))
"""Alternating: the live mode's two squares, and a larger one, since the found region varies."""


FeatureSource = Callable[[Image, Sequence[Box]], Floats]
"""Returns (n, 1280) float32 features of length 1 for n squares of an image."""
RegionFinder = Callable[[Frame, bool], Box | None]
"""Returns the region of the new object in a source's next frame. The flag says that the object must not become background."""


@dataclass(slots=True)
class CapturedViews:
    """Views of an object and what was around it.

    `duplicates` counts views dropped for being like a stored one. `center_views` show the center of frames in which nothing was
    new: the object itself if it never moved, else the scene.
    """

    views: list[Floats] = field(default_factory=list)
    negatives: list[Floats] = field(default_factory=list)
    center_views: list[Floats] = field(default_factory=list)
    frames: int = 0
    duplicates: int = 0

    def label(self, name: str) -> TaughtLabel:
        """Return the views as a label, in BLOCKS stretches of time; outliers become negatives."""
        found = self
        if len(self.views) < MIN_VIEWS and self.center_views:
            found = CapturedViews(negatives=self.negatives)
            for features in self.center_views:
                found.add(features)
        rows = _stacked(found.views)
        is_outlier = _outliers(rows)
        count = int(np.count_nonzero(~is_outlier))
        blocks = (np.arange(count) * BLOCKS // max(count, 1)).astype(np.int32)
        negatives = np.concatenate([_stacked(found.negatives), rows[is_outlier]])
        return TaughtLabel(name, rows[~is_outlier], blocks, negatives)

    def add(self, features: Floats) -> bool:
        """Store features (1280,) unless they resemble stored ones or MAX_VIEWS is reached; return whether they are new."""
        if self.views and float(np.max(np.stack(self.views) @ features)) > _DUPLICATE_COSINE:
            self.duplicates += 1
            return False
        if len(self.views) < MAX_VIEWS:
            self.views.append(features)
        return True


def _outliers(views: Floats) -> NDArray[np.bool_]:
    """Mark the views (n, 1280) related to few others: something that was new for a moment.

    If these were more than a third, the object itself has many faces, and none is marked.
    """
    if not len(views):
        return np.zeros(0, np.bool_)
    found: NDArray[np.bool_] = (views @ views.T >= _RELATED_COSINE).mean(axis=1) < _MIN_RELATED_SHARE
    return found if found.mean() <= _MAX_OUTLIER_SHARE else np.zeros_like(found)


@dataclass(frozen=True, slots=True)
class RefusedPhoto:
    """Photo that could not be read, and why."""

    path: Path
    reason: str


def views_from_photos(
    photos: Sequence[Path],
    features: FeatureSource,
    report_progress: Callable[[int, int], None],
    report_refused: Callable[[RefusedPhoto], None],
) -> CapturedViews:
    """Collect views from photos of an object and from `variations` of each.

    Args:
        photos: The files; one that cannot be read is left out.
        features: Source of the features.
        report_progress: Called with the number of photos done and of all; it may raise to cancel.
        report_refused: Called for each photo that is left out.

    Raises:
        TeachingError: None of the photos could be read.
    """
    found = CapturedViews()
    for number, path in enumerate(photos, start=1):
        try:
            photo = read_image(path)
        except ImageError as error:
            report_refused(RefusedPhoto(path, error.text))
        else:
            for view in variations(photo):
                found.add(features(view, (central_crop(view),))[0])
            found.frames += 1
        report_progress(number, len(photos))
    if not found.frames:
        raise TeachingError("none of the photos could be read; nothing was taught")
    return found


def photos_in(paths: Sequence[Path]) -> list[Path]:
    """Return the photos, and for a folder the images directly in it. TeachingError when it cannot be read, or without any."""
    found: list[Path] = []
    for path in paths:
        try:
            found += list_images(path)[0] if path.is_dir() else [path]
        except OSError as error:
            raise TeachingError(
                "the folder {folder} cannot be read: {reason}; nothing was taught", folder=path, reason=error
            ) from error
    if not found:
        folders = ", ".join(map(str, paths))
        raise TeachingError("no photo is directly in {folders}; choose the folder that contains the photos", folders=folders)
    return list(dict.fromkeys(found))


def background_views(features: FeatureSource) -> TaughtLabel:
    """Return the initial background: parts of the bundled images, plain shades and noise."""
    demo = sorted((Path(__file__).parents[1] / "_demo").glob("*.jpg"))
    images = [part for path in demo for part in _parts(read_image(path))]
    random = np.random.default_rng(5)
    for shade in (20, 90, 160, 235):
        flat = np.full((96, 96, 3), shade, np.uint8)
        images += [flat, cv2.GaussianBlur(random.integers(0, shade + 1, (96, 96, 3), np.uint8), (0, 0), 3).astype(np.uint8)]
        gradient = np.linspace(shade / 2, shade, 96).astype(np.uint8)
        images.append(np.repeat(np.tile(gradient, (96, 1))[:, :, None], 3, axis=2))
    views = np.concatenate([features(image, (central_crop(image),)) for image in images])
    return TaughtLabel(BACKGROUND, views, np.arange(len(views), dtype=np.int32), np.empty((0, FEATURES), np.float32))


def variations(bgr: Image) -> list[Image]:
    """Return the image and eight variations: mirrored, rotated and scaled, darker, brighter, blurred."""
    height, width = bgr.shape[:2]
    center = (width / 2, height / 2)
    found = [bgr, np.ascontiguousarray(bgr[:, ::-1])]
    for angle, scale in ((-15, 1.1), (15, 1.1), (-7, 0.8), (8, 1.35)):
        rotation = cv2.getRotationMatrix2D(center, angle, scale)
        found.append(np.asarray(cv2.warpAffine(bgr, rotation, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8))
    found += [cv2.convertScaleAbs(bgr, alpha=alpha, beta=beta).astype(np.uint8) for alpha, beta in ((0.65, 0), (1.15, 25))]
    found.append(np.asarray(cv2.GaussianBlur(bgr, (0, 0), max(1.0, min(height, width) / 150)), np.uint8))
    return found


def _parts(bgr: Image) -> list[Image]:
    """Return the whole image, its quarters, its center, and a strip at each side."""
    height, width = bgr.shape[:2]
    y, x = height // 2, width // 2
    quarters = [bgr[:y, :x], bgr[:y, x:], bgr[y:, :x], bgr[y:, x:]]
    return [bgr, *quarters, bgr[y // 2 : y + y // 2, x // 2 : x + x // 2], bgr[:, : x // 2], bgr[:, -x // 2 :]]


def _stacked(features: Sequence[Floats]) -> Floats:
    return np.stack(features) if features else np.empty((0, FEATURES), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class TeachingResult:
    """The taught objects after a change, the spelling of the label that was changed, and the head's evaluation.

    The evaluation on held-out views is None when no label is left.
    """

    taught: TaughtObjects
    label: str
    evaluation: HeadEvaluation | None


def normalize_label(text: str) -> str:
    """Return the label in NFC with single spaces. TeachingError when it cannot be displayed on one line."""
    name = label_text(text)
    if not name or not name.isprintable() or len(name) > MAX_LABEL_LENGTH:
        raise TeachingError(
            "{text!r} cannot be a label; use 1 to {limit} printable characters", text=text[:80], limit=MAX_LABEL_LENGTH
        )
    return BACKGROUND if label_key(name) == BACKGROUND else name


def teach(folder: Path, new: TaughtLabel, background: Callable[[], TaughtLabel]) -> TeachingResult:
    """Add the views of `new` to the taught objects of `folder`, or to the same label in any spelling, and fit the head.

    A label keeps its first spelling. The first one also adds the initial `background`. TeachingError when there are too few
    views; nothing changes.
    """
    if len(new.views) < MIN_VIEWS:
        raise TeachingError(
            "{label}: found only {count} different views of at least {least}; turn the object, bring it nearer, or give "
            "more images",
            label=new.name,
            count=len(new.views),
            least=MIN_VIEWS,
        )
    taught = read_taught(folder, base_sha256())
    labels = list(taught.labels)
    if taught.label(BACKGROUND) is None:
        labels.insert(0, background())
    known = next((label for label in labels if label_key(label.name) == label_key(new.name)), None)
    changed = new if known is None else known.merged_with(new)
    labels = [*labels, new] if known is None else [changed if label is known else label for label in labels]
    return _fit_and_write(folder, taught, tuple(labels), changed.name, taught.forgotten)


def forget(folder: Path, name: str) -> TeachingResult:
    """Remove a label with its views; `restore_label` undoes it. TeachingError for an unknown label."""
    taught = read_taught(folder, base_sha256())
    removed = taught.label(name)
    if removed is None or name == BACKGROUND:
        known = [label.name for label in taught.labels if label.name != BACKGROUND]
        if not known:
            raise TeachingError("{name!r} was not taught; nothing has been taught yet ({folder})", name=name, folder=folder)
        raise TeachingError(
            "{name!r} was not taught; taught are {names} ({folder})", name=name, names=", ".join(known), folder=folder
        )
    labels = tuple(label for label in taught.labels if label is not removed)
    return _fit_and_write(folder, taught, labels, removed.name, removed)


def erase_label(folder: Path, name: str) -> bool:
    """Remove a label with its views for good, also one that was forgotten before; return whether there was one.

    TeachingError when the folder cannot be read or written.
    """
    taught = read_taught(folder, base_sha256())
    labels = tuple(label for label in taught.labels if label_key(label.name) != label_key(name))
    forgotten = taught.forgotten
    if forgotten is not None and label_key(forgotten.name) == label_key(name):
        forgotten = None
    if len(labels) == len(taught.labels) and forgotten is taught.forgotten:
        return False
    _fit_and_write(folder, taught, labels, name, forgotten)
    return True


def restore_label(folder: Path) -> TeachingResult:
    """Restore the label that was forgotten last. TeachingError when there is none."""
    taught = read_taught(folder, base_sha256())
    restored = taught.forgotten
    if restored is None:
        raise TeachingError("nothing was forgotten in {folder}, so nothing can be restored", folder=folder)
    same = taught.label(restored.name)
    labels = tuple(label.merged_with(restored) if label is same else label for label in taught.labels)
    return _fit_and_write(folder, taught, labels if same else (*labels, restored), (same or restored).name, None)


def _fit_and_write(
    folder: Path, taught: TaughtObjects, labels: tuple[TaughtLabel, ...], changed_label: str, forgotten: TaughtLabel | None
) -> TeachingResult:
    has_objects = any(label.name != BACKGROUND for label in labels)
    changed = replace(taught, labels=labels, head=fit_head(labels) if has_objects else None, forgotten=forgotten)
    write_taught(folder, changed, base_sha256())
    return TeachingResult(changed, changed_label, evaluate_head(labels) if has_objects else None)


class TeachingPhase(StrEnum):
    """Phase of teaching. In SCENE the object stays out of the image, in OBJECT it is shown and turned; PHOTOS replaces both."""

    IDLE = "idle"
    PREPARING = "preparing"
    PHOTOS = "photos"
    SCENE = "scene"
    OBJECT = "object"
    LEARNING = "learning"
    DONE = "done"
    FAILED = "failed"


class ObjectFinder:
    """RegionFinder that works like the live mode. Owned by its thread."""

    def __init__(self, settings: Settings) -> None:
        detector = Mtcnn(DetectSettings(min_face_size_px=MIN_FACE_PX, threads=settings.detect.threads))
        self._follower = FaceFollower(detector, FollowSettings(detect_every_frames=5, detect_moving_every_frames=3))
        self._locator = ObjectLocator()
        self._region: Box | None = None

    def __call__(self, frame: Frame, stays_new: bool) -> Box | None:
        faces = [face.box for face in self._follower.detect(frame.bgr)]
        self._region = self._locator.find(frame.bgr, frame.t_ms, faces, self._region if stays_new else None)
        return self._region


class ViewCollector:
    """Collects views from a source's frames: `scene_s` seconds of the empty scene, then `object_s` of the object.

    `phase` is SCENE, OBJECT or DONE. None for `object_s` uses all frames. With `background_only` everything is a view of the
    background.
    """

    def __init__(
        self,
        features: FeatureSource,
        finder: RegionFinder,
        scene_s: float,
        object_s: float | None,
        *,
        background_only: bool = False,
    ) -> None:
        self.views = CapturedViews()
        self.phase = TeachingPhase.SCENE if scene_s and not background_only else TeachingPhase.OBJECT
        self._features = features
        self._finder = finder
        self._scene_s, self._object_s, self._background_only = scene_s, object_s, background_only
        self._since_ms: float | None = None
        self._last_ms = float("-inf")

    def wants(self, frame: Frame) -> bool:
        """Return whether this frame is due."""
        return self.phase is not TeachingPhase.DONE and not 0 <= frame.t_ms - self._last_ms < INTERVAL_MS

    def phase_share(self) -> float:
        """Return the completed share of the current phase, 0 to 1; 0 for a phase without a set length."""
        seconds = self._scene_s if self.phase is TeachingPhase.SCENE else self._object_s
        if self._since_ms is None or not seconds:
            return 0.0
        return min(1.0, (self._last_ms - self._since_ms) / 1e3 / seconds)

    def add(self, frame: Frame) -> None:
        """Process a frame; afterward `phase` says what is needed next."""
        self._last_ms = frame.t_ms
        self._since_ms = frame.t_ms if self._since_ms is None else self._since_ms
        region = self._finder(frame, self.phase is TeachingPhase.OBJECT)
        if self.phase is TeachingPhase.SCENE or self._background_only:
            self._add_scene(frame, region)
        else:
            self._add_object(frame, region)
        if self.phase_share() >= 1:
            self.phase = TeachingPhase.OBJECT if self.phase is TeachingPhase.SCENE else TeachingPhase.DONE
            self._since_ms = None

    def _add_scene(self, frame: Frame, region: Box | None) -> None:
        new = () if region is None else (central_square(region, frame.size_wh, CROP_SCALES[0]),)
        features = self._features(frame.bgr, (central_crop(frame.bgr), guide_box(frame.size_wh), *new))
        if self._background_only:
            self.views.frames += 1
            for row in features:
                self.views.add(row)
        else:
            self.views.negatives += list(features)

    def _add_object(self, frame: Frame, region: Box | None) -> None:
        views = self.views
        views.frames += 1
        if region is None:
            views.center_views += list(self._features(frame.bgr, (guide_box(frame.size_wh),)))
            return
        squares = [central_square(region, frame.size_wh, share) for share in _VIEW_SCALES[views.frames % len(_VIEW_SCALES)]]
        corners = [] if views.frames % _NEGATIVES_EVERY else [box for box in _corners(frame.size_wh) if iou(box, region) == 0]
        features = self._features(frame.bgr, (*squares, *corners))
        for row in features[: len(squares)]:
            views.add(row)
        views.negatives += list(features[len(squares) :])


def _corners(size_wh: tuple[int, int]) -> list[Box]:
    side = max(1.0, _CORNER_SHARE * min(size_wh))
    right, bottom = size_wh[0] - side, size_wh[1] - side
    return [Box(x, y, side, side) for x in (0, right) for y in (0, bottom)]
