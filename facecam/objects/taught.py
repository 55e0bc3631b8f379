"""What was taught: the features of every view that was kept, by label, and the head fitted to them. One folder, always whole.

    taught.json                       format, the base's SHA-256; file and hash of each label, of the head, of what was forgotten
    features-<hash>.safetensors       one label: `views` (n, 1280), `blocks` (n,), `beside` (m, 1280)
    head-<hash>.safetensors           `kernel` (1280, labels + 1), `bias`, `near`

Pictures are not kept. taught.json is moved into place last and names the other files by hash; what it no longer names is deleted
after that. So new views of an old label join those it has, and an interrupted teaching changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from facecam.errors import TeachingError
from facecam.fileio import write_atomic
from facecam.networks.convert import open_network
from facecam.networks.litert import InFixedBatches
from facecam.networks.manifest import entry
from facecam.objects.classifier import NETWORK, TOP, Classifier, central_crop, cut, lite0_input
from facecam.objects.imagenet import INPUT_SIZE_PX
from facecam.objects.localization import guide_box
from facecam.types import Box, Floats, Image, Label

# MERGED objects.taught_head: The head over the frozen base's features: which taught thing a picture shows, if it surely shows one. Pure.

FEATURES = 1280
SURE_SHARE = 0.7
"""The softmax share from which a taught label is sure."""


@dataclass(frozen=True, slots=True, eq=False)
class TaughtHead:
    """softmax(x @ kernel + bias) over the background (column 0) and `labels`, x being 1280 features of length 1.

    A share alone says little of what is unlike everything taught, so a label is sure only when a view of it is also near: the
    cosine to the nearest of its `views` is at least its `near`.
    """

    labels: tuple[str, ...]
    kernel: Floats
    bias: Floats
    near: Floats
    views: tuple[Floats, ...]

    def __post_init__(self) -> None:
        count = len(self.labels)
        shapes = self.kernel.shape, self.bias.shape, self.near.shape, len(self.views)
        if shapes != ((FEATURES, count + 1), (count + 1,), (count,), count):
            raise TeachingError(f"a head for {count} labels has arrays of shapes {shapes}; teach again")

    def arrays(self) -> dict[str, NDArray[np.float32]]:
        """What is stored of it; the views are stored with their labels."""
        return {"kernel": self.kernel, "bias": self.bias, "near": self.near}

    def shares(self, features: Floats) -> Floats:
        """(n, labels + 1) of (n, 1280) features of length 1; the background is column 0."""
        return softmax(features @ self.kernel + self.bias)

    def sure(self, features: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Of each row the number of the label that is surely shown, -1 for none, and its share."""
        shares = self.shares(features)
        found = np.full(len(features), -1, np.intp)
        for row, best in enumerate(shares.argmax(axis=1)):
            if best > 0 and shares[row, best] >= SURE_SHARE:
                nearest = float(np.max(self.views[best - 1] @ features[row]))
                found[row] = best - 1 if nearest >= self.near[best - 1] else -1
        return found, shares[np.arange(len(features)), np.maximum(found + 1, 0)]


def softmax(logits: Floats) -> Floats:
    """Rows that are positive and sum to 1."""
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = likely / likely.sum(axis=1, keepdims=True)
    return result


def unit_rows(features: Floats) -> Floats:
    """The rows at length 1."""
    result: Floats = features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6)
    return result


INDEX = "taught.json"
FORMAT = 1
BACKGROUND = "background"
"""The label of what is nothing: it can be taught like any other, and is never shown."""

