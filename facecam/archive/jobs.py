"""Jobs of the processes that recognize an archive: reading a video's index, recognizing a part, and joining the parts.

A job and its result are JSON. The same job has the same result in any process.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from facecam.archive.join import JoinedLog
from facecam.archive.part import PartRows, SourcePart, open_video, recognize_part
from facecam.capture.files import VideoFile
from facecam.capture.key_frames import WHOLE, VideoPart, cut_video
from facecam.capture.source import Segment
from facecam.errors import CameraError, FacecamError, GalleryError
from facecam.fileio import PART_PREFIX, atomic_path, create_private, open_regular
from facecam.logbook.export import write_parquet_log
from facecam.logbook.schema import HEADER, RowOrigin, SessionInfo
from facecam.recognizer import Recognizer
from facecam.session.record import nominal_interval_ms
from facecam.settings import Mode, Settings
from facecam.types import FrameCounts, SourceTime, TimeOrigin

_CHUNK_BYTES = 1 << 20

_OVERLAP_FRAMES = 60
"""More than the sightings on which a track is decided."""


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """Facts about a video before it is recognized.

    Attributes:
        sha256: SHA-256 of the file.
        size_bytes, changed_ns: Size and time of the last change, by which a later change is noticed.
        time: UTC time of its first frame.
        length_ms: Its length, 0 when unknown.
        fps, size_wh: Nominal frame rate and size of the first frame.
        parts: Its parts.
    """

    sha256: str
    size_bytes: int
    changed_ns: int
    time: SourceTime
    length_ms: float
    fps: float | None
    size_wh: tuple[int, int] | None
    parts: tuple[VideoPart, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON."""
        return asdict(self) | {"time": [self.time.zero_utc.isoformat(), self.time.origin.value]}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> VideoIndex:
        """Return the values of JSON."""
        zero_utc, origin = content["time"]
        values = {
            "time": SourceTime(datetime.fromisoformat(zero_utc).astimezone(UTC), TimeOrigin(origin)),
            "parts": tuple(VideoPart(**part) for part in content["parts"]),
            "size_wh": content["size_wh"] and tuple(content["size_wh"]),
        }
        return cls(**{**content, **values})


@dataclass(frozen=True, slots=True)
class Cuts:
    """Parts of a video: their length, the least time before each from which it is read, and which frames are used."""

    part_ms: float
    overlap_ms: float
    every: int

    def overlap_of(self, fps: float | None) -> float:
        """Return the time before a part from which it is read, in which a track has all sightings that its decision needs."""
        return max(self.overlap_ms, _OVERLAP_FRAMES * nominal_interval_ms(fps, Segment(self.every)))


def index_video(path: Path, cuts: Cuts) -> VideoIndex:
    """Read the index of a video. CameraError when it cannot be read or decoded."""
    try:
        with open_video(path) as source:
            assert source.time is not None
            length_ms = (source.length_ms or 0.0) if isinstance(source, VideoFile) else 0.0
            facts = source.time, length_ms, source.fps, source.size_wh
            is_cut = isinstance(source, VideoFile)
        parts = cut_video(path, cuts.part_ms, cuts.overlap_of(facts[2])) if is_cut else (WHOLE,)
        digest = hashlib.sha256()
        with open_regular(path) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        found = path.stat()
    except OSError as error:
        raise CameraError("{path} cannot be read: {error}; check its permissions", path=path, error=error) from error
    return VideoIndex(digest.hexdigest(), found.st_size, found.st_mtime_ns, *facts, parts)


@dataclass(frozen=True, slots=True)
class VideoSession:
    """Session of one video: what its rows share. `details` is the content of its JSON that is known before."""

    path: Path
    index: VideoIndex
    every: int
    info: SessionInfo

    def to_json(self) -> dict[str, Any]:
        """Return the values as JSON; the details of `info` are left out."""
        info = asdict(self.info) | {"started_at_utc": self.info.started_at_utc.isoformat(), "details": {}}
        return {"path": str(self.path), "index": self.index.to_json(), "every": self.every, "info": info}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> VideoSession:
        """Return the values of JSON."""
        info = content["info"]
        started_at_utc = datetime.fromisoformat(info["started_at_utc"])
        return cls(
            Path(content["path"]),
            VideoIndex.from_json(content["index"]),
            content["every"],
            SessionInfo(**{**info, "started_at_utc": started_at_utc}),
        )


