"""The application: creation, language, single instance, and the run of a window from opening to closing."""

from __future__ import annotations

import getpass
import hashlib
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QObject,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from facecam import __version__
from facecam.capture.source import SourceKind, source_kind
from facecam.fileio import APP_ID
from facecam.session.session import Session
from facecam.ui.accessibility import install_painted_roles
from facecam.ui.appearance import Appearance, Colors
from facecam.ui.garbage_collector import GarbageCollector
from facecam.ui.preferences import are_first_steps_due, not_saved_text, open_store
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.window.actions import KeyGuard
from facecam.ui.window.pages import FIRST_RUN, PEOPLE, SETTINGS
from facecam.ui.window.unlocking import prepare_gallery
from facecam.ui.window.window import Window

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.INFO,
    QtMsgType.QtCriticalMsg: logging.WARNING,
    QtMsgType.QtFatalMsg: logging.ERROR,
}
"""Most Qt warnings do not concern users; --verbose shows them."""

_RAISE_REQUEST = b"raise\n"
_SOCKET_TIMEOUT_MS = 300
_STOP_POLL_MS = 100
_FIRST_FRAME_MS = 120
"""By then a first frame that was waiting is painted."""

_SWITCH_INTERVAL_S = 0.001
"""Python's default is 5 ms. With a busy recognizer, the slowest 5 % of the window's paints took 32 ms with the default and
23 ms with this."""

_REPLACEMENT_DELAY_MS = 250
"""Leaves time for further presses of an arrow key in a list of languages, each of which chooses one."""

_REPLACEMENT_RETRY_MS = 200


def make_app(language: str | None = None) -> QApplication:
    """Create and configure the QApplication, or return the existing one; the caller runs its event loop.

    Args:
        language: Locale code; by default the one chosen in the settings page, else the system's.
    """
    # Importing cv2 leaves the paths of its own Qt 5 behind, with which Qt 6 finds neither plugins nor fonts.
    for variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(variable, None)
    qInstallMessageHandler(_log_message)
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication([sys.argv[0]])
    app.setApplicationName("facecam")
    app.setApplicationDisplayName("facecam")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(APP_ID)
    app.setWindowIcon(QIcon(str(_HERE / "facecam.svg")))
    install_painted_roles()
    appearance = Appearance.load(open_store())
    (appearance.replace(language=language) if language else appearance).apply(app)
    return app


def _log_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _log.log(_LEVELS.get(kind, logging.INFO), "Qt: %s", message)


def server_name(gallery_dir: Path) -> str:
    """Return the local socket name of this user's window on this gallery."""
    key = f"{getpass.getuser()}\n{gallery_dir.expanduser().resolve()}"
    return f"facecam-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def raise_window(name: str) -> bool:
    """Ask an open window with this socket name to come to the front; return False if there is none."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_SOCKET_TIMEOUT_MS):
        return False
    socket.write(_RAISE_REQUEST)
    socket.waitForBytesWritten(_SOCKET_TIMEOUT_MS)
    socket.disconnectFromServer()
    return True


class InstanceServer(QLocalServer):
    """Receives requests of later processes to raise this window."""

    raise_requested = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not self.listen(name):
            # A crashed process leaves its socket behind.
            QLocalServer.removeServer(name)
            self.listen(name)
        self.newConnection.connect(self._on_connection)

    def _on_connection(self) -> None:
        while (socket := self.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.raise_requested.emit()


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
        self._timer.start(_REPLACEMENT_DELAY_MS)

    def _follow_system(self, scheme: Qt.ColorScheme) -> None:
        """Replace the window when the system's colors have changed, for its icons and charts, and no page is in use."""
        if scheme is not self._scheme and Appearance.load(self._store).colors is Colors.SYSTEM:
            self._timer.start(_REPLACEMENT_DELAY_MS)

    def _replace(self) -> None:
        old = self.window
        is_in_use = not self._is_requested and not {page_id for page_id, _ in old.pages.views()} <= {PEOPLE, SETTINGS}
        if is_in_use or old.unsaved_text() or old.jobs.is_busy or self._has_popup():
            self._timer.start(_REPLACEMENT_RETRY_MS)
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


@dataclass(frozen=True, slots=True)
class WindowStart:
    """Request of a command for a window, and its callbacks.

    Attributes:
        create_session: Returns a session for a request, without starting it.
        should_stop: Returns whether a signal asked the program to end.
        on_status: Called when the session's status changes.
        on_shown: Called once the window is visible.
        quit_at_end: Close the window when the files of the request have ended, as scripts need it.
        background: Start with the window hidden in the system tray; without a tray, minimized.
    """

    create_session: Callable[[SessionRequest], Session]
    request: SessionRequest
    paths: AppPaths
    should_stop: Callable[[], bool]
    on_status: Callable[[Session], None]
    on_shown: Callable[[], None]
    quit_at_end: bool = False
    background: bool = False

    @property
    def server_name(self) -> str | None:
        """The window's socket name; None unless it uses a camera and a gallery."""
        uses_camera = any(source_kind(source) is SourceKind.CAMERA for source in self.request.sources)
        return server_name(self.paths.gallery_dir) if uses_camera and self.paths.gallery_dir is not None else None


