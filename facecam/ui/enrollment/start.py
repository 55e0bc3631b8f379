"""Form at the start of an enrollment: the person's name and, for a new person, consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLabel, QLineEdit, QWidget

from facecam.gallery.people import Person
from facecam.ui.consent import ConsentBox, consent_record
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import FocusForwarder, vertical_layout, wrapped_label


class EnrollmentStart(FocusForwarder):
    """Form for a name, and for consent unless that person is already enrolled and has not withdrawn it."""

    changed = Signal()
    """`is_ready` may have changed."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None, question_text: str = "") -> None:
        """`question_text` is above the name instead of "Name"."""
        super().__init__(parent)
        self._controller = controller
        question = QLabel(question_text or self.tr("&Name"), self)
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
        """True with a name and, for a new person or one who has withdrawn it, consent."""
        return bool(self.name) and (not self._needs_consent or self.consent.box.isChecked())

    @property
    def missing_text(self) -> str:
        """Sentence with the next step until the form is ready, then ""."""
        if not self.name:
            return self.tr("Enter a name.")
        return "" if self.is_ready else self.tr("Check the box if this person agrees.")

    def focus_missing(self) -> None:
        """Focus what has to be filled in."""
        target = self.consent.box if self.name and not self.is_ready else self.edit
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _needs_consent(self) -> bool:
        person = self.person
        return person is None or bool(person.withdrawn and not person.consent)

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
        """The consent entry for person.toml, "" without consent, or when it is not asked for."""
        is_given = self._needs_consent and self.consent.box.isChecked()
        return consent_record(datetime.now(UTC).astimezone().date()) if is_given else ""

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
        self.consent.setVisible(self._needs_consent)
        self.known.setVisible(person is not None)
        if person is not None:
            text = self.tr("{name} is already enrolled. The new photos are added.")
            self.known.setText(text.format(name=person.name))
        self.changed.emit()
