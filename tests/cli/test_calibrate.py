"""`facecam calibrate`, on the bundled portraits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

EILEEN, GRACE = "eileen_collins", "grace_hopper"


@pytest.fixture
def gallery(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """Two people with one portrait each."""
    for name in (EILEEN, GRACE):
        (tmp_path / "people" / name).mkdir(parents=True)
        (tmp_path / "people" / name / "1.jpg").write_bytes(portraits[name].read_bytes())
    return tmp_path / "people"


def test_the_result_shows_error_rates_and_the_closest_pair(facecam: Command, gallery: Path, tmp_path: Path) -> None:
    done = facecam("calibrate", gallery, "--far", "0.001", "--picture", tmp_path / "c.png", "--json", tmp_path / "c.json")

    assert done.returncode == 0, done.stderr
    assert "2 people, 2 photos: about 1 stranger in" in done.stdout
    assert "eileen_collins and grace_hopper" in done.stdout
    assert "not of comparisons" in done.stdout
    found = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert found["chosen"]["stranger_share"] == pytest.approx(0.001)
    assert found["chosen"]["threshold_l2"] < found["now"]["threshold_l2"]
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_an_empty_gallery_and_a_single_person_are_allowed(facecam: Command, gallery: Path, tmp_path: Path) -> None:
    empty = facecam("calibrate", tmp_path / "nowhere", "--picture", tmp_path / "c.png")
    (gallery / GRACE / "1.jpg").unlink()
    one = facecam("calibrate", gallery)

    assert (empty.returncode, one.returncode) == (0, 0), empty.stderr + one.stderr
    assert "no one is enrolled" in empty.stdout
    assert "1 person, 1 photo" in one.stdout
    assert "fewer than two people" in one.stdout


def test_apply_changes_only_its_line_and_takes_effect(facecam: Command, gallery: Path, tmp_path: Path) -> None:
    config = tmp_path / "facecam.toml"
    config.write_text("# mine\n[identify]\nmargin_l2 = 0.04 # wide\n", encoding="utf-8")

    applied = facecam("calibrate", gallery, "--far", "0.001", "--apply")
    again = json.loads(facecam("calibrate", gallery, "--json", "-").stdout)

    assert "identify.false_positive_identification_rate is now 0.001, previously not set" in applied.stdout
    assert "to undo, delete the line false_positive_identification_rate" in applied.stdout
    assert (
        config.read_text(encoding="utf-8")
        == "# mine\n[identify]\nmargin_l2 = 0.04 # wide\nfalse_positive_identification_rate = 0.001\n"
    )
    assert again["now"]["stranger_share"] == pytest.approx(0.001, rel=1e-3)


def test_apply_changes_a_fixed_threshold(facecam: Command, gallery: Path, tmp_path: Path) -> None:
    config = tmp_path / "facecam.toml"
    config.write_text("[identify]\nthreshold_l2 = 0.4\n", encoding="utf-8")

    applied = facecam("calibrate", gallery, "--far", "0.001", "--apply")
    again = json.loads(facecam("calibrate", gallery, "--json", "-").stdout)

    assert "set it to 0.4 again" in applied.stdout
    assert again["pinned"]
    assert again["now"]["stranger_share"] == pytest.approx(0.001, rel=0.01)


def test_a_share_out_of_range_is_refused(facecam: Command, gallery: Path) -> None:
    done = facecam("calibrate", gallery, "--far", "2")

    assert done.returncode == 1
    assert "identify.false_positive_identification_rate is 2.0, expected 1e-05 to 0.5" in done.stderr


def test_the_list_of_people_ends_with_the_calibration(facecam: Command, gallery: Path) -> None:
    assert "2 people, 2 photos: about 1 stranger in" in facecam("people", "list", "--gallery", gallery).stdout
