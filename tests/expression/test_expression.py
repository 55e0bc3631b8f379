"""The expression network in Keras and compiled, on noise and on portraits."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.detection.mtcnn import Mtcnn
from facecam.expression import network
from facecam.expression.reader import FRAME_XY, NETWORK, ExpressionReader, frame_gray, network_input
from facecam.imageio import read_image
from facecam.networks.keras_imagenet import assign_arrays
from facecam.networks.litert import open_network, softmax
from facecam.networks.manifest import load_arrays
from facecam.settings import DetectSettings
from facecam.types import EXPRESSIONS, Box, Expression, Face, Floats, Image

RECORDED = [
    [0.011, 0.0, 0.022, 0.0, 0.276, 0.04, 0.65],
    [0.001, 0.0, 0.0, 0.077, 0.205, 0.001, 0.716],
    [0.071, 0.003, 0.023, 0.137, 0.344, 0.028, 0.393],
]
"""Outputs of the shipped network for `pattern(0)`, `pattern(1)` and `pattern(2)`."""


@pytest.fixture(scope="module")
def reader() -> ExpressionReader:
    return ExpressionReader(threads=2)


@pytest.fixture(scope="module")
def detector() -> Mtcnn:
    return Mtcnn(DetectSettings())


def filling(bgr: Image) -> Face:
    """Return a face whose framed crop is the whole of a square image."""
    side = bgr.shape[0]
    landmarks_xy = (FRAME_XY + np.float32(0.5)) * np.float32(side / network.INPUT_SIZE_PX) - np.float32(0.5)
    return Face(Box(0, 0, side, side), 1.0, landmarks_xy)


def pattern(number: int) -> Floats:
    """Return input (48, 48, 1) in -1..1 by a formula: stripes, rings or blocks."""
    y, x = np.mgrid[-24:24, -24:24].astype(np.float32)
    formulas = (np.sin(x / 3), np.cos(np.hypot(x, y) / 4), np.sign(np.sin(x / 5 + 1)) * np.sign(np.cos(y / 4)))
    return formulas[number].astype(np.float32)[..., np.newaxis]


def test_three_patterns_have_the_recorded_outputs() -> None:
    outputs = open_network(NETWORK, threads=1)(np.stack([pattern(number) for number in range(3)]))

    assert outputs == pytest.approx(np.array(RECORDED, np.float32), abs=0.01)


def test_the_compiled_network_keeps_the_outputs_of_keras_but_for_quantization(portraits: dict[str, Path]) -> None:
    detector = Mtcnn(DetectSettings())
    inputs = []
    for path in portraits.values():
        bgr = read_image(path)
        inputs += [network_input(frame_gray(bgr, face.landmarks_xy)) for face in detector.detect(bgr)]

    in_keras = np.asarray(network.create_model()(np.stack(inputs), training=False))
    on_litert = open_network(NETWORK, threads=1)(np.stack(inputs))

    assert (in_keras.argmax(axis=1) == on_litert.argmax(axis=1)).all()
    assert np.abs(in_keras - on_litert).max() < 0.05


def test_contempt_has_no_output_and_its_share_goes_to_the_others_in_proportion() -> None:
    inputs = np.stack([pattern(number) for number in range(3)])
    trained = network.create_network()
    assign_arrays(trained, load_arrays(NETWORK), "the weights")

    of_eight = softmax(np.asarray(trained(inputs, training=False)))

    of_seven = of_eight[:, :7] / of_eight[:, :7].sum(axis=1, keepdims=True)
    assert network.CLASSES[:7] == EXPRESSIONS
    assert np.asarray(network.create_model()(inputs, training=False)) == pytest.approx(of_seven, abs=1e-5)


def test_probabilities_are_a_distribution(reader: ExpressionReader) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (200, 200, 3), np.uint8)

    expressions = reader.read(noise, [filling(noise), Face(Box(20, 30, 50, 80), 0.9, np.zeros((5, 2), np.float32))])

    for expression in expressions:
        assert len(expression.probabilities) == 7
        assert min(expression.probabilities) >= 0
        assert sum(expression.probabilities) == pytest.approx(1, abs=1e-5)


def test_eileen_collins_smiles(reader: ExpressionReader, detector: Mtcnn, portraits: dict[str, Path]) -> None:
    bgr = read_image(portraits["eileen_collins"])

    (expression,) = reader.read(bgr, list(detector.detect(bgr)))

    assert expression.label == "happy"
    assert expression.valence > 0.5


def test_a_face_has_the_same_expression_alone_and_among_others(
    reader: ExpressionReader, detector: Mtcnn, portraits: dict[str, Path]
) -> None:
    bgr = read_image(portraits["eileen_collins"])
    (smiling,) = detector.detect(bgr)
    wall = Face(Box(0, 0, 60, 60), 0.9, np.zeros((5, 2), np.float32))

    together = reader.read(bgr, [wall, smiling, wall])

    alone = [reader.read(bgr, [face])[0] for face in (wall, smiling, wall)]
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)


def test_no_faces_have_no_expressions(reader: ExpressionReader) -> None:
    assert reader.read(np.zeros((10, 10, 3), np.uint8), []) == []


def test_the_label_is_the_most_probable_class() -> None:
    for place, name in enumerate(EXPRESSIONS):
        assert Expression(tuple(0.7 if number == place else 0.05 for number in range(7))).label == name


def test_tilting_the_head_keeps_the_expression(reader: ExpressionReader, detector: Mtcnn, portraits: dict[str, Path]) -> None:
    bgr = read_image(portraits["eileen_collins"])
    (face,) = detector.detect(bgr)
    turn = cv2.getRotationMatrix2D((face.box.x + face.box.w / 2, face.box.y + face.box.h / 2), 30, 1)
    tilted = np.asarray(cv2.warpAffine(bgr, turn, (bgr.shape[1], bgr.shape[0])), np.uint8)
    landmarks = (face.landmarks_xy @ turn[:, :2].T + turn[:, 2]).astype(np.float32)

    (upright,), (found,) = reader.read(bgr, [face]), reader.read(tilted, [Face(face.box, 1.0, landmarks)])

    assert found.probabilities == pytest.approx(upright.probabilities, abs=0.05)


def test_half_the_light_keeps_the_expression(reader: ExpressionReader, detector: Mtcnn, portraits: dict[str, Path]) -> None:
    bgr = read_image(portraits["eileen_collins"])
    (face,) = detector.detect(bgr)

    (bright,), (dark,) = reader.read(bgr, [face]), reader.read(np.asarray(cv2.convertScaleAbs(bgr, alpha=0.5), np.uint8), [face])

    assert dark.probabilities == pytest.approx(bright.probabilities, abs=0.03)


def test_valence_is_the_expected_pleasure() -> None:
    """Russell and Mehrabian 1977: happy 0.81, sad -0.63, neutral 0."""
    assert Expression((0, 0, 0, 1, 0, 0, 0)).valence == pytest.approx(0.81)
    assert Expression((0, 0, 0, 0.5, 0.5, 0, 0)).valence == pytest.approx(0.09)
    assert Expression((0, 0, 0, 0, 0, 0, 1)).valence == 0
