"""facecam doctor, cameras, models and bench: checks and measurements of this machine."""

from __future__ import annotations

import tempfile
import textwrap
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import ExpressionsOption, GalleryOption, Input, JsonOption, NetworkOption, Output, command
from facecam.errors import CameraError, ModelError, SettingsError
from facecam.fileio import MAX_TABLE_BYTES, PART_PREFIX, cache_dir, create_private_folder, expand_home, read_regular
from facecam.messages import count_of
from facecam.settings import Mode, Settings

if TYPE_CHECKING:
    from rich.console import Console

    from facecam.capture.camera import CameraReport, ListCameras
    from facecam.capture.source import Source
    from facecam.diagnostics.machine import Finding
    from facecam.logbook.writer import LogWriter
    from facecam.networks.manifest import CompiledEntry, ModelEntry

_COLORS = {"ok": "green", "warning": "yellow", "fault": "bold red"}
_VERDICT_WIDTH, _CHECK_WIDTH = 9, 15

_STAGES = {
    "capture": "reading and decoding",
    "detect": "face detection",
    "embed": "alignment, quality, embedding",
    "expression": "expression, matching and tracking",
    "matching": "matching and tracking",
    "log": "one row per face",
}
"""Stages of a frame; `matching` takes the place of `expression` while expressions are off."""

_WARM_UP_FRAMES = 10

models_group = typer.Typer(help="List, verify and convert networks.", no_args_is_help=True)


def doctor(
    source: Annotated[
        list[str] | None, Option("--source", metavar="S", help="Also open this source for a second. Can be repeated."), Input()
    ] = None,
    gallery: GalleryOption = None,
    log: Annotated[
        Path | None, Option("--log", metavar="DIR", help="Folder for logs. Default: the user's data folder."), Input()
    ] = None,
    json: JsonOption = None,
) -> bool:
    """Check this machine and this installation. No camera is opened unless --source names it. Exit code 3: faults found.

    Examples:
        facecam doctor
        facecam doctor --source 0
    """
    from facecam.diagnostics.checks import run_checks
    from facecam.diagnostics.machine import Verdict

    try:
        gallery_dir = context.gallery_dir(gallery, unlock=False)
    except SettingsError:  # the check of the configuration reports it
        gallery_dir = None
    findings: list[Finding] = []
    console = context.out()
    for finding in run_checks(context.invocation.config, gallery_dir, context.log_dir(log), source or ()):
        findings.append(finding)
        if json != "-":
            _print_finding(finding, console)
    verdicts = [finding.verdict for finding in findings]
    faults, warnings = verdicts.count(Verdict.FAULT), verdicts.count(Verdict.WARNING)
    context.print_note(f"{count_of(faults, 'fault')}, {count_of(warnings, 'warning')}")
    context.write_json(json, [asdict(finding) for finding in findings])
    return faults > 0


def _print_finding(finding: Finding, console: Console) -> None:
    """Print a finding and its advice. A terminal gets lines wrapped within their column, a pipe unbroken lines."""
    from rich.text import Text

    indent = _VERDICT_WIDTH + _CHECK_WIDTH
    width = max(console.width - indent, 20) if console.is_terminal else 0
    lines: list[str] = []
    for text in map(context.visible, filter(None, (*finding.found.splitlines(), finding.advice and f"-> {finding.advice}"))):
        lines += textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) if width else [text]
    head = Text.assemble((f"{finding.verdict:{_VERDICT_WIDTH}}", _COLORS[finding.verdict]), f"{finding.check:{_CHECK_WIDTH}}")
    for number, line in enumerate(lines):
        console.print(Text.assemble(head if number == 0 else " " * indent, line), soft_wrap=True)


def register_cameras(app: typer.Typer, list_cameras: ListCameras | None = None) -> None:
    """Add `cameras` to `app`. `list_cameras` replaces the list of the system's cameras."""

    @command(app, "cameras")
    def cameras(json: JsonOption = None) -> None:
        """List the cameras with their sizes and frame rates. Each one is opened briefly.

        Examples:
            facecam cameras
            facecam cameras --json cameras.json
        """
        from facecam.capture import camera

        with context.progress("probing the cameras") as report_progress:
            reports = list(camera.probe(context.settings().capture, report_progress, list_cameras or camera.list_cameras))
        backend = camera.backend_name()
        payload = [_camera_json(report, backend) for report in reports]
        context.present(json, payload, lambda: _print_cameras(reports, backend))


