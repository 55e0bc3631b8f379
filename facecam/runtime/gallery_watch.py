"""The thread that looks at the people's folder while a session runs, and reads it anew with networks of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from facecam.errors import FacecamError
from facecam.faces import open_face_reader
from facecam.identify.gallery import Gallery, reading_conditions
from facecam.identify.look import Look, look_at
from facecam.settings import Settings

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.4
_PATIENCE_LOOKS = 3
"""A folder that changes at every look, since a hundred photos are being copied, is read in between all the same."""


class GalleryWatch(threading.Thread):
    """Calls `deliver` with the gallery as it is now, soon after each change of its folder.

    `seen` is the folder as the current gallery was read from it. `settings` may be replaced from another thread. Reading
    happens here, so that a photo of 20 megapixels costs the live picture no frame.
    """

    def __init__(self, folder: Path, settings: Settings, seen: Look, deliver: Callable[[Gallery], None]) -> None:
        super().__init__(name="gallery", daemon=True)
        self.settings = settings
        self._folder = folder
        self._seen = seen
        self._deliver = deliver
        self._stopping = threading.Event()

    def close(self) -> None:
        """End it and wait for it: for no longer than the photo that is being read takes. Harmless before the start."""
        self._stopping.set()
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        before, changing = self._seen, 0
        while not self._stopping.wait(LOOK_EVERY_S):
            now = look_at(self._folder)
            changing = changing + 1 if now != before else 0
            if now != self._seen and (changing == 0 or changing >= _PATIENCE_LOOKS):
                self._seen, changing = now, 0
                self._read()
            before = now

    def _read(self) -> None:
        # One thread is enough beside a recogniser that wants both.
        settings = self.settings.replace({"detect.threads": 1, "identify.threads": 1})
        try:
            with open_face_reader(settings) as reader:
                self._deliver(Gallery.load(self._folder, reader, self._go_on, conditions=reading_conditions(settings)))
        except _EndedError:
            _log.debug("what was read of the gallery is in its cache")
        except FacecamError as error:
            _log.warning("the gallery is used as it was: %s", error)

    def _go_on(self, _done: int, _total: int) -> None:
        """Called after each photo."""
        if self._stopping.is_set():
            raise _EndedError


class _EndedError(Exception):
    """The session ends while photos are being read."""
