"""Teaching in a running session, for a window's button: frames come in from the session, the work is done in a thread of its own.

    teaching.start("my mug")          the next two seconds are the empty scene, the ten after that the thing
    teaching.progress()               how far it is, in any thread, as often as one likes
    teaching.forget("my mug")         and teaching.undo(); these too are done in the thread

What is learned is written to the folder of taught labels, where the session's object mode sees it with its next frame.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from facecam.errors import FacecamError, TeachingError
from facecam.networks.convert import ensure_compiled
from facecam.objects.taught import BACKGROUND, FEATURE_NETWORK, FeatureReader, base_sha256, read_taught
from facecam.settings import Settings
from facecam.training import object_teaching
from facecam.training.head import HeadEvaluation
from facecam.training.object_teaching import (
    LIVE_SECONDS,
    ROOM_SECONDS,
    CapturePhase,
    ObjectFinder,
    TeachingResult,
    ViewCollector,
    background_views,
)
from facecam.types import Frame

_WAITING_FRAMES = 30
"""So many may wait to be looked at; on a busy machine those that come then are left out."""


@dataclass(frozen=True, slots=True)
class TeachingPace:
    """Seconds of a lesson: of the empty scene, of the thing; and after how many without a frame it is given up."""

    room_s: float = ROOM_SECONDS
    thing_s: float = LIVE_SECONDS
    silent_s: float = 10.0


class TeachingPhase(StrEnum):
    """What is going on. In ROOM the thing is to be kept out of the picture, in THING to be held up and turned."""

    IDLE = "idle"
    PREPARING = "preparing"
    ROOM = "room"
    THING = "thing"
    LEARNING = "learning"
    DONE = "done"
    FAILED = "failed"


_PACE = TeachingPace()

RUNNING = frozenset({TeachingPhase.PREPARING, TeachingPhase.ROOM, TeachingPhase.THING, TeachingPhase.LEARNING})


@dataclass(frozen=True, slots=True, eq=False)
class TeachingProgress:
    """How far a lesson is. `share` (0 to 1) is of the phase that runs; `views` are the different ones kept so far.

    `checked` is how the head does on views it was not fitted on, None before that and when no label is left. `message` says in a
    sentence why it FAILED.
    """

    phase: TeachingPhase = TeachingPhase.IDLE
    label: str = ""
    share: float = 0.0
    views: int = 0
    checked: HeadEvaluation | None = None
    message: str = ""


class TeachingService:
    """One lesson at a time, on the frames that are fed to it. Its methods may be called in any thread, and return at once.

    Nothing is loaded before the first lesson.
    """

    def __init__(self, folder: Path, settings: Settings, pace: TeachingPace = _PACE) -> None:
        self._folder = folder
        self._settings = settings
        self._pace = pace
        self._frames: queue.Queue[Frame] = queue.Queue(_WAITING_FRAMES)
        self._collector: ViewCollector | None = None
        self._progress = TeachingProgress()
        self._busy = threading.Lock()
        self._canceled = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, label: str) -> None:
        """Begin to collect frames for `label`. TeachError when it cannot be shown as one line, or something is going on still."""
        name = object_teaching.label_name(label)
        self._begin(name, TeachingPhase.PREPARING, self._collect_and_learn)

    def forget(self, label: str) -> None:
        """Take a label away. TeachError as `start`; an unknown one is told by `progress`."""
        name = object_teaching.label_name(label)
        self._begin(name, TeachingPhase.LEARNING, partial(object_teaching.forget, self._folder, name))

    def undo(self) -> None:
        """Put back the label that was forgotten last."""
        self._begin("", TeachingPhase.LEARNING, partial(object_teaching.restore_label, self._folder))

    def cancel(self) -> None:
        """End the lesson; nothing is changed, unless it is learned already."""
        self._canceled.set()

    def progress(self) -> TeachingProgress:
        """How far it is now."""
        now, collector = self._progress, self._collector
        if collector is None or now.phase not in (TeachingPhase.ROOM, TeachingPhase.THING):
            return now
        return replace(now, share=collector.done_share(), views=len(collector.views.views))

    def labels(self) -> dict[str, int]:
        """The taught labels and how many views each has. TeachError when they are damaged."""
        taught = read_taught(self._folder, base_sha256()).labels
        return {label.name: len(label.views) for label in taught if label.name != BACKGROUND}

    def forgotten(self) -> str:
        """The label that `undo` puts back, "" for none. TeachError when what was taught is damaged."""
        gone = read_taught(self._folder, base_sha256()).forgotten
        return "" if gone is None else gone.name

    def feed(self, frame: Frame) -> None:
        """Offer a frame: it is taken when a lesson waits for one."""
        collector = self._collector
        if collector is not None and collector.wants(frame):
            with contextlib.suppress(queue.Full):
                self._frames.put_nowait(frame)

    def close(self) -> None:
        """End what is going on; returns when it has ended."""
        self.cancel()
        if self._thread is not None:
            self._thread.join()

    def _begin(self, name: str, phase: TeachingPhase, work: Callable[[], TeachingResult]) -> None:
        with self._busy:
            if self._thread is not None and self._thread.is_alive():
                raise TeachingError("a lesson is going on; wait for its end, or cancel it")
            self._canceled.clear()
            self._progress = TeachingProgress(phase, name)
            self._thread = threading.Thread(target=self._run, args=(work,), name="teach", daemon=True)
            self._thread.start()

    def _run(self, work: Callable[[], TeachingResult]) -> None:
        ended = replace(self._progress, phase=TeachingPhase.FAILED, message="teaching failed inside; please report this")
        try:
            ended = replace(ended, phase=TeachingPhase.DONE, share=1.0, message="", checked=work().checked)
        except _CanceledError:
            ended = TeachingProgress()
        except FacecamError as error:
            ended = replace(ended, message=str(error))
        finally:
            if self._collector is not None:
                ended = replace(ended, views=len(self._collector.views.views))
            self._collector, self._progress = None, ended

    def _collect_and_learn(self) -> TeachingResult:
        name, settings = self._progress.label, self._settings
        ensure_compiled([FEATURE_NETWORK])
        reader = FeatureReader(settings.identify.threads)
        with ObjectFinder(settings) as eyes:
            collector = ViewCollector(reader, eyes, self._pace.room_s, self._pace.thing_s, empty=name == BACKGROUND)
            while not self._frames.empty():
                self._frames.get_nowait()
            self._collector = collector
            while collector.part is not CapturePhase.DONE:
                self._progress = replace(
                    self._progress, phase=TeachingPhase.ROOM if collector.part is CapturePhase.ROOM else TeachingPhase.THING
                )
                frame = self._next()
                if collector.wants(frame):
                    collector.take(frame)
        self._progress = replace(self._progress, phase=TeachingPhase.LEARNING)
        return object_teaching.teach(self._folder, collector.views.label(name), lambda: background_views(reader))

    def _next(self) -> Frame:
        """The next frame. TeachError when none comes."""
        waited_s = 0.0
        while waited_s < self._pace.silent_s:
            if self._canceled.is_set():
                raise _CanceledError
            with contextlib.suppress(queue.Empty):
                return self._frames.get(timeout=0.1)
            waited_s += 0.1
        raise TeachingError(f"the camera gave no picture for {self._pace.silent_s:.0f} s; nothing was taught")


class _CanceledError(TeachingError):
    """Somebody called `cancel`."""
