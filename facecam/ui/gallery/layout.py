"""Where everything stands on the gallery page: people on the left, one person's photos or the findings on the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QCoreApplication, QDateTime, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from facecam.gallery.people import Person, Problem
from facecam.ui.background import Thumbnails
from facecam.ui.enrollment_text import reason_words
from facecam.ui.gallery.findings import FindingsView
from facecam.ui.gallery.photo_adding import VerdictsView
from facecam.ui.gallery.views import people_list, photo_grid, photo_px, portrait_px
from facecam.ui.widgets import ElidedLabel, FlowLayout, QuestionPanel

# MERGED ui.person_header: Who the photos below are of: name, since when, what the person agreed to, and what may be done.


class PersonHeader(QWidget):
    """Tells of one person, and asks for deeds."""

    rename_wanted = Signal()
    merge_wanted = Signal()
    add_wanted = Signal()
    open_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel(self)
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.4)
        font.setBold(True)
        self.name.setFont(font)
        self.facts = QLabel(self)
        self.facts.setWordWrap(True)
        self.consent = QLabel(self)
        self.consent.setWordWrap(True)
        self.consent.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.name)
        column.addWidget(self.facts)
        column.addWidget(self.consent)
        self.buttons = FlowLayout()
        self._deeds = (
            (self.tr("Add photos…"), self.add_wanted),
            (self.tr("Rename"), self.rename_wanted),
            (self.tr("Merge…"), self.merge_wanted),
            (self.tr("Open folder"), self.open_wanted),
            (self.tr("Remove person…"), self.remove_wanted),
        )
        for words, signal in self._deeds:
            button = QPushButton(words, self)
            button.clicked.connect(signal)
            self.buttons.addWidget(button)
        column.addLayout(self.buttons)

    def menu(self) -> QMenu:
        """The same deeds as a menu, which deletes itself."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for words, signal in self._deeds:
            menu.addAction(words).triggered.connect(lambda _=False, signal=signal: signal.emit())
        return menu

    def show_person(self, person: Person, detail: str) -> None:
        """Tell of this person; `detail` is how many photos there are."""
        self.name.setText(person.name)
        created = QDateTime.fromSecsSinceEpoch(int(person.created_at.timestamp())).date()
        since = self.locale().toString(created, self.tr("d MMMM yyyy", "a date, as QLocale writes it"))
        self.facts.setText(self.tr("{photos}. Enrolled on {date}.").format(photos=detail, date=since))
        if person.consent:
            self.consent.setText(self.tr("Consent: {words}").format(words=person.consent))
        else:
            self.consent.setText(self.tr("No consent is noted; person.toml in the folder has a place for it."))


class Side(IntEnum):
    """What stands on the right."""

    WAITING = 0
    NOBODY = 1
    PERSON = 2
    FINDINGS = 3


