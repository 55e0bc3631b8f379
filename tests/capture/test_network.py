"""Network streams over real sockets: boundaries, errors and authentication."""

from __future__ import annotations

import itertools
import logging
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from facecam.capture import network
from facecam.capture.network import NetworkStream
from facecam.capture.source import Source, open_source
from facecam.errors import AccessDeniedError, CameraError
from facecam.settings import CaptureSettings
from tests.capture.raw_server import HEAD, Answer, Send, jpeg, part, serving, video, video_pieces

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


def sends(*pieces: bytes, head: bytes = HEAD, pause_s: float = 0.0) -> Answer:
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


def protected(scheme: bytes, authorization: bytes) -> Answer:
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
def test_credentials_are_sent_when_the_server_requires_them(server: Answer) -> None:
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


def rtsp(status: int, *headers: bytes) -> Answer:
    def answer(request: bytes, send: Send) -> bool:
        number = re.search(rb"CSeq: *(\d+)", request)
        assert number is not None
        send(b"RTSP/1.0 %d No\r\nCSeq: %s\r\n%s\r\n" % (status, number[1], b"".join(headers)))
        return True

    return answer


@pytest.mark.parametrize(
    ("server", "error_type", "message"),
    [
        (rtsp(401, b'WWW-Authenticate: Basic realm="c"\r\n'), AccessDeniedError, "rejects the user and password"),
        (rtsp(401, b'WWW-Authenticate: Digest realm="c", nonce="4"\r\n'), AccessDeniedError, "rejects the user and password"),
        (rtsp(403), AccessDeniedError, "rejects the user and password"),
        (rtsp(404), CameraError, r"this path does not exist \(404\)"),
        (rtsp(500), CameraError, "answers with an error"),
        (rtsp(454), CameraError, "answers with an error"),
        (lambda _, send: send(b"220 mail\r\n\r\n"), CameraError, "is not a video"),
        (lambda _, send: None, CameraError, "is not a video"),
    ],
)
def test_the_reason_of_an_rtsp_server_is_reported(
    server: Answer, error_type: type[CameraError], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(server) as host, pytest.raises(error_type, match=message) as failed:
        opened(f"rtsp://ada:s3cret@{host}/1")

    assert "s3cret" not in str(failed.value)
    assert failed.value.__suppress_context__
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("short_timeout")
@pytest.mark.parametrize("scheme", ["http", "rtsp", "rtmp"])
def test_a_server_that_accepts_and_never_answers_is_reported(scheme: str) -> None:
    is_over = threading.Event()
    with serving(lambda _, send: is_over.wait(60)) as host:
        try:
            with pytest.raises(CameraError, match="does not answer"):
                opened(f"{scheme}://ada:s3cret@{host}/1")
        finally:
            is_over.set()


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp", "rtsps", "rtmp", "HTTP", " rtsp"])
def test_a_refused_connection_is_reported_without_credentials(scheme: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CameraError, match="the connection is refused") as failed:
        opened(f"{scheme}://ada:s3cret@127.0.0.1:9/v?token=s3cret")

    assert "127.0.0.1:9/v" in str(failed.value)
    assert "s3cret" not in str(failed.value)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("scheme", ["http", "rtsp", "rtmp"])
def test_an_unknown_host_name_is_reported(scheme: str) -> None:
    with pytest.raises(CameraError, match="cannot be resolved"):
        opened(f"{scheme}://ada:s3cret@camera.invalid/v")


@pytest.mark.parametrize("address", ["http://", "http://ada:s3cret@[::1/v", "rtsp://ada:s3cret@host:port/"])
def test_an_invalid_address_is_an_error(address: str) -> None:
    with pytest.raises(CameraError) as failed:
        opened(address)

    assert "s3cret" not in str(failed.value)


# Video files


def file_server(data: bytes, *, length: bool = True, ranges: bool = True, cut_at: int | None = None) -> tuple[Answer, list[int]]:
    """Return a server of a file, and the first byte of each of its answers. With `cut_at` it closes the first one there."""
    first_bytes: list[int] = []

    def answer(request: bytes, send: Send) -> None:
        found = re.search(rb"Range: bytes=(\d+)-", request) if ranges else None
        start = int(found[1]) if found else 0
        head = b"HTTP/1.1 206 Partial\r\n" if found else b"HTTP/1.1 200 OK\r\n"
        announced = b"Content-Length: %d\r\n" % (len(data) - start) if length else b""
        end = cut_at if cut_at is not None and not first_bytes else len(data)
        first_bytes.append(start)
        send(head + announced + b"Content-Type: application/octet-stream\r\n\r\n" + data[start:end])

    return answer, first_bytes


@pytest.mark.parametrize("length", [True, False])
@pytest.mark.parametrize("container", ["mp4", "matroska", "avi", "mpegts"])
def test_a_video_file_at_an_http_address_is_read_once_from_its_first_frame_to_its_last(container: str, length: bool) -> None:
    server, _ = file_server(video(container), length=length, ranges=length)
    with serving(server) as host, opened(f"http://{host}/film") as source:
        frames = [source.read() for _ in range(24)]
        assert source.read() is None
        assert source.read() is None

    assert not source.live
    assert [round(frame.bgr.mean() / 10) for frame in frames if frame is not None] == list(range(24))
    assert [round(frame.t_ms) for frame in frames if frame is not None] == list(range(0, 960, 40))


def test_the_index_at_the_end_of_a_large_file_is_requested_alone() -> None:
    data = video("mp4", 250, noise=True)
    assert len(data) > 400_000
    assert data.index(b"moov") > data.index(b"mdat")
    server, first_bytes = file_server(data)
    with serving(server) as host, opened(f"http://{host}/film.mp4") as source:
        assert len(list(iter(source.read, None))) == source.frame_count == 250

    assert any(first_byte > 300_000 for first_byte in first_bytes)


def test_a_connection_that_is_lost_in_a_file_is_made_again_where_it_broke_off() -> None:
    server, first_bytes = file_server(video("matroska", 80, noise=True), cut_at=50_000)
    with serving(server) as host, opened(f"http://{host}/film") as source:
        assert len(list(iter(source.read, None))) == 80

    assert first_bytes == [0, 50_000]


def test_a_file_whose_rest_never_arrives_is_an_error_and_not_an_end() -> None:
    server, _ = file_server(video("matroska", 80, noise=True), ranges=False, cut_at=50_000)
    message = r"has stopped after \d+ frames, before the video's end"
    with serving(server) as host, opened(f"http://{host}/film") as source, pytest.raises(CameraError, match=message):
        list(iter(source.read, None))


def live_stream(pieces: list[bytes]) -> Answer:
    """Return a server that sends a piece every 20 ms, without a length."""
    return sends(*pieces, head=b"HTTP/1.1 200 OK\r\n\r\n", pause_s=0.02)


def test_a_live_stream_over_http_is_a_camera_that_can_be_lost() -> None:
    with serving(live_stream(video_pieces("mpegts", 60, 50))) as host, opened(f"http://{host}/live") as stream:
        assert isinstance(stream, NetworkStream)
        assert stream.live
        assert stream.read() is not None
        with pytest.raises(CameraError, match="the server has closed the connection"):
            list(iter(stream.read, None))


@pytest.mark.parametrize("count", [40, 1000])
def test_a_file_of_unknown_length_is_recognized_by_its_speed(count: int) -> None:
    server, _ = file_server(video("mpegts", count), length=False, ranges=False)
    with serving(server) as host:
        for _attempt in range(5):  # On a busy machine this server can be as slow as a live stream.
            with opened(f"http://{host}/film.ts") as source:
                if not source.live:
                    assert len(list(iter(source.read, None))) == count
                    return
    pytest.fail("the file was taken for a live stream five times")


@pytest.mark.usefixtures("short_timeout")
def test_a_live_stream_over_http_that_falls_silent_times_out() -> None:
    pieces, is_over = video_pieces("mpegts", 40, 50), threading.Event()

    def answer(request: bytes, send: Send) -> None:
        live_stream(pieces)(request, send)
        is_over.wait(60)

    with serving(answer) as host, opened(f"http://{host}/live") as stream:
        try:
            with pytest.raises(CameraError, match=r"no complete image arrived for 0\.5 s"):
                list(iter(stream.read, None))
        finally:
            is_over.set()


def test_damaged_packets_do_not_end_a_stream() -> None:
    pieces = video_pieces("mpegts", 60, 50)
    for number in (25, 26):
        pieces[number] = pieces[number][:188] + bytes(len(pieces[number]) - 188)
    with serving(live_stream(pieces)) as host, opened(f"http://{host}/live") as stream:
        assert max(brightness(stream, 35)[-12:]) > 210, "image 47 has 220"


def test_an_html_page_is_not_a_video() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><p>the camera's own pages</p></html>"
    with serving(lambda _, send: send(page)) as host, pytest.raises(CameraError, match="delivers no decodable video"):
        opened(f"http://{host}/")


BROKEN_ANSWERS = {
    "nothing": b"",
    "one byte": b"H",
    "no status": b"HTTP/1.1\r\n\r\n",
    "a status that is no number": b"HTTP/1.1 two OK\r\n\r\n",
    "a status of nine digits": b"HTTP/1.1 200000000 OK\r\n\r\n",
    "no body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
    "an empty body": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
    "a length of letters": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc",
    "a huge length": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
    "an endless header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    "a thousand headers": b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 1000 + b"\r\n",
    "wrong chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "negative chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n",
    "an image of nothing": b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n",
    "an image that is none": b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n<html>",
    "MJPEG without parts": b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace\r\n\r\n",
    "MJPEG with a boundary of another character set": HEAD.replace(b"frame", b'"\xff\xfe"') + b"--\xff\xfe\r\n\r\n",
    "a type of another character set": b"HTTP/1.1 200 OK\r\nContent-Type: \xff\xfe\r\n\r\nabc",
    "zeros": b"HTTP/1.1 200 OK\r\n\r\n" + bytes(5000),
    "half a video": b"HTTP/1.1 200 OK\r\n\r\n" + b"\0\0\0\x18ftypisom" + bytes(12),
    "a redirect without an address": b"HTTP/1.1 302 Found\r\n\r\n",
    "a redirect to nowhere": b"HTTP/1.1 302 Found\r\nLocation: \r\n\r\n",
    "a redirect to a broken address": b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n",
    "a challenge of nothing": b"HTTP/1.1 401 No\r\nWWW-Authenticate: \r\n\r\n",
    "a challenge without values": b"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest\r\n\r\n",
    "an unknown challenge": b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="y", algorithm=SHA-9\r\n\r\n',
    "an unknown scheme": b"HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\n\r\n",
}


@pytest.mark.usefixtures("short_timeout")
@pytest.mark.parametrize("answer", BROKEN_ANSWERS.values(), ids=BROKEN_ANSWERS)
def test_a_broken_answer_is_an_error_without_credentials(answer: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with serving(lambda _, send: send(answer)) as host, pytest.raises(CameraError) as failed:
        opened(f"http://ada:s3cret@{host}/v")

    assert "s3cret" not in str(failed.value)
    assert capfd.readouterr() == ("", "")


# Other protocols


def test_a_stream_over_udp_is_received(unused_udp_port: int) -> None:
    pieces, is_over = video_pieces("mpegts", 400, 50), threading.Event()

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for piece in pieces:
                for start in range(0, len(piece), 1316):
                    sender.sendto(piece[start : start + 1316], ("127.0.0.1", unused_udp_port))
                if is_over.wait(0.02):
                    return

    sender = threading.Thread(target=send, name="udp sender")
    sender.start()
    try:
        with opened(f"udp://127.0.0.1:{unused_udp_port}") as stream:
            assert stream.live
            assert stream.read() is not None
            assert stream.size_wh == (64, 48)
    finally:
        is_over.set()
        sender.join()


@pytest.fixture
def unused_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
    return port


# Images on request


def snapshots(*answers: bytes, content_type: bytes = b"image/jpeg") -> tuple[Answer, list[float]]:
    """Return a server that answers each request with the next image, repeating the last, and the times of the requests."""
    times: list[float] = []

    def answer(_: bytes, send: Send) -> None:
        data = answers[min(len(times), len(answers) - 1)]
        times.append(time.monotonic())
        if not data:
            send(b"HTTP/1.1 503 Busy\r\n\r\n")
            return
        send(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (content_type, len(data)) + data)

    return answer, times


@pytest.mark.parametrize("content_type", [b"image/jpeg", b"text/plain"])
def test_an_address_of_single_images_is_requested_again_and_again(content_type: bytes) -> None:
    server, times = snapshots(*IMAGES, content_type=content_type)
    with serving(server) as host, opened(f"http://{host}/cgi-bin/snapshot") as source:
        assert source.live
        assert brightness(source, 4) == [10, 60, 110, 160]

    assert len(times) == 4
    assert times[3] - times[0] > 0.25, "at most ten requests per second"


def test_an_image_that_has_not_changed_is_a_new_frame_only_after_a_second() -> None:
    server, times = snapshots(*IMAGES[:2])
    with serving(server) as host, opened(f"http://{host}/") as source:
        frames = [source.read() for _ in range(3)]

    captured = [frame.captured_at_s for frame in frames if frame is not None]
    assert captured[2] - captured[1] > 1
    assert len(times) > 5


def test_a_busy_camera_and_a_damaged_image_do_not_end_a_source_of_single_images() -> None:
    server, _ = snapshots(IMAGES[0], b"", IMAGES[1][:40], b"", IMAGES[2])
    with serving(server) as host, opened(f"http://{host}/") as source:
        assert brightness(source, 2) == [10, 110]


@pytest.mark.usefixtures("short_timeout")
def test_a_camera_of_single_images_that_leaves_is_lost() -> None:
    server, _ = snapshots(IMAGES[0])
    with serving(server) as host:
        source = opened(f"http://{host}/")
        source.read()
    with source, pytest.raises(CameraError, match=r"stopped delivering after 1 frames; no complete image arrived for 0\.5 s"):
        source.read()


@pytest.mark.parametrize("content_type", [b"", b"Content-Type: text/html\r\n", b"Content-Type: video/x-motion-jpeg\r\n"])
def test_mjpeg_is_recognized_without_its_content_type(content_type: bytes) -> None:
    head = b"HTTP/1.0 200 OK\r\n" + content_type + b"\r\n"
    with serving(sends(*[part(image) for image in IMAGES], head=head)) as host, opened(f"http://{host}/stream") as stream:
        assert brightness(stream, 4) == [10, 60, 110, 160]


# Redirects and playlists


def redirect(status: int, target: str) -> bytes:
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["/video", "video", "http://127.0.0.1:PORT/video", "//127.0.0.1:PORT/video"])
def test_a_redirect_to_the_same_host_is_followed_with_the_credentials(status: int, target: str) -> None:
    def answer(request: bytes, send: Send) -> None:
        if b" /video " in request:
            BASIC(request, send)
        else:
            send(redirect(status, target.replace("PORT", host.partition(":")[2])))

    with serving(answer) as host, opened(f"http://ada:s3cret@{host}/") as stream:
        assert brightness(stream, 1) == [10]


@pytest.mark.parametrize("path", ["/video", "/?token=s3cret&next=rtsp://ada:s3cret@x"])
def test_a_redirect_to_another_host_is_not_followed(path: str) -> None:
    requests: list[bytes] = []
    with serving(lambda request, send: requests.append(request)) as other:
        target = f"http://ada:s3cret@localhost:{other.partition(':')[2]}{path}"
        server = serving(lambda _, send: send(redirect(302, target)))
        with server as host, pytest.raises(CameraError, match="redirects to another host") as failed:
            opened(f"http://ada:s3cret@{host}/")

    assert not requests
    assert "s3cret" not in str(failed.value)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a", "rtsp://127.0.0.1/a", "data:,x", "gopher:x"])
def test_a_redirect_to_anything_but_http_is_not_followed(target: str) -> None:
    with serving(lambda _, send: send(redirect(302, target))) as host, pytest.raises(CameraError, match="redirect"):
        opened(f"http://{host}/")


def test_redirects_without_end_are_an_error() -> None:
    with serving(lambda _, send: send(redirect(302, "/next"))) as host, pytest.raises(CameraError, match="redirects without end"):
        opened(f"http://{host}/")


@pytest.mark.usefixtures("short_timeout")
def test_one_deadline_bounds_all_redirects_together() -> None:
    count = itertools.count()

    def answer(_: bytes, send: Send) -> None:
        time.sleep(0.2)
        send(redirect(302, f"/{next(count)}"))

    with serving(answer) as host, pytest.raises(CameraError, match="does not answer"):
        opened(f"http://{host}/")

    assert next(count) <= 4


def test_ffmpeg_may_use_network_protocols_only_and_none_for_what_arrives_over_http() -> None:
    protocols = {protocol for access in network._ACCESS.values() for protocol in access.protocols}

    assert protocols == {"rtmp", "udp", "tcp"}
    assert (network._VIDEO.protocols, network._PLAYLIST.protocols) == ((), ())


def site(files: dict[str, bytes]) -> Answer:
    """Return a server of files by their paths."""

    def answer(request: bytes, send: Send) -> None:
        data = files.get(request.split()[1].decode(), b"")
        send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data) + data)

    return answer


