"""facecam mark: add a marker to the logs of the running sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, BadParameter, Option

from facecam.cli import context
from facecam.errors import LogError, SettingsError


def mark(
    text: Annotated[
        str, Argument(metavar="TEXT", help="What happens now: one line of at most 200 characters.", show_default=False)
    ],
    log: Annotated[
        Path | None,
        Option("--log", metavar="DIR", help="Folder that the sessions log to. Default: the user's data folder."),
    ] = None,
) -> None:
    """Mark this moment in the log of every running session.

    The marker is a row of its own, with the time at which this command was started. The command ends when the row is written, and
    prints the sessions.

    Examples:
        facecam mark "stimulus 1"
        facecam mark break
    """
    from facecam.session.markers import ANSWER_S, send_marker

    try:
        marked, silent = send_marker(context.log_dir(log), text, context.invocation.started_at_s)
    except SettingsError as error:
        raise BadParameter(str(error), param_hint="TEXT") from error
    for session_id in marked:
        context.print_result(f"marked in {session_id}")
    if silent:
        raise LogError(f"{', '.join(silent)} did not answer within {ANSWER_S:g} s and may lack the marker; try again")
