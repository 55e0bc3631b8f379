"""Fitting a recipe's network to a set of pictures: early stopping, fixed seed, figures on pictures it never saw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from facecam.errors import TeachError
from facecam.objects.prepare import resized, scaled
from facecam.teach.dataset import Dataset, Numbers, Split, split
from facecam.teach.recipes import BASE_PX, BASES, LITE0, NetworkRecipe, Stage, build, frozen_end
from facecam.trained import InputForm
from facecam.types import Floats

if TYPE_CHECKING:
    import keras

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
class Options:
    """`epochs` is at most so many for each stage, None the recipe's own. The seed decides split, first weights and order."""

    seed: int = 7
    epochs: int | None = None
    base: str = LITE0


@dataclass(slots=True, eq=False)
class Trained:
    """What came of it. `confusion` (labels, labels) counts test pictures, true label by row, found one by column."""

    model: keras.Model
    recipe: NetworkRecipe
    form: InputForm
    labels: tuple[str, ...]
    options: Options
    history: list[Epoch] = field(default_factory=list)
    test_loss: float = 0.0
    test_accuracy: float = 0.0
    confusion: Numbers = field(default_factory=lambda: np.zeros((0, 0), np.intp))
    counts: tuple[int, int, int] = (0, 0, 0)


def input_form(recipe: NetworkRecipe, dataset: Dataset, base: str) -> InputForm:
    """What the recipe's network takes when it is trained on this set."""
    ink, margin = dataset.ink, dataset.ink_margin
    if recipe.has_base:
        return InputForm(BASE_PX, 3, BASES[base], ink, margin)
    return InputForm(dataset.pictures.shape[1], dataset.pictures.shape[3], "unit", ink, margin)


def train(dataset: Dataset, recipe: NetworkRecipe, options: Options, told: Callable[[Epoch], None]) -> Trained:
    """Fit `recipe` to the set; `told` hears of every epoch. TeachError for an unknown base, ModelError without its weights.

    Each stage ends when the validation loss has not fallen for its patience, with the weights of its best epoch. Targets go in as
    numbers and the loss compares them with the softmax: the same as one-hot rows, without making them.
    """
    import keras

    if recipe.has_base and options.base not in BASES:
        raise TeachError(f"there is no base {options.base!r}; there are {', '.join(BASES)}")
    keras.utils.set_random_seed(options.seed)
    form = input_form(recipe, dataset, options.base)
    model = build(recipe, form, len(dataset.labels), options.base)
    rows = split(dataset, options.seed)
    result = Trained(model, recipe, form, dataset.labels, options)
    result.counts = len(rows.train), len(rows.validation), len(rows.test)
    most = sum(options.epochs or stage.epochs for stage in recipe.stages)
    for stage in recipe.stages:
        _fit(result, stage, dataset, rows, lambda epoch: _note(result, epoch, most, told))
    _measure(result, dataset, rows.test)
    return result


def _note(result: Trained, logs: dict[str, float], most: int, told: Callable[[Epoch], None]) -> None:
    facts = [logs["loss"], logs["accuracy"], logs["val_loss"], logs["val_accuracy"]]
    result.history.append(Epoch(len(result.history) + 1, most, *map(float, facts)))
    told(result.history[-1])


def _fit(result: Trained, stage: Stage, dataset: Dataset, rows: Split, told: Callable[[dict[str, float]], None]) -> None:
    """One stage. What is frozen runs once over all pictures; only the rest of the graph is fitted."""
    import keras

    end = frozen_end(result.model, result.options.base, stage.after)
    part = result.model if end is None else keras.Model(end, result.model.output)
    for layer in part.layers:  # a normalisation whose statistics move while a few pictures pass would unlearn them
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
        x = np.concatenate([x, *(moved(x, result.options.seed + copy) for copy in range(result.recipe.copies))])
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


def moved(x: Floats, seed: int) -> Floats:
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


def _measure(result: Trained, dataset: Dataset, rows: Numbers) -> None:
    likely = np.concatenate([np.asarray(result.model(b, training=False)) for b in _batches(result.form, dataset, rows)])
    truth, found = dataset.targets[rows], likely.argmax(axis=1)
    result.confusion = np.zeros((len(result.labels),) * 2, np.intp)
    np.add.at(result.confusion, (truth, found), 1)
    result.test_accuracy = float(np.mean(found == truth))
    result.test_loss = float(np.mean(-np.log(np.clip(likely[np.arange(len(rows)), truth], 1e-7, 1.0)))) + 0.0  # not -0.0
