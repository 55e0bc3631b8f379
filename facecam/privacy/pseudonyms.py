"""Replacement of one person in logs by a pseudonym that cannot be reversed.

The pseudonym is random and the same in every file, so that analyses still tell this person from others. Neither the pseudonym nor
the key of the photos' pseudonyms is kept, so no one can compute or look up whom it stands for. Each file is replaced as a whole.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from facecam.errors import LogError
from facecam.fileio import atomic_path, parse_json, read_regular
from facecam.logbook.lines import open_log, read_header
from facecam.logbook.schema import csv_line, escape
from facecam.logbook.sessions import MAX_DETAILS_BYTES, is_in_use, session_id_of
from facecam.privacy.log_mentions import (
    NAME_COLUMNS,
    USERS_KEYS,
    LogFiles,
    LogMentions,
    blocks,
    free_text,
    map_texts,
    split,
    unescaped,
)
from facecam.privacy.traces import SHORT_HASH, PersonTraces

ProgressCallback = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """Pseudonym of a person in logs: a name and an id, both random, and the key that changes the photos' hashes."""

    name: str
    person_id: str
    key: str

    @classmethod
    def random(cls) -> Pseudonym:
        """Return a new pseudonym."""
        return cls(f"person-{secrets.token_hex(4)}", secrets.token_hex(16), secrets.token_hex(32))

    def of_hash(self, digest: str) -> str:
        """Return what stands for a photo's SHA-256, or for its first digits: the same for both as far as they go."""
        changed = hmac.digest(bytes.fromhex(self.key), digest[:SHORT_HASH].lower().encode(), hashlib.sha256).hex()
        return changed[: len(digest)]

    def of_trace(self, trace: str, traces: PersonTraces) -> str:
        """Return what stands for a name, an id or a hash that was found in a text."""
        lower = trace.lower()
        if lower in traces.person_ids:
            return self.person_id
        return self.of_hash(lower) if lower[:SHORT_HASH] in traces.short_hashes else self.name


