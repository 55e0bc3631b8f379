"""Logs of earlier versions, made from logs of this one."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from facecam.logbook.schema import DECISION_PARAMETERS_KEY, NAMES, csv_line

LAST_COLUMNS = {2: "follow", 3: "threshold_limit_l2", 4: "frames_span_ms"}


def rewrite(log: Path, version: int) -> None:
    """Turn a log into one of version 2 to 4: without the columns, events and decision parameters of later versions."""
    count = NAMES.index(LAST_COLUMNS[version]) + 1
    with log.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if version == 4 or row["event"] not in ("frames", "marker")]
    lines = [csv_line([str(version), *list(row.values())[1:count]]) for row in rows]
    log.write_text(csv_line(NAMES[:count]) + "".join(lines), encoding="utf-8", newline="")
    session = json.loads(log.with_suffix(".json").read_bytes())
    session.get(DECISION_PARAMETERS_KEY, {}).pop("presentation_check", None)
    log.with_suffix(".json").write_text(json.dumps(session), encoding="utf-8")
