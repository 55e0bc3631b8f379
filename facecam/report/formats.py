"""Formats of a report, in a module that the command line can import without pandas."""

from enum import StrEnum


class Format(StrEnum):
    """HTML page, Markdown with an image of the charts, or that image alone."""

    HTML = "html"
    MD = "md"
    PNG = "png"
