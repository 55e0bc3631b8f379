"""CSV logs: schema, writer, reader, queries and replay. docs/reference/log-format.md describes the format.

Importing the package alone is fast: the command line needs `ExportFormat` and `CsvLocale`.
"""

from enum import StrEnum


class ExportFormat(StrEnum):
    """Format of a file with the rows of logs, or with what was seen as subtitles or annotation tiers."""

    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"
    WEBVTT = "webvtt"
    ELAN = "elan"

    @property
    def suffix(self) -> str:
        """Suffix of the names of files."""
        return {ExportFormat.WEBVTT: ".vtt", ExportFormat.ELAN: ".eaf"}.get(self, f".{self.value}")

    @property
    def is_timed_text(self) -> bool:
        """True for formats with the times of one video instead of rows."""
        return self in (ExportFormat.WEBVTT, ExportFormat.ELAN)


class CsvLocale(StrEnum):
    """Language of a spreadsheet program, which decides the separator and the decimal mark of the CSV files that it opens."""

    EN = "en"
    DE = "de"
    DE_CH = "de-ch"
    ES = "es"
    FR = "fr"
    IT = "it"
    NL = "nl"
    PL = "pl"
    PT = "pt"

    @property
    def separator(self) -> str:
        """Separator of the cells."""
        return "," if self is CsvLocale.EN else ";"

    @property
    def decimal(self) -> str:
        """Decimal mark of numbers."""
        return "." if self in (CsvLocale.EN, CsvLocale.DE_CH) else ","
