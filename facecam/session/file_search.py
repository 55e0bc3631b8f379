"""Search of videos and photos for one person, file after file, without threads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facecam.capture.files import VIDEO_SUFFIXES
from facecam.capture.recording_time import file_time, image_time
from facecam.capture.source import Segment, SegmentSource, Source, frames, open_source
from facecam.enrollment.samples import encode_jpeg, face_crop
from facecam.errors import FacecamError, LogError
from facecam.gallery.gallery import Gallery
from facecam.imageio import IMAGE_SUFFIXES, is_animated, read_image
from facecam.logbook.finding import FoundFaces, found_in_photo, photo_row
from facecam.logbook.lines import read_header
from facecam.logbook.parquet_logs import PARQUET_LOG, SUFFIX, is_parquet
from facecam.logbook.schema import SESSION_ID
from facecam.logbook.sessions import first_part, part_number, read_details, session_id_of, session_parts
from facecam.messages import TranslatableText
from facecam.recognizer import Recognizer
from facecam.session.record import nominal_interval_ms
from facecam.settings import Settings
from facecam.types import Box, Frame, Image, Result, Sighting

THUMBNAIL_PX = 256
"""Longer side of a thumbnail."""

_ANIMATED_SUFFIXES = (".gif", ".png", ".webp", ".avif")

_SAME_SPAN_MS = 5000.0
_LEAST_GAIN_L2 = 0.01
_UNKNOWN_L2 = 9.0
"""Stands for the distance of a face of the person's track that was not compared, or resembles another person more."""


@dataclass(frozen=True, slots=True)
class SearchedFiles:
    """Files to search, in order: those of each log, videos, photos, and what cannot be read, with the reason."""

    logs: tuple[tuple[Path, ...], ...]
    videos: tuple[Path, ...]
    photos: tuple[Path, ...]
    unreadable: tuple[tuple[Path, Exception], ...] = ()

    @property
    def count(self) -> int:
        """Number of logs, videos and photos."""
        return len(self.logs) + len(self.videos) + len(self.photos)


def files_to_search(paths: list[Path], *excluded: Path | None) -> SearchedFiles:
    """Return the logs, videos and photos among files and in folders, also in folders below, each once.

    Other files of a folder, and hidden ones, are left out. A file that is named itself is a log if it ends in .csv, a photo if
    it is an image without an animation, and otherwise a video. Tables of `facecam process` are logs. The folders `excluded` are
    not searched.
    """
    left_out = {path.resolve() for path in excluded if path is not None}
    logs: dict[Path, tuple[Path, ...]] = {}
    videos: dict[Path, Path] = {}
    photos: dict[Path, Path] = {}
    unreadable: list[tuple[Path, Exception]] = []
    for given in paths:
        is_named = not given.is_dir()
        if is_named and not given.exists():
            unreadable.append((given, FacecamError("it does not exist; check the path")))
            continue
        for path in [given] if is_named else _files_below(given, left_out, unreadable):
            suffix = path.suffix.lower()
            if suffix in (".csv", SUFFIX):
                if not (is_named or _is_log(path)):
                    continue
                first = _first_of_log(path)
                logs[first.resolve()] = tuple(session_parts(first)) if first != path or part_number(path) == 1 else (path,)
            elif suffix in IMAGE_SUFFIXES and not (suffix in _ANIMATED_SUFFIXES and is_animated(path)):
                photos[path.resolve()] = path
            elif is_named or suffix in VIDEO_SUFFIXES or suffix in IMAGE_SUFFIXES:
                videos[path.resolve()] = path
    return SearchedFiles(tuple(logs.values()), tuple(videos.values()), tuple(photos.values()), tuple(unreadable))


def videos_with_tables(files: SearchedFiles, gallery: Gallery, network: str, every: int) -> list[Path]:
    """Return the videos of which a table of `facecam process` is among the logs, with this gallery, network and frames."""
    covered = set()
    for log in files.logs:
        details = read_details(log[0]) if is_parquet(log[0]) else {}
        options = details.get("options")
        frames_of = options.get("every") if isinstance(options, dict) else None
        if (details.get("gallery_revision"), details.get("embed_model")) == (gallery.revision, network) and frames_of == every:
            covered.add(Path(str(details.get("source"))).resolve())
    return [path for path in files.videos if path.resolve() in covered]


