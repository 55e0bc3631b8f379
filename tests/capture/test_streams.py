"""Streams of real servers, in processes of their own: their pictures bear the time they were sent."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from facecam.capture.source import Source, open_source
from facecam.errors import AccessDeniedError, CameraError
from facecam.settings import CaptureSettings
from facecam.types import Frame
from tests.servers.stamp import read_stamp
from tests.servers.stream_server import StreamServer

Start = Callable[..., StreamServer]
KINDS = ["mjpeg", "rtsp"]


@pytest.fixture
def start(request: pytest.FixtureRequest) -> Callable[..., StreamServer]:
    """Starts a server of either kind."""
    return lambda kind, *options: request.getfixturevalue(f"{kind}_server")(*options)


def opened(address: str) -> Source:
    return open_source(address, CaptureSettings(), time.monotonic())


def late_ms(frame: Frame) -> float:
    """How much later than it was sent the frame says it was taken."""
    sent_us = read_stamp(frame.bgr)
    assert sent_us is not None
    return frame.captured_at_s * 1000 - sent_us / 1000


def some(source: Source, count: int) -> list[Frame]:
    return [frame for _ in range(count) if (frame := source.read()) is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_from_the_first_on_bears_the_time_it_was_sent(start: Start, kind: str) -> None:
    with opened(start(kind).address) as stream:
        late = [late_ms(frame) for frame in some(stream, 20)]

    assert -1 < min(late) <= max(late) < 250


@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_that_was_away_gets_no_old_frame_with_a_new_time(start: Start, kind: str) -> None:
    with opened(start(kind).address) as stream:
        some(stream, 20)
        time.sleep(0.7)
        late = [late_ms(frame) for frame in some(stream, 10)]

    assert max(late) < 250


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_falls_silent_is_given_up_within_three_seconds(start: Start, kind: str) -> None:
    server = start(kind)
    with opened(server.address) as stream:
        some(stream, 5)
        server.command("hang 6")
        began_at_s = time.monotonic()
        with pytest.raises(CameraError, match="stopped delivering"):
            some(stream, 60)

    assert time.monotonic() - began_at_s < 3.5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_only_who_knows_the_password_is_let_in(start: Start, kind: str, auth: str) -> None:
    server = start(kind, "--password", "s3cret", "--auth", auth)

    with opened(server.address_as("ada", "s3cret")) as stream:
        assert stream.read() is not None
    with pytest.raises(AccessDeniedError, match="refuses user and password"):
        opened(server.address_as("ada", "guess"))
    with pytest.raises(AccessDeniedError, match="asks for user and password"):
        opened(server.address)


def test_a_path_that_is_not_there_is_told_from_a_wrong_password(start: Start) -> None:
    server = start("rtsp", "--password", "s3cret", "--auth", "digest")

    with pytest.raises(CameraError, match="nothing at this path") as failed:
        opened(server.address_as("ada", "s3cret").replace("/video", "/elsewhere"))

    assert not isinstance(failed.value, AccessDeniedError)
