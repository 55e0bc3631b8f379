"""Which face of a photo stands for its person: the only one, or the only one that passes the gates."""

from __future__ import annotations

from collections.abc import Sequence

from facecam.identify.reading import FaceReading

OK = "ok"
NO_FACE = "no_face"
SEVERAL_FACES = "several_faces"
UNREADABLE = "unreadable"


def single_face(readings: Sequence[FaceReading]) -> FaceReading | str:
    """The face that a photo is of, else the code for why it is of none: no_face, several_faces or the only face's gate."""
    if not readings:
        return NO_FACE
    usable = [reading for reading in readings if reading.gate is None and reading.embedding is not None]
    if len(usable) == 1:
        return usable[0]
    if len(readings) == 1 and readings[0].gate is not None:
        return readings[0].gate
    return SEVERAL_FACES
