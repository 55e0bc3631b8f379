"""Unlock an encrypted gallery: a line that asks for its passphrase, and a message while the gallery is locked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from facecam.errors import FacecamError, GalleryError
from facecam.gallery.files import is_locked, unlock_gallery
from facecam.gallery.gallery import leave_locked
from facecam.gallery.keychain import unlock_from_keyring
from facecam.ui.background import BackgroundJobs
from facecam.ui.language import error_text
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import InputLine, fill_layout, horizontal_layout, wrapped_label
from facecam.ui.window.message_bar import MessageLine

_POLL_MS = 500


class PassphraseLine(InputLine):
    """Input line for the passphrase of the gallery; hidden until `open`, Escape hides it again."""

    accepted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("passphrase")
        label = QLabel(self.tr("&Passphrase of the gallery:"), self)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setAccessibleName(self.tr("Passphrase of the gallery"))
        label.setBuddy(self.field)
        self.unlock = QPushButton(self.tr("Unlock"), self)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.problem = wrapped_label(self)
        self.problem.hide()
        row = horizontal_layout(label, self.field, self.unlock, self.cancel)
        row.setStretchFactor(self.field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 6)
        fill_layout(column, row, self.problem)
        self.field.returnPressed.connect(self._accept)
        self.field.textChanged.connect(lambda text: self.unlock.setEnabled(bool(text)))
        self.unlock.clicked.connect(self._accept)
        self.cancel.clicked.connect(self.close)
        self.hide()

    def open(self) -> None:
        """Show the empty line with the focus in it."""
        self.show_problem("")
        self.set_busy(False)
        self.show_with_focus()

    def show_problem(self, text: str) -> None:
        """Show why the gallery was not unlocked, "" for nothing, and ask again."""
        self.field.clear()
        self.unlock.setEnabled(False)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        if text:
            QAccessible.updateAccessibility(QAccessibleEvent(self.problem, QAccessible.Event.Alert))

    def set_busy(self, busy: bool) -> None:
        """Disable the field while the passphrase is checked."""
        self.field.setReadOnly(busy)
        self.unlock.setEnabled(not busy and bool(self.field.text()))

    def _accept(self) -> None:
        if self.field.text() and not self.field.isReadOnly():
            self.accepted.emit(self.field.text())


class UnlockController(QObject):
    """Asks for the passphrase as long as the gallery is locked; after Cancel, a message offers to unlock it.

    Until then no one is recognized by name, except the people whom the session loaded before the gallery was encrypted.
    """

    message_posted = Signal(str)

    def __init__(self, controller: SessionController, line: PassphraseLine, message: MessageLine) -> None:
        super().__init__(line)
        self._controller, self._line, self._message = controller, line, message
        message.setAccessibleName(self.tr("Locked gallery"))
        self._jobs = BackgroundJobs(self)
        self._is_asked = self._is_canceled = False
        line.accepted.connect(self._unlock)
        line.cancel.clicked.connect(self._on_canceled)
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self.check)
        self._timer.start()
        self.check()

    def close(self) -> None:
        """End a check in progress."""
        self._timer.stop()
        self._jobs.close()

    def check(self) -> None:
        """Ask for the passphrase when the gallery has become locked, and stop asking when it is not."""
        folder = self._controller.gallery_dir
        locked = folder is not None and _is_locked(folder)
        if locked and not self._is_asked:
            self._is_asked, self._is_canceled = True, False
            self._line.open()
        elif locked and self._line.isHidden() and not self._is_canceled:  # dismissed by Escape
            self._on_canceled()
        elif not locked and self._is_asked:
            self._is_asked = False
            self._line.close()
            self._message.hide()
            if folder is not None:
                leave_locked(folder, on=False)

    def _on_canceled(self) -> None:
        self._is_canceled = True
        text = self.tr("The gallery is locked, so no one is recognized by name.")
        if self._controller.gallery is not None and self._controller.gallery.people:
            text = self.tr("The gallery was encrypted. The people loaded before are still recognized, changes are not possible.")
        self._message.show_message(text, (self.tr("Unlock…"), self._open_again))

    def _open_again(self) -> None:
        self._is_canceled = False
        self._line.open()

    def _unlock(self, passphrase: str) -> None:
        folder = self._controller.gallery_dir
        if folder is None:
            return
        self._line.set_busy(True)
        self._jobs.add(lambda _: unlock_gallery(folder, passphrase), lambda _: self._on_unlocked(), self._on_error)

    def _on_unlocked(self) -> None:
        self.check()
        self.message_posted.emit(self.tr("The gallery is unlocked."))

    def _on_error(self, error: FacecamError) -> None:
        self._line.set_busy(False)
        self._line.show_problem(error_text(error))


def prepare_gallery(folder: Path | None) -> None:
    """Unlock a gallery with the system's keyring, or let it count as empty until the window has asked for its passphrase."""
    if folder is not None and _is_locked(folder) and not unlock_from_keyring(folder):
        leave_locked(folder)


def _is_locked(folder: Path) -> bool:
    try:
        return is_locked(folder)
    except GalleryError:  # the header is damaged, which the session reports
        return False
