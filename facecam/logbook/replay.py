"""Replay of a log's decisions, with the logged parameters or others, and a summary of what changes.

The rules are those of recognition/matching.py and recognition/tracking.py; their inputs come from the log's rows, including which
faces share a track and which were embedded. A session that follows faces does not embed those of settled tracks, and other rules
may settle a track earlier or later: from that row on the track's decisions are not `certain`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from facecam.enrollment.corrections import apply_message
from facecam.logbook.reader import read_log
from facecam.logbook.schema import REJECTED
from facecam.logbook.sessions import GALLERY_CHANGED_PREFIX, DecisionParameters, first_part, read_header
from facecam.recognition.matching import DecisionRule, Match, decide_frame, skipped_decision
from facecam.recognition.tracking import STILL_PICTURE, TrackVotes, resolve_name_conflicts, withhold_name
from facecam.types import Candidate, Decision, TrackDecision

_COLUMNS = [
    "event", "mode", "message", "source", "camera_id", "frame_index", "t_ms", "track_id", "faces_in_frame", "gate", "embedded",
    "nearest_name", "distance_l2", "second_name", "second_distance_l2", "threshold_l2", "sample_id", "sighting_decision",
    "evidence_weight", "decision", "reason", "name", "gallery_revision",
]  # fmt: skip
_BATCH_ROWS = 20_000

Row = dict[str, Any]
"""A log's row by column; None where a cell is empty."""


class ReplayedFrame(NamedTuple):
    """Decision about one face in the log's columns; `name` is None unless `decision` is known."""

    sighting_decision: str
    decision: str
    reason: str
    name: str | None


@dataclass(frozen=True, slots=True)
class ReplayedDecision:
    """One face in one frame: the logged decision and the replayed one.

    `certain` means that a session with these rules would have compared the same faces so far and decided the same.
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
    """Overrides of the logged decision parameters in plain L2; None keeps the logged value."""

    threshold_l2: float | None = None
    margin_l2: float | None = None


def replay_decisions(log: Path, rules: ReplayRules | None = None) -> Iterator[ReplayedDecision]:
    """Replay every face of a session in log order. `log` is any part of the session.

    Raises:
        LogError: The file is not a log, or its JSON has no decision parameters.
    """
    read_header(log)
    first = first_part(log)
    parameters = DecisionParameters.of_session(first.with_suffix(".json"))
    as_logged, again = _Replayer(parameters, ReplayRules()), _Replayer(parameters, rules or ReplayRules())
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
            # The faces of a frame compete for names.
            doubtful |= tracks
        as_logged.frame(rows)
        for row, decided in zip(rows, again.frame(rows), strict=True):
            yield ReplayedDecision(
                **{column: row[column] for column in ("source", "frame_index", "t_ms", "track_id", "embedded")},
                certain=row["track_id"] not in doubtful,
                logged=ReplayedFrame(*(row[column] for column in ReplayedFrame._fields)),
                again=decided,
            )


def _rows(log: Path) -> Iterator[Row]:
    """Yield the rows as plain values, converting a part of the log at a time."""
    table = read_log(log, columns=_COLUMNS)
    for start in range(0, len(table), _BATCH_ROWS):
        part = table.iloc[start : start + _BATCH_ROWS]
        for values in part.astype(object).where(part.notna(), None).itertuples(index=False, name=None):
            yield dict(zip(_COLUMNS, values, strict=True))


def _frames(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield the rows of each frame's faces together and each event's row alone; rows of objects are skipped."""
    frame: list[Row] = []
    for row in rows:
        if frame and (
            row["event"] != "seen" or _frame_key(row) != _frame_key(frame[0]) or len(frame) == frame[0]["faces_in_frame"]
        ):
            yield frame
            frame = []
        if row["event"] != "seen":
            yield [row]
        elif row["mode"] == "faces":
            frame.append(row)
    if frame:
        yield frame


def _frame_key(row: Row) -> tuple[Any, ...]:
    return row["source"], row["camera_id"], row["frame_index"], row["t_ms"]


