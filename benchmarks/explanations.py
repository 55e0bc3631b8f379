"""Verify heat maps by deletion: `python -m benchmarks.explanations`. See docs/internals/explain.md.

The most salient fifth of each image is occluded (Petsiuk, Das, Saenko, "RISE", BMVC 2018). The fall of the score is compared
with that of other fifths:

    moved    the same shape elsewhere: shifted around the edges, mirrored; as coherent as the most salient fifth
    cells    the most salient fifth of a map of random cells
    pixels   random single pixels

The score is the label's probability, and for faces minus the distance to the other photo (plain L2). The reported images were
not used when the explanations were chosen: that was done on the other half of the objects, and on pairs of LFW's training list.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import lfw_people
from facecam.embedding.embedder import Embedder, align
from facecam.errors import ImageError
from facecam.evaluation.lfw import LfwPair
from facecam.explain.occlusion import (
    GRAY,
    FaceExplainer,
    ObjectExplainer,
    upsample_cells,
)
from facecam.imageio import read_image
from facecam.networks.embedding_networks import embedding_network
from facecam.networks.litert import FixedBatchNetwork, open_network
from facecam.objects.classifier import NETWORK, central_crop, crop_square, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats, Image

SHARE = 0.2
DRAWS = 8
IMAGES = 50
_OBJECT_CELLS, _FACE_CELLS = 7, 8

Score = Callable[[Sequence[Image]], Floats]
Mask = NDArray[np.bool_]


class Occluder(StrEnum):
    """Content of occluded pixels."""

    GRAY = "gray"
    """127 of 255 for all images."""
    BLUR = "blur"
    """The image blurred by a Gaussian of a twelfth of its side, which adds no edges."""


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """The network's input (n, n, 3) uint8 RGB, its heat map (n, n), and the score of it and of changed ones."""

    rgb: Image
    saliency_map: Floats
    score: Score


@dataclass(frozen=True, slots=True, eq=False)
class ScoreFalls:
    """Fall of the score (cases,): with the most salient fifth occluded, and the mean over the draws of each rival."""

    salient: Floats
    rivals: dict[str, Floats]


def objects(count: int = IMAGES, *, chosen: bool = False) -> Iterator[Case]:
    """Yield every other image of data/objects with its predicted label: those that choices were made on, or the rest."""
    paths = sorted((_data() / "objects").glob("*.JPEG"))[0 if chosen else 1 :: 2]
    explainer, network = ObjectExplainer(threads=1), FixedBatchNetwork(open_network(NETWORK, 1), (1, 8))
    for path in paths[:count]:
        bgr = read_image(path)
        rgb = crop_square(bgr, central_crop(bgr), INPUT_SIZE_PX)
        label = int(network(lite0_input(rgb)[np.newaxis])[0].argmax())
        yield Case(rgb, explainer.explain(bgr).saliency_map, lambda images, label=label: _shares(network, images)[:, label])  # type: ignore[misc]


def _shares(network: FixedBatchNetwork, images: Sequence[Image]) -> Floats:
    logits = network(lite0_input(np.stack(images)))
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = likely / likely.sum(axis=1, keepdims=True)
    return result


def faces(count: int = IMAGES, *, chosen: bool = False) -> Iterator[Case]:
    """Yield pairs of photos of one person from LFW's test pairs, or from the training pairs, which choices were made on."""
    pairs = [pair for pair in lfw_people.read_list(lfw_people.TRAIN if chosen else lfw_people.TEST) if pair.same]
    settings = Settings().replace({"identify.threads": 1, "detect.threads": 1})
    explainer, embedder = FaceExplainer(settings.identify), Embedder(settings.identify)
    with open_face_analyzer(settings) as reader:
        made = 0
        for pair in pairs[:: len(pairs) // (2 * count)]:
            found = _crop_and_embedding(pair, reader)
            if found is None:
                continue
            crop, other = found
            heat = explainer.explain(crop, other)
            yield Case(crop, heat, lambda crops, other=other: -np.linalg.norm(embedder.embed(list(crops)) - other, axis=1))  # type: ignore[misc]
            made += 1
            if made == count:
                return


def _crop_and_embedding(pair: LfwPair, reader: FaceAnalyzer) -> tuple[Image, Floats] | None:
    """Return the first photo's crop and the second one's embedding; None when a face does not pass the gates."""
    first, second = (read_image(photo.path(lfw_people.folder() / "images")) for photo in (pair.a, pair.b))
    faces_a, faces_b = reader.analyze(first), reader.analyze(second)
    if not faces_a or not faces_b or faces_a[0].embedding is None or faces_b[0].embedding is None:
        return None
    alignment = embedding_network(Settings().identify.network).alignment
    return align(first, faces_a[0].face.landmarks_xy, alignment), faces_b[0].embedding


def most_salient(saliency_map: Floats, share: float) -> Mask:
    """Return the mask of exactly this share of the pixels, the most salient ones; ties go to the upper left."""
    mask = np.zeros(saliency_map.size, bool)
    mask[np.argsort(-saliency_map, axis=None, kind="stable")[: round(share * saliency_map.size)]] = True
    return mask.reshape(saliency_map.shape)


def occluder_pixels(rgb: Image, occluder: Occluder) -> Image:
    """Return the content of occluded pixels for `rgb` (n, n, 3) uint8, of the same shape."""
    if occluder is Occluder.GRAY:
        return np.full_like(rgb, GRAY)
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), len(rgb) / 12), np.uint8)


