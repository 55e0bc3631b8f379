"""facecam doctor: what is right and wrong with this installation and this machine, a line for each."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.calling import log_dir
from facecam.cli.common import GalleryOption, JsonOption, command
from facecam.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from facecam.doctor.check import Finding

_COLOURS = {"ok": "green", "warning": "yellow", "fault": "bold red"}
_VERDICT_WIDTH, _CHECK_WIDTH = 9, 15


def register(app: typer.Typer) -> None:
    """Add `doctor` to the command line."""
    command(app, "doctor")(doctor)


def doctor(
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="S", help="Open this source as well, for a second. May be given several times."),
    ] = None,
    gallery: GalleryOption = None,
    log: Annotated[Path | None, typer.Option("--log", metavar="DIR", help="Where logs go; else the user's data folder.")] = None,
    json: JsonOption = None,
) -> None:
    """Check this machine and this installation; status 3 when there is a fault. Opens no camera unless --source names it."""
    from facecam.doctor.check import Verdict
    from facecam.doctor.examine import Subject, examine

    subject = Subject(common.invocation.config, _gallery_dir(gallery), log_dir(log), tuple(source or ()))
    findings: list[Finding] = []
    console = common.out()
    for finding in examine(subject):
        findings.append(finding)
        if json != "-":
            _print(finding, console)
    verdicts = [finding.verdict for finding in findings]
    faults, warnings = verdicts.count(Verdict.FAULT), verdicts.count(Verdict.WARNING)
    common.err().print(f"{_counted(faults, 'fault')}, {_counted(warnings, 'warning')}")
    common.write_json(json, [asdict(finding) for finding in findings])
    if faults:
        raise typer.Exit(common.FINDINGS)


def _gallery_dir(option: str | None) -> Path | None:
    """The people's folder; None when the configuration that would name it is broken, which has a line of its own."""
    try:
        return common.gallery_dir(option)
    except SettingsError:
        return None


def _print(finding: Finding, console: Console) -> None:
    """One line, and below it what to do; in a terminal wrapped so that the columns stay columns, in a pipe never."""
    from rich.text import Text

    indent = _VERDICT_WIDTH + _CHECK_WIDTH
    width = console.width - indent if console.is_terminal else None
    lines = [*_wrapped(finding.found, width), *_wrapped(finding.advice and f"-> {finding.advice}", width)]
    head = Text.assemble((f"{finding.verdict:{_VERDICT_WIDTH}}", _COLOURS[finding.verdict]), f"{finding.check:{_CHECK_WIDTH}}")
    for number, line in enumerate(lines):
        console.print(Text.assemble(head if number == 0 else " " * indent, line), soft_wrap=True)


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None or not text:
        return [text] if text else []
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s'[: number != 1]}"
