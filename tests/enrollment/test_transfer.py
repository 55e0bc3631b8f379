"""Import and export: nothing is lost, added twice or written outside of the gallery."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import warnings
import zipfile
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facecam.enrollment import transfer
from facecam.enrollment.enroll import EnrollmentOptions, PhotoVerdict
from facecam.enrollment.transfer import Importer, export_gallery, open_import
from facecam.errors import GalleryError, OutputError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import PersonFile, read_people, to_toml
from facecam.gallery.service import GalleryService
from facecam.gallery.transaction import JOURNAL_FILE
from facecam.imageio import IMAGE_SUFFIXES, MAX_FILE_BYTES, list_images
from tests.color_reader import SELECTION
from tests.image_samples import odd_photos

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)


def take(source: Path, target: Path, reader, choose=None) -> list[PhotoVerdict]:
    """Import `source` into the gallery at `target`."""
    importer = Importer(Gallery.load(target, reader), reader, EnrollmentOptions(SELECTION, choose=choose))
    with open_import(source) as found:
        return [verdict for verdicts in importer.import_people(found.people) for verdict in verdicts]


def outcome(verdicts: list[PhotoVerdict]) -> dict[str, str]:
    return {verdict.path.name: verdict.reason for verdict in verdicts}


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)
    return path


def enroll_file(folder: Path, file: PersonFile) -> None:
    """Write a person.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "person.toml").write_text(to_toml(file), encoding="utf-8")


class RawInfo(zipfile.ZipInfo):
    """Entry whose name is stored as these bytes, without the flag for UTF-8."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw.decode("latin-1"))
        self.raw = raw

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile calls it
        return self.raw, self.flag_bits & ~0x800


def packed_raw(path: Path, content: bytes, *names: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name in names:
            package.writestr(RawInfo(name), content)
    return path


def people_in(source: Path) -> dict[str, list[str]]:
    """Return the file names of each person's photos."""
    with open_import(source) as found:
        return {person.name: [photo.file_name for photo in person.photos] for person in found.people}


def left_out(source: Path) -> dict[str, str]:
    with open_import(source) as found:
        return {file.label: file.reason for file in found.left_out}


@pytest.fixture
def filled(studio):
    """Two people, one in another script, with a cache, a quarantined photo and a rejected face."""
    for name in ("Ada Lovelace", "美智子"):
        enroll_file(studio.root / name, PersonFile.new(name))
    for number in range(3):
        studio.save(studio.root / "Ada Lovelace" / f"{number}.png", (0, 30 * number, 255))
    studio.save(studio.root / "美智子" / "one.png", GREEN)
    studio.load()
    GalleryService(studio.root).quarantine([studio.save(studio.root / "Ada Lovelace" / "aside.png", BLUE)])
    studio.save(studio.root / "Ada Lovelace" / ".negatives" / "not her.png", BLUE)
    return studio


@pytest.mark.parametrize("name", ["gallery.zip", "gallery-copy"])
def test_an_export_is_imported_byte_for_byte(filled, tmp_path: Path, name: str) -> None:
    export_gallery(filled.root, tmp_path / name)

    verdicts = take(tmp_path / name, tmp_path / "elsewhere", filled.reader)

    assert set(outcome(verdicts).values()) == {"ok"}
    assert {path: data for path, data in files(tmp_path / "elsewhere").items() if not path.startswith(".")} == {
        path: data for path, data in files(filled.root).items() if not path.startswith(".") and "/." not in path
    }


def test_an_export_does_not_depend_on_file_times(filled, tmp_path: Path) -> None:
    one = export_gallery(filled.root, tmp_path / "1.zip").path.read_bytes()
    for photo in filled.root.rglob("*.png"):
        photo.touch()

    assert export_gallery(filled.root, tmp_path / "2.zip").path.read_bytes() == one


def test_caches_quarantined_photos_and_rejected_faces_are_not_exported(filled, tmp_path: Path) -> None:
    done = export_gallery(filled.root, tmp_path / "gallery.zip")

    with zipfile.ZipFile(done.path) as package:
        assert package.namelist() == [
            "Ada Lovelace/person.toml",
            "Ada Lovelace/0.png",
            "Ada Lovelace/1.png",
            "Ada Lovelace/2.png",
            "美智子/person.toml",
            "美智子/one.png",
        ]
    assert (done.people, done.photos) == (2, 4)


