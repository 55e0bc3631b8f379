"""Fitting a recipe's network to a set of pictures: early stopping, fixed seed, figures on pictures it never saw."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from facecam import __version__
from facecam.errors import TeachingError
from facecam.fileio import write_atomic
from facecam.networks.trained import NETWORK_FILE, InputForm, TrainedNetwork
from facecam.objects.classifier import resized, scaled
from facecam.training.dataset import Dataset, Numbers, Split, split
from facecam.training.recipes import BASE_PX, BASES, LITE0, Stage, TrainingRecipe, arrays_of, build, frozen_end
from facecam.types import Floats

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure


_FROZEN_BATCH = 64


@dataclass(frozen=True, slots=True)
class Epoch:
    """How far a fit is. `number` counts from 1 over all stages; losses are mean cross-entropies, accuracies 0 to 1."""

    number: int
    most: int
    loss: float
    accuracy: float
    validation_loss: float
    validation_accuracy: float


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """`epochs` is at most so many for each stage, None the recipe's own. The seed decides split, first weights and order."""

    seed: int = 7
    epochs: int | None = None
    base: str = LITE0


@dataclass(slots=True, eq=False)
class TrainingResult:
    """What came of it. `confusion` (labels, labels) counts test pictures, true label by row, found one by column."""

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
    """What the recipe's network takes when it is trained on this set."""
    ink, margin = dataset.ink, dataset.ink_margin
    if recipe.has_base:
        return InputForm(BASE_PX, 3, BASES[base], ink, margin)
    return InputForm(dataset.pictures.shape[1], dataset.pictures.shape[3], "unit", ink, margin)


def train(dataset: Dataset, recipe: TrainingRecipe, options: TrainingOptions, told: Callable[[Epoch], None]) -> TrainingResult:
    """Fit `recipe` to the set; `told` hears of every epoch. TeachError for an unknown base, ModelError without its weights.

    Each stage ends when the validation loss has not fallen for its patience, with the weights of its best epoch. Targets go in as
    numbers and the loss compares them with the softmax: the same as one-hot rows, without making them.
    """
    import keras

    if recipe.has_base and options.base not in BASES:
        raise TeachingError(f"there is no base {options.base!r}; there are {', '.join(BASES)}")
    keras.utils.set_random_seed(options.seed)
    form = input_form(recipe, dataset, options.base)
    model = build(recipe, form, len(dataset.labels), options.base)
    rows = split(dataset, options.seed)
    result = TrainingResult(model, recipe, form, dataset.labels, options)
    result.counts = len(rows.train), len(rows.validation), len(rows.test)
    most = sum(options.epochs or stage.epochs for stage in recipe.stages)
    for stage in recipe.stages:
        _fit(result, stage, dataset, rows, lambda epoch: _note(result, epoch, most, told))
    _measure(result, dataset, rows.test)
    return result


def _note(result: TrainingResult, logs: dict[str, float], most: int, told: Callable[[Epoch], None]) -> None:
    facts = [logs["loss"], logs["accuracy"], logs["val_loss"], logs["val_accuracy"]]
    result.history.append(Epoch(len(result.history) + 1, most, *map(float, facts)))
    told(result.history[-1])


def _fit(result: TrainingResult, stage: Stage, dataset: Dataset, rows: Split, told: Callable[[dict[str, float]], None]) -> None:
    """One stage. What is frozen runs once over all pictures; only the rest of the graph is fitted."""
    import keras

    end = frozen_end(result.model, result.options.base, stage.after)
    part = result.model if end is None else keras.Model(end, result.model.output)
    for layer in part.layers:  # a normalization whose statistics move while a few pictures pass would unlearn them
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
    if dataset.ink and frozen is None:
        x = np.concatenate([x, *(shift_images(x, result.options.seed + copy) for copy in range(result.recipe.copies))])
        y = np.tile(y, result.recipe.copies + 1)
    callbacks = [
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=stage.patience, restore_best_weights=True),
        keras.callbacks.LambdaCallback(on_epoch_end=lambda _, logs: told(logs)),
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
    """What the fitted part takes for these rows: the pictures themselves, or what the frozen part makes of them."""
    if frozen is None:
        return np.concatenate(list(_batches(form, dataset, rows)))
    return np.concatenate([np.asarray(frozen(batch, training=False)) for batch in _batches(form, dataset, rows)])


def shift_images(x: Floats, seed: int) -> Floats:
    """(n, size, size, channels) written figures, each turned up to 10 degrees, scaled by 0.9 to 1.1 and moved by up to a twelfth.

    A figure held up on paper is found a pixel off, and nobody holds it straight.
    """
    random = np.random.default_rng(seed)
    size = x.shape[1]
    middle = (size - 1) / 2
    found = np.empty_like(x)
    for number, picture in enumerate(x):
        turn = np.array(cv2.getRotationMatrix2D((middle, middle), random.uniform(-10, 10), random.uniform(0.9, 1.1)), np.float64)
        turn[:, 2] += random.uniform(-size / 12, size / 12, 2)
        found[number] = cv2.warpAffine(picture, turn, (size, size)).reshape(picture.shape)
    return found


