"""Leave-one-out test on clips: strangers stay unknown, and enrolled people are named correctly and quickly."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.clip_matrix import Matrix, Run, Totals, all_runs, single_runs
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from facecam.settings import Settings

NAMED_IN_TIME = 0.95


@pytest.fixture(scope="module", params=[DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK])
def matrix(request: pytest.FixtureRequest, test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    settings = Settings().replace({"identify.network": request.param})
    with Matrix(test_data / "data", tmp_path_factory.mktemp("matrix"), settings) as matrix:
        yield matrix


def _assert_accurate(totals: Totals) -> None:
    assert (totals.strangers_known, totals.misnamed, totals.short_misnamed) == (0, 0, 0), str(totals)
    assert totals.named_in_time >= NAMED_IN_TIME * totals.enrolled, str(totals)


def test_every_person_is_a_stranger_with_every_choice_of_clips() -> None:
    runs = all_runs()

    assert len(runs) == len({str(run) for run in runs}) == 32
    assert all(run.stranger not in run.enrolled and len(list(run.clips())) == 5 for run in runs)


def test_people_enrolled_from_one_clip_are_named_in_the_other_and_a_stranger_is_not(matrix: Matrix) -> None:
    results = matrix.play(Run("B", {"A": "help", "C": "learn", "D": "eat"}))

    assert not results.refused
    totals = Totals.from_tracks(results.tracks)
    assert totals.enrolled >= 3
    assert totals.strangers >= 2
    _assert_accurate(totals)


@pytest.mark.parametrize("matrix", [DEFAULT_NETWORK, pytest.param(HIGH_ACCURACY_NETWORK, marks=pytest.mark.long)], indirect=True)
def test_with_one_person_enrolled_the_others_stay_unknown(matrix: Matrix) -> None:
    totals = Totals.from_tracks(matrix.play(Run("D", {"A": "help"})).tracks)

    assert totals.strangers >= 2
    _assert_accurate(totals)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_with_any_person_enrolled_alone_the_others_stay_unknown(matrix: Matrix) -> None:
    totals = Totals.from_tracks(record for run in single_runs() for record in matrix.play(run).tracks)

    assert totals.strangers >= 144
    _assert_accurate(totals)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_strangers_stay_unknown_for_every_gallery_and_clip(matrix: Matrix) -> None:
    results = [matrix.play(run) for run in all_runs()]

    assert not [refusal for one in results for refusal in one.refused]
    totals = Totals.from_tracks(facts for one in results for facts in one.tracks)
    assert totals.enrolled >= 96
    assert totals.strangers >= 64
    _assert_accurate(totals)


@pytest.mark.long
def test_a_clip_gives_the_photos_that_the_enroll_command_saves(matrix: Matrix, test_data: Path, tmp_path: Path) -> None:
    clip, gallery = test_data / "data" / "webcam" / "help.mkv", tmp_path / "gallery"
    command = [sys.executable, "-m", "facecam", "enroll", "A", "--source", str(clip), "--gallery", str(gallery)]
    command += ["--network", matrix.network]
    subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=240, check=True)

    selected = {sample.jpeg for sample in matrix.selected("help").samples}

    assert {photo.read_bytes() for photo in gallery.rglob("*.jpg")} == selected


@pytest.mark.long
def test_a_person_who_is_never_enrolled_is_never_known(matrix: Matrix) -> None:
    matrix.play(all_runs()[0])

    tracks = matrix.presence_tracks()

    assert sum(track.long for track in tracks) >= 2
    assert not [track for track in tracks if track.names]
