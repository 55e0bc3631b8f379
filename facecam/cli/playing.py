"""What `run` and `demo` share: open everything, play the sources, close everything, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from facecam.capture.source import Source, frames, open_source
from facecam.cli import common
from facecam.cli.log import log_dir as log_directory
from facecam.compile import ensure_compiled, missing
from facecam.errors import FacecamError
from facecam.logbook.writer import LogWriter
from facecam.mode import Mode
from facecam.recognizer import Recognizer, networks_for
from facecam.recorder import VideoRecorder
from facecam.runtime import play
from facecam.runtime.cv_window import CvWindow
from facecam.runtime.session_info import describe
from facecam.settings import Settings

__all__ = ["Job", "Summary", "has_display", "log_directory", "run_job"]

_DEFAULT_FPS = 30.0


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be played, and what is to become of it. No `log_dir`: no log."""

    settings: Settings
    sources: tuple[str, ...]
    mode: Mode
    gallery_dir: Path
    log_dir: Path | None
    record: Path | None
    window: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done: frames recognised, and the log, if there is one."""

    frames: int
    log_path: Path | None


def has_display() -> bool:
    """Whether a window could be shown: always on Windows and macOS, elsewhere when X11 or Wayland answers to a name."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_job(job: Job, more_sinks: tuple[play.Sink, ...] = ()) -> Summary:
    """Play every source to its end, to the window's closing, or to Ctrl-C or SIGTERM, which end it cleanly."""
    started_at_s = time.monotonic()
    with contextlib.ExitStack() as stack:
        stopping = stack.enter_context(_stopped_by_signals())
        window = stack.enter_context(CvWindow()) if job.window else None
        sources = [stack.enter_context(open_source(text, job.settings.capture, started_at_s)) for text in job.sources]
        _prepare(networks_for(job.settings, job.mode), window, sources[0], stopping)
        if stopping():
            return Summary(0, None)
        with common.progress("reading the gallery") as told:
            recognizer = stack.enter_context(Recognizer(job.settings, job.gallery_dir, job.mode, progress=told))
        _say_who_is_enrolled(recognizer, job)
        names = [source.source for source in sources]
        info = describe(job.settings, job.mode, names, recognizer.gallery.revision)
        log = stack.enter_context(LogWriter(job.log_dir, info)) if job.log_dir is not None else None
        recognised = sum(_play_one(source, recognizer, window, log, job, stopping, more_sinks) for source in sources)
    if log is not None and log.fault:
        common.err().print(f"[yellow]{log.fault}[/]")
    return Summary(recognised, log.path if log is not None else None)


def _play_one(
    source: Source,
    recognizer: Recognizer,
    window: CvWindow | None,
    log: LogWriter | None,
    job: Job,
    stopping: Callable[[], bool],
    more_sinks: tuple[play.Sink, ...],
) -> int:
    """Play one source; its tracks end with it."""
    with contextlib.ExitStack() as stack:
        sinks = list(more_sinks)
        if window is not None:
            sinks.append(window.show)
        if job.record is not None:
            path, fps = job.record, source.fps or _DEFAULT_FPS
            recording = play.Recording(lambda size_wh: VideoRecorder(path, size_wh, fps))
            stack.callback(recording.close)
            sinks.append(recording)
        if window is None:
            sinks.append(stack.enter_context(_progress_sink(source)))
        stop = (lambda: stopping() or window.closed) if window is not None else stopping
        played = frames(source)
        if window is not None and not source.live:
            played = play.in_real_time(played, stop)
        return play.play(played, recognizer, sinks, stop, log).frames


@contextlib.contextmanager
def _progress_sink(source: Source) -> Iterator[play.Sink]:
    with common.progress(source.source) as told:
        yield lambda frame, result: told(frame.index + 1, source.frame_count or 0)


def _prepare(names: list[str], window: CvWindow | None, source: Source, stopping: Callable[[], bool]) -> None:
    """Compile what is missing; a bar on stderr meanwhile, and in the window the live picture."""
    if not missing(names):
        return
    failed: list[FacecamError] = []
    common.err().print("First start on this machine: preparing the networks, about half a minute.")

    def compile_all() -> None:
        try:
            with common.progress("preparing networks") as told:
                ensure_compiled(names, lambda done, total, _: told(done, total))
        except FacecamError as error:
            failed.append(error)

    worker = threading.Thread(target=compile_all, name="compile")
    worker.start()
    while worker.is_alive():
        if window is not None and source.live and not stopping():
            frame = source.read()
            if frame is not None:
                window.preview(frame, "Preparing networks")
        else:
            worker.join(0.1)
    if failed:
        raise failed[0]


def _say_who_is_enrolled(recognizer: Recognizer, job: Job) -> None:
    gallery = recognizer.gallery
    if job.mode is Mode.FACES and not gallery.samples:
        common.err().print(
            f"Nobody is enrolled in {job.gallery_dir}; `facecam enroll NAME --source 0` adds a person.", markup=False
        )
    for problem in gallery.problems:
        common.err().print(f"left out: {problem.path} ({problem.reason})", markup=False)


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM ask once for a clean end; a second Ctrl-C ends at once."""
    asked = threading.Event()

    def ask(number: int, _: object) -> None:
        if asked.is_set():
            signal.default_int_handler(number, None)
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
