"""Form at the start of an enrollment: the person's name and, for a new person, consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QCompleter, QHBoxLayout, QLabel, QLineEdit, QWidget

from facecam.gallery.people import Person
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import FocusForwarder, vertical_layout, wrapped_label


def consent_text() -> str:
    """Return the sentence that a new person agrees to."""
    return QCoreApplication.translate(
        "Consent", "This person agrees that photos of their face are stored on this computer so that it can recognize them."
    )


def privacy_text() -> str:
    """Return the privacy notice."""
    return QCoreApplication.translate(
        "Consent",
        "Photos and logs stay on this computer: facecam sends nothing anywhere, and you can remove a person at any time.",
    )


def consent_record(today: date) -> str:
    """Return the consent entry for person.toml: the sentence and the date."""
    return f"{consent_text()} ({today.isoformat()})"


class ConsentBox(FocusForwarder):
    """Checkbox with a label that wraps, which a QCheckBox's own text cannot."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self)
        self.box.setAccessibleName(consent_text())
        self._label = wrapped_label(self, consent_text())
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        self._label.installEventFilter(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label, 1)
        self.set_focus_target(self.box)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Toggle the box on a click on its label."""
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
            self.box.toggle()
            self.box.setFocus(Qt.FocusReason.MouseFocusReason)
            return True
        return super().eventFilter(watched, event)


class EnrollmentStart(FocusForwarder):
    """Form for a name, and for consent unless that person is already enrolled."""

    changed = Signal()
    """`is_ready` may have changed."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        question = QLabel(self.tr("&Name"), self)
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(self.tr("Name"))
        self.edit.setPlaceholderText(self.tr("First name or nickname"))
        self.edit.setMaxLength(100)
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.edit.setCompleter(completer)
        question.setBuddy(self.edit)
        self.known = wrapped_label(self)
        self.consent = ConsentBox(self)
        vertical_layout(self, question, self.edit, self.known, self.consent)
        self.edit.textChanged.connect(self._update)
        self.consent.box.toggled.connect(self._update)
        controller.gallery_changed.connect(self._update_names)
        self.set_focus_target(self.edit)
        self._update_names()

    @property
    def name(self) -> str:
        """The typed name without extra spaces."""
        return " ".join(self.edit.text().split())

    @property
    def is_ready(self) -> bool:
        """True with a name and, for a new person, consent."""
        return bool(self.name) and (self.person is not None or self.consent.box.isChecked())

    @property
    def person(self) -> Person | None:
        """The enrolled person of the typed name, None for a new one."""
        return next((person for person in self._people if person.name.casefold() == self.name.casefold()), None)

    @property
    def chosen_name(self) -> str:
        """The name as spelled in the gallery, else as typed."""
        person = self.person
        return person.name if person is not None else self.name

    @property
    def consent_record(self) -> str:
        """The consent entry for person.toml, "" without consent."""
        return consent_record(datetime.now(UTC).astimezone().date()) if self.consent.box.isChecked() else ""

    def clear(self) -> None:
        """Reset the form."""
        self.edit.clear()
        self.consent.box.setChecked(False)

    @property
    def _people(self) -> Sequence[Person]:
        return self._controller.gallery.people if self._controller.gallery is not None else ()

    def _update_names(self) -> None:
        self._names.setStringList(sorted((person.name for person in self._people), key=str.casefold))
        self._update()

    def _update(self) -> None:
        person = self.person
        self.consent.setVisible(person is None)
        self.known.setVisible(person is not None)
        if person is not None:
            text = self.tr("{name} is already enrolled. The new photos are added.")
            self.known.setText(text.format(name=person.name))
        self.changed.emit()
