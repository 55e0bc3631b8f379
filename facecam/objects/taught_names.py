"""Taught labels before the network's own: what was taught a moment ago counts at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facecam.errors import TeachError
from facecam.objects.classifier import TOP, Classifier, centre
from facecam.objects.features import FeatureReader, base_sha256
from facecam.objects.locate import guide_box
from facecam.objects.taught_head import Head
from facecam.objects.taught_store import INDEX, read_taught
from facecam.types import Box, Floats, Label, Picture


class TaughtNames:
    """The taught label that a square surely shows. Looks at the folder's index before each picture, and reads it when it is new.

    Owned by the thread that calls it first. TeachError when what was taught is damaged.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._stamp: tuple[int, int] | None = None
        self._head: Head | None = None
        self._reader: FeatureReader | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as of the last look, in the order of `sure`."""
        return () if self._head is None else self._head.labels

    def sure(self, bgr: Picture, squares: Sequence[Box]) -> Floats:
        """(squares, labels) float32: the share of the label that each square surely shows; all else is zero."""
        self._refresh()
        found = np.zeros((len(squares), len(self.names)), np.float32)
        if self._head is not None:
            self._reader = self._reader or FeatureReader(self._threads)
            numbers, shares = self._head.sure(self._reader(bgr, squares))
            rows = np.flatnonzero(numbers >= 0)
            found[rows, numbers[rows]] = shares[rows]
        return found

    def _refresh(self) -> None:
        stamp = self._seen()
        while stamp != self._stamp:
            try:
                self._head = read_taught(self._folder, base_sha256()).head
            except TeachError:
                if stamp == self._seen():
                    raise
            self._stamp, stamp = stamp, self._seen()  # taught anew while it was read: once more

    def _seen(self) -> tuple[int, int] | None:
        """Which index lies there; None when there is none."""
        try:
            stat = (self._folder / INDEX).stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_ino


class WithTaught:
    """A classifier that lets the taught labels speak first, and where they say nothing is what it was."""

    def __init__(self, taught: TaughtNames, others: Classifier) -> None:
        self._taught = taught
        self._others = others
        self.rule = others.rule

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """The taught label if the picture or its middle surely shows one, with the others after it; else the others unchanged."""
        whole = centre(bgr)
        sure = self._taught.sure(bgr, (whole, guide_box((bgr.shape[1], bgr.shape[0])))).max(axis=0, initial=0)
        return self.labels(_joined(self._others.probabilities(bgr, whole), _surest(sure)))

    def probabilities(self, bgr: Picture, square: Box) -> Floats:
        """(n + taught,) float32: a taught label that is sure has its share, the others' n names what it leaves."""
        return _joined(self._others.probabilities(bgr, square), self._taught.sure(bgr, (square,))[0])

    def labels(self, likely: Floats) -> tuple[Label, ...]:
        """The three likeliest names, best first. A taught name hides the same name of the network's own."""
        count = len(likely) - len(self._taught.names)
        shares = zip(self._taught.names, likely[count:], strict=True)
        taught = [Label(name, "", float(share)) for name, share in shares if share > 0]
        names = {label.name for label in taught}
        others = [label for label in self._others.labels(likely[:count]) if label.name not in names]
        return tuple(sorted((*taught, *others), key=lambda label: -label.probability)[:TOP])


def _surest(shares: Floats) -> Floats:
    """The shares (labels,) with only the largest left."""
    return np.where(np.arange(len(shares)) == shares.argmax(), shares, np.float32(0)) if len(shares) else shares


def _joined(others: Floats, taught: Floats) -> Floats:
    return np.concatenate([others * np.float32(1 - taught.sum()), taught])
