"""Every change of a gallery folder: add, rename, merge and remove people, add and remove photos, quarantine and restore.

The commands, the window and the session call the same functions, and each change returns a GalleryChange, which can be undone.
Files are renamed, or written beside their place and moved there, so the gallery can be read after any interruption. Quarantined
photos are in `<gallery>/<person>/.aside/<set>/<photo>`: they move with their person's folder and are deleted with the person, and
their path says where they came from, so no separate list can get out of step.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from facecam.errors import GalleryError
from facecam.fileio import create_atomic, write_atomic
from facecam.gallery.cache import prune_caches
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import (
    PERSON_FILE,
    REJECTED_FOLDER,
    TRASH_PREFIX,
    DamagedPersonFileError,
    Person,
    PersonFile,
    create_person_file,
    display_name,
    folder_name,
    gallery_entries,
    photos_in,
    read_people,
    read_person_file,
    write_person_name,
)
from facecam.gallery.undo import ChangeKind, FileSnapshot, GalleryChange, relocated, remove_empty
from facecam.recognition.matching import Index

QUARANTINE_FOLDER = ".aside"

_SET_NAME = re.compile(r"(\d{4,})-\d{8}T\d{6}Z")
"""Number and time of a set. The number orders them, because clocks can be set back."""

_Moves = list[tuple[Path, Path]]
"""Old and new path of each file."""


def quarantine_sets(root: Path) -> dict[str, list[Path]]:
    """Return the quarantined photos of the gallery at `root` by the name of their set, the oldest set first."""
    sets: dict[str, list[Path]] = {}
    for path in sorted(_set_folders(root), key=lambda path: (_number(path.name), path.name)):
        if photos := photos_in(path):
            sets.setdefault(path.name, []).extend(photos)
    return sets


def count_hidden_photos(person: Person) -> tuple[int, int]:
    """Return the numbers of the person's quarantined photos and rejected faces."""
    return len(_quarantined(person)), len(_rejected(person))


def photo_path(person: Person, jpeg: bytes) -> Path:
    """Return the path where `add_photos` saves this content; the file name is its hash."""
    return person.folders[0] / f"{hashlib.sha256(jpeg).hexdigest()[:16]}.jpg"


