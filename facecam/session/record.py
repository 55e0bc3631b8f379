"""Contents of a session's JSON that describe its sources and everything else that decided its results.

Hashing is done in a thread, because a video file of some gigabytes or a gallery on a network share must not delay recognition.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import logging
import platform
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from facecam.capture.source import Segment
from facecam.fileio import open_regular, parse_json, read_regular
from facecam.gallery.cache import EmbeddingCache
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import utf8_text
from facecam.objects.taught import INDEX, taught_dir
from facecam.types import FrameCounts

COUNT_EVERY_MS = 60_000.0
"""A source's frame counts are logged about as often, in session time, and at its end."""

_CHUNK_BYTES = 1 << 20
_MAX_INDEX_BYTES = 16 << 20
_JOIN_S = 1.0
_POLL_S = 0.1

_LIBRARIES = {
    "numpy": ("numpy",),
    "opencv": ("opencv-python", "opencv-python-headless"),
    "ai-edge-litert": ("ai-edge-litert",),
    "av": ("av",),
    "pillow": ("pillow",),
    "pandas": ("pandas",),
    "pyarrow": ("pyarrow",),
}
"""Libraries that decide results: name in the JSON -> distributions that provide it."""

_log = logging.getLogger(__name__)


class FrameCounter:
    """Counts the frames of one source and measures the time that the analyzed ones cover, without pauses."""

    def __init__(self) -> None:
        self._analyzed = 0
        self._failed = 0
        self._with_faces = 0
        self._intervals = 0
        self._covered_ms = 0.0
        self._last: tuple[float, float] | None = None
        self._due_ms = 0.0

    def add(self, t_ms: float, captured_at_s: float, resumed_at_s: float | None, *, has_faces: bool) -> bool:
        """Count a frame, and return whether counts are due in the log.

        Args:
            t_ms: The frame's session time.
            captured_at_s: Time at which it was captured (time.monotonic).
            resumed_at_s: Capture time of the first frame after the last pause or seek, None without one.
            has_faces: Whether at least one face was found.
        """
        self._analyzed += 1
        self._with_faces += has_faces
        if self._last is None:
            self._due_ms = t_ms + COUNT_EVERY_MS
        elif resumed_at_s is None or not self._last[1] < resumed_at_s <= captured_at_s:
            self._covered_ms += max(0.0, t_ms - self._last[0])
            self._intervals += 1
        self._last = (t_ms, captured_at_s)
        is_due = t_ms >= self._due_ms
        if is_due:
            self._due_ms = t_ms + COUNT_EVERY_MS
        return is_due

    def add_failed(self) -> None:
        """Count a frame that could not be analyzed."""
        self._failed += 1

    def counts(self, dropped: int, nominal_interval_ms: float) -> FrameCounts:
        """Return the counts so far. A single frame lasts for the nominal interval."""
        interval_ms = self._covered_ms / self._intervals if self._intervals else nominal_interval_ms
        span_ms = self._covered_ms + interval_ms if self._analyzed else 0.0
        read = self._analyzed + self._failed + dropped
        return FrameCounts(read, self._analyzed, self._with_faces, round(span_ms, 3), dropped)


def nominal_interval_ms(fps: float | None, segment: Segment) -> float:
    """Return the time between two frames of a segment by the source's nominal rate, 0 when that is unknown."""
    return 1000 * segment.every / fps if fps else 0.0


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the installed libraries that decide results."""
    versions = {"python": platform.python_version()}
    for name, distributions in _LIBRARIES.items():
        for distribution in distributions:
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                versions.setdefault(name, importlib.metadata.version(distribution))
    return versions


class RecordHashes(threading.Thread):
    """Computes the hashes of the session's people, taught objects and files.

    Args:
        gallery: The gallery with which the session begins.
        conditions: `analysis_conditions` of its settings.
        sources: For each source, a function that returns its path, None for a live one, and "" until it is known.

    Attributes:
        people: People with the SHA-256 of their photos; None until they are known.
        taught: Taught labels and their classifier with their SHA-256; None until they are known.
        files: SHA-256 and size of the sources that are files, by their number.
    """

    def __init__(self, gallery: Gallery, conditions: str, sources: Sequence[Callable[[], str | None]]) -> None:
        super().__init__(name="hash", daemon=True)  # a network share that hangs must not keep the program from exiting
        self._gallery = gallery
        self._conditions = conditions
        self._sources = sources
        self._stopping = threading.Event()
        self.people: list[dict[str, object]] | None = None
        self.taught: list[dict[str, object]] | None = None
        self.files: dict[int, tuple[str, int]] = {}

    def run(self) -> None:
        try:
            self.people = self._hash_people()
            self.taught = _taught_hashes()
            waiting = dict(enumerate(self._sources))
            while waiting:
                for slot, source in list(waiting.items()):
                    if (path := source()) != "":
                        del waiting[slot]
                        if path is not None:
                            self._hash_source(slot, Path(path))
                if waiting and self._stopping.wait(_POLL_S):
                    break
        except _StoppedError:
            _log.debug("the session ended before everything was hashed")

    def finish(self, timeout_s: float, is_canceled: Callable[[], bool]) -> None:
        """Wait until everything is hashed, at most `timeout_s` and not after `is_canceled`, and stop."""
        deadline_s = time.monotonic() + timeout_s
        while self.is_alive() and not is_canceled() and time.monotonic() < deadline_s:
            self.join(_POLL_S)
        self._stopping.set()
        self.join(_JOIN_S)

    def _hash_people(self) -> list[dict[str, object]]:
        gallery = self._gallery
        if not gallery.people:
            return []
        cache = EmbeddingCache(gallery.folder, gallery.embedding_id, self._conditions)

        def hashes(photos: Sequence[Path], folders: int) -> list[str]:
            """Return the hashes of photos, whose key in the cache has the names of so many folders."""
            found = []
            for photo in photos:
                self._check_stopping()
                with contextlib.suppress(OSError):  # deleted since the gallery was read
                    found.append(cache.sha256(photo, utf8_text("/".join(photo.parts[-1 - folders :]))))
            return sorted(found)

        return [
            {
                "person_id": person.person_id,
                "name": person.name,
                "photos": hashes(person.photos, 1),
                **({"rejected": hashes(person.rejected, 2)} if person.rejected else {}),
            }
            for person in gallery.people
        ]

    def _hash_source(self, slot: int, path: Path) -> None:
        digest, size_bytes = hashlib.sha256(), 0
        try:
            with open_regular(path) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    self._check_stopping()
                    digest.update(chunk)
                    size_bytes += len(chunk)
        except OSError as error:
            _log.debug("%s was not hashed: %s", path, error)
            return
        self.files[slot] = (digest.hexdigest(), size_bytes)

    def _check_stopping(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError


def _taught_hashes() -> list[dict[str, object]]:
    """Return name and hash of each taught label, then those of the classifier, whose name is empty."""
    try:
        index: dict[str, Any] = parse_json(read_regular(taught_dir() / INDEX, _MAX_INDEX_BYTES))
        head = [{"name": "", "sha256": index["head"]["sha256"]}] if index["head"] else []
        return [{"label": str(entry["name"]), "sha256": str(entry["sha256"])} for entry in (*index["labels"], *head)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []  # nothing was taught, or the recognizer reports what is damaged


class _StoppedError(Exception):
    """The session ends."""
