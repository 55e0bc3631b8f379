"""The rights of a person in the window: export everything about them, or forget them, in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from PySide6.QtCore import QObject, QTimer, Signal

from facecam.errors import FacecamError, GalleryError
from facecam.fileio import data_dir
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.people import Person, read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.networks.embedding_networks import embedding_network
from facecam.privacy.forgetting import (
    FaceReader,
    ForgetPlan,
    ForgetReport,
    LogChoice,
    finish_interrupted,
    forget,
    plan_forgetting,
)
from facecam.privacy.person_export import PersonExport, export_person
from facecam.privacy.places import PlaceKind, StoredPlace, stored_places, with_logs
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings, find_config
from facecam.ui.background import BackgroundJobs, ProgressCallback
from facecam.ui.gallery.photo_adding import single_threaded
from facecam.ui.language import error_text
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController

_POLL_MS = 50


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    """A person, and where facecam stores something about them."""

    person: Person
    gallery: Path
    settings: Settings
    places: tuple[StoredPlace, ...]

    @classmethod
    def of(cls, person: Person, controller: SessionController) -> Self:
        """Return the request for a person of the window's gallery. GalleryError while its folder is unknown."""
        if controller.gallery_dir is None:
            raise GalleryError("the gallery is not loaded yet; try again in a moment")
        gallery, own = controller.gallery_dir.absolute(), data_dir() / "logs"
        config = find_config(controller.paths.config)
        places = with_logs(stored_places(gallery, own.absolute(), config), [(controller.paths.log_dir or own).absolute()])
        return cls(person, gallery, controller.settings, places)

    @property
    def log_folders(self) -> list[Path]:
        return [place.path for place in self.places if place.kind is PlaceKind.LOGS]

    def plan(self, report_progress: ProgressCallback, *, while_running: bool) -> ForgetPlan:
        """Find everything about the person, with the networks if there are photos."""
        people = read_people(self.gallery).people
        person = next((one for one in people if one.person_id == self.person.person_id), None)
        if person is None:
            raise GalleryError("{name} is not enrolled any more", name=self.person.name)
        if not person.photos:
            return plan_forgetting(person.name, self.gallery, self.places, while_running=while_running)
        settings = single_threaded(self.settings)
        with open_face_analyzer(settings) as analyzer:
            gallery = Gallery.load(self.gallery, analyzer, report_progress, conditions=analysis_conditions(settings))
            used = analyzer if quarantine_sets(self.gallery) else None
            reader = FaceReader(gallery, embedding_network(settings.identify.network), used)
            return plan_forgetting(person.name, self.gallery, self.places, reader, while_running=while_running)


@dataclass(frozen=True, slots=True, eq=False)
class Forgotten:
    """Result of forgetting a person: what was found, and what was done with it."""

    plan: ForgetPlan
    report: ForgetReport

    @property
    def name(self) -> str:
        return self.plan.traces.names[0]