class GalleryLayout:
    """The page's widgets by their names."""

    def __init__(self, page: QWidget, people: QAbstractItemModel, photos: QAbstractItemModel) -> None:
        self._page = page
        translate = QCoreApplication.translate
        portraits, pictures = Thumbnails(portrait_px(page), page), Thumbnails(photo_px(page), page)
        self._thumbnails = portraits, pictures
        self.find = QLineEdit(page)
        self.find.setPlaceholderText(translate("GalleryPage", "Find a name"))
        self.find.setAccessibleName(translate("GalleryPage", "Find a name"))
        self.find.setClearButtonEnabled(True)
        self.people = people_list(portraits, translate("GalleryPage", "People"), page)
        self.people.setModel(people)
        self.people.empty_words = translate("GalleryPage", "Nobody")
        self.enroll = QPushButton(translate("GalleryPage", "Enroll a person"), page)
        self.check = QPushButton(translate("GalleryPage", "Check all photos"), page)
        self.first = QPushButton(translate("GalleryPage", "Enroll a person"), page)
        self.header = PersonHeader(page)
        self.question = QuestionPanel(page)
        self.verdicts = VerdictsView(page)
        self.grid = photo_grid(pictures, translate("GalleryPage", "Photos"), page)
        self.grid.setModel(photos)
        self.grid.empty_words = translate("GalleryPage", "No photos. Drop some here, or add some with the button above.")
        self.aside_photos = QPushButton(translate("GalleryPage", "Set photos aside"), page)
        self.remove_photos = QPushButton(translate("GalleryPage", "Remove photos"), page)
        self.findings = FindingsView(pictures, page)
        self.undo = QPushButton(translate("GalleryPage", "Undo"), page)
        self.cancel = QPushButton(translate("GalleryPage", "Cancel"), page)
        self._progress = QProgressBar(page)
        self._told = ElidedLabel(page)
        self._problems = QLabel(page)
        self._folder = ElidedLabel(page)
        self._root: Path | None = None
        self._side = QStackedWidget(page)
        self._lay_out()

    @property
    def side(self) -> Side:
        """What stands on the right now."""
        return Side(self._side.currentIndex())

    def show_side(self, side: Side) -> None:
        """Let something else stand on the right."""
        self._side.setCurrentIndex(side)

    def forget(self, photos: Iterable[Path]) -> None:
        """Read the pictures of these photos again."""
        for thumbnails in self._thumbnails:
            thumbnails.forget(photos)

    def tell(self, sentence: str) -> None:
        """Say what was done."""
        self._told.setText(sentence)

    def show_undo(self, words: str) -> None:
        """Offer to take this back; "" is nothing."""
        self.undo.setEnabled(bool(words))
        self.undo.setToolTip(words)

    def show_busy(self) -> None:
        """Something has begun, or is done: how far it is is not known."""
        self._progress.setRange(0, 0)
        self._progress.setVisible(False)
        self.cancel.setVisible(False)

    def show_progress(self, done: int, total: int) -> None:
        """Show how far it is, once that is known: short work flashes no bar."""
        if total > 1:
            self._progress.setVisible(True)
            self.cancel.setVisible(True)
            self._progress.setRange(0, total)
            self._progress.setValue(done)

    def show_folder(self, root: Path) -> None:
        """Say where the people lie."""
        self._root = root
        self._folder.setText(QCoreApplication.translate("GalleryPage", "Folder: {path}").format(path=root.absolute()))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Say what in the folder does not count."""
        lines = [f"{problem.path.name}: {reason_words(problem.reason)}" for problem in problems]
        self._problems.setText("\n".join(lines))
        self._problems.setVisible(bool(lines))

    def _lay_out(self) -> None:
        left = QWidget(self._page)
        column = QVBoxLayout(left)
        for widget in (self.find, self.people, self._problems, self.enroll, self.check):
            column.addWidget(widget)
        self._problems.setWordWrap(True)
        self._problems.hide()
        for side in (self._waiting(), self._nobody(), self._person(), _scrolling(self.findings)):
            self._side.addWidget(side)
        right = QWidget(self._page)
        QVBoxLayout(right).addWidget(self._side)
        splitter = QSplitter(Qt.Orientation.Horizontal, self._page)
        splitter.addWidget(left)
        splitter.addWidget(right)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        line = self._page.fontMetrics().height()
        splitter.setSizes([17 * line, 40 * line])
        outer = QVBoxLayout(self._page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(splitter, 1)
        outer.addLayout(self._bottom())
        self._page.setFocusProxy(self.people)

    def _bottom(self) -> QHBoxLayout:
        translate = QCoreApplication.translate
        where = QPushButton(translate("GalleryPage", "Open the folder"), self._page)
        where.clicked.connect(self._open_root)
        self._progress.setAccessibleName(translate("GalleryPage", "Progress"))
        self._progress.setVisible(False)
        self.cancel.setVisible(False)
        self.undo.setEnabled(False)
        row = QHBoxLayout()
        margin = self._page.fontMetrics().height() // 2
        row.setContentsMargins(margin, 0, margin, margin)
        row.addWidget(self._folder, 2)
        row.addWidget(where)
        row.addWidget(self._told, 3)
        row.addWidget(self._progress, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.undo)
        return row

    def _waiting(self) -> QWidget:
        return self._words(QCoreApplication.translate("GalleryPage", "The gallery is being read."))

    def _nobody(self) -> QWidget:
        words = QCoreApplication.translate(
            "GalleryPage",
            "Nobody is enrolled yet. Enroll a person with the camera or from photos; or make a folder with "
            "the person's name and put photos into it.",
        )
        return self._words(words, self.first)

    def _words(self, words: str, button: QWidget | None = None) -> QWidget:
        page = QWidget(self._page)
        label = QLabel(words, page)
        label.setWordWrap(True)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label)
        if button is not None:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeading)
        column.addStretch(1)
        return page

    def _person(self) -> QWidget:
        page = QWidget(self._page)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.aside_photos, self.remove_photos):
            button.setEnabled(False)
            buttons.addWidget(button)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.header, self.question, self.verdicts):
            column.addWidget(widget)
        column.addWidget(self.grid, 1)
        column.addLayout(buttons)
        return page

    def _open_root(self) -> None:
        if self._root is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._root.absolute())))


def _scrolling(widget: QWidget) -> QScrollArea:
    """With letters twice as large it is higher than the window."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setWidget(widget)
    return area
