"""The main commands: output, files and exit codes."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.detection.mtcnn import Mtcnn
from facecam.logbook.reader import read_log
from facecam.logbook.schema import NAMES
from facecam.logbook.sessions import list_sessions
from facecam.rendering.privacy import COVER_BGR
from facecam.settings import DetectSettings
from tests.cli.conftest import Command
from tests.session.conftest import wait_for

FACECAM = [sys.executable, "-m", "facecam"]


def test_run_logs_the_demo_and_prints_the_log_path_last(facecam: Command, gallery: Path, tmp_path: Path) -> None:
    done = facecam("run", "--source", "demo", "--no-window", "--log", "logs")

    assert done.returncode == 0, done.stderr
    path = tmp_path / done.stdout.splitlines()[-1]
    log = read_log(path)
    seen = log[log.event == "seen"]
    assert seen.frame_index.nunique() > 200
    assert set(seen.name.dropna()) == {"Eileen Collins"}
    assert (seen.name == "Eileen Collins").sum() > 100
    assert (seen.decision == "unknown").sum() > 100
    assert {"enter", "exit", "empty"} <= set(log.event)
    assert path.with_suffix(".json").is_file()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
def test_on_a_terminal_run_prints_who_was_recognized_the_files_and_the_next_command(
    environment: dict[str, str], gallery: Path, tmp_path: Path
) -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [*FACECAM, "run", "--source", "demo", "--no-window", "--log", "my logs", "--record", "out.mp4", "--quiet"]
    printed = b""
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=theirs, stderr=subprocess.PIPE) as child:
        os.close(theirs)
        with contextlib.suppress(OSError):  # Linux reports the end of a terminal as an error.
            while block := os.read(ours, 4096):
                printed += block
        assert child.wait(60) == 0, child.stderr and child.stderr.read()
    os.close(ours)

    lines = re.sub(r"\x1b\[[0-9;]*m", "", printed.decode()).splitlines()
    (log,) = (path.relative_to(tmp_path) for path in tmp_path.glob("my logs/*/*.csv"))
    assert json.loads((tmp_path / log).with_suffix(".json").read_bytes())["options"]["record"] == str(tmp_path / "out.mp4")
    assert [line.split()[0] for line in lines[:3]] == ["person", "Eileen", "unknown"]
    assert lines[3:] == [f"Log: {log}", "Video: out.mp4", f"Next: facecam report '{log}'"]


def test_run_records_a_video(facecam: Command, gallery: Path, tmp_path: Path, portraits: dict[str, Path]) -> None:
    (tmp_path / "images").mkdir()
    for name in ("eileen_collins", "cat"):
        shutil.copy(portraits[name], tmp_path / "images")

    done = facecam("run", "--source", "images", "--no-window", "--no-log", "--record", "out.mp4")

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    video = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 2
    video.release()


def test_a_video_without_a_window_covers_strangers_on_request(
    facecam: Command, gallery: Path, tmp_path: Path, portraits: dict[str, Path]
) -> None:
    (tmp_path / "images").mkdir()
    shutil.copy(portraits["grace_hopper"], tmp_path / "images")

    done = facecam(
        "run", "--source", "images", "--no-window", "--no-log", "--record", "out.mp4", "--cover-strangers", "--gallery", gallery
    )

    assert done.returncode == 0, done.stderr
    video = cv2.VideoCapture(str(tmp_path / "out.mp4"))
    read, image = video.read()
    video.release()
    assert read
    assert (np.abs(image.astype(int) - COVER_BGR).max(axis=2) < 8).mean() > 0.1


def test_a_video_without_a_window_covers_a_stranger_from_their_first_frame(
    facecam: Command, tmp_path: Path, test_data: Path
) -> None:
    clip = test_data / "data" / "presence" / "noface_face.mov"

    done = facecam(
        "run", "--source", clip, "--no-window", "--no-log", "--record", "out.mp4", "--cover-strangers", "--gallery", "empty"
    )

    assert done.returncode == 0, done.stderr
    shown, recorded = cv2.VideoCapture(str(clip)), cv2.VideoCapture(str(tmp_path / "out.mp4"))
    assert recorded.get(cv2.CAP_PROP_FRAME_COUNT) == shown.get(cv2.CAP_PROP_FRAME_COUNT)
    detector, faces = Mtcnn(DetectSettings()), 0
    while (before := shown.read())[0] and (after := recorded.read())[0]:
        for face in detector.detect(before[1]):
            faces += 1
            x, y = round(face.box.x + face.box.w / 2), round(face.box.y + face.box.h / 2)
            middle = after[1][max(0, y - 15) : y + 15, max(0, x - 15) : x + 15].astype(int)
            assert np.abs(middle - COVER_BGR).max() < 20, "the video is compressed"
    shown.release()
    recorded.release()
    assert faces > 50


def test_covering_strangers_is_refused_in_objects_mode(facecam: Command) -> None:
    done = facecam("run", "--source", "demo", "--cover-strangers", "--no-window", "--mode", "objects")

    assert done.returncode == 2
    assert "the faces of strangers cannot be covered" in " ".join(done.stderr.replace("│", " ").split())


def test_run_recognizes_every_image_of_a_folder(
    facecam: Command, gallery: Path, tmp_path: Path, portraits: dict[str, Path]
) -> None:
    (tmp_path / "images").mkdir()
    for number, name in enumerate(["coffee", "grace_hopper", "coffee", "eileen_collins", "cat"]):
        shutil.copy(portraits[name], tmp_path / "images" / f"{number}.jpg")

    done = facecam("run", "--source", "images", "--no-window", "--log", "logs")

    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / done.stdout.splitlines()[-1])
    seen = log[log.event == "seen"]
    assert list(seen.frame_index) == [1, 3]
    assert list(seen.nearest_name) == ["Eileen Collins"] * 2
    assert list(seen.sighting_decision) == ["unknown", "known"]


def test_objects_mode_logs_three_labels_of_every_frame(facecam: Command, tmp_path: Path, portraits: dict[str, Path]) -> None:
    done = facecam("run", "--source", portraits["coffee"], "--mode", "objects", "--no-window", "--log", "logs")

    assert done.returncode == 0, done.stderr
    log = read_log(tmp_path / done.stdout.splitlines()[-1])
    assert list(log[log.event == "seen"].label_1) == ["espresso"]
    assert log.p_1.iloc[0] > log.p_2.iloc[0] > log.p_3.iloc[0] > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_run_cleanly_with_all_rows(gallery: Path, tmp_path: Path, environment: dict[str, str], name: str) -> None:
    command = [*FACECAM, "run", "--source", "demo", "--no-window", "--log", "logs"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        wait_for(lambda: any(path.stat().st_size > 5000 for path in tmp_path.glob("logs/*/*.csv")))
        child.send_signal(signal.Signals[name])
        out, err = child.communicate(timeout=60)

    assert child.returncode == 0, err
    log = read_log(tmp_path / out.splitlines()[-1])
    assert (log.event == "seen").sum() >= 5
    assert list(log.event)[-2:] == ["exit", "frames"]
    assert ended_sessions(tmp_path) == [len(log)]


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a program with its console in another way")
def test_closing_the_terminal_ends_a_run_cleanly_with_all_rows(
    gallery: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """The terminal's end sends SIGHUP, and whatever is printed afterward fails."""
    terminal, side = os.openpty()
    command = [*FACECAM, "run", "--source", "demo", "--no-window", "--log", "logs", "--verbose"]
    controlled = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    with subprocess.Popen(
        [sys.executable, "-c", controlled, *command],
        cwd=tmp_path, env=environment, stdin=side, stdout=side, stderr=side, start_new_session=True,
    ) as child:  # fmt: skip
        os.close(side)
        wait_for(lambda: any(path.stat().st_size > 5000 for path in tmp_path.glob("logs/*/*.csv")))
        os.close(terminal)
        child.wait(timeout=60)

    log = read_log(tmp_path / "logs")
    assert list(log.event)[-2:] == ["exit", "frames"]
    assert ended_sessions(tmp_path) == [len(log)]


