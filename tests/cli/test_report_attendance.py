"""`facecam report` with session labels, and `facecam report --attendance`: page, CSV, XLSX, roster and options."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.report.lessons import write_session

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    """Return a folder with two lessons: Ada in both, Grace late in the first."""
    folder = tmp_path / "logs"
    people = {"Ada": [(0, 90)], "Grace": [(30, 60)]}
    write_session(folder, START, people, seconds=100, labels={"subject": "math"}, suffix="0001", enrolled=["Ada", "Grace"])
    write_session(folder, START + timedelta(1), {"Ada": [(0, 50)]}, seconds=100, labels={"subject": "art"}, suffix="0002")
    (tmp_path / "roster.txt").write_text("Name\nAda\nGrace\nEmmy\n", encoding="utf-8")
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_attendance_is_written_as_a_page_by_default(facecam: Command, lessons: Path) -> None:
    done = facecam("report", str(lessons), "--attendance", "--roster", "roster.txt")

    assert (done.returncode, done.stdout) == (0, "attendance.html\n")
    page = (lessons.parent / "attendance.html").read_text(encoding="utf-8")
    assert page.count('class="status absent"') == 3
    assert "2 of 3 present" in page


def test_attendance_as_csv_follows_roster_lesson_and_limit(facecam: Command, lessons: Path) -> None:
    words = ("report", str(lessons), "--attendance", "--roster", "roster.txt", "--lesson", "Week 10", "--late-after", "20s")
    done = facecam(*words, "-o", "week.csv")

    rows = rows_of(lessons.parent / "week.csv")
    assert done.returncode == 0
    described = json.loads((lessons.parent / "week.columns.json").read_text(encoding="utf-8"))
    assert set(described) == set(rows[0])
    assert set(described["status"]["Levels"]) == {"present", "late", "absent", "not on the roster"}
    assert [(row["lesson"], row["name"], row["status"], row["minutes"], row["share"]) for row in rows] == [
        ("Week 10", "Ada", "present", "2.3333", "0.7"),
        ("Week 10", "Grace", "late", "0.5", "0.15"),
        ("Week 10", "Emmy", "absent", "0.0", "0.0"),
    ]


def test_attendance_of_the_sessions_with_a_label(facecam: Command, lessons: Path) -> None:
    done = facecam("report", str(lessons), "--attendance", "--label", "subject=art", "-o", "art.csv")

    assert done.returncode == 0
    assert [(row["name"], row["status"]) for row in rows_of(lessons.parent / "art.csv")] == [("Ada", "present")]


def test_attendance_as_a_workbook_and_for_a_german_spreadsheet(facecam: Command, lessons: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")

    assert facecam("report", str(lessons), "--attendance", "-o", "a.xlsx").returncode == 0
    assert facecam("report", str(lessons), "--attendance", "-o", "de.csv", "--locale", "de").returncode == 0
    assert facecam("report", str(lessons), "--attendance", "-o", "de.html", "--locale", "de").returncode == 0

    assert openpyxl.load_workbook(lessons.parent / "a.xlsx").sheetnames == ["attendance", "people"]
    assert (lessons.parent / "de.csv").read_bytes().startswith(b"\xef\xbb\xbflesson;")
    assert "anwesend" in (lessons.parent / "de.html").read_text(encoding="utf-8")


def test_a_report_of_the_sessions_with_a_label(facecam: Command, lessons: Path) -> None:
    done = facecam("report", str(lessons), "--label", "subject=math", "-o", "math.md")

    text = (lessons.parent / "math.md").read_text(encoding="utf-8")
    assert done.returncode == 0
    assert "| Sessions | 1 |" in text
    missing = facecam("report", str(lessons), "--label", "subject=music")
    assert (missing.returncode, "no session has the labels subject=music" in missing.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--roster", "roster.txt"], "needs --attendance"),
        (["--lesson", "Math"], "needs --attendance"),
        (["--late-after", "5m"], "needs --attendance"),
        (["--locale", "de"], "needs --attendance"),
        (["--attendance", "--late-after", "10"], "write 90s, 10m or 1h"),
        (["--attendance", "--locale", "xx"], "is not one of en, de"),
        (["--attendance", "--locale", "fr"], "the page is in English or German"),
        (["--attendance", "--format", "png"], "html, csv or xlsx"),
        (["--format", "csv"], "csv is a format of --attendance"),
        (["-o", "a.csv"], ".html, .md or .png"),
        (["--attendance", "-o", "a.md"], ".html, .csv or .xlsx"),
        (["--label", "subject"], "is not NAME=VALUE"),
        (["--label", "Subject=math"], "cannot be the name of a session label"),
    ],
)
def test_options_that_do_not_fit_are_usage_errors(facecam: Command, lessons: Path, words: list[str], message: str) -> None:
    done = facecam("report", str(lessons), *words)

    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


def test_the_roster_is_never_overwritten(facecam: Command, lessons: Path) -> None:
    roster = lessons.parent / "roster.csv"
    roster.write_text("Ada\n", encoding="utf-8")

    done = facecam("report", str(lessons), "--attendance", "--roster", "roster.csv", "-o", "roster.csv", "--overwrite")

    assert done.returncode == 2
    assert roster.read_text(encoding="utf-8") == "Ada\n"


def test_a_log_without_frames_is_no_error(facecam: Command, tmp_path: Path) -> None:
    write_session(tmp_path / "logs", START, {}, seconds=0, counts=False)

    done = facecam("report", "logs", "--attendance")

    assert done.returncode == 0
    assert "The logs have no frames, and therefore no lessons." in (tmp_path / "attendance.html").read_text(encoding="utf-8")


def test_attendance_has_no_part_between_markers(facecam: Command, lessons: Path) -> None:
    done = facecam("report", str(lessons), "--attendance", "--between", "task", "pause")

    assert done.returncode == 2
    assert "--between" in done.stderr
