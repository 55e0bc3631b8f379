"""Data sets: reading, skipping and splitting of labeled images."""

from __future__ import annotations

import struct
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


def cifar_batch(targets: list[int], pixels: bytes, reduce: bytes = b"cnumpy.core.multiarray\n_reconstruct\n") -> bytes:
    """Return a file in the form of CIFAR-10's, which Python 2 wrote: a pickle of a dictionary with strings of bytes."""
    labels = b"U\x06labels](" + b"".join(b"K" + bytes([target]) for target in targets) + b"e"
    array = reduce + b"(K\x01(M\x10'M\x00\x0cetU\x01b\x89T" + struct.pack("<i", len(pixels)) + pixels + b"t"
    return b"\x80\x02}(U\x0bbatch_labelU\x15training batch 1 of 5" + labels + b"U\x04data" + array + b"u."


@pytest.fixture
def keras_datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets").mkdir()
    return tmp_path / "datasets"


def test_cifar10_is_read_without_running_what_its_pickles_say(
    keras_datasets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = keras_datasets / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    pixels = np.zeros((10_000, 3, 32, 32), np.uint8)
    pixels[7, 1, 2, 3] = 200
    content = cifar_batch([6, 9] * 5_000, pixels.tobytes(), b"cos\nmkdir\n(U\x08code rantR")
    for name in ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"):
        (folder / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)

    found = load_dataset("cifar10", 32, no_progress)

    assert found.images.shape == (60_000, 32, 32, 3)
    assert found.images[10_007, 2, 3].tolist() == [0, 200, 0]
    assert found.targets[:4].tolist() == [6, 9, 6, 9]
    assert found.test is not None
    assert (found.test[0], len(found.test)) == (50_000, 10_000)
    assert not (tmp_path / "code ran").exists()


@pytest.mark.parametrize(
    "content", [b"", b"no pickle", cifar_batch([0] * 10, b"short"), cifar_batch([99] * 10_000, bytes(30_720_000))[:99_999]]
)
def test_a_damaged_batch_of_cifar10_is_an_error(content: bytes, keras_datasets: Path) -> None:
    folder = keras_datasets / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    (folder / "data_batch_1").write_bytes(content)

    with pytest.raises(TeachingError, match=r"cifar10 in Keras's cache .* is damaged"):
        load_dataset("cifar10", 32, no_progress)


def test_another_file_in_place_of_mnist_is_an_error(keras_datasets: Path) -> None:
    np.savez(keras_datasets / "mnist.npz", x_train=np.zeros((2, 28, 28), np.uint8))

    with pytest.raises(TeachingError, match=r"mnist in Keras's cache .* is damaged .another SHA-256"):
        load_dataset("mnist", 32, no_progress)
