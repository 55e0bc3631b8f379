"""Who is here, who was, and whom nobody knows: tracks joined into visits. Pure: time comes with the frames.

A person's tracks are one visitor; a face that nobody knows is one by its track. What a track stands for now is what it stood for
all the time: somebody who was taken for Ann for a moment has not made Ann a visitor. Pictures are in memory only, of so many
visitors and no more, and go with the session: of strangers nothing is ever written from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from facecam.embedding.embedder import align
from facecam.gallery.gallery import Gallery
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import FaceObservation, open_face_analyzer, single_face
from facecam.recognition.matching import DecisionRule, decision_rule
from facecam.recognition.quality import GateCheck, gate_checks
from facecam.settings import Settings
from facecam.types import Box, Decision, DecisionStatus, Expression, Frame, Image, Result, Sighting

# MERGED runtime.visitor: What is known of somebody who is or was before the camera, as a picture of one moment. Nothing here changes.

PORTRAIT_PX = 192
"""Side of a portrait: a face of half that is 77 px wide in it, enough for a card on a sharp screen, and to be found again."""

_AROUND = 2.5


@dataclass(frozen=True, slots=True)
class SightingMoment:
    """When a frame was: `t_ms` of its source's media, `at_s` monotonic; only the latter is comparable between sources."""

    t_ms: float
    at_s: float


@dataclass(frozen=True, slots=True, eq=False)
class ComparedFace:
    """One face in one frame of `size_wh`. `crop_rgb` (96, 96, 3) is the aligned face, as the network gets it.

    `threshold_l2` is the one that its decision was made with.
    """

    slot: int
    moment: SightingMoment
    size_wh: tuple[int, int]
    sighting: Sighting
    threshold_l2: float | None
    crop_rgb: Image


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """The square (side, side, 3) around a face, at most PORTRAIT_PX wide. `fitness` is 0 for a face that passed no gate."""

    bgr: Image
    fitness: float


@dataclass(frozen=True, slots=True, eq=False)
class VisitorSummary:
    """A visitor: a person by `person_id` and `name`, or one face that nobody knows, which has neither.

    `track_ids` are the tracks that are there now; () when the visitor has gone. `since` begins the visit that is or was the
    last, `first` the first one of `visits`. `sighting` is the newest; `compared` the newest that the network ran on, None before
    the first; `measured` the newest whose sharpness and light were measured. `portrait` is the best picture so far.
    """

    card_id: str
    name: str | None
    person_id: str | None
    track_ids: tuple[int, ...]
    last_track_id: int
    first: SightingMoment
    since: SightingMoment
    last: SightingMoment
    visits: int
    sighting: Sighting
    compared: ComparedFace | None
    measured: ComparedFace | None
    portrait: Portrait

    @property
    def here(self) -> bool:
        return bool(self.track_ids)

    @property
    def kind(self) -> DecisionStatus:
        """How sure the track's decision is."""
        return self.sighting.track_decision.decision.status

    @property
    def guess(self) -> str | None:
        """The name to be shown with a question mark: whom an undecided face is near, or was taken for before."""
        if self.kind in (DecisionStatus.KNOWN, DecisionStatus.UNKNOWN):
            return None
        nearest = self.sighting.track_decision.decision.nearest
        near = self.sighting.decision.status in (DecisionStatus.KNOWN, DecisionStatus.UNSURE)
        return self.name or (nearest.name if near and nearest is not None else None)

    @property
    def expression(self) -> Expression | None:
        """What the face shows; None once it has gone."""
        return self.sighting.expression if self.here else None


