"""Distances that a network's constants in models/MANIFEST.toml depend on: `python -m benchmarks.network_distances`.

The clips are in `data/webcam`, the photos in `data/lfw-view1` of the folder FACECAM_TEST_DATA. Constants were chosen on persons A
and B of the clips and the people of LFW view 1's training pairs; C, D and the people of the test pairs are only reported on. See
docs/internals/networks.md. `benchmarks.still_images` measures `still_spread_l2`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.clip_matrix import CLIPS
from benchmarks.damaged_galleries import damaged_file
from benchmarks.lfw_people import TEST, TRAIN, folder, photo_set, read_list
from facecam.capture.source import frames, open_source
from facecam.enrollment.samples import encode_jpeg, face_crop, reread
from facecam.evaluation.distance_table import PhotoSet
from facecam.evaluation.lfw import LfwPhoto, embed_photos
from facecam.imageio import decode_image, read_image
from facecam.networks.embedding_networks import EmbeddingNetwork, embedding_network
from facecam.networks.manifest import entries
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer, single_face
from facecam.settings import Settings
from facecam.types import FaceObservation, Floats, Image

GROUPS = {"chosen on": ("AB", TRAIN), "reported": ("CD", TEST)}
"""Persons of the clips and list of LFW pairs."""
PERCENTILES = (1, 5, 25, 50, 75, 95, 99, 100)
MIN_PHOTOS = 3
COPIES = ("encoded again", "resized", "mirrored")
COPIED_PHOTOS = 300
REREAD_EVERY = 2
"""Frames."""
FARTHEST_L2 = 2.0


@dataclass(frozen=True, slots=True)
class Row:
    """Distribution of a distance, and the shares of it that are at most the network's constants."""

    network: str
    group: str
    what: str
    count: int
    percentiles_l2: tuple[float, ...]
    shares: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One clip: embeddings (n, length) of the frames with one usable face, and distances of saved crops read again."""

    person: str
    embeddings: Floats
    reread_l2: Sequence[float]


def read_clip(person: str, path: Path, analyzer: FaceAnalyzer) -> Clip:
    """Embed every frame of a clip as recognition does, and every second one's saved crop."""
    follower, found, distances = analyzer.new_follower(), [], []
    with open_source(str(path), Settings().capture, 0.0) as source:
        for number, frame in enumerate(frames(source)):
            faces = analyzer.detect_next(frame, follower)
            face = single_face(analyzer.observe(frame.bgr, faces, [True] * len(faces)))
            if isinstance(face, FaceObservation) and face.embedding is not None:
                found.append(face.embedding)
                distances += _reread_l2(frame.bgr, face, analyzer) if number % REREAD_EVERY == 0 else []
    return Clip(person, np.array(found), distances)


def _reread_l2(bgr: Image, face: FaceObservation, analyzer: FaceAnalyzer) -> list[float]:
    """Return the distance between a face and its saved crop; nothing when it is not found again."""
    sample = reread(encode_jpeg(face_crop(bgr, face.face.box)), face, analyzer, FARTHEST_L2)
    return [] if sample is None or face.embedding is None else [float(np.linalg.norm(sample.embedding - face.embedding))]


