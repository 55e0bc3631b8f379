"""Decides again from a log alone: each face from its logged distances, each frame's names once, each track from its votes.

The rules are recognition's own (identify/decide.py, identify/vote.py); only what they are fed comes from rows. Which faces share
a track, and which were embedded, is taken from the log. A session that follows faces does not embed those of settled tracks, and
other rules may settle a track earlier or later: from there on its rows are no longer `certain`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from facecam.identify.corrections import follow
from facecam.identify.decide import DecisionRule, Match, decide_frame, skipped
from facecam.identify.liveness import STILL_PICTURE
from facecam.identify.vote import Ballot, one_name_each, withheld
from facecam.logbook.deciding import GALLERY_CHANGED, Deciding
from facecam.logbook.files import header_of
from facecam.logbook.part import first_part
from facecam.logbook.reader import read_log
from facecam.logbook.rows import REJECTED
from facecam.types import Candidate, Decision, Vote

_COLUMNS = [
    "event", "mode", "message", "source", "camera_id", "frame_index", "t_ms", "track_id", "faces_in_frame", "gate", "embedded",
    "nearest_name", "distance_l2", "second_name", "second_distance_l2", "threshold_l2", "sample_id", "sighting_decision",
    "evidence_weight", "decision", "reason", "name", "gallery_revision",
]  # fmt: skip
_ROWS_AT_ONCE = 20_000

Row = dict[str, Any]
"""A log's row by column; None where a cell is empty."""


class Decided(NamedTuple):
    """What the log says of a face, in its columns' words; `name` is None unless `decision` is known."""

    sighting_decision: str
    decision: str
    reason: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Redecided:
    """One face in one frame: what was logged, and what is decided now.

    `certain` says that a session with these rules would have compared the same faces until then, and decided the same.
    """

    source: str
    frame_index: int
    t_ms: float
    track_id: int
    embedded: bool
    certain: bool
    logged: Decided
    again: Decided


@dataclass(frozen=True, slots=True)
class Rules:
    """Figures to decide with instead of the logged ones; None keeps what was logged. Plain L2."""

    threshold_l2: float | None = None
    margin_l2: float | None = None


def decided_again(log: Path, rules: Rules | None = None) -> Iterator[Redecided]:
    """Every face of the log's whole session, in its order, decided again, whichever of its parts is named.

    LogError when it is no log, or its json does not say how it decided.
    """
    header_of(log)
    first = first_part(log)
    deciding = Deciding.of_session(first.with_suffix(".json"))
    as_logged, again = _Replaying(deciding, Rules()), _Replaying(deciding, rules or Rules())
    doubtful: set[int] = set()
    for rows in _frames(_rows(first)):
        if rows[0]["event"] != "seen":
            as_logged.event(rows[0])
            again.event(rows[0])
            continue
        tracks = {row["track_id"] for row in rows}
        if again.follows and as_logged.settled(tracks) != again.settled(tracks):
            doubtful |= tracks
        elif tracks & doubtful:
            # Faces of a frame compete for names.
            doubtful |= tracks
        as_logged.frame(rows)
        for row, decided in zip(rows, again.frame(rows), strict=True):
            yield _redecided(row, decided, certain=row["track_id"] not in doubtful)


def _redecided(row: Row, again: Decided, *, certain: bool) -> Redecided:
    return Redecided(
        source=row["source"],
        frame_index=row["frame_index"],
        t_ms=row["t_ms"],
        track_id=row["track_id"],
        embedded=row["embedded"],
        certain=certain,
        logged=Decided(row["sighting_decision"], row["decision"], row["reason"], row["name"]),
        again=again,
    )


def _rows(log: Path) -> Iterator[Row]:
    """The rows as plain values, a part of the log at a time."""
    table = read_log(log, columns=_COLUMNS)
    for start in range(0, len(table), _ROWS_AT_ONCE):
        part = table.iloc[start : start + _ROWS_AT_ONCE]
        for values in part.astype(object).where(part.notna(), None).itertuples(index=False, name=None):
            yield dict(zip(_COLUMNS, values, strict=True))


