"""From logs to a written report."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from facecam.errors import LogError
from facecam.fileio import write_atomic
from facecam.report import sections
from facecam.report.facts import ReportFacts, read_facts
from facecam.report.formats import Format
from facecam.report.parts import Report, Section

EMPTY = "The log is empty: nothing was seen, and nothing happened."


def make_report(logs: Sequence[str | os.PathLike[str]]) -> Report:
    """Everything that a report says. LogError for what is no log."""
    facts = read_facts(logs)
    now = datetime.now().astimezone()
    made = f"{now:%Y-%m-%d %H:%M}. All times are this machine's local time, {now:%Z} (UTC{now:%z}) today."
    return Report(_title(logs), made, _sections(facts))


def write_report(logs: Sequence[str | os.PathLike[str]], path: Path, kind: Format) -> None:
    """Write the report of these logs, files or folders, whole or not at all. LogError when that cannot be."""
    report = make_report(logs)
    try:
        if kind is Format.HTML:
            from facecam.report.page import page

            write_atomic(path, page(report).encode("utf-8", "backslashreplace"))
        elif kind is Format.MD:
            from facecam.report.charts import picture
            from facecam.report.page import markdown

            beside = path.with_suffix(".png")
            if drawn := report.charts:
                write_atomic(beside, picture(drawn))
            write_atomic(path, markdown(report, beside.name if drawn else None).encode("utf-8", "backslashreplace"))
        else:
            from facecam.report.charts import picture

            if not report.charts:
                raise LogError(f"there is nothing to draw in {_title(logs)}; --format md says in words why")
            write_atomic(path, picture(report.charts))
    except OSError as error:
        raise LogError(f"the report {path} cannot be written: {error.strerror or error}; name another place with -o") from error


def _sections(facts: ReportFacts) -> tuple[Section, ...]:
    if facts.log.empty:
        return (Section("summary", "Summary", (EMPTY,)), sections.quality(facts))
    made = (
        sections.summary(facts),
        sections.who(facts),
        sections.hours(facts),
        sections.expressions(facts),
        sections.decisions(facts),
        sections.strangers(facts),
        sections.objects(facts),
        sections.speed(facts),
        sections.quality(facts),
    )
    return tuple(section for section in made if section is not None)


def _title(logs: Sequence[str | os.PathLike[str]]) -> str:
    names = [Path(log).resolve().name for log in logs]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
