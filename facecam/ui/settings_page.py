"""Settings in plain words: in force at once, kept in facecam.toml, each with a way back to its default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from facecam.config_file import config_to_change
from facecam.errors import FacecamError, SettingsError
from facecam.settings import Settings
from facecam.ui.i18n_names import languages
from facecam.ui.keeper import Keeper, Value, wins_over_file
from facecam.ui.live import Live
from facecam.ui.places_view import PlacesView
from facecam.ui.setting_list import Field, Group, groups
from facecam.ui.setting_row import NoWheel, SettingRow
from facecam.ui.store import open_store

_WIDTH_LINES = 46
"""Wider than so many lines of text are high, a page of settings is no longer read at one glance."""


class SettingsPage(QWidget):
    """Lists settings by groups; what is wrong with a value is said beside it."""

    said = Signal(str)
    page_wanted = Signal(str, object)
    finished = Signal()

    def __init__(self, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._shown: Settings | None = None
        self._keeper = Keeper(live.places.config, self)
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
