"""What guards the packages: models in, people's photos out."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "check_archives.py"


@pytest.fixture(scope="module")
def faults() -> Callable[[list[str], str], list[str]]:
    return runpy.run_path(str(SCRIPT))["faults"]


@pytest.fixture(scope="module")
def complete() -> list[str]:
    models = runpy.run_path(str(SCRIPT))["models"]()
    return [*(f"models/{name}" for name in models), "facecam/_demo/cat.jpg", "gallery/README.md"]


def test_a_complete_archive_has_no_faults(faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert faults(complete, "models") == []


def test_weights_in_another_place_are_missing(faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert "facecam/_models/mtcnn.safetensors is missing" in faults(complete, "facecam/_models")


@pytest.mark.parametrize("photo", ["gallery/Ada/1.jpg", "docs/Me.PNG", "facecam/_demo/more/face.jpeg", "tests/data/clip.mkv"])
def test_a_picture_outside_the_demo_is_a_fault(photo: str, faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert any(photo in fault for fault in faults([*complete, photo], "models"))


def test_a_person_file_is_a_fault_even_without_a_photo(faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert faults([*complete, "gallery/Ada/person.toml"], "models") == ["gallery/Ada/person.toml is in the gallery's folder"]
