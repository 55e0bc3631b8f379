"""Encrypted galleries: every change gives the same people as in a plain one, and nothing on disk can be read without the key."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import facecam
from facecam.enrollment.transfer import export_gallery
from facecam.errors import ChangeExpiredError, GalleryError, LockedGalleryError, WrongPassphraseError
from facecam.fileio import MAX_TEXT_BYTES, cache_dir
from facecam.gallery import encryption
from facecam.gallery.conversion import change_passphrase, decrypt_gallery, encrypt_gallery, forget_missing
from facecam.gallery.encryption import HEADER_FILE, MANIFEST_FILE, EncryptedFileError, GalleryKey, is_opaque, remember_key
from facecam.gallery.files import encryption_key, is_encrypted, is_locked, read_gallery_file, read_gallery_image, unlock_gallery
from facecam.gallery.folder_lock import LOCK_FILE
from facecam.gallery.gallery import Gallery, folder_fingerprint, leave_locked
from facecam.gallery.people import PERSON_FILE, read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.service import GalleryService
from facecam.gallery.verify import verify_gallery
from facecam.imageio import MAX_FILE_BYTES
from tests.color_reader import ColorAnalyzer, Studio
from tests.gallery.gallery_processes import CHANGES, REDO, UNDO, make_gallery, prepare, state_of

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of galleries made here
RED, GREEN, BLUE = (30, 30, 220), (30, 220, 30), (220, 30, 30)
MADE = [change for change in CHANGES if "Eve" not in change and change not in ("read", "merge Ben into Ann")]
CHANGED = [*MADE, *(prefix + change for prefix in (UNDO, REDO) for change in MADE if change != "import a person")]


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    yield
    encryption.forget_keys()


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, GalleryKey]:
    """A plain gallery, the same one encrypted, and its key, from which a test need not derive it again."""
    folder = tmp_path_factory.mktemp("templates")
    make_gallery(folder / "plain")
    shutil.copytree(folder / "plain", folder / "encrypted")
    encrypt_gallery(folder / "encrypted", PASSPHRASE)
    key = encryption_key(folder / "encrypted")
    assert key is not None
    return folder / "plain", folder / "encrypted", key


@pytest.fixture
def plain(templates: tuple[Path, Path, GalleryKey], tmp_path: Path) -> Path:
    return Path(shutil.copytree(templates[0], tmp_path / "plain"))


@pytest.fixture
def encrypted(templates: tuple[Path, Path, GalleryKey], tmp_path: Path) -> Path:
    root = Path(shutil.copytree(templates[1], tmp_path / "encrypted"))
    remember_key(templates[2])
    return root


def tree(root: Path) -> dict[str, tuple[bytes, int]]:
    """Return content and time of every file that is not the lock."""
    files = (path for path in root.rglob("*") if path.is_file() and path.name != LOCK_FILE)
    return {path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def quarantined(root: Path) -> list[bytes]:
    return sorted(read_gallery_file(path, MAX_FILE_BYTES) for paths in quarantine_sets(root).values() for path in paths)


def assert_unreadable(root: Path, *needles: bytes) -> None:
    """Check that all names are opaque, and that no file has one of these contents, a JPEG or a TOML file."""
    for path in (path for path in root.rglob("*") if path.name != LOCK_FILE):
        assert all(is_opaque(name) for name in path.relative_to(root).parts), path
        if path.is_file() and path.name != HEADER_FILE:
            data = path.read_bytes()
            assert data.startswith(b"FACECAM\x01")
            assert not any(needle in data for needle in (b"agreed", b"person_id", b"\xff\xd8\xff", bytes(64), *needles)), path
    assert not (root / ".journal").exists()


def test_encrypting_hides_names_and_contents_and_decrypting_restores_every_file(plain: Path) -> None:
    (plain / "Cleo" / "notes.txt").write_text("what nobody else may read")
    (plain / "Ann" / "2020").mkdir()
    (plain / "Ann" / "2020" / "party.jpg").write_bytes(b"\xff\xd8\xff" + bytes(500))
    os.utime(plain / "Cleo" / "1.jpg", ns=(10**18, 10**18))
    before, people = tree(plain), state_of(plain)

    done = encrypt_gallery(plain, PASSPHRASE)

    assert (done.people, done.files, done.leftovers) == (3, len(before), ())
    assert_unreadable(plain, *(person.person_id.encode() for person in read_people(plain).people))
    assert state_of(plain) == people
    decrypt_gallery(plain, PASSPHRASE)
    assert tree(plain) == before


@pytest.mark.parametrize("change", CHANGED)
def test_a_change_gives_the_same_people_as_in_a_plain_gallery(change: str, plain: Path, encrypted: Path) -> None:
    for root in (plain, encrypted):
        prepare(root, change)()

    assert state_of(encrypted) == state_of(plain)
    assert quarantined(encrypted) == quarantined(plain)
    assert_unreadable(encrypted)
    decrypt_gallery(encrypted)
    assert state_of(encrypted) == state_of(plain)
    if change != UNDO + "rename two folders":  # which takes the folders' own names with it
        assert sorted(folder.name for folder in encrypted.iterdir()) == sorted(folder.name for folder in plain.iterdir())


def test_the_same_photo_enrolled_again_after_encryption_stays_one_photo(plain: Path) -> None:
    jpeg = b"Ann 1" + bytes(4000)
    encrypt_gallery(plain, PASSPHRASE)

    change = GalleryService(plain).add_photos("Ann", [jpeg])

    assert change.photos == 0
    assert len(GalleryService(plain).person("Ann").photos) == 4


def test_a_renamed_person_gets_the_new_name_as_folder_when_the_gallery_is_decrypted(encrypted: Path) -> None:
    GalleryService(encrypted).rename("Ben", "Benjamin")

    decrypt_gallery(encrypted)

    assert (encrypted / "Benjamin" / PERSON_FILE).is_file()
    assert not (encrypted / "Ben").exists()


def test_people_known_by_their_folder_keep_name_and_id(studio: Studio) -> None:
    studio.save(studio.root / "Dora Doe" / "a.jpg", RED)
    person = read_people(studio.root).people[0]

    encrypt_gallery(studio.root, PASSPHRASE)

    assert [(one.name, one.person_id) for one in read_people(studio.root).people] == [("Dora Doe", person.person_id)]


def test_a_removal_before_encryption_is_undone_without_plain_names(plain: Path) -> None:
    removed = GalleryService(plain).remove_person("Ann")
    before = state_of(plain)
    encrypt_gallery(plain, PASSPHRASE)

    removed.undo()

    assert len(state_of(plain)) == len(before) + 1
    assert_unreadable(plain)


def test_a_change_that_would_bring_a_name_back_is_refused(plain: Path) -> None:
    merged = CHANGES["merge"](plain)()
    encrypt_gallery(plain, PASSPHRASE)

    with pytest.raises(ChangeExpiredError):
        merged.undo()

    assert_unreadable(plain)


# What an attacker or a failing disk can do.


def first_photo(root: Path, name: str) -> Path:
    return GalleryService(root).person(name).photos[0]


def reason_of(path: Path) -> str:
    with pytest.raises(EncryptedFileError) as error:
        read_gallery_file(path, MAX_FILE_BYTES)
    return error.value.reason


def test_a_wrong_passphrase_is_told_apart_from_a_damaged_header(encrypted: Path) -> None:
    encryption.forget_keys()
    with pytest.raises(WrongPassphraseError, match="is wrong"):
        unlock_gallery(encrypted, "another one")

    header = encrypted / HEADER_FILE
    header.write_text(header.read_text().replace('salt = "', 'salt = "00'))

    with pytest.raises(GalleryError, match="is damaged") as error:
        unlock_gallery(encrypted, PASSPHRASE)
    assert not isinstance(error.value, WrongPassphraseError)


def test_a_header_cannot_demand_more_than_512_mb(encrypted: Path) -> None:
    header = encrypted / HEADER_FILE
    header.write_text(header.read_text().replace("n = 131072", f"n = {2**30}"))
    encryption.forget_keys()

    with pytest.raises(GalleryError, match="is damaged"):
        unlock_gallery(encrypted, PASSPHRASE)


@pytest.mark.parametrize("change", [{"n": 1}, {"p": 16}, {"kdf": "none"}, {"salt": 1}])
def test_a_header_that_facecam_has_not_written_is_damaged(encrypted: Path, change: dict[str, object]) -> None:
    path = encrypted / HEADER_FILE
    values = {**tomllib.loads(path.read_text(encoding="utf-8")), **change}
    del values["checksum"]
    values["checksum"] = encryption._checksum(values)
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()), encoding="utf-8")
    encryption.forget_keys()

    with pytest.raises(GalleryError, match="is damaged"):
        unlock_gallery(encrypted, PASSPHRASE)


def test_no_plain_person_is_added_to_an_encrypted_gallery_whose_header_is_missing(encrypted: Path) -> None:
    (encrypted / HEADER_FILE).unlink()
    before = tree(encrypted)

    with pytest.raises(GalleryError, match="is missing, so the gallery cannot be decrypted or changed"):
        GalleryService(encrypted).add_photos("Eve", [b"a photo"])

    assert tree(encrypted) == before


@pytest.mark.parametrize("length", [1, 30, 59, 60, 500])
def test_a_photo_cut_off_anywhere_is_called_truncated(encrypted: Path, length: int) -> None:
    photo = first_photo(encrypted, "Ben")
    photo.write_bytes(photo.read_bytes()[:length])

    assert reason_of(photo) == "file_truncated"


@pytest.mark.parametrize("position", [25, 48, 70, -1])
def test_one_changed_byte_is_recognized(encrypted: Path, position: int) -> None:
    photo = first_photo(encrypted, "Ben")
    data = bytearray(photo.read_bytes())
    data[position] ^= 1
    photo.write_bytes(data)

    assert reason_of(photo) == "file_altered"


def test_swapped_photos_are_recognized(encrypted: Path) -> None:
    ann, ben = first_photo(encrypted, "Ann"), first_photo(encrypted, "Ben")
    ann_data, ben_data = ann.read_bytes(), ben.read_bytes()
    ann.write_bytes(ben_data)
    ben.write_bytes(ann_data)

    assert (reason_of(ann), reason_of(ben)) == ("file_swapped", "file_swapped")


def test_swapped_person_files_cannot_exchange_identities(encrypted: Path) -> None:
    ann, ben = (GalleryService(encrypted).person(name).folders[0] / PERSON_FILE for name in ("Ann", "Ben"))
    ann_data, ben_data = ann.read_bytes(), ben.read_bytes()
    ann.write_bytes(ben_data)
    ben.write_bytes(ann_data)

    found = read_people(encrypted)

    assert [person.name for person in found.people] == ["Cleo"]
    assert [problem.reason for problem in found.problems] == ["file_swapped", "file_swapped"]


def test_a_copy_of_a_photo_at_another_place_is_recognized(encrypted: Path) -> None:
    photo = first_photo(encrypted, "Ben")
    copy = GalleryService(encrypted).person("Ann").folders[0] / photo.name
    shutil.copy(photo, copy)

    assert reason_of(copy) == "file_swapped"


def test_an_older_version_of_a_file_is_recognized(encrypted: Path) -> None:
    service = GalleryService(encrypted)
    file = service.person("Ben").folders[0] / PERSON_FILE
    older = file.read_bytes()
    service.record_consent("Ben", "a new agreement")
    file.write_bytes(older)

    assert reason_of(file) == "file_replayed"


def test_a_removed_photo_that_comes_back_is_recognized(encrypted: Path) -> None:
    photo = first_photo(encrypted, "Ann")
    data = photo.read_bytes()
    GalleryService(encrypted).remove_photos([photo])
    photo.write_bytes(data)

    assert reason_of(photo) == "file_replayed"


def test_a_file_of_another_gallery_is_recognized(encrypted: Path, plain: Path) -> None:
    encrypt_gallery(plain, PASSPHRASE)
    photo = first_photo(encrypted, "Ben")
    shutil.copy(first_photo(plain, "Ann"), photo)

    assert reason_of(photo) == "file_foreign"


def test_a_plain_file_is_recognized_and_never_used(encrypted: Path) -> None:
    photo = first_photo(encrypted, "Ben")
    photo.write_bytes(b"\xff\xd8\xff" + bytes(1000))

    assert reason_of(photo) == "file_not_encrypted"


def test_missing_files_are_problems_until_they_are_taken_off_the_list(encrypted: Path) -> None:
    photo, file = first_photo(encrypted, "Ann"), GalleryService(encrypted).person("Ben").folders[0] / PERSON_FILE
    photo.unlink()
    file.unlink()

    found = read_people(encrypted)

    assert {(problem.path, problem.reason) for problem in found.problems} == {(photo, "file_missing"), (file, "file_missing")}
    assert [person.name for person in found.people] == ["Ann", "Cleo"]
    assert set(forget_missing(encrypted)) == {photo, file}
    assert read_people(encrypted).problems == ()


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1])])
def test_without_the_list_of_files_nobody_is_loaded(encrypted: Path, damage: Callable[[Path], object]) -> None:
    damage(encrypted / MANIFEST_FILE)

    with pytest.raises(GalleryError, match="is missing or damaged"):
        read_people(encrypted)


def test_without_the_header_the_files_are_not_taken_for_photos(encrypted: Path) -> None:
    (encrypted / HEADER_FILE).unlink()

    found = read_people(encrypted)

    assert found.people == ()
    assert {problem.reason for problem in found.problems} == {"header_missing"}


def test_a_damaged_file_stops_decryption_and_can_be_removed_first(encrypted: Path) -> None:
    photo = first_photo(encrypted, "Ann")
    photo.write_bytes(photo.read_bytes()[:-1])
    before = tree(encrypted)

    with pytest.raises(GalleryError, match="cut off"):
        decrypt_gallery(encrypted)

    assert tree(encrypted) == before
    GalleryService(encrypted).remove_photos([photo])
    decrypt_gallery(encrypted)
    assert len(GalleryService(encrypted).person("Ann").photos) == 3


# Locked galleries and passphrases.


def test_a_locked_gallery_can_neither_be_read_nor_changed(encrypted: Path) -> None:
    photo, before = first_photo(encrypted, "Ann"), tree(encrypted)
    encryption.forget_keys()

    assert is_locked(encrypted)
    assert reason_of(photo) == "gallery_locked"
    with pytest.raises(LockedGalleryError):
        read_people(encrypted)
    with pytest.raises(LockedGalleryError):
        GalleryService(encrypted).add_photos("Dora", [b"new"])
    assert tree(encrypted) == before


def test_a_gallery_that_is_left_locked_loads_without_people(encrypted: Path) -> None:
    encryption.forget_keys()
    locked = folder_fingerprint(encrypted)
    with pytest.raises(LockedGalleryError):
        Gallery.load(encrypted, ColorAnalyzer())

    leave_locked(encrypted)

    assert [problem.reason for problem in Gallery.load(encrypted, ColorAnalyzer()).problems] == ["gallery_locked"]
    unlock_gallery(encrypted, PASSPHRASE)
    assert len(Gallery.load(encrypted, ColorAnalyzer()).people) == 3
    assert folder_fingerprint(encrypted) != locked


def test_a_new_passphrase_replaces_the_old_one(encrypted: Path) -> None:
    files = tree(encrypted)
    change_passphrase(encrypted, "five other random words")
    encryption.forget_keys()

    with pytest.raises(WrongPassphraseError):
        unlock_gallery(encrypted, PASSPHRASE)
    unlock_gallery(encrypted, "five other random words")
    assert len(state_of(encrypted)) == 3
    photos = {name for name in files if name.endswith(".jpg")}
    assert {name: tree(encrypted)[name] for name in photos} == {name: files[name] for name in photos}


def test_a_short_passphrase_is_refused(plain: Path) -> None:
    with pytest.raises(GalleryError, match="use at least 8"):
        encrypt_gallery(plain, "seven77")
    assert not is_encrypted(plain)


def test_an_encrypted_gallery_is_not_encrypted_again(encrypted: Path, plain: Path) -> None:
    with pytest.raises(GalleryError, match="encrypted already"):
        encrypt_gallery(encrypted, PASSPHRASE)
    with pytest.raises(GalleryError, match="is not encrypted"):
        decrypt_gallery(plain)


def test_a_gallery_with_a_link_is_not_encrypted(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (plain / "Dora").symlink_to(tmp_path / "elsewhere")
    before = tree(plain)

    with pytest.raises(GalleryError, match="is a link"):
        encrypt_gallery(plain, PASSPHRASE)

    assert tree(plain) == before


def test_a_gallery_with_a_damaged_person_file_is_not_encrypted(plain: Path) -> None:
    (plain / "Ben" / PERSON_FILE).write_text("damaged")

    with pytest.raises(GalleryError, match="repair or delete it"):
        encrypt_gallery(plain, PASSPHRASE)

    assert not is_encrypted(plain)


def test_a_header_keeps_the_key_only_encrypted(encrypted: Path) -> None:
    key = encryption_key(encrypted)
    assert key is not None

    for path in encrypted.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert key.key not in data
            assert key.key.hex().encode() not in data


# Photos that are images: loading, the cache, verification, transfer.


@pytest.fixture
def people_of_color(studio: Studio) -> Studio:
    for name, color in (("Ann", RED), ("Ben", GREEN), ("Cleo", BLUE)):
        studio.save(studio.root / name / "first.png", color)
        studio.save(studio.root / name / "second.png", color, size=50)
        GalleryService(studio.root).record_consent(name, "agreed")
    return studio


def test_encrypting_and_decrypting_keeps_the_cached_embeddings(people_of_color: Studio) -> None:
    before = people_of_color.load()
    analyzed = people_of_color.reader.images_analyzed

    encrypt_gallery(people_of_color.root, PASSPHRASE)
    encrypted = people_of_color.load()
    decrypt_gallery(people_of_color.root)
    after = people_of_color.load()

    assert people_of_color.reader.images_analyzed == analyzed
    for gallery in (encrypted, after):
        assert sorted(sample.name for sample in gallery.samples) == sorted(sample.name for sample in before.samples)
    assert before.revision == after.revision != encrypted.revision


def test_the_cache_of_an_encrypted_gallery_is_encrypted_too(people_of_color: Studio) -> None:
    encrypt_gallery(people_of_color.root, PASSPHRASE)
    gallery = people_of_color.load()

    caches = [path.read_bytes() for path in cache_dir().rglob("*.embeddings")]

    assert caches
    rows = [sample.embedding.astype(np.float32).tobytes()[:24] for sample in gallery.samples]
    ours = [data for data in caches if data.startswith(b"FACECAM\x01")]
    assert ours
    assert not any(row in data for row in rows for data in ours)
    encryption.forget_keys()
    unlock_gallery(people_of_color.root, PASSPHRASE)
    analyzed = people_of_color.reader.images_analyzed
    people_of_color.load()
    assert people_of_color.reader.images_analyzed == analyzed


def test_a_swapped_photo_is_noticed_although_its_embedding_is_cached(people_of_color: Studio) -> None:
    root = people_of_color.root
    encrypt_gallery(root, PASSPHRASE)
    people_of_color.load()
    ann, ben = first_photo(root, "Ann"), first_photo(root, "Ben")
    ann.rename(root / "x")
    ben.rename(ann)
    (root / "x").rename(ben)

    loaded = people_of_color.load()

    assert [problem.reason for problem in loaded.problems] == ["file_swapped", "file_swapped"]
    assert {sample.photo for sample in loaded.samples}.isdisjoint({ann, ben})


def test_verification_tells_the_faults_of_encrypted_files_apart(people_of_color: Studio) -> None:
    root = people_of_color.root
    encrypt_gallery(root, PASSPHRASE)
    photos = [photo for person in read_people(root).people for photo in person.photos]
    photos[0].write_bytes(photos[0].read_bytes()[:-1])
    shutil.copy(photos[3], photos[1])
    photos[2].unlink()

    result = verify_gallery(root, people_of_color.reader, "")

    assert {fault.path: fault.reason for fault in result.faults} == {
        photos[0]: "file_truncated",
        photos[1]: "file_swapped",
        photos[2]: "file_missing",
    }


def test_an_export_of_an_encrypted_gallery_is_that_of_the_plain_one(people_of_color: Studio, tmp_path: Path) -> None:
    export_gallery(people_of_color.root, tmp_path / "plain")
    encrypt_gallery(people_of_color.root, PASSPHRASE)

    export_gallery(people_of_color.root, tmp_path / "encrypted")

    assert {name.split("/")[0] for name in tree(tmp_path / "encrypted")} == {"Ann", "Ben", "Cleo"}
    contents = [sorted(data for data, _ in tree(tmp_path / form).values()) for form in ("plain", "encrypted")]
    assert contents[0] == contents[1]


def test_photos_are_decoded_in_memory(people_of_color: Studio) -> None:
    expected = read_gallery_image(people_of_color.root / "Ann" / "first.png")
    encrypt_gallery(people_of_color.root, PASSPHRASE)

    images = [read_gallery_image(photo) for photo in GalleryService(people_of_color.root).person("Ann").photos]

    assert any(np.array_equal(image, expected) for image in images)


def test_undo_of_a_removal_restores_encrypted_files(people_of_color: Studio) -> None:
    root = people_of_color.root
    encrypt_gallery(root, PASSPHRASE)
    before = state_of(root)

    GalleryService(root).remove_person("Ann").undo()

    assert state_of(root) == before
    assert_unreadable(root, b"PNG")


def test_person_files_of_an_encrypted_gallery_are_read_within_their_limit(encrypted: Path) -> None:
    file = GalleryService(encrypted).person("Ann").folders[0] / PERSON_FILE

    assert b'name = "Ann"' in read_gallery_file(file, MAX_TEXT_BYTES)
    with pytest.raises(OSError, match="more than"):
        read_gallery_file(file, 10)


def test_problems_can_be_stored_as_json(encrypted: Path) -> None:
    photo = first_photo(encrypted, "Ann")
    photo.write_bytes(photo.read_bytes()[:-1])
    with pytest.raises(EncryptedFileError) as error:
        read_gallery_file(photo, MAX_FILE_BYTES)

    assert "cut off" in json.dumps(error.value.strerror)


def test_the_program_in_the_documentation_decrypts_a_gallery_without_facecam(encrypted: Path, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "guides" / "gallery.md").read_text(encoding="utf-8")
    found = re.search(r"### Read it without facecam.*?```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    program = found[1]
    assert len(program.splitlines()) <= 30
    assert "import facecam" not in program
    (tmp_path / "decrypt.py").write_text(program, encoding="utf-8")
    before, renamed = state_of(encrypted), tmp_path / "output"

    subprocess.run(
        [sys.executable, "-P", tmp_path / "decrypt.py", encrypted, renamed],
        input=PASSPHRASE + "\n",
        text=True,
        check=True,
        capture_output=True,
        start_new_session=True,  # without a terminal, the passphrase is read from stdin
    )

    assert state_of(renamed) == before


def test_unlocking_a_gallery_in_the_documented_interface(encrypted: Path) -> None:
    encryption.forget_keys()

    facecam.unlock_gallery(encrypted, PASSPHRASE)

    assert not is_locked(encrypted)


def test_readers_see_no_fault_while_an_encrypted_gallery_changes(encrypted: Path) -> None:
    service, ended, faults = GalleryService(encrypted), threading.Event(), list[str]()

    def read() -> None:
        while not ended.is_set():
            found = read_people(encrypted)
            faults.extend(problem.reason for problem in found.problems)
            for photo in (photo for person in found.people for photo in person.photos):
                try:
                    read_gallery_file(photo, MAX_FILE_BYTES)
                except FileNotFoundError:  # moved since
                    continue
                except EncryptedFileError as error:
                    faults.append(error.reason)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        for number in range(8):
            service.add_photos("Dora", [b"Dora %d" % number])
            service.rename("Ben", f"Ben {number}").undo()
            service.quarantine(service.person("Ann").photos[:2])
            service.restore()
            service.remove_person("Dora")
    finally:
        ended.set()
        thread.join()
    assert faults == []
