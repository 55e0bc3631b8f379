"""facecam evaluate names: the learned heads beside nearest-L2, on the same photos."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, command

if TYPE_CHECKING:
    from facecam.evaluate.lfw import Photo
    from facecam.evaluate.names import Figures, Roles
    from facecam.types import Floats, Picture

_Far = Annotated[float, typer.Option("--far", min=0.0001, max=0.5, help="The share of strangers that may get a name.")]


def register(app: typer.Typer) -> None:
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
    from facecam.evaluate import lfw
    from facecam.evaluate import names as by_name
    from facecam.faces import open_face_reader

    settings = common.settings()
    roles = by_name.roles(directory, lfw.read_pairs(pairs), lfw.read_pairs(train_pairs))
    with open_face_reader(settings) as reader, common.progress("reading faces") as told:
        read = by_name.read_crops(roles.photos, directory, reader, told)
    embeddings = {photo: embedding for photo, (embedding, _) in read.items()}
    found = [
        by_name.compare(roles, embeddings, "nearest-L2", far, learned=False),
        by_name.compare(roles, embeddings, "names", far, learned=True),
    ]
    if finetune:
        found += _finetuned(roles, {photo: crop for photo, (_, crop) in read.items()}, settings.identify.network, far)
    _print(roles, read, found, far, json)


def _finetuned(roles: Roles, crops: dict[Photo, Picture], weights: str, far: float) -> list[Figures]:
    import numpy as np

    from facecam.evaluate.names import compare
    from facecam.teach import triplet

    enrolled = [photo for photo in roles.enrolled if photo in crops]
    people = np.unique([photo.name for photo in enrolled], return_inverse=True)[1].reshape(-1)
    with common.progress("moving the last block") as told:
        moved = triplet.finetune(weights, np.stack([crops[p] for p in enrolled]), people, 7, lambda n, of, _: told(n, of))
    found = triplet.embed_with(weights, moved, np.stack(list(crops.values())))
    embeddings: dict[Photo, Floats] = dict(zip(crops, found, strict=True))
    return [
        compare(roles, embeddings, "nearest-L2, fine-tuned", far, learned=False),
        compare(roles, embeddings, "names, fine-tuned", far, learned=True),
    ]


def _print(roles: Roles, read: dict[Photo, tuple[Floats, Picture]], found: list[Figures], far: float, json: str | None) -> None:
    counts = {
        "people": len({photo.name for photo in roles.enrolled}),
        "enrolled": len(roles.enrolled),
        "unseen": len(roles.unseen),
        "strangers": len(roles.strangers),
        "choosing": len(roles.choosing),
        "without_a_face": len(set(roles.photos) - set(read)),
    }
    common.write_json(json, {**counts, "ways": [figures.to_dict() for figures in found]})
    if json == "-":
        return
    out = common.out()
    for name, count in counts.items():
        out.print(f"{name:16} {count}")
    heads = ("named right", "named wrong", "strangers named", "threshold", f"right at {far:g}")
    out.print(f"{'way':24}" + "".join(f"{head:>17}" for head in heads))
    for way in found:
        values = (way.accuracy, way.wrong, way.stranger_far, way.threshold_l2, way.accuracy_at_far)
        out.print(f"{way.way:24}" + "".join(f"{value:17.4f}" for value in values))
