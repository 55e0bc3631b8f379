"""The application's window, and its replacement when the language, the colors or the text size change."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from facecam.ui.appearance import Appearance, Colors
from facecam.ui.preferences import not_saved_text, open_store
from facecam.ui.session_controller import SessionController
from facecam.ui.window.pages import PEOPLE, SETTINGS
from facecam.ui.window.window import Window

_DELAY_MS = 250
"""Leaves time for further presses of an arrow key in a list of languages, each of which chooses one."""

_RETRY_MS = 200


class WindowHost(QObject):
    """Holds the window of one SessionController.

    A changed appearance needs new widgets, so a new window replaces the old one, with the same geometry, pages and view. The
    session, its log and a recording belong to the controller and continue. While something unsaved is open in the window, the
    change waits.
    """

    replaced = Signal()
    """`window` is another one."""

    def __init__(self, app: QApplication, controller: SessionController, store: QSettings) -> None:
        super().__init__()
        self._app, self._controller, self._store = app, controller, store
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._replace)
        self._is_requested = False
        self.window = self._make_window()
        self._scheme = app.styleHints().colorScheme()
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    def close(self) -> None:
        """Delete the window, which is closed."""
        self._timer.stop()
        self._app.styleHints().colorSchemeChanged.disconnect(self._follow_system)
        self.window.jobs.close()
        self.window.deleteLater()

    def _make_window(self) -> Window:
        window = Window(self._controller, self._store)
        window.appearance_changed.connect(self._request_replacement)
        return window

    def _request_replacement(self) -> None:
        """Replace the window soon."""
        self._is_requested = True
        if unsaved := self.window.unsaved_text():
            self.window.toast.show_message(unsaved)
        self._timer.start(_DELAY_MS)

    def _follow_system(self, scheme: Qt.ColorScheme) -> None:
        """Replace the window when the system's colors have changed, for its icons and charts, and no page is in use."""
        if scheme is not self._scheme and Appearance.load(self._store).colors is Colors.SYSTEM:
            self._timer.start(_DELAY_MS)

    def _replace(self) -> None:
        old = self.window
        is_in_use = not self._is_requested and not {page_id for page_id, _ in old.pages.views()} <= {PEOPLE, SETTINGS}
        if is_in_use or old.unsaved_text() or old.jobs.is_busy or self._has_popup():
            self._timer.start(_RETRY_MS)
            return
        self._is_requested = False
        old.save_view()
        view = old.view()
        Appearance.load(self._store).apply(self._app)
        self._scheme = self._app.styleHints().colorScheme()
        new = self.window = self._make_window()
        if old.isVisible():
            new.show()
            if not old.windowState():  # restoreGeometry moves a window that is partly off the screen
                new.setGeometry(old.geometry())
            new.activateWindow()
        new.tray.take_over(old.tray)
        new.restore_view(view)
        store = open_store()
        if store.status() is QSettings.Status.AccessError:
            new.toast.show_message(not_saved_text(self.tr("{path} cannot be written").format(path=store.fileName())))
        self.replaced.emit()
        old.hide()
        old.release()
        old.deleteLater()

    def _has_popup(self) -> bool:
        """Return whether a menu, a dialog or a countdown is open, which would disappear with the window."""
        is_open = self._app.activePopupWidget() is not None or self._app.activeModalWidget() is not None
        return is_open or self.window.countdown.is_running
