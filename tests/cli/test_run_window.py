"""`facecam run` with a window, in its own process: requirements, recording and options."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.cli.runner import RunOptions, require_display, start_recording
from facecam.errors import FacecamError
from facecam.imageio import write_image
from facecam.logbook.reader import read_log
from facecam.session.recording import RecordingController
from facecam.settings import Mode, Settings
from facecam.types import Frame, Result
from tests.cli.conftest import Command

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a display")


def test_missing_libraries_are_an_error_with_the_install_command(display: str) -> None:
    with pytest.raises(FacecamError, match="sudo apt-get install libnowhere1 libnever2"):
        require_display({"DISPLAY": display}, {"libnowhere.so.1": "libnowhere1", "libnever.so.2": "libnever2"})


def test_with_wayland_the_x11_libraries_are_optional() -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-0"}
    require_display(environment, {"libxcb-nowhere.so.1": "libxcb-nowhere1", "libc.so.6": "libc6"})

    assert environment["QT_QPA_PLATFORM"] == "wayland"


def test_an_offscreen_platform_is_not_checked() -> None:
    require_display({"QT_QPA_PLATFORM": "offscreen"}, {"libnowhere.so.1": "libnowhere1"})


def test_a_display_without_a_server_is_one_sentence(facecam_process: Command) -> None:
    done = facecam_process("run", "--source", "demo", DISPLAY=":59873")

    assert done.returncode == 1
    assert "DISPLAY is :59873, but no X server answers" in done.stderr
    assert "--no-window" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_an_error_on_stderr(facecam_process: Command, display: str) -> None:
    done = facecam_process("run", "--source", "nowhere.mp4", DISPLAY=display)

    assert done.returncode == 1
    assert "nowhere.mp4" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_segments_of_two_sources_share_the_window_the_log_and_the_events_and_are_recorded(
    facecam_process: Command, gallery: Path, tmp_path: Path, display: str
) -> None:
    sources = ("--source", "demo", "--source", "demo", "--to", "1.5", "--every", "2")
    done = facecam_process(
        "run", "--quit-at-end", *sources, "--record", "out.mp4", "--log", "logs", "--events", "-", DISPLAY=display
    )

    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(event["kind"], event["reason"]) for event in events] == [("person_arrived", None), ("person_left", "session_ended")]
    log = read_log(tmp_path / done.stderr.splitlines()[-1])
    seen = log[log.event == "seen"]
    assert seen.track_id.nunique() >= 2
    assert seen.t_ms.max() < 1500
    assert (seen.frame_index % 2 == 0).all()
    assert "Eileen Collins" in set(log.nearest_name.dropna())
    for name in ("out.mp4", "out-2.mp4"):
        video = cv2.VideoCapture(str(tmp_path / name))
        assert video.get(cv2.CAP_PROP_FRAME_COUNT) > 5
        video.release()


def test_a_recording_that_fails_is_an_error_at_the_end(tmp_path: Path, facecam_process: Command, display: str) -> None:
    write_image(tmp_path / "dot.png", np.zeros((1, 1, 3), np.uint8))

    done = facecam_process("run", "--source", "dot.png", "--record", "out.mp4", "--no-log", "--quit-at-end", DISPLAY=display)

    assert done.returncode == 1
    assert "out.mp4 cannot be recorded with 1 x 1 pixels" in done.stderr


def test_the_first_session_with_a_video_is_the_recorded_one(tmp_path: Path) -> None:
    options = RunOptions(Settings(), tmp_path, None, window=True, record=tmp_path / "out.mp4")
    frame = Frame(np.zeros((48, 64, 3), np.uint8), 0, 0.0, 0.0, "fake")
    result = Result(0, 0.0, "fake", "", (64, 48), Mode.FACES)
    sessions = [RecordingController() for _ in range(3)]
    started: tuple[RecordingController, ...] = ()
    for number, session in enumerate(sessions):
        started = start_recording(session, started, options)
        if number > 0:  # The first session finds no camera.
            session(frame, result, 0)
        session.close()

    assert started == (sessions[0], sessions[1])
    assert [session.saved_path for session in sessions] == [None, tmp_path / "out.mp4", None]
    assert not any(session.faults for session in sessions)


def test_strangers_are_covered_in_frames_that_are_recorded_before_there_is_a_window(tmp_path: Path) -> None:
    options = RunOptions(Settings(), tmp_path, None, window=True, record=tmp_path / "out.mp4")
    session = RecordingController()

    start_recording(session, (), options)

    assert session.view_of(0).covers_strangers
    session.close()


def test_the_demo_prints_its_results_before_it_plays_in_a_window_that_stays(
    tmp_path: Path, environment: dict[str, str], display: str
) -> None:
    command = [sys.executable, "-m", "facecam", "demo"]
    variables, pipe = environment | {"DISPLAY": display}, subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=variables, stdout=pipe, stderr=pipe, text=True) as child:
        assert child.stdout is not None
        lines = [next(child.stdout).rstrip("\n")]
        while not lines[-1].endswith(".csv"):
            lines.append(next(child.stdout).rstrip("\n"))
        time.sleep(3)
        is_open = child.poll() is None
        child.send_signal(signal.SIGTERM)
        err = child.communicate(timeout=60)[1]

    assert is_open, err
    assert child.returncode == 0, err
    assert any(line.startswith("Eileen Collins") for line in lines)
    assert "Eileen Collins" in set(read_log(tmp_path / lines[-1]).name.dropna())
    assert (tmp_path / "demo-output" / "demo.mp4").stat().st_size > 10_000
    assert len(list(tmp_path.glob("demo-output/logs/*/*.csv"))) == 1, "the window writes nothing"


def test_a_file_plays_at_its_frame_rate(facecam_process: Command, gallery: Path, tmp_path: Path, display: str) -> None:
    started_s = time.monotonic()
    done = facecam_process("run", "--source", "demo", "--to", "2", "--log", "logs", "--quit-at-end", DISPLAY=display)
    took_s = time.monotonic() - started_s

    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / done.stdout.splitlines()[-1])
    assert 1500 < log.t_ms.max() < took_s * 1e3, "played no faster than it was filmed"
