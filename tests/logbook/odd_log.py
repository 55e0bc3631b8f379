"""A log whose texts look like numbers, dates, formulas or absent values, and its cells read with the standard library alone."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from facecam.logbook.schema import SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.types import Event, FrameCounts, Quality, SourceTime, TimeOrigin

NAMES = (
    *("007", "NA", "1e5", "=1+1", "Müller", "Ada", "'quoted'", "-5", "+49 30 1", "@home", "true", "null", "nan", "#N/A"),
    *(
        "2026-01-02",
        "1-2",
        "1,5",
        "a;b",
        'say "hi"',
        "two\nlines",
        " spaces ",
        "<r>bold</r>",
        "_x0041_",
        "=HYPERLINK(1)",
        "李小龙",
    ),
)
LABELS = {"participant": "007", "condition": "1e5", "site": "NA"}

Value = str | int | float | bool | datetime | None
Make = Callable[..., Any]


def write_odd_log(folder: Path, sighting: Make, result: Make, session: SessionInfo) -> Path:
    """Write a session with a row per name, absent numbers, both booleans, a marker and numbers of frames; return its log."""
    # Summer time in Berlin ends within the log, so that local times would not be in order.
    time = SourceTime(datetime(2026, 10, 25, 0, 59, 58, tzinfo=UTC), TimeOrigin.GIVEN)
    unmeasured = Quality(math.nan, -12.5, 0.0, sharpness=None, brightness=math.inf)
    with LogWriter(folder, replace(session, labels=LABELS)) as writer:
        for number, name in enumerate(NAMES):
            odd = (
                {"quality": unmeasured, "embedded": False, "expression": None}
                if number % 2
                else {"expression_read": number % 4 == 0}
            )
            writer.write(result(sighting(name, **odd), frame_index=number, t_ms=number * 123.456, source=name), number, time)
        writer.event(Event("marker", marker="=film begins"), 2500.0)
        writer.event(Event("frames", frames=FrameCounts(30, 25, 20, 3086.4)), 3000.0)
    return writer.path


def expected_cells(log: Path, kinds: dict[str, str]) -> list[dict[str, Value]]:
    """Return the rows of a log as values: texts without the `'` before what looks like a formula, absent cells as None."""
    with log.open(encoding="utf-8", newline="") as file:
        return [{name: value_of(cell, kinds[name]) for name, cell in row.items()} for row in csv.DictReader(file)]


def value_of(cell: str, kind: str) -> Value:
    """Return the value of a cell of the log."""
    if not cell:
        return None
    match kind:
        case "int":
            return int(cell)
        case "float":
            return float(cell)
        case "bool":
            return {"0": False, "1": True}[cell]
        case "time":
            return datetime.fromisoformat(cell)
        case _:
            return cell.removeprefix("'")
