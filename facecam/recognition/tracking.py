"""Faces joined over frames into tracks, and the vote of a track's sightings. Pure: time comes in with each frame."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from facecam.detection.boxes import overlap
from facecam.recognition.face_analyzer import FaceObservation
from facecam.settings import TrackSettings
from facecam.types import Box, Decision, DecisionStatus, Event, Floats, TrackDecision

# MERGED identify.liveness: Whether a track shows a picture of a face: its landmarks move only as points of a plane do, and its embeddings hardly change.
#
# Before a distant camera the points of a plane move by affine maps, whatever is done with the plane: centered, the landmarks of all
# frames then lie in two dimensions, those of a solid head in three (Tomasi and Kanade, 1992), those of a face that speaks in
# more. What it cannot tell is in docs/liveness.md.

STILL_PICTURE = "still_picture"
"""The reason of a track that is unsure since it shows a picture of a face."""

WINDOW_MS = 2000.0
"""How long a face is watched before anything is said, and how far back is looked then."""

EMBED_EVERY_MS = 250.0
"""Embeddings closer in time are alike for a living face too."""

MAX_OFF_PLANE = 0.0065
MAX_SPREAD_L2 = 0.075
"""Chosen on the clips of persons A and B of the webcam clips by benchmarks/still_pictures.py; docs/liveness.md has its table."""

_LIVENESS_GAP_MS = 500.0
_LEAST_FRAMES = 20
_LEAST_EMBEDDINGS = 4


class StillImageDetector:
    """The last `window_ms` of one track, and what they say."""

    def __init__(self, window_ms: float = WINDOW_MS) -> None:
        self._window_ms = window_ms
        self._landmarks: deque[tuple[float, Floats]] = deque()
        self._embeddings: deque[tuple[float, Floats]] = deque()
        self._began_ms: float | None = None

    def add(self, t_ms: float, landmarks_xy: Floats, embedding: Floats | None) -> None:
        """One more frame of the track: (5, 2) landmarks in pixels, and its embedding (128,) if it was made."""
        if not self._landmarks or t_ms - self._landmarks[-1][0] > _LIVENESS_GAP_MS:
            self._began_ms = t_ms
            self._landmarks.clear()
            self._embeddings.clear()
        self._landmarks.append((t_ms, landmarks_xy))
        if embedding is not None and (not self._embeddings or t_ms - self._embeddings[-1][0] >= EMBED_EVERY_MS):
            self._embeddings.append((t_ms, embedding))
        for kept in (self._landmarks, self._embeddings):
            while kept and t_ms - kept[0][0] > self._window_ms:
                kept.popleft()

    @property
    def is_ready(self) -> bool:
        """Whether enough was seen: `window_ms` without a gap."""
        if self._began_ms is None or self._landmarks[-1][0] - self._began_ms < self._window_ms:
            return False
        return len(self._landmarks) >= _LEAST_FRAMES and len(self._embeddings) >= _LEAST_EMBEDDINGS

    @property
    def is_still(self) -> bool:
        """Whether it is a still picture, as far as can be told; False until enough was seen."""
        return (
            self.is_ready
            and off_plane(np.array([points for _, points in self._landmarks])) <= MAX_OFF_PLANE
            and spread_l2(np.array([embedding for _, embedding in self._embeddings])) <= MAX_SPREAD_L2
        )


def off_plane(landmarks_xy: Floats) -> float:
    """How far the landmarks (frames, 5, 2) are from moving as points of a plane: root mean square, in eye distances."""
    points = landmarks_xy.astype(np.float64)
    eye_distance = float(np.linalg.norm(points[:, 1] - points[:, 0], axis=1).mean())
    centered = (points - points.mean(axis=1, keepdims=True)).transpose(0, 2, 1).reshape(-1, points.shape[1])
    # The squares of the singular values, smallest first: the two largest are the plane.
    squares = np.linalg.eigvalsh(centered.T @ centered)[:-2].clip(min=0)
    return float(np.sqrt(squares.sum() / centered.size)) / max(eye_distance, 1e-6)


def spread_l2(embeddings: Floats) -> float:
    """How far the embeddings (n, 128) are from their mean, root mean square, plain L2; n of few is allowed for."""
    apart = embeddings - embeddings.mean(axis=0)
    return float(np.sqrt((apart**2).sum() / (len(embeddings) - 1)))


# MERGED identify.vote: What a track stands for: the weighted votes of its last sightings. Pure, and the same for live frames and a log's rows.

STRANGER = ""
"""Whom a sighting votes for that is nobody enrolled."""

# The last sightings that vote. A name that is wrong for a moment is outvoted, a name that stays wrong is replaced once it has
# lost half of them: that is the greater evidence that a change of name needs.
_WINDOW = 45
_SETTLED_SIGHTINGS = 5


class TrackVotes:
    """The votes of one track. `standing` is what it stands for, None before enough sightings agree.

    `denied` are the person_ids of whom somebody said that this is not them.
    """

    def __init__(self) -> None:
        self.standing: Decision | None = None
        self.denied: set[str] = set()
        self._sightings: deque[tuple[Decision, float]] = deque(maxlen=_WINDOW)

    def __len__(self) -> int:
        return len(self._sightings)

    @property
    def settled(self) -> bool:
        """Whether the newest sighting says what the track stands for, and was not among its first."""
        if self.standing is None or len(self._sightings) < _SETTLED_SIGHTINGS:
            return False
        last = self._sightings[-1][0]
        return last.status is self.standing.status and last.name == self.standing.name

    def begin_anew(self) -> None:
        """Forget all votes: they were about other people than those who are enrolled now. Who was denied stays denied."""
        self._sightings.clear()
        self.standing = None

    def deny(self, person_id: str) -> None:
        """This is not them: no vote for them counts, until `allow`."""
        self.denied.add(person_id)
        self.begin_anew()

    def allow(self, person_id: str) -> None:
        """Take `deny` back."""
        self.denied.discard(person_id)
        self.begin_anew()

    def add(self, decision: Decision, weight: float) -> None:
        """Let a sighting vote; one that was skipped does not."""
        if decision.status is not DecisionStatus.SKIPPED:
            self._sightings.append((self._allowed(decision), weight))

    def count(self, sighting: Decision, enter_after_sightings: int) -> tuple[Decision, float, float]:
        """The track's decision at this sighting, the votes for it, and all votes.

        A name, or nobody, needs enough sightings for it and more than half of all the weight; else it is unsure.
        """
        weights: dict[str, float] = {}
        counts: dict[str, int] = {}
        latest: dict[str, Decision] = {}
        total = 0.0
        for decision, weight in self._sightings:
            total += weight
            if decision.status is DecisionStatus.UNSURE:
                continue
            who = decision.nearest.person_id if decision.status is DecisionStatus.KNOWN and decision.nearest else STRANGER
            weights[who] = weights.get(who, 0.0) + weight
            counts[who] = counts.get(who, 0) + 1
            latest[who] = decision
        best = max(weights, key=lambda who: (weights[who], who), default=None)
        if best is not None and counts[best] >= enter_after_sightings and weights[best] * 2 > total:
            self.standing = replace(latest[best], reason="votes")
        elif best is not None and weights[best] * 2 <= total:
            self.standing = None
        decision = self.standing or _undecided(self._allowed(sighting))
        return decision, round(weights.get(best or STRANGER, 0.0), 3), round(total, 3)

    def _allowed(self, decision: Decision) -> Decision:
        if decision.status is DecisionStatus.KNOWN and decision.nearest is not None and decision.nearest.person_id in self.denied:
            return Decision(DecisionStatus.UNSURE, "corrected", nearest=decision.nearest, second=decision.second)
        return decision


def _undecided(sighting: Decision) -> Decision:
    if sighting.status is DecisionStatus.SKIPPED:
        return sighting
    reason = sighting.reason if sighting.status is DecisionStatus.UNSURE else "few_sightings"
    return Decision(DecisionStatus.UNSURE, reason, nearest=sighting.nearest, second=sighting.second)


def single(decisions: Sequence[Decision]) -> list[TrackDecision]:
    """Votes for the faces of a still picture, where a sighting stands for itself."""
    return [TrackDecision(number, 0.0, decision, 1.0, 1.0) for number, decision in enumerate(decisions, start=1)]


def one_name_each(votes: Sequence[TrackDecision]) -> list[TrackDecision]:
    """Two faces in one frame never share a name: the track with the greater share of its votes keeps it, a tie gives none."""
    by_name: dict[str, list[TrackDecision]] = {}
    for vote in votes:
        if vote.decision.name is not None:
            by_name.setdefault(vote.decision.name, []).append(vote)
    losers: set[int] = set()
    for claims in by_name.values():
        best = max(claim.votes_for for claim in claims)
        winners = [claim.track_id for claim in claims if claim.votes_for == best]
        losers |= {claim.track_id for claim in claims if winners != [claim.track_id]}
    return [withheld(vote, "name_taken") if vote.track_id in losers else vote for vote in votes]


def withheld(vote: TrackDecision, reason: str) -> TrackDecision:
    """The same vote, unsure for this reason."""
    return replace(
        vote, decision=Decision(DecisionStatus.UNSURE, reason, nearest=vote.decision.nearest, second=vote.decision.second)
    )


# After so long out of sight, or with less overlap, an embedding may still change a decision.
_TRACK_GAP_MS = 200.0
_HARDLY_MOVED_IOU = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class TrackInput:
    """One face of a frame on its way into a track. `embedding` is None when it was not computed on this frame.

    `landmarks_xy` (5, 2) tell whether it is a still picture; None where they are not to be trusted.
    """

    box: Box
    decision: Decision
    weight: float
    embedding: Floats | None
    landmarks_xy: Floats | None = None


def observed(reading: FaceObservation, decision: Decision, weight: float) -> TrackInput:
    """A reading as its track takes it; of a face that fails a gate the landmarks are not trusted."""
    face = reading.face
    return TrackInput(face.box, decision, weight, reading.embedding, face.landmarks_xy if reading.gate is None else None)


@dataclass(slots=True, eq=False)
class _Track:
    track_id: int
    box: Box
    first_ms: float
    last_ms: float
    embedding: Floats | None = None
    ballot: TrackVotes = field(default_factory=TrackVotes)
    entered_as: str | None = None
    embedded_ms: float = -1e9
    watch: StillImageDetector = field(default_factory=StillImageDetector)

    def settled(self, t_ms: float, embed_every_ms: float) -> bool:
        return self.ballot.settled and t_ms - self.last_ms <= _TRACK_GAP_MS and t_ms - self.embedded_ms < embed_every_ms


class Tracker:
    """Gives each face a track, and each track a decision that its sightings agree on.

    `different_l2`: embeddings farther apart than this are two people, however well their boxes overlap. Trackers of several
    sources share `ids`, so that a track_id is one face's in the whole session.
    """

    def __init__(self, settings: TrackSettings, different_l2: float, ids: Iterator[int] | None = None) -> None:
        self._settings = settings
        self._different_l2 = different_l2
        self._tracks: list[_Track] = []
        self._ids = ids or itertools.count(1)

    def update(self, observations: Sequence[TrackInput], t_ms: float) -> tuple[list[TrackDecision], list[Event]]:
        """The vote of each observation's track, in their order, and who has entered or left by now."""
        events = self._leave(t_ms)
        tracks = self._assign(observations, t_ms)
        for observation, track in zip(observations, tracks, strict=True):
            track.box, track.last_ms = observation.box, t_ms
            if observation.embedding is not None:
                track.embedding, track.embedded_ms = observation.embedding, t_ms
            track.ballot.add(observation.decision, observation.weight)
            if self._settings.still_picture_check and observation.landmarks_xy is not None:
                track.watch.add(t_ms, observation.landmarks_xy, observation.embedding)
        votes = one_name_each([self._vote(track, o, t_ms) for track, o in zip(tracks, observations, strict=True)])
        for track, vote in zip(tracks, votes, strict=True):
            events += self._enter(track, vote.decision)
        return votes, events

    def undecided(self, boxes: Sequence[Box], t_ms: float, embed_every_ms: float) -> list[bool]:
        """Which of these faces an embedding could tell something about: all but those of settled tracks.

        A track is settled when its last sighting agrees with what it stands for, was made less than `embed_every_ms` ago, and
        the face has hardly moved since the frame before.
        """
        if not boxes or not self._tracks:
            return [True] * len(boxes)
        table = overlap(_xyxy(list(boxes)), _xyxy([track.box for track in self._tracks]))
        best = table.argmax(axis=1)
        rivals = np.bincount(best, minlength=len(self._tracks))
        return [
            bool(table[number, column] < _HARDLY_MOVED_IOU or rivals[column] > 1)
            or not self._tracks[column].settled(t_ms, embed_every_ms)
            for number, column in enumerate(best)
        ]

    @property
    def track_ids(self) -> list[int]:
        """The tracks that are there, or were a moment ago."""
        return [track.track_id for track in self._tracks]

    def ballot(self, track_id: int) -> TrackVotes | None:
        """The votes of a face that is there, or was a moment ago; None of any other."""
        return next((track.ballot for track in self._tracks if track.track_id == track_id), None)

    def reset_votes(self) -> None:
        """Let every track gather its votes anew, since other people are enrolled now."""
        for track in self._tracks:
            track.ballot.begin_anew()

    def close(self, t_ms: float) -> list[Event]:
        """The exits of everybody who is still there when a session ends."""
        return self._leave(t_ms + self._settings.leave_after_ms + 1)

    def _assign(self, observations: Sequence[TrackInput], t_ms: float) -> list[_Track]:
        """The best-overlapping pairs first; what is left over begins a track.

        Equal overlaps go to the face farther left, and new tracks begin from the left: the order of the faces does not matter.
        """
        order = sorted(range(len(observations)), key=lambda number: observations[number].box.xyxy)
        assigned: dict[int, _Track] = {}
        if self._tracks and observations:
            table = overlap(_xyxy([observations[number].box for number in order]), _xyxy([t.box for t in self._tracks]))
            for row, column in zip(*np.unravel_index(np.argsort(-table, axis=None, kind="stable"), table.shape), strict=True):
                number, track = order[row], self._tracks[column]
                if table[row, column] < self._settings.min_iou:
                    break
                taken = number in assigned or any(track is other for other in assigned.values())
                if not taken and self._may_be_same(track, observations[number]):
                    assigned[number] = track
        for number in order:
            if number not in assigned:
                assigned[number] = self._begin(observations[number], t_ms)
        return [assigned[number] for number in range(len(observations))]

    def _may_be_same(self, track: _Track, observation: TrackInput) -> bool:
        if track.embedding is None or observation.embedding is None:
            return True
        return float(np.linalg.norm(track.embedding - observation.embedding)) <= self._different_l2

    def _begin(self, observation: TrackInput, t_ms: float) -> _Track:
        track = _Track(next(self._ids), observation.box, t_ms, t_ms)
        self._tracks.append(track)
        return track

    def _vote(self, track: _Track, observation: TrackInput, t_ms: float) -> TrackDecision:
        counted = track.ballot.count(observation.decision, self._settings.enter_after_sightings)
        vote = TrackDecision(track.track_id, t_ms - track.first_ms, *counted)
        return withheld(vote, STILL_PICTURE) if track.watch.is_still else vote

    def _enter(self, track: _Track, decision: Decision) -> list[Event]:
        if decision.status not in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN):
            return []
        name = decision.name or STRANGER
        if track.entered_as == name:
            return []
        before, track.entered_as = track.entered_as, name
        said = "" if before is None else f"was {before or 'unknown'}"
        return [Event("enter", said, track.track_id, decision.name)]

    def _leave(self, t_ms: float) -> list[Event]:
        gone = [t for t in self._tracks if t_ms - t.last_ms > self._settings.leave_after_ms]
        self._tracks = [t for t in self._tracks if t_ms - t.last_ms <= self._settings.leave_after_ms]
        entered = [t for t in gone if t.entered_as is not None]
        return [Event("exit", f"last seen at {t.last_ms:.0f} ms", t.track_id, t.entered_as or None) for t in entered]


def _xyxy(boxes: list[Box]) -> Floats:
    return np.array([box.xyxy for box in boxes], np.float32)
