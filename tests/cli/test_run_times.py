"""Times of recordings, labels and options of `facecam run`, in the rows and in the session's JSON."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from facecam.logbook.reader import read_log
from facecam.logbook.sessions import delete_old_sessions, list_sessions
from tests.cli.conftest import Command
from tests.servers.stream_server import StreamServer
from tests.session.video_files import frames_in

CLIPS = ("again", "book", "eat", "help", "learn", "milk", "night", "please")
LESSON = pd.Timestamp("2026-03-01T08:30:00Z")


def run(facecam: Command, folder: Path, *args: str | Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Run without a window and return the log's rows and the session's JSON."""
    done = facecam("run", "--no-window", "--log", "logs", "--gallery", "gallery", *args)
    assert done.returncode == 0, done.stderr
    path = folder / done.stdout.splitlines()[-1]
    return read_log(path), json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.fixture
def photo(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """A photo that was changed in 2015."""
    path = Path(shutil.copy(portraits["eileen_collins"], tmp_path / "photo.jpg"))
    changed = datetime(2015, 6, 1, 12, tzinfo=UTC).timestamp()
    os.utime(path, (changed, changed))
    return path


def clips(test_data: Path) -> list[Path]:
    return [test_data / "data" / "webcam" / f"{name}.mkv" for name in CLIPS]


def assert_times(rows: pd.DataFrame, began_at: pd.Timestamp) -> None:
    """Assert that each row has the time at which its frame was recorded, to the millisecond."""
    expected = began_at + pd.to_timedelta(rows.t_ms.round(), unit="ms")
    assert (rows.ts_utc == expected).all()
    assert set(rows.ts_origin) == {"given"}


def test_eight_clips_in_eight_runs_have_the_times_that_were_given(facecam: Command, tmp_path: Path, test_data: Path) -> None:
    for number, clip in enumerate(clips(test_data)):
        began_at = LESSON + pd.Timedelta(minutes=number)
        rows, details = run(facecam, tmp_path, "--source", clip, "--started-at", began_at.isoformat())
        assert_times(rows, began_at)
        assert pd.Timestamp(details["sources"][0]["started_at_utc"]) == began_at
        assert details["sources"][0]["time_origin"] == "given"

    sessions = list_sessions(tmp_path / "logs")
    assert [session.started_at_utc for session in sessions] == [LESSON + pd.Timedelta(minutes=number) for number in range(8)]
    assert [Path(session.source).stem for session in sessions] == list(CLIPS)
    assert sum(session.duration_s or 0 for session in sessions) == pytest.approx(18.26, abs=0.2)


def test_eight_clips_in_one_run_have_a_time_each(facecam: Command, tmp_path: Path, test_data: Path) -> None:
    times = [LESSON + pd.Timedelta(minutes=number) for number in range(8)]
    sources = [arg for clip in clips(test_data) for arg in ("--source", str(clip))]
    rows, details = run(facecam, tmp_path, *sources, *(arg for time in times for arg in ("--started-at", time.isoformat())))

    assert len(details["sources"]) == 8
    for clip, began_at in zip(clips(test_data), times, strict=True):
        assert_times(rows[rows.source == str(clip)], began_at)
    (session,) = list_sessions(tmp_path / "logs")
    assert session.started_at_utc == LESSON
    assert session.duration_s == pytest.approx(18.26, abs=0.2)
    assert [source["frames"]["analyzed"] for source in details["sources"]] == [frames_in(clip) for clip in clips(test_data)]
    assert session.frames == sum(map(frames_in, clips(test_data)))


def test_one_time_is_that_of_all_sources(facecam: Command, tmp_path: Path, test_data: Path) -> None:
    one, other = clips(test_data)[:2]
    rows, _ = run(facecam, tmp_path, "--source", one, "--source", other, "--started-at", "2026-03-01T08:30:00Z")

    assert_times(rows, LESSON)
    (session,) = list_sessions(tmp_path / "logs")
    assert session.duration_s == pytest.approx(3.667, abs=0.05), "two cameras at once"


def test_a_segment_keeps_the_time_of_its_recording(facecam: Command, tmp_path: Path, test_data: Path) -> None:
    source = ("--source", test_data / "data" / "webcam" / "book.mkv", "--started-at", "2026-03-01T08:30:00Z")
    rows, details = run(facecam, tmp_path, *source, "--from", "1", "--to", "2", "--every", "5")

    assert_times(rows, LESSON)
    assert rows.ts_utc.min() >= LESSON + pd.Timedelta(seconds=1)
    (session,) = list_sessions(tmp_path / "logs")
    assert session.started_at_utc == LESSON + pd.Timedelta(seconds=1)
    assert session.duration_s == pytest.approx(1.0, abs=0.05)
    recorded = details["sources"][0]
    assert (recorded["every"], recorded["from_ms"], recorded["to_ms"], recorded["fps"]) == (5, 1000.0, 2000.0, 30.0)
    assert (details["options"]["every"], details["options"]["started_at"]) == (5, ["2026-03-01T08:30:00+00:00"])


def test_a_photo_of_2015_is_logged_in_2015_and_its_session_is_kept_as_one_of_today(
    facecam: Command, tmp_path: Path, photo: Path
) -> None:
    rows, details = run(facecam, tmp_path, "--source", photo)

    assert set(rows.ts_utc.dt.year) == {2015}
    assert set(rows.ts_origin) == {"file"}
    (session,) = list_sessions(tmp_path / "logs")
    assert session.started_at_utc == datetime(2015, 6, 1, 12, tzinfo=UTC)
    assert session.processed_at_utc == datetime.fromisoformat(details["started_at_utc"])
    now_utc = datetime.now(UTC)
    assert delete_old_sessions(tmp_path / "logs", 30, now_utc + timedelta(days=29)) == []
    assert delete_old_sessions(tmp_path / "logs", 30, now_utc + timedelta(days=31)) == [session.session_id]


def test_photos_of_identify_have_the_time_at_which_they_were_taken(facecam: Command, tmp_path: Path, photo: Path) -> None:
    (tmp_path / "torn.jpg").write_bytes(photo.read_bytes()[:100])
    os.utime(tmp_path / "torn.jpg", (photo.stat().st_mtime, photo.stat().st_mtime))
    done = facecam("identify", photo, "torn.jpg", "--csv", "out.csv")

    assert done.returncode == 3
    rows = read_log(tmp_path / "out.csv")
    assert list(rows.ts_utc.dt.year) == [2015, 2015]
    assert set(rows.ts_origin) == {"file"}


def test_labels_are_in_rows_json_and_list(facecam: Command, tmp_path: Path, photo: Path) -> None:
    rows, details = run(facecam, tmp_path, "--source", photo, "--label", "participant=P07", "--label", "condition= a b ")

    assert set(rows.session_labels) == {"participant=P07; condition=a b"}
    assert details["labels"] == {"participant": "P07", "condition": "a b"}
    assert [session.labels for session in list_sessions(tmp_path / "logs")] == [{"participant": "P07", "condition": "a b"}]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--started-at", "9:30"], "'9:30' is not a time; write a date and a time"),
        (["--started-at", "2026-03-01T09:30", "--started-at", "2026-03-01T09:31"], "2 times for 1 source; give one"),
        (["--label", "participant"], "'participant' is not NAME=VALUE"),
        (["--label", "a=1", "--label", "a=2"], "the label a is given twice"),
        (["--label", "P=1"], "'P' cannot be the name of a session label"),
    ],
)
def test_an_impossible_time_or_label_is_a_usage_error(facecam: Command, photo: Path, args: list[str], message: str) -> None:
    done = facecam("run", "--source", photo, "--no-window", "--log", "logs", *args)

    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_a_camera_has_no_given_time(facecam: Command) -> None:
    done = facecam("run", "--source", "0", "--no-window", "--started-at", "2026-03-01T09:30")

    assert done.returncode == 2
    assert "a camera is live and has the time of this machine" in " ".join(done.stderr.split())


