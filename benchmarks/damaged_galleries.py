"""Gallery audit on deliberately damaged galleries: `python -m benchmarks.damaged_galleries`. See docs/internals/gallery.md.

The photos are in `data/lfw-view1` of the folder FACECAM_TEST_DATA. Its people are divided by a hash of their names: the audit's
limits were chosen on the half `choose`, the figures are of the half `report`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from facecam.evaluation import lfw
from facecam.gallery.audit import AuditResult, AuditRule, audit_photos
from facecam.gallery.people import Person
from facecam.gallery.verify import PhotoAnalysis, PhotoAnalyzer
from facecam.imageio import decode_image
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognition.matching import decision_rule
from facecam.recognition.open_set import load_distance_table
from facecam.settings import GateSettings, Settings
from facecam.types import Floats, Image

GALLERIES, PEOPLE, MIN_PHOTOS = 50, 10, 5
PLANTED = {"copy": 5, "encoded again": 5, "resized": 2, "mirrored": 2, "20x20": 3}
"""Number of each kind added to a gallery; in addition, one photo is swapped for a stranger's."""
HALVES = ("choose", "report")
FAR = 0.01

Damage = Callable[[Image, random.Random], Image]


def _unchanged(bgr: Image, _: random.Random) -> Image:
    return bgr


