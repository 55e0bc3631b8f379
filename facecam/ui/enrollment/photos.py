"""Enrollment from photos: checked in a background thread, each with a result; the user chooses among several faces."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from facecam.enrollment.enroll import AddPhotosResult, PhotoVerdict
from facecam.enrollment.samples import OUTLIER, MixedSamples
from facecam.errors import FacecamError
from facecam.gallery.undo import UndoJournal
from facecam.recognition.face_analyzer import OK, SEVERAL_FACES
from facecam.types import Box
from facecam.ui.background import BackgroundJobs
from facecam.ui.enrollment.layout import EnrollmentLayout, PanelButton, Scene
from facecam.ui.enrollment_text import addition_text
from facecam.ui.gallery.photo_adding import PhotoFaces, PhotoRequest, add_requested_photos, find_faces
from facecam.ui.language import error_text
from facecam.ui.session_controller import SessionController


class PhotoScenes(QObject):
    """Scenes that add photos to one person and show the result of each. For the GUI thread."""

    canceled = Signal(str)
    """Nothing was added: return to the name, with a message or ""."""
    finished = Signal(str)
    """The user has confirmed the result for the person of this name, "" when nothing was added."""

    def __init__(self, controller: SessionController, parts: EnrollmentLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._controller = controller
        self._parts = parts
        self._jobs = BackgroundJobs(self)
        self._request: PhotoRequest  # set by `begin`
        self._outcomes: dict[Path, PhotoVerdict] = {}
        self._journal = UndoJournal()
        self._open_photos: list[PhotoFaces] = []
        self._open_count = 0
        self._chosen: dict[Path, Box] = {}
        self._jobs.progressed.connect(self._show_progress)
        parts.faces.chosen.connect(self._on_face_chosen)

    def begin(self, request: PhotoRequest) -> None:
        """Check these photos and save the good ones."""
        self._outcomes, self._journal, self._chosen = {}, UndoJournal(), {}
        self._add(request)

    def go_back(self) -> None:
        """Go one step back, as Escape does."""
        match self._parts.scene:
            case Scene.READING_PHOTOS:
                self._jobs.cancel()
                self._cancel_or_show()
            case Scene.FACE_SELECTION:
                self._open_photos.clear()
                self._add_chosen_faces()
            case Scene.CONFLICT:
                self._cancel_or_show()
            case _:
                self._finish()

    def close(self) -> None:
        """Stop the background work; a photo that is being written is completed."""
        self._jobs.close()

    @property
    def is_busy(self) -> bool:
        return self._jobs.is_busy

    def _add(self, request: PhotoRequest) -> None:
        self._request = request
        self._show_busy(self.tr("Checking the photos…"))
        self._jobs.add(lambda report_progress: add_requested_photos(request, report_progress), self._on_added, self._failed)

    def _show_busy(self, title: str) -> None:
        parts = self._parts
        cancel = PanelButton(self.tr("Cancel"), self.go_back)
        parts.show_scene(Scene.READING_PHOTOS, parts.photos, title, "", [cancel], has_main=False)
        parts.panel.show_bar(0)

    def _show_progress(self, done: int, total: int) -> None:
        if self._parts.scene is Scene.READING_PHOTOS and total:
            self._parts.panel.bar.setRange(0, total)
            self._parts.panel.bar.setValue(done)

    def _on_added(self, addition: AddPhotosResult) -> None:
        self._outcomes.update((outcome.path, outcome) for outcome in addition.outcomes)
        if addition.enrolled is not None and addition.added:
            self._journal.record(addition.enrolled)
        if addition.mixed is not None:
            self._show_mixed(addition, addition.mixed)
        elif addition.similar_person is not None:
            self._show_conflict(addition)
        else:
            self._show_result(addition)

    def _show_result(self, addition: AddPhotosResult) -> None:
        parts = self._parts
        outcomes = tuple(self._outcomes.values())
        parts.photos.show_outcomes(outcomes)
        added = sum(change.photos for change in self._journal.changes)
        enrolled = replace(self._journal.changes[0], photos=added) if added else None
        text = addition_text(replace(addition, outcomes=outcomes, enrolled=enrolled))
        several = self._with_several_faces()
        title = self.tr("{name} is enrolled").format(name=addition.name) if added else self.tr("Nothing was added")
        buttons = [PanelButton(self.tr("Done"), self._finish)]
        if several:
            label = self.tr("&Choose faces ({count})").format(count=len(several))
            buttons.insert(0, PanelButton(label, self._find_faces))
            hint = self.tr("In photos with several faces, you can choose the right one.")
            text = f"{text}\n\n{hint}"
        if added:
            buttons.append(PanelButton(self.tr("&Undo"), self._undo))
        parts.show_scene(Scene.PHOTO_RESULTS, parts.photos, title, text, buttons)

    def _with_several_faces(self) -> list[Path]:
        """Return the photos whose face the user has yet to choose."""
        return [path for path, outcome in self._outcomes.items() if outcome.reason == SEVERAL_FACES and path not in self._chosen]

    def _find_faces(self) -> None:
        paths, settings = self._with_several_faces(), self._request.settings
        self._show_busy(self.tr("Looking for faces…"))
        self._jobs.add(lambda report_progress: find_faces(paths, settings, report_progress), self._show_faces, self._failed)

    def _show_faces(self, photos: list[PhotoFaces]) -> None:
        self._open_photos, self._open_count = list(photos), len(photos)
        self._show_next_photo()

    def _show_next_photo(self) -> None:
        parts = self._parts
        if not self._open_photos:
            self._add_chosen_faces()
            return
        photo = self._open_photos[0]
        parts.faces.show_photo(photo)
        text = self.tr("{file}, photo {number} of {count}. Click a face, or choose it with the arrow keys.")
        text = text.format(file=photo.path.name, number=self._open_count - len(self._open_photos) + 1, count=self._open_count)
        buttons = [
            PanelButton(self.tr("Use this face"), parts.faces.confirm),
            PanelButton(self.tr("None of them"), self._skip_photo),
        ]
        title = self.tr("Which face is {name}?").format(name=self._request.name)
        parts.show_scene(Scene.FACE_SELECTION, parts.faces, title, text, buttons)
        parts.faces.setFocus()

    def _on_face_chosen(self, box: Box) -> None:
        if self._open_photos:
            self._chosen[self._open_photos.pop(0).path] = box
            self._show_next_photo()

    def _skip_photo(self) -> None:
        if self._open_photos:
            self._open_photos.pop(0)
            self._show_next_photo()

    def _add_chosen_faces(self) -> None:
        """Add the photos in which the user has chosen a face."""
        chosen = {path: box for path, box in self._chosen.items() if self._outcomes[path].reason == SEVERAL_FACES}
        if chosen:
            self._add(replace(self._request, paths=tuple(chosen), chosen=chosen))
        else:
            self._show_result(AddPhotosResult(self._request.name, ()))

    def _show_mixed(self, addition: AddPhotosResult, mixed: MixedSamples) -> None:
        request, others = self._request, {Path(sample.origin) for sample in mixed.others}

        def leave_out() -> None:
            self._outcomes.update((path, replace(self._outcomes[path], reason=OUTLIER)) for path in others)
            paths = tuple(outcome.path for outcome in addition.outcomes if outcome.path not in others)
            self._add(replace(request, paths=paths))

        self._parts.show_mixed(
            mixed,
            request.name,
            self._controller.gallery,
            on_keep=leave_out,
            on_all=lambda: self._add(replace(request, allow_mixed=True)),
            cancel=PanelButton(self.tr("Cancel"), self._cancel_or_show),
        )

    def _show_conflict(self, addition: AddPhotosResult) -> None:
        assert addition.similar_person is not None
        rival, request = addition.similar_person, self._request
        self._parts.show_conflict(
            next((outcome.path for outcome in addition.outcomes if outcome.reason == OK), None),
            rival,
            self._controller.gallery,
            on_same=lambda: self._add(replace(request, name=rival.name)),
            on_different=lambda: self._add(replace(request, force=True)),
            cancel=PanelButton(self.tr("Cancel"), self._cancel_or_show),
        )

    def _undo(self) -> None:
        journal = self._journal

        def work(_: object) -> None:
            while journal.last is not None:
                journal.undo()

        self._show_busy(self.tr("Undoing…"))
        message = self.tr("Undone: these photos were removed from the gallery.")
        self._jobs.add(work, lambda _: self.canceled.emit(message), self._failed)

    def _cancel_or_show(self) -> None:
        """Return to the results so far, or to the name when there are none."""
        if self._journal.last is not None:
            self._show_result(AddPhotosResult(self._request.name, ()))
        else:
            self.canceled.emit("")

    def _failed(self, error: FacecamError) -> None:
        self.canceled.emit(error_text(error))

    def _finish(self) -> None:
        self.finished.emit(self._request.name if self._journal.last is not None else "")
