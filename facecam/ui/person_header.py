"""Who the photos below are of: name, since when, what the person agreed to, and what may be done."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from facecam.identify.people import Person
from facecam.ui.flow_layout import FlowLayout
from facecam.ui.photo_view import ElidedLabel


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
