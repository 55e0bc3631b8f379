"""Whole frame from image to decisions: facecam, a plain composition of the same parts, and `face_recognition`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import peers
from benchmarks.compose import VGA, Case, frame, frames
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from benchmarks.report import Row, rows
from facecam.recognizer import Recognizer
from facecam.settings import GateSettings, Settings
from facecam.types import Floats, Frame, Image

PART = "whole frame"
CASES = (Case(VGA, 1), Case(VGA, 1, face_px=140), Case(VGA, 3, face_px=110), Case(VGA, 8))
_PLAIN = "plain composition"
_ALL = "facecam, all on every frame"
_FRAMES = 12
_STEP = 5
_STEADY_FRAMES = 118
_STEADY_CALLS = 15
_KNOWN = 100


def enroll(gallery: Path, images: Sequence[Image]) -> Path:
    """Write a gallery with a person for each image of one face."""
    for number, image in enumerate(images):
        person = gallery / f"Person {number + 1}"
        person.mkdir(parents=True)
        cv2.imwrite(str(person / "1.png"), image)
    return gallery


def measure(turns: Turns, cases: Sequence[Case] = CASES) -> Iterator[Row]:
    """Yield milliseconds per frame. Expression is included except in `face_recognition`, which has none."""
    with ExitStack() as stack:
        gallery = enroll(Path(stack.enter_context(tempfile.TemporaryDirectory())), frames(Case(VGA, 1), 2, 9))
        everything = {
            f"{_ALL}, from 20 px, one crop": {"detect.min_face_size_px": 20, "identify.mirrored": False},
            f"{_ALL}, one crop": {"identify.mirrored": False},
            f"{_ALL}, mirrored": {},
        }
        ours = {
            name: stack.enter_context(Recognizer(_ungated(changes), gallery)).recognize_image
            for name, changes in everything.items()
        }
        theirs, absent = _peers()
        for case in cases:
            with Recognizer(Settings(), gallery) as steady:
                yield from _measure_case(case, turns, ours, steady, theirs)
            yield from (Row(PART, str(case), name, remark=reason) for name, reason in absent.items())


def _measure_case(
    case: Case, turns: Turns, ours: dict[str, Any], steady: Recognizer, theirs: dict[str, Callable[[Image], Any]]
) -> list[Row]:
    images = frames(case, _FRAMES, _STEP)
    found = {name: len(work(_frame(images[0], 0)).sightings) for name, work in ours.items()}
    found |= {name: len(work(images[0])) for name, work in theirs.items()}
    contestants = [_on_frames(name, work, images) for name, work in ours.items()]
    contestants.append(_steady(steady, case))
    contestants += [_on_pictures(name, work, images) for name, work in theirs.items()]
    remarks = {name: f"finds {count}" for name, count in found.items()}
    remarks[contestants[len(ours)].name] = f"consecutive frames, mean of {_STEADY_CALLS}"
    if peers.FACE_RECOGNITION in remarks:
        remarks[peers.FACE_RECOGNITION] += ", without expression; its detector starts at 80 px"
    return rows(PART, str(case), summarize(take_turns(contestants, turns), _PLAIN), _PLAIN, remarks)


def _peers() -> tuple[dict[str, Callable[[Image], Any]], dict[str, str]]:
    known = _unit_vectors(_KNOWN)
    theirs: dict[str, Callable[[Image], Any]] = {_PLAIN: peers.plain_composition(known)}
    absent = peers.missing("face_recognition")
    if not absent:
        theirs[peers.FACE_RECOGNITION] = peers.face_recognition_frame(known)
    return theirs, {peers.FACE_RECOGNITION: absent} if absent else {}


def _on_frames(name: str, work: Callable[[Frame], object], images: Sequence[Image]) -> Contestant:
    return Contestant(name, lambda number: work(_frame(images[number % len(images)], number)))


def _on_pictures(name: str, work: Callable[[Image], object], images: Sequence[Image]) -> Contestant:
    return Contestant(name, lambda number: work(images[number % len(images)]))


def _steady(recognizer: Recognizer, case: Case) -> Contestant:
    """Return a contestant that recognizes a continuous video: tracks persist from turn to turn."""
    video = [frame(case, number) for number in range(_STEADY_FRAMES)]
    played = iter(range(10**9))

    def run(_: int) -> object:
        number = next(played)
        return recognizer(_frame(video[number % len(video)], number))

    return Contestant("facecam, steady state", run, calls=_STEADY_CALLS)


def _frame(image: Image, number: int) -> Frame:
    return Frame(image, number, number * 1000 / 30, number / 30, "benchmark")


def _ungated(changes: dict[str, Any]) -> Settings:
    """Return settings whose gates pass every face, so that every face is embedded, as by the peers."""
    open_gates = replace(GateSettings.none(), min_sharpness=1e-6)  # a sighting's weight is divided by it
    return Settings(gate=open_gates).replace(changes)


def _unit_vectors(count: int) -> Floats:
    vectors = np.random.default_rng(0).standard_normal((count, 128)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
