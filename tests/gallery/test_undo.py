"""Undo of every change of a gallery, byte for byte, also after a rename, and the journal of changes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from facecam.errors import ChangeExpiredError, GalleryError
from facecam.gallery import snapshots
from facecam.gallery.people import PersonFile, read_people, to_toml
from facecam.gallery.service import GalleryService
from facecam.gallery.snapshots import FileSnapshot
from facecam.gallery.undo import ChangeKind, GalleryChange, UndoJournal
from tests.color_reader import Studio

RED, DARK_RED, GREEN, BLUE = (30, 30, 200), (60, 40, 200), (30, 200, 30), (200, 60, 30)
OWN_L2 = 0.32
Change = Callable[[Path, Studio], GalleryChange]


@pytest.fixture
def root(studio: Studio) -> Path:
    """Gallery with Ann (two photos, one quarantined, one rejected face) and Ben (one photo named like one of hers)."""
    studio.save(studio.root / "Ann" / "1.png", RED)
    studio.save(studio.root / "Ann" / "2.png", RED, size=70)
    studio.save(studio.root / "Ann" / "aside.png", RED, size=80)
    studio.save(studio.root / "Ann" / ".negatives" / "stranger.png", BLUE)
    studio.save(studio.root / "Ben" / "1.png", GREEN)
    (studio.root / "Ann" / "notes.txt").write_text("met in May", encoding="utf-8")
    for name in ("Ann", "Ben"):
        (studio.root / name / "person.toml").write_text(to_toml(PersonFile.new(name)), encoding="utf-8")
    GalleryService(studio.root).quarantine([studio.root / "Ann" / "aside.png"])
    return studio.root


def content(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return content and modification time of every file except the caches and the lock."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not {".cache", ".lock"} & set(path.parts)]
    return {str(path.relative_to(root)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def names(root: Path) -> list[str]:
    return [person.name for person in read_people(root).people]


def test_a_removed_person_leaves_nothing_on_the_disk(root: Path, studio: Studio) -> None:
    studio.load()

    removed = GalleryService(root).remove_person("Ann")

    assert names(root) == ["Ben"]
    assert not list(root.glob("**/Ann*")) + list(root.glob(".trash-*"))
    assert (removed.photos, removed.quarantined, removed.rejected) == (2, 1, 1)


def test_a_removed_person_is_restored_byte_for_byte(root: Path) -> None:
    before = content(root)

    GalleryService(root).remove_person("Ann").undo()

    assert content(root) == before


def test_removed_photos_are_restored_byte_for_byte(root: Path, studio: Studio) -> None:
    studio.load()
    before = content(root)

    removed = GalleryService(root).remove_photos([root / "Ann" / "1.png", root / "Ann" / "2.png"])
    assert removed.cached_entries == 2
    assert [len(person.photos) for person in read_people(root).people] == [0, 1]
    removed.undo()

    assert content(root) == before


def test_restoring_overwrites_no_other_file(root: Path) -> None:
    removed = GalleryService(root).remove_photos([root / "Ann" / "1.png", root / "Ann" / "2.png"])
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

    removed = GalleryService(root).remove_person("Ben")
    assert (elsewhere / "1.png").exists()
    removed.undo()

    assert (root / "Ben").readlink() == elsewhere


def test_a_person_too_large_to_restore_is_not_removed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MAX_SNAPSHOT_BYTES", 100)
    before = content(root)

    with pytest.raises(GalleryError, match="too much to keep"):
        GalleryService(root).remove_person("Ann")

    assert content(root) == before


def test_after_a_merge_one_person_has_everything(root: Path, studio: Studio) -> None:
    done = GalleryService(root).merge("Ann", "Ben", studio.load(), OWN_L2)

    (ben,) = read_people(root).people
    assert (ben.name, len(ben.photos), done.photos) == ("Ben", 3, 2)
    assert (root / "Ben" / "notes.txt").read_text(encoding="utf-8") == "met in May"
    assert not (root / "Ann").exists()
    GalleryService(root).restore()
    assert len(read_people(root).people[0].photos) == 4


def test_a_merge_keeps_the_id_of_the_person_who_stays(root: Path, studio: Studio) -> None:
    ben = GalleryService(root).person("Ben").person_id

    GalleryService(root).merge("Ann", "Ben", studio.load(), OWN_L2)

    assert GalleryService(root).person("Ben").person_id == ben


def test_a_merge_is_undone_byte_for_byte(root: Path, studio: Studio) -> None:
    gallery, before = studio.load(), content(root)

    GalleryService(root).merge("Ann", "Ben", gallery, OWN_L2).undo()

    assert content(root) == before


def test_merging_drops_rejected_faces_of_the_other_person_and_keeps_strangers(root: Path, studio: Studio) -> None:
    studio.save(root / "Ben" / ".negatives" / "it is Ann.png", DARK_RED)
    gallery, before = studio.load(), content(root)
    assert len(gallery.rejected) == 2

    done = GalleryService(root).merge("Ann", "Ben", gallery, OWN_L2)

    assert done.rejected == 1
    assert [face.photo.name for face in studio.load().rejected] == ["stranger.png"]
    done.undo()
    assert content(root) == before


def test_a_merge_that_cannot_be_undone_completely_is_left_alone(root: Path, studio: Studio) -> None:
    done = GalleryService(root).merge("Ann", "Ben", studio.load(), OWN_L2)
    (root / "Ben" / "2.png").unlink()
    after = content(root)

    with pytest.raises(GalleryError, match="cannot be undone"):
        done.undo()

    assert content(root) == after


def test_a_person_cannot_be_merged_with_themselves(root: Path, studio: Studio) -> None:
    with pytest.raises(GalleryError, match="cannot be merged with themselves"):
        GalleryService(root).merge("Ann", "Ann", studio.load(), OWN_L2)


def test_restoring_unchanged_files_is_allowed(root: Path) -> None:
    snapshot, before = FileSnapshot.capture([root / "Ann"]), content(root)

    snapshot.restore(root)

    assert content(root) == before


def add_photo(root: Path, studio: Studio) -> GalleryChange:
    return GalleryService(root).add_photos("Ann", [(root / "Ben" / "1.png").read_bytes()])


def reject_face(root: Path, studio: Studio) -> GalleryChange:
    return GalleryService(root).reject_face("Ann", [b"a face"])


def remove_photo(root: Path, studio: Studio) -> GalleryChange:
    return GalleryService(root).remove_photos([root / "Ann" / "1.png"])


def quarantine_photo(root: Path, studio: Studio) -> GalleryChange:
    return GalleryService(root).quarantine([root / "Ann" / "1.png", root / "Ben" / "1.png"])


def restore_photo(root: Path, studio: Studio) -> GalleryChange:
    return GalleryService(root).restore()


def merge_into_ann(root: Path, studio: Studio) -> GalleryChange:
    studio.save(root / "Ann" / ".negatives" / "it is Ben.png", GREEN)
    return GalleryService(root).merge("Ben", "Ann", studio.load(), OWN_L2)


CHANGES = [add_photo, reject_face, remove_photo, quarantine_photo, restore_photo, merge_into_ann]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_undone_byte_for_byte(root: Path, studio: Studio, change: Change) -> None:
    before = content(root)

    done = change(root, studio)
    assert content(root) != before
    done.undo()

    before |= {path: file for path, file in content(root).items() if path.endswith("it is Ben.png")}
    assert content(root) == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_undone_after_a_rename(root: Path, studio: Studio, change: Change) -> None:
    before = content(root)

    done = change(root, studio)
    GalleryService(root).rename("Ann", "Anna")
    done.undo()

    assert names(root) == ["Anna", "Ben"]
    assert not (root / "Ann").exists()
    after = {path.replace("Anna/", "Ann/"): file for path, file in content(root).items()}
    renamed = "Ann/person.toml"
    assert before.pop(renamed)[0].replace(b'"Ann"', b'"Anna"') == after.pop(renamed)[0]
    assert {path: file for path, file in after.items() if not path.endswith("it is Ben.png")} == before


def test_a_rename_is_undone_after_another_rename(root: Path) -> None:
    renamed = GalleryService(root).rename("Ann", "Anna")
    GalleryService(root).rename("Anna", "Hannah")

    renamed.undo()

    assert names(root) == ["Ann", "Ben"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_a_person_who_was_removed_cannot_be_undone(root: Path, studio: Studio, change: Change) -> None:
    done = change(root, studio)
    GalleryService(root).remove_person("Ann")
    after = content(root)

    with pytest.raises(GalleryError, match="Ann is not enrolled any more, so this change is not possible"):
        done.undo()

    assert content(root) == after


@pytest.mark.parametrize("change", ["remove", "merge"])
def test_a_person_does_not_come_back_beside_a_namesake(root: Path, studio: Studio, change: str) -> None:
    service = GalleryService(root)
    done = service.remove_person("Ann") if change == "remove" else service.merge("Ann", "Ben", studio.load(), OWN_L2)
    service.add_photos("Ann", [b"another Ann"])

    with pytest.raises(GalleryError, match="another person is called Ann now"):
        done.undo()

    assert len(GalleryService(root).person("Ann").photos) == 1


def test_photos_added_again_replace_those_of_the_first_time(root: Path) -> None:
    service, before = GalleryService(root), content(root)
    first = service.add_photos("Ann", [b"1", b"2"])

    second = service.add_photos("Ann", [b"2", b"3"], replaced=first)

    assert sorted(path.read_bytes() for path in second.paths) == [b"2", b"3"]
    assert len(service.person("Ann").photos) == 4
    second.undo()
    assert content(root) == before


def test_photos_added_again_for_another_person_leave_the_first_one(root: Path) -> None:
    service, before = GalleryService(root), content(root)
    first = service.add_photos("Cleo", [b"1"])

    second = service.add_photos("Ann", [b"1"], replaced=first)

    assert names(root) == ["Ann", "Ben"]
    assert len(service.person("Ann").photos) == 3
    second.undo()
    assert content(root) == before


def test_a_change_that_fails_halfway_is_taken_back(root: Path, studio: Studio) -> None:
    before = content(root)
    in_the_way = root / "Ben" / ".aside"
    in_the_way.write_text("a file where a folder must be")

    for change in (quarantine_photo, lambda root, studio: GalleryService(root).merge("Ann", "Ben", studio.load(), OWN_L2)):
        with pytest.raises(GalleryError, match=r"no photo was moved|Ann is unchanged"):
            change(root, studio)

    in_the_way.unlink()
    assert content(root) == before


@pytest.mark.parametrize("name", ["Ann", "Cleo"])
def test_photos_that_cannot_all_be_saved_are_not_saved(root: Path, name: str) -> None:
    before = content(root)
    (root / name).mkdir(exist_ok=True)
    (root / name / f"{hashlib.sha256(b'2').hexdigest()[:16]}.jpg").symlink_to(root / "missing" / "file")

    with pytest.raises(GalleryError, match="cannot be saved"):
        GalleryService(root).add_photos(name, [b"1", b"2"])

    assert content(root) == before
    assert names(root) == ["Ann", "Ben"]


def test_a_removal_without_a_copy_cannot_be_undone(root: Path) -> None:
    removed = GalleryService(root).remove_person("Ann", keep_undo=False)

    with pytest.raises(GalleryError, match="the files of Ann were not kept"):
        removed.undo()


def test_the_journal_undoes_changes_one_by_one(root: Path, studio: Studio) -> None:
    before, journal = content(root), UndoJournal()
    for change in (remove_photo, reject_face):
        journal.record(change(root, studio))

    assert [journal.undo().kind, journal.undo().kind] == [ChangeKind.FACE_REJECTED, ChangeKind.PHOTOS_REMOVED]
    assert content(root) == before
    assert journal.last is None
    with pytest.raises(GalleryError, match="there is nothing to undo"):
        journal.undo()


def test_the_journal_keeps_a_change_whose_undo_failed(root: Path, studio: Studio) -> None:
    journal = UndoJournal()
    removed = journal.record(remove_photo(root, studio))
    (root / "Ann" / "1.png").write_bytes(b"another")

    with pytest.raises(GalleryError, match="another file now"):
        journal.undo()
    assert journal.last is removed
    (root / "Ann" / "1.png").unlink()

    assert journal.undo() is removed
    assert journal.last is None


def test_the_journal_drops_the_oldest_changes(root: Path, studio: Studio) -> None:
    journal = UndoJournal(limit=2)

    changes = [journal.record(GalleryService(root).rename("Ann", "Ann")) for _ in range(3)]

    assert journal.changes == tuple(changes[1:])


def test_undoing_the_first_photos_of_a_person_keeps_what_was_in_the_folder(root: Path) -> None:
    (root / "Cleo" / "2019").mkdir(parents=True)
    (root / "Cleo" / "2019" / "original.jpg").write_bytes(b"hers")
    (root / "Cleo" / "notes.txt").write_text("met in May", encoding="utf-8")
    before = content(root)

    GalleryService(root).add_photos("Cleo", [b"1"]).undo()

    assert content(root) == before
    assert names(root) == ["Ann", "Ben"]


def test_undoing_the_first_photos_of_a_person_keeps_other_quarantined_ones(root: Path) -> None:
    service = GalleryService(root)
    added = service.add_photos("Cleo", [b"1"])
    (root / "Cleo" / "other.jpg").write_bytes(b"other")
    service.quarantine([*added.paths, root / "Cleo" / "other.jpg"])

    added.undo()

    assert [photo.name for photo in service.restore().paths] == ["other.jpg"]
    assert [photo.name for photo in service.person("Cleo").photos] == ["other.jpg"]


def test_undoing_added_photos_keeps_the_same_photo_quarantined_before(root: Path) -> None:
    service = GalleryService(root)
    service.quarantine(service.add_photos("Ann", [b"1"]).paths)
    before = content(root)

    service.add_photos("Ann", [b"1"]).undo()

    assert content(root) == before


def test_a_new_person_without_rejected_faces_any_more_leaves_no_folder(root: Path) -> None:
    service = GalleryService(root)
    added = service.add_photos("Cleo", [b"1"])
    service.reject_face("Cleo", [b"a face"]).undo()

    added.undo()

    assert not (root / "Cleo").exists()


def test_quarantined_and_rejected_images_of_a_new_person_are_removed_by_undo(root: Path) -> None:
    service, before = GalleryService(root), content(root)
    added = service.add_photos("Cleo", [b"1", b"2"])
    service.reject_face("Cleo", [b"a face"])
    service.quarantine(added.paths[:1])

    added.undo()

    assert content(root) == before
    assert not (root / "Cleo").exists()


@pytest.fixture
def two_folders(root: Path) -> Path:
    """Gallery in which Ann has a second folder, with notes and a record of consent in its person.toml."""
    (root / "more").mkdir()
    own = to_toml(replace(PersonFile.new("Ann", "agreed in 2020"), person_id=GalleryService(root).person("Ann").person_id))
    (root / "more" / "person.toml").write_text(f"# a colleague\n{own}", encoding="utf-8")
    (root / "more" / f"{hashlib.sha256(b'1').hexdigest()[:16]}.jpg").write_bytes(b"1")
    return root


def test_a_photo_in_any_of_several_folders_is_not_added_again(two_folders: Path) -> None:
    before = content(two_folders)

    added = GalleryService(two_folders).add_photos("Ann", [b"1"])

    assert added.photos == 0
    assert content(two_folders) == before


def test_renaming_several_folders_is_undone_byte_for_byte(two_folders: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {path: file for path, (file, _) in content(two_folders).items()}

    before = contents()

    renamed = GalleryService(two_folders).rename("Ann", "Anna")
    assert names(two_folders) == ["Anna", "Ben"]
    renamed.undo()

    assert contents() == before


@contextmanager
def full_disk(file_bytes: int) -> Iterator[None]:
    """Let the writing of every file larger than this fail."""
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_rename_that_fails_in_one_folder_changes_no_other(two_folders: Path) -> None:
    with (two_folders / "more" / "person.toml").open("a", encoding="utf-8") as file:
        file.write("# a long story\n" * 1000)
    before = {path: file for path, (file, _) in content(two_folders).items()}

    with full_disk(10_000), pytest.raises(GalleryError, match=r"more cannot be changed: .*; Ann keeps the name"):
        GalleryService(two_folders).rename("Ann", "Anna")

    assert {path: file for path, (file, _) in content(two_folders).items()} == before


def test_a_damaged_person_file_is_not_overwritten_by_a_rename(root: Path) -> None:
    toml = root / "Ann" / "person.toml"
    toml.write_text('name = "Ann\nconsent = "agreed in 2020"', encoding="utf-8")
    before = content(root)

    with pytest.raises(GalleryError, match=r"Ann/person\.toml is damaged \(.*\): repair or delete it"):
        GalleryService(root).rename("Ann", "Anna")

    assert content(root) == before


def test_links_in_a_folder_stay_links(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.png").write_bytes(b"photo")
    link = root / "Ann" / "link.png"
    link.symlink_to(tmp_path / "elsewhere.png")
    (root / "Ann" / "album").symlink_to(tmp_path, target_is_directory=True)
    service = GalleryService(root)

    service.remove_person("Ann").undo()
    assert (link.is_symlink(), (root / "Ann" / "album").is_symlink()) == (True, True)
    removed = service.remove_photos([link])
    service.rename("Ann", "Anna")
    removed.undo()

    assert (root / "Anna" / "link.png").readlink() == tmp_path / "elsewhere.png"


def test_a_merge_moves_broken_links_too(root: Path, studio: Studio, tmp_path: Path) -> None:
    gallery = studio.load()
    (root / "Ann" / "broken.png").symlink_to(tmp_path / "missing")

    merged = GalleryService(root).merge("Ann", "Ben", gallery, OWN_L2)
    assert not (root / "Ann").exists()
    merged.undo()

    assert (root / "Ann" / "broken.png").is_symlink()


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that not even the administrator can read")
def test_a_file_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(GalleryError, match=r"/proc/self/mem cannot be kept for undo: .*; nothing was changed"):
        FileSnapshot.capture([Path("/proc/self/mem")])


def test_a_person_who_cannot_be_restored_completely_is_not_restored(root: Path) -> None:
    (root / "Ann" / "large.png").write_bytes(bytes(100_000))
    before = content(root)
    removed = GalleryService(root).remove_person("Ann")

    with full_disk(50_000), pytest.raises(GalleryError, match=r"gallery/Ann/.* cannot be restored: .*; free some space"):
        removed.undo()

    assert not (root / "Ann").exists()
    assert names(root) == ["Ben"]
    removed.undo()
    assert content(root) == before


def test_moving_photos_of_a_deleted_person_leaves_no_folder(root: Path) -> None:
    shutil.rmtree(root / "Ann")

    assert GalleryService(root).quarantine([root / "Ann" / "1.png"]).photos == 0

    assert not (root / "Ann").exists()


def spooled() -> bytes:
    """Return what the temporary files of this process contain; they have no names."""
    contents = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            if str(link.readlink()).startswith(f"{snapshots.spool_folder()}/"):
                contents.append(link.read_bytes())
    return b"".join(contents)


def contents(root: Path) -> dict[str, bytes]:
    """Return the content of every file except the caches and the lock."""
    return {path: file for path, (file, _) in content(root).items()}


@pytest.fixture
def no_memory(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let every snapshot go to disk, and return the folder of the temporary files."""
    monkeypatch.setattr(snapshots, "MAX_MEMORY_BYTES", 0)
    return snapshots.spool_folder()


