"""facecam bench: how fast this machine recognises this camera or file, and where the time goes."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from facecam.cli import common
from facecam.cli.common import GalleryOption, JsonOption, NetworkOption, command

if TYPE_CHECKING:
    from facecam.capture.source import Source
    from facecam.logbook.writer import LogWriter
    from facecam.recognizer import Recognizer
    from facecam.settings import Settings

_T = TypeVar("_T")

STAGES = ("capture", "detect", "embed", "expression", "log")
_WARM_UP_FRAMES = 10
_EXPLAINED = {
    "capture": "reading and decoding",
    "detect": "where faces are",
    "embed": "alignment, quality, embedding",
    "expression": "with search, decision and tracks",
    "log": "one row per face",
}


@dataclass(slots=True)
class Tally:
    """What was measured so far: milliseconds for each stage of each frame, and faces."""

    stages_ms: dict[str, list[float]] = field(default_factory=lambda: {stage: [] for stage in STAGES})
    faces: int = 0

    @property
    def frames(self) -> int:
        return len(self.stages_ms["log"])


@dataclass(frozen=True, slots=True)
class Figures:
    """A tally's outcome. `frames_per_s` is what was reached with this source, `possible_frames_per_s` without waiting for it.

    `stages_ms` are means per frame; `processor_share` is in cores, 1.0 being one core fully busy.
    """

    source: str
    live: bool
    size_wh: tuple[int, int] | None
    frames: int
    faces_per_frame: float
    frames_per_s: float
    possible_frames_per_s: float
    processor_share: float
    stages_ms: dict[str, float]


def register(app: typer.Typer) -> None:
    """Add `bench` to the command line."""
    command(app, "bench")(bench)


def bench(
    source: Annotated[str, typer.Option("--source", metavar="S", help="Camera index or device, file, address, demo.")] = "0",
    seconds: Annotated[float, typer.Option("--seconds", metavar="N", min=0.1, help="How long at most.")] = 10.0,
    json: JsonOption = None,
    network: NetworkOption = None,
    gallery: GalleryOption = None,
) -> None:
    """Measure how many frames per second are recognised, and where the time goes. Leaves no log."""
    settings = common.settings({"identify.network": network})
    figures = measure(source, settings, common.gallery_dir(gallery), seconds)
    if json != "-":
        _print(figures)
    common.write_json(json, asdict(figures))


def measure(text: str, settings: Settings, people: Path, seconds: float) -> Figures:
    """Recognise and log the source `text` for `seconds`, or to its end; the first few frames are not counted.

    Raises CameraError when nothing but those was delivered.
    """
    from facecam.capture.source import open_source
    from facecam.logbook.writer import LogWriter
    from facecam.mode import Mode
    from facecam.recognizer import Recognizer
    from facecam.runtime.session_info import describe

    common.err().print(f"measuring {text} for at most {seconds:g} s", markup=False)
    with Recognizer(settings, people) as recognizer, tempfile.TemporaryDirectory() as folder:
        info = describe(settings, Mode.FACES, [text], recognizer.gallery.revision)
        with open_source(text, settings.capture, time.monotonic()) as source, LogWriter(Path(folder), info) as log:
            for _ in range(_WARM_UP_FRAMES):
                _one_frame(source, recognizer, log, Tally())
            return _play(source, recognizer, log, seconds)


def _play(source: Source, recognizer: Recognizer, log: LogWriter, seconds: float) -> Figures:
    from facecam.errors import CameraError

    tally = Tally()
    started, processor = time.perf_counter(), time.process_time()
    while time.perf_counter() - started < seconds and _one_frame(source, recognizer, log, tally):
        pass
    wall_s, processor_s = time.perf_counter() - started, time.process_time() - processor
    if not tally.frames:
        raise CameraError(f"{source.source} ended within {_WARM_UP_FRAMES} frames; give a longer video")
    means = {stage: sum(times) / tally.frames for stage, times in tally.stages_ms.items()}
    work_ms = sum(means.values()) - (means["capture"] if source.live else 0.0)
    return Figures(
        source=source.source,
        live=source.live,
        size_wh=source.size_wh,
        frames=tally.frames,
        faces_per_frame=round(tally.faces / tally.frames, 2),
        frames_per_s=round(tally.frames / wall_s, 1),
        possible_frames_per_s=round(1000 / work_ms, 1),
        processor_share=round(processor_s / wall_s, 2),
        stages_ms={stage: round(mean, 3) for stage, mean in means.items()},
    )


def _one_frame(source: Source, recognizer: Recognizer, log: LogWriter, tally: Tally) -> bool:
    """Take one frame all the way; False when the source has ended."""
    frame, capture_ms = _timed(source.read)
    if frame is None:
        return False
    result = recognizer(frame)
    _, log_ms = _timed(lambda: log.write(result, 0))
    rest_ms = max(result.total_ms - result.detect_ms - result.embed_ms, 0.0)
    for stage, spent in zip(STAGES, (capture_ms, result.detect_ms, result.embed_ms, rest_ms, log_ms), strict=True):
        tally.stages_ms[stage].append(spent)
    tally.faces += len(result.sightings)
    return True


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    started = time.perf_counter()
    done = work()
    return done, (time.perf_counter() - started) * 1e3


def _print(figures: Figures) -> None:
    from rich.table import Table

    whole = sum(figures.stages_ms.values())
    table = Table("stage", "ms per frame", "share", "", box=None, pad_edge=False)
    for stage, mean in figures.stages_ms.items():
        note = "waiting for the camera included" if stage == "capture" and figures.live else _EXPLAINED[stage]
        table.add_row(stage, f"{mean:.2f}", f"{mean / whole:.0%}", note)
    out = common.out()
    out.print(table)
    size = "" if figures.size_wh is None else f", {figures.size_wh[0]}x{figures.size_wh[1]}"
    out.print(f"{figures.frames} frames of {figures.source}{size}, {figures.faces_per_frame:g} faces per frame", markup=False)
    out.print(f"{figures.frames_per_s:g} frames per second, with {figures.processor_share:g} cores busy")
    if figures.live:
        out.print(f"{figures.possible_frames_per_s:g} would be possible if the camera were faster")
