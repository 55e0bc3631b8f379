"""FaceExplainer: saliency maps of face distances, verified by deletion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.explanations import Occluder, most_salient, occlude
from facecam.embedding.embedder import Embedder
from facecam.explain.occlusion import FaceExplainer
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats, Image


@pytest.fixture(scope="module")
def crops(portraits: dict[str, Path]) -> dict[str, Image]:
    """Return the aligned faces of the two portraits."""
    found = {}
    with open_face_analyzer(Settings()) as analyzer:
        for name in ("eileen_collins", "grace_hopper"):
            bgr = read_image(portraits[name])
            crop_rgb = analyzer.analyze(bgr)[0].crop_rgb
            assert crop_rgb is not None
            found[name] = crop_rgb
    return found


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(Settings().identify)


@pytest.fixture(scope="module")
def explainer() -> FaceExplainer:
    return FaceExplainer(Settings().identify)


def embed(embedder: Embedder, crop: Image) -> Floats:
    return embedder.embed([crop])[0]


@pytest.mark.parametrize("other", ["eileen_collins", "grace_hopper"])
def test_occluding_the_most_salient_part_increases_the_distance_most(
    explainer: FaceExplainer, embedder: Embedder, crops: dict[str, Image], other: str
) -> None:
    crop, photo = crops["eileen_collins"], embed(embedder, crops[other])
    salient = most_salient(explainer.explain(crop, photo), 0.2)
    elsewhere = [np.roll(salient, shift, (0, 1)) for shift in ((24, 0), (48, 0), (72, 0), (0, 48), (48, 48))]

    images = [crop, *(occlude(crop, mask, Occluder.BLUR) for mask in (salient, *elsewhere))]
    before, after, *others = np.linalg.norm(embedder.embed(images) - photo, axis=1)

    assert after > before
    assert after - before > np.mean(others) - before


def test_a_map_is_between_0_and_1_and_deterministic(
    explainer: FaceExplainer, embedder: Embedder, crops: dict[str, Image]
) -> None:
    photo = embed(embedder, crops["grace_hopper"])
    one, two = (explainer.explain(crops["eileen_collins"], photo) for _ in range(2))

    assert one.shape == (96, 96)
    assert one.dtype == np.float32
    assert 0 <= one.min() < one.max() == 1
    assert (one == two).all()


def test_the_face_is_more_salient_than_its_surroundings(
    explainer: FaceExplainer, embedder: Embedder, crops: dict[str, Image]
) -> None:
    """Eyes, nose and mouth lie in the middle: OpenFace's template puts them between 15 and 62 of 96 pixels."""
    for name, crop in crops.items():
        saliency_map = explainer.explain(crop, embed(embedder, crop))

        assert saliency_map[6:72, 15:81].mean() > 1.5 * saliency_map[72:].mean(), name
