"""Relay between FFmpeg and an RTSP camera that authenticates the requests and checks the redirects.

FFmpeg follows a redirect to any host and sends user and password there; no option prevents it. It therefore opens a port of this
machine instead of the camera, without credentials. One thread passes its requests on: it writes the camera's address into them,
signs them, and follows redirects to the same host only. Answers are parsed and written again until the stream plays, so that
FFmpeg reads nothing that the relay has not understood.

References: RFC 2326 (RTSP 1.0; section 10.12 for packets between messages), RFC 7616 (Digest authentication).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import secrets
import selectors
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

from facecam.capture.addresses import Address, is_same_host, parse_address
from facecam.capture.http import connect, diagnose_host, error_for_status, redirect_error
from facecam.errors import CameraError
from facecam.messages import TranslatableText

_MAX_REDIRECTS = 10
_MAX_HEADER_BYTES = 64 * 1024
_MAX_BODY_BYTES = 1024 * 1024
_RECEIVED_BYTES = 64 * 1024
_PACKET_MARK = ord("$")
_CLOSING_S = 0.2
"""Longest wait for the thread to pass on FFmpeg's last request."""

_MESSAGE_START = re.compile(rb"RTSP/|[A-Z_]{1,20}(?: |\Z)")
_HEADER_END = re.compile(rb"\n\r*\n")
_FIRST_LINE = re.compile(r"RTSP/\d\.\d +(?P<status>\d{3})(?: .*)?|(?P<method>[A-Z_]+) +(?P<uri>\S.*) RTSP/\d\.\d")
_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))')
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


