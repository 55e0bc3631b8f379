"""A camera in the network, read by FFmpeg: RTSP, or HTTP with anything but MJPEG."""

from __future__ import annotations

import time

import cv2

from facecam.capture.address import masked
from facecam.capture.live import LiveSource
from facecam.capture.refusal import why_not
from facecam.capture.video import Moment, VideoReader
from facecam.errors import CameraError

TIMEOUT_MS = 2500
"""How long a server may say nothing, at first and between two frames. With what else a read does it stays below 3 s."""

_TIMEOUTS = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS)

_TORN_PACKETS = 10
_AT_ONCE_S = 0.3

_CATCH_UP_S = 1.0
_USUAL_MS = 40.0


class StreamReader(VideoReader):
    """A VideoReader that goes over torn packets and leaves behind what was buffered while it was being opened."""

    stops_because = "check the camera's power and the network, then start again"

    def __init__(self, address: str) -> None:
        super().__init__(address, cv2.CAP_FFMPEG, _TIMEOUTS)
        self._behind = self.opened and self.says(cv2.CAP_PROP_FRAME_COUNT) is None

    def grab(self) -> Moment | None:
        """The next picture, the first time the first that is not older than now."""
        if self._behind:
            self._behind = False
            return self._caught_up()
        return self._next()

    def _next(self) -> Moment | None:
        """OpenCV's FFmpeg fails at once at a packet that cannot be decoded, and goes on with the next one."""
        asked_at_s = time.monotonic()
        for _ in range(_TORN_PACKETS):
            moment = super().grab()
            if moment is not None or time.monotonic() - asked_at_s > _AT_ONCE_S:
                return moment
        return None

    def _caught_up(self) -> Moment | None:
        """The first picture that had to be waited for.

        FFmpeg looks at a live stream for a while before it says that it is open, and then delivers that while in a burst, faster
        than the pictures' own times go on. A recording comes faster too, but says how long it is, and is kept whole; so is a
        stream without times.
        """
        began_at_s = time.monotonic()
        before = self._next()
        while before is not None:
            asked_at_s = time.monotonic()
            moment = self._next()
            if moment is None or moment.media_ms is None:
                return moment
            apart_ms = _USUAL_MS if before.media_ms is None else moment.media_ms - before.media_ms
            waited_ms = (moment.at_s - asked_at_s) * 1000
            if waited_ms >= apart_ms / 2 or moment.at_s - began_at_s > _CATCH_UP_S:
                return moment
            before = moment
        return None


class NetworkStream(LiveSource):
    """A stream, read by FFmpeg; its name is the address without its credentials."""

    def __init__(self, address: str, started_at_s: float) -> None:
        name = masked(address)
        asked_at_s = time.monotonic()
        reader = StreamReader(address)
        if not reader.opened:
            reader.close()
            if time.monotonic() - asked_at_s > TIMEOUT_MS / 1000:
                raise CameraError(f"{name} does not answer within {TIMEOUT_MS / 1000:g} s; check the address and the network")
            raise why_not(address)
        super().__init__(reader, name, "", started_at_s)
        self.fps = reader.says(cv2.CAP_PROP_FPS)
