"""teach, forget-label, train, classify --network: the real commands, on pictures that the test makes."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import scenes
from facecam.imageio import read_image, write_image
from tests.cli.conftest import Command, run_in
from tests.training.conftest import COLORS, colored


def paint(home: Path) -> Path:
    """A folder in `home` for each of three colors with eight pictures each."""
    for color in COLORS:
        (home / "colors" / color).mkdir(parents=True)
        for number in range(8):
            write_image(home / "colors" / color / f"{number}.png", colored(color, number))
    return home / "colors"


@pytest.fixture
def colors(tmp_path: Path) -> Path:
    return paint(tmp_path)


def test_a_thing_is_taught_named_forgotten_and_had_back(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    for label, name in (("my coffee", "coffee"), ("Tom", "cat")):
        taught = facecam("teach", label, portraits[name])
        assert taught.returncode == 0, taught.stderr
        assert "validation accuracy" in taught.stdout

    named = facecam("classify", portraits["coffee"], portraits["grace_hopper"])
    forgotten = facecam("forget-label", "my coffee")
    after = facecam("classify", portraits["coffee"])
    undone = facecam("forget-label", "--undo", "--json", "-")

    assert "my coffee" in named.stdout.splitlines()[1]
    assert named.stdout.count("my coffee") == 1
    assert forgotten.returncode == 0, forgotten.stderr
    assert "my coffee" not in after.stdout
    assert set(json.loads(undone.stdout)["views"]) == {"my coffee", "Tom"}
    assert (tmp_path / "data" / "facecam" / "objects" / "confusion.png").is_file()


def film(path: Path, thing: Path, number: int, seconds: float) -> None:
    """A film of a wall before which a picture is held up, moved as in scene `number`."""
    wall = cv2.GaussianBlur(np.random.default_rng(4).integers(60, 200, (480, 640, 3), np.uint8), (0, 0), 9)
    frames = scenes.scene(scenes.Film("wall", (np.asarray(wall, np.uint8),)), read_image(thing), number, seconds)
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), scenes.FPS, (640, 480))
    for shot in frames:
        video.write(shot.frame.bgr)
    video.release()


def test_a_thing_taught_by_a_film_is_named_where_it_is_held_up(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path
) -> None:
    film(tmp_path / "lesson.avi", portraits["coffee"], 1, seconds=5)
    film(tmp_path / "later.avi", portraits["coffee"], 31, seconds=2)

    taught = facecam("teach", "my cup", "--source", "lesson.avi")
    ran = facecam("run", "--mode", "objects", "--no-window", "--source", "later.avi", "--log", "logs")

    assert taught.returncode == 0, taught.stderr
    assert ran.returncode == 0, ran.stderr
    with (tmp_path / ran.stdout.splitlines()[-1]).open(encoding="utf-8", newline="") as log:
        rows = [row for row in csv.DictReader(log) if row["label_1"] or float(row["t_ms"]) > 1000]
    right = [row["label_1"] == "my cup" for row in rows]
    assert len(right) >= 20
    assert np.mean(right) >= 0.9


def test_a_folder_of_pictures_teaches_and_unreadable_ones_are_said(facecam: Command, colors: Path, tmp_path: Path) -> None:
    (colors / "red" / "9.jpg").write_bytes(b"no picture")

    taught = facecam("teach", "red blot", colors / "red", "--objects", tmp_path / "mine", "--json", "-")

    assert taught.returncode == 3, taught.stderr
    assert "9.jpg" in taught.stderr
    assert json.loads(taught.stdout)["views"]["red blot"] >= 8
    assert (tmp_path / "mine" / "taught.json").is_file()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["teach", "mug", "mug.jpg", "--source", "0"], 2, "give pictures or --source"),
        (["teach", "mug", "nowhere.jpg"], 1, "there is no picture or folder nowhere.jpg"),
        (["forget-label", "mug"], 1, "was not taught"),
        (["forget-label"], 2, "give a label, or --undo"),
        (["train", "--recipe", "mlp"], 2, "say what to learn from"),
        (["train", "--recipe", "perceptron", "--data", "digits"], 1, "there is no recipe 'perceptron'"),
        (["train", "--recipe", "mlp", "--data", "nowhere"], 1, "there is no folder nowhere"),
        (["train", "--recipe", "names", "--data", "digits"], 2, "learns from the gallery"),
        (["classify", "--network", "nowhere", "x.jpg"], 1, "nowhere names no objects"),
        (["classify", "--network", ".", "x.jpg"], 1, "is no trained network"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(facecam: Command, words: list[str], status: int, said: str) -> None:
    done = facecam(*words)

    assert done.returncode == status, done.stderr
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_a_set_that_keras_has_not_fetched_is_not_fetched(facecam: Command) -> None:
    done = facecam("train", "--recipe", "mlp", "--data", "mnist")

    assert done.returncode == 1
    assert "mnist is not in Keras's cache" in done.stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home in which a neuron was trained on three colors, one picture of which is broken; what the command said."""
    home = tmp_path_factory.mktemp("home")
    paint(home)
    (home / "colors" / "red" / "9.jpg").write_bytes(b"no picture")
    return home, run_in(home, "train", "--recipe", "neuron", "--data", "colors", "-o", "net", "--epochs", "30")


def test_a_network_is_trained_its_figures_printed_and_what_was_skipped(
    trained: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, done = trained

    assert done.returncode == 3, done.stderr
    assert "9.jpg" in done.stderr
    assert {words.split()[0] for words in done.stderr.splitlines()} == {"skipped:", "epoch"}, "and nothing of TensorFlow's own"
    assert "test accuracy" in done.stdout
    assert "test loss" in done.stdout
    assert (home / "net" / "history.png").is_file()


def test_a_trained_network_names_pictures(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    named = run_in(trained[0], "classify", "--network", "net", "colors/blue/0.png")

    assert named.returncode == 0, named.stderr
    assert named.stdout.splitlines()[1].split()[-2] == "blue"


def test_run_names_frames_by_a_trained_network_and_logs_it(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home = trained[0]
    options = ["--no-window", "--mode", "objects", "--network", "net", "--log", "logs"]

    done = run_in(home, "run", *options, "--source", "colors/green/1.png")

    assert done.returncode == 0, done.stderr
    log = home / done.stdout.splitlines()[-1]
    assert "green" in log.read_text(encoding="utf-8").splitlines()[1]
    assert str(home / "net") in json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))["networks"]


def test_names_are_learned_from_a_gallery(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    for folder, picture in (("Eileen", "eileen_collins"), ("Grace", "grace_hopper")):
        (tmp_path / "gallery" / folder).mkdir(parents=True)
        shutil.copy(portraits[picture], tmp_path / "gallery" / folder)
        brighter = np.clip(read_image(portraits[picture]) * 1.1, 0, 255).astype(np.uint8)
        write_image(tmp_path / "gallery" / folder / "brighter.png", brighter)

    done = facecam("train", "--recipe", "names", "--json", "-")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["names"] == ["Eileen", "Grace"]
    assert 0 < json.loads(done.stdout)["threshold_l2"] < 1


def test_names_of_nobody_cannot_be_learned(facecam: Command) -> None:
    done = facecam("train", "--recipe", "names")

    assert done.returncode == 1
    assert "nobody is enrolled" in done.stderr
