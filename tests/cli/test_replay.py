"""`facecam replay` of a log, of several and of a folder."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facecam.logbook.lines import open_log
from tests.cli.conftest import Command
from tests.report.lessons import write_session

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Return a folder with two sessions of 10 and 20 rows of faces, each of which replays as it was."""
    folder = tmp_path / "logs"
    for number in (1, 2):
        path = write_session(folder, START, {"Ada": [(0, 99)]}, seconds=10 * number, suffix=f"000{number}")
        make_replayable(path)
    return folder


def make_replayable(log: Path) -> None:
    """Give the session the decision parameters with which its rows were decided."""
    details = json.loads(log.with_suffix(".json").read_text(encoding="utf-8"))
    details["deciding"] = {"margin_l2": 0.0, "unsure_band_l2": 0.05, "enter_after_sightings": 1, "follow": False}
    log.with_suffix(".json").write_text(json.dumps(details), encoding="utf-8")


def test_a_folder_is_replayed_session_by_session_and_summed(facecam: Command, logs: Path) -> None:
    done = facecam("replay", str(logs), "--json", "result.json")

    found = json.loads((logs.parent / "result.json").read_text(encoding="utf-8"))
    assert [session["rows"] for session in found["sessions"]] == [10, 20]
    assert (found["rows"], found["embedded"], found["people"][0]["rows_before"]) == (30, 30, 30)
    assert "2 sessions together:" in done.stdout
    assert "30 faces in frames, 30 compared" in done.stdout
    assert (done.returncode, found["same"]) == (0, 30)


def test_several_logs_are_replayed_like_their_folder(facecam: Command, logs: Path) -> None:
    files = sorted(map(str, logs.rglob("*.csv")))

    one, other = (json.loads(facecam("replay", *words, "--json", "-").stdout) for words in (files, [str(logs)]))

    assert one == other


def test_one_log_has_no_sum(facecam: Command, logs: Path) -> None:
    log = min(logs.rglob("*.csv"))

    done, found = facecam("replay", str(log)), json.loads(facecam("replay", str(log), "--json", "-").stdout)

    assert "together" not in done.stdout
    assert done.stdout.startswith("10 faces in frames")
    assert (found["log"], found["rows"]) == (str(log), 10)


def test_a_decision_that_differs_is_a_finding(facecam: Command, logs: Path) -> None:
    log = max(logs.rglob("*.csv"))
    with open_log(log) as file:
        text = file.read().decode()
    log.write_text(text.replace(",votes,", ",too_far,", 1), encoding="utf-8")

    done = facecam("replay", str(logs), "--json", "result.json")

    found = json.loads((logs.parent / "result.json").read_text(encoding="utf-8"))
    assert (done.returncode, found["same"], found["rows"]) == (3, 29, 30)


def test_a_session_that_cannot_be_replayed_costs_only_itself(facecam: Command, logs: Path) -> None:
    broken = min(logs.rglob("*.csv")).with_suffix(".json")
    broken.unlink()

    done = facecam("replay", str(logs), "--json", "result.json")

    found = json.loads((logs.parent / "result.json").read_text(encoding="utf-8"))
    assert done.returncode == 3
    assert f"not replayed: {broken} cannot be read" in done.stderr
    assert ("error" in found["sessions"][0], found["rows"]) == (True, 20)


def test_a_log_without_its_json_is_an_error(facecam: Command, logs: Path) -> None:
    log = min(logs.rglob("*.csv"))
    log.with_suffix(".json").unlink()

    done = facecam("replay", str(log))

    assert (done.returncode, "put the session's JSON file next to the log" in done.stderr) == (1, True)


def test_a_folder_without_logs_is_an_error(facecam: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    done = facecam("replay", "empty")

    assert (done.returncode, "no log was found below empty" in done.stderr) == (1, True)
