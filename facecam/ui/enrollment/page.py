"""Enrolling a person: before the camera, step by step, or from photos; everything by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from facecam.imageio import PICTURE_SUFFIXES
from facecam.ui.enrollment.camera import CameraScenes
from facecam.ui.enrollment.layout import EnrollmentLayout, PanelButton, Scene
from facecam.ui.enrollment.photos import PhotoScenes, given_photos
from facecam.ui.gallery.photo_adding import PhotosWanted
from facecam.ui.session_controller import SessionController


class EnrollmentPage(QWidget):
    """Enter presses the main button, Escape goes back, the space bar ticks. `add` takes photos, or somebody's track."""

    finished = Signal()
    said = Signal(str)
    page_wanted = Signal(str, object)
    enrolled = Signal(str)
    """The person of this name is enrolled, and the user has seen it."""

    def __init__(self, live: SessionController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Enroll a person"))
        self._live = live
        self._photos: list[Path] = []
        self._slot = 0
        self._by_photos = False
        self.parts = EnrollmentLayout(self, live)
        self._camera = CameraScenes(live, self.parts, self)
        self._files = PhotoScenes(live, self.parts, self)
        for scenes in (self._camera, self._files):
            scenes.left.connect(self._show_start)
            scenes.finished.connect(self._finish)
        self._camera.said.connect(self.said)
        self.parts.start.changed.connect(self._follow_name)
        self._show_start("")

    @property
    def scene(self) -> Scene:
        """What is shown."""
        return self.parts.scene

    def add(self, argument: object) -> None:
        """Enroll from these photos and folders; or, with a track's number, the one whom the track shows."""
        photos = given_photos(argument)
        if self._camera.holds_unsaved or self._files.busy:
            self.said.emit(self.tr("Finish or cancel this first, then drop the photos again."))
        elif photos:
            self._camera.guide.end()
            self._photos = photos
            self._show_start("")
        elif isinstance(argument, int):
            self._add_to(argument)

    def _add_to(self, track_id: int) -> None:
        card = self._live.presence.card_of(track_id)
        if card is not None and self.scene is Scene.START:
            self.parts.start.edit.setText(card.name or "")
            self._slot = card.compared.slot if card.compared is not None else 0
            self.parts.mirror.show_source(self._slot)

    def _show_start(self, sentence: str) -> None:
        """Ask who it is, and say what became of the attempt before."""
        parts, photos = self.parts, self._photos
        parts.scene = Scene.START
        parts.advise("")
        parts.mirror.show_ring(None)
        if photos:
            parts.photos.show_given(photos)
            choices = [
                PanelButton(self.tr("&Look at the photos"), self._begin_photos),
                PanelButton(self.tr("Use the &camera"), self._forget),
            ]
            hint = self.tr("Photos or folders: {count}. Each shall show this person's face, alone or to be chosen.")
            hint = hint.format(count=len(photos))
        else:
            choices = [PanelButton(self.tr("&Begin"), self._begin), PanelButton(self.tr("Choose &photos…"), self._choose_photos)]
            hint = self.tr("You will be asked to look at the camera and to turn your head. Photos can be dropped here, too.")
        parts.show_stage(parts.photos if photos else parts.mirror)
        choices.append(PanelButton(self.tr("Cancel"), self.finished.emit))
        parts.panel.show_scene(self.tr("Who is it?"), sentence or hint, choices, parts.start)
        self._follow_name()
        parts.start.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow_name(self) -> None:
        if self.scene is Scene.START:
            self.parts.panel.enable(0, self.parts.start.ready)

    def _begin(self) -> None:
        start = self.parts.start
        self._by_photos = False
        self._camera.begin(start.chosen_name, start.consent_record, self._slot)

    def _begin_photos(self) -> None:
        gallery, start = self._live.gallery, self.parts.start
        root = self._live.places.gallery_dir or (gallery.folder if gallery is not None else None)
        if root is None:
            self.said.emit(self.tr("The gallery is not read yet: one moment, please."))
            return
        self._by_photos = True
        settings = self._live.wish.settings
        self._files.begin(PhotosWanted(root, start.chosen_name, tuple(self._photos), settings, consent=start.consent_record))

    def _forget(self) -> None:
        """The camera shall be used, not the photos."""
        self._photos = []
        self._show_start("")

    def _choose_photos(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in sorted(PICTURE_SUFFIXES))
        dialog = QFileDialog(self, self.tr("Choose photos"), "", self.tr("Pictures ({patterns})").format(patterns=patterns))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self._take_files)
        dialog.open()

    def _take_files(self, names: Sequence[str]) -> None:
        self.add([Path(name) for name in names])

    def _finish(self, name: str) -> None:
        if name:
            self.said.emit(self.tr("{name} is enrolled.").format(name=name))
            self.enrolled.emit(name)
        self._photos = []
        self.parts.start.clear()
        self._show_start("")
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button with the focus, else the main one."""
        if event.isAutoRepeat():
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QPushButton) and focused.hasFocus():
                focused.click()
            else:
                self.parts.panel.press()
        elif event.key() == Qt.Key.Key_Escape:
            self._back()
        else:
            super().keyPressEvent(event)

    def _back(self) -> None:
        if self.scene is Scene.START:
            self.finished.emit()
        elif self._by_photos:
            self._files.back()
        else:
            self._camera.back()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.parts.fit()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        self.parts.fit()
        super().showEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._camera.guide.end()
        self._files.close()
        self.parts.mirror.forget()
        super().closeEvent(event)
