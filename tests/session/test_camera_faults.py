"""Driver faults of cameras in a session: each has its state, message and log row."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from facecam.capture.source import open_source
from facecam.logbook.reader import read_log
from facecam.session.session import Session
from facecam.session.status import SourceState
from facecam.settings import CaptureSettings
from tests.capture import fake_capture
from tests.capture.fake_capture import Device, Script, devices
from tests.session.conftest import Rig

Wait = Callable[..., None]


@pytest.fixture
def camera(monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], Device]:
    """Puts a camera at index 0."""

    def put(script: Script = fake_capture.HEALTHY) -> Device:
        device = Device(script, fps=50.0)
        monkeypatch.setattr(cv2, "VideoCapture", devices({0: device}))
        return device

    return put


def start_session(rig: Rig, text: str = "0") -> Session:
    opens: Any = lambda started_at_s: open_source(text, CaptureSettings(), started_at_s)  # noqa: E731
    return rig.session(opens)


def rows_of(session: Session) -> list[str]:
    if session.log is None:
        return []
    log = read_log(session.log.path)
    return [str(message) for message in log[log.event == "state"].message]


def test_an_unplugged_camera_reconnects_when_it_is_plugged_in(rig: Rig, wait_for: Wait, camera: Callable[..., Device]) -> None:
    device = camera()
    with start_session(rig) as session:
        wait_for(lambda: session.status().recognized > 10)
        device.unplug()
        wait_for(lambda: session.status().state is SourceState.RECONNECTING)
        assert "camera 0 has stopped delivering" in session.status().message
        time.sleep(0.3)
        device.plug()
        wait_for(lambda: session.status().state is SourceState.RUNNING)
        count = session.status().recognized
        wait_for(lambda: session.status().recognized > count + 10)

    words = [row.partition(":")[0] for row in rows_of(session)]
    assert words[0] == words[-1] == "running"
    assert words[1:-1] == ["reconnecting"] * (len(words) - 2)
    assert all(capture.released for capture in device.captures), "no handle is left on the device"


@pytest.mark.parametrize(
    ("script", "state", "words"),
    [
        (fake_capture.BUSY, SourceState.FAILED, "camera 0"),
        (fake_capture.NOT_ALLOWED, SourceState.FAILED, "camera 0"),
        (fake_capture.OPENS_WITHOUT_DELIVERING, SourceState.FAILED, "delivers no image"),
        (fake_capture.FIRST_ARE_MISSING, SourceState.RUNNING, ""),
        (fake_capture.FIRST_IS_TORN, SourceState.RUNNING, ""),
        (fake_capture.TORN_SOMETIMES, SourceState.RUNNING, ""),
        (fake_capture.REFUSES_SIZE, SourceState.RUNNING, ""),
        (fake_capture.CHANGES_SIZE, SourceState.RUNNING, ""),
        (fake_capture.YUYV_ONLY, SourceState.RUNNING, ""),
        (fake_capture.UNPLUGGED, SourceState.RECONNECTING, "stopped delivering"),
        (fake_capture.TORN_FOREVER, SourceState.RECONNECTING, "only damaged images"),
        (fake_capture.LAST_FRAME_FOREVER, SourceState.RECONNECTING, "repeats the same image"),
    ],
    ids=lambda value: next((name for name, script in fake_capture.SCRIPTS.items() if script is value), None),
)
def test_each_recorded_driver_fault_has_its_state_message_and_row(
    rig: Rig, wait_for: Wait, camera: Callable[..., Device], script: Script, state: SourceState, words: str
) -> None:
    camera(script)
    with start_session(rig) as session:
        wait_for(lambda: session.status().state is state and words in session.status().message)
        if state is SourceState.FAILED:  # The camera was never open: there is nothing to log.
            assert session.wait(20)
            assert session.log is None
        else:
            wait_for(lambda: any(row.startswith(state) and words in row for row in rows_of(session)))


def test_a_missing_camera_fails_the_session(rig: Rig, camera: Callable[..., Device]) -> None:
    camera()
    with start_session(rig, "7") as session:
        assert session.wait(5)

    assert session.status().state is SourceState.FAILED
    assert "camera 7" in session.status().message
    assert session.log is None


def test_a_blocked_driver_is_reported_after_three_seconds_and_recovers_when_it_returns(
    rig: Rig, wait_for: Wait, camera: Callable[..., Device]
) -> None:
    device = camera()
    with start_session(rig) as session:
        wait_for(lambda: session.status().recognized > 5)
        device.block()
        wait_for(lambda: "does not answer" in session.status().message)
        assert session.status().state is SourceState.RECONNECTING
        wait_for(lambda: any("does not answer" in row for row in rows_of(session)))
        device.unblock()
        wait_for(lambda: session.status().state is SourceState.RUNNING and not session.status().message)
        count = session.status().recognized
        wait_for(lambda: session.status().recognized > count + 10)


def test_a_lost_camera_does_not_delay_another_one(rig: Rig, wait_for: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = Device(fps=30.0), Device(fps=30.0)
    monkeypatch.setattr(cv2, "VideoCapture", devices({0: left, 1: right}))
    opens: list[Any] = [lambda s, text=text: open_source(text, CaptureSettings(), s) for text in ("0", "1")]
    with rig.session(*opens) as session:
        wait_for(lambda: all(source.frames > 5 for source in session.status().sources))
        right.unplug()
        wait_for(lambda: session.status().sources[1].state is SourceState.RECONNECTING)
        before = session.status().sources[0].frames
        wait_for(lambda: session.status().sources[0].frames > before + 10)
        assert session.status().sources[1].state is SourceState.RECONNECTING
        assert session.status().state is SourceState.RUNNING

    assert session.log is not None
    log = read_log(session.log.path)
    assert set(log[log.event == "seen"].source) == {"camera 0", "camera 1"}


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files as Linux lists them")
def test_a_flapping_camera_leaves_no_file_open(rig: Rig, wait_for: Wait, camera: Callable[..., Device]) -> None:
    device = camera()
    with start_session(rig) as session:
        wait_for(lambda: session.status().recognized > 5)
        before = len(list(Path("/proc/self/fd").iterdir()))
        for number in range(3):
            device.unplug()
            wait_for(lambda: session.status().state is SourceState.RECONNECTING)
            device.plug()
            wait_for(lambda number=number: session.status().sources[0].reconnections > number)
        after = len(list(Path("/proc/self/fd").iterdir()))

    assert after <= before
