"""Taught objects: the features of their views by label, the head fitted to them, and the classifier that uses it.

One folder holds everything and is consistent at any time:

    taught.json                       format, the base's SHA-256; file and hash of each label, of the head, of the forgotten label
    features-<hash>.safetensors       one label: `views` (n, 1280), `blocks` (n,), `beside` (m, 1280)
    head-<hash>.safetensors           `kernel` (1280, labels + 1), `bias`, `near`

Images are not stored. taught.json is moved into place last and names the other files by hash; files it no longer names are
deleted afterward. So new views join those of the same label, and interrupted teaching changes nothing.

taught.json is used only if this user's facecam has written it, or the user has approved it by `facecam models accept`; see
`facecam.integrity`.

Labels that differ only in case or spaces are one label in its first spelling, also where an earlier version stored two.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facecam.errors import TeachingError
from facecam.fileio import PART_PREFIX, create_private_folder, data_dir, expand_home, parse_json, read_regular, write_private
from facecam.integrity import approve, approving, trust_problem
from facecam.networks.litert import FixedBatchNetwork, open_network, softmax
from facecam.networks.manifest import entry
from facecam.objects.classifier import (
    NETWORK,
    TOP_LABELS,
    Classifier,
    central_crop,
    crop_square,
    label_key,
    lite0_input,
    log_joined_labels,
    unique_labels,
)
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.objects.localization import guide_box
from facecam.types import Box, Floats, Image, Label

FEATURES = 1280
FEATURE_NETWORK = "efficientnet_lite0_features"
INDEX = "taught.json"
FORMAT = 1
PURPOSE = "taught objects"
"""Purpose of taught.json, see `facecam.integrity`."""

BACKGROUND = "background"
"""Label of views without an object: it can be taught like any other and is never displayed."""

_MIN_PROBABILITY = 0.7
_BATCHES = (1, 2, 4)

Numbers = NDArray[np.int32]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class TaughtHead:
    """softmax(x @ kernel + bias) over the background (column 0) and `labels`, x being 1280 features of length 1.

    Probability alone says little about objects unlike everything taught. A label is therefore accepted only when the cosine to
    the nearest of its `views` is at least its entry in `min_cosines`. `owners` has the index of the label of each column after
    the background's where an earlier version fitted several columns to one label; else it is empty.
    """

    labels: tuple[str, ...]
    kernel: Floats
    bias: Floats
    min_cosines: Floats
    views: tuple[Floats, ...]
    owners: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        count, columns = len(self.labels), len(self.owners or self.labels)
        shapes = self.kernel.shape, self.bias.shape, self.min_cosines.shape, len(self.views)
        if shapes != ((FEATURES, columns + 1), (columns + 1,), (count,), count):
            raise TeachingError(
                "a head for {count} labels has arrays of shapes {shapes}; teach again", count=count, shapes=shapes
            )

    def probabilities(self, features: Floats) -> Floats:
        """Return (n, labels + 1) for (n, 1280) features of length 1; column 0 is the background."""
        probabilities = softmax(features @ self.kernel + self.bias)
        if not self.owners:
            return probabilities
        owners = np.array((-1, *self.owners))
        return np.stack([probabilities[:, owners == label].sum(axis=1) for label in range(-1, len(self.labels))], axis=1)

    def classify(self, features: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Return the number of each row's accepted label, -1 for none, and its probability."""
        return self.accept(features, self.probabilities(features))

    def accept(self, features: Floats, probabilities: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Return the same as `classify`, given the rows' probabilities."""
        found = np.full(len(features), -1, np.intp)
        for row, best in enumerate(probabilities.argmax(axis=1)):
            if best > 0 and probabilities[row, best] >= _MIN_PROBABILITY:
                nearest = float(np.max(self.views[best - 1] @ features[row]))
                found[row] = best - 1 if nearest >= self.min_cosines[best - 1] else -1
        return found, probabilities[np.arange(len(features)), np.maximum(found + 1, 0)]


def unit_rows(features: Floats) -> Floats:
    """Scale each row to length 1."""
    result: Floats = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)
    return result


