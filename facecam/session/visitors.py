"""Visitors of a session: tracks grouped into people and visits, and the report behind a visitor's decision.

A person's tracks are one visitor; each track of an unknown face is its own. A track's current decision applies from its start:
a face that was taken for Ann for a moment has not made Ann a visitor. Portraits are kept in memory only, for a limited number of
visitors, and are never written to disk. `VisitorTracker` is pure: time comes with the frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from facecam.gallery.gallery import Gallery
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import open_face_analyzer, single_face
from facecam.recognition.matching import DecisionRule, decision_rule
from facecam.recognition.quality import GateCheck, gate_checks
from facecam.settings import Settings, TrackSettings
from facecam.types import VISIT_GAP_S, Box, Decision, DecisionStatus, Expression, FaceObservation, Frame, Image, Result, Sighting

PORTRAIT_PX = 192
"""Side of a portrait. A face in it is 77 px wide, enough for a high-resolution screen and to be detected again."""

_PORTRAIT_SCALE = 2.5
"""Side of the square around a face, in longer sides of its box."""

_MIN_IMPROVEMENT = 1.15
"""A portrait is replaced only by a clearly better one, so that it does not flicker."""

VISIBLE_AFTER_S = 1.0
"""An undecided face is listed after this time; most are decided by then."""

MAX_UNKNOWN = 50
MAX_PEOPLE = 100
MAX_TRACKS = 100
"""A visitor's images take at most 170 kB, so all of them take at most 40 MB."""

_UNKNOWN = ""


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
    """Square image (side, side, 3) around a face, at most PORTRAIT_PX wide. `score` is 0 when a gate failed."""

    bgr: Image
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class VisitorSummary:
    """Visitor: a person with `person_id` and `name`, or one unknown face without them.

    `track_ids` are the current tracks, () after the visitor has left. Times are monotonic: `first_seen_s` begins the first of
    `visits`, `visit_started_s` the current or last one. `sighting` is the newest; `last_compared` the newest that the network
    ran on; `last_measured` the newest with measured sharpness and brightness. `portrait` is the best so far. `absent_s` is the
    time between `first_seen_s` and `last_seen_s` that lies between two visits or in a pause of the session.
    """

    visitor_id: str
    name: str | None
    person_id: str | None
    track_ids: tuple[int, ...]
    last_track_id: int
    first_seen_s: float
    visit_started_s: float
    last_seen_s: float
    visits: int
    sighting: Sighting
    last_compared: ComparedFace | None
    last_measured: ComparedFace | None
    portrait: Portrait
    absent_s: float = 0.0

    @property
    def present_s(self) -> float:
        """Time present in all visits, without the pauses of the session."""
        return max(0.0, self.last_seen_s - self.first_seen_s - self.absent_s)

    @property
    def is_present(self) -> bool:
        return bool(self.track_ids)

    @property
    def status(self) -> DecisionStatus:
        """Status of the track's decision."""
        return self.sighting.track_decision.decision.status

    @property
    def possible_name(self) -> str | None:
        """Name to show with a question mark: the nearest person to an undecided face, or its earlier name."""
        if self.status in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN):
            return None
        nearest = self.sighting.track_decision.decision.nearest
        near = self.sighting.decision.status in (DecisionStatus.KNOWN, DecisionStatus.UNSURE)
        return self.name or (nearest.name if near and nearest is not None else None)

    @property
    def expression(self) -> Expression | None:
        """Current expression; None after the visitor has left."""
        return self.sighting.expression if self.is_present else None


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
    """Current track. `person_id` is _UNKNOWN for an unknown face and None before a decision."""

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

    @property
    def status(self) -> DecisionStatus:
        return self.sighting.track_decision.decision.status

    @property
    def is_visible(self) -> bool:
        return self.person_id is not None or (self.last_s - self.first_s >= VISIBLE_AFTER_S and self.sighting.gate != "low_score")

    def update(self, sighting: Sighting) -> None:
        """Apply the track's current decision. While undecided it keeps its person, unless a correction rejected that person."""
        self.sighting = sighting
        decision = sighting.track_decision.decision
        if decision.status is DecisionStatus.KNOWN:
            self.person_id = decision.nearest.person_id if decision.nearest is not None else decision.name
            self.name = decision.name
        elif decision.status is DecisionStatus.UNKNOWN:
            self.person_id, self.name = _UNKNOWN, None
        elif decision.reason == "corrected" and decision.nearest is not None and decision.nearest.person_id == self.person_id:
            self.person_id = self.name = None


