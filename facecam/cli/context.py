"""State and helpers of all commands: invocation, output, settings, folders, progress and JSON.

Does not import Typer, which takes 60 ms: `facecam` without arguments opens its window without it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecam.settings import Mode

if TYPE_CHECKING:
    from rich.console import Console

    from facecam.settings import Settings

FINDINGS = 3
"""Exit code of a command that completed with findings: refused images, "not the same person", faults."""

NETWORK_OF = {Mode.FACES: "identify.network", Mode.OBJECTS: "objects.network"}
"""Setting that --network changes in each mode."""


@dataclass
class Invocation:
    """Common options of this process, set before a command runs."""

    config: Path | None = None
    debug: bool = False
    quiet: bool = False
    verbose: bool = False


invocation = Invocation()


def log_to_stderr() -> None:
    """Send log records to stderr, from the level that --quiet or --verbose sets."""
    level = logging.DEBUG if invocation.verbose else logging.ERROR if invocation.quiet else logging.WARNING
    logging.basicConfig(level=level, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)


def out() -> Console:
    """Return the console for results: stdout, without line breaks in a pipe. Texts are printed literally."""
    from rich.console import Console

    return Console(soft_wrap=not sys.stdout.isatty(), highlight=False, markup=False, emoji=False)


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


def write_json(target: str | None, payload: Any) -> None:
    """Write `payload` to the file of --json; "-" is stdout, None writes nothing."""
    if target is None:
        return
    text = json.dumps(payload, ensure_ascii=False, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
    else:
        Path(target).write_text(text, encoding="utf-8")


def count_of(number: int, noun: str) -> str:
    """Return a number with its noun: "no faults", "1 fault", "2 faults"."""
    return f"{number or 'no'} {noun}{'s'[: number != 1]}"


def empty_gallery_message(folder: Path, source: str = "PHOTO ...") -> str:
    """Return the message for a gallery without people. `source` follows the name in the suggested command."""
    return f"no one is enrolled in {folder}; to add a person: facecam enroll NAME {source}"


@contextlib.contextmanager
def progress(description: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr, but not with --quiet or without a terminal. Yields `report_progress(done, total)`."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(description, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def settings(options: Mapping[str, Any] | None = None) -> Settings:
    """Load the settings: defaults < configuration file < environment < `options` (`section.name`; None means not given)."""
    from facecam.settings import load_settings

    return load_settings(invocation.config, options)


def user_data_dir(name: str) -> Path:
    """Return a folder in the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("facecam", appauthor=False)) / name


def gallery_dir(option: str | None) -> Path:
    """Return the gallery's folder: --gallery, $FACECAM_GALLERY, `[gallery] dir` of facecam.toml, ./gallery, the user's."""
    from facecam.settings import gallery_dir_from_config

    named = option or os.environ.get("FACECAM_GALLERY") or gallery_dir_from_config(invocation.config)
    if named:
        return Path(named).expanduser()
    return Path("gallery") if Path("gallery").is_dir() else user_data_dir("gallery")


def log_dir(option: Path | None) -> Path:
    """Return the folder of logs: the option, else the user's."""
    return option.expanduser() if option else user_data_dir("logs")
