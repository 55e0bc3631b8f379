"""Merges of two people and of one: `python -m benchmarks.merges`. See docs/internals/gallery.md.

People of LFW view 1's test pairs are enrolled twice with different photos, or paired with another person, and compared as before
a merge in the window. Counted are merges of one person that are asked about, and merges of two people that are not. The webcam
clips, two for each of four people, and one of a fifth person stand for people enrolled in front of one camera. The limits were
chosen on `--half train` and for videos on the webcam clips; nothing is chosen here.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.lfw_people import HALVES, embed_half
from facecam.capture.source import frames, open_source
from facecam.enrollment.samples import CandidatePool, SelectionRule, select_from_pool
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import Person, PersonFile
from facecam.gallery.person_comparison import compare_people
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, EmbeddingNetwork, embedding_network
from facecam.recognition.calibration import wilson
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats, Sample

PHOTOS_EACH = (1, 2)
CLIPS = {
    "webcam/again.mkv": "A",
    "webcam/help.mkv": "A",
    "webcam/milk.mkv": "B",
    "webcam/please.mkv": "B",
    "webcam/book.mkv": "C",
    "webcam/learn.mkv": "C",
    "webcam/eat.mkv": "D",
    "webcam/night.mkv": "D",
    "presence/noface_face.mov": "E",
}
_INTERVAL_MS = 90.0


def look_different(first: Sequence[Floats], second: Sequence[Floats], network: EmbeddingNetwork) -> bool:
    """Return whether two people with these embeddings are asked about."""
    people = tuple(_person(name) for name in ("first", "second"))
    samples = [
        Sample(f"{person.name}/{number}", person.person_id, person.name, Path(), embedding)
        for person, embeddings in zip(people, (first, second), strict=True)
        for number, embedding in enumerate(embeddings)
    ]
    found = compare_people(Gallery(Path(), "", people, tuple(samples)), (people[0], people[1]), network)
    return found is not None and found.look_different


def _person(name: str) -> Person:
    file = PersonFile.new(name)
    return Person(file.person_id, name, (), (), file.created_at)


def measure_photos(half: str, network: EmbeddingNetwork, photos: int, tries: int) -> tuple[int, int, int, int]:
    """Return merges of one person asked about, merges of two not asked about, and the numbers of people drawn from."""
    found = embed_half(half, network.name)
    people = [found.embeddings[np.asarray(rows)] for rows in found.rows]
    twice, once = ([person for person in people if len(person) >= count] for count in (2 * photos, photos))
    rng = np.random.default_rng(0)
    asked = silent = 0
    for _ in range(tries):
        drawn = rng.permutation(twice[int(rng.integers(len(twice)))])[: 2 * photos]
        asked += look_different(list(drawn[:photos]), list(drawn[photos:]), network)
        first, second = (list(rng.permutation(once[int(n)])[:photos]) for n in rng.choice(len(once), 2, replace=False))
        silent += not look_different(first, second, network)
    return asked, silent, len(twice), len(once)


def measure_clips(network: EmbeddingNetwork) -> tuple[list[bool], list[bool]]:
    """Return for each pair of clips of one person, and of two, whether it is asked about."""
    samples = {name: _enrolled(Path(os.environ["FACECAM_TEST_DATA"], "data", name), network) for name in CLIPS}
    same: list[bool] = []
    different: list[bool] = []
    for first, second in itertools.combinations(CLIPS, 2):
        pairs = same if CLIPS[first] == CLIPS[second] else different
        pairs.append(look_different(samples[first], samples[second], network))
    return same, different


def _enrolled(path: Path, network: EmbeddingNetwork) -> list[Floats]:
    """Return the embeddings that an enrollment from a video keeps."""
    settings, rule = Settings().replace({"identify.network": network.name}), SelectionRule.for_network(network)
    pool, last_ms = CandidatePool(rule.min_distance_l2), -_INTERVAL_MS
    with open_face_analyzer(settings) as analyzer, open_source(str(path), settings.capture, 0.0) as source:
        for frame in frames(source):
            if frame.t_ms - last_ms >= _INTERVAL_MS:
                last_ms = frame.t_ms
                pool.offer(frame.bgr, analyzer.analyze(frame.bgr))
        return [sample.embedding for sample in select_from_pool(pool, analyzer, rule, [], allow_mixed=True).samples]


def _share(hits: int, tries: int, people: int) -> str:
    low, high = wilson(round(hits / tries * min(people, tries)), min(people, tries))
    return f"{hits / tries:.1%} ({low:.1%} to {high:.1%})"


def main(arguments: list[str]) -> int:
    """Measure both networks and print both tables with 95 % Wilson intervals that count people."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.merges", description=__doc__)
    parser.add_argument("--networks", nargs="+", default=[DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK], metavar="NAME")
    parser.add_argument("--half", choices=tuple(HALVES), default="test")
    parser.add_argument("--tries", type=int, default=2000)
    args = parser.parse_args(arguments)
    table = Table(title=f"Merges of photos, {args.half} people, {args.tries} tries")
    clips = Table(title="Merges of people enrolled from one video each")
    for heading in (
        "network",
        "photos",
        "of one person, asked about",
        "of people",
        "of two people, not asked about",
        "of people",
    ):
        table.add_column(heading)
    for heading in ("network", "pairs of one person, asked about", "pairs of two people, not asked about"):
        clips.add_column(heading)
    for name in args.networks:
        network = embedding_network(name)
        for photos in PHOTOS_EACH:
            asked, silent, twice, once = measure_photos(args.half, network, photos, args.tries)
            shares = _share(asked, args.tries, twice), str(twice), _share(silent, args.tries, once // 2), str(once)
            table.add_row(network.label, f"{photos} + {photos}", *shares)
        same, different = measure_clips(network)
        silent = len(different) - sum(different)
        clips.add_row(network.label, f"{sum(same)} of {len(same)}", f"{silent} of {len(different)}")
    console = Console(width=130)
    console.print(table)
    console.print(clips)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
