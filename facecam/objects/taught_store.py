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
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from numpy.typing import NDArray

from facecam.atomic import write_atomic
from facecam.errors import TeachError
from facecam.objects.taught_head import FEATURES, Head
from facecam.types import Floats

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
            raise TeachError(
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
class Taught:
    """Everything taught so far. `stamp` is the index's content, by which a change by somebody else is noticed."""

    labels: tuple[TaughtLabel, ...] = ()
    head: Head | None = None
    forgotten: TaughtLabel | None = None
    stamp: str = ""

    def label(self, name: str) -> TaughtLabel | None:
        """The label of that name, None when it was not taught."""
        return next((label for label in self.labels if label.name == name), None)


def taught_dir(option: Path | None = None) -> Path:
    """Where what was taught lies: the folder named, else $FACECAM_OBJECTS, else the user's data folder."""
    named = option or os.environ.get("FACECAM_OBJECTS")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("facecam", appauthor=False)) / "objects"


def read_taught(folder: Path, base_sha256: str) -> Taught:
    """What `folder` holds, every file verified; nothing taught when there is no index.

    TeachError when a file is missing or damaged, or when it was taught on another base than the one with `base_sha256`.
    """
    try:
        text = (folder / INDEX).read_text(encoding="utf-8")
    except FileNotFoundError:
        return Taught()
    except (OSError, UnicodeDecodeError) as error:
        raise TeachError(
            f"{folder / INDEX} cannot be read ({error}); restore it, or move {folder} away and teach again"
        ) from error
    try:
        facts = json.loads(text)
        if facts["format"] != FORMAT or facts["base_sha256"] != base_sha256:
            raise TeachError(f"{folder} was taught with another version or network; move it away and teach again")
        labels = tuple(_label(folder, entry) for entry in facts["labels"])
        forgotten = _label(folder, facts["forgotten"]) if facts["forgotten"] else None
        head = _head(folder, facts["head"], labels) if facts["head"] else None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TeachError(f"{folder / INDEX} is damaged ({error}); restore it, or move {folder} away and teach again") from error
    return Taught(labels, head, forgotten, hashlib.sha256(text.encode()).hexdigest())


def write_taught(folder: Path, taught: Taught, base_sha256: str) -> None:
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
        raise TeachError(f"{folder} cannot be written: {error.strerror}; nothing was changed") from error


def _refuse_changed(folder: Path, stamp: str) -> None:
    path = folder / INDEX
    now = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    if now != stamp:
        raise TeachError(f"{folder} was changed by another facecam meanwhile; nothing was written, teach again")


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


def _head(folder: Path, entry: Mapping[str, Any], labels: tuple[TaughtLabel, ...]) -> Head:
    arrays = _read(folder, entry)
    shown = [label for label in labels if label.name != BACKGROUND]
    return Head(
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
            raise TeachError(f"{path} is damaged: its SHA-256 is not the one in {INDEX}; restore it, or teach again elsewhere")
        arrays: Arrays = load(content)
    except (OSError, SafetensorError) as error:
        raise TeachError(f"{path} cannot be read ({error}); restore it, or move {folder} away and teach again") from error
    return arrays
