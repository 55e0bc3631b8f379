"""Listing of sessions: start and duration of recordings, of live sessions, of killed ones and of earlier versions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from facecam.logbook.schema import RowOrigin, SessionInfo, new_session_id
from facecam.logbook.sessions import list_sessions
from facecam.logbook.writer import LogWriter
from facecam.types import Event, FrameCounts, SourceTime, TimeOrigin

PROCESSED = datetime(2026, 3, 1, 12, tzinfo=UTC)
RECORDED = datetime(2015, 6, 1, 8, tzinfo=UTC)


def source(started_at: datetime, span_ms: float, **changes: Any) -> dict[str, Any]:
    """Return the description of a file in the session's JSON."""
    frames = {"read": 10, "analyzed": 9, "with_faces": 3, "span_ms": span_ms, "dropped": 1}
    described = {"source": "a.mkv", "live": False, "started_at_utc": started_at.isoformat(), "from_ms": 0.0, "frames": frames}
    return described | changes


def write(folder: Path, *sources: dict[str, Any], t_ms: float = 0.0, ended: bool = True, processed: datetime = PROCESSED) -> Path:
    """Write a session with one row at `t_ms`. Without an end it was killed, and its description is that of the start."""
    begun = [described | {"frames": None} for described in sources]
    info = SessionInfo(new_session_id(processed), processed, "0.1.0", labels={"condition": "2"}, details={"sources": begun})
    log = LogWriter(folder, info)
    log.event(Event("state"), t_ms, RowOrigin(time=SourceTime(RECORDED, TimeOrigin.FILE)))
    running = log.details_path.read_bytes()
    log.close({"sources": list(sources)})
    if not ended:
        log.details_path.write_bytes(running)
    return log.path


def test_a_recording_has_its_own_start_and_length(tmp_path: Path) -> None:
    write(tmp_path, source(RECORDED, 61_500.0))

    (session,) = list_sessions(tmp_path)
    assert (session.started_at_utc, session.duration_s) == (RECORDED, 61.5)
    assert (session.processed_at_utc, session.frames, session.labels) == (PROCESSED, 9, {"condition": "2"})
    assert session.ended_at_utc is not None
    assert session.ended_at_utc.year != 2015, "the end of processing, from which retention counts"


def test_recordings_one_after_another_and_at_once_cover_the_time_of_both(tmp_path: Path) -> None:
    apart = [source(RECORDED, 2000.0), source(RECORDED + timedelta(days=1), 3000.0)]
    overlapping = [source(RECORDED, 2000.0), source(RECORDED + timedelta(seconds=1), 3000.0)]
    write(tmp_path, *apart)
    write(tmp_path, *overlapping)

    assert sorted(session.duration_s or 0 for session in list_sessions(tmp_path)) == [4.0, 5.0]


def test_files_whose_times_are_estimates_count_one_by_one(tmp_path: Path) -> None:
    for origin in (TimeOrigin.FILE, TimeOrigin.CONTAINER, TimeOrigin.GIVEN):
        write(tmp_path / origin, *[source(RECORDED, 2000.0, time_origin=origin.value)] * 3)

    durations = {session.time_origin: session.duration_s for session in list_sessions(tmp_path)}
    assert durations == {"file": 6.0, "container": 6.0, "given": 2.0}


def test_sessions_are_in_the_order_of_their_start(tmp_path: Path) -> None:
    later = write(tmp_path, source(RECORDED + timedelta(hours=1), 1000.0), processed=PROCESSED)
    first = write(tmp_path, source(RECORDED, 1000.0), processed=PROCESSED + timedelta(days=1))

    assert [session.path for session in list_sessions(tmp_path)] == [first, later]


def test_a_live_session_has_its_clock(tmp_path: Path) -> None:
    write(tmp_path, source(PROCESSED, 500.0, live=True))

    (session,) = list_sessions(tmp_path)
    assert session.started_at_utc == PROCESSED
    assert session.duration_s is not None
    assert session.duration_s < 60, "the time for which the log was open"


def test_a_killed_session_is_as_long_as_its_rows(tmp_path: Path) -> None:
    write(tmp_path, source(RECORDED, 0.0, from_ms=1000.0), t_ms=7500.0, ended=False)
    write(tmp_path, source(PROCESSED, 0.0, live=True), t_ms=7500.0, ended=False)

    recorded, live = list_sessions(tmp_path)
    assert (recorded.started_at_utc, recorded.duration_s) == (RECORDED + timedelta(seconds=1), 6.5)
    assert (live.started_at_utc, live.duration_s) == (PROCESSED, 7.5)
    assert recorded.ended_at_utc is recorded.rows is recorded.frames is None


def test_counts_from_the_beginning_of_a_killed_session_are_not_its_length(tmp_path: Path) -> None:
    path = write(tmp_path, source(RECORDED, 9000.0), t_ms=4500.0, ended=False).with_suffix(".json")
    details = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(details | {"sources": [source(RECORDED, 0.0)]}), encoding="utf-8")

    (session,) = list_sessions(tmp_path)
    assert (session.duration_s, session.frames) == (4.5, None)


def test_the_end_of_a_long_killed_log_is_found_in_its_last_part(tmp_path: Path) -> None:
    info = SessionInfo(new_session_id(PROCESSED), PROCESSED, "0.1.0")
    log = LogWriter(tmp_path, info, part_bytes=20_000)
    for number in range(1000):
        log.event(Event("state", 'a "quoted", long message'), float(number))
    log.event(Event("frames", frames=FrameCounts(1, 1, 1, 1.0)), 500.0)
    running = json.loads(log.details_path.read_text(encoding="utf-8"))
    log.close()
    log.details_path.write_text(json.dumps(running), encoding="utf-8")
    with log.path.with_suffix(".9999.csv").open("x", encoding="utf-8") as part:
        part.write(log.path.read_text(encoding="utf-8").partition("\n")[0] + "\n4,torn")

    (session,) = list_sessions(tmp_path)
    assert session.duration_s == 0.999, "the last part has no whole row"


def test_a_session_of_an_earlier_version_has_the_times_of_recognition(tmp_path: Path) -> None:
    path = write(tmp_path)
    details = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    for name in ("labels", "duration_s"):
        del details[name]
    details["sources"] = [{"source": "a.mkv", "camera_id": "", "size_wh": [640, 480], "fps": 30.0}]
    details["ended_at_utc"] = (PROCESSED + timedelta(seconds=9)).isoformat()
    path.with_suffix(".json").write_text(json.dumps(details), encoding="utf-8")

    (session,) = list_sessions(tmp_path)
    assert (session.started_at_utc, session.duration_s) == (PROCESSED, 9.0)
    assert (session.labels, session.frames) == ({}, None)
