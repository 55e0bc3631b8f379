"""System tray: an icon with the state of the session, its menu, and the window that closes into the tray by choice.

The window is hidden only while a tray exists. When the tray disappears, the window comes back.
"""

from __future__ import annotations

import sys
import time
from enum import StrEnum

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSettings, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QIcon, QPainter
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon, QWidget

from facecam.messages import QT_TRANSLATE_NOOP
from facecam.session.status import SourceState
from facecam.ui.icons import render_icon
from facecam.ui.session_controller import SessionController

_RUNS_IN_BACKGROUND, _EXPLAINED = "background/keep_running", "background/explained"

_POLL_MS = 2000

TRAY_WAIT_S = 10.0
"""At login, the desktop may show its tray later than it starts facecam."""

_ICON_SIZES_PX = (22, 32, 64)
_BADGE_SHARE = 0.5
_WATCHER = "org.kde.StatusNotifierWatcher"
_NO_REPLY = "org.freedesktop.DBus.Error.NoReply"
_DBUS_TIMEOUT_MS = 500


def runs_in_background(store: QSettings) -> bool:
    """Return whether closing the window leaves facecam running in the tray, if there is one. Off by default."""
    return bool(store.value(_RUNS_IN_BACKGROUND, False, type=bool))


def set_runs_in_background(store: QSettings, on: bool) -> None:
    """Choose whether closing the window leaves facecam running in the tray."""
    store.setValue(_RUNS_IN_BACKGROUND, on)


class TrayState(StrEnum):
    """State of the session; values are untranslated texts."""

    WATCHING = QT_TRANSLATE_NOOP("Tray", "watching")
    RECORDING = QT_TRANSLATE_NOOP("Tray", "watching and recording")
    PAUSED = QT_TRANSLATE_NOOP("Tray", "paused")
    NO_VIDEO = QT_TRANSLATE_NOOP("Tray", "no video")

    @property
    def text(self) -> str:
        """The state in the user's language."""
        return QCoreApplication.translate("Tray", self.value)


class TrayFinder:
    """Tells whether the desktop has a system tray.

    Qt asks for the trays of KDE and GNOME (StatusNotifierItem) only once per process. So Qt is not asked before one of them is
    registered or `TRAY_WAIT_S` has passed.
    """

    def __init__(self) -> None:
        self._asks_qt_at_s = time.monotonic() + TRAY_WAIT_S
        self._has_host = False

    @property
    def is_waiting(self) -> bool:
        """True while a tray may still appear after a login."""
        return self._has_bus and time.monotonic() < self._asks_qt_at_s

    def is_available(self) -> bool:
        """Return whether an icon would be visible now."""
        if self._has_bus:
            self._has_host = _has_status_notifier_host(self._has_host)
        if self._has_host:
            return True
        return not self.is_waiting and QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def _has_bus(self) -> bool:
        if not QGuiApplication.platformName().startswith(("xcb", "wayland")):
            return False
        # Imported here, because Windows and macOS have trays without D-Bus.
        from PySide6.QtDBus import QDBusConnection

        return QDBusConnection.sessionBus().isConnected()


def _has_status_notifier_host(before: bool) -> bool:
    """Return whether a tray of KDE or GNOME is registered, or `before` if a busy machine does not answer in time."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    call = QDBusMessage.createMethodCall(_WATCHER, "/StatusNotifierWatcher", "org.freedesktop.DBus.Properties", "Get")
    call.setArguments([_WATCHER, "IsStatusNotifierHostRegistered"])
    call.setAutoStartService(False)
    reply = QDBusConnection.sessionBus().call(call, timeout=_DBUS_TIMEOUT_MS)
    if reply.type() is QDBusMessage.MessageType.ReplyMessage:
        return _is_true(reply.arguments()[0])
    return before and reply.errorName() == _NO_REPLY


def _is_true(value: object) -> bool:
    """Return a boolean property; PySide6 wraps it in a QDBusVariant."""
    variant = getattr(value, "variant", None)
    return bool(variant() if callable(variant) else value)


def tray_icon(state: TrayState) -> QIcon:
    """Return the program's icon with a badge, which differs in shape and color between the states."""
    made = QIcon()
    for side in _ICON_SIZES_PX:
        pixmap = QApplication.windowIcon().pixmap(side, side)
        pixmap.setDevicePixelRatio(1.0)
        badge = round(pixmap.width() * _BADGE_SHARE)
        painter = QPainter(pixmap)
        corner = QPoint(pixmap.width() - badge, pixmap.height() - badge)
        painter.drawPixmap(corner, render_icon(_BADGES[state], QColor("white"), badge))
        painter.end()
        made.addPixmap(pixmap)
    return made


_BADGES = {
    TrayState.WATCHING: "badge_watching",
    TrayState.RECORDING: "badge_recording",
    TrayState.PAUSED: "badge_paused",
    TrayState.NO_VIDEO: "wrong",
}


