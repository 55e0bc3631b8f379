"""UTC times as clocks on the wall show them: on this machine, or in a named time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from facecam.errors import LogError
from facecam.logbook.answers.spans import PIECE_MS, epoch_ms


def local_times(times_utc: pd.Series[Any], zone: str | None = None) -> pd.Series[Any]:
    """The times without a zone, as the machine's clock shows them, or one in the zone ("Europe/Berlin"). LogError for no zone.

    The machine is asked once per quarter of an hour, since only it knows its own rules for summer time.
    """
    now = epoch_ms(times_utc.dropna())
    quarters, place = np.unique(now // PIECE_MS, return_inverse=True)
    wall = _zone(zone)
    offsets_ms = [_offset_ms(int(quarter) * PIECE_MS, wall) for quarter in quarters]
    shown = now + np.array(offsets_ms, np.int64)[place] if len(now) else now
    found = pd.Series(shown.astype("datetime64[ms]"), index=times_utc.dropna().index, name=times_utc.name)
    return found.reindex(times_utc.index)


def _offset_ms(at_ms: int, wall: ZoneInfo | None) -> int:
    offset = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(wall).utcoffset()
    assert offset is not None
    return round(offset.total_seconds() * 1000)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise LogError(f"there is no time zone {name!r}; name one like Europe/Berlin, or none for this machine's") from error
