"""Search for a person in logs and in results of videos and photos: spans of sightings, as one table."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facecam.logbook.dictionary import describe_columns, write_dictionary_of
from facecam.logbook.log_table import LogTable
from facecam.logbook.queries import CAMERA_KEYS
from facecam.logbook.reader import read_log
from facecam.logbook.schema import SCHEMA_VERSION, Column
from facecam.logbook.spans import BEGIN, COUNT, END, epoch_ms, group_codes
from facecam.logbook.tables import open_output, write_csv
from facecam.logbook.timelines import session_times, zero_times
from facecam.logbook.track_people import FACE_COLUMNS
from facecam.settings import Mode
from facecam.types import DecisionStatus, Result, SourceTime

FOUND_COLUMNS = (
    Column("kind", "category", "Where the person was found: log, video or photo"),
    Column("file", "text", "The log, the video or the photo"),
    Column("session_id", "category", "The session of a log"),
    Column("source", "text", "The camera or file that the session of a log has recognized"),
    Column("begin_utc", "time", "First sighting"),
    Column("end_utc", "time", "Last sighting"),
    Column("ts_origin", "category", "Where the times come from, as in the log: clock, given, container or file"),
    Column("begin_s", "float", "First sighting in the time of the session or the video; empty for photos", "s", 3),
    Column("end_s", "float", "Last sighting in the time of the session or the video; empty for photos", "s", 3),
    Column("sightings", "int", "Frames in which the person was seen"),
    Column("distance_l2", "float", "Smallest distance of a face to the person", "plain L2", 6),
    Column("thumbnail", "text", "File name of the image of the face"),
)
"""Columns of the table of finds."""

SUFFIXES = (".csv", ".parquet")
"""Suffixes of the table's file."""

_LOG_COLUMNS = [
    *("event", "mode", "event_code", "ts_utc", "ts_origin", "t_ms", *CAMERA_KEYS, *FACE_COLUMNS, "nearest_name", "distance_l2"),
    *("frames_analyzed", "frames_span_ms"),
]
_COMPACT_ROWS = 100_000


def find_in_logs(paths: Sequence[Path], name: str, person_id: str | None) -> pd.DataFrame:
    """Return the spans in which logs have seen a person.

    Args:
        paths: The files of one session, or of several.
        name: The person's name.
        person_id: Their id, by which they are found also under earlier names. None for someone who is not enrolled.

    Returns:
        The columns of FOUND_COLUMNS, with `file` the first path, in order of time.

    Raises:
        LogError: A log cannot be read.
    """
    log = pd.DataFrame(read_log(paths, _LOG_COLUMNS))
    if person_id is not None:
        names, ids = log["name"].astype(object), log["person_id"].astype(object)
        is_person = (ids == person_id).to_numpy(bool)
        former = set(names[is_person].dropna())
        # Another person may have, or have had, the name.
        is_other = ids.notna().to_numpy(bool) & ~is_person & (names == name).to_numpy(bool)
        log["name"] = names.where(~is_other, None).mask(is_person, name).astype("category")
        log["nearest_name"] = log["nearest_name"].astype(object).replace(dict.fromkeys(former, name))
    return _found(log, name, "log", str(paths[0]))


def _found(log: pd.DataFrame, name: str, kind: str, file: str) -> pd.DataFrame:
    """Return the spans of a name in a log."""
    spans = log.facecam.presence()
    spans = session_times(spans[spans["name"] == name], zero_times(log))
    rows = log[(log["event"] == "seen") & (log["nearest_name"] == name) & log["distance_l2"].notna()]
    at_ms, distance_l2 = epoch_ms(rows["ts_utc"]), rows["distance_l2"].to_numpy(float)
    both = pd.concat([spans[CAMERA_KEYS], rows[CAMERA_KEYS]]).astype(object).fillna("")
    sources = group_codes(both, CAMERA_KEYS)
    own, source = sources[: len(spans)], sources[len(spans) :]
    smallest = []
    for key, begin, end in zip(own, epoch_ms(spans[BEGIN]), epoch_ms(spans[END]), strict=True):
        inside = distance_l2[(source == key) & (at_ms >= begin) & (at_ms <= end)]
        smallest.append(inside.min() if len(inside) else np.nan)
    is_log = kind == "log"
    found = spans.assign(
        kind=kind,
        file=file,
        session_id=spans["session_id"].astype(object) if is_log else None,
        source=spans["source"].astype(object) if is_log else None,
        begin_s=spans["begin_ms"] / 1000,
        end_s=spans["end_ms"] / 1000,
        distance_l2=np.array(smallest, float),
        thumbnail=None,
    )
    found = found[[column.name for column in FOUND_COLUMNS]].rename(columns={COUNT: "sightings"})
    return found.sort_values([BEGIN, "source"], kind="stable", ignore_index=True)


