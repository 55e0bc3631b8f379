"""Sessions of `run` and `demo`: in a window, with a progress bar for files, or with a status line a minute for cameras."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from facecam.capture.source import Segment, SegmentSource, Source, open_source, source_label
from facecam.cli import context
from facecam.cli.summary import print_summary
from facecam.diagnostics.machine import LIBRARIES, Verdict, check_display, check_libraries
from facecam.errors import CameraError, EmptySegmentError, FacecamError, LogError
from facecam.gallery.gallery import Gallery
from facecam.messages import caption_with_code
from facecam.recognizer import Recognizer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.recording import RecordingController, RecordingView
from facecam.session.session import Session
from facecam.session.status import SessionStatus, SourceState
from facecam.settings import Mode, Settings, find_config
from facecam.types import DecisionStatus, Result, SourceTime, TimeOrigin

if TYPE_CHECKING:
    from facecam.events.publisher import EventOptions, EventPublisher

STATUS_INTERVAL_S = 60.0
_POLL_INTERVAL_S = 0.1
_CTRL_CLOSE_EVENT = 2
_CLOSED_CONSOLE_WAIT_S = 4.5
"""Windows kills a program 5 s after its console window was closed."""

_MAX_WINDOW_WAIT_S = 3.0
"""Loading networks slows down the window that is being opened, so it waits for the window, at most this long."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Sources of a session and its outputs. Without `log_dir` no log is written.

    With `overwrite`, `record` may be a file that exists. Only the frames of `segment` are used. `started_at` has the UTC time at
    which the recordings begin: one for all sources, one for each, or none. `labels` are those of the session. With `quit_at_end`
    the window closes when its files have ended; with `background` it starts hidden in the system tray. `covers_strangers`
    concerns the video of a run without a window. `event_outputs`, `event_commands` and `event_filters` are those of the command
    line; without any, those of the settings apply.
    """

    settings: Settings
    gallery_dir: Path
    log_dir: Path | None
    window: bool
    sources: tuple[str, ...] = ("0",)
    mode: Mode = Mode.FACES
    record: Path | None = None
    overwrite: bool = False
    segment: Segment = field(default_factory=Segment)
    started_at: tuple[datetime, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    quit_at_end: bool = False
    background: bool = False
    covers_strangers: bool = False
    event_outputs: tuple[str, ...] = ()
    event_commands: tuple[str, ...] = ()
    event_filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The log if there is one, the recorded videos, and the error that ended the session, if any.

    `was_stopped` is true after a signal.
    """

    log_path: Path | None = None
    error: FacecamError | None = None
    videos: tuple[Path, ...] = ()
    was_stopped: bool = False


