"""`facecam forget` with real commands, files and networks: what is removed, what stays, and what the scan proves."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow.parquet as pq
import pytest

from facecam.gallery.people import REJECTED_FOLDER, Person, read_people
from facecam.gallery.service import GalleryService
from facecam.logbook.sessions import lock_shared
from tests.cli.conftest import run_in
from tests.networks.test_network_integrity import head_in
from tests.privacy.person_data import DEMO, GALLERY, LOGS, NAME, OTHER, make_home

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two people. The paths in it stay the same, because caches belong to a path."""
    home = tmp_path_factory.mktemp("template") / "home"
    make_home(home)
    shutil.copytree(home, home.with_name("copy"))
    return home


@pytest.fixture
def home(template: Path) -> Path:
    shutil.rmtree(template)
    shutil.copytree(template.with_name("copy"), template)
    return template


@pytest.fixture
def facecam(home: Path) -> Run:
    return lambda *arguments: run_in(home, *arguments)


def person(home: Path, name: str) -> Person | None:
    return read_people(home / GALLERY).find(name)


def rows(home: Path) -> list[dict[str, str]]:
    found = []
    for path in sorted((home / LOGS).rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += list(csv.DictReader(file))
    return found


def stored(home: Path) -> dict[str, bytes]:
    """Return every file of facecam, without locks."""
    folders = (home / "data", home / ".config", home / ".cache")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in files if "matplotlib" not in str(path)}


def without_cache(home: Path) -> dict[str, bytes]:
    """Return every file but the cache, which any command renews when it has read a photo again."""
    return {path: data for path, data in stored(home).items() if not path.startswith(".cache/")}


def test_forget_removes_a_person_from_every_file_and_the_scan_finds_nothing(home: Path, facecam: Run) -> None:
    found = person(home, NAME)
    assert found is not None

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 photos, 1 quarantined photo, 1 rejected face" in done.stdout
    assert re.search(r"scanned \d+ files, [\d,]+ bytes: nothing found", done.stdout)
    assert person(home, NAME) is None
    texts = [NAME.encode(), found.person_id.encode(), json.dumps(NAME)[1:-1].encode(), NAME.encode("utf-16-le")]
    assert [path for path, data in stored(home).items() if any(text in data for text in texts) or NAME in path] == []
    assert not any(
        NAME in str(batch) or found.person_id in str(batch) for batch in pq.read_table(home / LOGS / "all.parquet").columns
    )


def test_forget_leaves_everyone_else_and_every_row_as_they_were(home: Path, facecam: Run) -> None:
    before, log = person(home, OTHER), rows(home)
    assert before is not None

    facecam("forget", NAME, "--pseudonymize", "--yes")

    after = person(home, OTHER)
    assert after is not None
    assert (after.photos, after.consent, after.person_id) == (before.photos, before.consent, before.person_id)
    now = rows(home)
    assert len(now) == len(log)
    assert [row["nearest_name"] == OTHER for row in now] == [row["nearest_name"] == OTHER for row in log]
    changed = {column for old, new in zip(log, now, strict=True) for column in old if old[column] != new[column]}
    assert changed == {"name", "nearest_name", "second_name", "person_id", "sample_id", "session_labels"}
    assert all("site=Oslo" in row["session_labels"] for row in now)
    window = (home / ".config" / "facecam" / "window.ini").read_text(encoding="utf-8")
    assert f"people={before.person_id}" in window


def test_the_pseudonym_is_the_same_in_csv_json_and_parquet_and_new_each_time(home: Path, facecam: Run) -> None:
    number = sum(row["name"] == NAME for row in rows(home))

    first = facecam("forget", NAME, "--pseudonymize", "--yes").stdout
    (name,) = set(re.findall(r"person-[0-9a-f]{8}", first))
    facecam("enroll", NAME, home / "photos" / "eileen.jpg")
    second = facecam("forget", NAME, "--pseudonymize", "--yes").stdout

    assert sum(row["name"] == name for row in rows(home)) == number > 0
    (details,) = (home / LOGS).rglob("2*.json")
    assert [entry["name"] for entry in json.loads(details.read_text(encoding="utf-8"))["people"]].count(name) == 1
    assert pq.read_table(home / LOGS / "all.parquet")["name"].to_pylist().count(name) == number
    assert name not in second


