"""What facecam can look through, as a list: this machine's cameras, and the demo for those who have none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from facecam.capture.source import DEMO
from facecam.ui.background import Jobs
from facecam.ui.camera_list import look_for_cameras
from facecam.ui.live import Live

_SOURCE = Qt.ItemDataRole.UserRole


class CameraChoice(QListWidget):
    """Choosing a line looks through that camera at once."""

    told = Signal(str)
    """A sentence about what was found, "" when there is nothing to be said."""

    def __init__(self, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._jobs = Jobs(self)
        self.setAccessibleName(self.tr("Cameras"))
        self.setMinimumHeight(6 * self.fontMetrics().lineSpacing())
        self.setWordWrap(True)
        self.setSpacing(self.fontMetrics().height() // 5)
        self._fill({})
        self.currentItemChanged.connect(self._open)

    def sources(self) -> list[str]:
        """What can be chosen, as the command line names it."""
        return [self.item(row).data(_SOURCE) for row in range(self.count())]

    def look(self) -> None:
        """Look which cameras there are now."""
        self.told.emit(self.tr("Looking for cameras…"))
        settings = self._live.wish.settings.capture
        self._jobs.add(lambda _: look_for_cameras(settings), self._show, lambda error: self.told.emit(str(error)))

    def close_jobs(self) -> None:
        """Let go of what runs."""
        self._jobs.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.close_jobs()
        super().closeEvent(event)

    def _show(self, cameras: dict[int, str]) -> None:
        self._fill(cameras)
        nothing = self.tr("No camera was found on this computer. Plug one in and look again, or take the demo.")
        self.told.emit("" if cameras else nothing)

    def _fill(self, cameras: dict[int, str]) -> None:
        """The cameras, what is looked at now, and the demo; the focus stays on what is looked at."""
        self.blockSignals(True)
        self.clear()
        now = self._live.wish.sources[0] if len(self._live.wish.sources) == 1 else ""
        for index, name in cameras.items():
            words = self.tr("Camera {number}: {name}").format(number=index, name=name) if name else f"{index}"
            self._add(words, str(index))
        if now and now not in (*self.sources(), DEMO):
            words = self.tr("Camera {number}").format(number=now) if now.isdigit() else now
            self._add(words, now)
        self._add(self.tr("Demo, without a camera"), DEMO)
        self.setCurrentRow(self.sources().index(now) if now in self.sources() else -1)
        self.blockSignals(False)

    def _add(self, words: str, source: str) -> None:
        item = QListWidgetItem(words, self)
        item.setData(_SOURCE, source)

    def _open(self, item: QListWidgetItem | None) -> None:
        if item is not None and (item.data(_SOURCE),) != self._live.wish.sources:
            self._live.open(item.data(_SOURCE))