def test_a_live_stream_has_no_given_time(facecam: Command, mjpeg_server: Callable[..., StreamServer]) -> None:
    address = mjpeg_server().address
    done = facecam("run", "--source", address, "--no-window", "--log", "logs", "--started-at", "2026-03-01T09:30")

    assert done.returncode == 1
    assert f"{address} is live and has the time of this machine; use --started-at for recordings" in done.stderr


def test_addresses_are_recorded_without_their_passwords(facecam: Command, tmp_path: Path) -> None:
    sources = ("--source", "demo", "--source", "http://ada:secret@127.0.0.1:9/video", "--to", "1", "--mode", "objects")
    done = facecam("run", "--no-window", "--log", "logs", *sources)

    assert done.returncode == 1
    (path,) = (tmp_path / "logs").glob("*/*Z-*.json")
    text = path.read_text(encoding="utf-8")
    assert "secret" not in text
    assert json.loads(text)["sources"][1]["started_at_utc"] is None


def test_the_images_of_a_folder_are_one_source_and_their_person_has_one_visit(
    facecam: Command, tmp_path: Path, gallery: Path, photo: Path
) -> None:
    assert gallery == tmp_path / "gallery"
    (tmp_path / "photos").mkdir()
    for number in range(5):
        shutil.copy(photo, tmp_path / "photos" / f"{number}.jpg")

    rows, _ = run(facecam, tmp_path, "--source", "photos")

    seen = rows[rows.event == "seen"]
    assert set(seen.source) == set(rows.source.dropna()) == {"photos"}
    assert seen.message.tolist() == [f"{number}.jpg" for number in range(5)]
    visits = rows.facecam.visits()
    assert visits[["name", "seconds", "sightings"]].to_numpy().tolist() == [["Eileen Collins", 4.0, 5]]
    assert rows.facecam.frames()[["source", "analyzed", "seconds"]].to_numpy().tolist() == [["photos", 5, 5.0]]
    assert rows.facecam.first_last_seen()["share"].tolist() == [0.8]


def test_each_photo_of_a_folder_is_decided_alone_and_the_replay_agrees(
    facecam: Command, tmp_path: Path, gallery: Path, portraits: dict[str, Path]
) -> None:
    assert gallery == tmp_path / "gallery"
    (tmp_path / "photos").mkdir()
    for number, name in enumerate(("eileen_collins", "grace_hopper", "eileen_collins", "cat")):
        shutil.copy(portraits[name], tmp_path / "photos" / f"{number}.jpg")

    rows, _ = run(facecam, tmp_path, "--source", "photos")

    seen = rows[rows.event == "seen"]
    assert seen.message.tolist() == ["0.jpg", "1.jpg", "2.jpg"]
    assert seen.decision.tolist() == ["known", "unknown", "known"]
    assert rows.loc[rows.event_code == "sparse_frames", "message"].tolist() == [
        "the images do not follow each other: one sighting is enough for a name"
    ]
    assert facecam("replay", "logs").returncode == 0


def test_a_single_photo_as_a_source_is_named(facecam: Command, tmp_path: Path, gallery: Path, photo: Path) -> None:
    assert gallery == tmp_path / "gallery"

    rows, _ = run(facecam, tmp_path, "--source", photo)

    assert rows.loc[rows.event == "seen", "name"].tolist() == ["Eileen Collins"]