def has_display() -> bool:
    """Return whether a window can be shown: if X11 or Wayland is set up, always on Windows and macOS."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def window_available() -> bool:
    """Return has_display(); without a display, print a note."""
    if has_display():
        return True
    context.print_note("No display found: running without a window. Use --no-window to hide this message.")
    return False


def run_and_summarize(options: RunOptions) -> None:
    """Run a session, print its summary (in a pipe, the path of its log), and raise the error that ended it, if any.

    With events on stdout, everything else goes to stderr.
    """
    events = event_options(options)
    with contextlib.ExitStack() as stack:
        publisher = None
        if events.are_wanted:
            from facecam.events.publisher import STDOUT, EventPublisher

            publisher = stack.enter_context(EventPublisher(events, sys.stdout))
            if STDOUT in events.outputs:
                stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        summary = run_session(options, publisher)
        print_summary(summary, table=not options.window)
    if isinstance(summary.error, EmptySegmentError):
        from typer import BadParameter  # `facecam` without arguments opens its window without Typer

        raise BadParameter(context.visible(str(summary.error)), param_hint="--from and --to")
    if summary.error is not None:
        raise summary.error


def event_options(options: RunOptions) -> EventOptions:
    """Return where the events of a run go: where the command line says, else where the settings do.

    Raises:
        SettingsError: A configuration file in the working folder that was not named has an output or a command.
    """
    from facecam.events.arrivals import ArrivalRule
    from facecam.events.publisher import EventOptions, is_own_config, trusted_values

    settings, named = options.settings.events, context.invocation.config

    def configured(name: str) -> tuple[str, ...]:
        is_trusted = f"FACECAM_EVENTS_{name.upper()}" in os.environ or is_own_config(find_config(named), named)
        return trusted_values([getattr(settings, name)], f"events.{name}", is_trusted=is_trusted)

    return EventOptions(
        outputs=options.event_outputs or configured("output"),
        commands=options.event_commands or configured("command"),
        filters=options.event_filters or tuple(filter(None, [settings.filter])),
        rule=ArrivalRule(settings.dwell_s, settings.quiet_s),
        timeout_s=settings.timeout_s,
    )


def run_session(options: RunOptions, publisher: EventPublisher | None = None) -> RunSummary:
    """Run until all sources end, the window is closed, or a signal requests a clean end (see `_stop_on_signals`)."""
    with _stop_on_signals() as stop_requested:
        printer = _StatusPrinter(publisher)
        summary = (_run_in_window if options.window else _run_headless)(options, stop_requested, printer, publisher)
        return dataclasses.replace(summary, was_stopped=stop_requested())


def _run_headless(
    options: RunOptions, stop_requested: Callable[[], bool], printer: _StatusPrinter, publisher: EventPublisher | None
) -> RunSummary:
    gc.enable()
    config = SessionConfig(
        settings=options.settings,
        sources=_source_configs(options.sources, options.settings, options),
        gallery_dir=options.gallery_dir,
        mode=options.mode,
        log_dir=options.log_dir,
        every_frame=True,
        labels=options.labels,
        options=_described(options, options.sources, options.mode),
    )
    session = _create_session(config, _open_recognizer, publisher)
    session.searches_every_frame = options.covers_strangers
    recordings = start_recording(session.recording, (), options)
    session.start()
    try:
        _report_until_end(session, stop_requested, printer)
    finally:
        if not session.stop():
            context.print_note(_busy_message(session))
    return _summarize(session, recordings, printer)


def _create_session(
    config: SessionConfig, open_recognizer: Callable[[SessionConfig], Recognizer], publisher: EventPublisher | None
) -> Session:
    """Create a session, whose events are published if there is a publisher."""
    if publisher is None:
        return Session(config, open_recognizer)
    from facecam.events.worker import EventFeed

    feed = EventFeed()
    session = Session(dataclasses.replace(config, sinks=(*config.sinks, feed)), open_recognizer)
    publisher.watch(session, feed)
    return session


def start_recording(
    recording: RecordingController, earlier: Sequence[RecordingController], options: RunOptions
) -> tuple[RecordingController, ...]:
    """Start the recording of a session for --record, unless an earlier session has a video: the first may find no camera.

    Strangers are covered in frames that precede the window, which then says what it covers.

    Returns:
        The recordings for --record so far, this one included.
    """
    if options.record is None or any(each.saved_path for each in earlier):
        return tuple(earlier)
    view = RecordingView(covers_strangers=options.covers_strangers or options.window)
    recording.view_of = lambda slot: view
    recording.start(options.record, overwrite=options.overwrite)
    return (*earlier, recording)


def _summarize(session: Session, recordings: Sequence[RecordingController], printer: _StatusPrinter) -> RunSummary:
    """Return the log and the error of the last session; without one, a fault of the recordings is the error."""
    faults = [fault for recording in recordings for fault in recording.faults]
    printer.print_recording_faults(faults[1:])  # the first one is printed as the error
    error = session.error or (LogError(faults[0]) if faults else None)
    videos = next((recording.saved_paths for recording in recordings if recording.saved_paths), ())
    if session.log is None:
        return RunSummary(error=error, videos=videos)
    if session.log.fault and error is not None:
        context.print_note(session.log.fault, style="yellow")
    return RunSummary(session.log.path, error or (LogError(session.log.fault) if session.log.fault else None), videos)


def _source_configs(
    texts: Sequence[str], settings: Settings, options: RunOptions, *, whole: bool = False
) -> tuple[SourceConfig, ...]:
    """Return the sources of a session. They deliver only the frames of the segment, or with `whole` all of them."""
    segment = Segment() if whole else options.segment
    times = () if whole else options.started_at

    def open_segment(text: str, began_at: datetime | None, started_at_s: float) -> Source:
        source = open_source(text, settings.capture, started_at_s)
        if began_at is not None and source.live:
            source.close()
            raise CameraError(f"{source.source} is live and has the time of this machine; use --started-at for recordings")
        if began_at is not None:
            source.time = SourceTime(began_at, TimeOrigin.GIVEN)
        if segment == Segment():
            return source
        return SegmentSource(source, segment.every, segment.from_ms, segment.to_ms)

    began_at = [None] * len(texts) if not times else list(times) * len(texts) if len(times) == 1 else list(times)
    return tuple(
        SourceConfig(source_label(text), partial(open_segment, text, time), segment)
        for text, time in zip(texts, began_at, strict=True)
    )


def _described(options: RunOptions, sources: Sequence[str], mode: Mode) -> dict[str, object]:
    """Return the options of a run for the session's JSON, addresses without credentials."""
    return {
        "sources": [source_label(text) for text in sources],
        "mode": mode.value,
        "every": options.segment.every,
        "from_ms": options.segment.from_ms,
        "to_ms": options.segment.to_ms,
        "started_at": [time.isoformat() for time in options.started_at],
        "window": options.window,
        "gallery": str(options.gallery_dir.absolute()),
        "record": options.record and str(options.record.absolute()),
        "cover_strangers": options.covers_strangers,
    }


