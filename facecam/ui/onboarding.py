"""The first start: choose a camera, be enrolled, see yourself recognized. Under a minute, and every step can be skipped."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from facecam.capture.source import DEMO
from facecam.session.status import SourceState
from facecam.ui.enrollment.layout import PanelButton, ScenePanel
from facecam.ui.enrollment.mirror_view import MirrorView
from facecam.ui.enrollment.page import EnrollmentPage
from facecam.ui.enrollment.start import privacy_words
from facecam.ui.preferences import remember
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import StepBar
from facecam.ui.window.sources import CameraChoice

CAMERA, YOU, SEEN = range(3)


class FirstRunPage(QWidget):
    """Three steps. Enter presses the main button, Escape goes a step back; the bottom row skips a step, or all."""

    finished = Signal()
    said = Signal(str)
    page_wanted = Signal(str, object)

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("First steps"))
        self._live = live
        self._name = ""
        self.bar = StepBar((self.tr("Camera"), self.tr("You"), self.tr("Recognized")), self)
        self.cameras = CameraChoice(live, self)
        self.mirror = MirrorView(live, self)
        self.panel = ScenePanel((self.cameras,), self)
        self.enroll: EnrollmentPage | None = None
        self._found = ""
        self._stack = QStackedWidget(self)
        self._back = QPushButton(self.tr("&Back"), self)
        self._skip = QPushButton(self)
        self._lay_out()
        self._connect()
        self._show_camera()
        self.cameras.look()

    @property
    def step(self) -> int:
        """CAMERA, YOU or SEEN."""
        return self.bar.step

    def _lay_out(self) -> None:
        line = self.fontMetrics().height()
        look = QWidget(self)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, look)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.mirror, 3)
        self._box.addWidget(self.panel, 2)
        self._sitting = QWidget(self)
        privacy = QLabel(privacy_words(), self._sitting)
        privacy.setWordWrap(True)
        privacy.setContentsMargins(line, 0, line, line // 2)
        self._seat = QVBoxLayout(self._sitting)
        self._seat.setContentsMargins(0, 0, 0, 0)
        self._seat.addWidget(privacy)
        self._stack.addWidget(look)
        self._stack.addWidget(self._sitting)
        row = QHBoxLayout()
        row.setContentsMargins(line, 0, line, line // 2)
        row.addWidget(self._back)
        row.addStretch(1)
        row.addWidget(self._skip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        column.addLayout(row)

    def _connect(self) -> None:
        live = self._live
        self._back.clicked.connect(self._go_back)
        self._skip.clicked.connect(self._go_on)
        self.cameras.told.connect(self._tell_found)
        live.status_changed.connect(self._follow)
        live.recognized.connect(self._look_for_you)
        live.ended.connect(self._play_again)
        live.wish_changed.connect(self._follow)

    def _show_camera(self) -> None:
        self._go_to(CAMERA)
        choices = [PanelButton(self.tr("&Next"), self._show_you), PanelButton(self.tr("&Look again"), self.cameras.look)]
        self.panel.show_scene(self.tr("Which camera?"), "", choices, self.cameras)
        self.setFocusProxy(self.cameras)
        self._follow()
        self.cameras.setFocus()

    def _show_you(self) -> None:
        self._go_to(YOU)
        if self.enroll is None:
            self.enroll = EnrollmentPage(self._live, self._sitting)
            self.enroll.finished.connect(self._leave_enrollment)
            self.enroll.enrolled.connect(self._remember_name)
            self.enroll.said.connect(self.said)
            self._seat.addWidget(self.enroll, 1)
        self._stack.setCurrentWidget(self._sitting)
        self.setFocusProxy(self.enroll)
        self.enroll.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_seen(self) -> None:
        self._go_to(SEEN)
        self.mirror.show_names()
        said = self.tr("{name} is enrolled. As soon as the camera sees this face, the name stands beside it.")
        text = said.format(name=self._name)
        self.setFocusProxy(self.panel)
        self.panel.show_scene(self.tr("Look into the camera"), text, [PanelButton(self.tr("&Start"), self.finished.emit)])
        self.panel.focus()
        self._play_again()

    def _go_to(self, step: int) -> None:
        self.bar.show_step(step)
        self._back.setEnabled(step != CAMERA)
        words = (self.tr("&Skip the first steps"), self.tr("&Skip this step"), self.tr("&Close"))
        self._skip.setText(words[step])
        self._skip.setVisible(step != SEEN)
        self._stack.setCurrentIndex(0)

    def _go_on(self) -> None:
        """What the button below skips."""
        self._end_enrollment()
        self.finished.emit()

    def _go_back(self) -> None:
        if self.step == YOU:
            self._end_enrollment()
            self._show_camera()
        elif self.step == SEEN:
            self._show_you()
        else:
            self.finished.emit()

    def _leave_enrollment(self) -> None:
        if self._name:
            self._show_seen()
        else:
            self._show_camera()

    def _remember_name(self, name: str) -> None:
        self._name = name

    def _end_enrollment(self) -> None:
        if self.enroll is not None:
            self.enroll.finished.disconnect(self._leave_enrollment)
            self.enroll.close()
            self._seat.removeWidget(self.enroll)
            self.enroll.deleteLater()
            self.enroll = None

    def _tell_found(self, sentence: str) -> None:
        self._found = sentence
        self._follow()

    def _follow(self) -> None:
        """Say what is wrong with the camera, if anything is."""
        if self.step == CAMERA:
            failed = self._live.status.state is SourceState.FAILED
            parts = [self._live.status.message if failed else "", self._found]
            first = self.tr("Choose what facecam looks through; its picture is shown at once.")
            self.panel.say("\n\n".join(part for part in parts if part) or first)

    def _look_for_you(self, slot: int) -> None:
        if self.step != SEEN or not self._name:
            return
        _, result = self._live.results[slot]
        if any(sighting.track_decision.decision.name == self._name for sighting in result.sightings):
            self.panel.title.setText(self.tr("There you are, {name}").format(name=self._name))
            self.panel.say(self.tr("That is all. Press ? at any time to see all keys."))

    def _play_again(self) -> None:
        """The demo goes on for as long as somebody looks at it here."""
        session = self._live.session
        if self.isVisible() and self._live.wish.sources == (DEMO,) and session is not None and session.wait(0):
            self._live.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button with the focus, else the main one."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QPushButton) and focused.hasFocus():
                focused.click()
            elif self.step != YOU:
                self.panel.press()
        elif event.key() == Qt.Key.Key_Escape:
            self._go_back()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.panel.fit(self._box, self.width())
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        remember()
        self._end_enrollment()
        self.cameras.close_jobs()
        self.mirror.forget()
        super().closeEvent(event)
