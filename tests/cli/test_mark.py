"""`facecam mark`, from another terminal than the session."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from facecam.logbook.reader import read_log
from tests.cli.conftest import Command
from tests.session.conftest import wait_for


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_a_marker_from_another_terminal_is_a_row(facecam: Command, environment: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "facecam", "run", "--no-window", "--mode", "objects", "--source", "demo"]
    command += ["--source", "demo"] * 7
    with subprocess.Popen(
        [*command, "--log", "logs"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    ) as session:
        wait_for(lambda: bool(list((tmp_path / "logs").glob(".marks/*"))))
        done = facecam("mark", "lesson begins", "--log", "logs")
        session.send_signal(signal.SIGINT)
        assert session.stdout is not None
        path = tmp_path / session.stdout.read().splitlines()[-1]

    assert (done.returncode, done.stdout) == (0, f"marked in {path.stem}\n"), done.stderr
    assert list(read_log(path).query("event == 'marker'").marker) == ["lesson begins"]
    assert not (tmp_path / "logs" / ".marks").exists()


def test_without_a_session_it_says_so(facecam: Command) -> None:
    done = facecam("mark", "begin", "--log", "logs")

    assert done.returncode == 1
    assert done.stderr.startswith("facecam: no session is running with logs in logs; start one with `facecam run --log logs`")


def test_a_text_of_two_lines_is_a_usage_error(facecam: Command) -> None:
    done = facecam("mark", "one\ntwo", "--log", "logs")

    assert done.returncode == 2
    assert "write one line" in done.stderr
