"""Calibration of an embedding network of the user: its distances, measured on photos of known people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from facecam.embedding.embedder import network_input
from facecam.enrollment.transfer import open_import
from facecam.errors import GalleryError, ModelError
from facecam.evaluation.distance_table import FEWEST_PEOPLE, PhotoSet, table_arrays
from facecam.gallery.cache import CacheEntry
from facecam.gallery.gallery import embed_photo
from facecam.networks.embedding_networks import (
    DEFAULT_NETWORK,
    EmbeddingNetwork,
    embedding_network,
    scaled_distances,
    uncalibrated_network,
)
from facecam.networks.litert import CompiledNetwork, embedding_shape
from facecam.networks.user_embeddings import (
    StoredCalibration,
    description_path,
    input_sha256,
    read_description,
    read_network_file,
    write_calibration,
)
from facecam.networks.user_networks import embedding_file_sha256
from facecam.recognition.face_analyzer import OK, UNREADABLE, FaceAnalyzer, ImageFaceAnalyzer
from facecam.recognition.open_set import DistanceTable
from facecam.settings import Settings
from facecam.types import Floats

FALSE_MATCH_RATE = 0.001
"""Share of the pairs of people that are at most the threshold apart, as with the shipped networks."""

MIN_PEOPLE, SURE_PEOPLE = 20, 200
"""Drawn from LFW view 1's training people, 20 people gave thresholds with false match rates of 0.003 to 0.10 % (5 to 95 % of
the draws), 50 gave 0.03 to 0.22 %, 100 0.05 to 0.19 %, 200 0.07 to 0.15 %."""

MAX_PHOTOS = 3000
"""The bootstrap over all pairs of these takes half a minute."""

_USELESS, _DOUBTFUL = 0.9, 0.5


@dataclass(frozen=True, slots=True)
class NetworkCalibration:
    """Result of `calibrate_network`.

    Attributes:
        path: The written file.
        people, photos: Numbers of people and photos that were measured.
        refused: Number of photos by the reason code for not using them.
        left_out: Number of photos that were not read, because others are enough.
        threshold_l2: Distance at FALSE_MATCH_RATE, with its 95 % interval by bootstrap over the people.
        missed: Share of a person's photos that are farther than this from one other photo of the same person.
    """

    path: Path
    people: int
    photos: int
    refused: dict[str, int]
    left_out: int
    threshold_l2: float
    interval_l2: tuple[float, float]
    missed: float

    @property
    def is_doubtful(self) -> bool:
        """Return whether the network tells people apart so badly that its description may be wrong."""
        return self.missed > _DOUBTFUL


@dataclass(slots=True, eq=False)
class _Photos:
    embeddings: list[Floats] = field(default_factory=list)
    person: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    left_out: int = 0


def calibrate_network(network: Path, people: Path, report_progress: Callable[[int, int], None]) -> NetworkCalibration:
    """Measure a network of the user on photos of known people with default settings, and write the result beside it.

    Nothing is written before everything is measured.

    Args:
        network: Its .tflite file, with a description beside it.
        people: Folder with one folder of photos per person, or a ZIP file of it.
        report_progress: Called with (done, total) photos.

    Raises:
        ModelError: The network or its description cannot be used, or the network does not tell people apart.
        GalleryError: There are too few people or photos.
        OutputError: The result cannot be written.
    """
    if not people.exists():
        raise GalleryError(f"{people} does not exist; name a folder with one folder of photos for each person")
    properties, hashes = checked_network(network), (embedding_file_sha256(network), input_sha256(read_description(network)))
    settings = Settings().replace({"identify.network": str(network)})
    with FaceAnalyzer(settings, properties) as analyzer:
        found = _embed_people(people, analyzer, report_progress)
    photos = _photo_set(found, people)
    arrays = {name: np.ascontiguousarray(array, np.float32) for name, array in table_arrays(photos).items()}
    table = DistanceTable.from_arrays(arrays)
    threshold_l2 = table.impostor_quantile_l2(FALSE_MATCH_RATE)
    missed = table.false_negative_identification_rate(threshold_l2, 1)
    if missed > _USELESS:
        raise ModelError(
            f"{network} does not tell these people apart: {missed:.0%} of their photos are farther from their other photos than "
            f"pairs of people may be; correct {description_path(network).name}, or choose another network"
        )
    distances_l2 = scaled_distances(threshold_l2 / embedding_network(DEFAULT_NETWORK).threshold_l2)
    counts = int(photos.person[-1]) + 1, len(photos.person)
    path = write_calibration(network, StoredCalibration(*hashes, properties.length, distances_l2, *counts, arrays))
    interval_l2 = table.impostor_interval_l2(FALSE_MATCH_RATE)
    return NetworkCalibration(path, *counts, dict(found.refused), found.left_out, threshold_l2, interval_l2, missed)


def checked_network(network: Path) -> EmbeddingNetwork:
    """Return the properties of a user's network that is not calibrated yet. ModelError if it does not embed images."""
    description, content = read_description(network), read_network_file(network)
    side_px, length = embedding_shape(str(network), content)
    size_px = description.size_px
    if side_px not in (None, size_px):
        raise ModelError(
            f"{network} takes images of {side_px} x {side_px}, {description_path(network)} says {size_px} x {size_px}; correct it"
        )
    if description.length not in (None, length):
        raise ModelError(f"{network} returns {length} numbers, {description_path(network)} says {description.length}; correct it")
    properties = uncalibrated_network(network, length)
    crops = np.random.default_rng(0).integers(0, 256, (2, size_px, size_px, 3), np.uint8)
    outputs = CompiledNetwork(str(network), content, threads=1, one_row=True)(network_input(crops, properties))
    if outputs.shape != (2, length) or not np.isfinite(outputs).all() or not outputs.any(axis=1).all():
        raise ModelError(f"{network} returns no embedding but zeros, NaN or another shape; export it again")
    if np.allclose(outputs[0], outputs[1]):
        raise ModelError(f"{network} returns the same numbers for different images; export it again")
    return properties


