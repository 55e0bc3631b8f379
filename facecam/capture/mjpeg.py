"""MJPEG over HTTP: one JPEG after the other in a multipart answer that never ends (RFC 2046, multipart/x-mixed-replace).

Cameras take the format lightly. Content-Length is there or not, and sometimes wrong; the boundary is announced with its leading
dashes or without. What is relied on: a part begins after a line that holds the boundary and an empty line, and a picture ends
with JPEG's end marker.
"""

from __future__ import annotations

import http.client
import re
import time

import numpy as np

from facecam.capture.http import Deadline, Response
from facecam.capture.video import Moment
from facecam.errors import PictureError
from facecam.picture import decode_picture
from facecam.types import Picture

SILENT_S = 2.5
"""How long no picture may be completed, whether nothing comes or too little."""

MAX_PART_BYTES = 64 * 1024 * 1024
"""More than any camera's picture: a server cannot fill the memory."""

# Who was away for so long finds old pictures in the socket's buffer; the first that has to be waited for is new.
_AWAY_S = 0.5
_AT_ONCE_S = 0.005
_CATCH_UP_S = 1.0

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

    def grab(self) -> Moment | None:
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
            return Moment(self._arrived_at_s, None)
        self.close()
        return None

    def decode(self) -> Picture | None:
        """The picture of that part; None when it is torn."""
        if not self._jpeg.rstrip(_PADDING).endswith(_END_MARKER):
            return None
        try:
            picture = decode_picture(np.frombuffer(self._jpeg, np.uint8), "a picture of the stream")
        except PictureError:
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
        self._waited = self._waited or self._arrived_at_s - asked_at_s > _AT_ONCE_S
