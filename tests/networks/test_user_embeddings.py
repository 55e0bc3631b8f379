"""Embedding networks of the user: description, checks, and a calibration that holds for one file with one description."""

from __future__ import annotations

import dataclasses
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecam.embedding.embedder import Embedder
from facecam.errors import ImageError, ModelError
from facecam.evaluation.distance_table import PhotoSet, table_arrays
from facecam.evaluation.network_calibration import checked_network
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network, scaled_distances, uncalibrated_network
from facecam.networks.keras_imagenet import load_keras, silence_stderr
from facecam.networks.litert import verify_networks
from facecam.networks.manifest import models_dir
from facecam.networks.user_embeddings import (
    StoredCalibration,
    calibration_path,
    description_path,
    input_sha256,
    read_calibration,
    read_description,
    write_calibration,
)
from facecam.networks.user_networks import embedding_file_sha256, role_of, weights_sha256
from facecam.recognition.open_set import load_distance_table
from facecam.settings import IdentifySettings

DESCRIPTION = 'size_px = 128\nchannels = "bgr"\nscaling = "none"\n'


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A file of the user with its description: the shipped high-accuracy network."""
    path = tmp_path / "mine.tflite"
    shutil.copy(models_dir() / "face_reidentification_retail_0095.litert", path)
    description_path(path).write_text(DESCRIPTION, encoding="utf-8")
    return path


def calibrate(network: Path, seed: int = 0) -> None:
    """Store a calibration from random embeddings of twenty people with two photos each."""
    rows = np.random.default_rng(seed).normal(size=(40, 256)).astype(np.float32)
    photos = PhotoSet(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.arange(40) // 2)
    hashes = embedding_file_sha256(network), input_sha256(read_description(network))
    write_calibration(network, StoredCalibration(*hashes, 256, scaled_distances(0.9), 20, 40, table_arrays(photos)))


def test_a_calibrated_network_is_used_by_its_path(network: Path) -> None:
    calibrate(network)

    found = embedding_network(str(network))

    assert (found.label, found.channels, found.scaling, found.length) == ("mine", "bgr", "none", 256)
    assert found.threshold_l2 == pytest.approx(0.9 * embedding_network(DEFAULT_NETWORK).threshold_l2)
    assert len(load_distance_table(str(network)).genuine_l2) == 1
    assert role_of(str(network)) == "embedding"
    assert weights_sha256(str(network)) == embedding_file_sha256(network)
    verify_networks([str(network)])


def test_landmarks_are_those_of_the_default_network_unless_described(network: Path) -> None:
    default = embedding_network(DEFAULT_NETWORK).alignment
    scaled = uncalibrated_network(network, 256).alignment
    points = [[40, 59], [87, 59], [64, 82], [45, 106], [84, 106]]
    description_path(network).write_text(f"{DESCRIPTION}landmarks_xy = {points}\n", encoding="utf-8")

    assert scaled.size_px == 128
    assert scaled.template_xy == pytest.approx(default.template_xy * 128 / 96, abs=0.01)
    assert uncalibrated_network(network, 256).alignment.template_xy.tolist() == points


def test_a_network_without_description_names_the_command_that_writes_one(network: Path) -> None:
    description_path(network).unlink()

    message = (
        f"{network} needs a description of its input, mine.toml: create it with `facecam models convert {network} --embedding`"
    )
    with pytest.raises(ModelError, match=re.escape(message)):
        embedding_network(str(network))


def test_a_network_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the network .*nowhere\.tflite does not exist"):
        embedding_network(str(tmp_path / "nowhere.tflite"))


def test_a_keras_file_names_the_command_that_converts_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"run `facecam models convert .*mine\.keras --embedding`"):
        embedding_network(str(tmp_path / "mine.keras"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("size_px = 128\n", "", "mine.toml does not say size_px of the network's input"),
        ("size_px", "sise_px", "mine.toml does not say size_px"),
        ("size_px = 128", "size_px = 128\nmean = 3", "mine.toml has mean, which is unknown; expected size_px, channels"),
        ("128", '"128"', "mine.toml: size_px is '128', expected a whole number"),
        ("128", "true", "mine.toml: size_px is True, expected a whole number"),
        ("128", "112", r"mine.tflite takes images of 128 x 128, .*mine.toml says 112 x 112"),
        ('"bgr"', '"grb"', r"mine.toml cannot be used: .*'grb'.*expected one of rgb, bgr"),
        ('"none"', '"half"', r"mine.toml cannot be used: .*'half'.*unit, none"),
        ("size_px = 128", "size_px = 128\nlength = 128", r"mine.tflite returns 256 numbers, .*mine.toml says 128"),
        ("size_px = 128", "size_px = 128\nlandmarks_xy = [1, 2]", "landmarks_xy is .1, 2., expected five pairs of numbers"),
        ("size_px = 128", "size_px = 128\nlandmarks_xy = [[1, 2]]", "mine.toml cannot be used: .*5 landmarks"),
        ("size_px = 128", "size_px 128", "mine.toml cannot be read as TOML"),
    ],
)
def test_a_wrong_description_is_one_sentence(network: Path, old: str, new: str, message: str) -> None:
    description_path(network).write_text(DESCRIPTION.replace(old, new), encoding="utf-8")

    with pytest.raises(ModelError, match=message) as raised:
        checked_network(network)
    assert "\n" not in str(raised.value)


def test_an_uncalibrated_network_says_to_calibrate(network: Path) -> None:
    message = f"{network} is not calibrated yet: run `facecam calibrate --people DIR --network {network}`"
    for use in (lambda: embedding_network(str(network)), lambda: verify_networks([str(network)])):
        with pytest.raises(ModelError, match=re.escape(message)):
            use()


def damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"\0")


def describe_otherwise(path: Path) -> None:
    description_path(path).write_text(DESCRIPTION.replace("bgr", "rgb"), encoding="utf-8")


def truncate_calibration(path: Path) -> None:
    stored = calibration_path(path)
    stored.write_bytes(stored.read_bytes()[:300])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (damage, r"mine\.tflite has changed since it was calibrated"),
        (describe_otherwise, r"mine\.toml has changed since it was calibrated"),
        (truncate_calibration, r"mine\.calibration\.safetensors is not used: it has changed"),
    ],
)
def test_a_calibration_holds_for_one_file_with_one_description(
    network: Path, change: Callable[[Path], None], message: str
) -> None:
    calibrate(network)
    change(network)

    with pytest.raises(ModelError, match=rf"{message}.*run `facecam calibrate --people DIR --network .* --overwrite`"):
        embedding_network(str(network))


def test_a_label_may_change_but_another_input_gives_other_embeddings(network: Path) -> None:
    calibrate(network)
    first = embedding_network(str(network))
    description_path(network).write_text(DESCRIPTION + 'label = "best"\n', encoding="utf-8")
    renamed = embedding_network(str(network))
    describe_otherwise(network)
    calibrate(network)

    assert (renamed.label, renamed.sha256) == ("best", first.sha256)
    assert embedding_network(str(network)).sha256 != first.sha256


def test_a_file_that_is_not_a_network_is_one_sentence(network: Path) -> None:
    network.write_bytes(b"an image, or anything else" * 20)

    with pytest.raises(ModelError, match=r"mine\.tflite is not a network in the format of LiteRT"):
        checked_network(network)


@pytest.fixture(scope="module")
def compile_network() -> Callable[[Path, Callable[[Any], Any]], None]:
    """Compile a Keras graph of one 32 px image to a file with its description, as another program would: for one row only."""
    load_keras()
    import keras
    import tensorflow as tf

    def compiled(path: Path, graph: Callable[[Any], Any], shapes: tuple[tuple[int, ...], ...] = ((32, 32, 3),)) -> None:
        inputs = [keras.Input(shape, batch_size=1) for shape in shapes]
        with warnings.catch_warnings(), silence_stderr():
            warnings.simplefilter("ignore")
            model = keras.Model(inputs, graph(inputs if len(inputs) > 1 else inputs[0]))
            path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
        description_path(path).write_text(DESCRIPTION.replace("128", "32"), encoding="utf-8")

    return compiled


def rows(image: Any) -> Any:
    """Return a Keras graph that embeds an image in 48 numbers: the means of its 8 px squares."""
    import keras

    return keras.layers.Flatten()(keras.layers.AveragePooling2D(8)(image))


def graph_of_two(images: Any) -> Any:
    return rows(images[0]) + rows(images[1])


def several(image: Any) -> Any:
    return [rows(image), rows(image) * 2]


@pytest.mark.parametrize(
    ("graph", "shapes", "message"),
    [
        (
            graph_of_two,
            ((32, 32, 3), (32, 32, 3)),
            r"takes float32 1 x 32 x 32 x 3 and float32 1 x 32 x 32 x 3; facecam needs one",
        ),
        (rows, ((32, 40, 3),), r"takes float32 1 x 32 x 40 x 3; facecam needs one input of float32 1 x size x size x 3"),
        (rows, ((32, 32, 1),), r"takes float32 1 x 32 x 32 x 1; facecam needs"),
        (several, ((32, 32, 3),), r"returns float32 1 x 48 and float32 1 x 48; facecam needs one output"),
        (lambda image: image * 2, ((32, 32, 3),), r"returns float32 1 x 32 x 32 x 3; facecam needs one output"),
        (lambda image: rows(image)[:, :3], ((32, 32, 3),), r"returns float32 1 x 3; .* from 8 to 4096"),
        (lambda image: rows(image) * 0, ((32, 32, 3),), "returns no embedding but zeros, NaN"),
        (lambda image: (rows(image) - 1000) ** 0.5, ((32, 32, 3),), "returns no embedding but zeros, NaN"),
        (lambda image: rows(image) * 0 + 1, ((32, 32, 3),), "returns the same numbers for different images"),
    ],
)
def test_a_network_that_does_not_embed_one_image_is_one_sentence(
    tmp_path: Path, compile_network: Callable[..., None], graph: Callable[[Any], Any], shapes: Any, message: str
) -> None:
    compile_network(tmp_path / "mine.tflite", graph, shapes)

    with pytest.raises(ModelError, match=f"mine.tflite {message}") as raised:
        checked_network(tmp_path / "mine.tflite")
    assert "\n" not in str(raised.value)


def test_a_face_that_gives_zeros_is_an_error_and_not_a_match(tmp_path: Path, compile_network: Callable[..., None]) -> None:
    path = tmp_path / "mine.tflite"
    compile_network(path, rows)
    embedder = Embedder(IdentifySettings(network=str(path)), checked_network(path))

    with pytest.raises(ImageError, match=r"mine\.tflite returned zeros or NaN for a face"):
        embedder.embed([np.zeros((32, 32, 3), np.uint8)])


def test_a_network_for_one_row_embeds_several_faces(tmp_path: Path, compile_network: Callable[..., None]) -> None:
    path = tmp_path / "mine.tflite"
    compile_network(path, rows)
    crops = list(np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3), np.uint8))

    embedder = Embedder(IdentifySettings(network=str(path), mirrored=False), checked_network(path))

    assert embedder.network.length == 48
    for crop, embedding in zip(crops, embedder.embed(crops), strict=True):
        means = crop[..., ::-1].reshape(4, 8, 4, 8, 3).mean(axis=(1, 3), dtype=np.float32).reshape(-1)
        assert embedding == pytest.approx(means / np.linalg.norm(means), abs=1e-5)


def test_a_new_calibration_takes_effect_in_a_running_program(network: Path) -> None:
    calibrate(network)
    before = load_distance_table(str(network))

    calibrate(network, seed=1)

    assert not np.array_equal(load_distance_table(str(network)).impostor_l2, before.impostor_l2)


@pytest.mark.parametrize(("name", "value"), [("distances_l2", []), ("length", "256")])
def test_a_calibration_with_values_of_another_type_is_replaced_on_advice(network: Path, name: str, value: Any) -> None:
    calibrate(network)
    write_calibration(network, dataclasses.replace(read_calibration(network), **{name: value}))

    with pytest.raises(ModelError, match=r"mine\.calibration\.safetensors cannot be read .*run `facecam calibrate --people DIR"):
        embedding_network(str(network))
