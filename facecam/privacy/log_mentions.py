"""Mentions of one person in logs: which rows are about them, and which compare another face with them.

A name belongs to a person for a session: another person may have it today, or had it then. The session's JSON lists the people
with their ids, and the log's rows have the id of each named face.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from facecam.errors import LogError
from facecam.fileio import parse_json, read_regular
from facecam.logbook.lines import open_log, read_header
from facecam.logbook.parquet_logs import PARQUET_LOG, is_parquet, parquet_details
from facecam.logbook.schema import COLUMNS
from facecam.logbook.sessions import MAX_DETAILS_BYTES, SESSION_FILE, is_in_use, session_id_of
from facecam.privacy.traces import PersonTraces

_BLOCK_BYTES = 1 << 20

USERS_KEYS = frozenset({"labels", "networks"})
"""Keys of the JSON of a session whose values have keys that users have chosen."""

NAME_COLUMNS = ("name", "nearest_name", "second_name", "event_person")
_VOCABULARY = frozenset(
    [
        *(
            "session_id",
            "mode",
            "event",
            "gate",
            "sighting_decision",
            "decision",
            "reason",
            "expression",
            "event_code",
            "ts_origin",
        ),
        *(
            "label_1_id",
            "label_2_id",
            "label_3_id",
            "embed_model",
            "expression_model",
            "gallery_revision",
            "person_id",
            "sample_id",
        ),
    ]
)
"""Columns of words that facecam chooses, and those with a meaning of their own: free text is in none of them."""

TEXT_COLUMNS = frozenset(
    column.name for column in COLUMNS if column.kind in ("text", "category") and column.name not in {*_VOCABULARY, *NAME_COLUMNS}
)
_KNOWN = frozenset(column.name for column in COLUMNS)
_LABEL = re.compile(r"label_\d")
_WORDNET_ID = re.compile(r"n\d{8}")


class Mention(StrEnum):
    """Kind of a row that mentions a person: it is about them, or only compares another face with them or has a label of them."""

    OWN = "own"
    COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class LogFiles:
    """Files of logs: CSV files with the columns of a log, JSON files of sessions, and Parquet files."""

    tables: tuple[Path, ...] = ()
    details: tuple[Path, ...] = ()
    parquet: tuple[Path, ...] = ()

    @classmethod
    def find(cls, files: Iterable[Path]) -> LogFiles:
        """Sort files; all others are left out."""
        tables, details, parquet = [], [], []
        for path in files:
            if path.suffix == ".csv" and _is_log(path):
                tables.append(path)
            elif path.suffix == ".json" and SESSION_FILE.fullmatch(path.name):
                details.append(path)
            elif path.suffix == ".parquet":
                parquet.append(path)
        return cls(tuple(tables), tuple(details), tuple(parquet))

    @property
    def archives(self) -> tuple[Path, ...]:
        """The Parquet files that `facecam process` wrote, with the JSON of their sessions; the others are exports."""
        return tuple(path for path in self.parquet if PARQUET_LOG.fullmatch(path.name))

    def running(self) -> list[str]:
        """Return the ids of the sessions that are writing one of the files."""
        found = []
        for path in self.tables:
            with suppress(OSError):
                if is_in_use(path):
                    found.append(session_id_of(path))
        return list(dict.fromkeys(found))


def _is_log(path: Path) -> bool:
    try:
        return bool(read_header(path))
    except LogError:
        return False


@dataclass(eq=False)
class LogMentions:
    """Finds one person in the rows and the JSON of sessions.

    Attributes:
        traces: The person. Names from before a rename are added to those of the sessions that have them.
        files: The logs.
        hashes: SHA-256 of every photo of the person that a session lists.
    """

    traces: PersonTraces
    files: LogFiles
    hashes: set[str] = field(default_factory=set)
    _own: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _excluded: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _cached: dict[tuple[frozenset[str], frozenset[str]], PersonTraces] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in (*self.files.details, *self.files.archives):
            self._add_people(session_id_of(path), read_session_json(path))
        for path in self.files.tables:
            self._add_names(path)
        for path in self.files.archives if self.traces.person_ids else ():
            for row in _archive_rows(path):
                if row["person_id"] in self.traces.person_ids and row["name"]:
                    self._own[row["session_id"]].add(row["name"])

    @property
    def earlier_names(self) -> set[str]:
        """Names that the person had in sessions."""
        return {name for names in self._own.values() for name in names} - set(self.traces.names)

    def _add_people(self, session: str, details: Mapping[str, Any]) -> None:
        people = details.get("people")
        for entry in people if isinstance(people, list) else ():
            if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                continue
            if entry.get("person_id") in self.traces.person_ids:
                self._own[session].add(entry["name"])
                self.hashes.update(digest for key in ("photos", "rejected") for digest in _texts(entry.get(key)))
            else:
                self._excluded[session].add(entry["name"])

    def _add_names(self, path: Path) -> None:
        """Add the names in the rows with the person's id."""
        codes = [code.encode() for code in self.traces.person_ids]
        header = read_header(path)
        if "person_id" not in header or not codes:
            return
        for block in blocks(path):
            if any(code in block for code in codes):
                for line in block.split(b"\n"):
                    cells = split(line) if any(code in line for code in codes) else []
                    if len(cells) == len(header):
                        row = dict(zip(header, cells, strict=True))
                        if row["person_id"] in self.traces.person_ids and row.get("name"):
                            self._own[row.get("session_id", "")].add(unescaped(row["name"]))

    def of_session(self, session: str) -> PersonTraces:
        """Return the traces of the person in a session."""
        own = frozenset(self._own.get(session, ()))
        excluded = frozenset(self._excluded.get(session, ())) - own
        if (own, excluded) not in self._cached:
            names = [name for name in (*self.traces.names, *sorted(own)) if name not in excluded]
            folders = [name for name in self.traces.folders if name not in excluded]
            others = (*self.traces.others, *sorted(excluded))
            self._cached[own, excluded] = replace(
                self.traces,
                names=tuple(dict.fromkeys(names)),
                folders=tuple(folders),
                photo_hashes=self.traces.photo_hashes | self.hashes,
                others=others,
            )
        return self._cached[own, excluded]

    @property
    def everything(self) -> PersonTraces:
        """The traces with every name that the person ever had."""
        names = tuple(dict.fromkeys([*self.traces.names, *sorted(self.earlier_names)]))
        return replace(self.traces, names=names, photo_hashes=self.traces.photo_hashes | self.hashes)

    def mention(self, row: Mapping[str, str]) -> Mention | None:
        """Return what a row, of texts by column, has to do with the person; None for nothing."""
        traces = self.of_session(row.get("session_id", ""))
        person_id = row.get("person_id", "")
        is_own = person_id in traces.person_ids if person_id else traces.is_named(row.get("name", ""))
        if is_own or (row.get("event_person") and traces.is_named(row["event_person"])):
            return Mention.OWN
        texts = [name for name in free_text(row) if row[name] and traces.is_in(row[name])]
        if any(name in ("message", "marker") for name in texts):
            return Mention.OWN
        compared = [row[name] for name in ("nearest_name", "second_name") if row.get(name)]
        if texts or any(map(traces.is_named, compared)) or self._shows_photo(row, traces):
            return Mention.COMPARED
        return None

    def _shows_photo(self, row: Mapping[str, str], traces: PersonTraces) -> bool:
        sample = row.get("sample_id", "")
        folder, _, file = sample.partition("/")
        return bool(sample) and (file.partition(".")[0] in traces.short_hashes or (folder in traces.folders and "/" in sample))

    def rows(self, path: Path) -> Iterator[tuple[Mention, dict[str, str]]]:
        """Yield the rows of a log that mention the person, as texts by column."""
        if is_parquet(path):
            for row in _archive_rows(path):
                if (found := self.mention(row)) is not None:
                    yield found, row
            return
        header, needles = read_header(path), self.everything.needles
        for block in blocks(path):
            for start, end, _ in needles.lines_in(block):
                cells = split(block[start:end])
                if len(cells) == len(header):
                    row = {name: unescaped(cell) for name, cell in zip(header, cells, strict=True)}
                    if (mention := self.mention(row)) is not None:
                        yield mention, row