class Tray(QObject):
    """Icon in the system tray, and the background mode of the window.

    Attributes:
        is_quitting: True once the program shall end, so that closing the window no longer hides it.
        starts_hidden: The program was started in the background, so closing the window hides it again.
    """

    show_requested = Signal()
    """Bring the window to the front."""
    available_changed = Signal()

    def __init__(
        self,
        controller: SessionController,
        pause: QAction,
        store: QSettings,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._controller, self._pause, self._store, self._window = controller, pause, store, window
        self._finder = TrayFinder()
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._is_recording = False
        self.starts_hidden = False
        self.is_quitting = False
        for changed in (controller.status_changed, controller.started, controller.ended, pause.toggled):
            changed.connect(self._show_state)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.commitDataRequest.connect(self._on_session_end)
        if sys.platform == "darwin":
            app.installEventFilter(self)  # Quit in the Dock asks every window to close, as its close button does.
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self.update)
        self._timer.start()
        self.update()

    @property
    def is_available(self) -> bool:
        """True while the icon is in a system tray."""
        return self._icon is not None

    @property
    def hides_window(self) -> bool:
        """True if closing the window hides it."""
        return self.is_available and not self.is_quitting and (runs_in_background(self._store) or self.starts_hidden)

    @property
    def state(self) -> TrayState:
        """State of the session."""
        controller = self._controller
        if not controller.has_session or controller.status.state is not SourceState.RUNNING:
            return TrayState.NO_VIDEO
        if controller.is_paused:
            return TrayState.PAUSED
        return TrayState.RECORDING if self._is_recording else TrayState.WATCHING

    def start_hidden(self) -> None:
        """Leave the window hidden; without a tray it appears minimized. Closing the window hides it from now on."""
        self.starts_hidden = True
        self._update_quitting()
        self.update()

    def take_over(self, replaced: Tray) -> None:
        """Continue in a new window what the tray of the window did that it replaces."""
        self._finder, self.starts_hidden = replaced._finder, replaced.starts_hidden
        self.show_recording(replaced._is_recording)
        self.update()
        self._update_quitting()
        if replaced.is_available and not self.is_available and not self._window.isVisible():
            self.show_requested.emit()

    def hide_window(self) -> None:
        """Hide the window instead of closing it, and say once where it is."""
        self._update_quitting()
        self._window.hide()
        if not self._store.value(_EXPLAINED, False, type=bool):
            self._store.setValue(_EXPLAINED, True)
            self.show_message(self.tr("facecam keeps running. To quit it, use the menu of its icon."))

    def quit(self) -> None:
        """End the program, also while the window is hidden."""
        self.is_quitting = True
        self._update_quitting()
        was_visible = self._window.isVisible()
        self._window.close()
        if not was_visible:
            QApplication.exit()  # Qt ends by itself only when a visible window closes.

    def show_message(self, text: str) -> bool:
        """Show a notification of the desktop; return False where that is impossible."""
        if self._icon is None or not QSystemTrayIcon.supportsMessages():
            return False
        self._icon.showMessage("facecam", text, QApplication.windowIcon())
        return True

    def show_recording(self, on: bool) -> None:
        """Show whether a recording is running."""
        self._is_recording = on
        self._show_state()

    def update(self) -> None:
        """Add the icon when the desktop has a tray. Without one, remove it and show a window that is hidden."""
        available = self._finder.is_available()
        if available and self._icon is None:
            self._add_icon()
        elif not available and self._icon is not None:
            self._remove_icon()
        elif not available and self.starts_hidden and not self._window.isVisible() and not self._finder.is_waiting:
            self._window.showMinimized()

    def close(self) -> None:
        """Remove the icon."""
        self._timer.stop()
        self.is_quitting = True
        if self._icon is not None:
            self._icon.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit:
            self.is_quitting = True
        return super().eventFilter(watched, event)

    def _add_icon(self) -> None:
        menu = self._menu = QMenu(self._window)
        menu.addAction(self.tr("&Show window"), self.show_requested.emit)
        menu.addAction(self._pause)
        menu.addSeparator()
        menu.addAction(self.tr("&Quit"), self.quit)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(menu)
        self._icon.activated.connect(self._on_activated)
        self._icon.messageClicked.connect(self.show_requested)
        self._show_state()
        self._icon.show()
        self._update_quitting()
        self.available_changed.emit()

    def _remove_icon(self) -> None:
        assert self._icon is not None and self._menu is not None
        self._icon.hide()
        self._icon.deleteLater()
        self._menu.deleteLater()
        self._icon = self._menu = None
        self._update_quitting()
        if not self._window.isVisible():
            self.show_requested.emit()
        self.available_changed.emit()

    def _show_state(self) -> None:
        if self._icon is None:
            return
        self._icon.setIcon(tray_icon(self.state))
        self._icon.setToolTip(self.tr("facecam: {state}").format(state=self.state.text))

    def _update_quitting(self) -> None:
        """Keep the program running when a dialog closes while the window is hidden."""
        QGuiApplication.setQuitOnLastWindowClosed(not self.hides_window)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_requested.emit()

    def _on_session_end(self) -> None:
        """Close when the user logs out, which a window that only hides would prevent."""
        self.is_quitting = True
