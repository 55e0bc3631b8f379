"""Building a report from logs and writing it as HTML, Markdown or PNG."""

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

EMPTY = "The log is empty: no frames and no events were recorded."


def make_report(logs: Sequence[str | os.PathLike[str]]) -> Report:
    """Return the report of these logs, files or folders. LogError for a file that is not a log."""
    facts = read_facts(logs)
    now = datetime.now().astimezone()
    made = f"{now:%Y-%m-%d %H:%M}. All times are this machine's local time, {now:%Z} (UTC{now:%z}) today."
    return Report(_title(logs), made, _sections(facts))


def write_report(logs: Sequence[str | os.PathLike[str]], path: Path, kind: Format) -> None:
    """Write the report of these logs, files or folders, atomically. LogError when a log cannot be read or the file written."""
    report = make_report(logs)
    if kind is Format.PNG and not report.charts:
        raise LogError(f"{_title(logs)} has nothing to draw; --format md explains why")
    try:
        if kind is Format.HTML:
            from facecam.report.page import page

            write_atomic(path, page(report).encode("utf-8", "backslashreplace"))
            return
        from facecam.report.charts import png
        from facecam.report.page import markdown

        image = path.with_suffix(".png") if kind is Format.MD else path
        if report.charts:
            write_atomic(image, png(report.charts))
        if kind is Format.MD:
            text = markdown(report, image.name if report.charts else None)
            write_atomic(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise LogError(f"the report {path} cannot be written: {error.strerror or error}; choose another path with -o") from error


def _sections(facts: ReportFacts) -> tuple[Section, ...]:
    if facts.log.empty:
        return (Section("summary", "Summary", (EMPTY,)), sections.quality(facts))
    built = (
        sections.summary(facts),
        sections.presence(facts),
        sections.hours(facts),
        sections.expressions(facts),
        sections.decisions(facts),
        sections.unknown_visitors(facts),
        sections.objects(facts),
        sections.speed(facts),
        sections.quality(facts),
    )
    return tuple(section for section in built if section is not None)


def _title(logs: Sequence[str | os.PathLike[str]]) -> str:
    names = [Path(log).resolve().name for log in logs]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
