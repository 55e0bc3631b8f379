"""Recipes on digits: accuracy, their folder, and its network on LiteRT."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.errors import ModelError, OutputError, TeachingError
from facecam.networks.litert import open_network
from facecam.networks.user_networks import (
    LITERT_FILE,
    NETWORK_FILE,
    RECORD_FILE,
    TRAINED,
    accept_network,
    read_trained,
    store_approval,
)
from facecam.objects.classifier import TrainedClassifier, scale_pixels
from facecam.training.dataset import Dataset, load_dataset, split
from facecam.training.recipes import RECIPES, create_model, find_recipe
from facecam.training.trainer import TrainingOptions, TrainingResult, confusion_png, save_network, train

Trained = tuple[TrainingResult, Path]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    pytest.importorskip("sklearn")
    return load_dataset("digits", 64, lambda done, total: None)


@pytest.fixture(scope="module")
def neuron(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Train logistic regression on the digits for twenty epochs and save it."""
    trained = train(digits, find_recipe("neuron"), TrainingOptions(epochs=20), lambda epoch: None)
    folder = tmp_path_factory.mktemp("networks") / "digits"
    save_network(trained, digits, folder)
    return trained, folder


@pytest.fixture
def network_copy(neuron: Trained, tmp_path: Path) -> Path:
    """Copy the folder, to be damaged."""
    copy = Path(shutil.copytree(neuron[1], tmp_path / "copy"))
    accept_network(str(copy))
    return copy


def write_description(folder: Path, facts: dict[str, object]) -> None:
    """Replace network.json, as if this user's facecam had written it."""
    (folder / NETWORK_FILE).write_text(json.dumps(facts), encoding="utf-8")
    store_approval(folder / NETWORK_FILE, (folder / NETWORK_FILE).read_bytes(), TRAINED)


def test_twenty_epochs_of_logistic_regression_recognize_nine_of_ten_digits(neuron: Trained) -> None:
    assert neuron[0].test_accuracy >= 0.9


def test_a_confusion_matrix_has_labels_in_any_script() -> None:
    """Without matplotlib's warning about letters that its font lacks: here, warnings are errors."""
    assert confusion_png(np.eye(2), ["李明", "cup"], "test images").startswith(b"\x89PNG")


@pytest.mark.long
@pytest.mark.parametrize(("name", "least"), [("neuron", 0.94), ("mlp", 0.97), ("cnn", 0.98)])
def test_hidden_layers_and_convolutions_are_more_accurate(digits: Dataset, name: str, least: float) -> None:
    assert train(digits, find_recipe(name), TrainingOptions(), lambda epoch: None).test_accuracy >= least


def test_training_records_every_epoch_and_lowers_the_loss(neuron: Trained) -> None:
    history = neuron[0].history

    assert [epoch.number for epoch in history] == list(range(1, len(history) + 1))
    assert history[-1].loss < history[0].loss


def test_the_folder_describes_the_network(neuron: Trained) -> None:
    network = read_trained(neuron[1])

    assert (network.recipe, network.labels, network.form.shape) == ("neuron", tuple("0123456789"), (8, 8, 1))
    assert network.figures["test_accuracy"] == pytest.approx(neuron[0].test_accuracy, abs=1e-6)
    assert {path.name for path in neuron[1].iterdir()} >= {
        "history.png", "confusion.png", NETWORK_FILE, network.weights, LITERT_FILE, RECORD_FILE,
    }  # fmt: skip


def test_the_compiled_network_equals_the_trained_one(neuron: Trained, digits: Dataset) -> None:
    batch = np.stack([scale_pixels(image, neuron[0].form) for image in digits.images[:20]])

    network = open_network(str(neuron[1]), threads=1)
    found = network(batch)

    assert np.abs(found - np.asarray(neuron[0].model(batch))).max() < 1e-4


