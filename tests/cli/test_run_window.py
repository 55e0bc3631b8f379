"""`facecam run` with a window: what must be there first, and that nothing which works without a window fails with one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from facecam.cli.runner import check_screen
from facecam.errors import FacecamError
from facecam.logbook.reader import read_log

Command = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems bring a display along")


def test_libraries_that_are_missing_are_named_with_their_packages_before_qt_is_loaded(display: str) -> None:
    with pytest.raises(FacecamError, match="sudo apt-get install libnowhere1 libnever2"):
        check_screen({"DISPLAY": display}, {"libnowhere.so.1": "libnowhere1", "libnever.so.2": "libnever2"})


def test_where_wayland_is_there_x11s_libraries_may_be_missing() -> None:
    environment = {"WAYLAND_DISPLAY": "wayland-0"}
    check_screen(environment, {"libxcb-nowhere.so.1": "libxcb-nowhere1", "libc.so.6": "libc6"})

    assert environment["QT_QPA_PLATFORM"] == "wayland"


def test_without_a_screen_on_purpose_nothing_is_asked() -> None:
    check_screen({"QT_QPA_PLATFORM": "offscreen"}, {"libnowhere.so.1": "libnowhere1"})


def test_a_display_that_nobody_answers_at_is_one_sentence(facecam: Command) -> None:
    done = facecam("run", "--source", "demo", DISPLAY=":59873")

    assert done.returncode == 1
    assert "DISPLAY is :59873, but nothing answers there" in done.stderr
    assert "--no-window" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_answered_where_it_was_typed(facecam: Command, display: str) -> None:
    done = facecam("run", "--source", "nowhere.mp4", DISPLAY=display)

    assert done.returncode == 1
    assert "nowhere.mp4" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_what_the_window_shows_is_recorded_between_two_times(
    facecam: Command, gallery: Path, tmp_path: Path, display: str
) -> None:
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


def test_a_film_that_cannot_be_recorded_is_an_error_at_the_end(facecam: Command, display: str) -> None:
    done = facecam("run", "--source", "demo", "--to", "1", "--record", "out.xyz", "--no-log", DISPLAY=display)

    assert done.returncode == 1
    assert "cannot be recorded as out.xyz" in done.stderr


def test_two_sources_share_the_window_and_the_log(facecam: Command, gallery: Path, tmp_path: Path, display: str) -> None:
    done = facecam("run", "--source", "demo", "--source", "demo", "--to", "2", "--log", "logs", DISPLAY=display)

    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / done.stdout.splitlines()[-1])
    assert log[log.event == "seen"].track_id.nunique() >= 2


def test_the_demo_shows_its_window_and_then_says_who_was_there(facecam: Command, tmp_path: Path, display: str) -> None:
    done = facecam("demo", DISPLAY=display)

    assert done.returncode == 0, done.stderr
    assert "Eileen Collins" in done.stdout
    assert (tmp_path / done.stdout.splitlines()[-1]).is_file()
    assert (tmp_path / "demo-output" / "demo.mp4").stat().st_size > 50_000
