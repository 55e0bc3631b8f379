"""`facecam run` with a window: requirements, recording and options."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import pytest

from facecam.cli.runner import require_display
from facecam.errors import FacecamError
from facecam.logbook.reader import read_log
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


def test_a_display_without_a_server_is_one_sentence(facecam: Command) -> None:
    done = facecam("run", "--source", "demo", DISPLAY=":59873")

    assert done.returncode == 1
    assert "DISPLAY is :59873, but no X server answers" in done.stderr
    assert "--no-window" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_file_is_an_error_on_stderr(facecam: Command, display: str) -> None:
    done = facecam("run", "--source", "nowhere.mp4", DISPLAY=display)

    assert done.returncode == 1
    assert "nowhere.mp4" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_segment_is_recorded_and_logged(facecam: Command, gallery: Path, tmp_path: Path, display: str) -> None:
    done = facecam(
        "run", "--source", "demo", "--to", "2", "--every", "2", "--record", "out.mp4", "--log", "logs", DISPLAY=display
    )

    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / done.stdout.splitlines()[-1])
    seen = log[log.event == "seen"]
    assert seen.t_ms.max() < 2000
    assert (seen.frame_index % 2 == 0).all()
    assert "Eileen Collins" in set(log.nearest_name.dropna())
    video = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) > 5
    video.release()


def test_an_unsupported_video_format_is_an_error_at_the_end(facecam: Command, display: str) -> None:
    done = facecam("run", "--source", "demo", "--to", "1", "--record", "out.xyz", "--no-log", DISPLAY=display)

    assert done.returncode == 1
    assert "cannot be recorded as out.xyz" in done.stderr


def test_two_sources_share_the_window_and_the_log(facecam: Command, gallery: Path, tmp_path: Path, display: str) -> None:
    done = facecam("run", "--source", "demo", "--source", "demo", "--to", "2", "--log", "logs", DISPLAY=display)

    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / done.stdout.splitlines()[-1])
    assert log[log.event == "seen"].track_id.nunique() >= 2


def test_the_demo_with_a_window_prints_a_summary(facecam: Command, tmp_path: Path, display: str) -> None:
    done = facecam("demo", DISPLAY=display)

    assert done.returncode == 0, done.stderr
    assert "Eileen Collins" in done.stdout
    assert (tmp_path / done.stdout.splitlines()[-1]).is_file()
    assert (tmp_path / "demo-output" / "demo.mp4").stat().st_size > 50_000
