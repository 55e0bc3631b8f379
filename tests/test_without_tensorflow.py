"""facecam without TensorFlow: only training, conversion and layers need it, and they say so in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import environment_in

BLOCKING = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ImportError(f"{name} is blocked")

sys.meta_path.insert(0, Blocked())
"""
SENTENCE = "TensorFlow is needed for this and cannot be imported (keras is blocked); install it with `pip install tensorflow`"
ROOT = Path(__file__).parents[1]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def python(tmp_path: Path) -> Run:
    """Return a function that runs `python ARGS` in the test's folder; importing TensorFlow or Keras fails there."""
    blocking = tmp_path / "blocking"
    blocking.mkdir()
    (blocking / "sitecustomize.py").write_text(BLOCKING, encoding="utf-8")

    def run(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = environment_in(tmp_path) | {"PYTHONPATH": os.pathsep.join([str(blocking), str(ROOT)])} | variables
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return run


@pytest.fixture
def facecam(python: Run) -> Run:
    """Return a function that runs `facecam ARGS` and returns its stdout, after checking that it succeeded."""

    def run(*arguments: str | Path, **variables: str) -> str:
        done = python("-m", "facecam", *arguments, **variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_imports_are_blocked(python: Run) -> None:
    for name in ("tensorflow", "keras"):
        assert f"ImportError: {name} is blocked" in python("-c", f"import {name}").stderr


def test_the_demo_recognizes_faces_and_objects(facecam: Callable[..., str]) -> None:
    output = facecam("demo", "--no-window")

    assert "Eileen Collins" in output
    assert "coffee.jpg espresso" in output


def test_photos_are_enrolled_identified_and_checked(facecam: Callable[..., str], portraits: dict[str, Path]) -> None:
    facecam("enroll", "Eileen Collins", portraits["eileen_collins"], "--gallery", "people")

    assert "Eileen Collins" in facecam("identify", portraits["eileen_collins"], "--gallery", "people")
    facecam("gallery", "doctor", "--gallery", "people")


def test_a_run_is_reported(facecam: Callable[..., str], tmp_path: Path, gallery: Path) -> None:
    run = ("run", "--source", "demo", "--to", "3", "--no-window", "--gallery", gallery, "--log", "logs")
    log = facecam(*run).splitlines()[-1]

    facecam("report", log, "-o", "report.html")

    assert "Eileen Collins" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_objects_are_recognized(facecam: Callable[..., str]) -> None:
    output = facecam("run", "--mode", "objects", "--source", "demo", "--to", "2", "--no-window", "--log", "logs")

    assert output.splitlines()[-1].endswith(".csv")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a virtual display")
def test_the_window_opens_and_recognizes(facecam: Callable[..., str], gallery: Path, display: str) -> None:
    output = facecam("run", "--source", "demo", "--to", "2", "--gallery", gallery, "--log", "logs", DISPLAY=display)

    assert output.splitlines()[-1].endswith(".csv")


@pytest.mark.parametrize(
    "command",
    [
        ("train", "--recipe", "neuron", "--data", "images"),
        ("explain", "--layers", "1.jpg"),
        ("models", "convert", "MobileNetV2"),
        ("run", "--source", "demo", "--no-window", "--no-log"),
    ],
    ids=lambda command: command[0],
)
def test_what_needs_tensorflow_says_so_in_one_sentence(
    python: Run, tmp_path: Path, portraits: dict[str, Path], command: tuple[str, ...]
) -> None:
    (tmp_path / "1.jpg").write_bytes(portraits["eileen_collins"].read_bytes())
    for label in ("a", "b"):
        (tmp_path / "images" / label).mkdir(parents=True)
        for number in range(10):
            (tmp_path / "images" / label / f"{number}.jpg").write_bytes(portraits["cat"].read_bytes())
    detector = {"FACECAM_DETECT_DETECTOR": "package"} if command[0] == "run" else {}

    done = python("-m", "facecam", *command, **detector)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"facecam: {SENTENCE}"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["embedding.nn4_small2", "expression.network", "objects.imagenet"])
def test_create_model_says_so_too(python: Run, module: str) -> None:
    done = python("-c", f"from facecam.{module} import create_model; create_model()")

    assert done.stderr.splitlines()[-1] == f"facecam.errors.ModelError: {SENTENCE}"
