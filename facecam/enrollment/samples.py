"""Select a person's samples from video frames: sharp, different from each other, and detected again in the saved crop.

The number of candidates kept is bounded, whatever the length of the video. Samples that show different people are found by
`find_mixed_samples`, and in a video before the selection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from facecam.errors import GalleryError
from facecam.messages import TranslatableText
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.recognition.face_analyzer import OK, ImageFaceAnalyzer, single_face
from facecam.recognition.open_set import pairwise_l2, session_limits_l2
from facecam.recognition.person_groups import group_by_person, mean_distance_l2
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

_MIN_SHARE, _MIN_FRAMES = 0.1, 3
"""A person with a smaller share of a video's frames, or in fewer frames, passes by: they are left out without a question."""

_MAX_LISTED = 4


@dataclass(frozen=True, slots=True, eq=False)
class NewSample:
    """Image to save for a person: a JPEG file's content and the face in it.

    `origin` is the photo's path, or the place in the video where this face was first seen, such as 0:12. `frames` is the number
    of the video's frames that it stands for.
    """

    jpeg: bytes
    observation: FaceObservation
    origin: str = ""
    frames: int = 1

    @property
    def embedding(self) -> Floats:
        """(d,) float32; a NewSample is only made from a face that has one."""
        assert self.observation.embedding is not None
        return self.observation.embedding


@dataclass(frozen=True, slots=True, eq=False)
class MixedSamples:
    """Samples for one person that show different people.

    `groups` has the samples of each of them; the first are to stay, and are none if only the `enrolled` photos, whose number this
    is, show that person. `distance_l2` is the mean distance of the first two groups, at most `max_l2` for one person.
    """

    groups: tuple[tuple[NewSample, ...], ...]
    enrolled: int
    distance_l2: float
    max_l2: float
    is_video: bool = False

    @property
    def others(self) -> tuple[NewSample, ...]:
        """Samples of all but the first group."""
        return tuple(sample for group in self.groups[1:] for sample in group)

    def text(self, name: str) -> TranslatableText:
        """Return what contradicts in the samples for a person of this name, without advice."""
        if self.is_video and not self.enrolled:
            frames = sum(sample.frames for group in self.groups for sample in group)
            people = [f"{group[0].origin} ({sum(one.frames for one in group) / frames:.0%})" for group in self.groups]
            return TranslatableText(
                "the video shows {count} people, first seen at {places} ({distance:.2f} apart, one person at most {limit:.2f})",
                count=len(people),
                places=_with_and(people),
                distance=self.distance_l2,
                limit=self.max_l2,
            )
        shown: list[str] = [TranslatableText("the video") if self.is_video else _listed(self.others)]
        if self.groups[0]:
            shown.append(_listed(self.groups[0]))
        if self.enrolled:
            shown.append(TranslatableText("the enrolled photos of {name} ({count})", name=name, count=self.enrolled))
        return TranslatableText(
            "{photos} show different people ({distance:.2f} apart, one person at most {limit:.2f})",
            photos=_with_and(shown),
            distance=self.distance_l2,
            limit=self.max_l2,
        )


def _with_and(texts: Sequence[str]) -> str:
    return reduce(lambda first, second: TranslatableText("{first} and {second}", first=first, second=second), texts)


