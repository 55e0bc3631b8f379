"""Find the photos that harm a gallery: unusable, duplicated, of another person, or close to another person's. Moves no files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.gallery.gallery import ProgressCallback
from facecam.gallery.people import read_people
from facecam.gallery.verify import PhotoAnalysis, PhotoAnalyzer, analyze_photos, is_same_image
from facecam.messages import TranslatableText
from facecam.networks.embedding_networks import EmbeddingNetwork, embedding_network
from facecam.recognition.face_analyzer import NO_FACE, OK, UNREADABLE, open_face_analyzer
from facecam.recognition.leave_one_out import LeaveOneOut, leave_one_out
from facecam.recognition.matching import DecisionRule, decision_rule
from facecam.recognition.open_set import DistanceTable, load_distance_table, pairwise_l2
from facecam.recognition.person_groups import group_by_person, mean_distance_l2
from facecam.settings import GateSettings, Settings
from facecam.types import Floats

TOO_SMALL, DUPLICATE, OUTLIER, CROSS_RISK = "too_small", "duplicate", "outlier", "cross_risk"
MIXED_PEOPLE = "mixed_people"

_UNUSABLE = frozenset({NO_FACE, UNREADABLE, TOO_SMALL})
"""Reasons that no cropping fixes. One of several faces may be the right one, and a turned face is still that person's."""

_MIN_PHOTOS_TO_JUDGE = 3
"""With two photos that differ, nothing tells which one is wrong."""

_Rows = NDArray[np.intp]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class AuditRule:
    """Limits of an audit. Distances are plain L2 and belong to a network.

    A sample whose mean distance to its person's other samples is above `outlier_l2` is an outlier: on LFW that is 97 of 100
    strangers' photos and 1 of 100 right ones. Groups of samples farther apart than that show different people. Two files of one
    image are at most `same_image_l2` apart; samples nearer than `too_alike_l2` add nothing, whatever the images are. An image
    smaller than `min_size_px` holds no face that is large enough.
    """

    outlier_l2: float
    same_image_l2: float
    too_alike_l2: float
    min_size_px: float = 40

    @classmethod
    def for_network(cls, network: EmbeddingNetwork, min_size_px: float) -> AuditRule:
        """Return the limits that belong to this network."""
        return cls(network.outlier_l2, network.same_image_l2, network.duplicate_l2, min_size_px)


