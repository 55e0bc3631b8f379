"""Permissions of everything that facecam stores, whatever the umask."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.fileio import create_private_folder, write_atomic, write_output, write_private
from facecam.gallery.people import read_people
from facecam.gallery.service import GalleryService
from facecam.privacy.places import PlaceKind, StoredPlace, stored_places
from tests.privacy.private_files import Home, store_everything

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="module", params=[0o000, pytest.param(0o022, marks=pytest.mark.long)], ids=["umask 000", "umask 022"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Home:
    """A home folder in which facecam has stored something of every kind."""
    home = Home(tmp_path_factory.mktemp("home"), request.param)
    store_everything(home, portraits)
    return home


@pytest.fixture
def places(home: Home, monkeypatch: pytest.MonkeyPatch) -> tuple[StoredPlace, ...]:
    """The places of the home folder."""
    for name in os.environ.keys() - home.environment.keys():
        monkeypatch.delenv(name)
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    data = home.folder / "data" / "facecam"
    return stored_places(data / "gallery", data / "logs")


@pytest.fixture
def umask() -> Iterator[None]:
    """No permission is taken from new files."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_every_file_and_folder_that_facecam_stores_is_private(places: tuple[StoredPlace, ...]) -> None:
    kept = [place for place in places if place.kind is not PlaceKind.AUTOSTART]

    assert {place.kind for place in kept if any(place.files())} >= {*PlaceKind} - {PlaceKind.AUTOSTART, PlaceKind.NETWORKS}
    assert {str(path): oct(mode_of(path)) for place in kept for path in place.files() if mode_of(path) != 0o600} == {}
    assert {str(path): oct(mode_of(path)) for place in kept for path in place.folders() if mode_of(path) != 0o700} == {}


def test_facecam_stores_nothing_outside_of_the_listed_places(home: Home, places: tuple[StoredPlace, ...]) -> None:
    known = {path for place in places for path in place.files()}
    named = {"export.csv", "export.columns.json", "gallery.zip", "privacy.json", "audit.txt", "sitecustomize.py"}

    others = {path for path in home.folder.rglob("*") if path.is_file()} - known

    assert {path.name for path in others if "__pycache__" not in path.parts} <= named


def test_a_file_that_the_user_names_follows_the_umask(home: Home) -> None:
    for name in ("export.csv", "export.columns.json", "gallery.zip", "privacy.json"):
        assert mode_of(home.folder / name) == 0o666 & ~home.umask


def test_no_temporary_file_is_in_the_systems_temporary_folder(home: Home) -> None:
    assert [line for line in home.audited() if str(home.tmp) in line] == []
    assert list(home.tmp.iterdir()) == []


@pytest.mark.usefixtures("umask")
def test_renaming_a_person_keeps_narrower_permissions_and_narrows_wider_ones(gallery: Path) -> None:
    for folder in (gallery, gallery / "Eileen Collins"):
        folder.chmod(0o755)
    service = GalleryService(gallery)
    service.rename("Eileen Collins", "Eileen M. Collins")
    file = next(gallery.rglob("person.toml"))
    for before, after in ((0o400, 0o400), (0o600, 0o600), (0o644, 0o600)):
        file.chmod(before)
        service.rename(read_people(gallery).people[0], f"Eileen {before:o}")
        file = next(gallery.rglob("person.toml"))
        assert mode_of(file) == after


@pytest.mark.usefixtures("umask")
def test_in_a_gallery_that_is_shared_with_a_group_new_files_are_the_groups_too(gallery: Path) -> None:
    gallery.chmod(0o2770)

    GalleryService(gallery).rename("Eileen Collins", "Eileen M. Collins")

    assert mode_of(next(gallery.rglob("person.toml"))) & 0o007 == 0
    assert mode_of(gallery / ".lock") == 0o660


