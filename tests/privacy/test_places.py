"""List of the places where facecam stores something, and the folders that the window's settings name."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QStandardPaths

from facecam.fileio import cache_dir, data_dir
from facecam.privacy.places import PlaceKind, StoredPlace, output_folder, stored_places
from facecam.ui.preferences import choose_output_folder
from tests.cli.conftest import run_in

PACKAGE = Path(__file__).parents[2] / "facecam"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_VIDEOS_DIR", "XDG_PICTURES_DIR", "FACECAM_CACHE", "FACECAM_OBJECTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.mark.skipif(os.name == "nt", reason="the folders of Windows follow no variable")
@pytest.mark.parametrize(
    ("kind", "location"),
    [
        (PlaceKind.RECORDINGS, QStandardPaths.StandardLocation.MoviesLocation),
        (PlaceKind.SNAPSHOTS, QStandardPaths.StandardLocation.PicturesLocation),
        (PlaceKind.REPORTS, QStandardPaths.StandardLocation.DocumentsLocation),
    ],
)
@pytest.mark.parametrize("moved", [False, True])
def test_the_default_folders_are_those_of_the_desktop(
    home: Path, kind: PlaceKind, location: QStandardPaths.StandardLocation, moved: bool
) -> None:
    if moved:
        (home / "config").mkdir()
        names = "\n".join(f'XDG_{name}_DIR="$HOME/Eigene/{name}"' for name in ("VIDEOS", "PICTURES", "DOCUMENTS"))
        (home / "config" / "user-dirs.dirs").write_text(names, encoding="utf-8")

    assert output_folder(kind) == Path(QStandardPaths.writableLocation(location)) / "facecam"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("name", ["a b", "ä, ö; ü = 1", 'quote" and \\ backslash', "100 % [x]", "日本", "#tag"])
def test_a_folder_chosen_in_the_window_is_read_as_it_was_written(tmp_path: Path, name: str) -> None:
    choose_output_folder(PlaceKind.RECORDINGS, tmp_path / name)

    assert output_folder(PlaceKind.RECORDINGS) == tmp_path / name
    assert output_folder(PlaceKind.RECORDINGS, is_default=True) != tmp_path / name
    kinds = {place.path: place.kind for place in stored_places(None, tmp_path / "logs")}
    assert kinds[tmp_path / name] is PlaceKind.RECORDINGS


def test_a_chosen_folder_has_only_the_files_that_facecam_names_that_way(home: Path) -> None:
    chosen = home / "films"
    chosen.mkdir()
    choose_output_folder(PlaceKind.RECORDINGS, chosen)
    own = {"facecam 2026-11-30 10.00.00.mp4", "facecam 2026-11-30 10.00.00 (2).mp4", "facecam 2026-11-30 10.00.00-2.mp4"}
    for name in (*own, "holiday.mp4", "2026-11-30.mp4"):
        (chosen / name).touch()

    place = next(place for place in stored_places(None, home / "logs") if place.path == chosen)

    assert {path.name for path in place.files()} == own
    assert not place.is_whole_owned
    assert list(place.folders()) == []


def test_of_a_folder_of_logs_that_the_user_named_only_logs_are_facecams(home: Path) -> None:
    logs = home / "study"
    day = logs / "2026-11-30"
    day.mkdir(parents=True)
    own = [day / "20261130T023832Z-f198.csv", day / "20261130T023832Z-f198.2.csv", day / "20261130T023832Z-f198.json"]
    own += [day / "columns.json", logs / ".marks" / "20261130T023832Z-f198" / "1.mark"]
    (logs / ".marks" / "20261130T023832Z-f198").mkdir(parents=True)
    for path in (*own, logs / "notes.txt", day / "my.csv"):
        path.touch()

    place = next(place for place in stored_places(None, logs) if place.kind is PlaceKind.LOGS)

    assert set(place.files()) == set(own)
    assert day in place.folders()
    assert logs not in place.folders()


def test_links_in_a_place_are_listed_and_not_followed(home: Path) -> None:
    (home / "gallery").mkdir()
    (home / "other").mkdir()
    (home / "other" / "1.jpg").touch()
    (home / "gallery" / "Ada").symlink_to(home / "other")

    place = StoredPlace(PlaceKind.GALLERY, home / "gallery", "photos")

    assert list(place.files()) == [home / "gallery" / "Ada"]
    assert list(place.folders()) == [home / "gallery"]


def test_every_folder_that_the_code_makes_in_the_users_folders_is_in_the_list(home: Path) -> None:
    listed = {place.path for place in stored_places(data_dir() / "gallery", data_dir() / "logs")}
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))

    names = {*re.findall(r'(?:data_dir\(\) / |(?<!platformdirs\.)user_data_dir\()"([^"]+)"', code)}

    assert names
    assert {data_dir() / name for name in names} <= listed
    assert cache_dir() in listed
    assert home in data_dir().parents


def test_the_overview_has_numbers_and_names_only_on_request(tmp_path: Path, gallery: Path) -> None:
    plain = run_in(tmp_path, "privacy", "--json", "-")
    named = run_in(tmp_path, "privacy", "--names")

    stored = {place["kind"]: place for place in json.loads(plain.stdout)["places"]}
    assert (stored["gallery"]["people"], stored["gallery"]["names"]) == (1, None)
    assert stored["gallery"]["path"] == str(gallery)
    assert stored["gallery"]["files"] == 1
    assert stored["gallery"]["oldest_utc"]
    assert "Eileen Collins" not in plain.stdout
    assert "gallery: Eileen Collins" in named.stdout
    assert "not in the list: files that you named for a command" in named.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_the_overview_says_who_can_read_a_place_and_narrows_it_on_request(tmp_path: Path, gallery: Path) -> None:
    closed = [folder for folder in (tmp_path, *tmp_path.parents) if not folder.stat().st_mode & 0o001]
    gallery.chmod(0o755)
    before = json.loads(run_in(tmp_path, "privacy", "--json", "-").stdout)["places"][0]
    fixed = run_in(tmp_path, "privacy", "--fix")
    after = json.loads(run_in(tmp_path, "privacy", "--json", "-").stdout)["places"][0]

    assert before["readers"] == ("user" if closed else "everyone")
    assert fixed.returncode == 0
    assert after["readers"] == "user"
    assert "only you" in fixed.stdout


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="an administrator can read everything")
def test_a_folder_that_cannot_be_read_is_named(tmp_path: Path, gallery: Path) -> None:
    gallery.chmod(0)
    try:
        done = run_in(tmp_path, "privacy")
    finally:
        gallery.chmod(0o700)

    assert (done.returncode, f"{gallery} cannot be read" in done.stderr) == (0, True)


def test_nothing_stored_is_said(tmp_path: Path) -> None:
    assert run_in(tmp_path, "privacy").stdout == "Nothing is stored.\n"
