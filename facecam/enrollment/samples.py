"""Select a person's samples from video frames: sharp, different from each other, and detected again in the saved crop.

The number of candidates kept is bounded, whatever the length of the video.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from facecam.errors import GalleryError
from facecam.recognition.face_analyzer import OK, ImageFaceAnalyzer, single_face
from facecam.types import Box, FaceObservation, Floats, Image

MAX_SAMPLES = 12
CROP_FACTOR = 2.5
"""Side of the saved square over the face's longer side: MTCNN detects a face again if half its size or more surrounds it."""

POOL_SIZE = 60
"""Candidates kept while a video runs, five for each sample: enough to drop those too alike or not found again."""

JPEG_QUALITY = 97
"""At 97 a face read again differs from the original by less than the camera's noise; 100 doubles the size for nothing."""

POSE_STEP_DEG = 15
TOO_ALIKE, ALREADY_ENROLLED, NOT_FOUND_AGAIN, OUTLIER = "too_alike", "already_enrolled", "not_found_again", "outlier"


@dataclass(frozen=True, slots=True, eq=False)
class NewSample:
    """Image to save for a person: a JPEG file's content and the face in it."""

    jpeg: bytes
    observation: FaceObservation

    @property
    def embedding(self) -> Floats:
        """(128,) float32; a NewSample is only made from a face that has one."""
        assert self.observation.embedding is not None
        return self.observation.embedding


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Selected samples, and the number of refused frames or photos by reason code."""

    samples: tuple[NewSample, ...]
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """Maximum number of samples and the distances they must keep. Distances are plain L2, for the default network.

    Samples nearer than `min_distance_l2` add nothing: one person's frames are a median 0.15 apart within a clip. A saved crop
    whose embedding is farther than `max_reread_l2` from its frame's shows another face. A face farther than `max_spread_l2` from
    the middle of the video is another person who passed by.
    """

    max_samples: int = MAX_SAMPLES
    min_distance_l2: float = 0.05
    max_reread_l2: float = 0.15
    max_spread_l2: float = 0.45

    @classmethod
    def for_threshold(cls, threshold_l2: float) -> SelectionRule:
        """Scale the distances to a network with this threshold: distances of different networks differ in scale."""
        return cls(min_distance_l2=threshold_l2 / 6, max_reread_l2=threshold_l2 / 2, max_spread_l2=threshold_l2 * 1.5)


def face_crop(bgr: Image, box: Box) -> Image:
    """Copy the square around the face, CROP_FACTOR times its longer side, clipped to the frame."""
    half = CROP_FACTOR * box.longer_side_px / 2
    center_x, center_y = box.x + box.w / 2, box.y + box.h / 2
    height, width = bgr.shape[:2]
    left, right = max(0, round(center_x - half)), min(width, round(center_x + half))
    upper, lower = max(0, round(center_y - half)), min(height, round(center_y + half))
    return bgr[upper:lower, left:right].copy()


def encode_jpeg(bgr: Image) -> bytes:
    """Return an image as a JPEG file's content. GalleryError when it is too large for the format (65,535 px)."""
    import cv2

    refused = GalleryError(f"an image of {bgr.shape[1]} x {bgr.shape[0]} px cannot be saved as JPEG")
    try:
        done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    except cv2.error as error:
        raise refused from error
    if not done:
        raise refused
    return data.tobytes()


def reread(jpeg: bytes, observation: FaceObservation, analyzer: ImageFaceAnalyzer, max_reread_l2: float) -> NewSample | None:
    """Return the sample that the gallery will read from this JPEG, None when it does not show the same face."""
    import cv2

    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    again = single_face(analyzer.analyze(np.asarray(decoded, np.uint8)))
    if not isinstance(again, FaceObservation) or again.embedding is None or observation.embedding is None:
        return None
    return None if np.linalg.norm(again.embedding - observation.embedding) > max_reread_l2 else NewSample(jpeg, again)


class CandidatePool:
    """Best frames so far, at most `size`. Of two alike frames the sharper stays; in a full pool, of the closest two."""

    def __init__(self, min_distance_l2: float, size: int = POOL_SIZE) -> None:
        self._min_distance_l2 = min_distance_l2
        self._size = size
        self.candidates: list[NewSample] = []
        self.refused: Counter[str] = Counter()

    def offer(self, bgr: Image, observations: Sequence[FaceObservation]) -> None:
        """Consider a frame with its faces. A frame without exactly one usable face, or too like a sharper one, is counted."""
        face = single_face(observations)
        if not isinstance(face, FaceObservation) or face.embedding is None:
            self.refused[face if isinstance(face, str) else "no_face"] += 1
            return
        duplicate = self._duplicate_of(face.embedding)
        if duplicate is not None:
            self.refused[TOO_ALIKE] += 1
            if sharpness_of(face) <= sharpness_of(self.candidates[duplicate].observation):
                return
            del self.candidates[duplicate]
        self.candidates.append(NewSample(encode_jpeg(face_crop(bgr, face.face.box)), face))
        if len(self.candidates) > self._size:
            self._drop_closest()

    def _duplicate_of(self, embedding: Floats) -> int | None:
        """Return the index of the candidate that this one may replace, None when it is new."""
        if not self.candidates:
            return None
        distances = np.linalg.norm(_matrix(self.candidates) - embedding, axis=1)
        nearest = int(np.argmin(distances))
        return nearest if distances[nearest] < self._min_distance_l2 else None

    def _drop_closest(self) -> None:
        distances = _distances(self.candidates)
        np.fill_diagonal(distances, np.inf)
        pair = np.unravel_index(np.argmin(distances), distances.shape)
        del self.candidates[min(map(int, pair), key=lambda row: sharpness_of(self.candidates[row].observation))]
        self.refused[TOO_ALIKE] += 1


