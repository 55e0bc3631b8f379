"""Embedding per face: facecam's networks on LiteRT, the same networks in Keras, and the networks beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.compose import VGA, Case, frames
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from benchmarks.report import Row, rows
from facecam.detection.mtcnn import Mtcnn
from facecam.embedding import face_reidentification, nn4_small2
from facecam.embedding.embedder import Embedder, align, network_input
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.settings import DetectSettings, IdentifySettings
from facecam.types import Image

if TYPE_CHECKING:
    import keras

PART = "embedding"
COUNTS = (1, 2, 4, 8)
_KERAS: dict[str, Callable[[str], keras.Model]] = {
    DEFAULT_NETWORK: nn4_small2.create_model,
    HIGH_ACCURACY_NETWORK: face_reidentification.create_model,
}
_PREDICT = "Keras model.predict"
_FACES = 12


def measure(turns: Turns, counts: Sequence[int] = COUNTS, threads: int = 2) -> Iterator[Row]:
    """Yield milliseconds per aligned crop for each network, then per image of so many faces for both networks.

    "mirrored" embeds each crop and its mirror image.
    """
    crops = {network: _crops(network) for network in _KERAS}
    for network in _KERAS:
        yield from _measure_network(network, crops[network], turns, threads)
    for mirrored in (False, True):
        embedders = {network: _embedder(network, threads, mirrored=mirrored) for network in _KERAS}
        for count in counts:
            yield from _compare_networks(embedders, crops, count, turns, "mirrored" if mirrored else "one crop each")


def _measure_network(network: str, crops: Sequence[Image], turns: Turns, threads: int) -> list[Row]:
    properties = embedding_network(network)
    inputs = [network_input(crop[np.newaxis], properties) for crop in crops]
    single, mirrored = (_embedder(network, threads, mirrored=mirrored) for mirrored in (False, True))
    model = _KERAS[network](network)
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
    case = f"{properties.label}, {network}"
    return rows(PART, case, summarize(take_turns(contestants, turns), _PREDICT), _PREDICT, remarks)


def _compare_networks(
    embedders: dict[str, Embedder], crops: dict[str, list[Image]], count: int, turns: Turns, averaging: str
) -> list[Row]:
    """Return both networks' rows; the remark is the ratio of their times within the rounds."""
    names = {network: f"facecam, {embedding_network(network).label}" for network in embedders}
    contestants = [
        Contestant(names[network], lambda _, e=embedder, batch=crops[network][:count]: e.embed(batch))
        for network, embedder in embedders.items()
    ]
    reference = names[DEFAULT_NETWORK]
    summaries = summarize(take_turns(contestants, turns), reference)
    remarks = {
        name: f"takes {1 / summary.times_as_fast:.2f} times as long"
        for name, summary in summaries.items()
        if summary.times_as_fast and name != reference
    }
    faces = "1 face" if count == 1 else f"{count} faces"
    return rows(PART, f"{faces}, {averaging}", summaries, reference, remarks)


def _embedder(network: str, threads: int, *, mirrored: bool) -> Embedder:
    return Embedder(IdentifySettings(network=network, mirrored=mirrored, threads=threads))


def _crops(network: str) -> list[Image]:
    """Return crops of the composed frames in the network's alignment."""
    detector, alignment = Mtcnn(DetectSettings()), embedding_network(network).alignment
    found = [(image, detector.detect(image)) for image in frames(Case(VGA, 3), _FACES // 3, 9)]
    return [align(image, face.landmarks_xy, alignment) for image, faces in found for face in faces]
