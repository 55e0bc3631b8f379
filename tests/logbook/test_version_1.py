"""Logs of schema version 1, written by facecam 0.1.0 from the demo, are read, reported and replayed with the same decisions.

The first log is that of `facecam demo`. During the second session, a name was rejected and that was undone, a face was named,
the match threshold was changed, and the session went on in objects mode. Version 0.1.0 itself computed the expected values.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import facecam
from facecam.cli.main import application

LOGS = Path(__file__).parent / "version_1"
DEMO = LOGS / "20261130T023832Z-f198.csv"
CORRECTED = LOGS / "20261130T024050Z-e797.csv"


def replay(log: Path, *options: str) -> dict[str, object]:
    result = CliRunner().invoke(application("replay"), ["replay", str(log), *options, "--json", "-"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    found: dict[str, object] = json.loads(result.stdout[result.stdout.index("{") :])
    return found


def test_both_logs_are_read_with_every_row() -> None:
    log = facecam.read_log(LOGS)

    assert len(log) == 697
    assert log["event"].value_counts().to_dict() == {"seen": 682, "enter": 5, "exit": 4, "correction": 3, "state": 2, "empty": 1}
    decisions = log[log["event"] == "seen"]["decision"].value_counts().to_dict()
    assert {name: count for name, count in decisions.items() if count} == {
        "known": 411,
        "unknown": 178,
        "unsure": 39,
        "skipped": 16,
    }


def test_visits_are_those_that_version_1_found() -> None:
    visits = facecam.read_log(LOGS).facecam.visits()

    found = [
        (name, round(seconds, 3), count)
        for name, seconds, count in visits[["name", "seconds", "sightings"]].itertuples(index=False)
    ]
    assert found == [("Eileen Collins", 5.9, 178), ("Eileen Collins", 5.9, 128), ("Grace Hopper", 3.467, 105)]


@pytest.mark.parametrize(("log", "rows", "embedded"), [(DEMO, 341, 20), (CORRECTED, 303, 56)], ids=["demo", "corrected"])
def test_replay_repeats_every_decision(log: Path, rows: int, embedded: int) -> None:
    found = replay(log)

    assert (found["rows"], found["embedded"], found["same"]) == (rows, embedded, rows)
    assert found["agreeing"] == dict.fromkeys(("sighting_decision", "decision", "reason", "name"), rows)


@pytest.mark.parametrize(
    ("log", "agreeing"),
    [
        (DEMO, {"sighting_decision": 330, "decision": 163, "reason": 161, "name": 163}),
        (CORRECTED, {"sighting_decision": 275, "decision": 70, "reason": 41, "name": 70}),
    ],
    ids=["demo", "corrected"],
)
def test_replay_with_another_threshold_decides_as_version_1_did(log: Path, agreeing: dict[str, int]) -> None:
    assert replay(log, "--threshold-l2", "0.03")["agreeing"] == agreeing


def test_a_report_names_the_people_of_both_logs(tmp_path: Path) -> None:
    page = tmp_path / "report.html"

    result = CliRunner().invoke(application("report"), ["report", str(LOGS), "-o", str(page)])

    assert result.exit_code == 0, result.output
    text = page.read_text(encoding="utf-8")
    assert "Eileen Collins" in text
    assert "Grace Hopper" in text
