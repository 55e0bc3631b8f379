"""Log queries: the examples in the docstrings, results computed by hand, and results compared to plain loops."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.errors import LogError
from facecam.logbook import queries, spans
from facecam.logbook.reader import read_log
from facecam.logbook.schema import RowOrigin, SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.settings import Mode
from facecam.types import (
    Event,
    FrameCounts,
    Label,
)
from tests.logbook.conftest import HAPPY, PLAIN

Make = Callable[..., Any]
MakeFace = Callable[..., Any]

few = settings(max_examples=25)

QUERIES = [name for name in vars(queries.LogQueries) if not name.startswith("_") and name not in ("sessions", "where", "between")]
"""Queries that are empty for a log without faces and objects."""


@pytest.fixture(scope="session")
def ten_minutes(tmp_path_factory: pytest.TempPathFactory, session: SessionInfo, face_of: MakeFace, result: Make) -> Path:
    """Log with Ada twice, Grace once, an unknown person, then objects; one frame per second. Half of Grace is too blurry."""
    people = [(0, 60, "Ada", 1, HAPPY), (30, 150, "Grace", 2, PLAIN), (300, 330, "Ada", 3, HAPPY), (400, 410, None, 4, PLAIN)]
    objects = [(500, 507, "coffee mug", "n03063599"), (520, 527, "coffee mug", "n03063599"), (540, 544, "banana", "n07753592")]
    objects += [(560, 569, "my mug", "")]
    labeled = replace(session, labels={"participant": "P07", "condition": "2"})
    with LogWriter(tmp_path_factory.mktemp("log"), labeled) as writer:
        for second in range(500):
            faces = [
                face_of(name, track, expression, gate="blurry" if name == "Grace" and second > 90 else None)
                for begin, end, name, track, expression in people
                if begin <= second <= end
            ]
            writer.write(result(*faces, frame_index=second, t_ms=second * 1000.0), 0)
        for begin, end, name, label_id in objects:
            for second in range(begin, end + 1):
                labels = (Label(name, label_id, 0.9), Label("book", "n02870526", 0.05))
                writer.write(result(mode=Mode.OBJECTS, labels=labels, t_ms=second * 1000.0), 0)
        for second, text in ((60, "task"), (300, "pause")):
            writer.event(Event("marker", "", marker=text), second * 1000.0)
        writer.event(Event("error", "camera gone"), 599_000.0)
        for seconds in (60, 600):
            counts = FrameCounts(seconds, seconds - 10, 190, seconds * 1000.0, 3)
            writer.event(Event("frames", "", frames=counts), seconds * 1000.0, RowOrigin("clip.mkv"))
    return writer.path


def test_the_examples_in_the_docstrings_are_correct(ten_minutes: Path) -> None:
    log = read_log(ten_minutes)
    tests = [test for test in doctest.DocTestFinder().find(queries, globs={"log": log}) if test.examples]
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)

    for test in tests:
        runner.run(test)

    assert len(tests) == 18
    assert runner.summarize().failed == 0


def test_every_query_of_a_log_without_faces_is_empty(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        writer.event(Event("empty", "no face in the image"), 0.0)
    log = queries.LogQueries(read_log(writer.path))

    for name in QUERIES:
        assert getattr(log, name)().empty, name
    assert log.sessions().rows.tolist() == [1]


def test_every_query_of_a_log_without_rows_is_empty(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as writer:
        pass
    log = queries.LogQueries(read_log(writer.path))

    for name in (*QUERIES, "sessions"):
        assert getattr(log, name)().empty, name


def test_only_logs_have_the_accessor() -> None:
    with pytest.raises(AttributeError, match="read_log"):
        _ = pd.DataFrame({"a": [1]}).facecam


def test_a_query_names_the_missing_column(ten_minutes: Path) -> None:
    part = read_log(ten_minutes, columns=["event", "mode", "name", "ts_utc", "event_code", "schema_version"])

    with pytest.raises(LogError, match="needs the column session_id"):
        queries.LogQueries(part).presence()


def test_a_gap_shorter_than_five_seconds_is_bridged_and_one_of_five_is_not(
    tmp_path: Path, session: SessionInfo, face_of: MakeFace, result: Make
) -> None:
    with LogWriter(tmp_path, session) as writer:
        for t_ms in (0.0, 4_999.0, 9_999.0, 12_000.0):
            writer.write(result(face_of("Ada", 1), t_ms=t_ms), 0)

    found = queries.LogQueries(read_log(writer.path)).presence()

    assert found.seconds.tolist() == [4.999, 2.001]
    assert found.sightings.tolist() == [2, 2]


def test_one_person_in_front_of_two_cameras_has_two_presences_and_one_visit(
    tmp_path: Path, session: SessionInfo, face_of: MakeFace, result: Make
) -> None:
    with LogWriter(tmp_path, session) as writer:
        for second in range(11):
            for camera in ("door", "desk"):
                writer.write(result(face_of("Ada", 1), camera_id=camera, t_ms=second * 1000.0), 0)

    log = queries.LogQueries(read_log(writer.path))

    assert log.presence().camera_id.tolist() == ["desk", "door"]
    assert log.visits().seconds.tolist() == [10.0]
    assert log.first_last_seen().seconds.tolist() == [10.0]


def test_people_in_front_of_different_cameras_are_not_together(
    tmp_path: Path, session: SessionInfo, face_of: MakeFace, result: Make
) -> None:
    with LogWriter(tmp_path, session) as writer:
        writer.write(result(face_of("Ada", 1), camera_id="door"), 0)
        writer.write(result(face_of("Grace", 2), camera_id="desk"), 0)

    assert queries.LogQueries(read_log(writer.path)).together().empty


def test_the_same_track_number_in_two_sessions_is_two_visitors(
    tmp_path: Path, session: SessionInfo, face_of: MakeFace, result: Make
) -> None:
    other = replace(session, session_id="20260102T030406Z-beef", started_at_utc=session.started_at_utc + timedelta(seconds=1))
    for info in (session, other):
        with LogWriter(tmp_path, info) as writer:
            writer.write(result(face_of(None, 1)), 0)

    assert len(queries.LogQueries(read_log(tmp_path)).unknown_visits()) == 2


def test_a_track_that_became_known_is_not_an_unknown_visit(
    tmp_path: Path, session: SessionInfo, face_of: MakeFace, result: Make
) -> None:
    with LogWriter(tmp_path, session) as writer:
        for t_ms, name in ((0.0, None), (100.0, "Ada")):
            writer.write(result(face_of(name, 1), t_ms=t_ms), 0)

    assert queries.LogQueries(read_log(writer.path)).unknown_visits().empty


def test_a_visit_over_midnight_is_attendance_on_two_days(
    tmp_path: Path, session: SessionInfo, face_of: MakeFace, result: Make
) -> None:
    late = replace(session, started_at_utc=datetime(2026, 3, 28, 22, 59, 0, tzinfo=UTC))  # 23:59 in Berlin
    with LogWriter(tmp_path, late) as writer:
        for second in range(121):
            writer.write(result(face_of("Ada", 1), t_ms=second * 1000.0), 0)

    found = queries.LogQueries(read_log(writer.path)).attendance("Europe/Berlin").reset_index()

    assert [str(day.date()) for day in found.day] == ["2026-03-28", "2026-03-29"]
    assert found.seconds.tolist() == [60.0, 60.0]
    assert found.visits.tolist() == [1, 1]


def test_local_times_follow_daylight_saving_time() -> None:
    moments = pd.Series(pd.to_datetime(["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", None]))

    shown = spans.local_times(moments, "Europe/Berlin")

    assert shown.astype(str).tolist()[:2] == ["2026-03-29 01:59:59", "2026-03-29 03:00:00"]
    assert shown.isna().tolist() == [False, False, True]
    with pytest.raises(LogError, match="unknown time zone"):
        spans.local_times(moments, "Atlantis")


@pytest.mark.parametrize("values", [[3, 1, 3, 2], [-5, 10**15, -5, 7], [-(2**63), 2**63 - 1], [2, None, 2, 1], []])
def test_groups_of_numbers_are_numbered_in_their_order_with_absent_ones_last(values: list[int | None]) -> None:
    codes = spans.group_codes(pd.DataFrame({"track_id": pd.array(values, "Int64")}), ["track_id"])

    ranks = {value: rank for rank, value in enumerate(sorted({*values}, key=lambda value: (value is None, value or 0)))}
    order = {code: rank for rank, code in enumerate(sorted({*codes.tolist()}))}
    assert [order[code] for code in codes.tolist()] == [ranks[value] for value in values]


@few
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 40), st.integers(0, 10)), max_size=30),
    st.integers(1, 8),
)
def test_joined_spans_equal_those_of_a_plain_loop(given_spans: list[tuple[str, int, int]], gap_s: int) -> None:
    table = pd.DataFrame(given_spans, columns=["who", "begin", "length"]).astype({"begin": "int64", "length": "int64"})
    table[spans.BEGIN] = spans.utc_times(table.begin * 1000)
    table[spans.END] = spans.utc_times((table.begin + table.length) * 1000)
    table[spans.COUNT] = 1

    found = spans.join_spans(table, ["who"], gap_s)

    plain: list[list[Any]] = []
    for who, begin, length in sorted(given_spans):
        if plain and plain[-1][0] == who and begin - plain[-1][2] < gap_s:
            plain[-1][2] = max(plain[-1][2], begin + length)
            plain[-1][3] += 1
        else:
            plain.append([who, begin, begin + length, 1])
    made = zip(found.who, spans.epoch_ms(found[spans.BEGIN]), spans.epoch_ms(found[spans.END]), found.sightings, strict=True)
    assert [[who, begin / 1000, end / 1000, count] for who, begin, end, count in made] == plain


@few
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 30), st.integers(0, 10)), max_size=20))
def test_overlaps_equal_those_of_a_plain_loop(given_spans: list[tuple[str, int, int]]) -> None:
    table = pd.DataFrame(given_spans, columns=["who", "begin", "length"]).astype({"begin": "int64", "length": "int64"})
    table[spans.BEGIN] = spans.utc_times(table.begin * 1000)
    table[spans.END] = spans.utc_times((table.begin + table.length) * 1000)
    table["place"] = 0

    found = spans.overlapping_spans(table.assign(sightings=1), ["place"], "who")

    plain = []
    for number, (one, begin, length) in enumerate(given_spans):
        for other, later, long in given_spans[:number]:
            both = max(begin, later), min(begin + length, later + long)
            if one != other and both[0] <= both[1]:
                plain.append((*sorted((one, other)), both[1] - both[0]))
    assert sorted(zip(found.who_1, found.who_2, found.seconds, strict=True)) == sorted(plain)


@few
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), min_size=1, max_size=10))
def test_split_spans_add_up_and_never_cross_a_quarter_of_an_hour(given_spans: list[tuple[int, int]]) -> None:
    begin = np.array([a for a, _ in given_spans])
    length = np.array([b for _, b in given_spans])
    table = pd.DataFrame(
        {spans.BEGIN: spans.utc_times(begin * 100), spans.END: spans.utc_times((begin + length) * 100), spans.COUNT: 1}
    )

    cut = spans.split_spans(table)

    assert cut.seconds.sum() == pytest.approx(length.sum() / 10)
    first, last = spans.epoch_ms(cut[spans.BEGIN]), spans.epoch_ms(cut[spans.END])
    assert (first // spans.QUARTER_HOUR_MS == np.maximum(last - 1, first) // spans.QUARTER_HOUR_MS).all()
