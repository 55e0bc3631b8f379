"""Verification on Labeled Faces in the Wild (`facecam evaluate lfw`): pair lists, accuracy, AUC, and TAR at FAR.

Huang, Ramesh, Berg, Learned-Miller, "Labeled Faces in the Wild", University of Massachusetts, Technical Report 07-49 (2007).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from facecam.errors import ImageError
from facecam.fileio import MAX_TABLE_BYTES, read_regular
from facecam.imageio import read_image
from facecam.recognition.face_analyzer import ImageFaceAnalyzer
from facecam.recognition.open_set import pairwise_l2
from facecam.training.names import threshold_at_far
from facecam.types import FaceObservation, Floats, Image

Flags = NDArray[np.bool_]
Folds = NDArray[np.intp]

_BLOCKS = 10
# Distances of unit vectors end at 2: an image without a face makes its pair wrong at every threshold.
_UNDETECTED_SAME, _UNDETECTED_OTHER = 2.5, -0.5


def best_threshold_l2(distances_l2: Floats, same: Flags) -> float:
    """Return the threshold with the highest accuracy ("same" at or below it), the middle one if several are best."""
    order = np.argsort(distances_l2, kind="stable")
    ranked, truth = distances_l2[order], same[order]
    cuts = np.concatenate([[ranked[0] - 1e-3], (ranked[1:] + ranked[:-1]) / 2, [ranked[-1] + 1e-3]])
    right = np.concatenate([[0], np.cumsum(truth)]) + np.concatenate([np.cumsum(~truth[::-1])[::-1], [0]])
    right[1:-1][ranked[1:] == ranked[:-1]] = -1
    best = np.flatnonzero(right == right.max())
    return float(cuts[best[len(best) // 2]])


def accuracy(distances_l2: Floats, same: Flags, threshold_l2: float) -> float:
    """Return the share of pairs that are classified correctly."""
    return float(np.mean((distances_l2 <= threshold_l2) == same))


def cross_validated(distances_l2: Floats, same: Flags, folds: Folds) -> tuple[NDArray[np.float64], float]:
    """Return each fold's accuracy at the threshold chosen on the other folds, and the mean of these thresholds."""
    scores, thresholds = [], []
    for fold in np.unique(folds):
        held_out = folds == fold
        threshold = best_threshold_l2(distances_l2[~held_out], same[~held_out])
        scores.append(accuracy(distances_l2[held_out], same[held_out], threshold))
        thresholds.append(threshold)
    return np.array(scores), float(np.mean(thresholds))


def auc(distances_l2: Floats, same: Flags) -> float:
    """Return the probability that a pair of one person is nearer than a pair of two; ties count half (Mann-Whitney)."""
    genuine, impostor = distances_l2[same], np.sort(distances_l2[~same])
    farther = len(impostor) - np.searchsorted(impostor, genuine, side="right")
    level = np.searchsorted(impostor, genuine, side="right") - np.searchsorted(impostor, genuine, side="left")
    return float((farther + level / 2).mean() / len(impostor))


def cross_person_distances_l2(embeddings: Floats, people: Sequence[str]) -> Floats:
    """Return the distances between all images of different people, each pair once."""
    _, codes = np.unique(np.asarray(people), return_inverse=True)
    apart_l2 = np.asarray(pairwise_l2(embeddings, embeddings), np.float32)
    upper = np.triu(codes[:, None] != codes[None, :], k=1)
    result: Floats = apart_l2[upper]
    return result


@dataclass(frozen=True, slots=True, order=True)
class LfwPhoto:
    """One image of the data set: DIR/name/name_0001.jpg."""

    name: str
    number: int

    def path(self, directory: Path) -> Path:
        return directory / self.name / f"{self.name}_{self.number:04d}.jpg"


@dataclass(frozen=True, slots=True)
class LfwPair:
    """Two images; `fold` counts from 0 and is always 0 in lists without folds."""

    a: LfwPhoto
    b: LfwPhoto
    fold: int

    @property
    def same(self) -> bool:
        return self.a.name == self.b.name


