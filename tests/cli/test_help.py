"""--help: groups of commands, examples that can be run, and no Python types."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest
import typer.main

from facecam.cli.main import COMMAND_GROUPS, COMMANDS, application

APP = typer.main.get_command(application())


def commands(group: object = APP, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that is not a group."""
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def help_of(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        APP([*words, "--help"], prog_name="facecam")
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_every_command_is_listed_under_a_title(capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of((), capsys)

    assert set(APP.commands) == set(COMMANDS)  # type: ignore[attr-defined]
    assert [title for title in COMMAND_GROUPS if f"\n{title}:\n" in text] == list(COMMAND_GROUPS)
    assert all(f"\n  {name} " in text for name in COMMANDS)


@pytest.mark.parametrize("group", [(), *((name,) for name in ("people", "gallery", "evaluate", "log", "models"))], ids=" ".join)
def test_no_summary_of_a_command_is_cut_off(group: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert "..." not in help_of(group, capsys).partition("[ARGS]...")[2]


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_a_command_shows_two_examples_that_its_parser_accepts(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    _, _, section = help_of(words, capsys).partition("\nExamples:\n")
    examples = [shlex.split(line) for line in section.splitlines()]

    assert len(examples) >= 2
    for program, *arguments in examples:
        assert program == "facecam"
        assert tuple(arguments[: len(words)]) == words
        command = APP
        for word in words:
            command = command.commands[word]  # type: ignore[attr-defined]
        command.make_context(words[-1], arguments[len(words) :])


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_the_help_names_no_python_type(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of(words, capsys)

    assert not [name for name in ("<str>", "<int", "<float", "<path>", "list[", "TEXT <", "datetime") if name in text]
