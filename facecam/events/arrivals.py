"""Rule of when a visitor has arrived or left. Pure: time comes with the visitors.

The window's notifications and the events for other programs use the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from facecam.session.visitors import VisitorSummary
from facecam.types import DecisionStatus

_PERSON = "person "


@dataclass(frozen=True, slots=True)
class ArrivalRule:
    """Rule of the arrival and the departure of a visitor.

    Attributes:
        dwell_s: A visitor has arrived after this time in view.
        quiet_s: A visitor who was away for less than this has not left, and does not arrive again.
        stranger_after_s: An unknown face counts as a stranger after this time. An enrolled person who looks aside at first is
            recognized by then, unless the face stays turned away.
    """

    dwell_s: float = 0.0
    quiet_s: float = 60.0
    stranger_after_s: float = 5.0


class ArrivalTracker:
    """Finds each arrival of a recognized person or a stranger once per visit, and each departure of a person.

    A visitor who is not decided has not arrived. Every departure follows an arrival of the same person.
    """

    def __init__(self, rule: ArrivalRule | None = None, present: Iterable[VisitorSummary] = ()) -> None:
        """Start with the visitors in `present`, who have arrived before."""
        self._rule = rule or ArrivalRule()
        self._last_present_s: dict[str, float] = {}
        self._stranger_tracks: set[int] = set()
        self._here: dict[str, VisitorSummary] = {}
        """People who have arrived and not left, by person_id, as they were last seen."""
        self._present_ids: set[str | None] = set()
        for visitor in present:
            if (key := self._key(visitor)) is not None:
                self._remember(key, visitor)

    def find_arrivals(self, visitors: Iterable[VisitorSummary]) -> list[VisitorSummary]:
        """Return the visitors who have arrived since the last call: with a name when recognized, without one for a stranger."""
        arrivals = []
        present = [visitor for visitor in visitors if visitor.is_present]
        self._present_ids = {visitor.person_id for visitor in present}
        for visitor in present:
            if visitor.person_id in self._here:
                # Also while the person is unsure: somebody who looks aside has not left.
                self._here[visitor.person_id] = visitor
            key = self._key(visitor)
            if key is None:
                continue
            before_s = self._last_present_s.get(key)
            is_new = before_s is None or visitor.visit_started_s > before_s + self._rule.quiet_s
            if visitor.person_id is None:
                # A track may move to another group of unknown faces.
                is_new = is_new and not self._stranger_tracks.intersection(visitor.track_ids)
            self._remember(key, visitor)
            if is_new:
                arrivals.append(visitor)
        return arrivals

    def find_departures(self, now_s: float) -> list[VisitorSummary]:
        """Return the people who have arrived and have not been seen for `quiet_s`. They arrive again when they are recognized."""
        absent = [visitor for person_id, visitor in self._here.items() if person_id not in self._present_ids]
        return self._take([visitor for visitor in absent if now_s - visitor.last_seen_s >= self._rule.quiet_s])

    def end(self) -> list[VisitorSummary]:
        """Return everyone who has arrived and not left, at the end of a session."""
        return self._take(list(self._here.values()))

    def forget_strangers(self) -> None:
        """Forget the strangers at the start of a session: their tracks and numbers belong to the one that has ended."""
        self._last_present_s = {key: at_s for key, at_s in self._last_present_s.items() if key.startswith(_PERSON)}
        self._stranger_tracks.clear()

    def _take(self, visitors: list[VisitorSummary]) -> list[VisitorSummary]:
        for visitor in visitors:
            self._last_present_s.pop(f"{_PERSON}{visitor.person_id}", None)
            self._here.pop(visitor.person_id or "")
        return visitors

    def _remember(self, key: str, visitor: VisitorSummary) -> None:
        self._last_present_s[key] = visitor.last_seen_s
        if visitor.person_id is None:
            self._stranger_tracks.update(visitor.track_ids)
        else:
            self._here[visitor.person_id] = visitor

    def _key(self, visitor: VisitorSummary) -> str | None:
        """Return what identifies a visitor who has arrived; None while it is not decided who it is, or for too short a visit."""
        stayed_s = visitor.last_seen_s - visitor.visit_started_s
        if visitor.status is DecisionStatus.KNOWN and visitor.person_id:
            return f"{_PERSON}{visitor.person_id}" if stayed_s >= self._rule.dwell_s else None
        is_stranger = visitor.status is DecisionStatus.UNKNOWN and visitor.person_id is None
        has_stayed = stayed_s >= max(self._rule.dwell_s, self._rule.stranger_after_s)
        return visitor.visitor_id if is_stranger and has_stayed else None
