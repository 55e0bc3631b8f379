"""Evaluation of expressions: tables of votes, calculated figures, and the unseen half of FER+."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from facecam.cli.main import application
from facecam.errors import ImageError
from facecam.evaluation.expressions import (
    ExpressionPredictions,
    VotedFace,
    calibration_error,
    fit_temperature,
    read_votes,
    reliability,
)
from facecam.expression.reader import calibrate
from facecam.training.head import confusion_matrix
from facecam.types import EXPRESSIONS, Floats

HEADER = "image,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def write_votes(tmp_path: Path, *rows: str) -> Path:
    (tmp_path / "votes.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return tmp_path


def probabilities_of(*classes: tuple[str, float]) -> Floats:
    """Return probabilities with this value for one class, the rest spread evenly."""
    rows = [[p if name == one else (1 - p) / 6 for one in EXPRESSIONS] for name, p in classes]
    return np.array(rows, np.float32)


def truth(*names: str) -> np.ndarray:
    return np.array([EXPRESSIONS.index(name) for name in names], np.intp)


def test_only_images_with_a_majority_for_one_of_the_seven_classes_are_read(tmp_path: Path) -> None:
    directory = write_votes(
        tmp_path,
        "a01.png,0,6,4,0,0,0,0,0,0,0",
        "a02.png,5,5,0,0,0,0,0,0,0,0",
        "a03.png,0,0,0,0,0,0,0,9,1,0",
        "a04.png,1,0,0,9,0,0,0,0,0,0",
    )

    voted = read_votes(directory)

    assert [(one.path.name, EXPRESSIONS[one.class_index]) for one in voted] == [("a01.png", "happy"), ("a04.png", "sad")]


@pytest.mark.parametrize(("name", "expected"), [("fer0028638.png", True), ("fer0028639.png", False), ("face.png", False)])
def test_even_numbers_are_used_for_calibration(name: str, expected: bool) -> None:
    assert VotedFace(Path("2024") / name, 0).used_for_calibration is expected


def test_a_folder_without_votes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"votes\.csv cannot be read: .*; give the folder that holds it"):
        read_votes(tmp_path)


@pytest.mark.parametrize("row", ["a01.png,0,six,4,0,0,0,0,0,0,0", "a01.png,0,6"])
def test_a_malformed_row_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(ImageError, match="is not a table of votes: expected the columns image, anger, disgust"):
        read_votes(write_votes(tmp_path, row))


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text("image,happy\na.png,9\n", encoding="utf-8")

    with pytest.raises(ImageError, match="is not a table of votes"):
        read_votes(tmp_path)


def test_a_table_without_a_majority_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no image with more than 5 votes"):
        read_votes(write_votes(tmp_path, "a01.png,5,5,0,0,0,0,0,0,0,0"))


def test_the_calibration_error_equals_the_calculated_one() -> None:
    """Two at 0.9, one of them right; two at 0.5, both right: (2 * 0.4 + 2 * 0.5) / 4."""
    probabilities = probabilities_of(("happy", 0.9), ("sad", 0.9), ("angry", 0.5), ("fear", 0.5))

    assert calibration_error(probabilities, truth("happy", "angry", "angry", "fear")) == pytest.approx(0.45, abs=1e-6)


def test_calibrated_probabilities_have_no_error() -> None:
    probabilities = probabilities_of(*[("happy", 0.75)] * 4)

    assert calibration_error(probabilities, truth("happy", "happy", "sad", "happy")) == pytest.approx(0, abs=1e-6)
    assert reliability(probabilities, truth("happy", "happy", "sad", "happy")) == [(4, pytest.approx(0.75), 0.75)]


def test_high_probabilities_fall_into_the_last_bin() -> None:
    assert [count for count, _, _ in reliability(probabilities_of(("happy", 1.0), ("sad", 0.99)), truth("happy", "sad"))] == [2]


def test_confusion_counts_rows_by_truth() -> None:
    probabilities = probabilities_of(("happy", 0.9), ("neutral", 0.9), ("neutral", 0.5))

    counts = confusion_matrix(truth("happy", "sad", "sad"), probabilities.argmax(axis=1), 7)

    happy, sad, neutral = (EXPRESSIONS.index(name) for name in ("happy", "sad", "neutral"))
    assert counts.sum() == 3
    assert (counts[happy, happy], counts[sad, neutral]) == (1, 2)


def test_classes_have_recall_and_precision() -> None:
    probabilities = probabilities_of(("happy", 0.9), ("happy", 0.9), ("neutral", 0.9))

    classes = ExpressionPredictions(truth("happy", "sad", "happy"), probabilities, np.zeros(3, bool)).to_dict()["classes"]

    assert (classes["happy"]["recall"], classes["happy"]["precision"]) == (0.5, 0.5)
    assert (classes["neutral"]["pictures"], classes["neutral"]["recall"], classes["neutral"]["precision"]) == (0, None, 0)
    assert classes["fear"]["precision"] is None


def votes_at(certainty: float, count: int, right: float) -> tuple[Floats, np.ndarray]:
    """Return predictions of "happy" with this certainty, and a truth that agrees with a share of them."""
    named = ["happy" if number < right * count else "sad" for number in range(count)]
    return probabilities_of(*[("happy", certainty)] * count), truth(*named)


@pytest.mark.parametrize("right", [0.6, 0.8, 0.95])
def test_the_fitted_temperature_makes_the_probability_the_accuracy(right: float) -> None:
    """With all of the rest on one other class, the likelihood is highest where the probability is the share that is right."""
    probabilities = np.full((100, 7), 1e-9, np.float32)
    probabilities[:, EXPRESSIONS.index("happy")], probabilities[:, EXPRESSIONS.index("sad")] = 0.7, 0.3
    _, agreed = votes_at(0.7, 100, right)

    calibrated = calibrate(probabilities, fit_temperature(probabilities, agreed))

    assert calibrated[0, EXPRESSIONS.index("happy")] == pytest.approx(right, abs=0.03)


def test_each_half_is_calibrated_on_the_other() -> None:
    """Halves that need opposite temperatures: each is made worse by the temperature of the other."""
    (often, often_right), (rarely, rarely_right) = votes_at(0.7, 50, 0.96), votes_at(0.7, 50, 0.5)
    is_even = np.arange(100) < 50
    predictions = ExpressionPredictions(np.concatenate([often_right, rarely_right]), np.concatenate([often, rarely]), is_even)

    found = predictions.cross_fitted_ece()

    crossed = np.concatenate(
        [
            calibrate(often, fit_temperature(rarely, rarely_right)),
            calibrate(rarely, fit_temperature(often, often_right)),
        ]
    )
    assert found == pytest.approx(calibration_error(crossed, predictions.truth), abs=1e-6)
    assert found is not None
    assert found > calibration_error(predictions.raw, predictions.truth)


def test_one_half_alone_has_no_cross_fitted_error() -> None:
    probabilities, agreed = votes_at(0.7, 10, 0.5)

    assert ExpressionPredictions(agreed, probabilities, np.ones(10, bool)).cross_fitted_ece() is None


def test_the_unseen_half_has_the_documented_figures(test_data: Path, tmp_path: Path) -> None:
    """The calibration was fitted on the even-numbered half, and nothing was chosen on the other."""
    figures, image = tmp_path / "figures.json", tmp_path / "figures.png"

    done = CliRunner().invoke(
        application("evaluate"),
        ["evaluate", "expressions", str(test_data / "data" / "expressions"), "--json", str(figures), "--picture", str(image)],
    )

    assert done.exit_code == 0, done.output
    found = json.loads(figures.read_text(encoding="utf-8"))
    with (test_data / "data" / "expressions" / "votes.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
    odd = [row for row in rows if int(row["image"][3:10]) % 2 and max(int(row[column]) for column in columns) > 5]
    assert found["pictures"] == len(odd) == 605
    assert found["accuracy"] >= 0.84
    assert found["cross_fitted_ece"] < 0.04
    assert found["ece"] < found["raw_ece"]
    assert all(row["recall"] >= 0.6 for row in found["classes"].values() if row["pictures"] >= 30)
    assert f"{found['accuracy']:.4f}" in done.output
    drawn = cv2.imread(str(image))
    assert drawn is not None
    assert drawn.std() > 20


def test_the_table_leaves_out_the_error_of_both_halves_where_there_is_only_one(tmp_path: Path) -> None:
    folder = write_votes(tmp_path, "a01.png,0,9,0,0,0,0,0,0,0,0")
    cv2.imwrite(str(folder / "a01.png"), np.full((48, 48), 128, np.uint8))

    done = CliRunner().invoke(application("evaluate"), ["evaluate", "expressions", str(folder)])

    assert done.exit_code == 0, done.output
    assert "cross_fitted_ece" not in done.output


def test_a_folder_with_only_even_numbers_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        application("evaluate"), ["evaluate", "expressions", str(write_votes(tmp_path, "a02.png,0,9,0,0,0,0,0,0,0,0"))]
    )

    assert done.exit_code == 1
    assert "add --all" in str(done.exception)
