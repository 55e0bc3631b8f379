"""The figures behind a decision, one line each."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from facecam.runtime.account import Account
from facecam.types import Candidate
from facecam.ui.figures import number


class FigureList(QWidget):
    """Distance, next person, margin, threshold and votes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.distance = self._line(self.tr("Distance"))
        self.second = self._line(self.tr("Next person"))
        self.margin = self._line(self.tr("Margin"))
        self.threshold = self._line(self.tr("Threshold"))
        self.votes = self._line(self.tr("Votes"))

    def _line(self, words: str) -> QLabel:
        label, row = QLabel(self), self._grid.rowCount()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        name = QLabel(words, self)
        name.setBuddy(label)
        self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(label, row, 1)
        return label

    def show_account(self, account: Account) -> None:
        """Show the figures of this one."""
        figures, rule, vote = account.figures, account.rule, account.card.sighting.vote
        put(self.distance, self._person(figures.nearest))
        put(self.second, self._person(figures.second))
        put(self.threshold, self.tr("none") if rule is None else number(rule.threshold_l2))
        if figures.margin_l2 is None or rule is None:
            put(self.margin, self.tr("none"))
        else:
            said = self.tr("{margin}, at least {least}")
            put(self.margin, said.format(margin=number(figures.margin_l2), least=number(rule.margin_l2)))
        said = self.tr("{votes} of {all}")
        put(self.votes, said.format(votes=number(vote.votes_for, 1), all=number(vote.votes_total, 1)))

    def _person(self, person: Candidate | None) -> str:
        if person is None:
            return self.tr("nobody")
        return self.tr("{distance} to {name}").format(distance=number(person.distance_l2), name=person.name)


def put(label: QLabel, text: str) -> None:
    """Show a text; one that has not changed is not told again, since a screen reader would read it anew."""
    if label.text() != text:
        label.setText(text)
