"""Checks of the display, the system libraries and OpenCV."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from facecam.diagnostics.machine import LIBRARIES, Verdict, check_display, check_libraries, check_opencv

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems provide display and libraries")

SCRIPT = Path(__file__).parents[2] / "scripts" / "system-libraries.sh"


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ""}])
def test_without_a_display_the_warning_names_the_option(environment: dict[str, str]) -> None:
    finding = check_display(environment)

    assert finding.verdict is Verdict.WARNING
    assert "--no-window" in finding.advice


def test_a_display_that_answers_is_ok(display: str) -> None:
    assert check_display({"DISPLAY": display}).verdict is Verdict.OK


def test_a_display_without_a_server_is_a_fault() -> None:
    finding = check_display({"DISPLAY": ":59873"})

    assert finding.verdict is Verdict.FAULT
    assert "DISPLAY is :59873" in finding.found


def test_wayland_is_a_display() -> None:
    assert check_display({"WAYLAND_DISPLAY": "wayland-0"}).found == "Wayland wayland-0"


def test_missing_libraries_are_a_fault_with_the_install_command() -> None:
    needed = {"libc.so.6": "libc6", "libnowhere.so.1": "libnowhere1", "libnever.so.2": "libnever2"}

    finding = check_libraries(needed, needs_window=True)

    assert finding.verdict is Verdict.FAULT
    assert finding.found == "missing: libnowhere.so.1, libnever.so.2"
    assert finding.advice.endswith("sudo apt-get install libnowhere1 libnever2")


def test_missing_libraries_are_a_warning_without_a_display() -> None:
    assert check_libraries({"libnowhere.so.1": "libnowhere1"}, needs_window=False).verdict is Verdict.WARNING
    assert check_libraries({"libc.so.6": "libc6"}, needs_window=True).verdict is Verdict.OK


def test_the_script_installs_the_checked_libraries() -> None:
    listed = re.search(r'^packages="([^"]+)"', SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)

    assert listed is not None
    assert set(listed[1].split()) == set(LIBRARIES.values())


def test_the_version_of_opencv_is_reported() -> None:
    import cv2

    (finding,) = check_opencv()

    assert finding.verdict is Verdict.OK
    assert finding.found == cv2.__version__
