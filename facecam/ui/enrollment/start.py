"""Who is to be enrolled: a name, new or known, and the consent of somebody new."""

from __future__ import annotations

from datetime import UTC, date, datetime

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QCompleter, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from facecam.gallery.people import Person
from facecam.ui.session_controller import SessionController

# MERGED ui.consent: One sentence that a person agrees to before they are enrolled, and what person.toml has of it.


def consent_words() -> str:
    """What the person agrees to."""
    return QCoreApplication.translate(
        "Consent", "This person agrees that pictures of their face are kept on this computer, so that it recognizes them."
    )


def privacy_words() -> str:
    """What becomes of pictures and logs."""
    return QCoreApplication.translate(
        "Consent",
        "Pictures and logs stay on this computer: facecam sends nothing anywhere, and you can remove anybody at any time.",
    )


def consent_record(today: date) -> str:
    """What is written down of a consent that was given on this day."""
    return f"{consent_words()} ({today.isoformat()})"


class ConsentBox(QWidget):
    """A box to be ticked, and the sentence beside it, which wraps as a box's own words do not."""

    toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(consent_words())
        self.box.toggled.connect(self.toggled)
        self._label = QLabel(consent_words(), self)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self._label.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.setFocusProxy(self.box)

    @property
    def given(self) -> bool:
        """Whether it is ticked."""
        return self.box.isChecked()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on the sentence ticks the box."""
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self.box.toggle()
            self.box.setFocus(Qt.FocusReason.MouseFocusReason)
            return True
        return super().eventFilter(watched, event)


class EnrollmentStart(QWidget):
    """Asks for a name, and for consent unless that person is enrolled already."""

    changed = Signal()
    """`ready` may be another one."""

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        question = QLabel(self.tr("&Name"), self)
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(self.tr("Name"))
        self.edit.setPlaceholderText(self.tr("First name, or any name"))
        self.edit.setMaxLength(100)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.edit.setCompleter(completer)
        question.setBuddy(self.edit)
        self.known = QLabel(self)
        self.known.setWordWrap(True)
        self.known.setTextFormat(Qt.TextFormat.PlainText)
        self.consent = ConsentBox(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (question, self.edit, self.known, self.consent):
            column.addWidget(part)
        self.edit.textChanged.connect(self._follow)
        self.consent.toggled.connect(self._follow)
        live.gallery_changed.connect(self._learn)
        self.setFocusProxy(self.edit)
        self._learn()

    @property
    def name(self) -> str:
        """What was typed."""
        return " ".join(self.edit.text().split())

    @property
    def ready(self) -> bool:
        """Whether there is a name, and consent of somebody new."""
        return bool(self.name) and (self.person is not None or self.consent.given)

    @property
    def person(self) -> Person | None:
        """Who of those enrolled has this name."""
        people = self._live.gallery.people if self._live.gallery is not None else ()
        return next((person for person in people if person.name.casefold() == self.name.casefold()), None)

    @property
    def chosen_name(self) -> str:
        """The name as the gallery has it, else as it was typed."""
        person = self.person
        return person.name if person is not None else self.name

    @property
    def consent_record(self) -> str:
        """What is to be written down of the consent."""
        return consent_record(datetime.now(UTC).astimezone().date()) if self.consent.given else ""

    def clear(self) -> None:
        """For somebody else."""
        self.edit.clear()
        self.consent.box.setChecked(False)

    def _learn(self) -> None:
        people = self._live.gallery.people if self._live.gallery is not None else ()
        self._names.setStringList(sorted((person.name for person in people), key=str.casefold))
        self._follow()

    def _follow(self) -> None:
        person = self.person
        self.consent.setVisible(person is None)
        self.known.setVisible(person is not None)
        if person is not None:
            said = self.tr("{name} is enrolled already and gains pictures.")
            self.known.setText(said.format(name=person.name))
        self.changed.emit()
