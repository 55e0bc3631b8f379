"""An object held up before a camera: named while it is there, and nothing named when there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks import held_up, scenes
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


@pytest.fixture
def wall() -> scenes.Film:
    """A bare wall seen by a camera that is not free of noise."""
    random = np.random.default_rng(3)
    shade = np.linspace(150, 175, 640).astype(np.float32)[np.newaxis, :, np.newaxis] * np.ones((480, 640, 3), np.float32)
    noisy = [np.clip(shade + random.normal(0, 3, shade.shape), 0, 255).astype(np.uint8) for _ in range(12)]
    return scenes.Film("wall", tuple(noisy))


def moving(bgr: Image, count: int) -> Iterator[Image]:
    """A picture that sways a little, as a head does."""
    for number in range(count):
        yield np.roll(bgr, (round(4 * np.sin(number / 5)), round(7 * np.sin(number / 8))), (0, 1))


def played(recognizer: Recognizer, pictures: Iterator[Image] | tuple[Image, ...]) -> list[Result]:
    recognizer.finish(0.0)
    return [recognizer(Frame(bgr, i, i * 1000 / scenes.FPS, i / scenes.FPS, "film")) for i, bgr in enumerate(pictures)]


@pytest.mark.parametrize(("name", "right"), [("coffee", COFFEE), ("cat", CAT)])
def test_what_is_held_up_is_named_while_it_is_shown(
    recognizer: Recognizer, wall: scenes.Film, portraits: dict[str, Path], name: str, right: set[str]
) -> None:
    shots = list(scenes.scene(wall, read_image(portraits[name]), 5))

    results = played(recognizer, (shot.frame.bgr for shot in shots))

    shown = [result for shot, result in zip(shots, results, strict=True) if shot.shown]
    named = [bool(right & {label.name for label in result.labels}) for result in shown]
    assert np.mean(named) >= 0.8
    assert all(result.region is not None for result in shown[10:] if result.labels)


def test_a_region_is_where_the_object_is(recognizer: Recognizer, wall: scenes.Film, portraits: dict[str, Path]) -> None:
    """The background is a wall, so that what is not like it is the object."""
    shots = list(scenes.scene(wall, read_image(portraits["cat"]), 5))

    results = played(recognizer, (shot.frame.bgr for shot in shots))

    box, frame = results[-1].region, shots[-1].frame
    assert box is not None
    rows, columns = np.nonzero(np.abs(frame.bgr.astype(int) - wall.at(0)).max(axis=2) > 40)
    assert (box.x + box.w / 2, box.y + box.h / 2) == pytest.approx((columns.mean(), rows.mean()), abs=40)


def test_a_bare_wall_has_no_name(recognizer: Recognizer, wall: scenes.Film) -> None:
    results = played(recognizer, wall.frames * 4)

    assert [result.labels for result in results] == [()] * len(results)
    assert {result.region for result in results} == {None}


def test_a_face_has_no_name(recognizer: Recognizer, portraits: dict[str, Path]) -> None:
    """Its close surroundings: on the whole portrait things can be seen."""
    portrait = read_image(portraits["grace_hopper"])
    results = played(recognizer, moving(portrait, 45))

    assert np.mean([bool(result.labels) for result in results]) <= 0.05


def test_what_was_held_up_is_forgotten_when_it_is_gone(
    recognizer: Recognizer, wall: scenes.Film, portraits: dict[str, Path]
) -> None:
    shots = list(scenes.scene(wall, read_image(portraits["cat"]), 5))

    results = played(recognizer, (*(shot.frame.bgr for shot in shots), *(wall.frames * 3)))

    assert results[len(shots) - 1].labels
    assert not any(result.labels for result in results[len(shots) + 20 :])


def test_a_picture_that_stands_alone_is_named_as_a_whole(recognizer: Recognizer, portraits: dict[str, Path]) -> None:
    recognizer.finish(0.0)

    result = recognizer(Frame(read_image(portraits["coffee"]), 0, 0.0, 0.0, "coffee.jpg"))

    assert result.labels[0].name in COFFEE
    assert result.region is None


def test_two_sources_have_nothing_to_do_with_each_other(
    recognizer: Recognizer, wall: scenes.Film, portraits: dict[str, Path]
) -> None:
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
def test_most_frames_of_held_up_photographs_are_named_right(test_data: Path) -> None:
    """A fifth of the pictures that no constant was chosen on; docs/objects.md has all of them."""
    films = [scenes.film(test_data / "data" / name) for name in held_up.REPORTED_ON]
    with ObjectPipeline(SETTINGS) as pipeline:
        shots = [
            held_up.held_up(pipeline, films[number % len(films)], path, number)
            for number, path in enumerate(held_up.pictures(test_data / "data", "report")[::5])
        ]

    assert sum(shot.among_three for shot in shots) / sum(shot.frames for shot in shots) >= 0.65


@pytest.mark.parametrize("name", ["presence/no_face.mp4", "webcam/night.mkv"])
def test_a_film_in_which_nothing_is_held_up_gets_no_label(test_data: Path, name: str) -> None:
    with ObjectPipeline(SETTINGS) as pipeline:
        found, _ = held_up.nothing(pipeline, scenes.film(test_data / "data" / name))

    assert sum(found.labels.values()) <= 0.02 * found.frames
