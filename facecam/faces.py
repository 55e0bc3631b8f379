"""A picture -> its faces with quality, gate and embedding: detect, align, gate, embed. What gallery and recogniser share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from facecam.compile import ensure_compiled
from facecam.detect.open import open_detector
from facecam.embed.align import align
from facecam.embed.embedder import Embedder
from facecam.identify.quality import gate, measure
from facecam.identify.reading import FaceReading
from facecam.settings import Settings
from facecam.types import Picture


@dataclass(frozen=True, slots=True)
class Timing:
    """How long the last picture took, in milliseconds."""

    detect_ms: float
    embed_ms: float


class FacePipeline:
    """Detector, gates and embedder in a row; a `FaceReader`. Owned by the thread that reads the first picture."""

    def __init__(self, settings: Settings) -> None:
        self._gates = settings.gate
        self._detector = open_detector(settings.detect)
        self._embedder = Embedder(settings.identify)
        self.last = Timing(0.0, 0.0)

    @property
    def embedding_id(self) -> str:
        """Names network, weights and averaging; embeddings of different ids are never compared."""
        return self._embedder.embedding_id

    def read(self, bgr: Picture) -> tuple[FaceReading, ...]:
        """Every face of `bgr` (height, width, 3) uint8, the largest first."""
        started = time.perf_counter()
        faces = sorted(self._detector.detect(bgr), key=lambda face: -face.box.w * face.box.h)
        detected = time.perf_counter()
        crops = [align(bgr, face.landmarks_xy) for face in faces]
        qualities = [measure(face, crop) for face, crop in zip(faces, crops, strict=True)]
        size_wh = bgr.shape[1], bgr.shape[0]
        gates = [gate(face, quality, size_wh, self._gates) for face, quality in zip(faces, qualities, strict=True)]
        good = [number for number, code in enumerate(gates) if code is None]
        embeddings = dict(zip(good, self._embedder.embed([crops[number] for number in good]), strict=True))
        self.last = Timing((detected - started) * 1e3, (time.perf_counter() - detected) * 1e3)
        return tuple(
            FaceReading(face, qualities[number], gates[number], embeddings.get(number)) for number, face in enumerate(faces)
        )

    def close(self) -> None:
        """Give the detector's networks back."""
        self._detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_face_reader(settings: Settings) -> FacePipeline:
    """A pipeline ready to read; compiles its networks first when this machine has not done so yet."""
    ensure_compiled(networks(settings))
    return FacePipeline(settings)


def networks(settings: Settings) -> list[str]:
    """The compiled networks that reading faces needs."""
    cascade = ["pnet", "rnet", "onet"] if settings.detect.detector == "fast" else []
    return [*cascade, settings.identify.network]
