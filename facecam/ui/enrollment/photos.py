"""Enrolling from photos: looked at beside the window's thread, each with a verdict; of several faces one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from facecam.enrollment.enroll import EnrollmentResult, PhotoAddition, PhotoOutcome, undo_enrollment
from facecam.errors import FacecamError
from facecam.gallery.store import GalleryFolder
from facecam.recognition.face_analyzer import OK, SEVERAL_FACES
from facecam.types import Box
from facecam.ui.background import BackgroundJobs
from facecam.ui.enrollment.layout import EnrollmentLayout, PanelButton, Scene
from facecam.ui.enrollment_text import addition_words
from facecam.ui.gallery.photo_adding import PhotoFaces, PhotosWanted, add_wanted, faces_in
from facecam.ui.session_controller import SessionController


class PhotoScenes(QObject):
    """Adds photos for one person, and shows what became of them. For the GUI's thread."""

    left = Signal(str)
    """Nothing was done: back to the name, with a sentence or ""."""
    finished = Signal(str)
    """The person of this name has these photos, and the user has seen it."""

    def __init__(self, live: SessionController, parts: EnrollmentLayout, parent: QObject) -> None:
        super().__init__(parent)
        self._live = live
        self._parts = parts
        self._jobs = BackgroundJobs(self)
        self._wanted: PhotosWanted | None = None
        self._outcomes: dict[Path, PhotoOutcome] = {}
        self._done: list[EnrollmentResult] = []
        self._open: list[PhotoFaces] = []
        self._count = 0
        self._chosen: dict[Path, Box] = {}
        self._jobs.progressed.connect(self._show_progress)
        parts.faces.chosen.connect(self._choose)

    def begin(self, wanted: PhotosWanted) -> None:
        """Judge these photos, and save the good ones."""
        self._outcomes, self._done, self._chosen = {}, [], {}
        self._add(wanted)

    def back(self) -> None:
        """What Escape does."""
        match self._parts.scene:
            case Scene.LOOKING:
                self._jobs.cancel()
                self._leave_or_show()
            case Scene.FACES:
                self._open.clear()
                self._after_faces()
            case Scene.CONFLICT:
                self._leave_or_show()
            case _:
                self._finish()

    def close(self) -> None:
        """Let go of what runs; a photo that is being written is finished."""
        self._jobs.close()

    @property
    def busy(self) -> bool:
        """Whether photos are looked at."""
        return self._jobs.busy

    def _add(self, wanted: PhotosWanted) -> None:
        self._wanted = wanted
        self._look(self.tr("Looking at the photos…"))
        self._jobs.add(lambda told: add_wanted(wanted, told), self._judged, self._failed)

    def _look(self, title: str) -> None:
        parts = self._parts
        parts.scene = Scene.LOOKING
        parts.show_stage(parts.photos)
        parts.panel.show_scene(title, "", [PanelButton(self.tr("Cancel"), self.back)], has_main=False)
        parts.panel.bar.setRange(0, 0)
        parts.panel.bar.show()
        parts.panel.focus()

    def _show_progress(self, done: int, total: int) -> None:
        if self._parts.scene is Scene.LOOKING and total:
            self._parts.panel.bar.setRange(0, total)
            self._parts.panel.bar.setValue(done)

    def _judged(self, addition: PhotoAddition) -> None:
        assert self._wanted is not None
        self._outcomes.update((outcome.path, outcome) for outcome in addition.outcomes)
        if addition.enrolled is not None and addition.enrolled.added:
            self._done.append(addition.enrolled)
        if addition.rival is not None:
            self._ask_who(addition)
        else:
            self._show_result(addition)

    def _show_result(self, addition: PhotoAddition) -> None:
        parts = self._parts
        parts.scene = Scene.JUDGED
        parts.photos.show_outcomes(tuple(self._outcomes.values()), saved=True)
        parts.show_stage(parts.photos)
        added = sum(len(enrolled.added) for enrolled in self._done)
        whole = replace(addition, outcomes=tuple(self._outcomes.values()))
        text = addition_words(_with_count(whole, self._done), parts.panel.locale())
        several = self._several()
        title = self.tr("{name} is enrolled").format(name=addition.name) if added else self.tr("Nothing was added")
        choices = [PanelButton(self.tr("Done"), self._finish)]
        if several:
            words = self.tr("Choose &faces ({count})").format(count=len(several))
            choices.insert(0, PanelButton(words, self._look_for_faces))
            hint = self.tr("In photos with several faces you can say which one is meant.")
            text = f"{text}\n\n{hint}"
        if self._done:
            choices.append(PanelButton(self.tr("&Undo"), self._undo))
        parts.panel.show_scene(title, text, choices)
        parts.panel.focus()

    def _several(self) -> list[Path]:
        """Photos of which the user can still say whose they are."""
        return [path for path, outcome in self._outcomes.items() if outcome.reason == SEVERAL_FACES and path not in self._chosen]

    def _look_for_faces(self) -> None:
        assert self._wanted is not None
        paths, settings = self._several(), self._wanted.settings
        self._look(self.tr("Looking for faces…"))
        self._jobs.add(lambda told: faces_in(paths, settings, told), self._show_faces, self._failed)

    def _show_faces(self, photos: list[PhotoFaces]) -> None:
        self._open, self._count = list(photos), len(photos)
        self._next_photo()

    def _next_photo(self) -> None:
        assert self._wanted is not None
        parts = self._parts
        if not self._open:
            self._after_faces()
            return
        photo = self._open[0]
        parts.scene = Scene.FACES
        parts.faces.show_photo(photo)
        parts.show_stage(parts.faces)
        said = self.tr("{file}, photo {number} of {count}. Click a face, or choose it with the arrow keys.")
        text = said.format(file=photo.path.name, number=self._count - len(self._open) + 1, count=self._count)
        choices = [PanelButton(self.tr("This one"), parts.faces.take), PanelButton(self.tr("None of them"), self._pass_over)]
        parts.panel.show_scene(self.tr("Which face is {name}?").format(name=self._wanted.name), text, choices)
        parts.faces.setFocus()

    def _choose(self, box: Box) -> None:
        if self._open:
            self._chosen[self._open.pop(0).path] = box
            self._next_photo()

    def _pass_over(self) -> None:
        if self._open:
            self._open.pop(0)
            self._next_photo()

    def _after_faces(self) -> None:
        """All photos were shown: add those in which a face was chosen."""
        assert self._wanted is not None
        fresh = {path: box for path, box in self._chosen.items() if self._outcomes[path].reason == SEVERAL_FACES}
        if fresh:
            self._add(replace(self._wanted, paths=tuple(fresh), chosen=fresh))
        else:
            self._show_result(PhotoAddition(self._wanted.name, ()))

    def _ask_who(self, addition: PhotoAddition) -> None:
        assert self._wanted is not None
        assert addition.rival is not None
        parts, rival, wanted = self._parts, addition.rival, self._wanted
        parts.scene = Scene.CONFLICT
        first = next((outcome.path for outcome in addition.outcomes if outcome.reason == OK), None)
        parts.conflict.show_conflict(first, rival, self._live.gallery)
        parts.show_stage(parts.conflict)
        choices = [
            PanelButton(self.tr("Yes, the same person"), lambda: self._add(replace(wanted, name=rival.name))),
            PanelButton(self.tr("No, somebody else"), lambda: self._add(replace(wanted, force=True))),
            PanelButton(self.tr("Cancel"), self._leave_or_show),
        ]
        title = self.tr("Is this the same person as {rival}?").format(rival=rival.name)
        said = self.tr("{rival} is enrolled already and looks almost the same. If they are one person, {rival} gains the photos.")
        parts.panel.show_scene(title, said.format(rival=rival.name), choices)
        parts.panel.focus()

    def _undo(self) -> None:
        assert self._wanted is not None
        root, done = self._wanted.root, list(reversed(self._done))

        def work(_: object) -> None:
            for enrolled in done:
                undo_enrollment(GalleryFolder(root), enrolled)

        self._done = []
        self._look(self.tr("Taking it back…"))
        self._jobs.add(
            work, lambda _: self.left.emit(self.tr("Taken back: none of these photos is in the gallery.")), self._failed
        )

    def _leave_or_show(self) -> None:
        """Back to what was done so far, to the name when that is nothing."""
        if self._done and self._wanted is not None:
            self._show_result(PhotoAddition(self._wanted.name, ()))
        else:
            self.left.emit("")

    def _failed(self, error: FacecamError) -> None:
        self.left.emit(str(error))

    def _finish(self) -> None:
        name = self._wanted.name if self._wanted is not None and self._done else ""
        self.finished.emit(name)


def given_photos(argument: object) -> list[Path]:
    """The photos and folders that the page was opened with, () when it was opened with something else."""
    if isinstance(argument, Sequence) and not isinstance(argument, str):
        return [path for path in argument if isinstance(path, Path)]
    return []


def _with_count(addition: PhotoAddition, done: Sequence[EnrollmentResult]) -> PhotoAddition:
    """The addition as if all that was added so far had been added at once."""
    if not done:
        return replace(addition, enrolled=None)
    added = tuple(path for enrolled in done for path in enrolled.added)
    return replace(addition, enrolled=replace(done[0], added=added))
