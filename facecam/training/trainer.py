"""Training of a recipe's network on images, with early stopping and a fixed seed; the folder and plots that it leaves."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam import __version__
from facecam.errors import TeachingError
from facecam.fileio import PNG_METADATA, check_output_folder
from facecam.networks.convert import convert_trained
from facecam.networks.keras_imagenet import load_keras, network_variables
from facecam.networks.user_networks import NETWORK_FILE, InputForm, TrainedNetwork, write_trained
from facecam.objects.classifier import resize_square, scale_pixels
from facecam.training.dataset import Dataset, Numbers, Split, split
from facecam.training.head import confusion_matrix
from facecam.training.recipes import BASE_PX, BASES, LITE0, Stage, TrainingRecipe, build_model, frozen_output
from facecam.types import Floats

if TYPE_CHECKING:
    import keras
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette is distinguishable for color-blind readers.
_FITTED_COLOR, _VALIDATION_COLOR = "#0072B2", "#D55E00"
_MAX_NUMBERED_LABELS = 20
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Epoch:
    """Progress of a fit. `number` counts from 1 over all stages; losses are mean cross-entropies, accuracies 0 to 1."""

    number: int
    total: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """Training options. The seed decides split, initial weights and order; `epochs` limits each stage (None: the recipe's)."""

    seed: int = 7
    epochs: int | None = None
    base: str = LITE0


@dataclass(slots=True, eq=False)
class TrainingResult:
    """A trained network with its figures. `confusion` (labels, labels) counts test images by true row and predicted column.

    `counts` are the numbers of training, validation and test images.
    """

    model: keras.Model
    recipe: TrainingRecipe
    form: InputForm
    labels: tuple[str, ...]
    options: TrainingOptions
    history: list[Epoch] = field(default_factory=list)
    test_loss: float = 0.0
    test_accuracy: float = 0.0
    confusion: Numbers = field(default_factory=lambda: np.zeros((0, 0), np.intp))
    counts: tuple[int, int, int] = (0, 0, 0)


def input_form(recipe: TrainingRecipe, dataset: Dataset, base: str) -> InputForm:
    """Return the input of the recipe's network when it is trained on this data set."""
    if recipe.has_base:
        return InputForm(BASE_PX, 3, BASES[base], dataset.handwritten, dataset.margin)
    return InputForm(dataset.images.shape[1], dataset.images.shape[3], "unit", dataset.handwritten, dataset.margin)


def train(
    dataset: Dataset, recipe: TrainingRecipe, options: TrainingOptions, report_progress: Callable[[Epoch], None]
) -> TrainingResult:
    """Train `recipe` on a data set; `report_progress` is called after every epoch.

    Each stage ends when the validation loss has not fallen for its patience, with the weights of its best epoch. TeachingError
    for an unknown base, ModelError without its weights.
    """
    load_keras()
    import keras

    if recipe.has_base and options.base not in BASES:
        raise TeachingError(f"unknown base {options.base!r}; choose from {', '.join(BASES)}")
    keras.utils.set_random_seed(options.seed)
    form = input_form(recipe, dataset, options.base)
    model = build_model(recipe, form, len(dataset.labels), options.base)
    rows = split(dataset, options.seed)
    result = TrainingResult(model, recipe, form, dataset.labels, options)
    result.counts = len(rows.train), len(rows.validation), len(rows.test)
    total = sum(options.epochs or stage.epochs for stage in recipe.stages)

    def record_epoch(logs: Mapping[str, float]) -> None:
        figures = (float(logs[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy"))
        result.history.append(Epoch(len(result.history) + 1, total, *figures))
        report_progress(result.history[-1])

    for stage in recipe.stages:
        _fit(result, stage, dataset, rows, record_epoch)
    _test(result, dataset, rows.test)
    return result


def _fit(
    result: TrainingResult, stage: Stage, dataset: Dataset, rows: Split, record_epoch: Callable[[Mapping[str, float]], None]
) -> None:
    """Fit one stage. The frozen part runs once over all images; only the rest of the graph is fitted.

    Targets are numbers and the loss is sparse: the same as one-hot rows, without making them.
    """
    import keras

    end = frozen_output(result.model, result.options.base, stage.after)
    part = result.model if end is None else keras.Model(end, result.model.output)
    for layer in part.layers:  # statistics of a normalization, updated with a few images, would undo its training
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    part.compile(
        optimizer=keras.optimizers.get({"class_name": stage.optimizer, "config": {"learning_rate": stage.rate}}),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # XLA would take longer than most of these fits
    )
    frozen = None if end is None else keras.Model(result.model.input, end)
    x, x_validation = (_inputs(result.form, dataset, part_rows, frozen) for part_rows in (rows.train, rows.validation))
    y = dataset.targets[rows.train]
    if dataset.handwritten and frozen is None:
        copies = result.recipe.copies
        x = np.concatenate([x, *(shift_images(x, result.options.seed + copy) for copy in range(copies))])
        y = np.tile(y, copies + 1)
    callbacks = [
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=stage.patience, restore_best_weights=True),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: record_epoch(logs)),
    ]
    part.fit(
        x,
        y,
        batch_size=min(stage.batch, max(8, len(x) // 10)),
        epochs=result.options.epochs or stage.epochs,
        validation_data=(x_validation, dataset.targets[rows.validation]),
        callbacks=callbacks,
        verbose=0,
    )


def _inputs(form: InputForm, dataset: Dataset, rows: Numbers, frozen: Any | None) -> Floats:
    """Return the input of the fitted part for these rows: the images, or the output of the frozen part."""
    if frozen is None:
        return np.concatenate(list(_batches(form, dataset, rows)))
    return np.concatenate([np.asarray(frozen(batch, training=False)) for batch in _batches(form, dataset, rows)])


def shift_images(x: Floats, seed: int) -> Floats:
    """Augment digits (n, size, size, channels): rotate up to 10 degrees, scale by 0.9 to 1.1, move up to a twelfth.

    A digit on a sheet in front of the camera is never straight, and it is found a pixel off.
    """
    random = np.random.default_rng(seed)
    size = x.shape[1]
    center = (size - 1) / 2
    found = np.empty_like(x)
    for number, image in enumerate(x):
        angle, scale = random.uniform(-10, 10), random.uniform(0.9, 1.1)
        matrix = np.array(cv2.getRotationMatrix2D((center, center), angle, scale), np.float64)
        matrix[:, 2] += random.uniform(-size / 12, size / 12, 2)
        found[number] = cv2.warpAffine(image, matrix, (size, size)).reshape(image.shape)
    return found


def _batches(form: InputForm, dataset: Dataset, rows: Numbers) -> Iterator[Floats]:
    """Yield the network's input for these rows in batches: a thousand images of 224 px take 600 MB."""
    for start in range(0, len(rows), _BATCH):
        images = [resize_square(dataset.images[row], form.size_px) for row in rows[start : start + _BATCH]]
        batch = scale_pixels(np.stack(images), form)
        yield np.repeat(batch, form.channels, axis=3) if batch.shape[3] < form.channels else batch


def _test(result: TrainingResult, dataset: Dataset, rows: Numbers) -> None:
    probabilities = np.concatenate([np.asarray(result.model(b, training=False)) for b in _batches(result.form, dataset, rows)])
    truth, found = dataset.targets[rows], probabilities.argmax(axis=1)
    result.confusion = confusion_matrix(truth, found, len(result.labels))
    result.test_accuracy = float(np.mean(found == truth))
    losses = -np.log(np.clip(probabilities[np.arange(len(rows)), truth], 1e-7, 1.0))
    result.test_loss = float(np.mean(losses)) + 0.0  # not -0.0


def history_png(history: Sequence[Epoch], title: str) -> bytes:
    """Draw training and validation loss and accuracy over the epochs, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure((9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    numbers = [epoch.number for epoch in history]
    for axes, name in ((left, "loss"), (right, "accuracy")):
        axes.plot(numbers, [getattr(epoch, name) for epoch in history], color=_FITTED_COLOR, label="training")
        validation = [getattr(epoch, f"validation_{name}") for epoch in history]
        axes.plot(numbers, validation, color=_VALIDATION_COLOR, label="validation")
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
    left.legend(frameon=False)
    figure.suptitle(title)
    return _png(figure)


def confusion_png(counts: Numbers, labels: Sequence[str], title: str) -> bytes:
    """Draw a confusion matrix as PNG; the counts are printed for up to 20 labels."""
    from matplotlib.figure import Figure

    side = min(12.0, 2.5 + 0.42 * len(labels))
    figure = Figure((side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    draw_confusion(axes, counts, labels)
    axes.set(title=title, xlabel="predicted", ylabel="true")
    return _png(figure)


def draw_confusion(axes: Axes, counts: Numbers, labels: Sequence[str]) -> None:
    """Draw a confusion matrix, shaded by the share of the row."""
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    if len(labels) <= _MAX_NUMBERED_LABELS:
        for row, column in zip(*np.nonzero(counts), strict=True):
            color = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=8, color=color)


def _png(figure: Figure) -> bytes:
    target = io.BytesIO()
    with warnings.catch_warnings():
        # Letters of a label that the font lacks become boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(target, format="png", dpi=110, metadata=PNG_METADATA)
    return target.getvalue()


def save_network(trained: TrainingResult, dataset: Dataset, folder: Path) -> TrainedNetwork:
    """Write the network, its figures and plots to `folder`, over an earlier network, and convert it for LiteRT.

    Raises OutputError when the folder cannot be written or holds something else.
    """
    check_output_folder(folder, NETWORK_FILE)
    fitted, validated, tested = trained.counts
    figures = {
        "facecam": __version__,
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        "seed": trained.options.seed,
        "epochs": len(trained.history),
        "pictures": {"train": fitted, "validation": validated, "test": tested},
        "test_loss": round(trained.test_loss, 6),
        "test_accuracy": round(trained.test_accuracy, 6),
    }
    plots = {
        "history.png": history_png(trained.history, f"{trained.recipe.name} on {dataset.name}"),
        "confusion.png": confusion_png(trained.confusion, trained.labels, "test images"),
    }
    base = trained.options.base if trained.recipe.has_base else ""
    network = TrainedNetwork(folder, trained.recipe.name, base, trained.form, trained.labels, "", "", figures)
    network = write_network(network, {name: v.numpy() for name, v in network_variables(trained.model).items()}, plots)
    convert_trained(network)
    return network


def write_network(
    network: TrainedNetwork, arrays: Mapping[str, NDArray[Any]], plots: Mapping[str, bytes] | None = None
) -> TrainedNetwork:
    """Write the folder of `network` and return it with the name and hash of its weights.

    network.json is moved into place last, so an interruption leaves the earlier network. TeachingError when the folder cannot
    be written.
    """
    try:
        return write_trained(network, arrays, plots)
    except OSError as error:
        raise TeachingError(f"{network.folder} cannot be written: {error.strerror}; name another folder with -o") from error
