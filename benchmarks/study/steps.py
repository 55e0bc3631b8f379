"""Steps of the study, and their figures on both halves of LFW's view 1.

Everything is chosen on the training pairs: the threshold of an accuracy, the accepted steps, the cohort's size and weight. The
test pairs are only reported on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from benchmarks.study.crops import FaceCache
from benchmarks.study.figures import Share, Trial, centers, gain, mean_embedding, near_cohort_l2, trial
from benchmarks.study.people import Naming, naming, people_with_many_photos
from facecam.evaluation import lfw
from facecam.evaluation.lfw import LfwPair, LfwPhoto
from facecam.types import Floats

STRICT, LOOSE = 0.001, 0.01
COHORTS: Mapping[str, Sequence[int]] = {"people": (1, 2, 5, 20, 100), "centers": (1, 2, 3, 5)}
"""Numbers of nearest cohort members that are tried; a cohort is of people, or of 64 centers of all training people."""
COHORT_WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.25)
CENTERS = 64
HALVES = ("train", "test")


@dataclass(frozen=True, slots=True)
class Step:
    """Averaged embeddings of these crops, possibly normalized by a cohort, compared with the step named `baseline`."""

    name: str
    crops: tuple[str, ...]
    baseline: str = "similarity"
    cohort: str = ""


SHIPPED = "similarity, mirrored"
SHIPPED_CROPS = ("similarity", SHIPPED)
_SIZES, _PLACES = ("scale 0.95", "scale 1.05"), ("shift +2", "shift -2")
_SINGLE_CROPS = ("eyes and nose", "affine", "cubic", "area", "evenly lit", "equalized")
_SCALES = ("scale 0.90", "scale 0.95", "scale 1.05", "scale 1.10", "scale 1.15")
STEPS = (
    Step("box resized, no alignment", ("box",), "box resized, no alignment"),
    Step("similarity", ("similarity",), "box resized, no alignment"),
    *(Step(crop, (crop,)) for crop in (*_SINGLE_CROPS, *_SCALES)),
    Step("three sizes", ("similarity", *_SIZES)),
    Step("three places", ("similarity", *_PLACES)),
    Step("three sizes, three places", ("similarity", *_SIZES, *_PLACES)),
    Step("with a cohort", ("similarity",), cohort="people"),
    Step("two alignments", ("similarity", "eyes and nose")),
    Step(SHIPPED, SHIPPED_CROPS),
    Step("mirrored, three sizes", (*SHIPPED_CROPS, *_SIZES), SHIPPED),
    Step("mirrored, three sizes, three places", (*SHIPPED_CROPS, *_SIZES, *_PLACES), SHIPPED),
    Step("mirrored, two alignments", (*SHIPPED_CROPS, "eyes and nose"), SHIPPED),
    Step("mirrored, with a cohort", SHIPPED_CROPS, SHIPPED, cohort="people"),
    Step("mirrored, with centers", SHIPPED_CROPS, SHIPPED, cohort="centers"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one step on one half; `passes` is the number of network runs for a face.

    The gains are over the step `baseline` and over the shipped step, pair for pair; their errors exclude that of the thresholds.
    """

    network: str
    half: str
    step: str
    passes: int
    baseline: str
    accuracy: Share
    tar_at_far_001: Share
    tar_at_far_0001: Share
    auc: float
    gain_accuracy: Share
    gain_tar_at_far_0001: Share
    accuracy_over_shipped: Share
    tar_at_far_0001_over_shipped: Share


@dataclass(frozen=True, slots=True)
class CohortUse:
    """Use of a cohort: `weight` times the mean distance to its `count` nearest is subtracted from a face's distances."""

    cohort: str
    count: int
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class StudyData:
    """Pairs and people of each half, and the embeddings of the photos by crop."""

    network: str
    pairs: Mapping[str, Sequence[LfwPair]]
    people: Mapping[str, Set[str]]
    by_crop: Mapping[str, Mapping[LfwPhoto, Floats]]

    def embeddings(self, crops: Sequence[str], half: str) -> dict[LfwPhoto, Floats]:
        """Return the mean embedding of each photo of a half over these crops."""
        every = (self.by_crop[crop].keys() for crop in crops)
        shared = set.intersection(*map(set, every))
        photos = sorted(
            (photo for photo in shared if photo.name in self.people[half]),
        )
        stacked = np.stack([np.stack([self.by_crop[crop][photo] for photo in photos]) for crop in crops])
        return dict(zip(photos, mean_embedding(stacked), strict=True))

    def moved_l2(self, crops: Sequence[str], half: str, use: CohortUse) -> dict[LfwPhoto, float]:
        """Return for each photo of a half `weight` times its distance to a cohort of training people.

        The cohort has one photo of each person who is not enrolled (`study.people`).
        """
        embeddings, training = self.embeddings(crops, half), self.embeddings(crops, "train")
        enrolled = people_with_many_photos(list(training))
        cohort = list({photo.name: photo for photo in training if photo.name not in enrolled}.values())
        among = _stacked(training, cohort)
        if use.cohort == "centers":
            among = centers(among, min(CENTERS, len(among)))
            cohort = [LfwPhoto("", number) for number in range(len(among))]
        near_l2 = near_cohort_l2(list(embeddings), _stacked(embeddings), cohort, among, use.count)
        return dict(zip(embeddings, (use.weight * near_l2).tolist(), strict=True))


