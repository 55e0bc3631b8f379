"""A camera in the network: MJPEG over HTTP by our own reader, everything else by FFmpeg."""

from __future__ import annotations

import time

from facecam.capture.address import Address, parse
from facecam.capture.http import Deadline, request
from facecam.capture.live import LiveSource
from facecam.capture.mjpeg import SILENT_S, MjpegReader, is_mjpeg
from facecam.capture.stream import NetworkStream


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
