"""Thread that owns the recognizer and the log: it recognizes and logs the newest frame and applies commands."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import queue
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from facecam.enrollment.corrections import Correction
from facecam.errors import FacecamError
from facecam.expression.reader import NETWORK as EXPRESSION_NETWORK
from facecam.gallery.gallery import FolderFingerprint, Gallery, analysis_conditions, folder_fingerprint
from facecam.gallery.transaction import recover
from facecam.logbook.schema import RowOrigin
from facecam.logbook.writer import LogWriter
from facecam.messages import TranslatableText
from facecam.networks.litert import verify_networks
from facecam.recognition.matching import decision_rule
from facecam.recognition.person_groups import GroupMatcher
from facecam.recognizer import Recognizer, networks_for
from facecam.session.capture_worker import CaptureOutputs, CaptureWorker
from facecam.session.config import (
    SessionConfig,
    describe_session,
    gallery_changed_event,
    settings_changed_events,
)
from facecam.session.enrollment_service import BeginEnrollment, EndEnrollment, EnrollmentService, EnrollmentStep
from facecam.session.gallery_monitor import GalleryMonitor, LoadedGallery
from facecam.session.housekeeping import (
    ClockMonitor,
    LogRetention,
    MediaRetention,
    delete_old_compiled_networks,
    finish_interrupted_removal,
)
from facecam.session.latest_value_queue import LatestValueQueue
from facecam.session.markers import Marker, MarkerFolder
from facecam.session.record import FrameCounter, RecordHashes, library_versions, nominal_interval_ms
from facecam.session.recording import RecordingController
from facecam.session.status import Command, CommandResult
from facecam.settings import Mode, Settings
from facecam.types import Event, EventCode, Frame, FrameCounts, Result, SourceTime, TimeOrigin

_log = logging.getLogger(__name__)

MAX_FAILED_FRAMES = 5
"""The session ends after this many consecutive failed frames; a change of mode or settings starts the count again."""

_TICK_S = 0.1
_SOURCES_OPEN_S = 3.0
_MAX_RESULTS = 100

_MAX_MOMENTS = 4096
"""Frames of a file whose moments are known: two minutes of a played one."""

_HASHES_S = 60.0
"""Longest time that a session waits at its end for the hashes of its files."""

_LOG_RECORDINGS_EVERY_S = 5.0
"""The session's JSON is written at most as often for gaps in a recording."""


