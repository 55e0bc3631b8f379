"""Gallery page: the enrolled people, their photos, and the commands that change them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from facecam.enrollment.enroll import AddPhotosResult
from facecam.errors import FacecamError
from facecam.gallery.audit import AuditResult
from facecam.gallery.people import Person
from facecam.ui.background import BackgroundJobs
from facecam.ui.gallery.commands import GalleryCommands, merge_question, removal_question
from facecam.ui.gallery.layout import DetailPane, GalleryLayout
from facecam.ui.gallery.model import (
    PERSON,
    PHOTO,
    GallerySnapshot,
    PeopleModel,
    PhotoModel,
    check_photos,
    read_gallery_snapshot,
    sorted_by_name,
    unused_photos,
)
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import choose_photos


class GalleryPage(QWidget):
    """Shows the gallery folder. Every change can be undone while the page is open."""

    message_posted = Signal(str)
    page_requested = Signal(str, object)
    finished = Signal()

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._jobs = BackgroundJobs(self)
        self._commands: GalleryCommands | None = None
        self._snapshot: GallerySnapshot | None = None
        self._selected_id = ""
        self._people = PeopleModel(self)
        self._photos = PhotoModel(self)
        self._sorted = sorted_by_name(self._people)
        self._parts = GalleryLayout(self, self._sorted, self._photos)
        self._connect()
        self._open_gallery()

    @property
    def root(self) -> Path | None:
        """The gallery folder, None while it is unknown."""
        gallery = self._controller.gallery
        return self._controller.paths.gallery_dir or (gallery.folder if gallery is not None else None)

    @property
    def selected_person(self) -> Person | None:
        return next((person for person in self._people.people if person.person_id == self._selected_id), None)

    def refresh(self) -> None:
        """Read the folder again."""
        root = self.root
        if root is not None:
            self._jobs.add(lambda _: read_gallery_snapshot(root), self._show_snapshot, self._fail)

    def undo(self) -> None:
        """Undo the last change."""
        self._parts.photo_results.hide()
        if self._commands is not None:
            self._commands.undo()

    def event(self, event: QEvent) -> bool:
        # Keep Ctrl+Z from the window, where it undoes face corrections.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_undo(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_undo(event):
            self.undo()
        elif event.key() == Qt.Key.Key_Escape:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._jobs.close()
        super().closeEvent(event)

    def _go_back(self) -> None:
        """Close the question, the photo results, the findings or the page, whichever is on top."""
        parts = self._parts
        if parts.question.isVisible():
            parts.question.dismiss()
        elif parts.photo_results.isVisible():
            parts.photo_results.hide()
        elif parts.pane is DetailPane.FINDINGS:
            self._show_person()
        else:
            self.finished.emit()

    def _connect(self) -> None:
        parts = self._parts
        parts.people.selectionModel().currentChanged.connect(self._on_person_selected)
        parts.people.customContextMenuRequested.connect(self._show_menu)
        parts.people.remove_requested.connect(self._ask_to_remove)
        parts.people.dropped.connect(self._on_drop)
        parts.grid.dropped.connect(lambda _, paths: self._add_photos(self.selected_person, paths))
        parts.grid.remove_requested.connect(self._remove_photos)
        parts.grid.selectionModel().selectionChanged.connect(self._update_photo_buttons)
        parts.search.textChanged.connect(self._sorted.setFilterFixedString)
        parts.enroll.clicked.connect(lambda: self.page_requested.emit("enroll", None))
        parts.enroll_first.clicked.connect(lambda: self.page_requested.emit("enroll", None))
        parts.check.clicked.connect(self._check)
        parts.undo.clicked.connect(self.undo)
        parts.cancel.clicked.connect(self._cancel)
        parts.quarantine.clicked.connect(self._quarantine_selected)
        parts.remove_photos.clicked.connect(self._remove_photos)
        header = parts.header
        header.rename_requested.connect(self._edit_name)
        header.merge_requested.connect(self._ask_to_merge)
        header.add_requested.connect(lambda: choose_photos(self, lambda paths: self._add_photos(self.selected_person, paths)))
        header.open_requested.connect(self._open_folder)
        header.remove_requested.connect(self._ask_to_remove)
        parts.photo_results.force_requested.connect(self._add_anyway)
        parts.findings.closed.connect(self._show_person)
        parts.findings.quarantine_requested.connect(self._quarantine_findings)
        parts.findings.restore_requested.connect(self._restore)
        self._jobs.progressed.connect(parts.show_progress)
        self._jobs.busy_changed.connect(lambda _: parts.hide_progress())
        self._people.rename_requested.connect(self._rename)
        self._controller.gallery_changed.connect(self._open_gallery)

    def _open_gallery(self) -> None:
        """Show the folder once it is known, and whenever the session has read it again."""
        root = self.root
        if root is None:
            self._parts.show_pane(DetailPane.WAITING)
            return
        if self._commands is None or self._commands.root != root:
            self._commands = GalleryCommands(root, self._jobs, self)
            self._commands.folder_changed.connect(self.refresh)
            self._commands.done.connect(self._parts.show_message)
            self._commands.failed.connect(self.message_posted)
            self._commands.undo_changed.connect(self._show_undo)
            self._commands.photos_added.connect(self._parts.photo_results.show_result)
            self._parts.show_folder(root)
        self.refresh()

    def _show_snapshot(self, snapshot: GallerySnapshot) -> None:
        if self._snapshot is not None:
            self._parts.reload_thumbnails(snapshot.replaced_since(self._snapshot))
        self._snapshot = snapshot
        row = self._parts.people.currentIndex().row()
        self._people.show(snapshot.people.people, unused_photos(self._controller.gallery))
        self._parts.show_problems([p for p in snapshot.people.problems if p.path.is_dir() or p.reason == "no_person"])
        self._parts.findings.show_restorable(snapshot.restorable_count)
        self._parts.check.setEnabled(any(person.photos for person in snapshot.people.people))
        self._restore_selection(row)
        if self._parts.pane is not DetailPane.FINDINGS:
            self._show_person()

    def _restore_selection(self, row: int) -> None:
        """Select the same person again, or the one now in that row if the person is gone."""
        for number in range(self._sorted.rowCount()):
            person: Person = self._sorted.index(number, 0).data(PERSON)
            if person.person_id == self._selected_id:
                row = number
        row = min(max(row, 0), self._sorted.rowCount() - 1)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self._parts.people.selectionModel().setCurrentIndex(self._sorted.index(row, 0), flags)

    def _on_person_selected(self, current: QModelIndex) -> None:
        person: Person | None = current.data(PERSON)
        if person is None or person.person_id == self._selected_id:
            return
        self._selected_id = person.person_id
        self._parts.question.dismiss()
        self._parts.photo_results.hide()
        self._show_person()

    def _show_person(self) -> None:
        person = self.selected_person
        if person is None:
            self._photos.show((), {})
            self._parts.show_pane(DetailPane.EMPTY if not self._people.people else DetailPane.WAITING)
            return
        self._photos.show(person.photos, unused_photos(self._controller.gallery))
        self._parts.header.show_person(person, self._people.detail(person))
        self._parts.show_pane(DetailPane.PERSON)

    def _update_photo_buttons(self) -> None:
        has_selection = bool(self._selected_photos())
        self._parts.quarantine.setEnabled(has_selection)
        self._parts.remove_photos.setEnabled(has_selection)

    def _selected_photos(self) -> list[Path]:
        return [index.data(PHOTO) for index in self._parts.grid.selectionModel().selectedIndexes()]

    def _cancel(self) -> None:
        self._jobs.cancel()
        self._parts.show_message("")
        self.refresh()

    def _edit_name(self) -> None:
        index = self._parts.people.currentIndex()
        if index.isValid():
            self._parts.people.setFocus()
            self._parts.people.edit(index)

    def _rename(self, person: Person, name: str) -> None:
        if self._commands is not None:
            self._commands.rename(person, name)

    def _ask_to_merge(self) -> None:
        person, commands = self.selected_person, self._commands
        others = [other for other in self._people.people if person is not None and other.person_id != person.person_id]
        if person is None or commands is None:
            return
        if not others:
            self.message_posted.emit(self.tr("Merging needs a second person besides {name}.").format(name=person.name))
            return
        settings = self._controller.request.settings
        question = merge_question(person, others, lambda into: commands.merge(self._controller.gallery, person, into, settings))
        self._parts.question.ask(question)

    def _ask_to_remove(self) -> None:
        person, commands = self.selected_person, self._commands
        if person is not None and commands is not None:
            self._parts.question.ask(removal_question(person, lambda: commands.remove_person(person)))

    def _remove_photos(self) -> None:
        person, photos = self.selected_person, self._selected_photos()
        if person is not None and self._commands is not None and photos:
            self._commands.remove_photos(person, photos)

    def _quarantine_selected(self) -> None:
        if self._commands is not None and (photos := self._selected_photos()):
            self._commands.quarantine(photos)

    def _quarantine_findings(self, photos: Sequence[Path]) -> None:
        if self._commands is not None:
            self._commands.quarantine(photos)
            self._check()

    def _restore(self) -> None:
        if self._commands is not None:
            self._commands.restore()
            self._check()

    def _on_drop(self, person: Person | None, paths: Sequence[Path]) -> None:
        """Add files dropped on a person to that person; enroll a new person from files dropped elsewhere."""
        if person is None:
            self.page_requested.emit("enroll", list(paths))
        else:
            self._add_photos(person, paths)

    def _add_photos(self, person: Person | None, paths: Sequence[Path], *, force: bool = False) -> None:
        if person is not None and self._commands is not None and paths:
            self._parts.show_message(self.tr("Checking photos for {name}…").format(name=person.name))
            self._commands.add_photos(person, paths, self._controller.request.settings, force=force)

    def _add_anyway(self, addition: AddPhotosResult) -> None:
        person = next((person for person in self._people.people if person.name == addition.name), None)
        self._add_photos(person, [outcome.path for outcome in addition.outcomes], force=True)

    def _check(self) -> None:
        root, settings = self.root, self._controller.request.settings
        if root is not None:
            self._parts.show_message(self.tr("Checking all photos…"))
            self._jobs.add(lambda progress: check_photos(root, settings, progress), self._show_findings, self._fail)

    def _show_findings(self, audit: AuditResult) -> None:
        self._parts.show_message("")
        self._parts.findings.show_findings(audit)
        self._parts.show_pane(DetailPane.FINDINGS)
        self._parts.findings.list.setFocus()

    def _show_undo(self) -> None:
        self._parts.show_undo(self._commands.undo_text if self._commands is not None else "")

    def _show_menu(self, position: QPoint) -> None:
        if self.selected_person is not None:
            self._parts.header.menu().popup(self._parts.people.viewport().mapToGlobal(position))

    def _open_folder(self) -> None:
        person = self.selected_person
        if person is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(person.folders[0])))

    def _fail(self, error: FacecamError) -> None:
        self._parts.show_message("")
        self.message_posted.emit(str(error))


def _is_undo(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo)
