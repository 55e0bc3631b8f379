"""packaging/facecam.service: systemd accepts it, facecam accepts its command, and facecam runs run_confined its limits."""

from __future__ import annotations

import ctypes
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from facecam.cli.main import application

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "packaging" / "facecam.service"

# prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN), Linux 6.3: what systemd's MemoryDenyWriteExecute= asks the kernel for.
_SET_MDWE, _REFUSE_EXEC_GAIN = 65, 1

RunConfined = Callable[..., subprocess.CompletedProcess[str]]


def values(key: str) -> list[str]:
    """Return the values that the unit assigns to `key`, in order."""
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.partition("=")[0] == key]


def command_line() -> list[str]:
    (line,) = values("ExecStart")
    return shlex.split(line.replace("%S", "/var/lib"))


@pytest.fixture
def run_confined(tmp_path: Path) -> RunConfined:
    """Return a function that runs `python -m ...` in tmp_path with only the unit's environment and no new machine code."""
    if not sys.platform.startswith("linux"):
        pytest.skip("systemd is Linux's")
    folders = {"%S": "lib", "%E": "etc"}
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for word in " ".join(values("Environment")).split():
        name, _, value = word.partition("=")
        for specifier, folder in folders.items():
            value = value.replace(specifier, str(tmp_path / folder))
        environment[name] = value

    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", *map(str, arguments)]
        kwargs = {"env": environment | more, "cwd": tmp_path, "capture_output": True, "text": True, "timeout": 120}
        return subprocess.run(command, preexec_fn=_refuse_new_code, check=False, **kwargs)

    return run


def _refuse_new_code() -> None:
    ctypes.CDLL(None).prctl(_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0)


def test_facecam_accepts_the_command() -> None:
    program, name, *arguments = command_line()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

    command = typer.main.get_command(application()).commands[name]
    given = command.make_context(name, arguments).params  # reads the arguments without running anything

    assert Path(program).name in scripts
    assert given["no_window"] is True
    assert given["source"] == ["0"]
    assert given["log"] == Path("/var/lib/facecam/logs")
    assert given["gallery"] == "/var/lib/facecam/gallery"


def test_an_unknown_option_is_an_error() -> None:
    assert CliRunner().invoke(application(), [*command_line()[1:], "--no-such-option"]).exit_code == 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "facecam.service"
    unit.write_text(UNIT.read_text(encoding="utf-8").replace(command_line()[0], "/bin/true"), encoding="utf-8")

    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_the_command_writes_only_to_its_own_folder() -> None:
    own_folder = "/var/lib/" + values("StateDirectory")[0]
    written = [word for word in command_line() if word.startswith("/var/")]
    assert written

    assert all(Path(path).is_relative_to(own_folder) for path in written)
    assert values("CacheDirectory") == []


def test_the_settings_come_from_etc(run_confined: RunConfined, tmp_path: Path) -> None:
    config = tmp_path / "etc" / "facecam" / "facecam.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[detect]\nmin_face_size_px = 6\n", encoding="utf-8")

    done = run_confined("facecam", "people", "list")

    assert done.stderr.startswith(f"facecam: {config}, line 2: detect.min_face_size_px is 6")


def test_it_recognizes_without_executable_memory(run_confined: RunConfined, tmp_path: Path, portraits: dict[str, Path]) -> None:
    done = run_confined("facecam", "run", "--no-window", "--source", portraits["cat"], "--log", "logs")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / done.stdout.splitlines()[-1]).is_file()
