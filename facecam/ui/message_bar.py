"""One line above the picture: what is wrong and what to do about it, or what was just done. Never a box in the way."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStyle, QToolButton, QWidget

from facecam.ui.icons import drawn, icon

SHOWN_MS = 8000
"""How long news stands there; what is wrong stands until it is right or put away."""

Offer = tuple[str, Callable[[], object]]
"""A button's words, and what it does."""


class MessageBar(QFrame):
    """Hidden while there is nothing to say. Trouble has the right of way: news waits until it is over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messages")
        self.setAccessibleName(self.tr("Messages"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self._trouble = ""
        self._sign = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._offers = QHBoxLayout()
        self._close = QToolButton(self)
        self._close.setAutoRaise(True)
        self._close.setAccessibleName(self.tr("Put the message away"))
        self._close.setToolTip(self.tr("Put the message away"))
        self._close.clicked.connect(self._put_away)
        row = QHBoxLayout(self)
        row.addWidget(self._sign)
        row.addWidget(self._text, 1)
        row.addLayout(self._offers)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._news_is_old)
        self.hide()

    @property
    def text(self) -> str:
        """What stands there; "" while the bar is hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, sentence: str, *offers: Offer) -> None:
        """Tell news for a few seconds, with buttons for what may be done about it."""
        self._show(sentence, "info", offers)
        self._timer.start(SHOWN_MS)

    def complain(self, sentence: str, *offers: Offer) -> None:
        """Say what is wrong for as long as it is; "" when it is right again."""
        if sentence == self._trouble:
            return
        self._trouble = sentence
        if sentence:
            self._timer.stop()
            self._show(sentence, "warning", offers)
        elif not self._timer.isActive():
            self.hide()

    def _show(self, sentence: str, sign: str, offers: tuple[Offer, ...]) -> None:
        self._text.setText(sentence)
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        pixmap = drawn(sign, self.palette().toolTipText().color(), round(side * self.devicePixelRatioF()))
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self._sign.setPixmap(pixmap)
        self._close.setIcon(icon("close", self.palette()))
        self._close.setIconSize(QSize(side, side))
        while (item := self._offers.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for words, do in offers:
            button = QPushButton(words, self)
            button.clicked.connect(lambda _=False, do=do: do())
            self._offers.addWidget(button)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self._text, QAccessible.Event.Alert))

    def _news_is_old(self) -> None:
        trouble, self._trouble = self._trouble, ""
        self.hide()
        self.complain(trouble)

    def _put_away(self) -> None:
        self._timer.stop()
        self.hide()