@dataclass(frozen=True, slots=True)
class GalleryFigures:
    """Distances of genuine and impostor pairs, and leave-one-out: each sample identified by all others.

    A pair is within the threshold if it is within that of one of its people. The medians are None without such a pair.
    `named_right`, `named_wrong` and `unnamed` add up to `samples`.
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


@dataclass(frozen=True, slots=True)
class FalseMatch:
    """Row that matches another person, whose nearest photo is `match`.

    `distance_l2` is that to the person: to the photo, or to the mean of the photos if `is_mean`. `threshold_l2` is the person's.
    """

    row: int
    match: int
    distance_l2: float
    is_mean: bool
    threshold_l2: float


class SampleTable:
    """All samples with the distances between them. `people` (n,) holds a number for the person of each row of (n, d).

    `table` and `session_l2` lower people's match thresholds, as in `Index`. The masks `included` (n,) that methods take select
    the rows that count.
    """

    def __init__(
        self, embeddings: Floats, people: Sequence[str], table: DistanceTable | None = None, session_l2: float | None = None
    ) -> None:
        self._embeddings, self._table, self._session_l2 = embeddings, table, session_l2
        _, codes = np.unique(np.asarray(people), return_inverse=True)
        self.people: _Rows = codes.astype(np.intp).reshape(-1)
        self.distances_l2: Floats = np.asarray(pairwise_l2(embeddings, embeddings), np.float32)

    def same_person_rows(self, row: int, included: _Mask) -> _Rows:
        """Return the included rows of the same person without this one."""
        same = included & (self.people == self.people[row])
        same[row] = False
        return np.flatnonzero(same)

    def own_l2(self, row: int, included: _Mask) -> float:
        """Return the mean distance to the person's other included samples; 0 without any."""
        others = self.same_person_rows(row, included)
        return float(self.distances_l2[row, others].mean()) if len(others) else 0.0

    def false_matches(self, rule: DecisionRule, included: _Mask) -> list[FalseMatch]:
        """Return the included rows that match another person."""
        rows, compared = self._leave_one_out(included)
        thresholds_l2 = compared.own_thresholds_l2(rule)
        return [
            FalseMatch(
                int(rows[place]),
                int(rows[compared.other_photo[place]]),
                float(compared.other_l2[place]),
                bool(compared.other_l2[place] < compared.other_photo_l2[place]),
                float(thresholds_l2[compared.other_photo[place]]),
            )
            for place in np.flatnonzero(compared.named_wrong(rule))
        ]

    def figures(self, rule: DecisionRule, included: _Mask | None = None) -> GalleryFigures:
        """Return the figures of the included rows, of all by default."""
        included = np.ones(len(self.people), np.bool_) if included is None else included
        distances = self.distances_l2[np.ix_(included, included)]
        same = self.people[included][:, np.newaxis] == self.people[included][np.newaxis]
        once = np.triu(np.ones_like(same), k=1)
        genuine, impostor = distances[same & once], distances[~same & once]
        _, compared = self._leave_one_out(included)
        right, wrong = int(compared.named_right(rule).sum()), int(compared.named_wrong(rule).sum())
        own_l2 = compared.own_thresholds_l2(rule)
        within = distances <= np.maximum(own_l2[:, np.newaxis], own_l2)
        return GalleryFigures(
            samples=int(included.sum()),
            genuine_pairs=len(genuine),
            impostor_pairs=len(impostor),
            genuine_median_l2=float(np.median(genuine)) if len(genuine) else None,
            impostor_median_l2=float(np.median(impostor)) if len(impostor) else None,
            genuine_within_threshold=float(within[same & once].mean()) if len(genuine) else None,
            impostors_within_threshold=int(within[~same & once].sum()),
            named_right=right,
            named_wrong=wrong,
            unnamed=int(included.sum()) - right - wrong,
        )

    def _leave_one_out(self, included: _Mask) -> tuple[_Rows, LeaveOneOut]:
        """Return the included rows, and each of them compared with the others."""
        rows = np.flatnonzero(included)
        return rows, leave_one_out(self._embeddings[rows], self.people[rows], self._table, self._session_l2)


@dataclass(frozen=True, slots=True, eq=False)
class PhotoFinding:
    """Finding about one photo: reason code, the measured values in words, and whether to quarantine the photo.

    Codes: unreadable, no_face, too_small, duplicate, outlier, cross_risk, mixed_people, or why the photo is not used.
    """

    photo: PhotoAnalysis
    reason: str
    detail: str
    should_quarantine: bool


@dataclass(frozen=True, slots=True, eq=False)
class AuditResult:
    """Findings by photo_id, and the figures of the gallery with all photos (before) and without those to quarantine (after).

    `decision` is the rule in force for matching, `embedding_id` names the network that read the photos.
    """

    findings: tuple[PhotoFinding, ...]
    before: GalleryFigures
    after: GalleryFigures
    decision: DecisionRule
    embedding_id: str = ""

    @property
    def to_quarantine(self) -> tuple[PhotoAnalysis, ...]:
        return tuple(finding.photo for finding in self.findings if finding.should_quarantine)


