"""Evaluation of naming (`facecam evaluate names`): learned heads and nearest-L2 on the same photos of the same people.

People of --pairs with MIN_PHOTOS photos or more are enrolled with the first three fifths of them, at most MAX_ENROLLED; their
other photos are unseen. All others in --pairs are strangers. Every threshold is chosen on people of --train-pairs, so that at
most `far` of their photos get a name. The report's strangers may exceed that rate or stay below it; `accuracy_at_far` is the
accuracy at which exactly these stay within `far`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from facecam.errors import ImageError
from facecam.evaluation.lfw import LfwPair, LfwPhoto
from facecam.training.names import NamesHead, embed_with, finetune_embedding, nearest, prototypes, threshold_at_far
from facecam.types import Floats, Image

MIN_PHOTOS = 5
MAX_ENROLLED = 10


@dataclass(frozen=True, slots=True)
class DataSplit:
    """Photos by role. `enrolled` and `unseen` are of the same people; thresholds are chosen on `choosing`."""

    enrolled: tuple[LfwPhoto, ...]
    unseen: tuple[LfwPhoto, ...]
    strangers: tuple[LfwPhoto, ...]
    choosing: tuple[LfwPhoto, ...]

    @property
    def photos(self) -> tuple[LfwPhoto, ...]:
        return *self.enrolled, *self.unseen, *self.strangers, *self.choosing


@dataclass(frozen=True, slots=True)
class NameFigures:
    """Figures of one method: shares of unseen photos named right and wrong, and of strangers' photos with a name.

    `accuracy_at_far` is the share named right at the largest threshold that keeps the report's strangers within the rate.
    """

    method: str
    accuracy: float
    wrong: float
    stranger_far: float
    threshold_l2: float
    accuracy_at_far: float

    def to_dict(self) -> dict[str, float | str]:
        """Return the figures by their JSON names."""
        figures = asdict(self)
        return {"way": figures.pop("method"), **figures}


def split_photos(directory: Path, pairs: list[LfwPair], train: list[LfwPair]) -> DataSplit:
    """Assign a role to each photo of the people in the lists. ImageError for too few photos, or lists that share people."""
    reported, training = _people(pairs), _people(train)
    if both := reported & training:
        raise ImageError(f"{', '.join(sorted(both)[:3])} are in both lists; the thresholds must be chosen on other people")
    enrolled, unseen, strangers = [], [], []
    for name in sorted(reported):
        photos = _photos(directory, name)
        if len(photos) < MIN_PHOTOS:
            strangers += photos
        else:
            first = min(MAX_ENROLLED, len(photos) * 3 // 5)
            enrolled += photos[:first]
            unseen += photos[first:]
    if len({photo.name for photo in enrolled}) < 2:
        raise ImageError(f"fewer than two people of the list have {MIN_PHOTOS} photos in {directory}; names need more")
    choosing = [photo for name in sorted(training) for photo in _photos(directory, name)]
    return DataSplit(tuple(enrolled), tuple(unseen), tuple(strangers), tuple(choosing))


def compare(split: DataSplit, embeddings: dict[LfwPhoto, Floats], method: str, far: float, *, learned: bool) -> NameFigures:
    """Return the figures of nearest-L2 or, with `learned`, of the head. A photo without a face counts as not named."""
    enrolled = [photo for photo in split.enrolled if photo in embeddings]
    names = sorted({photo.name for photo in enrolled})
    people = np.array([names.index(photo.name) for photo in enrolled], np.intp)
    rows, owners = _stacked(enrolled, embeddings), people
    if learned:
        rows, owners = prototypes(rows, people), np.arange(len(names))
    threshold = threshold_at_far(nearest(_stacked(split.choosing, embeddings), rows, owners)[1], far)
    head = NamesHead(tuple(names[owner] for owner in owners), rows, threshold, "")
    return _figures(head, (split.unseen, split.strangers), embeddings, method, far)


def compare_both(split: DataSplit, embeddings: dict[LfwPhoto, Floats], far: float, suffix: str = "") -> list[NameFigures]:
    """Return the figures of nearest-L2 and of the head on the same embeddings. `suffix` follows the methods' names."""
    methods = (("nearest-L2", False), ("names", True))
    return [compare(split, embeddings, f"{method}{suffix}", far, learned=learned) for method, learned in methods]


