"""A head for names as a folder: prototypes, threshold, and with fine-tuning the end of the network, as plain arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from facecam import __version__
from facecam.atomic import write_atomic
from facecam.errors import ModelError, TeachError
from facecam.teach.names import NamesHead, fit_names
from facecam.trained import NETWORK_FILE, InputForm, TrainedNetwork, read_trained, trained_arrays
from facecam.types import Floats, Picture

RECIPE = "names"
_PROTOTYPES = "prototypes"
_FORM = InputForm(96, 3)


class FacePhoto(Protocol):
    """What is learned from: a photo's embedding (128,) float32 of length 1, and whose it is."""

    @property
    def name(self) -> str: ...
    @property
    def embedding(self) -> Floats: ...


@dataclass(frozen=True, slots=True, eq=False)
class NamesData:
    """Embeddings (n, 128) by the network `weights`, the number of each one's person, and, for fine-tuning, the aligned crops.

    `moved` are the arrays at the network's end that the embeddings were made with, if they are not its own.
    """

    names: tuple[str, ...]
    people: NDArray[np.intp]
    embeddings: Floats
    weights: str
    crops_rgb: Picture | None = None
    moved: dict[str, NDArray[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, samples: Sequence[FacePhoto], weights: str, crops_rgb: Sequence[Picture] | None = None) -> NamesData:
        """The samples of a gallery. TeachError when there are none."""
        if not samples:
            raise TeachError(
                "nobody is enrolled with a usable photo, so there are no names to learn; `facecam enroll` adds people"
            )
        names = tuple(sorted({sample.name for sample in samples}))
        people = np.array([names.index(sample.name) for sample in samples], np.intp)
        crops = None if crops_rgb is None else np.stack(crops_rgb)
        return cls(names, people, np.stack([sample.embedding for sample in samples]), weights, crops)


def finetune(data: NamesData, seed: int, told: Callable[[int, int, float], None]) -> NamesData:
    """The same people by a network whose last block was moved for them. Needs the crops."""
    from facecam.teach import triplet

    assert data.crops_rgb is not None
    moved = triplet.finetune(data.weights, data.crops_rgb, data.people, seed, told)
    return replace(data, moved=moved, embeddings=triplet.embed_with(data.weights, moved, data.crops_rgb))


def save(data: NamesData, far: float, cap_l2: float, folder: Path) -> TrainedNetwork:
    """Fit the head and write it to `folder`, over an earlier one. TeachError when it cannot be fitted or written."""
    from safetensors.numpy import save as packed

    if folder.is_dir() and any(folder.iterdir()) and not (folder / NETWORK_FILE).is_file():
        raise TeachError(f"{folder} holds other things than a trained network; name another folder with -o")
    head = fit_names(data.embeddings, data.people, data.names, far, cap_l2)
    content = packed({_PROTOTYPES: head.prototypes, **data.moved})
    digest = hashlib.sha256(content).hexdigest()
    figures = {
        "facecam": __version__,
        "threshold_l2": head.threshold_l2,
        "photos": len(data.people),
        "finetuned": bool(data.moved),
    }
    weights = f"weights-{digest[:12]}.safetensors"
    network = TrainedNetwork(folder, RECIPE, data.weights, _FORM, data.names, weights, digest, figures)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_atomic(folder / weights, content)
        write_atomic(folder / NETWORK_FILE, network.to_json().encode())
        for old in folder.glob("weights-*.safetensors"):
            if old.name != weights:
                old.unlink(missing_ok=True)
    except OSError as error:
        raise TeachError(f"{folder} cannot be written: {error.strerror}; name another folder with -o") from error
    return network


def load(folder: Path) -> tuple[NamesHead, dict[str, NDArray[Any]]]:
    """The head, and the arrays to put at the network's end before faces are embedded for it, none when it was left as it is.

    ModelError when the folder is damaged or holds something else.
    """
    network = read_trained(folder)
    arrays = trained_arrays(network)
    prototypes = arrays.pop(_PROTOTYPES, None)
    if network.recipe != RECIPE or prototypes is None or len(prototypes) != len(network.labels):
        raise ModelError(f"{folder} holds no head for names but a network of the recipe {network.recipe}; train names anew")
    return NamesHead(network.labels, prototypes, float(network.figures["threshold_l2"])), arrays
