"""HTTP server that sends exactly the bytes of a test."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import cv2
import numpy as np

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"

Send = Callable[[bytes], None]


def jpeg(number: int = 0, size_wh: tuple[int, int] = (64, 48)) -> bytes:
    """Return a JPEG whose brightness is its number."""
    encoded, data = cv2.imencode(".jpg", np.full((size_wh[1], size_wh[0], 3), number, np.uint8))
    assert encoded
    return data.tobytes()


def part(data: bytes, length: int | None = None, boundary: bytes = b"--frame") -> bytes:
    """Return one part of the answer, with a Content-Length if `length` is given."""
    announced = b"" if length is None else b"Content-Length: %d\r\n" % length
    return boundary + b"\r\nContent-Type: image/jpeg\r\n" + announced + b"\r\n" + data + b"\r\n"


@contextlib.contextmanager
def serving(answer: Callable[[bytes, Send], None]) -> Iterator[str]:
    """Yield the address of a server that calls `answer(request, send)` for every connection in turn, then closes it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    request = b""
                    while b"\r\n\r\n" not in request:
                        request += connection.recv(4096) or b"\r\n\r\n"
                    answer(request, connection.sendall)

        thread = threading.Thread(target=serve, name="mjpeg server")
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(10)