@dataclass(frozen=True, slots=True)
class _Message:
    """A request or an answer. The status of a request is 0, and method and URI of an answer are empty."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int = 0
    method: str = ""
    uri: str = ""

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    def with_header(self, name: str, value: str | None) -> _Message:
        """Return the message with this header instead of its own ones of that name; without any if `value` is None."""
        others = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return replace(self, headers=others if value is None else (*others, (name, value)))

    def encode(self) -> bytes:
        lines = [self.first_line, *(f"{name}: {value}" for name, value in self.headers)]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return _encode("\r\n".join([*lines, "", ""])) + self.body


@dataclass(slots=True)
class _Request:
    """A request of FFmpeg that has not been answered yet."""

    message: _Message
    is_repeated: bool = False


class RtspRelay:
    """Connection to an RTSP camera, which FFmpeg opens as `url`.

    Attributes:
        url: Address on this machine. It contains a secret, so that no other program gets the stream.
        failure: Reason why the relay has ended the connection, if FFmpeg cannot know it.
    """

    def __init__(self, address: Address, timeout_s: float) -> None:
        """Connect to the camera. CameraError says why it cannot be reached."""
        self._address, self._timeout_s = address, timeout_s
        self._camera = _connect(address, timeout_s)
        self._target = _request_url(address)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._listener.settimeout(timeout_s)
        self._ffmpeg: socket.socket | None = None
        self._selector = selectors.DefaultSelector()
        self._from_ffmpeg, self._from_camera = bytearray(), bytearray()
        self._unanswered: deque[_Request] = deque()
        self._signer = _Signer(address)
        self._sequence = self._redirects = 0
        self._is_playing = False
        self.url = f"rtsp://127.0.0.1:{self._listener.getsockname()[1]}/{secrets.token_urlsafe(16)}"
        self.failure: CameraError | None = None
        self._thread = threading.Thread(target=self._run, name="rtsp relay", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Close the connection to the camera. FFmpeg must have closed its own."""
        self._thread.join(_CLOSING_S)
        self._shut_down()
        self._thread.join()
        self._selector.close()
        for connection in (self._listener, self._ffmpeg, self._camera):
            if connection is not None:
                connection.close()

    def _shut_down(self) -> None:
        """End all waiting. Only `close` frees the sockets' numbers, which may be in use by the other thread until then."""
        for connection in (self._listener, self._ffmpeg, self._camera):
            if connection is not None:
                with contextlib.suppress(OSError):
                    # SSLSocket.shutdown would break off the other thread's call less orderly.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _run(self) -> None:
        try:
            self._ffmpeg, _ = self._listener.accept()
            # A small answer must not wait until the one before has been acknowledged.
            self._ffmpeg.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._ffmpeg, selectors.EVENT_READ)
            self._selector.register(self._camera, selectors.EVENT_READ)
            while self._relay_next(self._ffmpeg):
                pass
        except CameraError as error:
            self.failure = error
        except (OSError, ValueError):
            pass  # FFmpeg reports the closed connection.
        finally:
            self._shut_down()

    def _relay_next(self, ffmpeg: socket.socket) -> bool:
        """Wait for the next bytes of either side and pass them on. False when a side has closed."""
        ready = {key.fileobj for key, _ in self._selector.select()}
        if ffmpeg in ready:
            if not (received := ffmpeg.recv(_RECEIVED_BYTES)):
                return False
            self._from_ffmpeg += received
            while (piece := _take(self._from_ffmpeg)) is not None:
                self._pass_to_camera(piece)
        if self._camera in ready:
            return self._receive_from_camera(ffmpeg)
        return True

    def _receive_from_camera(self, ffmpeg: socket.socket) -> bool:
        has_more = True
        while has_more:
            received = self._receive()
            if received is None:
                return True
            if not received:
                return False
            self._from_camera += received
            # What TLS has decrypted already does not make the socket readable.
            has_more = isinstance(self._camera, ssl.SSLSocket) and self._camera.pending() > 0
            for piece in self._pieces_from_camera():
                passed = self._answer(piece) if isinstance(piece, _Message) and piece.status else piece
                if passed is not None:
                    ffmpeg.sendall(passed if isinstance(passed, bytes) else passed.encode())
        return True

    def _pieces_from_camera(self) -> Iterator[bytes | _Message]:
        """Yield what has arrived in full. ValueError if it is not RTSP, which only a stream that plays may contain."""
        while True:
            try:
                piece = _take(self._from_camera)
            except ValueError:
                if not self._is_playing:
                    raise
                # As FFmpeg does, go on at what may be the next packet or message.
                starts = [start for mark in (b"$", b"RTSP/") if (start := self._from_camera.find(mark, 1)) > 0]
                del self._from_camera[: min(starts, default=len(self._from_camera))]
                continue
            if piece is None:
                return
            yield piece

    def _receive(self) -> bytes | None:
        """Return what has arrived from the camera; b"" when it has closed, None when no data of a record is complete."""
        camera = self._camera
        if not isinstance(camera, ssl.SSLSocket):
            return camera.recv(_RECEIVED_BYTES)
        camera.settimeout(0)  # Waiting for the rest of a record would hold up FFmpeg's next request.
        try:
            return camera.recv(_RECEIVED_BYTES)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        finally:
            camera.settimeout(self._timeout_s)

    def _pass_to_camera(self, piece: bytes | _Message) -> None:
        if not self._sequence and (isinstance(piece, bytes) or piece.uri != self.url):
            raise ValueError("another program has connected")
        if isinstance(piece, bytes):
            self._camera.sendall(piece)
        elif piece.status:
            self._camera.sendall(piece.encode())
        else:
            self._send(_Request(piece))

    def _send(self, request: _Request) -> None:
        """Send a request under the camera's address, signed as soon as the camera has asked for that."""
        message = request.message
        # Later requests have the address that the camera has stated for its streams.
        uri = self._target if message.uri == self.url else message.uri
        signature = self._signer.sign(message.method, uri)
        self._sequence += 1
        message = replace(message, first_line=f"{message.method} {uri} RTSP/1.0")
        message = message.with_header("CSeq", str(self._sequence)).with_header("Authorization", signature)
        self._unanswered.append(request)
        self._camera.sendall(message.encode())

    def _answer(self, answer: _Message) -> _Message | None:
        """Return the answer for FFmpeg; None for one that the relay deals with itself."""
        if not self._unanswered:
            return None
        # Cameras answer in order, and some without the number of the request.
        request = self._unanswered.popleft()
        method = request.message.method
        if answer.status == 401 and not request.is_repeated and self._signer.accept(answer.values("www-authenticate")):
            request.is_repeated = True
            self._send(request)
            return None
        if 300 <= answer.status < 400 and not self._is_playing:
            self._redirect(request, answer)
            return None
        number = (request.message.values("cseq") or ["0"])[0]
        if method == "DESCRIBE" and not answer.values("content-base"):
            # Otherwise, FFmpeg would not recognize its streams in the answer to PLAY, where the camera names them in full.
            answer = answer.with_header("Content-Base", self._target)
        self._is_playing = self._is_playing or (method == "PLAY" and answer.status == 200)
        # With a challenge, FFmpeg would repeat the request, and some cameras count wrong passwords.
        return answer.with_header("CSeq", number).with_header("WWW-Authenticate", None)

    def _redirect(self, request: _Request, answer: _Message) -> None:
        """Repeat a request where the camera redirects it. CameraError if that is another host, or TLS would be given up."""
        locations = [location for location in answer.values("location") if location]
        self._redirects += 1
        if not locations or self._redirects > _MAX_REDIRECTS:
            raise error_for_status(self._address, answer.status)
        try:
            target = urljoin(self._target, locations[-1])
        except ValueError:
            target = locations[-1]
        if not is_same_host(self._address, target):
            raise redirect_error(self._address, target)
        if self._target.startswith("rtsps:") and not target.lower().startswith("rtsps:"):
            raise redirect_error(self._address, target, TranslatableText("an address without TLS"))
        if request.message.method not in ("OPTIONS", "DESCRIBE"):
            # The session that SETUP begins exists in one connection only.
            raise redirect_error(self._address, target, TranslatableText("another address"))
        address = parse_address(target)
        camera = _connect(address, self._timeout_s)
        self._selector.unregister(self._camera)
        self._camera.close()
        self._camera, self._target = camera, _request_url(address)
        self._selector.register(camera, selectors.EVENT_READ)
        self._from_camera.clear()
        self._signer = _Signer(self._address)
        self._send(replace(request, is_repeated=False))


