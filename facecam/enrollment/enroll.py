"""Enrollment from photos: judge each photo, check for similar enrolled people, save the accepted samples."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from facecam.enrollment.samples import (
    ALREADY_ENROLLED,
    NOT_FOUND_AGAIN,
    MixedSamples,
    NewSample,
    Selection,
    SelectionRule,
    encode_jpeg,
    face_crop,
    find_mixed_samples,
    reread,
)
from facecam.errors import EnrollmentRefusedError, GalleryError, ImageError
from facecam.fileio import read_regular
from facecam.gallery.gallery import Gallery, ProgressCallback
from facecam.gallery.people import display_name, photos_in, require_distinct_name
from facecam.gallery.service import GalleryService, photo_path
from facecam.gallery.undo import GalleryChange
from facecam.imageio import MAX_FILE_BYTES, decode_image
from facecam.messages import MESSAGES, TranslatableText, caption, join_texts
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import OK, SEVERAL_FACES, UNREADABLE, ImageFaceAnalyzer, single_face
from facecam.recognition.person_groups import mean_distance_l2
from facecam.types import Box, FaceObservation, Floats, Image

_log = logging.getLogger(__name__)

IDENTITY_CONFLICT, MIXED_PEOPLE, NOTHING_KEPT = "identity_conflict", "mixed_people", "nothing_kept"
ALREADY_THERE = "already_there"
NO_LABELED_FACE = "no_labeled_face"

_NARROWER_CROPS = (0.8, 0.65)
"""Factors on the side of the usual square, tried when a neighbor's face is in it."""

LabeledFace = Callable[[Sequence[FaceObservation], tuple[int, int]], FaceObservation | None]
"""Returns the face of an image of this size that has a label, None if it was not detected."""

FaceChooser = Callable[[Path, Sequence[FaceObservation]], FaceObservation | None]
"""Selects the intended one of an image's faces, or None."""


@dataclass(frozen=True, slots=True)
class PhotoVerdict:
    """Result for one photo. `reason` is "ok" with a sample, or the code for why there is none.

    Once the sample is saved, `saved_as` is its path in the gallery, and `reason` is already_there if it was not new. Imports set
    `name`, the person's, and `detail`, a sentence that explains a refusal better than the code.
    """

    path: Path
    reason: str
    sample: NewSample | None = field(default=None, compare=False)
    saved_as: Path | None = field(default=None, compare=False)
    name: str = ""
    detail: str = ""

    @property
    def is_refused(self) -> bool:
        return self.reason not in (OK, ALREADY_THERE)


@dataclass(frozen=True, slots=True)
class SimilarPerson:
    """Enrolled person who may be the same as the new samples': their mean distance is `distance_l2`."""

    name: str
    distance_l2: float


def judge_photo(
    path: Path,
    analyzer: ImageFaceAnalyzer,
    rule: SelectionRule,
    *,
    choose: FaceChooser | None = None,
    labeled: LabeledFace | None = None,
    read: Callable[[], bytes] | None = None,
) -> PhotoVerdict:
    """Judge a photo, see `judge_image`. `read` returns its content, by default that of the file `path`."""
    try:
        data = read_regular(path, MAX_FILE_BYTES) if read is None else read()
        bgr = decode_image(np.frombuffer(data, np.uint8), path)
        return judge_image(path, bgr, analyzer, rule, choose=choose, labeled=labeled)
    except (ImageError, OSError) as error:
        _log.info("%s is not used: %s", path, error)
        return PhotoVerdict(path, UNREADABLE)


def judge_image(
    path: Path,
    bgr: Image,
    analyzer: ImageFaceAnalyzer,
    rule: SelectionRule,
    *,
    choose: FaceChooser | None = None,
    labeled: LabeledFace | None = None,
) -> PhotoVerdict:
    """Accept an image with exactly one usable face; the sample is the square around it, else the whole image.

    Of several faces `choose` may select one. A usable face is not enough if another one is larger: it is a bystander's.
    With `labeled`, only the face that it returns counts.
    """
    observations = analyzer.analyze(bgr)
    face = single_face(observations)
    if isinstance(face, FaceObservation) and _is_bystander(face, observations):
        face = SEVERAL_FACES
    if labeled is not None:
        chosen = labeled(observations, (bgr.shape[1], bgr.shape[0]))
        face = NO_LABELED_FACE
    else:
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
            return PhotoVerdict(path, OK, replace(sample, origin=str(path)))
    return PhotoVerdict(path, NOT_FOUND_AGAIN)


