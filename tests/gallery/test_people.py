"""person.toml files, and adding, renaming and removing people, also when the process is killed."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.enrollment.samples import encode_jpeg
from facecam.errors import GalleryError
from facecam.gallery.people import PersonFile, display_name, read_people, to_toml
from facecam.gallery.service import GalleryService

RED, GREEN = (0, 0, 255), (0, 255, 0)


@pytest.fixture
def folder(studio) -> GalleryService:
    return GalleryService(studio.root)


def problems(root: Path) -> list[tuple[str, str]]:
    return [(problem.path.name, problem.reason) for problem in read_people(root).problems]


def test_a_new_person_gets_an_id_that_stays(folder: GalleryService) -> None:
    person = folder.add_photos("Ada", [], "asked on Monday, said yes").person

    assert folder.add_photos("Ada", []).person.person_id == person.person_id
    assert folder.person("Ada").consent == "asked on Monday, said yes"
    assert len(person.person_id) == 32


def test_the_same_photo_is_saved_once(folder: GalleryService, studio) -> None:
    (path,) = folder.add_photos("Ada", [encode_jpeg(studio.image(RED))]).paths

    assert folder.add_photos("Ada", [encode_jpeg(studio.image(RED))]).paths == ()
    assert folder.person("Ada").photos == (path,)
    assert [sample.photo for sample in studio.load().samples] == [path]


def test_names_that_differ_only_in_case_are_separate_people(folder: GalleryService) -> None:
    people = [folder.add_photos(name, []).person for name in ("Ada", "ADA", "ada")]

    assert len({person.person_id for person in people}) == 3
    assert len({person.folders[0].name.casefold() for person in people}) == 3
    assert [person.name for person in read_people(folder.root).people] == ["ADA", "Ada", "ada"]


def test_an_empty_folder_of_that_name_is_used(folder: GalleryService) -> None:
    (folder.root / "Ada").mkdir(parents=True)

    assert folder.add_photos("Ada", []).person.folders == (folder.root / "Ada",)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "..", "C:\\temp", "CON"])
def test_no_name_leads_out_of_the_gallery_folder(folder: GalleryService, name: str) -> None:
    person = folder.add_photos(name, []).person

    assert person.folders[0].resolve().parent == folder.root.resolve()
    assert folder.person(name).person_id == person.person_id


def test_renaming_keeps_id_photos_and_the_owners_notes(folder: GalleryService, studio) -> None:
    person = folder.add_photos("Ada", []).person
    folder.add_photos("Ada", [encode_jpeg(studio.image(RED))])
    toml = person.folders[0] / "person.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + '# met in London\nnickname = "Countess"\n', encoding="utf-8")
    studio.load()

    folder.rename("Ada", 'Ada "Augusta" Lovelace')

    renamed = folder.person('Ada "Augusta" Lovelace')
    assert renamed.person_id == person.person_id
    assert renamed.folders == (folder.root / "Ada _Augusta_ Lovelace",)
    text = (renamed.folders[0] / "person.toml").read_text(encoding="utf-8")
    assert "# met in London" in text
    assert tomllib.loads(text)["nickname"] == "Countess"
    assert studio.load().samples[0].name == 'Ada "Augusta" Lovelace'
    assert studio.reader.images_analyzed == 1


def test_renaming_to_a_taken_name_is_refused(folder: GalleryService) -> None:
    folder.add_photos("Ada", [])
    folder.add_photos("Grace", [])

    with pytest.raises(GalleryError, match="Grace is enrolled already"):
        folder.rename("Ada", "Grace")
    assert [person.name for person in read_people(folder.root).people] == ["Ada", "Grace"]


def test_renaming_may_change_only_the_case(folder: GalleryService) -> None:
    folder.add_photos("ada", [])

    folder.rename("ada", "Ada")

    assert folder.person("Ada").folders == (folder.root / "Ada",)


def test_an_unknown_name_is_an_error_that_lists_the_enrolled_people(folder: GalleryService) -> None:
    folder.add_photos("Grace", [])

    with pytest.raises(GalleryError, match="Grace"):
        folder.remove_person("Ada")


def test_removing_deletes_photos_and_cache_entries(folder: GalleryService, studio, reader_named) -> None:
    from facecam.gallery.gallery import Gallery

    folder.add_photos("Ada", [encode_jpeg(studio.image(RED))])
    folder.add_photos("Grace", [encode_jpeg(studio.image(GREEN))])
    studio.load()
    Gallery.load(folder.root, reader_named("colors-2"))

    removal = folder.remove_person("Ada")

    assert (removal.photos, removal.cached_entries) == (1, 2)
    assert sorted(path.name for path in folder.root.iterdir()) == [".cache", "Grace"]
    for cache in (folder.root / ".cache").glob("*.embeddings"):
        assert b"Ada" not in cache.read_bytes()
        assert b"Grace" in cache.read_bytes()
    assert [sample.name for sample in studio.load().samples] == ["Grace"]
    assert studio.reader.images_analyzed == 2


def test_removing_a_linked_folder_leaves_what_it_points_to(folder: GalleryService, studio, tmp_path: Path) -> None:
    photo = studio.save(tmp_path / "elsewhere" / "1.png", RED)
    folder.root.mkdir()
    (folder.root / "Ada").symlink_to(photo.parent)
    studio.load()

    folder.remove_person("Ada")

    assert photo.exists()
    assert read_people(folder.root).people == ()


def test_the_remains_of_an_interrupted_removal_are_deleted(folder: GalleryService, studio) -> None:
    folder.add_photos("Ada", [encode_jpeg(studio.image(RED))])
    (folder.root / "Ada").rename(folder.root / ".trash-123")

    assert read_people(folder.root).people == ()
    assert list(folder.root.iterdir()) == []


def test_a_newer_format_is_an_error(folder: GalleryService) -> None:
    toml = folder.add_photos("Ada", []).person.folders[0] / "person.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("format_version = 1", "format_version = 2"), encoding="utf-8")

    with pytest.raises(GalleryError, match="format 2"):
        read_people(folder.root)


@pytest.mark.parametrize("text", ["", "name = ", 'person_id = "1"\nname = "Ada"', "\x00", "name = 5\nperson_id = 7"])
def test_a_damaged_person_file_is_reported_and_left_alone(folder: GalleryService, studio, text: str) -> None:
    toml = folder.add_photos("Ada", []).person.folders[0] / "person.toml"
    folder.add_photos("Ada", [encode_jpeg(studio.image(RED))])
    toml.write_text(text, encoding="utf-8")

    people = read_people(folder.root)

    assert [person.name for person in people.people] == ["Ada"]
    assert problems(folder.root) == [("Ada", "person_file_damaged")]
    assert people.people[0].person_id == read_people(folder.root).people[0].person_id
    assert toml.read_text(encoding="utf-8") == text


def test_a_copied_folder_with_another_name_is_another_person(folder: GalleryService) -> None:
    toml = folder.add_photos("Ada", []).person.folders[0] / "person.toml"
    copy = folder.root / "Bess"
    copy.mkdir()
    (copy / "person.toml").write_text(toml.read_text(encoding="utf-8").replace('"Ada"', '"Bess"'), encoding="utf-8")

    first, second = read_people(folder.root).people

    assert first.person_id != second.person_id
    assert problems(folder.root) == [("Bess", "duplicate_person_id")]


def test_renaming_a_copied_folder_keeps_the_owners_notes(folder: GalleryService) -> None:
    toml = folder.add_photos("Ada", []).person.folders[0] / "person.toml"
    (folder.root / "Bess").mkdir()
    copy = toml.read_text(encoding="utf-8").replace('"Ada"', '"Bess"') + "# met in London\n"
    (folder.root / "Bess" / "person.toml").write_text(copy, encoding="utf-8")
    person_id = folder.person("Bess").person_id

    folder.rename("Bess", "Betty")

    assert folder.person("Betty").person_id == person_id
    assert "# met in London" in (folder.root / "Betty" / "person.toml").read_text(encoding="utf-8")


def test_the_link_of_a_person_whose_removal_was_interrupted_is_deleted(folder: GalleryService, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.png").write_bytes(b"photo")
    folder.root.mkdir(exist_ok=True)
    link = folder.root / ".trash-123"
    link.symlink_to(tmp_path / "photos", target_is_directory=True)

    read_people(folder.root)

    assert not link.is_symlink()
    assert (tmp_path / "photos" / "1.png").exists()


def test_two_folders_with_one_name_are_one_person(folder: GalleryService, studio) -> None:
    for number, name in enumerate(("a", "b")):
        studio.save(folder.root / name / "1.png", (0, number, 255))
        (folder.root / name / "person.toml").write_text(to_toml(PersonFile.new("Ada")), encoding="utf-8")

    gallery = studio.load()

    assert [(person.name, len(person.photos)) for person in gallery.people] == [("Ada", 2)]
    assert len({sample.person_id for sample in gallery.samples}) == 1
    assert folder.remove_person("Ada").photos == 2


@given(st.text(), st.text())
def test_any_name_and_consent_survive_writing_and_reading(name: str, consent: str) -> None:
    try:
        person = PersonFile.new(name, consent)
    except GalleryError:
        return

    table = tomllib.loads(to_toml(person))

    assert table["name"] == display_name(name)
    assert table["consent"] == consent.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


CHURN = """
import sys
from pathlib import Path
from facecam.gallery.service import GalleryService
from facecam.gallery.people import read_people
folder = GalleryService(Path(sys.argv[1]))
for left in read_people(folder.root).people:
    folder.remove_person(left.name)
number = 0
while True:
    number += 1
    for name in ("Ada", "Grace"):
        folder.add_photos(name, [b"whole %d %d " % (number, photo) + b"x" * 50_000 + b" end" for photo in range(3)])
    folder.rename("Ada", "Augusta")
    folder.remove_person("Augusta")
    if number == 1:
        print("ready", flush=True)
"""


def test_a_gallery_survives_being_killed_in_the_middle(tmp_path: Path) -> None:
    for attempt in range(5):
        child = subprocess.Popen([sys.executable, "-c", textwrap.dedent(CHURN), str(tmp_path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        with child.stdout:
            assert child.stdout.readline().strip() == b"ready"
            time.sleep(0.013 * attempt)
            child.kill()
            child.wait()

        people = read_people(tmp_path)

        assert people.problems == ()
        assert {person.name for person in people.people} <= {"Ada", "Augusta", "Grace"}
        photos = [photo for person in people.people for photo in person.photos]
        assert all(photo.read_bytes().endswith(b" end") for photo in photos)
