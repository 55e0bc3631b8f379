"""facecam process: recognize many or long videos by several processes, into one table per video."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

import facecam
from facecam.cli import context
from facecam.cli.options import ExpressionsOption, GalleryOption, Input, NetworkOption, OutputFolder
from facecam.messages import count_of
from facecam.settings import Mode

if TYPE_CHECKING:
    from facecam.archive.archive import Archive, VideoState


def process(
    videos: Annotated[list[Path], Argument(metavar="VIDEO", help="Videos, or folders of videos.", show_default=False), Input()],
    out: Annotated[
        Path,
        Option("--out", "-o", metavar="DIR", help="Folder for the tables, one Parquet file per video.", show_default=False),
        OutputFolder(),
    ],
    workers: Annotated[
        int | None, Option("--workers", metavar="N", min=1, help="Number of processes. Default: one per core.")
    ] = None,
    every: Annotated[int, Option("--every", metavar="N", min=1, help="Use only every N-th frame.")] = 1,
    part_minutes: Annotated[
        float, Option("--part-minutes", metavar="M", min=0.01, help="Cut longer videos into parts of about this length.")
    ] = 10.0,
    network: NetworkOption = None,
    expressions: ExpressionsOption = None,
    gallery: GalleryOption = None,
) -> bool:
    """Recognize many or long videos, and write a table of each.

    Faces are recognized by one process per core, faster than the videos play. The tables have the rows that
    `facecam run --source VIDEO` logs, and are read as logs. Run the command again after an interruption, or with more videos:
    what is finished is kept. Exit code 3: some videos could not be processed.

    Examples:
        facecam process recordings --out tables
        facecam process monday.mp4 tuesday.mp4 --out tables --workers 2
    """
    from facecam.archive.archive import Archive, ArchiveOptions, VideoState
    from facecam.archive.pool import core_count
    from facecam.errors import CameraError
    from facecam.session.file_search import files_to_search

    settings = context.settings({"identify.network": network, "express.enabled": expressions})
    folder = context.gallery_dir(gallery)
    found = files_to_search(videos, out)
    named = {path.resolve() for path in videos if path.is_file()}
    others = [path for path in (*found.photos, *(log[0] for log in found.logs)) if path.resolve() in named]
    states = [VideoState(path) for path in found.videos]
    if not states and not found.unreadable and not others:
        raise CameraError(
            "no video was found in {paths}; name videos, or a folder that has some", paths=", ".join(map(str, videos))
        )
    with context.progress("reading the gallery") as report_progress:
        with facecam.Recognizer(settings, folder, Mode.FACES, progress=report_progress) as recognizer:
            loaded = recognizer.gallery
        out.mkdir(parents=True, exist_ok=True)
        options = ArchiveOptions(settings, folder, out, every, part_minutes, workers or core_count())
        archive = Archive(options, loaded, states)
        archive.run(partial(_report, archive, report_progress))
    for path, error in found.unreadable:
        context.print_note(f"{path}: {error}")
    for path in others:
        context.print_note(f"{path}: it is not a video; `facecam identify` recognizes photos")
    failed = [state for state in states if state.error is not None]
    _print_end(states, len(failed) + len(found.unreadable) + len(others), out)
    return bool(failed or found.unreadable or others)


def _report(archive: Archive, report_progress: Callable[..., None]) -> None:
    """Show the progress in seconds of video, and what has become of each video."""
    while archive.over:
        _print_video(archive.over.popleft())
    done = sum(video.is_over for video in archive.videos)
    done_ms, total_ms = archive.progress
    text = f"{done} of {count_of(len(archive.videos), 'video')}, seconds of video"
    report_progress(round(done_ms / 1000), round(total_ms / 1000) or None, text)


def _print_video(video: VideoState) -> None:
    for warning in dict.fromkeys(video.warnings):
        context.print_note(warning)
    if video.error is not None:
        text = str(video.error)
        context.print_note(text if str(video.path) in text else f"{video.path}: {text}")
    elif video.table is not None:
        context.print_result(str(video.table))


def _print_end(states: list[VideoState], failures: int, out: Path) -> None:
    kept = sum(state.was_done for state in states)
    new = sum(state.table is not None for state in states) - kept
    parts = [f"{count_of(new, 'video')} processed"]
    if kept:
        parts.append(f"{kept} already done")
    if failures:
        parts.append(f"{failures} failed")
    context.print_note(", ".join(parts) + (f"; next: facecam report {out}" if new + kept else ""))
