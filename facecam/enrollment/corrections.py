"""Corrections of a track's name: reject it, assign another one, undo.

A rejected name stores images of the face in the person's folder, so it survives restarts and a change of network. An assigned
name enrolls the best images of the track. Until then a track's images are in memory only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from facecam.enrollment.enroll import enroll, judge_image, selection_from
from facecam.enrollment.samples import CandidatePool, SelectionRule, select_from_pool
from facecam.errors import FaceGoneError, GalleryError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import Person, display_name
from facecam.gallery.store import GalleryFolder
from facecam.recognition.face_analyzer import ImageFaceAnalyzer
from facecam.recognition.tracking import TrackVotes
from facecam.types import Event, FaceObservation, Image, TrackDecision

NOT_THEM, NAMED, UNDO = "not: ", "named: ", "undone: "
"""Prefixes of the messages in `correction` rows; the person's name follows."""

_CROPS_PER_TRACK = 12
"""About 0.3 MB per face: enough poses for a person's samples, which are at most as many."""
_MAX_REJECTED_IMAGES = 5
_MAX_UNDO_STEPS = 20


@dataclass(frozen=True, slots=True)
class RejectName:
    """State that the face of this track is not the person of that name."""

    track_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AssignName:
    """Give the face of this track a name, enrolled or new. `force` skips the check for similar people."""

    track_id: int
    name: str
    force: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AssignNameToImage:
    """Give a name to the only face in this image, for a track that has ended."""

    track_id: int
    bgr: Image
    name: str
    force: bool = False


@dataclass(frozen=True, slots=True)
class UndoCorrection:
    """Undo the last correction."""


Correction = RejectName | AssignName | AssignNameToImage | UndoCorrection


@dataclass(frozen=True, slots=True)
class _Applied:
    """Correction that can be undone: its log message, the files it added, and whether it added the person."""

    message: str
    track_id: int
    person: Person
    files: tuple[Path, ...]
    new_person: bool = False


class Corrections:
    """Keeps the best crops of each current track and applies corrections to the gallery's folder.

    `threshold_l2` is the network's own. `votes_of_track` returns the votes of a current track, None for any other.
    """

    def __init__(self, threshold_l2: float, votes_of_track: Callable[[int], TrackVotes | None]) -> None:
        self._threshold_l2 = threshold_l2
        self._rule = SelectionRule.for_threshold(threshold_l2)
        self._votes_of_track = votes_of_track
        self._crops: dict[int, CandidatePool] = {}
        self._applied: list[_Applied] = []

    def observe(self, bgr: Image, observations: Sequence[FaceObservation], votes: Sequence[TrackDecision]) -> None:
        """Keep crops of a frame's embedded faces that add something to their tracks."""
        for observation, vote in zip(observations, votes, strict=True):
            if observation.embedding is not None:
                new = CandidatePool(self._rule.min_distance_l2, _CROPS_PER_TRACK)
                self._crops.setdefault(vote.track_id, new).offer(bgr, [observation])

    def retain_tracks(self, track_ids: Collection[int]) -> None:
        """Drop the crops of all other tracks."""
        self._crops = {track_id: pool for track_id, pool in self._crops.items() if track_id in track_ids}

    def apply(self, correction: Correction, gallery: Gallery, analyzer: ImageFaceAnalyzer) -> Event:
        """Apply a correction and return its log event. The gallery must be loaded again afterward.

        GalleryError when it is not possible, EnrollmentRefusedError when the face cannot be enrolled; nothing changes then.
        """
        if isinstance(correction, UndoCorrection):
            return self._undo(GalleryFolder(gallery.folder))
        votes = self._votes_of_track(correction.track_id)
        if isinstance(correction, AssignNameToImage):
            applied = self._assign(correction, None, gallery, analyzer)
        elif votes is None:
            raise FaceGoneError(f"track {correction.track_id} has ended: correct a face while the camera sees it")
        elif isinstance(correction, RejectName):
            applied = self._reject(correction, votes, gallery, analyzer)
        else:
            applied = self._assign(correction, votes, gallery, analyzer)
        self._applied = [*self._applied[1 - _MAX_UNDO_STEPS :], applied]
        return Event("correction", applied.message, applied.track_id)

    def _reject(self, correction: RejectName, votes: TrackVotes, gallery: Gallery, analyzer: ImageFaceAnalyzer) -> _Applied:
        folder = GalleryFolder(gallery.folder)
        person = folder.person(correction.name)
        rule = replace(self._rule, max_samples=_MAX_REJECTED_IMAGES)
        samples = select_from_pool(self._pool(correction.track_id), analyzer, rule).samples
        files = tuple(folder.add_rejected(person, sample.jpeg) for sample in samples)
        votes.reject(person.person_id)
        return _Applied(NOT_THEM + person.name, correction.track_id, person, files)

    def _assign(
        self, correction: AssignName | AssignNameToImage, votes: TrackVotes | None, gallery: Gallery, analyzer: ImageFaceAnalyzer
    ) -> _Applied:
        track_id, name, force = correction.track_id, display_name(correction.name), correction.force
        new_person = all(person.name != name for person in gallery.people)
        if isinstance(correction, AssignNameToImage):
            selection = selection_from([judge_image(Path(f"track {track_id}"), correction.bgr, analyzer, self._rule)])
        else:
            known = [sample.embedding for sample in gallery.samples if sample.name == name]
            selection = select_from_pool(self._pool(track_id), analyzer, self._rule, known)
            # A rejected name answers the question about similar people already.
            force = force or (votes is not None and bool(votes.rejected_ids))
        enrolled = enroll(gallery, name, selection, self._threshold_l2, force=force)
        if votes is not None:
            votes.accept(enrolled.person.person_id)
        return _Applied(NAMED + name, track_id, enrolled.person, enrolled.added, new_person)

    def _pool(self, track_id: int) -> CandidatePool:
        return self._crops.get(track_id) or CandidatePool(self._rule.min_distance_l2)

    def _undo(self, folder: GalleryFolder) -> Event:
        if not self._applied:
            raise GalleryError("there is nothing to undo: this session has no further corrections")
        applied = self._applied.pop()
        for file in applied.files:
            file.unlink(missing_ok=True)
        votes = self._votes_of_track(applied.track_id)
        if votes is not None:
            votes.accept(applied.person.person_id)
        if applied.new_person and not folder.person(applied.person.name).photos:
            folder.remove(applied.person.name)
        return Event("correction", UNDO + applied.message, applied.track_id)


def apply_message(message: str, votes: TrackVotes) -> None:
    """Apply the correction that a log message records to a track's votes. Logs identify people by their names."""
    if message.startswith(NOT_THEM):
        votes.reject(message.removeprefix(NOT_THEM))
    else:
        votes.accept(message.removeprefix(UNDO).removeprefix(NOT_THEM).removeprefix(NAMED))
