"""Shapes that a chart draws, in the units of its axes: from the plotly figure, from matplotlib's artists, and from the SVG."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.dates import ConciseDateFormatter

from facecam.report.charts import _draw, _plot_style, plotly_figure, svg
from facecam.report.parts import Chart

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Bar:
    """Rectangle of one color; times are milliseconds since 1970."""

    color: str
    x0: float
    x1: float
    y0: float
    y1: float


def axes_of(chart: Chart) -> Axes:
    """Return the axes that the PNG shows."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with _plot_style():
        figure = Figure(figsize=(9, 3))
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _draw(chart, axes)
        canvas.draw()
    return axes


def bars_of_axes(axes: Axes) -> list[Bar]:
    """Return the bars of an image."""
    found = [_bar(to_hex(patch.get_facecolor()), patch.get_path().transformed(patch.get_patch_transform()).vertices)
             for patch in axes.patches]  # fmt: skip
    for collection in axes.collections:
        if isinstance(collection, PolyCollection) and not isinstance(collection, QuadMesh):
            colors = [to_hex(color) for color in collection.get_facecolor()]
            found += [_bar(colors[n % len(colors)], path.vertices) for n, path in enumerate(collection.get_paths())]
    is_time = isinstance(axes.xaxis.get_major_formatter(), ConciseDateFormatter)
    return [_in_ms(bar) for bar in found] if is_time else found


def _bar(color: str, corners: Any) -> Bar:
    x, y = np.asarray(corners, float).T[:2]
    return Bar(color.lower(), x.min(), x.max(), y.min(), y.max())


def _in_ms(bar: Bar) -> Bar:
    return Bar(bar.color, bar.x0 * DAY_MS, bar.x1 * DAY_MS, bar.y0, bar.y1)


def bars_of_plotly(chart: Chart) -> list[Bar]:
    """Return the bars that plotly draws, by its rules for base, offset, width and stacking; empty bars are left out."""
    figure = plotly_figure(chart)
    stacked = figure["layout"]["barmode"] == "stack"
    top: dict[float, float] = {}
    found = []
    for trace in figure["data"]:
        is_flat = trace.get("orientation") == "h"
        at, length = (trace["y"], trace["x"]) if is_flat else (trace["x"], trace["y"])
        width = trace.get("width", [1 - figure["layout"]["bargap"]] * len(at))
        offset = trace.get("offset")
        base = trace.get("base", [0.0] * len(at))
        colors = trace["marker"]["color"]
        for n, place in enumerate(map(ms, at)):
            begin = place + (offset if offset is not None else -width[n] / 2)
            low = (top.get(place, 0.0) if stacked else 0.0) + ms(base[n])
            high = low + (length[n] or 0.0)
            top[place] = high
            ends = (low, high, begin, begin + width[n]) if is_flat else (begin, begin + width[n], low, high)
            found.append(Bar((colors if isinstance(colors, str) else colors[n]).lower(), *ends))
    return [bar for bar in found if not stacked or (bar.x1 > bar.x0 and bar.y1 > bar.y0)]


def ms(value: Any) -> float:
    return float(np.datetime64(value, "ms").astype(np.int64)) if isinstance(value, str) else float(value)


@dataclass(frozen=True)
class SvgDrawing:
    """Bars in points and the ticks of both axes, (text, position in points), as the reader of an SVG sees them."""

    bars: list[Bar]
    x_ticks: list[tuple[str, float]]
    y_ticks: list[tuple[str, float]]
    texts: list[str]
    lines: list[tuple[str, list[tuple[float, float]]]]

    def y_value(self) -> Callable[[float], float]:
        return _linear(self.y_ticks)

    def x_value(self) -> Callable[[float], float]:
        return _linear(self.x_ticks)


def _linear(ticks: list[tuple[str, float]]) -> Callable[[float], float]:
    """Return the scale that two labels of an axis state."""
    known = [(at, float(text.replace("\N{MINUS SIGN}", "-"))) for text, at in ticks]
    (at_0, value_0), (at_1, value_1) = known[0], known[-1]
    for at, value in known:
        assert abs(value_0 + (at - at_0) / (at_1 - at_0) * (value_1 - value_0) - value) < 1e-6 * max(1, abs(value)), "not linear"
    return lambda at: value_0 + (at - at_0) / (at_1 - at_0) * (value_1 - value_0)


def read_svg(chart: Chart) -> SvgDrawing:
    """Return what the chart's SVG draws."""
    root = ET.fromstring(svg(chart))  # noqa: S314 - our own file
    axes = next(group for group in root.iter(f"{SVG}g") if group.get("id") == "axes_1")
    bars, lines = [], []
    for group in list(axes):
        name = group.get("id", "")
        if name.startswith("line2d"):
            paths = [path for path in group.iter(f"{SVG}path") if "id" not in path.attrib]
            lines += [(_style(path.get("style", ""), "stroke"), _points(path.get("d", ""))) for path in paths]
            continue
        for style, points, is_clipped in _shapes(group):
            if name.startswith(("patch", "PolyCollection", "FillBetween")) and _style(style, "fill") != "none":
                bars += [_bar(_style(style, "fill"), points)] if is_clipped else []
    ticks = {axis: list(_ticks(axes, axis)) for axis in ("x", "y")}
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    return SvgDrawing(bars, ticks["x"], ticks["y"], texts, lines)


def _shapes(group: Any) -> Iterator[tuple[str, list[tuple[float, float]], bool]]:
    """Yield style, points and whether it is clipped of each shape, also of those drawn by reference to a definition."""
    defined = {path.get("id"): _points(path.get("d", "")) for path in group.iter(f"{SVG}path")}
    for part in group.iter():
        style, is_clipped = part.get("style", ""), "clip-path" in part.attrib
        if part.tag == f"{SVG}g" and part is not group:
            uses = list(part.iter(f"{SVG}use"))
            for use in uses:
                dx, dy = float(use.get("x", 0)), float(use.get("y", 0))
                points = defined.get(use.get(HREF, "").removeprefix("#"), [])
                yield use.get("style", ""), [(x + dx, y + dy) for x, y in points], is_clipped
        elif part.tag == f"{SVG}path" and "id" not in part.attrib:
            yield style, _points(part.get("d", "")), is_clipped


def _points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] (-?[\d.]+) (-?[\d.]+)", path)]


def _style(style: str, key: str) -> str:
    found = re.search(rf"(?:^|; ?){key}: (#[0-9a-f]{{6}}|none)", style)
    return found[1] if found else "#000000"


def _ticks(axes: Any, axis: str) -> Iterator[tuple[str, float]]:
    for group in axes.iter(f"{SVG}g"):
        if group.get("id", "").startswith(f"{axis}tick"):
            use = next(group.iter(f"{SVG}use"))
            text = "".join("".join(text.itertext()) for text in group.iter(f"{SVG}text"))
            yield text, float(use.get(axis, "nan"))
