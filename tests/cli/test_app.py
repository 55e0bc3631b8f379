"""Lazy loading of the command line: one command loads only its own module, help loads all of them."""

from __future__ import annotations

import subprocess
import sys

import typer

from facecam import __version__
from facecam.cli.main import COMMANDS, application
from tests.cli.conftest import Command


def names(app: typer.Typer) -> list[str]:
    commands = [command.name for command in app.registered_commands]
    return [name for name in [*commands, *(group.name for group in app.registered_groups)] if name]


def test_every_command_is_registered() -> None:
    assert sorted(names(application())) == sorted(COMMANDS)
    for command in COMMANDS:
        assert command in names(application(command))


def test_help_lists_every_command(facecam: Command) -> None:
    done = facecam("--help")

    assert done.returncode == 0
    for command in COMMANDS:
        assert f"  {command} " in done.stdout or f"  {command}\n" in done.stdout


def test_the_version_is_printed(facecam: Command) -> None:
    done = facecam("--version")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"facecam {__version__}\n", "")


def test_the_help_of_a_command_shows_its_name(facecam: Command) -> None:
    done = facecam("run", "--help")

    assert done.returncode == 0
    assert " run [OPTIONS]" in done.stdout


def test_run_loads_no_other_command() -> None:
    code = "from facecam.cli.main import application; application('run'); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    loaded = {name for name in done.stdout.split() if name.startswith("facecam.cli.")}
    shared = {"main", "context", "options", "help_text"}
    assert loaded == {f"facecam.cli.{name}" for name in (*shared, "run")}


def test_the_help_of_all_commands_loads_no_heavy_library() -> None:
    code = "from facecam.cli.main import application; application(); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert {"numpy", "pandas", "cv2", "pyarrow"} & set(done.stdout.split()) == set()


def test_the_way_to_the_window_does_not_load_typer() -> None:
    code = "import facecam.cli.main, facecam.cli.runner, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert "typer" not in done.stdout.split()
