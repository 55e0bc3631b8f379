"""Tables of values as CSV and XLSX files that programs read exactly and spreadsheets open without running anything.

CSV has no types: a text that begins like a formula gets a leading `'`, as in the log. XLSX has them: a text stays a text whatever
it looks like, so nothing is escaped there.
"""

from __future__ import annotations

import math
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain, islice
from numbers import Integral
from pathlib import Path
from typing import Any

from facecam.errors import OutputError
from facecam.fileio import PART_PREFIX, atomic_path, is_stream
from facecam.logbook import CsvLocale
from facecam.logbook.schema import csv_line, escape
from facecam.messages import system_text

Cell = str | float | bool | date | None
"""A value of a table. NaN counts as None. A datetime is a date too."""

MAX_SHEET_ROWS = 1_048_576
"""Rows of a sheet, the header included: the limit of Excel."""

_MAX_COLUMN_WIDTH = 40
_ROWS_FOR_WIDTH = 100
_FORBIDDEN_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\0-\x1f]")
_MAX_SHEET_NAME = 31
_TIME_FORMAT = "yyyy-mm-dd hh:mm:ss.000"
_DATE_FORMAT = "yyyy-mm-dd"


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]], locale: CsvLocale | None = None) -> None:
    """Write a table as CSV, atomically.

    Texts that begin like a formula get a leading `'`. Booleans are 1 and 0; None, NaN and infinity are empty.

    Args:
        path: The file.
        header: Name of each column.
        rows: The values, read one row at a time.
        locale: Language of the spreadsheet that will open the file: its separator and decimal mark, times without a zone, and a
            UTF-8 byte order mark. None writes commas, decimal points and ISO 8601 times with their zone, for programs.

    Raises:
        OutputError: The file cannot be written.
    """
    write_csv_texts(path, map(escape, header), ([cell_text(cell, locale) for cell in row] for row in rows), locale)


def write_csv_texts(path: Path, header: Iterable[str], rows: Iterable[Sequence[str]], locale: CsvLocale | None = None) -> None:
    """Write rows of cells that are already escaped and formatted, as in `write_csv`."""
    separator = locale.separator if locale else ","
    mark = "\ufeff" if locale else ""
    with open_output(path) as part, part.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write(mark)
        file.writelines(csv_line(row, separator) for row in chain([list(header)], rows))


def cell_text(value: Cell, locale: CsvLocale | None = None) -> str:
    """Return a value as the text of a CSV cell."""
    if value is None or _is_absent(value):
        return ""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return time_text(value, locale)
    if isinstance(value, date):
        return value.isoformat()
    text = str(int(value)) if isinstance(value, Integral) else repr(float(value) + 0.0)  # 0.0, not -0.0
    return text.replace(".", locale.decimal) if locale else text


