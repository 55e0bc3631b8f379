"""Face detection per frame: facecam, the `mtcnn` package with the same networks and thresholds, dlib's HOG, and YuNet."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2

from benchmarks import peers
from benchmarks.compose import HD, VGA, Case, frame, frames
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from benchmarks.report import Row, rows
from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Mtcnn
from facecam.settings import DetectSettings, FollowSettings
from facecam.types import Frame, Image

PART = "detection"
CASES = (*(Case(size_wh, faces) for size_wh in (VGA, HD) for faces in (1, 3, 8)), Case(VGA, 1, face_px=400))
_FRAMES = 12
_STEP = 5
_FOLLOWED_FRAMES = 118
_FOLLOWED_CALLS = 24

Detect = Callable[[Image], Any]


def measure(turns: Turns, cases: Sequence[Case] = CASES, threads: int = 2) -> Iterator[Row]:
    """Yield milliseconds per frame; the remark is the mean number of faces found. `threads` are facecam's and YuNet's."""
    ours = {
        f"facecam, from {size} px": _with_opencv_threads(Mtcnn(_settings(size, threads)).detect, 1)
        for size in (20, DetectSettings().min_face_size_px)
    }
    theirs, absent = _peers(threads)
    for case in cases:
        images = frames(case, _FRAMES, _STEP)
        found = {name: f"finds {_mean_count(detect, images):.3g}" for name, detect in (ours | theirs).items()}
        contestants = [_contestant(name, detect, images) for name, detect in (ours | theirs).items()]
        contestants.insert(len(ours), following := _following(case, threads))
        summaries = summarize(take_turns(contestants, turns), peers.MTCNN_PACKAGE)
        found[following.name] = f"consecutive frames, mean of {_FOLLOWED_CALLS}"
        yield from rows(PART, str(case), summaries, peers.MTCNN_PACKAGE, found)
        yield from (Row(PART, str(case), name, remark=reason) for name, reason in absent.items())


def _settings(min_face_size_px: int, threads: int) -> DetectSettings:
    return DetectSettings(min_face_size_px=min_face_size_px, threads=threads)


def _peers(threads: int) -> tuple[dict[str, Detect], dict[str, str]]:
    """Return the installed peers, which take BGR, and the reason for each missing one."""
    known = {peers.MTCNN_PACKAGE: ("mtcnn", peers.mtcnn_package), peers.DLIB_HOG: ("dlib", peers.dlib_hog)}
    absent = {name: reason for name, (module, _) in known.items() if (reason := peers.missing(module))}
    installed = {name: _on_rgb(open_it()) for name, (_, open_it) in known.items() if name not in absent}
    yunets, absent_yunets = peers.yunets()
    return installed | {name: _with_opencv_threads(detect, threads) for name, detect in yunets.items()}, absent | absent_yunets


def _on_rgb(detect: Detect) -> Detect:
    return lambda bgr: detect(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))


def _with_opencv_threads(detect: Detect, threads: int) -> Detect:
    """Set OpenCV's threads, which belong to the process: facecam sets them to one, YuNet runs on them."""

    def run(bgr: Image) -> Any:
        cv2.setNumThreads(threads)
        return detect(bgr)

    return run


def _mean_count(detect: Detect, images: Sequence[Image]) -> float:
    return statistics.mean(len(detect(image)) for image in images)


def _contestant(name: str, detect: Detect, images: Sequence[Image]) -> Contestant:
    return Contestant(name, lambda number: detect(images[number % len(images)]))


def _following(case: Case, threads: int) -> Contestant:
    """Return a contestant that follows the faces of a continuous video, with a full detection when it is due."""
    size_px = DetectSettings().min_face_size_px
    follower = FaceFollower(Mtcnn(_settings(size_px, threads)), FollowSettings())
    video = [frame(case, number) for number in range(_FOLLOWED_FRAMES)]
    played = iter(range(10**9))

    def detect(_: int) -> object:
        cv2.setNumThreads(1)
        number = next(played)
        return follower.detect_next(Frame(video[number % len(video)], number, number * 1000 / 30, number / 30, "benchmark"))

    return Contestant(f"facecam, following, from {size_px} px", detect, calls=_FOLLOWED_CALLS)
