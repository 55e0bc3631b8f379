"""Building a report from logs, and writing it as one self-contained HTML page, as Markdown or as an image of its charts.

The page includes data, scripts and images; its content security policy forbids connections and other scripts.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from facecam.errors import LogError, OutputError
from facecam.fileio import write_output
from facecam.messages import TranslatableText, visible
from facecam.report import Format, sections
from facecam.report.charts import plotly_figure, png, svg
from facecam.report.parts import Chart, Report, Section, Table, TableColumn, format_value, read_facts, sort_value

_HERE = Path(__file__).parent
_LONG_TEXT = 40
_NUMBERS = ("count", "number", "share", "seconds")
_SAVE = {"en": "Save as CSV", "de": "Als CSV speichern"}
_FOOTERS = {
    "en": (
        "Made by facecam on this machine. The page is self-contained and makes no network requests. A name is an estimate with "
        "a distance. Do not base decisions about people on it."
    ),
    "de": (
        "Von facecam auf diesem Rechner erstellt. Die Seite enthält alles und ruft nichts aus dem Netz ab. Ein Name ist eine "
        "Schätzung mit einem Abstand: Prüfen Sie ihn, bevor Sie daraus etwas über einen Menschen ableiten."
    ),
}
_FOOTER_WITH_EXPRESSIONS = (
    "Made by facecam on this machine. The page is self-contained and makes no network requests. A name is an estimate with "
    "a distance, and an expression describes how a face looks, not what the person feels. Do not base decisions about people "
    "on either."
)
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&-])")


def page(report: Report) -> str:
    """Return the report as HTML. Texts of the log are escaped for HTML, for JSON within HTML, and for plotly."""
    has_expressions = any(section.key == "expressions" for section in report.sections)
    plotly, script = plotly_js() if report.charts else "", _read_file("page.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
        f"script-src {_script_hash(plotly)} {_script_hash(script)}"
    )
    return Template(_read_file("page.html")).substitute(
        policy=policy,
        language=report.language,
        heading=_escaped(report.heading),
        title=_escaped(report.title),
        made=_escaped(report.made),
        footer=_FOOTER_WITH_EXPRESSIONS if has_expressions else _FOOTERS[report.language],
        style=_read_file("page.css"),
        nav=" ".join(f'<a href="#{section.key}">{_escaped(section.title)}</a>' for section in report.sections),
        sections="\n".join(_section(section, report.language) for section in report.sections),
        charts=_json({chart.key: plotly_figure(chart) for chart in report.charts}),
        plotly=plotly,
        script=script,
    )


def plotly_js() -> str:
    """Return the script in plotly's Python package, read as a file because importing the package takes a third of a second."""
    from importlib.util import find_spec

    found = find_spec("plotly")
    assert found is not None
    assert found.origin is not None
    text = Path(found.origin).with_name("package_data").joinpath("plotly.min.js").read_text(encoding="utf-8")
    assert "</script" not in text.lower()
    return text


def _read_file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _escaped(text: str) -> str:
    """Return the text escaped for HTML, with control and invisible characters as escapes."""
    return html.escape(visible(text))


def _script_hash(script: str) -> str:
    """Return the policy's entry for a script that may run, so that no text in the log can run as one."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _json(value: Any) -> str:
    """Return JSON that is safe in a page, without `<`, which could end the script."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _section(section: Section, language: str) -> str:
    parts = [f"<p>{_escaped(text)}</p>" for text in section.sentences]
    parts += [_chart(chart) for chart in section.charts]
    parts += [_table(table, language) for table in section.tables]
    body = "\n".join(parts)
    return f'<section id="{section.key}">\n<h2>{_escaped(section.title)}</h2>\n{body}\n</section>'


def _chart(chart: Chart) -> str:
    title, key = _escaped(chart.title), chart.key
    note = f'<p class="muted">{_escaped(chart.note)}</p>' if chart.note else ""
    image = base64.b64encode(svg(chart).encode()).decode()
    return (
        f'<div class="chart"><h3>{title}</h3>{note}<div class="plot" id="plot-{key}" role="img" aria-label="{title}"></div>'
        f'<div class="still" id="still-{key}"><img alt="{title}" src="data:image/svg+xml;base64,{image}"></div></div>'
    )


def _table(table: Table, language: str) -> str:
    heads = "".join(
        f"<th{_class(column, '')} scope=col><button type=button>{_escaped(column.head)}</button></th>" for column in table.columns
    )
    rows = "\n".join(f"<tr>{''.join(_cells(row, table.columns, language))}</tr>" for row in table.rows)
    note = f" <span class=muted>{table.note}</span>" if table.note else ""
    tools = f'<span class="tools"><button class="csv" data-table="table-{table.key}">{_SAVE[language]}</button></span>'
    return (
        f'<div class="table"><div class="head"><h3>{_escaped(table.title)}</h3>{tools}</div>{note}<div class="scroll">'
        f'<table id="table-{table.key}"><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></div></div>'
    )


def _cells(row: tuple[Any, ...], columns: tuple[TableColumn, ...], language: str) -> Iterator[str]:
    for value, column in zip(row, columns, strict=True):
        text = format_value(value, column, language)
        # Sorting and CSV use the unformatted value.
        sorted_by = sort_value(value, column)
        data = "" if sorted_by == text else f' data-value="{_escaped(sorted_by)}"'
        yield f"<td{_class(column, text)}{data}>{_content(value, column, text)}</td>"


