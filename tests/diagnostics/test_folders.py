"""Checks of folders (writable, read-only, missing) and of free disk space."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.diagnostics.machine import Finding, Verdict, check_disks, check_folder


def check(folder: Path, verdict: Verdict = Verdict.FAULT) -> Finding:
    return check_folder("logs", folder, "Choose another.", verdict)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A read-only folder: by its mode, or for root, which ignores modes, by its mount."""
    folder = tmp_path / "read-only"
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


def test_a_writable_folder_is_ok_and_stays_empty(tmp_path: Path) -> None:
    finding = check(tmp_path)

    assert (finding.verdict, finding.found) == (Verdict.OK, str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_ok_and_not_created(tmp_path: Path) -> None:
    finding = check(tmp_path / "a" / "b")

    assert finding.verdict is Verdict.OK
    assert "created when needed" in finding.found
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_folder_is_a_fault_with_the_reason(read_only: Path) -> None:
    finding = check(read_only)

    assert finding.verdict is Verdict.FAULT
    assert f"{read_only} cannot be written" in finding.found
    assert finding.advice == "Choose another."


def test_a_missing_folder_in_a_read_only_one_has_the_given_verdict(read_only: Path) -> None:
    assert check(read_only / "a" / "b", Verdict.WARNING).verdict is Verdict.WARNING


def test_a_file_instead_of_a_folder_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder", encoding="utf-8")

    assert check(tmp_path / "logs").found == f"{tmp_path / 'logs'} is a file"
    assert check(tmp_path / "logs" / "deeper").verdict is Verdict.FAULT


def test_a_full_disk_cannot_be_written(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"), (small_disk / "filler").open("wb") as filler:
        filler.write(bytes(1_000_000))

    finding = check(small_disk)

    assert finding.verdict is Verdict.FAULT
    assert "No space left" in finding.found


def test_folders_on_one_disk_share_a_finding(tmp_path: Path) -> None:
    (finding,) = check_disks({"gallery": tmp_path, "logs": tmp_path / "later"}, low=0, full=0)

    assert finding.verdict is Verdict.OK
    assert finding.found.endswith("free for gallery and logs")


def test_each_disk_has_its_own_finding(small_disk: Path, tmp_path: Path) -> None:
    large, small = check_disks({"gallery": tmp_path, "logs": small_disk}, low=300_000, full=270_000)

    assert large.verdict is Verdict.OK
    assert small.verdict is Verdict.FAULT
    assert " kB free for logs" in small.found


def test_low_disk_space_is_a_warning(small_disk: Path) -> None:
    (finding,) = check_disks({"logs": small_disk})
    (milder,) = check_disks({"logs": small_disk}, full=100_000)

    assert finding.verdict is Verdict.FAULT
    assert milder.verdict is Verdict.WARNING
