"""Face tracking over frames, vote-based track decisions and still-image detection. Pure: time comes in with each frame."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from facecam.detection.boxes import overlap
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.recognition.matching import losing_claims
from facecam.settings import TrackSettings
from facecam.types import Box, Decision, DecisionStatus, Event, EventCode, FaceObservation, Floats, TrackDecision

STRANGER = ""
"""The key under which a track's votes for an unknown person are counted."""

# Number of latest sightings that vote. A name that is wrong for a moment is outvoted; a name that stays wrong is replaced once it
# has lost half of them, which is the greater evidence that a change of name needs.
_WINDOW = 45
_SETTLED_SIGHTINGS = 5

# After a longer gap or with less overlap, an embedding may still change a decision.
_TRACK_GAP_MS = 200.0
_HARDLY_MOVED_IOU = 0.5

STILL_PICTURE = "still_picture"
"""Reason code of a track that shows a still image of a face."""

WINDOW_MS = 2000.0
"""Time a face must be observed before it can be called a still image, and length of the examined window."""

EMBED_EVERY_MS = 250.0
"""Embeddings closer in time are alike for a living face too."""

MAX_OFF_PLANE = 0.0065
"""Chosen on the webcam clips of persons A and B by benchmarks/still_images.py, like the networks' `still_spread_l2`; the table
is in docs/internals/liveness.md."""

_LIVENESS_GAP_MS = 500.0
_MIN_FRAMES = 20
_MIN_EMBEDDINGS = 4


class StillImageDetector:
    """Detector for a still image of a face, over a sliding window of one track.

    Far from the camera, the points of a plane move by affine maps however the plane is moved: the centered landmarks of all
    frames lie in two dimensions. Those of a solid head lie in three (Tomasi and Kanade, 1992), those of a speaking face in more.
    The embeddings of a still image hardly change either. docs/internals/liveness.md lists the limits.
    """

    def __init__(self, max_spread_l2: float, window_ms: float = WINDOW_MS) -> None:
        self._max_spread_l2 = max_spread_l2
        self._window_ms = window_ms
        self._landmarks: deque[tuple[float, Floats]] = deque()
        self._embeddings: deque[tuple[float, Floats]] = deque()
        self._started_ms: float | None = None

    def add(self, t_ms: float, landmarks_xy: Floats, embedding: Floats | None) -> None:
        """Add a frame of the track: landmarks (5, 2) in pixels, and the embedding (d,) if there is one."""
        if not self._landmarks or t_ms - self._landmarks[-1][0] > _LIVENESS_GAP_MS:
            self._started_ms = t_ms
            self._landmarks.clear()
            self._embeddings.clear()
        self._landmarks.append((t_ms, landmarks_xy))
        if embedding is not None and (not self._embeddings or t_ms - self._embeddings[-1][0] >= EMBED_EVERY_MS):
            self._embeddings.append((t_ms, embedding))
        for window in (self._landmarks, self._embeddings):
            while window and t_ms - window[0][0] > self._window_ms:
                window.popleft()

    @property
    def is_ready(self) -> bool:
        """True after a whole window without a gap."""
        if self._started_ms is None or self._landmarks[-1][0] - self._started_ms < self._window_ms:
            return False
        return len(self._landmarks) >= _MIN_FRAMES and len(self._embeddings) >= _MIN_EMBEDDINGS

    @property
    def is_still(self) -> bool:
        """True if the track appears to show a still image; False until it is ready."""
        return (
            self.is_ready
            and off_plane(np.array([points for _, points in self._landmarks])) <= MAX_OFF_PLANE
            and spread_l2(np.array([embedding for _, embedding in self._embeddings])) <= self._max_spread_l2
        )


def off_plane(landmarks_xy: Floats) -> float:
    """Return the root mean square deviation of landmarks (frames, 5, 2) from the motion of a plane, in eye distances."""
    points = landmarks_xy.astype(np.float64)
    eye_distance = float(np.linalg.norm(points[:, 1] - points[:, 0], axis=1).mean())
    centered = (points - points.mean(axis=1, keepdims=True)).transpose(0, 2, 1).reshape(-1, points.shape[1])
    # Squared singular values in ascending order: the two largest are the plane.
    squares = np.linalg.eigvalsh(centered.T @ centered)[:-2].clip(min=0)
    return float(np.sqrt(squares.sum() / centered.size)) / max(eye_distance, 1e-6)