class FoundFaces:
    """Collects the faces of a video's results in which one person may be, and returns the spans of that person.

    A track counts for the person also before its name was decided, so the rows of a track are kept until it ends without the
    name. Memory grows with the sightings of the person, not with the length of the video.
    """

    def __init__(self, name: str, person_id: str) -> None:
        self._name = name
        self._person_id = person_id
        self._t_ms = array("d")
        self._track = array("q")
        self._distance = array("d")
        self._state: list[tuple[str, str, str | None, str | None]] = []
        self._named: set[int] = set()
        self._ended: set[int] = set()
        self._compact_at = _COMPACT_ROWS
        self._frames = 0
        self._span_ms = 0.0
        self._last_ms: float | None = None

    def add(self, result: Result) -> None:
        """Add the faces of the video's next result."""
        self._frames += 1
        self._span_ms += 0.0 if self._last_ms is None else max(0.0, result.t_ms - self._last_ms)
        self._last_ms = result.t_ms
        for sighting in result.sightings:
            track = sighting.track_decision
            decision, nearest = track.decision, sighting.decision.nearest
            is_person = decision.person_id == self._person_id
            if is_person:
                self._named.add(track.track_id)
            self._t_ms.append(result.t_ms)
            self._track.append(track.track_id)
            is_nearest = nearest is not None and nearest.person_id == self._person_id
            self._distance.append(nearest.distance_l2 if nearest is not None and is_nearest else np.nan)
            name = self._name if is_person else decision.name
            self._state.append((decision.status.value, decision.reason, name, decision.person_id))
        self._ended.update(event.track_id for event in result.events if event.kind == "exit" and event.track_id is not None)
        if len(self._state) >= self._compact_at:
            self._compact()

    def _compact(self) -> None:
        """Drop the rows of tracks that have ended without the person's name."""
        dropped: Collection[int] = self._ended - self._named
        kept = [place for place, track in enumerate(self._track) if track not in dropped]
        self._t_ms = array("d", [self._t_ms[place] for place in kept])
        self._distance = array("d", [self._distance[place] for place in kept])
        self._track = array("q", [self._track[place] for place in kept])
        self._state = [self._state[place] for place in kept]
        self._ended.clear()
        self._compact_at = len(kept) + _COMPACT_ROWS

    def found(self, file: Path, time: SourceTime) -> pd.DataFrame:
        """Return the spans with the columns of FOUND_COLUMNS. `time` is the UTC time of the video's beginning."""
        count = len(self._state)
        t_ms = np.array(self._t_ms, float)
        states = list(zip(*self._state, strict=True)) or [()] * len(_STATE_COLUMNS)
        log = pd.DataFrame(
            {
                "event": "seen",
                "mode": Mode.FACES.value,
                "t_ms": t_ms,
                "track_id": np.array(self._track, np.int64),
                "nearest_name": pd.Series([self._name] * count, dtype=object),
                "distance_l2": np.array(self._distance, float),
                **{column: pd.Series(state, dtype=object) for column, state in zip(_STATE_COLUMNS, states, strict=True)},
            }
        )
        counts = {
            "event": "frames",
            "t_ms": self._last_ms or 0.0,
            "frames_analyzed": self._frames,
            "frames_span_ms": self._span_ms,
        }
        log = pd.concat([log, pd.DataFrame([counts])], ignore_index=True)
        log["ts_utc"] = (pd.Timestamp(time.zero_utc) + pd.to_timedelta(log["t_ms"].round(), unit="ms")).dt.as_unit("ms")
        log = log.assign(
            ts_origin=time.origin.value,
            event_code=None,
            session_id="",
            source=str(file),
            camera_id="",
            schema_version=SCHEMA_VERSION,
        )
        return _found(log, self._name, "video", str(file))


_STATE_COLUMNS = ("decision", "reason", "name", "person_id")


def photo_row(file: Path, time: SourceTime, sightings: int, distance_l2: float | None) -> pd.DataFrame:
    """Return the row of a photo that shows the person."""
    values: dict[str, Any] = dict.fromkeys(column.name for column in FOUND_COLUMNS)
    at_utc = time.zero_utc - timedelta(microseconds=time.zero_utc.microsecond % 1000)
    values |= {"kind": "photo", "file": str(file), BEGIN: at_utc, END: at_utc, "ts_origin": time.origin.value}
    return pd.DataFrame([values | {"sightings": sightings, "distance_l2": distance_l2}])


def found_in_photo(result: Result, person_id: str) -> tuple[int, float | None]:
    """Return how many faces of a single image are the person, and the smallest distance of these."""
    own = [sighting.decision for sighting in result.sightings if sighting.decision.person_id == person_id]
    known = [each.nearest.distance_l2 for each in own if each.status is DecisionStatus.KNOWN and each.nearest is not None]
    return len(own), min(known, default=None)


def found_table(pieces: Sequence[pd.DataFrame]) -> LogTable:
    """Return the rows of all pieces as one table with the types of FOUND_COLUMNS."""
    rows = [row for piece in pieces for row in piece.to_dict("records")]
    table = pd.DataFrame(rows, columns=[column.name for column in FOUND_COLUMNS], dtype=object)
    for column in FOUND_COLUMNS:
        values = table[column.name]
        if column.kind == "time":
            table[column.name] = pd.to_datetime(values, utc=True).dt.as_unit("ms")
        elif column.kind in ("float", "int"):
            numbers = pd.to_numeric(values)
            table[column.name] = numbers.astype("Int64") if column.kind == "int" else numbers.astype(float).round(column.digits)
        else:
            table[column.name] = values.astype("string")
    return LogTable(table)


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of the table with Python's own values, None for absent ones."""

    def plain(value: Any) -> Any:
        if pd.isna(value):
            return None
        return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value.item() if hasattr(value, "item") else value

    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def write_found(table: pd.DataFrame, path: Path) -> None:
    """Write the table as CSV, with its data dictionary, or as Parquet, by the path's suffix. OutputError when that fails."""
    if path.suffix.lower() == ".parquet":
        with open_output(path) as part:
            pd.DataFrame(table).to_parquet(part, index=False)
        return
    write_csv(path, list(table.columns), (list(row.values()) for row in plain_rows(table)))
    write_dictionary_of(path, describe_columns(FOUND_COLUMNS))
