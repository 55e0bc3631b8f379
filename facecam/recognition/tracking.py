"""Face tracking over frames and vote-based track decisions. Pure: time comes in with each frame."""

from __future__ import annotations

import itertools
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

import cv2
import numpy as np

from facecam.detection.boxes import iou, overlap
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.recognition.liveness import (
    PRESENTATION_ATTACK,
    PRESENTATION_UNDECIDED,
    STILL_PICTURE,
    Presentation,
    PresentationEvidence,
    StillImageDetector,
)
from facecam.recognition.matching import losing_claims
from facecam.recognition.quality import QUALITY_ALIGNMENT
from facecam.settings import TrackSettings
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Event,
    EventCode,
    FaceObservation,
    Floats,
    Image,
    TrackDecision,
)

STRANGER = ""
"""The key under which a track's votes for an unknown person are counted."""

# Number of latest sightings that vote. A name that is wrong for a moment is outvoted; a name that stays wrong is replaced once it
# has lost half of them, which is the greater evidence that a change of name needs.
_WINDOW = 45
_SETTLED_SIGHTINGS = 5

# After a longer gap or with less overlap, another person may be in the place of the one before.
_TRACK_GAP_MS = 200.0
_HARDLY_MOVED_IOU = 0.5

# Correlation of the face in consecutive frames below which it may be another one. On the clips of persons A and B, frames of the
# two correlate at 0.935 at most; docs/internals/recognition.md has the figures of the others.
_SAME_FACE_CORRELATION = 0.95
# A noisy image correlates less in every frame: what counts is then the difference from the best of the last frames.
_USUAL_FRAMES = 8
_UNUSUAL_DIFFERENCE = 0.02
_THUMBNAIL_PX = 16
_FINE_PX = 2 * _THUMBNAIL_PX
_FINE_POINTS = [complex(x, y) * _FINE_PX / QUALITY_ALIGNMENT.size_px for x, y in QUALITY_ALIGNMENT.landmarks_xy]
_FINE_CENTER = sum(_FINE_POINTS) / len(_FINE_POINTS)

_FEW_PAIRS = 16

# A track keeps one embedding per interval, so that different poses of its person are among them.
_KEPT_EMBEDDINGS = 8
_KEPT_EVERY_MS = 250.0

_CONTRADICTIONS = 2
"""Consecutive contradicting embeddings that end a track of a face that was seen all the time: one may be blurred or occluded."""

_SPARSE_INTERVALS = 2
"""Consecutive intervals longer than a track lives after which a source counts as sparse: one may be a pause or an outage."""

_PRESENTATION_REASONS = {
    Presentation.UNDECIDED: PRESENTATION_UNDECIDED,
    Presentation.ATTACK: PRESENTATION_ATTACK,
}
"""Reasons for which a track that is checked for presentation attacks has no name."""

LiveScores = Callable[[list[int]], list[float]]
"""Returns how much some faces of the current frame, given by their numbers, look like living ones: 0 to 1."""


def face_thumbnail(bgr: Image, landmarks_xy: Floats) -> Floats:
    """Return the aligned face as (256,) gray values with mean 0 and length 1, of which the dot product is the correlation.

    Args:
        bgr: Image (height, width, 3) uint8.
        landmarks_xy: (5, 2) landmarks of the face.
    """
    # Every face has one in every frame: with numbers in place of arrays, and twice the resolution averaged in place of the whole
    # crop, it takes 13 microseconds, with `align` 75.
    points = [complex(x, y) for x, y in landmarks_xy.tolist()]
    center = sum(points) / len(points)
    products = [(point - center).conjugate() * target for point, target in zip(points, _FINE_POINTS, strict=True)]
    factor = sum(products) / max(sum(abs(point - center) ** 2 for point in points), 1e-9)
    shift = _FINE_CENTER - factor * center
    to_fine = np.array(((factor.real, -factor.imag, shift.real), (factor.imag, factor.real, shift.imag)))
    fine = cv2.warpAffine(bgr, to_fine, (_FINE_PX, _FINE_PX))
    small = cv2.resize(fine, (_THUMBNAIL_PX, _THUMBNAIL_PX), interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32).ravel()
    gray -= gray.sum() / gray.size
    result: Floats = gray * (1 / max(float(gray @ gray) ** 0.5, 1e-6))
    return result


