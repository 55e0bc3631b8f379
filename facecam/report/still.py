"""Charts as pictures, by matplotlib: for paper, for readers without scripts, and for reports that are no page."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from facecam.report.colours import colours
from facecam.report.parts import Array, Bars, Chart, Heat, Lines, Timeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_IN = 9.0
_OTHER_SCRIPTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Droid Sans Fallback", "WenQuanYi Zen Hei", "Noto Sans Arabic", "Arial")
_LETTERS = 26


def svg(chart: Chart) -> str:
    """The chart as an SVG document with a transparent background; texts stay texts, in whatever font the reader has."""
    with _quiet():
        out = io.StringIO()
        _figure([chart], titles=False).savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return out.getvalue()


def picture(charts: Sequence[Chart]) -> bytes:
    """All charts below each other as one PNG."""
    with _quiet():
        out = io.BytesIO()
        _figure(charts, titles=True).savefig(out, format="png", dpi=110)
    return out.getvalue()


def _figure(charts: Sequence[Chart], *, titles: bool) -> Figure:
    """The charts below each other. Room for labels is guessed by counting letters: to measure it, all would be drawn twice."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    above_in, below_in, right_in = (0.8 if titles else 0.5), 0.55, 0.15
    heights_in = [above_in + _inside_in(chart) + below_in for chart in charts]
    whole_in = sum(heights_in)
    figure = Figure(figsize=(_WIDTH_IN, whole_in))
    FigureCanvasAgg(figure)
    bottom_in = whole_in
    for chart, height_in in zip(charts, heights_in, strict=True):
        bottom_in -= height_in
        left_in = max(0.75, 0.3 + 0.085 * max(map(len, _names(chart)), default=0))
        width = (_WIDTH_IN - left_in - right_in) / _WIDTH_IN
        place = (left_in / _WIDTH_IN, (bottom_in + below_in) / whole_in, width, _inside_in(chart) / whole_in)
        axes = figure.add_axes(place)
        _draw(chart, axes)
        if titles:
            axes.set_title(chart.title, loc="left", fontweight="bold", pad=34 if axes.get_legend() else None)
    return figure


@contextmanager
def _quiet() -> Iterator[None]:
    """Texts in the fonts that are there; letters that no font has become boxes, which is not worth a warning."""
    import matplotlib as mpl
    from matplotlib import font_manager

    there = set(font_manager.get_font_names())
    fonts = ["DejaVu Sans", *(name for name in _OTHER_SCRIPTS if name in there)]
    with warnings.catch_warnings(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "facecam", "font.sans-serif": fonts}):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support .* natively")
        yield


def _inside_in(chart: Chart) -> float:
    """How high what is within the axes is, in inches."""
    names = _names(chart)
    return 0.26 * max(len(names), 2) if names else 2.1


def _draw(chart: Chart, axes: Axes) -> None:
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
            _upright(axes, body, (below, below + values), color=colour, label=_label(name))
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


def _upright(axes: Axes, body: Bars, ends: tuple[Array, Array], **looks: Any) -> None:
    """Bars from one height to another, all of them as one shape: hundreds of rectangles take a second to draw."""
    from matplotlib.collections import PolyCollection
    from matplotlib.dates import date2num

    left, width = body.places, body.width
    if left.dtype.kind == "M":
        axes.xaxis_date()
        left, width = date2num(left), width / 86_400_000  # type: ignore[no-untyped-call]
    low, high = ends
    x = np.stack([left, left, left + width, left + width], axis=1)
    corners = np.stack([x, np.stack([low, high, high, low], axis=1)], axis=2)
    axes.add_collection(PolyCollection(list(corners[high > low]), **looks))
    axes.autoscale_view()
    axes.set_ylim(bottom=0)


def _heat(body: Heat, axes: Axes) -> None:
    drawn = axes.pcolormesh(body.values, cmap="Blues", vmin=0, edgecolors="white", linewidth=1)
    axes.set_xticks(np.arange(len(body.columns)) + 0.5, body.columns, fontsize="small")
    axes.set_yticks(np.arange(len(body.rows)) + 0.5, body.rows)
    axes.invert_yaxis()
    axes.set_xlabel("hour")
    axes.figure.colorbar(drawn, ax=axes, label=body.unit)


def _name(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), _cut(names))
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # a name may hold two dollar signs
    axes.set_ylim(len(names) - 0.5, -0.5)


def _names(chart: Chart) -> list[str]:
    """What stands to the left of the chart's rows."""
    match chart.body:
        case Timeline(rows=rows) | Heat(rows=rows):
            return _cut(rows)
        case Bars(places=places) if chart.body.lying:
            return _cut([str(name) for name in places])
        case _:
            return []


def _cut(names: Sequence[str]) -> list[str]:
    return [name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…" for name in names]


def _label(name: str) -> str:
    """A name that begins with `_` would be left out of the legend."""
    (cut,) = _cut([name])
    return "\u200b" + cut if cut.startswith("_") else cut


def _legend(axes: Axes) -> None:
    names = axes.get_legend_handles_labels()[1]
    if len(names) < 2:
        return
    columns = 7 if max(map(len, names)) < 12 else 4
    legend = axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, frameon=False, fontsize="small", borderaxespad=0
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _time_axis(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