def test_a_person_kept_on_disk_is_restored_byte_for_byte(root: Path, no_memory: Path) -> None:
    (root / "Ann" / "large.png").write_bytes(os.urandom(9_000_000))
    before = content(root)

    removed = GalleryService(root).remove_person("Ann")
    assert snapshots._spool.disk_bytes > 9_000_000
    removed.undo()

    assert content(root) == before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at the process's open files")
def test_removed_photos_on_disk_have_no_name_and_cannot_be_read(root: Path, no_memory: Path) -> None:
    secret = b"the face of Ann" * 1000
    (root / "Ann" / "secret.png").write_bytes(secret)

    removed = GalleryService(root).remove_person("Ann")

    assert list(no_memory.iterdir()) == []
    assert len(spooled()) > len(secret)
    assert b"the face of Ann" not in spooled()
    assert b"\x89PNG" not in spooled()
    del removed
    assert spooled() == b""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at the process's open files")
def test_small_snapshots_stay_in_memory_and_large_ones_do_not(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "MAX_MEMORY_BYTES", snapshots._spool.memory_bytes + 100_000)
    (root / "Ben" / "large.png").write_bytes(os.urandom(1_000_000))

    ann = GalleryService(root).remove_person("Ann")
    assert spooled() == b""
    ben = GalleryService(root).remove_person("Ben")
    assert len(spooled()) > 1_000_000
    del ann, ben

    assert spooled() == b""