def playlist(*addresses: str, before: str = "") -> bytes:
    parts = "".join(f"#EXTINF:1,\n{address}\n" for address in addresses)
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{before}{parts}#EXT-X-ENDLIST\n".encode()


def test_a_playlist_on_the_same_host_is_played() -> None:
    files = {"/a/v.m3u8": playlist("part.ts"), "/a/part.ts": video("mpegts")}
    with serving(site(files)) as host, opened(f"http://{host}/a/v.m3u8") as source:
        assert len(list(iter(source.read, None))) == 24


def test_a_redirect_inside_a_playlist_to_another_host_is_not_followed() -> None:
    requests: list[bytes] = []

    def answer(request: bytes, send: Send) -> None:
        send(redirect(302, target)) if b" /part.ts " in request else site({"/v.m3u8": playlist("part.ts")})(request, send)

    with serving(lambda request, send: requests.append(request)) as other:
        target = f"http://localhost:{other.partition(':')[2]}/part.ts"
        with serving(answer) as host, pytest.raises(CameraError, match="redirects to another host"):
            opened(f"http://{host}/v.m3u8")

    assert not requests


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.ts"
    path.write_bytes(video("mpegts"))
    return path


@pytest.mark.parametrize("name", ["/v.m3u8", "/film.mp4"])
@pytest.mark.parametrize(
    "address",
    ["file://FILM", "FILM", "concat:FILM", "subfile,,start,0,end,0,,:FILM", "crypto+file://FILM", "data:video/mp2t;base64,Rw=="],
)
def test_a_playlist_opens_no_local_file(name: str, address: str, film: Path) -> None:
    files = {name: playlist(address.replace("FILM", str(film)))}
    with serving(site(files)) as host, pytest.raises(CameraError):
        opened(f"http://{host}{name}")


