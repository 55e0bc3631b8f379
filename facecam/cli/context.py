"""State and helpers of all commands: invocation, output, settings, folders, progress and JSON.

Does not import Typer, which takes 60 ms: `facecam` without arguments opens its window without it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecam.errors import ModelError
from facecam.fileio import write_output
from facecam.settings import RETIRED_NETWORKS, Mode, Settings, gallery_dir_from_config, load_settings

if TYPE_CHECKING:
    from rich.console import Console

_PIPE_WIDTH = 10_000

NETWORK_OF = {Mode.FACES: "identify.network", Mode.OBJECTS: "objects.network"}
"""Setting that --network changes in each mode."""


@dataclass
class Invocation:
    """Common options of this process, set before a command runs."""

    config: Path | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False
    overwrite: bool = False


invocation = Invocation()


def log_to_stderr() -> None:
    """Send log records to stderr, from the level that --quiet or --verbose sets."""
    level = logging.DEBUG if invocation.verbose else logging.ERROR if invocation.quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)


def out() -> Console:
    """Return the console for results: stdout, without line breaks in a pipe. Texts are printed literally."""
    from rich.console import Console

    on_terminal = sys.stdout.isatty()
    width = None if on_terminal else _PIPE_WIDTH
    return Console(width=width, soft_wrap=not on_terminal, highlight=False, markup=False, emoji=False)


def err() -> Console:
    """Return the console for everything else: stderr, silent with --quiet. Texts are printed literally."""
    from rich.console import Console

    return Console(stderr=True, quiet=invocation.quiet, highlight=False, markup=False, emoji=False)


def print_result(text: str = "") -> None:
    """Print a line to stdout without breaking it."""
    out().print(text, soft_wrap=True)


def print_note(text: str, style: str | None = None) -> None:
    """Print a line to stderr without breaking it."""
    err().print(text, style=style, soft_wrap=True)


def print_table(
    rows: Iterable[Iterable[object]], head: Sequence[str] = (), *, right: Sequence[str] = (), fold: bool = True
) -> None:
    """Print aligned columns, fractions with four decimals. Columns named in `right` are aligned to the right.

    With `fold`, long cells fold on a terminal.
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=bool(head))
    for title in head:
        table.add_column(title, justify="right" if title in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:.4f}" if isinstance(cell, float) else str(cell) for cell in row))
    console = out()
    if fold and console.is_terminal:
        console.print(table)
        return
    console.width = _PIPE_WIDTH
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.print(line.rstrip(), soft_wrap=True)


def write_json(target: str | None, payload: Any) -> None:
    """Write `payload` to the file of --json; "-" is stdout, None writes nothing."""
    if target is None:
        return
    text = json.dumps(payload, ensure_ascii=False, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        write_output(Path(target), text.encode("utf-8", "backslashreplace"))


def present(target: str | None, payload: Any, print_text: Callable[[], None]) -> None:
    """Print a result as text, unless its JSON goes to stdout, and write `payload` as in `write_json`."""
    if target != "-":
        print_text()
    write_json(target, payload)


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: "no faults", "1 fault", "2 faults"."""
    return f"{number or 'no'} {noun}{'s'[: number != 1]}"


def empty_gallery_message(folder: Path, source: str = "PHOTO ...") -> str:
    """Return the message for a gallery without people. `source` follows the name in the suggested command."""
    return f"no one is enrolled in {folder}; to add a person: facecam enroll NAME {source}"


@contextlib.contextmanager
def progress(description: str) -> Iterator[Callable[..., None]]:
    """Show a progress bar on stderr, but not with --quiet or without a terminal.

    Yields `report_progress(done, total, description)`; total is None if unknown, and description is optional.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(description, total=None)

        def report_progress(done: int, total: int | None, new_description: str | None = None) -> None:
            bar.update(task, completed=done, total=total, description=new_description)

        yield report_progress


def settings(options: Mapping[str, Any] | None = None) -> Settings:
    """Load the settings: defaults < configuration file < environment < `options` (`section.name`; None means not given).

    `identify.network` among the options is a value of --network, see `embedding_network_name`.
    """
    given = dict(options or {})
    if (network := given.get("identify.network")) is not None:
        given["identify.network"] = embedding_network_name(network)
    return load_settings(invocation.config, given)


def embedding_network_name(option: str) -> str:
    """Return the name of the embedding network that --network chooses: a name, a short label, or the path of a file.

    Raises:
        ModelError: The network is unknown; the message lists the choices.
    """
    from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK
    from facecam.networks.manifest import entries, is_left_out

    labeled = {network_label(name): name for name in (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)}
    names = [model.name for model in entries() if model.embedding is not None and not is_left_out(model)]
    if option in labeled or option in names or option in RETIRED_NETWORKS:
        return labeled.get(option, option)
    path = Path(option).expanduser()
    if path.suffix.lower() in (".tflite", ".keras") or "/" in option or os.sep in option:
        return str(path.absolute())
    raise ModelError(f"unknown network {option}; choose {', '.join([*labeled, *names])}, or name a FILE.tflite of yours")


def network_label(name: str) -> str:
    """Return the short name of an embedding network as --network accepts it."""
    from facecam.networks.embedding_networks import embedding_network

    return embedding_network(name).label.replace(" ", "-")


def user_data_dir(name: str) -> Path:
    """Return a folder in the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("facecam", appauthor=False)) / name


def gallery_dir(option: str | None) -> Path:
    """Return the gallery's folder: --gallery, $FACECAM_GALLERY, `[gallery] dir` of facecam.toml, ./gallery, the user's."""
    named = option or os.environ.get("FACECAM_GALLERY") or gallery_dir_from_config(invocation.config)
    if named:
        return Path(named).expanduser()
    return Path("gallery") if Path("gallery").is_dir() else user_data_dir("gallery")


def log_dir(option: Path | None) -> Path:
    """Return the folder of logs: the option, else the user's."""
    return option.expanduser() if option else user_data_dir("logs")
