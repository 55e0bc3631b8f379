"""What `run` and `demo` share: a session from its start to its end, with a window, a progress bar, or a line a minute."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from facecam.capture.source import SegmentSource, Source, open_source
from facecam.cli import context
from facecam.diagnostics.findings import Verdict
from facecam.diagnostics.machine import LIBRARIES, display, libraries
from facecam.errors import FacecamError, LogError
from facecam.gallery.gallery import Gallery
from facecam.networks.convert import ensure_compiled, ensure_fetched, missing
from facecam.recognizer import Recognizer, networks_for
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.recording import RecordingSink
from facecam.session.session import Session
from facecam.session.status import SessionStatus, SourceState
from facecam.settings import Mode, Settings
from facecam.types import DecisionStatus, Result

# MERGED cli.job: What `run` and `demo` ask for, as data, and how its sources are opened.


@dataclass(frozen=True, slots=True)
class FrameSegment:
    """Which frames are wanted: every N-th, between two times of the media."""

    every: int = 1
    from_ms: float = 0.0
    to_ms: float | None = None


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is to be played, and what is to become of it. No `log_dir`: no log."""

    settings: Settings
    sources: tuple[str, ...]
    mode: Mode
    gallery_dir: Path
    log_dir: Path | None
    record: Path | None
    window: bool
    extract: FrameSegment = FrameSegment()


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What was done: frames recognized, the log, if there is one, and what ended it, if something did."""

    frames: int
    log_path: Path | None
    error: FacecamError | None
    log_fault: str = ""


def shown(text: str) -> str:
    """How a source is named until it is open: an address without its credentials."""
    if "://" not in text:
        return text
    from facecam.capture.http import redact_url  # brings sockets and TLS, which a camera does not need

    return redact_url(text)


def open_run_source(text: str, job: RunOptions, started_at_s: float, *, whole: bool = False) -> Source:
    """The source, of which only the frames come that the job wants; all of them with `whole`."""
    source = open_source(text, job.settings.capture, started_at_s)
    wanted = job.extract
    return source if whole or wanted == FrameSegment() else SegmentSource(source, wanted.every, wanted.from_ms, wanted.to_ms)


__all__ = ["FrameSegment", "RunOptions", "RunSummary", "has_display", "run_and_summarize", "run_session"]

NO_DISPLAY = "There is no display, so there is no window; --no-window says so without this line."

STATUS_EVERY_S = 60.0
_LOOK_EVERY_S = 0.1


def has_display() -> bool:
    """Whether a window could be shown: always on Windows and macOS, elsewhere when X11 or Wayland answers to a name."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_and_summarize(job: RunOptions) -> None:
    """Do what `facecam run` does: play the job, and name its log on the last line. What ended it early is raised."""
    summary = run_session(job)
    if summary.log_path is not None:
        print(summary.log_path, flush=True)
    if summary.error is not None:
        raise summary.error


def run_session(job: RunOptions) -> RunSummary:
    """Play every source to its end, to the window's closing, or to Ctrl-C or SIGTERM, which end it cleanly."""
    if job.window:
        return _show(job)
    gc.enable()
    recording = (
        () if job.record is None else (RecordingSink(job.record, lambda slot: session.status().sources[slot].nominal_fps),)
    )
    plan = SessionConfig(
        settings=job.settings,
        sources=tuple(SourceConfig(shown(text), partial(open_run_source, text, job)) for text in job.sources),
        gallery_dir=job.gallery_dir,
        mode=job.mode,
        log_dir=job.log_dir,
        every_frame=True,
        sinks=recording,
    )
    session = Session(plan, _open_recognizer)
    with _stopped_by_signals() as stopping:
        session.start()
        try:
            _tell_until_over(session, stopping)
        finally:
            if not session.stop():
                left = "a camera's driver does not return" if session.status().ready else "the networks are still being prepared"
                context.err().print(f"{left}; that is left to end by itself", markup=False)
    log = session.log
    if log is not None and log.fault:
        context.err().print(f"[yellow]{log.fault}[/]")
    return RunSummary(session.status().recognized, log.path if log is not None else None, session.error)