def _content(value: Any, column: TableColumn, text: str) -> str:
    escaped = _escaped(text)
    match column.unit:
        case "text":
            return f"<bdi>{escaped}</bdi>"
        case "status":
            return f'<span class="status {_escaped(value[0].replace(" ", "-"))}">{escaped}</span>'
        case "spans":
            bars = "".join(
                f'<rect x="{min(100 * b, 99.5):.3f}" width="{max(100 * (e - b), 0.5):.3f}" height="8"/>' for b, e in value
            )
            label = f'role="img" aria-label="{escaped}"'
            return f'<svg class="spans" {label} viewBox="0 0 100 8" preserveAspectRatio="none">{bars}</svg>'
        case _:
            return escaped


def _class(column: TableColumn, text: str) -> str:
    match column.unit:
        case "text" | "status":
            return ' class="long"' if len(text) > _LONG_TEXT else ""
        case "time" | "clock":
            return ' class="time"'
        case "spans":
            return ' class="wide"'
        case _:
            return ' class="number"'


def markdown(report: Report, image: str | None) -> str:
    """Return the report as Markdown: sentences, tables and a link to the image file of its charts."""
    lines = [f"# facecam report: {escape_markdown(report.title)}", "", f"{report.made[:1].upper()}{report.made[1:]}", ""]
    if image:
        lines += [f"![The charts of this report]({quote(image)})", ""]
    for section in report.sections:
        lines += [f"## {section.title}", ""]
        for sentence in section.sentences:
            lines += [escape_markdown(sentence), ""]
        for table in section.tables:
            lines += [f"### {table.title}", "", *_markdown_table(table), ""]
    return "\n".join(lines)


def _markdown_table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(column.head for column in table.columns) + " |"
    yield "|" + "|".join("---:" if column.unit in _NUMBERS else "---" for column in table.columns) + "|"
    for row in table.rows:
        yield (
            "| "
            + " | ".join(escape_markdown(format_value(value, column)) for value, column in zip(row, table.columns, strict=True))
            + " |"
        )
    if table.note:
        yield f"\n{table.note}"


def escape_markdown(text: str) -> str:
    """Return the text on one line, escaped for Markdown."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", visible(" ".join(text.split())))


EMPTY = "The log is empty: no frames and no events were recorded."


def make_report(
    logs: Sequence[str | os.PathLike[str]],
    labels: Mapping[str, str] | None = None,
    between: tuple[str, str] | None = None,
    *,
    with_expressions: bool = True,
) -> Report:
    """Return the report of these logs, files or folders.

    Args:
        logs: Log files and folders.
        labels: Only sessions with these labels.
        between: Only the rows from a marker with the first text to the next one with the second.
        with_expressions: False leaves out the expressions in the logs.

    Raises:
        LogError: A file is not a log, or no session has the labels or the marker.
    """
    facts = read_facts(logs, labels, between, with_expressions=with_expressions)
    now = datetime.now().astimezone()
    made = f"made {now:%Y-%m-%d %H:%M}. All times are this machine's local time, {now:%Z} (UTC{now:%z}) today."
    if facts.log.empty:
        parts: tuple[Section, ...] = (Section("summary", "Summary", (EMPTY,)), sections.quality(facts))
    else:
        parts = tuple(filter(None, (build(facts) for build in sections.SECTIONS)))
    title = _title(logs)
    if labels:
        title += f" ({', '.join(f'{name}={value}' for name, value in labels.items())})"
    if between:
        title += f", from {between[0]} to {between[1]}"
    return Report(title, made, parts, facts.warnings)


def write_report(
    logs: Sequence[str | os.PathLike[str]],
    path: Path,
    kind: Format,
    labels: Mapping[str, str] | None = None,
    between: tuple[str, str] | None = None,
    *,
    with_expressions: bool = True,
) -> tuple[str, ...]:
    """Write the report of these logs, files or folders, atomically, and return sentences about parts that were left out.

    `labels`, `between` and `with_expressions` as in `make_report`.

    LogError when a log cannot be read, OutputError when a file cannot be written.
    """
    report = make_report(logs, labels, between, with_expressions=with_expressions)
    if kind is Format.PNG and not report.charts:
        raise LogError("{logs} has nothing to draw; --format md explains why", logs=_title(logs))
    image = path.with_suffix(".png") if kind is Format.MD else path
    files: dict[Path, bytes] = {}
    if kind is not Format.HTML and report.charts:
        files[image] = png(report.charts)
    if kind is not Format.PNG:
        text = page(report) if kind is Format.HTML else markdown(report, image.name if report.charts else None)
        files[path] = text.encode("utf-8", "backslashreplace")
    written: list[Path] = []
    try:
        for file, data in files.items():
            is_new = not file.exists()
            write_output(file, data)
            written += [file] if is_new else []
    except OutputError:
        for file in written:
            file.unlink(missing_ok=True)
        raise
    return report.warnings


def _title(logs: Sequence[str | os.PathLike[str]]) -> str:
    first, *others = [Path(log).resolve().name for log in logs]
    return TranslatableText("{name} and {count} more", name=first, count=len(others)) if others else first
