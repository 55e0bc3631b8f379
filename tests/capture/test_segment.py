"""Segments of sources; their frames keep index and time."""

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
from facecam.errors import CameraError, EmptySegmentError, SettingsError
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


def test_a_segment_may_be_the_whole_source() -> None:
    assert indexes(SegmentSource(DemoSource())) == list(range(360))


@pytest.mark.parametrize("kind", ["video", "demo"])
def test_every_tenth_frame_between_two_times(kind: str, video: Path) -> None:
    source = VideoFile(video) if kind == "video" else DemoSource()
    assert source.fps is not None
    first, end = round(source.fps), round(3 * source.fps)

    assert indexes(SegmentSource(source, 10, 1000, 3000)) == list(range(first, end, 10))


def test_frames_keep_their_index_time_and_image(video: Path) -> None:
    whole = {frame.index: frame for frame in frames(VideoFile(video))}
    with SegmentSource(VideoFile(video), every=7, from_ms=500) as segment:
        for frame in frames(segment):
            assert frame.t_ms == whole[frame.index].t_ms
            np.testing.assert_array_equal(frame.bgr, whole[frame.index].bgr)


def test_a_segment_has_the_attributes_of_its_source_rate_and_time_included(video: Path) -> None:
    with VideoFile(video) as source, SegmentSource(source, every=5) as segment:
        assert (segment.source, segment.size_wh, segment.live, segment.fps) == (source.source, source.size_wh, False, 25)
        assert segment.time == source.time


def test_a_segment_stays_ended_and_closes_its_source() -> None:
    demo = DemoSource()
    with SegmentSource(demo, to_ms=100) as segment:
        assert len(list(frames(segment))) == 3
        assert segment.read() is None
    assert demo.read() is None


def test_a_segment_of_a_live_source_uses_the_sessions_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: Device()}))
    camera = open_source("0", CaptureSettings(), time.monotonic())
    with SegmentSource(camera, every=3, from_ms=100, to_ms=400) as segment:
        seen = list(frames(segment))

    assert 100 <= seen[0].t_ms < seen[-1].t_ms < 400
    assert {later.index - earlier.index for earlier, later in itertools.pairwise(seen)} == {3}


def test_errors_of_a_live_source_pass_through_a_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: Device(fake_capture.UNPLUGGED)}))
    with (
        SegmentSource(open_source("0", CaptureSettings(), time.monotonic())) as segment,
        pytest.raises(CameraError, match="stopped"),
    ):
        list(frames(segment))


@pytest.mark.parametrize(("every", "from_ms", "to_ms"), [(0, 0, None), (1, -1, None), (1, 500, 500)])
def test_an_empty_segment_is_an_error(every: int, from_ms: float, to_ms: float | None) -> None:
    with DemoSource() as demo, pytest.raises(SettingsError):
        SegmentSource(demo, every, from_ms, to_ms)


def test_a_segment_after_the_end_is_an_error_that_names_the_end(video: Path) -> None:
    with SegmentSource(VideoFile(video), from_ms=10_000) as segment:
        with pytest.raises(EmptySegmentError, match=r"a\.mkv ends at 4\.0 s, before the start of the segment at 10 s"):
            segment.read()
        assert segment.read() is None


def test_a_segment_after_the_stated_end_is_an_error_at_once(tmp_path: Path) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "a.mp4"), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48))
    for number in range(100):
        writer.write(np.full((48, 64, 3), number * 2, np.uint8))
    writer.release()
    video = VideoFile(tmp_path / "a.mp4")

    with pytest.raises(EmptySegmentError, match=r"a\.mp4 ends at 4\.0 s, before the start of the segment at 10 s"):
        SegmentSource(video, from_ms=10_000)
    assert video.read() is None


def test_a_segment_between_two_frames_is_an_error(video: Path) -> None:
    with (
        SegmentSource(VideoFile(video), from_ms=1005, to_ms=1030) as segment,
        pytest.raises(EmptySegmentError, match=r"has no frame between 1\.005 and 1\.03 s"),
    ):
        segment.read()


def test_a_closed_segment_has_ended_without_an_error(video: Path) -> None:
    segment = SegmentSource(VideoFile(video), from_ms=10_000)
    segment.close()

    assert segment.read() is None


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
def test_other_text_is_not_a_time(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a time"):
        parse_time_ms(text)
