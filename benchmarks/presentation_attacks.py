"""Presentation attacks: how often photos and videos of a person get the name, and how often living people lose it.

    python -m benchmarks.presentation_attacks DATA [--half HALF] [--only PART] [--number N] [--jobs N] [--cache DIR] [--json FILE]

DATA holds webcam/*.mkv and presence/. People are enrolled from their clips as `facecam enroll --source` does, and every attack
and every variant of the clips runs through the Recognizer with its default settings. A row is a sighting that would have the
name without the check; the check withholds it or not. The networks' views and the rule were chosen on persons A and B, on five
attempts per kind and clip; C, D and presence/, and the kinds of attack that are only reported, are never used to choose
anything. Of their attempts, numbers 1 and 2 were reported before the present rule was chosen, number 3
only afterwards.
Without --half, attacks are made of the reported half and people are those of both.

The error rates are those of ISO/IEC 30107-3. APCER: share of the attempts of one kind of attack that are classified as bona
fide, here those that get the name in any row; their maximum over the kinds is the usual figure. BPCER: share of the bona fide
presentations classified as attacks, here those that never get the name.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import numpy as np

from benchmarks.interleaved import Contestant, Turns, take_turns
from benchmarks.recapture import KINDS, SIZE_WH, AttackKind, Recapture, unpack
from facecam.capture.source import frames, open_source
from facecam.enrollment.enroll import EnrollmentOptions, enroll
from facecam.enrollment.samples import SelectionRule, select_samples
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.networks.embedding_networks import embedding_network
from facecam.recognition.face_analyzer import FaceAnalyzer, open_face_analyzer
from facecam.recognition.liveness import PRESENTATION_ATTACK, PRESENTATION_UNDECIDED
from facecam.recognizer import Recognizer
from facecam.settings import Settings
from facecam.types import Box, Frame, Image

CLIPS = {
    "chosen": {
        "webcam/again.mkv": "A",
        "webcam/help.mkv": "A",
        "webcam/milk.mkv": "B",
        "webcam/please.mkv": "B",
    },
    "reported": {
        "webcam/book.mkv": "C",
        "webcam/learn.mkv": "C",
        "webcam/eat.mkv": "D",
        "webcam/night.mkv": "D",
        "presence/face_noface.mov": "P",
        "presence/noface_face.mov": "P",
    },
}
"""Person of each clip."""

EMPTY_ROOM = "presence/no_face.mp4"
_SKIPPED_FRAMES = 15
"""Frames at the beginning of a clip that a photo does not show: there some people still come into the image."""

Variant = Callable[[Image, Box, np.random.Generator], Image]
"""Returns a changed frame; the box is that of a face of the clip."""


def _resized(factor: float) -> Variant:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return lambda bgr, _box, _random: np.asarray(cv2.resize(bgr, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def _gains(*gains: float) -> Variant:
    return lambda bgr, _box, _random: np.clip(bgr * np.array(gains, np.float32), 0, 255).astype(np.uint8)


def _gamma(power: float) -> Variant:
    table = (255 * (np.arange(256) / 255) ** power).astype(np.uint8)
    return lambda bgr, _box, _random: table[bgr]


def _noise(sigma: float) -> Variant:
    return lambda bgr, _box, random: np.clip(bgr + sigma * random.standard_normal(bgr.shape, np.float32), 0, 255).astype(np.uint8)


def _jpeg(quality: int) -> Variant:
    def compress(bgr: Image, _box: Box, _random: np.random.Generator) -> Image:
        packed = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)

    return compress


def _framed(x: float, y: float, share: float = 0.75) -> Variant:
    """Return the variant with a share of the frame's sides, in which the face's center is at x, y of it if the frame allows."""

    def crop(bgr: Image, box: Box, _random: np.random.Generator) -> Image:
        height, width = bgr.shape[:2]
        w, h = int(width * share), int(height * share)
        left = int(np.clip(box.x + box.w / 2 - x * w, 0, width - w))
        top = int(np.clip(box.y + box.h / 2 - y * h, 0, height - h))
        return np.ascontiguousarray(bgr[top : top + h, left : left + w])

    return crop


def _low_resolution(bgr: Image, _box: Box, _random: np.random.Generator) -> Image:
    small = cv2.resize(bgr, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (bgr.shape[1], bgr.shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)


VARIANTS: Mapping[str, Variant] = {
    "original": lambda bgr, _box, _random: bgr,
    "mirrored": lambda bgr, _box, _random: np.ascontiguousarray(bgr[:, ::-1]),
    "three quarters of the size": _resized(0.75),
    "nine tenths of the size": _resized(0.9),
    "one and a quarter times the size": _resized(1.25),
    "one and a half times the size": _resized(1.5),
    "0.7 of the resolution": _low_resolution,
    "brightness 0.75": _gains(0.75, 0.75, 0.75),
    "brightness 1.3": _gains(1.3, 1.3, 1.3),
    "gamma 0.7": _gamma(0.7),
    "gamma 1.4": _gamma(1.4),
    "warm light": _gains(0.8, 1.0, 1.15),
    "cool light": _gains(1.15, 1.0, 0.85),
    "noise 4": _noise(4),
    "noise 8": _noise(8),
    "JPEG 50": _jpeg(50),
    "JPEG 30": _jpeg(30),
    "face at the left": _framed(0.25, 0.5),
    "face at the right": _framed(0.75, 0.5),
    "face at the top": _framed(0.5, 0.25),
    "face at the bottom": _framed(0.5, 0.6),
    "closer crop": _framed(0.5, 0.4, 0.55),
}
"""Changes of the clips of people, which are people all the same."""


@dataclass(slots=True)
class Attempt:
    """One attack or variant of a clip, played through the recognizer.

    Attributes:
        part: "attacks" or "people".
        half: "chosen" or "reported".
        kind: Kind of attack, or variant.
        person: The person who is shown.
        clip: The clip that it was made from.
        frames: Number of frames.
        rows: Sightings that would have the person's name without the check.
        named: Sightings that have it.
        tracks: Tracks with such sightings, and `tracks_named` those of them with a name in any row.
        first_ms: Time of the first name, `first_unchecked_ms` that without the check; None if there was none.
        scores: Number of scores that were taken.
    """

    part: str
    half: str
    kind: str
    person: str
    clip: str
    frames: int = 0
    rows: int = 0
    named: int = 0
    first_ms: float | None = None
    first_unchecked_ms: float | None = None
    scores: int = 0
    tracks: set[int] = field(default_factory=set)
    tracks_named: set[int] = field(default_factory=set)


class AttackBench:
    """A gallery of all people of the clips, and a recognizer. A context manager.

    Args:
        data: Folder of the clips.
        folder: Folder for the gallery, which is made unless it is there.
    """

    def __init__(self, data: Path, folder: Path) -> None:
        self._data = data
        self._settings = Settings().replace({"track.presentation_check": True, "detect.threads": 1, "identify.threads": 1})
        self.analyzer = open_face_analyzer(self._settings)
        self._gallery = folder / "gallery"
        if not self._gallery.exists():
            for clip, person in (each for clips in CLIPS.values() for each in clips.items()):
                self._enroll(clip, person)
        self.recognizer = Recognizer(self._settings, self._gallery)

    def _enroll(self, clip: str, person: str) -> None:
        rule = SelectionRule.for_network(embedding_network(self._settings.identify.network))
        analyzed = ((frame.bgr, self.analyzer.analyze(frame.bgr)) for frame in self.clip(clip)[::3])
        gallery = Gallery.load(self._gallery, self.analyzer, conditions=analysis_conditions(self._settings))
        selected = select_samples(analyzed, self.analyzer, rule)
        enroll(gallery, person, selected, EnrollmentOptions.for_network(self._settings.identify.network))

    def clip(self, clip: str) -> list[Frame]:
        """Return the frames of a clip."""
        with open_source(str(self._data / clip), self._settings.capture, 0.0) as source:
            return list(frames(source))

    def play(self, attempt: Attempt, video: Iterable[Frame]) -> Attempt:
        """Recognize a video from its beginning, and count into `attempt`."""
        last_ms = 0.0
        for frame in video:
            attempt.frames, last_ms = attempt.frames + 1, frame.t_ms
            for sighting in self.recognizer(frame).sightings:
                decided, found = sighting.track_decision, sighting.track_decision.decision
                attempt.scores += decided.is_scored
                is_withheld = found.reason in (PRESENTATION_ATTACK, PRESENTATION_UNDECIDED)
                name = found.nearest.name if is_withheld and found.nearest else found.name
                if name != attempt.person:
                    continue
                attempt.rows += 1
                attempt.tracks.add(decided.track_id)
                if attempt.first_unchecked_ms is None:
                    attempt.first_unchecked_ms = frame.t_ms
                if not is_withheld:
                    attempt.named += 1
                    attempt.tracks_named.add(decided.track_id)
                    attempt.first_ms = frame.t_ms if attempt.first_ms is None else attempt.first_ms
        self.recognizer.finish(last_ms + 10_000)
        return attempt

    def __enter__(self) -> AttackBench:
        return self

    def __exit__(self, *_: object) -> None:
        self.recognizer.close()
        self.analyzer.close()


def attack_kinds(half: str) -> dict[str, AttackKind]:
    """Return the kinds of attack of a half, by name."""
    return {name: kind for name, kind in KINDS.items() if half == "reported" or not kind.is_reported_only}


def attacks(bench: AttackBench, half: str, clip: str, number: int, cache: Path | None) -> Iterator[Attempt]:
    """Play an attempt of every kind of attack made from a clip of a half; rendered ones are kept in `cache`."""
    room = [np.asarray(cv2.resize(frame.bgr, SIZE_WH), np.uint8) for frame in bench.clip(EMPTY_ROOM)]
    content = [frame.bgr for frame in bench.clip(clip)]
    for name, kind in attack_kinds(half).items():
        seed = zlib.crc32(f"{clip} {name} {number} {half}".encode())
        random = np.random.default_rng(seed)
        earliest, behind = 0, room
        if half == "chosen":
            earliest, behind = int(random.integers(len(content) // 2)), other_room(room, random)
        first, box = first_face(bench.analyzer, content, earliest)
        made = Recapture(kind, content[first:], box, behind, seed)
        packed = _rendered(made, None if cache is None else cache / f"{half}-{Path(clip).stem}-{seed}")
        yield bench.play(Attempt("attacks", half, name, CLIPS[half][clip], clip), map(unpack, packed, range(len(packed))))


def other_room(room: list[Image], random: np.random.Generator) -> list[Image]:
    """Return another room: a part of the one that there is, mirrored or not, in other light."""
    width, height = SIZE_WH
    share = random.uniform(0.45, 1.0)
    w, h = int(width * share), int(height * share)
    x, y = int(random.integers(0, width - w + 1)), int(random.integers(0, height - h + 1))
    step = -1 if random.random() < 0.5 else 1
    light = random.uniform(0.6, 1.3) * np.array([random.uniform(0.85, 1.15), 1, random.uniform(0.85, 1.15)])
    parts = (cv2.resize(bgr[y : y + h, x : x + w], SIZE_WH)[:, ::step] for bgr in room)
    return [np.clip(part * light, 0, 255).astype(np.uint8) for part in parts]


def _rendered(made: Recapture, folder: Path | None) -> list[bytes]:
    """Return the frames of an attack as JPEG, those in `folder` if they are there."""
    if folder is None:
        return list(made.packed_frames())
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for index, packed in enumerate(made.packed_frames()):
            (folder / f"{index:03}.jpg").write_bytes(packed)
        (folder / "complete").touch()
    return [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]


def first_face(analyzer: FaceAnalyzer, content: list[Image], earliest: int = 0) -> tuple[int, Box]:
    """Return the first frame with a face, not before the clip's first half second or `earliest`, and the box of the largest."""
    for index in range(max(_SKIPPED_FRAMES, earliest), len(content)):
        if found := analyzer.detect(content[index]):
            return index, found[0].box
    raise ValueError("no frame shows a face")


