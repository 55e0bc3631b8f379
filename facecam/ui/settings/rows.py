"""Rows of the settings page: a label with its control, reset button, hint and note."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QDesktopServices, QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QGroupBox,
    QLabel,
    QPushButton,
    QWidget,
)

from facecam.errors import OutputError
from facecam.fileio import check_output_folder
from facecam.privacy.places import PlaceKind, output_folder
from facecam.settings import Settings
from facecam.ui.language import error_text, format_number
from facecam.ui.preferences import choose_output_folder
from facecam.ui.settings.fields import ChoiceField, Field, NumberField, SwitchField
from facecam.ui.widgets import ElidedLabel, FlowLayout, bold, short_combo_box, wrapped_label

_CONTROL_CHARACTERS = 12


class Row(QWidget):
    """Label, control, reset button, hint, and a note below. `key` names its setting."""

    reset_requested = Signal()

    def __init__(self, key: str, texts: tuple[str, str], control: QWidget, parent: QWidget | None = None) -> None:
        """`texts` are the label and the hint, "" for none."""
        super().__init__(parent)
        self.key = key
        self.label, self._hint_text = texts
        self._below: list[QWidget] = []
        self.control = control
        control.setObjectName(key)
        label = wrapped_label(self, self.label)
        if control.focusPolicy() != Qt.FocusPolicy.NoFocus:
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            control.setAccessibleName(self.label)
            control.setAccessibleDescription(self._hint_text)
            label.setBuddy(control)
        self.reset = QPushButton(self.tr("Reset"), self)
        self.reset.setAccessibleName(self.tr("Reset: {setting}").format(setting=self.label))
        self.reset.clicked.connect(self.reset_requested)
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.note = wrapped_label(self)
        self.note.hide()
        hint = self._hint = wrapped_label(self, self._hint_text)
        hint.setVisible(bool(self._hint_text))
        small = QFont(self.font())
        small.setPointSizeF(small.pointSizeF() * 0.9)
        hint.setFont(small)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        for column, widget in enumerate((label, control, self.reset)):
            self._grid.addWidget(widget, 0, column)
        self._grid.addWidget(hint, 1, 0, 1, 3)
        self._grid.addWidget(self.note, 3, 0, 1, 3)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 2)

    @property
    def search_text(self) -> str:
        """The text in which the search field looks."""
        control = self.control
        options = map(control.itemText, range(control.count())) if isinstance(control, QComboBox) else ()
        return " ".join((self.label, self._hint_text, *options))

    @property
    def tab_stops(self) -> list[QWidget]:
        """The controls from left to right, then those below the row."""
        return [self.control, self.reset, *self._below]

    def add_below(self, widget: QWidget) -> None:
        """Show a widget below the row."""
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 3)
        self._below += tab_stops_in(widget)

    def show_error(self, text: str) -> None:
        """Show why the requested value was not accepted or saved."""
        self.note.setFont(bold(self.font()))
        # The sign marks the note as an error for people who do not see bold text.
        self.note.setText(f"⚠ {text}")
        self.note.show()
        self.reset.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self.note, QAccessible.Event.Alert))

    def show_note(self, text: str) -> None:
        """Show a note below the hint; "" removes it."""
        self.note.setFont(self.font())
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def show_figures(self, text: str) -> None:
        """Show a sentence after the hint."""
        self._hint.setText(f"{self._hint_text} {text}".strip())

    def show_reset(self, on: bool, default: str) -> None:
        """Show or hide the reset button; `default` is the text of the value that it restores."""
        self.reset.setVisible(on)
        self.reset.setToolTip(self.tr("Reset to {value}").format(value=default))


class SettingRow(Row):
    """Row of one field of facecam.toml. It only requests changes."""

    change_requested = Signal(object, object)
    """The field and its new values, None for the defaults."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        self.field = field
        super().__init__(field.keys[0], (field.label, field.hint), _make_control(field, parent), parent)
        control = self.control
        if isinstance(control, QDoubleSpinBox):
            control.valueChanged.connect(self._request_number)
        elif isinstance(control, QCheckBox):
            control.toggled.connect(lambda on: self.change_requested.emit(self.field, (on,)))
        elif isinstance(control, QComboBox):
            control.activated.connect(lambda _: self.change_requested.emit(self.field, control.currentData()))
        self.reset_requested.connect(lambda: self.change_requested.emit(self.field, None))

    def show_settings(self, settings: Settings) -> None:
        """Show the field's values in the settings."""
        values, defaults = self.field.values(settings), self.field.values(Settings())
        with QSignalBlocker(self.control):
            self._show_values(values)
        self.show_reset(values != defaults, self._text_of(defaults))
        self.show_note("")

    def _request_number(self, number: float) -> None:
        assert isinstance(self.field.control, NumberField)
        value = number * self.field.control.factor
        setting = int(value) if value.is_integer() else value
        self.change_requested.emit(self.field, (setting,) * len(self.field.keys))

    def _show_values(self, values: Sequence[Any]) -> None:
        kind, control = self.field.control, self.control
        if isinstance(control, QDoubleSpinBox) and isinstance(kind, NumberField):
            control.setValue(float(values[0]) / kind.factor)
        elif isinstance(control, QCheckBox):
            control.setChecked(bool(values[0]))
        elif isinstance(control, QComboBox) and isinstance(kind, ChoiceField):
            indices = [index for index in range(control.count()) if tuple(control.itemData(index)) == tuple(values)]
            if not indices:
                control.addItem(kind.other.format(*values), tuple(values))
            control.setCurrentIndex(indices[0] if indices else control.count() - 1)

    def _text_of(self, values: Sequence[Any]) -> str:
        """Return the values as the control shows them."""
        kind = self.field.control
        if isinstance(kind, NumberField):
            return f"{format_number(float(values[0]) / kind.factor, kind.decimals)}{kind.unit}"
        if isinstance(kind, SwitchField):
            return self.tr("on") if values[0] else self.tr("off")
        return next((text for text, option in kind.options if tuple(option) == tuple(values)), kind.other.format(*values))


