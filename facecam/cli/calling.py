"""What every command needs besides its words: how it was called, where it prints, which settings, whose people, which logs.

Without Typer, which a window that is opened without a word need not wait for.
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
    from facecam.configuration import load_settings

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

    from facecam.configuration import gallery_dir_from_config

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
