"""Charts as plotly draws them: plain data, so that plotly's Python side need not be imported.

Plotly reads a little HTML in every text that it draws: names are escaped for it here. Paper, ink and grid are
colored by the page.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from facecam.report.parts import Array, BarChart, Chart, HeatmapChart, LineChart, TimelineChart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# MERGED report.colors: The colors of parts and lines: Okabe and Ito's, which color-blind eyes tell apart, on white and on black.

_CYCLE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8F8600", "#7F7F7F")
_FIXED = {
    "angry": "#D55E00",
    "disgust": "#8F8600",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#9A9A9A",
    "known": "#009E73",
    "unsure": "#E69F00",
    "unknown": "#D55E00",
}


def chart_colors(names: Iterable[str], fixed: bool) -> dict[str, str]:
    """One color per name; with `fixed` what means something always has the same."""
    return {name: (_FIXED.get(name) if fixed else None) or _CYCLE[n % len(_CYCLE)] for n, name in enumerate(names)}


AXIS_LETTERS = 22
_ROW_PX = 26


def figure(chart: Chart) -> dict[str, Any]:
    """`data` and `layout` for Plotly.newPlot."""
    match chart.body:
        case TimelineChart() as body:
            data, layout = _timeline_interactive(body)
        case LineChart() as body:
            data, layout = _lines_interactive(body)
        case BarChart() as body:
            data, layout = _bars_interactive(body)
        case HeatmapChart() as body:
            data, layout = _heat_interactive(body)
    legend = len(data) > 1
    common = {"showlegend": legend, "margin": {"l": 60, "r": 12, "t": 36, "b": 48}, "height": 320, "dragmode": "zoom"}
    return {"data": data, "layout": common | layout}


def _timeline_interactive(body: TimelineChart) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    rows = [_cut_interactive(name) for name in body.rows]
    length_ms = (body.end - body.begin).astype("timedelta64[ms]").astype(np.int64)
    color = list(chart_colors(body.rows, fixed=False).values())
    each = [color[row] for row in body.row]
    hover = [f"{body.rows[row]}: {_clock(b)} to {_clock(e)}" for row, b, e in zip(body.row, body.begin, body.end, strict=True)]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [int(row) for row in body.row],
        "base": _values(body.begin),
        "x": [int(length) for length in length_ms],
        "hovertext": [_escaped(text) for text in hover],
        "hoverinfo": "text",
        # A line of its own color keeps a moment of a long time a pixel wide.
        "marker": {"color": each, "line": {"width": 1.5, "color": each}},
    }
    y = {"tickvals": list(range(len(rows))), "ticktext": rows, "autorange": "reversed", "automargin": True, "zeroline": False}
    layout = {
        "xaxis": {"type": "date"},
        "yaxis": y,
        "bargap": 0.35,
        "height": 90 + _ROW_PX * max(len(rows), 2),
        "barmode": "overlay",
    }
    return [bars], layout


def _lines_interactive(body: LineChart) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    color = chart_colors(body.lines, fixed=False)
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": _cut_interactive(name),
            "x": _values(body.x),
            "y": _values(values),
            "line": {"color": color[name], "width": 2},
            "marker": {"size": 6},
            "connectgaps": False,
            "hovertemplate": "%{y:.2f}, %{x}<extra></extra>",
        }
        for name, values in body.lines.items()
    ]
    y: dict[str, Any] = {"title": {"text": body.y_label}}
    y |= {"range": list(body.y_range)} if body.y_range else {"rangemode": "tozero"}
    return data, {"xaxis": {"type": "date"}, "yaxis": y, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"}}


def _bars_interactive(body: BarChart) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    color = chart_colors(body.parts, fixed=True)
    dates = body.places.dtype.kind == "M"
    data = []
    for name, values in body.parts.items():
        shown = _escaped(name)
        bar: dict[str, Any] = {"type": "bar", "name": shown, "marker": {"color": color[name], "line": {"width": 0}}}
        if body.lying:
            bar |= {"orientation": "h", "x": _values(values), "y": list(range(len(values)))}
            bar["hovertemplate"] = "%{x:.3~f}<extra>" + shown.replace("%", "") + "</extra>"
        else:
            bar |= {"x": _values(body.places), "y": _values(values), "width": body.width, "offset": 0}
            bar["hovertemplate"] = "%{x}: %{y:.3~f}<extra>" + shown.replace("%", "") + "</extra>"
        data.append(bar)
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    layout: dict[str, Any] = {"barmode": "stack", "bargap": 0.3 if body.lying else 0, "legend": legend}
    value: dict[str, Any] = {"title": {"text": body.value_label}}
    place: dict[str, Any] = {"title": {"text": body.place_label}}
    if body.lying:
        names = [_cut_interactive(str(name)) for name in body.places]
        place |= {"tickvals": list(range(len(names))), "ticktext": names, "autorange": "reversed", "automargin": True}
        layout |= {"xaxis": value, "yaxis": place, "height": 120 + _ROW_PX * max(len(names), 2)}
    else:
        layout |= {"xaxis": place | {"type": "date" if dates else "linear"}, "yaxis": value | {"rangemode": "tozero"}}
    return data, layout | _marks(body)


def _marks(body: BarChart) -> dict[str, Any]:
    marks = body.marks or {}
    line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 2, "dash": "dash"}}
    note = {"yref": "paper", "y": 1, "showarrow": False, "yanchor": "top"}
    ends = sorted(marks.values())
    return {
        "shapes": [line | {"x0": at, "x1": at} for at in marks.values()],
        "annotations": [
            note | {"x": at, "text": f" {_escaped(name)} {at:.3f} ", "xanchor": "left" if at == ends[-1] else "right"}
            for name, at in marks.items()
        ],
    }


def _heat_interactive(body: HeatmapChart) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    heat = {
        "type": "heatmap",
        "x": list(body.columns),
        "y": list(body.rows),
        "z": [_values(row) for row in body.values],
        "zmin": 0,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {"title": {"text": body.unit}, "thickness": 12},
        "hovertemplate": "%{y} %{x} h: %{z:.1f} " + body.unit + "<extra></extra>",
    }
    y = {"autorange": "reversed", "automargin": True, "type": "category", "showgrid": False}
    return [heat], {"xaxis": {"type": "category", "showgrid": False, "title": {"text": "hour"}}, "yaxis": y, "height": 320}


def _values(values: Array) -> list[Any]:
    """Python's own values as JSON knows them: times as text, None for what is not there."""
    if values.dtype.kind == "M":
        return [str(text).replace("T", " ") for text in np.datetime_as_string(values.astype("datetime64[ms]"))]
    return [None if not np.isfinite(value) else round(float(value), 4) for value in values]


