"""The HTTP camera behaves as documented, on which other tests depend."""

from __future__ import annotations

import http.client
import itertools
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.servers.stamp import age_ms, read_stamp
from tests.servers.stream_server import StreamServer, wait_for

Start = Callable[..., StreamServer]


@contextmanager
def viewing(server: StreamServer) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", "/video")
        with connection.getresponse() as response:
            yield response
    finally:
        connection.close()


def parts(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """Yield the bodies of complete parts, separated by the boundary only."""
    boundary, body = b"--facecam\r\n", b""
    while True:
        piece = response.read1(65536)
        if not piece:
            return
        body += piece
        *whole, body = body.split(boundary)
        for part in whole:
            if part:
                yield part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")


def images(response: http.client.HTTPResponse) -> Iterator[Any]:
    """Yield the decoded parts; None for those that cannot be decoded."""
    return (cv2.imdecode(np.frombuffer(part, np.uint8), cv2.IMREAD_COLOR) for part in parts(response))


@pytest.fixture(scope="module")
def default_server() -> Iterator[StreamServer]:
    with StreamServer.mjpeg() as server:
        yield server


@pytest.fixture
def server(default_server: StreamServer) -> Iterator[StreamServer]:
    """A server with the default options, in normal operation."""
    yield default_server
    default_server.command("ok")


def first_age_ms(server: StreamServer) -> float:
    with viewing(server) as response:
        return age_ms(next(images(response)))


@pytest.mark.parametrize("options", [(), ("--chunked",), ("--no-length",), ("--chunked", "--no-length")])
def test_images_are_new_and_never_equal(mjpeg_server: Start, options: tuple[str, ...]) -> None:
    with viewing(mjpeg_server(*options)) as response:
        received = [
            (part, age_ms(cv2.imdecode(np.frombuffer(part, np.uint8), 1))) for part in itertools.islice(parts(response), 12)
        ]

    assert response.headers["Content-Type"] == "multipart/x-mixed-replace; boundary=facecam"
    assert (response.headers["Transfer-Encoding"] == "chunked") == ("--chunked" in options)
    assert len({part for part, _ in received}) == 12
    assert sorted(age for _, age in received)[8] < 200  # a busy machine may delay some


@pytest.mark.parametrize("no_length", [False, True])
def test_parts_have_a_length_unless_disabled(mjpeg_server: Start, no_length: bool) -> None:
    with viewing(mjpeg_server(*["--no-length"] * no_length)) as response:
        head = response.read(200)

    assert (b"Content-Length: " in head) != no_length


def test_several_viewers_receive_the_same_images(server: StreamServer) -> None:
    with viewing(server) as one, viewing(server) as other:
        both = [{read_stamp(bgr) for bgr in itertools.islice(images(response), 10)} for response in (one, other)]

    assert len(both[0] & both[1]) >= 5


def test_the_frame_rate_is_as_requested(mjpeg_server: Start) -> None:
    with viewing(mjpeg_server("--fps", "10")) as response:
        stamps = [read_stamp(bgr) or 0 for bgr in itertools.islice(images(response), 8)]

    assert 0.09 < (stamps[-1] - stamps[0]) / 7e6 < 0.3  # a busy machine may delay some


def test_the_portrait_is_below_the_stamp(mjpeg_server: Start, portraits: dict[str, Path]) -> None:
    with viewing(mjpeg_server("--picture", str(portraits["eileen_collins"]))) as response:
        bgr = next(images(response))

    assert age_ms(bgr) < 500
    assert bgr[100:400, 200:440].std() > 30  # gray would be 0


def test_stop_mid_frame_truncates_a_jpeg_and_accepts_the_next_viewer(server: StreamServer) -> None:
    with viewing(server) as response:
        next(images(response))
        server.command("stop-mid-frame")
        rest = response.read()

    assert b"\xff\xd8" in rest
    assert not rest.rstrip().endswith(b"\xff\xd9")
    assert first_age_ms(server) < 500


def test_hang_keeps_connections_open_without_sending(server: StreamServer) -> None:
    with viewing(server) as response, socket.create_connection(("127.0.0.1", server.port), timeout=0.3) as newcomer:
        received = images(response)
        next(received)
        server.command("hang 0.8")
        started_s = time.monotonic()
        newcomer.sendall(b"GET /video HTTP/1.1\r\n\r\n")
        with pytest.raises(TimeoutError):
            newcomer.recv(1)
        wait_for(received, lambda bgr: (read_stamp(bgr) or 0) > started_s * 1e6)

    assert time.monotonic() - started_s > 0.7


def test_torn_jpegs_have_no_end_or_a_wrong_one(server: StreamServer) -> None:
    with viewing(server) as response:
        received = parts(response)
        next(received)
        server.command("torn 0.5")
        torn = [part for part in itertools.islice(received, 6) if not part.endswith(b"\xff\xd9")]
        wait_for(received, lambda part: part.endswith(b"\xff\xd9"))

    assert len(torn) >= 4
    assert all(part.startswith(b"\xff\xd8") for part in torn)
    assert len({len(part) > 0.9 * max(map(len, torn)) for part in torn}) == 2  # short ones, and whole ones of nonsense


def test_freeze_repeats_an_image_and_black_sends_black_images(server: StreamServer) -> None:
    with viewing(server) as response:
        received = images(response)
        next(received)
        server.command("freeze 0.5")
        assert len({read_stamp(bgr) for bgr in itertools.islice(received, 3, 10)}) == 1
        server.command("black 0.3")
        assert wait_for(received, lambda bgr: not bgr.any()).shape == (480, 640, 3)
        assert age_ms(wait_for(received, np.any)) < 500


def test_resize_changes_the_size_within_the_stream(server: StreamServer) -> None:
    with viewing(server) as response:
        received = images(response)
        assert next(received).shape == (480, 640, 3)
        server.command("resize")
        assert age_ms(wait_for(received, lambda bgr: bgr.shape == (360, 480, 3))) < 500
        server.command("resize")
        assert wait_for(received, lambda bgr: bgr.shape == (480, 640, 3)).any()


@pytest.mark.parametrize("options", [(), ("--chunked",)])
def test_restart_connection_ends_with_the_closing_boundary(mjpeg_server: Start, options: tuple[str, ...]) -> None:
    server = mjpeg_server(*options)
    with viewing(server) as response:
        next(images(response))
        server.command("restart-connection")
        rest = response.read()

    assert rest.endswith(b"\xff\xd9\r\n--facecam--\r\n") or rest == b"--facecam--\r\n"
    assert first_age_ms(server) < 500


def test_refuse_and_wrong_type_close_and_last_until_ok(server: StreamServer) -> None:
    with viewing(server) as before:
        server.command("refuse")
        before.read()  # comes back only when the server has closed the connection
    with viewing(server) as refused:
        assert refused.status == 401
    server.command("wrong-type")
    with viewing(server) as page:
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html")
    server.command("ok")

    assert first_age_ms(server) < 500


def test_drop_then_refuse_connect_listens_again_after_its_time(server: StreamServer) -> None:
    with viewing(server) as before:
        server.command("drop-then-refuse-connect 1")
        before.read()
    with pytest.raises(ConnectionRefusedError):
        first_age_ms(server)
    time.sleep(1.2)

    assert first_age_ms(server) < 500


def status_as(server: StreamServer, user: str, password: str) -> int:
    known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    known.add_password(None, server.address, user, password)
    handlers = (urllib.request.HTTPBasicAuthHandler(known), urllib.request.HTTPDigestAuthHandler(known))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), *handlers)
    try:
        with opener.open(server.address, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_credentials_are_required(mjpeg_server: Start, auth: str) -> None:
    server = mjpeg_server("--auth", auth, "--user", "grace", "--password", "right")
    with viewing(server) as stranger:
        assert (stranger.status, stranger.headers["WWW-Authenticate"].partition(" ")[0].lower()) == (401, auth)

    assert status_as(server, "grace", "right") == 200
    assert status_as(server, "grace", "wrong") == 401
    assert status_as(server, "alan", "right") == 401


def test_a_killed_server_starts_again_on_its_port(mjpeg_server: Start) -> None:
    server = mjpeg_server()
    with viewing(server) as response:
        next(images(response))
        port = server.port
        server.restart()

    assert server.port == port
    assert first_age_ms(server) < 500


def test_a_server_that_fails_to_start_reports_the_reason(mjpeg_server: Start) -> None:
    with pytest.raises(RuntimeError, match="invalid float value: 'many'"):
        mjpeg_server("--fps", "many")


def test_the_server_ends_silently_with_its_standard_input() -> None:
    command = [sys.executable, "-m", "tests.servers.mjpeg_server"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=30) as viewer:
            viewer.sendall(b"GET /video HTTP/1.1\r\n\r\n")
            assert viewer.recv(1)
            _, errors = process.communicate(timeout=30)  # closes standard input

    assert (process.returncode, errors) == (0, "")
