"""Report of a run: rows, and the table, Markdown, JSON and plot made of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.interleaved import Summary

if TYPE_CHECKING:
    from rich.table import Table

OURS = "facecam"
_COLUMNS = ("what", "median", "p10 to p90", "times as fast", "remark")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table. `value` is a median in `unit`, or None with the reason as `remark`.

    `times_as_fast` compares with the row of the same case whose `is_reference` is set.
    """

    part: str
    case: str
    name: str
    value: float | None = None
    p10: float | None = None
    p90: float | None = None
    unit: str = "ms"
    times_as_fast: float | None = None
    is_reference: bool = False
    remark: str = ""


def rows(
    part: str, case: str, summaries: Mapping[str, Summary], reference: str | None, remarks: Mapping[str, str] | None = None
) -> list[Row]:
    """Return a row for each contestant of a case, in the order of their turns."""
    remark_by_name = remarks or {}
    return [
        Row(
            part,
            case,
            name,
            s.median_ms,
            s.p10_ms,
            s.p90_ms,
            "ms",
            s.times_as_fast,
            name == reference,
            remark_by_name.get(name, ""),
        )
        for name, s in summaries.items()
    ]


def table(measured: Iterable[Row], title: str) -> Table:
    """Return one table of all rows, with a section for each case."""
    from rich.table import Table

    made = Table(*_COLUMNS, title=title, title_justify="left", pad_edge=False)
    for (part, case), group in groupby(measured, key=lambda row: (row.part, row.case)):
        made.add_section()
        made.add_row(f"[bold]{part}[/]  {case}")
        for row in group:
            made.add_row(*_cells(row))
    return made


def markdown(measured: Sequence[Row], machine: Mapping[str, Any]) -> str:
    """Return the machine's description and one Markdown table for each part."""
    lines = [f"- {name}: {_plain(value)}" for name, value in machine.items()]
    for part, group in groupby(measured, key=lambda row: row.part):
        lines += ["", f"### {part}", "", f"| case | {' | '.join(_COLUMNS)} |", "|---" * (len(_COLUMNS) + 1) + "|"]
        lines += [f"| {row.case} | {' | '.join(_cells(row))} |" for row in group]
    return "\n".join(lines) + "\n"


def write(measured: Sequence[Row], machine: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write results.json, results.md and results.png to `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"results.{ending}" for ending in ("json", "md", "png")]
    whole = {"machine": dict(machine), "rows": [asdict(row) for row in measured]}
    written[0].write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    written[1].write_text(markdown(measured, machine), encoding="utf-8")
    plot(measured, written[2], _plain(machine.get("processor", "")))
    return [path for path in written if path.is_file()]


def plot(measured: Sequence[Row], path: Path, machine: str) -> None:
    """Plot a panel for each case that compares times, on a logarithmic axis, facecam in color; no file without any."""
    timed = [row for row in measured if row.value and row.unit == "ms"]
    grouped = [(key, list(group)) for key, group in groupby(timed, key=lambda row: (row.part, row.case))]
    panels = [(key, group) for key, group in grouped if len(group) > 1]
    if not panels:
        return
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(len(panels), 2)
    lines = -(-len(panels) // columns)
    tallest = max(len(group) for _, group in panels)
    figure = Figure(figsize=(7.5 * columns, lines * (0.3 * tallest + 0.8) + 0.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis, ((part, case), group) in zip(axes, panels, strict=False):
        _panel(axis, group, f"{part}: {case}")
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    figure.suptitle(f"Milliseconds, median with p10 to p90; further left is faster. {machine}", fontsize=11)
    figure.savefig(path, dpi=110)


def _panel(axis: Any, group: Sequence[Row], title: str) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    for place, row in enumerate(group):
        value = row.value or 0.0
        low, high = row.p10 or value, row.p90 or value
        color = "#1f6f8b" if row.name.startswith(OURS) else "#8a8a8a"
        axis.plot([low, high], [place, place], color=color, linewidth=3, alpha=0.4, solid_capstyle="round")
        axis.plot(value, place, "o", color=color, markersize=6)
        axis.annotate(_number(value), (high, place), (8, 0), textcoords="offset points", va="center", fontsize=8)
    axis.set_yticks(range(len(group)), [row.name for row in group], fontsize=8)
    axis.set_ylim(len(group) - 0.5, -0.5)
    axis.set_xscale("log")
    values = [row.value or 0.0 for row in group]
    axis.set_xlim(min(values) / 2, max(row.p90 or row.value or 0.0 for row in group) * 2)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.tick_params(axis="x", labelsize=8)
    axis.grid(axis="x", which="both", color="#e6e6e6", linewidth=0.7)
    axis.set_axisbelow(True)
    axis.set_title(title, fontsize=9, loc="left")
    axis.spines[["top", "right"]].set_visible(False)


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    value = "-" if row.value is None else f"{_number(row.value)} {row.unit}"
    spread = "" if row.p10 is None or row.p90 is None else f"{_number(row.p10)} to {_number(row.p90)}"
    ratio = "reference" if row.is_reference else "" if row.times_as_fast is None else f"{row.times_as_fast:.3g}"
    return row.name, value, spread, ratio, row.remark


def _number(value: float) -> str:
    """Format with three significant digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _plain(value: Any) -> str:
    return ", ".join(f"{key} {text}" for key, text in value.items()) if isinstance(value, Mapping) else str(value)
