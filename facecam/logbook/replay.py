"""Replay of a log's decisions, with the logged parameters or others, and a summary of what changes.

The rules are those of recognition/matching.py and recognition/tracking.py; their inputs come from the log's rows, including which
faces share a track and which were embedded. A session that follows faces does not embed those of settled tracks, and other rules
may settle a track earlier or later: from that row on the track's decisions are not `certain`. Neither is a name that the session
would have given only after live scores, which the log does not have.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from facecam.errors import LogError
from facecam.fileio import parse_json, read_regular
from facecam.logbook.lines import LogWarning, read_header
from facecam.logbook.parquet_logs import is_parquet, parquet_details
from facecam.logbook.reader import read_log
from facecam.logbook.schema import DECISION_PARAMETERS_KEY
from facecam.logbook.sessions import MAX_DETAILS_BYTES, LogPaths, find_logs, first_part
from facecam.recognition.liveness import PRESENTATION_UNDECIDED, STILL_PICTURE, PresentationEvidence
from facecam.recognition.matching import DecisionRule, Match, decide_frame, skipped_decision
from facecam.recognition.tracking import TrackVotes, resolve_name_conflicts, withhold_name, withhold_unchecked
from facecam.types import Candidate, Decision, DecisionParameters, EventCode, TrackDecision

_PARAMETERS = ("required_margin_l2", "unsure_band_l2", "enter_after_sightings", "follow", "presentation_check")
"""Columns of a change of the decision parameters, in the order of DecisionParameters. The last one is new in version 5."""

_COLUMNS = [
    "event", "mode", "source", "camera_id", "frame_index", "t_ms", "track_id", "faces_in_frame", "gate", "embedded",
    "nearest_name", "distance_l2", "second_name", "second_distance_l2", "threshold_l2", "sample_id", "sighting_decision",
    "evidence_weight", "decision", "reason", "name", "gallery_revision",
    "event_code", "event_person", "rejected_l2", "threshold_reduction_l2", "threshold_limit_l2", "live_score", *_PARAMETERS,
]  # fmt: skip
_BATCH_ROWS = 20_000
_MAX_L2 = 2.0

Row = dict[str, Any]
"""A log's row by column; None where a cell is empty."""


@dataclass(frozen=True, slots=True)
class ReplayedFrame:
    """Decision about one face in the log's columns; `name` is None unless `decision` is known."""

    sighting_decision: str
    decision: str
    reason: str
    name: str | None


_DECIDED = tuple(column.name for column in fields(ReplayedFrame))


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
    """Overrides of the logged decision parameters in plain L2; None keeps the logged value.

    `threshold_l2` is the gallery's: for a person's own threshold it is lowered as in the session.
    """

    threshold_l2: float | None = None
    margin_l2: float | None = None


def replay_decisions(log: Path, rules: ReplayRules | None = None) -> Iterator[ReplayedDecision]:
    """Replay every face of a session in log order. `log` is any part of the session.

    Raises:
        LogError: The file is not a log, or its JSON has no decision parameters.
    """
    read_header(log)
    first = first_part(log)
    parameters = _session_parameters(first if is_parquet(first) else first.with_suffix(".json"))
    as_logged, again = _Replayer(parameters, ReplayRules()), _Replayer(parameters, rules or ReplayRules())
    doubtful: set[int] = set()
    for rows in _frames(_rows(first)):
        if rows[0]["event"] != "seen":
            as_logged.event(rows[0])
            again.event(rows[0])
            continue
        tracks = {row["track_id"] for row in rows}
        if again.parameters(rows[0]).follow and as_logged.settled(tracks) != again.settled(tracks):
            doubtful |= tracks
        elif tracks & doubtful:
            # The faces of a frame compete for names.
            doubtful |= tracks
        as_logged.frame(rows)
        replayed = again.frame(rows)
        if again.has_unscored_name(rows, replayed):
            doubtful |= tracks
        for row, decided in zip(rows, replayed, strict=True):
            yield ReplayedDecision(
                **{column: row[column] for column in ("source", "frame_index", "t_ms", "track_id", "embedded")},
                certain=row["track_id"] not in doubtful,
                logged=ReplayedFrame(*(row[column] for column in _DECIDED)),
                again=decided,
            )


