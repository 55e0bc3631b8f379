"""Changes of the gallery folder, run one after another in a background thread with undo, and the questions before them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from facecam.enrollment.enroll import AddPhotosResult
from facecam.errors import FacecamError, ModelError
from facecam.gallery.people import Person
from facecam.gallery.quarantine import count_hidden_photos
from facecam.gallery.service import GalleryService
from facecam.gallery.undo import ChangeKind, GalleryChange, UndoJournal
from facecam.networks.names_heads import forget_name
from facecam.settings import Settings
from facecam.ui.background import BackgroundJobs, ProgressCallback
from facecam.ui.gallery.photo_adding import PhotoRequest, add_requested_photos
from facecam.ui.language import error_text
from facecam.ui.widgets import QuestionPanel

_log = logging.getLogger(__name__)

translate = QCoreApplication.translate


class GalleryCommands(QObject):
    """Changes the gallery at `root()`, nothing while that is None.

    The folder must be read again after each change, also after a failed one.
    """

    done = Signal(str)
    """Description of the change."""
    failed = Signal(str)
    photos_added = Signal(object)
    """The AddPhotosResult, also when no photo was added."""

    def __init__(self, root: Callable[[], Path | None], jobs: BackgroundJobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = root
        self._jobs = jobs
        self._journal = UndoJournal()

    @property
    def undo_text(self) -> str:
        """Description of the change that `undo` reverts, "" when there is none."""
        last = self._journal.last
        return change_text(last) if last is not None else ""

    @property
    def redo_text(self) -> str:
        """Description of the change that `redo` makes again, "" when there is none."""
        last = self._journal.last_undone
        return change_text(last) if last is not None else ""

    def drop_undo(self) -> None:
        """Drop all changes that could be undone or redone."""
        self._journal = UndoJournal()

    def undo(self) -> None:
        """Undo the last change; a change still in progress is the last one once it is done."""
        journal = self._journal
        self._jobs.add(lambda _: journal.undo() if journal.last is not None else None, self._report_undone, self._fail)

    def redo(self) -> None:
        """Make the change again that was undone last."""
        journal = self._journal
        self._jobs.add(lambda _: journal.redo() if journal.last_undone is not None else None, self._report_redone, self._fail)

    def apply(self, change: Callable[[GalleryService], GalleryChange]) -> None:
        """Call a method of GalleryService in the background."""
        root, journal = self._root(), self._journal
        if root is not None:
            self._jobs.add(lambda _: journal.record(change(GalleryService(root))), self._report, self._fail)

    def remove_person(self, person: Person) -> None:
        """Remove a person from the gallery and, which cannot be undone, from the heads of `facecam train --recipe names`."""

        def remove(service: GalleryService) -> GalleryChange:
            change = service.remove_person(person)
            try:
                forget_name(person.name, [person.person_id])
            except ModelError as error:  # the removal itself is done, and can be undone
                _log.warning("%s", error)
            return change

        self.apply(remove)

    def add_photos(
        self, person: Person, paths: Sequence[Path], settings: Settings, rejected: AddPhotosResult | None = None
    ) -> None:
        """Check photos, or folders of them, and add the good ones to a person; `rejected` is the result to override."""
        root, journal = self._root(), self._journal
        if root is None:
            return
        force = rejected is not None and rejected.similar_person is not None
        request = PhotoRequest(root, person.name, tuple(paths), settings, force, allow_mixed=rejected is not None)

        def work(report_progress: ProgressCallback) -> AddPhotosResult:
            addition = add_requested_photos(request, report_progress)
            if addition.enrolled is not None and addition.added:
                journal.record(addition.enrolled)
            return addition

        self._jobs.add(work, self._report_added, self._fail)

    def _report(self, change: GalleryChange) -> None:
        self.done.emit(change_text(change))

    def _report_undone(self, change: GalleryChange | None) -> None:
        if change is not None:
            self.done.emit(self.tr("Undone: {command}").format(command=change_text(change)))

    def _report_redone(self, change: GalleryChange | None) -> None:
        if change is not None:
            self._report(change)

    def _report_added(self, addition: AddPhotosResult) -> None:
        if addition.enrolled is not None and addition.added:
            self._report(addition.enrolled)
        self.photos_added.emit(addition)

    def _fail(self, error: FacecamError) -> None:
        self.failed.emit(error_text(error))


def change_text(change: GalleryChange) -> str:
    """Return the description of a completed change, with the files that could not be deleted."""
    text = _text_without_leftovers(change)
    if change.leftovers:
        files = ", ".join(str(path) for path in change.leftovers)
        warning = translate("GalleryCommands", "These files could not be deleted. Delete them yourself: {files}")
        text = f"{text} {warning.format(files=files)}"
    return text


def _text_without_leftovers(change: GalleryChange) -> str:
    match change.kind:
        case ChangeKind.RENAMED:
            text = translate("GalleryCommands", "Renamed {before} to {now}.")
            return text.format(before=change.person.name, now=change.name)
        case ChangeKind.PERSON_REMOVED:
            content = removal_text(change.photos, change.quarantined, change.rejected)
            return translate("GalleryCommands", "Removed {name} ({content}).").format(name=change.person.name, content=content)
        case ChangeKind.MERGED:
            text = translate("GalleryCommands", "Merged {name} into {into}. Moved photos: {count}.")
            return text.format(name=change.person.name, into=change.name, count=change.photos)
        case ChangeKind.CONSENT_RECORDED:
            text = translate("GalleryCommands", "Recorded the consent of {name}.")
        case ChangeKind.CONSENT_WITHDRAWN:
            text = translate("GalleryCommands", "Withdrew the consent of {name}.")
        case ChangeKind.QUARANTINED:
            text = translate("GalleryCommands", "Quarantined photos: {count}.")
        case ChangeKind.RESTORED:
            text = translate("GalleryCommands", "Restored photos: {count}.")
        case ChangeKind.PHOTOS_REMOVED:
            text = translate("GalleryCommands", "Removed photos of {name}: {count}.")
        case _:
            text = translate("GalleryCommands", "Added photos for {name}: {count}.")
    return text.format(name=change.people[0].name if change.people else "", count=change.photos)


def removal_text(photos: int, quarantined: int, rejected: int) -> str:
    """Return the counts of what is removed with a person."""
    parts = [translate("GalleryCommands", "photos: {count}").format(count=photos)]
    if quarantined:
        parts.append(translate("GalleryCommands", "quarantined photos: {count}").format(count=quarantined))
    if rejected:
        parts.append(translate("GalleryCommands", "faces marked as someone else: {count}").format(count=rejected))
    return ", ".join(parts)


def ask_to_remove(panel: QuestionPanel, person: Person, then: Callable[[], None]) -> None:
    """Ask to confirm the removal of a person."""
    text = translate(
        "GalleryQuestions",
        "Remove {name}? This deletes the folder with everything in it ({content}) and all data computed from it. Logs "
        "keep the name. You can undo this while this page is open.",
    ).format(name=person.name, content=removal_text(len(person.photos), *count_hidden_photos(person)))
    panel.ask([text], translate("GalleryQuestions", "Remove"), lambda _: then())
