"""The check of built archives: models included, photos of people excluded."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "check_archives.py"


@pytest.fixture(scope="module")
def find_faults() -> Callable[[list[str], str], list[str]]:
    return runpy.run_path(str(SCRIPT))["find_faults"]


@pytest.fixture(scope="module")
def complete() -> list[str]:
    models = runpy.run_path(str(SCRIPT))["model_files"]()
    others = "facecam/_demo/cat.jpg", "facecam/_docs/guides/window.md", "gallery/README.md"
    return [*(f"models/{name}" for name in models), *others]


def test_a_complete_archive_has_no_faults(find_faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert find_faults(complete, "models") == []


def test_weights_in_another_folder_are_missing(find_faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert "facecam/_models/mtcnn.safetensors is missing" in find_faults(complete, "facecam/_models")


def test_a_wheel_lacks_the_files_of_the_source_tree(find_faults: Callable[..., list[str]], complete: list[str]) -> None:
    wheel = [name.replace("models/", "facecam/_models/") for name in complete]
    left_out = [name for name in wheel if "nn4_small2_openface_v1" in name or name.endswith("/expression_facecam_v1.safetensors")]

    assert len(left_out) == 4
    assert find_faults([name for name in wheel if name not in left_out], "facecam/_models") == []
    assert find_faults(wheel, "facecam/_models") == [f"{name} belongs to the source tree only" for name in sorted(left_out)]


def test_a_wheel_without_the_documentation_is_a_fault(find_faults: Callable[..., list[str]], complete: list[str]) -> None:
    wheel = [name.replace("models/", "facecam/_models/") for name in complete if not name.startswith("facecam/_docs")]

    assert "facecam/_docs is missing" in find_faults(wheel, "facecam/_models")


@pytest.mark.parametrize("photo", ["gallery/Ada/1.jpg", "docs/Me.PNG", "facecam/_demo/more/face.jpeg", "tests/data/clip.mkv"])
def test_an_image_outside_the_demo_is_a_fault(photo: str, find_faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert any(photo in fault for fault in find_faults([*complete, photo], "models"))


def test_a_person_file_is_a_fault_even_without_a_photo(find_faults: Callable[..., list[str]], complete: list[str]) -> None:
    assert find_faults([*complete, "gallery/Ada/person.toml"], "models") == ["gallery/Ada/person.toml is in the gallery"]
