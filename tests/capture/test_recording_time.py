"""UTC times of recordings, and how certain they are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import PIL.Image
import pytest

from facecam.capture.demo import DemoSource
from facecam.capture.files import ImageFolder, VideoFile
from facecam.capture.recording_time import file_time, header_time, image_time, parse_started_at
from facecam.errors import SettingsError
from facecam.types import SourceTime, TimeOrigin

CHANGED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let this machine be in Berlin."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system has no time zone per process")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def change_time(path: Path, changed: datetime = CHANGED) -> Path:
    os.utime(path, (changed.timestamp(), changed.timestamp()))
    return path


def video(path: Path, creation_time: str | None = None) -> Path:
    """Write two seconds at 25 fps, changed last at CHANGED."""
    with av.open(str(path), "w") as output:
        if creation_time is not None:
            output.metadata["creation_time"] = creation_time
        stream = output.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(50):
            image = np.full((48, 64, 3), number * 4, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        output.mux(stream.encode(None))
    return change_time(path)


def photo(path: Path, taken: str | None = None, zone: str | None = None) -> Path:
    exif = PIL.Image.Exif()
    tags = {tag: text for tag, text in {0x9003: taken, 0x9011: zone}.items() if text is not None}
    if tags:
        exif[0x8769] = tags
    PIL.Image.new("RGB", (32, 24), "gray").save(path, exif=exif)
    return change_time(path)


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T09:30:00", "2026-03-01T08:30:00+00:00"),
        ("2026-07-01 09:30", "2026-07-01T07:30:00+00:00"),
        ("2026-03-01T09:30:00.250Z", "2026-03-01T09:30:00.250000+00:00"),
        ("2026-03-01T09:30:00-05:00", "2026-03-01T14:30:00+00:00"),
        (" 2026-03-29T03:00:00 ", "2026-03-29T01:00:00+00:00"),
    ],
)
def test_a_time_without_a_zone_is_local(text: str, expected: str) -> None:
    assert parse_started_at(text).isoformat() == expected


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize("text", ["2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-10-25 02:00"])
def test_a_local_time_at_which_the_clocks_change_is_refused_and_one_with_a_zone_is_not(text: str) -> None:
    with pytest.raises(SettingsError, match="happens twice or not at all"):
        parse_started_at(text)
    assert parse_started_at(f"{text}+01:00").hour == parse_started_at(f"{text}Z").hour - 1


@pytest.mark.parametrize("text", ["9:30", "2026-03-01", "yesterday", "", "2026-13-01T09:30", "0001-01-01T00:00:00"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match="write a date and a time, such as 2026-03-01T09:30:00"):
        parse_started_at(text)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".mov"])
def test_the_creation_time_in_the_header_is_the_videos_time(tmp_path: Path, suffix: str) -> None:
    path = video(tmp_path / f"a{suffix}", "2015-06-01T12:00:00.000000Z")

    with VideoFile(path) as source:
        assert source.time == SourceTime(datetime(2015, 6, 1, 12, tzinfo=UTC), TimeOrigin.CONTAINER)


def test_without_it_a_video_ended_when_its_file_was_last_changed(tmp_path: Path) -> None:
    with VideoFile(video(tmp_path / "a.mp4")) as source:
        assert source.time == SourceTime(CHANGED - timedelta(seconds=2), TimeOrigin.FILE)


@pytest.mark.parametrize(
    "wrong", ["1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1980-01-01T00:00:10Z", "2999-01-01T00:00:00Z", "x"]
)
def test_a_header_that_was_never_set_or_lies_in_the_future_is_ignored(wrong: str) -> None:
    assert header_time({"creation_time": wrong}) is None


def test_a_phones_time_with_its_zone_comes_before_the_other_one() -> None:
    metadata = {"CREATION_TIME": "2023-05-01T10:00:05Z", "com.apple.quicktime.creationdate": "2023-05-01T12:00:00+0200"}

    assert header_time(metadata) == SourceTime(datetime(2023, 5, 1, 10, tzinfo=UTC), TimeOrigin.CONTAINER)


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(("zone", "hour"), [(None, 6), ("+05:30", 2)])
def test_a_photo_was_taken_when_its_exif_data_say_so(tmp_path: Path, zone: str | None, hour: int) -> None:
    path = photo(tmp_path / "a.jpg", "2022:06:01 08:00:00", zone)

    found = image_time(path)
    assert (found.zero_utc.replace(minute=0), found.origin) == (datetime(2022, 6, 1, hour, tzinfo=UTC), TimeOrigin.CONTAINER)


@pytest.mark.parametrize("taken", [None, "0000:00:00 00:00:00", "not a time", "2999:01:01 00:00:00"])
def test_a_photo_without_a_usable_exif_time_has_that_of_its_file(tmp_path: Path, taken: str | None) -> None:
    assert image_time(photo(tmp_path / "a.jpg", taken)) == SourceTime(CHANGED, TimeOrigin.FILE)


def test_a_folder_has_the_time_of_its_first_image(tmp_path: Path) -> None:
    photo(tmp_path / "10.jpg", "2022:06:01 08:00:00", "+00:00")
    photo(tmp_path / "9.jpg", "2022:06:01 07:00:00", "+00:00")

    with ImageFolder(tmp_path) as source:
        assert source.time == SourceTime(datetime(2022, 6, 1, 7, tzinfo=UTC), TimeOrigin.CONTAINER)


def test_a_file_that_was_changed_in_the_future_was_changed_now(tmp_path: Path) -> None:
    path = change_time(photo(tmp_path / "a.jpg"), datetime.now(UTC) + timedelta(days=400))

    assert datetime.now(UTC) - file_time(path, 1000.0).zero_utc < timedelta(hours=1)


def test_a_file_that_was_changed_in_1970_does_not_begin_before(tmp_path: Path) -> None:
    path = change_time(photo(tmp_path / "a.jpg"), datetime(1970, 1, 1, tzinfo=UTC))

    assert file_time(path, 60_000.0) == SourceTime(datetime(1970, 1, 1, tzinfo=UTC), TimeOrigin.FILE)


def test_the_demo_has_the_time_of_the_session() -> None:
    assert DemoSource().time is None
