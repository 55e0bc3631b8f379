"""A report as one HTML page that needs nothing else: data, scripts and pictures are in it, and its policy forbids connections."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from facecam.report.charts import figure, svg
from facecam.report.parts import Chart, Report, Section, Table, TableColumn, shown

_HERE = Path(__file__).parent
_LONG_TEXT = 40


def page(report: Report) -> str:
    """The whole page. Every text of the log is escaped, for HTML, for JSON within HTML, and for plotly."""
    plotly, script = plotly_js(), _part("page.js")
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; style-src 'unsafe-inline'; "
        f"script-src {_hash(plotly)} {_hash(script)}"
    )
    return Template(_part("page.html")).substitute(
        policy=policy,
        title=html.escape(report.title),
        made=html.escape(report.made),
        style=_part("page.css"),
        nav=" ".join(f'<a href="#{section.key}">{html.escape(section.title)}</a>' for section in report.sections),
        sections="\n".join(map(_section, report.sections)),
        charts=_json({chart.key: figure(chart) for chart in report.charts}),
        plotly=plotly,
        script=script,
    )


def plotly_js() -> str:
    """Plotly's script, as its Python package brings it. Read as a file: importing the package would take a third of a second."""
    from importlib.util import find_spec

    found = find_spec("plotly")
    assert found is not None
    assert found.origin is not None
    text = Path(found.origin).with_name("package_data").joinpath("plotly.min.js").read_text(encoding="utf-8")
    assert "</script" not in text.lower()
    return text


def _part(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """As a policy names a script that may run: no other one may, whatever a name in the log holds."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _json(value: Any) -> str:
    """JSON that may stand in a page: no `<`, which could end the script."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _section(section: Section) -> str:
    parts = [f"<p>{html.escape(text)}</p>" for text in section.sentences]
    parts += [_chart(chart) for chart in section.charts]
    parts += [_table_page(table) for table in section.tables]
    inside = "\n".join(parts)
    return f'<section id="{section.key}">\n<h2>{html.escape(section.title)}</h2>\n{inside}\n</section>'


def _chart(chart: Chart) -> str:
    title, key = html.escape(chart.title), chart.key
    note = f'<p class="quiet">{html.escape(chart.note)}</p>' if chart.note else ""
    still = base64.b64encode(svg(chart).encode()).decode()
    image = f'<img alt="{title}" src="data:image/svg+xml;base64,{still}">'
    return (
        f'<div class="chart"><h3>{title}</h3>{note}<div class="plot" id="plot-{key}" role="img" aria-label="{title}"></div>'
        f'<div class="still" id="still-{key}">{image}</div></div>'
    )


def _table_page(table: Table) -> str:
    heads = "".join(_head(column) for column in table.columns)
    rows = "\n".join(f"<tr>{''.join(_cells(row, table.columns))}</tr>" for row in table.rows)
    left_out = (
        f" <span class=quiet>The first {len(table.rows)} of {table.of_rows:,} rows.</span>"
        if table.of_rows > len(table.rows)
        else ""
    )
    tools = f'<span class="tools"><button class="csv" data-table="table-{table.key}">Save as CSV</button></span>'
    return (
        f'<div class="sheet"><div class="head"><h3>{html.escape(table.title)}</h3>{tools}</div>{left_out}<div class="scroll">'
        f'<table id="table-{table.key}"><thead><tr>{heads}</tr></thead><tbody>\n{rows}\n</tbody></table></div></div>'
    )


def _head(column: TableColumn) -> str:
    return f"<th{_class(column, '')} scope=col><button type=button>{html.escape(column.head)}</button></th>"


def _cells(row: tuple[Any, ...], columns: tuple[TableColumn, ...]) -> Iterator[str]:
    for value, column in zip(row, columns, strict=True):
        text = shown(value, column)
        # What sorting and CSV take, where it is not what is read.
        plain = "" if value is None or str(value) == text else f' data-value="{html.escape(str(value))}"'
        inside = f"<bdi>{html.escape(text)}</bdi>" if column.unit == "text" else html.escape(text)
        yield f"<td{_class(column, text)}{plain}>{inside}</td>"


def _class(column: TableColumn, text: str) -> str:
    if column.unit in ("text", "time"):
        return ' class="long"' if len(text) > _LONG_TEXT else ""
    return ' class="number"'


# MERGED report.markdown: A report as Markdown, for notes and wikis; its charts are one picture beside it.

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
            lines += [f"### {table.title}", "", *_table_markdown(table), ""]
    return "\n".join(lines)


def _table_markdown(table: Table) -> Iterator[str]:
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
