"""Labeled images for training: a folder, scikit-learn's digits, and sets in Keras's cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError, TeachingError
from facecam.fileio import expand_home
from facecam.imageio import list_images, read_image
from facecam.networks.keras_imagenet import keras_home, load_keras
from facecam.networks.user_networks import InputForm
from facecam.objects.classifier import label_key, label_text, log_joined_labels, square_pixels, unique_labels
from facecam.types import Image

Numbers = NDArray[np.intp]

MIN_IMAGES = 5
"""Of each label: one for testing, one for early stopping, and three to learn from."""

_KERAS_FILES = {"mnist": "mnist.npz", "cifar10": "cifar-10-batches-py-target"}
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Images (n, side, side, channels) uint8, RGB or gray, with the number of each one's label.

    `test` are the test rows if the set defines them. `handwritten`: light strokes on black, with `margin` around them.
    `skipped` are files that could not be read, with the reason.
    """

    name: str
    images: Image
    targets: Numbers
    labels: tuple[str, ...]
    test: Numbers | None = None
    handwritten: bool = False
    margin: float = 0.0
    skipped: tuple[tuple[Path, str], ...] = ()

    @property
    def sha256(self) -> str:
        """Hash of pixels, targets and labels."""
        digest = hashlib.sha256(repr((self.images.shape, self.labels)).encode())
        digest.update(self.targets.astype(np.int64).tobytes())
        digest.update(np.ascontiguousarray(self.images).data)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows for fitting, for early stopping, and for the final figures."""

    train: Numbers
    validation: Numbers
    test: Numbers


def load_dataset(data: str, size_px: int, report_progress: Callable[[int, int], None]) -> Dataset:
    """Load "digits", "mnist", "cifar10", or a folder with one folder of images per label.

    A folder's images become RGB squares of `size_px`; the named sets keep their own size. `report_progress(done, total)` counts
    image files. TeachingError when the data is missing or too small.
    """
    if data == "digits":
        return _load_digits()
    if data in _KERAS_FILES:
        return _load_from_keras(data)
    return _load_folder(expand_home(data), size_px, report_progress)


def split(dataset: Dataset, seed: int) -> Split:
    """Use a fifth of each label for testing, unless the set defines its test rows, and a fifth of the rest for validation."""
    random = np.random.default_rng(seed)
    is_test = np.zeros(len(dataset.targets), bool)
    if dataset.test is not None:
        is_test[dataset.test] = True
    else:
        is_test[_fifth(dataset.targets, np.arange(len(dataset.targets)), random)] = True
    rest = np.flatnonzero(~is_test)
    validation = _fifth(dataset.targets, rest, random)
    return Split(np.setdiff1d(rest, validation), validation, np.flatnonzero(is_test))


def _fifth(targets: Numbers, rows: Numbers, random: np.random.Generator) -> Numbers:
    """Draw a fifth of the rows of each label, at least one."""
    parts = [random.permutation(rows[targets[rows] == label]) for label in np.unique(targets[rows])]
    return np.sort(np.concatenate([part[: max(1, round(len(part) / 5))] for part in parts]))


def _load_digits() -> Dataset:
    """Load 1,797 handwritten digits of 8x8 in 17 shades (Alpaydin, Kaynak, UCI optdigits, 1998; CC BY 4.0)."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise TeachingError("`digits` needs scikit-learn, which is not installed: pip install facecam[digits]") from error
    digits = load_digits()
    images = np.round(digits.images * (255 / 16)).astype(np.uint8)[..., None]
    return Dataset("digits", images, digits.target.astype(np.intp), tuple("0123456789"), handwritten=True)


def _load_from_keras(name: str) -> Dataset:
    """Load MNIST or CIFAR-10 with their own test images from Keras's cache; nothing is downloaded."""
    cache = keras_home() / "datasets"
    if not any(cache.glob(_KERAS_FILES[name] + "*")):
        raise TeachingError(
            f"{name} is not in Keras's cache ({cache}), and facecam does not download it. On a machine with a network, run "
            f'`python -c "import keras; keras.datasets.{name}.load_data()"`'
        )
    load_keras()
    import keras

    try:
        (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except (OSError, ValueError, KeyError) as error:
        raise TeachingError(f"{name} in Keras's cache ({cache}) is damaged ({error}); delete it and download it again") from error
    images = np.concatenate([x, x_test]).astype(np.uint8)
    targets = np.concatenate([y, y_test]).reshape(-1).astype(np.intp)
    test = np.arange(len(x), len(images))
    if name == "mnist":  # its digits fill 20 of 28 pixels (LeCun et al., Proceedings of the IEEE 86, 1998)
        return Dataset(name, images[..., None], targets, tuple("0123456789"), test, handwritten=True, margin=4 / 28)
    return Dataset(name, images, targets, _CIFAR10, test)


def _load_folder(root: Path, size_px: int, report_progress: Callable[[int, int], None]) -> Dataset:
    """Load DIR/LABEL/image, or DIR/train/LABEL and DIR/test/LABEL where the user has split them."""
    if not root.is_dir():
        raise TeachingError(
            f"the folder {root} does not exist; --data takes a folder, or one of digits, {', '.join(_KERAS_FILES)}"
        )
    parts = ("train", "test") if {folder.name for folder in _folders(root)} == {"train", "test"} else (".",)
    files = [(path, label.name, part) for part in parts for label in _folders(root / part) for path in _image_files(label)]
    spellings, _ = unique_labels(sorted({label for _, label, part in files if part != "test"}))
    labels = tuple(map(label_text, spellings))
    if len(labels) < 2:
        raise TeachingError(f"{root} has images of {len(labels)} labels; training needs two or more, one folder per label")
    numbers = {label_key(label): number for number, label in enumerate(labels)}
    if unknown := {label for _, label, _ in files if label_key(label) not in numbers}:
        raise TeachingError(f"{root}/test has {', '.join(sorted(unknown))}, but {root}/train has no images of it")
    others = sorted({label for _, label, _ in files}.difference(spellings))
    log_joined_labels(root, (*spellings, *others), "rename the folders to avoid this notice")
    images, targets, in_test, skipped = [], [], [], []
    form = InputForm(size_px, 3)
    for number, (path, label, part) in enumerate(files, start=1):
        try:
            images.append(square_pixels(read_image(path), form))
        except ImageError as error:
            skipped.append((path, str(error)))
        else:
            targets.append(numbers[label_key(label)])
            in_test.append(part == "test")
        report_progress(number, len(files))
    found = np.array(targets, np.intp)
    test = np.flatnonzero(in_test) if any(in_test) else None
    counts = np.bincount(found if test is None else np.delete(found, test), minlength=len(labels))
    if few := [f"{label} has {count}" for label, count in zip(labels, counts, strict=True) if count < MIN_IMAGES]:
        raise TeachingError(f"too few images in {root}: {', '.join(few)}; every label needs {MIN_IMAGES} readable images")
    return Dataset(root.resolve().name, np.stack(images), found, labels, test, skipped=tuple(skipped))


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _image_files(folder: Path) -> list[Path]:
    return list_images(folder)[0]
