"""Enrolling: photos judged one by one, the question whether it is somebody known already, and the saving of what was kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facecam.enrollment.samples import ALREADY_ENROLLED, NewSample, Selection, SelectionRule, face_crop, reread
from facecam.errors import EnrollmentRefusedError, GalleryError, ImageError
from facecam.gallery.cache import forget_missing
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import Person, display_name, photos_in
from facecam.gallery.store import GalleryFolder, encode_jpeg
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import OK, SEVERAL_FACES, UNREADABLE, FaceObservation, ImageFaceAnalyzer, single_face
from facecam.recognition.matching import Index
from facecam.types import Box, Image

IDENTITY_CONFLICT, NOTHING_KEPT = "identity_conflict", "nothing_kept"

CONFLICT_SHARE = 0.8
"""Of the threshold: the median over a person's samples is steadier than one distance, and a dozen samples on either side bring
strangers closer. Webcam clips, default network (threshold 0.32): the same person again 0.15 to 0.22, the closest
two people 0.30."""


_NARROWER = (0.8, 0.65)
"""Of the usual square's side: tried when a neighbor's face is in the usual one."""

Choose = Callable[[Path, Sequence[FaceObservation]], FaceObservation | None]
"""Which of a picture's faces is meant, None for none of them."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoVerdict:
    """What became of one photo: `reason` is "ok" and there is a sample, or it is the code for why there is none."""

    path: Path
    reason: str
    sample: NewSample | None = None


@dataclass(frozen=True, slots=True)
class EnrollmentResult:
    """Who was enrolled. `added` are the photos that are new; `already_there` counts samples whose very photo was saved before."""

    person: Person
    added: tuple[Path, ...]
    already_there: int
    new_person: bool = False


@dataclass(frozen=True, slots=True)
class SimilarPerson:
    """Somebody enrolled whom new samples are so near that they may be the same person: a median of `distance_l2`."""

    name: str
    distance_l2: float


def judge_photo(
    path: Path, reader: ImageFaceAnalyzer, rule: SelectionRule | None = None, *, choose: Choose | None = None
) -> PhotoVerdict:
    """Whether the photo shows exactly one usable face; the sample is the square around it, else the whole photo.

    Of several faces `choose` may name the one that is meant.
    """
    try:
        return judge_image(path, read_image(path), reader, rule, choose=choose)
    except (ImageError, OSError):
        return PhotoVerdict(path, UNREADABLE)


def judge_image(
    path: Path, bgr: Image, reader: ImageFaceAnalyzer, rule: SelectionRule | None = None, *, choose: Choose | None = None
) -> PhotoVerdict:
    """The same for a picture that is open already."""
    rule, readings = rule or SelectionRule(), reader.analyze(bgr)
    face = single_face(readings)
    chosen = choose(path, readings) if face == SEVERAL_FACES and choose is not None else None
    if chosen is not None:
        face = chosen if chosen.gate is None else chosen.gate
    if not isinstance(face, FaceObservation):
        return PhotoVerdict(path, face)
    narrower = [face_crop(bgr, _shrunk(face.face.box, factor)) for factor in _NARROWER] if chosen is not None else []
    for picture in (face_crop(bgr, face.face.box), *narrower, bgr):
        try:
            sample = reread(encode_jpeg(picture), face, reader, rule.max_reread_l2)
        except GalleryError:  # too large for a JPEG
            continue
        if sample is not None:
            return PhotoVerdict(path, OK, sample)
    return PhotoVerdict(path, "not_found_again")


def _shrunk(box: Box, factor: float) -> Box:
    return Box(box.x + box.w * (1 - factor) / 2, box.y + box.h * (1 - factor) / 2, box.w * factor, box.h * factor)


def selection_of(verdicts: Sequence[PhotoVerdict]) -> Selection:
    """The accepted photos' samples, and how many were refused by reason."""
    refused = Counter(verdict.reason for verdict in verdicts if verdict.sample is None)
    return Selection(tuple(verdict.sample for verdict in verdicts if verdict.sample is not None), dict(refused.most_common()))


def enroll(
    gallery: Gallery, name: str, selection: Selection, threshold_l2: float, *, force: bool = False, consent: str = ""
) -> EnrollmentResult:
    """Save the samples under `name` in the gallery's folder; an existing person gains them.

    `consent` is written down for a person who is new. EnrollmentRefused before anything is written: `nothing_kept` when there is
    no sample, `identity_conflict` when there is a rival (not with `force`).
    """
    folder, name = GalleryFolder(gallery.folder), display_name(name)
    known = next((person for person in gallery.people if person.name == name), None)
    if not selection.samples and not (known and selection.refused.get(ALREADY_ENROLLED)):
        raise EnrollmentRefusedError(
            f"nothing was enrolled for {name}: {_counts(selection.refused)}; see that one face is near, sharp and well lit",
            NOTHING_KEPT,
        )
    rival = None if force else find_similar_person(gallery, name, selection.samples, threshold_l2)
    if rival is not None:
        raise EnrollmentRefusedError(
            f"{name} looks like {rival.name}, who is enrolled already (distance {rival.distance_l2:.2f}, one person below "
            f"{CONFLICT_SHARE * threshold_l2:.2f}): enroll more photos as {rival.name}, or use --force if they are two people",
            IDENTITY_CONFLICT,
        )
    person = folder.ensure_person(name, consent)
    before = set(person.photos)
    paths = [folder.add_jpeg(person, sample.jpeg) for sample in selection.samples]
    added = tuple(dict.fromkeys(path for path in paths if path not in before))
    return EnrollmentResult(person, added, len(paths) - len(added), new_person=known is None and not before)


