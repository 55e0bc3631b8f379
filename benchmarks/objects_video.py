"""Object recognition in video: accuracy for objects in front of the camera, and labels given without an object.

    FACECAM_TEST_DATA=... python -m benchmarks.objects_video [--half report|choose] [--every N] [--json FILE] [--sheet FILE]

FACECAM_TEST_DATA holds data/objects/*.JPEG (a WordNet id begins each name), data/presence/ and data/webcam/. Constants were
chosen on every other photo in sorted order and on CHOSEN_VIDEOS; the other photos and REPORTED_VIDEOS are only reported on.
--speed measures only the time of a frame.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import scenes
from benchmarks.interleaved import Contestant, Turns, summarize, take_turns
from facecam.imageio import read_image
from facecam.objects.classifier import Classifier
from facecam.objects.pipeline import ObjectObservation, ObjectPipeline
from facecam.rendering.annotations import annotate
from facecam.rendering.renderer import draw_overlay
from facecam.settings import Settings
from facecam.types import Frame, Image

CHOSEN_VIDEOS = (
    *("presence/face_noface.mov", "presence/noface_face.mov"),
    *(f"webcam/{clip}.mkv" for clip in ("again", "help", "milk", "please")),
)
REPORTED_VIDEOS = ("presence/no_face.mp4", *(f"webcam/{clip}.mkv" for clip in ("book", "learn", "eat", "night")))
_SHEET = 100
_TILE_WH = (256, 192)
_PLAIN = "the whole image, classified"
_OBJECTS_FRAME = "frame in objects mode"

Observed = tuple[Frame, ObjectObservation]


@dataclass(frozen=True, slots=True)
class PhotoFigures:
    """Figures of whole photos: count, correct first label, correct label in the top three."""

    count: int
    first: int
    in_top3: int


@dataclass(frozen=True, slots=True)
class SceneFigures:
    """Frames of one scene in which the object is shown: all, correct in the top three, correct first, and without a label."""

    object: str
    video: str
    frames: int
    in_top3: int
    first: int
    unsure: int

    @property
    def wrong(self) -> int:
        return self.frames - self.in_top3 - self.unsure


@dataclass(frozen=True, slots=True)
class EmptySceneFigures:
    """Frames of a video without an object, and how many of them got each label as their first."""

    video: str
    frames: int
    labels: dict[str, int]


def select_photos(data: Path, half: str) -> list[Path]:
    """Return the photos of a half, or `all`."""
    everything = sorted((data / "objects").glob("n*.JPEG"))
    return everything if half == "all" else everything[1::2] if half == "report" else everything[::2]


def classify_photos(classifier: Classifier, paths: Sequence[Path]) -> PhotoFigures:
    """Classify each photo as a whole."""
    found = [[label.label_id for label in classifier.classify(read_image(path))] for path in paths]
    wanted = [path.stem.partition("_")[0] for path in paths]
    first = sum(ids[0] == right for ids, right in zip(found, wanted, strict=True))
    return PhotoFigures(len(paths), first, sum(right in ids for ids, right in zip(found, wanted, strict=True)))


def measure_scene(pipeline: ObjectPipeline, video: scenes.Background, path: Path, number: int) -> SceneFigures:
    """Recognize scene `number`: the photo in front of the video."""
    state, wanted = pipeline.new_state(), path.stem.partition("_")[0]
    counts: Counter[str] = Counter()
    for shot in scenes.scene(video, read_image(path), number):
        ids = [label.label_id for label in pipeline.observe(shot.frame, state).labels]
        if shot.shown:
            counts["frames"] += 1
            counts["three"] += wanted in ids
            counts["first"] += ids[:1] == [wanted]
            counts["unsure"] += not ids
    figures = (counts[name] for name in ("frames", "three", "first", "unsure"))
    return SceneFigures(path.stem.partition("_")[2], video.name, *figures)


def measure_empty(pipeline: ObjectPipeline, video: scenes.Background) -> tuple[EmptySceneFigures, list[Observed]]:
    """Recognize the video alone; return each frame with its observation, too."""
    state = pipeline.new_state()
    observed = [(frame, pipeline.observe(frame, state)) for frame in scenes.frames_alone(video)]
    labels = Counter(observation.labels[0].name for _, observation in observed if observation.labels)
    return EmptySceneFigures(video.name, len(observed), dict(labels.most_common())), observed


def contact_sheet(observed: Sequence[Observed]) -> Image:
    """Draw a hundred frames with their observations: those with a label first, then others evenly."""
    named = [pair for pair in observed if pair[1].labels]
    others = [pair for pair in observed if not pair[1].labels]
    chosen = [*_evenly(named, _SHEET), *_evenly(others, max(0, _SHEET - len(named)))]
    tiles = []
    for frame, observation in chosen:
        bgr = frame.bgr.copy()
        draw_overlay(bgr, annotate(observation.to_result(frame, "", 0.0)))
        tiles.append(np.asarray(cv2.resize(bgr, _TILE_WH, interpolation=cv2.INTER_AREA), np.uint8))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 10)
    return np.vstack([np.hstack(tiles[row : row + 10]) for row in range(0, len(tiles), 10)])


def speed(pipeline: ObjectPipeline, classifier: Classifier, video: scenes.Background, path: Path) -> dict[str, Any]:
    """Return milliseconds of a frame in objects mode and of the plain classification, measured in turns."""
    frames = [shot.frame for shot in scenes.scene(video, read_image(path), 1)]
    state, played = pipeline.new_state(), iter(range(10**9))

    def next_frame(_: int) -> object:
        number = next(played)
        bgr = frames[number % len(frames)].bgr
        return pipeline.observe(Frame(bgr, number, number * 1000 / scenes.FPS, 0.0, "speed"), state)

    plain = Contestant(_PLAIN, lambda n: classifier.classify(frames[n % 30].bgr), calls=5)
    times = take_turns([Contestant(_OBJECTS_FRAME, next_frame, calls=15), plain], Turns(rounds=10, warm_up=2))
    return {name: asdict(summary) for name, summary in summarize(times, _PLAIN).items()}


def _evenly(pairs: list[Observed], count: int) -> list[Observed]:
    if count <= 0 or not pairs:
        return []
    return [pairs[i] for i in sorted({round(i) for i in np.linspace(0, len(pairs) - 1, min(count, len(pairs)))})]


def _table(shots: Sequence[SceneFigures], videos: Sequence[EmptySceneFigures], stills: PhotoFigures) -> Table:
    table = Table(
        "what", "frames", "right in top 3", "right first", "no label", "wrong", title="Objects in video", title_justify="left"
    )
    table.add_row("whole photos", str(stills.count), f"{stills.in_top3}", f"{stills.first}", "", "")
    for video in dict.fromkeys(shot.video for shot in shots):
        table.add_row(f"scenes over {video}", *_shares([shot for shot in shots if shot.video == video]))
    table.add_row("all scenes", *_shares(shots), style="bold")
    table.add_section()
    for empty in videos:
        labels = ", ".join(f"{name} {count}" for name, count in empty.labels.items())
        table.add_row(f"no object: {empty.video}", str(empty.frames), "", "", "", labels or "no label")
    every, named = sum(empty.frames for empty in videos), sum(sum(empty.labels.values()) for empty in videos)
    table.add_row("all of these", str(every), "", "", "", f"{named} with a label, {named / max(every, 1):.1%}", style="bold")
    return table


def _shares(shots: Sequence[SceneFigures]) -> list[str]:
    frames = sum(shot.frames for shot in shots)
    parts = (sum(getattr(shot, name) for shot in shots) for name in ("in_top3", "first", "unsure", "wrong"))
    return [str(frames), *(f"{part / max(frames, 1):.1%}" for part in parts)]


def main(arguments: Iterable[str] | None = None) -> None:
    """Measure, print, and write the requested files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("report", "choose"), default="report")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th photo of the half")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="a contact sheet of 100 frames without an object, as PNG")
    parser.add_argument("--speed", action="store_true", help="measure only how long a frame takes")
    args = parser.parse_args(None if arguments is None else list(arguments))
    data = Path(os.environ["FACECAM_TEST_DATA"]) / "data"
    settings = Settings().replace({"identify.threads": args.threads, "detect.threads": args.threads})
    videos = [scenes.read_video(data / name) for name in (REPORTED_VIDEOS if args.half == "report" else CHOSEN_VIDEOS)]
    paths = select_photos(data, args.half)[:: args.every]
    pipeline = ObjectPipeline(settings)
    classifier = Classifier(args.threads)
    if args.speed:
        print(json.dumps(speed(pipeline, classifier, videos[-1], paths[0]), indent=2))
        return
    shots = [measure_scene(pipeline, videos[number % len(videos)], path, number) for number, path in enumerate(paths)]
    empty = [measure_empty(pipeline, video) for video in videos]
    stills = classify_photos(classifier, select_photos(data, "all")[:: args.every])
    Console(width=150).print(_table(shots, [video for video, _ in empty], stills))
    if args.sheet:
        cv2.imwrite(str(args.sheet), contact_sheet([pair for _, observed in empty for pair in observed]))
    if args.json:
        whole = {"photographs": asdict(stills), "scenes": [asdict(s) for s in shots], "nothing": [asdict(f) for f, _ in empty]}
        args.json.write_text(json.dumps({"half": args.half, **whole}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