class FrameIntervals:
    """Detector of sources whose frames are further apart than a track lives, for example time-lapse recordings.

    `is_sparse` tells it for the newest frame. `expected_ms` is the source's interval if it is known before the first frame, and
    infinite for images that do not follow each other, for example a folder of photos.
    """

    def __init__(self, expected_ms: float | None = None) -> None:
        self._expected_ms = expected_ms
        self._last_ms: float | None = None
        self._long = 0
        self.interval_ms = expected_ms
        self.is_sparse = False

    def add(self, t_ms: float, leave_after_ms: float) -> None:
        """Add the time of a frame. A track lives `leave_after_ms` after its last sighting."""
        if self._expected_ms == math.inf:
            self.is_sparse = True
        elif self._last_ms is None:
            self.is_sparse = self._expected_ms is not None and self._expected_ms > leave_after_ms
        else:
            self.interval_ms = t_ms - self._last_ms
            self._long = self._long + 1 if self.interval_ms > leave_after_ms else 0
            self.is_sparse = self._long > 0 and (self.is_sparse or self._long >= _SPARSE_INTERVALS)
        self._last_ms = t_ms


class TrackVotes:
    """Weighted votes of a track's latest sightings, the same for live frames and for logged rows.

    `decision` is the track's decision, None until enough sightings agree. `rejected_ids` are the person_ids that a user said
    this face does not belong to, `confirmed_id` is that of the person that a user said it is.
    """

    def __init__(self) -> None:
        self.decision: Decision | None = None
        self.rejected_ids: set[str] = set()
        self.confirmed_id: str | None = None
        self._sightings: deque[tuple[Decision, float]] = deque(maxlen=_WINDOW)

    def __len__(self) -> int:
        return len(self._sightings)

    @property
    def is_settled(self) -> bool:
        """True if the latest sighting agrees with the track's decision, after the first few sightings."""
        if self.decision is None or len(self._sightings) < _SETTLED_SIGHTINGS:
            return False
        last = self._sightings[-1][0]
        return last.status is self.decision.status and last.name == self.decision.name

    def reset(self) -> None:
        """Discard all votes, because other people are enrolled now. Rejected people stay rejected."""
        self._sightings.clear()
        self.decision = None

    def reject(self, person_id: str) -> None:
        """Ignore votes for a person until `accept` or `confirm`, and reset."""
        self.accept(person_id)
        self.rejected_ids.add(person_id)

    def accept(self, person_id: str) -> None:
        """Undo `reject` and `confirm`, and reset."""
        self.rejected_ids.discard(person_id)
        if self.confirmed_id == person_id:
            self.confirmed_id = None
        self.reset()

    def confirm(self, person_id: str) -> None:
        """Let the track have the name of this person without a check for presentation attacks, and reset."""
        self.accept(person_id)
        self.confirmed_id = person_id

    def add(self, decision: Decision, weight: float) -> None:
        """Add the vote of a sighting, unless it was skipped."""
        if decision.status is not DecisionStatus.SKIPPED:
            self._sightings.append((self._without_rejected(decision), weight))

    def tally(self, sighting: Decision, enter_after_sightings: int) -> tuple[Decision, float, float]:
        """Return the track's decision at this sighting, the votes for it, and all votes.

        A person, known or unknown, needs enough sightings and more than half of the total weight; otherwise the track is unsure.
        """
        weights: dict[str, float] = {}
        counts: dict[str, int] = {}
        latest: dict[str, Decision] = {}
        total = 0.0
        for decision, weight in self._sightings:
            total += weight
            if decision.status is DecisionStatus.UNSURE:
                continue
            person = decision.nearest.person_id if decision.status is DecisionStatus.KNOWN and decision.nearest else STRANGER
            weights[person] = weights.get(person, 0.0) + weight
            counts[person] = counts.get(person, 0) + 1
            latest[person] = decision
        best = max(weights, key=lambda person: (weights[person], person), default=None)
        if best is not None and counts[best] >= enter_after_sightings and weights[best] * 2 > total:
            self.decision = replace(latest[best], reason="votes")
        elif best is not None and weights[best] * 2 <= total:
            self.decision = None
        decision = self.decision or _undecided(self._without_rejected(sighting))
        return decision, round(weights.get(best or STRANGER, 0.0), 3), round(total, 3)

    def _without_rejected(self, decision: Decision) -> Decision:
        nearest = decision.nearest
        if decision.status is DecisionStatus.KNOWN and nearest is not None and nearest.person_id in self.rejected_ids:
            return _unsure(decision, "corrected")
        return decision


