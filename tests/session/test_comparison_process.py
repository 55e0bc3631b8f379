"""The process that compares the networks returns the figures of `compare_networks`, and ends when it is canceled."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from pathlib import Path

import pytest

from facecam.errors import FacecamError
from facecam.explain.process import start_module
from facecam.gallery.conversion import encrypt_gallery
from facecam.gallery.files import encryption_key
from facecam.gallery.gallery import Gallery, analysis_conditions
from facecam.gallery.network_comparison import stored_comparison
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.session import comparison_process
from facecam.session.comparison_process import compare_in_process
from facecam.settings import Settings
from tests.hard_people import enroll_hard_people

pytestmark = pytest.mark.timeout(600)

SETTINGS = Settings()


class CanceledError(Exception):
    pass


def test_the_figures_are_returned_and_stored_with_the_gallery(test_data: Path, tmp_path: Path) -> None:
    folder = enroll_hard_people(test_data, tmp_path / "gallery")

    comparison = compare_in_process(folder, SETTINGS, lambda: None)

    with open_face_analyzer(SETTINGS) as analyzer:
        gallery = Gallery.load(folder, analyzer, conditions=analysis_conditions(SETTINGS))
    assert comparison is not None
    assert comparison.photos == 12
    assert stored_comparison(gallery, SETTINGS) == comparison


def test_the_key_of_an_encrypted_gallery_is_in_no_argument(test_data: Path, tmp_path: Path) -> None:
    folder = enroll_hard_people(test_data, tmp_path / "gallery")
    encrypt_gallery(folder, "correct horse battery staple")
    key, seen = encryption_key(folder), set[bytes]()
    assert key is not None

    def look() -> None:
        for process in children():
            with contextlib.suppress(OSError):  # ended meanwhile
                seen.update(Path(f"/proc/{process}/{name}").read_bytes() for name in ("cmdline", "environ"))

    comparison = compare_in_process(folder, SETTINGS, look)

    assert comparison is not None
    assert comparison.photos == 12
    assert seen
    assert not any(secret in found for secret in (key.key, key.key.hex().encode(), b"battery staple") for found in seen)


def test_a_gallery_of_one_person_gives_no_figures(gallery: Path) -> None:
    assert compare_in_process(gallery, SETTINGS, lambda: None) is None


def test_a_gallery_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "gallery").write_bytes(b"")

    with pytest.raises(FacecamError, match="gallery"):
        compare_in_process(tmp_path / "gallery", SETTINGS, lambda: None)


def children() -> set[int]:
    """Return the ids of this process's children that compare networks."""
    if sys.platform != "linux":
        pytest.skip("needs /proc")
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile
            # The name in parentheses may contain spaces; state and parent follow it.
            state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            arguments = (process / "cmdline").read_bytes().split(b"\0")
            if state != "Z" and int(parent) == os.getpid() and comparison_process.__name__.encode() in arguments:
                found.add(int(process.name))
    return found


def test_the_process_ends_with_the_one_that_started_it(test_data: Path, tmp_path: Path) -> None:
    folder = enroll_hard_people(test_data, tmp_path / "gallery")
    process = start_module(comparison_process.__name__, str(folder), json.dumps(SETTINGS.to_dict()))
    assert process.stdin is not None
    assert process.stdout is not None

    process.stdin.close()

    assert process.stdout.read() == b""
    process.stdout.close()
    assert process.wait(60) != 0


def test_canceling_ends_the_process(gallery: Path) -> None:
    seen: set[int] = set()

    def cancel() -> None:
        seen.update(children())
        if seen:
            raise CanceledError

    with pytest.raises(CanceledError):
        compare_in_process(gallery, SETTINGS, cancel)

    deadline_s = time.monotonic() + 60
    while seen & children() and time.monotonic() < deadline_s:
        time.sleep(0.1)
    assert not seen & children()
