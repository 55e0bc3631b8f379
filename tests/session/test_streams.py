"""A session on real streams, whose servers do everything that streams' servers do: what can be survived is survived.

Every picture bears the moment at which it was sent, so a row at a wrong time would show.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from facecam.capture.source import open_source
from facecam.logbook.reader import read_log
from facecam.session.session import Session
from facecam.session.status import SourceState
from facecam.settings import CaptureSettings
from facecam.types import Frame
from tests.servers.stamp import read_stamp
from tests.servers.stream_server import StreamServer
from tests.session.conftest import Rig

_log = logging.getLogger(__name__)

Wait = Callable[..., None]


def stops(word: str) -> Callable[[StreamServer], object]:
    return lambda server: server.command(word)


def is_killed(server: StreamServer) -> None:
    server.kill()
    time.sleep(0.7)
    server.restart()


AWAY, STAYS, REFUSED = "is opened again", "goes on", "has failed"

HTTP_FAULTS = {
    "stops in mid-frame": (AWAY, stops("stop-mid-frame")),
    "hangs": (AWAY, stops("hang 4")),
    "is killed": (AWAY, is_killed),
    "closes": (AWAY, stops("restart-connection")),
    "is not there": (AWAY, stops("drop-then-refuse-connect 2")),
    "sends torn pictures": (AWAY, stops("torn 4")),
    "freezes": (AWAY, stops("freeze 4")),
    "sends a few torn pictures": (STAYS, stops("torn 0.5")),
    "pauses": (STAYS, stops("hang 1")),
    "goes black": (STAYS, stops("black 3")),
    "changes size": (STAYS, stops("resize")),
    "answers 401": (REFUSED, stops("refuse")),
}
RTSP_FAULTS = {
    "hangs": (AWAY, stops("hang 4")),
    "is killed": (AWAY, is_killed),
    "tears the session down": (AWAY, stops("teardown")),
    "freezes": (AWAY, stops("freeze 4")),
    "goes black": (STAYS, stops("black 3")),
    "answers 401": (REFUSED, stops("refuse")),
}


class Ages:
    """Age in ms of each recognized image when it was stamped, by the time it shows; a repeated image counts once."""

    def __init__(self) -> None:
        self.ms: list[float] = []
        self._seen: set[int] = set()

    def log_summary(self) -> None:
        figures = np.percentile(self.ms, [50, 99.5, 100]).round(1).tolist()
        _log.info("%d pictures, age in ms: median %s, p99.5 %s, oldest %s", len(self.ms), *figures)

    def implausible(self, usual_ms: float) -> list[float]:
        """Return median, 95th percentile and maximum if one is too large for capture times, else nothing.

        A buffered image would be off by the length of the fault. The limits allow for a busy machine; the measured figures are
        in docs/internals/soak.md.
        """
        figures = [float(np.median(self.ms)), float(np.percentile(self.ms, 95)), max(self.ms)]
        return figures if np.any(np.array(figures) >= (usual_ms, 5 * usual_ms, 2000)) else []

    def __call__(self, frame: Frame) -> None:
        sent_us = read_stamp(frame.bgr)
        if sent_us is not None and sent_us not in self._seen:
            self._seen.add(sent_us)
            self.ms.append(frame.captured_at_s * 1e3 - sent_us / 1e3)


class Viewer:
    """Watches a stream: starts a session, and another one when a refusal has ended it."""

    def __init__(self, rig: Rig, address: str, wait_for: Wait) -> None:
        self._rig, self._address, self._wait_for = rig, address, wait_for
        self.ages = Ages()
        self.sessions: list[Session] = []
        self.start()

    @property
    def session(self) -> Session:
        return self.sessions[-1]

    def start(self, tries: int = 4) -> None:
        """Start a session, again if it failed: a busy machine may take too long to encode the first image."""
        opens: Any = lambda started_at_s: open_source(self._address, CaptureSettings(), started_at_s)  # noqa: E731
        self.sessions.append(self._rig.session(opens, work=self.ages))
        self.session.start()
        self._wait_for(lambda: self.session.status().recognized > 10 or self.session.status().state is SourceState.FAILED)
        if self.session.status().state is SourceState.FAILED:
            assert tries > 1, self.session.status().message
            self.sessions.pop()
            self.start(tries - 1)

    def survive_all(self, server: StreamServer, faults: dict[str, tuple[str, Any]], rounds: int) -> None:
        """Check that images return after every fault, `rounds` times each in random order."""
        order = [*faults.values()] * rounds
        random.Random(rounds).shuffle(order)
        for effect, fault in order:
            self.survive(server, fault, effect)
        self.session.stop()

    def survive(self, server: StreamServer, fault: Callable[[StreamServer], object], effect: str) -> None:
        """Check that images return after a fault."""
        before = self.session.status().sources[0].reconnections
        fault(server)
        if effect == REFUSED:
            self._wait_for(lambda: self.session.status().state is SourceState.FAILED)
            assert self.session.wait(5)
            server.command("ok")
            self.start()
        if effect == AWAY:
            self._wait_for(lambda: self.session.status().sources[0].reconnections > before)
        # New images: those that a frozen camera repeats do not count.
        seen = len(self.ages.ms)
        self._wait_for(lambda: len(self.ages.ms) > seen + 20)
        self._wait_for(lambda: self.session.status().state is SourceState.RUNNING and not self.session.status().message)
        assert self.session.error is None


def check_logs(sessions: list[Session], rounds: int, faults: dict[str, tuple[str, Any]]) -> None:
    """Check the order of the rows and the number of rows of each state."""
    states: list[str] = []
    for session in sessions:
        assert session.log is not None
        log = read_log(session.log.path)
        seen = log[log.event == "seen"]
        assert seen.t_ms.is_monotonic_increasing
        assert seen.frame_index.is_monotonic_increasing
        assert seen.t_ms.diff().max() < 20_000
        states += [str(message).partition(":")[0] for message in log[log.event == "state"].message]
    away = [effect for effect, _ in faults.values()].count(AWAY) * rounds
    refused = [effect for effect, _ in faults.values()].count(REFUSED) * rounds
    assert states.count("failed") == refused == len(sessions) - 1
    assert states.count("running") >= away + refused + 1
    assert states.count("reconnecting") >= away


def survive_in_parallel(
    rig: Rig, wait_for: Wait, servers: list[StreamServer], faults: dict[str, tuple[str, Any]], rounds: int
) -> Ages:
    """Let one viewer per server survive its share of the faults, all at the same time; return the ages of all images."""
    shares = [dict([*faults.items()][number :: len(servers)]) for number in range(len(servers))]

    def survive(server: StreamServer, share: dict[str, tuple[str, Any]]) -> Viewer:
        viewer = Viewer(rig, server.address, wait_for)
        viewer.survive_all(server, share, rounds)
        return viewer

    ages = Ages()
    with ThreadPoolExecutor(len(servers)) as pool:
        for viewer, share in zip(pool.map(survive, servers, shares), shares, strict=True):
            check_logs(viewer.sessions, rounds, share)
            ages.ms += viewer.ages.ms
    ages.log_summary()
    assert len(ages.ms) > 8 * len(faults) * rounds
    return ages


ROUNDS = pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])


@ROUNDS
def test_an_http_camera_survives_every_fault(
    rig: Rig, wait_for: Wait, mjpeg_server: Callable[..., StreamServer], rounds: int
) -> None:
    ages = survive_in_parallel(rig, wait_for, [mjpeg_server() for _ in range(6)], HTTP_FAULTS, rounds)

    assert ages.implausible(usual_ms=100) == []


@pytest.mark.parametrize("codec", [pytest.param("jpeg", marks=pytest.mark.long), "h264"])
@ROUNDS
def test_an_rtsp_camera_survives_every_fault(
    rig: Rig,
    wait_for: Wait,
    rtsp_server: Callable[..., StreamServer],
    rounds: int,
    codec: str,
) -> None:
    faults = dict(RTSP_FAULTS)
    if codec == "h264":
        # Encoding changes each image of a frozen camera slightly, like that of an empty room.
        faults["freezes"] = (STAYS, faults["freezes"][1])
    servers = [rtsp_server("--codec", codec) for _ in range(3)]
    ages = survive_in_parallel(rig, wait_for, servers, faults, rounds)

    assert ages.implausible(usual_ms=200) == []


def test_a_refusing_server_fails_the_session_and_the_message_has_no_password(
    rig: Rig, wait_for: Wait, mjpeg_server: Callable[..., StreamServer], capfd: pytest.CaptureFixture[str]
) -> None:
    server = mjpeg_server("--auth", "digest", "--user", "ada", "--password", "s3cret")
    session = Viewer(rig, server.address_as("ada", "s3cret"), wait_for).session
    server.command("refuse")
    assert session.wait(15)

    assert session.status().state is SourceState.FAILED
    assert "rejects the user and password" in str(session.error)
    output = "".join([*capfd.readouterr(), str(session.error), session.status().message])
    assert session.log is not None
    output += session.log.path.read_text() + session.log.details_path.read_text()
    assert "s3cret" not in output
    assert "ada" not in output


def test_a_hanging_server_does_not_delay_other_sources(
    rig: Rig, wait_for: Wait, mjpeg_server: Callable[..., StreamServer]
) -> None:
    server = mjpeg_server()
    session = Viewer(rig, server.address, wait_for).session
    server.command("hang 10")
    time.sleep(0.3)
    begun_s = time.monotonic()
    assert session.stop()
    took_s = time.monotonic() - begun_s

    assert took_s < 9, "the server hangs for 10 s"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("capture", "recognize"))]
