"""Enrollment from photos: judge each photo, check for similar enrolled people, save the accepted samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facecam.enrollment.samples import ALREADY_ENROLLED, NOT_FOUND_AGAIN, NewSample, Selection, SelectionRule, face_crop, reread
from facecam.errors import EnrollmentRefusedError, GalleryError, ImageError
from facecam.gallery.cache import prune_caches
from facecam.gallery.gallery import Gallery, ProgressCallback
from facecam.gallery.people import Person, display_name, photos_in
from facecam.gallery.store import GalleryFolder, encode_jpeg
from facecam.imageio import read_image
from facecam.messages import caption
from facecam.recognition.face_analyzer import OK, SEVERAL_FACES, UNREADABLE, ImageFaceAnalyzer, single_face
from facecam.recognition.matching import Index
from facecam.types import Box, FaceObservation, Image

IDENTITY_CONFLICT, NOTHING_KEPT, ALREADY_THERE = "identity_conflict", "nothing_kept", "already_there"

CONFLICT_FACTOR = 0.8
"""Factor on the threshold: the median over a person's samples is steadier than one distance, and a dozen samples on either side
bring strangers closer. Webcam clips, default network (threshold 0.32): the same person again 0.15 to 0.22, the closest two people
0.30."""

_NARROWER_CROPS = (0.8, 0.65)
"""Factors on the side of the usual square, tried when a neighbor's face is in it."""

FaceChooser = Callable[[Path, Sequence[FaceObservation]], FaceObservation | None]
"""Selects the intended one of an image's faces, or None."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoVerdict:
    """Result of judging one photo: reason "ok" with a sample, or the code for why there is none."""

    path: Path
    reason: str
    sample: NewSample | None = None


@dataclass(frozen=True, slots=True)
class EnrollmentResult:
    """Enrolled person. `added` are the new photos; `already_there` counts samples whose exact photo had been saved before."""

    person: Person
    added: tuple[Path, ...]
    already_there: int
    new_person: bool = False


@dataclass(frozen=True, slots=True)
class SimilarPerson:
    """Enrolled person who may be the same as the new samples': their median distance is `distance_l2`."""

    name: str
    distance_l2: float


def judge_photo(
    path: Path, analyzer: ImageFaceAnalyzer, rule: SelectionRule | None = None, *, choose: FaceChooser | None = None
) -> PhotoVerdict:
    """Judge a photo file, see `judge_image`."""
    try:
        return judge_image(path, read_image(path), analyzer, rule, choose=choose)
    except (ImageError, OSError):
        return PhotoVerdict(path, UNREADABLE)


def judge_image(
    path: Path, bgr: Image, analyzer: ImageFaceAnalyzer, rule: SelectionRule | None = None, *, choose: FaceChooser | None = None
) -> PhotoVerdict:
    """Accept an image with exactly one usable face; the sample is the square around it, else the whole image.

    Of several faces `choose` may select one.
    """
    rule, observations = rule or SelectionRule(), analyzer.analyze(bgr)
    face = single_face(observations)
    chosen = choose(path, observations) if face == SEVERAL_FACES and choose is not None else None
    if chosen is not None:
        face = chosen if chosen.gate is None else chosen.gate
    if not isinstance(face, FaceObservation):
        return PhotoVerdict(path, face)
    narrower = [face_crop(bgr, _shrunk(face.face.box, factor)) for factor in _NARROWER_CROPS] if chosen is not None else []
    for image in (face_crop(bgr, face.face.box), *narrower, bgr):
        try:
            sample = reread(encode_jpeg(image), face, analyzer, rule.max_reread_l2)
        except GalleryError:  # too large for a JPEG
            continue
        if sample is not None:
            return PhotoVerdict(path, OK, sample)
    return PhotoVerdict(path, NOT_FOUND_AGAIN)


def _shrunk(box: Box, factor: float) -> Box:
    return Box(box.x + box.w * (1 - factor) / 2, box.y + box.h * (1 - factor) / 2, box.w * factor, box.h * factor)


def selection_from(verdicts: Sequence[PhotoVerdict]) -> Selection:
    """Return the accepted photos' samples and the number of refused photos by reason."""
    refused = Counter(verdict.reason for verdict in verdicts if verdict.sample is None)
    return Selection(tuple(verdict.sample for verdict in verdicts if verdict.sample is not None), dict(refused.most_common()))


def enroll(
    gallery: Gallery, name: str, selection: Selection, threshold_l2: float, *, force: bool = False, consent: str = ""
) -> EnrollmentResult:
    """Save the samples under `name` in the gallery's folder; an existing person gains them. `consent` is kept for a new one.

    EnrollmentRefusedError, with nothing written: `nothing_kept` without samples, `identity_conflict` when another person is
    similar at the match threshold `threshold_l2` (not with `force`).
    """
    folder, name = GalleryFolder(gallery.folder), display_name(name)
    known = next((person for person in gallery.people if person.name == name), None)
    if not selection.samples and not (known and selection.refused.get(ALREADY_ENROLLED)):
        refused = [f"{caption(reason)} ({count})" for reason, count in selection.refused.items()] or ["the image is missing"]
        advice = "make sure that one face is near, sharp and well lit"
        raise EnrollmentRefusedError(f"nothing was enrolled for {name}: {', '.join(refused)}; {advice}", NOTHING_KEPT)
    similar = None if force else find_similar_person(gallery, name, selection.samples, threshold_l2)
    if similar is not None:
        raise EnrollmentRefusedError(
            f"{name} looks like {similar.name}, who is enrolled already (distance {similar.distance_l2:.2f}, the same person "
            f"below {CONFLICT_FACTOR * threshold_l2:.2f}): enroll more photos as {similar.name}, or use --force for two people",
            IDENTITY_CONFLICT,
        )
    person = folder.ensure_person(name, consent)
    existing = set(person.photos)
    paths = [folder.add_jpeg(person, sample.jpeg) for sample in selection.samples]
    added = tuple(dict.fromkeys(path for path in paths if path not in existing))
    return EnrollmentResult(person, added, len(paths) - len(added), new_person=known is None and not existing)


