"""The folder of a network that somebody trained here: what it says of itself, and its arrays, verified by hash.

    network.json                  format, recipe, input, labels, the weights' file and its SHA-256, the figures of its training
    weights-<hash>.safetensors    every array of the network, plain
    history.png, confusion.png    what training looked like

network.json is moved into place last and names its weights, so a folder that is read is always a whole one.
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

SCALINGS = {"unit": (0.0, 255.0), "efficientnet_lite": (127.0, 128.0), "mobilenet": (127.5, 127.5)}
"""Name -> (offset, divisor): a pixel x of 0 to 255 goes in as (x - offset) / divisor."""

_RESTORE = "copy the folder again, or train anew"


@dataclass(frozen=True, slots=True)
class InputForm:
    """What a network takes: (n, size_px, size_px, channels) float32, RGB or gray, scaled as SCALINGS says.

    `ink`: it was trained on light strokes on black; `ink_margin` is what is left free around a figure, as a share of the side.
    """

    size_px: int
    channels: int
    scaling: str = "unit"
    ink: bool = False
    ink_margin: float = 0.0

    def __post_init__(self) -> None:
        if not (4 <= self.size_px <= 1024 and self.channels in (1, 3)):
            raise ModelError(f"input of {self.size_px} px and {self.channels} channels; expected 4 to 1024 px, 1 or 3")
        if self.scaling not in SCALINGS or not 0 <= self.ink_margin < 0.5:
            raise ModelError(
                f"scaling {self.scaling!r} with an ink margin of {self.ink_margin}; expected one of {list(SCALINGS)}"
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.size_px, self.size_px, self.channels


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """What network.json says. `figures` are those of its training: test loss and accuracy, numbers of pictures, seed."""

    folder: Path
    recipe: str
    base: str
    form: InputForm
    labels: tuple[str, ...]
    weights: str
    sha256: str
    figures: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The content of network.json."""
        facts = asdict(self) | {"format": FORMAT}
        del facts["folder"]
        return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def read_trained(folder: Path) -> TrainedNetwork:
    """What lies in `folder`, once its weights have the SHA-256 that network.json gives. ModelError says what is wrong."""
    path = folder / NETWORK_FILE
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if facts.pop("format") != FORMAT:
            raise ModelError(f"{path} has another format than {FORMAT}: a newer facecam wrote it; install that")
        form = InputForm(**facts.pop("form"))
        found = TrainedNetwork(folder, form=form, labels=tuple(map(str, facts.pop("labels"))), **facts)
    except FileNotFoundError as error:
        raise ModelError(f"{folder} is no trained network: it has no {NETWORK_FILE}; `facecam train` makes one") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(f"{path} cannot be read ({error}); {_RESTORE}") from error
    if Path(found.weights).name != found.weights or len(found.labels) < 2 or len(set(found.labels)) != len(found.labels):
        raise ModelError(f"{path} names {found.weights!r} and {len(found.labels)} labels, which fits no network; {_RESTORE}")
    _content(found)
    return found


def trained_arrays(network: TrainedNetwork) -> dict[str, NDArray[Any]]:
    """Its arrays by name, verified. ModelError as read_trained."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays: dict[str, NDArray[Any]] = load(_content(network))
    except SafetensorError as error:
        raise ModelError(f"the weights of {network.folder} are no .safetensors file ({error}); {_RESTORE}") from error
    return arrays


def _content(network: TrainedNetwork) -> bytes:
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
