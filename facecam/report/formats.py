"""The ways to write a report. A file of its own, since the command line needs it before pandas is worth importing."""

from enum import StrEnum


class Format(StrEnum):
    """One page for a browser, text with a picture beside it, or the picture alone."""

    HTML = "html"
    MD = "md"
    PNG = "png"
