"""Behavior of stored sources beyond the common contract: folders, images, videos, the demo."""

from __future__ import annotations

import os
import shutil
import struct
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from facecam.capture.demo import IMAGES, DemoSource, demo_image
from facecam.capture.files import VideoFile
from facecam.capture.source import Source, SourceKind, frames, open_source, source_kind, source_label
from facecam.errors import CameraError
from facecam.imageio import write_image
from facecam.settings import CaptureSettings

QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 100 << 16, 0, 1 << 30)


def opened(text: str | Path) -> Source:
    return open_source(str(text), CaptureSettings(), time.monotonic())


def video(path: Path, count: int = 12, fps: float = 25) -> Path:
    """Write a video whose frames get brighter, with a white bar along the upper edge."""
    codec = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), fps, (64, 48))
    for number in range(count):
        bgr = np.full((48, 64, 3), number * 4, np.uint8)
        bgr[:12] = 255
        writer.write(bgr)
    writer.release()
    return path


def folder(path: Path, count: int = 12) -> Path:
    path.mkdir()
    for number in range(count):
        write_image(path / f"{number}.png", np.full((40 + number, 30, 3), number * 10, np.uint8))
    return path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("n" * 300, "is not a camera, file or folder"),
        ("n" * 300 + ".mp4", "does not exist or cannot be accessed; check the path"),
        ("~no-such-user/a.mp4", "does not exist or cannot be accessed; check the path"),
        ("a\0.mp4", "does not exist or cannot be accessed; check the path"),
        ("loop.mp4", "does not exist or cannot be accessed; check the path"),
        ("9" * 20, "is not a camera, file or folder"),
        ("9" * 5000, "is not a camera, file or folder"),
    ],
    ids=["long", "long.mp4", "user", "nul", "loop", "index", "long index"],
)
def test_a_name_of_nothing_is_a_camera_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    if hasattr(os, "symlink"):
        (tmp_path / "loop.mp4").symlink_to("loop.mp4")

    assert source_kind(name) is (SourceKind.FILE if ".mp4" in name else SourceKind.CAMERA)
    assert source_label(name) == name
    with pytest.raises(CameraError, match=message):
        opened(name)


# Folders and images


def test_images_of_a_folder_are_in_natural_order(tmp_path: Path) -> None:
    for name in ("10.png", "9.PNG", "b2.png", "B10.png", "a.png"):
        write_image(tmp_path / name, np.zeros((4, 4, 3), np.uint8))

    with opened(tmp_path) as it:
        assert [Path(frame.source).name for frame in frames(it)] == ["9.PNG", "10.png", "a.png", "b2.png", "B10.png"]


def test_an_unreadable_image_is_skipped_with_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder(tmp_path / "a", 3)
    (tmp_path / "a" / "1.png").write_bytes(b"torn")
    (tmp_path / "a" / "notes.txt").write_text("not an image")

    with opened(tmp_path / "a") as it:
        assert [(frame.index, frame.t_ms, Path(frame.source).name) for frame in frames(it)] == [
            (0, 0, "0.png"),
            (1, 1000, "2.png"),
        ]

    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "1.png" in caplog.text
    assert "notes.txt" in caplog.text


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("gray.png", np.full((4, 6), 65535, np.uint16)),
        ("bgr.png", np.full((4, 6, 3), 65535, np.uint16)),
        ("g.pgm", np.full((4, 6), 255, np.uint8)),
    ],
)
def test_gray_and_16_bit_images_become_bgr(name: str, array: np.ndarray, tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / name), array)

    with opened(tmp_path / name) as it:
        frame = it.read()

    assert frame is not None
    assert frame.bgr.shape == (4, 6, 3)
    assert frame.bgr.min() == 255


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right
    Image.fromarray(np.full((40, 60, 3), 90, np.uint8)).save(tmp_path / "a.jpg", exif=exif)

    with opened(tmp_path) as it:
        frame = it.read()

    assert frame is not None
    assert frame.size_wh == (40, 60)


def test_skipped_frames_are_counted(tmp_path: Path) -> None:
    with VideoFile(video(tmp_path / "a.mkv")) as it:
        assert it.skip()
        assert it.skip()
        frame = it.read()
        assert frame is not None
        assert (frame.index, frame.t_ms) == (2, pytest.approx(80, abs=1))
        assert [it.skip() for _ in range(10)] == [True] * 9 + [False]


