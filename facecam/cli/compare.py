"""`facecam compare`: whether two pictures show the same person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facecam.cli import common
from facecam.cli.common import JsonOption, NetworkOption, command

if TYPE_CHECKING:
    from facecam.identify.reading import FaceReader
    from facecam.settings import GateSettings
    from facecam.types import Face, Floats, Picture

_A = Annotated[Path, typer.Argument(metavar="A", help="A picture with a face.", show_default=False)]
_B = Annotated[Path, typer.Argument(metavar="B", help="Another one.", show_default=False)]
_Drawn = Annotated[
    Path | None, typer.Option("--picture", metavar="FILE", help="Draw both aligned faces side by side, with the verdict.")
]


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    path: Path
    bgr: Picture
    face: Face
    embedding: Floats


def register(app: typer.Typer) -> None:
    """Add `compare` to the command line."""
    command(app, "compare")(compare)


def compare(a: _A, b: _B, picture: _Drawn = None, network: NetworkOption = None, json: JsonOption = None) -> None:
    """Say how far apart the faces on two pictures are, and whether that is the same person. Status 3: not the same."""
    import numpy as np

    from facecam.faces import open_face_reader
    from facecam.identify.gallery import Sample
    from facecam.identify.rule import decision_rule
    from facecam.settings import GateSettings

    settings = common.settings({"identify.network": network})
    with open_face_reader(replace(settings, gate=GateSettings.none())) as reader:
        subjects = _subject(a, reader, settings.gate), _subject(b, reader, settings.gate)
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


def _subject(path: Path, reader: FaceReader, gates: GateSettings) -> _Subject:
    """The largest face of a picture. PictureError when there is none; what makes the answer less sure is said on stderr."""
    from facecam.errors import PictureError
    from facecam.identify.quality import gate
    from facecam.picture import read_picture

    bgr = read_picture(path)
    readings = reader.read(bgr)
    if not readings:
        raise PictureError(f"there is no face on {path} that is large enough and seen from the front; try another picture")
    largest = readings[0]
    assert largest.embedding is not None
    if len(readings) > 1:
        box = largest.face.box
        where = f"at x {box.x:.0f}, y {box.y:.0f}, {box.w:.0f} x {box.h:.0f} px"
        common.err().print(f"{path} shows {len(readings)} faces: the largest is compared, {where}", markup=False, soft_wrap=True)
    code = gate(largest.face, largest.quality, (bgr.shape[1], bgr.shape[0]), gates)
    if code is not None:
        common.err().print(
            f"the face on {path} would not be enrolled ({code}): its distance says less", markup=False, soft_wrap=True
        )
    return _Subject(path, bgr, largest.face, largest.embedding)


def _draw(target: Path, subjects: tuple[_Subject, _Subject], verdict: str, figures: str, *, same: bool) -> None:
    from facecam.embed.align import align
    from facecam.overlay.comparison import Comparison, draw_comparison
    from facecam.picture import write_picture

    first, second = (align(subject.bgr, subject.face.landmarks_xy) for subject in subjects)
    comparison = Comparison((subjects[0].path.name, subjects[1].path.name), verdict, figures, same)
    write_picture(target, draw_comparison((first, second), comparison))
