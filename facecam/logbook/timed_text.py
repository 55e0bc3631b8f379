"""Subtitles (WebVTT) and annotation tiers (ELAN) of logs: who and what was seen, at the times of the video beside them.

References:
    WebVTT: https://www.w3.org/TR/webvtt1/
    ELAN Annotation Format 3.0: https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd

from facecam.errors import LogError
from facecam.fileio import check_output, is_stream, write_output
from facecam.logbook import ExportFormat
from facecam.logbook.queries import CAMERA_KEYS
from facecam.logbook.reader import read_log
from facecam.logbook.sessions import LogPaths, find_logs
from facecam.logbook.timelines import MediaTimeline, cameras, find_timelines, session_times, zero_times
from facecam.logbook.track_people import FACE_COLUMNS
from facecam.messages import visible

_COLUMNS = [
    *("event", "mode", "event_code", "ts_utc", "ts_origin", "t_ms", *CAMERA_KEYS, *FACE_COLUMNS, "gate", "expression", "marker"),
    *("label_1", "distance_l2", "threshold_l2", "own_threshold_l2", "nearest_name", "frames_analyzed", "frames_span_ms"),
]

UNKNOWN = "unknown"
"""Text of a face that belongs to no enrolled person."""

_LEAST_CUE_MS = 1000
"""A shorter subtitle cannot be read."""

_LEAST_ANNOTATION_MS = 40
"""A single sighting lasts for a frame: an annotation without length cannot be selected."""

_MARKER_MS = 1000

_MEDIA_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska"}
_MEDIA_TYPES |= {".webm": "video/webm", ".avi": "video/x-msvideo", ".mpg": "video/mpeg", ".mpeg": "video/mpeg"}
_UNKNOWN_MEDIA = "unknown"
_NOT_IN_XML = re.compile("[\ufffe\uffff]")
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_TIER_TYPE = "facecam"


@dataclass(frozen=True, slots=True)
class TimedTextFile:
    """File that was written: its timeline, and how many cues or annotations it has."""

    path: Path
    timeline: MediaTimeline
    count: int


@dataclass(frozen=True, slots=True)
class Span:
    """Text from `begin_ms` to `end_ms` of a video."""

    begin_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Spans of one kind that do not overlap. `participant` is the person whom they are about."""

    name: str
    spans: tuple[Span, ...]
    participant: str = ""


def export_timed_text(
    logs: LogPaths,
    target: Path,
    file_format: ExportFormat,
    report_progress: Callable[[int, int], None],
    *,
    overwrite: bool = False,
) -> list[TimedTextFile]:
    """Write subtitles or annotation tiers for each video of the logs' sessions.

    Args:
        logs: Logs, or folders of logs.
        target: The file; or, for several videos, a folder, in which each file has the name of its video.
        file_format: WEBVTT or ELAN.
        report_progress: Called with the number of videos that are done, and of all videos.
        overwrite: Whether files in the folder may be replaced.

    Raises:
        LogError: A log cannot be read, or it belongs to several videos and the target is one file.
        OutputError: A file cannot be written, or exists.
    """
    paths = find_logs(logs)
    log = read_log(paths, _COLUMNS)
    timelines = find_timelines(pd.DataFrame(log), paths)
    if not timelines:
        raise LogError("the logs have no rows, so there is nothing to export; give the log of another session")
    targets = _targets(timelines, target, file_format)
    if target.is_dir():
        for path in targets:
            check_output(path, paths, overwrite=overwrite)
    seen = _Seen(log)
    written = []
    for number, (timeline, path) in enumerate(zip(timelines, targets, strict=True)):
        report_progress(number, len(timelines))
        if file_format is ExportFormat.WEBVTT:
            people = [*seen.people(timeline, _LEAST_CUE_MS), *seen.unknown(timeline, _LEAST_CUE_MS)]
            cues = subtitles(people, seen.objects(timeline, _LEAST_CUE_MS))
            data, count = webvtt(cues), len(cues)
        else:
            tiers = seen.tiers(timeline)
            data, count = elan(tiers, timeline, path), sum(len(tier.spans) for tier in tiers)
        write_output(path, data)
        written.append(TimedTextFile(path, timeline, count))
    return written


def _targets(timelines: Sequence[MediaTimeline], target: Path, file_format: ExportFormat) -> list[Path]:
    """Return the file for each timeline: the target, or files in it with different names."""
    if not target.is_dir() or is_stream(target):
        if len(timelines) == 1:
            return [target]
        raise LogError(
            "the logs belong to {count} videos or sessions, which need a file each; give one log, or an existing folder with -o",
            count=len(timelines),
        )
    found: list[Path] = []
    names: set[str] = set()
    for timeline in timelines:
        name = _unused(timeline.name, {name.casefold() for name in names}, "-")
        names.add(name)
        found.append(target / f"{name}{file_format.suffix}")
    return found


