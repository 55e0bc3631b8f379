"""Removing and merging people, and undoing it byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from facecam.errors import GalleryError
from facecam.gallery import undo
from facecam.gallery.people import read_people
from facecam.gallery.store import GalleryFolder, quarantine, restore
from facecam.gallery.undo import FileSnapshot, merge_people, remove_person, remove_photos
from tests.color_reader import Studio

RED, DARK_RED, GREEN, BLUE = (30, 30, 200), (60, 40, 200), (30, 200, 30), (200, 60, 30)
OWN_L2 = 0.32


@pytest.fixture
def root(studio: Studio) -> Path:
    """Gallery with Ann (two photos, one quarantined, one rejected face) and Ben (one photo named like one of hers)."""
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
    """Return content and modification time of every file except the caches."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and ".cache" not in path.parts]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def names(root: Path) -> list[str]:
    return [person.name for person in read_people(root).people]


def test_a_removed_person_leaves_nothing_on_the_disk(root: Path, studio: Studio) -> None:
    studio.load()

    removed = remove_person(root, "Ann")

    assert names(root) == ["Ben"]
    assert not list(root.glob("**/Ann*")) + list(root.glob(".trash-*"))
    assert (removed.removal.photos, removed.removal.quarantined, removed.removal.rejected) == (2, 1, 1)


def test_a_removed_person_is_restored_byte_for_byte(root: Path) -> None:
    before = content(root)

    remove_person(root, "Ann").undo()

    assert content(root) == before


def test_removed_photos_are_restored_byte_for_byte(root: Path, studio: Studio) -> None:
    studio.load()
    before = content(root)

    removed = remove_photos(root, [root / "Ann" / "1.png", root / "Ann" / "2.png"])
    assert removed.cached_entries == 2
    assert [len(person.photos) for person in read_people(root).people] == [0, 1]
    removed.undo()

    assert content(root) == before


def test_photos_of_a_renamed_person_are_not_restored(root: Path) -> None:
    removed = remove_photos(root, [root / "Ann" / "1.png"])
    GalleryFolder(root).rename("Ann", "Anna")

    with pytest.raises(GalleryError, match="renamed or removed"):
        removed.undo()

    assert names(root) == ["Anna", "Ben"]


def test_restoring_overwrites_no_other_file(root: Path) -> None:
    removed = remove_photos(root, [root / "Ann" / "1.png", root / "Ann" / "2.png"])
    (root / "Ann" / "2.png").write_bytes(b"another")

    with pytest.raises(GalleryError, match="overwritten"):
        removed.undo()

    assert not (root / "Ann" / "1.png").exists()
    assert (root / "Ann" / "2.png").read_bytes() == b"another"


def test_removing_and_restoring_a_link_leaves_its_target_alone(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(root / "Ben", elsewhere)
    shutil.rmtree(root / "Ben")
    (root / "Ben").symlink_to(elsewhere, target_is_directory=True)

    removed = remove_person(root, "Ben")
    assert (elsewhere / "1.png").exists()
    removed.undo()

    assert (root / "Ben").readlink() == elsewhere


def test_a_person_too_large_to_restore_is_not_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "MAX_SNAPSHOT_BYTES", 100)
    before = content(root)

    with pytest.raises(GalleryError, match="too much to keep"):
        remove_person(root, "Ann")

    assert content(root) == before


def test_after_a_merge_one_person_has_everything(root: Path, studio: Studio) -> None:
    done = merge_people(studio.load(), "Ann", "Ben", OWN_L2)

    (ben,) = read_people(root).people
    assert (ben.name, len(ben.photos), done.photos) == ("Ben", 3, 2)
    assert (root / "Ben" / "notes.txt").read_text(encoding="utf-8") == "met in May"
    assert not (root / "Ann").exists()
    restore(root)
    assert len(read_people(root).people[0].photos) == 4


def test_a_merge_keeps_the_id_of_the_person_who_stays(root: Path, studio: Studio) -> None:
    ben = GalleryFolder(root).person("Ben").person_id

    merge_people(studio.load(), "Ann", "Ben", OWN_L2)

    assert GalleryFolder(root).person("Ben").person_id == ben


def test_a_merge_is_undone_byte_for_byte(root: Path, studio: Studio) -> None:
    gallery, before = studio.load(), content(root)

    merge_people(gallery, "Ann", "Ben", OWN_L2).undo()

    assert content(root) == before


def test_merging_drops_rejected_faces_of_the_other_person_and_keeps_strangers(root: Path, studio: Studio) -> None:
    studio.save(root / "Ben" / ".negatives" / "it is Ann.png", DARK_RED)
    gallery, before = studio.load(), content(root)
    assert len(gallery.rejected) == 2

    done = merge_people(gallery, "Ann", "Ben", OWN_L2)

    assert done.dropped_rejections == 1
    assert [face.photo.name for face in studio.load().rejected] == ["stranger.png"]
    done.undo()
    assert content(root) == before


def test_a_merge_that_cannot_be_undone_completely_is_left_alone(root: Path, studio: Studio) -> None:
    done = merge_people(studio.load(), "Ann", "Ben", OWN_L2)
    (root / "Ben" / "2.png").unlink()
    after = content(root)

    with pytest.raises(GalleryError, match="cannot be undone"):
        done.undo()

    assert content(root) == after


def test_a_person_cannot_be_merged_with_themselves(root: Path, studio: Studio) -> None:
    with pytest.raises(GalleryError, match="cannot be merged with themselves"):
        merge_people(studio.load(), "Ann", "Ann", OWN_L2)


def test_restoring_unchanged_files_is_allowed(root: Path) -> None:
    snapshot, before = FileSnapshot.capture([root / "Ann"]), content(root)

    snapshot.restore()

    assert content(root) == before
