"""The embedding cache: only what this user's facecam has written for this gallery is used, and nothing else of it stays."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from facecam.fileio import cache_dir
from facecam.gallery import cache
from facecam.gallery.cache import CacheContent, cache_folder, prune_caches
from facecam.gallery.gallery import Gallery
from facecam.gallery.sealing import seal, unseal
from facecam.gallery.service import GalleryService
from tests.cli.conftest import Command, facecam  # noqa: F401 - a fixture

RED, GREEN = (0, 0, 255), (0, 255, 0)
is_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
is_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the administrator can give files away")


def cache_file(root: Path) -> Path:
    (path,) = cache_folder(root).glob("*.embeddings")
    return path


def swapped(block: bytes) -> bytes:
    """Return the block of a cache with the embeddings of its two photos exchanged."""
    arrays = load(block)
    assert len(arrays["embeddings"]) == 2
    return bytes(save({**arrays, "embeddings": np.ascontiguousarray(arrays["embeddings"][::-1])}))


@pytest.fixture
def two_people(gallery: Path, portraits: dict[str, Path]) -> Path:
    (gallery / "Grace Hopper").mkdir()
    shutil.copy(portraits["grace_hopper"], gallery / "Grace Hopper")
    return gallery


@pytest.mark.parametrize("attack", ["digest", "other key", "no tag"])
def test_a_forged_cache_swaps_no_identities(
    facecam: Command,  # noqa: F811
    two_people: Path,
    portraits: dict[str, Path],
    attack: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def name() -> str:
        done = facecam("identify", portraits["eileen_collins"], "--gallery", two_people, FACECAM_CACHE=str(tmp_path / "cache"))
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "Eileen Collins" in name()
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    path = cache_file(two_people)
    block = unseal(path.read_bytes(), two_people, "embeddings")
    assert block is not None
    forged = swapped(block)
    # With the user's key, the same file does swap them: this is what the key protects from.
    path.write_bytes(seal(forged, two_people, "embeddings"))
    assert "Grace Hopper" in name()

    tags = {"digest": hashlib.sha256(forged).digest(), "other key": hmac.digest(b"x" * 32, forged, "sha256"), "no tag": b""}
    path.write_bytes(tags[attack] + forged)

    assert "Eileen Collins" in name()
    rebuilt = unseal(path.read_bytes(), two_people, "embeddings")
    assert rebuilt is not None
    assert np.allclose(load(rebuilt)["embeddings"], load(block)["embeddings"])


def test_no_changed_byte_of_a_cache_is_used(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load()
    path = cache_file(studio.root)
    stored = path.read_bytes()

    for position in range(len(stored)):
        path.write_bytes(stored[:position] + bytes([stored[position] ^ 1]) + stored[position + 1 :])
        assert CacheContent.read(path, studio.root) is None, position


def test_a_cache_of_another_gallery_or_under_another_name_is_not_used(studio, tmp_path: Path) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load()
    studio.load("other conditions")
    first, second = cache_folder(studio.root).glob("*.embeddings")
    other = Path(shutil.copytree(studio.root, tmp_path / "other"))
    shutil.copytree(cache_folder(studio.root), cache_folder(other))

    assert CacheContent.read(cache_folder(other) / first.name, other) is None
    shutil.copy(first, second)
    assert CacheContent.read(second, studio.root) is None
    assert CacheContent.read(first, studio.root) is not None


def give_away(path: Path) -> None:
    os.chown(path, 65534, 65534)


def open_to_all(path: Path) -> None:
    path.chmod(0o666)


def open_to_group(path: Path) -> None:
    path.chmod(0o660)


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


@is_posix
@pytest.mark.parametrize("change", [pytest.param(give_away, marks=is_root), open_to_all, open_to_group, link])
def test_a_cache_that_others_could_have_written_is_replaced(studio, change) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load()
    path = cache_file(studio.root)
    change(path)
    kept = path.resolve().read_bytes()

    gallery = studio.load()

    assert len(gallery.samples) == 1
    assert studio.reader.images_analyzed == 2
    found = path.lstat()
    assert stat.S_ISREG(found.st_mode)
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (os.geteuid(), 0o600)
    if change is link:
        assert path.with_name("elsewhere").read_bytes() == kept
    assert studio.load().samples
    assert studio.reader.images_analyzed == 2


def test_two_users_of_a_gallery_have_a_cache_each(studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    for user in ("ann", "ben", "ann", "ben"):
        monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / user / "cache"))
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / user / "data"))
        assert len(studio.load().samples) == 1

    assert studio.reader.images_analyzed == 2
    assert [path.name for path in studio.root.iterdir()] == ["Ada"]


def test_the_cache_of_an_earlier_version_is_deleted_from_the_gallery_and_nothing_else(studio) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    earlier = studio.root / ".cache"
    earlier.mkdir()
    for name in ("0123.embeddings", "network-comparison.json", ".part-0123", "of another program"):
        (earlier / name).write_text("Ada")

    studio.load()

    assert [path.name for path in earlier.iterdir()] == ["of another program"]
    (earlier / "of another program").unlink()
    studio.load()
    assert not earlier.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from facecam.gallery.gallery import Gallery
from tests.color_reader import ColorAnalyzer

def kill(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith(".embeddings"):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
Gallery.load(Path(sys.argv[1]), ColorAnalyzer())
"""


