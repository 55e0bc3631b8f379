"""Contract of all sources: files, folders, the demo, segments, cameras over a fake driver, and network cameras."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.capture import network
from facecam.capture.demo import DemoSource, demo_image
from facecam.capture.source import SegmentSource, Source, open_source
from facecam.errors import CameraError
from facecam.imageio import write_image
from facecam.settings import CaptureSettings
from facecam.types import Frame
from tests.capture.fake_capture import FOREVER, FRAME, NOTHING, Device, Script, devices
from tests.capture.raw_server import HEAD, Send, jpeg, part, serving, video_pieces

Opener = Callable[[], Source]

STORED = ("avi", "mp4", "mkv", "http", "folder", "image", "demo")
LIVE = ("camera", "video", "mjpeg", "snapshots")
COUNT = 12


def opened(text: str | Path) -> Source:
    return open_source(str(text), CaptureSettings(), time.monotonic())


def video(path: Path) -> Path:
    """Write a video whose frames get brighter."""
    codec = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*codec), 25, (64, 48))
    for number in range(COUNT):
        writer.write(np.full((48, 64, 3), number * 4, np.uint8))
    writer.release()
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    for number in range(COUNT):
        write_image(path / f"{number}.png", np.full((40 + number, 30, 3), number * 10, np.uint8))
    return path


def send_images(_: bytes, send: Send) -> None:
    """Send the first two images together, as a busy machine receives them."""
    send(HEAD + part(jpeg(0)) + part(jpeg(10)))
    for number in range(2, COUNT):
        time.sleep(0.003)
        send(part(jpeg(number * 10)))


def send_video(_: bytes, send: Send) -> None:
    """Send live video that ends after a second."""
    send(b"HTTP/1.1 200 OK\r\n\r\n")
    for piece in video_pieces("mpegts", 50, 50):
        time.sleep(0.015)
        send(piece)


def send_file(_: bytes, send: Send) -> None:
    data = b"".join(video_pieces("mp4", COUNT))
    send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data)


class SendSnapshots:
    """Answers each request with the next image, and after the third with an error."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def __call__(self, _: bytes, send: Send) -> None:
        number = next(self._numbers)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"
        send(head + jpeg(number * 10) if number < 3 else b"HTTP/1.1 500 No\r\n\r\n")


@contextlib.contextmanager
def opener(kind: str, folder_of_test: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    """Yield a function that opens a source of this kind."""
    with contextlib.ExitStack() as stack:
        if kind == "camera":
            device = Device(Script("stops after some images", ((COUNT, FRAME), (FOREVER, NOTHING))))
            monkeypatch.setattr(cv2, "VideoCapture", devices({0: device}))
        if kind == "snapshots":
            monkeypatch.setattr(network, "SILENCE_TIMEOUT_S", 0.5)
        if kind == "demo":
            monkeypatch.setattr(DemoSource, "frame_count", COUNT)  # the whole of it is tested in test_sources.py
        if kind == "segment":
            yield lambda: SegmentSource(opened("demo"), to_ms=400)
            return
        text = {
            "folder": lambda: folder(folder_of_test / "images"),
            "image": lambda: demo_image("cat"),
            "demo": lambda: "demo",
            "camera": lambda: "0",
            "http": lambda: f"http://{stack.enter_context(serving(send_file))}/a.mp4",
            "snapshots": lambda: f"http://{stack.enter_context(serving(SendSnapshots()))}/",
            "video": lambda: f"http://{stack.enter_context(serving(send_video))}/",
            "mjpeg": lambda: f"http://{stack.enter_context(serving(send_images))}/",
        }.get(kind, lambda: video(folder_of_test / f"a.{kind}"))()
        yield lambda: opened(text)


@pytest.fixture(params=[*STORED, *LIVE, "segment"])
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    with opener(request.param, tmp_path, monkeypatch) as open_it:
        yield open_it


@pytest.fixture(params=STORED)
def stored(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    with opener(request.param, tmp_path, monkeypatch) as open_it:
        yield open_it


@pytest.fixture(params=LIVE)
def live(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opener]:
    with opener(request.param, tmp_path, monkeypatch) as open_it:
        yield open_it


def next_or_end(source: Source) -> Frame | None:
    """Return the next frame; None at the end, which a live source reports with an error."""
    try:
        return source.read()
    except CameraError:
        assert source.live
        return None


def rest(source: Source) -> list[Frame]:
    return list(iter(lambda: next_or_end(source), None))


# All sources


def test_frames_are_counted_from_zero_without_a_gap(source: Opener) -> None:
    with source() as it:
        indexes = [frame.index for frame in rest(it)]
        assert indexes == list(range(len(indexes)))
        assert it.frame_count in (None, len(indexes))
        assert indexes


def test_time_rises_with_every_frame(source: Opener) -> None:
    with source() as it:
        frames = rest(it)

    assert frames[0].t_ms >= 0
    assert all(later.t_ms > earlier.t_ms for earlier, later in itertools.pairwise(frames))
    assert all(later.captured_at_s >= earlier.captured_at_s for earlier, later in itertools.pairwise(frames))


def test_frames_carry_names_and_size(source: Opener) -> None:
    with source() as it:
        while (frame := next_or_end(it)) is not None:
            assert frame.source.startswith(it.source)
            assert frame.camera_id == it.camera_id
            assert it.size_wh in (None, frame.size_wh)


def test_every_frame_has_its_own_array(source: Opener) -> None:
    with source() as it:
        first = it.read()
        assert first is not None
        assert first.bgr.flags["C_CONTIGUOUS"]
        before = first.bgr.copy()
        next_or_end(it)
        np.testing.assert_array_equal(first.bgr, before)


def test_a_source_that_has_ended_stays_ended(source: Opener) -> None:
    with source() as it:
        rest(it)
        assert next_or_end(it) is None
        assert next_or_end(it) is None


def test_closing_early_and_twice_is_harmless_and_quick(source: Opener) -> None:
    it = source()
    it.read()
    closed_at_s = time.monotonic()
    it.close()
    it.close()

    assert time.monotonic() - closed_at_s < 2
    assert next_or_end(it) is None


# Stored sources


def test_media_time_begins_at_zero_and_agrees_with_the_rate(stored: Opener) -> None:
    with stored() as it:
        assert not it.live
        times = [frame.t_ms for frame in rest(it)]
        assert it.fps is not None
        np.testing.assert_allclose(times, np.arange(len(times)) * 1000 / it.fps, atol=1)


def test_a_stored_source_is_reproducible(stored: Opener) -> None:
    with stored() as first, stored() as second:
        for ours, theirs in zip(rest(first), rest(second), strict=True):
            np.testing.assert_array_equal(ours.bgr, theirs.bgr)
            assert ours.t_ms == theirs.t_ms


# Live sources


def test_the_time_of_a_live_frame_is_the_sessions_time(live: Opener) -> None:
    began_at_s = time.monotonic()
    with live() as it:
        assert it.live
        for frame in rest(it):
            assert frame.t_ms / 1000 <= frame.captured_at_s - began_at_s <= time.monotonic() - began_at_s


def test_a_failed_live_source_repeats_its_error(live: Opener) -> None:
    with live() as it:
        rest(it)
        messages = set()
        for _ in range(2):
            with pytest.raises(CameraError, match="stopped delivering") as failed:
                it.read()
            messages.add(str(failed.value))

    assert len(messages) == 1
