"""Texts from outside: names, file names, labels and logs with control characters, markup and formulas, in every output."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import re
import shutil
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facecam.cli.context import write_json
from facecam.errors import FacecamError, GalleryError
from facecam.gallery.people import Person, display_name, folder_name, require_distinct_name
from facecam.logbook.reader import read_log
from facecam.logbook.schema import check_labels, csv_line
from facecam.messages import visible
from facecam.report import Format
from facecam.report.page import write_report
from facecam.session.markers import marker_text
from facecam.training.object_teaching import normalize_label
from tests.cli.conftest import run_in
from tests.image_samples import samples
from tools.fuzz.readers import READERS

UNSHOWN = {
    "escape": "\x1b]0;owned\x07",
    "C1 escape": "\x9b31m",
    "backspace": "a\x08b",
    "delete": "\x7f",
    "left-to-right embedding": "\u202a",
    "right-to-left override": "\u202e",
    "pop of a direction": "\u202c",
    "isolate": "\u2066",
    "pop of an isolate": "\u2069",
    "Arabic letter mark": "\u061c",
    "right-to-left mark": "\u200f",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\xad",
    "tag": "\U000e0041",
    "annotation": "\ufff9",
}
BLANK = {"Hangul filler": "\u3164", "half-width filler": "\uffa0", "jamo filler": "\u115f", "Braille blank": "\u2800"}
MARKUP = "<img src=x onerror=alert(1)></script>"
FORMULAS = ("=cmd|'/c calc'!A1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1")

TRICKS = pytest.mark.parametrize("trick", UNSHOWN.values(), ids=list(UNSHOWN))
CHECKS = {
    "person": display_name,
    "marker": marker_text,
    "session label": lambda text: check_labels({"x": text}),
    "object label": normalize_label,
}


@TRICKS
@pytest.mark.parametrize("place", CHECKS)
def test_what_a_user_names_has_no_character_that_is_not_shown(place: str, trick: str) -> None:
    with pytest.raises(FacecamError) as refused:
        CHECKS[place](f"Ada{trick}x")

    assert visible(str(refused.value)) == str(refused.value)


@pytest.mark.parametrize("blank", BLANK.values(), ids=list(BLANK))
def test_a_letter_that_looks_like_nothing_is_refused_in_a_name(blank: str) -> None:
    with pytest.raises(FacecamError, match="unprintable"):
        display_name(f"Ada{blank}")


def test_two_people_cannot_have_names_that_differ_only_by_a_joiner(tmp_path: Path) -> None:
    ada = Person("1" * 32, "Ada", (tmp_path,), (), datetime(2026, 1, 1, tzinfo=UTC))

    with pytest.raises(GalleryError, match="differs from Ada"):
        require_distinct_name([ada], "Ada\u200d")


@TRICKS
def test_every_character_that_is_not_shown_is_printed_as_an_escape(trick: str) -> None:
    shown = visible(f"Ada{trick}x")

    assert shown.isprintable()
    assert shown != f"Ada{trick}x"


def test_the_joiners_of_names_are_printed_as_they_are() -> None:
    name = "\u0646\u0627\u0632\u200c\u0646\u06cc\u0646"

    assert visible(display_name(name)) == name


@TRICKS
def test_json_holds_the_text_and_prints_the_character_as_an_escape(trick: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_json("-", {"name": f"Ada{trick}x"})

    printed = capsys.readouterr().out
    assert json.loads(printed) == {"name": f"Ada{trick}x"}
    assert visible(printed) == printed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows allows few of these characters in file names")
def test_file_names_are_printed_without_control_characters(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for trick in UNSHOWN.values():
        (photos / f"a{trick}.jpg").write_bytes(samples()["jpg"])
        (photos / f"b{trick}.txt").touch()
    gallery = tmp_path / "gallery"
    (gallery / "Ada\u202e").mkdir(parents=True)
    (gallery / "Ada\u202e" / "a\x1b[2J.jpg").write_bytes(samples()["jpg"])

    for command in (
        ["identify", *sorted(map(str, photos.glob("*.jpg")))],
        ["enroll", "Ada", str(photos)],
        ["gallery", "import", str(photos)],
        ["gallery", "doctor"],
        ["people", "list"],
        ["run", "--source", str(photos), "--no-window", "--no-log"],
        ["run", "--source", str(photos / "b\x1b]0;owned\x07.txt"), "--no-window", "--no-log"],
        ["report", str(photos / "b\u202e.txt")],
        ["people", "rename", "\x1b[2JAda", "Ben"],
        ["nothing\x1b[2J"],
    ):
        done = run_in(tmp_path, *command)
        assert visible(done.stdout + done.stderr) == done.stdout + done.stderr, command
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("entry", [f"{trick}/a.jpg" for trick in UNSHOWN.values()])
def test_names_inside_a_zip_file_are_printed_without_control_characters(entry: str, tmp_path: Path) -> None:
    package = tmp_path / "people.zip"
    with zipfile.ZipFile(package, "w") as target:
        target.writestr(f"Ada{entry}", samples()["jpg"])
        target.writestr(f"Ben/b{entry}", b"")

    done = run_in(tmp_path, "gallery", "import", str(package))

    assert visible(done.stdout + done.stderr) == done.stdout + done.stderr


def log_of(text: str, folder: Path) -> Path:
    """Return a log in which the person, the source and a marker have this text."""
    rows = list(csv.reader(io.StringIO(READERS["log"].valid()[0][1].decode(), newline="")))
    header = rows[0]
    for row in rows[1:]:
        for column in ("name", "nearest", "source", "event_person", "marker"):
            if column in header and (row[header.index(column)] or column == "marker"):
                row[header.index(column)] = text if text[:1] not in "=+-@\t\r'" else f"'{text}"
    marker = [*rows[-1]]
    marker[header.index("event")] = "marker"
    path = folder / "20260102T030405Z-beef.csv"
    path.write_bytes("".join(map(csv_line, [*rows, marker])).encode())
    return path


def test_a_report_on_a_hostile_log_runs_no_script_and_turns_no_text(tmp_path: Path) -> None:
    text = MARKUP + "".join(UNSHOWN.values()).replace("\r", "")
    log = log_of(text, tmp_path)
    for kind in (Format.HTML, Format.MD):
        target = tmp_path / f"report.{kind.value}"
        write_report([log], target, kind)
        page = target.read_text(encoding="utf-8")
        body = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)  # plotly's own script
        assert "onerror=alert" in body
        assert not re.search(r"(?<!\\)<img src=x", body)
        assert visible(body) == body


def test_the_policy_of_a_report_allows_only_its_own_scripts(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_report([log_of("Ada", tmp_path)], target, Format.HTML)

    page = target.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    assert policy[1].count("'sha256-") == 2
    assert "unsafe-inline" not in policy[1].split("script-src")[1]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_log_stays_a_text_in_every_export(formula: str, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    log = log_of(formula, tmp_path)

    assert formula in set(read_log(log)["name"].dropna())
    for locale in ([], ["--locale", "de"]):
        target = tmp_path / f"all{len(locale)}.csv"
        done = run_in(tmp_path, "log", "export", str(log), "-o", str(target), *locale)
        assert done.returncode in (0, 3), done.stderr
        text = io.StringIO(target.read_bytes().decode("utf-8-sig"), newline="")
        cells = itertools.chain.from_iterable(csv.reader(text, delimiter=",;"[bool(locale)]))
        assert not [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t", "\r") or re.match(r"-\D|-\d+\+", cell)]
    book = tmp_path / "all.xlsx"
    done = run_in(tmp_path, "log", "export", str(log), "-o", str(book))
    assert done.returncode in (0, 3), done.stderr
    with zipfile.ZipFile(book) as content:
        assert not any(b"<f>" in content.read(name) for name in content.namelist())
    values = {cell.value for row in openpyxl.load_workbook(book).active.iter_rows() for cell in row if cell.data_type == "s"}
    assert formula.replace("\r", "_x000D_") in {str(value).replace("\r", "_x000D_") for value in values}


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "C:\\x", "\\\\host\\x", "CON", "nul.txt", "COM¹", "x.", "x ", "a" * 200, ".", "..", ".cache", "~root"],
)
def test_a_name_becomes_one_folder_inside_the_gallery_on_every_system(name: str, tmp_path: Path) -> None:
    folder = folder_name(name)

    assert (tmp_path / folder).parent == tmp_path
    assert not re.search(r'[<>:"/\\|?*\0-\x1f]', folder)
    assert not folder.startswith(".")
    assert not folder.endswith((".", " "))
    assert len(folder.encode()) <= 100
    assert folder.partition(".")[0].upper() not in ("CON", "NUL", "COM¹")


ENTRIES = {
    "parent": "../evil.jpg",
    "parent inside": "Ada/../../evil.jpg",
    "absolute": "/var/evil.jpg",
    "drive": "C:/evil/evil.jpg",
    "backslashes": "..\\..\\evil.jpg",
    "share": "\\\\host\\share\\evil.jpg",
    "NUL character": "Ada/evil.jpg\0.txt",
    "overlong": "Ada/" + "x" * 4000 + ".jpg",
    "device": "CON/evil.jpg",
    "trailing periods": "Ada.../evil.jpg",
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))
def test_an_entry_of_a_zip_file_is_never_written_outside_of_the_gallery(entry: str, tmp_path: Path) -> None:
    package, home = tmp_path / "people.zip", tmp_path / "home"
    home.mkdir()
    with zipfile.ZipFile(package, "w") as target:
        info = zipfile.ZipInfo("x")
        info.filename = entry
        target.writestr(info, samples()["jpg"])
        target.writestr("Ben/b.jpg", samples()["jpg"])
    before = {path for path in tmp_path.rglob("*") if home not in (path, *path.parents)}

    done = run_in(home, "gallery", "import", str(package), "--gallery", str(home / "gallery"))

    assert done.returncode in (0, 1, 3)
    assert "Traceback" not in done.stderr
    assert {path for path in tmp_path.rglob("*") if home not in (path, *path.parents)} == before
    assert not list(tmp_path.rglob("*evil*"))


def test_links_in_a_zip_file_are_left_out(tmp_path: Path) -> None:
    package = tmp_path / "people.zip"
    with zipfile.ZipFile(package, "w") as target:
        link = zipfile.ZipInfo("Ada/link.jpg")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        target.writestr(link, "/etc/passwd")
        target.writestr("Ben/b.jpg", samples()["jpg"])

    done = run_in(tmp_path, "gallery", "import", str(package), "--gallery", str(tmp_path / "gallery"))

    assert "Traceback" not in done.stderr
    assert "Ada/link.jpg" in done.stdout + done.stderr
    assert not list((tmp_path / "gallery").rglob("link*"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("kind", ["pipe", "device", "socket", "folder", "broken link", "endless link"])
def test_what_is_no_file_in_a_gallery_is_named_and_never_waited_for(kind: str, tmp_path: Path) -> None:
    import socket

    folder = tmp_path / "gallery" / "Ada"
    folder.mkdir(parents=True)
    (folder / "good.jpg").write_bytes(samples()["jpg"])
    odd = folder / "odd.jpg"
    listener = socket.socket(socket.AF_UNIX)
    if kind == "pipe":
        os.mkfifo(odd)
    elif kind == "device":
        odd.symlink_to("/dev/zero")
    elif kind == "socket":
        os.chdir(folder)  # the path of a socket is short
        listener.bind("odd.jpg")
    elif kind == "folder":
        odd.mkdir()
    else:
        odd.symlink_to(odd if kind == "endless link" else tmp_path / "missing")
    try:
        for command in (["people", "list"], ["gallery", "doctor"], ["gallery", "export", str(tmp_path / f"{len(kind)}.zip")]):
            done = run_in(tmp_path, *command, "--gallery", str(folder.parent))
            assert done.returncode in (0, 1, 3), done.stderr
            assert "Traceback" not in done.stderr
    finally:
        listener.close()
        os.chdir(Path(__file__).parent)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_removing_a_linked_person_leaves_what_the_link_points_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.jpg").write_bytes(samples()["jpg"])
    gallery = tmp_path / "gallery"
    gallery.mkdir()
    (gallery / "Ada").symlink_to(outside, target_is_directory=True)

    done = run_in(tmp_path, "people", "remove", "Ada", "--yes", "--gallery", str(gallery))

    assert "Traceback" not in done.stderr
    assert (outside / "a.jpg").is_file() or done.returncode == 0
    shutil.rmtree(gallery)
