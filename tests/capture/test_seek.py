"""Seeking in recorded sources: the frames after a seek are those of playing without one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facecam.capture.source import Seekable, SegmentSource, Source, open_source
from facecam.imageio import write_image
from facecam.session.recording import VideoRecorder
from facecam.settings import CaptureSettings


def write_video(path: Path) -> Path:
    """Write five seconds at 25 frames per second, with a key frame about every second; each frame has its own brightness."""
    recorder = VideoRecorder(path, (64, 48))
    for number in range(125):
        recorder.write(number * 40.0, np.full((48, 64, 3), 20 + number, np.uint8))
    recorder.close()
    return path


def write_images(folder: Path) -> Path:
    folder.mkdir()
    for number in range(6):
        write_image(folder / f"{number}.png", np.full((48, 64, 3), 40 * number, np.uint8))
    return folder


MAKERS: dict[str, Callable[[Path], str]] = {
    "mp4": lambda folder: str(write_video(folder / "clip.mp4")),
    "mkv": lambda folder: str(write_video(folder / "clip.mkv")),
    "folder": lambda folder: str(write_images(folder / "images")),
    "demo": lambda folder: "demo",
}


@pytest.fixture(params=MAKERS)
def source_name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return MAKERS[request.param](tmp_path)


def opened(name: str) -> Source:
    return open_source(name, CaptureSettings(), 0.0)


def facts(source: Source) -> tuple[int, float, float] | None:
    frame = source.read()
    return None if frame is None else (frame.index, round(frame.t_ms, 3), round(float(frame.bgr.mean()), 3))


def test_a_frame_after_a_seek_is_the_one_of_playing(source_name: str) -> None:
    with opened(source_name) as source:
        played = list(iter(lambda: facts(source), None))
    with opened(source_name) as source:
        assert isinstance(source, Seekable)
        assert source.length_ms is not None
        assert played[-1][1] < source.length_ms
        for share in (0.5, 0.9, 0.1, 0.0, 0.35):
            number = round(share * (len(played) - 1))
            source.seek(played[number][1])
            sought = [facts(source), facts(source)]
            if source_name.endswith(".mkv"):  # Its nominal rate, by which frames are counted after a seek, is an estimate.
                sought = [each and (wanted[0], *each[1:]) for each, wanted in zip(sought, played[number:], strict=False)]
            assert sought == played[number : number + 2]


def test_past_the_end_a_source_has_ended_and_can_be_sought_again(source_name: str) -> None:
    with opened(source_name) as source:
        assert isinstance(source, Seekable)
        source.seek(1e7)
        assert source.read() is None

        source.seek(0.0)
        assert facts(source) is not None


def test_a_segment_is_not_left_by_a_seek() -> None:
    with SegmentSource(opened("demo"), 2, 1000.0, 3000.0) as source:
        assert source.length_ms == 3000.0
        source.seek(0.0)
        first = source.read()
        assert first is not None
        assert first.t_ms == 1000.0
        source.seek(3000.0)
        assert source.read() is None


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_a_single_image_and_an_animation_have_no_length(tmp_path: Path, suffix: str) -> None:
    from PIL import Image

    path = tmp_path / f"image{suffix}"
    frames = [Image.new("RGB", (32, 24), (40 * number, 0, 0)) for number in range(3)]
    frames[0].save(path, **({"save_all": True, "append_images": frames[1:]} if suffix == ".webp" else {}))
    with opened(str(path)) as source:
        assert not isinstance(source, Seekable) or source.length_ms is None


def test_a_video_with_missing_frames_does_not_warn_after_a_seek(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(str(write_video(tmp_path / "clip.mp4"))) as source:
        assert isinstance(source, Seekable)
        source.seek(4000.0)
        while source.read() is not None:
            pass
    assert not caplog.records
