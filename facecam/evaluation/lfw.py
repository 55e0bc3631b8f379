"""Labeled Faces in the Wild: its pair lists, and facecam's figures on them.

Huang, Ramesh, Berg, Learned-Miller, "Labeled Faces in the Wild", University of Massachusetts, Technical Report 07-49 (2007).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import ImageFaceAnalyzer
from facecam.types import Floats, Image

# MERGED evaluate.verification: Figures of face verification from distances: accuracy at a chosen threshold, area under the curve, TAR at FAR. Pure.

Flags = NDArray[np.bool_]
Folds = NDArray[np.intp]


def best_threshold_l2(distances_l2: Floats, same: Flags) -> float:
    """The threshold with the highest share of right answers ("same" at or below it); the middle one where several are best.

    Equal distances are never parted: no threshold could.
    """
    order = np.argsort(distances_l2, kind="stable")
    ranked, truth = distances_l2[order], same[order]
    cuts = np.concatenate([[ranked[0] - 1e-3], (ranked[1:] + ranked[:-1]) / 2, [ranked[-1] + 1e-3]])
    right = np.concatenate([[0], np.cumsum(truth)]) + np.concatenate([np.cumsum(~truth[::-1])[::-1], [0]])
    right[1:-1][ranked[1:] == ranked[:-1]] = -1
    best = np.flatnonzero(right == right.max())
    return float(cuts[best[len(best) // 2]])


def accuracy(distances_l2: Floats, same: Flags, threshold_l2: float) -> float:
    """Share of pairs that are told right."""
    return float(np.mean((distances_l2 <= threshold_l2) == same))


def cross_validated(distances_l2: Floats, same: Flags, folds: Folds) -> tuple[NDArray[np.float64], float]:
    """The accuracy of each fold at the threshold chosen on all others, and the mean of these thresholds."""
    scores, thresholds = [], []
    for fold in np.unique(folds):
        held_out = folds == fold
        threshold = best_threshold_l2(distances_l2[~held_out], same[~held_out])
        scores.append(accuracy(distances_l2[held_out], same[held_out], threshold))
        thresholds.append(threshold)
    return np.array(scores), float(np.mean(thresholds))


def auc(distances_l2: Floats, same: Flags) -> float:
    """Probability that a pair of one person is nearer than a pair of two; ties count half (Mann-Whitney)."""
    genuine, impostor = distances_l2[same], np.sort(distances_l2[~same])
    farther = len(impostor) - np.searchsorted(impostor, genuine, side="right")
    level = np.searchsorted(impostor, genuine, side="right") - np.searchsorted(impostor, genuine, side="left")
    return float((farther + level / 2).mean() / len(impostor))


def threshold_at_far(impostors_l2: Floats, far: float) -> float:
    """The largest threshold at which at most `far` of the impostor distances lie at or below it."""
    allowed = int(np.floor(far * len(impostors_l2)))
    return float(np.nextafter(np.partition(impostors_l2, allowed)[allowed], -np.inf))


def cross_person_distances_l2(embeddings: Floats, people: Sequence[str]) -> Floats:
    """Distances between all pictures of different people, each pair once."""
    _, codes = np.unique(np.asarray(people), return_inverse=True)
    distances = np.sqrt(np.maximum(2 - 2 * embeddings @ embeddings.T, 0))
    upper = np.triu(codes[:, None] != codes[None, :], k=1)
    result: Floats = distances[upper]
    return result


_BLOCKS = 10
# Distances of unit vectors end at 2: a picture without a face makes its pair wrong whatever the threshold.
_UNDETECTED_SAME, _UNDETECTED_OTHER = 2.5, -0.5


@dataclass(frozen=True, slots=True)
class LfwPhoto:
    """One picture of the set: DIR/name/name_0001.jpg."""

    name: str
    number: int

    def path(self, directory: Path) -> Path:
        return directory / self.name / f"{self.name}_{self.number:04d}.jpg"


@dataclass(frozen=True, slots=True)
class LfwPair:
    """Two pictures; `fold` counts from 0, and is 0 throughout for lists without folds."""

    a: LfwPhoto
    b: LfwPhoto
    fold: int

    @property
    def same(self) -> bool:
        return self.a.name == self.b.name


@dataclass(frozen=True, slots=True)
class LfwReport:
    """What `evaluate lfw` says.

    TAR is the share of the list's same-person pairs below the threshold of that FAR, which is taken over all cross-person
    pairs of the pictures named. accuracy_std is the standard error over folds or ten blocks.
    """

    pairs: int
    undetected: int
    accuracy: float
    accuracy_std: float
    threshold_l2: float
    auc: float
    tar_at_far_001: float
    tar_at_far_0001: float

    def to_dict(self) -> dict[str, float]:
        return {
            "pairs": self.pairs,
            "undetected": self.undetected,
            "accuracy": self.accuracy,
            "accuracy_std": self.accuracy_std,
            "threshold_l2": self.threshold_l2,
            "auc": self.auc,
            "tar_at_far_0.01": self.tar_at_far_001,
            "tar_at_far_0.001": self.tar_at_far_0001,
        }


def read_pairs(path: Path) -> list[LfwPair]:
    """The pairs of a list in LFW's format: header "N" (view 1) or "folds N" (view 2), then lines of 3 or 4 fields.

    Raises PictureError naming the line that does not fit.
    """
    try:
        lines = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        header = [int(field) for field in lines[0]]
        folds, each = (1, header[0]) if len(header) == 1 else (header[0], header[1])
    except (OSError, UnicodeDecodeError, ValueError, IndexError) as error:
        raise ImageError(f"{path} is not a list of pairs in LFW's format: {error}") from error
    pairs = []
    for number, fields in enumerate(lines[1:]):
        try:
            a, b = (fields[:2], [fields[0], fields[2]]) if len(fields) == 3 else (fields[:2], fields[2:4])
            pairs.append(LfwPair(LfwPhoto(a[0], int(a[1])), LfwPhoto(b[0], int(b[1])), number // (2 * each)))
        except (ValueError, IndexError) as error:
            got = " ".join(fields)
            raise ImageError(f"{path}, line {number + 2}: expected 'name n n' or 'name n name n', got {got}") from error
    if len(pairs) != folds * each * 2:
        raise ImageError(f"{path} promises {folds * each * 2} pairs and lists {len(pairs)}; is it cut off?")
    return pairs


def embed_photos(
    photos: Iterable[LfwPhoto], directory: Path, reader: ImageFaceAnalyzer, progress: Callable[[int, int], None]
) -> dict[LfwPhoto, Floats | None]:
    """The embedding of each picture's face nearest to its center; None where there is no face.

    Raises PictureError when a picture cannot be read.
    """
    ordered = sorted(set(photos), key=lambda photo: (photo.name, photo.number))
    embeddings: dict[LfwPhoto, Floats | None] = {}
    for number, photo in enumerate(ordered):
        embeddings[photo] = _central_embedding(read_image(photo.path(directory)), reader)
        progress(number + 1, len(ordered))
    return embeddings


def evaluate(pairs: list[LfwPair], embeddings: dict[LfwPhoto, Floats | None], train: list[LfwPair] | None) -> LfwReport:
    """The figures over `pairs`; the threshold is chosen on `train`, else on the other folds, else on ten blocks in turn."""
    found, same = distances(pairs, embeddings)
    folds = np.array([pair.fold for pair in pairs])
    if folds.max() == 0:
        folds = _blocks(same)
    if train is not None:
        threshold = best_threshold_l2(*distances(train, embeddings))
        scores = np.array([accuracy(found[folds == f], same[folds == f], threshold) for f in np.unique(folds)])
        overall = accuracy(found, same, threshold)
    else:
        scores, threshold = cross_validated(found, same, folds)
        overall = float(scores.mean())
    named = {photo: embeddings[photo] for pair in pairs for photo in (pair.a, pair.b)}
    detected = {photo: embedding for photo, embedding in named.items() if embedding is not None}
    impostors = cross_person_distances_l2(np.stack(list(detected.values())), [photo.name for photo in detected])
    genuine = found[same]
    return LfwReport(
        pairs=len(pairs),
        undetected=len(named) - len(detected),
        accuracy=overall,
        accuracy_std=float(scores.std(ddof=1) / np.sqrt(len(scores))),
        threshold_l2=threshold,
        auc=auc(found, same),
        tar_at_far_001=float(np.mean(genuine <= threshold_at_far(impostors, 0.01))),
        tar_at_far_0001=float(np.mean(genuine <= threshold_at_far(impostors, 0.001))),
    )


def _central_embedding(bgr: Image, reader: ImageFaceAnalyzer) -> Floats | None:
    center = np.array([bgr.shape[1], bgr.shape[0]]) / 2
    readings = reader.analyze(bgr)
    if not readings:
        return None
    middles = [np.array([r.face.box.x + r.face.box.w / 2, r.face.box.y + r.face.box.h / 2]) for r in readings]
    nearest = int(np.argmin([np.hypot(*(middle - center)) for middle in middles]))
    return readings[nearest].embedding


def distances(pairs: list[LfwPair], embeddings: dict[LfwPhoto, Floats | None]) -> tuple[Floats, Flags]:
    """Distance and truth of each pair; a pair with a picture without a face lies on the wrong side of every threshold."""
    same = np.array([pair.same for pair in pairs])
    found = np.empty(len(pairs), np.float32)
    for number, pair in enumerate(pairs):
        a, b = embeddings[pair.a], embeddings[pair.b]
        if a is None or b is None:
            found[number] = _UNDETECTED_SAME if pair.same else _UNDETECTED_OTHER
        else:
            found[number] = np.linalg.norm(a - b)
    return found, same


def _blocks(same: Flags) -> Folds:
    """Ten blocks with as many same as other pairs each, in the list's order."""
    blocks = np.empty(len(same), np.intp)
    for truth in (True, False):
        places = np.flatnonzero(same == truth)
        blocks[places] = np.arange(len(places)) * _BLOCKS // max(len(places), 1)
    return blocks
