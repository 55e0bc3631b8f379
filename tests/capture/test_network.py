"""Network streams over real sockets: boundaries, errors and authentication."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.capture import network
from facecam.capture.network import NetworkStream
from facecam.capture.source import Source, open_source
from facecam.errors import AccessDeniedError, CameraError
from facecam.settings import CaptureSettings
from tests.capture.raw_server import HEAD, Send, jpeg, part, serving

IMAGES = [jpeg(number) for number in (10, 60, 110, 160)]
STRANGE_HEADS = {
    "dashes announced": b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=--frame\r\n\r\n",
    "in quotes": b'HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary="frame"\r\n\r\n',
    "not announced": b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n",
    "very short": b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=f\r\n\r\n",
}


def opened(address: str, started_at_s: float | None = None) -> Source:
    return open_source(address, CaptureSettings(), time.monotonic() if started_at_s is None else started_at_s)


def brightness(source: Source, count: int) -> list[int]:
    """Return the mean brightness of each of the next frames."""
    return [round(float(frame.bgr.mean())) for _ in range(count) if (frame := source.read()) is not None]


def sends(*pieces: bytes, head: bytes = HEAD, pause_s: float = 0.0) -> Callable[[bytes, Send], None]:
    """Return a server that sends these pieces and closes."""

    def answer(_: bytes, send: Send) -> None:
        send(head)
        for piece in pieces:
            send(piece)
            time.sleep(pause_s)

    return answer


# Boundaries between images


@pytest.mark.parametrize("announced", [True, False])
def test_images_are_complete_with_and_without_a_length(announced: bool) -> None:
    pieces = [part(image, len(image) if announced else None) for image in IMAGES]
    with serving(sends(*pieces)) as host, opened(f"http://{host}/") as stream:
        assert brightness(stream, 4) == [10, 60, 110, 160]


@pytest.mark.parametrize("head", STRANGE_HEADS.values(), ids=STRANGE_HEADS)
def test_a_boundary_may_be_announced_as_cameras_do(head: bytes) -> None:
    boundary = b"--f" if b"=f\r" in head else b"--frame"
    pieces = [part(image, boundary=boundary) for image in IMAGES]
    with serving(sends(*pieces, head=head)) as host, opened(f"http://{host}/") as stream:
        assert brightness(stream, 4) == [10, 60, 110, 160]


def test_a_part_may_have_no_headers_and_bare_newlines() -> None:
    pieces = [b"--frame\n\n" + image + b"\n" for image in IMAGES]
    with serving(sends(*pieces)) as host, opened(f"http://{host}/") as stream:
        assert brightness(stream, 4) == [10, 60, 110, 160]


def test_chunks_may_split_images_anywhere() -> None:
    sent = b"".join(part(image, len(image)) for image in IMAGES)
    chunks = [b"%x\r\n%s\r\n" % (len(sent[n : n + 97]), sent[n : n + 97]) for n in range(0, len(sent), 97)]
    head = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    with serving(sends(*chunks, head=head)) as host, opened(f"http://{host}/") as stream:
        assert brightness(stream, 4) == [10, 60, 110, 160]


def test_an_image_without_a_length_does_not_wait_for_the_next() -> None:
    second_is_sent = threading.Event()

    def answer(_: bytes, send: Send) -> None:
        send(HEAD + part(IMAGES[0]))
        second_is_sent.wait(60)
        send(part(IMAGES[1]))

    with serving(answer) as host, opened(f"http://{host}/") as stream:
        assert brightness(stream, 1) == [10]
        second_is_sent.set()
        assert brightness(stream, 1) == [60]


@pytest.mark.parametrize("announced", [True, False])
def test_an_incomplete_image_is_skipped_and_counted(announced: bool) -> None:
    torn = IMAGES[1][: len(IMAGES[1]) // 2]
    pieces = [part(data, len(IMAGES[1]) if announced else None) for data in (IMAGES[0], torn, IMAGES[2], IMAGES[3])]
    with serving(sends(*pieces, part(IMAGES[0]))) as host, opened(f"http://{host}/") as stream:
        assert brightness(stream, 3) == [10, 110, 160]
        assert not isinstance(stream, NetworkStream)
        assert stream.damaged_frames == 1


def test_a_wrong_length_loses_no_image() -> None:
    pieces = [part(image, length) for image, length in zip(IMAGES, (7, 10**9, 10**9, 7), strict=True)]
    with serving(sends(*pieces, b"--frame\r\n")) as host, opened(f"http://{host}/") as stream:
        assert brightness(stream, 4) == [10, 60, 110, 160]


def test_an_image_is_stamped_at_the_arrival_of_its_last_byte() -> None:
    half = len(IMAGES[0]) // 2
    pieces = part(IMAGES[0], len(IMAGES[0]))[: half + 60], part(IMAGES[0], len(IMAGES[0]))[half + 60 :]
    began_at_s = time.monotonic()
    with serving(sends(*pieces, pause_s=0.3)) as host, opened(f"http://{host}/", began_at_s) as stream:
        frame = stream.read()

    assert frame is not None
    assert frame.t_ms > 250


# Errors and the end


def test_a_closed_connection_ends_the_stream_at_once() -> None:
    with serving(sends(part(IMAGES[0], len(IMAGES[0])))) as host, opened(f"http://{host}/") as stream:
        stream.read()
        for _ in range(2):
            with pytest.raises(CameraError, match="stopped delivering after 1 frames; the server has closed"):
                stream.read()


@pytest.fixture
def short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    assert network.SILENCE_TIMEOUT_S <= 3
    monkeypatch.setattr(network, "SILENCE_TIMEOUT_S", 0.5)


@pytest.mark.usefixtures("short_timeout")
@pytest.mark.parametrize("trickle", [b"", b"x"])
def test_a_server_that_never_completes_an_image_times_out(trickle: bytes) -> None:
    pieces = [part(IMAGES[0], len(IMAGES[0])), b"--frame\r\n\r\n", *[trickle] * 20]
    with serving(sends(*pieces, pause_s=0.1)) as host, opened(f"http://{host}/") as stream:
        stream.read()
        with pytest.raises(CameraError, match=r"no complete image arrived for 0\.5 s"):
            stream.read()


@pytest.mark.usefixtures("short_timeout")
def test_a_server_that_trickles_its_headers_times_out() -> None:
    with (
        serving(sends(*[b"X-Camera: 1\r\n"] * 20, head=b"HTTP/1.1 200 OK\r\n", pause_s=0.1)) as host,
        pytest.raises(CameraError, match="does not answer"),
    ):
        opened(f"http://{host}/")


def test_a_server_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "MAX_PART_BYTES", 2**20)
    flood = sends(part(IMAGES[0]), b"--frame\r\n\r\n", *[b"x" * 2**18] * 40)
    with serving(flood) as host, opened(f"http://{host}/") as stream:
        stream.read()
        with pytest.raises(CameraError, match="more than 1 MB without an image"):
            stream.read()


def test_closing_does_not_wait_for_a_silent_server() -> None:
    is_closed = threading.Event()

    def answer(_: bytes, send: Send) -> None:
        send(HEAD + part(IMAGES[0], len(IMAGES[0])))
        is_closed.wait(60)

    with serving(answer) as host:
        stream = opened(f"http://{host}/")
        started_at_s = time.monotonic()
        stream.close()
        stream.close()
        assert time.monotonic() - started_at_s < 2
        is_closed.set()


# Authentication


def protected(scheme: bytes, authorization: bytes) -> Callable[[bytes, Send], None]:
    """Return a server that streams to clients that send `authorization` and challenges others."""

    def answer(request: bytes, send: Send) -> None:
        if authorization in request:
            send(HEAD + b"".join(part(image) for image in IMAGES))
        else:
            send(b"HTTP/1.1 401 No\r\nWWW-Authenticate: %s\r\nContent-Length: 0\r\n\r\n" % scheme)

    return answer


BASIC = protected(b'Basic realm="cam"', b"Authorization: Basic YWRhOnMzY3JldA==")
DIGEST = protected(b'Digest realm="cam", nonce="42", qop="auth"', b'Authorization: Digest username="ada"')


@pytest.mark.parametrize("server", [BASIC, DIGEST])
def test_credentials_are_sent_when_the_server_requires_them(server: Callable[[bytes, Send], None]) -> None:
    with serving(server) as host, opened(f"http://ada:s3cret@{host}/v") as stream:
        assert brightness(stream, 2) == [10, 60]
        assert stream.source == f"http://{host}/v"


def test_a_password_may_contain_percent_encoded_characters() -> None:
    with (
        serving(protected(b'Basic realm="cam"', b"Basic YWRhOnBAc3M6")) as host,
        opened(f"http://ada:p%40ss%3A@{host}/") as stream,
    ):
        assert stream.read() is not None


@pytest.mark.parametrize("scheme", [b'Basic realm="cam"', b'Digest realm="cam", nonce="42"'])
@pytest.mark.parametrize(
    ("credentials", "message"), [("", "requires a user and password"), ("ada:s3cret@", "rejects the user and password")]
)
def test_a_server_that_rejects_everyone_is_access_denied(
    scheme: bytes, credentials: str, message: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        caplog.at_level(logging.DEBUG),
        serving(protected(scheme, b"nothing is enough")) as host,
        pytest.raises(AccessDeniedError, match=message) as failed,
    ):
        opened(f"http://{credentials}{host}/v")

    assert "s3cret" not in str(failed.value) + caplog.text
    assert failed.value.__suppress_context__
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("status", "error_type", "message"),
    [(403, AccessDeniedError, "requires a user"), (404, CameraError, "404"), (503, CameraError, "503")],
)
def test_an_http_status_becomes_a_message(status: int, error_type: type[CameraError], message: str) -> None:
    with serving(lambda _, send: send(b"HTTP/1.1 %d No\r\n\r\n" % status)) as host, pytest.raises(error_type, match=message):
        opened(f"http://{host}/v")


def rtsp(status: int, *headers: bytes) -> Callable[[bytes, Send], None]:
    return lambda request, send: send(b"RTSP/1.0 %d No\r\nCSeq: 1\r\n%s\r\n" % (status, b"".join(headers)))


@pytest.mark.parametrize(
    ("server", "error_type", "message"),
    [
        (rtsp(401, b'WWW-Authenticate: Basic realm="c"\r\n'), AccessDeniedError, "rejects the user and password"),
        (rtsp(403), AccessDeniedError, "rejects the user and password"),
        (rtsp(404), CameraError, r"this path does not exist \(404\)"),
        (rtsp(500), CameraError, "error 500"),
        (lambda _, send: send(b"220 mail\r\n\r\n"), CameraError, "is not a video"),
    ],
)
def test_the_reason_of_an_rtsp_server_is_reported(
    server: Callable[[bytes, Send], None], error_type: type[CameraError], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    started_at_s = time.monotonic()
    with serving(server) as host, pytest.raises(error_type, match=message) as failed:
        opened(f"rtsp://ada:s3cret@{host}/1")

    assert time.monotonic() - started_at_s < 20
    assert "s3cret" not in str(failed.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp", "HTTP"])
def test_a_refused_connection_is_reported_without_credentials(scheme: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CameraError, match="the connection is refused") as failed:
        opened(f"{scheme}://ada:s3cret@127.0.0.1:9/v?token=s3cret")

    assert "127.0.0.1:9/v" in str(failed.value)
    assert "s3cret" not in str(failed.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_an_unknown_host_name_is_reported(scheme: str) -> None:
    with pytest.raises(CameraError, match="cannot be resolved"):
        opened(f"{scheme}://ada:s3cret@camera.invalid/v")


@pytest.mark.parametrize("address", ["http://", "http://ada:s3cret@[::1/v", "rtsp://ada:s3cret@host:port/"])
def test_an_invalid_address_is_an_error(address: str) -> None:
    with pytest.raises(CameraError) as failed:
        opened(address)

    assert "s3cret" not in str(failed.value)


# Other content


def test_a_recording_at_an_http_address_goes_to_ffmpeg(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 25, (64, 48))
    for number in range(12):
        writer.write(np.full((48, 64, 3), number * 20, np.uint8))
    writer.release()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-matroska\r\nContent-Length: %d\r\n\r\n" % path.stat().st_size
    with serving(sends(path.read_bytes(), head=head)) as host, opened(f"http://{host}/a.mkv") as stream:
        assert isinstance(stream, NetworkStream)
        assert stream.read() is not None
