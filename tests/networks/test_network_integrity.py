"""Networks and taught objects of the user: what another program or user has put in their place is found and never used."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import ModelError, TeachingError
from facecam.networks.convert import convert_user_network
from facecam.networks.keras_imagenet import load_keras
from facecam.networks.litert import open_network
from facecam.networks.names_heads import ForgottenHead, forget_name, names_heads
from facecam.networks.user_embeddings import accept_calibration, calibration_path, read_calibration, write_calibration
from facecam.networks.user_networks import (
    LITERT_FILE,
    NETWORK_FILE,
    RECORD_FILE,
    ConversionRecord,
    InputForm,
    TrainedNetwork,
    accept_network,
    converted_content,
    networks_dir,
    read_trained,
    trained_arrays,
    write_trained,
)
from facecam.objects.taught import INDEX, base_sha256, read_taught, unit_rows
from facecam.training.object_teaching import erase_label, forget, teach
from tests.cli.conftest import Command, facecam  # noqa: F401 - a fixture
from tests.own_network import copy_as_own
from tests.training.conftest import cluster

BATCH = np.random.default_rng(3).random((1, 8, 8, 3), np.float32)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path


@pytest.fixture(scope="module")
def keras_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A network that tells colors apart, and one that mistakes red for green."""
    load_keras()
    import keras

    folder = tmp_path_factory.mktemp("keras")
    for name, order in (("colors", [0, 1, 2]), ("planted", [1, 0, 2])):
        inputs = keras.Input((8, 8, 3))
        dense = keras.layers.Dense(3, name="logits")
        model = keras.Model(inputs, dense(keras.layers.GlobalAveragePooling2D()(inputs)))
        dense.set_weights([9 * np.eye(3, dtype=np.float32)[order], np.zeros(3, np.float32)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras's own, about NumPy
            model.save(folder / f"{name}.keras")
    return folder / "colors.keras", folder / "planted.keras"


@pytest.fixture
def networks(keras_files: tuple[Path, Path], home: Path) -> tuple[Path, Path]:
    """Folders of the user's network, and of one that another program wants to have in its place."""
    mine, planted = (convert_user_network(str(file), labels=["red", "green", "blue"]).parent for file in keras_files)
    return mine, planted.rename(home / "planted")


def output(folder: Path) -> np.ndarray:
    return open_network(str(folder), threads=1)(BATCH)


def plant_compiled(mine: Path, planted: Path) -> None:
    """Replace the compiled network, and the hash in its record."""
    content = (planted / LITERT_FILE).read_bytes()
    (mine / LITERT_FILE).write_bytes(content)
    weights = json.loads((mine / RECORD_FILE).read_text())["weights_sha256"]
    record = ConversionRecord(hashlib.sha256(content).hexdigest(), weights, "tensorflow 2.21.0")
    (mine / RECORD_FILE).write_text(json.dumps(asdict(record)))


def change_a_byte(mine: Path, planted: Path) -> None:
    content = bytearray((mine / LITERT_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (mine / LITERT_FILE).write_bytes(content)


def delete(mine: Path, planted: Path) -> None:
    (mine / LITERT_FILE).unlink()


@pytest.mark.parametrize("change", [plant_compiled, change_a_byte, delete])
def test_a_changed_compiled_network_is_converted_again_from_its_source(
    networks: tuple[Path, Path], change: Callable[[Path, Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    mine, planted = networks
    expected = output(mine)
    change(mine, planted)

    found = output(mine)

    assert np.allclose(found, expected)
    assert len(converted_content(str(mine))) > 100
    assert "was converted again from its source" in caplog.text


def test_a_planted_network_with_its_weights_is_refused_until_the_user_accepts_it(
    facecam: Command,  # noqa: F811
    networks: tuple[Path, Path],
) -> None:
    mine, planted = networks
    expected = output(mine)
    for path in mine.iterdir():
        path.unlink()
    for path in planted.iterdir():
        shutil.copy(path, mine)

    with pytest.raises(ModelError, match=rf"{NETWORK_FILE} is not used: it has changed.*`facecam models accept {mine}`"):
        read_trained(mine)
    with pytest.raises(ModelError, match=r"is not used: it has changed"):
        output(mine)

    accepted = facecam("models", "accept", mine)
    assert accepted.returncode == 0, accepted.stderr
    assert accepted.stdout == f"{mine / NETWORK_FILE}\n{mine / RECORD_FILE}\n"
    assert not np.allclose(output(mine), expected)


def test_weights_that_do_not_match_are_not_accepted(networks: tuple[Path, Path]) -> None:
    mine, _ = networks
    (mine / read_trained(mine).weights).write_bytes(b"other weights")

    with pytest.raises(ModelError, match="are damaged"):
        accept_network(str(mine))


def test_a_planted_calibration_is_refused_until_the_user_accepts_it(home: Path) -> None:
    network = copy_as_own("face_reidentification_retail_0095", home / "mine.tflite")
    other = copy_as_own("face_reidentification_retail_0095", home / "other.tflite")
    assert embedding(network)
    calibrated = read_calibration(other)
    write_calibration(other, replace(calibrated, distances_l2=dict.fromkeys(calibrated.distances_l2, 1.9)))
    shutil.copy(calibration_path(other), calibration_path(network))

    with pytest.raises(ModelError, match=r"mine\.calibration\.safetensors is not used: it has changed"):
        embedding(network)

    accept_calibration(network)
    assert embedding(network)


def embedding(network: Path) -> bool:
    from facecam.networks.embedding_networks import embedding_network

    return embedding_network(str(network)).name == str(network)


OPENED = """
import sys
from collections import Counter
opened = Counter()
sys.addaudithook(lambda event, arguments: opened.update([str(arguments[0])]) if event == "open" else None)
from facecam.networks.litert import open_network
from facecam.networks.manifest import load_arrays
open_network("rnet", 1)
load_arrays("mtcnn")
print([count for path, count in opened.items() if path.endswith(("rnet.litert", "mtcnn.safetensors"))])
"""


def test_the_bytes_of_a_shipped_network_that_were_verified_are_the_ones_that_run() -> None:
    done = subprocess.run([sys.executable, "-c", OPENED], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[1, 1]"


@pytest.fixture
def taught(home: Path) -> Path:
    folder = home / "objects"
    for name, axis in (("mug", 1), ("torch", 2)):
        teach(folder, cluster(name, axis), lambda: cluster("background", 9))
    return folder


def test_planted_taught_objects_are_refused_until_the_user_accepts_them(
    facecam: Command,  # noqa: F811
    taught: Path,
    portraits: dict[str, Path],
) -> None:
    index = json.loads((taught / INDEX).read_text())
    index["labels"][1]["name"], index["labels"][2]["name"] = index["labels"][2]["name"], index["labels"][1]["name"]
    (taught / INDEX).write_text(json.dumps(index))

    def classify() -> object:
        return facecam("classify", portraits["eileen_collins"], FACECAM_OBJECTS=str(taught))

    refused = classify()
    assert refused.returncode == 1
    assert "taught.json is not used: it has changed" in refused.stderr
    assert f"run `facecam models accept {taught}`" in refused.stderr
    with pytest.raises(TeachingError, match="is not used"):
        teach(taught, cluster("lamp", 3), lambda: cluster("background", 9))

    assert facecam("models", "accept", taught).stdout == f"{taught / INDEX}\n"
    assert classify().returncode == 0


def test_a_changed_byte_of_the_features_is_found(taught: Path) -> None:
    path = next(taught.glob("features-*.safetensors"))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    with pytest.raises(TeachingError, match="is damaged"):
        read_taught(taught, base_sha256())


def test_an_erased_label_is_in_no_file(taught: Path) -> None:
    views = read_taught(taught, base_sha256()).labels[1].views.astype(np.float16)[0].tobytes()
    assert any(views in path.read_bytes() for path in taught.iterdir())
    forget(taught, "mug")
    (taught / ".part-0123").write_bytes(b"mug")

    assert erase_label(taught, "MUG")
    assert not erase_label(taught, "MUG")

    contents = [path.read_bytes() for path in taught.iterdir()]
    assert not any(b"mug" in content or views in content for content in contents)
    assert [label.name for label in read_taught(taught, base_sha256()).labels] == ["background", "torch"]


def head_in(folder: Path, names: tuple[str, ...], *, finetuned: bool = False) -> TrainedNetwork:
    """Write a head as `train --recipe names` does."""
    prototypes = unit_rows(np.random.default_rng(1).normal(size=(len(names), 128)).astype(np.float32))
    form = InputForm(96, 3)
    figures = {"threshold_l2": 0.7, "finetuned": finetuned, "person_ids": [f"id-{name}" for name in names]}
    network = TrainedNetwork(folder, "names", "nn4_small2_facecam_v2", form, names, "", "", figures)
    return write_trained(network, {"prototypes": prototypes})


@pytest.fixture(params=["in the data folder", "elsewhere"])
def head_folder(request: pytest.FixtureRequest, home: Path) -> Path:
    return networks_dir() / "names" if request.param == "in the data folder" else home / "my heads" / "first"


def test_a_forgotten_person_is_in_no_file_of_a_names_head(head_folder: Path) -> None:
    head = head_in(head_folder, ("Ada", "Ben", "Cleo"))
    prototypes = trained_arrays(head)["prototypes"]
    (head_folder / ".part-0123").write_bytes(prototypes[0].tobytes())
    (head_folder / "weights-0123.safetensors").write_bytes(prototypes[0].tobytes())

    assert forget_name("Ada") == [ForgottenHead(head_folder, is_deleted=False)]

    contents = [path.read_bytes() for path in head_folder.iterdir()]
    assert not any(b"Ada" in content or prototypes[0].tobytes() in content for content in contents)
    kept = read_trained(head_folder)
    assert kept.labels == ("Ben", "Cleo")
    assert np.array_equal(trained_arrays(kept)["prototypes"], prototypes[1:])
    assert forget_name("Ada") == []


def test_a_person_who_was_renamed_after_the_training_is_found_by_the_id(head_folder: Path) -> None:
    head_in(head_folder, ("Ada", "Ben", "Cleo"))

    assert forget_name("Augusta", ["id-Ada"]) == [ForgottenHead(head_folder, is_deleted=False)]

    assert not any(b"Ada" in path.read_bytes() for path in head_folder.iterdir())
    assert read_trained(head_folder).figures["person_ids"] == ["id-Ben", "id-Cleo"]


@pytest.mark.parametrize(("names", "finetuned"), [(("Ada", "Ben"), False), (("Ada", "Ben", "Cleo"), True)])
def test_a_head_that_cannot_be_kept_without_a_person_is_deleted(
    head_folder: Path, names: tuple[str, ...], finetuned: bool
) -> None:
    head_in(head_folder, names, finetuned=finetuned)

    assert forget_name("Ada") == [ForgottenHead(head_folder, is_deleted=True)]

    assert not head_folder.exists()
    assert names_heads() == []


def test_a_changed_head_is_deleted_when_it_names_a_forgotten_person(head_folder: Path) -> None:
    head_in(head_folder, ("Ada", "Ben", "Cleo"))
    path = head_folder / NETWORK_FILE
    path.write_text(path.read_text().replace("Cleo", "Dora"))

    assert forget_name("Ada") == [ForgottenHead(head_folder, is_deleted=True)]
