"""facecam run: recognize a camera, a file, a folder or a stream, in a window or without, and log it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import context
from facecam.cli.context import GalleryOption, command
from facecam.settings import Mode

if TYPE_CHECKING:
    from facecam.cli.runner import FrameSegment

_Every = Annotated[int, typer.Option("--every", metavar="N", min=1, help="Take every N-th frame only.")]
_From = Annotated[str | None, typer.Option("--from", metavar="TIME", help="Where in a file to begin: seconds, m:ss or h:mm:ss.")]
_To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="Where to end; of a camera, after how long.")]


def register(app: typer.Typer) -> None:
    """Add `run` to the command line."""
    command(app, "run")(run)


def run(
    source: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="S", help="Camera index or device, file, folder, http:// or rtsp:// address, demo."),
    ] = None,
    mode: Annotated[Mode, typer.Option("--mode", help="Recognize faces, or the object held up.")] = Mode.FACES,
    no_window: Annotated[bool, typer.Option("--no-window", help="No window: every frame of a file is recognized.")] = False,
    log: Annotated[Path | None, typer.Option("--log", metavar="DIR", help="Where logs go; else the user's data folder.")] = None,
    no_log: Annotated[bool, typer.Option("--no-log", help="Write no log.")] = False,
    record: Annotated[Path | None, typer.Option("--record", metavar="FILE", help="Write what is shown as a video.")] = None,
    every: _Every = 1,
    begin: _From = None,
    end: _To = None,
    detector: Annotated[
        str | None, typer.Option("--detector", metavar="fast|package", help="Or the mtcnn package itself.")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option("--network", metavar="NAME", help="The embedding network; of objects, one of keras.applications, say."),
    ] = None,
    gallery: GalleryOption = None,
) -> None:
    """See who is there. `facecam` alone is `facecam run` with the first camera."""
    from facecam.cli import runner

    settings = context.settings({"detect.detector": detector, context.NETWORK_OF[mode]: network})
    job = runner.RunOptions(
        settings=settings,
        sources=tuple(source or ["0"]),
        mode=mode,
        gallery_dir=context.gallery_dir(gallery),
        log_dir=None if no_log else context.log_dir(log),
        record=record,
        window=not no_window and runner.has_display(),
        extract=_extract(every, begin, end),
    )
    if not no_window and not job.window:
        context.err().print(runner.NO_DISPLAY, markup=False)
    runner.run_and_summarize(job)


def _extract(every: int, begin: str | None, end: str | None) -> FrameSegment:
    from facecam.capture.source import parse_time_ms
    from facecam.cli.runner import FrameSegment

    return FrameSegment(every, parse_time_ms(begin) if begin else 0.0, parse_time_ms(end) if end else None)
