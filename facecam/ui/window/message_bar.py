"""Non-modal messages: a bar above the video while something is wrong, and a toast over its lower edge."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLayout, QPushButton, QSizePolicy, QStyle, QToolButton, QWidget

from facecam.ui.icons import icon, render_icon

TOAST_MS = 8000

QWIDGETSIZE_MAX = 16_777_215
"""Qt's own constant, which PySide6 does not export."""

MessageButton = tuple[str, Callable[[], object]]
"""A button's text and its callback."""


class Placement(QObject):
    """Keeps a widget in the middle of its parent, or at the bottom: as wide as its unwrapped texts, up to `max_width_px`."""

    def __init__(self, widget: QWidget, *, at_bottom: bool = False) -> None:
        super().__init__(widget)
        parent = widget.parentWidget()
        assert parent is not None
        self.at_bottom, self.max_width_px = at_bottom, QWIDGETSIZE_MAX
        self._widget, self._parent = widget, parent
        for watched in (widget, parent):
            watched.installEventFilter(self)

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
        widget.setGeometry(area.x() + (area.width() - width) // 2, y, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_shown = watched is self._widget and event.type() == QEvent.Type.Show
        is_parent_resized = watched is self._parent and event.type() == QEvent.Type.Resize
        if is_shown or (is_parent_resized and self._widget.isVisible()):
            self.update()
        return super().eventFilter(watched, event)


def clear_layout(layout: QLayout) -> None:
    """Remove and delete the widgets of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


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
        self._buttons = QHBoxLayout()
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(self.tr("Dismiss message"))
        self._close.setToolTip(self.tr("Dismiss message"))
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addLayout(self._buttons)
        row.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown now, "" while hidden."""
        return "" if self.isHidden() else self._text.text()

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
        for button_text, callback in buttons:
            button = QPushButton(button_text, self)
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _=False, callback=callback: callback())
            self._buttons.addWidget(button)
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


class Toast(MessageLine):
    """Message that floats over the lower edge of its parent for a few seconds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("info", parent)
        self.setObjectName("toast")
        self.setAccessibleName(self.tr("Notification"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        Placement(self, at_bottom=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)

    def show_message(self, text: str, *buttons: MessageButton) -> None:
        self.hide()  # Showing it again makes new buttons visible and places it.
        super().show_message(text, *buttons)
        self.raise_()
        self._timer.start(TOAST_MS)

    def _on_timeout(self) -> None:
        """Hide, unless the mouse or the focus is on the toast and a button may be about to be pressed."""
        if self.underMouse() or self.isAncestorOf(self.window().focusWidget() or self.window()):
            self._timer.start(TOAST_MS)
        else:
            self.hide()
