"""Settings in plain words: in force at once, kept in facecam.toml, each with a way back to its default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QObject, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent, QDesktopServices, QFont, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from facecam.errors import FacecamError, SettingsError
from facecam.settings import Settings, config_to_change
from facecam.ui.language import languages
from facecam.ui.preferences import SettingsWriter, Value, open_store, wins_over_file
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.fields import ChoiceField, Field, Group, NumberField, SwitchField, groups
from facecam.ui.widgets import ElidedLabel

# MERGED ui.places_view: Where everything lies, and that nothing leaves the machine.


class PlacesView(QGroupBox):
    """A line for the gallery, the log and the configuration file, each with a button that opens its folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Privacy"))
        said = QLabel(self)
        said.setWordWrap(True)
        said.setText(
            self.tr(
                "Nothing leaves this machine: pictures are looked at here and thrown away. What is kept is below, and you may "
                "look at it and delete it at any time. The log holds names, distances and times, but no pictures."
            )
        )
        self._grid = QGridLayout(self)
        self._grid.addWidget(said, 0, 0, 1, 3)
        self._grid.setColumnStretch(1, 1)
        self.paths: dict[str, ElidedLabel] = {}
        self.buttons: dict[str, QPushButton] = {}
        for name, words in (
            ("gallery", self.tr("People and their photos")),
            ("log", self.tr("Logs")),
            ("config", self.tr("These settings")),
        ):
            self._add(name, words)

    def show_place(self, name: str, path: Path | None, otherwise: str) -> None:
        """Show where one of gallery, log and config lies; `otherwise` is said while that is not known."""
        self.paths[name].setText(otherwise if path is None else str(path.absolute()))
        self.buttons[name].setEnabled(path is not None)
        self.buttons[name].setProperty("folder", "" if path is None else str(_folder(path.absolute())))

    def _add(self, name: str, words: str) -> None:
        row = self._grid.rowCount()
        path = ElidedLabel(self)
        path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        button = QPushButton(self.tr("Open folder"), self)
        button.setAccessibleName(self.tr("Open folder: {what}").format(what=words))
        button.clicked.connect(self._open)
        for column, widget in enumerate((QLabel(words, self), path, button)):
            self._grid.addWidget(widget, row, column)
        self.paths[name], self.buttons[name] = path, button

    def _open(self) -> None:
        button = self.sender()
        if button is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(button.property("folder"))))


def _folder(path: Path) -> Path:
    """The nearest folder that exists, from the path upwards."""
    return next((place for place in (path, *path.parents) if place.is_dir()), path)


# MERGED ui.setting_row: One setting on the page: its name, its control, a way back to the default, and what is wrong with it.


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
        # The sign says it too: color alone would not reach everybody.
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
        assert isinstance(self.field.control, NumberField)
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


def _control(kind: NumberField | SwitchField | ChoiceField, row: QWidget) -> QWidget:
    control: QWidget
    if isinstance(kind, NumberField):
        number = QDoubleSpinBox(row)
        number.setDecimals(kind.decimals)
        number.setRange(0, 1_000_000)
        number.setSingleStep(kind.step)
        number.setSuffix(kind.unit)
        number.setKeyboardTracking(False)
        control = number
    elif isinstance(kind, SwitchField):
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


def _show(control: QWidget, kind: NumberField | SwitchField | ChoiceField, values: Sequence[Any]) -> None:
    if isinstance(control, QDoubleSpinBox) and isinstance(kind, NumberField):
        control.setValue(float(values[0]) / kind.factor)
    elif isinstance(control, QCheckBox):
        control.setChecked(bool(values[0]))
    elif isinstance(control, QComboBox) and isinstance(kind, ChoiceField):
        found = [number for number in range(control.count()) if tuple(control.itemData(number)) == tuple(values)]
        if not found:
            control.addItem(kind.other.format(*values), tuple(values))
        control.setCurrentIndex(found[0] if found else control.count() - 1)


def _words(kind: NumberField | SwitchField | ChoiceField, values: Sequence[Any], control: QWidget) -> str:
    """The values as the control would show them."""
    if isinstance(kind, NumberField):
        return f"{control.locale().toString(float(values[0]) / kind.factor, 'f', kind.decimals)}{kind.unit}"
    if isinstance(kind, SwitchField):
        translate = QCoreApplication.translate
        return translate("SettingRow", "on") if values[0] else translate("SettingRow", "off")
    return next((words for words, option in kind.options if tuple(option) == tuple(values)), kind.other.format(*values))


_WIDTH_LINES = 46
"""Wider than so many lines of text are high, a page of settings is no longer read at one glance."""


