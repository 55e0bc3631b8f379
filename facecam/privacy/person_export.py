"""Export everything about one person as one ZIP file, with a README that explains each file.

    README.txt                       what each file is
    person-1.toml ...                name, id and consent, as stored
    photos/, quarantined/            images of the person
    rejected/                        images of other faces that were marked as not this person
    among-others/                    images of the person that were rejected or quarantined for other people
    embeddings.csv                   the numbers by which the person is recognized
    logs/rows.csv                    rows about the person
    logs/corrections.csv             those of them that are corrections of the name
    logs/compared.csv                rows of other faces that were compared with the person
    logs/columns.json                meaning, unit and values of the columns of these tables
    logs/sessions.json               what the JSON of sessions says about the person
    taught.json                      networks and taught objects with the person's name

Names of other people are left out: the rights of one person end at those of another.
"""

from __future__ import annotations

import io
import json
import os
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from facecam.errors import GalleryError, OutputError
from facecam.fileio import MAX_TEXT_BYTES, PART_PREFIX, atomic_path, is_stream
from facecam.gallery.files import read_gallery_file
from facecam.gallery.people import PERSON_FILE, Person, read_people, to_toml
from facecam.imageio import MAX_FILE_BYTES
from facecam.logbook.dictionary import data_dictionary, dictionary_bytes
from facecam.logbook.schema import NAMES, csv_line, escape
from facecam.logbook.sessions import session_id_of
from facecam.messages import count_of
from facecam.networks.names_heads import names_heads
from facecam.objects.taught import base_sha256, read_taught, taught_dir
from facecam.privacy.forgetting import ForgetPlan, own_images
from facecam.privacy.log_mentions import NAME_COLUMNS, Mention, read_session_json
from facecam.types import Floats

ANOTHER = "another person"
"""Stands for the names of other people."""

COMPARED_COLUMNS = (
    *("session_id", "ts_utc", "t_ms", "nearest_name", "distance_l2", "second_name", "second_distance_l2", "threshold_l2"),
    *("sighting_decision", "sample_id"),
)
"""Columns of rows about other faces: nothing but the comparison with this person."""

_README = """This file holds everything that facecam has stored about {name} in the gallery and the logs named below.

gallery: {gallery}
logs:    {logs}

person-1.toml ...      {tomls}: name, id, what the person agreed to and when, and a withdrawn consent.
photos/                {photos}: the photos by which facecam recognizes the person.
quarantined/           {quarantined}: photos that were put aside and are not used.
rejected/              {rejected}: images of OTHER faces, which were marked as not this person. Do not pass them on
                       without looking at them.
among-others/          {among}: images of this person that were marked as not another person, or put aside there.
embeddings.csv         {embeddings}: numbers that a network computed from each photo. Faces are compared by them.
logs/rows.csv          {rows}: sightings of the person, and events about them. Another person's name is "{another}".
logs/corrections.csv   {corrections}: the rows of rows.csv in which a user corrected the name.
logs/compared.csv      {compared}: rows of other faces that were compared with this person. Only the columns about
                       the comparison are here: the rest is about another person.
logs/columns.json      meaning, unit and values of each column of these tables.
logs/sessions.json     {sessions}: the entry of the person in the description of each session.
taught.json            {taught}: networks trained with `facecam train --recipe names` and taught objects of this name.

Not in this file: recordings and snapshots, which show faces but no names; exported files, reports and backups, which
facecam does not know; and other galleries.
"""

ProgressCallback = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class PersonExport:
    """Numbers of what was exported, by the names in README.txt."""

    path: Path
    counts: Mapping[str, int]

    def sentence(self) -> str:
        """Return the numbers as part of a sentence."""
        nouns = {"photos": "photo", "quarantined": "quarantined photo", "rejected": "rejected face", "rows": "log row"}
        nouns |= {"among": "image kept for others", "sessions": "session"}
        return ", ".join(count_of(self.counts[key], noun) for key, noun in nouns.items() if self.counts[key] or key == "photos")


