"""Logs in Parquet files, which `facecam process` writes: one per video, with the session's JSON in the file's metadata."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from facecam.errors import LogError
from facecam.fileio import open_regular, parse_json

SUFFIX = ".parquet"

PARQUET_LOG = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}\.[^/]+\.parquet", re.DOTALL)
"""Names of the logs of `facecam process`: the session's id and the name of the video."""

SESSION_KEY = b"facecam_session"
"""Key of the session's JSON in the file's metadata."""

_FIRST_COLUMNS = ("schema_version", "session_id", "ts_utc")


def is_parquet(path: Path) -> bool:
    """Return whether a log is a Parquet file, by its name."""
    return path.suffix.lower() == SUFFIX


def parquet_logs_below(folder: Path) -> Iterator[Path]:
    """Yield the logs of `facecam process` in a folder and those below, in order. Exports are left out."""
    yield from sorted(path for path in folder.rglob(f"*{SUFFIX}") if PARQUET_LOG.fullmatch(path.name) and path.is_file())


def parquet_header(path: Path) -> list[str]:
    """Return the columns of a log. LogError when the file has no rows of a log."""
    names = list(_facts(path)[0])
    if tuple(names[: len(_FIRST_COLUMNS)]) != _FIRST_COLUMNS:
        raise LogError(
            "{path} is not a facecam log: its first columns should be {columns}; use a file that `facecam process` or "
            "`facecam log export` wrote",
            path=path,
            columns=", ".join(_FIRST_COLUMNS),
        )
    return names


def parquet_details(path: Path) -> dict[str, Any]:
    """Return the session's JSON of a log; {} when it has none, or is damaged."""
    try:
        content = parse_json(_facts(path)[1])
    except (LogError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _facts(path: Path) -> tuple[tuple[str, ...], bytes]:
    """Return the columns and the session's JSON of a Parquet file. LogError when it cannot be read."""
    try:
        found = path.stat()
        return _read_facts(path, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise LogError(
            "the log {path} cannot be read: {reason}; check the path and its permissions", path=path, reason=error
        ) from error


@lru_cache(maxsize=256)
def _read_facts(path: Path, _changed_ns: int, _size_bytes: int) -> tuple[tuple[str, ...], bytes]:
    import pyarrow as pa
    import pyarrow.parquet

    with open_regular(path) as file:
        try:
            schema = pa.parquet.read_schema(file)
        except (pa.ArrowException, ValueError) as error:
            raise LogError(
                "{path} is not a Parquet file, or is damaged: {error}; use the original file", path=path, error=error
            ) from error
    return tuple(schema.names), (schema.metadata or {}).get(SESSION_KEY, b"")


def parquet_batches(path: Path, columns: Sequence[str], types: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the rows of a log in batches, with the given columns and their Arrow types.

    Raises:
        ArrowException, OSError: The file is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet

    with open_regular(path) as source, pa.parquet.ParquetFile(source) as file:
        for batch in file.iter_batches(columns=list(columns)):
            names = [name for name in columns if name in batch.schema.names]
            schema = pa.schema([(name, types.get(name, batch.schema.field(name).type)) for name in names])
            yield pa.RecordBatch.from_arrays([batch.column(name).cast(schema.field(name).type) for name in names], schema=schema)


def session_json(details: Mapping[str, Any]) -> bytes:
    """Return the session's JSON in the form of the metadata."""
    return json.dumps(details, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace")
