"""`facecam people`: who is enrolled, other names for them, and forgetting them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.cli import common
from facecam.cli.common import GalleryOption, JsonOption, NetworkOption, command

if TYPE_CHECKING:
    from facecam.identify.gallery import Gallery
    from facecam.identify.reading import FaceReader
    from facecam.settings import Settings

ReaderOpener = Callable[["Settings"], AbstractContextManager["FaceReader"]]

_Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The person's name as `facecam people list` shows it.", show_default=False)
]
_Old = Annotated[str, typer.Argument(metavar="OLD", help="The name so far.", show_default=False)]
_New = Annotated[str, typer.Argument(metavar="NEW", help="The name from now on, in any script.", show_default=False)]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def open_shipped_reader(settings: Settings) -> AbstractContextManager[FaceReader]:
    """The real networks; imported only now, since most commands do without them."""
    from facecam.faces import open_face_reader

    return open_face_reader(settings)


def register(app: typer.Typer, open_reader: ReaderOpener = open_shipped_reader) -> None:
    """Add the group `people` to `app`; `open_reader` reads photos that the gallery's cache does not know."""
    group = typer.Typer(help="Who is enrolled.", no_args_is_help=True)
    app.add_typer(group, name="people")

    def _list(gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None) -> None:
        """List everyone: photos, how many of them can be used, and since when; photos that cannot be used with the reason."""
        settings = common.settings({"identify.network": network})
        loaded = load_gallery(common.gallery_dir(gallery), settings, open_reader)
        if json != "-":
            _print(loaded, settings)
        common.write_json(json, _as_json(loaded))

    command(group, "list")(_list)
    command(group, "rename")(_rename)
    command(group, "remove")(_remove)


def load_gallery(folder: Path, settings: Settings, open_reader: ReaderOpener) -> Gallery:
    """The gallery at `folder`, with a progress bar on stderr while photos are read; the networks rest when there are none."""
    from facecam.identify.gallery import Gallery
    from facecam.identify.people import read_people

    found = read_people(folder)
    if not any(person.photos for person in found.people):
        return Gallery(folder, "", found.people, problems=found.problems)
    with open_reader(settings) as reader:
        return load_with_progress(folder, settings, reader)


def load_with_progress(folder: Path, settings: Settings, reader: FaceReader) -> Gallery:
    """The same with a reader that is open already."""
    from rich.progress import Progress

    from facecam.identify.gallery import Gallery, reading_conditions

    console = common.err()
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading the gallery's photos", total=None, visible=False)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, visible=True)

        return Gallery.load(folder, reader, show, conditions=reading_conditions(settings))


def _rename(old: _Old, new: _New, gallery: GalleryOption = None) -> None:
    """Give a person another name. Photos and history stay; a name that somebody else has is refused."""
    from facecam.identify.folder import GalleryFolder

    person = GalleryFolder(common.gallery_dir(gallery)).rename(old, new)
    common.out().print(f"{old} is now {person.name}", markup=False)


def _remove(name: _Name, yes: _Yes = False, gallery: GalleryOption = None) -> None:
    """Delete a person: the photos, what was computed from them, the thumbnails. Logs keep the name."""
    from facecam.identify.folder import GalleryFolder

    folder = GalleryFolder(common.gallery_dir(gallery))
    person = folder.person(name)
    if not yes:
        if not sys.stdin.isatty():
            raise typer.BadParameter(f"nobody can be asked here: add --yes to delete {person.name}", param_hint="--yes")
        typer.confirm(f"Delete {person.name} with {len(person.photos)} photos? This cannot be undone.", abort=True, err=True)
    removal = folder.remove(person.name)
    common.out().print(
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

    from facecam.identify.calibrate import calibrate

    usable = _usable(gallery)
    table = Table(box=box.SIMPLE)
    for column in ("name", "photos", "usable", "created"):
        table.add_column(column, justify="right" if column in ("photos", "usable") else "left", no_wrap=True)
    for person in gallery.people:
        counts = str(len(person.photos)), str(usable[person.person_id])
        table.add_row(Text(person.name), *counts, f"{person.created_at:%Y-%m-%d}")
    if gallery.people:
        common.out().print(table)
        common.out().print(calibrate(gallery, settings.identify).sentence(), markup=False)
    else:
        common.err().print(f"nobody is enrolled in {gallery.folder}; `facecam enroll NAME PHOTO ...` adds somebody", markup=False)
    for problem in gallery.problems:
        common.err().print(f"{problem.path}: {problem.reason}", markup=False, soft_wrap=True)


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
