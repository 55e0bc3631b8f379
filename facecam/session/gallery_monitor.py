"""Threads that follow changes of the gallery's folder and of the settings.

`GalleryMonitor` reads the gallery of a running session again. `EndedSession` decides the last frames of an ended one again.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from facecam.errors import FacecamError, GalleryError, LockedGalleryError
from facecam.gallery.gallery import (
    FolderFingerprint,
    Gallery,
    ProgressCallback,
    analysis_conditions,
    folder_fingerprint,
    folder_problem,
)
from facecam.messages import TranslatableText, system_text
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognition.person_groups import GroupMatcher
from facecam.recognizer import Recognizer, embedding_key
from facecam.settings import Settings
from facecam.types import Frame, Result

_log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.4
_MAX_CHANGING_POLLS = 3
"""A folder that keeps changing, while many photos are copied, is read after this many polls."""

RETRY_AFTER_S = 3.0
"""Delay before a folder that could not be read is read again."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedGallery:
    """Gallery as read with these settings while its folder had this fingerprint; None with the error that prevented it."""

    settings: Settings
    fingerprint: FolderFingerprint
    gallery: Gallery | None = None
    error: FacecamError | None = None


class GalleryMonitor(threading.Thread):
    """Thread that calls `deliver` with the reloaded gallery soon after each change of its folder, and after `request()`.

    `settings` are those in use, and `fingerprint` is the folder from which the current gallery was read. The thread reads with
    networks of its own, so that a photo of 20 megapixels, or a whole gallery, does not delay live frames. Its other methods
    are for one thread, the one that uses the galleries.

    While the folder is gone, such as one on a network share, the loaded people are kept, and `fault` reports it. A folder that
    was emptied removes them.
    """

    def __init__(
        self, folder: Path, settings: Settings, fingerprint: FolderFingerprint, deliver: Callable[[LoadedGallery], None]
    ) -> None:
        super().__init__(name="gallery", daemon=True)
        self._folder = folder
        self._settings = settings
        self._fingerprint = fingerprint
        self._deliver = deliver
        self._requested: Settings | None = None
        self._answered: Settings | None = None
        """The request whose gallery was delivered."""
        self._progress = (0, 0)
        self._device = _device_of(folder)
        self._retry_at_s: float | None = None
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self.fault: TranslatableText | None = None
        """Message when the loaded people may not be those in the folder, else None. For any thread."""

    @property
    def requested(self) -> Settings | None:
        """The settings of `request()`; None before it and after `use()`."""
        return self._requested

    @property
    def progress(self) -> tuple[int, int] | None:
        """Photos read for the request and their number, (0, 0) until that is known; None without a request."""
        return None if self._requested is None else self._progress

    def request(self, settings: Settings) -> None:
        """Read the whole gallery with other settings and deliver it. Replaces an earlier request.

        Meanwhile changes of the folder are delivered as before, with the settings in use. They interrupt the request, which
        goes on with the photos that are left, and what it delivers contains them.
        """
        if self._requested is None or embedding_key(settings) != embedding_key(self._requested):
            self._progress = (0, 0)
        self._answered = None
        self._requested = settings
        self._wake.set()

    def use(self, settings: Settings, fingerprint: FolderFingerprint | None = None) -> None:
        """Continue with these settings and end a request.

        `fingerprint` is the folder from which the gallery now in use was read, None if that gallery stays.
        """
        # In this order: a gallery that the thread is reading with the earlier settings is read again.
        self._settings = settings
        if fingerprint is not None:
            self._fingerprint = fingerprint
        self._requested = None

    def read_again(self) -> None:
        """Read the folder again soon, because the gallery that was delivered could not be used."""
        self._retry_at_s = time.monotonic()

    def close(self) -> None:
        """Stop and wait, at most for the photo that is being read. Safe before `start()`."""
        self._stopping.set()
        self._wake.set()
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        previous, changing = self._fingerprint, 0
        while not self._stopping.is_set():
            self._wake.wait(POLL_INTERVAL_S)
            self._wake.clear()
            try:
                now = self._list_folder()
                changing = changing + 1 if now != previous else 0
                previous = now
                if not 0 < changing < _MAX_CHANGING_POLLS:
                    self._read(now)
                    changing = 0
            except _InterruptedError:
                _log.debug("reading the gallery was interrupted; the photos read so far are cached")
            except Exception as error:  # later changes must still be seen, above all a removed person
                self._report(error)

    def _list_folder(self) -> FolderFingerprint:
        """Return the folder's fingerprint. Raises _UnavailableError if people were loaded from it and it is not there."""
        try:
            now, problem = folder_fingerprint(self._folder), folder_problem(self._folder)
        except OSError as error:
            now, problem = frozenset(), system_text(error)
        device = _device_of(self._folder)
        if problem is None and not now and device != self._device:
            problem = TranslatableText("its drive is not connected")  # The empty folder is a mount point, not an emptied gallery.
        if problem is not None and self._fingerprint:
            raise _UnavailableError(
                "the gallery {folder} is not available ({problem}); the people loaded from it are still recognized. Reconnect "
                "its drive or restore the folder; an empty folder forgets everyone",
                folder=self._folder.absolute(),
                problem=problem,
            )
        if now or not self._fingerprint:
            self._device = device
        return now

    def _read(self, now: FolderFingerprint) -> None:
        """Read the folder if it has changed, could not be read before, or is requested with other settings."""
        requested, is_due = self._requested, self._retry_at_s is not None and time.monotonic() >= self._retry_at_s
        if now != self._fingerprint or is_due:
            self._fingerprint = now
            self._read_changed(self._settings, now)
        elif requested is not None and requested is not self._answered:
            self._read_requested(requested, now)
        elif self._retry_at_s is None:
            self._set_fault(None)

    def _read_changed(self, settings: Settings, fingerprint: FolderFingerprint) -> None:
        # Also after an error, while the folder stays as it is: the network's file may be repaired.
        self._retry_at_s = time.monotonic() + RETRY_AFTER_S
        gallery = self._load(settings, lambda *_: self._check_stopping())
        self._list_folder()  # A folder that disappears while it is read looks empty.
        self._retry_at_s = None  # before `read_again` can set it
        self._deliver(LoadedGallery(settings, fingerprint, gallery))
        self._set_fault(None)

    def _report(self, error: Exception) -> None:
        """Set the fault for an error, and refuse a request if the folder is not there."""
        if isinstance(error, _UnavailableError):
            self._set_fault(error.text)
            requested = self._requested
            if requested is not None and requested is not self._answered:
                self._answered = requested
                self._deliver(LoadedGallery(requested, self._fingerprint, None, error))
        elif isinstance(error, LockedGalleryError) and self._fingerprint:
            text = TranslatableText(
                "the gallery {folder} was encrypted; the people loaded from it are still recognized, and changes need its "
                "passphrase",
                folder=self._folder.absolute(),
            )
            self._set_fault(text)
        else:
            reason = error.text if isinstance(error, FacecamError) else _internal_error(error)
            self._set_fault(TranslatableText("the gallery was not reloaded: {reason}", reason=reason))

    def _set_fault(self, fault: TranslatableText | None) -> None:
        if fault is not None and fault != self.fault:
            _log.warning("%s", fault)
        elif fault is None and self.fault is not None:
            _log.warning("the gallery %s is read again", self._folder.absolute())
        self.fault = fault

    def _read_requested(self, requested: Settings, fingerprint: FolderFingerprint) -> None:
        """Read the gallery for a request. Nothing is delivered when the folder changes or another request comes."""
        next_check_s = time.monotonic() + POLL_INTERVAL_S

        def report_progress(done: int, total: int) -> None:
            nonlocal next_check_s
            self._check_stopping()
            latest = self._requested
            if latest is not requested and (latest is None or embedding_key(latest) != embedding_key(requested)):
                raise _InterruptedError
            # After an interruption fewer photos are left, but their number stays.
            photos = max(self._progress[1], total)
            self._progress = (photos - total + done, photos)
            if time.monotonic() >= next_check_s:
                next_check_s = time.monotonic() + POLL_INTERVAL_S
                self._check_folder(fingerprint)

        gallery: Gallery | None = None
        failure: FacecamError | None = None
        try:
            gallery = self._load(requested, report_progress)
            self._check_folder(fingerprint)
        except _InterruptedError:
            _log.debug("embedding the gallery was interrupted; the photos read so far are cached")
            self._wake.set()
            return
        except FacecamError as error:
            failure = error
        except OSError as error:  # the folder went away while it was read
            failure = GalleryError(
                "the gallery {folder} cannot be read: {error}; check the folder", folder=self._folder, error=error
            )
        except Exception as error:  # the thread goes on with the settings in use, and the user is told
            failure = FacecamError("the gallery was not read: {reason}", reason=_internal_error(error))
        self._answered = requested
        self._deliver(LoadedGallery(requested, fingerprint, gallery, failure))

    def _load(self, settings: Settings, progress: ProgressCallback) -> Gallery:
        # One thread per network, because the recognizer uses the others.
        one_thread = settings.replace({"detect.threads": 1, "identify.threads": 1})
        with open_face_analyzer(one_thread) as analyzer:
            return Gallery.load(self._folder, analyzer, progress, conditions=analysis_conditions(settings))

    def _check_stopping(self) -> None:
        if self._stopping.is_set():
            raise _InterruptedError

    def _check_folder(self, fingerprint: FolderFingerprint) -> None:
        if folder_fingerprint(self._folder) != fingerprint:
            raise _InterruptedError


