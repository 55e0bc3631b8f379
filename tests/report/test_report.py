"""Contents and formats of a report, tested without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import plotly.graph_objects
import pytest
from PIL import Image

from facecam.errors import LogError
from facecam.logbook.schema import SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.report import Format, sections
from facecam.report.charts import plotly_figure
from facecam.report.page import EMPTY, make_report, write_report
from facecam.report.parts import Chart, TableColumn, TimelineChart, format_duration, format_value
from facecam.types import Event, EventCode
from tests.cli.conftest import run_in
from tests.report.conftest import HOSTILE, result, sighting

ReportOf = Callable[[Path], Path]


def test_every_chart_is_valid_for_plotly(hostile_log: Path) -> None:
    charts = make_report([hostile_log]).charts

    for chart in charts:
        plotly.graph_objects.Figure(plotly_figure(chart))  # ValueError for unknown attributes

    names = {"timeline", "hours", "expression-time", "expression-person", "valence", "distances", "objects", "latency", "dropped"}
    assert {chart.key for chart in charts} == names


def test_the_page_allows_only_its_own_scripts_and_contains_no_address(report_of: ReportOf, hostile_log: Path) -> None:
    page = report_of(hostile_log).read_text(encoding="utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)

    assert policy.startswith("default-src 'none'; ")
    assert len(re.findall(r"'sha256-[^']+'", policy)) == 2
    assert "unsafe-inline" not in policy.partition("script-src")[2]
    assert set(re.findall(r'(?:src|href)="(\w+:)', page.partition('<script type="application/json"')[0])) == {"data:"}


def test_the_limits_of_expressions_are_stated(report_of: ReportOf, hostile_log: Path) -> None:
    assert "An expression is not an emotion." in report_of(hostile_log).read_text(encoding="utf-8")


def test_distances_to_the_threshold_are_those_to_the_persons_own(tmp_path: Path) -> None:
    with LogWriter(tmp_path, info()) as writer:
        for number in range(30):
            sightings = (sighting("Ada", 1, 0.07), sighting("Grace", 2), sighting(None, 3, 0.07))
            writer.write(result(number * 100.0, number, sightings=sightings, threshold_l2=0.3), dropped_frames=0)

    tables = {table.key: table for section in make_report([writer.path]).sections for table in section.tables}
    decisions = next(section for section in make_report([writer.path]).sections if section.key == "decisions")

    def column(key: str, title: str) -> list[object]:
        place = [column.head for column in tables[key].columns].index(title)
        return [row[place] for row in tables[key].rows]

    assert column("distances-person", "Name") == ["Ada", "Grace"]
    assert column("distances-person", "Median threshold") == pytest.approx([0.23, 0.3])
    assert column("distances-person", "Smallest distance to threshold") == pytest.approx([0.03, 0.1])
    assert column("unknown", "Beyond the threshold by") == pytest.approx([0.27])
    assert (
        "2 people have a lower threshold: many faces resemble them, or their photos are very similar." in decisions.sentences[0]
    )


@pytest.mark.parametrize("kind", [Format.HTML, Format.MD])
def test_an_empty_log_gives_one_sentence(tmp_path: Path, kind: Format) -> None:
    with LogWriter(tmp_path, info()) as writer:
        pass

    write_report([writer.path], tmp_path / "report", kind)

    assert EMPTY in (tmp_path / "report").read_text(encoding="utf-8")


def test_a_log_without_faces_names_what_is_missing(tmp_path: Path) -> None:
    with LogWriter(tmp_path, info()) as writer:
        writer.event(Event("state", "the computer slept", code=EventCode.CLOCK_MOVED), 0.0)
        writer.event(Event("state", "the cable was pulled", code=EventCode.RECONNECTING), 0.0)
        writer.event(Event("error", "camera gone"), 1000.0)

    report = make_report([tmp_path])

    texts = {section.key: " ".join(section.sentences) for section in report.sections}
    assert "No person was recognized" in texts["presence"]
    assert "expressions" not in texts
    assert "No face was compared" in texts["decisions"]
    assert "1 error occurred." in texts["quality"]
    assert "clock was set" in texts["quality"]
    assert "lost and reopened 1 time" in texts["quality"]
    with pytest.raises(LogError, match="nothing to draw"):
        write_report([tmp_path], tmp_path / "report.png", Format.PNG)


def test_an_interrupted_session_and_a_truncated_line_are_reported(tmp_path: Path) -> None:
    with LogWriter(tmp_path, info()) as writer:
        writer.event(Event("state", "running"), 0.0)
        begun = writer.details_path.read_bytes()
    writer.details_path.write_bytes(begun)
    with writer.path.open("a", encoding="utf-8") as file:
        file.write("1,2026")

    quality = make_report([writer.path]).sections[-1]

    assert any("the last line is incomplete" in sentence for sentence in quality.sentences)
    assert any("1 session was interrupted or had not ended" in sentence for sentence in quality.sentences)


def test_gaps_are_closed_in_a_timeline_of_too_many_visits(hostile_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "MAX_TIMELINE_BARS", 12)

    (timeline,) = [chart for chart in make_report([hostile_log]).charts if chart.key == "timeline"]

    assert isinstance(timeline.body, TimelineChart)
    assert len(timeline.body.begin) <= 12
    assert "too many to show" in timeline.note
    assert set(timeline.body.rows) == {*HOSTILE, sections.UNKNOWN_ROW}


def test_a_moment_is_a_bar_of_length_zero() -> None:
    at = np.array(["2026-01-02T03:04:05"], "datetime64[ms]")
    bars = plotly_figure(Chart("x", "X", TimelineChart(("Ada",), np.array([0]), at, at)))["data"][0]

    assert (bars["base"], bars["x"], bars["hovertext"]) == (
        ["2026-01-02 03:04:05.000"],
        [0],
        ["Ada: 2026-01-02 03:04:05 to 2026-01-02 03:04:05"],
    )


def test_durations_and_figures_are_formatted() -> None:
    assert [format_duration(seconds) for seconds in (0, 0.44, 9.96, 59.6, 200, 3599.6, 7380)] == [
        *("0.0 s", "0.4 s", "10 s", "1:00 min", "3:20 min", "1:00 h", "2:03 h"),
    ]
    assert format_value(None, TableColumn("x", "count")) == ""
    assert format_value(1234567, TableColumn("x", "count")) == "1,234,567"
    assert format_value(0.125, TableColumn("x", "share")) == "12.5 %"


def test_a_markdown_report_has_tables_and_an_image(hostile_log: Path, tmp_path: Path) -> None:
    done = run_in(tmp_path, "report", hostile_log, "-o", "my report.md")

    assert (done.returncode, done.stdout, done.stderr) == (0, "my report.md\n", "")
    text = (tmp_path / "my report.md").read_text(encoding="utf-8")
    assert "![The charts of this report](my%20report.png)" in text
    assert "| =1\\+1 |" in text
    assert "<script" not in text.replace("\\<script", "")
    with Image.open(tmp_path / "my report.png") as image:
        assert image.width > 900
        assert image.height > 2000


def test_a_file_that_is_not_a_log_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n", encoding="utf-8")

    done = run_in(tmp_path, "report", "notes.csv")

    assert done.returncode == 1
    assert "notes.csv is not a facecam log" in done.stderr
    assert not (tmp_path / "report.html").exists()


def info() -> SessionInfo:
    return SessionInfo("20260102T030405Z-beef", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "0.1.0")
