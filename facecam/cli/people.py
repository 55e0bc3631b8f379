"""`facecam people`: who is enrolled, other names for them, and forgetting them."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.cli import context
from facecam.cli.context import GalleryOption, JsonOption, NetworkOption, command

if TYPE_CHECKING:
    from facecam.enrollment.enroll import EnrollmentResult, PhotoVerdict
    from facecam.enrollment.samples import Selection, SelectionRule
    from facecam.gallery.gallery import Gallery
    from facecam.recognition.face_analyzer import FaceObservation, ImageFaceAnalyzer
    from facecam.settings import Settings
    from facecam.types import Floats, Image


ReaderOpener = Callable[["Settings"], AbstractContextManager["ImageFaceAnalyzer"]]

_PeopleName = Annotated[
    str, typer.Argument(metavar="NAME", help="The person's name as `facecam people list` shows it.", show_default=False)
]
_Old = Annotated[str, typer.Argument(metavar="OLD", help="The name so far.", show_default=False)]
_New = Annotated[str, typer.Argument(metavar="NEW", help="The name from now on, in any script.", show_default=False)]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def open_shipped_reader(settings: Settings) -> AbstractContextManager[ImageFaceAnalyzer]:
    """The real networks; imported only now, since most commands do without them."""
    from facecam.recognition.face_analyzer import open_face_analyzer

    return open_face_analyzer(settings)


def register_people(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
    """Add the group `people` to `app`; `open_reader` reads photos that the gallery's cache does not know."""
    group = typer.Typer(help="Who is enrolled.", no_args_is_help=True)
    app.add_typer(group, name="people")

    def _list(gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None) -> None:
        """List everyone: photos, how many of them can be used, and since when; photos that cannot be used with the reason."""
        settings = context.settings({"identify.network": network})
        loaded = load_gallery(context.gallery_dir(gallery), settings, open_reader)
        if json != "-":
            _print(loaded, settings)
        context.write_json(json, _as_json(loaded))

    command(group, "list")(_list)
    command(group, "rename")(_rename)
    command(group, "remove")(_remove)


def load_gallery(folder: Path, settings: Settings, open_reader: ReaderOpener) -> Gallery:
    """The gallery at `folder`, with a progress bar on stderr while photos are read; the networks rest when there are none."""
    from facecam.gallery.gallery import Gallery
    from facecam.gallery.people import read_people

    found = read_people(folder)
    if not any(person.photos for person in found.people):
        return Gallery(folder, "", found.people, problems=found.problems)
    with open_reader(settings) as reader:
        return load_with_progress(folder, settings, reader)


def load_with_progress(folder: Path, settings: Settings, reader: ImageFaceAnalyzer) -> Gallery:
    """The same with a reader that is open already."""
    from rich.progress import Progress

    from facecam.gallery.gallery import Gallery, reading_conditions

    console = context.err()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading the gallery's photos", total=None, visible=False)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        return Gallery.load(folder, reader, show, conditions=reading_conditions(settings))


def _rename(old: _Old, new: _New, gallery: GalleryOption = None) -> None:
    """Give a person another name. Photos and history stay; a name that somebody else has is refused."""
    from facecam.gallery.store import GalleryFolder

    person = GalleryFolder(context.gallery_dir(gallery)).rename(old, new)
    context.out().print(f"{old} is now {person.name}", markup=False)


def _remove(name: _PeopleName, yes: _Yes = False, gallery: GalleryOption = None) -> None:
    """Delete a person: the photos, what was computed from them, the thumbnails. Logs keep the name."""
    from facecam.gallery.store import GalleryFolder

    folder = GalleryFolder(context.gallery_dir(gallery))
    person = folder.person(name)
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter(f"nobody can be asked here: add --yes to delete {person.name}", param_hint="--yes")
        typer.confirm(f"Delete {person.name} with {len(person.photos)} photos? This cannot be undone.", abort=True, err=True)
    removal = folder.remove(person.name)
    context.out().print(
        f"removed {removal.name}: {removal.photos} photos, {removal.cached_verdicts} cached readings, "
        f"{removal.thumbnails} thumbnails, {removal.rejected} faces that were taken for them, "
        f"{removal.set_aside} photos that were set aside "
        f"({', '.join(str(path) for path in removal.folders)})",
        markup=False,
    )


def _print(gallery: Gallery, settings: Settings) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from facecam.recognition.calibration import calibrate

    usable = _usable(gallery)
    table = Table(box=box.SIMPLE)
    for column in ("name", "photos", "usable", "created"):
        table.add_column(column, justify="right" if column in ("photos", "usable") else "left", no_wrap=True)
    for person in gallery.people:
        counts = str(len(person.photos)), str(usable[person.person_id])
        table.add_row(Text(person.name), *counts, f"{person.created_at:%Y-%m-%d}")
    if gallery.people:
        context.out().print(table)
        context.out().print(calibrate(gallery, settings.identify).sentence(), markup=False)
    else:
        context.err().print(
            f"nobody is enrolled in {gallery.folder}; `facecam enroll NAME PHOTO ...` adds somebody", markup=False
        )
    for problem in gallery.problems:
        context.err().print(f"{problem.path}: {problem.reason}", markup=False, soft_wrap=True)


