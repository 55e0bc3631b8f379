"""What somebody says of a face while it is seen: this is not them, this is who it is; and taking the last of these back.

"Not them" keeps pictures of the face beside the person's photos, so that it holds after a restart too and survives a change of
network; "this is who it is" enrolls the best pictures of the track. Until then pictures of a track are in memory only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from facecam.enrollment.enroll import enroll, judge_image, selection_of
from facecam.enrollment.samples import CandidatePool, SelectionRule, pick_from
from facecam.errors import FaceGoneError, GalleryError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import Person, display_name
from facecam.gallery.store import GalleryFolder
from facecam.recognition.face_analyzer import FaceObservation, ImageFaceAnalyzer
from facecam.recognition.tracking import TrackVotes
from facecam.types import Event, Image, TrackDecision

NOT_THEM, NAMED, UNDO = "not: ", "named: ", "undone: "
"""How the messages of `correction` rows begin; the person's name follows."""

_CROPS_PER_TRACK = 12
"""About 0.3 MB a face: enough poses for a person's samples, which are at most as many."""
_REJECTED_KEPT = 5
_UNDOS_KEPT = 20


@dataclass(frozen=True, slots=True)
class RejectName:
    """The face of this track is not the person of that name."""

    track_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AssignName:
    """The face of this track is the person of that name, enrolled or new. `force` although it is like somebody else."""

    track_id: int
    name: str
    force: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AssignNameToImage:
    """The one face in this picture, which is all that is left of a track that has gone, is the person of that name."""

    track_id: int
    bgr: Image
    name: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class UndoCorrection:
    """Take the last correction back."""


Correction = RejectName | AssignName | AssignNameToImage | UndoCorrection


@dataclass(frozen=True, slots=True)
class _Done:
    """A correction that can be taken back: the files it made, whether it made the person, and how its event was told."""

    said: str
    track_id: int
    person: Person
    files: tuple[Path, ...]
    new_person: bool = False


class Corrections:
    """Keeps the best crops of each track that is there, and carries corrections out on the gallery's folder.

    `threshold_l2` is the network's own. `ballot` gives the votes of a track that is there.
    """

    def __init__(self, threshold_l2: float, ballot: Callable[[int], TrackVotes | None]) -> None:
        self._threshold_l2 = threshold_l2
        self._rule = SelectionRule.for_threshold(threshold_l2)
        self._ballot = ballot
        self._crops: dict[int, CandidatePool] = {}
        self._done: list[_Done] = []

    def see(self, bgr: Image, readings: Sequence[FaceObservation], votes: Sequence[TrackDecision]) -> None:
        """Keep the crops of a frame's compared faces that show something new of their tracks."""
        for reading, vote in zip(readings, votes, strict=True):
            if reading.embedding is not None:
                new = CandidatePool(self._rule.min_distance_l2, _CROPS_PER_TRACK)
                self._crops.setdefault(vote.track_id, new).offer(bgr, [reading])

    def keep_only(self, track_ids: Collection[int]) -> None:
        """Forget the crops of all other tracks."""
        self._crops = {track_id: pool for track_id, pool in self._crops.items() if track_id in track_ids}

    def apply(self, correction: Correction, gallery: Gallery, reader: ImageFaceAnalyzer) -> Event:
        """Carry it out and tell it as the log does; the gallery must be read again then.

        GalleryError says why not, EnrollmentRefused why nobody was enrolled; then nothing was changed.
        """
        if isinstance(correction, UndoCorrection):
            return self._undo(GalleryFolder(gallery.folder))
        ballot = self._ballot(correction.track_id)
        if isinstance(correction, AssignNameToImage):
            done = self._name_picture(correction, gallery, reader)
        elif ballot is None:
            raise FaceGoneError(f"track {correction.track_id} is no longer there: correct a face while it is seen")
        elif isinstance(correction, RejectName):
            done = self._reject(correction, ballot, gallery, reader)
        else:
            done = self._name(correction, ballot, gallery, reader)
        self._done = [*self._done[1 - _UNDOS_KEPT :], done]
        return Event("correction", done.said, done.track_id)

    def _reject(self, correction: RejectName, ballot: TrackVotes, gallery: Gallery, reader: ImageFaceAnalyzer) -> _Done:
        folder = GalleryFolder(gallery.folder)
        person = folder.person(correction.name)
        rule = replace(self._rule, max_samples=_REJECTED_KEPT)
        samples = pick_from(self._pool(correction.track_id), reader, rule).samples
        files = tuple(folder.add_rejected(person, sample.jpeg) for sample in samples)
        ballot.deny(person.person_id)
        return _Done(NOT_THEM + person.name, correction.track_id, person, files)

    def _name_picture(self, correction: AssignNameToImage, gallery: Gallery, reader: ImageFaceAnalyzer) -> _Done:
        name = display_name(correction.name)
        new_person = all(person.name != name for person in gallery.people)
        verdict = judge_image(Path(f"track {correction.track_id}"), correction.bgr, reader, self._rule)
        enrolled = enroll(gallery, name, selection_of([verdict]), self._threshold_l2, force=correction.force)
        return _Done(NAMED + name, correction.track_id, enrolled.person, enrolled.added, new_person=new_person)

    def _name(self, correction: AssignName, ballot: TrackVotes, gallery: Gallery, reader: ImageFaceAnalyzer) -> _Done:
        name = display_name(correction.name)
        before = next((person for person in gallery.people if person.name == name), None)
        known = [sample.embedding for sample in gallery.samples if sample.name == name]
        selection = pick_from(self._pool(correction.track_id), reader, self._rule, known)
        # Whom the face is so like was asked and denied before.
        force = correction.force or bool(ballot.denied)
        enrolled = enroll(gallery, name, selection, self._threshold_l2, force=force)
        ballot.allow(enrolled.person.person_id)
        return _Done(NAMED + name, correction.track_id, enrolled.person, enrolled.added, new_person=before is None)

    def _pool(self, track_id: int) -> CandidatePool:
        return self._crops.get(track_id) or CandidatePool(self._rule.min_distance_l2)

    def _undo(self, folder: GalleryFolder) -> Event:
        if not self._done:
            raise GalleryError("there is no correction to take back in this session")
        done = self._done.pop()
        for file in done.files:
            file.unlink(missing_ok=True)
        ballot = self._ballot(done.track_id)
        if ballot is not None:
            ballot.allow(done.person.person_id)
        if done.new_person and not folder.person(done.person.name).photos:
            folder.remove(done.person.name)
        return Event("correction", UNDO + done.said, done.track_id)


def follow(message: str, ballot: TrackVotes) -> None:
    """Do to a track's votes what the correction did that this message tells. A log knows people by their names."""
    if message.startswith(NOT_THEM):
        ballot.deny(message.removeprefix(NOT_THEM))
    else:
        ballot.allow(message.removeprefix(UNDO).removeprefix(NOT_THEM).removeprefix(NAMED))
