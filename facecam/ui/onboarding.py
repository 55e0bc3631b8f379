"""Page of the first start: choose a camera, enroll yourself, see yourself recognized."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QWidget

from facecam.session.status import SourceState
from facecam.types import DEMO
from facecam.ui.consent import privacy_text
from facecam.ui.enrollment.layout import PanelButton, ScenePanel
from facecam.ui.enrollment.mirror_view import MirrorView
from facecam.ui.enrollment.page import EnrollmentPage
from facecam.ui.icons import StatusIcon, StatusIconView
from facecam.ui.language import error_text
from facecam.ui.preferences import SettingsWriter, mark_first_steps_done, not_saved_text
from facecam.ui.session_controller import SessionController
from facecam.ui.settings.fields import EXPRESSIONS, environment_note
from facecam.ui.widgets import Page, WrappedButton, horizontal_layout, vertical_layout, wrapped_label
from facecam.ui.window.sources import CameraList, access_denied_text, access_hint, choose_file, is_access_denied, missing_camera

CAMERA, ENROLL, RECOGNIZED = range(3)


class StepBar(QWidget):
    """Row of numbered steps with status icons; the current one (`step`, from 0) is bold."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = 0
        self._names = tuple(names)
        self._parts: list[tuple[StatusIconView, QLabel]] = []
        line = self.fontMetrics().height()
        row = QHBoxLayout(self)
        row.setContentsMargins(line, line // 2, line, line // 2)
        for number, name in enumerate(names, start=1):
            status, label = StatusIconView(parent=self), QLabel(f"{number}. {name}", self)
            row.addWidget(status)
            row.addWidget(label)
            row.addSpacing(2 * line)
            self._parts.append((status, label))
        row.addStretch(1)

    def show_step(self, step: int, *skipped: int) -> None:
        """Make a step the current one; the steps before it are done, except `skipped` ones."""
        self.step = step
        for number, (status, label) in enumerate(self._parts):
            before = StatusIcon.SKIPPED if number in skipped else StatusIcon.DONE
            status.show_icon(before if number < step else StatusIcon.WAITING)
            font = label.font()
            font.setBold(number == step)
            label.setFont(font)
        text = self.tr("Step {number} of {count}: {name}")
        self.setAccessibleName(text.format(number=step + 1, count=len(self._parts), name=self._names[step]))


class FirstRunPage(Page):
    """Three steps, each of which can be skipped. Enter presses the main button, Escape goes one step back."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self.setAccessibleName(self.tr("First steps"))
        self._name = ""
        self.bar = StepBar((self.tr("Camera"), self.tr("Your face"), self.tr("Recognized")), self)
        self.cameras = CameraList(controller, self)
        self.mirror = MirrorView(controller, self)
        self.panel = ScenePanel((self.cameras,), self)
        self.expressions = WrappedButton(
            QCheckBox(self),
            self.tr(
                "Read facial expressions. Switch this off at work and in education, where the EU prohibits inferring emotions, "
                "with few exceptions."
            ),
            self,
        )
        self._settings_writer = SettingsWriter(controller.paths.config, self)
        self.enroll: EnrollmentPage | None = None
        self._stack = QStackedWidget(self)
        self._back = QPushButton(self.tr("&Back"), self)
        self._skip = QPushButton(self)
        self._lay_out()
        self._connect()
        self._show_camera()

    @property
    def step(self) -> int:
        """CAMERA, ENROLL or RECOGNIZED."""
        return self.bar.step

    def _lay_out(self) -> None:
        line = self.fontMetrics().height()
        video_step = QWidget(self)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, video_step)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(self.mirror, 3)
        self._box.addWidget(self.panel, 2)
        self._enroll_step = QWidget(self)
        privacy = wrapped_label(self._enroll_step, privacy_text())
        privacy.setContentsMargins(line, 0, line, line // 2)
        self._enroll_box = vertical_layout(self._enroll_step, privacy)
        self._stack.addWidget(video_step)
        self._stack.addWidget(self._enroll_step)
        row = horizontal_layout(self._back, None, self._skip)
        row.setContentsMargins(line, 0, line, line // 2)
        self.expressions.setContentsMargins(line, 0, line, line // 2)
        self._show_expressions()
        for button in (self._back, self._skip):
            button.setAutoDefault(True)  # Enter presses the button that has the focus.
        vertical_layout(self, self.bar, self._stack, self.expressions, row).setStretchFactor(self._stack, 1)

    def _connect(self) -> None:
        controller = self._controller
        self._back.clicked.connect(self.go_back)
        self._skip.clicked.connect(self._skip_step)
        self.expressions.box.clicked.connect(self._switch_expressions)
        self._settings_writer.failed.connect(lambda _, reason: self.message_posted.emit(not_saved_text(reason)))
        self.cameras.changed.connect(self._update_camera_text)
        controller.status_changed.connect(self._update_camera_text)
        controller.recognized.connect(self._check_recognized)
        controller.ended.connect(self._restart_demo)
        controller.request_changed.connect(self._update_camera_text)
        controller.request_changed.connect(self._show_expressions)

    def _show_camera(self) -> None:
        self._go_to(CAMERA)
        buttons = [PanelButton(self.tr("&Next"), self._show_enroll), PanelButton(self.tr("Open a fi&le…"), self._open_file)]
        if sys.platform != "linux":  # Elsewhere it is untested that a connected camera appears by itself.
            buttons.append(PanelButton(self.tr("Sea&rch again"), self.cameras.refresh))
        self.panel.show_scene(self.tr("Which camera?"), "", buttons, self.cameras)
        self.set_focus_target(self.cameras)
        self._update_camera_text()
        self.panel.focus_form(self.cameras)

    def _show_enroll(self) -> None:
        self._go_to(ENROLL)
        if self.enroll is None:
            self.enroll = EnrollmentPage(self._controller, self._enroll_step)
            self.enroll.finished.connect(self._leave_enrollment)
            self.enroll.enrolled.connect(self._on_enrolled)
            self.enroll.message_posted.connect(self.message_posted)
            self._enroll_box.addWidget(self.enroll, 1)
        self._stack.setCurrentWidget(self._enroll_step)
        self.set_focus_target(self.enroll)
        self.enroll.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_recognized(self) -> None:
        self._go_to(RECOGNIZED)
        self.mirror.show_names()
        text = self.tr("{name} is enrolled. When the camera sees this face, the name appears next to it.")
        self.set_focus_target(self.panel)
        self.panel.show_scene(
            self.tr("Look into the camera"), text.format(name=self._name), [PanelButton(self.tr("St&art"), self.finished.emit)]
        )
        self._restart_demo()

    def _go_to(self, step: int) -> None:
        has_failed = self._controller.status.state is SourceState.FAILED
        self.bar.show_step(step, *((CAMERA,) if has_failed else ()))
        self._back.setEnabled(step != CAMERA)
        texts = (self.tr("S&kip the first steps"), self.tr("Sk&ip this step"), self.tr("&Close"))
        self._skip.setText(texts[step])
        self._skip.setVisible(step != RECOGNIZED)
        self.expressions.setVisible(step == CAMERA)
        self._stack.setCurrentIndex(0)

    def _skip_step(self) -> None:
        self._end_enrollment()
        self.finished.emit()

    def go_back(self) -> None:
        if self.step == ENROLL:
            self._end_enrollment()
            self._show_camera()
        elif self.step == RECOGNIZED:
            self._show_enroll()
        else:
            self.finished.emit()

    def unsaved_text(self) -> str:
        """Return what to finish before another page replaces this one, "" for nothing."""
        return self.enroll.unsaved_text() if self.enroll is not None else ""

    def _leave_enrollment(self) -> None:
        if self._name:
            self._show_recognized()
        else:
            self._show_camera()

    def _on_enrolled(self, name: str) -> None:
        self._name = name

    def _end_enrollment(self) -> None:
        if self.enroll is not None:
            self.enroll.finished.disconnect(self._leave_enrollment)
            self.enroll.close()
            self._enroll_box.removeWidget(self.enroll)
            self.enroll.deleteLater()
            self.enroll = None

    def _show_expressions(self) -> None:
        self.expressions.box.setChecked(self._controller.request.settings.express.enabled)

    def _switch_expressions(self, on: bool) -> None:
        """Read expressions or not, from the next frame on and at later starts."""
        self._controller.change(self._controller.request.settings.replace({EXPRESSIONS: on}))
        self._settings_writer.save({EXPRESSIONS: None if on else False})
        if note := environment_note((EXPRESSIONS,)):
            self.message_posted.emit(note)

    def _open_file(self) -> None:
        choose_file(self, self._controller.open)

    def _update_camera_text(self) -> None:
        """Show the state of the search, and why the chosen camera cannot be used, each fact once."""
        if self.step != CAMERA:
            return
        is_missing = missing_camera(self._controller) is not None
        if self.cameras.has_cameras is False:
            title = self.tr("No camera found")
            advice = self.tr("Connect a camera; it appears here automatically. Or open a video or an image, or try the demo.")
            texts = [advice, access_hint()]
        else:
            title = self.tr("Which camera?")
            texts = [self.cameras.message, self._problem()] if not is_missing else [self.cameras.message]
            texts = [text for text in texts if text] or [self.tr("Choose a camera. Its video appears right away.")]
        self.panel.title.setText(title)
        self.panel.set_text("\n\n".join(filter(None, texts)))

    def _problem(self) -> str:
        """Return the reason for missing video, "" in other states."""
        status = self._controller.status
        if status.state is not SourceState.FAILED:
            return ""
        return access_denied_text() if is_access_denied(self._controller) else error_text(status.message)

    def _check_recognized(self, slot: int) -> None:
        if self.step != RECOGNIZED or not self._name:
            return
        _, result = self._controller.results[slot]
        if any(sighting.track_decision.decision.name == self._name for sighting in result.sightings):
            self.panel.title.setText(self.tr("Hello, {name}").format(name=self._name))
            self.panel.set_text(self.tr("Setup is complete. Press ? at any time to see the keyboard shortcuts."))

    def _restart_demo(self) -> None:
        """Repeat the demo video while this page is visible."""
        session = self._controller.session
        if self.isVisible() and self._controller.request.sources == (DEMO,) and session is not None and session.wait(0):
            self._controller.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.step != ENROLL:
            self.panel.press_main_button()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.panel.fit(self._box, self.width())
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        mark_first_steps_done()
        self._settings_writer.close()
        self._end_enrollment()
        self.cameras.finder.close()
        self.mirror.release_image()
        super().closeEvent(event)
