"""Commands on images that damage, size or kind make unusable: each is named, and the others are done."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cli.conftest import Command, environment_in
from tests.image_samples import odd_photos

UNREADABLE = ["byte.avif", "dds.jpg", "huge.png", "empty.heic"]


@pytest.fixture
def odd(tmp_path: Path, portraits: dict[str, Path]) -> Path:
    """Gallery of one person with a portrait and odd photos."""
    folder = tmp_path / "people" / "Eileen"
    folder.mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], folder / "good.jpg")
    for name, data in odd_photos().items():
        (folder / name).write_bytes(data)
    return folder


def test_identify_reads_the_images_that_can_be_read_and_names_the_others(facecam: Command, odd: Path) -> None:
    images = [odd / name for name in (*odd_photos(), "good.jpg")]
    if os.name != "nt":
        os.mkfifo(odd / "pipe")
        images.insert(0, odd / "pipe")

    done = facecam("identify", *images, "--gallery", "people")

    assert done.returncode == 3
    assert "good.jpg" in done.stdout
    assert "wide.jpg" in done.stdout
    assert "Traceback" not in done.stderr
    for name in UNREADABLE:
        assert any(name in line for line in done.stderr.splitlines()), name


@pytest.mark.parametrize("command", [["people", "list"], ["gallery", "verify"], ["gallery", "doctor", "--fix"]], ids=" ".join)
def test_a_gallery_command_goes_on_after_an_odd_photo(facecam: Command, odd: Path, command: list[str]) -> None:
    done = facecam(*command, "--gallery", "people")

    assert done.returncode in (0, 3), done.stderr
    assert "Traceback" not in done.stderr
    if command != ["people", "list"]:
        for name in UNREADABLE:
            assert name in done.stdout + done.stderr


def test_what_a_source_folder_skips_is_told_by_name(facecam: Command, odd: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copy(odd / "good.jpg", odd / "good.jfif")
    (odd / "film.mp4").touch()
    (odd / "more").mkdir()

    done = facecam("run", "--no-window", "--no-log", "--source", odd, "--gallery", "people")

    assert done.returncode == 0, done.stderr
    assert "only the images directly in it are read: film.mp4, more/" in caplog.text
    for name in UNREADABLE:
        assert name in caplog.text


def test_what_is_skipped_in_a_folder_of_photos_is_told_by_name(facecam: Command, odd: Path) -> None:
    (odd / "film.mp4").touch()

    done = facecam("enroll", "Ada", odd, "--gallery", "new")

    assert "film.mp4" in " ".join(done.stderr.split())
    assert "byte.avif" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
@pytest.mark.timeout(60)  # each of these commands once waited forever
@pytest.mark.parametrize(
    "command",
    [
        "identify pipe",
        "compare pipe pipe",
        "explain pipe",
        "enroll Ada pipe --gallery new",
        "run --no-window --no-log --source ./pipe",
        "report pipe",
        "gallery import pipe --gallery new",
        "identify pipe --config pipe",
        "evaluate lfw . --pairs pipe",
        "evaluate groups folder",
        "models convert pipe.keras",
    ],
)
def test_a_pipe_in_place_of_a_file_is_refused(facecam: Command, tmp_path: Path, command: str) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "pipe.keras", "folder/labels.csv"):
        os.mkfifo(tmp_path / name)

    done = facecam(*command.split())

    assert done.returncode in (1, 2, 3), done.stderr
    said = " ".join(done.stderr.split())
    assert ("could not be read as an image" if command.startswith("enroll") else "a pipe") in said


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="Windows has no resource module")
@pytest.mark.parametrize("size_wh", [(9_000, 12_000), (8_000, 6_200), (20_000, 10_000)])
def test_identify_takes_at_most_1_gb_for_a_large_photo(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    tile = np.random.default_rng(0).integers(0, 255, (size_wh[1] // 100, size_wh[0] // 100, 3), np.uint8)
    cv2.imwrite(str(tmp_path / "large.jpg"), cv2.resize(tile, size_wh), [cv2.IMWRITE_JPEG_QUALITY, 80])
    cv2.imwrite(str(tmp_path / "small.jpg"), tile)
    code = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    peaks = []
    for name in ("small.jpg", "large.jpg"):
        command = [sys.executable, "-c", code, sys.executable, "-m", "facecam", "identify", name]
        done = subprocess.run(command, cwd=tmp_path, env=environment_in(tmp_path), capture_output=True, text=True, check=True)
        assert name in done.stdout
        peaks.append(int(done.stdout.splitlines()[-1]) * (1 if sys.platform == "darwin" else 1024))

    assert peaks[1] - peaks[0] < 1e9
