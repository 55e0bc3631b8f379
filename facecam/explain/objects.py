"""What decided an object's label."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facecam.compile import open_network
from facecam.errors import ModelError, SettingsError
from facecam.explain.occlusion import occlusion
from facecam.inference import InFixedBatches
from facecam.objects.classifier import NETWORK, centre, class_names, cut, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.types import Box, Floats, Label, Picture

_SQUARE_PX, _STEP_PX = 40, 28
_BATCHES = (1, 8)


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
        self._network = InFixedBatches(open_network(NETWORK, threads), _BATCHES)
        self._names = class_names()

    def explain(self, bgr: Picture, label_id: str | None = None, square: Box | None = None) -> ObjectHeat:
        """What in `bgr` (height, width, 3) uint8 speaks for a label, without one for the likeliest.

        `label_id` is a WordNet id; ModelError when the network does not know it. `square` is what the network looks at, as a rule
        the middle. Hot is what, covered, lowers the label's logit.
        """
        square = square or centre(bgr)
        rgb = cut(bgr, square, INPUT_SIZE_PX)
        logits = self._logits([rgb])[0]
        number = int(logits.argmax()) if label_id is None else self._number(label_id)
        likely = np.exp(logits - logits.max())
        label = Label(self._names[number][1], self._names[number][0], float(likely[number] / likely.sum()))
        return ObjectHeat(label, self._heat(rgb, number), square)

    def heat(self, square_rgb: Picture, label_id: str) -> Floats:
        """The heat map alone, for what the network looks at, (224, 224, 3) uint8. ModelError as above."""
        return self._heat(square_rgb, self._number(label_id))

    def label_ids(self, name: str) -> tuple[str, ...]:
        """The WordNet ids of the labels of that name, in any case: two pairs share one. SettingsError says what is like it."""
        wanted = name.strip().casefold()
        found = tuple(label_id for label_id, known in self._names if wanted in (known.casefold(), label_id))
        if not found:
            near = difflib.get_close_matches(wanted, [known.casefold() for _, known in self._names], 3, 0.5)
            hint = f"; there are {', '.join(near)}" if near else ""
            raise SettingsError(f"the network has no label {name!r}{hint}; `facecam classify PICTURE` shows labels")
        return found

    def _heat(self, rgb: Picture, number: int) -> Floats:
        return occlusion(rgb, lambda pictures: self._logits(pictures)[:, number], _SQUARE_PX, _STEP_PX)

    def _logits(self, pictures: Sequence[Picture]) -> Floats:
        return self._network(lite0_input(np.stack(pictures)))

    def _number(self, label_id: str) -> int:
        number = next((number for number, (known, _) in enumerate(self._names) if known == label_id), None)
        if number is None:
            raise ModelError(f"{NETWORK} has no label {label_id}; only ImageNet's labels can be explained")
        return number
