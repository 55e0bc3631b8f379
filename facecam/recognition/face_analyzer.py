"""A picture -> its faces with quality, gate and embedding: detect, align, gate, embed. What gallery and recognizer share."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Detector, Mtcnn
from facecam.embedding.embedder import Embedder, align
from facecam.networks.convert import ensure_compiled
from facecam.recognition.quality import gate, measure
from facecam.settings import DetectSettings, FollowSettings, Settings
from facecam.types import Face, Floats, Frame, Image, Quality

# MERGED detect.open: Which detector the settings ask for, and whether it follows faces from frame to frame.


def open_detector(settings: DetectSettings) -> Detector:
    """facecam's own cascade (`fast`) or the `mtcnn` package (`package`)."""
    if settings.detector == "package":
        from facecam.detection.mtcnn_package import PackageMtcnn

        return PackageMtcnn(settings)
    return Mtcnn(settings)


def open_follower(detector: Detector, settings: FollowSettings) -> FaceFollower | None:
    """What follows faces over consecutive frames with `detector`; None when every frame is to be searched."""
    return FaceFollower(detector, settings) if settings.enabled and isinstance(detector, Mtcnn) else None


# MERGED identify.reading: What the networks say of a face in a still picture, and the protocol of whatever reads it. The gallery is built on these.


@dataclass(frozen=True, slots=True, eq=False)
class FaceObservation:
    """One face of a picture. `gate` is the reason why it must not be compared (then `embedding` is None), else None.

    `embedding` is (128,) float32 of length 1.
    """

    face: Face
    quality: Quality
    gate: str | None
    embedding: Floats | None


class ImageFaceAnalyzer(Protocol):
    """Finds and embeds every face of a picture.

    `embedding_id` names the network, its weights and the averaging: embeddings with different ids are never compared.
    """

    @property
    def embedding_id(self) -> str: ...

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        """The faces of `bgr` (height, width, 3) uint8, the largest first."""
        ...


@dataclass(slots=True, eq=False)
class FollowerState:
    """What is remembered of one source from frame to frame: where its faces were, and when."""

    follower: FaceFollower | None
    last_ms: float = -math.inf
    size_wh: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class AnalysisTiming:
    """How long the last picture took, in milliseconds."""

    detect_ms: float
    embed_ms: float


# Faces are followed between frames no farther apart than this: a moving head must still overlap its place.
_CONSECUTIVE_MS = 200.0

NeedsEmbedding = Callable[[Sequence[Face]], Sequence[bool]]
"""Says of each face whether an embedding could change what is thought of it."""


class FaceAnalyzer:
    """Detector, gates and embedder in a row; a `FaceReader`. Owned by the thread that reads the first picture."""

    def __init__(self, settings: Settings) -> None:
        self._gates = settings.gate
        self.detector = open_detector(settings.detect)
        self._follow = settings.follow
        self._embedder = Embedder(settings.identify)
        self.last = AnalysisTiming(0.0, 0.0)

    @property
    def embedding_id(self) -> str:
        """Names network, weights and averaging; embeddings of different ids are never compared."""
        return self._embedder.embedding_id

    def analyze(self, bgr: Image) -> tuple[FaceObservation, ...]:
        """Every face of `bgr` (height, width, 3) uint8, the largest first."""
        return self._timed(bgr, self.detector.detect, lambda faces: [True] * len(faces))

    def following(self) -> FollowerState:
        """What one more source needs to be followed from frame to frame with this detector."""
        return FollowerState(open_follower(self.detector, self._follow))

    def analyze_next(self, frame: Frame, following: FollowerState, undecided: NeedsEmbedding) -> tuple[FaceObservation, ...]:
        """Every face of a source's next frame, the largest first; only those that are `undecided` are embedded.

        A frame long after the last one, before it, or of another size is searched: pictures of a folder, a lost camera.
        """
        if following.follower is None:
            return self._timed(frame.bgr, self.detector.detect, undecided)
        if not 0 <= frame.t_ms - following.last_ms <= _CONSECUTIVE_MS or frame.size_wh != following.size_wh:
            following.follower.forget()
        following.last_ms, following.size_wh = frame.t_ms, frame.size_wh
        return self._timed(frame.bgr, following.follower.detect, undecided)

    def _timed(
        self, bgr: Image, detect: Callable[[Image], Sequence[Face]], undecided: NeedsEmbedding
    ) -> tuple[FaceObservation, ...]:
        started = time.perf_counter()
        faces = sorted(detect(bgr), key=lambda face: -face.box.w * face.box.h)
        detected = time.perf_counter()
        readings = self._examine(bgr, faces, undecided(faces))
        self.last = AnalysisTiming((detected - started) * 1e3, (time.perf_counter() - detected) * 1e3)
        return readings

    def _examine(self, bgr: Image, faces: Sequence[Face], wanted: Sequence[bool]) -> tuple[FaceObservation, ...]:
        """Quality and gate of each face; those that are wanted and pass are embedded."""
        size_wh = bgr.shape[1], bgr.shape[0]
        crops = [align(bgr, face.landmarks_xy) if want else None for face, want in zip(faces, wanted, strict=True)]
        qualities = [measure(face, crop) for face, crop in zip(faces, crops, strict=True)]
        gates = [gate(face, quality, size_wh, self._gates) for face, quality in zip(faces, qualities, strict=True)]
        good = {number: crop for number, crop in enumerate(crops) if crop is not None and gates[number] is None}
        embeddings = dict(zip(good, self._embedder.embed(list(good.values())), strict=True))
        return tuple(
            FaceObservation(face, quality, code, embeddings.get(number))
            for number, (face, quality, code) in enumerate(zip(faces, qualities, gates, strict=True))
        )

    def close(self) -> None:
        """Give the detector's networks back."""
        self.detector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_face_analyzer(settings: Settings) -> FaceAnalyzer:
    """A pipeline ready to read; compiles its networks first when this machine has not done so yet."""
    ensure_compiled(analyzer_networks(settings))
    return FaceAnalyzer(settings)


def analyzer_networks(settings: Settings) -> list[str]:
    """The compiled networks that reading faces needs."""
    cascade = ["pnet", "rnet", "onet"] if settings.detect.detector == "fast" else []
    return [*cascade, settings.identify.network]


# MERGED identify.verdict: Which face of a photo stands for its person: the only one, or the only one that passes the gates.

OK = "ok"
NO_FACE = "no_face"
SEVERAL_FACES = "several_faces"
UNREADABLE = "unreadable"


def single_face(readings: Sequence[FaceObservation]) -> FaceObservation | str:
    """The face that a photo is of, else the code for why it is of none: no_face, several_faces or the only face's gate."""
    if not readings:
        return NO_FACE
    usable = [reading for reading in readings if reading.gate is None and reading.embedding is not None]
    if len(usable) == 1:
        return usable[0]
    if len(readings) == 1 and readings[0].gate is not None:
        return readings[0].gate
    return SEVERAL_FACES
