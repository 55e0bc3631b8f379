"""No setting, link or folder makes `forget --everything`, `privacy --fix` or a removal touch what is not facecam's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from facecam.gallery.service import GalleryService
from facecam.networks.user_networks import networks_dir
from facecam.privacy.places import PlaceKind
from facecam.ui.preferences import choose_output_folder
from tests.cli.conftest import environment_in, run_in
from tests.privacy.person_data import DEMO

FILES = (
    "notes.txt",
    "holiday.mp4",
    "2026-11-30.png",
    "my 2026-11-30 10.00.00.mp4",
    "2026-11-30 10.00.00.mp4",
    "2026-11-30 10.00.00.png",
    "report.html",
    "album/1.txt",
    "embeddings/glove/vectors.bin",
    "embeddings/readme.md",
    "undo/changes.log",
    "compiled/program.c",
    "logs/server.csv",
    "logs/2026-11-30/20261130.csv",
    "networks/net/readme.md",
    "networks/net/checkpoint.bin",
    "objects/table.json",
    "gallery/Dora/notes.txt",
    ".hidden/state",
    ".cache/.part-of-a-download",
    ".trash-can/old.txt",
    "album/.staging-server/site.html",
    ".cache/model.bin",
)
"""Files of other programs, under names as near to those of facecam as they may be."""

Tree = dict[str, tuple[bytes, int]]
Setting = Callable[[Path, Path, pytest.MonkeyPatch], dict[str, str]]


def fill(folder: Path) -> Path:
    """Fill a folder with files and an album that are the user's, readable for everyone."""
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    (folder / "gallery" / "Dora").mkdir(exist_ok=True)
    for album in ("album", "gallery/Dora"):
        shutil.copy(DEMO / "grace_hopper.jpg", folder / album / "1.jpg")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def tree(folder: Path) -> Tree:
    """Return the content and permissions of the user's files, and the permissions of their folders."""
    found: Tree = {".": (b"", folder.stat().st_mode)}
    for name in (*FILES, "album/1.jpg", "gallery/Dora/1.jpg"):
        path = folder / name
        found[name] = (path.read_bytes() if path.is_file() else b"missing", path.stat().st_mode if path.exists() else 0)
        found[str(Path(name).parent)] = (b"", path.parent.stat().st_mode if path.parent.exists() else 0)
    return found


def link(path: Path, target: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def recordings_chosen(home: Path, foreign: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    for kind in (PlaceKind.RECORDINGS, PlaceKind.SNAPSHOTS):
        choose_output_folder(kind, foreign)
    return {}


def logs_linked(home: Path, foreign: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    link(home / "data" / "facecam" / "logs", foreign)
    return {}


def recordings_linked(home: Path, foreign: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    for name in ("Videos", "Pictures", "Documents"):
        link(home / name / "facecam", foreign)
    return {}


def networks_linked(home: Path, foreign: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    link(networks_dir(), foreign / "networks")
    return {}


def data_linked(home: Path, foreign: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    link(home / "data" / "facecam", foreign)
    return {}


def cache_linked(home: Path, foreign: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    link(home / ".cache" / "facecam", foreign)
    return {}


def gallery_linked(home: Path, foreign: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    link(home / "data" / "facecam" / "gallery", foreign)
    return {"FACECAM_GALLERY": str(home / "data" / "facecam" / "gallery")}


SETTINGS: dict[str, Setting] = {
    "the folder of recordings and snapshots": recordings_chosen,
    "the folder of the logs is a link": logs_linked,
    "the default folders of recordings, snapshots and reports are links": recordings_linked,
    "the folder of networks is a link": networks_linked,
    "the data folder is a link": data_linked,
    "the cache folder is a link": cache_linked,
    "the gallery is a link": gallery_linked,
    "the folder of the logs": lambda home, foreign, patch: {},
    "the cache": lambda home, foreign, patch: {"FACECAM_CACHE": str(foreign)},
    "taught objects": lambda home, foreign, patch: {"FACECAM_OBJECTS": str(foreign)},
    "the gallery": lambda home, foreign, patch: {"FACECAM_GALLERY": str(foreign)},
    "the configuration": lambda home, foreign, patch: {"XDG_CONFIG_HOME": str(foreign)},
}


@pytest.fixture
def home(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder that everyone can enter."""
    home = open_folder / "home"
    home.mkdir()
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_VIDEOS_DIR", "FACECAM_CACHE", "FACECAM_OBJECTS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment_in(home).items():
        monkeypatch.setenv(name, value)
    return home


def enroll(gallery: Path) -> None:
    GalleryService(gallery).add_photos("Ada", [(DEMO / "eileen_collins.jpg").read_bytes()])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
@pytest.mark.parametrize("where", ["a project", "the home folder", "the folder of pictures"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_not_facecams_is_neither_deleted_nor_changed(
    home: Path, monkeypatch: pytest.MonkeyPatch, setting: str, where: str
) -> None:
    foreign = {"a project": home.parent / "project", "the home folder": home, "the folder of pictures": home / "Pictures"}[where]
    foreign.mkdir(exist_ok=True)
    fill(foreign)
    variables = {"FACECAM_GALLERY": str(home / "faces")} | SETTINGS[setting](home, foreign, monkeypatch)
    before = tree(foreign)

    enroll(Path(variables["FACECAM_GALLERY"]))
    log = ("--log", foreign) if setting == "the folder of the logs" else ()
    fixed = run_in(home, "privacy", "--fix", *log, **variables)
    removed = run_in(home, "people", "remove", "Ada", "--yes", **variables)
    done = run_in(home, "forget", "--everything", "--recordings", "--yes", *log, **variables)

    assert removed.returncode == 0, removed.stderr
    assert fixed.returncode in (0, 3), fixed.stderr
    assert done.returncode in (0, 3), done.stderr
    assert tree(foreign) == before


def test_a_folder_of_photos_that_facecam_has_not_written_into_is_narrowed_and_kept(home: Path) -> None:
    faces = home / "faces"
    enroll(faces)
    shutil.copytree(faces / "Ada", faces / "Dora", ignore=shutil.ignore_patterns("person.toml"))
    for folder in (faces, faces / "Dora"):
        folder.chmod(0o755)

    fixed = run_in(home, "privacy", "--fix", FACECAM_GALLERY=str(faces))
    done = run_in(home, "forget", "--everything", "--yes", FACECAM_GALLERY=str(faces))

    assert fixed.returncode == 0, fixed.stderr
    assert (faces / "Dora").stat().st_mode & 0o777 == 0o700
    assert done.returncode == 3
    assert f"kept: {faces / 'Dora'} is not facecam's" in done.stdout
    assert [path.name for path in faces.iterdir()] == ["Dora"]


def test_a_linked_cache_folder_in_a_home_folder_as_gallery_keeps_no_removal_back(home: Path) -> None:
    enroll(home)
    (home.parent / "scratch").mkdir()
    (home / ".cache").symlink_to(home.parent / "scratch")

    done = run_in(home, "people", "remove", "Ada", "--yes", FACECAM_GALLERY=str(home))

    assert done.returncode == 0, done.stderr
    assert not (home / "Ada").exists()
