"""Network cameras: a reader for MJPEG over HTTP, FFmpeg for everything else.

MJPEG over HTTP is an endless multipart answer with one JPEG per part (RFC 2046, multipart/x-mixed-replace). Cameras vary:
Content-Length may be missing or wrong, the boundary may be announced with or without its leading dashes. The reader relies on two
facts: a part begins after a line that contains the boundary and an empty line, and an image ends with JPEG's end marker.
"""

from __future__ import annotations

import http.client
import re
import time

import cv2
import numpy as np

from facecam.capture.http import Deadline, diagnose_stream, parse_address, redact_url, request
from facecam.capture.live import LiveSource
from facecam.capture.video import FrameTime, VideoReader
from facecam.errors import CameraError, ImageError
from facecam.imageio import decode_image
from facecam.types import Image

SILENCE_TIMEOUT_S = 2.5
"""Longest time without a complete image, whether nothing or too little arrives."""

MAX_PART_BYTES = 64 * 1024 * 1024
"""Larger than any camera's image; keeps a server from filling the memory."""

# A reader that was away this long finds old images in the socket's buffer; the first that it has to wait for is new.
_STALE_AFTER_S = 0.5
_MJPEG_BUFFERED_S = 0.005

_MAX_HEADER_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024
_MIN_BOUNDARY_BYTES = 4  # A shorter one may occur in image data.
_END_MARKER = b"\xff\xd9"
_PADDING = b"\r\n\0 -"  # Bytes that may stand between an end marker and the boundary.


class MjpegReader:
    """Reader of an answer's images, each stamped with the arrival of its last byte."""

    def __init__(self, response: http.client.HTTPResponse, deadline: Deadline) -> None:
        # The announced boundary may have too many or too few dashes; the rest of it is always in the stream.
        boundary = str(response.headers.get_param("boundary") or "").strip('"').strip("-").encode("latin-1", "replace")
        self._boundary = boundary if len(boundary) >= _MIN_BOUNDARY_BYTES else b"\n--" + boundary
        self._response = response
        self._deadline = deadline
        self._buffer = bytearray(b"\n")
        self._arrived_at_s = 0.0
        self._returned_at_s = time.monotonic()
        self._has_waited = True
        self._jpeg = b""
        self._is_whole = True
        self.stop_advice = ""

    def grab(self) -> FrameTime | None:
        """Wait for the next part, complete or not. None when the server has closed or is silent; `stop_advice` says which."""
        if self._is_whole:
            # An incomplete image does not extend the deadline.
            self._deadline.at_s = time.monotonic() + SILENCE_TIMEOUT_S
        began_at_s = time.monotonic()
        is_stale = began_at_s - self._returned_at_s > _STALE_AFTER_S
        try:
            self._read_part()
            while is_stale and not self._has_waited and time.monotonic() - began_at_s < _CATCH_UP_S:
                self._read_part()
        except TimeoutError:
            self.stop_advice = f"no complete image arrived for {SILENCE_TIMEOUT_S:g} s; check the camera and the network"
        except OverflowError:
            self.stop_advice = f"it sent more than {MAX_PART_BYTES // 2**20} MB without an image; check the address"
        except (OSError, http.client.HTTPException, ValueError):
            self.stop_advice = "the server has closed the connection; check the camera's power and the network"
        else:
            self._is_whole = False
            self._returned_at_s = time.monotonic()
            return FrameTime(self._arrived_at_s, None)
        self.close()
        return None

    def decode(self) -> Image | None:
        """Return the image of the grabbed part; None when it is incomplete."""
        if not self._jpeg.rstrip(_PADDING).endswith(_END_MARKER):
            return None
        try:
            image = decode_image(np.frombuffer(self._jpeg, np.uint8), "an image of the stream")
        except ImageError:
            return None
        self._is_whole = True
        return image

    def close(self) -> None:
        """Close the connection at once and drop what is on its way."""
        self._response.close()
        self._buffer.clear()

    def _read_part(self) -> None:
        """Read the next part and note whether it had to be waited for."""
        self._has_waited = False
        self._jpeg = self._read_body(self._skip_headers())

    def _skip_headers(self) -> int | None:
        """Drop everything before the next part's body and return the length that its headers announce, if any."""
        part = re.compile(rb"%s[^\r\n]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n" % re.escape(self._boundary))
        while (found := part.search(self._buffer)) is None:
            del self._buffer[:-_MAX_HEADER_BYTES]
            self._receive()
        del self._buffer[: found.end()]
        announced = re.search(rb"(?im)^content-length:\s*(\d{1,12})\s*$", found[1])
        return int(announced[1]) if announced else None

    def _read_body(self, length: int | None) -> bytes:
        """Return a part's bytes: the announced number if an image ends there, else up to the next boundary.

        Without a length, an end marker at the end of the received data suffices: the boundary may arrive with the next image.
        """
        searched = 0
        while True:
            if length is not None and len(self._buffer) >= length and self._is_complete(length):
                return self._take(length)
            if (boundary := self._buffer.find(self._boundary, searched)) >= 0:
                return self._take(boundary)
            if length is None and self._is_complete(len(self._buffer)):
                return self._take(len(self._buffer))
            searched = max(0, len(self._buffer) - len(self._boundary))
            self._receive()

    def _is_complete(self, size: int) -> bool:
        return bytes(self._buffer[max(0, size - 64) : size]).rstrip(_PADDING).endswith(_END_MARKER)

    def _take(self, size: int) -> bytes:
        part = bytes(self._buffer[:size])
        del self._buffer[:size]
        if not self._buffer:
            self._buffer += b"\n"  # The next byte begins a line.
        return part

    def _receive(self) -> None:
        if len(self._buffer) > MAX_PART_BYTES:
            raise OverflowError
        _ = self._deadline.remaining_s  # Raises TimeoutError.
        started_waiting_s = time.monotonic()
        received = self._response.read1(_CHUNK_BYTES)
        if not received:
            raise ConnectionResetError
        self._buffer += received
        self._arrived_at_s = time.monotonic()
        self._has_waited = self._has_waited or self._arrived_at_s - started_waiting_s > _MJPEG_BUFFERED_S


