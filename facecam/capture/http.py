"""A bounded HTTP request with the standard library: no proxies, Basic and Digest, and not a byte after the deadline."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from facecam.capture.address import Address, connect, why_unreachable
from facecam.capture.refusal import by_status
from facecam.errors import CameraError


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
        raise CameraError(f"{place.shown} cannot be opened: {why_unreachable(error)}") from None
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