def _undecided(sighting: Decision) -> Decision:
    if sighting.status is DecisionStatus.SKIPPED:
        return sighting
    reason = sighting.reason if sighting.status is DecisionStatus.UNSURE else "few_sightings"
    return _unsure(sighting, reason)


def _unsure(decision: Decision, reason: str) -> Decision:
    return Decision(DecisionStatus.UNSURE, reason, nearest=decision.nearest, second=decision.second)


def untracked_decisions(decisions: Sequence[Decision]) -> list[TrackDecision]:
    """Return track decisions for the faces of a single image, where every sighting decides alone."""
    return [TrackDecision(number, 0.0, decision, 1.0, 1.0) for number, decision in enumerate(decisions, start=1)]


def resolve_name_conflicts(track_decisions: Sequence[TrackDecision]) -> list[TrackDecision]:
    """Let only one face of a frame keep each name: the one with most votes; in a tie none."""
    claims = ((each.decision.name, -each.votes_for, each.track_id) for each in track_decisions if each.decision.name is not None)
    losers = losing_claims(claims)
    return [withhold_name(each, "name_taken") if each.track_id in losers else each for each in track_decisions]


def withhold_name(track_decision: TrackDecision, reason: str) -> TrackDecision:
    """Return the same track decision, unsure for this reason."""
    return replace(track_decision, decision=_unsure(track_decision.decision, reason))


def withhold_unchecked(track_decision: TrackDecision, evidence: PresentationEvidence) -> TrackDecision:
    """Return the same track decision, unsure unless the evidence says that the track shows a living face or it has no name."""
    reason = _PRESENTATION_REASONS.get(evidence.state)
    is_named = track_decision.decision.name is not None
    return withhold_name(track_decision, reason) if is_named and reason is not None else track_decision


@dataclass(frozen=True, slots=True, eq=False)
class TrackInput:
    """One face of a frame for the tracker.

    `embedding` is None if it was not computed on this frame, `landmarks_xy` (5, 2) if they are unreliable. `thumbnail` is the
    `face_thumbnail`; without it, a face that has hardly moved is taken for the same.
    """

    box: Box
    decision: Decision
    weight: float
    embedding: Floats | None
    landmarks_xy: Floats | None = None
    thumbnail: Floats | None = None

    @classmethod
    def from_observation(
        cls, observation: FaceObservation, decision: Decision, weight: float, thumbnail: Floats | None = None
    ) -> TrackInput:
        """Return the input for a face; the landmarks of a face that fails a gate are unreliable."""
        face = observation.face
        landmarks_xy = face.landmarks_xy if observation.gate is None else None
        return cls(face.box, decision, weight, observation.embedding, landmarks_xy, thumbnail)


class _Link(Enum):
    """Relation of a face to a track whose box it overlaps."""

    SAME = auto()
    SUSPECT = auto()
    """The embedding contradicts the track for the first time, without a gap."""
    UNPROVEN = auto()
    """After a gap or a jump, and without an embedding."""
    ANOTHER = auto()


@dataclass(frozen=True, slots=True, eq=False)
class _KeptEmbedding:
    t_ms: float
    embedding: Floats
    nearest: Candidate | None


