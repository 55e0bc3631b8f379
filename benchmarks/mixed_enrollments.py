"""Enrollments of two people at once, and of one twice: `python -m benchmarks.mixed_enrollments`. See docs/internals/gallery.md.

Every photo of LFW view 1's test pairs is judged as `facecam enroll` does. Pairs of different people who pass silently, and single
people who are asked about, are counted by the check that enrollment uses; a second table counts people who are asked whether they
are somebody enrolled. The limits of the networks were chosen on `--half train`; nothing is chosen here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.lfw_people import TEST, TRAIN, folder, read_list
from facecam.enrollment.enroll import find_similar_person, judge_photo
from facecam.enrollment.samples import NewSample, Selection, SelectionRule, find_mixed_samples
from facecam.gallery.gallery import Gallery
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.calibration import wilson
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Sample

PHOTOS_EACH = (1, 2)
SIZES = (10, 50, 200)
GALLERIES = 10

People = list[list[NewSample]]
"""The accepted photos of each person."""


@dataclass(frozen=True, slots=True)
class MixedRow:
    """Counts out of `tries` for enrollments with `photos` photos of each of two people, or twice as many of one.

    The pairs are of `pair_people`, the single people of `single_people`.
    """

    photos: int
    tries: int
    silent: int
    asked: int
    pair_people: int
    single_people: int


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """Shares of new people who are asked about: strangers, and enrolled people under another name with another photo."""

    enrolled: int
    strangers: tuple[int, int]
    same: tuple[int, int]


def judged_people(half: str, network: str, bar: Progress) -> People:
    """Return the photos that enrollment accepts, by person."""
    photos = sorted({photo for pair in read_list(half) for photo in (pair.a, pair.b)})
    rule = SelectionRule.for_network(embedding_network(network))
    people: dict[str, list[NewSample]] = {}
    with open_face_analyzer(Settings().replace({"identify.network": network})) as analyzer:
        for photo in bar.track(photos, description="judging photos"):
            sample = judge_photo(photo.path(folder() / "images"), analyzer, rule).sample
            if sample is not None:
                people.setdefault(photo.name, []).append(sample)
    return list(people.values())


def measure_mixed(people: People, rule: SelectionRule, photos: int, tries: int, rng: np.random.Generator) -> MixedRow:
    """Count questions about `tries` pairs of people and `tries` single people, each single person as often as any other."""
    single = [samples for samples in people if len(samples) >= 2 * photos]
    each = [samples for samples in people if len(samples) >= photos]
    order = [int(number) for _ in range(-(-tries // len(single))) for number in rng.permutation(len(single))]
    asked = sum(_is_mixed(_draw(single[number], 2 * photos, rng), rule) for number in order[:tries])
    pairs = (rng.choice(len(each), 2, replace=False) for _ in range(tries))
    mixed = sum(_is_mixed([one for n in pair for one in _draw(each[n], photos, rng)], rule) for pair in pairs)
    return MixedRow(photos, tries, tries - mixed, asked, len(each), len(single))


def _is_mixed(samples: Sequence[NewSample], rule: SelectionRule) -> bool:
    return find_mixed_samples(Selection(tuple(samples)), (), rule.outlier_l2) is not None


def _draw(samples: Sequence[NewSample], count: int, rng: np.random.Generator) -> list[NewSample]:
    return [samples[number] for number in rng.permutation(len(samples))[:count]]


def measure_similar(people: People, rule: SelectionRule, enrolled: int, rng: np.random.Generator) -> SimilarRow:
    """Count questions in galleries of this many people with one photo each, about strangers and about the enrolled people."""
    several = [number for number, samples in enumerate(people) if len(samples) > 1]
    strangers: list[bool] = []
    same: list[bool] = []
    for _ in range(GALLERIES):
        chosen = set(map(int, rng.choice(several, enrolled, replace=False)))
        photos = {number: _draw(people[number], 2, rng) for number in chosen}
        samples = [Sample(str(n), str(n), str(n), Path(), first.embedding) for n, (first, _) in photos.items()]
        gallery = Gallery(Path(), "", samples=tuple(samples))
        others = [samples[:1] for number, samples in enumerate(people) if number not in chosen]
        strangers += [find_similar_person(gallery, "", new, rule.same_person_l2) is not None for new in others]
        same += [find_similar_person(gallery, "", [second], rule.same_person_l2) is not None for _, second in photos.values()]
    return SimilarRow(enrolled, (sum(strangers), len(strangers)), (sum(same), len(same)))


def _share(hits: int, tries: int, people: int | None = None) -> str:
    """Return a share with its interval, for this many people if they are fewer than the tries."""
    count = min(tries, people or tries)
    low, high = wilson(round(hits / tries * count), count)
    return f"{hits / tries:.1%} ({low:.1%} to {high:.1%})"


def _mixed_table(rows: Iterator[tuple[str, MixedRow]], limits: str) -> Table:
    table = Table(title=f"Two people, or one, in an enrollment, {limits}")
    for heading in ("network", "photos", "pairs that pass silently", "of people", "single people asked about", "of people"):
        table.add_column(heading)
    for network, row in rows:
        photos = f"{row.photos} + {row.photos}"
        pairs, single = row.pair_people, row.single_people
        silent, asked = _share(row.silent, row.tries, pairs // 2), _share(row.asked, row.tries, single)
        table.add_row(network, photos, silent, str(pairs), asked, str(single))
    return table


def _similar_table(rows: Iterator[tuple[str, SimilarRow]]) -> Table:
    table = Table(title="New people who are asked about as somebody enrolled with one photo")
    for heading in ("network", "enrolled", "strangers asked about", "enrolled people caught"):
        table.add_column(heading)
    for network, row in rows:
        table.add_row(network, str(row.enrolled), _share(*row.strangers), _share(*row.same))
    return table


def main(arguments: list[str]) -> int:
    """Measure both networks and print both tables with 95 % Wilson intervals."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mixed_enrollments", description=__doc__)
    parser.add_argument("--networks", nargs="+", default=[DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK], metavar="NAME")
    parser.add_argument("--half", choices=("train", "test"), default="test")
    parser.add_argument("--tries", type=int, default=2000, help="pairs, and single people, for each number of photos")
    args = parser.parse_args(arguments)
    mixed: list[tuple[str, MixedRow]] = []
    similar: list[tuple[str, SimilarRow]] = []
    for network in args.networks:
        rule, label = SelectionRule.for_network(embedding_network(network)), embedding_network(network).label
        with Progress(console=Console(stderr=True), transient=True) as bar:
            people = judged_people(TEST if args.half == "test" else TRAIN, network, bar)
        rng = np.random.default_rng(0)
        mixed += [(label, measure_mixed(people, rule, photos, args.tries, rng)) for photos in PHOTOS_EACH]
        similar += [(label, measure_similar(people, rule, size, rng)) for size in SIZES]
    console = Console(width=130)
    console.print(_mixed_table(iter(mixed), f"{args.tries} tries each, 95 % intervals"))
    console.print(_similar_table(iter(similar)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