def _internal_error(error: Exception) -> TranslatableText:
    _log.debug("internal error while the gallery was read", exc_info=True)
    return TranslatableText("internal error ({kind}: {error}); please report this", kind=type(error).__name__, error=error)


def _device_of(folder: Path) -> int | None:
    try:
        return folder.stat().st_dev
    except OSError:
        return None


class _UnavailableError(GalleryError):
    """The folder from which people were loaded is not there."""


class _InterruptedError(Exception):
    """Reading stops before the gallery is complete."""


@dataclass(frozen=True, slots=True, eq=False)
class EndedDecisions:
    """Results of the last frames by slot, and the gallery and the settings that they are based on."""

    settings: Settings
    gallery: Gallery
    group_matcher: GroupMatcher | None
    results: Mapping[int, tuple[Frame, Result]]


class EndedSession(threading.Thread):
    """Keeps what an ended session shows up to date, without a log. Its networks are open only while it decides.

    `decisions` receives the new results after each change. Settings or a gallery that cannot be used leave everything as it is:
    the next session reports the error.
    """

    def __init__(self, folder: Path, settings: Settings, results: Mapping[int, tuple[Frame, Result]]) -> None:
        super().__init__(name="ended", daemon=True)
        self._folder = folder
        self._settings = self._used_settings = settings
        self._results = dict(results)
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self.decisions: queue.SimpleQueue[EndedDecisions] = queue.SimpleQueue()

    def apply(self, settings: Settings) -> None:
        """Decide with other settings. Usable from any thread."""
        self._settings = settings
        self._wake.set()

    def stop(self) -> None:
        """Stop, at most after the photo that is being read. Usable from any thread."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        used = previous = self._list_folder()
        while not self._stopping.is_set():
            self._wake.wait(POLL_INTERVAL_S)
            self._wake.clear()
            now = self._list_folder()
            is_changed = now is not None and now != used and now == previous  # not while photos are being copied
            previous = now
            settings = self._settings
            if self._stopping.is_set() or not (is_changed or settings is not self._used_settings):
                continue
            used, self._used_settings = now, settings
            try:
                self._decide(settings)
            except _StoppedError:
                _log.debug("deciding again was stopped")
            except Exception:
                _log.debug("the last frames were not decided again", exc_info=True)

    def _list_folder(self) -> FolderFingerprint | None:
        """Return the folder's fingerprint, None while it is not available."""
        try:
            return None if folder_problem(self._folder) is not None else folder_fingerprint(self._folder)
        except OSError:
            return None

    def _decide(self, settings: Settings) -> None:
        with Recognizer(settings, self._folder, progress=lambda *_: self._check_stopping()) as recognizer:
            for slot, (frame, result) in self._results.items():
                self._check_stopping()
                self._results[slot] = frame, recognizer.decide_again(frame, result, slot)
            gallery, matcher = recognizer.gallery, recognizer.group_matcher
        self.decisions.put(EndedDecisions(settings, gallery, matcher, dict(self._results)))

    def _check_stopping(self) -> None:
        if self._stopping.is_set():
            raise _StoppedError


class _StoppedError(Exception):
    """The thread was stopped while it read the gallery."""
