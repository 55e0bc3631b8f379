"""Thread that finds the events of a session in its results and its status.

    recognition thread ── EventFeed ──▶ EventWorker ── publish ──▶ queues of the consumers

The recognition thread only appends to a bounded queue, five times a second for each source.
"""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from facecam.capture.addresses import redact_url
from facecam.events.arrivals import ArrivalRule, ArrivalTracker
from facecam.events.event import EventKind, SessionEvent
from facecam.session.session import Session
from facecam.session.status import SourceState
from facecam.session.visitors import VisitorSummary, VisitorTracker
from facecam.types import Frame, Result

_log = logging.getLogger(__name__)

_EVERY_MS = 200.0
_MAX_WAITING = 8
"""Results that wait for the thread. Each keeps its image in memory."""

_TICK_S = 0.25


class EventFeed:
    """Sink of a session that hands its results to an EventWorker. It never waits: the oldest result is dropped instead."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Frame, Result, int]] = deque(maxlen=_MAX_WAITING)
        self._last_ms: dict[int, float] = {}
        self._arrived = threading.Event()
        self.ended = threading.Event()

    def __call__(self, frame: Frame, result: Result, slot: int) -> None:
        """Hand over a result if the last one of the source is old enough, or a track has begun or ended."""
        if not result.events and 0 <= frame.t_ms - self._last_ms.get(slot, -_EVERY_MS) < _EVERY_MS:
            return
        self._last_ms[slot] = frame.t_ms
        self._waiting.append((frame, result, slot))
        self._arrived.set()

    def close(self) -> None:
        """State that the session has ended."""
        self.ended.set()
        self._arrived.set()

    def take(self, timeout_s: float) -> list[tuple[Frame, Result, int]]:
        """Return what has been handed over since the last call, after at most `timeout_s`."""
        self._arrived.wait(timeout_s)
        if not self.ended.is_set():
            self._arrived.clear()
        return [self._waiting.popleft() for _ in range(len(self._waiting))]


class EventWorker(threading.Thread):
    """Publishes the events of a session until it ends or `stop()`. For live sources the clock goes on without frames."""

    def __init__(self, session: Session, feed: EventFeed, rule: ArrivalRule, publish: Callable[[SessionEvent], None]) -> None:
        super().__init__(name="events", daemon=True)
        self._session, self._feed, self._publish = session, feed, publish
        self._rule = rule
        self._visitors = VisitorTracker(session.settings.track.leave_after_ms / 1e3)
        self._arrivals = ArrivalTracker(rule)
        self._started_at_utc = datetime.now(UTC) - timedelta(seconds=time.monotonic() - session.started_at_s)
        self._revision = -1
        self._now_s = session.started_at_s
        self._media_offset_s: dict[int, float] = {}
        self._media_last_s: dict[int, float] = {}
        self._slot_of: dict[int, int] = {}
        """Source of each track."""
        self._shown_at_s: dict[str, float] = {}
        self._running: set[int] = set()
        """Sources that have delivered frames."""
        self._lost: set[int] = set()
        self._stopping = False

    def stop(self) -> None:
        """Stop as at the end of the session."""
        self._stopping = True
        self._feed.close()

    def run(self) -> None:
        try:
            while not self._feed.ended.is_set():
                self._step(self._feed.take(_TICK_S))
            self._step(self._feed.take(0))
            for visitor in self._arrivals.end():
                self._person_left(visitor, "session_ended")
        except Exception:  # noqa: BLE001 - an error here must not end the session, only its events
            _log.exception("internal error; the session goes on without events, please report this")

    def _step(self, taken: list[tuple[Frame, Result, int]]) -> None:
        status = self._session.status()
        live = [source.live for source in status.sources]
        self._visitors.use_matcher(self._session.group_matcher)
        for frame, result, slot in taken:
            # A file may be recognized faster than it plays: its own time counts.
            at_s = frame.captured_at_s if live[slot] else self._media_s(frame, slot)
            self._now_s = max(self._now_s, at_s)
            self._slot_of.update((sighting.track_decision.track_id, slot) for sighting in result.sightings)
            self._visitors.update(slot, dataclasses.replace(frame, captured_at_s=at_s), result)
            self._find_object(result, slot, at_s)
            self._find_visitors()
        # Before it is open, a source counts as live.
        is_open = [source.state in (SourceState.RUNNING, SourceState.RECONNECTING) for source in status.sources]
        if any(map(all, zip(live, is_open, strict=True))) and not self._feed.ended.is_set():
            self._now_s = max(self._now_s, time.monotonic())
            self._visitors.advance(self._now_s)
            self._find_visitors()
        if not self._stopping:
            self._find_lost_cameras()

    def _media_s(self, frame: Frame, slot: int) -> float:
        """Return the monotonic time at which a frame of a file would have been recorded. After a seek back it goes on."""
        media_s = frame.t_ms / 1e3
        last_s = self._media_last_s.get(slot, media_s)
        offset_s = self._media_offset_s.get(slot, self._session.started_at_s) + max(0.0, last_s - media_s)
        self._media_last_s[slot], self._media_offset_s[slot] = media_s, offset_s
        return media_s + offset_s

    def _find_visitors(self) -> None:
        if self._visitors.revision != self._revision:
            self._revision = self._visitors.revision
            visitors = self._visitors.visitors
            for visitor in self._arrivals.find_arrivals(visitors):
                kind = EventKind.STRANGER_ARRIVED if visitor.person_id is None else EventKind.PERSON_ARRIVED
                self._publish(self._visitor_event(kind, visitor))
            present = {track_id for visitor in visitors for track_id in (*visitor.track_ids, visitor.last_track_id)}
            self._slot_of = {track_id: slot for track_id, slot in self._slot_of.items() if track_id in present}
        for visitor in self._arrivals.find_departures(self._now_s):
            self._person_left(visitor, "absent")

    def _person_left(self, visitor: VisitorSummary, reason: str) -> None:
        event = self._visitor_event(EventKind.PERSON_LEFT, visitor)
        visit_s = visitor.last_seen_s - visitor.visit_started_s
        self._publish(dataclasses.replace(event, visit_s=visit_s, reason=reason))

    def _visitor_event(self, kind: EventKind, visitor: VisitorSummary) -> SessionEvent:
        nearest = visitor.decision.nearest
        return dataclasses.replace(
            self._event(kind, visitor.last_seen_s, self._slot_of.get(visitor.last_track_id, 0)),
            person_id=visitor.person_id,
            name=visitor.name,
            track_id=visitor.last_track_id,
            visitor_id=visitor.visitor_id,
            distance_l2=None if nearest is None else nearest.distance_l2,
        )

    def _find_object(self, result: Result, slot: int, at_s: float) -> None:
        """Publish a taught object that is shown, once until it has not been shown for the quiet time."""
        label = result.labels[0].name if result.labels else None
        if label is None or label not in {taught.name for taught in result.taught}:
            return
        last_s = self._shown_at_s.get(label)
        self._shown_at_s[label] = at_s
        if last_s is None or at_s - last_s >= self._rule.quiet_s:
            self._publish(dataclasses.replace(self._event(EventKind.OBJECT_SHOWN, at_s, slot), name=label))

    def _find_lost_cameras(self) -> None:
        for slot, source in enumerate(self._session.status().sources):
            if not source.live:
                continue
            was_lost = slot in self._lost
            if source.state is SourceState.RUNNING:
                self._running.add(slot)
            if source.state is SourceState.RECONNECTING or (source.state is SourceState.FAILED and slot in self._running):
                self._lost.add(slot)
            if slot in self._lost and not was_lost:
                self._publish(self._event(EventKind.CAMERA_LOST, time.monotonic(), slot))
            elif source.state is SourceState.RUNNING and slot in self._lost:
                self._lost.remove(slot)
                self._publish(self._event(EventKind.CAMERA_BACK, time.monotonic(), slot))

    def _event(self, kind: EventKind, at_s: float, slot: int) -> SessionEvent:
        source, session = self._session.status().sources[slot], self._session
        zero = None if source.live else session.source_time(slot)
        offset_s = session.started_at_s if source.live else self._media_offset_s.get(slot, session.started_at_s)
        t_ms = max(0.0, (at_s - offset_s) * 1e3)
        at_utc = (zero.zero_utc if zero is not None else self._started_at_utc) + timedelta(milliseconds=t_ms)
        return SessionEvent(kind, at_utc, t_ms, session.session_id, redact_url(source.source))
