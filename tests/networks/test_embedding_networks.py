"""Registry of embedding networks: what the manifest says, and what it refuses."""

from __future__ import annotations

import pytest

from facecam.errors import ModelError
from facecam.networks.embedding_networks import (
    DEFAULT_NETWORK,
    HIGH_ACCURACY_NETWORK,
    Alignment,
    EmbeddingNetwork,
    embedding_network,
)
from facecam.networks.manifest import entry

POINTS = embedding_network(DEFAULT_NETWORK).alignment.landmarks_xy


@pytest.mark.parametrize(
    ("name", "size_px", "channels", "length"), [(DEFAULT_NETWORK, 96, "rgb", 128), (HIGH_ACCURACY_NETWORK, 128, "bgr", 256)]
)
def test_the_manifest_describes_the_shipped_networks(name: str, size_px: int, channels: str, length: int) -> None:
    network = embedding_network(name)

    assert (network.alignment.size_px, network.channels, network.length) == (size_px, channels, length)
    assert network.sha256 == entry(name).sha256
    assert 0 < network.margin_l2 < network.threshold_l2 < 2


def test_a_network_with_another_role_lists_the_choices() -> None:
    with pytest.raises(ModelError, match=rf"'mtcnn' is not a face recognition network; choose {DEFAULT_NETWORK}, "):
        embedding_network("mtcnn")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": "grb"}, "takes 'grb' scaled by 'unit'; expected one of rgb, bgr"),
        ({"scaling": "half"}, "scaled by 'half'"),
        ({"threshold_l2": 2.1}, "threshold_l2 of x is 2.1; expected a distance from 0 to 2"),
        ({"size_px": 8}, "an aligned face of 8 px; expected 16 to 1024"),
        ({"landmarks_xy": POINTS[:4]}, "needs x and y of 5 landmarks"),
        ({"landmarks_xy": 3}, "the description of the embedding network x cannot be used"),
        ({"mean": 3}, "the description of the embedding network x cannot be used: .*mean"),
    ],
)
def test_a_wrong_table_says_what_is_wrong(change: dict[str, object], message: str) -> None:
    table = dict(entry(DEFAULT_NETWORK).embedding or {})

    with pytest.raises(ModelError, match=message):
        EmbeddingNetwork.from_table("x", "0", table | change)


def test_an_alignment_needs_five_points() -> None:
    assert Alignment(96, POINTS).template_xy.shape == (5, 2)
    with pytest.raises(ModelError, match="5 landmarks"):
        Alignment(96, POINTS[:3])
