"""Video files written by VideoRecorder."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from facecam.capture.source import frames, open_source
from facecam.errors import FacecamError
from facecam.session.recording import VideoRecorder
from facecam.settings import CaptureSettings


def recorded(path: Path, *images: np.ndarray, size_wh: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    with VideoRecorder(path, size_wh, 25) as recorder:
        for picture in images:
            recorder.write(picture)
    with open_source(str(path), CaptureSettings(), time.monotonic()) as source:
        assert source.fps == pytest.approx(25)
        return [frame.bgr for frame in frames(source)]


def gray(width: int, height: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv", "видео 小明.MP4"])
def test_a_recording_plays_back(name: str, tmp_path: Path) -> None:
    played = recorded(tmp_path / name, *(gray(64, 48, 20 * number) for number in range(10)))

    assert [picture.shape for picture in played] == [(48, 64, 3)] * 10
    np.testing.assert_allclose([picture.mean() for picture in played], np.arange(10) * 20, atol=6)


def test_an_odd_size_loses_its_last_row_and_column(tmp_path: Path) -> None:
    assert [picture.shape for picture in recorded(tmp_path / "a.mp4", gray(65, 49, 9), size_wh=(65, 49))] == [(48, 64, 3)]


def test_a_frame_of_another_size_is_fitted_in(tmp_path: Path) -> None:
    (first, portrait) = recorded(tmp_path / "a.avi", gray(64, 48, 200), gray(24, 48, 200))

    assert portrait.shape == first.shape
    assert portrait[24, 32].mean() > 180
    assert portrait[24, 4].mean() < 20


def test_the_target_appears_on_close_and_no_temporary_file_remains(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4", (64, 48)) as recorder:
        recorder.write(gray(64, 48, 9))
        assert not (tmp_path / "a.mp4").exists()

    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_the_video_before_an_error_is_kept(tmp_path: Path) -> None:
    def interrupted() -> None:
        with VideoRecorder(tmp_path / "a.mp4", (64, 48)) as recorder:
            recorder.write(gray(64, 48, 9))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert (tmp_path / "a.mp4").stat().st_size > 0


def test_without_a_frame_there_is_no_file(tmp_path: Path) -> None:
    with VideoRecorder(tmp_path / "a.mp4", (64, 48)):
        pass

    assert list(tmp_path.iterdir()) == []


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    recorder = VideoRecorder(tmp_path / "a.mp4", (64, 48))
    recorder.write(gray(64, 48, 9))
    recorder.close()
    recorder.close()

    assert (tmp_path / "a.mp4").exists()


@pytest.mark.parametrize(("name", "message"), [("a.gif", r"\.mp4"), ("a", r"\.mp4"), ("missing/a.mp4", "does not exist")])
def test_an_impossible_recording_has_a_message(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(FacecamError, match=message):
        VideoRecorder(tmp_path / name, (64, 48))


def test_a_size_that_no_codec_accepts_is_refused_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(FacecamError, match="cannot be recorded with 1 x 1 pixels"):
        VideoRecorder(tmp_path / "a.mp4", (1, 1))

    assert list(tmp_path.iterdir()) == []
