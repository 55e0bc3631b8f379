"""facecam doctor: what is right and wrong with this installation and this machine, a line for each."""

from __future__ import annotations

import tempfile
import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from facecam.cli import context
from facecam.cli.context import GalleryOption, JsonOption, NetworkOption, command, log_dir
from facecam.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from facecam.capture.camera import CameraReport, Known
    from facecam.capture.source import Source
    from facecam.diagnostics.findings import Finding
    from facecam.logbook.writer import LogWriter
    from facecam.networks.manifest import ModelEntry
    from facecam.recognizer import Recognizer
    from facecam.settings import Settings


_COLORS = {"ok": "green", "warning": "yellow", "fault": "bold red"}
_VERDICT_WIDTH, _CHECK_WIDTH = 9, 15


def register_doctor(app: typer.Typer) -> None:
    """Add `doctor` to the command line."""
    command(app, "doctor")(doctor)


def doctor(
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="S", help="Open this source as well, for a second. May be given several times."),
    ] = None,
    gallery: GalleryOption = None,
    log: Annotated[Path | None, typer.Option("--log", metavar="DIR", help="Where logs go; else the user's data folder.")] = None,
    json: JsonOption = None,
) -> None:
    """Check this machine and this installation; status 3 when there is a fault. Opens no camera unless --source names it."""
    from facecam.diagnostics.checks import CheckContext, examine
    from facecam.diagnostics.findings import Verdict

    subject = CheckContext(context.invocation.config, _gallery_dir(gallery), log_dir(log), tuple(source or ()))
    findings: list[Finding] = []
    console = context.out()
    for finding in examine(subject):
        findings.append(finding)
        if json != "-":
            _print_doctor(finding, console)
    verdicts = [finding.verdict for finding in findings]
    faults, warnings = verdicts.count(Verdict.FAULT), verdicts.count(Verdict.WARNING)
    context.err().print(f"{_counted(faults, 'fault')}, {_counted(warnings, 'warning')}")
    context.write_json(json, [asdict(finding) for finding in findings])
    if faults:
        raise typer.Exit(context.FINDINGS)


def _gallery_dir(option: str | None) -> Path | None:
    """The people's folder; None when the configuration that would name it is broken, which has a line of its own."""
    try:
        return context.gallery_dir(option)
    except SettingsError:
        return None


def _print_doctor(finding: Finding, console: Console) -> None:
    """One line, and below it what to do; in a terminal wrapped so that the columns stay columns, in a pipe never."""
    from rich.text import Text

    indent = _VERDICT_WIDTH + _CHECK_WIDTH
    width = console.width - indent if console.is_terminal else None
    lines = [*_wrapped(finding.found, width), *_wrapped(finding.advice and f"-> {finding.advice}", width)]
    head = Text.assemble((f"{finding.verdict:{_VERDICT_WIDTH}}", _COLORS[finding.verdict]), f"{finding.check:{_CHECK_WIDTH}}")
    for number, line in enumerate(lines):
        console.print(Text.assemble(head if number == 0 else " " * indent, line), soft_wrap=True)


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None or not text:
        return [text] if text else []
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False)


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s'[: number != 1]}"


# MERGED cli.cameras: `facecam cameras`: which there are, and what they offer.


def listed() -> Mapping[int, str]:
    """The cameras that the system lists."""
    from facecam.capture.camera import known_cameras

    return known_cameras()


def register_cameras(app: typer.Typer, known: Known = listed) -> None:
    """Add the command `cameras` to `app`; `known` lists the cameras."""

    def cameras(json: JsonOption = None) -> None:
        """List the cameras: index, name, lasting path, sizes and rates. Each is opened for a moment."""
        from facecam.capture.camera import probe

        with context.progress("asking the cameras") as told:
            reports = list(probe(context.settings().capture, told, known))
        if json != "-":
            _print_cameras(reports)
        context.write_json(json, [_as_json(report) for report in reports])

    command(app, "cameras")(cameras)


def _print_cameras(reports: list[CameraReport]) -> None:
    if not reports:
        context.out().print("There is no camera on this machine; plug one in, or try without: facecam demo")
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from facecam.capture.camera import backend_name

    context.out().print(f"through {backend_name()}:")
    table = Table(box=box.SIMPLE)
    for column in ("index", "name", "path", "opens in", "gives", "offers"):
        table.add_column(column, overflow="fold")
    for report in reports:
        opens = "" if report.opens_in_ms is None else f"{report.opens_in_ms:.0f} ms"
        offers = ", ".join(f"{o.size_wh[0]}x{o.size_wh[1]} ({'/'.join(f'{fps:g}' for fps in o.fps)})" for o in report.offers)
        given = str(report.given or report.error)
        # As Text: a name may hold what Rich would take for its markup.
        table.add_row(*(Text(cell) for cell in (str(report.index), report.name, report.path, opens, given, offers)))
    context.out().print(table)


def _as_json(report: CameraReport) -> dict[str, Any]:
    from facecam.capture.camera import backend_name

    given = report.given
    width_px, height_px = (given.size_wh if given else None) or (None, None)
    return {
        "index": report.index,
        "name": report.name,
        "path": report.path,
        "backend": backend_name(),
        "opens_in_ms": None if report.opens_in_ms is None else round(report.opens_in_ms, 1),
        "fourcc": given.fourcc if given else None,
        "width_px": width_px,
        "height_px": height_px,
        "fps": given.fps if given else None,
        "offers": [{"width_px": o.size_wh[0], "height_px": o.size_wh[1], "fps": list(o.fps)} for o in report.offers],
        "error": report.error,
    }