def _as_json(gallery: Gallery) -> list[dict[str, Any]]:
    usable = _usable(gallery)
    return [
        {
            "name": person.name,
            "person_id": person.person_id,
            "photos": len(person.photos),
            "usable": usable[person.person_id],
            "created": person.created_at.isoformat(),
            "consent": person.consent,
            "folders": [str(folder) for folder in person.folders],
            "problems": {p.path.name: p.reason for p in gallery.problems if p.path.parent in person.folders},
        }
        for person in gallery.people
    ]


def _usable(gallery: Gallery) -> Counter[str]:
    return Counter(sample.person_id for sample in gallery.samples)


# MERGED cli.enroll: `facecam enroll`: a name and what the person looks like, from photos, a video or the camera.

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

_EnrollName = Annotated[
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
_Force = Annotated[bool, typer.Option("--force", help="Enroll even somebody who looks like another enrolled person.")]


def register_enroll(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
    """Add the command `enroll` to `app`; `open_reader` opens what finds and embeds faces."""

    def _enroll(
        name: _EnrollName,
        photos: _Photos = None,
        source: _Source = None,
        force: _Force = False,
        gallery: GalleryOption = None,
        network: NetworkOption = None,
    ) -> None:
        """Enroll a person from photos or from a video. Status 3 when some photos were refused, 1 when nobody was enrolled."""
        from facecam.enrollment.enroll import enroll, selection_of
        from facecam.enrollment.samples import SelectionRule
        from facecam.gallery.people import display_name
        from facecam.recognition.matching import decision_rule, own_threshold_l2

        if bool(photos) == bool(source):
            raise typer.BadParameter("give photos or --source, one of the two", param_hint="PHOTO or --source")
        who, settings = display_name(name), context.settings({"identify.network": network})
        rule = SelectionRule.for_threshold(own_threshold_l2(settings.identify.network))
        verdicts: Sequence[PhotoVerdict] = ()
        with open_reader(settings) as reader:
            known = load_with_progress(context.gallery_dir(gallery), settings, reader)
            if source:
                selection = _from_source(source, settings, reader, rule, known=_embeddings_of(known, who))
                _print_counts(selection)
            else:
                verdicts = _from_photos(_expanded(photos or ()), reader, rule)
                selection = selection_of(verdicts)
                _print_verdicts(verdicts)
        threshold_l2 = decision_rule(settings.identify, known.samples).threshold_l2
        _print_enrolled(enroll(known, who, selection, threshold_l2, force=force))
        if any(verdict.sample is None for verdict in verdicts):
            raise typer.Exit(context.FINDINGS)

    command(app, "enroll")(_enroll)


def _embeddings_of(gallery: Gallery, name: str) -> list[Floats]:
    return [sample.embedding for sample in gallery.samples if sample.name == name]


def _expanded(paths: Sequence[Path]) -> list[Path]:
    """The photos named, and of each folder the pictures directly in it. GalleryError, before any is read, for a mistyped path."""
    from facecam.errors import GalleryError
    from facecam.gallery.people import photos_in

    for path in paths:
        if not path.exists():
            raise GalleryError(f"there is no photo or folder {path}; nothing was enrolled")
    return [photo for path in paths for photo in (photos_in(path) if path.is_dir() else (path,))]


def _from_photos(photos: Sequence[Path], reader: ImageFaceAnalyzer, rule: SelectionRule) -> list[PhotoVerdict]:
    from rich.progress import track

    from facecam.enrollment.enroll import judge_photo

    console = context.err()
    shown = track(photos, "reading photos", console=console, transient=True, disable=not console.is_terminal)
    return [judge_photo(photo, reader, rule) for photo in shown]


def _from_source(
    source: str, settings: Settings, reader: ImageFaceAnalyzer, rule: SelectionRule, known: Sequence[Floats]
) -> Selection:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from facecam.enrollment.samples import pick_samples

    live = not (Path(source).is_file() or Path(source).is_dir())
    if live:
        context.err().print("Look into the camera, then slowly left, right, up and down. Ctrl-C ends it early.")
    columns, console = (SpinnerColumn(), TextColumn("{task.description}")), context.err()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("opening the source")

        def seen() -> Iterator[tuple[Image, tuple[FaceObservation, ...]]]:
            for number, (bgr, readings) in enumerate(_readings(source, settings, reader, live=live), start=1):
                bar.update(task, description=f"{number} frames, {len(readings)} faces in this one")
                yield bgr, readings

        return pick_samples(seen(), reader, rule, known)


def _readings(
    source: str, settings: Settings, reader: ImageFaceAnalyzer, *, live: bool
) -> Iterator[tuple[Image, tuple[FaceObservation, ...]]]:
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
                    yield frame.bgr, reader.analyze(frame.bgr)
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
    context.out().print(table)


def _print_counts(selection: Selection) -> None:
    context.out().print(f"{len(selection.samples)} frames kept")
    for reason, count in selection.refused.items():
        context.out().print(f"{count} left out: {explained(reason)}")


def _print_enrolled(enrolled: EnrollmentResult) -> None:
    person = enrolled.person
    again = f", {enrolled.already_there} were there already" if enrolled.already_there else ""
    total = len(set(person.photos) | set(enrolled.added))
    context.out().print(
        f"{person.name}: {len(enrolled.added)} photos added{again}, {total} in all, in {person.folders[0]}", markup=False
    )


def explained(reason: str) -> str:
    """A reason code in words, with the code."""
    return f"{_EXPLAINED[reason]} ({reason})" if reason in _EXPLAINED else reason