def _is_bystander(face: FaceObservation, observations: Sequence[FaceObservation]) -> bool:
    others_px = [other.face.box.longer_side_px for other in observations if other.gate != "low_score"]
    return face.face.box.longer_side_px < max(others_px, default=0.0)


def _shrunk(box: Box, factor: float) -> Box:
    return Box(box.x + box.w * (1 - factor) / 2, box.y + box.h * (1 - factor) / 2, box.w * factor, box.h * factor)


def selection_from(verdicts: Sequence[PhotoVerdict]) -> Selection:
    """Return the accepted photos' samples and the number of refused photos by reason."""
    refused = Counter(verdict.reason for verdict in verdicts if verdict.sample is None)
    return Selection(tuple(verdict.sample for verdict in verdicts if verdict.sample is not None), dict(refused.most_common()))


@dataclass(frozen=True, slots=True)
class EnrollmentOptions:
    """Selection rule of the network, see `for_network`.

    `force` adds photos although another person is similar, `allow_mixed` although they show different people. `consent` is
    recorded for a person without a record of it. Of several faces in a photo `choose` may select one.
    """

    selection: SelectionRule
    force: bool = False
    consent: str = ""
    choose: FaceChooser | None = None
    allow_mixed: bool = False

    @classmethod
    def for_network(cls, network: str, choose: FaceChooser | None = None) -> EnrollmentOptions:
        """Return the options with the rule for the network of this name."""
        return cls(SelectionRule.for_network(embedding_network(network)), choose=choose)


def enroll(
    gallery: Gallery,
    name: str,
    selection: Selection,
    options: EnrollmentOptions,
    *,
    replaced: GalleryChange | None = None,
) -> GalleryChange:
    """Save the samples under `name` in the gallery's folder; an existing person gains them.

    Photos that an earlier enrollment, `replaced`, had saved and that are not among the samples are removed.

    EnrollmentRefusedError, with nothing written: `nothing_kept` without samples, `mixed_people` when they show different people
    (not with `allow_mixed`), `identity_conflict` when another person is similar (not with `force`). GalleryError when another
    person than in `gallery` has the name now, or the folder of a gallery with people has disappeared.
    """
    gallery.check_folder()  # It would be made anew, with this person alone.
    name = display_name(name)
    known = next((person for person in gallery.people if person.name == name), None)
    if known is None:
        require_distinct_name(gallery.people, name)
    if not selection.samples and not (known and selection.refused.get(ALREADY_ENROLLED)):
        refused = [
            TranslatableText("{reason} ({count})", reason=TranslatableText(caption(code)), count=count)
            for code, count in selection.refused.items()
        ]
        raise EnrollmentRefusedError(
            "nothing was enrolled for {name}: {refused}; {advice}",
            NOTHING_KEPT,
            name=name,
            refused=join_texts(", ", refused or [TranslatableText("the image is missing")]),
            advice=TranslatableText(MESSAGES[NOTHING_KEPT].advice),
        )
    mixed = None if options.allow_mixed else find_mixed(gallery, name, selection, options.selection)
    if mixed is not None:
        problem = mixed.text(name)
        if mixed.is_video and not mixed.enrolled:
            raise EnrollmentRefusedError(
                "{problem}: cut it to one person, or use --force if they are one person", MIXED_PEOPLE, problem=problem
            )
        raise EnrollmentRefusedError(
            "{problem}: enroll them under two names, or use --force if they are one person", MIXED_PEOPLE, problem=problem
        )
    same_person_l2 = options.selection.same_person_l2
    similar = None if options.force else find_similar_person(gallery, name, selection.samples, same_person_l2)
    if similar is not None:
        raise EnrollmentRefusedError(conflict_text(name, similar, same_person_l2), IDENTITY_CONFLICT)
    jpegs = [sample.jpeg for sample in selection.samples]
    expected_id = known.person_id if known is not None else ""
    service = GalleryService(gallery.folder)
    return service.add_photos(name, jpegs, options.consent, replaced=replaced, expected_id=expected_id)


def find_mixed(gallery: Gallery, name: str, selection: Selection, rule: SelectionRule) -> MixedSamples | None:
    """Return the selection's samples by the person they show, None if all of them show one, the one enrolled as `name` if any."""
    known = [sample.embedding for sample in gallery.samples if sample.name == name]
    return find_mixed_samples(selection, known, rule.max_apart_l2(known, is_video=selection.is_video))


