"""`facecam log`: which sessions were logged, what the columns mean, and logs made into one file."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli.common import command, err, log_dir, out, progress

if TYPE_CHECKING:
    from facecam.logbook.sessions import SessionSummary

_Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A folder of logs; else the one that `run` logs to.")]
_Logs = Annotated[list[Path], typer.Argument(metavar="LOG", help="Sessions' CSVs, or folders of them.", show_default=False)]
_Parquet = Annotated[Path, typer.Option("--output", "-o", metavar="FILE.parquet", help="The file to write.", show_default=False)]
_Csv = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE.csv", help="The file to write; it must not exist yet.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the group `log` to `app`."""
    group = typer.Typer(help="The logs: which there are, and what their columns mean.", no_args_is_help=True)
    app.add_typer(group, name="log")
    command(group, "list")(_list)
    command(group, "schema")(_schema)
    command(group, "export")(_export)
    command(group, "merge")(_merge)


def _list(folder: _Folder = None) -> None:
    """List the logged sessions, the oldest first."""
    from facecam.errors import LogError
    from facecam.logbook.sessions import sessions_below

    place = log_dir(folder)
    if folder is not None and not place.is_dir():
        raise LogError(f"there is no folder {place}; name the one that `facecam run --log` wrote to")
    sessions = sessions_below(place)
    if not sessions:
        err().print(f"no session is logged in {place} yet; `facecam run` logs one", markup=False)
        return
    head = ("session", "started (UTC)", "length", "rows", "lost", "MB", "source", "log")
    _print_columns([head, *map(_session_texts, sessions)])


def _schema() -> None:
    """List the log's columns in their order: name, kind, unit, meaning."""
    from facecam.logbook.schema import COLUMNS

    _print_columns([("column", "kind", "unit", "meaning"), *((c.name, c.kind, c.unit, c.description) for c in COLUMNS)])


def _export(logs: _Logs, output: _Parquet) -> None:
    """Write logs to one Parquet file: much smaller, every column with its type. Works on logs of any length."""
    from facecam.logbook.export import export_parquet

    with _warnings_said(), progress("exporting") as told:
        rows = export_parquet(logs, output, told)
    out().print(f"{rows} rows in {output}", markup=False, soft_wrap=True)


def _merge(logs: _Logs, output: _Csv) -> None:
    """Join the logs of several cameras or machines into one CSV, in the order of time.

    A session that is there twice counts once. The last column, `machine`, is the computer that a row comes from.
    """
    from facecam.logbook.merge import merge

    with _warnings_said(), progress("merging") as told:
        merged = merge(logs, output, told)
    for path in merged.duplicates:
        err().print(f"not needed, another copy has it all: {path}", markup=False, soft_wrap=True)
    out().print(f"{merged.rows} rows of {merged.sessions} sessions in {output}", markup=False, soft_wrap=True)


@contextlib.contextmanager
def _warnings_said() -> Iterator[None]:
    """What was left out of a log, as sentences on stderr."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        err().print(str(warning.message), markup=False, soft_wrap=True)


def _session_texts(session: SessionSummary) -> tuple[str, ...]:
    length = str(session.ended_at_utc - session.started_at_utc).partition(".")[0] if session.ended_at_utc else "not ended"
    return (
        session.session_id,
        f"{session.started_at_utc:%Y-%m-%d %H:%M:%S}",
        length,
        "" if session.rows is None else str(session.rows),
        str(session.rows_lost),
        f"{session.size_bytes / 1e6:.1f}",
        session.source,
        str(session.path),
    )


def _print_columns(table: list[tuple[str, ...]]) -> None:
    """Print the rows with their columns below each other."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    console = out()
    for texts in table:
        line = "  ".join(text.ljust(width) for text, width in zip(texts, widths, strict=True))
        console.print(line.rstrip(), markup=False, emoji=False, soft_wrap=True)
