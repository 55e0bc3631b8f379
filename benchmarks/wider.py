"""Face detection on WIDER FACE: facecam, the `mtcnn` package and YuNet. `python -m benchmarks.wider`.

docs/internals/benchmarks.md describes the figures.
The images and ground_truth.txt (WIDER FACE's own format) are in `data/wider` of the folder FACECAM_TEST_DATA, YuNet's files in
`data/peers`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import peers
from facecam.detection.boxes import overlap
from facecam.detection.mtcnn import Mtcnn
from facecam.imageio import read_image
from facecam.settings import DetectSettings
from facecam.types import Floats, Image

SAME_IOU = 0.7
"""Minimum overlap at which facecam has found a box of the package."""
FACE_IOU = 0.5
"""Minimum overlap of a detection with a labeled face."""
SURE_SCORE = 0.95
_SMALL_PX = 20
_MEDIUM_PX = DetectSettings().min_face_size_px
_LARGE_PX = 300
_ENLARGED = 2
_YUNET_LOWEST = 0.3
_PIPE_COLUMNS = 150
_OURS = f"facecam, from {_SMALL_PX} px"
_DEFAULT = f"facecam, from {_MEDIUM_PX} px"
_COLUMNS = 10
_INVALID = 7

Finder = Callable[[Image], Floats]
"""Function from an image to (n, 5) boxes: x1, y1, x2, y2, score."""


@dataclass(frozen=True, slots=True, eq=False)
class Labeled:
    """Labeled faces of one image: boxes (n, 4), and which of them WIDER FACE calls invalid (n,)."""

    name: str
    boxes_xyxy: Floats
    invalid: NDArray[np.bool_]

    def valid_from(self, side_px: int) -> NDArray[np.bool_]:
        """Return which faces (n,) a detector is expected to find: valid, smaller side at least `side_px`."""
        sides = self.boxes_xyxy[:, 2:] - self.boxes_xyxy[:, :2]
        valid: NDArray[np.bool_] = ~self.invalid & (sides.min(axis=1, initial=np.inf) >= side_px)
        return valid

    def enlarged(self, times: int) -> Labeled:
        """Return the labels of the image enlarged so many times."""
        return Labeled(self.name, self.boxes_xyxy * times, self.invalid)


@dataclass(frozen=True, slots=True)
class DetectorFigures:
    """Figures of a detector. `_20px` and so on: faces from that size; false positives are per image.

    `recall_enlarged` is on large faces of enlarged images. `min_score` is the minimum score, None for the detector's own.
    """

    recall_20px: float
    false_positives_20px: float
    recall_40px: float
    false_positives_40px: float
    recall_300px: float
    recall_enlarged: float
    min_score: float | None = None


def read_labels(path: Path) -> list[Labeled]:
    """Read a WIDER FACE ground truth: a name, a count, and a row per face; one row of zeros for no faces."""
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    labeled = []
    for name in lines:
        count = int(next(lines))
        rows = np.array([next(lines).split() for _ in range(max(count, 1))], np.float32).reshape(-1, _COLUMNS)[:count]
        corner = rows[:, :2]
        labeled.append(Labeled(name, np.hstack([corner, corner + rows[:, 2:4]]), rows[:, _INVALID] == 1))
    return labeled


def matched(found: Floats, boxes_xyxy: Floats) -> NDArray[np.intp]:
    """Return the labeled face of each detection, -1 for none: the best score chooses first, each face once."""
    overlaps = overlap(found[:, :4], boxes_xyxy)
    taken = np.full(len(found), -1, np.intp)
    for number in np.argsort(-found[:, 4], kind="stable"):
        if overlaps[number].max(initial=0) >= FACE_IOU:
            taken[number] = face = overlaps[number].argmax()
            overlaps[:, face] = 0
    return taken


def recall(found: Sequence[Floats], labeled: Sequence[Labeled], side_px: int) -> float:
    """Return the share of valid faces from `side_px` on that are found."""
    hits = 0
    for boxes, image in zip(found, labeled, strict=True):
        taken = matched(boxes, image.boxes_xyxy)
        hits += int(image.valid_from(side_px)[taken[taken >= 0]].sum())
    return hits / count_valid(labeled, side_px)


def count_valid(labeled: Sequence[Labeled], side_px: int) -> int:
    """Return the number of valid faces from `side_px` on."""
    return sum(int(image.valid_from(side_px).sum()) for image in labeled)


def false_scores(found: Sequence[Floats], labeled: Sequence[Labeled], side_px: int) -> Floats:
    """Return the scores of the false positives, highest first: detections without a labeled face, longer side at least `side_px`.

    Invalid and smaller labeled faces are no mistakes.
    """
    scores = [np.empty(0, np.float32)]
    for boxes, image in zip(found, labeled, strict=True):
        sides = (boxes[:, 2:4] - boxes[:, :2]).max(axis=1, initial=0)
        scores.append(boxes[(matched(boxes, image.boxes_xyxy) < 0) & (sides >= side_px), 4])
    return np.sort(np.concatenate(scores))[::-1]


def score_for(found: Sequence[Floats], labeled: Sequence[Labeled], side_px: int, false_positives: int) -> float:
    """Return the lowest minimum score with at most so many false positives."""
    scores = false_scores(found, labeled, side_px)
    return float(np.nextafter(scores[false_positives], np.float32(1))) if len(scores) > false_positives else 0.0


def at_least(found: Sequence[Floats], min_score: float) -> list[Floats]:
    """Return the boxes with this score or a higher one."""
    return [boxes[boxes[:, 4] >= min_score] for boxes in found]


def parity(ours: Sequence[Floats], theirs: Sequence[Floats]) -> float:
    """Return the share of the package's sure boxes that facecam finds, too."""
    hits = total = 0
    for own, other in zip(ours, theirs, strict=True):
        sure = other[other[:, 4] >= SURE_SCORE]
        hits += int((overlap(sure[:, :4], own[:, :4]).max(axis=1, initial=0) >= SAME_IOU).sum())
        total += len(sure)
    return hits / total