def _archive_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a Parquet file as texts by column; none of a damaged one."""
    from facecam.logbook.export import text_rows  # loads pandas

    with suppress(LogError):
        yield from ({name: unescaped(cell) for name, cell in row.items()} for row in text_rows(path))


def free_text(row: Mapping[str, str]) -> Iterator[str]:
    """Yield the columns of a row that have text of users: also columns of labels, and those of a newer version."""
    for name, id_column in _text_columns(tuple(row)):
        if not (id_column and _WORDNET_ID.fullmatch(row.get(id_column, ""))):
            yield name


@lru_cache(maxsize=64)
def _text_columns(header: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the columns with text, each with the column whose WordNet id makes its text one of facecam's, or ""."""
    names = [name for name in header if name in TEXT_COLUMNS or name not in _KNOWN]
    return tuple((name, f"{name}_id" if _LABEL.fullmatch(name) else "") for name in names)


def blocks(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces of whole lines, without its first line. LogError when it cannot be read."""
    with open_log(path) as file:
        file.readline()
        while lines := file.readlines(_BLOCK_BYTES):
            yield b"".join(lines)


def split(line: bytes) -> list[str]:
    """Return the cells of a line as they are stored; [] for one that is damaged."""
    try:
        return next(csv.reader(io.StringIO(line.decode("utf-8", "surrogateescape").rstrip("\r\n"), newline=""), strict=True), [])
    except csv.Error:
        return []


def unescaped(cell: str) -> str:
    """Return the text of a cell without the apostrophe that keeps spreadsheets from running it."""
    return cell.removeprefix("'")


def read_session_json(path: Path) -> dict[str, Any]:
    """Return the content of a session's JSON, which a Parquet file has in itself; {} when it cannot be read."""
    if is_parquet(path):
        return parquet_details(path)
    with suppress(OSError, ValueError):
        content = parse_json(read_regular(path, MAX_DETAILS_BYTES))
        return content if isinstance(content, dict) else {}
    return {}


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []


def map_texts(value: Any, change: Callable[[str], str], *, with_keys: bool = True) -> Any:
    """Return a value of JSON with every text in it changed, by default keys included."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_texts(item, change, with_keys=with_keys) for item in value]
    if isinstance(value, dict):
        return {change(key) if with_keys else key: map_texts(item, change, with_keys=with_keys) for key, item in value.items()}
    return value
