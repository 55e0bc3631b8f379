"""Decides again from a log alone: each face from its logged distances, each frame's names once, each track from its votes.

The rules are recognition's own (recognition/matching.py, recognition/tracking.py); only what they are fed comes from rows. Which faces share
a track, and which were embedded, is taken from the log. A session that follows faces does not embed those of settled tracks, and
other rules may settle a track earlier or later: from there on its rows are no longer `certain`.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple, Self

from facecam.enrollment.corrections import follow
from facecam.errors import LogError
from facecam.logbook.reader import read_log
from facecam.logbook.schema import REJECTED
from facecam.logbook.sessions import first_part, header_of
from facecam.recognition.matching import DecisionRule, Match, decide_frame, skipped
from facecam.recognition.tracking import STILL_PICTURE, TrackVotes, one_name_each, withheld
from facecam.types import Candidate, Decision, TrackDecision

# MERGED logbook.deciding: What a session decides with, besides the figures in its rows. It stands in the session's json, and in a row when it changes.
#
# The threshold is not here: it moves with the gallery, and stands in every row.

_PREFIX = "deciding: "
KEY = "deciding"
"""Where the session's json has it."""

GALLERY_CHANGED = "gallery: "
"""How the message of the `state` row begins that says that other people or photos are enrolled."""


