"""Heads of `train --recipe names`: each is evaluated with the network that it was trained on, or refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from tests.cli.conftest import Command

ENROLLED = {"Alvaro_Uribe": 3, "Amelie_Mauresmo": 4}
"""Photos of each person in the gallery, the first three fifths; the person's others are unseen."""


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    """Options with short lists: of the two people and a stranger, and of others to choose thresholds on."""
    (tmp_path / "report.txt").write_text("1\nAlvaro_Uribe\t1\t2\nAmelie_Mauresmo\t1\tAl_Pacino\t1\n")
    (tmp_path / "choose.txt").write_text("1\nAmelia_Vega\t1\t2\nAna_Guevara\t1\tAri_Fleischer\t1\n")
    return ["--pairs", str(tmp_path / "report.txt"), "--train-pairs", str(tmp_path / "choose.txt")]


def trained(facecam: Command, images: Path, gallery: Path, network: str) -> Path:
    """Train a head on the gallery of ENROLLED and return its folder."""
    for name, count in ENROLLED.items():
        (gallery / name).mkdir(parents=True)
        for photo in sorted((images / name).iterdir())[:count]:
            shutil.copy(photo, gallery / name)
    done = facecam("train", "--recipe", "names", "--gallery", gallery, "-o", "head", FACECAM_IDENTIFY_NETWORK=network)
    assert done.returncode == 0, done.stderr
    assert "facecam evaluate names --head head" in done.stdout
    return gallery.parent / "head"


def change(facecam: Command, head: Path, **facts: Any) -> None:
    """Change facts in the head's network.json, as if it had been trained on another network, and accept it."""
    path = head / "network.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["figures"] |= facts.pop("figures", {})
    path.write_text(json.dumps(stored | facts), encoding="utf-8")
    assert facecam("models", "accept", head).returncode == 0


def test_a_head_of_another_network_is_evaluated_with_its_own(
    facecam: Command, test_data: Path, tmp_path: Path, lists: list[str]
) -> None:
    images = test_data / "data" / "lfw-view1" / "images"
    head = trained(facecam, images, tmp_path / "gallery", HIGH_ACCURACY_NETWORK)

    done = facecam("evaluate", "names", images, *lists, "--head", head, "--json", "-")

    assert done.returncode == 0, done.stderr
    ways = {way["way"]: way for way in json.loads(done.stdout)["ways"]}
    assert list(ways) == ["nearest-L2", "names", "stored head"]
    assert ways["stored head"]["threshold_l2"] == pytest.approx(embedding_network(HIGH_ACCURACY_NETWORK).threshold_l2)
    assert ways["stored head"]["accuracy"] == 1
    assert ways["stored head"]["stranger_far"] == 0


def test_a_head_of_the_retired_network_or_of_other_weights_is_refused_with_what_to_do(
    facecam: Command, test_data: Path, tmp_path: Path, lists: list[str]
) -> None:
    images = test_data / "data" / "lfw-view1" / "images"
    head = trained(facecam, images, tmp_path / "gallery", DEFAULT_NETWORK)

    change(facecam, head, figures={"base_sha256": "0" * 64})
    other = facecam("evaluate", "names", images, *lists, "--head", head)
    change(facecam, head, base="nn4_small2_facecam_v1")
    retired = facecam("evaluate", "names", images, *lists, "--head", head)

    assert (other.returncode, retired.returncode) == (1, 1)
    belongs, again = f"facecam: the head in {head} belongs to", "train it again with `facecam train --recipe names`\n"
    assert other.stderr == f"{belongs} other weights of {DEFAULT_NETWORK} than the present ones; {again}"
    assert retired.stderr == f"{belongs} the network nn4_small2_facecam_v1, which was replaced; {again}"


def test_a_head_recognizes_no_objects(facecam: Command, test_data: Path, tmp_path: Path) -> None:
    head = trained(facecam, test_data / "data" / "lfw-view1" / "images", tmp_path / "gallery", DEFAULT_NETWORK)

    done = facecam("models", "convert", head)

    assert done.returncode == 1
    assert "which compares faces; it recognizes no objects" in done.stderr


def test_a_removed_person_is_in_no_file_of_a_head(facecam: Command, test_data: Path, tmp_path: Path) -> None:
    images = test_data / "data" / "lfw-view1" / "images"
    (tmp_path / "gallery" / "Al Pacino").mkdir(parents=True)
    for photo in sorted((images / "Al_Pacino").iterdir())[:3]:
        shutil.copy(photo, tmp_path / "gallery" / "Al Pacino")
    head = trained(facecam, images, tmp_path / "gallery", DEFAULT_NETWORK)

    first = facecam("people", "remove", "Al Pacino", "--yes")
    labels = json.loads((head / "network.json").read_text(encoding="utf-8"))["labels"]
    contents = [path.read_bytes() for path in head.iterdir()]
    second = facecam("people", "remove", "Alvaro_Uribe", "--yes")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert f"the head in {head} does not name this person any more" in first.stderr
    assert labels == ["Alvaro_Uribe", "Amelie_Mauresmo"]
    assert not any(b"Al Pacino" in content for content in contents)
    assert f"the head in {head} is deleted" in second.stderr
    assert not head.exists()
