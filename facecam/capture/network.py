"""A camera in the network: MJPEG over HTTP by our own reader, everything else by FFmpeg."""

from __future__ import annotations

import http.client
import re
import time

import cv2
import numpy as np

from facecam.capture.http import Address, Deadline, Response, diagnose_stream, parse, redact_url, request
from facecam.capture.live import LiveSource
from facecam.capture.video import FrameTime, VideoReader
from facecam.errors import CameraError, ImageError
from facecam.imageio import decode_image
from facecam.types import Image

# MERGED capture.mjpeg: MJPEG over HTTP: one JPEG after the other in a multipart answer that never ends (RFC 2046, multipart/x-mixed-replace).
#
# Cameras take the format lightly. Content-Length is there or not, and sometimes wrong; the boundary is announced with its leading
# dashes or without. What is relied on: a part begins after a line that holds the boundary and an empty line, and a picture ends
# with JPEG's end marker.

SILENT_S = 2.5
"""How long no picture may be completed, whether nothing comes or too little."""

MAX_PART_BYTES = 64 * 1024 * 1024
"""More than any camera's picture: a server cannot fill the memory."""

# Who was away for so long finds old pictures in the socket's buffer; the first that has to be waited for is new.
_AWAY_S = 0.5
_MJPEG_AT_ONCE_S = 0.005

_MAX_HEADER_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024
_UNMISTAKABLE_BYTES = 4  # shorter, and it may well stand in a picture's data
_END_MARKER = b"\xff\xd9"
_PADDING = b"\r\n\0 -"  # what may stand between an end marker and the boundary


def is_mjpeg(response: Response) -> bool:
    """Whether a server's answer is a sequence of pictures."""
    return response.headers.get_content_maintype() == "multipart"


