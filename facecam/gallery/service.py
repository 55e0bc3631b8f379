"""Every change of a gallery folder: people, their consent, their photos, and photos in quarantine.

The commands, the window and the session call the same functions, and each change returns a GalleryChange, which can be undone.
Each holds the gallery's lock while it checks and changes the folder, and happens as a whole, see transaction.py.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from facecam.errors import ChangeExpiredError, GalleryError
from facecam.fileio import MAX_TABLE_BYTES, PART_PREFIX, create_private_folder, is_in_data_dir, read_regular
from facecam.gallery.cache import cache_folder, prune_caches
from facecam.gallery.encryption import HEADER_FILE, MANIFEST_FILE, gallery_id_of, header_at, is_opaque
from facecam.gallery.files import encryption_key, is_encrypted
from facecam.gallery.folder_lock import LOCK_FILE
from facecam.gallery.gallery import Gallery
from facecam.gallery.keychain import delete_key
from facecam.gallery.people import (
    PERSON_FILE,
    REJECTED_FOLDER,
    DamagedPersonFileError,
    Person,
    PersonFile,
    display_name,
    folder_name,
    is_persons_own,
    photos_in,
    read_people,
    read_person_file,
    renamed_toml,
    require_distinct_name,
)
from facecam.gallery.person_files import (
    changed_file,
    check_person_file,
    consents_of,
    merged_consents,
    write_consent,
    write_person_files,
)
from facecam.gallery.quarantine import QUARANTINE_FOLDER, count_hidden_photos, new_set_name, quarantine_sets, quarantined_photos
from facecam.gallery.snapshots import FileSnapshot, relocated
from facecam.gallery.transaction import Moves, Transaction, delete_tree, free_path, gallery_lock, remove_empty
from facecam.gallery.undo import ChangeKind, GalleryChange, Redo
from facecam.recognition.matching import Index

_P = ParamSpec("_P")
_T = TypeVar("_T")


def _locked(method: Callable[Concatenate[GalleryService, _P], _T]) -> Callable[Concatenate[GalleryService, _P], _T]:
    """Let a method of GalleryService hold the gallery's lock."""

    @wraps(method)
    def run(self: GalleryService, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        with gallery_lock(self.root):
            return method(self, *args, **kwargs)

    return run


def has_encryption(root: Path) -> bool:
    """Return whether the gallery at `root` is encrypted, also where its header is damaged or missing."""
    return any(os.path.lexists(root / name) for name in (HEADER_FILE, MANIFEST_FILE))


def photo_path(person: Person, jpeg: bytes) -> Path:
    """Return the path where `add_photos` saves this content; the file name is its hash, in an encrypted gallery a keyed one."""
    key = encryption_key(person.folders[0].parent)
    name = f"{hashlib.sha256(jpeg).hexdigest()[:16]}.jpg" if key is None else key.opaque_name(jpeg, ".jpg")
    return person.folders[0] / name


class GalleryService:
    """Changes the gallery folder `root`. Keeps nothing in memory: each call reads the folder's current state.

    A person is given by name, or as they were read: then by id, whatever another program has called them meanwhile.
    Methods raise GalleryError, with nothing changed, when a change is not possible, or another program is changing the gallery.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def person(self, name: str | Person) -> Person:
        """Return the person with this name, or this person as they are now, under any name.

        GalleryError when there is none; for a name it lists the enrolled people.
        """
        if isinstance(name, Person):
            return self._present(name)
        people = read_people(self.root)
        found = people.find(name)
        if found is None:
            values = {"name": display_name(name), "gallery": self.root}
            if not people.people:
                raise GalleryError("{name!r} is not enrolled in {gallery}; enrolled people: none", **values)
            names = ", ".join(person.name for person in people.people[:20])
            raise GalleryError("{name!r} is not enrolled in {gallery}; enrolled people: {names}", **values, names=names)
        return found

    def import_person(
        self, file: PersonFile, toml: bytes, photos: Sequence[tuple[str, Callable[[], bytes]]]
    ) -> tuple[Person, tuple[Path, ...]]:
        """Add photos byte for byte to the person with this id, added with this content of person.toml if new.

        An enrolled person keeps name and consent. The consents of `file` are added as in `merge`.

        Args:
            file: The content of person.toml.
            toml: Its original text.
            photos: File name and reader of each photo. A name that is taken, or invalid on some system, is replaced by a hash.

        Returns:
            The person, and the path of each photo.
        """
        self._create_folder()
        return self._import_person(file, toml, photos)

    @_locked
    def _import_person(
        self, file: PersonFile, toml: bytes, photos: Sequence[tuple[str, Callable[[], bytes]]]
    ) -> tuple[Person, tuple[Path, ...]]:
        people = read_people(self.root)
        known = next((person for person in people.people if person.person_id == file.person_id), None)
        if known is None and people.find(file.name) is not None:
            raise GalleryError("another person is called {name} here: rename one of the two, then import again", name=file.name)
        if known is None:
            require_distinct_name(people.people, file.name)
        person = known or self._new_person(file)
        is_sealed = is_encrypted(self.root)
        path = person.folders[0] / PERSON_FILE
        paths: list[Path] = []
        try:
            with Transaction(self.root) as change:
                if not os.path.lexists(path):
                    change.write(path, toml)
                elif known is not None and (consents := merged_consents(known, file)) != consents_of(known):
                    write_consent(change, known, *consents)
                for name, read in photos:
                    data = read()
                    path = person.folders[0] / name
                    is_portable = _is_portable(name)
                    if is_sealed or not is_portable or path.exists() or path in paths:
                        path = photo_path(person, data).with_suffix(path.suffix.lower())
                    if path not in paths and not path.exists():
                        change.write(path, data, original=name if is_portable else "")
                    paths.append(path)
        except OSError as error:
            raise GalleryError(
                "{path} cannot be saved: {reason}; {name} is unchanged",
                path=path,
                reason=error,
                name=person.name,
            ) from error
        return person, tuple(paths)

    def add_photos(
        self,
        name: str,
        jpegs: Sequence[bytes],
        consent: str = "",
        *,
        replaced: GalleryChange | None = None,
        expected_id: str | None = None,
    ) -> GalleryChange:
        """Save JPEG files' contents as photos of a person, added if new. The same content twice is one photo.

        `consent` is what the person agreed to, in words; one that is recorded stays. Photos that an earlier change, `replaced`,
        had added and that are not among these are removed; the new change covers both. `expected_id` is the person who had this
        name when the photos were compared with the gallery, "" for no one: GalleryError when it is another one now.
        """
        self._create_folder()
        return self._add_photos(name, jpegs, consent, replaced, expected_id)

    @_locked
    def _add_photos(
        self, name: str, jpegs: Sequence[bytes], consent: str, replaced: GalleryChange | None, expected_id: str | None
    ) -> GalleryChange:
        people = read_people(self.root)
        known = people.find(name)
        if known is None:
            require_distinct_name(people.people, name)
        replaced_id = replaced.person.person_id if replaced is not None else expected_id
        if expected_id is not None and (known.person_id if known is not None else "") not in (expected_id, replaced_id):
            raise GalleryError(
                "{name} was enrolled, renamed or removed meanwhile: no photo was saved; look at the gallery, then try again",
                name=name,
            )
        person = known or self._new_person(PersonFile.new(name, consent))
        earlier = replaced if replaced is not None and replaced.person.person_id == person.person_id else None
        earlier_names = {path.name for path in earlier.paths} if earlier is not None else set()
        kept_names = {path.name for path in person.photos} - earlier_names
        files = {photo_path(person, jpeg): jpeg for jpeg in jpegs}
        added = tuple(path for path in files if path.name not in kept_names)
        obsolete = [photo for photo in person.photos if photo.name in earlier_names - {path.name for path in added}]
        quarantined = {(path.parent.name, path.name) for path in quarantined_photos(person)}
        present = {path.name for path in person.photos}
        new = {path: jpeg for path, jpeg in files.items() if path.name not in present}
        self._save_new(replace(person, consent=person.consent or consent), new, obsolete)
        if obsolete:
            self._prune_caches([])
        is_new = not kept_names if known is None else earlier is not None and earlier.is_new_person
        if earlier is None and replaced is not None:
            with contextlib.suppress(GalleryError):  # that person has been removed meanwhile
                replaced.undo()
        gained = consent if known is not None and not person.consent else ""
        return self._photos_added(person, added, quarantined, is_new_person=is_new, gained_consent=gained)

    def _photos_added(
        self,
        person: Person,
        paths: tuple[Path, ...],
        quarantined: set[tuple[str, str]],
        *,
        is_new_person: bool,
        gained_consent: str = "",
    ) -> GalleryChange:
        """Return the change that added these photos, and this consent to a person without one."""

        def replace_consent(old: str, new: str) -> None:
            now = self._present(person) if gained_consent else person
            if gained_consent and now.consent == old:
                self._change_consent(ChangeKind.CONSENT_RECORDED, now, new, now.withdrawn)

        def undo() -> Redo:
            removed = self._undo_adding(person, {path.name for path in paths}, quarantined, is_new_person=is_new_person)
            replace_consent(gained_consent, "")

            def redo() -> GalleryChange:
                removed.undo()
                replace_consent("", gained_consent)
                return self._photos_added(person, paths, quarantined, is_new_person=is_new_person, gained_consent=gained_consent)

            return redo

        locked = self._locked_undo(undo)
        return GalleryChange(ChangeKind.PHOTOS_ADDED, locked, (person,), paths, is_new_person=is_new_person, photos=len(paths))

    def _undo_adding(self, person: Person, names: set[str], old: set[tuple[str, str]], *, is_new_person: bool) -> GalleryChange:
        """Remove the added photos of these names, also from quarantine, and a new person without other photos.

        `old` are set and name of the photos that were in quarantine before. Everything else in the folder stays.
        """
        now = self._present(person)
        photos = [*now.photos, *quarantined_photos(now)]
        added = [photo for photo in photos if photo.name in names and (photo.parent.name, photo.name) not in old]
        is_last = is_new_person and len(added) == len(photos)
        own = [*now.rejected, *(folder / PERSON_FILE for folder in now.folders)] if is_last else []
        files = {*added, *own}
        if is_last and all(path in files or path.is_dir() for folder in now.folders for path in folder.rglob("*")):
            return self.remove_person(now.name)  # in one step, so that no interruption leaves half of the person
        removed = self.remove_photos([*added, *own])
        remove_empty(folder for file in files for folder in (file.parent, file.parent.parent) if folder != self.root)
        return removed

    @_locked
    def reject_face(
        self, name: str | Person, jpegs: Sequence[bytes], wrong_names: Collection[str] = (), *, is_new_person: bool = False
    ) -> GalleryChange:
        """Save JPEG files' contents as images of a face that is not this person's.

        Photos of the person with the same content, which the face got by a wrong name, are removed, and so are those of the
        file names `wrong_names`. With `is_new_person`, a person of whom nothing else is stored is removed, with the consent that
        was recorded for the face.
        """
        person = self.person(name)
        folder = person.folders[0] / REJECTED_FOLDER
        files = {folder / photo_path(person, jpeg).name: jpeg for jpeg in jpegs}
        new = {path: jpeg for path, jpeg in files.items() if not path.exists()}
        same = {photo_path(person, jpeg).name for jpeg in jpegs}
        wrong = [photo for photo in person.photos if photo.parent == person.folders[0] and photo.name in {*same, *wrong_names}]
        if is_new_person and wrong and _consists_of(person, wrong):
            return self._new_person_rejected(person)
        photos = FileSnapshot.capture(wrong)
        paths = self._save_new(person, new, wrong)
        if wrong:
            self._prune_caches([])
        return self._face_rejected(person, paths, wrong, photos)

    def _new_person_rejected(self, person: Person) -> GalleryChange:
        """Remove a person whose only photos the rejected face got, and return this as the rejection."""
        removed = self.remove_person(person)

        def undo() -> Redo:
            removed.undo()
            return lambda: self._new_person_rejected(person)

        return GalleryChange(ChangeKind.FACE_REJECTED, self._locked_undo(undo), (person,), leftovers=removed.leftovers)

    def _face_rejected(
        self, person: Person, paths: tuple[Path, ...], wrong: Sequence[Path], photos: FileSnapshot
    ) -> GalleryChange:
        """Return the change that saved these images of a face that is not this person's, and removed the `wrong` photos."""

        def undo() -> Redo:
            folders = self._present_folders(person)
            photos.restore(self.root, folders)  # First: this process has the only copy of them.
            removed = self.remove_photos([relocated(path, folders) for path in paths])

            def redo() -> GalleryChange:
                removed.undo()
                folders = self._present_folders(person)
                present = [photo for photo in (relocated(path, folders) for path in wrong) if os.path.lexists(photo)]
                if present:
                    self.remove_photos(present)
                return self._face_rejected(person, paths, wrong, photos)

            return redo

        return GalleryChange(ChangeKind.FACE_REJECTED, self._locked_undo(undo), (person,), paths, rejected=len(paths))

    @_locked
    def rename(self, old: str | Person, new: str, *, force: bool = False) -> GalleryChange:
        """Rename a person and their folder; the person_id stays. GalleryError when the name is taken.

        With `force` it may differ from another person's name only in case.
        """
        person, name = self.person(old), display_name(new)
        if name != person.name:
            people = read_people(self.root)
            if people.find(name) is not None:
                raise GalleryError(
                    "{name} is enrolled already: rename or remove that person first, or enroll photos under that name", name=name
                )
            if not force:
                require_distinct_name(people.people, name, person.person_id)
            self._write_name(person, name)
            for folder in () if is_encrypted(self.root) else person.folders:
                others = [entry.name for entry in self.root.iterdir() if entry.name != folder.name]
                # A folder that cannot be renamed keeps its name: person.toml has the right one.
                with contextlib.suppress(OSError):
                    folder.rename(self.root / folder_name(name, others))

        def undo() -> Redo:
            self.rename(person, person.name, force=True)
            for old_folder, folder in self._present_folders(person).items():
                if not os.path.lexists(old_folder) and not is_encrypted(self.root):
                    with contextlib.suppress(OSError):  # as above
                        folder.rename(old_folder)
            return lambda: self.rename(person, name, force=True)

        return GalleryChange(ChangeKind.RENAMED, self._locked_undo(undo), (person,), name=name)

    @_locked
    def record_consent(self, name: str | Person, consent: str) -> GalleryChange:
        """Record what a person agreed to, in place of an earlier record.

        GalleryError when the text is empty, or a given Person has another record now.
        """
        person, text = self.person(name), " ".join(consent.split())
        if isinstance(name, Person) and consents_of(name) != consents_of(person):
            raise GalleryError(
                "the consent of {name} was changed meanwhile: look at the new record, then try again", name=person.name
            )
        if not text:
            raise GalleryError("the consent is empty; write what {name} agreed to", name=person.name)
        return self._change_consent(ChangeKind.CONSENT_RECORDED, person, text, person.withdrawn)

    @_locked
    def withdraw_consent(self, name: str | Person, today: date) -> GalleryChange:
        """Move a person's consent to `consent_withdrawn` in person.toml, with the date. GalleryError when none is recorded.

        The photos stay: remove the person to delete them.
        """
        person = self.person(name)
        if not person.consent:
            raise GalleryError("no consent of {name} is recorded, so it cannot be withdrawn", name=person.name)
        withdrawn = f"{person.consent}; withdrawn on {today.isoformat()}"
        return self._change_consent(ChangeKind.CONSENT_WITHDRAWN, person, "", withdrawn)

    def _change_consent(self, kind: ChangeKind, person: Person, consent: str, withdrawn: str) -> GalleryChange:
        """Write both texts as one change, which can be undone."""
        folder = person.folders[0]
        try:
            with Transaction(self.root) as change:
                write_consent(change, person, consent, withdrawn)
        except OSError as error:
            raise GalleryError(
                "{folder} cannot be changed: {reason}; the consent of {name} is unchanged",
                folder=folder,
                reason=error,
                name=person.name,
            ) from error

        def undo() -> Redo:
            now = self._present(person)
            if consents_of(now) != (consent, withdrawn):
                raise ChangeExpiredError("the consent of {name} was changed meanwhile and stays as it is", name=now.name)
            self._change_consent(kind, now, *consents_of(person))
            return lambda: self._change_consent(kind, self._present(person), consent, withdrawn)

        return GalleryChange(kind, self._locked_undo(undo), (person,), (folder / PERSON_FILE,))

    @_locked
    def remove_person(self, name: str | Person, *, keep_undo: bool = True, also: Iterable[Path] = ()) -> GalleryChange:
        """Delete a person: photos, quarantined photos, rejected faces and cache entries. Of a linked folder only the link.

        With `keep_undo` the files are kept for undo; GalleryError when they are too large for that. `also` are images of other
        people's folders that are deleted in the same change and are not kept.
        """
        person = self.person(name)
        files = FileSnapshot.capture(person.folders) if keep_undo else None
        quarantined, rejected = count_hidden_photos(person)
        linked = [Path(os.path.realpath(folder)) for folder in person.folders if folder.is_symlink()]
        try:
            with Transaction(self.root) as change:
                for folder in (*person.folders, *also):
                    change.remove(folder)
        except OSError as error:
            raise GalleryError(
                "{path} cannot be removed: {reason}; {name} is unchanged",
                path=error.filename,
                reason=error,
                name=person.name,
            ) from error
        leftovers = [*change.undeleted, *(path for path in linked if not path.is_relative_to(os.path.realpath(self.root)))]
        cached_entries = self._prune_caches(leftovers)

        def undo() -> Redo:
            if files is None:
                raise ChangeExpiredError("the files of {name} were not kept, so the removal cannot be undone", name=person.name)
            self._require_free_name(person)
            files.restore(self.root)
            return lambda: self.remove_person(person)

        return GalleryChange(
            ChangeKind.PERSON_REMOVED,
            self._locked_undo(undo),
            (person,),
            person.folders,
            photos=len(person.photos),
            quarantined=quarantined,
            rejected=rejected,
            cached_entries=cached_entries,
            leftovers=tuple(leftovers),
        )

    @_locked
    def finish_removal(self) -> None:
        """Finish the removal of a person that was interrupted: what is left of the files, and cache entries."""
        leftovers: list[Path] = []
        self._prune_caches(leftovers)
        if leftovers:
            raise GalleryError("{path} cannot be changed: correct its permissions, then try again", path=leftovers[0])

    def everyone(self) -> tuple[Person, ...]:
        """Return all people whom facecam has stored.

        A folder of photos without person.toml is the user's, as in a folder of pictures that was named as the gallery. In the
        gallery in facecam's own folder it counts too. LockedGalleryError for an encrypted gallery without its passphrase.
        """
        return tuple(person for person in read_people(self.root).people if any(map(self._is_facecams, person.folders)))

    def _is_facecams(self, folder: Path) -> bool:
        return is_persons_own(folder) or is_in_data_dir(self.root)

    def remove_everyone(self) -> int:
        """Delete the people of `everyone`, and what facecam keeps in the gallery besides them. Return the number of people.

        Files that are not facecam's stay, and so does a folder behind a link. An encrypted gallery need not be unlocked; its key
        in the system's keyring is deleted too.
        """
        with gallery_lock(self.root):
            is_encrypted_one = has_encryption(self.root)
            if is_encrypted_one:
                folders = [path for path in sorted(self.root.iterdir()) if path.is_dir() and is_opaque(path.name)]
                count = sum(os.path.lexists(folder / PERSON_FILE) for folder in folders)
            else:
                people = self.everyone()
                folders = [folder for person in people for folder in person.folders if self._is_facecams(folder)]
                count = len(people)
            try:
                with Transaction(self.root, encryption=None) as change:
                    for folder in folders:
                        change.remove(folder)
                leftovers = [*change.undeleted]
                if is_encrypted_one:
                    delete_tree(cache_folder(self.root))
                else:
                    self._prune_caches(leftovers)
            except OSError as error:
                raise GalleryError("{path} cannot be removed: {reason}", path=error.filename, reason=error) from error
            if leftovers:
                raise GalleryError("{path} cannot be deleted: correct its permissions, then try again", path=leftovers[0])
            self._delete_encryption()
            for path in self.root.glob(f"{PART_PREFIX}*"):  # of a change that was killed, with the names of folders in it
                delete_tree(path)
        (self.root / LOCK_FILE).unlink(missing_ok=True)
        return count

    def _delete_encryption(self) -> None:
        """Delete the keys of a gallery without files: that in the keyring, then those by which a repeated call finds it."""
        ids = set[bytes]()
        with contextlib.suppress(OSError):
            ids.add(gallery_id_of(read_regular(self.root / MANIFEST_FILE, MAX_TABLE_BYTES)))
        with contextlib.suppress(GalleryError):  # It is damaged.
            if (header := header_at(self.root / HEADER_FILE)) is not None:
                ids.add(header.gallery_id)
        for gallery_id in ids:
            if not delete_key(gallery_id):
                raise GalleryError(
                    "the key of {gallery} in the system's keyring cannot be deleted: unlock the keyring, then try again",
                    gallery=self.root,
                )
        for name in (HEADER_FILE, MANIFEST_FILE):
            delete_tree(self.root / name)

    @_locked
    def merge(self, name: str | Person, into: str | Person, gallery: Gallery, threshold_l2: float) -> GalleryChange:
        """Move everything in the folders of `name` to `into` and remove `name`.

        A consent moves too unless `into` has a record of one, or has withdrawn it. A withdrawn one moves unless `into` has one.

        Rejected faces move too, except those within `threshold_l2` of the other of the two and nearer to them than to the person
        they were rejected for: "not Ann" marked a face of Ben, and both are one person now. `gallery`, the folder as last read,
        provides those distances.
        """
        source, target = self.person(name), self.person(into)
        if source.person_id == target.person_id:
            raise GalleryError("{name} cannot be merged with themselves: choose another person", name=source.name)
        if any(path.is_symlink() for path in source.folders):
            raise GalleryError(
                "{name} is a link to another folder: move its photos into {folder} by hand",
                name=source.name,
                folder=target.folders[0],
            )
        obsolete = _obsolete_rejections(gallery, (source, target), threshold_l2)
        dropped = [*obsolete, *(path / PERSON_FILE for path in source.folders)]
        consents = merged_consents(target, source)
        gains_consent = consents != consents_of(target)
        files, moved = FileSnapshot.capture(dropped), Moves()

        def undo() -> Redo:
            self._require_free_name(source)
            folders = self._present_folders(target)
            back = [(relocated(now, folders), path) for path, now in moved]
            _require_movable(back)
            files.restore(self.root, folders, back)
            remove_empty(folder for now, _ in back for folder in (now.parent, now.parent.parent))
            if gains_consent and consents_of(self._present(target)) == consents:
                self._change_consent(ChangeKind.CONSENT_RECORDED, self._present(target), *consents_of(target))
            return lambda: self.merge(source, target, gallery, threshold_l2)

        try:
            with Transaction(self.root) as change:
                if gains_consent:
                    write_consent(change, target, *consents)
                else:
                    write_person_files(change, [target])
                for old, new in _merge_moves(source, target, set(dropped)):
                    change.move(old, new)
                for path in dropped:
                    change.remove(path)
        except OSError as error:
            raise GalleryError(
                "{path} cannot be moved: {reason}; {name} is unchanged",
                path=error.filename,
                reason=error,
                name=source.name,
            ) from error
        moved += change.moved
        remove_empty(folder for path in source.folders for folder in (path, *path.rglob("*")))
        return GalleryChange(
            ChangeKind.MERGED,
            self._locked_undo(undo),
            (source, target),
            tuple(now for _, now in moved),
            name=target.name,
            photos=len(source.photos),
            rejected=len(obsolete),
        )

    @_locked
    def remove_photos(self, photos: Sequence[Path]) -> GalleryChange:
        """Delete photos, or rejected faces, and their cache entries."""
        owners, files = self._owners(photos), FileSnapshot.capture(photos)
        try:
            with Transaction(self.root) as change:
                # Without photos only a person.toml keeps a person.
                write_person_files(change, owners)
                for photo in photos:
                    change.remove(photo)
        except OSError as error:
            raise GalleryError(
                "{path} cannot be deleted: {reason}; no photo was deleted", path=error.filename, reason=error
            ) from error
        leftovers = change.undeleted
        cached_entries = self._prune_caches(leftovers)
        remove_empty(photo.parent for photo in photos if photo.parent.name == REJECTED_FOLDER)

        def undo() -> Redo:
            # A person whose person.toml was removed too comes back in the same place.
            staying = [owner for owner in owners if not any(folder / PERSON_FILE in photos for folder in owner.folders)]
            files.restore(self.root, self._present_folders(*staying))
            return redo

        def redo() -> GalleryChange:
            folders = self._present_folders(*owners)
            return self.remove_photos([relocated(photo, folders) for photo in photos])

        return GalleryChange(
            ChangeKind.PHOTOS_REMOVED,
            self._locked_undo(undo),
            owners,
            tuple(photos),
            photos=len(photos),
            cached_entries=cached_entries,
            leftovers=tuple(leftovers),
        )

    @_locked
    def quarantine(self, photos: Iterable[Path], now: datetime | None = None) -> GalleryChange:
        """Move photos out of use as one set."""
        name = new_set_name(self.root, now or datetime.now(UTC))
        try:
            photos = list(photos)
            with Transaction(self.root) as change:
                write_person_files(change, self._owners(photos))
                for photo in photos:
                    change.move(photo, photo.parent / QUARANTINE_FOLDER / name / photo.name)
        except OSError as error:
            raise GalleryError(
                "{path} cannot be quarantined: {reason}; no photo was moved", path=error.filename, reason=error
            ) from error
        return self._moved(ChangeKind.QUARANTINED, change.moved, name)

    @_locked
    def restore(self) -> GalleryChange:
        """Move the newest quarantined set back. The next call restores the set before it."""
        sets = quarantine_sets(self.root)
        if not sets:
            raise GalleryError("no photo is quarantined in {gallery}", gallery=self.root)
        name, photos = sets.popitem()
        moves = [(photo, photo.parents[2] / photo.name) for photo in photos]
        self._move_back(moves)
        return self._moved(ChangeKind.RESTORED, moves, name)

    def _moved(self, kind: ChangeKind, moved: Moves, name: str) -> GalleryChange:
        """Return the change that moved photos into or out of a quarantine set."""
        owners = self._owners([old for old, _ in moved])

        def undo() -> Redo:
            folders = self._present_folders(*owners)
            self._move_back([(relocated(new, folders), relocated(old, folders)) for old, new in moved])
            return redo

        def redo() -> GalleryChange:
            folders = self._present_folders(*owners)
            again = [(relocated(old, folders), relocated(new, folders)) for old, new in moved]
            self._move_back(again)
            return self._moved(kind, again, name)

        return GalleryChange(kind, self._locked_undo(undo), owners, tuple(new for _, new in moved), name=name, photos=len(moved))

    def _owners(self, files: Iterable[Path]) -> tuple[Person, ...]:
        """Return the people in whose folders these files are."""
        parents = {parent for file in files for parent in file.parents}
        return tuple(person for person in read_people(self.root).people if not parents.isdisjoint(person.folders))

    def _present(self, person: Person) -> Person:
        """Return the person as they are now, under any name. GalleryError when they are not enrolled any more."""
        self._require_folder()
        now = next((one for one in read_people(self.root).people if one.person_id == person.person_id), None)
        if now is None:
            for folder in person.folders:
                check_person_file(folder)
            raise ChangeExpiredError("{name} is not enrolled any more, so this change is not possible", name=person.name)
        return now

    def _present_folders(self, *people: Person) -> dict[Path, Path]:
        """Return the present folder for each folder that these people had."""
        folders: dict[Path, Path] = {}
        for person in people:
            present = self._present(person).folders
            folders |= {old: old if old in present else new for old, new in zip(person.folders, present, strict=False)}
        return folders

    def _require_folder(self) -> None:
        """Raise GalleryError while the gallery is away, such as a network share: its people are not removed."""
        if not self.root.is_dir():
            raise GalleryError("the gallery {gallery} does not exist now: make it available, then try again", gallery=self.root)

    def _require_free_name(self, person: Person) -> None:
        self._require_folder()
        namesake = read_people(self.root).find(person.name)
        if namesake is not None and namesake.person_id != person.person_id:
            raise GalleryError("another person is called {name} now: rename that person, then undo again", name=person.name)

    def _create_folder(self) -> None:
        """Create the gallery's folder, which the lock needs."""
        try:
            create_private_folder(self.root)
        except OSError as error:
            raise GalleryError("the gallery {gallery} cannot be created: {reason}", gallery=self.root, reason=error) from error

    def _new_person(self, file: PersonFile) -> Person:
        """Return a person with an unused folder, or an existing one of that name without person.toml. Nothing is written."""
        folder = self.root / folder_name(file.name)
        if is_encrypted(self.root):
            folder = self.root / secrets.token_hex(8)
        try:
            is_prepared = folder.is_dir() and read_person_file(folder) is None and not photos_in(folder)
        except (OSError, DamagedPersonFileError):
            is_prepared = False
        if not is_prepared and not is_encrypted(self.root):
            folder = self.root / folder_name(file.name, [entry.name for entry in self.root.iterdir()])
        return Person(file.person_id, file.name, (folder,), (), file.created_at, file.consent, withdrawn=file.withdrawn)

    def _save_new(self, person: Person, files: Mapping[Path, bytes], obsolete: Iterable[Path] = ()) -> tuple[Path, ...]:
        """Write new files of a person, delete obsolete ones, and return the new paths. GalleryError when that fails."""
        path = person.folders[0]
        try:
            with Transaction(self.root) as change:
                write_person_files(change, [person])
                for path, data in files.items():
                    change.write(path, data)
                for photo in obsolete:
                    change.remove(photo)
        except OSError as error:
            raise GalleryError("{path} cannot be saved: {reason}", path=path, reason=error) from error
        return tuple(files)

    def _prune_caches(self, leftovers: list[Path]) -> int:
        """Drop removed photos from the caches and return the number of entries. A cache that stays is added to `leftovers`."""
        try:
            return prune_caches(self.root)
        except OSError as error:
            leftovers.append(Path(error.filename or cache_folder(self.root)))
            return 0

    def _write_name(self, person: Person, name: str) -> None:
        """Write a new name into the person's folders. GalleryError, with nothing changed, when that fails in one of them."""
        folder = person.folders[0]
        try:
            with Transaction(self.root) as change:
                for folder in person.folders:
                    toml = renamed_toml(folder, replace(changed_file(person, folder), name=name))
                    change.write(folder / PERSON_FILE, toml, replace=True, original="")
        except OSError as error:
            raise GalleryError(
                "{folder} cannot be changed: {reason}; {name} keeps the name",
                folder=folder,
                reason=error,
                name=person.name,
            ) from error

    def _move_back(self, moves: Moves) -> None:
        """Move files and delete the folders left empty. GalleryError, with nothing moved, when one cannot be moved."""
        _require_movable(moves)
        try:
            with Transaction(self.root) as change:
                for old, new in moves:
                    change.move(old, new)
        except OSError as error:
            raise GalleryError("{path} cannot be moved back: {reason}; try again", path=error.filename, reason=error) from error
        remove_empty(folder for now, _ in moves for folder in (now.parent, now.parent.parent))

    def _locked_undo(self, undo: Callable[[], Redo]) -> Callable[[], Redo]:
        """Return an undo that holds the gallery's lock and returns a redo that does so."""

        def locked_undo() -> Redo:
            with gallery_lock(self.root):
                redo = undo()

            def locked_redo() -> GalleryChange:
                with gallery_lock(self.root):
                    return redo()

            return locked_redo

        return locked_undo


def _consists_of(person: Person, photos: Collection[Path]) -> bool:
    """Return whether nothing but these photos and the person.toml is stored of a person."""
    own = {*photos, *(folder / PERSON_FILE for folder in person.folders)}
    return all(path in own for folder in person.folders for path in folder.rglob("*"))


def _is_portable(file_name: str) -> bool:
    """Return whether every system can have a file of this name."""
    try:
        return folder_name(file_name) == file_name
    except GalleryError:
        return False


def _require_movable(moves: Moves) -> None:
    """Raise GalleryError when a file is missing, or another one has its new path."""
    for now, back in moves:
        if not os.path.lexists(now):
            raise ChangeExpiredError("{path} no longer exists, so the change cannot be undone", path=now)
        if os.path.lexists(back):
            raise GalleryError("{path} exists again and would be overwritten: move it, then try again", path=back)


def _merge_moves(source: Person, target: Person, excluded: set[Path]) -> Moves:
    """Return old and new path of every other file of `source`, numbered where the name is taken."""
    moves: Moves = []
    taken: set[Path] = set()
    for folder in source.folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file()):
            if file not in excluded:
                new = free_path(target.folders[0] / file.relative_to(folder), taken)
                taken.add(new)
                moves.append((file, new))
    return moves


def _obsolete_rejections(gallery: Gallery, people: Sequence[Person], threshold_l2: float) -> list[Path]:
    """Return the rejected faces of each person that show the other one, by their distances in `gallery`.

    Faces are found by name: the folders may have been renamed since the gallery was read.
    """
    ids = {person.person_id for person in people}
    index = Index(sample for sample in gallery.samples if sample.person_id in ids)
    obsolete: set[tuple[str, str]] = set()
    for face in (face for face in gallery.rejected if face.person_id in ids):
        nearest, _ = index.nearest(face.embedding)
        if nearest is not None and nearest.person_id != face.person_id and nearest.distance_l2 <= threshold_l2:
            obsolete.add((face.person_id, face.photo.name))
    return [path for person in people for path in person.rejected if (person.person_id, path.name) in obsolete]
