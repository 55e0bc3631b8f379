"""Settings of the background: closing into the system tray, start at login, and notifications about chosen people."""

from __future__ import annotations

from PySide6.QtCore import QSettings, QSignalBlocker, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QGroupBox, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from facecam.errors import FacecamError
from facecam.ui import autostart
from facecam.ui.language import error_text
from facecam.ui.notifications import NotificationChoice
from facecam.ui.preferences import open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.tray import Tray, runs_in_background, set_runs_in_background
from facecam.ui.widgets import fill_layout, wrapped_label

_PERSON_ID = Qt.ItemDataRole.UserRole
_MAX_LIST_LINES = 8
_ROW_GAP_PX = 2


class BackgroundSettings(QGroupBox):
    """Check boxes for the background mode and start at login, and the list of people to notify about."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._tray: Tray | None = None
        self.setTitle(self.tr("Background and notifications"))
        self._store: QSettings = open_store()
        self.keep_running = QCheckBox(self.tr("Keep running in the system tray when the window is closed"), self)
        self.keep_running.setChecked(runs_in_background(self._store))
        self.keep_running.toggled.connect(lambda on: set_runs_in_background(self._store, on))
        self.tray_note = wrapped_label(self)
        self.at_login = QCheckBox(self.tr("Start when you log in, in the background"), self)
        self.at_login.toggled.connect(self._set_at_login)
        login_hint = self.tr("Recognition and the log then begin at login, with the first camera.")
        self.at_login.setAccessibleDescription(login_hint)
        self.login_error = wrapped_label(self)
        self.login_error.hide()
        notify = wrapped_label(self, self.tr("Notify me when one of these appears:"))
        self.strangers = QCheckBox(self.tr("Unknown people"), self)
        self.strangers.toggled.connect(self._set_strangers)
        self.people = QListWidget(self)
        self.people.setAccessibleName(self.tr("Notify me about these people"))
        self.people.setSpacing(_ROW_GAP_PX)
        self.people.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.people.itemChanged.connect(self._on_item_changed)
        hint = wrapped_label(
            self,
            self.tr(
                "Once per visit, as text without an image, and only while you use another window. Your desktop may also show "
                "notifications on the lock screen."
            ),
        )
        fill_layout(
            QVBoxLayout(self),
            self.keep_running,
            self.tray_note,
            self.at_login,
            wrapped_label(self, login_hint),
            self.login_error,
            notify,
            self.strangers,
            self.people,
            hint,
        )
        controller.gallery_changed.connect(self._show_people)
        self._show_people()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what may have changed outside of this page."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show the stored choices."""
        self._show_tray()
        self._show_people()
        with QSignalBlocker(self.keep_running), QSignalBlocker(self.at_login):
            self.keep_running.setChecked(runs_in_background(self._store))
            self.at_login.setChecked(autostart.is_enabled())

    def _show_tray(self) -> None:
        if self._tray is None:
            self._tray = self.window().findChild(Tray)
            if self._tray is not None:
                self._tray.available_changed.connect(self._show_tray)
        is_available = self._tray is not None and self._tray.is_available
        text = self.tr("This desktop has no system tray at present. Closing the window ends facecam.")
        self.tray_note.setText("" if is_available else text)
        self.tray_note.setVisible(not is_available)

    def _show_people(self) -> None:
        """List the enrolled people, each with a check box."""
        gallery, choice = self._controller.gallery, NotificationChoice.load(self._store)
        people = sorted(gallery.people if gallery is not None else (), key=lambda person: person.name.casefold())
        shown = [(self.people.item(row).data(_PERSON_ID), self.people.item(row).text()) for row in range(self.people.count())]
        with QSignalBlocker(self.strangers), QSignalBlocker(self.people):
            self.strangers.setChecked(choice.strangers)
            if shown != [(person.person_id, person.name) for person in people]:
                self.people.clear()
                for person in people:
                    item = QListWidgetItem(person.name, self.people)
                    item.setData(_PERSON_ID, person.person_id)
                    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            for item in map(self.people.item, range(self.people.count())):
                is_chosen = item.data(_PERSON_ID) in choice.person_ids
                item.setCheckState(Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked)
        self.people.setVisible(bool(people))
        lines = min(len(people), _MAX_LIST_LINES)
        row = max(self.people.sizeHintForRow(0), 1) + 2 * _ROW_GAP_PX
        self.people.setFixedHeight(lines * row + 2 * self.people.frameWidth())

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        chosen = item.checkState() is Qt.CheckState.Checked
        NotificationChoice.load(self._store).with_person(item.data(_PERSON_ID), chosen=chosen).save(self._store)

    def _set_strangers(self, on: bool) -> None:
        NotificationChoice.load(self._store).with_strangers(chosen=on).save(self._store)

    def _set_at_login(self, on: bool) -> None:
        try:
            autostart.set_enabled(on, self._controller.paths.config)
        except FacecamError as error:
            with QSignalBlocker(self.at_login):
                self.at_login.setChecked(autostart.is_enabled())
            self.login_error.setText(f"⚠ {error_text(error)}")
            self.login_error.show()
            QAccessible.updateAccessibility(QAccessibleEvent(self.login_error, QAccessible.Event.Alert))
        else:
            self.login_error.hide()
