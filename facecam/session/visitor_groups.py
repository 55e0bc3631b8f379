"""Tracks and groups of tracks of one person: their visits, faces and portraits. Pure: time comes with the frames."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np

from facecam.types import VISIT_GAP_S, Box, Decision, DecisionStatus, Floats, Frame, Image, Result, Sighting

PORTRAIT_PX = 192
"""Side of a portrait. A face in it is 77 px wide, enough for a high-resolution screen and to be detected again."""

_PORTRAIT_SCALE = 2.5
"""Side of the square around a face, in longer sides of its box."""

MIN_IMPROVEMENT = 1.15
"""A portrait is replaced only by a clearly better one, so that it does not flicker."""

VISIBLE_AFTER_S = 1.0
"""An undecided face is listed after this time; most are decided by then."""

MAX_VISITS = 1000

_MAX_PORTRAITS = 3
_MAX_TRACK_IDS = 64
_MAX_FACES = 16
"""Embeddings of a track or a group: the mean distance of more is the same, and 16 take 8 to 16 kB."""

_ENOUGH_FACES = 3
_FACE_EVERY_S = 0.25
"""After the first _ENOUGH_FACES, embeddings closer in time add nothing."""

UNKNOWN_ID = ""


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFace:
    """One face in one frame of `size_wh`. `crop_rgb` (size, size, 3) is the aligned face, the network's input.

    `threshold_l2` is the threshold of its decision.
    """

    slot: int
    seen_s: float
    size_wh: tuple[int, int]
    sighting: Sighting
    threshold_l2: float | None
    crop_rgb: Image


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """Square image (side, side, 3) around a face, at most PORTRAIT_PX wide. `score` is 0 when a gate failed.

    `strangers` are the boxes of the frame's other faces that were not known, in pixels of the image; they may lie outside.
    """

    bgr: Image
    score: float
    strangers: tuple[Box, ...] = ()


def crop_portrait(bgr: Image, box: Box) -> Image:
    """Crop the square around a face, at most PORTRAIT_PX wide. Outside the frame its border is replicated."""
    side = max(1, round(_PORTRAIT_SCALE * box.longer_side_px))
    # The middle of an even number of pixels lies between two of them.
    center = round(box.x + box.w / 2 - side / 2) + (side - 1) / 2, round(box.y + box.h / 2 - side / 2) + (side - 1) / 2
    square = cv2.getRectSubPix(bgr, (side, side), center)
    if side > PORTRAIT_PX:
        square = cv2.resize(square, (PORTRAIT_PX, PORTRAIT_PX), interpolation=cv2.INTER_AREA)
    return np.asarray(square, np.uint8)


def portrait_score(sighting: Sighting) -> float:
    """Rate a face as a portrait: 0 when a gate failed, highest when it is large, sharp and frontal."""
    if sighting.gate is not None or sighting.quality.sharpness is None:
        return 0.0
    return min(sighting.face.box.longer_side_px, PORTRAIT_PX / _PORTRAIT_SCALE) * sighting.evidence_weight


@dataclass(slots=True, eq=False)
class VisitorTrack:
    """Current track. `person_id` is UNKNOWN_ID for an unknown face and None before a decision.

    `faces` are embeddings of the track, `group` is the key of the group that it belongs to while it is not a person.
    """

    track_id: int
    first_s: float
    last_s: float
    last_frame: tuple[int, int]
    """Slot and index of the newest frame."""
    sighting: Sighting
    portrait: Portrait
    person_id: str | None = None
    name: str | None = None
    compared: ComparedFace | None = None
    measured: ComparedFace | None = None
    paused_s: float = 0.0
    """Time since `first_s` in which the session was paused."""
    gallery_revision: str = ""
    """State of the gallery that the newest decision is based on."""
    faces: list[Floats] = field(default_factory=list)
    faces_added: int = 0
    face_added_s: float = -1e9
    group: int | None = None

    @property
    def status(self) -> DecisionStatus:
        return self.sighting.track_decision.decision.status

    @property
    def is_visible(self) -> bool:
        is_listed = self.person_id is not None or self.group is not None
        return is_listed or (self.last_s - self.first_s >= VISIBLE_AFTER_S and self.sighting.gate != "low_score")

    @property
    def rejected_id(self) -> str | None:
        """The person that a user said this face does not belong to."""
        decision = self.sighting.track_decision.decision
        return decision.nearest.person_id if decision.reason == "corrected" and decision.nearest is not None else None

    def update(self, sighting: Sighting) -> None:
        """Apply the track's current decision. While undecided it keeps its person, unless a correction rejected that person."""
        self.sighting = sighting
        decision = sighting.track_decision.decision
        if decision.status is DecisionStatus.KNOWN:
            self.person_id = decision.nearest.person_id if decision.nearest is not None else decision.name
            self.name = decision.name
        elif decision.status is DecisionStatus.UNKNOWN:
            self.person_id, self.name = UNKNOWN_ID, None
        elif self.rejected_id is not None and self.rejected_id == self.person_id:
            self.person_id = self.name = None

    @property
    def embeddings(self) -> Floats | None:
        """Embeddings (n, d) of the track, None without any."""
        return np.array(self.faces) if self.faces else None

    def add_face(self, embedding: Floats, at_s: float) -> bool:
        """Keep an embedding unless the last one is too recent; return whether it was kept."""
        if self.faces_added >= _ENOUGH_FACES and at_s - self.face_added_s < _FACE_EVERY_S:
            return False
        self.faces.append(embedding)
        if len(self.faces) > _MAX_FACES:
            self.faces = self.faces[::2]
        self.faces_added, self.face_added_s = self.faces_added + 1, at_s
        return True


