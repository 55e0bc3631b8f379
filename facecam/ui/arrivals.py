"""Arrivals of people: one signal per visit, from which notifications and announcements are made."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Signal

from facecam.session.visitors import VisitorSummary
from facecam.types import DecisionStatus
from facecam.ui.session_controller import SessionController

MIN_ABSENCE_S = 60.0
"""A visitor who was away for less than this has not arrived again."""

STRANGER_AFTER_S = 5.0
"""An unknown face counts as a stranger after this time. An enrolled person who looks aside at first is recognized by then,
unless the face stays turned away."""

_PERSON = "person "


class ArrivalWatcher(QObject):
    """Emits `arrived` once per visit of a recognized person or of a stranger.

    People who were seen before it is created have arrived before. It needs no clock: time comes with the frames.
    """

    arrived = Signal(object)
    """The VisitorSummary: with a name when the person was recognized, without one for a stranger."""

    def __init__(self, controller: SessionController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._last_present_s: dict[str, float] = {}
        self._stranger_tracks: set[int] = set()
        controller.visitors_changed.connect(self._check)
        controller.started.connect(self._on_session_started)
        for visitor in controller.visitor_tracker.visitors:
            if (key := _arrival_key(visitor)) is not None:
                self._remember(key, visitor)

    def _check(self) -> None:
        for visitor in self._find_arrivals():
            self.arrived.emit(visitor)

    def _find_arrivals(self) -> list[VisitorSummary]:
        arrivals = []
        for visitor in self._controller.visitor_tracker.visitors:
            key = _arrival_key(visitor) if visitor.is_present else None
            if key is None:
                continue
            before_s = self._last_present_s.get(key)
            is_new = before_s is None or visitor.visit_started_s - before_s >= MIN_ABSENCE_S
            if visitor.person_id is None:
                # A track may move to another group of unknown faces.
                is_new = is_new and not self._stranger_tracks.intersection(visitor.track_ids)
            self._remember(key, visitor)
            if is_new:
                arrivals.append(visitor)
        return arrivals

    def _remember(self, key: str, visitor: VisitorSummary) -> None:
        self._last_present_s[key] = visitor.last_seen_s
        if visitor.person_id is None:
            self._stranger_tracks.update(visitor.track_ids)

    def _on_session_started(self) -> None:
        """Forget the strangers, whose tracks and numbers belong to the session that has ended."""
        self._last_present_s = {key: at_s for key, at_s in self._last_present_s.items() if key.startswith(_PERSON)}
        self._stranger_tracks.clear()


def _arrival_key(visitor: VisitorSummary) -> str | None:
    """Return what identifies a visitor who has arrived; None while it is not decided who it is."""
    if visitor.status is DecisionStatus.KNOWN and visitor.person_id:
        return f"{_PERSON}{visitor.person_id}"
    is_stranger = visitor.status is DecisionStatus.UNKNOWN and visitor.person_id is None
    has_stayed = visitor.last_seen_s - visitor.visit_started_s >= STRANGER_AFTER_S
    return visitor.visitor_id if is_stranger and has_stayed else None


def arrival_text(visitor: VisitorSummary) -> str:
    """Return a sentence about an arrival."""
    if visitor.name is None:
        return QCoreApplication.translate("Arrivals", "An unknown person is here.")
    return QCoreApplication.translate("Arrivals", "{name} is here.").format(name=visitor.name)
