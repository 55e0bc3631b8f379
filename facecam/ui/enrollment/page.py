"""Page that enrolls a person, with the camera or from photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from facecam.ui.enrollment.camera import CameraScenes
from facecam.ui.enrollment.layout import EnrollmentLayout, PanelButton, Scene
from facecam.ui.enrollment.photos import PhotoScenes
from facecam.ui.gallery.photo_adding import PhotoRequest
from facecam.ui.session_controller import SessionController
from facecam.ui.widgets import Page, choose_photos


class EnrollmentPage(Page):
    """Enrollment page. Enter presses the main button, Escape goes back, the space bar toggles a checkbox."""

    enrolled = Signal(str)
    """The user has confirmed that the person of this name is enrolled."""

    def __init__(self, controller: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(controller, parent)
        self.setAccessibleName(self.tr("Enroll a person"))
        self._photos: list[Path] = []
        self._slot = 0
        self._uses_photos = False
        self.parts = EnrollmentLayout(self, controller)
        self._camera_scenes = CameraScenes(controller, self.parts, self)
        self._photo_scenes = PhotoScenes(controller, self.parts, self)
        for scenes in (self._camera_scenes, self._photo_scenes):
            scenes.canceled.connect(self._show_start)
            scenes.finished.connect(self._finish)
        self._camera_scenes.message_posted.connect(self.message_posted)
        self.parts.start.changed.connect(self._update_begin_button)
        self._show_start("")

    @property
    def scene(self) -> Scene:
        return self.parts.scene

    def add(self, argument: object) -> None:
        """Enroll from these photos and folders, or the person whose track has this ID."""
        photos = [path for path in argument if isinstance(path, Path)] if isinstance(argument, Sequence) else []
        if self._camera_scenes.has_unsaved_photos or self._photo_scenes.is_busy:
            self.message_posted.emit(self.tr("Finish or cancel the current enrollment first, then drop the photos again."))
        elif photos:
            self._camera_scenes.enrollment.end()
            self._photos = photos
            self._show_start("")
        elif isinstance(argument, int):
            self._prepare_for_track(argument)

    def unsaved_text(self) -> str:
        """Return what to finish before another page replaces this one, "" for nothing."""
        if self._camera_scenes.has_unsaved_photos or self._photo_scenes.is_busy:
            return self.tr("Finish or cancel the enrollment first.")
        return ""

    def _prepare_for_track(self, track_id: int) -> None:
        visitor = self._controller.visitor_tracker.visitor_of(track_id)
        if visitor is not None and self.scene is Scene.START:
            self.parts.start.edit.setText(visitor.name or "")
            self._slot = visitor.last_compared.slot if visitor.last_compared is not None else 0
            self.parts.mirror.show_source(self._slot)

    def _show_start(self, message: str) -> None:
        """Ask for the name, with the message that ended the previous attempt or a hint."""
        parts, photos = self.parts, self._photos
        parts.show_instruction("")
        parts.mirror.show_ring(None)
        if photos:
            parts.photos.show_paths(photos)
            buttons = [
                PanelButton(self.tr("&Add the photos"), self._begin_photos),
                PanelButton(self.tr("&Use the camera"), self._discard_photos),
            ]
            hint = self.tr(
                "Photos or folders: {count}. Each photo must show this person's face. "
                "If a photo shows several faces, you can choose one."
            ).format(count=len(photos))
        else:
            buttons = [
                PanelButton(self.tr("Be&gin"), self._begin),
                PanelButton(self.tr("&Choose photos…"), lambda: choose_photos(self, self.add)),
            ]
            hint = self.tr("The next step asks you to look at the camera and turn your head. You can also drop photos here.")
        buttons.append(PanelButton(self.tr("Cancel"), self.finished.emit))
        view, title = parts.photos if photos else parts.mirror, self.tr("Who do you want to enroll?")
        parts.show_scene(Scene.START, view, title, message or hint, buttons, body=parts.start)
        self._update_begin_button()
        parts.panel.focus_form(parts.start.edit)

    def _update_begin_button(self) -> None:
        if self.scene is Scene.START:
            start, begin = self.parts.start, self.parts.panel.buttons[0]
            self.parts.panel.set_button_enabled(0, start.is_ready)
            begin.setToolTip(start.missing_text)
            begin.setAccessibleDescription(start.missing_text)

    def _begin(self) -> None:
        start = self.parts.start
        self._uses_photos = False
        self._camera_scenes.begin(start.chosen_name, start.consent_record, self._slot)

    def _begin_photos(self) -> None:
        root, start = self._controller.gallery_dir, self.parts.start
        if root is None:
            self.message_posted.emit(self.tr("The gallery is still loading. Try again in a moment."))
            return
        self._uses_photos = True
        name, settings = start.chosen_name, self._controller.settings
        self._photo_scenes.begin(PhotoRequest(root, name, tuple(self._photos), settings, consent=start.consent_record))

    def _discard_photos(self) -> None:
        self._photos = []
        self._show_start("")

    def _finish(self, name: str) -> None:
        if name:
            self.message_posted.emit(self.tr("{name} is enrolled.").format(name=name))
            self.enrolled.emit(name)
        self._photos = []
        self.parts.start.clear()
        self._show_start("")
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif self.scene is Scene.START and not self.parts.start.is_ready:
            self.parts.start.focus_missing()
        elif not event.isAutoRepeat():
            self.parts.panel.press_main_button()

    def go_back(self) -> None:
        if self.scene is Scene.START:
            self.finished.emit()
        elif self._uses_photos:
            self._photo_scenes.go_back()
        else:
            self._camera_scenes.go_back()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.parts.fit()
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._camera_scenes.enrollment.end()
        self._photo_scenes.close()
        self.parts.mirror.release_image()
        super().closeEvent(event)
