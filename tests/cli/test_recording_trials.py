"""`facecam run --record` ended by kill -9, by a closed terminal and by a full disk.

The video is playable up to its last second, the log keeps all rows, and a full disk is reported.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from facecam.logbook.reader import read_log
from tests.servers.stream_server import StreamServer
from tests.session.conftest import wait_for
from tests.session.video_files import fill, frame_times_ms, small_disk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")

MAX_LOST_MS = 1500.0
TRIALS = [pytest.param(seed, marks=() if seed == 0 else pytest.mark.long) for seed in range(10)]
"""Seeds of the trials of each kind. They choose the moment."""


@dataclass
class Recording:
    """A running `facecam run --record`, and the rows of its log that were in the file at some time."""

    process: subprocess.Popen[str]
    logs: Path
    video: Path
    stderr: str = ""

    def rows(self) -> list[str]:
        """Return the whole lines of the log, without its header."""
        found = list(self.logs.glob("*/*.csv"))
        return [] if not found else found[0].read_text(encoding="utf-8").split("\n")[1:-1]

    def wait_for_rows(self, count: int) -> list[str]:
        """Wait until so many further rows are in the log, and return all of them."""
        count += len(self.rows())
        wait_for(lambda: len(self.rows()) >= count or self.process.poll() is not None)
        assert self.process.poll() is None, self.stderr
        return self.rows()

    def read_stderr(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr += line

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def log(self) -> pd.DataFrame:
        (path,) = self.logs.glob("*/*.csv")
        return read_log(path)

    def details(self) -> dict[str, object]:
        (path,) = self.logs.glob("*/*Z-*.json")
        return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture
def record(
    tmp_path: Path,
    environment: dict[str, str],
    gallery: Path,
    mjpeg_server: Callable[..., StreamServer],
    portraits: dict[str, Path],
) -> Iterator[Callable[[Path], Recording]]:
    """Start recording a network camera to a folder."""
    camera = mjpeg_server("--picture", str(portraits["eileen_collins"]))
    with contextlib.ExitStack() as running:

        def start(folder: Path) -> Recording:
            logs, video = tmp_path / "logs", folder / "out.mp4"
            options = ["--no-window", "--source", camera.address, "--log", str(logs), "--record", str(video)]
            command = [sys.executable, "-m", "facecam", "run", *options]
            variables = environment | {"FACECAM_TRACK_PRESENTATION_CHECK": "false"}  # the camera shows a portrait
            process = subprocess.Popen(
                command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            recording = Recording(running.enter_context(process), logs, video)
            running.callback(process.kill)
            reader = threading.Thread(target=recording.read_stderr)
            reader.start()
            running.callback(reader.join)
            running.callback(process.kill)
            return recording

        yield start


def check_kept(recording: Recording, acknowledged: list[str], max_lost_ms: float = MAX_LOST_MS) -> None:
    """Check that rows that were in the log are still there, and that their frames are in the video."""
    assert recording.rows()[: len(acknowledged)] == acknowledged
    log = recording.log().iloc[: len(acknowledged)]
    recognized_ms = log[log.event.isin(["seen", "empty"])].t_ms
    times_ms = frame_times_ms(recording.video)
    assert times_ms[-1] > recognized_ms.max() - recognized_ms.min() - max_lost_ms
    assert np.diff(times_ms).min() > 0


@pytest.mark.parametrize("seed", TRIALS)
def test_a_killed_recording_is_playable_up_to_its_last_second(
    record: Callable[[Path], Recording], tmp_path: Path, seed: int
) -> None:
    recording = record(tmp_path)
    acknowledged = recording.wait_for_rows(random.Random(seed).randrange(40, 120))
    assert recording.end(signal.SIGKILL) == -signal.SIGKILL

    check_kept(recording, acknowledged)
    assert recording.details()["ended_at_utc"] is None
    assert [path.name for path in tmp_path.glob("*.mp4")] == ["out.mp4"]


@pytest.mark.parametrize("seed", TRIALS)
def test_a_recording_ended_by_sighup_is_complete(record: Callable[[Path], Recording], tmp_path: Path, seed: int) -> None:
    recording = record(tmp_path)
    acknowledged = recording.wait_for_rows(random.Random(seed).randrange(5, 120))
    recording.process.send_signal(signal.SIGHUP)  # The shell and the kernel both send one.
    assert recording.end(signal.SIGHUP) == 0, recording.stderr

    check_kept(recording, acknowledged, max_lost_ms=100)
    log = recording.log()
    assert recording.details()["ended_at_utc"] is not None
    assert recording.details()["rows"] == len(log)
    assert list(log.event)[-2:] == ["exit", "frames"]


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "disk", "230m")


@pytest.mark.parametrize("seed", TRIALS)
def test_a_full_disk_ends_the_recording_and_nothing_else(record: Callable[[Path], Recording], disk: Path, seed: int) -> None:
    chance = random.Random(seed)
    recording = record(disk)
    before = recording.wait_for_rows(chance.randrange(40, 120))
    if seed % 2:
        fill(disk)
    else:
        (disk / "ballast").write_bytes(bytes(60_000_000))  # nearly full
    wait_for(lambda: "the disk of" in recording.stderr)
    acknowledged = recording.wait_for_rows(20)
    assert recording.end(signal.SIGTERM) == 1

    wait_for(lambda: recording.stderr.count("the disk of") >= 2)
    assert "the recording ended after 0:0" in recording.stderr
    assert "Traceback" not in recording.stderr
    check_kept(recording, before)
    assert recording.rows()[: len(acknowledged)] == acknowledged
    assert list(recording.log().event_code).count("recording_failed") == 1
    assert recording.details()["ended_at_utc"] is not None


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo terminals")
def test_closing_the_terminal_ends_the_recording_and_the_session(
    tmp_path: Path,
    environment: dict[str, str],
    gallery: Path,
    mjpeg_server: Callable[..., StreamServer],
    portraits: dict[str, Path],
) -> None:
    camera = mjpeg_server("--picture", str(portraits["eileen_collins"]))
    # A session leader whose controlling terminal is a pseudo terminal, as in a window with a shell.
    script = f"import os, pty, sys; terminal = pty.fork(); terminal[0] or os.execv({sys.executable!r}, sys.argv[1:])\n"
    script += "print(terminal[0], flush=True); sys.stdin.read(); os.close(terminal[1]); print(os.waitpid(terminal[0], 0)[1])"
    options = ["--no-window", "--source", camera.address, "--log", "logs", "--record", "out.mp4"]
    command = [sys.executable, "-c", script, sys.executable, "-m", "facecam", "run", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdin=pipe, stdout=pipe, text=True) as window:
        assert window.stdout is not None
        child = int(window.stdout.readline())
        try:
            recording = Recording(window, tmp_path / "logs", tmp_path / "out.mp4")
            acknowledged = recording.wait_for_rows(40)
            output, _ = window.communicate(timeout=60)  # closes its stdin, and thereby the terminal
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    assert os.waitstatus_to_exitcode(int(output)) == 0
    assert recording.details()["ended_at_utc"] is not None
    check_kept(recording, acknowledged, max_lost_ms=100)
