"""An HTTP camera with MJPEG at /video that plays every fault on command: `python -m tests.servers.mjpeg_server`.

The first line on standard output is the port; each line on standard input is a command and is answered with its word; the
server ends with its standard input. Where a command takes seconds and gets none, it lasts until the next one.

    ok                           stamped pictures again, for everyone
    hang 4                       connections stay, new ones are accepted, and nothing is sent for 4 s
    freeze 4, black 4            the same picture, black pictures
    torn 4                       JPEGs without their last third, and JPEGs with nonsense instead of it, by turns
    resize                       pictures of another size from now on
    stop-mid-frame               half a JPEG, then the connections are closed; new ones are welcome
    restart-connection           the connections are closed after a whole picture and the closing boundary
    refuse                       the connections are closed, and new ones are answered 401 whatever their password, until `ok`
    wrong-type                   the connections are closed, and new ones get a page of HTML, until `ok`
    drop-then-refuse-connect 4   the connections are closed, and nobody listens for 4 s
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
from pathlib import Path

import cv2
import numpy as np

from tests.servers.http_auth import Demand
from tests.servers.playing import Part, Pictures, listen, say

_SIZES_WH = ((640, 480), (480, 360))
_BOUNDARY = b"facecam"
_CHUNK_BYTES = 10_000  # smaller than a picture: a part's edge and a chunk's are not to fall together
_CLOSING = {"refuse", "wrong-type", "drop-then-refuse-connect"}


class Server:
    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._part = Part()
        self._size = 0
        self._pictures = self._of_size()
        self._torn_short = False
        self._viewers: set[asyncio.StreamWriter] = set()
        self._next_jpeg: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._demand = Demand(options.auth, options.user, options.password) if options.password else None
        self._refusal = Demand(options.auth, options.user, secrets.token_hex())
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self.port = options.port

    async def open(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def play(self) -> None:
        """Hand a picture to all viewers at each beat of the clock."""
        loop = asyncio.get_running_loop()
        beat_s, due_s = 1 / self._options.fps, loop.time()
        while True:
            if self._part.word != "hang":
                self._next_jpeg.set_result(self._jpeg())
                self._next_jpeg = loop.create_future()
            due_s = max(due_s + beat_s, loop.time())
            await asyncio.sleep(due_s - loop.time())

    def take(self, word: str, numbers: list[float]) -> None:
        if word == "resize":
            self._size = 1 - self._size
            self._pictures = self._of_size()
        elif word == "stop-mid-frame":
            jpeg = self._jpeg()
            self._say_goodbye(self._sent(self._piece(jpeg)[: -len(jpeg) // 2]))
        elif word == "restart-connection":
            self._say_goodbye(self._sent(b"--" + _BOUNDARY + b"--\r\n") + (b"0\r\n\r\n" if self._options.chunked else b""))
        else:
            self._part.play(word, *numbers)
        if word in _CLOSING:
            self._say_goodbye(b"")
        if word == "drop-then-refuse-connect":
            assert self._listener is not None
            self._listener.close()
            task = asyncio.create_task(self._open_after(*numbers))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        say(word)

    def _say_goodbye(self, last: bytes) -> None:
        for viewer in self._viewers:
            viewer.write(last)
            viewer.close()

    async def _open_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.open()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
            if self._part.word == "hang":
                await asyncio.shield(self._next_jpeg)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            await self._answer(writer, *first.split()[:2], headers.get("authorization", ""))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CanceledError):
            pass  # the client has left, a command has closed the connection, or the server ends
        finally:
            self._viewers.discard(writer)
            writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, method: str, path: str, authorization: str) -> None:
        demand = self._refusal if self._part.word == "refuse" else self._demand
        if demand is not None and not demand.admits(method, authorization):
            await _reply(writer, "401 Unauthorized", "text/html", "<p>not you</p>", f"WWW-Authenticate: {demand.challenge}")
        elif path != "/video":
            await _reply(writer, "404 Not Found", "text/html", "<p>the stream is at /video</p>")
        elif self._part.word == "wrong-type":
            await _reply(writer, "200 OK", "text/html", "<p>the camera's own pages</p>")
        else:
            await self._stream(writer)

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        chunked = "Transfer-Encoding: chunked" if self._options.chunked else "Connection: close"
        await _head(writer, "200 OK", f"multipart/x-mixed-replace; boundary={_BOUNDARY.decode()}", chunked)
        self._viewers.add(writer)
        while True:
            # Shielded: whoever is canceled while waiting would cancel the picture for all.
            jpeg = await asyncio.shield(self._next_jpeg)
            writer.write(self._sent(self._piece(jpeg)))
            await writer.drain()

    def _piece(self, jpeg: bytes) -> bytes:
        """A part of the multipart body."""
        length = b"" if self._options.no_length else b"Content-Length: %d\r\n" % len(jpeg)
        return b"--%s\r\nContent-Type: image/jpeg\r\n%s\r\n%s\r\n" % (_BOUNDARY, length, jpeg)

    def _sent(self, piece: bytes) -> bytes:
        if not self._options.chunked:
            return piece
        chunks = [piece[i : i + _CHUNK_BYTES] for i in range(0, len(piece), _CHUNK_BYTES)]
        return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)

    def _jpeg(self) -> bytes:
        width, height = _SIZES_WH[self._size]
        pixels = np.frombuffer(self._pictures.next(self._part.word), np.uint8).reshape(height, width, 3)
        jpeg = cv2.imencode(".jpg", pixels)[1].tobytes()
        if self._part.word != "torn":
            return jpeg
        kept = len(jpeg) * 2 // 3
        self._torn_short = not self._torn_short
        return jpeg[:kept] if self._torn_short else jpeg[:kept] + os.urandom(len(jpeg) - kept)

    def _of_size(self) -> Pictures:
        size_wh = _SIZES_WH[self._size]
        path = self._options.picture
        return Pictures(size_wh, None if path is None else _background(path, size_wh))


def _background(path: Path, size_wh: tuple[int, int]) -> bytes:
    """The picture at its full height in the middle of a frame."""
    width, height = size_wh
    picture = cv2.imread(str(path))
    assert picture is not None, f"{path} is no picture"
    inner = min(width, picture.shape[1] * height // picture.shape[0])
    left = (width - inner) // 2
    return cv2.copyMakeBorder(
        cv2.resize(picture, (inner, height)), 0, 0, left, width - inner - left, cv2.BORDER_CONSTANT, value=(96, 96, 96)
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
        lambda word, numbers: loop.call_soon_threadsafe(server.take, word, numbers), lambda: loop.call_soon_threadsafe(ended.set)
    )
    playing = asyncio.create_task(server.play())
    say(str(server.port))
    await asyncio.wait([playing, asyncio.create_task(ended.wait())], return_when=asyncio.FIRST_COMPLETED)
    if playing.done():
        playing.result()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--fps", type=float, default=30)
    parser.add_argument("--picture", type=Path, help="a picture to stamp, else plain gray")
    parser.add_argument("--user", default="ada")
    parser.add_argument("--password", help="demanded with --user")
    parser.add_argument("--auth", choices=["basic", "digest"], default="basic")
    parser.add_argument("--no-length", action="store_true", help="parts without Content-Length")
    parser.add_argument("--chunked", action="store_true", help="chunked transfer")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
