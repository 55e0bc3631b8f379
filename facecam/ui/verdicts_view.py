"""What became of each photo that was to be added."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from facecam.identify.add_photos import ALREADY_THERE, Addition, Outcome
from facecam.identify.verdict import OK
from facecam.ui.reasons import reason_words

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
        self.summary.setText(self._summed_up(addition))
        self.list.clear()
        for outcome in sorted(addition.outcomes, key=lambda outcome: outcome.reason == OK):
            item = QListWidgetItem(self._line(addition, outcome), self.list)
            item.setToolTip(str(outcome.path))
        shown = min(max(self.list.count(), 1), _LINES)
        self.list.setFixedHeight(round((shown + 0.5) * max(self.list.sizeHintForRow(0), self.fontMetrics().height())))
        self._force.setVisible(addition.rival is not None)
        self.show()

    def _summed_up(self, addition: Addition) -> str:
        if addition.rival is not None:
            said = self.tr(
                "Nothing was added: these photos look like {rival}, who is enrolled (distance {distance}). If they do show "
                "{name}, add them all the same."
            )
            distance = self.locale().toString(addition.rival.distance_l2, "f", 2)
            return said.format(rival=addition.rival.name, distance=distance, name=addition.name)
        if not addition.outcomes:
            return self.tr("There was no picture among the files.")
        there = sum(outcome.reason == ALREADY_THERE for outcome in addition.outcomes)
        counts = {"added": addition.added, "there": there, "refused": len(addition.outcomes) - addition.added - there}
        return self.tr("Photos for {name}. Added: {added}, there already: {there}, refused: {refused}.").format(
            name=addition.name, **counts
        )

    def _line(self, addition: Addition, outcome: Outcome) -> str:
        if outcome.reason == ALREADY_THERE:
            said = self.tr("{file}: is there already")
        elif outcome.reason != OK:
            said = self.tr("{file}: refused, {reason}")
        else:
            said = self.tr("{file}: added") if addition.rival is None else self.tr("{file}: good")
        return said.format(file=outcome.path.name, reason=reason_words(outcome.reason))

    def _ask_for_force(self) -> None:
        self.hide()
        self.force_wanted.emit(self._addition)