def _batches(form: InputForm, dataset: Dataset, rows: Numbers) -> Iterator[Floats]:
    """The pictures of these rows as the network takes them, a few at a time: at 224 px a thousand of them are 600 MB."""
    for start in range(0, len(rows), _FROZEN_BATCH):
        pictures = [resized(dataset.pictures[row], form.size_px) for row in rows[start : start + _FROZEN_BATCH]]
        batch = scaled(np.stack(pictures), form)
        yield np.repeat(batch, form.channels, axis=3) if batch.shape[3] < form.channels else batch


def _measure(result: TrainingResult, dataset: Dataset, rows: Numbers) -> None:
    likely = np.concatenate([np.asarray(result.model(b, training=False)) for b in _batches(result.form, dataset, rows)])
    truth, found = dataset.targets[rows], likely.argmax(axis=1)
    result.confusion = np.zeros((len(result.labels),) * 2, np.intp)
    np.add.at(result.confusion, (truth, found), 1)
    result.test_accuracy = float(np.mean(found == truth))
    result.test_loss = float(np.mean(-np.log(np.clip(likely[np.arange(len(rows)), truth], 1e-7, 1.0)))) + 0.0  # not -0.0


# MERGED teach.pictures: What a training looked like, as PNG: its history, and what was taken for what. By matplotlib without a window.


# Okabe and Ito's palette: told apart by color-blind eyes too.
_FITTED, _VALIDATED = "#0072B2", "#D55E00"
_NUMBERS_UP_TO = 20


def history_png(history: Sequence[Epoch], title: str) -> bytes:
    """Loss and accuracy over the epochs, of the pictures fitted and of those held back for stopping."""
    figure = _figure(9, 3.8)
    left, right = figure.subplots(1, 2)
    numbers = [epoch.number for epoch in history]
    for axes, name in ((left, "loss"), (right, "accuracy")):
        axes.plot(numbers, [getattr(epoch, name) for epoch in history], color=_FITTED, label="fitted")
        axes.plot(numbers, [getattr(epoch, f"validation_{name}") for epoch in history], color=_VALIDATED, label="held back")
        axes.set(xlabel="epoch", ylabel=name)
        axes.grid(alpha=0.3)
    left.legend(frameon=False)
    figure.suptitle(title)
    return _png(figure)


def confusion_png(counts: NDArray[np.intp], labels: Sequence[str], title: str) -> bytes:
    """The true label by row, the found one by column; numbers stand in the squares while they can be read."""
    side = min(12.0, 2.5 + 0.42 * len(labels))
    figure = _figure(side + 0.8, side)
    axes = figure.subplots()
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    axes.set(title=title, xlabel="found", ylabel="true")
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    if len(labels) <= _NUMBERS_UP_TO:
        for row, column in zip(*np.nonzero(counts), strict=True):
            shade = "white" if share[row, column] > 0.5 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", fontsize=8, color=shade)
    return _png(figure)


def _figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Figure) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="png", dpi=110)
    return target.getvalue()


# MERGED teach.result: What training leaves behind: one folder with plain weights, what they are, and two pictures.


def save(trained: TrainingResult, dataset: Dataset, folder: Path) -> TrainedNetwork:
    """Write `folder`, over what an earlier training left there. TeachError when it cannot be written, or holds something else.

    network.json is moved into place last: until then the folder is what it was.
    """
    from safetensors.numpy import save as packed

    if folder.is_dir() and any(folder.iterdir()) and not (folder / NETWORK_FILE).is_file():
        raise TeachingError(f"{folder} holds other things than a trained network; name another folder with -o")
    content = packed(arrays_of(trained.model))
    digest = hashlib.sha256(content).hexdigest()
    network = TrainedNetwork(
        folder=folder,
        recipe=trained.recipe.name,
        base=trained.options.base if trained.recipe.has_base else "",
        form=trained.form,
        labels=trained.labels,
        weights=f"weights-{digest[:12]}.safetensors",
        sha256=digest,
        figures=_figures(trained, dataset),
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / network.weights, content)
        write_atomic(folder / "history.png", history_png(trained.history, f"{trained.recipe.name} on {dataset.name}"))
        write_atomic(folder / "confusion.png", confusion_png(trained.confusion, trained.labels, "test pictures"))
        write_atomic(folder / NETWORK_FILE, network.to_json().encode())
        for old in folder.glob("weights-*.safetensors"):
            if old.name != network.weights:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise TeachingError(f"{folder} cannot be written: {error.strerror}; name another folder with -o") from error
    return network


def _figures(trained: TrainingResult, dataset: Dataset) -> dict[str, object]:
    fitted, validated, tested = trained.counts
    return {
        "facecam": __version__,
        "data": dataset.name,
        "data_sha256": dataset.sha256,
        "seed": trained.options.seed,
        "epochs": len(trained.history),
        "pictures": {"train": fitted, "validation": validated, "test": tested},
        "test_loss": round(trained.test_loss, 6),
        "test_accuracy": round(trained.test_accuracy, 6),
    }