def _resized(bgr: Image, rng: random.Random) -> Image:
    factor = rng.uniform(0.5, 0.9)
    return np.asarray(cv2.resize(bgr, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def _mirrored(bgr: Image, _: random.Random) -> Image:
    return np.ascontiguousarray(bgr[:, ::-1])


def _tiny(bgr: Image, _: random.Random) -> Image:
    return np.asarray(cv2.resize(bgr, (20, 20), interpolation=cv2.INTER_AREA), np.uint8)


_DAMAGE: dict[str, Damage] = {"encoded again": _unchanged, "resized": _resized, "mirrored": _mirrored, "20x20": _tiny}


def damaged_file(bgr: Image, kind: str, rng: random.Random) -> bytes:
    """Return the image with this damage, a kind of PLANTED other than a copy, as a JPEG file of random quality."""
    changed = _DAMAGE[kind](bgr, rng)
    return cv2.imencode(".jpg", changed, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(30, 95)])[1].tobytes()


@dataclass(slots=True)
class Damaged:
    """Photos of a damaged gallery, the kind of each planted one, the original of each duplicate, and the swapped one."""

    photos: list[PhotoAnalysis]
    planted: dict[str, str] = field(default_factory=dict)
    original_of: dict[str, str] = field(default_factory=dict)
    swapped: str = ""
    swapped_usable: bool = False

    def good(self) -> set[str]:
        """Return the photos that are neither planted nor swapped, usable or not."""
        return {photo.photo_id for photo in self.photos} - self.planted.keys() - {self.swapped}


class GalleryFactory:
    """Makes damaged galleries of one half of the people; each image is analyzed once."""

    def __init__(self, images: Path, half: str, analyzer: PhotoAnalyzer) -> None:
        folders = [folder for folder in sorted(images.iterdir()) if _half(folder.name) == half]
        self._photos = {folder.name: sorted(folder.glob("*.jpg")) for folder in folders}
        self._candidates = [name for name, photos in self._photos.items() if len(photos) >= MIN_PHOTOS]
        self._people = {name: _person(images / name) for name in self._photos}
        self._analysis = cache(lambda path: analyzer.analyze(self._people[path.parent.name], path, path.read_bytes()))
        self._analyzer = analyzer

    def gallery(self, rng: random.Random) -> Damaged:
        """Return the photos of PEOPLE people with the damage of PLANTED and one swapped photo."""
        chosen = sorted(rng.sample(self._candidates, PEOPLE))
        damaged = Damaged([self._analysis(path) for name in chosen for path in self._photos[name]])
        originals = list(damaged.photos)
        for kind, count in PLANTED.items():
            for number, original in enumerate(rng.sample(originals, count)):
                self._plant(damaged, kind, original, rng, f"{kind} {number}.jpg")
        self._swap(damaged, rng, chosen)
        rng.shuffle(damaged.photos)
        return damaged

    def _plant(self, damaged: Damaged, kind: str, original: PhotoAnalysis, rng: random.Random, file: str) -> None:
        path = original.path.with_name(file)
        data = original.path.read_bytes()
        if kind in _DAMAGE:
            data = damaged_file(decode_image(np.frombuffer(data, np.uint8), path), kind, rng)
        planted = self._analyzer.analyze(self._people[original.path.parent.name], path, data)
        damaged.photos.append(planted)
        damaged.planted[planted.photo_id] = kind
        damaged.original_of[planted.photo_id] = original.photo_id

    def _swap(self, damaged: Damaged, rng: random.Random, chosen: Sequence[str]) -> None:
        """Replace a photo without duplicates by a stranger's, under the same name."""
        copied = set(damaged.original_of.values()) | damaged.planted.keys()
        victim = rng.choice([photo for photo in damaged.photos if photo.photo_id not in copied])
        stranger = self._analysis(rng.choice(self._photos[rng.choice([name for name in self._photos if name not in chosen])]))
        swapped = replace(stranger, photo_id=victim.photo_id, person_id=victim.person_id, name=victim.name, path=victim.path)
        damaged.photos[damaged.photos.index(victim)] = swapped
        damaged.swapped, damaged.swapped_usable = victim.photo_id, stranger.embedding is not None


def _half(name: str) -> str:
    return HALVES[hashlib.sha256(name.encode()).digest()[0] % 2]


def _person(folder: Path) -> Person:
    return Person(
        hashlib.sha256(folder.name.encode()).hexdigest()[:32], folder.name, (folder,), (), datetime(2026, 1, 1, tzinfo=UTC)
    )


@dataclass(slots=True)
class Tally:
    """Counts over all galleries: planted and found photos by kind, and good photos quarantined by reason."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    good: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    roc: dict[str, list[tuple[Floats, NDArray[np.bool_]]]] = field(default_factory=lambda: {"before": [], "after": []})

    def add(self, damaged: Damaged, examination: AuditResult) -> None:
        """Count one gallery. A duplicate is found when it or its original is; a good photo whose copy remains is not lost."""
        reasons = {photo.photo.photo_id: photo.reason for photo in examination.findings if photo.should_quarantine}
        copies_left = {damaged.original_of[p] for p, k in damaged.planted.items() if k != "20x20" and p not in reasons}
        for planted, kind in damaged.planted.items():
            self.planted[kind] += 1
            self.found[kind] += planted in reasons or (kind != "20x20" and damaged.original_of[planted] in reasons)
        kinds = ["stranger"] + ["stranger, usable"] * damaged.swapped_usable
        self.planted.update(kinds)
        self.found.update(kinds if damaged.swapped in reasons else [])
        good = damaged.good()
        self.good += len(good)
        self.lost.update(reasons[photo] for photo in good if photo in reasons and photo not in copies_left)
        for when, figures in (("before", examination.before), ("after", examination.after)):
            for what in ("samples", "named_right", "named_wrong", "unnamed"):
                self.sums[f"{what}_{when}"] += getattr(figures, what)
        self.roc["before"].append(_pairs(damaged.photos))
        self.roc["after"].append(_pairs([photo for photo in damaged.photos if photo.photo_id not in reasons]))

    def figures(self) -> dict[str, float]:
        """Return all figures by name."""
        figures: dict[str, float] = {}
        for kind, planted in self.planted.items():
            figures |= {f"{kind}: planted": planted, f"{kind}: found": self.found[kind]}
        figures |= {"good photos": self.good, "good photos set aside": self.lost.total()}
        figures |= {f"good photos set aside as {reason}": count for reason, count in self.lost.items()}
        figures["share of good photos set aside"] = self.lost.total() / self.good
        figures |= dict(self.sums)
        for when, parts in self.roc.items():
            distances = np.concatenate([part[0] for part in parts])
            same = np.concatenate([part[1] for part in parts])
            threshold = lfw.threshold_at_far(distances[~same], FAR)
            figures |= {f"auc_{when}": lfw.auc(distances, same)}
            figures |= {f"tar_at_far_{FAR}_{when}": float((distances[same] <= threshold).mean())}
        return figures


def _pairs(photos: Sequence[PhotoAnalysis]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the distances of all pairs of samples, and whether each pair has one name."""
    samples = [photo for photo in photos if photo.embedding is not None]
    embeddings = np.array([photo.embedding for photo in samples], np.float32)
    names = np.array([photo.name for photo in samples])
    upper = np.triu_indices(len(samples), 1)
    distances = np.sqrt(np.maximum(2 - 2 * embeddings @ embeddings.T, 0))[upper]
    return distances, (names[:, np.newaxis] == names[np.newaxis])[upper]


def measure(images: Path, half: str, seed: int, progress: Callable[[range], Iterator[int]] = iter) -> dict[str, float]:
    """Return the figures over GALLERIES galleries of one half of the people."""
    settings = Settings()
    network, table = embedding_network(settings.identify.network), load_distance_table(settings.identify.network)
    rule = AuditRule.for_network(network, settings.gate.min_size_px)
    tally, rng = Tally(), random.Random(seed)
    with open_face_analyzer(replace(settings, gate=GateSettings.none())) as faces:
        factory = GalleryFactory(images, half, PhotoAnalyzer(faces, settings.gate))
        for _ in progress(range(GALLERIES)):
            damaged = factory.gallery(rng)
            samples = [sample for photo in damaged.photos if (sample := photo.sample()) is not None]
            decision = decision_rule(settings.identify, samples)
            tally.add(damaged, audit_photos(damaged.photos, rule, decision, table, network.session_l2))
    return tally.figures()


def _table(figures: dict[str, float], half: str) -> Table:
    table = Table("", "", title=f"{GALLERIES} galleries of {PEOPLE} people, half `{half}`")
    for name, value in figures.items():
        table.add_row(name, f"{value:.4f}" if isinstance(value, float) else str(value))
    return table


def main(arguments: list[str]) -> int:
    """Measure, print the table, and write it to --json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.damaged_galleries", description=__doc__)
    parser.add_argument("--half", choices=HALVES, default="report", help="whose photos: distances were chosen on `choose`")
    parser.add_argument("--seed", type=int, default=5, help="another seed makes other galleries (5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args(arguments)
    images = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data", "lfw-view1", "images")
    if "FACECAM_TEST_DATA" not in os.environ or not images.is_dir():
        print("set FACECAM_TEST_DATA to the folder that holds data/lfw-view1 with its images", file=sys.stderr)
        return 1
    screen = Console(stderr=True)
    figures = measure(images, args.half, args.seed, lambda runs: iter(track(runs, "galleries", console=screen)))
    Console().print(_table(figures, args.half))
    if args.json is not None:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
