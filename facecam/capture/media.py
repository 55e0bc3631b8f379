"""Video decoding with PyAV: upright BGR frames with their own times, from files and network streams.

FFmpeg recognizes a format by content, and some formats are lists of other files or addresses. Files and streams are therefore
opened with allow-lists of demuxers and protocols: a local file opens nothing but itself.
"""

from __future__ import annotations

import logging
import math
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

import av
import av.error
import cv2
import numpy as np
from av.codec.context import ThreadType
from av.sidedata.sidedata import Type as SideDataType
from av.stream import Disposition
from av.video.reformatter import VideoReformatter

from facecam.capture.recording_time import header_time
from facecam.capture.video import Closing, FrameTime
from facecam.errors import FacecamError
from facecam.imageio import MAX_SIDE_PX
from facecam.types import Image

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_log = logging.getLogger(__name__)

CONTAINERS = (
    *("mov", "matroska", "avi", "mpegts", "mpeg", "mpegvideo", "flv", "live_flv", "asf", "ogg", "mxf", "nut", "ivf", "gxf"),
    *("gif", "apng", "h264", "hevc", "m4v", "h263", "av1", "obu", "vc1", "mjpeg", "mpjpeg", "yuv4mpegpipe"),
    *("dv", "rm", "wtv", "dhav", "nsv"),
)
"""Demuxers of video. None of them opens other files, as playlists do."""

_AUDIO = ("mp3", "wav", "flac", "aac", "aiff", "w64", "ac3")

MAX_PIXELS = 36_000_000
"""Largest image that is decoded, a little above 8K."""

FPS_RANGE = (0.1, 300.0)
"""Plausible frame rates. Browsers write 1000 into a WebM, where it only states the unit of its time stamps."""

_MAX_READ_FAILURES = 200
"""Failures in a row after which a damaged file counts as ended. A demuxer may report one for each damaged block."""

_MAX_THREADS = 4
"""Each holds a few frames in memory, which are lost when the last packets are damaged. Recognition takes longer than decoding."""

_MAX_PIXEL_ASPECT = 4
_SAME_PIXEL_ASPECT = 0.01
_FIXED_POINT = 1 << 16
_TURNS = (None, cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)
_GENERATE_STAMPS = 0x0001  # AVFMT_FLAG_GENPTS


