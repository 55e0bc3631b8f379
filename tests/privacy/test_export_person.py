"""`facecam export-person`: everything about one person, nothing about others, readable by the user only."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import stat
import zipfile
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from facecam.errors import OutputError
from facecam.gallery.people import read_people
from facecam.privacy.forgetting import plan_forgetting
from facecam.privacy.person_export import export_person
from tests.cli.conftest import run_in
from tests.privacy.person_data import GALLERY, NAME, OTHER, make_home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("export") / "home"
    make_home(home)
    return home


@pytest.fixture(scope="module")
def exported(home: Path) -> CompletedProcess[str]:
    old = os.umask(0)
    try:
        return run_in(home, "export-person", NAME, "--output", home / "zoe.zip")
    finally:
        os.umask(old)


@pytest.fixture
def package(home: Path, exported: CompletedProcess[str]) -> zipfile.ZipFile:
    assert exported.returncode == 0, exported.stderr
    return zipfile.ZipFile(home / "zoe.zip")


def table(package: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(package.read(name).decode())))


def test_the_export_has_every_file_of_the_person_byte_for_byte(home: Path, package: zipfile.ZipFile) -> None:
    person = read_people(home / GALLERY).find(NAME)
    assert person is not None
    names = package.namelist()

    assert [package.read(name) for name in names if name.startswith("photos/")] == [path.read_bytes() for path in person.photos]
    assert [package.read(name) for name in names if name.startswith("rejected/")] == [
        path.read_bytes() for path in person.rejected
    ]
    assert sum(name.startswith("quarantined/") for name in names) == 1
    assert package.read("person-1.toml") == (person.folders[0] / "person.toml").read_bytes()
    assert f"{NAME} agreed" in package.read("person-1.toml").decode()
    assert len(table(package, "embeddings.csv")) == 2


def test_the_export_has_images_of_the_person_that_were_rejected_for_others(home: Path, package: zipfile.ZipFile) -> None:
    assert package.read("among-others/001.jpg") == (home / "brighter.jpg").read_bytes()


def test_the_export_has_the_rows_of_logs_and_the_entries_of_sessions(package: zipfile.ZipFile) -> None:
    rows, compared = table(package, "logs/rows.csv"), table(package, "logs/compared.csv")

    assert {row["event"] for row in rows if row["name"] == NAME} == {"seen", "enter", "exit"}
    assert all(NAME in (row["nearest_name"], row["second_name"]) for row in compared)
    (session,) = json.loads(package.read("logs/sessions.json"))
    assert (session["name"], session["labels"]) == (NAME, {"participant": NAME})


def test_the_export_names_no_other_person(package: zipfile.ZipFile) -> None:
    for name in package.namelist():
        assert OTHER.encode() not in package.read(name), name
    assert not set(table(package, "logs/compared.csv")[0]) & {"x", "expression", "valence", "track_id"}


def test_the_readme_explains_every_file(package: zipfile.ZipFile) -> None:
    readme = package.read("README.txt").decode()

    explained = {line.partition(" ")[0] for line in readme.splitlines()}
    entries = {name.rsplit("/", 1)[0] + "/" if name.endswith(".jpg") else name for name in package.namelist()}
    assert entries - explained == {"README.txt"}


def test_every_column_of_the_tables_is_explained_in_the_file_itself(package: zipfile.ZipFile) -> None:
    explained = json.loads(package.read("logs/columns.json"))

    for name in ("rows", "corrections", "compared"):
        header = package.read(f"logs/{name}.csv").decode().splitlines()[0].split(",")
        assert all(explained[column]["Description"] for column in header)


def test_an_export_that_cannot_replace_its_target_leaves_no_file_behind(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "zoe.zip"
    target.mkdir()
    plan = plan_forgetting(NAME, home / GALLERY, [])

    with pytest.raises(OutputError, match="cannot be written"):
        export_person(plan, target, [], lambda _done, _total, _what: None)

    assert list(tmp_path.iterdir()) == [target]


def test_the_export_is_readable_by_the_user_only_whatever_the_umask(home: Path, exported: CompletedProcess[str]) -> None:
    assert exported.returncode == 0
    assert stat.S_IMODE((home / "zoe.zip").stat().st_mode) == 0o600


def test_a_file_that_is_replaced_becomes_private_and_one_in_the_gallery_is_refused(home: Path) -> None:
    target = home / "again.zip"
    target.write_bytes(b"old")
    target.chmod(0o644)

    assert run_in(home, "export-person", NAME, "--output", target).returncode == 2
    assert run_in(home, "export-person", NAME, "--output", target, "--overwrite").returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not list(home.glob(".part-*"))
    photo = next(path for path in (home / GALLERY / NAME).iterdir() if path.suffix == ".jpg")
    shutil.copy(photo, home / "photo.bak")
    (home / "link.zip").symlink_to(photo)
    assert run_in(home, "export-person", NAME, "--output", home / "link.zip", "--overwrite").returncode == 2
    assert photo.read_bytes() == (home / "photo.bak").read_bytes()


def test_without_unnamed_files_the_export_is_complete_and_private_too(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)

    assert run_in(home, "export-person", NAME, "--output", home / "plain.zip").returncode == 0

    assert stat.S_IMODE((home / "plain.zip").stat().st_mode) == 0o600
    assert zipfile.ZipFile(home / "plain.zip").testzip() is None
    assert not list(home.glob(".part-*"))


def test_an_unknown_person_is_an_error_that_lists_the_enrolled_ones(home: Path) -> None:
    done = run_in(home, "export-person", "Nobody", "--output", home / "nobody.zip")

    assert done.returncode == 1
    assert f"'Nobody' is not enrolled in {home / GALLERY}; enrolled people: {OTHER}, {NAME}" in done.stderr
    assert not (home / "nobody.zip").exists()