def audit_gallery(root: Path, settings: Settings, progress: ProgressCallback | None = None) -> AuditResult:
    """Read and audit every photo of the gallery at `root`; `progress(done, total)` after each."""
    with open_face_analyzer(replace(settings, gate=GateSettings.none())) as analyzer:
        photos = analyze_photos(read_people(root), PhotoAnalyzer(analyzer, settings.gate), progress)
        embedding_id = analyzer.embedding_id
    decision = decision_rule(settings.identify, [sample for photo in photos if (sample := photo.sample()) is not None])
    network = embedding_network(settings.identify.network)
    rule = AuditRule.for_network(network, settings.gate.min_size_px)
    is_fixed = settings.identify.threshold_l2 is not None
    lowering = (None, None) if is_fixed else (load_distance_table(settings.identify.network), network.session_l2)
    return replace(audit_photos(photos, rule, decision, *lowering), embedding_id=embedding_id)


def audit_photos(
    photos: Sequence[PhotoAnalysis],
    rule: AuditRule,
    decision: DecisionRule,
    distances: DistanceTable | None = None,
    session_l2: float | None = None,
) -> AuditResult:
    """Audit a gallery's photos in any order.

    `decision` is the rule in force for matching; `distances` and `session_l2` lower people's thresholds, as in `Index`.
    """
    photos = sorted(photos, key=lambda photo: photo.photo_id)
    findings = [finding for photo in photos if (finding := _unusable(photo, rule)) is not None]
    excluded = {finding.photo.photo_id for finding in findings if finding.should_quarantine}
    duplicates = _duplicates([photo for photo in photos if photo.photo_id not in excluded], rule)
    excluded |= {finding.photo.photo_id for finding in duplicates}
    samples = [photo for photo in photos if photo.embedding is not None]
    table = SampleTable(_matrix(samples), [photo.person_id for photo in samples], distances, session_l2)
    included = np.array([photo.photo_id not in excluded for photo in samples], np.bool_)
    findings = [*_replaced(findings, duplicates), *_outliers(samples, table, included, rule)]
    unused = [finding.photo for finding in findings if not finding.should_quarantine]
    in_use = [sample for sample, counts in zip(samples, included, strict=True) if counts]
    findings = [*_replaced(findings, _unused_outliers(unused, in_use, rule)), *_cross_risks(samples, table, included, decision)]
    findings += _mixed_people(samples, table, included, rule)
    findings.sort(key=lambda finding: finding.photo.photo_id)
    return AuditResult(tuple(findings), table.figures(decision), table.figures(decision, included), decision)


def _replaced(findings: Sequence[PhotoFinding], newer: Sequence[PhotoFinding]) -> list[PhotoFinding]:
    """Return the findings with those about the same photos replaced by newer ones."""
    photo_ids = {finding.photo.photo_id for finding in newer}
    return [*(finding for finding in findings if finding.photo.photo_id not in photo_ids), *newer]


def _unusable(photo: PhotoAnalysis, rule: AuditRule) -> PhotoFinding | None:
    if photo.reason == OK:
        return None
    size_wh = photo.thumbnail.size_wh if photo.thumbnail is not None else None
    if size_wh is not None and max(size_wh) < rule.min_size_px:
        detail = TranslatableText(
            "{width} x {height} px, a face needs {limit:.0f}", width=size_wh[0], height=size_wh[1], limit=rule.min_size_px
        )
        return PhotoFinding(photo, TOO_SMALL, detail, should_quarantine=True)
    size = TranslatableText("the face has {size:.0f} px, {limit:.0f} are needed", size=photo.face_px, limit=rule.min_size_px)
    measured = size if photo.reason == TOO_SMALL else ""
    return PhotoFinding(photo, photo.reason, measured, should_quarantine=photo.reason in _UNUSABLE)


def _duplicates(photos: Sequence[PhotoAnalysis], rule: AuditRule) -> list[PhotoFinding]:
    """Find all but the best of each person's photos that show the same image or nearly the same face."""
    findings: list[PhotoFinding] = []
    originals: dict[str, list[PhotoAnalysis]] = {}
    for photo in sorted(photos, key=_quality_order):
        others = originals.setdefault(photo.person_id, [])
        similarity = next(filter(None, (_similarity(photo, other, rule) for other in others)), None)
        if similarity is None:
            others.append(photo)
        else:
            findings.append(PhotoFinding(photo, DUPLICATE, similarity, should_quarantine=True))
    return findings


