"""`python -m benchmarks.explanations`: whether the heat maps show what decided, by deletion. See docs/explain.md.

The hottest fifth of each picture is covered, and how far the score falls is compared with covering another fifth, several times:

    moved    the same shape elsewhere: shifted round the picture's edges, mirrored; as coherent as the hottest fifth itself
    cells    the hottest fifth of a heat map of random cells, spread like a real one
    pixels   single pixels, drawn at random

The score is the label's probability, and for faces minus the distance to the other photo (plain L2). What is reported was not
looked at when the explanations were chosen: that was done on the other half of the objects, and on pairs of LFW's training list.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import lfw_people
from facecam.embedding.embedder import CROP_PX, Embedder, align
from facecam.errors import ImageError
from facecam.evaluation.lfw import LfwPair
from facecam.explain.occlusion import Cover, FaceExplainer, Mask, ObjectExplainer, covering, hottest, spread
from facecam.imageio import read_image
from facecam.networks.convert import open_network
from facecam.networks.litert import InFixedBatches
from facecam.objects.classifier import NETWORK, central_crop, cut, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats, Image

SHARE = 0.2
DRAWS = 8
PICTURES = 50
_CELLS = {INPUT_SIZE_PX: 7, CROP_PX: 8}

Score = Callable[[Sequence[Image]], Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One picture (n, n, 3) uint8 RGB as the network gets it, its heat map (n, n), and the score of it and of changed ones."""

    rgb: Image
    heat: Floats
    score: Score


@dataclass(frozen=True, slots=True, eq=False)
class Falls:
    """How far the score falls, case by case (cases,): the hottest fifth covered, and the mean over the draws of each rival."""

    hottest: Floats
    rivals: dict[str, Floats]


def objects(count: int = PICTURES, *, chosen_on: bool = False) -> Iterator[Case]:
    """Every other picture of data/objects, with the label that the network gives it: those that choices were made on, or not."""
    paths = sorted((_data() / "objects").glob("*.JPEG"))[0 if chosen_on else 1 :: 2]
    explainer, network = ObjectExplainer(threads=1), InFixedBatches(open_network(NETWORK, 1), (1, 8))
    for path in paths[:count]:
        bgr = read_image(path)
        rgb = cut(bgr, central_crop(bgr), INPUT_SIZE_PX)
        label = int(network(lite0_input(rgb)[np.newaxis])[0].argmax())
        yield Case(rgb, explainer.explain(bgr).heat, lambda pictures, label=label: _shares(network, pictures)[:, label])  # type: ignore[misc]


def _shares(network: InFixedBatches, pictures: Sequence[Image]) -> Floats:
    logits = network(lite0_input(np.stack(pictures)))
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = likely / likely.sum(axis=1, keepdims=True)
    return result


def faces(count: int = PICTURES, *, chosen_on: bool = False) -> Iterator[Case]:
    """Pairs of photos of one person, spread over LFW's list of test pairs; or of training pairs, which choices were made on."""
    pairs = [pair for pair in lfw_people.pairs_of(lfw_people.TRAIN if chosen_on else lfw_people.TEST) if pair.same]
    settings = Settings().replace({"identify.threads": 1, "detect.threads": 1})
    explainer, embedder = FaceExplainer(settings.identify), Embedder(settings.identify)
    with open_face_analyzer(settings) as reader:
        made = 0
        for pair in pairs[:: len(pairs) // (2 * count)]:
            found = _both(pair, reader)
            if found is None:
                continue
            crop, other = found
            heat = explainer.explain(crop, other)
            yield Case(crop, heat, lambda crops, other=other: -np.linalg.norm(embedder.embed(list(crops)) - other, axis=1))  # type: ignore[misc]
            made += 1
            if made == count:
                return


def _both(pair: LfwPair, reader: FaceAnalyzer) -> tuple[Image, Floats] | None:
    """The first photo's crop and the second one's embedding; None where a face does not pass the gates."""
    first, second = (read_image(photo.path(lfw_people.folder() / "images")) for photo in (pair.a, pair.b))
    faces_a, faces_b = reader.analyze(first), reader.analyze(second)
    if not faces_a or not faces_b or faces_a[0].embedding is None or faces_b[0].embedding is None:
        return None
    return align(first, faces_a[0].face.landmarks_xy), faces_b[0].embedding


def falls(cases: Iterator[Case], cover: Cover, rng: np.random.Generator) -> Falls:
    """Cover the hottest fifth of every case, and its rivals."""
    hot, rivals = [], {"moved": [], "cells": [], "pixels": []}
    for case in cases:
        best = hottest(case.heat, SHARE)
        drawn = {name: list(_drawn(name, best, rng)) for name in rivals}
        masks = [best, *(mask for some in drawn.values() for mask in some)]
        over = covering(case.rgb, cover)
        scores = case.score([case.rgb, *(np.where(mask[..., np.newaxis], over, case.rgb) for mask in masks)])
        fallen = scores[0] - scores[1:]
        hot.append(fallen[0])
        for number, name in enumerate(rivals):
            rivals[name].append(fallen[1 + number * DRAWS : 1 + (number + 1) * DRAWS].mean())
    return Falls(np.array(hot, np.float32), {name: np.array(some, np.float32) for name, some in rivals.items()})


def _drawn(name: str, best: Mask, rng: np.random.Generator) -> Iterator[Mask]:
    side = len(best)
    for _ in range(DRAWS):
        if name == "moved":
            moved = np.roll(best, tuple(rng.integers(0, side, 2)), (0, 1))
            yield moved[:: rng.choice([1, -1]), :: rng.choice([1, -1])]
        elif name == "cells":
            yield hottest(spread(rng.random((_CELLS[side],) * 2, np.float32), side), SHARE)
        else:
            yield hottest(rng.random((side, side), np.float32), SHARE)


KINDS = {"objects": objects, "faces": faces}


def _data() -> Path:
    found = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data")
    if "FACECAM_TEST_DATA" not in os.environ or not (found / "objects").is_dir():
        raise ImageError("set FACECAM_TEST_DATA to the folder that holds data/objects and data/lfw-view1")
    return found


def main(arguments: list[str]) -> int:
    """Print the table; the exit status is 0 when the heat maps win against `moved` on average and on 80 % of the pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanations", description=__doc__)
    parser.add_argument("kinds", nargs="*", default=[*KINDS], metavar="KIND", help=f"only these: {', '.join(KINDS)}")
    parser.add_argument("--pictures", type=int, default=PICTURES, help=f"so many of each kind ({PICTURES})")
    parser.add_argument("--chosen-on", action="store_true", help="those that choices were made on, instead of the rest")
    asked = parser.parse_args(arguments)
    passed = True
    print("| what | covered by | pictures | hottest fifth | moved | cells | pixels |\n|---|---|---|---|---|---|---|")
    for name in asked.kinds:
        made = list(KINDS[name](asked.pictures, chosen_on=asked.chosen_on))
        for cover in Cover:
            found = falls(iter(made), cover, np.random.default_rng(0))
            beaten = {rival: float(np.mean(found.hottest > some)) for rival, some in found.rivals.items()}
            figures = [f"{some.mean():.3f} ({beaten[rival]:.0%})" for rival, some in found.rivals.items()]
            print(f"| {name} | {cover} | {len(made)} | {found.hottest.mean():.3f} | {' | '.join(figures)} |", flush=True)
            passed &= beaten["moved"] >= 0.8 and found.hottest.mean() > found.rivals["moved"].mean()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
