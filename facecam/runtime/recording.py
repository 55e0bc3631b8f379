"""A sink that writes what is shown, at the pace at which it happened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from facecam.overlay import annotate, draw
from facecam.overlay.blurring import blurred, strangers
from facecam.recorder import VideoRecorder
from facecam.types import Frame, Picture, Result

_DEFAULT_FPS = 30.0
_CUT_MS = 2000.0
"""A longer gap, while a camera was lost, is left out of the video."""


Lay = Callable[[Picture, Result, int], None]
"""Paints into a picture (height, width, 3) uint8 what belongs to a result of the source in that slot."""


class Recording:
    """Writes the annotated frames of each source to a video of its own: `path`, then `path` with -2, -3 ... in its name.

    Recognition takes what it has time for, a video has a fixed rate: a frame stands until the next one is due. `fps_of` tells
    the rate that a source says it has; while `blur` says so, whoever is not known is made unrecognisable. `lay` paints into a
    frame what is to lie below the marks.
    """

    def __init__(
        self,
        path: Path,
        fps_of: Callable[[int], float | None],
        blur: Callable[[], bool] = lambda: False,
        lay: Lay = lambda bgr, result, slot: None,
    ) -> None:
        self._path = path
        self._fps_of = fps_of
        self._blur = blur
        self._lay = lay
        self._videos: dict[int, _Video] = {}

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        if slot not in self._videos:
            path = self._path if slot == 0 else self._path.with_stem(f"{self._path.stem}-{slot + 1}")
            fps = self._fps_of(slot) or _DEFAULT_FPS
            self._videos[slot] = _Video(VideoRecorder(path, frame.size_wh, fps), fps, frame.t_ms)
        picture = blurred(frame.bgr, strangers(result)) if self._blur() else frame.bgr.copy()
        self._lay(picture, result, slot)
        draw(picture, annotate(result))
        self._videos[slot].add(frame.t_ms, picture)

    def close(self) -> None:
        """Finish the files; nothing to do when no frame came."""
        videos, self._videos = self._videos, {}
        for video in videos.values():
            video.recorder.close()


class _Video:
    """One file, and how far it is."""

    def __init__(self, recorder: VideoRecorder, fps: float, t_ms: float) -> None:
        self.recorder = recorder
        self._fps = fps
        self._begun_ms = self._last_ms = t_ms
        self._written = 0

    def add(self, t_ms: float, picture: Picture) -> None:
        """Write the picture as often as brings the video up to its time; one that comes too early for the rate is left out."""
        if t_ms - self._last_ms > _CUT_MS:
            self._begun_ms += t_ms - self._last_ms - 1e3 / self._fps
        self._last_ms = t_ms
        due = round((t_ms - self._begun_ms) * self._fps / 1e3) + 1
        for _ in range(due - self._written):
            self.recorder.write(picture)
        self._written = max(self._written, due)