class GalleryService:
    """Changes the gallery folder `root`. Keeps nothing in memory: each call reads the folder's current state.

    Methods raise GalleryError when a change is not possible; nothing is changed then.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def person(self, name: str) -> Person:
        """Return the person with this name. GalleryError lists the enrolled people when there is none."""
        people = read_people(self.root)
        found = people.find(name)
        if found is None:
            names = ", ".join(person.name for person in people.people[:20]) or "none"
            raise GalleryError(f"{display_name(name)!r} is not enrolled in {self.root}; enrolled people: {names}")
        return found

    def find(self, person_id: str, name: str) -> Person | None:
        """Return the person with this id under any name, else the one with this name, else None."""
        people = read_people(self.root)
        return next((person for person in people.people if person.person_id == person_id), None) or people.find(name)

    def add_person(self, new: PersonFile, toml: bytes | None = None) -> Person:
        """Add a person who is not enrolled yet; `toml` replaces the content of person.toml, for imports."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            folder = self._free_folder(new.name)
            folder.mkdir(exist_ok=True)
            if toml is not None:
                create_atomic(folder / PERSON_FILE, toml)
            written = create_person_file(folder, new)
        except (OSError, DamagedPersonFileError) as error:
            raise GalleryError(f"{new.name} cannot be added to {self.root}: {error}") from error
        if written.name != new.name:
            raise GalleryError(f"another program has just taken {folder} for {written.name}; try again")
        return Person(written.person_id, written.name, (folder,), photos_in(folder), written.created_at, written.consent)

    def add_photos(
        self, name: str, jpegs: Sequence[bytes], consent: str = "", *, replaced: GalleryChange | None = None
    ) -> GalleryChange:
        """Save JPEG files' contents as photos of a person, added if new. The same content twice is one photo.

        `consent` is what a new person agreed to, in words. Photos that an earlier change, `replaced`, had added and that are not
        among these are removed; the new change covers both.
        """
        known = read_people(self.root).find(name)
        person = known or self.add_person(PersonFile.new(name, consent))
        earlier = replaced if replaced is not None and replaced.person.person_id == person.person_id else None
        earlier_names = {path.name for path in earlier.paths} if earlier is not None else set()
        kept_names = {path.name for path in person.photos} - earlier_names
        files = {photo_path(person, jpeg): jpeg for jpeg in jpegs}
        present = {path.name for path in person.photos}
        quarantined = {(path.parent.name, path.name) for path in _quarantined(person)}
        try:
            _save_new({path: jpeg for path, jpeg in files.items() if path.name not in present})
        except GalleryError:
            if known is None:
                (person.folders[0] / PERSON_FILE).unlink(missing_ok=True)
                remove_empty(person.folders)
            raise
        added = tuple(path for path in files if path.name not in kept_names)
        is_new = not kept_names if known is None else earlier is not None and earlier.is_new_person
        if earlier is not None:
            obsolete = earlier_names - {path.name for path in added}
            self.remove_photos([photo for photo in person.photos if photo.name in obsolete])
        elif replaced is not None:
            with contextlib.suppress(GalleryError):  # that person has been removed meanwhile
                replaced.undo()
        undo = partial(self._undo_adding, person, {path.name for path in added}, quarantined, is_new_person=is_new)
        return GalleryChange(ChangeKind.PHOTOS_ADDED, undo, (person,), added, is_new_person=is_new, photos=len(added))

    def _undo_adding(self, person: Person, names: set[str], old: set[tuple[str, str]], *, is_new_person: bool) -> None:
        """Remove the added photos of these names, also from quarantine, and a new person without other photos.

        `old` are set and name of the photos that were in quarantine before. Everything else in the folder stays.
        """
        now = self._present(person)
        photos = [*now.photos, *_quarantined(now)]
        added = [photo for photo in photos if photo.name in names and (photo.parent.name, photo.name) not in old]
        is_last = is_new_person and len(added) == len(photos)
        own = [*_rejected(now), *(folder / PERSON_FILE for folder in now.folders)] if is_last else []
        self.remove_photos([*added, *own])
        remove_empty(folder for file in (*added, *own) for folder in (file.parent, file.parent.parent) if folder != self.root)

    def add_photo_file(self, person: Person, file_name: str, data: bytes) -> Path:
        """Save a photo under its own name, or under its hash when that name is taken or invalid on some system. For imports."""
        path = person.folders[0] / file_name
        if not _is_portable(file_name) or path.exists():
            path = photo_path(person, data).with_suffix(path.suffix.lower())
        _save_new({path: data})
        return path

    def reject_face(self, name: str, jpegs: Sequence[bytes]) -> GalleryChange:
        """Save JPEG files' contents as images of a face that is not this person's."""
        person = self.person(name)
        folder = person.folders[0] / REJECTED_FOLDER
        paths = _save_new({folder / photo_path(person, jpeg).name: jpeg for jpeg in jpegs})

        def undo() -> None:
            folders = self._present_folders(person)
            self.remove_photos([relocated(path, folders) for path in paths])

        return GalleryChange(ChangeKind.FACE_REJECTED, undo, (person,), paths, rejected=len(paths))

    def rename(self, old: str, new: str) -> GalleryChange:
        """Rename a person and their folder; the person_id stays. GalleryError when the name is taken."""
        person, name = self.person(old), display_name(new)
        if name != person.name:
            if read_people(self.root).find(name) is not None:
                raise GalleryError(
                    f"{name} is enrolled already: rename or remove that person first, or enroll photos under that name"
                )
            _write_name(person, name)
            for folder in person.folders:
                others = [entry.name for entry in self.root.iterdir() if entry.name != folder.name]
                # A folder that cannot be renamed keeps its name: person.toml has the right one.
                with contextlib.suppress(OSError):
                    folder.rename(self.root / folder_name(name, others))

        def undo() -> None:
            self.rename(self._present(person).name, person.name)
            for old_folder, folder in self._present_folders(person).items():
                if not os.path.lexists(old_folder):
                    with contextlib.suppress(OSError):  # as above
                        folder.rename(old_folder)

        return GalleryChange(ChangeKind.RENAMED, undo, (person,), name=name)

    def remove_person(self, name: str, *, keep_undo: bool = True) -> GalleryChange:
        """Delete a person: photos, quarantined photos, rejected faces and cache entries.

        With `keep_undo` the files are kept in memory; GalleryError when they are too large for that.
        """
        person = self.person(name)
        files = FileSnapshot.capture(person.folders) if keep_undo else None
        quarantined, rejected = count_hidden_photos(person)
        try:
            trash = _move([(folder, self.root / f"{TRASH_PREFIX}{uuid.uuid4().hex}") for folder in person.folders])
        except OSError as error:
            raise GalleryError(f"{error.filename} cannot be removed: {error.strerror}; {person.name} is unchanged") from error
        try:
            for _, folder in trash:
                _delete_trash(folder)
            cached_entries = prune_caches(self.root)
        except OSError as error:
            raise GalleryError(f"{person.name} is only partly removed: {error}; delete the rest in {self.root}") from error

        def undo() -> None:
            if files is None:
                raise GalleryError(f"the files of {person.name} were not kept, so the removal cannot be undone")
            self._require_free_name(person)
            files.restore()

        return GalleryChange(
            ChangeKind.PERSON_REMOVED,
            undo,
            (person,),
            person.folders,
            photos=len(person.photos),
            quarantined=quarantined,
            rejected=rejected,
            cached_entries=cached_entries,
        )

    def merge(self, name: str, into: str, gallery: Gallery, threshold_l2: float) -> GalleryChange:
        """Move everything in the folders of `name` to `into` and remove `name`.

        Rejected faces move too, except those within `threshold_l2` of the other of the two and nearer to them than to the person
        they were rejected for: "not Ann" marked a face of Ben, and both are one person now. `gallery`, the folder as last read,
        provides those distances.
        """
        source, target = self.person(name), self.person(into)
        if source.person_id == target.person_id:
            raise GalleryError(f"{source.name} cannot be merged with themselves: choose another person")
        if any(path.is_symlink() for path in source.folders):
            raise GalleryError(f"{source.name} is a link to another folder: move its photos into {target.folders[0]} by hand")
        obsolete = _obsolete_rejections(gallery, (source.person_id, target.person_id), threshold_l2)
        dropped = [*obsolete, *(path / PERSON_FILE for path in source.folders)]
        files, moved = FileSnapshot.capture(dropped), _Moves()

        def undo() -> None:
            self._require_free_name(source)
            folders = self._present_folders(target)
            back = [(relocated(now, folders), path) for path, now in moved]
            _require_movable(back)
            files.restore(folders)
            _move_back(back)

        try:
            moved += _move(_merge_moves(source, target, set(dropped)))
            for path in dropped:
                path.unlink(missing_ok=True)
        except OSError as error:
            undo()
            raise GalleryError(f"{error.filename} cannot be moved: {error.strerror}; {source.name} is unchanged") from error
        remove_empty(folder for path in source.folders for folder in (path, *path.rglob("*")))
        return GalleryChange(
            ChangeKind.MERGED,
            undo,
            (source, target),
            tuple(now for _, now in moved),
            name=target.name,
            photos=len(source.photos),
            rejected=len(obsolete),
        )

    def remove_photos(self, photos: Sequence[Path]) -> GalleryChange:
        """Delete photos, or rejected faces, and their cache entries."""
        owners, files = self._owners(photos), FileSnapshot.capture(photos)
        try:
            for photo in photos:
                photo.unlink(missing_ok=True)
            cached_entries = prune_caches(self.root)
        except OSError as error:
            files.restore()
            raise GalleryError(f"{error.filename} cannot be deleted: {error.strerror}; no photo was deleted") from error
        remove_empty(photo.parent for photo in photos if photo.parent.name == REJECTED_FOLDER)
        return GalleryChange(
            ChangeKind.PHOTOS_REMOVED,
            lambda: files.restore(self._present_folders(*owners)),
            owners,
            tuple(photos),
            photos=len(photos),
            cached_entries=cached_entries,
        )

    def quarantine(self, photos: Iterable[Path], now: datetime | None = None) -> GalleryChange:
        """Move photos out of use as one set. After an interruption each is in its old place or in the set."""
        last = max((_number(path.name) for path in _set_folders(self.root)), default=0)
        name = f"{last + 1:04}-{(now or datetime.now(UTC)).astimezone(UTC):%Y%m%dT%H%M%SZ}"
        try:
            moved = _move((photo, photo.parent / QUARANTINE_FOLDER / name / photo.name) for photo in photos)
        except OSError as error:
            raise GalleryError(f"{error.filename} cannot be quarantined: {error.strerror}; no photo was moved") from error
        return self._moved(ChangeKind.QUARANTINED, moved, name)

    def restore(self) -> GalleryChange:
        """Move the newest quarantined set back. The next call restores the set before it."""
        sets = quarantine_sets(self.root)
        if not sets:
            raise GalleryError(f"no photo is quarantined in {self.root}")
        name, photos = sets.popitem()
        moves = [(photo, photo.parents[2] / photo.name) for photo in photos]
        _move_back(moves)
        return self._moved(ChangeKind.RESTORED, moves, name)

    def _moved(self, kind: ChangeKind, moved: _Moves, name: str) -> GalleryChange:
        """Return the change that moved photos into or out of a quarantine set."""
        owners = self._owners([old for old, _ in moved])

        def undo() -> None:
            folders = self._present_folders(*owners)
            _move_back([(relocated(new, folders), relocated(old, folders)) for old, new in moved])

        return GalleryChange(kind, undo, owners, tuple(new for _, new in moved), name=name, photos=len(moved))

    def _owners(self, files: Iterable[Path]) -> tuple[Person, ...]:
        """Return the people in whose folders these files are."""
        parents = {parent for file in files for parent in file.parents}
        return tuple(person for person in read_people(self.root).people if not parents.isdisjoint(person.folders))

    def _present(self, person: Person) -> Person:
        """Return the person as they are now, under any name. GalleryError when they are not enrolled any more."""
        now = next((one for one in read_people(self.root).people if one.person_id == person.person_id), None)
        if now is None:
            raise GalleryError(f"{person.name} is not enrolled any more, so the change cannot be undone")
        return now

    def _present_folders(self, *people: Person) -> dict[Path, Path]:
        """Return the present folder for each folder that these people had."""
        folders: dict[Path, Path] = {}
        for person in people:
            present = self._present(person).folders
            folders |= {old: old if old in present else new for old, new in zip(person.folders, present, strict=False)}
        return folders

    def _require_free_name(self, person: Person) -> None:
        namesake = read_people(self.root).find(person.name)
        if namesake is not None and namesake.person_id != person.person_id:
            raise GalleryError(f"another person is called {person.name} now: rename that person, then undo again")

    def _free_folder(self, name: str) -> Path:
        """Return an unused folder for a new person, or an existing one of that name without person.toml."""
        prepared = self.root / folder_name(name)
        if prepared.is_dir() and read_person_file(prepared) is None:
            return prepared
        return self.root / folder_name(name, [entry.name for entry in self.root.iterdir()])