@dataclass(slots=True, eq=False)
class _Track:
    track_id: int
    first_ms: float
    still_image: StillImageDetector
    box: Box
    presentation: PresentationEvidence = field(default_factory=PresentationEvidence)
    last_scored: int = 0
    last_ms: float = -1e9
    last_index: int | None = None
    last_update: int = 0
    thumbnail: Floats | None = None
    correlations: deque[float] = field(default_factory=lambda: deque(maxlen=_USUAL_FRAMES))
    embeddings: deque[_KeptEmbedding] = field(default_factory=lambda: deque(maxlen=_KEPT_EMBEDDINGS))
    embedded_ms: float = -1e9
    contradictions: int = 0
    votes: TrackVotes = field(default_factory=TrackVotes)
    entered_as: str | None = None
    entered_id: str | None = None

    def is_settled(self, t_ms: float, embed_every_ms: float) -> bool:
        return (
            self.votes.is_settled
            and not self.contradictions
            and t_ms - self.last_ms <= _TRACK_GAP_MS
            and t_ms - self.embedded_ms < embed_every_ms
        )

    def jumped(self, overlap_iou: float, thumbnail: Floats | None) -> bool:
        """Return whether a face with this overlap and thumbnail may be another one than in the track's last frame."""
        if overlap_iou < _HARDLY_MOVED_IOU:
            return True
        correlation = self._correlation(thumbnail)
        usual = max(self.correlations, default=1.0) - _UNUSUAL_DIFFERENCE
        return correlation is not None and correlation < min(usual, _SAME_FACE_CORRELATION)

    def _correlation(self, thumbnail: Floats | None) -> float | None:
        return None if thumbnail is None or self.thumbnail is None else float(self.thumbnail @ thumbnail)

    def contradicts(self, face: TrackInput, limit_l2: float, margin_l2: float) -> bool:
        """Return whether the embedding of a face is that of another person.

        The face's own distance is that to the nearest embedding of the track, or to the enrolled person who is as near as
        `limit_l2` to this embedding. It is another person if that is more than `limit_l2`, or if another person is nearer
        by `margin_l2`. Match thresholds play no part, so that a replay with other thresholds has the same tracks.
        """
        if face.embedding is None or not self.embeddings:
            return False
        distances = [float(np.linalg.norm(kept.embedding - face.embedding)) for kept in self.embeddings]
        own_l2 = min(distances)
        own, nearest = self.embeddings[distances.index(own_l2)].nearest, face.decision.nearest
        for candidate in (nearest, face.decision.second):
            if own and candidate and candidate.person_id == own.person_id and own.distance_l2 <= limit_l2:
                own_l2 = min(own_l2, candidate.distance_l2)
        if own_l2 > limit_l2:
            return True
        if own is None or nearest is None or nearest.person_id == own.person_id:
            return False
        return nearest.distance_l2 + margin_l2 <= own_l2

    def add(self, face: TrackInput, t_ms: float, frame_index: int | None, update: int) -> None:
        """Continue the track with a face; its embedding is kept unless it contradicts the track."""
        if (correlation := self._correlation(face.thumbnail)) is not None:
            self.correlations.append(correlation)
        self.box, self.thumbnail = face.box, face.thumbnail
        self.last_ms, self.last_index, self.last_update = t_ms, frame_index, update
        self.votes.add(face.decision, face.weight)
        if face.embedding is None:
            return
        self.embedded_ms = t_ms
        if self.contradictions:
            return
        if len(self.embeddings) > 1 and t_ms - self.embeddings[-2].t_ms < _KEPT_EVERY_MS:
            self.embeddings.pop()
        self.embeddings.append(_KeptEmbedding(t_ms, face.embedding, face.decision.nearest))

    def needs_score(self, face: TrackInput, t_ms: float) -> bool:
        """Return whether a face of the track that passes the gates may get a name, and its evidence is not enough for that."""
        claims = (face.decision, self.votes.decision)
        people = {claim.person_id for claim in claims if claim is not None and claim.status is DecisionStatus.KNOWN}
        return face.landmarks_xy is not None and bool(people - {self.votes.confirmed_id}) and self.presentation.is_due(t_ms)

    def forget_people(self) -> None:
        """Discard all votes and who was nearest, because other people are enrolled now."""
        self.votes.reset()
        kept = [replace(each, nearest=None) for each in self.embeddings]
        self.embeddings.clear()
        self.embeddings.extend(kept)