def test_images_of_the_person_among_other_peoples_rejected_faces_are_listed_and_removed(home: Path, facecam: Run) -> None:
    other = person(home, OTHER)
    assert other is not None
    (rejected,) = other.rejected

    planned = facecam("forget", NAME, "--dry-run")
    assert f"rejected or quarantined for someone else: {rejected}" in planned.stdout
    assert rejected.exists()
    facecam("forget", NAME, "--keep-logs", "--yes")

    assert not rejected.exists()


def test_logs_that_keep_the_name_are_listed_with_exit_code_3(home: Path, facecam: Run) -> None:
    before = rows(home)

    done = facecam("forget", NAME, "--keep-logs", "--yes")

    assert done.returncode == 3
    assert "all.parquet is a log, kept by choice" in done.stdout
    assert "nothing found" in done.stdout
    assert rows(home) == before


def test_recordings_and_snapshots_are_listed_with_exit_code_3(home: Path, facecam: Run) -> None:
    folder = home / "Videos" / "facecam"
    folder.mkdir(parents=True)
    (folder / "facecam 2026-11-30 10.00.00.mp4").write_bytes(b"a video")

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 3
    assert f"kept: 1 recording in {folder} may show the person" in done.stdout


def test_videos_of_sessions_with_the_person_are_listed_by_their_paths(home: Path, facecam: Run) -> None:
    recorded = facecam("run", "--no-window", "--source", "photos", "--source", "photos", "--record", "lesson.mp4")
    assert recorded.returncode == 0, recorded.stderr
    details = Path(recorded.stdout.split()[-1]).with_suffix(".json")
    content = json.loads(details.read_text(encoding="utf-8"))
    content["recordings"].append({"path": str(home / "of-the-window.mp4"), "parts": []})
    details.write_text(json.dumps(content), encoding="utf-8")
    (home / "of-the-window.mp4").write_bytes(b"")

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 3
    for name in ("lesson.mp4", "lesson-2.mp4", "of-the-window.mp4"):
        assert f"kept: {home / name} may show the person: watch it, and delete it if it does" in done.stdout


def test_reports_with_the_name_are_listed_with_exit_code_3(home: Path, facecam: Run) -> None:
    folder = home / "Documents" / "facecam"
    folder.mkdir(parents=True)
    assert facecam("report", LOGS, "-o", folder / "facecam 2026-11-30 10.00.00.html").returncode == 0

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 3
    assert f"kept: {folder / 'facecam 2026-11-30 10.00.00.html'} is a report" in done.stdout


def test_a_dry_run_changes_nothing(home: Path, facecam: Run) -> None:
    before = without_cache(home)

    done = facecam("forget", NAME, "--dry-run")

    assert (done.returncode, without_cache(home)) == (0, before)
    assert "named in 3 files of logs" in done.stdout


def test_forget_is_refused_while_a_session_is_running(home: Path, facecam: Run) -> None:
    (log,) = (home / LOGS).rglob("2*.csv")
    before = without_cache(home)
    with log.open("rb") as file:
        lock_shared(file)

        done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 1
    assert f"the session {log.stem} is running" in done.stderr
    assert "end it (Ctrl+E in the window), then try again" in done.stderr
    assert without_cache(home) == before


def test_what_changes_nothing_is_not_refused_while_a_session_is_running(home: Path, facecam: Run) -> None:
    (log,) = (home / LOGS).rglob("2*.csv")
    with log.open("rb") as file:
        lock_shared(file)

        planned = facecam("forget", NAME, "--dry-run")
        exported = facecam("export-person", NAME, "--output", home / "zoe.zip")

    assert planned.returncode == 0, planned.stderr
    assert exported.returncode == 0, exported.stderr
    assert (home / "zoe.zip").is_file()
    assert person(home, NAME) is not None


def test_without_a_choice_and_a_terminal_forget_asks_for_one_of_the_options(home: Path, facecam: Run) -> None:
    done = facecam("forget", NAME, "--yes")

    assert done.returncode == 2
    assert "add --pseudonymize to replace the name, or --keep-logs to leave it" in done.stderr
    assert person(home, NAME) is not None


