"""Where everything stands while somebody is enrolled: the picture on the left, what to do on the right, or below."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from facecam.ui.checklist_view import ChecklistView
from facecam.ui.conflict_view import ConflictView
from facecam.ui.enrol_start import EnrolStart
from facecam.ui.face_choice import FaceChoice
from facecam.ui.kept_crops import KeptCrops
from facecam.ui.live import Live
from facecam.ui.mirror_view import MirrorView
from facecam.ui.photo_list import PhotoList
from facecam.ui.scene_panel import ScenePanel


class Scene(StrEnum):
    """What the page is at."""

    START = "start"
    WAITING = "waiting"
    SITTING = "sitting"
    OVER = "over"
    CHOOSING = "choosing"
    LEAVING = "leaving"
    CONFLICT = "conflict"
    TESTING = "testing"
    DONE = "done"
    REFUSED = "refused"
    LOOKING = "looking"
    JUDGED = "judged"
    FACES = "faces"


class EnrolParts:
    """The page's widgets by their names, and the scene that they show."""

    def __init__(self, page: QWidget, live: Live) -> None:
        self.scene = Scene.START
        self._page = page
        self.mirror = MirrorView(live, page)
        self._advice = QLabel(page)
        self.crops = KeptCrops(page)
        self.conflict = ConflictView(page)
        self.photos = PhotoList(page)
        self.faces = FaceChoice(page)
        self.start = EnrolStart(live, page)
        self.checks = ChecklistView(page)
        self.panel = ScenePanel((self.start, self.checks), page)
        self._stage = QStackedWidget(page)
        self._seats: dict[QWidget, QWidget] = {
            self.mirror: self._picture(),
            self.crops: self._seat(self.crops),
            self.conflict: self._seat(self.conflict),
        }
        self._lay_out()

    @property
    def advice(self) -> str:
        """What stands in large letters below the picture."""
        return self._advice.text()

    def show_stage(self, widget: QWidget) -> None:
        """Let something else stand on the left."""
        self._stage.setCurrentWidget(self._seats.get(widget, widget))

    def advise(self, words: str) -> None:
        """Say what to do now, in large letters below the picture."""
        if words != self._advice.text():
            self._advice.setText(words)
            self.mirror.setAccessibleDescription(words)
            QAccessible.updateAccessibility(QAccessibleEvent(self._advice, QAccessible.Event.Alert))

    def fit(self) -> None:
        """Stand side by side, or one below the other, as the room is."""
        self.panel.fit(self._box, self._page.width())

    def _lay_out(self) -> None:
        for widget in (*self._seats.values(), self.photos, self.faces):
            self._stage.addWidget(widget)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._page)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self._stage, 3)
        self._box.addWidget(self.panel, 2)
        self._page.setTabOrder(self._stage, self.panel)
        self._page.setFocusProxy(self.start)

    def _picture(self) -> QWidget:
        font = self._advice.font()
        font.setPointSizeF(font.pointSizeF() * 1.7)
        font.setBold(True)
        self._advice.setFont(font)
        self._advice.setWordWrap(True)
        margin = self._page.fontMetrics().height() // 2
        self._advice.setContentsMargins(margin, margin, margin, margin)
        self._advice.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._advice.setMinimumHeight(round(2.4 * self._advice.fontMetrics().lineSpacing()))
        self._advice.setAccessibleName(QCoreApplication.translate("EnrolPage", "What to do now"))
        seat = QWidget(self._page)
        column = QVBoxLayout(seat)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.mirror, 1)
        column.addWidget(self._advice)
        return seat

    def _seat(self, widget: QWidget) -> QScrollArea:
        """With letters twice as large it is higher than the window."""
        area = QScrollArea(self._page)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(widget)
        return area
