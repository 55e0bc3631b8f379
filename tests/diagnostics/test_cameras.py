"""Checks of listed, inaccessible and missing cameras, and of sources that are read for a second."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.diagnostics.machine import Verdict, check_cameras, check_source
from facecam.settings import CaptureSettings

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has device nodes")

_NOBODY = 65534


@pytest.fixture
def devices() -> Iterator[Path]:
    """A folder that every user can enter, like /dev."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """Drop root's permission to open every file."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(_NOBODY, _NOBODY, 0)
    yield
    os.setresuid(0, 0, 0)


@pytest.fixture
def inaccessible(devices: Path) -> Path:
    """A device node that this user cannot open."""
    node = devices / "video0"
    node.touch()
    node.chmod(0o000)
    return node


@linux
def test_no_camera_is_a_warning() -> None:
    (finding,) = check_cameras({})

    assert finding.verdict is Verdict.WARNING
    assert "none" in finding.found


@linux
def test_a_listed_camera_is_named_with_its_index(devices: Path) -> None:
    (devices / "video2").touch()

    (finding,) = check_cameras({2: "Front camera"}, devices)

    assert (finding.verdict, finding.found) == (Verdict.OK, "2: Front camera")


@linux
def test_a_camera_without_permission_is_a_fault_that_names_the_group(inaccessible: Path, as_nobody: None) -> None:
    (finding,) = check_cameras({0: "Front camera"}, inaccessible.parent)

    assert finding.verdict is Verdict.FAULT
    assert f"no permission to open {inaccessible}" in finding.found
    assert "usermod -aG video" in finding.advice


@linux
def test_a_camera_in_use_is_a_warning_that_names_the_program(devices: Path) -> None:
    node = devices / "video0"
    node.touch()

    with node.open("rb"):
        (finding,) = check_cameras({0: "Front camera"}, devices)

    assert finding.verdict is Verdict.WARNING
    assert f"(process {os.getpid()})" in finding.found


def test_the_demo_is_reported_with_its_size() -> None:
    finding = check_source("demo", CaptureSettings())

    assert finding.verdict is Verdict.OK
    assert finding.found.startswith("demo: 640x480, ")


def test_a_missing_source_is_a_fault_with_its_own_message() -> None:
    finding = check_source("nowhere.mp4", CaptureSettings())

    assert finding.verdict is Verdict.FAULT
    assert finding.found == "the file or folder nowhere.mp4 does not exist or cannot be accessed"
    assert finding.advice == "Check the path"


def test_an_address_is_shown_without_its_password() -> None:
    with socket.socket() as unused:  # bound but not listening, so a connection is refused at once
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        finding = check_source(f"http://ada:swordfish@127.0.0.1:{port}/video", CaptureSettings())

    assert finding.verdict is Verdict.FAULT
    assert f"127.0.0.1:{port}" in finding.found
    assert "swordfish" not in finding.found + finding.advice
    assert "ada" not in finding.found + finding.advice


def test_a_black_image_is_a_warning(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "covered.png"), np.zeros((48, 64, 3), np.uint8))

    finding = check_source(str(tmp_path / "covered.png"), CaptureSettings())

    assert finding.verdict is Verdict.WARNING
    assert "64x48, but the image is black" in finding.found