def test_a_repeated_forget_scans_again(home: Path, facecam: Run) -> None:
    facecam("forget", NAME, "--pseudonymize", "--yes")

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 0
    assert "is not enrolled" in done.stderr
    assert "nothing found" in done.stdout


def test_a_person_removed_before_is_found_in_logs_by_name(home: Path, facecam: Run) -> None:
    facecam("people", "remove", NAME, "--yes")
    assert any(row["name"] == NAME for row in rows(home))

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 0, done.stdout
    assert not any(NAME in value for row in rows(home) for value in row.values())


def test_a_name_in_other_capital_letters_is_refused_before_logs_lose_it(home: Path, facecam: Run) -> None:
    before = rows(home)

    done = facecam("forget", NAME.lower(), "--pseudonymize", "--yes")

    assert done.returncode == 1
    assert f"{NAME.lower()} is not enrolled, but {NAME} is" in done.stderr
    assert rows(home) == before
    assert person(home, NAME) is not None


@pytest.mark.parametrize("name", ["Zoe Colins", "Collins"])
def test_a_misspelled_name_is_answered_with_the_one_that_is_enrolled(home: Path, facecam: Run, name: str) -> None:
    done = facecam("forget", name, "--pseudonymize", "--yes")

    assert f"did you mean {NAME}?" in " ".join(done.stderr.split())
    assert person(home, NAME) is not None


def test_a_name_from_before_a_rename_is_replaced_too(home: Path, facecam: Run) -> None:
    GalleryService(home / GALLERY).rename(NAME, "Eileen")

    refused = facecam("forget", NAME, "--pseudonymize", "--yes")
    done = facecam("forget", "Eileen", "--pseudonymize", "--yes")

    assert refused.returncode == 1
    assert "is an earlier name of Eileen" in refused.stderr
    assert done.returncode == 0, done.stdout
    assert not any(NAME in value for row in rows(home) for value in row.values())


def test_another_person_whose_name_contains_this_one_stays(home: Path, facecam: Run) -> None:
    GalleryService(home / GALLERY).rename(OTHER, f"Ann {NAME}")

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 0, done.stdout
    assert person(home, f"Ann {NAME}") is not None


def test_forget_everything_leaves_no_file_of_facecam(home: Path, facecam: Run) -> None:
    (home / GALLERY / "notes.txt").write_text("mine", encoding="utf-8")

    done = facecam("forget", "--everything", "--yes")

    assert done.returncode == 3
    assert f"kept: {home / GALLERY / 'notes.txt'} is not facecam's" in done.stdout
    assert list(stored(home)) == [(GALLERY / "notes.txt").as_posix()]
    (home / GALLERY / "notes.txt").unlink()
    again = facecam("forget", "--everything", "--yes")
    assert (again.returncode, stored(home)) == (0, {})
    assert (home / "photos" / "eileen.jpg").exists()


def test_everything_that_is_kept_is_listed(home: Path, facecam: Run) -> None:
    notes = [home / GALLERY / f"note {number}.txt" for number in range(30)]
    for note in notes:
        note.write_text("mine", encoding="utf-8")

    done = facecam("forget", "--everything", "--yes")

    assert [note for note in notes if f"kept: {note} is not facecam's" not in done.stdout] == []


def test_forget_everything_deletes_recordings_by_choice_and_nothing_of_the_user(home: Path, facecam: Run) -> None:
    folder = home / "Videos" / "facecam"
    folder.mkdir(parents=True)
    (folder / "facecam 2026-11-30 10.00.00.mp4").write_bytes(b"a video")
    (home / "Videos" / "holiday.mp4").write_bytes(b"mine")

    first = facecam("forget", "--everything", "--yes")
    assert first.returncode == 3
    assert (folder / "facecam 2026-11-30 10.00.00.mp4").exists()
    assert facecam("forget", "--everything", "--recordings", "--yes").returncode == 0

    assert not folder.exists()
    assert (home / "Videos" / "holiday.mp4").exists()


