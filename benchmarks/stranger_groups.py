"""Grouping of unknown visitors: people and visitors of random sequences, and pairs of people within the limit.

`python -m benchmarks.stranger_groups DATA [--network NAME] [--sequences 20]`, with the folder `data` of the test data.

Sequences of people of the webcam and presence clips with ten cuts are recognized and grouped as in the window. LFW tells how
often the limit joins two of many people.
"""

from __future__ import annotations

import argparse
import itertools
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from facecam.capture.source import frames, open_source
from facecam.imageio import read_image
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.face_analyzer import open_face_analyzer, single_face
from facecam.recognition.person_groups import mean_distances_l2
from facecam.recognizer import Recognizer
from facecam.session.visitors import VisitorTracker
from facecam.settings import Settings
from facecam.types import FaceObservation, Floats, Frame, Image

CLIPS = {
    "A": ("webcam/again.mkv", "webcam/help.mkv"),
    "B": ("webcam/milk.mkv", "webcam/please.mkv"),
    "C": ("webcam/book.mkv", "webcam/learn.mkv"),
    "D": ("webcam/eat.mkv", "webcam/night.mkv"),
    "E": ("presence/face_noface.mov", "presence/noface_face.mov"),
}
WITH_FACE = {"presence/face_noface.mov": slice(0, 85), "presence/noface_face.mov": slice(90, None)}
FPS = 30.0
CUTS = 10


class Outcome(NamedTuple):
    """People and visitors of a sequence, visitors that are several people, and the microseconds of each frame."""

    people: int
    visitors: int
    mixed: int
    costs_us: list[float]


def read_clip(data: Path, name: str) -> list[Image]:
    """Return the frames of a clip that show a face, at 640x480."""
    with open_source(str(data / name), Settings().capture, time.monotonic()) as source:
        images = [frame.bgr for frame in frames(source)][WITH_FACE.get(name, slice(None))]
    height, width = images[0].shape[:2]
    left = (width - height * 4 // 3) // 2
    return [np.asarray(cv2.resize(image[:, left : width - left], (640, 480)), np.uint8) for image in images]


def random_order(rng: random.Random, people: str) -> str:
    """Return the people in an order with CUTS changes, everybody at least once."""
    order = rng.sample(people, len(people))
    while len(order) <= CUTS:
        order.append(rng.choice([person for person in people if person != order[-1]]))
    return "".join(order)


def group_sequence(recognizer: Recognizer, clips: dict[str, list[list[Image]]], rng: random.Random, seconds: float) -> Outcome:
    """Recognize and group a random sequence."""
    tracker, people_of_track = VisitorTracker(), defaultdict[int, Counter[str]](Counter)
    tracker.use_matcher(recognizer.group_matcher)
    number, costs_us = 0, []
    for person in random_order(rng, "".join(clips)):
        images = rng.choice(clips[person])
        length = min(len(images), round(seconds * FPS))
        start = rng.randrange(len(images) - length + 1)
        for bgr in images[start : start + length]:
            frame = Frame(bgr, number, number / FPS * 1e3, number / FPS, "sequence")
            result = recognizer(frame)
            for sighting in result.sightings:
                people_of_track[sighting.track_decision.track_id][person] += 1
            started_s = time.thread_time()
            tracker.update(0, frame, result)
            costs_us.append((time.thread_time() - started_s) * 1e6)
            number += 1
    recognizer.finish(number / FPS * 1e3)
    tracker.end()
    people_of_visitor: defaultdict[str, set[str]] = defaultdict(set)
    for track_id, counts in people_of_track.items():
        if (visitor := tracker.visitor_of(track_id)) is not None:
            people_of_visitor[visitor.visitor_id].add(counts.most_common(1)[0][0])
    mixed = sum(len(people) > 1 for people in people_of_visitor.values())
    return Outcome(len(clips), len(tracker.visitors), mixed, costs_us)


def lfw_faces(data: Path, settings: Settings) -> list[Floats]:
    """Return the embeddings of each person of LFW view 1 with two photos or more, and of every third with one."""
    people = []
    with open_face_analyzer(settings) as analyzer:
        for number, folder in enumerate(sorted((data / "lfw-view1" / "images").iterdir())):
            photos = sorted(folder.iterdir())
            if len(photos) < 2 and number % 3:
                continue
            faces = [face for photo in photos if (face := _usable(single_face(analyzer.analyze(read_image(photo)))))]
            if faces:
                people.append(np.array([face.embedding for face in faces]))
    return people


def _usable(face: object) -> FaceObservation | None:
    return face if isinstance(face, FaceObservation) and face.embedding is not None else None


def joined_pairs(people: Sequence[Floats], photos: int, limit_l2: float) -> tuple[int, int]:
    """Return how many pairs of people are within the limit by this many photos of each, and their number."""
    groups = [faces[:photos] for faces in people if len(faces) >= photos]
    joined = sum(
        int((mean_distances_l2(group, groups[number + 1 :]) <= limit_l2).sum()) for number, group in enumerate(groups[:-1])
    )
    return joined, len(groups) * (len(groups) - 1) // 2


def main() -> None:
    """Print the figures of docs/internals/recognition.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--network", default=DEFAULT_NETWORK)
    parser.add_argument("--sequences", type=int, default=20)
    options = parser.parse_args()
    settings = Settings().replace({"identify.network": options.network})
    limit_l2 = embedding_network(options.network).session_l2
    both = {person: [read_clip(options.data, name) for name in names] for person, names in CLIPS.items()}
    first, second = ({person: [clips[number]] for person, clips in both.items()} for number in (0, 1))
    with tempfile.TemporaryDirectory() as folder, Recognizer(settings, Path(folder)) as recognizer:
        for (name, clips), seconds in itertools.product((("first", first), ("second", second), ("both", both)), (0.6, 1.2)):
            outcomes = [group_sequence(recognizer, clips, random.Random(seed), seconds) for seed in range(options.sequences)]
            people, visitors = sum(each.people for each in outcomes), sum(each.visitors for each in outcomes)
            mixed = sum(each.mixed for each in outcomes)
            exact = sum(each.people == each.visitors and not each.mixed for each in outcomes)
            costs_us = np.concatenate([each.costs_us for each in outcomes])
            print(
                f"{name} clips, {seconds} s each: {people} people, {visitors} visitors, {mixed} of several people; "
                f"{exact} of {len(outcomes)} sequences exact; median {np.median(costs_us):.0f} us per frame, "
                f"99 % {np.percentile(costs_us, 99):.0f} us",
                flush=True,
            )
    faces = lfw_faces(options.data, settings)
    for photos in (1, 2, 3):
        joined, pairs = joined_pairs(faces, photos, limit_l2)
        print(f"LFW, {photos} photos each: {joined} of {pairs} pairs of people joined at {limit_l2}")


if __name__ == "__main__":
    main()
