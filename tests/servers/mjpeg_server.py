"""HTTP camera with MJPEG at /video that simulates faults on command: `python -m tests.servers.mjpeg_server`.

The first line on standard output is the port; each line on standard input is a command and is answered with its word; the
server ends with its standard input. A command without its optional seconds lasts until the next one.

    ok                           normal operation
    hang 4                       connections stay open, new ones are accepted, nothing is sent for 4 s
    freeze 4, black 4            a repeated image, black images
    torn 4                       alternately JPEGs without their last third, and with random bytes instead of it
    resize                       images of another size
    stop-mid-frame               half a JPEG, then all connections are closed; new ones are accepted
    restart-connection           connections are closed after a complete image and the closing boundary
    refuse                       connections are closed, new ones get status 401 until `ok`
    wrong-type                   connections are closed, new ones get an HTML page until `ok`
    drop-then-refuse-connect 4   connections are closed, new ones are refused for 4 s
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
from pathlib import Path

import cv2
import numpy as np

from tests.servers.http_auth import AuthRequirement
from tests.servers.playback import ImageSequence, PlaybackState, listen, reply

_SIZES_WH = ((640, 480), (480, 360))
_BOUNDARY = b"facecam"
_CHUNK_BYTES = 10_000  # Smaller than an image, so that chunks and parts do not end together.
_CLOSING = {"refuse", "wrong-type", "drop-then-refuse-connect"}


class Server:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._state = PlaybackState()
        self._size = 0
        self._images = self._create_images()
        self._torn_short = False
        self._viewers: set[asyncio.StreamWriter] = set()
        self._next_jpeg: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._auth = AuthRequirement(options.auth, options.user, options.password) if options.password else None
        self._refusing_auth = AuthRequirement(options.auth, options.user, secrets.token_hex())
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.port = options.port

    async def open(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def play(self) -> None:
        """Send an image to all viewers at the frame rate."""
        loop = asyncio.get_running_loop()
        step_s, due_s = 1 / self._options.fps, loop.time()
        while True:
            if self._state.word != "hang":
                self._next_jpeg.set_result(self._jpeg())
                self._next_jpeg = loop.create_future()
            due_s = max(due_s + step_s, loop.time())
            await asyncio.sleep(due_s - loop.time())

    def execute(self, word: str, numbers: list[float]) -> None:
        if word == "resize":
            self._size = 1 - self._size
            self._images = self._create_images()
        elif word == "stop-mid-frame":
            jpeg = self._jpeg()
            self._close_all(self._encoded(self._part(jpeg)[: -len(jpeg) // 2]))
        elif word == "restart-connection":
            self._close_all(self._encoded(b"--" + _BOUNDARY + b"--\r\n") + (b"0\r\n\r\n" if self._options.chunked else b""))
        else:
            self._state.play(word, *numbers)
        if word in _CLOSING:
            self._close_all(b"")
        if word == "drop-then-refuse-connect":
            assert self._listener is not None
            self._listener.close()
            task = asyncio.create_task(self._open_after(*numbers))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        reply(word)

    def _close_all(self, last: bytes) -> None:
        for viewer in self._viewers:
            viewer.write(last)
            viewer.close()

    async def _open_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.open()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            if self._state.word == "hang":
                await asyncio.shield(self._next_jpeg)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            await self._answer(writer, *first.split()[:2], headers.get("authorization", ""))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # The client left, a command closed the connection, or the server ends.
        finally:
            self._viewers.discard(writer)
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, method: str, path: str, authorization: str) -> None:
        auth = self._refusing_auth if self._state.word == "refuse" else self._auth
        if auth is not None and not auth.accepts(method, authorization):
            await _reply(writer, "401 Unauthorized", "text/html", "<p>not you</p>", f"WWW-Authenticate: {auth.challenge}")
        elif path != "/video":
            await _reply(writer, "404 Not Found", "text/html", "<p>the stream is at /video</p>")
        elif self._state.word == "wrong-type":
            await _reply(writer, "200 OK", "text/html", "<p>the camera's own pages</p>")
        else:
            await self._stream(writer)

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        chunked = "Transfer-Encoding: chunked" if self._options.chunked else "Connection: close"
        await _head(writer, "200 OK", f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}", chunked)
        self._viewers.add(writer)
        while True:
            # Shielded, because a canceled viewer would cancel the image for all viewers.
            jpeg = await asyncio.shield(self._next_jpeg)
            writer.write(self._encoded(self._part(jpeg)))
            await writer.drain()

    def _part(self, jpeg: bytes) -> bytes:
        """Return a part of the multipart body."""
        length = b"" if self._options.no_length else b"Content-Length: %d\r\n" % len(jpeg)
        return b"--%s\r\nContent-Type: image/jpeg\r\n%s\r\n%s\r\n" % (_BOUNDARY, length, jpeg)

    def _encoded(self, part: bytes) -> bytes:
        if not self._options.chunked:
            return part
        chunks = [part[i : i + _CHUNK_BYTES] for i in range(0, len(part), _CHUNK_BYTES)]
        return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)

    def _jpeg(self) -> bytes:
        width, height = _SIZES_WH[self._size]
        pixels = np.frombuffer(self._images.next(self._state.word), np.uint8).reshape(height, width, 3)
        jpeg = cv2.imencode(".jpg", pixels)[1].tobytes()
        if self._state.word != "torn":
            return jpeg
        length = len(jpeg) * 2 // 3
        self._torn_short = not self._torn_short
        return jpeg[:length] if self._torn_short else jpeg[:length] + os.urandom(len(jpeg) - length)

    def _create_images(self) -> ImageSequence:
        size_wh = _SIZES_WH[self._size]
        path = self._options.picture
        return ImageSequence(size_wh, None if path is None else _background(path, size_wh))


def _background(path: Path, size_wh: tuple[int, int]) -> bytes:
    """Return the image at full height in the middle of a frame."""
    width, height = size_wh
    image = cv2.imread(str(path))
    assert image is not None, f"{path} could not be decoded as an image"
    inner = min(width, image.shape[1] * height // image.shape[0])
    left = (width - inner) // 2
    return cv2.copyMakeBorder(
        cv2.resize(image, (inner, height)), 0, 0, left, width - inner - left, cv2.BORDER_CONSTANT, value=(96, 96, 96)
    ).tobytes()


async def _head(writer: asyncio.StreamWriter, status: str, content_type: str, *headers: str) -> None:
    lines = (f"HTTP/1.1 {status}", f"Content-Type: {content_type}", "Cache-Control: no-store", *headers, "", "")
    writer.write("\r\n".join(lines).encode())
    await writer.drain()


async def _reply(writer: asyncio.StreamWriter, status: str, content_type: str, text: str, *headers: str) -> None:
    await _head(writer, status, content_type, f"Content-Length: {len(text)}", "Connection: close", *headers)
    writer.write(text.encode())
    await writer.drain()


async def serve(options: argparse.Namespace) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = Server(options)
    await server.open()
    listen(
        lambda word, numbers: loop.call_soon_threadsafe(server.execute, word, numbers),
        lambda: loop.call_soon_threadsafe(ended.set),
    )
    playing = asyncio.create_task(server.play())
    reply(str(server.port))
    await asyncio.wait([playing, asyncio.create_task(ended.wait())], return_when=asyncio.FIRST_COMPLETED)
    if playing.done():
        playing.result()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--picture", type=Path, help="an image to stamp (default: plain gray)")
    parser.add_argument("--user", default="ada")
    parser.add_argument("--password", help="required together with --user")
    parser.add_argument("--auth", choices=["basic", "digest"], default="basic")
    parser.add_argument("--no-length", action="store_true", help="omit Content-Length")
    parser.add_argument("--chunked", action="store_true", help="chunked transfer")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
