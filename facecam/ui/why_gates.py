"""The gates a face must pass to be compared, as a list: what is asked for, what was measured, and whether that is enough."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from facecam.identify.quality import GateCheck
from facecam.ui.decision_words import gate_words

_TICK = ((0.14, 0.55), (0.4, 0.8), (0.86, 0.22))
_CROSS = (((0.2, 0.2), (0.8, 0.8)), ((0.8, 0.2), (0.2, 0.8)))


class Sign(QWidget):
    """A tick, a cross, or a dash for what was not measured; as high as a line of text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._passed: bool | None = None

    def show_verdict(self, passed: bool | None) -> None:
        """Show a tick, a cross, or for None a dash."""
        if passed is not self._passed:
            self._passed = passed
            self.update()

    def sizeHint(self) -> QSize:
        side = self.fontMetrics().ascent()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        top = (self.height() - side) / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = side / (5 if self._passed is False else 7)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), width, c=Qt.PenCapStyle.RoundCap))

        def at(share: tuple[float, float]) -> QPointF:
            return QPointF(share[0] * side, top + share[1] * side)

        if self._passed is None:
            painter.drawLine(at((0.25, 0.5)), at((0.75, 0.5)))
        elif self._passed:
            painter.drawPolyline(QPolygonF([at(point) for point in _TICK]))
        else:
            for begin, end in _CROSS:
                painter.drawLine(at(begin), at(end))


class GateList(QWidget):
    """One line per measure, in the order in which the gates stand."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._lines: list[tuple[Sign, QLabel, QLabel]] = []

    def show_checks(self, checks: Sequence[GateCheck]) -> None:
        """Show these measures; nothing while there are none."""
        while len(self._lines) < len(checks):
            self._add_line()
        for number, line in enumerate(self._lines):
            for part in line:
                part.setVisible(number < len(checks))
        for check, line in zip(checks, self._lines, strict=False):
            self._fill(check, *line)

    def _add_line(self) -> None:
        line = Sign(self), QLabel(self), QLabel(self)
        line[1].setWordWrap(True)
        line[2].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, part in enumerate(line):
            self._grid.addWidget(part, len(self._lines), column)
        self._lines.append(line)

    def _fill(self, check: GateCheck, sign: Sign, asked: QLabel, measured: QLabel) -> None:
        words, value, limit = gate_words(check)
        passed = None if check.value is None else check.fault is None
        sign.show_verdict(passed)
        said = self.tr("{value} ({limit})").format(value=value, limit=limit) if value else self.tr("not measured")
        for label, text, bold in ((asked, words, passed is False), (measured, said, passed is False)):
            if label.text() != text:
                label.setText(text)
            if label.font().bold() is not bold:
                font = label.font()
                font.setBold(bold)
                label.setFont(font)
        verdict = self.tr("passed") if passed else self.tr("failed") if passed is False else ""
        measured.setAccessibleName(", ".join(word for word in (words, said, verdict) if word))
