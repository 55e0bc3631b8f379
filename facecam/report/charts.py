"""Drawing of charts: interactive figures for plotly, and SVG and PNG images by matplotlib.

Plotly figures are plain data, so that plotly's Python package is not imported. Plotly interprets some HTML in texts, so names are
escaped here; the page sets the colors of background, text and grid. The images are for print, for readers without scripts and
for reports that are not a page.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from facecam.fileio import PNG_METADATA
from facecam.messages import visible
from facecam.report.parts import Array, BarChart, Chart, HeatmapChart, LineChart, Mark, TimelineChart
from facecam.types import UNCLEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# Okabe and Ito's colors, distinguishable for color-blind readers on white and black. "unclear" is not an expression: translucent.
_CYCLE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8F8600", "#7F7F7F")
_FIXED = {
    "angry": "#D55E00", "disgust": "#8F8600", "fear": "#CC79A7", "happy": "#E69F00", "sad": "#0072B2", "surprise": "#56B4E9",
    "neutral": "#9A9A9A", UNCLEAR: "#8C8C8C40", "known": "#009E73", "unsure": "#E69F00", "unknown": "#D55E00",
}  # fmt: skip

MAX_AXIS_LETTERS = 22
_MAX_LABEL_LETTERS = 26
_MAX_MARK_LETTERS = 24
_MAX_MARK_TEXTS = 30
"""With more marks, only their lines are drawn: the texts would cover each other."""

_ROW_PX = 26
_WIDTH_IN = 9.0
_OTHER_SCRIPTS = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Droid Sans Fallback", "WenQuanYi Zen Hei", "Noto Sans Arabic", "Arial")

_Plotly = tuple[list[dict[str, Any]], dict[str, Any]]
"""Traces and layout."""


def chart_colors(names: Iterable[object], fixed: bool) -> dict[str, str]:
    """Return a color per name. With `fixed`, expressions and decisions have the same color in every chart."""
    return {name: (_FIXED.get(name) if fixed else None) or _CYCLE[n % len(_CYCLE)] for n, name in enumerate(map(str, names))}


def _shortened(name: str, letters: int = _MAX_LABEL_LETTERS) -> str:
    return name if len(name) <= letters else name[: letters - 1] + "…"


def plotly_figure(chart: Chart) -> dict[str, Any]:
    """Return `data` and `layout` for Plotly.newPlot."""
    match chart.body:
        case TimelineChart() as body:
            data, layout = _plotly_timeline(body)
        case LineChart() as body:
            data, layout = _plotly_lines(body)
        case BarChart() as body:
            data, layout = _plotly_bars(body)
        case HeatmapChart() as body:
            data, layout = _plotly_heatmap(body)
    common = {"showlegend": len(data) > 1, "margin": {"l": 60, "r": 12, "t": 36, "b": 48}, "height": 320, "dragmode": "zoom"}
    return {"data": data, "layout": common | layout}


def _plotly_timeline(body: TimelineChart) -> _Plotly:
    rows = [_plotly_label(name) for name in body.rows]
    length_ms = (body.end - body.begin).astype("timedelta64[ms]").astype(np.int64)
    color = list(chart_colors(body.rows, fixed=False).values())
    each = [color[row] for row in body.row]
    hover = [f"{body.rows[row]}: {_clock(b)} to {_clock(e)}" for row, b, e in zip(body.row, body.begin, body.end, strict=True)]
    bars = {
        "type": "bar", "orientation": "h", "y": [int(row) for row in body.row], "base": _values(body.begin),
        "x": [int(length) for length in length_ms], "hovertext": [_escaped(text) for text in hover], "hoverinfo": "text",
        # The outline keeps short bars of a long timeline visible.
        "marker": {"color": each, "line": {"width": 1.5, "color": each}},
    }  # fmt: skip
    y = {"tickvals": list(range(len(rows))), "ticktext": rows, "autorange": "reversed", "automargin": True, "zeroline": False}
    layout = {
        "xaxis": {"type": "date"},
        "yaxis": y,
        "bargap": 0.35,
        "barmode": "overlay",
        "height": 90 + _ROW_PX * max(len(rows), 2),
    }
    return [bars], layout | _plotly_marks(body.marks)


def _plotly_lines(body: LineChart) -> _Plotly:
    style = {"type": "scatter", "mode": "lines+markers", "marker": {"size": 6}, "connectgaps": False}
    style |= {"hovertemplate": "%{y:.2f}, %{x}<extra></extra>", "x": _values(body.data.index)}
    data = [
        style | {"name": _plotly_label(name), "y": _values(body.data[name]), "line": {"color": color, "width": 2}}
        for name, color in chart_colors(body.data, fixed=False).items()
    ]
    y: dict[str, Any] = {"title": {"text": body.y_label}}
    y |= {"range": list(body.y_range)} if body.y_range else {"rangemode": "tozero"}
    layout = {"xaxis": {"type": "date"}, "yaxis": y, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"}}
    return data, layout | _plotly_marks(body.marks)


def _plotly_bars(body: BarChart) -> _Plotly:
    dates = isinstance(body.data.index, pd.DatetimeIndex)
    data = []
    for name, color in chart_colors(body.data, fixed=True).items():
        label, values = _escaped(name), body.data[name]
        bar: dict[str, Any] = {"type": "bar", "name": label, "marker": {"color": color, "line": {"width": 0}}}
        if body.is_horizontal:
            bar |= {"orientation": "h", "x": _values(values), "y": list(range(len(values)))}
            bar["hovertemplate"] = "%{x:.3~f}<extra>" + label.replace("%", "") + "</extra>"
        else:
            bar |= {"x": _values(body.data.index), "y": _values(values), "width": _values(body.widths), "offset": 0}
            bar["hovertemplate"] = "%{x}: %{y:.3~f}<extra>" + label.replace("%", "") + "</extra>"
        data.append(bar)
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    layout: dict[str, Any] = {"barmode": "stack", "bargap": 0.3 if body.is_horizontal else 0, "legend": legend}
    value: dict[str, Any] = {"title": {"text": body.value_label}}
    position: dict[str, Any] = {"title": {"text": body.position_label}}
    if body.is_horizontal:
        names = [_plotly_label(str(name)) for name in body.data.index]
        position |= {"tickvals": list(range(len(names))), "ticktext": names, "autorange": "reversed", "automargin": True}
        layout |= {"xaxis": value, "yaxis": position, "height": 120 + _ROW_PX * max(len(names), 2)}
    else:
        layout |= {"xaxis": position | {"type": "date" if dates else "linear"}, "yaxis": value | {"rangemode": "tozero"}}
    return data, layout | _plotly_marks(body.marks)


def _plotly_marks(marks: Sequence[Mark]) -> dict[str, Any]:
    """Return vertical lines with their texts: upright at times, horizontal and away from each other at numbers."""
    line = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "line": {"width": 2, "dash": "dash"}}
    note = {"yref": "paper", "y": 1, "showarrow": False, "yanchor": "top"}
    at = _values(np.array([mark.at for mark in marks]))
    last = max((mark.at for mark in marks), default=None)
    annotations = [
        note
        | {"x": x, "text": f" {_escaped(_shortened(mark.text, _MAX_MARK_LETTERS))} "}
        | ({"textangle": -90, "xanchor": "right"} if mark.is_time else {"xanchor": "left" if mark.at == last else "right"})
        for mark, x in zip(marks, at, strict=True)
    ]
    return {
        "shapes": [line | {"x0": x, "x1": x} for x in at],
        "annotations": annotations if len(marks) <= _MAX_MARK_TEXTS else [],
    }


def _plotly_heatmap(body: HeatmapChart) -> _Plotly:
    heat = {
        "type": "heatmap", "x": list(body.data.columns), "y": list(body.data.index),
        "z": [_values(row) for row in body.data.to_numpy()],
        "zmin": 0, "xgap": 2, "ygap": 2, "colorbar": {"title": {"text": body.unit}, "thickness": 12},
        "hovertemplate": "%{y} %{x} h: %{z:.1f} " + body.unit + "<extra></extra>",
    }  # fmt: skip
    y = {"autorange": "reversed", "automargin": True, "type": "category", "showgrid": False}
    return [heat], {"xaxis": {"type": "category", "showgrid": False, "title": {"text": "hour"}}, "yaxis": y, "height": 320}


def _values(values: Array | pd.Series[Any] | pd.Index[Any]) -> list[Any]:
    """Return values for JSON: times as text, None for gaps."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        return [str(text).replace("T", " ") for text in np.datetime_as_string(array.astype("datetime64[ms]"))]
    return [None if pd.isna(value) else float(value) for value in array]