def export_person(plan: ForgetPlan, target: Path, logs: Sequence[Path], report_progress: ProgressCallback) -> PersonExport:
    """Write everything about the person of a plan to a ZIP file that only this user can read.

    Args:
        plan: What was found, see `plan_forgetting`.
        target: The ZIP file; it appears when it is complete.
        logs: Folders of the logs, for README.txt.
        report_progress: Called as `progress(done, total, what)`.

    Raises:
        GalleryError: The person is not enrolled.
        OutputError: The file cannot be written.
    """
    if plan.person is None:
        names = ", ".join(person.name for person in read_people(plan.gallery).people[:20]) or "none"
        raise GalleryError(
            "{name!r} is not enrolled in {gallery}; enrolled people: {names}",
            name=plan.traces.names[0],
            gallery=plan.gallery,
            names=names,
        )
    try:
        with _private_file(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            counts = _Package(package, plan, plan.person, report_progress).write(logs)
    except OSError as error:
        raise OutputError("{path} cannot be written: {error}", path=target, error=error) from error
    return PersonExport(target, counts)


@contextmanager
def _private_file(target: Path) -> Iterator[IO[bytes]]:
    """Yield a file that becomes `target` at the end, readable by this user only.

    Until then it has no name where the system allows that, so that not even a killed process leaves biometric data behind.
    """
    if is_stream(target):
        with target.open("wb") as file:
            yield file
        return
    real = Path(os.path.realpath(target))
    descriptor = _unnamed_file(real.parent)
    if descriptor is None:
        if real.is_file():
            real.chmod(0o600)  # A replaced file keeps its permissions.
        with atomic_path(real, private=True) as part, part.open("r+b") as file:
            yield file
        return
    with os.fdopen(descriptor, "w+b") as file:
        yield file
        file.flush()
        os.fsync(descriptor)
        hidden = real.with_name(f"{PART_PREFIX}{uuid.uuid4().hex}") if os.path.lexists(real) else real
        # Python follows the link of /proc only with a descriptor of a folder, which an absolute path does not use.
        os.link(f"/proc/self/fd/{descriptor}", hidden, src_dir_fd=descriptor, follow_symlinks=True)
        if hidden != real:
            try:
                hidden.replace(real)
            except OSError:
                hidden.unlink(missing_ok=True)
                raise


def _unnamed_file(folder: Path) -> int | None:
    """Open a new file without a name in a folder; None where the system or the file system has none."""
    if not hasattr(os, "O_TMPFILE") or not Path("/proc/self/fd").is_dir():
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600)
    except OSError:
        return None