def _open_recognizer(config: SessionConfig) -> Recognizer:
    """Open the recognizer of a session, with a progress bar for the gallery."""
    with context.progress("reading the gallery") as report_progress:
        return Recognizer(config.settings, config.gallery_dir, config.mode, progress=report_progress)


def _busy_message(session: Session) -> str:
    cause = "a camera driver does not respond" if session.status().ready else "the networks are still being loaded"
    return f"{cause}; facecam no longer waits for it"


def _report_until_end(session: Session, stop_requested: Callable[[], bool], printer: _StatusPrinter) -> None:
    """Show a progress bar for files, and one line a minute for live sources."""
    with contextlib.ExitStack() as stack:
        report_progress: Callable[[int, int], None] | None = None
        while not stop_requested() and not session.wait(_POLL_INTERVAL_S):
            status = session.status()
            printer.print_changes(session, status)
            if any(source.live for source in status.sources if source.state is not SourceState.OPENING):
                printer.print_status(session, status)
            elif status.ready:
                names = ", ".join(source.source for source in status.sources)
                report_progress = report_progress or stack.enter_context(context.progress(names))
                report_progress(sum(s.frames for s in status.sources), sum(s.frame_count or 0 for s in status.sources))
    printer.print_changes(session, session.status())


class _StatusPrinter:
    """Prints changes of a session's state to stderr, and its figures once a minute."""

    def __init__(self, publisher: EventPublisher | None = None) -> None:
        self._publisher = publisher
        self._recording_faults: set[str] = set()
        self._source_states: dict[int, tuple[SourceState, str]] = {}
        self._log_fault: str | None = None
        self._gallery_reported = False
        self._next_status_s = time.monotonic() + STATUS_INTERVAL_S
        self._latest: dict[int, Result] = {}

    def print_changes(self, session: Session, status: SessionStatus) -> None:
        """Print a line for each source or log that fails temporarily or recovers. Fatal errors are raised at the end."""
        if session.gallery is not None and not self._gallery_reported:
            self._gallery_reported = True
            _print_gallery_problems(session.gallery, status)
        for slot, source in enumerate(status.sources):
            current, previous = (source.state, source.message), self._source_states.get(slot)
            self._source_states[slot] = current
            had_problem = previous is not None and (previous[1] or previous[0] is SourceState.RECONNECTING)
            relevant = bool(source.message) or (had_problem and source.state is SourceState.RUNNING)
            if current != previous and relevant and source.state is not SourceState.FAILED:
                context.print_note(f"{_now()} {source.state}: {source.message or f'{source.source} delivers frames again'}")
        if status.log_fault and not self._log_fault:
            context.print_note(f"{_now()} {status.log_fault}")
        elif self._log_fault and not status.log_fault:
            context.print_note(f"{_now()} the log is being written again")
        self._log_fault = status.log_fault
        self.print_recording_faults(session.recording.faults)

    def print_recording_faults(self, faults: Sequence[str]) -> None:
        """Print each fault once."""
        for fault in faults:
            if fault not in self._recording_faults:
                self._recording_faults.add(fault)
                context.print_note(f"{_now()} {fault}", style="yellow")

    def print_status(self, session: Session, status: SessionStatus) -> None:
        """Print one line if a minute has passed."""
        while (recognized := session.results.take()) is not None:
            self._latest[recognized[0]] = recognized[1][1]
        if time.monotonic() < self._next_status_s:
            return
        self._next_status_s += STATUS_INTERVAL_S
        parts = [str(status.state), f"{status.recognized} frames recognized"]
        for slot, source in enumerate(status.sources):
            names = ", ".join(_names(self._latest[slot])) if slot in self._latest else ""
            parts.append(f"{source.source}: {source.fps:.1f} fps, {source.dropped} dropped, visible: {names or 'none'}")
        if session.log is not None:
            parts.append(f"{session.log.rows_written} rows")
        if self._publisher is not None:
            parts.append(self._publisher.status())
        context.print_note(f"{_now()} " + " | ".join(parts))


