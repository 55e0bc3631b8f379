"""Fitting the head: softmax regression on features of length 1, by NumPy alone. Deterministic: a convex problem, no random start.

Minimized is, over kernel W and bias b,

    sum_i w_i * -log softmax(x_i W + b)[y_i]  +  L2 / 2 * |W|^2,      w_i = 1 / (classes * size of x_i's class)

by Nesterov's accelerated gradient (Beck, Teboulle, "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging
Sciences 2, 2009). The weighted mean of the rows is taken off first, and put into the bias afterward: features are all positive,
and what they have in common would make every step short. The step is 1 over half the largest eigenvalue of sum_i w_i x_i x_i^T,
found by power iteration (Boehning, "Multinomial logistic regression algorithm", 1992: the softmax's Hessian is at most a half).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.objects.taught import BACKGROUND, TaughtHead, TaughtLabel, softmax
from facecam.types import Floats

L2 = 2e-5
_STEPS = 250
_ENOUGH = 1e-6
_POWER_STEPS = 20
_SAFETY = 1.2
"""Power iteration comes near the eigenvalue from below."""

NEAR_FLOOR, NEAR_CEILING = 0.55, 0.75
_NEAR_SLACK = 0.05
"""Views to come differ more from those kept than these do from each other."""

_FOLDS = 5

Numbers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Rows of features (n, 1280) of length 1, the class of each (0 is the background), and the block of time it is from."""

    x: Floats
    y: Numbers
    fold: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class HeadEvaluation:
    """What the head says of views whose block it was not fitted on. `names` are rows and columns: background, then the labels."""

    names: tuple[str, ...]
    confusion: Numbers

    @property
    def accuracy(self) -> float:
        """The share that is told right; a background that gives no label is right."""
        return float(np.trace(self.confusion) / max(self.confusion.sum(), 1))


def fit(labels: Sequence[TaughtLabel]) -> TaughtHead:
    """The head for these labels, one of which may be the background. Fitted to everything there is."""
    shown = [label for label in labels if label.name != BACKGROUND]
    examples = _examples(labels)
    kernel, bias = softmax_regression(examples.x, examples.y, len(shown) + 1)
    near = np.array([_near(label) for label in shown], np.float32)
    return TaughtHead(tuple(label.name for label in shown), kernel, bias, near, tuple(label.views for label in shown))


def check(labels: Sequence[TaughtLabel]) -> HeadEvaluation:
    """Fit without a fifth of the blocks of every label, and ask about these; not sure counts as background."""
    shown = [label for label in labels if label.name != BACKGROUND]
    examples = _examples(labels)
    held = examples.fold == _FOLDS - 1
    names = (BACKGROUND, *(label.name for label in shown))
    confusion = np.zeros((len(names), len(names)), np.intp)
    kernel, bias = softmax_regression(examples.x[~held], examples.y[~held], len(names))
    views = tuple(examples.x[~held & (examples.y == number)] for number in range(1, len(names)))
    near = np.array([_near(label) for label in shown], np.float32)
    found, _ = TaughtHead(names[1:], kernel, bias, near, views).sure(examples.x[held])
    np.add.at(confusion, (examples.y[held], found + 1), 1)
    return HeadEvaluation(names, confusion)


def softmax_regression(x: Floats, y: Numbers, classes: int) -> tuple[Floats, Floats]:
    """Kernel (features, classes) and bias (classes,) float32; every class weighs the same, however many rows it has."""
    wanted = np.eye(classes, dtype=np.float32)[y]
    weight = (1 / (classes * np.maximum(wanted.sum(axis=0), 1)))[y][:, None].astype(np.float32)
    mean = (weight * x).sum(axis=0) / weight.sum()
    rows = np.column_stack([x - mean, np.ones(len(x), np.float32)]).astype(np.float32)
    penalty = np.full((rows.shape[1], 1), L2, np.float32)
    penalty[-1] = 0
    step = np.float32(1 / (_SAFETY * _curvature(rows, weight) / 2 + L2))
    at = ahead = np.zeros((rows.shape[1], classes), np.float32)
    speed = 1.0
    for _ in range(_STEPS):
        gradient = rows.T @ (weight * (softmax(rows @ ahead) - wanted)) + penalty * ahead
        following = ahead - step * gradient
        quicker = (1 + (1 + 4 * speed * speed) ** 0.5) / 2
        ahead = following + np.float32((speed - 1) / quicker) * (following - at)
        at, speed = following, quicker
        if float(np.abs(gradient).max()) < _ENOUGH:
            break
    return at[:-1], at[-1] - mean @ at[:-1]


def _curvature(rows: Floats, weight: Floats) -> float:
    """The largest eigenvalue of the weighted sum of the rows' outer products, by power iteration from their sum."""
    direction = (weight * rows).sum(axis=0)
    size = 1.0
    for _ in range(_POWER_STEPS):
        direction = rows.T @ (weight[:, 0] * (rows @ direction))
        size = float(np.linalg.norm(direction))
        direction = direction / max(size, 1e-12)
    return max(size, 1e-6)


def _examples(labels: Sequence[TaughtLabel]) -> Examples:
    """Views with their labels; what was seen beside a thing, and the background's views, are class 0."""
    x, y, fold = [], [], []
    number = 0
    for label in labels:
        number += label.name != BACKGROUND
        for part, target in ((label.views, 0 if label.name == BACKGROUND else number), (label.beside, 0)):
            blocks = label.blocks if part is label.views else np.arange(len(part))
            x.append(part)
            y.append(np.full(len(part), target, np.intp))
            fold.append(_folds(blocks))
    return Examples(np.concatenate(x), np.concatenate(y), np.concatenate(fold))


def _folds(blocks: NDArray[np.int32] | Numbers) -> Numbers:
    """Which fifth each row is in; a block is never parted."""
    kinds, place = np.unique(blocks, return_inverse=True)
    return np.asarray(place.reshape(-1) * _FOLDS // max(len(kinds), 1), np.intp)


def _near(label: TaughtLabel) -> float:
    """The cosine that all but a twentieth of the label's views have to the nearest view of another block, less some slack."""
    alike = label.views @ label.views.T
    alike[label.blocks[:, None] == label.blocks[None, :]] = -1
    nearest = alike.max(axis=1)
    if np.all(nearest < 0):  # one block only: nothing to compare with
        return NEAR_FLOOR
    return float(np.clip(np.quantile(nearest, 0.05) - _NEAR_SLACK, NEAR_FLOOR, NEAR_CEILING))
