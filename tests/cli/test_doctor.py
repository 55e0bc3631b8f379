"""`facecam doctor` in a process of its own: its lines, its status, its JSON, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from facecam.diagnostics.machine import needed_networks
from facecam.networks.convert import ensure_compiled
from facecam.settings import Settings

from .conftest import Command, run_in

PACKAGE_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """The doctor reports networks that are not compiled yet, which is not what is tested here."""
    ensure_compiled(needed_networks(Settings()))


@dataclass(frozen=True)
class Examined:
    """A machine on which all is well, examined once for every test that only reads what was said."""

    done: subprocess.CompletedProcess[str]
    folder: Path

    @property
    def lines(self) -> list[str]:
        """The lines with a verdict, without advice."""
        return [line for line in self.done.stdout.splitlines() if not line.startswith(" ")]

    @property
    def listed(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "doctor.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def examined(_compiled: None, tmp_path_factory: pytest.TempPathFactory) -> Examined:
    folder = tmp_path_factory.mktemp("examined")
    words = ["doctor", "--source", "demo", "--json", "doctor.json"]
    return Examined(run_in(folder, *words, PYTHONPROFILEIMPORTTIME="1"), folder)


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """The findings of `--json -` by check; of several the last."""
    return {finding["check"]: finding for finding in json.loads(done.stdout)}


def imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    """What a process started with PYTHONPROFILEIMPORTTIME imported."""
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def test_every_check_has_a_line_with_its_verdict_first(examined: Examined) -> None:
    assert examined.done.returncode == 0, examined.done.stdout
    assert {line.split()[0] for line in examined.lines} <= {"ok", "warning"}
    checks = [line.split()[1] for line in examined.lines]
    assert checks[:4] == ["system", "packages", "configuration", "models"]
    assert {"gallery", "logs", "cache", "disk", "clock", "display", "opencv", "networks", "stages", "speed"} <= set(checks)
    assert "no faults" in examined.done.stderr


def test_the_json_holds_the_same_findings(examined: Examined) -> None:
    assert {tuple(finding) for finding in examined.listed} == {("check", "verdict", "found", "advice")}
    told = [[finding["verdict"], finding["check"]] for finding in examined.listed]
    assert [line.split()[:2] for line in examined.lines] == told


def test_nothing_is_left_behind_but_the_json(examined: Examined) -> None:
    assert [path.name for path in examined.folder.iterdir()] == ["doctor.json"]


def test_neither_tensorflow_nor_qt_is_imported(examined: Examined) -> None:
    assert "cv2" in imported(examined.done)
    assert {"tensorflow", "keras", "pandas", "PySide6"}.isdisjoint(imported(examined.done))


def test_every_line_is_explained_in_the_docs(examined: Examined) -> None:
    document = (PACKAGE_ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    explained = [line.split("|")[1] for line in document.splitlines() if line.startswith("| `")]

    checks = {finding["check"] for finding in examined.listed}

    assert [check for check in checks if not any(f"`{check}`" in names for names in explained)] == []


def test_a_fault_is_status_3(facecam: Command) -> None:
    done = facecam("doctor", "--source", "demo", "--source", "nowhere.mp4")

    assert done.returncode == 3
    assert "demo: 640x480" in done.stdout
    assert "there is no file or folder nowhere.mp4" in done.stdout
    assert "-> Check the path" in done.stdout
    assert "1 fault" in done.stderr


def test_an_unknown_setting_is_a_fault_and_the_rest_is_checked_all_the_same(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text("[detect]\nsmallest = 3\n", encoding="utf-8")

    done = facecam("doctor", "--json", "-")

    found = findings(done)
    assert done.returncode == 3
    assert found["configuration"]["verdict"] == "fault"
    assert "there is no setting detect.smallest" in found["configuration"]["found"]
    assert found["speed"]["verdict"] == "ok"


def test_a_configuration_that_hides_the_gallery_is_said_so(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text("[gallery\n", encoding="utf-8")

    found = findings(facecam("doctor", "--json", "-"))

    assert found["configuration"]["verdict"] == "fault"
    assert found["gallery"]["verdict"] == "warning"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that nobody may write to, root included")
def test_folders_that_cannot_be_written_are_faults(facecam: Command) -> None:
    done = facecam("doctor", "--log", "/proc/logs", "--json", "-", FACECAM_CACHE="/proc/cache")

    found = findings(done)
    assert done.returncode == 3
    assert found["logs"]["verdict"] == "fault"
    assert found["cache"]["verdict"] == "fault", "networks that are not compiled have nowhere to go"


def test_opencv_that_does_not_load_is_a_fault_and_hides_nothing_else(facecam: Command, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "cv2"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text('raise ImportError("libGL.so.1: cannot open shared object file")\n', encoding="utf-8")

    done = facecam("doctor", "--json", "-", PYTHONPATH=os.pathsep.join([str(broken.parent), str(PACKAGE_ROOT)]))

    found = findings(done)
    assert done.returncode == 3
    assert "libGL.so.1" in found["opencv"]["found"]
    assert found["models"]["verdict"] == found["logs"]["verdict"] == "ok"
    assert [check for check, finding in found.items() if finding["verdict"] == "fault"] == ["opencv"]


def test_help_imports_nothing_heavy(facecam: Command) -> None:
    done = facecam("doctor", "--help", PYTHONPROFILEIMPORTTIME="1")

    assert "--source" in done.stdout
    assert "typer" in imported(done)
    assert {"numpy", "cv2", "tensorflow"}.isdisjoint(imported(done))
