"""Which sessions a folder holds, from the small json beside each log: no log is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from facecam.logbook.rows import SESSION_ID


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session. `ended_at_utc` and `rows` are None while it runs, and for one that was killed; `size_bytes` is the log's."""

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
    found = [summary for path in folder.rglob("*.json") if SESSION_ID.fullmatch(path.stem) and (summary := _summary(path))]
    return sorted(found, key=lambda summary: summary.session_id)


def _summary(details: Path) -> SessionSummary | None:
    log = details.with_suffix(".csv")
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
            size_bytes=log.stat().st_size,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
