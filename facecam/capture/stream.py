"""A camera in the network: MJPEG over HTTP, or RTSP."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

import cv2

from facecam.capture.live import LiveSource
from facecam.capture.video import VideoReader
from facecam.errors import CameraError

TIMEOUT_MS = 3000
"""How long a server may say nothing, at first and between two frames."""

_SECRET = re.compile(r"pass|pwd|pw$|^p$|token|key|secret|auth|sig|cred|login|user|usr|^u$", re.IGNORECASE)


class NetworkStream(LiveSource):
    """A stream, read by FFmpeg; its name is the address without its credentials."""

    def __init__(self, address: str, started_at_s: float) -> None:
        name = masked(address)
        timeouts = (cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS)
        reader = VideoReader(address, cv2.CAP_FFMPEG, timeouts)
        if not reader.opened:
            reader.close()
            raise CameraError(f"{name} does not answer with a video; check address, user and password, and that the camera is on")
        super().__init__(reader, name, "", started_at_s)


def masked(address: str) -> str:
    """The address as it may be shown and logged: without user and password, and without a query's values that sound like them."""
    try:
        parts = urlsplit(address)
        place = parts.netloc.rpartition("@")[2]
        query = "&".join(f"{quote(key)}={'***' if _SECRET.search(key) else quote(value)}" for key, value in _pairs(parts))
    except ValueError:
        return address.partition("://")[0] + "://***"
    return f"{parts.scheme}://{place}{parts.path}" + (f"?{query}" if query else "")


def _pairs(parts: SplitResult) -> list[tuple[str, str]]:
    return parse_qsl(parts.query, keep_blank_values=True)
