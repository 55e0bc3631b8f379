"""facecam replay and facecam report: decide a log's faces again, and report on logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Option

from facecam.cli import context
from facecam.cli.options import ExpressionsOption, Input, JsonOption, LogsArgument, Output, csv_files, session_labels
from facecam.errors import LogError
from facecam.messages import caption_with_code, count_of
from facecam.report import Format

if TYPE_CHECKING:
    from facecam.logbook.replay import ReplaySummary, SessionReplay


def replay(
    logs: LogsArgument,
    threshold_l2: Annotated[
        float | None, Option("--threshold-l2", metavar="T", help="Threshold to use instead of the logged ones.")
    ] = None,
    margin_l2: Annotated[
        float | None, Option("--margin-l2", metavar="M", help="Margin to use instead of the logged ones.")
    ] = None,
    json: JsonOption = None,
) -> bool:
    """Repeat the decisions of logs, also with other thresholds.

    Prints a summary per session, and the sum.

    Without options all decisions should match the logs. Exit code 3: some differ, or a session cannot be replayed.

    Examples:
        facecam replay logs
        facecam replay logs --threshold-l2 0.9
    """
    from facecam.logbook.replay import ReplayRules, replay_logs, total

    with context.warnings_as_notes(), context.err().status("replaying"):
        sessions = list(replay_logs(logs, ReplayRules(threshold_l2, margin_l2)))
    summaries = [session.summary for session in sessions if session.summary is not None]
    if not summaries:
        raise LogError(str(sessions[0].error))
    whole = total(summaries)
    options: dict[str, Any] = {"log": str(sessions[0].log)} if len(sessions) == 1 else {}
    options |= {"threshold_l2": threshold_l2, "margin_l2": margin_l2}
    details = {"sessions": [_session_replay(session) for session in sessions]}
    context.present(json, options | asdict(whole) | details, lambda: _print_replays(sessions, whole))
    with_logged_values = threshold_l2 is None and margin_l2 is None
    return len(summaries) < len(sessions) or (with_logged_values and whole.same < whole.rows)


def _session_replay(session: SessionReplay) -> dict[str, Any]:
    if session.summary is None:
        return {"log": str(session.log), "error": session.error}
    return {"log": str(session.log)} | asdict(session.summary)


def _print_replays(sessions: Sequence[SessionReplay], whole: ReplaySummary) -> None:
    if len(sessions) == 1:
        _print_replay(whole)
        return
    rows = []
    for session in sessions:
        if session.summary is None:
            context.print_note(f"not replayed: {session.error}")
        else:
            summary = session.summary
            rows.append((session.log, summary.rows, summary.embedded, summary.same, summary.rows - summary.same))
    columns = ("session", "faces in frames", "compared", "as logged", "different")
    context.print_table(rows, columns, right=columns[1:], fold=False)
    context.print_result()
    context.print_result(f"{count_of(len(rows), 'session')} together:")
    _print_replay(whole)


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


_REPORT_FORMATS = (Format.HTML, Format.MD, Format.PNG)
_ATTENDANCE_FORMATS = (Format.HTML, Format.CSV, Format.XLSX)


def _report_format(output: Path | None, kind: Format | None) -> Format:
    suffix = output.suffix.lower().lstrip(".") if output else ""
    return kind or (Format(suffix) if suffix in set(Format) else Format.HTML)


def _check_report_name(output: Path | None, kind: Format | None, *, attendance: bool) -> None:
    """BadParameter if the file's suffix does not fit the format, or the format does not fit the report."""
    possible = _ATTENDANCE_FORMATS if attendance else _REPORT_FORMATS
    suffix = output.suffix.lower() if output is not None else ""
    suffixes = [f".{format_}" for format_ in ([kind] if kind else possible)]
    if suffix and suffix not in suffixes and (kind is None or suffix[1:] in set(Format)):
        hint = f"; end its name in {', '.join(suffixes[:-1])} or {suffixes[-1]}" if kind is None else f": --format is {kind}"
        raise typer.BadParameter(f"{output} cannot be written in this format{hint}", param_hint="-o / --output")
    if kind is not None and kind not in possible:
        what = "an attendance report" if attendance else "a report"
        listed = f"{', '.join(possible[:-1])} or {possible[-1]}"
        more = "" if attendance else f"; {kind} is a format of --attendance"
        raise typer.BadParameter(f"{what} is written as {listed}{more}", param_hint="--format")


def _report_files(output: Path | None, arguments: Mapping[str, Any]) -> list[Path]:
    kind = _report_format(output, arguments["kind"])
    path = output or Path(f"{'attendance' if arguments['attendance'] else 'report'}.{kind}")
    if kind is Format.CSV:
        return csv_files(path)
    return [path, path.with_suffix(".png")] if kind is Format.MD else [path]