def _save_new(files: Mapping[Path, bytes]) -> tuple[Path, ...]:
    """Write the files that do not exist yet and return their paths. GalleryError, with none written, when one cannot be saved."""
    saved: list[Path] = []
    for path in (path for path in files if not path.exists()):
        try:
            path.parent.mkdir(exist_ok=True)
            write_atomic(path, files[path])
        except OSError as error:
            for done in saved:
                done.unlink(missing_ok=True)
            raise GalleryError(f"{path} cannot be saved: {error.strerror}") from error
        saved.append(path)
    return tuple(saved)


def _write_name(person: Person, name: str) -> None:
    """Write a new name into the person's folders. GalleryError, with nothing changed, when that fails in one of them."""
    before = FileSnapshot.capture(folder / PERSON_FILE for folder in person.folders)
    renamed = [(folder, replace(_person_file(person, folder), name=name)) for folder in person.folders]
    try:
        for folder, file in renamed:
            write_person_name(folder, file)
    except OSError as error:
        for original in before.files:
            with contextlib.suppress(OSError):  # this one has not been changed
                write_atomic(original.path, original.content)
        raise GalleryError(f"{folder} cannot be changed: {error.strerror}; {person.name} keeps the name") from error


def _person_file(person: Person, folder: Path) -> PersonFile:
    """Return the content of person.toml for one of the person's folders. The first folder's is the person's own."""
    try:
        found = read_person_file(folder)
    except DamagedPersonFileError as error:
        raise GalleryError(f"{folder / PERSON_FILE} is damaged ({error}): repair or delete it, then try again") from error
    if found is None or folder == person.folders[0]:
        return PersonFile(person.person_id, person.name, person.created_at, person.consent)
    return found


