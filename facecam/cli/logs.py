"""facecam log: list, describe, export and merge session logs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from facecam.cli import context
from facecam.cli.options import Input, JsonOption, LogsArgument, Output, command, csv_files
from facecam.errors import LogError
from facecam.fileio import is_stream
from facecam.logbook import CsvLocale, ExportFormat
from facecam.messages import count_of

if TYPE_CHECKING:
    from facecam.logbook.schema import Column
    from facecam.logbook.sessions import SessionSummary

log_group = typer.Typer(help="List, describe, export and merge logs.", no_args_is_help=True)

_LOCALE_HELP = (
    "Language of the spreadsheet that opens the CSV file, which needs its separator, decimal mark and a byte order mark. "
    "For programs and `facecam.read_log`, leave it out."
)
_LocaleOption = Annotated[CsvLocale | None, Option("--locale", help=_LOCALE_HELP, case_sensitive=False, show_default=False)]


def _list_columns() -> tuple[tuple[Column, Callable[[SessionSummary], Any]], ...]:
    """Return the columns of the list of sessions, with the function that returns the value of each."""
    from facecam.logbook.schema import Column

    return (
        (Column("session_id", "category", "The session"), lambda session: session.session_id),
        (
            Column("started_at_utc", "time", "Start of the session; for files, of the recording"),
            lambda session: session.started_at_utc,
        ),
        (
            Column("time_origin", "text", "Origin of started_at_utc, as ts_origin in the log; of several sources, each once"),
            lambda session: session.time_origin,
        ),
        (
            Column("duration_s", "float", "Time that the session covers; for files, that of the recording", "s"),
            lambda s: s.duration_s,
        ),
        (Column("processed_at_utc", "time", "Start of recognition"), lambda session: session.processed_at_utc),
        (Column("ended_at_utc", "time", "End of recognition; empty if the session runs or was killed"), lambda s: s.ended_at_utc),
        (Column("frames", "int", "Frames that were analyzed; empty in logs before version 4"), lambda session: session.frames),
        (Column("rows", "int", "Rows in the log; empty without an end"), lambda session: session.rows),
        (Column("rows_lost", "int", "Rows that could not be written"), lambda session: session.rows_lost),
        (Column("size_bytes", "int", "Size of all parts of the log", "B"), lambda session: session.size_bytes),
        (Column("source", "text", "Camera, file, address or `demo`"), lambda session: session.source),
        (Column("log", "text", "Path of the log"), lambda session: str(session.path)),
    )


@command(log_group, "list")
def _list(
    folder: Annotated[
        Path | None, Argument(metavar="DIR", help="Folder of logs. Default: the folder that `facecam run` logs to."), Input()
    ] = None,
    json: JsonOption = None,
    csv: Annotated[
        Path | None,
        Option("--csv", metavar="FILE", help="Write the list as CSV."),
        Output(lambda path, _: csv_files(path)),
    ] = None,
    locale: _LocaleOption = None,
) -> None:
    """List the logged sessions, oldest first.

    Examples:
        facecam log list
        facecam log list logs --csv sessions.csv
    """
    from facecam.logbook.sessions import list_sessions

    if locale is not None and csv is None:
        raise typer.BadParameter("needs --csv", param_hint="--locale")
    root = context.log_dir(folder)
    if folder is not None and not root.is_dir():
        raise LogError(f"folder {root} does not exist; give the folder that `facecam run --log` wrote to")
    sessions = list_sessions(root)
    if csv is not None:
        _write_list(sessions, csv, locale)
    if not sessions:
        context.print_note(f"no sessions in {root} yet; `facecam run` logs one")
    context.present(json, list(map(_session_json, sessions)), lambda: _print_sessions(sessions))


def _write_list(sessions: Sequence[SessionSummary], path: Path, locale: CsvLocale | None) -> None:
    from facecam.logbook.dictionary import SESSION_LABEL_PREFIX, data_dictionary, describe_columns, write_dictionary_of
    from facecam.logbook.tables import write_csv

    labels = sorted({name for session in sessions for name in session.labels})
    list_columns = _list_columns()
    columns = [column for column, _ in list_columns]
    header = [*(column.name for column in columns), *(SESSION_LABEL_PREFIX + name for name in labels)]
    rows = (
        [*(value(session) for _, value in list_columns), *(session.labels.get(name) for name in labels)] for session in sessions
    )
    write_csv(path, header, rows, locale)
    write_dictionary_of(path, data_dictionary(header) | describe_columns(columns))


def _session_json(session: SessionSummary) -> dict[str, Any]:
    values = {column.name: value(session) for column, value in _list_columns()}
    times = {column.name for column, _ in _list_columns() if column.kind == "time"}
    texts = {name: value and value.isoformat(timespec="milliseconds") for name, value in values.items() if name in times}
    return values | texts | {"labels": dict(session.labels)}


def _print_sessions(sessions: Sequence[SessionSummary]) -> None:
    if sessions:
        head = ("session", "started (UTC)", "duration", "frames", "rows", "lost", "MB", "labels", "source", "log")
        context.print_table(map(_session_row, sessions), head, fold=False)


def _session_row(session: SessionSummary) -> tuple[str, ...]:
    duration = [str(timedelta(seconds=int(session.duration_s)))] if session.duration_s is not None else []
    if session.ended_at_utc is None:
        duration.append("not ended")
    return (
        session.session_id,
        f"{session.started_at_utc:%Y-%m-%d %H:%M:%S}",
        ", ".join(duration) or "unknown",
        "" if session.frames is None else str(session.frames),
        "" if session.rows is None else str(session.rows),
        str(session.rows_lost),
        f"{session.size_bytes / 1e6:.1f}",
        "; ".join(f"{name}={value}" for name, value in session.labels.items()),
        session.source,
        str(session.path),
    )


@command(log_group, "schema")
def _schema(json: JsonOption = None) -> None:
    """List the columns of a log in order: name, kind, unit, meaning.

    The JSON is a data dictionary in the form of BIDS: per column its description, format, unit and levels.

    Examples:
        facecam log schema
        facecam log schema --json columns.json
    """
    from facecam.logbook.dictionary import data_dictionary
    from facecam.logbook.schema import COLUMNS

    rows = ((c.name, c.kind, c.unit, c.description) for c in COLUMNS)
    head = ("column", "kind", "unit", "meaning")
    context.present(json, data_dictionary(), lambda: context.print_table(rows, head, fold=False))


def _export_format(output: Path, kind: ExportFormat | None) -> ExportFormat:
    """Return the format of an export: that of --format, else of the file's suffix. BadParameter if the two do not fit."""
    found = _format_of_suffix(output)
    if kind is not None and found in (kind, None):
        return kind
    if kind is None and found is not None:
        return found
    hint = f": --format is {kind}" if kind else "; end its name in .csv, .parquet, .xlsx, .vtt or .eaf, or add --format"
    raise typer.BadParameter(f"{output} cannot be written in this format{hint}", param_hint="--output / -o")


