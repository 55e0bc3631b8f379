"""Recorded videos keep the timing of the frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.session.recording import RecordingSink
from facecam.settings import Mode
from facecam.types import Frame, Result


def record(path: Path, times_ms: list[float], fps: float | None = 20.0, slot: int = 0) -> None:
    recording = RecordingSink(path, lambda slot: fps)
    for number, t_ms in enumerate(times_ms):
        frame = Frame(np.full((48, 64, 3), min(255, number * 20), np.uint8), number, t_ms, 0.0, "fake")
        recording(frame, Result(number, t_ms, "fake", "", frame.size_wh, Mode.FACES), slot)
    recording.close()
    recording.close()


def frames_in(path: Path) -> int:
    video = cv2.VideoCapture(str(path))
    count = 0
    while video.grab():
        count += 1
    video.release()
    return count


@pytest.mark.parametrize(
    ("times_ms", "frames"),
    [
        ([0, 50, 100, 150], 4),
        ([0, 100, 200, 300], 7),  # half of them missed: each stands twice as long
        ([0, 10, 20, 30, 40, 50], 2),  # faster than the video: left out
        ([0, 50, 60_050, 60_100], 4),  # a camera that was away for a minute
        ([5000, 5050], 2),
    ],
)
def test_a_video_is_as_long_as_the_recorded_time(tmp_path: Path, times_ms: list[float], frames: int) -> None:
    record(tmp_path / "a.avi", times_ms)

    assert frames_in(tmp_path / "a.avi") == frames


def test_a_second_source_has_a_video_of_its_own(tmp_path: Path) -> None:
    record(tmp_path / "a.avi", [0, 50], slot=1)

    assert [path.name for path in tmp_path.iterdir()] == ["a-2.avi"]


def test_without_a_frame_there_is_no_video(tmp_path: Path) -> None:
    record(tmp_path / "a.avi", [])

    assert list(tmp_path.iterdir()) == []