def report(
    logs: LogsArgument,
    output: Annotated[
        Path | None,
        Option(
            "-o",
            "--output",
            metavar="FILE",
            show_default=False,
            help="File to write: .html, .md or .png; of an attendance .html, .csv or .xlsx. Default: ./report.html.",
        ),
        Output(_report_files),
    ] = None,
    kind: Annotated[
        Format | None,
        Option("--format", help="Default: the suffix of FILE, or html. md also writes a .png file.", show_default=False),
    ] = None,
    label: Annotated[
        list[str] | None,
        Option("--label", metavar="NAME=VALUE", help="Only sessions with this label, such as condition=2. Can be repeated."),
    ] = None,
    between: Annotated[
        tuple[str, str] | None,
        Option("--between", metavar="BEGIN END", help="Only from a marker BEGIN to the next marker END in each session."),
    ] = None,
    expressions: ExpressionsOption = None,
    attendance: Annotated[
        bool, Option("--attendance", help="Report who was present, late or absent. Each session is a lesson.")
    ] = False,
    roster: Annotated[
        Path | None,
        Option("--roster", metavar="FILE", help="People who are expected: a text or CSV file with one name per line."),
        Input(),
    ] = None,
    lesson: Annotated[
        str | None, Option("--lesson", metavar="NAME", help="Name of the one lesson to which all sessions belong.")
    ] = None,
    late_after: Annotated[
        str | None,
        Option("--late-after", metavar="TIME", help="Time after a lesson's start from which a person is late. Default: 10m."),
    ] = None,
    locale: Annotated[
        str | None,
        Option(
            "--locale",
            metavar="NAME",
            help="Language of the attendance's page (en, de), and of the spreadsheet that opens its CSV: as in `log export`.",
        ),
    ] = None,
) -> None:
    """Write a one-page report of logs, or of attendance.

    It shows visitors, expressions, distances and speed, and needs no internet connection and no other file. Expressions
    are left out of an attendance report, of a report of logs without any, and with --no-expressions.

    Examples:
        facecam report logs -o report.html
        facecam report logs --attendance --roster class.txt -o attendance.html
    """
    from facecam.report.page import write_report

    _check_report_name(output, kind, attendance=attendance)
    labels = session_labels(label or [])
    path = _report_files(output, {"kind": kind, "attendance": attendance})[0]
    if attendance:
        if between is not None:
            raise typer.BadParameter("is not possible with --attendance, which is about whole sessions", param_hint="--between")
        if expressions:
            raise typer.BadParameter("is not possible with --attendance, which has no expressions", param_hint="--expressions")
        left_out = _write_attendance(logs, path, _report_format(output, kind), labels, roster, lesson, late_after, locale)
    else:
        given = {"--roster": roster, "--lesson": lesson, "--late-after": late_after, "--locale": locale}
        if unused := next((name for name, value in given.items() if value is not None), None):
            raise typer.BadParameter("needs --attendance", param_hint=unused)
        shown = context.settings({"express.enabled": expressions}).express.enabled
        with context.err().status("reading logs and drawing"):
            left_out = write_report(logs, path, _report_format(output, kind), labels, between, with_expressions=shown)
    for sentence in left_out:
        context.print_note(sentence)
    context.print_result(str(path))


def _write_attendance(
    logs: list[Path],
    path: Path,
    kind: Format,
    labels: Mapping[str, str],
    roster: Path | None,
    lesson: str | None,
    late_after: str | None,
    locale: str | None,
) -> tuple[str, ...]:
    from facecam.logbook import CsvLocale
    from facecam.logbook.tables import require_xlsx
    from facecam.report import attendance

    try:
        late_after_s = attendance.LATE_AFTER_S if late_after is None else attendance.parse_duration_s(late_after)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--late-after") from error
    try:
        csv_locale = None if locale is None else CsvLocale(locale.lower().replace("_", "-"))
    except ValueError as error:
        raise typer.BadParameter(f"{locale!r} is not one of {', '.join(CsvLocale)}", param_hint="--locale") from error
    languages = (CsvLocale.EN, CsvLocale.DE, CsvLocale.DE_CH)
    if kind is Format.HTML and csv_locale not in (None, *languages):
        raise typer.BadParameter(f"the page is in English or German: {', '.join(languages)}", param_hint="--locale")
    if kind is Format.XLSX:
        require_xlsx()
    names = None if roster is None else attendance.read_roster(roster)
    with context.err().status("reading logs"):
        taken = attendance.take_attendance(logs, roster=names, lesson=lesson, late_after_s=late_after_s, labels=labels)
        attendance.write_attendance(taken, path, kind, csv_locale)
    return taken.warnings
