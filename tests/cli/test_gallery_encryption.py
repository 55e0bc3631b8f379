"""facecam gallery encrypt, decrypt and passphrase, and the commands on an encrypted gallery."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from facecam.gallery import encryption
from facecam.gallery.conversion import encrypt_gallery
from facecam.gallery.files import encryption_key, is_encrypted
from facecam.gallery.people import read_people
from tests.cli.conftest import Command

PASSPHRASE = "correct horse battery staple"  # noqa: S105 - of galleries made here


class MemoryKeyring(KeyringBackend):
    """Backend of the package keyring that keeps everything in memory."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.stored: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.stored.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.stored[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.stored[service, username]


@pytest.fixture(autouse=True)
def system_keyring() -> Iterator[MemoryKeyring]:
    earlier, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(earlier)
    encryption.forget_keys()


@pytest.fixture
def run(facecam: Command, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command without keys from an earlier one, on the gallery "people"."""
    for name, text in (("right.txt", PASSPHRASE + "\n"), ("wrong.txt", "another one\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)

    def run_command(*args: str | Path) -> subprocess.CompletedProcess[str]:
        encryption.forget_keys()
        return facecam(*args, "--gallery", "people")

    return run_command


@pytest.fixture
def people(gallery: Path, tmp_path: Path) -> Path:
    return gallery.rename(tmp_path / "people")


@pytest.fixture
def encrypted(people: Path) -> Path:
    encrypt_gallery(people, PASSPHRASE)
    return people


def test_a_gallery_is_encrypted_used_and_decrypted_with_the_passphrase_in_a_file(run: Command, people: Path) -> None:
    files = {path.relative_to(people): path.read_bytes() for path in people.rglob("*.*") if path.is_file()}

    done = run("gallery", "encrypt", "--passphrase-file", "right.txt")

    assert done.returncode == 0, done.stderr
    assert "1 person, " in done.stdout
    assert "the photos are lost" in done.stderr
    assert is_encrypted(people)
    listed = run("people", "list", "--passphrase-file", "right.txt")
    assert "Eileen Collins" in listed.stdout
    undone = run("gallery", "decrypt", "--passphrase-file", "right.txt")
    assert undone.returncode == 0, undone.stderr
    after = {path.relative_to(people): path.read_bytes() for path in people.rglob("*.*") if path.is_file()}
    assert files.items() <= after.items()


@pytest.mark.parametrize(
    "command",
    [
        "people list",
        "people rename|Eileen Collins|Eileen",
        "people remove|Eileen Collins|--yes",
        "gallery verify",
        "gallery doctor",
        "gallery export|out.zip",
        "gallery decrypt",
        "gallery passphrase",
        "calibrate",
    ],
)
def test_without_a_terminal_a_command_says_that_the_gallery_is_encrypted(run: Command, encrypted: Path, command: str) -> None:
    before = sorted(path.name for path in encrypted.rglob("*"))
    name, *arguments = command.split("|")

    refused = run(*name.split(), *arguments)

    assert refused.returncode == 1
    assert "is encrypted; enter its passphrase on a terminal, or name a file with it by --passphrase-file" in refused.stderr
    assert sorted(path.name for path in encrypted.rglob("*")) == before


def test_a_wrong_passphrase_is_one_sentence(run: Command, encrypted: Path) -> None:
    refused = run("people", "list", "--passphrase-file", "wrong.txt")

    assert refused.returncode == 1
    assert refused.stderr == (
        "facecam: the passphrase in wrong.txt does not open the gallery people; name the right file by --passphrase-file\n"
    )


def test_a_gallery_is_encrypted_before_anyone_is_enrolled(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "right.txt").write_text(PASSPHRASE)

    done = facecam("gallery", "encrypt", "--passphrase-file", "right.txt")
    misspelled = facecam("gallery", "encrypt", "--passphrase-file", "right.txt", "--gallery", "peple")

    assert done.returncode == 0, done.stderr
    assert is_encrypted(tmp_path / "data" / "facecam" / "gallery")
    assert "peple does not exist" in misspelled.stderr
    assert not (tmp_path / "peple").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_a_passphrase_file_that_others_can_read_is_named_with_the_command(run: Command, encrypted: Path, tmp_path: Path) -> None:
    private = run("people", "list", "--passphrase-file", "right.txt")
    (tmp_path / "right.txt").chmod(0o644)
    readable = run("people", "list", "--passphrase-file", "right.txt")

    assert (private.returncode, readable.returncode) == (0, 0)
    assert "chmod" not in private.stderr
    assert "other users can read the passphrase in right.txt; to change that: chmod 600 right.txt" in readable.stderr


def test_the_overview_needs_the_passphrase_only_for_the_people(run: Command, encrypted: Path) -> None:
    locked = run("privacy", "--json", "-")
    unlocked = run("privacy", "--json", "-", "--passphrase-file", "right.txt")
    refused = run("privacy", "--names")

    assert [done.returncode for done in (locked, unlocked, refused)] == [0, 0, 1]
    assert [json.loads(done.stdout)["places"][0]["people"] for done in (locked, unlocked)] == [None, 1]
    assert json.loads(locked.stdout)["places"][0]["files"] == json.loads(unlocked.stdout)["places"][0]["files"] > 0


def test_without_a_terminal_each_command_names_its_option_for_a_new_passphrase(run: Command, people: Path) -> None:
    first = run("gallery", "encrypt")
    run("gallery", "encrypt", "--passphrase-file", "right.txt")
    changed = run("gallery", "passphrase", "--passphrase-file", "right.txt")

    assert "by --passphrase-file" in first.stderr
    assert "by --new-passphrase-file" in changed.stderr


def test_a_short_passphrase_and_a_missing_file_are_refused(run: Command, people: Path, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("short")
    (tmp_path / "empty.txt").write_text("\n")

    refused = [run("gallery", "encrypt", "--passphrase-file", name) for name in ("short.txt", "none.txt", "empty.txt")]

    assert [one.returncode for one in refused] == [1, 1, 1]
    assert "use at least 8" in refused[0].stderr
    assert "cannot be read from none.txt" in refused[1].stderr
    assert "has no passphrase" in refused[2].stderr
    assert not is_encrypted(people)


def test_people_are_renamed_and_removed_in_an_encrypted_gallery(run: Command, encrypted: Path) -> None:
    renamed = run("people", "rename", "Eileen Collins", "Eileen", "--passphrase-file", "right.txt")
    assert renamed.returncode == 0, renamed.stderr
    assert [person.name for person in read_people(encrypted).people] == ["Eileen"]

    removed = run("people", "remove", "Eileen", "--yes", "--passphrase-file", "right.txt")

    assert removed.returncode == 0, removed.stderr
    assert read_people(encrypted).people == ()


def test_a_changed_file_is_reported_by_verify_and_doctor(run: Command, encrypted: Path) -> None:
    photo = read_people(encrypted).people[0].photos[0]
    photo.write_bytes(photo.read_bytes()[:-1])
    (photo.parent / "person.toml").rename(encrypted.parent / "stolen")

    verified = run("gallery", "verify", "--passphrase-file", "right.txt")
    found = run("gallery", "doctor", "--passphrase-file", "right.txt")

    assert (verified.returncode, found.returncode) == (3, 3)
    assert "file_missing" in verified.stdout
    assert "the encrypted file is missing" in found.stdout


def test_doctor_names_a_truncated_photo_and_does_not_quarantine_it(run: Command, encrypted: Path) -> None:
    photo = read_people(encrypted).people[0].photos[0]
    photo.write_bytes(photo.read_bytes()[:-1])

    found = run("gallery", "doctor", "--fix", "--passphrase-file", "right.txt")

    assert found.returncode == 3
    assert "file_truncated" in found.stdout
    assert "restore it from a backup" in found.stdout
    assert photo.exists()


def test_the_passphrase_is_changed_with_files(run: Command, encrypted: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("five other random words")

    changed = run("gallery", "passphrase", "--passphrase-file", "right.txt", "--new-passphrase-file", "new.txt")

    assert changed.returncode == 0, changed.stderr
    assert run("people", "list", "--passphrase-file", "right.txt").returncode == 1
    assert run("people", "list", "--passphrase-file", "new.txt").returncode == 0


def test_the_keyring_opens_the_gallery_without_a_question_until_it_is_decrypted(
    run: Command, people: Path, system_keyring: MemoryKeyring
) -> None:
    done = run("gallery", "encrypt", "--keyring", "--passphrase-file", "right.txt")
    assert done.returncode == 0, done.stderr

    listed = run("people", "list")

    assert "Eileen Collins" in listed.stdout
    assert PASSPHRASE not in "".join(system_keyring.stored.values())
    key = encryption_key(people)
    assert key is not None
    assert list(system_keyring.stored.values()) == [key.key.hex()]
    assert run("gallery", "decrypt").returncode == 0
    assert system_keyring.stored == {}


def test_without_the_package_keyring_nothing_is_encrypted(run: Command, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    refused = run("gallery", "encrypt", "--keyring", "--passphrase-file", "right.txt")

    assert refused.returncode == 1
    assert 'pip install "facecam[keyring]"' in refused.stderr
    assert not is_encrypted(people)


def _talk(environment: dict[str, str], folder: Path, command: list[str], *answers: str) -> tuple[int, str]:
    """Run a command on a terminal, type an answer to each question, and return its status and what the terminal showed."""
    ours, theirs = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "facecam", *command],
        cwd=folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, waiting = "", list(answers)
    deadline_s = time.monotonic() + 120
    while time.monotonic() < deadline_s:
        try:
            data = os.read(ours, 4096)
        except OSError:  # Linux reports the end of a terminal as an error.
            data = b""
        if not data:
            break
        shown += data.decode()
        asked = sum(shown.count(question) for question in ("New passphrase: ", "The same again: ", "Passphrase of people: "))
        if waiting and asked > len(answers) - len(waiting):
            os.write(ours, waiting.pop(0).encode() + b"\n")
    os.close(ours)
    return process.wait(), shown


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_the_passphrase_is_asked_twice_and_never_shown(
    environment: dict[str, str], people: Path, tmp_path: Path
) -> None:
    command = ["gallery", "encrypt", "--gallery", "people"]
    secret = "typed by hand"  # noqa: S105 - of a gallery made here

    code, shown = _talk(environment, tmp_path, command, "short", secret, "a typing error", secret, secret)

    assert code == 0, shown
    assert "use at least 8" in shown
    assert "two different passphrases" in shown
    assert secret not in shown
    rename = ["people", "rename", "Eileen Collins", "Eileen", "--gallery", "people"]
    code, shown = _talk(environment, tmp_path, rename, *["wrong one"] * 3)
    assert code == 1
    assert shown.count("is wrong; check capital letters and the keyboard, and enter it again") == 3
    code, shown = _talk(environment, tmp_path, rename, "wrong one", secret)
    assert code == 0, shown
    assert secret not in shown


def test_the_passphrase_can_come_from_stdin(environment: dict[str, str], encrypted: Path, tmp_path: Path) -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "facecam", "people", "list", "--gallery", "people", "--passphrase-file", "-"],
        cwd=tmp_path,
        env=environment,
        input=PASSPHRASE + "\n",
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Eileen Collins" in listed.stdout


def test_forget_everything_deletes_an_encrypted_gallery_without_its_passphrase_and_the_key_in_the_keyring(
    run: Command, people: Path, system_keyring: MemoryKeyring
) -> None:
    assert run("gallery", "encrypt", "--keyring", "--passphrase-file", "right.txt").returncode == 0
    encryption.forget_keys()
    kept = dict(system_keyring.stored)
    system_keyring.stored.clear()  # locked, as far as this call can see
    assert run("people", "list").returncode == 1
    system_keyring.stored.update(kept)

    done = run("forget", "--everything", "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert system_keyring.stored == {}
    assert not people.exists()


@pytest.mark.parametrize("damage", ["a lost passphrase", "a damaged header", "a lost header", "a lost manifest"])
def test_forget_everything_deletes_a_gallery_that_nobody_can_decrypt(run: Command, encrypted: Path, damage: str) -> None:
    (encrypted / "notes.txt").write_text("mine")
    if damage == "a damaged header":
        (encrypted / encryption.HEADER_FILE).write_bytes(b"gallery_id = ")
    elif damage != "a lost passphrase":
        (encrypted / (encryption.HEADER_FILE if "header" in damage else encryption.MANIFEST_FILE)).unlink()

    done = run("forget", "--everything", "--yes")

    assert done.returncode == 3, done.stdout + done.stderr
    assert [path.name for path in encrypted.iterdir()] == ["notes.txt"]
