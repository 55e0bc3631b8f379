"""What `run` and `demo` share: a session from its start to its end, with a window, a progress bar, or a line a minute."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from facecam.cli import calling
from facecam.cli.job import Extract, Job, Summary, open_job_source, shown
from facecam.compile import ensure_compiled, ensure_fetched, missing
from facecam.identify.gallery import Gallery
from facecam.recognizer import Recognizer, networks_for
from facecam.runtime.plan import Plan, SourcePlan
from facecam.runtime.recording import Recording
from facecam.runtime.session import Session
from facecam.runtime.state import SessionStatus, State
from facecam.types import Kind, Result

__all__ = ["Extract", "Job", "Summary", "has_display", "play", "run_job"]

NO_DISPLAY = "There is no display, so there is no window; --no-window says so without this line."

STATUS_EVERY_S = 60.0
_LOOK_EVERY_S = 0.1


def has_display() -> bool:
    """Whether a window could be shown: always on Windows and macOS, elsewhere when X11 or Wayland answers to a name."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def play(job: Job) -> None:
    """Do what `facecam run` does: play the job, and name its log on the last line. What ended it early is raised."""
    summary = run_job(job)
    if summary.log_path is not None:
        print(summary.log_path, flush=True)
    if summary.error is not None:
        raise summary.error


def run_job(job: Job) -> Summary:
    """Play every source to its end, to the window's closing, or to Ctrl-C or SIGTERM, which end it cleanly."""
    if job.window:
        return _show(job)
    gc.enable()
    recording = () if job.record is None else (Recording(job.record, lambda slot: session.status().sources[slot].nominal_fps),)
    plan = Plan(
        settings=job.settings,
        sources=tuple(SourcePlan(shown(text), partial(open_job_source, text, job)) for text in job.sources),
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
                calling.err().print(f"{left}; that is left to end by itself", markup=False)
    log = session.log
    if log is not None and log.fault:
        calling.err().print(f"[yellow]{log.fault}[/]")
    return Summary(session.status().recognised, log.path if log is not None else None, session.error)


def _show(job: Job) -> Summary:
    from facecam.cli import windowed

    told = _Teller()
    with _stopped_by_signals() as stopping:
        summary = windowed.show(job, stopping, lambda session: told.changes(session, session.status()))
    if summary.log_fault:
        calling.err().print(f"[yellow]{summary.log_fault}[/]")
    return summary


def _open_recognizer(plan: Plan) -> Recognizer:
    """What the plan asks for; tells on stderr what takes time."""
    names = networks_for(plan.settings, plan.mode)
    with calling.progress("fetching weights") as told:
        ensure_fetched(names, told)
    if missing(names):
        calling.err().print("First start on this machine: preparing the networks, about half a minute.")
        with calling.progress("preparing networks") as told:
            ensure_compiled(names, lambda done, total, _: told(done, total))
    with calling.progress("reading the gallery") as told:
        return Recognizer(plan.settings, plan.gallery_dir, plan.mode, progress=told)


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
                bar = bar or stack.enter_context(calling.progress(", ".join(source.source for source in status.sources)))
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
                calling.err().print(f"{_now()} {source.state}: {words}", markup=False)
        if status.log_fault and not self._log_fault:
            calling.err().print(f"{_now()} {status.log_fault}", markup=False)
        elif self._log_fault and not status.log_fault:
            calling.err().print(f"{_now()} the log is written again", markup=False)
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
        calling.err().print(f"{_now()} " + " | ".join(parts), markup=False)


def _say_who_is_enrolled(gallery: Gallery, status: SessionStatus) -> None:
    if not gallery.samples and any(source.state is not State.FAILED for source in status.sources):
        calling.err().print(
            f"Nobody is enrolled in {gallery.folder}; `facecam enroll NAME --source 0` adds a person.", markup=False
        )
    for problem in gallery.problems:
        calling.err().print(f"left out: {problem.path} ({problem.reason})", markup=False)


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
