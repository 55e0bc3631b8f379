"""While poses are collected: the ring, the checklist, and the one thing to do now, in large letters and without haste."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from facecam.identify.checklist import checklist
from facecam.identify.poses import Hint, Pose
from facecam.identify.progress import Progress
from facecam.runtime.state import State
from facecam.ui.enrol_parts import EnrolParts
from facecam.ui.enrol_words import ARROWS, hint_words, pose_words
from facecam.ui.live import Live
from facecam.ui.pose_ring import RingState
from facecam.ui.scene_panel import Choice

_CALM_S = 0.7
"""A sentence stands at least so long: a picture that is blurred for one frame asks nothing of anybody."""


class SittingScene(QObject):
    """Shows how far collecting is."""

    def __init__(self, live: Live, parts: EnrolParts, parent: QObject) -> None:
        super().__init__(parent)
        self._live = live
        self._parts = parts
        self._hint, self._hint_since_s = "", 0.0

    @property
    def over(self) -> bool:
        """Whether no picture will come any more: a film has ended, a camera has gone for good."""
        return self._live.status.state in (State.FAILED, State.IDLE)

    def show(self, name: str, skip: Callable[[], object], cancel: Callable[[], object]) -> None:
        """Begin to show it."""
        parts = self._parts
        parts.show_stage(parts.mirror)
        # The centre, which comes first, cannot be skipped.
        choices = [Choice(self.tr("&Skip this pose"), skip, enabled=False), Choice(self.tr("Cancel"), cancel)]
        parts.panel.show_scene(name, "", choices, parts.checks)
        parts.panel.bar.setRange(0, 100)
        parts.panel.bar.show()
        self._hint_since_s = 0.0

    def update(self, progress: Progress) -> None:
        """Show how far it is now."""
        parts, hint = self._parts, next((item.hint for item in progress.checks if item.hint), "")
        if hint != self._hint and time.monotonic() - self._hint_since_s >= _CALM_S:
            self._hint, self._hint_since_s = hint, time.monotonic()
        arrow = ARROWS.get(Hint(self._hint)) if self._hint in list(Hint) else None
        parts.checks.show_checks(checklist(self._hint))
        parts.advise(self._trouble() or hint_words(self._hint))
        parts.mirror.show_ring(RingState.of(progress, arrow))
        parts.panel.bar.setValue(round(100 * progress.fraction))
        parts.panel.enable(0, progress.asked not in (None, Pose.CENTRE))
        if progress.asked is not None:
            number = list(Pose).index(progress.asked) + 1
            said = self.tr("Pose {number} of {count}: {pose}")
            parts.panel.say(said.format(number=number, count=len(Pose), pose=pose_words(progress.asked)))

    def show_end(
        self, progress: Progress, go_on: Callable[[], object], again: Callable[[], object], leave: Callable[[], object]
    ) -> None:
        """No picture will come any more: what was seen until then may be enough."""
        parts = self._parts
        parts.mirror.show_ring(None)
        parts.advise("")
        choices = [Choice(self.tr("Begin again"), again), Choice(self.tr("Cancel"), leave)]
        if Pose.CENTRE in progress.done:
            choices.insert(0, Choice(self.tr("Go on with what was seen"), go_on))
        said = self._live.status.message or self.tr("Not every pose was seen before its end.")
        parts.panel.show_scene(self.tr("The picture has ended"), said, choices)
        parts.panel.focus()

    def _trouble(self) -> str:
        """Why no picture comes now, "" when one does."""
        if self._live.paused:
            return self.tr("The picture is held. Let it go on first.")
        if self._live.status.state is State.RECONNECTING:
            return self.tr("The picture was lost; it is tried again.")
        return ""
