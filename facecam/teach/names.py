"""A head for names: one learned prototype a person on the sphere of embeddings, and a threshold that turns strangers away. Pure.

Minimised over unit prototypes p_c, starting from each person's mean embedding m_c, is

    mean_i -log softmax(SCALE * x_i p)[y_i]  +  PULL * mean_c |p_c - m_c|^2

(Wang et al., "NormFace", ACM Multimedia 2017: softmax over scaled cosines). The pull keeps a person of few photos near the mean.
A face gets the nearest prototype's name when that is no farther than the threshold, in plain L2 as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.errors import TeachError
from facecam.objects.taught_head import softmax, unit_rows
from facecam.types import Floats

SCALE = 12.0
PULL = 20.0
"""Chosen among 4, 20, 100 and 1000 on people of LFW view 1's training pairs, with strangers from there; 4 loses much."""

MIN_PHOTOS = 2
_STEPS = 200
_RATE = 0.02

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class NamesHead:
    """`prototypes` (people, 128) float32 of length 1, as `names` has them; beyond `threshold_l2` is a stranger."""

    names: tuple[str, ...]
    prototypes: Floats
    threshold_l2: float

    def nearest(self, embeddings: Floats) -> tuple[Numbers, Floats]:
        """The person of the nearest prototype for (n, 128) embeddings of length 1, and its distance in plain L2."""
        return nearest(embeddings, self.prototypes, np.arange(len(self.names)))

    def name(self, embedding: Floats) -> str | None:
        """Whose face (128,) this is; None for a stranger."""
        person, distance = self.nearest(embedding[None])
        return self.names[person[0]] if distance[0] <= self.threshold_l2 else None


def nearest(embeddings: Floats, among: Floats, people: Numbers) -> tuple[Numbers, Floats]:
    """Of each embedding (n, 128) the person of the nearest row of `among`, and the distance in plain L2."""
    cosines = embeddings @ among.T
    best = cosines.argmax(axis=1)
    closest = cosines[np.arange(len(embeddings)), best]
    return people[best], np.sqrt(np.maximum(2 - 2 * closest, 0)).astype(np.float32)


def fit_names(embeddings: Floats, people: Numbers, names: Sequence[str], far: float, cap_l2: float) -> NamesHead:
    """The head for (n, 128) embeddings of length 1 and the number of each one's person.

    The threshold lets at most `far` of strangers pass, the strangers being each person in turn to a head fitted without them; it
    is never above `cap_l2`, which is all that is known of two people. TeachError for fewer people, or with too few photos.
    """
    counts = np.bincount(people, minlength=len(names))
    few = [name for name, count in zip(names, counts, strict=True) if count < MIN_PHOTOS]
    if len(names) < 2 or few:
        lacking = f"{', '.join(few)} have fewer" if few else f"there are {len(names)} people"
        raise TeachError(f"names need two people or more with {MIN_PHOTOS} usable photos each; {lacking}: enrol more")
    threshold = min(cap_l2, threshold_at(_strangers_l2(embeddings, people), far)) if len(names) > 2 else cap_l2
    return NamesHead(tuple(names), prototypes(embeddings, people), threshold)


def prototypes(embeddings: Floats, people: Numbers, scale: float = SCALE, pull: float = PULL) -> Floats:
    """(people, 128) float32 of length 1, by Adam (Kingma, Ba, arXiv:1412.6980) from the means; the same every time."""
    wanted = np.eye(int(people.max()) + 1, dtype=np.float32)[people]
    means = unit_rows(wanted.T @ embeddings)
    at = means.copy()
    first, second = np.zeros_like(at), np.zeros_like(at)
    for step in range(1, _STEPS + 1):
        apart = softmax((scale * embeddings @ at.T).astype(np.float32)) - wanted
        fit = scale / len(embeddings) * (apart.T @ embeddings)
        gradient = (fit + 2 * pull / len(at) * (at - means)).astype(np.float32)
        first = (0.9 * first + 0.1 * gradient).astype(np.float32)
        second = (0.99 * second + 0.01 * gradient * gradient).astype(np.float32)
        rate = _RATE * (1 - step / (_STEPS + 1))
        change = rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-6)
        at = unit_rows((at - change).astype(np.float32))
    return at


def threshold_at(strangers_l2: Floats, far: float) -> float:
    """The largest threshold at which at most `far` of these distances lie at or below it."""
    allowed = int(np.floor(far * len(strangers_l2)))
    return float(np.nextafter(np.partition(strangers_l2, allowed)[allowed], np.float32(-1)))


def _strangers_l2(embeddings: Floats, people: Numbers) -> Floats:
    """How near each photo comes to the prototypes of all others, its person left out of fitting."""
    found = np.empty(len(people), np.float32)
    for person in np.unique(people):
        own = people == person
        _, others = np.unique(people[~own], return_inverse=True)
        left = prototypes(embeddings[~own], others.reshape(-1))
        found[own] = nearest(embeddings[own], left, np.arange(len(left)))[1]
    return found
