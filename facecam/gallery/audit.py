"""Which photos of a gallery hurt: unusable, twice there, of somebody else, or near somebody else. Pure: nothing is moved here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.embedding.nn4_small2 import EMBEDDING_SIZE
from facecam.gallery.verify import PhotoFacts, same_picture
from facecam.recognition.face_analyzer import NO_FACE, OK, UNREADABLE
from facecam.recognition.matching import DecisionRule
from facecam.types import Floats

# MERGED identify.gallery_figures: How well a gallery's people are told apart: distances within and between people, and each sample judged by all others. Pure.


@dataclass(frozen=True, slots=True)
class GalleryFigures:
    """Pairs of one person (genuine) and of two (impostor), and leave-one-out: what each sample would be called by the others.

    The medians are None where there is no such pair. `named_right`, `named_wrong` and `unnamed` add up to the samples.
    """

    samples: int
    genuine_pairs: int
    impostor_pairs: int
    genuine_median_l2: float | None
    impostor_median_l2: float | None
    genuine_within_threshold: float | None
    impostors_within_threshold: int
    named_right: int
    named_wrong: int
    unnamed: int


class SampleTable:
    """Everybody's samples and all distances between them. `people` (n,) says whose each row of (n, 128) is, as a number."""

    def __init__(self, embeddings: Floats, people: Sequence[str]) -> None:
        _, codes = np.unique(np.asarray(people), return_inverse=True)
        self.people: NDArray[np.intp] = codes.astype(np.intp).reshape(-1)
        self.distances_l2: Floats = np.sqrt(np.maximum(0, 2 - 2 * embeddings @ embeddings.T)).astype(np.float32)

    def others_of(self, row: int, counted: NDArray[np.bool_]) -> NDArray[np.intp]:
        """The rows of the same person that are counted, without this one."""
        same = counted & (self.people == self.people[row])
        same[row] = False
        return np.flatnonzero(same)

    def own_l2(self, row: int, counted: NDArray[np.bool_]) -> float:
        """The mean distance to the person's other samples that are counted; 0 when there is none."""
        others = self.others_of(row, counted)
        return float(self.distances_l2[row, others].mean()) if len(others) else 0.0

    def false_names(self, rule: DecisionRule, counted: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """The counted rows that the others would give another person's name, each with the row that it is taken for."""
        rows, nearest, called = self._named(rule, counted)
        wrong = called & (self.people[nearest] != self.people[rows])
        return [(int(row), int(taken_for)) for row, taken_for in zip(rows[wrong], nearest[wrong], strict=True)]

    def figures(self, rule: DecisionRule, counted: NDArray[np.bool_] | None = None) -> GalleryFigures:
        """The figures of the rows that are counted, all by default."""
        counted = np.ones(len(self.people), np.bool_) if counted is None else counted
        distances = self.distances_l2[np.ix_(counted, counted)]
        same = self.people[counted][:, np.newaxis] == self.people[counted][np.newaxis]
        once = np.triu(np.ones_like(same), k=1)
        genuine, impostor = distances[same & once], distances[~same & once]
        rows, nearest, called = self._named(rule, counted)
        right = int((called & (self.people[nearest] == self.people[rows])).sum())
        return GalleryFigures(
            samples=int(counted.sum()),
            genuine_pairs=len(genuine),
            impostor_pairs=len(impostor),
            genuine_median_l2=float(np.median(genuine)) if len(genuine) else None,
            impostor_median_l2=float(np.median(impostor)) if len(impostor) else None,
            genuine_within_threshold=float((genuine <= rule.threshold_l2).mean()) if len(genuine) else None,
            impostors_within_threshold=int((impostor <= rule.threshold_l2).sum()),
            named_right=right,
            named_wrong=int(called.sum()) - right,
            unnamed=int(counted.sum() - called.sum()),
        )

    def _named(
        self, rule: DecisionRule, counted: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
        """The counted rows, the row that is nearest to each, and whether it would give its name: threshold and margin hold."""
        rows = np.flatnonzero(counted)
        if len(rows) < 2:
            return rows, rows, np.zeros(len(rows), np.bool_)
        distances = self.distances_l2[np.ix_(rows, rows)].copy()
        np.fill_diagonal(distances, np.inf)
        people = self.people[rows]
        nearest = distances.argmin(axis=1)
        first = distances[np.arange(len(rows)), nearest]
        second = np.where(people[np.newaxis] == people[nearest][:, np.newaxis], np.inf, distances).min(axis=1)
        return rows, rows[nearest], (first <= rule.threshold_l2) & (second - first >= rule.margin_l2)


TOO_SMALL, DUPLICATE, OUTLIER, CROSS_RISK = "too_small", "duplicate", "outlier", "cross_risk"

_USELESS = frozenset({NO_FACE, UNREADABLE, TOO_SMALL})
"""What no cropping mends. Of several faces one may be right, and a turned face is still that person: such photos stay."""

_FEWEST_TO_JUDGE = 3
"""Of two photos that differ nobody can say which one is wrong."""


@dataclass(frozen=True, slots=True)
class AuditRule:
    """How far is too far. Distances are plain L2 for the default network.

    A sample whose mean distance to its person's others is above `outlier_l2` is an outlier: on LFW that is 97 of 100 strangers'
    photos and 2 of 1,000 right ones. Files of the same picture read at most `same_picture_l2` apart; samples nearer than
    `too_alike_l2` add nothing, whatever the pictures are. A picture smaller than `min_size_px` has no face that is large enough.
    """

    outlier_l2: float = 0.42
    same_picture_l2: float = 0.35
    too_alike_l2: float = 0.05
    min_size_px: float = 40

    @classmethod
    def for_threshold(cls, threshold_l2: float, min_size_px: float) -> AuditRule:
        """The same proportions for a network whose own threshold this is: distances of different networks differ in scale."""
        scale = threshold_l2 / 0.32
        own = cls()
        return cls(own.outlier_l2 * scale, own.same_picture_l2 * scale, own.too_alike_l2 * scale, min_size_px)


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFinding:
    """What is wrong with a photo: a reason code, the figures as a sentence, and whether it should be set aside.

    Codes: unreadable, no_face, too_small, duplicate, outlier, cross_risk, else the code for why the photo is not compared with.
    """

    photo: PhotoFacts
    reason: str
    said: str
    set_aside: bool


@dataclass(frozen=True, slots=True, eq=False)
class AuditResult:
    """The findings by photo_id, and the figures of the gallery with all its photos and without those to be set aside."""

    findings: tuple[PhotoFinding, ...]
    before: GalleryFigures
    after: GalleryFigures

    @property
    def to_set_aside(self) -> tuple[PhotoFacts, ...]:
        return tuple(finding.photo for finding in self.findings if finding.set_aside)


def audit_photos(photos: Sequence[PhotoFacts], rule: AuditRule, decision: DecisionRule) -> AuditResult:
    """Judge a gallery's photos; their order does not matter. `decision` is what names people now."""
    photos = sorted(photos, key=lambda photo: photo.photo_id)
    findings = [found for photo in photos if (found := _unusable(photo, rule)) is not None]
    gone = {found.photo.photo_id for found in findings if found.set_aside}
    doubles = _duplicates([photo for photo in photos if photo.photo_id not in gone], rule)
    gone |= {found.photo.photo_id for found in doubles}
    samples = [photo for photo in photos if photo.embedding is not None]
    table = SampleTable(_matrix(samples), [photo.person_id for photo in samples])
    counted = np.array([photo.photo_id not in gone for photo in samples], np.bool_)
    findings = [found for found in findings if found.photo.photo_id not in {double.photo.photo_id for double in doubles}]
    findings += [*doubles, *_outliers(samples, table, counted, rule)]
    strangers = _strangers([f.photo for f in findings if not f.set_aside], _counted(samples, counted), rule)
    findings = [found for found in findings if found.photo.photo_id not in {stranger.photo.photo_id for stranger in strangers}]
    findings += [*strangers, *_cross_risks(samples, table, counted, decision)]
    return AuditResult(
        tuple(sorted(findings, key=lambda found: found.photo.photo_id)),
        table.figures(decision),
        table.figures(decision, counted),
    )


def _unusable(photo: PhotoFacts, rule: AuditRule) -> PhotoFinding | None:
    if photo.reason == OK:
        return None
    size_wh = photo.thumbnail.size_wh if photo.thumbnail is not None else None
    if size_wh is not None and max(size_wh) < rule.min_size_px:
        said = f"{size_wh[0]} x {size_wh[1]} px, a face needs {rule.min_size_px:.0f}"
        return PhotoFinding(photo, TOO_SMALL, said, set_aside=True)
    said = f"the face has {photo.face_px:.0f} px, {rule.min_size_px:.0f} are needed" if photo.reason == TOO_SMALL else ""
    return PhotoFinding(photo, photo.reason, said, set_aside=photo.reason in _USELESS)


def _duplicates(photos: Sequence[PhotoFacts], rule: AuditRule) -> list[PhotoFinding]:
    """Of each person's photos that are the same picture, or as good as, all but the best."""
    findings: list[PhotoFinding] = []
    kept: dict[str, list[PhotoFacts]] = {}
    for photo in sorted(photos, key=_worse):
        best = kept.setdefault(photo.person_id, [])
        said, original = next(((said, other) for other in best if (said := _likeness(photo, other, rule))), ("", None))
        if original is None:
            best.append(photo)
        else:
            findings.append(PhotoFinding(photo, DUPLICATE, f"{said} as {original.photo_id}", set_aside=True))
    return findings


def _worse(photo: PhotoFacts) -> tuple[bool, int, int, int, str]:
    """Sorts the better photo first: usable, the larger face in steps of a tenth, more bytes; then the shorter file name."""
    step = round(np.log(max(photo.face_px, 1.0)) / np.log(1.1))
    return photo.embedding is None, -step, -photo.size_bytes, len(photo.photo_id), photo.photo_id


def _likeness(a: PhotoFacts, b: PhotoFacts, rule: AuditRule) -> str:
    """In what two photos are the same, as words; empty when they are not."""
    if a.sha256 == b.sha256:
        return "the same file"
    if a.thumbnail is None or b.thumbnail is None:
        return ""
    if a.embedding is None or b.embedding is None:
        return "the same picture" if same_picture(a.thumbnail, b.thumbnail) else ""
    apart_l2 = float(np.linalg.norm(a.embedding - b.embedding))
    if apart_l2 < rule.too_alike_l2:
        return f"the same face ({apart_l2:.2f} apart)"
    if apart_l2 <= rule.same_picture_l2 and same_picture(a.thumbnail, b.thumbnail):
        return f"the same picture ({apart_l2:.2f} apart)"
    return ""


def _outliers(
    samples: Sequence[PhotoFacts], table: SampleTable, counted: NDArray[np.bool_], rule: AuditRule
) -> list[PhotoFinding]:
    """Per person the sample farthest from the others, one after the other, and never half of them. Uncounts what it finds."""
    findings: list[PhotoFinding] = []
    for person in np.unique(table.people):
        left = np.flatnonzero(counted & (table.people == person))
        for _ in range((len(left) - 1) // 2):
            rows = left[counted[left]]
            if len(rows) < _FEWEST_TO_JUDGE:
                break
            own_l2, worst = max((table.own_l2(int(row), counted), int(row)) for row in rows)
            if own_l2 <= rule.outlier_l2:
                break
            counted[worst] = False
            said = f"{own_l2:.2f} from the other {len(rows) - 1} photos of {samples[worst].name}, at most {rule.outlier_l2:.2f}"
            findings.append(PhotoFinding(samples[worst], OUTLIER, said, set_aside=True))
    return findings


def _strangers(unused: Sequence[PhotoFacts], samples: Sequence[PhotoFacts], rule: AuditRule) -> list[PhotoFinding]:
    """Of the photos that are not compared with, those on which nobody looks like the person."""
    findings: list[PhotoFinding] = []
    for photo in unused:
        own = _matrix([sample for sample in samples if sample.person_id == photo.person_id])
        if len(own) < _FEWEST_TO_JUDGE - 1 or not len(photo.faces):
            continue
        nearest_l2 = min(float(np.linalg.norm(own - face, axis=1).mean()) for face in photo.faces)
        if nearest_l2 > rule.outlier_l2:
            said = f"{nearest_l2:.2f} from the {len(own)} photos of {photo.name} in use, at most {rule.outlier_l2:.2f}"
            findings.append(PhotoFinding(photo, OUTLIER, said, set_aside=True))
    return findings


def _cross_risks(
    samples: Sequence[PhotoFacts], table: SampleTable, counted: NDArray[np.bool_], decision: DecisionRule
) -> list[PhotoFinding]:
    """Of two samples of which one gives the other a false name, the one farther from its own person. Uncounts what it finds.

    A person's last photo stays and is only told of.
    """
    findings: list[PhotoFinding] = []
    told = counted.copy()
    while pairs := table.false_names(decision, counted & told):
        row, taken_for = min(pairs, key=lambda pair: (table.distances_l2[pair], pair))
        rivals = [r for r in (row, taken_for) if len(table.others_of(r, counted))]
        culprit = max(rivals, key=lambda r: (table.own_l2(r, counted), r), default=row)
        other = taken_for if culprit == row else row
        said = (
            f"{table.distances_l2[row, taken_for]:.2f} from {samples[other].photo_id} of {samples[other].name}, "
            f"a name is given up to {decision.threshold_l2:.2f}"
        )
        findings.append(PhotoFinding(samples[culprit], CROSS_RISK, said, set_aside=bool(rivals)))
        told[culprit] = False
        counted[culprit] = not rivals
    return findings


def _counted(samples: Sequence[PhotoFacts], counted: NDArray[np.bool_]) -> list[PhotoFacts]:
    return [sample for sample, counts in zip(samples, counted, strict=True) if counts]


def _matrix(samples: Sequence[PhotoFacts]) -> NDArray[np.float32]:
    return np.array([photo.embedding for photo in samples], np.float32).reshape(-1, EMBEDDING_SIZE)
