"""HTTP requests with a deadline, and the bodies of their answers.

Requests use the standard library, without proxies, with Basic and Digest authentication, and follow redirects to the same host
only. Messages never contain credentials.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field, replace
from functools import partial
from typing import IO, Any
from urllib.parse import urlsplit

from facecam.capture.addresses import Address, is_same_host, redact_url
from facecam.capture.mp4_tables import TableMonitor
from facecam.errors import AccessDeniedError, CameraError
from facecam.messages import TranslatableText

_MAX_SKIPPED_BYTES = 256 * 1024
_SNIFFED_BYTES = 16


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


def diagnose_host(error: BaseException) -> TranslatableText:
    """Return the cause of a failed connection in facecam's words; the error's text may contain the address with its password."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror):
        return TranslatableText("the host name cannot be resolved; check the spelling and the network")
    if isinstance(reason, ssl.SSLError):
        return TranslatableText("its certificate is not trusted, or it does not use TLS; try the address without the s")
    if isinstance(reason, TimeoutError):
        return TranslatableText("it does not answer; check the address, and that the camera is on")
    if isinstance(reason, ConnectionRefusedError):
        return TranslatableText("the connection is refused; check the port, and that the camera is on")
    if isinstance(reason, OSError) and reason.errno is not None:
        return TranslatableText("it cannot be reached; check the address and the network")
    return TranslatableText("its answer is not a video; check the address")


def error_for_status(address: Address, status: int) -> CameraError:
    """Return the error for the status code of a server; AccessDeniedError for missing or wrong credentials."""
    if status in (401, 403) and address.user is None:
        return AccessDeniedError(
            "{address} requires a user and password; write them as {scheme}://user:password@host/path",
            address=address.redacted,
            scheme=address.scheme,
        )
    if status in (401, 403):
        return AccessDeniedError(
            "{address} rejects the user and password; check both, and whether this user may view the stream",
            address=address.redacted,
        )
    if status in (404, 410):
        return CameraError(
            "{address}: this path does not exist ({status}); look up the path of the stream in the camera",
            address=address.redacted,
            status=status,
        )
    if 300 <= status < 400:
        return CameraError("{address} redirects without end, or without an address; check the address", address=address.redacted)
    return CameraError(
        "{address} answers with error {status}; check the camera and its number of viewers",
        address=address.redacted,
        status=status,
    )


_OTHER_HOST = TranslatableText("another host")


def redirect_error(address: Address, url: str, target: TranslatableText = _OTHER_HOST) -> CameraError:
    """Return the error for a redirect that is not followed."""
    return CameraError(
        "{address} redirects to {target} ({other}), which facecam does not follow; if you trust it, open that address",
        address=address.redacted,
        target=target,
        other=redact_url(url),
    )


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
        closing, self.connections = self.connections, self.connections[-1:] if keep_last else []
        for connection in closing[:-1] if keep_last else closing:
            connection.close()


def request(address: Address, deadline: Deadline, from_byte: int = 0) -> http.client.HTTPResponse:
    """Return the answer to a GET with its body unread. CameraError or AccessDeniedError when there is none.

    A socket's own timeout starts again with every byte; the deadline does not, and it bounds all redirects together.
    """
    handlers = [urllib.request.ProxyHandler({}), _Redirects(address), _Handler(deadline)]
    if address.user is not None:
        passwords = _Passwords(address)
        handlers += [urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.HTTPDigestAuthHandler(passwords)]
    headers = {"Range": f"bytes={from_byte}-"} if from_byte else {}
    # `from None`: urllib's errors contain the address, which may contain a password.
    try:
        asked = urllib.request.Request(address.url, headers=headers)  # noqa: S310 - `parse_address` accepted its scheme
        response: http.client.HTTPResponse = urllib.request.build_opener(*handlers).open(asked)
    except urllib.error.HTTPError as error:
        deadline.close_connections()
        raise error_for_status(address, error.code) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        deadline.close_connections()
        raise CameraError("{address} cannot be opened: {reason}", address=address.redacted, reason=diagnose_host(error)) from None
    except CameraError:
        deadline.close_connections()
        raise
    deadline.close_connections(keep_last=True)
    return response