class VisitorTracker:
    """Groups the tracks of a session into visitors. For one thread. `revision` increases with every possible change."""

    def __init__(self, leave_after_s: float = TrackSettings().leave_after_ms / 1e3) -> None:
        self._leave_after_s = leave_after_s
        self._now_s = 0.0
        self._tracks: dict[int, VisitorTrack] = {}
        self._past: dict[str, VisitorSummary] = {}
        self._assigned_names: dict[str, str] = {}
        self.revision = 0

    def update(self, slot: int, frame: Frame, result: Result) -> None:
        """Add a recognized frame of the source in `slot`."""
        self._now_s = max(self._now_s, frame.captured_at_s)
        exits = {event.track_id for event in result.events if event.kind == "exit"}
        self._end_tracks([track for track in self._tracks.values() if track.track_id in exits])
        for sighting in result.sightings:
            track = self._track(sighting, slot, frame)
            track.last_s, track.last_frame = self._now_s, (slot, frame.index)
            track.update(sighting)
            if sighting.crop_rgb is not None:
                track.measured = ComparedFace(slot, self._now_s, result.size_wh, sighting, result.threshold_l2, sighting.crop_rgb)
                track.compared = track.measured if sighting.embedded else track.compared
            if portrait_score(sighting) > track.portrait.score * _MIN_IMPROVEMENT:
                track.portrait = _portrait(frame, sighting)
            if track.person_id:
                self._past.pop(_track_visitor_id(track.track_id), None)
            self.revision += 1
        self.advance(self._now_s)

    def advance(self, at_s: float) -> None:
        """End the tracks not seen for `leave_after_s` at `at_s` (monotonic), and those beyond MAX_TRACKS."""
        self._now_s = max(self._now_s, at_s)
        newest_first = sorted(self._tracks.values(), key=lambda track: (-track.last_s, -track.track_id))
        current = [track for track in newest_first[:MAX_TRACKS] if self._now_s - track.last_s <= self._leave_after_s]
        if len(current) < len(newest_first):
            self._end_tracks([track for track in newest_first if track not in current])

    def skip_pause(self, seconds: float) -> None:
        """Leave a pause of the session out of the time for which the current visitors were present."""
        for track in self._tracks.values():
            track.paused_s += seconds

    def end(self) -> None:
        """End all tracks at the end of the session."""
        self._end_tracks(list(self._tracks.values()))

    @property
    def visitors(self) -> tuple[VisitorSummary, ...]:
        """Return the present visitors in order of arrival, then those who left, latest first."""
        groups = self._groups(track for track in self._tracks.values() if track.is_visible)
        present = [self._summarize(visitor_id, tracks) for visitor_id, tracks in groups.items()]
        present.sort(key=lambda visitor: (visitor.visit_started_s, visitor.track_ids))
        left = [visitor for visitor_id, visitor in self._past.items() if visitor_id not in groups]
        names = {visitor.name for visitor in (*present, *left)}
        left = [replace(visitor, name=visitor.name or self._assigned_names.get(visitor.visitor_id)) for visitor in left]
        left = [visitor for visitor in left if visitor.visitor_id not in self._assigned_names or visitor.name not in names]
        return (*present, *sorted(left, key=lambda visitor: (-visitor.last_seen_s, visitor.visitor_id)))

    def visitor_of(self, track_id: int) -> VisitorSummary | None:
        """Return the visitor of a current or last track, even before it is listed; None when unknown."""
        if track_id in self._tracks:
            groups = self._groups(self._tracks.values())
            return next(self._summarize(key, tracks) for key, tracks in groups.items() if self._tracks[track_id] in tracks)
        return next((visitor for visitor in self.visitors if not visitor.is_present and visitor.last_track_id == track_id), None)

    def set_past_name(self, track_id: int, name: str | None) -> None:
        """Name an unknown visitor who has left; None removes the name. A visitor with that name replaces the unknown one."""
        self._assigned_names.pop(_track_visitor_id(track_id), None)
        if name is not None and _track_visitor_id(track_id) in self._past:
            self._assigned_names[_track_visitor_id(track_id)] = name
        self.revision += 1

    def _track(self, sighting: Sighting, slot: int, frame: Frame) -> VisitorTrack:
        track_id = sighting.track_decision.track_id
        if track_id not in self._tracks:
            self._tracks[track_id] = VisitorTrack(
                track_id, self._now_s, self._now_s, (slot, frame.index), sighting, _portrait(frame, sighting)
            )
        return self._tracks[track_id]

    def _groups(self, tracks: Iterable[VisitorTrack]) -> dict[str, list[VisitorTrack]]:
        """Group tracks by visitor id. Of two faces in one frame, only one is the person."""
        known = {track.person_id: track for track in self._tracks.values() if track.status is DecisionStatus.KNOWN}
        groups: dict[str, list[VisitorTrack]] = {}
        for track in tracks:
            rival = None if track.status is DecisionStatus.KNOWN else known.get(track.person_id)
            taken = track.status is DecisionStatus.UNSURE and track.sighting.track_decision.decision.reason == "name_taken"
            alone = not track.person_id or taken or (rival is not None and rival.last_frame == track.last_frame)
            groups.setdefault(_track_visitor_id(track.track_id) if alone else f"person {track.person_id}", []).append(track)
        return groups

    def _summarize(self, visitor_id: str, tracks: Sequence[VisitorTrack]) -> VisitorSummary:
        """Combine a visitor's current tracks with the earlier visits. A known track takes precedence over newer ones."""
        past = self._past.get(visitor_id)
        newest = max(tracks, key=lambda track: (track.status is DecisionStatus.KNOWN, track.last_s, track.track_id))
        began_s = min(track.first_s for track in tracks)
        same_visit = past is not None and began_s - past.last_seen_s <= VISIT_GAP_S
        absent_s = max(track.paused_s for track in tracks)
        if past is not None:
            absent_s += past.absent_s + (0.0 if same_visit else began_s - past.last_seen_s)
        portraits = [track.portrait for track in tracks] + ([past.portrait] if past else [])
        is_person = visitor_id != _track_visitor_id(newest.track_id)
        return VisitorSummary(
            visitor_id=visitor_id,
            name=newest.name if is_person else None,
            person_id=newest.person_id if is_person else None,
            track_ids=tuple(sorted(track.track_id for track in tracks)),
            last_track_id=newest.track_id,
            first_seen_s=min(past.first_seen_s, began_s) if past else began_s,
            visit_started_s=min(past.visit_started_s, began_s) if past and same_visit else began_s,
            last_seen_s=max([track.last_s for track in tracks] + ([past.last_seen_s] if past else [])),
            visits=(past.visits if past else 0) + (not same_visit),
            sighting=newest.sighting,
            last_compared=_newest([track.compared for track in tracks]) or (past.last_compared if past else None),
            last_measured=_newest([track.measured for track in tracks]) or (past.last_measured if past else None),
            portrait=max(portraits, key=lambda portrait: portrait.score),
            absent_s=absent_s,
        )

    def _end_tracks(self, tracks: Sequence[VisitorTrack]) -> None:
        """End tracks and keep their visits, except of undecided faces that were never compared."""
        kept_tracks = [
            track for track in tracks if track.is_visible and (track.person_id is not None or track.compared is not None)
        ]
        for visitor_id, leaving in self._groups(kept_tracks).items():
            self._past[visitor_id] = replace(self._summarize(visitor_id, leaving), track_ids=())
        for track in tracks:
            del self._tracks[track.track_id]
            self.revision += 1
        for limit, is_person in ((MAX_PEOPLE, True), (MAX_UNKNOWN, False)):
            past = [visitor for visitor in self._past.values() if (visitor.person_id is not None) is is_person]
            for visitor in sorted(past, key=lambda visitor: -visitor.last_seen_s)[limit:]:
                del self._past[visitor.visitor_id]
                self._assigned_names.pop(visitor.visitor_id, None)


