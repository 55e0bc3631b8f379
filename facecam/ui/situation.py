"""Which note stands over the picture: decided from how the session is, with what may be done about it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

from facecam.runtime.state import SessionStatus, State, Work
from facecam.ui.background import Jobs
from facecam.ui.camera_list import look_for_cameras
from facecam.ui.live import Live
from facecam.ui.message_bar import Offer
from facecam.ui.notes import Note, NoteView
from facecam.ui.sources import SourceKind, kind_of, sentence
from facecam.ui.video_view import VideoView

_PATIENCE_S = 0.5
"""What is over sooner is not worth a note that flashes up."""

_EVERY_MS = 150


@dataclass(frozen=True, slots=True)
class Ways:
    """What may be done when there is no picture."""

    again: Offer
    other: Offer
    file: Offer
    demo: Offer


class Situation(QObject):
    """Looks at the session a few times a second and shows the note that fits."""

    def __init__(self, live: Live, video: VideoView, view: NoteView, ways: Ways) -> None:
        super().__init__(view)
        self._live, self._video, self._view, self._ways = live, video, view, ways
        self._since_s = time.monotonic()
        self._jobs = Jobs(self)
        self._found: tuple[str, ...] = ()
        self._looked = False
        live.begun.connect(self._begin)
        live.ended.connect(self.look)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def _begin(self) -> None:
        self._since_s = time.monotonic()
        self._looked, self._found = False, ()
        self.look()

    def look(self) -> None:
        """Show what is to be said now."""
        self._view.show_note(self._note())

    def _note(self) -> Note | None:
        session = self._live.session
        if session is None or self._live.changing:
            return None
        status = session.status()
        if status.state is State.FAILED:
            return self._failed(status.message)
        if session.wait(0):
            return Note(self.tr("The end"), (), None, (self._play_again(), self._ways.other), low=bool(self._live.frames))
        if status.state is State.RECONNECTING:
            return Note(self.tr("The picture was lost"), (sentence(status.message), self.tr("It is tried again by itself.")))
        return self._preparing(status)

    def _preparing(self, status: SessionStatus) -> Note | None:
        """What is still to be done before the picture is recognised."""
        step, seen = status.preparing, bool(self._live.frames)
        if step is not None and step.work is Work.NETWORKS:
            once = self.tr("Only once on this machine; it takes about half a minute.")
            return Note(self.tr("Preparing the networks"), (once,), (step.done, step.total), low=seen)
        if time.monotonic() - self._since_s < _PATIENCE_S:
            return None
        if not seen:
            return Note(self.tr("Opening {source}").format(source=self._names()), (), (0, 0))
        return self._not_shown_or_recognised(status)

    def _not_shown_or_recognised(self, status: SessionStatus) -> Note | None:
        step = status.preparing
        if not status.ready and step is not None and step.total:
            return Note(self.tr("Reading the photos of the people you know"), (), (step.done, step.total), low=True)
        if not status.ready:
            return Note(self.tr("Preparing recognition"), (), (0, 0), low=True)
        if self._video.waits_for_blur:
            return Note(self.tr("The picture comes when strangers can be blurred"), (), (0, 0))
        return None

    def _play_again(self) -> Offer:
        return self.tr("Play again"), self._live.start

    def _failed(self, message: str) -> Note:
        sources = self._live.wish.sources
        cameras = any(kind_of(source) is SourceKind.CAMERA for source in sources)
        if cameras and not self._looked:
            self._looked = True
            self._jobs.add(lambda _: look_for_cameras(), self._tell_cameras, lambda error: None)
        ways = self._ways
        return Note(
            self.tr("There is no picture"),
            (sentence(message), *self._found),
            None,
            (ways.again, ways.other, ways.file, ways.demo),
        )

    def _tell_cameras(self, cameras: dict[int, str]) -> None:
        if cameras:
            lines = [
                self.tr("Camera {number}: {name}").format(number=number, name=name or "?") for number, name in cameras.items()
            ]
            self._found = (self.tr("Cameras on this machine:"), *lines)
        else:
            self._found = (self.tr("All connections of this machine were looked at: there is no camera."),)
        self.look()

    def _names(self) -> str:
        return ", ".join(source.source for source in self._live.status.sources) or ", ".join(self._live.wish.sources)
