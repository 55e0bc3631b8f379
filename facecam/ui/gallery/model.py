"""The people of a gallery and the photos of one of them, as lists that a view shows."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal

from facecam.gallery.audit import AuditResult, AuditRule, audit_photos
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import People, Person, read_people
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.verify import PhotoReader, read_photos
from facecam.recognition.face_analyzer import open_face_analyzer
from facecam.recognition.matching import decision_rule, own_threshold_l2
from facecam.settings import GateSettings, Settings
from facecam.ui.background import Told
from facecam.ui.enrollment_text import reason_words
from facecam.ui.gallery.photo_adding import calm

Index = QModelIndex | QPersistentModelIndex

PERSON = Qt.ItemDataRole.UserRole
"""The Person of a row."""
DETAIL = Qt.ItemDataRole.UserRole + 1
"""What stands below a name or a photo, as text."""
PHOTO = Qt.ItemDataRole.UserRole + 2
"""The path of the picture of a row, None without one."""
SPOILT = Qt.ItemDataRole.UserRole + 3
"""Whether any of these photos does not count: then every cell has room for a reason."""


@dataclass(frozen=True, slots=True)
class UsedPhotos:
    """Which photos do not count, and why, by path, as far as the session has read them."""

    problems: Mapping[Path, str]

    @classmethod
    def of(cls, gallery: Gallery | None) -> UsedPhotos:
        return cls({} if gallery is None else {problem.path: problem.reason for problem in gallery.problems})


class PeopleModel(QAbstractListModel):
    """Everybody in the folder. A name is edited in place; whoever listens to `rename_wanted` carries it out."""

    rename_wanted = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._people: tuple[Person, ...] = ()
        self._in_use = UsedPhotos.of(None)

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of the rows."""
        return self._people

    def show_people(self, people: Sequence[Person]) -> None:
        """Show these people."""
        if tuple(people) != self._people:
            self.beginResetModel()
            self._people = tuple(people)
            self.endResetModel()

    def show_use(self, in_use: UsedPhotos) -> None:
        """Show which photos count."""
        self._in_use = in_use
        if self._people:
            self.dataChanged.emit(self.index(0), self.index(len(self._people) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._people)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDropEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        person = self._people[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return person.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{person.name}, {self.detail(person)}"
            case Qt.ItemDataRole.ToolTipRole:
                return f"{person.name}\n{self.detail(person)}"
        return {PERSON: person, DETAIL: self.detail(person), PHOTO: self._portrait(person)}.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name, person = str(value).strip(), self._people[index.row()]
        if role != Qt.ItemDataRole.EditRole or not name or name == person.name:
            return False
        self.rename_wanted.emit(person, name)
        return True

    def detail(self, person: Person) -> str:
        """How many photos there are, and how many of them count if not all."""
        used = sum(photo not in self._in_use.problems for photo in person.photos)
        if used == len(person.photos):
            return self.tr("Photos: {count}").format(count=len(person.photos))
        return self.tr("Photos: {count}, in use: {used}").format(count=len(person.photos), used=used)

    def _portrait(self, person: Person) -> Path | None:
        """The first photo that counts, else the first."""
        good = (photo for photo in person.photos if photo not in self._in_use.problems)
        return next(good, next(iter(person.photos), None))


def by_name(people: PeopleModel) -> QSortFilterProxyModel:
    """The same people in the order of the user's language, to be filtered by a part of the name."""
    proxy = QSortFilterProxyModel(people)
    proxy.setSourceModel(people)
    proxy.setSortLocaleAware(True)
    proxy.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    proxy.sort(0)
    return proxy


class PhotoModel(QAbstractListModel):
    """The photos of one person; DETAIL is why one does not count, or ""."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photos: tuple[Path, ...] = ()
        self._problems: Mapping[Path, str] = {}

    def show_photos(self, photos: Sequence[Path], problems: Mapping[Path, str]) -> None:
        """Show these photos; `problems` has the codes of those that do not count."""
        if tuple(photos) != self._photos:
            self.beginResetModel()
            self._photos, self._problems = tuple(photos), problems
            self.endResetModel()
        elif photos:
            self._problems = problems
            self.dataChanged.emit(self.index(0), self.index(len(self._photos) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._photos)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        photo = self._photos[index.row()]
        code = self._problems.get(photo)
        reason = "" if code is None else self.tr("Not used: {reason}").format(reason=reason_words(code))
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return photo.name
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{photo.name}\n{reason}" if reason else photo.name
        return {PHOTO: photo, DETAIL: reason, SPOILT: not self._problems.keys().isdisjoint(self._photos)}.get(role)


# MERGED ui.gallery_reading: What the gallery page reads of the people's folder, beside the window's thread.


@dataclass(frozen=True, slots=True)
class GallerySnapshot:
    """Who is in the folder, how many photos the newest set that is aside has, and when each photo was changed (ns)."""

    people: People
    last_aside: int
    changed_ns: Mapping[Path, int]

    def replaced_since(self, before: GallerySnapshot) -> set[Path]:
        """The photos that are other ones under the same name."""
        return {path for path, at_ns in self.changed_ns.items() if before.changed_ns.get(path, at_ns) != at_ns}


def read_gallery_snapshot(root: Path) -> GallerySnapshot:
    """The folder as it is now. GalleryError when it cannot be read."""
    sets, people = quarantine_sets(root), read_people(root)
    changed_ns: dict[Path, int] = {}
    for photo in (photo for person in people.people for photo in person.photos):
        with contextlib.suppress(OSError):
            changed_ns[photo] = photo.stat().st_mtime_ns
    return GallerySnapshot(people, len(sets[-1].photos) if sets else 0, changed_ns)


def check_photos(root: Path, settings: Settings, told: Told) -> AuditResult:
    """Read every photo anew and judge it, as `facecam gallery doctor` does."""
    with open_face_analyzer(replace(calm(settings), gate=GateSettings.none())) as faces:
        photos = read_photos(read_people(root), PhotoReader(faces, settings.gate), told)
    rule = decision_rule(settings.identify, [sample for photo in photos if (sample := photo.sample()) is not None])
    limits = AuditRule.for_threshold(own_threshold_l2(settings.identify.network), settings.gate.min_size_px)
    return audit_photos(photos, limits, rule)