class PersonRights(QObject):
    """Exports or forgets one person at a time. For the GUI thread.

    It belongs to the controller and not to a page, because closing a page must not interrupt a forget. A session has the people
    of the gallery in memory and writes a log: before a forget, the running one ends, and a new one starts afterward, paused if
    that one was.
    """

    exported = Signal(object)
    """The PersonExport."""
    forgotten = Signal(object)
    """A Forgotten."""
    failed = Signal(str)
    progressed = Signal(int, int)
    step_changed = Signal(str)
    """What is being done, as a sentence; "" at the end."""

    def __init__(self, controller: SessionController) -> None:
        super().__init__(controller)
        self._controller = controller
        self._jobs = BackgroundJobs(self)
        self._jobs.progressed.connect(self._show_progress)
        self._step = ""
        self._ready: Callable[[], None] | None = None
        self._restarts = self._was_paused = False
        self.text = ""
        """What is being done, "" for nothing."""
        self.last: Forgotten | None = None
        """The last result, until a page has shown it and sets it to None."""
        self.can_cancel = False
        """True while `cancel` is possible, which an export is."""
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._wait_for_end)

    @classmethod
    def for_controller(cls, controller: SessionController) -> Self:
        """Return the instance that belongs to a SessionController, creating it the first time."""
        return controller.findChild(cls) or cls(controller)

    @property
    def is_busy(self) -> bool:
        return bool(self.text)

    def export(self, person: Person, target: Path) -> None:
        """Write everything about a person to a ZIP file, also what a running session has logged so far."""
        request = self._request(person)
        if request is None:
            return
        self.can_cancel = True
        self._show_step(self.tr("Exporting {name}…").format(name=person.name))

        def work(report_progress: ProgressCallback) -> PersonExport:
            plan = request.plan(report_progress, while_running=True)
            return export_person(plan, target, request.log_folders, lambda done, total, _what: report_progress(done, total))

        self._jobs.add(work, self._on_exported, self._on_error)

    def cancel(self) -> None:
        """Cancel an export; no file is written."""
        if self.can_cancel:
            self._jobs.cancel()
            self._show_step("")

    def forget(self, person: Person, choice: LogChoice) -> None:
        """Remove everything about a person, and scan what is left. It cannot be undone or canceled."""
        request = self._request(person)
        if request is None:
            return
        self.can_cancel, self.last, self._step = False, None, ""
        controller = self._controller
        self._restarts = controller.has_session or controller.is_switching
        self._was_paused = controller.has_session and controller.is_paused
        self._show_step(self.tr("Ending the session…") if self._restarts else self._step_text())
        self._ready = lambda: self._begin(request, choice)
        self._timer.start()
        self._wait_for_end()

    def _request(self, person: Person) -> _Request | None:
        if self.is_busy:
            self.failed.emit(self.tr("Wait until the work in progress is finished."))
            return None
        try:
            return _Request.of(person, self._controller)
        except FacecamError as error:
            self.failed.emit(error_text(error))
            return None

    def _wait_for_end(self) -> None:
        """Begin as soon as no session runs."""
        controller = self._controller
        if controller.is_switching:
            return
        if controller.has_session:
            controller.finish()
            return
        self._timer.stop()
        ready, self._ready = self._ready, None
        if ready is not None:
            ready()

    def _begin(self, request: _Request, choice: LogChoice) -> None:
        ended = self._controller.drop_ended_session()
        open_store().sync()  # `forget` changes window.ini.
        self._show_step(self._step_text())
        self._jobs.add(lambda report_progress: self._forget(request, choice, ended, report_progress), self._end, self._on_error)

    def _forget(
        self, request: _Request, choice: LogChoice, ended: threading.Thread | None, report_progress: ProgressCallback
    ) -> Forgotten:
        """Forget a person, in the background thread."""
        if ended is not None:
            ended.join()
        finish_interrupted(request.gallery, request.places)
        plan = request.plan(report_progress, while_running=False)

        def report_step(done: int, total: int, what: str) -> None:
            self._step = what
            report_progress(done, total)

        return Forgotten(plan, forget(plan, choice, request.places, report_step))

    def _end(self, done: Forgotten) -> None:
        self.last = done
        labels = self._controller.request.labels
        kept = {key: text for key, text in labels.items() if not done.plan.traces.is_in(text)}
        if kept != dict(labels):  # The next log would have the name again.
            self._controller.set_labels(kept)
        self._resume()
        self.forgotten.emit(done)

    def _resume(self) -> None:
        """Start a session in place of the one that was ended."""
        open_store().sync()
        self._show_step("")
        if self._restarts:
            self._controller.start(paused=self._was_paused)
        else:
            self._controller.read_gallery_again()

    def _on_exported(self, done: PersonExport) -> None:
        self._show_step("")
        self.exported.emit(done)

    def _on_error(self, error: FacecamError) -> None:
        if self.can_cancel:
            self._show_step("")
        else:
            self._resume()
        self.failed.emit(error_text(error))

    def _show_progress(self, done: int, total: int) -> None:
        if not self.can_cancel:
            self._show_step(self._step_text())
        self.progressed.emit(done, total)

    def _step_text(self) -> str:
        if not self._step:
            return self.tr("Reading the gallery…")
        if self._step == "logs":
            return self.tr("Replacing the name in logs…")
        return self.tr("Searching all files of facecam…") if self._step == "scanning" else self.tr("Removing…")

    def _show_step(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.step_changed.emit(text)
