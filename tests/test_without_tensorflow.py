"""facecam without TensorFlow: only training, conversion and layers need it, and they say so in one sentence."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
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

COMMANDS = """
import json, sys
from pathlib import Path
from tests.cli.conftest import run_in

done, log = {}, ""
for name, (arguments, variables) in json.loads(sys.argv[1]).items():
    result = run_in(Path.cwd(), *(log if argument == "LOG" else argument for argument in arguments), **variables)
    done[name] = result.returncode, result.stdout, result.stderr
    log = (result.stdout.splitlines() or [""])[-1]
print(json.dumps(done))
"""
CREATE_MODELS = """
import importlib
for name in ("tensorflow", "keras", "embedding.nn4_small2", "expression.network", "objects.imagenet"):
    try:
        importlib.import_module(f"facecam.{name}" if "." in name else name).create_model()
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
"""

Done = dict[str, tuple[int, str, str]]
"""Exit code, stdout and stderr of each command."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Path:
    """A home folder with a gallery, an image, and images to train on. Python cannot import TensorFlow and Keras there."""
    home = tmp_path_factory.mktemp("home")
    (home / "blocking").mkdir()
    (home / "blocking" / "sitecustomize.py").write_text(BLOCKING, encoding="utf-8")
    (home / "gallery" / "Eileen Collins").mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], home / "gallery" / "Eileen Collins")
    shutil.copy(portraits["eileen_collins"], home / "1.jpg")
    for label in ("a", "b"):
        (home / "images" / label).mkdir(parents=True)
        for number in range(10):
            shutil.copy(portraits["cat"], home / "images" / label / f"{number}.jpg")
    return home


def run_python(home: Path, *arguments: str, **variables: str) -> str:
    """Run `python ARGS` in the home folder and return its output, after checking that it succeeded."""
    environment = environment_in(home) | {"PYTHONPATH": os.pathsep.join([str(home / "blocking"), str(ROOT)])} | variables
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def done(home: Path) -> Done:
    """Run all commands that need no window in one process."""
    run = ("run", "--source", "demo", "--no-window")
    commands: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
        "demo": (("demo", "--no-window"), {}),
        "enroll": (("enroll", "Eileen Collins", "1.jpg", "--gallery", "people"), {}),
        "identify": (("identify", "1.jpg", "--gallery", "people"), {}),
        "doctor": (("gallery", "doctor", "--gallery", "people"), {}),
        "run": ((*run, "--to", "3", "--gallery", "gallery", "--log", "logs"), {}),
        "report": (("report", "LOG", "-o", "report.html"), {}),
        "objects": ((*run, "--mode", "objects", "--to", "2", "--log", "logs"), {}),
        "train": (("train", "--recipe", "neuron", "--data", "images"), {}),
        "explain": (("explain", "--layers", "1.jpg"), {}),
        "convert": (("models", "convert", "MobileNetV2"), {}),
        "package": ((*run, "--no-log"), {"FACECAM_DETECT_DETECTOR": "package"}),
    }
    found: Done = json.loads(run_python(home, "-c", COMMANDS, json.dumps(commands)).splitlines()[-1])
    return found


def output_of(done: Done, name: str) -> str:
    """Return the stdout of a command, after checking that it succeeded."""
    code, output, errors = done[name]
    assert code == 0, errors
    return output


def test_the_imports_are_blocked_and_create_model_says_so(home: Path) -> None:
    blocked = [f"ImportError: {name} is blocked" for name in ("tensorflow", "keras")]

    assert run_python(home, "-c", CREATE_MODELS).splitlines() == [*blocked, *[f"ModelError: {SENTENCE}"] * 3]


def test_the_demo_recognizes_faces_and_objects(done: Done) -> None:
    output = output_of(done, "demo")

    assert "Eileen Collins" in output
    assert "coffee.jpg espresso" in output


def test_photos_are_enrolled_identified_and_checked(done: Done) -> None:
    output_of(done, "enroll")

    assert "Eileen Collins" in output_of(done, "identify")
    output_of(done, "doctor")


def test_a_run_is_reported(done: Done, home: Path) -> None:
    output_of(done, "run")
    output_of(done, "report")

    assert "Eileen Collins" in (home / "report.html").read_text(encoding="utf-8")


def test_objects_are_recognized(done: Done) -> None:
    assert output_of(done, "objects").splitlines()[-1].endswith(".csv")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a virtual display")
def test_the_window_opens_and_recognizes(home: Path, display: str) -> None:
    run = ("run", "--source", "demo", "--to", "2", "--gallery", "gallery", "--log", "logs", "--quit-at-end")
    output = run_python(home, "-m", "facecam", *run, DISPLAY=display)

    assert output.splitlines()[-1].endswith(".csv")


@pytest.mark.parametrize("name", ["train", "explain", "convert", "package"])
def test_what_needs_tensorflow_says_so_in_one_sentence(done: Done, name: str) -> None:
    code, _, errors = done[name]

    assert code == 1
    assert errors.splitlines()[-1] == f"facecam: {SENTENCE}"
    assert "Traceback" not in errors
