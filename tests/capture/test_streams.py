"""Streams of real servers in their own processes; each frame shows the time at which it was sent."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest

from facecam.capture import network
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
    """Start a server of either kind."""
    return lambda kind, *options: request.getfixturevalue(f"{kind}_server")(*options)


def opened(address: str) -> Source:
    """Open a stream. On a busy machine, the server may take longer for the first image than a reader waits: it is asked again."""
    for _ in range(2):
        try:
            return open_source(address, CaptureSettings(), time.monotonic())
        except CameraError as error:
            if "opens but delivers no image" not in str(error):
                raise
    return open_source(address, CaptureSettings(), time.monotonic())


def late_ms(frame: Frame) -> float:
    """Return the frame's capture time minus the time at which it was sent."""
    sent_us = read_stamp(frame.bgr)
    assert sent_us is not None
    return frame.captured_at_s * 1000 - sent_us / 1000


def read_frames(source: Source, count: int) -> list[Frame]:
    return [frame for _ in range(count) if (frame := source.read()) is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_the_capture_time_of_every_frame_is_the_time_it_was_sent(start: Start, kind: str) -> None:
    with opened(start(kind).address) as stream:
        late = [late_ms(frame) for frame in read_frames(stream, 20)]

    assert min(late) > -1
    assert statistics.median(late) < 250  # a busy machine may delay some


@pytest.mark.parametrize("kind", KINDS)
def test_after_a_pause_no_old_frame_gets_a_new_time(start: Start, kind: str) -> None:
    with opened(start(kind).address) as stream:
        read_frames(stream, 20)
        time.sleep(1)
        late = [late_ms(frame) for frame in read_frames(stream, 10)]

    assert max(late) < 600


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_server_times_out(start: Start, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert network.SILENCE_TIMEOUT_S <= 2.5
    monkeypatch.setattr(network, "SILENCE_TIMEOUT_S", 0.7)
    server = start(kind)
    with opened(server.address) as stream:
        read_frames(stream, 5)
        # Less than two limits: a held-back frame must not begin a second one.
        server.command("hang 1.2")
        with pytest.raises(CameraError, match="stopped delivering"):
            read_frames(stream, 60)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_a_stream_opens_only_with_the_right_password(start: Start, kind: str, auth: str) -> None:
    server = start(kind, "--password", "s3cret", "--auth", auth)

    with opened(server.address_as("ada", "s3cret")) as stream:
        assert stream.read() is not None
    with pytest.raises(AccessDeniedError, match="rejects the user and password"):
        opened(server.address_as("ada", "guess"))
    with pytest.raises(AccessDeniedError, match="requires a user and password"):
        opened(server.address)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_a_password_may_contain_any_character(start: Start, kind: str, auth: str) -> None:
    password = "p@ss:/?#%&= x"  # noqa: S105 - of the test's own server
    server = start(kind, "--password", password, "--auth", auth)
    address = server.address_as("ada", quote(password, safe=""))

    with opened(address.replace(kind, kind.upper()).replace("http", "HTTP")) as stream:
        assert stream.read() is not None
        assert stream.source == server.address


def test_a_missing_path_differs_from_a_wrong_password(start: Start) -> None:
    server = start("rtsp", "--password", "s3cret", "--auth", "digest")

    with pytest.raises(CameraError, match="this path does not exist") as failed:
        opened(server.address_as("ada", "s3cret").replace("/video", "/elsewhere"))

    assert not isinstance(failed.value, AccessDeniedError)
