"""Changes of a gallery that are killed, or find a full disk: they happen as a whole or not at all.

The long tests print their figures by change: `pytest -m long -s tests/gallery/test_kill_trials.py`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.gallery.people import read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.service import GalleryService
from facecam.gallery.transaction import PART_PREFIX, recover
from tests.forked_processes import ForkedProcesses
from tests.gallery.gallery_processes import (
    CHANGES,
    REDO,
    UNDO,
    gallery_processes,
    make_gallery,
    prepare,
    state_of,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the trials need fork and SIGKILL")

MADE = [change for change in CHANGES if "Eve" not in change and change not in ("read", "merge Ben into Ann")]
UNDONE = ["enroll a new person", "enroll more photos", "rename two folders", "merge", "remove", "remove two folders"]
KILLED_CHANGES = [*MADE, *(prefix + change for prefix in (UNDO, REDO) for change in UNDONE)]
MAX_FILE_BYTES = (100, 500, 2000, 3500)
"""The journal and person.toml have 100 to 2000 bytes, the photos 3000 to 4000."""


@pytest.fixture(scope="module")
def processes() -> Iterator[ForkedProcesses]:
    with gallery_processes() as started:
        yield started


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "gallery"
    make_gallery(root)
    return root


def _quarantined(root: Path) -> list[bytes]:
    return sorted(path.read_bytes() for paths in quarantine_sets(root).values() for path in paths)


class Trials:
    """Galleries before and after one kind of change, and trials of it."""

    def __init__(self, processes: ForkedProcesses, template: Path, folder: Path, change: str) -> None:
        self._processes = processes
        self._template = template
        self._folder = folder
        self._change = change
        self._number = 0
        before, complete = self._new_gallery(), self._new_gallery()
        if change.startswith((UNDO, REDO)):
            prepare(before, change)
        (result,) = processes.run_all(self._request(complete))
        assert result["error"] is None
        self.operations, self.seconds = result["operations"], result["seconds"]
        self.before, self.after = state_of(before), state_of(complete)
        assert self.before != self.after
        self.quarantined = (_quarantined(before), _quarantined(complete))

    def _new_gallery(self) -> Path:
        self._number += 1
        root = self._folder / str(self._number)
        shutil.copytree(self._template, root)
        return root

    def _request(self, root: Path, **options: float) -> dict[str, object]:
        return {"root": str(root), "change": self._change, **options}

    def run(self, **options: float) -> str:
        """Make the change under these conditions, check what is left, and return "done", "failed" or "killed"."""
        root = self._new_gallery()
        (result,) = self._processes.run_all(self._request(root, **options))
        seen = state_of(root)
        if "killed" in result:
            assert seen in (self.before, self.after)
        else:
            assert seen == (self.after if result["error"] is None else self.before), result
        recover(root)
        assert state_of(root) == seen
        assert _quarantined(root) == self.quarantined[seen == self.after]
        hidden = [path for path in root.rglob(".*") if path.name.startswith((".staging-", ".trash-", ".journal"))]
        assert not hidden
        GalleryService(root).rename("Ben", "Benjamin")
        unfinished = [path for path in root.rglob("*") if path.name.startswith(PART_PREFIX)]
        assert len(unfinished) <= 1
        shutil.rmtree(root)
        return "killed" if "killed" in result else "done" if result["error"] is None else "failed"


@pytest.mark.parametrize(
    "change",
    [
        "enroll a new person",
        "rename two folders",
        "merge",
        "remove two folders",
        UNDO + "merge",
        UNDO + "remove",
        "import a person",
        REDO + "merge",
    ],
)
def test_a_killed_change_happens_as_a_whole_or_not_at_all(
    processes: ForkedProcesses, template: Path, tmp_path: Path, change: str
) -> None:
    trials = Trials(processes, template, tmp_path, change)

    assert {trials.run(kill_at=event) for event in (trials.operations // 2, trials.operations * 3 // 4)} == {"killed"}


def test_a_change_interrupted_by_ctrl_c_happens_as_a_whole_or_not_at_all(
    processes: ForkedProcesses, template: Path, tmp_path: Path
) -> None:
    trials = Trials(processes, template, tmp_path, "rename")

    for event in range(trials.operations * 2 // 3, trials.operations + 1, 2):
        trials.run(kill_at=event, signal=signal.SIGINT)


@pytest.mark.parametrize("change", ["enroll a new person", "merge", UNDO + "remove"])
def test_a_change_on_a_full_disk_changes_nothing(processes: ForkedProcesses, template: Path, tmp_path: Path, change: str) -> None:
    trials = Trials(processes, template, tmp_path, change)

    assert trials.run(max_file_bytes=100) == "failed"


@pytest.mark.long
@pytest.mark.parametrize("change", KILLED_CHANGES)
def test_changes_killed_before_every_file_operation_and_at_any_time(
    processes: ForkedProcesses, template: Path, tmp_path: Path, change: str
) -> None:
    trials, chance = Trials(processes, template, tmp_path, change), random.Random(change)
    results: Counter[str] = Counter()
    for event in range(1, trials.operations + 1):
        for signal_number in (chance.choice([signal.SIGKILL, signal.SIGHUP]), signal.SIGINT):
            results[trials.run(kill_at=event, signal=signal_number)] += 1
    for _ in range(20):
        delay_s = chance.uniform(1e-6, trials.seconds)
        results[trials.run(kill_after_s=delay_s, signal=chance.choice([signal.SIGKILL, signal.SIGHUP]))] += 1
    full = Counter(trials.run(max_file_bytes=size) for size in MAX_FILE_BYTES)

    sys.stdout.write(f"\n{change}: {results.total()} kills ({dict(results)}), {full.total()} full disks ({dict(full)})\n")
    assert results["killed"] >= 2 * trials.operations - 5


COMMANDS = {
    "people rename": ["Ann", "Anna"],
    "people remove": ["Ann", "--yes"],
    "enroll": ["Dora", "facecam/_demo/eileen_collins.jpg"],
}


@pytest.mark.long
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_commands_happen_as_a_whole_or_not_at_all(template: Path, tmp_path: Path, command: str) -> None:
    full_command = [sys.executable, "-m", "facecam", *command.split(), *COMMANDS[command], "--gallery"]
    shutil.copytree(template, tmp_path / "complete")
    started_s = time.monotonic()
    subprocess.run([*full_command, str(tmp_path / "complete")], check=True, capture_output=True)
    seconds, chance = time.monotonic() - started_s, random.Random(command)
    before, after = state_of(template), state_of(tmp_path / "complete")
    results: Counter[str] = Counter()
    for number in range(20):
        root = tmp_path / str(number)
        shutil.copytree(template, root)
        with subprocess.Popen([*full_command, str(root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            time.sleep(chance.uniform(0.4, 1.05) * seconds)
            process.send_signal(chance.choice([signal.SIGKILL, signal.SIGHUP]))
            output = process.communicate()[0]
        state = state_of(root)
        assert state in (before, after)
        if output:
            assert state == after
        results["done" if state == after else "not done"] += 1
        recover(root)
        assert read_people(root).problems == ()
        assert state_of(root) == state

    sys.stdout.write(f"\nfacecam {command}: {results.total()} signals ({dict(results)})\n")
