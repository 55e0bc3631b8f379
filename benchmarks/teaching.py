"""Teaching in scenes: `python -m benchmarks.teaching`. Three things learned from ten seconds each, then one forgotten.

Each lesson is a scene of benchmarks.scenes: a photograph comes in before data/presence/no_face.mp4 and is moved, turned, brought
nearer. Tested is what `run --mode objects` shows in other scenes: other movements, sizes and turns before another part of the
film. FACECAM_TEST_DATA names the folder that holds data/..
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import scenes
from facecam.imageio import read_image
from facecam.networks.convert import ensure_compiled
from facecam.objects.classifier import Classifier
from facecam.objects.pipeline import ObjectPipeline, networks
from facecam.objects.taught import FEATURE_NETWORK, FeatureReader, TaughtClassifier, TaughtFirstClassifier
from facecam.settings import Settings
from facecam.training import object_teaching
from facecam.training.object_teaching import LIVE_SECONDS, ObjectFinder, TeachingResult, ViewCollector, background_views
from facecam.types import Image

THINGS = {"the bucket": "n02909870", "my torch": "n04456115", "the drum": "n03249569"}
SHOWN_S = 4.0
CHOSEN, REPORTED = 500, 900
"""Numbers of the scenes on which constants were chosen, and of those reported on."""


@dataclass(frozen=True, slots=True)
class Told:
    """Of the frames in which a thing is shown: how many, and how many have its label first."""

    frames: int
    right: int


def photograph(data: Path, wnid: str) -> Image:
    """The picture of that WordNet id."""
    return read_image(next((data / "objects").glob(f"{wnid}_*")))


def lesson(folder: Path, label: str, film: scenes.Film, photo: Image, number: int) -> TeachingResult:
    """Teach `label` from scene `number`, as `facecam teach --source` does from a film of it."""
    settings = Settings()
    reader = FeatureReader(settings.identify.threads)
    with ObjectFinder(settings) as eyes:
        collector = ViewCollector(reader, eyes, 0.0, None)
        for shot in scenes.scene(film, photo, number, LIVE_SECONDS):
            if collector.wants(shot.frame):
                collector.take(shot.frame)
    return object_teaching.teach(folder, collector.views.label(label), lambda: background_views(reader))


def told(pipeline: ObjectPipeline, label: str, film: scenes.Film, photo: Image, number: int) -> Told:
    """What the live mode shows in scene `number`."""
    watching, found = pipeline.watching(), []
    for shot in scenes.scene(film, photo, number, SHOWN_S):
        labels = pipeline.next(shot.frame, watching).labels
        if shot.shown:
            found.append(bool(labels) and labels[0].name == label)
    return Told(len(found), sum(found))


def empty(pipeline: ObjectPipeline, film: scenes.Film, labels: Sequence[str]) -> Told:
    """The film alone; `right` are the frames with one of these labels."""
    watching = pipeline.watching()
    names = [[label.name for label in pipeline.next(frame, watching).labels] for frame in scenes.alone(film)]
    return Told(len(names), sum(bool(set(found) & set(labels)) for found in names))


def changed(folder: Path, paths: Sequence[Path]) -> list[str]:
    """The photographs whose labels are not exactly what they are without anything taught."""
    plain = Classifier(2)
    taught = TaughtFirstClassifier(TaughtClassifier(folder, 2), plain)
    return [path.stem for path in paths if taught.classify(bgr := read_image(path)) != plain.classify(bgr)]


def main() -> None:
    """Print what each step gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=3, help="scenes of each thing to test on")
    parser.add_argument("--chosen", action="store_true", help="test on the scenes that constants are chosen on")
    asked = parser.parse_args()
    data = Path(os.environ["FACECAM_TEST_DATA"]) / "data"
    film = scenes.film(data / "presence" / "no_face.mp4")
    photos = {label: photograph(data, wnid) for label, wnid in THINGS.items()}
    ensure_compiled([FEATURE_NETWORK, *networks(Settings())])
    first = CHOSEN if asked.chosen else REPORTED
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FACECAM_OBJECTS"] = scratch
        folder = Path(scratch)
        for number, (label, photo) in enumerate(photos.items()):
            started, cpu = time.perf_counter(), time.process_time()
            learned = lesson(folder, label, film, photo, number)
            seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
            views, checked = learned.taught.label(label), learned.checked
            assert views is not None
            assert checked is not None
            what = f"{len(views.views)} views kept, held back {checked.accuracy:.3f} right"
            print(f"taught {label}: {what}; {seconds:.1f} s, of them {cpu:.1f} s computing", flush=True)
        with ObjectPipeline(Settings()) as pipeline:
            _report(pipeline, film, photos, first, asked.scenes)
            paths = [path for path in sorted((data / "objects").glob("n*")) if not path.stem.startswith(tuple(THINGS.values()))]
            print(f"other photographs: {len(other := changed(folder, paths))} of {len(paths)} have other labels {other}")
            gone = list(THINGS)[1]
            object_teaching.forget(folder, gone)
            print(f"{gone} is forgotten")
            _report(pipeline, film, photos, first, asked.scenes)


def _report(pipeline: ObjectPipeline, film: scenes.Film, photos: dict[str, Image], first: int, count: int) -> None:
    for number, (label, photo) in enumerate(photos.items()):
        found = [told(pipeline, label, film, photo, first + 20 * number + n) for n in range(count)]
        right, frames = sum(one.right for one in found), sum(one.frames for one in found)
        print(f"{label}: {right} of {frames} frames right, {right / frames:.3f}", flush=True)
    nothing = empty(pipeline, film, list(photos))
    print(f"empty scene: {nothing.right} of {nothing.frames} frames with a taught label", flush=True)


if __name__ == "__main__":
    main()
