"""Photos out of use: moved, never deleted, brought back byte for byte, and gone with their person."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from facecam.errors import GalleryError
from facecam.gallery.gallery import folder_fingerprint
from facecam.gallery.quarantine import quarantine, quarantine_sets, restore
from facecam.gallery.store import GalleryFolder

RED, GREEN = (0, 0, 255), (0, 255, 0)


def contents(root: Path) -> dict[str, bytes]:
    """Every photo that is in use or set aside, by its path, with what it holds."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.png")}


@pytest.fixture
def photos(studio) -> list[Path]:
    paths = [
        studio.save(studio.root / name / f"{number}.png", (0, 9 * number, 255)) for name in ("Ada", "Бэлла") for number in (1, 2)
    ]
    studio.load()
    return paths


def test_what_is_set_aside_no_longer_counts_and_nothing_is_lost(studio, photos: list[Path]) -> None:
    before = sorted(contents(studio.root).values())

    moved = quarantine(studio.root, photos[:3])

    assert [sample.sample_id for sample in studio.load().samples] == ["Бэлла/2.png"]
    assert sorted(contents(studio.root).values()) == before
    assert quarantine_sets(studio.root) == (moved,)


def test_it_comes_back_byte_for_byte_and_leaves_no_folder_behind(studio, photos: list[Path]) -> None:
    before = contents(studio.root)
    quarantine(studio.root, photos)

    back = restore(studio.root)

    assert contents(studio.root) == before
    assert sorted(back.photos) == sorted(photos)
    assert not list(studio.root.rglob(".aside"))


def test_sets_come_back_the_newest_first_whatever_the_clock_says(studio, photos: list[Path]) -> None:
    from datetime import UTC, datetime

    quarantine(studio.root, photos[:1], datetime(2030, 1, 1, tzinfo=UTC))
    quarantine(studio.root, photos[1:2], datetime(2020, 1, 1, tzinfo=UTC))

    assert restore(studio.root).photos == (photos[1],)
    assert restore(studio.root).photos == (photos[0],)
    with pytest.raises(GalleryError, match="nothing is set aside"):
        restore(studio.root)


def test_a_photo_that_took_the_old_place_is_not_overwritten(studio, photos: list[Path]) -> None:
    quarantine(studio.root, photos)
    new = studio.save(photos[2], GREEN).read_bytes()

    with pytest.raises(GalleryError, match="would be overwritten"):
        restore(studio.root)

    assert photos[2].read_bytes() == new
    assert not photos[0].exists()


def test_photos_follow_their_person_to_another_name(studio, photos: list[Path]) -> None:
    quarantine(studio.root, photos[:1])
    GalleryFolder(studio.root).rename("Ada", "Grace")

    assert restore(studio.root).photos == (studio.root / "Grace" / "1.png",)


def test_who_is_removed_is_removed_with_what_was_set_aside(studio, photos: list[Path]) -> None:
    quarantine(studio.root, photos)

    removal = GalleryFolder(studio.root).remove("Ada")

    assert (removal.photos, removal.set_aside) == (0, 2)
    assert not list(studio.root.rglob("Ada"))
    assert {photo.parent.name for photo in restore(studio.root).photos} == {"Бэлла"}


def test_a_running_program_sees_that_photos_went(studio, photos: list[Path]) -> None:
    before = folder_fingerprint(studio.root)
    quarantine(studio.root, photos[:1])

    assert {Path(path) for path, _, _ in before - folder_fingerprint(studio.root)} == {photos[0]}


def test_a_photo_deleted_meanwhile_is_no_error(studio, photos: list[Path]) -> None:
    photos[0].unlink()

    assert len(quarantine(studio.root, photos).photos) == 3


_KILLED_HALFWAY = """
import os, signal, sys
from pathlib import Path
from facecam.gallery.quarantine import set_aside

def photos():
    for number, photo in enumerate(map(Path, sys.argv[2:])):
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield photo

set_aside(Path(sys.argv[1]), photos())
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_kill_between_two_photos_loses_nothing_and_can_be_undone(studio, photos: list[Path]) -> None:
    before = contents(studio.root)

    done = subprocess.run([sys.executable, "-c", _KILLED_HALFWAY, studio.root, *photos], timeout=60, check=False)

    assert done.returncode == -signal.SIGKILL
    assert [photo.exists() for photo in photos] == [False, False, True, True]
    assert len(restore(studio.root).photos) == 2
    assert contents(studio.root) == before