def _make_control(field: Field, parent: QWidget | None) -> QWidget:
    kind = field.control
    if isinstance(kind, NumberField):
        number = QDoubleSpinBox(parent, decimals=kind.decimals, maximum=1e6, singleStep=kind.step, suffix=kind.unit)
        number.setKeyboardTracking(False)
        return number
    if isinstance(kind, SwitchField):
        return QCheckBox(parent)
    return _combo_box(kind.options, parent)


def _combo_box(options: Sequence[tuple[str, object]], parent: QWidget | None) -> QComboBox:
    choice = short_combo_box(parent, _CONTROL_CHARACTERS)
    for text, data in options:
        choice.addItem(text, data)
    return choice


class ChoiceRow(Row):
    """Row of a choice that window.ini keeps. The first option is the default."""

    chosen = Signal(object)
    """The data of the chosen option."""

    def __init__(
        self, key: str, texts: tuple[str, str], options: Sequence[tuple[str, object]], parent: QWidget | None = None
    ) -> None:
        """`options` are texts with their data."""
        self.choice = _combo_box(options, parent)
        super().__init__(key, texts, self.choice, parent)
        self.choice.activated.connect(self._choose)
        self.reset_requested.connect(lambda: self._choose(0))

    def show_value(self, value: object) -> None:
        """Show the option with this data, the default for other data."""
        found = (index for index in range(self.choice.count()) if self.choice.itemData(index) == value)
        self.choice.setCurrentIndex(next(found, 0))
        self.show_reset(self.choice.currentIndex() != 0, self.choice.itemText(0))

    def _choose(self, index: int) -> None:
        self.show_value(self.choice.itemData(index))
        self.chosen.emit(self.choice.itemData(index))


