"""Excerpts: a part of a source, whose frames keep their own index and time."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.capture.demo import DemoSource
from facecam.capture.files import VideoFile
from facecam.capture.source import SegmentSource, Source, frames, open_source, parse_time_ms
from facecam.errors import CameraError, SettingsError
from facecam.settings import CaptureSettings
from tests.capture import fake_capture
from tests.capture.fake_capture import Device, devices


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Four seconds at 25 fps."""
    path = tmp_path / "a.mkv"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48))
    for number in range(100):
        writer.write(np.full((48, 64, 3), number * 2, np.uint8))
    writer.release()
    return path


def indexes(source: Source) -> list[int]:
    with source:
        return [frame.index for frame in frames(source)]


def test_the_whole_is_an_excerpt_too() -> None:
    assert indexes(SegmentSource(DemoSource())) == list(range(360))


@pytest.mark.parametrize("kind", ["video", "demo"])
def test_every_tenth_frame_between_two_times(kind: str, video: Path) -> None:
    source = VideoFile(video) if kind == "video" else DemoSource()
    assert source.fps is not None
    first, end = round(source.fps), round(3 * source.fps)

    assert indexes(SegmentSource(source, 10, 1000, 3000)) == list(range(first, end, 10))


def test_frames_keep_their_index_time_and_picture(video: Path) -> None:
    whole = {frame.index: frame for frame in frames(VideoFile(video))}
    with SegmentSource(VideoFile(video), every=7, from_ms=500) as excerpt:
        for frame in frames(excerpt):
            assert frame.t_ms == whole[frame.index].t_ms
            np.testing.assert_array_equal(frame.bgr, whole[frame.index].bgr)


def test_an_excerpt_says_of_itself_what_its_source_does_and_its_own_rate(video: Path) -> None:
    with VideoFile(video) as source, SegmentSource(source, every=5) as excerpt:
        assert (excerpt.source, excerpt.size_wh, excerpt.live, excerpt.fps) == (source.source, source.size_wh, False, 5)


def test_an_excerpt_stays_ended_and_closes_its_source() -> None:
    demo = DemoSource()
    with SegmentSource(demo, to_ms=100) as excerpt:
        assert len(list(frames(excerpt))) == 3
        assert excerpt.read() is None
    assert demo.read() is None


def test_a_live_source_is_cut_by_the_sessions_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: Device()}))
    camera = open_source("0", CaptureSettings(), time.monotonic())
    with SegmentSource(camera, every=3, from_ms=100, to_ms=400) as excerpt:
        seen = list(frames(excerpt))

    assert 100 <= seen[0].t_ms < seen[-1].t_ms < 400
    assert {after.index - before.index for before, after in itertools.pairwise(seen)} == {3}


def test_a_live_source_that_fails_fails_in_an_excerpt_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: Device(fake_capture.UNPLUGGED)}))
    with (
        SegmentSource(open_source("0", CaptureSettings(), time.monotonic())) as excerpt,
        pytest.raises(CameraError, match="stopped"),
    ):
        list(frames(excerpt))


@pytest.mark.parametrize(("every", "from_ms", "to_ms"), [(0, 0, None), (1, -1, None), (1, 500, 500)])
def test_an_excerpt_that_holds_nothing_is_refused(every: int, from_ms: float, to_ms: float | None) -> None:
    with DemoSource() as demo, pytest.raises(SettingsError):
        SegmentSource(demo, every, from_ms, to_ms)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("90", 90_000),
        ("1:30", 90_000),
        ("0:01:30.0", 90_000),
        ("1:02:03.5", 3_723_500),
        (" 0.25 ", 250),
        ("0", 0),
        ("90:00", 5_400_000),
    ],
)
def test_a_time_is_written_in_seconds_or_with_colons(text: str, ms: float) -> None:
    assert parse_time_ms(text) == ms


@pytest.mark.parametrize("text", ["", "-1", "1:75", "1:61:00", "1m30", "nan", "1e3", "1:", ":30", "1:2:3:4", "٣"])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingsError, match="is no time"):
        parse_time_ms(text)
