"""Notifications when a chosen person or a stranger appears, and their choice in window.ini."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from PySide6.QtCore import QCoreApplication, QObject, QSettings
from PySide6.QtWidgets import QMenu, QWidget

from facecam.session.visitors import VisitorSummary
from facecam.ui.arrivals import ArrivalWatcher, arrival_text
from facecam.ui.preferences import open_store

MIN_STRANGER_INTERVAL_S = 60.0
"""Further strangers within this time cause no notification, so that a group of people causes one."""

_PEOPLE, _STRANGERS = "notify/people", "notify/strangers"


@dataclass(frozen=True, slots=True)
class NotificationChoice:
    """Choice of notifications: person ids, and strangers as a group. Empty by default."""

    person_ids: frozenset[str] = frozenset()
    strangers: bool = False

    @classmethod
    def load(cls, store: QSettings) -> Self:
        """Read the choice."""
        ids = str(store.value(_PEOPLE, "")).split()
        return cls(frozenset(ids), bool(store.value(_STRANGERS, False, type=bool)))

    def save(self, store: QSettings) -> None:
        """Write the choice."""
        store.setValue(_PEOPLE, " ".join(sorted(self.person_ids)))
        store.setValue(_STRANGERS, self.strangers)

    def with_person(self, person_id: str, *, chosen: bool) -> Self:
        """Return the choice with or without this person."""
        return replace(self, person_ids=self.person_ids | {person_id} if chosen else self.person_ids - {person_id})

    def with_strangers(self, *, chosen: bool) -> Self:
        """Return the choice with or without strangers."""
        return replace(self, strangers=chosen)

    def includes(self, visitor: VisitorSummary) -> bool:
        """Return whether to notify about this visitor."""
        return self.strangers if visitor.person_id is None else visitor.person_id in self.person_ids


def add_notification_action(menu: QMenu, person_id: str, name: str) -> None:
    """Add the choice of one person to the menu of a face."""
    store = open_store()
    # An ampersand in a name would underline the next letter.
    text = QCoreApplication.translate("FaceMenu", "Notify &me when {name} appears").format(name=name.replace("&", "&&"))
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(person_id in NotificationChoice.load(store).person_ids)
    action.toggled.connect(lambda on: NotificationChoice.load(store).with_person(person_id, chosen=on).save(store))


class ArrivalNotifier(QObject):
    """Sends one sentence, without an image, about the arrival of each chosen visitor while the window is not in use."""

    def __init__(self, arrivals: ArrivalWatcher, store: QSettings, send: Callable[[str], None], window: QWidget) -> None:
        """`send` delivers a sentence to the user."""
        super().__init__(window)
        self._window, self._store, self._send = window, store, send
        self._last_stranger_s: float | None = None
        arrivals.arrived.connect(self._on_arrival)

    def _on_arrival(self, visitor: VisitorSummary) -> None:
        # In the window in use, the visitor is visible.
        if self._window.isActiveWindow() or not NotificationChoice.load(self._store).includes(visitor):
            return
        if visitor.person_id is None:
            last_s = self._last_stranger_s
            if last_s is not None and visitor.last_seen_s - last_s < MIN_STRANGER_INTERVAL_S:
                return
            self._last_stranger_s = visitor.last_seen_s
        self._send(arrival_text(visitor))