class _Signer:
    """Basic and Digest authentication with the challenge that the camera has sent last."""

    def __init__(self, address: Address) -> None:
        self._user, self._password = address.user, address.password
        self._challenge: dict[str, str] | None = None
        self._count = 0

    def accept(self, challenges: list[str]) -> bool:
        """Take over the first challenge that can be answered, Digest before Basic. False if there is none."""
        digests: list[dict[str, str]] = []
        has_basic = False
        for challenge in challenges:
            scheme, _, rest = challenge.strip().partition(" ")
            values = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest)}
            has_basic = has_basic or scheme.lower() == "basic"
            if scheme.lower() == "digest" and "nonce" in values and _hash_name(values) in _HASHES:
                digests.append(values)
        if self._user is None or not (digests or has_basic):
            return False
        self._challenge, self._count = (digests or [{}])[0], 0
        return True

    def sign(self, method: str, uri: str) -> str | None:
        """Return the value of Authorization for a request; None as long as the camera has not asked for one."""
        if self._challenge is None:
            return None
        if not self._challenge:
            return f"Basic {base64.b64encode(f'{self._user}:{self._password}'.encode()).decode()}"
        return self._digest(self._challenge, method, uri)

    def _digest(self, challenge: dict[str, str], method: str, uri: str) -> str:
        def hash_of(*parts: str) -> str:
            text = _encode(":".join(parts))
            return hashlib.new(_HASHES[_hash_name(challenge)], text, usedforsecurity=False).hexdigest()

        self._count += 1
        realm, nonce, user = challenge.get("realm", ""), challenge["nonce"], str(self._user)
        count, client_nonce = f"{self._count:08x}", secrets.token_hex(8)
        secret = hash_of(user, realm, self._password)
        if challenge.get("algorithm", "").upper().endswith("-SESS"):
            secret = hash_of(secret, nonce, client_nonce)
        has_qop = "auth" in re.split(r"[\s,]+", challenge.get("qop", ""))
        counted = (count, client_nonce, "auth") if has_qop else ()
        quoted = {"username": user.replace("\\", r"\\").replace('"', r"\""), "realm": realm, "nonce": nonce, "uri": uri}
        quoted["response"] = hash_of(secret, nonce, *counted, hash_of(method, uri))
        if "opaque" in challenge:
            quoted["opaque"] = challenge["opaque"]
        values = [f'{name}="{value}"' for name, value in quoted.items()]
        if "algorithm" in challenge:
            values.append(f"algorithm={challenge['algorithm']}")
        if has_qop:
            values.append(f'qop=auth, nc={count}, cnonce="{client_nonce}"')
        return f"Digest {', '.join(values)}"