class Archivist:
    """Executes jobs in one process. The recognizer is opened with the first part.

    Args:
        settings: Settings of the recognizer.
        gallery_dir: Folder of the enrolled people.
        revision: State of the gallery that every process must have.
    """

    def __init__(self, settings: Settings, gallery_dir: Path, revision: str) -> None:
        self._settings = settings
        self._gallery_dir = gallery_dir
        self._revision = revision
        self._recognizer: Recognizer | None = None

    def recognize(self, session: VideoSession, part: VideoPart, target: Path, report_ms: Callable[[float], None]) -> None:
        """Recognize a part and write its rows. Errors as `recognize_part`, and GalleryError when the gallery has changed."""
        _check_unchanged(session)
        recognizer = self._open_recognizer()
        source = SourcePart(session.path, part, session.every)
        pieces = recognize_part(source, recognizer, session.info, report_ms)
        with atomic_path(target, private=True) as path, path.open("wb") as file:
            for piece in pieces:
                file.write(json.dumps(piece.to_json()).encode() + b"\n")

    def _open_recognizer(self) -> Recognizer:
        if self._recognizer is None:
            recognizer = Recognizer(self._settings, self._gallery_dir)
            if recognizer.gallery.revision != self._revision:
                recognizer.close()
                raise GalleryError("the gallery {folder} has changed meanwhile; run the command again", folder=self._gallery_dir)
            self._recognizer = recognizer
        return self._recognizer

    def join(self, session: VideoSession, parts: Sequence[Path], target: Path, details: Mapping[str, Any]) -> None:
        """Write the table of a video from the files of its parts.

        Raises:
            CameraError: The video has changed since its index was read.
            OutputError: The table cannot be written.
        """
        _check_unchanged(session)
        log = JoinedLog(
            session.info,
            RowOrigin(str(session.path), "", Mode.FACES, session.index.time),
            leave_after_ms=self._settings.track.leave_after_ms,
            nominal_interval_ms=nominal_interval_ms(session.index.fps, Segment(session.every)),
        )
        count, scratch = 0, parts[0].parent / f"{PART_PREFIX}rows"
        with create_new(scratch) as file:
            file.write(HEADER.encode())
            for line in log.lines(chain.from_iterable(map(read_part_file, parts))):
                file.write(line.encode("utf-8", "backslashreplace"))
                count += 1
        ended_at_utc = datetime.now(UTC)
        own = {
            "ended_at_utc": ended_at_utc.isoformat(timespec="milliseconds"),
            "duration_s": round((ended_at_utc - session.info.started_at_utc).total_seconds(), 3),
            "rows": count,
            "sources": [_source_record(session, log.frame_counts)],
        }
        write_parquet_log(scratch, target, {**details, **own})


def create_new(path: Path) -> BinaryIO:
    """Create a file of facecam's own, which others cannot read, in place of what a killed process has left there."""
    path.unlink(missing_ok=True)
    return create_private(path)


def _source_record(session: VideoSession, counts: FrameCounts) -> dict[str, object]:
    """Return what the session's JSON says about the video."""
    index = session.index
    return {
        "source": str(session.path),
        "camera_id": "",
        "live": False,
        "size_wh": index.size_wh,
        "fps": index.fps,
        "started_at_utc": index.time.zero_utc.isoformat(timespec="milliseconds"),
        "time_origin": index.time.origin.value,
        "every": session.every,
        "from_ms": 0.0,
        "to_ms": None,
        "sha256": index.sha256,
        "size_bytes": index.size_bytes,
        "frames": asdict(counts),
    }


def _check_unchanged(session: VideoSession) -> None:
    try:
        found = session.path.stat()
    except OSError as error:
        raise CameraError("{path} cannot be read: {error}; check its permissions", path=session.path, error=error) from error
    if (found.st_size, found.st_mtime_ns) != (session.index.size_bytes, session.index.changed_ns):
        raise CameraError("{path} has changed while it was processed; run the command again", path=session.path)


def read_part_file(path: Path) -> Iterator[PartRows]:
    """Yield the rows of a part in pieces. FacecamError when its file is damaged."""
    try:
        with open_regular(path) as file:
            for line in file:
                yield PartRows.from_json(json.loads(line))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FacecamError("{path} is damaged: {error}; delete it and run the command again", path=path, error=error) from error
