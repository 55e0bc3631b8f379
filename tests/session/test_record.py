"""What the session's JSON and its `frames` rows say about sources, people and versions."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from facecam.capture.source import Segment, SegmentSource, open_source
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.logbook.reader import read_log
from facecam.recognizer import Recognizer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.record import COUNT_EVERY_MS, FrameCounter, RecordHashes, library_versions
from facecam.session.session import Session
from facecam.session.status import SourceState
from facecam.settings import Mode, Settings
from facecam.types import Frame, FrameCounts, SourceTime, TimeOrigin
from tests.session.conftest import Rig, ScriptedSource

RECORDED = SourceTime(datetime(2015, 6, 1, 12, tzinfo=UTC), TimeOrigin.CONTAINER)


def video(count: int, **script: Any) -> Callable[[float], ScriptedSource]:
    """Return the factory of a recorded video of 10 frames per second."""
    return lambda started_at_s: ScriptedSource(
        started_at_s, live=False, fps=10.0, count=count, frame_count=count, time=RECORDED, **script
    )


def details_of(session: Session) -> dict[str, Any]:
    assert session.log is not None
    return dict(json.loads(session.log.details_path.read_text(encoding="utf-8")))


def rows_of(session: Session) -> pd.DataFrame:
    assert session.log is not None
    return read_log(session.log.path)


def count(counter: FrameCounter, *frames: tuple[float, float, bool], resumed_at_s: float | None = None) -> list[bool]:
    return [counter.add(t_ms, at_s, resumed_at_s, has_faces=has_faces) for t_ms, at_s, has_faces in frames]


def test_the_span_ends_with_the_last_frame_which_lasts_as_long_as_the_others_did() -> None:
    counter = FrameCounter()
    count(counter, (100.0, 0.1, True), (200.0, 0.2, False), (400.0, 0.4, True))

    assert counter.counts(2, 33.0) == FrameCounts(5, 3, 2, 450.0, dropped=2)


def test_a_single_frame_lasts_for_the_nominal_interval() -> None:
    counter = FrameCounter()
    count(counter, (0.0, 0.0, True))

    assert counter.counts(0, 40.0).span_ms == 40.0
    assert FrameCounter().counts(0, 40.0).span_ms == 0.0


def test_a_frame_that_failed_was_read_and_not_analyzed() -> None:
    counter = FrameCounter()
    count(counter, (0.0, 0.0, False))
    counter.add_failed()

    assert counter.counts(0, 40.0) == FrameCounts(2, 1, 0, 40.0)


def test_a_pause_does_not_count() -> None:
    counter = FrameCounter()
    count(counter, (0.0, 10.0, True), (100.0, 10.1, True))
    count(counter, (60_100.0, 70.1, True), (60_200.0, 70.2, True), resumed_at_s=70.05)

    assert counter.counts(0, 0.0).span_ms == 300.0


def test_counts_are_due_once_a_minute() -> None:
    counter = FrameCounter()

    due = count(counter, *((t_ms, t_ms / 1e3, True) for t_ms in np.arange(0, 3 * COUNT_EVERY_MS + 1, 1000.0)))
    assert [index for index, is_due in enumerate(due) if is_due] == [60, 120, 180]


def test_a_video_has_a_row_of_counts_a_minute_and_at_its_end(rig: Rig) -> None:
    with rig.session(video(1250), every_frame=True) as session:
        assert session.wait(60)

    frames = rows_of(session).query("event == 'frames'")
    assert list(frames.t_ms) == [60_000.0, 120_000.0, 124_900.0]
    assert list(frames.frames_read) == [601, 1201, 1250]
    assert list(frames.frames_analyzed) == [601, 1201, 1250]
    assert list(frames.frames_with_faces) == [0, 0, 0]
    assert list(frames.frames_span_ms) == [60_100.0, 120_100.0, 125_000.0]
    assert details_of(session)["sources"][0]["frames"] == {
        "read": 1250,
        "analyzed": 1250,
        "with_faces": 0,
        "span_ms": 125_000.0,
        "dropped": 0,
    }


def test_sources_of_one_frame_that_ended_while_another_was_recognized_lose_nothing(
    rig: Rig, wait_for: Callable[..., None]
) -> None:
    def wait_for_the_ends(_: Frame) -> None:
        wait_for(lambda: all(source.state is SourceState.IDLE for source in session.status().sources))

    session = rig.session(*[video(1)] * 3, every_frame=True, work=wait_for_the_ends)
    with session:
        assert session.wait(60)

    assert [source["frames"]["analyzed"] for source in details_of(session)["sources"]] == [1, 1, 1]


def test_counts_of_dropped_frames_add_up(rig: Rig) -> None:
    release = threading.Event()
    session = rig.session(video(12), work=lambda frame: (release.wait(1.5), None)[1])
    with session:
        assert session.wait(30)

    (last,) = rows_of(session).query("event == 'frames'").tail(1).itertuples()
    assert last.frames_read == last.frames_analyzed + last.dropped_frames == 12
    assert last.dropped_frames > 0


def test_the_span_of_a_camera_lacks_its_pause(rig: Rig, wait_for: Callable[..., None]) -> None:
    with rig.session(ScriptedSource) as session:
        wait_for(lambda: session.status().recognized > 20)
        session.pause(True)
        wait_for(lambda: bool(rig.recognizers[0].finished))
        session.pause(False)
        recognized = session.status().recognized
        wait_for(lambda: session.status().recognized > recognized + 20)

    rows = rows_of(session)
    paused_ms = rows[rows.event_code == "paused"].t_ms.iloc[0]
    seen_ms = rows[rows.event == "seen"].t_ms.to_numpy()
    before, after = seen_ms[seen_ms < paused_ms], seen_ms[seen_ms >= paused_ms]
    intervals = np.concatenate([np.diff(before), np.diff(after)])
    last = rows[rows.event == "frames"].iloc[-1]
    assert last.frames_analyzed == len(seen_ms)
    assert last.frames_span_ms == pytest.approx(intervals.sum() + intervals.mean(), abs=1.0)


def test_rows_of_a_recording_have_its_time_and_the_session_that_of_processing(rig: Rig) -> None:
    with rig.session(video(20), every_frame=True) as session:
        assert session.wait(30)

    rows, details = rows_of(session), details_of(session)
    assert set(rows.ts_origin) == {"container"}
    assert (rows.ts_utc == pd.Timestamp(RECORDED.zero_utc) + pd.to_timedelta(rows.t_ms.round(), unit="ms")).all()
    assert details["sources"][0]["started_at_utc"] == "2015-06-01T12:00:00.000+00:00"
    assert details["sources"][0]["time_origin"] == "container"
    assert details["started_at_utc"][:4] != "2015"
    assert session.log is not None
    assert session.log.path.parent.name == details["started_at_utc"][:10]


def test_rows_of_a_live_source_have_the_clock_of_this_machine(rig: Rig, wait_for: Callable[..., None]) -> None:
    with rig.session(ScriptedSource) as session:
        wait_for(lambda: session.status().recognized > 3)

    rows, details = rows_of(session), details_of(session)
    assert set(rows.ts_origin) == {"clock"}
    assert details["sources"][0]["started_at_utc"] == details["started_at_utc"]
    assert details["sources"][0]["time_origin"] == "clock"
    assert abs(datetime.fromisoformat(details["started_at_utc"]) - datetime.now(UTC)).total_seconds() < 600


def test_a_segment_is_recorded_with_the_sources_own_rate(tmp_path: Path, gallery: Path) -> None:
    segment = Segment(every=10, from_ms=2000.0, to_ms=4000.0)

    def open_segment(started_at_s: float) -> SegmentSource:
        return SegmentSource(open_source("demo", Settings().capture, started_at_s), segment.every, segment.from_ms, segment.to_ms)

    source = SourceConfig("demo", open_segment, segment)
    config = SessionConfig(Settings(), (source,), gallery, log_dir=tmp_path / "logs", every_frame=True, options={"every": 10})
    with Session(config) as session:
        assert session.wait(60)

    details = details_of(session)
    (recorded,) = details["sources"]
    assert {name: recorded[name] for name in ("every", "from_ms", "to_ms", "fps", "sha256", "size_bytes")} == {
        "every": 10,
        "from_ms": 2000.0,
        "to_ms": 4000.0,
        "fps": 30.0,
        "sha256": None,
        "size_bytes": None,
    }
    assert recorded["frames"]["analyzed"] == recorded["frames"]["with_faces"] == 6
    assert recorded["frames"]["span_ms"] == pytest.approx(2000.0, abs=0.01)
    assert details["options"] == {"every": 10}


def test_people_have_the_hashes_of_their_photos_and_libraries_their_versions(
    tmp_path: Path, gallery: Path, portraits: dict[str, Path]
) -> None:
    source = SourceConfig("image", lambda started_at_s: open_source(str(portraits["cat"]), Settings().capture, started_at_s))
    with Session(SessionConfig(Settings(), (source,), gallery, log_dir=tmp_path / "logs", every_frame=True)) as session:
        assert session.wait(60)
        assert session.gallery is not None
        (person,) = session.gallery.people

    details = details_of(session)
    photo = hashlib.sha256(portraits["eileen_collins"].read_bytes()).hexdigest()
    assert details["people"] == [{"person_id": person.person_id, "name": "Eileen Collins", "photos": [photo]}]
    assert details["sources"][0]["sha256"] == hashlib.sha256(portraits["cat"].read_bytes()).hexdigest()
    assert details["sources"][0]["size_bytes"] == portraits["cat"].stat().st_size
    assert details["versions"] == library_versions()
    assert details["versions"]["numpy"] == np.__version__
    assert {"python", "opencv", "ai-edge-litert", "pandas"} <= details["versions"].keys()


def test_photo_hashes_come_from_the_cache_without_reading_a_photo(gallery: Path) -> None:
    with Recognizer(Settings(), gallery) as recognizer:
        loaded = recognizer.gallery
    hashes = RecordHashes(loaded, analysis_conditions(Settings()), ())
    cached = hashes._hash_people()
    for photo in gallery.glob("*/*.jpg"):
        photo.unlink()
    assert RecordHashes(loaded, analysis_conditions(Settings()), ())._hash_people() == [{**cached[0], "photos": []}]


def test_what_was_taught_is_recorded_by_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = {"labels": [{"name": "my mug", "file": "f", "sha256": "ab" * 32}], "head": {"file": "h", "sha256": "cd" * 32}}
    (tmp_path / "taught.json").write_text(json.dumps(index), encoding="utf-8")
    monkeypatch.setenv("FACECAM_OBJECTS", str(tmp_path))
    hashes = RecordHashes(Gallery(tmp_path / "gallery", ""), "", ())
    hashes.run()

    assert hashes.taught == [{"label": "my mug", "sha256": "ab" * 32}, {"label": "", "sha256": "cd" * 32}]


def test_hashing_a_huge_file_stops_with_the_session(tmp_path: Path) -> None:
    huge = tmp_path / "huge.mkv"
    with huge.open("wb") as file:
        file.truncate(1 << 40)  # sparse: a terabyte takes no room and half an hour
    hashes = RecordHashes(Gallery(tmp_path / "gallery", ""), "", [lambda: str(huge)])
    hashes.start()
    hashes.finish(600.0, lambda: True)

    hashes.join(30)
    assert not hashes.is_alive()
    assert hashes.files == {}


def test_a_huge_file_delays_neither_the_rows_nor_the_stop(tmp_path: Path, rig: Rig, wait_for: Callable[..., None]) -> None:
    huge = tmp_path / "huge.mkv"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    with rig.session(video(100_000, source=str(huge)), every_frame=True) as session:
        wait_for(lambda: session.status().recognized > 50)

    assert (rows_of(session).event == "seen").sum() > 50
    (source,) = details_of(session)["sources"]
    assert (source["sha256"], source["size_bytes"]) == (None, None)
    assert source["frames"]["analyzed"] > 50


def test_labels_of_the_session_are_in_its_json_and_rows(rig: Rig) -> None:
    session = rig.session(video(3), every_frame=True)
    config = replace(session._recognition_worker._config, labels={"participant": "P07", "condition": "2"})
    labeled = Session(config, lambda config: rig._recognizer(config, lambda frame: None))  # type: ignore[arg-type, return-value]
    rig.sessions.append(labeled)
    with labeled:
        assert labeled.wait(30)

    assert details_of(labeled)["labels"] == {"participant": "P07", "condition": "2"}
    assert set(rows_of(labeled).session_labels) == {"participant=P07; condition=2"}


def test_a_killed_session_has_the_hashes_that_were_known(tmp_path: Path, rig: Rig, wait_for: Callable[..., None]) -> None:
    clip = tmp_path / "clip.mkv"
    clip.write_bytes(b"frames")
    with rig.session(lambda s: ScriptedSource(s, live=True), video(1, source=str(clip))) as session:
        wait_for(lambda: session.log is not None and "versions" in details_of(session))
        running = details_of(session)

    assert running["ended_at_utc"] is None
    assert running["sources"][1]["sha256"] == hashlib.sha256(b"frames").hexdigest()


def test_objects_mode_is_recorded_without_people(tmp_path: Path, portraits: dict[str, Path]) -> None:
    shutil.copy(portraits["cat"], tmp_path / "cat.jpg")
    source = SourceConfig("cat", lambda started_at_s: open_source(str(tmp_path / "cat.jpg"), Settings().capture, started_at_s))
    config = SessionConfig(Settings(), (source,), tmp_path / "g", Mode.OBJECTS, log_dir=tmp_path / "logs", every_frame=True)
    with Session(config) as session:
        assert session.wait(60)

    details = details_of(session)
    assert (details["people"], details["taught"]) == ([], [])
    assert details["sources"][0]["frames"]["analyzed"] == 1