class MjpegReader:
    """The pictures of an answer, each with the moment its last byte arrived."""

    def __init__(self, response: Response, deadline: Deadline) -> None:
        # The announced boundary may be wrong by its dashes; what is between them is in the stream in any case.
        boundary = str(response.headers.get_param("boundary") or "").strip('"').strip("-").encode("latin-1", "replace")
        self._mark = boundary if len(boundary) >= _UNMISTAKABLE_BYTES else b"\n--" + boundary
        self._response = response
        self._deadline = deadline
        self._came = bytearray(b"\n")
        self._arrived_at_s = 0.0
        self._left_at_s = time.monotonic()
        self._waited = True
        self._jpeg = b""
        self._whole = True
        self.stops_because = ""

    def grab(self) -> FrameTime | None:
        """Wait for the next part, whole or torn. None when the server has closed or is silent; `stops_because` says which."""
        if self._whole:
            # After a torn picture the clock goes on: only a whole one is a sign of life.
            self._deadline.at_s = time.monotonic() + SILENT_S
        began_at_s = time.monotonic()
        old = began_at_s - self._left_at_s > _AWAY_S
        try:
            self._take()
            while old and not self._waited and time.monotonic() - began_at_s < _CATCH_UP_S:
                self._take()
        except TimeoutError:
            self.stops_because = f"no whole picture came for {SILENT_S:g} s; check the camera and the network"
        except OverflowError:
            self.stops_because = f"it sent more than {MAX_PART_BYTES // 2**20} MB without a picture; check the address"
        except (OSError, http.client.HTTPException, ValueError):
            self.stops_because = "the server has closed the connection; check the camera's power and the network"
        else:
            self._whole = False
            self._left_at_s = time.monotonic()
            return FrameTime(self._arrived_at_s, None)
        self.close()
        return None

    def decode(self) -> Image | None:
        """The picture of that part; None when it is torn."""
        if not self._jpeg.rstrip(_PADDING).endswith(_END_MARKER):
            return None
        try:
            picture = decode_image(np.frombuffer(self._jpeg, np.uint8), "a picture of the stream")
        except ImageError:
            return None
        self._whole = True
        return picture

    def close(self) -> None:
        """Close the connection at once; what is on its way is dropped."""
        self._response.close()
        self._came.clear()

    def _take(self) -> None:
        """Read the next part, and see whether it had to be waited for."""
        self._waited = False
        length = self._skip_headers()
        self._jpeg = self._body(length)

    def _skip_headers(self) -> int | None:
        """Leave everything up to the next part's body behind; the length it announces, if it does."""
        part = re.compile(rb"%s[^\r\n]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n" % re.escape(self._mark))
        while (found := part.search(self._came)) is None:
            del self._came[:-_MAX_HEADER_BYTES]
            self._more()
        del self._came[: found.end()]
        announced = re.search(rb"(?im)^content-length:\s*(\d{1,12})\s*$", found[1])
        return int(announced[1]) if announced else None

    def _body(self, length: int | None) -> bytes:
        """A part's bytes: as many as announced, if a picture ends there; else up to the next boundary.

        Without a length, an end marker after which nothing has come yet will do: the boundary may come with the next picture.
        """
        searched = 0
        while True:
            if length is not None and len(self._came) >= length and self._ends_at(length):
                return self._cut(length)
            if (mark := self._came.find(self._mark, searched)) >= 0:
                return self._cut(mark)
            if length is None and self._ends_at(len(self._came)):
                return self._cut(len(self._came))
            searched = max(0, len(self._came) - len(self._mark))
            self._more()

    def _ends_at(self, size: int) -> bool:
        return bytes(self._came[max(0, size - 64) : size]).rstrip(_PADDING).endswith(_END_MARKER)

    def _cut(self, size: int) -> bytes:
        part = bytes(self._came[:size])
        del self._came[:size]
        if not self._came:
            self._came += b"\n"  # what comes next begins a line
        return part

    def _more(self) -> None:
        if len(self._came) > MAX_PART_BYTES:
            raise OverflowError
        _ = self._deadline.left_s
        asked_at_s = time.monotonic()
        came = self._response.read1(_CHUNK_BYTES)
        if not came:
            raise ConnectionResetError
        self._came += came
        self._arrived_at_s = time.monotonic()
        self._waited = self._waited or self._arrived_at_s - asked_at_s > _MJPEG_AT_ONCE_S


# MERGED capture.stream: A camera in the network, read by FFmpeg: RTSP, or HTTP with anything but MJPEG.

TIMEOUT_MS = 2500
"""How long a server may say nothing, at first and between two frames. With what else a read does it stays below 3 s."""

_PARAMETERS = (
    *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS),
    # FFmpeg keeps as many pictures back as it has threads beside the first; by itself it takes one for each core.
    *(cv2.CAP_PROP_N_THREADS, 2),
)

_TORN_PACKETS = 10
_STREAM_AT_ONCE_S = 0.3

_CATCH_UP_S = 1.0
_USUAL_MS = 40.0
_TIMELESS = 3


