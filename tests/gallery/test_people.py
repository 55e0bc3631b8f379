"""person.toml files, and adding, renaming and removing people."""

from __future__ import annotations

import os
import socket
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.enrollment.samples import encode_jpeg
from facecam.errors import GalleryError
from facecam.gallery.cache import cache_folder
from facecam.gallery.people import PersonFile, display_name, nested_photos, read_people, to_toml
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
    people = [folder.add_photos("Ada", []).person]
    for name in ("ADA", "ada"):  # as enrolled by an earlier version
        people.append(folder.add_photos(f"{name} L", []).person)
        toml = people[-1].folders[0] / "person.toml"
        toml.write_text(toml.read_text(encoding="utf-8").replace(f"{name} L", name), encoding="utf-8")

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


@pytest.mark.parametrize("name", ["ada", "ADA", "\uff21da"])
def test_a_name_that_differs_from_another_persons_only_in_case_is_refused(folder: GalleryService, name: str) -> None:
    folder.add_photos("Grace", [])
    folder.add_photos("Ada", [])

    with pytest.raises(GalleryError, match="differs from Ada, who is enrolled already, only in case"):
        folder.add_photos(name, [])
    with pytest.raises(GalleryError, match="use the name Ada for the same person, or add a surname"):
        folder.rename("Grace", name)
    assert [person.name for person in read_people(folder.root).people] == ["Ada", "Grace"]


def test_a_rename_between_two_names_of_an_older_gallery_can_be_undone(folder: GalleryService) -> None:
    folder.add_photos("ada", [])
    (folder.root / "ADA").mkdir()
    (folder.root / "ADA" / "person.toml").write_text(to_toml(PersonFile.new("ADA")), encoding="utf-8")

    renamed = folder.rename("ADA", "Augusta")
    renamed.undo()

    assert {person.name for person in read_people(folder.root).people} == {"ada", "ADA"}


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
    assert sorted(path.name for path in folder.root.iterdir()) == [".lock", "Grace"]
    for cache in cache_folder(folder.root).glob("*.embeddings"):
        assert b"Ada" not in cache.read_bytes()
        assert b"Grace" in cache.read_bytes()
    assert [sample.name for sample in studio.load().samples] == ["Grace"]
    assert studio.reader.images_analyzed == 2


def test_removing_a_linked_folder_leaves_what_it_points_to(folder: GalleryService, studio, tmp_path: Path) -> None:
    photo = studio.save(tmp_path / "elsewhere" / "1.png", RED)
    folder.root.mkdir()
    (folder.root / "Ada").symlink_to(photo.parent)
    studio.load()

    removed = folder.remove_person("Ada")

    assert photo.exists()
    assert removed.leftovers == (photo.parent,), "the photos that stay must be named"
    assert read_people(folder.root).people == ()


def test_a_photo_or_folder_that_cannot_be_reached_does_not_hide_the_others(folder: GalleryService, studio) -> None:
    studio.save(folder.root / "Ada" / "1.png", RED)
    (folder.root / "Ada" / "0.png").symlink_to("0.png")
    (folder.root / "Loop").symlink_to("Loop", target_is_directory=True)

    loaded = studio.load()

    assert [sample.sample_id for sample in loaded.samples] == ["Ada/1.png"]
    assert sorted((problem.path.name, problem.reason) for problem in loaded.problems) == [
        ("0.png", "unreadable"),
        ("Loop", "person_file_damaged"),
    ]
    assert nested_photos(folder.root) == ()
    assert folder.quarantine([folder.root / "Ada" / "1.png"]).photos == 1
    assert folder.restore().photos == 1


def test_a_newer_format_leaves_out_that_person_only(folder: GalleryService) -> None:
    folder.add_photos("Grace", [])
    toml = folder.add_photos("Ada", []).person.folders[0] / "person.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("format_version = 1", "format_version = 2"), encoding="utf-8")

    assert [person.name for person in read_people(folder.root).people] == ["Grace"]
    assert problems(folder.root) == [("Ada", "person_file_newer")]
    with pytest.raises(GalleryError, match=r"format 2.*update facecam"):
        folder.add_photos("Ada", [])


