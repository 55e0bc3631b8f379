"""Layout of --help: commands in groups, arguments without Python types, and the examples of each command."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from typer.core import TyperCommand, TyperGroup

_EXAMPLES = "\n\nExamples:\n"


def split_docstring(function: Callable[..., object]) -> tuple[str, str]:
    """Return the text of a command's docstring, and the lines of its section "Examples:"."""
    text, _, examples = (inspect.getdoc(function) or "").partition(_EXAMPLES)
    return text, inspect.cleandoc(examples)


class HelpCommand(TyperCommand):
    """Command whose `epilog` is its examples, one per line, which are not wrapped."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments and options. Typer would add the Python type of an argument to its name."""
        arguments, options = [], []
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is None:
                continue
            if parameter.param_type_name == "argument":
                arguments.append((record[0].partition(" <")[0], record[1]))
            else:
                options.append(record)
        _write_table(formatter, "Arguments", arguments)
        _write_table(formatter, "Options", options)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer passes it
        """Write the examples."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def help_group(titles: Mapping[str, Sequence[str]]) -> type[TyperGroup]:
    """Return a class of command groups that lists its commands under these titles.

    Args:
        titles: Names of the commands by title, in the order of --help.
    """

    class HelpGroup(TyperGroup):
        def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - Typer passes it
            room = formatter.width - 6 - max(map(len, self.commands))
            for title, names in titles.items():
                known = [(name, self.commands[name]) for name in names if name in self.commands]
                _write_table(formatter, title, [(name, found.get_short_help_str(room)) for name, found in known])

    return HelpGroup


def _write_table(formatter: Any, title: str, rows: Sequence[tuple[str, str]]) -> None:
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows, col_max=30)
