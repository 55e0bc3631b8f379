"""Photos added to an enrolled person, with an outcome for each."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from facecam.enrollment.enroll import AddPhotosResult, EnrollmentOptions, PhotoVerdict, add_photos, expand_photo_paths
from facecam.gallery.people import read_people
from tests.color_reader import SELECTION, Studio

RED, PINK, GREEN = (30, 30, 200), (60, 40, 200), (30, 200, 30)
OPTIONS = EnrollmentOptions(SELECTION)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Folder for images outside of the gallery."""
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


def add(studio: Studio, *photos: Path, **options: bool) -> AddPhotosResult:
    return add_photos(studio.load(), "Ann", photos, studio.reader, replace(OPTIONS, **options))


def photos_of_ann(studio: Studio) -> int:
    ann = read_people(studio.root).find("Ann")
    return len(ann.photos) if ann is not None else 0


def test_good_photos_are_added_and_the_others_have_a_reason(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    (new / "torn.png").write_bytes(b"not an image")
    good, empty, both = (
        studio.save(new / "good.png", PINK),
        studio.save(new / "empty.png"),
        studio.save(new / "b.png", RED, GREEN),
    )

    result = add(studio, good, empty, both, new / "torn.png")

    assert [outcome.reason for outcome in result.outcomes] == ["ok", "no_face", "several_faces", "unreadable"]
    assert result.added == 1
    assert photos_of_ann(studio) == 2


def test_an_enrolled_photo_is_not_added_again(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    photo = studio.save(new / "good.png", PINK)
    copy = Path(shutil.copy(photo, new / "copy.png"))
    add(studio, photo)

    again = add(studio, photo, copy)

    assert again.outcomes == (PhotoVerdict(photo, "already_there"), PhotoVerdict(copy, "already_there"))
    assert again.added == 0


def test_of_two_copies_one_is_added(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    photo = studio.save(new / "good.png", PINK)

    result = add(studio, photo, Path(shutil.copy(photo, new / "copy.png")))

    assert [outcome.reason for outcome in result.outcomes] == ["ok", "already_there"]


def test_photos_of_another_person_are_added_only_with_force(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", (30, 120, 200))
    studio.save(studio.root / "Ben" / "1.png", RED)
    photo = studio.save(new / "ben.png", PINK)

    refused = add(studio, photo)
    assert refused.similar_person is not None
    assert refused.similar_person.name == "Ben"
    assert photos_of_ann(studio) == 1
    forced = add(studio, photo, force=True)

    assert forced.similar_person is None
    assert photos_of_ann(studio) == 2


def test_photos_of_two_people_are_added_only_if_that_is_allowed(studio: Studio, new: Path) -> None:
    photos = [studio.save(new / f"{number}.png", color) for number, color in enumerate((RED, PINK, GREEN))]

    refused = add(studio, *photos)
    assert refused.mixed is not None
    assert [sample.origin for sample in refused.mixed.others] == [str(photos[2])]
    assert photos_of_ann(studio) == 0
    allowed = add(studio, *photos, allow_mixed=True)

    assert allowed.added == 3


def test_a_photo_of_somebody_else_than_the_enrolled_person_is_not_added(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", GREEN)

    mixed = add(studio, studio.save(new / "ben.png", RED)).mixed

    assert mixed is not None
    assert (mixed.groups[0], mixed.enrolled) == ((), 1)
    assert mixed.text("Ann").startswith(f"{new / 'ben.png'} and the enrolled photos of Ann (1) show different people (1.")


def test_without_an_accepted_photo_nothing_changes(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)

    result = add(studio, studio.save(new / "empty.png"))

    assert result.enrolled is None
    assert photos_of_ann(studio) == 1


def test_folders_are_expanded_and_duplicates_dropped(studio: Studio, new: Path) -> None:
    photo = studio.save(new / "a.png", RED)
    (new / "notes.txt").touch()

    assert expand_photo_paths([new, photo]) == [photo]


def test_progress_is_reported_after_each_photo(studio: Studio, new: Path) -> None:
    studio.save(studio.root / "Ann" / "1.png", RED)
    seen: list[tuple[int, int]] = []
    photos = [studio.save(new / f"{number}.png", PINK, size=60 + number) for number in range(3)]

    add_photos(studio.load(), "Ann", photos, studio.reader, OPTIONS, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(1, 3), (2, 3), (3, 3)]