def ended_sessions(folder: Path) -> list[int | None]:
    """Return the number of rows of each session that ended by its JSON."""
    return [session.rows for session in list_sessions(folder / "logs") if session.ended_at_utc is not None]


def test_identify_writes_a_row_per_face_and_reports_unreadable_images(
    facecam: Command, gallery: Path, tmp_path: Path, portraits: dict[str, Path]
) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(portraits["cat"].read_bytes()[:50])

    done = facecam(
        "identify", portraits["eileen_collins"], portraits["grace_hopper"], portraits["coffee"], torn, "--csv", "out.csv"
    )

    assert done.returncode == 3
    assert "torn.jpg" in done.stderr
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(NAMES)
    assert list(json.loads((tmp_path / "out.columns.json").read_text(encoding="utf-8"))) == list(NAMES)
    summary = [(Path(row["source"]).stem, row["event"], row["decision"], row["name"]) for row in rows]
    assert summary == [
        ("eileen_collins", "seen", "known", "Eileen Collins"),
        ("grace_hopper", "seen", "unknown", ""),
        ("coffee", "empty", "", ""),
        ("torn", "error", "", ""),
    ]


def test_a_face_that_fails_a_quality_check_is_reported_with_the_reason_and_its_code(
    facecam: Command, tmp_path: Path, portraits: dict[str, Path]
) -> None:
    dark = (cv2.imread(str(portraits["grace_hopper"])) * 0.12).astype("uint8")
    cv2.imwrite(str(tmp_path / "dark.png"), dark)

    identified = facecam("identify", "dark.png")
    compared = facecam("compare", "dark.png", portraits["grace_hopper"])

    assert "skipped: too dark (dark)" in identified.stdout
    assert "the face in dark.png fails a quality check: too dark (dark); its distance is less reliable" in compared.stderr