def evaluate_head(split: DataSplit, embeddings: dict[LfwPhoto, Floats], head: NamesHead, far: float) -> NameFigures:
    """Return the figures of a stored head on unseen photos of its people; everybody else is a stranger to it.

    Raises:
        ImageError: No unseen photo shows one of its people.
    """
    unseen = [photo for photo in split.unseen if photo.name in head.names]
    if not unseen:
        raise ImageError(f"no unseen photo shows one of the head's people ({', '.join(head.names[:3])} ...)")
    strangers = [photo for photo in (*split.strangers, *split.unseen) if photo.name not in head.names]
    return _figures(head, (unseen, strangers), embeddings, "stored head", far)


def _figures(
    head: NamesHead,
    photos: tuple[Sequence[LfwPhoto], Sequence[LfwPhoto]],
    embeddings: dict[LfwPhoto, Floats],
    method: str,
    far: float,
) -> NameFigures:
    """Return the figures of a head on photos (of its people, of strangers)."""
    unseen, strangers = photos
    found = [photo for photo in unseen if photo in embeddings]
    rows = np.arange(len(head.names))
    person, distance = nearest(_stacked(found, embeddings), head.prototypes, rows)
    is_right = np.array([head.names[row] == photo.name for row, photo in zip(person, found, strict=True)])
    stranger_l2 = nearest(_stacked(strangers, embeddings), head.prototypes, rows)[1]
    return NameFigures(
        method=method,
        accuracy=float(np.sum(is_right & (distance <= head.threshold_l2)) / len(unseen)),
        wrong=float(np.sum(~is_right & (distance <= head.threshold_l2)) / len(unseen)),
        stranger_far=float(np.sum(stranger_l2 <= head.threshold_l2) / len(strangers)),
        threshold_l2=head.threshold_l2,
        accuracy_at_far=float(np.sum(is_right & (distance <= threshold_at_far(stranger_l2, far))) / len(unseen)),
    )


def tuned_embeddings(head: NamesHead, crops: dict[LfwPhoto, Image]) -> dict[LfwPhoto, Floats]:
    """Embed the crops with the fine-tuned network of a stored head."""
    return dict(zip(crops, embed_with(head.weights, head.tuned_arrays, np.stack(list(crops.values()))), strict=True))


def finetuned_embeddings(
    split: DataSplit, crops: dict[LfwPhoto, Image], weights: str, report_progress: Callable[[int, int], None]
) -> dict[LfwPhoto, Floats]:
    """Fine-tune the network `weights` on the crops of the enrolled photos, and embed all crops with it."""
    enrolled = [photo for photo in split.enrolled if photo in crops]
    people = np.unique([photo.name for photo in enrolled], return_inverse=True)[1].reshape(-1)
    enrolled_rgb = np.stack([crops[photo] for photo in enrolled])
    tuned = finetune_embedding(weights, enrolled_rgb, people, 7, lambda done, total, _: report_progress(done, total))
    return dict(zip(crops, embed_with(weights, tuned, np.stack(list(crops.values()))), strict=True))


def _stacked(photos: Iterable[LfwPhoto], embeddings: dict[LfwPhoto, Floats]) -> Floats:
    return np.stack([embeddings[photo] for photo in photos if photo in embeddings])


def _people(pairs: list[LfwPair]) -> set[str]:
    return {photo.name for pair in pairs for photo in (pair.a, pair.b)}


def _photos(directory: Path, name: str) -> list[LfwPhoto]:
    """Return a person's photos in DIR by number."""
    numbers = (path.stem.rpartition("_")[2] for path in (directory / name).glob(f"{name}_*.jpg"))
    return [LfwPhoto(name, number) for number in sorted(int(text) for text in numbers if text.isdigit())]
