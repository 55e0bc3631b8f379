"""Thread that owns the recognizer and the log: it recognizes and logs the newest frame and applies commands."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from facecam.enrollment.corrections import AssignName, AssignNameToImage, RejectName, UndoCorrection
from facecam.errors import FacecamError
from facecam.gallery.gallery import FolderFingerprint, Gallery, analysis_conditions, folder_fingerprint
from facecam.logbook.schema import RowOrigin
from facecam.logbook.writer import LogWriter
from facecam.networks.litert import verify_networks
from facecam.recognition.matching import decision_rule
from facecam.recognizer import Recognizer, embedding_key, networks_for
from facecam.session.capture_worker import CaptureOutputs, CaptureWorker
from facecam.session.config import (
    SessionConfig,
    describe_session,
    gallery_changed_event,
    settings_changed_events,
)
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentService, EnrollmentStep
from facecam.session.gallery_monitor import GalleryMonitor, LoadedGallery
from facecam.session.housekeeping import ClockMonitor, LogRetention, delete_old_compiled_networks
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.status import Command, CommandResult
from facecam.settings import Mode, Settings
from facecam.types import Event, EventCode, Frame, Result

_log = logging.getLogger(__name__)

MAX_FAILED_FRAMES = 5
"""The session ends after this many consecutive failed frames."""

_TICK_S = 0.1
_SOURCES_OPEN_S = 3.0
_MAX_RESULTS = 100


class RecognitionWorker(threading.Thread):
    """Recognizes frames until every source has ended, `stop()`, or an error.

    `queues.ready` is set when the networks and the gallery are loaded. `started_at_s` (time.monotonic) is the time of t_ms 0.
    """

    def __init__(
        self,
        config: SessionConfig,
        capture_workers: Sequence[CaptureWorker],
        queues: CaptureOutputs,
        results: LatestValueQueue[tuple[Frame, Result]],
        *,
        started_at_s: float,
        open_recognizer: Callable[[SessionConfig], Recognizer],
    ) -> None:
        super().__init__(name="recognize", daemon=True)
        self._config = config
        self._captures = capture_workers
        self._inbox, self._ready = queues.inbox, queues.ready
        self._results = results
        self._started_at_s = started_at_s
        self._open_recognizer = open_recognizer
        self._stopping = threading.Event()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._recognizer: Recognizer | None = None
        self.settings = config.settings
        self._gallery_monitor: GalleryMonitor | None = None
        self._clock_monitor = ClockMonitor()
        self._log_retention: LogRetention | None = None
        self._last_frames: dict[int, Frame] = {}
        self._step_error: FacecamError | None = None
        self._failed_frames = 0
        self.error: FacecamError | None = None
        self.log: LogWriter | None = None
        self.recognized = 0
        self.command_results: deque[CommandResult] = deque(maxlen=_MAX_RESULTS)
        self.enrollment = EnrollmentService()

    @property
    def gallery(self) -> Gallery | None:
        """The gallery; None until it is read."""
        gallery = None if self._recognizer is None else self._recognizer.gallery
        return gallery if gallery is not None and gallery.embedding_id else None

    @property
    def waiting_settings(self) -> Settings | None:
        """The settings that wait until the gallery is embedded with them."""
        return None if self._gallery_monitor is None else self._gallery_monitor.requested

    @property
    def gallery_progress(self) -> tuple[int, int] | None:
        """Photos embedded for settings that are not in use yet and their number, (0, 0) when unknown; None without such."""
        return None if self._gallery_monitor is None else self._gallery_monitor.progress

    def apply(self, command: Command) -> None:
        """Queue a command, which is applied before the next frame. Usable from any thread."""
        self._commands.put(command)

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        stack = contextlib.ExitStack()
        done = self._guarded(lambda: self._open(stack)) and self._guarded(self._loop)
        self.error = None if done or self._stopping.is_set() else self._step_error
        if not self._guarded(stack.close):
            self.error = self.error or self._step_error
        self._inbox.close()
        for worker in self._captures:
            worker.stop()

    def _guarded(self, step: Callable[[], None]) -> bool:
        """Run a step and return whether it succeeded; its error is in `_step_error` otherwise."""
        try:
            step()
            return True
        except FacecamError as error:
            self._step_error = error
        except Exception as error:
            _log.debug("internal error during recognition", exc_info=True)
            self._step_error = FacecamError(
                f"internal error during recognition ({type(error).__name__}: {error}); please report this"
            )
        return False

    def _open(self, stack: contextlib.ExitStack) -> None:
        for sink in self._config.sinks:
            stack.callback(sink.close)
        fingerprint = folder_fingerprint(self._config.gallery_dir)
        self._recognizer = stack.enter_context(self._open_recognizer(self._config))
        self._gallery_monitor = GalleryMonitor(self._config.gallery_dir, self.settings, fingerprint, self.apply)
        stack.callback(self._gallery_monitor.close)
        self._open_log(stack)
        if self._recognizer.mode is Mode.FACES:
            self._gallery_monitor.start()
        self._ready.set()
        delete_old_compiled_networks()

    def _open_log(self, stack: contextlib.ExitStack) -> None:
        """Open the log once the sources are open or have had time to open, because its JSON describes them."""
        assert self._recognizer is not None
        deadline_s = time.monotonic() + _SOURCES_OPEN_S
        for worker in self._captures:
            worker.opened.wait(max(0.0, deadline_s - time.monotonic()))
        states = [worker.status() for worker in self._captures]
        if self._config.log_dir is None or all(
            worker.error is not None and not worker.status().live for worker in self._captures
        ):
            return
        started_at_utc = datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._started_at_s)
        names, revision = [status.source for status in states], self._recognizer.gallery.revision
        info = describe_session(self.settings, self._recognizer.mode, names, revision, started_at_utc=started_at_utc)
        opened = [
            {"source": status.source, "camera_id": status.camera_id, "size_wh": status.size_wh, "fps": status.nominal_fps}
            for status in states
        ]
        info = dataclasses.replace(info, details={**info.details, "sources": opened})
        part_bytes = round(self.settings.log.part_mb * 1e6)
        self.log = stack.enter_context(LogWriter(self._config.log_dir, info, part_bytes=part_bytes))
        self._log_retention = LogRetention(self._config.log_dir)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._apply_commands()
            taken = self._inbox.take(_TICK_S)
            self._log_source_events()
            if taken is not None:
                self._recognize(*taken)
            self._finish_ended_sources()
            # An enrollment from a video continues after its end, when the images are chosen.
            if (
                not any(worker.is_alive() for worker in self._captures)
                and not self._last_frames
                and self.enrollment.status is None
            ):
                break
        self._log_source_events()
        for slot in list(self._last_frames):
            self._finish(slot)

    def _recognize(self, slot: int, frame: Frame) -> None:
        """Recognize a frame; log and skip it on failure, and end the session after too many in a row."""
        results: list[Result] = []

        def recognize() -> None:
            assert self._recognizer is not None
            results.append(self._recognizer(frame, slot, embed_every_face=self.enrollment.needs_frames(slot)))

        self._last_frames[slot] = frame
        if not self._guarded(recognize):
            self._skip_frame(slot, frame)
            return
        self._failed_frames = 0
        if self.log is not None:
            self.log.write(results[0], self._inbox.dropped(slot))
        self.recognized += 1
        for sink in self._config.sinks:
            sink(frame, results[0], slot)
        self._results.put((frame, results[0]), slot)
        if results[0].mode is Mode.FACES and self.enrollment.needs_frames(slot):
            self._enroll_frame(frame, results[0])

    def _enroll_frame(self, frame: Frame, result: Result) -> None:
        """Pass a recognized frame to the enrollment. An error ends only the enrollment."""
        assert self._recognizer is not None
        recognizer = self._recognizer
        if not self._guarded(lambda: self._log_events(*self.enrollment.observe(frame, result, recognizer))):
            assert self._step_error is not None
            self._log_events(self.enrollment.fail(self._step_error))

    def _skip_frame(self, slot: int, frame: Frame) -> None:
        assert self._step_error is not None
        self._failed_frames += 1
        event = Event("error", f"frame {frame.index}: {self._step_error}", code=EventCode.FRAME_FAILED)
        self._log_event(event, frame.t_ms, slot)
        if self._failed_frames == MAX_FAILED_FRAMES:
            raise FacecamError(
                f"{MAX_FAILED_FRAMES} frames in a row could not be recognized; the last error was: {self._step_error}"
            )

    def _finish_ended_sources(self) -> None:
        """Close the tracks of sources that were lost or have ended, once their last frame is recognized."""
        for slot in list(self._last_frames):
            if not self._captures[slot].delivering and not self._inbox.has_item(slot):
                self._finish(slot)

    def _finish(self, slot: int) -> None:
        assert self._recognizer is not None
        last = self._last_frames.pop(slot)
        for event in self._recognizer.finish(last.t_ms, slot):
            self._log_event(event, last.t_ms, slot)

    def _apply_commands(self) -> None:
        while not self._commands.empty():
            command = self._commands.get()
            if not self._guarded(partial(self._apply, command)):
                self._refuse(command, self._step_error)

    def _refuse(self, command: Command, error: FacecamError | None) -> None:
        event = Event("error", f"not changed: {error}", code=EventCode.COMMAND_REFUSED)
        self._log_events(event)
        self.command_results.append(CommandResult(command, event, error))

    def _apply(self, command: Command) -> None:
        assert self._recognizer is not None
        assert self._gallery_monitor is not None
        if isinstance(command, RejectName | AssignName | AssignNameToImage | UndoCorrection):
            event = self._recognizer.correct(command)
            self._log_events(event)
            self.command_results.append(CommandResult(command, event, undoable=self._recognizer.last_correction))
            return
        if isinstance(command, BeginEnrollment | EnrollmentStep | EndEnrollment):
            self._log_events(*self.enrollment.execute(command, self._recognizer, self.settings))
            return
        if isinstance(command, LoadedGallery):
            self._apply_gallery(command)
            return
        if isinstance(command, Settings):
            self._apply_settings(command)
        elif command is not self._recognizer.mode:
            verify_networks(networks_for(self.settings, command))
            for slot in list(self._last_frames):
                self._finish(slot)
            self._recognizer.mode = command
            self._recognizer.open()
            self._log_events(Event("state", f"mode: {command}", code=EventCode.MODE_CHANGED))
        if self._recognizer.mode is Mode.FACES and self._gallery_monitor.ident is None:
            self._gallery_monitor.start()

    def _apply_settings(self, settings: Settings) -> None:
        """Use settings now, or have the gallery embedded with them first if recognition can go on meanwhile."""
        assert self._recognizer is not None
        assert self._gallery_monitor is not None
        if not self._gallery_monitor.is_alive() or embedding_key(settings) == self._recognizer.embedding_key:
            self._use_settings(settings)
            return
        verify_networks({*networks_for(settings, Mode.FACES), *networks_for(settings, self._recognizer.mode)})
        decision_rule(settings.identify, ())
        self._gallery_monitor.request(settings)

    def _apply_gallery(self, loaded: LoadedGallery) -> None:
        """Use a gallery that the monitor has read, together with its settings if these have waited for it."""
        assert self._recognizer is not None
        assert self._gallery_monitor is not None
        recognizer, monitor, gallery = self._recognizer, self._gallery_monitor, loaded.gallery
        if loaded.settings is not monitor.requested:
            # A gallery for earlier settings is dropped. The monitor knows: it reads the folder again for those in use.
            if gallery is not None and gallery.revision != recognizer.gallery.revision:
                self._apply_changed_gallery(loaded, gallery)
        elif loaded.error is None and folder_fingerprint(self._config.gallery_dir) != loaded.fingerprint:
            monitor.request(loaded.settings)  # a person removed in this moment must not come back
        elif loaded.error is not None or not self._guarded(
            lambda: self._use_settings(loaded.settings, gallery, loaded.fingerprint)
        ):
            monitor.use(self.settings)
            self._refuse(loaded.settings, loaded.error or self._step_error)

    def _apply_changed_gallery(self, loaded: LoadedGallery, gallery: Gallery) -> None:
        """Use the gallery of a folder that has changed, if it was embedded for the settings in use."""
        assert self._recognizer is not None
        present = {sample.photo for sample in self._recognizer.gallery.samples}
        if not all(sample.photo in present or sample.photo.exists() for sample in gallery.samples):
            return  # A person removed since must not come back; the monitor reads the folder again.
        if (gallery.embedding_id, analysis_conditions(loaded.settings)) == self._recognizer.embedding_key:
            self._recognizer.use_gallery(gallery)
        elif loaded.settings == self.settings and self.waiting_settings is None:
            # The file of the user's network was replaced, and calibrated.
            self._use_settings(loaded.settings, gallery, loaded.fingerprint)
        else:
            return
        self._log_events(gallery_changed_event(gallery))

    def _use_settings(
        self, settings: Settings, gallery: Gallery | None = None, fingerprint: FolderFingerprint | None = None
    ) -> None:
        """Use settings from the next frame on, with the gallery that was read with them from a folder with this fingerprint."""
        assert self._recognizer is not None
        assert self._gallery_monitor is not None
        exits = self._recognizer.apply_settings(settings, gallery)
        previous, self.settings = self.settings, settings
        self._gallery_monitor.use(settings, fingerprint)
        for slot, events in exits.items():
            for event in events:
                self._log_event(event, self._last_frames[slot].t_ms, slot)
        self._log_events(*settings_changed_events(previous, settings))

    def _log_source_events(self) -> None:
        """Log the events of the sources, of the system's clock and of log retention."""
        live = False
        for worker in self._captures:
            live = live or worker.status().live
            for at_s, event in worker.take_events():
                self._log_event(event, self._t_ms(at_s, worker.slot), worker.slot)
        jumped = self._clock_monitor.check()
        if jumped is not None and live:
            self._log_events(jumped)
        if (
            self._log_retention is not None
            and (deleted := self._log_retention.delete_expired(self.settings.log.keep_days)) is not None
        ):
            self._log_events(deleted)

    def _t_ms(self, at_s: float, slot: int) -> float:
        """Convert a monotonic time to the session's time; for a file, the media time of its last frame."""
        if self._captures[slot].status().live:
            return max(0.0, (at_s - self._started_at_s) * 1e3)
        return self._last_frames[slot].t_ms if slot in self._last_frames else 0.0

    def _log_event(self, event: Event, t_ms: float, slot: int) -> None:
        if self.log is not None:
            status = self._captures[slot].status()
            self.log.event(event, t_ms, RowOrigin(status.source, status.camera_id, self._mode()))

    def _log_events(self, *events: Event) -> None:
        """Log events of the whole session."""
        for event in events:
            if self.log is None:
                return
            self.log.event(event, self._t_ms(time.monotonic(), 0), RowOrigin(mode=self._mode()))

    def _mode(self) -> Mode:
        return self._config.mode if self._recognizer is None else self._recognizer.mode
