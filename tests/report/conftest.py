"""A log of real videos, and one with names that are difficult to escape."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facecam.logbook.schema import SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.report import Format
from facecam.report.page import write_report
from facecam.settings import Mode
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Event,
    Expression,
    Face,
    Label,
    Quality,
    Result,
    Sighting,
    TrackDecision,
)
from tests.cli.conftest import run_in
from tests.servers.browser import PROGRAM, Browser

HOSTILE = (
    "</script><script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    'O\'Hara "Ann" & Söhne, <b>bold</b>',
    "=1+1",
    "שלום עולם",
    "$x$ and $y_1$",
    "_Ümit %{x}",
    "陳大文",
    "A name that is so long that no chart and no table has room for all of it, and then goes on",
)


@pytest.fixture(scope="session")
def real_log(tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Path:
    """Return a folder of logs of the clips, with two enrolled people and a stranger; without the clips, of the demo."""
    home = tmp_path_factory.mktemp("video")

    def facecam(*words: str | Path) -> None:
        done = run_in(home, *words)
        assert done.returncode == 0, done.stderr

    run = ("run", "--gallery", "gallery", "--no-window", "--log", "logs")
    if data := os.environ.get("FACECAM_TEST_DATA"):
        clips = Path(data) / "data"
        for name, clip in (("A", "again"), ("B", "milk")):
            facecam("enroll", name, "--source", clips / "webcam" / f"{clip}.mkv", "--gallery", "gallery")
        sources = (clips / "webcam" / "help.mkv", clips / "webcam" / "please.mkv", clips / "presence" / "face_noface.mov")
        facecam(*run, "--every", "2", *(word for source in sources for word in ("--source", source)))
    else:
        facecam("enroll", "Eileen Collins", portraits["eileen_collins"], "--gallery", "gallery")
        facecam(*run, "--source", "demo")
    return home / "logs"


@pytest.fixture(scope="session")
def hostile_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log with every HOSTILE name for ten seconds and one more, hourly, and with strangers, objects and errors."""
    session = SessionInfo("20260102T230405Z-beef", datetime(2026, 1, 2, 23, 4, 5, tzinfo=UTC), "0.1.0", "nn4", "fer")
    with LogWriter(tmp_path_factory.mktemp("hostile"), session) as writer:
        for number, name in enumerate(HOSTILE):
            for tenth in (*range(100), *range(600, 610)):
                t_ms = number * 3_600_000.0 + tenth * 100
                sightings = (sighting(name, 2 * number), sighting(None, 2 * number + 1))
                writer.write(result(t_ms, tenth, sightings=sightings, threshold_l2=0.3), dropped_frames=number * 10)
            labels = (Label(name, f"n{number:08d}", 0.9),)
            writer.write(result(t_ms + 1000, 0, mode=Mode.OBJECTS, labels=labels), dropped_frames=number * 10)
            writer.event(Event("error", f"broken: {name}"), t_ms + 2000)
    return writer.path


def person_id(name: str) -> str:
    """Return the id of a person: Ada keeps hers when she changes her family name."""
    return "id of Ada" if name.startswith("Ada ") else f"id of {name}"


def sighting(name: str | None, track_id: int, reduction_l2: float = 0.0, **changes: Any) -> Sighting:
    person = name or HOSTILE[0]
    nearest = Candidate(person, person_id(person), "p/1.jpg", 0.2 if name else 0.5, threshold_reduction_l2=reduction_l2)
    decision = Decision(DecisionStatus.KNOWN if name else DecisionStatus.UNKNOWN, "match" if name else "too_far", name, nearest)
    fields: dict[str, Any] = {
        "face": Face(Box(10, 20, 60, 72), 0.99, np.zeros((5, 2), np.float32)),
        "quality": Quality(0, 0, 0, 100, 100),
        "gate": None,
        "embedded": True,
        "decision": decision,
        "evidence_weight": 1.0,
        "track_decision": TrackDecision(track_id, 100, replace(decision, reason="votes") if name else decision, 3, 3),
        "expression": Expression((0.1, 0.0, 0.1, 0.6, 0.1, 0.05, 0.05)),
        "expression_read": True,
    }
    return Sighting(**(fields | changes))


def result(t_ms: float, index: int, mode: Mode = Mode.FACES, **changes: Any) -> Result:
    fields: dict[str, Any] = {
        "frame_index": round(t_ms), "t_ms": t_ms, "source": "<camera> & 0", "camera_id": "", "size_wh": (640, 480), "mode": mode,
        "detect_ms": 10.0, "embed_ms": 3.0, "total_ms": 15.0 + index % 7,
    }  # fmt: skip
    return Result(**(fields | changes))


@pytest.fixture(scope="session")
def report_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Return a function that writes the HTML report of a log, once per log."""
    reports: dict[Path, Path] = {}

    def report(log: Path) -> Path:
        if log not in reports:
            reports[log] = tmp_path_factory.mktemp("report") / "report.html"
            write_report([log], reports[log], Format.HTML)
        return reports[log]

    return report


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start one browser for all tests of a module."""
    if PROGRAM is None:
        pytest.skip("needs chromium")
    with Browser() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """Return the module's browser without recorded requests and errors."""
    chromium.requests.clear()
    chromium.errors.clear()
    return chromium
