"""Logs of earlier versions, made from logs of this one."""

from __future__ import annotations

import csv
from pathlib import Path

from facecam.logbook.schema import NAMES, csv_line

LAST_COLUMNS = {2: "follow", 3: "threshold_limit_l2"}


def rewrite(log: Path, version: int) -> None:
    """Turn a log into one of version 2 or 3: without the columns and events of later versions."""
    count = NAMES.index(LAST_COLUMNS[version]) + 1
    with log.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["event"] not in ("frames", "marker")]
    lines = [csv_line([str(version), *list(row.values())[1:count]]) for row in rows]
    log.write_text(csv_line(NAMES[:count]) + "".join(lines), encoding="utf-8", newline="")
