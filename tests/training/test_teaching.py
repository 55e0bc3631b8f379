"""Teaching, forgetting, taking back; what lies on the disk meanwhile. With features that need no network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import TeachingError
from facecam.objects.taught import INDEX, TaughtLabel, TaughtObjects, base_sha256, read_taught, write_taught
from facecam.training.object_teaching import forget, label_name, restore_label, teach
from tests.training.conftest import cluster

Background = Callable[[], TaughtLabel]


@pytest.fixture
def taught(tmp_path: Path, background: Background) -> Path:
    """A folder in which a mug and a torch were taught."""
    folder = tmp_path / "objects"
    teach(folder, cluster("mug", 1), background)
    teach(folder, cluster("torch", 2), background)
    return folder


def stored(folder: Path) -> TaughtObjects:
    return read_taught(folder, base_sha256())


def test_what_was_taught_is_there_again_when_it_is_read(taught: Path) -> None:
    found = stored(taught)

    assert [(label.name, len(label.views)) for label in found.labels] == [("background", 40), ("mug", 40), ("torch", 40)]
    assert found.head is not None
    assert found.head.labels == ("mug", "torch")
    assert np.abs(found.labels[1].views - cluster("mug", 1).views).max() < 1e-3


def test_new_views_of_an_old_label_join_those_it_has(taught: Path, background: Background) -> None:
    teach(taught, cluster("mug", 3, count=20), background)

    mug = stored(taught).label("mug")
    assert mug is not None
    assert len(mug.views) == 60
    assert len(set(mug.blocks)) == 20
    head = stored(taught).head
    assert head is not None
    assert head.sure(np.concatenate([cluster("mug", 1).views[:3], cluster("mug", 3).views[:3]]))[0].tolist() == [0] * 6


def test_a_forgotten_label_is_not_found_any_more_and_the_others_are(taught: Path) -> None:
    forget(taught, "mug")

    found = stored(taught)
    assert found.label("mug") is None
    assert found.head is not None
    assert found.head.sure(cluster("torch", 2).views[:2])[0].tolist() == [0, 0]
    assert found.head.sure(cluster("mug", 1).views[:2])[0].tolist() == [-1, -1]


def test_forgetting_can_be_taken_back(taught: Path) -> None:
    before = stored(taught)
    forget(taught, "mug")

    restore_label(taught)

    after = stored(taught)
    assert {label.name: len(label.views) for label in after.labels} == {label.name: len(label.views) for label in before.labels}
    with pytest.raises(TeachingError, match="nothing was forgotten"):
        restore_label(taught)


def test_a_label_taught_anew_since_gets_its_old_views_back_too(taught: Path, background: Background) -> None:
    forget(taught, "mug")
    teach(taught, cluster("mug", 4, count=10), background)

    restore_label(taught)

    mug = stored(taught).label("mug")
    assert mug is not None
    assert len(mug.views) == 50


def test_the_last_label_can_be_forgotten(tmp_path: Path, background: Background) -> None:
    teach(tmp_path, cluster("mug", 1), background)

    lesson = forget(tmp_path, "mug")

    assert lesson.checked is None
    assert stored(tmp_path).head is None


def test_only_what_the_index_names_stays_on_the_disk(taught: Path) -> None:
    forget(taught, "mug")
    forget(taught, "torch")

    index = json.loads((taught / INDEX).read_text(encoding="utf-8"))
    named = {entry["file"] for entry in (*index["labels"], index["forgotten"])}
    assert {path.name for path in taught.iterdir()} == named | {INDEX}


def test_an_unknown_label_is_answered_with_the_known_ones(taught: Path) -> None:
    with pytest.raises(TeachingError, match="taught are mug, torch"):
        forget(taught, "drum")


def test_too_few_views_change_nothing(taught: Path, background: Background) -> None:
    before = (taught / INDEX).read_bytes()

    with pytest.raises(TeachingError, match="only 5 different views"):
        teach(taught, cluster("drum", 5, count=5), background)

    assert (taught / INDEX).read_bytes() == before


def test_a_damaged_file_is_refused(taught: Path) -> None:
    file = next(taught.glob("features-*"))
    file.write_bytes(file.read_bytes()[:-2])

    with pytest.raises(TeachingError, match="damaged"):
        stored(taught)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9, "base_sha256": ""}'])
def test_an_index_that_is_none_is_refused(taught: Path, text: str) -> None:
    (taught / INDEX).write_text(text, encoding="utf-8")

    with pytest.raises(TeachingError):
        stored(taught)


def test_what_another_base_taught_is_refused(taught: Path) -> None:
    with pytest.raises(TeachingError, match="another version or network"):
        read_taught(taught, "0" * 64)


def test_a_change_by_somebody_else_meanwhile_is_not_written_over(taught: Path) -> None:
    mine = stored(taught)
    forget(taught, "mug")

    with pytest.raises(TeachingError, match="changed by another"):
        write_taught(taught, mine, base_sha256())


@pytest.mark.parametrize("text", ["", "  ", "x" * 61, "a\x00b"])
def test_a_label_that_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(TeachingError, match="is no label"):
        label_name(text)


def test_labels_are_kept_in_one_spelling() -> None:
    assert label_name("  Cafe\u0301   mug ") == "Café mug"
    assert label_name("Background") == "background"
