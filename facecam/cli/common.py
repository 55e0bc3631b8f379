"""What every command shares: where it prints, the options --config, --debug, --quiet, --verbose, and one way to fail.

Results go to stdout, everything else to stderr. Exit status: 0 done, 1 a FacecamError, 2 wrong usage, 3 done with findings.
"""

from __future__ import annotations

import functools
import gc
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from facecam.cli.calling import (
    FINDINGS,
    err,
    gallery_dir,
    invocation,
    log_dir,
    log_to_stderr,
    out,
    progress,
    settings,
    write_json,
)

__all__ = [
    "FINDINGS",
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
NetworkOption = Annotated[
    str | None,
    typer.Option("--network", metavar="NAME", help="The embedding network's weights; `facecam models list` names them."),
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
