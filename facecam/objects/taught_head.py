"""The head over the frozen base's features: which taught thing a picture shows, if it surely shows one. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facecam.errors import TeachError
from facecam.types import Floats

FEATURES = 1280
SURE_SHARE = 0.7
"""The softmax share from which a taught label is sure."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """softmax(x @ kernel + bias) over the background (column 0) and `labels`, x being 1280 features of length 1.

    A share alone says little of what is unlike everything taught, so a label is sure only when a view of it is also near: the
    cosine to the nearest of its `views` is at least its `near`.
    """

    labels: tuple[str, ...]
    kernel: Floats
    bias: Floats
    near: Floats
    views: tuple[Floats, ...]

    def __post_init__(self) -> None:
        count = len(self.labels)
        shapes = self.kernel.shape, self.bias.shape, self.near.shape, len(self.views)
        if shapes != ((FEATURES, count + 1), (count + 1,), (count,), count):
            raise TeachError(f"a head for {count} labels has arrays of shapes {shapes}; teach again")

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """What is stored of it; the views are stored with their labels."""
        return {"kernel": self.kernel, "bias": self.bias, "near": self.near}

    def shares(self, features: Floats) -> Floats:
        """(n, labels + 1) of (n, 1280) features of length 1; the background is column 0."""
        return softmax(features @ self.kernel + self.bias)

    def sure(self, features: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Of each row the number of the label that is surely shown, -1 for none, and its share."""
        shares = self.shares(features)
        found = np.full(len(features), -1, np.intp)
        for row, best in enumerate(shares.argmax(axis=1)):
            if best > 0 and shares[row, best] >= SURE_SHARE:
                nearest = float(np.max(self.views[best - 1] @ features[row]))
                found[row] = best - 1 if nearest >= self.near[best - 1] else -1
        return found, shares[np.arange(len(features)), np.maximum(found + 1, 0)]


def softmax(logits: Floats) -> Floats:
    """Rows that are positive and sum to 1."""
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = likely / likely.sum(axis=1, keepdims=True)
    return result


def unit_rows(features: Floats) -> Floats:
    """The rows at length 1."""
    result: Floats = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)
    return result
