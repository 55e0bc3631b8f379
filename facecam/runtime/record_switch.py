"""A recording that is begun and ended while the session runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from facecam.errors import FacecamError
from facecam.runtime.recording import Lay, Recording
from facecam.types import Frame, Result


class RecordSwitch:
    """A sink that writes what is shown from `start` to `stop`, which may be called in any thread.

    `path` and `since_s` (time.monotonic) are the running recording's, None without one. `saved` is the last one that was
    finished. `fault` says in a sentence why a recording ended by itself; the session goes on. With `blur`, whoever is not known
    is made unrecognisable; `lay` paints into each frame what is to lie below the marks.
    """

    def __init__(self, fps_of: Callable[[int], float | None]) -> None:
        self.blur = False
        self.lay: Lay = lambda bgr, result, slot: None
        self.path: Path | None = None
        self.since_s: float | None = None
        self.saved: Path | None = None
        self.fault = ""
        self._fps_of = fps_of
        self._recording: Recording | None = None
        self._busy = threading.Lock()

    def start(self, path: Path) -> None:
        """Record into `path` from the next recognised frame on; what ran before is finished."""
        with self._busy:
            self._finish()
            self._recording = Recording(path, self._fps_of, lambda: self.blur, self.lay)
            self.path, self.since_s, self.fault = path, time.monotonic(), ""

    def stop(self) -> None:
        """End the recording; nothing to do without one. A long film takes a moment to be finished."""
        with self._busy:
            self._finish()

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        with self._busy:
            if self._recording is None:
                return
            try:
                self._recording(frame, result, slot)
            except FacecamError as error:
                self._finish()
                self.fault = str(error)

    def close(self) -> None:
        """The session is over."""
        self.stop()

    def _finish(self) -> None:
        recording, path = self._recording, self.path
        self._recording = self.path = self.since_s = None
        if recording is None:
            return
        try:
            recording.close()
            self.saved = path if path is not None and path.exists() else None  # without a frame there is no film
        except FacecamError as error:
            self.fault = str(error)
