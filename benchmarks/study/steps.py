"""The study's steps, and their figures on both halves of LFW's view 1.

Everything is chosen on the training pairs: the threshold of an accuracy, the steps that are kept, the cohort's size and weight.
The test pairs are only reported on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from benchmarks.study.crops import Studio
from benchmarks.study.figures import Share, Trial, centers, gain, mean_embedding, near_cohort_l2, trial
from benchmarks.study.people import Naming, naming, rich
from facecam.evaluation import lfw
from facecam.evaluation.lfw import LfwPair, LfwPhoto
from facecam.types import Floats

STRICT, LOOSE = 0.001, 0.01
COHORTS: Mapping[str, Sequence[int]] = {"people": (1, 2, 5, 20, 100), "centers": (1, 2, 3, 5)}
"""What a face may be measured beside, and how many of the nearest may count: people, or 64 centers of all training people."""
COHORT_WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.25)
CENTERS = 64
HALVES = ("train", "test")


@dataclass(frozen=True, slots=True)
class Step:
    """Embeddings of these crops averaged, perhaps beside a cohort, compared with the step named `beside`."""

    name: str
    crops: tuple[str, ...]
    beside: str = "similarity"
    cohort: str = ""


SHIPPED = "similarity, mirrored"
SHIPPED_CROPS = ("similarity", SHIPPED)
_SIZES, _PLACES = ("scale 0.95", "scale 1.05"), ("shift +2", "shift -2")
_ALONE = ("eyes and nose", "affine", "cubic", "area", "evenly lit", "equalised")
_SCALES = ("scale 0.90", "scale 0.95", "scale 1.05", "scale 1.10", "scale 1.15")
STEPS = (
    Step("box resized, no alignment", ("box",), "box resized, no alignment"),
    Step("similarity", ("similarity",), "box resized, no alignment"),
    *(Step(crop, (crop,)) for crop in (*_ALONE, *_SCALES)),
    Step("three sizes", ("similarity", *_SIZES)),
    Step("three places", ("similarity", *_PLACES)),
    Step("three sizes, three places", ("similarity", *_SIZES, *_PLACES)),
    Step("beside a cohort", ("similarity",), cohort="people"),
    Step("two alignments", ("similarity", "eyes and nose")),
    Step(SHIPPED, SHIPPED_CROPS),
    Step("mirrored, three sizes", (*SHIPPED_CROPS, *_SIZES), SHIPPED),
    Step("mirrored, three sizes, three places", (*SHIPPED_CROPS, *_SIZES, *_PLACES), SHIPPED),
    Step("mirrored, two alignments", (*SHIPPED_CROPS, "eyes and nose"), SHIPPED),
    Step("mirrored, beside a cohort", SHIPPED_CROPS, SHIPPED, cohort="people"),
    Step("mirrored, beside centers", SHIPPED_CROPS, SHIPPED, cohort="centers"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one step on one half; `passes` is how often the network runs for a face.

    The gains are over the step called `beside`, and over what is shipped, pair for pair; their errors leave out that of the
    thresholds.
    """

    network: str
    half: str
    step: str
    passes: int
    beside: str
    accuracy: Share
    tar_at_far_001: Share
    tar_at_far_0001: Share
    auc: float
    gain_accuracy: Share
    gain_tar_at_far_0001: Share
    accuracy_over_shipped: Share
    tar_at_far_0001_over_shipped: Share


@dataclass(frozen=True, slots=True)
class Beside:
    """How a cohort is used: the mean distance to its `count` nearest, times `weight`, is taken from a face's distances."""

    cohort: str
    count: int
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """The pairs and the people of each half, and the embeddings of the photos by crop."""

    network: str
    pairs: Mapping[str, Sequence[LfwPair]]
    people: Mapping[str, Set[str]]
    by_crop: Mapping[str, Mapping[LfwPhoto, Floats]]

    def embeddings(self, crops: Sequence[str], half: str) -> dict[LfwPhoto, Floats]:
        """The mean embedding of each photo of a half over these crops."""
        every = (self.by_crop[crop].keys() for crop in crops)
        shared = set.intersection(*map(set, every))
        photos = sorted((photo for photo in shared if photo.name in self.people[half]), key=lambda p: (p.name, p.number))
        stacked = np.stack([np.stack([self.by_crop[crop][photo] for photo in photos]) for crop in crops])
        return dict(zip(photos, mean_embedding(stacked), strict=True))

    def moved_l2(self, crops: Sequence[str], half: str, beside: Beside) -> dict[LfwPhoto, float]:
        """How much nearer each photo of a half counts: `weight` times its distance to a cohort made of training people.

        One photo of each, but of those who are enrolled (`study.people`).
        """
        embeddings, training = self.embeddings(crops, half), self.embeddings(crops, "train")
        enrolled = rich(list(training))
        cohort = list({photo.name: photo for photo in training if photo.name not in enrolled}.values())
        among = _stacked(training, cohort)
        if beside.cohort == "centers":
            among = centers(among, min(CENTERS, len(among)))
            cohort = [LfwPhoto("", number) for number in range(len(among))]
        near_l2 = near_cohort_l2(list(embeddings), _stacked(embeddings), cohort, among, beside.count)
        return dict(zip(embeddings, (beside.weight * near_l2).tolist(), strict=True))


