"""Recognition of an archive: what is done already, which jobs are left, and what became of each video."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import platform
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from facecam import __version__
from facecam.archive.jobs import VideoIndex, VideoSession
from facecam.archive.pool import Job, ProcessPool
from facecam.capture.key_frames import WHOLE, VideoPart
from facecam.errors import FacecamError, GalleryError, OutputError
from facecam.fileio import PART_PREFIX, create_private_folder
from facecam.gallery.folder_lock import folder_lock
from facecam.gallery.gallery import Gallery, analysis_conditions, folder_fingerprint
from facecam.logbook.dictionary import write_dictionary
from facecam.logbook.parquet_logs import PARQUET_LOG, SUFFIX, parquet_details
from facecam.logbook.schema import SCHEMA_VERSION, SessionInfo
from facecam.messages import TranslatableText
from facecam.session.config import describe_session
from facecam.session.record import RecordHashes, library_versions
from facecam.settings import Mode, Settings

PART_MINUTES = 10.0
"""Length of the parts of a long video, about."""

_OVERLAP_MS = 10_000.0
"""Time before a part from which it is read, besides that in which a track may return."""

_MAX_LEAVE_MS = 60_000.0

_RULES = 1
"""Version of the rules by which videos are cut and joined. With another one, videos are processed again."""

PARTS_FOLDER = f"{PART_PREFIX}process"
"""Folder of the finished parts of unfinished videos, in the folder of the tables."""

_LOCK_S = 1.0
_HASHES_S = 600.0
_MAX_NAME_BYTES = 150
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f]')


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """Options of the recognition of an archive.

    Attributes:
        settings: Settings of the recognizers; their numbers of threads do not matter.
        gallery_dir: Folder of the enrolled people.
        target: Folder of the tables.
        every: Only every N-th frame is used.
        part_minutes: Length of the parts of a long video, about.
        workers: Number of processes.
    """

    settings: Settings
    gallery_dir: Path
    target: Path
    every: int = 1
    part_minutes: float = PART_MINUTES
    workers: int = 1

    @property
    def part_ms(self) -> float:
        """Length of a part in milliseconds."""
        return self.part_minutes * 60_000

    @property
    def overlap_ms(self) -> float:
        """Time before a part from which it is read, so that its tracker has settled at its beginning."""
        return _OVERLAP_MS + min(self.settings.track.leave_after_ms, _MAX_LEAVE_MS)


def settings_sha256(options: ArchiveOptions, gallery: Gallery, info: SessionInfo) -> str:
    """Return the SHA-256 of everything but the video on which its table depends: settings, gallery, networks and rules."""
    tree = options.settings.to_dict()
    sections = {name: tree[name] for name in ("detect", "gate", "identify", "follow", "track", "express")}
    for name in ("detect", "identify"):
        del sections[name]["threads"]
    values = [
        _RULES,
        SCHEMA_VERSION,
        sections,
        gallery.revision,
        info.details["networks"],
        options.every,
        options.part_ms,
        options.overlap_ms,
    ]
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


class VideoState:
    """A video while it is processed.

    Attributes:
        path: The video.
        index: Its index, None until it is read.
        done_ms: Time of the video that is recognized, by part.
        table: Its table, None until it is complete.
        was_done: The table was there before.
        error: The error that it has failed with.
        warnings: What was noticed about the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index: VideoIndex | None = None
        self.parts: tuple[VideoPart, ...] = ()
        self.done_ms: dict[int, float] = {}
        self.finished: set[int] = set()
        self.table: Path | None = None
        self.was_done = False
        self.error: TranslatableText | None = None
        self.warnings: list[str] = []

    @property
    def is_over(self) -> bool:
        """True if nothing is left to do."""
        return self.table is not None or self.error is not None

    def fail(self, error: TranslatableText) -> None:
        """Give the video up."""
        self.error = self.error or error


