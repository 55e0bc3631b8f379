"""What every command needs besides its words: how it was called, where it prints, which settings, whose people, which logs.

Without Typer, which a window that is opened without a word need not wait for.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.settings import Mode

if TYPE_CHECKING:
    from rich.console import Console

    from facecam.settings import Settings


FINDINGS = 3
"""Exit status of a command that is done and has something to say: refused inputs, "not the same", faults found."""


@dataclass
class Invocation:
    """How this process was called. Filled before a command's body runs."""

    config: Path | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False


invocation = Invocation()


def log_to_stderr() -> None:
    """Let the log's records be seen, as many as this invocation wants."""
    level = logging.DEBUG if invocation.verbose else logging.ERROR if invocation.quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)


def out() -> Console:
    """Where results go: stdout, never wrapped in a pipe."""
    from rich.console import Console

    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False)


def err() -> Console:
    """Where everything else goes: stderr, silent with --quiet."""
    from rich.console import Console

    return Console(stderr=True, quiet=invocation.quiet, highlight=False)


def settings(options: Mapping[str, Any] | None = None) -> Settings:
    """Defaults < configuration file < environment < this command's options (`section.name`; None was not given)."""
    from facecam.settings import load_settings

    return load_settings(invocation.config, options)


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr for long work; gives `told(done, total)`. Nothing is drawn with --quiet or without a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def gallery_dir(option: str | None) -> Path:
    """Where the people are: --gallery, $FACECAM_GALLERY, `[gallery] dir` of facecam.toml, ./gallery, the user's data folder."""
    import platformdirs

    from facecam.settings import gallery_dir_from_config

    named = option or os.environ.get("FACECAM_GALLERY") or gallery_dir_from_config(invocation.config)
    if named:
        return Path(named).expanduser()
    if Path("gallery").is_dir():
        return Path("gallery")
    return Path(platformdirs.user_data_dir("facecam", appauthor=False)) / "gallery"


def write_json(target: str | None, payload: Any) -> None:
    """Write `payload` to the file that --json named; nothing when it was not given."""
    if target is None:
        return
    text = json.dumps(payload, ensure_ascii=False, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")


def log_dir(option: Path | None) -> Path:
    """Where the logs are: the folder that was named, else the user's."""
    import platformdirs

    return option.expanduser() if option else Path(platformdirs.user_data_dir("facecam", appauthor=False)) / "logs"


# MERGED cli.common: What every command shares: where it prints, the options --config, --debug, --quiet, --verbose, and one way to fail.
#
# Results go to stdout, everything else to stderr. Exit status: 0 done, 1 a FacecamError, 2 wrong usage, 3 done with findings.

__all__ = [
    "FINDINGS",
    "NETWORK_OF",
    "GalleryOption",
    "JsonOption",
    "NetworkOption",
    "command",
    "err",
    "gallery_dir",
    "invocation",
    "log_dir",
    "log_to_stderr",
    "out",
    "progress",
    "settings",
    "write_json",
]

GalleryOption = Annotated[
    str | None,
    typer.Option(
        "--gallery",
        metavar="DIR",
        help="The people's folder. Else $FACECAM_GALLERY, else facecam.toml, else ./gallery if it exists, else the user's.",
    ),
]
JsonOption = Annotated[str | None, typer.Option("--json", metavar="FILE", help='Write the result as JSON; "-" is stdout.')]
NETWORK_OF = {Mode.FACES: "identify.network", Mode.OBJECTS: "objects.network"}
"""Which setting --network changes."""

NetworkOption = Annotated[
    str | None,
    typer.Option(
        "--network",
        metavar="NAME",
        help="The embedding network's weights; `facecam models list` names them. For objects the folder of a trained network.",
    ),
]


_COMMON = {
    "config": Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", rich_help_panel="Common", help="Else ./facecam.toml, else the user's facecam.toml."
        ),
    ],
    "debug": Annotated[bool, typer.Option("--debug", rich_help_panel="Common", help="Show tracebacks.")],
    "quiet": Annotated[bool, typer.Option("--quiet", rich_help_panel="Common", help="Only results and errors.")],
    "verbose": Annotated[bool, typer.Option("--verbose", rich_help_panel="Common", help="Say more on stderr.")],
}


def command(app: typer.Typer, name: str, **options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a command of `app`, with the common options added to its own."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def wrapped(**arguments: Any) -> None:
            for option in _COMMON:
                given = arguments.pop(option)
                setattr(invocation, option, given or getattr(invocation, option))
            log_to_stderr()
            gc.enable()
            function(**arguments)

        signature = inspect.signature(function, eval_str=True)
        added = [
            inspect.Parameter(
                option, inspect.Parameter.KEYWORD_ONLY, default=None if option == "config" else False, annotation=kind
            )
            for option, kind in _COMMON.items()
        ]
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()]
        wrapped.__signature__ = signature.replace(parameters=own + added)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {p.name: p.annotation for p in own + added}
        app.command(name, **options)(wrapped)
        return function

    return register
