"""One setting on the page: its name, its control, a way back to the default, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from facecam.settings import Settings
from facecam.ui.setting_list import Choice, Field, Number, Switch


class SettingRow(QWidget):
    """Shows one field and asks for changes of it; nothing is changed here."""

    wanted = Signal(object, object)
    """The field, and the values that somebody wants."""
    default_wanted = Signal(object)
    """The field that shall have its default again."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.control = _control(field.control, self)
        self.control.setAccessibleName(field.label)
        self.control.setAccessibleDescription(field.hint)
        label = QLabel(field.label, self)
        label.setWordWrap(True)
        label.setBuddy(self.control)
        self.default = QPushButton(self.tr("Default"), self)
        self.default.setAccessibleName(self.tr("Default for: {setting}").format(setting=field.label))
        policy = self.default.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.default.setSizePolicy(policy)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self._hint = QLabel(field.hint, self)
        self._hint.setWordWrap(True)
        small = QFont(self.font())
        small.setPointSizeF(small.pointSizeF() * 0.9)
        self._hint.setFont(small)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.control, 0, 1)
        grid.addWidget(self.default, 0, 2)
        grid.addWidget(self._hint, 1, 0, 1, 3)
        grid.addWidget(self.note, 2, 0, 1, 3)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        self.note.hide()
        self._connect()

    def show_settings(self, settings: Settings) -> None:
        """Show what the settings hold."""
        values = self.field.values(settings)
        with QSignalBlocker(self.control):
            _show(self.control, self.field.control, values)
        self.default.setVisible(values != self.field.values(Settings()))
        words = _words(self.field.control, self.field.values(Settings()), self.control)
        self.default.setToolTip(self.tr("Back to {value}").format(value=words))
        self.tell("")

    def complain(self, sentence: str) -> None:
        """Say what is wrong with what was wanted."""
        self._say(sentence, wrong=True)
        self.default.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self.note, QAccessible.Event.Alert))

    def tell(self, sentence: str) -> None:
        """Say something of this setting; "" is nothing."""
        self._say(sentence, wrong=False)

    def _say(self, sentence: str, *, wrong: bool) -> None:
        font = QFont(self.font())
        font.setBold(wrong)
        self.note.setFont(font)
        # The sign says it too: colour alone would not reach everybody.
        self.note.setText(f"⚠ {sentence}" if wrong else sentence)
        self.note.setVisible(bool(sentence))

    def _connect(self) -> None:
        self.default.clicked.connect(lambda: self.default_wanted.emit(self.field))
        control = self.control
        if isinstance(control, QDoubleSpinBox):
            control.valueChanged.connect(self._want_number)
        elif isinstance(control, QCheckBox):
            control.toggled.connect(lambda on: self.wanted.emit(self.field, (on,)))
        elif isinstance(control, QComboBox):
            control.activated.connect(lambda _: self.wanted.emit(self.field, control.currentData()))

    def _want_number(self, number: float) -> None:
        assert isinstance(self.field.control, Number)
        value = number * self.field.control.factor
        whole = int(value) if value.is_integer() else value
        self.wanted.emit(self.field, (whole,) * len(self.field.keys))


class NoWheel(QObject):
    """Keeps the wheel, which scrolls the page, from changing what the pointer happens to be over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def _control(kind: Number | Switch | Choice, row: QWidget) -> QWidget:
    control: QWidget
    if isinstance(kind, Number):
        number = QDoubleSpinBox(row)
        number.setDecimals(kind.decimals)
        number.setRange(0, 1_000_000)
        number.setSingleStep(kind.step)
        number.setSuffix(kind.unit)
        number.setKeyboardTracking(False)
        control = number
    elif isinstance(kind, Switch):
        control = QCheckBox(row)
    else:
        choice = QComboBox(row)
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(12)
        for words, values in kind.options:
            choice.addItem(words, values)
        control = choice
    control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return control


def _show(control: QWidget, kind: Number | Switch | Choice, values: Sequence[Any]) -> None:
    if isinstance(control, QDoubleSpinBox) and isinstance(kind, Number):
        control.setValue(float(values[0]) / kind.factor)
    elif isinstance(control, QCheckBox):
        control.setChecked(bool(values[0]))
    elif isinstance(control, QComboBox) and isinstance(kind, Choice):
        found = [number for number in range(control.count()) if tuple(control.itemData(number)) == tuple(values)]
        if not found:
            control.addItem(kind.other.format(*values), tuple(values))
        control.setCurrentIndex(found[0] if found else control.count() - 1)


def _words(kind: Number | Switch | Choice, values: Sequence[Any], control: QWidget) -> str:
    """The values as the control would show them."""
    if isinstance(kind, Number):
        return f"{control.locale().toString(float(values[0]) / kind.factor, 'f', kind.decimals)}{kind.unit}"
    if isinstance(kind, Switch):
        translate = QCoreApplication.translate
        return translate("SettingRow", "on") if values[0] else translate("SettingRow", "off")
    return next((words for words, option in kind.options if tuple(option) == tuple(values)), kind.other.format(*values))