@dataclass(frozen=True, slots=True)
class Visit:
    """Time present, from `began_s` to `ended_s`. In `paused_s` of it the session was paused."""

    began_s: float
    ended_s: float
    paused_s: float = 0.0

    @property
    def present_s(self) -> float:
        return max(0.0, self.ended_s - self.began_s - self.paused_s)


def join_visits(visits: Iterable[Visit]) -> list[Visit]:
    """Join visits that overlap or are at most VISIT_GAP_S apart; the result is in order of time.

    Of more than MAX_VISITS the oldest are joined, too, with the time between them as a pause.
    """
    joined: list[Visit] = []
    for visit in sorted(visits, key=lambda visit: (visit.began_s, visit.ended_s)):
        last = joined[-1] if joined else None
        if last is None or visit.began_s - last.ended_s > VISIT_GAP_S:
            joined.append(visit)
            continue
        # A pause concerns all tracks at the same time.
        overlaps = visit.began_s < last.ended_s
        paused_s = max(last.paused_s, visit.paused_s) if overlaps else last.paused_s + visit.paused_s
        joined[-1] = Visit(last.began_s, max(last.ended_s, visit.ended_s), paused_s)
    while len(joined) > MAX_VISITS:
        first, second = joined[:2]
        length_s = second.ended_s - first.began_s
        joined[:2] = [Visit(first.began_s, second.ended_s, length_s - first.present_s - second.present_s)]
    return joined


