"""What a session recognises. A file of its own, since the command line needs it before NumPy is worth importing."""

from enum import StrEnum


class Mode(StrEnum):
    """The faces, or the object held up."""

    FACES = "faces"
    OBJECTS = "objects"