class ReadableFile(Protocol):
    """File object that FFmpeg reads. Seeking is used only if `seekable` allows it."""

    def read(self, size: int, /) -> bytes: ...

    def seekable(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class MediaAccess:
    """Demuxers and protocols that FFmpeg may use for a kind of source.

    Attributes:
        demuxers: Formats that it may recognize.
        protocols: Protocols that it may use, including those beneath others.
        options: Options for demuxer and protocol, such as `rtsp_transport`.
        open_named: Opens the files that a playlist names, instead of a protocol.
    """

    demuxers: tuple[str, ...]
    protocols: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    open_named: Callable[[str, int, dict[str, str]], ReadableFile] | None = None


FILE_ACCESS = MediaAccess((*CONTAINERS, *_AUDIO), ("file",))
"""For a local file, which opens nothing but itself. Audio is opened to say that it holds no video."""


class MediaFault(StrEnum):
    """Reason why media cannot be opened, or ended early."""

    TIMEOUT = "timeout"
    ACCESS_DENIED = "access_denied"
    NOT_FOUND = "not_found"
    UNREACHABLE = "unreachable"
    HTTP = "http"
    NOT_MEDIA = "not_media"
    NOT_ALLOWED = "not_allowed"
    NO_VIDEO = "no_video"
    NO_DECODER = "no_decoder"
    DAMAGED = "damaged"


class MediaError(FacecamError):
    """Media that cannot be opened. The text never contains its address, which may hold a password."""

    def __init__(self, fault: MediaFault, detail: str = "") -> None:
        super().__init__(detail or fault.value)
        self.fault = fault


class MediaReader(Closing):
    """Decoder of the main video stream of a file or address.

    A damaged packet costs its own frames: it is counted and the next one is decoded. Frames are turned upright, mirrored and
    stretched as the stream says, each in its own size.

    Attributes:
        fps: Nominal frame rate; None when unknown or implausible.
        frame_count: Number of frames that the container states; None when it states none.
        duration_ms: Duration of the video that the container states, None when it states none.
        time: Creation time in the container's header, None without one.
        damaged_packets: Number of packets so far that could not be decoded, or only in part.
        fault: Reason why the last `grab` returned None; None after an orderly end.
        waited_s: Time that the last `grab` waited for data.
    """

    def __init__(self, container: InputContainer, *, is_live: bool = False, threads: int | None = None) -> None:
        """Take over an opened container. Of a live one no frame is held back by decoding several at once.

        `threads` is the number of threads that decode, None for one per core.
        """
        self._container: InputContainer | None = container
        # PyAV asks the demuxer to invent missing time stamps; for AVI with B-frames it invents wrong ones.
        container.flags &= ~_GENERATE_STAMPS
        stream = _video_stream(container)
        self._stream: VideoStream | None = stream
        # Frame threads hold back one frame each. PyAV's default, slices, leaves all but one core idle for most files.
        stream.thread_type = ThreadType.SLICE if is_live else ThreadType.AUTO
        stream.thread_count = threads or min(_MAX_THREADS, os.cpu_count() or 1)
        stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        self.fps = _plausible_rate(stream, is_live=is_live)
        self.frame_count = _frame_count(container, stream)
        self.duration_ms = _duration_ms(container, stream)
        self.time = header_time({**stream.metadata, **container.metadata})
        self.damaged_packets = 0
        self.fault: MediaFault | None = None
        self._reformatter: VideoReformatter | None = VideoReformatter()
        self._orientation = _Orientation()
        self.waited_s = 0.0
        # All packets of a live one, so that audio alone cannot keep a grab waiting.
        self._demuxed = container.streams.get() if is_live else [stream]
        self._packets: Iterator[Packet[Any]] | None = container.demux(self._demuxed)
        self._decoded: list[VideoFrame] = []
        self._frame: VideoFrame | None = None

    @classmethod
    def open_file(cls, path: Path, *, threads: int | None = None) -> Self:
        """Open a local file, decoded by so many threads. MediaError when it cannot be opened or has no video stream."""
        # The prefix keeps FFmpeg from reading "cam1:front.mp4" as an address.
        return cls._open(f"file:{path}", FILE_ACCESS, None, is_live=False, threads=threads)

    @classmethod
    def open_stream(cls, source: str | ReadableFile, access: MediaAccess, *, timeout_s: float, is_live: bool = True) -> Self:
        """Open an address, or a file object that receives a stream.

        Args:
            source: Address with its credentials, or the file object.
            access: Demuxers, protocols and options for this kind of stream.
            timeout_s: Longest time for connecting, for recognizing the stream and for each packet of an address.
            is_live: Whether frames must not be held back, and the rate may remain unknown.

        Raises:
            MediaError: It cannot be opened or has no video stream.
        """
        return cls._open(source, access, timeout_s, is_live=is_live)

    @classmethod
    def _open(
        cls,
        source: str | ReadableFile,
        access: MediaAccess,
        timeout_s: float | None,
        *,
        is_live: bool,
        threads: int | None = None,
    ) -> Self:
        options = {
            # Without a look at the frame rate, a stream opens 0.3 s after its connection instead of 1 s.
            **({"fpsprobesize": "0"} if is_live else {}),
            **access.options,
            "format_whitelist": ",".join(access.demuxers),
            "protocol_whitelist": ",".join(access.protocols) or "none",
            "max_pixels": str(MAX_PIXELS),
        }
        try:
            container = av.open(
                source, "r", options=options, timeout=timeout_s, metadata_errors="replace", io_open=access.open_named
            )
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise MediaError(fault_of(error)) from None  # FFmpeg's text contains the address.
        try:
            return cls(container, is_live=is_live, threads=threads)
        except BaseException:
            container.close()
            raise

    def grab(self, timeout_s: float = math.inf) -> FrameTime | None:
        """Decode the next frame without converting it; None at the end, whose reason is then in `fault`.

        The medium's time is the frame's time stamp: it may be negative, stand still or jump.

        Args:
            timeout_s: Longest time in which packets may arrive without completing a frame.
        """
        until_s, self.waited_s = time.monotonic() + timeout_s, 0.0
        while not self._decoded:
            packet = self._next_packet(until_s)
            if packet is not None and time.monotonic() > until_s:
                # An old frame: FFmpeg's parser holds one back until the next begins, or until it is interrupted.
                packet, self._packets, self.fault = None, None, MediaFault.TIMEOUT
            if packet is None:
                self._frame = None
                return None
            if packet.stream is self._stream:  # The empty packets at the end have no stream_index.
                self._decoded = self._decode_packet(packet)
        self._frame = self._decoded.pop(0)
        self.damaged_packets += self._frame.is_corrupt
        return FrameTime(time.monotonic(), _stamp_ms(self._frame))

    def decode(self) -> Image | None:
        """Return the grabbed frame as an upright image (height, width, 3), BGR; None when it cannot be converted."""
        if self._frame is None or self._stream is None or self._reformatter is None:
            return None
        try:
            bgr = _to_bgr(self._frame, self._stream, self._reformatter)
            return np.ascontiguousarray(self._orientation.turned(bgr, self._frame))
        except (av.error.FFmpegError, ValueError, MemoryError) as error:
            self.damaged_packets += 1
            _log.debug("a frame cannot be converted: %s", type(error).__name__)
            return None

    def read(self) -> tuple[Image, FrameTime] | None:
        """Return the next frame that can be decoded; None at the end."""
        while (frame_time := self.grab()) is not None:
            bgr = self.decode()
            if bgr is not None:
                return bgr, frame_time
        return None

    def stamps(self) -> Iterator[tuple[float | None, bool]]:
        """Yield the time stamp of each remaining packet of the video, and whether it is a key frame. Nothing is decoded.

        The time stamp is None for a packet without one, and for one that is damaged or not shown.
        """
        while (packet := self._next_packet(math.inf)) is not None:
            if packet.stream is self._stream and packet.size:
                is_usable = packet.pts is not None and not (packet.is_corrupt or packet.is_discard)
                yield _stamp_ms(packet) if is_usable else None, packet.is_keyframe

    def seek(self, stamp_ms: float) -> bool:
        """Continue at the last key frame before a time stamp; return False and stay where seeking is impossible."""
        if self._container is None or self._stream is None or not self._stream.time_base:
            return False
        try:
            self._container.seek(math.floor(stamp_ms / 1e3 / self._stream.time_base), stream=self._stream)
        except (av.error.FFmpegError, OSError, ValueError, OverflowError):
            return False
        self._packets = self._container.demux(self._demuxed)
        self._decoded, self._frame, self.fault = [], None, None
        return True

    def close(self) -> None:
        # The decoder's threads and memory last as long as its stream.
        self._stream, self._demuxed, self._packets = None, [], None
        self._decoded, self._frame, self._reformatter = [], None, None
        if self._container is not None:
            self._container.close()
            self._container = None

    def _next_packet(self, until_s: float) -> Packet[Any] | None:
        """Return the next packet; None at the end. The last ones are empty and flush the decoder.

        After `until_s` (time.monotonic), a failure is not taken for damage: FFmpeg reports an interrupted RTSP stream like that.
        """
        for _ in range(_MAX_READ_FAILURES):
            if self._packets is None or self._container is None or self._stream is None:
                return None
            began_at_s = time.monotonic()
            try:
                packet = next(self._packets, None)
            except IndexError:
                # PyAV fails at the end when the demuxer has found another stream meanwhile.
                self._packets, packet = None, av.Packet()
                packet.stream = self._stream
                return packet
            except (av.error.FFmpegError, OSError, ValueError) as error:
                fault = MediaFault.TIMEOUT if time.monotonic() > until_s else fault_of(error)
                if fault is not MediaFault.NOT_MEDIA:
                    self._packets, self.fault = None, fault
                    return None
                self.damaged_packets += 1
                # The generator has ended with its exception; a new one goes on after the damaged place.
                self._packets = self._container.demux(self._demuxed)
                continue
            self.waited_s += time.monotonic() - began_at_s
            if packet is None:
                self._packets = None
            return packet
        self._packets, self.fault = None, MediaFault.DAMAGED
        return None

    def _decode_packet(self, packet: Packet[Any]) -> list[VideoFrame]:
        """Return the frames that a packet completes; none when it is damaged."""
        try:
            return packet.decode()
        except EOFError:
            return []  # The decoder has been flushed already.
        except (av.error.FFmpegError, ValueError, MemoryError):
            self.damaged_packets += 1
            return []


def fault_of(error: BaseException) -> MediaFault:
    """Return the reason of an error of PyAV."""
    for kinds, fault in _FAULTS:
        if isinstance(error, kinds):
            return fault
    return MediaFault.UNREACHABLE if isinstance(error, OSError) else MediaFault.NOT_MEDIA


# In this order: several of PyAV's errors are also OSError or ValueError.
_FAULTS: tuple[tuple[tuple[type[BaseException], ...], MediaFault], ...] = (
    ((av.error.ExitError, TimeoutError), MediaFault.TIMEOUT),
    ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError, PermissionError), MediaFault.ACCESS_DENIED),
    ((av.error.HTTPNotFoundError, FileNotFoundError), MediaFault.NOT_FOUND),
    ((av.error.HTTPError, av.error.HTTPClientError), MediaFault.HTTP),
    ((av.error.InvalidDataError,), MediaFault.NOT_MEDIA),
    # FFmpeg reports a demuxer outside the allow-list as an invalid argument, a protocol outside it as not found.
    ((av.error.ArgumentError, av.error.ProtocolNotFoundError), MediaFault.NOT_ALLOWED),
    ((av.error.DecoderNotFoundError,), MediaFault.NO_DECODER),
)