class Tracker:
    """Multi-face tracker that gives each face a track and each track a decision. A track is one person.

    A face continues the track that it overlaps most. If its embedding contradicts that track, the track ends, and the face begins
    another one. After a gap in which the face was not seen, or a jump, the first contradiction counts, and without an embedding
    the face begins a track of its own; once embedded it returns to the earlier track if it is the same person.

    Args:
        settings: Overlap, timing and the still-image check.
        network: The network of the embeddings. Faces farther apart than its `person_l2` belong to two people, after a gap or a
            jump than its `session_l2`; a strict match threshold must not split a person's track.
        ids: Source of track ids; trackers of several sources share it, so that an id is unique in a session.

    Attributes:
        decides_single_sightings: True while frames are further apart than a track lives, so that one sighting must be enough.
    """

    def __init__(self, settings: TrackSettings, network: EmbeddingNetwork, ids: Iterator[int] | None = None) -> None:
        self._settings = settings
        self._network = network
        self._tracks: list[_Track] = []
        self._ids = ids or itertools.count(1)
        self._updates = 0
        self._checks_presentation = False
        self.decides_single_sightings = False

    def update(
        self,
        faces: Sequence[TrackInput],
        t_ms: float,
        frame_index: int | None = None,
        live_scores: LiveScores | None = None,
    ) -> tuple[list[TrackDecision], list[Event]]:
        """Track the faces of a frame; return the decision of each face's track in order, and enter and exit events.

        With `live_scores`, a track has a name only while the scores say that its face is a living one. Only faces of tracks that
        would have a name are scored, and those of a track that has one again from time to time.
        """
        events = self._exits(t_ms)
        self._updates += 1
        tracks, ended = self._assign(faces, t_ms)
        events += [_exit(track, EventCode.ANOTHER_PERSON) for track in ended if track.entered_as is not None]
        for face, track in zip(faces, tracks, strict=True):
            track.add(face, t_ms, frame_index, self._updates)
            if self._settings.still_picture_check and face.landmarks_xy is not None:
                track.still_image.add(t_ms, face.landmarks_xy, face.embedding)
        self._checks_presentation = live_scores is not None
        if live_scores is not None:
            self._score(tracks, faces, t_ms, live_scores)
        decisions = resolve_name_conflicts([self._decide(track, face, t_ms) for track, face in zip(tracks, faces, strict=True)])
        for track, decided in zip(tracks, decisions, strict=True):
            events += self._enter(track, decided.decision)
        return decisions, events

    def needs_embedding(
        self, boxes: Sequence[Box], thumbnails: Sequence[Floats | None], t_ms: float, embed_every_ms: float
    ) -> list[bool]:
        """Return for each face whether an embedding could change its decision: all but those of settled tracks.

        A track is settled if its last sighting agrees with its decision and was embedded less than `embed_every_ms` ago, and
        the face was seen in the last frame and has hardly moved or changed since.
        """
        tracks = [track for track in self._tracks if track.last_update == self._updates]
        if not boxes or not tracks:
            return [True] * len(boxes)
        table = _overlaps(boxes, tracks)
        best = [row.index(max(row)) for row in table]
        return [
            best.count(column) > 1
            or tracks[column].jumped(table[number][column], thumbnails[number])
            or not tracks[column].is_settled(t_ms, embed_every_ms)
            for number, column in enumerate(best)
        ]

    @property
    def track_ids(self) -> list[int]:
        """Ids of the tracks that are visible or were a moment ago."""
        return [track.track_id for track in self._tracks]

    def votes(self, track_id: int) -> TrackVotes | None:
        """Return the votes of a track that is visible or was a moment ago, else None."""
        return next((track.votes for track in self._tracks if track.track_id == track_id), None)

    def reset_votes(self) -> None:
        """Discard the votes of all tracks, because other people are enrolled now."""
        for track in self._tracks:
            track.forget_people()

    def kept_embeddings(self, track_id: int) -> list[Floats]:
        """Return some embeddings (d,) of a track that is visible or was a moment ago, of different poses; [] for any other."""
        found = (track for track in self._tracks if track.track_id == track_id)
        return [kept.embedding for track in found for kept in track.embeddings]

    def decide_again(self, previous: TrackDecision, sightings: Sequence[tuple[Decision, float]]) -> TrackDecision:
        """Decide a track of the last frame by other sightings and their weights, the newest last. The track does not change."""
        track = next((track for track in self._tracks if track.track_id == previous.track_id), None)
        votes = TrackVotes()
        if track is not None:
            votes.rejected_ids = track.votes.rejected_ids
        for sighting, weight in sightings:
            votes.add(sighting, weight)
        decided = TrackDecision(previous.track_id, previous.track_age_ms, *votes.tally(sightings[-1][0], 1))
        decided = replace(decided, live_score=previous.live_score)
        if track is not None:
            return self._checked(track, decided)
        reason = previous.decision.reason
        is_withheld = decided.decision.name is not None and reason in _PRESENTATION_REASONS.values()
        return withhold_name(decided, reason) if is_withheld else decided

    def use_settings(self, settings: TrackSettings) -> None:
        """Continue all tracks with other settings."""
        self._settings = settings

    def close(self, t_ms: float) -> list[Event]:
        """End all tracks and return their exit events."""
        return self._exits(t_ms + self._settings.leave_after_ms + 1)

    def _assign(self, faces: Sequence[TrackInput], t_ms: float) -> tuple[list[_Track], list[_Track]]:
        """Assign faces to tracks by greatest overlap; the remaining faces start new tracks.

        Equal overlaps go to the face farther left, and new tracks start from the left: the order of the faces does not matter.

        Returns:
            The track of each face, and the tracks that have ended because another person is in their place.
        """
        order = sorted(range(len(faces)), key=lambda number: faces[number].box.xyxy)
        assigned: dict[int, _Track] = {}
        replaced: list[_Track] = []
        for row, column, overlap_iou, is_contested in self._candidates([faces[number] for number in order]):
            number, track = order[row], self._tracks[column]
            if number in assigned or _contains(assigned.values(), track):
                continue
            link = self._link(track, faces[number], t_ms, overlap_iou, is_contested=is_contested)
            if link is _Link.SAME or link is _Link.SUSPECT:
                assigned[number] = track
                if faces[number].embedding is not None:
                    track.contradictions = track.contradictions + 1 if link is _Link.SUSPECT else 0
            elif link is _Link.ANOTHER and overlap_iou >= _HARDLY_MOVED_IOU:
                replaced.append(track)
        ended = [track for track in self._tracks if _contains(replaced, track) and not _contains(assigned.values(), track)]
        self._tracks = [track for track in self._tracks if not _contains(ended, track)]
        for number in order:
            if number not in assigned:
                still_image = StillImageDetector(self._network.still_spread_l2)
                assigned[number] = _Track(next(self._ids), t_ms, still_image, faces[number].box)
                self._tracks.append(assigned[number])
        return [assigned[number] for number in range(len(faces))], ended

    def _candidates(self, faces: Sequence[TrackInput]) -> list[tuple[int, int, float, bool]]:
        """Return (face, track, overlap, is_contested) of the pairs that overlap, the most likely first.

        First come faces that have hardly moved since the last frame. A track that was never embedded is the last choice of an
        embedded face: it may have begun because the face returned without an embedding. A pair is contested if there are others.
        """
        if not faces or not self._tracks:
            return []
        table = _overlaps([face.box for face in faces], self._tracks)
        near = [
            (row, column, value)
            for row, overlaps in enumerate(table)
            for column, value in enumerate(overlaps)
            if value >= self._settings.min_iou
        ]
        is_seen = [track.last_update == self._updates - 1 for track in self._tracks]
        tracks_near = Counter(row for row, column, _ in near if is_seen[column])
        faces_near = Counter(column for _, column, _ in near)

        def rank(row: int, column: int, value: float) -> tuple[int, float]:
            if faces[row].embedding is not None and not self._tracks[column].embeddings:
                return 2, -value
            return int(not is_seen[column] or value < _HARDLY_MOVED_IOU), -value

        near.sort(key=lambda pair: rank(*pair))
        return [(row, column, value, tracks_near[row] > 1 or faces_near[column] > 1) for row, column, value in near]

    def _link(self, track: _Track, face: TrackInput, t_ms: float, overlap_iou: float, *, is_contested: bool) -> _Link:
        was_missed = track.last_update < self._updates - 1
        is_doubtful = was_missed or t_ms - track.last_ms > _TRACK_GAP_MS or track.jumped(overlap_iou, face.thumbnail)
        if not track.embeddings:
            return _Link.UNPROVEN if was_missed else _Link.SAME
        if face.embedding is None:
            return _Link.UNPROVEN if is_doubtful else _Link.SAME
        is_doubtful = is_doubtful or is_contested
        limit_l2 = self._network.session_l2 if is_doubtful else self._network.person_l2
        if not track.contradicts(face, limit_l2, self._network.margin_l2):
            return _Link.SAME
        return _Link.ANOTHER if is_doubtful or track.contradictions + 1 >= _CONTRADICTIONS else _Link.SUSPECT

    def _decide(self, track: _Track, face: TrackInput, t_ms: float) -> TrackDecision:
        enter_after = 1 if self.decides_single_sightings else self._settings.enter_after_sightings
        tally = track.votes.tally(face.decision, enter_after)
        is_scored = track.last_scored == self._updates
        score = track.presentation.last_score
        return self._checked(track, TrackDecision(track.track_id, t_ms - track.first_ms, *tally, score, is_scored))

    def _score(self, tracks: Sequence[_Track], faces: Sequence[TrackInput], t_ms: float, live_scores: LiveScores) -> None:
        """Score the faces of tracks that need it, in the precision of the log, so that a replay has the same evidence."""
        due = [number for number, track in enumerate(tracks) if track.needs_score(faces[number], t_ms)]
        for number, score in zip(due, live_scores(due) if due else (), strict=True):
            tracks[number].presentation.add(round(t_ms, 3), round(score, 4))
            tracks[number].last_scored = self._updates

    def _checked(self, track: _Track, decided: TrackDecision) -> TrackDecision:
        """Withhold the name of a track that may show a picture or a screen, unless a user has confirmed it."""
        decision = decided.decision
        if decision.name is not None and decision.person_id == track.votes.confirmed_id:
            return decided
        if self._checks_presentation:
            decided = withhold_unchecked(decided, track.presentation)
        return withhold_name(decided, STILL_PICTURE) if track.still_image.is_still else decided

    def _enter(self, track: _Track, decision: Decision) -> list[Event]:
        if decision.status not in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN):
            return []
        name = decision.name or STRANGER
        if track.entered_as == name:
            return []
        previous, track.entered_as, track.entered_id = track.entered_as, name, decision.person_id
        event = Event("enter", "", track.track_id, decision.name, person_id=decision.person_id)
        if previous is None:
            return [event]
        message = f"was {previous or 'unknown'}"
        return [replace(event, message=message, code=EventCode.NAME_CHANGED, person=previous or None)]

    def _exits(self, t_ms: float) -> list[Event]:
        ended = [t for t in self._tracks if t_ms - t.last_ms > self._settings.leave_after_ms]
        self._tracks = [t for t in self._tracks if t_ms - t.last_ms <= self._settings.leave_after_ms]
        return [_exit(track) for track in ended if track.entered_as is not None]


def _exit(track: _Track, code: EventCode | None = None) -> Event:
    return Event(
        "exit",
        f"last seen at {track.last_ms:.0f} ms",
        track.track_id,
        track.entered_as or None,
        code,
        last_seen_ms=track.last_ms,
        last_seen_index=track.last_index,
        person_id=track.entered_id,
    )


def _contains(tracks: Iterable[_Track], track: _Track) -> bool:
    return any(track is other for other in tracks)


def _overlaps(boxes: Sequence[Box], tracks: Sequence[_Track]) -> list[list[float]]:
    """Return for each box the intersection over union with each track's box."""
    if len(boxes) * len(tracks) > _FEW_PAIRS:
        table: list[list[float]] = overlap(_xyxy(boxes), _xyxy([track.box for track in tracks])).tolist()
        return table
    # One pair takes 0.6 microseconds, with arrays 15.
    return [[iou(box, track.box) for track in tracks] for box in boxes]


def _xyxy(boxes: Sequence[Box]) -> Floats:
    return np.array([box.xyxy for box in boxes], np.float32)
