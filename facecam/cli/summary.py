"""Summary of a finished session: a table of the people or objects in its log, its files, and the command that follows."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facecam.cli import context
from facecam.errors import LogError

if TYPE_CHECKING:
    from facecam.cli.runner import RunSummary

_COLUMNS = ["event", "t_ms", "decision", "name", "distance_l2", "expression", "label_1", "p_1"]


def print_summary(summary: RunSummary, *, table: bool) -> None:
    """Print what was recognized and where it is. In a pipe, only the path of the log, which is then the last line.

    Args:
        summary: Of a session with or without a log.
        table: Read the log and print a table on a terminal.
    """
    if not sys.stdout.isatty():
        if summary.log_path is not None:
            print(context.visible(str(summary.log_path)), flush=True)
        return
    if table and summary.log_path is not None:
        print_recognized(summary.log_path)
    print_files(summary)


def print_recognized(log_path: Path) -> None:
    """Print a table of the people in a log, of the objects, or a sentence when it has neither."""
    from facecam.logbook.reader import read_log

    try:
        with context.warnings_as_notes():
            log = read_log(log_path, columns=_COLUMNS)
    except LogError:  # A session that failed at once has a log without rows; its own error follows.
        return
    seen = log[log.event == "seen"]
    people, objects = seen[seen.decision.isin(["known", "unknown"])], seen[seen.label_1.notna()]
    if people.empty and objects.empty:
        context.print_result("No face was recognized.")
    if not people.empty:
        _print_people(people)
    if not objects.empty:
        _print_objects(objects)


def _print_people(seen: Any) -> None:
    table = []
    head = ["person", "frames", "first seen", "last seen", "distance", "expression"]
    if not seen.expression.notna().any():
        head.pop()
    for name, rows in seen.groupby(seen.name.astype("string").fillna("unknown")):
        expressions, distance_l2 = rows.expression.mode(), rows.distance_l2.median()
        expression = "" if expressions.empty else expressions.iloc[0]
        table.append((name, len(rows), *_times(rows), f"{distance_l2:.2f}" if distance_l2 == distance_l2 else "", expression))  # noqa: PLR0124
    context.print_table((row[: len(head)] for row in table), head)


def _print_objects(seen: Any) -> None:
    table = [
        (label, len(rows), *_times(rows), f"{rows.p_1.median():.2f}")
        for label, rows in seen.groupby(seen.label_1.astype("string"))
    ]
    table.sort(key=lambda row: -row[1])
    context.print_table(table, ("object", "frames", "first seen", "last seen", "probability"))


def _times(rows: Any) -> tuple[str, str]:
    return f"{rows.t_ms.min() / 1e3:.1f} s", f"{rows.t_ms.max() / 1e3:.1f} s"


def print_files(summary: RunSummary) -> None:
    """Print the log, the videos and the command that follows."""
    if summary.log_path is not None:
        context.print_result(f"Log: {summary.log_path}")
    for video in summary.videos:
        context.print_result(f"Video: {video}")
    if summary.log_path is not None:
        context.print_result(f"Next: facecam report {_quoted(summary.log_path)}")


def _quoted(path: Path) -> str:
    return f'"{path}"' if sys.platform == "win32" else shlex.quote(str(path))
