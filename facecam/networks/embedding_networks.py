"""Registry of embedding networks: input, alignment, embedding length, and the distances that belong to each.

The shipped networks are listed in models/MANIFEST.toml, in `[model.embedding]` tables whose keys are the fields of
`EmbeddingNetwork`. A network of the user is named by its path, see `user_embeddings`.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facecam.errors import ModelError
from facecam.networks.manifest import entries
from facecam.networks.user_embeddings import (
    InputDescription,
    calibrate_again,
    description_path,
    input_sha256,
    read_calibration,
    read_description,
)
from facecam.networks.user_networks import SCALINGS, embedding_file_sha256, is_embedding_file
from facecam.types import Floats

DEFAULT_NETWORK = "nn4_small2_facecam_v2"
HIGH_ACCURACY_NETWORK = "face_reidentification_retail_0095"

_CHANNELS = ("rgb", "bgr")
_LANDMARKS = 5


@dataclass(frozen=True, slots=True)
class Alignment:
    """Side of the square crop in pixels, and the positions of the five landmarks in it, in the order of `Face`."""

    size_px: int
    landmarks_xy: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if not 16 <= self.size_px <= 1024:
            raise ModelError("an aligned face of {size_px} px; expected 16 to 1024", size_px=self.size_px)
        if len(self.landmarks_xy) != _LANDMARKS or any(len(point) != 2 for point in self.landmarks_xy):
            raise ModelError(
                "an alignment needs x and y of {landmarks} landmarks, got {landmarks_xy}",
                landmarks=_LANDMARKS,
                landmarks_xy=self.landmarks_xy,
            )

    @property
    def template_xy(self) -> Floats:
        """(5, 2) float32 landmark positions."""
        return np.array(self.landmarks_xy, np.float32)


@dataclass(frozen=True, slots=True)
class EmbeddingNetwork:
    """Properties of an embedding network. All distances are plain L2 between unit vectors with mirrored averaging.

    Attributes:
        name: Name in the manifest, or the path of a user's network.
        label: Short name for people.
        sha256: SHA-256 of its weights, for a user's network also of its description; distances and embeddings belong to these.
        alignment: Alignment of its input.
        channels: Order of the input's channels, rgb or bgr.
        scaling: Scaling of the input, a name in SCALINGS.
        length: Numbers in an embedding.
        threshold_l2: Largest match threshold; the automatic one falls from there as a gallery grows.
        margin_l2: Required distance between the nearest and the next person.
        unsure_band_l2: Width of the band beyond the threshold.
        person_l2: Faces farther apart than this in one video belong to different people.
        video_apart_l2: Groups of frames of one video whose mean distance is larger show different people.
        same_person_l2: Groups of photos whose mean distance is smaller may show one person under two names.
        reread_l2: A saved crop whose embedding is farther than this from its frame's shows another face.
        duplicate_l2: Faces nearer than this add nothing to each other.
        same_image_l2: Two files of one image are at most this far apart.
        outlier_l2: Photos whose mean distance to their person's others is larger may show another person.
        still_spread_l2: Embeddings of a still image spread at most this far.
        session_l2: Least upper limit of the match threshold of a person whose samples are from one session with one camera.
        file_sha256: SHA-256 of the file of a user's network, "" for another one.
        spread_weight: How much a gallery of people who look alike lowers the match threshold, see `open_set_statistics`.
    """

    name: str
    label: str
    sha256: str
    alignment: Alignment
    channels: str
    scaling: str
    length: int
    threshold_l2: float
    margin_l2: float
    unsure_band_l2: float
    person_l2: float
    video_apart_l2: float
    same_person_l2: float
    reread_l2: float
    duplicate_l2: float
    same_image_l2: float
    outlier_l2: float
    still_spread_l2: float
    session_l2: float
    spread_weight: float = 1.5
    file_sha256: str = ""

    def __post_init__(self) -> None:
        if self.channels not in _CHANNELS or self.scaling not in SCALINGS:
            raise ModelError(
                "{name} takes {channels!r} scaled by {scaling!r}; expected one of {all_channels} and one of {all_scalings}",
                name=self.name,
                channels=self.channels,
                scaling=self.scaling,
                all_channels=", ".join(_CHANNELS),
                all_scalings=", ".join(SCALINGS),
            )
        for field in dataclasses.fields(self):
            if field.name.endswith("_l2") and not 0 <= getattr(self, field.name) <= 2:
                raise ModelError(
                    "{key} of {name} is {value}; expected a distance from 0 to 2",
                    key=field.name,
                    name=self.name,
                    value=getattr(self, field.name),
                )

    @classmethod
    def from_table(cls, name: str, sha256: str, table: Mapping[str, Any]) -> EmbeddingNetwork:
        """Return the network of a manifest's table. ModelError names what is missing or unknown."""
        facts = dict(table)
        try:
            points = tuple((float(x), float(y)) for x, y in facts.pop("landmarks_xy"))
            return cls(name=name, sha256=sha256, alignment=Alignment(int(facts.pop("size_px")), points), **facts)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                "the description of the embedding network {name} cannot be used: {error}", name=name, error=error
            ) from error


