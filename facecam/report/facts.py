"""Data that the sections of a report share: the log, read once, and the results of queries on it."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from facecam.logbook import queries
from facecam.logbook.queries import local_times
from facecam.logbook.reader import LogWarning, read_log
from facecam.types import EXPRESSIONS

COLUMNS = (
    *("session_id", "ts_utc", "frame_index", "source", "camera_id", "mode", "event", "message", "track_id", "w", "gate"),
    *("embedded", "nearest_name", "distance_l2", "margin_l2", "threshold_l2", "sighting_decision", "decision", "reason", "name"),
    *(f"p_{name}" for name in EXPRESSIONS),
    *("valence", "label_1", "label_1_id", "p_1", "total_ms", "dropped_frames"),
    *("embed_model", "expression_model", "gallery_revision"),
)

MAX_BINS = 120
_STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800)


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """End of a session: whether it was orderly, and the number of rows that never reached the disk."""

    session_id: str
    ended: bool
    rows_lost: int


@dataclass(frozen=True, slots=True, eq=False)
class ReportFacts:
    """The log, with a column `local` of local times, and the results of queries as in `df.facecam`."""

    log: pd.DataFrame
    presence: pd.DataFrame
    visits: pd.DataFrame
    unknown: pd.DataFrame
    warnings: tuple[str, ...]
    session_ends: tuple[SessionEnd, ...]

    @property
    def faces(self) -> pd.DataFrame:
        return self.log[(self.log["event"] == "seen") & (self.log["mode"] == "faces")]

    @property
    def step_ms(self) -> int:
        """Return the bin width of charts over time: the shortest round duration that gives at most MAX_BINS bins."""
        local = self.log["local"]
        span_s = (local.max() - local.min()).total_seconds() if local.notna().any() else 0.0
        weeks_s = int(np.ceil(span_s / MAX_BINS / _STEPS_S[-1])) * _STEPS_S[-1]
        return 1000 * next((step for step in _STEPS_S if span_s / step <= MAX_BINS), weeks_s)

    def bins(self, rows: pd.DataFrame) -> pd.Series[Any]:
        """Return the start of each row's bin, in local time."""
        # Bins of days begin at midnight, bins of weeks on Monday; 1970 began on a Thursday.
        monday_ms = 4 * 86_400_000
        step_ms = self.step_ms
        at_ms = rows["local"].astype("datetime64[ms]").astype("int64") - monday_ms
        return (at_ms // step_ms * step_ms + monday_ms).astype("datetime64[ms]")

    def at_every_bin(self, figures: pd.DataFrame) -> pd.DataFrame:
        """Return figures indexed by bin with empty rows for missing bins, so that a line has gaps there."""
        step = pd.Timedelta(self.step_ms, "ms")
        return figures.reindex(pd.date_range(figures.index.min(), figures.index.max(), freq=step, unit="ms"))


def read_facts(logs: Sequence[str | os.PathLike[str]]) -> ReportFacts:
    """Read logs (files or folders) and run the queries that several sections need. LogError as from `read_log`."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", LogWarning)
        log = read_log(logs, columns=COLUMNS)
    log = log.assign(local=local_times(log["ts_utc"]))
    presence = queries.presence(log)
    return ReportFacts(
        log=log,
        presence=presence,
        visits=queries.visits(presence),
        unknown=queries.unknown_visits(log),
        warnings=tuple(str(warning.message) for warning in caught if issubclass(warning.category, LogWarning)),
        session_ends=_session_ends(logs),
    )


def _session_ends(logs: Sequence[str | os.PathLike[str]]) -> tuple[SessionEnd, ...]:
    """Return the session ends in the session files of the logs, as far as they exist."""
    found: dict[str, SessionEnd] = {}
    for path in map(Path, logs):
        for details in path.rglob("*.json") if path.is_dir() else [path.with_name(path.name.partition(".")[0] + ".json")]:
            try:
                content = json.loads(details.read_text(encoding="utf-8"))
                name = str(content["session_id"])
                found[name] = SessionEnd(name, content["ended_at_utc"] is not None, int(content["rows_lost"]))
            except (OSError, ValueError, KeyError, TypeError):
                continue
    return tuple(found[name] for name in sorted(found))