class _Replayer:
    """State of recognition between frames, as far as decisions need it."""

    def __init__(self, parameters: DecisionParameters, rules: ReplayRules) -> None:
        self._parameters = parameters
        self._rules = rules
        self._votes: defaultdict[int, TrackVotes] = defaultdict(TrackVotes)
        self._revision: str | None = None

    def event(self, row: Row) -> None:
        """Apply an event between two frames."""
        message = row["message"] or ""
        if row["event"] == "state":
            self._parameters = DecisionParameters.from_message(message) or self._parameters
            if message.startswith(GALLERY_CHANGED_PREFIX):
                self._reset_votes()
        elif row["event"] == "correction":
            self._reset_votes()
            apply_message(message, self._votes[row["track_id"]])

    @property
    def follows(self) -> bool:
        return self._parameters.follow

    def settled(self, track_ids: Iterable[int]) -> set[int]:
        """Return the tracks whose faces need not be compared in every frame."""
        return {track_id for track_id in track_ids if self._votes[track_id].is_settled}

    def frame(self, rows: list[Row]) -> list[ReplayedFrame]:
        """Decide a frame's faces again."""
        if rows[0]["gallery_revision"] != self._revision:
            self._revision = rows[0]["gallery_revision"]
            self._reset_votes()
        decisions = self._face_decisions(rows)
        tracks = resolve_name_conflicts(
            [self._track_decision(row, decision) for row, decision in zip(rows, decisions, strict=True)]
        )
        return [
            ReplayedFrame(decision.status.value, track.decision.status.value, track.decision.reason, track.decision.name)
            for decision, track in zip(decisions, tracks, strict=True)
        ]

    def _reset_votes(self) -> None:
        for votes in self._votes.values():
            votes.reset()

    def _face_decisions(self, rows: list[Row]) -> list[Decision]:
        compared = iter(decide_frame([_match(row) for row in rows if row["embedded"]], self._rule(rows[0])))
        return [next(compared) if row["embedded"] else skipped_decision(row["gate"] or "settled") for row in rows]

    def _rule(self, row: Row) -> DecisionRule:
        threshold_l2 = row["threshold_l2"] if self._rules.threshold_l2 is None else self._rules.threshold_l2
        margin_l2 = self._parameters.margin_l2 if self._rules.margin_l2 is None else self._rules.margin_l2
        return DecisionRule(threshold_l2, margin_l2, self._parameters.unsure_band_l2)

    def _track_decision(self, row: Row, decision: Decision) -> TrackDecision:
        votes = self._votes[row["track_id"]]
        votes.add(decision, row["evidence_weight"])
        track = TrackDecision(row["track_id"], 0.0, *votes.tally(decision, self._parameters.enter_after_sightings))
        # Landmarks are not logged, but a still picture is one whatever the parameters, and its rows say so.
        return withhold_name(track, STILL_PICTURE) if row["reason"] == STILL_PICTURE else track


def _match(row: Row) -> Match:
    """Return the two nearest people as logged, with names for ids: names are unique in a gallery."""
    first, second = row["nearest_name"], row["second_name"]
    return (
        None if first is None else Candidate(first, first, row["sample_id"], row["distance_l2"], _rejected_l2(row["message"])),
        None if second is None else Candidate(second, second, "", row["second_distance_l2"]),
    )


def _rejected_l2(message: str | None) -> float | None:
    return float(message.removeprefix(REJECTED)) if message and message.startswith(REJECTED) else None


CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PersonChange:
    """Rows with one person's name before and after the replay, and the first rows that differ."""

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

    def add(self, row: ReplayedDecision, name: str) -> None:
        self.before += row.logged.name == name
        self.after += row.again.name == name
        if row.logged.name != row.again.name:
            self.changed += 1
            if len(self.first) < CHANGES_SHOWN:
                self.first.append(row)


@dataclass(frozen=True, slots=True)
class ReplaySummary:
    """Counts of a replay: `agreeing` rows for each of the log's four columns, `same` where all four agree.

    `certain` counts the rows that a session with these rules would have had for sure.
    """

    rows: int
    embedded: int
    certain: int
    same: int
    agreeing: dict[str, int]
    people: tuple[PersonChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON content."""
        return asdict(self) | {"people": [_person_dict(person) for person in self.people]}


def summarize(rows: Iterable[ReplayedDecision]) -> ReplaySummary:
    """Count the rows that agree with the log and collect the changes by person."""
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
            people.setdefault(name, _Tally()).add(row, name)
    changes = tuple(
        PersonChange(name, tally.before, tally.after, tally.changed, tuple(tally.first)) for name, tally in sorted(people.items())
    )
    return ReplaySummary(count, embedded, certain, same, dict(agreeing), changes)


def _person_dict(person: PersonChange) -> dict[str, Any]:
    first = [asdict(row) | {"logged": row.logged._asdict(), "again": row.again._asdict()} for row in person.first_changes]
    return asdict(person) | {"first_changes": first}
