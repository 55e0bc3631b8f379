"""Why a stream did not open: OpenCV only says that it did not, so the server is asked once more, in its own protocol."""

from __future__ import annotations

import contextlib
import hashlib
import re
import socket
import ssl
import time
from base64 import b64encode

from facecam.capture.address import Address, connect, parse, why_unreachable
from facecam.errors import AccessDenied, CameraError

ASKED_S = 1.0
"""How long the server may take to say why."""

_ANSWER_BYTES = 16_384


def why_not(address: str) -> CameraError:
    """The error that says why `address` did not open: AccessDenied when the server wants another user or password."""
    place = parse(address)
    if place.scheme not in ("rtsp", "rtsps"):
        return CameraError(f"{place.shown} delivers no video that can be decoded; check the address")
    try:
        status = _describe(place, time.monotonic() + ASKED_S)
    except (OSError, ValueError) as error:
        return CameraError(f"{place.shown} cannot be opened: {why_unreachable(error)}")
    return by_status(place, status)


def by_status(place: Address, status: int) -> CameraError:
    """The error for the status with which HTTP and RTSP servers answer."""
    if status in (401, 403) and place.user is None:
        return AccessDenied(f"{place.shown} asks for user and password; write them as {place.scheme}://user:password@host/path")
    if status in (401, 403):
        return AccessDenied(f"{place.shown} refuses user and password; check both, and whether they may see this stream")
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
