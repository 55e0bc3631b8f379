"""Arrivals of people: one signal per visit, from which notifications and announcements are made."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Signal

from facecam.events.arrivals import ArrivalTracker
from facecam.session.visitors import VisitorSummary
from facecam.ui.session_controller import SessionController


class ArrivalWatcher(QObject):
    """Emits `arrived` once per visit of a recognized person or of a stranger.

    People who were seen before it is created have arrived before. It needs no clock: time comes with the frames.
    """

    arrived = Signal(object)
    """The VisitorSummary: with a name when the person was recognized, without one for a stranger."""

    def __init__(self, controller: SessionController, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._tracker = ArrivalTracker(present=controller.visitor_tracker.visitors)
        controller.visitors_changed.connect(self._check)
        controller.started.connect(self._on_session_started)

    def _check(self) -> None:
        for visitor in self._tracker.find_arrivals(self._controller.visitor_tracker.visitors):
            self.arrived.emit(visitor)

    def _on_session_started(self) -> None:
        self._tracker.forget_strangers()


def arrival_text(visitor: VisitorSummary) -> str:
    """Return a sentence about an arrival."""
    if visitor.name is None:
        return QCoreApplication.translate("Arrivals", "An unknown person is here.")
    return QCoreApplication.translate("Arrivals", "{name} is here.").format(name=visitor.name)