def _track_visitor_id(track_id: int) -> str:
    return f"track {track_id}"


def _newest(faces: Iterable[ComparedFace | None]) -> ComparedFace | None:
    return max((face for face in faces if face is not None), key=lambda face: face.seen_s, default=None)


def _portrait(frame: Frame, sighting: Sighting) -> Portrait:
    return Portrait(crop_portrait(frame.bgr, sighting.face.box), portrait_score(sighting))


@dataclass(frozen=True, slots=True, eq=False)
class DecisionReport:
    """Explanation of a visitor's decision.

    Attributes:
        face_decision: Decision of the face compared last, None before the first.
        rule: The rule that it was made with, with the nearest person's own match threshold.
        gallery_threshold_l2: The match threshold of the gallery.
        threshold_origin: What the own threshold comes from: a code of THRESHOLD_ORIGINS.
        checks: The newest measurements against the gates.
        failed_gate: The gate that now prevents a comparison.
    """

    visitor: VisitorSummary
    face_decision: Decision | None
    rule: DecisionRule | None
    checks: tuple[GateCheck, ...]
    failed_gate: str | None
    gallery_threshold_l2: float | None = None
    threshold_origin: str = "gallery"

    @property
    def decision(self) -> Decision:
        """Decision of the track."""
        return self.visitor.sighting.track_decision.decision

    @property
    def compared_decision(self) -> Decision:
        """Decision whose distances are shown: the face's, or the track's without one."""
        return self.face_decision or self.decision

    @property
    def face_agrees(self) -> bool:
        face, track = self.face_decision, self.decision
        return face is not None and face.status is track.status and face.name == track.name


