"""A network that was trained here, at work: a picture, or a square of one -> how likely its labels are, on LiteRT."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facecam.compile import open_network
from facecam.objects.classifier import TOP, cut
from facecam.objects.evidence import EvidenceRule
from facecam.objects.prepare import network_input
from facecam.trained import read_trained
from facecam.types import Box, Floats, Label, Picture

_INK_PX = 256
"""The side at which a sheet of paper is read; a pen's stroke is two pixels or more of it."""


class TrainedClassifier:
    """The network of a folder that `facecam train` wrote. Owned by the thread that calls it first.

    It has a label for everything, so it takes more than half to be shown, and what it made of the place before says nothing.
    Raises ModelError when the folder is damaged or is none.
    """

    rule = EvidenceRule(min_probability=0.6, min_new=0.6, three=None, news_only=False)

    def __init__(self, folder: Path, threads: int) -> None:
        self.network = read_trained(folder)
        self._compiled = open_network(str(folder.absolute()), threads)

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """The three likeliest labels of `bgr` (height, width, 3) uint8, best first; none when no written figure is seen."""
        return self.labels(self._likely(bgr))

    def probabilities(self, bgr: Picture, square: Box) -> Floats:
        """(labels,) float32: how likely each label is for a square of `bgr`; all zero when no written figure is seen."""
        form = self.network.form
        rgb = cut(bgr, square, _INK_PX if form.ink else form.size_px)
        return self._likely(np.ascontiguousarray(rgb[:, :, ::-1]))

    def labels(self, likely: Floats) -> tuple[Label, ...]:
        """The three likeliest labels, best first; none when all are zero."""
        best = [i for i in np.argsort(-likely, kind="stable")[:TOP] if likely[i] > 0]
        return tuple(Label(self.network.labels[i], "", float(likely[i])) for i in best)

    def _likely(self, bgr: Picture) -> Floats:
        batch = network_input(bgr, self.network.form)
        if batch is None:
            return np.zeros(len(self.network.labels), np.float32)
        likely: Floats = self._compiled(batch[None])[0]
        return likely
