"""`facecam gallery import` and `export`: people from photos in folders, and a gallery's way to another machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import GalleryOption, JsonOption, NetworkOption, command
from facecam.cli.enroll import explained
from facecam.cli.people import load_with_progress

if TYPE_CHECKING:
    from facecam.identify.gallery_import import ImportVerdict
    from facecam.identify.reading import FaceReader, FaceReading
    from facecam.settings import Settings

ReaderOpener = Callable[["Settings"], AbstractContextManager["FaceReader"]]

_TAKEN = {"ok": "added", "already_there": "was there already"}

_From = Annotated[
    Path, typer.Argument(metavar="DIR|ZIP", help="A folder for each person with photos inside, or what export wrote.")
]
_To = Annotated[Path, typer.Argument(metavar="FILE.zip|DIR", help="What must not be there yet.", show_default=False)]
_Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: pictures with several faces are skipped.")]


def register(group: typer.Typer, open_reader: ReaderOpener) -> None:
    """Add import and export to the group `gallery`."""

    def _import(
        source: _From, yes: _Yes = False, gallery: GalleryOption = None, network: NetworkOption = None, json: JsonOption = None
    ) -> None:
        """Take people over from folders of photos or from an exported gallery. Status 3 when some photos were refused."""
        from facecam.errors import GalleryError
        from facecam.identify.gallery_import import Importer
        from facecam.identify.incoming import open_incoming
        from facecam.identify.rule import decision_rule, own_threshold_l2
        from facecam.identify.selection import SelectionRule

        root, settings = common.gallery_dir(gallery), common.settings({"identify.network": network})
        if source.resolve().is_relative_to(root.resolve()) and source.is_dir():
            raise GalleryError(f"{source} is the gallery itself, or lies in it: there is nothing to import")
        choose = _ask_which if sys.stdin.isatty() and not yes else None
        verdicts: list[ImportVerdict] = []
        with open_incoming(source) as people, open_reader(settings) as reader:
            known = load_with_progress(root, settings, reader)
            threshold_l2 = decision_rule(settings.identify, known.samples).threshold_l2
            rule = SelectionRule.for_threshold(own_threshold_l2(settings.identify.network))
            importer = Importer(known, reader, threshold_l2, rule, choose)
            for person in people:
                new = importer.take(person)
                verdicts += new
                if json != "-":
                    _print_new(new)
        _print_counts(verdicts)
        common.write_json(json, [_as_json(verdict) for verdict in verdicts])
        if any(verdict.refused for verdict in verdicts):
            raise typer.Exit(common.FINDINGS)

    command(group, "import")(_import)
    command(group, "export")(_export)


def _export(target: _To, gallery: GalleryOption = None) -> None:
    """Pack people and photos into a ZIP file or a new folder; the same gallery gives the same bytes."""
    from facecam.identify.export import export_gallery

    done = export_gallery(common.gallery_dir(gallery), target)
    common.out().print(f"{done.people} people, {done.photos} photos in {done.path}", markup=False, soft_wrap=True)


def _ask_which(path: Path, readings: Sequence[FaceReading]) -> FaceReading | None:
    """Ask on the terminal which face of a picture is meant; None to skip it."""
    common.err().print(f"{path} shows {len(readings)} faces, the largest first:", markup=False, soft_wrap=True)
    for number, reading in enumerate(readings, start=1):
        box = reading.face.box
        unusable = f" ({explained(reading.gate)})" if reading.gate else ""
        where = f"x {box.x:.0f} to {box.x + box.w:.0f}, y {box.y:.0f} to {box.y + box.h:.0f}"
        common.err().print(f"  {number}: {where}{unusable}", markup=False, soft_wrap=True)
    answer = -1
    while not 0 <= answer <= len(readings):
        answer = typer.prompt(f"Which one is {path.parent.name}? 0 skips the picture", default=0, type=int, err=True)
    return readings[answer - 1] if answer else None


def _print_new(verdicts: Sequence[ImportVerdict]) -> None:
    for verdict in verdicts:
        said = f"refused: {verdict.said or explained(verdict.reason)}" if verdict.refused else _TAKEN[verdict.reason]
        common.out().print(f"{verdict.name}: {verdict.label}: {said}", markup=False, soft_wrap=True)


def _print_counts(verdicts: Sequence[ImportVerdict]) -> None:
    added = sum(verdict.path is not None and verdict.reason == "ok" for verdict in verdicts)
    refused = sum(verdict.refused for verdict in verdicts)
    people = len({verdict.name for verdict in verdicts if not verdict.refused})
    there = len(verdicts) - added - refused
    common.err().print(
        f"{people} people, {added} photos added, {there} were there already, {refused} refused", markup=False, soft_wrap=True
    )


def _as_json(verdict: ImportVerdict) -> dict[str, str | None]:
    saved = str(verdict.path) if verdict.path is not None else None
    return {"photo": verdict.label, "name": verdict.name, "reason": verdict.reason, "path": saved}