@dataclass(frozen=True, slots=True)
class DecisionParameters:
    """The margin and the band (plain L2), and how many sightings must agree before a track has a name.

    With `follow` the faces of settled tracks were not compared in every frame.
    """

    margin_l2: float
    unsure_band_l2: float
    enter_after_sightings: int
    follow: bool

    def to_dict(self) -> dict[str, float]:
        return asdict(self)

    def message(self) -> str:
        """The message of the `state` row that says so from then on."""
        return _PREFIX + json.dumps(self.to_dict())

    @classmethod
    def from_message(cls, message: str) -> Self | None:
        """What such a row says, None for the message of another."""
        return cls._parse(json.loads(message.removeprefix(_PREFIX))) if message.startswith(_PREFIX) else None

    @classmethod
    def of_session(cls, details: Path) -> Self:
        """What the session began with, from its json. LogError when that is not there or does not say."""
        try:
            content = json.loads(details.read_text(encoding="utf-8"))
            return cls._parse(content[KEY])
        except OSError as error:
            raise LogError(
                f"{details} cannot be read ({error.strerror or error}): it says how its session decided, put it beside the log"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise LogError(f"{details} does not say how its session decided ({error!r}): an older facecam made it") from error

    @classmethod
    def _parse(cls, values: dict[str, Any]) -> Self:
        return cls(**{field.name: values[field.name] for field in fields(cls)})


_COLUMNS = [
    "event", "mode", "message", "source", "camera_id", "frame_index", "t_ms", "track_id", "faces_in_frame", "gate", "embedded",
    "nearest_name", "distance_l2", "second_name", "second_distance_l2", "threshold_l2", "sample_id", "sighting_decision",
    "evidence_weight", "decision", "reason", "name", "gallery_revision",
]  # fmt: skip
_ROWS_AT_ONCE = 20_000

Row = dict[str, Any]
"""A log's row by column; None where a cell is empty."""


class ReplayedFrame(NamedTuple):
    """What the log says of a face, in its columns' words; `name` is None unless `decision` is known."""

    sighting_decision: str
    decision: str
    reason: str
    name: str | None


@dataclass(frozen=True, slots=True)
class ReplayedDecision:
    """One face in one frame: what was logged, and what is decided now.

    `certain` says that a session with these rules would have compared the same faces until then, and decided the same.
    """

    source: str
    frame_index: int
    t_ms: float
    track_id: int
    embedded: bool
    certain: bool
    logged: ReplayedFrame
    again: ReplayedFrame


@dataclass(frozen=True, slots=True)
class ReplayRules:
    """Figures to decide with instead of the logged ones; None keeps what was logged. Plain L2."""

    threshold_l2: float | None = None
    margin_l2: float | None = None


def replay_decisions(log: Path, rules: ReplayRules | None = None) -> Iterator[ReplayedDecision]:
    """Every face of the log's whole session, in its order, decided again, whichever of its parts is named.

    LogError when it is no log, or its json does not say how it decided.
    """
    header_of(log)
    first = first_part(log)
    deciding = DecisionParameters.of_session(first.with_suffix(".json"))
    as_logged, again = _Replaying(deciding, ReplayRules()), _Replaying(deciding, rules or ReplayRules())
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


def _redecided(row: Row, again: ReplayedFrame, *, certain: bool) -> ReplayedDecision:
    return ReplayedDecision(
        source=row["source"],
        frame_index=row["frame_index"],
        t_ms=row["t_ms"],
        track_id=row["track_id"],
        embedded=row["embedded"],
        certain=certain,
        logged=ReplayedFrame(row["sighting_decision"], row["decision"], row["reason"], row["name"]),
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

    def __init__(self, deciding: DecisionParameters, rules: ReplayRules) -> None:
        self._deciding = deciding
        self._rules = rules
        self._ballots: defaultdict[int, TrackVotes] = defaultdict(TrackVotes)
        self._revision: str | None = None

    def event(self, row: Row) -> None:
        """Take note of what changed between two frames."""
        message = row["message"] or ""
        if row["event"] == "state":
            self._deciding = DecisionParameters.from_message(message) or self._deciding
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

    def frame(self, rows: list[Row]) -> list[ReplayedFrame]:
        """A frame's faces, decided again."""
        if rows[0]["gallery_revision"] != self._revision:
            self._revision = rows[0]["gallery_revision"]
            self._begin_anew()
        decisions = self._sightings(rows)
        votes = one_name_each([self._vote(row, decision) for row, decision in zip(rows, decisions, strict=True)])
        return [
            ReplayedFrame(decision.status.value, vote.decision.status.value, vote.decision.reason, vote.decision.name)
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

    def _vote(self, row: Row, decision: Decision) -> TrackDecision:
        ballot = self._ballots[row["track_id"]]
        ballot.add(decision, row["evidence_weight"])
        vote = TrackDecision(row["track_id"], 0.0, *ballot.count(decision, self._deciding.enter_after_sightings))
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


# MERGED evaluate.replay_summary: What a replay found: how much agrees with the log, and what changes for whom.

CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One name: rows that carried it, rows that carry it now, and the first rows where that differs."""

    name: str
    rows_before: int
    rows_after: int
    rows_changed: int
    first_changes: tuple[ReplayedDecision, ...]


@dataclass(slots=True)
class _Tally:
    before: int = 0
    after: int = 0
    changed: int = 0
    first: list[ReplayedDecision] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """`certain` are the rows that a session with these rules would surely have had so; see replay.py.

    `agreeing` counts, for each of the log's four columns, the rows that come out as logged; `same` those where all four do.
    """

    rows: int
    embedded: int
    certain: int
    same: int
    agreeing: dict[str, int]
    people: tuple[PersonChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self) | {"people": [_person(person) for person in self.people]}


def summarize(rows: Iterable[ReplayedDecision]) -> ReplaySummary:
    """Count what came out as it was logged, and gather the changes by name."""
    count = embedded = certain = same = 0
    agreeing = Counter(dict.fromkeys(ReplayedFrame._fields, 0))
    people: dict[str, _Tally] = {}
    for row in rows:
        count += 1
        embedded += row.embedded
        certain += row.certain
        same += row.logged == row.again
        for column, before, after in zip(ReplayedFrame._fields, row.logged, row.again, strict=True):
            agreeing[column] += before == after
        for name in {row.logged.name, row.again.name} - {None}:
            assert name is not None
            _tell(people.setdefault(name, _Tally()), row, name)
    changes = tuple(
        PersonChange(name, tally.before, tally.after, tally.changed, tuple(tally.first)) for name, tally in sorted(people.items())
    )
    return ReplaySummary(count, embedded, certain, same, dict(agreeing), changes)


def _tell(tally: _Tally, row: ReplayedDecision, name: str) -> None:
    tally.before += row.logged.name == name
    tally.after += row.again.name == name
    if row.logged.name != row.again.name:
        tally.changed += 1
        if len(tally.first) < CHANGES_SHOWN:
            tally.first.append(row)


def _person(person: PersonChange) -> dict[str, Any]:
    first = [asdict(row) | {"logged": row.logged._asdict(), "again": row.again._asdict()} for row in person.first_changes]
    return asdict(person) | {"first_changes": first}
