"""How often expressions are read as people read them: tables of votes, figures by hand, and the unseen half of FER+."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from facecam.cli.main import app
from facecam.errors import ImageError
from facecam.evaluation.expressions import ExpressionReading, VotedFace, calibration_error, confusion, read_votes, reliability
from facecam.types import EXPRESSIONS, Floats

HEADER = "image,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def table(tmp_path: Path, *rows: str) -> Path:
    (tmp_path / "votes.csv").write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return tmp_path


def sure_of(*said: tuple[str, float]) -> Floats:
    """Probabilities with this share for one class, the rest spread evenly."""
    rows = [[p if name == one else (1 - p) / 6 for one in EXPRESSIONS] for name, p in said]
    return np.array(rows, np.float32)


def truth(*names: str) -> np.ndarray:
    return np.array([EXPRESSIONS.index(name) for name in names], np.intp)


def test_only_pictures_that_more_than_five_agree_on_count_and_contempt_does_not(tmp_path: Path) -> None:
    directory = table(
        tmp_path,
        "a01.png,0,6,4,0,0,0,0,0,0,0",
        "a02.png,5,5,0,0,0,0,0,0,0,0",
        "a03.png,0,0,0,0,0,0,0,9,1,0",
        "a04.png,1,0,0,9,0,0,0,0,0,0",
    )

    voted = read_votes(directory)

    assert [(one.path.name, EXPRESSIONS[one.shows]) for one in voted] == [("a01.png", "happy"), ("a04.png", "sad")]


@pytest.mark.parametrize(("name", "chosen"), [("fer0028638.png", True), ("fer0028639.png", False), ("face.png", False)])
def test_even_numbers_are_those_that_were_chosen_on(name: str, chosen: bool) -> None:
    assert VotedFace(Path("2024") / name, 0).chosen_on is chosen


def test_a_folder_without_votes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"votes\.csv cannot be read: .*; give the folder that holds it"):
        read_votes(tmp_path)


@pytest.mark.parametrize("row", ["a01.png,0,six,4,0,0,0,0,0,0,0", "a01.png,0,6"])
def test_a_row_that_does_not_fit_is_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(ImageError, match="is no table of votes: expected columns image, anger, disgust"):
        read_votes(table(tmp_path, row))


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "votes.csv").write_text("image,happy\na.png,9\n", encoding="utf-8")

    with pytest.raises(ImageError, match="is no table of votes"):
        read_votes(tmp_path)


def test_a_table_nobody_agrees_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no picture with more than 5 votes"):
        read_votes(table(tmp_path, "a01.png,5,5,0,0,0,0,0,0,0,0"))


def test_the_calibration_error_by_hand() -> None:
    """Two at 0.9, one of them right; two at 0.5, both right: (2 * 0.4 + 2 * 0.5) / 4."""
    said = sure_of(("happy", 0.9), ("sad", 0.9), ("angry", 0.5), ("fear", 0.5))

    assert calibration_error(said, truth("happy", "angry", "angry", "fear")) == pytest.approx(0.45, abs=1e-6)


def test_probabilities_that_come_true_have_no_error() -> None:
    said = sure_of(*[("happy", 0.75)] * 4)

    assert calibration_error(said, truth("happy", "happy", "sad", "happy")) == pytest.approx(0, abs=1e-6)
    assert reliability(said, truth("happy", "happy", "sad", "happy")) == [(4, pytest.approx(0.75), 0.75)]


def test_who_is_sure_of_everything_falls_into_the_last_bin() -> None:
    assert [count for count, _, _ in reliability(sure_of(("happy", 1.0), ("sad", 0.99)), truth("happy", "sad"))] == [2]


def test_confusion_counts_rows_by_truth() -> None:
    said = sure_of(("happy", 0.9), ("neutral", 0.9), ("neutral", 0.5))

    counts = confusion(said, truth("happy", "sad", "sad"))

    happy, sad, neutral = (EXPRESSIONS.index(name) for name in ("happy", "sad", "neutral"))
    assert counts.sum() == 3
    assert (counts[happy, happy], counts[sad, neutral]) == (1, 2)


def test_a_class_has_what_it_found_and_what_of_it_was_right() -> None:
    said = sure_of(("happy", 0.9), ("happy", 0.9), ("neutral", 0.9))

    classes = ExpressionReading(truth("happy", "sad", "happy"), said, said).to_dict()["classes"]

    assert (classes["happy"]["recall"], classes["happy"]["precision"]) == (0.5, 0.5)
    assert (classes["neutral"]["pictures"], classes["neutral"]["recall"], classes["neutral"]["precision"]) == (0, None, 0)
    assert classes["fear"]["precision"] is None


def test_on_the_unseen_half_it_keeps_what_the_documents_say(test_data: Path, tmp_path: Path) -> None:
    """Majority over 5 votes among the seven classes; the even-numbered half chose crop and calibration."""
    figures, picture = tmp_path / "figures.json", tmp_path / "figures.png"

    done = CliRunner().invoke(
        app,
        ["evaluate", "expressions", str(test_data / "data" / "expressions"), "--json", str(figures), "--picture", str(picture)],
    )

    assert done.exit_code == 0, done.output
    found = json.loads(figures.read_text(encoding="utf-8"))
    with (test_data / "data" / "expressions" / "votes.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
    odd = [row for row in rows if int(row["image"][3:10]) % 2 and max(int(row[column]) for column in columns) > 5]
    assert found["pictures"] == len(odd) == 605
    assert found["raw_accuracy"] == pytest.approx(0.706, abs=0.005)
    assert found["calibrated_accuracy"] >= found["raw_accuracy"] + 0.08
    assert found["calibrated_ece"] < 0.045
    assert found["classes"]["neutral"]["recall"] > 0.8 > found["classes"]["neutral"]["raw_recall"]
    assert "calibrated_accuracy" in done.output
    drawn = cv2.imread(str(picture))
    assert drawn is not None
    assert drawn.std() > 20


def test_a_folder_of_even_numbers_alone_is_no_unseen_half(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["evaluate", "expressions", str(table(tmp_path, "a02.png,0,9,0,0,0,0,0,0,0,0"))])

    assert done.exit_code == 1
    assert "--all takes them" in str(done.exception)
