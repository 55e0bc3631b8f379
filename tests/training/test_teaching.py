"""Teaching, forgetting and restoring labels, and their files, with features that need no network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facecam.errors import TeachingError
from facecam.objects.classifier import label_key
from facecam.objects.taught import INDEX, TaughtLabel, TaughtObjects, accept_taught, base_sha256, read_taught, write_taught
from facecam.training.head import fit_head
from facecam.training.object_teaching import forget, normalize_label, restore_label, teach
from tests.training.conftest import cluster

Background = Callable[[], TaughtLabel]


@pytest.fixture(scope="module")
def mug_and_torch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Teach a mug and a torch."""
    folder = tmp_path_factory.mktemp("objects")
    teach(folder, cluster("mug", 1), lambda: cluster("background", 9))
    teach(folder, cluster("torch", 2), lambda: cluster("background", 9))
    return folder


@pytest.fixture
def taught(mug_and_torch: Path, tmp_path: Path) -> Path:
    """Copy the taught objects, to be changed."""
    copy = Path(shutil.copytree(mug_and_torch, tmp_path / "objects"))
    accept_taught(copy)
    return copy


def read(folder: Path) -> TaughtObjects:
    return read_taught(folder, base_sha256())


def test_taught_labels_are_read_back(taught: Path) -> None:
    found = read(taught)

    assert [(label.name, len(label.views)) for label in found.labels] == [("background", 40), ("mug", 40), ("torch", 40)]
    assert found.head is not None
    assert found.head.labels == ("mug", "torch")
    assert np.abs(found.labels[1].views - cluster("mug", 1).views).max() < 1e-3


def test_new_views_of_an_old_label_join_those_it_has(taught: Path, background: Background) -> None:
    teach(taught, cluster("mug", 3, count=20), background)

    mug = read(taught).label("mug")
    assert mug is not None
    assert len(mug.views) == 60
    assert len(set(mug.blocks)) == 20
    head = read(taught).head
    assert head is not None
    assert head.classify(np.concatenate([cluster("mug", 1).views[:3], cluster("mug", 3).views[:3]]))[0].tolist() == [0] * 6


def test_a_forgotten_label_is_not_recognized_and_the_others_are(taught: Path) -> None:
    forget(taught, "mug")

    found = read(taught)
    assert found.label("mug") is None
    assert found.head is not None
    assert found.head.classify(cluster("torch", 2).views[:2])[0].tolist() == [0, 0]
    assert found.head.classify(cluster("mug", 1).views[:2])[0].tolist() == [-1, -1]


def test_a_forgotten_label_can_be_restored(taught: Path) -> None:
    before = read(taught)
    forget(taught, "mug")

    restore_label(taught)

    after = read(taught)
    assert {label.name: len(label.views) for label in after.labels} == {label.name: len(label.views) for label in before.labels}
    with pytest.raises(TeachingError, match="nothing was forgotten"):
        restore_label(taught)


def test_restoring_a_label_that_was_taught_again_merges_its_views(taught: Path, background: Background) -> None:
    forget(taught, "mug")
    teach(taught, cluster("mug", 4, count=10), background)

    restore_label(taught)

    mug = read(taught).label("mug")
    assert mug is not None
    assert len(mug.views) == 50


def test_the_last_label_can_be_forgotten(tmp_path: Path, background: Background) -> None:
    teach(tmp_path, cluster("mug", 1), background)

    result = forget(tmp_path, "mug")

    assert result.evaluation is None
    assert read(tmp_path).head is None


def test_files_that_the_index_does_not_name_are_deleted(taught: Path) -> None:
    forget(taught, "mug")
    forget(taught, "torch")

    index = json.loads((taught / INDEX).read_text(encoding="utf-8"))
    named = {entry["file"] for entry in (*index["labels"], index["forgotten"])}
    assert {path.name for path in taught.iterdir()} == named | {INDEX}


def test_an_unknown_label_is_refused_with_the_known_ones(taught: Path) -> None:
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
        read(taught)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9, "base_sha256": ""}'])
def test_an_invalid_index_is_refused(taught: Path, text: str) -> None:
    (taught / INDEX).write_text(text, encoding="utf-8")

    with pytest.raises(TeachingError):
        read(taught)


def test_labels_of_another_base_are_refused(taught: Path) -> None:
    with pytest.raises(TeachingError, match="another version or network"):
        read_taught(taught, "0" * 64)


def test_a_change_by_another_process_is_not_overwritten(taught: Path) -> None:
    mine = read(taught)
    forget(taught, "mug")

    with pytest.raises(TeachingError, match="another facecam has changed"):
        write_taught(taught, mine, base_sha256())


@pytest.mark.parametrize("text", ["", "  ", "x" * 61, "a\x00b"])
def test_an_invalid_label_is_refused(text: str) -> None:
    with pytest.raises(TeachingError, match="cannot be a label"):
        normalize_label(text)


@pytest.mark.parametrize("spelling", ["Mug", "MUG", "  mug ", "m\u0075g"])
def test_a_label_in_another_spelling_is_the_same_label_and_keeps_the_first(
    taught: Path, background: Background, spelling: str
) -> None:
    result = teach(taught, cluster(normalize_label(spelling), 3, count=20), background)

    assert result.label == "mug"
    assert {label.name: len(label.views) for label in read(taught).labels} == {"background": 40, "mug": 60, "torch": 40}
    assert forget(taught, spelling.strip()).label == "mug"
    teach(taught, cluster("MUG", 1), background)
    assert restore_label(taught).label == "MUG"


@pytest.mark.parametrize(
    ("first", "second"),
    [("Stra\u00dfe", "STRASSE"), ("caf\u00e9", "CAFE\u0301"), ("my mug", "My \u00a0 MUG"), ("\u03a3", "\u03c2")],
)
def test_case_and_spaces_are_compared_as_unicode_defines_them(first: str, second: str) -> None:
    assert label_key(first) == label_key(second)


def test_labels_that_an_earlier_version_stored_in_two_spellings_are_one_and_reported(
    taught: Path, caplog: pytest.LogCaptureFixture, background: Background
) -> None:
    mug = read(taught).label("mug")
    assert mug is not None
    stored = (*read(taught).labels, replace(mug, name="Mug"))
    before = replace(read(taught), labels=stored, head=fit_head(stored))
    write_taught(taught, before, base_sha256())

    after = read(taught)

    assert {label.name: len(label.views) for label in after.labels} == {"background": 40, "mug": 80, "torch": 40}
    assert after.head is not None
    assert after.head.labels == ("mug", "torch")
    found, probabilities = after.head.classify(cluster("mug", 1).views[:4])
    assert found.tolist() == [0, 0, 0, 0]
    assert probabilities.min() > 0.9
    assert f"{taught}: Mug and mug differ only in case or spaces: they are the label mug" in caplog.text

    teach(taught, cluster("torch", 4, count=10), background)

    assert [entry["name"] for entry in json.loads((taught / INDEX).read_text(encoding="utf-8"))["labels"]] == [
        "background", "mug", "torch",
    ]  # fmt: skip
    assert read(taught).head.owners == ()  # type: ignore[union-attr]


def test_labels_are_normalized() -> None:
    assert normalize_label("  Cafe\u0301   mug ") == "Café mug"
    assert normalize_label("Background") == "background"
