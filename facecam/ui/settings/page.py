"""Settings page: changes apply at once, are saved in facecam.toml, and can be reset to the default."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QLocale, QObject, QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QCloseEvent, QDesktopServices, QFont, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from facecam.diagnostics.speed import embedding_costs, measure_embedding_costs
from facecam.errors import SettingsError
from facecam.session.status import CommandResult
from facecam.settings import Settings, SettingValue, config_to_change
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import format_number, languages
from facecam.ui.preferences import (
    NETWORK,
    SettingsWriter,
    ignored_distances_text,
    network_changes,
    not_saved_text,
    open_store,
)
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.fields import (
    ChoiceField,
    Field,
    NumberField,
    SwitchField,
    costs_text,
    environment_note,
    groups,
)
from facecam.ui.widgets import ElidedLabel, Page, bold, fill_layout, scroll_area, short_combo_box, vertical_layout, wrapped_label
from facecam.ui.window.message_bar import MessageLine

_MAX_WIDTH_LINES = 46
"""Maximum width of the page in line heights; wider pages are hard to scan."""


class StorageView(QGroupBox):
    """Paths of the gallery, the log and the configuration file, each with a button that opens its folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Privacy"))
        privacy = self.tr(
            "Nothing leaves this computer. Video frames are processed here and discarded. You can view and delete everything "
            "that is stored. The log contains names, distances and times, but no images."
        )
        grid = QGridLayout(self)
        grid.addWidget(wrapped_label(self, privacy), 0, 0, 1, 3)
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
            button.clicked.connect(lambda _=False, name=name: self._open_folder(name))
            for column, widget in enumerate((QLabel(title, self), path, button)):
                grid.addWidget(widget, row, column)

    def show_path(self, name: str, path: Path | None, missing_text: str) -> None:
        """Show the path of "gallery", "log" or "config", or a text if there is none."""
        self.paths[name].setText(missing_text if path is None else str(path.absolute()))
        self.buttons[name].setEnabled(path is not None)
        if path is not None:
            self._folders[name] = _existing_folder(path.absolute())

    def _open_folder(self, name: str) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folders[name])))


def _existing_folder(path: Path) -> Path:
    """Return the nearest existing folder, from the path upwards."""
    return next((folder for folder in (path, *path.parents) if folder.is_dir()), path)


class SettingRow(QWidget):
    """One field: its label, control, reset button, hint, and a note. It only requests changes."""

    change_requested = Signal(object, object)
    """The field and its new values, None for the defaults."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.control = self._make_control()
        self.control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.control.setAccessibleName(field.label)
        self.control.setAccessibleDescription(field.hint)
        label = wrapped_label(self, field.label)
        label.setBuddy(self.control)
        self.reset = QPushButton(self.tr("Reset"), self)
        self.reset.setAccessibleName(self.tr("Reset: {setting}").format(setting=field.label))
        self.reset.clicked.connect(lambda: self.change_requested.emit(self.field, None))
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        self.note = wrapped_label(self)
        self.note.hide()
        hint = self._hint = wrapped_label(self, field.hint)
        small = QFont(self.font())
        small.setPointSizeF(small.pointSizeF() * 0.9)
        hint.setFont(small)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for column, widget in enumerate((label, self.control, self.reset)):
            grid.addWidget(widget, 0, column)
        grid.addWidget(hint, 1, 0, 1, 3)
        grid.addWidget(self.note, 2, 0, 1, 3)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)

    def show_settings(self, settings: Settings) -> None:
        """Show the field's values in the settings."""
        values, defaults = self.field.values(settings), self.field.values(Settings())
        with QSignalBlocker(self.control):
            self._show_values(values)
        self.reset.setVisible(values != defaults)
        self.reset.setToolTip(self.tr("Reset to {value}").format(value=self._text_of(defaults)))
        self.show_note("")

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
        self._hint.setText(f"{self.field.hint} {text}".strip())

    def _make_control(self) -> QWidget:
        kind = self.field.control
        if isinstance(kind, NumberField):
            number = QDoubleSpinBox(self, decimals=kind.decimals, maximum=1e6, singleStep=kind.step, suffix=kind.unit)
            number.setKeyboardTracking(False)
            number.valueChanged.connect(self._request_number)
            return number
        if isinstance(kind, SwitchField):
            box = QCheckBox(self)
            box.toggled.connect(lambda on: self.change_requested.emit(self.field, (on,)))
            return box
        choice = short_combo_box(self, 12)
        for text, values in kind.options:
            choice.addItem(text, values)
        choice.activated.connect(lambda _: self.change_requested.emit(self.field, choice.currentData()))
        return choice

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