Numbers = NDArray[np.int32]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class TaughtLabel:
    """`views` and `beside` are rows of 1280 features of length 1, float32: the thing itself, and what was seen around it.

    `blocks` numbers stretches of time: views of one block look alike, so that testing on one means fitting without all of it.
    """

    name: str
    views: Floats
    blocks: Numbers
    beside: Floats

    def __post_init__(self) -> None:
        rows = len(self.blocks)
        if self.views.shape != (rows, FEATURES) or self.beside.shape[1:] != (FEATURES,):
            raise TeachingError(
                f"{self.name}: views {self.views.shape} in {rows} blocks, {self.beside.shape} beside; expected {FEATURES} columns"
            )

    def joined(self, other: TaughtLabel) -> TaughtLabel:
        """These views and those of `other`, whose blocks stay apart from these."""
        following = other.blocks + (int(self.blocks.max()) + 1 if len(self.blocks) else 0)
        return replace(
            self,
            views=np.concatenate([self.views, other.views]),
            blocks=np.concatenate([self.blocks, following]).astype(np.int32),
            beside=np.concatenate([self.beside, other.beside]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class TaughtObjects:
    """Everything taught so far. `stamp` is the index's content, by which a change by somebody else is noticed."""

    labels: tuple[TaughtLabel, ...] = ()
    head: TaughtHead | None = None
    forgotten: TaughtLabel | None = None
    stamp: str = ""

    def label(self, name: str) -> TaughtLabel | None:
        """The label of that name, None when it was not taught."""
        return next((label for label in self.labels if label.name == name), None)


def taught_dir(option: Path | None = None) -> Path:
    """Where what was taught lies: the folder named, else $FACECAM_OBJECTS, else the user's data folder."""
    named = option or os.environ.get("FACECAM_OBJECTS")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("facecam", appauthor=False)) / "objects"


def read_taught(folder: Path, base_sha256: str) -> TaughtObjects:
    """What `folder` holds, every file verified; nothing taught when there is no index.

    TeachError when a file is missing or damaged, or when it was taught on another base than the one with `base_sha256`.
    """
    try:
        text = (folder / INDEX).read_text(encoding="utf-8")
    except FileNotFoundError:
        return TaughtObjects()
    except (OSError, UnicodeDecodeError) as error:
        raise TeachingError(
            f"{folder / INDEX} cannot be read ({error}); restore it, or move {folder} away and teach again"
        ) from error
    try:
        facts = json.loads(text)
        if facts["format"] != FORMAT or facts["base_sha256"] != base_sha256:
            raise TeachingError(f"{folder} was taught with another version or network; move it away and teach again")
        labels = tuple(_label(folder, entry) for entry in facts["labels"])
        forgotten = _label(folder, facts["forgotten"]) if facts["forgotten"] else None
        head = _head(folder, facts["head"], labels) if facts["head"] else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TeachingError(
            f"{folder / INDEX} is damaged ({error}); restore it, or move {folder} away and teach again"
        ) from error
    return TaughtObjects(labels, head, forgotten, hashlib.sha256(text.encode()).hexdigest())


def write_taught(folder: Path, taught: TaughtObjects, base_sha256: str) -> None:
    """Make `folder` hold this. TeachError when it cannot be written, or was changed by somebody else since it was read."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_changed(folder, taught.stamp)
        labels = [_stored_label(folder, label) for label in taught.labels]
        forgotten = _stored_label(folder, taught.forgotten) if taught.forgotten else None
        head = _stored(folder, "head", taught.head.arrays()) if taught.head else None
        index = {"format": FORMAT, "base_sha256": base_sha256, "labels": labels, "head": head, "forgotten": forgotten}
        write_atomic(folder / INDEX, (json.dumps(index, ensure_ascii=False, indent=2) + "\n").encode())
        named = {entry["file"] for entry in (*labels, forgotten, head) if entry}
        for path in (*folder.glob("features-*.safetensors"), *folder.glob("head-*.safetensors")):
            if path.name not in named:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise TeachingError(f"{folder} cannot be written: {error.strerror}; nothing was changed") from error


def _refuse_changed(folder: Path, stamp: str) -> None:
    path = folder / INDEX
    now = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    if now != stamp:
        raise TeachingError(f"{folder} was changed by another facecam meanwhile; nothing was written, teach again")


def _stored_label(folder: Path, label: TaughtLabel) -> dict[str, Any]:
    # Half precision is 1e-3 of a number whose use is a cosine: the third digit of what it tells.
    arrays: Arrays = {"views": label.views.astype(np.float16), "blocks": label.blocks, "beside": label.beside.astype(np.float16)}
    return {"name": label.name, "views": len(label.views), **_stored(folder, "features", arrays)}


def _stored(folder: Path, kind: str, arrays: Arrays) -> dict[str, Any]:
    from safetensors.numpy import save

    content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{kind}-{digest[:16]}.safetensors"
    if not path.is_file():
        write_atomic(path, content)
    return {"file": path.name, "sha256": digest}


def _label(folder: Path, entry: Mapping[str, Any]) -> TaughtLabel:
    arrays = _read(folder, entry)
    views, beside = (arrays[part].astype(np.float32) for part in ("views", "beside"))
    return TaughtLabel(str(entry["name"]), views, arrays["blocks"].astype(np.int32), beside)


def _head(folder: Path, entry: Mapping[str, Any], labels: tuple[TaughtLabel, ...]) -> TaughtHead:
    arrays = _read(folder, entry)
    shown = [label for label in labels if label.name != BACKGROUND]
    return TaughtHead(
        tuple(label.name for label in shown),
        arrays["kernel"],
        arrays["bias"],
        arrays["near"],
        tuple(label.views for label in shown),
    )


def _read(folder: Path, entry: Mapping[str, Any]) -> Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    path = folder / Path(entry["file"]).name
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            raise TeachingError(f"{path} is damaged: its SHA-256 is not the one in {INDEX}; restore it, or teach again elsewhere")
        arrays: Arrays = load(content)
    except (OSError, SafetensorError) as error:
        raise TeachingError(f"{path} cannot be read ({error}); restore it, or move {folder} away and teach again") from error
    return arrays


# MERGED objects.features: Squares of pictures -> what EfficientNet-Lite0 sees in them before it names anything: 1280 numbers, on LiteRT.

FEATURE_NETWORK = "efficientnet_lite0_features"

_BATCHES = (1, 2, 4)


def base_sha256() -> str:
    """The hash of the weights that the features come from: what was taught on others means nothing here."""
    return entry(NETWORK).sha256


class FeatureReader:
    """The base without its last layer. Owned by the thread that calls it first."""

    def __init__(self, threads: int) -> None:
        self._network = InFixedBatches(open_network(FEATURE_NETWORK, threads), _BATCHES)

    def __call__(self, bgr: Image, squares: Sequence[Box]) -> Floats:
        """(n, 1280) float32 of length 1 for n squares of a picture (height, width, 3) uint8."""
        if not squares:
            return np.empty((0, FEATURES), np.float32)
        return unit_rows(self._network(np.stack([lite0_input(cut(bgr, square, INPUT_SIZE_PX)) for square in squares])))


# MERGED objects.taught_names: Taught labels before the network's own: what was taught a moment ago counts at once.


class TaughtClassifier:
    """The taught label that a square surely shows. Looks at the folder's index before each picture, and reads it when it is new.

    Owned by the thread that calls it first. TeachError when what was taught is damaged.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self._folder = folder
        self._threads = threads
        self._stamp: tuple[int, int] | None = None
        self._head: TaughtHead | None = None
        self._reader: FeatureReader | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The labels as of the last look, in the order of `sure`."""
        return () if self._head is None else self._head.labels

    def sure(self, bgr: Image, squares: Sequence[Box]) -> Floats:
        """(squares, labels) float32: the share of the label that each square surely shows; all else is zero."""
        self._refresh()
        found = np.zeros((len(squares), len(self.names)), np.float32)
        if self._head is not None:
            self._reader = self._reader or FeatureReader(self._threads)
            numbers, shares = self._head.sure(self._reader(bgr, squares))
            rows = np.flatnonzero(numbers >= 0)
            found[rows, numbers[rows]] = shares[rows]
        return found

    def _refresh(self) -> None:
        stamp = self._seen()
        while stamp != self._stamp:
            try:
                self._head = read_taught(self._folder, base_sha256()).head
            except TeachingError:
                if stamp == self._seen():
                    raise
            self._stamp, stamp = stamp, self._seen()  # taught anew while it was read: once more

    def _seen(self) -> tuple[int, int] | None:
        """Which index lies there; None when there is none."""
        try:
            stat = (self._folder / INDEX).stat()
        except FileNotFoundError:
            return None
        return stat.st_mtime_ns, stat.st_ino


class TaughtFirstClassifier:
    """A classifier that lets the taught labels speak first, and where they say nothing is what it was."""

    def __init__(self, taught: TaughtClassifier, others: Classifier) -> None:
        self._taught = taught
        self._others = others
        self.rule = others.rule

    def classify(self, bgr: Image) -> tuple[Label, ...]:
        """The taught label if the picture or its middle surely shows one, with the others after it; else the others unchanged."""
        whole = central_crop(bgr)
        sure = self._taught.sure(bgr, (whole, guide_box((bgr.shape[1], bgr.shape[0])))).max(axis=0, initial=0)
        return self.labels(_joined(self._others.probabilities(bgr, whole), _surest(sure)))

    def probabilities(self, bgr: Image, square: Box) -> Floats:
        """(n + taught,) float32: a taught label that is sure has its share, the others' n names what it leaves."""
        return _joined(self._others.probabilities(bgr, square), self._taught.sure(bgr, (square,))[0])

    def labels(self, likely: Floats) -> tuple[Label, ...]:
        """The three likeliest names, best first. A taught name hides the same name of the network's own."""
        count = len(likely) - len(self._taught.names)
        shares = zip(self._taught.names, likely[count:], strict=True)
        taught = [Label(name, "", float(share)) for name, share in shares if share > 0]
        names = {label.name for label in taught}
        others = [label for label in self._others.labels(likely[:count]) if label.name not in names]
        return tuple(sorted((*taught, *others), key=lambda label: -label.probability)[:TOP])


def _surest(shares: Floats) -> Floats:
    """The shares (labels,) with only the largest left."""
    return np.where(np.arange(len(shares)) == shares.argmax(), shares, np.float32(0)) if len(shares) else shares


def _joined(others: Floats, taught: Floats) -> Floats:
    return np.concatenate([others * np.float32(1 - taught.sum()), taught])