def decision_report(visitor: VisitorSummary, settings: Settings) -> DecisionReport:
    """Explain a visitor's decision with the current settings."""
    compared, measured = visitor.last_compared, visitor.last_measured
    rule, origin = None, "gallery"
    if compared is not None and compared.threshold_l2 is not None:
        # The threshold is that of the decision; margin and band come from the settings or the network.
        rule = decision_rule(replace(settings.identify, threshold_l2=compared.threshold_l2), ())
        is_fixed = settings.identify.threshold_l2 is not None
        if is_fixed and decision_rule(settings.identify, ()).threshold_l2 == rule.threshold_l2:
            origin = "fixed"
        elif (nearest := compared.sighting.decision.nearest) is not None:
            origin = nearest.threshold_origin(rule.threshold_l2)
            rule = replace(rule, threshold_l2=rule.own_threshold_l2(nearest))
    checks = (
        ()
        if measured is None
        else gate_checks(measured.sighting.face, measured.sighting.quality, measured.size_wh, settings.gate)
    )
    return DecisionReport(
        visitor,
        compared.sighting.decision if compared else None,
        rule,
        checks,
        visitor.sighting.gate,
        compared.threshold_l2 if compared else None,
        origin,
    )


def find_photo(gallery: Gallery, sample_id: str) -> Path | None:
    """Return the photo of a sample; None when it was removed."""
    return next((sample.photo for sample in gallery.samples if sample.sample_id == sample_id), None)


def photo_crop(photo: Path, settings: Settings) -> Image | None:
    """Return the aligned face (size, size, 3) RGB of a photo, as it is compared; None without exactly one usable face.

    Opens networks of its own with one thread each, which takes a tenth of a second. Raises ImageError for an unreadable photo.
    """
    bgr = read_image(photo)
    with open_face_analyzer(settings.replace({"detect.threads": 1, "identify.threads": 1})) as analyzer:
        face = single_face(analyzer.analyze(bgr))
    return face.crop_rgb if isinstance(face, FaceObservation) else None
