"""What decided an object's label: Grad-CAM on EfficientNet-Lite0's last feature maps, from one run of the network on LiteRT.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017: the sum of the
maps, each weighted by the gradient of the label's score averaged over the map, negative values left out. After the last maps this
network has only a mean over the places and one matrix, so that the gradient is that matrix's column, the same everywhere: no
backward pass is needed, and Grad-CAM is the class activation map of Zhou et al. ("Learning Deep Features for Discriminative
Localization", CVPR 2016). A test compares it with the gradient that TensorFlow gives.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import numpy as np

from facecam.compile import open_network
from facecam.errors import ModelError, SettingsError
from facecam.explain.heat import spread
from facecam.objects.classifier import NETWORK, centre, class_names, cut, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.types import Box, Floats, Label, Picture
from facecam.weights import load_arrays

MAPS = "efficientnet_lite0_maps"


@dataclass(frozen=True, slots=True, eq=False)
class ObjectHeat:
    """The label that is explained, with its probability; `heat` (224, 224) float32, 0 to 1, over the `square` of the picture."""

    label: Label
    heat: Floats
    square: Box


class ObjectExplainer:
    """Explains labels of EfficientNet-Lite0. Owned by the thread that explains first.

    ModelError when its weights are missing or damaged.
    """

    def __init__(self, threads: int) -> None:
        arrays = load_arrays(NETWORK)
        self._kernel: Floats = arrays["fc/kernel"]
        self._bias: Floats = arrays["fc/bias"]
        self._network = open_network(MAPS, threads)
        self._names = class_names()

    def explain(self, bgr: Picture, label_id: str | None = None, square: Box | None = None) -> ObjectHeat:
        """What in `bgr` (height, width, 3) uint8 speaks for a label, without one for the likeliest.

        `label_id` is a WordNet id; ModelError when the network does not know it. `square` is what the network looks at, as a rule
        the middle.
        """
        square = square or centre(bgr)
        maps = self._network(lite0_input(cut(bgr, square, INPUT_SIZE_PX))[np.newaxis])[0]
        logits = maps.mean(axis=(0, 1)) @ self._kernel + self._bias
        likely = np.exp(logits - logits.max())
        likely /= likely.sum()
        number = int(logits.argmax()) if label_id is None else self._number(label_id)
        name = Label(self._names[number][1], self._names[number][0], float(likely[number]))
        return ObjectHeat(name, spread(maps @ self._kernel[:, number], INPUT_SIZE_PX), square)

    def knows(self, label_id: str) -> bool:
        """Whether this is a label that can be explained: one of ImageNet's, by its WordNet id."""
        return any(known == label_id for known, _ in self._names)

    def label_ids(self, name: str) -> tuple[str, ...]:
        """The WordNet ids of the labels of that name, in any case: two pairs share one. SettingsError says what is like it."""
        wanted = name.strip().casefold()
        found = tuple(label_id for label_id, known in self._names if wanted in (known.casefold(), label_id))
        if not found:
            near = difflib.get_close_matches(wanted, [known.casefold() for _, known in self._names], 3, 0.5)
            hint = f"; there are {', '.join(near)}" if near else ""
            raise SettingsError(f"the network has no label {name!r}{hint}; `facecam classify PICTURE` shows labels")
        return found

    def _number(self, label_id: str) -> int:
        number = next((number for number, (known, _) in enumerate(self._names) if known == label_id), None)
        if number is None:
            raise ModelError(f"{NETWORK} has no label {label_id}; only ImageNet's labels can be explained")
        return number
