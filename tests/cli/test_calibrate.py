"""`facecam calibrate` as a process, on the bundled portraits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from facecam.networks.convert import cache_dir

Run = Callable[..., subprocess.CompletedProcess[str]]
EILEEN, GRACE = "eileen_collins", "grace_hopper"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `facecam ...` in an empty home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FACECAM_", "XDG_"))}
    environment = kept | {"HOME": str(tmp_path), "FACECAM_CACHE": str(cache_dir().parent)}

    def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "facecam", *map(str, words)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return call


@pytest.fixture
def gallery(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """Two people with a portrait each."""
    for name in (EILEEN, GRACE):
        (tmp_path / "people" / name).mkdir(parents=True)
        (tmp_path / "people" / name / "1.jpg").write_bytes(portraits[name].read_bytes())
    return tmp_path / "people"


def test_two_people_are_told_how_near_they_are_and_what_the_threshold_means(run: Run, gallery: Path, tmp_path: Path) -> None:
    done = run("calibrate", gallery, "--far", "0.001", "--picture", tmp_path / "c.png", "--json", tmp_path / "c.json")

    assert done.returncode == 0, done.stderr
    assert "2 people, 2 photos: about 1 stranger in" in done.stdout
    assert "eileen_collins and grace_hopper" in done.stdout
    assert "not of comparisons" in done.stdout
    found = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert found["chosen"]["stranger_share"] == pytest.approx(0.001)
    assert found["chosen"]["threshold_l2"] < found["now"]["threshold_l2"]
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_one_person_and_nobody_are_no_error(run: Run, gallery: Path, tmp_path: Path) -> None:
    nobody = run("calibrate", tmp_path / "nowhere", "--picture", tmp_path / "c.png")
    (gallery / GRACE / "1.jpg").unlink()
    one = run("calibrate", gallery)

    assert (nobody.returncode, one.returncode) == (0, 0), nobody.stderr + one.stderr
    assert "nobody is enrolled" in nobody.stdout
    assert "1 person, 1 photo" in one.stdout
    assert "not two people" in one.stdout


def test_apply_keeps_the_rest_of_the_file_and_the_next_look_obeys(run: Run, gallery: Path, tmp_path: Path) -> None:
    config = tmp_path / "facecam.toml"
    config.write_text("# mine\n[identify]\nmargin_l2 = 0.04 # wide\n", encoding="utf-8")

    applied = run("calibrate", gallery, "--far", "0.001", "--apply")
    again = json.loads(run("calibrate", gallery, "--json", "-").stdout)

    assert "identify.stranger_rate is 0.001 now, not set before" in applied.stdout
    assert "to undo, delete the line stranger_rate" in applied.stdout
    assert config.read_text(encoding="utf-8") == "# mine\n[identify]\nstranger_rate = 0.001\nmargin_l2 = 0.04 # wide\n"
    assert again["now"]["stranger_share"] == pytest.approx(0.001, rel=1e-3)


def test_where_the_threshold_is_pinned_apply_moves_the_pin(run: Run, gallery: Path, tmp_path: Path) -> None:
    config = tmp_path / "facecam.toml"
    config.write_text("[identify]\nthreshold_l2 = 0.4\n", encoding="utf-8")

    applied = run("calibrate", gallery, "--far", "0.001", "--apply")
    again = json.loads(run("calibrate", gallery, "--json", "-").stdout)

    assert "set it to 0.4 again" in applied.stdout
    assert again["pinned"]
    assert again["now"]["stranger_share"] == pytest.approx(0.001, rel=0.01)


def test_a_share_that_is_none_is_refused(run: Run, gallery: Path) -> None:
    done = run("calibrate", gallery, "--far", "2")

    assert done.returncode == 1
    assert "identify.stranger_rate is 2.0, expected 1e-05 to 0.5" in done.stderr


def test_the_list_of_people_ends_with_what_the_threshold_means(run: Run, gallery: Path) -> None:
    assert "2 people, 2 photos: about 1 stranger in" in run("people", "list", "--gallery", gallery).stdout
