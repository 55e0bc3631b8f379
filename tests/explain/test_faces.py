"""What makes a face like a photo: the parts of the face, by measuring distances again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.embedding.embedder import Embedder, align
from facecam.explain.occlusion import Cover, FaceExplainer, covered, hottest
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings
from facecam.types import Floats, Image


@pytest.fixture(scope="module")
def crops(portraits: dict[str, Path]) -> dict[str, Image]:
    """The aligned faces of the two portraits."""
    found = {}
    with open_face_analyzer(Settings()) as reader:
        for name in ("eileen_collins", "grace_hopper"):
            bgr = read_image(portraits[name])
            found[name] = align(bgr, reader.analyze(bgr)[0].face.landmarks_xy)
    return found


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(Settings().identify)


@pytest.fixture(scope="module")
def explainer() -> FaceExplainer:
    return FaceExplainer(Settings().identify)


def embedded(embedder: Embedder, crop: Image) -> Floats:
    return embedder.embed([crop])[0]


@pytest.mark.parametrize("other", ["eileen_collins", "grace_hopper"])
def test_covering_the_hottest_part_takes_the_face_farther_away_than_covering_it_elsewhere(
    explainer: FaceExplainer, embedder: Embedder, crops: dict[str, Image], other: str
) -> None:
    crop, photo = crops["eileen_collins"], embedded(embedder, crops[other])
    hot = hottest(explainer.explain(crop, photo), 0.2)
    elsewhere = [np.roll(hot, shift, (0, 1)) for shift in ((24, 0), (48, 0), (72, 0), (0, 48), (48, 48))]

    pictures = [crop, *(covered(crop, mask, Cover.BLUR) for mask in (hot, *elsewhere))]
    before, after, *others = np.linalg.norm(embedder.embed(pictures) - photo, axis=1)

    assert after > before
    assert after - before > np.mean(others) - before


def test_a_map_is_between_0_and_1_and_the_same_each_time(
    explainer: FaceExplainer, embedder: Embedder, crops: dict[str, Image]
) -> None:
    photo = embedded(embedder, crops["grace_hopper"])
    one, two = (explainer.explain(crops["eileen_collins"], photo) for _ in range(2))

    assert one.shape == (96, 96)
    assert one.dtype == np.float32
    assert 0 <= one.min() < one.max() == 1
    assert (one == two).all()


def test_the_face_counts_and_not_what_is_behind_it(explainer: FaceExplainer, embedder: Embedder, crops: dict[str, Image]) -> None:
    """Eyes, nose and mouth lie in the middle: OpenFace's template puts them between 15 and 62 of 96 pixels."""
    for name, crop in crops.items():
        heat = explainer.explain(crop, embedded(embedder, crop))

        assert heat[6:72, 15:81].mean() > 1.5 * heat[72:].mean(), name