def _video_stream(container: InputContainer) -> VideoStream:
    """Return the main video stream. A cover image attached to audio or video is not one."""
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    decodable = [stream for stream in streams if stream.codec_context is not None]
    if not streams:
        raise MediaError(MediaFault.NO_VIDEO)
    if not decodable:
        raise MediaError(MediaFault.NO_DECODER)
    best = container.streams.best("video")
    return next((stream for stream in decodable if best is not None and stream.index == best.index), decodable[0])


def _plausible_rate(stream: VideoStream, *, is_live: bool) -> float | None:
    # FFmpeg guesses twice the rate for H.264 if it may not wait for several frames.
    for rate in (stream.average_rate, stream.codec_context.framerate if is_live else stream.guessed_rate):
        if rate is not None and FPS_RANGE[0] <= float(rate) <= FPS_RANGE[1]:
            return float(rate)
    return None


def _frame_count(container: InputContainer, stream: VideoStream) -> int | None:
    """Return the number of frames that the container states, without those that an edit list hides; None when it states none."""
    if not stream.frames:
        return None
    if "avi" in container.format.name and stream.duration is not None and stream.duration < stream.frames:
        return stream.frames  # A truncated AVI has no index, and FFmpeg shortens the duration.
    return sum(not entry.is_discard for entry in stream.index_entries) or stream.frames


