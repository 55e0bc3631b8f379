"""Report on logs, as a page, Markdown or an image. Importing the package alone is fast: the command line needs `Format`."""

from enum import StrEnum


class Format(StrEnum):
    """HTML page, Markdown with an image of the charts, or that image alone."""

    HTML = "html"
    MD = "md"
    PNG = "png"
