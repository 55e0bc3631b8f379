"""`facecam models`: list and verify, as a table and as JSON."""

from __future__ import annotations

import json
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecam.evaluation.network_calibration import checked_network
from facecam.networks import manifest
from facecam.networks.convert import load_embedding_file
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.networks.keras_imagenet import load_keras
from facecam.networks.litert import open_network
from facecam.networks.user_embeddings import read_description

from .conftest import Command


def test_the_list_shows_every_model_with_its_license(facecam: Command) -> None:
    result = facecam("models", "list")

    assert result.returncode == 0
    for model in manifest.entries():
        assert model.name in result.stdout
        assert model.license in result.stdout
    for network in manifest.compiled_entries():
        assert network.name in result.stdout
        assert network.converter in result.stdout


def test_the_list_as_json_on_stdout_is_only_json(facecam: Command) -> None:
    result = facecam("models", "list", "--json", "-")

    listed = {model["name"]: model for model in json.loads(result.stdout) if "role" in model}
    assert listed[DEFAULT_NETWORK]["embedding"]["threshold_l2"] == embedding_network(DEFAULT_NETWORK).threshold_l2
    assert listed["mtcnn"]["embedding"] is None


def test_verify_finds_no_fault_in_the_shipped_models(facecam: Command, tmp_path: Path) -> None:
    result = facecam("models", "verify", "--json", str(tmp_path / "verdict.json"))

    assert result.returncode == 0
    assert all(model["ok"] for model in json.loads((tmp_path / "verdict.json").read_text(encoding="utf-8")))


def test_verify_exits_with_3_and_names_the_damaged_file(facecam: Command, tmp_path: Path) -> None:
    shutil.copy(manifest.models_dir() / manifest.MANIFEST, tmp_path)
    shutil.copy(manifest.models_dir() / "mtcnn.safetensors", tmp_path)
    (tmp_path / "imagenet_classes.tsv").write_text("0\tn0\tnothing\n", encoding="utf-8")

    result = facecam("models", "verify", str(tmp_path), "--json", "-")

    verdicts = {model["file"]: model for model in json.loads(result.stdout)}
    assert result.returncode == 3
    assert verdicts["mtcnn.safetensors"]["ok"]
    assert "damaged" in verdicts["imagenet_classes.tsv"]["message"]
    assert "missing" in verdicts["expression_facecam_v1.safetensors"]["message"]
    assert "missing" in verdicts["pnet.litert"]["message"]


def test_files_of_the_source_tree_are_not_missing_in_an_installation(facecam: Command, tmp_path: Path) -> None:
    left_out = shutil.ignore_patterns("nn4_small2_openface_v1.*")
    installed = shutil.copytree(manifest.models_dir(), tmp_path / "_models", ignore=left_out)

    result = facecam("models", "verify", str(installed))

    assert result.returncode == 0
    assert result.stdout.count("in the source tree only") == 2


