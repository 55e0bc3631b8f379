"""The application without its loop: made once, with Qt's messages in our log and every exception met in one place."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QMessageLogContext, QtMsgType, QTranslator, qInstallMessageHandler
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from facecam import __version__
from facecam.ui.store import open_store

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