TIMEOUT_MS = 2500
"""Longest silence of a server before the first frame and between frames. A whole read then stays below 3 s."""

_PARAMETERS = (
    *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS),
    # FFmpeg holds back one frame per additional thread; its default is one thread per core.
    *(cv2.CAP_PROP_N_THREADS, 2),
)

_MAX_TORN_PACKETS = 10
_STREAM_BUFFERED_S = 0.3

_CATCH_UP_S = 1.0
_DEFAULT_STEP_MS = 40.0
_MAX_UNTIMED = 3


class StreamReader(VideoReader):
    """VideoReader that skips damaged packets and the frames buffered while the stream was being opened."""

    stop_advice = "check the camera's power and the network"

    def __init__(self, address: str) -> None:
        super().__init__(address, cv2.CAP_FFMPEG, _PARAMETERS)
        self._has_buffered = self.is_opened and self.get(cv2.CAP_PROP_FRAME_COUNT) is None

    def grab(self) -> FrameTime | None:
        """Grab the next frame; the first call skips the buffered ones."""
        if self._has_buffered:
            self._has_buffered = False
            return self._skip_buffered()
        return self._grab_next()

    def _grab_next(self) -> FrameTime | None:
        """Grab the next frame, or return None when the stream has stopped.

        For an undecodable packet OpenCV's FFmpeg fails at once and continues with the next. After its timeout it delivers one
        old frame that the decoder held back, and none after it.
        """
        started_waiting_s = time.monotonic()
        for _ in range(_MAX_TORN_PACKETS):
            frame_time = super().grab()
            waited_s = time.monotonic() - started_waiting_s
            if frame_time is not None:
                return frame_time if waited_s < TIMEOUT_MS / 1000 else None
            if waited_s > _STREAM_BUFFERED_S:
                return None
        return None

    def _skip_buffered(self) -> FrameTime | None:
        """Return the first frame that had to be waited for.

        FFmpeg probes a live stream before it reports it open, then delivers the probed frames in a burst, faster than their own
        times advance. Recordings arrive faster too, but they report a frame count and are not skipped; nor are streams without
        times, except for their first frames, which have no time in any stream.
        """
        began_at_s = time.monotonic()
        previous, untimed = self._grab_next(), 1
        while previous is not None:
            started_waiting_s = time.monotonic()
            frame_time = self._grab_next()
            if frame_time is None:
                return None
            untimed += frame_time.media_ms is None
            step_ms = (
                _DEFAULT_STEP_MS
                if previous.media_ms is None or frame_time.media_ms is None
                else frame_time.media_ms - previous.media_ms
            )
            waited_ms = (frame_time.at_s - started_waiting_s) * 1000
            if waited_ms >= step_ms / 2 or untimed >= _MAX_UNTIMED or frame_time.at_s - began_at_s > _CATCH_UP_S:
                return frame_time
            previous = frame_time
        return None