class SettingsPage(QWidget):
    """Lists settings by groups; what is wrong with a value is said beside it."""

    said = Signal(str)
    page_wanted = Signal(str, object)
    finished = Signal()

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._shown: Settings | None = None
        self._keeper = SettingsWriter(live.places.config, self)
        self._no_wheel = NoWheel(self)
        self.rows: dict[str, SettingRow] = {}
        self.places = PlacesView(self)
        self.language = QComboBox(self)
        self.reopen = QPushButton(self.tr("Open the camera again"), self)
        self._reopen_bar = self._make_reopen_bar()
        self._lay_out()
        self._keeper.kept.connect(self._tell_kept)
        self._keeper.failed.connect(self._tell_failed)
        live.wish_changed.connect(self._follow)
        live.gallery_changed.connect(self._show_places)
        live.status_changed.connect(self._show_places)
        self._follow()
        self._show_places()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.finished.emit()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._keeper.close()
        super().closeEvent(event)

    def _lay_out(self) -> None:
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        try:
            for group in groups():
                column.addWidget(self._box(group))
        except FacecamError as error:
            column.addWidget(QLabel(str(error), inner))
        column.addWidget(self._window_box())
        column.addWidget(self.places)
        column.addStretch(1)
        inner.setMaximumWidth(_WIDTH_LINES * self.fontMetrics().height())
        middle = QWidget(self)
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(inner, 100)
        row.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(middle)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._reopen_bar)
        outer.addWidget(area, 1)
        self.setFocusProxy(next(iter(self.rows.values())).control if self.rows else area)

    def _box(self, group: Group) -> QGroupBox:
        box = QGroupBox(group.title, self)
        column = QVBoxLayout(box)
        column.setSpacing(2 * column.spacing())
        for field in group.fields:
            row = SettingRow(field, box)
            row.wanted.connect(self._want)
            row.default_wanted.connect(self._want_default)
            row.control.installEventFilter(self._no_wheel)
            column.addWidget(row)
            self.rows[field.keys[0]] = row
        return box

    def _window_box(self) -> QGroupBox:
        box = QGroupBox(self.tr("Window"), self)
        self.language.setAccessibleName(self.tr("Language"))
        self.language.installEventFilter(self._no_wheel)
        self.language.addItem(self.tr("as the system has it"), "")
        for code in languages():
            self.language.addItem(QLocale(code).nativeLanguageName(), code)
        chosen = self.language.findData(str(open_store().value("language", "")))
        self.language.setCurrentIndex(max(chosen, 0))
        self.language.activated.connect(self._choose_language)
        self._language_note = QLabel(self.tr("Takes effect at the next start."), box)
        self._language_note.hide()
        form = QFormLayout(box)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(self.tr("Language"), self.language)
        form.addRow(self._language_note)
        return box

    def _make_reopen_bar(self) -> QFrame:
        bar = QFrame(self)
        bar.setAutoFillBackground(True)
        bar.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        words = QLabel(self.tr("The camera gets its new settings when it is opened again."), bar)
        words.setForegroundRole(QPalette.ColorRole.ToolTipText)
        words.setWordWrap(True)
        row = QHBoxLayout(bar)
        row.addWidget(words, 1)
        row.addWidget(self.reopen)
        self.reopen.clicked.connect(self._reopen)
        bar.hide()
        return bar

    def _want(self, field: Field, values: Sequence[Value]) -> None:
        self._change(field, field.changes(values), field.changes(values))

    def _want_default(self, field: Field) -> None:
        self._change(field, field.changes(field.values(Settings())), dict.fromkeys(field.keys))

    def _change(self, field: Field, changes: Mapping[str, Value], kept: Mapping[str, Value]) -> None:
        """Put it in force and keep it, or say beside the field why not."""
        row = self.rows[field.keys[0]]
        try:
            settings = self._live.wish.settings.replace(changes)
        except SettingsError as error:
            row.complain(str(error))
            return
        self._live.change(settings)
        row.show_settings(settings)
        self._keeper.keep(kept)
        if field.reopens:
            self._reopen_bar.show()
        winning = next((variable for key in field.keys if (variable := wins_over_file(key))), "")
        if winning:
            row.tell(self.tr("At the next start {variable} in the environment counts instead.").format(variable=winning))

    def _follow(self) -> None:
        """Show the settings that are in force now, whoever has changed them; what did not change is left alone."""
        settings = self._live.wish.settings
        for row in self.rows.values():
            if self._shown is None or row.field.values(settings) != row.field.values(self._shown):
                row.show_settings(settings)
        pinned = settings.identify.threshold_l2
        rate = self.rows.get("identify.stranger_rate")
        if rate is not None and (self._shown is None or self._shown.identify.threshold_l2 != pinned):
            value = "" if pinned is None else self.locale().toString(pinned, "f", 3)
            said = self.tr("A threshold is pinned in the threshold studio and counts instead: {value}.").format(value=value)
            rate.tell("" if pinned is None else said)
        self._shown = settings

    def _show_places(self) -> None:
        gallery, places = self._live.gallery, self._live.places
        folder = places.gallery_dir or (gallery.folder if gallery is not None else None)
        self.places.show_place("gallery", folder, self.tr("not known yet"))
        self.places.show_place("log", self._live.log_path or places.log_dir, self.tr("no log is written"))
        try:
            self.places.show_place("config", config_to_change(places.config), "")
        except SettingsError as error:
            self.places.show_place("config", None, str(error))

    def _reopen(self) -> None:
        self._reopen_bar.hide()
        self._live.start()

    def _choose_language(self) -> None:
        store = open_store()
        store.setValue("language", self.language.currentData())
        store.sync()
        self._language_note.show()

    def _tell_kept(self, path: str) -> None:
        self._show_places()

    def _tell_failed(self, key: str, sentence: str) -> None:
        said = self.tr("In force until the end, but not kept: {reason}").format(reason=sentence)
        row = next((row for row in self.rows.values() if key in row.field.keys), None)
        if row is None:
            self.said.emit(said)
        else:
            row.complain(said)
