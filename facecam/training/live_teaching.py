"""Teaching an object in a running session: the session feeds frames, a thread of its own does the work.

    teaching.start("my mug")          two seconds of the empty scene, then ten of the object
    teaching.start_photos("my mug", paths)   photos of it instead
    teaching.progress()               may be called from any thread
    teaching.forget("my mug")         and teaching.undo(); both run in the thread, too

The result is written to the folder of taught objects; the session's objects mode uses it from its next frame on.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from facecam.errors import FacecamError, TeachingError
from facecam.messages import TranslatableText
from facecam.objects.taught import BACKGROUND, FeatureExtractor, base_sha256, read_taught
from facecam.settings import Settings
from facecam.training import object_teaching
from facecam.training.head import HeadEvaluation
from facecam.training.object_teaching import (
    OBJECT_SECONDS,
    SCENE_SECONDS,
    ObjectFinder,
    RefusedPhoto,
    TeachingPhase,
    TeachingResult,
    ViewCollector,
    background_views,
    photos_in,
    views_from_photos,
)
from facecam.types import Frame

_QUEUED_FRAMES = 30
"""More are dropped on a busy machine."""


RUNNING = frozenset(TeachingPhase) - {TeachingPhase.IDLE, TeachingPhase.DONE, TeachingPhase.FAILED}


@dataclass(frozen=True, slots=True, eq=False)
class TeachingProgress:
    """Progress of teaching. `share` (0 to 1) is of the current phase; `views` are the different ones stored so far.

    `evaluation` is None until the head is fitted and when no label is left. `message` explains a failure in a sentence. `refused`
    are the photos that could not be read.
    """

    phase: TeachingPhase = TeachingPhase.IDLE
    label: str = ""
    share: float = 0.0
    views: int = 0
    evaluation: HeadEvaluation | None = None
    message: str = ""
    refused: tuple[RefusedPhoto, ...] = ()


class TeachingService:
    """Teaches one object at a time, from the frames fed to it or from photos.

    Its methods may be called from any thread and return at once. Nothing is loaded before the first start. It collects
    `scene_s` seconds of the empty scene and `object_s` of the object, and fails after `timeout_s` without a frame.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        scene_s: float = SCENE_SECONDS,
        object_s: float = OBJECT_SECONDS,
        timeout_s: float = 10.0,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._scene_s, self._object_s, self._timeout_s = scene_s, object_s, timeout_s
        self._frames: queue.Queue[Frame] = queue.Queue(_QUEUED_FRAMES)
        self._collector: ViewCollector | None = None
        self._progress = TeachingProgress()
        self._lock = threading.Lock()
        self._canceled = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, label: str) -> None:
        """Start to collect frames for `label`. TeachingError when the label is invalid or teaching is in progress."""
        self._begin(object_teaching.normalize_label(label), TeachingPhase.PREPARING, self._collect_and_learn)

    def start_photos(self, label: str, paths: Sequence[Path]) -> None:
        """Start to read photos of `label`, or folders of them. TeachingError as for `start`."""
        work = partial(self._read_and_learn, tuple(paths))
        self._begin(object_teaching.normalize_label(label), TeachingPhase.PHOTOS, work)

    def forget(self, label: str) -> None:
        """Remove a label. TeachingError as for `start`; `progress` reports an unknown label."""
        name = object_teaching.normalize_label(label)
        self._begin(name, TeachingPhase.LEARNING, partial(object_teaching.forget, self._folder, name))

    def undo(self) -> None:
        """Restore the label that was forgotten last."""
        self._begin("", TeachingPhase.LEARNING, partial(object_teaching.restore_label, self._folder))

    def cancel(self) -> None:
        """Stop teaching; nothing changes unless the object is already learned."""
        self._canceled.set()

    def progress(self) -> TeachingProgress:
        """Return the current progress."""
        now, collector = self._progress, self._collector
        if collector is None or now.phase not in (TeachingPhase.SCENE, TeachingPhase.OBJECT):
            return now
        return replace(now, share=collector.phase_share(), views=len(collector.views.views))

    def labels(self) -> dict[str, int]:
        """Return the taught labels with their numbers of views. TeachingError when the folder is damaged."""
        taught = read_taught(self._folder, base_sha256()).labels
        return {label.name: len(label.views) for label in taught if label.name != BACKGROUND}

    def forgotten(self) -> str:
        """Return the label that `undo` restores, "" for none. TeachingError when the folder is damaged."""
        forgotten = read_taught(self._folder, base_sha256()).forgotten
        return "" if forgotten is None else forgotten.name

    def feed(self, frame: Frame) -> None:
        """Offer a frame; it is used when teaching waits for one."""
        collector = self._collector
        if collector is not None and collector.wants(frame):
            with contextlib.suppress(queue.Full):
                self._frames.put_nowait(frame)

    def close(self) -> None:
        """Cancel and wait for the thread."""
        self.cancel()
        if self._thread is not None:
            self._thread.join()

    def _begin(self, name: str, phase: TeachingPhase, work: Callable[[], TeachingResult]) -> None:
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                raise TeachingError("teaching is in progress; wait for its end, or cancel it")
            self._canceled.clear()
            self._progress = TeachingProgress(phase, name)
            self._thread = threading.Thread(target=self._run, args=(work,), name="teach", daemon=True)
            self._thread.start()

    def _run(self, work: Callable[[], TeachingResult]) -> None:
        message = TranslatableText("teaching failed because of an internal error; please report it")
        ended = replace(self._progress, phase=TeachingPhase.FAILED, message=message)
        try:
            result = work()
            now = self._progress
            ended = TeachingProgress(
                TeachingPhase.DONE, result.label, 1.0, now.views, evaluation=result.evaluation, refused=now.refused
            )
        except _CanceledError:
            ended = TeachingProgress()
        except FacecamError as error:
            ended = replace(ended, message=error.text, refused=self._progress.refused)
        finally:
            if self._collector is not None:
                ended = replace(ended, views=len(self._collector.views.views))
            self._collector, self._progress = None, ended

    def _collect_and_learn(self) -> TeachingResult:
        name, settings = self._progress.label, self._settings
        features = FeatureExtractor(settings.identify.threads)
        finder = ObjectFinder(settings)
        collector = ViewCollector(features, finder, self._scene_s, self._object_s, background_only=name == BACKGROUND)
        while not self._frames.empty():
            self._frames.get_nowait()
        self._collector = collector
        while collector.phase is not TeachingPhase.DONE:
            self._progress = replace(self._progress, phase=collector.phase)
            frame = self._next_frame()
            if collector.wants(frame):
                collector.add(frame)
        self._progress = replace(self._progress, phase=TeachingPhase.LEARNING)
        return object_teaching.teach(self._folder, collector.views.label(name), lambda: background_views(features))

    def _read_and_learn(self, paths: Sequence[Path]) -> TeachingResult:
        name, features = self._progress.label, FeatureExtractor(self._settings.identify.threads)

        def report_progress(done: int, total: int) -> None:
            if self._canceled.is_set():
                raise _CanceledError
            self._progress = replace(self._progress, share=done / total)

        def report_refused(photo: RefusedPhoto) -> None:
            self._progress = replace(self._progress, refused=(*self._progress.refused, photo))

        found = views_from_photos(photos_in(paths), features, report_progress, report_refused)
        self._progress = replace(self._progress, phase=TeachingPhase.LEARNING, views=len(found.views))
        return object_teaching.teach(self._folder, found.label(name), lambda: background_views(features))

    def _next_frame(self) -> Frame:
        waited_s = 0.0
        while waited_s < self._timeout_s:
            if self._canceled.is_set():
                raise _CanceledError
            with contextlib.suppress(queue.Empty):
                return self._frames.get(timeout=0.1)
            waited_s += 0.1
        raise TeachingError("the camera delivered no image for {seconds:.0f} s; nothing was taught", seconds=self._timeout_s)


class _CanceledError(Exception):
    """Teaching was canceled."""