def _quality_order(photo: PhotoAnalysis) -> tuple[bool, int, int, int, str]:
    """Sort the better photo first: usable, the larger face in steps of a tenth, more bytes, the shorter file name."""
    step = round(np.log(max(photo.face_px, 1.0)) / np.log(1.1))
    return photo.embedding is None, -step, -photo.size_bytes, len(photo.photo_id), photo.photo_id


def _similarity(photo: PhotoAnalysis, other: PhotoAnalysis, rule: AuditRule) -> TranslatableText | None:
    """Describe what a photo has in common with another one; None when they differ."""
    if photo.sha256 == other.sha256:
        return TranslatableText("the same file as {photo}", photo=other.photo_id)
    if photo.thumbnail is None or other.thumbnail is None:
        return None
    if photo.embedding is None or other.embedding is None:
        is_same = is_same_image(photo.thumbnail, other.thumbnail)
        return TranslatableText("the same image as {photo}", photo=other.photo_id) if is_same else None
    distance_l2 = float(np.linalg.norm(photo.embedding - other.embedding))
    if distance_l2 < rule.too_alike_l2:
        return TranslatableText("the same face ({distance:.2f} apart) as {photo}", distance=distance_l2, photo=other.photo_id)
    if distance_l2 <= rule.same_image_l2 and is_same_image(photo.thumbnail, other.thumbnail):
        return TranslatableText("the same image ({distance:.2f} apart) as {photo}", distance=distance_l2, photo=other.photo_id)
    return None


def _outliers(samples: Sequence[PhotoAnalysis], table: SampleTable, included: _Mask, rule: AuditRule) -> list[PhotoFinding]:
    """Find each person's farthest samples one by one, never half of them, and clear them in `included`.

    When half of the photos or more do not show the largest group's person, nothing tells who is wrong: see `_mixed_people`.
    """
    findings: list[PhotoFinding] = []
    for person in np.unique(table.people):
        own = np.flatnonzero(included & (table.people == person))
        most = (len(own) - 1) // 2
        if sum(len(group) for group in _groups(samples, own, rule)[1:]) > most:
            continue
        for _ in range(most):
            rows = own[included[own]]
            if len(rows) < _MIN_PHOTOS_TO_JUDGE:
                break
            own_l2, worst = max((table.own_l2(int(row), included), int(row)) for row in rows)
            if own_l2 <= rule.outlier_l2:
                break
            included[worst] = False
            detail = TranslatableText(
                "{distance:.2f} from the other {count} photos of {name}, at most {limit:.2f}",
                distance=own_l2,
                count=len(rows) - 1,
                name=samples[worst].name,
                limit=rule.outlier_l2,
            )
            findings.append(PhotoFinding(samples[worst], OUTLIER, detail, should_quarantine=True))
    return findings


def _groups(samples: Sequence[PhotoAnalysis], own: _Rows, rule: AuditRule) -> list[list[PhotoAnalysis]]:
    """Return the samples of these rows in groups of one person each, the largest first."""
    photos = [samples[row] for row in own]
    return [[photos[number] for number in group] for group in group_by_person(_matrix(photos), rule.outlier_l2)]


