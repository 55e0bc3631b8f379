"""The expression network in Keras and compiled, on noise and on portraits."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.detection.mtcnn import Mtcnn
from facecam.expression import network
from facecam.expression.reader import FRAME_PX, FRAME_XY, NETWORK, ExpressionReader
from facecam.imageio import read_image
from facecam.networks.litert import open_network
from facecam.settings import DetectSettings
from facecam.types import EXPRESSIONS, Box, Expression, Face, Image


@pytest.fixture(scope="module")
def reader() -> ExpressionReader:
    return ExpressionReader(threads=2)


@pytest.fixture(scope="module")
def detector() -> Mtcnn:
    return Mtcnn(DetectSettings())


def filling(bgr: Image) -> Face:
    """Return a face whose framed crop is the whole of a square image."""
    side = bgr.shape[0]
    return Face(Box(0, 0, side, side), 1.0, (FRAME_XY + np.float32(0.5)) * np.float32(side / FRAME_PX) - np.float32(0.5))


def test_keras_and_the_compiled_network_agree_on_noise() -> None:
    noise = np.random.default_rng(3).random((3, 64, 64, 1), np.float32) * 2 - 1

    in_keras = network.create_model().predict(noise, verbose=0)
    compiled = open_network(NETWORK, threads=1)
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