class HttpBody:
    """Body of an answer: received as it arrives, or read as a file by FFmpeg, from any place if its length is known.

    Attributes:
        deadline: Time by which an answer, and then each of its parts, must have arrived.
        name: Final address after redirects, without credentials.
        content_type: The answer's type in lower case, such as "image/jpeg".
        boundary: The announced boundary of a multipart answer, or "".
        length: Number of bytes; None when the answer states none, as for a live stream.
        head: The first bytes, which are still to be read.
        failure: The error that ended `read`. FFmpeg cannot pass on an error of a file.
    """

    def __init__(self, address: Address, until_s: float) -> None:
        self.deadline = Deadline(until_s)
        self._response = response = request(address, self.deadline)
        self._address = replace(address, url=response.url)
        self._opened_at = 0
        self._arrived = 0
        self._position = 0
        self._tables = TableMonitor()
        self._named: list[HttpBody] = []
        self.name = response.url
        self.content_type = response.headers.get_content_type() if "Content-Type" in response.headers else ""
        self.boundary = str(response.headers.get_param("boundary") or "")
        self.length = response.length
        self._is_seekable = self.length is not None and response.headers.get("Accept-Ranges", "").lower() != "none"
        self.failure: Exception | None = None
        self.head = b""
        try:
            while len(self.head) < _SNIFFED_BYTES and (received := response.read1(_SNIFFED_BYTES)):
                self.head += received
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise CameraError(
                "{address} cannot be opened: {reason}", address=address.redacted, reason=diagnose_host(error)
            ) from None

    def receive(self, size: int) -> bytes:
        """Return the next bytes as soon as there are any; b"" at the end. OSError, HTTPException or ValueError on failure."""
        if self.head:
            received, self.head = self.head[:size], self.head[size:]
            return received
        return self._response.read1(size)

    def receive_all(self, max_bytes: int) -> bytes:
        """Return all bytes. OverflowError when there are more than `max_bytes`; other errors as of `receive`."""
        received = bytearray()
        while chunk := self.receive(64 * 1024):
            received += chunk
            if len(received) > max_bytes:
                raise OverflowError
        if self.length is not None and len(received) < self.length:
            raise ConnectionResetError
        return bytes(received)

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes from the current position; b"" at the end and on a failure, which is then in `failure`."""
        if self.failure is not None or (self.length is not None and self._position >= self.length):
            return b""
        try:
            received = self._read_at_position(size)
        except (OSError, http.client.HTTPException, ValueError, CameraError) as error:
            self.failure = error
            return b""
        if self._tables.exceeds(received):
            self.failure = CameraError(
                "{address} states more frames than facecam reads, so its index is damaged or too long",
                address=self._address.redacted,
            )
            return b""
        self._position += len(received)
        return received

    def seekable(self) -> bool:
        return self._is_seekable

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.length or 0}[whence]
        self._position = max(0, start + offset)
        return self._position

    def extend(self, until_s: float) -> None:
        """Move the deadline, also of the files that `open_named` has opened."""
        self.deadline.at_s = until_s
        for body in self._named:
            body.deadline.at_s = until_s

    def open_named(self, url: str, *_: Any) -> HttpBody | io.BytesIO:
        """Open a file that this one, a playlist, names. If it is at another host, return an empty one and note the failure."""
        if not is_same_host(self._address, url):
            self.failure = CameraError(
                "{address} is a playlist that names a file elsewhere ({other}), which facecam does not open; "
                "open that address if you trust it",
                address=self._address.redacted,
                other=redact_url(url),
            )
            return io.BytesIO()
        try:
            body = HttpBody(replace(self._address, url=_without_login(url)), self.deadline.at_s)
        except CameraError as error:
            self.failure = error
            return io.BytesIO()
        self._named = [*(body for body in self._named if not body.is_closed), body]
        return body

    @property
    def is_closed(self) -> bool:
        return self._response.closed and not self.head

    def close(self) -> None:
        """Close the connection at once and drop what is on its way."""
        self._response.close()
        self.deadline.close_connections()
        self.head = b""
        for body in self._named:
            body.close()

    def _read_at_position(self, size: int) -> bytes:
        skipped = self._position - self._arrived
        if 0 < skipped <= _MAX_SKIPPED_BYTES:
            self._skip(skipped)
        elif skipped:
            self._reopen()
        received = self.receive(size)
        if not received and self.length is not None and self._is_seekable and self._arrived > self._opened_at:
            # Servers close a connection that is not read for a while, as when a video is paused.
            self._reopen()
            received = self.receive(size)
        if not received and self.length is not None:
            raise ConnectionResetError
        self._arrived += len(received)
        return received

    def _skip(self, count: int) -> None:
        while count and (received := self.receive(count)):
            count -= len(received)
            self._arrived += len(received)

    def _reopen(self) -> None:
        """Request the bytes from the current position on."""
        self._response.close()
        self.head = b""
        self._response = request(self._address, self.deadline, self._position)
        if self._position and self._response.status != http.client.PARTIAL_CONTENT:
            raise ConnectionResetError
        self._opened_at = self._arrived = self._position


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
    """Redirects to the same host. Another one could be a device that only this machine reaches."""

    def __init__(self, address: Address) -> None:
        self._address = address

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> Any:
        fp.close()  # urllib would read the body, which may be endless.
        return super().http_error_302(req, fp, code, msg, headers)

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(self, *arguments: Any) -> urllib.request.Request | None:
        req, fp, code, msg, headers, newurl = arguments
        if not is_same_host(self._address, newurl):
            raise redirect_error(self._address, newurl)
        return super().redirect_request(req, fp, code, msg, headers, _without_login(newurl))


class _Passwords(urllib.request.HTTPPasswordMgr):
    """Credentials for the address's host at every port, but never without TLS where the address asks for it."""

    def __init__(self, address: Address) -> None:
        super().__init__()
        self._address = address

    def find_user_password(self, realm: str, authuri: str) -> tuple[str | None, str | None]:  # noqa: ARG002 - urllib calls it
        is_plain = self._address.scheme == "https" and not authuri.startswith("https:")
        if is_plain or not is_same_host(self._address, authuri):
            return None, None
        return self._address.user, self._address.password


def _without_login(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


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
