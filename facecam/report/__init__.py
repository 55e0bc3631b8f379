"""Report on logs, as a page, Markdown or an image. Importing the package alone is fast: the command line needs `Format`."""

from enum import StrEnum


class Format(StrEnum):
    """HTML page, Markdown with an image of the charts, that image alone; of an attendance also CSV and XLSX."""

    HTML = "html"
    MD = "md"
    PNG = "png"
    CSV = "csv"
    XLSX = "xlsx"