def pseudonymize(mentions: LogMentions, pseudonym: Pseudonym, report_progress: ProgressCallback) -> list[Path]:
    """Replace the person in every log and return the files that have changed.

    `report_progress(done, total)` counts blocks of 1 KB. What is done already stays as it is, so an interrupted call is repeated.

    Raises:
        LogError: A session is writing one of the files, or one cannot be read or written.
    """
    files = mentions.files
    every = [*files.tables, *files.parquet, *files.details]  # The JSON with the ids is last: the rows are found with it.
    sizes = [path.stat().st_size if path.is_file() else 0 for path in every]
    total, changed = sum(sizes), []
    for path, start in zip(every, accumulate(sizes, initial=0), strict=False):
        _report(report_progress, start, total, 0)
        try:
            if _Rewriter(path, mentions, pseudonym, partial(_report, report_progress, start, total)).run():
                changed.append(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise LogError(
                "the log {path} cannot be changed: {error}; correct that, then try again", path=path, error=error
            ) from error
    return changed


def _report(report_progress: ProgressCallback, start: int, total: int, done: int) -> None:
    report_progress(min(start + done, total) // 1024, -(-total // 1024))  # Qt counts to 2**31


def require_ended(files: LogFiles) -> None:
    """Raise LogError when a session is writing one of the files."""
    if running := files.running():
        raise LogError(
            "the session {sessions} is running and has the people of the gallery in memory: end it (Ctrl+E in the window), "
            "then try again",
            sessions=", ".join(running),
        )


class _Rewriter:
    """Rewrites one file of a log."""

    def __init__(self, path: Path, mentions: LogMentions, pseudonym: Pseudonym, report_bytes: Callable[[int], object]) -> None:
        self._path = path
        self._report_bytes = report_bytes
        self._mentions = mentions
        self._pseudonym = pseudonym
        self._needles = mentions.everything.needles

    def run(self) -> bool:
        """Rewrite the file if it mentions the person, and return whether it has changed."""
        if self._path.suffix == ".json":
            return self._rewrite_json()
        return self._rewrite_parquet() if self._path.suffix == ".parquet" else self._rewrite_csv()

    def _rewrite_csv(self) -> bool:
        if not any(map(self._needles.kinds_in, blocks(self._path))):
            return False
        if is_in_use(self._path):
            raise LogError("a session is writing the log {path}: end it, then try again", path=self._path)
        header = read_header(self._path)

        def write(part: Path) -> None:
            with open_log(self._path) as file:
                first = file.readline()
            with part.open("wb") as out:
                out.write(first)
                for block in blocks(self._path):
                    copied = 0
                    for start, end, _ in self._needles.lines_in(block):
                        out.write(block[copied:start])
                        out.write(self._line(block[start:end], header))
                        copied = end
                    out.write(block[copied:])
                    self._report_bytes(out.tell())

        self._replace(write)
        return True

    def _line(self, line: bytes, header: list[str]) -> bytes:
        cells = split(line)
        if len(cells) != len(header):  # damaged, or cut by a kill: the whole line is a text
            text = line.decode("utf-8", "surrogateescape")
            return self._text(text, self._mentions.everything).encode("utf-8", "surrogateescape")
        row = {name: unescaped(cell) for name, cell in zip(header, cells, strict=True)}
        changed = self._row(row)
        texts = [escape(changed[name]) if changed[name] != row[name] else cell for name, cell in zip(header, cells, strict=True)]
        return csv_line(texts).encode("utf-8", "surrogateescape")

    def _row(self, row: dict[str, str]) -> dict[str, str]:
        """Return the row with the person replaced."""
        traces, changed = self._mentions.of_session(row.get("session_id", "")), dict(row)
        for name in NAME_COLUMNS:
            has_other_id = name == "name" and row.get("person_id") and row["person_id"] not in traces.person_ids
            if row.get(name) and traces.is_named(row[name]) and not has_other_id:
                changed[name] = self._pseudonym.name
        if row.get("person_id") in traces.person_ids:
            changed |= {"name": self._pseudonym.name, "person_id": self._pseudonym.person_id}
        if row.get("sample_id"):
            changed["sample_id"] = self._sample(row, traces, is_own=changed.get("nearest_name") == self._pseudonym.name)
        for name in free_text(row):
            if row[name]:
                changed[name] = self._text(row[name], traces)
        return changed

    def _sample(self, row: dict[str, str], traces: PersonTraces, *, is_own: bool) -> str:
        folder, _, file = row["sample_id"].rpartition("/")
        stem, dot, suffix = file.rpartition(".")
        if is_own or folder in traces.folders or stem[:SHORT_HASH].lower() in traces.short_hashes:
            digest = stem[:SHORT_HASH] if stem else file
            return f"{self._pseudonym.name}/{self._pseudonym.of_hash(digest)[:8]}{dot}{suffix}"
        return row["sample_id"]

    def _text(self, text: str, traces: PersonTraces) -> str:
        return traces.replaced(text, lambda trace: self._pseudonym.of_trace(trace, traces))

    def _rewrite_json(self) -> bool:
        data = read_regular(self._path, MAX_DETAILS_BYTES)
        try:
            content = parse_json(data)
        except ValueError:
            if not self._needles.kinds_in(data):
                return False
            text = data.decode("utf-8", "surrogateescape")
            changed_data = self._text(text, self._mentions.everything).encode("utf-8", "surrogateescape")
        else:
            changed = self._details(content)
            if changed == content:
                return False
            text = json.dumps(changed, ensure_ascii=False, indent=2) + "\n"
            changed_data = text.encode("utf-8", "backslashreplace")
        self._replace(lambda part: part.write_bytes(changed_data))
        return True

    def _details(self, content: Any) -> Any:
        traces = self._mentions.of_session(session_id_of(self._path))
        if not isinstance(content, dict):
            return map_texts(content, lambda text: self._text(text, traces))
        if isinstance(content.get("people"), list):
            # The person is last then: the list is sorted by name, so the place would tell where in the alphabet the name was.
            people = [self._person(entry, traces) for entry in content["people"]]
            own = [new for new, old in zip(people, content["people"], strict=True) if new is not old]
            content = content | {"people": [*(entry for entry in people if entry not in own), *own]}
        # The names of other people contain no trace, whatever they look like.
        return {
            key: map_texts(value, lambda text: self._text(text, traces), with_keys=key in USERS_KEYS)
            for key, value in content.items()
        }

    def _person(self, entry: Any, traces: PersonTraces) -> Any:
        """Return an entry of the list of people; of the person with the pseudonym."""
        if not isinstance(entry, dict) or entry.get("person_id") not in traces.person_ids:
            return entry
        change = self._pseudonym.of_hash
        hashes = {
            key: [change(str(digest)) for digest in entry[key]]
            for key in ("photos", "rejected")
            if isinstance(entry.get(key), list)
        }
        return entry | {"person_id": self._pseudonym.person_id, "name": self._pseudonym.name, **hashes}

    def _rewrite_parquet(self) -> bool:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            source = pq.ParquetFile(self._path)
        except (pa.ArrowInvalid, OSError):
            return False
        with source:
            schema = source.schema_arrow
            if "session_id" not in schema.names:
                return False
            has_changed = False
            everything = self._mentions.everything

            def write(part: Path) -> None:
                nonlocal has_changed
                metadata = {
                    key: self._text(value.decode("utf-8", "surrogateescape"), everything).encode("utf-8", "surrogateescape")
                    for key, value in (schema.metadata or {}).items()
                }
                has_changed |= metadata != (schema.metadata or {})
                with pq.ParquetWriter(part, schema.with_metadata(metadata), compression="zstd") as out:
                    for batch in source.iter_batches():
                        changed = self._batch(batch)
                        has_changed |= not changed.equals(batch)
                        out.write_batch(changed.replace_schema_metadata(metadata))

            try:
                self._replace(write, lambda: has_changed)
            except _UnchangedError:
                return False
        return True

    def _batch(self, batch: Any) -> Any:
        """Return a batch of rows with the person replaced; columns without text stay as they are."""
        import pyarrow as pa

        def has_text(kind: Any) -> bool:
            kind = kind.value_type if pa.types.is_dictionary(kind) else kind
            return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))

        names = [name for name in batch.schema.names if has_text(batch.schema.field(name).type)]
        columns = {name: batch.column(name).to_pylist() for name in names}
        rows = [self._row({name: columns[name][row] or "" for name in names}) for row in range(batch.num_rows)]
        arrays = []
        for name in batch.schema.names:
            if name in columns:
                texts = [row[name] if old is not None else None for row, old in zip(rows, columns[name], strict=True)]
                kind = batch.schema.field(name).type
                plain = pa.array(texts, kind.value_type if pa.types.is_dictionary(kind) else kind)
                arrays.append(plain.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else plain)
            else:
                arrays.append(batch.column(name))
        return pa.RecordBatch.from_arrays(arrays, schema=batch.schema)

    def _replace(self, write: Callable[[Path], object], is_changed: Callable[[], bool] = lambda: True) -> None:
        """Replace the file by what `write` writes. It keeps its time: of a session that was killed, this is the end."""
        times = self._path.stat()
        with atomic_path(self._path, private=True) as part:
            write(part)
            if not is_changed():
                raise _UnchangedError
            os.utime(part, ns=(times.st_atime_ns, times.st_mtime_ns))


class _UnchangedError(Exception):
    """The file does not mention the person."""