def time_text(value: datetime, locale: CsvLocale | None) -> str:
    """Return a time as the text of a CSV cell: ISO 8601 with milliseconds, or without its zone in the form of spreadsheets."""
    if locale is None:
        return value.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z" * (value.utcoffset() == timedelta(0))
    return value.replace(tzinfo=None).isoformat(" ", timespec="milliseconds").replace(".", locale.decimal)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Table of an XLSX file. `number_formats` are Excel's, by column, such as {"share": "0.0%"}.

    `name` may be any text; letters that Excel forbids are replaced.
    """

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    number_formats: Mapping[str, str] = field(default_factory=dict)


def write_xlsx(path: Path, sheets: Iterable[Sheet], *, max_rows: int = MAX_SHEET_ROWS) -> None:
    """Write tables as an Excel workbook, atomically, with one row of it in memory at a time.

    Numbers, booleans and times are cells of these types. Texts are texts, never formulas or links, and lose what exceeds the
    32,767 letters of a cell. Times keep their local time, because Excel has no time zones. None, NaN and infinity are empty.

    Args:
        path: The file.
        sheets: The tables. One with more than `max_rows` rows continues in further sheets, each with the header.
        max_rows: Maximum number of rows of a sheet, the header included.

    Raises:
        OutputError: XlsxWriter is not installed, or the file cannot be written.
    """
    xlsxwriter = _xlsxwriter()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "use_zip64": True}
    with open_output(path) as part, _scratch_folder(path) as folder:
        book = xlsxwriter.Workbook(str(part), options | {"tmpdir": folder})
        try:
            writer = _BookWriter(book)
            for sheet in sheets:
                for rows in _pieces(sheet.rows, max_rows - 1):
                    writer.write(sheet, rows)
        finally:
            _close(book)


def _pieces(rows: Iterable[Sequence[Cell]], size: int) -> Iterator[Iterable[Sequence[Cell]]]:
    """Yield the rows in pieces of at most `size`, each to be read before the next; a table without rows is one piece."""
    left = iter(rows)
    yield islice(left, size)
    for row in left:
        yield chain([row], islice(left, size - 1))


def require_xlsx() -> None:
    """Raise OutputError when XlsxWriter is not installed."""
    _xlsxwriter()


def _xlsxwriter() -> Any:
    try:
        import xlsxwriter
    except ImportError as error:
        raise OutputError(
            "XLSX files need XlsxWriter, which is not installed: pip install facecam[xlsx], or write a .csv file"
        ) from error
    return xlsxwriter


class _BookWriter:
    """Writer of the sheets of a workbook."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._names: set[str] = set()
        self._formats: dict[str, Any] = {}
        self._bold = book.add_format({"bold": True})

    def write(self, sheet: Sheet, rows: Iterable[Sequence[Cell]]) -> None:
        """Write the rows to a new sheet, below the header."""
        page = self._book.add_worksheet(self._unused_name(sheet.name))
        page.freeze_panes(1, 0)
        for place, name in enumerate(sheet.header):
            _write_text(page, 0, place, name, self._bold)
        formats = [self._format(sheet.number_formats.get(name)) for name in sheet.header]
        widths = [len(name) for name in sheet.header]
        number = 0
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if not _is_absent(value):
                    self._write_cell(page, number, place, value, formats[place])
            if number <= _ROWS_FOR_WIDTH:
                widths = [max(width, len(str(value))) for width, value in zip(widths, row, strict=True)]
        for place, width in enumerate(widths):
            page.set_column(place, place, min(width + 2, _MAX_COLUMN_WIDTH))
        page.autofilter(0, 0, number, len(sheet.header) - 1)

    def _write_cell(self, page: Any, row: int, column: int, value: Cell, cell_format: Any) -> None:
        if isinstance(value, str):
            _write_text(page, row, column, value, None)
        elif isinstance(value, bool):
            page.write_boolean(row, column, value)
        elif isinstance(value, datetime):
            page.write_datetime(row, column, value.replace(tzinfo=None), cell_format or self._format(_TIME_FORMAT))
        elif isinstance(value, date):
            page.write_datetime(row, column, value, cell_format or self._format(_DATE_FORMAT))
        else:
            page.write_number(row, column, value, cell_format)

    def _format(self, text: str | None) -> Any:
        if text is None:
            return None
        if text not in self._formats:
            self._formats[text] = self._book.add_format({"num_format": text})
        return self._formats[text]

    def _unused_name(self, name: str) -> str:
        """Return a name that Excel accepts and that no sheet has yet."""
        cleaned = _FORBIDDEN_IN_SHEET_NAMES.sub("_", name).strip().strip("'")[:_MAX_SHEET_NAME] or "Sheet"
        found, number = cleaned, 1
        while found.casefold() in {*self._names, "history"}:
            number += 1
            ending = f" {number}"
            found = cleaned[: _MAX_SHEET_NAME - len(ending)] + ending
        self._names.add(found.casefold())
        return found


def _write_text(page: Any, row: int, column: int, text: str, cell_format: Any) -> None:
    """Write a text. XlsxWriter takes one between <r> and </r> for its own markup unless it is written in parts."""
    if text.startswith("<r>") and text.endswith("</r>"):
        page.write_rich_string(row, column, text[:1], text[1:2], text[2:])
    else:
        page.write_string(row, column, text, cell_format)


def _is_absent(value: Cell) -> bool:
    """Return whether a value is None, an empty text or not a finite number; NaT is a datetime that does not equal itself."""
    if value is None or isinstance(value, str):
        return not value
    return value != value if isinstance(value, date) else not math.isfinite(value)  # noqa: PLR0124


def _close(book: Any) -> None:
    """Complete the workbook. OSError when that fails."""
    from xlsxwriter.exceptions import FileCreateError

    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] from error


@contextmanager
def _scratch_folder(path: Path) -> Iterator[str | None]:
    """Yield a folder next to the file for rows that wait there, uncompressed; None when the file is a pipe or a device."""
    if is_stream(path):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix=PART_PREFIX, dir=path.absolute().parent, ignore_cleanup_errors=True) as folder:
        yield folder


@contextmanager
def open_output(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield a path to write to, as `atomic_path`. OutputError when that fails."""
    try:
        with atomic_path(path, private=private) as part:
            yield part
    except OSError as error:
        # Arrow's error has a number, and a text of its own.
        reason = system_text(OSError(error.errno, os.strerror(error.errno))) if error.errno else error
        raise OutputError("{path} cannot be written: {reason}; choose another place with -o", path=path, reason=reason) from error
