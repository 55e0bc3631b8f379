"""Where one is among a few steps: their names in a row, each with a sign, the present one in bold letters."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from facecam.ui.flow_layout import FlowLayout
from facecam.ui.signs import Sign, SignView


class StepBar(QWidget):
    """Shows the steps; `step` counts from 0."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = 0
        self._parts: list[tuple[SignView, QLabel]] = []
        flow = FlowLayout(self)
        line = self.fontMetrics().height()
        flow.setContentsMargins(line, line // 2, line, line // 2)
        flow.setSpacing(2 * line)
        self._names = tuple(names)
        for number, name in enumerate(names, start=1):
            part = QWidget(self)
            sign, label = SignView(parent=part), QLabel(self.tr("{number}. {name}").format(number=number, name=name), part)
            row = QHBoxLayout(part)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(sign)
            row.addWidget(label)
            flow.addWidget(part)
            self._parts.append((sign, label))
        self.show_step(0)

    def show_step(self, step: int) -> None:
        """This step is the present one; those before it are done."""
        self.step = step
        for number, (sign, label) in enumerate(self._parts):
            sign.show_sign(Sign.DONE if number < step else Sign.WAITING)
            font = label.font()
            font.setBold(number == step)
            label.setFont(font)
        said = self.tr("Step {number} of {count}: {name}")
        self.setAccessibleName(said.format(number=step + 1, count=len(self._parts), name=self._names[step]))