def _files_below(folder: Path, excluded: Collection[Path], unreadable: list[tuple[Path, Exception]]) -> Iterator[Path]:
    """Yield the files in a folder and those below, in order. Hidden ones, and folders that links lead to, are left out."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        unreadable.append((folder, FacecamError(TranslatableText("it cannot be read: {reason}", reason=error))))
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if not path.is_symlink() and path.resolve() not in excluded:
                yield from _files_below(path, excluded, unreadable)
        elif path.is_file():
            yield path


def _is_log(path: Path) -> bool:
    """Return whether a file in a folder is a log, or a table of `facecam process`; exports in Parquet are not."""
    if is_parquet(path) and not PARQUET_LOG.fullmatch(path.name):
        return False
    try:
        read_header(path)
    except LogError:
        return False
    return True


def _first_of_log(path: Path) -> Path:
    """Return the first part of a log, if it is there, else the file itself."""
    first = first_part(path)
    return first if SESSION_ID.fullmatch(session_id_of(path)) and first.exists() else path


class FaceThumbnails:
    """Best image of the person in each span of a video: that with the smallest distance, as JPEG."""

    def __init__(self) -> None:
        self._closed: list[tuple[float, float, float, bytes]] = []
        self._open: tuple[float, float, float, Image] | None = None

    def add(self, t_ms: float, bgr: Image, box: Box, distance_l2: float) -> None:
        """Add a sighting of the person in a frame (height, width, 3) uint8."""
        current = self._open
        if current is not None and t_ms - current[1] >= _SAME_SPAN_MS:
            self._close()
            current = None
        if current is None:
            self._open = t_ms, t_ms, distance_l2, _face_image(bgr, box)
        elif distance_l2 < current[2] - _LEAST_GAIN_L2:
            self._open = current[0], t_ms, distance_l2, _face_image(bgr, box)
        else:
            self._open = current[0], t_ms, *current[2:]

    def _close(self) -> None:
        if self._open is not None:
            begin_ms, end_ms, distance_l2, image = self._open
            self._closed.append((begin_ms, end_ms, distance_l2, encode_jpeg(image)))
            self._open = None

    def best(self, begin_ms: float, end_ms: float) -> bytes | None:
        """Return the image of the span, None without one."""
        self._close()
        inside = [found for found in self._closed if found[0] <= end_ms and found[1] >= begin_ms]
        return min(inside, key=lambda found: found[2])[3] if inside else None


def _face_image(bgr: Image, box: Box) -> Image:
    """Return the face with a margin, at most THUMBNAIL_PX wide and high."""
    face = face_crop(bgr, box)
    factor = THUMBNAIL_PX / max(1, *face.shape[:2])
    if factor >= 1 or not face.size:
        return face
    size_wh = max(1, round(face.shape[1] * factor)), max(1, round(face.shape[0] * factor))
    return np.asarray(cv2.resize(face, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True)
class FileSearch:
    """Spans in which one file shows the person (columns of FOUND_COLUMNS), a thumbnail of each, and the error that ended it."""

    found: Any
    thumbnails: tuple[bytes | None, ...]
    error: Exception | None = None


class PersonSearch:
    """Search for an enrolled person.

    Args:
        recognizer: The recognizer with the gallery.
        settings: Its settings.
        name: The person's name.
        person_id: Their id.
        with_thumbnails: Whether thumbnails are made.
    """

    def __init__(
        self, recognizer: Recognizer, settings: Settings, name: str, person_id: str, *, with_thumbnails: bool = False
    ) -> None:
        self._recognizer = recognizer
        self._settings = settings
        self._name = name
        self._person_id = person_id
        self._with_thumbnails = with_thumbnails

    def video(self, path: Path, every: int, report_progress: Callable[[int, int | None], None]) -> FileSearch:
        """Search every N-th frame of a video. What was found before an error is kept.

        `report_progress(done, total)` counts frames; the total is None when it is unknown.
        """
        faces, thumbnails = FoundFaces(self._name, self._person_id), FaceThumbnails()
        time, error = None, None
        try:
            # A path in full: a bare number would be a camera.
            with open_source(str(path.absolute()), self._settings.capture, 0.0) as source:
                time, count = source.time, source.frame_count
                segment = SegmentSource(source, every) if every > 1 else source
                for frame, result in recognize_frames(self._recognizer, segment, every):
                    report_progress(frame.index, count)
                    faces.add(result)
                    if self._with_thumbnails:
                        self._add_thumbnails(thumbnails, frame, result)
        except Exception as failed:  # noqa: BLE001 - one file must not stop the others; the caller names it
            error = failed
        found = faces.found(path, time or file_time(path))
        spans = zip(found["begin_s"] * 1000, found["end_s"] * 1000, strict=True)
        return FileSearch(found, tuple(thumbnails.best(begin, end) for begin, end in spans), error)

    def _add_thumbnails(self, thumbnails: FaceThumbnails, frame: Frame, result: Result) -> None:
        for sighting in result.sightings:
            if sighting.track_decision.decision.person_id == self._person_id:
                thumbnails.add(frame.t_ms, frame.bgr, sighting.face.box, self._distance(sighting))

    def _distance(self, sighting: Sighting) -> float:
        nearest = sighting.decision.nearest
        is_person = nearest is not None and nearest.person_id == self._person_id
        return nearest.distance_l2 if nearest is not None and is_person else _UNKNOWN_L2

    def photo(self, path: Path) -> FileSearch | None:
        """Search a photo; None if the person is not in it.

        Raises:
            ImageError: The photo cannot be read.
        """
        bgr = read_image(path)
        result = self._recognizer.recognize_image(Frame(bgr, 0, 0.0, 0.0, str(path)))
        count, distance_l2 = found_in_photo(result, self._person_id)
        if not count:
            return None
        own = [sighting for sighting in result.sightings if sighting.decision.person_id == self._person_id]
        best = min(own, key=self._distance)
        thumbnail = encode_jpeg(_face_image(bgr, best.face.box)) if self._with_thumbnails else None
        return FileSearch(photo_row(path, image_time(path), count, distance_l2), (thumbnail,))


def recognize_frames(recognizer: Recognizer, source: Source, every: int = 1, slot: int = 0) -> Iterator[tuple[Frame, Result]]:
    """Yield the remaining frames of a file and their results. At the end, also an early one, the tracks end."""
    interval_ms = nominal_interval_ms(source.fps, Segment(every))
    last_ms = 0.0
    try:
        for frame in frames(source):
            last_ms = frame.t_ms
            yield frame, recognizer(frame, slot, expected_interval_ms=interval_ms)
    finally:
        recognizer.finish(last_ms, slot)
