"""Fitting the head of taught objects: softmax regression on features of length 1, by NumPy alone.

The problem is convex and starts from zero, so the result is deterministic. Minimized over kernel W and bias b is

    sum_i w_i * -log softmax(x_i W + b)[y_i]  +  L2 / 2 * |W|^2,      w_i = 1 / (classes * size of x_i's class)

by Nesterov's accelerated gradient (Beck, Teboulle, "A fast iterative shrinkage-thresholding algorithm", SIAM J. Imaging
Sciences 2, 2009). The weighted mean of the rows is subtracted first and moved into the bias afterward: features are all
positive, and their common part would make every step short. The step is 1 over half the largest eigenvalue of
sum_i w_i x_i x_i^T (Boehning, "Multinomial logistic regression algorithm", 1992: the softmax's Hessian is at most a half).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.networks.litert import softmax
from facecam.objects.taught import BACKGROUND, TaughtHead, TaughtLabel
from facecam.training.dataset import Numbers
from facecam.types import Floats

L2 = 2e-5
_STEPS = 250
_MAX_FINAL_GRADIENT = 1e-6

MIN_COSINE_FLOOR, MIN_COSINE_CEILING = 0.55, 0.75
_COSINE_SLACK = 0.05
"""Future views differ more from the stored ones than these do from each other."""

_FOLDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class HeadEvaluation:
    """Confusion of the head on held-out blocks. `names` are rows and columns: background, then the labels."""

    names: tuple[str, ...]
    confusion: Numbers

    @property
    def accuracy(self) -> float:
        """Share of correct answers; no label is correct for the background."""
        return float(np.trace(self.confusion) / max(self.confusion.sum(), 1))


def fit_head(labels: Sequence[TaughtLabel]) -> TaughtHead:
    """Fit the head to all views of these labels, one of which may be the background."""
    x, y, _ = _examples(labels)
    return _fit(labels, x, y)


def evaluate_head(labels: Sequence[TaughtLabel]) -> HeadEvaluation:
    """Fit without a fifth of the blocks of every label and test on these; no label counts as background."""
    x, y, fold = _examples(labels)
    held_out = fold == _FOLDS - 1
    head = _fit(labels, x[~held_out], y[~held_out])
    found, _ = head.classify(x[held_out])
    names = (BACKGROUND, *head.labels)
    return HeadEvaluation(names, confusion_matrix(y[held_out], found + 1, len(names)))


def _fit(labels: Sequence[TaughtLabel], x: Floats, y: Numbers) -> TaughtHead:
    objects = [label for label in labels if label.name != BACKGROUND]
    kernel, bias = softmax_regression(x, y, len(objects) + 1)
    views = tuple(x[y == number] for number in range(1, len(objects) + 1))
    return TaughtHead(tuple(label.name for label in objects), kernel, bias, _min_cosines(objects), views)


def confusion_matrix(truth: Numbers, predicted: Numbers, classes: int) -> Numbers:
    """Count the pairs of true class (row) and predicted class (column)."""
    return np.bincount(truth * classes + predicted, minlength=classes**2).reshape(classes, classes)


def softmax_regression(x: Floats, y: Numbers, classes: int) -> tuple[Floats, Floats]:
    """Return kernel (features, classes) and bias (classes,) float32; all classes weigh the same, however many rows they have."""
    target = np.eye(classes, dtype=np.float32)[y]
    weight = (1 / (classes * np.maximum(target.sum(axis=0), 1)))[y][:, None].astype(np.float32)
    mean = (weight * x).sum(axis=0) / weight.sum()
    rows = np.column_stack([x - mean, np.ones(len(x), np.float32)]).astype(np.float32)
    penalty = np.full((rows.shape[1], 1), L2, np.float32)
    penalty[-1] = 0
    scaled = np.sqrt(weight) * rows
    largest = np.linalg.eigvalsh(scaled @ scaled.T if len(rows) < rows.shape[1] else scaled.T @ scaled)[-1]
    step = np.float32(1 / (largest / 2 + L2))
    current = ahead = np.zeros((rows.shape[1], classes), np.float32)
    momentum = 1.0
    for _ in range(_STEPS):
        gradient = rows.T @ (weight * (softmax(rows @ ahead) - target)) + penalty * ahead
        following = ahead - step * gradient
        next_momentum = (1 + (1 + 4 * momentum * momentum) ** 0.5) / 2
        ahead = following + np.float32((momentum - 1) / next_momentum) * (following - current)
        current, momentum = following, next_momentum
        if float(np.abs(gradient).max()) < _MAX_FINAL_GRADIENT:
            break
    return current[:-1], current[-1] - mean @ current[:-1]


def _examples(labels: Sequence[TaughtLabel]) -> tuple[Floats, Numbers, Numbers]:
    """Return all views and negatives (n, 1280), their classes and their folds; negatives and the background are class 0."""
    x, y, fold = [], [], []
    number = 0
    for label in labels:
        number += label.name != BACKGROUND
        target = 0 if label.name == BACKGROUND else number
        negative_blocks = np.arange(len(label.negatives))
        for rows, row_class, blocks in ((label.views, target, label.blocks), (label.negatives, 0, negative_blocks)):
            x.append(rows)
            y.append(np.full(len(rows), row_class, np.intp))
            fold.append(_folds(blocks))
    return np.concatenate(x), np.concatenate(y), np.concatenate(fold)


def _folds(blocks: NDArray[np.int32] | Numbers) -> Numbers:
    """Return the fold of each row; a block is never divided."""
    distinct, place = np.unique(blocks, return_inverse=True)
    return np.asarray(place.reshape(-1) * _FOLDS // max(len(distinct), 1), np.intp)


def _min_cosines(labels: Sequence[TaughtLabel]) -> Floats:
    """Return for each label the cosine that 95 % of its views have to the nearest view of another block, less some slack."""
    found = []
    for label in labels:
        cosines = label.views @ label.views.T
        cosines[label.blocks[:, None] == label.blocks[None, :]] = -1
        nearest = cosines.max(axis=1)
        # A single block has nothing to compare with.
        low = MIN_COSINE_FLOOR if np.all(nearest < 0) else np.quantile(nearest, 0.05) - _COSINE_SLACK
        found.append(float(np.clip(low, MIN_COSINE_FLOOR, MIN_COSINE_CEILING)))
    return np.array(found, np.float32)
