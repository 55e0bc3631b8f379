"""Face analysis of images: detection, alignment, quality gates and embedding. Shared by gallery and recognizer."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Protocol, Self

from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Detector, Mtcnn
from facecam.embedding.embedder import Embedder, align, embedding_id
from facecam.errors import FacecamError, ImageError
from facecam.networks.embedding_networks import Alignment, EmbeddingNetwork
from facecam.recognition.quality import QUALITY_ALIGNMENT, failed_gate, measure_quality
from facecam.settings import DetectSettings, IdentifySettings, Settings
from facecam.types import Face, FaceObservation, Frame, Image


class ImageFaceAnalyzer(Protocol):
    """Analyzer that detects and embeds every face of an image.

    `embedding_id` names the network, its weights and the averaging: embeddings with different ids are never compared.
    """

    @property
    def embedding_id(self) -> str: ...

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        """Return the faces of `bgr` (height, width, 3) uint8, the largest first. ImageError if the image cannot be analyzed."""
        ...


class FaceAnalyzer:
    """Detector, quality gates and embedder. It belongs to the thread that analyzes the first image.

    `network` replaces the properties of the settings' network, as in `Embedder`.
    """

    def __init__(self, settings: Settings, network: EmbeddingNetwork | None = None) -> None:
        self.settings = settings
        self.detector = _open_detector(settings.detect)
        self.embedder = Embedder(settings.identify, network)
        self.embedding_id = self.embedder.embedding_id
        self.network = self.embedder.network

    def with_settings(self, settings: Settings) -> Self:
        """Return an analyzer with other settings for the same thread. Networks that they do not concern are shared.

        Raises:
            ModelError: A network is missing or damaged.
        """
        other, previous = copy.copy(self), self.settings
        other.settings = settings
        if settings.detect != previous.detect:
            other.detector = _open_detector(settings.detect)
        # The file of a user's network may have been replaced under the same name.
        is_same = _embedder_key(settings.identify) == _embedder_key(previous.identify)
        if not is_same or embedding_id(settings.identify) != self.embedding_id:
            other.embedder = Embedder(settings.identify)
            other.embedding_id, other.network = other.embedder.embedding_id, other.embedder.network
        return other

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        """Return every face of `bgr` (height, width, 3) uint8, the largest first.

        Raises:
            ImageError: Detection or a network failed on this image.
        """
        try:
            faces = self.detect(bgr)
            return self.observe(bgr, faces, [True] * len(faces))
        except FacecamError:
            raise
        except Exception as error:
            raise ImageError(
                "the image of {width} x {height} pixels could not be analyzed ({error}); save it again or reduce it",
                width=bgr.shape[1],
                height=bgr.shape[0],
                error=error,
            ) from error

    def new_follower(self) -> FaceFollower | None:
        """Return what `detect_next` needs for one more source; None if following is off."""
        follow = self.settings.follow
        return FaceFollower(self.detector, follow) if follow.enabled and isinstance(self.detector, Mtcnn) else None

    def detect(self, bgr: Image) -> list[Face]:
        """Return every face of an image, the largest first."""
        return _largest_first(self.detector.detect(bgr))

    def detect_next(self, frame: Frame, follower: FaceFollower | None, *, search: bool = False) -> list[Face]:
        """Return every face of a source's next frame, the largest first, following those of the last frame.

        With `search`, or without a follower, the whole frame is searched.
        """
        return self.detect(frame.bgr) if follower is None else _largest_first(follower.detect_next(frame, search=search))

    def observe(self, bgr: Image, faces: Sequence[Face], needs_embedding: Sequence[bool]) -> tuple[FaceObservation, ...]:
        """Measure detected faces; embed those that need it and pass the gates.

        Args:
            bgr: Image in which the faces were detected.
            faces: Detected faces.
            needs_embedding: For each face, whether an embedding could change its decision.
        """
        size_wh = bgr.shape[1], bgr.shape[0]
        alignment = self.network.alignment
        crops = self._crops(bgr, faces, needs_embedding, alignment)
        measured = crops if alignment == QUALITY_ALIGNMENT else self._crops(bgr, faces, needs_embedding, QUALITY_ALIGNMENT)
        qualities = [measure_quality(face, crop) for face, crop in zip(faces, measured, strict=True)]
        gates = [failed_gate(face, quality, size_wh, self.settings.gate) for face, quality in zip(faces, qualities, strict=True)]
        good = {number: crop for number, crop in enumerate(crops) if crop is not None and gates[number] is None}
        embeddings = dict(zip(good, self.embedder.embed(list(good.values())), strict=True))
        return tuple(
            FaceObservation(face, quality, code, embeddings.get(number), crop)
            for number, (face, quality, code, crop) in enumerate(zip(faces, qualities, gates, crops, strict=True))
        )

    @staticmethod
    def _crops(bgr: Image, faces: Sequence[Face], needed: Sequence[bool], alignment: Alignment) -> list[Image | None]:
        return [align(bgr, face.landmarks_xy, alignment) if need else None for face, need in zip(faces, needed, strict=True)]

    def close(self) -> None:
        """Free the networks, except those that another analyzer shares. `embedding_id` and `network` stay."""
        for name in ("detector", "embedder"):
            vars(self).pop(name, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open_detector(settings: DetectSettings) -> Detector:
    if settings.detector == "package":
        from facecam.detection.mtcnn_package import PackageMtcnn

        return PackageMtcnn(settings)
    return Mtcnn(settings)


def _embedder_key(settings: IdentifySettings) -> tuple[str, bool, int]:
    """Return the settings on which an embedder depends."""
    return settings.network, settings.mirrored, settings.threads


def _largest_first(faces: Sequence[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: -face.box.w * face.box.h)


def open_face_analyzer(settings: Settings) -> FaceAnalyzer:
    """Open a face analyzer. ModelError if a network is missing or damaged."""
    return FaceAnalyzer(settings)


def analyzer_networks(settings: Settings) -> list[str]:
    """Return the names of the compiled networks that a face analyzer needs."""
    cascade = ["pnet", "rnet", "onet"] if settings.detect.detector == "fast" else []
    return [*cascade, settings.identify.network]


OK = "ok"
NO_FACE = "no_face"
SEVERAL_FACES = "several_faces"
UNREADABLE = "unreadable"


def single_face(observations: Sequence[FaceObservation]) -> FaceObservation | str:
    """Return the only usable face of a photo, or the reason code: no_face, several_faces or the only face's gate."""
    if not observations:
        return NO_FACE
    usable = [observation for observation in observations if observation.gate is None and observation.embedding is not None]
    if len(usable) == 1:
        return usable[0]
    if len(observations) == 1 and observations[0].gate is not None:
        return observations[0].gate
    return SEVERAL_FACES
