"""Choose and measure the reading of expressions: `python -m benchmarks.expressions DIR --old FILE.litert`.

DIR holds the validation images of FER+ and votes.csv, FILE the network that facecam shipped before
(benchmarks/expression_cost.py says where it is). Everything is chosen on the even-numbered images; the first table reports on the
others. Prints the constants of facecam/expression/reader.py and the tables of docs/internals/expressions.md.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from benchmarks.expression_cost import MiniXception
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from facecam.detection.mtcnn import Mtcnn
from facecam.evaluation.expressions import Truth, calibration_error, fit_temperature, read_gray_face, read_votes
from facecam.expression.network import INPUT_SIZE_PX
from facecam.expression.reader import NETWORK, ExpressionReader, Gray, calibrate, frame_gray, network_input
from facecam.networks.convert import RECIPES, convert
from facecam.networks.litert import CompiledNetwork, softmax
from facecam.settings import DetectSettings
from facecam.types import EXPRESSIONS, Floats
from tools.training.expression import face_landmarks

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Calibrate = Callable[[Floats], Floats]
Fit = Callable[[Floats, Truth], Calibrate]

OLD_RIDGE = 0.001
FOLDS, ENOUGH = 10, 30
NEUTRAL = EXPRESSIONS.index("neutral")
TILT_DEGREES = 20
_MIRRORED = [1, 0, 2, 4, 3]


class Reader(Protocol):
    """Network of expressions."""

    def raw(self, inputs: Sequence[Floats]) -> Floats:
        """Return (n, 7) uncalibrated probabilities."""


def uncalibrated(_probabilities: Floats, _truth: Truth) -> Calibrate:
    """Return the probabilities of the network."""
    return lambda probabilities: probabilities


def with_temperature(probabilities: Floats, truth: Truth) -> Calibrate:
    """Fit one temperature by likelihood."""
    temperature = fit_temperature(probabilities, truth)
    return lambda uncalibrated: calibrate(uncalibrated, temperature)


def with_biases(ridge: float, balance: float = 0.0) -> Fit:
    """Return a fit of a temperature and a bias per class, by gradient descent.

    Args:
        ridge: Weight of the biases' squares, added to the mean negative log likelihood.
        balance: Images of a class with n images weigh n to the power of minus `balance`.
    """

    def fit(probabilities: Floats, truth: Truth) -> Calibrate:
        logs, target = _logs(probabilities), np.eye(len(EXPRESSIONS))[truth]
        weights = np.maximum(target.sum(axis=0), 1)[truth] ** -balance
        weights = (weights / weights.sum())[:, np.newaxis]
        bias, inverse = np.zeros(len(EXPRESSIONS)), 1.0
        for _ in range(1500):
            wrong = (softmax(logs * inverse + bias) - target) * weights
            bias -= 0.8 * (wrong.sum(axis=0) + 2 * ridge * bias)
            inverse -= 0.05 * float((wrong * logs).sum())
        return lambda uncalibrated: np.asarray(softmax(_logs(uncalibrated) * inverse + bias), np.float32)

    return fit


FORMS: dict[str, Fit] = {
    "none": uncalibrated,
    "temperature": with_temperature,
    "temperature and biases, ridge 0.001": with_biases(0.001),
    "temperature and biases, ridge 0.01": with_biases(0.01),
    "temperature and biases, ridge 0.1": with_biases(0.1),
    "the last, classes weighted by 1 / sqrt(n)": with_biases(0.1, balance=0.5),
}
"""Forms of calibration that are compared."""


def _logs(probabilities: Floats) -> Numbers:
    return np.log(np.maximum(probabilities.astype(np.float64), 1e-9))


def cross_fitted(probabilities: Floats, truth: Truth, fold: NDArray[np.intp], fit: Fit) -> Floats:
    """Return probabilities with each image calibrated on the folds that it is not in."""
    calibrated = np.empty(probabilities.shape, np.float32)
    for one in np.unique(fold):
        calibrated[fold == one] = fit(probabilities[fold != one], truth[fold != one])(probabilities[fold == one])
    return calibrated


def recalls(probabilities: Floats, truth: Truth) -> dict[str, float]:
    """Return the recall of each class in percent."""
    predicted = probabilities.argmax(axis=1)
    return {name: 100 * float((predicted == n)[truth == n].mean()) for n, name in enumerate(EXPRESSIONS) if (truth == n).any()}


def accuracy(probabilities: Floats, truth: Truth) -> float:
    """Return the accuracy in percent."""
    return 100 * float((probabilities.argmax(axis=1) == truth).mean())


def log_loss(probabilities: Floats, truth: Truth) -> float:
    """Return the mean of -log of the probability of the true class."""
    return -float(np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-9)).mean())


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """The images of FER+ on which most voters agree: (48, 48) uint8 each, truth (n,) and the half that may be chosen on (n,)."""

    grays: list[Gray]
    truth: Truth
    is_even: Flags

    def probabilities(self, reader: Reader, prepare: Callable[[Gray], Floats] = network_input) -> Floats:
        """Return (n, 7) uncalibrated probabilities of all images."""
        return predict(reader, [prepare(gray) for gray in self.grays])


def predict(reader: Reader, inputs: list[Floats]) -> Floats:
    """Return (n, 7) uncalibrated probabilities."""
    return np.concatenate([reader.raw(inputs[at : at + 8]) for at in range(0, len(inputs), 8)])


def enlarged(gray: Gray) -> Gray:
    """Return the image (64, 64) for mini-Xception."""
    return np.asarray(cv2.resize(gray, (MiniXception.SIDE_PX,) * 2, interpolation=cv2.INTER_LINEAR), np.uint8)


def bare_input(gray: Gray) -> Floats:
    """Scale an image to -1..1 for mini-Xception, without stretching its contrast: as its authors feed it."""
    return ((enlarged(gray).astype(np.float32) / np.float32(255) - np.float32(0.5)) * np.float32(2))[..., np.newaxis]


class Float32Reader:
    """The shipped network without quantization, converted from its weights."""

    def __init__(self) -> None:
        content = convert(NETWORK, dataclasses.replace(RECIPES[NETWORK], int8=False))
        self._network = CompiledNetwork(NETWORK, content, threads=2)

    def raw(self, inputs: Sequence[Floats]) -> Floats:
        """Return (n, 7) uncalibrated probabilities."""
        return self._network(np.stack(inputs))


def network_rows(images: Images, old: MiniXception, exact: Floats, shipped: Floats) -> Iterator[str]:
    """Yield the table of the networks on the odd-numbered images, calibrated on the even-numbered ones."""
    counts = [int((images.truth[~images.is_even] == number).sum()) for number in range(len(EXPRESSIONS))]
    classes = " | ".join(f"{name} ({count})" for name, count in zip(EXPRESSIONS, counts, strict=True))
    yield f"| network | accuracy, % | log loss | ECE | ECE, cross-fitted | {classes} |"
    yield "|---|---|---|---|---|" + "---|" * len(EXPRESSIONS)
    stretched = images.probabilities(old, lambda gray: network_input(enlarged(gray)))
    rows: list[tuple[str, Floats, Fit]] = [
        ("mini-Xception, as its authors feed it", images.probabilities(old, bare_input), uncalibrated),
        ("mini-Xception, calibrated", stretched, with_biases(OLD_RIDGE)),
        ("facecam v1, float32", exact, uncalibrated),
        ("facecam v1, int8", shipped, uncalibrated),
        ("facecam v1, int8, calibrated", shipped, with_temperature),
    ]
    odd = ~images.is_even
    for name, probabilities, fit in rows:
        both = cross_fitted(probabilities, images.truth, images.is_even.astype(np.intp), fit)
        found, truth = both[odd], images.truth[odd]
        figures = f"{accuracy(found, truth):.1f} | {log_loss(found, truth):.3f} | {calibration_error(found, truth):.3f}"
        shares = " | ".join(f"{recall:.0f}" for recall in recalls(found, truth).values())
        yield f"| {name} | {figures} | {calibration_error(both, images.truth):.3f} | {shares} |"


def calibration_rows(probabilities: Floats, truth: Truth) -> Iterator[str]:
    """Yield the cross-validated figures of each form of calibration."""
    yield "| calibration | accuracy, % | log loss | ECE | lowest recall, % |\n|---|---|---|---|---|"
    large = {name for number, name in enumerate(EXPRESSIONS) if (truth == number).sum() >= ENOUGH}
    for name, fit in FORMS.items():
        found = cross_fitted(probabilities, truth, np.arange(len(truth)) % FOLDS, fit)
        share, lowest = min((recall, one) for one, recall in recalls(found, truth).items() if one in large)
        figures = f"{accuracy(found, truth):.1f} | {log_loss(found, truth):.3f} | {calibration_error(found, truth):.3f}"
        yield f"| {name} | {figures} | {share:.0f} ({lowest}) |"


def precision_rows(exact: Floats, shipped: Floats, truth: Truth, readers: tuple[Reader, Reader]) -> Iterator[str]:
    """Yield the comparison of float32 and int8, each with its own temperature, and the time of a face in turns."""
    yield "| precision | accuracy, % | log loss | same label | ms |\n|---|---|---|---|---|"
    same = 100 * float((exact.argmax(axis=1) == shipped.argmax(axis=1)).mean())
    blank = [np.zeros((INPUT_SIZE_PX, INPUT_SIZE_PX, 1), np.float32)]
    names = ("float32", "int8")
    works = zip(names, readers, strict=True)
    timed = [Contestant(name, lambda _, reader=reader: reader.raw(blank), calls=10) for name, reader in works]
    times = summarize(take_turns(timed, Turns(100, rest_s=0.001)), None)
    for name, probabilities in zip(names, (exact, shipped), strict=True):
        found = with_temperature(probabilities, truth)(probabilities)
        figures = f"{accuracy(found, truth):.1f} | {log_loss(found, truth):.3f} | {same:.1f} %"
        yield f"| {name} | {figures} | {times[name].median_ms:.2f} |"


View = tuple[Gray, Floats]
"""An image and the landmarks in it."""


def tilted(gray: Gray, landmarks_xy: Floats) -> View:
    """Rotate image and landmarks about the image's center."""
    middle = (INPUT_SIZE_PX - 1) / 2
    turn = cv2.getRotationMatrix2D((middle, middle), TILT_DEGREES, 1)
    image = cv2.warpAffine(gray, turn, (INPUT_SIZE_PX, INPUT_SIZE_PX), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(image, np.uint8), (landmarks_xy @ turn[:, :2].T + turn[:, 2]).astype(np.float32)


def blurred(gray: Gray, landmarks_xy: Floats) -> View:
    """Blur by a standard deviation of 1.2 px, the strongest in training."""
    return np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.2), np.uint8), landmarks_xy


