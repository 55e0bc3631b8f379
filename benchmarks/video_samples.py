"""Samples from video: `python -m benchmarks.video_samples`. See docs/internals/threshold.md.

No person of LFW view 1 has ten photos and more to recognize. Here three people are enrolled with frames of one webcam clip each
and recognized in another clip, the fourth person of the clips is a stranger, and people of LFW's test pairs, with one photo each,
fill the gallery. Four people show a direction, not a rate.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.clip_matrix import CLIPS
from benchmarks.lfw_people import embed_half, folder
from benchmarks.strangers import NETWORKS, assigned_names, draw_people, gallery_of
from facecam.capture.files import VideoFile
from facecam.evaluation.distance_table import PhotoSet
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.recognition.matching import decision_rule, gallery_index
from facecam.settings import IdentifySettings, Settings
from facecam.types import Floats, Sample

COUNTS = (1, 3, 10)
SIZES = (3, 10, 50, 200)


def embed_clip(path: Path, analyzer: FaceAnalyzer) -> Floats:
    """Return (n, d): the largest face that passes the gates in each frame of a clip."""
    found = []
    with VideoFile(path) as video:
        while (frame := video.read()) is not None:
            found += [face.embedding for face in analyzer.analyze(frame.bgr) if face.embedding is not None][:1]
    return np.stack(found)


def measure(clips: Mapping[str, Floats], photos: PhotoSet, network: str, count: int, size: int) -> tuple[float, float, float]:
    """Return shares of frames: of enrolled people named right and named wrongly, of the stranger named.

    `count` frames of each of three people are enrolled, evenly spaced in one clip, and `size - 3` people of `photos`.
    """
    settings, rng = IdentifySettings(network), np.random.default_rng(0)
    figures = []
    for stranger in CLIPS:
        others = [person for person in CLIPS if person != stranger]
        for chosen in itertools.product(*(CLIPS[person] for person in others)):
            samples = _fillers(photos, size - len(others), rng)
            for person, clip in zip(others, chosen, strict=True):
                rows = np.linspace(0, len(clips[clip]) - 1, count + 2)[1:-1].astype(int)
                samples += [Sample(f"{person}/{row}", person, person, Path(clip), clips[clip][row]) for row in rows]
            rule, index = decision_rule(settings, samples), gallery_index(settings, samples)
            for person in others:
                faces = np.concatenate([clips[clip] for clip in CLIPS[person] if clip not in chosen])
                names = assigned_names(index.nearest_batch(faces), rule)
                figures.append((np.mean(names == person), np.mean((names != person) & (names != "")), np.nan))
            faces = np.concatenate([clips[clip] for clip in CLIPS[stranger]])
            names = assigned_names(index.nearest_batch(faces), rule)
            figures.append((np.nan, np.nan, np.mean(names != "")))
    right, wrong, named = np.nanmean(figures, axis=0)
    return float(right), float(wrong), float(named)


def _fillers(photos: PhotoSet, size: int, rng: np.random.Generator) -> list[Sample]:
    return gallery_of(photos, draw_people(photos, size, 1, rng), rng)[0] if size else []


def main(arguments: Sequence[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.video_samples", description=__doc__)
    parser.add_argument("--network", action="append", help="only this one (both)")
    table = Table(title="frames of webcam clips: enrolled people named right / named wrongly / stranger named, in %")
    for heading in ("network", "people", *(f"frames enrolled: {count}" for count in COUNTS)):
        table.add_column(heading, justify="right")
    webcam = folder().parent / "webcam"
    for network in parser.parse_args(arguments).network or NETWORKS:
        photos = embed_half("test", network)
        with open_face_analyzer(Settings().replace({"identify.network": network})) as analyzer:
            clips = {clip: embed_clip(webcam / f"{clip}.mkv", analyzer) for own in CLIPS.values() for clip in own}
        for size in SIZES:
            cells = [
                "{:.1f} / {:.1f} / {:.1f}".format(*(100 * share for share in measure(clips, photos, network, count, size)))
                for count in COUNTS
            ]
            table.add_row(embedding_network(network).label, str(size), *cells)
    Console(width=130).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