def _print_gallery_problems(gallery: Gallery, status: SessionStatus) -> None:
    if not gallery.samples and any(source.state is not SourceState.FAILED for source in status.sources):
        context.print_note(context.empty_gallery_message(gallery.folder, "--source 0"))
    for problem in gallery.problems:
        context.print_note(f"skipped: {problem.path}: {caption_with_code(problem.reason)}")


def _names(result: Result) -> list[str]:
    """Return the name or decision of each face, or the best label in objects mode."""
    decisions = [sighting.track_decision.decision for sighting in result.sightings]
    faces = [decision.name or str(decision.status) for decision in decisions if decision.status is not DecisionStatus.SKIPPED]
    return faces or [label.name for label in result.labels[:1]]


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"


@contextlib.contextmanager
def _stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether a signal requested a clean end.

    Ctrl-C and SIGTERM request it, and end the program at once the second time. A terminal that is closed sends SIGHUP, often
    twice; with nohup, SIGHUP stays ignored. On Windows, Ctrl-Break and a closed console window request it.
    """
    requested, forced = threading.Event(), threading.Event()
    closing = [getattr(signal, name) for name in ("SIGHUP", "SIGBREAK") if hasattr(signal, name)]

    def handle(number: int, _: object) -> None:
        if number not in closing:
            if forced.is_set():
                signal.default_int_handler(number, None)
            forced.set()
        requested.set()

    numbers = [number for number in (signal.SIGINT, signal.SIGTERM, *closing) if signal.getsignal(number) is not signal.SIG_IGN]
    previous_handlers = {number: signal.signal(number, handle) for number in numbers}
    try:
        with _stop_on_closed_console(requested):
            yield requested.is_set
    finally:
        for number, handler in previous_handlers.items():
            signal.signal(number, handler)


if sys.platform == "win32":

    @contextlib.contextmanager
    def _stop_on_closed_console(requested: threading.Event) -> Iterator[None]:
        """Request a clean end when the console window is closed. Windows kills the program when the handler returns."""
        import ctypes
        from ctypes import wintypes

        ended = threading.Event()

        def handle(event: int) -> bool:
            if event != _CTRL_CLOSE_EVENT:
                return False
            requested.set()
            ended.wait(_CLOSED_CONSOLE_WAIT_S)
            return True

        handler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(handle)
        ctypes.windll.kernel32.SetConsoleCtrlHandler(handler, True)
        try:
            yield
        finally:
            ended.set()
            ctypes.windll.kernel32.SetConsoleCtrlHandler(handler, False)

else:

    def _stop_on_closed_console(requested: threading.Event) -> contextlib.nullcontext[None]:  # noqa: ARG001
        """Do nothing: a closed terminal sends a signal."""
        return contextlib.nullcontext()


def require_display(environment: MutableMapping[str, str], needed: Mapping[str, str]) -> None:
    """Raise FacecamError with the reason if no window can be shown. Qt itself would abort without a message.

    `needed` maps system libraries to Debian packages. With Wayland and without those of X11, QT_QPA_PLATFORM is set.
    """
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in ("offscreen", "minimal", "vnc"):
        return
    if environment.get("WAYLAND_DISPLAY"):
        x11 = {name: package for name, package in needed.items() if name.startswith("libxcb-") or "x11" in name}
        needed = {name: package for name, package in needed.items() if name not in x11}
        if check_libraries(x11, needs_window=True).verdict is Verdict.FAULT:
            environment.setdefault("QT_QPA_PLATFORM", "wayland")
    for finding in (check_display(environment), check_libraries(needed, needs_window=True)):
        if finding.verdict is Verdict.FAULT:
            raise FacecamError(f"the window cannot be shown: {finding.found}. {finding.advice}")


def _run_in_window(
    options: RunOptions, stop_requested: Callable[[], bool], printer: _StatusPrinter, publisher: EventPublisher | None
) -> RunSummary:
    require_display(os.environ, LIBRARIES)
    gc.disable()  # The window collects in its own thread.
    from facecam.ui.app import WindowStart, focus_open_window, run_window
    from facecam.ui.session_controller import AppPaths, SessionRequest

    recordings: tuple[RecordingController, ...] = ()
    window_shown = threading.Event()

    def create_session(request: SessionRequest) -> Session:
        nonlocal recordings
        # Segment and times belong to the sources of the command line.
        is_given = request.sources == options.sources
        sources = _source_configs(request.sources, request.settings, options, whole=not is_given)

        def open_recognizer(config: SessionConfig) -> Recognizer:
            window_shown.wait(_MAX_WINDOW_WAIT_S)

            def report_progress(done: int, total: int) -> None:
                session.gallery_progress = (done, total)

            return Recognizer(config.settings, config.gallery_dir, config.mode, progress=report_progress)

        described = options if is_given else dataclasses.replace(options, segment=Segment(), started_at=())
        config = SessionConfig(
            settings=request.settings,
            sources=sources,
            gallery_dir=options.gallery_dir,
            mode=request.mode,
            log_dir=options.log_dir,
            labels=request.labels,
            options=_described(described, request.sources, request.mode),
        )
        session = _create_session(config, open_recognizer, publisher)
        recordings = start_recording(session.recording, recordings, options)
        return session

    start = WindowStart(
        create_session,
        SessionRequest(options.sources, options.settings, options.mode, options.labels),
        AppPaths(options.gallery_dir, options.log_dir, context.invocation.config),
        stop_requested,
        lambda session: printer.print_changes(session, session.status()),
        window_shown.set,
        options.quit_at_end,
        options.background,
    )
    if focus_open_window(start):
        context.print_note("facecam is already open; its window comes to the front.")
        return RunSummary()
    session, ended = run_window(start)
    if not ended:
        context.print_note(_busy_message(session))
    return _summarize(session, recordings, printer)