class RecognitionWorker(threading.Thread):
    """Recognizes frames until every source has ended, `stop()`, or an error.

    `queues.ready` is set when the networks and the gallery are loaded. `started_at_s` (time.monotonic) is the time of t_ms 0.
    `takes_markers` is false from when the log is closed. `searches_every_frame` may be set at any time.
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
        recording: RecordingController,
    ) -> None:
        super().__init__(name="recognize", daemon=True)
        self._config = config
        self._captures = capture_workers
        self._inbox, self._ready, self._paused = queues.inbox, queues.ready, queues.paused
        self._results = results
        self._started_at_s = started_at_s
        self._started_at_utc = datetime.now(UTC)
        self._open_recognizer = open_recognizer
        self._recording = recording
        self._logged_recordings: tuple[tuple[Path, bool, int], ...] = ()
        self._log_recordings_at_s = -math.inf
        self._stopping = threading.Event()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._recognizer: Recognizer | None = None
        self.settings = config.settings
        self._gallery_monitor: GalleryMonitor | None = None
        self._clock_monitor = ClockMonitor()
        self._media_retention = MediaRetention(config.log_dir)
        self._log_retention = None if config.log_dir is None else LogRetention(config.log_dir)
        self._last_t_ms: dict[int, float] = {}
        """Time of the last frame of each source, also of one that has ended."""
        self._last_captured_s: dict[int, float] = {}
        self._recognized_at: dict[int, deque[tuple[float, float]]] = {}
        """For each file, when its last frames were recognized (time.monotonic), with their t_ms."""
        self._newest: dict[int, tuple[Frame, Result, int]] = {}
        """Newest recognized frame of each source, its result, and the `decision_revision` of the recognizer."""
        self._counters: dict[int, FrameCounter] = {}
        self._logged_counts: dict[int, FrameCounts] = {}
        self._hashes: RecordHashes | None = None
        self._has_logged_hashes = False
        self._markers: queue.SimpleQueue[Marker] = queue.SimpleQueue()
        self._marker_folder: MarkerFolder | None = None
        self._unfinished: set[int] = set()
        """Sources whose tracks have not ended."""
        self._step_error: FacecamError | None = None
        self._failed_frames = 0
        self._logged_gallery_fault: str | None = None
        self.error: FacecamError | None = None
        self.log: LogWriter | None = None
        self.takes_markers = True
        self.searches_every_frame = False
        self.recognized = 0
        self.command_results: deque[CommandResult] = deque(maxlen=_MAX_RESULTS)
        self.enrollment = EnrollmentService()

    @property
    def gallery(self) -> Gallery | None:
        """The gallery; None until it is read."""
        gallery = None if self._recognizer is None else self._recognizer.gallery
        return gallery if gallery is not None and gallery.embedding_id else None

    @property
    def group_matcher(self) -> GroupMatcher | None:
        """Compares groups of faces with the gallery in use; None until it is read."""
        return None if self._recognizer is None else self._recognizer.group_matcher

    @property
    def mode(self) -> Mode:
        """The mode in use."""
        return self._config.mode if self._recognizer is None else self._recognizer.mode

    @property
    def waiting_settings(self) -> Settings | None:
        """The settings that wait until the gallery is embedded with them."""
        return None if self._gallery_monitor is None else self._gallery_monitor.requested

    @property
    def gallery_progress(self) -> tuple[int, int] | None:
        """Photos embedded for settings that are not in use yet and their number, (0, 0) when unknown; None without such."""
        return None if self._gallery_monitor is None else self._gallery_monitor.progress

    @property
    def gallery_fault(self) -> TranslatableText | None:
        """Fault because of which the recognized people may not be those in the gallery folder; None when all is well."""
        return None if self._gallery_monitor is None else self._gallery_monitor.fault

    def apply(self, command: Command) -> None:
        """Queue a command, which is applied before the next frame. Usable from any thread."""
        self._commands.put(command)

    def mark(self, marker: Marker) -> None:
        """Queue a marker, which is logged at its own time. Usable from any thread."""
        self._markers.put(marker)

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        stack = contextlib.ExitStack()
        done = self._guarded(lambda: self._open(stack)) and self._guarded(self._loop)
        self.error = None if done or self._stopping.is_set() else self._step_error
        sinks = [sink.close for sink in self._config.sinks]
        # The networks and the gallery come last: a network share that hangs must not keep recordings and the log open.
        for step in (self._finish_all, *sinks, self._log_recordings, self._close_log, stack.close):
            if not self._guarded(step):
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
            _log.debug("refused or failed", exc_info=True)
            self._step_error = _without_frames(error)
        except Exception as error:
            _log.debug("internal error during recognition", exc_info=True)
            self._step_error = FacecamError(
                "internal error during recognition ({kind}: {error}); please report this", kind=type(error).__name__, error=error
            )
        return False

    def _open(self, stack: contextlib.ExitStack) -> None:
        recover(self._config.gallery_dir)
        finish_interrupted_removal(self._config.gallery_dir, self._config.log_dir)
        fingerprint = folder_fingerprint(self._config.gallery_dir)
        self._recognizer = stack.enter_context(self._open_recognizer(self._config))
        # Not `self.apply`: a cycle of references would outlive the session until the garbage collector runs.
        self._gallery_monitor = GalleryMonitor(self._config.gallery_dir, self.settings, fingerprint, self._commands.put)
        stack.callback(self._gallery_monitor.close)
        deadline_s = time.monotonic() + _SOURCES_OPEN_S
        for worker in self._captures:
            worker.settled.wait(max(0.0, deadline_s - time.monotonic()))
        self._open_log()
        if self._recognizer.mode is Mode.FACES:
            self._gallery_monitor.start()
        self._ready.set()
        delete_old_compiled_networks()

    def _open_log(self) -> None:
        """Open the log, which describes the sources, as soon as one of them is open: without any there is nothing to log."""
        assert self._recognizer is not None
        if self.log is not None or not self._config.writes_log or not any(worker.has_opened for worker in self._captures):
            return
        assert self._config.log_dir is not None
        self._started_at_utc = datetime.now(UTC) - timedelta(seconds=time.monotonic() - self._started_at_s)
        gallery = self._recognizer.gallery
        info = describe_session(
            self.settings,
            self._recognizer.mode,
            [worker.status().source for worker in self._captures],
            gallery.revision,
            started_at_utc=self._started_at_utc,
            labels=self._config.labels,
        )
        details = {**info.details, "options": self._config.options, "sources": self._source_records()}
        part_bytes = round(self.settings.log.part_mb * 1e6)
        self.log = LogWriter(self._config.log_dir, dataclasses.replace(info, details=details), part_bytes=part_bytes)
        self._marker_folder = MarkerFolder(self._config.log_dir, info.session_id)
        paths = [partial(_path_of, worker) for worker in self._captures]
        self._hashes = RecordHashes(gallery, analysis_conditions(self.settings), paths)
        self._hashes.start()

    def _source_records(self) -> list[dict[str, object]]:
        """Return what the session's JSON says about each source so far."""
        records: list[dict[str, object]] = []
        for worker, config in zip(self._captures, self._config.sources, strict=True):
            status, time, segment = worker.status(), worker.time, config.segment
            time = time or SourceTime(self._started_at_utc, TimeOrigin.CLOCK)
            digest, size_bytes = (None, None) if self._hashes is None else self._hashes.files.get(worker.slot, (None, None))
            records.append(
                {
                    "source": status.source,
                    "camera_id": status.camera_id,
                    "live": status.live,
                    "size_wh": status.size_wh,
                    "fps": status.nominal_fps,
                    "started_at_utc": time.zero_utc.isoformat(timespec="milliseconds") if worker.has_opened else None,
                    "time_origin": time.origin.value if worker.has_opened else None,
                    "every": segment.every,
                    "from_ms": segment.from_ms,
                    "to_ms": segment.to_ms,
                    "sha256": digest,
                    "size_bytes": size_bytes,
                    "frames": dataclasses.asdict(self._frame_counts(worker.slot)) if worker.has_opened else None,
                }
            )
        return records

    def _log_hashes(self) -> None:
        """Write the hashes to the session's JSON as soon as they are known, so that a killed session has them, too."""
        if self._hashes is not None and self.log is not None and not self._has_logged_hashes and not self._hashes.is_alive():
            self._has_logged_hashes = True
            self.log.describe(self._record())

    def _record(self) -> dict[str, object]:
        """Return the details of the session's JSON that are not known at its start."""
        assert self._hashes is not None
        return {
            "sources": self._source_records(),
            "recordings": self._recording_records(),
            "people": self._hashes.people,
            "taught": self._hashes.taught,
            "versions": library_versions(),
        }

    def _close_log(self) -> None:
        if self.log is not None and self._hashes is not None:
            self._hashes.finish(_HASHES_S, self._stopping.is_set)
        self.takes_markers = False
        if self.log is None:
            return
        self._log_markers(now=True)
        self.log.close(self._record())
        if self._marker_folder is not None:
            self._marker_folder.close()

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._apply_commands()
            self._decide_again()
            taken = self._inbox.take(_TICK_S)
            self._open_log()
            self._log_source_events()
            if taken is not None:
                self._recognize(*taken)
            self._finish_ended_sources()
            # An enrollment from a video continues after its end, when the images are chosen.
            if (
                not any(worker.is_alive() or self._inbox.has_item(worker.slot) for worker in self._captures)
                and not self._unfinished
                and self.enrollment.status is None
            ):
                break
        self._apply_last_corrections()
        self._decide_again()
        self._log_source_events()

    def _finish_all(self) -> None:
        """End the tracks of all sources, also after an error."""
        for slot in list(self._unfinished):
            self._finish(slot)
        for slot in self._counters:
            self._log_frame_counts(slot)

    def _recognize(self, slot: int, frame: Frame) -> None:
        """Recognize a frame; log and skip it on failure, and end the session after too many in a row."""
        results: list[Result] = []

        def recognize() -> None:
            assert self._recognizer is not None
            results.append(
                self._recognizer(
                    frame,
                    slot,
                    embed_every_face=self.enrollment.needs_frames(slot),
                    search_whole_frame=self.searches_every_frame,
                    expected_interval_ms=self._expected_interval_ms(slot, frame),
                )
            )
            if self.log is not None:
                worker, status = self._captures[slot], self._captures[slot].status()
                folder = None if status.live else status.source
                self.log.write(results[0], self._inbox.dropped(slot), worker.time, folder)

        was_sought = self._end_before_seek(slot, frame)
        self._last_t_ms[slot] = frame.t_ms
        self._unfinished.add(slot)
        if not self._guarded(recognize):
            self._skip_frame(slot, frame)
            return
        self._failed_frames = 0
        self.recognized += 1
        for event in results[0].events:
            if event.code is EventCode.SPARSE_FRAMES and math.isfinite(self._expected_interval_ms(slot, frame)):
                _log.warning("%s: %s", self._captures[slot].status().source, event.message)
        self._count_frame(slot, frame, results[0], was_sought=was_sought)
        for sink in self._config.sinks:
            sink(frame, results[0], slot)
        self._put_result(slot, frame, results[0])
        if results[0].mode is Mode.FACES and self.enrollment.needs_frames(slot):
            self._enroll_frame(frame, results[0])

    def _put_result(self, slot: int, frame: Frame, result: Result) -> None:
        assert self._recognizer is not None
        self._newest[slot] = frame, result, self._recognizer.decision_revision
        self._results.put((frame, result), slot)

    def _decide_again(self) -> None:
        """Decide frames that stay in view again after a correction, or a change of gallery or threshold. Nothing is logged."""
        assert self._recognizer is not None
        recognizer = self._recognizer
        for slot, (frame, result, revision) in list(self._newest.items()):
            stays = (self._paused.is_set() or not self._captures[slot].delivering) and not self._inbox.has_item(slot)
            if stays and revision != recognizer.decision_revision and result.mode is recognizer.mode:
                self._newest[slot] = frame, result, recognizer.decision_revision  # A failed attempt is not repeated.
                self._guarded(partial(self._put_decided_again, slot, frame, result))

    def _put_decided_again(self, slot: int, frame: Frame, result: Result) -> None:
        assert self._recognizer is not None
        self._put_result(slot, frame, self._recognizer.decide_again(frame, result, slot))

    def _end_before_seek(self, slot: int, frame: Frame) -> bool:
        """End the tracks of a file before its first frame after a seek, and log the seek; return whether there was one."""
        last_s = self._last_captured_s.get(slot)
        self._last_captured_s[slot] = frame.captured_at_s
        if last_s is None or not any(last_s < at_s <= frame.captured_at_s for at_s in tuple(self._captures[slot].sought_at_s)):
            return False
        if slot in self._unfinished:
            self._finish(slot)
        event = Event("state", f"seek: to {frame.t_ms / 1e3:.3f} s", code=EventCode.SEEKED)
        self._log_event(event, self._last_t_ms[slot], slot)
        return True

    def _count_frame(self, slot: int, frame: Frame, result: Result, *, was_sought: bool) -> None:
        worker = self._captures[slot]
        if not worker.status().live:
            moments = self._recognized_at.setdefault(slot, deque(maxlen=_MAX_MOMENTS))
            moments.append((time.monotonic(), frame.t_ms))
        counter = self._counters.setdefault(slot, FrameCounter())
        gap_ended_s = frame.captured_at_s if was_sought else worker.resumed_at_s
        if counter.add(frame.t_ms, frame.captured_at_s, gap_ended_s, has_faces=bool(result.sightings)):
            self._log_frame_counts(slot)

    def _frame_counts(self, slot: int) -> FrameCounts:
        counter = self._counters.get(slot, FrameCounter())
        return counter.counts(self._inbox.dropped(slot), self._interval_ms(slot))

    def _interval_ms(self, slot: int) -> float:
        """Return the time between two frames of a source by its nominal rate, 0 when that is unknown."""
        return nominal_interval_ms(self._captures[slot].status().nominal_fps, self._config.sources[slot].segment)

    def _expected_interval_ms(self, slot: int, frame: Frame) -> float:
        """Return the time between two frames of a source, infinite for images that do not follow each other."""
        status = self._captures[slot].status()
        is_photo = not status.live and (frame.source != status.source or status.frame_count == 1)
        return math.inf if is_photo else self._interval_ms(slot)

    def _log_frame_counts(self, slot: int) -> None:
        """Log the counts of a source's frames, unless they are logged. The last row of a source counts."""
        counts = self._frame_counts(slot)
        if counts != self._logged_counts.get(slot):
            self._logged_counts[slot] = counts
            self._log_event(Event("frames", frames=counts), self._last_t_ms[slot], slot)

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
        self._counters.setdefault(slot, FrameCounter()).add_failed()
        event = Event("error", f"frame {frame.index}: {self._step_error}", code=EventCode.FRAME_FAILED)
        self._log_event(event, frame.t_ms, slot)
        if self._failed_frames == MAX_FAILED_FRAMES:
            raise FacecamError(
                "{count} frames in a row could not be recognized; the last error was: {error}",
                count=MAX_FAILED_FRAMES,
                error=self._step_error,
            )

    def _finish_ended_sources(self) -> None:
        """Close the tracks of sources that were lost or have ended, once their last frame is recognized."""
        for slot in list(self._unfinished):
            if not self._captures[slot].delivering and not self._inbox.has_item(slot):
                self._finish(slot)

    def _finish(self, slot: int) -> None:
        assert self._recognizer is not None
        self._unfinished.remove(slot)
        t_ms = self._last_t_ms[slot]
        for event in self._recognizer.finish(t_ms, slot):
            self._log_event(event, t_ms, slot)
        self._log_frame_counts(slot)

    def _apply_commands(self) -> None:
        while not self._commands.empty():
            self._apply_or_refuse(self._commands.get())

    def _apply_last_corrections(self) -> None:
        """Apply the corrections that were made just before the end. Other waiting commands are dropped."""
        while not self._commands.empty():
            command = self._commands.get()
            if isinstance(command, Correction):
                self._apply_or_refuse(command)

    def _apply_or_refuse(self, command: Command) -> None:
        if not self._guarded(partial(self._apply, command)):
            self._refuse(command, self._step_error)

    def _refuse(self, command: Command, error: FacecamError | None) -> None:
        event = Event("error", f"not changed: {error}", code=EventCode.COMMAND_REFUSED)
        self._log_events(event)
        self._report(command, event, error)

    def _report(self, command: Command, event: Event, error: FacecamError | None = None) -> None:
        recognizer = self._recognizer
        undoable, redoable = (recognizer.last_correction, recognizer.last_undone_correction) if recognizer else (None, None)
        self.command_results.append(CommandResult(command, event, error, undoable, redoable))

    def _apply(self, command: Command) -> None:
        assert self._recognizer is not None
        assert self._gallery_monitor is not None
        if isinstance(command, Correction):
            event = self._recognizer.correct(command)
            self._log_events(event)
            self._report(command, event)
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
            earlier = self.mode
            self._log_exits(self._recognizer.set_mode(command), earlier)
            self._failed_frames = 0
            self._log_events(Event("state", f"mode: {command}", code=EventCode.MODE_CHANGED))
        if self._recognizer.mode is Mode.FACES and self._gallery_monitor.ident is None:
            self._gallery_monitor.start()

    def _apply_settings(self, settings: Settings) -> None:
        """Use settings now, or have the gallery embedded with them first if recognition can go on meanwhile."""
        assert self._recognizer is not None
        assert self._gallery_monitor is not None
        if not self._gallery_monitor.is_alive() or not self._recognizer.needs_other_embeddings(settings):
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
        assert self._gallery_monitor is not None
        present = {sample.photo for sample in self._recognizer.gallery.samples}
        if not all(sample.photo in present or sample.photo.exists() for sample in gallery.samples):
            # A person removed since must not come back. The folder may also have disappeared, and come back as it was.
            self._gallery_monitor.read_again()
            return
        if gallery.generation < self._recognizer.gallery.generation:
            return  # A correction or an enrollment has read a newer state; the monitor sees what has changed since.
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
        changed = settings_changed_events(self.settings, settings)
        exits = self._recognizer.apply_settings(settings, gallery)
        if self.log is not None and settings.express.enabled is not self.settings.express.enabled:
            self.log.use_expression_model(EXPRESSION_NETWORK if settings.express.enabled else "")
        self.settings = settings
        self._failed_frames = 0
        self._gallery_monitor.use(settings, fingerprint)
        self._log_exits(exits, self.mode)
        self._log_events(*changed)

    def _log_source_events(self) -> None:
        """Log the events of the sources, of recordings, of the system's clock and of log retention."""
        self._log_recordings()
        live = False
        if self.log is None and self._config.writes_log:
            return  # The events wait until the log is open.
        for worker in self._captures:
            live = live or worker.status().live
            for at_s, event in worker.take_events():
                self._log_event(event, self._t_ms(at_s, worker.slot), worker.slot)
        self._log_gallery_fault()
        self._log_markers()
        self._log_hashes()
        jumped = self._clock_monitor.check()
        if jumped is not None and live:
            self._log_events(jumped)
        if (
            self._log_retention is not None
            and (deleted := self._log_retention.delete_expired(self.settings.log.keep_days)) is not None
        ):
            self._log_events(deleted)
        kept = self.settings
        for event in self._media_retention.delete_expired(kept.recording.keep_days, kept.snapshot.keep_days):
            self._log_events(event)

    def _log_recordings(self) -> None:
        """Log the events of recordings, and write their places in time to the session's JSON when they have changed.

        A killed session has them, too. A camera that is lost again and again makes the JSON be written at intervals.
        """
        while not self._recording.events.empty():
            self._log_events(self._recording.events.get())
        found = tuple((video.path, video.is_running, len(video.parts)) for video in self._recording.recorded())
        if self.log is None or found == self._logged_recordings:
            return
        has_other_videos = [state[:2] for state in found] != [state[:2] for state in self._logged_recordings]
        if has_other_videos or time.monotonic() >= self._log_recordings_at_s:
            self._logged_recordings, self._log_recordings_at_s = found, time.monotonic() + _LOG_RECORDINGS_EVERY_S
            self.log.describe({"recordings": self._recording_records()})

    def _recording_records(self) -> list[dict[str, object]]:
        """Return what the session's JSON says about its recordings so far."""
        records: list[dict[str, object]] = []
        for video in self._recording.recorded():
            status = self._captures[video.slot].status()
            parts: list[list[float | None]] = [[part.begin_ms, part.end_ms, part.position_ms] for part in video.parts]
            if video.is_running:
                parts[-1][1] = None
            path = str(Path(video.path).absolute())
            records.append({"path": path, "source": status.source, "camera_id": status.camera_id, "parts": parts})
        return records

    def _log_markers(self, *, now: bool = False) -> None:
        """Log the markers of this program and of `facecam mark`, which is told once they are in the log."""
        if self.log is None or self._marker_folder is None:
            return
        taken = self._marker_folder.take(now=now)
        while not self._markers.empty():
            taken.append(self._markers.get())
        for marker in sorted(taken, key=lambda marker: marker.at_s):
            t_ms, source_time = self._moment(marker.at_s)
            self.log.event(Event("marker", marker=marker.text), t_ms, RowOrigin(mode=self.mode, time=source_time))
        if self.log.fault is None:
            self._marker_folder.confirm()

    def _log_gallery_fault(self) -> None:
        """Log when the gallery folder disappears or cannot be read, and when it is back."""
        fault, logged = self.gallery_fault, self._logged_gallery_fault
        self._logged_gallery_fault = fault
        if fault is not None and fault != logged:
            self._log_events(Event("error", fault, code=EventCode.GALLERY_UNAVAILABLE))
        elif fault is None and logged is not None:
            self._log_events(Event("state", "gallery: available again", code=EventCode.GALLERY_AVAILABLE))

    def _t_ms(self, at_s: float, slot: int) -> float:
        """Convert a monotonic time to the session's time; for a file, the media time of its last frame."""
        if self._captures[slot].status().live:
            return max(0.0, (at_s - self._started_at_s) * 1e3)
        return self._last_t_ms.get(slot, 0.0)

    def _moment(self, at_s: float) -> tuple[float, SourceTime | None]:
        """Return the session's time at a monotonic time, and the origin of its UTC time.

        With a live source it is the session's clock. Else it is the media time of the file that was furthest then.
        """
        workers = [worker for worker in self._captures if worker.has_opened]
        if not workers or any(worker.status().live for worker in workers):
            return max(0.0, (at_s - self._started_at_s) * 1e3), None
        moments = {worker.slot: self._media_ms(at_s, worker.slot) for worker in workers}
        slot = max(moments, key=lambda slot: moments[slot])
        return moments[slot], self._captures[slot].time

    def _media_ms(self, at_s: float, slot: int) -> float:
        """Return the media time of the frame of a file that was recognized last at a monotonic time."""
        moments = self._recognized_at.get(slot, ())
        return next((t_ms for recognized_s, t_ms in reversed(moments) if recognized_s <= at_s), moments[0][1] if moments else 0.0)

    def _log_exits(self, exits: Mapping[int, Sequence[Event]], mode: Mode) -> None:
        """Log the exits of tracks that a change has ended, in the mode in which they were tracked."""
        for slot, events in exits.items():
            self._unfinished.discard(slot)
            for event in events:
                self._log_event(event, self._last_t_ms[slot], slot, mode)

    def _log_event(self, event: Event, t_ms: float, slot: int, mode: Mode | None = None) -> None:
        if self.log is not None:
            status = self._captures[slot].status()
            origin = RowOrigin(status.source, status.camera_id, mode or self.mode, self._captures[slot].time)
            self.log.event(event, t_ms, origin)

    def _log_events(self, *events: Event) -> None:
        """Log events of the whole session, at the present moment."""
        if self.log is not None:
            t_ms, source_time = self._moment(time.monotonic())
            for event in events:
                self.log.event(event, t_ms, RowOrigin(mode=self.mode, time=source_time))


def _path_of(worker: CaptureWorker) -> str | None:
    """Return the path of a source that is a file or a folder, None for another one, and "" as long as it is not open."""
    if not worker.settled.is_set():
        return ""
    status = worker.status()
    return status.source if worker.has_opened and not status.live else None


def _without_frames(error: FacecamError) -> FacecamError:
    """Return the error with its traceback as text: frames would keep networks in memory, and refer to the worker."""
    error.add_note("".join(traceback.format_exception(error)))
    each: BaseException | None = error
    while each is not None:
        each.__traceback__ = None
        each = each.__cause__ or each.__context__
    return error
