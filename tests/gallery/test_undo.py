"""Removing and merging people, and taking it back: every byte is where it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facecam.errors import GalleryError
from facecam.gallery import undo
from facecam.gallery.people import read_people
from facecam.gallery.quarantine import quarantine, restore
from facecam.gallery.store import GalleryFolder
from facecam.gallery.undo import FileSnapshot, merge, remove_person, remove_photos
from tests.color_reader import Studio

RED, DARK_RED, GREEN, BLUE = (30, 30, 200), (60, 40, 200), (30, 200, 30), (200, 60, 30)
OWN_L2 = 0.32


@pytest.fixture
def root(studio: Studio) -> Path:
    """Ann with two photos, one set aside, and a rejected face; Ben with one, and one of the same name as hers."""
    studio.save(studio.root / "Ann" / "1.png", RED)
    studio.save(studio.root / "Ann" / "2.png", RED, size=70)
    studio.save(studio.root / "Ann" / "aside.png", RED, size=80)
    studio.save(studio.root / "Ann" / ".negatives" / "stranger.png", BLUE)
    studio.save(studio.root / "Ben" / "1.png", GREEN)
    (studio.root / "Ann" / "notes.txt").write_text("met in May", encoding="utf-8")
    read_people(studio.root)
    quarantine(studio.root, [studio.root / "Ann" / "aside.png"])
    return studio.root


def content(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file but the caches, with its time of change."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and ".cache" not in path.parts]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def names(root: Path) -> list[str]:
    return [person.name for person in read_people(root).people]


def test_a_removed_person_leaves_nothing_on_the_disk(root: Path, studio: Studio) -> None:
    studio.load()

    removed = remove_person(root, "Ann")

    assert names(root) == ["Ben"]
    assert not list(root.glob("**/Ann*")) + list(root.glob(".trash-*"))
    assert (removed.removal.photos, removed.removal.set_aside, removed.removal.rejected) == (2, 1, 1)


def test_a_removed_person_is_put_back_byte_for_byte(root: Path) -> None:
    before = content(root)

    remove_person(root, "Ann").take_back()

    assert content(root) == before


def test_removed_photos_are_put_back_byte_for_byte(root: Path, studio: Studio) -> None:
    studio.load()
    before = content(root)

    removed = remove_photos(root, [root / "Ann" / "1.png", root / "Ann" / "2.png"])
    assert removed.cached_verdicts == 2
    assert [len(person.photos) for person in read_people(root).people] == [0, 1]
    removed.take_back()

    assert content(root) == before


def test_a_photo_whose_person_has_gone_is_not_put_back(root: Path) -> None:
    removed = remove_photos(root, [root / "Ann" / "1.png"])
    GalleryFolder(root).rename("Ann", "Anna")

    with pytest.raises(GalleryError, match="renamed or removed"):
        removed.take_back()

    assert names(root) == ["Anna", "Ben"]


def test_nothing_is_put_back_over_another_file(root: Path) -> None:
    removed = remove_photos(root, [root / "Ann" / "1.png", root / "Ann" / "2.png"])
    (root / "Ann" / "2.png").write_bytes(b"another")

    with pytest.raises(GalleryError, match="overwritten"):
        removed.take_back()

    assert not (root / "Ann" / "1.png").exists()
    assert (root / "Ann" / "2.png").read_bytes() == b"another"


def test_of_a_link_only_the_link_goes_and_comes_back(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(root / "Ben", elsewhere)
    shutil.rmtree(root / "Ben")
    (root / "Ben").symlink_to(elsewhere, target_is_directory=True)

    removed = remove_person(root, "Ben")
    assert (elsewhere / "1.png").exists()
    removed.take_back()

    assert (root / "Ben").readlink() == elsewhere


def test_what_is_too_large_to_be_kept_is_not_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "MOST_BYTES", 100)
    before = content(root)

    with pytest.raises(GalleryError, match="cannot be kept"):
        remove_person(root, "Ann")

    assert content(root) == before


def test_after_a_merge_one_person_has_everything(root: Path, studio: Studio) -> None:
    done = merge(studio.load(), "Ann", "Ben", OWN_L2)

    (ben,) = read_people(root).people
    assert (ben.name, len(ben.photos), done.photos) == ("Ben", 3, 2)
    assert (root / "Ben" / "notes.txt").read_text(encoding="utf-8") == "met in May"
    assert not (root / "Ann").exists()
    restore(root)
    assert len(read_people(root).people[0].photos) == 4


def test_a_merge_keeps_the_id_of_the_person_who_stays(root: Path, studio: Studio) -> None:
    ben = GalleryFolder(root).person("Ben").person_id

    merge(studio.load(), "Ann", "Ben", OWN_L2)

    assert GalleryFolder(root).person("Ben").person_id == ben


def test_a_merge_is_taken_back_byte_for_byte(root: Path, studio: Studio) -> None:
    gallery, before = studio.load(), content(root)

    merge(gallery, "Ann", "Ben", OWN_L2).take_back()

    assert content(root) == before


def test_a_rejected_face_of_the_other_is_forgotten_and_one_of_a_stranger_kept(root: Path, studio: Studio) -> None:
    studio.save(root / "Ben" / ".negatives" / "it is Ann.png", DARK_RED)
    gallery, before = studio.load(), content(root)
    assert len(gallery.rejected) == 2

    done = merge(gallery, "Ann", "Ben", OWN_L2)

    assert done.forgotten == 1
    assert [face.photo.name for face in studio.load().rejected] == ["stranger.png"]
    done.take_back()
    assert content(root) == before


def test_a_merge_that_cannot_be_taken_back_whole_is_left(root: Path, studio: Studio) -> None:
    done = merge(studio.load(), "Ann", "Ben", OWN_L2)
    (root / "Ben" / "2.png").unlink()
    after = content(root)

    with pytest.raises(GalleryError, match="cannot be parted"):
        done.take_back()

    assert content(root) == after


def test_nobody_is_merged_with_themselves(root: Path, studio: Studio) -> None:
    with pytest.raises(GalleryError, match="one person already"):
        merge(studio.load(), "Ann", "Ann", OWN_L2)


def test_files_that_are_as_they_were_may_be_put_back_again(root: Path) -> None:
    kept, before = FileSnapshot.of([root / "Ann"]), content(root)

    kept.put_back()

    assert content(root) == before