def _print_cameras(reports: list[CameraReport], backend: str) -> None:
    if not reports:
        context.print_result("No camera found. Plug one in, or try facecam without a camera: facecam demo")
        return
    context.print_result(f"Backend {backend}:")
    rows = []
    for report in reports:
        opens = "" if report.opens_in_ms is None else f"{report.opens_in_ms:.0f} ms"
        formats = (f"{o.size_wh[0]}x{o.size_wh[1]} ({'/'.join(f'{fps:g}' for fps in o.fps)})" for o in report.supported)
        rows.append((report.index, report.name, report.path, opens, report.format or report.error, ", ".join(formats)))
    context.print_table(rows, ("index", "name", "path", "opens in", "format", "supported"))


def _camera_json(report: CameraReport, backend: str) -> dict[str, Any]:
    current = report.format
    width_px, height_px = (current.size_wh if current else None) or (None, None)
    return {
        "index": report.index,
        "name": report.name,
        "path": report.path,
        "backend": backend,
        "opens_in_ms": None if report.opens_in_ms is None else round(report.opens_in_ms, 1),
        "fourcc": current.fourcc if current else None,
        "width_px": width_px,
        "height_px": height_px,
        "fps": current.fps if current else None,
        "offers": [{"width_px": o.size_wh[0], "height_px": o.size_wh[1], "fps": list(o.fps)} for o in report.supported],
        "error": report.error,
    }


@command(models_group, "list")
def _list_models(json: JsonOption = None) -> None:
    """List the networks and the compiled ones.

    Shows role, size, license and match threshold. --network takes the name or the short name of an embedding network.

    Examples:
        facecam models list
        facecam models list --json -
    """
    from facecam.networks.embedding_networks import DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK, embedding_network
    from facecam.networks.manifest import compiled_entries, entries, is_left_out

    models, compiled = entries(), compiled_entries()
    files: list[ModelEntry | CompiledEntry] = [*models, *compiled]

    def print_models() -> None:
        thresholds = ["" if m.embedding is None else f"{embedding_network(m.name).threshold_l2:.3f}" for m in models]
        short = {name: context.network_label(name) for name in (DEFAULT_NETWORK, HIGH_ACCURACY_NETWORK)}
        rows = [
            (m.name, short.get(m.name, ""), m.role, _megabytes(m), m.license, limit)
            for m, limit in zip(models, thresholds, strict=True)
        ]
        context.print_table(rows, ("name", "short name", "role", "MB", "license", "threshold"), right=("MB", "threshold"))
        context.print_result()
        networks = [(network.name, _megabytes(network), network.weights, network.converter) for network in compiled]
        context.print_table(networks, ("compiled network", "MB", "from", "converter"), right=("MB",))
        if left_out := [found.file for found in files if is_left_out(found)]:
            context.print_note(f"in the source tree only: {', '.join(left_out)}")

    context.present(json, [asdict(found) for found in files], print_models)


@command(models_group, "verify")
def _verify_models(
    directory: Annotated[
        Path | None, Argument(metavar="DIR", help="Folder with a MANIFEST.toml. Default: the models that facecam uses."), Input()
    ] = None,
    json: JsonOption = None,
) -> bool:
    """Compare size and SHA-256 of every file with the manifest. Exit code 3: a file is missing or damaged.

    Examples:
        facecam models verify
        facecam models verify --json -
    """
    from facecam.networks import manifest

    files: list[ModelEntry | CompiledEntry] = [*manifest.entries(directory), *manifest.compiled_entries(directory)]
    states, verdicts = [], []
    for file in files:
        state, message = "in the source tree only", None
        if not manifest.is_left_out(file, directory):
            verify = manifest.verified_compiled_path if isinstance(file, manifest.CompiledEntry) else manifest.verified_path
            try:
                verify(file.name, directory)
                state = "ok"
            except ModelError as error:
                state, message = "missing or damaged", str(error)
                context.print_note(message)
            verdicts.append({"name": file.name, "file": file.file, "ok": message is None, "message": message})
        states.append((file.file, _megabytes(file), state))
    context.present(json, verdicts, lambda: context.print_table(states, ("file", "MB", "state"), right=("MB",)))
    return not all(verdict["ok"] for verdict in verdicts)


@command(models_group, "accept")
def _accept_network(
    network: Annotated[
        str,
        Argument(
            metavar="NETWORK",
            help="Folder of a trained network or taught objects, a calibrated FILE.tflite, or a network of keras.applications.",
        ),
        Input(),
    ],
) -> None:
    """Allow a network or taught objects of others.

    facecam uses the networks and taught objects that you made with it on this computer, and refuses others and changed ones.
    Accept only what you trust: a network can be made to take one person for another. Later changes are refused again.

    Examples:
        facecam models accept digits
        facecam models accept ~/objects
    """
    from facecam.networks.keras_imagenet import keras_networks
    from facecam.networks.user_embeddings import accept_calibration
    from facecam.networks.user_networks import accept_network, is_embedding_file
    from facecam.objects.taught import INDEX, accept_taught

    path = expand_home(network).absolute()
    if is_embedding_file(network):
        accepted = [accept_calibration(path)]
    elif network in keras_networks():
        accepted = accept_network(network)
    elif (path / INDEX).is_file():
        accepted = [accept_taught(path)]
    else:
        accepted = accept_network(str(path))
    for file in accepted:
        context.print_result(str(file))