class _Package:
    """Writer of the entries."""

    def __init__(self, package: zipfile.ZipFile, plan: ForgetPlan, person: Person, progress: ProgressCallback) -> None:
        self._package = package
        self._plan = plan
        self._person = person
        self._progress = progress
        self._counts: dict[str, int] = {}

    def write(self, logs: Sequence[Path]) -> dict[str, int]:
        """Write all entries and return their numbers."""
        person = self._person
        tomls = list(_person_files(person))
        for number, toml in enumerate(tomls, start=1):
            self._package.writestr(f"person-{number}.toml", toml)
        own = set(person.photos)
        self._counts |= {
            "tomls": len(tomls),
            "photos": self._images("photos", person.photos),
            "quarantined": self._images("quarantined", [path for path in own_images(person) if path not in own]),
            "rejected": self._images("rejected", person.rejected),
            "among": self._images("among-others", self._plan.among_others),
        }
        self._counts["embeddings"] = self._write_csv("embeddings.csv", ("network", "photo", "embedding"), self._embeddings())
        self._write_logs()
        sessions = list(self._sessions())
        self._json("logs/sessions.json", sessions)
        taught = list(self._taught())
        self._json("taught.json", taught)
        self._counts |= {"sessions": len(sessions), "taught": len(taught)}
        texts = {key: count_of(count, "file" if key in _FILES else "entry") for key, count in self._counts.items()}
        folders = ", ".join(map(str, logs))
        readme = _README.format(name=person.name, gallery=self._plan.gallery, logs=folders, another=ANOTHER, **texts)
        self._package.writestr("README.txt", readme)
        return self._counts

    def _images(self, folder: str, paths: Sequence[Path]) -> int:
        """Write images under numbers: the paths of some are about other people."""
        written = 0
        for number, path in enumerate(paths, start=1):
            self._progress(number, len(paths), folder)
            try:
                data = read_gallery_file(path, MAX_FILE_BYTES)
            except FileNotFoundError:  # deleted meanwhile
                continue
            self._package.writestr(f"{folder}/{number:03}{path.suffix.lower()}", data, zipfile.ZIP_STORED)
            written += 1
        return written

    def _embeddings(self) -> Iterator[Sequence[str]]:
        for network, rows in self._plan.traces.embeddings.items():
            for number, row in enumerate(rows, start=1):
                yield network, str(number), _numbers(row)

    def _write_logs(self) -> None:
        """Write the three tables of rows; the longest is not kept in memory as objects."""
        mentions, files = self._plan.mentions, self._plan.mentions.files
        tables = (*files.tables, *files.archives)
        texts = {name: io.StringIO() for name in ("rows", "corrections", "compared")}
        counts = dict.fromkeys(texts, 0)

        def add(name: str, columns: Sequence[str], row: Mapping[str, str]) -> None:
            texts[name].write(
                csv_line([escape(row.get(column, "")) if column in _TEXTS else row.get(column, "") for column in columns])
            )
            counts[name] += 1

        for name, columns in (("rows", NAMES), ("corrections", NAMES), ("compared", COMPARED_COLUMNS)):
            texts[name].write(csv_line(columns))
        for number, path in enumerate(tables):
            self._progress(number, len(tables), "logs")
            for mention, found in mentions.rows(path):
                row = self._without_others(found)
                if mention is Mention.COMPARED:
                    if not any(row.get(column) not in ("", None, ANOTHER) for column in ("nearest_name", "second_name")):
                        continue  # only a label of the session names the person
                    add("compared", COMPARED_COLUMNS, row)
                    continue
                add("rows", NAMES, row)
                if row.get("event") == "correction":
                    add("corrections", NAMES, row)
        for name, text in texts.items():
            self._package.writestr(f"logs/{name}.csv", text.getvalue().encode("utf-8", "surrogateescape"))
        self._package.writestr("logs/columns.json", dictionary_bytes(data_dictionary(NAMES)))
        self._counts |= counts

    def _without_others(self, row: Mapping[str, str]) -> dict[str, str]:
        traces = self._plan.mentions.of_session(row.get("session_id", ""))
        changed = {name: ANOTHER for name in NAME_COLUMNS if row.get(name) and not traces.is_named(row[name])}
        if changed.get("nearest_name"):
            changed["sample_id"] = ""
        return {**row, **changed}

    def _sessions(self) -> Iterator[dict[str, Any]]:
        """Yield the entry of the person in each session, with the labels that name them."""
        files = self._plan.mentions.files
        for path in (*files.details, *files.archives):
            details, traces = read_session_json(path), self._plan.mentions.of_session(session_id_of(path))
            people, labels = details.get("people"), details.get("labels")
            entries = [
                entry
                for entry in (people if isinstance(people, list) else ())
                if isinstance(entry, dict) and entry.get("person_id") in traces.person_ids
            ]
            named = {key: text for key, text in (labels.items() if isinstance(labels, dict) else ()) if traces.is_in(str(text))}
            if entries or named:
                found = {key: value for entry in entries for key, value in entry.items()}
                yield {"session_id": session_id_of(path), **found, **({"labels": named} if named else {})}

    def _taught(self) -> Iterator[dict[str, Any]]:
        for head in names_heads():
            if any(map(self._plan.traces.is_named, head.labels)):
                yield {"network": str(head.folder), "recipe": head.recipe, "base": head.base}
        taught = read_taught(taught_dir(), base_sha256())
        for label in (*taught.labels, *([taught.forgotten] if taught.forgotten is not None else [])):
            if self._plan.traces.is_named(label.name):
                yield {"object": label.name, "views": len(label.views)}

    def _write_csv(self, name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
        lines = [csv_line([escape(cell) for cell in row]) for row in rows]
        self._package.writestr(name, csv_line(header) + "".join(lines))
        return len(lines)

    def _json(self, name: str, content: object) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        self._package.writestr(name, text.encode("utf-8", "backslashreplace"))


_FILES = frozenset({"tomls", "photos", "quarantined", "rejected", "among"})
_TEXTS = frozenset({*NAME_COLUMNS, "message", "marker", "session_labels", "source", "camera_id", "sample_id"})
"""Columns whose texts can begin like a formula."""


def _person_files(person: Person) -> Iterator[bytes]:
    """Yield the content of each of the person's person.toml; of a person without one, what it would be."""
    found = False
    for folder in person.folders:
        try:
            yield read_gallery_file(folder / PERSON_FILE, MAX_TEXT_BYTES)
            found = True
        except FileNotFoundError:
            continue
    if not found:
        yield to_toml(person.to_file()).encode()


def _numbers(row: Floats) -> str:
    return " ".join(f"{value:.8g}" for value in row.tolist())