def embedding_network(name: str) -> EmbeddingNetwork:
    """Return the embedding network of this name, or of this path to a user's network.

    Raises:
        ModelError: It is unknown, has another role, or is a user's and not calibrated; the message says what to do.
    """
    if Path(name).suffix.lower() == ".keras":
        raise ModelError(
            "{name} has to be converted once: run `facecam models convert {name} --embedding`, and use the .tflite file",
            name=name,
        )
    if is_embedding_file(name):
        path = Path(name)
        calibration = read_calibration(path)
        if calibration.distances_l2.keys() != scaled_distances(1.0).keys():
            raise ModelError("another version of facecam calibrated {path}: {advice}", path=path, advice=calibrate_again(path))
        return _user_network(path, read_description(path), calibration.sha256, calibration.length, calibration.distances_l2)
    networks = {found.name: found for found in entries() if found.embedding is not None}
    if (found := networks.get(name)) is None or found.embedding is None:
        raise ModelError(
            "{name!r} is not a face recognition network; choose {names}, or the path of a FILE.tflite",
            name=name,
            names=", ".join(networks),
        )
    return EmbeddingNetwork.from_table(name, found.sha256, found.embedding)


def uncalibrated_network(path: Path, length: int) -> EmbeddingNetwork:
    """Return a user's network with the distances of the default one, to embed the photos that its own are measured on."""
    return _user_network(path, read_description(path), embedding_file_sha256(path), length, scaled_distances(1.0))


def scaled_distances(factor: float) -> dict[str, float]:
    """Return the distances of the default network by the names of their fields, multiplied by a factor and at most 2."""
    default = embedding_network(DEFAULT_NETWORK)
    names = [field.name for field in dataclasses.fields(EmbeddingNetwork) if field.name.endswith("_l2")]
    return {name: min(getattr(default, name) * factor, 2.0) for name in names}


def default_alignment(size_px: int) -> Alignment:
    """Return the alignment of the default network, scaled to another size."""
    alignment = embedding_network(DEFAULT_NETWORK).alignment
    scale = size_px / alignment.size_px
    return Alignment(size_px, tuple((round(x * scale, 2), round(y * scale, 2)) for x, y in alignment.landmarks_xy))


def _user_network(
    path: Path, description: InputDescription, file_sha256: str, length: int, distances_l2: Mapping[str, float]
) -> EmbeddingNetwork:
    digest = hashlib.sha256((file_sha256 + input_sha256(description)).encode()).hexdigest()
    try:
        alignment = default_alignment(description.size_px)
        if description.landmarks_xy is not None:
            alignment = Alignment(description.size_px, description.landmarks_xy)
        return EmbeddingNetwork(
            name=str(path),
            label=description.label,
            sha256=digest,
            alignment=alignment,
            channels=description.channels,
            scaling=description.scaling,
            length=length,
            file_sha256=file_sha256,
            **distances_l2,
        )
    except ModelError as error:
        raise ModelError("{path} cannot be used: {error}", path=description_path(path), error=error) from error
