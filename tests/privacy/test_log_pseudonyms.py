"""Pseudonyms in logs as bytes: which rows are rewritten, and which are copied."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from facecam.logbook.schema import NAMES, csv_line
from facecam.privacy.log_mentions import LogFiles, LogMentions
from facecam.privacy.pseudonyms import Pseudonym, pseudonymize
from facecam.privacy.scan import Scanner
from facecam.privacy.traces import PersonTraces
from facecam.settings import Settings

SESSION = "20261130T071028Z-8313"
PERSON_ID = "ab" * 16
PSEUDONYM = Pseudonym("person-00000000", "ef" * 16, "11" * 32)


def line(**values: str) -> str:
    row = {"schema_version": "3", "session_id": SESSION, "ts_utc": "2026-11-30T07:10:28.123Z", "t_ms": "1"} | values
    return csv_line([row.get(name, "") for name in NAMES])


def rewrite(folder: Path, name: str, lines: list[str], *others: str) -> tuple[list[str], list[int]]:
    """Return the lines after the pseudonym has replaced `name`, and the progress."""
    path, progress = folder / f"{SESSION}.csv", list[int]()
    path.write_bytes("".join([csv_line(NAMES), *lines]).encode("utf-8", "surrogateescape"))
    traces = PersonTraces((name,), (PERSON_ID,), (name,), others=others)
    pseudonymize(LogMentions(traces, LogFiles.find([path])), PSEUDONYM, lambda done, _: progress.append(done))
    return path.read_bytes().decode("utf-8", "surrogateescape").split("\n", 1)[1].splitlines(keepends=True), progress


def cells(text: str) -> dict[str, str]:
    return dict(zip(NAMES, next(csv.reader([text])), strict=True))


def test_rows_without_the_person_are_copied_as_bytes(tmp_path: Path) -> None:
    quoted, torn = line(name="Ben").replace("Ben", '"Ben"'), "\udcff torn"

    after, _ = rewrite(tmp_path, "Ada", [quoted, line(name="Ada", person_id=PERSON_ID), quoted, torn])

    assert (after[0], after[2], after[3]) == (quoted, quoted, torn)
    assert cells(after[1])["name"] == "person-00000000"


def test_every_row_of_a_log_of_many_blocks_is_rewritten_once_with_progress(tmp_path: Path) -> None:
    lines = [line(name="Ada" if number % 3 else "Ben", t_ms=str(number)) for number in range(20_000)]

    after, progress = rewrite(tmp_path, "Ada", lines)

    assert after == [text.replace("Ada", "person-00000000") for text in lines]
    assert progress == sorted(progress)
    assert len(progress) > 2


@pytest.mark.parametrize(
    ("name", "column", "text", "expected"),
    [
        ("Al", "name", "Alice", "Alice"),
        ("Al", "session_labels", "site=Alabama; who=Al", "site=Alabama; who=person-00000000"),
        ("unknown", "decision", "unknown", "unknown"),
        ("happy", "expression", "happy", "happy"),
        ("Smith, Ann", "name", "Smith, Ann", "person-00000000"),
        ('Ann "Bo" Li', "name", 'Ann "Bo" Li', "person-00000000"),
        ("=Ann", "name", "'=Ann", "person-00000000"),
        ("Zoe\u0308", "name", "Zo\u00eb", "person-00000000"),
        ("Ada Li", "source", "/videos/ada_li.mp4, Ada-Li, adali", "/videos/person-00000000.mp4, person-00000000, adali"),
        ("Ada", "marker", "Ada\u2019s turn, ada and ADA", "person-00000000\u2019s turn, person-00000000 and person-00000000"),
    ],
)
def test_a_name_is_replaced_where_it_is_one(tmp_path: Path, name: str, column: str, text: str, expected: str) -> None:
    after, _ = rewrite(tmp_path, name, [line(**{column: text})])

    assert cells(after[0])[column] == expected


def test_the_words_of_facecam_in_the_json_of_a_session_stay(tmp_path: Path) -> None:
    """Max is in max_yaw_deg, and a person can be called like a key."""
    details = {"mode": "faces", "settings": Settings().to_dict(), "labels": {"Max": "1"}, "source": "/videos/max_2.mp4"}
    path = tmp_path / f"{SESSION}.json"
    path.write_text(json.dumps(details), encoding="utf-8")
    for name in ("Max", "Mode"):
        traces = PersonTraces((name,), (PERSON_ID,))
        pseudonymize(LogMentions(traces, LogFiles.find([path])), PSEUDONYM, lambda _done, _total: None)

    after = json.loads(path.read_text(encoding="utf-8"))

    changed = {"labels": {PSEUDONYM.name: "1"}, "source": f"/videos/{PSEUDONYM.name}_2.mp4"}
    assert after == json.loads(json.dumps(details)) | changed
    assert Scanner(PersonTraces(("Max",), (PERSON_ID,))).scan([path]).findings == []


def test_the_place_in_the_list_of_people_does_not_tell_the_name(tmp_path: Path) -> None:
    people = [{"person_id": code * 32, "name": name, "photos": []} for code, name in (("a", "Ada"), ("b", "Ben"), ("c", "Cleo"))]
    path = tmp_path / f"{SESSION}.json"
    path.write_text(json.dumps({"people": people}), encoding="utf-8")

    traces = PersonTraces(("Ben",), ("b" * 32,))
    pseudonymize(LogMentions(traces, LogFiles.find([path])), PSEUDONYM, lambda _done, _total: None)

    after = json.loads(path.read_text(encoding="utf-8"))["people"]
    assert [entry["name"] for entry in after] == ["Ada", "Cleo", PSEUDONYM.name]


def test_the_path_of_a_home_folder_with_the_name_is_not_about_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("USERPROFILE", "/home/ada")

    after, _ = rewrite(tmp_path, "Ada", [line(source="/home/ada/videos/ada.mp4")])

    assert cells(after[0])["source"] == f"/home/ada/videos/{PSEUDONYM.name}.mp4"
    path = tmp_path / "gallery.txt"
    path.write_text("/home/ada/gallery", encoding="utf-8")
    assert Scanner(PersonTraces(("Ada",))).scan([path]).findings == []
