"""The commands `facecam people` and `facecam enroll`: output, files, exit codes."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from facecam.cli import people
from facecam.errors import EnrollmentRefusedError, GalleryError
from facecam.gallery.people import PersonFile, read_people, to_toml

RED, GREEN = (0, 0, 255), (0, 255, 0)


@pytest.fixture
def run(studio):
    """Return a function that calls a command on the studio's gallery with the color reader instead of networks."""
    app = typer.Typer()
    people.register_people(app, lambda _: nullcontext(studio.reader))
    people.register_enroll(app, lambda _: nullcontext(studio.reader))

    def call(*arguments: str | Path, **options) -> Result:
        return CliRunner().invoke(app, [*map(str, arguments), "--gallery", str(studio.root)], **options)

    return call


def test_photos_are_enrolled_and_listed(run, studio, tmp_path: Path) -> None:
    photos = [studio.save(tmp_path / "1.png", RED), studio.save(tmp_path / "2.png", (0, 40, 255))]

    enrolled = run("enroll", "Ada Lovelace", *photos)
    listed = run("people", "list", "--json", "-")

    assert enrolled.exit_code == 0, enrolled.output
    assert "Ada Lovelace: 2 photos added" in enrolled.stdout
    (person,) = json.loads(listed.stdout)["people"]
    assert (person["name"], person["photos"], person["usable"], person["problems"]) == ("Ada Lovelace", 2, 2, {})


def test_a_folder_is_replaced_by_the_images_in_it(run, studio, tmp_path: Path) -> None:
    for number in range(3):
        studio.save(tmp_path / "photos" / f"{number}.png", (0, 30 * number, 255))
    (tmp_path / "photos" / "readme.txt").write_text("not an image")

    assert "3 photos added" in run("enroll", "Ada", tmp_path / "photos").stdout


def test_a_folder_without_images_is_an_error_that_names_it(run, studio, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()

    error = run("enroll", "Ada", tmp_path / "photos").exception

    assert isinstance(error, GalleryError)
    assert str(error) == f"the folder {tmp_path / 'photos'} contains no image; nothing was enrolled"


def test_some_refused_photos_give_exit_code_3_and_are_named(run, studio, tmp_path: Path) -> None:
    good, bad = studio.save(tmp_path / "good.png", RED), studio.save(tmp_path / "bad.png")

    result = run("enroll", "Ada", good, bad)

    assert result.exit_code == 3
    assert "good.png" not in result.stdout
    assert "bad.png: refused: no face found (no_face)" in result.stdout
    assert "1 photo added" in result.stdout


def test_without_an_accepted_photo_no_person_is_added(run, studio, tmp_path: Path) -> None:
    result = run("enroll", "Ada", studio.save(tmp_path / "bad.png"))

    assert isinstance(result.exception, EnrollmentRefusedError)
    assert result.exception.reason == "nothing_kept"
    assert "no_face" in result.stdout
    assert not studio.root.exists()


def test_a_look_alike_is_refused_until_forced(run, studio, tmp_path: Path) -> None:
    run("enroll", "Ada", studio.save(tmp_path / "1.png", RED))
    double = studio.save(tmp_path / "2.png", (0, 5, 255))

    refused, forced = run("enroll", "Bess", double), run("enroll", "Bess", double, "--force")

    assert isinstance(refused.exception, EnrollmentRefusedError)
    assert refused.exception.reason == "identity_conflict"
    assert forced.exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["1.png", "--source", "0"]])
def test_exactly_one_of_photos_and_source_is_required(run, arguments: list[str]) -> None:
    assert run("enroll", "Ada", *arguments).exit_code == 2


def test_an_empty_gallery_is_listed_without_the_networks(run, studio) -> None:
    result = run("people", "list")

    assert result.exit_code == 0
    assert "no one is enrolled" in result.stderr
    assert studio.reader.images_analyzed == 0


