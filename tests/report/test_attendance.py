"""Attendance: present, late and absent people per lesson, with the times and shares that are known."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facecam.errors import LogError
from facecam.logbook import CsvLocale
from facecam.logbook.schema import SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.report import Format
from facecam.report.attendance import (
    HEADER,
    Attendance,
    Attendee,
    Status,
    attendance_report,
    parse_duration_s,
    read_roster,
    take_attendance,
    total_rows,
    write_attendance,
)
from facecam.types import TimeOrigin
from tests.logbook.earlier_versions import rewrite
from tests.report.lessons import write_session

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
CLASS = ("Ada", "Grace", "Alan", "Edsger")


def find(attendance: Attendance, name: str, lesson: int = 0) -> Attendee:
    (found,) = [one for one in attendance.of(attendance.lessons[lesson]) if one.name == name]
    return found


def test_present_late_and_absent_follow_the_first_sighting(tmp_path: Path) -> None:
    people = {"Ada": [(0, 299)], "Grace": [(60, 240)], "Alan": [(61, 121)]}
    log = write_session(tmp_path, START, people, seconds=300, enrolled=CLASS)

    taken = take_attendance([log], roster=CLASS, late_after_s=60)

    assert {one.name: one.status for one in taken.attendees} == {
        "Ada": Status.PRESENT,
        "Grace": Status.PRESENT,  # exactly at the limit
        "Alan": Status.LATE,
        "Edsger": Status.ABSENT,
    }
    alan = find(taken, "Alan")
    assert alan.first is not None
    assert alan.last is not None
    assert (alan.first.astimezone(UTC), alan.last.astimezone(UTC)) == (
        START + timedelta(seconds=61),
        START + timedelta(seconds=121),
    )
    assert (alan.seconds, alan.minutes, alan.share) == (60, 1.0, pytest.approx(0.2))
    assert find(taken, "Edsger") == Attendee(
        taken.lessons[0].name, "Edsger", Status.ABSENT, None, None, 0, 0, (), is_enrolled=True
    )


def test_the_share_refers_to_the_frames_also_when_nobody_is_seen_at_the_end(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 240)]}, seconds=600)

    taken = take_attendance([log])

    assert taken.lessons[0].seconds == 600
    assert find(taken, "Ada").share == pytest.approx(0.4)
    assert taken.lessons[0].end.astimezone(UTC) == START + timedelta(seconds=600)


def test_each_session_is_a_lesson_and_one_name_joins_them(tmp_path: Path) -> None:
    later = START + timedelta(minutes=20)
    write_session(tmp_path, START, {"Ada": [(0, 60)], "Grace": [(30, 60)]}, seconds=100, suffix="0001")
    write_session(tmp_path, later, {"Ada": [(0, 90)]}, seconds=100, suffix="0002")

    each, joined = take_attendance([tmp_path]), take_attendance([tmp_path], lesson="Math", late_after_s=10)

    assert [lesson.name for lesson in each.lessons] == [f"{time.astimezone():%Y-%m-%d %H:%M}" for time in (START, later)]
    assert find(each, "Grace", 1).status is Status.ABSENT
    assert [(lesson.name, lesson.seconds) for lesson in joined.lessons] == [("Math", 200)]
    assert (find(joined, "Ada").seconds, find(joined, "Ada").share) == (150, pytest.approx(0.75))
    assert find(joined, "Grace").status is Status.LATE
    guests = take_attendance([tmp_path], roster=["Ada"])
    assert list(total_rows(guests))[1] == ("Grace", 2, 1, 0, 0, 0.5, 0.15), "who is not expected is not absent"
    assert list(total_rows(each)) == [("Ada", 2, 2, 0, 0, 2.5, 0.75), ("Grace", 2, 1, 0, 1, 0.5, 0.15)]


def test_what_two_sessions_of_a_lesson_saw_at_once_counts_once_unless_the_clocks_are_estimates(tmp_path: Path) -> None:
    for origin in (TimeOrigin.GIVEN, TimeOrigin.FILE):
        for number in (1, 2):
            write_session(
                tmp_path / origin,
                START,
                {"Ada": [(0, 60)]},
                seconds=100,
                origin=origin,
                suffix=f"000{number}",
                source=f"{number}.mkv",
            )

    given = take_attendance([tmp_path / "given"], lesson="Math")
    estimated = take_attendance([tmp_path / "file"], lesson="Math")

    assert (find(given, "Ada").seconds, given.lessons[0].seconds, given.lessons[0].is_estimated) == (60, 100, False)
    assert (find(estimated, "Ada").seconds, estimated.lessons[0].seconds, estimated.lessons[0].is_estimated) == (120, 200, True)


def test_two_cameras_of_a_lesson_in_logs_of_an_earlier_version_count_once_and_are_no_estimates(tmp_path: Path) -> None:
    for number in (1, 2):
        log = write_session(tmp_path, START, {"Ada": [(0, 60)]}, seconds=100, suffix=f"000{number}", source=f"camera {number}")
        rewrite(log, 3)

    lesson = take_attendance([tmp_path], lesson="Math")

    assert (find(lesson, "Ada").seconds, lesson.lessons[0].is_estimated) == (60, False)


def test_two_sessions_that_start_in_the_same_minute_are_told_apart(tmp_path: Path) -> None:
    for number in (1, 2):
        write_session(tmp_path, START, {"Ada": [(0, 5)]}, seconds=10, suffix=f"000{number}")

    names = [lesson.name for lesson in take_attendance([tmp_path]).lessons]

    assert len(set(names)) == 2
    assert all(name.endswith(f"(20260302T080000Z-000{number})") for number, name in enumerate(names, 1))


def test_a_recording_is_a_lesson_at_its_own_time(tmp_path: Path) -> None:
    today = datetime(2026, 7, 1, 12, tzinfo=UTC)
    log = write_session(tmp_path, START, {"Ada": [(5, 20)]}, seconds=30, origin=TimeOrigin.GIVEN, processed_at=today)

    taken = take_attendance([log])

    assert taken.lessons[0].begin.astimezone(UTC) == START
    first = find(taken, "Ada").first
    assert first is not None
    assert first.astimezone(UTC) == START + timedelta(seconds=5)


def test_people_beside_the_roster_are_listed_as_such_and_names_match_whatever_their_case(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 9)], "Guest": [(0, 9)]}, seconds=10, enrolled=["Ada", "Guest"])

    taken = take_attendance([log], roster=("ADA", "Emmy"))

    assert [(one.name, one.status.value, one.is_enrolled) for one in taken.attendees] == [
        ("ADA", "present", True),
        ("Emmy", "absent", False),
        ("Guest", "not on the roster", True),
    ]


def test_without_a_roster_everyone_enrolled_or_seen_is_expected(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 9)]}, seconds=10, enrolled=["Ada", "Grace"])

    assert [(one.name, one.status.value) for one in take_attendance([log]).attendees] == [("Ada", "present"), ("Grace", "absent")]


def test_a_renamed_person_is_one_person(tmp_path: Path) -> None:
    write_session(tmp_path, START, {"Ada Byron": [(0, 9)]}, seconds=10, enrolled=["Ada Byron"], suffix="0001")
    later = START + timedelta(1)
    write_session(tmp_path, later, {"Ada King": [(0, 9)]}, seconds=10, enrolled=["Ada King"], suffix="0002")

    taken = take_attendance([tmp_path])

    assert [(one.name, one.status.value) for one in taken.attendees] == [("Ada King", "present")] * 2


def test_other_files_in_the_folder_are_named_once(tmp_path: Path) -> None:
    write_session(tmp_path, START, {"Ada": [(0, 9)]}, seconds=10)
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")

    taken = take_attendance([tmp_path])

    assert len(taken.warnings) == 1
    assert "notes.csv" in attendance_report(taken).sections[-1].sentences[0]


def test_only_the_sessions_with_the_labels_count(tmp_path: Path) -> None:
    write_session(tmp_path, START, {"Ada": [(0, 9)]}, seconds=10, labels={"subject": "math"}, suffix="0001")
    write_session(tmp_path, START + timedelta(1), {"Ada": [(0, 9)]}, seconds=10, labels={"subject": "art"}, suffix="0002")

    taken = take_attendance([tmp_path], labels={"subject": "art"})

    assert [lesson.sessions for lesson in taken.lessons] == [("20260303T080000Z-0002",)]
    with pytest.raises(LogError, match="subject=music"):
        take_attendance([tmp_path], labels={"subject": "music"})


def test_a_session_without_frames_is_named_and_is_no_lesson(tmp_path: Path) -> None:
    with LogWriter(tmp_path, SessionInfo("20260302T080000Z-beef", START, "0.1.0")) as writer:
        pass
    other = write_session(tmp_path, START + timedelta(hours=1), {"Ada": [(0, 9)]}, seconds=10, suffix="0002")

    alone, both = take_attendance([writer.path]), take_attendance([writer.path, other])

    assert (alone.lessons, alone.attendees) == ((), ())
    texts = [sentence for section in attendance_report(alone).sections for sentence in section.sentences]
    assert "The logs have no frames, and therefore no lessons." in texts
    assert [lesson.sessions for lesson in both.lessons] == [("20260302T090000Z-0002",)]


def test_a_log_without_counts_of_frames_says_what_shares_refer_to(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 80)], "Grace": [(0, 40)]}, seconds=100, counts=False)

    taken = take_attendance([log])

    assert (taken.lessons[0].seconds, find(taken, "Grace").share) == (80, 0.5)
    sentences = attendance_report(taken).sections[0].sentences
    assert any("no counts of frames" in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("roster.txt", b"Ada\nNoether, Emmy\n\n  Grace   Hopper \nAda\n"),
        ("roster.txt", "\ufeffName\r\nAda\r\nNoether, Emmy\r\nGrace Hopper\r\n".encode()),
        ("roster.csv", '\ufeffname\nAda\n"Noether, Emmy"\nGrace Hopper\n'.encode()),
        ("roster.csv", b"class;name\n7b;Ada\n7b;Noether, Emmy\n7b;Grace Hopper\n"),
        ("roster.csv", "name\tclass\nAda\t7b\nNoether, Emmy\t7b\nGrace Hopper\t7b\n".encode("utf-16")),
        ("roster.csv", b"Ada;1\nNoether, Emmy;2\nGrace Hopper;3\n"),
    ],
)
def test_a_roster_is_text_or_csv_with_one_name_per_line(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    assert read_roster(tmp_path / name) == ("Ada", "Noether, Emmy", "Grace Hopper")


def test_a_roster_of_windows_and_one_that_facecam_wrote_are_read(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes("Jürgen Müller\n".encode("cp1252"))
    (tmp_path / "escaped.csv").write_text("name\n'=1+1\nO'Hara\n", encoding="utf-8")

    assert read_roster(tmp_path / "old.txt") == ("Jürgen Müller",)
    assert read_roster(tmp_path / "escaped.csv") == ("=1+1", "O'Hara")


def test_a_missing_or_empty_roster_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("name\n\n")

    with pytest.raises(LogError, match="has no names"):
        read_roster(tmp_path / "empty.txt")
    with pytest.raises(LogError, match="cannot be read"):
        read_roster(tmp_path / "missing.txt")


def test_durations_have_a_unit() -> None:
    assert [parse_duration_s(text) for text in ("90s", "10m", "10 min", "1.5h")] == [90, 600, 600, 5400]
    with pytest.raises(ValueError, match="10m"):
        parse_duration_s("10")


def test_the_csv_has_local_times_with_their_zone_and_escapes_formulas(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"=1+1": [(0, 45)], "Grace": [(0, 9)]}, seconds=100)
    taken = take_attendance([log])

    write_attendance(taken, tmp_path / "a.csv", Format.CSV)
    write_attendance(taken, tmp_path / "de.csv", Format.CSV, CsvLocale.DE)

    header, *rows = csv.reader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines())
    assert tuple(header) == HEADER
    first = dict(zip(header, rows[0], strict=True))
    assert (first["name"], first["status"], first["minutes"], first["share"]) == ("'=1+1", "present", "0.75", "0.45")
    assert datetime.fromisoformat(first["first"]) == START
    german = (tmp_path / "de.csv").read_text(encoding="utf-8-sig").splitlines()
    assert german[1].split(";")[-2:] == ["0,75", "0,45"]


def test_the_csv_has_times_and_minutes_to_the_millisecond(tmp_path: Path) -> None:
    log = write_session(tmp_path, START + timedelta(seconds=0.25), {"Ada": [(0.5, 2)]}, seconds=4, step_s=0.5)

    write_attendance(take_attendance([log]), tmp_path / "a.csv", Format.CSV)

    (row,) = csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines())
    seen = (START + timedelta(seconds=0.75), START + timedelta(seconds=2.25))
    assert (datetime.fromisoformat(row["first"]), datetime.fromisoformat(row["last"])) == seen
    assert float(row["minutes"]) * 60 == pytest.approx(1.5, abs=0.01)


def test_the_csv_has_a_data_dictionary(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 45)]}, seconds=100)

    write_attendance(take_attendance([log]), tmp_path / "a.csv", Format.CSV)

    about = json.loads((tmp_path / "a.columns.json").read_text(encoding="utf-8"))
    assert tuple(about) == HEADER
    assert set(about["status"]["Levels"]) == {"present", "late", "absent", "not on the roster"}


def test_the_workbook_has_typed_cells_and_a_sheet_of_totals(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    write_session(tmp_path, START, {"=1+1": [(0, 45)]}, seconds=100, suffix="0001")
    write_session(tmp_path, START + timedelta(1), {}, seconds=100, suffix="0002", enrolled=["=1+1"])

    write_attendance(take_attendance([tmp_path]), tmp_path / "a.xlsx", Format.XLSX)

    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    header, first, second = book["attendance"].iter_rows(values_only=True)
    row = dict(zip(header, first, strict=True))
    assert (row["name"], row["minutes"], row["share"]) == ("=1+1", 0.75, 0.45)
    assert row["first"] == START.astimezone().replace(tzinfo=None)
    assert dict(zip(header, second, strict=True))["status"] == "absent"
    assert [*book["people"].iter_rows(values_only=True)][1] == ("=1+1", 2, 1, 0, 1, 0.75, 0.225)


def test_a_lesson_over_the_change_of_the_clock_has_its_true_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Berlin, and an hour later 02:30 again
    log = write_session(tmp_path, begin, {"Ada": [(0, 3600)]}, seconds=4000, step_s=5)
    monkeypatch.setattr("facecam.report.attendance.time_zone", lambda _: ZoneInfo("Europe/Berlin"))

    taken = take_attendance([log])

    ada = find(taken, "Ada")
    assert ada.first is not None
    assert ada.last is not None
    assert (ada.first.isoformat(), ada.last.isoformat()) == ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00")
    assert (ada.seconds, ada.spans) == (3600, ((0.0, pytest.approx(0.9)),))


def test_the_page_of_a_lesson_over_several_days_has_dates_and_units_follow_the_number(tmp_path: Path) -> None:
    write_session(tmp_path, START, {"Ada": [(0, 2)]}, seconds=2, suffix="0001")
    write_session(tmp_path, START + timedelta(1), {"Grace": [(0, 2)]}, seconds=2, suffix="0002")
    taken = take_attendance([tmp_path], lesson="Week", late_after_s=60)

    write_attendance(taken, tmp_path / "a.html", Format.HTML)
    write_attendance(taken, tmp_path / "de.html", Format.HTML, CsvLocale.DE_CH)

    english = (tmp_path / "a.html").read_text(encoding="utf-8")
    german = (tmp_path / "de.html").read_text(encoding="utf-8")
    grace = (START + timedelta(1)).astimezone()
    assert f">{grace:%Y-%m-%d %H:%M:%S}<" in english
    assert f">{grace:%d.%m.%Y %H:%M:%S}<" in german
    assert ", made 20" in english
    assert "more than 1 minute after" in english
    assert "mehr als 1 Minute nach" in german
    assert "seconds; shares refer to them" in english
    assert "Sekunden lang Bilder" in german


def test_the_page_has_no_expressions_and_no_plotly(tmp_path: Path) -> None:
    log = write_session(tmp_path, START, {"Ada": [(0, 45)]}, seconds=100, enrolled=["Ada", "Emmy"])

    write_attendance(take_attendance([log]), tmp_path / "a.html", Format.HTML)
    write_attendance(take_attendance([log]), tmp_path / "de.html", Format.HTML, CsvLocale.DE)

    page, german = ((tmp_path / name).read_text(encoding="utf-8") for name in ("a.html", "de.html"))
    assert len(page) < 50_000
    assert "happy" not in page.lower()
    assert "1 of 2 present, 0 of them late, 1 absent." in page
    assert '<html lang="de">' in german
    assert "1 von 2 anwesend, davon 0 verspätet, 1 abwesend." in german
    assert "45,0 %" in german
    assert f"{START.astimezone():%d.%m.%Y}" in german
