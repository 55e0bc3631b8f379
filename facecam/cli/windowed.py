"""`run` and `demo` with a window: what must be there before Qt is loaded, and the sessions that the window asks for."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Mapping, MutableMapping
from functools import partial

from facecam.cli import calling
from facecam.cli.job import Job, Summary, open_job_source, shown
from facecam.doctor.check import Verdict
from facecam.doctor.screen import LIBRARIES, display, libraries
from facecam.errors import FacecamError, LogError
from facecam.recognizer import Recognizer
from facecam.runtime.plan import Plan, SourcePlan
from facecam.runtime.session import Session

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


def show(job: Job, stopping: Callable[[], bool], told: Callable[[Session], None]) -> Summary:
    """Show a job in the window until that is closed."""
    check_screen(os.environ, LIBRARIES)
    gc.disable()
    from facecam.ui.live import Places, Wish
    from facecam.ui.run import Start, already_open, run_window

    demanded: list[Session] = []
    shown_first = threading.Event()

    def begin(wish: Wish) -> Session:
        asked = wish.sources == job.sources
        sources = tuple(SourcePlan(shown(text), partial(open_job_source, text, job, whole=not asked)) for text in wish.sources)

        def opened(plan: Plan) -> Recognizer:
            shown_first.wait(_PATIENCE_S)
            return session.preparing.open_recognizer(plan)

        session = Session(Plan(wish.settings, sources, job.gallery_dir, wish.mode, job.log_dir), opened)
        if job.record is not None and not demanded:
            session.recording.start(job.record)
            demanded.append(session)
        return session

    places = Places(job.gallery_dir, job.log_dir, calling.invocation.config)
    start = Start(begin, Wish(job.sources, job.settings, job.mode), places, stopping, told, lambda: _let_work(shown_first))
    if already_open(start):
        calling.err().print("facecam is open already; its window comes to the front.", markup=False)
        return Summary(0, None, None)
    session, ended = run_window(start)
    if not ended:
        calling.err().print(still_busy(session), markup=False)
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


def _summary(ended: Session, demanded: list[Session]) -> Summary:
    faults = [session.recording.fault for session in demanded if session.recording.fault]
    error = ended.error or (LogError(faults[0]) if faults else None)
    log = ended.log
    if log is None:
        return Summary(ended.status().recognised, None, error)
    return Summary(ended.status().recognised, log.path, error, log.fault or "")
