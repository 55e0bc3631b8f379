"""Cost of `facecam process`: processor seconds per second of video, and the gain of a second worker.

    python -m benchmarks.process_videos [--rounds N]      prints a Markdown table

40 different cuts of the clips in data/webcam of the folder FACECAM_TEST_DATA, 640x480 at 30 frames a second, are processed with
one and with two workers in turn, with every frame read; then all of them joined to one long video, in parts. Each round starts
with an empty folder. A worker that is killed in a further run must change nothing in the tables.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import pandas as pd

from benchmarks import machine
from facecam.logbook.reader import read_log

CUTS = 40
FPS = 30
_CUT_FRAMES = 300
_PHOTOS = (20, 40, 60)
_PART_MINUTES = 1.0
_RUN_TIMES = ["detect_ms", "embed_ms", "total_ms"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor seconds of a run."""

    wall_s: float
    processor_s: float


def clip_frames(clips: Path) -> dict[str, list[av.VideoFrame]]:
    """Return the frames of each clip."""
    found = {}
    for path in sorted(clips.glob("*.mkv")):
        with av.open(str(path)) as video:
            found[path.stem] = list(video.decode(video=0))
    return found


def write_video(path: Path, frames: Iterator[av.VideoFrame]) -> int:
    """Write frames as H.264 with a key frame a second; return their number."""
    count = 0
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"g": str(FPS), "crf": "22", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for count, frame in enumerate(frames, start=1):
            copied = av.VideoFrame.from_ndarray(frame.to_ndarray(format="yuv420p"), format="yuv420p")
            copied.pts, copied.time_base = count - 1, Fraction(1, FPS)
            out.mux(stream.encode(copied))
        out.mux(stream.encode(None))
    return count


def cut_of(clips: dict[str, list[av.VideoFrame]], number: int) -> Iterator[av.VideoFrame]:
    """Yield the frames of a cut: it begins at another frame of another clip than the others, and goes on in the next clips."""
    names = list(clips)
    place, start = number % len(names), 3 * (number // len(names))
    left = _CUT_FRAMES
    while left:
        frames = clips[names[place % len(names)]][start:][:left]
        yield from frames
        left -= len(frames)
        place, start = place + 1, 0


def process(videos: list[Path], out: Path, home: Path, workers: int, *options: str) -> Cost:
    """Process videos into a new folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_s = time.monotonic()
    subprocess.run(_command(videos, out, home, workers, *options), check=True, capture_output=True, env=_environment(home))
    wall_s = time.monotonic() - began_s
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _command(videos: list[Path], out: Path, home: Path, workers: int, *options: str) -> list[str]:
    arguments = ["process", *map(str, videos), "--out", str(out), "--gallery", str(home / "gallery")]
    return [sys.executable, "-m", "facecam", *arguments, "--workers", str(workers), *options]


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {name: str(home / name) for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}


def process_with_a_killed_worker(videos: list[Path], out: Path, home: Path) -> None:
    """Process videos, and kill a worker as soon as the first table is there."""
    with subprocess.Popen(_command(videos, out, home, 2), stdout=subprocess.DEVNULL, env=_environment(home)) as process:
        while not list(out.glob("*.parquet")):
            time.sleep(0.05)
        threads = Path(f"/proc/{process.pid}/task").iterdir()
        children = [child for thread in threads for child in (thread / "children").read_text().split()]
        os.kill(int(children[0]), signal.SIGKILL)


def rows_in(folder: Path) -> pd.DataFrame:
    """Return all rows of the tables in a folder, without the times of the run."""
    return pd.DataFrame(read_log(folder)).drop(columns=_RUN_TIMES)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    clips = clip_frames(Path(os.environ["FACECAM_TEST_DATA"], "data", "webcam"))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "gallery" / "Ada").mkdir(parents=True)
        for number in _PHOTOS:
            cv2.imwrite(str(home / "gallery" / "Ada" / f"{number}.png"), clips["book"][number].to_ndarray(format="bgr24"))
        cuts = [home / f"cut-{number:02}.mp4" for number in range(CUTS)]
        frames = sum(write_video(path, cut_of(clips, number)) for number, path in enumerate(cuts))
        whole = home / "long.mp4"
        write_video(whole, (frame for number in range(CUTS) for frame in cut_of(clips, number)))
        process(cuts[:1], home / "first", home, 1)  # embeds the photos and fills the file cache
        print(f"{machine.processor()}, {machine.cores()} cores")
        print(f"\n{CUTS} cuts, {frames / FPS:.0f} s of video; load {os.getloadavg()[0]:.1f}\n")
        print("| videos | workers | wall s | processor s | processor s per second of video | faster than playing |")
        print("|---|---|---|---|---|---|")
        for name, videos, options in (("40 cuts", cuts, ()), ("1 long", [whole], ("--part-minutes", str(_PART_MINUTES)))):
            costs: dict[int, list[Cost]] = {1: [], 2: []}
            for number in range(rounds):
                for workers, found in costs.items():
                    found.append(process(videos, home / f"{len(videos)}-{workers}-{number}", home, workers, *options))
            for workers, found in costs.items():
                best = min(found, key=lambda cost: cost.wall_s)
                figures = best.wall_s, best.processor_s, best.processor_s * FPS / frames, frames / FPS / best.wall_s
                wall, processor, per_second, speed = (f"{figure:.3g}" for figure in figures)
                print(f"| {name} | {workers} | {wall} | {processor} | {per_second} | {speed} |", flush=True)
            ratios = [one.wall_s / two.wall_s for one, two in zip(costs[1], costs[2], strict=True)]
            best_ratio = min(c.wall_s for c in costs[1]) / min(c.wall_s for c in costs[2])
            print(f"{name}: two workers {best_ratio:.2f} times one; in the rounds {', '.join(f'{r:.2f}' for r in ratios)}")
            one, two = (rows_in(home / f"{len(videos)}-{workers}-0") for workers in (1, 2))
            print(f"{name}: {len(one)} rows, the same with one and two workers: {one.equals(two)}")
        process_with_a_killed_worker(cuts, home / "killed", home)
        print(f"a killed worker changes nothing: {rows_in(home / 'killed').equals(rows_in(home / f'{CUTS}-1-0'))}")
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