def test_a_byte_order_mark_in_a_person_file_is_ignored(folder: GalleryService) -> None:
    person = folder.add_photos("Ada", [], "said yes").person
    toml = person.folders[0] / "person.toml"
    toml.write_bytes(b"\xef\xbb\xbf" + toml.read_bytes() + b"# met in London\n")

    assert folder.rename("Ada", "Augusta").person.person_id == person.person_id
    assert folder.person("Augusta").consent == "said yes"
    assert b"# met in London" in (folder.root / "Augusta" / "person.toml").read_bytes()


@pytest.mark.parametrize("kind", ["pipe", "endless", "socket", "huge", "deep", "dotted", "folder"])
def test_a_person_file_that_cannot_be_read_damages_that_person_only(
    folder: GalleryService, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace = folder.add_photos("Grace", []).person
    toml = folder.add_photos("Ada", [b"photo"]).person.folders[0] / "person.toml"
    toml.unlink()
    match kind:
        case "pipe":
            os.mkfifo(toml)
        case "endless":
            toml.symlink_to("/dev/zero")
        case "socket":
            monkeypatch.chdir(toml.parent)  # the path of a socket has at most 107 bytes
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(toml.name)
        case "huge":
            toml.write_bytes(b"# long\n" * 20_000_000)
        case "deep":
            toml.write_bytes(b"a = " + b"[" * 60_000)
        case "dotted":
            toml.write_bytes(b".".join([b"a"] * 30_000) + b" = 1")
        case "folder":
            toml.mkdir()
    started = time.process_time()

    people = read_people(folder.root)

    assert time.process_time() - started < 1
    assert [(person.name, len(person.photos)) for person in people.people] == [("Ada", 1), ("Grace", 0)]
    assert people.find("Grace").person_id == grace.person_id
    assert problems(folder.root) == [("Ada", "person_file_damaged")]


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_reading_writes_nothing(folder: GalleryService, studio) -> None:
    studio.save(folder.root / "Ada" / "1.png", RED)
    (folder.root / ".trash-123").mkdir()
    before = files(folder.root)

    first, second = read_people(folder.root), read_people(folder.root)

    assert first == second
    assert files(folder.root) == before


def test_a_person_file_that_arrives_later_brings_id_and_consent(folder: GalleryService, studio) -> None:
    studio.save(folder.root / "Ada" / "1.png", RED)
    assert folder.person("Ada").consent == ""
    studio.load()

    arrived = PersonFile.new("Ada", "agreed in 2020")
    (folder.root / "Ada" / "person.toml").write_text(to_toml(arrived), encoding="utf-8")

    assert (folder.person("Ada").person_id, folder.person("Ada").consent) == (arrived.person_id, "agreed in 2020")


def test_the_first_change_of_a_folder_keeps_the_id_that_follows_from_its_name(folder: GalleryService, studio) -> None:
    photo = studio.save(folder.root / "Ada" / "1.png", RED)
    person_id = folder.person("Ada").person_id

    folder.quarantine([photo])
    assert folder.person("Ada").person_id == person_id
    folder.rename("Ada", "Augusta")
    assert folder.person("Augusta").person_id == person_id
    studio.save(folder.root / "Ada" / "1.png", GREEN)

    assert len({person.person_id for person in read_people(folder.root).people}) == 2
    assert problems(folder.root) == []


def test_the_consent_given_with_the_first_enrolled_photos_is_kept(folder: GalleryService, studio) -> None:
    studio.save(folder.root / "Ada" / "1.png", RED)

    folder.add_photos("Ada", [b"photo"], "agreed today")

    assert folder.person("Ada").consent == "agreed today"


def test_thumbnails_of_a_network_drive_are_no_person(folder: GalleryService, studio) -> None:
    studio.save(folder.root / "Ada" / "1.png", RED)
    studio.save(folder.root / "@eaDir" / "1.png", RED)
    studio.save(folder.root / "Ada" / "@eaDir" / "1.png", RED)

    assert [person.name for person in read_people(folder.root).people] == ["Ada"]
    assert nested_photos(folder.root) == ()


def test_photos_in_deeper_folders_are_reported(folder: GalleryService, studio) -> None:
    studio.save(folder.root / "Ada" / "1.png", RED)
    for number in range(2):
        studio.save(folder.root / "Ada" / "2020" / f"{number}.png", RED)
    studio.save(folder.root / "Bob" / "2020" / "May" / "1.png", GREEN)
    folder.quarantine([studio.save(folder.root / "Ada" / "blurred.png", RED)])

    assert [(str(problem.path.relative_to(folder.root)), problem.detail) for problem in nested_photos(folder.root)] == [
        ("Ada/2020", f"2 photos are not used; move them to {folder.root / 'Ada'}"),
        ("Bob/2020/May", f"1 photo is not used; move it to {folder.root / 'Bob'}"),
    ]


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


def person_folder(root: Path, name: str, file: PersonFile) -> None:
    (root / name).mkdir(parents=True)
    (root / name / "1.png").write_bytes(name.encode())
    (root / name / "person.toml").write_text(to_toml(file), encoding="utf-8")


def test_two_folders_with_one_name_and_id_are_one_person(folder: GalleryService) -> None:
    file = PersonFile.new("Ada")
    for name in ("a", "b"):
        person_folder(folder.root, name, file)

    (person,) = read_people(folder.root).people

    assert (person.name, person.person_id, len(person.photos)) == ("Ada", file.person_id, 2)
    assert problems(folder.root) == []
    assert folder.remove_person("Ada").photos == 2


def test_two_folders_with_one_name_and_two_ids_are_two_people(folder: GalleryService) -> None:
    first, second = PersonFile.new("Ada", "the first one"), PersonFile.new("Ada", "the second one")
    person_folder(folder.root, "a", first)
    person_folder(folder.root, "b", second)
    person_folder(folder.root, "b, more", second)

    people = read_people(folder.root).people

    assert [(person.name, person.person_id, len(person.photos)) for person in people] == [
        ("Ada", first.person_id, 1),
        ("Ada (2)", second.person_id, 2),
    ]
    assert problems(folder.root) == [("b", "duplicate_name")]
    folder.rename("Ada (2)", "Augusta")
    assert (folder.person("Augusta").consent, problems(folder.root)) == ("the second one", [])


def test_a_folder_without_a_person_file_belongs_to_the_person_of_its_name(folder: GalleryService, studio) -> None:
    person_id = folder.add_photos("Ada", [b"1"]).person.person_id
    (folder.root / "Ada").rename(folder.root / "a")
    studio.save(folder.root / "Ada" / "2.png", RED)

    (person,) = read_people(folder.root).people

    assert (person.person_id, len(person.photos)) == (person_id, 2)


def test_a_damaged_folder_is_not_joined_with_the_person_of_its_name(folder: GalleryService) -> None:
    folder.add_photos("Ada", [b"1"])
    (folder.root / "Ada").rename(folder.root / "a")
    (folder.root / "Ada").mkdir()
    (folder.root / "Ada" / "person.toml").write_text("damaged")

    folder.remove_person("Ada")

    assert (folder.root / "Ada" / "person.toml").exists()


@given(st.text(), st.text())
def test_any_name_and_consent_survive_writing_and_reading(name: str, consent: str) -> None:
    try:
        person = PersonFile.new(name, consent)
    except GalleryError:
        return

    table = tomllib.loads(to_toml(person))

    assert table["name"] == display_name(name)
    assert table["consent"] == consent.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
