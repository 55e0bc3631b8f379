"""Evaluation of the expression network on images with crowd-sourced labels, in the layout of FER+.

Barsoum, Zhang, Canton Ferrer, Zhang, "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution", ICMI 2016.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.expression.network import INPUT_SIZE_PX
from facecam.expression.reader import ExpressionReader, Gray, calibrate, network_input
from facecam.fileio import MAX_TABLE_BYTES, read_regular
from facecam.imageio import read_image
from facecam.networks.litert import softmax
from facecam.types import EXPRESSIONS, Floats

VOTES = "votes.csv"
BINS = 10
_MIN_MAJORITY = 5
# FER+'s names of the network's classes, in their order. The network has no output for contempt.
_COLUMNS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")

Truth = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class VotedFace:
    """An image on which more than five voters agree; `class_index` is an index of EXPRESSIONS."""

    path: Path
    class_index: int

    @property
    def used_for_calibration(self) -> bool:
        """True for the half that the calibration was chosen on: the number in the file name is even."""
        digits = "".join(letter for letter in self.path.stem if letter.isdecimal())
        return bool(digits) and int(digits) % 2 == 0


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionPredictions:
    """Predictions for images.

    Attributes:
        truth: (n,) index of the expression that most voters chose.
        raw: (n, 7) probabilities of the network, uncalibrated.
        used_for_calibration: (n,) True for images that the calibration was fitted on.
    """

    truth: Truth
    raw: Floats
    used_for_calibration: NDArray[np.bool_]

    @property
    def calibrated(self) -> Floats:
        """Probabilities (n, 7) with facecam's calibration."""
        return calibrate(self.raw)

    @property
    def unseen(self) -> ExpressionPredictions:
        """The images that the calibration was not fitted on."""
        rows = ~self.used_for_calibration
        return ExpressionPredictions(self.truth[rows], self.raw[rows], self.used_for_calibration[rows])

    def to_dict(self) -> dict[str, Any]:
        """Return the figures. Shares are 0 to 1; `ece` is the expected calibration error over 10 bins."""
        calibrated = self.calibrated
        figures: dict[str, Any] = {
            "pictures": len(self.truth),
            "accuracy": float(np.mean(calibrated.argmax(axis=1) == self.truth)),
            "raw_ece": calibration_error(self.raw, self.truth),
            "ece": calibration_error(calibrated, self.truth),
        }
        predicted = calibrated.argmax(axis=1)
        return figures | {"classes": {name: self._class(predicted == number, number) for number, name in enumerate(EXPRESSIONS)}}

    def _class(self, is_predicted: NDArray[np.bool_], number: int) -> dict[str, float | int | None]:
        is_class = self.truth == number
        return {
            "pictures": int(is_class.sum()),
            "recall": _share(is_predicted[is_class]),
            "precision": _share(is_class[is_predicted]),
        }

    def cross_fitted_ece(self) -> float | None:
        """Return the expected calibration error of both halves, each calibrated on the other; None if there is only one half."""
        halves = (self.used_for_calibration, ~self.used_for_calibration)
        if not all(half.any() for half in halves):
            return None
        calibrated = np.empty_like(self.raw)
        for fitted, measured in (halves, halves[::-1]):
            calibrated[measured] = calibrate(self.raw[measured], fit_temperature(self.raw[fitted], self.truth[fitted]))
        return calibration_error(calibrated, self.truth)


def read_votes(directory: Path) -> list[VotedFace]:
    """Read the images of DIR/votes.csv for which one of the seven classes has more than five votes; contempt is ignored.

    Raises ImageError when the table is missing, is malformed, or has no such image.
    """
    path = directory / VOTES
    voted = []
    try:
        with io.StringIO(read_regular(path, MAX_TABLE_BYTES).decode("utf-8-sig"), newline="") as file:
            for row in csv.DictReader(file):
                votes = [int(row[column]) for column in _COLUMNS]
                if max(votes) > _MIN_MAJORITY:
                    voted.append(VotedFace(directory / row["image"], votes.index(max(votes))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path} cannot be read: {reason}; give the folder that holds it") from error
    except (KeyError, ValueError, TypeError) as error:
        raise ImageError(f"{path} is not a table of votes: expected the columns image, {', '.join(_COLUMNS)}") from error
    if not voted:
        raise ImageError(f"{path} has no image with more than {_MIN_MAJORITY} votes for one expression")
    return voted


def read_gray_face(path: Path) -> Gray:
    """Read an image that shows only a face, as in FER+, as (48, 48) uint8. ImageError when it cannot be read."""
    gray = cv2.cvtColor(read_image(path), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(gray, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_LINEAR), np.uint8)


def predict_expressions(
    voted: Sequence[VotedFace], reader: ExpressionReader, report_progress: Callable[[int, int], None]
) -> ExpressionPredictions:
    """Run the network on each image."""
    raw = []
    for number, face in enumerate(voted, start=1):
        raw.append(reader.raw([network_input(read_gray_face(face.path))])[0])
        report_progress(number, len(voted))
    truth = np.array([face.class_index for face in voted], np.intp)
    return ExpressionPredictions(truth, np.stack(raw), np.array([face.used_for_calibration for face in voted]))


def fit_temperature(probabilities: Floats, truth: Truth) -> float:
    """Return the temperature with the highest likelihood of `truth` (n,) given uncalibrated probabilities (n, 7).

    The negative log likelihood is convex in the inverse of the temperature, which lies between 0.1 and 10.
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), 1e-9))
    low, high = 0.1, 10.0
    for _ in range(30):
        inverse = (low + high) / 2
        slope = np.mean((softmax(logs * inverse) * logs).sum(axis=1) - logs[np.arange(len(truth)), truth])
        low, high = (low, inverse) if slope > 0 else (inverse, high)
    return 2 / (low + high)


def reliability(probabilities: Floats, truth: Truth) -> list[tuple[int, float, float]]:
    """Return count, mean probability and accuracy of each nonempty bin of the best class's probability; 10 equal bins."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [(int((bins == b).sum()), float(sure[bins == b].mean()), float(right[bins == b].mean())) for b in np.unique(bins)]


def calibration_error(probabilities: Floats, truth: Truth) -> float:
    """Return the expected calibration error over 10 bins, 0 to 1: the weighted mean distance of probability and accuracy.

    Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    return sum(count * abs(sure - right) for count, sure, right in reliability(probabilities, truth)) / len(truth)


def _share(right: NDArray[np.bool_]) -> float | None:
    return float(right.mean()) if len(right) else None
