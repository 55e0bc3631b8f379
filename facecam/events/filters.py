"""Filters of events: conditions such as `kind=person_arrived and name!=Ada`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from facecam.errors import SettingsError
from facecam.events.event import EventKind, SessionEvent

_GROUPS = {
    "known": (EventKind.PERSON_ARRIVED, EventKind.PERSON_LEFT),
    "unknown": (EventKind.STRANGER_ARRIVED,),
    "object": (EventKind.OBJECT_SHOWN,),
    "camera": (EventKind.CAMERA_LOST, EventKind.CAMERA_BACK),
}
"""Words for several kinds."""

_FIELDS = ("kind", "name", "person_id", "source", "reason")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_CONDITION = re.compile(r"\s*(\w+)\s*(!?=)\s*(.*?)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions that an event fulfills all of: field, whether the values are the wanted ones, and the values in lower case."""

    conditions: tuple[tuple[str, bool, frozenset[str]], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the filter of a text: `FIELD=VALUE` or `FIELD!=VALUE`, several of them joined by `and`.

        Raises:
            SettingsError: The text is not a filter. The message names the part.
        """
        return cls(tuple(_condition(part) for part in _AND.split(text.strip())))

    def accepts(self, event: SessionEvent) -> bool:
        """Return whether an event fulfills all conditions. Capital letters do not matter."""
        fields = event.to_dict()
        return all(
            (str(value).lower() in values) is wanted
            for field, wanted, values in self.conditions
            for value in ["" if fields[field] is None else fields[field]]
        )


def accepts_any(filters: Sequence[EventFilter], event: SessionEvent) -> bool:
    """Return whether one of the filters accepts an event; without filters, every event is accepted."""
    return not filters or any(each.accepts(event) for each in filters)


def _condition(part: str) -> tuple[str, bool, frozenset[str]]:
    found = _CONDITION.fullmatch(part)
    if found is None:
        raise SettingsError(
            "the event filter {part!r} is not FIELD=VALUE or FIELD!=VALUE; an example is kind=person_arrived and name=Ada",
            part=part.strip(),
        )
    field, sign, value = found[1].lower(), found[2], found[3].strip("\"'").lower()
    if field not in _FIELDS:
        raise SettingsError(
            "the event filter {part!r} has an unknown field; the fields are {fields}",
            part=part.strip(),
            fields=", ".join(_FIELDS),
        )
    if field != "kind":
        return field, sign == "=", frozenset([value])
    kinds = _GROUPS.get(value) or tuple(kind for kind in EventKind if kind.value == value)
    if not kinds:
        raise SettingsError(
            "the event filter {part!r} has an unknown kind; the kinds are {kinds}",
            part=part.strip(),
            kinds=", ".join([*EventKind, *_GROUPS]),
        )
    return field, sign == "=", frozenset(kind.value for kind in kinds)
