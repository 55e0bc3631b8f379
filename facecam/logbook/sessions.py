"""Files of a session's log: their names and parts, listing sessions and deleting old ones.

A session's log is `<session id>.csv`, continued in `<session id>.2.csv` and so on, with `<session id>.json` next to it.
"""

from __future__ import annotations

import csv
import logging
import os
import random
import re
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any, BinaryIO

from facecam.errors import LogError
from facecam.fileio import create_private, expand_home, open_regular, parse_json, read_regular
from facecam.logbook.dictionary import FILE_NAME
from facecam.logbook.lines import LogWarning, read_header
from facecam.logbook.parquet_logs import SUFFIX, is_parquet, parquet_details, parquet_logs_below
from facecam.logbook.schema import HEADER, SESSION_ID
from facecam.types import ESTIMATED_ORIGINS

MAX_DETAILS_BYTES = 16 << 20
"""Maximum size of a session's JSON. A usual one has 5 KB, and 80 bytes for each photo in the gallery."""

_TAIL_BYTES = 1 << 16
"""End of a log in which the last rows of a session without an end are searched."""

_LOCK_ATTEMPTS, _LOCK_PAUSE_S = 8, 0.004

_MAX_DURATION_S = 1e9
_MAX_UNUSED = timedelta(days=180)
_CONFIRMED_AFTER = timedelta(days=1)
"""A clock is trusted when a session ended this long ago or longer, but less than _MAX_UNUSED ago."""

