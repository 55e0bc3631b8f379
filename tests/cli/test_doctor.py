"""`facecam doctor` in a process of its own: its lines, its status, its JSON, and what it leaves alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facecam.compile import cache_dir, ensure_compiled
from facecam.doctor.networks import needed_networks
from facecam.settings import Settings

PACKAGE_ROOT = Path(__file__).parents[2]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def facecam(tmp_path: Path) -> Command:
    """Runs `facecam ...` in an empty folder with a home of its own and no display; the compiled networks are this machine's."""
    ensure_compiled(needed_networks(Settings()))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FACECAM_", "XDG_"))}
    kept = {name: value for name, value in kept.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    own = {"HOME": str(tmp_path), "FACECAM_CACHE": str(cache_dir().parent)}

    def run(*words: str | Path, **options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "facecam", *map(str, words)]
        environment = kept | own | options
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False)

    return run


def findings(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """The findings of `--json -` by check; of several the last."""
    return {finding["check"]: finding for finding in json.loads(done.stdout)}


def test_every_check_has_a_line_with_its_verdict_first(facecam: Command) -> None:
    done = facecam("doctor")

    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert done.returncode == 0, done.stdout
    assert {line.split()[0] for line in lines} <= {"ok", "warning"}
    checks = [line.split()[1] for line in lines]
    assert checks[:4] == ["system", "packages", "configuration", "models"]
    assert {"gallery", "logs", "cache", "disk", "clock", "display", "opencv", "networks", "stages", "speed"} <= set(checks)
    assert "no faults" in done.stderr


def test_nothing_is_left_behind_and_no_picture_is_made(facecam: Command, tmp_path: Path) -> None:
    facecam("doctor")

    assert list(tmp_path.iterdir()) == []


def test_json_holds_the_same_findings(facecam: Command, tmp_path: Path) -> None:
    done = facecam("doctor", "--json", "doctor.json")

    listed = json.loads((tmp_path / "doctor.json").read_text(encoding="utf-8"))
    assert [set(finding) for finding in listed] == [{"check", "verdict", "found", "advice"}] * len(listed)
    lines = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert [line.split()[:2] for line in lines] == [[finding["verdict"], finding["check"]] for finding in listed]


def test_json_on_stdout_is_nothing_but_json(facecam: Command) -> None:
    assert findings(facecam("doctor", "--json", "-"))["models"]["verdict"] == "ok"


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
def test_a_folder_that_cannot_be_written_is_a_fault_but_for_a_full_cache_only_a_warning(facecam: Command, tmp_path: Path) -> None:
    done = facecam("doctor", "--log", "/proc/logs", "--json", "-")
    without_cache = facecam("doctor", "--json", "-", FACECAM_CACHE="/proc/cache")

    assert findings(done)["logs"]["verdict"] == "fault"
    assert findings(done)["cache"]["verdict"] == "ok"
    assert findings(without_cache)["cache"]["verdict"] == "fault", "networks that are not compiled have nowhere to go"


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


def test_tensorflow_is_not_imported(facecam: Command) -> None:
    done = facecam("doctor", PYTHONPROFILEIMPORTTIME="1")

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "cv2" in imported
    assert {"tensorflow", "keras", "pandas", "PySide6"}.isdisjoint(imported)


def test_help_imports_nothing_heavy(facecam: Command) -> None:
    done = facecam("doctor", "--help", PYTHONPROFILEIMPORTTIME="1")

    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "--source" in done.stdout
    assert {"numpy", "cv2", "tensorflow"}.isdisjoint(imported)
