"""facecam teach, facecam forget-label: a thing held up to the camera, known from then on."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, command
from facecam.errors import PictureError, TeachError

if TYPE_CHECKING:
    from facecam.settings import Settings
    from facecam.teach.teaching import Lesson
    from facecam.teach.views import Reader, Views

CONFUSION = "confusion.png"

_Label = Annotated[str, typer.Argument(metavar="LABEL", help='What it is called; "background" teaches the empty scene.')]
_Photos = Annotated[
    list[Path] | None, typer.Argument(metavar="[PHOTO or DIR]...", help="Pictures of it; of a folder all its pictures.")
]
_Source = Annotated[
    str | None,
    typer.Option("--source", metavar="S", help="A camera's number, a video file or an address; camera 0 without pictures."),
]
_Folder = Annotated[
    Path | None,
    typer.Option("--objects", metavar="DIR", help="What was taught; else $FACECAM_OBJECTS, else the user's data folder."),
]
_PictureFile = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Where the confusion picture goes; else beside what was taught.")
]
_Undo = Annotated[bool, typer.Option("--undo", help="Put the label back that was forgotten last.")]


def register(app: typer.Typer) -> None:
    """Add `teach` and `forget-label` to the command line."""
    command(app, "teach")(teach)
    command(app, "forget-label")(forget_label)


def teach(
    label: _Label,
    photos: _Photos = None,
    source: _Source = None,
    objects: _Folder = None,
    picture: _PictureFile = None,
    json: JsonOption = None,
) -> None:
    """Teach a thing: hold it up to the camera and turn it for ten seconds, or give pictures. Status 3: some were unreadable."""
    from facecam.objects.features import FeatureReader
    from facecam.objects.taught_store import BACKGROUND, taught_dir
    from facecam.teach import teaching
    from facecam.teach.views import background_views

    if photos and source:
        raise typer.BadParameter("give pictures or --source, not both", param_hint="PHOTO or --source")
    name, settings, refused = teaching.label_name(label), common.settings(), 0
    _prepare()
    reader = FeatureReader(settings.identify.threads)
    if not photos:
        new = _from_source(source or "0", settings, reader, empty=name == BACKGROUND)
    else:
        new, refused = _from_photos(photos, reader)
    common.err().print(f"{new.seen} looked at, {len(new.views)} different views kept, {new.alike} nearly the same as another")
    taught = new.label(name)
    started = time.monotonic()
    folder = taught_dir(objects)
    lesson = teaching.teach(folder, taught, lambda: background_views(reader))
    _tell(lesson, folder, picture, json, f"{name}: learned in {time.monotonic() - started:.1f} s")
    if refused:
        raise typer.Exit(common.FINDINGS)


def forget_label(
    label: Annotated[str | None, typer.Argument(metavar="LABEL", help="What to forget.")] = None,
    undo: _Undo = False,
    objects: _Folder = None,
    picture: _PictureFile = None,
    json: JsonOption = None,
) -> None:
    """Forget a taught thing; --undo puts the last one back."""
    from facecam.objects.taught_store import taught_dir
    from facecam.teach import teaching

    if (label is None) != undo:
        raise typer.BadParameter("give a label, or --undo", param_hint="LABEL or --undo")
    folder = taught_dir(objects)
    if label is None:
        _tell(teaching.take_back(folder), folder, picture, json, "the last label is back")
    else:
        name = teaching.label_name(label)
        words = f"{name} is forgotten; `facecam forget-label --undo` puts it back"
        _tell(teaching.forget(folder, name), folder, picture, json, words)


def _prepare() -> None:
    from facecam.compile import ensure_compiled
    from facecam.objects.features import FEATURE_NETWORK

    with common.progress("preparing the network") as told:
        ensure_compiled([FEATURE_NETWORK], lambda done, total, _: told(done, total))


def _from_source(source: str, settings: Settings, reader: Reader, *, empty: bool) -> Views:
    """The views of the thing in a source: of a file all of it, of a camera the room, then ten seconds or until Ctrl-C."""
    from facecam.capture.source import frames, open_source
    from facecam.teach.collecting import LIVE_SECONDS, ROOM_SECONDS, Collector, Eyes, Part

    with open_source(source, settings.capture, time.monotonic()) as opened, Eyes(settings) as eyes:
        room_s, thing_s = (ROOM_SECONDS, LIVE_SECONDS) if opened.live else (0.0, None)
        collector = Collector(reader, eyes, room_s, thing_s, empty=empty)
        _say_what_to_do(collector.part, opened.live)
        with common.progress("looking") as bar, _ended_by_ctrl_c(opened.live):
            for frame in frames(opened):
                if collector.wants(frame):
                    before = collector.part
                    collector.take(frame)
                    bar(len(collector.views.views), collector.views.seen)
                    if collector.part is not before:
                        _say_what_to_do(collector.part, opened.live)
                if collector.part is Part.DONE:
                    break
    return collector.views


def _say_what_to_do(part: str, live: bool) -> None:
    from facecam.teach.collecting import LIVE_SECONDS, ROOM_SECONDS, Part

    if live and part == Part.ROOM:
        common.err().print(f"Keep it out of the picture for {ROOM_SECONDS:.0f} seconds.")
    elif live and part == Part.THING:
        common.err().print(f"Now hold it up and turn it, nearer and farther, for {LIVE_SECONDS:.0f} seconds.")


def _ended_by_ctrl_c(live: bool) -> contextlib.AbstractContextManager[None]:
    """Of a camera Ctrl-C ends the looking; what was seen until then is learned."""
    return contextlib.suppress(KeyboardInterrupt) if live else contextlib.nullcontext()


def _from_photos(paths: Sequence[Path], reader: Reader) -> tuple[Views, int]:
    """The views that the pictures give, and how many pictures could not be read."""
    from facecam.picture import PICTURE_SUFFIXES, read_picture
    from facecam.teach.views import from_photos

    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise TeachError(f"there is no picture or folder {path}; nothing was taught")
        inside = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES) if path.is_dir() else [path]
        files += inside
    pictures, refused = [], 0
    for path in files:
        try:
            pictures.append(read_picture(path))
        except PictureError as error:
            refused += 1
            common.err().print(f"skipped: {error}", markup=False, soft_wrap=True)
    if not pictures:
        raise TeachError("none of the pictures can be read; nothing was taught")
    with common.progress("looking") as told:
        return from_photos(pictures, reader, told), refused


def _tell(lesson: Lesson, folder: Path, picture: Path | None, json: str | None, words: str) -> None:
    from facecam.atomic import write_atomic
    from facecam.objects.taught_store import BACKGROUND

    views = {label.name: len(label.views) for label in lesson.taught.labels if label.name != BACKGROUND}
    accuracy = None if lesson.checked is None else lesson.checked.accuracy
    if lesson.checked is not None:
        from facecam.teach.pictures import confusion_png

        place = picture or folder / CONFUSION
        try:
            write_atomic(place, confusion_png(lesson.checked.confusion, lesson.checked.names, "views held back"))
        except OSError as error:
            raise TeachError(f"{place} cannot be written: {error.strerror}; what was taught is kept") from error
    if json != "-":
        out = common.out()
        out.print(words, markup=False)
        for name, count in views.items():
            out.print(f"{count:6} views  {name}", markup=False)
        if accuracy is not None:
            out.print(f"validation accuracy {accuracy:.4f}")
        out.print(f"{folder}", markup=False)
    common.write_json(json, {"folder": str(folder), "views": views, "validation_accuracy": accuracy})