def test_beyond_the_limit_on_disk_the_oldest_snapshot_is_dropped(
    root: Path, no_memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "MAX_DISK_BYTES", snapshots._spool.disk_bytes + 1_500_000)
    journal, service, people = UndoJournal(), GalleryService(root), ["Ann", "Ben"]
    for name in people:
        (root / name / "large.png").write_bytes(os.urandom(1_000_000))
    before = content(root)

    for name in people:
        journal.record(service.remove_person(name))
    assert journal.undo().person.name == "Ben"
    with pytest.raises(ChangeExpiredError, match="later changes needed the space"):
        journal.undo()

    assert journal.last is None
    assert content(root) == {path: file for path, file in before.items() if path.startswith("Ben/")}


def test_a_damaged_copy_on_disk_restores_nothing(root: Path, no_memory: Path) -> None:
    removed = GalleryService(root).remove_person("Ann")
    (store,) = snapshots._spool.on_disk.values()
    assert store._file is not None
    store._file.seek(20)
    store._file.write(b"\0\0\0\0")
    store._file.flush()

    with pytest.raises(ChangeExpiredError, match="their copy for undo is damaged"):
        removed.undo()

    assert not (root / "Ann").exists()


def test_a_removal_without_space_for_its_copy_changes_nothing(root: Path, no_memory: Path) -> None:
    (root / "Ann" / "large.png").write_bytes(bytes(100_000))
    before = content(root)

    with full_disk(50_000), pytest.raises(GalleryError, match=r"large\.png cannot be kept for undo: .*; nothing was changed"):
        GalleryService(root).remove_person("Ann")

    assert content(root) == before


