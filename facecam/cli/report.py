"""facecam report: what logs say, as a page for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facecam.cli.common import command, err, out
from facecam.report.formats import Format

_Logs = Annotated[list[Path], typer.Argument(metavar="LOG ...", help="Logs, or folders of logs.", show_default=False)]
_Output = Annotated[
    Path | None,
    typer.Option("-o", "--output", metavar="FILE", help="Where to; else ./report.html, .md or .png.", show_default=False),
]
_Format = Annotated[
    Format | None,
    typer.Option("--format", help="Else what FILE ends in, else html. md puts a .png beside it.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add `report` to the command line."""
    command(app, "report")(report)


def report(logs: _Logs, output: _Output = None, kind: _Format = None) -> None:
    """Write what logs say as one page: who was there, expressions, distances, speed. It needs no network and no other file."""
    from facecam.report.make import write_report

    if kind is None:
        ending = output.suffix.lower().lstrip(".") if output else ""
        kind = Format(ending) if ending in set(Format) else Format.HTML
    path = output or Path(f"report.{kind}")
    with err().status("reading the log and drawing"):
        write_report(logs, path, kind)
    out().print(str(path), markup=False, emoji=False)
