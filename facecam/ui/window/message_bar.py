"""Non-modal messages: a bar above the video while something is wrong, and a toast over its lower edge."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStyle, QToolButton, QWidget

from facecam.ui.icons import icon, render_icon

TOAST_MS = 8000

MessageButton = tuple[str, Callable[[], object]]
"""A button's text and its callback."""


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
        row = self._row = QHBoxLayout(self)
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
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
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

    def show_problem(self, text: str, *buttons: MessageButton) -> None:
        """Show a problem, or hide the bar if `text` is empty; a dismissed problem is not shown again."""
        if text == self._problem:
            return
        self._problem = text
        if text:
            self.show_message(text, *buttons)
        else:
            self.hide()


class Toast(MessageLine):
    """Message that floats over the lower edge of its parent for a few seconds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("info", parent)
        self.setObjectName("toast")
        self.setAccessibleName(self.tr("Notification"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._parent = parent
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_timeout)
        parent.installEventFilter(self)

    def show_message(self, text: str, *buttons: MessageButton) -> None:
        super().show_message(text, *buttons)
        self._place()
        self.raise_()
        self._timer.start(TOAST_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _on_timeout(self) -> None:
        """Hide, unless the mouse or the focus is on the toast and a button may be about to be pressed."""
        if self.underMouse() or self.isAncestorOf(self.window().focusWidget() or self.window()):
            self._timer.start(TOAST_MS)
        else:
            self.hide()

    def _place(self) -> None:
        parent, margin = self._parent, self.fontMetrics().height()
        one_line = self._text.fontMetrics().horizontalAdvance(self._text.text()) + self._width_without_text()
        width = min(parent.width() - 2 * margin, one_line)
        height = max(self.heightForWidth(width), self.sizeHint().height())
        self.setGeometry((parent.width() - width) // 2, parent.height() - height - margin, width, height)

    def _width_without_text(self) -> int:
        self._text.hide()
        self._row.activate()
        width = self._row.sizeHint().width() + 3 * self._row.spacing()
        self._text.show()
        return width
