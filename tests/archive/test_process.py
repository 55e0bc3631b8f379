"""`facecam process`: the rows of the tables, interruption and continuation, and what reads the tables."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from facecam.archive.archive import PARTS_FOLDER
from facecam.archive.join import JoinedLog
from facecam.archive.part import PartRows, SourcePart, recognize_part
from facecam.capture.key_frames import WHOLE
from facecam.imageio import read_image
from facecam.logbook.reader import read_log
from facecam.logbook.schema import RowOrigin
from facecam.recognizer import Recognizer
from facecam.session.config import describe_session
from facecam.settings import Mode, Settings
from tests.cli.conftest import environment_in, run_in
from tests.session.conftest import wait_for
from tests.test_without_tensorflow import BLOCKING, ROOT

NAME = "Eileen Collins"
_RUN_TIMES = ["detect_ms", "embed_ms", "total_ms"]
_KEPT_ACROSS_CUTS = [
    *("event", "message", "source", "ts_utc", "ts_origin", "t_ms", "frame_index", "faces_in_frame", "track_id", "track_age_ms"),
    *("decision", "reason", "name", "person_id", "event_code", "event_person", "last_seen_ms", "threshold_l2", "frames_read"),
    *("frames_analyzed", "frames_with_faces", "frames_span_ms"),
]
"""A part measures at other moments than a run: boxes, distances, live scores and votes of some frames differ."""

_CODING = {"crf": "20", "preset": "veryfast", "sc_threshold": "0"}
_PROCESS = ("process", "videos", "--quiet", "--part-minutes", "0.15")


def write_video(path: Path, images: list[np.ndarray], fps: int, key_every: int) -> None:
    """Write images (height, width, 3) as H.264."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=fps, options={**_CODING, "g": str(key_every)})
        stream.height, stream.width, stream.pix_fmt = *images[0].shape[:2], "yuv420p"
        for bgr in images:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(bgr), format="bgr24")))
        out.mux(stream.encode(None))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, portraits: dict[str, Path]) -> Path:
    """Home with a gallery, a video of 26 s that is cut into three parts, a short one, and one that cannot be read."""
    home = tmp_path_factory.mktemp("process")
    (home / "gallery" / NAME).mkdir(parents=True)
    shutil.copy(portraits["eileen_collins"], home / "gallery" / NAME)
    (home / "videos").mkdir()
    faces = [cv2.resize(read_image(portraits[name]), (240, 240)) for name in ("eileen_collins", "grace_hopper")]
    images = [
        np.hstack([np.roll(faces[0], number % 5, axis=1), faces[1] if 30 < number < 80 else np.zeros_like(faces[1])])
        for number in range(104)
    ]
    write_video(home / "videos" / "long.mp4", images, 4, 4)
    write_video(home / "videos" / "short.mkv", images[28:36], 4, 4)
    (home / "videos" / "broken.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(100))
    return home


@pytest.fixture(scope="module")
def one(home: Path) -> Path:
    """Folder of the tables of one worker."""
    done = run_in(home, *_PROCESS, "--out", "one", "--workers", "1")
    assert (done.returncode, len(done.stdout.splitlines())) == (3, 2), done.stderr
    return home / "one"


def tables(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def rows(path: Path) -> pd.DataFrame:
    """Return the rows of a log without the times of the run."""
    return pd.DataFrame(read_log(path)).drop(columns=_RUN_TIMES)


def test_a_video_that_cannot_be_read_is_named_and_the_others_are_done(home: Path, one: Path) -> None:
    done = run_in(
        home, "process", "videos/broken.mp4", "videos/none.mp4", "videos/short.mkv", "--out", "one", "--part-minutes", "0.15"
    )

    assert done.returncode == 3
    assert done.stdout == f"{Path('one', next(path.name for path in tables(one) if 'short' in path.name))}\n"
    assert "broken.mp4" in done.stderr
    assert "none.mp4: it does not exist" in done.stderr
    assert "1 already done, 2 failed" in done.stderr
    assert sorted(path.name for path in one.iterdir() if path.name != PARTS_FOLDER) == [
        *(path.name for path in tables(one)),
        "columns.json",
    ]


def test_the_rows_are_those_of_a_run_and_tracks_continue_across_the_cuts(home: Path, one: Path) -> None:
    for video, columns in (("short.mkv", None), ("long.mp4", _KEPT_ACROSS_CUTS)):
        done = run_in(home, "run", "--source", f"videos/{video}", "--no-window", "--log", "logs")
        assert done.returncode == 0, done.stderr
        expected = rows(home / done.stdout.splitlines()[-1]).drop(columns="session_id")
        found = rows(next(path for path in tables(one) if video in path.name)).drop(columns="session_id")

        kept = list(expected.columns) if columns is None else columns
        pd.testing.assert_frame_equal(found[kept], expected[kept], check_categorical=False)


@pytest.mark.long  # the next test compares the tables of two workers, too
def test_the_tables_do_not_depend_on_the_number_of_workers(home: Path, one: Path) -> None:
    assert run_in(home, *_PROCESS, "--out", "two", "--workers", "2").returncode == 3

    assert [path.name for path in tables(home / "two")] == [path.name for path in tables(one)]
    for first, second in zip(tables(one), tables(home / "two"), strict=True):
        pd.testing.assert_frame_equal(rows(first), rows(second))


def start(home: Path, out: str) -> subprocess.Popen[str]:
    """Start the command with two workers, in a Python that cannot import TensorFlow."""
    (home / "blocking").mkdir(exist_ok=True)
    (home / "blocking" / "sitecustomize.py").write_text(BLOCKING, encoding="utf-8")
    command = [sys.executable, "-m", "facecam", *_PROCESS, "--out", out, "--workers", "2"]
    environment = environment_in(home) | {"PYTHONPATH": os.pathsep.join([str(home / "blocking"), str(ROOT)])}
    return subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    threads = Path(f"/proc/{process.pid}/task").iterdir()
    return [int(child) for thread in threads for child in (thread / "children").read_text().split()]


def continue_after(home: Path, out: str, one: Path, interrupt: Callable[[subprocess.Popen[str]], None]) -> None:
    """Interrupt the command once a part is finished, check what it leaves, run it again, and compare the tables."""
    with start(home, out) as process:
        wait_for(lambda: bool(list((home / out).glob(f"{PARTS_FOLDER}/*/.part-*.json"))), timeout_s=60)
        interrupt(process)
        process.communicate(timeout=60)
    left = [path.name for path in (home / out).iterdir() if path.name not in (PARTS_FOLDER, "columns.json")]
    assert set(left) <= {path.name for path in tables(one)}
    for path in tables(home / out):
        read_log(path)
    finished = list((home / out).glob(f"{PARTS_FOLDER}/*/.part-0*.json"))
    times = {path: path.stat().st_mtime_ns for path in finished}

    assert run_in(home, *_PROCESS, "--out", out).returncode == 3

    assert finished
    assert all(not path.exists() or path.stat().st_mtime_ns == times[path] for path in finished)
    for first, second in zip(tables(one), tables(home / out), strict=True):
        pd.testing.assert_frame_equal(rows(first), rows(second))


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the processes in /proc")
def test_a_killed_worker_and_an_interruption_lose_nothing_but_the_parts_in_work(home: Path, one: Path) -> None:
    def interrupt(process: subprocess.Popen[str]) -> None:
        os.kill(workers_of(process)[0], signal.SIGKILL)
        process.terminate()

    continue_after(home, "killed", one, interrupt)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="sends signals to processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_command_continues_after_each_signal(home: Path, one: Path, number: signal.Signals) -> None:
    continue_after(home, f"after-{number.name}", one, lambda process: process.send_signal(number))


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="stops processes")
def test_a_gallery_that_changes_meanwhile_ends_the_command_without_further_tables(home: Path, one: Path) -> None:
    with start(home, "stale") as process:
        wait_for(lambda: bool(list((home / "stale").glob(f"{PARTS_FOLDER}/*/.part-*.json"))), timeout_s=60)
        for worker in workers_of(process):
            os.kill(worker, signal.SIGSTOP)
        shutil.copytree(home / "gallery" / NAME, home / "gallery" / "Somebody")
        done = tables(home / "stale")
        for worker in workers_of(process):
            os.kill(worker, signal.SIGCONT)
        _, errors = process.communicate(timeout=60)
    shutil.rmtree(home / "gallery" / "Somebody")

    assert (process.returncode, "has changed meanwhile" in errors) == (1, True)
    assert len(tables(home / "stale")) <= len(done) + 1  # one may have been joined before


def test_the_pieces_of_a_part_are_joined_like_the_whole(home: Path) -> None:
    path = home / "videos" / "short.mkv"
    info = describe_session(Settings(), Mode.FACES, [str(path)], "")
    with Recognizer(Settings(), home / "gallery") as recognizer:
        (whole,) = recognize_part(SourcePart(path, WHOLE), recognizer, info, lambda t_ms: None)
    pieces = [
        PartRows(
            tuple(frame for frame in whole.frames if (frame[0] >= 4) is continues),
            tuple(row for row in whole.rows if (row[0] >= 4) is continues),
            continues=continues,
        )
        for continues in (False, True)
    ]

    def lines(parts: list[PartRows]) -> list[str]:
        log = JoinedLog(info, RowOrigin(str(path)), leave_after_ms=3000, nominal_interval_ms=250)
        return list(log.lines(PartRows.from_json(json.loads(json.dumps(part.to_json()))) for part in parts))

    assert lines(pieces) == lines([whole])
    assert (len(whole.frames), len(lines(pieces)) > 10) == (8, True)


def test_a_table_is_listed_exported_merged_and_replayed_as_a_log(home: Path, one: Path) -> None:
    listed = run_in(home, "log", "list", "one")
    exported = run_in(home, "log", "export", "one", "-o", "all.csv", "--overwrite")
    merged = run_in(home, "log", "merge", "one", "-o", "merged.csv", "--overwrite")
    replayed = run_in(home, "replay", "one")

    assert [done.returncode for done in (listed, exported, merged, replayed)] == [0, 0, 0, 0], replayed.stderr
    assert "videos/long.mp4" in listed.stdout
    pd.testing.assert_frame_equal(read_log(home / "all.csv"), read_log(one), check_categorical=False)
    count = len(read_log(one))
    assert (len(read_log(home / "merged.csv")), count > 150) == (count, True)


def test_a_table_is_replaced_when_its_video_is_processed_with_other_options(home: Path, one: Path) -> None:
    folder = home / "changed"
    shutil.copytree(one, folder)

    done = run_in(home, "process", "videos/short.mkv", "--out", "changed", "--every", "2", "--part-minutes", "0.15")

    assert (done.returncode, "1 video processed" in done.stderr) == (0, True)
    assert [home / done.stdout.strip()] == [path for path in tables(folder) if "short" in path.name]
    table = read_log(home / done.stdout.strip())
    assert table.loc[table.event == "seen", "frame_index"].unique().tolist() == [0, 2, 4, 6]


def test_forget_replaces_a_person_in_the_tables_of_a_folder_of_logs(home: Path, one: Path) -> None:
    folder = home / "data" / "facecam" / "logs" / "tables"
    folder.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(one, folder)
    shutil.copytree(home / "gallery", home / "kept")
    before = [pq.read_table(path) for path in tables(folder)]
    assert all(NAME in str(table.schema.metadata) for table in before)

    done = run_in(home, "forget", NAME, "--gallery", "gallery", "--pseudonymize", "--yes")

    shutil.rmtree(home / "gallery", ignore_errors=True)
    shutil.move(home / "kept", home / "gallery")
    assert done.returncode == 0, done.stdout + done.stderr
    for path, earlier in zip(tables(folder), before, strict=True):
        table = pq.read_table(path)
        assert NAME.encode() not in path.read_bytes()
        assert NAME not in str(table.schema.metadata)
        assert (table.num_rows, NAME in table["nearest_name"].to_pylist()) == (earlier.num_rows, False)
