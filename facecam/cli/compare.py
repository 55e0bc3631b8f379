"""`facecam compare`: whether two pictures show the same person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, NetworkOption, command

if TYPE_CHECKING:
    from facecam.cli.subject import Subject

_A = Annotated[Path, typer.Argument(metavar="A", help="A picture with a face.", show_default=False)]
_B = Annotated[Path, typer.Argument(metavar="B", help="Another one.", show_default=False)]
_Drawn = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Draw both aligned faces side by side, with the verdict.")
]


def register(app: typer.Typer) -> None:
    """Add `compare` to the command line."""
    command(app, "compare")(compare)


def compare(a: _A, b: _B, picture: _Drawn = None, network: NetworkOption = None, json: JsonOption = None) -> None:
    """Say how far apart the faces on two pictures are, and whether that is the same person. Status 3: not the same."""
    import numpy as np

    from facecam.cli.subject import read_subject
    from facecam.faces import open_face_reader
    from facecam.identify.gallery import Sample
    from facecam.identify.rule import decision_rule
    from facecam.settings import GateSettings

    settings = common.settings({"identify.network": network})
    with open_face_reader(replace(settings, gate=GateSettings.none())) as reader:
        subjects = tuple(read_subject(path, reader, settings.gate, "compared") for path in (a, b))
    enrolled = Sample(str(a), "A", str(a), a, subjects[0].embedding)  # the threshold of a gallery that holds nothing but A
    threshold_l2 = decision_rule(settings.identify, [enrolled]).threshold_l2
    distance_l2 = float(np.linalg.norm(subjects[0].embedding - subjects[1].embedding))
    same = distance_l2 <= threshold_l2
    verdict = "the same person" if same else "not the same person"
    figures = f"distance {distance_l2:.3f}, the same up to {threshold_l2:.3f}"
    if picture is not None:
        _draw(picture, subjects, verdict, figures, same=same)
    if json != "-":
        common.out().print(f"{verdict}: {figures}", markup=False, soft_wrap=True)
    common.write_json(json, {"distance_l2": distance_l2, "threshold_l2": threshold_l2, "same": same})
    if not same:
        raise typer.Exit(common.FINDINGS)


def _draw(target: Path, subjects: tuple[Subject, ...], verdict: str, figures: str, *, same: bool) -> None:
    from facecam.overlay.comparison import Comparison, draw_comparison
    from facecam.picture import write_picture

    first, second = subjects
    comparison = Comparison((first.path.name, second.path.name), verdict, figures, same)
    write_picture(target, draw_comparison((first.crop_rgb, second.crop_rgb), comparison))
