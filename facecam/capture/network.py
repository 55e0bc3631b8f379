"""Network cameras: MJPEG and single JPEGs over HTTP, and video over HTTP, RTSP, RTMP and UDP.

MJPEG over HTTP is an endless multipart answer with one JPEG per part (RFC 2046, multipart/x-mixed-replace). Cameras vary:
Content-Length may be missing or wrong, the boundary may be announced with or without its leading dashes. The reader relies on two
facts: a part begins after a line that contains the boundary and an empty line, and an image ends with JPEG's end marker.

Other video is decoded by FFmpeg, which opens nothing over HTTP itself: it reads the body of an answer as a file. Redirects, other
files that a playlist names, certificates and time limits are thus handled in one place, `facecam.capture.http`. For the same
reason, RTSP passes through a relay, `facecam.capture.rtsp`.
"""

from __future__ import annotations

import http.client
import re
import time
from dataclasses import replace

import numpy as np

from facecam.capture.addresses import Address, parse_address
from facecam.capture.files import VideoFile
from facecam.capture.http import HttpBody, connect, diagnose_host, error_for_status
from facecam.capture.live import LiveSource
from facecam.capture.media import CONTAINERS, MediaAccess, MediaError, MediaFault, MediaReader
from facecam.capture.rtsp import RtspRelay
from facecam.capture.video import FrameTime
from facecam.errors import AccessDeniedError, CameraError, ImageError
from facecam.imageio import decode_image
from facecam.messages import QT_TRANSLATE_NOOP, TranslatableText
from facecam.types import Frame, Image

SILENCE_TIMEOUT_S = 2.5
"""Longest time without a complete image, whether nothing or too little arrives. A whole read then stays below 3 s."""

MAX_PART_BYTES = 64 * 1024 * 1024
"""Larger than any camera's image; keeps a server from filling the memory."""

# A reader that was away this long finds old images in the socket's buffer, which it does not have to wait for.
_STALE_AFTER_S = 0.5
_MJPEG_BUFFERED_S = 0.005
_NEW_PARTS = 3
"""After so many images in a row that it had to wait for, a reader has caught up: on a busy machine, one may be buffered."""

_MAX_HEADER_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024
_MIN_BOUNDARY_BYTES = 4  # A shorter one may occur in image data.
_START_MARKER = b"\xff\xd8\xff"
_PLAYLIST_MARK = b"#EXTM3U"
_END_MARKER = b"\xff\xd9"
_PADDING = b"\r\n\0 -"  # Bytes that may stand between an end marker and the boundary.

_SNAPSHOT_INTERVAL_S = 0.1
_REPEATED_AFTER_S = 1.0

_KEY_FRAME_TIMEOUT_S = 5.0
"""Longest wait for the first frame of a stream, which may begin between two key frames."""

_SEGMENT_TIMEOUT_S = 10.0
"""Longest wait for the next part of a playlist, which holds several seconds of video."""

_DIAGNOSIS_TIMEOUT_S = 1.0
_CATCH_UP_S = 1.0
_DEFAULT_STEP_MS = 40.0
_MAX_UNTIMED = 3
_RECORDING_FACTOR = 1.5
_MAX_BURST_S = 15.0
"""Longest video that a server sends at once when a live stream is opened; some keep it since the last key frame."""

_VIDEO = MediaAccess(CONTAINERS)
_PLAYLIST = MediaAccess(
    ("hls", "mpegts", "mov"),
    # FFmpeg keeps connections that are not its own open only if it is told not to.
    options={"http_persistent": "0", "http_multiple": "0"},
)
_ACCESS = {
    # TCP loses no packets, and asking for the video alone keeps silent microphones from delaying the start.
    "rtsp": MediaAccess(("rtsp",), ("tcp",), {"rtsp_transport": "tcp", "allowed_media_types": "video"}),
    "rtmp": MediaAccess(("flv", "live_flv"), ("rtmp", "tcp"), {"rtmp_live": "live"}),
    # Packets that arrive while nothing is read are dropped; without this, they would end the stream.
    "udp": MediaAccess(("mpegts", "mpeg", "mpegvideo", "h264", "hevc", "m4v"), ("udp",), {"overrun_nonfatal": "1"}),
}
"""What FFmpeg may use for an address, by its scheme without an s for TLS."""

