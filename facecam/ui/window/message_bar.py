"""Non-modal messages: bars above the video for problems and questions, and a toast over its lower edge."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QToolButton,
    QWidget,
)
from shiboken6 import isValid

from facecam.ui.icons import icon, render_icon
from facecam.ui.widgets import FlowLayout, ListLayout

TOAST_MS = 8000

QWIDGETSIZE_MAX = 16_777_215
"""Qt's own constant, which PySide6 does not export."""

MessageButton = tuple[str, Callable[[], object]]
"""A button's text and its callback."""

_GEOMETRY_EVENTS = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize)

_PLACE_MS = 200

_PART_GAP_PX = 8
_MIN_TEXT_CHARS = 12
_TEXT_PART = 1


class Placement(QObject):
    """Keeps a widget in the middle of its parent, or at the bottom: as wide as its unwrapped texts, up to `max_width_px`.

    With `avoids_buttons`, it stays above the buttons at the lower edge of its parent where there is room.
    """

    def __init__(self, widget: QWidget, *, at_bottom: bool = False, avoids_buttons: bool = False) -> None:
        super().__init__(widget)
        parent = widget.parentWidget()
        assert parent is not None
        self.at_bottom, self.max_width_px = at_bottom, QWIDGETSIZE_MAX
        self._avoids_buttons = avoids_buttons
        self._obstacle: QWidget | None = None
        self._widget, self._parent = widget, parent
        for watched in (widget, parent):
            watched.installEventFilter(self)

    def avoid(self, obstacle: QWidget) -> None:
        """Stay above another widget of the window while that one is visible."""
        self._obstacle = obstacle
        obstacle.installEventFilter(self)

    def update(self) -> None:
        """Move the widget; done when it is shown and when its parent changes its size."""
        widget, margin = self._widget, self._widget.fontMetrics().height()
        area = self._parent.rect().adjusted(margin, margin, -margin, -margin)
        labels = {label: label.sizePolicy() for label in widget.findChildren(QLabel) if label.wordWrap()}
        for label in labels:
            label.setWordWrap(False)
        # A label exactly as wide as its text may still wrap it.
        width = widget.sizeHint().width() + (margin if labels else 0)
        for label, policy in labels.items():
            label.setWordWrap(True)
            label.setSizePolicy(policy)
        width = min(area.width(), max(widget.minimumSizeHint().width(), min(width, self.max_width_px)))
        wanted = widget.heightForWidth(width) if widget.hasHeightForWidth() else widget.sizeHint().height()
        height = min(area.height(), wanted)
        y = area.y() + (area.height() - height if self.at_bottom else (area.height() - height) // 2)
        place = QRect(area.x() + (area.width() - width) // 2, y, width, height)
        top_place = QRect(place.x(), area.y(), width, height)
        widget.setGeometry(self._above(self._covered_buttons, place) or self._above(lambda _: [], place) or top_place)

    @property
    def covers_buttons(self) -> bool:
        """True if the widget covers a button that it could leave free."""
        return self._avoids_buttons and bool(self._covered_buttons(self._widget.geometry()))

    def _above(self, covered_by: Callable[[QRect], list[QRect]], place: QRect) -> QRect | None:
        """Return the lowest place without the obstacle and what `covered_by` returns, None if there is none."""
        margin, place = self._widget.fontMetrics().height(), QRect(place)
        obstacle = self._obstacle
        while True:
            covered = covered_by(place)
            if obstacle is not None and obstacle.isVisible():
                covered = [*covered, *filter(place.intersects, [self._visible_rect(obstacle)])]
            if not covered:
                return place
            place.moveTop(min(rect.top() for rect in covered) - margin // 2 - place.height())
            if place.top() < margin:
                return None

    def _covered_buttons(self, place: QRect) -> list[QRect]:
        """Return the visible parts of the buttons that the widget would cover, in the parent."""
        if not self._avoids_buttons:
            return []
        buttons = (each for each in self._parent.findChildren(QAbstractButton) if not self._widget.isAncestorOf(each))
        return [rect for each in buttons if each.isVisible() and place.intersects(rect := self._visible_rect(each))]

    def _visible_rect(self, part: QWidget) -> QRect:
        """Return the place of a widget in the parent, without what its scroll areas hide."""
        rect, widget = part.rect(), part
        while widget is not self._parent and (outer := widget.parentWidget()) is not None:
            rect, widget = rect.translated(widget.pos()).intersected(outer.rect()), outer
        return rect

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_shown = watched is self._widget and event.type() == QEvent.Type.Show
        is_parent_resized = watched is self._parent and event.type() == QEvent.Type.Resize
        is_obstacle_changed = watched is self._obstacle and event.type() in _GEOMETRY_EVENTS
        if is_shown or ((is_parent_resized or is_obstacle_changed) and self._widget.isVisible()):
            self.update()
        return super().eventFilter(watched, event)


def clear_layout(layout: QLayout) -> None:
    """Remove and delete the widgets of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


class MessageLayout(ListLayout):
    """Icon, sentence, buttons and close button in one row; the buttons flow below the sentence where the row is too narrow."""

    def __init__(self, parent: QWidget, icon: QWidget, text: QLabel, buttons: QWidget, close: QWidget) -> None:
        super().__init__(parent)
        self._text = text
        for part in (icon, text, buttons, close):
            self.addWidget(part)

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), apply=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, apply=True)

    def sizeHint(self) -> QSize:
        """Return the size of a single row with the text in one line."""
        sizes = [part.sizeHint() for part in self._items]
        width = self._text_width() + sum(size.width() for number, size in enumerate(sizes) if number != _TEXT_PART)
        width += _PART_GAP_PX * (len(self._items) - 1)
        heights = [size.height() for number, size in enumerate(sizes) if number != _TEXT_PART]
        return QSize(width, max(heights)).grownBy(self.contentsMargins())

    def minimumSize(self) -> QSize:
        icon, _, buttons, close = (part.minimumSize() for part in self._items)
        width = max(icon.width() + close.width() + _MIN_TEXT_CHARS * self._text.fontMetrics().averageCharWidth(), buttons.width())
        return QSize(width + 2 * _PART_GAP_PX, max(icon.height(), close.height())).grownBy(self.contentsMargins())

    def _text_width(self) -> int:
        # A label exactly as wide as its text may still wrap it.
        metrics = self._text.fontMetrics()
        lines = self._text.text().split("\n")
        return max(metrics.horizontalAdvance(line) for line in lines) + metrics.averageCharWidth()

    def _arrange(self, rect: QRect, *, apply: bool) -> int:
        """Return the height of the message at this width; with `apply`, also move its parts."""
        inner = rect.marginsRemoved(self.contentsMargins())
        icon, text, buttons, close = self._items
        sizes = icon.sizeHint(), buttons.sizeHint(), close.sizeHint()
        left, right = sizes[0].width() + _PART_GAP_PX, sizes[2].width() + _PART_GAP_PX
        buttons_width = sizes[1].width() + _PART_GAP_PX if sizes[1].width() else 0
        is_row = self._text_width() <= inner.width() - left - right - buttons_width
        text_width = max(1, inner.width() - left - right - (buttons_width if is_row else 0))
        text_height = max(self._text.heightForWidth(text_width), self._text.fontMetrics().height())
        below = 0 if is_row or not buttons_width else buttons.heightForWidth(inner.width() - left) + _PART_GAP_PX
        row = max(text_height, sizes[0].height(), sizes[2].height(), sizes[1].height() if is_row else 0)
        if apply:
            top = inner.top()
            places = [
                (icon, QRect(inner.left(), top, sizes[0].width(), row)),
                (text, QRect(inner.left() + left, top, text_width, row)),
                (close, QRect(inner.right() + 1 - sizes[2].width(), top, sizes[2].width(), row)),
            ]
            if is_row:
                places.append((buttons, QRect(inner.left() + left + text_width + _PART_GAP_PX, top, sizes[1].width(), row)))
            else:
                room = QRect(inner.left() + left, top + row + _PART_GAP_PX, inner.width() - left, max(0, below - _PART_GAP_PX))
                places.append((buttons, room))
            for part, place in places:
                part.setGeometry(QStyle.visualRect(QApplication.layoutDirection(), inner, place))
        return row + below + rect.height() - inner.height()


class MessageLine(QFrame):
    """Icon, sentence, optional buttons and a close button in one line. Hidden while it is empty."""

    def __init__(self, icon_name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button_row = QWidget(self)
        self._buttons = FlowLayout(self._button_row)
        self._buttons.setContentsMargins(0, 0, 0, 0)
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(self.tr("Dismiss message"))
        self._close.setToolTip(self.tr("Dismiss message"))
        self._close.clicked.connect(self.dismiss)
        MessageLayout(self, self._icon, self._text, self._button_row, self._close).setContentsMargins(12, 6, 8, 6)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown now, "" while hidden."""
        return "" if self.isHidden() else self._text.text()

    def dismiss(self) -> None:
        """Hide the message, as its buttons do."""
        self.hide()

    def show_message(self, text: str, *buttons: MessageButton) -> None:
        """Show a sentence and its buttons."""
        self._text.setText(text)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        pixmap = render_icon(self._icon_name, self.palette().toolTipText().color(), round(side * self.devicePixelRatioF()))
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self._icon.setPixmap(pixmap)
        self._close.setIcon(icon("close", self.palette(), QPalette.ColorRole.ToolTipText))
        self._close.setIconSize(QSize(side, side))
        clear_layout(self._buttons)
        previous: QWidget = self
        for button_text, callback in buttons:
            button = QPushButton(button_text, self._button_row)
            button.setAutoDefault(True)  # Enter presses the button that has the focus.
            button.clicked.connect(self.dismiss)
            button.clicked.connect(lambda _=False, callback=callback: callback())
            self._buttons.addWidget(button)
            QWidget.setTabOrder(previous, button)
            previous = button
        QWidget.setTabOrder(previous, self._close)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))


class MessageBar(MessageLine):
    """Bar above the video that stays while a problem lasts."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("warning", parent)
        self.setObjectName("messages")
        self.setAccessibleName(self.tr("Problem"))
        self._problem = ""

    def show_problem(self, text: str) -> None:
        """Show a problem, or hide the bar if `text` is empty; a dismissed problem is not shown again."""
        if text == self._problem:
            return
        self._problem = text
        if text:
            self.show_message(text)
        else:
            self.hide()


class QuestionBar(MessageLine):
    """Question above the video that stays until it is answered or dismissed; further ones wait for their turn.

    It takes the focus unless a text is being typed; Tab reaches the answers and Escape dismisses the question.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__("info", parent)
        self.setObjectName("question")
        self.setAccessibleName(self.tr("Question"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._waiting: deque[tuple[str, tuple[MessageButton, ...]]] = deque()
        self._previous_focus: QWidget | None = None

    def ask(self, text: str, *answers: MessageButton) -> None:
        """Show a question, or keep it until the open one is answered."""
        cancel: MessageButton = self.tr("Cancel"), lambda: None
        self._waiting.append((text, (*answers, cancel)))
        if self.isHidden():
            self._show_next()

    def forget(self) -> None:
        """Dismiss all questions."""
        self._waiting.clear()
        self.dismiss()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def dismiss(self) -> None:
        """Hide the question, return the focus, and show the next question."""
        previous, self._previous_focus = self._previous_focus, None
        if previous is not None and isValid(previous) and self.isAncestorOf(self.window().focusWidget() or self):
            previous.setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
        if self._waiting:
            QTimer.singleShot(0, self, self._show_next)

    def _show_next(self) -> None:
        if not self._waiting or not self.isHidden():
            return
        text, answers = self._waiting.popleft()
        self.show_message(text, *answers)
        focused = self.window().focusWidget()
        if not isinstance(focused, QLineEdit):
            self._previous_focus = focused
            self.setFocus(Qt.FocusReason.OtherFocusReason)


class Toast(MessageLine):
    """Message that floats over the lower edge of its parent for a few seconds, above the buttons there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("info", parent)
        self.setObjectName("toast")
        self.setAccessibleName(self.tr("Notification"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._placement = Placement(self, at_bottom=True, avoids_buttons=True)
        self._place_timer = QTimer(self, interval=_PLACE_MS)
        self._place_timer.timeout.connect(self._leave_buttons)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)

    def stay_above(self, obstacle: QWidget) -> None:
        """Leave the buttons of a widget at the lower edge free."""
        self._placement.avoid(obstacle)

    def show_message(self, text: str, *buttons: MessageButton) -> None:
        self.hide()  # Showing it again makes new buttons visible and places it.
        super().show_message(text, *buttons)
        self.raise_()
        self._timer.start(TOAST_MS)
        self._place_timer.start()

    def _leave_buttons(self) -> None:
        """Move away from buttons that appear below the message, such as those of another page."""
        if self.isHidden():
            self._place_timer.stop()
        elif self._placement.covers_buttons and not self.underMouse():
            self._placement.update()

    def _on_timeout(self) -> None:
        """Hide, unless the mouse or the focus is on the toast and a button may be about to be pressed."""
        if self.underMouse() or self.isAncestorOf(self.window().focusWidget() or self.window()):
            self._timer.start(TOAST_MS)
        else:
            self.hide()
