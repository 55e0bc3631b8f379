"""Labeled images for training: a folder, scikit-learn's digits, and sets in Keras's cache."""

from __future__ import annotations

import hashlib
import io
import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError, TeachingError
from facecam.fileio import expand_home, read_regular
from facecam.imageio import list_images, read_image
from facecam.networks.keras_imagenet import keras_home
from facecam.networks.user_networks import InputForm
from facecam.objects.classifier import label_key, label_text, log_joined_labels, square_pixels, unique_labels
from facecam.types import Image

Numbers = NDArray[np.intp]

MIN_IMAGES = 5
"""Of each label: one for testing, one for early stopping, and three to learn from."""

_KERAS_FILES = {"mnist": "mnist.npz", "cifar10": "cifar-10-batches-py-target"}
_MNIST_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
_CIFAR10_BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
_BATCH_IMAGES = 10_000
_CIFAR10_VALUES = 3 * 32 * 32
_MAX_BYTES = 64 << 20
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
    path = cache / _KERAS_FILES[name]
    if not path.exists():
        raise TeachingError(
            f"{name} is not in Keras's cache ({cache}), and facecam does not download it. On a machine with a network, run "
            f'`python -c "import keras; keras.datasets.{name}.load_data()"`'
        )
    try:
        return _read_mnist(read_regular(path, _MAX_BYTES)) if name == "mnist" else _read_cifar10(path / "cifar-10-batches-py")
    except (OSError, ValueError, KeyError) as error:
        raise TeachingError(f"{name} in Keras's cache ({cache}) is damaged ({error}); delete it and download it again") from error


def _read_mnist(content: bytes) -> Dataset:
    """Return the arrays of mnist.npz. Its SHA-256 is checked, as by Keras."""
    if hashlib.sha256(content).hexdigest() != _MNIST_SHA256:
        raise ValueError("another SHA-256 than the published one")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        images = np.concatenate([arrays["x_train"], arrays["x_test"]])
        targets = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.intp)
        test = np.arange(len(arrays["x_train"]), len(images))
    # Its digits fill 20 of 28 pixels (LeCun et al., Proceedings of the IEEE 86, 1998).
    return Dataset("mnist", images[..., None], targets, tuple("0123456789"), test, handwritten=True, margin=4 / 28)


def _read_cifar10(folder: Path) -> Dataset:
    """Return the images of the six batches, the last of which is for testing."""
    images, targets = zip(*(_read_cifar_batch(read_regular(folder / name, _MAX_BYTES)) for name in _CIFAR10_BATCHES), strict=True)
    test = np.arange(5 * _BATCH_IMAGES, 6 * _BATCH_IMAGES)
    return Dataset("cifar10", np.concatenate(images), np.concatenate(targets), _CIFAR10, test)


def _read_cifar_batch(content: bytes) -> tuple[Image, Numbers]:
    """Return images (10000, 32, 32, 3) and targets of a batch.

    CIFAR-10 is published as pickles, which can run code when they are loaded. The file is taken apart into its operations
    instead, and none is carried out: the one string of 30,720,000 bytes holds the pixels, and the small numbers between the
    string "labels" and the next one are the targets.
    """
    operations = [(operation.name, value) for operation, value, _ in pickletools.genops(content)]
    strings = [(place, value) for place, (_, value) in enumerate(operations) if isinstance(value, str | bytes)]
    pixels = [value for _, value in strings if len(value) == _BATCH_IMAGES * _CIFAR10_VALUES]
    begin = next((place for place, value in strings if value in ("labels", b"labels")), len(operations))
    end = next((place for place, _ in strings if place > begin), len(operations))
    targets = np.array([value for name, value in operations[begin:end] if name == "BININT1"], np.intp)
    if len(pixels) != 1 or len(targets) != _BATCH_IMAGES or targets.max() >= len(_CIFAR10):
        raise ValueError("a batch does not have 10,000 images and labels")
    flat = pixels[0].encode("latin-1") if isinstance(pixels[0], str) else pixels[0]
    return np.frombuffer(flat, np.uint8).reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), targets


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
