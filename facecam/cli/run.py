"""facecam run and facecam demo: recognize a camera, a file, a folder, a stream or the bundled images, and log the results."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from typer import BadParameter, Option

import facecam
from facecam.cli import context
from facecam.cli.options import ExpressionsOption, GalleryOption, Input, Output, OutputFolder, session_labels
from facecam.errors import SettingsError
from facecam.messages import count_of
from facecam.settings import Mode, Settings

_ENROLLED = "Eileen Collins"
_PORTRAIT = "eileen_collins"
_OBJECTS = ("cat", "coffee")


def _recorded_files(record: Path | None, arguments: Mapping[str, Any]) -> list[Path]:
    from facecam.session.recording import video_path

    return [video_path(record, slot) for slot in range(len(arguments["source"] or ["0"]))] if record else []


def run(
    source: Annotated[
        list[str] | None,
        Option(
            "--source",
            metavar="S",
            help="Camera index or device, file, folder, http:// or rtsp:// address, or demo. Can be repeated. Default: camera 0.",
        ),
        Input(),
    ] = None,
    mode: Annotated[Mode, Option("--mode", help="Recognize faces, or the object shown to the camera.")] = Mode.FACES,
    no_window: Annotated[bool, Option("--no-window", help="Run without a window; every frame of a file is recognized.")] = False,
    log: Annotated[
        Path | None,
        Option("--log", metavar="DIR", help="Folder for logs. Default: the user's data folder."),
        OutputFolder(),
    ] = None,
    no_log: Annotated[bool, Option("--no-log", help="Write no log.")] = False,
    quit_at_end: Annotated[
        bool, Option("--quit-at-end", help="Close the window when the files have ended, for scripts.")
    ] = False,
    background: Annotated[
        bool, Option("--background", help="Start with the window hidden in the system tray; without a tray, minimized.")
    ] = False,
    record: Annotated[
        Path | None,
        Option("--record", metavar="FILE", help="Record the annotated video, as .mp4 or .mkv."),
        Output(_recorded_files, (".mp4", ".mkv")),
    ] = None,
    cover_strangers: Annotated[
        bool,
        Option(
            "--cover-strangers",
            help="Without a window: cover the faces of all unknown people in the video of --record. In the window, press B.",
        ),
    ] = False,
    every: Annotated[int, Option("--every", metavar="N", min=1, help="Use only every N-th frame.")] = 1,
    begin: Annotated[
        str | None, Option("--from", metavar="TIME", help="Start of the segment in a file: seconds, m:ss or h:mm:ss.")
    ] = None,
    end: Annotated[str | None, Option("--to", metavar="TIME", help="End of the segment; for a camera, the duration.")] = None,
    started_at: Annotated[
        list[str] | None,
        Option(
            "--started-at",
            metavar="TIME",
            help="When the recording in a file began, such as 2026-03-01T09:30:00: local time, or with a zone. Once for all "
            "sources, or once for each. Default: the time in the file's header, else that of the file.",
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        Option("--label", metavar="NAME=VALUE", help="Label of the session in its log, such as condition=2. Can be repeated."),
    ] = None,
    detector: Annotated[
        str | None, Option("--detector", metavar="fast|package", help="Face detector; package is the mtcnn package.")
    ] = None,
    network: Annotated[
        str | None,
        Option(
            "--network",
            metavar="NAME|FILE",
            help="Face recognition network: nn4.small2 (default), high-accuracy, or a FILE.tflite. With --mode objects: a "
            "network of keras.applications, or the folder of a trained one.",
        ),
        Input(),
    ] = None,
    expressions: ExpressionsOption = None,
    gallery: GalleryOption = None,
    events: Annotated[
        list[str] | None,
        Option(
            "--events",
            metavar="TARGET",
            rich_help_panel="Events for other programs",
            help="Write events as JSON lines to a file, to the Unix socket unix:NAME, or with - to stdout. Can be repeated.",
        ),
    ] = None,
    on_event: Annotated[
        list[str] | None,
        Option(
            "--on-event",
            metavar="COMMAND",
            rich_help_panel="Events for other programs",
            help="Run a command per event, with the event as JSON on its stdin; without a shell. Can be repeated.",
        ),
    ] = None,
    event_filter: Annotated[
        list[str] | None,
        Option(
            "--event-filter",
            metavar="CONDITION",
            rich_help_panel="Events for other programs",
            help="Send only events such as 'kind=unknown' or 'kind=person_arrived and name=Ada'. Repeated: one of them.",
        ),
    ] = None,
    event_dwell: Annotated[
        float | None,
        Option(
            "--event-dwell",
            metavar="SECONDS",
            rich_help_panel="Events for other programs",
            help="A person has arrived after this time in view. Default: 0, for strangers 5.",
        ),
    ] = None,
    event_quiet: Annotated[
        float | None,
        Option(
            "--event-quiet",
            metavar="SECONDS",
            rich_help_panel="Events for other programs",
            help="A person who is away for less than this has not left, and is not announced again. Default: 60.",
        ),
    ] = None,
) -> None:
    """Recognize faces or objects in one or more sources. `facecam` alone runs with the first camera.

    Examples:
        facecam run --source lesson.mp4 --record annotated.mp4
        facecam run --source 0 --source rtsp://192.168.1.20/stream --no-window --log logs
    """
    from facecam.capture.source import Segment
    from facecam.cli import runner

    from_ms = _time_ms(begin, "--from") if begin else 0.0
    to_ms = _time_ms(end, "--to") if end else None
    if to_ms is not None and to_ms <= from_ms:
        start = f"the start {begin}" if begin else "the start of the file"
        raise BadParameter(f"the end {end} is not after {start}", param_hint="--to")
    sources = tuple(source or ["0"])
    window = not no_window and runner.window_available()
    if cover_strangers and (window or mode is not Mode.FACES):
        reason = "press B in the window instead, or add --no-window" if window else "--mode objects does not look for faces"
        raise BadParameter(f"the faces of strangers cannot be covered: {reason}", param_hint="--cover-strangers")
    runner.run_and_summarize(
        runner.RunOptions(
            settings=context.settings(
                {
                    "detect.detector": detector,
                    context.NETWORK_OF[mode]: network,
                    "express.enabled": expressions,
                    "log.enabled": True if log else None,
                    "events.dwell_s": event_dwell,
                    "events.quiet_s": event_quiet,
                }
            ),
            sources=sources,
            mode=mode,
            gallery_dir=context.gallery_dir(gallery, unlock=not window),
            log_dir=None if no_log else context.log_dir(log),
            record=record,
            overwrite=context.invocation.overwrite,
            window=window,
            covers_strangers=cover_strangers,
            segment=Segment(every, from_ms, to_ms),
            started_at=_started_at(started_at or [], sources),
            labels=session_labels(label or []),
            quit_at_end=quit_at_end,
            background=background,
            event_outputs=tuple(events or []),
            event_commands=tuple(on_event or []),
            event_filters=tuple(event_filter or []),
        )
    )


def _time_ms(text: str, option: str) -> float:
    from facecam.capture.source import parse_time_ms

    try:
        return parse_time_ms(text)
    except SettingsError as error:
        raise BadParameter(str(error), param_hint=option) from error


def _started_at(texts: Sequence[str], sources: Sequence[str]) -> tuple[datetime, ...]:
    from facecam.capture.recording_time import parse_started_at
    from facecam.capture.source import SourceKind, source_kind

    hint = "--started-at"
    if len(texts) > 1 and len(texts) != len(sources):
        counted = count_of(len(sources), "source")
        raise BadParameter(f"{len(texts)} times for {counted}; give one, or one for each", param_hint=hint)
    if texts and any(source_kind(source) is SourceKind.CAMERA for source in sources):
        raise BadParameter("a camera is live and has the time of this machine; leave it out", param_hint=hint)
    try:
        return tuple(map(parse_started_at, texts))
    except SettingsError as error:
        raise BadParameter(str(error), param_hint=hint) from error


def demo(
    output: Annotated[
        Path,
        Option("-o", "--output", metavar="DIR", help="Folder for gallery, log and video."),
        OutputFolder(own_file=f"gallery/{_ENROLLED}"),
    ] = Path("demo-output"),
    no_window: Annotated[bool, Option("--no-window", help="Only write the video and print the results.")] = False,
    expressions: ExpressionsOption = None,
) -> None:
    """Recognize two bundled portraits without a camera.

    Eileen Collins is enrolled, Grace Hopper is not. Writes a gallery, a log and the annotated video to DIR, prints the results,
    and then plays the portraits in a window. The demo shows photos, so its faces are not checked for pictures and screens.

    Examples:
        facecam demo
        facecam demo --no-window --output demo-output
    """
    from facecam.cli import runner
    from facecam.cli import summary as printed

    settings = context.settings({"log.enabled": True, "express.enabled": expressions})
    output.mkdir(parents=True, exist_ok=True)
    _enroll(settings, output / "gallery")
    options = runner.RunOptions(
        settings=settings,
        sources=("demo",),
        gallery_dir=output / "gallery",
        log_dir=output / "logs",
        record=output / "demo.mp4",
        overwrite=True,
        window=False,
    )
    summary = runner.run_session(options)
    if summary.error is not None:
        raise summary.error
    if summary.log_path is None:
        return
    printed.print_recognized(summary.log_path)
    _print_objects(settings, output / "gallery")
    if not sys.stdout.isatty():
        context.print_result(f"Video: {options.record}")
    printed.print_summary(summary, table=False)
    if no_window or summary.was_stopped or not runner.has_display():
        return
    # The files are complete and the terminal has the results: the window is for looking at, and writes nothing.
    shown = runner.run_session(dataclasses.replace(options, window=True, log_dir=None, record=None))
    if shown.error is not None:
        raise shown.error


def _enroll(settings: Settings, gallery_dir: Path) -> None:
    """Enroll one of the two people. A second demo in the same folder changes nothing."""
    from facecam.capture.demo import demo_image
    from facecam.enrollment.enroll import EnrollmentOptions, enroll, judge_photo, selection_from
    from facecam.enrollment.samples import SelectionRule
    from facecam.gallery.gallery import analysis_conditions
    from facecam.networks.embedding_networks import embedding_network

    rule = SelectionRule.for_network(embedding_network(settings.identify.network))
    with facecam.open_face_analyzer(settings) as analyzer:
        gallery = facecam.Gallery.load(gallery_dir, analyzer, conditions=analysis_conditions(settings))
        selection = selection_from([judge_photo(demo_image(_PORTRAIT), analyzer, rule)])
        enroll(gallery, _ENROLLED, selection, EnrollmentOptions(rule))


def _print_objects(settings: Settings, gallery_dir: Path) -> None:
    from facecam.capture.demo import demo_image

    with facecam.Recognizer(settings, gallery_dir, Mode.OBJECTS) as recognizer:
        for number, name in enumerate(_OBJECTS):
            path = demo_image(name)
            best = recognizer.recognize_image(facecam.Frame(facecam.read_image(path), number, 0.0, 0.0, path.name)).labels[0]
            context.print_result(f"{path.name:10} {best.name}, {best.probability:.0%}")