def _unused(name: str, used: Iterable[str], separator: str) -> str:
    """Return a name that is not used yet, in lower case: the name itself, or with a number."""
    taken, found, number = set(used), name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{name}{separator}{number}"
    return found


class _Seen:
    """People, objects and expressions in a log, as spans of session time."""

    def __init__(self, log: pd.DataFrame) -> None:
        self._log = pd.DataFrame(log)
        zero_ms = zero_times(self._log)
        found = cameras(self._log)
        self._live = set(found.loc[found["live"], CAMERA_KEYS].itertuples(index=False, name=None))
        queries = log.facecam
        self._people = session_times(queries.presence().rename(columns={"name": "text"}), zero_ms)
        self._unknown = session_times(queries.unknown_visits().assign(text=UNKNOWN), zero_ms)
        self._objects = session_times(queries.object_spans().rename(columns={"label_1": "text"}), zero_ms)
        self._expressions = session_times(queries.expression_spans().rename(columns={"expression": "text"}), zero_ms)

    def _placed(
        self, table: pd.DataFrame, timeline: MediaTimeline, least_ms: int, keys: Sequence[str] = ("text",)
    ) -> pd.DataFrame:
        sources = table[CAMERA_KEYS].astype(object).fillna("").itertuples(index=False, name=None)
        is_live = np.array([source in self._live for source in sources], bool)
        return timeline.place(timeline.rows(table, is_live), list(keys), least_ms)

    def people(self, timeline: MediaTimeline, least_ms: int) -> list[Span]:
        """Return the spans of each person, whose own do not overlap."""
        return _spans(self._placed(self._people, timeline, least_ms))

    def unknown(self, timeline: MediaTimeline, least_ms: int) -> list[Span]:
        """Return the spans in which at least one face stayed unknown."""
        return _spans(self._placed(self._unknown, timeline, least_ms))

    def objects(self, timeline: MediaTimeline, least_ms: int) -> list[Span]:
        """Return the spans of each object."""
        return _spans(self._placed(self._objects, timeline, least_ms))

    def markers(self, timeline: MediaTimeline) -> list[Span]:
        """Return the markers of the session."""
        rows = self._log[(self._log["event"] == "marker") & (self._log["session_id"] == timeline.session_id)]
        rows = rows[rows["marker"].notna() & rows["t_ms"].notna()]
        times = rows["t_ms"].astype(float)
        return _spans(timeline.place(rows.assign(text=rows["marker"], begin_ms=times, end_ms=times), ["text"], _MARKER_MS))

    def tiers(self, timeline: MediaTimeline) -> list[Tier]:
        """Return a tier for each person, the unknown faces, the objects, the markers and the expressions of each person."""
        least_ms = _LEAST_ANNOTATION_MS
        people = groupby(sorted(self.people(timeline, least_ms), key=_text), _text)
        tiers = [Tier(name, tuple(spans), name) for name, spans in people]
        tiers.append(Tier(UNKNOWN, tuple(self.unknown(timeline, least_ms))))
        tiers.append(Tier("objects", tuple(without_overlaps(self.objects(timeline, least_ms)))))
        tiers.append(Tier("markers", tuple(without_overlaps(self.markers(timeline)))))
        shown = self._placed(self._expressions, timeline, least_ms, ["name", "text"])
        for name, rows in shown.groupby("name", observed=True, sort=True):
            tiers.append(Tier(f"{name}: expression", tuple(without_overlaps(_spans(rows))), str(name)))
        return [tier for tier in tiers if tier.spans]


def _text(span: Span) -> str:
    return span.text


def _spans(table: pd.DataFrame) -> list[Span]:
    columns = (table["begin_ms"].tolist(), table["end_ms"].tolist(), table["text"].astype(str).tolist())
    return [Span(int(begin), int(end), text) for begin, end, text in zip(*columns, strict=True)]


def without_overlaps(spans: Sequence[Span]) -> list[Span]:
    """Return spans that do not overlap: one that another one begins in ends there, and those of one moment are joined."""
    ordered = sorted(spans, key=lambda span: span.begin_ms)
    merged = []
    for begin_ms, same in groupby(ordered, lambda span: span.begin_ms):
        group = list(same)
        merged.append(Span(begin_ms, max(span.end_ms for span in group), ", ".join(dict.fromkeys(map(_text, group)))))
    ends = [min(one.end_ms, other.begin_ms) for one, other in pairwise(merged)] + [span.end_ms for span in merged[-1:]]
    return [Span(span.begin_ms, end_ms, span.text) for span, end_ms in zip(merged, ends, strict=True)]


