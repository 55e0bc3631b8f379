"""The face of a picture that a command is about: the largest, and what has to be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from facecam.cli import common

if TYPE_CHECKING:
    from facecam.identify.reading import FaceReader
    from facecam.settings import GateSettings
    from facecam.types import Face, Floats, Picture


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A picture (height, width, 3) uint8 BGR, its largest face, and that face's embedding (128,)."""

    path: Path
    bgr: Picture
    face: Face
    embedding: Floats

    @property
    def crop_rgb(self) -> Picture:
        """The aligned face, (96, 96, 3) uint8 RGB."""
        from facecam.embed.align import align

        return align(self.bgr, self.face.landmarks_xy)


def read_subject(path: Path, reader: FaceReader, gates: GateSettings, done: str) -> Subject:
    """The largest face of a picture; `reader` must read faces that fail the gates, too.

    PictureError when there is none. What makes the answer less sure is said on stderr; `done` is what the command does with it.
    """
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
        common.err().print(f"{path} shows {len(readings)} faces: the largest is {done}, {where}", markup=False, soft_wrap=True)
    code = gate(largest.face, largest.quality, (bgr.shape[1], bgr.shape[0]), gates)
    if code is not None:
        common.err().print(
            f"the face on {path} would not be enrolled ({code}): its distance says less", markup=False, soft_wrap=True
        )
    return Subject(path, bgr, largest.face, largest.embedding)