def _session_parameters(details: Path) -> DecisionParameters:
    """Read the parameters at the session's start from its JSON, which a Parquet log has in itself."""
    try:
        content = parquet_details(details) if is_parquet(details) else parse_json(read_regular(details, MAX_DETAILS_BYTES))
        values = content[DECISION_PARAMETERS_KEY]
        values = {"presentation_check": False, **values}  # sessions before version 5 have no such check
        given = {field.name: values[field.name] for field in fields(DecisionParameters) if values[field.name] is not None}
        if all(isinstance(value, (int, float)) for value in given.values()):
            return DecisionParameters(**given)
    except OSError as error:
        raise LogError(
            "{details} cannot be read ({reason}); put the session's JSON file next to the log",
            details=details,
            reason=error,
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise LogError(
            "{details} has no decision parameters ({error}); an older version of facecam wrote it",
            details=details,
            error=repr(error),
        ) from error
    raise LogError(
        "{details} is damaged: its decision parameters are {given}; use the original file", details=details, given=given
    )


def _rows(log: Path) -> Iterator[Row]:
    """Yield the rows as plain values, converting a part of the log at a time. Rows that cannot be replayed are left out."""
    table, left_out = read_log(log, columns=_COLUMNS), 0
    for start in range(0, len(table), _BATCH_ROWS):
        part = table.iloc[start : start + _BATCH_ROWS]
        for values in part.astype(object).where(part.notna(), None).itertuples(index=False, name=None):
            row = dict(zip(_COLUMNS, values, strict=True))
            if row["event"] != "seen" or row["mode"] != "faces" or _is_complete(row):
                yield row
            else:
                left_out += 1
    if left_out:
        warnings.warn(f"{log}: {left_out} rows of faces lack what a replay needs and are left out", LogWarning, stacklevel=3)


def _is_complete(row: Row) -> bool:
    """Return whether a face's row has the values that every session writes."""
    if None in (row["frame_index"], row["t_ms"], row["track_id"], row["threshold_l2"], row["evidence_weight"]):
        return False
    pairs = (("nearest_name", "distance_l2"), ("second_name", "second_distance_l2"))
    has_distances = all(row[name] is None or row[distance] is not None for name, distance in pairs)
    return has_distances and 0 < row["threshold_l2"] <= _MAX_L2


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


def _source_key(row: Row) -> tuple[Any, ...]:
    return row["source"], row["camera_id"]


def _frame_key(row: Row) -> tuple[Any, ...]:
    return *_source_key(row), row["frame_index"], row["t_ms"]


class _Replayer:
    """State of recognition between frames, as far as decisions need it."""

    def __init__(self, parameters: DecisionParameters, rules: ReplayRules) -> None:
        self._parameters = parameters
        self._own_parameters: dict[tuple[Any, ...], DecisionParameters] = {}
        """Parameters of single sources, which have changed since those of the session."""
        self._rules = rules
        self._votes: defaultdict[int, TrackVotes] = defaultdict(TrackVotes)
        self._presentation: defaultdict[int, PresentationEvidence] = defaultdict(PresentationEvidence)
        self._revision: str | None = None

    def event(self, row: Row) -> None:
        """Apply an event between two frames. Logs identify people by their names."""
        match row["event_code"]:
            case EventCode.DECISION_PARAMETERS:
                self._change_parameters(row)
            case EventCode.GALLERY_CHANGED:
                self._reset_votes()
            case EventCode.NAME_REJECTED:
                self._reset_votes()
                self._votes[row["track_id"]].reject(row["event_person"])
            case EventCode.NAME_ASSIGNED:
                self._reset_votes()
                self._votes[row["track_id"]].confirm(row["event_person"])
            case EventCode.REJECTION_UNDONE | EventCode.ASSIGNMENT_UNDONE:
                self._reset_votes()
                self._votes[row["track_id"]].accept(row["event_person"])

    def _change_parameters(self, row: Row) -> None:
        """Use other parameters for the event's source, or without one for all sources."""
        if row["source"] is None:
            self._parameters = _changed_parameters(row)
            self._own_parameters.clear()
        else:
            self._own_parameters[_source_key(row)] = _changed_parameters(row)

    def parameters(self, row: Row) -> DecisionParameters:
        """Return the parameters of a row's source."""
        return self._own_parameters.get(_source_key(row), self._parameters)

    def settled(self, track_ids: Iterable[int]) -> set[int]:
        """Return the tracks whose faces need not be compared in every frame."""
        return {track_id for track_id in track_ids if self._votes[track_id].is_settled}

    def has_unscored_name(self, rows: list[Row], decided: list[ReplayedFrame]) -> bool:
        """Return whether a session would have scored a face before it gave the name, and the log has no score."""
        return any(
            each.name not in (None, self._votes[row["track_id"]].confirmed_id)
            and self._presentation[row["track_id"]].last_score is None
            and self.parameters(row).presentation_check
            for row, each in zip(rows, decided, strict=True)
        )

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
        parameters = self.parameters(row)
        margin_l2 = parameters.margin_l2 if self._rules.margin_l2 is None else self._rules.margin_l2
        return DecisionRule(threshold_l2, margin_l2, parameters.unsure_band_l2)

    def _track_decision(self, row: Row, decision: Decision) -> TrackDecision:
        votes = self._votes[row["track_id"]]
        votes.add(decision, row["evidence_weight"])
        track = TrackDecision(row["track_id"], 0.0, *votes.tally(decision, self.parameters(row).enter_after_sightings))
        evidence = self._presentation[row["track_id"]]
        if row["live_score"] is not None:
            evidence.add(row["t_ms"], row["live_score"])
        if track.decision.name is not None and track.decision.person_id == votes.confirmed_id:
            return track
        is_scored = evidence.last_score is not None or row["reason"] == PRESENTATION_UNDECIDED
        if self.parameters(row).presentation_check and is_scored:
            track = withhold_unchecked(track, evidence)
        # Landmarks are not logged, but a still picture is one whatever the parameters, and its rows say so.
        return withhold_name(track, STILL_PICTURE) if row["reason"] == STILL_PICTURE else track


def _changed_parameters(row: Row) -> DecisionParameters:
    values = [row[name] for name in _PARAMETERS]
    values[-1] = bool(values[-1])
    if None in values:
        raise LogError(
            "the row at {t_ms} ms has no {parameter}, so the log cannot be replayed",
            t_ms=row["t_ms"],
            parameter=_PARAMETERS[values.index(None)],
        )
    return DecisionParameters(*values)


def _match(row: Row) -> Match:
    """Return the two nearest people as logged, with names for ids: names are unique in a gallery."""
    first, second = row["nearest_name"], row["second_name"]
    return (
        None
        if first is None
        else Candidate(
            first,
            first,
            row["sample_id"],
            row["distance_l2"],
            row["rejected_l2"],
            threshold_reduction_l2=row["threshold_reduction_l2"] or 0.0,
            threshold_limit_l2=row["threshold_limit_l2"],
        ),
        None if second is None else Candidate(second, second, "", row["second_distance_l2"]),
    )


CHANGES_SHOWN = 5


@dataclass(slots=True)
class PersonChange:
    """Rows with one person's name before and after the replay, and the first rows that differ."""

    name: str
    rows_before: int = 0
    rows_after: int = 0
    rows_changed: int = 0
    first_changes: list[ReplayedDecision] = field(default_factory=list)

    def merge(self, other: PersonChange) -> None:
        """Add the changes of another session."""
        self.rows_before += other.rows_before
        self.rows_after += other.rows_after
        self.rows_changed += other.rows_changed
        self.first_changes += other.first_changes[: CHANGES_SHOWN - len(self.first_changes)]

    def add(self, row: ReplayedDecision) -> None:
        """Count a row that has the name before or after the replay."""
        self.rows_before += row.logged.name == self.name
        self.rows_after += row.again.name == self.name
        if row.logged.name != row.again.name:
            self.rows_changed += 1
            if len(self.first_changes) < CHANGES_SHOWN:
                self.first_changes.append(row)


@dataclass(slots=True)
class ReplaySummary:
    """Counts of a replay: `agreeing` rows for each of the log's four columns, `same` where all four agree.

    `certain` counts the rows that a session with these rules would have had for sure. `asdict` gives the JSON content.
    """

    rows: int = 0
    embedded: int = 0
    certain: int = 0
    same: int = 0
    agreeing: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_DECIDED, 0))
    people: list[PersonChange] = field(default_factory=list)


