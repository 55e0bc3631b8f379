"""facecam evaluate: figures on pictures whose people, or expressions, are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, NetworkOption, command


def register(app: typer.Typer) -> None:
    """Add `evaluate` to the command line."""
    app.add_typer(evaluate_app, name="evaluate")


evaluate_app = typer.Typer(help="Measure on pictures whose people or expressions are known.", no_args_is_help=True)


@command(evaluate_app, "lfw")
def lfw(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="DIR/Name/Name_0001.jpg")],
    pairs: Annotated[Path, typer.Option("--pairs", metavar="FILE", help="Report on these pairs.")],
    train_pairs: Annotated[
        Path | None, typer.Option("--train-pairs", metavar="FILE", help="Choose the threshold on these.")
    ] = None,
    network: NetworkOption = None,
    mirrored: Annotated[bool, typer.Option(help="Average each face with its mirror image.")] = True,
    json: JsonOption = None,
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE", help="Draw the ROC curve.")] = None,
) -> None:
    """Verification on Labeled Faces in the Wild: same person or not, for each pair of a list."""
    from facecam.evaluate import lfw as labeled_faces
    from facecam.faces import open_face_reader
    from facecam.settings import GateSettings

    settings = common.settings({"identify.network": network, "identify.mirrored": mirrored})
    ungated = replace(settings, gate=GateSettings.none())
    listed = labeled_faces.read_pairs(pairs)
    train = labeled_faces.read_pairs(train_pairs) if train_pairs else None
    photos = {photo for pair in [*listed, *(train or [])] for photo in (pair.a, pair.b)}
    with open_face_reader(ungated) as reader, common.progress("reading faces") as told:
        embeddings = labeled_faces.embed_photos(photos, directory, reader, told)
    report = labeled_faces.evaluate(listed, embeddings, train)
    if picture is not None:
        from facecam.evaluate.plots import draw_roc

        draw_roc(*labeled_faces.distances(listed, embeddings), settings.identify.network, picture)
    common.write_json(json, {"network": settings.identify.network, **report.to_dict()})
    if json != "-":
        for name, value in report.to_dict().items():
            common.out().print(f"{name:18} {value:.4f}" if isinstance(value, float) else f"{name:18} {value}")


@command(evaluate_app, "expressions")
def expressions(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="FER+ faces and their votes.csv")],
    every: Annotated[
        bool, typer.Option("--all", help="Also the even-numbered pictures, which the calibration was chosen on.")
    ] = False,
    json: JsonOption = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", help="Draw the confusion and the reliability.")
    ] = None,
) -> None:
    """What faces show: how often the expression network agrees with people, on pictures it was not calibrated on."""
    from facecam.compile import ensure_compiled
    from facecam.errors import PictureError
    from facecam.evaluate import expressions as votes
    from facecam.express.expression import NETWORK, ExpressionReader

    voted = [one for one in votes.read_votes(directory) if every or not one.chosen_on]
    if not voted:
        raise PictureError(f"{directory} has even-numbered pictures only, which the calibration was chosen on; --all takes them")
    ensure_compiled([NETWORK])
    with common.progress("reading faces") as told:
        reading = votes.read_faces(voted, ExpressionReader(threads=2), told)
    if picture is not None:
        from facecam.evaluate.expressions_picture import draw_expressions

        draw_expressions(reading, picture)
    figures = reading.to_dict()
    common.write_json(json, {"network": NETWORK, **figures})
    if json != "-":
        _print_expressions(figures)


def _print_expressions(figures: dict[str, Any]) -> None:
    from rich.table import Table

    classes = figures.pop("classes")
    for name, value in figures.items():
        common.out().print(f"{name:20} {value:.4f}" if isinstance(value, float) else f"{name:20} {value}")
    table = Table("shows", "pictures", "bare network: found", "right", "calibrated: found", "right", box=None, pad_edge=False)
    for name, row in classes.items():
        shares = (row[key] for key in ("raw_recall", "raw_precision", "recall", "precision"))
        table.add_row(name, str(row["pictures"]), *("" if share is None else f"{100 * share:.1f} %" for share in shares))
    common.out().print(table)
