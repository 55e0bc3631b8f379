"""Attendance: who was present, late or absent in each lesson, as data and as a page, CSV or XLSX.

A lesson lasts from the first frame of its sessions to the last. Expressions are not part of it.
"""

from __future__ import annotations

import csv
import io
import os
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from facecam.errors import LogError
from facecam.fileio import read_regular, write_output
from facecam.logbook import CsvLocale
from facecam.logbook.dictionary import describe_columns, write_dictionary_of
from facecam.logbook.lines import LogWarning
from facecam.logbook.schema import Column
from facecam.logbook.sessions import find_logs, read_details, session_id_of
from facecam.logbook.spans import BEGIN, END, SECONDS, time_zone
from facecam.logbook.tables import Cell, Sheet, write_csv, write_xlsx
from facecam.report import Format
from facecam.report.page import page
from facecam.report.parts import Report, Section, Table, TableColumn, Unit, format_time, read_rows
from facecam.types import ESTIMATED_ORIGINS

MAX_ROSTER_BYTES = 4 * 1024**2
"""Maximum size of a roster; 200,000 names have less."""

LATE_AFTER_S = 600.0
"""Default time after a lesson's start from which a person is late."""

_NAME_HEADS = ("name", "names", "student", "person", "schüler", "schülerin")


class Status(StrEnum):
    """Attendance of one person in one lesson."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"
    NOT_ON_ROSTER = "not on the roster"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Times of a lesson in local time, and the seconds in which its cameras delivered frames.

    `is_estimated` means that the clock times come from a file's header or modification time.
    """

    name: str
    begin: datetime
    end: datetime
    seconds: float
    sessions: tuple[str, ...]
    is_estimated: bool
    has_frame_counts: bool


@dataclass(frozen=True, slots=True)
class Attendee:
    """One person in one lesson: local times of the first and last sighting, None when absent.

    `spans` are the visits as shares of the lesson (0 to 1). `is_enrolled` is None when the session does not say who was.
    """

    lesson: str
    name: str
    status: Status
    first: datetime | None
    last: datetime | None
    seconds: float
    share: float
    spans: tuple[tuple[float, float], ...]
    is_enrolled: bool | None

    @property
    def minutes(self) -> float:
        return round(self.seconds / 60, 4)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Attendance of all lessons, in order of time. `without_frames` are sessions that recorded none."""

    lessons: tuple[Lesson, ...]
    attendees: tuple[Attendee, ...]
    late_after_s: float
    has_roster: bool
    without_frames: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def of(self, lesson: Lesson) -> list[Attendee]:
        return [attendee for attendee in self.attendees if attendee.lesson == lesson.name]


def parse_duration_s(text: str) -> float:
    """Return the seconds of `10m`, `90s`, `1h` or `1.5h`. ValueError for another text."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a duration; write 90s, 10m or 1h")
    return float(found[1]) * {"s": 1, "m": 60, "min": 60, "h": 3600}[found[2]]


