"""Crash-safe writer of a session's log.

Every call passes whole lines to the kernel at once, so killing the process loses nothing that was written before. When the disk
is full, lines wait in memory, a partial line is truncated, and a later call tries again. Writing never raises, so recognition
continues; a row says afterward how long the log was interrupted and what is lost. A log that has grown long, or reached a new UTC
day, continues in another part next to the first.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from pathlib import Path
from typing import Self

from facecam.errors import LogError
from facecam.fileio import create_private_folder, parse_json, write_private
from facecam.logbook.dictionary import write_dictionary
from facecam.logbook.schema import SCHEMA_VERSION, RowOrigin, SessionInfo, csv_line, event_row, result_rows
from facecam.logbook.sessions import LogPart, part_path
from facecam.messages import TranslatableText
from facecam.types import Event, EventCode, Result, SourceTime

QUEUE_ROWS = 10_000
"""Rows that wait in memory while the disk is full: about a minute of five faces at 30 frames per second."""

PART_BYTES = 200_000_000
"""Half a million rows. Spreadsheets open 1,048,576."""

RETRY_AFTER_S = 1.0
_BATCH_ROWS = 256

_RESERVED_BYTES = 512
"""Blanks at the end of a running session's JSON, for the session and for each source: its end fits even when the disk is full."""

_logger = logging.getLogger(__name__)


