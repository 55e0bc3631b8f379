"""What a replay found: how much agrees with the log, and what changes for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from facecam.evaluate.replay import Decided, Redecided

CHANGES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One name: rows that carried it, rows that carry it now, and the first rows where that differs."""

    name: str
    rows_before: int
    rows_after: int
    rows_changed: int
    first_changes: tuple[Redecided, ...]


@dataclass(slots=True)
class _Tally:
    before: int = 0
    after: int = 0
    changed: int = 0
    first: list[Redecided] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Summary:
    """`certain` are the rows that a session with these rules would surely have had so; see replay.py.

    `agreeing` counts, for each of the log's four columns, the rows that come out as logged; `same` those where all four do.
    """

    rows: int
    embedded: int
    certain: int
    same: int
    agreeing: dict[str, int]
    people: tuple[PersonChange, ...]

    def to_dict(self) -> dict[str, Any]:
        """For --json."""
        return asdict(self) | {"people": [_person(person) for person in self.people]}


def summarise(rows: Iterable[Redecided]) -> Summary:
    """Count what came out as it was logged, and gather the changes by name."""
    count = embedded = certain = same = 0
    agreeing = Counter(dict.fromkeys(Decided._fields, 0))
    people: dict[str, _Tally] = {}
    for row in rows:
        count += 1
        embedded += row.embedded
        certain += row.certain
        same += row.logged == row.again
        for column, before, after in zip(Decided._fields, row.logged, row.again, strict=True):
            agreeing[column] += before == after
        for name in {row.logged.name, row.again.name} - {None}:
            assert name is not None
            _tell(people.setdefault(name, _Tally()), row, name)
    changes = tuple(
        PersonChange(name, tally.before, tally.after, tally.changed, tuple(tally.first)) for name, tally in sorted(people.items())
    )
    return Summary(count, embedded, certain, same, dict(agreeing), changes)


def _tell(tally: _Tally, row: Redecided, name: str) -> None:
    tally.before += row.logged.name == name
    tally.after += row.again.name == name
    if row.logged.name != row.again.name:
        tally.changed += 1
        if len(tally.first) < CHANGES_SHOWN:
            tally.first.append(row)


def _person(person: PersonChange) -> dict[str, Any]:
    first = [asdict(row) | {"logged": row.logged._asdict(), "again": row.again._asdict()} for row in person.first_changes]
    return asdict(person) | {"first_changes": first}
