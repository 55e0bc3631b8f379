"""Commands for the rights of a person that are killed with SIGKILL: no half state, and nothing acknowledged is lost.

The long tests kill 500 times and print their figures: `pytest -m long -s tests/privacy/test_kill_trials.py`.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from facecam.gallery.files import is_locked, read_gallery_file, unlock_gallery
from facecam.gallery.people import read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.transaction import recover
from facecam.imageio import MAX_FILE_BYTES
from tests.cli.conftest import run_in
from tests.privacy.kill_processes import CommandProcesses, command_processes
from tests.privacy.person_data import GALLERY, LOGS, NAME, OTHER, make_home

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the trials need fork and SIGKILL")

PASSPHRASE = "correct horse"  # noqa: S105 - of a gallery made here
FORGET = ("forget", NAME, "--pseudonymize", "--yes")
COMMANDS: dict[str, tuple[str, ...]] = {
    "forget": FORGET,
    "export-person": ("export-person", NAME, "--output", "zoe.zip"),
    "gallery encrypt": ("gallery", "encrypt"),
    "gallery decrypt": ("gallery", "decrypt"),
}
CASES = [
    ("forget", "folder", 175),
    ("forget", "encrypted", 50),
    ("export-person", "folder", 50),
    ("export-person", "encrypted", 25),
    ("gallery encrypt", "folder", 100),
    ("gallery decrypt", "encrypted", 100),
]
"""Command, kind of the gallery, and number of kills."""

PersonState = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


@pytest.fixture(scope="module")
def processes() -> Iterator[CommandProcesses]:
    with command_processes() as started:
        yield started


@dataclass(frozen=True)
class Template:
    """A home whose path stays the same, because caches belong to a path, and copies of it by kind of gallery."""

    home: Path

    def restore(self, kind: str) -> None:
        shutil.rmtree(self.home)
        shutil.copytree(self.home.with_name(kind), self.home, symlinks=True)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    home = tmp_path_factory.mktemp("template") / "home"
    make_home(home)
    (home / "passphrase").write_text(PASSPHRASE, encoding="utf-8")
    shutil.copytree(home, home.with_name("folder"))
    options = ("--passphrase-file", "passphrase")
    assert run_in(home, "gallery", "encrypt", *options).returncode == 0
    assert run_in(home, "export-person", NAME, "-o", "unused.zip", *options).returncode == 0  # fills the cache
    (home / "unused.zip").unlink()
    shutil.copytree(home, home.with_name("encrypted"))
    return Template(home)


def people_of(home: Path) -> dict[str, PersonState]:
    """Return what readers see of each person, also while a change is not finished: quarantined photos are in no list then."""
    return people_without_quarantine(state_of(home))


def people_without_quarantine(state: dict[str, PersonState]) -> dict[str, PersonState]:
    return {name: (consent, photos, (), rejected) for name, (consent, photos, _, rejected) in state.items()}


def state_of(home: Path) -> dict[str, PersonState]:
    """Return consent and contents of photos, quarantined photos and rejected faces of each person, plain or encrypted."""

    def hashes(paths: object) -> tuple[str, ...]:
        return tuple(sorted(hashlib.sha256(read_gallery_file(path, MAX_FILE_BYTES)).hexdigest() for path in paths))  # type: ignore[attr-defined]

    root = home / GALLERY
    if is_locked(root):
        unlock_gallery(root, PASSPHRASE)
    people = read_people(root)
    assert people.problems == ()
    quarantined = [path for paths in quarantine_sets(root).values() for path in paths]
    return {
        person.name: (
            person.consent,
            hashes(person.photos),
            hashes(path for path in quarantined if path.is_relative_to(person.folders[0])),
            hashes(person.rejected),
        )
        for person in people.people
    }


def log_state(home: Path) -> tuple[list[int], int, list[str]]:
    """Return the numbers of rows, and the names of the people in the JSON of sessions, which all can be read."""
    counts, names = [], []
    for path in sorted((home / LOGS).rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        assert len({len(row) for row in rows}) == 1
        counts.append(len(rows))
    for path in sorted((home / LOGS).rglob("2*.json")):
        names += [entry["name"] for entry in json.loads(path.read_text(encoding="utf-8"))["people"]]
    return counts, pq.read_table(home / LOGS / "all.parquet").num_rows, names


def unfinished(home: Path) -> list[Path]:
    """Return what an interruption can leave: it must be gone after the next call."""
    folders = [home / "data", home / ".cache" / "facecam", home / ".config"]
    prefixes = (".part-", ".staging-", ".trash-", ".journal")
    found = [path for folder in folders for path in folder.rglob("*") if path.name.startswith(prefixes)]
    return [*found, *(home / "data" / "facecam" / "forgetting").glob("*")]


class Trials:
    """Trials of one command on one kind of gallery."""

    def __init__(self, processes: CommandProcesses, template: Template, command: str, kind: str) -> None:
        self._processes, self._template, self._command, self._kind = processes, template, command, kind
        self.home = template.home
        template.restore(kind)
        self.before, self.logs = state_of(self.home), log_state(self.home)
        whole = self._run(*COMMANDS[command])
        assert whole["code"] == 0, whole
        self.changes, self.seconds = whole["operations"], whole["seconds"]
        self.after = state_of(self.home)

    def _run(self, *arguments: str, **options: float) -> dict[str, object]:
        return self._processes.run(self.home, *arguments, "--passphrase-file", "passphrase", **options)

    def run(self, **options: float) -> str:
        """Run the command until it is killed, check what is left, and return "done" or "killed"."""
        self._template.restore(self._kind)
        result = self._run(*COMMANDS[self._command], **options)
        readers = people_of(self.home)
        assert readers in (people_without_quarantine(self.before), people_without_quarantine(self.after))
        recover(self.home / GALLERY)
        seen = state_of(self.home)
        assert seen in (self.before, self.after)
        assert people_without_quarantine(seen) == readers
        if self._command == "forget":
            self._check_forget(result, seen)
        elif self._command == "export-person":
            self._check_export(result)
        else:
            assert seen == self.before == self.after
            assert not [
                path for path in (self.home / GALLERY).rglob(".*") if path.name.startswith((".staging-", ".trash-", ".journal"))
            ]
        assert log_state(self.home)[:2] == self.logs[:2]
        return "killed" if "killed" in result else "done"

    def _check_forget(self, result: dict[str, object], seen: dict[str, PersonState]) -> None:
        if "nothing found" in str(result["stdout"]):
            assert seen == self.after
            assert NAME not in log_state(self.home)[2]
        again = self._run(*FORGET)
        assert again["code"] == 0, again
        assert "nothing found" in str(again["stdout"])
        assert state_of(self.home) == self.after
        assert OTHER in self.after
        assert NAME not in self.after
        assert [name for name in log_state(self.home)[2] if name == OTHER] == [OTHER]
        assert unfinished(self.home) == []

    def _check_export(self, result: dict[str, object]) -> None:
        target = self.home / "zoe.zip"
        if target.exists():
            with zipfile.ZipFile(target) as package:
                assert package.testzip() is None
                assert "README.txt" in package.namelist()
        assert target.exists() or "written to" not in str(result["stdout"])
        # The check of the path creates an empty file and deletes it.
        assert [path for path in self.home.glob(".part-*") if path.stat().st_size] == []
        again = self._run(*COMMANDS["export-person"], "--overwrite")
        assert again["code"] == 0, again


@pytest.mark.parametrize(("command", "kind", "kills"), CASES)
def test_a_killed_command_leaves_no_half_state(
    processes: CommandProcesses, template: Template, command: str, kind: str, kills: int
) -> None:
    trials = Trials(processes, template, command, kind)

    for change in (trials.changes // 2, trials.changes * 5 // 6):
        # How many files a run changes depends on what it still finds to do, by a few.
        assert trials.run(kill_at=change) == "killed" or trials.run(kill_at=change // 2) == "killed"


def test_the_next_start_finishes_a_forget_that_was_killed(processes: CommandProcesses, template: Template) -> None:
    template.restore("folder")
    home, begun = template.home, template.home / "data" / "facecam" / "forgetting"
    whole = processes.run(home, *FORGET)
    template.restore("folder")
    result = processes.run(home, *FORGET, kill_at=whole["operations"] // 2)
    assert "killed" in result
    assert list(begun.iterdir())

    started = run_in(home, "run", "--no-window", "--source", "photos", "--no-log")

    assert started.returncode == 0, started.stderr
    assert not begun.exists()
    assert list(state_of(home)) == [OTHER]
    assert NAME not in log_state(home)[2]
    assert "nothing found" in processes.run(home, *FORGET)["stdout"]


@pytest.mark.parametrize("finish", [("run", "--no-window", "--source", "photos", "--no-log"), ("gallery", "encrypt")])
def test_a_killed_forget_is_finished_in_the_folder_of_logs_that_it_was_given(
    processes: CommandProcesses, template: Template, finish: tuple[str, ...]
) -> None:
    """The next command knows only the default folder of logs; after an encryption, the notes of the forget are not readable."""
    home, begun, study = template.home, template.home / "data" / "facecam" / "forgetting", template.home / "study"
    command = (*FORGET, "--log", "study")
    template.restore("folder")
    shutil.move(home / LOGS, study)
    whole = processes.run(home, *command)
    template.restore("folder")
    shutil.move(home / LOGS, study)
    assert "killed" in processes.run(home, *command, kill_at=whole["operations"] // 2)
    assert list(begun.iterdir())

    finished = run_in(home, *finish, "--passphrase-file", "passphrase")

    assert finished.returncode == 0, finished.stderr
    assert not begun.exists()
    (log,) = study.rglob("2*.csv")
    assert NAME not in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["folder", "encrypted"])
def test_a_killed_forget_everything_is_finished_by_the_next_call(
    processes: CommandProcesses, template: Template, kind: str
) -> None:
    home, command = template.home, ("forget", "--everything", "--yes")
    template.restore(kind)
    whole = processes.run(home, *command)
    for change in (3, 5, 7, whole["operations"] // 2):
        template.restore(kind)
        assert "killed" in processes.run(home, *command, kill_at=change)

        again = processes.run(home, *command)

        assert (again["code"], "nothing is left" in again["stdout"]) == (0, True), again
        assert not (home / "data" / "facecam").exists()


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("command", "kind", "kills"), CASES)
def test_a_command_killed_at_random_moments_leaves_no_half_state(
    processes: CommandProcesses, template: Template, command: str, kind: str, kills: int
) -> None:
    trials, chance = Trials(processes, template, command, kind), random.Random(f"{command} {kind}")
    results: Counter[str] = Counter()
    while results["killed"] < kills and results.total() < 2 * kills:
        if chance.random() < 0.7:
            results[trials.run(kill_at=chance.randint(1, trials.changes))] += 1
        else:
            results[trials.run(kill_after_s=chance.uniform(0.2, 1) * trials.seconds)] += 1

    sys.stdout.write(
        f"\n{command}, {kind}: {results['killed']} kills, {results['done']} finished before, {trials.changes} changes\n"
    )
    assert results["killed"] == kills
