"""Data sets: reading, skipping and splitting of labeled images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facecam.errors import TeachingError
from facecam.imageio import write_image
from facecam.training.dataset import MIN_IMAGES, load_dataset, split


def no_progress(done: int, total: int) -> None:
    """Ignore the progress."""


def test_a_folder_of_images_per_label_is_read_as_rgb_squares(color_folder: Path) -> None:
    found = load_dataset(str(color_folder), 32, no_progress)

    assert found.images.shape == (30, 32, 32, 3)
    assert found.labels == ("blue", "green", "red")
    reds = found.images[found.targets == 2]
    assert reds[:, 12, 14, 0].min() > 150 > reds[:, 12, 14, 2].max()


def test_unreadable_images_are_skipped_and_listed(color_folder: Path) -> None:
    (color_folder / "red" / "broken.jpg").write_bytes(b"not an image")

    found = load_dataset(str(color_folder), 32, no_progress)

    assert [path.name for path, _ in found.skipped] == ["broken.jpg"]
    assert len(found.images) == 30


def test_folders_that_differ_only_in_case_or_spaces_are_one_label_and_reported(
    color_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (color_folder / "green").rename(color_folder / "Red ")

    found = load_dataset(str(color_folder), 32, no_progress)

    assert found.labels == ("Red", "blue")
    assert np.bincount(found.targets).tolist() == [20, 10]
    assert f"{color_folder}: red and Red  differ only in case or spaces" in caplog.text


def test_test_images_may_have_another_spelling_of_the_label(color_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "split"
    (root / "test").mkdir(parents=True)
    color_folder.rename(root / "train")
    (root / "test" / "RED").mkdir()
    write_image(root / "test" / "RED" / "last.png", np.zeros((8, 8, 3), np.uint8))

    found = load_dataset(str(root), 32, no_progress)

    assert found.labels == ("blue", "green", "red")
    assert found.targets[split(found, seed=1).test].tolist() == [2]


def test_a_label_with_too_few_images_is_an_error(color_folder: Path) -> None:
    for number in range(MIN_IMAGES - 1, 10):
        (color_folder / "red" / f"{number}.png").unlink()

    with pytest.raises(TeachingError, match="red has 4"):
        load_dataset(str(color_folder), 32, no_progress)


def test_one_label_is_not_enough(tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    write_image(tmp_path / "only" / "a.png", np.zeros((8, 8, 3), np.uint8))

    with pytest.raises(TeachingError, match="two or more"):
        load_dataset(str(tmp_path), 32, no_progress)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TeachingError, match="does not exist"):
        load_dataset(str(tmp_path / "nowhere"), 32, no_progress)


def test_a_split_by_the_user_is_used(color_folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "split"
    (root / "test").mkdir(parents=True)
    color_folder.rename(root / "train")
    (root / "test" / "red").mkdir()
    write_image(root / "test" / "red" / "last.png", np.zeros((8, 8, 3), np.uint8))

    found = load_dataset(str(root), 32, no_progress)

    assert split(found, seed=1).test.tolist() == [30]


def test_the_same_seed_splits_the_same_way_and_each_label_is_in_each_part(color_folder: Path) -> None:
    found = load_dataset(str(color_folder), 32, no_progress)

    one, other = split(found, seed=3), split(found, seed=3)

    assert one.test.tolist() == other.test.tolist()
    assert sorted([*one.train, *one.validation, *one.test]) == list(range(30))
    for part in (one.train, one.validation, one.test):
        assert set(found.targets[part]) == {0, 1, 2}


def test_digits_are_light_strokes_on_black() -> None:
    pytest.importorskip("sklearn")

    digits = load_dataset("digits", 64, no_progress)

    assert digits.images.shape == (1797, 8, 8, 1)
    assert digits.handwritten
    assert digits.images[:, 0, 0].mean() < 5
    assert digits.images.max() == 255
