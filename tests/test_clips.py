"""End-to-end tests on clips: people enrolled from one clip are recognized in another, strangers are not."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from facecam.logbook.reader import read_log
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
from tests.cli.conftest import run_in

ENROLLED_FROM = {"A": "again", "B": "milk", "C": "book", "D": "eat"}
SEEN_IN = {"A": "help", "B": "please", "C": "learn", "D": "night"}
STRANGERS = ("face_noface.mov", "noface_face.mov", "no_face.mp4")
TRACK_ROWS = 10
FOUND_WITHIN_MS = 500

NETWORKS = (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)

Facecam = Callable[..., str]
"""Runs `facecam ...` with a network, the first argument, and else default settings in an empty home."""

GalleryOf = Callable[[str], Path]
"""Return a gallery with A, B, C and D, each enrolled from one clip, for a network."""

SeenRows = Callable[[str, Path, bool], pd.DataFrame]
"""Return the log rows of faces by a network for a clip, with faces followed or every frame searched."""


@pytest.fixture(scope="module")
def facecam(tmp_path_factory: pytest.TempPathFactory) -> Facecam:
    home = tmp_path_factory.mktemp("clips")

    def run(network: str, *arguments: str | Path, **changes: str) -> str:
        done = run_in(home, *arguments, **{"FACECAM_IDENTIFY_NETWORK": network, **changes})
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def gallery_of(facecam: Facecam, test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> GalleryOf:
    @functools.cache
    def enroll(network: str) -> Path:
        folder = tmp_path_factory.mktemp("people") / "gallery"
        for name, clip in ENROLLED_FROM.items():
            facecam(network, "enroll", name, "--source", test_data / "data" / "webcam" / f"{clip}.mkv", "--gallery", folder)
        return folder

    return enroll


@pytest.fixture(scope="module")
def seen_rows(facecam: Facecam, gallery_of: GalleryOf, tmp_path_factory: pytest.TempPathFactory) -> SeenRows:
    """Return a function that runs `facecam run` on a clip, once per clip."""

    @functools.cache
    def play(network: str, clip: Path, follow: bool) -> pd.DataFrame:
        changes = {} if follow else {"FACECAM_FOLLOW_ENABLED": "false"}
        logs = tmp_path_factory.mktemp("logs")
        options = ("--gallery", gallery_of(network), "--no-window", "--log", logs, "--source", clip)
        printed = facecam(network, "run", *options, **changes)
        log = read_log(Path(printed.splitlines()[-1]))
        return log[log.event == "seen"]

    return play


QUICK = {
    *((DEFAULT_NETWORK, name, True) for name in SEEN_IN),
    (DEFAULT_NETWORK, "A", False),
    (HIGH_ACCURACY_NETWORK, "B", True),
    (HIGH_ACCURACY_NETWORK, "C", False),
}
persons = pytest.mark.parametrize(
    ("network", "name", "follow"),
    [
        pytest.param(*case, marks=[] if case in QUICK else [pytest.mark.long])
        for case in itertools.product(NETWORKS, SEEN_IN, (True, False))
    ],
)
"""All networks and people, with faces followed or every frame searched. A clip takes more than a second."""


@persons
def test_most_of_every_long_track_has_the_right_name(
    seen_rows: SeenRows, test_data: Path, network: str, name: str, follow: bool
) -> None:
    seen = seen_rows(network, test_data / "data" / "webcam" / f"{SEEN_IN[name]}.mkv", follow)

    tracks = [rows for _, rows in seen.groupby("track_id") if len(rows) >= TRACK_ROWS]

    assert tracks, "no track is long enough"
    for rows in tracks:
        decided = rows[rows.decision != "skipped"]
        assert (decided.name == name).mean() > 0.5


@persons
def test_no_row_has_the_name_of_another_person(
    seen_rows: SeenRows, test_data: Path, network: str, name: str, follow: bool
) -> None:
    seen = seen_rows(network, test_data / "data" / "webcam" / f"{SEEN_IN[name]}.mkv", follow)

    assert set(seen.name.dropna()) == {name}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("clip", STRANGERS)
def test_a_stranger_is_never_known(seen_rows: SeenRows, test_data: Path, network: str, clip: str) -> None:
    seen = seen_rows(network, test_data / "data" / "presence" / clip, True)

    assert not (seen.decision == "known").any()
    assert not seen.name.notna().any()


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("clip", ["face_noface.mov", "noface_face.mov"])
def test_a_stranger_is_detected(seen_rows: SeenRows, test_data: Path, network: str, clip: str) -> None:
    assert len(seen_rows(network, test_data / "data" / "presence" / clip, True)) >= TRACK_ROWS


@pytest.mark.parametrize("network", NETWORKS)
def test_a_person_who_enters_is_found_within_half_a_second(seen_rows: SeenRows, test_data: Path, network: str) -> None:
    clip = test_data / "data" / "presence" / "noface_face.mov"

    found_ms, possible_ms = (_first_good_face_ms(seen_rows(network, clip, follow)) for follow in (True, False))

    assert possible_ms > FOUND_WITHIN_MS, "the clip begins without a face"
    assert found_ms - possible_ms <= FOUND_WITHIN_MS


def _first_good_face_ms(seen: pd.DataFrame) -> float:
    """Return the time at which a face first passed the gates."""
    return float(seen[seen.gate.isna()].t_ms.min())


@pytest.mark.parametrize("network", NETWORKS)
def test_every_tenth_frame_of_a_clip_is_named_although_tracks_live_shorter(
    facecam: Facecam, gallery_of: GalleryOf, test_data: Path, tmp_path: Path, network: str
) -> None:
    clip = test_data / "data" / "webcam" / f"{SEEN_IN['B']}.mkv"
    options = ("--gallery", gallery_of(network), "--no-window", "--log", tmp_path, "--source", clip, "--every", "10")

    facecam(network, "run", *options, FACECAM_TRACK_LEAVE_AFTER_MS="300")

    seen = read_log(tmp_path)
    seen = seen[seen.event == "seen"]
    assert seen.name.tolist() == ["B"] * 8
