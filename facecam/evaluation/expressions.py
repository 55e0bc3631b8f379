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
from facecam.types import EXPRESSIONS, Floats

VOTES = "votes.csv"
BINS = 15
_MIN_MAJORITY = 5
# FER+'s names of the network's classes, in their order. The network has no class for contempt.
_COLUMNS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")

Truth = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class VotedFace:
    """An image on which more than five voters agree; `class_index` is an index of EXPRESSIONS."""

    path: Path
    class_index: int

    @property
    def used_for_calibration(self) -> bool:
        """True for the half that crop and calibration were chosen on: the number in the file name is even."""
        digits = "".join(letter for letter in self.path.stem if letter.isdecimal())
        return bool(digits) and int(digits) % 2 == 0


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionPredictions:
    """Predictions for all images: `truth` (n,), probabilities (n, 7) of the bare network and calibrated by facecam."""

    truth: Truth
    raw: Floats
    calibrated: Floats

    def to_dict(self) -> dict[str, Any]:
        """Return the figures. Shares are 0 to 1; `ece` is the expected calibration error over 15 bins."""
        figures: dict[str, Any] = {"pictures": len(self.truth)}
        for name, probabilities in (("raw", self.raw), ("calibrated", self.calibrated)):
            figures[f"{name}_accuracy"] = float(np.mean(probabilities.argmax(axis=1) == self.truth))
            figures[f"{name}_ece"] = calibration_error(probabilities, self.truth)
        return figures | {"classes": {name: self._class(number) for number, name in enumerate(EXPRESSIONS)}}

    def _class(self, number: int) -> dict[str, float | int | None]:
        is_class = self.truth == number
        raw, calibrated = self.raw.argmax(axis=1) == number, self.calibrated.argmax(axis=1) == number
        return {
            "pictures": int(is_class.sum()),
            "raw_recall": _share(raw[is_class]),
            "recall": _share(calibrated[is_class]),
            "raw_precision": _share(is_class[raw]),
            "precision": _share(is_class[calibrated]),
        }


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
    """Read an image that shows only a face, as in FER+, as (64, 64) uint8. ImageError when it cannot be read."""
    gray = cv2.cvtColor(read_image(path), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(gray, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_LINEAR), np.uint8)


def predict_expressions(
    voted: Sequence[VotedFace], reader: ExpressionReader, report_progress: Callable[[int, int], None]
) -> ExpressionPredictions:
    """Run the network on each image: bare, as its authors feed it, and with facecam's contrast and calibration."""
    raw, stretched = [], []
    for number, face in enumerate(voted, start=1):
        gray = read_gray_face(face.path)
        raw.append(reader.raw([bare_input(gray)])[0])
        stretched.append(reader.raw([network_input(gray)])[0])
        report_progress(number, len(voted))
    truth = np.array([face.class_index for face in voted], np.intp)
    return ExpressionPredictions(truth, np.stack(raw), calibrate(np.stack(stretched)))


def bare_input(gray: Gray) -> Floats:
    """Scale (64, 64) uint8 as (x / 255 - 0.5) * 2 to (64, 64, 1) float32."""
    return ((gray.astype(np.float32) / np.float32(255) - np.float32(0.5)) * np.float32(2))[..., np.newaxis]


def reliability(probabilities: Floats, truth: Truth) -> list[tuple[int, float, float]]:
    """Return count, mean probability and accuracy of each nonempty bin of the best class's probability; 15 equal bins."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [(int((bins == b).sum()), float(sure[bins == b].mean()), float(right[bins == b].mean())) for b in np.unique(bins)]


def calibration_error(probabilities: Floats, truth: Truth) -> float:
    """Return the expected calibration error over 15 bins, 0 to 1: the weighted mean distance of probability and accuracy.

    Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    return sum(count * abs(sure - right) for count, sure, right in reliability(probabilities, truth)) / len(truth)


def _share(right: NDArray[np.bool_]) -> float | None:
    return float(right.mean()) if len(right) else None
