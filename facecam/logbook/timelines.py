"""Videos that the sessions of a log belong to, and the times of a log's rows in them.

A log has the session's time. A video that the session recorded begins later and leaves out pauses and lost cameras; the session's
JSON has its parts. A video file that was recognized has its own time in the log.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facecam.logbook.queries import CAMERA_KEYS
from facecam.logbook.schema import SESSION_ID
from facecam.logbook.sessions import read_details, session_id_of
from facecam.logbook.spans import BEGIN, COUNT, END, epoch_ms, join_spans, utc_times
from facecam.types import TimeOrigin

_MAX_MS = 1e12
"""Times beyond 31 years are those of a damaged file."""

_MAX_UTC_MS = 1e13
"""A file that begins in another year than 1653 to 2286 is damaged."""

_CUT_GAP_S = 0.1
"""Two spans that meet where a recording leaves out a pause are one in its video."""


@dataclass(frozen=True, slots=True)
class TimelinePart:
    """Part of a timeline without a gap: session times from `begin_ms` to `end_ms` stand at `position_ms` and later."""

    begin_ms: float
    end_ms: float
    position_ms: float


_WHOLE = (TimelinePart(-math.inf, math.inf, 0.0),)


@dataclass(frozen=True, slots=True)
class MediaTimeline:
    """Time of one video, or of a session without one.

    Attributes:
        session_id: The session.
        name: Name for a file about it, without a suffix.
        video: Path of the video as it was when the session ran; None without one.
        camera: Source and camera_id of its rows; None for all live sources of the session.
        started_at_utc: Start of the session's time.
        parts: Where the session's times are in the video.
    """

    session_id: str
    name: str
    video: Path | None
    camera: tuple[str, str] | None
    started_at_utc: datetime
    parts: tuple[TimelinePart, ...] = _WHOLE

    def rows(self, table: pd.DataFrame, is_live: Any) -> pd.DataFrame:
        """Return the rows of the timeline's sources in a table with CAMERA_KEYS; `is_live` tells which, (n,) bool, are live."""
        chosen = (table["session_id"] == self.session_id).to_numpy(bool)
        if self.camera is None:
            chosen = chosen & is_live
        else:
            for column, value in zip(CAMERA_KEYS[1:], self.camera, strict=True):
                chosen = chosen & (table[column].astype(object).fillna("") == value).to_numpy(bool)
        rows: pd.DataFrame = table[chosen]
        return rows

    def place(self, spans: pd.DataFrame, keys: list[str], least_ms: float) -> pd.DataFrame:
        """Return spans of session time at their times in the video, joined where they meet.

        Args:
            spans: Columns `begin_ms` and `end_ms` besides the keys. What is not in the video is left out.
            keys: Columns whose values are equal in a joined span.
            least_ms: Least length of a span.

        Returns:
            The keys, `begin_ms` and `end_ms` in whole milliseconds, in order of time.
        """
        begin, end = spans["begin_ms"].to_numpy(float), spans["end_ms"].to_numpy(float)
        pieces = []
        for part in self.parts:
            first, last = np.maximum(begin, part.begin_ms), np.minimum(end, part.end_ms)
            inside = first <= last
            offset_ms = part.position_ms - (0.0 if math.isinf(part.begin_ms) else part.begin_ms)
            piece = spans.loc[inside, keys].assign(begin_ms=first[inside] + offset_ms, end_ms=last[inside] + offset_ms)
            pieces.append(piece)
        placed = pd.concat(pieces, ignore_index=True)
        first = np.maximum(0, np.rint(placed["begin_ms"].to_numpy(float)))
        last = np.maximum(first + least_ms, np.rint(placed["end_ms"].to_numpy(float)))
        placed = placed[keys].assign(**{BEGIN: utc_times(first), END: utc_times(last), COUNT: 1})
        joined = join_spans(placed, keys, _CUT_GAP_S)
        found = joined[keys].assign(begin_ms=epoch_ms(joined[BEGIN]), end_ms=epoch_ms(joined[END]))
        return found.sort_values(["begin_ms", *keys], kind="stable", ignore_index=True)


def session_times(spans: pd.DataFrame, zero_ms: Mapping[tuple[str, ...], float]) -> pd.DataFrame:
    """Return spans with CAMERA_KEYS with their session time, `begin_ms` and `end_ms`; NaN if no row of their source has one."""
    sources = spans[CAMERA_KEYS].astype(object).fillna("").itertuples(index=False, name=None)
    zero = np.array([zero_ms.get(source, math.nan) for source in sources], float)
    return spans.assign(begin_ms=epoch_ms(spans[BEGIN]) - zero, end_ms=epoch_ms(spans[END]) - zero)