class WheelFilter(QObject):
    """Event filter that ignores the wheel on controls without focus, so that scrolling the page changes no value."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


class SettingsPage(Page):
    """Groups of settings. An error or a note is shown below the setting it belongs to."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self._settings: Settings | None = None
        self._settings_writer = SettingsWriter(controller.paths.config, self)
        self._measuring = BackgroundJobs(self)
        self._wheel_filter = WheelFilter(self)
        self.rows: dict[str, SettingRow] = {}
        self.storage = StorageView(self)
        self.language = QComboBox(self)
        self.reopen_bar = MessageLine("info", self)
        self._lay_out()
        self._settings_writer.saved.connect(self._show_paths)
        self._settings_writer.failed.connect(self._show_not_saved)
        controller.request_changed.connect(self._show_settings)
        controller.command_finished.connect(self._show_refusal)
        controller.gallery_changed.connect(self._show_paths)
        controller.status_changed.connect(self._show_paths)
        self._show_settings()
        self._show_paths()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings_writer.close()
        self._measuring.close()
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_costs()
        self._show_ignored_distances()

    def _lay_out(self) -> None:
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        for title, fields in groups().items():
            column.addWidget(self._make_group(title, fields))
        fill_layout(column, self._make_window_group(), self.storage, None)
        inner.setMaximumWidth(_MAX_WIDTH_LINES * self.fontMetrics().height())
        area = scroll_area(inner, self)
        area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        outer = vertical_layout(self, self.reopen_bar, area)
        outer.setSpacing(0)
        outer.setStretchFactor(area, 1)
        self.set_focus_target(next(iter(self.rows.values())).control)

    def _make_group(self, title: str, fields: Sequence[Field]) -> QGroupBox:
        box = QGroupBox(title, self)
        column = QVBoxLayout(box)
        column.setSpacing(2 * column.spacing())
        for field in fields:
            row = SettingRow(field, box)
            row.change_requested.connect(self._change)
            row.control.installEventFilter(self._wheel_filter)
            column.addWidget(row)
            self.rows[field.keys[0]] = row
        return box

    def _make_window_group(self) -> QGroupBox:
        box = QGroupBox(self.tr("Window"), self)
        self.language.setAccessibleName(self.tr("Language"))
        self.language.installEventFilter(self._wheel_filter)
        self.language.addItem(self.tr("System language"), "")
        for code in languages():
            self.language.addItem(QLocale(code).nativeLanguageName(), code)
        stored = self.language.findData(str(open_store().value("language", "")))
        self.language.setCurrentIndex(max(stored, 0))
        self.language.activated.connect(self._save_language)
        self._language_note = QLabel(self.tr("Takes effect at the next start."), box)
        self._language_note.hide()
        form = QFormLayout(box)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(self.tr("Language"), self.language)
        form.addRow(self._language_note)
        return box

    def _change(self, field: Field, values: Sequence[SettingValue] | None) -> None:
        """Apply and save the values (None: the defaults), or show at the field why that is not possible."""
        changes = field.changes(field.values(Settings()) if values is None else values)
        row = self.rows[field.keys[0]]
        try:
            distances = network_changes(self._controller.paths.config, changes[NETWORK]) if NETWORK in changes else {}
            settings = self._controller.request.settings.replace(distances | changes)
        except SettingsError as error:
            row.show_error(str(error))
            return
        self._controller.change(settings)
        row.show_settings(settings)
        self._settings_writer.save(dict.fromkeys(field.keys) if values is None else changes)
        if field.reopens:
            text = self.tr("Camera settings take effect when the camera is reopened.")
            self.reopen_bar.show_message(text, (self.tr("Reopen the camera"), self._controller.start))
        row.show_note(environment_note(field.keys))
        if NETWORK in changes:
            self._show_ignored_distances()

    def _show_refusal(self, result: CommandResult) -> None:
        """Show at the settings why the session has refused them. `request` has the accepted ones again."""
        if result.error is not None and isinstance(result.command, Settings):
            settings = self._controller.request.settings
            for row in self.rows.values():
                if row.field.values(result.command) != row.field.values(settings):
                    row.show_error(str(result.error))

    def _show_ignored_distances(self) -> None:
        text = ignored_distances_text(self._controller.paths.config, self._controller.request.settings.identify.network)
        if text:
            self.rows[NETWORK].show_note(text)

    def _show_costs(self) -> None:
        """Show what each network costs per face; measure it in the background if that has not been done."""
        if not self.isVisible():
            return
        identify = self._controller.request.settings.identify
        costs_ms = embedding_costs(identify)
        self.rows[NETWORK].show_figures(costs_text(costs_ms))
        self._measuring.cancel()
        if not costs_ms:
            self._measuring.add(
                lambda report_progress: measure_embedding_costs(identify, report_progress),
                lambda measured: self.rows[NETWORK].show_figures(costs_text(measured)),
                lambda error: self.rows[NETWORK].show_figures(str(error)),
            )

    def _show_settings(self) -> None:
        """Show the current settings. Fields whose values did not change keep their state."""
        settings = self._controller.request.settings
        for row in self.rows.values():
            if self._settings is None or row.field.values(settings) != row.field.values(self._settings):
                row.show_settings(settings)
        if self._settings is not None and self._settings.identify != settings.identify:
            self._show_costs()
        fixed = settings.identify.threshold_l2
        rate = self.rows.get("identify.false_positive_identification_rate")
        if rate is not None and (self._settings is None or self._settings.identify.threshold_l2 != fixed):
            text = self.tr("The match threshold is fixed at {value} in the threshold studio, which overrides this setting.")
            rate.show_note("" if fixed is None else text.format(value=format_number(fixed, 3)))
        self._settings = settings

    def _show_paths(self) -> None:
        paths = self._controller.paths
        self.storage.show_path("gallery", self._controller.gallery_dir, self.tr("not known yet"))
        self.storage.show_path("log", self._controller.log_path or paths.log_dir, self.tr("no log"))
        try:
            self.storage.show_path("config", config_to_change(paths.config), "")
        except SettingsError as error:
            self.storage.show_path("config", None, str(error))

    def _save_language(self) -> None:
        store = open_store()
        store.setValue("language", self.language.currentData())
        store.sync()
        self._language_note.show()

    def _show_not_saved(self, key: str, error_text: str) -> None:
        text = not_saved_text(error_text)
        row = next((row for row in self.rows.values() if key in row.field.keys), None)
        if row is None:
            self.message_posted.emit(text)
        else:
            row.show_error(text)
