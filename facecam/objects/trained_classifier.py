"""A network that was trained here, at work: a picture -> its likeliest labels, on LiteRT."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facecam.compile import open_network
from facecam.objects.prepare import network_input
from facecam.trained import read_trained
from facecam.types import Label, Picture

TOP = 3


class TrainedClassifier:
    """The network of a folder that `facecam train` wrote. Owned by the thread that calls it first.

    Raises ModelError when the folder is damaged or is none.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self.network = read_trained(folder)
        self._compiled = open_network(str(folder.absolute()), threads)

    def classify(self, bgr: Picture) -> tuple[Label, ...]:
        """The three likeliest labels of `bgr` (height, width, 3) uint8, best first; none when no written figure is seen."""
        batch = network_input(bgr, self.network.form)
        if batch is None:
            return ()
        likely = self._compiled(batch[None])[0]
        best = np.argsort(-likely, kind="stable")[:TOP]
        return tuple(Label(self.network.labels[i], "", float(likely[i])) for i in best)