def _hash_name(challenge: dict[str, str]) -> str:
    return challenge.get("algorithm", "MD5").upper().removesuffix("-SESS")


def _connect(address: Address, timeout_s: float) -> socket.socket:
    """Return a connection whose calls take at most `timeout_s`. CameraError says why there is none."""
    try:
        connection = connect(address.host, address.port, time.monotonic() + timeout_s)
        connection.settimeout(timeout_s)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address.scheme == "rtsps":
            connection = _tls_context().wrap_socket(connection, server_hostname=address.host)
    except ssl.SSLError:
        raise CameraError(
            "{address} cannot be opened: it does not use TLS; try the address without the s", address=address.redacted
        ) from None
    except (OSError, ValueError) as error:
        raise CameraError("{address} cannot be opened: {reason}", address=address.redacted, reason=diagnose_host(error)) from None
    return connection


def _tls_context() -> ssl.SSLContext:
    """Return a context that accepts every certificate: most cameras sign their own, many with old keys."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _request_url(address: Address) -> str:
    """Return the URL that requests state. It has a port, as FFmpeg's requests do."""
    parts = urlsplit(address.url)
    return parts._replace(netloc=parts.netloc if parts.port else f"{parts.netloc.rstrip(':')}:{address.port}").geturl()


def _take(buffer: bytearray) -> bytes | _Message | None:
    """Take all complete packets, or else a message, from the beginning of the buffer. None when more must arrive.

    Raises:
        ValueError: It begins with neither.
    """
    end = 0
    while len(buffer) >= end + 4 and buffer[end] == _PACKET_MARK:
        size = 4 + int.from_bytes(buffer[end + 2 : end + 4], "big")
        if len(buffer) < end + size:
            break
        end += size
    if end:
        packets = bytes(buffer[:end])
        del buffer[:end]
        return packets
    # Some cameras send empty lines between messages.
    del buffer[: len(buffer) - len(buffer.lstrip(b"\r\n"))]
    if not buffer or buffer[0] == _PACKET_MARK:
        return None
    if not _MESSAGE_START.match(buffer):
        raise ValueError("this is not RTSP")
    if (header_end := _HEADER_END.search(buffer, 0, _MAX_HEADER_BYTES)) is None:
        if len(buffer) >= _MAX_HEADER_BYTES:
            raise ValueError("the header is too long")
        return None
    message = _parse(bytes(buffer[: header_end.start()]))
    size = int((message.values("content-length") or ["0"])[-1])
    if not 0 <= size <= _MAX_BODY_BYTES:
        raise ValueError("the body is too long")
    if len(buffer) < header_end.end() + size:
        return None
    body = bytes(buffer[header_end.end() : header_end.end() + size])
    del buffer[: header_end.end() + size]
    return replace(message.with_header("Content-Length", None), body=body)


def _parse(header: bytes) -> _Message:
    """Return the message with this header. ValueError if FFmpeg could read it in another way."""
    lines = header.replace(b"\r", b"").decode("utf-8", "surrogateescape").split("\n")
    found = _FIRST_LINE.fullmatch(lines[0])
    if found is None or "\0" in "".join(lines) or any(line.startswith("$") for line in lines):
        raise ValueError("this is not RTSP")
    pairs = [line.partition(":") for line in lines[1:]]
    headers = tuple((name.strip(), value.strip()) for name, colon, value in pairs if colon)
    return _Message(lines[0], headers, b"", int(found["status"] or 0), found["method"] or "", found["uri"] or "")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