def test_the_list_names_photos_that_cannot_be_used(run, studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.save(studio.root / "Ada" / "2.png")

    result = run("people", "list")

    (row,) = [line.split() for line in result.stdout.splitlines() if line.split()[:1] == ["Ada"]]
    assert row[:3] == ["Ada", "2", "1"]
    assert "2.png: no face found (no_face)" in result.stderr.replace("\n", "")


def test_listing_a_photo_library_writes_into_no_folder_of_it(run, studio) -> None:
    studio.save(studio.root / "2020" / "1.png", RED)
    studio.save(studio.root / "2021" / "May" / "1.png", RED)
    before = [path for path in sorted(studio.root.rglob("*")) if ".cache" not in path.parts]

    first, second = (json.loads(run("people", "list", "--json", "-").stdout)["people"] for _ in range(2))

    assert first == second
    assert [path for path in sorted(studio.root.rglob("*")) if ".cache" not in path.parts] == before


def test_the_list_names_folders_whose_photos_are_not_used(run, studio) -> None:
    for number in range(2):
        studio.save(studio.root / "Ada" / "2020" / f"{number}.png", RED)

    result = run("people", "list")

    assert f"{studio.root / 'Ada' / '2020'}: 2 photos are not used; move them to {studio.root / 'Ada'}" in result.stderr


def test_people_with_one_name_are_listed_apart(run, studio) -> None:
    for folder in ("a", "b"):
        studio.save(studio.root / folder / "1.png", RED)
        (studio.root / folder / "person.toml").write_text(to_toml(PersonFile.new("Ada")), encoding="utf-8")

    result = run("people", "list")

    assert [line.split()[:2] for line in result.stdout.splitlines() if line.startswith("Ada")] == [["Ada", "1"], ["Ada", "(2)"]]
    assert "b: another person has the same name; rename one" in result.stderr


def test_a_person_is_renamed(run, studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)

    result = run("people", "rename", "Ada", "Grace")

    assert result.exit_code == 0
    assert (studio.root / "Grace" / "1.png").exists()


def test_removing_without_a_terminal_requires_yes(run, studio) -> None:
    photo = studio.save(studio.root / "Ada" / "1.png", RED)

    assert run("people", "remove", "Ada").exit_code == 2
    assert photo.exists()


def test_removing_prints_what_was_deleted(run, studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load()

    result = run("people", "remove", "Ada", "--yes")

    assert "removed Ada: 1 photo, 1 cached observation, no rejected faces" in result.stdout.replace("\n", " ")
    assert not (studio.root / "Ada").exists()


def test_an_unknown_person_cannot_be_removed(run) -> None:
    assert isinstance(run("people", "remove", "Ada", "--yes").exception, GalleryError)


def test_people_who_look_alike_are_merged_without_a_question(run, studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.save(studio.root / "Ada L" / "2.png", (0, 40, 255))

    merged = run("people", "merge", "Ada L", "Ada")

    assert merged.exit_code == 0, merged.output
    assert f"Ada L is now Ada: 1 photo moved to {studio.root / 'Ada'}" in merged.stdout
    assert [person.name for person in read_people(studio.root).people] == ["Ada"]


def test_people_who_look_different_are_not_merged_without_a_terminal_or_force(run, studio) -> None:
    studio.save(studio.root / "Adam" / "1.png", RED)
    studio.save(studio.root / "Eve" / "2.png", GREEN)

    refused = run("people", "merge", "Eve", "Adam")
    assert refused.exit_code == 2
    assert "Eve and Adam look different. Merge them only if they are one person. (distance 1.41" in refused.stderr
    assert "--force" in refused.stderr
    assert len(read_people(studio.root).people) == 2
    forced = run("people", "merge", "Eve", "Adam", "--force")

    assert forced.exit_code == 0, forced.output
    assert "look different" in forced.stderr
    assert [person.name for person in read_people(studio.root).people] == ["Adam"]


def test_people_without_a_usable_photo_are_merged_with_a_note(run, studio) -> None:
    studio.save(studio.root / "Adam" / "1.png", RED)
    studio.save(studio.root / "Eve" / "2.png")

    merged = run("people", "merge", "Eve", "Adam")

    assert merged.exit_code == 0, merged.output
    assert "could not be compared" in merged.stderr


def test_consent_is_shown_recorded_and_withdrawn(run, studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)

    assert run("people", "consent", "Ada").stdout == "Ada: no consent is recorded\n"
    recorded = run("people", "consent", "Ada", "--text", "Signed form 12")
    assert re.fullmatch(r"Ada: Signed form 12 \(20\d\d-\d\d-\d\dT[^)]+\)\n", recorded.stdout)
    withdrawn = run("people", "consent", "Ada", "--withdraw")

    assert withdrawn.stdout.startswith("Ada: no consent is recorded\nwithdrawn consent: Signed form 12 (")
    assert "; withdrawn on 20" in withdrawn.stdout


@pytest.mark.parametrize("options", [("--text", " "), ("--text", "agreed", "--withdraw")])
def test_a_consent_without_text_or_with_both_options_is_a_usage_error(run, studio, options: tuple[str, ...]) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)

    assert run("people", "consent", "Ada", *options).exit_code == 2
