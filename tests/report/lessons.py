"""Sessions of the current version in which the times of every person are known, written by the session's own writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from facecam.logbook.schema import RowOrigin, SessionInfo
from facecam.logbook.writer import LogWriter
from facecam.types import Event, FrameCounts, SourceTime, TimeOrigin
from tests.report.conftest import person_id, result, sighting

Spans = Sequence[tuple[float, float]]
"""Begin and end of each visit in seconds of the session."""


def write_session(
    folder: Path,
    start: datetime,
    people: Mapping[str, Spans],
    *,
    seconds: float,
    step_s: float = 1.0,
    enrolled: Sequence[str] | None = None,
    labels: Mapping[str, str] | None = None,
    markers: Mapping[float, str] | None = None,
    origin: TimeOrigin = TimeOrigin.CLOCK,
    processed_at: datetime | None = None,
    source: str = "camera 0",
    suffix: str = "beef",
    counts: bool = True,
) -> Path:
    """Write a session with one frame per step, and return its log. `start` is the time of its first frame."""
    details: dict[str, object] = {"source": source}
    if enrolled is not None:
        details["people"] = [{"person_id": person_id(name), "name": name} for name in enrolled]
    now = processed_at or start
    session = SessionInfo(f"{now:%Y%m%dT%H%M%SZ}-{suffix}", now, "0.1.0", "nn4", "fer", labels or {}, details)
    time = SourceTime(start, origin)
    row_origin = RowOrigin(source, "", None, time)
    tracks = {name: [100 * place + number for number in range(len(spans))] for place, (name, spans) in enumerate(people.items())}
    waiting = dict(sorted((markers or {}).items()))
    frames = round(seconds / step_s)
    with_faces = 0
    with LogWriter(folder, session) as writer:
        for index in range(frames):
            at_s = index * step_s
            while waiting and next(iter(waiting)) <= at_s:
                marked_s = next(iter(waiting))
                writer.event(Event("marker", "", marker=waiting.pop(marked_s)), marked_s * 1000, RowOrigin("", "", None, time))
            sightings = tuple(
                sighting(name, tracks[name][number])
                for name, spans in people.items()
                for number, (begin, end) in enumerate(spans)
                if begin <= at_s <= end
            )
            with_faces += bool(sightings)
            if sightings or not index:
                events = () if sightings else (Event("empty", ""),)
                found = result(at_s * 1000, index, sightings=sightings, threshold_l2=0.3, events=events, source=source)
                writer.write(found, 0, None if origin is TimeOrigin.CLOCK else time)
        if counts:
            frame_counts = FrameCounts(frames, frames, with_faces, frames * step_s * 1000)
            writer.event(Event("frames", "", frames=frame_counts), frames * step_s * 1000, row_origin)
    return writer.path


def at(start: datetime, seconds: float) -> datetime:
    """Return the time of a second of the session, without microseconds."""
    return (start + timedelta(seconds=seconds)).replace(microsecond=0)
