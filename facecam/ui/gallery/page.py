"""Gallery page: the enrolled people, their photos, and the commands that change them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from functools import partial
from pathlib import Path

import platformdirs
from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from facecam.enrollment.enroll import AddPhotosResult
from facecam.errors import FacecamError
from facecam.gallery.audit import AuditResult, audit_gallery
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import Person, folder_name
from facecam.gallery.person_comparison import PersonComparison, compare_people
from facecam.gallery.service import GalleryService
from facecam.networks.embedding_networks import embedding_network
from facecam.privacy.forgetting import LogChoice
from facecam.ui.background import BackgroundJobs, Thumbnails
from facecam.ui.gallery.commands import GalleryCommands, ask_to_remove
from facecam.ui.gallery.consent import ConsentPanel
from facecam.ui.gallery.forgetting import ForgetPanel, ForgetResultView
from facecam.ui.gallery.merging import MergeQuestionPanel
from facecam.ui.gallery.model import (
    PERSON,
    PHOTO,
    GallerySnapshot,
    PeopleModel,
    PhotoModel,
    read_gallery_snapshot,
    sorted_by_name,
    unused_photos,
)
from facecam.ui.gallery.photo_adding import FindingsView, PhotoResultsView, single_threaded
from facecam.ui.gallery.rights import PersonRights
from facecam.ui.gallery.views import PersonHeader, people_list, photo_grid, photo_px, portrait_px
from facecam.ui.language import caption_text, error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import ElidedLabel, Page, choose_new_file, choose_photos, scroll_area, vertical_layout, wrapped_label


class DetailPane(IntEnum):
    """Content of the right side."""

    WAITING = 0
    EMPTY = 1
    PERSON = 2
    FINDINGS = 3
    FORGOTTEN = 4


class GalleryPage(Page):
    """Shows the gallery folder. Every change but Forget can be undone while the page is open."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self._jobs = BackgroundJobs(self)
        self._commands = GalleryCommands(lambda: self._controller.gallery_dir, self._jobs, self)
        self._snapshot: GallerySnapshot | None = None
        self._selected_id = ""
        self._people = PeopleModel(self)
        self._photos = PhotoModel(self)
        self._sorted = sorted_by_name(self._people)
        self._thumbnails = Thumbnails(portrait_px(self), self), Thumbnails(photo_px(self), self)
        self._search = QLineEdit(self)
        self._search.setPlaceholderText(self.tr("Search names"))
        self._search.setAccessibleName(self.tr("Search names"))
        self._search.setClearButtonEnabled(True)
        self._people_view = people_list(self._sorted, self._thumbnails[0], self.tr("People"), self.tr("No people"), self)
        self._enroll_button = self._button(self.tr("Enroll a person"), self._request_enrollment)
        self._enroll_first_button = self._button(self.tr("Enroll a person"), self._request_enrollment)
        self._check_button = self._button(self.tr("Check all photos"), self._check)
        self._header = PersonHeader(self)
        self._consent = ConsentPanel(self)
        self._question = MergeQuestionPanel(self._thumbnails[1], self)
        self._rights = PersonRights.for_controller(controller)
        self._forgetting = ForgetPanel(self)
        self._result = ForgetResultView(self)
        self._photo_results = PhotoResultsView(self)
        empty_text = self.tr("No photos. Drop some here, or add some with the button above.")
        self._grid = photo_grid(self._photos, self._thumbnails[1], self.tr("Photos"), empty_text, self)
        self._quarantine_button = self._button(self.tr("Quarantine photos"), self._quarantine_selected)
        self._remove_button = self._button(self.tr("Remove photos"), self._remove_photos)
        self._findings = FindingsView(self._thumbnails[1], self)
        self._undo_button = self._button(self.tr("Undo"), self.undo)
        self._redo_button = self._button(self.tr("Redo"), self.redo)
        self._cancel_button = self._button(self.tr("Cancel"), self._cancel)
        self._progress = QProgressBar(self)
        self._message = ElidedLabel(self)
        self._problems = wrapped_label(self)
        self._folder = ElidedLabel(self)
        self._panes = QStackedWidget(self)
        self._lay_out()
        self._connect()
        self._connect_rights()
        self._open_gallery()

    @property
    def selected_person(self) -> Person | None:
        return next((person for person in self._people.people if person.person_id == self._selected_id), None)

    def refresh(self) -> None:
        """Read the folder again. While a folder with people is not available, the page keeps showing them."""
        root, loaded = self._controller.gallery_dir, self._controller.gallery

        def read(_: object) -> GallerySnapshot:
            if loaded is not None and loaded.folder == root:
                loaded.check_folder()
            assert root is not None
            return read_gallery_snapshot(root)

        if root is not None:
            self._jobs.add(read, self._show_snapshot, self._fail)

    def undo(self) -> None:
        """Undo the last change."""
        self._photo_results.hide()
        self._commands.undo()

    def redo(self) -> None:
        """Make the change again that was undone last."""
        self._photo_results.hide()
        self._commands.redo()

    def event(self, event: QEvent) -> bool:
        # Keep Ctrl+Z and Ctrl+Shift+Z from the window, where they concern face corrections.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and (_is_undo(event) or _is_redo(event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_undo(event):
            self.undo()
        elif _is_redo(event):
            self.redo()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._jobs.close()
        super().closeEvent(event)

    def go_back(self) -> None:
        """Close the form, the question, the photo results, the findings or the page, whichever is on top."""
        if self._consent.isVisible():
            self._consent.dismiss()
        elif self._question.isVisible():
            self._question.dismiss()
        elif self._forgetting.isVisible():
            self._forgetting.dismiss()
        elif self._photo_results.isVisible():
            self._photo_results.hide()
        elif self._panes.currentIndex() == DetailPane.FORGOTTEN:
            self._close_result()
        elif self._panes.currentIndex() == DetailPane.FINDINGS:
            self._show_person()
        else:
            self.finished.emit()

    def _button(self, text: str, on_click: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.clicked.connect(on_click)
        return button

    def _lay_out(self) -> None:
        left = QWidget(self)
        column = QVBoxLayout(left)
        for widget in (self._search, self._people_view, self._problems, self._enroll_button, self._check_button):
            column.addWidget(widget)
        self._problems.hide()
        waiting = self._text_page(self.tr("Loading the gallery…"))
        self._person_area = scroll_area(self._person_page())
        for pane in (waiting, self._empty_page(), self._person_area, scroll_area(self._findings), scroll_area(self._result)):
            self._panes.addWidget(pane)
        right = QWidget(self)
        QVBoxLayout(right).addWidget(self._panes)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        line = self.fontMetrics().height()
        splitter.setSizes([17 * line, 40 * line])
        vertical_layout(self, splitter, self._bottom()).setStretchFactor(splitter, 1)
        self.set_focus_target(self._people_view)

    def _bottom(self) -> QHBoxLayout:
        self._progress.setAccessibleName(self.tr("Progress"))
        self._hide_progress()
        self._undo_button.setEnabled(False)
        self._redo_button.setEnabled(False)
        row = QHBoxLayout()
        margin = self.fontMetrics().height() // 2
        row.setContentsMargins(margin, 0, margin, margin)
        row.addWidget(self._folder, 2)
        row.addWidget(self._button(self.tr("Open gallery folder"), self._open_root))
        row.addWidget(self._message, 3)
        row.addWidget(self._progress, 1)
        row.addWidget(self._cancel_button)
        row.addWidget(self._undo_button)
        row.addWidget(self._redo_button)
        return row

    def _empty_page(self) -> QWidget:
        text = self.tr(
            "No one is enrolled yet. Enroll a person with the camera or from photos, or create a folder with the person's "
            "name and put photos in it."
        )
        return self._text_page(text, self._enroll_first_button)

    def _text_page(self, text: str, *buttons: QWidget) -> QWidget:
        page = QWidget(self)
        column = vertical_layout(page, wrapped_label(page, text))
        for button in buttons:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch(1)
        return page

    def _person_page(self) -> QWidget:
        page = QWidget(self)
        page.setAccessibleName(self._grid.accessibleName())
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self._quarantine_button, self._remove_button):
            button.setEnabled(False)
            buttons.addWidget(button)
        self._grid.setMinimumHeight(photo_px(self) // round(self.devicePixelRatioF()))  # one row of photos
        panels = self._consent, self._question, self._forgetting, self._photo_results
        column = vertical_layout(page, self._header, *panels, self._grid, buttons)
        column.setStretchFactor(self._grid, 1)
        return page

    def _connect(self) -> None:
        self._people_view.selectionModel().currentChanged.connect(self._on_person_selected)
        self._people_view.customContextMenuRequested.connect(self._show_menu)
        self._people_view.remove_requested.connect(self._ask_to_remove)
        self._people_view.dropped.connect(self._on_drop)
        self._grid.dropped.connect(lambda _, paths: self._add_photos(self.selected_person, paths))
        self._grid.remove_requested.connect(self._remove_photos)
        self._grid.selectionModel().selectionChanged.connect(self._update_photo_buttons)
        self._search.textChanged.connect(self._sorted.setFilterFixedString)
        header = self._header
        header.rename_requested.connect(self._edit_name)
        header.merge_requested.connect(self._ask_to_merge)
        header.add_requested.connect(lambda: choose_photos(self, lambda paths: self._add_photos(self.selected_person, paths)))
        header.consent_requested.connect(self._edit_consent)
        header.open_requested.connect(self._open_folder)
        header.remove_requested.connect(self._ask_to_remove)
        self._consent.recorded.connect(self._record_consent)
        self._consent.withdrawn.connect(self._withdraw_consent)
        self._photo_results.force_requested.connect(self._add_anyway)
        self._findings.closed.connect(self._show_person)
        self._findings.quarantine_requested.connect(self._quarantine_findings)
        self._findings.restore_requested.connect(self._restore)
        commands = self._commands
        commands.done.connect(self._message.setText)
        commands.failed.connect(self.message_posted)
        for finished in (commands.done, commands.failed):
            finished.connect(lambda _: self.refresh())
        commands.photos_added.connect(self._show_added)
        self._jobs.progressed.connect(self._show_progress)
        self._jobs.busy_changed.connect(lambda _: self._hide_progress())
        self._people.rename_requested.connect(self._rename)
        self._controller.gallery_changed.connect(self._open_gallery)

    def _connect_rights(self) -> None:
        rights = self._rights
        self._header.export_requested.connect(self._ask_to_export)
        self._header.forget_requested.connect(self._ask_to_forget)
        self._forgetting.accepted.connect(self._forget)
        self._result.closed.connect(self._close_result)
        self._result.message_posted.connect(self.message_posted)
        rights.progressed.connect(self._show_rights_progress)
        rights.step_changed.connect(self._show_rights_step)
        rights.forgotten.connect(self._show_forgotten)
        self._show_rights_step(rights.text)
        self._show_forgotten()

    def _open_gallery(self) -> None:
        """Show the folder once it is known, and whenever the session has read it again."""
        root = self._controller.gallery_dir
        if root is None:
            self._panes.setCurrentIndex(DetailPane.WAITING)
            return
        self._folder.setText(self.tr("Folder: {path}").format(path=root.absolute()))
        self.refresh()

    def _show_snapshot(self, snapshot: GallerySnapshot) -> None:
        if self._snapshot is not None:
            for thumbnails in self._thumbnails:
                thumbnails.forget(snapshot.replaced_since(self._snapshot))
        self._snapshot = snapshot
        row = self._people_view.currentIndex().row()
        self._people.show(snapshot.people.people, unused_photos(self._controller.gallery))
        unused = [problem for problem in snapshot.people.problems if problem.path.is_dir() or problem.reason == "no_person"]
        self._problems.setText("\n".join(f"{problem.path.name}: {caption_text(problem.reason)}" for problem in unused))
        self._problems.setVisible(bool(unused))
        self._findings.show_restorable(snapshot.restorable_count)
        self._undo_button.setEnabled(bool(self._commands.undo_text))
        self._undo_button.setToolTip(self._commands.undo_text)
        self._redo_button.setEnabled(bool(self._commands.redo_text))
        self._redo_button.setToolTip(self._commands.redo_text)
        self._check_button.setEnabled(any(person.photos for person in snapshot.people.people))
        pane = self._panes.currentIndex()
        self._restore_selection(row)
        if pane == DetailPane.FORGOTTEN:  # The selection has changed because the person is gone.
            self._panes.setCurrentIndex(pane)
        if self._panes.currentIndex() not in (DetailPane.FINDINGS, DetailPane.FORGOTTEN):
            self._show_person()

    def _restore_selection(self, row: int) -> None:
        """Select the same person again, or the one now in that row if the person is gone."""
        for number in range(self._sorted.rowCount()):
            person: Person = self._sorted.index(number, 0).data(PERSON)
            if person.person_id == self._selected_id:
                row = number
        row = min(max(row, 0), self._sorted.rowCount() - 1)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self._people_view.selectionModel().setCurrentIndex(self._sorted.index(row, 0), flags)

    def _on_person_selected(self, current: QModelIndex) -> None:
        person: Person | None = current.data(PERSON)
        if person is None or person.person_id == self._selected_id:
            return
        self._selected_id = person.person_id
        self._dismiss_panels()
        self._photo_results.hide()
        self._show_person()

    def _show_person(self) -> None:
        person = self.selected_person
        if person is None:
            self._photos.show((), {})
            self._panes.setCurrentIndex(DetailPane.EMPTY if not self._people.people else DetailPane.WAITING)
            return
        self._photos.show(person.photos, unused_photos(self._controller.gallery))
        self._update_photo_buttons()  # A model that is reset drops the selection without a signal.
        self._header.show_person(person, self._people.detail(person))
        self._panes.setCurrentIndex(DetailPane.PERSON)

    def _update_photo_buttons(self) -> None:
        has_selection = bool(self._selected_photos())
        self._quarantine_button.setEnabled(has_selection)
        self._remove_button.setEnabled(has_selection)

    def _selected_photos(self) -> list[Path]:
        return [index.data(PHOTO) for index in self._grid.selectionModel().selectedIndexes()]

    def _cancel(self) -> None:
        self._jobs.cancel()
        self._rights.cancel()
        self._message.setText("")
        self.refresh()

    def _edit_name(self) -> None:
        index = self._people_view.currentIndex()
        if index.isValid():
            self._people_view.setFocus()
            self._people_view.edit(index)

    def _rename(self, person: Person, name: str) -> None:
        self._commands.apply(lambda service: service.rename(person, name))

    def _ask_to_merge(self) -> None:
        person, root = self.selected_person, self._controller.gallery_dir
        if person is None or root is None:
            return
        others = [other for other in self._people.people if other.person_id != person.person_id]
        if not others:
            self.message_posted.emit(self.tr("Merging needs a second person besides {name}.").format(name=person.name))
            return
        gallery = self._controller.gallery or Gallery(root, "")
        network = embedding_network(self._controller.settings.identify.network)

        def compare(first: Person, second: Person) -> PersonComparison | None:
            return compare_people(gallery, (first, second), network)

        def merge(into: Person) -> None:
            self._commands.apply(lambda service: service.merge(person, into, gallery, network.threshold_l2))

        self._dismiss_panels()
        self._question.ask_to_merge(person, others, compare, self._people.portrait, merge)
        self._scroll_to(self._question)

    def _ask_to_remove(self) -> None:
        person = self.selected_person
        if person is not None:
            remove = partial(self._commands.remove_person, person)
            self._dismiss_panels()
            ask_to_remove(self._question, person, remove)
            self._scroll_to(self._question)

    def _dismiss_panels(self) -> None:
        for panel in (self._consent, self._question, self._forgetting):
            panel.dismiss()

    def _ask_to_export(self) -> None:
        if (person := self.selected_person) is not None:
            proposed = Path(platformdirs.user_documents_dir()) / f"{folder_name(person.name)}.zip"
            choose_new_file(self, self.tr("Export person"), proposed, lambda path: self._rights.export(person, path))

    def _ask_to_forget(self) -> None:
        if (person := self.selected_person) is not None:
            self._dismiss_panels()
            controller = self._controller
            self._forgetting.ask(person, is_running=controller.has_session, is_recording=controller.is_recording)
            self._scroll_to(self._forgetting)

    def _forget(self, person: Person, choice: LogChoice) -> None:
        self._jobs.cancel()
        self._commands.drop_undo()
        self._photo_results.hide()
        for thumbnails in self._thumbnails:
            thumbnails.forget(person.photos)
        self._rights.forget(person, choice)

    def _show_forgotten(self, _: object = None) -> None:
        """Show a result that was not shown yet."""
        if self._rights.last is not None:
            self._result.show_result(self._rights.last)
            self._panes.setCurrentIndex(DetailPane.FORGOTTEN)
            self.refresh()

    def _close_result(self) -> None:
        self._rights.last = None
        self._result.clear()
        self._show_person()

    def _show_rights_step(self, text: str) -> None:
        self._message.setText(text)
        if not text:
            self._hide_progress()

    def _show_rights_progress(self, done: int, total: int) -> None:
        self._show_progress(done, total)
        self._cancel_button.setVisible(self._rights.can_cancel and total > 1)

    def _edit_consent(self) -> None:
        person = self.selected_person
        if person is not None:
            self._dismiss_panels()
            self._consent.edit(person)
            self._scroll_to(self._consent)

    def _record_consent(self, person: Person, consent: str) -> None:
        self._commands.apply(lambda service: service.record_consent(person, consent))

    def _withdraw_consent(self, person: Person) -> None:
        today = datetime.now(UTC).astimezone().date()
        self._commands.apply(lambda service: service.withdraw_consent(person, today))

    def _remove_photos(self) -> None:
        if photos := self._selected_photos():
            self._commands.apply(lambda service: service.remove_photos(photos))

    def _quarantine_selected(self) -> None:
        if photos := self._selected_photos():
            self._commands.apply(lambda service: service.quarantine(photos))

    def _quarantine_findings(self, photos: Sequence[Path]) -> None:
        self._commands.apply(lambda service: service.quarantine(photos))
        self._check()

    def _restore(self) -> None:
        self._commands.apply(GalleryService.restore)
        self._check()

    def _on_drop(self, person: Person | None, paths: Sequence[Path]) -> None:
        """Add files dropped on a person to that person; enroll a new person from files dropped elsewhere."""
        if person is None:
            self.page_requested.emit("enroll", list(paths))
        else:
            self._add_photos(person, paths)

    def _add_photos(self, person: Person | None, paths: Sequence[Path], rejected: AddPhotosResult | None = None) -> None:
        if person is not None and paths:
            self._message.setText(self.tr("Checking photos for {name}…").format(name=person.name))
            self._commands.add_photos(person, paths, self._controller.settings, rejected)

    def _add_anyway(self, addition: AddPhotosResult) -> None:
        person = next((person for person in self._people.people if person.name == addition.name), None)
        self._add_photos(person, [outcome.path for outcome in addition.outcomes], addition)

    def _show_added(self, addition: AddPhotosResult) -> None:
        if not addition.added:
            self._message.setText("")
        self._photo_results.show_result(addition)
        self._scroll_to(self._photo_results)

    def _scroll_to(self, panel: QWidget) -> None:
        """Scroll to a panel once it is laid out: with large text it can be below the visible part."""

        def scroll() -> None:
            if panel.isVisible():
                bar, top = self._person_area.verticalScrollBar(), panel.y()
                bar.setValue(max(min(bar.value(), top), top + panel.height() - self._person_area.viewport().height()))
                bar.setValue(min(bar.value(), top))

        QTimer.singleShot(0, self, scroll)

    def _check(self) -> None:
        root, settings = self._controller.gallery_dir, single_threaded(self._controller.settings)
        if root is not None:
            self._message.setText(self.tr("Checking all photos…"))
            self._jobs.add(lambda progress: audit_gallery(root, settings, progress), self._show_findings, self._fail)

    def _show_findings(self, audit: AuditResult) -> None:
        self._message.setText("")
        self._findings.show_findings(audit)
        self._panes.setCurrentIndex(DetailPane.FINDINGS)
        self._findings.list.setFocus()

    def _show_menu(self, position: QPoint) -> None:
        if self.selected_person is not None:
            self._header.menu().popup(self._people_view.viewport().mapToGlobal(position))

    def _hide_progress(self) -> None:
        """Hide the progress bar until the progress of the next work is known."""
        self._progress.setRange(0, 0)
        self._progress.setVisible(False)
        self._cancel_button.setVisible(False)

    def _show_progress(self, done: int, total: int) -> None:
        """Show the progress of work with several parts; short work flashes no bar."""
        if total > 1:
            self._progress.setVisible(True)
            self._cancel_button.setVisible(True)
            self._progress.setRange(0, total)
            self._progress.setValue(done)

    def _request_enrollment(self) -> None:
        self.page_requested.emit("enroll", None)

    def _open_root(self) -> None:
        root = self._controller.gallery_dir
        if root is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(root.absolute())))

    def _open_folder(self) -> None:
        person = self.selected_person
        if person is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(person.folders[0])))

    def _fail(self, error: FacecamError) -> None:
        self._message.setText("")
        self.message_posted.emit(error_text(error))


def _is_undo(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo)


def _is_redo(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Redo)
