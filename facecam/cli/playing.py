"""What `run` and `demo` share: a session from its start to its end, with a window, a progress bar, or a line a minute."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from facecam.capture.excerpt import Excerpt
from facecam.capture.source import Source, open_source
from facecam.cli import common
from facecam.cli.log import log_dir as log_directory
from facecam.compile import ensure_compiled, missing
from facecam.errors import FacecamError
from facecam.identify.gallery import Gallery
from facecam.mode import Mode
from facecam.recognizer import Recognizer, networks_for
from facecam.runtime.cv_window import CvWindow
from facecam.runtime.plan import Plan, SourcePlan
from facecam.runtime.recording import Recording
from facecam.runtime.session import Session
from facecam.runtime.state import SessionStatus, State
from facecam.settings import Settings
from facecam.types import Frame, Kind, Result

__all__ = ["Extract", "Job", "Summary", "has_display", "log_directory", "run_job"]

STATUS_EVERY_S = 60.0
_LOOK_EVERY_S = 0.1
# Boxes of a result older than this belong to another picture.
_STALE_MS = 400.0


@dataclass(frozen=True, slots=True)
class Extract:
    """Which frames are wanted: every N-th, between two times of the media."""

    every: int = 1
    from_ms: float = 0.0
    to_ms: float | None = None


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
    extract: Extract = Extract()


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done: frames recognised, the log, if there is one, and what ended it, if something did."""

    frames: int
    log_path: Path | None
    error: FacecamError | None


def has_display() -> bool:
    """Whether a window could be shown: always on Windows and macOS, elsewhere when X11 or Wayland answers to a name."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_job(job: Job) -> Summary:
    """Play every source to its end, to the window's closing, or to Ctrl-C or SIGTERM, which end it cleanly."""
    recording = () if job.record is None else (Recording(job.record, lambda slot: session.status().sources[slot].nominal_fps),)
    plan = Plan(
        settings=job.settings,
        sources=tuple(SourcePlan(_shown(text), partial(_open, text, job)) for text in job.sources),
        gallery_dir=job.gallery_dir,
        mode=job.mode,
        log_dir=job.log_dir,
        every_frame=not job.window,
        sinks=recording,
    )
    session = Session(plan, _open_recognizer)
    with _stopped_by_signals() as stopping:
        session.start()
        try:
            _show_until_over(session, stopping) if job.window else _tell_until_over(session, stopping)
        finally:
            if not session.stop():
                left = "a camera's driver does not return" if session.status().ready else "the networks are still being prepared"
                common.err().print(f"{left}; that is left to end by itself", markup=False)
    log = session.log
    if log is not None and log.fault:
        common.err().print(f"[yellow]{log.fault}[/]")
    return Summary(session.status().recognised, log.path if log is not None else None, session.error)


def _shown(text: str) -> str:
    """How a source is named until it is open: an address without its credentials."""
    if "://" not in text:
        return text
    from facecam.capture.address import masked  # brings sockets and TLS, which a camera does not need

    return masked(text)


def _open(text: str, job: Job, started_at_s: float) -> Source:
    source = open_source(text, job.settings.capture, started_at_s)
    wanted = job.extract
    return source if wanted == Extract() else Excerpt(source, wanted.every, wanted.from_ms, wanted.to_ms)


def _open_recognizer(plan: Plan) -> Recognizer:
    """What the plan asks for; tells on stderr what takes time."""
    names = networks_for(plan.settings, plan.mode)
    if missing(names):
        common.err().print("First start on this machine: preparing the networks, about half a minute.")
        with common.progress("preparing networks") as told:
            ensure_compiled(names, lambda done, total, _: told(done, total))
    with common.progress("reading the gallery") as told:
        return Recognizer(plan.settings, plan.gallery_dir, plan.mode, progress=told)


def _show_until_over(session: Session, stopping: Callable[[], bool]) -> None:
    """The live picture with the newest result over it."""
    told = _Teller()
    results: dict[int, Result] = {}
    frames: dict[int, Frame] = {}
    with CvWindow() as window:
        while not (stopping() or window.closed or session.wait(0)):
            taken = session.preview.take(0.03)
            while (recognised := session.results.take()) is not None:
                results[recognised[0]] = recognised[1][1]
            status = session.status()
            told.changes(session, status)
            if taken is not None:
                frames[taken[0]] = taken[1]
            for slot, frame in frames.items():
                source = status.sources[slot]
                caption = source.message or ("" if status.ready else "Preparing networks")
                if (taken is not None and taken[0] == slot) or caption:
                    window.show(slot, frame, _fitting(results.get(slot), frame), caption)
            window.pump()
        told.changes(session, session.status())


