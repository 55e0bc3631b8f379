"""Events of `facecam run` on the demo's portraits: Eileen Collins is enrolled, Grace Hopper is a stranger."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from facecam.capture.demo import demo_image
from facecam.logbook.reader import read_log
from tests.cli.conftest import environment_in, run_in

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the commands are those of POSIX systems")

NO_CHECK = {"FACECAM_TRACK_PRESENTATION_CHECK": "false"}
"""The people are photos."""

RUN = ("run", "--no-window", "--source", "demo", "--gallery", "gallery", "--log", "logs", "--event-quiet", "3")


def gallery_in(home: Path) -> Path:
    (home / "gallery" / "Eileen Collins").mkdir(parents=True)
    shutil.copy(demo_image("eileen_collins"), home / "gallery" / "Eileen Collins")
    return home


@dataclass
class Run:
    home: Path
    done: subprocess.CompletedProcess[str]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.done.stdout.splitlines()]

    @property
    def log(self) -> Path:
        (path,) = (self.home / "logs").glob("*/*.csv")
        return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with events on stdout, in a file, and to a command of the settings."""
    home = gallery_in(tmp_path_factory.mktemp("events"))
    command = {"FACECAM_EVENTS_COMMAND": "tee -a 's3cret.jsonl'"}
    done = run_in(home, *RUN, "--events", "-", "--events", "events.jsonl", **NO_CHECK, **command)
    assert done.returncode == 0, done.stderr
    return Run(home, done)


def test_a_person_arrives_and_leaves_and_a_stranger_arrives(run: Run) -> None:
    assert [event["kind"] for event in run.events] == ["person_arrived", "stranger_arrived", "person_left"]
    arrived, stranger, left = run.events
    assert (arrived["name"], left["name"], stranger["name"]) == ("Eileen Collins", "Eileen Collins", None)
    assert arrived["person_id"] == left["person_id"]
    assert left["reason"] == "absent"
    assert left["visit_s"] == pytest.approx((left["t_ms"] - arrived["t_ms"]) / 1e3, abs=0.5)
    assert stranger["distance_l2"] > arrived["distance_l2"]
    assert {event["source"] for event in run.events} == {"demo"}


def test_the_events_have_the_session_and_the_times_of_the_log(run: Run) -> None:
    log = read_log(run.log)
    arrived, _, left = run.events

    assert {event["session_id"] for event in run.events} == {run.log.stem}
    seen = log[(log.event == "seen") & (log.name == "Eileen Collins")]
    assert left["t_ms"] == pytest.approx(seen.t_ms.max(), abs=250)
    logged = seen.ts_utc[seen.t_ms.sub(arrived["t_ms"]).abs().idxmin()]
    assert abs(datetime.fromisoformat(arrived["t_utc"]) - logged) <= timedelta(milliseconds=2)


def test_with_events_on_stdout_everything_else_goes_to_stderr(run: Run) -> None:
    assert str(run.log.relative_to(run.home)) in run.done.stderr.splitlines()[-1]


def test_a_file_and_a_command_get_every_event_of_a_run(run: Run) -> None:
    assert (run.home / "events.jsonl").read_text() == run.done.stdout
    assert (run.home / "s3cret.jsonl").read_text() == run.done.stdout


def test_the_json_of_the_log_has_no_command_of_the_settings(run: Run) -> None:
    text = run.log.with_suffix(".json").read_text()

    assert json.loads(text)["settings"]["events"]["command"] == "***"
    assert "s3cret" not in text + run.done.stderr


def test_the_reference_has_every_field_in_order(run: Run) -> None:
    document = (Path(__file__).parents[2] / "docs" / "reference" / "events.md").read_text(encoding="utf-8")
    fields = [line.split("`")[1] for line in document.splitlines() if line.startswith("| `")]

    assert all(list(event) == fields for event in run.events)


def test_a_hanging_command_and_a_closed_pipe_change_nothing_in_recognition(run: Run, tmp_path: Path) -> None:
    home = gallery_in(tmp_path)
    command = [sys.executable, "-m", "facecam", *RUN, "--events", "-", "--on-event", "sleep 1000"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=home, env=environment_in(home) | NO_CHECK, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["kind"] == "person_arrived"
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(60) == 0

    assert "Broken pipe" not in errors
    assert "events to sleep: 0 delivered, 3 dropped, 0 failed" in errors
    here, there = (read_log(log) for log in (Run(home, run.done).log, run.log))
    columns = ["event", "frame_index", "name", "decision", "track_id"]
    assert here[columns].equals(there[columns])


def test_without_options_nothing_is_sent_to_other_programs(tmp_path: Path) -> None:
    done = run_in(gallery_in(tmp_path), *RUN, "--to", "1", **NO_CHECK)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("logs")
    assert {path.name for path in tmp_path.iterdir()} <= {"gallery", "logs", "data", ".cache", ".config"}