class MediaClock:
    """Estimate of capture times from a stream's own times; a frame that waited in a buffer was captured before it arrived.

    Frames arrive late, never early, so the one that arrived soonest after its own time gives the offset between both clocks. A
    frame later by `max_delay_s` or more means that the stream's clock was reset.
    """

    leak = 0.001
    """Largest lag of a camera's clock, in seconds per second."""

    def __init__(self, max_delay_s: float = 3.0) -> None:
        self._max_delay_s = max_delay_s
        self._offset_s: float | None = None
        self._at_s = 0.0

    def capture_time_s(self, frame_time: FrameTime) -> float:
        """Return the capture time (monotonic), never after the arrival."""
        if frame_time.media_ms is None:
            return frame_time.at_s
        offset_s = frame_time.at_s - frame_time.media_ms / 1000
        if self._offset_s is None or offset_s - self._offset_s >= self._max_delay_s:
            self._offset_s = offset_s
        else:
            self._offset_s = min(offset_s, self._offset_s + self.leak * (frame_time.at_s - self._at_s))
        self._at_s = frame_time.at_s
        return self._offset_s + frame_time.media_ms / 1000


class NetworkStream(LiveSource):
    """Stream read by FFmpeg, named by its address without credentials."""

    def __init__(self, address: str, started_at_s: float) -> None:
        name = redact_url(address)
        started_waiting_s = time.monotonic()
        reader = StreamReader(address)
        if not reader.is_opened:
            reader.close()
            if time.monotonic() - started_waiting_s > TIMEOUT_MS / 1000:
                raise CameraError(f"{name} does not answer within {TIMEOUT_MS / 1000:g} s; check the address and the network")
            raise diagnose_stream(address)
        super().__init__(reader, name, "", started_at_s)
        self.fps = reader.get(cv2.CAP_PROP_FPS)
        self._recording = reader.get(cv2.CAP_PROP_FRAME_COUNT) is not None
        self._clock = MediaClock()

    def _capture_time_s(self, frame_time: FrameTime) -> float:
        return frame_time.at_s if self._recording else self._clock.capture_time_s(frame_time)


def open_network(address: str, started_at_s: float) -> LiveSource:
    """Open the stream at an http, https, rtsp or rtsps address. An HTTP server's Content-Type decides which reader is used."""
    parsed = parse_address(address)
    if parsed.scheme in ("http", "https"):
        deadline = Deadline(time.monotonic() + SILENCE_TIMEOUT_S)
        response = request(parsed, deadline)
        if response.headers.get_content_maintype() == "multipart":
            # FFmpeg would stamp its images late, because it reads ahead and hides images that it could not decode.
            return LiveSource(MjpegReader(response, deadline), parsed.redacted, "", started_at_s)
        response.close()
    return NetworkStream(address, started_at_s)
