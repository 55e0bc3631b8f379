"""facecam log, facecam replay and facecam report: list, convert, replay and report session logs."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from facecam.cli import context
from facecam.cli.options import Input, JsonOption, Output, command
from facecam.errors import LogError
from facecam.messages import caption_with_code
from facecam.report import Format

if TYPE_CHECKING:
    from facecam.logbook.replay import ReplaySummary
    from facecam.logbook.sessions import SessionSummary


def _log_files(value: list[Path] | Path) -> Iterator[Path]:
    from facecam.logbook.sessions import first_part, session_parts

    for path in value if isinstance(value, list) else [value]:
        yield path
        if path.suffix == ".csv":
            yield from (*session_parts(path), first_part(path).with_suffix(".json"))


_Logs = Annotated[
    list[Path], Argument(metavar="LOG", help="CSV logs, or folders of logs.", show_default=False), Input(_log_files)
]


log_group = typer.Typer(help="List, describe, export and merge logs.", no_args_is_help=True)


@command(log_group, "list")
def _list(
    folder: Annotated[
        Path | None, Argument(metavar="DIR", help="Folder of logs. Default: the folder that `facecam run` logs to.")
    ] = None,
) -> None:
    """List the logged sessions, oldest first."""
    from facecam.logbook.sessions import list_sessions

    root = context.log_dir(folder)
    if folder is not None and not root.is_dir():
        raise LogError(f"folder {root} does not exist; give the folder that `facecam run --log` wrote to")
    sessions = list_sessions(root)
    if not sessions:
        context.print_note(f"no sessions in {root} yet; `facecam run` logs one")
        return
    head = ("session", "started (UTC)", "duration", "rows", "lost", "MB", "source", "log")
    context.print_table(map(_session_row, sessions), head, fold=False)


@command(log_group, "schema")
def _schema() -> None:
    """List the columns of a log in order: name, kind, unit, meaning."""
    from facecam.logbook.schema import COLUMNS

    rows = ((c.name, c.kind, c.unit, c.description) for c in COLUMNS)
    context.print_table(rows, ("column", "kind", "unit", "meaning"), fold=False)


@command(log_group, "export")
def _export(
    logs: _Logs,
    output: Annotated[
        Path,
        Option("--output", "-o", metavar="FILE.parquet", help="File to write.", show_default=False),
        Output(suffixes=(".parquet",)),
    ],
) -> None:
    """Export logs to one Parquet file with typed columns. It is much smaller, and logs can have any length."""
    from facecam.logbook.export import export_parquet

    with _warnings_on_stderr(), context.progress("exporting") as report_progress:
        rows = export_parquet(logs, output, report_progress)
    context.print_result(f"{rows} rows in {output}")


@command(log_group, "merge")
def _merge(
    logs: _Logs,
    output: Annotated[
        Path,
        Option("--output", "-o", metavar="FILE.csv", help="File to write.", show_default=False),
        Output(suffixes=(".csv",)),
    ],
) -> None:
    """Merge logs of several cameras or machines into one CSV.

    Rows are sorted by time, and copies of one session count once. The last column, `machine`, is the computer of the row.
    """
    from facecam.logbook.export import merge_logs

    with _warnings_on_stderr(), context.progress("merging") as report_progress:
        merged = merge_logs(logs, output, report_progress, overwrite=context.invocation.overwrite)
    for path in merged.duplicates:
        context.print_note(f"skipped: {path} (another copy contains all of it)")
    context.print_result(f"{merged.rows} rows of {context.count_of(merged.sessions, 'session')} in {output}")


@contextlib.contextmanager
def _warnings_on_stderr() -> Iterator[None]:
    """Print warnings about skipped parts of a log as plain sentences."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for warning in caught:
        context.print_note(str(warning.message))


def _session_row(session: SessionSummary) -> tuple[str, ...]:
    duration = "not ended" if session.ended_at_utc is None else "unknown"
    if session.duration_s is not None:
        duration = str(timedelta(seconds=int(session.duration_s)))
    return (
        session.session_id,
        f"{session.started_at_utc:%Y-%m-%d %H:%M:%S}",
        duration,
        "" if session.rows is None else str(session.rows),
        str(session.rows_lost),
        f"{session.size_bytes / 1e6:.1f}",
        session.source,
        str(session.path),
    )


