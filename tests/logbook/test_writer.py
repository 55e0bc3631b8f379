"""LogWriter with full disks, existing files and several threads."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from facecam.errors import LogError
from facecam.logbook.reader import read_log
from facecam.logbook.schema import HEADER, NAMES, SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.types import Event

Make = Callable[..., Any]


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def _file_size_limits() -> tuple[int, int]:
    resource = pytest.importorskip("resource", reason="this system does not limit the size of files")
    limits: tuple[int, int] = resource.getrlimit(resource.RLIMIT_FSIZE)
    return limits


def _limit_file_size(limits: tuple[int, int]) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


class LimitedDisk:
    """A disk that takes only so much: the system's limit on a file's size, or a file system that another file fills."""

    def __init__(self, folder: Path, *, mounted: bool) -> None:
        self.folder = folder
        self._filler = folder / "filler" if mounted else None
        self._limits = (0, 0) if mounted else _file_size_limits()

    def fill(self, log: Path | None = None, room_bytes: int = 0) -> None:
        """Leave no room, or (by the limit) `room_bytes` for the log."""
        if self._filler is None:
            size = log.stat().st_size if log else 0
            _limit_file_size((size + room_bytes, self._limits[1]))
        else:
            with self._filler.open("ab", buffering=0) as file:
                while True:
                    try:
                        file.write(bytes(512))
                    except OSError:
                        break

    def make_room(self) -> None:
        if self._filler is None:
            _limit_file_size(self._limits)
        else:
            self._filler.unlink(missing_ok=True)


@pytest.fixture(params=["limit", "mount"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LimitedDisk]:
    mounted = request.param == "mount"
    if mounted:
        mount = shutil.which("mount")
        options = ["-t", "tmpfs", "-o", "size=256k", "facecam-test", str(tmp_path)]
        if not mount or os.name != "posix" or subprocess.run([mount, *options], capture_output=True, check=False).returncode:
            pytest.skip("a small file system can only be mounted by root, where mounting is allowed")
    disk = LimitedDisk(tmp_path, mounted=mounted)
    yield disk
    disk.make_room()
    if mounted:
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def in_file(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_new_log_has_its_header_and_its_description_at_once(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as log:
        assert log.path == tmp_path / "2026-01-02" / "20260102T030405Z-beef.csv"
        assert log.path.read_text(encoding="utf-8") == HEADER
        details = json.loads(log.path.with_suffix(".json").read_text(encoding="utf-8"))

    assert details["started_at_utc"] == "2026-01-02T03:04:05.250+00:00"
    assert details["ended_at_utc"] is None
    assert (details["source"], details["size_wh"], details["app_version"]) == ("clip.mkv", [640, 480], "0.1.0")
    assert details["os"]


def test_the_description_is_completed_when_the_log_is_closed(
    tmp_path: Path, session: SessionInfo, sighting: Make, result: Make
) -> None:
    with LogWriter(tmp_path, session) as log:
        log.write(result(sighting(), sighting()), dropped_frames=0)
        log.event(Event("state", "stopped"), 240.0)

    details = json.loads(log.path.with_suffix(".json").read_text(encoding="utf-8"))
    assert (details["rows"], details["rows_lost"]) == (3, 0)
    assert datetime.fromisoformat(details["ended_at_utc"]).utcoffset() is not None
    assert {file.name for file in log.path.parent.iterdir()} == {log.path.name, log.details_path.name, "columns.json"}
    log.close()


def test_rows_are_in_the_file_as_soon_as_write_returns(
    tmp_path: Path, session: SessionInfo, sighting: Make, result: Make
) -> None:
    with LogWriter(tmp_path, session) as log:
        for index in range(3):
            log.write(result(sighting(), frame_index=index), dropped_frames=0)
            assert [row["frame_index"] for row in in_file(log.path)] == [str(n) for n in range(index + 1)]
        assert log.rows_written == 3
        assert log.fault is None


@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_log_that_exists_is_never_overwritten(tmp_path: Path, session: SessionInfo, suffix: str) -> None:
    there = tmp_path / "2026-01-02" / f"20260102T030405Z-beef{suffix}"
    there.parent.mkdir()
    there.write_text("precious", encoding="utf-8")

    with pytest.raises(LogError, match="cannot be started"):
        LogWriter(tmp_path, session)

    assert there.read_text(encoding="utf-8") == "precious"
    assert list(there.parent.iterdir()) == [there]


def test_a_folder_that_cannot_be_created_is_an_error_with_advice(tmp_path: Path, session: SessionInfo) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(LogError, match=r"Not a directory.*--log"):
        LogWriter(tmp_path / "file", session)


def test_a_log_that_cannot_be_started_on_a_full_disk_leaves_nothing_behind(disk: LimitedDisk, session: SessionInfo) -> None:
    (disk.folder / "2026-01-02").mkdir()
    disk.fill()

    with pytest.raises(LogError, match=r"File too large|No space left"):
        LogWriter(disk.folder, session)

    disk.make_room()  # before pytest writes its next line, perhaps into a file as well
    assert list((disk.folder / "2026-01-02").iterdir()) == []


def test_rows_wait_while_the_disk_is_full_and_are_written_afterward(
    disk: LimitedDisk, session: SessionInfo, sighting: Make, result: Make
) -> None:
    clock = Clock()
    with LogWriter(disk.folder, session, clock=clock) as log:
        log.write(result(sighting(), frame_index=0), 0)
        disk.fill(log.path, room_bytes=1000)
        for index in range(1, 400):
            log.write(result(sighting(), frame_index=index), 0)
        assert log.fault
        assert "rows wait in memory" in log.fault
        assert log.path.read_bytes().endswith(b"\n"), "a partly written line must be cut off again"
        before = log.rows_written
        assert [int(row["frame_index"]) for row in in_file(log.path)] == list(range(before))

        disk.make_room()
        log.write(result(sighting(), frame_index=400), 0)
        assert log.rows_written == before, "a full disk must not be tried again within the same second"
        clock.now_s += 1
        log.write(result(sighting(), frame_index=401), 0)
        assert log.fault is None

    *rows, last = in_file(log.path)
    assert [int(row["frame_index"]) for row in rows] == list(range(402))
    assert last["event_code"] == "log_interrupted"
    assert last["message"].startswith("the log could not be written for 1 s (")
    assert last["message"].endswith("; 0 rows are lost")
    assert json.loads(log.path.with_suffix(".json").read_text(encoding="utf-8"))["rows"] == 403


def test_the_oldest_rows_are_lost_when_too_many_wait(
    disk: LimitedDisk, session: SessionInfo, sighting: Make, result: Make
) -> None:
    clock = Clock()
    with LogWriter(disk.folder, session, clock=clock, queue_rows=10) as log:
        disk.fill(log.path)
        for index in range(300):
            log.write(result(sighting(), frame_index=index), 0)
        written = log.rows_written
        assert log.rows_lost == 300 - written - 10
        assert log.fault
        assert f"{log.rows_lost} are lost" in log.fault
        disk.make_room()
        clock.now_s += 1
        log.event(Event("state", "room again"), 0)

    *rows, last = in_file(log.path)
    assert [int(row["frame_index"] or -1) for row in rows] == [*range(written), *range(291, 300), -1]
    assert log.rows_lost == 300 - written - 9
    assert last["message"].endswith(f"; {log.rows_lost} rows are lost")
    assert log.fault
    assert "lacks" in log.fault


def test_closing_on_a_full_disk_counts_the_lost_rows_and_does_not_raise(
    disk: LimitedDisk, session: SessionInfo, sighting: Make, result: Make
) -> None:
    with LogWriter(disk.folder, session) as log:
        disk.fill(log.path)
        for index in range(200):
            log.write(result(sighting(), frame_index=index), 0)

    assert log.rows_lost > 0
    assert log.rows_written + log.rows_lost == 200
    details = json.loads(log.details_path.read_text(encoding="utf-8"))
    assert (details["rows"], details["rows_lost"]) == (log.rows_written, log.rows_lost), "the end fits into the file"
    disk.make_room()
    assert len(read_log(log.path)) == log.rows_written
    assert {file.suffix for file in log.path.parent.iterdir()} == {".csv", ".json"}


def test_details_that_become_known_are_in_the_description_at_once_and_at_the_end(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as log:
        log.describe({"people": ["Ada"]})
        running = json.loads(log.details_path.read_text(encoding="utf-8"))
        log.close({"sources": [1]})

    ended = json.loads(log.details_path.read_text(encoding="utf-8"))
    assert (running["people"], running["ended_at_utc"]) == (["Ada"], None)
    assert (ended["people"], ended["sources"]) == (["Ada"], [1])
    assert ended["ended_at_utc"] is not None


def test_the_end_is_written_where_a_full_disk_has_no_room_for_further_details(disk: LimitedDisk, session: SessionInfo) -> None:
    log = LogWriter(disk.folder, session)
    disk.fill(log.path)
    log.describe({"people": ["Ada" * 5000]})
    log.close({"sources": [{"sha256": "ab" * 5000}]})

    details = json.loads(log.details_path.read_text(encoding="utf-8"))
    assert details["ended_at_utc"] is not None
    assert details["source"] == "clip.mkv"
    assert (details["people"], details["sources"]) == (None, None)
    disk.make_room()


def test_frame_counts_of_several_sources_fit_where_a_disk_is_full(disk: LimitedDisk, session: SessionInfo) -> None:
    begun = [{"source": f"{number}.mkv", "frames": None} for number in range(16)]
    log = LogWriter(disk.folder, dataclasses.replace(session, details={"sources": begun}))
    disk.fill(log.path, room_bytes=40_000)
    counted = {"read": 10**9, "analyzed": 10**9, "with_faces": 10**9, "span_ms": 10**9 + 0.123, "dropped": 10**9}
    log.close({"sources": [source | {"frames": counted, "sha256": "ab" * 32, "size_bytes": 10**12} for source in begun]})

    details = json.loads(log.details_path.read_text(encoding="utf-8"))
    assert [source["frames"] for source in details["sources"]] == [counted] * 16
    disk.make_room()


def test_the_fault_is_known_while_the_disk_hangs(tmp_path: Path, session: SessionInfo, disk: LimitedDisk) -> None:
    hangs, may_continue = threading.Event(), threading.Event()

    def clock() -> float:
        if threading.current_thread().name == "writes":
            hangs.set()
            may_continue.wait(60)
        return 100.0

    with LogWriter(tmp_path, session, clock=clock) as log:
        disk.fill(log.path)
        while log.fault is None:
            log.event(Event("state", "x"), 0)
        writes = threading.Thread(target=log.event, args=(Event("state", "y"), 0), name="writes", daemon=True)
        faults: list[str | None] = []
        asks = threading.Thread(target=lambda: faults.append(log.fault), daemon=True)
        writes.start()
        assert hangs.wait(10)
        asks.start()
        asks.join(5)
        has_answer = bool(faults)
        may_continue.set()
        writes.join(10)
        disk.make_room()

    assert has_answer
    assert faults[0] is not None
    assert "cannot be written" in faults[0]


def test_a_row_after_the_end_is_counted_as_lost(tmp_path: Path, session: SessionInfo) -> None:
    with LogWriter(tmp_path, session) as log:
        pass
    log.event(Event("state", "too late"), 0)

    assert (log.rows_written, log.rows_lost) == (0, 1)


def test_rows_of_concurrent_threads_are_whole(tmp_path: Path, session: SessionInfo, sighting: Make, result: Make) -> None:
    with LogWriter(tmp_path, session) as log:

        def work(source: str) -> None:
            for index in range(100):
                log.write(result(sighting(), sighting(), source=source, frame_index=index), 0)

        threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    found = in_file(log.path)
    assert all(list(row) == list(NAMES) for row in found)
    for name in "abc":
        assert [int(row["frame_index"]) for row in found if row["source"] == name] == [n for n in range(100) for _ in range(2)]


def test_a_name_with_invalid_utf8_is_written_with_escapes(tmp_path: Path, session: SessionInfo, result: Make) -> None:
    with LogWriter(tmp_path, session) as log:
        log.write(result(source="clip\udcff.mkv", events=(Event("empty"),)), 0)

    assert read_log(log.path).source[0] == "clip\\udcff.mkv"