class FolderRow(Row):
    """Row of a folder for the window's files, with buttons that choose and open it."""

    def __init__(self, key: str, texts: tuple[str, str], kind: PlaceKind, parent: QWidget | None = None) -> None:
        buttons = QWidget(parent)
        super().__init__(key, texts, buttons, parent)
        self._kind = kind
        self.choose = QPushButton(self.tr("Choose…"), buttons)
        self.choose.setAccessibleName(self.tr("Choose a folder: {what}").format(what=self.label))
        self.open = QPushButton(self.tr("Open folder"), buttons)
        self.open.setAccessibleName(self.tr("Open folder: {what}").format(what=self.label))
        row = FlowLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.choose, self.open):
            row.addWidget(button)
        self.path = ElidedLabel(self)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(self.path, 2, 0, 1, 3)
        self.choose.clicked.connect(self._ask)
        self.open.clicked.connect(lambda: open_folder(output_folder(self._kind)))
        self.reset_requested.connect(self._reset)
        self.refresh()

    @property
    def tab_stops(self) -> list[QWidget]:
        return [self.choose, self.open, self.reset]

    def refresh(self) -> None:
        """Show the folder in use."""
        default = output_folder(self._kind, is_default=True)
        folder = output_folder(self._kind)
        self.path.setText(str(folder))
        self.show_reset(folder != default, str(default))

    def use(self, folder: Path) -> None:
        """Use a folder from now on, or say why that is not possible."""
        try:
            check_output_folder(folder)
        except OutputError as error:
            self.show_error(error_text(error))
            return
        choose_output_folder(self._kind, folder)
        self.show_note("")
        self.refresh()

    def _reset(self) -> None:
        choose_output_folder(self._kind, None)
        self.show_note("")
        self.refresh()

    def _ask(self) -> None:
        dialog = QFileDialog(self, self.label, str(existing_folder(output_folder(self._kind))))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.use(Path(name)))
        dialog.open()


class StorageView(QGroupBox):
    """Paths of the gallery, the log and the configuration file, each with a button that opens its folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Privacy"))
        self._privacy = wrapped_label(self)
        grid = QGridLayout(self)
        grid.addWidget(self._privacy, 0, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        self.paths: dict[str, ElidedLabel] = {}
        self.buttons: dict[str, QPushButton] = {}
        self._folders: dict[str, Path] = {}
        titles = {"gallery": self.tr("People and their photos"), "log": self.tr("Logs"), "config": self.tr("These settings")}
        for row, (name, title) in enumerate(titles.items(), start=1):
            path = self.paths[name] = ElidedLabel(self)
            path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            button = self.buttons[name] = QPushButton(self.tr("Open folder"), self)
            button.setAccessibleName(self.tr("Open folder: {what}").format(what=title))
            button.clicked.connect(lambda _=False, name=name: open_folder(self._folders[name]))
            for column, widget in enumerate((QLabel(title, self), path, button)):
                grid.addWidget(widget, row, column)

    def show_log_contents(self, *, with_expressions: bool) -> None:
        """Show what is stored; `with_expressions` is true if the log contains them."""
        text = self.tr(
            "Nothing leaves this computer. Video frames are processed here and not stored, except in snapshots, recordings, the "
            "photos of people you enroll and the faces you reject. The log contains names, distances, expressions and times, but "
            "no images. You can view and delete everything that is stored."
        )
        if not with_expressions:
            text = self.tr(
                "Nothing leaves this computer. Video frames are processed here and not stored, except in snapshots, recordings, "
                "the photos of people you enroll and the faces you reject. The log contains names, distances and times, but no "
                "images. You can view and delete everything that is stored."
            )
        self._privacy.setText(text)

    def show_path(self, name: str, path: Path | None, missing_text: str) -> None:
        """Show the path of "gallery", "log" or "config", or a text if there is none."""
        self.paths[name].setText(missing_text if path is None else str(path.absolute()))
        self.buttons[name].setEnabled(path is not None)
        if path is not None:
            self._folders[name] = path.absolute()


def tab_stops_in(widget: QWidget) -> list[QWidget]:
    """Return the children that Tab reaches, in the order of their creation."""
    children = widget.findChildren(QWidget)
    return [child for child in children if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.focusProxy() is None]


def existing_folder(path: Path) -> Path:
    """Return the nearest existing folder, from the path upwards."""
    return next((folder for folder in (path, *path.parents) if folder.is_dir()), path)


def open_folder(path: Path) -> None:
    """Open a folder, or its nearest one that exists, in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(existing_folder(path))))


class WheelFilter(QObject):
    """Event filter that ignores the wheel on controls without focus, so that scrolling the page changes no value."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False