def find_similar_person(gallery: Gallery, name: str, samples: Sequence[NewSample], threshold_l2: float) -> SimilarPerson | None:
    """Whom, besides `name`, the samples are nearer to than CONFLICT_SHARE of `threshold_l2`; None when they are to nobody."""
    others = Index(sample for sample in gallery.samples if sample.name != name)
    if not (samples and len(others)):
        return None
    nearest = [first for first, _ in others.nearest_batch(np.array([sample.embedding for sample in samples])) if first]
    median_l2 = float(np.median([candidate.distance_l2 for candidate in nearest]))
    if median_l2 >= CONFLICT_SHARE * threshold_l2:
        return None
    return SimilarPerson(Counter(candidate.name for candidate in nearest).most_common(1)[0][0], median_l2)


def undo_enrollment(folder: GalleryFolder, enrolled: EnrollmentResult) -> None:
    """Remove the photos that an enrollment added and what the caches hold of them, and the person whom it made unless others came.

    Photos are known by their names, which follow from their content: a person renamed meanwhile loses them too.
    """
    person = folder.find(enrolled.person.person_id, enrolled.person.name)
    if person is None or person.person_id != enrolled.person.person_id:
        return
    names = {photo.name for photo in enrolled.added}
    mine = [photo for photo in person.photos if photo.name in names]
    try:
        for photo in mine:
            photo.unlink(missing_ok=True)
        if enrolled.new_person and len(mine) == len(person.photos):
            folder.remove(person.name)
        else:
            forget_missing(folder.root)
    except OSError as error:
        raise GalleryError(f"a photo of {person.name} cannot be removed: {error}; delete it in {person.folders[0]}") from error


def _counts(refused: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in refused.items()) or "there was no picture"


# MERGED identify.add_photos: Photos for one person of a gallery: each judged, and what came of each; partial success is told, not hidden.

ALREADY_THERE = "already_there"


@dataclass(frozen=True, slots=True)
class PhotoOutcome:
    """What became of one photo: "ok", already_there, or the code for why it was refused."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class PhotoAddition:
    """What became of photos for `name`. With a `rival` nothing was saved, and the outcomes are what would have become of them."""

    name: str
    outcomes: tuple[PhotoOutcome, ...]
    enrolled: EnrollmentResult | None = None
    rival: SimilarPerson | None = None

    @property
    def added(self) -> int:
        """How many photos the person has gained."""
        return len(self.enrolled.added) if self.enrolled is not None else 0


@dataclass(frozen=True, slots=True)
class AddingRule:
    """The threshold in force and the rule for picking samples. With `force` somebody like another person is added, too.

    `consent` is written down for a person who is new. Of several faces in a photo `choose` may name the one that is meant.
    """

    threshold_l2: float
    selection: SelectionRule
    force: bool = False
    consent: str = ""
    choose: Choose | None = None


def photos_below(paths: Iterable[Path]) -> list[Path]:
    """The files, and of folders the pictures directly in them; nothing twice."""
    found = [photo for path in paths for photo in (photos_in(path) if path.is_dir() else (path,))]
    return list(dict.fromkeys(found))


def add_photos(
    gallery: Gallery,
    name: str,
    photos: Sequence[Path],
    reader: ImageFaceAnalyzer,
    rule: AddingRule,
    *,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> PhotoAddition:
    """Judge the photos and save the good ones for that person; `told(done, total)` after each. GalleryError when not saved."""
    verdicts: list[PhotoVerdict] = []
    for photo in photos:
        verdicts.append(judge_photo(photo, reader, rule.selection, choose=rule.choose))
        told(len(verdicts), len(photos))
    judged = tuple(PhotoOutcome(verdict.path, verdict.reason) for verdict in verdicts)
    selection = selection_of(verdicts)
    if not selection.samples:
        return PhotoAddition(name, judged)
    rival = None if rule.force else find_similar_person(gallery, name, selection.samples, rule.threshold_l2)
    if rival is not None:
        return PhotoAddition(name, judged, rival=rival)
    enrolled = enroll(gallery, name, selection, rule.threshold_l2, force=True, consent=rule.consent)
    return PhotoAddition(name, _outcomes(gallery.folder, verdicts, enrolled), enrolled)


def _outcomes(root: Path, verdicts: Sequence[PhotoVerdict], enrolled: EnrollmentResult) -> tuple[PhotoOutcome, ...]:
    """Each photo's; of two with the same content one was there already."""
    folder, new = GalleryFolder(root), set(enrolled.added)
    outcomes: list[PhotoOutcome] = []
    for verdict in verdicts:
        reason = verdict.reason
        if verdict.sample is not None:
            saved = folder.photo_path(enrolled.person, verdict.sample.jpeg)
            reason = OK if saved in new else ALREADY_THERE
            new.discard(saved)
        outcomes.append(PhotoOutcome(verdict.path, reason))
    return tuple(outcomes)