# MERGED cli.models: `facecam models`: which networks there are, and whether their files are what the manifest says.

_Folder = Annotated[
    Path | None, typer.Argument(metavar="[DIR]", help="A folder with a MANIFEST.toml; else the models that facecam uses.")
]


def register_models(app: typer.Typer) -> None:
    """Add the group `models` to `app`."""
    group = typer.Typer(help="The networks that facecam comes with.", no_args_is_help=True)
    app.add_typer(group, name="models")
    command(group, "list")(_list)
    command(group, "verify")(_verify)


def _list(json: JsonOption = None) -> None:
    """List the networks: what each is for, its license, and the distance below which a face gets a name."""
    from facecam.networks.manifest import entries

    models = entries()
    if json != "-":
        table = _table("name", "role", "MB", "license", "threshold")
        for model in models:
            threshold = "" if model.threshold_l2 is None else f"{model.threshold_l2:.3f}"
            table.add_row(model.name, model.role, _megabytes(model), model.license, threshold)
        context.out().print(table)
    context.write_json(json, [asdict(model) for model in models])


def _verify(directory: _Folder = None, json: JsonOption = None) -> None:
    """Compare every file's size and SHA-256 with the manifest; status 3 when one is missing or damaged."""
    from facecam.errors import ModelError
    from facecam.networks.manifest import entries, verified_path

    faults: dict[str, str | None] = {}
    models = entries(directory)
    for model in models:
        try:
            verified_path(model.name, directory)
            faults[model.name] = None
        except ModelError as error:
            faults[model.name] = str(error)
            context.err().print(str(error), markup=False)
    if json != "-":
        table = _table("name", "MB", "state")
        for model in models:
            table.add_row(model.name, _megabytes(model), "missing or damaged" if faults[model.name] else "ok")
        context.out().print(table)
    context.write_json(json, [{"name": name, "ok": fault is None, "message": fault} for name, fault in faults.items()])
    if any(faults.values()):
        raise typer.Exit(context.FINDINGS)


def _table(*columns: str) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in columns:
        right = column in ("MB", "threshold")
        table.add_column(column, justify="right" if right else "left", overflow="fold", no_wrap=column == "name")
    return table


def _megabytes(model: ModelEntry) -> str:
    return f"{model.size_bytes / 1e6:.2f}"


# MERGED cli.bench: facecam bench: how fast this machine recognizes this camera or file, and where the time goes.

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
class SpeedFigures:
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


def register_bench(app: typer.Typer) -> None:
    """Add `bench` to the command line."""
    command(app, "bench")(bench)


def bench(
    source: Annotated[str, typer.Option("--source", metavar="S", help="Camera index or device, file, address, demo.")] = "0",
    seconds: Annotated[float, typer.Option("--seconds", metavar="N", min=0.1, help="How long at most.")] = 10.0,
    json: JsonOption = None,
    network: NetworkOption = None,
    gallery: GalleryOption = None,
) -> None:
    """Measure how many frames per second are recognized, and where the time goes. Leaves no log."""
    settings = context.settings({"identify.network": network})
    figures = measure(source, settings, context.gallery_dir(gallery), seconds)
    if json != "-":
        _print_bench(figures)
    context.write_json(json, asdict(figures))


def measure(text: str, settings: Settings, people: Path, seconds: float) -> SpeedFigures:
    """Recognize and log the source `text` for `seconds`, or to its end; the first few frames are not counted.

    Raises CameraError when nothing but those was delivered.
    """
    from facecam.capture.source import open_source
    from facecam.logbook.writer import LogWriter
    from facecam.recognizer import Recognizer
    from facecam.session.config import describe
    from facecam.settings import Mode

    context.err().print(f"measuring {text} for at most {seconds:g} s", markup=False)
    with Recognizer(settings, people) as recognizer, tempfile.TemporaryDirectory() as folder:
        info = describe(settings, Mode.FACES, [text], recognizer.gallery.revision)
        with open_source(text, settings.capture, time.monotonic()) as source, LogWriter(Path(folder), info) as log:
            for _ in range(_WARM_UP_FRAMES):
                _one_frame(source, recognizer, log, Tally())
            return _play(source, recognizer, log, seconds)


def _play(source: Source, recognizer: Recognizer, log: LogWriter, seconds: float) -> SpeedFigures:
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
    return SpeedFigures(
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


def _print_bench(figures: SpeedFigures) -> None:
    from rich.table import Table

    whole = sum(figures.stages_ms.values())
    table = Table("stage", "ms per frame", "share", "", box=None, pad_edge=False)
    for stage, mean in figures.stages_ms.items():
        note = "waiting for the camera included" if stage == "capture" and figures.live else _EXPLAINED[stage]
        table.add_row(stage, f"{mean:.2f}", f"{mean / whole:.0%}", note)
    out = context.out()
    out.print(table)
    size = "" if figures.size_wh is None else f", {figures.size_wh[0]}x{figures.size_wh[1]}"
    out.print(f"{figures.frames} frames of {figures.source}{size}, {figures.faces_per_frame:g} faces per frame", markup=False)
    out.print(f"{figures.frames_per_s:g} frames per second, with {figures.processor_share:g} cores busy")
    if figures.live:
        out.print(f"{figures.possible_frames_per_s:g} would be possible if the camera were faster")
