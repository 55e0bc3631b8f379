"""The command line is read in parts: for one command only that one, for help all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import typer

from facecam.cli.main import COMMANDS, application

Command = Callable[..., subprocess.CompletedProcess[str]]


def names(app: typer.Typer) -> list[str]:
    commands = [command.name for command in app.registered_commands]
    return [name for name in [*commands, *(group.name for group in app.registered_groups)] if name]


def test_every_command_is_found_in_its_own_module() -> None:
    assert sorted(names(application())) == sorted(COMMANDS)
    for command in COMMANDS:
        assert command in names(application(command))


def test_help_lists_every_command(facecam: Command) -> None:
    done = facecam("--help")

    assert done.returncode == 0
    for command in COMMANDS:
        assert f"  {command} " in done.stdout or f"  {command}\n" in done.stdout


def test_one_commands_help_bears_its_name(facecam: Command) -> None:
    done = facecam("run", "--help")

    assert done.returncode == 0
    assert " run [OPTIONS]" in done.stdout


def test_a_window_does_not_wait_for_the_other_commands() -> None:
    code = "from facecam.cli.main import application; application('run'); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    loaded = {name for name in done.stdout.split() if name.startswith("facecam.cli.")}
    assert loaded == {"facecam.cli.main", "facecam.cli.context", "facecam.cli.run"}