@pytest.mark.usefixtures("umask")
def test_a_new_person_in_a_shared_gallery_has_a_folder_that_the_group_can_change(
    gallery: Path, portraits: dict[str, Path]
) -> None:
    gallery.chmod(0o2770)

    GalleryService(gallery).add_photos("Ada", [portraits["eileen_collins"].read_bytes()])

    assert mode_of(gallery / "Ada") == 0o2770
    assert {mode_of(path) for path in (gallery / "Ada").iterdir()} == {0o660}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only the administrator can give files away")
def test_what_an_administrator_writes_into_a_users_gallery_belongs_to_the_user(gallery: Path, portraits: dict[str, Path]) -> None:
    service = GalleryService(gallery)
    os.chown(gallery, 1234, 4321)

    service.add_photos("Grace", [portraits["eileen_collins"].read_bytes()], "agreed")

    written = [gallery / ".lock", gallery / "Grace", *(gallery / "Grace").iterdir()]
    assert len(written) == 4
    assert {(path.stat().st_uid, path.stat().st_gid) for path in written} == {(1234, 4321)}


@pytest.mark.usefixtures("umask")
def test_a_private_file_replaces_a_pipe_and_a_users_output_is_written_into_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    write_private(tmp_path / "pipe", b"content")

    assert (tmp_path / "pipe").read_bytes() == b"content"
    assert mode_of(tmp_path / "pipe") == 0o600


@pytest.mark.usefixtures("umask")
def test_a_private_folder_is_made_with_private_folders_above_it(tmp_path: Path) -> None:
    create_private_folder(tmp_path / "a" / "b")

    assert (mode_of(tmp_path / "a"), mode_of(tmp_path / "a" / "b")) == (0o700, 0o700)


@pytest.mark.usefixtures("umask")
def test_an_output_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    for write in (write_output, write_atomic):
        path.write_bytes(b"old")
        path.chmod(0o640)
        write(path, b"new")
        assert mode_of(path) == 0o640


def test_on_a_file_system_without_permissions_everything_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "chmod", refuse)

    create_private_folder(tmp_path / "folder")
    write_private(tmp_path / "folder" / "file", b"old")
    (tmp_path / "open").touch(0o644)
    write_private(tmp_path / "open", b"new")

    assert (tmp_path / "folder" / "file").read_bytes() == b"old"
    assert (tmp_path / "open").read_bytes() == b"new"


def test_a_trained_network_with_names_is_private(tmp_path: Path, test_data: Path) -> None:
    home = Home(tmp_path, 0o000)
    people = [folder for folder in sorted((test_data / "data" / "lfw-view1").rglob("*")) if len(list(folder.glob("*.jpg"))) >= 4]
    for folder in people[:2]:
        shutil.copytree(folder, tmp_path / "gallery" / folder.name)

    home.facecam("train", "--recipe", "names", "--gallery", "gallery")

    networks = tmp_path / "data" / "facecam" / "networks"
    stored = [networks, *networks.rglob("*")]
    assert {path.name: mode_of(path) for path in stored if mode_of(path) != (0o700 if path.is_dir() else 0o600)} == {}
    assert len([path for path in stored if path.is_file()]) >= 2


SMALL_NETWORK = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
layers = [keras.layers.Input((32, 32, 3)), keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D()]
keras.Sequential([*layers, keras.layers.Dense(2, activation="softmax")]).save("network.keras")
"""


@pytest.mark.long
def test_a_conversion_writes_no_network_to_the_systems_temporary_folder(tmp_path: Path) -> None:
    home = Home(tmp_path, 0o000)
    home.python("-c", SMALL_NETWORK)
    (tmp_path / "labels.txt").write_text("cup\nball\n", encoding="utf-8")
    home.audit.unlink()  # Keras, which a user runs, is not facecam.

    home.facecam("models", "convert", "network.keras", "--labels", "labels.txt")

    # At its import, TensorFlow looks for a folder that can be written with a file of a random name, which it deletes at once.
    assert [line for line in home.audited() if "temp" in line or "mkdir" in line] == []
    assert list(home.tmp.iterdir()) == []
    stored = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert {mode_of(path) for path in stored} == {0o600}
