"""facecam run: recognize a camera, a file, a folder or a stream, with or without a window, and log the results."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from facecam.cli import context
from facecam.cli.options import GalleryOption
from facecam.settings import Mode


def run(
    source: Annotated[
        list[str] | None,
        Option(
            "--source",
            metavar="S",
            help="Camera index or device, file, folder, http:// or rtsp:// address, or demo. Can be repeated. Default: camera 0.",
        ),
    ] = None,
    mode: Annotated[Mode, Option("--mode", help="Recognize faces, or the object shown to the camera.")] = Mode.FACES,
    no_window: Annotated[bool, Option("--no-window", help="Run without a window; every frame of a file is recognized.")] = False,
    log: Annotated[Path | None, Option("--log", metavar="DIR", help="Folder for logs. Default: the user's data folder.")] = None,
    no_log: Annotated[bool, Option("--no-log", help="Write no log.")] = False,
    record: Annotated[Path | None, Option("--record", metavar="FILE", help="Record the annotated video.")] = None,
    every: Annotated[int, Option("--every", metavar="N", min=1, help="Use only every N-th frame.")] = 1,
    begin: Annotated[
        str | None, Option("--from", metavar="TIME", help="Start of the segment in a file: seconds, m:ss or h:mm:ss.")
    ] = None,
    end: Annotated[str | None, Option("--to", metavar="TIME", help="End of the segment; for a camera, the duration.")] = None,
    detector: Annotated[
        str | None, Option("--detector", metavar="fast|package", help="Face detector; package is the mtcnn package.")
    ] = None,
    network: Annotated[
        str | None,
        Option(
            "--network",
            metavar="NAME",
            help="Face embedding network; with --mode objects a network of keras.applications or the folder of a trained one.",
        ),
    ] = None,
    gallery: GalleryOption = None,
) -> None:
    """Recognize faces or objects in one or more sources. `facecam` alone runs with the first camera."""
    from facecam.capture.source import parse_time_ms
    from facecam.cli import runner

    runner.run_and_summarize(
        runner.RunOptions(
            settings=context.settings({"detect.detector": detector, context.NETWORK_OF[mode]: network}),
            sources=tuple(source or ["0"]),
            mode=mode,
            gallery_dir=context.gallery_dir(gallery),
            log_dir=None if no_log else context.log_dir(log),
            record=record,
            window=not no_window and runner.window_available(),
            segment=runner.FrameSegment(every, parse_time_ms(begin) if begin else 0.0, parse_time_ms(end) if end else None),
        )
    )