@dataclass(frozen=True, slots=True, eq=False)
class TaughtLabel:
    """One label: `views` of the object and `negatives` around it, rows of 1280 features of length 1, float32.

    `blocks` numbers stretches of time: views of one block look alike, so that testing on one means fitting without all of it.
    """

    name: str
    views: Floats
    blocks: Numbers
    negatives: Floats

    def __post_init__(self) -> None:
        rows = len(self.blocks)
        if self.views.shape != (rows, FEATURES) or self.negatives.shape[1:] != (FEATURES,):
            raise TeachingError(
                "{label}: views {views} in {blocks} blocks, negatives {negatives}; expected {columns} columns",
                label=self.name,
                views=self.views.shape,
                blocks=rows,
                negatives=self.negatives.shape,
                columns=FEATURES,
            )

    def merged_with(self, other: TaughtLabel) -> TaughtLabel:
        """Return this label with the views of `other` added in blocks of their own."""
        following = other.blocks + (int(self.blocks.max()) + 1 if len(self.blocks) else 0)
        return replace(
            self,
            views=np.concatenate([self.views, other.views]),
            blocks=np.concatenate([self.blocks, following]).astype(np.int32),
            negatives=np.concatenate([self.negatives, other.negatives]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class TaughtObjects:
    """All taught labels, their head and the label forgotten last. `index_sha256` reveals changes by another process."""

    labels: tuple[TaughtLabel, ...] = ()
    head: TaughtHead | None = None
    forgotten: TaughtLabel | None = None
    index_sha256: str = ""

    def label(self, name: str) -> TaughtLabel | None:
        """Return the label of that name in any spelling, None when it was not taught."""
        return next((label for label in self.labels if label_key(label.name) == label_key(name)), None)


def taught_dir(folder: Path | None = None) -> Path:
    """Return the folder of taught objects: the given one, else $FACECAM_OBJECTS, else in the user's data folder."""
    named = folder or os.environ.get("FACECAM_OBJECTS")
    return expand_home(named) if named else data_dir() / "objects"


def base_sha256() -> str:
    """Return the hash of the weights that the features come from; labels taught on other weights are not usable."""
    return entry(NETWORK).sha256


_MAX_INDEX_BYTES = 16 * 1024**2
_MAX_ARRAYS_BYTES = 512 * 1024**2
"""Maximum size of a file of features or a head, which are 5 KB per view or label."""


def read_taught(folder: Path, base_sha256: str) -> TaughtObjects:
    """Read and verify the taught objects of `folder`; empty without an index.

    Raises:
        TeachingError: A file is missing or damaged, or not this user's own, or the base has another hash than `base_sha256`.
    """
    content = _index_content(folder)
    if content is None:
        return TaughtObjects()
    if problem := trust_problem(folder / INDEX, hashlib.sha256(content).hexdigest(), PURPOSE):
        raise TeachingError(
            "{path} is not used: {problem}; if you trust it, run `facecam models accept {folder}`, otherwise move {folder} "
            "away and teach again",
            path=folder / INDEX,
            problem=problem,
            folder=folder,
        )
    return _parsed_taught(folder, content, base_sha256)


def accept_taught(folder: Path) -> Path:
    """Approve the taught objects of a folder as they are now, and return their index. TeachingError when they are damaged."""
    path, content = folder / INDEX, _index_content(folder)
    if content is None:
        raise TeachingError("{folder} has no taught objects: {file} is missing", folder=folder, file=INDEX)
    _parsed_taught(folder, content, base_sha256())
    try:
        approve(path, hashlib.sha256(content).hexdigest(), PURPOSE)
    except OSError as error:
        raise TeachingError("{path} cannot be approved: {error}", path=path, error=error) from error
    return path


def _index_content(folder: Path) -> bytes | None:
    """Return the content of the index, None without one. TeachingError when it cannot be read."""
    try:
        return read_regular(folder / INDEX, _MAX_INDEX_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TeachingError(
            "{path} cannot be read ({error}); restore it, or move {folder} away and teach again",
            path=folder / INDEX,
            error=error,
            folder=folder,
        ) from error


def _parsed_taught(folder: Path, content: bytes, base_sha256: str) -> TaughtObjects:
    try:
        index = parse_json(content)
        if index["format"] != FORMAT or index["base_sha256"] != base_sha256:
            raise TeachingError(
                "{folder} was taught with another version or network; move it away and teach again", folder=folder
            )
        stored = tuple(_read_label(folder, entry) for entry in index["labels"])
        labels = _joined_labels(folder, stored)
        forgotten = _read_label(folder, index["forgotten"]) if index["forgotten"] else None
        head = _read_head(folder, index["head"], stored, labels) if index["head"] else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TeachingError(
            "{path} is damaged ({error}); restore it, or move {folder} away and teach again",
            path=folder / INDEX,
            error=error,
            folder=folder,
        ) from error
    return TaughtObjects(labels, head, forgotten, hashlib.sha256(content).hexdigest())


def write_taught(folder: Path, taught: TaughtObjects, base_sha256: str) -> None:
    """Write the taught objects to `folder`.

    Raises:
        TeachingError: The folder cannot be written, or another process changed it since it was read.
    """
    path = folder / INDEX
    try:
        create_private_folder(folder)
        if (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "") != taught.index_sha256:
            raise TeachingError(
                "another facecam has changed {folder} meanwhile, so nothing was written; teach again", folder=folder
            )
        labels = [_write_label(folder, label) for label in taught.labels]
        forgotten = _write_label(folder, taught.forgotten) if taught.forgotten else None
        head = None
        if taught.head:
            arrays = {"kernel": taught.head.kernel, "bias": taught.head.bias, "near": taught.head.min_cosines}
            head = _write_arrays(folder, "head", arrays)
        index = {"format": FORMAT, "base_sha256": base_sha256, "labels": labels, "head": head, "forgotten": forgotten}
        content = (json.dumps(index, ensure_ascii=False, indent=2) + "\n").encode()
        with approving(path, hashlib.sha256(content).hexdigest(), PURPOSE):
            write_private(path, content)
        named = {entry["file"] for entry in (*labels, forgotten, head) if entry}
        patterns = ("features-*.safetensors", "head-*.safetensors", PART_PREFIX + "*")
        for stored in (path for pattern in patterns for path in folder.glob(pattern)):
            if stored.name not in named:
                stored.unlink(missing_ok=True)
    except OSError as error:
        raise TeachingError("{folder} cannot be written: {reason}; nothing was changed", folder=folder, reason=error) from error


def _write_label(folder: Path, label: TaughtLabel) -> dict[str, Any]:
    # Half precision rounds by 1e-3, and the features are only used for cosines.
    views, negatives = label.views.astype(np.float16), label.negatives.astype(np.float16)
    arrays: Arrays = {"views": views, "blocks": label.blocks, "beside": negatives}
    return {"name": label.name, "views": len(label.views), **_write_arrays(folder, "features", arrays)}


def _write_arrays(folder: Path, kind: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    from safetensors.numpy import save

    content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{kind}-{digest[:16]}.safetensors"
    if not path.is_file():
        write_private(path, content)
    return {"file": path.name, "sha256": digest}


def _read_label(folder: Path, entry: Mapping[str, Any]) -> TaughtLabel:
    arrays = _read_arrays(folder, entry)
    views, negatives = (arrays[name].astype(np.float32) for name in ("views", "beside"))
    return TaughtLabel(str(entry["name"]), views, arrays["blocks"].astype(np.int32), negatives)


def _joined_labels(folder: Path, stored: tuple[TaughtLabel, ...]) -> tuple[TaughtLabel, ...]:
    """Return the labels with the views of all their spellings, of which earlier versions stored several."""
    names = tuple(label.name for label in stored)
    kept, owners = unique_labels(names)
    if len(kept) == len(names):
        return stored
    log_joined_labels(folder, names, "teach or forget any object to make them one")
    spellings = [[label for label, owner in zip(stored, owners, strict=True) if owner == index] for index in range(len(kept))]
    return tuple(reduce(TaughtLabel.merged_with, labels) for labels in spellings)


def _read_head(
    folder: Path, entry: Mapping[str, Any], stored: tuple[TaughtLabel, ...], labels: tuple[TaughtLabel, ...]
) -> TaughtHead:
    arrays = _read_arrays(folder, entry)
    names, owners = unique_labels([label.name for label in stored if label.name != BACKGROUND])
    views = tuple(label.views for label in labels if label.name != BACKGROUND)
    if len(names) == len(owners):
        return TaughtHead(names, arrays["kernel"], arrays["bias"], arrays["near"], views)
    min_cosines = np.array([arrays["near"][owners == index].min() for index in range(len(names))], np.float32)
    return TaughtHead(names, arrays["kernel"], arrays["bias"], min_cosines, views, tuple(owners.tolist()))


def _read_arrays(folder: Path, entry: Mapping[str, Any]) -> Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = folder / Path(entry["file"]).name
    try:
        content = read_regular(path, _MAX_ARRAYS_BYTES)
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise TeachingError(
                "{path} is damaged: its SHA-256 is not the one in {index}; restore it, or teach again elsewhere",
                path=path,
                index=INDEX,
            )
        arrays: Arrays = load(content)
    except (OSError, SafetensorError) as error:
        raise TeachingError(
            "{path} cannot be read ({error}); restore it, or move {folder} away and teach again",
            path=path,
            error=error,
            folder=folder,
        ) from error
    return arrays


class FeatureExtractor:
    """EfficientNet-Lite0 without its last layer, on LiteRT. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = FixedBatchNetwork(open_network(FEATURE_NETWORK, threads), _BATCHES)

    def __call__(self, bgr: Image, squares: Sequence[Box]) -> Floats:
        """Return (n, 1280) float32 of length 1 for n squares of an image (height, width, 3) uint8."""
        if not squares:
            return np.empty((0, FEATURES), np.float32)
        crops = [crop_square(bgr, square, INPUT_SIZE_PX) for square in squares]
        return unit_rows(self._network(np.stack([lite0_input(crop) for crop in crops])))


class TaughtClassifier:
    """Classifier for taught labels; it reloads the folder when its index changes. Owned by the thread that calls it first.

    Raises TeachingError when the folder is damaged.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._version: tuple[int, int] | None = None
        self._head: TaughtHead | None = None
        self._features: FeatureExtractor | None = None
        self._shares = np.empty((0, 0), np.float32)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels as of the last call, in the order of `probabilities`."""
        return () if self._head is None else self._head.labels

    def shares(self) -> tuple[Label, ...]:
        """Return all labels with their probability for the first square of the last call, accepted or not."""
        return tuple(Label(name, "", float(share)) for name, share in zip(self.labels, self._shares[:1].ravel(), strict=False))

    def probabilities(self, bgr: Image, squares: Sequence[Box]) -> Floats:
        """Return (squares, labels) float32: the probability of each square's accepted label; all else is zero."""
        self._reload()
        found = np.zeros((len(squares), len(self.labels)), np.float32)
        self._shares = found
        if self._head is not None:
            self._features = self._features or FeatureExtractor(self._threads)
            features = self._features(bgr, squares)
            shares = self._head.probabilities(features)
            self._shares = shares[:, 1:]
            numbers, probabilities = self._head.accept(features, shares)
            rows = np.flatnonzero(numbers >= 0)
            found[rows, numbers[rows]] = probabilities[rows]
        return found

    def _reload(self) -> None:
        version = self._index_version()
        while version != self._version:
            try:
                self._head = read_taught(self._folder, base_sha256()).head
            except TeachingError:
                if version == self._index_version():
                    raise
            self._version, version = version, self._index_version()  # read once more if it changed while it was read

    def _index_version(self) -> tuple[int, int] | None:
        try:
            stat = (self._folder / INDEX).stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_ino


class TaughtFirstClassifier:
    """A classifier in which taught labels take precedence; without an accepted one it equals `fallback`."""

    def __init__(self, taught: TaughtClassifier, fallback: Classifier) -> None:
        self._taught = taught
        self._fallback = fallback
        self.rule = fallback.rule

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """Return the taught label of the image or its center, followed by other labels; without one, the fallback's labels."""
        whole = central_crop(bgr)
        taught = self._taught.probabilities(bgr, (whole, guide_box((bgr.shape[1], bgr.shape[0])))).max(axis=0, initial=0)
        if len(taught):
            taught = np.where(np.arange(len(taught)) == taught.argmax(), taught, np.float32(0))
        return self.labels(_joined(self._fallback.probabilities(bgr, whole), taught))

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """Return (n + taught,) float32: the accepted taught label's probability, and the rest shared by the fallback's n."""
        return _joined(self._fallback.probabilities(bgr, square), self._taught.probabilities(bgr, (square,))[0])

    def taught_shares(self) -> tuple[Label, ...]:
        """Return the taught labels with their probability for the square of the last call, in the order taught."""
        return self._taught.shares()

    def labels(self, probabilities: Floats) -> tuple[Label, ...]:
        """Return the three most probable labels, best first. A taught name hides the same name of the fallback."""
        count = len(probabilities) - len(self._taught.labels)
        pairs = zip(self._taught.labels, probabilities[count:], strict=True)
        taught = [Label(name, "", float(probability)) for name, probability in pairs if probability > 0]
        keys = {label_key(label.name) for label in taught}
        others = [label for label in self._fallback.labels(probabilities[:count]) if label_key(label.name) not in keys]
        return tuple(sorted((*taught, *others), key=lambda label: -label.probability)[:TOP_LABELS])


def _joined(fallback: Floats, taught: Floats) -> Floats:
    return np.concatenate([fallback * np.float32(1 - taught.sum()), taught])