_STATUS = {MediaFault.ACCESS_DENIED: 401, MediaFault.NOT_FOUND: 404}
_ADVICE = {
    MediaFault.HTTP: QT_TRANSLATE_NOOP(
        "Errors", "{address} answers with an error; check its path, and the camera's number of viewers"
    ),
    MediaFault.NO_VIDEO: QT_TRANSLATE_NOOP("Errors", "{address} answers, but delivers no video; check its path"),
    MediaFault.NO_DECODER: QT_TRANSLATE_NOOP(
        "Errors", "{address} answers, but delivers no decodable video; choose H.264 in the camera"
    ),
}
_CLOSED = TranslatableText("the server has closed the connection; check the camera's power and the network")
_REJECTED = TranslatableText("it rejects the user and password; check both")


class MjpegReader:
    """Reader of an answer's images, each stamped with the arrival of its last byte."""

    def __init__(self, body: HttpBody) -> None:
        # The announced boundary may have too many or too few dashes; the rest of it is always in the stream.
        boundary = body.boundary.strip('"').strip("-").encode("latin-1", "replace")
        self._boundary = boundary if len(boundary) >= _MIN_BOUNDARY_BYTES else b"\n--" + boundary
        self._body = body
        self._buffer = bytearray(b"\n")
        self._arrived_at_s = 0.0
        self._returned_at_s = time.monotonic()
        self._has_waited = True
        self._jpeg = b""
        self._is_whole = True
        self.stop_advice = _CLOSED

    def grab(self) -> FrameTime | None:
        """Wait for the next part, complete or not. None when the server has closed or is silent; `stop_advice` says which."""
        if self._is_whole:
            # An incomplete image does not extend the deadline.
            self._body.extend(time.monotonic() + SILENCE_TIMEOUT_S)
        began_at_s = time.monotonic()
        is_stale = began_at_s - self._returned_at_s > _STALE_AFTER_S
        try:
            self._read_part()
            waits = int(self._has_waited)
            while is_stale and waits < _NEW_PARTS and time.monotonic() - began_at_s < _CATCH_UP_S:
                self._read_part()
                waits = waits + 1 if self._has_waited else 0
        except TimeoutError:
            self.stop_advice = _silent_text()
        except OverflowError:
            self.stop_advice = _too_much_text()
        except (OSError, http.client.HTTPException, ValueError):
            self.stop_advice = _CLOSED
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
        self._body.close()
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
        _ = self._body.deadline.remaining_s  # Raises TimeoutError.
        started_waiting_s = time.monotonic()
        received = self._body.receive(_CHUNK_BYTES)
        if not received:
            raise ConnectionResetError
        self._buffer += received
        self._arrived_at_s = time.monotonic()
        self._has_waited = self._has_waited or self._arrived_at_s - started_waiting_s > _MJPEG_BUFFERED_S