def test_a_folder_without_images_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match=r"the folder .* contains no image; .*\.jpg"):
        opened(tmp_path)


def test_a_folder_of_damaged_images_is_an_error(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"torn")

    with opened(tmp_path) as it, pytest.raises(CameraError, match="none of the 2 images"):
        it.read()


def test_a_single_damaged_image_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"torn")

    with opened(tmp_path / "a.jpg") as it, pytest.raises(CameraError, match=r"a\.jpg could not be decoded"):
        it.read()


# Videos


def test_a_video_of_a_phone_is_turned_upright(tmp_path: Path) -> None:
    path = video(tmp_path / "a.mp4")
    data = bytearray(path.read_bytes())
    track = data.index(b"tkhd")
    data[track + 44 : track + 80] = QUARTER_TURN
    path.write_bytes(data)

    with opened(path) as it:
        frame = it.read()

    assert frame is not None
    assert it.size_wh == frame.size_wh == (48, 64)
    assert frame.bgr[32, -3].mean() > 200 > frame.bgr[32, 3].mean()  # the bar is at the right now


def test_a_video_may_have_a_name_in_any_script(tmp_path: Path) -> None:
    with opened(shutil.copy(video(tmp_path / "a.mp4"), tmp_path / "видео 50 %d 小明.mp4")) as it:
        assert len(list(frames(it))) == 12


def test_a_truncated_video_ends_where_it_is_cut(tmp_path: Path) -> None:
    path = video(tmp_path / "a.avi", 40)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with opened(path) as it:
        assert 5 < len(list(frames(it))) < 40


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.mp4", b"", "is empty"),
        ("a.mp4", bytes(range(256)) * 40, "could not be decoded as a video"),
        ("a.txt", "Grüße, no video\n".encode() * 900, "is a text file"),
        ("a.m3u8", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n", "is a text file"),
    ],
)
def test_a_file_that_is_not_a_video_is_an_error_with_nothing_on_stderr(
    name: str, content: bytes, message: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(CameraError, match=message):
        opened(tmp_path / name)

    assert capfd.readouterr() == ("", "")


# The demo


def test_the_demo_lasts_twelve_seconds_at_thirty_frames_that_differ() -> None:
    times, last = [], np.zeros((480, 640, 3), np.uint8)
    with DemoSource() as demo:
        for frame in frames(demo):
            times.append(frame.t_ms)
            assert (frame.bgr[::4, ::4] != last[::4, ::4]).any()
            last = frame.bgr

    assert times == [number * 1000 / 30 for number in range(360)]


@pytest.mark.parametrize("name", IMAGES)
def test_the_images_of_the_demo_are_bundled(name: str) -> None:
    assert demo_image(name).stat().st_size > 10_000


def test_an_unknown_demo_image_is_an_error() -> None:
    with pytest.raises(CameraError, match="eileen_collins"):
        demo_image("../settings")


# Missing sources


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("missing.mp4", "does not exist"),
        ("missing/folder", "does not exist"),
        ("webcam", "camera's index"),
        ("", "camera's index"),
        ("ftp://host/a.mp4", "ftp://"),
    ],
)
def test_a_missing_source_is_an_error_with_advice(text: str, message: str) -> None:
    with pytest.raises(CameraError, match=message):
        opened(text)


# Clips from outside the repository


def test_the_webcam_clips_play_to_their_end_in_their_own_time(test_data: Path) -> None:
    clips = sorted((test_data / "data" / "webcam").glob("*.mkv"))
    assert len(clips) == 8
    for clip in clips:
        with opened(clip) as it:
            times = [frame.t_ms for frame in frames(it)]
            assert it.size_wh == (640, 480)
        np.testing.assert_allclose(times, np.arange(len(times)) * 1000 / 30, atol=1)


def test_a_variable_frame_rate_is_preserved(test_data: Path) -> None:
    with opened(test_data / "data" / "presence" / "noface_face.mov") as it:
        steps = np.diff([frame.t_ms for frame in frames(it)])

    assert steps.min() >= 0
    assert steps.max() > 1.5 * np.median(steps) or steps.min() < 0.7 * np.median(steps)


@pytest.mark.skipif(os.name != "posix" or Path("/dev/video0").exists(), reason="a machine without a camera")
def test_a_missing_camera_is_an_error_with_an_alternative(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CameraError, match=r"camera 0 does not exist.*facecam demo"):
        opened("0")

    assert capfd.readouterr() == ("", "")