def select_samples(
    frames: Iterable[tuple[Image, Sequence[FaceObservation]]],
    analyzer: ImageFaceAnalyzer,
    rule: SelectionRule | None = None,
    known: Sequence[Floats] = (),
) -> Selection:
    """Select samples from a video's frames with their faces. `known` are embeddings that the person has already.

    Poses take turns, the sharpest of each first; each crop is read again as the gallery will read it.
    """
    rule = rule or SelectionRule()
    pool = CandidatePool(rule.min_distance_l2)
    for bgr, observations in frames:
        pool.offer(bgr, observations)
    return select_from_pool(pool, analyzer, rule, known)


def select_from_pool(
    pool: CandidatePool, analyzer: ImageFaceAnalyzer, rule: SelectionRule, known: Sequence[Floats] = ()
) -> Selection:
    """Select samples from a filled pool, see `select_samples`."""
    refused = Counter(pool.refused)
    candidates = drop_outliers(pool.candidates, rule.max_spread_l2)
    refused[OUTLIER] += len(pool.candidates) - len(candidates)
    sample_filter = SampleFilter(analyzer, rule, known)
    for candidate in _by_pose(candidates):
        if len(sample_filter.accepted) == rule.max_samples:
            break
        refused[sample_filter.add([candidate])] += 1
    del refused[OK]
    return Selection(tuple(sample_filter.accepted), {reason: count for reason, count in refused.most_common() if count})


class SampleFilter:
    """Accepts candidates that are detected again and differ from the `known` embeddings and from each other."""

    def __init__(self, analyzer: ImageFaceAnalyzer, rule: SelectionRule, known: Sequence[Floats] = ()) -> None:
        self._analyzer = analyzer
        self._rule = rule
        self._known = known
        self.accepted: list[NewSample] = []

    def add(self, alternatives: Sequence[NewSample]) -> str:
        """Accept the first alternative that is detected again; return "ok", or the code for why it is not accepted."""
        found = (reread(one.jpeg, one.observation, self._analyzer, self._rule.max_reread_l2) for one in alternatives)
        sample = next((one for one in found if one is not None), None)
        if sample is None:
            return NOT_FOUND_AGAIN
        if self._is_near(sample, self._known):
            return ALREADY_ENROLLED
        if self._is_near(sample, [other.embedding for other in self.accepted]):
            return TOO_ALIKE
        self.accepted.append(sample)
        return OK

    def _is_near(self, sample: NewSample, others: Sequence[Floats]) -> bool:
        return any(float(np.linalg.norm(other - sample.embedding)) < self._rule.min_distance_l2 for other in others)


def _matrix(candidates: Sequence[NewSample]) -> Floats:
    return np.array([candidate.embedding for candidate in candidates], np.float32)


def _distances(candidates: Sequence[NewSample]) -> NDArray[np.float32]:
    """Return plain L2 between all pairs, (n, n)."""
    matrix = _matrix(candidates)
    distances: NDArray[np.float32] = np.sqrt(np.maximum(0, 2 - 2 * (matrix @ matrix.T)))
    return distances


def drop_outliers(candidates: Sequence[NewSample], max_spread_l2: float) -> list[NewSample]:
    """Return the candidates near the one that is nearest to all others: the main person of the video."""
    if not candidates:
        return []
    distances = _distances(candidates)
    middle = distances[int(np.argmin(distances.sum(axis=1)))]
    return [candidate for candidate, distance in zip(candidates, middle, strict=True) if distance <= max_spread_l2]


def sharpness_of(observation: FaceObservation) -> float:
    """Return the crop's sharpness, 0 when not measured."""
    return observation.quality.sharpness or 0.0


def _by_pose(candidates: Iterable[NewSample]) -> Iterator[NewSample]:
    """Yield the sharpest candidate of each pose, then the second of each, and so on."""
    poses: dict[tuple[int, int], list[NewSample]] = {}
    for candidate in sorted(candidates, key=lambda c: -sharpness_of(c.observation)):
        quality = candidate.observation.quality
        poses.setdefault((round(quality.yaw_deg / POSE_STEP_DEG), round(quality.pitch_deg / POSE_STEP_DEG)), []).append(candidate)
    for same_rank in zip_longest(*poses.values()):
        yield from filter(None, same_rank)