def test_an_export_overwrites_nothing(filled, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_bytes(b"mine")

    with pytest.raises(OutputError, match="exists"):
        export_gallery(filled.root, tmp_path / "there.zip")

    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    (tmp_path / "there.zip").write_bytes(b"")
    assert export_gallery(filled.root, tmp_path / "there.zip").people == 2, "an empty file can be replaced"


def test_an_export_that_fails_leaves_nothing_behind(filled, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        export_gallery(filled.root, tmp_path / "no such folder" / "gallery.zip")

    assert [path.name for path in tmp_path.iterdir()] == ["gallery"]


@pytest.mark.parametrize("name", ["gallery.zip", "copy"])
def test_a_file_that_cannot_be_read_is_left_out_of_the_export_by_name(filled, tmp_path: Path, name: str) -> None:
    huge = filled.root / "美智子" / "two.png"
    with huge.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    huge.with_name("person.toml").unlink()
    huge.with_name("person.toml").mkdir()

    done = export_gallery(filled.root, tmp_path / name)

    assert (done.people, done.photos) == (2, 4)
    assert {Path(file.label).name: file.detail for file in done.left_out} == {
        "two.png": "it cannot be read: it has more than 64 MB",
        "person.toml": "it cannot be read: it is a folder",
    }
    assert people_in(done.path) == {"Ada Lovelace": ["0.png", "1.png", "2.png"], "美智子": ["one.png"]}


@pytest.mark.parametrize("name", ["copy.zip", "Copy", "Ada Lovelace/copy.zip"])
def test_an_export_into_the_gallery_is_refused(filled, name: str) -> None:
    with pytest.raises(OutputError, match="in the gallery"):
        export_gallery(filled.root, filled.root / name)

    assert not (filled.root / name).exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes in folders")
def test_an_export_does_not_wait_for_a_pipe(filled, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.zip")

    with pytest.raises(OutputError, match="exists"):
        export_gallery(filled.root, tmp_path / "out.zip", overwrite=True)


def test_two_photos_whose_names_read_alike_are_both_exported(filled, tmp_path: Path) -> None:
    for number, byte in enumerate((b"\xe4", b"\xf6")):
        photo = filled.save(filled.root / "美智子" / f"new{number}.png", (0, 200, 10 * number))
        try:
            photo.rename(photo.with_name(os.fsdecode(byte + b".png")))
        except OSError:
            pytest.skip("this file system has only names in UTF-8")

    with zipfile.ZipFile(export_gallery(filled.root, tmp_path / "gallery.zip").path) as package:
        assert len(set(package.namelist())) == len(package.namelist()) == 8


def test_after_an_interrupted_merge_all_photos_are_exported(filled, tmp_path: Path) -> None:
    shutil.copy(filled.root / "Ada Lovelace" / "1.png", filled.root / "美智子")
    names = [("one.png", "one.png"), ("1.png", "1 (2).png")]
    moves = [[f"美智子/{old}", f"Ada Lovelace/{new}"] for old, new in names] + [["美智子/person.toml", ".trash-1/0"]]
    (filled.root / JOURNAL_FILE).write_text(json.dumps({"format_version": 1, "moves": moves}), encoding="utf-8")

    done = export_gallery(filled.root, tmp_path / "gallery.zip")

    assert people_in(done.path) == {"Ada Lovelace": ["0.png", "1.png", "2.png", "copy of 1.png", "one.png"]}


def test_an_empty_gallery_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(GalleryError, match="no enrolled people"):
        export_gallery(tmp_path / "empty", tmp_path / "gallery.zip")


def test_a_second_import_adds_nothing(filled, tmp_path: Path) -> None:
    export_gallery(filled.root, tmp_path / "gallery.zip")
    take(tmp_path / "gallery.zip", tmp_path / "elsewhere", filled.reader)
    before = files(tmp_path / "elsewhere")

    assert set(outcome(take(tmp_path / "gallery.zip", tmp_path / "elsewhere", filled.reader)).values()) == {"already_there"}
    assert {path: before[path] for path in before if ".cache" not in path}.items() <= files(tmp_path / "elsewhere").items()


def test_a_renamed_person_gains_imported_photos_under_the_new_name(filled, tmp_path: Path) -> None:
    export_gallery(filled.root, tmp_path / "gallery.zip")
    take(tmp_path / "gallery.zip", tmp_path / "elsewhere", filled.reader)
    GalleryService(tmp_path / "elsewhere").rename("美智子", "Michiko")
    filled.save(filled.root / "美智子" / "two.png", (40, 255, 0))
    export_gallery(filled.root, tmp_path / "more.zip")

    verdicts = take(tmp_path / "more.zip", tmp_path / "elsewhere", filled.reader)

    assert outcome(verdicts)["two.png"] == "ok"
    assert (tmp_path / "elsewhere" / "Michiko" / "two.png").is_file()


def test_an_edited_person_toml_is_copied_unchanged(filled, tmp_path: Path) -> None:
    toml = filled.root / "美智子" / "person.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + 'nickname = "Mi"\n', encoding="utf-8")
    export_gallery(filled.root, tmp_path / "gallery.zip")

    take(tmp_path / "gallery.zip", tmp_path / "elsewhere", filled.reader)

    assert (tmp_path / "elsewhere" / "美智子" / "person.toml").read_bytes() == toml.read_bytes()


def test_a_photo_whose_name_cannot_be_used_everywhere_is_saved_under_its_hash(filled, tmp_path: Path) -> None:
    source = export_gallery(filled.root, tmp_path / "export").path
    (source / "美智子" / "one.png").rename(source / "美智子" / "\u200eone.png")

    verdicts = take(source, tmp_path / "elsewhere", filled.reader)

    assert set(outcome(verdicts).values()) == {"ok"}
    (photo,) = (tmp_path / "elsewhere" / "美智子").glob("*.png")
    assert photo.name == f"{hashlib.sha256(photo.read_bytes()).hexdigest()[:16]}.png"


def test_photos_in_plain_folders_become_people(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    studio.save(tmp_path / "from" / "Ada" / "2.png")
    studio.save(tmp_path / "from" / "Zoë Müller" / "1.png", GREEN)
    (tmp_path / "from" / "Ada" / "notes.txt").write_text("no photo")
    (tmp_path / "from" / "Ada" / "torn.png").write_bytes(b"not an image")

    verdicts = take(tmp_path / "from", studio.root, studio.reader)

    assert [(verdict.name, verdict.reason) for verdict in verdicts] == [
        ("Ada", "ok"),
        ("Ada", "no_face"),
        ("Ada", "unreadable"),
        ("Zoë Müller", "ok"),
    ]
    assert [person.name for person in read_people(studio.root).people] == ["Ada", "Zoë Müller"]


def test_importing_plain_photos_twice_adds_them_once(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    take(tmp_path / "from", studio.root, studio.reader)

    assert outcome(take(tmp_path / "from", studio.root, studio.reader)) == {"1.png": "already_there"}


def test_similar_people_are_refused_within_one_import_too(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    studio.save(tmp_path / "from" / "Bess" / "1.png", (0, 5, 255))

    ada, bess = take(tmp_path / "from", studio.root, studio.reader)

    assert (ada.reason, bess.reason) == ("ok", "identity_conflict")
    assert "Bess looks like Ada" in bess.detail
    assert "`facecam enroll --force`" in bess.detail, "the import has no such option"


def test_a_person_whose_photos_contradict_each_other_is_not_imported(studio, tmp_path: Path) -> None:
    for number, color in enumerate((RED, RED, GREEN)):
        studio.save(tmp_path / "from" / "Ada" / f"{number}.png", color, size=60 + number)
    studio.save(tmp_path / "from" / "Bess" / "3.png", BLUE)

    verdicts = take(tmp_path / "from", studio.root, studio.reader)

    assert outcome(verdicts) == {"0.png": "mixed_people", "1.png": "mixed_people", "2.png": "mixed_people", "3.png": "ok"}
    assert f"{tmp_path / 'from' / 'Ada' / '2.png'} and" in verdicts[0].detail
    assert [person.name for person in read_people(studio.root).people] == ["Bess"]


def test_the_chosen_one_of_several_faces_is_imported(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "two.png", RED, GREEN)

    def choose_the_second(_path, observations):
        return observations[1]

    skipped = take(tmp_path / "from", studio.root, studio.reader)
    asked = take(tmp_path / "from", studio.root, studio.reader, choose_the_second)

    assert (outcome(skipped), outcome(asked)) == ({"two.png": "several_faces"}, {"two.png": "ok"})
    (sample,) = studio.load().samples
    assert sample.embedding[1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    "name",
    [
        "../Ada/1.png",
        "Ada/../../1.png",
        "/Ada/1.png",
        "Ada\\..\\1.png",
        "C:/Ada/1.png",
        "C:\\Ada\\1.png",
        "Ada/../../../etc/passwd",
    ],
)
def test_an_entry_that_points_outside_is_left_out_by_name(studio, tmp_path: Path, name: str) -> None:
    photo = studio.save(tmp_path / "1.png", RED).read_bytes()
    evil = packed(tmp_path / "evil.zip", **{"Bess/1.png": photo, name: photo})
    outside = {path for path in tmp_path.rglob("*") if studio.root not in path.parents}

    assert list(left_out(evil).items()) == [(name.replace("\\", "/"), "outside")]
    assert outcome(take(evil, studio.root, studio.reader)) == {"1.png": "ok"}

    assert {path for path in tmp_path.rglob("*") if studio.root not in path.parents} - {studio.root} == outside
    assert [person.name for person in read_people(studio.root).people] == ["Bess"]


def test_a_link_inside_a_package_is_left_out(studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as package:
        link = zipfile.ZipInfo("Ada/1.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        package.writestr(link, "/etc/passwd")
        package.writestr("Ada/2.png", studio.save(tmp_path / "1.png", RED).read_bytes())

    assert left_out(tmp_path / "evil.zip") == {"Ada/1.png": "outside"}
    assert outcome(take(tmp_path / "evil.zip", studio.root, studio.reader)) == {"2.png": "ok"}


def test_of_two_entries_with_one_name_the_second_is_left_out(studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as package:
        for color in (RED, GREEN):
            with warnings.catch_warnings(action="ignore"):
                package.writestr("Ada/1.png", studio.save(tmp_path / "1.png", color).read_bytes())

    assert left_out(tmp_path / "twice.zip") == {"Ada/1.png": "duplicate_entry"}
    assert outcome(take(tmp_path / "twice.zip", studio.root, studio.reader)) == {"1.png": "ok"}


SYSTEM_FILES = [
    "Ada/@eaDir/1.png/SYNOPHOTO_THUMB_XL.jpg",
    "Ada/.AppleDouble/1.png",
    "Ada/._1.png",
    "Ada/.DS_Store",
    "Ada/Thumbs.db",
    "Ada/desktop.ini",
    "@eaDir/Ada/1.png",
    "__MACOSX/Ada/._1.png",
    "__MACOSX/Ada/1.png",
    "#recycle/Bess/1.png",
]


@pytest.mark.parametrize("is_zip", [True, False])
def test_files_of_synology_macos_and_windows_are_ignored(studio, tmp_path: Path, is_zip: bool) -> None:
    content = dict.fromkeys(["Ada/1.png", *SYSTEM_FILES], studio.save(tmp_path / "1.png", RED).read_bytes())
    source = tmp_path / "from"
    for name, data in content.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
    if is_zip:
        source = packed(tmp_path / "from.zip", **content)

    assert people_in(source) == {"Ada": ["1.png"]}
    assert left_out(source) == {}


def test_files_that_are_no_photos_of_a_person_are_left_out_by_name(studio, tmp_path: Path) -> None:
    photo = studio.save(tmp_path / "1.png", RED).read_bytes()
    source = packed(tmp_path / "a.zip", **{"Ada/1.png": photo, "Ada/film.mp4": b"", "Ada/notes.txt": b"", "group.jpg": photo})

    assert left_out(source) == {"Ada/film.mp4": "not_an_image", "Ada/notes.txt": "not_an_image", "group.jpg": "no_person"}


@pytest.mark.parametrize(
    ("names", "people"),
    [
        (["Ada/2020/a.jpg", "Bob/2020/b.jpg"], {"Ada": ["a.jpg"], "Bob": ["b.jpg"]}),
        (["Ada/2020/a.jpg", "Ada/2021/a.jpg"], {"Ada": ["a.jpg", "a.jpg"]}),
        (["Ada/a.jpg", "Ada/holidays/b.jpg", "Bob/b.jpg"], {"Ada": ["a.jpg", "b.jpg"], "Bob": ["b.jpg"]}),
        (["people/Ada/a.jpg", "people/Bob/b.jpg"], {"Ada": ["a.jpg"], "Bob": ["b.jpg"]}),
        (["backup/people/Ada/2020/a.jpg", "backup/people/Bob/b.jpg"], {"Ada": ["a.jpg"], "Bob": ["b.jpg"]}),
        (["Ada\\2020\\a.jpg", "Bob\\b.jpg"], {"Ada": ["a.jpg"], "Bob": ["b.jpg"]}),
    ],
)
def test_in_a_package_the_outermost_folder_of_each_person_names_them(
    tmp_path: Path, names: list[str], people: dict[str, list[str]]
) -> None:
    assert people_in(packed(tmp_path / "a.zip", **dict.fromkeys(names, b""))) == people


def test_photos_in_deeper_folders_are_the_persons(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "2020" / "a.png", RED)
    studio.save(tmp_path / "from" / "Ada" / "2021" / "a.png", RED, size=70)
    studio.save(tmp_path / "from" / "Bob" / "2020" / "b.png", GREEN)

    assert {verdict.reason for verdict in take(tmp_path / "from", studio.root, studio.reader)} == {"ok"}

    assert {person.name: len(person.photos) for person in read_people(studio.root).people} == {"Ada": 2, "Bob": 1}


def test_an_exported_person_in_a_deeper_folder_keeps_the_id(studio, tmp_path: Path) -> None:
    ada = PersonFile.new("Ada", "told on the phone")
    photo = studio.save(tmp_path / "1.png", RED).read_bytes()
    source = packed(tmp_path / "a.zip", **{"gallery/A/person.toml": to_toml(ada).encode(), "gallery/A/1.png": photo})

    take(source, studio.root, studio.reader)

    (person,) = read_people(studio.root).people
    assert (person.name, person.person_id, person.consent) == ("Ada", ada.person_id, "told on the phone")


@pytest.mark.parametrize("suffix", sorted(IMAGE_SUFFIXES))
def test_a_photo_of_every_format_is_imported_enrolled_and_played(tmp_path: Path, suffix: str) -> None:
    photo = tmp_path / "people" / "Ada" / f"1{suffix.upper()}"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"")

    assert people_in(packed(tmp_path / "a.zip", **{f"Ada/{photo.name}": b""})) == {"Ada": [photo.name]}
    assert people_in(tmp_path / "people") == {"Ada": [photo.name]}
    assert read_people(tmp_path / "people").people[0].photos == (photo,)
    assert list_images(photo.parent) == ([photo], [])


@pytest.mark.parametrize("encoding", ["utf-8", "cp437", "cp850"])
def test_western_names_without_a_flag_are_decoded(tmp_path: Path, encoding: str) -> None:
    names = ["Zoë Müller", "José Ñandú", "Åsa Öberg"] + ["João Gonçalves", "Søren Ærø"] * (encoding != "cp437")

    source = packed_raw(tmp_path / "a.zip", b"", *(f"{name}/1.jpg".encode(encoding) for name in names))

    assert people_in(source) == {name: ["1.jpg"] for name in names}


@pytest.mark.parametrize("encoding", ["utf-8", "cp866"])
def test_russian_names_without_a_flag_are_decoded(tmp_path: Path, encoding: str) -> None:
    names = ["Аня", "ОЛЬГА", "Анна Ахматова", "Ёжиков Фёдор", "Ян 2"]

    source = packed_raw(tmp_path / "a.zip", b"", *(f"{name}/Фото 1.jpg".encode(encoding) for name in names))

    assert people_in(source) == {name: ["Фото 1.jpg"] for name in names}


def test_the_name_in_an_extra_field_of_info_zip_counts(tmp_path: Path) -> None:
    raw = b"???/1.jpg"
    entry, name = RawInfo(raw), "美智子/1.jpg".encode()
    entry.extra = struct.pack("<HHBL", 0x7075, 5 + len(name), 1, zlib.crc32(raw)) + name
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as package:
        package.writestr(entry, b"")

    assert people_in(tmp_path / "a.zip") == {"美智子": ["1.jpg"]}


def test_a_zip_bomb_is_an_unreadable_photo(studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("Ada/1.png", bytes(MAX_FILE_BYTES + 1))

    assert outcome(take(tmp_path / "bomb.zip", studio.root, studio.reader)) == {"1.png": "unreadable"}


def test_a_png_of_900_million_pixels_in_a_small_package_is_an_unreadable_photo(studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("Ada/1.png", odd_photos()["huge.png"])

    (verdict,) = take(tmp_path / "bomb.zip", studio.root, studio.reader)

    assert (verdict.path.name, verdict.reason) == ("1.png", "unreadable")
    assert read_people(studio.root).people == ()


def test_an_entry_that_is_packed_like_a_bomb_is_not_unpacked(studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("Ada/1.png", bytes(MAX_FILE_BYTES // 2))

    (verdict,) = take(tmp_path / "bomb.zip", studio.root, studio.reader)

    assert (verdict.reason, verdict.detail[:40]) == ("unreadable", "Ada/1.png is packed to less than 1/100 o")


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    package = packed(tmp_path / "bomb.zip", **{f"Ada/{number}.png": bytes(10_000) for number in range(2)})
    content = bytearray(package.read_bytes())
    first, second = (match.start() for match in re.finditer(b"PK\1\2", bytes(content)))
    content[second + 42 : second + 46] = content[first + 42 : first + 46]  # both entries have the first one's data
    del content[10_000 : content.find(b"PK\3\4", 10_000) + 9_000]
    end = bytes(content).find(b"PK\5\6")
    content[end + 16 : end + 20] = bytes(content).find(b"PK\1\2").to_bytes(4, "little")
    package.write_bytes(content)

    with pytest.raises(GalleryError, match="its entries overlap"):
        people_in(package)


def test_an_encrypted_package_is_refused(tmp_path: Path) -> None:
    package = packed(tmp_path / "a.zip", **{"Ada/1.png": b"secret"})
    content = bytearray(package.read_bytes())
    content[6] |= 1
    content[content.find(b"PK\1\2") + 8] |= 1
    package.write_bytes(content)

    with pytest.raises(GalleryError, match="is encrypted: unpack it, then import the folder"):
        people_in(package)


def test_a_package_with_a_huge_table_of_contents_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = packed(tmp_path / "a.zip", **{f"Ada/{number}.png": b"" for number in range(100)})
    monkeypatch.setattr(transfer, "MAX_DIRECTORY_BYTES", 1000)

    with pytest.raises(GalleryError, match="import it in parts"):
        people_in(package)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_not_waited_for(studio, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.zip")
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    os.mkfifo(tmp_path / "from" / "Ada" / "2.png")

    with pytest.raises(GalleryError, match="it is a pipe, not a file"):
        people_in(tmp_path / "a.zip")
    assert outcome(take(tmp_path / "from", studio.root, studio.reader)) == {"1.png": "ok", "2.png": "unreadable"}


@pytest.mark.parametrize("share", [0.3, 0.9, 0.99])
def test_a_half_downloaded_package_is_refused(filled, tmp_path: Path, share: float) -> None:
    content = export_gallery(filled.root, tmp_path / "gallery.zip").path.read_bytes()
    (tmp_path / "half.zip").write_bytes(content[: int(len(content) * share)])

    with pytest.raises(GalleryError, match="cannot be read as a folder or ZIP file"):
        people_in(tmp_path / "half.zip")


def test_a_truncated_package_is_refused(studio, tmp_path: Path) -> None:
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04 and then nothing")

    with pytest.raises(GalleryError, match="cannot be read as a folder or ZIP file"):
        take(tmp_path / "torn.zip", studio.root, studio.reader)


def test_a_damaged_photo_in_a_package_does_not_stop_the_import(studio, tmp_path: Path) -> None:
    photo = studio.save(tmp_path / "1.png", RED).read_bytes()
    package = packed(
        tmp_path / "some.zip", **{"Ada/1.png": photo, "Ada/2.png": studio.save(tmp_path / "2.png", BLUE).read_bytes()}
    )
    content = bytearray(package.read_bytes())
    content[content.find(photo) + 100] ^= 0xFF
    package.write_bytes(content)

    assert outcome(take(package, studio.root, studio.reader)) == {"1.png": "unreadable", "2.png": "ok"}


_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_NAMES, _NAMES)
def test_no_name_in_a_package_leads_out_of_the_gallery(studio, tmp_path: Path, folder: str, name: str) -> None:
    photo = studio.save(tmp_path / "1.png", RED).read_bytes()
    toml = f'format_version = 1\nperson_id = "{"0" * 31}1"\nname = "Ada"\ncreated = 2026-01-01T00:00:00Z\n'
    package = packed(tmp_path / "any.zip", **{f"{folder}/{name}.png": photo, f"{folder}/person.toml": toml.encode()})
    outside = {path for path in tmp_path.rglob("*") if studio.root not in path.parents and path != studio.root}

    try:
        verdicts = take(package, studio.root, studio.reader)
    except GalleryError:
        verdicts = []

    assert {path for path in tmp_path.rglob("*") if studio.root not in path.parents and path != studio.root} == outside
    assert all(verdict.saved_as is None or verdict.saved_as.parent.parent == studio.root for verdict in verdicts)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that not even the administrator can read")
def test_photos_that_cannot_be_read_are_refused_with_the_reason(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    (tmp_path / "from" / "Ada" / "2.png").symlink_to("/proc/self/mem")
    (tmp_path / "from" / "Ada" / "3.png").symlink_to(tmp_path / "missing")
    with (tmp_path / "from" / "Ada" / "4.png").open("wb") as large:
        large.truncate(MAX_FILE_BYTES + 1)

    verdicts = take(tmp_path / "from", studio.root, studio.reader)

    assert [(verdict.reason, verdict.detail) for verdict in verdicts] == [
        ("ok", ""),
        ("unreadable", "Input/output error"),
        ("unreadable", "No such file or directory"),
        ("unreadable", "it has more than 64 MB"),
    ]


def test_an_invalid_person_file_is_replaced_by_the_folder_name(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    (tmp_path / "from" / "Ada" / "person.toml").write_text("name = ", encoding="utf-8")

    assert [verdict.name for verdict in take(tmp_path / "from", studio.root, studio.reader)] == ["Ada"]


def test_a_folder_without_people_is_refused(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "1.png", RED)

    with pytest.raises(GalleryError, match="one folder for each person"):
        take(tmp_path / "from", studio.root, studio.reader)


def test_an_imported_person_keeps_the_id_and_consent(studio, tmp_path: Path) -> None:
    exported = PersonFile.new("Ada", "told on the phone")
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    enroll_file(tmp_path / "from" / "Ada", exported)

    take(tmp_path / "from", studio.root, studio.reader)

    (person,) = read_people(studio.root).people
    assert (person.person_id, person.consent) == (exported.person_id, "told on the phone")


@pytest.mark.parametrize(
    ("local", "imported", "merged"),
    [
        (("agreed", ""), ("", "agreed; withdrawn on 2026-11-30"), ("agreed", "agreed; withdrawn on 2026-11-30")),
        (("", "agreed; withdrawn on 2026-11-30"), ("agreed", ""), ("", "agreed; withdrawn on 2026-11-30")),
        (("", ""), ("agreed", ""), ("agreed", "")),
    ],
    ids=["withdrawn elsewhere", "withdrawn here", "agreed elsewhere"],
)
@pytest.mark.parametrize("has_new_photo", [True, False])
def test_an_import_keeps_consent_and_withdrawal_of_both_places(
    studio, tmp_path: Path, local: tuple[str, str], imported: tuple[str, str], merged: tuple[str, str], has_new_photo: bool
) -> None:
    file = PersonFile.new("Ada")
    for folder, (consent, withdrawn) in ((studio.root, local), (tmp_path / "from", imported)):
        studio.save(folder / "Ada" / "1.png", RED)
        enroll_file(folder / "Ada", replace(file, consent=consent, withdrawn=withdrawn))
    if has_new_photo:
        studio.save(tmp_path / "from" / "Ada" / "2.png", RED, size=70)

    take(tmp_path / "from", studio.root, studio.reader)

    (person,) = read_people(studio.root).people
    assert (person.consent, person.withdrawn) == merged


def test_another_person_of_the_same_name_is_reported_and_never_gets_the_photos(studio, tmp_path: Path) -> None:
    enroll_file(studio.root / "Ada", PersonFile.new("Ada"))
    studio.save(studio.root / "Ada" / "1.png", RED)
    enroll_file(tmp_path / "from" / "Ada", PersonFile.new("Ada"))
    studio.save(tmp_path / "from" / "Ada" / "2.png", GREEN)
    studio.save(tmp_path / "from" / "Bess" / "3.png", BLUE)

    verdicts = take(tmp_path / "from", studio.root, studio.reader)

    assert outcome(verdicts) == {"2.png": "duplicate_name", "3.png": "ok"}
    assert "another person is called Ada here" in verdicts[0].detail
    assert len(GalleryService(studio.root).person("Ada").photos) == 1


def test_a_person_of_a_newer_format_alone_is_left_out(studio, tmp_path: Path) -> None:
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    studio.save(tmp_path / "from" / "Bess" / "2.png", GREEN)
    (tmp_path / "from" / "Ada" / "person.toml").write_text("format_version = 99", encoding="utf-8")

    assert set(left_out(tmp_path / "from").values()) == {"person_file_newer"}
    assert outcome(take(tmp_path / "from", studio.root, studio.reader)) == {"2.png": "ok"}


def test_a_person_who_cannot_be_saved_does_not_stop_the_import(studio, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    enroll_file(tmp_path / "from" / "Ada", PersonFile.new("Ada"))
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)
    large = studio.save(tmp_path / "from" / "Ada" / "2.bmp", RED, size=70)
    studio.save(tmp_path / "from" / "Bess" / "3.png", GREEN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (large.stat().st_size - 1, limits[1]))
    try:
        verdicts = take(tmp_path / "from", studio.root, studio.reader)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert outcome(verdicts) == {"1.png": "not_saved", "2.bmp": "not_saved", "3.png": "ok"}
    assert "2.bmp cannot be saved: File too large" in verdicts[0].detail
    assert [path.name for path in studio.root.iterdir() if not path.name.startswith(".")] == ["Bess"]


def test_a_withdrawn_consent_that_cannot_be_saved_is_reported(studio, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    file = PersonFile.new("Ada", "agreed")
    for folder, withdrawn in ((studio.root, ""), (tmp_path / "from", "x" * 20_000)):
        studio.save(folder / "Ada" / "1.png", RED)
        enroll_file(folder / "Ada", replace(file, withdrawn=withdrawn))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (15_000, limits[1]))
    try:
        verdicts = take(tmp_path / "from", studio.root, studio.reader)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert outcome(verdicts) == {"1.png": "not_saved"}
    assert "person.toml cannot be saved: File too large" in verdicts[0].detail


_KILLED_IMPORTS = r"""
import os, signal, sys
from pathlib import Path
from facecam.enrollment.enroll import EnrollmentOptions
from facecam.enrollment.transfer import Importer, open_import
from facecam.gallery.gallery import Gallery
from tests.color_reader import SELECTION, ColorAnalyzer

FILE_EVENTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link"}

def run(source, root, killed_at):
    count = 0
    def hook(event, arguments):
        nonlocal count
        if event in FILE_EVENTS:
            count += 1
            if count == killed_at:
                os.kill(os.getpid(), signal.SIGKILL)
    analyzer = ColorAnalyzer()
    importer = Importer(Gallery.load(root, analyzer), analyzer, EnrollmentOptions(SELECTION))
    with open_import(source) as found:
        sys.addaudithook(hook)
        for verdicts in importer.import_people(found.people):
            os.write(1, f"{root.name}\t{verdicts[0].name}\n".encode())
    return count

source, folder, trials = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
events = 10**9
for number in range(trials + 1):
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, b"%d" % run(source, folder / str(number), max(number > 0, events * number * 9 // (trials * 10))))
        os._exit(0)
    os.close(writer)
    events = int(os.read(reader, 100) or events)  # the first one is not killed
    assert os.waitpid(child, 0)[1] == (signal.SIGKILL if number else 0), number
"""


@pytest.mark.skipif(os.name == "nt", reason="the trials need fork and SIGKILL")
@pytest.mark.parametrize("trials", [3, pytest.param(100, marks=pytest.mark.long)])
def test_of_a_killed_import_each_person_is_there_as_a_whole_or_not_at_all(studio, tmp_path: Path, trials: int) -> None:
    for name, color in (("Ada", RED), ("Bess", GREEN)):
        enroll_file(tmp_path / "from" / name, PersonFile.new(name, "agreed"))
        for number in range(3):
            studio.save(tmp_path / "from" / name / f"{number}.png", color, size=50 + number)
    for number in range(3):
        studio.save(tmp_path / "from" / "Cleo" / f"{number}.png", BLUE, size=50 + 10 * number)

    command = [sys.executable, "-c", _KILLED_IMPORTS, tmp_path / "from", tmp_path / "trials", str(trials)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], check=True, stdout=subprocess.PIPE, text=True, timeout=300)

    acknowledged = {tuple(line.split("\t")) for line in done.stdout.splitlines()}
    found = []
    for number in range(trials + 1):
        people = read_people(tmp_path / "trials" / str(number)).people
        assert all((len(person.photos), person.consent) == (3, "agreed" if person.name != "Cleo" else "") for person in people)
        assert {name for trial, name in acknowledged if trial == str(number)} <= {person.name for person in people}
        found.append(len(people))
    assert found[0] == 3
    assert len(set(found[1:])) > 1, "the trials are killed before and after people were saved"
    sys.stdout.write(f"\n{trials} killed imports of 3 people: {dict(Counter(found[1:]))} (people: trials)\n")
