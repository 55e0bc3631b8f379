"""Teaching in scenes: `python -m benchmarks.teaching`. Three things learned from ten seconds each, one forgotten.

The things are photographs pasted over data/presence/no_face.mp4, in the guide box; tested are other movements before another part
of the video. FACECAM_TEST_DATA names the folder that holds data/.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.scenes import background, held_up
from facecam.objects.features import FeatureReader
from facecam.objects.taught_names import TaughtNames
from facecam.picture import read_picture
from facecam.teach.teaching import forget, teach
from facecam.teach.views import background_views, from_frames
from facecam.types import Picture

THINGS = {"the bucket": "n02909870", "my torch": "n04456115", "the drum": "n03249569"}


def told(names: TaughtNames, frames: list[Picture]) -> list[str]:
    """The label of each frame; empty where nothing is sure."""
    return [label[0].name if (label := names.classify(frame)) else "" for frame in frames]


def main() -> None:
    """Print what each step gives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100, help="frames to learn from, ten a second")
    parser.add_argument("--tested", type=int, default=60, help="frames of each thing to test on")
    parser.add_argument("--others", type=int, default=97, help="other photographs that must keep their labels")
    asked = parser.parse_args()
    data = Path(os.environ["FACECAM_TEST_DATA"]) / "data"
    photos = {label: read_picture(next((data / "objects").glob(f"{wnid}_*"))) for label, wnid in THINGS.items()}
    room = background(data / "presence" / "no_face.mp4", 0, 400)
    reader = FeatureReader(2)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for number, (label, photo) in enumerate(photos.items()):
            frames = list(held_up(photo, room[: asked.frames], number))
            started, cpu = time.perf_counter(), time.process_time()
            views = from_frames(frames, reader, lambda _: None)
            lesson = teach(folder, views.label(label), lambda: background_views(reader))
            seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
            assert lesson.checked is not None
            kept = f"{len(views.views)} of {views.seen} views kept"
            print(
                f"taught {label}: {kept}, {seconds:.1f} s, of them {cpu:.1f} s computing; held back {lesson.checked.accuracy:.3f}"
            )
        names = TaughtNames(folder, 2)
        for number, (label, photo) in enumerate(photos.items()):
            found = told(names, list(held_up(photo, room[200 : 200 + asked.tested], 50 + number)))
            print(f"{label}: {np.mean([name == label for name in found]):.3f} of {len(found)} frames right")
        print(f"empty scene: {sum(map(bool, told(names, room[::10])))} of {len(room[::10])} frames get a taught label")
        taught = {path for wnid in THINGS.values() for path in (data / "objects").glob(f"{wnid}_*")}
        rest = [path for path in sorted((data / "objects").glob("n*")) if path not in taught][: asked.others]
        wrong = [path.stem for path, name in zip(rest, told(names, [read_picture(p) for p in rest]), strict=True) if name]
        print(f"other photographs: {len(wrong)} of {len(rest)} get a taught label {wrong}")
        gone = list(THINGS)[1]
        forget(folder, gone)
        found = told(names, list(held_up(photos[gone], room[200 : 200 + asked.tested], 51)))
        print(f"{gone} forgotten: {sum(map(bool, found))} of {len(found)} frames still get a taught label")


if __name__ == "__main__":
    main()
