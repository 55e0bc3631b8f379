"""Corrections of a track's name: reject it, assign another one, undo, redo.

A rejected name stores images of the face in the person's folder, so it survives restarts and a change of network. An assigned
name enrolls the best images of the track. Until then a track's images are in memory only.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from facecam.enrollment.enroll import EnrollmentOptions, enroll, judge_image, selection_from
from facecam.enrollment.samples import CandidatePool, SelectionRule, select_from_pool
from facecam.errors import FaceGoneError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import display_name
from facecam.gallery.service import GalleryService
from facecam.gallery.undo import ChangeKind, GalleryChange, UndoJournal
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.recognition.face_analyzer import ImageFaceAnalyzer
from facecam.recognition.person_groups import mean_distance_l2
from facecam.recognition.tracking import TrackVotes
from facecam.types import Event, EventCode, FaceObservation, Image, TrackDecision

_CROPS_PER_TRACK = 12
"""About 0.3 MB per face: enough poses for a person's samples, which are at most as many."""
_MAX_REJECTED_IMAGES = 5


@dataclass(frozen=True, slots=True)
class RejectName:
    """State that the face of this track is not the person of that name."""

    track_id: int
    name: str


@dataclass(frozen=True, slots=True)
class AssignName:
    """Give the face of this track a name, enrolled or new.

    `force` skips the checks for similar and for different people. `consent` is recorded for a person without a record of it.
    """

    track_id: int
    name: str
    force: bool = False
    consent: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AssignNameToImage:
    """Give a name to the only face in this image, for a track that has ended. `more_bgr` are other images of the same person."""

    track_id: int
    bgr: Image
    name: str
    force: bool = False
    consent: str = ""
    more_bgr: tuple[Image, ...] = ()


@dataclass(frozen=True, slots=True)
class UndoCorrection:
    """Undo the last correction."""


@dataclass(frozen=True, slots=True)
class RedoCorrection:
    """Apply the correction again that was undone last. Another correction in between prevents it."""


Correction = RejectName | AssignName | AssignNameToImage | UndoCorrection | RedoCorrection


class Corrections:
    """Keeps the best crops of each current track and applies corrections to the gallery's folder.

    `network` embeds the faces. `votes_of_track` returns the votes of a current track, None for any other. `journal` has
    the corrections that can be undone.
    """

    def __init__(self, network: EmbeddingNetwork, votes_of_track: Callable[[int], TrackVotes | None]) -> None:
        self._votes_of_track = votes_of_track
        self.journal = UndoJournal()
        self.use_network(network)

    def use_network(self, network: EmbeddingNetwork) -> None:
        """Continue with another network. Crops with embeddings of the earlier one are dropped; `journal` stays."""
        self._rule = SelectionRule.for_network(network)
        self._session_l2 = network.session_l2
        self._crops: dict[int, CandidatePool] = {}

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
        if isinstance(correction, UndoCorrection | RedoCorrection):
            return self._undo() if isinstance(correction, UndoCorrection) else self._redo()
        votes = self._votes_of_track(correction.track_id)
        if isinstance(correction, AssignNameToImage):
            change = self._assign(correction, None, gallery, analyzer)
        elif votes is None and correction.track_id not in self._crops:  # A paused camera's tracks end, but are shown.
            raise FaceGoneError(
                "track {track_id} has ended: correct a face while the camera sees it", track_id=correction.track_id
            )
        elif isinstance(correction, RejectName):
            change = self._reject(correction, votes, gallery, analyzer)
        else:
            change = self._assign(correction, votes, gallery, analyzer)
        return _event(self.journal.record(replace(change, track_id=correction.track_id)))

    def _reject(
        self, correction: RejectName, votes: TrackVotes | None, gallery: Gallery, analyzer: ImageFaceAnalyzer
    ) -> GalleryChange:
        rule = replace(self._rule, max_samples=_MAX_REJECTED_IMAGES)
        samples = select_from_pool(self._pool(correction.track_id), analyzer, rule).samples
        person = next((person for person in gallery.people if person.name == correction.name), correction.name)
        wrong = self._wrong_photos(correction, gallery)
        person_id = "" if isinstance(person, str) else person.person_id
        is_new_person = any(change.is_new_person and change.person.person_id == person_id for change in self.journal.changes)
        change = GalleryService(gallery.folder).reject_face(
            person, [sample.jpeg for sample in samples], wrong, is_new_person=is_new_person
        )
        if votes is not None:
            votes.reject(change.person.person_id)
        return change

    def _wrong_photos(self, rejection: RejectName, gallery: Gallery) -> set[str]:
        """Return the file names of the photos that the person got by naming this face earlier in the session."""
        faces = [candidate.embedding for candidate in self._pool(rejection.track_id).candidates]
        samples = {sample.photo.name: sample for sample in gallery.samples if sample.name == rejection.name}
        wrong: set[str] = set()
        for change in self.journal.changes:
            added = {path.name for path in change.paths} & samples.keys()
            if change.kind is not ChangeKind.PHOTOS_ADDED or not added:
                continue
            if change.track_id == rejection.track_id or (
                faces and mean_distance_l2(faces, [samples[name].embedding for name in added]) <= self._session_l2
            ):
                wrong |= added
        return wrong

    def _assign(
        self, correction: AssignName | AssignNameToImage, votes: TrackVotes | None, gallery: Gallery, analyzer: ImageFaceAnalyzer
    ) -> GalleryChange:
        track_id, name, force = correction.track_id, display_name(correction.name), correction.force
        if isinstance(correction, AssignNameToImage):
            images = enumerate((correction.bgr, *correction.more_bgr), start=1)
            verdicts = [judge_image(Path(f"track {track_id} ({number})"), bgr, analyzer, self._rule) for number, bgr in images]
            selection = selection_from(verdicts)
        else:
            known = [sample.embedding for sample in gallery.samples if sample.name == name]
            selection = select_from_pool(self._pool(track_id), analyzer, self._rule, known, allow_mixed=force)
        # A rejected name answers the question about similar people already.
        is_rejected = votes is not None and bool(votes.rejected_ids)
        options = EnrollmentOptions(self._rule, force or is_rejected, correction.consent, allow_mixed=force)
        change = enroll(gallery, name, selection, options)
        if votes is not None:
            votes.confirm(change.person.person_id)
        return change

    def _pool(self, track_id: int) -> CandidatePool:
        return self._crops.get(track_id) or CandidatePool(self._rule.min_distance_l2)

    def _undo(self) -> Event:
        change = self.journal.undo()
        votes = self._votes_of(change)
        if votes is not None:
            votes.accept(change.person.person_id)
        return _event(change, undone=True)

    def _redo(self) -> Event:
        change = self.journal.redo()
        votes = self._votes_of(change)
        if votes is not None and change.kind is ChangeKind.FACE_REJECTED:
            votes.reject(change.person.person_id)
        elif votes is not None:
            votes.confirm(change.person.person_id)
        return _event(change)

    def _votes_of(self, change: GalleryChange) -> TrackVotes | None:
        assert change.track_id is not None
        return self._votes_of_track(change.track_id)


def _event(change: GalleryChange, *, undone: bool = False) -> Event:
    name, rejected = change.person.name, change.kind is ChangeKind.FACE_REJECTED
    code = EventCode.NAME_REJECTED if rejected else EventCode.NAME_ASSIGNED
    if undone:
        code = EventCode.REJECTION_UNDONE if rejected else EventCode.ASSIGNMENT_UNDONE
    message = f"{'undone: ' if undone else ''}{'not' if rejected else 'named'}: {name}"
    return Event("correction", message, change.track_id, code=code, person=name)
