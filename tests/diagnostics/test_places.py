"""Folders that can be written, that cannot, that are not there yet; disks with room and without."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.diagnostics.findings import Verdict
from facecam.diagnostics.machine import WritableFolder, disks, writable


def place(folder: Path, verdict: Verdict = Verdict.FAULT) -> WritableFolder:
    return WritableFolder("logs", folder, "Name another.", verdict)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder without the right to write: by its mode, or for root, whom no mode stops, by its mount."""
    folder = tmp_path / "kept"
    folder.mkdir()
    if os.name != "posix":
        pytest.skip("a folder's mode says nothing here")
    if os.geteuid() == 0:
        mount = shutil.which("mount")
        options = ["-t", "tmpfs", "-o", "ro,size=256k", "facecam-test", str(folder)]
        if not mount or subprocess.run([mount, *options], capture_output=True, check=False).returncode:
            pytest.skip("root may write everywhere, and mounting is not allowed")
        yield folder
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    else:
        folder.chmod(0o500)
        yield folder
        folder.chmod(0o700)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=256k", "facecam-test", str(folder)]
    if not mount or os.name != "posix" or subprocess.run([mount, *options], capture_output=True, check=False).returncode:
        pytest.skip("a small file system can only be mounted by root, where mounting is allowed")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_folder_that_can_be_written_is_ok_and_stays_empty(tmp_path: Path) -> None:
    finding = writable(place(tmp_path))

    assert (finding.verdict, finding.found) == (Verdict.OK, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    finding = writable(place(tmp_path / "a" / "b"))

    assert finding.verdict is Verdict.OK
    assert "will be made" in finding.found
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_with_the_reason(read_only: Path) -> None:
    finding = writable(place(read_only))

    assert finding.verdict is Verdict.FAULT
    assert f"{read_only} cannot be written" in finding.found
    assert finding.advice == "Name another."


def test_a_folder_below_one_that_cannot_be_written_is_as_bad(read_only: Path) -> None:
    assert writable(place(read_only / "a" / "b", Verdict.WARNING)).verdict is Verdict.WARNING


def test_a_file_in_the_folders_place_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder", encoding="utf-8")

    assert writable(place(tmp_path / "logs")).found == f"{tmp_path / 'logs'} is a file"
    assert writable(place(tmp_path / "logs" / "deeper")).verdict is Verdict.FAULT


def test_a_full_disk_cannot_be_written(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"), (small_disk / "filler").open("wb") as filler:
        filler.write(bytes(1_000_000))

    finding = writable(place(small_disk))

    assert finding.verdict is Verdict.FAULT
    assert "No space left" in finding.found


def test_folders_on_one_disk_have_one_line(tmp_path: Path) -> None:
    (finding,) = disks({"gallery": tmp_path, "logs": tmp_path / "later", "cache": tmp_path}, little=0, too_little=0)

    assert finding.verdict is Verdict.OK
    assert finding.found.endswith("free for gallery, logs and cache")


def test_a_small_disk_is_a_fault_of_its_own(small_disk: Path, tmp_path: Path) -> None:
    large, small = disks({"gallery": tmp_path, "logs": small_disk}, little=300_000, too_little=270_000)

    assert large.verdict is Verdict.OK
    assert small.verdict is Verdict.FAULT
    assert "0 MB free for logs" in small.found


def test_little_room_is_a_warning(small_disk: Path) -> None:
    (finding,) = disks({"logs": small_disk})
    (milder,) = disks({"logs": small_disk}, too_little=100_000)

    assert finding.verdict is Verdict.FAULT
    assert milder.verdict is Verdict.WARNING
