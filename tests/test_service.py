"""packaging/facecam.service: systemd takes it, its command is one that facecam takes, and facecam lives within its limits."""

from __future__ import annotations

import ctypes
import json
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

from facecam.cli.main import app
from facecam.diagnostics.machine import needed_networks
from facecam.networks.convert import cache_dir, ensure_compiled
from facecam.settings import Settings

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "packaging" / "facecam.service"

# prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN), Linux 6.3: what systemd's MemoryDenyWriteExecute= asks the kernel for.
_SET_MDWE, _REFUSE_EXEC_GAIN = 65, 1

Within = Callable[..., subprocess.CompletedProcess[str]]


def values(key: str) -> list[str]:
    """Everything that the unit assigns to `key`, in its order."""
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.partition("=")[0] == key]


def command_line() -> list[str]:
    (line,) = values("ExecStart")
    return shlex.split(line.replace("%S", "/var/lib"))


@pytest.fixture
def within(tmp_path: Path) -> Within:
    """Runs `python -m facecam ...` with nothing but the unit's environment, below tmp_path, and refused new machine code."""
    if not sys.platform.startswith("linux"):
        pytest.skip("systemd is Linux's")
    places = {"%S": "lib", "%C": "cache", "%E": "etc"}
    environment = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for word in " ".join(values("Environment")).split():
        name, _, value = word.partition("=")
        for specifier, folder in places.items():
            value = value.replace(specifier, str(tmp_path / folder))
        environment[name] = value

    def run(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", *map(str, words)]
        kwargs = {"env": environment | more, "cwd": tmp_path, "capture_output": True, "text": True, "timeout": 120}
        return subprocess.run(command, preexec_fn=_refuse_new_code, check=False, **kwargs)

    return run


def _refuse_new_code() -> None:
    ctypes.CDLL(None).prctl(_SET_MDWE, _REFUSE_EXEC_GAIN, 0, 0, 0)


def test_its_command_is_one_that_facecam_takes() -> None:
    program, name, *words = command_line()
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]

    command = typer.main.get_command(app).commands[name]
    given = command.make_context(name, words).params  # reads the words without running anything

    assert Path(program).name in scripts
    assert given["no_window"] is True
    assert given["source"] == ["0"]
    assert given["log"] == Path("/var/lib/facecam/logs")
    assert given["gallery"] == "/var/lib/facecam/gallery"


def test_an_option_that_facecam_does_not_have_would_be_noticed() -> None:
    assert CliRunner().invoke(app, [*command_line()[1:], "--no-such-option"]).exit_code == 2


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_takes_it(tmp_path: Path) -> None:
    unit = tmp_path / "facecam.service"
    unit.write_text(UNIT.read_text(encoding="utf-8").replace(command_line()[0], "/bin/true"), encoding="utf-8")

    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_it_writes_only_into_the_folders_that_are_its_own() -> None:
    kept = {"/var/lib/" + values("StateDirectory")[0], "/var/cache/" + values("CacheDirectory")[0]}
    written = [word for word in command_line() if word.startswith("/var/")]
    assert written

    for path in [*written, " ".join(values("Environment")).partition("FACECAM_CACHE=")[2].split()[0].replace("%C", "/var/cache")]:
        assert any(Path(path).is_relative_to(folder) for folder in kept), path


def test_its_settings_are_the_ones_in_etc(within: Within, tmp_path: Path) -> None:
    config = tmp_path / "etc" / "facecam" / "facecam.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[detect]\nmin_face_size_px = 60\n", encoding="utf-8")

    done = within("facecam", "doctor", "--json", "-")

    found = {finding["check"]: finding["found"] for finding in json.loads(done.stdout)}
    assert found["configuration"] == f"{config}, 1 setting changed"
    assert str(tmp_path / "cache" / "facecam") in found["cache"]


def test_it_recognizes_where_memory_never_becomes_code(within: Within, tmp_path: Path, portraits: dict[str, Path]) -> None:
    ensure_compiled(needed_networks(Settings()))

    cache = str(cache_dir().parent)
    done = within("facecam", "run", "--no-window", "--source", portraits["cat"], "--log", "logs", FACECAM_CACHE=cache)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / done.stdout.splitlines()[-1]).is_file()


def test_it_compiles_where_memory_never_becomes_code(within: Within, tmp_path: Path) -> None:
    done = within("facecam.cli.compile", "pnet")

    assert done.returncode == 0, done.stderr
    assert [path.name.partition("-")[0] for path in (tmp_path / "cache" / "facecam" / "compiled").iterdir()] == ["pnet"]