def small(gray: Gray, landmarks_xy: Floats) -> View:
    """Reduce the image to half its side and enlarge it again."""
    half = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(half, gray.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8), landmarks_xy


def dark(gray: Gray, landmarks_xy: Floats) -> View:
    """A fifth of the light, with noise of 3 gray levels."""
    noise = np.random.default_rng(int(gray.sum())).normal(0, 3, gray.shape)
    return np.asarray(np.clip(gray * 0.2 + noise, 0, 255), np.uint8), landmarks_xy


def lit_from_a_side(gray: Gray, landmarks_xy: Floats) -> View:
    """Light that falls from 150 % at the left to 50 % at the right."""
    return np.asarray(np.clip(gray * np.linspace(1.5, 0.5, gray.shape[1]), 0, 255), np.uint8), landmarks_xy


def mouth_hidden(gray: Gray, landmarks_xy: Floats) -> View:
    """Cover both corners of the mouth and what lies between with a gray bar."""
    hidden = gray.copy()
    (left, top), (right, bottom) = landmarks_xy[3:].min(axis=0) - 4, landmarks_xy[3:].max(axis=0) + 4
    cv2.rectangle(hidden, (int(left), int(top)), (int(right), int(bottom)), 110, -1)
    return hidden, landmarks_xy


def eye_hidden(gray: Gray, landmarks_xy: Floats) -> View:
    """Cover one eye and its brow with a gray disk."""
    hidden = gray.copy()
    x, y = landmarks_xy[0] - (0, 2)
    cv2.circle(hidden, (round(float(x)), round(float(y))), 8, 110, -1)
    return hidden, landmarks_xy


