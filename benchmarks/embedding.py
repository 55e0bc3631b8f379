"""Embedding per face: facecam on LiteRT, and the same network in Keras, called in the two usual ways."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.compose import VGA, Case, frames
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from benchmarks.report import Row, rows
from facecam.detection.mtcnn import Mtcnn
from facecam.embedding import nn4_small2
from facecam.embedding.embedder import Embedder, align
from facecam.settings import DetectSettings, IdentifySettings
from facecam.types import Image

PART = "embedding"
_PREDICT = "Keras model.predict"


def measure(turns: Turns) -> Iterator[Row]:
    """Yield milliseconds per aligned crop; "mirrored" embeds the crop and its mirror image."""
    crops = _crops()
    inputs = [crop[np.newaxis].astype(np.float32) / np.float32(255) for crop in crops]
    network = IdentifySettings().network
    single = Embedder(IdentifySettings(mirrored=False))
    mirrored = Embedder(IdentifySettings(mirrored=True))
    model = nn4_small2.create_model(network)
    contestants = [
        Contestant("facecam, one crop", lambda number: single.embed([crops[number % len(crops)]])),
        Contestant("facecam, mirrored", lambda number: mirrored.embed([crops[number % len(crops)]])),
        Contestant(_PREDICT, lambda number: model.predict(inputs[number % len(inputs)], verbose=0)),
        Contestant("Keras model(x)", lambda number: np.asarray(model(inputs[number % len(inputs)], training=False))),
    ]
    apart = max(
        float(np.linalg.norm(single.embed([crop]) - model.predict(x, verbose=0))) for crop, x in zip(crops, inputs, strict=True)
    )
    remarks = {contestants[0].name: f"at most {apart:.1e} L2 from Keras"}
    yield from rows(PART, network, summarize(take_turns(contestants, turns), _PREDICT), _PREDICT, remarks)


def _crops() -> list[Image]:
    detector = Mtcnn(DetectSettings())
    found = [(image, detector.detect(image)) for image in frames(Case(VGA, 3), 4, 9)]
    return [align(image, face.landmarks_xy) for image, faces in found for face in faces]