def _clock(moment: Any) -> str:
    return str(np.datetime_as_string(moment.astype("datetime64[s]"))).replace("T", " ")


def _escaped(text: str) -> str:
    """The text as plotly shows it: it takes these three for marks, and knows no word for a quote."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut_interactive(name: str) -> str:
    return _escaped(name if len(name) <= AXIS_LETTERS else name[: AXIS_LETTERS - 1] + "…")


# MERGED report.still: Charts as pictures, by matplotlib: for paper, for readers without scripts, and for reports that are no page.

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
        case TimelineChart() as body:
            _timeline_still(body, axes)
        case LineChart() as body:
            _lines_still(body, axes)
        case BarChart() as body:
            _bars_still(body, axes)
        case HeatmapChart() as body:
            _heat_still(body, axes)
    axes.spines[["top", "right"]].set_visible(False)


def _timeline_still(body: TimelineChart, axes: Axes) -> None:
    from matplotlib.dates import date2num

    color = list(chart_colors(body.rows, fixed=False).values())
    begin, end = (date2num(times) for times in (body.begin, body.end))  # type: ignore[no-untyped-call]
    for row in range(len(body.rows)):
        mine = body.row == row
        bars = list(zip(begin[mine], (end - begin)[mine], strict=True))
        axes.broken_barh(bars, (row - 0.33, 0.66), color=color[row], linewidth=0.8)
    _name(axes, body.rows)
    _time_axis(axes)


def _lines_still(body: LineChart, axes: Axes) -> None:
    for name, color in chart_colors(body.lines, fixed=False).items():
        axes.plot(body.x, body.lines[name], color=color, linewidth=1.4, marker=".", markersize=3, label=_label(name))
    axes.set_ylabel(body.y_label)
    axes.set_ylim(*(body.y_range or (0, None)))
    axes.grid(axis="y", alpha=0.3)
    _time_axis(axes)
    _legend(axes)


def _bars_still(body: BarChart, axes: Axes) -> None:
    at = np.arange(len(body.places)) if body.lying else body.places
    below = np.zeros(len(at))
    for name, color in chart_colors(body.parts, fixed=True).items():
        values = np.nan_to_num(body.parts[name])
        if body.lying:
            axes.barh(at, values, left=below, color=color, label=_label(name), height=0.7)
        else:
            _upright(axes, body, (below, below + values), color=color, label=_label(name))
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


def _upright(axes: Axes, body: BarChart, ends: tuple[Array, Array], **looks: Any) -> None:
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


def _heat_still(body: HeatmapChart, axes: Axes) -> None:
    drawn = axes.pcolormesh(body.values, cmap="Blues", vmin=0, edgecolors="white", linewidth=1)
    axes.set_xticks(np.arange(len(body.columns)) + 0.5, body.columns, fontsize="small")
    axes.set_yticks(np.arange(len(body.rows)) + 0.5, body.rows)
    axes.invert_yaxis()
    axes.set_xlabel("hour")
    axes.figure.colorbar(drawn, ax=axes, label=body.unit)


def _name(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), _cut_still(names))
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # a name may hold two dollar signs
    axes.set_ylim(len(names) - 0.5, -0.5)


def _names(chart: Chart) -> list[str]:
    """What stands to the left of the chart's rows."""
    match chart.body:
        case TimelineChart(rows=rows) | HeatmapChart(rows=rows):
            return _cut_still(rows)
        case BarChart(places=places) if chart.body.lying:
            return _cut_still([str(name) for name in places])
        case _:
            return []


def _cut_still(names: Sequence[str]) -> list[str]:
    return [name if len(name) <= _LETTERS else name[: _LETTERS - 1] + "…" for name in names]


def _label(name: str) -> str:
    """A name that begins with `_` would be left out of the legend."""
    (cut,) = _cut_still([name])
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