def _duration_ms(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the duration of the video in milliseconds; None when the container states none, or only that of its audio."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base) * 1000
    tag = re.fullmatch(r"(\d+):(\d\d):(\d\d\.\d+)", stream.metadata.get("DURATION", ""))  # Matroska
    if tag is not None:
        duration_ms = (int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3])) * 1000
    elif container.duration and len(container.streams) == len(container.streams.video):
        duration_ms = container.duration / 1000
    else:
        return None
    starts_at_ms = float((stream.start_time or 0) * (stream.time_base or 0)) * 1000
    is_from_zero = container.format.name in ("matroska,webm", "flv")  # Their duration is the time of the end.
    return duration_ms - (max(starts_at_ms, 0) if is_from_zero else 0)


def _stamp_ms(frame: VideoFrame | Packet[Any]) -> float | None:
    stamp = frame.dts if frame.pts is None else frame.pts
    unit_s = frame.time_base
    return None if stamp is None or unit_s is None else 1000 * stamp * unit_s.numerator / unit_s.denominator


def _to_bgr(frame: VideoFrame, stream: VideoStream, reformatter: VideoReformatter) -> Image:
    """Return a frame as an image with square pixels."""
    width, height = _square_pixel_size(frame.width, frame.height, stream.sample_aspect_ratio)
    converted = reformatter.reformat(frame, width, height, "bgr24", threads=1)
    bgr = np.asarray(converted.to_ndarray(), np.uint8)
    if converted is frame:
        bgr = bgr.copy()  # The decoder may refer to this memory.
    return bgr


def _square_pixel_size(width: int, height: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """Return the size with square pixels. The side that is too short is enlarged, so that no detail is lost."""
    aspect = float(pixel_aspect) if pixel_aspect else 1.0
    if abs(aspect - 1) >= _SAME_PIXEL_ASPECT and 1 / _MAX_PIXEL_ASPECT <= aspect <= _MAX_PIXEL_ASPECT:
        width, height = (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))
    factor = min(1.0, MAX_SIDE_PX / max(width, height), math.sqrt(MAX_PIXELS / (width * height)))
    return max(1, round(width * factor)), max(1, round(height * factor))


class _Orientation:
    """Turns and mirrors images by the display matrix of their frames.

    The matrix is read once for frames of one rotation and size: PyAV's side data and its frame refer to each other, so that a
    frame whose side data was read stays in memory until the garbage collector runs. At 640x480, that took 130 MB.
    """

    def __init__(self) -> None:
        self._key: tuple[int, int, int] | None = None
        self._is_mirrored = False
        self._turn: int | None = None

    def turned(self, bgr: Image, frame: VideoFrame) -> Image:
        """Return the upright image of a frame."""
        key = (frame.rotation, frame.width, frame.height)
        if key != self._key:
            self._key = key
            self._read(frame)
        if self._is_mirrored:
            bgr = np.asarray(cv2.flip(bgr, 1), np.uint8)
        return bgr if self._turn is None else np.asarray(cv2.rotate(bgr, self._turn), np.uint8)

    def _read(self, frame: VideoFrame) -> None:
        side_data = frame.side_data.get(SideDataType.DISPLAYMATRIX)  # type: ignore[call-overload]
        if side_data is None:
            self._is_mirrored, self._turn = False, None
            return
        a, b, _, c, d = np.frombuffer(bytes(side_data), np.int32)[:5] / _FIXED_POINT
        self._is_mirrored = a * d - b * c < 0
        if self._is_mirrored:
            a, b = -a, -b  # The matrix mirrors before it turns.
        self._turn = _TURNS[round(np.degrees(np.arctan2(b, a)) / 90) % 4]
