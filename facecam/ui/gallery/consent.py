"""Form on the gallery page that records, changes or withdraws the consent of a person."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from facecam.gallery.people import Person
from facecam.ui.consent import ConsentBox, consent_record, with_local_dates
from facecam.ui.widgets import FlowLayout, InlinePanel, bold, fill_layout, wrapped_label

_DATED = re.compile(r"(?P<words>.*\S)\s+\((?P<date>\d{4}-\d{2}-\d{2}[^()]*)\)", re.DOTALL)
_TEXT_LINES = 4
_MAX_CHARACTERS = 2000


class ConsentPanel(InlinePanel):
    """Asks for the consent of a person without one; else shows the recorded text to change or withdraw. Hidden until `edit`."""

    recorded = Signal(object, str)
    """The Person and the new record."""
    withdrawn = Signal(object)
    """The Person."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._person: Person | None = None
        self._date = ""
        self._title = wrapped_label(self)
        self._title.setFont(bold(self._title.font()))
        self.consent = ConsentBox(self)
        self.text = QPlainTextEdit(self)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("What the person agreed to"))
        self.text.setFixedHeight(round((_TEXT_LINES + 1) * self.fontMetrics().height()))
        self._hint = wrapped_label(self)
        self.save = QPushButton(self.tr("Save"), self)
        self.withdraw = QPushButton(self.tr("Withdraw consent"), self)
        self._cancel = QPushButton(self.tr("Cancel"), self)
        buttons = FlowLayout()
        for button in (self._cancel, self.withdraw, self.save):
            button.setAutoDefault(True)  # Enter presses the button that has the focus.
            buttons.addWidget(button)
        fill_layout(QVBoxLayout(self), self._title, self.consent, self.text, self._hint, buttons)
        self.consent.box.toggled.connect(self._update)
        self.text.textChanged.connect(self._update)
        self.save.clicked.connect(self._on_save)
        self.withdraw.clicked.connect(self._on_withdraw)
        self._cancel.clicked.connect(self.dismiss)

    def edit(self, person: Person) -> None:
        """Show the consent of a person."""
        self._person = person
        found = _DATED.fullmatch(person.consent)
        words, self._date = (found["words"], found["date"]) if found else (person.consent, "")
        has_consent = bool(person.consent)
        self._title.setText(self.tr("Consent of {name}").format(name=person.name))
        self.consent.setVisible(not has_consent)
        self.consent.box.setChecked(False)
        self.text.setVisible(has_consent)
        self.text.setPlainText(words)
        self.withdraw.setVisible(has_consent)
        self._update()
        self.show_for(self.text if has_consent else self.consent)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.save.isEnabled():
            self._on_save()
        else:
            super().keyPressEvent(event)

    def _hint_text(self, has_consent: bool) -> str:
        if not has_consent:
            return self.tr("Check the box if the person agrees. The sentence and the date are stored in person.toml.")
        if len(self._words()) > _MAX_CHARACTERS:
            text = self.tr("The text has {count} characters. Shorten it to at most {limit}.")
            return text.format(count=len(self._words()), limit=_MAX_CHARACTERS)
        text = self.tr("A withdrawn consent is kept in person.toml with the date. The photos stay until you remove the person.")
        if self._date:
            date = self.tr("Recorded: {date}. The date stays when you change the text.").format(date=with_local_dates(self._date))
            text = f"{date} {text}"
        return text

    def _words(self) -> str:
        return " ".join(self.text.toPlainText().split())

    def _update(self) -> None:
        has_consent = self._person is not None and bool(self._person.consent)
        is_possible = 0 < len(self._words()) <= _MAX_CHARACTERS
        self.save.setEnabled(is_possible if has_consent else self.consent.box.isChecked())
        self._hint.setText(self._hint_text(has_consent))

    def _on_save(self) -> None:
        person = self._person
        if person is None or not self.save.isEnabled():
            return
        if person.consent:
            record = f"{self._words()} ({self._date})" if self._date else self._words()
        else:
            record = consent_record(datetime.now(UTC).astimezone().date())
        self.dismiss()
        if record != person.consent:
            self.recorded.emit(person, record)

    def _on_withdraw(self) -> None:
        if self._person is not None:
            self.dismiss()
            self.withdrawn.emit(self._person)
