"""The gallery: everybody who is enrolled with their photos, and what may be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from facecam.enrollment.enroll import PhotoAddition
from facecam.errors import FacecamError
from facecam.gallery.audit import AuditResult
from facecam.gallery.people import Person
from facecam.ui.background import BackgroundJobs
from facecam.ui.gallery.commands import GalleryCommands, about_merging, about_removing
from facecam.ui.gallery.layout import GalleryLayout, Side
from facecam.ui.gallery.model import (
    PERSON,
    PHOTO,
    GallerySnapshot,
    PeopleModel,
    PhotoModel,
    UsedPhotos,
    by_name,
    check_photos,
    read_gallery_snapshot,
)
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import choose_photos


class GalleryPage(QWidget):
    """Shows the people's folder as it is; every deed can be taken back while the page is open."""

    said = Signal(str)
    page_wanted = Signal(str, object)
    finished = Signal()

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._jobs = BackgroundJobs(self)
        self._deeds: GalleryCommands | None = None
        self._look: GallerySnapshot | None = None
        self._chosen = ""
        self._people = PeopleModel(self)
        self._photos = PhotoModel(self)
        self._sorted = by_name(self._people)
        self._parts = GalleryLayout(self, self._sorted, self._photos)
        self._connect()
        self._open_gallery()

    @property
    def root(self) -> Path | None:
        """The people's folder, None while it is not known."""
        gallery = self._live.gallery
        return self._live.places.gallery_dir or (gallery.folder if gallery is not None else None)

    @property
    def person(self) -> Person | None:
        """Who is chosen."""
        return next((person for person in self._people.people if person.person_id == self._chosen), None)

    def refresh(self) -> None:
        """Look into the folder again."""
        root = self.root
        if root is not None:
            self._jobs.add(lambda _: read_gallery_snapshot(root), self._show_look, self._fail)

    def undo(self) -> None:
        """Take the last deed back."""
        self._parts.verdicts.hide()
        if self._deeds is not None:
            self._deeds.undo()

    def event(self, event: QEvent) -> bool:
        # The window's own undo takes back what was said of a face; here it is the page's.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_undo(event):
            self.undo()
        elif event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._jobs.close()
        super().closeEvent(event)

    def _leave(self) -> None:
        """One step back: from a question, from verdicts, from the findings, from the page."""
        parts = self._parts
        if parts.question.isVisible():
            parts.question.withdraw()
        elif parts.verdicts.isVisible():
            parts.verdicts.hide()
        elif parts.side is Side.FINDINGS:
            self._show_person()
        else:
            self.finished.emit()

    def _connect(self) -> None:
        parts = self._parts
        parts.people.selectionModel().currentChanged.connect(self._choose)
        parts.people.customContextMenuRequested.connect(self._show_menu)
        parts.people.remove_wanted.connect(self._ask_to_remove)
        parts.people.dropped.connect(self._take_drop)
        parts.grid.dropped.connect(lambda _, paths: self._add(self.person, paths))
        parts.grid.remove_wanted.connect(self._remove_photos)
        parts.grid.selectionModel().selectionChanged.connect(self._follow_selection)
        parts.find.textChanged.connect(self._sorted.setFilterFixedString)
        parts.enroll.clicked.connect(lambda: self.page_wanted.emit("enroll", None))
        parts.first.clicked.connect(lambda: self.page_wanted.emit("enroll", None))
        parts.check.clicked.connect(self._check)
        parts.undo.clicked.connect(self.undo)
        parts.cancel.clicked.connect(self._cancel)
        parts.aside_photos.clicked.connect(self._set_aside_chosen)
        parts.remove_photos.clicked.connect(self._remove_photos)
        header = parts.header
        header.rename_wanted.connect(self._edit_name)
        header.merge_wanted.connect(self._ask_to_merge)
        header.add_wanted.connect(lambda: choose_photos(self, lambda paths: self._add(self.person, paths)))
        header.open_wanted.connect(self._open_folder)
        header.remove_wanted.connect(self._ask_to_remove)
        parts.verdicts.force_wanted.connect(self._add_all_the_same)
        parts.findings.closed.connect(self._show_person)
        parts.findings.aside_wanted.connect(self._set_aside_found)
        parts.findings.back_wanted.connect(self._bring_back)
        self._jobs.progressed.connect(parts.show_progress)
        self._jobs.busy_changed.connect(lambda _: parts.show_busy())
        self._people.rename_wanted.connect(self._rename)
        self._live.gallery_changed.connect(self._open_gallery)

    def _open_gallery(self) -> None:
        """The folder is known now, or was read anew by the session."""
        root = self.root
        if root is None:
            self._parts.show_side(Side.WAITING)
            return
        if self._deeds is None or self._deeds.root != root:
            self._deeds = GalleryCommands(root, self._jobs, self)
            self._deeds.folder_changed.connect(self.refresh)
            self._deeds.done.connect(self._parts.tell)
            self._deeds.failed.connect(self.said)
            self._deeds.undo_changed.connect(self._show_undo)
            self._deeds.judged.connect(self._parts.verdicts.show_addition)
            self._parts.show_folder(root)
        self.refresh()

    def _show_look(self, look: GallerySnapshot) -> None:
        if self._look is not None:
            self._parts.forget(look.replaced_since(self._look))
        self._look = look
        row = self._parts.people.currentIndex().row()
        in_use = UsedPhotos.of(self._live.gallery)
        self._people.show_people(look.people.people)
        self._people.show_use(in_use)
        self._parts.show_problems([p for p in look.people.problems if p.path.is_dir() or p.reason == "no_person"])
        self._parts.findings.show_aside(look.last_aside)
        self._parts.check.setEnabled(any(person.photos for person in look.people.people))
        self._select(row)
        if self._parts.side is not Side.FINDINGS:
            self._show_person()

    def _select(self, row: int) -> None:
        """Whoever was chosen is chosen again; when gone, whoever stands there now."""
        for number in range(self._sorted.rowCount()):
            person: Person = self._sorted.index(number, 0).data(PERSON)
            if person.person_id == self._chosen:
                row = number
        row = min(max(row, 0), self._sorted.rowCount() - 1)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self._parts.people.selectionModel().setCurrentIndex(self._sorted.index(row, 0), flags)

    def _choose(self, current: QModelIndex) -> None:
        person: Person | None = current.data(PERSON)
        if person is None or person.person_id == self._chosen:
            return
        self._chosen = person.person_id
        self._parts.question.withdraw()
        self._parts.verdicts.hide()
        self._show_person()

    def _show_person(self) -> None:
        person = self.person
        if person is None:
            self._photos.show_photos((), {})
            self._parts.show_side(Side.NOBODY if not self._people.people else Side.WAITING)
            return
        self._photos.show_photos(person.photos, UsedPhotos.of(self._live.gallery).problems)
        self._parts.header.show_person(person, self._people.detail(person))
        self._parts.show_side(Side.PERSON)

    def _follow_selection(self) -> None:
        some = bool(self._chosen_photos())
        self._parts.aside_photos.setEnabled(some)
        self._parts.remove_photos.setEnabled(some)

    def _chosen_photos(self) -> list[Path]:
        return [index.data(PHOTO) for index in self._parts.grid.selectionModel().selectedIndexes()]

    def _cancel(self) -> None:
        self._jobs.cancel()
        self._parts.tell("")
        self.refresh()

    def _edit_name(self) -> None:
        index = self._parts.people.currentIndex()
        if index.isValid():
            self._parts.people.setFocus()
            self._parts.people.edit(index)

    def _rename(self, person: Person, name: str) -> None:
        if self._deeds is not None:
            self._deeds.rename(person, name)

    def _ask_to_merge(self) -> None:
        person, deeds = self.person, self._deeds
        others = [other for other in self._people.people if person is not None and other.person_id != person.person_id]
        if person is None or deeds is None:
            return
        if not others:
            self.said.emit(self.tr("There is nobody else to merge {name} with.").format(name=person.name))
            return
        settings = self._live.wish.settings
        question = about_merging(person, others, lambda into: deeds.merge(self._live.gallery, person, into, settings))
        self._parts.question.ask(question)

    def _ask_to_remove(self) -> None:
        person, deeds = self.person, self._deeds
        if person is not None and deeds is not None:
            self._parts.question.ask(about_removing(person, lambda: deeds.remove_person(person)))

    def _remove_photos(self) -> None:
        person, photos = self.person, self._chosen_photos()
        if person is not None and self._deeds is not None and photos:
            self._deeds.remove_photos(person, photos)

    def _set_aside_chosen(self) -> None:
        if self._deeds is not None and (photos := self._chosen_photos()):
            self._deeds.set_aside(photos)

    def _set_aside_found(self, photos: Sequence[Path]) -> None:
        if self._deeds is not None:
            self._deeds.set_aside(photos)
            self._check()

    def _bring_back(self) -> None:
        if self._deeds is not None:
            self._deeds.bring_back()
            self._check()

    def _take_drop(self, person: Person | None, paths: Sequence[Path]) -> None:
        """Files on a person are photos of this person; beside everybody they are of somebody new."""
        if person is None:
            self.page_wanted.emit("enroll", list(paths))
        else:
            self._add(person, paths)

    def _add(self, person: Person | None, paths: Sequence[Path], *, force: bool = False) -> None:
        if person is not None and self._deeds is not None and paths:
            self._parts.tell(self.tr("Looking at photos for {name}…").format(name=person.name))
            self._deeds.add(person, paths, self._live.wish.settings, force=force)

    def _add_all_the_same(self, addition: PhotoAddition) -> None:
        person = next((one for one in self._people.people if one.name == addition.name), None)
        self._add(person, [outcome.path for outcome in addition.outcomes], force=True)

    def _check(self) -> None:
        root, settings = self.root, self._live.wish.settings
        if root is not None:
            self._parts.tell(self.tr("Every photo is looked at…"))
            self._jobs.add(lambda told: check_photos(root, settings, told), self._show_findings, self._fail)

    def _show_findings(self, checked: AuditResult) -> None:
        self._parts.tell("")
        self._parts.findings.show_checked(checked)
        self._parts.show_side(Side.FINDINGS)
        self._parts.findings.list.setFocus()

    def _show_undo(self) -> None:
        self._parts.show_undo(self._deeds.undo_words if self._deeds is not None else "")

    def _show_menu(self, place: QPoint) -> None:
        if self.person is not None:
            self._parts.header.menu().popup(self._parts.people.viewport().mapToGlobal(place))

    def _open_folder(self) -> None:
        person = self.person
        if person is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(person.folders[0])))

    def _fail(self, error: FacecamError) -> None:
        self._parts.tell("")
        self.said.emit(str(error))


def _is_undo(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo)
