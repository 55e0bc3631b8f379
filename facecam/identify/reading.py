"""What the networks say of a face in a still picture, and the protocol of whatever reads it. The gallery is built on these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from facecam.types import Face, Floats, Picture, Quality


@dataclass(frozen=True, slots=True, eq=False)
class FaceReading:
    """One face of a picture. `gate` is the reason why it must not be compared (then `embedding` is None), else None.

    `embedding` is (128,) float32 of length 1.
    """

    face: Face
    quality: Quality
    gate: str | None
    embedding: Floats | None


class FaceReader(Protocol):
    """Finds and embeds every face of a picture.

    `embedding_id` names the network, its weights and the averaging: embeddings with different ids are never compared.
    """

    @property
    def embedding_id(self) -> str: ...

    def read(self, bgr: Picture) -> tuple[FaceReading, ...]:
        """The faces of `bgr` (height, width, 3) uint8, the largest first."""
        ...
