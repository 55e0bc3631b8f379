"""Folder of a network trained with `facecam train`: its description and its arrays, verified by hash.

    network.json                  format, recipe, input, labels, weights file and its SHA-256, training figures
    weights-<hash>.safetensors    all arrays of the network
    history.png, confusion.png    training history and confusion matrix

network.json names its weights and is moved into place last, so a readable folder is always complete.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from facecam.errors import ModelError

NETWORK_FILE = "network.json"
FORMAT = 1

SCALINGS = {"unit": (0.0, 255.0), "none": (0.0, 1.0), "efficientnet_lite": (127.0, 128.0), "mobilenet": (127.5, 127.5)}
"""Name -> (offset, divisor): a pixel value x (0 to 255) is scaled to (x - offset) / divisor."""

_RESTORE = "copy the folder again, or train the network again"
_STORED_NAMES = {"ink": "handwritten", "ink_margin": "margin"}


@dataclass(frozen=True, slots=True)
class InputForm:
    """Input of a network: (n, size_px, size_px, channels) float32, RGB or gray, scaled by SCALINGS.

    `handwritten` networks are trained on light strokes on black; `margin` is the free border as a fraction of the side.
    """

    size_px: int
    channels: int
    scaling: str = "unit"
    handwritten: bool = False
    margin: float = 0.0

    def __post_init__(self) -> None:
        if not (4 <= self.size_px <= 1024 and self.channels in (1, 3)):
            raise ModelError(f"input of {self.size_px} px and {self.channels} channels; expected 4 to 1024 px, 1 or 3")
        if self.scaling not in SCALINGS or not 0 <= self.margin < 0.5:
            raise ModelError(f"scaling {self.scaling!r} with a margin of {self.margin}; expected one of {list(SCALINGS)}")

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size_px, self.size_px, self.channels


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """Content of network.json. `figures` are those of the training: test loss and accuracy, numbers of images, seed."""

    folder: Path
    recipe: str
    base: str
    form: InputForm
    labels: tuple[str, ...]
    weights: str
    sha256: str
    figures: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the content of network.json."""
        facts = asdict(self) | {"format": FORMAT}
        del facts["folder"]
        names = {field: stored for stored, field in _STORED_NAMES.items()}
        facts["form"] = {names.get(name, name): value for name, value in facts["form"].items()}
        return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def read_trained(folder: Path) -> TrainedNetwork:
    """Return the network in `folder` after verifying its weights. ModelError says what is wrong."""
    path = folder / NETWORK_FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts.pop("format") != FORMAT:
            raise ModelError(f"{path} is not of format {FORMAT}; a newer version of facecam wrote it: install that version")
        form = InputForm(**{_STORED_NAMES.get(name, name): value for name, value in facts.pop("form").items()})
        found = TrainedNetwork(folder, form=form, labels=tuple(map(str, facts.pop("labels"))), **facts)
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} is not a trained network: {NETWORK_FILE} is missing; create one with `facecam train`"
        ) from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{path} cannot be read ({error}); {_RESTORE}") from error
    if Path(found.weights).name != found.weights or len(found.labels) < 2 or len(set(found.labels)) != len(found.labels):
        raise ModelError(
            f"{path} names {found.weights!r} and {len(found.labels)} labels, which does not describe a network; {_RESTORE}"
        )
    _verified_content(found)
    return found


def trained_arrays(network: TrainedNetwork) -> dict[str, NDArray[Any]]:
    """Return the verified arrays of the network by name. ModelError as from `read_trained`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays: dict[str, NDArray[Any]] = load(_verified_content(network))
    except SafetensorError as error:
        raise ModelError(f"the weights of {network.folder} are not a .safetensors file ({error}); {_RESTORE}") from error
    return arrays


def _verified_content(network: TrainedNetwork) -> bytes:
    path = network.folder / network.weights
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"the weights of {network.folder} cannot be read: {path} ({error.strerror}); {_RESTORE}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != network.sha256:
        raise ModelError(
            f"the weights of {network.folder} are damaged: {path.name} has SHA-256 {digest[:12]}, expected "
            f"{network.sha256[:12]}; {_RESTORE}"
        )
    return content
