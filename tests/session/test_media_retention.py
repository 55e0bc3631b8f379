"""Retention of the window's recordings and snapshots: real files of real ages in the user's folders."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import platformdirs
import pytest

from facecam.logbook.reader import read_log
from facecam.logbook.sessions import lock_shared
from facecam.privacy.places import MEDIA_NAME
from facecam.session.housekeeping import MediaRetention
from facecam.settings import Settings
from facecam.types import EventCode
from tests.session.conftest import Rig, ScriptedSource


@pytest.fixture
def media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home of a user whose videos and pictures are in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in ("XDG_VIDEOS_DIR", "XDG_PICTURES_DIR", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    assert Path(platformdirs.user_videos_dir()).is_relative_to(tmp_path)
    return tmp_path


def write_file(folder: Path, days: float, suffix: str, name: str = "") -> Path:
    """Write a file as the window would have so many days ago."""
    written = datetime.now() - timedelta(days=days)  # noqa: DTZ005 - the window's names have the local time
    path = folder / (name or f"{written:{MEDIA_NAME}}{suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a file of the window")
    os.utime(path, (written.timestamp(), written.timestamp()))
    return path


def videos(home: Path) -> Path:
    return home / "Videos" / "facecam"


def test_old_recordings_and_snapshots_are_deleted_and_newer_ones_stay(media: Path) -> None:
    old, new = write_file(videos(media), 40, ".mp4"), write_file(videos(media), 20, ".mp4")
    picture = write_file(media / "Pictures" / "facecam", 40, ".png")

    events = MediaRetention().delete_expired(30, 0)

    assert (old.exists(), new.exists(), picture.exists()) == (False, True, True)
    (event,) = events
    assert (event.kind, event.code) == ("state", EventCode.RECORDINGS_DELETED)
    assert event.message == f"deleted 1 recording more than 30 days old: {old.name}"
    assert [event.code for event in MediaRetention().delete_expired(0, 30)] == [EventCode.SNAPSHOTS_DELETED]
    assert not picture.exists()


def test_by_default_everything_is_kept(media: Path) -> None:
    old = write_file(videos(media), 4000, ".mp4")
    write_file(videos(media), 2, ".mp4")
    settings = Settings()

    assert MediaRetention().delete_expired(settings.recording.keep_days, settings.snapshot.keep_days) == []
    assert old.exists()


@pytest.mark.parametrize(
    "name",
    [
        "door.mp4",
        "2026-11-30.mp4",
        "2020-01-01 10.00.00.mp4",
        "facecam 2020-01-01 10.00.00 edited.mp4",
        "facecam 2020-01-01 10.00.00.txt",
    ],
)
def test_a_file_that_the_window_did_not_name_stays(media: Path, name: str) -> None:
    """Such as that of --record."""
    users = write_file(videos(media), 90, "", name)
    write_file(videos(media), 2, ".mp4")

    MediaRetention().delete_expired(30, 30)

    assert users.exists()


def test_files_outside_of_the_windows_folders_stay(media: Path) -> None:
    other = write_file(media / "Videos", 90, ".mp4")
    nested = write_file(videos(media) / "kept", 90, ".mp4")
    write_file(videos(media), 2, ".mp4")

    MediaRetention().delete_expired(30, 30)

    assert other.exists()
    assert nested.exists()


def test_links_and_files_that_were_changed_later_stay(media: Path) -> None:
    changed = write_file(videos(media), 90, ".mp4")
    os.utime(changed)
    target = write_file(media / "mine", 90, ".mp4")
    (videos(media) / "facecam 2020-01-01 10.00.00.mp4").symlink_to(target)
    write_file(videos(media), 2, ".mp4")

    MediaRetention().delete_expired(30, 30)

    assert changed.exists()
    assert target.exists()
    assert (videos(media) / "facecam 2020-01-01 10.00.00.mp4").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no open file")
def test_a_recording_that_is_being_written_stays(media: Path) -> None:
    old = write_file(videos(media), 90, ".mp4")
    write_file(videos(media), 2, ".mp4")
    with old.open("rb") as file:
        lock_shared(file)
        MediaRetention().delete_expired(30, 0)
        assert old.exists()

    MediaRetention().delete_expired(30, 0)
    assert not old.exists()


def test_a_clock_that_is_a_year_ahead_deletes_nothing(media: Path) -> None:
    recent = write_file(videos(media), 2, ".mp4")

    MediaRetention(now_utc=lambda: datetime.now(UTC) + timedelta(days=365)).delete_expired(30, 30)

    assert recent.exists()


def test_recordings_older_than_half_a_year_are_deleted_when_a_recent_session_confirms_the_clock(media: Path) -> None:
    old, ended = write_file(videos(media), 400, ".mp4"), datetime.now(UTC) - timedelta(days=3)
    log = media / "logs" / f"{ended:%Y-%m-%d}" / f"{ended:%Y%m%dT%H%M%SZ}-0001.csv"
    log.parent.mkdir(parents=True)
    log.touch()
    os.utime(log, (ended.timestamp(), ended.timestamp()))

    assert MediaRetention().delete_expired(30, 0) == []
    assert old.exists()
    MediaRetention(media / "logs").delete_expired(30, 0)

    assert not old.exists()


def test_the_folder_that_was_chosen_in_the_settings_counts_too(media: Path) -> None:
    config = media / ".config" / "facecam"
    config.mkdir(parents=True)
    (config / "window.ini").write_text(f"[folders]\nrecordings={media / 'chosen'}\n", encoding="utf-8")
    old = write_file(media / "chosen", 40, ".mp4")
    write_file(media / "chosen", 2, ".mp4")

    MediaRetention().delete_expired(30, 0)

    assert not old.exists()


def test_files_are_looked_at_every_hour_and_not_when_a_setting_changes(media: Path) -> None:
    old = write_file(videos(media), 40, ".mp4")
    write_file(videos(media), 2, ".mp4")
    now_s = 0.0
    clock: Callable[[], float] = lambda: now_s  # noqa: E731
    retention = MediaRetention(clock=clock)

    retention.delete_expired(0, 0)
    now_s = 1800.0
    retention.delete_expired(30, 30)
    assert old.exists()
    now_s = 3700.0
    retention.delete_expired(30, 30)
    assert not old.exists()


def test_a_session_announces_the_deletion_in_its_log(rig: Rig, media: Path) -> None:
    old = write_file(videos(media), 40, ".mp4")
    write_file(videos(media), 2, ".mp4")

    video = lambda started_at_s: ScriptedSource(started_at_s, live=False, fps=30.0, count=30, frame_count=30)  # noqa: E731
    session = rig.session(video, every_frame=True, settings=Settings().replace({"recording.keep_days": 30}))
    session.start()
    assert session.wait(30)

    assert session.log is not None
    log = read_log(session.log.path)
    assert log[log.event_code == "recordings_deleted"].message.tolist() == [
        f"deleted 1 recording more than 30 days old: {old.name}"
    ]
    assert not old.exists()
