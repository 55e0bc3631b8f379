"""A bounded HTTP request with the standard library: no proxies, Basic and Digest, and not a byte after the deadline."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, field
from typing import IO, Any, Protocol
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from facecam.errors import AccessDeniedError, CameraError

# MERGED capture.address: A network camera's address: how it is shown, and what it takes to knock there. No credentials leave this file by name.

_SECRET = re.compile(r"pass|pwd|pw$|^p$|token|key|secret|auth|sig|cred|login|user|usr|^u$", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart. `bare` is without user and password, `shown` may be read by anybody."""

    scheme: str
    host: str
    port: int
    bare: str = field(repr=False)
    shown: str
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def parse(address: str) -> Address:
    """`address` taken apart. CameraError when it is none."""
    shown = redact_url(address)
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise CameraError(f"{shown} is no address; write it as {address.partition('://')[0]}://host:port/path")
    place = parts.netloc.rpartition("@")[2]
    bare = f"{scheme}://{place}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
    user = None if parts.username is None else unquote(parts.username)
    return Address(scheme, host, port or _PORTS[scheme], bare, shown, user, unquote(parts.password or ""))


def redact_url(address: str) -> str:
    """The address as it may be shown and logged: without user and password, and without a query's values that sound like them."""
    try:
        parts = urlsplit(address)
        place = parts.netloc.rpartition("@")[2]
        query = "&".join(f"{quote(key)}={'***' if _SECRET.search(key) else quote(value)}" for key, value in _pairs(parts))
    except ValueError:
        return address.partition("://")[0] + "://***"
    return f"{parts.scheme}://{place}{parts.path}" + (f"?{query}" if query else "")


def connect(host: str, port: int, until_s: float) -> socket.socket:
    """A connection to the first of the host's addresses that answers before `until_s` (time.monotonic). OSError if none does."""
    failed: OSError = TimeoutError()
    for _, _, _, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((str(place[0]), int(place[1])), timeout=left_s)
        except OSError as error:
            failed = error
    raise failed


def diagnose_host(error: BaseException) -> str:
    """What a failed connection means, in words of our own: an error's own text may repeat the address with its password."""
    import ssl

    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror):
        return "its name cannot be resolved; check the spelling and the network"
    if isinstance(reason, ssl.SSLError):
        return "its certificate is not trusted, or it speaks no TLS; try the address without the s"
    if isinstance(reason, TimeoutError):
        return "it does not answer; check the address, and that the camera is on"
    if isinstance(reason, ConnectionRefusedError):
        return "nothing listens there; check the port, and that the camera is on"
    if isinstance(reason, OSError) and reason.errno is not None:
        return "it cannot be reached; check the address and the network"
    return "it answers with what is no video; check the address"


def _pairs(parts: SplitResult) -> list[tuple[str, str]]:
    return parse_qsl(parts.query, keep_blank_values=True)


# MERGED capture.refusal: Why a stream did not open: OpenCV only says that it did not, so the server is asked once more, in its own protocol.

ASKED_S = 1.0
"""How long the server may take to say why."""

_ANSWER_BYTES = 16_384


def diagnose_stream(address: str) -> CameraError:
    """The error that says why `address` did not open: AccessDenied when the server wants another user or password."""
    place = parse(address)
    if place.scheme not in ("rtsp", "rtsps"):
        return CameraError(f"{place.shown} delivers no video that can be decoded; check the address")
    try:
        status = _describe(place, time.monotonic() + ASKED_S)
    except (OSError, ValueError) as error:
        return CameraError(f"{place.shown} cannot be opened: {diagnose_host(error)}")
    return by_status(place, status)


def by_status(place: Address, status: int) -> CameraError:
    """The error for the status with which HTTP and RTSP servers answer."""
    if status in (401, 403) and place.user is None:
        return AccessDeniedError(
            f"{place.shown} asks for user and password; write them as {place.scheme}://user:password@host/path"
        )
    if status in (401, 403):
        return AccessDeniedError(f"{place.shown} refuses user and password; check both, and whether they may see this stream")
    if status in (404, 454):
        return CameraError(f"{place.shown}: there is nothing at this path ({status}); look up the stream's path in the camera")
    if status == 200:
        return CameraError(f"{place.shown} answers, but delivers no video that can be decoded; choose H.264 in the camera")
    return CameraError(f"{place.shown} answers with error {status}; see that the camera is well and not used by too many")


def _describe(place: Address, until_s: float) -> int:
    """The status of an RTSP DESCRIBE, the second time with what the server asked for."""
    with connect(place.host, place.port, until_s) as plain:
        plain.settimeout(max(0.05, until_s - time.monotonic()))
        tls = ssl.create_default_context() if place.scheme == "rtsps" else None
        with tls.wrap_socket(plain, server_hostname=place.host) if tls else plain as line:
            status, answer = _ask(line, place, "", until_s)
            if status == 401 and place.user is not None and (proof := _proof(place, answer)):
                # On the same line, since some servers' questions hold for one alone; others close it.
                with contextlib.suppress(OSError, ValueError):
                    status, _ = _ask(line, place, f"Authorization: {proof}\r\n", until_s)
            return status


