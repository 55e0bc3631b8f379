"""A log with odd texts in other programs: the lines of the guide and the exported files give the same values and types."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pandas as pd
import polars as pl
import pytest
from openpyxl.utils.escape import unescape

from facecam.logbook.dictionary import data_dictionary
from facecam.logbook.export import export_log
from facecam.logbook.reader import read_log
from facecam.logbook.schema import COLUMNS, SessionInfo
from tests.cli.conftest import run_in
from tests.logbook.odd_log import LABELS, Value, expected_cells, write_odd_log

Make = Callable[..., Any]
Rows = list[dict[str, Value]]
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "logs.md"
KINDS = {column.name: column.kind for column in COLUMNS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, sighting: Make, result: Make, session: SessionInfo) -> Path:
    """Return a folder with the log in all formats, as the guide's lines expect it."""
    folder = tmp_path_factory.mktemp("exported")
    write_odd_log(folder / "logs", sighting, result, session)
    for name in ("logs.csv", "logs.parquet", "logs.xlsx"):
        assert export_log(folder / "logs", folder / name, lambda *_: None) == 27
    return folder


@pytest.fixture(scope="module")
def expected(folder: Path) -> Rows:
    """Return the log's cells, read with the standard library, and those of the added columns of session labels."""
    (log,) = (folder / "logs").rglob("*Z-*.csv")
    added = {f"session_{name}": value for name, value in LABELS.items()}
    return [row | added for row in expected_cells(log, KINDS)]


def lines_of(section: str, language: str) -> str:
    """Return the lines of a language in a section of the guide."""
    text = GUIDE.read_text(encoding="utf-8").partition(f"#### {section}\n")[2]
    found = re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert found is not None, f"the guide has no {language} in {section}"
    return found[1]


