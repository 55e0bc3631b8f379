"""Distances that belong to a network, on real clips and on made-up people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.network_distances import clip_distances, mean_distances, read_clip
from facecam.evaluation.distance_table import PhotoSet
from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.settings import Settings


@pytest.mark.parametrize("name", [DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK])
def test_person_and_reread_distances_hold_for_people_on_whom_they_were_not_chosen(test_data: Path, name: str) -> None:
    network, webcam = embedding_network(name), test_data / "data" / "webcam"
    with open_face_analyzer(Settings().replace({"identify.network": name})) as analyzer:
        clips = [read_clip("C", webcam / "book.mkv", analyzer), read_clip("D", webcam / "eat.mkv", analyzer)]

    distances = dict(clip_distances(clips))

    assert distances["frames of one clip"].max() < network.person_l2 < distances["two persons"].min()
    assert distances["a frame and its saved crop"].max() < network.reread_l2


def test_a_photos_mean_distance_leaves_out_the_photo_and_people_with_two_photos() -> None:
    east, north, west = np.eye(2, dtype=np.float32)[0], np.eye(2, dtype=np.float32)[1], np.array([-1, 0], np.float32)

    own, others = mean_distances(PhotoSet(np.array([east, east, north, west, west]), np.array([0, 0, 0, 1, 1])))

    assert own == pytest.approx([np.sqrt(2) / 2, np.sqrt(2) / 2, np.sqrt(2)])
    assert others == pytest.approx([(2 + 2 + np.sqrt(2)) / 3] * 2)