SESSION_FILE = re.compile(r"(\d{8}T\d{6}Z-[0-9a-f]{4})((\.\d+)?\.csv|\.json)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

_logger = logging.getLogger(__name__)


def session_id_of(path: Path) -> str:
    """Return the session id in the name of any part."""
    return path.name.partition(".")[0]


def part_number(path: Path) -> int:
    """Return the part number in a file's name; the first part is 1."""
    number = "" if is_parquet(path) else path.stem.partition(".")[2]
    return int(number) if number.isdecimal() else 1


def first_part(path: Path) -> Path:
    """Return the first part of a file's session, or the file itself when its name has no session id."""
    is_part = SESSION_ID.fullmatch(session_id_of(path)) and not is_parquet(path)
    return path.with_name(f"{session_id_of(path)}.csv") if is_part else path


def part_path(first: Path, number: int) -> Path:
    """Return the path of a later part."""
    return first.with_suffix(f".{number}.csv")


def session_parts(path: Path) -> list[Path]:
    """Return the file and, when it is a session's first part, the later parts in order."""
    if not SESSION_ID.fullmatch(path.stem):
        return [path]
    later = [part for part in path.parent.glob(f"{path.stem}.*.csv") if part.stem.partition(".")[2].isdecimal()]
    return [path, *sorted(later, key=part_number)]


class LogPart:
    """Open file of a log, private and with its header written.

    The constructor raises OSError when the file exists or cannot be created. Later errors of the disk are returned, not raised.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = create_private(path, buffering=0)
        lock_shared(self._file)
        self.size_bytes = 0
        if (error := self.append([HEADER.encode()])[1]) is not None:
            self._file.close()
            self.path.unlink(missing_ok=True)
            raise error

    def append(self, lines: Sequence[bytes]) -> tuple[int, OSError | None]:
        """Write lines; return how many are in the file and the error that stopped the others. No partial line remains."""
        data, written, error = b"".join(lines), 0, None
        try:
            # A nearly full disk makes a short write.
            while written < len(data):
                written += self._file.write(data[written:])
        except OSError as stopped:
            error = stopped
        count = sum(end <= written for end in accumulate(map(len, lines)))
        self.size_bytes += sum(map(len, lines[:count]))
        if error is not None:
            self.cut()
        return count, error

    def cut(self) -> OSError | None:
        """Truncate the file after its last whole line; return the error when that fails."""
        try:
            self._file.truncate(self.size_bytes)
            self._file.seek(self.size_bytes)
        except OSError as error:
            return error
        return None

    def fileno(self) -> int:
        """For os.fsync."""
        return self._file.fileno()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        # A network disk may report only now that it is full. Whole lines stay whole, and nothing else can be done.
        with suppress(OSError):
            self._file.close()


if sys.platform == "win32":

    def lock_shared(file: BinaryIO) -> None:
        """Do nothing: Windows deletes no open file."""

    def is_in_use(path: Path) -> bool:  # noqa: ARG001
        """Return False: deleting a file that is being written fails on Windows."""
        return False

else:
    import fcntl

    def lock_shared(file: BinaryIO) -> None:
        """Mark the file as being written, until it is closed or the process ends."""
        with suppress(OSError):  # a network disk without locks
            _lock(file, fcntl.LOCK_SH)

    def is_in_use(path: Path) -> bool:
        """Return whether a session is writing this file. Raises OSError when it cannot be opened."""
        with open_regular(path) as file:
            try:
                _lock(file, fcntl.LOCK_EX)
            except BlockingIOError:
                return True
        return False

    def _lock(file: BinaryIO, kind: int) -> None:
        """Lock a file. BlockingIOError when another program has a lock for longer than `is_in_use` has one."""
        for _ in range(_LOCK_ATTEMPTS - 1):
            with suppress(BlockingIOError):
                fcntl.flock(file, kind | fcntl.LOCK_NB)
                return
            time.sleep(random.uniform(0.0, _LOCK_PAUSE_S))  # two programs must not wait equally long
        fcntl.flock(file, kind | fcntl.LOCK_NB)


LogPaths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]
"""A log, a folder of logs, or several of them."""


def find_logs(logs: LogPaths) -> list[Path]:
    """Return the files of the given logs and folders once each, in order, with the later parts of each first part.

    Other CSV files in a folder are skipped with a LogWarning. Raises LogError for a given file that is not a log.
    """
    given = [logs] if isinstance(logs, (str, os.PathLike)) else logs
    found: dict[Path, Path] = {}
    for path in (expand_home(os.fspath(one)) for one in given):
        if path.is_dir():
            files = _logs_below(path)
            if not files:
                raise LogError("no log was found below {path}; `facecam run --log {path}` writes one there", path=path)
        else:
            files = session_parts(path)
            for part in files:
                read_header(part)
        found |= {file.resolve(): file for file in files if file.resolve() not in found}
    return list(found.values())


def _logs_below(folder: Path) -> list[Path]:
    found = []
    # By part number: `.10.csv` comes after `.2.csv`.
    files = [*folder.rglob("*.csv"), *parquet_logs_below(folder)]
    for file in sorted(files, key=lambda path: (path.parent, session_id_of(path), part_number(path))):
        try:
            read_header(file)
        except LogError as error:
            warnings.warn(f"skipped: {error}", LogWarning, stacklevel=4)
        else:
            found.append(file)
    return found


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session, from its JSON. `ended_at_utc` and `rows` are None while it runs and when it was killed.

    `started_at_utc` is when the session began for live sources, and when the recording began for files; `duration_s` is the time
    that they cover. Without an end, the duration is that of the rows so far. For logs before version 4, both are the times of
    recognition, and the duration is None where the clock was set back. `processed_at_utc` is the start of recognition and
    `ended_at_utc` its end. `frames` counts the recognized frames, None in logs before version 4.
    `time_origin` says where the times of the sources come from, as `ts_origin` in the log; empty before version 4.
    `path` is the log's first part, `size_bytes` the size of all parts.
    """

    session_id: str
    path: Path
    source: str
    started_at_utc: datetime
    ended_at_utc: datetime | None
    duration_s: float | None
    rows: int | None
    rows_lost: int
    size_bytes: int
    processed_at_utc: datetime
    labels: Mapping[str, str]
    frames: int | None = None
    time_origin: str = ""


def list_sessions(folder: Path) -> list[SessionSummary]:
    """Return the sessions with logs below the folder by their start, oldest first; other JSON files are skipped.

    Only the JSON files are read, and the end of the log of a session without an end.
    """
    files = [found for directory, _, _ in os.walk(folder) for found in _session_files(Path(directory)).values()]
    files += ([path] for path in parquet_logs_below(folder))
    return sorted(filter(None, map(_summary, files)), key=lambda summary: (summary.started_at_utc, summary.session_id))


def session_summary(log: Path) -> SessionSummary | None:
    """Return the session of a log, any of its parts; None without its JSON."""
    return _summary([log] if is_parquet(log) else _session_files(log.parent).get(session_id_of(log), []))


def read_details(log: Path) -> dict[str, Any]:
    """Return the content of the JSON next to a log, any part of a session; {} when it is missing or damaged.

    A Parquet log has it in its metadata.
    """
    if is_parquet(log):
        return parquet_details(log)
    with suppress(OSError, ValueError):
        content = parse_json(read_regular(log.with_name(f"{session_id_of(log)}.json"), MAX_DETAILS_BYTES))
        return content if isinstance(content, dict) else {}
    return {}


def _summary(files: Sequence[Path]) -> SessionSummary | None:
    log = files[-1] if files else Path()
    if log.suffix not in (".csv", SUFFIX) or part_number(log) != 1:
        return None
    content = read_details(log)
    parts = [part for part in files if part.suffix in (".csv", SUFFIX)]
    try:
        processed_at_utc = _utc(content["started_at_utc"])
        ended_at_utc = _utc(content["ended_at_utc"]) if content["ended_at_utc"] else None
        sources = _recorded_sources(content)
        last_ms = None if ended_at_utc else next((ms for part in parts if (ms := _last_ms(part)) is not None), None)
        duration_s = _covered_s(sources, last_ms)
        if duration_s is None:
            duration_s = _processing_s(content, processed_at_utc, ended_at_utc) if last_ms is None else last_ms / 1000
        labels = content.get("labels") or {}
        return SessionSummary(
            session_id=str(content["session_id"]) if is_parquet(log) else session_id_of(log),
            path=log,
            source=_sources_text(content.get("source", "")),
            started_at_utc=min(map(_starts_at, sources), default=processed_at_utc),
            ended_at_utc=ended_at_utc,
            duration_s=None if duration_s is None or not 0 <= duration_s <= _MAX_DURATION_S else float(duration_s),
            rows=int(content["rows"]) if ended_at_utc else None,
            rows_lost=int(content["rows_lost"]),
            size_bytes=sum(part.stat().st_size for part in parts),
            processed_at_utc=processed_at_utc,
            labels={str(name): str(value) for name, value in labels.items()},
            frames=sum(int(source["frames"]["analyzed"]) for source in sources) if sources and ended_at_utc else None,
            time_origin=", ".join(dict.fromkeys(str(source["time_origin"]) for source in sources if source.get("time_origin"))),
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError, AttributeError):
        return None


def _processing_s(content: Mapping[str, Any], processed_at_utc: datetime, ended_at_utc: datetime | None) -> float | None:
    """Return the duration of recognition."""
    duration_s: float | None = content.get("duration_s")
    if duration_s is None and ended_at_utc is not None:
        duration_s = (ended_at_utc - processed_at_utc).total_seconds()
    return duration_s


def _recorded_sources(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the sources that were open, as logs from version 4 on describe them."""
    sources = content.get("sources")
    described = [source for source in sources if isinstance(source, dict)] if isinstance(sources, list) else []
    return [source for source in described if source.get("started_at_utc")]


def _starts_at(source: Mapping[str, Any]) -> datetime:
    """Return the time of a source's first frame that was to be recognized."""
    return _utc(source["started_at_utc"]) + timedelta(milliseconds=0 if source["live"] else source["from_ms"])


def _covered_s(sources: Iterable[Mapping[str, Any]], last_ms: float | None) -> float | None:
    """Return the seconds that at least one of the sources covers; `last_ms` is the last row's t_ms in a log without an end.

    Files whose times are estimates count one by one, as in `log.facecam.sessions()`.
    None where only the session's own duration tells: of live sources in a session that has ended.
    """
    spans, estimates_s = [], []
    for source in sources:
        if source["live"]:
            if last_ms is None:
                return None
            span_ms = last_ms
        else:
            # The counts of a session without an end are those of the moment at which its JSON was written.
            frames = source.get("frames") if last_ms is None else None
            span_ms = frames["span_ms"] if frames else max(0.0, (last_ms or 0.0) - source["from_ms"])
        if source.get("time_origin") in ESTIMATED_ORIGINS:
            estimates_s.append(span_ms / 1000)
        else:
            begins_at = _starts_at(source)
            spans.append((begins_at, begins_at + timedelta(milliseconds=span_ms)))
    if not spans and not estimates_s:
        return None
    covered, covered_until = timedelta(), datetime.min.replace(tzinfo=UTC)
    for begins_at, ends_at in sorted(spans):
        covered += max(timedelta(), ends_at - max(begins_at, covered_until))
        covered_until = max(covered_until, ends_at)
    return sum(estimates_s) + covered.total_seconds()


def _last_ms(part: Path) -> float | None:
    """Return the greatest t_ms of the last rows of a part; None when there are none."""
    with open_regular(part) as file:
        columns = file.readline(len(HEADER) + _TAIL_BYTES).decode("utf-8", "replace").strip().split(",")
        begins_at = file.tell()
        file.seek(max(begins_at, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
        # The first line may be a piece of a row unless it is the first row; the last one may be incomplete.
        lines = file.read(_TAIL_BYTES).decode("utf-8", "replace").split("\n")[:-1]
    index, found = columns.index("t_ms"), []
    for line in lines:
        with suppress(ValueError, csv.Error):
            row = next(csv.reader([line]), [])
            if len(row) == len(columns):
                found.append(float(row[index]))
    return max(found, default=None)


def _sources_text(content: object) -> str:
    """Return the source, or the sources of a session with several."""
    return ", ".join(map(str, content)) if isinstance(content, list) else str(content)


def _utc(text: str) -> datetime:
    """Return a time in UTC, which one without a time zone already is."""
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _session_files(folder: Path) -> dict[str, list[Path]]:
    """Return the files of each session in the folder: its JSON, then its parts from last to first."""
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in folder.iterdir() if folder.is_dir() else []:
        if SESSION_FILE.fullmatch(path.name) and path.is_file():
            found[session_id_of(path)].append(path)
    return {
        session: sorted(files, key=lambda path: (path.suffix == ".csv", -part_number(path)))
        for session, files in sorted(found.items())
    }


def delete_old_sessions(folder: Path, keep_days: int, now_utc: datetime) -> list[str]:
    """Delete the sessions in `folder/<UTC date>/` that ended more than `keep_days` days ago; return their ids, oldest first.

    Only a session's own files are deleted. A session that any process is still writing stays, as does one with a file that
    cannot be deleted. Nothing is deleted when `now_utc` is far past every log, as with a clock that is a year ahead: after half a
    year without a session, deletion begins a day after the next one.
    """
    if not is_clock_confirmed(folder, now_utc):
        _logger.info("%s: no session in the half year before %s; old ones stay until the clock is confirmed", folder, now_utc)
        return []
    deleted = {session: files for session, files in old_sessions(folder, keep_days, now_utc).items() if _delete(session, files)}
    for day in dict.fromkeys(files[0].parent for files in deleted.values()):
        with suppress(OSError):  # it has other files
            if {path.name for path in day.iterdir()} == {FILE_NAME}:
                (day / FILE_NAME).unlink()
            day.rmdir()
    return list(deleted)


def old_sessions(folder: Path, keep_days: int, now_utc: datetime) -> dict[str, list[Path]]:
    """Return the files of the sessions in `folder/<UTC date>/` that ended more than `keep_days` days ago, the oldest first."""
    cutoff = now_utc - timedelta(days=keep_days)
    found: dict[str, list[Path]] = {}
    for day in sorted(folder.iterdir()) if folder.is_dir() else []:
        if _DAY.fullmatch(day.name) and day.name <= f"{cutoff:%Y-%m-%d}" and not day.is_symlink() and day.is_dir():
            date = day.name.replace("-", "")
            sessions = {session: files for session, files in _session_files(day).items() if session.startswith(date)}
            found |= {session: files for session, files in sessions.items() if _ended_utc(files) < cutoff}
    return found


def confirms_clock(age: timedelta) -> bool:
    """Return whether a file of this age confirms that the clock is right: neither the future nor long ago."""
    return _CONFIRMED_AFTER <= age <= _MAX_UNUSED


def is_clock_confirmed(folder: Path, now_utc: datetime) -> bool:
    """Return whether a session in this folder of logs confirms that the clock is right."""
    days = sorted((day for day in folder.iterdir() if _DAY.fullmatch(day.name)), reverse=True) if folder.is_dir() else []
    ends = (_ended_utc(files) for day in days for files in _session_files(day).values())
    return any(confirms_clock(now_utc - end) for end in ends)


def _ended_utc(files: list[Path]) -> datetime:
    """Return when the session ended by its JSON or, for a killed session, when its files last changed.

    An impossible time of a file counts as the future.
    """
    with suppress(ValueError, KeyError, TypeError, OverflowError):
        return datetime.fromisoformat(read_details(files[0])["ended_at_utc"]).astimezone(UTC)
    try:
        return datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC)
    except (ValueError, OverflowError):
        return datetime.max.replace(tzinfo=UTC)


def _delete(session: str, files: list[Path]) -> bool:
    """Delete a session's files, the parts from last to first, then the JSON. Returns whether that succeeded."""
    parts = [path for path in files if path.suffix == ".csv"]
    try:
        if any(map(is_in_use, parts)):
            return False
        for path in [*parts, *(path for path in files if path not in parts)]:
            path.unlink()
    except OSError as error:
        _logger.warning("the old log of session %s cannot be deleted: %s", session, error)
        return False
    return True
