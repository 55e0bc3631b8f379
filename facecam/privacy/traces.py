"""Traces of one person: everything by which a file can refer to them, and how to find it in texts and bytes.

A name counts only as a whole: "Ada" is not in "Canada", nor in the name of "Ada Lovelace" who is enrolled too.
"""

from __future__ import annotations

import json
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from html import escape
from operator import methodcaller
from urllib.parse import quote, quote_plus

from facecam.errors import GalleryError
from facecam.fileio import expand_home
from facecam.gallery.people import folder_name, utf8_text
from facecam.logbook.schema import NAMES
from facecam.settings import Settings
from facecam.types import Floats

SHORT_HASH = 16
"""Digits of a photo's SHA-256 that its file name has."""

_MIN_BINARY_BYTES = 5
"""Shorter names occur by chance in files that are not text."""

NAME, PERSON_ID, PHOTO, EMBEDDING, FACE = "name", "person_id", "photo hash", "embedding", "face"
"""What was found."""


@dataclass(frozen=True, eq=False)
class PersonTraces:
    """Everything by which files refer to a person.

    Attributes:
        names: Present name and earlier ones.
        person_ids: The person's id; several for folders that were merged by hand.
        folders: Names of the person's folders in the gallery.
        photo_hashes: SHA-256 in hex of photos, quarantined photos and rejected faces, also of those that logs list.
        embeddings: Embeddings (n, d) of unit length by the network's embedding_id.
        others: Names of other enrolled people, which may contain one of the names.
    """

    names: tuple[str, ...]
    person_ids: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    photo_hashes: frozenset[str] = frozenset()
    embeddings: Mapping[str, Floats] = field(default_factory=dict)
    others: tuple[str, ...] = ()

    @cached_property
    def text_pattern(self) -> re.Pattern[str]:
        """Pattern of the names, folder names, ids and hashes in a text; the group `trace` is None for another person's name."""
        own = sorted({form for name in self.all_names for form in _compositions(name)}, key=len, reverse=True)
        longer = [
            form
            for other in self.longer
            for form in _compositions(other)
            if any(len(form) > len(name) and name.casefold() in form.casefold() for name in own)
        ]
        codes = [*self.person_ids, *(f"{digest}(?:[0-9a-f]{{48}})?" for digest in self.short_hashes)]
        pieces = [*map(_bounded, sorted(longer, key=len, reverse=True)), f"(?P<trace>{'|'.join([*map(_bounded, own), *codes])})"]
        return re.compile("|".join(pieces), re.IGNORECASE)

    @property
    def longer(self) -> tuple[str, ...]:
        """Texts which may contain a name and are not about the person: others' names, facecam's words, and the home folder."""
        return (*self.others, *_own_words(), str(expand_home("~")))

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names, and those of folders."""
        return tuple(dict.fromkeys([*self.names, *self.folders]))

    @cached_property
    def short_hashes(self) -> frozenset[str]:
        """The first digits of each photo's SHA-256, as in file names."""
        return frozenset(digest[:SHORT_HASH] for digest in self.photo_hashes)

    def is_named(self, text: str) -> bool:
        """Return whether a whole text is one of the names."""
        return unicodedata.normalize("NFC", text).casefold() in self._folded_names

    @cached_property
    def _folded_names(self) -> frozenset[str]:
        return frozenset(unicodedata.normalize("NFC", name).casefold() for name in self.all_names)

    def is_in(self, text: str) -> bool:
        """Return whether a text mentions the person."""
        return any(found["trace"] for found in self.text_pattern.finditer(text))

    def replaced(self, text: str, replacement: Callable[[str], str]) -> str:
        """Return a text with each trace replaced by `replacement(trace)`."""
        return self.text_pattern.sub(lambda found: replacement(found[0]) if found["trace"] else found[0], text)

    @cached_property
    def needles(self) -> Needles:
        """The same as bytes, in every form in which files store them."""
        return Needles(self)


@cache
def _own_words() -> tuple[str, ...]:
    """Return the names of settings and columns, which may contain a name: "Max" is in "max_yaw_deg"."""
    sections = Settings().to_dict()
    return tuple(sorted({*NAMES, *(name for section in sections.values() for name in section)}))


def _compositions(text: str) -> set[str]:
    text = utf8_text(text)
    return {text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))}


_SEPARATORS = ("_", "-", ".", "\u00a0")
_SEPARATOR = f"[ {re.escape(''.join(_SEPARATORS))}]"
"""Characters between the words of a name in the names of files, as in ada_lovelace.mp4."""


def _bounded(text: str) -> str:
    """Return a pattern of a text that is not part of a longer word or number."""
    kinds = {True: r"[^\W\d_]", False: r"\d"}
    before = f"(?<!{kinds[text[0].isalpha()]})" if text[0].isalnum() else ""
    after = f"(?!{kinds[text[-1].isalpha()]})" if text[-1].isalnum() else ""
    return f"{before}{re.escape(text).replace(re.escape(' '), _SEPARATOR)}{after}"


def _json_form(text: str) -> str:
    return json.dumps(text)[1:-1]


def _ini_form(text: str) -> str:
    """Return a text as Qt writes it into INI files."""
    return "".join(c if ord(c) < 128 else f"\\x{ord(c):x}" for c in text)


def _folder_form(text: str) -> str:
    try:
        return folder_name(text)
    except GalleryError:  # a folder's name need not be a person's
        return text