class LogWriter:
    """Writer of a session's log `directory/<UTC date>/<session id>.csv` and of the JSON that describes the session.

    The recognition worker owns it; `fault` and the counters may be read from other threads. The constructor raises LogError
    when the files exist or cannot be created; afterward no method raises for the disk, and `fault` has the message. A new part
    begins after `part_bytes`, or when the day is over (UTC, by the session's start and t_ms). `clock` returns monotonic seconds.

    `rows_written` counts the rows in the files; `rows_lost` those dropped because too many waited or the disk stayed full.
    """

    def __init__(
        self,
        directory: Path,
        session: SessionInfo,
        *,
        clock: Callable[[], float] = time.monotonic,
        queue_rows: int = QUEUE_ROWS,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._session = session
        self._expression_model = session.expression_model
        self._details = dict(session.details)
        self._details_lock = threading.Lock()
        self._clock = clock
        self._started_s = clock()
        self._queue_rows = queue_rows
        self._part_bytes = part_bytes
        self._queue: deque[tuple[date, bytes]] = deque()
        self._lock = threading.Lock()
        self._error: OSError | None = None
        self._retry_at_s = 0.0
        self._failed_at_s = 0.0
        self._lost_before = 0
        self._t_ms = 0.0
        self._time: SourceTime | None = None
        self.rows_written = 0
        self.rows_lost = 0
        self._closed = False
        self._day = session.started_at_utc.date()
        self._number = 1
        folder = Path(directory) / f"{session.started_at_utc:%Y-%m-%d}"
        self.path = folder / f"{session.session_id}.csv"
        self.details_path = self.path.with_suffix(".json")
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def fault(self) -> TranslatableText | None:
        """Message for the user while rows cannot be written, or when the closed log lacks some; else None."""
        error = self._error  # Without the lock: a network disk that hangs must not stop those who ask.
        if self._closed:
            lost = self.rows_lost
            text = TranslatableText("the log {path} lacks {count} rows that could not be written", path=self.path, count=lost)
            return text if lost else None
        if error is None:
            return None
        values = {"path": self._part.path, "reason": error, "waiting": len(self._queue)}
        if not self.rows_lost:
            return TranslatableText(
                "the log {path} cannot be written ({reason}): {waiting} rows wait in memory; free space on its disk to continue",
                **values,
            )
        return TranslatableText(
            "the log {path} cannot be written ({reason}): {waiting} rows wait in memory and {lost} are lost; free space on its "
            "disk to continue",
            **values,
            lost=self.rows_lost,
        )

    def write(self, result: Result, dropped_frames: int, time: SourceTime | None = None, folder: str | None = None) -> None:
        """Add the result's rows.

        `dropped_frames` counts the session's dropped frames so far, `time` is that of a recording, and `folder` that of an image.
        """
        self._add(result_rows(result, self._session, dropped_frames, time, folder), result.t_ms, time)

    def event(self, event: Event, t_ms: float, origin: RowOrigin | None = None) -> None:
        """Add the row of an event outside a result, at the session's time `t_ms`."""
        self._add([event_row(event, self._session, t_ms, origin)], t_ms, None if origin is None else origin.time)

    def use_expression_model(self, name: str) -> None:
        """Give the rows from here on this `expression_model`, "" for none. The session's JSON keeps the last network."""
        self._session = replace(self._session, expression_model=name)
        self._expression_model = name or self._expression_model

    def describe(self, details: Mapping[str, object]) -> None:
        """Add details to the session's JSON while it runs, or replace them."""
        with self._details_lock:
            self._details |= details
            if self._closed:
                return
            try:
                self._write_details(None)
            except OSError as error:
                _logger.debug("could not write to %s: %s", self.details_path, error)

    def close(self, details: Mapping[str, object] | None = None) -> None:
        """Write the waiting rows, complete the session's JSON, also with `details`, and close. A second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._drain()
            self.rows_lost += len(self._queue)
            self._queue.clear()
            self._closed = True
            with suppress(OSError):  # The rows are with the system; not every network disk can do more.
                os.fsync(self._part.fileno())
            try:
                with self._details_lock:
                    self._details |= details or {}
                    self._write_details(datetime.now(UTC))
            except (OSError, ValueError) as error:
                _logger.warning("could not write the session's end to %s: %s", self.details_path, error)
            self._part.close()

    def _open(self) -> None:
        try:
            create_private_folder(self.path.parent)
            if self.details_path.exists():
                raise FileExistsError(None, "a session with that name exists", str(self.details_path))
            self._part = LogPart(self.path)
        except OSError as error:
            raise self._start_error(error) from error
        try:
            self._write_details(None)
        except OSError as error:
            self._part.close()
            self.path.unlink(missing_ok=True)
            raise self._start_error(error) from error
        write_dictionary(self.path.parent)

    def _start_error(self, error: OSError) -> LogError:
        return LogError(
            "the log {path} cannot be started ({reason}); choose another folder with --log, or --no-log",
            path=self.path,
            reason=error,
        )

    def _add(self, table: list[list[str]], t_ms: float, time: SourceTime | None) -> None:
        # Bytes of a path that are not UTF-8 (lone surrogates in Python) are written as escapes.
        lines = [csv_line(row).encode("utf-8", "backslashreplace") for row in table]
        day = (self._session.started_at_utc + timedelta(milliseconds=round(t_ms))).date()
        with self._lock:
            if self._closed:
                self.rows_lost += len(lines)
                return
            self._t_ms, self._time = t_ms, time
            self._queue.extend((day, line) for line in lines)
            while len(self._queue) > self._queue_rows:
                self._queue.popleft()
                self.rows_lost += 1
            if self._error is None or self._clock() >= self._retry_at_s:
                self._drain()

    def _drain(self) -> None:
        """Write the waiting rows, oldest first, until the disk refuses one."""
        previous = self._error
        error = (self._part.cut() if previous else None) or self._write_waiting()
        if error is None and previous is not None:
            self._add_interruption(previous)
            error = self._write_waiting()
        self._error = error
        if error is not None:
            self._retry_at_s = self._clock() + RETRY_AFTER_S
        if error is not None and previous is None:
            self._failed_at_s, self._lost_before = self._clock(), self.rows_lost
            _logger.warning("the log %s cannot be written: %s", self._part.path, error)
        elif error is None and previous is not None:
            _logger.warning("the log %s is written again; %d rows are lost", self._part.path, self.rows_lost)

    def _add_interruption(self, error: OSError) -> None:
        """Add a row about the time in which the disk refused rows."""
        text = f"the log could not be written for {self._clock() - self._failed_at_s:.0f} s ({error.strerror or error})"
        event = Event("error", f"{text}; {self.rows_lost - self._lost_before} rows are lost", code=EventCode.LOG_INTERRUPTED)
        row = event_row(event, self._session, self._t_ms, RowOrigin(time=self._time))
        line = csv_line(row).encode("utf-8", "backslashreplace")
        self._queue.append((self._day, line))

    def _write_waiting(self) -> OSError | None:
        error = None
        while self._queue and error is None:
            error = self._start_due_part() or self._write_batch()
        return error

    def _write_batch(self) -> OSError | None:
        """Write the next rows that belong in this part."""
        waiting = islice(self._queue, _BATCH_ROWS)
        batch = [line for _, line in takewhile(lambda entry: entry[0] <= self._day, waiting)]
        count, error = self._part.append(batch)
        for _ in range(count):
            self._queue.popleft()
        self.rows_written += count
        return error

    def _start_due_part(self) -> OSError | None:
        """Start another part when this one is full or its day is over; return the error when that fails."""
        day = max(self._day, self._queue[0][0])
        if day == self._day and self._part.size_bytes < self._part_bytes:
            return None
        number = self._number + 1
        while part_path(self.path, number).exists():
            number += 1
        try:
            part = LogPart(part_path(self.path, number))
        except OSError as error:
            return error
        self._part.close()
        self._part, self._number, self._day = part, number, day
        return None

    def _write_details(self, ended_at_utc: datetime | None) -> None:
        """Write the session's JSON atomically; at the end, on a full disk, into the file that is there."""
        data = self._details_json(self._details, ended_at_utc)
        sources = self._details.get("sources")
        reserved = _RESERVED_BYTES * (1 + (len(sources) if isinstance(sources, Sequence) else 0))
        if ended_at_utc is None:
            write_private(self.details_path, data + b" " * reserved)
            return
        try:
            write_private(self.details_path, data)
        except OSError:
            with self.details_path.open("rb+", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                if len(data) > size:  # what was found out since the start has no room, the end has
                    earlier = parse_json(file.read())
                    data = self._details_json({name: earlier.get(name) for name in self._details}, ended_at_utc)
                if len(data) > size:
                    raise
                file.seek(0)
                file.write(data.ljust(size))

    def _details_json(self, details: Mapping[str, object], ended_at_utc: datetime | None) -> bytes:
        session = self._session
        own: dict[str, object] = {
            "schema_version": SCHEMA_VERSION,
            "session_id": session.session_id,
            "started_at_utc": session.started_at_utc.isoformat(timespec="milliseconds"),
            "ended_at_utc": ended_at_utc and ended_at_utc.isoformat(timespec="milliseconds"),
            "duration_s": ended_at_utc and round(self._clock() - self._started_s, 3),
            "rows": self.rows_written,
            "rows_lost": self.rows_lost,
            "labels": dict(session.labels),
            "app_version": session.app_version,
            "embed_model": session.embed_model,
            "expression_model": self._expression_model,
            "os": platform.platform(),
            "machine": platform.node(),
        }
        content = own | dict(details) | own
        return (json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n").encode("utf-8", "backslashreplace")
