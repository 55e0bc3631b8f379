"""One change of a gallery at a time, across threads and processes, and what an interrupted change leaves."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from facecam.enrollment.enroll import EnrollmentOptions, enroll, judge_photo, selection_from
from facecam.errors import GalleryError
from facecam.gallery.gallery import Gallery
from facecam.gallery.people import PersonFile, read_people, to_toml
from facecam.gallery.service import GalleryService
from facecam.gallery.transaction import Transaction, gallery_lock, recover
from tests.color_reader import SELECTION, Studio
from tests.forked_processes import ForkedProcesses
from tests.gallery.gallery_processes import State, gallery_processes, make_gallery, state_of

needs_fork = pytest.mark.skipif(os.name == "nt", reason="the processes are forked")

HOLD_LOCK = """
import sys
from pathlib import Path
from facecam.gallery.transaction import gallery_lock
with gallery_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def processes() -> Iterator[ForkedProcesses]:
    with gallery_processes() as started:
        yield started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    GalleryService(tmp_path / "gallery").add_photos("Ann", [b"1", b"2"], "agreed")
    return tmp_path / "gallery"


def hidden(root: Path) -> set[str]:
    names = {path.name.partition("-")[0] for path in root.rglob(".*")}
    return names - {".cache", ".lock"}


def test_a_change_waits_for_another_process_and_then_says_what_to_do(root: Path) -> None:
    command = [sys.executable, "-c", HOLD_LOCK, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"locked"

        with (
            pytest.raises(GalleryError, match=r"another program is changing the gallery .*; wait until it has finished"),
            gallery_lock(root, timeout_s=0.05),
        ):
            pass
        other.kill()
    GalleryService(root).rename("Ann", "Anna")

    assert [person.name for person in read_people(root).people] == ["Anna"]


def test_threads_wait_for_each_other_and_one_may_nest_the_lock(root: Path) -> None:
    entered, done = threading.Event(), threading.Event()

    def rename() -> None:
        entered.set()
        GalleryService(root).rename("Ann", "Anna")
        done.set()

    thread = threading.Thread(target=rename)
    with gallery_lock(root), gallery_lock(root):
        thread.start()
        entered.wait(10)
        assert not done.wait(0.1)
    thread.join(10)

    assert done.is_set()


def test_a_deleted_lock_file_is_made_again(root: Path) -> None:
    with gallery_lock(root):
        (root / ".lock").unlink()
    GalleryService(root).rename("Ann", "Anna")

    assert (root / ".lock").exists()


@pytest.mark.skipif(os.name == "nt", reason="needs fcntl")
def test_a_file_system_without_locks_is_reported_once(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unsupported(descriptor: int, operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("fcntl.flock", unsupported)

    GalleryService(root).rename("Ann", "Anna")
    GalleryService(root).rename("Anna", "Ann")

    (message,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "cannot be locked (Operation not supported): change the gallery from one program at a time" in message


def test_looking_makes_no_lock_file(tmp_path: Path) -> None:
    (tmp_path / "Ada").mkdir()
    (tmp_path / "Ada" / "1.jpg").write_bytes(b"photo")

    read_people(tmp_path)
    recover(tmp_path)

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["1.jpg", "Ada"]


def test_an_enrollment_for_another_person_than_the_one_compared_is_refused(root: Path) -> None:
    service = GalleryService(root)
    person_id = service.person("Ann").person_id
    service.rename("Ann", "Anna")

    for name, expected_id in (("Ann", person_id), ("Anna", "")):
        with pytest.raises(GalleryError, match=f"{name} was enrolled, renamed or removed meanwhile: no photo was saved"):
            service.add_photos(name, [b"3"], expected_id=expected_id)

    assert [(person.name, len(person.photos)) for person in read_people(root).people] == [("Anna", 2)]


def test_photos_that_were_compared_before_a_rename_are_not_enrolled_for_the_other_person(studio: Studio) -> None:
    photo = judge_photo(studio.save(studio.root.parent / "1.png", (0, 0, 255)), studio.reader, SELECTION)
    GalleryService(studio.root).add_photos("Ann", [b"1"])
    gallery = studio.load()
    GalleryService(studio.root).rename("Ann", "Eve")

    with pytest.raises(GalleryError, match="Eve was enrolled, renamed or removed meanwhile"):
        enroll(gallery, "Eve", selection_from([photo]), EnrollmentOptions(SELECTION))


def write_journal(root: Path, *moves: tuple[str, str]) -> None:
    (root / ".journal").write_text(json.dumps({"format_version": 1, "moves": moves}), encoding="utf-8")


def interrupted_merge(root: Path) -> None:
    """Leave what a merge of Ben into Ann leaves when it is killed after one of two photos."""
    folder = root / "Ben"
    folder.mkdir()
    for name in ("3.jpg", "4.jpg"):
        (folder / name).write_bytes(name.encode())
    (folder / "person.toml").write_text(to_toml(PersonFile.new("Ben")), encoding="utf-8")
    (folder / "3.jpg").rename(root / "Ann" / "3.jpg")
    moves = [("Ben/3.jpg", "Ann/3.jpg"), ("Ben/4.jpg", "Ann/4.jpg"), ("Ben/person.toml", "Ben/.trash-1/0")]
    write_journal(root, *moves)


def test_readers_see_an_interrupted_change_as_done_and_the_next_change_finishes_it(root: Path) -> None:
    interrupted_merge(root)
    before = sorted(path for path in root.rglob("*"))

    (person,) = read_people(root).people
    assert (person.name, len(person.photos), person.consent) == ("Ann", 4, "agreed")
    assert all(photo.is_file() for photo in person.photos)
    assert sorted(path for path in root.rglob("*")) == before
    GalleryService(root).rename("Ann", "Anna")

    assert len(GalleryService(root).person("Anna").photos) == 4
    assert hidden(root) == set()
    assert not (root / "Ben").exists()


def test_the_start_of_a_session_finishes_an_interrupted_change(root: Path) -> None:
    interrupted_merge(root)

    recover(root)

    assert len(list((root / "Ann").glob("*.jpg"))) == 4
    assert hidden(root) == set()


def test_recovery_leaves_a_gallery_alone_that_another_process_is_changing(root: Path) -> None:
    interrupted_merge(root)
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLD_LOCK.replace("with", "(Path(sys.argv[1]) / '.journal').rename(sys.argv[2])\nwith"),
            str(root),
            str(root / "journal"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"locked"
        (root / "journal").rename(root / ".journal")

        recover(root)

        assert (root / ".journal").exists()
        other.kill()


def test_a_gallery_that_a_newer_version_was_changing_is_read_but_not_changed(root: Path) -> None:
    journal = '{"format_version": 2, "steps": []}'
    (root / ".journal").write_text(journal, encoding="utf-8")
    recover(root)

    assert [person.name for person in read_people(root).people] == ["Ann"]
    with pytest.raises(GalleryError, match="newer version of facecam was interrupted while it changed the gallery"):
        GalleryService(root).rename("Ann", "Anna")

    assert (root / ".journal").read_text(encoding="utf-8") == journal
    assert [person.name for person in read_people(root).people] == ["Ann"]


@pytest.mark.parametrize(
    "text", ["", "[", '{"format_version": "2", "moves": []}', '{"format_version": 1, "moves": [["../a", "b"]]}']
)
def test_a_damaged_or_foreign_journal_is_ignored(root: Path, text: str) -> None:
    (root.parent / "a").write_bytes(b"outside")
    (root / ".journal").write_text(text, encoding="utf-8")

    assert [person.name for person in read_people(root).people] == ["Ann"]
    GalleryService(root).rename("Ann", "Anna")

    assert (root.parent / "a").read_bytes() == b"outside"
    assert not (root / ".journal").exists()


def test_what_interruptions_left_is_swept_by_the_next_change_only(root: Path) -> None:
    for folder in (root / ".trash-1" / "0", root / ".staging-1" / "Eve", root / "Ann" / ".trash-2"):
        folder.mkdir(parents=True)
        (folder / "face.jpg").write_bytes(b"removed")
    for name in (".part-0a", ".part-1b"):
        (root / "Ann" / name).write_bytes(b"unfinished")
    hour_ago_s = time.time() - 3600
    os.utime(root / "Ann" / ".part-0a", (hour_ago_s, hour_ago_s))
    read_people(root)
    assert hidden(root) == {".trash", ".staging", ".part"}

    GalleryService(root).rename("Ann", "Anna")

    assert [path.name for path in root.rglob(".*") if path.name != ".lock"] == [".part-1b"]


def test_the_link_of_a_person_whose_removal_was_interrupted_is_deleted_alone(root: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.png").write_bytes(b"photo")
    (root / ".trash-123").symlink_to(tmp_path / "photos", target_is_directory=True)

    recover(root)

    assert hidden(root) == set()
    assert (tmp_path / "photos" / "1.png").exists()


def test_a_change_in_a_folder_on_another_file_system_is_made_there(root: Path, tmp_path: Path) -> None:
    memory = Path(os.sep, "dev", "shm")
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system")
    elsewhere = Path(tempfile.mkdtemp(dir=memory))
    try:
        (elsewhere / "1.jpg").write_bytes(b"photo")
        (root / "Ben").symlink_to(elsewhere, target_is_directory=True)

        added = GalleryService(root).add_photos("Ben", [b"2"])
        GalleryService(root).remove_photos([root / "Ben" / "1.jpg"])

        assert sorted(path.name for path in elsewhere.iterdir()) == sorted(["person.toml", added.paths[0].name])
    finally:
        shutil.rmtree(elsewhere)


def test_on_a_read_only_file_system_the_message_names_the_person(root: Path) -> None:
    mount = f"mount --bind {root} {root} && mount -o remount,ro,bind {root}"
    if (
        shutil.which("unshare") is None
        or subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, check=False).returncode
    ):
        pytest.skip("cannot mount a folder read-only")
    command = [sys.executable, "-m", "facecam", "people", "remove", "Ann", "--yes", "--gallery", str(root)]

    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"{mount} && {shlex.join(command)}"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == f"facecam: {root / 'Ann'} cannot be removed: Read-only file system; Ann is unchanged\n"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks at the process's open files")
def test_files_and_then_their_folders_are_flushed_to_disk(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[Path] = []
    fsync = os.fsync

    def record(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)

    added = GalleryService(root).add_photos("Ben", [b"3"])
    new, flushed[:] = [*flushed], []
    GalleryService(root).merge("Ann", "Ben", Gallery(root, "", read_people(root).people), 0.3)
    merged = [*flushed]

    assert {path.name for path in new} >= {"person.toml", added.paths[0].name}
    files = [index for index, path in enumerate(new) if path.name == added.paths[0].name]
    assert files[-1] < max(index for index, path in enumerate(new) if path == root), "the gallery has the person's folder"
    assert {root, root / "Ben"} <= {*merged}
    last_in_ben = max(index for index, path in enumerate(merged) if path == root / "Ben")
    assert merged.index(root) < last_in_ben, "the journal is on disk before the renames"


def test_a_change_that_fails_halfway_is_rolled_back(root: Path) -> None:
    before = sorted(root.rglob("*"))

    def change_ann() -> None:
        with Transaction(root) as change:
            change.move(root / "Ann" / "person.toml", root / "Ben" / "person.toml")
            change.write(root / "Cleo" / "1.jpg", b"photo")
            change.write(root / "Ann" / "person.toml", b"new")
            change.move(root / "Cleo", root / "Ben")

    with pytest.raises(OSError, match="exists"):
        change_ann()

    assert sorted(root.rglob("*")) == before


def test_a_change_that_cannot_be_rolled_back_at_once_is_rolled_back_by_the_next_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = GalleryService(root).person("Ann").photos
    rename = Path.rename

    def first_rename_only(self: Path, target: Path) -> Path:
        if self != photos[0]:
            raise PermissionError(13, "another program uses the file", str(self))
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", first_rename_only)
        with pytest.raises(GalleryError, match="another program uses the file; no photo was deleted"):
            GalleryService(root).remove_photos(photos)
    assert not photos[0].exists()

    assert sorted(photo.read_bytes() for photo in GalleryService(root).person("Ann").photos) == [b"1", b"2"]
    GalleryService(root).rename("Ann", "Anna")

    assert sorted(path.name for path in (root / "Anna").glob("*.jpg")) == [photo.name for photo in photos]
    assert hidden(root) == set()


def by_name(state: State) -> dict[str, tuple[str, int]]:
    return {name: (consent, len(photos)) for name, consent, photos, _ in state.values()}


def merged_once(people: dict[str, tuple[str, int]]) -> bool:
    return people in ({"Ann": ("Ann agreed", 5), **CLEO}, {"Ben": ("Ben agreed", 5), **CLEO})


CLEO = {"Cleo": ("Cleo agreed", 2)}
ANN, BEN = ("Ann agreed", 4), ("Ben agreed", 1)
PAIRS = {
    ("rename Ann to Eve", "rename Ben to Eve"): lambda people: (
        people in ({"Eve": ANN, "Ben": BEN, **CLEO}, {"Ann": ANN, "Eve": BEN, **CLEO})
    ),
    ("rename Ann to Eve", "enroll Eve"): lambda people: (
        people in ({"Eve": ANN, "Ben": BEN, **CLEO}, {"Ann": ANN, "Ben": BEN, "Eve": ("Eve agreed", 5), **CLEO})
    ),
    ("merge", "enroll more photos"): lambda people: (
        people in ({"Ben": ("Ben agreed", 5), **CLEO}, {"Ben": ("Ben agreed", 10), **CLEO})
    ),
    ("merge", "merge Ben into Ann"): merged_once,
    ("remove", "read", "read", "read"): lambda people: people == {"Ben": BEN, **CLEO},
}
"""Changes made at once, and whether what the gallery has then is the result of some of them, each as a whole."""


def run_pair(processes: ForkedProcesses, template: Path, folder: Path, pair: tuple[str, ...], trials: int) -> Counter[str]:
    results: Counter[str] = Counter()
    for number in range(trials):
        root = folder / str(number)
        shutil.copytree(template, root)
        answers = processes.run_all(*({"root": str(root), "change": change} for change in pair))
        people = by_name(state_of(root))
        done = sum(answer["error"] is None for answer in answers)
        results["mixed" if not PAIRS[pair](people) else f"{done} of {len(pair)} done"] += 1
        if pair[0] == "remove":
            assert (answers[0]["error"], answers[0]["leftovers"]) == (None, [])
        shutil.rmtree(root)
    return results


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("template") / "gallery"
    make_gallery(root)
    return root


@needs_fork
@pytest.mark.parametrize("pair", PAIRS, ids=" + ".join)
def test_changes_made_at_once_mix_no_people(
    processes: ForkedProcesses, template: Path, tmp_path: Path, pair: tuple[str, ...]
) -> None:
    assert "mixed" not in run_pair(processes, template, tmp_path, pair, 5)


@pytest.mark.long
@needs_fork
@pytest.mark.parametrize("pair", PAIRS, ids=" + ".join)
def test_sixty_changes_made_at_once_mix_no_people(
    processes: ForkedProcesses, template: Path, tmp_path: Path, pair: tuple[str, ...]
) -> None:
    results = run_pair(processes, template, tmp_path, pair, 60)

    sys.stdout.write(f"\n{' + '.join(pair)}: {dict(results)}\n")
    assert "mixed" not in results