def _is_portable(file_name: str) -> bool:
    """Return whether every system can have a file of this name."""
    try:
        return folder_name(file_name) == file_name
    except GalleryError:
        return False


def _move(moves: Iterable[tuple[Path, Path]]) -> _Moves:
    """Move files or folders one by one and return the moves done; what another program has deleted meanwhile is left out.

    OSError when one cannot be moved; the others are moved back first.
    """
    moved: _Moves = []
    folders: set[Path] = set()
    try:
        for old, new in moves:
            if os.path.lexists(old):
                folders |= {new.parent, new.parent.parent}
                new.parent.mkdir(parents=True, exist_ok=True)
                with contextlib.suppress(FileNotFoundError):
                    old.rename(new)
                    moved.append((old, new))
    except OSError:
        for old, new in reversed(moved):
            with contextlib.suppress(OSError):
                new.rename(old)
        remove_empty(folders)
        raise
    return moved


def _require_movable(moves: _Moves) -> None:
    """Raise GalleryError when a file is missing, or another one has its new path."""
    for now, back in moves:
        if not os.path.lexists(now):
            raise GalleryError(f"{now} no longer exists, so the change cannot be undone")
        if os.path.lexists(back):
            raise GalleryError(f"{back} exists again and would be overwritten: move it, then try again")


