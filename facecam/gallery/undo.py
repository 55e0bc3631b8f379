"""Undo and redo of gallery changes: one type of entry, and a bounded journal.

GalleryService makes the entries. They find people by their IDs, and files in the folders that the people have now, so a change
can be undone after a person was renamed. Removed files are kept in a FileSnapshot until the entry is dropped or the program ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from facecam.errors import ChangeExpiredError, GalleryError
from facecam.gallery.people import Person
from facecam.gallery.snapshots import sweep_spool

MAX_UNDO_STEPS = 20


class ChangeKind(StrEnum):
    """Kind of a gallery change."""

    PHOTOS_ADDED = "photos_added"
    FACE_REJECTED = "face_rejected"
    RENAMED = "renamed"
    CONSENT_RECORDED = "consent_recorded"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    MERGED = "merged"
    PERSON_REMOVED = "person_removed"
    PHOTOS_REMOVED = "photos_removed"
    QUARANTINED = "quarantined"
    RESTORED = "restored"


Redo = Callable[[], "GalleryChange"]
"""Makes an undone change again and returns it, to be undone again. Raises like `GalleryChange.undo`."""


@dataclass(frozen=True, slots=True, eq=False)
class GalleryChange:
    """Completed change of a gallery, with the facts to describe it and the function that undoes it.

    Attributes:
        kind: What was done.
        undo: Reverts the change and returns its redo. Raises GalleryError, with nothing changed, when that is not possible:
            ChangeExpiredError when it never will be.
        people: The people concerned, as they were before the change or as they were added.
        paths: Photos added, moved or removed: where they are after the change, or were before the removal. Of a removed person
            the folders.
        name: The new name of a renamed person, the name of the person merged into, or the name of a quarantine set.
        is_new_person: True if the person was added with the photos.
        photos, quarantined, rejected: Numbers of the photos, quarantined photos and rejected faces that were moved or removed.
        cached_entries: Number of cache entries removed.
        leftovers: Files of a removed person that were not deleted, also the folder behind a link; the gallery no longer shows
            them.
        track_id: Track whose name was corrected, None for other changes.
    """

    kind: ChangeKind
    undo: Callable[[], Redo] = field(repr=False)
    people: tuple[Person, ...]
    paths: tuple[Path, ...] = ()
    name: str = ""
    is_new_person: bool = False
    photos: int = 0
    quarantined: int = 0
    rejected: int = 0
    cached_entries: int = 0
    leftovers: tuple[Path, ...] = ()
    track_id: int | None = None

    @property
    def person(self) -> Person:
        """The person concerned, or the first of several."""
        return self.people[0]


class UndoJournal:
    """The latest changes, at most `limit`, and those undone since the last of them.

    An entry leaves only after its undo or redo succeeded, or once it never will, so that it does not block the entries before it.
    """

    def __init__(self, limit: int = MAX_UNDO_STEPS) -> None:
        self._changes: deque[GalleryChange] = deque(maxlen=limit)
        self._undone: list[tuple[GalleryChange, Redo]] = []
        sweep_spool()

    @property
    def changes(self) -> tuple[GalleryChange, ...]:
        """All changes that can be undone, the oldest first."""
        return tuple(self._changes)

    @property
    def last(self) -> GalleryChange | None:
        """The change that `undo` reverts, None without one."""
        return self._changes[-1] if self._changes else None

    @property
    def last_undone(self) -> GalleryChange | None:
        """The change that `redo` makes again, None without one."""
        return self._undone[-1][0] if self._undone else None

    def record(self, change: GalleryChange) -> GalleryChange:
        """Add a change and return it. What was undone before can no longer be redone."""
        self._changes.append(change)
        self._undone.clear()
        return change

    def undo(self) -> GalleryChange:
        """Undo the last change and return it.

        Raises:
            ChangeExpiredError: It can never be undone; it is dropped, and the change before it is the next.
            GalleryError: There is none, or it cannot be undone now.
        """
        change = self.last
        if change is None:
            raise GalleryError("there is nothing to undo")
        try:
            redo = change.undo()
        except ChangeExpiredError:
            self._changes.remove(change)
            raise
        self._changes.remove(change)
        self._undone.append((change, redo))
        return change

    def redo(self) -> GalleryChange:
        """Make the change again that was undone last, and return it.

        Raises:
            ChangeExpiredError: It can never be made again; it is dropped.
            GalleryError: There is none, or it cannot be made now.
        """
        if not self._undone:
            raise GalleryError("there is nothing to redo")
        undone, redo = self._undone[-1]
        try:
            change = replace(redo(), track_id=undone.track_id)
        except ChangeExpiredError:
            self._undone.pop()
            raise
        self._undone.pop()
        self._changes.append(change)
        return change
