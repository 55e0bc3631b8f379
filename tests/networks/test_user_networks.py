"""Networks of the user: opened only when they are converted from the present weights."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.errors import ModelError
from facecam.networks.convert import convert_user_network
from facecam.networks.keras_imagenet import keras_networks, load_keras
from facecam.networks.litert import open_network, verify_networks
from facecam.networks.user_networks import (
    LITERT_FILE,
    RECORD_FILE,
    accept_network,
    read_trained,
    weights_sha256,
    write_converted,
)
from facecam.objects.classifier import TrainedClassifier
from facecam.objects.pipeline import object_network
from facecam.settings import ObjectSettings
from tests.cli.conftest import run_in

NAME = "MobileNet"
CONTENT = b"a compiled network"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty data folder and an empty cache of Keras."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path


@pytest.fixture
def converted(home: Path) -> Path:
    """Store a conversion of MobileNet, whose weights are not on this machine, and return its folder."""
    return write_converted(NAME, CONTENT, "0" * 64, "tensorflow 2.21.0").parent


def test_a_network_that_is_not_converted_names_the_command() -> None:
    message = "MobileNetV2 has not been converted yet: run `facecam models convert MobileNetV2` first"

    with pytest.raises(ModelError, match=re.escape(message)):
        open_network("MobileNetV2", threads=1)


def test_a_conversion_lies_in_the_data_folder_with_its_hashes(home: Path, converted: Path) -> None:
    record = json.loads((converted / RECORD_FILE).read_text(encoding="utf-8"))

    assert converted == home / "data" / "facecam" / "networks" / NAME
    assert (converted / LITERT_FILE).read_bytes() == CONTENT
    assert record["weights_sha256"] == weights_sha256(NAME) == "0" * 64
    verify_networks([NAME])


def damage(folder: Path) -> None:
    (folder / LITERT_FILE).write_bytes(CONTENT[::-1])


def garble_record(folder: Path) -> None:
    (folder / RECORD_FILE).write_text("{", encoding="utf-8")


def change_weights(folder: Path) -> None:
    weights = keras_networks()[NAME].file
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"other weights")


@pytest.mark.parametrize(
    ("change", "message"),
    [(damage, "is damaged"), (garble_record, "has changed"), (change_weights, "have changed since it was converted")],
)
def test_a_stale_or_damaged_conversion_says_to_convert_again(
    converted: Path, change: Callable[[Path], None], message: str
) -> None:
    change(converted)

    with pytest.raises(ModelError, match=rf"{message}.*run `facecam models (convert {NAME}` again|accept {NAME}`, otherwise)"):
        verify_networks([NAME])


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A .keras file that tells the primary colors apart, with logits as outputs."""
    load_keras()
    import keras

    inputs = keras.Input((8, 8, 3))
    dense = keras.layers.Dense(3, name="logits")
    model = keras.Model(inputs, dense(keras.layers.GlobalAveragePooling2D()(inputs)))
    dense.set_weights([9 * np.eye(3, dtype=np.float32), np.zeros(3, np.float32)])
    path = tmp_path_factory.mktemp("keras") / "colors.keras"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's own, about NumPy
        model.save(path)
    return path


def test_a_keras_file_is_converted_and_classifies_by_its_name(home: Path, keras_file: Path) -> None:
    (home / "labels.txt").write_text("red\ngreen\nblue\n", encoding="utf-8")

    done = run_in(home, "models", "convert", keras_file, "--labels", "labels.txt")

    assert done.returncode == 0, done.stderr
    folder = home / "data" / "facecam" / "networks" / "colors"
    assert done.stdout.strip() == str(folder / LITERT_FILE)
    assert object_network(ObjectSettings(network="colors")) == str(folder)
    green = np.zeros((40, 40, 3), np.uint8)
    green[:, :, 1] = 255
    assert TrainedClassifier(folder, threads=1).classify(cv2.blur(green, (3, 3)))[0].name == "green"


def test_a_keras_file_needs_a_label_for_each_output(keras_file: Path) -> None:
    with pytest.raises(ModelError, match=r"has 3 outputs and got 2 different labels; .*--labels"):
        convert_user_network(str(keras_file), labels=["red", "green"])


def test_a_file_that_keras_cannot_load_is_an_error(home: Path) -> None:
    (home / "broken.keras").write_bytes(b"no network")

    with pytest.raises(ModelError, match=r"broken\.keras cannot be loaded as a Keras network"):
        convert_user_network(str(home / "broken.keras"), labels=["a", "b"])


def test_retraining_makes_the_conversion_stale(home: Path, keras_file: Path) -> None:
    folder = convert_user_network(str(keras_file), labels=["red", "green", "blue"]).parent
    trained = read_trained(folder)
    record = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
    (folder / RECORD_FILE).write_text(json.dumps(record | {"weights_sha256": "0" * 64}), encoding="utf-8")
    accept_network(str(folder))

    with pytest.raises(ModelError, match=rf"have changed since it was converted: run `facecam models convert {folder}` again"):
        open_network(str(folder), threads=1)

    assert convert_user_network(str(folder)).parent == folder
    assert weights_sha256(str(folder)) == trained.sha256
    verify_networks([str(folder)])