def test_classify_labels_images(facecam: Command, portraits: dict[str, Path]) -> None:
    done = facecam("classify", portraits["cat"], portraits["coffee"])

    assert done.returncode == 0, done.stderr
    assert "espresso" in done.stdout
    assert "cat" in done.stdout.splitlines()[1]


def test_enroll_from_a_photo_and_then_identify(facecam: Command, portraits: dict[str, Path]) -> None:
    enrolled = facecam("enroll", "Грейс Хоппер", portraits["grace_hopper"], "--gallery", "people")
    found = facecam("identify", portraits["grace_hopper"], "--gallery", "people")

    assert enrolled.returncode == 0, enrolled.stderr
    assert "Грейс Хоппер" in found.stdout


def test_a_lower_threshold_of_a_person_is_explained(facecam: Command, test_data: Path) -> None:
    """The cohort of the packaged distances resembles young children most: their faces have many others close by."""
    child = test_data / "data" / "fairface-val" / "images" / "2701.jpg"
    facecam("enroll", "Ada", child, "--gallery", "people")

    identified, explained = facecam("identify", child, "--gallery", "people"), facecam("explain", child, "--gallery", "people")

    sentence = re.search(
        r"(\d\.\d+): the match threshold of this gallery, (\d\.\d+), lowered because many faces resemble Ada\.", identified.stderr
    )
    assert sentence is not None, identified.stderr
    own, gallery = map(float, sentence.groups())
    assert own < gallery
    assert re.search(rf"Ada +Ada +0\.\d\d +nearest photo +{own:.2f} ", identified.stdout)
    assert f", threshold {own:.3f}\n{sentence[0]}\n" in explained.stdout


def test_enroll_from_a_video_selects_varied_frames(facecam: Command, tmp_path: Path, portraits: dict[str, Path]) -> None:
    video = tmp_path / "clip.mp4"
    _write_video(portraits["eileen_collins"], video)

    done = facecam("enroll", "Eileen Collins", "--source", video, "--gallery", "people")

    assert done.returncode == 0, done.stderr
    assert 1 <= len(list((tmp_path / "people" / "Eileen Collins").glob("*.jpg"))) <= 12


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["run", "--source", "nowhere.mp4", "--no-window"], "nowhere.mp4"),
        (["run", "--source", "demo", "--no-window", "--network", "nn5"], "unknown network nn5; choose nn4.small2, high-accuracy"),
        (["run", "--source", "demo", "--no-window", "--detector", "haar"], "detect.detector"),
        (["run", "--source", "demo", "--no-window", "--config", "none.toml"], "none.toml"),
        (["enroll", "Ada", "coffee.jpg"], "coffee.jpg"),
        (["evaluate", "lfw", ".", "--pairs", "pairs.txt"], "pairs.txt"),
    ],
)
def test_an_error_is_one_sentence_without_a_traceback(facecam: Command, args: list[str], message: str) -> None:
    done = facecam(*args)

    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3


def test_debug_shows_the_traceback(facecam_process: Command) -> None:
    done = facecam_process("run", "--source", "nowhere.mp4", "--no-window", "--debug")

    assert done.returncode == 1
    assert "Traceback" in done.stderr


@pytest.mark.parametrize("args", [["nonsense"], ["run", "--mode", "smells"], ["identify"]])
def test_a_usage_error_exits_with_2(facecam: Command, args: list[str]) -> None:
    assert facecam(*args).returncode == 2


def test_the_demo_identifies_only_the_enrolled_person(facecam: Command, tmp_path: Path) -> None:
    done = facecam("demo", "--no-window")

    assert done.returncode == 0, done.stderr
    assert "Eileen Collins" in done.stdout
    assert "unknown" in done.stdout
    assert "Hopper" not in done.stdout
    assert (tmp_path / done.stdout.splitlines()[-1]).is_file()
    assert (tmp_path / "demo-output" / "demo.mp4").stat().st_size > 100_000


def _write_video(photo: Path, path: Path) -> None:
    """Write a short video of a photo that rotates and comes closer."""
    image = cv2.resize(cv2.imread(str(photo)), (480, 480))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (480, 480))
    for step in range(30):
        rotation = cv2.getRotationMatrix2D((240, 240), step - 15, 1 + step / 100)
        writer.write(cv2.warpAffine(image, rotation, (480, 480)))
    writer.release()