_KILLED_WITH_UNDO = """
import os, signal, sys
from pathlib import Path
from facecam.gallery import snapshots
from facecam.gallery.service import GalleryService
snapshots.MAX_MEMORY_BYTES = 0
removed = GalleryService(Path(sys.argv[1])).remove_person("Ann")
assert snapshots._spool.disk_bytes > 0
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_killed_program_leaves_no_copies(root: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED_WITH_UNDO, root], timeout=60, check=False)

    assert done.returncode == -signal.SIGKILL
    assert list(snapshots.spool_folder().iterdir()) == []


def test_a_new_journal_deletes_what_a_power_cut_left() -> None:
    old, new = snapshots.spool_folder() / "tmp0ld_file", snapshots.spool_folder() / "tmpnew_file"
    other = snapshots.spool_folder() / "notes.txt"  # $FACECAM_CACHE can name a folder with other files
    old.parent.mkdir(parents=True, exist_ok=True)
    for path in (old, other):
        path.write_bytes(b"noise")
        os.utime(path, (0, 0))
    new.touch()

    UndoJournal()

    assert (old.exists(), new.exists(), other.exists()) == (False, True, True)
    new.unlink()


@pytest.mark.parametrize("change", [*CHANGES, "rename", "remove", "enroll"])
def test_a_change_is_redone_and_undone_again(root: Path, studio: Studio, change: Change | str) -> None:
    def make() -> GalleryChange:
        service = GalleryService(root)
        if change == "rename":
            return service.rename("Ann", "Anna")
        if change == "remove":
            return service.remove_person("Ann")
        if change == "enroll":
            return service.add_photos("Cleo", [b"1", b"2"], "agreed")
        assert not isinstance(change, str)
        return change(root, studio)

    if change is merge_into_ann:
        studio.save(root / "Ann" / ".negatives" / "it is Ben.png", GREEN)
    journal, before = UndoJournal(), contents(root)
    journal.record(make())
    after = contents(root)

    for _ in range(2):
        journal.undo()
        assert contents(root) == before
        redone = journal.redo()
        assert contents(root) == after

    assert (journal.last, journal.last_undone) == (redone, None)
    journal.undo()
    assert contents(root) == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_redone_after_a_rename(root: Path, studio: Studio, change: Change) -> None:
    journal, service = UndoJournal(), GalleryService(root)
    journal.record(change(root, studio))
    after = {path.replace("Ann/", "Anna/"): file for path, file in contents(root).items() if path != "Ann/person.toml"}
    journal.undo()
    service.rename("Ann", "Anna")

    journal.redo()

    assert {path: file for path, file in contents(root).items() if path != "Anna/person.toml"} == after


def test_a_new_change_ends_the_redo(root: Path, studio: Studio) -> None:
    journal = UndoJournal()
    journal.record(remove_photo(root, studio))
    journal.undo()
    journal.record(reject_face(root, studio))

    assert journal.last_undone is None
    with pytest.raises(GalleryError, match="there is nothing to redo"):
        journal.redo()


def test_a_failed_redo_keeps_its_entry(root: Path, studio: Studio) -> None:
    journal = UndoJournal()
    journal.record(GalleryService(root).rename("Ann", "Anna"))
    journal.undo()
    GalleryService(root).add_photos("Anna", [b"another Anna"])

    with pytest.raises(GalleryError, match="Anna is enrolled already"):
        journal.redo()
    GalleryService(root).remove_person("Anna")

    assert journal.redo().name == "Anna"


def test_the_journal_skips_a_change_that_can_never_be_undone(root: Path, studio: Studio) -> None:
    journal, service, before = UndoJournal(), GalleryService(root), content(root)
    journal.record(remove_photo(root, studio))
    journal.record(service.add_photos("Cleo", [b"1"]))
    service.remove_person("Cleo")

    with pytest.raises(ChangeExpiredError, match="Cleo is not enrolled any more"):
        journal.undo()

    assert journal.undo().kind is ChangeKind.PHOTOS_REMOVED
    assert content(root) == before


def test_while_the_gallery_is_away_every_entry_is_kept(root: Path, studio: Studio) -> None:
    journal, before = UndoJournal(), content(root)
    journal.record(remove_photo(root, studio))
    journal.record(GalleryService(root).remove_person("Ben"))
    away = root.rename(root.with_name("away"))

    for _ in range(2):
        with pytest.raises(GalleryError, match="does not exist now: make it available"):
            journal.undo()
    assert not root.exists()
    away.rename(root)
    journal.undo()
    journal.undo()

    assert content(root) == before


def test_while_a_persons_file_is_damaged_the_entry_is_kept(root: Path, studio: Studio) -> None:
    journal, toml = UndoJournal(), root / "Ann" / "person.toml"
    journal.record(remove_photo(root, studio))
    whole = toml.read_bytes()
    toml.write_bytes(whole[:40])

    with pytest.raises(GalleryError, match=r"Ann/person\.toml cannot be used \(.*\): repair it, then try again"):
        journal.undo()
    toml.write_bytes(whole)

    assert journal.undo().kind is ChangeKind.PHOTOS_REMOVED
    assert (root / "Ann" / "1.png").exists()


@contextmanager
def undeletable(folder: Path) -> Iterator[None]:
    """Let the files in a folder be undeletable, while the folder can be renamed with the one it is in."""
    if os.name == "nt" or (os.geteuid() == 0 and shutil.which("chattr") is None):
        pytest.skip("this user can delete everything")

    def protect(on: bool) -> None:
        for path in (root for root in folder.parent.parent.rglob(folder.name)):
            if os.geteuid() != 0:
                path.chmod(0o500 if on else 0o700)
            elif subprocess.run(["chattr", "+i" if on else "-i", *path.iterdir()], capture_output=True, check=False).returncode:
                pytest.skip("the file system has no immutable files")

    protect(True)
    try:
        yield
    finally:
        protect(False)


@pytest.mark.skipif(not shutil.which("chattr") or os.geteuid() != 0, reason="needs files that cannot be moved")
def test_of_two_photos_neither_is_removed_if_the_second_is_locked(root: Path) -> None:
    photos, before = [root / "Ann" / "1.png", root / "Ann" / "2.png"], content(root)
    if subprocess.run(["chattr", "+i", photos[1]], capture_output=True, check=False).returncode:
        pytest.skip("the file system has no immutable files")
    try:
        with pytest.raises(GalleryError, match=r"2\.png cannot be deleted: .*; no photo was deleted"):
            GalleryService(root).remove_photos(photos)
    finally:
        subprocess.run(["chattr", "-i", photos[1]], check=True)

    assert content(root) == before


def test_a_removal_that_leaves_a_file_says_so_and_can_be_undone(root: Path) -> None:
    (root / "Ann" / "private").mkdir()
    (root / "Ann" / "private" / "locked.png").write_bytes(b"locked")
    before = content(root)

    with undeletable(root / "Ann" / "private"):
        removed = GalleryService(root).remove_person("Ann")
        assert names(root) == ["Ben"]
        assert [path.name[:7] for path in removed.leftovers] == [".trash-"]
        removed.undo()
        assert {path: file for path, file in content(root).items() if not path.startswith(".trash-")} == before

    GalleryService(root).rename("Ben", "Benjamin")
    assert not list(root.glob(".trash-*")), "the next change deletes what was left"