def _ask(line: socket.socket, place: Address, header: str, until_s: float) -> tuple[int, str]:
    """The status and the headers of the answer. TimeoutError, ValueError when it is not RTSP."""
    line.sendall(
        f"DESCRIBE {place.bare} RTSP/1.0\r\nCSeq: {2 if header else 1}\r\nAccept: application/sdp\r\n{header}\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        line.settimeout(max(0.01, until_s - time.monotonic()))
        came = line.recv(4096)
        if not came or len(answer) > _ANSWER_BYTES or time.monotonic() > until_s:
            raise ValueError
        answer += came
    found = re.match(rb"RTSP/\d\.\d (\d{3})", answer)
    if found is None:
        raise ValueError
    return int(found[1]), answer.partition(b"\r\n\r\n")[0].decode("latin-1")


def _proof(place: Address, answer: str) -> str | None:
    """The value of Authorization for the challenge in an answer (RFC 2617 without qop, as RTSP servers ask); None for others."""
    if (digest := re.search(r"(?im)^WWW-Authenticate: *Digest (.*)$", answer)) is not None:
        asked = dict(re.findall(r'(\w+)="([^"]*)"', digest[1]))
        realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
        response = _md5(f"{_md5(f'{place.user}:{realm}:{place.password}')}:{nonce}:{_md5(f'DESCRIBE:{place.bare}')}")
        return f'Digest username="{place.user}", realm="{realm}", nonce="{nonce}", uri="{place.bare}", response="{response}"'
    if re.search(r"(?im)^WWW-Authenticate: *Basic", answer) is not None:
        return "Basic " + b64encode(f"{place.user}:{place.password}".encode()).decode()
    return None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Deadline:
    """Until when (time.monotonic) what is being read must have come; moved on by whoever reads. Knows what it bounds."""

    at_s: float
    connected: list[socket.socket] = field(default_factory=list)

    @property
    def left_s(self) -> float:
        """What is left of it. TimeoutError when nothing is."""
        left_s = self.at_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s

    def hang_up(self, *, but_last: bool = False) -> None:
        """Close the connections: the library leaves those behind on which it was asked for a password or sent elsewhere."""
        for connected in self.connected[:-1] if but_last else self.connected:
            connected.close()


class Response(Protocol):
    """What of http.client.HTTPResponse is used here."""

    headers: http.client.HTTPMessage

    def read1(self, n: int = ..., /) -> bytes: ...
    def close(self) -> None: ...


def request(place: Address, deadline: Deadline) -> Response:
    """The answer to a GET, its body unread. CameraError, or AccessDenied, says why there is none.

    A socket's own timeout starts again with every byte; the deadline does not.
    """
    handlers = [urllib.request.ProxyHandler({}), _Redirects(), _Handler(deadline), _SecureHandler(deadline)]
    if place.user is not None:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, place.bare, place.user, place.password)
        handlers += [urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.HTTPDigestAuthHandler(passwords)]
    # Not chained to what went wrong: the library's errors carry the address, and it may hold a password.
    try:
        response: Response = urllib.request.build_opener(*handlers).open(place.bare)
    except urllib.error.HTTPError as error:
        deadline.hang_up()
        raise by_status(place, error.code) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        deadline.hang_up()
        raise CameraError(f"{place.shown} cannot be opened: {diagnose_host(error)}") from None
    deadline.hang_up(but_last=True)
    return response


class _Reader(io.RawIOBase):
    """A socket's bytes, until the deadline."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._socket.settimeout(self._deadline.left_s)
        return self._socket.recv_into(memoryview(buffer).cast("B"))

    def close(self) -> None:
        self._socket.close()
        super().close()


class _Socket:
    """As much of a socket as http.client uses. It closes a connection's socket early; here the reader does, at the end."""

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._socket, self._deadline))

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(self._deadline.left_s)
        self._socket.sendall(data)

    def close(self) -> None:
        pass


class _Redirects(urllib.request.HTTPRedirectHandler):
    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> Any:
        fp.close()  # unread: the library would read a body that may have no end
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Connection(http.client.HTTPConnection):
    deadline: Deadline
    tls: ssl.SSLContext | None = None

    def connect(self) -> None:
        connected = connect(self.host, self.port, self.deadline.at_s)
        if self.tls is not None:
            connected.settimeout(max(0.01, self.deadline.at_s - time.monotonic()))
            try:
                connected = self.tls.wrap_socket(connected, server_hostname=self.host)
            except OSError:
                connected.close()
                raise
        self.deadline.connected.append(connected)
        self.sock: Any = _Socket(connected, self.deadline)


class _SecureConnection(_Connection):
    default_port = http.client.HTTPS_PORT


class _Handler(urllib.request.HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **_: Any) -> _Connection:
        connection = _Connection(host)
        connection.deadline = self._deadline
        return connection


class _SecureHandler(urllib.request.HTTPSHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(self._connection, req)

    def _connection(self, host: str, **_: Any) -> _Connection:
        connection = _SecureConnection(host)
        connection.deadline, connection.tls = self._deadline, ssl.create_default_context()
        return connection