class StreamReader(VideoReader):
    """A VideoReader that goes over torn packets and leaves behind what was buffered while it was being opened."""

    stops_because = "check the camera's power and the network"

    def __init__(self, address: str) -> None:
        super().__init__(address, cv2.CAP_FFMPEG, _PARAMETERS)
        self._behind = self.opened and self.says(cv2.CAP_PROP_FRAME_COUNT) is None

    def grab(self) -> FrameTime | None:
        """The next picture, the first time the first that is not older than now."""
        if self._behind:
            self._behind = False
            return self._caught_up()
        return self._next()

    def _next(self) -> FrameTime | None:
        """OpenCV's FFmpeg fails at once at a packet that cannot be decoded, and goes on with the next one.

        After its timeout it delivers a picture that its decoder had kept back: old, and none comes after it.
        """
        asked_at_s = time.monotonic()
        for _ in range(_TORN_PACKETS):
            moment = super().grab()
            waited_s = time.monotonic() - asked_at_s
            if moment is not None:
                return moment if waited_s < TIMEOUT_MS / 1000 else None
            if waited_s > _STREAM_AT_ONCE_S:
                return None
        return None

    def _caught_up(self) -> FrameTime | None:
        """The first picture that had to be waited for.

        FFmpeg looks at a live stream for a while before it says that it is open, and then delivers that while in a burst, faster
        than the pictures' own times go on. A recording comes faster too, but says how long it is, and is kept whole; so is a
        stream without times, but for its first pictures: those have none in any stream.
        """
        began_at_s = time.monotonic()
        before, timeless = self._next(), 1
        while before is not None:
            asked_at_s = time.monotonic()
            moment = self._next()
            if moment is None:
                return None
            timeless += moment.media_ms is None
            apart_ms = _USUAL_MS if before.media_ms is None or moment.media_ms is None else moment.media_ms - before.media_ms
            waited_ms = (moment.at_s - asked_at_s) * 1000
            if waited_ms >= apart_ms / 2 or timeless >= _TIMELESS or moment.at_s - began_at_s > _CATCH_UP_S:
                return moment
            before = moment
        return None


class MediaClock:
    """When a stream's pictures were taken, from the times they bear: one that waited in a buffer was taken before it came.

    Pictures arrive late, never early. So the one that came soonest after its own time tells how that time and ours go together;
    what comes later by `latest_s` or more has a new clock.
    """

    leak = 0.001
    """How much slower than ours a camera's clock may run, in seconds per second."""

    def __init__(self, latest_s: float = 3.0) -> None:
        self._latest_s = latest_s
        self._apart_s: float | None = None
        self._at_s = 0.0

    def taken_at_s(self, moment: FrameTime) -> float:
        """When the picture was taken (monotonic), never after it came."""
        if moment.media_ms is None:
            return moment.at_s
        apart_s = moment.at_s - moment.media_ms / 1000
        if self._apart_s is None or apart_s - self._apart_s >= self._latest_s:
            self._apart_s = apart_s
        else:
            self._apart_s = min(apart_s, self._apart_s + self.leak * (moment.at_s - self._at_s))
        self._at_s = moment.at_s
        return self._apart_s + moment.media_ms / 1000


class NetworkStream(LiveSource):
    """A stream, read by FFmpeg; its name is the address without its credentials."""

    def __init__(self, address: str, started_at_s: float) -> None:
        name = redact_url(address)
        asked_at_s = time.monotonic()
        reader = StreamReader(address)
        if not reader.opened:
            reader.close()
            if time.monotonic() - asked_at_s > TIMEOUT_MS / 1000:
                raise CameraError(f"{name} does not answer within {TIMEOUT_MS / 1000:g} s; check the address and the network")
            raise diagnose_stream(address)
        super().__init__(reader, name, "", started_at_s)
        self.fps = reader.says(cv2.CAP_PROP_FPS)
        self._recording = reader.says(cv2.CAP_PROP_FRAME_COUNT) is not None
        self._clock = MediaClock()

    def _taken_at_s(self, moment: FrameTime) -> float:
        return moment.at_s if self._recording else self._clock.taken_at_s(moment)


class MjpegStream(LiveSource):
    """MJPEG over HTTP. FFmpeg would stamp it late: it reads ahead, and says nothing of pictures it could not decode."""

    def __init__(self, reader: MjpegReader, place: Address, started_at_s: float) -> None:
        super().__init__(reader, place.shown, "", started_at_s)


def open_network(address: str, started_at_s: float) -> LiveSource:
    """The stream at an http, https, rtsp or rtsps address. An HTTP server's Content-Type decides who reads it."""
    place = parse(address)
    if place.scheme in ("http", "https"):
        deadline = Deadline(time.monotonic() + SILENT_S)
        response = request(place, deadline)
        if is_mjpeg(response):
            return MjpegStream(MjpegReader(response, deadline), place, started_at_s)
        response.close()
    return NetworkStream(address, started_at_s)
