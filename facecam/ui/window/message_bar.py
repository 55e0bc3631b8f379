"""What the window has to say, never in a box in the way: a line above the picture while something is wrong, news below it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStyle, QToolButton, QWidget

from facecam.ui.icons import drawn, icon

SHOWN_MS = 8000
"""How long news stands there; what is wrong stands until it is right or put away."""

Offer = tuple[str, Callable[[], object]]
"""A button's words, and what it does."""


class MessageLine(QFrame):
    """A sign, a sentence, buttons for what may be done about it, and one that puts it away. Hidden while it is empty."""

    def __init__(self, sign: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._sign_name = sign
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self._sign = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._offers = QHBoxLayout()
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(self.tr("Put the message away"))
        self._close.setToolTip(self.tr("Put the message away"))
        self._close.clicked.connect(self.hide)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        row.addLayout(self._offers)
        row.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """What stands there; "" while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def put(self, sentence: str, offers: tuple[Offer, ...]) -> None:
        """Show a sentence and its buttons."""
        self._text.setText(sentence)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        pixmap = drawn(self._sign_name, self.palette().toolTipText().color(), round(side * self.devicePixelRatioF()))
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self._sign.setPixmap(pixmap)
        self._close.setIcon(icon("close", self.palette(), QPalette.ColorRole.ToolTipText))
        self._close.setIconSize(QSize(side, side))
        while (item := self._offers.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for words, do in offers:
            button = QPushButton(words, self)
            button.clicked.connect(self.hide)
            button.clicked.connect(lambda _=False, do=do: do())
            self._offers.addWidget(button)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))


class MessageBar(MessageLine):
    """What is wrong, above the picture, for as long as it is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("warning", parent)
        self.setObjectName("messages")
        self.setAccessibleName(self.tr("What is wrong"))
        self._said = ""

    def complain(self, sentence: str, *offers: Offer) -> None:
        """Say what is wrong; "" when it is right again. What was put away is not said a second time."""
        if sentence == self._said:
            return
        self._said = sentence
        if sentence:
            self.put(sentence, offers)
        else:
            self.hide()


class Toast(MessageLine):
    """News: it floats over the lower edge of its parent for a few seconds, and moves nothing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("info", parent)
        self.setObjectName("news")
        self.setAccessibleName(self.tr("News"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._over = parent
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go)
        parent.installEventFilter(self)

    def say(self, sentence: str, *offers: Offer) -> None:
        """Tell news, with buttons for what may be done about it."""
        self.put(sentence, offers)
        self._place()
        self.raise_()
        self._timer.start(SHOWN_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _go(self) -> None:
        """Whoever is about to press one of its buttons is not robbed of it."""
        if self.underMouse() or self.isAncestorOf(self.window().focusWidget() or self.window()):
            self._timer.start(SHOWN_MS)
        else:
            self.hide()

    def _place(self) -> None:
        over = self._over
        margin = self.fontMetrics().height()
        one_line = self._text.fontMetrics().horizontalAdvance(self._text.text()) + self._rest_px()
        wide = min(over.width() - 2 * margin, one_line)
        high = max(self.heightForWidth(wide), self.sizeHint().height())
        self.setGeometry((over.width() - wide) // 2, over.height() - high - margin, wide, high)

    def _rest_px(self) -> int:
        """The width of everything but the sentence."""
        self._text.hide()
        self._row.activate()
        rest = self._row.sizeHint().width() + 3 * self._row.spacing()
        self._text.show()
        return rest