def read_roster(path: Path) -> tuple[str, ...]:
    """Return the names of a roster, in order and once each.

    A text file has one name per line. A CSV file has a column `name`, or the names in its first column; it may use commas,
    semicolons or tabs. A line `name` at the beginning is a heading.

    Raises:
        LogError: The file cannot be read, or has no names.
    """
    try:
        data = read_regular(path, MAX_ROSTER_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise LogError(
            "the roster {path} cannot be read ({reason}); name a text or CSV file with one name per line",
            path=path,
            reason=reason,
        ) from error
    text = _decoded(data)
    lines = _csv_names(text) if path.suffix.lower() in (".csv", ".tsv") else text.splitlines()
    names: dict[str, str] = {}
    for name in filter(str.strip, lines):
        names.setdefault(name_key(name), " ".join(unicodedata.normalize("NFC", name).split()))
    found = list(names.values())
    if found and found[0].casefold() in _NAME_HEADS:
        del found[0]
    if not found:
        raise LogError("the roster {path} has no names; write one name per line", path=path)
    return tuple(found)


def _decoded(data: bytes) -> str:
    """Return a text from UTF-8, UTF-16 with its byte order mark, or the encoding of Windows in Western Europe."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _csv_names(text: str) -> list[str]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    heads = [cell.strip().casefold() for cell in rows[0]] if rows else []
    place = next((heads.index(head) for head in _NAME_HEADS if head in heads), 0)
    # facecam's own CSV files mark texts that a spreadsheet would run with a leading '.
    return [re.sub(r"\A'(?=[=+\-@'])", "", row[place]) for row in rows if len(row) > place]


def name_key(name: str) -> str:
    """Return a key that is equal for names that differ only in case, composition or spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def take_attendance(
    logs: Sequence[str | os.PathLike[str]],
    *,
    roster: Sequence[str] | None = None,
    lesson: str | None = None,
    late_after_s: float = LATE_AFTER_S,
    labels: Mapping[str, str] | None = None,
) -> Attendance:
    """Return the attendance in the logs' sessions.

    Without a roster it lists everyone who was enrolled or seen in any of the sessions.

    Args:
        logs: Logs or folders of logs.
        roster: Names of the people who are expected.
        lesson: Name of the lesson to which all sessions belong; None makes each session a lesson.
        late_after_s: A person first seen later than this after the lesson's start is late.
        labels: Only sessions with these labels.

    Raises:
        LogError: A log cannot be read, or no session has the labels.
    """
    log, left_out = read_rows(logs, labels or {})
    enrolled = _enrolled(logs)
    sessions, without_frames = _session_presence(log)
    groups = [sessions] if lesson is not None and sessions else [[one] for one in sessions]
    names = _lesson_names(groups, lesson)
    lessons: list[Lesson] = []
    attendees: list[Attendee] = []
    everyone = {name_key(name): name for one in sessions for name in (*enrolled.get(one.session_id, ()), *one.visits)}
    expected = {name_key(name): name for name in roster} if roster is not None else dict(sorted(everyone.items()))
    for name, group in zip(names, groups, strict=True):
        made = _lesson(name, group)
        lessons.append(made)
        attendees += _attendees(made, group, expected, enrolled, late_after_s, has_roster=roster is not None)
    return Attendance(tuple(lessons), tuple(attendees), late_after_s, roster is not None, tuple(without_frames), left_out)


class _Visit(NamedTuple):
    begin: pd.Timestamp
    end: pd.Timestamp
    seconds: float


@dataclass(frozen=True, slots=True)
class _SessionPresence:
    """Times of a session's frames in UTC, the seconds with frames, and each person's visits.

    `is_certain` means that no time is an estimate; logs before version 4 have only those of recognition.
    """

    session_id: str
    begin: pd.Timestamp
    end: pd.Timestamp
    seconds: float
    visits: dict[str, list[_Visit]]
    is_certain: bool
    has_frame_counts: bool


def _session_presence(log: pd.DataFrame) -> tuple[list[_SessionPresence], list[str]]:
    """Return the sessions with frames in order of time, and the ids of the others."""
    frames = log[log["frame_index"].notna() | (log["event"] == "frames")]
    by_session = frames.groupby("session_id", observed=True)
    begins, ends = by_session["ts_utc"].min(), by_session["ts_utc"].max()
    estimated = frames["ts_origin"].isin(ESTIMATED_ORIGINS).groupby(frames["session_id"], observed=True).any()
    seconds = log.facecam.sessions()["seconds"]
    visits: dict[str, dict[str, list[_Visit]]] = {}
    columns = ["session_id", "name", BEGIN, END, SECONDS]
    for session, name, *visit in log.facecam.visits()[columns].itertuples(index=False, name=None):
        visits.setdefault(session, {}).setdefault(name, []).append(_Visit(*visit))
    found = []
    for session in begins.index:
        counted_s, begin, end = seconds[session], begins[session], ends[session]
        is_counted = not pd.isna(counted_s)
        length_s = float(counted_s) if is_counted else (end - begin).total_seconds()
        own = visits.get(session, {})
        found.append(_SessionPresence(session, begin, end, length_s, own, not estimated[session], is_counted))
    without = [str(session) for session in log["session_id"].dropna().unique() if session not in begins.index]
    return sorted(found, key=lambda one: (one.begin, one.session_id)), without


def _enrolled(logs: Sequence[str | os.PathLike[str]]) -> dict[str, tuple[str, ...]]:
    """Return the names of the enrolled people by session, as far as the sessions' JSON files have them.

    As in the queries, a renamed person has the name of the last session.
    """
    people_of: dict[str, list[tuple[object, str]]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LogWarning)  # about the same files as when their rows are read
        paths = find_logs(logs)
    for path in paths:
        people = read_details(path).get("people")
        if isinstance(people, list):
            pairs = [(person.get("person_id"), person.get("name")) for person in people if isinstance(person, dict)]
            people_of[session_id_of(path)] = [(key, name) for key, name in pairs if isinstance(name, str)]
    latest = {key: name for session in sorted(people_of) for key, name in people_of[session] if isinstance(key, str)}
    return {
        session: tuple(latest.get(key, name) if isinstance(key, str) else name for key, name in people)
        for session, people in people_of.items()
    }


def _lesson_names(groups: Sequence[Sequence[_SessionPresence]], lesson: str | None) -> list[str]:
    """Return a name for each lesson: the given one, or its start, with the session where several start in one minute."""
    if lesson is not None:
        return [lesson] * len(groups)
    starts = [f"{_local(group[0].begin):%Y-%m-%d %H:%M}" for group in groups]
    return [
        f"{start} ({group[0].session_id})" if starts.count(start) > 1 else start
        for start, group in zip(starts, groups, strict=True)
    ]


def _lesson(name: str, group: Sequence[_SessionPresence]) -> Lesson:
    return Lesson(
        name=name,
        begin=_local(min(one.begin for one in group)),
        end=_local(max(one.end for one in group)),
        seconds=_covered_s(group),
        sessions=tuple(one.session_id for one in group),
        is_estimated=not all(one.is_certain for one in group),
        has_frame_counts=all(one.has_frame_counts for one in group),
    )


def _covered_s(group: Sequence[_SessionPresence]) -> float:
    """Return the seconds with frames. Sessions of the same time count once, if their clocks are certain."""
    seconds = sum(one.seconds for one in group if not one.is_certain)
    certain = [one for one in group if one.is_certain]
    while certain:
        end, count = certain[0].end, 1
        while count < len(certain) and certain[count].begin < end:
            end = max(end, certain[count].end)
            count += 1
        own = certain[:count]
        seconds += own[0].seconds if count == 1 else min((end - own[0].begin).total_seconds(), sum(one.seconds for one in own))
        del certain[:count]
    return seconds


def _attendees(
    lesson: Lesson,
    group: Sequence[_SessionPresence],
    expected: Mapping[str, str],
    enrolled: Mapping[str, Sequence[str]],
    late_after_s: float,
    *,
    has_roster: bool,
) -> Iterator[Attendee]:
    """Yield the people of one lesson: the expected ones in their order, then the others by name."""
    seen: dict[str, str] = {name_key(name): name for one in group for name in one.visits}
    known = [enrolled[one.session_id] for one in group if one.session_id in enrolled]
    keys = {name_key(name) for names in known for name in names}
    others = {key: seen[key] for key in sorted(seen) if key not in expected}
    for key, name in {**expected, **others}.items():
        visits = [(one.is_certain, visit) for one in group for own, spans in one.visits.items() if name_key(own) == key
                  for visit in spans]  # fmt: skip
        first = _local(min(visit.begin for _, visit in visits)) if visits else None
        last = _local(max(visit.end for _, visit in visits)) if visits else None
        seconds = _present_s(visits)
        if key in others and has_roster:
            status = Status.NOT_ON_ROSTER
        elif first is None:
            status = Status.ABSENT
        else:
            status = Status.LATE if _seconds_between(lesson.begin, first) > late_after_s else Status.PRESENT
        yield Attendee(
            lesson=lesson.name,
            name=name,
            status=status,
            first=first,
            last=last,
            seconds=seconds,
            share=min(1.0, seconds / lesson.seconds) if lesson.seconds else 0.0,
            spans=tuple(_share_span(lesson, visit) for _, visit in visits),
            is_enrolled=key in keys or key in seen if known else None,
        )


def _present_s(visits: Sequence[tuple[bool, _Visit]]) -> float:
    """Return the seconds of visits; what two sessions saw at the same time counts once, if their clocks are certain."""
    seconds = sum(visit.seconds for is_certain, visit in visits if not is_certain)
    reached: pd.Timestamp | None = None
    for visit in sorted(visit for is_certain, visit in visits if is_certain):
        start = visit.begin if reached is None else max(visit.begin, reached)
        seconds += max(0.0, (visit.end - start).total_seconds())
        reached = visit.end if reached is None else max(visit.end, reached)
    return seconds


def _share_span(lesson: Lesson, visit: _Visit) -> tuple[float, float]:
    length_s = _seconds_between(lesson.begin, lesson.end) or 1.0
    begin, end = (_seconds_between(lesson.begin, _local(time)) / length_s for time in (visit.begin, visit.end))
    return begin, end


def _seconds_between(begin: datetime, end: datetime) -> float:
    """Return the true time. The difference of two times of one zone would be that of the clock on the wall."""
    return end.timestamp() - begin.timestamp()


def _local(time_utc: pd.Timestamp) -> datetime:
    found: datetime = time_utc.tz_convert(time_zone(None)).to_pydatetime()
    return found


COLUMNS = (
    Column("lesson", "text", "The lesson"),
    Column("lesson_begin", "time", "First frame of the lesson's sessions, local time"),
    Column("lesson_end", "time", "Last frame of the lesson's sessions, local time"),
    Column("name", "text", "The person"),
    Column("status", "category", "Attendance of the person in the lesson"),
    Column("first", "time", "First sighting in the lesson, local time; empty when absent"),
    Column("last", "time", "Last sighting in the lesson, local time; empty when absent"),
    Column("minutes", "float", "Time in front of the cameras", "min"),
    Column("share", "float", "minutes divided by the time in which the lesson's cameras delivered frames, 0 to 1"),
)
"""Columns of the CSV and of the XLSX sheet `attendance`."""

HEADER = tuple(column.name for column in COLUMNS)

_LEVELS = {
    "status": {
        Status.PRESENT: "Seen in time",
        Status.LATE: "First seen too long after the lesson's start",
        Status.ABSENT: "Not seen",
        Status.NOT_ON_ROSTER: "Seen, but not on the roster",
    }
}

TOTALS_HEADER = ("name", "lessons", "present", "late", "absent", "minutes", "share")


def attendance_rows(attendance: Attendance) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells of each person in each lesson, as in `HEADER`."""
    for lesson in attendance.lessons:
        for one in attendance.of(lesson):
            cells = (one.name, one.status.value, one.first, one.last, one.minutes, round(one.share, 4))
            yield (lesson.name, lesson.begin, lesson.end, *cells)


def total_rows(attendance: Attendance) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of each person over all lessons, as in `TOTALS_HEADER`. `present` includes `late`."""
    seconds = sum(lesson.seconds for lesson in attendance.lessons)
    people: dict[str, list[Attendee]] = {}
    for one in attendance.attendees:
        people.setdefault(name_key(one.name), []).append(one)
    for own in people.values():
        late = sum(one.status is Status.LATE for one in own)
        seen = sum(one.first is not None for one in own)
        total_s = sum(one.seconds for one in own)
        absent = sum(one.status is Status.ABSENT for one in own)
        share = round(total_s / seconds, 4) if seconds else 0.0
        yield own[0].name, len(attendance.lessons), seen, late, absent, round(total_s / 60, 4), share


def write_attendance(attendance: Attendance, path: Path, kind: Format, locale: CsvLocale | None = None) -> None:
    """Write the attendance as a page, CSV or XLSX.

    `locale` is the form of times and numbers in a CSV, and the language of the page: German, else English.

    Raises:
        OutputError: The file cannot be written.
    """
    if kind is Format.CSV:
        write_csv(path, HEADER, attendance_rows(attendance), locale)
        write_dictionary_of(path, describe_columns(COLUMNS, _LEVELS))
    elif kind is Format.XLSX:
        formats = {"minutes": "0.0", "share": "0.0%"}
        times = dict.fromkeys(("lesson_begin", "lesson_end", "first", "last"), "yyyy-mm-dd hh:mm:ss")
        sheets = [Sheet("attendance", HEADER, attendance_rows(attendance), formats | times)]
        if len(attendance.lessons) > 1:
            sheets.append(Sheet("people", TOTALS_HEADER, total_rows(attendance), formats))
        write_xlsx(path, sheets)
    else:
        text = page(attendance_report(attendance, "de" if locale in (CsvLocale.DE, CsvLocale.DE_CH) else "en"))
        write_output(path, text.encode("utf-8", "backslashreplace"))


_GERMAN = {
    "Attendance": "Anwesenheit",
    "Name": "Name", "Status": "Status", "First seen": "Zuerst", "Last seen": "Zuletzt", "Minutes": "Minuten",
    "Share": "Anteil", "Visits": "Verlauf", "Lessons": "Stunden", "Attended": "Anwesend",
    "Late": "Verspätet",
    "Absent": "Abwesend", "All lessons": "Alle Stunden", "People": "Personen", "About these figures": "Zu diesen Zahlen",
    "present": "anwesend", "late": "verspätet", "absent": "abwesend", "not on the roster": "nicht auf der Liste",
    "{date}, {begin} to {end}": "{date}, {begin} bis {end} Uhr",
    "{present} of {expected} present, {late} of them late, {absent} absent.":
        "{present} von {expected} anwesend, davon {late} verspätet, {absent} abwesend.",
    "{others} not on the roster.": "{others} nicht auf der Liste.",
    "made {time}": "erstellt {time}",
    "second": "Sekunde", "seconds": "Sekunden", "minute": "Minute", "minutes": "Minuten",
    "The camera delivered frames for {time}; shares refer to them.":
        "Die Kamera lieferte {time} lang Bilder; darauf beziehen sich die Anteile.",
    "This log has no counts of frames: shares refer to the time from the first logged row to the last.":
        "Dieses Protokoll zählt die Bilder nicht: Anteile beziehen sich auf die Zeit von der ersten bis zur letzten Zeile.",
    "The times are estimates from the video file: its header or its own time.":
        "Die Uhrzeiten sind geschätzt, aus dem Kopf der Videodatei oder aus deren eigener Zeit.",
    "Not enrolled, so the camera could not recognize them: {names}.":
        "Nicht eingelernt, darum konnte die Kamera sie nicht erkennen: {names}.",
    "Late means first seen more than {time} after the first frame of the lesson.":
        "Verspätet heißt: mehr als {time} nach dem ersten Bild der Stunde zuerst gesehen.",
    "Minutes are those in which a camera recognized the person. A person who turns away for more than ten seconds counts as "
    "gone, and a person who was never recognized is not necessarily absent.":
        "Minuten sind die, in denen eine Kamera die Person erkannt hat. Wer sich länger als zehn Sekunden abwendet, zählt als "
        "fort, und wer nie erkannt wurde, fehlte nicht unbedingt.",
    "No frames were recorded in: {sessions}.": "Ohne Bilder: {sessions}.",
    "The logs have no frames, and therefore no lessons.": "Es gibt keine Stunde: Die Protokolle haben keine Bilder.",
    "No person was recognized, and no one is enrolled or on a roster.":
        "Niemand wurde erkannt, und niemand ist eingelernt oder steht auf einer Liste.",
}  # fmt: skip


def attendance_report(attendance: Attendance, language: str = "en") -> Report:
    """Return the page's contents in English (`en`) or German (`de`)."""

    def text(english: str, **values: object) -> str:
        return (_GERMAN.get(english, english) if language == "de" else english).format(**values)

    parts = [_lesson_section(attendance, lesson, number, language, text) for number, lesson in enumerate(attendance.lessons)]
    if len(attendance.lessons) > 1:
        parts.insert(0, _totals_section(attendance, text))
    if not attendance.lessons:
        parts.append(Section("lesson", text("Attendance"), (text("The logs have no frames, and therefore no lessons."),)))
    notes = [
        *attendance.warnings,
        text(
            "Late means first seen more than {time} after the first frame of the lesson.",
            time=_duration(attendance.late_after_s, language, text),
        ),
        text(
            "Minutes are those in which a camera recognized the person. A person who turns away for more than ten seconds counts "
            "as gone, and a person who was never recognized is not necessarily absent."
        ),
    ]
    if attendance.without_frames:
        notes.append(text("No frames were recorded in: {sessions}.", sessions=", ".join(attendance.without_frames)))
    parts.append(Section("about", text("About these figures"), tuple(notes)))
    names = [_title(lesson, language) for lesson in attendance.lessons]
    title = names[0] if len(names) == 1 else f"{names[0]} – {names[-1]}" if names else "facecam"
    made = format_time(datetime.now().astimezone(), language, with_seconds=False)
    return Report(title, text("made {time}", time=made), tuple(parts), attendance.warnings, text("Attendance"), language)


def _lesson_section(attendance: Attendance, lesson: Lesson, number: int, language: str, text: Any) -> Section:
    own = attendance.of(lesson)
    expected = [one for one in own if one.status is not Status.NOT_ON_ROSTER]
    counts = {
        "present": sum(one.first is not None for one in expected),
        "expected": len(expected),
        "late": sum(one.status is Status.LATE for one in expected),
        "absent": sum(one.status is Status.ABSENT for one in expected),
    }
    day, begin = format_time(lesson.begin, language, with_seconds=False).rsplit(" ", 1)
    end = format_time(lesson.end, language, with_seconds=False)
    end = end.rsplit(" ", 1)[1] if lesson.end.date() == lesson.begin.date() else end
    sentences = [text("{date}, {begin} to {end}", date=day, begin=begin, end=end)]
    if own:
        sentences.append(text("{present} of {expected} present, {late} of them late, {absent} absent.", **counts))
    else:
        sentences.append(text("No person was recognized, and no one is enrolled or on a roster."))
    if others := len(own) - len(expected):
        sentences[-1] += " " + text("{others} not on the roster.", others=others)
    basis = "The camera delivered frames for {time}; shares refer to them."
    if not lesson.has_frame_counts:
        basis = "This log has no counts of frames: shares refer to the time from the first logged row to the last."
    sentences.append(text(basis, time=_duration(lesson.seconds, language, text)))
    if lesson.is_estimated:
        sentences.append(text("The times are estimates from the video file: its header or its own time."))
    if missing := [one.name for one in expected if one.is_enrolled is False]:
        sentences.append(text("Not enrolled, so the camera could not recognize them: {names}.", names=", ".join(missing)))
    time: Unit = "clock" if lesson.end.date() == lesson.begin.date() else "time"
    columns = (
        *(TableColumn(text("Name")), TableColumn(text("Status"), "status")),
        *(TableColumn(text("First seen"), time), TableColumn(text("Last seen"), time)),
        *(TableColumn(text("Minutes"), "number", 1), TableColumn(text("Share"), "share")),
        TableColumn(text("Visits"), "spans"),
    )
    rows = tuple(
        (one.name, (one.status.value, text(one.status.value)), one.first, one.last, one.minutes, round(one.share, 4), one.spans)
        for one in own
    )
    tables = (Table(f"lesson-{number}", text("Attendance"), columns, rows, len(rows)),) if rows else ()
    return Section(f"lesson-{number}", _title(lesson, language), tuple(sentences), (), tables)


def _title(lesson: Lesson, language: str) -> str:
    """Return the lesson's name. One that is its start has the form of the language."""
    start = format_time(lesson.begin, with_seconds=False)
    return lesson.name.replace(start, format_time(lesson.begin, language, with_seconds=False), 1)


def _totals_section(attendance: Attendance, text: Any) -> Section:
    columns = (
        *(TableColumn(text("Name")), TableColumn(text("Lessons"), "count"), TableColumn(text("Attended"), "count")),
        *(TableColumn(text("Late"), "count"), TableColumn(text("Absent"), "count")),
        *(TableColumn(text("Minutes"), "number", 1), TableColumn(text("Share"), "share")),
    )
    rows = tuple(total_rows(attendance))
    return Section("all", text("All lessons"), (), (), (Table("all", text("People"), columns, rows, len(rows)),))


def _duration(seconds: float, language: str, text: Any) -> str:
    value, unit = (seconds, "second") if seconds < 59.95 else (seconds / 60, "minute")
    number = f"{value:.1f}".removesuffix(".0")
    unit = text(unit if number == "1" else f"{unit}s")
    return f"{number.replace('.', ',') if language == 'de' else number} {unit}"
