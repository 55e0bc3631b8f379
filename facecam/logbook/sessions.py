"""Which sessions a folder holds, from the small json beside each log: no log is read."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from facecam.logbook.part import session_of
from facecam.logbook.rows import SESSION_ID


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session. `ended_at_utc` and `rows` are None while it runs, and for one that was killed; `path` is the log's first part,
    `size_bytes` that of all.
    """

    session_id: str
    path: Path
    source: str
    started_at_utc: datetime
    ended_at_utc: datetime | None
    rows: int | None
    rows_lost: int
    size_bytes: int


def sessions_below(folder: Path) -> list[SessionSummary]:
    """The sessions whose logs lie below the folder, oldest first. A json that is no session's is passed over."""
    found: list[SessionSummary] = []
    for place, _, names in os.walk(folder):
        logs: dict[str, list[Path]] = {}
        for name in names:
            if name.endswith(".csv"):
                logs.setdefault(session_of(Path(name)), []).append(Path(place, name))
        details = [Path(place, name) for name in names if name.endswith(".json") and SESSION_ID.fullmatch(name[: -len(".json")])]
        found += [summary for path in details if (summary := _summary(path, logs.get(path.stem, []))) is not None]
    return sorted(found, key=lambda summary: summary.session_id)


def _summary(details: Path, parts: list[Path]) -> SessionSummary | None:
    log = details.with_suffix(".csv")
    if log not in parts:
        return None
    try:
        content = json.loads(details.read_text(encoding="utf-8"))
        ended = content["ended_at_utc"]
        return SessionSummary(
            session_id=details.stem,
            path=log,
            source=str(content.get("source", "")),
            started_at_utc=datetime.fromisoformat(content["started_at_utc"]),
            ended_at_utc=datetime.fromisoformat(ended) if ended else None,
            rows=int(content["rows"]) if ended else None,
            rows_lost=int(content["rows_lost"]),
            size_bytes=sum(part.stat().st_size for part in parts),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