def cameras(log: pd.DataFrame) -> pd.DataFrame:
    """Return CAMERA_KEYS, without absent values, and `live` of each source that has delivered frames.

    Logs before version 4 do not say which sources were live: those that do not name an existing file count as such.
    """
    rows = log[log["event"].isin(["seen", "empty", "frames"]) & log["source"].notna()]
    found = rows[[*CAMERA_KEYS, "ts_origin"]].drop_duplicates(CAMERA_KEYS).astype(object).fillna("")
    # Path.is_file raises an error for a name that is too long.
    is_live = [
        origin == TimeOrigin.CLOCK or (not origin and not os.path.isfile(source))  # noqa: PTH113
        for source, origin in zip(found["source"], found["ts_origin"], strict=True)
    ]
    return found[CAMERA_KEYS].assign(live=np.array(is_live, bool))


def zero_times(log: pd.DataFrame) -> dict[tuple[str, ...], float]:
    """Return the UTC time of t_ms 0 of each camera, in milliseconds since 1970."""
    rows = log[log["source"].notna() & log["t_ms"].notna()]
    zero = epoch_ms(rows["ts_utc"]) - np.rint(rows["t_ms"].to_numpy(float))
    # A row about a source that has not opened yet has the session's time.
    is_certain = rows["event"].isin(["seen", "empty", "frames", "enter", "exit"]).to_numpy(bool)
    found = rows[CAMERA_KEYS].assign(zero=zero, certain=is_certain).drop_duplicates([*CAMERA_KEYS, "certain"])
    firsts = found.sort_values("certain", ascending=False, kind="stable").drop_duplicates(CAMERA_KEYS)
    firsts = firsts.astype(dict.fromkeys(CAMERA_KEYS, object)).fillna("")
    return {row[:-1]: float(row[-1]) for row in firsts[[*CAMERA_KEYS, "zero"]].itertuples(index=False, name=None)}


def find_timelines(log: pd.DataFrame, paths: Sequence[Path]) -> list[MediaTimeline]:
    """Return the timelines of the sessions of a log: those of their recordings, else of their files and their live sources.

    Args:
        log: Rows from `read_log`.
        paths: The files of the log, next to which the JSON of each session is.
    """
    files = {session_id_of(path): path for path in paths if SESSION_ID.fullmatch(session_id_of(path))}
    zero_ms, every_camera = zero_times(log), cameras(log)
    found: list[MediaTimeline] = []
    for session, started in log.groupby("session_id", observed=True, sort=True)["ts_utc"].min().items():
        session_id, started_at_utc = str(session), started.to_pydatetime()
        details = read_details(files[session_id]) if session_id in files else {}
        own = every_camera[every_camera["session_id"] == session_id]
        found += _recorded(session_id, details, started_at_utc) or _sources(session_id, own, started_at_utc, zero_ms)
    return found


def _recorded(session_id: str, details: Mapping[str, Any], started_at_utc: datetime) -> list[MediaTimeline]:
    """Return the timelines of the videos that a session has recorded, from its JSON."""
    videos = details.get("recordings")
    found: dict[Path, MediaTimeline] = {}
    for video in videos if isinstance(videos, list) else ():
        # A damaged JSON costs the recordings that are damaged.
        with suppress(KeyError, TypeError, ValueError, OverflowError, AttributeError):
            parts = tuple(map(_part, video["parts"]))
            path = _video_path(video["path"])
            camera = str(video["source"]), str(video["camera_id"])
            if parts:
                # A later recording to the same path has replaced the file.
                found[path] = MediaTimeline(session_id, path.stem, path, camera, started_at_utc, parts)
    return list(found.values())


def _video_path(text: str) -> Path:
    """Return the path of a video. ValueError if no file can have it."""
    path = Path(text)
    if path.name in ("", "..") or b"\0" in os.fsencode(path):
        raise ValueError(f"{text!r} is not the path of a file")
    return path


def _part(numbers: Any) -> TimelinePart:
    """Return a part of a recording. One without an end was being written when the session was killed. ValueError if damaged."""
    begin_ms, end_ms, position_ms = numbers
    part = TimelinePart(float(begin_ms), math.inf if end_ms is None else float(end_ms), float(position_ms))
    if not (0 <= part.begin_ms <= part.end_ms and part.begin_ms < _MAX_MS and 0 <= part.position_ms < _MAX_MS):
        raise ValueError(f"{numbers} is not a part of a recording")
    return part


def _sources(
    session_id: str, own: pd.DataFrame, started_at_utc: datetime, zero_ms: Mapping[tuple[str, ...], float]
) -> list[MediaTimeline]:
    """Return the timeline of each file of a session, and one of its live sources."""
    found = []
    for source, camera_id in own.loc[~own["live"], CAMERA_KEYS[1:]].itertuples(index=False, name=None):
        path = Path(source)
        is_video = "://" not in source and not os.path.isdir(source)  # noqa: PTH112
        began_at_utc, zero = started_at_utc, zero_ms.get((session_id, source, camera_id), math.inf)
        if abs(zero) < _MAX_UTC_MS:
            began_at_utc = pd.Timestamp(zero, unit="ms", tz="UTC").to_pydatetime()
        name, video = (path.stem, path) if is_video else (session_id, None)
        found.append(MediaTimeline(session_id, name, video, (source, camera_id), began_at_utc))
    if own["live"].any() or not found:
        found.append(MediaTimeline(session_id, session_id, None, None, started_at_utc))
    return found
