"""What became of each photo that was to be added."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from facecam.identify.add_photos import Addition
from facecam.identify.verdict import OK
from facecam.ui.verdict_words import addition_words, outcome_words

_LINES = 5


class VerdictsView(QFrame):
    """Hidden until photos were judged. With a rival it asks whether they are to be added all the same."""

    force_wanted = Signal(object)
    """The Addition that is to be made all the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._addition: Addition | None = None
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("What became of each photo"))
        self.list.setUniformItemSizes(True)
        self._force = QPushButton(self.tr("Add all the same"), self)
        self._close = QPushButton(self.tr("Close"), self)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._force)
        buttons.addWidget(self._close)
        column = QVBoxLayout(self)
        column.addWidget(self.summary)
        column.addWidget(self.list)
        column.addLayout(buttons)
        self._force.clicked.connect(self._ask_for_force)
        self._close.clicked.connect(self.hide)
        self.hide()

    def show_addition(self, addition: Addition) -> None:
        """Tell of these photos."""
        self._addition = addition
        self.summary.setText(addition_words(addition, self.locale()))
        self.list.clear()
        for outcome in sorted(addition.outcomes, key=lambda outcome: outcome.reason == OK):
            item = QListWidgetItem(outcome_words(outcome, saved=addition.rival is None), self.list)
            item.setToolTip(str(outcome.path))
        shown = min(max(self.list.count(), 1), _LINES)
        self.list.setFixedHeight(round((shown + 0.5) * max(self.list.sizeHintForRow(0), self.fontMetrics().height())))
        self._force.setVisible(addition.rival is not None)
        self.show()

    def _ask_for_force(self) -> None:
        self.hide()
        self.force_wanted.emit(self._addition)