def log_of_lines(section: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the guide's Python lines in the folder and return their `log`."""
    monkeypatch.chdir(folder)
    values: dict[str, Any] = {}
    exec(lines_of(section, "python"), values)  # noqa: S102 - the lines are the documentation's
    return values["log"]


def pandas_rows(frame: pd.DataFrame) -> Rows:
    columns = [[plain(value) for value in frame[name].tolist()] for name in frame.columns]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def plain(value: Any) -> Value:
    """Return a value of pandas as Python's."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value


def check(found: Rows, expected: Rows) -> None:
    """Compare every cell's value and type."""
    assert [list(row) for row in found] == [list(row) for row in expected]
    for place, (row, wanted) in enumerate(zip(found, expected, strict=True)):
        for name, value in wanted.items():
            assert (type(row[name]), row[name]) == (type(value), value), f"row {place}, {name}"


def test_the_log_has_every_kind_of_cell(expected: Rows) -> None:
    kinds = {type(value) for row in expected for value in row.values()}

    assert kinds == {str, int, float, bool, datetime, type(None)}
    assert {row["name"] for row in expected} >= {"007", "NA", "1e5", "=1+1", "Müller"}


def test_read_log_has_the_values_of_a_plain_reader(folder: Path, expected: Rows) -> None:
    check(pandas_rows(read_log(folder / "logs")), expected)


def test_read_log_reads_an_exported_csv_file_as_the_log_itself(folder: Path, expected: Rows) -> None:
    check(pandas_rows(read_log(folder / "logs.csv")), expected)


def test_the_lines_for_pandas_give_every_value_and_type(folder: Path, expected: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    check(pandas_rows(log_of_lines("pandas", folder, monkeypatch)), expected)


def test_the_lines_for_polars_give_every_value_and_type(folder: Path, expected: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    check(log_of_lines("Polars", folder, monkeypatch).to_dicts(), expected)


def test_the_lines_for_duckdb_give_every_value_and_type(folder: Path, expected: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    check(duckdb_rows(log_of_lines("DuckDB", folder, monkeypatch)), expected)


def duckdb_rows(relation: duckdb.DuckDBPyRelation) -> Rows:
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return [
        {name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in row.items()} for row in rows
    ]


R_PRINT = """
columns <- lapply(log, function(column) if (inherits(column, "POSIXct")) round(as.numeric(column) * 1000) else column)
writeLines(jsonlite::toJSON(columns, digits = NA, na = "null"), "r.json", useBytes = TRUE)
writeLines(jsonlite::toJSON(lapply(log, function(column) class(column)[1]), auto_unbox = TRUE), "types.json")
"""


def test_the_lines_for_r_give_every_value_and_type(folder: Path, expected: Rows) -> None:
    if not (program := shutil.which("Rscript")):
        pytest.skip("R is not installed")
    if subprocess.run([program, "-e", "library(jsonlite)"], capture_output=True, check=False).returncode:
        pytest.skip("R has no jsonlite")
    (folder / "read.R").write_text(lines_of("R", "r") + R_PRINT, encoding="utf-8")

    subprocess.run([program, "--encoding=UTF-8", "read.R"], cwd=folder, check=True, env=os.environ | {"LC_ALL": "C.UTF-8"})

    columns = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    types = json.loads((folder / "types.json").read_text(encoding="utf-8"))
    classes = {"string": "character", "integer": "integer", "number": "numeric", "boolean": "logical", "datetime": "POSIXct"}
    assert types == {name: classes[column["Format"]] for name, column in data_dictionary(expected[0]).items()}
    check([r_row(row, types) for row in rows_of(columns)], expected)


def rows_of(columns: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def r_row(row: dict[str, Any], types: dict[str, str]) -> dict[str, Value]:
    """Return a row of JSON with the types that R has: JSON writes the number 2.0 as 2."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    forms: dict[str, Callable[[Any], Value]] = {"numeric": float, "POSIXct": lambda ms: epoch + timedelta(milliseconds=ms)}
    return {name: None if value is None else forms.get(types[name], lambda one: one)(value) for name, value in row.items()}


@pytest.mark.parametrize(
    "read",
    [
        lambda path: pandas_rows(pd.read_parquet(path)),
        lambda path: pl.read_parquet(path).to_dicts(),
        lambda path: duckdb_rows(duckdb.read_parquet(str(path))),
    ],
    ids=["pandas", "polars", "duckdb"],
)
def test_parquet_has_every_value_and_type(folder: Path, expected: Rows, read: Callable[[Path], Rows]) -> None:
    check(read(folder / "logs.parquet"), expected)


def test_xlsx_has_every_value_and_type(folder: Path, expected: Rows) -> None:
    sheet = openpyxl.load_workbook(folder / "logs.xlsx")["Log"]
    header, *rows = sheet.iter_rows(values_only=True)

    check([{str(name): xlsx_value(name, value) for name, value in zip(header, row, strict=True)} for row in rows], expected)


def xlsx_value(name: Any, value: Any) -> Value:
    """Return a cell as Excel shows it: openpyxl leaves escapes like _x0041_, and reads the number 2.0 as 2."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC)
    if KINDS.get(name) == "float" and value is not None:
        return float(value)
    return unescape(value) if isinstance(value, str) else value


def test_xlsx_has_neither_formulas_nor_links(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "logs.xlsx")

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n", "b", "d"}
    assert all(cell.hyperlink is None for cell in cells)
    assert "=1+1" in {cell.value for cell in cells}


def test_xlsx_is_read_by_pandas_with_the_original_names(folder: Path, expected: Rows) -> None:
    frame = pd.read_excel(folder / "logs.xlsx", sheet_name="Log", keep_default_na=False, na_values=[""])

    names = [None if pd.isna(name) else unescape(name) for name in frame["name"]]
    assert names == [row["name"] for row in expected]


def test_the_commands_of_the_guide_run(folder: Path, tmp_path: Path) -> None:
    text = GUIDE.read_text(encoding="utf-8").partition("## Export, merge and other tools\n")[2]
    commands = re.findall(r"^facecam (.*?) *#", text.partition("```sh\n")[2].partition("```")[0], re.MULTILINE)
    for name in ("logs", "office", "hall"):
        shutil.copytree(folder / "logs", tmp_path / name)

    assert [run_in(tmp_path, *command.split()).returncode for command in commands] == [0] * 7
    written = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert {"logs.csv", "logs.parquet", "logs.xlsx", "logs-de.csv", "all.csv", "sessions.csv", "columns.json"} <= written
