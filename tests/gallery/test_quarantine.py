"""Quarantined photos: never deleted, restored byte for byte, removed with their person."""

from __future__ import annotations

from pathlib import Path

import pytest

from facecam.errors import GalleryError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.service import GalleryService

RED, GREEN = (0, 0, 255), (0, 255, 0)


def contents(root: Path) -> dict[str, bytes]:
    """Return the content of every photo, in use or quarantined, by path."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.png")}


@pytest.fixture
def photos(studio) -> list[Path]:
    paths = [
        studio.save(studio.root / name / f"{number}.png", (0, 9 * number, 255)) for name in ("Ada", "Бэлла") for number in (1, 2)
    ]
    studio.load()
    return paths


def test_quarantined_photos_are_not_used_and_not_lost(studio, photos: list[Path]) -> None:
    before = sorted(contents(studio.root).values())

    moved = GalleryService(studio.root).quarantine(photos[:3])

    assert [sample.sample_id for sample in studio.load().samples] == ["Бэлла/2.png"]
    assert sorted(contents(studio.root).values()) == before
    assert quarantine_sets(studio.root) == {moved.name: sorted(moved.paths)}


def test_restored_photos_are_identical_and_no_folder_is_left(studio, photos: list[Path]) -> None:
    before = contents(studio.root)
    GalleryService(studio.root).quarantine(photos)

    back = GalleryService(studio.root).restore()

    assert contents(studio.root) == before
    assert sorted(back.paths) == sorted(photos)
    assert not list(studio.root.rglob(".aside"))


def test_the_newest_set_is_restored_first_whatever_the_clock_says(studio, photos: list[Path]) -> None:
    from datetime import UTC, datetime

    GalleryService(studio.root).quarantine(photos[:1], datetime(2030, 1, 1, tzinfo=UTC))
    GalleryService(studio.root).quarantine(photos[1:2], datetime(2020, 1, 1, tzinfo=UTC))

    assert GalleryService(studio.root).restore().paths == (photos[1],)
    assert GalleryService(studio.root).restore().paths == (photos[0],)
    with pytest.raises(GalleryError, match="no photo is quarantined"):
        GalleryService(studio.root).restore()


def test_a_new_photo_with_the_old_path_is_not_overwritten(studio, photos: list[Path]) -> None:
    GalleryService(studio.root).quarantine(photos)
    new = studio.save(photos[2], GREEN).read_bytes()

    with pytest.raises(GalleryError, match="would be overwritten"):
        GalleryService(studio.root).restore()

    assert photos[2].read_bytes() == new
    assert not photos[0].exists()


def test_quarantined_photos_follow_a_renamed_person(studio, photos: list[Path]) -> None:
    GalleryService(studio.root).quarantine(photos[:1])
    GalleryService(studio.root).rename("Ada", "Grace")

    assert GalleryService(studio.root).restore().paths == (studio.root / "Grace" / "1.png",)


def test_removing_a_person_deletes_their_quarantined_photos(studio, photos: list[Path]) -> None:
    GalleryService(studio.root).quarantine(photos)

    removal = GalleryService(studio.root).remove_person("Ada")

    assert (removal.photos, removal.quarantined) == (0, 2)
    assert not list(studio.root.rglob("Ada"))
    assert {photo.parent.name for photo in GalleryService(studio.root).restore().paths} == {"Бэлла"}


def test_the_folder_fingerprint_changes_when_photos_are_quarantined(studio, photos: list[Path]) -> None:
    before = folder_fingerprint(studio.root)
    GalleryService(studio.root).quarantine(photos[:1])

    assert {Path(path) for path, _, _ in before - folder_fingerprint(studio.root)} == {photos[0]}


def test_a_photo_deleted_meanwhile_is_skipped(studio, photos: list[Path]) -> None:
    photos[0].unlink()

    assert GalleryService(studio.root).quarantine(photos).photos == 3
