"""Effect of averaging frames of a sighting: `python -m benchmarks.study.frames DIR`. See docs/internals/accuracy.md.

DIR holds the webcam clips, two of each of four people: one clip is enrolled, the others are recognized. Nothing is chosen here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np

from benchmarks.study.figures import mean_embedding, nearest_photo
from facecam.capture.files import VideoFile
from facecam.evaluation.lfw import auc
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats

PERSON_OF = {"again": "A", "help": "A", "milk": "B", "please": "B", "book": "C", "learn": "C", "eat": "D", "night": "D"}
COUNTS = (1, 3, 5, 10)
_FRAMES, _EVERY = 90, 3


@dataclass(frozen=True, slots=True)
class Separation:
    """Distances of sightings of `frames` frames to the nearest sample of another clip; `apart` is d', in standard deviations."""

    frames: int
    same_median_l2: float
    same_p95_l2: float
    other_p1_l2: float
    apart: float
    auc: float


def separation(clips: Mapping[str, Floats], frames: int) -> Separation:
    """Compute distances for (n, 128) embeddings of each clip's consecutive frames; a sighting averages `frames` in a row."""
    same: list[Floats] = []
    other: list[Floats] = []
    for clip, enrolled in permutations(clips, 2):
        faces = clips[clip]
        starts = range(len(faces) - frames + 1)
        sightings = np.stack([mean_embedding(faces[start : start + frames]) for start in starts])
        (same if PERSON_OF[clip] == PERSON_OF[enrolled] else other).append(nearest_photo(sightings, clips[enrolled]))
    own, others = np.concatenate(same), np.concatenate(other)
    apart = (others.mean() - own.mean()) / np.sqrt((own.var() + others.var()) / 2)
    truth = np.arange(len(own) + len(others)) < len(own)
    p95, p1 = np.percentile(own, 95), np.percentile(others, 1)
    return Separation(
        frames, float(np.median(own)), float(p95), float(p1), float(apart), auc(np.concatenate([own, others]), truth)
    )


def embed_clip(path: Path, analyzer: FaceAnalyzer) -> Floats:
    """Return (n, 128): the largest face that passes the gates in every third of a clip's first 90 frames."""
    found = []
    with VideoFile(path) as video:
        for number in range(_FRAMES):
            taken = video.read()
            if taken is None:
                break
            if number % _EVERY == 0:
                found += [reading.embedding for reading in analyzer.analyze(taken.bgr) if reading.embedding is not None][:1]
    return np.stack(found)


def main(arguments: list[str]) -> int:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.study.frames", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="the webcam clips")
    directory = parser.parse_args(arguments).directory
    with open_face_analyzer(Settings()) as analyzer:
        clips = {name: embed_clip(directory / f"{name}.mkv", analyzer) for name in PERSON_OF}
    print("| frames | same person: median | 95 % below | two people: 1 % below | d' | AUC |\n|---|---|---|---|---|---|")
    for frames in COUNTS:
        row = separation(clips, frames)
        cells = f"{row.same_median_l2:.3f} | {row.same_p95_l2:.3f} | {row.other_p1_l2:.3f} | {row.apart:.1f} | {row.auc:.4f}"
        print(f"| {frames} | {cells} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