def people(bench: AttackBench, half: str, clip: str) -> Iterator[Attempt]:
    """Play every variant of a clip of a half."""
    video = bench.clip(clip)
    _, box = first_face(bench.analyzer, [frame.bgr for frame in video])
    for name, variant in VARIANTS.items():
        random = np.random.default_rng(zlib.crc32(f"{clip} {name}".encode()))
        changed = (
            Frame(variant(frame.bgr, box, random), frame.index, frame.t_ms, frame.captured_at_s, frame.source) for frame in video
        )
        yield bench.play(Attempt("people", half, name, CLIPS[half][clip], clip), changed)


@dataclass(frozen=True, slots=True)
class _Job:
    """What one process plays: a part with one clip."""

    part: str
    half: str
    clip: str
    number: int
    data: Path
    folder: Path
    cache: Path | None

    def run(self) -> list[Attempt]:
        cv2.setNumThreads(1)
        with AttackBench(self.data, self.folder) as bench:
            if self.part == "people":
                return list(people(bench, self.half, self.clip))
            return list(attacks(bench, self.half, self.clip, self.number, self.cache))


def cost(bench: AttackBench, gallery: Path) -> dict[str, float]:
    """Return the median milliseconds per frame in steady state without and with the check, and their ratio, taken in turns.

    Both recognizers see a clip of person B, forward and backward without end, so that the track goes on.
    """
    video = bench.clip("webcam/milk.mkv")
    order = [*range(len(video)), *range(len(video) - 2, 0, -1)]
    contestants, recognizers = [], []
    for name, check in (("without", False), ("with", True)):
        settings = Settings().replace({"track.presentation_check": check, "detect.threads": 1, "identify.threads": 1})
        recognizer, count = Recognizer(settings, gallery), iter(range(10**9))

        def run(_number: int, recognizer: Recognizer = recognizer, count: Iterator[int] = count) -> None:
            index = next(count)
            bgr = video[order[index % len(order)]].bgr
            recognizer(Frame(bgr, index, index * 1000 / 30, index / 30, "video"))

        contestants.append(Contestant(name, run, calls=144))
        recognizers.append(recognizer)
    times = take_turns(contestants, Turns(rounds=12, warm_up=2, lead=0, rest_s=0.0, clock=time.process_time))
    for recognizer in recognizers:
        recognizer.close()
    ratios = np.array(times["with"]) / np.array(times["without"])
    return {**{f"{name}_ms": float(np.median(found)) for name, found in times.items()}, "ratio": float(np.median(ratios))}


