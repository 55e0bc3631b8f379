"""--network chooses a face recognition network by name, short label or file; bench shows what each one costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from facecam.cli.context import embedding_network_name
from facecam.logbook.reader import read_log
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("nn4.small2", DEFAULT_NETWORK),
        ("high-accuracy", HIGH_ACCURACY_NETWORK),
        (HIGH_ACCURACY_NETWORK, HIGH_ACCURACY_NETWORK),
        ("nn4_small2_openface_v1", "nn4_small2_openface_v1"),
    ],
)
def test_a_network_is_chosen_by_its_name_or_short_label(option: str, name: str) -> None:
    assert embedding_network_name(option) == name


@pytest.mark.parametrize("option", ["mine.tflite", "folder/mine.TFLITE", "./mine"])
def test_a_path_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    monkeypatch.chdir(tmp_path)

    assert embedding_network_name(option) == str(tmp_path / option)


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--source", "demo", "--no-window", "--no-log"],
        ["enroll", "Ada", "photo.jpg"],
        ["identify", "photo.jpg"],
        ["compare", "photo.jpg", "photo.jpg"],
        ["explain", "photo.jpg"],
        ["calibrate"],
        ["people", "list"],
        ["evaluate", "lfw", ".", "--pairs", "photo.jpg"],
        ["bench", "--source", "demo"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_an_unknown_network_is_one_sentence_with_the_choices(facecam: Command, tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "photo.jpg").touch()

    done = facecam(*command, "--network", "mtcnn")

    assert (done.returncode, done.stdout) == (1, "")
    (line,) = [line for line in done.stderr.splitlines() if "measuring" not in line]
    assert line.startswith("facecam: unknown network mtcnn; choose nn4.small2, high-accuracy, ")
    assert line.endswith("or name a FILE.tflite of yours")


def test_a_session_logs_the_network_that_it_used(
    facecam: Command, gallery: Path, portraits: dict[str, Path], tmp_path: Path
) -> None:
    photo = portraits["eileen_collins"]

    done = facecam("run", "--source", photo, "--no-window", "--log", "logs", "--network", "high-accuracy")

    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / done.stdout.splitlines()[-1])
    assert set(log.embed_model) == {HIGH_ACCURACY_NETWORK}
    assert log[log.event == "seen"].distance_l2.max() < embedding_network(HIGH_ACCURACY_NETWORK).threshold_l2


def test_a_retired_network_is_a_notice_and_its_successor_is_used(facecam: Command, portraits: dict[str, Path]) -> None:
    photo = portraits["eileen_collins"]

    done = facecam("compare", photo, photo, "--network", "nn4_small2_facecam_v1")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("the same person")


def test_explaining_an_object_ignores_no_network_of_faces(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("explain", portraits["coffee"], "--mode", "objects", "--network", "efficientnet_lite0_imagenet")

    assert done.returncode == 0, done.stderr


def test_bench_shows_what_a_face_costs_with_both_networks_and_stores_it(facecam: Command, tmp_path: Path) -> None:
    text = facecam("bench", "--source", "demo", "--seconds", "0.5", FACECAM_CACHE=str(tmp_path / "cache"))
    measured = facecam("bench", "--source", "demo", "--seconds", "0.5", "--json", "-", FACECAM_CACHE=str(tmp_path / "cache"))

    assert (text.returncode, measured.returncode) == (0, 0), text.stderr + measured.stderr
    table = text.stdout.partition("face recognition network")[2]
    assert "nn4.small2" in table
    assert "in use" in table
    assert "--network high-accuracy" in table
    costs_ms = json.loads(measured.stdout)["embedding_ms"]
    assert list(costs_ms) == [DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK]
    assert list(json.loads((tmp_path / "cache" / "embedding_costs.json").read_text()).values()) == list(costs_ms.values())