def _clock(time: Any) -> str:
    return str(np.datetime_as_string(time.astype("datetime64[s]"))).replace("T", " ")


def _escaped(text: str) -> str:
    """Return the text escaped for plotly, which interprets these three characters and does not unescape quotes."""
    text = visible(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plotly_label(name: str) -> str:
    return _escaped(_shortened(name, MAX_AXIS_LETTERS))


def svg(chart: Chart) -> str:
    """Return the chart as SVG with a transparent background; text stays text, in the reader's fonts."""
    with _plot_style():
        out = io.StringIO()
        _figure([chart], titles=False).savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return out.getvalue()


def png(charts: Sequence[Chart]) -> bytes:
    """Return all charts, stacked vertically, as one PNG."""
    with _plot_style():
        out = io.BytesIO()
        _figure(charts, titles=True).savefig(out, format="png", dpi=110, metadata=PNG_METADATA)
    return out.getvalue()


def _figure(charts: Sequence[Chart], *, titles: bool) -> Figure:
    """Return the charts, stacked vertically. Space for labels is estimated by letters; measuring would need a second drawing."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    top_in, bottom_margin_in, right_in = (0.8 if titles else 0.5), 0.55, 0.15
    heights_in = [top_in + _axes_height_in(chart) + bottom_margin_in for chart in charts]
    total_in = sum(heights_in)
    figure = Figure(figsize=(_WIDTH_IN, total_in))
    FigureCanvasAgg(figure)
    bottom_in = total_in
    for chart, height_in in zip(charts, heights_in, strict=True):
        bottom_in -= height_in
        left_in = max(0.75, 0.3 + 0.085 * max(map(len, _row_labels(chart)), default=0))
        width = (_WIDTH_IN - left_in - right_in) / _WIDTH_IN
        bottom, height = (bottom_in + bottom_margin_in) / total_in, _axes_height_in(chart) / total_in
        axes = figure.add_axes((left_in / _WIDTH_IN, bottom, width, height))
        _draw(chart, axes)
        if titles:
            axes.set_title(chart.title, loc="left", fontweight="bold", pad=34 if axes.get_legend() else None)
    return figure


@contextmanager
def _plot_style() -> Iterator[None]:
    """Use the available fonts, without warnings about letters that none of them has; these become boxes."""
    import matplotlib as mpl
    from matplotlib import font_manager

    available = set(font_manager.get_font_names())
    fonts = ["DejaVu Sans", *(name for name in _OTHER_SCRIPTS if name in available)]
    with warnings.catch_warnings(), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "facecam", "font.sans-serif": fonts}):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        warnings.filterwarnings("ignore", message="Matplotlib currently does not support .* natively")
        yield


def _axes_height_in(chart: Chart) -> float:
    """Return the height of the axes in inches."""
    names = _row_labels(chart)
    return 0.26 * max(len(names), 2) if names else 2.1


def _draw(chart: Chart, axes: Axes) -> None:
    match chart.body:
        case TimelineChart() as body:
            _draw_timeline(body, axes)
        case LineChart() as body:
            _draw_lines(body, axes)
        case BarChart() as body:
            _draw_bars(body, axes)
        case HeatmapChart() as body:
            _draw_heatmap(body, axes)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_timeline(body: TimelineChart, axes: Axes) -> None:
    from matplotlib.dates import date2num

    color = list(chart_colors(body.rows, fixed=False).values())
    begin, end = (date2num(times) for times in (body.begin, body.end))  # type: ignore[no-untyped-call]
    for row in range(len(body.rows)):
        in_row = body.row == row
        bars = list(zip(begin[in_row], (end - begin)[in_row], strict=True))
        axes.broken_barh(bars, (row - 0.33, 0.66), color=color[row], linewidth=0.8)
    _set_row_labels(axes, body.rows)
    _draw_marks(axes, body.marks)
    _time_axis(axes)


def _draw_lines(body: LineChart, axes: Axes) -> None:
    for name, color in chart_colors(body.data, fixed=False).items():
        values = body.data[name].astype(float)
        axes.plot(values.index, values, color=color, linewidth=1.4, marker=".", markersize=3, label=_legend_label(name))
    axes.set_ylabel(body.y_label)
    axes.set_ylim(*(body.y_range or (0, None)))
    axes.grid(axis="y", alpha=0.3)
    _draw_marks(axes, body.marks)
    _time_axis(axes)
    _legend(axes)


def _draw_bars(body: BarChart, axes: Axes) -> None:
    at = np.arange(len(body.data)) if body.is_horizontal else body.data.index.to_numpy()
    below = np.zeros(len(at))
    for name, color in chart_colors(body.data, fixed=True).items():
        values = body.data[name].to_numpy(float, na_value=0.0)
        if body.is_horizontal:
            axes.barh(at, values, left=below, color=color, label=_legend_label(name), height=0.7)
        else:
            _draw_vertical_bars(axes, body, (below, below + values), color=color, label=_legend_label(name))
        below = below + values
    if body.is_horizontal:
        _set_row_labels(axes, [str(name) for name in body.data.index])
        axes.set(xlabel=body.value_label, ylabel=body.position_label)
    else:
        axes.set(xlabel=body.position_label, ylabel=body.value_label)
        axes.autoscale_view()
        # Only now: a limit set after the first part would cut the parts above it.
        axes.set_ylim(0, 1.05 * float(below.max(initial=0)) or 1)
        if at.dtype.kind == "M":
            _time_axis(axes)
    _draw_marks(axes, body.marks)
    _legend(axes)


def _draw_marks(axes: Axes, marks: Sequence[Mark]) -> None:
    for mark in marks:
        text = _shortened(mark.text, _MAX_MARK_LETTERS)
        if not mark.is_time:
            axes.axvline(mark.at, color="#555555", linestyle="--", label=text)
            continue
        axes.axvline(mark.at, color="#555555", linestyle="--", linewidth=0.8)
        if len(marks) <= _MAX_MARK_TEXTS:
            place = axes.get_xaxis_transform()
            axes.text(
                mark.at, 1, text, None, transform=place, parse_math=False, rotation=90, ha="right", va="top", fontsize="x-small"
            )


def _draw_vertical_bars(axes: Axes, body: BarChart, ends: tuple[Array, Array], **style: Any) -> None:
    """Draw bars from one height to another as one shape; hundreds of single rectangles take a second."""
    from matplotlib.collections import PolyCollection
    from matplotlib.dates import date2num

    left, width = body.data.index.to_numpy(), body.widths
    if left.dtype.kind == "M":
        axes.xaxis_date()
        left, width = date2num(left), width / 86_400_000  # type: ignore[no-untyped-call]
    low, high = ends
    x = np.stack([left, left, left + width, left + width], axis=1)
    corners = np.stack([x, np.stack([low, high, high, low], axis=1)], axis=2)
    # An edge closes the seam between two bars, but translucent ones would show as lines.
    edge = 0 if len(style["color"]) > len("#RRGGBB") else 1
    axes.add_collection(PolyCollection(list(corners[high > low]), linewidth=edge, **style))


def _draw_heatmap(body: HeatmapChart, axes: Axes) -> None:
    drawn = axes.pcolormesh(body.data, cmap="Blues", vmin=0, edgecolors="white", linewidth=1)
    axes.set_xticks(np.arange(len(body.data.columns)) + 0.5, body.data.columns, fontsize="small")
    axes.set_yticks(np.arange(len(body.data)) + 0.5, body.data.index)
    axes.invert_yaxis()
    axes.set_xlabel("hour")
    axes.figure.colorbar(drawn, ax=axes, label=body.unit)


def _set_row_labels(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [_shortened(name) for name in names])
    for label in axes.get_yticklabels():
        label.set_parse_math(False)  # A name may contain two dollar signs.
    axes.set_ylim(len(names) - 0.5, -0.5)


def _row_labels(chart: Chart) -> list[str]:
    """Return the labels of the chart's rows."""
    match chart.body:
        case TimelineChart(rows=rows):
            return [_shortened(name) for name in rows]
        case HeatmapChart(data=data):
            return list(data.index)
        case BarChart(data=data) if chart.body.is_horizontal:
            return [_shortened(str(name)) for name in data.index]
        case _:
            return []


def _legend_label(name: str) -> str:
    """Return the legend's text; matplotlib omits labels that begin with `_`."""
    return "\u200b" * name.startswith("_") + _shortened(name)


def _legend(axes: Axes) -> None:
    names = axes.get_legend_handles_labels()[1]
    if len(names) < 2:
        return
    columns = 8 if max(map(len, names)) < 12 else 4
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
