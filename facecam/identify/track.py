"""Faces joined over frames into tracks, and the vote of a track's sightings. Pure: time comes in with each frame."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from facecam.detect.boxes import overlap
from facecam.identify.liveness import STILL_PICTURE, StillWatch
from facecam.identify.reading import FaceReading
from facecam.identify.vote import STRANGER, Ballot, one_name_each, withheld
from facecam.settings import TrackSettings
from facecam.types import Box, Decision, Event, Floats, Kind, Vote

# After so long out of sight, or with less overlap, an embedding may still change a decision.
_GAP_MS = 200.0
_HARDLY_MOVED_IOU = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One face of a frame on its way into a track. `embedding` is None when it was not computed on this frame.

    `landmarks_xy` (5, 2) tell whether it is a still picture; None where they are not to be trusted.
    """

    box: Box
    decision: Decision
    weight: float
    embedding: Floats | None
    landmarks_xy: Floats | None = None


def observed(reading: FaceReading, decision: Decision, weight: float) -> Observation:
    """A reading as its track takes it; of a face that fails a gate the landmarks are not trusted."""
    face = reading.face
    return Observation(face.box, decision, weight, reading.embedding, face.landmarks_xy if reading.gate is None else None)


@dataclass(slots=True, eq=False)
class _Track:
    track_id: int
    box: Box
    first_ms: float
    last_ms: float
    embedding: Floats | None = None
    ballot: Ballot = field(default_factory=Ballot)
    entered_as: str | None = None
    embedded_ms: float = -1e9
    watch: StillWatch = field(default_factory=StillWatch)

    def settled(self, t_ms: float, embed_every_ms: float) -> bool:
        return self.ballot.settled and t_ms - self.last_ms <= _GAP_MS and t_ms - self.embedded_ms < embed_every_ms


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

    def update(self, observations: Sequence[Observation], t_ms: float) -> tuple[list[Vote], list[Event]]:
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

    def ballot(self, track_id: int) -> Ballot | None:
        """The votes of a face that is there, or was a moment ago; None of any other."""
        return next((track.ballot for track in self._tracks if track.track_id == track_id), None)

    def begin_anew(self) -> None:
        """Let every track gather its votes anew, since other people are enrolled now."""
        for track in self._tracks:
            track.ballot.begin_anew()

    def close(self, t_ms: float) -> list[Event]:
        """The exits of everybody who is still there when a session ends."""
        return self._leave(t_ms + self._settings.leave_after_ms + 1)

    def _assign(self, observations: Sequence[Observation], t_ms: float) -> list[_Track]:
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

    def _may_be_same(self, track: _Track, observation: Observation) -> bool:
        if track.embedding is None or observation.embedding is None:
            return True
        return float(np.linalg.norm(track.embedding - observation.embedding)) <= self._different_l2

    def _begin(self, observation: Observation, t_ms: float) -> _Track:
        track = _Track(next(self._ids), observation.box, t_ms, t_ms)
        self._tracks.append(track)
        return track

    def _vote(self, track: _Track, observation: Observation, t_ms: float) -> Vote:
        counted = track.ballot.count(observation.decision, self._settings.enter_after_sightings)
        vote = Vote(track.track_id, t_ms - track.first_ms, *counted)
        return withheld(vote, STILL_PICTURE) if track.watch.is_still else vote

    def _enter(self, track: _Track, decision: Decision) -> list[Event]:
        if decision.kind not in (Kind.KNOWN, Kind.UNKNOWN):
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