def portrait(bgr: Image, box: Box) -> Image:
    """The square around a face, at most PORTRAIT_PX wide, the face in its middle; beyond the frame its edge is drawn out."""
    side = max(1, round(_AROUND * box.longer_side_px))
    left, top = round(box.x + box.w / 2 - side / 2), round(box.y + box.h / 2 - side / 2)
    height, width = bgr.shape[:2]
    (x1, x2), (y1, y2) = _inside(left, side, width), _inside(top, side, height)
    west, north = _before(left, x1, side - x2 + x1), _before(top, y1, side - y2 + y1)
    east, south = side - x2 + x1 - west, side - y2 + y1 - north
    square = np.asarray(cv2.copyMakeBorder(bgr[y1:y2, x1:x2], north, south, west, east, cv2.BORDER_REPLICATE), np.uint8)
    if side <= PORTRAIT_PX:
        return square
    # Of a near face every second or third pixel is enough: shrinking all of them takes twice as long.
    step = max(1, side // (2 * PORTRAIT_PX))
    square = np.ascontiguousarray(square[::step, ::step])
    return np.asarray(cv2.resize(square, (PORTRAIT_PX, PORTRAIT_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _inside(begin: int, length: int, end: int) -> tuple[int, int]:
    """The part of a stretch that lies within 0 and `end`; at least one pixel, though it be beyond."""
    first = min(max(begin, 0), end - 1)
    return first, max(first + 1, min(begin + length, end))


def _before(begin: int, first: int, missing: int) -> int:
    """How much of what is missing lies before the part."""
    return min(max(first - begin, 0), missing)


def fitness(sighting: Sighting) -> float:
    """How good a portrait this face makes, above 0 only when it passed the gates: large, sharp and from the front is best."""
    if sighting.gate is not None or sighting.quality.sharpness is None:
        return 0.0
    return min(sighting.face.box.longer_side_px, PORTRAIT_PX / _AROUND) * sighting.evidence_weight


LEAVES_AFTER_S = 3.0
SAME_VISIT_S = 10.0
"""Whoever is back within this time has not been away."""

SHOWN_AFTER_S = 1.0
"""A face that is not decided yet is nobody's card before: most are decided by then."""

STRANGERS_KEPT = 50
PEOPLE_KEPT = 100
TRACKS_KEPT = 100
"""A visitor's pictures are 170 kB at most: 40 MB with all places taken."""

_BETTER = 1.15
"""A portrait is replaced by one that is clearly better, else cards would flicker."""

_STRANGER = ""


@dataclass(slots=True, eq=False)
class VisitorTrack:
    """A track that is there. `who` is the person_id or _STRANGER, None before anything was decided."""

    track_id: int
    first: SightingMoment
    last: SightingMoment
    sighting: Sighting
    portrait: Portrait
    who: str | None = None
    name: str | None = None
    compared: ComparedFace | None = None
    measured: ComparedFace | None = None

    @property
    def kind(self) -> DecisionStatus:
        return self.sighting.track_decision.decision.status

    @property
    def is_shown(self) -> bool:
        return self.who is not None or (self.last.at_s - self.first.at_s >= SHOWN_AFTER_S and self.sighting.gate != "low_score")

    def stand(self, sighting: Sighting) -> None:
        """Take over what the track stands for now. Undecided, it goes on as what it was, but not as whom it was denied to be."""
        self.sighting = sighting
        decision = sighting.track_decision.decision
        if decision.status is DecisionStatus.KNOWN:
            self.who = decision.nearest.person_id if decision.nearest is not None else decision.name
            self.name = decision.name
        elif decision.status is DecisionStatus.UNKNOWN:
            self.who, self.name = _STRANGER, None
        elif decision.reason == "corrected" and decision.nearest is not None and decision.nearest.person_id == self.who:
            self.who = self.name = None


class Presence:
    """Takes every recognized frame of a session, and gives the visitors as `cards`. For one thread."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._trails: dict[int, VisitorTrack] = {}
        self._past: dict[str, VisitorSummary] = {}
        self._given: dict[str, str] = {}
        self.revision = 0
        """Counts up with everything that could have changed a card."""

    def see(self, slot: int, frame: Frame, result: Result) -> None:
        """Take a recognized frame of the source in `slot`, and what was recognized in it."""
        self._now_s = max(self._now_s, frame.captured_at_s)
        moment = SightingMoment(frame.t_ms, self._now_s)
        for sighting in result.sightings:
            trail = self._trail(sighting, frame, moment)
            trail.last = moment
            trail.stand(sighting)
            if sighting.quality.sharpness is not None:
                crop = align(frame.bgr, sighting.face.landmarks_xy)
                trail.measured = ComparedFace(slot, moment, result.size_wh, sighting, result.threshold_l2, crop)
                trail.compared = trail.measured if sighting.embedded else trail.compared
            if fitness(sighting) > trail.portrait.fitness * _BETTER:
                trail.portrait = _portrait(frame, sighting)
            if trail.who:
                self._past.pop(_track_card(trail.track_id), None)
            self.revision += 1
        self.pass_time(self._now_s)

    def pass_time(self, at_s: float) -> None:
        """Let those go who were not seen for long at this time (monotonic)."""
        self._now_s = max(self._now_s, at_s)
        newest_first = sorted(self._trails.values(), key=lambda trail: (-trail.last.at_s, -trail.track_id))
        here = [trail for trail in newest_first[:TRACKS_KEPT] if self._now_s - trail.last.at_s <= LEAVES_AFTER_S]
        if len(here) < len(newest_first):
            self._let_go([trail for trail in newest_first if trail not in here])

    def end(self) -> None:
        """Let everybody go: the session has ended."""
        self._let_go(list(self._trails.values()))

    @property
    def cards(self) -> tuple[VisitorSummary, ...]:
        """Who is here, in the order of coming; then who has gone, the last one first."""
        groups = self._groups(trail for trail in self._trails.values() if trail.is_shown)
        here = [self._card(card_id, trails) for card_id, trails in groups.items()]
        here.sort(key=lambda card: (card.since.at_s, card.track_ids))
        gone = [card for card_id, card in self._past.items() if card_id not in groups]
        names = {card.name for card in (*here, *gone)}
        gone = [replace(card, name=card.name or self._given.get(card.card_id)) for card in gone]
        gone = [card for card in gone if card.card_id not in self._given or card.name not in names]
        return (*here, *sorted(gone, key=lambda card: (-card.last.at_s, card.card_id)))

    def card_of(self, track_id: int) -> VisitorSummary | None:
        """The visitor that has or had this track, also one that is no card yet; None when it is forgotten."""
        if track_id in self._trails:
            groups = self._groups(self._trails.values())
            return next(self._card(key, trails) for key, trails in groups.items() if self._trails[track_id] in trails)
        return next((card for card in self.cards if not card.here and card.last_track_id == track_id), None)

    def call(self, track_id: int, name: str | None) -> None:
        """Let a stranger who has gone have this name, given later; None takes it back. Who is that person already is one card."""
        self._given.pop(_track_card(track_id), None)
        if name is not None and _track_card(track_id) in self._past:
            self._given[_track_card(track_id)] = name
        self.revision += 1

    def _trail(self, sighting: Sighting, frame: Frame, moment: SightingMoment) -> VisitorTrack:
        track_id = sighting.track_decision.track_id
        if track_id not in self._trails:
            self._trails[track_id] = VisitorTrack(track_id, moment, moment, sighting, _portrait(frame, sighting))
        return self._trails[track_id]

    def _groups(self, trails: Iterable[VisitorTrack]) -> dict[str, list[VisitorTrack]]:
        """The tracks by visitor. Of two faces seen at once only one is the person, whatever the other was before."""
        known = {trail.who: trail for trail in self._trails.values() if trail.kind is DecisionStatus.KNOWN}
        groups: dict[str, list[VisitorTrack]] = {}
        for trail in trails:
            rival = None if trail.kind is DecisionStatus.KNOWN else known.get(trail.who)
            taken = trail.kind is DecisionStatus.UNSURE and trail.sighting.track_decision.decision.reason == "name_taken"
            alone = not trail.who or taken or (rival is not None and rival.last == trail.last)
            groups.setdefault(_track_card(trail.track_id) if alone else f"person {trail.who}", []).append(trail)
        return groups

    def _card(self, card_id: str, trails: Sequence[VisitorTrack]) -> VisitorSummary:
        """What is known of a visitor by tracks that are there and earlier ones; the word of a decided track counts."""
        past = self._past.get(card_id)
        newest = max(trails, key=lambda trail: (trail.kind is DecisionStatus.KNOWN, trail.last.at_s, trail.track_id))
        began = min((trail.first for trail in trails), key=_at_s)
        same_visit = past is not None and began.at_s - past.last.at_s <= SAME_VISIT_S
        portraits = [trail.portrait for trail in trails] + ([past.portrait] if past else [])
        is_person = card_id != _track_card(newest.track_id)
        return VisitorSummary(
            card_id=card_id,
            name=newest.name if is_person else None,
            person_id=newest.who if is_person else None,
            track_ids=tuple(sorted(trail.track_id for trail in trails)),
            last_track_id=newest.track_id,
            first=min(past.first, began, key=_at_s) if past else began,
            since=min(past.since, began, key=_at_s) if past and same_visit else began,
            last=max([trail.last for trail in trails] + ([past.last] if past else []), key=_at_s),
            visits=(past.visits if past else 0) + (not same_visit),
            sighting=newest.sighting,
            compared=_newest_look([trail.compared for trail in trails]) or (past.compared if past else None),
            measured=_newest_look([trail.measured for trail in trails]) or (past.measured if past else None),
            portrait=max(portraits, key=lambda one: one.fitness),
        )

    def _let_go(self, trails: Sequence[VisitorTrack]) -> None:
        """Keep the visits of these tracks; of a face that nothing was decided of only when it was there for a while."""
        worth_keeping = [trail for trail in trails if trail.is_shown and (trail.who is not None or trail.compared is not None)]
        for card_id, leaving in self._groups(worth_keeping).items():
            self._past[card_id] = replace(self._card(card_id, leaving), track_ids=())
        for trail in trails:
            del self._trails[trail.track_id]
            self.revision += 1
        for kept, is_person in ((PEOPLE_KEPT, True), (STRANGERS_KEPT, False)):
            some = [card for card in self._past.values() if (card.person_id is not None) is is_person]
            for card in sorted(some, key=lambda card: -card.last.at_s)[kept:]:
                del self._past[card.card_id]
                self._given.pop(card.card_id, None)


def _track_card(track_id: int) -> str:
    return f"track {track_id}"


def _at_s(moment: SightingMoment) -> float:
    return moment.at_s


def _newest_look(looks: Iterable[ComparedFace | None]) -> ComparedFace | None:
    return max((look for look in looks if look is not None), key=lambda look: look.moment.at_s, default=None)


def _portrait(frame: Frame, sighting: Sighting) -> Portrait:
    return Portrait(portrait(frame.bgr, sighting.face.box), fitness(sighting))


# MERGED runtime.account: Why a visitor is taken for whom: everything that the decision rests on, gathered in one place. Pure but for the last part.
#
# The figures are those of the look that was compared last, whose crop is shown; the decision is the track's.


@dataclass(frozen=True, slots=True, eq=False)
class DecisionReport:
    """What is to be said of a card's decision.

    `look` is the decision about the one face that was compared last, None before the first; `rule` the one it was made with.
    `checks` are the newest measures against the gates, and `fault` the gate that keeps the face from being compared now.
    """

    card: VisitorSummary
    look: Decision | None
    rule: DecisionRule | None
    checks: tuple[GateCheck, ...]
    fault: str | None

    @property
    def decision(self) -> Decision:
        """What the track stands for."""
        return self.card.sighting.track_decision.decision

    @property
    def figures(self) -> Decision:
        """The decision whose distances are told: that of the look, else the track's."""
        return self.look or self.decision

    @property
    def agrees(self) -> bool:
        """Whether the look says the same as the track."""
        look, decision = self.look, self.decision
        return look is not None and look.status is decision.status and look.name == decision.name


def decision_report(card: VisitorSummary, settings: Settings) -> DecisionReport:
    """The account of a card, by the settings that are in force."""
    compared, measured = card.compared, card.measured
    rule = None
    if compared is not None and compared.threshold_l2 is not None:
        # The threshold is the one that the decision was made with; margin and band are the settings', else the network's.
        rule = decision_rule(replace(settings.identify, threshold_l2=compared.threshold_l2), ())
    checks = (
        ()
        if measured is None
        else gate_checks(measured.sighting.face, measured.sighting.quality, measured.size_wh, settings.gate)
    )
    return DecisionReport(card, compared.sighting.decision if compared else None, rule, checks, card.sighting.gate)


def photo_of(gallery: Gallery, sample_id: str) -> Path | None:
    """The photo that a candidate's sample is; None when it has gone meanwhile."""
    return next((sample.photo for sample in gallery.samples if sample.sample_id == sample_id), None)


def photo_crop(photo: Path, settings: Settings) -> Image | None:
    """The aligned face (96, 96, 3) RGB of a gallery's photo, as it is compared; None when no single face is found in it.

    Opens networks of its own, for one thread and one photo: a tenth of a second. PictureError when the photo cannot be read.
    """
    bgr = read_image(photo)
    with open_face_analyzer(settings.replace({"detect.threads": 1, "identify.threads": 1})) as reader:
        face = single_face(reader.analyze(bgr))
    return align(bgr, face.face.landmarks_xy) if isinstance(face, FaceObservation) else None