CONDITIONS: dict[str, Callable[[Gray, Floats], View]] = {
    "by landmarks": lambda gray, landmarks_xy: (gray, landmarks_xy),
    f"head tilted by {TILT_DEGREES} degrees": tilted,
    "blurred": blurred,
    "half the resolution": small,
    "a fifth of the light, noise": dark,
    "light from a side": lit_from_a_side,
    "mouth hidden": mouth_hidden,
    "an eye hidden": eye_hidden,
}


def condition_rows(
    images: list[View], truth: Truth, old: MiniXception, new: ExpressionReader, calibrations: tuple[Calibrate, Calibrate]
) -> Iterator[str]:
    """Yield the figures of both networks, calibrated on whole images, in the framing of FER+ and as live video is read."""
    yield "| condition | mini-Xception: accuracy, % | log loss | facecam v1: accuracy, % | log loss |\n|---|---|---|---|---|"
    inputs: dict[str, tuple[list[Floats], list[Floats]]] = {
        "FER+'s own framing": (
            [network_input(enlarged(gray)) for gray, _ in images],
            [network_input(gray) for gray, _ in images],
        )
    }
    for name, change in CONDITIONS.items():
        changed = [(np.dstack([gray] * 3), landmarks_xy) for gray, landmarks_xy in (change(*image) for image in images)]
        inputs[name] = (
            [network_input(old.frame_gray(*view)) for view in changed],
            [network_input(frame_gray(*view)) for view in changed],
        )
    for name, pair in inputs.items():
        found = [fit(predict(reader, one)) for fit, reader, one in zip(calibrations, (old, new), pair, strict=True)]
        yield f"| {name} | " + " | ".join(f"{accuracy(one, truth):.1f} | {log_loss(one, truth):.3f}" for one in found) + " |"


