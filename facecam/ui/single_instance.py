"""One window for a user's cameras: who starts a second one is shown the first."""

from __future__ import annotations

import getpass
import hashlib
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

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


class Doorbell(QObject):
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
