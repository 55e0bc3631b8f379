"""Rows of the log: the content of each column."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.errors import SettingsError
from facecam.logbook.schema import (
    COLUMNS,
    HEADER,
    NAMES,
    RowOrigin,
    SessionInfo,
    check_labels,
    csv_line,
    csv_lines,
    escape,
    event_row,
    new_session_id,
    result_rows,
)
from facecam.settings import Mode
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionParameters,
    DecisionStatus,
    Event,
    EventCode,
    FrameCounts,
    Label,
    Quality,
    Result,
    Sighting,
    SourceTime,
    TimeOrigin,
    TrackDecision,
)

DESIGNED = """
schema_version, session_id, ts_utc, t_ms, frame_index, source, camera_id, mode, event, message, track_id, track_age_ms,
faces_in_frame, x, y, w, h, frame_w, frame_h, detect_score, sharpness, brightness, yaw_deg, pitch_deg, roll_deg, gate, embedded,
nearest_name, distance_l2, second_name, second_distance_l2, margin_l2, threshold_l2, sample_id, sighting_decision,
evidence_weight, votes_for, votes_total, decision, reason, name, expression, p_angry, p_disgust, p_fear, p_happy, p_sad,
p_surprise, p_neutral, valence, label_1, label_1_id, p_1, label_2, label_2_id, p_2, label_3, label_3_id, p_3, detect_ms,
embed_ms, total_ms, dropped_frames, embed_model, expression_model, gallery_revision, event_code, event_person, last_seen_ms,
rejected_l2, required_margin_l2, unsure_band_l2, enter_after_sightings, follow, sample_distance_l2,
own_threshold_l2, threshold_reduction_l2, threshold_limit_l2, ts_origin, person_id, expression_read, session_labels, marker,
frames_read, frames_analyzed, frames_with_faces, frames_span_ms, live_score, presentation_check
"""

FILLED = ("own_threshold_l2", "threshold_reduction_l2", "ts_origin", "person_id", "expression_read")
"""Columns of later versions than the first that every row of a known person has."""

MakeSighting = Callable[..., Sighting]
MakeResult = Callable[..., Result]


def named(row: list[str]) -> dict[str, str]:
    return dict(zip(NAMES, row, strict=True))


def test_the_columns_are_in_the_documented_order() -> None:
    assert [column.name for column in COLUMNS] == re.findall(r"\w+", DESIGNED)
    assert HEADER.strip().split(",") == re.findall(r"\w+", DESIGNED)


def test_the_documentation_lists_the_same_columns() -> None:
    document = (Path(__file__).parents[2] / "docs" / "reference" / "log-format.md").read_text(encoding="utf-8")

    table = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*) \| (.+) \|$", document.partition("## Columns")[2], re.MULTILINE)
    assert table == [(column.name, column.kind, column.unit, column.description) for column in COLUMNS]


def test_every_column_is_described_once() -> None:
    descriptions = [column.description for column in COLUMNS]
    assert all(descriptions)
    assert len(set(descriptions)) == len(descriptions)


def test_a_sighting_fills_its_row_with_fixed_digits(sighting: MakeSighting, result: MakeResult, session: SessionInfo) -> None:
    (row,) = result_rows(result(sighting()), session, dropped_frames=2)

    cells = named(row)
    assert {name: text for name, text in cells.items() if not text} == dict.fromkeys(
        [
            "camera_id",
            "message",
            "gate",
            *(f"{kind}_{n}{end}" for n in "123" for kind, end in (("label", ""), ("label", "_id"), ("p", ""))),
            *(name for name in NAMES[NAMES.index("event_code") :] if name not in FILLED),
        ],
        "",
    )
    expected = """schema_version=6 session_id=20260102T030405Z-beef ts_utc=2026-01-02T03:04:05.483Z t_ms=233.333 frame_index=7
        source=clip.mkv mode=faces event=seen track_id=4 track_age_ms=133.400 faces_in_frame=1 x=10.0 y=20.1 w=60.0 h=72.0
        frame_w=640 frame_h=480
        detect_score=0.998765 sharpness=120.500 brightness=99.250 yaw_deg=-3.50 pitch_deg=0.00 roll_deg=0.00 embedded=1
        nearest_name=Ada distance_l2=0.200000 second_name=Grace second_distance_l2=0.450000 margin_l2=0.250000
        threshold_l2=0.322000 sample_id=ada-1.jpg sighting_decision=known evidence_weight=0.750000 votes_for=3.500000
        votes_total=4.000000 decision=known reason=match name=Ada expression=happy p_angry=0.1000 p_disgust=0.0000 p_fear=0.1000
        p_happy=0.6000 p_sad=0.1000 p_surprise=0.0500 p_neutral=0.0500 valence=0.3280 detect_ms=12.34 embed_ms=3.00 total_ms=20.00
        dropped_frames=2 embed_model=nn4 expression_model=fer gallery_revision=r1
        own_threshold_l2=0.322000 threshold_reduction_l2=0.000000 ts_origin=clock person_id=p1 expression_read=0"""
    wanted = dict(pair.split("=") for pair in expected.split())
    assert {name: text for name, text in cells.items() if text} == wanted


def test_the_mean_of_the_samples_and_the_nearest_of_them_have_a_distance_each(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo
) -> None:
    decision = Decision(DecisionStatus.KNOWN, "match", "Ada", Candidate("Ada", "p1", "ada-1.jpg", 0.2, sample_l2=0.25))
    (row,) = result_rows(result(sighting(decision=decision)), session, 0)

    cells = named(row)
    assert (cells["distance_l2"], cells["sample_distance_l2"], cells["sample_id"]) == ("0.200000", "0.250000", "ada-1.jpg")


@pytest.mark.parametrize(("is_scored", "cell"), [(True, "0.1235"), (False, "")])
def test_a_live_score_stands_in_the_row_of_the_frame_on_which_it_was_taken(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo, is_scored: bool, cell: str
) -> None:
    face = sighting()
    scored = dataclasses.replace(
        face, track_decision=dataclasses.replace(face.track_decision, live_score=0.12345, is_scored=is_scored)
    )
    (row,) = result_rows(result(scored), session, 0)

    assert named(row)["live_score"] == cell


@pytest.mark.parametrize(("limit_l2", "own", "limit"), [(None, "0.309700", ""), (0.3, "0.300000", "0.300000")])
def test_the_nearest_persons_own_threshold_is_logged_with_what_lowers_it(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo, limit_l2: float | None, own: str, limit: str
) -> None:
    ada = Candidate("Ada", "p1", "ada-1.jpg", 0.2, threshold_reduction_l2=0.0123, threshold_limit_l2=limit_l2)
    (row,) = result_rows(result(sighting(decision=Decision(DecisionStatus.KNOWN, "match", "Ada", ada))), session, 0)

    cells = named(row)
    assert (cells["threshold_l2"], cells["own_threshold_l2"]) == ("0.322000", own)
    assert (cells["threshold_reduction_l2"], cells["threshold_limit_l2"]) == ("0.012300", limit)


def test_the_name_is_the_tracks_and_the_nearest_is_the_sightings(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo
) -> None:
    undecided = TrackDecision(1, 0.0, Decision(DecisionStatus.UNSURE, "tie"), 1.0, 2.0)
    (row,) = result_rows(result(sighting("Ada", track_decision=undecided)), session, 0)

    cells = named(row)
    assert (cells["decision"], cells["reason"], cells["name"]) == ("unsure", "tie", "")
    assert (cells["sighting_decision"], cells["nearest_name"], cells["sample_id"]) == ("known", "Ada", "ada-1.jpg")


def test_a_face_that_was_not_compared_has_a_gate_and_no_distances(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo
) -> None:
    skipped = Decision(DecisionStatus.SKIPPED, "blurry")
    (row,) = result_rows(result(sighting(gate="blurry", embedded=False, decision=skipped, expression=None)), session, 0)

    cells = named(row)
    assert (cells["gate"], cells["embedded"], cells["sighting_decision"]) == ("blurry", "0", "skipped")
    empty = (
        "nearest_name",
        "distance_l2",
        "second_name",
        "second_distance_l2",
        "margin_l2",
        "sample_id",
        "expression",
        "p_sad",
        "valence",
    )
    assert {cells[name] for name in empty} == {""}


def test_nan_and_infinity_are_empty_and_numpy_numbers_are_accepted(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo
) -> None:
    quality = Quality(math.inf, -0.0, np.float64(1.0), sharpness=np.float32(12.5), brightness=math.nan)
    (row,) = result_rows(result(sighting(quality=quality, embedded=np.bool_(False)), threshold_l2=None), session, 0)

    cells = named(row)
    assert (cells["sharpness"], cells["brightness"], cells["yaw_deg"], cells["pitch_deg"]) == ("12.500", "", "", "0.00")
    assert (cells["embedded"], cells["threshold_l2"]) == ("0", "")


def test_every_face_has_a_row_and_every_event_one_more(sighting: MakeSighting, result: MakeResult, session: SessionInfo) -> None:
    events = (Event("enter", "Ada came", track_id=4, name="Ada"), Event("exit", "someone left", track_id=2))
    table = [named(row) for row in result_rows(result(sighting(), sighting("Bob"), events=events), session, 0)]

    assert [(row["event"], row["track_id"], row["name"], row["decision"], row["message"]) for row in table] == [
        ("seen", "4", "Ada", "known", ""),
        ("seen", "4", "Bob", "known", ""),
        ("enter", "4", "Ada", "known", "Ada came"),
        ("exit", "2", "", "", "someone left"),
    ]
    assert [(row["faces_in_frame"], row["total_ms"]) for row in table] == [("2", "20.00"), ("2", "20.00"), ("2", ""), ("2", "")]


def test_an_empty_frame_has_its_event_with_the_times_and_nothing_else(result: MakeResult, session: SessionInfo) -> None:
    (row,) = result_rows(result(events=(Event("empty"),)), session, 0)

    assert (named(row)["event"], named(row)["faces_in_frame"], named(row)["total_ms"]) == ("empty", "0", "20.00")
    assert result_rows(result(), session, 0) == []


def test_a_frame_of_objects_has_one_row_with_its_three_best_labels(result: MakeResult, session: SessionInfo) -> None:
    labels = tuple(Label(name, f"n{n}", 0.5 / n) for n, name in enumerate(("crane", "crane", "cup", "pen"), start=1))
    (row,) = result_rows(result(mode=Mode.OBJECTS, labels=labels, threshold_l2=None), session, 0)

    cells = named(row)
    assert [cells[f"label_{n}"] for n in (1, 2, 3)] == ["crane", "crane", "cup"]
    assert [cells[f"label_{n}_id"] for n in (1, 2, 3)] == ["n1", "n2", "n3"]
    assert [cells[f"p_{n}"] for n in (1, 2, 3)] == ["0.5000", "0.2500", "0.1667"]
    assert (cells["mode"], cells["faces_in_frame"], cells["x"]) == ("objects", "", "")


def test_an_undecided_frame_of_objects_has_a_row_without_labels(result: MakeResult, session: SessionInfo) -> None:
    (row,) = result_rows(result(mode=Mode.OBJECTS, region=Box(1, 2, 3, 4), threshold_l2=None), session, 0)

    cells = named(row)
    assert (cells["event"], cells["mode"], cells["total_ms"]) == ("seen", "objects", "20.00")
    assert {cells[f"{kind}_{n}"] for kind in ("label", "p") for n in (1, 2, 3)} == {""}
    assert cells["x"] == ""


def test_a_frame_with_fewer_labels_leaves_the_rest_empty(result: MakeResult, session: SessionInfo) -> None:
    (row,) = result_rows(result(mode=Mode.OBJECTS, labels=(Label("cup", "n1", 0.9),)), session, 0)

    assert (named(row)["label_1"], named(row)["label_2"], named(row)["p_3"]) == ("cup", "", "")


def test_a_rejected_image_is_a_distance_of_the_nearest_person(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo
) -> None:
    nearest = Candidate("Ada", "p1", "ada-1.jpg", 0.2, rejected_l2=0.31)
    decision = Decision(DecisionStatus.UNSURE, "corrected", nearest=nearest)
    (row,) = result_rows(result(sighting(decision=decision)), session, 0)

    cells = named(row)
    assert (cells["nearest_name"], cells["rejected_l2"], cells["message"]) == ("Ada", "0.310000", "")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Event("state", "x", code=EventCode.PAUSED), {"event_code": "paused"}),
        (
            Event("correction", "x", 4, code=EventCode.NAME_REJECTED, person="=Ada"),
            {"event_code": "name_rejected", "event_person": "'=Ada"},
        ),
        (
            Event("exit", "x", 4, "Ada", last_seen_ms=5966.6667, person_id="p1", last_seen_index=179),
            {"last_seen_ms": "5966.667", "person_id": "p1"},
        ),
        (Event("marker", marker="=begin"), {"marker": "'=begin"}),
        (
            Event("frames", frames=FrameCounts(90, 80, 7, 2999.9996, dropped=10)),
            {"frames_read": "90", "frames_analyzed": "80", "frames_with_faces": "7", "frames_span_ms": "3000.000"},
        ),
        (
            Event("state", "x", code=EventCode.DECISION_PARAMETERS, parameters=DecisionParameters(0.05, 0.03, 3, follow=False)),
            {
                "event_code": "decision_parameters",
                "required_margin_l2": "0.050000",
                "unsure_band_l2": "0.030000",
                "enter_after_sightings": "3",
                "follow": "0",
                "presentation_check": "0",
            },
        ),
    ],
    ids=["code", "person", "time", "marker", "frames", "parameters"],
)
def test_fields_of_an_event_are_columns(session: SessionInfo, event: Event, expected: dict[str, str]) -> None:
    cells = named(event_row(event, session, 0.0))

    assert {name: cells[name] for name in NAMES[NAMES.index("event_code") :] if cells[name]} == expected | {"ts_origin": "clock"}


def test_an_exit_has_time_and_frame_of_the_last_sighting(result: MakeResult, session: SessionInfo) -> None:
    left = Event("exit", "Ada left", 4, "Ada", last_seen_ms=100.0, last_seen_index=3)
    (within,) = result_rows(result(events=(left,), t_ms=3100.0, frame_index=93), session, 0)
    outside = event_row(left, session, 3100.0)

    for cells in (named(within), named(outside)):
        assert (cells["t_ms"], cells["frame_index"], cells["ts_utc"]) == ("100.000", "3", "2026-01-02T03:04:05.350Z")


def test_rows_of_a_recording_have_the_time_at_which_it_was_recorded(
    sighting: MakeSighting, result: MakeResult, session: SessionInfo
) -> None:
    recorded = SourceTime(datetime(2015, 6, 1, 12, tzinfo=UTC), TimeOrigin.CONTAINER)
    left = Event("exit", "Ada left", 4, "Ada", last_seen_ms=100.0)
    seen, exit_row = result_rows(result(sighting(), events=(left,)), session, 0, recorded)
    counted = event_row(Event("frames", frames=FrameCounts(1, 1, 1, 1.0)), session, 500.0, RowOrigin("a.mp4", time=recorded))

    assert [named(row)["ts_utc"] for row in (seen, exit_row, counted)] == [
        "2015-06-01T12:00:00.233Z",
        "2015-06-01T12:00:00.100Z",
        "2015-06-01T12:00:00.500Z",
    ]
    assert {named(row)["ts_origin"] for row in (seen, exit_row, counted)} == {"container"}


def test_the_labels_of_the_session_are_in_every_row(sighting: MakeSighting, result: MakeResult, session: SessionInfo) -> None:
    labeled = dataclasses.replace(session, labels={"participant": "P07", "condition": "2"})
    (row,) = result_rows(result(sighting()), labeled, 0)

    assert named(row)["session_labels"] == named(event_row(Event("state"), labeled, 0.0))["session_labels"]
    assert named(row)["session_labels"] == "participant=P07; condition=2"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"Participant": "P07"}, "'Participant' cannot be the name of a session label"),
        ({"id": "P07"}, "session_id is a column of every log"),
        ({"labels": "P07"}, "session_labels is a column of every log"),
        ({"condition": " "}, "'' cannot be the value of the session label condition"),
        ({"condition": "1;2"}, "without ; and = in one line"),
        ({"condition": "1\n2"}, "without ; and = in one line"),
        ({f"l{number}": "1" for number in range(21)}, "a session has 21 labels; give at most 20"),
    ],
)
def test_labels_that_the_column_cannot_hold_are_refused(labels: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(message)):
        check_labels(labels)


def test_spaces_around_the_value_of_a_label_are_removed() -> None:
    assert check_labels({"condition": " two words "}) == {"condition": "two words"}


def test_the_documentation_lists_every_event_code() -> None:
    document = (Path(__file__).parents[2] / "docs" / "reference" / "log-format.md").read_text(encoding="utf-8")

    table = document.partition("## Events")[2].partition("## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| `\w+` \|(.*?)\|", table, re.MULTILINE)))) == set(EventCode)


def test_an_event_outside_a_result_has_its_time_and_place(session: SessionInfo) -> None:
    cells = named(event_row(Event("state", "camera gone"), session, 1500.0, RowOrigin("0", "cam-a", Mode.FACES)))

    assert (cells["event"], cells["message"], cells["ts_utc"]) == ("state", "camera gone", "2026-01-02T03:04:06.750Z")
    assert (cells["source"], cells["camera_id"], cells["mode"], cells["frame_index"]) == ("0", "cam-a", "faces", "")


@pytest.mark.parametrize("first", list("=+-@\t\r\n'\"＝"))
def test_a_text_that_a_spreadsheet_would_run_is_escaped(first: str) -> None:
    assert escape(first + "1+1") == "'" + first + "1+1"
    assert escape("1" + first) == "1" + first
    assert escape("") == ""


@given(st.text())
def test_escaping_is_undone_exactly(text: str) -> None:
    assert escape(text).removeprefix("'") == text.replace("\0", "\ufffd")


@given(st.lists(st.text(), min_size=2))
def test_a_line_is_read_by_the_csv_module(texts: list[str]) -> None:
    assert list(csv.reader(io.StringIO(csv_line(texts), newline=""))) == [texts]


def test_a_whole_log_is_its_header_and_its_rows() -> None:
    assert list(csv_lines([["a", "b,c"]])) == [HEADER, 'a,"b,c"\n']


def test_session_ids_name_their_start_and_differ() -> None:
    ids = {new_session_id(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) for _ in range(20)}

    assert all(re.fullmatch(r"20260102T030405Z-[0-9a-f]{4}", one) for one in ids)
    assert len(ids) > 1


def test_a_session_needs_a_valid_id_and_a_utc_start(session: SessionInfo) -> None:
    with pytest.raises(ValueError, match="expected YYYYMMDDTHHMMSSZ-xxxx"):
        SessionInfo("../../etc/passwd", session.started_at_utc, "0.1.0")
    with pytest.raises(ValueError, match="expected a UTC time"):
        SessionInfo(session.session_id, session.started_at_utc.replace(tzinfo=None), "0.1.0")
