"""teach, forget-label, train and classify --network, on generated images."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks import scenes
from facecam.imageio import read_image, write_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from tests.cli.conftest import Command, run_in
from tests.training.conftest import COLORS, colored


def write_color_images(home: Path) -> Path:
    """Write eight images of each of three colors to folders in `home`."""
    for color in COLORS:
        (home / "colors" / color).mkdir(parents=True)
        for number in range(8):
            write_image(home / "colors" / color / f"{number}.png", colored(color, number))
    return home / "colors"


@pytest.fixture
def colors(tmp_path: Path) -> Path:
    return write_color_images(tmp_path)


def test_an_object_is_taught_forgotten_and_restored(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
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


def test_labels_that_differ_only_in_case_or_spaces_are_one_label(facecam: Command, portraits: dict[str, Path]) -> None:
    for label, name in (("my mug", "coffee"), ("Tom", "cat")):
        assert facecam("teach", label, portraits[name]).returncode == 0
    alone = facecam("classify", portraits["coffee"]).stdout.splitlines()[1]

    again = facecam("teach", "My  Mug", portraits["coffee"], "--json", "-")
    both = facecam("classify", portraits["coffee"]).stdout
    forgotten = facecam("forget-label", "MY MUG")

    assert again.returncode == 0, again.stderr
    assert "My Mug is the label my mug: only case or spaces differ" in again.stderr
    assert set(json.loads(again.stdout)["views"]) == {"my mug", "Tom"}
    assert re.search(r" my mug +(8|9)\d%$", alone), alone
    assert both.splitlines()[1] == alone
    assert "My Mug" not in both
    assert "my mug is forgotten" in forgotten.stdout
    assert "mug" not in facecam("classify", portraits["coffee"]).stdout.splitlines()[1]


def write_video(path: Path, photo: Path, number: int, seconds: float) -> None:
    """Write a video of a photo that moves in front of a wall as in scene `number`."""
    wall = cv2.GaussianBlur(np.random.default_rng(4).integers(60, 200, (480, 640, 3), np.uint8), (0, 0), 9)
    frames = scenes.scene(scenes.Background("wall", (np.asarray(wall, np.uint8),)), read_image(photo), number, seconds)
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), scenes.FPS, (640, 480))
    for shot in frames:
        video.write(shot.frame.bgr)
    video.release()


def test_an_object_taught_by_a_video_is_recognized_in_another(
    facecam: Command, portraits: dict[str, Path], tmp_path: Path
) -> None:
    write_video(tmp_path / "lesson.avi", portraits["coffee"], 1, seconds=5)
    write_video(tmp_path / "later.avi", portraits["coffee"], 31, seconds=2)

    taught = facecam("teach", "my cup", "--source", "lesson.avi")
    ran = facecam("run", "--mode", "objects", "--no-window", "--source", "later.avi", "--log", "logs")

    assert taught.returncode == 0, taught.stderr
    assert ran.returncode == 0, ran.stderr
    with (tmp_path / ran.stdout.splitlines()[-1]).open(encoding="utf-8", newline="") as log:
        rows = [row for row in csv.DictReader(log) if row["label_1"] or float(row["t_ms"]) > 1000]
    correct = [row["label_1"] == "my cup" for row in rows]
    assert len(correct) >= 20
    assert np.mean(correct) >= 0.9


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize("kind", ["video", "photo"])
def test_teaching_shows_its_progress_on_a_terminal(
    kind: str, environment: dict[str, str], portraits: dict[str, Path], tmp_path: Path
) -> None:
    import pty

    write_video(tmp_path / "lesson.avi", portraits["coffee"], 1, seconds=3)
    what = ["--source", "lesson.avi"] if kind == "video" else [str(portraits["coffee"])]
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "facecam", "teach", "my cup", *what]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment | {"TERM": "xterm", "COLUMNS": "120"}, stdout=subprocess.PIPE, stderr=theirs
    ) as child:
        os.close(theirs)
        shown = read_terminal(ours)

    assert child.returncode == 0, shown
    first = r"reading the video: \d+ views .* \d+/\d+ " if kind == "video" else "reading photos"
    assert re.search(first, shown)
    assert "learning my cup" in shown


def read_terminal(descriptor: int) -> str:
    """Return what is written to a pseudo terminal until it is closed, without colors and movements."""
    shown = b""
    with contextlib.suppress(OSError):  # Linux reports the end as an error
        while data := os.read(descriptor, 65536):
            shown += data
    os.close(descriptor)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_teaching_from_a_folder_reports_unreadable_images(facecam: Command, colors: Path, tmp_path: Path) -> None:
    (colors / "red" / "9.jpg").write_bytes(b"no picture")

    taught = facecam("teach", "red blot", colors / "red", "--objects", tmp_path / "mine", "--json", "-")

    assert taught.returncode == 3, taught.stderr
    assert "9.jpg" in taught.stderr
    assert json.loads(taught.stdout)["views"]["red blot"] >= 8
    assert (tmp_path / "mine" / "taught.json").is_file()


@pytest.mark.parametrize(
    ("args", "exit_code", "message"),
    [
        (["teach", "mug", "mug.jpg", "--source", "0"], 2, "give either photos or --source"),
        (["teach", "mug", "nowhere.jpg"], 1, "nowhere.jpg does not exist; nothing was taught"),
        (["forget-label", "mug"], 1, "was not taught"),
        (["forget-label"], 2, "give either a label or --undo"),
        (["train", "--recipe", "mlp"], 2, "give the training data"),
        (["train", "--recipe", "perceptron", "--data", "digits"], 1, "unknown recipe 'perceptron'"),
        (["train", "--recipe", "mlp", "--data", "nowhere"], 1, "the folder nowhere does not exist"),
        (["train", "--recipe", "names", "--data", "digits"], 2, "trains on the gallery"),
        (["classify", "--network", "nowhere", "x.jpg"], 1, "nowhere does not classify objects"),
        (["classify", "--network", ".", "x.jpg"], 1, "is not a trained network"),
    ],
)
def test_an_error_is_one_sentence(facecam: Command, args: list[str], exit_code: int, message: str) -> None:
    done = facecam(*args)

    assert done.returncode == exit_code, done.stderr
    assert message in " ".join(done.stderr.replace("│", " ").split())


def test_a_data_set_missing_in_the_keras_cache_is_not_downloaded(facecam: Command) -> None:
    done = facecam("train", "--recipe", "mlp", "--data", "mnist")

    assert done.returncode == 1
    assert "mnist is not in Keras's cache" in done.stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Home folder and output of training a neuron on three colors, with one unreadable image."""
    home = tmp_path_factory.mktemp("home")
    write_color_images(home)
    (home / "colors" / "red" / "9.jpg").write_bytes(b"no picture")
    return home, run_in(home, "train", "--recipe", "neuron", "--data", "colors", "-o", "net", "--epochs", "30")


