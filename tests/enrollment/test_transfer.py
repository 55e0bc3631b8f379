"""Import and export: nothing is lost, added twice or written outside of the gallery."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facecam.enrollment.enroll import EnrollmentOptions, PhotoVerdict
from facecam.enrollment.transfer import MAX_FILE_BYTES, Importer, export_gallery, open_import
from facecam.errors import GalleryError, OutputError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import PersonFile, read_people
from facecam.gallery.service import GalleryService
from tests.color_reader import SELECTION

RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)


def take(source: Path, target: Path, reader, choose=None) -> list[PhotoVerdict]:
    """Import `source` into the gallery at `target`."""
    importer = Importer(Gallery.load(target, reader), reader, EnrollmentOptions(SELECTION, choose=choose))
    with open_import(source) as people:
        return [verdict for person in people for verdict in importer.import_person(person)]


def outcome(verdicts: list[PhotoVerdict]) -> dict[str, str]:
    return {verdict.path.name: verdict.reason for verdict in verdicts}


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name, content in members.items():
            package.writestr(name, content)
    return path


@pytest.fixture
def filled(studio):
    """Two people, one in another script, with a cache, a quarantined photo and a rejected face."""
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
    assert {path: data for path, data in files(tmp_path / "elsewhere").items() if not path.startswith(".cache")} == {
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
    ["../Ada/1.png", "Ada/../../1.png", "/Ada/1.png", "Ada\\..\\1.png", "C:/Ada/1.png", "Ada/../../../etc/passwd"],
)
def test_a_package_with_an_entry_that_points_outside_is_refused(studio, tmp_path: Path, name: str) -> None:
    photo = studio.save(tmp_path / "1.png", RED).read_bytes()
    evil = packed(tmp_path / "evil.zip", **{"Bess/1.png": photo, name: photo})

    with pytest.raises(GalleryError, match="points outside"):
        take(evil, studio.root, studio.reader)

    assert not studio.root.exists()


def test_a_link_inside_a_package_is_refused(studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as package:
        link = zipfile.ZipInfo("Ada/1.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        package.writestr(link, "/etc/passwd")

    with pytest.raises(GalleryError, match="points outside"):
        take(tmp_path / "evil.zip", studio.root, studio.reader)


def test_a_zip_bomb_is_an_unreadable_photo(studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("Ada/1.png", bytes(MAX_FILE_BYTES + 1))

    assert outcome(take(tmp_path / "bomb.zip", studio.root, studio.reader)) == {"1.png": "unreadable"}


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
    GalleryService(tmp_path / "from").add_person(exported)
    studio.save(tmp_path / "from" / "Ada" / "1.png", RED)

    take(tmp_path / "from", studio.root, studio.reader)

    (person,) = read_people(studio.root).people
    assert (person.person_id, person.consent) == (exported.person_id, "told on the phone")
