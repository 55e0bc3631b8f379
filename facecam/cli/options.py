"""Options that several commands share, and registration of commands."""

from __future__ import annotations

import functools
import gc
import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer import Option
from typer.models import ParameterInfo

from facecam.cli.context import gallery_dir, invocation, log_to_stderr
from facecam.errors import OutputError, SettingsError
from facecam.fileio import check_output, check_output_folder
from facecam.settings import user_config

_T = TypeVar("_T")
_Function = Callable[..., bool | None]

FINDINGS = 3
"""Exit code of a command that completed with findings: refused images, "not the same person", faults."""

GalleryOption = Annotated[
    str | None,
    Option(
        "--gallery",
        metavar="DIR",
        help="Gallery folder. Default: $FACECAM_GALLERY, facecam.toml, ./gallery if it exists, or the user's data folder.",
    ),
]


def _named_file(value: Any, _: Mapping[str, Any]) -> Sequence[Path]:
    return [] if value in (None, "-") else [Path(value)]


@dataclass(frozen=True)
class Output:
    """Marks an option or argument that names a file to write: `command` checks it before the command runs, and adds --overwrite.

    `files` returns the files that will be written for the value and all arguments. Paths in the other arguments are the
    inputs, which an output must not replace. With `own_file` the option names a folder, which facecam recognizes by this file;
    "." accepts any folder.
    """

    files: Callable[[Any, Mapping[str, Any]], Sequence[Path]] = _named_file
    own_file: str = ""


JsonOption = Annotated[str | None, Option("--json", metavar="FILE", help='Write the result as JSON; "-" is stdout.'), Output()]
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
_OVERWRITE = {
    "overwrite": Annotated[bool, Option("--overwrite", rich_help_panel="Common", help="Replace existing output files.")]
}


def command(app: typer.Typer, name: str, **options: Any) -> Callable[[_Function], _Function]:
    """Register a function as a command of `app`, with the common options in addition to its own.

    A function that returns True completed with findings.
    """

    def register(function: _Function) -> _Function:
        signature = inspect.signature(function, eval_str=True)
        outputs = {name: output for name, p in signature.parameters.items() if (output := _marker(p, Output)) is not None}
        shared = _COMMON | (_OVERWRITE if any(not output.own_file for output in outputs.values()) else {})

        @functools.wraps(function)
        def wrapped(**arguments: Any) -> None:
            for option in shared:
                value = arguments.pop(option)
                setattr(invocation, option, value or getattr(invocation, option))
            log_to_stderr()
            gc.enable()
            for output in outputs:
                try:
                    _check_output(output, outputs, arguments)
                except OutputError as error:
                    raise typer.BadParameter(str(error), param_hint=_hint(signature.parameters[output])) from error
            if function(**arguments):
                raise typer.Exit(FINDINGS)

        common = [
            inspect.Parameter(
                option, inspect.Parameter.KEYWORD_ONLY, default=None if option == "config" else False, annotation=kind
            )
            for option, kind in shared.items()
        ]
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()]
        wrapped.__signature__ = signature.replace(parameters=own + common)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {p.name: p.annotation for p in own + common}
        app.command(name, **options)(wrapped)
        return function

    return register


def _marker(parameter: inspect.Parameter, kind: type[_T]) -> _T | None:
    """Return the annotation of this kind in `Annotated[...]`, or None."""
    return next((found for found in getattr(parameter.annotation, "__metadata__", ()) if isinstance(found, kind)), None)


def _hint(parameter: inspect.Parameter) -> str:
    """Return the name of an option or argument as in --help."""
    info = _marker(parameter, ParameterInfo)
    assert info is not None
    names = (info.default, *(info.param_decls or ()))  # in Annotated, the first name is in `default`
    return " / ".join(name for name in names if isinstance(name, str)) or str(info.metavar)


def _check_output(name: str, outputs: Mapping[str, Output], arguments: Mapping[str, Any]) -> None:
    files = outputs[name].files(arguments[name], arguments)
    if not files:
        return
    written = [os.path.realpath(path) for other in outputs for path in outputs[other].files(arguments[other], arguments)]
    inputs = list(_inputs({other: value for other, value in arguments.items() if other not in outputs}))
    for path in files:
        if str(path) == "-":
            raise OutputError('only --json writes to stdout with "-"; name a file')
        if written.count(os.path.realpath(path)) > 1:
            raise OutputError(f"{path} is named for two outputs; name another file")
        if outputs[name].own_file:
            check_output_folder(path, outputs[name].own_file)
        else:
            check_output(path, inputs, overwrite=invocation.overwrite)


def _inputs(arguments: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the paths that a command reads: those in its arguments, its folders, and facecam.toml. Some do not exist."""
    for value in arguments.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str | os.PathLike) and not isinstance(text, Enum):
                path = Path(text)
                with suppress(RuntimeError):  # there is no such user
                    path = path.expanduser()
                yield path
                if path.suffix == ".csv":
                    from facecam.logbook.sessions import first_part, session_parts

                    yield from (*session_parts(path), first_part(path).with_suffix(".json"))
    if "gallery" in arguments:
        with suppress(SettingsError):  # reported by the command
            yield gallery_dir(arguments["gallery"])
    if "objects" in arguments:
        from facecam.objects.taught import taught_dir

        yield taught_dir(arguments["objects"])
    yield from [invocation.config] if invocation.config else [Path("facecam.toml"), user_config()]
