"""facecam demo: the whole program without camera and network, on images that come with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from facecam.cli import context
from facecam.settings import Mode

if TYPE_CHECKING:
    from facecam.settings import Settings

_ENROLLED = "Eileen Collins"
_PORTRAIT = "eileen_collins"
_OBJECTS = ("cat", "coffee")


def demo(
    output: Annotated[Path, Option("-o", "--output", metavar="DIR", help="Folder for gallery, log and video.")] = Path(
        "demo-output"
    ),
    no_window: Annotated[bool, Option("--no-window", help="Only write the video.")] = False,
) -> None:
    """Recognize two bundled portraits without a camera.

    Eileen Collins is enrolled, Grace Hopper is not. Writes a gallery, a log and the annotated video to DIR.
    """
    from facecam.cli import runner
    from facecam.logbook.reader import read_log

    settings = context.settings()
    output.mkdir(parents=True, exist_ok=True)
    _enroll(settings, output / "gallery")
    video = output / "demo.mp4"
    summary = runner.run_session(
        runner.RunOptions(
            settings=settings,
            sources=("demo",),
            mode=Mode.FACES,
            gallery_dir=output / "gallery",
            log_dir=output / "logs",
            record=video,
            window=not no_window and runner.has_display(),
        )
    )
    if summary.error is not None:
        raise summary.error
    if summary.log_path is None:
        return
    _print_people(read_log(summary.log_path, columns=["event", "t_ms", "decision", "name", "distance_l2", "expression"]))
    _print_objects(settings, output / "gallery")
    context.print_result(f"video    {video}")
    print(summary.log_path)


def _enroll(settings: Settings, gallery_dir: Path) -> None:
    """Enroll one of the two people. A second demo in the same folder changes nothing."""
    from facecam.capture.demo import demo_image
    from facecam.enrollment.enroll import enroll, judge_photo, selection_from
    from facecam.gallery.gallery import Gallery, analysis_conditions
    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.recognition.matching import decision_rule

    with open_face_analyzer(settings) as analyzer:
        gallery = Gallery.load(gallery_dir, analyzer, conditions=analysis_conditions(settings))
        selection = selection_from([judge_photo(demo_image(_PORTRAIT), analyzer)])
        enroll(gallery, _ENROLLED, selection, decision_rule(settings.identify, gallery.samples).threshold_l2)


def _print_people(log: Any) -> None:
    from rich.table import Table

    seen = log[(log.event == "seen") & log.decision.isin(["known", "unknown"])]
    table = Table("person", "frames", "first seen", "last seen", "distance", "expression", box=None, pad_edge=False)
    for name, rows in seen.groupby(seen.name.astype("string").fillna("unknown")):
        distance = f"{rows.distance_l2.median():.2f}"
        seconds = [f"{rows.t_ms.min() / 1e3:.1f} s", f"{rows.t_ms.max() / 1e3:.1f} s"]
        table.add_row(str(name), str(len(rows)), *seconds, distance, str(rows.expression.mode().iloc[0]))
    context.out().print(table)


def _print_objects(settings: Settings, gallery_dir: Path) -> None:
    from facecam.capture.demo import demo_image
    from facecam.imageio import read_image
    from facecam.recognizer import Recognizer
    from facecam.types import Frame

    with Recognizer(settings, gallery_dir, Mode.OBJECTS) as recognizer:
        for number, name in enumerate(_OBJECTS):
            path = demo_image(name)
            best = recognizer.recognize_image(Frame(read_image(path), number, 0.0, 0.0, path.name)).labels[0]
            context.print_result(f"{path.name:10} {best.name}, {best.probability:.0%}")
