"""The recipes on real digits; what they leave behind, and that it works on LiteRT."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.errors import ModelError, TeachingError
from facecam.networks.convert import open_network
from facecam.networks.trained import NETWORK_FILE, read_trained
from facecam.objects.classifier import TrainedClassifier, scaled
from facecam.training.dataset import Dataset, load, split
from facecam.training.recipes import RECIPES, create_model, find_recipe
from facecam.training.trainer import TrainingOptions, TrainingResult, save, train

Learned = tuple[TrainingResult, Path]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    pytest.importorskip("sklearn")
    return load("digits", 64, lambda done, total: None)


@pytest.fixture(scope="module")
def neuron(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """Logistic regression on the digits, and its folder."""
    trained = train(digits, find_recipe("neuron"), TrainingOptions(), lambda epoch: None)
    folder = tmp_path_factory.mktemp("networks") / "digits"
    save(trained, digits, folder)
    return trained, folder


@pytest.fixture
def copied(neuron: Learned, tmp_path: Path) -> Path:
    """A copy of that folder, to be damaged."""
    return Path(shutil.copytree(neuron[1], tmp_path / "copy"))


def test_a_neuron_tells_94_of_100_digits(neuron: Learned) -> None:
    assert neuron[0].test_accuracy >= 0.94


@pytest.mark.long
@pytest.mark.parametrize(("name", "least"), [("mlp", 0.97), ("cnn", 0.98)])
def test_hidden_layers_and_convolutions_tell_more(digits: Dataset, name: str, least: float) -> None:
    assert train(digits, find_recipe(name), TrainingOptions(), lambda epoch: None).test_accuracy >= least


def test_training_tells_of_every_epoch_and_stops_early(neuron: Learned) -> None:
    history = neuron[0].history

    assert [epoch.number for epoch in history] == list(range(1, len(history) + 1))
    assert history[-1].loss < history[0].loss


def test_the_folder_says_what_was_trained_on_what(neuron: Learned) -> None:
    network = read_trained(neuron[1])

    assert (network.recipe, network.labels, network.form.shape) == ("neuron", tuple("0123456789"), (8, 8, 1))
    assert network.figures["test_accuracy"] == pytest.approx(neuron[0].test_accuracy, abs=1e-6)
    assert {path.name for path in neuron[1].iterdir()} >= {"history.png", "confusion.png", NETWORK_FILE, network.weights}


def test_the_folder_compiled_answers_as_the_network_that_was_trained(neuron: Learned, digits: Dataset) -> None:
    batch = np.stack([scaled(picture, neuron[0].form) for picture in digits.pictures[:20]])

    with open_network(str(neuron[1]), threads=1) as network:
        found = network(batch)

    assert np.abs(found - np.asarray(neuron[0].model(batch))).max() < 1e-4


def test_digits_on_paper_are_told_by_a_network_that_never_saw_paper(neuron: Learned, digits: Dataset) -> None:
    classifier = TrainedClassifier(neuron[1], threads=1)
    rows = split(digits, TrainingOptions().seed).test[:60]

    told = [classifier.classify(on_paper(digits.pictures[row])) for row in rows]

    right = [labels[0].name == str(digits.targets[row]) for labels, row in zip(told, rows, strict=True) if labels]
    assert len(right) >= 55
    assert np.mean(right) >= 0.85


def on_paper(digit: np.ndarray) -> np.ndarray:
    """The digit as dark ink on a sheet before a gray wall."""
    ink = cv2.resize(digit[:, :, 0], (160, 160), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    frame = np.full((480, 640), 90, np.float32)
    frame[90:390, 170:470] = 220
    frame[160:320, 240:400] -= 180 * np.clip(ink, 0, 1)
    return np.repeat(frame.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def test_nothing_written_gets_no_digit(neuron: Learned) -> None:
    assert TrainedClassifier(neuron[1], threads=1).classify(np.full((480, 640, 3), 200, np.uint8)) == ()


def test_changed_weights_are_refused(copied: Path) -> None:
    weights = copied / read_trained(copied).weights
    weights.write_bytes(weights.read_bytes()[:-1] + b"?")

    with pytest.raises(ModelError, match="damaged"):
        read_trained(copied)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format"),
        ({"labels": ["one"]}, "labels"),
        ({"weights": "../x"}, "labels"),
        ({"form": {}}, "cannot be read"),
    ],
)
def test_a_changed_description_is_refused(copied: Path, change: dict[str, object], said: str) -> None:
    facts = json.loads((copied / NETWORK_FILE).read_text(encoding="utf-8")) | change
    (copied / NETWORK_FILE).write_text(json.dumps(facts), encoding="utf-8")

    with pytest.raises(ModelError, match=said):
        read_trained(copied)


def test_weights_of_another_recipe_do_not_fit(copied: Path) -> None:
    facts = json.loads((copied / NETWORK_FILE).read_text(encoding="utf-8")) | {"recipe": "mlp"}
    (copied / NETWORK_FILE).write_text(json.dumps(facts), encoding="utf-8")

    with pytest.raises(ModelError, match="do not fit"):
        create_model(str(copied))


def test_a_folder_of_other_things_is_not_written_over(neuron: Learned, digits: Dataset, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")

    with pytest.raises(TeachingError, match="other things"):
        save(neuron[0], digits, tmp_path)


def test_an_unknown_recipe_lists_those_there_are() -> None:
    with pytest.raises(TeachingError, match="neuron, dense, mlp, cnn, transfer, finetune"):
        find_recipe("perceptron")
    assert list(RECIPES) == ["neuron", "dense", "mlp", "cnn", "transfer", "finetune"]


@pytest.mark.long
def test_transfer_beats_a_network_from_nothing_on_five_things(test_data: Path, tmp_path: Path) -> None:
    from benchmarks.recipes import five_things

    five_things(test_data / "data" / "objects", tmp_path / "things", learned=15, tested=12)

    def quietly(done: int, total: int) -> None:
        """Nobody watches."""

    accuracy = {
        name: train(
            load(str(tmp_path / "things"), size, quietly), find_recipe(name), TrainingOptions(), lambda epoch: None
        ).test_accuracy
        for name, size in (("cnn", 64), ("transfer", 224))
    }

    assert accuracy["transfer"] > accuracy["cnn"]
