"""Single letters are the window's keys; where letters are typed, and buttons pressed by the space bar, they are not."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QWidget


class KeyGuard(QObject):
    """An event filter for the application. Qt asks the widget with the focus first whether a key is its own."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_its_own(watched, event):
            event.accept()
            return True
        return False


def is_its_own(watched: QObject, event: QKeyEvent) -> bool:
    """Whether the widget would do something with this key by itself; text fields tell Qt so without our help."""
    if event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
        return False
    # A list is searched by letters, a combo box too; a button is pressed by the space bar alone.
    if isinstance(watched, QAbstractItemView | QComboBox | QAbstractSpinBox):
        return bool(event.text()) and event.key() != Qt.Key.Key_Escape
    if isinstance(watched, QAbstractButton | QAbstractSlider):
        return event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Select)
    return isinstance(watched, QWidget) and bool(watched.property("types")) and bool(event.text())
