"""Naming in the study: templates of a person's photos, and cohorts that move the threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from benchmarks.study.figures import TEMPLATES, Numbers, Share, Template, gain
from facecam.evaluation.lfw import LfwPhoto, threshold_at_far
from facecam.types import Floats

MIN_PHOTOS, ENROLLED = 5, 4
DRAWS = 20
STRANGER_RATE = 0.01


@dataclass(frozen=True, slots=True)
class Naming:
    """Figures of naming on one half. Shares and errors are over people.

    `rank1`: the nearest enrolled person is the right one. `named`: it is also near enough when STRANGER_RATE of the half's own
    strangers get a name. `gain` is the difference of `named` to the first row.
    """

    network: str
    half: str
    step: str
    people: int
    rank1: Share
    named: Share
    gain: Share


def people_with_many_photos(photos: Sequence[LfwPhoto]) -> set[str]:
    """Return the people with MIN_PHOTOS or more."""
    return {name for name, count in Counter(photo.name for photo in photos).items() if count >= MIN_PHOTOS}


def naming(
    network: str, half: str, embeddings: Mapping[LfwPhoto, Floats], moved_l2: Mapping[str, Mapping[LfwPhoto, float]]
) -> list[Naming]:
    """Return a row for each template and each way to move distances, all on the same DRAWS of photos."""
    still: Mapping[LfwPhoto, float] = dict.fromkeys(embeddings, 0.0)
    ways = [(name, template, still) for name, template in TEMPLATES.items()]
    ways += [(f"{name}, {how}", TEMPLATES[name], moved) for name in ("nearest photo", "mean") for how, moved in moved_l2.items()]
    rows: list[Naming] = []
    first: Numbers | None = None
    for name, template, moved in ways:
        rank1, named = _by_person(embeddings, template, moved)
        first = named if first is None else first
        rows.append(
            Naming(network, half, name, len(named), Share.from_values(rank1), Share.from_values(named), gain(named, first))
        )
    return rows


def _by_person(
    embeddings: Mapping[LfwPhoto, Floats], template: Template, moved_l2: Mapping[LfwPhoto, float]
) -> tuple[Numbers, Numbers]:
    """Return each person's share (people,) of sightings at rank 1, and named right; means over the draws."""
    rng = np.random.default_rng(0)
    photos = sorted(embeddings, key=lambda photo: (photo.name, photo.number))
    own = {name: list(theirs) for name, theirs in groupby(photos, key=lambda photo: photo.name)}
    enrolled = sorted(people_with_many_photos(photos))
    rank1, named = np.zeros((DRAWS, len(enrolled))), np.zeros((DRAWS, len(enrolled)))
    for draw in range(DRAWS):
        shuffled = {name: [own[name][i] for i in rng.permutation(len(own[name]))] for name in own}
        gallery = [np.stack([embeddings[photo] for photo in shuffled[name][:ENROLLED]]) for name in enrolled]
        strangers = [photos[0] for name, photos in shuffled.items() if len(photos) < MIN_PHOTOS]
        nearest_l2, _ = _nearest(strangers, embeddings, gallery, template)
        limit_l2 = threshold_at_far(nearest_l2 - _of(moved_l2, strangers), STRANGER_RATE)
        sightings = [photo for name in enrolled for photo in shuffled[name][ENROLLED:]]
        truth = np.repeat(np.arange(len(enrolled)), [len(shuffled[name]) - ENROLLED for name in enrolled])
        nearest_l2, person = _nearest(sightings, embeddings, gallery, template)
        near = nearest_l2 - _of(moved_l2, sightings) <= limit_l2
        rank1[draw] = np.bincount(truth, person == truth) / np.bincount(truth)
        named[draw] = np.bincount(truth, (person == truth) & near) / np.bincount(truth)
    return rank1.mean(axis=0), named.mean(axis=0)


def _nearest(
    photos: Sequence[LfwPhoto], embeddings: Mapping[LfwPhoto, Floats], gallery: Sequence[Floats], template: Template
) -> tuple[Floats, np.ndarray[tuple[int, ...], np.dtype[np.intp]]]:
    faces = np.stack([embeddings[photo] for photo in photos])
    distances_l2 = np.stack([template(faces, person) for person in gallery], axis=1)
    return distances_l2.min(axis=1), distances_l2.argmin(axis=1)


def _of(moved_l2: Mapping[LfwPhoto, float], photos: Sequence[LfwPhoto]) -> Floats:
    return np.array([moved_l2[photo] for photo in photos], np.float32)