def measure(folder: Path, progress: Callable[[Sequence[Labeled]], Iterable[Labeled]] = iter) -> dict[str, Any]:
    """Return the figures for a folder in WIDER FACE's layout: counts, parity, and those of each detector by name."""
    labeled = read_labels(folder / "ground_truth.txt")
    with_large = [image for image in labeled if image.valid_from(_LARGE_PX // _ENLARGED).any()]
    enlarged = [image.enlarged(_ENLARGED) for image in with_large]
    yunets, missing = peers.yunets(_YUNET_LOWEST)
    finders = {_OURS: _facecam(_SMALL_PX), _DEFAULT: _facecam(_MEDIUM_PX), peers.MTCNN_PACKAGE: _package(), **yunets}
    found = _find(finders, progress(labeled), lambda name: read_image(folder / name))
    found_enlarged = _find(finders, progress(enlarged), lambda name: _enlarge(read_image(folder / name)))

    def figures(name: str, min_score: float | None = None) -> DetectorFigures:
        boxes, boxes_enlarged = (at_least(sets[name], min_score or 0) for sets in (found, found_enlarged))
        return DetectorFigures(
            recall(boxes, labeled, _SMALL_PX),
            len(false_scores(boxes, labeled, _SMALL_PX)) / len(labeled),
            recall(boxes, labeled, _MEDIUM_PX),
            len(false_scores(boxes, labeled, _MEDIUM_PX)) / len(labeled),
            recall(boxes, labeled, _LARGE_PX),
            recall(boxes_enlarged, enlarged, _LARGE_PX),
            min_score,
        )

    detectors = {name: figures(name) for name in (_OURS, _DEFAULT, peers.MTCNN_PACKAGE)}
    for name in yunets:
        ours, size_px = (_DEFAULT, _MEDIUM_PX) if name.endswith(peers.HALVED) else (_OURS, _SMALL_PX)
        detectors[f"{name}, default score"] = figures(name, peers.YUNET_MIN_SCORE)
        equal = score_for(found[name], labeled, size_px, len(false_scores(found[ours], labeled, size_px)))
        detectors[f"{name}, equal false positives"] = figures(name, equal)
    for name in list(yunets)[:1]:
        wrong = len(false_scores(at_least(found[name], peers.YUNET_MIN_SCORE), labeled, _MEDIUM_PX))
        detectors[f"{_DEFAULT}, false positives of {name}"] = figures(
            _DEFAULT, score_for(found[_DEFAULT], labeled, _MEDIUM_PX, wrong)
        )
    return {
        "pictures": len(labeled),
        "faces": {str(size): count_valid(labeled, size) for size in (_SMALL_PX, _MEDIUM_PX, _LARGE_PX)},
        "faces_enlarged": count_valid(enlarged, _LARGE_PX),
        f"parity_{_SMALL_PX}px": parity(found[_OURS], found[peers.MTCNN_PACKAGE]),
        "detectors": {name: asdict(row) for name, row in detectors.items()},
        "missing": missing,
    }


def _find(finders: Mapping[str, Finder], labeled: Iterable[Labeled], read: Callable[[str], Image]) -> dict[str, list[Floats]]:
    found: dict[str, list[Floats]] = {name: [] for name in finders}
    for image in labeled:
        bgr = read(image.name)
        for name, find in finders.items():
            found[name].append(find(bgr))
    return found


def _enlarge(bgr: Image) -> Image:
    return np.asarray(cv2.resize(bgr, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC), np.uint8)


def _facecam(min_face_size_px: int) -> Finder:
    detector = Mtcnn(DetectSettings(min_face_size_px=min_face_size_px))
    return lambda bgr: _rows([[*face.box.xyxy, face.score] for face in detector.detect(bgr)])


def _package() -> Finder:
    detect = peers.mtcnn_package()

    def find(bgr: Image) -> Floats:
        found = _rows([[*face["box"], face["confidence"]] for face in detect(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))])
        found[:, 2:4] += found[:, :2]
        return found

    return find


def _rows(faces: list[list[float]]) -> Floats:
    return np.array(faces, np.float32).reshape(-1, 5)


def _table(figures: Mapping[str, Any]) -> Table:
    faces = figures["faces"]
    made = Table("", title=f"{figures['pictures']} images of WIDER FACE", title_justify="left")
    for size, count in faces.items():
        made.add_column(f"recall from {size} px, {count} faces", justify="right")
    made.add_column(f"images enlarged, from {_LARGE_PX} px, {figures['faces_enlarged']} faces", justify="right")
    for size in (_SMALL_PX, _MEDIUM_PX):
        made.add_column(f"false positives per image from {size} px", justify="right")
    made.add_column("min score", justify="right")
    for name, row in figures["detectors"].items():
        recalls = (row["recall_20px"], row["recall_40px"], row["recall_300px"], row["recall_enlarged"])
        wrong = (row["false_positives_20px"], row["false_positives_40px"])
        score = "" if row["min_score"] is None else f"{row['min_score']:.2f}"
        made.add_row(name, *(f"{share:.1%}" for share in recalls), *(f"{count:.2f}" for count in wrong), score)
    return made


def main(arguments: list[str]) -> int:
    """Measure, print the table, and write it to --json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.wider", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    args = parser.parse_args(arguments)
    folder = Path(os.environ.get("FACECAM_TEST_DATA", ""), "data", "wider")
    if "FACECAM_TEST_DATA" not in os.environ or not (folder / "ground_truth.txt").is_file():
        print("set FACECAM_TEST_DATA to the folder that holds data/wider with its ground_truth.txt", file=sys.stderr)
        return 1
    screen = Console(stderr=True)
    figures = measure(folder, lambda labeled: track(labeled, "images", console=screen))
    Console(width=None if sys.stdout.isatty() else _PIPE_COLUMNS).print(_table(figures))
    for name, reason in figures["missing"].items():
        print(f"{name} was not measured: {reason}")
    print(f"facecam from {_SMALL_PX} px finds {figures['parity_20px']:.2%} of the package's boxes of score {SURE_SCORE} and up")
    if args.json is not None:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
