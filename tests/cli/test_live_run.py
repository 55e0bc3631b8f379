"""`facecam run --no-window` as a service on a network camera: the log stays complete and correct through faults."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from facecam.logbook.reader import read_log
from tests.servers.stream_server import StreamServer
from tests.session.conftest import wait_for

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


class Run:
    """`facecam run` in its own process, with its stderr so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.stderr = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.stderr += line

    def end(self, number: signal.Signals = signal.SIGTERM) -> Path:
        """End it with a signal and return the path of its log."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=60)
        self._reader.join()
        assert self.process.returncode == 0, self.stderr
        return Path(out.splitlines()[-1])


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str], gallery: Path) -> Iterator[Callable[..., Run]]:
    """Start `facecam run --no-window` on a source, with Eileen Collins enrolled."""
    with contextlib.ExitStack() as running:

        def start(source: str, log: Path | None = None, **options: str) -> Run:
            command = [
                sys.executable,
                "-m",
                "facecam",
                "run",
                "--no-window",
                "--source",
                source,
                "--log",
                log or tmp_path / "logs",
            ]
            pipe = subprocess.PIPE
            check = {"FACECAM_TRACK_PRESENTATION_CHECK": "false"}  # the cameras show portraits
            process = subprocess.Popen(
                list(map(str, command)), cwd=tmp_path, env=environment | check | options, stdout=pipe, stderr=pipe, text=True
            )
            running.enter_context(process)
            running.callback(process.kill)
            return Run(process)

        yield start


def rows_in(folder: Path) -> int:
    return sum(path.read_bytes().count(b"\n") - 1 for path in folder.glob("*/*.csv"))


def check_times(log: pd.DataFrame) -> None:
    """Check that the rows are in order and that each time is the start of the session plus t_ms."""
    seen = log[log.event == "seen"]
    assert seen.t_ms.is_monotonic_increasing
    begun = seen.ts_utc - pd.to_timedelta(seen.t_ms.round(), unit="ms")
    assert (begun.max() - begun.min()) < pd.Timedelta(milliseconds=2)


@pytest.fixture
def camera(mjpeg_server: Callable[..., StreamServer], portraits: dict[str, Path]) -> StreamServer:
    """A network camera that shows a portrait and requires a password."""
    options = ("--auth", "basic", "--user", "ada", "--password", "s3cret")
    return mjpeg_server("--picture", str(portraits["eileen_collins"]), *options)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_service_cleanly(
    run: Callable[..., Run], camera: StreamServer, tmp_path: Path, number: signal.Signals
) -> None:
    service = run(camera.address_as("ada", "s3cret"))
    wait_for(lambda: rows_in(tmp_path / "logs") > 20)
    path = service.end(number)

    log = read_log(path)
    check_times(log)
    assert set(log[log.event == "seen"].name.dropna()) == {"Eileen Collins"}
    assert list(log[log.event == "enter"].name) == ["Eileen Collins"]
    assert list(log.event)[-2:] == ["exit", "frames"]
    everything = service.stderr + path.read_text() + path.with_suffix(".json").read_text()
    assert "s3cret" not in everything
    assert "Traceback" not in everything


def test_a_gallery_folder_that_disappears_is_reported_on_stderr_until_it_is_back(
    run: Callable[..., Run], camera: StreamServer, gallery: Path, tmp_path: Path
) -> None:
    service = run(camera.address_as("ada", "s3cret"))
    wait_for(lambda: rows_in(tmp_path / "logs") > 3)
    gallery.rename(gallery.with_name("away"))
    wait_for(lambda: f"the gallery {gallery} is not available (No such file or directory)" in service.stderr)
    gallery.with_name("away").rename(gallery)
    wait_for(lambda: f"the gallery {gallery} is read again" in service.stderr)

    codes = read_log(service.end()).event_code.dropna().tolist()
    assert [code for code in codes if code.startswith("gallery_")] == ["gallery_unavailable", "gallery_available"]


def test_a_camera_that_fails_and_recovers_leaves_a_gap_in_the_log(
    run: Callable[..., Run], camera: StreamServer, tmp_path: Path
) -> None:
    service = run(camera.address_as("ada", "s3cret"))
    wait_for(lambda: rows_in(tmp_path / "logs") > 20)
    camera.kill()
    away_from_s = time.monotonic()
    wait_for(lambda: "reconnecting" in service.stderr)
    time.sleep(1)
    camera.restart()
    away_s = time.monotonic() - away_from_s
    rows = rows_in(tmp_path / "logs")
    wait_for(lambda: "delivers frames again" in service.stderr and rows_in(tmp_path / "logs") > rows + 20)
    log = read_log(service.end())

    check_times(log)
    states = log[log.event == "state"].event_code.tolist()
    assert states[0] == states[-1] == "running"
    assert set(states[1:-1]) == {"reconnecting"}
    gap_ms = log[log.event == "seen"].t_ms.diff().max()
    assert away_s * 1e3 - 300 < gap_ms < away_s * 1e3 + 8000, "the gap lasts from the failure to the next attempt to connect"
    assert list(log[log.event == "enter"].name) == ["Eileen Collins"] * 2
    exits = log[log.event == "exit"].t_ms.tolist()
    reconnecting_ms = log[log.event_code == "reconnecting"].t_ms.iloc[0]
    assert exits[0] <= reconnecting_ms


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_reported_and_the_log_continues_with_free_space(
    run: Callable[..., Run], camera: StreamServer, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("root cannot mount a small disk on this system")
    try:
        (disk / "ballast").write_bytes(b"0" * 160_000)
        service = run(camera.address_as("ada", "s3cret"), disk)
        wait_for(lambda: "free space on its disk" in service.stderr)
        time.sleep(1)
        (disk / "ballast").unlink()
        wait_for(lambda: "being written again" in service.stderr)
        rows = rows_in(disk)
        wait_for(lambda: rows_in(disk) > rows + 20)
        path = service.end()
        log = read_log(path)
    finally:
        subprocess.run(["umount", str(disk)], check=True)

    check_times(log)
    indexes = log[log.event == "seen"].frame_index
    assert indexes.is_unique
    assert indexes.diff().max() < 60, "rows buffered in memory are written"


@pytest.mark.skipif(FAKETIME is None, reason="needs the Debian package faketime: sh scripts/system-libraries.sh streams")
def test_a_clock_jump_is_logged_and_moves_no_row(run: Callable[..., Run], camera: StreamServer, tmp_path: Path) -> None:
    clock = tmp_path / "clock"

    def set_clock(offset: str) -> None:
        # Replaced atomically: an empty file would mean the real time for a moment.
        (tmp_path / "next").write_text(f"{offset}\n")
        (tmp_path / "next").replace(clock)

    set_clock("+0")
    faked = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    service = run(camera.address_as("ada", "s3cret"), **faked)
    wait_for(lambda: rows_in(tmp_path / "logs") > 20)
    set_clock("+3h")
    rows = rows_in(tmp_path / "logs")
    wait_for(lambda: rows_in(tmp_path / "logs") > rows + 30)
    set_clock("-1d")
    rows = rows_in(tmp_path / "logs")
    wait_for(lambda: rows_in(tmp_path / "logs") > rows + 30)
    log = read_log(service.end())

    check_times(log)
    assert log.ts_utc.max() - log.ts_utc.min() < pd.Timedelta(minutes=2)
    jumps = [message for message in log[log.event == "state"].message if "clock moved" in message]
    moved_s: list[int] = []
    for message in jumps:
        by_s = int(message.split(" by ")[1].split(" s")[0])
        # When two threads read the clock at once, libfaketime can return the real time once, which looks like two jumps.
        moved_s = moved_s[:-1] if moved_s and abs(moved_s[-1] + by_s) <= 2 else [*moved_s, by_s]
    assert moved_s == [pytest.approx(10_800, abs=2), pytest.approx(-97_200, abs=2)]


def test_a_refused_password_is_one_sentence(run: Callable[..., Run], camera: StreamServer) -> None:
    service = run(camera.address_as("ada", "wr0ng"))
    assert service.process.wait(20) == 1
    service._reader.join()
    assert service.process.stdout is not None
    assert "rejects the user and password" in service.stderr.splitlines()[-1]
    assert "wr0ng" not in service.stderr + service.process.stdout.read()
