"""The live checklist of guided enrolment: a sign and a word for each thing that the picture must have."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from facecam.identify.checklist import Check, CheckItem, checklist
from facecam.ui.enrol_words import check_words
from facecam.ui.signs import Sign, SignView


class ChecklistView(QWidget):
    """Shows which checks are passed, which one fails, and which have their turn later."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("What the picture must have"))
        self._lines: dict[Check, tuple[SignView, QLabel]] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, check in enumerate(Check):
            sign, label = SignView(parent=self), QLabel(check_words(check), self)
            label.setWordWrap(True)
            grid.addWidget(sign, row, 0)
            grid.addWidget(label, row, 1)
            self._lines[check] = sign, label
        self.show_checks(checklist("no_face"))

    def signs(self) -> dict[Check, Sign]:
        """What is shown."""
        return {check: sign.sign for check, (sign, _) in self._lines.items()}

    def show_checks(self, checks: Sequence[CheckItem]) -> None:
        """Show how the newest picture is."""
        for item in checks:
            sign, label = self._lines[item.code]
            shown = Sign.DONE if item.done else Sign.WRONG if item.hint else Sign.WAITING
            sign.show_sign(shown)
            font = label.font()
            if font.bold() is not bool(item.hint):
                font.setBold(bool(item.hint))
                label.setFont(font)
            label.setAccessibleName(self._said(shown).format(check=check_words(item.code)))

    def _said(self, sign: Sign) -> str:
        if sign is Sign.DONE:
            return self.tr("{check}: yes")
        return self.tr("{check}: no") if sign is Sign.WRONG else self.tr("{check}: not yet looked at")
