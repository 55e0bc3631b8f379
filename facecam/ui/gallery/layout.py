"""Layout of the gallery page: people on the left, the photos of one person or the findings on the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QDateTime, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from facecam.gallery.people import Person, Problem
from facecam.ui.background import Thumbnails
from facecam.ui.gallery.photo_adding import FindingsView, PhotoResultsView
from facecam.ui.gallery.views import people_list, photo_grid, photo_px, portrait_px
from facecam.ui.language import caption_text
from facecam.ui.widgets import ElidedLabel, FlowLayout, QuestionPanel, scroll_area, vertical_layout, wrapped_label

translate = QCoreApplication.translate


class PersonHeader(QWidget):
    """Header above the photos: name, enrollment date and consent of the person, with buttons."""

    rename_requested = Signal()
    merge_requested = Signal()
    add_requested = Signal()
    open_requested = Signal()
    remove_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel(self)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        self.name.setFont(font)
        self.facts, self.consent = wrapped_label(self), wrapped_label(self)
        self.buttons = FlowLayout()
        self._actions = (
            (self.tr("Add photos…"), self.add_requested),
            (self.tr("Rename"), self.rename_requested),
            (self.tr("Merge…"), self.merge_requested),
            (self.tr("Open folder"), self.open_requested),
            (self.tr("Remove person…"), self.remove_requested),
        )
        for text, signal in self._actions:
            button = QPushButton(text, self)
            button.clicked.connect(signal)
            self.buttons.addWidget(button)
        vertical_layout(self, self.name, self.facts, self.consent, self.buttons)

    def menu(self) -> QMenu:
        """Return the same actions as a menu that deletes itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, signal in self._actions:
            menu.addAction(text).triggered.connect(lambda _=False, signal=signal: signal.emit())
        return menu

    def show_person(self, person: Person, detail: str) -> None:
        """Show this person; `detail` is the text with the number of photos."""
        self.name.setText(person.name)
        created = QDateTime.fromSecsSinceEpoch(int(person.created_at.timestamp())).date()
        since = self.locale().toString(created, self.tr("d MMMM yyyy", "a date, as QLocale writes it"))
        self.facts.setText(self.tr("{photos}. Enrolled on {date}.").format(photos=detail, date=since))
        if person.consent:
            self.consent.setText(self.tr("Consent: {text}").format(text=person.consent))
        else:
            self.consent.setText(self.tr("No consent is recorded. You can add it to person.toml in the folder."))


class DetailPane(IntEnum):
    """Content of the right side."""

    WAITING = 0
    EMPTY = 1
    PERSON = 2
    FINDINGS = 3


