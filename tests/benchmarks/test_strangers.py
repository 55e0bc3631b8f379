"""Rate of named strangers, on people who are in no table."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import lfw_people, strangers
from facecam.settings import IdentifySettings


@pytest.mark.long
def test_with_fifty_people_about_one_stranger_in_a_hundred_gets_a_name(test_data: Path) -> None:
    network = IdentifySettings().network
    faces = lfw_people.embed_pairs(lfw_people.read_list(lfw_people.TEST), network, lambda done, total: None)

    automatic, fixed = strangers.measure(lfw_people.photo_set(faces), IdentifySettings(network), sizes=(50,))

    assert 0.005 <= automatic.stranger_share <= 0.02
    assert automatic.wrong_share < 0.005
    assert automatic.right_share == pytest.approx(0.565, abs=0.02), "docs/internals/threshold.md says so"
    assert fixed.stranger_share > 2 * automatic.stranger_share


def test_test_and_training_pairs_share_no_people(test_data: Path) -> None:
    train, test = (
        {photo.name for pair in lfw_people.read_list(name) for photo in (pair.a, pair.b)}
        for name in (lfw_people.TRAIN, lfw_people.TEST)
    )

    assert train.isdisjoint(test)