def spread_l2(embeddings: Floats) -> float:
    """Return the root mean square L2 distance of embeddings (n, d) from their mean, corrected for small n."""
    deviations = embeddings - embeddings.mean(axis=0)
    return float(np.sqrt((deviations**2).sum() / (len(embeddings) - 1)))


class TrackVotes:
    """Weighted votes of a track's latest sightings, the same for live frames and for logged rows.

    `decision` is the track's decision, None until enough sightings agree. `rejected_ids` are the person_ids that a user said
    this face does not belong to.
    """

    def __init__(self) -> None:
        self.decision: Decision | None = None
        self.rejected_ids: set[str] = set()
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
        """Ignore votes for a person until `accept`, and reset."""
        self.rejected_ids.add(person_id)
        self.reset()

    def accept(self, person_id: str) -> None:
        """Undo `reject`, and reset."""
        self.rejected_ids.discard(person_id)
        self.reset()

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


@dataclass(frozen=True, slots=True, eq=False)
class TrackInput:
    """One face of a frame for the tracker.

    `embedding` is None if it was not computed on this frame, `landmarks_xy` (5, 2) if they are unreliable.
    """

    box: Box
    decision: Decision
    weight: float
    embedding: Floats | None
    landmarks_xy: Floats | None = None

    @classmethod
    def from_observation(cls, observation: FaceObservation, decision: Decision, weight: float) -> TrackInput:
        """Return the input for a face; the landmarks of a face that fails a gate are unreliable."""
        face = observation.face
        landmarks_xy = face.landmarks_xy if observation.gate is None else None
        return cls(face.box, decision, weight, observation.embedding, landmarks_xy)


@dataclass(slots=True, eq=False)
class _Track:
    track_id: int
    box: Box
    first_ms: float
    last_ms: float
    still_image: StillImageDetector
    embedding: Floats | None = None
    votes: TrackVotes = field(default_factory=TrackVotes)
    entered_as: str | None = None
    embedded_ms: float = -1e9

    def is_settled(self, t_ms: float, embed_every_ms: float) -> bool:
        return self.votes.is_settled and t_ms - self.last_ms <= _TRACK_GAP_MS and t_ms - self.embedded_ms < embed_every_ms