def measure(data: StudyData) -> tuple[list[Row], list[Naming], list[CohortUse]]:
    """Return rows for all steps and templates on each half, and the chosen use of each cohort."""
    chosen = {cohort: choose(data, cohort) for cohort in COHORTS}
    trials: dict[tuple[str, str], Trial] = {}
    for step, half in product(STEPS, HALVES):
        moved_l2 = data.moved_l2(step.crops, half, chosen[step.cohort]) if step.cohort else None
        trials[step.name, half] = trial(data.pairs[half], data.embeddings(step.crops, half), moved_l2)
    rows = [_row(data.network, half, step, trials) for step, half in product(STEPS, HALVES)]
    named: list[Naming] = []
    for half in HALVES:
        moved = {f"with {name}": data.moved_l2(SHIPPED_CROPS, half, use) for name, use in chosen.items()}
        named += naming(data.network, half, data.embeddings(SHIPPED_CROPS, half), moved)
    return rows, named, list(chosen.values())


def choose(data: StudyData, cohort: str) -> CohortUse:
    """Choose count and weight with the most true accepts at a FAR of STRICT on the training pairs."""
    embeddings = data.embeddings(SHIPPED_CROPS, "train")

    def tar(use: CohortUse) -> float:
        moved_l2 = data.moved_l2(SHIPPED_CROPS, "train", use)
        return float(trial(data.pairs["train"], embeddings, moved_l2).accepted(STRICT).mean())

    return max((CohortUse(cohort, count, weight) for count, weight in product(COHORTS[cohort], COHORT_WEIGHTS)), key=tar)


def _row(network: str, half: str, step: Step, trials: Mapping[tuple[str, str], Trial]) -> Row:
    """Return the figures on `half`, with the threshold of the training pairs."""
    own, baseline, shipped = (trials[name, half] for name in (step.name, step.baseline, SHIPPED))
    right, before, shipped_right = (
        trials[name, half].right(trials[name, "train"].best_threshold_l2) for name in (step.name, step.baseline, SHIPPED)
    )
    return Row(
        network=network,
        half=half,
        step=step.name,
        passes=len(step.crops),
        baseline=step.baseline,
        accuracy=Share.from_values(right),
        tar_at_far_001=Share.from_values(own.accepted(LOOSE)),
        tar_at_far_0001=Share.from_values(own.accepted(STRICT)),
        auc=lfw.auc(own.pair_l2, own.same),
        gain_accuracy=gain(right, before),
        gain_tar_at_far_0001=gain(own.accepted(STRICT), baseline.accepted(STRICT)),
        accuracy_over_shipped=gain(right, shipped_right),
        tar_at_far_0001_over_shipped=gain(own.accepted(STRICT), shipped.accepted(STRICT)),
    )


def _stacked(embeddings: Mapping[LfwPhoto, Floats], photos: Sequence[LfwPhoto] | None = None) -> Floats:
    return np.stack([embeddings[photo] for photo in photos or embeddings])


def collect(
    cache: FaceCache,
    network: str,
    lists: Mapping[str, Sequence[LfwPair]],
    train_every: int,
    report_progress: Callable[[str, int, int], None],
) -> StudyData:
    """Detect and embed all faces that the steps need, of every `train_every`-th training pair and of all test pairs.

    People with many photos are embedded completely for the shipped step.
    """
    pairs = {half: listed[:: train_every if half == "train" else 1] for half, listed in lists.items()}
    every = {half: _photos(listed) for half, listed in lists.items()}
    many = {name for photos in every.values() for name in people_with_many_photos(list(photos))}
    named = [photo for photos in every.values() for photo in photos if photo.name in many]
    chosen = set().union(*map(_photos, pairs.values()))
    found = cache.places(chosen.union(named), lambda done, total: report_progress("detecting faces", done, total))
    places = {photo: place for photo, place in found.items() if place is not None}
    by_crop = {}
    for crop in dict.fromkeys(crop for step in STEPS for crop in step.crops):
        wanted = {photo: place for photo, place in places.items() if photo in chosen or crop in SHIPPED_CROPS}
        by_crop[crop] = cache.embeddings(network, crop, wanted, partial(report_progress, f"{network}, {crop}"))
    return StudyData(network, pairs, {half: {photo.name for photo in photos} for half, photos in every.items()}, by_crop)


def _photos(pairs: Sequence[LfwPair]) -> set[LfwPhoto]:
    return {photo for pair in pairs for photo in (pair.a, pair.b)}
