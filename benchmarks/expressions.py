"""Choose crop, contrast and calibration of expressions: `python -m benchmarks.expressions DIR`.

DIR holds FER+ images and votes.csv. Only even-numbered images are used; `facecam evaluate expressions` reports on the others.
Prints the constants of facecam/expression/reader.py. See docs/internals/expressions.md.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import similarity_transform
from facecam.evaluation.expressions import Truth, bare_input, calibration_error, read_gray_face, read_votes
from facecam.expression import reader as crop
from facecam.expression.network import INPUT_SIZE_PX
from facecam.expression.reader import FRAME_PX, ExpressionReader, Gray, network_input
from facecam.networks.litert import softmax
from facecam.settings import DetectSettings
from facecam.types import EXPRESSIONS, Box, Face, Floats

Numbers = NDArray[np.float64]
Model = tuple[Numbers, float]
"""Biases and temperature."""

RIDGES = (0.0, 0.001, 0.003, 0.01, 0.03)
RIDGE = 0.001
FOLDS = 10
NEUTRAL = EXPRESSIONS.index("neutral")
# The detector wants larger faces, and something around them.
_ENLARGED, _BORDER_PX = 3, 96
_MIRRORED = [1, 0, 2, 4, 3]
HEAD = "| accuracy, % | log loss | calibration error |\n|---|---|---|---|"


def fit(logs: Numbers, truth: Truth, ridge: float, steps: int = 4000) -> Model:
    """Fit biases (7,) and a temperature to log probabilities (n, 7) and `truth` (n,) by gradient descent.

    `ridge` times the biases' squares is added to the mean negative log likelihood: few faces show disgust or fear.
    """
    bias, inverse = np.zeros(len(EXPRESSIONS)), 1.0
    target = np.eye(len(EXPRESSIONS))[truth]
    for _ in range(steps):
        wrong = softmax(logs * inverse + bias) - target
        bias -= 0.8 * (wrong.mean(axis=0) + 2 * ridge * bias)
        inverse -= 0.05 * float((wrong * logs).sum(axis=1).mean())
    return bias, 1 / inverse


def cross_validated(logs: Numbers, truth: Truth, ridge: float = RIDGE) -> str:
    """Return the figures with each image calibrated on the folds that it is not in."""
    fold = np.arange(len(truth)) % FOLDS
    probabilities = np.empty(logs.shape, np.float32)
    for one in range(FOLDS):
        bias, temperature = fit(logs[fold != one], truth[fold != one], ridge, steps=1000)
        probabilities[fold == one] = softmax(logs[fold == one] / temperature + bias)
    return figures(probabilities, truth)


def figures(probabilities: Floats, truth: Truth) -> str:
    """Return accuracy in percent, log loss and calibration error of probabilities (n, 7)."""
    loss = -np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-9)).mean()
    return (
        f"{100 * (probabilities.argmax(axis=1) == truth).mean():.1f} | {loss:.3f} | {calibration_error(probabilities, truth):.3f}"
    )


def mean_and_std(gray: Gray) -> Floats:
    """Normalize to mean 0.0 and standard deviation 0.43, FER+'s own, in -1..1."""
    values = gray.astype(np.float32)
    return np.clip((values - values.mean()) / max(float(values.std()), 1.0) * np.float32(0.43), -1, 1)[..., np.newaxis]


def contrasts() -> dict[str, Callable[[Gray], Floats]]:
    """Return the compared contrast normalizations."""
    clahe = cv2.createCLAHE(2.0, (4, 4))
    return {
        "none": bare_input,
        "equalized": lambda gray: bare_input(np.asarray(cv2.equalizeHist(gray), np.uint8)),
        "CLAHE, 4x4 tiles": lambda gray: bare_input(np.asarray(clahe.apply(gray), np.uint8)),
        "mean and standard deviation": mean_and_std,
        "stretched, but for 1 % at either end": network_input,
    }


def detect_face(gray: Gray, detector: Mtcnn) -> Face | None:
    """Return the face that fills an image (64, 64), in its pixels; None when none is detected."""
    large = cv2.resize(gray, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, *[_BORDER_PX] * 4, cv2.BORDER_REPLICATE)
    faces = [face for face in detector.detect(np.dstack([large] * 3)) if face.box.longer_side_px > INPUT_SIZE_PX * _ENLARGED / 2]
    if not faces:
        return None
    face = max(faces, key=lambda face: face.score)
    x, y, w, h = (value / _ENLARGED for value in (face.box.x - _BORDER_PX, face.box.y - _BORDER_PX, face.box.w, face.box.h))
    landmarks = (face.landmarks_xy - _BORDER_PX + np.float32(0.5)) / np.float32(_ENLARGED) - np.float32(0.5)
    return Face(Box(x, y, w, h), face.score, landmarks.astype(np.float32))


def box_crop(gray: Gray, face: Face) -> Gray:
    """Return the square around the box, 1.15 times as wide: a crop without landmarks."""
    scale = 1.15 * face.box.longer_side_px / INPUT_SIZE_PX
    middle = np.array([face.box.x + face.box.w / 2, face.box.y + face.box.h / 2])
    return _warped(gray, scale, middle - scale * INPUT_SIZE_PX / 2 + (scale - 1) / 2)


