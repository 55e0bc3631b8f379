"""The user's key, and the approval of files by keyed hashes."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facecam import integrity
from facecam.fileio import data_dir
from facecam.integrity import (
    approve,
    approved_files,
    approving,
    authentication_tag,
    is_authentic,
    key_path,
    trust_problem,
    withdraw_approval,
)

is_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
is_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the administrator can give files away")

CHANGED = "it has changed or was moved, or another program, user or computer has written it"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return data_dir()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def create_key(created_s: float) -> None:
    """Create a key as of this time."""
    key_path().parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    key_path().write_bytes(secrets.token_bytes(32) + int(created_s * 1e9).to_bytes(8, "big"))
    key_path().chmod(0o600)


def delete_key() -> None:
    """Delete the key, as between two runs of facecam."""
    key_path().unlink()
    integrity._key.cache_clear()


def file_in(folder: Path, text: str = "content") -> Path:
    path = folder / "file"
    path.write_text(text)
    path.chmod(0o600)
    return path


@is_posix
def test_the_key_is_private_whatever_the_umask(data: Path) -> None:
    before = os.umask(0)
    try:
        authentication_tag(b"content", "test")
    finally:
        os.umask(before)

    assert stat.S_IMODE(key_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_tag_belongs_to_one_content_and_one_purpose() -> None:
    tag = authentication_tag(b"content", "test")

    assert is_authentic(b"content", tag, "test")
    assert not is_authentic(b"Content", tag, "test")
    assert not is_authentic(b"content", tag, "other")
    assert not is_authentic(b"content", b"", "test")


@is_posix
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda path: path.chmod(0o640), "other users can read it"),
        (lambda path: path.chmod(0o620), "other users can change it"),
        pytest.param(lambda path: os.chown(path, 65534, 65534), "it belongs to another user", marks=is_root),
        (lambda path: path.write_bytes(b"short"), "it is damaged; delete it"),
        (lambda path: (path.rename(path.with_name("real")), path.symlink_to("real")), "it is a link"),
    ],
)
def test_a_key_that_others_may_know_is_refused_and_said(
    change, reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    create_key(time.time())
    path = file_in(tmp_path)
    change(key_path())

    assert trust_problem(path, sha256(path), "test") == f"{key_path()} cannot be used: {reason}"
    assert not is_authentic(b"content", b"0" * 32, "test")
    assert f"{key_path()} cannot be used ({reason})" in caplog.text
    with pytest.raises(OSError, match=reason):
        authentication_tag(b"content", "test")


def test_only_the_approved_content_of_a_file_may_be_used(tmp_path: Path) -> None:
    path = file_in(tmp_path)
    approve(path, sha256(path), "test")

    assert trust_problem(path, sha256(path), "test") is None
    assert approved_files("test") == [path]
    assert trust_problem(path, "0" * 64, "test") == CHANGED
    assert trust_problem(path, sha256(path), "other") == CHANGED
    earlier = sha256(path)
    path.write_text("later")
    approve(path, sha256(path), "test")
    assert trust_problem(path, earlier, "test") == CHANGED
    withdraw_approval(path, "test")
    assert trust_problem(path, sha256(path), "test") == CHANGED


def test_an_approval_does_not_hold_for_another_place(tmp_path: Path) -> None:
    path = file_in(tmp_path)
    approve(path, sha256(path), "test")
    moved = path.rename(tmp_path / "moved")
    (record,) = (data_dir() / "approved").iterdir()

    assert trust_problem(moved, sha256(moved), "test") == CHANGED
    approve(moved, sha256(moved), "test")
    other = next(file for file in (data_dir() / "approved").iterdir() if file != record)
    other.write_bytes(record.read_bytes())
    assert trust_problem(moved, sha256(moved), "test") == CHANGED


def test_a_lost_key_approves_nothing_until_the_user_does_it_again(tmp_path: Path) -> None:
    path = file_in(tmp_path)
    approve(path, sha256(path), "test")
    delete_key()
    create_key(time.time() + 10)  # newer than the file

    assert trust_problem(path, sha256(path), "test") == CHANGED

    approve(path, sha256(path), "test")
    assert trust_problem(path, sha256(path), "test") is None


def test_a_file_from_before_the_key_is_approved_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = file_in(tmp_path)
    create_key(time.time() + 10)

    assert trust_problem(path, sha256(path), "test") is None
    assert "is of an earlier version of facecam" in caplog.text
    path.write_text("changed")
    assert trust_problem(path, sha256(path), "test") == CHANGED


@is_posix
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda path: path.chmod(0o620), "other users can change it"),
        pytest.param(lambda path: os.chown(path, 65534, 65534), "it belongs to another user", marks=is_root),
        (lambda path: (path.rename(path.with_name("real")), path.symlink_to("real")), "it is a link"),
    ],
)
def test_a_file_from_before_the_key_that_others_may_have_written_is_not_approved(change, problem: str, tmp_path: Path) -> None:
    path = file_in(tmp_path)
    create_key(time.time() + 10)
    change(path)

    assert trust_problem(path, sha256(path), "test") == problem


def test_a_file_written_after_the_key_is_not_approved_by_itself(tmp_path: Path) -> None:
    create_key(time.time() - 10)
    path = file_in(tmp_path)
    os.utime(path, (0, 0))

    assert trust_problem(path, sha256(path), "test") == CHANGED


WRITTEN = """
import hashlib, os, signal, sys
from pathlib import Path
from facecam.fileio import write_private
from facecam.integrity import approving

path, steps = Path(sys.argv[1]), int(sys.argv[2])

def kill(event, arguments):
    global steps
    if event in ("os.rename", "open") and ("approved" in str(arguments[0]) or ".part-" in str(arguments[0])):
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
with approving(path, hashlib.sha256(b"new").hexdigest(), "test"):
    write_private(path, b"new")
"""


@is_posix
def test_an_interruption_at_any_step_leaves_the_old_or_the_new_content_approved(tmp_path: Path) -> None:
    path, seen = tmp_path / "file", set()
    for step in range(100):
        with approving(path, hashlib.sha256(b"old").hexdigest(), "test"):
            path.write_bytes(b"old")
        done = subprocess.run([sys.executable, "-c", WRITTEN, str(path), str(step)], check=False, timeout=60)
        assert done.returncode in (0, -signal.SIGKILL)
        assert trust_problem(path, sha256(path), "test") is None, step
        seen.add(path.read_bytes())
        if done.returncode == 0:
            break

    assert step > 5
    assert seen == {b"old", b"new"}
