"""The application without its loop: made once, with Qt's messages in our log and every exception met in one place."""

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

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QLibraryInfo,
    QLocale,
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    QTranslator,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QIcon
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication

from facecam import __version__
from facecam.capture.source import SourceKind, kind_of
from facecam.session.session import Session
from facecam.ui.preferences import due, open_store
from facecam.ui.session_controller import AppPaths, SessionController, SessionRequest
from facecam.ui.window.actions import KeyGuard
from facecam.ui.window.pages import FIRST_RUN
from facecam.ui.window.window import Window

APP_ID = "io.github.facecam.Facecam"

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.DEBUG,
    QtMsgType.QtWarningMsg: logging.INFO,
    QtMsgType.QtCriticalMsg: logging.WARNING,
    QtMsgType.QtFatalMsg: logging.ERROR,
}
"""Qt warns of much that concerns nobody; --verbose shows it."""


def make_app(language: str | None = None) -> QApplication:
    """The QApplication, or the one that there is; its loop is the caller's to run.

    `language`, else the one chosen in the settings page, else the system's.
    """
    # OpenCV's own Qt 5 leaves these behind when cv2 is imported: with them Qt 6 finds neither plugins nor fonts.
    for variable in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(variable, None)
    qInstallMessageHandler(_log_message)
    there = QApplication.instance()
    app = there if isinstance(there, QApplication) else QApplication([sys.argv[0]])
    app.setApplicationName("facecam")
    app.setApplicationDisplayName("facecam")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName(APP_ID)
    app.setWindowIcon(QIcon(str(_HERE / "facecam.svg")))
    chosen = language or str(open_store().value("language", ""))
    speak(app, QLocale(chosen) if chosen else QLocale.system())
    return app


def speak(app: QApplication, locale: QLocale) -> None:
    """Load the language's words, Qt's own and ours, in place of those before; English where there are none.

    Numbers, dates and times are written as there, in widgets that are made from now on.
    """
    QLocale.setDefault(locale)
    for before in app.findChildren(QTranslator):
        app.removeTranslator(before)
        before.deleteLater()
    folders = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath), str(_HERE / "i18n")
    for name, folder in zip(("qtbase", "facecam"), folders, strict=True):
        translator = QTranslator(app)
        if translator.load(locale, name, "_", folder):
            app.installTranslator(translator)


def _log_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    _log.log(_LEVELS.get(kind, logging.INFO), "Qt: %s", message)


# MERGED ui.single_instance: One window for a user's cameras: who starts a second one is shown the first.

_RAISE = b"raise\n"
_PATIENCE_MS = 300


def name_for(gallery_dir: Path) -> str:
    """The name under which the window of this user and these people can be called."""
    whose = f"{getpass.getuser()}\n{gallery_dir.expanduser().resolve()}"
    return f"facecam-{hashlib.sha256(whose.encode()).hexdigest()[:16]}"


def call(name: str) -> bool:
    """Whether a window of that name is open; then it has been asked to come to the front."""
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_PATIENCE_MS):
        return False
    socket.write(_RAISE)
    socket.waitForBytesWritten(_PATIENCE_MS)
    socket.disconnectFromServer()
    return True


