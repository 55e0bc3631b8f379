"""`python -m benchmarks.soak`: does a session stay as it was, for hours? Memory, threads, open files and latency over time.

    live     a clip in a loop at its own rate, as a camera would deliver it
    fast     the same clip, every frame, as fast as they go
    lag      pictures at 100 per second, a recognizer that takes 80 ms: how old is what is shown?
    cycles   sessions started and stopped at random moments: what is left behind?

Each part but the last samples once a second and writes DIR/soak-PART.json; `plot` draws what is there as DIR/soak.png.
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
"""Growth is counted from here on: until then caches fill."""


class Looped:
    """A clip in a loop as one long source. `live`: it delivers at its own rate, and its time is the session's."""

    camera_id = ""
    frame_count: int | None = None
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
        """The next frame; None when `count` have come."""
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
    """One that takes 80 ms longer than it would."""

    def __call__(self, frame: Frame, slot: int = 0) -> Result:
        time.sleep(0.08)
        return super().__call__(frame, slot)


@dataclass
class Latency:
    """A sink: from the moment a frame was read to the moment its result was logged."""

    ms: list[float] = field(default_factory=list)
    frames: int = 0

    def __call__(self, frame: Frame, _result: Result, _slot: int) -> None:
        self.ms.append((time.monotonic() - frame.captured_at_s) * 1e3)
        self.frames += 1

    def close(self) -> None:
        """There is nothing to close."""


@dataclass
class Samples:
    """One row a second: seconds since the start, frames, MB, threads, open files, median and p99 of the latency in ms."""

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
        """Last tenth against the first tenth after SETTLED_S, of each column that must stay flat."""
        settled = [row for row in self.rows if row["s"] >= min(SETTLED_S, self.rows[-1]["s"] / 3)]
        tenth = max(1, len(settled) // 10)
        said = {}
        for name in ("resident_mb", "threads", "open_files", "median_ms"):
            first, last = (np.nanmedian([row[name] for row in part]) for part in (settled[:tenth], settled[-tenth:]))
            said[name] = round(float(last - first), 3)
        return said


def soak(asked: argparse.Namespace, *, live: bool) -> dict[str, Any]:
    """Play the clip in a loop for so many minutes, or, as fast as they go, so many frames at most, into recognizer and log."""
    count = None if live else asked.frames
    latency, samples = Latency(), Samples()
    with _session(asked, lambda s: Looped(asked.video, s, live=live, count=count), (latency,), every_frame=not live) as session:
        until_s = time.monotonic() + asked.minutes * 60
        while not session.wait(1.0) and time.monotonic() < until_s:
            samples.take(latency.frames, latency.ms)
            _tell(samples)
        status = session.status()
        rows = session.log.rows_written if session.log else 0
    return _summary(samples, frames=latency.frames, log_rows=rows, dropped=status.sources[0].dropped)


def lag(asked: argparse.Namespace) -> dict[str, Any]:
    """Look at the preview 30 times a second, as a window does, and note how old each shown frame is."""
    samples = Samples()
    shown_ms: list[float] = []
    ages: list[float] = []
    with _session(asked, lambda s: Looped(asked.video, s, live=True, fps=100), (), opens=_slow) as session:
        while not session.status().recognized:
            time.sleep(0.1)
        until_s, sample_at_s = time.monotonic() + asked.minutes * 60, time.monotonic() + 1
        while time.monotonic() < until_s:
            time.sleep(1 / 30)
            taken = session.preview.take()
            if taken is not None:
                ages.append((time.monotonic() - taken[1].captured_at_s) * 1e3)
                shown_ms.append(ages[-1])
            if time.monotonic() >= sample_at_s:
                samples.take(session.status().sources[0].frames, shown_ms)
                sample_at_s += 1
                _tell(samples)
        begun_s = time.monotonic()
        session.stop()
        closing_s = time.monotonic() - begun_s
    figures = np.percentile(ages, [50, 99, 99.9, 100]).round(1).tolist()
    share = float(np.mean(np.array(ages) < 50))
    return _summary(samples, shown=len(ages), age_ms_p50_p99_p999_max=figures, share_under_50_ms=share, closing_s=closing_s)


def cycles(asked: argparse.Namespace) -> dict[str, Any]:
    """Start and stop sessions at random moments; the first twenty fill caches and are not counted."""
    chance = random.Random(asked.seed)
    closing_s: list[float] = []
    before: tuple[int, int, float] | None = None
    for number in range(asked.cycles + 20):
        if number == 20:
            before = _left()
        with _session(asked, lambda s: Looped(asked.video, s, live=True, fps=100), (), opens=_slow) as session:
            time.sleep(chance.choice([0.0, 0.02, 0.1, 0.5]) * chance.random())
            begun_s = time.monotonic()
            session.stop()
            closing_s.append(time.monotonic() - begun_s)
    after = _left()
    assert before is not None
    return {
        "cycles": asked.cycles,
        "python_threads": threading.active_count(),
        "more_threads": after[0] - before[0],
        "more_open_files": after[1] - before[1],
        "more_mb": round(after[2] - before[2], 1),
        "closing_s_median_max": [round(float(np.median(closing_s)), 3), round(max(closing_s), 3)],
    }


def _left() -> tuple[int, int, float]:
    """Threads, open files and MB, once a joined thread has had the time to leave the system, too."""
    time.sleep(0.5)
    return len(list(Path("/proc/self/task").iterdir())), len(list(Path("/proc/self/fd").iterdir())), resident_mb() or 0.0


def _slow(plan: SessionConfig) -> Recognizer:
    return SlowRecognizer(plan.settings, plan.gallery_dir, plan.mode)


@contextlib.contextmanager
def _session(
    asked: argparse.Namespace,
    open_it: Callable[[float], Source],
    sinks: tuple[Latency, ...],
    *,
    every_frame: bool = False,
    opens: Callable[[SessionConfig], Recognizer] = open_recognizer,
) -> Iterator[Session]:
    """A running session with a log in a folder that is deleted afterward."""
    with tempfile.TemporaryDirectory() as folder:
        gallery = asked.gallery or Path(folder) / "gallery"
        sources = (SourceConfig("looped", open_it),)
        plan = SessionConfig(Settings(), sources, gallery, log_dir=Path(folder) / "logs", every_frame=every_frame, sinks=sinks)
        with Session(plan, opens) as session:
            yield session


def _summary(samples: Samples, **figures: Any) -> dict[str, Any]:
    return {"figures": figures, "growth": samples.growth(), "samples": samples.rows}


def _tell(samples: Samples) -> None:
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
    parser.add_argument("--video", type=Path, help="the clip; else the demo")
    parser.add_argument("--gallery", type=Path, help="the people; else nobody")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"), metavar="DIR")
    asked = parser.parse_args(arguments)
    if asked.part == "plot":
        print(plot(asked.output))
        return 0
    parts = {"live": lambda: soak(asked, live=True), "fast": lambda: soak(asked, live=False)}
    told = (parts | {"lag": lambda: lag(asked), "cycles": lambda: cycles(asked)})[asked.part]()
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / f"soak-{asked.part}.json").write_text(json.dumps(told), encoding="utf-8")
    print(json.dumps({name: value for name, value in told.items() if name != "samples"}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
