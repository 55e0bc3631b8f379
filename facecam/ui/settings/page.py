"""Settings page: changes apply at once, are saved, and can be reset to the default, one by one or all together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QGroupBox, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from facecam.diagnostics.speed import embedding_costs, measure_embedding_costs
from facecam.errors import SettingsError
from facecam.logbook.sessions import old_sessions
from facecam.privacy.places import PlaceKind
from facecam.session.status import CommandResult
from facecam.settings import Settings, SettingValue, config_to_change, write_config
from facecam.ui.appearance import TEXT_PERCENTS, Appearance, Colors
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import error_text, error_words, format_number, languages
from facecam.ui.preferences import (
    NETWORK,
    PREFERENCES,
    SettingsWriter,
    ignored_distances_text,
    network_changes,
    not_saved_text,
    open_store,
)
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.background import BackgroundSettings
from facecam.ui.settings.fields import KEEP_DAYS, LOG, OF_EXPRESSIONS, Field, costs_text, environment_note, groups
from facecam.ui.settings.rows import ChoiceRow, FolderRow, Row, SettingRow, StorageView, WheelFilter, tab_stops_in
from facecam.ui.widgets import Page, QuestionPanel, fill_layout, horizontal_layout, scroll_area, vertical_layout, wrapped_label
from facecam.ui.window.message_bar import MessageLine

_MAX_WIDTH_LINES = 46
"""Maximum width of the page in line heights; wider pages are hard to scan."""


@dataclass(frozen=True, slots=True)
class ResetUndo:
    """State before all settings were reset.

    Attributes:
        settings: The settings in use.
        config: Path of facecam.toml.
        config_bytes: Its content, None if it does not exist.
        preferences: Values of window.ini.
        starts_at_login: Whether facecam starts at login.
    """

    settings: Settings
    config: Path
    config_bytes: bytes | None
    preferences: dict[str, object]
    starts_at_login: bool


@dataclass(frozen=True, slots=True)
class SettingsView:
    """State of the page, for the page in another window.

    Attributes:
        search: Text of the search field.
        focused: Name of the focused control, "" for none.
        scrolled: Position of the scroll bar from 0 to 1.
        undo: What the last reset can undo.
        restart_key: Setting that waits for the next session, "" for none.
    """

    search: str
    focused: str
    scrolled: float
    undo: ResetUndo | None
    restart_key: str


class SettingsPage(Page):
    """Groups of settings, with a search field. An error or a note is shown below the setting it belongs to."""

    appearance_changed = Signal()
    """Language, colors or text size have changed in window.ini."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self._settings: Settings | None = None
        self._undo: ResetUndo | None = None
        self._restart_key = ""
        self._settings_writer = SettingsWriter(controller.paths.config, self)
        self._measuring = BackgroundJobs(self)
        self._counting = BackgroundJobs(self)
        self._wheel_filter = WheelFilter(self)
        self.rows: dict[str, SettingRow] = {}
        self.search = QLineEdit(self)
        self.storage = StorageView(self)
        self.background = BackgroundSettings(controller, self)
        self.reopen_bar = MessageLine("info", self)
        self.undo_bar = MessageLine("info", self)
        self.retention_question = QuestionPanel(self)
        self.reset_all = QPushButton(self.tr("Reset all settings"), self)
        self._make_preference_rows()
        self._lay_out()
        self._settings_writer.saved.connect(self._show_paths)
        self._settings_writer.failed.connect(self._show_not_saved)
        controller.request_changed.connect(self._show_settings)
        controller.command_finished.connect(self._show_refusal)
        controller.gallery_changed.connect(self._show_paths)
        controller.status_changed.connect(self._show_paths)
        controller.started.connect(self._forget_restart)
        self._show_settings()
        self._show_preferences()
        self._show_paths()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings_writer.close()
        self._measuring.close()
        self._counting.close()
        super().closeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_costs()
        self._show_ignored_distances()

    def view(self) -> SettingsView:
        """Return what the page shows, for a page in another window."""
        bar = self._area.verticalScrollBar()
        focused = self.focusWidget()
        name = "" if focused is None else focused.objectName()
        return SettingsView(self.search.text(), name, bar.value() / max(1, bar.maximum()), self._undo, self._restart_key)

    def restore_view(self, view: SettingsView) -> None:
        """Show what a page in another window has shown."""
        self.search.setText(view.search)
        if view.undo is not None:
            self._offer_undo(view.undo)
        if view.restart_key:
            self._offer_restart(self.rows[view.restart_key].field)
        control = self.findChild(QWidget, view.focused) if view.focused else None
        if control is not None:
            control.setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(0, self, partial(self._scroll, view.scrolled, control))  # after the layout

    def _scroll(self, position: float, control: QWidget | None) -> None:
        bar = self._area.verticalScrollBar()
        bar.setValue(round(position * bar.maximum()))
        if control is not None:
            self._area.ensureWidgetVisible(control)

    def _make_preference_rows(self) -> None:
        """Make the rows that window.ini keeps."""
        own_names = [(QLocale(code).nativeLanguageName(), code) for code in languages()]
        self.language = ChoiceRow("language", (self.tr("Language"), ""), [(self.tr("System language"), ""), *own_names], self)
        colors = [
            (self.tr("As the system"), Colors.SYSTEM.value),
            (self.tr("Light"), Colors.LIGHT.value),
            (self.tr("Dark"), Colors.DARK.value),
        ]
        self.colors = ChoiceRow("colors", (self.tr("Colors"), ""), colors, self)
        percents = [(self.tr("{percent} %").format(percent=percent), percent) for percent in TEXT_PERCENTS]
        hint = self.tr("Of the system's text size. File dialogs of the system keep their own.")
        self.text_size = ChoiceRow("text_percent", (self.tr("Text size"), hint), percents, self)
        self.language.chosen.connect(lambda code: self._change_appearance(language=code))
        self.colors.chosen.connect(lambda colors: self._change_appearance(colors=Colors(colors)))
        self.text_size.chosen.connect(lambda percent: self._change_appearance(text_percent=percent))
        snapshots = self.tr("Folder for snapshots"), ""
        recordings = self.tr("Folder for recordings"), self.tr("A recording in progress stays in its folder.")
        self.folders = (
            FolderRow("snapshots", snapshots, PlaceKind.SNAPSHOTS, self),
            FolderRow("recordings", recordings, PlaceKind.RECORDINGS, self),
        )

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(self.tr("Search settings"))
        self.search.setAccessibleName(self.tr("Search settings"))
        self.search.setObjectName("search")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.reset_all.setObjectName("reset_all")
        self.reset_all.setToolTip(self.tr("People, photos and logs stay."))
        self.reset_all.clicked.connect(self._reset_all)
        self._nothing_found = wrapped_label(self, self.tr("No setting matches the search."))
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.addWidget(self._nothing_found)
        self._sections: list[tuple[QGroupBox, list[Row]]] = []
        self._add_group(column, self.tr("Appearance"), (self.language, self.colors, self.text_size))
        for title, fields in groups().items():
            self._add_group(column, title, [self._make_row(field) for field in fields])
        self.rows[KEEP_DAYS].add_below(self.retention_question)
        self._add_group(column, self.tr("Snapshots and recordings"), self.folders)
        for box in (self.background, self.storage):
            column.addWidget(box)
            self._sections.append((box, []))
        fill_layout(column, horizontal_layout(None, self.reset_all), None)
        inner.setMaximumWidth(_MAX_WIDTH_LINES * self.fontMetrics().height())
        self._area: QScrollArea = scroll_area(inner, self)
        self._area.setAccessibleName(self.tr("Settings"))
        self._area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        margins = column.contentsMargins()
        self.search.setMaximumWidth(inner.maximumWidth() - margins.left() - margins.right())
        top = horizontal_layout(self.search)
        # The scroll bar is next to the groups, but not next to the search field.
        scroll_bar_px = self._area.verticalScrollBar().sizeHint().width()
        top.setContentsMargins(margins.left(), margins.top(), margins.right() + scroll_bar_px, 0)
        outer = vertical_layout(self, self.reopen_bar, self.undo_bar, top, self._area)
        outer.setSpacing(0)
        outer.setStretchFactor(self._area, 1)
        self._filter("")
        self._set_tab_order()
        self.set_focus_target(self.search)

    def _set_tab_order(self) -> None:
        """Let Tab go from top to bottom, whatever was created first."""
        stops: list[QWidget] = [self.search]
        for box, rows in self._sections:
            stops += [stop for row in rows for stop in row.tab_stops] if rows else tab_stops_in(box)
        for before, after in pairwise((*stops, self.reset_all)):
            QWidget.setTabOrder(before, after)

    def _make_row(self, field: Field) -> SettingRow:
        row = self.rows[field.keys[0]] = SettingRow(field, self)
        row.change_requested.connect(self._change)
        return row

    def _add_group(self, column: QVBoxLayout, title: str, rows: Sequence[Row]) -> None:
        box = QGroupBox(title, self)
        inner = QVBoxLayout(box)
        inner.setSpacing(2 * inner.spacing())
        for row in rows:
            row.control.installEventFilter(self._wheel_filter)
            inner.addWidget(row)
        column.addWidget(box)
        self._sections.append((box, list(rows)))

    def _filter(self, text: str) -> None:
        """Show the settings that contain all words, and the groups whose title does."""
        words = text.casefold().split()
        unused = () if self._controller.request.settings.express.enabled else OF_EXPRESSIONS

        def matches(*texts: str) -> bool:
            found = " ".join(texts).casefold()
            return all(word in found for word in words)

        any_found = False
        for box, rows in self._sections:
            for row in rows:
                row.setVisible(row.key not in unused and matches(box.title(), row.search_text))
            is_found = any(not row.isHidden() for row in rows) if rows else matches(*_texts_in(box))
            box.setVisible(is_found)
            any_found = any_found or is_found
        self._nothing_found.setVisible(not any_found)
        self.reset_all.setVisible(not words)

    def _change(self, field: Field, values: Sequence[SettingValue] | None) -> None:
        """Apply and save the values (None: the defaults), or show at the field why that is not possible."""
        changes = field.changes(field.values(Settings()) if values is None else values)
        if changes.get(KEEP_DAYS) and self._controller.paths.log_dir is not None:
            self._ask_about_retention(field, values, changes[KEEP_DAYS])
        else:
            self._apply(field, values)

    def _apply(self, field: Field, values: Sequence[SettingValue] | None) -> None:
        changes = field.changes(field.values(Settings()) if values is None else values)
        row = self.rows[field.keys[0]]
        try:
            distances = network_changes(self._controller.paths.config, changes[NETWORK]) if NETWORK in changes else {}
            settings = self._controller.request.settings.replace(distances | changes)
        except SettingsError as error:
            row.show_error(error_words(error))
            return
        self._forget_undo()
        self._controller.change(settings)
        row.show_settings(settings)
        self._settings_writer.save(dict.fromkeys(field.keys) if values is None else changes)
        if field.restarts:
            self._offer_restart(field)
        row.show_note(environment_note(field.keys))
        if NETWORK in changes:
            self._show_ignored_distances()

    def _offer_restart(self, field: Field) -> None:
        self._restart_key = field.keys[0]
        if field.keys[0] == LOG:
            text = self.tr("This takes effect with the next session.")
            self.reopen_bar.show_message(text, (self.tr("Start a new session"), self._controller.start))
        else:
            text = self.tr("Camera settings take effect when the camera is reopened.")
            self.reopen_bar.show_message(text, (self.tr("Reopen the camera"), self._controller.start))

    def _forget_restart(self) -> None:
        self._restart_key = ""
        self.reopen_bar.dismiss()

    def _ask_about_retention(self, field: Field, values: Sequence[SettingValue] | None, days: SettingValue) -> None:
        """Apply the number of days if no log is that old; otherwise ask, because logs would be deleted."""
        row, folder, settings = self.rows[KEEP_DAYS], self._controller.paths.log_dir, self._controller.request.settings
        assert folder is not None
        assert isinstance(days, int)
        row.show_settings(settings)
        self.retention_question.dismiss()
        self._counting.cancel()

        def use() -> None:
            self._apply(field, values)
            text = self.tr("Each session is deleted {days} days after its end, while a session runs.")
            row.show_note(f"{text.format(days=days)} {environment_note(field.keys)}".strip())

        def show(count: int) -> None:
            if not count:
                use()
                return
            if count == 1:
                text = self.tr("One session ended more than {days} days ago. Its log will be deleted for good.")
            else:
                text = self.tr("{count} sessions ended more than {days} days ago. Their logs will be deleted for good.")
            self.retention_question.ask([text.format(count=count, days=days)], self.tr("Delete logs"), lambda _: use())
            # After the layout, because the question may be below the visible part of the page.
            QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.retention_question))

        self._counting.add(
            lambda _: len(old_sessions(folder, days, datetime.now(UTC))), show, lambda error: row.show_error(error_text(error))
        )

    def _show_refusal(self, result: CommandResult) -> None:
        """Show at the settings why the session has refused them. `request` has the accepted ones again."""
        if result.error is not None and isinstance(result.command, Settings):
            settings = self._controller.request.settings
            for row in self.rows.values():
                if row.field.values(result.command) != row.field.values(settings):
                    row.show_error(error_words(result.error))

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
                lambda error: self.rows[NETWORK].show_figures(error_text(error)),
            )

    def _show_settings(self) -> None:
        """Show the current settings. Fields whose values did not change keep their state."""
        settings = self._controller.request.settings
        for row in self.rows.values():
            if self._settings is None or row.field.values(settings) != row.field.values(self._settings):
                row.show_settings(settings)
        if self._settings is None or self._settings.express.enabled is not settings.express.enabled:
            self._filter(self.search.text())
            self.storage.show_log_contents(with_expressions=settings.express.enabled)
        if self._settings is not None and self._settings.identify != settings.identify:
            self._show_costs()
        fixed = settings.identify.threshold_l2
        rate = self.rows.get("identify.false_positive_identification_rate")
        if rate is not None and (self._settings is None or self._settings.identify.threshold_l2 != fixed):
            text = self.tr("The match threshold is fixed at {value} in the threshold studio, which overrides this setting.")
            rate.show_note("" if fixed is None else text.format(value=format_number(fixed, 3)))
        self._settings = settings

    def _show_preferences(self) -> None:
        appearance = Appearance.load(open_store())
        self.language.show_value(appearance.language)
        self.colors.show_value(appearance.colors.value)
        self.text_size.show_value(appearance.text_percent)
        for row in self.folders:
            row.refresh()
        self.background.refresh()

    def _show_paths(self) -> None:
        paths = self._controller.paths
        self.storage.show_path("gallery", self._controller.gallery_dir, self.tr("not known yet"))
        self.storage.show_path("log", self._controller.log_path or paths.log_dir, self.tr("no log"))
        try:
            self.storage.show_path("config", config_to_change(paths.config), "")
        except SettingsError as error:
            self.storage.show_path("config", None, error_text(error))
        log = self.rows[LOG]
        log.control.setEnabled(paths.log_dir is not None)
        if paths.log_dir is None:
            log.show_note(self.tr("facecam was started without a log, so this applies from the next start."))

    def _change_appearance(self, **changes: object) -> None:
        self._forget_undo()
        store = open_store()
        Appearance.load(store).replace(**changes).save(store)
        self.appearance_changed.emit()

    def _reset_all(self) -> None:
        """Give all settings and preferences their defaults, and offer to undo that."""
        self._settings_writer.close()  # The file then has what is pending.
        store, request = open_store(), self._controller.request
        try:
            config = config_to_change(self._controller.paths.config)
            config_bytes = config.read_bytes() if config.exists() else None
            self._settings_writer.save_now(dict.fromkeys(_all_keys()))
        except (OSError, SettingsError) as error:
            self._show_not_changed(error)
            return
        preferences = {key: store.value(key) for key in PREFERENCES if store.contains(key)}
        undo = ResetUndo(request.settings, config, config_bytes, preferences, self.background.at_login.isChecked())
        self._counting.cancel()
        self.retention_question.dismiss()
        self._use_all(Settings(), {})
        self.background.at_login.setChecked(False)
        self._offer_undo(undo)

    def _offer_undo(self, undo: ResetUndo) -> None:
        self._undo = undo
        text = self.tr("All settings have their default values. People, photos and logs were not changed.")
        self.undo_bar.show_message(text, (self.tr("Undo"), self._undo_reset))

    def _undo_reset(self) -> None:
        undo = self._undo
        if undo is None:
            return
        self._settings_writer.close()
        try:
            if undo.config_bytes is None:
                undo.config.unlink(missing_ok=True)
            else:
                write_config(undo.config, undo.config_bytes)
        except OSError as error:
            self._show_not_changed(error)
            self._offer_undo(undo)
            return
        self._forget_undo()
        self._use_all(undo.settings, undo.preferences)
        self.background.at_login.setChecked(undo.starts_at_login)

    def _forget_undo(self) -> None:
        """Stop offering Undo, which would also revert the changes made after the reset."""
        self._undo = None
        self.undo_bar.dismiss()

    def _use_all(self, settings: Settings, preferences: dict[str, object]) -> None:
        """Use these settings and values of window.ini; preferences that are missing get their defaults."""
        store, before = open_store(), self._controller.request.settings
        appearance = Appearance.load(store)
        for key in PREFERENCES:
            store.setValue(key, preferences[key]) if key in preferences else store.remove(key)
        store.sync()
        if settings != before:
            self._controller.change(settings)
        for row in self.rows.values():
            row.show_settings(settings)
            if row.field.restarts and row.field.values(settings) != row.field.values(before):
                self._offer_restart(row.field)
        self._show_preferences()
        self._show_paths()
        if Appearance.load(store) != appearance:
            self.appearance_changed.emit()

    def _show_not_changed(self, error: OSError | SettingsError) -> None:
        self.message_posted.emit(self.tr("The settings were not changed: {reason}").format(reason=error_words(error)))

    def _show_not_saved(self, key: str, reason: str) -> None:
        text = not_saved_text(reason)
        row = next((row for row in self.rows.values() if key in row.field.keys), None)
        if row is None:
            self.message_posted.emit(text)
        else:
            row.show_error(text)


def _texts_in(box: QGroupBox) -> list[str]:
    labels, buttons = box.findChildren(QLabel), box.findChildren(QAbstractButton)
    return [box.title(), *(label.text() for label in labels), *(button.text() for button in buttons)]


def _all_keys() -> list[str]:
    """Return the keys of all settings in facecam.toml."""
    return [f"{section}.{name}" for section, values in Settings().to_dict().items() for name in values]