def test_training_prints_figures_and_skipped_images(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, done = trained

    assert done.returncode == 3, done.stderr
    assert "9.jpg" in done.stderr
    assert {line.split()[0] for line in done.stderr.splitlines()} == {"skipped:", "epoch"}, "no output of TensorFlow"
    assert "test accuracy" in done.stdout
    assert "test loss" in done.stdout
    assert (home / "net" / "history.png").is_file()


def test_a_trained_network_classifies_images(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    named = run_in(trained[0], "classify", "--network", "net", "colors/blue/0.png")

    assert named.returncode == 0, named.stderr
    assert named.stdout.splitlines()[1].split()[-2] == "blue"


def test_run_uses_a_trained_network_and_logs_it(trained: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home = trained[0]
    options = ["--no-window", "--mode", "objects", "--network", "net", "--log", "logs"]

    done = run_in(home, "run", *options, "--source", "colors/green/1.png")

    assert done.returncode == 0, done.stderr
    log = home / done.stdout.splitlines()[-1]
    assert "green" in log.read_text(encoding="utf-8").splitlines()[1]
    assert str(home / "net") in json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))["networks"]


def test_the_names_recipe_trains_on_a_gallery(facecam: Command, portraits: dict[str, Path], tmp_path: Path) -> None:
    for folder, portrait in (("Eileen", "eileen_collins"), ("Grace", "grace_hopper")):
        (tmp_path / "gallery" / folder).mkdir(parents=True)
        shutil.copy(portraits[portrait], tmp_path / "gallery" / folder)
        brighter = np.clip(read_image(portraits[portrait]) * 1.1, 0, 255).astype(np.uint8)
        write_image(tmp_path / "gallery" / folder / "brighter.png", brighter)

    done = facecam("train", "--recipe", "names", "--json", "-")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["names"] == ["Eileen", "Grace"]
    assert json.loads(done.stdout)["threshold_l2"] == embedding_network(DEFAULT_NETWORK).threshold_l2


def test_the_names_recipe_needs_enrolled_people(facecam: Command) -> None:
    done = facecam("train", "--recipe", "names")

    assert done.returncode == 1
    assert "no usable photo" in done.stderr