def tilted_crop(gray: Gray, face: Face) -> Gray:
    """Return the crop by landmarks, tilted like the face."""
    template = (crop.FRAME_XY + 0.5) * (INPUT_SIZE_PX / FRAME_PX) - 0.5
    scale = math.hypot(*similarity_transform(template, face.landmarks_xy)[:, 0])
    return _warped(gray, scale, face.landmarks_xy.mean(axis=0) - scale * template.mean(axis=0))


def landmark_crop(gray: Gray, face: Face) -> Gray:
    """Return the crop of live video."""
    return crop.frame_gray(np.dstack([gray] * 3), face.landmarks_xy)


def _warped(gray: Gray, scale: float, shift: Numbers) -> Gray:
    back = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    flags, border = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(gray, back, (INPUT_SIZE_PX, INPUT_SIZE_PX), flags=flags, borderMode=border), np.uint8)


def rotated(gray: Gray, face: Face, degrees: float) -> tuple[Gray, Face]:
    """Rotate image and face about the image's center."""
    middle = (INPUT_SIZE_PX - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), degrees, 1)
    image = cv2.warpAffine(gray, turn, (INPUT_SIZE_PX, INPUT_SIZE_PX), borderMode=cv2.BORDER_REPLICATE)
    landmarks = (face.landmarks_xy @ turn[:, :2].T + turn[:, 2]).astype(np.float32)
    return np.asarray(image, np.uint8), Face(face.box, face.score, landmarks)


def log_probabilities(reader: ExpressionReader, inputs: list[Floats]) -> Numbers:
    """Return (n, 7) log probabilities of the network, uncalibrated."""
    return np.concatenate([np.log(np.maximum(reader.raw(inputs[at : at + 8]), 1e-9)) for at in range(0, len(inputs), 8)])


def template(faces: list[Face]) -> Floats:
    """Return (5, 2): the median place of each landmark over faces and their mirror images, in an image of 48x48."""
    points = (np.stack([face.landmarks_xy for face in faces]) + 0.5) * (FRAME_PX / INPUT_SIZE_PX) - 0.5
    mirrored = points[:, _MIRRORED] * np.float32([-1, 1]) + np.float32([FRAME_PX - 1, 0])
    return np.asarray(np.median(np.concatenate([points, mirrored]), axis=0), np.float32)


def framing_rows(reader: ExpressionReader, detected: list[tuple[Gray, Face]], truth: Truth, model: Model) -> Iterator[str]:
    """Yield the figures of each crop, with the calibration of whole images."""
    bias, temperature = model
    crops: dict[str, Callable[[Gray, Face], Gray]] = {
        "the whole picture": lambda gray, _: gray,
        "the detector's box, 1.15 times as wide": box_crop,
        "by landmarks, not leveled": tilted_crop,
        "by landmarks": landmark_crop,
    }
    for degrees in (0, 20):
        tilted = [rotated(gray, face, degrees) for gray, face in detected] if degrees else detected
        for name, crop_face in crops.items():
            if degrees == 0 or name.startswith("by"):
                logs = log_probabilities(reader, [network_input(crop_face(gray, face)) for gray, face in tilted])
                title = name if degrees == 0 else f"{name}, head tilted by {degrees} degrees"
                yield f"| {title} | {figures(softmax(logs / temperature + bias), truth)} |"


def main() -> None:
    """Print the tables and the constants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    chosen = [one for one in read_votes(parser.parse_args().directory) if one.used_for_calibration]
    progress_console = Console(stderr=True)
    truth = np.array([one.class_index for one in chosen], np.intp)
    grays = [read_gray_face(one.path) for one in track(chosen, "reading", console=progress_console)]
    reader, detector = ExpressionReader(threads=2), Mtcnn(DetectSettings(onet_threshold=0.5))
    logs = log_probabilities(reader, [network_input(gray) for gray in grays])
    model = bias, temperature = fit(logs, truth, RIDGE)
    resting = np.maximum(np.median(softmax(logs / temperature + bias)[truth == NEUTRAL], axis=0), 1e-4)
    print(
        f"BIAS = {rounded(bias, 3)}\nTEMPERATURE = {temperature:.3f}\nRESTING = {rounded(resting / resting.sum(), 4)}", flush=True
    )
    print(f"\n| contrast {HEAD}")
    for name, contrast in contrasts().items():
        print(f"| {name} | {cross_validated(log_probabilities(reader, [contrast(gray) for gray in grays]), truth)} |", flush=True)
    print(f"\n| ridge {HEAD}")
    for ridge in RIDGES:
        print(f"| {ridge:g} | {cross_validated(logs, truth, ridge)} |", flush=True)
    mirrored = log_probabilities(reader, [np.ascontiguousarray(network_input(gray)[:, ::-1]) for gray in grays])
    print(f"| {RIDGE:g}, mean with the mirror image | {cross_validated((logs + mirrored) / 2, truth)} |")
    faces = [detect_face(gray, detector) for gray in track(grays, "looking for faces", console=progress_console)]
    detected = [(number, face) for number, face in enumerate(faces) if face is not None]
    print(f"\n{len(detected)} of {len(grays)} have a detected face.")
    print(f"FRAME_XY = {[rounded(point, 1) for point in template([face for _, face in detected])]}")
    print(f"\n| framed {HEAD}")
    for row in framing_rows(reader, [(grays[n], face) for n, face in detected], truth[[n for n, _ in detected]], model):
        print(row, flush=True)


def rounded(values: Numbers | Floats, digits: int) -> list[float]:
    """Return rounded values, for pasting."""
    return [round(float(value), digits) for value in values]


if __name__ == "__main__":
    main()