class Tracker:
    """Multi-face tracker that gives each face a track and each track a decision.

    Args:
        settings: Overlap, timing and the still-image check.
        network: The network of the embeddings. Faces farther apart than its `person_l2` belong to two people, whatever the
            overlap of their boxes; a strict match threshold must not split a person's track.
        ids: Source of track ids; trackers of several sources share it, so that an id is unique in a session.
    """

    def __init__(self, settings: TrackSettings, network: EmbeddingNetwork, ids: Iterator[int] | None = None) -> None:
        self._settings = settings
        self._network = network
        self._tracks: list[_Track] = []
        self._ids = ids or itertools.count(1)

    def update(self, faces: Sequence[TrackInput], t_ms: float) -> tuple[list[TrackDecision], list[Event]]:
        """Track the faces of a frame; return the decision of each face's track in order, and enter and exit events."""
        events = self._exits(t_ms)
        tracks = self._assign(faces, t_ms)
        for face, track in zip(faces, tracks, strict=True):
            track.box, track.last_ms = face.box, t_ms
            if face.embedding is not None:
                track.embedding, track.embedded_ms = face.embedding, t_ms
            track.votes.add(face.decision, face.weight)
            if self._settings.still_picture_check and face.landmarks_xy is not None:
                track.still_image.add(t_ms, face.landmarks_xy, face.embedding)
        decisions = resolve_name_conflicts([self._decide(track, face, t_ms) for track, face in zip(tracks, faces, strict=True)])
        for track, decided in zip(tracks, decisions, strict=True):
            events += self._enter(track, decided.decision)
        return decisions, events

    def needs_embedding(self, boxes: Sequence[Box], t_ms: float, embed_every_ms: float) -> list[bool]:
        """Return for each face whether an embedding could change its decision: all but those of settled tracks.

        A track is settled if its last sighting agrees with its decision and was embedded less than `embed_every_ms` ago, and
        the face has hardly moved since the last frame.
        """
        if not boxes or not self._tracks:
            return [True] * len(boxes)
        table = overlap(_xyxy(list(boxes)), _xyxy([track.box for track in self._tracks]))
        best = table.argmax(axis=1)
        rivals = np.bincount(best, minlength=len(self._tracks))
        return [
            bool(table[number, column] < _HARDLY_MOVED_IOU or rivals[column] > 1)
            or not self._tracks[column].is_settled(t_ms, embed_every_ms)
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
            track.votes.reset()

    def use_settings(self, settings: TrackSettings) -> None:
        """Continue all tracks with other settings."""
        self._settings = settings

    def close(self, t_ms: float) -> list[Event]:
        """End all tracks and return their exit events."""
        return self._exits(t_ms + self._settings.leave_after_ms + 1)

    def _assign(self, faces: Sequence[TrackInput], t_ms: float) -> list[_Track]:
        """Assign faces to tracks by greatest overlap; the remaining faces start new tracks.

        Equal overlaps go to the face farther left, and new tracks start from the left: the order of the faces does not matter.
        """
        order = sorted(range(len(faces)), key=lambda number: faces[number].box.xyxy)
        assigned: dict[int, _Track] = {}
        if self._tracks and faces:
            table = overlap(_xyxy([faces[number].box for number in order]), _xyxy([t.box for t in self._tracks]))
            for row, column in zip(*np.unravel_index(np.argsort(-table, axis=None, kind="stable"), table.shape), strict=True):
                number, track = order[row], self._tracks[column]
                if table[row, column] < self._settings.min_iou:
                    break
                taken = number in assigned or any(track is other for other in assigned.values())
                if not taken and self._may_be_same(track, faces[number]):
                    assigned[number] = track
        for number in order:
            if number not in assigned:
                assigned[number] = _Track(
                    next(self._ids), faces[number].box, t_ms, t_ms, StillImageDetector(self._network.still_spread_l2)
                )
                self._tracks.append(assigned[number])
        return [assigned[number] for number in range(len(faces))]

    def _may_be_same(self, track: _Track, face: TrackInput) -> bool:
        if track.embedding is None or face.embedding is None:
            return True
        return float(np.linalg.norm(track.embedding - face.embedding)) <= self._network.person_l2

    def _decide(self, track: _Track, face: TrackInput, t_ms: float) -> TrackDecision:
        tally = track.votes.tally(face.decision, self._settings.enter_after_sightings)
        decided = TrackDecision(track.track_id, t_ms - track.first_ms, *tally)
        return withhold_name(decided, STILL_PICTURE) if track.still_image.is_still else decided

    def _enter(self, track: _Track, decision: Decision) -> list[Event]:
        if decision.status not in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN):
            return []
        name = decision.name or STRANGER
        if track.entered_as == name:
            return []
        previous, track.entered_as = track.entered_as, name
        if previous is None:
            return [Event("enter", "", track.track_id, decision.name)]
        message = f"was {previous or 'unknown'}"
        return [Event("enter", message, track.track_id, decision.name, EventCode.NAME_CHANGED, previous or None)]

    def _exits(self, t_ms: float) -> list[Event]:
        ended = [t for t in self._tracks if t_ms - t.last_ms > self._settings.leave_after_ms]
        self._tracks = [t for t in self._tracks if t_ms - t.last_ms <= self._settings.leave_after_ms]
        return [
            Event("exit", f"last seen at {t.last_ms:.0f} ms", t.track_id, t.entered_as or None, last_seen_ms=t.last_ms)
            for t in ended
            if t.entered_as is not None
        ]


def _xyxy(boxes: list[Box]) -> Floats:
    return np.array([box.xyxy for box in boxes], np.float32)
