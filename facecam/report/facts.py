"""What every section of a report starts from: the log, read once, and the answers that several sections need."""

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

BINS = 120
_STEPS_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800, 21600, 43200, 86400, 604800)


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """Whether a session came to its end, and how many rows never reached the disk."""

    session_id: str
    ended: bool
    rows_lost: int


@dataclass(frozen=True, slots=True, eq=False)
class ReportFacts:
    """`log` with a column `local`, the wall clock's time; `presence`, `visits` and `unknown` as `df.facecam` gives them."""

    log: pd.DataFrame
    presence: pd.DataFrame
    visits: pd.DataFrame
    unknown: pd.DataFrame
    warnings: tuple[str, ...]
    endings: tuple[SessionEnd, ...]

    @property
    def faces(self) -> pd.DataFrame:
        return self.log[(self.log["event"] == "seen") & (self.log["mode"] == "faces")]

    @property
    def step_ms(self) -> int:
        """How long a bar of a chart over time is: the shortest round time that makes at most BINS of them."""
        local = self.log["local"]
        span_s = (local.max() - local.min()).total_seconds() if local.notna().any() else 0.0
        return 1000 * next((step for step in _STEPS_S if span_s / step <= BINS), _rounded_week(span_s / BINS))

    def bins(self, rows: pd.DataFrame) -> pd.Series[Any]:
        """The step in which each row falls, as the local time of its beginning."""
        # Days begin at midnight, weeks on a Monday: 1970 began on a Thursday.
        monday_ms = 4 * 86_400_000
        step_ms = self.step_ms
        at_ms = rows["local"].astype("datetime64[ms]").astype("int64") - monday_ms
        return (at_ms // step_ms * step_ms + monday_ms).astype("datetime64[ms]")

    def at_every_bin(self, figures: pd.DataFrame) -> pd.DataFrame:
        """The figures, whose index are bins, with empty rows for the bins between them: a line breaks where nothing was."""
        step = pd.Timedelta(self.step_ms, "ms")
        return figures.reindex(pd.date_range(figures.index.min(), figures.index.max(), freq=step, unit="ms"))


def read_facts(logs: Sequence[str | os.PathLike[str]]) -> ReportFacts:
    """Read the logs, whole folders among them, and ask what several sections need. LogError as from `read_log`."""
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
        warnings=tuple(str(one.message) for one in caught if issubclass(one.category, LogWarning)),
        endings=_endings(logs),
    )


def _endings(logs: Sequence[str | os.PathLike[str]]) -> tuple[SessionEnd, ...]:
    """What the json beside each log says of its session's end; a log without one has none."""
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


def _rounded_week(seconds: float) -> int:
    week = _STEPS_S[-1]
    return int(np.ceil(seconds / week)) * week
