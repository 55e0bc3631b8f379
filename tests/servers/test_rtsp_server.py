"""The RTSP camera behaves as documented, on which other tests depend."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import pytest

from facecam.capture.video import VideoReader
from tests.servers.stamp import age_ms, read_stamp
from tests.servers.stream_server import StreamServer, wait_for

Start = Callable[..., StreamServer]


@contextmanager
def watching(address: str, read_timeout_ms: int = 800) -> Iterator[VideoReader]:
    limits = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, 5000, cv2.CAP_PROP_READ_TIMEOUT_MSEC, read_timeout_ms)
    with VideoReader(address, cv2.CAP_FFMPEG, limits) as reader:
        yield reader


def frames_of(reader: VideoReader) -> Iterator[Any]:
    while (read := reader.read()) is not None:
        yield read[0]


def opens(address: str) -> bool:
    with watching(address) as reader:
        return reader.is_opened


@pytest.mark.parametrize("codec", ["jpeg", "h264"])
def test_images_are_new_after_the_buffered_ones(rtsp_server: Start, codec: str, portraits: dict[str, Path]) -> None:
    server = rtsp_server("--codec", codec, "--picture", str(portraits["eileen_collins"]))
    with watching(server.address) as reader:
        received = frames_of(reader)
        # The buffered ones come first, and are up to a second old.
        wait_for(received, lambda bgr: age_ms(bgr) < 200)
        image = next(received)

    assert image[100:400, 200:440].std() > 30  # the portrait; gray would be 0


def test_hang_freeze_and_black_last_for_their_duration(rtsp_server: Start) -> None:
    server = rtsp_server("--codec", "jpeg")
    with watching(server.address) as reader:
        received = frames_of(reader)
        wait_for(received, lambda bgr: age_ms(bgr) < 100)
        server.command("freeze 0.5")
        assert len({read_stamp(bgr) for bgr in itertools.islice(received, 3, 10)}) == 1
        server.command("black 0.3")
        wait_for(received, lambda bgr: bgr.max() < 20)
        wait_for(received, lambda bgr: bgr.max() > 200)
        server.command("hang 60")
        assert len(list(received)) < 10
    server.command("ok")

    assert opens(server.address)


def test_teardown_closes_and_accepts_the_next_viewer(rtsp_server: Start) -> None:
    server = rtsp_server()
    with watching(server.address, read_timeout_ms=60_000) as reader:
        assert reader.read() is not None
        server.command("teardown")
        started_s = time.monotonic()
        assert len(list(frames_of(reader))) < 60
        assert time.monotonic() - started_s < 30  # not by the read's time limit

    assert opens(server.address)


def test_refuse_closes_and_lasts_until_ok(rtsp_server: Start) -> None:
    server = rtsp_server("--codec", "jpeg")
    with watching(server.address) as reader:
        server.command("refuse")
        assert len(list(frames_of(reader))) < 60
    assert not opens(server.address)
    server.command("ok")

    assert opens(server.address)


@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_credentials_are_required(rtsp_server: Start, auth: str) -> None:
    server = rtsp_server("--codec", "jpeg", "--auth", auth, "--user", "grace", "--password", "right")

    assert not opens(server.address)
    assert not opens(server.address_as("grace", "wrong"))
    assert opens(server.address_as("grace", "right"))


def test_a_killed_server_starts_again_on_its_port(rtsp_server: Start) -> None:
    server = rtsp_server("--codec", "jpeg")
    with watching(server.address) as reader:
        assert reader.read() is not None
        port = server.port
        server.kill()
        assert len(list(frames_of(reader))) < 60
    assert not opens(server.address)
    server.restart()

    assert server.port == port
    assert opens(server.address)
