"""Soak test of a session: `python -m benchmarks.soak`. Memory, threads, open files and latency over hours.

    live     a clip in a loop at its own rate, like a camera
    fast     the same clip, every frame, as fast as possible
    lag      100 images per second, a recognizer that takes 80 ms: the age of displayed frames
    cycles   sessions started and stopped at random moments: leaked resources

Each part but the last samples once a second and writes DIR/soak-PART.json; `plot` draws these files as DIR/soak.png.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from benchmarks.machine import resident_mb
from benchmarks.soak_plot import plot
from facecam.capture.demo import DemoSource
from facecam.capture.files import VideoFile
from facecam.capture.source import Source
from facecam.recognizer import Recognizer
from facecam.session.config import SessionConfig, SourceConfig
from facecam.session.session import Session, open_recognizer
from facecam.settings import Settings
from facecam.types import Frame, Result

CLIP_FPS = 30
SETTLED_S = 60.0
"""Growth is measured from here on; before, caches fill."""


class LoopedSource:
    """A clip in a loop as one long source. `live`: it delivers at its own rate, stamped with the session's time."""

    camera_id = ""
    frame_count: int | None = None
    time: None = None
    size_wh: tuple[int, int] | None = None

    def __init__(
        self, clip: Path | None, started_at_s: float, *, live: bool, fps: float = CLIP_FPS, count: int | None = None
    ) -> None:
        self.source, self.live, self.fps = f"looped {clip.name if clip else 'demo'}", live, fps
        self._clip, self._started_at_s, self._count = clip, started_at_s, count
        self._playing: Source | None = None
        self._index = 0
        self._due_s = time.monotonic()

    def read(self) -> Frame | None:
        """Return the next frame; None after `count` frames."""
        if self._index == self._count:
            return None
        frame = self._playing.read() if self._playing else None
        if frame is None:
            self.close()
            self._playing = VideoFile(self._clip) if self._clip else DemoSource()
            frame = self._playing.read()
            assert frame is not None
        t_ms = self._index * 1e3 / self.fps
        if self.live:
            self._due_s += 1 / self.fps
            time.sleep(max(0.0, self._due_s - time.monotonic()))
            t_ms = (time.monotonic() - self._started_at_s) * 1e3
        index, self._index = self._index, self._index + 1
        return replace(frame, index=index, t_ms=t_ms, captured_at_s=time.monotonic(), source=self.source)

    def close(self) -> None:
        if self._playing is not None:
            self._playing.close()
            self._playing = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class SlowRecognizer(Recognizer):
    """Recognizer that takes 80 ms longer."""

    def __call__(self, frame: Frame, slot: int = 0, *, embed_every_face: bool = False) -> Result:
        time.sleep(0.08)
        return super().__call__(frame, slot, embed_every_face=embed_every_face)


@dataclass
class LatencySink:
    """Sink that measures the time from reading a frame to logging its result."""

    ms: list[float] = field(default_factory=list)
    frames: int = 0

    def __call__(self, frame: Frame, _result: Result, _slot: int) -> None:
        self.ms.append((time.monotonic() - frame.captured_at_s) * 1e3)
        self.frames += 1

    def close(self) -> None:
        """Do nothing."""


