"""RTMP servers that redirect or ask for a password. FFmpeg connects to the named host only, which later versions may change."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from facecam.capture.source import open_source
from facecam.errors import CameraError
from facecam.settings import CaptureSettings

_HANDSHAKE_BYTES = 1536


def text(value: str) -> bytes:
    return b"\2" + struct.pack(">H", len(value)) + value.encode()


def number(value: float) -> bytes:
    return b"\0" + struct.pack(">d", value)


def mapping(**values: bytes) -> bytes:
    """Return an object of AMF 0, whose values are encoded already."""
    return b"\3" + b"".join(text(name)[1:] + value for name, value in values.items()) + b"\0\0\t"


def message(body: bytes) -> bytes:
    """Return a command in chunks of 128 bytes."""
    pieces = [body[start : start + 128] for start in range(0, len(body), 128)]
    return b"\3\0\0\0" + struct.pack(">I", len(body))[1:] + b"\x14\0\0\0\0" + b"\xc3".join(pieces)


def rejection(description: str, **more: bytes) -> bytes:
    code = text("NetConnection.Connect.Rejected")
    return text("_error") + number(1) + b"\5" + mapping(level=text("error"), code=code, description=text(description), **more)


@contextlib.contextmanager
def serving(answer: bytes, host: str = "127.0.0.1") -> Iterator[tuple[str, list[bytes]]]:
    """Yield the address of a server that answers the first command of each connection, and what it has received."""
    received: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(3)
                    received.append(b"")
                    greeting = connection.recv(_HANDSHAKE_BYTES + 1, socket.MSG_WAITALL)[1:]
                    connection.sendall(b"\3" + bytes(4) + b"\1" * (_HANDSHAKE_BYTES - 4) + greeting)
                    connection.recv(_HANDSHAKE_BYTES, socket.MSG_WAITALL)
                    received[-1] += connection.recv(4096)
                    connection.sendall(message(answer))
                    received[-1] += connection.recv(4096)

    with socket.create_server((host, 0)) as listener:
        thread = threading.Thread(target=serve, name="rtmp server")
        thread.start()
        try:
            yield f"{host}:{listener.getsockname()[1]}", received
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@pytest.mark.parametrize("kind", ["redirect", "description", "status", "password"])
def test_a_server_leads_to_no_other_host(kind: str) -> None:
    with serving(b"", "127.0.0.2") as (other, received_by_other):
        target = f"rtmp://{other}/app"
        redirected = mapping(code=number(302), redirect=text(target))
        answer = {
            "redirect": rejection("[ code=302 ]", ex=redirected),
            "description": rejection(f"[ AccessManager.Reject ] : [ code=302 redirect={target} ] : "),
            "status": text("onStatus") + rejection("", ex=redirected)[len(text("_error")) :],
            "password": rejection("[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : "),
        }[kind]
        with serving(answer) as (host, received), pytest.raises(CameraError) as failed:
            open_source(f"rtmp://ada:s3cret@{host}/app/stream", CaptureSettings(), time.monotonic())

    assert b"connect" in received[0]
    assert not received_by_other
    assert not any(b"s3cret" in data for data in received)
    assert "s3cret" not in str(failed.value)
