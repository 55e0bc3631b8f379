"""Undoable changes of the gallery folder, run one after another in a background thread, and the questions before them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from facecam.enrollment.enroll import AddPhotosResult, undo_enrollment
from facecam.errors import FacecamError, GalleryError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import REJECTED_FOLDER, Person, photos_in
from facecam.gallery.store import GalleryFolder, QuarantineSet, quarantine, quarantine_sets, quarantined_photos, restore
from facecam.gallery.undo import merge_people, remove_person, remove_photos
from facecam.recognition.matching import network_threshold_l2
from facecam.settings import Settings
from facecam.ui.background import BackgroundJobs
from facecam.ui.gallery.photo_adding import PhotoRequest, add_requested_photos
from facecam.ui.widgets import QuestionSpec

translate = QCoreApplication.translate

_MAX_UNDO = 20


@dataclass(frozen=True, slots=True)
class UndoableCommand:
    """A completed change: its description and the function that undoes it."""

    text: str
    undo: Callable[[], object]


class GalleryCommands(QObject):
    """Changes the gallery at `root`. The folder must be read again after each change."""

    done = Signal(str)
    """Description of the change."""
    failed = Signal(str)
    folder_changed = Signal()
    undo_changed = Signal()
    """`undo_text` has changed."""
    photos_added = Signal(object)
    """The AddPhotosResult, also when no photo was added."""

    def __init__(self, root: Path, jobs: BackgroundJobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = root
        self._jobs = jobs
        self._history: list[UndoableCommand] = []

    @property
    def undo_text(self) -> str:
        """Description of the change that `undo` reverts, "" when there is none."""
        return self._history[-1].text if self._history else ""

    def undo(self) -> None:
        """Undo the last change; a change still in progress is the last one once it is done."""
        self._jobs.add(lambda _: None, lambda _: self._undo_last(), self._fail)

    def rename(self, person: Person, name: str) -> None:
        root = self.root

        def work() -> UndoableCommand:
            renamed = GalleryFolder(root).rename(person.name, name)
            text = translate("GalleryCommands", "Renamed {before} to {now}.").format(before=person.name, now=renamed.name)
            return UndoableCommand(text, lambda: GalleryFolder(root).rename(renamed.name, person.name))

        self._run(work)

    def remove_person(self, person: Person) -> None:
        """Remove a person with all photos."""
        root = self.root

        def work() -> UndoableCommand:
            removed = remove_person(root, person.name)
            content = removal_text(removed.removal.photos, removed.removal.quarantined, removed.removal.rejected)
            text = translate("GalleryCommands", "Removed {name} ({content}).")
            return UndoableCommand(text.format(name=person.name, content=content), removed.undo)

        self._run(work)

    def remove_photos(self, person: Person, photos: Sequence[Path]) -> None:
        """Remove photos of a person."""
        root = self.root

        def work() -> UndoableCommand:
            removed = remove_photos(root, photos)
            text = translate("GalleryCommands", "Removed photos of {name}: {count}.")
            return UndoableCommand(text.format(name=person.name, count=len(removed.photos)), removed.undo)

        self._run(work)

    def merge(self, gallery: Gallery | None, person: Person, into: Person, settings: Settings) -> None:
        """Merge `person` into `into`; `gallery` is the folder as last read."""
        gallery = gallery or Gallery(self.root, "")
        threshold_l2 = network_threshold_l2(settings.identify.network)

        def work() -> UndoableCommand:
            merged = merge_people(gallery, person.name, into.name, threshold_l2)
            text = translate("GalleryCommands", "Merged {name} into {into}. Moved photos: {count}.")
            return UndoableCommand(text.format(name=merged.name, into=merged.into, count=merged.photos), merged.undo)

        self._run(work)

    def quarantine(self, photos: Sequence[Path]) -> None:
        """Take photos out of use."""
        root = self.root

        def work() -> UndoableCommand:
            moved = quarantine(root, photos)
            text = translate("GalleryCommands", "Quarantined photos: {count}.").format(count=len(moved.photos))
            return UndoableCommand(text, lambda: _restore_set(root, moved))

        self._run(work)

    def restore(self) -> None:
        """Restore the photos quarantined last."""
        root = self.root

        def work() -> UndoableCommand:
            restored = restore(root)
            text = translate("GalleryCommands", "Restored photos: {count}.").format(count=len(restored.photos))
            return UndoableCommand(text, lambda: quarantine(root, restored.photos))

        self._run(work)

    def add_photos(self, person: Person, paths: Sequence[Path], settings: Settings, *, force: bool = False) -> None:
        """Check photos, or folders of them, and add the good ones to a person."""
        request = PhotoRequest(self.root, person.name, tuple(paths), settings, force)
        self._jobs.add(lambda report_progress: add_requested_photos(request, report_progress), self._record_added, self._fail)

    def _run(self, work: Callable[[], UndoableCommand]) -> None:
        self._jobs.add(lambda _: work(), self._record, self._fail)

    def _undo_last(self) -> None:
        if not self._history:
            return
        command = self._history.pop()
        self.undo_changed.emit()
        text = self.tr("Undone: {command}").format(command=command.text)

        def keep(error: FacecamError) -> None:
            self._history.append(command)
            self.undo_changed.emit()
            self._fail(error)

        self._jobs.add(lambda _: command.undo(), lambda _: self._report(text), keep)

    def _record(self, command: UndoableCommand) -> None:
        self._history = [*self._history[1 - _MAX_UNDO :], command]
        self.undo_changed.emit()
        self._report(command.text)

    def _report(self, text: str) -> None:
        self.folder_changed.emit()
        self.done.emit(text)

    def _record_added(self, addition: AddPhotosResult) -> None:
        enrolled = addition.enrolled
        if enrolled is not None and enrolled.added:
            text = self.tr("Added photos for {name}: {count}.").format(name=addition.name, count=addition.added)
            self._record(UndoableCommand(text, lambda: undo_enrollment(GalleryFolder(self.root), enrolled)))
        self.photos_added.emit(addition)

    def _fail(self, error: FacecamError) -> None:
        self.folder_changed.emit()
        self.failed.emit(str(error))


def removal_text(photos: int, quarantined: int, rejected: int) -> str:
    """Return the counts of what is removed with a person."""
    parts = [translate("GalleryCommands", "photos: {count}").format(count=photos)]
    if quarantined:
        parts.append(translate("GalleryCommands", "quarantined photos: {count}").format(count=quarantined))
    if rejected:
        parts.append(translate("GalleryCommands", "faces marked as someone else: {count}").format(count=rejected))
    return ", ".join(parts)


def _restore_set(root: Path, moved: QuarantineSet) -> None:
    """Restore exactly this set. Raises GalleryError when another one came after it."""
    newest = quarantine_sets(root)[-1:]
    if not newest or newest[0].name != moved.name:
        raise GalleryError("other photos were quarantined since then: restore those first")
    restore(root)


def removal_question(person: Person, then: Callable[[], None]) -> QuestionSpec:
    """Return the question that confirms the removal of a person."""
    quarantined = sum(len(quarantined_photos(folder)) for folder in person.folders)
    rejected = sum(len(photos_in(folder / REJECTED_FOLDER)) for folder in person.folders)
    text = translate(
        "GalleryQuestions",
        "Remove {name}? This deletes the folder with everything in it ({content}) and all data computed from it. Logs "
        "keep the name. You can undo this while this page is open.",
    ).format(name=person.name, content=removal_text(len(person.photos), quarantined, rejected))
    return QuestionSpec(lambda _: text, translate("GalleryQuestions", "Remove"), lambda _: then())


def merge_question(person: Person, others: Sequence[Person], then: Callable[[Person], None]) -> QuestionSpec:
    """Return the question that chooses the person to merge into and explains the consequences."""
    by_name = sorted(others, key=lambda other: other.name.casefold())

    def text_for(number: int) -> str:
        into = by_name[number]
        text = translate(
            "GalleryQuestions",
            "Everything in the folder of {name} moves to {into}, who will have {count} photos. The name {name} is removed, "
            "and so are marks that one of the two is not the other. You can undo this while this page is open.",
        )
        return text.format(name=person.name, into=into.name, count=len(person.photos) + len(into.photos))

    label = translate("GalleryQuestions", "{name} is the same person as").format(name=person.name)
    names = [other.name for other in by_name]
    return QuestionSpec(text_for, translate("GalleryQuestions", "Merge"), lambda number: then(by_name[number]), names, label)