def _format_of_suffix(output: Path) -> ExportFormat | None:
    return next((each for each in ExportFormat if each.suffix == output.suffix.lower()), None)


def _export_files(output: Path, arguments: Mapping[str, Any]) -> list[Path]:
    kind = arguments["kind"] or _format_of_suffix(output)
    if kind is not None and kind.is_timed_text and output.is_dir():
        return []  # The names of the files in it follow from the logs.
    return csv_files(output) if kind is ExportFormat.CSV else [output]


_EXPORT_HELP = "File to write: .csv, .parquet, .xlsx, .vtt or .eaf. For .vtt and .eaf of several videos, an existing folder."


@command(log_group, "export")
def _export(
    logs: LogsArgument,
    output: Annotated[
        Path,
        Option("--output", "-o", metavar="FILE", help=_EXPORT_HELP, show_default=False),
        Output(_export_files),
    ],
    kind: Annotated[ExportFormat | None, Option("--format", help="Default: the suffix of FILE.", show_default=False)] = None,
    locale: _LocaleOption = None,
) -> None:
    """Export logs as a table, as subtitles or as ELAN tiers.

    A table has all rows: CSV, Parquet or XLSX.

    Parquet is the smallest and keeps the types. XLSX keeps them for spreadsheets, a million rows per sheet. CSV has a data
    dictionary next to it, FILE.columns.json. With --locale it is for spreadsheets, and `facecam` does not read it again.

    WebVTT and ELAN files have who and what was seen, at the times of the video that the session recorded, else of the video file
    that was recognized, else since the session's start.

    Examples:
        facecam log export logs -o rows.parquet
        facecam log export logs -o rows.csv --locale de
        facecam log export session.csv -o lesson.vtt
        facecam log export logs --format elan -o annotations
    """
    from facecam.logbook.export import export_log

    file_format = _export_format(output, kind)
    if locale is not None and file_format is not ExportFormat.CSV:
        raise typer.BadParameter(f"it is for CSV files, and {output} is written as {file_format}", param_hint="--locale")
    if file_format.is_timed_text:
        _export_timed_text(logs, output, file_format)
        return
    with context.warnings_as_notes(), context.progress("exporting") as report_progress:
        rows = export_log(logs, output, report_progress, file_format=file_format, locale=locale)
    context.print_result(f"{rows} rows in {output}")


def _export_timed_text(logs: Sequence[Path], output: Path, file_format: ExportFormat) -> None:
    from facecam.logbook.timed_text import export_timed_text

    with context.warnings_as_notes(), context.progress("exporting") as report_progress:
        written = export_timed_text(logs, output, file_format, report_progress, overwrite=context.invocation.overwrite)
    what = "subtitle" if file_format is ExportFormat.WEBVTT else "annotation"
    for file in written:
        video = file.timeline.video
        about = f"session {file.timeline.session_id}, from its start" if video is None else str(video)
        context.print_result(f"{count_of(file.count, what)} in {file.path}, for {about}")


@command(log_group, "merge")
def _merge(
    logs: LogsArgument,
    output: Annotated[
        Path,
        Option("--output", "-o", metavar="FILE.csv", help="File to write.", show_default=False),
        Output(lambda path, _: csv_files(path)),
    ],
) -> None:
    """Merge logs of several cameras or machines into one CSV.

    Rows are sorted by time, and copies of one session count once. The last column, `machine`, is the computer of the row.

    Examples:
        facecam log merge room-1 room-2 -o merged.csv
        facecam log merge logs -o merged.csv
    """
    from facecam.logbook.export import merge_logs

    if output.suffix.lower() != ".csv" and not is_stream(output):
        raise typer.BadParameter(f"{output} cannot be written in this format; end its name in .csv", param_hint="--output / -o")
    with context.warnings_as_notes(), context.progress("merging") as report_progress:
        merged = merge_logs(logs, output, report_progress, overwrite=context.invocation.overwrite)
    for path in merged.duplicates:
        context.print_note(f"skipped: {path} (another copy contains all of it)")
    context.print_result(f"{merged.rows} rows of {count_of(merged.sessions, 'session')} in {output}")
