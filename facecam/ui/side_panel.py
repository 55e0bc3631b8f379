"""The column beside the picture: one page at a time, with its title and a button that closes it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from facecam.ui.icons import icon

_LETTERS = 34
"""A name and a time fit beside a small picture, however large the letters are."""


class Heading(QWidget):
    """A title, and the button that closes what stands below it."""

    closed = Signal()

    def __init__(self, sign: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        font = self._label.font()
        font.setBold(True)
        self._label.setFont(font)
        self._button = QToolButton(self)
        self._button.setAutoRaise(True)
        self._button.setIcon(icon(sign, self.palette()))
        self._button.setToolTip(tip)
        self._button.setAccessibleName(tip)
        self._button.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 6, 6)
        first, second = (self._button, self._label) if sign == "back" else (self._label, self._button)
        row.addWidget(first)
        row.addWidget(second, 1 if second is self._label else 0)
        if first is self._label:
            row.setStretch(0, 1)

    def name(self, title: str) -> None:
        """Show another title."""
        self._label.setText(title)


class PageColumn(QFrame):
    """Pages in a stack below a heading; hidden while there is none. `closed` asks for the end of the page that is shown."""

    closed = Signal()

    def __init__(self, sign: str, tip: str, parent: QWidget | None = None, *, scrolls: bool = True) -> None:
        super().__init__(parent)
        self._scrolls = scrolls
        self._heading = Heading(sign, tip, self)
        self._heading.closed.connect(self.closed)
        self._stack = QStackedWidget(self)
        self._titles: dict[QWidget, str] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(_LETTERS * self.fontMetrics().averageCharWidth())
        self.hide()

    @property
    def current(self) -> QWidget | None:
        """The page that is shown."""
        frame = self._stack.currentWidget()
        return frame.widget() if isinstance(frame, QScrollArea) else frame

    def show_page(self, page: QWidget, title: str) -> None:
        """Put a page on top, new or not."""
        frame = self._frame_of(page)
        if frame is None:
            frame = self._framed(page)
            self._stack.addWidget(frame)
        self._titles[page] = title
        self._stack.setCurrentWidget(frame)
        self._heading.name(title)
        self.show()

    def take(self, page: QWidget, *, delete: bool) -> None:
        """Put a page away; what was below it comes up."""
        frame = self._frame_of(page)
        if frame is None:
            return
        self._stack.removeWidget(frame)
        if isinstance(frame, QScrollArea):
            frame.takeWidget()
            frame.deleteLater()
        self._titles.pop(page, None)
        page.setParent(None)
        if delete:
            page.deleteLater()
        below = self.current
        if below is None:
            self.hide()
        else:
            self._heading.name(self._titles[below])

    def _frame_of(self, page: QWidget) -> QWidget | None:
        frames = (self._stack.widget(number) for number in range(self._stack.count()))
        return next(
            (frame for frame in frames if frame is page or (isinstance(frame, QScrollArea) and frame.widget() is page)), None
        )

    def _framed(self, page: QWidget) -> QWidget:
        """With letters twice as large a page is higher than the window: then it scrolls."""
        if not self._scrolls:
            return page
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setWidget(page)
        return area
