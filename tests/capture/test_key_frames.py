"""Parts of a video: where they begin, and that they have the frames of the whole video."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.capture.files import VideoFile
from facecam.capture.key_frames import WHOLE, PartError, cut_video, read_part
from facecam.capture.source import frames
from tests.archive.test_process import write_video

FPS, COUNT, KEY_EVERY = 10, 200, 15

CUT = (".mp4", ".mkv")
"""AVI has no time stamps of frames that refer to later ones, and MPEG-TS no index of its key frames."""


@pytest.fixture(scope="module", params=[".mp4", ".mkv", ".avi", ".ts"])
def video(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 20 s with a key frame every 1.5 s, and frames that refer to later ones."""
    path = tmp_path_factory.mktemp("video") / f"video{request.param}"
    noise = np.random.default_rng(0).integers(0, 256, (COUNT, 64, 96, 3), np.uint8)
    write_video(path, list(noise), FPS, KEY_EVERY)
    return path


def test_parts_have_the_frames_of_the_whole_video(video: Path) -> None:
    parts = cut_video(video, 4000.0, 2000.0)
    with VideoFile(video, threads=1) as file:
        whole = list(frames(file))

    found = []
    for part in parts:
        with VideoFile(video, threads=1) as file:
            read = list(read_part(file, part))
        assert read[0].index == part.warm_index
        assert part.first_index == 0 or whole[part.first_index].t_ms - read[0].t_ms >= min(2000.0, whole[part.first_index].t_ms)
        found += [frame for frame in read if frame.index >= part.first_index]

    assert len(parts) == (5 if video.suffix in CUT else 1)
    assert [(frame.index, frame.t_ms) for frame in found] == [(frame.index, frame.t_ms) for frame in whole]
    assert all(np.array_equal(one.bgr, other.bgr) for one, other in zip(found, whole, strict=True))


def test_every_nth_frame_of_the_parts_is_every_nth_of_the_video(video: Path) -> None:
    found = []
    for part in cut_video(video, 4000.0, 2000.0):
        with VideoFile(video, threads=1) as file:
            found += [frame.index for frame in read_part(file, part, 7) if frame.index >= part.first_index]

    assert found == list(range(0, COUNT, 7))


def test_parts_begin_at_the_key_frames_nearest_to_the_multiples(video: Path) -> None:
    if video.suffix not in CUT:
        pytest.skip("it is one part")

    assert [part.first_index for part in cut_video(video, 4000.0, 2000.0)] == [0, 45, 75, 120, 165]


def test_a_short_or_damaged_video_is_one_part(video: Path, tmp_path: Path) -> None:
    damaged = tmp_path / video.name
    data = bytearray(video.read_bytes())
    damaged.write_bytes(bytes(data[: len(data) // 2]))

    assert cut_video(video, 15_000.0, 2000.0) == (WHOLE,)
    assert len(cut_video(damaged, 100_000.0, 2000.0)) == 1
    assert cut_video(tmp_path / "none.mp4", 1000.0, 0.0) == (WHOLE,)


def test_a_part_of_another_video_is_refused(video: Path, tmp_path: Path) -> None:
    if video.suffix not in CUT:
        pytest.skip("it is one part")
    part = cut_video(video, 4000.0, 2000.0)[2]
    other = tmp_path / video.name
    write_video(other, list(np.zeros((50, 64, 96, 3), np.uint8)), FPS, KEY_EVERY)

    with VideoFile(other, threads=1) as file, pytest.raises(PartError):
        list(read_part(file, part))
