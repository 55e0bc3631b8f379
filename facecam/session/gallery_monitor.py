"""Thread that reads the gallery of a running session again: when its folder changes, and for settings with other embeddings."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from facecam.errors import FacecamError
from facecam.gallery.gallery import FolderFingerprint, Gallery, ProgressCallback, analysis_conditions, folder_fingerprint
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognizer import embedding_key
from facecam.settings import Settings

_log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.4
_MAX_CHANGING_POLLS = 3
"""A folder that keeps changing, while many photos are copied, is read after this many polls."""


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
        self._stopping = threading.Event()
        self._wake = threading.Event()

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
            now, requested = folder_fingerprint(self._folder), self._requested
            changing = changing + 1 if now != previous else 0
            previous = now
            if 0 < changing < _MAX_CHANGING_POLLS:
                continue
            if now != self._fingerprint:
                self._fingerprint, changing = now, 0
                self._read_changed(self._settings, now)
            elif requested is not None and requested is not self._answered:
                self._read_requested(requested, now)

    def _read_changed(self, settings: Settings, fingerprint: FolderFingerprint) -> None:
        try:
            self._deliver(LoadedGallery(settings, fingerprint, self._load(settings, lambda *_: self._check_stopping())))
        except _InterruptedError:
            _log.debug("reading the gallery was stopped; the photos read so far are cached")
        except FacecamError as error:
            _log.warning("the gallery was not reloaded: %s", error)
        except Exception as error:  # later changes must still be seen, above all a removed person
            _log.warning("the gallery was not reloaded: %s", _internal_error(error))

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
        except Exception as error:  # the thread goes on with the settings in use, and the user is told
            failure = FacecamError(f"the gallery was not read: {_internal_error(error)}")
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


def _internal_error(error: Exception) -> str:
    _log.debug("internal error while the gallery was read", exc_info=True)
    return f"internal error ({type(error).__name__}: {error}); please report this"


class _InterruptedError(Exception):
    """Reading stops before the gallery is complete."""
