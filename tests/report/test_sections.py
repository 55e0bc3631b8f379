"""What the sections of a report count: sessions, labels, markers, readings, taught objects, and what they say without data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from facecam.errors import LogError
from facecam.logbook.schema import RowOrigin, SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.report import Format
from facecam.report.page import make_report, write_report
from facecam.report.parts import BarChart, LineChart, Report, TimelineChart
from facecam.settings import Mode
from facecam.types import Event, EventCode, FrameCounts, Label, TimeOrigin
from tests.report.conftest import result, sighting
from tests.report.lessons import write_session

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def rows_of(report: Report, key: str) -> list[dict[str, Any]]:
    """Return the rows of a table by heading."""
    (table,) = [table for section in report.sections for table in section.tables if table.key == key]
    return [dict(zip([column.head for column in table.columns], row, strict=True)) for row in table.rows]


def chart_of(report: Report, key: str) -> Any:
    (chart,) = [chart for chart in report.charts if chart.key == key]
    return chart.body


def figure(report: Report, what: str) -> str:
    (row,) = [row for row in rows_of(report, "summary") if row["What"] == what]
    return str(row["Figure"])


def sentences(report: Report, key: str) -> str:
    (section,) = [section for section in report.sections if section.key == key]
    return " ".join(section.sentences)


def test_two_sessions_at_the_same_time_are_two_visits_and_two_bars(tmp_path: Path) -> None:
    for number in (1, 2):
        write_session(tmp_path, START, {"Ada": [(0, 60)]}, seconds=61, suffix=f"000{number}")

    report = make_report([tmp_path])

    (ada,) = rows_of(report, "people")
    assert (ada["Visits"], ada["Duration"], ada["Share of the time"]) == (2, 120, pytest.approx(120 / 122, abs=1e-6))
    timeline = chart_of(report, "timeline")
    assert isinstance(timeline, TimelineChart)
    assert len(timeline.begin) == 2
    bars = chart_of(report, "expression-time")
    assert isinstance(bars, BarChart)
    assert len(bars.data) == 2 * 61
    assert set(bars.widths) == {500}, "both share the width of their second"
    lines = chart_of(report, "valence")
    assert isinstance(lines, LineChart)
    assert int(lines.data["Ada"].isna().sum()) == 1, "no line joins two sessions"
    assert chart_of(report, "hours").data.to_numpy().sum() == pytest.approx(2)


def test_the_denominator_is_every_frame_also_without_a_face(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 240)]}, seconds=600)

    report = make_report([log])

    (frames,) = rows_of(report, "frames")
    assert (frames["Frames analyzed"], frames["Frames with faces"], frames["Time with frames"]) == (600, 241, 600)
    assert rows_of(report, "people")[0]["Share of the time"] == pytest.approx(0.4)
    assert (figure(report, "Frames analyzed"), figure(report, "Frames with faces")) == ("600", "241")


def test_frames_logged_is_one_number(tmp_path: Path) -> None:
    with LogWriter(tmp_path, session("0001")) as writer:
        writer.write(result(0, 0, events=(Event("empty", ""),)), 0)
        for index in range(1, 4):
            sightings = (sighting("Ada", 1), sighting("Grace", 2))
            writer.write(result(index * 100.0, index, sightings=sightings, threshold_l2=0.3), 0)

    report = make_report([tmp_path])

    assert figure(report, "Frames logged") == "4"
    assert [row["Frames logged"] for row in rows_of(report, "speed")] == [4]
    assert "Half of 4 logged frames" in sentences(report, "speed")
    assert (figure(report, "Faces detected"), figure(report, "Rows")) == ("6", "7")


def test_sessions_are_selected_and_compared_by_their_labels(tmp_path: Path) -> None:
    for number, condition, people in ((1, "1", {"Ada": [(0, 30)]}), (2, "2", {"Ada": [(0, 50)], "Grace": [(0, 9)]})):
        start = START + timedelta(hours=number)
        write_session(tmp_path, start, people, seconds=100, labels={"condition": condition}, suffix=f"000{number}")
    write_session(tmp_path, START, {"Ada": [(0, 5)]}, seconds=100, suffix="0003")

    report = make_report([tmp_path])
    second = make_report([tmp_path], {"condition": "2"})

    labels = [(row["Label"], row["Value"], row["Sessions"], row["People"], row["Duration of visits"], row["Readings"])
              for row in rows_of(report, "labels")]  # fmt: skip
    assert labels == [("condition", "1", 1, 1, 30, 31), ("condition", "2", 1, 2, 59, 61)]
    assert [row["condition"] for row in rows_of(report, "sessions")] == [None, "1", "2"]
    assert (figure(second, "Sessions"), second.title) == ("1", f"{tmp_path.name} (condition=2)")
    assert {row["Name"] for row in rows_of(second, "people")} == {"Ada", "Grace"}
    with pytest.raises(LogError, match="condition=3"):
        make_report([tmp_path], {"condition": "3"})
    with pytest.raises(LogError, match="no session has a label mood"):
        make_report([tmp_path], {"mood": "2"})


def test_markers_are_lines_on_every_time_axis_and_a_table(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 60)]}, seconds=61, markers={10.0: "film", 40.0: "pause"})

    report = make_report([log])

    assert [(row["Marker"], row["Session time (s)"]) for row in rows_of(report, "markers")] == [("film", 10), ("pause", 40)]
    for key in ("timeline", "expression-time", "valence", "latency"):
        marks = chart_of(report, key).marks
        assert [mark.text for mark in marks] == ["film", "pause"]
        assert marks[1].at - marks[0].at == pd.Timedelta(30, "s").to_timedelta64()


def test_a_report_can_be_limited_to_the_time_between_two_markers(tmp_path: Path) -> None:
    people = {"Ada": [(0.0, 60.0)], "Grace": [(45.0, 60.0)]}
    write_session(tmp_path, START, people, seconds=61, markers={10.0: "task", 40.0: "pause"}, suffix="0001")
    write_session(tmp_path, START + timedelta(hours=1), {"Grace": [(0.0, 60.0)]}, seconds=61, suffix="0002")

    report = make_report([tmp_path], between=("task", "pause"))

    assert report.title == f"{tmp_path.name}, from task to pause"
    assert figure(report, "Sessions") == "1"
    assert [(row["Name"], row["Duration"]) for row in rows_of(report, "people")] == [("Ada", 29)]
    with pytest.raises(LogError, match="no session has a marker 'break'; markers of this log: pause, task"):
        make_report([tmp_path], between=("break", "pause"))


def test_only_readings_of_faces_that_passed_the_gates_count_as_expressions(tmp_path: Path) -> None:
    with LogWriter(tmp_path, session("0001")) as writer:
        for index in range(100):
            seen = sighting("Ada", 1, gate="blurry" if index >= 90 else None, expression_read=index % 10 == 0)
            writer.write(result(index * 100.0, index, sightings=(seen,), threshold_l2=0.3), 0)

    report = make_report([tmp_path])

    (ada,) = rows_of(report, "expressions")
    assert (ada["Readings"], ada["Missing"]) == (9, pytest.approx(0.1))
    assert "9 readings" in sentences(report, "expressions")


def test_a_taught_object_is_counted_like_any_other(tmp_path: Path) -> None:
    with LogWriter(tmp_path, session("0001")) as writer:
        for index in range(70):
            writer.write(result(index * 100.0, index, mode=Mode.OBJECTS, labels=(Label("my mug", "", 0.2),)), 0)
        for index in range(70, 80):
            writer.write(result(index * 100.0, index, mode=Mode.OBJECTS, labels=(Label("crane", "n02012849", 0.9),)), 0)

    report = make_report([tmp_path])

    found = [(row["Label"], row["WordNet id"], row["Frames"]) for row in rows_of(report, "objects")]
    assert found == [("my mug", None, 70), ("crane", "n02012849", 10)]
    assert chart_of(report, "objects").data["frames"].to_dict() == {"my mug": 70, "crane": 10}
    assert "80 frames were classified; 80 showed an object" in sentences(report, "objects")


@pytest.mark.parametrize("kind", [Format.HTML, Format.MD])
def test_a_log_of_objects_alone_says_that_nobody_was_recognized(tmp_path: Path, kind: Format) -> None:
    with LogWriter(tmp_path, session("0001")) as writer:
        for index in range(10):
            writer.write(result(index * 100.0, index, mode=Mode.OBJECTS, labels=()), 0)

    report = make_report([tmp_path])
    write_report([tmp_path], tmp_path / "report", kind)

    assert "No person was recognized" in sentences(report, "presence")
    assert "No object was shown." in sentences(report, "objects")
    assert "No face was compared" in sentences(report, "decisions")


def test_a_log_of_unknown_faces_alone_has_a_timeline_and_no_expressions(tmp_path: Path) -> None:
    with LogWriter(tmp_path, session("0001")) as writer:
        for index in range(50):
            writer.write(result(index * 100.0, index, sightings=(sighting(None, 1),), threshold_l2=0.3), 0)

    report = make_report([tmp_path])

    assert chart_of(report, "timeline").rows == ("(unknown)",)
    assert "1 unknown face appeared" in sentences(report, "summary")
    assert "No expression of a known person was read." in sentences(report, "expressions")
    assert [(row["Stayed"], row["Sightings"]) for row in rows_of(report, "unknown")] == [(4.9, 50)]


def test_a_log_without_counts_of_frames_says_so(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 60)]}, seconds=61, counts=False)

    report = make_report([log])

    assert [figure(report, what) for what in ("Frames analyzed", "Frames with faces", "Time with frames")] == ["not counted"] * 3
    assert rows_of(report, "people")[0]["Share of the time"] is None
    assert "The share of the time is left out" in sentences(report, "presence")
    assert "Sessions without counts of frames" in sentences(report, "sessions")


def test_dropped_frames_are_those_of_the_sources(tmp_path: Path) -> None:
    with LogWriter(tmp_path, session("0001")) as writer:
        for index in range(10):
            writer.write(result(index * 100.0, index, sightings=(sighting("Ada", 1),), threshold_l2=0.3), index)
        writer.event(Event("frames", "", frames=FrameCounts(30, 10, 10, 1000.0, 20)), 1000.0, RowOrigin("<camera> & 0", ""))

    report = make_report([tmp_path])

    assert rows_of(report, "frames")[0]["Frames dropped"] == 20
    assert rows_of(report, "speed")[0]["Frames dropped"] == 20
    assert "20 frames were dropped" in sentences(report, "speed")
    assert chart_of(report, "dropped").data["dropped"].sum() == 9, "as far as a row says when"


def test_a_log_with_frames_but_without_any_face_has_its_time(tmp_path: Path) -> None:
    with LogWriter(tmp_path, session("0001")) as writer:
        writer.write(result(0, 0, events=(Event("empty", ""),)), 0)
        counts = FrameCounts(300, 300, 0, 10_000.0)
        writer.event(Event("frames", "", frames=counts), 10_000.0, RowOrigin("<camera> & 0", ""))

    report = make_report([tmp_path])

    assert (figure(report, "Frames with faces"), figure(report, "Time with frames")) == ("0", "10 s")
    assert "No person was recognized" in sentences(report, "presence")


def test_estimated_times_are_named(tmp_path: Path) -> None:
    write_session(tmp_path, START, {"Ada": [(0, 5)]}, seconds=6, origin=TimeOrigin.FILE, source="a.mkv")

    report = make_report([tmp_path])

    assert rows_of(report, "frames")[0]["Its time"] == "the file's own time (estimate)"
    assert "1 source has its times from the file's own time (estimate)." in sentences(report, "quality")


def test_sources_with_few_frames_are_counted(tmp_path: Path) -> None:
    for suffix in ("a", "b"):
        with LogWriter(tmp_path, session(suffix * 4)) as writer:
            for t_ms in (0.0, 9000.0) if suffix == "a" else ():
                writer.event(Event("state", "frames are 4 s apart", code=EventCode.SPARSE_FRAMES), t_ms, RowOrigin("camera 0"))
            writer.write(result(0.0, 0, sightings=(sighting("Ada", 1),), threshold_l2=0.3), 0)

    report = make_report([tmp_path])

    assert "1 source showed so few frames that faces were decided on single sightings." in sentences(report, "quality")


def test_a_bin_is_never_wider_than_the_charts_limit(tmp_path: Path) -> None:
    for seconds in (121, 240, 250, 1201):
        log = write_session(tmp_path / str(seconds), START, {"Ada": [(0, seconds)]}, seconds=seconds)

        assert len(chart_of(make_report([log]), "latency").data) <= 120


def session(suffix: str) -> SessionInfo:
    return SessionInfo(f"20260302T080000Z-{suffix}", START, "0.1.0", "nn4", "fer")
