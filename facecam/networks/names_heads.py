"""Heads of `facecam train --recipe names` on disk: finding them, and removing a person from them.

A head is a trained network (see `user_networks`) whose labels are names, with one row of `prototypes` for each: the embedding
that stands for the person.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from facecam.errors import ModelError
from facecam.fileio import PART_PREFIX
from facecam.integrity import approved_files, withdraw_approval
from facecam.networks.user_networks import (
    NETWORK_FILE,
    TRAINED,
    TrainedNetwork,
    delete_obsolete_weights,
    described_network,
    networks_dir,
    read_trained,
    trained_arrays,
    write_trained,
)

RECIPE = "names"
PROTOTYPES = "prototypes"
FINETUNED, PERSON_IDS = "finetuned", "person_ids"
"""Figures in network.json."""

_log = logging.getLogger(__name__)

_MIN_PEOPLE = 2
"""A head tells people apart, so one with fewer is deleted."""


@dataclass(frozen=True, slots=True)
class ForgottenHead:
    """A head that a person was removed from; `is_deleted` when nothing of it could be kept, see `forget_name`."""

    folder: Path
    is_deleted: bool


def names_heads() -> list[TrainedNetwork]:
    """Return the heads that this user has trained or accepted, wherever they are, unverified. An unreadable one is left out."""
    folders = {path.parent for path in (*approved_files(TRAINED), *networks_dir().glob(f"*/{NETWORK_FILE}"))}
    return [network for folder in sorted(folders) for network in _readable(folder) if network.recipe == RECIPE]


def _readable(folder: Path) -> Iterator[TrainedNetwork]:
    try:
        yield described_network(folder)
    except ModelError:
        return


def forget_name(name: str, person_ids: Collection[str] = ()) -> list[ForgottenHead]:
    """Remove a person from every head with this name or one of these ids: their name and embedding are not on disk any more.

    A person who was renamed after the training is in the head under the old name, and is found by the id.

    The prototypes of the others stay. A head is deleted that was fine-tuned, because the person's photos have changed the
    network, that has not two others, or that is damaged or not this user's own. It can be trained again.

    Raises:
        ModelError: A head cannot be changed; the message names it.
    """
    heads = names_heads()
    kept = {head.folder: _rows_without(head, name, person_ids) for head in heads}
    forgotten = [_forget_in(head, kept[head.folder]) for head in heads if len(kept[head.folder]) < len(head.labels)]
    for head in heads:
        with suppress(OSError, ModelError):  # A later attempt deletes what an interrupted one has left.
            delete_obsolete_weights(described_network(head.folder))
    folders = {*(head.folder for head in heads), *networks_dir().glob("*/")}
    for path in (path for folder in folders for path in folder.glob(PART_PREFIX + "*")):
        with suppress(OSError):
            path.unlink()
    return forgotten


def _rows_without(head: TrainedNetwork, name: str, person_ids: Collection[str]) -> list[int]:
    """Return the rows of the other people."""
    ids = _person_ids(head) or [""] * len(head.labels)
    return [row for row, label in enumerate(head.labels) if label != name and ids[row] not in person_ids]


def _person_ids(head: TrainedNetwork) -> list[str]:
    """Return the ids in the order of the labels; none in a head of an earlier version."""
    ids = head.figures.get(PERSON_IDS)
    return list(map(str, ids)) if isinstance(ids, list) and len(ids) == len(head.labels) else []


def _forget_in(head: TrainedNetwork, kept: list[int]) -> ForgottenHead:
    is_deleted = bool(head.figures.get(FINETUNED)) or len(kept) < _MIN_PEOPLE
    try:
        arrays = {} if is_deleted else trained_arrays(read_trained(head.folder))
        is_deleted = is_deleted or len(arrays.get(PROTOTYPES, ())) != len(head.labels)
    except ModelError:  # Nothing of it can be kept.
        is_deleted = True
    try:
        if is_deleted:
            _delete(head)
        else:
            ids = _person_ids(head)
            figures = head.figures | ({PERSON_IDS: [ids[row] for row in kept]} if ids else {})
            labels = tuple(head.labels[row] for row in kept)
            prototypes = np.ascontiguousarray(arrays[PROTOTYPES][kept])
            write_trained(replace(head, labels=labels, figures=figures), arrays | {PROTOTYPES: prototypes})
    except OSError as error:
        raise ModelError(
            "a person cannot be removed from the head in {folder} ({error}); delete the folder",
            folder=head.folder,
            error=error,
        ) from error
    _log.info("the head in %s %s", head.folder, "was deleted" if is_deleted else "does not name a removed person any more")
    return ForgottenHead(head.folder, is_deleted)


def _delete(head: TrainedNetwork) -> None:
    """Delete a head and its approval. Other files in the folder stay."""
    (head.folder / NETWORK_FILE).unlink(missing_ok=True)
    for weights in head.folder.glob("weights-*"):
        weights.unlink(missing_ok=True)
    withdraw_approval(head.folder / NETWORK_FILE, TRAINED)
    if not any(head.folder.iterdir()):
        head.folder.rmdir()