def measure(material: Material) -> tuple[list[Row], list[Naming], list[Beside]]:
    """A row for each step and half, one for each template and half, and how each cohort is used, which was chosen."""
    chosen = {cohort: choose(material, cohort) for cohort in COHORTS}
    trials: dict[tuple[str, str], Trial] = {}
    for step, half in product(STEPS, HALVES):
        moved_l2 = material.moved_l2(step.crops, half, chosen[step.cohort]) if step.cohort else None
        trials[step.name, half] = trial(material.pairs[half], material.embeddings(step.crops, half), moved_l2)
    rows = [_row(material.network, half, step, trials) for step, half in product(STEPS, HALVES)]
    named: list[Naming] = []
    for half in HALVES:
        moved = {f"beside {name}": material.moved_l2(SHIPPED_CROPS, half, beside) for name, beside in chosen.items()}
        named += naming(material.network, half, material.embeddings(SHIPPED_CROPS, half), moved)
    return rows, named, list(chosen.values())


def choose(material: Material, cohort: str) -> Beside:
    """The count and weight with the most true accepts at a FAR of STRICT on the training pairs."""
    embeddings = material.embeddings(SHIPPED_CROPS, "train")

    def tar(beside: Beside) -> float:
        moved_l2 = material.moved_l2(SHIPPED_CROPS, "train", beside)
        return float(trial(material.pairs["train"], embeddings, moved_l2).accepted(STRICT).mean())

    return max((Beside(cohort, count, weight) for count, weight in product(COHORTS[cohort], COHORT_WEIGHTS)), key=tar)


def _row(network: str, half: str, step: Step, trials: Mapping[tuple[str, str], Trial]) -> Row:
    """The figures on `half`, the threshold of the accuracies from the training pairs."""
    own, beside, shipped = (trials[name, half] for name in (step.name, step.beside, SHIPPED))
    right, before, ours = (
        trials[name, half].right(trials[name, "train"].best_threshold_l2) for name in (step.name, step.beside, SHIPPED)
    )
    return Row(
        network=network,
        half=half,
        step=step.name,
        passes=len(step.crops),
        beside=step.beside,
        accuracy=Share.of(right),
        tar_at_far_001=Share.of(own.accepted(LOOSE)),
        tar_at_far_0001=Share.of(own.accepted(STRICT)),
        auc=lfw.auc(own.pair_l2, own.same),
        gain_accuracy=gain(right, before),
        gain_tar_at_far_0001=gain(own.accepted(STRICT), beside.accepted(STRICT)),
        accuracy_over_shipped=gain(right, ours),
        tar_at_far_0001_over_shipped=gain(own.accepted(STRICT), shipped.accepted(STRICT)),
    )


def _stacked(embeddings: Mapping[LfwPhoto, Floats], photos: Sequence[LfwPhoto] | None = None) -> Floats:
    return np.stack([embeddings[photo] for photo in photos or embeddings])


def gather(
    studio: Studio, network: str, lists: Mapping[str, Sequence[LfwPair]], train_every: int, told: Callable[[str, int, int], None]
) -> Material:
    """Find and embed every face that the steps need: of every `train_every`-th training pair, and of all test pairs.

    Of people with many photos all are embedded as the shipped step wants them, whatever the pairs.
    """
    pairs = {half: listed[:: train_every if half == "train" else 1] for half, listed in lists.items()}
    every = {half: _photos(listed) for half, listed in lists.items()}
    many = {name for photos in every.values() for name in rich(list(photos))}
    named = [photo for photos in every.values() for photo in photos if photo.name in many]
    chosen = set().union(*map(_photos, pairs.values()))
    found = studio.places(chosen.union(named), lambda done, total: told("finding faces", done, total))
    places = {photo: place for photo, place in found.items() if place is not None}
    by_crop = {}
    for crop in dict.fromkeys(crop for step in STEPS for crop in step.crops):
        wanted = {photo: place for photo, place in places.items() if photo in chosen or crop in SHIPPED_CROPS}
        by_crop[crop] = studio.embeddings(network, crop, wanted, partial(told, f"{network}, {crop}"))
    return Material(network, pairs, {half: {photo.name for photo in photos} for half, photos in every.items()}, by_crop)


def _photos(pairs: Sequence[LfwPair]) -> set[LfwPhoto]:
    return {photo for pair in pairs for photo in (pair.a, pair.b)}
