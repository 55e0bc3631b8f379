"""Recognition of one part of a video: the rows of its log, and what is needed to join it to the part before."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from facecam.capture.files import AnimatedWebP, VideoFile
from facecam.capture.key_frames import VideoPart, read_part
from facecam.capture.source import Segment, Source, frames
from facecam.errors import FacecamError
from facecam.logbook.schema import RowOrigin, SessionInfo, csv_line, event_row, result_rows
from facecam.recognizer import Recognizer
from facecam.session.recognition_worker import MAX_FAILED_FRAMES
from facecam.session.record import nominal_interval_ms
from facecam.settings import Mode
from facecam.types import Event, EventCode, Frame

_log = logging.getLogger(__name__)

_PIECE_FRAMES = 18_000
"""Frames whose rows are in memory at once: 10 minutes at 30 frames a second."""


@dataclass(frozen=True, slots=True)
class PartRows:
    """Rows of a part, or of a piece of one. A line of the log comes with the number of its frame.

    Attributes:
        frames: Number, time, and whether it shows a face, of each analyzed frame; None for one that could not be analyzed.
        rows: The rows of the part.
        before: The rows of the frames before the part from which it was read.
        continues: It is a further piece of the same part.
    """

    frames: tuple[tuple[int, float, bool | None], ...]
    rows: tuple[tuple[int, str], ...]
    before: tuple[tuple[int, str], ...] = ()
    continues: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the rows as JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Any) -> PartRows:
        """Return the rows of JSON. KeyError, TypeError or ValueError if it is damaged."""
        lists = {name: tuple(map(tuple, content[name])) for name in ("frames", "rows", "before")}
        return cls(**lists, continues=content["continues"])


def open_video(path: Path) -> VideoFile | AnimatedWebP:
    """Open a video, which one thread decodes. CameraError if it cannot be decoded."""
    return AnimatedWebP(path) if path.suffix.lower() == ".webp" else VideoFile(path, threads=1)


@dataclass(frozen=True, slots=True)
class SourcePart:
    """Every N-th frame of a part of a video. The text of `path` is the source in the rows."""

    path: Path
    part: VideoPart
    every: int = 1


def recognize_part(
    source_part: SourcePart, recognizer: Recognizer, session: SessionInfo, report_ms: Callable[[float], None]
) -> Iterator[PartRows]:
    """Recognize a part of a video, as a session of `facecam run` does with every frame of a file; yield its rows in pieces.

    Args:
        source_part: The part.
        recognizer: Recognizer without a source.
        session: Description of the session to which the rows belong.
        report_ms: Called with the time of each frame of the part.

    Raises:
        CameraError: The video cannot be opened or read.
        FacecamError: Several frames in a row could not be recognized.
        PartError: The video cannot be read in parts.
    """
    part = source_part.part
    with open_video(source_part.path) as source:
        recorder = _Recorder(recognizer, source, session, source_part.every)
        try:
            for frame in _frames_of(source, part, source_part.every):
                recorder.add(frame, is_before=frame.index < part.first_index)
                if frame.index >= part.first_index:
                    report_ms(frame.t_ms)
                if recorder.count == _PIECE_FRAMES:
                    yield recorder.take()
        finally:
            recognizer.finish(recorder.last_ms)
        yield recorder.take()


def _frames_of(source: VideoFile | AnimatedWebP, part: VideoPart, every: int) -> Iterator[Frame]:
    if isinstance(source, VideoFile):
        return read_part(source, part, every)
    return (frame for frame in frames(source) if frame.index % every == 0)


class _Recorder:
    """Recognizes frames and keeps their rows, like the recognition worker of a session."""

    def __init__(self, recognizer: Recognizer, source: Source, session: SessionInfo, every: int) -> None:
        self._recognizer = recognizer
        self._source = source
        self._session = session
        is_single = source.frame_count == 1
        self._interval_ms = math.inf if is_single else nominal_interval_ms(source.fps, Segment(every))
        self._failed = 0
        self._frames: list[tuple[int, float, bool | None]] = []
        self._rows: list[tuple[int, str]] = []
        self._before: list[tuple[int, str]] = []
        self._continues = False
        self.last_ms = 0.0

    def add(self, frame: Frame, *, is_before: bool) -> None:
        """Recognize a frame. One that fails is logged and skipped, unless several in a row fail."""
        self.last_ms = frame.t_ms
        try:
            result = self._recognizer(frame, expected_interval_ms=self._interval_ms)
            table = result_rows(result, self._session, 0, self._source.time)
            has_faces: bool | None = bool(result.sightings)
            self._failed = 0
        except Exception as error:
            self._failed += 1
            _log.debug("frame %d of %s failed", frame.index, self._source.source, exc_info=True)
            if self._failed == MAX_FAILED_FRAMES:
                raise FacecamError(
                    "{count} frames in a row could not be recognized; the last error was: {error}",
                    count=MAX_FAILED_FRAMES,
                    error=error,
                ) from error
            event = Event("error", f"frame {frame.index}: {error}", code=EventCode.FRAME_FAILED)
            origin = RowOrigin(self._source.source, "", Mode.FACES, self._source.time)
            table, has_faces = [event_row(event, self._session, frame.t_ms, origin)], None
        self._keep(frame, table, has_faces, is_before=is_before)

    def _keep(self, frame: Frame, table: Sequence[Sequence[str]], has_faces: bool | None, *, is_before: bool) -> None:
        (self._before if is_before else self._rows).extend((frame.index, csv_line(row)) for row in table)
        if not is_before:
            self._frames.append((frame.index, frame.t_ms, has_faces))

    @property
    def count(self) -> int:
        """Number of frames of the part since the last call of `take`."""
        return len(self._frames)

    def take(self) -> PartRows:
        """Return the rows since the last call, and forget them."""
        found = PartRows(tuple(self._frames), tuple(self._rows), tuple(self._before), self._continues)
        self._continues = True
        for kept in (self._frames, self._rows, self._before):
            kept.clear()
        return found
