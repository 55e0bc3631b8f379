"""Processes that change a gallery, at once or until they are killed, and the galleries that they change."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from facecam.errors import GalleryError
from facecam.gallery.files import read_gallery_file
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import PersonFile, read_people, to_toml
from facecam.gallery.quarantine import quarantine_sets
from facecam.gallery.service import GalleryService
from facecam.imageio import MAX_FILE_BYTES
from facecam.types import Sample
from tests.color_reader import ColorAnalyzer
from tests.forked_processes import ForkedProcesses, Request, Work, forking_process, serve

_FILE_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.utime"})
CLEO_ID = "c" * 32

State = dict[str, tuple[Any, ...]]


def make_gallery(root: Path) -> None:
    """Make a gallery of Ann (photos, one in quarantine, rejected faces), Ben, and Cleo, who has two folders."""
    service = GalleryService(root)
    ann = service.add_photos("Ann", [b"Ann %d" % number + bytes(4000) for number in range(5)], "Ann agreed").person
    service.add_photos("Ben", [b"Ben" + bytes(4000)], "Ben agreed")
    service.reject_face("Ann", [b"a stranger", b"Ben's face"])
    service.quarantine([ann.folders[0] / f"{hashlib.sha256(b'Ann 0' + bytes(4000)).hexdigest()[:16]}.jpg"])
    for name in ("Cleo", "Cleo, 2020"):
        (root / name).mkdir()
        (root / name / "1.jpg").write_bytes(name.encode())
        file = replace(PersonFile.new("Cleo", "Cleo agreed"), person_id=CLEO_ID)
        (root / name / "person.toml").write_text(to_toml(file), encoding="utf-8")


def state_of(root: Path) -> State:
    """Return what a reader sees of each person: name, consent, contents of photos and rejected faces. New ids are "new"."""
    found = read_people(root)
    assert found.problems == ()
    state: State = {}
    for person in found.people:
        photos = sorted(hashlib.sha256(_content(photo)).hexdigest()[:8] for photo in person.photos)
        key = person.person_id if person.name != "Dora" else "new"
        assert key not in state
        rejected = sorted(map(_content, person.rejected))
        state[key] = (person.name, person.consent, tuple(photos), tuple(rejected))
    return state


def _content(photo: Path) -> bytes:
    return read_gallery_file(photo, MAX_FILE_BYTES)


def _first_photos(root: Path) -> list[Path]:
    """Return three photos of Ann, the same ones whatever their names."""
    return sorted(GalleryService(root).person("Ann").photos, key=_content)[:3]


def _gallery(root: Path) -> Gallery:
    """Return the gallery as a reader of faces would: one of Ann's rejected faces is Ben's."""
    people = read_people(root).people
    ann, ben = (next(person for person in people if person.name == name) for name in ("Ann", "Ben"))
    face, other = np.eye(2, 128, dtype=np.float32)
    samples = (Sample("1", ann.person_id, "Ann", ann.photos[0], other), Sample("2", ben.person_id, "Ben", ben.photos[0], face))
    path = next(photo for photo in ann.rejected if _content(photo) == b"Ben's face")
    return Gallery(root, "", people, samples, rejected=(Sample("3", ann.person_id, "Ann", path, face),))


def _enroll(root: Path, name: str, count: int = 5) -> Callable[[], Any]:
    jpegs = [b"new %s %d" % (name.encode(), number) + bytes(3000) for number in range(count)]
    known = read_people(root).find(name)
    expected = {"expected_id": known.person_id if known is not None else ""}
    with_check = "expected_id" in GalleryService.add_photos.__kwdefaults__
    return lambda: GalleryService(root).add_photos(name, jpegs, f"{name} agreed", **(expected if with_check else {}))


def _merge(root: Path, name: str, into: str) -> Callable[[], Any]:
    gallery = _gallery(root)
    return lambda: GalleryService(root).merge(name, into, gallery, 0.3)


def _import(root: Path) -> Callable[[], Any]:
    file = PersonFile.new("Dora", "Dora agreed")
    photos = [(f"{number}.jpg", partial(bytes, 3000 + number)) for number in range(5)]
    return lambda: GalleryService(root).import_person(file, to_toml(file).encode(), photos)


def _restore_photos(root: Path) -> Callable[[], Any]:
    assert quarantine_sets(root)
    return lambda: GalleryService(root).restore()


CHANGES: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "enroll a new person": lambda root: _enroll(root, "Dora"),
    "enroll more photos": lambda root: _enroll(root, "Ann"),
    "import a person": _import,
    "rename": lambda root: lambda: GalleryService(root).rename("Ann", "Anna"),
    "rename two folders": lambda root: lambda: GalleryService(root).rename("Cleo", "Clio"),
    "merge": lambda root: _merge(root, "Ann", "Ben"),
    "merge two folders": lambda root: _merge(root, "Cleo", "Ben"),
    "remove": lambda root: lambda: GalleryService(root).remove_person("Ann"),
    "remove two folders": lambda root: lambda: GalleryService(root).remove_person("Cleo"),
    "remove photos": lambda root: lambda: GalleryService(root).remove_photos(_first_photos(root)),
    "quarantine": lambda root: lambda: GalleryService(root).quarantine(_first_photos(root)),
    "restore from quarantine": _restore_photos,
    "rename Ann to Eve": lambda root: lambda: GalleryService(root).rename("Ann", "Eve"),
    "rename Ben to Eve": lambda root: lambda: GalleryService(root).rename("Ben", "Eve"),
    "enroll Eve": lambda root: _enroll(root, "Eve"),
    "merge Ben into Ann": lambda root: _merge(root, "Ben", "Ann"),
    "read": lambda root: lambda: [Gallery.load(root, ColorAnalyzer(f"colors-{number}")) for number in range(5)],
}
"""Functions that prepare a change in a gallery and return the function that makes it."""

UNDO = "undo: "
"""Prefix of the name of a change that is made first and undone then."""

REDO = "redo: "
"""Prefix of the name of a change that is made and undone first, and redone then."""


def prepare(root: Path, change: str) -> Callable[[], object]:
    """Return the function that makes, undoes or redoes the change of this name."""
    made = CHANGES[change.removeprefix(UNDO).removeprefix(REDO)](root)
    if change.startswith(REDO):
        redo: Callable[[], object] = made().undo()
        return redo
    return made().undo if change.startswith(UNDO) else made


def _prepare_change(request: Request) -> Work:
    change = prepare(Path(request["root"]), request["change"])
    if request.get("max_file_bytes"):
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (request["max_file_bytes"],) * 2)

    def work() -> dict[str, Any]:
        try:
            return {"error": None, "leftovers": [str(path) for path in getattr(change(), "leftovers", ())]}
        except GalleryError as error:
            return {"error": str(error)}
        except KeyboardInterrupt:
            return {"error": None, "killed": signal.SIGINT}

    return work


@contextmanager
def gallery_processes() -> Iterator[ForkedProcesses]:
    """Start the process that forks a child for each change."""
    with forking_process("tests.gallery.gallery_processes") as server:
        yield ForkedProcesses(server)


if __name__ == "__main__":
    serve(_prepare_change, lambda event, _: event in _FILE_EVENTS)
