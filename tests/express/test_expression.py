"""The expression network in Keras and compiled, on noise, on portraits, and on faces that people have voted on."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.compile import open_network
from facecam.detect.mtcnn import Mtcnn
from facecam.express import network
from facecam.express.expression import NETWORK, ExpressionReader, crop_grey
from facecam.picture import read_picture
from facecam.settings import DetectSettings
from facecam.types import EXPRESSIONS, Box, Expression, Face, Picture

# FER+ names its columns otherwise; contempt is no class of the network.
COLUMNS = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy", "sadness": "sad", "surprise": "surprise",
    "neutral": "neutral",
}  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> ExpressionReader:
    return ExpressionReader(threads=2)


@pytest.fixture(scope="module")
def detector() -> Mtcnn:
    return Mtcnn(DetectSettings())


def filling(bgr: Picture) -> Face:
    """A face whose framed crop is the whole of a square picture."""
    side = bgr.shape[0] / 1.15
    edge = (bgr.shape[0] - side) / 2
    return Face(Box(edge, edge, side, side), 1.0, np.zeros((5, 2), np.float32))


def test_keras_and_the_compiled_network_agree_on_noise() -> None:
    noise = np.random.default_rng(3).random((3, 64, 64, 1), np.float32) * 2 - 1

    in_keras = network.create_model().predict(noise, verbose=0)
    with open_network(NETWORK, threads=1) as compiled:
        on_litert = compiled(noise)

    assert np.abs(in_keras - on_litert).max() < 1e-4


def test_probabilities_are_a_distribution(reader: ExpressionReader) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (200, 200, 3), np.uint8)

    expressions = reader.read(noise, [filling(noise), Face(Box(20, 30, 50, 80), 0.9, np.zeros((5, 2), np.float32))])

    for expression in expressions:
        assert len(expression.probabilities) == 7
        assert min(expression.probabilities) >= 0
        assert sum(expression.probabilities) == pytest.approx(1, abs=1e-5)


def test_eileen_collins_smiles(reader: ExpressionReader, detector: Mtcnn, portraits: dict[str, Path]) -> None:
    bgr = read_picture(portraits["eileen_collins"])

    (expression,) = reader.read(bgr, list(detector.detect(bgr)))

    assert expression.label == "happy"
    assert expression.valence > 0.5


def test_each_face_of_a_picture_gets_the_expression_it_has_alone(
    reader: ExpressionReader, detector: Mtcnn, portraits: dict[str, Path]
) -> None:
    bgr = read_picture(portraits["eileen_collins"])
    (smiling,) = detector.detect(bgr)
    wall = Face(Box(0, 0, 60, 60), 0.9, np.zeros((5, 2), np.float32))

    together = reader.read(bgr, [wall, smiling, wall])

    alone = [reader.read(bgr, [face])[0] for face in (wall, smiling, wall)]
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)


def test_no_face_has_no_expression(reader: ExpressionReader) -> None:
    assert reader.read(np.zeros((10, 10, 3), np.uint8), []) == []


@given(x=st.floats(-200, 200), y=st.floats(-200, 200), w=st.floats(0.5, 300), h=st.floats(0.5, 300))
def test_a_crop_has_one_size_and_range_wherever_the_box_lies(x: float, y: float, w: float, h: float) -> None:
    bgr = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)

    crop = crop_grey(bgr, Box(x, y, w, h))

    assert crop.shape == (64, 64, 1)
    assert crop.dtype == np.float32
    assert -1 <= crop.min() <= crop.max() <= 1


def test_a_crop_is_the_square_around_its_box() -> None:
    """Left of x = 100 all is black, right of it white: the middle of a box there is the middle of the crop."""
    bgr = np.zeros((200, 200, 3), np.uint8)
    bgr[:, 100:] = 255

    crop = crop_grey(bgr, Box(80, 60, 40, 80))[..., 0]

    assert (crop[:, :31] == -1).all()
    assert (crop[:, 33:] == 1).all()


def test_the_label_is_the_likeliest_class() -> None:
    for place, name in enumerate(EXPRESSIONS):
        assert Expression(tuple(0.7 if number == place else 0.05 for number in range(7))).label == name


def test_on_faces_that_most_voters_agree_on_it_agrees_with_them(test_data: Path, reader: ExpressionReader) -> None:
    folder = test_data / "data" / "expressions"
    right, asked = 0, 0
    with (folder / "votes.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            votes = {name: int(row[column]) for column, name in COLUMNS.items()}
            winner = max(votes, key=lambda name: votes[name])
            if votes[winner] > 5:
                bgr = read_picture(folder / row["image"])
                right += reader.read(bgr, [filling(bgr)])[0].label == winner
                asked += 1

    assert asked > 1000
    assert right / asked >= 0.68


def test_a_darker_picture_is_the_same_face_to_the_cropping(portraits: dict[str, Path], detector: Mtcnn) -> None:
    """The crop is plain grey: half the light is half the number."""
    bgr = read_picture(portraits["eileen_collins"])
    (face,) = detector.detect(bgr)

    bright = crop_grey(bgr, face.box)
    dark = crop_grey(np.asarray(cv2.convertScaleAbs(bgr, alpha=0.5), np.uint8), face.box)

    assert np.abs((dark + 1) - (bright + 1) / 2).max() < 0.02
