"""What stands beside a picture, scene by scene: a title, a sentence, something to fill in, and buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

_CHARS = 56
_WIDE_CHARS = 72
"""With fewer letters in a row it stands below the picture."""

_NO_LIMIT = 16_777_215
"""Qt's own, of a width that nothing limits."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: its words, what it does, and whether it can be pressed now."""

    words: str
    do: Callable[[], object]
    enabled: bool = True


class ScenePanel(QWidget):
    """One scene after the other. The first of the buttons is the main one, which Enter presses from wherever the focus is."""

    def __init__(self, bodies: Sequence[QWidget], parent: QWidget | None = None) -> None:
        """`bodies` are what a scene may have between its sentence and its buttons."""
        super().__init__(parent)
        self._made: list[QPushButton] = []
        self._has_main = True
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.title, self._text = self._label(1.35), self._label(1.0)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, 100)
        self.bar.setAccessibleName(self.tr("Progress"))
        self._bodies = QStackedWidget(self)
        self._nothing = QWidget(self)
        for body in (self._nothing, *bodies):
            body.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            self._bodies.addWidget(body)
        self._inner = QWidget(self)
        self._buttons = QVBoxLayout()
        line = self.fontMetrics().height()
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(line, line, line, line)
        column.setSpacing(round(0.7 * line))
        for part in (self.title, self._text, self._bodies, self.bar):
            column.addWidget(part)
        column.addSpacing(round(0.5 * line))
        column.addLayout(self._buttons)
        column.addStretch(1)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)

    @property
    def text(self) -> str:
        """The sentence."""
        return self._text.text()

    def minimumSizeHint(self) -> QSize:
        """As wide as its widest button: words of buttons do not wrap."""
        wide = self._inner.minimumSizeHint().width() + self._area.verticalScrollBar().sizeHint().width()
        return QSize(wide, 8 * self.fontMetrics().height())

    def fit(self, box: QBoxLayout, width: int) -> None:
        """Stand beside the picture in this layout, or below it when the width is little for both."""
        letter = self.fontMetrics().averageCharWidth()
        wide = width >= _WIDE_CHARS * letter
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if box.direction() != direction:
            box.setDirection(direction)
        self.setMaximumWidth(max(_CHARS * letter, self.minimumSizeHint().width()) if wide else _NO_LIMIT)

    def buttons(self) -> list[QPushButton]:
        """What may be pressed now or later in this scene, the main one first."""
        return list(self._made)

    def show_scene(
        self, title: str, text: str, choices: Sequence[Choice], body: QWidget | None = None, *, has_main: bool = True
    ) -> None:
        """Show another scene. Without a main button Enter does nothing: who only waits is not thrown back by a key too many."""
        self.title.setText(title)
        self.say(text)
        self.bar.hide()
        self._show_body(body or self._nothing)
        for button in self._made:
            button.hide()
            button.deleteLater()
        self._has_main = has_main
        self._made = [self._button(choice, main=has_main and number == 0) for number, choice in enumerate(choices)]
        self.updateGeometry()
        QAccessible.updateAccessibility(QAccessibleEvent(self.title, QAccessible.Event.Alert))

    def say(self, text: str) -> None:
        """Another sentence."""
        if text != self._text.text() or not text:
            self._text.setText(text)
            self._text.setVisible(bool(text))

    def enable(self, number: int, on: bool) -> None:
        """Whether the button of that number can be pressed."""
        if number < len(self._made) and self._made[number].isEnabled() is not on:
            self._made[number].setEnabled(on)
            if self.hasFocus():
                self.focus()

    def press(self) -> None:
        """Press the main button, as Enter does; nothing when it cannot be pressed."""
        if self._made and self._has_main:
            self._made[0].click()

    def focus(self) -> None:
        """Give the main button the focus, as soon as it can be pressed; none of the others, which Enter would press then."""
        if self._made and self._has_main and self._made[0].isEnabled():
            self._made[0].setFocus(Qt.FocusReason.OtherFocusReason)
            self._area.ensureWidgetVisible(self._made[0])
        else:
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_body(self, body: QWidget) -> None:
        before = self._bodies.currentWidget()
        if before is not None:
            # A stack is as high as its highest page, unless that one's height is ignored.
            before.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        body.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._bodies.setCurrentWidget(body)
        self._bodies.setVisible(body is not self._nothing)

    def _button(self, choice: Choice, *, main: bool) -> QPushButton:
        button = QPushButton(choice.words, self)
        button.setDefault(main)
        button.setEnabled(choice.enabled)
        button.clicked.connect(lambda _=False: choice.do())
        if main:
            font = button.font()
            font.setBold(True)
            button.setFont(font)
            button.setMinimumHeight(round(2.2 * self.fontMetrics().height()))
        self._buttons.addWidget(button)
        button.show()
        return button

    def _label(self, factor: float) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        font = label.font()
        font.setPointSizeF(font.pointSizeF() * factor)
        font.setBold(factor > 1)
        label.setFont(font)
        return label