class GalleryLayout:
    """Widgets of the gallery page."""

    def __init__(self, page: QWidget, people: QAbstractItemModel, photos: QAbstractItemModel) -> None:
        self._page = page
        portraits, photo_thumbnails = Thumbnails(portrait_px(page), page), Thumbnails(photo_px(page), page)
        self._thumbnails = portraits, photo_thumbnails
        self.search = QLineEdit(page)
        self.search.setPlaceholderText(translate("GalleryPage", "Search names"))
        self.search.setAccessibleName(translate("GalleryPage", "Search names"))
        self.search.setClearButtonEnabled(True)
        self.people = people_list(portraits, translate("GalleryPage", "People"), page)
        self.people.setModel(people)
        self.people.empty_text = translate("GalleryPage", "No people")
        self.enroll = QPushButton(translate("GalleryPage", "Enroll a person"), page)
        self.check = QPushButton(translate("GalleryPage", "Check all photos"), page)
        self.enroll_first = QPushButton(translate("GalleryPage", "Enroll a person"), page)
        self.header = PersonHeader(page)
        self.question = QuestionPanel(page)
        self.photo_results = PhotoResultsView(page)
        self.grid = photo_grid(photo_thumbnails, translate("GalleryPage", "Photos"), page)
        self.grid.setModel(photos)
        self.grid.empty_text = translate("GalleryPage", "No photos. Drop some here, or add some with the button above.")
        self.quarantine = QPushButton(translate("GalleryPage", "Quarantine photos"), page)
        self.remove_photos = QPushButton(translate("GalleryPage", "Remove photos"), page)
        self.findings = FindingsView(photo_thumbnails, page)
        self.undo = QPushButton(translate("GalleryPage", "Undo"), page)
        self.cancel = QPushButton(translate("GalleryPage", "Cancel"), page)
        self._progress = QProgressBar(page)
        self._message = ElidedLabel(page)
        self._problems = wrapped_label(page)
        self._folder = ElidedLabel(page)
        self._root: Path | None = None
        self._panes = QStackedWidget(page)
        self._lay_out()

    @property
    def pane(self) -> DetailPane:
        return DetailPane(self._panes.currentIndex())

    def show_pane(self, pane: DetailPane) -> None:
        self._panes.setCurrentIndex(pane)

    def reload_thumbnails(self, photos: Iterable[Path]) -> None:
        """Reload the thumbnails of these photos."""
        for thumbnails in self._thumbnails:
            thumbnails.forget(photos)

    def show_message(self, text: str) -> None:
        """Show a message below the gallery."""
        self._message.setText(text)

    def show_undo(self, text: str) -> None:
        """Offer to undo the described change; "" disables the button."""
        self.undo.setEnabled(bool(text))
        self.undo.setToolTip(text)

    def hide_progress(self) -> None:
        """Hide the progress bar until the progress of the next work is known."""
        self._progress.setRange(0, 0)
        self._progress.setVisible(False)
        self.cancel.setVisible(False)

    def show_progress(self, done: int, total: int) -> None:
        """Show the progress of work with several parts; short work flashes no bar."""
        if total > 1:
            self._progress.setVisible(True)
            self.cancel.setVisible(True)
            self._progress.setRange(0, total)
            self._progress.setValue(done)

    def show_folder(self, root: Path) -> None:
        self._root = root
        self._folder.setText(translate("GalleryPage", "Folder: {path}").format(path=root.absolute()))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """List the folders and files that are not used."""
        lines = [f"{problem.path.name}: {caption_text(problem.reason)}" for problem in problems]
        self._problems.setText("\n".join(lines))
        self._problems.setVisible(bool(lines))

    def _lay_out(self) -> None:
        left = QWidget(self._page)
        column = QVBoxLayout(left)
        for widget in (self.search, self.people, self._problems, self.enroll, self.check):
            column.addWidget(widget)
        self._problems.hide()
        waiting = self._text_page(translate("GalleryPage", "Loading the gallery…"))
        for pane in (waiting, self._empty_page(), self._person_page(), scroll_area(self.findings)):
            self._panes.addWidget(pane)
        right = QWidget(self._page)
        QVBoxLayout(right).addWidget(self._panes)
        splitter = QSplitter(Qt.Orientation.Horizontal, self._page)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        line = self._page.fontMetrics().height()
        splitter.setSizes([17 * line, 40 * line])
        vertical_layout(self._page, splitter, self._bottom()).setStretchFactor(splitter, 1)
        self._page.setFocusProxy(self.people)

    def _bottom(self) -> QHBoxLayout:
        open_folder = QPushButton(translate("GalleryPage", "Open the folder"), self._page)
        open_folder.clicked.connect(self._open_root)
        self._progress.setAccessibleName(translate("GalleryPage", "Progress"))
        self._progress.setVisible(False)
        self.cancel.setVisible(False)
        self.undo.setEnabled(False)
        row = QHBoxLayout()
        margin = self._page.fontMetrics().height() // 2
        row.setContentsMargins(margin, 0, margin, margin)
        row.addWidget(self._folder, 2)
        row.addWidget(open_folder)
        row.addWidget(self._message, 3)
        row.addWidget(self._progress, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.undo)
        return row

    def _empty_page(self) -> QWidget:
        text = translate(
            "GalleryPage",
            "No one is enrolled yet. Enroll a person with the camera or from photos, or create a folder with the person's "
            "name and put photos in it.",
        )
        return self._text_page(text, self.enroll_first)

    def _text_page(self, text: str, button: QWidget | None = None) -> QWidget:
        page = QWidget(self._page)
        column = vertical_layout(page, wrapped_label(page, text))
        if button is not None:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch(1)
        return page

    def _person_page(self) -> QWidget:
        page = QWidget(self._page)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.quarantine, self.remove_photos):
            button.setEnabled(False)
            buttons.addWidget(button)
        column = vertical_layout(page, self.header, self.question, self.photo_results, self.grid, buttons)
        column.setStretchFactor(self.grid, 1)
        return page

    def _open_root(self) -> None:
        if self._root is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._root.absolute())))