def find_similar_person(gallery: Gallery, name: str, samples: Sequence[NewSample], threshold_l2: float) -> SimilarPerson | None:
    """Return the person besides `name` within CONFLICT_FACTOR times `threshold_l2` of the samples (median), else None."""
    others = Index(sample for sample in gallery.samples if sample.name != name)
    if not (samples and len(others)):
        return None
    nearest = [first for first, _ in others.nearest_batch(np.array([sample.embedding for sample in samples])) if first]
    median_l2 = float(np.median([candidate.distance_l2 for candidate in nearest]))
    if median_l2 >= CONFLICT_FACTOR * threshold_l2:
        return None
    return SimilarPerson(Counter(candidate.name for candidate in nearest).most_common(1)[0][0], median_l2)


def undo_enrollment(folder: GalleryFolder, enrolled: EnrollmentResult) -> None:
    """Remove the photos and cache entries that an enrollment added, and a new person unless other photos were added since.

    Photos are found by their names, which follow from their content, even after the person was renamed.
    """
    person = folder.find(enrolled.person.person_id, enrolled.person.name)
    if person is None or person.person_id != enrolled.person.person_id:
        return
    names = {photo.name for photo in enrolled.added}
    added = [photo for photo in person.photos if photo.name in names]
    try:
        for photo in added:
            photo.unlink(missing_ok=True)
        if enrolled.new_person and len(added) == len(person.photos):
            folder.remove(person.name)
        else:
            prune_caches(folder.root)
    except OSError as error:
        raise GalleryError(f"a photo of {person.name} cannot be removed: {error}; delete it in {person.folders[0]}") from error


@dataclass(frozen=True, slots=True)
class PhotoOutcome:
    """Outcome for one photo: "ok", already_there, or the code for why it was refused; `saved_as` is its path in the gallery."""

    path: Path
    reason: str
    saved_as: Path | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AddPhotosResult:
    """Outcome of adding photos to `name`. With a `similar_person` nothing was saved, and the outcomes are hypothetical."""

    name: str
    outcomes: tuple[PhotoOutcome, ...]
    enrolled: EnrollmentResult | None = None
    similar_person: SimilarPerson | None = None

    @property
    def added(self) -> int:
        """Number of photos that the person has gained."""
        return len(self.enrolled.added) if self.enrolled is not None else 0


@dataclass(frozen=True, slots=True)
class AddPhotosOptions:
    """Threshold in force and selection rule. `force` adds the photos although another person is similar.

    `consent` is recorded for a new person. Of several faces in a photo `choose` may select one.
    """

    threshold_l2: float
    selection: SelectionRule
    force: bool = False
    consent: str = ""
    choose: FaceChooser | None = None


def expand_photo_paths(paths: Iterable[Path]) -> list[Path]:
    """Replace folders by the images directly in them and drop duplicates."""
    found = [photo for path in paths for photo in (photos_in(path) if path.is_dir() else (path,))]
    return list(dict.fromkeys(found))


def add_photos(
    gallery: Gallery,
    name: str,
    photos: Sequence[Path],
    analyzer: ImageFaceAnalyzer,
    options: AddPhotosOptions,
    *,
    progress: ProgressCallback | None = None,
) -> AddPhotosResult:
    """Judge the photos and save the accepted ones for one person; `progress(done, total)` after each."""
    verdicts: list[PhotoVerdict] = []
    for photo in photos:
        verdicts.append(judge_photo(photo, analyzer, options.selection, choose=options.choose))
        if progress is not None:
            progress(len(verdicts), len(photos))
    judged = tuple(PhotoOutcome(verdict.path, verdict.reason) for verdict in verdicts)
    selection = selection_from(verdicts)
    if not selection.samples:
        return AddPhotosResult(name, judged)
    similar = None if options.force else find_similar_person(gallery, name, selection.samples, options.threshold_l2)
    if similar is not None:
        return AddPhotosResult(name, judged, similar_person=similar)
    enrolled = enroll(gallery, name, selection, options.threshold_l2, force=True, consent=options.consent)
    return AddPhotosResult(name, outcomes_of(GalleryFolder(gallery.folder), verdicts, enrolled), enrolled)


def outcomes_of(folder: GalleryFolder, verdicts: Iterable[PhotoVerdict], enrolled: EnrollmentResult) -> tuple[PhotoOutcome, ...]:
    """Return the outcome for each photo of an enrollment. Of two photos with the same content the second was already there."""
    new = set(enrolled.added)
    outcomes: list[PhotoOutcome] = []
    for verdict in verdicts:
        path, reason = None, verdict.reason
        if verdict.sample is not None:
            path = folder.photo_path(enrolled.person, verdict.sample.jpeg)
            reason = OK if path in new else ALREADY_THERE
            new.discard(path)
        outcomes.append(PhotoOutcome(verdict.path, reason, path))
    return tuple(outcomes)