def test_digits_on_paper_are_recognized(neuron: Trained, digits: Dataset) -> None:
    classifier = TrainedClassifier(neuron[1], threads=1)
    rows = split(digits, TrainingOptions().seed).test[:60]

    labels_of = [classifier.classify(on_paper(digits.images[row])) for row in rows]

    right = [labels[0].name == str(digits.targets[row]) for labels, row in zip(labels_of, rows, strict=True) if labels]
    assert len(right) >= 55
    assert np.mean(right) >= 0.85


def on_paper(digit: np.ndarray) -> np.ndarray:
    """Draw the digit in dark ink on a sheet in front of a gray wall."""
    ink = cv2.resize(digit[:, :, 0], (160, 160), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    frame = np.full((480, 640), 90, np.float32)
    frame[90:390, 170:470] = 220
    frame[160:320, 240:400] -= 180 * np.clip(ink, 0, 1)
    return np.repeat(frame.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def test_blank_paper_gets_no_digit(neuron: Trained) -> None:
    assert TrainedClassifier(neuron[1], threads=1).classify(np.full((480, 640, 3), 200, np.uint8)) == ()


def test_spellings_of_one_label_in_an_older_network_share_its_probability(network_copy: Path, digits: Dataset) -> None:
    three = on_paper(digits.images[split(digits, TrainingOptions().seed).test[0]])
    before = {label.name: label.probability for label in TrainedClassifier(network_copy, threads=1).classify(three)}
    first, second = list(before)[:2]
    facts = json.loads((network_copy / NETWORK_FILE).read_text(encoding="utf-8"))
    facts["labels"] = [{first: "my mug", second: "My  Mug"}.get(label, label) for label in facts["labels"]]
    write_description(network_copy, facts)

    best = TrainedClassifier(network_copy, threads=1).classify(three)[0]

    assert best.name.casefold().split() == ["my", "mug"]
    assert best.probability == pytest.approx(before[first] + before[second], abs=1e-6)


def test_changed_weights_are_refused(network_copy: Path) -> None:
    weights = network_copy / read_trained(network_copy).weights
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")

    with pytest.raises(ModelError, match="damaged"):
        read_trained(network_copy)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format"),
        ({"labels": ["one"]}, "labels"),
        ({"weights": "../x"}, "labels"),
        ({"form": {}}, "cannot be read"),
    ],
)
def test_a_changed_description_is_refused(network_copy: Path, change: dict[str, object], message: str) -> None:
    facts = json.loads((network_copy / NETWORK_FILE).read_text(encoding="utf-8")) | change
    write_description(network_copy, facts)

    with pytest.raises(ModelError, match=message):
        read_trained(network_copy)


def test_weights_of_another_recipe_do_not_fit(network_copy: Path) -> None:
    facts = json.loads((network_copy / NETWORK_FILE).read_text(encoding="utf-8")) | {"recipe": "mlp"}
    write_description(network_copy, facts)

    with pytest.raises(ModelError, match="do not fit"):
        create_model(str(network_copy))


def test_a_folder_with_other_files_is_not_overwritten(neuron: Trained, digits: Dataset, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")

    with pytest.raises(OutputError, match="holds other files"):
        save_network(neuron[0], digits, tmp_path)


def test_an_unknown_recipe_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TeachingError, match="neuron, dense, mlp, cnn, transfer, finetune"):
        find_recipe("perceptron")
    assert list(RECIPES) == ["neuron", "dense", "mlp", "cnn", "transfer", "finetune"]


@pytest.mark.long
def test_transfer_beats_training_from_scratch_on_five_objects(test_data: Path, tmp_path: Path) -> None:
    from benchmarks.recipes import write_five_objects

    write_five_objects(test_data / "data" / "objects", tmp_path / "things", train_count=15, test_count=12)

    def no_progress(done: int, total: int) -> None:
        """Ignore the progress."""

    accuracy = {
        name: train(
            load_dataset(str(tmp_path / "things"), size, no_progress), find_recipe(name), TrainingOptions(), lambda epoch: None
        ).test_accuracy
        for name, size in (("cnn", 64), ("transfer", 224))
    }

    assert accuracy["transfer"] > accuracy["cnn"]
