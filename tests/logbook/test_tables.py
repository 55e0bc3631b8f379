"""Tables of values as CSV and XLSX."""

from __future__ import annotations

import csv
import math
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from facecam.errors import OutputError
from facecam.logbook import CsvLocale
from facecam.logbook.tables import Sheet, cell_text, require_xlsx, write_csv, write_xlsx
from tests.logbook.conftest import RAM_FOLDER

NOON = datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=ZoneInfo("Europe/Berlin"))
HEADER = ("name", "share", "at", "=late")
ROWS = (("=1+1", 0.5, NOON, True), ("Müller; A", -1234.25, None, False), ('say "hi"', math.nan, NOON, None))


def cells(path: Path, separator: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=separator))


def test_a_csv_file_for_programs_has_commas_points_zones_and_no_byte_order_mark(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", HEADER, ROWS)

    assert not (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert cells(tmp_path / "a.csv") == [
        ["name", "share", "at", "'=late"],
        ["'=1+1", "0.5", "2026-01-02T12:00:00.250+01:00", "1"],
        ["Müller; A", "-1234.25", "", "0"],
        ['say "hi"', "", "2026-01-02T12:00:00.250+01:00", ""],
    ]


def test_a_german_csv_file_has_semicolons_decimal_commas_and_a_byte_order_mark(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", HEADER, ROWS, CsvLocale.DE)

    assert (tmp_path / "a.csv").read_bytes().startswith("\ufeffname;share;at;'=late\n".encode())
    assert cells(tmp_path / "a.csv", ";")[1:] == [
        ["'=1+1", "0,5", "2026-01-02 12:00:00,250", "1"],
        ["Müller; A", "-1234,25", "", "0"],
        ['say "hi"', "", "2026-01-02 12:00:00,250", ""],
    ]


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        (CsvLocale.EN, "1.5,2026-01-02 12:00:00.250"),
        (CsvLocale.DE_CH, "1.5;2026-01-02 12:00:00.250"),
        (CsvLocale.FR, "1,5;2026-01-02 12:00:00,250"),
    ],
)
def test_each_locale_has_its_separator_and_decimal_mark(tmp_path: Path, locale: CsvLocale, line: str) -> None:
    write_csv(tmp_path / "a.csv", ["number", "at"], [[1.5, NOON]], locale)

    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()[1] == line


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1", "'=1", '"=1"', "＝1", "－1"])
def test_a_text_like_a_formula_is_escaped_in_every_csv_file(text: str) -> None:
    assert [cell_text(text, locale) for locale in (None, *CsvLocale)] == ["'" + text] * 10


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("NA", "NA"),
        (7, "7"),
        (np.int64(7), "7"),
        (np.float64(0.25), "0.25"),
        (-0.0, "0.0"),
        (1e300, "1e+300"),
        (math.inf, ""),
        (pd.NaT, ""),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
        (pd.Timestamp(2026, 1, 2), "2026-01-02T00:00:00.000"),
    ],
)
def test_a_value_has_one_text(value: Any, text: str) -> None:
    assert cell_text(value) == text


def test_a_sheet_has_cells_of_the_values_types(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [Sheet("Present", HEADER, ROWS, {"share": "0.0%"})])

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Present"]
    wall_time = NOON.replace(tzinfo=None)
    assert list(sheet.iter_rows(values_only=True)) == [
        HEADER,
        ("=1+1", 0.5, wall_time, True),
        ("Müller; A", -1234.25, None, False),
        ('say "hi"', None, wall_time, None),
    ]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "d", "b"]
    assert (sheet["B2"].number_format, sheet["C2"].number_format) == ("0.0%", "yyyy-mm-dd hh:mm:ss.000")
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize(
    "text", ["http://example.com", "mailto:a@b", "<r>bold</r>", "007", "1e5", "TRUE", "{=1+1}", "#N/A", " a\nb "]
)
def test_a_text_of_a_sheet_stays_that_text(tmp_path: Path, text: str) -> None:
    write_xlsx(tmp_path / "a.xlsx", [Sheet("Log", ["text"], [[text]])])

    cell = openpyxl.load_workbook(tmp_path / "a.xlsx")["Log"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@pytest.mark.parametrize(("count", "sheets"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_rows_beyond_the_limit_of_a_sheet_continue_in_further_ones(tmp_path: Path, count: int, sheets: list[int]) -> None:
    write_xlsx(tmp_path / "a.xlsx", [Sheet("Log", ["number"], [[number] for number in range(count)])], max_rows=4)

    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [sheet.title for sheet in book] == ["Log", "Log 2", "Log 3"][: len(sheets)]
    assert [sheet["A1"].value for sheet in book] == ["number"] * len(sheets)
    found = [[cell for (cell,) in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book]
    assert list(map(len, found)) == sheets
    assert [number for numbers in found for number in numbers] == list(range(count))


def test_any_name_of_a_sheet_is_accepted(tmp_path: Path) -> None:
    names = ["Math [1/2]", "math [1:2]", "History", "'quoted'", "", "x" * 40, "X" * 35]
    write_xlsx(tmp_path / "a.xlsx", [Sheet(name, ["a"], []) for name in names])

    titles = openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert titles == ["Math _1_2_", "math _1_2_ 2", "History 2", "quoted", "Sheet", "x" * 31, "X" * 29 + " 2"]


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", [Sheet("Log", ["text"], [["x" * 40_000], ["short"]])])

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Log"]
    assert (sheet["A2"].value, sheet["A3"].value) == ("x" * 32_767, "short")


def test_an_error_while_rows_are_read_leaves_the_existing_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("precious", encoding="utf-8")

    with pytest.raises(ZeroDivisionError):
        write_xlsx(tmp_path / "a.xlsx", [Sheet("Log", ["number"], ([1 // number] for number in (1, 0)))])
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]
    assert (tmp_path / "a.xlsx").read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "missing" / name

    with pytest.raises(OutputError, match=rf"{name} cannot be written: .*; choose another place with -o"):
        write_csv(path, ["a"], []) if name == "a.csv" else write_xlsx(path, [Sheet("a", ["a"], [])])


TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffe\uffff")), min_size=1, max_size=20)


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_any_text_is_read_from_a_sheet_as_it_was(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory(dir=RAM_FOLDER) as folder:
        path = Path(folder, "a.xlsx")
        write_xlsx(path, [Sheet("Log", ["text"], [[text] for text in texts])])
        rows = openpyxl.load_workbook(path)["Log"].iter_rows(min_row=2, max_row=1 + len(texts), max_col=1)
        found = [unescape(str(cell.value or "")) for (cell,) in rows]

    assert found == texts


@pytest.mark.parametrize("locale", [None, CsvLocale.DE])
@settings(max_examples=50, deadline=None)
@given(texts=TEXTS)
def test_any_text_is_read_from_a_csv_file_as_it_was(texts: list[str], locale: CsvLocale | None) -> None:
    with tempfile.TemporaryDirectory(dir=RAM_FOLDER) as folder:
        write_csv(Path(folder, "a.csv"), ["text", "number"], [[text, 1.5] for text in texts], locale)
        rows = cells(Path(folder, "a.csv"), locale.separator if locale else ",")[1:]

    assert [row[0].removeprefix("'") for row in rows] == texts
    assert not {row[0][:1] for row in rows} & set("=+-@\t\r\n＝＋－＠")


def test_without_xlsxwriter_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)

    with pytest.raises(OutputError, match=r"XLSX files need XlsxWriter, which is not installed: pip install facecam\[xlsx\]"):
        require_xlsx()