class SnapshotReader:
    """Reader of an address that answers each request with one image, requested up to ten times per second.

    A camera may renew its image less often than that, so an answer with the same bytes is a new frame only after a second.
    """

    def __init__(self, address: Address, body: HttpBody) -> None:
        self._address = address
        self._body: HttpBody | None = body
        self._image_bytes = b""
        self._requested_at_s = time.monotonic()
        self._delivered_at_s = 0.0
        self.stop_advice = _CLOSED

    def grab(self) -> FrameTime | None:
        """Wait for a new image. None when there is none for SILENCE_TIMEOUT_S; `stop_advice` says why."""
        until_s = time.monotonic() + SILENCE_TIMEOUT_S
        while True:
            try:
                received = self._request(until_s)
            except OverflowError:
                self.stop_advice = _too_much_text()
                return None
            except AccessDeniedError:
                self.stop_advice = _REJECTED
                return None
            except (CameraError, OSError, http.client.HTTPException, ValueError):
                # A camera that is busy refuses single requests.
                if time.monotonic() + _SNAPSHOT_INTERVAL_S > until_s:
                    self.stop_advice = _silent_text()
                    return None
                continue
            at_s = time.monotonic()
            if received != self._image_bytes or at_s - self._delivered_at_s > _REPEATED_AFTER_S:
                self._image_bytes, self._delivered_at_s = received, at_s
                return FrameTime(at_s, None)

    def decode(self) -> Image | None:
        """Return the newest image; None when it is damaged."""
        try:
            return decode_image(np.frombuffer(self._image_bytes, np.uint8), "an image of the camera")
        except ImageError:
            return None

    def close(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None

    def _request(self, until_s: float) -> bytes:
        """Return the next answer, not before its time. The first has been opened already."""
        body = self._body
        if body is None:
            time.sleep(max(0.0, self._requested_at_s + _SNAPSHOT_INTERVAL_S - time.monotonic()))
            self._requested_at_s = time.monotonic()
            body = self._body = HttpBody(self._address, until_s)
        body.extend(until_s)
        try:
            return body.receive_all(MAX_PART_BYTES)
        finally:
            self.close()


def _silent_text() -> TranslatableText:
    return TranslatableText(
        "no complete image arrived for {seconds:g} s; check the camera and the network", seconds=SILENCE_TIMEOUT_S
    )


def _too_much_text() -> TranslatableText:
    return TranslatableText("it sent more than {size} MB without an image; check the address", size=MAX_PART_BYTES // 2**20)


class _RecordingError(Exception):
    """A stream of unknown length turns out to be a video file."""


class StreamReader:
    """Reader of a live stream that skips the frames buffered while it was being opened."""

    def __init__(
        self, media: MediaReader, body: HttpBody | None = None, *, is_playlist: bool = False, relay: RtspRelay | None = None
    ) -> None:
        self.media = media
        self._body = body
        self._relay = relay
        self._is_playlist = is_playlist
        self._has_buffered = True
        self._began_at_s = self._last_at_s = time.monotonic()
        self._last_media_ms: float | None = None
        self._played_s = 0.0

    @property
    def stop_advice(self) -> TranslatableText:
        """Return what to check, by the reason why the stream has stopped."""
        if self.media.fault is MediaFault.TIMEOUT or isinstance(self._failure, TimeoutError):
            return _silent_text()
        return _CLOSED

    def grab(self) -> FrameTime | None:
        """Grab the next frame; the first call skips the buffered ones."""
        if self._has_buffered:
            self._has_buffered = False
            return self._skip_buffered()
        return self._grab_next(SILENCE_TIMEOUT_S)

    @property
    def is_recording(self) -> bool:
        """Return whether the stream has ended in order after it came faster than its own times, as a video file does."""
        if self._body is None or not self._has_ended_in_order:
            return False
        return self._played_s > _RECORDING_FACTOR * (self._last_at_s - self._began_at_s) + _CATCH_UP_S

    def decode(self) -> Image | None:
        """Return the grabbed frame; None when it is damaged."""
        return self.media.decode()

    def close(self) -> None:
        self.media.close()
        for connection in (self._body, self._relay):
            if connection is not None:
                connection.close()

    @property
    def _failure(self) -> Exception | None:
        return None if self._body is None else self._body.failure

    @property
    def _has_ended_in_order(self) -> bool:
        return self.media.fault is None and self._failure is None

    def _grab_next(self, timeout_s: float) -> FrameTime | None:
        if self._is_playlist:
            timeout_s = _SEGMENT_TIMEOUT_S
        if self._body is not None:
            self._body.extend(time.monotonic() + timeout_s)
        frame_time = self.media.grab(timeout_s)
        if frame_time is not None:
            self._count(frame_time)
        return frame_time

    def _count(self, frame_time: FrameTime) -> None:
        """Add up how long the frames play. A step of more than a second is a reset of the stream's clock."""
        last_ms, self._last_media_ms, self._last_at_s = self._last_media_ms, frame_time.media_ms, frame_time.at_s
        if last_ms is not None and frame_time.media_ms is not None and 0 < frame_time.media_ms - last_ms < 1000:
            self._played_s += (frame_time.media_ms - last_ms) / 1000

    def _skip_buffered(self) -> FrameTime | None:
        """Return the first frame that had to be waited for.

        FFmpeg probes a live stream before it reports it open, then delivers the probed frames in a burst, faster than their own
        times advance. Streams without times are not skipped, except for their first frames, which have no time in any stream.
        """
        began_at_s = time.monotonic()
        previous, untimed = self._grab_next(_KEY_FRAME_TIMEOUT_S), 1
        while previous is not None:
            frame_time = self._grab_next(SILENCE_TIMEOUT_S)
            has_ended = frame_time is None and self._has_ended_in_order
            if self._body is not None and not self._is_playlist and (has_ended or self._played_s > _MAX_BURST_S):
                raise _RecordingError
            if frame_time is None:
                return None
            untimed += frame_time.media_ms is None
            step_ms = (
                _DEFAULT_STEP_MS
                if previous.media_ms is None or frame_time.media_ms is None
                else frame_time.media_ms - previous.media_ms
            )
            is_new = self.media.waited_s * 1000 >= step_ms / 2
            if is_new or untimed >= _MAX_UNTIMED or frame_time.at_s - began_at_s > _CATCH_UP_S:
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
    """Live stream decoded by FFmpeg, named by its address without credentials."""

    def __init__(self, reader: StreamReader, name: str, started_at_s: float) -> None:
        self._clock = MediaClock()
        self._stream = reader
        super().__init__(reader, name, "", started_at_s)
        self.fps = reader.media.fps

    def read(self) -> Frame | None:
        """Wait for the next frame; None at the end of a video file. CameraError once the source has stopped."""
        try:
            return super().read()
        except CameraError:
            if self._stream.is_recording:
                return None
            raise

    def _capture_time_s(self, frame_time: FrameTime) -> float:
        return self._clock.capture_time_s(frame_time)


class HttpVideo(VideoFile):
    """Video file at an HTTP address. It plays like a file on disk and ends with its last frame."""

    def __init__(self, media: MediaReader, name: str, body: HttpBody) -> None:
        self._body = body
        try:
            self._start(media, name)
        except CameraError:
            body.close()
            raise
        if not body.seekable():
            self.frame_count = None  # What a format states before its end, such as AVI, is not reliable.

    def read(self) -> Frame | None:
        """Return the next frame; None after the last. CameraError when the connection is lost before."""
        self._body.extend(time.monotonic() + SILENCE_TIMEOUT_S)
        frame = super().read()
        self._check(has_frame=frame is not None)
        return frame

    def skip(self) -> bool:
        self._body.extend(time.monotonic() + SILENCE_TIMEOUT_S)
        skipped = super().skip()
        self._check(has_frame=skipped)
        return skipped

    def close(self) -> None:
        super().close()
        self._body.close()

    def _check(self, *, has_frame: bool) -> None:
        failure = self._body.failure
        if isinstance(failure, CameraError):
            raise failure
        if not has_frame and failure is not None:
            raise CameraError(
                "{source} has stopped after {count} frames, before the video's end; check the network",
                source=self.source,
                count=self._index,
            )


def open_network(address: str, started_at_s: float) -> LiveSource | HttpVideo:
    """Open the source at an http, https, rtsp, rtsps, rtmp or udp address. CameraError says why it cannot be opened."""
    parsed = parse_address(address)
    if parsed.scheme in ("http", "https"):
        return _open_http(parsed, started_at_s)
    relay = RtspRelay(parsed, SILENCE_TIMEOUT_S) if parsed.scheme in ("rtsp", "rtsps") else None
    # FFmpeg knows schemes in small letters only.
    url = f"{parsed.scheme}://{address.partition('://')[2].strip()}" if relay is None else relay.url
    started_waiting_s = time.monotonic()
    try:
        media = MediaReader.open_stream(url, _ACCESS[parsed.scheme.removesuffix("s")], timeout_s=SILENCE_TIMEOUT_S)
    except MediaError as error:
        waited_s = time.monotonic() - started_waiting_s
        if relay is not None:
            relay.close()
        raise (relay and relay.failure) or _stream_error(parsed, error.fault, waited_s) from None
    return NetworkStream(StreamReader(media, relay=relay), parsed.redacted, started_at_s)


def _open_http(parsed: Address, started_at_s: float) -> LiveSource | HttpVideo:
    """Open what an HTTP server delivers, recognized by its type and first bytes, because many cameras state a wrong type."""
    body = HttpBody(parsed, time.monotonic() + SILENCE_TIMEOUT_S)
    kind, head = body.content_type, body.head.lstrip()
    if kind.startswith("multipart/") or head.startswith(b"--"):
        # FFmpeg would stamp its images late, because it reads ahead and hides images that it could not decode.
        return LiveSource(MjpegReader(body), parsed.redacted, "", started_at_s)
    if kind.startswith("image/") or (head.startswith(_START_MARKER) and not kind.startswith("video/")):
        return LiveSource(SnapshotReader(parsed, body), parsed.redacted, "", started_at_s)
    is_playlist = head.startswith(_PLAYLIST_MARK)
    media = _open_body(parsed, body, is_live=is_playlist or body.length is None)
    if media.duration_ms is not None or (body.length is not None and not is_playlist):
        return HttpVideo(media, parsed.redacted, body)
    try:
        return NetworkStream(StreamReader(media, body, is_playlist=is_playlist), parsed.redacted, started_at_s)
    except _RecordingError:
        media.close()
        body.close()
        body = HttpBody(parsed, time.monotonic() + SILENCE_TIMEOUT_S)
        return HttpVideo(_open_body(parsed, body, is_live=False), parsed.redacted, body)


def _open_body(parsed: Address, body: HttpBody, *, is_live: bool) -> MediaReader:
    is_playlist = body.head.lstrip().startswith(_PLAYLIST_MARK)
    access = replace(_PLAYLIST, open_named=body.open_named) if is_playlist else _VIDEO
    body.extend(time.monotonic() + 2 * SILENCE_TIMEOUT_S)
    timeout_s = _SEGMENT_TIMEOUT_S if is_playlist else SILENCE_TIMEOUT_S
    try:
        media = MediaReader.open_stream(body, access, timeout_s=timeout_s, is_live=is_live)
        if not isinstance(body.failure, CameraError):
            return media
        media.close()
        body.close()
        raise body.failure
    except MediaError:
        body.close()
        if isinstance(body.failure, CameraError):
            raise body.failure from None
        if isinstance(body.failure, TimeoutError):
            raise CameraError(
                "{address} delivers no video within {seconds:g} s; check the network",
                address=parsed.redacted,
                seconds=SILENCE_TIMEOUT_S,
            ) from None
        raise CameraError("{address} delivers no decodable video; check the address", address=parsed.redacted) from None


def _stream_error(address: Address, fault: MediaFault, waited_s: float) -> CameraError:
    """Return the error that explains why a stream did not open; AccessDeniedError for missing or wrong credentials."""
    if fault in _STATUS:
        return error_for_status(address, _STATUS[fault])
    name = address.redacted
    if fault is MediaFault.TIMEOUT or waited_s > SILENCE_TIMEOUT_S:
        return CameraError(
            "{address} does not answer within {seconds:g} s; check the address and the network",
            address=name,
            seconds=SILENCE_TIMEOUT_S,
        )
    if fault in _ADVICE:
        return CameraError(TranslatableText(_ADVICE[fault], address=name))
    try:
        # FFmpeg reports a name that cannot be resolved like any other failed connection.
        connect(address.host, address.port, time.monotonic() + _DIAGNOSIS_TIMEOUT_S).close()
    except OSError as error:
        return CameraError("{address} cannot be opened: {reason}", address=name, reason=diagnose_host(error))
    return CameraError("{address} cannot be opened: its answer is not a video; check the address", address=name)