class InstanceServer(QObject):
    """Hears others who would open the same window."""

    rung = Signal()

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        if not self._server.listen(name):
            # One that has crashed leaves its socket behind, and nobody answers there.
            QLocalServer.removeServer(name)
            self._server.listen(name)
        self._server.newConnection.connect(self._answer)

    def close(self) -> None:
        """Answer no longer."""
        self._server.close()

    def _answer(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.rung.emit()


# MERGED ui.run: The window from its opening to its end, for a command: everything that needs a loop, and nothing that draws.

_LOOK_EVERY_MS = 100
_FIRST_PICTURE_MS = 120
"""By then a first picture that was waiting is painted."""

_TURN_S = 0.001
"""Python gives a busy thread 5 ms before another one has its turn. Beside a busy recognizer, the window's slowest twentieth of
paints took 32 ms with that, and 23 ms with this."""


@dataclass(frozen=True, slots=True)
class WindowStart:
    """What a command wants to see, and how it is told: `begin` makes sessions, `stopping` says when a signal came,
    `told` is called when the session's status changes, `shown` once the window stands there.
    """

    begin: Callable[[SessionRequest], Session]
    wish: SessionRequest
    places: AppPaths
    stopping: Callable[[], bool]
    told: Callable[[Session], None]
    shown: Callable[[], None]


def already_open(start: WindowStart) -> bool:
    """Whether this user has a window open on these people's cameras; then that one has come to the front instead."""
    return _takes_camera(start.wish) and start.places.gallery_dir is not None and call(name_for(start.places.gallery_dir))


def run_window(start: WindowStart) -> tuple[Session, bool]:
    """Show the window until it is closed; the session that ended last, and whether all its threads have ended."""
    sys.setswitchinterval(_TURN_S)
    store = open_store()
    app = make_app(str(store.value("language", "")) or None)
    live = SessionController(start.begin, start.wish, places=start.places)
    live.start()
    window = Window(live, store)
    if due(live, store):
        window.pages.open(FIRST_RUN)
    keeper = _Housekeeper(app, window, start)
    with _Hook(window):
        window.show()
        QTimer.singleShot(_FIRST_PICTURE_MS, start.shown)
        app.exec()
    keeper.close()
    ended = live.stop()
    window.snapshots.close()
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert live.session is not None
    return live.session, ended


def _takes_camera(wish: SessionRequest) -> bool:
    return any(kind_of(source) is SourceKind.CAMERA for source in wish.sources)


class _Housekeeper(QObject):
    """Ends the window on a signal or with its film, passes the status on, and opens to whoever rings."""

    def __init__(self, app: QApplication, window: Window, start: WindowStart) -> None:
        super().__init__(window)
        self._window, self._start = window, start
        self._live = window.live
        self._touched = False
        self._guard = KeyGuard(self)
        app.installEventFilter(self._guard)
        app.installEventFilter(self)
        self._app = app
        self._live.status_changed.connect(self._tell)
        self._live.ended.connect(self._ended)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        self._bell: InstanceServer | None = None
        if _takes_camera(start.wish) and start.places.gallery_dir is not None:
            self._bell = InstanceServer(name_for(start.places.gallery_dir), self)
            self._bell.rung.connect(window.come_forward)

    def close(self) -> None:
        """Let go of the application."""
        self._app.removeEventFilter(self._guard)
        self._app.removeEventFilter(self)
        self._timer.stop()
        if self._bell is not None:
            self._bell.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notices that somebody uses the window."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress) and event.spontaneous():
            self._touched = True
        return False

    def _look(self) -> None:
        if self._start.stopping():
            self._window.close()

    def _tell(self) -> None:
        if self._live.session is not None:
            self._start.told(self._live.session)

    def _ended(self) -> None:
        """A film that a command asked for closes the window with its end, unless somebody has taken to the window.

        A file that is not there is a mistake in the command: it is answered where that was typed.
        """
        self._tell()
        session = self._live.session
        films = all(kind_of(source) in (SourceKind.FILE, SourceKind.DEMO) for source in self._live.wish.sources)
        as_asked = self._live.wish.sources == self._start.wish.sources
        in_vain = session is not None and session.error is not None and self._live.frames
        if films and as_asked and not self._touched and not in_vain:
            self._window.close()


class _Hook:
    """While the window runs, what nobody has foreseen is one sentence in it, and a traceback in the log."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._before = sys.excepthook, threading.excepthook

    def __enter__(self) -> None:
        sys.excepthook = self._met
        threading.excepthook = self._met_in_thread

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _met(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        _log.error("the window failed inside", exc_info=(kind, error, trace))
        words = QCoreApplication.translate(
            "Window", "Something went wrong inside ({kind}). You can go on; please report it with what the terminal says."
        )
        self._window.toast.say(words.format(kind=kind.__name__))

    def _met_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        """Widgets are the GUI thread's alone: here it is only logged."""
        kind, error = arguments.exc_type, arguments.exc_value
        if kind is not SystemExit:
            _log.error("a thread failed inside", exc_info=(kind, error or kind(), arguments.exc_traceback))