_TEXT_FORMS: tuple[Callable[[str], str], ...] = (
    str,
    _json_form,
    _ini_form,
    quote,
    quote_plus,
    escape,
    partial(escape, quote=False),  # as in WebVTT
    _folder_form,
    lambda text: text.replace('"', '""'),
    lambda text: text.encode("unicode_escape").decode(),
    *(methodcaller("replace", " ", separator) for separator in _SEPARATORS),
)
_HEX_RUN = re.compile(rb"[0-9a-f]{%d,}" % SHORT_HASH)
_ESCAPE = re.compile(rb"(\\[abfnrtv0]|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2})$")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")


class Needles:
    """Search for a person's traces in bytes."""

    def __init__(self, traces: PersonTraces) -> None:
        self._kinds: dict[bytes, str] = {}
        self._longer: dict[bytes, set[bytes]] = {}
        for name in traces.all_names:
            longer = [other for other in traces.longer if len(other) > len(name) and name.casefold() in other.casefold()]
            forms_of_longer = list(zip(*map(_forms, longer), strict=True)) if longer else []
            for place, form in enumerate(_forms(name)):
                self._kinds.setdefault(form.lower(), NAME)
                if longer:
                    self._longer.setdefault(form.lower(), set()).update(other.lower() for other in forms_of_longer[place])
        for person_id in traces.person_ids:
            for code in (person_id.encode(), str(uuid.UUID(person_id)).encode(), *_wide(person_id)):
                self._kinds[code.lower()] = PERSON_ID
        self._hashes = traces.short_hashes
        self._raw = {bytes.fromhex(digest): PHOTO for digest in traces.photo_hashes}
        self._raw |= {uuid.UUID(person_id).bytes: PERSON_ID for person_id in traces.person_ids}
        for rows in traces.embeddings.values():
            self._raw |= {row.astype("<f4").tobytes(): EMBEDDING for row in rows}
        self.longest = max(map(len, (*self._kinds, *self._raw, bytes(64))))

    def kinds_in(self, data: bytes, *, is_text: bool = True) -> set[str]:
        """Return what of the person is in the data. In data that are not text, very short names do not count."""
        lower, found = data.lower(), set()
        for form, kind in self._kinds.items():
            if kind == NAME and not is_text and len(form) < _MIN_BINARY_BYTES:
                continue
            if any(kind != NAME or self._is_counted(lower, start, form) for start in _places(lower, form)):
                found.add(kind)
        if self._hashes and any(run[:SHORT_HASH].decode() in self._hashes for run in _HEX_RUN.findall(lower)):
            found.add(PHOTO)
        if not is_text:
            found |= {kind for code, kind in self._raw.items() if code in data}
        return found

    def lines_in(self, text: bytes) -> list[tuple[int, int, set[str]]]:
        """Return the start, the end and what is in it of each line of a text that has something of the person, in order.

        The time grows with the text and its traces, not with its lines.
        """
        lower, found = text.lower(), dict[int, tuple[int, set[str]]]()

        def add(place: int, kind: str) -> int:
            start, feed = lower.rfind(b"\n", 0, place) + 1, lower.find(b"\n", place)
            end = feed + 1 if feed >= 0 else len(lower)
            found.setdefault(start, (end, set()))[1].add(kind)
            return end

        for form, kind in self._kinds.items():
            place = lower.find(form)
            while place >= 0:
                is_counted = kind != NAME or self._is_counted(lower, place, form)
                place = lower.find(form, add(place, kind) if is_counted else place + 1)
        for run in _HEX_RUN.finditer(lower) if self._hashes else ():
            if run[0][:SHORT_HASH].decode() in self._hashes:
                add(run.start(), PHOTO)
        return [(start, end, kinds) for start, (end, kinds) in sorted(found.items())]

    def _is_counted(self, lower: bytes, start: int, form: bytes) -> bool:
        """Return whether a form of a name is one as a whole, and not part of another person's name."""
        return self._is_whole(lower, start, start + len(form)) and not self._is_other(lower, start, form)

    def _is_other(self, data: bytes, start: int, form: bytes) -> bool:
        """Return whether the bytes are part of another person's name."""
        for longer in self._longer.get(form, ()):
            at = longer.find(form)
            while at >= 0:
                if start >= at and data[start - at : start - at + len(longer)] == longer:
                    return True
                at = longer.find(form, at + 1)
        return False

    @staticmethod
    def _is_whole(data: bytes, start: int, end: int) -> bool:
        """Return whether no letter comes directly before or after a name. The letter of an escape does not count."""
        step = 2 if b"\0" in data[start:end] else 1
        edge, last = data[start : start + step].strip(b"\0"), data[end - step : end].strip(b"\0")
        before, after = data[max(0, start - step) : start].strip(b"\0"), data[end : end + step].strip(b"\0")
        is_escape = _ESCAPE.search(data[max(0, start - 6) : start])
        if _joins(before, edge) and not is_escape:
            return False
        return not _joins(last, after)


def _joins(one: bytes, other: bytes) -> bool:
    """Return whether two neighboring bytes are both letters or both digits of ASCII."""
    return (one.isalpha() and other.isalpha()) or (one.isdigit() and other.isdigit())


def _places(data: bytes, code: bytes) -> Iterator[int]:
    start = data.find(code)
    while start >= 0:
        yield start
        start = data.find(code, start + 1)


def _forms(name: str) -> Iterator[bytes]:
    """Yield every form of a name, always in the same order; upper and lower case of ASCII letters do not matter."""
    plain = utf8_text(name)
    for text in (plain, unicodedata.normalize("NFC", plain), unicodedata.normalize("NFD", plain)):
        for cased in (text, text.lower(), text.upper(), text.casefold(), text.title()):
            for form in _TEXT_FORMS:
                for encoding in _ENCODINGS:
                    yield form(cased).encode(encoding, "backslashreplace")


def _wide(code: str) -> tuple[bytes, bytes]:
    return code.encode("utf-16-le"), code.encode("utf-16-be")
