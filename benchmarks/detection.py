"""Face detection per frame: facecam, the `mtcnn` package with the same networks and thresholds, and dlib's HOG detector."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2

from benchmarks import peers
from benchmarks.compose import HD, VGA, Case, frames
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from benchmarks.report import Row, rows
from facecam.detection.mtcnn import Mtcnn
from facecam.settings import DetectSettings
from facecam.types import Image

PART = "detection"
CASES = tuple(Case(size_wh, faces) for size_wh in (VGA, HD) for faces in (1, 3, 8))
_FRAMES = 12
_STEP = 5

Detect = Callable[[Image], Any]


def measure(turns: Turns, cases: Sequence[Case] = CASES) -> Iterator[Row]:
    """Yield milliseconds per frame; the remark is the median number of faces found."""
    ours = {
        f"facecam, from {size} px": Mtcnn(DetectSettings(min_face_size_px=size)).detect
        for size in (20, DetectSettings().min_face_size_px)
    }
    theirs, absent = _peers()
    for case in cases:
        images = frames(case, _FRAMES, _STEP)
        in_rgb = [cv2.cvtColor(image, cv2.COLOR_BGR2RGB) for image in images]
        found = {name: statistics.median(len(detect(p)) for p in images) for name, detect in ours.items()}
        found |= {name: statistics.median(len(detect(p)) for p in in_rgb) for name, detect in theirs.items()}
        contestants = [_contestant(name, detect, images) for name, detect in ours.items()]
        contestants += [_contestant(name, detect, in_rgb) for name, detect in theirs.items()]
        summaries = summarize(take_turns(contestants, turns), peers.MTCNN_PACKAGE)
        remarks = {name: f"finds {count:g}" for name, count in found.items()}
        yield from rows(PART, str(case), summaries, peers.MTCNN_PACKAGE, remarks)
        yield from (Row(PART, str(case), name, remark=reason) for name, reason in absent.items())


def _peers() -> tuple[dict[str, Detect], dict[str, str]]:
    """Return the installed peers, which take RGB, and the reason for each missing one."""
    known = {peers.MTCNN_PACKAGE: ("mtcnn", peers.mtcnn_package), peers.DLIB_HOG: ("dlib", peers.dlib_hog)}
    absent = {name: reason for name, (module, _) in known.items() if (reason := peers.missing(module))}
    return {name: open_it() for name, (_, open_it) in known.items() if name not in absent}, absent


def _contestant(name: str, detect: Detect, images: Sequence[Any]) -> Contestant:
    return Contestant(name, lambda number: detect(images[number % len(images)]))
