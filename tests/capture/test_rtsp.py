"""RTSP through the relay: authentication, redirects and hostile servers, against an RTSP camera that runs in this process."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import re
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from facecam.capture.addresses import parse_address
from facecam.capture.rtsp import RtspRelay
from facecam.capture.source import Source, open_source
from facecam.errors import AccessDeniedError, CameraError
from facecam.settings import CaptureSettings
from tests.capture.raw_server import Send, serving, video_pieces

USER, PASSWORD = "ada", "s3cret"
BASIC = 'Basic realm="cam"'
DIGEST = 'Digest realm="cam", nonce="NONCE", algorithm=MD5'
CHALLENGES = {
    "basic": BASIC,
    "digest": DIGEST,
    "digest with a counter": f'{DIGEST}, qop="auth,auth-int", opaque="xyz"',
    "digest without an algorithm": 'Digest realm="cam",nonce="NONCE"',
    "digest of a session": DIGEST.replace("MD5", "MD5-sess") + ', qop="auth"',
    "digest with SHA-256": DIGEST.replace("MD5", "SHA-256") + ', qop="auth"',
}
SDP = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=control:*\r\nm=video 0 RTP/AVP 33\r\na=control:CONTROL\r\n"
STREAM = video_pieces("mpegts", 100, 50)


@dataclass
class Camera:
    """RTSP camera that streams gray images; an answer function of `serving`.

    Attributes:
        challenge: Authentication that it requires, with NONCE for a number that it changes with each challenge.
        redirects: Locations by method, to which it redirects requests that are authorized.
        base: Content-Base of its description, with HOST for its address; None for none.
        garbage: What it sends between packets.
        session: Value of Session.
    """

    challenge: str = ""
    password: str = PASSWORD
    redirects: dict[str, str] = field(default_factory=dict)
    base: str | None = "rtsp://camera.internal/cam/"
    control: str = "track1"
    garbage: bytes = b""
    session: str = "1"
    requests: list[bytes] = field(default_factory=list)
    nonce: int = 0

    def methods(self) -> list[str]:
        return [request.split()[0].decode() for request in self.requests]

    def __call__(self, data: bytes, send: Send) -> bool:
        self.requests.append(data)
        request = data.decode()
        method, uri = request.split()[:2]
        number = re.search(r"CSeq: (\d+)", request)
        head = f"CSeq: {number[1] if number else 0}\r\n"
        if self.challenge and not self._accepts(method, uri, request):
            self.nonce += 1
            send(f"RTSP/1.0 401 No\r\n{head}WWW-Authenticate: {self._challenge}\r\n\r\n".encode())
        elif method in self.redirects:
            send(f"RTSP/1.0 302 Moved\r\n{head}Location: {self.redirects[method]}\r\n\r\n".encode())
        elif method == "DESCRIBE":
            base = "" if self.base is None else f"Content-Base: {self.base}\r\n"
            sdp = SDP.replace("CONTROL", self.control)
            send(f"RTSP/1.0 200 OK\r\n{head}{base}Content-Length: {len(sdp)}\r\n\r\n{sdp}".encode())
        elif method == "SETUP":
            head += "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
            send(f"RTSP/1.0 200 OK\r\n{head}Session: {self.session}\r\n\r\n".encode())
        else:
            send(f"RTSP/1.0 200 OK\r\n{head}Session: {self.session}\r\n\r\n".encode())
            if method == "PLAY":
                self._stream(send)
        return method != "TEARDOWN"

    @property
    def _challenge(self) -> str:
        return self.challenge.replace("NONCE", f"nonce {self.nonce}")

    def _accepts(self, method: str, uri: str, request: str) -> bool:
        found = re.search(r"Authorization: (\w+) (.*)\r", request)
        if found is None or not self._challenge.startswith(found[1]):
            return False
        if found[1] == "Basic":
            return found[2] == "YWRhOnMzY3JldA=="
        values = {name: quoted or plain for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]*))', found[2])}

        def hashed(text: str) -> str:
            name = "sha256" if "SHA-256" in self.challenge else "md5"
            return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

        secret, nonce = hashed(f"{USER}:cam:{self.password}"), f"nonce {self.nonce}"
        if "-sess" in self.challenge:
            secret = hashed(f"{secret}:{nonce}:{values['cnonce']}")
        counter = f"{values['nc']}:{values['cnonce']}:auth:" if "qop" in self.challenge else ""
        expected = hashed(f"{secret}:{nonce}:{counter}{hashed(f'{method}:{uri}')}")
        is_complete = ("opaque" in self.challenge) == ("opaque" in values) and values["uri"] == uri
        return is_complete and values["response"] == expected

    def _stream(self, send: Send) -> None:
        packets = itertools.count()
        for frame, piece in enumerate(STREAM):
            for start in range(0, len(piece), 1316):
                payload = piece[start : start + 1316]
                rtp = struct.pack(">BBHII", 0x80, 33, next(packets) & 0xFFFF, frame * 1800, 7) + payload
                send(self.garbage + struct.pack(">cBH", b"$", 0, len(rtp)) + rtp)
            time.sleep(0.02)


def opened(address: str) -> Source:
    return open_source(address, CaptureSettings(), time.monotonic())


def read_frames(source: Source, count: int = 5) -> None:
    for _ in range(count):
        frame = source.read()
        assert frame is not None
        assert frame.bgr.shape == (48, 64, 3)


# Authentication


@pytest.mark.parametrize("challenge", CHALLENGES.values(), ids=CHALLENGES)
def test_a_stream_plays_with_every_kind_of_authentication(challenge: str) -> None:
    camera = Camera(challenge)
    with serving(camera) as host, opened(f"rtsp://ada:s3cret@{host}/v?stream=1") as stream:
        read_frames(stream)
        assert stream.source == f"rtsp://{host}/v?stream=1"

    first = camera.requests[0].decode()
    assert first.startswith(f"OPTIONS rtsp://{host}/v?stream=1 RTSP/1.0\r\n")
    assert "Authorization" not in first, "the camera has not asked for it yet"
    assert camera.methods()[:5] == ["OPTIONS", "OPTIONS", "DESCRIBE", "SETUP", "PLAY"]


def test_a_password_of_any_language_is_hashed_as_utf_8() -> None:
    camera = Camera(DIGEST, password="pä ß:")  # noqa: S106 - of the test's own server
    with serving(camera) as host, opened(f"rtsp://ada:p%C3%A4%20%C3%9F%3A@{host}/v") as stream:
        read_frames(stream)


@pytest.mark.parametrize("challenge", [BASIC, DIGEST, 'Digest realm="c", nonce="1", algorithm=SHA-9', "Negotiate", ""])
@pytest.mark.parametrize("login", ["", "ada:guess@"])
def test_a_wrong_password_is_sent_once_and_access_is_denied(challenge: str, login: str) -> None:
    camera = Camera(challenge or "Nothing")
    with serving(camera) as host, pytest.raises(AccessDeniedError, match="user and password"):
        opened(f"rtsp://{login}{host}/v")

    assert camera.methods() == ["OPTIONS"] * (2 if login and challenge in (BASIC, DIGEST) else 1)


def test_a_camera_may_ask_again_while_the_stream_plays() -> None:
    camera = Camera(f'{DIGEST}, qop="auth"', session="1;timeout=2")
    with ExitStack() as stack:
        host = stack.enter_context(serving(camera))
        stream = stack.enter_context(opened(f"rtsp://ada:s3cret@{host}/v"))
        camera.nonce += 1
        # FFmpeg keeps the session alive every second, which the camera refuses once.
        with contextlib.suppress(CameraError):
            read_frames(stream, 1000)

    later = camera.methods()[camera.methods().index("PLAY") + 1 :]
    assert later[:2] == ["OPTIONS", "OPTIONS"]
    assert b"nonce 2" in camera.requests[-1] or b"nonce 3" in camera.requests[-1]


# What cameras' answers may contain


@pytest.mark.parametrize(
    ("base", "control"),
    [
        (None, "track1"),
        (None, "rtsp://camera.internal:8554/v/track1"),
        ("rtsp://camera.internal/v", "track1"),
        ("rtsp://camera.internal/v/", "rtsp://camera.internal:8554/v/track1"),
    ],
)
def test_requests_have_the_addresses_that_the_camera_states(base: str | None, control: str) -> None:
    camera = Camera(DIGEST, base=base, control=control)
    with serving(camera) as host, opened(f"rtsp://ada:s3cret@{host}/v") as stream:
        read_frames(stream)

    own = f"rtsp://{host}/v"
    setup = control if "://" in control else f"{(base or own).rstrip('/')}/{control}"
    uris = {request.split()[0].decode(): request.split()[1].decode() for request in camera.requests}
    uris.pop("TEARDOWN", None)
    assert uris == {"OPTIONS": own, "DESCRIBE": own, "SETUP": setup, "PLAY": base or own}


@pytest.mark.parametrize("garbage", [b"\0garbage", b"GARBAGE \n\n", b"RTSP/1.0 x\n\n", b"\r\n"])
def test_garbage_between_packets_is_skipped(garbage: bytes) -> None:
    with serving(Camera(garbage=garbage)) as host, opened(f"rtsp://{host}/v") as stream:
        read_frames(stream, 40)


def test_rtsps_accepts_the_certificate_that_a_camera_has_signed_itself(tls: ssl.SSLContext) -> None:
    camera = Camera(BASIC)
    with serving(camera, tls=tls) as host, opened(f"rtsps://ada:s3cret@{host}/v") as stream:
        read_frames(stream, 40)

    assert camera.requests[0].startswith(f"OPTIONS rtsps://{host}/v ".encode())


def test_rtsps_without_tls_is_reported() -> None:
    def refuse() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"RTSP/1.0 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        refused = pool.submit(refuse)
        with pytest.raises(CameraError, match="does not use TLS"):
            opened(f"rtsps://ada:s3cret@127.0.0.1:{listener.getsockname()[1]}/v")
        refused.result(10)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """A context with a certificate that nobody has signed."""
    path = tmp_path_factory.mktemp("tls")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(*_certificate(path))
    return context


def _certificate(path: Path) -> tuple[Path, Path]:
    certificate, key = path / "camera.pem", path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=camera", "-days", "1"]
    try:
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("needs openssl")
    return certificate, key


# Redirects


@pytest.fixture
def other() -> Iterator[Camera]:
    """A camera on another host, which asks for a password. Its address is in `base`."""
    camera = Camera(BASIC)
    with serving(camera, "127.0.0.2") as host:
        camera.base = f"rtsp://{host}/other"
        yield camera


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"])
@pytest.mark.parametrize("challenge", [BASIC, DIGEST, ""])
@pytest.mark.parametrize("login", ["", "ada:s3cret@"])
def test_a_redirect_to_another_host_is_not_followed(other: Camera, method: str, challenge: str, login: str) -> None:
    camera = Camera(challenge, redirects={method: f"{other.base}?pwd=s3cret"})
    with serving(camera) as host, pytest.raises(CameraError) as failed:
        opened(f"rtsp://{login}{host}/v?pwd=s3cret")

    assert not other.requests
    if login or not challenge:
        assert "redirects to another host (rtsp://127.0.0.2:" in str(failed.value)
    assert "s3cret" not in str(failed.value)
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE"])
@pytest.mark.parametrize("challenge", [BASIC, DIGEST, ""])
@pytest.mark.parametrize("target", ["rtsp://HOST/other", "rtsp://eve:guess@HOST/other", "RTSP://HOST/other"])
def test_a_redirect_to_another_port_of_the_host_is_followed_with_the_credentials(
    method: str, challenge: str, target: str
) -> None:
    second = Camera(challenge, base=None)
    with serving(second) as host_of_second:
        first = Camera(challenge, redirects={method: target.replace("HOST", host_of_second)})
        with serving(first) as host, opened(f"rtsp://ada:s3cret@{host}/v") as stream:
            read_frames(stream)
            assert stream.source == f"rtsp://{host}/v"

    requests = [request.decode().split(" RTSP")[0] for request in second.requests]
    other = f"rtsp://{host_of_second}/other"
    assert requests[0] == f"{method} {other}"
    assert f"SETUP {other}/track1" in requests
    assert f"PLAY {other}" in requests


def test_a_redirect_to_another_path_is_followed() -> None:
    class Moved(Camera):
        def __call__(self, data: bytes, send: Send) -> bool:
            self.redirects = {"DESCRIBE": "/new"} if b" DESCRIBE" in b" " + data and b"/new" not in data else {}
            return super().__call__(data, send)

    with serving(Moved(base=None)) as host, opened(f"rtsp://{host}/old") as stream:
        read_frames(stream)


@pytest.mark.parametrize("method", ["SETUP", "PLAY"])
def test_a_redirect_on_the_same_host_of_a_stream_that_is_set_up_names_the_new_address(method: str) -> None:
    camera = Camera()
    with serving(camera) as host:
        camera.redirects = {method: f"rtsp://{host}/other"}
        with pytest.raises(CameraError, match=f"redirects to another address .rtsp://{host}/other"):
            opened(f"rtsp://ada:s3cret@{host}/v")


@pytest.mark.parametrize("target", ["", "/v", "rtsp://HOST/v"])
def test_redirects_without_end_are_an_error(target: str) -> None:
    camera = Camera()
    with serving(camera) as host:
        camera.redirects = {"DESCRIBE": target.replace("HOST", host)}
        with pytest.raises(CameraError, match="redirects without end, or without an address"):
            opened(f"rtsp://{host}/v")


@pytest.mark.parametrize(
    "target", ["http://HOST/v", "file:///etc/passwd", "rtsp://[", "udp://HOST", "//[", "rtsp://127.0.0.1@HOST2/"]
)
def test_a_redirect_to_another_scheme_or_to_nowhere_is_an_error(target: str) -> None:
    camera = Camera()
    with serving(camera) as host:
        camera.redirects = {"DESCRIBE": target.replace("HOST2", "127.0.0.2").replace("HOST", host)}
        with pytest.raises(CameraError, match="redirects to another host"):
            opened(f"rtsp://ada:s3cret@{host}/v")


def test_a_redirect_never_gives_up_encryption(tls: ssl.SSLContext) -> None:
    plain = Camera(BASIC)
    with serving(plain) as host_of_plain:
        camera = Camera(BASIC, redirects={"DESCRIBE": f"rtsp://{host_of_plain}/v"})
        with serving(camera, tls=tls) as host, pytest.raises(CameraError, match="redirects to an address without TLS"):
            opened(f"rtsps://ada:s3cret@{host}/v")

    assert not plain.requests


REDIRECT = b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: OTHER\r\n\r\n"
SMUGGLED = {
    "after another answer": b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" + REDIRECT.replace(b"1\r", b"2\r"),
    "after a NUL": b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\0\r\n" + REDIRECT + b"\r\n",
    "after a line of returns": b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\r\n" + REDIRECT.replace(b"1\r", b"2\r"),
    "behind a return": b"\r" + REDIRECT,
    "with bare newlines": REDIRECT.replace(b"\r", b""),
    "with spaces": REDIRECT.replace(b" 302", b"   302"),
    "with a tab": REDIRECT.replace(b" 302", b"\t302"),
    "with a sign": REDIRECT.replace(b" 302", b" +302"),
    "with a fourth digit": REDIRECT.replace(b" 302", b" 0302"),
    "of another version": REDIRECT.replace(b"1.0", b"9"),
    "after a packet": b"$\0\0\4abcd" + REDIRECT,
    "inside a header's packet": b"RTSP/1.0 200 OK\r\n$\0\0\4abcdCSeq: 1\r\n\r\n" + REDIRECT.replace(b"1\r", b"2\r"),
    "inside a body": b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n" + REDIRECT,
    "after a body of negative length": b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: -5\r\n\r\n" + REDIRECT,
    "after a request": b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" + REDIRECT,
    "after garbage": b"220 mail\r\n\r\n" + REDIRECT,
    "with a second location": REDIRECT.replace(b"Loc", b"Location: rtsp://127.0.0.1/a\r\nLoc"),
    "with a folded location": REDIRECT.replace(b"Location: ", b"Location:\r\n "),
}


@pytest.mark.parametrize("answer", SMUGGLED.values(), ids=SMUGGLED)
def test_no_answer_leads_to_another_host(other: Camera, answer: bytes) -> None:
    sent = answer.replace(b"OTHER", str(other.base).encode())
    with serving(lambda _, send: send(sent)) as host, pytest.raises(CameraError) as failed:
        opened(f"rtsp://ada:s3cret@{host}/v")

    assert not other.requests
    assert "s3cret" not in str(failed.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"RTSP/1.0 200 OK\r\nX: " + b"x" * 100_000,
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: many\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"X: 1\r\n" * 20_000,
        b"\r\n" * 100_000,
        b"\xff" * 1000,
    ],
    ids=["endless header", "huge body", "length of letters", "many headers", "empty lines", "binary"],
)
def test_a_broken_answer_is_an_error(answer: bytes) -> None:
    with serving(lambda _, send: send(answer)) as host, pytest.raises(CameraError, match="cannot be opened"):
        opened(f"rtsp://ada:s3cret@{host}/v")


# The relay


def test_another_program_gets_nothing_from_the_relay() -> None:
    camera = Camera(BASIC)
    with serving(camera) as host:
        relay = RtspRelay(parse_address(f"rtsp://ada:s3cret@{host}/v"), 5)
        port = int(relay.url.split(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.settimeout(5)
            stranger.sendall(f"DESCRIBE rtsp://127.0.0.1:{port}/ RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
            assert stranger.recv(1) == b""
        relay.close()

    assert not camera.requests


def test_closing_does_not_wait_for_a_camera_that_is_silent() -> None:
    class Silent(Camera):
        def _stream(self, send: Send) -> None:
            super()._stream(send)
            time.sleep(3)

    with serving(Silent()) as host:
        stream = opened(f"rtsp://{host}/v")
        read_frames(stream, 80)
        began_at_s = time.monotonic()
        stream.close()
        stream.close()
        assert time.monotonic() - began_at_s < 2