@dataclass(frozen=True, slots=True)
class LfwReport:
    """Figures of `facecam evaluate lfw`.

    TAR is the share of same-person pairs below the threshold of that FAR, which is taken over all cross-person pairs of the
    images. accuracy_std is the standard error over folds or ten blocks.
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
        """Return the figures by their JSON names."""
        figures = asdict(self)
        figures["tar_at_far_0.01"] = figures.pop("tar_at_far_001")
        figures["tar_at_far_0.001"] = figures.pop("tar_at_far_0001")
        return figures


def read_pairs(path: Path) -> list[LfwPair]:
    """Read a list of pairs in LFW's format: header "N" (view 1) or "folds N" (view 2), then lines of 3 or 4 fields.

    Raises ImageError naming the line that is malformed.
    """
    try:
        lines = [line.split() for line in read_regular(path, MAX_TABLE_BYTES).decode("utf-8-sig").splitlines() if line.strip()]
        header = [int(field) for field in lines[0]]
        folds, each = (1, header[0]) if len(header) == 1 else (header[0], header[1])
    except OSError as error:
        raise ImageError(f"the list of pairs {path} cannot be read: {error.strerror}") from error
    except (ValueError, IndexError) as error:
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
        raise ImageError(f"{path} announces {folds * each * 2} pairs but lists {len(pairs)}; is it truncated?")
    return pairs


def embed_photos(
    photos: Iterable[LfwPhoto], directory: Path, analyzer: ImageFaceAnalyzer, report_progress: Callable[[int, int], None]
) -> dict[LfwPhoto, Floats | None]:
    """Return the embedding of the face nearest to each image's center; None without a face. Errors as in `read_faces`."""
    faces = read_faces(photos, directory, analyzer, report_progress)
    return {photo: None if face is None else face[0] for photo, face in faces.items()}


def read_faces(
    photos: Iterable[LfwPhoto], directory: Path, analyzer: ImageFaceAnalyzer, report_progress: Callable[[int, int], None]
) -> dict[LfwPhoto, tuple[Floats, Image] | None]:
    """Return embedding and aligned crop of the embedded face nearest to each image's center; None without one.

    Raises ImageError when an image cannot be read.
    """
    ordered = sorted(set(photos))
    found: dict[LfwPhoto, tuple[Floats, Image] | None] = {}
    for number, photo in enumerate(ordered, start=1):
        bgr = read_image(photo.path(directory))
        face = central_face(analyzer.analyze(bgr), bgr)
        found[photo] = None
        if face is not None and face.embedding is not None and face.crop_rgb is not None:
            found[photo] = face.embedding, face.crop_rgb
        report_progress(number, len(ordered))
    return found


def central_face(faces: Iterable[FaceObservation], bgr: Image) -> FaceObservation | None:
    """Return the embedded face nearest to the image's center; None without one."""

    def from_center_px(observation: FaceObservation) -> float:
        box = observation.face.box
        return math.hypot(box.x + (box.w - bgr.shape[1]) / 2, box.y + (box.h - bgr.shape[0]) / 2)

    return min((face for face in faces if face.embedding is not None), key=from_center_px, default=None)


def evaluate(pairs: list[LfwPair], embeddings: dict[LfwPhoto, Floats | None], train: list[LfwPair] | None) -> LfwReport:
    """Return the figures over `pairs`. The threshold is chosen on `train`, else on other folds, else on ten blocks in turn."""
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


def distances(pairs: list[LfwPair], embeddings: dict[LfwPhoto, Floats | None]) -> tuple[Floats, Flags]:
    """Return distance and truth of each pair. An image without a face puts its pairs on the wrong side of every threshold."""
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
    """Return ten blocks with equal numbers of same and other pairs, in the list's order."""
    blocks = np.empty(len(same), np.intp)
    for truth in (True, False):
        places = np.flatnonzero(same == truth)
        blocks[places] = np.arange(len(places)) * _BLOCKS // max(len(places), 1)
    return blocks
