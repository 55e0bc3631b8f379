"""The things that were taught, each with its number of views, and the two buttons that forget and bring back."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

_LABEL = Qt.ItemDataRole.UserRole
_LINES = 6


class TaughtList(QWidget):
    """Shows labels; what becomes of them is somebody else's business."""

    forget_wanted = Signal(str)
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._free = True
        title = QLabel(self.tr("Taught so far"), self)
        self._list = _Labels(self)
        self._list.setAccessibleName(title.text())
        self._list.setFixedHeight(_LINES * round(1.5 * self.fontMetrics().height()))
        title.setBuddy(self._list)
        self._forget = QPushButton(self.tr("Forget"), self)
        self._back = QPushButton(self)
        buttons = QHBoxLayout()
        buttons.addWidget(self._forget)
        buttons.addWidget(self._back)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self._list)
        column.addLayout(buttons)
        self._list.currentItemChanged.connect(self._follow)
        self._list.delete_pressed.connect(self._ask_to_forget)
        self._forget.clicked.connect(self._ask_to_forget)
        self._back.clicked.connect(self.back_wanted)
        self.show_labels({}, forgotten="")

    @property
    def labels(self) -> list[str]:
        """What is shown, from top to bottom."""
        return [self._list.item(row).data(_LABEL) for row in range(self._list.count())]

    def show_labels(self, views: Mapping[str, int], *, forgotten: str) -> None:
        """Show these labels with their numbers of views; `forgotten` can be brought back, "" for none."""
        chosen = self._list.currentRow()
        self._list.clear()
        for label, count in views.items():
            item = QListWidgetItem(self.tr("{label} ({count} views)").format(label=label, count=count))
            item.setData(_LABEL, label)
            self._list.addItem(item)
        self._list.setCurrentRow(min(max(chosen, 0), self._list.count() - 1))
        self._back.setVisible(bool(forgotten))
        self._back.setText(self.tr("Bring back {label}").format(label=forgotten))
        self._follow()

    def set_free(self, free: bool) -> None:
        """Whether labels may be forgotten and brought back now."""
        self._free = free
        self._follow()

    def _follow(self) -> None:
        self._forget.setEnabled(self._free and self._list.currentItem() is not None)
        self._back.setEnabled(self._free)

    def _ask_to_forget(self) -> None:
        item = self._list.currentItem()
        if self._free and item is not None:
            self.forget_wanted.emit(item.data(_LABEL))


class _Labels(QListWidget):
    """A list that tells of its delete key."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)