def _frames(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows of each frame's faces together; the row of an event alone. Rows of objects are left out."""
    frame: list[Row] = []
    for row in rows:
        if frame and (row["event"] != "seen" or _place(row) != _place(frame[0]) or len(frame) == frame[0]["faces_in_frame"]):
            yield frame
            frame = []
        if row["event"] != "seen":
            yield [row]
        elif row["mode"] == "faces":
            frame.append(row)
    if frame:
        yield frame


def _place(row: Row) -> tuple[Any, ...]:
    return row["source"], row["camera_id"], row["frame_index"], row["t_ms"]


class _Replaying:
    """What recognition remembers from frame to frame, as far as decisions need it."""

    def __init__(self, deciding: Deciding, rules: Rules) -> None:
        self._deciding = deciding
        self._rules = rules
        self._ballots: defaultdict[int, Ballot] = defaultdict(Ballot)
        self._revision: str | None = None

    def event(self, row: Row) -> None:
        """Take note of what changed between two frames."""
        message = row["message"] or ""
        if row["event"] == "state":
            self._deciding = Deciding.from_message(message) or self._deciding
            if message.startswith(GALLERY_CHANGED):
                self._begin_anew()
        elif row["event"] == "correction":
            self._begin_anew()
            follow(message, self._ballots[row["track_id"]])

    @property
    def follows(self) -> bool:
        return self._deciding.follow

    def settled(self, track_ids: Iterable[int]) -> set[int]:
        """Those of the tracks whose faces need not be compared at once."""
        return {track_id for track_id in track_ids if self._ballots[track_id].settled}

    def frame(self, rows: list[Row]) -> list[Decided]:
        """A frame's faces, decided again."""
        if rows[0]["gallery_revision"] != self._revision:
            self._revision = rows[0]["gallery_revision"]
            self._begin_anew()
        decisions = self._sightings(rows)
        votes = one_name_each([self._vote(row, decision) for row, decision in zip(rows, decisions, strict=True)])
        return [
            Decided(decision.kind.value, vote.decision.kind.value, vote.decision.reason, vote.decision.name)
            for decision, vote in zip(decisions, votes, strict=True)
        ]

    def _begin_anew(self) -> None:
        for ballot in self._ballots.values():
            ballot.begin_anew()

    def _sightings(self, rows: list[Row]) -> list[Decision]:
        compared = iter(decide_frame([_match(row) for row in rows if row["embedded"]], self._rule(rows[0])))
        return [next(compared) if row["embedded"] else skipped(row["gate"] or "settled") for row in rows]

    def _rule(self, row: Row) -> DecisionRule:
        threshold_l2 = row["threshold_l2"] if self._rules.threshold_l2 is None else self._rules.threshold_l2
        margin_l2 = self._deciding.margin_l2 if self._rules.margin_l2 is None else self._rules.margin_l2
        return DecisionRule(threshold_l2, margin_l2, self._deciding.unsure_band_l2)

    def _vote(self, row: Row, decision: Decision) -> Vote:
        ballot = self._ballots[row["track_id"]]
        ballot.add(decision, row["evidence_weight"])
        vote = Vote(row["track_id"], 0.0, *ballot.count(decision, self._deciding.enter_after_sightings))
        # Landmarks are not logged; but a still picture is one whatever the figures, and its rows say so.
        return withheld(vote, STILL_PICTURE) if row["reason"] == STILL_PICTURE else vote


def _match(row: Row) -> Match:
    """The two nearest people as logged. A name is as good as an id: no two people of a gallery share one."""
    first, second = row["nearest_name"], row["second_name"]
    return (
        None if first is None else Candidate(first, first, row["sample_id"], row["distance_l2"], _rejected_l2(row["message"])),
        None if second is None else Candidate(second, second, "", row["second_distance_l2"]),
    )


def _rejected_l2(message: str | None) -> float | None:
    return float(message.removeprefix(REJECTED)) if message and message.startswith(REJECTED) else None
