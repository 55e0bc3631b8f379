"""Displays that answer and that do not, libraries that are missing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from facecam.diagnostics import machine
from facecam.diagnostics.findings import Verdict
from facecam.diagnostics.machine import LIBRARIES, libraries, opencv

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems bring display and libraries along")

SCRIPT = Path(__file__).parents[2] / "scripts" / "system-libraries.sh"


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ""}])
def test_without_a_display_the_warning_names_the_option(environment: dict[str, str]) -> None:
    finding = machine.display(environment)

    assert finding.verdict is Verdict.WARNING
    assert "--no-window" in finding.advice


def test_a_display_that_answers_is_ok(display: str) -> None:
    assert machine.display({"DISPLAY": display}).verdict is Verdict.OK


def test_a_display_that_nobody_answers_at_is_a_fault() -> None:
    finding = machine.display({"DISPLAY": ":59873"})

    assert finding.verdict is Verdict.FAULT
    assert "DISPLAY is :59873" in finding.found


def test_wayland_is_a_display() -> None:
    assert machine.display({"WAYLAND_DISPLAY": "wayland-0"}).found == "Wayland wayland-0"


def test_missing_libraries_are_answered_with_one_line_to_install_them() -> None:
    needed = {"libc.so.6": "libc6", "libnowhere.so.1": "libnowhere1", "libnever.so.2": "libnever2"}

    finding = libraries(needed, window=True)

    assert finding.verdict is Verdict.FAULT
    assert finding.found == "missing: libnowhere.so.1, libnever.so.2"
    assert finding.advice.endswith("sudo apt-get install libnowhere1 libnever2")


def test_missing_libraries_are_no_fault_where_no_window_could_be_shown() -> None:
    assert libraries({"libnowhere.so.1": "libnowhere1"}, window=False).verdict is Verdict.WARNING
    assert libraries({"libc.so.6": "libc6"}, window=True).verdict is Verdict.OK


def test_the_doctor_asks_for_what_the_script_installs() -> None:
    listed = re.search(r'^packages="([^"]+)"', SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)

    assert listed is not None
    assert set(listed[1].split()) == set(LIBRARIES.values())


def test_this_opencv_is_named() -> None:
    import cv2

    (finding,) = opencv()

    assert finding.verdict is Verdict.OK
    assert finding.found == cv2.__version__
