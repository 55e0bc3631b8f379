"""Network camera addresses, their redaction, diagnosis of failed connections, and HTTP requests with a deadline.

Requests use the standard library, without proxies, with Basic and Digest authentication. Messages never contain credentials.
"""

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
from functools import partial
from typing import IO, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from facecam.errors import AccessDeniedError, CameraError

_SECRET = re.compile(r"pass|pwd|pw$|^p$|token|key|secret|auth|sig|cred|login|user|usr|^u$", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_ANSWER_BYTES = 16_384

DIAGNOSIS_TIMEOUT_S = 1.0
"""Time that a server has to report why it refused a stream."""


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address. `url` has no user and password; `redacted` may be shown and logged."""

    scheme: str
    host: str
    port: int
    url: str = field(repr=False)
    redacted: str
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def parse_address(address: str) -> Address:
    """Return the parts of an address. CameraError when it has no host or a wrong port."""
    redacted = redact_url(address)
    try:
        parts = urlsplit(address)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        raise CameraError(f"{redacted} is not a valid address; write it as {address.partition('://')[0]}://host:port/path")
    url = f"{scheme}://{parts.netloc.rpartition('@')[2]}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")
    user = None if parts.username is None else unquote(parts.username)
    return Address(scheme, host, port or _PORTS[scheme], url, redacted, user, unquote(parts.password or ""))


def redact_url(address: str) -> str:
    """Return the address without user, password and the values of query parameters whose names suggest a secret."""
    try:
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        query = "&".join(f"{quote(key)}={'***' if _SECRET.search(key) else quote(value)}" for key, value in pairs)
    except ValueError:
        return address.partition("://")[0] + "://***"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" + (f"?{query}" if query else "")


def connect(host: str, port: int, until_s: float) -> socket.socket:
    """Return a connection to the first of the host's addresses to answer before `until_s` (time.monotonic). OSError if none."""
    failure: OSError = TimeoutError()
    for _, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        remaining_s = until_s - time.monotonic()
        if remaining_s <= 0:
            raise TimeoutError
        try:
            return socket.create_connection((str(address[0]), int(address[1])), timeout=remaining_s)
        except OSError as error:
            failure = error
    raise failure


def diagnose_host(error: BaseException) -> str:
    """Return the cause of a failed connection in facecam's words; the error's text may contain the address with its password."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror):
        return "the host name cannot be resolved; check the spelling and the network"
    if isinstance(reason, ssl.SSLError):
        return "its certificate is not trusted, or it does not use TLS; try the address without the s"
    if isinstance(reason, TimeoutError):
        return "it does not answer; check the address, and that the camera is on"
    if isinstance(reason, ConnectionRefusedError):
        return "the connection is refused; check the port, and that the camera is on"
    if isinstance(reason, OSError) and reason.errno is not None:
        return "it cannot be reached; check the address and the network"
    return "its answer is not a video; check the address"


def diagnose_stream(url: str) -> CameraError:
    """Return the error that explains why a stream did not open; AccessDeniedError for missing or wrong credentials.

    OpenCV only reports that a stream did not open, so an RTSP server is asked once more.
    """
    address = parse_address(url)
    if address.scheme not in ("rtsp", "rtsps"):
        return CameraError(f"{address.redacted} delivers no decodable video; check the address")
    try:
        return error_for_status(address, _describe(address, time.monotonic() + DIAGNOSIS_TIMEOUT_S))
    except (OSError, ValueError) as error:
        return CameraError(f"{address.redacted} cannot be opened: {diagnose_host(error)}")


def error_for_status(address: Address, status: int) -> CameraError:
    """Return the error for the status code of an HTTP or RTSP server."""
    if status in (401, 403) and address.user is None:
        return AccessDeniedError(
            f"{address.redacted} requires a user and password; write them as {address.scheme}://user:password@host/path"
        )
    if status in (401, 403):
        return AccessDeniedError(
            f"{address.redacted} rejects the user and password; check both, and whether this user may view the stream"
        )
    if status in (404, 454):
        return CameraError(
            f"{address.redacted}: this path does not exist ({status}); look up the path of the stream in the camera"
        )
    if status == 200:
        return CameraError(f"{address.redacted} answers, but delivers no decodable video; choose H.264 in the camera")
    return CameraError(f"{address.redacted} answers with error {status}; check the camera and its number of viewers")


def _describe(address: Address, until_s: float) -> int:
    """Return the status of an RTSP DESCRIBE, repeated with credentials if the server requires them."""
    with connect(address.host, address.port, until_s) as plain:
        plain.settimeout(max(0.05, until_s - time.monotonic()))
        tls = ssl.create_default_context() if address.scheme == "rtsps" else None
        with tls.wrap_socket(plain, server_hostname=address.host) if tls else plain as connection:
            status, answer = _request_description(connection, address, "", until_s)
            if status == 401 and address.user is not None and (authorization := _authorization(address, answer)):
                # Reuse the connection: some servers tie a challenge to one, others close it.
                with contextlib.suppress(OSError, ValueError):
                    status, _ = _request_description(connection, address, f"Authorization: {authorization}\r\n", until_s)
            return status


def _request_description(connection: socket.socket, address: Address, header: str, until_s: float) -> tuple[int, str]:
    """Return status and headers of the answer. TimeoutError, or ValueError when the answer is not RTSP."""
    connection.sendall(
        f"DESCRIBE {address.url} RTSP/1.0\r\nCSeq: {2 if header else 1}\r\nAccept: application/sdp\r\n{header}\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        connection.settimeout(max(0.01, until_s - time.monotonic()))
        received = connection.recv(4096)
        if not received or len(answer) > _ANSWER_BYTES or time.monotonic() > until_s:
            raise ValueError
        answer += received
    found = re.match(rb"RTSP/\d\.\d (\d{3})", answer)
    if found is None:
        raise ValueError
    return int(found[1]), answer.partition(b"\r\n\r\n")[0].decode("latin-1")


def _authorization(address: Address, answer: str) -> str | None:
    """Return the Authorization value for a Basic or Digest challenge (RFC 2617 without qop, as in RTSP); None for others."""
    if (digest := re.search(r"(?im)^WWW-Authenticate: *Digest (.*)$", answer)) is not None:
        challenge = dict(re.findall(r'(\w+)="([^"]*)"', digest[1]))
        realm, nonce = challenge.get("realm", ""), challenge.get("nonce", "")
        response = _md5(f"{_md5(f'{address.user}:{realm}:{address.password}')}:{nonce}:{_md5(f'DESCRIBE:{address.url}')}")
        return f'Digest username="{address.user}", realm="{realm}", nonce="{nonce}", uri="{address.url}", response="{response}"'
    if re.search(r"(?im)^WWW-Authenticate: *Basic", answer) is not None:
        return "Basic " + b64encode(f"{address.user}:{address.password}".encode()).decode()
    return None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Deadline:
    """Time (time.monotonic) by which an answer must arrive, which the reader moves on, and the connections that it bounds."""

    at_s: float
    connections: list[socket.socket] = field(default_factory=list)

    @property
    def remaining_s(self) -> float:
        """Return the remaining time. TimeoutError when it is over."""
        if (remaining_s := self.at_s - time.monotonic()) <= 0:
            raise TimeoutError
        return remaining_s

    def close_connections(self, *, keep_last: bool = False) -> None:
        """Close the connections; urllib leaves those of redirects and authentication open."""
        for connection in self.connections[:-1] if keep_last else self.connections:
            connection.close()


def request(address: Address, deadline: Deadline) -> http.client.HTTPResponse:
    """Return the answer to a GET with its body unread. CameraError or AccessDeniedError when there is none.

    A socket's own timeout starts again with every byte; the deadline does not.
    """
    handlers = [urllib.request.ProxyHandler({}), _Redirects(), _Handler(deadline)]
    if address.user is not None:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, address.url, address.user, address.password)
        handlers += [urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.HTTPDigestAuthHandler(passwords)]
    # `from None`: urllib's errors contain the address, which may contain a password.
    try:
        response: http.client.HTTPResponse = urllib.request.build_opener(*handlers).open(address.url)
    except urllib.error.HTTPError as error:
        deadline.close_connections()
        raise error_for_status(address, error.code) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        deadline.close_connections()
        raise CameraError(f"{address.redacted} cannot be opened: {diagnose_host(error)}") from None
    deadline.close_connections(keep_last=True)
    return response


class _Reader(io.RawIOBase):
    """Bytes of a socket, until the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._socket = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._socket.settimeout(self._deadline.remaining_s)
        return self._socket.recv_into(memoryview(buffer).cast("B"))

    def close(self) -> None:
        self._socket.close()
        super().close()


class _Socket:
    """The part of a socket that http.client uses. Its early close() is ignored; the reader closes the socket at the end."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._socket = connection
        self._deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._socket, self._deadline))

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(self._deadline.remaining_s)
        self._socket.sendall(data)

    def close(self) -> None:
        pass


class _Redirects(urllib.request.HTTPRedirectHandler):
    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> Any:
        fp.close()  # urllib would read the body, which may be endless.
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


class _Connection(http.client.HTTPConnection):
    deadline: Deadline
    tls: ssl.SSLContext | None = None

    def connect(self) -> None:
        connection = connect(self.host, self.port, self.deadline.at_s)
        if self.tls is not None:
            connection.settimeout(max(0.01, self.deadline.at_s - time.monotonic()))
            try:
                connection = self.tls.wrap_socket(connection, server_hostname=self.host)
            except OSError:
                connection.close()
                raise
        self.deadline.connections.append(connection)
        self.sock: Any = _Socket(connection, self.deadline)


class _SecureConnection(_Connection):
    default_port = http.client.HTTPS_PORT


class _Handler(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self._connection, _Connection, None), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(partial(self._connection, _SecureConnection, ssl.create_default_context()), req)

    def _connection(self, kind: type[_Connection], tls: ssl.SSLContext | None, host: str, **_: Any) -> _Connection:
        connection = kind(host)
        connection.deadline, connection.tls = self._deadline, tls
        return connection
