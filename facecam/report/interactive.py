"""Charts as plotly draws them: plain data, so that plotly's Python side need not be imported.

Plotly reads a little HTML in every text that it draws: names are escaped for it here. Paper, ink and grid are
coloured by the page.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from facecam.report.colours import colours
from facecam.report.parts import Array, Bars, Chart, Heat, Lines, Timeline

AXIS_LETTERS = 22
_ROW_PX = 26


def figure(chart: Chart) -> dict[str, Any]:
    """`data` and `layout` for Plotly.newPlot."""
    match chart.body:
        case Timeline() as body:
            data, layout = _timeline(body)
        case Lines() as body:
            data, layout = _lines(body)
        case Bars() as body:
            data, layout = _bars(body)
        case Heat() as body:
            data, layout = _heat(body)
    legend = len(data) > 1
    common = {"showlegend": legend, "margin": {"l": 60, "r": 12, "t": 36, "b": 48}, "height": 320, "dragmode": "zoom"}
    return {"data": data, "layout": common | layout}


def _timeline(body: Timeline) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    rows = [_cut(name) for name in body.rows]
    length_ms = (body.end - body.begin).astype("timedelta64[ms]").astype(np.int64)
    colour = list(colours(body.rows, fixed=False).values())
    each = [colour[row] for row in body.row]
    hover = [f"{body.rows[row]}: {_clock(b)} to {_clock(e)}" for row, b, e in zip(body.row, body.begin, body.end, strict=True)]
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [int(row) for row in body.row],
        "base": _values(body.begin),
        "x": [int(length) for length in length_ms],
        "hovertext": [_escaped(text) for text in hover],
        "hoverinfo": "text",
        # A line of its own colour keeps a moment of a long time a pixel wide.
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


def _lines(body: Lines) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    colour = colours(body.lines, fixed=False)
    data = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": _cut(name),
            "x": _values(body.x),
            "y": _values(values),
            "line": {"color": colour[name], "width": 2},
            "marker": {"size": 6},
            "connectgaps": False,
            "hovertemplate": "%{y:.2f}, %{x}<extra></extra>",
        }
        for name, values in body.lines.items()
    ]
    y: dict[str, Any] = {"title": {"text": body.y_label}}
    y |= {"range": list(body.y_range)} if body.y_range else {"rangemode": "tozero"}
    return data, {"xaxis": {"type": "date"}, "yaxis": y, "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"}}


def _bars(body: Bars) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    colour = colours(body.parts, fixed=True)
    dates = body.places.dtype.kind == "M"
    data = []
    for name, values in body.parts.items():
        shown = _escaped(name)
        bar: dict[str, Any] = {"type": "bar", "name": shown, "marker": {"color": colour[name], "line": {"width": 0}}}
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
        names = [_cut(str(name)) for name in body.places]
        place |= {"tickvals": list(range(len(names))), "ticktext": names, "autorange": "reversed", "automargin": True}
        layout |= {"xaxis": value, "yaxis": place, "height": 120 + _ROW_PX * max(len(names), 2)}
    else:
        layout |= {"xaxis": place | {"type": "date" if dates else "linear"}, "yaxis": value | {"rangemode": "tozero"}}
    return data, layout | _marks(body)


def _marks(body: Bars) -> dict[str, Any]:
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


def _heat(body: Heat) -> tuple[list[dict[str, Any]], dict[str, Any]]:
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


def _cut(name: str) -> str:
    return _escaped(name if len(name) <= AXIS_LETTERS else name[: AXIS_LETTERS - 1] + "…")
