"""Export of logs: many logs merged into one CSV sorted by time, or converted to CSV, Parquet or XLSX.

Merging copies lines unchanged and keeps only an index of them in memory, 50 bytes per row. Parquet is a tenth of the size of CSV
and typed. Logs are converted in pieces, so memory stays small however long they are.
"""

from __future__ import annotations

import re
import tempfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from facecam.errors import LogError
from facecam.fileio import check_output
from facecam.logbook import CsvLocale, ExportFormat
from facecam.logbook.dictionary import MACHINE, data_dictionary, write_dictionary_of
from facecam.logbook.lines import KINDS, RowCheck, find_whole_lines, open_log, read_header, rows, split_cells
from facecam.logbook.parquet_logs import SESSION_KEY, is_parquet, session_json
from facecam.logbook.reader import COLUMN_TYPES, Readings, other_types, pandas_metadata, read_batches
from facecam.logbook.schema import NAMES, SESSION_ID, csv_line, escape, formatter
from facecam.logbook.sessions import LogPaths, find_logs, read_details, session_id_of
from facecam.logbook.tables import (
    Cell,
    Sheet,
    cell_text,
    open_output,
    require_xlsx,
    write_csv_texts,
    write_xlsx,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_STAMP_BYTES = len("2026-01-02T03:04:05.678")
_CELLS_BEFORE_MESSAGE = NAMES.index("message")
_FIRST_CELLS = NAMES.index("ts_utc") + 1
_BATCH_ROWS = 50_000

_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_FORMULA = re.compile(rb',"?(?:[=+@\t\r"]|\xef\xbc[\x8b\x8d\x9d\xa0]|-(?!\d++(?:\.\d*+)?(?:,|$)))')
"""A cell that begins like one that `escape` changes. Numbers may be negative."""

_RARE_BYTES = b'=+@\t\r"\xef'
_MINUS = re.compile(rb",-(?!\d++(?:\.\d*+)?(?:,|$))")
"""Bytes without which no line has a formula: looking for these first takes a fifth of the time."""


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """Rows and sessions written, and the files left out because another file has all their rows."""

    rows: int
    sessions: int
    duplicates: tuple[Path, ...]


def merge_logs(
    logs: LogPaths, target: Path, report_progress: Callable[[int, int], None], *, overwrite: bool = False
) -> MergeSummary:
    """Write every row of the logs to `target`, sorted by ts_utc, with its data dictionary. The longest copy of a session counts.

    `report_progress(done, total)` counts rows.

    Raises:
        LogError: A log cannot be read, or two sessions have the same name.
        OutputError: The target is one of the logs, exists and `overwrite` is false, or cannot be written.
    """
    paths = find_logs(logs)
    check_output(target, paths, overwrite=overwrite)
    with _csv_copies(paths) as copies:
        summary = _merge(copies, target, report_progress)
    named = dict(zip(copies, paths, strict=True))
    return replace(summary, duplicates=tuple(named[path] for path in summary.duplicates))


@contextmanager
def _csv_copies(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the logs as CSV files: of each Parquet log a temporary copy, with its session's JSON."""
    with tempfile.TemporaryDirectory(prefix="facecam-") as folder:
        copies = []
        for number, path in enumerate(paths):
            if is_parquet(path):
                copy = Path(folder, str(number), f"{session_id_of(path)}.csv")
                copy.parent.mkdir()
                write_csv_texts(copy, map(escape, (rows := _Rows([path], COLUMN_TYPES, lambda *_: None)).types), rows.texts(None))
                copy.with_suffix(".json").write_bytes(session_json(read_details(path)))
            copies.append(copy if is_parquet(path) else path)
        yield copies


def _merge(paths: Sequence[Path], target: Path, report_progress: Callable[[int, int], None]) -> MergeSummary:
    without_rows: list[str] = []
    lines = pd.concat(
        [_index_lines(path, without_rows).assign(file=number) for number, path in enumerate(paths)], ignore_index=True
    )
    if lines.empty and without_rows:
        raise LogError(without_rows[0])
    selected = _longest_copies(lines, paths)
    # By time, then session, then position in the session: the result does not depend on the order of the logs.
    ordered = selected.sort_values(["ts_utc", "session"], kind="stable")
    headers = [read_header(path) for path in paths]
    found = dict.fromkeys(name for own in headers for name in own)
    header = [*NAMES, *(name for name in found if name not in {*NAMES, MACHINE.name}), MACHINE.name]
    converters = [_line_converter(path, own, header) for path, own in zip(paths, headers, strict=True)]
    with open_output(target) as part, part.open("wb") as out:
        out.write(csv_line([_neutralized(name) for name in header]).encode())
        for start in range(0, len(ordered), _BATCH_ROWS):
            report_progress(start, len(ordered))
            out.writelines(_merged_lines(ordered.iloc[start : start + _BATCH_ROWS], paths, converters))
    write_dictionary_of(target, data_dictionary(header))
    unused = sorted(set(lines["file"]) - set(selected["file"]))
    return MergeSummary(len(ordered), selected["session"].nunique(), tuple(paths[number] for number in unused))


def _index_lines(path: Path, without_rows: list[str]) -> pd.DataFrame:
    """Return start, end, ts_utc, session and log of a file's rows. All parts of a session in one folder are one log.

    Like `read_log`, leave out damaged lines; `without_rows` as in `read_table`.
    """
    starts, ends, codes, stamps = array("q"), array("q"), array("l"), bytearray()
    sessions: dict[str, int] = {}
    check = RowCheck(read_header(path))
    whole = find_whole_lines(path)
    with open_log(path) as file:
        for start, line in rows(file, whole.end, check):
            cells = line.split(b",", _FIRST_CELLS)[:_FIRST_CELLS]
            _, session, stamp = [cell.encode() for cell in split_cells(line)[:_FIRST_CELLS]] if b'"' in b"".join(cells) else cells
            starts.append(start)
            ends.append(start + len(line))
            stamps += stamp.removesuffix(b"Z").ljust(_STAMP_BYTES, b"\0")
            codes.append(sessions.setdefault(session.decode(), len(sessions)))
    check.warn(path, stacklevel=4)
    if check.damaged and not check.rows:
        without_rows.append(check.message(path))
    times = np.frombuffer(bytes(stamps), f"S{_STAMP_BYTES}").astype("datetime64[ms]")
    log = path.resolve().with_name(session_id_of(path)) if SESSION_ID.fullmatch(session_id_of(path)) else path.resolve()
    names = np.array([*sessions], object)[np.asarray(codes)] if sessions else np.array([], object)
    # With types also for a file without rows, whose columns would make those of all files float.
    places = {"start": np.asarray(starts, np.int64), "end": np.asarray(ends, np.int64)}
    return pd.DataFrame({**places, "ts_utc": times, "session": names, "log": str(log)})


def _longest_copies(lines: pd.DataFrame, paths: Sequence[Path]) -> pd.DataFrame:
    """Return the lines of the log with the most rows of each session. LogError when a name stands for different sessions."""
    counts = lines.groupby(["session", "log"], sort=False, as_index=False).size()
    copied = lines[lines["session"].isin(counts.loc[counts["session"].duplicated(), "session"])]
    firsts = copied.sort_values("ts_utc", kind="stable").drop_duplicates(["session", "log"]).sort_values("file")
    for session, own in firsts.groupby("session"):
        cells = [line.split(b",")[:_CELLS_BEFORE_MESSAGE] for line in _merged_lines(own, paths, [bytes] * len(paths))]
        for cell, number in zip(cells, own["file"], strict=True):
            if cell != cells[0]:
                first, other = paths[own["file"].iloc[0]], paths[number]
                raise LogError(
                    "{first} and {other} contain different sessions with the name {session}; leave one out",
                    first=first,
                    other=other,
                    session=session,
                )
    longest = counts.sort_values("size", ascending=False, kind="stable").drop_duplicates("session").set_index("session")["log"]
    return lines[lines["log"] == lines["session"].map(longest)]


def _merged_lines(lines: pd.DataFrame, paths: Sequence[Path], converters: Sequence[Callable[[bytes], bytes]]) -> list[bytes]:
    """Read indexed lines. Files are opened one after the other: there may be more than can be open at once."""
    merged = [b""] * len(lines)
    lines = lines.reset_index(drop=True)
    for number in lines["file"].unique().tolist():
        own = lines[lines["file"] == number]
        with open_log(paths[number]) as file:
            for at, start, end in zip(own.index, own["start"], own["end"], strict=True):
                file.seek(start)
                merged[at] = converters[number](file.read(end - start).rstrip(b"\r\n"))
    return merged


def _line_converter(path: Path, own_header: list[str], header: list[str]) -> Callable[[bytes], bytes]:
    """Return a function that converts a line of the file. An older version's columns are the first ones of a newer's."""
    is_text = [KINDS.get(name, "text") in ("text", "category") for name in own_header]
    machine = escape(str(read_details(path).get("machine", "")))
    added = [""] * (len(header) - len(own_header) - 1) + [machine]
    is_beginning = MACHINE.name not in own_header and header[: len(own_header)] == own_header
    end = b"\n" if own_header == header else b"," + csv_line(added).encode("utf-8", "backslashreplace")

    def convert(line: bytes) -> bytes:
        if (own_header == header or is_beginning) and not _has_formula(line):
            return line + end
        cells = [_neutralized(cell) if text else cell for cell, text in zip(split_cells(line), is_text, strict=True)]
        texts = {MACHINE.name: machine, **dict(zip(own_header, cells, strict=True))}
        return csv_line([texts.get(name, "") for name in header]).encode("utf-8", "backslashreplace")

    return convert


def _has_formula(line: bytes) -> bool:
    is_plain = len(line.translate(None, _RARE_BYTES)) == len(line) and not _MINUS.search(line)
    return not is_plain and bool(_FORMULA.search(line))


def _neutralized(cell: str) -> str:
    """Escape a cell that another program wrote or saved, which may have removed the leading `'` of a formula."""
    return cell if cell.startswith("'") or _NUMBER.fullmatch(cell) else escape(cell)


_GROUP_ROWS = 100_000


def export_log(
    logs: LogPaths,
    target: Path,
    report_progress: Callable[[int, int], None],
    *,
    file_format: ExportFormat | None = None,
    locale: CsvLocale | None = None,
) -> int:
    """Write every row of the logs to a file, with the order and types of `read_log`, and return the number of rows.

    Logs are read in pieces, so memory stays small however long they are.

    Args:
        logs: Logs, or folders of logs.
        target: The file. Next to a CSV file, its data dictionary is written as NAME.columns.json.
        report_progress: Called with the number of files that are done, and of all files.
        file_format: None for that of the target's suffix.
        locale: For CSV, the language of the spreadsheet that will open it, as in `write_csv`. Without one, the file is a log
            that `read_log` reads.

    Raises:
        LogError: A log cannot be read, or no line of all logs is a row.
        OutputError: The target cannot be written, or XlsxWriter is missing.
        ValueError: The suffix is not that of a format.
    """
    file_format = file_format or ExportFormat(target.suffix.lower().removeprefix("."))
    if file_format is ExportFormat.XLSX:
        require_xlsx()
    paths = find_logs(logs)
    rows = _Rows(paths, COLUMN_TYPES | other_types(paths), report_progress)
    if file_format is ExportFormat.PARQUET:
        _write_parquet(target, rows)
    elif file_format is ExportFormat.XLSX:
        about = [(name, *_about(entry)) for name, entry in data_dictionary(rows.types).items()]
        write_xlsx(target, [Sheet("Log", [*rows.types], rows.values()), Sheet("Columns", ["column", *_ABOUT], about)])
    else:
        write_csv_texts(target, map(escape, rows.types), rows.texts(locale), locale)
        write_dictionary_of(target, data_dictionary(rows.types))
    return rows.count


_ABOUT = ("Description", "Format", "Units", "Levels")


def _about(entry: Mapping[str, Any]) -> list[str]:
    """Return an entry of the data dictionary as cells of the columns _ABOUT."""
    levels = "; ".join(f"{level}: {meaning}" for level, meaning in entry.get("Levels", {}).items())
    return [*(str(entry.get(name, "")) for name in _ABOUT[:-1]), levels]


class _Rows:
    """Rows of logs, read once in pieces. `types` are those of the columns, `count` is the number of rows so far."""

    def __init__(self, paths: Sequence[Path], types: dict[str, Any], report_progress: Callable[[int, int], None]) -> None:
        self.types = types
        self.count = 0
        self.schema = pa.schema(types.items()).with_metadata(pandas_metadata(types))
        self._paths = paths
        self._report_progress = report_progress

    def batches(self) -> Iterator[Any]:
        """Yield the rows in batches of some thousand; LogError at the end when no line is a row."""
        without_rows: list[str] = []
        readings: Readings = {}
        for done, path in enumerate(self._paths):
            self._report_progress(done, len(self._paths))
            for batch in read_batches(path, types=self.types, without_rows=without_rows, readings=readings):
                self.count += batch.num_rows
                yield _conform(batch, self.schema)
        if not self.count and without_rows:
            raise LogError(without_rows[0])

    def values(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the values of each row."""
        for batch in self.batches():
            yield from zip(*map(_values, batch.columns), strict=True)

    def texts(self, locale: CsvLocale | None) -> Iterator[tuple[str, ...]]:
        """Yield the cells of each row as in the log, or in the form of a spreadsheet's locale."""
        for batch in self.batches():
            yield from zip(*(_texts(name, batch.column(name), locale) for name in self.types), strict=True)


def text_rows(log: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of one log as the cells of a CSV log, by column. LogError when it cannot be read."""
    rows = _Rows([log], COLUMN_TYPES, lambda *_: None)
    for cells in rows.texts(None):
        yield dict(zip(rows.types, cells, strict=True))


def _values(column: Any) -> list[Cell]:
    if pa.types.is_timestamp(column.type):
        return [None if ms is None else _EPOCH + timedelta(milliseconds=ms) for ms in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_dictionary(column.type):
        return _by_index(column, column.dictionary.to_pylist(), None)
    found: list[Cell] = column.to_pylist()
    return found


def _texts(name: str, column: Any, locale: CsvLocale | None) -> list[str]:
    if pa.types.is_dictionary(column.type):
        # Each of the repeating texts is formatted once.
        return _by_index(column, [cell_text(text) for text in column.dictionary.to_pylist()], "")
    if name not in KINDS or pa.types.is_timestamp(column.type):
        return [cell_text(value, locale) for value in _values(column)]
    form = formatter(name)
    texts = ["" if value is None else form(value) for value in column.to_pylist()]
    decimal = locale.decimal if locale and pa.types.is_floating(column.type) else "."
    return texts if decimal == "." else [text.replace(".", decimal) for text in texts]


def _by_index(column: Any, entries: list[Any], absent: Any) -> list[Any]:
    """Return each row's entry of a dictionary column."""
    return [absent if place is None else entries[place] for place in column.indices.to_pylist()]


def write_parquet_log(log: Path, target: Path, details: Mapping[str, Any]) -> None:
    """Write the rows of a CSV log to a Parquet log, which others cannot read, with the session's JSON in its metadata.

    Args:
        log: The CSV log.
        target: The file, which is replaced at once when it is complete.
        details: Content of the session's JSON.

    Raises:
        LogError: The CSV log cannot be read.
        OutputError: The file cannot be written.
    """
    rows = _Rows([log], COLUMN_TYPES, lambda *_: None)
    rows.schema = rows.schema.with_metadata({**rows.schema.metadata, SESSION_KEY: session_json(details)})
    _write_parquet(target, rows, private=True)


def _write_parquet(target: Path, rows: _Rows, *, private: bool = False) -> None:
    waiting: list[Any] = []
    count = 0
    with (
        open_output(target, private=private) as part,
        pa.parquet.ParquetWriter(str(part), rows.schema, compression="zstd") as writer,
    ):
        for batch in rows.batches():
            waiting.append(batch)
            count += batch.num_rows
            if count >= _GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(waiting).unify_dictionaries())
                waiting.clear()
                count = 0
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting).unify_dictionaries())


def _conform(batch: Any, schema: Any) -> Any:
    """Return the batch with all columns of `schema`."""
    present = set(batch.schema.names)
    columns = [batch.column(field.name) if field.name in present else pa.nulls(batch.num_rows, field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
