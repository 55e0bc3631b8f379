"""Cost of a video: processor time, frames per second, memory, and the wait for the first decision.

Each case runs in a process of its own, `python -m benchmarks.video_cost VIDEO GALLERY SECONDS`, which prints one line of JSON.
The video is played at its own 30 frames per second for the processor's seconds (threads that spin while they wait included),
then as fast as possible. Decoding and the log are included, a window is not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.compose import HD, VGA, Case, frames, write_video
from benchmarks.machine import resident_mb
from benchmarks.report import Row
from benchmarks.whole_frame import enroll
from facecam.capture.files import VideoFile
from facecam.logbook.writer import LogWriter
from facecam.recognizer import Recognizer
from facecam.session.config import describe_session
from facecam.settings import Mode, Settings
from facecam.types import Frame

PART = "video"
CASES = (Case(VGA, 1), Case(VGA, 5), Case(HD, 5))
_VIDEO_S = 4.0
_FPS = 30.0
_WARM_UP_S = 1.0
_START_LIMIT_S = 60.0
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Cost:
    """One playback: length of the video, seconds of the processor and of the clock."""

    media_s: float
    processor_s: float
    wall_s: float


def measure(seconds: float, starts: int, cases: Sequence[Case] = CASES) -> Iterator[Row]:
    """Yield rows for each case, and one for the start."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        gallery = enroll(place / "gallery", frames(Case(VGA, 1), 2, 9))
        for number, case in enumerate(cases):
            video = write_video(case, place / f"{number}.mp4", _VIDEO_S)
            figures = _child([str(video), str(gallery), str(seconds)])
            yield Row(PART, str(case), "facecam, processor per second of video", figures["processor_per_s"], unit="s")
            yield Row(PART, str(case), "facecam, as fast as it goes", figures["frames_per_s"], unit="frames/s")
            yield Row(PART, str(case), "facecam, peak memory", figures["peak_mb"], unit="MB")
        yield _start_row(place, gallery, starts)


def _child(arguments: Sequence[str]) -> dict[str, float | None]:
    command = [sys.executable, "-m", "benchmarks.video_cost", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=_environment())
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    figures: dict[str, float | None] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in (str(_ROOT), *sys.path) if path)}


def _start_row(place: Path, gallery: Path, starts: int) -> Row:
    """Measure starts with a warm cache; the first one fills it and does not count."""
    waits = [_wait_for_first_row(place / "0.mp4", gallery, place / f"log{number}") * 1e3 for number in range(starts + 1)][1:]
    p10, median, p90 = (float(value) for value in np.percentile(waits, (10, 50, 90)))
    return Row(PART, "start", "facecam run, to the first row of its log", median, p10, p90)


def _wait_for_first_row(video: Path, gallery: Path, log_dir: Path) -> float:
    """Return the seconds from starting `facecam run` to the first decision in its log; networks are already compiled."""
    command = [sys.executable, "-m", "facecam", "run", "--source", str(video), "--no-window", "--quiet"]
    command += ["--gallery", str(gallery), "--log", str(log_dir)]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment()) as child:
        try:
            while not any(path.read_bytes().count(b"\n") > 1 for path in log_dir.rglob("*.csv")):
                if time.perf_counter() - started > _START_LIMIT_S or child.poll() not in (None, 0):
                    raise RuntimeError(f"{' '.join(command)} wrote no row; run it by hand to see why")
                time.sleep(0.005)
            return time.perf_counter() - started
        finally:
            child.terminate()


def _play(recognizer: Recognizer, log: LogWriter, video: Path, first: int, seconds: float, *, paced: bool) -> Cost:
    """Play the video in a loop for `seconds` of its time, frame numbers from `first`."""
    count = round(seconds * _FPS)
    started, processor = time.perf_counter(), time.process_time()
    played = 0
    while played < count:
        with VideoFile(video) as source:
            while played < count and (taken := source.read()) is not None:
                if paced:
                    time.sleep(max(started + played / _FPS - time.perf_counter(), 0))
                log.write(recognizer(_renumbered(taken, first + played)), 0)
                played += 1
    return Cost(count / _FPS, time.process_time() - processor, time.perf_counter() - started)


def _renumbered(taken: Frame, index: int) -> Frame:
    """Return the frame as part of one long video."""
    return replace(taken, index=index, t_ms=index * 1000 / _FPS)


def _main(video: Path, gallery: Path, seconds: float) -> None:
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder, Recognizer(settings, gallery) as recognizer:
        info = describe_session(settings, Mode.FACES, [str(video)], recognizer.gallery.revision)
        with LogWriter(Path(folder), info) as log:
            _play(recognizer, log, video, 0, _WARM_UP_S, paced=False)
            paced = _play(recognizer, log, video, round(_WARM_UP_S * _FPS), seconds, paced=True)
            fast = _play(recognizer, log, video, round((_WARM_UP_S + seconds) * _FPS), seconds, paced=False)
    figures = {
        "processor_per_s": paced.processor_s / paced.media_s,
        "frames_per_s": fast.media_s * _FPS / fast.wall_s,
        "peak_mb": resident_mb(peak=True),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