@dataclass(slots=True, eq=False)
class VisitorGroup:
    """Faces of one person in the tracks that have ended: of an enrolled person, or of an unknown one.

    Attributes:
        key: Id of the group, higher for a later one.
        number: Number of an unknown visitor, given when the face is first decided to be unknown.
        person: Id and name of the person who it is, by the votes of the faces, None for an unknown one.
        assigned: Id and name that a user gave.
        rejected_ids: The people that a user said it is not.
        corrected_ids: Tracks by which a user corrected the name. A later undo finds the group by them.
        apart: Keys of groups and ids of people that were seen beside it in one frame, and are other people.
        decision: Decision of the faces together, or of the last track.
    """

    key: int
    number: int | None = None
    person: tuple[str, str] | None = None
    assigned: tuple[str, str] | None = None
    rejected_ids: set[str] = field(default_factory=set)
    corrected_ids: set[int] = field(default_factory=set)
    apart: set[int | str] = field(default_factory=set)
    visits: list[Visit] = field(default_factory=list)
    track_ids: list[int] = field(default_factory=list)
    faces: Floats | None = None
    portraits: list[Portrait] = field(default_factory=list)
    sighting: Sighting | None = None
    decision: Decision | None = None
    compared: ComparedFace | None = None
    measured: ComparedFace | None = None

    @property
    def last_seen_s(self) -> float:
        return self.visits[-1].ended_s if self.visits else 0.0

    @property
    def is_unknown(self) -> bool:
        """True if the faces were decided to match no enrolled person."""
        return self.decision is not None and self.decision.status is DecisionStatus.UNKNOWN

    def add(self, track: VisitorTrack) -> None:
        """Add a track that ends."""
        if not self.visits or track.last_s >= self.last_seen_s:
            self.sighting, self.decision = track.sighting, track.sighting.track_decision.decision
        self.visits = join_visits([*self.visits, Visit(track.first_s, track.last_s, track.paused_s)])
        self.track_ids = [*self.track_ids, track.track_id][-_MAX_TRACK_IDS:]
        self.faces = joined_faces([self.faces, track.embeddings])
        self.portraits = best_portraits([*self.portraits, track.portrait])
        self.compared, self.measured = newest_face([self.compared, track.compared]), newest_face([self.measured, track.measured])

    def absorb(self, other: VisitorGroup) -> None:
        """Add everything of another group of the same person."""
        if other.visits and (not self.visits or other.last_seen_s >= self.last_seen_s):
            self.sighting, self.decision, track_ids = other.sighting, other.decision, [*self.track_ids, *other.track_ids]
        else:
            track_ids = [*other.track_ids, *self.track_ids]
        self.visits = join_visits([*self.visits, *other.visits])
        self.track_ids = track_ids[-_MAX_TRACK_IDS:]
        self.faces = joined_faces([self.faces, other.faces])
        self.portraits = best_portraits([*self.portraits, *other.portraits])
        self.compared, self.measured = newest_face([self.compared, other.compared]), newest_face([self.measured, other.measured])
        self.number = min((number for number in (self.number, other.number) if number is not None), default=None)
        self.assigned = self.assigned or other.assigned
        self.rejected_ids |= other.rejected_ids
        self.corrected_ids |= other.corrected_ids
        self.apart |= other.apart


def joined_faces(parts: Iterable[Floats | None]) -> Floats | None:
    """Return at most _MAX_FACES of the embeddings of all parts, spread evenly; None without any."""
    present = [part for part in parts if part is not None]
    if not present:
        return None
    faces = np.concatenate(present)
    if len(faces) <= _MAX_FACES:
        return faces
    spread: Floats = faces[np.linspace(0, len(faces) - 1, _MAX_FACES).round().astype(np.intp)]
    return spread


def best_portraits(portraits: Iterable[Portrait]) -> list[Portrait]:
    """Return the best portraits, the best one first; an earlier one is replaced only by a clearly better one."""
    best: list[Portrait] = []
    for portrait in portraits:
        place = next((n for n, other in enumerate(best) if portrait.score > other.score * MIN_IMPROVEMENT), len(best))
        best.insert(place, portrait)
    return best[:_MAX_PORTRAITS]


def newest_face(faces: Iterable[ComparedFace | None]) -> ComparedFace | None:
    """Return the newest of the faces, None without any."""
    return max((face for face in faces if face is not None), key=lambda face: face.seen_s, default=None)


def make_portrait(frame: Frame, sighting: Sighting, result: Result) -> Portrait:
    """Return the portrait of a face in a frame with this result."""
    box = sighting.face.box
    bgr, side = crop_portrait(frame.bgr, box), _PORTRAIT_SCALE * box.longer_side_px
    left, top, factor = box.x + box.w / 2 - side / 2, box.y + box.h / 2 - side / 2, len(bgr) / side
    others = (
        other.face.box
        for other in result.sightings
        if other is not sighting and other.track_decision.decision.status is not DecisionStatus.KNOWN
    )
    strangers = tuple(Box((at.x - left) * factor, (at.y - top) * factor, at.w * factor, at.h * factor) for at in others)
    return Portrait(bgr, portrait_score(sighting), strangers)
