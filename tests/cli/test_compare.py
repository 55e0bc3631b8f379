"""`facecam compare`, on the bundled portraits."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.imageio import read_image
from tests.cli.conftest import Command


def test_mirror_images_are_the_same_person(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "mirrored.png"), read_image(portraits["grace_hopper"])[:, ::-1])

    done = facecam("compare", portraits["grace_hopper"], "mirrored.png", "--json", "-")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["same"]
    assert 0 <= found["distance_l2"] < 0.5 < found["threshold_l2"]


def test_two_people_are_not_the_same_and_the_drawing_shows_both(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path
) -> None:
    done = facecam("compare", portraits["grace_hopper"], portraits["eileen_collins"], "--picture", "both.png")

    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("not the same person: distance 1.")
    both = read_image(tmp_path / "both.png")
    assert both.shape[1] > 2 * 288
    assert np.unique(both[150, 24:312], axis=0).shape[0] > 100
    assert np.unique(both[150, 336:624], axis=0).shape[0] > 100


def test_a_fixed_threshold_decides(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("compare", portraits["grace_hopper"], portraits["eileen_collins"], FACECAM_IDENTIFY_THRESHOLD_L2="1.9")

    assert done.returncode == 0
    assert "threshold 1.900" in done.stdout


def test_a_face_that_many_resemble_needs_a_smaller_distance_in_either_order(
    facecam: Command, portraits: dict[str, Path], test_data: Path
) -> None:
    """The cohort of the packaged distances resembles young children most: their faces have many others close by."""
    child, grace = test_data / "data" / "fairface-val" / "images" / "2701.jpg", portraits["grace_hopper"]

    found = [json.loads(facecam("compare", *pair, "--json", "-").stdout) for pair in ((child, grace), (grace, child))]
    note = facecam("compare", child, grace).stderr
    usual = json.loads(facecam("compare", grace, grace, "--json", "-").stdout)["threshold_l2"]

    assert found[0] == found[1]
    assert found[0]["threshold_l2"] < usual
    assert f"the threshold is {found[0]['threshold_l2']:.3f} instead of {usual:.3f}" in note


@pytest.mark.parametrize("image", ["cat", "coffee"])
def test_an_image_without_a_face_is_named_in_the_error(facecam: Command, portraits: dict[str, Path], image: str) -> None:
    done = facecam("compare", portraits["grace_hopper"], portraits[image])

    assert done.returncode == 1
    assert f"face of sufficient size found in {portraits[image]}" in done.stderr


def test_the_largest_of_several_faces_is_compared_with_a_note(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path
) -> None:
    grace, eileen = (read_image(portraits[name]) for name in ("grace_hopper", "eileen_collins"))
    small = cv2.resize(eileen, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((max(len(grace), len(small)), grace.shape[1] + small.shape[1], 3), np.uint8)
    canvas[: len(grace), : grace.shape[1]] = grace
    canvas[: len(small), grace.shape[1] :] = small
    cv2.imwrite(str(tmp_path / "both.png"), canvas)

    done = facecam("compare", portraits["grace_hopper"], "both.png")

    assert done.returncode == 0, done.stderr
    assert "both.png shows 2 faces: the largest is compared, at x" in done.stderr


def test_a_missing_image_is_one_sentence(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("compare", portraits["grace_hopper"], "nowhere.jpg")

    assert done.returncode == 1
    assert done.stderr.startswith("facecam: nowhere.jpg cannot be read")