def _embed_people(source: Path, analyzer: ImageFaceAnalyzer, report_progress: Callable[[int, int], None]) -> _Photos:
    """Embed the only face of each photo of a folder of people. Beyond MAX_PHOTOS, whole people are left out, by chance."""
    found = _Photos()
    with open_import(source) as package:
        people = package.people
        drawn, total = [], 0
        for number in np.random.default_rng(0).permutation(len(people)):
            photos = people[number].photos
            if total + len(photos) > MAX_PHOTOS:
                found.left_out += len(photos)
                continue
            drawn.append(people[number])
            total += len(photos)
        done = 0
        for number, person in enumerate(sorted(drawn, key=lambda person: person.name)):
            for photo in person.photos:
                try:
                    entry = embed_photo(Path(photo.label), photo.read(), analyzer)
                except OSError:
                    entry = CacheEntry(UNREADABLE)
                if entry.reason == OK and entry.embedding is not None:
                    found.embeddings.append(entry.embedding)
                    found.person.append(number)
                else:
                    found.refused[entry.reason] += 1
                done += 1
                report_progress(done, total)
    return found


def _photo_set(found: _Photos, source: Path) -> PhotoSet:
    """Return the embedded photos. GalleryError if they are too few."""
    _, person = np.unique(found.person, return_inverse=True)
    counts = np.bincount(person) if len(person) else np.zeros(0, np.intp)
    several = int((counts > 1).sum())
    if len(counts) < MIN_PEOPLE or several < FEWEST_PEOPLE:
        raise GalleryError(
            f"{source} has {len(counts)} people with a usable photo, {several} of them with two or more; a calibration needs "
            f"{MIN_PEOPLE} people, {FEWEST_PEOPLE} of them with two photos or more, better {SURE_PEOPLE}: add people"
        )
    return PhotoSet(np.stack(found.embeddings), person.astype(np.intp))