def _move_back(moves: _Moves) -> None:
    """Move files and delete the folders left empty. GalleryError, with nothing moved, when one cannot be moved."""
    _require_movable(moves)
    try:
        _move(moves)
    except OSError as error:
        raise GalleryError(f"{error.filename} cannot be moved back: {error.strerror}; try again") from error
    remove_empty(folder for now, _ in moves for folder in (now.parent, now.parent.parent))


def _delete_trash(folder: Path) -> None:
    if folder.is_symlink():  # what it points to stays
        folder.unlink()
    while folder.exists():
        with contextlib.suppress(FileNotFoundError):  # `gallery_entries` deletes it at the same time in another thread
            shutil.rmtree(folder)


def _merge_moves(source: Person, target: Person, excluded: set[Path]) -> Iterator[tuple[Path, Path]]:
    """Yield old and new path of every other file of `source`, numbered where the name is taken."""
    for folder in source.folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file()):
            if file in excluded:
                continue
            wanted = new = target.folders[0] / file.relative_to(folder)
            number = 1
            while os.path.lexists(new):
                number += 1
                new = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
            yield file, new


def _obsolete_rejections(gallery: Gallery, ids: tuple[str, str], threshold_l2: float) -> list[Path]:
    """Return the rejected faces of each person that show the other one, by their distances."""
    index = Index(sample for sample in gallery.samples if sample.person_id in ids)
    obsolete: list[Path] = []
    for face in (face for face in gallery.rejected if face.person_id in ids):
        nearest, _ = index.nearest(face.embedding)
        if nearest is not None and nearest.person_id != face.person_id and nearest.distance_l2 <= threshold_l2:
            obsolete.append(face.photo)
    return obsolete


def _quarantined(person: Person) -> list[Path]:
    return [photo for folder in person.folders for path in _sets_in(folder) for photo in photos_in(path)]


def _rejected(person: Person) -> list[Path]:
    return [photo for folder in person.folders for photo in photos_in(folder / REJECTED_FOLDER)]


def _number(name: str) -> int:
    found = _SET_NAME.fullmatch(name)
    return int(found.group(1)) if found else 0


def _set_folders(root: Path) -> list[Path]:
    return [path for folder in gallery_entries(root) if folder.is_dir() for path in _sets_in(folder)]


def _sets_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in (folder / QUARANTINE_FOLDER).iterdir() if _SET_NAME.fullmatch(path.name))
    except OSError:
        return []