def table(attempts: Iterable[Attempt], *, is_attack: bool) -> list[dict[str, object]]:
    """Return one row per kind, one for all of them, and one for the attacks with an edge in the image."""
    groups: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        groups[attempt.kind].append(attempt)
        groups["all"].append(attempt)
        if is_attack and KINDS[attempt.kind].outline == "border":
            groups["all with an edge"].append(attempt)
    return [_figures(kind, found, is_attack=is_attack) for kind, found in groups.items()]


def _figures(kind: str, found: list[Attempt], *, is_attack: bool) -> dict[str, object]:
    """Return the figures of some attempts; those in which nobody would be named are counted, but are no presentation."""
    judged = [attempt for attempt in found if attempt.rows]
    rows, named = sum(attempt.rows for attempt in judged), sum(attempt.named for attempt in judged)
    wrong = sum((attempt.named > 0) is is_attack for attempt in judged)
    waits = [
        attempt.first_ms - attempt.first_unchecked_ms
        for attempt in judged
        if attempt.first_ms is not None and attempt.first_unchecked_ms is not None
    ]
    unchecked = [attempt.first_unchecked_ms for attempt in judged if attempt.first_unchecked_ms is not None]
    return {
        "kind": kind,
        "attempts": len(judged),
        "without a name anyway": len(found) - len(judged),
        "tracks": sum(len(attempt.tracks) for attempt in judged),
        "tracks named": sum(len(attempt.tracks_named) for attempt in judged),
        "rows": rows,
        "rows named": named,
        "share of rows": round(named / rows, 4) if rows else None,
        "APCER" if is_attack else "BPCER": round(wrong / len(judged), 4) if judged else None,
        "first name without the check, ms": round(float(np.median(unchecked))) if unchecked else None,
        "later with it, ms (median, maximum)": [round(float(np.median(waits))), round(max(waits))] if waits else None,
    }


