"""Sources and segments of `facecam run`, and its status line."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from facecam.cli import context, runner
from facecam.logbook.reader import read_log
from tests.cli.conftest import Command
from tests.session.conftest import Rig, ScriptedSource, wait_for


def recognized_rows(facecam: Command, folder: Path, *args: str) -> pd.DataFrame:
    """Run in objects mode and return the rows of recognized frames: one per frame."""
    done = facecam("run", "--no-window", "--mode", "objects", "--log", "logs", *args)
    assert done.returncode == 0, done.stderr
    log = read_log(folder / done.stdout.splitlines()[-1])
    return log[log.event == "seen"]


def test_only_every_tenth_frame_between_two_times_is_recognized(facecam: Command, tmp_path: Path) -> None:
    seen = recognized_rows(facecam, tmp_path, "--source", "demo", "--every", "10", "--from", "2", "--to", "0:04")

    assert list(seen.frame_index) == [60, 70, 80, 90, 100, 110]
    assert list(seen.t_ms) == pytest.approx([2000, 2333.333, 2666.667, 3000, 3333.333, 3666.667])


def test_two_sources_share_a_log_with_separate_rows(facecam: Command, tmp_path: Path, portraits: dict[str, Path]) -> None:
    for name, images in {"one": ["cat", "coffee"], "two": ["coffee", "cat", "cat"]}.items():
        (tmp_path / name).mkdir()
        for number, image in enumerate(images):
            shutil.copy(portraits[image], tmp_path / name / f"{number}.jpg")

    seen = recognized_rows(facecam, tmp_path, "--source", "one", "--source", "two")

    assert seen.source.value_counts().to_dict() == {"one": 2, "two": 3}
    for source, image in (("one", "1.jpg"), ("two", "0.jpg")):
        assert set(seen[(seen.source == source) & (seen.message == image)].label_1) == {"espresso"}


@pytest.mark.parametrize("args", [["--from", "a minute"], ["--to", "1:75"], ["--every", "0"]])
def test_an_invalid_time_or_number_is_named_in_the_error(facecam: Command, args: list[str]) -> None:
    done = facecam("run", "--source", "demo", "--no-window", *args)

    assert done.returncode == 2
    assert args[0] in done.stderr or args[1] in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--from", "20"], "demo ends at 12.0 s, before the start of the segment at 20 s"),
        (["--from", "0:05", "--to", "0:03"], "the end 0:03 is not after the start 0:05"),
        (["--from", "5", "--to", "5"], "the end 5 is not after the start 5"),
        (["--to", "0"], "the end 0 is not after the start of the file"),
    ],
)
def test_a_segment_without_frames_is_a_usage_error(facecam: Command, args: list[str], message: str) -> None:
    done = facecam("run", "--source", "demo", "--no-window", "--log", "logs", *args)

    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_warning_is_a_plain_sentence(facecam_process: Command, tmp_path: Path, portraits: dict[str, Path]) -> None:
    (tmp_path / "photos").mkdir()
    shutil.copy(portraits["coffee"], tmp_path / "photos")
    (tmp_path / "photos" / "notes.txt").write_text("not an image", encoding="utf-8")

    done = facecam_process("run", "--source", "photos", "--no-window", "--no-log", "--mode", "objects")

    assert done.returncode == 0
    assert "facecam: skipped in photos, because only the images directly in it are read: notes.txt\n" in done.stderr


def test_enrolling_from_a_missing_video_asks_nobody_to_look_into_the_camera(facecam: Command) -> None:
    done = facecam("enroll", "Ada", "--source", "nowhere.mp4")

    assert done.returncode == 1
    assert done.stderr == "facecam: the file or folder nowhere.mp4 does not exist or cannot be accessed; check the path\n"


def test_a_damaged_file_is_reported_with_both_numbers(facecam: Command, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "half.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as output:
        stream: Any = output.add_stream("libx264", rate=25, options={"g": "5"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        random = np.random.default_rng(1)
        for _ in range(20):
            image = random.integers(0, 256, (64, 64, 3), np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        output.mux(stream.encode(None))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    done = facecam("run", "--source", "half.mp4", "--no-window", "--log", "logs", "--mode", "objects")

    assert done.returncode == 0
    read = read_log(tmp_path / done.stdout.splitlines()[-1]).frame_index.nunique()
    assert f"half.mp4: 20 frames expected, {read} read" in caplog.text


def test_a_failed_source_is_reported_at_the_end_and_the_other_is_complete(facecam: Command, tmp_path: Path) -> None:
    sources = ("--source", "demo", "--source", "nowhere.mp4", "--from", "10")
    done = facecam("run", *sources, "--no-window", "--log", "logs", "--mode", "objects")

    assert done.returncode == 1
    assert "nowhere.mp4" in done.stderr.splitlines()[-1]
    assert read_log(tmp_path / done.stdout.splitlines()[-1]).frame_index.max() == 359


def test_a_service_prints_a_status_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.StringIO()
    monkeypatch.setattr(context, "err", lambda: Console(file=output, soft_wrap=True, highlight=False))
    monkeypatch.setattr(runner, "STATUS_INTERVAL_S", 0.0)
    printer = runner._StatusPrinter()
    with Rig(tmp_path).session(lambda started_at_s: ScriptedSource(started_at_s, source="camera 0")) as session:
        wait_for(lambda: session.status().recognized > 150)
        printer.print_status(session, session.status())

    line = output.getvalue()
    assert line.count("\n") == 1
    for part in ("running", "frames recognized", "camera 0: ", " fps, ", "visible: none", "rows"):
        assert part in line
