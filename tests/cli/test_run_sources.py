"""Which frames of which sources `facecam run` takes, and what it says on the way."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from facecam.cli import context, runner
from facecam.logbook.reader import read_log
from tests.session.conftest import Rig, ScriptedSource, wait_for

Command = Callable[..., subprocess.CompletedProcess[str]]


def seen_by(facecam: Command, folder: Path, *words: str) -> pd.DataFrame:
    """The rows of recognized frames of a run in objects mode, which has one for each frame."""
    done = facecam("run", "--no-window", "--mode", "objects", "--log", "logs", *words)
    assert done.returncode == 0, done.stderr
    log = read_log(folder / done.stdout.splitlines()[-1])
    return log[log.event == "seen"]


def test_every_tenth_frame_between_two_times(facecam: Command, tmp_path: Path) -> None:
    seen = seen_by(facecam, tmp_path, "--source", "demo", "--every", "10", "--from", "2", "--to", "0:04")

    assert list(seen.frame_index) == [60, 70, 80, 90, 100, 110]
    assert list(seen.t_ms) == pytest.approx([2000, 2333.333, 2666.667, 3000, 3333.333, 3666.667])


def test_two_sources_at_once_share_a_log_and_are_told_apart(facecam: Command, tmp_path: Path, portraits: dict[str, Path]) -> None:
    for name, pictures in {"one": ["cat", "coffee"], "two": ["coffee", "cat", "cat"]}.items():
        (tmp_path / name).mkdir()
        for number, picture in enumerate(pictures):
            shutil.copy(portraits[picture], tmp_path / name / f"{number}.jpg")

    seen = seen_by(facecam, tmp_path, "--source", "one", "--source", "two")

    assert {source: len(rows) for source, rows in seen.groupby(seen.source.astype(str).str.partition("/")[0])} == {
        "one": 2,
        "two": 3,
    }
    assert set(seen[seen.source == "one/1.jpg"].label_1) == {"espresso"}
    assert set(seen[seen.source == "two/0.jpg"].label_1) == {"espresso"}


@pytest.mark.parametrize("words", [["--from", "a minute"], ["--to", "1:75"], ["--every", "0"]])
def test_a_time_or_number_that_is_none_is_told(facecam: Command, words: list[str]) -> None:
    done = facecam("run", "--source", "demo", "--no-window", *words)

    assert done.returncode in (1, 2)
    assert words[0] in done.stderr or words[1] in done.stderr
    assert "Traceback" not in done.stderr


def test_one_of_two_sources_that_fails_is_told_at_the_end_and_the_other_is_whole(facecam: Command, tmp_path: Path) -> None:
    done = facecam("run", "--source", "demo", "--source", "nowhere.mp4", "--no-window", "--log", "logs", "--mode", "objects")

    assert done.returncode == 1
    assert "nowhere.mp4" in done.stderr.splitlines()[-1]
    assert read_log(tmp_path / done.stdout.splitlines()[-1]).frame_index.max() == 359


def test_a_service_says_in_a_line_how_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(context, "err", lambda: Console(file=said, soft_wrap=True, highlight=False))
    monkeypatch.setattr(runner, "STATUS_EVERY_S", 0.0)
    teller = runner._StatusPrinter()
    with Rig(tmp_path).session(lambda started_at_s: ScriptedSource(started_at_s, source="camera 0")) as session:
        wait_for(lambda: session.status().recognized > 150)
        teller.minute(session, session.status())

    line = said.getvalue()
    assert line.count("\n") == 1
    for part in ("running", "frames recognized", "camera 0: ", " fps, ", "nobody there", "rows"):
        assert part in line
