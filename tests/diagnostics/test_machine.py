"""Checks of system, packages and clock, with real and simulated values."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np

from facecam import __version__
from facecam.diagnostics.machine import Verdict, check_clock, check_packages, check_system, free_memory_bytes, installed_version


def test_the_system_is_reported_with_python_and_processors() -> None:
    found = check_system().found

    assert "Python 3." in found
    assert "processor" in found


def test_low_memory_is_a_warning_with_the_amount(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  1000000 kB\nMemAvailable:     400000 kB\n", encoding="ascii")

    finding = check_system(meminfo)

    assert finding.verdict is Verdict.WARNING
    assert "0.4 GB of memory free" in finding.found


def test_unknown_free_memory_is_ok(tmp_path: Path) -> None:
    assert free_memory_bytes(tmp_path / "nothing") is None
    assert check_system(tmp_path / "nothing").verdict is Verdict.OK


def test_packages_are_listed_with_their_versions() -> None:
    (finding,) = check_packages(["numpy"])

    assert finding.verdict is Verdict.OK
    assert finding.found == f"facecam {__version__}; numpy {np.__version__}"


def test_a_package_that_is_not_installed_is_a_fault() -> None:
    findings = list(check_packages(["numpy", "no-such-package-anywhere"]))

    assert [finding.verdict for finding in findings] == [Verdict.OK, Verdict.FAULT]
    assert "no-such-package-anywhere is not installed" in findings[1].found
    assert installed_version("no-such-package-anywhere") is None


def test_the_real_clock_is_ok() -> None:
    assert check_clock(interval_s=0.05).verdict is Verdict.OK


def test_a_clock_that_was_never_set_is_a_fault() -> None:
    finding = check_clock(lambda: 60.0 + time.monotonic(), interval_s=0)

    assert finding.verdict is Verdict.FAULT
    assert "1970" in finding.found


def test_a_wall_clock_that_jumps_is_a_warning_with_the_distance() -> None:
    times: Iterator[float] = count(time.time(), 3600.0)

    finding = check_clock(lambda: next(times), interval_s=0.01)

    assert finding.verdict is Verdict.WARNING
    assert "moved +35999" in finding.found or "moved +36000" in finding.found
