"""Charts as pictures, by matplotlib: for paper, for readers without scripts, and for reports that are no page."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from facecam.report.colours import colours
from facecam.report.parts import Bars, Chart, Heat, Lines, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH_IN = 9.0
_OTHER_SCRIPTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Droid Sans Fallback", "WenQuanYi Zen Hei", "Noto Sans Arabic", "Arial")
_LETTERS = 26


def svg(chart: Chart) -> str:
    """The chart as an SVG document with a transparent background; texts stay texts, in whatever font the reader has."""
    with _quiet() as figure_of:
        figure = figure_of((_WIDTH_IN, _height_in(chart)))
        _draw(chart, figure.subplots(), title=False)
        out = io.StringIO()
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return out.getvalue()


def picture(charts: Sequence[Chart]) -> bytes:
    """All charts below each other as one PNG."""
    heights = [_height_in(chart) for chart in charts]
    with _quiet() as figure_of:
        figure = figure_of((_WIDTH_IN, sum(heights)))
        panels = figure.subplots(len(charts), 1, squeeze=False, height_ratios=heights)
        for chart, axes in zip(charts, panels[:, 0], strict=True):
            _draw(chart, axes, title=True)
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=110)
    return out.getvalue()


@contextmanager
def _quiet() -> Iterator[Any]:
    """Gives what makes a figure without a window; letters that no font has become boxes, which is not worth a warning."""
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    there = set(font_manager.get_font_names())
    fonts = ["DejaVu Sans", *(name for name in _OTHER_SCRIPTS if name in there)]

    def figure_of(size_in: tuple[float, float]) -> Figure:
        figure = Figure(figsize=size_in, layout="constrained")
        FigureCanvasAgg(figure)
        return figure

    with warnings.catch_warnings(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "facecam", "font.sans-serif": fonts}):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support .* natively")
        yield figure_of


def _height_in(chart: Chart) -> float:
    match chart.body:
        case Timeline(rows=rows):
            return 1.2 + 0.26 * max(len(rows), 2)
        case Bars(places=places) if chart.body.lying:
            return 1.5 + 0.26 * max(len(places), 2)
        case _:
            return 3.2


def _draw(chart: Chart, axes: Axes, *, title: bool) -> None:
    match chart.body:
        case Timeline() as body:
            _timeline(body, axes)
        case Lines() as body:
            _lines(body, axes)
        case Bars() as body:
            _bars(body, axes)
        case Heat() as body:
            _heat(body, axes)
    axes.spines[["top", "right"]].set_visible(False)
    if title:
        axes.set_title(chart.title, loc="left", fontweight="bold", pad=22 if axes.get_legend() else None)


def _timeline(body: Timeline, axes: Axes) -> None:
    from matplotlib.dates import date2num

    colour = list(colours(body.rows, fixed=False).values())
    begin, end = (date2num(times) for times in (body.begin, body.end))  # type: ignore[no-untyped-call]
    for row in range(len(body.rows)):
        mine = body.row == row
        bars = list(zip(begin[mine], (end - begin)[mine], strict=True))
        axes.broken_barh(bars, (row - 0.33, 0.66), color=colour[row], linewidth=0.8)
    _name(axes, body.rows)
    _time_axis(axes)


def _lines(body: Lines, axes: Axes) -> None:
    for name, colour in colours(body.lines, fixed=False).items():
        axes.plot(body.x, body.lines[name], color=colour, linewidth=1.4, marker=".", markersize=3, label=_label(name))
    axes.set_ylabel(body.y_label)
    axes.set_ylim(*(body.y_range or (0, None)))
    axes.grid(axis="y", alpha=0.3)
    _time_axis(axes)
    _legend(axes)


def _bars(body: Bars, axes: Axes) -> None:
    at = np.arange(len(body.places)) if body.lying else body.places
    below = np.zeros(len(at))
    for name, colour in colours(body.parts, fixed=True).items():
        values = np.nan_to_num(body.parts[name])
        if body.lying:
            axes.barh(at, values, left=below, color=colour, label=_label(name), height=0.7)
        else:
            width: Any = np.timedelta64(int(body.width), "ms") if at.dtype.kind == "M" else body.width
            axes.bar(at, values, bottom=below, width=width, align="edge", color=colour, label=_label(name))
        below = below + values
    if body.lying:
        _name(axes, [str(name) for name in body.places])
        axes.set(xlabel=body.value_label, ylabel=body.place_label)
    else:
        axes.set(xlabel=body.place_label, ylabel=body.value_label)
        if at.dtype.kind == "M":
            _time_axis(axes)
    for name, mark in (body.marks or {}).items():
        axes.axvline(mark, color="#555555", linestyle="--", label=f"{name} {mark:.3f}")
    _legend(axes)


def _heat(body: Heat, axes: Axes) -> None:
    drawn = axes.pcolormesh(body.values, cmap="Blues", vmin=0, edgecolors="white", linewidth=1)
    axes.set_xticks(np.arange(len(body.columns)) + 0.5, body.columns, fontsize="small")
    axes.set_yticks(np.arange(len(body.rows)) + 0.5, body.rows)
    axes.invert_yaxis()
    axes.set_xlabel("hour")
    axes.figure.colorbar(drawn, ax=axes, label=body.unit)


def _name(axes: Axes, names: Sequence[str]) -> None:
    cut = [name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…" for name in names]
    axes.set_yticks(range(len(names)), cut)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # a name may hold two dollar signs
    axes.set_ylim(len(names) - 0.5, -0.5)


def _label(name: str) -> str:
    """A name that begins with `_` would be left out of the legend."""
    return "\u200b" + name if name.startswith("_") else name


def _legend(axes: Axes) -> None:
    if len(axes.get_legend_handles_labels()[1]) < 2:
        return
    legend = axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=7, frameon=False, fontsize="small", borderaxespad=0)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _time_axis(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