@dataclass
class Samples:
    """Samples, one a second: seconds since the start, frames, MB, threads, open files, median and p99 latency in ms."""

    rows: list[dict[str, float]] = field(default_factory=list)
    begun_s: float = field(default_factory=time.monotonic)

    def take(self, frames: int, ms: list[float]) -> None:
        """Add a row, and empty the list of latencies."""
        taken = ms[:]
        ms[:] = ms[len(taken) :]
        values = np.array(taken or [np.nan])
        self.rows.append(
            {
                "s": time.monotonic() - self.begun_s,
                "frames": frames,
                "resident_mb": resident_mb() or float("nan"),
                "threads": len(list(Path("/proc/self/task").iterdir())),
                "open_files": len(list(Path("/proc/self/fd").iterdir())),
                "median_ms": float(np.median(values)),
                "p99_ms": float(np.percentile(values, 99)),
            }
        )

    def growth(self) -> dict[str, float]:
        """Return the growth of each column that must stay flat: last tenth against the first tenth after SETTLED_S."""
        settled = [row for row in self.rows if row["s"] >= min(SETTLED_S, self.rows[-1]["s"] / 3)]
        tenth = max(1, len(settled) // 10)
        growth = {}
        for name in ("resident_mb", "threads", "open_files", "median_ms"):
            first, last = (np.nanmedian([row[name] for row in part]) for part in (settled[:tenth], settled[-tenth:]))
            growth[name] = round(float(last - first), 3)
        return growth


def soak(args: argparse.Namespace, *, live: bool) -> dict[str, Any]:
    """Play the clip in a loop into recognizer and log, limited by minutes or, as fast as possible, by frames."""
    count = None if live else args.frames
    latency, samples = LatencySink(), Samples()
    with _session(
        args, lambda s: LoopedSource(args.video, s, live=live, count=count), (latency,), every_frame=not live
    ) as session:
        until_s = time.monotonic() + args.minutes * 60
        while not session.wait(1.0) and time.monotonic() < until_s:
            samples.take(latency.frames, latency.ms)
            _print_sample(samples)
        status = session.status()
        rows = session.log.rows_written if session.log else 0
    return _summary(samples, frames=latency.frames, log_rows=rows, dropped=status.sources[0].dropped)


def lag(args: argparse.Namespace) -> dict[str, Any]:
    """Poll the preview 30 times a second, like a window, and record the age of each displayed frame."""
    samples = Samples()
    shown_ms: list[float] = []
    ages: list[float] = []
    with _session(args, lambda s: LoopedSource(args.video, s, live=True, fps=100), (), opens=_open_slow) as session:
        while not session.status().recognized:
            time.sleep(0.1)
        until_s, sample_at_s = time.monotonic() + args.minutes * 60, time.monotonic() + 1
        while time.monotonic() < until_s:
            time.sleep(1 / 30)
            taken = session.preview.take()
            if taken is not None:
                ages.append((time.monotonic() - taken[1].captured_at_s) * 1e3)
                shown_ms.append(ages[-1])
            if time.monotonic() >= sample_at_s:
                samples.take(session.status().sources[0].frames, shown_ms)
                sample_at_s += 1
                _print_sample(samples)
        begun_s = time.monotonic()
        session.stop()
        closing_s = time.monotonic() - begun_s
    figures = np.percentile(ages, [50, 99, 99.9, 100]).round(1).tolist()
    share = float(np.mean(np.array(ages) < 50))
    return _summary(samples, shown=len(ages), age_ms_p50_p99_p999_max=figures, share_under_50_ms=share, closing_s=closing_s)


def cycles(args: argparse.Namespace) -> dict[str, Any]:
    """Start and stop sessions at random moments; the first twenty fill caches and do not count."""
    chance = random.Random(args.seed)
    closing_s: list[float] = []
    before: tuple[int, int, float] | None = None
    for number in range(args.cycles + 20):
        if number == 20:
            before = _resources()
        with _session(args, lambda s: LoopedSource(args.video, s, live=True, fps=100), (), opens=_open_slow) as session:
            time.sleep(chance.choice([0.0, 0.02, 0.1, 0.5]) * chance.random())
            begun_s = time.monotonic()
            session.stop()
            closing_s.append(time.monotonic() - begun_s)
    after = _resources()
    assert before is not None
    return {
        "cycles": args.cycles,
        "python_threads": threading.active_count(),
        "more_threads": after[0] - before[0],
        "more_open_files": after[1] - before[1],
        "more_mb": round(after[2] - before[2], 1),
        "closing_s_median_max": [round(float(np.median(closing_s)), 3), round(max(closing_s), 3)],
    }


def _resources() -> tuple[int, int, float]:
    """Return threads, open files and MB, after joined threads have had time to leave the system."""
    time.sleep(0.5)
    return len(list(Path("/proc/self/task").iterdir())), len(list(Path("/proc/self/fd").iterdir())), resident_mb() or 0.0


def _open_slow(plan: SessionConfig) -> Recognizer:
    return SlowRecognizer(plan.settings, plan.gallery_dir, plan.mode)


@contextlib.contextmanager
def _session(
    args: argparse.Namespace,
    open_it: Callable[[float], Source],
    sinks: tuple[LatencySink, ...],
    *,
    every_frame: bool = False,
    opens: Callable[[SessionConfig], Recognizer] = open_recognizer,
) -> Iterator[Session]:
    """Open a running session with a log in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        gallery = args.gallery or Path(folder) / "gallery"
        sources = (SourceConfig("looped", open_it),)
        plan = SessionConfig(Settings(), sources, gallery, log_dir=Path(folder) / "logs", every_frame=every_frame, sinks=sinks)
        with Session(plan, opens) as session:
            yield session


def _summary(samples: Samples, **figures: Any) -> dict[str, Any]:
    return {"figures": figures, "growth": samples.growth(), "samples": samples.rows}


def _print_sample(samples: Samples) -> None:
    if len(samples.rows) % 60 == 0:
        row = samples.rows[-1]
        print(", ".join(f"{name} {value:.1f}" for name, value in row.items()), file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Run one part; the figures go to stdout as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("part", choices=("live", "fast", "lag", "cycles", "plot"))
    parser.add_argument("--minutes", type=float, default=60, help="for how long at most (60)")
    parser.add_argument("--frames", type=int, default=216_000, help="of the part fast, how many at most (216,000)")
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--video", type=Path, help="the clip (the demo)")
    parser.add_argument("--gallery", type=Path, help="the gallery (empty)")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"), metavar="DIR")
    args = parser.parse_args(arguments)
    if args.part == "plot":
        print(plot(args.output))
        return 0
    parts = {"live": lambda: soak(args, live=True), "fast": lambda: soak(args, live=False)}
    figures = (parts | {"lag": lambda: lag(args), "cycles": lambda: cycles(args)})[args.part]()
    args.output.mkdir(parents=True, exist_ok=True)
    (args.output / f"soak-{args.part}.json").write_text(json.dumps(figures), encoding="utf-8")
    print(json.dumps({name: value for name, value in figures.items() if name != "samples"}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
