"""Pictures with labels: a folder of one's own, scikit-learn's digits, and the sets that Keras has already fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError, TeachingError
from facecam.imageio import PICTURE_SUFFIXES, read_image
from facecam.networks.keras_imagenet import keras_home, load_keras
from facecam.networks.trained import InputForm
from facecam.objects.classifier import squared
from facecam.types import Image

Numbers = NDArray[np.intp]

MIN_PICTURES = 5
"""Of each label: one is left out for testing, one for stopping, and three show what they have in common."""

_KERAS_FILES = {"mnist": "mnist.npz", "cifar10": "cifar-10-batches-py-target"}
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """`pictures` (n, side, side, channels) uint8, RGB or gray, and the number of each one's label.

    `test` are the rows kept for testing where the set says so itself, else None. `ink`: strokes on black, with that margin.
    `skipped` are files that could not be read, with the reason.
    """

    name: str
    pictures: Image
    targets: Numbers
    labels: tuple[str, ...]
    test: Numbers | None = None
    ink: bool = False
    ink_margin: float = 0.0
    skipped: tuple[tuple[Path, str], ...] = ()

    @property
    def sha256(self) -> str:
        """Of pixels, targets and labels: equal for two sets that teach the same."""
        digest = hashlib.sha256(repr((self.pictures.shape, self.labels)).encode())
        digest.update(self.targets.astype(np.int64).tobytes())
        digest.update(np.ascontiguousarray(self.pictures).data)
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Rows for fitting, for deciding when to stop, and for the figures at the end."""

    train: Numbers
    validation: Numbers
    test: Numbers


def load(data: str, size_px: int, told: Callable[[int, int], None]) -> Dataset:
    """The set that `data` names: digits, mnist, cifar10, or a folder with a folder of pictures per label.

    A folder's pictures come as RGB squares of `size_px`; the named sets keep their own size. `told(done, total)` counts pictures.
    TeachError says what is missing and what to do.
    """
    if data == "digits":
        return _digits()
    if data in _KERAS_FILES:
        return _from_keras(data)
    return _folder(Path(data).expanduser(), size_px, told)


def split(dataset: Dataset, seed: int) -> Split:
    """A fifth of each label for testing unless the set brings its own test rows, and a fifth of the rest for validation."""
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
    """A fifth of the rows of each label, at least one."""
    parts = [random.permutation(rows[targets[rows] == label]) for label in np.unique(targets[rows])]
    return np.sort(np.concatenate([part[: max(1, round(len(part) / 5))] for part in parts]))


def _digits() -> Dataset:
    """1,797 handwritten digits of 8x8 in 17 shades (Alpaydin, Kaynak, UCI optdigits, 1998; CC BY 4.0), inside scikit-learn."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise TeachingError("`digits` lies inside scikit-learn, which is not installed: pip install facecam[digits]") from error
    found = load_digits()
    pictures = np.round(found.images * (255 / 16)).astype(np.uint8)[..., None]
    return Dataset("digits", pictures, found.target.astype(np.intp), tuple("0123456789"), ink=True)


def _from_keras(name: str) -> Dataset:
    """MNIST or CIFAR-10 with their own test pictures, from Keras's cache only: nothing is fetched."""
    place = keras_home() / "datasets"
    if not any(place.glob(_KERAS_FILES[name] + "*")):
        raise TeachingError(
            f"{name} is not in Keras's cache ({place}), and facecam fetches nothing: `python -c \"import keras; "
            f'keras.datasets.{name}.load_data()"` puts it there on a machine with a network'
        )
    load_keras()
    import keras

    try:
        (x, y), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    except (OSError, ValueError, KeyError) as error:
        raise TeachingError(f"{name} in Keras's cache ({place}) is damaged ({error}); delete it and fetch it again") from error
    pictures = np.concatenate([x, x_test]).astype(np.uint8)
    targets = np.concatenate([y, y_test]).reshape(-1).astype(np.intp)
    test = np.arange(len(x), len(pictures))
    if name == "mnist":  # its digits fill 20 of 28 pixels (LeCun et al., Proceedings of the IEEE 86, 1998)
        return Dataset(name, pictures[..., None], targets, tuple("0123456789"), test, ink=True, ink_margin=4 / 28)
    return Dataset(name, pictures, targets, _CIFAR10, test)


def _folder(root: Path, size_px: int, told: Callable[[int, int], None]) -> Dataset:
    """DIR/LABEL/picture, or DIR/train/LABEL and DIR/test/LABEL where the user has split them."""
    if not root.is_dir():
        raise TeachingError(f"there is no folder {root}; --data takes a folder, or one of digits, {', '.join(_KERAS_FILES)}")
    parts = ("train", "test") if {place.name for place in _folders(root)} == {"train", "test"} else (".",)
    files = [(path, label.name, part) for part in parts for label in _folders(root / part) for path in _pictures(label)]
    labels = tuple(sorted({label for _, label, part in files if part != "test"}))
    if len(labels) < 2:
        raise TeachingError(
            f"{root} has {len(labels)} folders with pictures; to tell things apart takes two or more, one per label"
        )
    if strange := {label for _, label, _ in files} - set(labels):
        raise TeachingError(f"{root}/test has {', '.join(sorted(strange))}, of which {root}/train has no pictures")
    pictures, targets, in_test, skipped = [], [], [], []
    form = InputForm(size_px, 3)
    for number, (path, label, part) in enumerate(files, start=1):
        try:
            pictures.append(squared(read_image(path), form))
        except ImageError as error:
            skipped.append((path, str(error)))
        else:
            targets.append(labels.index(label))
            in_test.append(part == "test")
        told(number, len(files))
    found = np.array(targets, np.intp)
    test = np.flatnonzero(in_test) if any(in_test) else None
    _refuse_too_few(root, labels, found if test is None else np.delete(found, test))
    return Dataset(root.resolve().name, np.stack(pictures), found, labels, test, skipped=tuple(skipped))


def _refuse_too_few(root: Path, labels: tuple[str, ...], targets: Numbers) -> None:
    counts = np.bincount(targets, minlength=len(labels))
    few = [f"{label} has {count}" for label, count in zip(labels, counts, strict=True) if count < MIN_PICTURES]
    if few:
        raise TeachingError(
            f"too few pictures in {root}: {', '.join(few)}; every label needs {MIN_PICTURES} or more that can be read"
        )


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith("."))
