"""Comparison of nn4.small2 and high accuracy on a gallery's own photos.

Leave one photo out: each photo of a person with two or more is recognized by the gallery without it, with the network's
automatic threshold of the gallery.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from facecam import __version__
from facecam.embedding.embedder import embedding_id
from facecam.fileio import MAX_TEXT_BYTES, parse_json
from facecam.gallery.cache import cache_file, cache_folder
from facecam.gallery.gallery import Gallery, ProgressCallback, analysis_conditions
from facecam.gallery.sealing import seal, unseal
from facecam.integrity import read_own_file, write_own_file
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.face_analyzer import ImageFaceAnalyzer, open_face_analyzer
from facecam.recognition.leave_one_out import leave_one_out
from facecam.recognition.matching import decision_rule
from facecam.recognition.open_set import load_distance_table
from facecam.settings import PINNED_DISTANCES, IdentifySettings, Settings
from facecam.types import Sample

MIN_PEOPLE = 5
MIN_PHOTOS = 10
"""With fewer photos that can be left out, one photo is more than 10 % of them."""

MAX_PHOTOS = 300
"""Photos to leave out. The share of 300 is known to about 3 points."""

MIN_GAIN_PHOTOS, MIN_GAIN = 2, 0.02
"""High accuracy is clearly better if it names so many photos more, and this share of them."""

_FILE = "network-comparison"
_PURPOSE = "network comparison"


@dataclass(frozen=True, slots=True)
class NetworkFigures:
    """Photos that one network gives the name of their person, and that of another person."""

    named_right: int
    named_wrong: int


@dataclass(frozen=True, slots=True)
class NetworkComparison:
    """Figures of both networks for the same `photos`, in a gallery of so many `people`."""

    people: int
    photos: int
    default: NetworkFigures
    high_accuracy: NetworkFigures

    @property
    def favors_high_accuracy(self) -> bool:
        """Return whether high accuracy is clearly better: more right names (see MIN_GAIN) and no more wrong ones."""
        gain = self.high_accuracy.named_right - self.default.named_right
        return gain >= max(MIN_GAIN_PHOTOS, MIN_GAIN * self.photos) and self.high_accuracy.named_wrong <= self.default.named_wrong

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain dictionaries; `from_dict` is the inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, table: dict[str, Any]) -> NetworkComparison:
        """Raises KeyError or TypeError for anything else than the result of `to_dict`."""
        figures = {name: NetworkFigures(**table[name]) for name in ("default", "high_accuracy")}
        return cls(**table | figures)


def compare_networks(
    gallery: Gallery,
    settings: Settings,
    progress: ProgressCallback | None = None,
    open_analyzer: Callable[[Settings], AbstractContextManager[ImageFaceAnalyzer]] = open_face_analyzer,
) -> NetworkComparison | None:
    """Compare the networks on a gallery, or return the stored figures of an earlier comparison.

    Args:
        gallery: The gallery as loaded with the settings.
        settings: Network in use, detector, gates and false positive identification rate. Pinned distances do not count.
        progress: Called after each photo that the other network has embedded.
        open_analyzer: Opens the analyzer for these.

    Returns:
        The figures; None if the network in use is not one of the two, or the gallery has too few people or photos.

    Raises:
        ModelError: The other network is missing or damaged.
        GalleryError: The gallery folder cannot be read.
    """
    if settings.identify.network not in (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK) or not can_be_compared(gallery):
        return None
    stored = stored_comparison(gallery, settings)
    if stored is not None:
        return stored
    other = _with_other_network(settings)
    with open_analyzer(other) as analyzer:
        read_again = Gallery.load(gallery.folder, analyzer, progress, conditions=analysis_conditions(other))
    photo_ids = photos_to_leave_out(gallery, read_again)
    if len(photo_ids) < MIN_PHOTOS:  # The folder has changed.
        return None
    figures = {
        each.identify.network: leave_photos_out(loaded, each.identify, photo_ids)
        for each, loaded in ((settings, gallery), (other, read_again))
    }
    people = len({sample.person_id for sample in gallery.samples})
    comparison = NetworkComparison(people, len(photo_ids), figures[DEFAULT_NETWORK], figures[HIGH_ACCURACY_NETWORK])
    _store(comparison, gallery, settings)
    return comparison


def can_be_compared(gallery: Gallery) -> bool:
    """Return whether a gallery has enough people, and enough photos of people with several."""
    photos = Counter(sample.person_id for sample in gallery.samples)
    return len(photos) >= MIN_PEOPLE and len(photos_to_leave_out(gallery)) >= MIN_PHOTOS


def photos_to_leave_out(*galleries: Gallery) -> tuple[str, ...]:
    """Return the sample_id of at most MAX_PHOTOS, evenly spread, that every gallery has and whose person has another one."""
    common: set[tuple[str, str]] = set.intersection(*(set(map(_photo, gallery.samples)) for gallery in galleries))
    photos = Counter(person_id for person_id, _ in common)
    found = [sample_id for person_id, sample_id in sorted(common) if photos[person_id] > 1]
    count = min(len(found), MAX_PHOTOS)
    return tuple(found[number * len(found) // count] for number in range(count))


def _photo(sample: Sample) -> tuple[str, str]:
    return sample.person_id, sample.sample_id


def leave_photos_out(gallery: Gallery, identify: IdentifySettings, photo_ids: Collection[str]) -> NetworkFigures:
    """Recognize each of these photos by the gallery without it. Pinned distances do not count."""
    identify = Settings(identify=identify).replace(dict.fromkeys(PINNED_DISTANCES)).identify
    embeddings = np.array([sample.embedding for sample in gallery.samples], np.float32)
    _, people = np.unique([sample.person_id for sample in gallery.samples], return_inverse=True)
    table, session_l2 = load_distance_table(identify.network), embedding_network(identify.network).session_l2
    found, rule = leave_one_out(embeddings, people, table, session_l2), decision_rule(identify, gallery.samples)
    is_left_out = np.array([sample.sample_id in photo_ids for sample in gallery.samples], np.bool_)
    right, wrong = found.named_right(rule) & is_left_out, found.named_wrong(rule) & is_left_out
    return NetworkFigures(int(right.sum()), int(wrong.sum()))


def stored_comparison(gallery: Gallery, settings: Settings) -> NetworkComparison | None:
    """Return the figures of an earlier comparison of exactly these photos under these settings; None without such."""
    try:
        sealed = read_own_file(cache_folder(gallery.folder) / _FILE, MAX_TEXT_BYTES)
        content = unseal(sealed, gallery.folder, _PURPOSE)
        if content is None:
            return None
        stored = parse_json(content)
        return NetworkComparison.from_dict(stored["figures"]) if stored["key"] == _key(gallery, settings) else None
    except (OSError, ValueError, KeyError, TypeError):  # missing or damaged: compared again
        return None


def _store(comparison: NetworkComparison, gallery: Gallery, settings: Settings) -> None:
    stored = {"key": _key(gallery, settings), "figures": comparison.to_dict()}
    with contextlib.suppress(OSError):  # Without the file the networks are compared again.
        content = (json.dumps(stored, indent=2) + "\n").encode()
        write_own_file(cache_file(gallery.folder, _FILE), seal(content, gallery.folder, _PURPOSE))


def _key(gallery: Gallery, settings: Settings) -> str:
    """Return a hash of everything that the figures depend on."""
    facts = (
        __version__,
        gallery.revision,
        embedding_id(_with_other_network(settings).identify),
        analysis_conditions(settings),
        settings.identify.false_positive_identification_rate,
    )
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _with_other_network(settings: Settings) -> Settings:
    """Return the settings with the other of the two networks. Pinned distances do not belong to it."""
    other = HIGH_ACCURACY_NETWORK if settings.identify.network == DEFAULT_NETWORK else DEFAULT_NETWORK
    return settings.replace({"identify.network": other, **dict.fromkeys(PINNED_DISTANCES)})
