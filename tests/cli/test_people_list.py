"""`facecam people list` compares the networks on the gallery's photos and suggests high accuracy where it is better."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from facecam.networks.embedding_networks import HIGH_ACCURACY_NETWORK
from tests.cli.conftest import Command, run_in
from tests.hard_people import HARD_PEOPLE, enroll_hard_people

SUGGESTION = "high accuracy would name "


@pytest.fixture(scope="module")
def listed_gallery(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gallery of six people that was listed once, so that both networks have read it."""
    home = tmp_path_factory.mktemp("listed")
    enroll_hard_people(test_data, home / "gallery")
    done = run_in(home, "people", "list")
    assert SUGGESTION in done.stdout, done.stderr
    return home / "gallery"


@pytest.fixture
def listed(listed_gallery: Path, tmp_path: Path) -> Path:
    """A copy of it, in the folder in which commands run."""
    return shutil.copytree(listed_gallery, tmp_path / "gallery")


def test_high_accuracy_is_suggested_with_both_figures_and_the_setting(facecam: Command, listed: Path) -> None:
    figures = json.loads(facecam("people", "list", "--json", "-").stdout)["network_comparison"]
    line = facecam("people", "list").stdout.splitlines()[-1]

    assert (figures["people"], figures["photos"]) == (len(HARD_PEOPLE), 12)
    right, default = figures["high_accuracy"]["named_right"], figures["default"]["named_right"]
    assert right > default
    assert line == (
        f"{SUGGESTION}{right} of 12 photos right when each is compared with the others, nn4.small2 {default}; "
        f'to use it, set network = "{HIGH_ACCURACY_NETWORK}" under [identify] in facecam.toml'
    )


def test_the_suggested_setting_is_accepted_and_prints_both_figures(facecam: Command, listed: Path, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text(f'[identify]\nnetwork = "{HIGH_ACCURACY_NETWORK}"\n')

    done = facecam("people", "list")

    assert done.returncode == 0, done.stderr
    line = done.stdout.splitlines()[-1]
    assert line.startswith("high accuracy names ")
    assert ", nn4.small2 " in line
    assert "facecam.toml" not in line


def test_a_small_gallery_is_not_compared(facecam: Command, listed: Path) -> None:
    for person in HARD_PEOPLE[:2]:
        shutil.rmtree(listed / person.replace("_", " "))

    payload = json.loads(facecam("people", "list", "--json", "-").stdout)

    assert len(payload["people"]) == 4
    assert payload["network_comparison"] is None
    assert SUGGESTION not in facecam("people", "list").stdout
