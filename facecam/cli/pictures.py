"""facecam identify, classify, compare: still pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import NETWORK_OF, GalleryOption, NetworkOption, command
from facecam.errors import PictureError
from facecam.mode import Mode

if TYPE_CHECKING:
    from rich.table import Table

    from facecam.recognizer import Recognizer
    from facecam.types import Result

_Pictures = Annotated[list[Path], typer.Argument(metavar="PICTURE ...", help="Picture files.")]
_Csv = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write a row per face or picture, in the log's columns.")
]

_ObjectNetwork = Annotated[
    str | None,
    typer.Option("--network", metavar="NAME|DIR", help="A network of keras.applications, or the folder of a trained one."),
]


def register(app: typer.Typer) -> None:
    """Add the commands on still pictures to the command line."""
    command(app, "identify")(identify)
    command(app, "classify")(classify)


def identify(
    pictures: _Pictures,
    csv: _Csv = None,
    network: NetworkOption = None,
    gallery: GalleryOption = None,
) -> None:
    """Say who is on pictures: a row per face."""
    _recognize(pictures, Mode.FACES, csv, network, gallery)


def classify(pictures: _Pictures, csv: _Csv = None, network: _ObjectNetwork = None) -> None:
    """Name the object on pictures: the three likeliest labels of each."""
    _recognize(pictures, Mode.OBJECTS, csv, network, None)


def _recognize(pictures: list[Path], mode: Mode, csv: Path | None, network: str | None, gallery: str | None) -> None:
    from facecam.compile import ensure_compiled
    from facecam.logbook import rows
    from facecam.logbook.schema import csv_lines
    from facecam.recognizer import Recognizer, networks_for
    from facecam.runtime.session_info import describe
    from facecam.types import Event

    settings = common.settings({NETWORK_OF[mode]: network})
    with common.progress("preparing networks") as told:
        ensure_compiled(networks_for(settings, mode), lambda done, total, _: told(done, total))
    directory = common.gallery_dir(gallery)
    lines: list[list[str]] = []
    refused = 0
    with common.progress("reading the gallery") as told, Recognizer(settings, directory, mode, progress=told) as recognizer:
        _warn_of_empty_gallery(recognizer, directory)
        session = describe(settings, mode, [str(path) for path in pictures], recognizer.gallery.revision)
        table = _table(mode)
        for path, outcome in _outcomes(pictures, recognizer):
            if isinstance(outcome, PictureError):
                refused += 1
                event = Event("error", str(outcome))
                lines.append(rows.event_row(event, session, 0.0, rows.Origin(str(path), mode=mode)))
                common.err().print(f"{outcome}", markup=False)
            else:
                lines += rows.rows(outcome, session, dropped_frames=0)
                _add_rows(table, outcome)
    if csv is not None:
        csv.write_bytes("".join(csv_lines(lines)).encode("utf-8", "backslashreplace"))
    if table.row_count:
        common.out().print(table)
    if refused:
        raise typer.Exit(common.FINDINGS)


def _outcomes(pictures: list[Path], recognizer: Recognizer) -> Iterator[tuple[Path, Result | PictureError]]:
    """What each picture shows, or why it could not be read."""
    from facecam.picture import read_picture
    from facecam.types import Frame

    for number, path in enumerate(pictures):
        try:
            frame = Frame(read_picture(path), number, 0.0, 0.0, str(path))
        except PictureError as error:
            yield path, error
        else:
            yield path, recognizer.still(frame)


def _warn_of_empty_gallery(recognizer: Recognizer, directory: Path) -> None:
    if recognizer.mode is Mode.FACES and not recognizer.gallery.samples:
        common.err().print(f"Nobody is enrolled in {directory}; `facecam enroll NAME PHOTO` adds a person.", markup=False)


def _table(mode: Mode) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    headings = (
        ("picture", "face", "who", "nearest", "distance", "expression") if mode is Mode.FACES else ("picture", "label", "share")
    )
    for heading in headings:
        table.add_column(heading, justify="right" if heading in ("distance", "share") else "left", overflow="fold")
    return table


def _add_rows(table: Table, result: Result) -> None:
    from rich.text import Text

    for label in result.labels:
        table.add_row(Text(result.source), Text(label.name), f"{label.probability:.0%}")
    for number, sighting in enumerate(result.sightings, start=1):
        decision, nearest = sighting.decision, sighting.decision.nearest
        who = decision.name or (f"skipped ({decision.reason})" if sighting.gate else decision.kind.value)
        distance = f"{nearest.distance_l2:.2f}" if nearest else ""
        expression = sighting.expression.label if sighting.expression else ""
        table.add_row(Text(result.source), str(number), Text(who), Text(nearest.name if nearest else ""), distance, expression)
    if result.mode is Mode.FACES and not result.sightings:
        table.add_row(Text(result.source), "", "no face", "", "", "")
