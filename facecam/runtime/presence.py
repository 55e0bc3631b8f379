"""Who is here, who was, and whom nobody knows: tracks joined into visits. Pure: time comes with the frames.

A person's tracks are one visitor; a face that nobody knows is one by its track. What a track stands for now is what it stood for
all the time: somebody who was taken for Ann for a moment has not made Ann a visitor. Pictures are in memory only, of so many
visitors and no more, and go with the session: of strangers nothing is ever written from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from facecam.embed.align import align
from facecam.runtime.visitor import Card, Look, Moment, Portrait, fitness, portrait
from facecam.types import Frame, Kind, Result, Sighting

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
class _Trail:
    """A track that is there. `who` is the person_id or _STRANGER, None before anything was decided."""

    track_id: int
    first: Moment
    last: Moment
    sighting: Sighting
    portrait: Portrait
    who: str | None = None
    name: str | None = None
    compared: Look | None = None
    measured: Look | None = None

    @property
    def kind(self) -> Kind:
        return self.sighting.vote.decision.kind

    @property
    def is_shown(self) -> bool:
        return self.who is not None or (self.last.at_s - self.first.at_s >= SHOWN_AFTER_S and self.sighting.gate != "low_score")

    def stand(self, sighting: Sighting) -> None:
        """Take over what the track stands for now. Undecided, it goes on as what it was, but not as whom it was denied to be."""
        self.sighting = sighting
        decision = sighting.vote.decision
        if decision.kind is Kind.KNOWN:
            self.who = decision.nearest.person_id if decision.nearest is not None else decision.name
            self.name = decision.name
        elif decision.kind is Kind.UNKNOWN:
            self.who, self.name = _STRANGER, None
        elif decision.reason == "corrected" and decision.nearest is not None and decision.nearest.person_id == self.who:
            self.who = self.name = None


class Presence:
    """Takes every recognised frame of a session, and gives the visitors as `cards`. For one thread."""

    def __init__(self) -> None:
        self._now_s = 0.0
        self._trails: dict[int, _Trail] = {}
        self._past: dict[str, Card] = {}
        self._given: dict[str, str] = {}
        self.revision = 0
        """Counts up with everything that could have changed a card."""

    def see(self, slot: int, frame: Frame, result: Result) -> None:
        """Take a recognised frame of the source in `slot`, and what was recognised in it."""
        self._now_s = max(self._now_s, frame.captured_at_s)
        moment = Moment(frame.t_ms, self._now_s)
        for sighting in result.sightings:
            trail = self._trail(sighting, frame, moment)
            trail.last = moment
            trail.stand(sighting)
            if sighting.quality.sharpness is not None:
                crop = align(frame.bgr, sighting.face.landmarks_xy)
                trail.measured = Look(slot, moment, result.size_wh, sighting, result.threshold_l2, crop)
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
    def cards(self) -> tuple[Card, ...]:
        """Who is here, in the order of coming; then who has gone, the last one first."""
        groups = self._groups(trail for trail in self._trails.values() if trail.is_shown)
        here = [self._card(card_id, trails) for card_id, trails in groups.items()]
        here.sort(key=lambda card: (card.since.at_s, card.track_ids))
        gone = [card for card_id, card in self._past.items() if card_id not in groups]
        names = {card.name for card in (*here, *gone)}
        gone = [replace(card, name=card.name or self._given.get(card.card_id)) for card in gone]
        gone = [card for card in gone if card.card_id not in self._given or card.name not in names]
        return (*here, *sorted(gone, key=lambda card: (-card.last.at_s, card.card_id)))

    def card_of(self, track_id: int) -> Card | None:
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

    def _trail(self, sighting: Sighting, frame: Frame, moment: Moment) -> _Trail:
        track_id = sighting.vote.track_id
        if track_id not in self._trails:
            self._trails[track_id] = _Trail(track_id, moment, moment, sighting, _portrait(frame, sighting))
        return self._trails[track_id]

    def _groups(self, trails: Iterable[_Trail]) -> dict[str, list[_Trail]]:
        """The tracks by visitor. Of two faces seen at once only one is the person, whatever the other was before."""
        known = {trail.who: trail for trail in self._trails.values() if trail.kind is Kind.KNOWN}
        groups: dict[str, list[_Trail]] = {}
        for trail in trails:
            rival = None if trail.kind is Kind.KNOWN else known.get(trail.who)
            taken = trail.kind is Kind.UNSURE and trail.sighting.vote.decision.reason == "name_taken"
            alone = not trail.who or taken or (rival is not None and rival.last == trail.last)
            groups.setdefault(_track_card(trail.track_id) if alone else f"person {trail.who}", []).append(trail)
        return groups

    def _card(self, card_id: str, trails: Sequence[_Trail]) -> Card:
        """What is known of a visitor by tracks that are there and earlier ones; the word of a decided track counts."""
        past = self._past.get(card_id)
        newest = max(trails, key=lambda trail: (trail.kind is Kind.KNOWN, trail.last.at_s, trail.track_id))
        began = min((trail.first for trail in trails), key=_at_s)
        same_visit = past is not None and began.at_s - past.last.at_s <= SAME_VISIT_S
        portraits = [trail.portrait for trail in trails] + ([past.portrait] if past else [])
        is_person = card_id != _track_card(newest.track_id)
        return Card(
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

    def _let_go(self, trails: Sequence[_Trail]) -> None:
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


def _at_s(moment: Moment) -> float:
    return moment.at_s


def _newest_look(looks: Iterable[Look | None]) -> Look | None:
    return max((look for look in looks if look is not None), key=lambda look: look.moment.at_s, default=None)


def _portrait(frame: Frame, sighting: Sighting) -> Portrait:
    return Portrait(portrait(frame.bgr, sighting.face.box), fitness(sighting))
