"""What the gallery page does to the people's folder, one deed after the other beside the window's thread, and takes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, Signal

from facecam.enrollment.enroll import PhotoAddition, undo_enrollment
from facecam.errors import FacecamError, GalleryError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import REJECTED, Person, photos_in
from facecam.gallery.quarantine import QuarantineSet, quarantine, quarantine_sets, quarantined_photos, restore
from facecam.gallery.store import GalleryFolder
from facecam.gallery.undo import merge, remove_person, remove_photos
from facecam.recognition.matching import own_threshold_l2
from facecam.settings import Settings
from facecam.ui.background import BackgroundJobs, Told
from facecam.ui.gallery.photo_adding import PhotosWanted, add_wanted
from facecam.ui.widgets import QuestionSpec

translate = QCoreApplication.translate

_MOST_UNDONE = 20


@dataclass(frozen=True, slots=True)
class UndoableCommand:
    """What was done, as a sentence, and what takes it back; None when nothing was changed."""

    said: str
    take_back: Callable[[], object] | None


class GalleryCommands(QObject):
    """Changes the gallery at `root`. `done` and `failed` tell sentences; after each deed the folder has to be read anew."""

    done = Signal(str)
    failed = Signal(str)
    folder_changed = Signal()
    undo_changed = Signal()
    """`undo_words` are others."""
    judged = Signal(object)
    """The Addition that came of photos for a person."""

    def __init__(self, root: Path, jobs: BackgroundJobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.root = root
        self._jobs = jobs
        self._deeds: list[UndoableCommand] = []

    @property
    def undo_words(self) -> str:
        """What `undo` takes back, "" when there is nothing."""
        return self._deeds[-1].said if self._deeds else ""

    def undo(self) -> None:
        """Take the last deed back, once what is being done now is done: that one, then."""
        self._jobs.add(lambda _: None, lambda _: self._undo_last(), self._fail)

    def rename(self, person: Person, name: str) -> None:
        """Give a person another name."""
        root = self.root

        def work(_: Told) -> UndoableCommand:
            now = GalleryFolder(root).rename(person.name, name)
            said = translate("GalleryDeeds", "{before} is called {now}.").format(before=person.name, now=now.name)
            return UndoableCommand(said, lambda: GalleryFolder(root).rename(now.name, person.name))

        self._do(work)

    def remove_person(self, person: Person) -> None:
        """Remove a person with all photos."""
        root = self.root

        def work(_: Told) -> UndoableCommand:
            removed = remove_person(root, person.name)
            went = removal_words(removed.removal.photos, removed.removal.set_aside, removed.removal.rejected)
            said = translate("GalleryDeeds", "{name} was removed: {went}.").format(name=person.name, went=went)
            return UndoableCommand(said, removed.take_back)

        self._do(work)

    def remove_photos(self, person: Person, photos: Sequence[Path]) -> None:
        """Remove photos of a person."""
        root = self.root

        def work(_: Told) -> UndoableCommand:
            removed = remove_photos(root, photos)
            said = translate("GalleryDeeds", "Photos of {name} that were removed: {count}.")
            return UndoableCommand(said.format(name=person.name, count=len(removed.photos)), removed.take_back)

        self._do(work)

    def merge(self, gallery: Gallery | None, person: Person, into: Person, settings: Settings) -> None:
        """Give all that `person` has to `into`; `gallery` is the folder as it was read last."""
        read = gallery or Gallery(self.root, "")
        own_l2 = own_threshold_l2(settings.identify.network)

        def work(_: Told) -> UndoableCommand:
            merged = merge(read, person.name, into.name, own_l2)
            said = translate("GalleryDeeds", "{name} is {into} now; photos that moved: {count}.")
            return UndoableCommand(said.format(name=merged.name, into=merged.into, count=merged.photos), merged.take_back)

        self._do(work)

    def set_aside(self, photos: Sequence[Path]) -> None:
        """Take photos out of use."""
        root = self.root

        def work(_: Told) -> UndoableCommand:
            aside = quarantine(root, photos)
            said = translate("GalleryDeeds", "Photos that were set aside: {count}.").format(count=len(aside.photos))
            return UndoableCommand(said, lambda: _bring_back(root, aside))

        self._do(work)

    def bring_back(self) -> None:
        """Bring the newest set of photos back into use."""
        root = self.root

        def work(_: Told) -> UndoableCommand:
            back = restore(root)
            said = translate("GalleryDeeds", "Photos that were brought back: {count}.").format(count=len(back.photos))
            return UndoableCommand(said, lambda: quarantine(root, back.photos))

        self._do(work)

    def add(self, person: Person, paths: Sequence[Path], settings: Settings, *, force: bool = False) -> None:
        """Judge photos, or folders of them, and add the good ones to a person."""
        wanted = PhotosWanted(self.root, person.name, tuple(paths), settings, force)
        self._jobs.add(lambda told: add_wanted(wanted, told), self._tell_added, self._fail)

    def _do(self, work: Callable[[Told], UndoableCommand]) -> None:
        self._jobs.add(work, self._tell, self._fail)

    def _undo_last(self) -> None:
        if not self._deeds:
            return
        deed = self._deeds.pop()
        back = deed.take_back
        assert back is not None
        self.undo_changed.emit()
        said = self.tr("Taken back: {deed}").format(deed=deed.said)
        self._jobs.add(lambda _: back(), lambda _: self._tell(UndoableCommand(said, None)), self._fail)

    def _tell(self, deed: UndoableCommand) -> None:
        if deed.take_back is not None:
            self._deeds = [*self._deeds[1 - _MOST_UNDONE :], deed]
            self.undo_changed.emit()
        self.folder_changed.emit()
        self.done.emit(deed.said)

    def _tell_added(self, addition: PhotoAddition) -> None:
        enrolled = addition.enrolled
        if enrolled is not None and enrolled.added:
            said = self.tr("Photos that were added for {name}: {count}.").format(name=addition.name, count=addition.added)
            self._tell(UndoableCommand(said, lambda: undo_enrollment(GalleryFolder(self.root), enrolled)))
        self.judged.emit(addition)

    def _fail(self, error: FacecamError) -> None:
        self.folder_changed.emit()
        self.failed.emit(str(error))


def removal_words(photos: int, aside: int, rejected: int) -> str:
    """What goes with a person, as a list of counts."""
    parts = [translate("GalleryDeeds", "photos: {count}").format(count=photos)]
    if aside:
        parts.append(translate("GalleryDeeds", "photos that were set aside: {count}").format(count=aside))
    if rejected:
        parts.append(translate("GalleryDeeds", "faces that are not this person: {count}").format(count=rejected))
    return ", ".join(parts)


def _bring_back(root: Path, aside: QuarantineSet) -> None:
    """Bring back exactly this set. GalleryError when another one has come after it."""
    newest = quarantine_sets(root)[-1:]
    if not newest or newest[0].name != aside.name:
        raise GalleryError("other photos were set aside since: bring those back first")
    restore(root)


# MERGED ui.gallery_questions: What the gallery page asks before it does what cannot be guessed.


def about_removing(person: Person, then: Callable[[], None]) -> QuestionSpec:
    """Whether a person is to be removed, with everything that goes."""
    translate = QCoreApplication.translate
    aside = sum(len(quarantined_photos(folder)) for folder in person.folders)
    rejected = sum(len(photos_in(folder / REJECTED)) for folder in person.folders)
    words = translate(
        "GalleryQuestions",
        "Remove {name}? The folder is deleted with everything in it ({went}), and what was computed from it. Logs keep the name. "
        "You can take it back while this page is open.",
    ).format(name=person.name, went=removal_words(len(person.photos), aside, rejected))
    return QuestionSpec(lambda _: words, translate("GalleryQuestions", "Remove"), lambda _: then())


def about_merging(person: Person, others: Sequence[Person], then: Callable[[Person], None]) -> QuestionSpec:
    """Into whom a person is to be merged, and what that means."""
    translate = QCoreApplication.translate
    by_name = sorted(others, key=lambda other: other.name.casefold())

    def words(number: int) -> str:
        into = by_name[number]
        said = translate(
            "GalleryQuestions",
            "Everything in the folder of {name} goes to {into}, who will have {count} photos. The name {name} is gone, and so is "
            "what was said of one of the two not being the other. You can take it back while this page is open.",
        )
        return said.format(name=person.name, into=into.name, count=len(person.photos) + len(into.photos))

    label = translate("GalleryQuestions", "{name} is the same person as").format(name=person.name)
    names = [other.name for other in by_name]
    return QuestionSpec(words, translate("GalleryQuestions", "Merge"), lambda number: then(by_name[number]), names, label)