def _show(job: RunOptions) -> RunSummary:

    told = _StatusPrinter()
    with _stopped_by_signals() as stopping:
        summary = show(job, stopping, lambda session: told.changes(session, session.status()))
    if summary.log_fault:
        context.err().print(f"[yellow]{summary.log_fault}[/]")
    return summary


def _open_recognizer(plan: SessionConfig) -> Recognizer:
    """What the plan asks for; tells on stderr what takes time."""
    names = networks_for(plan.settings, plan.mode)
    with context.progress("fetching weights") as told:
        ensure_fetched(names, told)
    if missing(names):
        context.err().print("First start on this machine: preparing the networks, about half a minute.")
        with context.progress("preparing networks") as told:
            ensure_compiled(names, lambda done, total, _: told(done, total))
    with context.progress("reading the gallery") as told:
        return Recognizer(plan.settings, plan.gallery_dir, plan.mode, progress=told)


def _tell_until_over(session: Session, stopping: Callable[[], bool]) -> None:
    """A progress bar over the files, and of live sources one line a minute."""
    told = _StatusPrinter()
    with contextlib.ExitStack() as stack:
        bar: Callable[[int, int], None] | None = None
        while not stopping() and not session.wait(_LOOK_EVERY_S):
            status = session.status()
            told.changes(session, status)
            if any(source.live for source in status.sources if source.state is not SourceState.OPENING):
                told.minute(session, status)
            elif status.ready:
                bar = bar or stack.enter_context(context.progress(", ".join(source.source for source in status.sources)))
                bar(sum(s.frames for s in status.sources), sum(s.frame_count or 0 for s in status.sources))
    told.changes(session, session.status())


class _StatusPrinter:
    """Says on stderr what has changed, and once a minute how it goes."""

    def __init__(self) -> None:
        self._said: dict[int, tuple[SourceState, str]] = {}
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
            was_bad = before is not None and (before[1] or before[0] is SourceState.RECONNECTING)
            news = bool(source.message) or (was_bad and source.state is SourceState.RUNNING)
            if now != before and news and source.state is not SourceState.FAILED:
                words = source.message or f"{source.source} delivers again"
                context.err().print(f"{_now()} {source.state}: {words}", markup=False)
        if status.log_fault and not self._log_fault:
            context.err().print(f"{_now()} {status.log_fault}", markup=False)
        elif self._log_fault and not status.log_fault:
            context.err().print(f"{_now()} the log is written again", markup=False)
        self._log_fault = status.log_fault

    def minute(self, session: Session, status: SessionStatus) -> None:
        """One line a minute."""
        while (recognized := session.results.take()) is not None:
            self._there[recognized[0]] = recognized[1][1]
        if time.monotonic() < self._minute_at_s:
            return
        self._minute_at_s += STATUS_EVERY_S
        parts = [str(status.state), f"{status.recognized} frames recognized"]
        for slot, source in enumerate(status.sources):
            there = ", ".join(_who(self._there[slot])) if slot in self._there else ""
            parts.append(f"{source.source}: {source.fps:.1f} fps, {source.dropped} dropped, {there or 'nobody'} there")
        if session.log is not None:
            parts.append(f"{session.log.rows_written} rows")
        context.err().print(f"{_now()} " + " | ".join(parts), markup=False)


def _say_who_is_enrolled(gallery: Gallery, status: SessionStatus) -> None:
    if not gallery.samples and any(source.state is not SourceState.FAILED for source in status.sources):
        context.err().print(
            f"Nobody is enrolled in {gallery.folder}; `facecam enroll NAME --source 0` adds a person.", markup=False
        )
    for problem in gallery.problems:
        context.err().print(f"left out: {problem.path} ({problem.reason})", markup=False)