@dataclass(eq=False)
class Archive:
    """Recognizes videos into a folder of tables.

    Results of jobs are handled in threads of the pool, one at a time.

    Args:
        options: How it is done.
        gallery: The gallery, as the recognizers read it.
        videos: The videos.
    """

    options: ArchiveOptions
    gallery: Gallery
    videos: list[VideoState]
    over: deque[VideoState] = field(default_factory=deque)
    """Videos that are over and not reported yet."""

    def __post_init__(self) -> None:
        self._info = describe_session(self.options.settings, Mode.FACES, [""], self.gallery.revision)
        self._sha256 = settings_sha256(self.options, self.gallery, self._info)
        self._details = self._common_details()
        self._tables: dict[str, Path] = {}
        self._outdated: dict[str, list[Path]] = {}
        self._session_ids: set[str] = set()
        self._claimed: dict[str, VideoState] = {}
        self._fingerprint = folder_fingerprint(self.options.gallery_dir)

    def run(self, poll: Callable[[], None]) -> None:
        """Process the videos; `poll` is called in this thread meanwhile.

        An error of one video is kept in its state. An exception, such as a KeyboardInterrupt in `poll`, ends the processes; the
        tables that are complete and the finished parts stay.

        Raises:
            GalleryError, ModelError: The gallery has changed meanwhile, or a network cannot be opened.
            OutputError: The folder cannot be written, or another process is writing to it.
        """
        options = self.options
        with _locked(options.target / PARTS_FOLDER) as folder:
            self._find_tables()
            for other in folder.iterdir():  # parts of other settings, which nothing will finish
                if other.is_dir() and not other.name.endswith(self._sha256[:16]):
                    shutil.rmtree(other, ignore_errors=True)
            with ProcessPool(options.workers, options.settings, options.gallery_dir, self.gallery.revision) as pool:
                self._pool = pool
                for video in self.videos:
                    message = {
                        "kind": "index",
                        "path": str(video.path),
                        "part_ms": options.part_ms,
                        "overlap_ms": options.overlap_ms,
                        "every": options.every,
                    }
                    pool.add(Job(message, partial(self._on_index, video)))
                pool.run(poll)
            if all(video.table is not None for video in self.videos) and not any(map(Path.is_dir, folder.iterdir())):
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def progress(self) -> tuple[float, float]:
        """Milliseconds of video that are recognized, and those of all videos; of those not read yet, estimated by their size."""
        known = [(video, video.index) for video in self.videos if video.index is not None and not video.was_done]
        total_ms = sum(index.length_ms for _, index in known)
        size_bytes = sum(index.size_bytes for _, index in known)
        unknown = [video.path for video in self.videos if video.index is None and video.error is None]
        per_byte = total_ms / size_bytes if size_bytes else 0.0
        left_ms = per_byte * sum(path.stat().st_size for path in unknown if path.is_file())
        done_ms = sum(index.length_ms if video.is_over else sum(tuple(video.done_ms.values())) for video, index in known)
        return done_ms, total_ms + left_ms

    def _common_details(self) -> dict[str, Any]:
        info = self._info
        hashes = RecordHashes(self.gallery, analysis_conditions(self.options.settings), [])
        hashes.start()
        hashes.finish(_HASHES_S, lambda: False)
        return {
            "schema_version": SCHEMA_VERSION,
            "rows_lost": 0,
            "labels": {},
            "app_version": __version__,
            "embed_model": info.embed_model,
            "expression_model": info.expression_model,
            "os": platform.platform(),
            "machine": platform.node(),
            **info.details,
            "people": hashes.people,
            "taught": hashes.taught,
            "versions": library_versions(),
            "recordings": [],
            "options": {"every": self.options.every, "part_minutes": self.options.part_minutes},
            "settings_sha256": self._sha256,
        }

    def _find_tables(self) -> None:
        """Find the tables in the folder: those of these settings by the hash of their video."""
        for path in sorted(self.options.target.glob(f"*{SUFFIX}")):
            if PARQUET_LOG.fullmatch(path.name):
                details = parquet_details(path)
                self._session_ids.add(str(details.get("session_id")))
                video = details.get("video_sha256")
                if details.get("settings_sha256") == self._sha256 and isinstance(video, str):
                    self._tables[video] = path
                elif isinstance(video, str):
                    self._outdated.setdefault(video, []).append(path)

    def _on_index(self, video: VideoState, result: Mapping[str, Any] | None) -> None:
        if self._has_failed(video, result):
            return
        assert result is not None
        video.index = VideoIndex.from_json(result["index"])
        video.warnings += result["warnings"]
        digest = video.index.sha256
        if (table := self._tables.get(digest)) is not None:
            video.table, video.was_done = table, True
            self.over.append(video)
        elif (first := self._claimed.setdefault(digest, video)) is not video:
            text = "{path} is a copy of {first}; the table of that one counts for both"
            video.fail(TranslatableText(text, path=video.path, first=first.path))
            self.over.append(video)
        else:
            self._add_parts(video, video.index.parts)

    def _has_failed(self, video: VideoState, result: Mapping[str, Any] | None) -> bool:
        """Return whether a job has failed, or its video has before. An error that other videos would have is raised."""
        if video.is_over:
            return True
        if result is None:
            video.fail(
                TranslatableText(
                    "{path} was given up because the process that read it ended twice; convert it to .mp4", path=video.path
                )
            )
        elif "error" in result:
            text = TranslatableText.from_json(result["error"])
            if not result["is_of_file"]:
                raise FacecamError(text)
            video.fail(text)
        elif folder_fingerprint(self.options.gallery_dir) != self._fingerprint:
            # A person who was removed or forgotten must not get into further tables.
            raise GalleryError(
                "the gallery {folder} has changed meanwhile; run the command again", folder=self.options.gallery_dir
            )
        else:
            return False
        self.over.append(video)
        return True

    def _session(self, video: VideoState) -> VideoSession:
        """Return the session of a video. Its id depends on the video and the settings alone, as far as no other has the same."""
        assert video.index is not None
        index, number = video.index, 0
        while True:
            digest = hashlib.sha256(f"{index.sha256} {self._sha256} {number}".encode()).hexdigest()
            session_id = f"{index.time.zero_utc:%Y%m%dT%H%M%SZ}-{digest[:4]}"
            if session_id not in self._session_ids:
                break
            number += 1
        self._session_ids.add(session_id)
        info = dataclasses.replace(self._info, session_id=session_id, started_at_utc=datetime.now(UTC), details={})
        return VideoSession(video.path, index, self.options.every, info)

    def _folder(self, video: VideoState, parts: Sequence[VideoPart]) -> Path:
        assert video.index is not None
        # Rows have the path and the times of the video, which a copy of it may have others of.
        values = [video.index.sha256, video.index.time.zero_utc.isoformat(), str(video.path), len(parts)]
        digest = hashlib.sha256(json.dumps(values).encode()).hexdigest()
        return self.options.target / PARTS_FOLDER / f"{digest[:16]}-{self._sha256[:16]}"

    def _add_parts(self, video: VideoState, parts: tuple[VideoPart, ...]) -> None:
        """Add the jobs of the parts that are not finished; without any, join them."""
        session, folder = self._session(video), self._folder(video, parts)
        create_private_folder(folder)
        video.parts, video.finished, video.done_ms = parts, set(), {}
        jobs = []
        for number, part in enumerate(parts):
            target = _part_path(folder, number)
            if target.is_file():
                video.finished.add(number)
                video.done_ms[number] = self._length_ms(video, number)
                continue
            message = {"kind": "part", "session": session.to_json(), "part": dataclasses.asdict(part), "target": str(target)}
            on_result = partial(self._on_part, video, session, parts, number)
            jobs.append(Job(message, on_result, partial(self._on_progress, video, number)))
        for job in reversed(jobs):
            self._pool.add(job, is_next=True)
        if not jobs:
            self._join(video, session)

    def _length_ms(self, video: VideoState, number: int) -> float:
        """Return the length of a part."""
        assert video.index is not None
        part = video.parts[number]
        begin_ms = self._begin_ms(video, number)
        return max(0.0, (video.index.length_ms if part.last_ms is None else part.last_ms) - begin_ms)

    @staticmethod
    def _begin_ms(video: VideoState, number: int) -> float:
        return (video.parts[number - 1].last_ms or 0.0) if number else 0.0

    def _on_progress(self, video: VideoState, number: int, t_ms: float) -> None:
        video.done_ms[number] = max(0.0, t_ms - self._begin_ms(video, number))

    def _on_part(
        self,
        video: VideoState,
        session: VideoSession,
        parts: tuple[VideoPart, ...],
        number: int,
        result: Mapping[str, Any] | None,
    ) -> None:
        if video.parts is not parts or self._has_failed(video, result):
            return  # Meanwhile it is read in one part.
        assert result is not None
        if result.get("is_cut") is False:
            if len(video.parts) > 1:
                shutil.rmtree(self._folder(video, video.parts), ignore_errors=True)
                self._add_parts(video, (WHOLE,))
            return
        video.warnings += result["warnings"]
        video.finished.add(number)
        video.done_ms[number] = self._length_ms(video, number)
        if len(video.finished) == len(video.parts):
            self._join(video, session)

    def _join(self, video: VideoState, session: VideoSession) -> None:
        folder = self._folder(video, video.parts)
        name = f"{session.info.session_id}.{_safe_name(video.path.name)}{SUFFIX}"
        details = {
            "session_id": session.info.session_id,
            "started_at_utc": session.info.started_at_utc.isoformat(timespec="milliseconds"),
            **self._details,
            "source": str(video.path),
            "video_sha256": session.index.sha256,
        }
        target = self.options.target / name
        message = {
            "kind": "join",
            "session": session.to_json(),
            "parts": [str(_part_path(folder, number)) for number in range(len(video.parts))],
            "target": str(target),
            "details": details,
        }
        self._pool.add(Job(message, partial(self._on_joined, video, target)), is_next=True)

    def _on_joined(self, video: VideoState, target: Path, result: Mapping[str, Any] | None) -> None:
        if self._has_failed(video, result):
            return
        assert video.index is not None
        shutil.rmtree(self._folder(video, video.parts), ignore_errors=True)
        for outdated in self._outdated.get(video.index.sha256, []):  # Both would count in a report about the folder.
            outdated.unlink(missing_ok=True)
        video.table = target
        self.over.append(video)


def _part_path(folder: Path, number: int) -> Path:
    """Return the path of the rows of a part. By its prefix, `facecam forget` deletes it as an unfinished file."""
    return folder / f"{PART_PREFIX}{number:04}.json"


def _safe_name(name: str) -> str:
    """Return the name of a video as every file system accepts it."""
    safe = _NOT_IN_NAMES.sub("_", name).encode("utf-8", "replace")[-_MAX_NAME_BYTES:]
    return safe.decode("utf-8", "ignore").lstrip(".") or "video"


@contextmanager
def _locked(folder: Path) -> Iterator[Path]:
    """Create the folder of parts and lock it against other processes. OutputError when that fails."""
    try:
        create_private_folder(folder)
        write_dictionary(folder.parent)
    except OSError as error:
        raise OutputError(
            "{folder} cannot be written: {error}; name another folder", folder=folder.parent, error=error
        ) from error
    try:
        lock = folder_lock(folder, _LOCK_S)
        lock.__enter__()
    except GalleryError as error:
        raise OutputError(
            "another facecam process is writing to {folder}; wait until it has finished, or name another folder",
            folder=folder.parent,
        ) from error
    try:
        yield folder
    finally:
        lock.__exit__(None, None, None)
