"""A network camera's address: how it is shown, and what it takes to knock there. No credentials leave this file by name."""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from facecam.errors import CameraError

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
    shown = masked(address)
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


def masked(address: str) -> str:
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


def why_unreachable(error: BaseException) -> str:
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
