"""`facecam log`: the sessions and the columns."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from facecam.cli import log
from facecam.errors import LogError
from facecam.logbook.rows import SessionInfo
from facecam.logbook.schema import NAMES
from facecam.logbook.writer import LogWriter
from facecam.types import Event


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    log.register(app)
    return app


def test_the_schema_lists_every_column_in_order(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["log", "schema"])

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == list(NAMES)


def test_the_list_shows_sessions_that_ended_and_one_that_did_not(app: typer.Typer, tmp_path: Path) -> None:
    for number, ended in enumerate((True, False)):
        started = datetime(2026, 1, 2, 3, 4, number, tzinfo=UTC)
        session = SessionInfo(f"20260102T03040{number}Z-beef", started, "0.1.0", details={"source": "[red]clip.mkv"})
        writer = LogWriter(tmp_path, session)
        writer.event(Event("state", "running"), 0.0)
        kept = writer.details_path.read_bytes()
        writer.close()
        if not ended:
            writer.details_path.write_bytes(kept)
    (tmp_path / "20260102T030409Z-beef.json").write_text("[]", encoding="utf-8")

    result = CliRunner().invoke(app, ["log", "list", str(tmp_path)])

    lines = result.stdout.splitlines()
    assert (result.exit_code, len(lines)) == (0, 3)
    assert lines[1].startswith("20260102T030400Z-beef  2026-01-02 03:04:00")
    assert "[red]clip.mkv" in lines[1]
    assert "not ended" in lines[2]
    assert lines[2].endswith("20260102T030401Z-beef.csv")


def test_a_folder_that_is_not_there_is_an_error_and_an_empty_one_is_not(app: typer.Typer, tmp_path: Path) -> None:
    assert isinstance(CliRunner().invoke(app, ["log", "list", str(tmp_path / "missing")]).exception, LogError)
    result = CliRunner().invoke(app, ["log", "list", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (0, "")