def _embedding_files(output: Path | None, arguments: Mapping[str, Any]) -> list[Path]:
    """Return the file that `models convert --embedding` writes, beside the .keras file by default."""
    network = Path(arguments["network"])
    if not arguments["embedding"]:
        return [] if output is None else [output]
    return [output or network.with_suffix(".tflite")] if network.suffix.lower() == ".keras" else []


@command(models_group, "convert")
def _convert_network(
    network: Annotated[
        str,
        Argument(
            metavar="NETWORK", help="Folder of a trained network, a .keras or .tflite file, or a network of keras.applications."
        ),
        Input(),
    ],
    embedding: Annotated[
        bool, Option("--embedding", help="The file embeds faces: write FILE.tflite, and FILE.toml to describe its input.")
    ] = False,
    output: Annotated[
        Path | None,
        Option("-o", "--output", metavar="FILE.tflite", help="File of --embedding. Default: beside the .keras file."),
        Output(_embedding_files, (".tflite",)),
    ] = None,
    labels: Annotated[
        Path | None,
        Option("--labels", metavar="FILE", help="Labels of a .keras file: one per line, in the order of outputs."),
        Input(),
    ] = None,
    scaling: Annotated[
        str,
        Option(
            "--scaling",
            metavar="NAME",
            help="Input of a .keras file: unit (0 to 1), none (0 to 255), mobilenet (-1 to 1) or efficientnet_lite.",
        ),
    ] = "unit",
) -> None:
    """Convert a network of yours once.

    It can then be used with `--mode objects --network NETWORK` or, with --embedding, with `--network FILE.tflite`.

    Downloads weights of keras.applications, and nothing else.

    Examples:
        facecam models convert MobileNetV2
        facecam models convert network.keras --labels labels.txt
    """
    from facecam.networks.convert import convert_user_network
    from facecam.networks.keras_imagenet import keras_networks

    if output is not None and not (embedding and network.lower().endswith(".keras")):
        raise typer.BadParameter("only a .keras file with --embedding is written to a file of your choice", param_hint="--output")
    if embedding:
        if labels is not None:
            raise typer.BadParameter("an embedding network has no labels", param_hint="--labels")
        _convert_embedding(Path(network), output, scaling)
        return
    names: list[str] = []
    if labels is not None:
        try:
            names = [
                line.strip() for line in read_regular(labels, MAX_TABLE_BYTES).decode("utf-8-sig").splitlines() if line.strip()
            ]
        except (OSError, UnicodeDecodeError) as error:
            raise ModelError(f"the labels {labels} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    application = keras_networks().get(network)
    action = "converting" if application is None or application.file.is_file() else "downloading"
    with context.progress(f"{action} {network}") as report_progress:
        path = convert_user_network(network, report_progress, names, scaling)
    context.print_result(f"{path}")


def _convert_embedding(network: Path, output: Path | None, scaling: str) -> None:
    from facecam.networks.convert import convert_embedding
    from facecam.networks.user_embeddings import description_path
    from facecam.networks.user_networks import SCALINGS

    if scaling not in SCALINGS:
        raise typer.BadParameter(f"{scaling} is not one of {', '.join(SCALINGS)}", param_hint="--scaling")
    target = output or network.with_suffix(".tflite")
    description = description_path(target)
    is_new = not description.exists()
    with context.progress(f"converting {network}"):
        path = convert_embedding(network, target, scaling)
    context.print_result(f"{path}\n{description}")
    check = "correct it" if is_new else "it was there already and stays"
    context.print_note(
        f"{description.name} describes the input: {check}. Then run facecam calibrate --people DIR --network {path}"
    )


def _megabytes(model: ModelEntry | CompiledEntry) -> str:
    return f"{model.size_bytes / 1e6:.2f}"


def bench(
    source: Annotated[
        str, Option("--source", metavar="S", help="Camera index or device, file, address, or demo."), Input()
    ] = "0",
    seconds: Annotated[float, Option("--seconds", metavar="N", min=0.1, help="Maximum duration.")] = 10.0,
    json: JsonOption = None,
    network: NetworkOption = None,
    expressions: ExpressionsOption = None,
    gallery: GalleryOption = None,
) -> None:
    """Measure the frame rate and the time of each stage.

    Measures both face recognition networks. No log is kept.

    Examples:
        facecam bench
        facecam bench --source lesson.mp4 --seconds 30
    """
    from facecam.diagnostics.speed import measure_embedding_costs

    settings = context.settings({"identify.network": network, "express.enabled": expressions})
    context.print_note(f"measuring {source} for at most {seconds:g} s")
    figures = measure(source, settings, context.gallery_dir(gallery), seconds)
    figures["embedding_ms"] = measure_embedding_costs(settings.identify)
    context.present(json, figures, lambda: _print_speed(figures, settings.identify.network))


def measure(text: str, settings: Settings, gallery_dir: Path, seconds: float) -> dict[str, Any]:
    """Recognize and log a source for `seconds` or to its end, and return the figures.

    `frames_per_s` is the measured rate, `possible_frames_per_s` the rate without waiting for the source. `stages_ms` are
    means per frame. `processor_share` is in cores: 1.0 is one fully used core. The first frames do not count; CameraError
    without others.
    """
    from facecam.capture.source import source_label
    from facecam.logbook.writer import LogWriter
    from facecam.session.config import describe_session

    frames: list[tuple[float, ...]] = []
    create_private_folder(cache_dir())
    with (
        facecam.Recognizer(settings, gallery_dir) as recognizer,
        tempfile.TemporaryDirectory(prefix=PART_PREFIX, dir=cache_dir()) as folder,
    ):
        info = describe_session(settings, Mode.FACES, [source_label(text)], recognizer.gallery.revision)
        with facecam.open_source(text, settings.capture, time.monotonic()) as source, LogWriter(Path(folder), info) as log:
            for _ in range(_WARM_UP_FRAMES):
                _measure_frame(source, recognizer, log)
            started, processor = time.perf_counter(), time.process_time()
            while time.perf_counter() - started < seconds and (measured := _measure_frame(source, recognizer, log)):
                frames.append(measured)
            wall_s, processor_s = time.perf_counter() - started, time.process_time() - processor
    if not frames:
        raise CameraError(f"{source.source} ended within {_WARM_UP_FRAMES} frames; use a longer video")
    faces, *means = (sum(values) / len(frames) for values in zip(*frames, strict=True))
    left_out = "matching" if settings.express.enabled else "expression"
    stages_ms = dict(zip((stage for stage in _STAGES if stage != left_out), means, strict=True))
    work_ms = sum(means) - (stages_ms["capture"] if source.live else 0.0)
    return {
        "source": source.source,
        "live": source.live,
        "size_wh": source.size_wh,
        "frames": len(frames),
        "faces_per_frame": round(faces, 2),
        "frames_per_s": round(len(frames) / wall_s, 1),
        "possible_frames_per_s": round(1000 / work_ms, 1),
        "processor_share": round(processor_s / wall_s, 2),
        "stages_ms": {stage: round(mean, 3) for stage, mean in stages_ms.items()},
    }


def _measure_frame(source: Source, recognizer: facecam.Recognizer, log: LogWriter) -> tuple[float, ...]:
    """Read, recognize and log one frame. Returns the number of faces and the ms of each stage; () at the end of the source."""
    started = time.perf_counter()
    frame = source.read()
    if frame is None:
        return ()
    captured = time.perf_counter()
    result = recognizer(frame)
    recognized = time.perf_counter()
    log.write(result, 0)
    logged = time.perf_counter()
    rest_ms = max(result.total_ms - result.detect_ms - result.embed_ms, 0.0)
    recognition_ms = (result.detect_ms, result.embed_ms, rest_ms)
    return len(result.sightings), (captured - started) * 1e3, *recognition_ms, (logged - recognized) * 1e3


def _print_speed(figures: Mapping[str, Any], network: str) -> None:
    from facecam.networks.embedding_networks import embedding_network

    total_ms = sum(figures["stages_ms"].values())
    notes = _STAGES | ({"capture": "including waiting for the camera"} if figures["live"] else {})
    rows = [(stage, f"{mean:.2f}", f"{mean / total_ms:.0%}", notes[stage]) for stage, mean in figures["stages_ms"].items()]
    context.print_table(rows, ("stage", "ms per frame", "share", ""))
    size = "" if figures["size_wh"] is None else ", {}x{}".format(*figures["size_wh"])
    context.print_result(
        f"{figures['frames']} frames of {figures['source']}{size}, {figures['faces_per_frame']:g} faces per frame"
    )
    context.print_result(f"{figures['frames_per_s']:g} frames per second, with {figures['processor_share']:g} cores busy")
    if figures["live"]:
        context.print_result(f"{figures['possible_frames_per_s']:g} frames per second would be possible with a faster camera")
    context.print_result()
    networks = [
        (
            embedding_network(name).label,
            f"{cost_ms:.2f}",
            "in use" if name == network else f"--network {context.network_label(name)}",
        )
        for name, cost_ms in figures["embedding_ms"].items()
    ]
    context.print_table(networks, ("face recognition network", "ms per face", ""), right=("ms per face",))