def template(landmarks: list[Floats]) -> Floats:
    """Return (5, 2): the median place of each landmark over faces and their mirror images."""
    points = np.stack(landmarks)
    mirrored = points[:, _MIRRORED] * np.float32([-1, 1]) + np.float32([INPUT_SIZE_PX - 1, 0])
    return np.asarray(np.median(np.concatenate([points, mirrored]), axis=0), np.float32)


def constants(probabilities: Floats, truth: Truth) -> Iterator[str]:
    """Yield the constants of the calibration, for pasting."""
    temperature = fit_temperature(probabilities, truth)
    resting = np.maximum(np.median(calibrate(probabilities, temperature)[truth == NEUTRAL], axis=0), 1e-4)
    yield f"TEMPERATURE = {temperature:.3f}"
    yield f"RESTING = {[round(float(share), 4) for share in resting / resting.sum()]}"


def main() -> None:
    """Print the tables and the constants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--old", type=Path, required=True, help="mini-Xception, a .litert file")
    options = parser.parse_args()
    voted = read_votes(options.directory)
    images = Images(
        [read_gray_face(one.path) for one in voted],
        np.array([one.class_index for one in voted], np.intp),
        np.array([one.used_for_calibration for one in voted]),
    )
    old, new = MiniXception(options.old, threads=2), ExpressionReader(threads=2)
    exact_reader = Float32Reader()
    exact, shipped = images.probabilities(exact_reader), images.probabilities(new)
    even = images.is_even
    truth = images.truth[even]
    _print(f"{(~even).sum()} odd-numbered images", network_rows(images, old, exact, shipped))
    _print(f"{even.sum()} even-numbered images, ten-fold", calibration_rows(shipped[even], truth))
    _print("even-numbered images", precision_rows(exact[even], shipped[even], truth, (exact_reader, new)))
    _print("constants", constants(shipped[even], truth))
    detector = Mtcnn(DetectSettings(onet_threshold=0.5))
    grays = [images.grays[number] for number in np.flatnonzero(even)]
    found = [face_landmarks(gray, detector) for gray in track(grays, "looking for faces", console=Console(stderr=True))]
    print(f"FRAME_XY = {template([one for one in found if one is not None]).astype(float).round(1).tolist()}")
    detected = [(gray, one) for gray, one in zip(grays, found, strict=True) if one is not None]
    is_detected = np.array([one is not None for one in found])
    stretched = images.probabilities(old, lambda gray: network_input(enlarged(gray)))[even]
    calibrations = with_biases(OLD_RIDGE)(stretched, truth), with_temperature(shipped[even], truth)
    rows = condition_rows(detected, truth[is_detected], old, new, calibrations)
    _print(f"{len(detected)} of the even-numbered images, with a detected face", rows)


def _print(title: str, lines: Iterator[str]) -> None:
    print(f"\n{title}\n")
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
