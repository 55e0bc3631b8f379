"""Which frames of a video become a person's samples: sharp ones that differ from each other, found again when re-read.

Nothing here knows of cameras or windows. The frames may be many: what is kept of them is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from facecam.gallery.store import encode_jpeg
from facecam.recognition.face_analyzer import OK, FaceObservation, ImageFaceAnalyzer, single_face
from facecam.types import Box, Floats, Image

MAX_SAMPLES = 12
CROP_FACTOR = 2.5
"""Side of the saved square over the face's longer side: MTCNN finds a face again that has half its size around it, and more."""

POOL_SIZE = 60
"""Candidates kept while a video runs, five for each sample: enough to drop what turns out too alike or is not found again."""

POSE_STEP_DEG = 15
TOO_ALIKE, ALREADY_ENROLLED, NOT_FOUND_AGAIN, OUTLIER = "too_alike", "already_enrolled", "not_found_again", "outlier"


@dataclass(frozen=True, slots=True, eq=False)
class NewSample:
    """A picture to be saved for a person: a JPEG file's content, and what the reader sees in it."""

    jpeg: bytes
    reading: FaceObservation

    @property
    def embedding(self) -> Floats:
        """(128,) float32; a NewSample is only made of a face that has one."""
        assert self.reading.embedding is not None
        return self.reading.embedding


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What was found worth keeping, and how many frames or photos were not, by reason code."""

    samples: tuple[NewSample, ...]
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """How many samples are kept and how much they must differ. Distances are plain L2, for the default network.

    Samples nearer than `min_distance_l2` add nothing: one person's frames are a median 0.15 apart within a clip. A saved crop
    that reads farther than `max_reread_l2` from its frame is not that face any more. A face farther than `max_spread_l2` from
    the middle of the video is somebody else who passed by.
    """

    max_samples: int = MAX_SAMPLES
    min_distance_l2: float = 0.05
    max_reread_l2: float = 0.15
    max_spread_l2: float = 0.45

    @classmethod
    def for_threshold(cls, threshold_l2: float) -> SelectionRule:
        """The same proportions for a network with this threshold: distances of different networks differ in scale."""
        return cls(min_distance_l2=threshold_l2 / 6, max_reread_l2=threshold_l2 / 2, max_spread_l2=threshold_l2 * 1.5)


def face_crop(bgr: Image, box: Box) -> Image:
    """A copy of the square around the face, CROP_FACTOR times its longer side, as far as the frame reaches."""
    half = CROP_FACTOR * box.longer_side_px / 2
    center_x, center_y = box.x + box.w / 2, box.y + box.h / 2
    height, width = bgr.shape[:2]
    left, right = max(0, round(center_x - half)), min(width, round(center_x + half))
    upper, lower = max(0, round(center_y - half)), min(height, round(center_y + half))
    return bgr[upper:lower, left:right].copy()


def reread(jpeg: bytes, reading: FaceObservation, reader: ImageFaceAnalyzer, max_reread_l2: float) -> NewSample | None:
    """The sample that this JPEG will be when the gallery reads it, None when the face is not found in it again."""
    import cv2

    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    again = single_face(reader.analyze(np.asarray(decoded, np.uint8)))
    if not isinstance(again, FaceObservation) or again.embedding is None or reading.embedding is None:
        return None
    if np.linalg.norm(again.embedding - reading.embedding) > max_reread_l2:
        return None
    return NewSample(jpeg, again)


class CandidatePool:
    """The best frames so far, at most `size`. Of two that are alike the sharper stays; when it is full, of the closest two."""

    def __init__(self, min_distance_l2: float, size: int = POOL_SIZE) -> None:
        self._min_distance_l2 = min_distance_l2
        self._size = size
        self._candidates: list[NewSample] = []
        self.refused: Counter[str] = Counter()

    def offer(self, bgr: Image, readings: Sequence[FaceObservation]) -> None:
        """Consider a frame and its faces. Counts when it has not exactly one usable face, or is too like a sharper one."""
        face = single_face(readings)
        if not isinstance(face, FaceObservation) or face.embedding is None:
            self.refused[face if isinstance(face, str) else "no_face"] += 1
            return
        alike = self._most_alike(face.embedding)
        if alike is not None:
            self.refused[TOO_ALIKE] += 1
            if sharpness_of(face) <= sharpness_of(self._candidates[alike].reading):
                return
            del self._candidates[alike]
        self._candidates.append(NewSample(encode_jpeg(face_crop(bgr, face.face.box)), face))
        if len(self._candidates) > self._size:
            self._thin_out()

    def candidates(self) -> tuple[NewSample, ...]:
        return tuple(self._candidates)

    def _most_alike(self, embedding: Floats) -> int | None:
        """The candidate that this one may replace, None when it is new."""
        if not self._candidates:
            return None
        distances = np.linalg.norm(_matrix(self._candidates) - embedding, axis=1)
        nearest = int(np.argmin(distances))
        return nearest if distances[nearest] < self._min_distance_l2 else None

    def _thin_out(self) -> None:
        distances = _distances(self._candidates)
        np.fill_diagonal(distances, np.inf)
        pair = np.unravel_index(np.argmin(distances), distances.shape)
        del self._candidates[min(map(int, pair), key=lambda row: sharpness_of(self._candidates[row].reading))]
        self.refused[TOO_ALIKE] += 1


def pick_samples(
    frames: Iterable[tuple[Image, Sequence[FaceObservation]]],
    reader: ImageFaceAnalyzer,
    rule: SelectionRule | None = None,
    known: Sequence[Floats] = (),
) -> Selection:
    """The samples worth keeping of a video's frames with their faces. `known` are embeddings the person has already.

    Poses take turns, the sharpest of each first; each crop is read again as the gallery will read it.
    """
    rule = rule or SelectionRule()
    pool = CandidatePool(rule.min_distance_l2)
    for bgr, readings in frames:
        pool.offer(bgr, readings)
    return pick_from(pool, reader, rule, known)


def pick_from(pool: CandidatePool, reader: ImageFaceAnalyzer, rule: SelectionRule, known: Sequence[Floats] = ()) -> Selection:
    """The same of a pool that was filled while a video ran."""
    refused = Counter(pool.refused)
    candidates = without_outliers(pool.candidates(), rule.max_spread_l2)
    refused[OUTLIER] += len(pool.candidates()) - len(candidates)
    sieve = SampleFilter(reader, rule, known)
    for candidate in _by_pose(candidates):
        if len(sieve.kept) == rule.max_samples:
            break
        refused[sieve.take([candidate])] += 1
    del refused[OK]
    return Selection(tuple(sieve.kept), {reason: count for reason, count in refused.most_common() if count})


class SampleFilter:
    """Keeps the candidates that the gallery will find again and that add something: to `known` embeddings and to each other."""

    def __init__(self, reader: ImageFaceAnalyzer, rule: SelectionRule, known: Sequence[Floats] = ()) -> None:
        self._reader = reader
        self._rule = rule
        self._known = known
        self.kept: list[NewSample] = []

    def take(self, alternatives: Sequence[NewSample]) -> str:
        """Keep the first of these that is found again; "ok", or the code for why none of them is kept."""
        found = (reread(one.jpeg, one.reading, self._reader, self._rule.max_reread_l2) for one in alternatives)
        sample = next((one for one in found if one is not None), None)
        if sample is None:
            return NOT_FOUND_AGAIN
        if _near(sample, self._known, self._rule.min_distance_l2):
            return ALREADY_ENROLLED
        if _near(sample, [other.embedding for other in self.kept], self._rule.min_distance_l2):
            return TOO_ALIKE
        self.kept.append(sample)
        return OK


def _matrix(candidates: Sequence[NewSample]) -> Floats:
    return np.array([candidate.embedding for candidate in candidates], np.float32)


def _distances(candidates: Sequence[NewSample]) -> NDArray[np.float32]:
    """Plain L2 between all pairs, (n, n)."""
    matrix = _matrix(candidates)
    distances: NDArray[np.float32] = np.sqrt(np.maximum(0, 2 - 2 * (matrix @ matrix.T)))
    return distances


def _near(sample: NewSample, others: Sequence[Floats], distance_l2: float) -> bool:
    return any(float(np.linalg.norm(other - sample.embedding)) < distance_l2 for other in others)


def without_outliers(candidates: Sequence[NewSample], max_spread_l2: float) -> list[NewSample]:
    """The candidates near the one that is nearest to all: the person the video is of."""
    if not candidates:
        return []
    distances = _distances(candidates)
    middle = distances[int(np.argmin(distances.sum(axis=1)))]
    return [candidate for candidate, distance in zip(candidates, middle, strict=True) if distance <= max_spread_l2]


def sharpness_of(reading: FaceObservation) -> float:
    """The crop's sharpness, 0 where none was measured."""
    return reading.quality.sharpness or 0.0


def _by_pose(candidates: Iterable[NewSample]) -> Iterator[NewSample]:
    """All candidates: the sharpest of each pose, then the second of each, and so on."""
    poses: dict[tuple[int, int], list[NewSample]] = {}
    for candidate in sorted(candidates, key=lambda c: -sharpness_of(c.reading)):
        quality = candidate.reading.quality
        poses.setdefault((round(quality.yaw_deg / POSE_STEP_DEG), round(quality.pitch_deg / POSE_STEP_DEG)), []).append(candidate)
    while poses:
        for pose in list(poses):
            yield poses[pose].pop(0)
            if not poses[pose]:
                del poses[pose]
