"""`facecam evaluate groups` on a sample of FairFace's validation part."""

from __future__ import annotations

import csv
import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from facecam.imageio import read_image
from tests.cli.conftest import Command, run_in

IMAGES = 120

Done = tuple[subprocess.CompletedProcess[str], Path]
"""The command, and the folder it ran in."""


@pytest.fixture(scope="module")
def sample(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first images of the data set, with their labels."""
    source, folder = test_data / "data" / "fairface-val", tmp_path_factory.mktemp("fairface")
    lines = (source / "labels.csv").read_text(encoding="utf-8").splitlines()[: IMAGES + 1]
    (folder / "labels.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "images").symlink_to(source / "images")
    return folder


@pytest.fixture(scope="module")
def done(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The command with all outputs."""
    home = tmp_path_factory.mktemp("home")
    outputs = ["--json", "groups.json", "--picture", "groups.png"]
    return run_in(home, "evaluate", "groups", sample, "--people", "20", *outputs), home


def test_the_rates_of_both_shipped_networks_are_written(done: Done, sample: Path) -> None:
    command, home = done
    assert command.returncode == 0, command.stderr
    networks = json.loads((home / "groups.json").read_text(encoding="utf-8"))["networks"]
    with (sample / "labels.csv").open(encoding="utf-8", newline="") as file:
        photos = Counter(row["group"] for row in csv.DictReader(file))

    assert [network["label"] for network in networks] == ["nn4.small2", "high accuracy"]
    for network in networks:
        everybody = network["rates"][0]
        assert everybody["photos"] == IMAGES
        assert IMAGES / 2 < everybody["people"] < IMAGES
        # A few percent of these pairs match with one threshold for everybody; see docs/internals/groups.md.
        assert 0 < everybody["false_match_rate"] < everybody["uncorrected_rate"] < 0.05
        assert {rate["value"]: rate["photos"] for rate in network["rates"] if rate["label"] == "group"} == photos


def test_the_output_ends_with_a_sentence_on_the_worst_groups_of_each_network(done: Done) -> None:
    first, second = done[0].stdout.splitlines()[-2:]

    assert first.startswith("nn4.small2 works worst for group ")
    assert second.startswith("high accuracy works worst for group ")
    assert "With 20 people of one kind enrolled, at most" in first


def test_the_rates_are_drawn(done: Done) -> None:
    height, width, _ = read_image(done[1] / "groups.png").shape

    assert width > height > 300


def test_one_network_and_a_part_of_the_images_can_be_chosen(facecam: Command, sample: Path) -> None:
    done = facecam("evaluate", "groups", sample, "--network", "high-accuracy", "--part", "2/4", "--json", "-")

    (network,) = json.loads(done.stdout)["networks"]
    assert network["label"] == "high accuracy"
    assert network["rates"][0]["photos"] == IMAGES / 4


@pytest.mark.parametrize("part", ["3/2", "0/3", "third", "2/", "1.5/2"])
def test_a_part_that_does_not_exist_is_refused(facecam: Command, sample: Path, part: str) -> None:
    done = facecam("evaluate", "groups", sample, "--part", part)

    assert done.returncode == 2
    assert f"{part} is not a part such as 2/3" in " ".join(done.stderr.replace("│", " ").split())


def test_a_folder_without_labels_is_named(facecam: Command, tmp_path: Path) -> None:
    done = facecam("evaluate", "groups", tmp_path)

    assert done.returncode == 1
    assert "labels.csv cannot be read" in done.stderr