def replay(
    log: Annotated[
        Path,
        Argument(metavar="LOG", help="CSV log of a session, with its JSON file next to it.", show_default=False),
        Input(_log_files),
    ],
    threshold_l2: Annotated[
        float | None, Option("--threshold-l2", metavar="T", help="Threshold to use instead of the logged ones.")
    ] = None,
    margin_l2: Annotated[
        float | None, Option("--margin-l2", metavar="M", help="Margin to use instead of the logged ones.")
    ] = None,
    json: JsonOption = None,
) -> bool:
    """Repeat the decisions of a log, with logged or other values.

    Without options all decisions should match the log. Exit code 3: some differ.
    """
    from facecam.logbook.replay import ReplayRules, replay_decisions, summarize

    if log.is_dir():
        raise LogError(f"{log} is a folder; name one CSV log in it")
    with _warnings_on_stderr():
        summary = summarize(replay_decisions(log, ReplayRules(threshold_l2, margin_l2)))
    options = {"log": str(log), "threshold_l2": threshold_l2, "margin_l2": margin_l2}
    context.present(json, options | asdict(summary), lambda: _print_replay(summary))
    return threshold_l2 is None and margin_l2 is None and summary.same < summary.rows


def _print_replay(summary: ReplaySummary) -> None:
    context.print_result(f"{summary.rows} faces in frames, {summary.embedded} compared, {summary.same} with the logged decision")
    if summary.certain < summary.rows:
        context.print_result(
            f"{summary.rows - summary.certain} decisions are estimates: this session tracked faces, and with these values it "
            "would have compared other ones; with follow.enabled = false every face is compared"
        )
    for column, count in summary.agreeing.items():
        context.print_result(f"  {column}: {count} of {summary.rows}")
    for person in summary.people:
        rows = f"{person.rows_before} rows before, {person.rows_after} now, {person.rows_changed} changed"
        context.print_result(f"{person.name}: {rows}")
        for row in person.first_changes:
            decided = f"{row.logged.name or row.logged.decision} -> {row.again.name or row.again.decision}"
            context.print_result(
                f"  {row.source} frame {row.frame_index} at {row.t_ms / 1e3:.2f} s, track {row.track_id}: "
                f"{decided}: {caption_with_code(row.again.reason)}"
            )


def _report_format(output: Path | None, kind: Format | None) -> Format:
    suffix = output.suffix.lower().lstrip(".") if output else ""
    return kind or (Format(suffix) if suffix in set(Format) else Format.HTML)


def _check_report_name(output: Path | None, kind: Format | None) -> None:
    """BadParameter if the file's suffix does not fit the format."""
    suffix = output.suffix.lower() if output is not None else ""
    suffixes = [f".{format_}" for format_ in ([kind] if kind else Format)]
    if suffix and suffix not in suffixes and (kind is None or suffix[1:] in set(Format)):
        hint = f"; end its name in {', '.join(suffixes[:-1])} or {suffixes[-1]}" if kind is None else f": --format is {kind}"
        raise typer.BadParameter(f"{output} cannot be written in this format{hint}", param_hint="-o / --output")


def _report_files(output: Path | None, arguments: Mapping[str, Any]) -> list[Path]:
    kind = _report_format(output, arguments["kind"])
    path = output or Path(f"report.{kind}")
    return [path, path.with_suffix(".png")] if kind is Format.MD else [path]


def report(
    logs: _Logs,
    output: Annotated[
        Path | None,
        Option("-o", "--output", metavar="FILE", help="File to write. Default: ./report.html, .md or .png.", show_default=False),
        Output(_report_files),
    ] = None,
    kind: Annotated[
        Format | None,
        Option("--format", help="Default: the suffix of FILE, or html. md also writes a .png file.", show_default=False),
    ] = None,
) -> None:
    """Write a one-page report of logs.

    It shows visitors, expressions, distances and speed, and needs no internet connection and no other file.
    """
    from facecam.report.page import write_report

    _check_report_name(output, kind)
    path = _report_files(output, {"kind": kind})[0]
    with context.err().status("reading logs and drawing"):
        left_out = write_report(logs, path, _report_format(output, kind))
    for sentence in left_out:
        context.print_note(sentence)
    context.print_result(str(path))
