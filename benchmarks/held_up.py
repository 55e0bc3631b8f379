"""What is held up: how often it is named right, and how often something is named when nothing is held up.

    FACECAM_TEST_DATA=... python -m benchmarks.held_up [--half report|choose] [--every N] [--json FILE] [--sheet FILE] [--speed]

FACECAM_TEST_DATA holds data/objects/*.JPEG (a WordNet id begins each name), data/presence/ and data/webcam/. Constants were
chosen on the pictures at even places in sorted order before presence/face_noface.mov and noface_face.mov, and on these two films
alone. The others, before presence/no_face.mp4 and the webcam clips, and these films alone, are only reported on.
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
from facecam.networks.convert import ensure_compiled
from facecam.objects.classifier import Classifier
from facecam.objects.pipeline import ObjectObservation, ObjectPipeline, networks
from facecam.rendering.annotations import annotate
from facecam.rendering.renderer import draw
from facecam.settings import Settings
from facecam.types import Frame, Image

CHOSEN_ON = (
    *("presence/face_noface.mov", "presence/noface_face.mov"),
    *(f"webcam/{clip}.mkv" for clip in ("again", "help", "milk", "please")),
)
REPORTED_ON = ("presence/no_face.mp4", *(f"webcam/{clip}.mkv" for clip in ("book", "learn", "eat", "night")))
_SHEET = 100
_TILE_WH = (256, 192)
_PLAIN = "the whole picture, classified"
_HELD = "an objects frame"


@dataclass(frozen=True, slots=True)
class Photographs:
    """Whole photographs: how many, and how many have the right name first and among the first three."""

    count: int
    first: int
    among_three: int


@dataclass(frozen=True, slots=True)
class HeldUp:
    """The frames of one scene in which the object is shown: all, right among three, right first, unsure, and wrongly named."""

    object: str
    film: str
    frames: int
    among_three: int
    first: int
    unsure: int

    @property
    def wrong(self) -> int:
        return self.frames - self.among_three - self.unsure


@dataclass(frozen=True, slots=True)
class Nothing:
    """The frames of a film in which nothing is held up, and how many of them got each label as their first."""

    film: str
    frames: int
    labels: dict[str, int]


def pictures(data: Path, half: str) -> list[Path]:
    """The photographs of a half, or `all`."""
    everything = sorted((data / "objects").glob("n*.JPEG"))
    return everything if half == "all" else everything[1::2] if half == "report" else everything[::2]


def photographs(classifier: Classifier, paths: Sequence[Path]) -> Photographs:
    """Each photograph as a whole."""
    found = [[label.label_id for label in classifier.classify(read_image(path))] for path in paths]
    wanted = [path.stem.partition("_")[0] for path in paths]
    first = sum(ids[0] == right for ids, right in zip(found, wanted, strict=True))
    return Photographs(len(paths), first, sum(right in ids for ids, right in zip(found, wanted, strict=True)))


def held_up(pipeline: ObjectPipeline, film: scenes.Film, path: Path, number: int) -> HeldUp:
    """Scene `number`: the photograph before the film."""
    watching, wanted = pipeline.watching(), path.stem.partition("_")[0]
    counts: Counter[str] = Counter()
    for shot in scenes.scene(film, read_image(path), number):
        ids = [label.label_id for label in pipeline.next(shot.frame, watching).labels]
        if shot.shown:
            counts["frames"] += 1
            counts["three"] += wanted in ids
            counts["first"] += ids[:1] == [wanted]
            counts["unsure"] += not ids
    return HeldUp(path.stem.partition("_")[2], film.name, counts["frames"], counts["three"], counts["first"], counts["unsure"])


def nothing(pipeline: ObjectPipeline, film: scenes.Film) -> tuple[Nothing, list[tuple[Frame, ObjectObservation]]]:
    """The film alone; also every frame with what was seen in it."""
    watching = pipeline.watching()
    seen = [(frame, pipeline.next(frame, watching)) for frame in scenes.alone(film)]
    labels = Counter(what.labels[0].name for _, what in seen if what.labels)
    return Nothing(film.name, len(seen), dict(labels.most_common())), seen


def contact_sheet(seen: Sequence[tuple[Frame, ObjectObservation]]) -> Image:
    """A hundred frames with what was seen drawn into them: all that have a label first, then others evenly."""
    named = [pair for pair in seen if pair[1].labels]
    others = [pair for pair in seen if not pair[1].labels]
    room = max(0, _SHEET - len(named))
    chosen = [*_evenly(named, _SHEET), *_evenly(others, room)]
    tiles = []
    for frame, what in chosen:
        bgr = frame.bgr.copy()
        draw(bgr, annotate(what.result(frame, "", 0.0)))
        tiles.append(np.asarray(cv2.resize(bgr, _TILE_WH, interpolation=cv2.INTER_AREA), np.uint8))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 10)
    return np.vstack([np.hstack(tiles[row : row + 10]) for row in range(0, len(tiles), 10)])


def speed(pipeline: ObjectPipeline, classifier: Classifier, film: scenes.Film, path: Path) -> dict[str, Any]:
    """Milliseconds of an objects frame beside those of the plain classification, in turns."""
    frames = [shot.frame for shot in scenes.scene(film, read_image(path), 1)]
    watching, played = pipeline.watching(), iter(range(10**9))

    def next_frame(_: int) -> object:
        number = next(played)
        bgr = frames[number % len(frames)].bgr
        return pipeline.next(Frame(bgr, number, number * 1000 / scenes.FPS, 0.0, "speed"), watching)

    turns = [Contestant(_HELD, next_frame, calls=15), Contestant(_PLAIN, lambda n: classifier.classify(frames[n % 30].bgr), 5)]
    return {name: asdict(one) for name, one in summarize(take_turns(turns, Turns(rounds=10, warm_up=2)), _PLAIN).items()}


def _evenly(pairs: list[tuple[Frame, ObjectObservation]], count: int) -> list[tuple[Frame, ObjectObservation]]:
    if count <= 0 or not pairs:
        return []
    return [pairs[i] for i in sorted({round(i) for i in np.linspace(0, len(pairs) - 1, min(count, len(pairs)))})]


def _table(shots: Sequence[HeldUp], films: Sequence[Nothing], stills: Photographs) -> Table:
    table = Table("what", "frames", "right in three", "right first", "unsure", "wrong", title="Held up", title_justify="left")
    table.add_row("whole photographs", str(stills.count), f"{stills.among_three}", f"{stills.first}", "", "")
    for film in dict.fromkeys(shot.film for shot in shots):
        table.add_row(f"scenes before {film}", *_shares([shot for shot in shots if shot.film == film]))
    table.add_row("all scenes", *_shares(shots), style="bold")
    table.add_section()
    for film in films:
        said = ", ".join(f"{name} {count}" for name, count in film.labels.items())
        table.add_row(f"nothing held up: {film.film}", str(film.frames), "", "", "", said or "no label")
    every, named = sum(film.frames for film in films), sum(sum(film.labels.values()) for film in films)
    table.add_row("all of these", str(every), "", "", "", f"{named} with a label, {named / max(every, 1):.1%}", style="bold")
    return table


def _shares(shots: Sequence[HeldUp]) -> list[str]:
    frames = sum(shot.frames for shot in shots)
    parts = (sum(getattr(shot, name) for shot in shots) for name in ("among_three", "first", "unsure", "wrong"))
    return [str(frames), *(f"{part / max(frames, 1):.1%}" for part in parts)]


def main(arguments: Iterable[str] | None = None) -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("report", "choose"), default="report")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th photograph of the half")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="a contact sheet of 100 frames with nothing held up, as PNG")
    parser.add_argument("--speed", action="store_true", help="measure only how long a frame takes")
    asked = parser.parse_args(None if arguments is None else list(arguments))
    data = Path(os.environ["FACECAM_TEST_DATA"]) / "data"
    settings = Settings().replace({"identify.threads": asked.threads, "detect.threads": asked.threads})
    ensure_compiled(networks(settings))
    films = [scenes.film(data / name) for name in (REPORTED_ON if asked.half == "report" else CHOSEN_ON)]
    paths = pictures(data, asked.half)[:: asked.every]
    with ObjectPipeline(settings) as pipeline:
        classifier = Classifier(asked.threads)
        if asked.speed:
            print(json.dumps(speed(pipeline, classifier, films[-1], paths[0]), indent=2))
            return
        shots = [held_up(pipeline, films[number % len(films)], path, number) for number, path in enumerate(paths)]
        empty = [nothing(pipeline, film) for film in films]
        stills = photographs(classifier, pictures(data, "all")[:: asked.every])
    Console(width=150).print(_table(shots, [film for film, _ in empty], stills))
    if asked.sheet:
        cv2.imwrite(str(asked.sheet), contact_sheet([pair for _, seen in empty for pair in seen]))
    if asked.json:
        whole = {"photographs": asdict(stills), "scenes": [asdict(s) for s in shots], "nothing": [asdict(f) for f, _ in empty]}
        asked.json.write_text(json.dumps({"half": asked.half, **whole}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
