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

_PARAMETERS = (
    *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS),
    # FFmpeg keeps as many pictures back as it has threads beside the first; by itself it takes one for each core.
    *(cv2.CAP_PROP_N_THREADS, 2),
)

_TORN_PACKETS = 10
_AT_ONCE_S = 0.3

_CATCH_UP_S = 1.0
_USUAL_MS = 40.0
_TIMELESS = 3


class StreamReader(VideoReader):
    """A VideoReader that goes over torn packets and leaves behind what was buffered while it was being opened."""

    stops_because = "check the camera's power and the network"

    def __init__(self, address: str) -> None:
        super().__init__(address, cv2.CAP_FFMPEG, _PARAMETERS)
        self._behind = self.opened and self.says(cv2.CAP_PROP_FRAME_COUNT) is None

    def grab(self) -> Moment | None:
        """The next picture, the first time the first that is not older than now."""
        if self._behind:
            self._behind = False
            return self._caught_up()
        return self._next()

    def _next(self) -> Moment | None:
        """OpenCV's FFmpeg fails at once at a packet that cannot be decoded, and goes on with the next one.

        After its timeout it delivers a picture that its decoder had kept back: old, and none comes after it.
        """
        asked_at_s = time.monotonic()
        for _ in range(_TORN_PACKETS):
            moment = super().grab()
            waited_s = time.monotonic() - asked_at_s
            if moment is not None:
                return moment if waited_s < TIMEOUT_MS / 1000 else None
            if waited_s > _AT_ONCE_S:
                return None
        return None

    def _caught_up(self) -> Moment | None:
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

    def taken_at_s(self, moment: Moment) -> float:
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
        self._recording = reader.says(cv2.CAP_PROP_FRAME_COUNT) is not None
        self._clock = MediaClock()

    def _taken_at_s(self, moment: Moment) -> float:
        return moment.at_s if self._recording else self._clock.taken_at_s(moment)
