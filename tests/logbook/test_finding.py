"""Finding a person in logs and in results: renamed people, people with one name, and rows before the name was decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from facecam.logbook import finding
from facecam.logbook.finding import FoundFaces, find_in_logs
from facecam.logbook.schema import SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.types import Event, Result, SourceTime, TimeOrigin

Make = Callable[..., Any]
MakeFace = Callable[..., Any]


def test_a_person_is_found_under_a_former_name_and_not_under_that_of_another(
    tmp_path: Path, session: SessionInfo, face_of: MakeFace, result: Make
) -> None:
    with LogWriter(tmp_path, session) as writer:
        writer.write(result(face_of("Miss King", 1, person_id="1"), t_ms=1000.0), 0)
        writer.write(result(face_of("Ada", 2, person_id="2"), t_ms=20_000.0), 0)

    found = find_in_logs([writer.path], "Ada", "1")

    assert found["begin_s"].tolist() == [1.0]
    assert found["distance_l2"].tolist() == [0.2]
    assert find_in_logs([writer.path], "Ada", None)["begin_s"].tolist() == [20.0]


@pytest.mark.parametrize("compact_rows", [3, 100_000])
def test_results_of_a_video_have_the_spans_that_its_log_has(
    tmp_path: Path,
    session: SessionInfo,
    face_of: MakeFace,
    result: Make,
    monkeypatch: pytest.MonkeyPatch,
    compact_rows: int,
) -> None:
    monkeypatch.setattr(finding, "_COMPACT_ROWS", compact_rows)
    time = SourceTime(datetime(2025, 5, 6, 7, 8, 9, tzinfo=UTC), TimeOrigin.GIVEN)
    faces = FoundFaces("Ada", "id of Ada")
    results: list[Result] = []
    for number in range(60):
        seen = [face_of("" if number < 5 else "Ada", 1)] if number < 20 or number >= 40 else []
        seen += [face_of("Grace", 2)] if number < 10 else []
        seen += [face_of("", 3)] if 10 <= number < 15 else []
        gone = {12: 2, 18: 3}.get(number)
        events = () if gone is None else (Event("exit", track_id=gone),)
        results.append(result(*seen, t_ms=number * 500.0, frame_index=number, events=events))
    with LogWriter(tmp_path, session) as writer:
        for each in results:
            writer.write(each, 0, time)
            faces.add(each)

    found, logged = faces.found(Path("clip.mkv"), time), find_in_logs([writer.path], "Ada", "id of Ada")

    columns = ["begin_utc", "end_utc", "ts_origin", "begin_s", "end_s", "sightings", "distance_l2"]
    assert found[columns].astype(object).to_dict("records") == logged[columns].astype(object).to_dict("records")
    assert found["begin_s"].tolist() == [0.0, 20.0]
    assert faces.found(Path("clip.mkv"), replace(time, origin=TimeOrigin.FILE))["ts_origin"].tolist() == ["file", "file"]


def test_a_video_without_frames_or_faces_has_no_spans(result: Make) -> None:
    time = SourceTime(datetime(2025, 5, 6, tzinfo=UTC), TimeOrigin.FILE)
    faces = FoundFaces("Ada", "1")

    assert faces.found(Path("clip.mkv"), time).empty
    faces.add(result(t_ms=0.0))
    assert faces.found(Path("clip.mkv"), time).empty