def clip_distances(clips: Sequence[Clip]) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield what was measured, and the distances: within clips, between clips, and of crops read again."""
    parts: dict[str, list[NDArray[np.float64]]] = {"frames of one clip": [], "two clips of one person": [], "two persons": []}
    for number, clip in enumerate(clips):
        within = _between(clip.embeddings, clip.embeddings)
        parts["frames of one clip"].append(within[np.triu_indices(len(within), 1)])
        for other in clips[:number]:
            kind = "two clips of one person" if other.person == clip.person else "two persons"
            parts[kind].append(_between(clip.embeddings, other.embeddings).ravel())
    yield from ((what, np.concatenate(distances)) for what, distances in parts.items() if distances)
    yield "a frame and its saved crop", np.concatenate([clip.reread_l2 for clip in clips])


def copy_distances(photos: Iterable[LfwPhoto], images: Path, analyzer: FaceAnalyzer) -> NDArray[np.float64]:
    """Return the distances between photos and their copies: encoded again, resized, mirrored."""
    distances, rng = [], random.Random(0)
    for photo in photos:
        bgr = read_image(photo.path(images))
        face = single_face(analyzer.analyze(bgr))
        for kind in COPIES:
            data = np.frombuffer(damaged_file(bgr, kind, rng), np.uint8)
            copy = single_face(analyzer.analyze(decode_image(data, photo.path(images))))
            if isinstance(face, FaceObservation) and isinstance(copy, FaceObservation):
                assert face.embedding is not None
                assert copy.embedding is not None
                distances.append(float(np.linalg.norm(face.embedding - copy.embedding)))
    return np.array(distances)


def mean_distances(photos: PhotoSet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean distances of photos to the others of their person, and to the photos of each other person."""
    own, others = [], []
    for rows in photos.rows:
        if len(rows) >= MIN_PHOTOS:
            table = _between(photos.embeddings, photos.embeddings[rows])
            own.append(table[rows].sum(axis=1) / (len(rows) - 1))
            others.append(np.delete(table, rows, axis=0).mean(axis=1))
    return np.concatenate(own), np.concatenate(others)


def _between(a: Floats, b: Floats) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = 2 - 2 * (a.astype(np.float64) @ b.T)
    return np.sqrt(squares.clip(min=0))


def measure(network: EmbeddingNetwork, group: str, analyzer: FaceAnalyzer, screen: Console) -> Iterator[Row]:
    """Yield the rows of one network and group of people."""
    persons, pairs = GROUPS[group]
    webcam = folder().parent / "webcam"
    clips = [read_clip(person, webcam / f"{clip}.mkv", analyzer) for person in persons for clip in CLIPS[person]]

    def row(what: str, distances_l2: NDArray[np.float64], *constants: str) -> Row:
        shares = {name: float((distances_l2 <= getattr(network, name)).mean()) for name in constants}
        percentiles = tuple(round(float(value), 3) for value in np.percentile(distances_l2, PERCENTILES))
        return Row(network.name, group, what, len(distances_l2), percentiles, shares)

    for what, distances in clip_distances(clips):
        yield row(what, distances, *(("reread_l2",) if what.endswith("crop") else ("duplicate_l2", "person_l2")))
    photos = {photo for pair in read_list(pairs) for photo in (pair.a, pair.b)}
    counts = Counter(photo.name for photo in photos)
    several = sorted(photo for photo in photos if counts[photo.name] >= MIN_PHOTOS)
    chosen = random.Random(0).sample(several, min(COPIED_PHOTOS, len(several)))
    copies = copy_distances(track(chosen, f"{network.label}, {group}: copies", console=screen), folder() / "images", analyzer)
    yield row("a photo and its copy", copies, "same_image_l2")
    embeddings = embed_photos(several, folder() / "images", analyzer, lambda done, total: None)
    own, others = mean_distances(photo_set(embeddings))
    yield row("a photo and its person's others, mean", own, "outlier_l2")
    yield row("a photo and another person's, mean", others, "outlier_l2")


def _table(rows: Sequence[Row], title: str) -> Table:
    table = Table("", "pairs", *(f"{percent} %" for percent in PERCENTILES), "at most the constant", title=title)
    for row in rows:
        shares = ", ".join(f"{name} {share:.2%}" for name, share in row.shares.items())
        table.add_row(row.what, str(row.count), *(f"{value:.3f}" for value in row.percentiles_l2), shares)
    return table


def main(arguments: list[str]) -> int:
    """Measure, print the tables, and write them to --json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.network_distances", description=__doc__)
    parser.add_argument("network", nargs="*", default=[model.name for model in entries() if model.role == "embedding"])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args(arguments)
    screen, everything = Console(stderr=True), []
    for name in args.network:
        network = embedding_network(name)
        with open_face_analyzer(Settings().replace({"identify.network": name})) as analyzer:
            for group in GROUPS:
                rows = list(measure(network, group, analyzer, screen))
                everything += rows
                Console(width=None if sys.stdout.isatty() else 200).print(_table(rows, f"{network.label}, {group}"))
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(row) for row in everything], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
