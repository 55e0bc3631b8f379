"""Logs as one Parquet file: a tenth of the size, and every column with its type. Memory stays small however much there is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from facecam.atomic import whole_file
from facecam.errors import LogError
from facecam.logbook.files import Logs, LogWarning, find_logs, header_of
from facecam.logbook.reader import as_pandas_knows
from facecam.logbook.tables import TYPES, batches, joined, read_table, unescaped

_GROUP_ROWS = 100_000


def export_parquet(logs: Logs, target: Path, told: Callable[[int, int], None]) -> int:
    """Write every row of the logs to `target`, as `read_log` orders and types them; how many rows there are.

    `told(done, total)` counts files. LogError when a log cannot be read or the target cannot be written.
    """
    paths = find_logs(logs)
    types = TYPES | _newer_types(paths)
    schema = pa.schema(types.items()).with_metadata(as_pandas_knows(types))
    rows = 0
    try:
        with whole_file(target) as part, pa.parquet.ParquetWriter(str(part), schema, compression="zstd") as writer:
            for done, path in enumerate(paths):
                told(done, len(paths))
                for table in _groups(path, schema):
                    writer.write_table(table)
                    rows += table.num_rows
    except OSError as error:
        raise LogError(f"{target} cannot be written ({error.strerror or error}); choose another place with -o") from error
    return rows


def _newer_types(paths: Sequence[Path]) -> dict[str, Any]:
    """The types of the columns that only a newer version knows, which no one but their cells can tell."""
    newer = list(dict.fromkeys(name for path in paths for name in header_of(path) if name not in TYPES))
    if not newer:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # they are told when the rows are read
        whole = joined([read_table(path, newer) for path in paths])
    types = {name: whole.schema.field(name).type for name in newer}
    return {name: pa.string() if pa.types.is_null(kind) else kind for name, kind in types.items()}


def _groups(path: Path, schema: Any) -> Iterator[Any]:
    """The log's rows as tables of `schema`, each large enough for a row group of its own."""
    waiting: list[Any] = []
    for batch in batches(path, dict(zip(schema.names, schema.types, strict=True))):
        waiting.append(_in_order(batch, schema))
        if sum(part.num_rows for part in waiting) >= _GROUP_ROWS:
            yield pa.Table.from_batches(waiting).unify_dictionaries()
            waiting.clear()
    if waiting:
        yield pa.Table.from_batches(waiting).unify_dictionaries()


def _in_order(batch: Any, schema: Any) -> Any:
    """The batch with all columns of `schema`, texts as they were before they were escaped."""
    there = set(batch.schema.names)
    columns = [
        _plain(batch.column(field.name)) if field.name in there else pa.nulls(batch.num_rows, field.type) for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _plain(column: Any) -> Any:
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(column.indices, unescaped(column.dictionary))
    return unescaped(column)
