"""Face detection on WIDER FACE: facecam and the `mtcnn` package. `python -m benchmarks.wider`; see docs/internals/benchmarks.md.

The images and ground_truth.txt (WIDER FACE's own format) are in `data/wider` of the folder FACECAM_TEST_DATA.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

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
_LARGE_PX = DetectSettings().min_face_size_px
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
    hits = total = 0
    for boxes, image in zip(found, labeled, strict=True):
        valid, taken = image.valid_from(side_px), matched(boxes, image.boxes_xyxy)
        hits += int(valid[taken[taken >= 0]].sum())
        total += int(valid.sum())
    return hits / total


def false_positives(found: Sequence[Floats], labeled: Sequence[Labeled]) -> float:
    """Return detections per image without a labeled face; invalid and smaller faces are no mistakes."""
    wrong = sum(int((matched(boxes, p.boxes_xyxy) < 0).sum()) for boxes, p in zip(found, labeled, strict=True))
    return wrong / len(labeled)


def parity(ours: Sequence[Floats], theirs: Sequence[Floats]) -> float:
    """Return the share of the package's sure boxes that facecam finds, too."""
    hits = total = 0
    for own, other in zip(ours, theirs, strict=True):
        sure = other[other[:, 4] >= SURE_SCORE]
        hits += int((overlap(sure[:, :4], own[:, :4]).max(axis=1, initial=0) >= SAME_IOU).sum())
        total += len(sure)
    return hits / total


def measure(folder: Path, progress: Callable[[Sequence[Labeled]], Iterator[Labeled]] = iter) -> dict[str, float]:
    """Return the figures by name for a folder in WIDER FACE's layout."""
    labeled = read_labels(folder / "ground_truth.txt")
    small, large, package = _facecam(_SMALL_PX), _facecam(_LARGE_PX), _package()
    ours, default, theirs = [], [], []
    for image in progress(labeled):
        bgr = read_image(folder / image.name)
        ours.append(small(bgr))
        default.append(large(bgr))
        theirs.append(package(bgr))
    return {
        "pictures": len(labeled),
        f"parity_{_SMALL_PX}px": parity(ours, theirs),
        f"recall_{_SMALL_PX}px_facecam": recall(ours, labeled, _SMALL_PX),
        f"recall_{_SMALL_PX}px_package": recall(theirs, labeled, _SMALL_PX),
        "false_positives_per_picture_facecam": false_positives(ours, labeled),
        "false_positives_per_picture_package": false_positives(theirs, labeled),
        f"recall_{_LARGE_PX}px_facecam_default": recall(default, labeled, _LARGE_PX),
        f"recall_{_LARGE_PX}px_package": recall(theirs, labeled, _LARGE_PX),
    }


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


def _table(figures: dict[str, float]) -> Table:
    table = Table("", "facecam", "mtcnn package", title=f"{figures['pictures']} images of WIDER FACE")
    small, large = f"{_SMALL_PX}px", f"{_LARGE_PX}px"
    rows = {
        f"the package's boxes of score {SURE_SCORE} and up, found with IoU {SAME_IOU}": (f"parity_{small}", None),
        f"recall, valid faces from {_SMALL_PX} px, IoU {FACE_IOU}": (f"recall_{small}_facecam", f"recall_{small}_package"),
        "false positives per picture": ("false_positives_per_picture_facecam", "false_positives_per_picture_package"),
        f"recall, faces from {_LARGE_PX} px, facecam from {_LARGE_PX} px on": (
            f"recall_{large}_facecam_default",
            f"recall_{large}_package",
        ),
    }
    for sentence, names in rows.items():
        table.add_row(sentence, *(f"{figures[name]:.4f}" if name else "" for name in names))
    return table


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
    figures = measure(folder, lambda labeled: iter(track(labeled, "images", console=screen)))
    Console().print(_table(figures))
    if args.json is not None:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