def test_a_video_that_the_user_named_stays_in_the_folder_of_recordings_and_is_listed(home: Path, facecam: Run) -> None:
    folder = home / "Videos" / "facecam"
    folder.mkdir(parents=True)
    (folder / "facecam 2026-11-30 10.00.00.mp4").write_bytes(b"a video")
    (folder / "lesson.mp4").write_bytes(b"of --record")

    done = facecam("forget", "--everything", "--recordings", "--yes")

    assert done.returncode == 3
    assert f"kept: {folder / 'lesson.mp4'} was not named by facecam" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["lesson.mp4"]


def test_a_linked_folder_of_the_person_is_listed_because_only_the_link_is_removed(home: Path, facecam: Run) -> None:
    linked = home / "elsewhere"
    linked.mkdir()
    shutil.copy(DEMO / "grace_hopper.jpg", linked / "1.jpg")
    (home / GALLERY / "Linked").symlink_to(linked)

    done = facecam("forget", "Linked", "--pseudonymize", "--yes")

    assert done.returncode == 3
    assert f"kept: {linked} was not deleted: delete it yourself" in done.stdout


def test_images_of_an_interrupted_quarantine_are_found(home: Path, facecam: Run) -> None:
    """The photo of another person that shows this one is still beside the other photos, and the journal says where it belongs."""
    zoe, other = person(home, NAME), person(home, OTHER)
    assert zoe is not None
    assert other is not None
    shutil.rmtree(zoe.folders[0] / ".aside")  # so that it is the only photo in quarantine
    shutil.rmtree(other.folders[0] / REJECTED_FOLDER)
    folder = other.folders[0].name
    shutil.copy(home / "brighter.jpg", other.folders[0] / "1.jpg")
    destination = f"{folder}/.aside/0001-20261130T100000Z/1.jpg"
    journal = {"format_version": 1, "moves": [[f"{folder}/1.jpg", destination]]}
    (home / GALLERY / ".journal").write_text(json.dumps(journal), encoding="utf-8")

    planned = facecam("forget", NAME, "--dry-run")

    assert f"rejected or quarantined for someone else: {home / GALLERY / destination}" in planned.stdout


def test_other_files_with_the_name_in_a_folder_of_logs_of_the_user_are_listed_and_stay(home: Path, facecam: Run) -> None:
    study = home / "study"
    shutil.move(home / LOGS, study)
    (study / "all.parquet").unlink()
    assert facecam("log", "export", study, "-o", study / "all.xlsx").returncode == 0
    (study / "notes.txt").write_text(f"{NAME} was tired", encoding="utf-8")
    (study / "other.txt").write_text("nothing", encoding="utf-8")
    before = (study / "notes.txt").read_bytes()

    done = facecam("forget", NAME, "--pseudonymize", "--yes", "--log", study)

    assert done.returncode == 3
    for name in ("all.xlsx", "notes.txt"):
        assert f"kept: {study / name} is another file in a folder of logs" in done.stdout
    assert "other.txt" not in done.stdout
    assert "nothing found" in done.stdout
    assert (study / "notes.txt").read_bytes() == before
    (log,) = study.rglob("2*.csv")
    assert NAME not in log.read_text(encoding="utf-8")


def test_a_hard_link_of_a_photo_is_reported_because_it_keeps_the_photo(home: Path, facecam: Run) -> None:
    found = person(home, NAME)
    assert found is not None
    photo = found.photos[0]
    (home / "copy.jpg").hardlink_to(photo)

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 3
    assert f"kept: {photo} has another name on this disk (a hard link): delete that too" in done.stdout


def test_a_marker_that_no_session_has_taken_is_deleted(home: Path, facecam: Run) -> None:
    marker = home / LOGS / ".marks" / "20261130T100000Z-0000" / "1"
    marker.parent.mkdir(parents=True)
    marker.write_text(f"{NAME} speaks", encoding="utf-8")

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 0, done.stdout
    assert not (home / LOGS / ".marks").exists()


def test_forget_removes_the_person_from_a_head_that_recognizes_names(
    home: Path, facecam: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    head = head_in(home / "my heads" / "first", (NAME, OTHER, "Ben"))

    done = facecam("forget", NAME, "--pseudonymize", "--yes")

    assert done.returncode == 0, done.stdout
    assert f"removed: the name in {head.folder}" in done.stdout
    assert not any(NAME.encode() in path.read_bytes() for path in head.folder.iterdir())
