"""Options that several commands share, and registration of commands."""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Option

from facecam.cli.context import invocation, log_to_stderr

GalleryOption = Annotated[
    str | None,
    Option(
        "--gallery",
        metavar="DIR",
        help="Gallery folder. Default: $FACECAM_GALLERY, facecam.toml, ./gallery if it exists, or the user's data folder.",
    ),
]
JsonOption = Annotated[str | None, Option("--json", metavar="FILE", help='Write the result as JSON; "-" is stdout.')]
NetworkOption = Annotated[
    str | None, Option("--network", metavar="NAME", help="Face embedding network; `facecam models list` shows the names.")
]

_CONFIG_HELP = "Configuration file. Default: ./facecam.toml, or facecam.toml in the user's configuration folder."
_COMMON = {
    "config": Annotated[Path | None, Option("--config", metavar="FILE", rich_help_panel="Common", help=_CONFIG_HELP)],
    "debug": Annotated[bool, Option("--debug", rich_help_panel="Common", help="Show tracebacks.")],
    "quiet": Annotated[bool, Option("--quiet", rich_help_panel="Common", help="Print only results and errors.")],
    "verbose": Annotated[bool, Option("--verbose", rich_help_panel="Common", help="Print more details to stderr.")],
}


def command(app: typer.Typer, name: str, **options: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a command of `app`, with the common options in addition to its own."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def wrapped(**arguments: Any) -> None:
            for option in _COMMON:
                value = arguments.pop(option)
                setattr(invocation, option, value or getattr(invocation, option))
            log_to_stderr()
            gc.enable()
            function(**arguments)

        signature = inspect.signature(function, eval_str=True)
        common = [
            inspect.Parameter(
                option, inspect.Parameter.KEYWORD_ONLY, default=None if option == "config" else False, annotation=kind
            )
            for option, kind in _COMMON.items()
        ]
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()]
        wrapped.__signature__ = signature.replace(parameters=own + common)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {p.name: p.annotation for p in own + common}
        app.command(name, **options)(wrapped)
        return function

    return register
