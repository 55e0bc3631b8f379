"""Pictures of faces that people have voted on, in the layout of FER+, and how often the expression network agrees with them.

Barsoum, Zhang, Canton Ferrer, Zhang, "Training Deep Networks for Facial Expression Recognition with Crowd-Sourced Label
Distribution", ICMI 2016.
"""

from __future__ import annotations

import csv
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
from facecam.imageio import read_image
from facecam.types import EXPRESSIONS, Floats

VOTES = "votes.csv"
BINS = 15
_MOST_AGREE = 5
# FER+'s words for the network's classes, in their order. Contempt is no class of the network.
_COLUMNS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")

Truth = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class VotedFace:
    """A picture on which more than five voters agree; `shows` is the number of the class in EXPRESSIONS."""

    path: Path
    shows: int

    @property
    def chosen_on(self) -> bool:
        """Whether it is of the half that crop and calibration were chosen on: the number in its name is even."""
        digits = "".join(letter for letter in self.path.stem if letter.isdecimal())
        return bool(digits) and int(digits) % 2 == 0


@dataclass(frozen=True, slots=True, eq=False)
class ExpressionReading:
    """All pictures as read: `truth` (n,), probabilities (n, 7) of the bare network, and as facecam gives them."""

    truth: Truth
    raw: Floats
    calibrated: Floats

    def to_dict(self) -> dict[str, Any]:
        """The figures. Shares are of 1; `ece` is over 15 bins."""
        figures: dict[str, Any] = {"pictures": len(self.truth)}
        for name, said in (("raw", self.raw), ("calibrated", self.calibrated)):
            figures[f"{name}_accuracy"] = float(np.mean(said.argmax(axis=1) == self.truth))
            figures[f"{name}_ece"] = calibration_error(said, self.truth)
        return figures | {"classes": {name: self._class(number) for number, name in enumerate(EXPRESSIONS)}}

    def _class(self, number: int) -> dict[str, float | int | None]:
        there = self.truth == number
        raw, said = self.raw.argmax(axis=1) == number, self.calibrated.argmax(axis=1) == number
        return {
            "pictures": int(there.sum()),
            "raw_recall": _share(raw[there]),
            "recall": _share(said[there]),
            "raw_precision": _share(there[raw]),
            "precision": _share(there[said]),
        }


def read_votes(directory: Path) -> list[VotedFace]:
    """The pictures of DIR/votes.csv for which one of the seven classes has more than five votes; contempt is not looked at.

    Raises PictureError when the table is missing, is another one, or agrees on no picture.
    """
    path = directory / VOTES
    voted = []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                votes = [int(row[column]) for column in _COLUMNS]
                if max(votes) > _MOST_AGREE:
                    voted.append(VotedFace(directory / row["image"], votes.index(max(votes))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImageError(f"{path} cannot be read: {error}; give the folder that holds it") from error
    except (KeyError, ValueError, TypeError) as error:
        raise ImageError(f"{path} is no table of votes: expected columns image, {', '.join(_COLUMNS)}") from error
    if not voted:
        raise ImageError(f"{path} has no picture with more than {_MOST_AGREE} votes for one expression")
    return voted


def face_gray(path: Path) -> Gray:
    """(64, 64) uint8: a picture that is nothing but a face, as in FER+. Raises PictureError when it cannot be read."""
    gray = cv2.cvtColor(read_image(path), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(gray, (INPUT_SIZE_PX, INPUT_SIZE_PX), interpolation=cv2.INTER_LINEAR), np.uint8)


def read_faces(voted: Sequence[VotedFace], reader: ExpressionReader, progress: Callable[[int, int], None]) -> ExpressionReading:
    """What the network says of each picture: bare, as its authors feed it, and by facecam's own contrast and calibration."""
    raw, stretched = [], []
    for number, one in enumerate(voted, start=1):
        gray = face_gray(one.path)
        raw.append(reader.raw([bare_input(gray)])[0])
        stretched.append(reader.raw([network_input(gray)])[0])
        progress(number, len(voted))
    return ExpressionReading(np.array([one.shows for one in voted], np.intp), np.stack(raw), calibrate(np.stack(stretched)))


def bare_input(gray: Gray) -> Floats:
    """(64, 64, 1) float32 of (64, 64) uint8: (x / 255 - 0.5) * 2, nothing else."""
    return ((gray.astype(np.float32) / np.float32(255) - np.float32(0.5)) * np.float32(2))[..., np.newaxis]


def reliability(probabilities: Floats, truth: Truth) -> list[tuple[int, float, float]]:
    """Of each of 15 equal bins of the likeliest class's probability, if not empty: how many, mean probability, share right."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    return [(int((bins == b).sum()), float(sure[bins == b].mean()), float(right[bins == b].mean())) for b in np.unique(bins)]


def calibration_error(probabilities: Floats, truth: Truth) -> float:
    """Expected calibration error over 15 bins, 0 to 1: mean distance between probability and share right, weighted by pictures.

    Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    return sum(count * abs(sure - right) for count, sure, right in reliability(probabilities, truth)) / len(truth)


def confusion(probabilities: Floats, truth: Truth) -> NDArray[np.intp]:
    """(7, 7): how many faces that show the row's class are read as the column's."""
    counts = np.zeros((len(EXPRESSIONS), len(EXPRESSIONS)), np.intp)
    np.add.at(counts, (truth, probabilities.argmax(axis=1)), 1)
    return counts


def _share(right: NDArray[np.bool_]) -> float | None:
    return float(right.mean()) if len(right) else None
