"""Every axis, bar, stack and label of a chart agrees with the data: in the page (plotly), the SVG and the PNG."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.dates import date2num

from facecam.report.charts import chart_colors, plotly_figure
from facecam.report.parts import BarChart, Chart, HeatmapChart, LineChart, Mark, TimelineChart
from tests.report.drawn import Bar, SvgDrawing, axes_of, bars_of_axes, bars_of_plotly, read_svg

PARTS = ("known", "unsure", "unknown")
MPL_TIME_ABS = 0.02
"""Precision in milliseconds of a time as matplotlib's number of days."""

START = np.datetime64("2026-01-02T03:00:00", "ms")


def chart(body: Any) -> Chart:
    return Chart("x", "X", body)


def values_of(parts: Sequence[str], count: int, seed: int) -> pd.DataFrame:
    """Return random sizes; some parts are empty, and some bars have none."""
    random = np.random.default_rng(seed)
    sizes = random.integers(0, 50, (count, len(parts))).astype(float)
    sizes[random.random(sizes.shape) < 0.2] = 0
    sizes[:, 0] *= seed % 3  # the first part may be empty everywhere
    return pd.DataFrame(sizes + 0.0, columns=list(parts))


CASES = [
    (order, count, seed)
    for seed, (order, count) in enumerate(itertools.product([*itertools.permutations(PARTS), ("one",)], [1, 2, 7, 40]))
]
QUICK = [case for number, case in enumerate(CASES) if number % 4 == number // 4 % 4 or number >= len(CASES) - 4]
"""Every order and every count at least once."""


def stacked(data: pd.DataFrame, left: np.ndarray, width: np.ndarray, color: dict[str, str]) -> list[Bar]:
    """Return the bars that stand on each other in the order of the columns."""
    found = []
    for place in range(len(data)):
        low = 0.0
        for name in data.columns:
            high = low + data[name].iloc[place]
            if high > low:
                found.append(Bar(color[name].lower(), left[place], left[place] + width[place], low, high))
            low = high
    return found


def same(found: list[Bar], expected: list[Bar], x_abs: float = 1e-6) -> None:
    assert len(found) == len(expected)
    for one, other in zip(sorted(found, key=_order), sorted(expected, key=_order), strict=True):
        assert one.color == other.color
        assert (one.x0, one.x1) == pytest.approx((other.x0, other.x1), abs=x_abs)
        assert (one.y0, one.y1) == pytest.approx((other.y0, other.y1), abs=1e-6)


def _order(bar: Bar) -> tuple[Any, ...]:
    return round(bar.x0 / 100), round(bar.y0, 3), bar.color, round(bar.x1 / 100), bar.x0


def turned(bars: list[Bar]) -> list[Bar]:
    return [Bar(bar.color, bar.y0, bar.y1, bar.x0, bar.x1) for bar in bars]


@pytest.mark.parametrize(
    ("is_uneven", "order", "count", "seed"),
    [
        pytest.param(is_uneven, *case, marks=[] if case in QUICK else [pytest.mark.long])
        for is_uneven in (False, True)
        for case in CASES
    ],
)
def test_stacked_bars_over_time_have_the_place_width_and_height_of_the_data(
    order: tuple[str, ...], count: int, seed: int, is_uneven: bool
) -> None:
    data = values_of(order, count, seed)
    width = np.full(count, 60_000.0)
    if is_uneven:
        width[::2] /= 2
    data.index = pd.DatetimeIndex(START + np.arange(count) * np.timedelta64(60_000, "ms"))
    body = BarChart(data, "faces", width=width if is_uneven else 60_000)
    left = data.index.to_numpy().astype("datetime64[ms]").astype(float)
    expected = stacked(data, left, width, chart_colors(order, fixed=True))

    same(bars_of_plotly(chart(body)), expected)
    axes = axes_of(chart(body))
    same(bars_of_axes(axes), expected, MPL_TIME_ABS)
    assert axes.get_ylim()[0] == 0
    highest = data.sum(axis="columns").max()
    assert axes.get_ylim()[1] >= highest
    assert axes.get_ylabel() == "faces"
    if highest:
        check_svg_over_time(read_svg(chart(body)), expected)


def check_svg_over_time(drawing: SvgDrawing, expected: list[Bar]) -> None:
    """The heights fit the labels of the vertical axis, the places the labels of the horizontal one."""
    value = drawing.y_value()
    first, last = (min(bar.x0 for bar in drawing.bars), max(bar.x1 for bar in drawing.bars))
    begin, end = min(bar.x0 for bar in expected), max(bar.x1 for bar in expected)
    time_ms = lambda at: begin + (at - first) / (last - first) * (end - begin)  # noqa: E731
    found = [Bar(bar.color, time_ms(bar.x0), time_ms(bar.x1), value(bar.y1), value(bar.y0)) for bar in drawing.bars]
    assert len(found) == len(expected)
    for one, other in zip(sorted(found, key=_order), sorted(expected, key=_order), strict=True):
        assert one.color == other.color
        assert (one.x0, one.x1) == pytest.approx((other.x0, other.x1), abs=(end - begin) / 5000)
        assert (one.y0, one.y1) == pytest.approx((other.y0, other.y1), abs=1e-3)
    for text, at in drawing.x_ticks:
        if ":" in text:
            assert text == str(np.datetime64(round(time_ms(at) / 1000), "s"))[11:16]


@pytest.mark.parametrize(
    ("order", "count", "seed"), [pytest.param(*case, marks=[] if case in QUICK else [pytest.mark.long]) for case in CASES]
)
def test_horizontal_bars_stand_at_their_labels(order: tuple[str, ...], count: int, seed: int) -> None:
    names = [f"name {number}" for number in np.random.default_rng(seed).permutation(count)]
    data = values_of(order, count, seed).set_axis(names)
    body = BarChart(data, "frames")
    color = chart_colors(order, fixed=True)

    plotly = plotly_figure(chart(body))
    axis = plotly["layout"]["yaxis"]
    assert dict(zip(axis["tickvals"], axis["ticktext"], strict=True)) == dict(enumerate(names))
    assert axis["autorange"] == "reversed"
    assert plotly["layout"]["xaxis"]["title"] == {"text": "frames"}
    same(bars_of_plotly(chart(body)), turned(stacked(data, np.arange(count) - 0.35, np.full(count, 0.7), color)))

    axes = axes_of(chart(body))
    labels = {round(at): label.get_text() for at, label in zip(axes.get_yticks(), axes.get_yticklabels(), strict=True)}
    assert labels == dict(enumerate(names))
    drawn = [bar for bar in bars_of_axes(axes) if bar.x1 > bar.x0]
    same(drawn, turned(stacked(data, np.arange(count) - 0.35, np.full(count, 0.7), color)))
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first row is on top"

    drawing = read_svg(chart(body))
    row = dict(drawing.y_ticks)
    if data.to_numpy().any():
        value = drawing.x_value()
        lengths = {name: {} for name in names}
        for bar in drawing.bars:
            (name,) = [name for name, at in row.items() if bar.y0 < at < bar.y1]
            if bar.x1 - bar.x0 > 0:
                lengths[name][bar.color] = value(bar.x1) - value(bar.x0)
        for name in names:
            expected = {color[part].lower(): size for part, size in data.loc[name].items() if size}
            assert lengths[name] == pytest.approx(expected, abs=1e-3)
    assert set(names) <= set(drawing.texts)


@pytest.mark.parametrize("order", [*itertools.permutations(PARTS)])
def test_the_legend_names_the_color_of_each_part(order: tuple[str, ...]) -> None:
    body = BarChart(values_of(order, 5, 4).set_axis(list("abcde")), "frames")
    expected = {name: color.lower() for name, color in chart_colors(order, fixed=True).items()}

    assert {trace["name"]: trace["marker"]["color"].lower() for trace in plotly_figure(chart(body))["data"]} == expected
    legend = axes_of(chart(body)).get_legend()
    assert legend is not None
    found = {text.get_text(): _hex(patch) for text, patch in zip(legend.get_texts(), legend.get_patches(), strict=True)}
    assert found == expected
    assert list(found) == list(order)


def _hex(patch: Any) -> str:
    from matplotlib.colors import to_hex

    return to_hex(patch.get_facecolor())


@pytest.mark.parametrize("seed", range(6))
def test_a_timeline_has_each_persons_bars_in_the_row_of_the_name(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = tuple(f"person {number}" for number in random.permutation(seed + 1))
    row = random.integers(0, len(rows), 30)
    begin = START + random.integers(0, 10_000_000, 30).astype("timedelta64[ms]")
    end = begin + random.integers(1, 600_000, 30).astype("timedelta64[ms]")
    body = TimelineChart(rows, row, begin, end)
    color = list(chart_colors(rows, fixed=False).values())

    def expected(half: float) -> list[Bar]:
        spans = zip(row, begin.astype(float), end.astype(float), strict=True)
        return [Bar(color[at].lower(), b, e, at - half, at + half) for at, b, e in spans]

    plotly = plotly_figure(chart(body))
    assert plotly["layout"]["yaxis"]["ticktext"] == list(rows)
    assert plotly["layout"]["yaxis"]["tickvals"] == list(range(len(rows)))
    assert plotly["layout"]["yaxis"]["autorange"] == "reversed"
    same(bars_of_plotly(chart(body)), expected(0.325))
    axes = axes_of(chart(body))
    same(bars_of_axes(axes), expected(0.33), MPL_TIME_ABS)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(rows)

    drawing = read_svg(chart(body))
    at = dict(drawing.y_ticks)
    assert len(drawing.bars) == 30
    for bar in drawing.bars:
        (name,) = [name for name, place in at.items() if bar.y0 < place < bar.y1]
        assert bar.color == color[rows.index(name)].lower()


def test_a_timeline_keeps_bars_without_length_visible() -> None:
    body = TimelineChart(("Ada",), np.array([0]), np.array([START]), np.array([START]))

    (trace,) = plotly_figure(chart(body))["data"]
    assert trace["marker"]["line"]["width"] > 0
    (collection,) = axes_of(chart(body)).collections
    assert collection.get_linewidth()[0] > 0


@pytest.mark.parametrize("seed", range(5))
def test_lines_go_through_the_points_and_stop_at_gaps(seed: int) -> None:
    random = np.random.default_rng(seed)
    names = [f"person {number}" for number in random.permutation(seed + 1)]
    values = random.uniform(-1, 1, (20, len(names)))
    values[random.random(values.shape) < 0.2] = np.nan
    times = START + np.arange(20) * np.timedelta64(30_000, "ms")
    data = pd.DataFrame(values, pd.DatetimeIndex(times), names)
    body = LineChart(data, "valence", (-1.0, 1.0))
    color = chart_colors(names, fixed=False)

    plotly = plotly_figure(chart(body))
    for trace, name in zip(plotly["data"], names, strict=True):
        assert (trace["name"], trace["line"]["color"], trace["connectgaps"]) == (name, color[name], False)
        assert np.array(trace["x"], "datetime64[ms]").tolist() == times.tolist()
        np.testing.assert_array_equal(np.array(trace["y"], float), data[name].to_numpy())
    assert plotly["layout"]["yaxis"] == {"title": {"text": "valence"}, "range": [-1.0, 1.0]}
    axes = axes_of(chart(body))
    assert axes.get_ylim() == (-1, 1)
    assert axes.get_ylabel() == "valence"
    for line, name in zip(axes.lines, names, strict=True):
        np.testing.assert_allclose(date2num(line.get_xdata()), date2num(times))
        np.testing.assert_array_equal(np.asarray(line.get_ydata(), float), data[name].to_numpy())
    drawing = read_svg(chart(body))
    value = drawing.y_value()
    for name in names:
        drawn = [value(y) for stroke, points in drawing.lines if stroke == color[name].lower() for _, y in points]
        expected = [number for number in data[name] if not np.isnan(number)]
        assert set(np.round(drawn, 3)) <= set(np.round(expected, 3))


def test_a_line_may_go_back_in_time_between_two_sessions() -> None:
    times = [START, START + np.timedelta64(2, "s"), START + np.timedelta64(1, "s"), START + np.timedelta64(1, "s")]
    data = pd.DataFrame({"Ada": [0.1, np.nan, np.nan, 0.4]}, pd.DatetimeIndex(times))

    (trace,) = plotly_figure(chart(LineChart(data, "valence")))["data"]

    assert trace["y"] == [0.1, None, None, 0.4]
    assert axes_of(chart(LineChart(data, "valence"))).lines[0].get_xydata()[0, 1] == 0.1


@pytest.mark.parametrize("seed", range(4))
def test_the_cells_of_a_heatmap_stand_at_their_labels(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = ("Monday", "Tuesday", "Sunday")[: seed + 1], [f"{hour:02d}" for hour in range(4 * (seed + 1))]
    values = random.uniform(0, 60, (len(rows), len(columns)))
    values[0, 0] = 0
    body = HeatmapChart(pd.DataFrame(values, rows, columns), "min")

    plotly = plotly_figure(chart(body))
    (trace,) = plotly["data"]
    assert (trace["x"], trace["y"], trace["zmin"]) == (columns, list(rows), 0)
    np.testing.assert_array_equal(np.array(trace["z"], float), values)
    assert plotly["layout"]["yaxis"]["autorange"] == "reversed"
    axes = axes_of(chart(body))
    (mesh,) = [collection for collection in axes.collections if isinstance(collection, QuadMesh)]
    np.testing.assert_array_equal(np.asarray(mesh.get_array()).reshape(values.shape), values)
    corners = mesh.get_coordinates()
    for ticks, labels, names, cells in (
        (axes.get_xticks(), axes.get_xticklabels(), columns, corners[0, :, 0]),
        (axes.get_yticks(), axes.get_yticklabels(), rows, corners[:, 0, 1]),
    ):
        assert [label.get_text() for label in labels] == list(names)
        assert ticks.tolist() == ((cells[:-1] + cells[1:]) / 2).tolist()
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert mesh.get_clim()[0] == 0
    assert mesh.colorbar.ax.get_ylabel() == "min"


def test_marks_stand_at_their_numbers_and_times() -> None:
    bars = pd.DataFrame({"known": [3.0, 2.0]}, [0.0, 0.5])
    body = BarChart(bars, "faces", "distance", 0.5, (Mark("lowest threshold 0.250", 0.25), Mark("highest threshold 0.750", 0.75)))
    layout = plotly_figure(chart(body))["layout"]
    assert [(shape["x0"], shape["x1"]) for shape in layout["shapes"]] == [(0.25, 0.25), (0.75, 0.75)]
    notes = [(note["x"], note["text"].strip(), note["xanchor"]) for note in layout["annotations"]]
    assert notes == [(0.25, "lowest threshold 0.250", "right"), (0.75, "highest threshold 0.750", "left")]
    axes = axes_of(chart(body))
    assert {line.get_label(): line.get_xdata()[0] for line in axes.lines} == {mark.text: mark.at for mark in body.marks}

    marks = (Mark("film begins", START), Mark("$x$ & <b>", START + np.timedelta64(5, "s")))
    line = LineChart(
        pd.DataFrame({"Ada": [0.0, 1.0]}, pd.DatetimeIndex([START, START + np.timedelta64(9, "s")])), "ms", marks=marks
    )
    layout = plotly_figure(chart(line))["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == ["2026-01-02 03:00:00.000", "2026-01-02 03:00:05.000"]
    assert [note["text"].strip() for note in layout["annotations"]] == ["film begins", "$x$ &amp; &lt;b&gt;"]
    axes = axes_of(chart(line))
    assert [text.get_text() for text in axes.texts] == ["film begins", "$x$ & <b>"]
    assert [date2num(drawn.get_xdata()[0]) for drawn in axes.lines[1:]] == pytest.approx([date2num(mark.at) for mark in marks])
    assert {"film begins", "$x$ & <b>"} <= set(read_svg(chart(line)).texts)


def test_many_marks_keep_their_lines_without_texts() -> None:
    marks = tuple(Mark(f"marker {number}", START + np.timedelta64(number, "s")) for number in range(31))
    body = LineChart(pd.DataFrame({"Ada": [0.0]}, pd.DatetimeIndex([START])), "ms", marks=marks)

    layout = plotly_figure(chart(body))["layout"]

    assert (len(layout["shapes"]), layout["annotations"]) == (31, [])
    axes = axes_of(chart(body))
    assert (len(axes.lines), list(axes.texts)) == (32, [])