def subtitles(people: Sequence[Span], objects: Sequence[Span]) -> list[Span]:
    """Return subtitles that do not overlap, each with everyone and everything that is seen: a line of people, one of objects."""
    moments = sorted({edge for span in (*people, *objects) for edge in (span.begin_ms, span.end_ms)})
    lines = [_active(spans, moments) for spans in (people, objects)]
    found: list[Span] = []
    for (begin_ms, end_ms), *texts in zip(pairwise(moments), *lines, strict=True):
        text = "\n".join(", ".join(map(_one_line, line)) for line in texts if line)
        if text and found and found[-1].end_ms == begin_ms and found[-1].text == text:
            found[-1] = Span(found[-1].begin_ms, end_ms, text)
        elif text:
            found.append(Span(begin_ms, end_ms, text))
    return found


def _active(spans: Sequence[Span], moments: Sequence[int]) -> Iterator[list[str]]:
    """Yield the texts of the spans between each two moments that follow each other, those that began first come first."""
    waiting = sorted(spans, key=lambda span: span.begin_ms, reverse=True)
    active: list[Span] = []
    for moment in moments[:-1]:
        active = [span for span in active if span.end_ms > moment]
        while waiting and waiting[-1].begin_ms <= moment:
            active.append(waiting.pop())
        yield list(dict.fromkeys(map(_text, active)))


def webvtt(cues: Sequence[Span]) -> bytes:
    """Return a WebVTT file."""
    blocks = [
        f"{number}\n{_cue_time(cue.begin_ms)} --> {_cue_time(cue.end_ms)}\n{_cue_text(cue.text)}\n"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n".join(["WEBVTT\n", *blocks]).encode()


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))


def _cue_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cue_time(at_ms: int) -> str:
    seconds, milliseconds = divmod(at_ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"


def elan(tiers: Sequence[Tier], timeline: MediaTimeline, target: Path) -> bytes:
    """Return an ELAN file (EAF 3.0) about a timeline, to be written to `target`, from where it names the video."""
    root = ET.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "facecam",
            "DATE": timeline.started_at_utc.isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    header = ET.SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    if timeline.video is not None:
        ET.SubElement(header, "MEDIA_DESCRIPTOR", _media(timeline.video, target))
    ET.SubElement(header, "PROPERTY", {"NAME": "facecam session"}).text = timeline.session_id
    count = sum(len(tier.spans) for tier in tiers)
    ET.SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"}).text = str(count)
    moments = sorted({edge for tier in tiers for span in tier.spans for edge in (span.begin_ms, span.end_ms)})
    slots = {at_ms: f"ts{number}" for number, at_ms in enumerate(moments, start=1)}
    order = ET.SubElement(root, "TIME_ORDER")
    for at_ms, slot in slots.items():
        ET.SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slot, "TIME_VALUE": str(at_ms)})
    names: list[str] = []
    number = 0
    for tier in tiers:
        name = _unused(_xml_text(tier.name), (used.casefold() for used in names), " ")
        names.append(name)
        attributes = {"LINGUISTIC_TYPE_REF": _TIER_TYPE, "TIER_ID": name}
        attributes |= {"PARTICIPANT": _xml_text(tier.participant)} if tier.participant else {}
        element = ET.SubElement(root, "TIER", attributes)
        for span in tier.spans:
            number += 1
            ends = {"TIME_SLOT_REF1": slots[span.begin_ms], "TIME_SLOT_REF2": slots[span.end_ms]}
            annotation = ET.SubElement(element, "ANNOTATION")
            aligned = ET.SubElement(annotation, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": f"a{number}"} | ends)
            ET.SubElement(aligned, "ANNOTATION_VALUE").text = _xml_text(span.text)
    ET.SubElement(
        root,
        "LINGUISTIC_TYPE",
        {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": _TIER_TYPE, "TIME_ALIGNABLE": "true"},
    )
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return data + b"\n"


def _media(video: Path, target: Path) -> dict[str, str]:
    """Return the attributes of a MEDIA_DESCRIPTOR: the video's address, and its path from the folder of the target."""
    absolute = Path(os.path.realpath(video))
    found: dict[str, Any] = {"MEDIA_URL": absolute.as_uri()}
    found["MIME_TYPE"] = _MEDIA_TYPES.get(video.suffix.lower(), _UNKNOWN_MEDIA)
    try:
        relative = Path(os.path.relpath(absolute, os.path.realpath(target.parent))).as_posix()
    except ValueError:  # on another drive of Windows
        return found
    return found | {"RELATIVE_MEDIA_URL": _xml_text(relative if relative.startswith("../") else f"./{relative}")}


def _xml_text(text: str) -> str:
    """Return a text in one line without the characters that XML forbids."""
    return _NOT_IN_XML.sub("\ufffd", _one_line(text))
