"""Options that several commands share, markers of the files that commands read and write, and registration of commands."""

from __future__ import annotations

import functools
import gc
import inspect
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer import Argument, Option
from typer.models import ParameterInfo

import facecam
from facecam.cli.context import Invocation, gallery_dir, invocation, log_to_stderr, print_result, visible
from facecam.cli.help_text import HelpCommand, split_docstring
from facecam.errors import OutputError, SettingsError
from facecam.fileio import check_output, check_output_folder, expand_home
from facecam.settings import user_config

_T = TypeVar("_T")
_Function = Callable[..., bool | None]

FINDINGS = 3
"""Exit code of a command that completed with findings: refused images, "not the same person", faults."""


def _paths(value: Any) -> Iterator[Path]:
    yield from map(Path, value if isinstance(value, list) else [value] if value else [])


@dataclass(frozen=True)
class Input:
    """Marks an option or argument that names files or folders to read, which no output of the command may replace.

    `files` returns them for the value, which may be None or a list. They need not exist.
    """

    files: Callable[[Any], Iterable[Path]] = _paths


def _named_file(value: Any, _: Mapping[str, Any]) -> Sequence[Path]:
    # The "-" of --json is text. That of other options is a Path, which equals no text, and is refused.
    return [] if value in (None, "-") else [Path(value)]


@dataclass(frozen=True)
class Output:
    """Marks an option or argument that names a file to write: `command` checks it before the command runs, and adds --overwrite.

    `files` returns the files that will be written for the value and all arguments. Their names end in one of `suffixes`, if any
    are given.
    """

    files: Callable[[Any, Mapping[str, Any]], Sequence[Path]] = _named_file
    suffixes: Sequence[str] = ()


IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".ppm")
FIGURE = Output(suffixes=(".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".svg", ".pdf", ".ps", ".eps"))
"""A figure that Matplotlib draws."""


@dataclass(frozen=True)
class OutputFolder(Output):
    """Marks an option that names a folder to write. With `own_file` it must be new, empty or hold this file."""

    own_file: str | None = None


GalleryOption = Annotated[
    str | None,
    Option(
        "--gallery",
        metavar="DIR",
        help="Gallery folder. Default: $FACECAM_GALLERY, facecam.toml, ./gallery if it exists, or the user's data folder.",
    ),
    Input(lambda option: [gallery_dir(option, announce=False)]),
]
JsonOption = Annotated[str | None, Option("--json", metavar="FILE", help='Write the result as JSON; "-" is stdout.'), Output()]
ExpressionsOption = Annotated[
    bool | None,
    Option(
        "--expressions/--no-expressions",
        help="Read the expressions of faces, or open no network for them and show none. Default: the setting express.enabled.",
        show_default=False,
    ),
]
NetworkOption = Annotated[
    str | None,
    Option(
        "--network",
        metavar="NAME|FILE",
        help="Face recognition network: nn4.small2 (default), high-accuracy, a name in `facecam models list`, or a FILE.tflite.",
    ),
    Input(),
]


def log_files(value: list[Path] | Path) -> Iterator[Path]:
    """Yield the files that a command reads for these logs: each one's later parts and its JSON are inputs too."""
    from facecam.logbook.sessions import first_part, session_parts

    for path in _paths(value):
        yield path
        if path.suffix == ".csv":
            yield from (*session_parts(path), first_part(path).with_suffix(".json"))


LogsArgument = Annotated[
    list[Path], Argument(metavar="LOG", help="CSV logs, or folders of logs.", show_default=False), Input(log_files)
]


def csv_files(path: Path | None) -> list[Path]:
    """Return the files that a command writes for a CSV file: it and its data dictionary."""
    from facecam.logbook.dictionary import csv_outputs  # loads NumPy, which --help does without

    return csv_outputs(path) if path is not None else []


def session_labels(texts: Sequence[str]) -> dict[str, str]:
    """Return the session labels of --label NAME=VALUE. BadParameter for a text that is none."""
    from facecam.logbook.schema import check_labels

    labels: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator:
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE, such as condition=2", param_hint="--label")
        if name in labels:
            raise typer.BadParameter(f"the label {name} is given twice", param_hint="--label")
        labels[name] = value
    try:
        return check_labels(labels)
    except SettingsError as error:
        raise typer.BadParameter(str(error), param_hint="--label") from error


_CONFIG_HELP = "Configuration file. Default: ./facecam.toml, or facecam.toml in the user's configuration folder."
_COMMON = {
    "config": Annotated[
        Path | None,
        Option("--config", metavar="FILE", rich_help_panel="Common", help=_CONFIG_HELP),
        Input(lambda option: [option] if option else [Path("facecam.toml"), user_config()]),
    ],
    "debug": Annotated[bool, Option("--debug", rich_help_panel="Common", help="Show tracebacks.")],
    "quiet": Annotated[bool, Option("--quiet", rich_help_panel="Common", help="Print only results and errors.")],
    "verbose": Annotated[bool, Option("--verbose", rich_help_panel="Common", help="Print more details to stderr.")],
    "passphrase_file": Annotated[
        Path | None,
        Option(
            "--passphrase-file",
            metavar="FILE",
            rich_help_panel="Common",
            help='File with the passphrase of an encrypted gallery; "-" is stdin.',
        ),
        Input(),
    ],
    "overwrite": Annotated[bool, Option("--overwrite", rich_help_panel="Common", help="Replace existing output files.")],
}


def _print_version(is_given: bool) -> None:
    if is_given:
        print_result(f"facecam {facecam.__version__}")
        raise typer.Exit


def version_option(
    version: Annotated[bool, Option("--version", help="Print the version.", is_eager=True, callback=_print_version)] = False,
) -> None:
    """Callback of the application: declares --version."""


def command(app: typer.Typer, name: str, **options: Any) -> Callable[[_Function], _Function]:
    """Register a function as a command of `app`, with the common options in addition to its own.

    A function that returns True completed with findings.
    """

    def register(function: _Function) -> _Function:
        signature = inspect.signature(function, eval_str=True)
        own = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in signature.parameters.values()]
        has_gallery = "gallery" in signature.parameters
        writes_files = any(type(_marker(p, Output)) is Output for p in own)
        common = [
            inspect.Parameter(option, inspect.Parameter.KEYWORD_ONLY, default=getattr(Invocation, option), annotation=kind)
            for option, kind in _COMMON.items()
            if {"overwrite": writes_files, "passphrase_file": has_gallery}.get(option, True)
        ]

        @functools.wraps(function)
        def wrapped(**arguments: Any) -> None:
            arguments = {p.name: _with_home(p, arguments[p.name]) for p in own + common}
            vars(invocation).update({p.name: arguments[p.name] for p in common})
            log_to_stderr()
            gc.enable()
            _check_outputs(own + common, arguments)
            if function(**{p.name: arguments[p.name] for p in own}):
                raise typer.Exit(FINDINGS)

        wrapped.__signature__ = signature.replace(parameters=own + common)  # type: ignore[attr-defined]
        wrapped.__annotations__ = {p.name: p.annotation for p in own + common}
        text, examples = split_docstring(function)
        app.command(name, cls=HelpCommand, help=text, epilog=examples, **options)(wrapped)
        return function

    return register


def _with_home(parameter: inspect.Parameter, value: Any) -> Any:
    """Return the paths of an option or argument with `~` as the home folder, for shells that leave it; else the value."""
    if isinstance(value, list):
        return [_with_home(parameter, item) for item in value]
    if isinstance(value, Path):
        return expand_home(value)
    is_path = _marker(parameter, Input) is not None or _marker(parameter, Output) is not None
    return str(expand_home(value)) if is_path and isinstance(value, str) and value.startswith("~") else value


def _marker(parameter: inspect.Parameter, kind: type[_T]) -> _T | None:
    """Return the annotation of this kind in `Annotated[...]`, or None."""
    return next((found for found in getattr(parameter.annotation, "__metadata__", ()) if isinstance(found, kind)), None)


def _hint(parameter: inspect.Parameter) -> str:
    """Return the name of an option or argument as in --help."""
    info = _marker(parameter, ParameterInfo)
    assert info is not None
    names = (info.default, *(info.param_decls or ()))  # in Annotated, the first name is in `default`
    return " / ".join(name for name in names if isinstance(name, str)) or str(info.metavar)


def _check_outputs(parameters: Sequence[inspect.Parameter], arguments: Mapping[str, Any]) -> None:
    """Check everything that a command will write. BadParameter names the first option with a path that cannot be used."""
    written = [
        (parameter, output, path)
        for parameter in parameters
        if (output := _marker(parameter, Output))
        for path in output.files(arguments[parameter.name], arguments)
    ]
    inputs: list[Path] = []
    for parameter in parameters if written else ():
        if marker := _marker(parameter, Input):
            with suppress(SettingsError):  # reported by the command
                inputs += marker.files(arguments[parameter.name])
    for parameter, output, path in written:
        try:
            _check_output(path, output, inputs, [(other, kind) for _, kind, other in written if other is not path])
        except OutputError as error:
            raise typer.BadParameter(visible(str(error)), param_hint=_hint(parameter)) from error


def _check_output(path: Path, output: Output, inputs: Sequence[Path], others: Sequence[tuple[Path, Output]]) -> None:
    if str(path) == "-":
        raise OutputError('only --json writes to stdout with "-"; name a file')
    target = Path(os.path.realpath(path))
    for other, kind in others:
        written = Path(os.path.realpath(other))
        if target == written:
            raise OutputError(f"{path} is named for two outputs; name another file")
        if isinstance(kind, OutputFolder) and kind.own_file and target.is_relative_to(written):
            raise OutputError(f"{path} is in the folder {other}, which this command writes; name another file")
    if isinstance(output, OutputFolder):
        check_output_folder(path, output.own_file)
    else:
        check_output(path, inputs, overwrite=invocation.overwrite)
        # A pipe or device has no suffix. It can be written where there is only one format.
        is_stream = len(output.suffixes) == 1 and path.exists() and not path.is_file()
        if output.suffixes and path.suffix.lower() not in output.suffixes and not is_stream:
            *first, last = output.suffixes
            expected = f"{', '.join(first)} or {last}" if first else last
            raise OutputError(f"{path} cannot be written in this format; end its name in {expected}")