def conflict_text(name: str, similar: SimilarPerson, same_person_l2: float, force: str = "--force") -> TranslatableText:
    """Return the sentence about a new person who looks like an enrolled one. `force` is the option that enrolls anyway."""
    return TranslatableText(
        "{name} looks like {other}, who is enrolled already (distance {distance:.2f}, the same person below {limit:.2f}): "
        "enroll more photos as {other}, or use {force} for two people",
        name=name,
        other=similar.name,
        distance=similar.distance_l2,
        limit=same_person_l2,
        force=force,
    )


def find_similar_person(gallery: Gallery, name: str, samples: Sequence[NewSample], same_person_l2: float) -> SimilarPerson | None:
    """Return the nearest person besides `name` whose photos are nearer to the samples than this, on average, else None."""
    others: dict[str, list[Floats]] = {}
    for sample in gallery.samples:
        if sample.name != name:
            others.setdefault(sample.name, []).append(sample.embedding)
    if not samples or not others:
        return None
    new = [sample.embedding for sample in samples]
    distance_l2, nearest = min((mean_distance_l2(new, photos), other) for other, photos in others.items())
    return SimilarPerson(nearest, distance_l2) if distance_l2 < same_person_l2 else None


@dataclass(frozen=True, slots=True)
class AddPhotosResult:
    """Outcome of adding photos to `name`.

    With `mixed` photos, or a `similar_person`, nothing was saved, and the outcomes are hypothetical.
    """

    name: str
    outcomes: tuple[PhotoVerdict, ...]
    enrolled: GalleryChange | None = None
    similar_person: SimilarPerson | None = None
    mixed: MixedSamples | None = None

    @property
    def is_question(self) -> bool:
        """True when nothing was saved, and the photos can be added anyway."""
        return self.similar_person is not None or self.mixed is not None

    @property
    def added(self) -> int:
        """Number of photos that the person has gained."""
        return self.enrolled.photos if self.enrolled is not None else 0


def expand_photo_paths(paths: Iterable[Path]) -> list[Path]:
    """Replace folders by the images directly in them and drop duplicates. A folder that cannot be read has none."""
    found = [photo for path in paths for photo in (photos_in(path) if path.is_dir() else (path,))]
    return list(dict.fromkeys(found))


def add_photos(
    gallery: Gallery,
    name: str,
    photos: Sequence[Path],
    analyzer: ImageFaceAnalyzer,
    options: EnrollmentOptions,
    *,
    progress: ProgressCallback | None = None,
) -> AddPhotosResult:
    """Judge the photos and save the accepted ones for one person; `progress(done, total)` after each."""
    verdicts: list[PhotoVerdict] = []
    for photo in photos:
        verdicts.append(judge_photo(photo, analyzer, options.selection, choose=options.choose))
        if progress is not None:
            progress(len(verdicts), len(photos))
    return add_judged_photos(gallery, name, verdicts, options)


def add_judged_photos(
    gallery: Gallery, name: str, verdicts: Sequence[PhotoVerdict], options: EnrollmentOptions
) -> AddPhotosResult:
    """Save the accepted photos for one person. Of two photos with the same content the second was already there."""
    selection, outcomes = selection_from(verdicts), list(verdicts)
    if not selection.samples:
        return AddPhotosResult(name, tuple(outcomes))
    mixed = None if options.allow_mixed else find_mixed(gallery, name, selection, options.selection)
    if mixed is not None:
        return AddPhotosResult(name, tuple(outcomes), mixed=mixed)
    similar = None if options.force else find_similar_person(gallery, name, selection.samples, options.selection.same_person_l2)
    if similar is not None:
        return AddPhotosResult(name, tuple(outcomes), similar_person=similar)
    enrolled = enroll(gallery, name, selection, replace(options, force=True, allow_mixed=True))
    new = set(enrolled.paths)
    for number, verdict in enumerate(verdicts):
        if verdict.sample is not None:
            path = photo_path(enrolled.person, verdict.sample.jpeg)
            outcomes[number] = replace(verdict, reason=OK if path in new else ALREADY_THERE, saved_as=path)
            new.discard(path)
    return AddPhotosResult(name, tuple(outcomes), enrolled)
