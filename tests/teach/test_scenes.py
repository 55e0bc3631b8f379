"""Teaching end to end on scenes: photographed things held up before a video, known again in other movements."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.scenes import background, held_up
from facecam.objects.classifier import Classifier
from facecam.objects.features import FeatureReader
from facecam.objects.taught_names import TaughtNames, WithTaught
from facecam.picture import read_picture
from facecam.teach.teaching import forget, teach
from facecam.teach.views import background_views, from_frames
from facecam.types import Picture

THINGS = {"the bucket": "n02909870", "my torch": "n04456115", "the drum": "n03249569"}
GONE = "my torch"
LEARNED, TESTED = 60, 20


@dataclass(frozen=True, eq=False)
class Taught:
    """What was taught in `folder`, the photographs behind it, the room's frames, and the pictures of other things."""

    folder: Path
    photos: dict[str, Picture]
    room: list[Picture]
    others: list[Picture]

    def shown(self, label: str) -> list[Picture]:
        """Frames of the thing that nothing was learned from."""
        number = list(self.photos).index(label)
        return list(held_up(self.photos[label], self.room[200 : 200 + TESTED], 50 + number))


@pytest.fixture(scope="module")
def taught(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Taught:
    """Three things, each taught from its own scene."""
    folder = tmp_path_factory.mktemp("objects")
    pictures = sorted((test_data / "data" / "objects").glob("n*.JPEG"))
    photos = {label: next(read_picture(p) for p in pictures if p.stem.startswith(wnid)) for label, wnid in THINGS.items()}
    room = background(test_data / "data" / "presence" / "no_face.mp4", 0, 300)
    reader = FeatureReader(2)
    for number, (label, photo) in enumerate(photos.items()):
        views = from_frames(held_up(photo, room[:LEARNED], number), reader, lambda _: None)
        teach(folder, views.label(label), lambda: background_views(reader))
    others = [read_picture(p) for p in pictures if not p.stem.startswith(tuple(THINGS.values()))]
    return Taught(folder, photos, room, others)


@pytest.fixture(scope="module")
def names(taught: Taught) -> TaughtNames:
    return TaughtNames(taught.folder, threads=2)


@pytest.mark.parametrize("label", THINGS)
def test_a_taught_thing_is_known_in_95_of_100_frames(taught: Taught, names: TaughtNames, label: str) -> None:
    right = [[found.name for found in names.classify(frame)] == [label] for frame in taught.shown(label)]

    assert np.mean(right) >= 0.95


def test_the_empty_room_gets_no_taught_label(taught: Taught, names: TaughtNames) -> None:
    assert [names.classify(frame) for frame in taught.room[::15]] == [()] * 20


def test_untaught_things_keep_exactly_the_labels_they_had(taught: Taught, names: TaughtNames) -> None:
    plain = Classifier(2)
    both = WithTaught(names, plain)

    assert [both.classify(picture) for picture in taught.others] == [plain.classify(picture) for picture in taught.others]


def test_a_forgotten_thing_is_not_known_and_the_others_are(taught: Taught, names: TaughtNames) -> None:
    """Last, since it changes what all tests here share; what is running sees it with the next frame."""
    forget(taught.folder, GONE)

    assert [names.classify(frame) for frame in taught.shown(GONE)] == [()] * TESTED
    kept = [[label.name for label in names.classify(frame)] for frame in taught.shown("the drum")]
    assert np.mean([found == ["the drum"] for found in kept]) >= 0.95
