"""Qt models of a gallery's people and photos, and the background work that reads and checks the folder."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal

from facecam.gallery.gallery import Gallery
from facecam.gallery.people import People, Person, read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.ui.language import caption_text

Index = QModelIndex | QPersistentModelIndex

PERSON = Qt.ItemDataRole.UserRole
"""The Person of a row."""
DETAIL = Qt.ItemDataRole.UserRole + 1
"""The text below a name or a photo."""
PHOTO = Qt.ItemDataRole.UserRole + 2
"""The path of the photo of a row, None without one."""
HAS_UNUSED = Qt.ItemDataRole.UserRole + 3
"""True if any photo of the grid is unused: every cell then has room for a reason."""


def unused_photos(gallery: Gallery | None) -> dict[Path, str]:
    """Return the reason codes of the photos that the session does not use, by path."""
    return {} if gallery is None else {problem.path: problem.reason for problem in gallery.problems}


class _ListModel(QAbstractListModel):
    """Rows whose data depend on which photos are used."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[Any, ...] = ()
        self._unused: Mapping[Path, str] = {}

    def show(self, rows: Sequence[Any], unused: Mapping[Path, str]) -> None:
        """Show these rows; `unused` has the reason codes of the photos that are not used."""
        if tuple(rows) != self._rows:
            self.beginResetModel()
            self._rows, self._unused = tuple(rows), unused
            self.endResetModel()
        elif rows:
            self._unused = unused
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)


class PeopleModel(_ListModel):
    """People of the gallery. Editing a name in place emits `rename_requested`."""

    rename_requested = Signal(object, str)

    @property
    def people(self) -> tuple[Person, ...]:
        """The people in the order of the rows."""
        return self._rows

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDropEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        person = self.people[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return person.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{person.name}, {self.detail(person)}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{person.name}\n{self.detail(person)}"
        return {PERSON: person, DETAIL: self.detail(person), PHOTO: self.portrait(person)}.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name, person = str(value).strip(), self.people[index.row()]
        if role != Qt.ItemDataRole.EditRole or not name or name == person.name:
            return False
        self.rename_requested.emit(person, name)
        return True

    def detail(self, person: Person) -> str:
        """Return the number of photos and, unless all are used, of those in use."""
        used = sum(photo not in self._unused for photo in person.photos)
        if used == len(person.photos):
            return self.tr("Photos: {count}").format(count=len(person.photos))
        return self.tr("Photos: {count}, in use: {used}").format(count=len(person.photos), used=used)

    def portrait(self, person: Person) -> Path | None:
        """Return the first photo in use, else the first."""
        good = (photo for photo in person.photos if photo not in self._unused)
        return next(good, next(iter(person.photos), None))


def sorted_by_name(people: PeopleModel) -> QSortFilterProxyModel:
    """Return a proxy model in locale order that can be filtered by a part of the name."""
    proxy = QSortFilterProxyModel(people)
    proxy.setSourceModel(people)
    proxy.setSortLocaleAware(True)
    proxy.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    proxy.sort(0)
    return proxy


class PhotoModel(_ListModel):
    """Photos of one person; DETAIL is the reason why a photo is not used, or ""."""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        photo: Path = self._rows[index.row()]
        code = self._unused.get(photo)
        reason = "" if code is None else self.tr("Not used: {reason}").format(reason=caption_text(code))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return photo.name
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{photo.name}\n{reason}" if reason else photo.name
        return {PHOTO: photo, DETAIL: reason, HAS_UNUSED: not self._unused.keys().isdisjoint(self._rows)}.get(role)


@dataclass(frozen=True, slots=True)
class GallerySnapshot:
    """Content of the folder: people, size of the newest quarantine set, and modification time of each photo (ns)."""

    people: People
    restorable_count: int
    changed_ns: Mapping[Path, int]

    def replaced_since(self, earlier: GallerySnapshot) -> set[Path]:
        """Return the photos whose file was replaced under the same name."""
        return {path for path, at_ns in self.changed_ns.items() if earlier.changed_ns.get(path, at_ns) != at_ns}


def read_gallery_snapshot(root: Path) -> GallerySnapshot:
    """Read the folder. Raises GalleryError when it cannot be read."""
    newest, people = list(quarantine_sets(root).values())[-1:], read_people(root)
    changed_ns: dict[Path, int] = {}
    for photo in (photo for person in people.people for photo in person.photos):
        with contextlib.suppress(OSError):
            changed_ns[photo] = photo.stat().st_mtime_ns
    return GallerySnapshot(people, len(newest[0]) if newest else 0, changed_ns)
