"""`facecam enroll`: a name and what the person looks like, from photos, a video or the camera."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import GalleryOption, NetworkOption, command
from facecam.cli.people import ReaderOpener, load_with_progress, open_shipped_reader

if TYPE_CHECKING:
    from facecam.identify.enrol import Enrolled, PhotoVerdict
    from facecam.identify.gallery import Gallery
    from facecam.identify.reading import FaceReader, FaceReading
    from facecam.identify.selection import Selection, SelectionRule
    from facecam.settings import Settings
    from facecam.types import Floats, Picture

LIVE_SECONDS = 20
"""How long a camera is looked at: time to turn the head left, right, up and down."""

MIN_INTERVAL_MS = 30
"""Between two frames that are read, give or take a frame: what a faster camera adds is too alike to be worth the time."""

_EXPLAINED = {
    "no_face": "no face was found",
    "several_faces": "several faces: crop the photo to one",
    "unreadable": "no picture that can be read",
    "low_score": "the face is not clear enough",
    "too_small": "the face is too small",
    "clipped": "the face is cut by the edge",
    "blurry": "the face is blurred",
    "dark": "the face is too dark",
    "bright": "the face is too bright",
    "extreme_pose": "the face is turned too far",
    "not_found_again": "the face was not found again in the saved picture",
    "too_alike": "nearly the same as another",
    "already_enrolled": "nearly the same as a photo that is there",
    "outlier": "somebody else, or a very bad moment",
}

_Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Who it is, in any script; a known name gains photos.", show_default=False)
]
_Photos = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[PHOTO or DIR]...", help="Photos with one face each; of a folder all its pictures."),
]
_Source = Annotated[
    str | None,
    typer.Option("--source", metavar="S", help="A camera's number, a video file, a folder or an address instead of photos."),
]
_Force = Annotated[bool, typer.Option("--force", help="Enrol even somebody who looks like another enrolled person.")]


def register(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
    """Add the command `enroll` to `app`; `open_reader` opens what finds and embeds faces."""

    def _enroll(
        name: _Name,
        photos: _Photos = None,
        source: _Source = None,
        force: _Force = False,
        gallery: GalleryOption = None,
        network: NetworkOption = None,
    ) -> None:
        """Enrol a person from photos or from a video. Status 3 when some photos were refused, 1 when nobody was enrolled."""
        from facecam.identify.enrol import enrol, selection_of
        from facecam.identify.names import display_name
        from facecam.identify.rule import decision_rule, own_threshold_l2
        from facecam.identify.selection import SelectionRule

        if bool(photos) == bool(source):
            raise typer.BadParameter("give photos or --source, one of the two", param_hint="PHOTO or --source")
        who, settings = display_name(name), common.settings({"identify.network": network})
        rule = SelectionRule.for_threshold(own_threshold_l2(settings.identify.network))
        verdicts: Sequence[PhotoVerdict] = ()
        with open_reader(settings) as reader:
            known = load_with_progress(common.gallery_dir(gallery), settings, reader)
            if source:
                selection = _from_source(source, settings, reader, rule, known=_embeddings_of(known, who))
                _print_counts(selection)
            else:
                verdicts = _from_photos(_expanded(photos or ()), reader, rule)
                selection = selection_of(verdicts)
                _print_verdicts(verdicts)
        threshold_l2 = decision_rule(settings.identify, known.samples).threshold_l2
        _print_enrolled(enrol(known, who, selection, threshold_l2, force=force))
        if any(verdict.sample is None for verdict in verdicts):
            raise typer.Exit(common.FINDINGS)

    command(app, "enroll")(_enroll)


def _embeddings_of(gallery: Gallery, name: str) -> list[Floats]:
    return [sample.embedding for sample in gallery.samples if sample.name == name]


def _expanded(paths: Sequence[Path]) -> list[Path]:
    """The photos named, and of each folder the pictures directly in it. GalleryError, before any is read, for a mistyped path."""
    from facecam.errors import GalleryError
    from facecam.identify.people import photos_in

    for path in paths:
        if not path.exists():
            raise GalleryError(f"there is no photo or folder {path}; nothing was enrolled")
    return [photo for path in paths for photo in (photos_in(path) if path.is_dir() else (path,))]


def _from_photos(photos: Sequence[Path], reader: FaceReader, rule: SelectionRule) -> list[PhotoVerdict]:
    from rich.progress import track

    from facecam.identify.enrol import judge_photo

    console = common.err()
    shown = track(photos, "reading photos", console=console, transient=True, disable=not console.is_terminal)
    return [judge_photo(photo, reader, rule) for photo in shown]


def _from_source(source: str, settings: Settings, reader: FaceReader, rule: SelectionRule, known: Sequence[Floats]) -> Selection:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from facecam.identify.selection import pick_samples

    live = not (Path(source).is_file() or Path(source).is_dir())
    if live:
        common.err().print("Look into the camera, then slowly left, right, up and down. Ctrl-C ends it early.")
    columns, console = (SpinnerColumn(), TextColumn("{task.description}")), common.err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("opening the source")

        def seen() -> Iterator[tuple[Picture, tuple[FaceReading, ...]]]:
            for number, (bgr, readings) in enumerate(_readings(source, settings, reader, live=live), start=1):
                bar.update(task, description=f"{number} frames, {len(readings)} faces in this one")
                yield bgr, readings

        return pick_samples(seen(), reader, rule, known)


def _readings(
    source: str, settings: Settings, reader: FaceReader, *, live: bool
) -> Iterator[tuple[Picture, tuple[FaceReading, ...]]]:
    """The source's frames with their faces, at most one each MIN_INTERVAL_MS; of a camera LIVE_SECONDS, or until Ctrl-C."""
    from facecam.capture.source import frames, open_source

    last_ms = float("-inf")
    with open_source(source, settings.capture, time.monotonic()) as opened:
        try:
            for frame in frames(opened):
                if live and frame.t_ms > LIVE_SECONDS * 1000:
                    return
                if frame.t_ms - last_ms >= MIN_INTERVAL_MS:
                    last_ms = frame.t_ms
                    yield frame.bgr, reader.read(frame.bgr)
        except KeyboardInterrupt:
            if not live:
                raise


def _print_verdicts(verdicts: Sequence[PhotoVerdict]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE)
    table.add_column("photo", overflow="fold")
    table.add_column("verdict")
    for verdict in verdicts:
        accepted = verdict.sample is not None
        table.add_row(Text(str(verdict.path)), Text("accepted" if accepted else f"refused: {explained(verdict.reason)}"))
    common.out().print(table)


def _print_counts(selection: Selection) -> None:
    common.out().print(f"{len(selection.samples)} frames kept")
    for reason, count in selection.refused.items():
        common.out().print(f"{count} left out: {explained(reason)}")


def _print_enrolled(enrolled: Enrolled) -> None:
    person = enrolled.person
    again = f", {enrolled.already_there} were there already" if enrolled.already_there else ""
    total = len(set(person.photos) | set(enrolled.added))
    common.out().print(
        f"{person.name}: {len(enrolled.added)} photos added{again}, {total} in all, in {person.folders[0]}", markup=False
    )


def explained(reason: str) -> str:
    """A reason code in words, with the code."""
    return f"{_EXPLAINED[reason]} ({reason})" if reason in _EXPLAINED else reason