@pytest.mark.parametrize("before", ["", '#EXT-X-KEY:METHOD=AES-128,URI="ADDRESS"\n', '#EXT-X-MAP:URI="ADDRESS"\n'])
def test_a_playlist_opens_no_file_of_another_host(before: str) -> None:
    requests: list[bytes] = []
    with serving(lambda request, send: requests.append(request)) as other:
        address = f"http://localhost:{other.partition(':')[2]}/part.ts"
        files = {
            "/v.m3u8": playlist("part.ts" if before else address, before=before.replace("ADDRESS", address)),
            "/part.ts": video("mpegts"),
        }
        with serving(site(files)) as host, pytest.raises(CameraError, match="names a file elsewhere"):
            opened(f"http://{host}/v.m3u8")

    assert not requests


@pytest.mark.parametrize(
    "content",
    [
        "ffconcat version 1.0\nfile 'FILM'\n",
        "ffconcat version 1.0\nfile 'file://FILM'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9000 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><BaseURL>file://FILM</BaseURL></Period></MPD>',
    ],
    ids=["concat", "concat of an address", "sdp", "dash"],
)
def test_a_list_of_other_files_is_not_a_video(content: str, film: Path) -> None:
    server = site({"/film.mp4": content.replace("FILM", str(film)).encode()})
    with serving(server) as host, pytest.raises(CameraError, match="no decodable video"):
        opened(f"http://{host}/film.mp4")
