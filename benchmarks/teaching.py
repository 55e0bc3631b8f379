"""Teaching objects in scenes: `python -m benchmarks.teaching`. Three objects learned from ten seconds each, then one forgotten.

The training scenes are those of benchmarks.scenes over data/presence/no_face.mp4. Test scenes have other movements, sizes and
turns over another part of the video, recognized as in `run --mode objects`. FACECAM_TEST_DATA names the folder that holds data/.
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
from facecam.objects.classifier import Classifier
from facecam.objects.pipeline import ObjectPipeline
from facecam.objects.taught import FeatureExtractor, TaughtClassifier, TaughtFirstClassifier
from facecam.settings import Settings
from facecam.training import object_teaching
from facecam.training.object_teaching import OBJECT_SECONDS, ObjectFinder, TeachingResult, ViewCollector, background_views
from facecam.types import Image

OBJECTS = {"the bucket": "n02909870", "my torch": "n04456115", "the drum": "n03249569"}
SHOWN_S = 4.0
CHOSEN, REPORTED = 500, 900
"""Numbers of the scenes that constants were chosen on, and of the reported ones."""


@dataclass(frozen=True, slots=True)
class LabelCount:
    """Frames in which an object is shown, and those with its label first."""

    frames: int
    right: int


def read_photo(data: Path, wnid: str) -> Image:
    """Read the photo of that WordNet id."""
    return read_image(next((data / "objects").glob(f"{wnid}_*")))


def teach_from_scene(folder: Path, label: str, video: scenes.Background, photo: Image, number: int) -> TeachingResult:
    """Teach `label` from scene `number`, as `facecam teach --source` does from a video."""
    settings = Settings()
    features = FeatureExtractor(settings.identify.threads)
    finder = ObjectFinder(settings)
    collector = ViewCollector(features, finder, 0.0, None)
    for shot in scenes.scene(video, photo, number, OBJECT_SECONDS):
        if collector.wants(shot.frame):
            collector.add(shot.frame)
    return object_teaching.teach(folder, collector.views.label(label), lambda: background_views(features))


def recognize_scene(pipeline: ObjectPipeline, label: str, video: scenes.Background, photo: Image, number: int) -> LabelCount:
    """Recognize the object in scene `number`."""
    state, found = pipeline.new_state(), []
    for shot in scenes.scene(video, photo, number, SHOWN_S):
        labels = pipeline.observe(shot.frame, state).labels
        if shot.shown:
            found.append(bool(labels) and labels[0].name == label)
    return LabelCount(len(found), sum(found))


def recognize_empty(pipeline: ObjectPipeline, video: scenes.Background, labels: Sequence[str]) -> LabelCount:
    """Recognize the video alone; `right` counts frames with one of these labels."""
    state = pipeline.new_state()
    names = [[label.name for label in pipeline.observe(frame, state).labels] for frame in scenes.frames_alone(video)]
    return LabelCount(len(names), sum(bool(set(found) & set(labels)) for found in names))


def changed_labels(folder: Path, paths: Sequence[Path]) -> list[str]:
    """Return the photos whose labels differ from those without taught objects."""
    plain = Classifier(2)
    taught = TaughtFirstClassifier(TaughtClassifier(folder, 2), plain)
    return [path.stem for path in paths if taught.classify(bgr := read_image(path)) != plain.classify(bgr)]


def main() -> None:
    """Teach, test and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=3, help="test scenes for each object")
    parser.add_argument("--chosen", action="store_true", help="test on the scenes that constants are chosen on")
    args = parser.parse_args()
    data = Path(os.environ["FACECAM_TEST_DATA"]) / "data"
    video = scenes.read_video(data / "presence" / "no_face.mp4")
    photos = {label: read_photo(data, wnid) for label, wnid in OBJECTS.items()}
    first = CHOSEN if args.chosen else REPORTED
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FACECAM_OBJECTS"] = scratch
        folder = Path(scratch)
        for number, (label, photo) in enumerate(photos.items()):
            started, cpu = time.perf_counter(), time.process_time()
            learned = teach_from_scene(folder, label, video, photo, number)
            seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
            views, evaluation = learned.taught.label(label), learned.evaluation
            assert views is not None
            assert evaluation is not None
            figures = f"{len(views.views)} views, validation accuracy {evaluation.accuracy:.3f}"
            print(f"taught {label}: {figures}; {seconds:.1f} s, {cpu:.1f} s of them computing", flush=True)
        pipeline = ObjectPipeline(Settings())
        _report(pipeline, video, photos, first, args.scenes)
        paths = [path for path in sorted((data / "objects").glob("n*")) if not path.stem.startswith(tuple(OBJECTS.values()))]
        print(f"other photos: {len(other := changed_labels(folder, paths))} of {len(paths)} have other labels {other}")
        forgotten = list(OBJECTS)[1]
        object_teaching.forget(folder, forgotten)
        print(f"{forgotten} is forgotten")
        _report(pipeline, video, photos, first, args.scenes)


def _report(pipeline: ObjectPipeline, video: scenes.Background, photos: dict[str, Image], first: int, count: int) -> None:
    for number, (label, photo) in enumerate(photos.items()):
        found = [recognize_scene(pipeline, label, video, photo, first + 20 * number + n) for n in range(count)]
        right, frames = sum(one.right for one in found), sum(one.frames for one in found)
        print(f"{label}: {right} of {frames} frames right, {right / frames:.3f}", flush=True)
    nothing = recognize_empty(pipeline, video, list(photos))
    print(f"empty scene: {nothing.right} of {nothing.frames} frames with a taught label", flush=True)


if __name__ == "__main__":
    main()
