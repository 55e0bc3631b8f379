"""Where everything stands while somebody is enrolled: the picture on the left, what to do on the right, or below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QSize, Qt
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

from facecam.ui.enrollment.mirror_view import MirrorView
from facecam.ui.enrollment.pose_ring import ChecklistView
from facecam.ui.enrollment.start import EnrollmentStart
from facecam.ui.enrollment.widgets import ConflictView, FaceChoice, KeptCrops, PhotoList
from facecam.ui.session_controller import SessionController

# MERGED ui.scene_panel: What stands beside a picture, scene by scene: a title, a sentence, something to fill in, and buttons.

_CHARS = 56
_WIDE_CHARS = 72
"""With fewer letters in a row it stands below the picture."""

_NO_LIMIT = 16_777_215
"""Qt's own, of a width that nothing limits."""


@dataclass(frozen=True, slots=True)
class PanelButton:
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
        self, title: str, text: str, choices: Sequence[PanelButton], body: QWidget | None = None, *, has_main: bool = True
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

    def _button(self, choice: PanelButton, *, main: bool) -> QPushButton:
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


class Scene(StrEnum):
    """What the page is at."""

    START = "start"
    WAITING = "waiting"
    SITTING = "sitting"
    OVER = "over"
    CHOOSING = "choosing"
    LEAVING = "leaving"
    CONFLICT = "conflict"
    TESTING = "testing"
    DONE = "done"
    REFUSED = "refused"
    LOOKING = "looking"
    JUDGED = "judged"
    FACES = "faces"


class EnrollmentLayout:
    """The page's widgets by their names, and the scene that they show."""

    def __init__(self, page: QWidget, live: SessionController) -> None:
        self.scene = Scene.START
        self._page = page
        self.mirror = MirrorView(live, page)
        self._advice = QLabel(page)
        self.crops = KeptCrops(page)
        self.conflict = ConflictView(page)
        self.photos = PhotoList(page)
        self.faces = FaceChoice(page)
        self.start = EnrollmentStart(live, page)
        self.checks = ChecklistView(page)
        self.panel = ScenePanel((self.start, self.checks), page)
        self._stage = QStackedWidget(page)
        self._seats: dict[QWidget, QWidget] = {
            self.mirror: self._picture(),
            self.crops: self._seat(self.crops),
            self.conflict: self._seat(self.conflict),
        }
        self._lay_out()

    @property
    def advice(self) -> str:
        """What stands in large letters below the picture."""
        return self._advice.text()

    def show_stage(self, widget: QWidget) -> None:
        """Let something else stand on the left."""
        self._stage.setCurrentWidget(self._seats.get(widget, widget))

    def advise(self, words: str) -> None:
        """Say what to do now, in large letters below the picture."""
        if words != self._advice.text():
            self._advice.setText(words)
            self.mirror.setAccessibleDescription(words)
            QAccessible.updateAccessibility(QAccessibleEvent(self._advice, QAccessible.Event.Alert))

    def fit(self) -> None:
        """Stand side by side, or one below the other, as the room is."""
        self.panel.fit(self._box, self._page.width())

    def _lay_out(self) -> None:
        for widget in (*self._seats.values(), self.photos, self.faces):
            self._stage.addWidget(widget)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._page)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self._stage, 3)
        self._box.addWidget(self.panel, 2)
        self._page.setTabOrder(self._stage, self.panel)
        self._page.setFocusProxy(self.start)

    def _picture(self) -> QWidget:
        font = self._advice.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        self._advice.setFont(font)
        self._advice.setWordWrap(True)
        margin = self._page.fontMetrics().height() // 2
        self._advice.setContentsMargins(margin, margin, margin, margin)
        self._advice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._advice.setMinimumHeight(round(2.4 * self._advice.fontMetrics().lineSpacing()))
        self._advice.setAccessibleName(QCoreApplication.translate("EnrollPage", "What to do now"))
        seat = QWidget(self._page)
        column = QVBoxLayout(seat)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.mirror, 1)
        column.addWidget(self._advice)
        return seat

    def _seat(self, widget: QWidget) -> QScrollArea:
        """With letters twice as large it is higher than the window."""
        area = QScrollArea(self._page)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(widget)
        return area