def _who(result: Result) -> list[str]:
    """The names in a result; whoever has none is told by the decision. In objects mode the best label."""
    decisions = [sighting.track_decision.decision for sighting in result.sightings]
    faces = [decision.name or str(decision.status) for decision in decisions if decision.status is not DecisionStatus.SKIPPED]
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


# MERGED cli.windowed: `run` and `demo` with a window: what must be there before Qt is loaded, and the sessions that the window asks for.

_XCB = "libxcb-"
_PATIENCE_S = 3.0
"""Loading networks takes the processor from the window that is being opened: it waits until that stands there."""


def check_screen(environment: MutableMapping[str, str], needed: Mapping[str, str]) -> None:
    """Return if a window can be shown; FacecamError says what is missing. Qt itself would end the program without a word.

    `needed` are system libraries and the packages that bring them. Where those for X11 are missing, Qt is told to use Wayland.
    """
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal", "vnc"):
        return
    if environment.get("WAYLAND_DISPLAY"):
        x11 = {name: package for name, package in needed.items() if name.startswith(_XCB) or "x11" in name}
        needed = {name: package for name, package in needed.items() if name not in x11}
        if libraries(x11, window=True).verdict is Verdict.FAULT:
            environment.setdefault("QT_QPA_PLATFORM", "wayland")
    for finding in (display(environment), libraries(needed, window=True)):
        if finding.verdict is Verdict.FAULT:
            raise FacecamError(f"no window can be shown: {finding.found}. {finding.advice}")


def show(job: RunOptions, stopping: Callable[[], bool], told: Callable[[Session], None]) -> RunSummary:
    """Show a job in the window until that is closed."""
    check_screen(os.environ, LIBRARIES)
    gc.disable()
    from facecam.ui.app import WindowStart, already_open, run_window
    from facecam.ui.session_controller import AppPaths, SessionRequest

    demanded: list[Session] = []
    shown_first = threading.Event()

    def begin(wish: SessionRequest) -> Session:
        asked = wish.sources == job.sources
        sources = tuple(SourceConfig(shown(text), partial(open_run_source, text, job, whole=not asked)) for text in wish.sources)

        def opened(plan: SessionConfig) -> Recognizer:
            shown_first.wait(_PATIENCE_S)
            return session.preparing.open_recognizer(plan)

        session = Session(SessionConfig(wish.settings, sources, job.gallery_dir, wish.mode, job.log_dir), opened)
        if job.record is not None and not demanded:
            session.recording.start(job.record)
            demanded.append(session)
        return session

    places = AppPaths(job.gallery_dir, job.log_dir, context.invocation.config)
    start = WindowStart(
        begin, SessionRequest(job.sources, job.settings, job.mode), places, stopping, told, lambda: _let_work(shown_first)
    )
    if already_open(start):
        context.err().print("facecam is open already; its window comes to the front.", markup=False)
        return RunSummary(0, None, None)
    session, ended = run_window(start)
    if not ended:
        context.err().print(still_busy(session), markup=False)
    return _summary(session, demanded)


def _let_work(shown: threading.Event) -> None:
    """The window stands there: what was loaded stays, is not looked through for garbage again, and recognition may begin."""
    gc.freeze()
    gc.enable()
    shown.set()


def still_busy(session: Session) -> str:
    """The sentence for a session that keeps a thread beyond its end."""
    left = "a camera's driver does not return" if session.status().ready else "the networks are still being prepared"
    return f"{left}; that is left to end by itself"


def _summary(ended: Session, demanded: list[Session]) -> RunSummary:
    faults = [session.recording.fault for session in demanded if session.recording.fault]
    error = ended.error or (LogError(faults[0]) if faults else None)
    log = ended.log
    if log is None:
        return RunSummary(ended.status().recognized, None, error)
    return RunSummary(ended.status().recognized, log.path, error, log.fault or "")
