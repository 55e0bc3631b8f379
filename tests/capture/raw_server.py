"""Server that sends exactly the bytes of a test, and videos to send."""

from __future__ import annotations

import contextlib
import io
import itertools
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import av
import cv2
import numpy as np

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"

Send = Callable[[bytes], None]
Answer = Callable[[bytes, Send], object]


def jpeg(number: int = 0, size_wh: tuple[int, int] = (64, 48)) -> bytes:
    """Return a JPEG whose brightness is its number."""
    encoded, data = cv2.imencode(".jpg", np.full((size_wh[1], size_wh[0], 3), number, np.uint8))
    assert encoded
    return data.tobytes()


def part(data: bytes, length: int | None = None, boundary: bytes = b"--frame") -> bytes:
    """Return one part of the answer, with a Content-Length if `length` is given."""
    announced = b"" if length is None else b"Content-Length: %d\r\n" % length
    return boundary + b"\r\nContent-Type: image/jpeg\r\n" + announced + b"\r\n" + data + b"\r\n"


def video(container: str, count: int = 24, fps: int = 25, *, noise: bool = False) -> bytes:
    """Return a video of gray images in this container. Image n has the brightness 10 n, beginning again after 25 images.

    With `noise` it is random and takes many bytes.
    """
    return b"".join(video_pieces(container, count, fps, noise=noise))


def video_pieces(container: str, count: int = 24, fps: int = 25, *, noise: bool = False) -> list[bytes]:
    """Return the bytes of `video` in one piece for each image."""
    file, random = io.BytesIO(), np.random.default_rng(0)
    ends = [0]
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream("h264", rate=fps, options={"tune": "zerolatency", "g": "12"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(count):
            gray = np.full((48, 64, 3), number % 25 * 10, np.uint8)
            image = random.integers(0, 256, (48, 64, 3), np.uint8) if noise else gray
            frame = av.VideoFrame.from_ndarray(image, "bgr24")
            frame.pts = number
            output.mux(stream.encode(frame))
            ends.append(file.tell())
        output.mux(stream.encode())
    data = file.getvalue()
    ends[-1] = len(data)
    return [data[start:end] for start, end in itertools.pairwise(ends)]


@contextlib.contextmanager
def serving(answer: Answer, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Yield the address of a server that calls `answer(request, send)` for every connection in turn.

    It then closes the connection, or reads the next request from it if the result is true.
    """
    with socket.create_server((host, 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
                    stack.enter_context(connection)
                    connection.settimeout(5)
                    if tls is not None:
                        connection = stack.enter_context(tls.wrap_socket(connection, server_side=True))
                    while answer(_request(connection), connection.sendall):
                        pass

        thread = threading.Thread(target=serve, name="mjpeg server")
        thread.start()
        try:
            yield f"{host}:{listener.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(10)


def _request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        if not (received := connection.recv(4096)):
            raise ConnectionResetError
        request += received
    return request