def focus_open_window(start: WindowStart) -> bool:
    """Raise this user's window if one is already open on a camera and this gallery; return whether it is."""
    return start.server_name is not None and raise_window(start.server_name)


def run_window(start: WindowStart) -> tuple[Session, bool]:
    """Show the window until it is closed; return the last session and whether all its threads have ended.

    Raises:
        KeyboardInterrupt: A second Ctrl-C came while the window was closing; the session is not stopped.
    """
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    store = open_store()
    app = make_app()
    collector = GarbageCollector(app)
    prepare_gallery(start.paths.gallery_dir)
    controller = SessionController(start.create_session, start.request, paths=start.paths)
    controller.start()
    host = WindowHost(app, controller, store)
    if are_first_steps_due(controller, store):
        host.window.pages.open(FIRST_RUN)
    lifecycle = _WindowLifecycle(app, host, start)
    with _ExceptionHooks(host) as hooks:
        if start.background:
            host.window.tray.start_hidden()
        else:
            host.window.show()
        QTimer.singleShot(_FIRST_FRAME_MS, collector.start)
        QTimer.singleShot(_FIRST_FRAME_MS, start.on_shown)
        app.exec()
    lifecycle.close()
    if hooks.was_interrupted:
        raise KeyboardInterrupt
    ended = controller.stop()
    session = controller.session
    host.close()
    for owned in (host, controller, collector):
        owned.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert session is not None
    return session, ended


class _WindowLifecycle(QObject):
    """Closes the window on a signal or, if requested, at the end of its video; reports the status; answers raise requests."""

    def __init__(self, app: QApplication, host: WindowHost, start: WindowStart) -> None:
        super().__init__(host)
        self._app, self._host, self._start = app, host, start
        self._controller = host.window.controller
        self._is_first_session = True
        self._key_guard = KeyGuard(self)
        app.installEventFilter(self._key_guard)
        self._controller.started.connect(self._on_next_session)
        self._controller.status_changed.connect(self._report_status)
        self._controller.ended.connect(self._on_ended)
        self._timer = QTimer(self, interval=_STOP_POLL_MS)
        self._timer.timeout.connect(self._close_if_stopping)
        self._timer.start()
        self._server: InstanceServer | None = None
        if start.server_name is not None:
            self._server = InstanceServer(start.server_name, self)
            self._server.raise_requested.connect(self._raise_window)

    def close(self) -> None:
        """Detach from the application."""
        self._app.removeEventFilter(self._key_guard)
        self._timer.stop()
        if self._server is not None:
            self._server.close()

    def _raise_window(self) -> None:
        self._host.window.bring_to_front()

    def _on_next_session(self) -> None:
        self._is_first_session = False

    def _close_if_stopping(self) -> None:
        if self._start.should_stop():
            self._host.window.tray.quit()
            QApplication.exit()  # Qt does not end by itself if a file dialog was still open.

    def _report_status(self) -> None:
        if self._controller.session is not None:
            self._start.on_status(self._controller.session)

    def _on_ended(self) -> None:
        """Close the window at the end of the command's files with `quit_at_end`, else only if nothing of them could be shown.

        The window stays with an offer to play them again. The error of files that fail before their first frame appears in the
        terminal, where their names were typed.
        """
        self._report_status()
        controller = self._controller
        if not all(source_kind(source) in (SourceKind.FILE, SourceKind.DEMO) for source in controller.request.sources):
            return
        has_failed = controller.session is not None and controller.session.error is not None
        ends_at_once = has_failed and not controller.frames and self._is_first_session
        is_of_command = controller.request.sources == self._start.request.sources
        if ends_at_once or (self._start.quit_at_end and is_of_command):
            self._host.window.tray.quit()


class _ExceptionHooks:
    """Shows unexpected exceptions as a sentence in the window and logs their tracebacks while it runs. Ctrl-C ends it."""

    def __init__(self, host: WindowHost) -> None:
        self.was_interrupted = False
        self._host = host
        self._previous = sys.excepthook, threading.excepthook

    def __enter__(self) -> Self:
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook = self._previous

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            # The first Ctrl-C closes the window through WindowStart.should_stop; only later ones raise.
            self.was_interrupted = True
            QApplication.exit()
            return
        _log.error("internal error in the window", exc_info=(kind, error, trace))
        text = QCoreApplication.translate(
            "Window", "An internal error occurred ({kind}). You can continue; please report it with the terminal output."
        )
        self._host.window.toast.show_message(text.format(kind=kind.__name__))

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        """Log only: widgets belong to the GUI thread."""
        kind, error = arguments.exc_type, arguments.exc_value
        if kind is not SystemExit:
            _log.error("internal error in a thread", exc_info=(kind, error or kind(), arguments.exc_traceback))