def summarize(rows: Iterable[ReplayedDecision]) -> ReplaySummary:
    """Count the rows that agree with the log and collect the changes by person."""
    summary = ReplaySummary()
    people: dict[str, PersonChange] = {}
    for row in rows:
        summary.rows += 1
        summary.embedded += row.embedded
        summary.certain += row.certain
        summary.same += row.logged == row.again
        for column in _DECIDED:
            summary.agreeing[column] += getattr(row.logged, column) == getattr(row.again, column)
        for name in {row.logged.name, row.again.name}:
            if name is not None:
                people.setdefault(name, PersonChange(name)).add(row)
    summary.people = [people[name] for name in sorted(people)]
    return summary


def total(summaries: Iterable[ReplaySummary]) -> ReplaySummary:
    """Return the sum over several sessions; people of one name are one person."""
    result = ReplaySummary()
    people: dict[str, PersonChange] = {}
    for summary in summaries:
        result.rows += summary.rows
        result.embedded += summary.embedded
        result.certain += summary.certain
        result.same += summary.same
        for column, count in summary.agreeing.items():
            result.agreeing[column] += count
        for person in summary.people:
            people.setdefault(person.name, PersonChange(person.name)).merge(person)
    result.people = [people[name] for name in sorted(people)]
    return result


@dataclass(frozen=True, slots=True)
class SessionReplay:
    """Replay of one session. `summary` is None where `error` says why it could not be replayed."""

    log: Path
    summary: ReplaySummary | None
    error: str | None = None


def replay_logs(logs: LogPaths, rules: ReplayRules | None = None) -> Iterator[SessionReplay]:
    """Replay each session of logs and folders, in the order of their names. A session that cannot be replayed costs only itself.

    Raises:
        LogError: A given file is not a log, or a folder has none.
    """
    for log in dict.fromkeys(map(first_part, find_logs(logs))):
        try:
            yield SessionReplay(log, summarize(replay_decisions(log, rules)))
        except LogError as error:
            yield SessionReplay(log, None, error.text)
