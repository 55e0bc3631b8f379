"""facecam evaluate: figures on pictures whose people, or expressions, are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facecam.cli import context
from facecam.cli.context import JsonOption, NetworkOption, command

if TYPE_CHECKING:
    from facecam.evaluation.lfw import LfwPhoto
    from facecam.evaluation.names import DataSplit, NameFigures
    from facecam.types import Floats, Image


# MERGED cli.evaluate_names: facecam evaluate names: the learned heads beside nearest-L2, on the same photos.

_Far = Annotated[float, typer.Option("--far", min=0.0001, max=0.5, help="The share of strangers that may get a name.")]


def register_evaluate_names(app: typer.Typer) -> None:
    """Add `names` to the group `evaluate`."""
    command(app, "names")(names)


def names(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="DIR/Name/Name_0001.jpg")],
    pairs: Annotated[Path, typer.Option("--pairs", metavar="FILE", help="Report on the people of this list.")],
    train_pairs: Annotated[
        Path, typer.Option("--train-pairs", metavar="FILE", help="Choose thresholds on strangers from this one.")
    ],
    far: _Far = 0.01,
    finetune: Annotated[bool, typer.Option("--finetune", help="Also with the network's last block moved by triplets.")] = False,
    json: JsonOption = None,
) -> None:
    """Names of unseen photos: nearest-L2, the learned head, and with --finetune the fine-tuned network, on one split."""
    from facecam.evaluation import lfw
    from facecam.evaluation import names as by_name
    from facecam.recognition.face_analyzer import open_face_analyzer

    settings = context.settings()
    roles = by_name.roles(directory, lfw.read_pairs(pairs), lfw.read_pairs(train_pairs))
    with open_face_analyzer(settings) as reader, context.progress("reading faces") as told:
        read = by_name.read_crops(roles.photos, directory, reader, told)
    embeddings = {photo: embedding for photo, (embedding, _) in read.items()}
    found = [
        by_name.compare(roles, embeddings, "nearest-L2", far, learned=False),
        by_name.compare(roles, embeddings, "names", far, learned=True),
    ]
    if finetune:
        found += _finetuned(roles, {photo: crop for photo, (_, crop) in read.items()}, settings.identify.network, far)
    _print(roles, read, found, far, json)


def _finetuned(roles: DataSplit, crops: dict[LfwPhoto, Image], weights: str, far: float) -> list[NameFigures]:
    import numpy as np

    from facecam.evaluation.names import compare
    from facecam.training import names as triplet

    enrolled = [photo for photo in roles.enrolled if photo in crops]
    people = np.unique([photo.name for photo in enrolled], return_inverse=True)[1].reshape(-1)
    with context.progress("moving the last block") as told:
        moved = triplet.finetune_embedding(
            weights, np.stack([crops[p] for p in enrolled]), people, 7, lambda n, of, _: told(n, of)
        )
    found = triplet.embed_with(weights, moved, np.stack(list(crops.values())))
    embeddings: dict[LfwPhoto, Floats] = dict(zip(crops, found, strict=True))
    return [
        compare(roles, embeddings, "nearest-L2, fine-tuned", far, learned=False),
        compare(roles, embeddings, "names, fine-tuned", far, learned=True),
    ]


def _print(
    roles: DataSplit, read: dict[LfwPhoto, tuple[Floats, Image]], found: list[NameFigures], far: float, json: str | None
) -> None:
    counts = {
        "people": len({photo.name for photo in roles.enrolled}),
        "enrolled": len(roles.enrolled),
        "unseen": len(roles.unseen),
        "strangers": len(roles.strangers),
        "choosing": len(roles.choosing),
        "without_a_face": len(set(roles.photos) - set(read)),
    }
    context.write_json(json, {**counts, "ways": [figures.to_dict() for figures in found]})
    if json == "-":
        return
    out = context.out()
    for name, count in counts.items():
        out.print(f"{name:16} {count}")
    heads = ("named right", "named wrong", "strangers named", "threshold", f"right at {far:g}")
    out.print(f"{'way':24}" + "".join(f"{head:>17}" for head in heads))
    for way in found:
        values = (way.accuracy, way.wrong, way.stranger_far, way.threshold_l2, way.accuracy_at_far)
        out.print(f"{way.way:24}" + "".join(f"{value:17.4f}" for value in values))


def register_evaluate(app: typer.Typer) -> None:
    """Add `evaluate` to the command line."""
    register_evaluate_names(evaluate_app)
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
    from facecam.evaluation import lfw as labeled_faces
    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.settings import GateSettings

    settings = context.settings({"identify.network": network, "identify.mirrored": mirrored})
    ungated = replace(settings, gate=GateSettings.none())
    listed = labeled_faces.read_pairs(pairs)
    train = labeled_faces.read_pairs(train_pairs) if train_pairs else None
    photos = {photo for pair in [*listed, *(train or [])] for photo in (pair.a, pair.b)}
    with open_face_analyzer(ungated) as reader, context.progress("reading faces") as told:
        embeddings = labeled_faces.embed_photos(photos, directory, reader, told)
    report = labeled_faces.evaluate(listed, embeddings, train)
    if picture is not None:
        from facecam.evaluation.figures import draw_roc

        draw_roc(*labeled_faces.distances(listed, embeddings), settings.identify.network, picture)
    context.write_json(json, {"network": settings.identify.network, **report.to_dict()})
    if json != "-":
        for name, value in report.to_dict().items():
            context.out().print(f"{name:18} {value:.4f}" if isinstance(value, float) else f"{name:18} {value}")


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
    from facecam.errors import ImageError
    from facecam.evaluation import expressions as votes
    from facecam.expression.reader import NETWORK, ExpressionReader
    from facecam.networks.convert import ensure_compiled

    voted = [one for one in votes.read_votes(directory) if every or not one.chosen_on]
    if not voted:
        raise ImageError(f"{directory} has even-numbered pictures only, which the calibration was chosen on; --all takes them")
    ensure_compiled([NETWORK])
    with context.progress("reading faces") as told:
        reading = votes.read_faces(voted, ExpressionReader(threads=2), told)
    if picture is not None:
        from facecam.evaluation.figures import draw_expressions

        draw_expressions(reading, picture)
    figures = reading.to_dict()
    context.write_json(json, {"network": NETWORK, **figures})
    if json != "-":
        _print_expressions(figures)


def _print_expressions(figures: dict[str, Any]) -> None:
    from rich.table import Table

    classes = figures.pop("classes")
    for name, value in figures.items():
        context.out().print(f"{name:20} {value:.4f}" if isinstance(value, float) else f"{name:20} {value}")
    table = Table("shows", "pictures", "bare network: found", "right", "calibrated: found", "right", box=None, pad_edge=False)
    for name, row in classes.items():
        shares = (row[key] for key in ("raw_recall", "raw_precision", "recall", "precision"))
        table.add_row(name, str(row["pictures"]), *("" if share is None else f"{100 * share:.1f} %" for share in shares))
    context.out().print(table)
