"""`facecam log`: which sessions were logged, what the columns mean, and logs made into one file."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import context
from facecam.cli.context import JsonOption, command, err, log_dir, out, progress
from facecam.report.formats import Format

if TYPE_CHECKING:
    from facecam.logbook.replay import PersonChange, ReplaySummary
    from facecam.logbook.sessions import SessionSummary


_Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help="A folder of logs; else the one that `run` logs to.")]
_LogLogs = Annotated[list[Path], typer.Argument(metavar="LOG", help="Sessions' CSVs, or folders of them.", show_default=False)]
_Parquet = Annotated[Path, typer.Option("--output", "-o", metavar="FILE.parquet", help="The file to write.", show_default=False)]
_Csv = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE.csv", help="The file to write; it must not exist yet.", show_default=False)
]


def register_log(app: typer.Typer) -> None:
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


def _export(logs: _LogLogs, output: _Parquet) -> None:
    """Write logs to one Parquet file: much smaller, every column with its type. Works on logs of any length."""
    from facecam.logbook.export import export_parquet

    with _warnings_said(), progress("exporting") as told:
        rows = export_parquet(logs, output, told)
    out().print(f"{rows} rows in {output}", markup=False, soft_wrap=True)


def _merge(logs: _LogLogs, output: _Csv) -> None:
    """Join the logs of several cameras or machines into one CSV, in the order of time.

    A session that is there twice counts once. The last column, `machine`, is the computer that a row comes from.
    """
    from facecam.logbook.export import merge

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


# MERGED cli.replay: facecam replay: decide again from a log alone, as it was or with another threshold.

_Log = Annotated[Path, typer.Argument(metavar="LOG", help="A session's CSV; its json must lie beside it.", show_default=False)]
_Threshold = Annotated[
    float | None, typer.Option("--threshold-l2", metavar="T", help="Decide with this threshold instead of the logged ones.")
]
_Margin = Annotated[float | None, typer.Option("--margin-l2", metavar="M", help="And with this margin.")]


def register_replay(app: typer.Typer) -> None:
    """Add `replay` to the command line."""
    command(app, "replay")(replay)


def replay(log: _Log, threshold_l2: _Threshold = None, margin_l2: _Margin = None, json: JsonOption = None) -> None:
    """Decide again from a log alone. Without options every decision and name should come out as logged, else the status is 3."""
    from facecam.logbook.replay import ReplayRules, replay_decisions, summarize

    found = summarize(replay_decisions(log, ReplayRules(threshold_l2, margin_l2)))
    asked = {"log": str(log), "threshold_l2": threshold_l2, "margin_l2": margin_l2}
    context.write_json(json, asked | found.to_dict())
    if json != "-":
        _print(found)
    if threshold_l2 is None and margin_l2 is None and found.same < found.rows:
        raise typer.Exit(context.FINDINGS)


def _print(found: ReplaySummary) -> None:
    console = context.out()
    console.print(f"{found.rows} faces in frames, {found.embedded} of them compared; {found.same} come out as logged")
    if found.certain < found.rows:
        console.print(
            f"{found.rows - found.certain} faces are a guess: this session followed faces, and with these figures it would have "
            "compared others of them; with follow.enabled = false every face is compared"
        )
    for column, count in found.agreeing.items():
        console.print(f"  {column}: {count} of {found.rows}")
    for person in found.people:
        words = f"{person.rows_before} rows named before, {person.rows_after} now, {person.rows_changed} changed"
        console.print(f"{person.name}: {words}", markup=False, emoji=False)
        for line in _changes(person):
            console.print(line, markup=False, emoji=False)


def _changes(person: PersonChange) -> list[str]:
    return [
        f"  {row.source} frame {row.frame_index} at {row.t_ms / 1e3:.2f} s, track {row.track_id}: "
        f"{row.logged.name or row.logged.decision} -> {row.again.name or row.again.decision} ({row.again.reason})"
        for row in person.first_changes
    ]


# MERGED cli.report: facecam report: what logs say, as a page for people.

_ReportLogs = Annotated[list[Path], typer.Argument(metavar="LOG ...", help="Logs, or folders of logs.", show_default=False)]
_Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Where to; else ./report.html, .md or .png.", show_default=False),
]
_Format = Annotated[
    Format | None,
    typer.Option("--format", help="Else what FILE ends in, else html. md puts a .png beside it.", show_default=False),
]


def register_report(app: typer.Typer) -> None:
    """Add `report` to the command line."""
    command(app, "report")(report)


def report(logs: _ReportLogs, output: _Output = None, kind: _Format = None) -> None:
    """Write what logs say as one page: who was there, expressions, distances, speed. It needs no network and no other file."""
    from facecam.report.build import write_report

    if kind is None:
        ending = output.suffix.lower().lstrip(".") if output else ""
        kind = Format(ending) if ending in set(Format) else Format.HTML
    path = output or Path(f"report.{kind}")
    with err().status("reading the log and drawing"):
        write_report(logs, path, kind)
    out().print(str(path), markup=False, emoji=False)
