"""Photos added to a person: each has a verdict, and somebody else's are held back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facecam.enrollment.enroll import AddingRule, PhotoAddition, PhotoOutcome, add_photos, photos_below
from facecam.enrollment.samples import SelectionRule
from facecam.gallery.people import read_people
from tests.color_reader import Studio

RED, PINK, GREEN = (30, 30, 200), (60, 40, 200), (30, 200, 30)
RULE = AddingRule(0.32, SelectionRule())


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A folder for pictures that are not in the gallery."""
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


def add(studio: Studio, *photos: Path, force: bool = False) -> PhotoAddition:
    rule = AddingRule(RULE.threshold_l2, RULE.selection, force)
    return add_photos(studio.load(), "Ann", photos, studio.reader, rule)


def photos_of_ann(studio: Studio) -> int:
    ann = read_people(studio.root).find("Ann")
    return len(ann.photos) if ann is not None else 0


def test_good_photos_are_added_and_every_other_one_is_told(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    (new / "torn.png").write_bytes(b"no picture")
    good, empty, both = (
        studio.save(new / "good.png", PINK),
        studio.save(new / "empty.png"),
        studio.save(new / "b.png", RED, GREEN),
    )

    addition = add(studio, good, empty, both, new / "torn.png")

    assert [outcome.reason for outcome in addition.outcomes] == ["ok", "no_face", "several_faces", "unreadable"]
    assert addition.added == 1
    assert photos_of_ann(studio) == 2


def test_a_photo_that_is_there_is_not_added_again(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    photo = studio.save(new / "good.png", PINK)
    copy = Path(shutil.copy(photo, new / "copy.png"))
    add(studio, photo)

    again = add(studio, photo, copy)

    assert again.outcomes == (PhotoOutcome(photo, "already_there"), PhotoOutcome(copy, "already_there"))
    assert again.added == 0


def test_of_two_copies_one_is_added(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    photo = studio.save(new / "good.png", PINK)

    addition = add(studio, photo, Path(shutil.copy(photo, new / "copy.png")))

    assert [outcome.reason for outcome in addition.outcomes] == ["ok", "already_there"]


def test_photos_of_somebody_else_are_held_back_but_with_force(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", GREEN)
    studio.save(studio.root / "Ben" / "1.png", RED)
    photo = studio.save(new / "ben.png", PINK)

    held = add(studio, photo)
    assert held.rival is not None
    assert held.rival.name == "Ben"
    assert photos_of_ann(studio) == 1
    forced = add(studio, photo, force=True)

    assert forced.rival is None
    assert photos_of_ann(studio) == 2


def test_nothing_good_changes_nothing(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)

    addition = add(studio, studio.save(new / "empty.png"))

    assert addition.enrolled is None
    assert photos_of_ann(studio) == 1


def test_of_a_folder_its_pictures_count_and_nothing_twice(studio: Studio, new: Path) -> None:
    photo = studio.save(new / "a.png", RED)
    (new / "notes.txt").touch()

    assert photos_below([new, photo]) == [photo]


def test_progress_is_told_after_each(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    seen: list[tuple[int, int]] = []
    photos = [studio.save(new / f"{number}.png", PINK, size=60 + number) for number in range(3)]

    add_photos(studio.load(), "Ann", photos, studio.reader, RULE, told=lambda done, total: seen.append((done, total)))

    assert seen == [(1, 3), (2, 3), (3, 3)]
