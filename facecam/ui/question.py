"""A question inside the page, in place of a box over the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: `words` says what will happen with the choice of that number, `then` does it.

    Without `choices` the number is 0. `yes` stands on the button.
    """

    words: Callable[[int], str]
    yes: str
    then: Callable[[int], None]
    choices: Sequence[str] = ()
    label: str = ""


class Question(QFrame):
    """Hidden until something is asked; Escape and the other button mean no."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._asked: Asked | None = None
        self._before: QWidget | None = None
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        self._choices = QComboBox(self)
        self._choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._choices.setMinimumContentsLength(16)
        self._label.setBuddy(self._choices)
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._no = QPushButton(self.tr("Cancel"), self)
        self._yes = QPushButton(self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._no)
        buttons.addWidget(self._yes)
        column = QVBoxLayout(self)
        for widget in (self._label, self._choices, self._words):
            column.addWidget(widget)
        column.addLayout(buttons)
        self._choices.currentIndexChanged.connect(self._explain)
        self._yes.clicked.connect(self._do)
        self._no.clicked.connect(self.withdraw)
        self.hide()

    @property
    def words(self) -> str:
        """What is asked now, "" when nothing is."""
        return self._words.text() if self._asked is not None else ""

    def ask(self, asked: Asked) -> None:
        """Show the question and wait for an answer; one that was open is withdrawn."""
        self._asked = asked
        self._before = self._before or QApplication.focusWidget()
        self._choices.clear()
        self._choices.addItems(list(asked.choices))
        self._choices.setVisible(bool(asked.choices))
        self._choices.setAccessibleName(asked.label)
        self._label.setText(asked.label)
        self._label.setVisible(bool(asked.choices))
        self._yes.setText(asked.yes)
        self._explain()
        self.show()
        (self._choices if asked.choices else self._no).setFocus(Qt.FocusReason.OtherFocusReason)
        QAccessible.updateAccessibility(QAccessibleEvent(self._words, QAccessible.Event.Alert))

    def withdraw(self) -> None:
        """No answer is wanted any more; the focus goes back to where it was."""
        self._asked = None
        before, self._before = self._before, None
        if before is not None and isValid(before) and self.isAncestorOf(QApplication.focusWidget() or self):
            before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape or (entered and self._no.hasFocus()):
            self.withdraw()
        elif entered:
            self._do()
        else:
            super().keyPressEvent(event)

    def _explain(self) -> None:
        if self._asked is not None:
            self._words.setText(self._asked.words(max(self._choices.currentIndex(), 0)))

    def _do(self) -> None:
        asked, number = self._asked, max(self._choices.currentIndex(), 0)
        self.withdraw()
        if asked is not None:
            asked.then(number)
