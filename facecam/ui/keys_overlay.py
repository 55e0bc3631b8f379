"""All keys on one sheet over the window, made from the table of actions."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPalette
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from facecam.ui.actions import Actions, Menu

_COLUMNS = 2
_GAP_PX = 36


class KeysOverlay(QScrollArea):
    """Shown and put away by the same key; Escape and a click put it away, too."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._sheet = QWidget(self)
        self.setObjectName("keys")
        self.setAccessibleName(self.tr("Keys"))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setWidgetResizable(True)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._column = QVBoxLayout(self._sheet)
        self._column.setContentsMargins(_GAP_PX * 2 // 3, _GAP_PX // 2, _GAP_PX * 2 // 3, _GAP_PX // 2)
        self._column.setSpacing(_GAP_PX // 3)
        self._column.addWidget(_heading(self.tr("Keys"), 1.3))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(_GAP_PX)
        self._grid.setVerticalSpacing(_GAP_PX // 2)
        self._column.addLayout(self._grid)
        for number, menu in enumerate(Menu):
            self._fill(actions, menu, number)
        in_picture = (
            (self.tr("Left, Right"), self.tr("Choose a face")),
            (self.tr("Enter"), self.tr("What may be done with the face")),
        )
        self._add_group(self.tr("In the picture"), list(in_picture), len(Menu))
        self.setWidget(self._sheet)
        parent.installEventFilter(self)
        self.hide()

    def turn(self) -> None:
        """Show it, or put it away."""
        if not self.isHidden():
            self._close()
            return
        self._place()
        self.show()
        self.raise_()
        QTimer.singleShot(0, self._place)  # by now every label knows its size
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def _close(self) -> None:
        self.hide()
        self._over.setFocus()

    def _fill(self, actions: Actions, menu: Menu, number: int) -> None:
        rows = []
        for action in actions.of(menu):
            keys = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()]
            if keys:
                rows.append((", ".join(keys), action.text()))
        self._add_group(menu.words.replace("&", ""), rows, number)

    def _add_group(self, title: str, rows: list[tuple[str, str]], number: int) -> None:
        if not rows:
            return
        group = QGridLayout()
        group.setColumnStretch(1, 1)
        group.setHorizontalSpacing(14)
        group.addWidget(_heading(title, 1.0), 0, 0, 1, 2)
        for line, (keys, words) in enumerate(rows, start=1):
            key = QLabel(keys)
            key.setForegroundRole(QPalette.ColorRole.Text)
            font = key.font()
            font.setBold(True)
            key.setFont(font)
            group.addWidget(key, line, 0, Qt.AlignmentFlag.AlignRight)
            group.addWidget(QLabel(words), line, 1)
        group.setRowStretch(len(rows) + 1, 1)
        group.setVerticalSpacing(_GAP_PX // 8)
        self._grid.addLayout(group, number // _COLUMNS, number % _COLUMNS)

    def _place(self) -> None:
        over, wanted, frame = self._over, self._sheet.sizeHint(), 2 * self.frameWidth() + 1
        wide, high = min(over.width() - _GAP_PX, wanted.width() + frame), min(over.height() - _GAP_PX, wanted.height() + frame)
        # Where it must scroll one way, the bar takes its room from the other.
        wide += self.verticalScrollBar().sizeHint().width() if high < wanted.height() + frame else 0
        self.setGeometry((over.width() - wide) // 2, (over.height() - high) // 2, wide, high)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._close()


def _heading(text: str, factor: float) -> QLabel:
    label = QLabel(text)
    font = label.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * factor)
    label.setFont(font)
    return label