def _fitting(result: Result | None, frame: Frame) -> Result | None:
    """The result, if it is about this frame or one just before."""
    fits = result is not None and result.source == frame.source and abs(frame.t_ms - result.t_ms) < _STALE_MS
    return result if fits else None


def _tell_until_over(session: Session, stopping: Callable[[], bool]) -> None:
    """A progress bar over the files, and of live sources one line a minute."""
    told = _Teller()
    with contextlib.ExitStack() as stack:
        bar: Callable[[int, int], None] | None = None
        while not stopping() and not session.wait(_LOOK_EVERY_S):
            status = session.status()
            told.changes(session, status)
            if any(source.live for source in status.sources if source.state is not State.OPENING):
                told.minute(session, status)
            elif status.ready:
                bar = bar or stack.enter_context(common.progress(", ".join(source.source for source in status.sources)))
                bar(sum(s.frames for s in status.sources), sum(s.frame_count or 0 for s in status.sources))
    told.changes(session, session.status())


class _Teller:
    """Says on stderr what has changed, and once a minute how it goes."""

    def __init__(self) -> None:
        self._said: dict[int, tuple[State, str]] = {}
        self._log_fault: str | None = None
        self._greeted = False
        self._minute_at_s = time.monotonic() + STATUS_EVERY_S
        self._there: dict[int, Result] = {}

    def changes(self, session: Session, status: SessionStatus) -> None:
        """A line for each source in trouble, or out of it again; failures are said at the end, as errors."""
        if session.gallery is not None and not self._greeted:
            self._greeted = True
            _say_who_is_enrolled(session.gallery, status)
        for slot, source in enumerate(status.sources):
            now, before = (source.state, source.message), self._said.get(slot)
            self._said[slot] = now
            was_bad = before is not None and (before[1] or before[0] is State.RECONNECTING)
            news = bool(source.message) or (was_bad and source.state is State.RUNNING)
            if now != before and news and source.state is not State.FAILED:
                words = source.message or f"{source.source} delivers again"
                common.err().print(f"{_now()} {source.state}: {words}", markup=False)
        if status.log_fault and not self._log_fault:
            common.err().print(f"{_now()} {status.log_fault}", markup=False)
        elif self._log_fault and not status.log_fault:
            common.err().print(f"{_now()} the log is written again", markup=False)
        self._log_fault = status.log_fault

    def minute(self, session: Session, status: SessionStatus) -> None:
        """One line a minute."""
        while (recognised := session.results.take()) is not None:
            self._there[recognised[0]] = recognised[1][1]
        if time.monotonic() < self._minute_at_s:
            return
        self._minute_at_s += STATUS_EVERY_S
        parts = [str(status.state), f"{status.recognised} frames recognised"]
        for slot, source in enumerate(status.sources):
            there = ", ".join(_who(self._there[slot])) if slot in self._there else ""
            parts.append(f"{source.source}: {source.fps:.1f} fps, {source.dropped} dropped, {there or 'nobody'} there")
        if session.log is not None:
            parts.append(f"{session.log.rows_written} rows")
        common.err().print(f"{_now()} " + " | ".join(parts), markup=False)


def _say_who_is_enrolled(gallery: Gallery, status: SessionStatus) -> None:
    if not gallery.samples and any(source.state is not State.FAILED for source in status.sources):
        common.err().print(
            f"Nobody is enrolled in {gallery.folder}; `facecam enroll NAME --source 0` adds a person.", markup=False
        )
    for problem in gallery.problems:
        common.err().print(f"left out: {problem.path} ({problem.reason})", markup=False)


def _who(result: Result) -> list[str]:
    """The names in a result; whoever has none is told by the decision. In objects mode the best label."""
    decisions = [sighting.vote.decision for sighting in result.sightings]
    faces = [decision.name or str(decision.kind) for decision in decisions if decision.kind is not Kind.SKIPPED]
    return faces or [label.name for label in result.labels[:1]]


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"


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
