"""facecam demo: the whole program without camera and network, on pictures that come with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.cli import context
from facecam.cli.context import command
from facecam.settings import Mode

if TYPE_CHECKING:
    from facecam.settings import Settings

_ENROLLED = "Eileen Collins"
_PORTRAIT = "eileen_collins"
_OBJECTS = ("cat", "coffee")


def register(app: typer.Typer) -> None:
    """Add `demo` to the command line."""
    command(app, "demo")(demo)


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where gallery, log and video go.")] = Path(
        "demo-output"
    ),
    no_window: Annotated[bool, typer.Option("--no-window", help="Only write the video.")] = False,
) -> None:
    """A camera moves over two portraits: Eileen Collins is enrolled, Grace Hopper is a stranger to it.

    Leaves a gallery, a log and the annotated video in DIR, and prints who was seen. Needs no camera and no network.
    """
    from facecam.cli import runner
    from facecam.logbook.reader import read_log

    settings = context.settings()
    output.mkdir(parents=True, exist_ok=True)
    _enroll(settings, output / "gallery")
    video = output / "demo.mp4"
    job = runner.RunOptions(
        settings=settings,
        sources=("demo",),
        mode=Mode.FACES,
        gallery_dir=output / "gallery",
        log_dir=output / "logs",
        record=video,
        window=not no_window and runner.has_display(),
    )
    summary = runner.run_session(job)
    if summary.error is not None:
        raise summary.error
    if summary.log_path is None:
        return
    _print_people(read_log(summary.log_path, columns=["event", "t_ms", "decision", "name", "distance_l2", "expression"]))
    _print_objects(settings, output / "gallery")
    context.out().print(f"video    {video}", markup=False)
    print(summary.log_path)


def _enroll(settings: Settings, gallery_dir: Path) -> None:
    """Enroll one of the two; a second demo in the same folder changes nothing."""
    from facecam.capture.demo import demo_picture
    from facecam.enrollment.enroll import enroll, judge_photo, selection_of
    from facecam.gallery.gallery import Gallery, reading_conditions
    from facecam.networks.convert import ensure_compiled
    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.recognition.matching import decision_rule
    from facecam.recognizer import networks_for

    names = list(dict.fromkeys([*networks_for(settings, Mode.FACES), *networks_for(settings, Mode.OBJECTS)]))
    with context.progress("preparing networks (first time only)") as told:
        ensure_compiled(names, lambda done, total, _: told(done, total))
    with open_face_analyzer(settings) as reader:
        gallery = Gallery.load(gallery_dir, reader, conditions=reading_conditions(settings))
        selection = selection_of([judge_photo(demo_picture(_PORTRAIT), reader)])
        enroll(gallery, _ENROLLED, selection, decision_rule(settings.identify, gallery.samples).threshold_l2)


def _print_people(log: Any) -> None:
    from rich.table import Table

    seen = log[(log.event == "seen") & log.decision.isin(["known", "unknown"])]
    table = Table("who", "frames", "first seen", "last seen", "distance", "expression", box=None, pad_edge=False)
    for who, rows in seen.groupby(seen.name.astype("string").fillna("unknown")):
        distance = f"{rows.distance_l2.median():.2f}"
        seconds = [f"{rows.t_ms.min() / 1e3:.1f} s", f"{rows.t_ms.max() / 1e3:.1f} s"]
        table.add_row(str(who), str(len(rows)), *seconds, distance, str(rows.expression.mode().iloc[0]))
    context.out().print(table)


def _print_objects(settings: Settings, gallery_dir: Path) -> None:
    from facecam.capture.demo import demo_picture
    from facecam.imageio import read_image
    from facecam.recognizer import Recognizer
    from facecam.types import Frame

    with Recognizer(settings, gallery_dir, Mode.OBJECTS) as recognizer:
        for number, name in enumerate(_OBJECTS):
            path = demo_picture(name)
            best = recognizer.still(Frame(read_image(path), number, 0.0, 0.0, path.name)).labels[0]
            context.out().print(f"{path.name:10} {best.name}, {best.probability:.0%}", markup=False)