def _listed(samples: Sequence[NewSample]) -> str:
    """Return the origins of the first few samples, and the number of the others."""
    origins = ", ".join(sample.origin for sample in samples[:_MAX_LISTED])
    more = len(samples) - _MAX_LISTED
    return TranslatableText("{files} ({count} more)", files=origins, count=more) if more > 0 else origins


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Selected samples, and the number of refused frames or photos by reason code.

    `is_video`: they are frames of one video. `mixed` is set if it shows different people.
    """

    samples: tuple[NewSample, ...]
    refused: Mapping[str, int] = field(default_factory=dict)
    is_video: bool = False
    mixed: MixedSamples | None = None


@dataclass(frozen=True, slots=True)
class SelectionRule:
    """Maximum number of samples and the distances they must keep, in plain L2 of one network.

    Samples nearer than `min_distance_l2` add nothing. A saved crop whose embedding is farther than `max_reread_l2` from its
    frame's shows another face. A face of a guided enrollment farther than `max_spread_l2` from the others is another person's.
    Groups of photos farther apart than `outlier_l2` show different people, as do groups of frames of one video farther apart than
    `video_apart_l2`, and a video farther than `max_spread_l2` from enrolled samples that are all from one session: those are as
    much alike as `session_l2` tells. An enrolled person nearer than `same_person_l2` may be the same one.
    """

    min_distance_l2: float
    max_reread_l2: float
    max_spread_l2: float
    outlier_l2: float
    video_apart_l2: float
    same_person_l2: float
    session_l2: float = 0.0
    max_samples: int = MAX_SAMPLES

    @classmethod
    def for_network(cls, network: EmbeddingNetwork) -> SelectionRule:
        """Return the distances that belong to this network."""
        return cls(
            min_distance_l2=network.duplicate_l2,
            max_reread_l2=network.reread_l2,
            max_spread_l2=network.person_l2,
            outlier_l2=network.outlier_l2,
            video_apart_l2=network.video_apart_l2,
            same_person_l2=network.same_person_l2,
            session_l2=network.session_l2,
        )

    def max_apart_l2(self, known: Sequence[Floats], *, is_video: bool) -> float:
        """Return the mean distance up to which new samples show the person of the enrolled ones, `known`."""
        if is_video and known:
            limits = session_limits_l2(np.array(known, np.float32), np.array([0]), self.session_l2)
            if limits[0] == self.session_l2:
                return self.max_spread_l2
        return self.outlier_l2


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

    refused = GalleryError("an image of {width} x {height} px cannot be saved as JPEG", width=bgr.shape[1], height=bgr.shape[0])
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

    def offer(self, bgr: Image, observations: Sequence[FaceObservation], origin: str = "") -> None:
        """Consider a frame with its faces; `origin` is its place in the video.

        A frame without exactly one usable face, or too like a sharper one, is counted.
        """
        face = single_face(observations)
        if not isinstance(face, FaceObservation) or face.embedding is None:
            self.refused[face if isinstance(face, str) else "no_face"] += 1
            return
        duplicate = self._duplicate_of(face.embedding)
        if duplicate is None:
            self.candidates.append(NewSample(encode_jpeg(face_crop(bgr, face.face.box)), face, origin))
        else:
            self.refused[TOO_ALIKE] += 1
            old = self.candidates[duplicate]
            if sharpness_of(face) > sharpness_of(old.observation):
                old = replace(old, jpeg=encode_jpeg(face_crop(bgr, face.face.box)), observation=face)
            self.candidates[duplicate] = replace(old, frames=old.frames + 1)
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
        pair = map(int, np.unravel_index(np.argmin(distances), distances.shape))
        worse, better = sorted(pair, key=lambda row: sharpness_of(self.candidates[row].observation))
        first, frames = self.candidates[min(worse, better)], self.candidates[worse].frames + self.candidates[better].frames
        self.candidates[better] = replace(self.candidates[better], origin=first.origin, frames=frames)
        del self.candidates[worse]
        self.refused[TOO_ALIKE] += 1


def select_samples(
    frames: Iterable[tuple[Image, Sequence[FaceObservation]]],
    analyzer: ImageFaceAnalyzer,
    rule: SelectionRule,
    known: Sequence[Floats] = (),
) -> Selection:
    """Select samples from a video's frames with their faces. `known` are embeddings that the person has already.

    Poses take turns, the sharpest of each first; each crop is read again as the gallery will read it.
    """
    pool = CandidatePool(rule.min_distance_l2)
    for bgr, observations in frames:
        pool.offer(bgr, observations)
    return select_from_pool(pool, analyzer, rule, known)


def select_from_pool(
    pool: CandidatePool,
    analyzer: ImageFaceAnalyzer,
    rule: SelectionRule,
    known: Sequence[Floats] = (),
    *,
    allow_mixed: bool = False,
) -> Selection:
    """Select samples from a filled pool, see `select_samples`.

    Samples are of the person in most frames. Other people pass by and are left out, or make the selection `mixed`; with
    `allow_mixed` the latter are taken for the same person.
    """
    refused = Counter(pool.refused)
    people = _people_in_video(pool.candidates, rule.video_apart_l2)
    candidates = [sample for person in people for sample in person] if allow_mixed else people[0] if people else ()
    refused[OUTLIER] += len(pool.candidates) - len(candidates)
    sample_filter = SampleFilter(analyzer, rule, known)
    for candidate in _by_pose(candidates):
        if len(sample_filter.accepted) == rule.max_samples:
            break
        refused[sample_filter.add([candidate])] += 1
    del refused[OK]
    counts = {reason: count for reason, count in refused.most_common() if count}
    mixed = None if allow_mixed else _mixed(people, rule.video_apart_l2, is_video=True)
    return Selection(tuple(sample_filter.accepted), counts, is_video=True, mixed=mixed)


def _people_in_video(candidates: Sequence[NewSample], max_l2: float) -> list[tuple[NewSample, ...]]:
    """Return the candidates of the person in most frames, then those of each other person who does not just pass by."""
    groups = group_by_person([candidate.embedding for candidate in candidates], max_l2)
    people = sorted(([candidates[row] for row in rows] for rows in groups), key=lambda person: -_frames(person))
    least = max(_MIN_FRAMES, _MIN_SHARE * _frames(candidates))
    return [tuple(person) for number, person in enumerate(people) if number == 0 or _frames(person) >= least]


def _frames(candidates: Sequence[NewSample]) -> int:
    return sum(candidate.frames for candidate in candidates)


def find_mixed_samples(selection: Selection, known: Sequence[Floats], outlier_l2: float) -> MixedSamples | None:
    """Return the samples by the person they show, None if all of them show one: that of the enrolled photos, `known`, if any.

    Without enrolled photos most of the samples, of equally many the first, are of the person to enroll.
    """
    if selection.mixed is not None:
        return selection.mixed
    samples = selection.samples
    groups = group_by_person([*known, *(sample.embedding for sample in samples)], outlier_l2, len(known))
    people = [tuple(samples[row - len(known)] for row in rows if row >= len(known)) for rows in groups]
    return _mixed(people, outlier_l2, known, is_video=selection.is_video)


def _mixed(
    people: Sequence[tuple[NewSample, ...]], max_l2: float, known: Sequence[Floats] = (), *, is_video: bool = False
) -> MixedSamples | None:
    if len(people) < 2:
        return None
    first, second = ([sample.embedding for sample in person] for person in people[:2])
    return MixedSamples(tuple(people), len(known), mean_distance_l2([*known, *first], second), max_l2, is_video)


class SampleFilter:
    """Accepts candidates that are detected again and differ from the `known` embeddings and from each other."""

    def __init__(self, analyzer: ImageFaceAnalyzer, rule: SelectionRule, known: Sequence[Floats] = ()) -> None:
        self._analyzer = analyzer
        self._rule = rule
        self._known = known
        self.accepted: list[NewSample] = []

    def add(self, alternatives: Sequence[NewSample]) -> str:
        """Accept the first alternative that is detected again; return "ok", or the code for why it is not accepted."""
        limit_l2 = self._rule.max_reread_l2
        found = ((one, reread(one.jpeg, one.observation, self._analyzer, limit_l2)) for one in alternatives)
        sample = next((replace(one, observation=again.observation) for one, again in found if again is not None), None)
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
    return np.asarray(pairwise_l2(matrix, matrix), np.float32)


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
