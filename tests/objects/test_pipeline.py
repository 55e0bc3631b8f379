"""ObjectPipeline: an object in front of the camera is labeled while it is visible, and nothing is labeled without one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks import objects_video, scenes
from facecam.imageio import read_image
from facecam.objects.pipeline import ObjectPipeline
from facecam.recognizer import Recognizer
from facecam.settings import Mode, Settings
from facecam.types import Frame, Image, Result

SETTINGS = Settings()
COFFEE = {"espresso", "cup", "coffee mug", "eggnog", "soup bowl"}
CAT = {"tabby", "tiger cat", "Egyptian cat"}


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recognizer]:
    with Recognizer(SETTINGS, tmp_path_factory.mktemp("gallery"), Mode.OBJECTS) as recognizer:
        yield recognizer


@pytest.fixture(scope="module")
def wall() -> scenes.Background:
    """A bare wall as a noisy camera sees it."""
    random = np.random.default_rng(3)
    shade = np.linspace(150, 175, 640).astype(np.float32)[np.newaxis, :, np.newaxis] * np.ones((480, 640, 3), np.float32)
    noisy = [np.clip(shade + random.normal(0, 3, shade.shape), 0, 255).astype(np.uint8) for _ in range(12)]
    return scenes.Background("wall", tuple(noisy))


def moving(bgr: Image, count: int) -> Iterator[Image]:
    """Yield the image swaying a little, like a head."""
    for number in range(count):
        yield np.roll(bgr, (round(4 * np.sin(number / 5)), round(7 * np.sin(number / 8))), (0, 1))


def recognize(recognizer: Recognizer, images: Iterator[Image] | tuple[Image, ...]) -> list[Result]:
    recognizer.finish(0.0)
    return [recognizer(Frame(bgr, i, i * 1000 / scenes.FPS, i / scenes.FPS, "video")) for i, bgr in enumerate(images)]


@dataclass(frozen=True)
class Seen:
    """A scene with an object, its results, and those of the bare wall after it."""

    shots: list[scenes.Shot]
    results: list[Result]
    after: list[Result]


@pytest.fixture(scope="module")
def seen(recognizer: Recognizer, wall: scenes.Background, portraits: dict[str, Path]) -> Callable[[str], Seen]:
    """Recognize a bundled image in front of the wall, once each."""

    @functools.cache
    def recognize_image(name: str) -> Seen:
        shots = list(scenes.scene(wall, read_image(portraits[name]), 5))
        results = recognize(recognizer, (*(shot.frame.bgr for shot in shots), *(wall.frames * 3)))
        return Seen(shots, results[: len(shots)], results[len(shots) :])

    return recognize_image


@pytest.mark.parametrize(("name", "right"), [("coffee", COFFEE), ("cat", CAT)])
def test_an_object_is_labeled_while_it_is_visible(seen: Callable[[str], Seen], name: str, right: set[str]) -> None:
    found = seen(name)

    shown = [result for shot, result in zip(found.shots, found.results, strict=True) if shot.shown]
    named = [bool(right & {label.name for label in result.labels}) for result in shown]
    assert np.mean(named) >= 0.8
    assert all(result.region is not None for result in shown[10:] if result.labels)


def test_the_region_surrounds_the_object(seen: Callable[[str], Seen], wall: scenes.Background) -> None:
    """The background is a plain wall, so pixels that differ from it are the object."""
    box, frame = seen("cat").results[-1].region, seen("cat").shots[-1].frame
    assert box is not None
    rows, columns = np.nonzero(np.abs(frame.bgr.astype(int) - wall.at(0)).max(axis=2) > 40)
    assert (box.x + box.w / 2, box.y + box.h / 2) == pytest.approx((columns.mean(), rows.mean()), abs=40)


def test_a_bare_wall_gets_no_label(recognizer: Recognizer, wall: scenes.Background) -> None:
    results = recognize(recognizer, wall.frames * 4)

    assert [result.labels for result in results] == [()] * len(results)
    assert {result.region for result in results} == {None}


def test_a_face_gets_no_label(recognizer: Recognizer, portraits: dict[str, Path]) -> None:
    portrait = read_image(portraits["grace_hopper"])
    results = recognize(recognizer, moving(portrait, 45))

    assert np.mean([bool(result.labels) for result in results]) <= 0.05


def test_the_label_disappears_with_the_object(seen: Callable[[str], Seen]) -> None:
    assert seen("cat").results[-1].labels
    assert not any(result.labels for result in seen("cat").after[20:])


def test_a_still_image_is_classified_as_a_whole(recognizer: Recognizer, portraits: dict[str, Path]) -> None:
    recognizer.finish(0.0)

    result = recognizer(Frame(read_image(portraits["coffee"]), 0, 0.0, 0.0, "coffee.jpg"))

    assert result.labels[0].name in COFFEE
    assert result.region is None


def test_two_sources_are_independent(recognizer: Recognizer, wall: scenes.Background, portraits: dict[str, Path]) -> None:
    shots = list(scenes.scene(wall, read_image(portraits["cat"]), 5))
    recognizer.finish(0.0)

    pairs = [
        (recognizer(shot.frame, 0), recognizer(Frame(wall.at(i), i, shot.frame.t_ms, 0.0, "wall"), 1))
        for i, shot in enumerate(shots)
    ]
    recognizer.finish(0.0, 1)

    assert pairs[-1][0].labels
    assert not any(other.labels for _, other in pairs)


@pytest.mark.long
def test_most_frames_of_photos_in_front_of_the_camera_get_the_correct_label(test_data: Path) -> None:
    """Tests a fifth of the reported photos; docs/guides/objects.md has the figures of all of them."""
    videos = [scenes.read_video(test_data / "data" / name) for name in objects_video.REPORTED_VIDEOS]
    pipeline = ObjectPipeline(SETTINGS)
    shots = [
        objects_video.measure_scene(pipeline, videos[number % len(videos)], path, number)
        for number, path in enumerate(objects_video.select_photos(test_data / "data", "report")[::5])
    ]

    assert sum(shot.in_top3 for shot in shots) / sum(shot.frames for shot in shots) >= 0.65


@pytest.mark.parametrize("name", ["presence/no_face.mp4", "webcam/night.mkv"])
def test_a_video_without_an_object_gets_no_label(test_data: Path, name: str) -> None:
    pipeline = ObjectPipeline(SETTINGS)
    found, _ = objects_video.measure_empty(pipeline, scenes.read_video(test_data / "data" / name))

    assert sum(found.labels.values()) <= 0.02 * found.frames
