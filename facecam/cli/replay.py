"""facecam replay: decide again from a log alone, as it was or with another threshold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, command

if TYPE_CHECKING:
    from facecam.evaluate.replay_summary import PersonChange, Summary

_Log = Annotated[Path, typer.Argument(metavar="LOG", help="A session's CSV; its json must lie beside it.", show_default=False)]
_Threshold = Annotated[
    float | None, typer.Option("--threshold-l2", metavar="T", help="Decide with this threshold instead of the logged ones.")
]
_Margin = Annotated[float | None, typer.Option("--margin-l2", metavar="M", help="And with this margin.")]


def register(app: typer.Typer) -> None:
    """Add `replay` to the command line."""
    command(app, "replay")(replay)


def replay(log: _Log, threshold_l2: _Threshold = None, margin_l2: _Margin = None, json: JsonOption = None) -> None:
    """Decide again from a log alone. Without options every decision and name should come out as logged, else the status is 3."""
    from facecam.evaluate.replay import Rules, decided_again
    from facecam.evaluate.replay_summary import summarise

    found = summarise(decided_again(log, Rules(threshold_l2, margin_l2)))
    asked = {"log": str(log), "threshold_l2": threshold_l2, "margin_l2": margin_l2}
    common.write_json(json, asked | found.to_dict())
    if json != "-":
        _print(found)
    if threshold_l2 is None and margin_l2 is None and found.same < found.rows:
        raise typer.Exit(common.FINDINGS)


def _print(found: Summary) -> None:
    console = common.out()
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
