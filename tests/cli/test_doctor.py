"""`facecam doctor`: lines, exit code, JSON and imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .conftest import Command, run_process_in

PACKAGE_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class DoctorRun:
    """Result of one run without faults, shared by the tests that only read it."""

    done: subprocess.CompletedProcess[str]
    folder: Path

    @property
    def lines(self) -> list[str]:
        """Return the lines with a verdict, without advice."""
        return [line for line in self.done.stdout.splitlines() if not line.startswith(" ")]

    @property
    def listed(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "doctor.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def doctor_run(tmp_path_factory: pytest.TempPathFactory) -> DoctorRun:
    folder = tmp_path_factory.mktemp("doctor")
    args = ["doctor", "--source", "demo", "--json", "doctor.json"]
    return DoctorRun(run_process_in(folder, *args, PYTHONPROFILEIMPORTTIME="1"), folder)


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """Return the last finding of each check from `--json -`."""
    return {finding["check"]: finding for finding in json.loads(done.stdout)}


def imported(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the modules imported by a process with PYTHONPROFILEIMPORTTIME."""
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


def test_every_check_has_a_line_with_its_verdict_first(doctor_run: DoctorRun) -> None:
    assert doctor_run.done.returncode == 0, doctor_run.done.stdout
    assert {line.split()[0] for line in doctor_run.lines} <= {"ok", "warning"}
    checks = [line.split()[1] for line in doctor_run.lines]
    assert checks[:4] == ["system", "packages", "configuration", "models"]
    assert {"gallery", "logs", "disk", "clock", "display", "opencv", "networks", "stages", "speed"} <= set(checks)
    assert "no faults" in doctor_run.done.stderr


def test_the_json_holds_the_same_findings(doctor_run: DoctorRun) -> None:
    assert {tuple(finding) for finding in doctor_run.listed} == {("check", "verdict", "found", "advice")}
    expected = [[finding["verdict"], finding["check"]] for finding in doctor_run.listed]
    assert [line.split()[:2] for line in doctor_run.lines] == expected


def test_only_the_json_file_is_written(doctor_run: DoctorRun) -> None:
    assert [path.name for path in doctor_run.folder.iterdir()] == ["doctor.json"]


def test_neither_tensorflow_nor_qt_is_imported(doctor_run: DoctorRun) -> None:
    assert "cv2" in imported(doctor_run.done)
    assert {"tensorflow", "keras", "pandas", "PySide6"}.isdisjoint(imported(doctor_run.done))


def test_every_check_is_documented(doctor_run: DoctorRun) -> None:
    document = (PACKAGE_ROOT / "docs" / "guides" / "doctor.md").read_text(encoding="utf-8")
    documented = [line.split("|")[1] for line in document.splitlines() if line.startswith("| `")]

    checks = {finding["check"] for finding in doctor_run.listed}

    assert [check for check in checks if not any(f"`{check}`" in names for names in documented)] == []


def test_a_fault_exits_with_3(facecam: Command) -> None:
    done = facecam("doctor", "--source", "demo", "--source", "nowhere.mp4")

    assert done.returncode == 3
    assert "demo: 640x480" in done.stdout
    assert "the file or folder nowhere.mp4 does not exist" in done.stdout
    assert "-> Check the path" in done.stdout
    assert "1 fault" in done.stderr


def test_an_unknown_setting_is_a_fault_and_the_other_checks_run(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text("[detect]\nsmallest = 3\n", encoding="utf-8")

    done = facecam("doctor", "--json", "-")

    found = findings(done)
    assert done.returncode == 3
    assert found["configuration"]["verdict"] == "fault"
    assert "unknown setting detect.smallest" in found["configuration"]["found"]
    assert found["speed"]["verdict"] == "ok"


def test_a_broken_configuration_makes_the_gallery_a_warning(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text("[gallery\n", encoding="utf-8")

    found = findings(facecam("doctor", "--json", "-"))

    assert found["configuration"]["verdict"] == "fault"
    assert found["gallery"]["verdict"] == "warning"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that even root cannot write to")
def test_a_read_only_folder_is_a_fault(facecam: Command) -> None:
    done = facecam("doctor", "--log", "/proc/logs", "--json", "-")

    found = findings(done)
    assert done.returncode == 3
    assert found["logs"]["verdict"] == "fault"


def test_a_network_that_is_not_converted_is_a_fault_with_the_command(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "facecam.toml").write_text('[objects]\nnetwork = "MobileNetV2"\n', encoding="utf-8")

    found = findings(facecam("doctor", "--json", "-"))

    assert found["networks"]["verdict"] == "fault"
    assert "run `facecam models convert MobileNetV2` first" in found["networks"]["found"]


def test_opencv_that_does_not_load_is_the_only_fault(facecam_process: Command, tmp_path: Path) -> None:
    broken = tmp_path / "broken" / "cv2"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text('raise ImportError("libGL.so.1: cannot open shared object file")\n', encoding="utf-8")

    done = facecam_process("doctor", "--json", "-", PYTHONPATH=os.pathsep.join([str(broken.parent), str(PACKAGE_ROOT)]))

    found = findings(done)
    assert done.returncode == 3
    assert "libGL.so.1" in found["opencv"]["found"]
    assert found["models"]["verdict"] == found["logs"]["verdict"] == "ok"
    assert [check for check, finding in found.items() if finding["verdict"] == "fault"] == ["opencv"]


def test_help_imports_nothing_heavy(facecam_process: Command) -> None:
    done = facecam_process("doctor", "--help", PYTHONPROFILEIMPORTTIME="1")

    assert "--source" in done.stdout
    assert "typer" in imported(done)
    assert {"numpy", "cv2", "tensorflow"}.isdisjoint(imported(done))
