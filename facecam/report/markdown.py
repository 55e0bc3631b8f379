"""A report as Markdown, for notes and wikis; its charts are one picture beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from facecam.report.parts import Report, Table
from facecam.report.tables import shown

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&-])")


def markdown(report: Report, picture: str | None) -> str:
    """The report's sentences and tables, and a link to the picture by its file's name."""
    lines = [f"# What the log says: {escaped(report.title)}", "", f"Made {report.made}", ""]
    if picture:
        lines += [f"![The charts of this report]({quote(picture)})", ""]
    for section in report.sections:
        lines += [f"## {section.title}", ""]
        for sentence in section.sentences:
            lines += [escaped(sentence), ""]
        for table in section.tables:
            lines += [f"### {table.title}", "", *_table(table), ""]
    return "\n".join(lines)


def _table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(column.head for column in table.columns) + " |"
    yield "|" + "|".join("---" if column.unit in ("text", "time") else "---:" for column in table.columns) + "|"
    for row in table.rows:
        yield "| " + " | ".join(escaped(shown(value, column)) for value, column in zip(row, table.columns, strict=True)) + " |"
    if table.of_rows > len(table.rows):
        yield f"\nThe first {len(table.rows)} of {table.of_rows:,} rows."


def escaped(text: str) -> str:
    """The text so that Markdown shows it as it is, on one line."""
    plain = " ".join(text.split())
    return _SPECIAL.sub(r"\\\1", plain) if _SPECIAL.search(plain) else plain
