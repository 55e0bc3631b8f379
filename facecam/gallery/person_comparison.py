"""Comparison of two enrolled people by their photos, before they are merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from facecam.gallery.gallery import Gallery
from facecam.gallery.people import Person
from facecam.messages import TranslatableText
from facecam.networks.embedding_networks import EmbeddingNetwork
from facecam.recognition.open_set import session_limits_l2
from facecam.recognition.person_groups import mean_distance_l2
from facecam.types import Floats


@dataclass(frozen=True, slots=True)
class PersonComparison:
    """Mean distance between the photos of two people, and the distance up to which they may show one person."""

    names: tuple[str, str]
    distance_l2: float
    max_l2: float

    @property
    def look_different(self) -> bool:
        """True when the photos show two people, as far as the network can tell."""
        return self.distance_l2 > self.max_l2

    @property
    def warning(self) -> TranslatableText:
        """Sentence for two people who look different."""
        first, second = self.names
        return TranslatableText(
            "{first} and {second} look different. Merge them only if they are one person.", first=first, second=second
        )


def compare_people(gallery: Gallery, people: tuple[Person, Person], network: EmbeddingNetwork) -> PersonComparison | None:
    """Compare the photos of two people.

    The limit is the one from which photos of an enrollment show different people. If each has photos from one session with one
    camera, it is the one for a video: strangers in front of the same camera are nearer to each other.

    Args:
        gallery: The gallery as the network has read it.
        people: The two people, found by their ids.
        network: The network of the gallery's embeddings.

    Returns:
        The comparison, None when one of the two has no usable photo.
    """
    first, second = ([sample.embedding for sample in gallery.samples_of(person.person_id)] for person in people)
    if not first or not second:
        return None
    is_one_session = all(_is_one_session(photos, network) for photos in (first, second))
    max_l2 = network.video_apart_l2 if is_one_session else network.outlier_l2
    return PersonComparison((people[0].name, people[1].name), mean_distance_l2(first, second), max_l2)


def _is_one_session(photos: Sequence[Floats], network: EmbeddingNetwork) -> bool:
    """Return whether photos are as much alike as those from one session with one camera; False for a few photos."""
    limits = session_limits_l2(np.array(photos, np.float32), np.array([0]), network.session_l2)
    return bool(limits[0] == network.session_l2)