def occlude(rgb: Image, mask: Mask, occluder: Occluder) -> Image:
    """Return a copy of `rgb` that is occluded under `mask`."""
    return np.where(mask[..., np.newaxis], occluder_pixels(rgb, occluder), rgb)


def measure_falls(cases: Iterator[Case], occluder: Occluder, rng: np.random.Generator) -> ScoreFalls:
    """Occlude the most salient fifth of every case, and its rivals."""
    salient, rivals = [], {"moved": [], "cells": [], "pixels": []}
    for case in cases:
        best = most_salient(case.saliency_map, SHARE)
        drawn = {name: list(_drawn(name, best, rng)) for name in rivals}
        masks = [best, *(mask for some in drawn.values() for mask in some)]
        scores = case.score([case.rgb, *(occlude(case.rgb, mask, occluder) for mask in masks)])
        fallen = scores[0] - scores[1:]
        salient.append(fallen[0])
        for number, name in enumerate(rivals):
            rivals[name].append(fallen[1 + number * DRAWS : 1 + (number + 1) * DRAWS].mean())
    return ScoreFalls(np.array(salient, np.float32), {name: np.array(some, np.float32) for name, some in rivals.items()})


def _drawn(name: str, best: Mask, rng: np.random.Generator) -> Iterator[Mask]:
    side = len(best)
    for _ in range(DRAWS):
        if name == "moved":
            moved = np.roll(best, tuple(rng.integers(0, side, 2)), (0, 1))
            yield moved[:: rng.choice([1, -1]), :: rng.choice([1, -1])]
        elif name == "cells":
            cells = _OBJECT_CELLS if side == INPUT_SIZE_PX else _FACE_CELLS
            yield most_salient(upsample_cells(rng.random((cells, cells), np.float32), side), SHARE)
        else:
            yield most_salient(rng.random((side, side), np.float32), SHARE)


KINDS = {"objects": objects, "faces": faces}


def _data() -> Path:
    found = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data")
    if "FACECAM_TEST_DATA" not in os.environ or not (found / "objects").is_dir():
        raise ImageError("set FACECAM_TEST_DATA to the folder that holds data/objects and data/lfw-view1")
    return found


def main(arguments: list[str]) -> int:
    """Print the table. Returns 0 when the maps beat `moved` on average and on 80 % of the images."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explanations", description=__doc__)
    parser.add_argument("kinds", nargs="*", default=[*KINDS], metavar="KIND", help=f"only these: {', '.join(KINDS)}")
    parser.add_argument("--pictures", type=int, default=IMAGES, help=f"number of images of each kind ({IMAGES})")
    parser.add_argument("--chosen-on", action="store_true", help="use the images that choices were made on")
    args = parser.parse_args(arguments)
    passed = True
    print("| what | occluder | images | most salient fifth | moved | cells | pixels |\n|---|---|---|---|---|---|---|")
    for name in args.kinds:
        cases = list(KINDS[name](args.pictures, chosen=args.chosen_on))
        for occluder in Occluder:
            found = measure_falls(iter(cases), occluder, np.random.default_rng(0))
            beaten = {rival: float(np.mean(found.salient > some)) for rival, some in found.rivals.items()}
            figures = [f"{some.mean():.3f} ({beaten[rival]:.0%})" for rival, some in found.rivals.items()]
            print(f"| {name} | {occluder} | {len(cases)} | {found.salient.mean():.3f} | {' | '.join(figures)} |", flush=True)
            passed &= beaten["moved"] >= 0.8 and found.salient.mean() > found.rivals["moved"].mean()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