def _jobs(arguments: argparse.Namespace, folder: Path) -> Iterator[_Job]:
    """Yield what is to be played, the long ones first."""
    for part, default in (("attacks", ("reported",)), ("people", tuple(CLIPS))):
        for half in (arguments.half,) if arguments.half else default:
            for clip in CLIPS[half]:
                if arguments.only in (None, part) and arguments.clip in clip:
                    yield _Job(part, half, clip, arguments.number, arguments.data, folder, arguments.cache)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--half", choices=list(CLIPS))
    parser.add_argument("--only", choices=("attacks", "people", "cost"))
    parser.add_argument("--clip", default="", help="only what is made from clips whose name contains this")
    parser.add_argument("--number", type=int, default=3, help="number of the attempts, which their seeds depend on")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--cache", type=Path, help="folder in which rendered attacks and the gallery are kept: images of people")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    results: dict[str, object] = {}
    with contextlib.ExitStack() as stack:
        folder = arguments.cache or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bench = stack.enter_context(AttackBench(arguments.data, folder))
        played: dict[tuple[str, str], list[Attempt]] = defaultdict(list)
        pool = stack.enter_context(ProcessPoolExecutor(arguments.jobs, multiprocessing.get_context("spawn")))
        for attempts in pool.map(_Job.run, _jobs(arguments, folder)):
            for attempt in attempts:
                played[attempt.part, attempt.half].append(attempt)
                counted = asdict(attempt) | {"tracks": len(attempt.tracks), "tracks_named": len(attempt.tracks_named)}
                print(json.dumps(counted), flush=True)
        results |= {f"{part}, {half}": table(found, is_attack=part == "attacks") for (part, half), found in played.items()}
        if arguments.only in (None, "cost"):
            results["cost"] = cost(bench, folder / "gallery")
    print(json.dumps(results, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _main()