def _mixed_people(samples: Sequence[PhotoAnalysis], table: SampleTable, included: _Mask, rule: AuditRule) -> list[PhotoFinding]:
    """Find the included samples that show another person than most of their person's."""
    findings: list[PhotoFinding] = []
    for person in np.unique(table.people):
        first, *others = _groups(samples, np.flatnonzero(included & (table.people == person)), rule) or [[]]
        for group in others:
            apart_l2 = mean_distance_l2(_matrix(first), _matrix(group))
            values = {"name": first[0].name, "photo": first[0].photo_id, "distance": apart_l2, "limit": rule.outlier_l2}
            detail = TranslatableText(
                "shows another person than the other {count} photos of {name}, such as {photo} ({distance:.2f} apart, one "
                "person at most {limit:.2f})",
                count=len(first),
                **values,
            )
            if len(first) == 1:
                detail = TranslatableText(
                    "shows another person than the other photo of {name}, such as {photo} ({distance:.2f} apart, one person "
                    "at most {limit:.2f})",
                    **values,
                )
            findings += [PhotoFinding(photo, MIXED_PEOPLE, detail, should_quarantine=False) for photo in group]
    return findings


def _unused_outliers(unused: Sequence[PhotoAnalysis], samples: Sequence[PhotoAnalysis], rule: AuditRule) -> list[PhotoFinding]:
    """Find the unused photos on which no face looks like the person."""
    findings: list[PhotoFinding] = []
    for photo in unused:
        own = _matrix([sample for sample in samples if sample.person_id == photo.person_id])
        if len(own) < _MIN_PHOTOS_TO_JUDGE - 1 or not len(photo.face_embeddings):
            continue
        nearest_l2 = min(float(np.linalg.norm(own - face, axis=1).mean()) for face in photo.face_embeddings)
        if nearest_l2 > rule.outlier_l2:
            detail = TranslatableText(
                "{distance:.2f} from the {count} photos of {name} in use, at most {limit:.2f}",
                distance=nearest_l2,
                count=len(own),
                name=photo.name,
                limit=rule.outlier_l2,
            )
            findings.append(PhotoFinding(photo, OUTLIER, detail, should_quarantine=True))
    return findings


def _cross_risks(
    samples: Sequence[PhotoAnalysis], table: SampleTable, included: _Mask, decision: DecisionRule
) -> list[PhotoFinding]:
    """Find, of each pair that matches falsely, the sample farther from its own person, and clear it in `included`.

    A person's last photo is reported and stays.
    """
    findings: list[PhotoFinding] = []
    unreported = included.copy()
    while found := table.false_matches(decision, included & unreported):
        nearest = min(found, key=lambda pair: (pair.distance_l2, pair.row, pair.match))
        row, match = nearest.row, nearest.match
        removable = [r for r in (row, match) if len(table.same_person_rows(r, included))]
        worse = max(removable, key=lambda r: (table.own_l2(r, included), r), default=row)
        other = match if worse == row else row
        detail = _cross_risk_text(nearest, samples[other], samples[match].name, is_nearest=worse == row)
        findings.append(PhotoFinding(samples[worse], CROSS_RISK, detail, should_quarantine=bool(removable)))
        unreported[worse] = False
        included[worse] = not removable
    return findings


def _cross_risk_text(match: FalseMatch, other: PhotoAnalysis, matched_name: str, *, is_nearest: bool) -> TranslatableText:
    """Describe a false match between a photo and `other`; with `is_nearest` the photo is the one that matches falsely."""
    values = {"distance": match.distance_l2, "threshold": match.threshold_l2}
    if not match.is_mean:
        return TranslatableText(
            "{distance:.2f} from {photo} of {name}, match threshold {threshold:.2f}",
            **values,
            photo=other.photo_id,
            name=other.name,
        )
    if is_nearest:
        return TranslatableText(
            "{distance:.2f} from the mean of the photos of {name}, match threshold {threshold:.2f}", **values, name=matched_name
        )
    return TranslatableText(
        "the mean of the photos of {name} is {distance:.2f} from {photo} of {other}, match threshold {threshold:.2f}",
        **values,
        name=matched_name,
        photo=other.photo_id,
        other=other.name,
    )


def _matrix(samples: Sequence[PhotoAnalysis]) -> NDArray[np.float32]:
    embeddings = [photo.embedding for photo in samples if photo.embedding is not None]
    return np.stack(embeddings) if embeddings else np.empty((0, 1), np.float32)