@pytest.fixture
def unfinished(studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Unfinished cache with Ada's name, left by a process that was killed while it wrote it."""
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.save(studio.root / "Ben" / "1.png", GREEN)
    done = subprocess.run([sys.executable, "-c", KILLED, str(studio.root)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    (part,) = cache_folder(studio.root).glob(".part-*")
    assert b"Ada/1.png" in part.read_bytes()
    return part


@is_posix
def test_an_unfinished_cache_of_a_killed_program_is_deleted_by_a_removal(studio, unfinished: Path) -> None:
    GalleryService(studio.root).remove_person("Ada")

    assert not unfinished.exists()
    assert not any(b"Ada" in path.read_bytes() for path in cache_dir().rglob("*") if path.is_file())


@is_posix
def test_an_unfinished_cache_of_a_killed_program_is_deleted_at_the_next_start(studio, unfinished: Path) -> None:
    studio.load()

    assert not unfinished.exists()
    assert cache_file(studio.root).exists()


def test_a_removal_deletes_the_caches_of_galleries_that_were_moved_or_deleted(studio, tmp_path: Path) -> None:
    studio.save(studio.root / "Ada" / "1.png", RED)
    studio.load()
    earlier = cache_folder(studio.root)
    moved = studio.root.rename(tmp_path / "moved")
    Gallery.load(moved, studio.reader)
    assert earlier.is_dir()

    prune_caches(moved)

    assert not earlier.exists()
    assert cache_folder(moved).is_dir()


def test_only_the_caches_of_the_latest_galleries_are_kept(studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    for number in range(cache._MAX_GALLERIES + 3):
        root = tmp_path / f"gallery {number}"
        studio.save(root / "Ada" / "1.png", RED)
        Gallery.load(root, studio.reader)

    assert len(list((tmp_path / "cache" / "embeddings").iterdir())) == cache._MAX_GALLERIES
    assert cache_folder(root).is_dir()
    assert not cache_folder(tmp_path / "gallery 0").exists()


@is_posix
def test_the_cache_is_private_whatever_the_umask(studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACECAM_CACHE", str(tmp_path / "cache"))
    studio.save(studio.root / "Ada" / "1.png", RED)
    before = os.umask(0)
    try:
        studio.load()
    finally:
        os.umask(before)

    paths = [tmp_path / "cache", *(tmp_path / "cache").rglob("*")]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths if path.name != ".lock"}
    assert set(modes.values()) == {0o700, 0o600}
    assert json.dumps(sorted(modes)).count("embeddings") == 2