@pytest.mark.parametrize("name", ["mtcnn", "nowhere", "nowhere.keras"])
def test_what_is_no_network_of_the_user_cannot_be_converted(facecam: Command, name: str) -> None:
    done = facecam("models", "convert", name)

    assert done.returncode == 1
    assert done.stderr.startswith("facecam: ")
    assert name in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedding network in a .keras file: 32 px to 24 numbers, some of them negative."""
    return save_keras(tmp_path_factory.mktemp("keras") / "tiny.keras", lambda keras, x: keras.layers.Dense(24)(pooled(keras, x)))


def pooled(keras: Any, image: Any) -> Any:
    return keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3, strides=2, activation="relu")(image))


def save_keras(path: Path, graph: Callable[[Any, Any], Any], shape: tuple[int | None, ...] = (32, 32, 3)) -> Path:
    """Save the graph that `graph(keras, image)` returns."""
    load_keras()
    import keras

    keras.utils.set_random_seed(1)
    inputs = keras.Input(shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras's own, about NumPy and Python lambdas
        keras.Model(inputs, graph(keras, inputs)).save(path)
    return path


def test_a_keras_file_that_embeds_faces_is_converted_and_described(facecam: Command, keras_file: Path, tmp_path: Path) -> None:
    shutil.copy(keras_file, tmp_path)

    done = facecam("models", "convert", "tiny.keras", "--embedding", "--scaling", "mobilenet")

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["tiny.tflite", "tiny.toml"]
    assert "correct it. Then run facecam calibrate --people DIR --network tiny.tflite" in done.stderr
    description = read_description(tmp_path / "tiny.tflite")
    assert (description.size_px, description.scaling, description.length) == (32, "mobilenet", 24)
    network = checked_network(tmp_path / "tiny.tflite")
    image = np.random.default_rng(2).random((1, 32, 32, 3), np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = np.asarray(load_embedding_file(str(keras_file))(image))
    assert network.length == 24
    assert expected.min() < 0  # no softmax
    assert open_network(str(tmp_path / "tiny.tflite"), threads=1)(image) == pytest.approx(expected, abs=1e-5)


def test_a_description_that_exists_stays_and_a_network_is_replaced_only_on_request(
    facecam: Command, keras_file: Path, tmp_path: Path
) -> None:
    shutil.copy(keras_file, tmp_path)
    (tmp_path / "tiny.toml").write_text("size_px = 32\n", encoding="utf-8")
    (tmp_path / "tiny.tflite").write_bytes(b"an earlier one")

    refused = facecam("models", "convert", "tiny.keras", "--embedding")
    done = facecam("models", "convert", "tiny.keras", "--embedding", "--overwrite")

    assert refused.returncode == 2
    assert "tiny.tflite exists; name another file, or add --overwrite to replace it" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert "it was there already and stays" in done.stderr
    assert (tmp_path / "tiny.toml").read_text(encoding="utf-8") == "size_px = 32\n"


def test_a_compiled_embedding_network_only_gets_its_description(facecam: Command, tmp_path: Path) -> None:
    content = (manifest.models_dir() / "face_reidentification_retail_0095.litert").read_bytes()
    (tmp_path / "mine.tflite").write_bytes(content)

    done = facecam("models", "convert", "mine.tflite", "--embedding")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine.tflite").read_bytes() == content
    description = read_description(tmp_path / "mine.tflite")
    assert (description.size_px, description.length) == (128, 256)
    assert description.landmarks_xy is None


@pytest.mark.parametrize(
    ("graph", "shape", "message"),
    [
        (
            lambda keras, x: keras.layers.Lambda(lambda y: y * 2)(pooled(keras, x)),
            (32, 32, 3),
            "cannot be loaded as a Keras network",
        ),
        (
            lambda keras, x: keras.layers.Conv2D(8, 3)(x),
            (32, 32, 3),
            r"returns \(None, 30, 30, 8\); facecam needs one row of numbers",
        ),
        (pooled, (32, 32, 1), "takes images with 1 channel; facecam needs 3"),
        (pooled, (None, None, 3), r"takes \(None, None, None, 3\); facecam needs one input of square images"),
    ],
)
def test_a_keras_file_that_cannot_embed_faces_is_one_sentence(
    facecam: Command, tmp_path: Path, graph: Any, shape: tuple[int | None, ...], message: str
) -> None:
    save_keras(tmp_path / "mine.keras", graph, shape)

    done = facecam("models", "convert", "mine.keras", "--embedding")

    assert done.returncode == 1
    assert re.match(rf"facecam: mine\.keras {message}", done.stderr)
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.keras"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["mine.onnx", "--embedding"], 1, "mine.onnx cannot be converted to an embedding network; name a .keras or .tflite file"),
        (["mine.tflite"], 1, "mine.tflite is a compiled network: add --embedding to use it for faces"),
        (["mine.keras", "--embedding", "--labels", "l.txt"], 2, "an embedding network has no labels"),
        (["mine.keras", "--embedding", "--scaling", "half"], 2, "half is not one of unit, none"),
        (["mine.keras", "-o", "other.tflite"], 2, "only a .keras file with --embedding is written to a file of your choice"),
        (["mine.keras", "--embedding", "-o", "other.onnx"], 2, "end its name in .tflite"),
    ],
)
def test_options_that_do_not_fit_are_refused(facecam: Command, arguments: list[str], code: int, message: str) -> None:
    done = facecam("models", "convert", *arguments)

    assert done.returncode == code
    assert message in done.stderr
