"""Joining the parts of a video: tracks continue across the cuts, and the rows are those of one session. Pure.

A part is read from some seconds before it on, so that its tracker has settled where it begins. A track of a part continues that
track of the part before with which it shares the most recent frame before the cut: the boxes overlap there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from facecam.archive.part import PartRows
from facecam.detection.boxes import iou
from facecam.logbook.schema import NAMES, RowOrigin, SessionInfo, csv_line, event_row, formatter
from facecam.session.record import FrameCounter
from facecam.types import Box, Event, EventCode, FrameCounts

_SAME_IOU = 0.5
_MIN_SIDE_PX = 0.1

_COLUMN = {name: place for place, name in enumerate(NAMES)}
_SESSION = _COLUMN["session_id"]
_TRACK, _AGE, _EVENT = _COLUMN["track_id"], _COLUMN["track_age_ms"], _COLUMN["event"]
_NAME, _PERSON, _TIME = _COLUMN["name"], _COLUMN["person_id"], _COLUMN["t_ms"]
_MESSAGE, _CODE, _EARLIER = _COLUMN["message"], _COLUMN["event_code"], _COLUMN["event_person"]
_BOX = tuple(_COLUMN[name] for name in ("x", "y", "w", "h"))

_KEPT_BOXES = 600
"""Frames of a track before a cut whose boxes are compared, at least."""

_age_text = formatter("track_age_ms")

_Row = list[str]


@dataclass(slots=True)
class _Track:
    """A track of the joined log. `entered` has name and id of its last `enter`, None before the first or after its exit."""

    track_id: int
    first_ms: float | None
    last_ms: float = 0.0
    last_index: int = 0
    boxes: dict[int, Box] = field(default_factory=dict)
    entered: tuple[str, str] | None = None
    has_exited: bool = False

    def add_box(self, index: int, box: Box) -> None:
        """Keep the box of a frame, and forget those of early frames."""
        if len(self.boxes) >= 2 * _KEPT_BOXES:
            for early in list(self.boxes)[:_KEPT_BOXES]:
                del self.boxes[early]
        self.boxes[index] = box


class JoinedLog:
    """Log of a whole video, made from its parts.

    Args:
        session: Description of the session.
        origin: Source, mode and time of its rows.
        leave_after_ms: Time after which a track that is not seen ends.
        nominal_interval_ms: Time between two frames, for a video of one frame.
    """

    def __init__(self, session: SessionInfo, origin: RowOrigin, *, leave_after_ms: float, nominal_interval_ms: float) -> None:
        self._session = session
        self._origin = origin
        self._leave_after_ms = leave_after_ms
        self._interval_ms = nominal_interval_ms
        self._counter = FrameCounter()
        self._last_ms = 0.0
        self._count = 0
        self._tracks: dict[int, _Track] = {}
        """Tracks of the last part, by their id there."""
        self._is_first = True

    def lines(self, parts: Iterable[PartRows]) -> Iterator[str]:
        """Yield the lines of the log. Each of the parts, which are in order, is read once."""
        for part in parts:
            yield from self._add(part)
        yield from self._exits([track for track in self._tracks.values() if not track.has_exited])
        yield self._counts()

    @property
    def frame_counts(self) -> FrameCounts:
        """Counts of the frames so far."""
        return self._counter.counts(0, self._interval_ms)

    def _add(self, part: PartRows) -> Iterator[str]:
        """Yield the lines of the next part."""
        if part.continues:
            self._forget_ended()
        elif not self._is_first:
            yield from self._continue_tracks(part)
        self._is_first = False
        rows = [(index, _cells(line)) for index, line in part.rows]
        self._add_tracks(rows)
        place = 0
        for index, t_ms, has_faces in part.frames:
            self._last_ms = t_ms
            while place < len(rows) and rows[place][0] == index:
                yield from self._line(index, t_ms, rows[place][1])
                place += 1
            if has_faces is None:
                self._counter.add_failed()
            elif self._counter.add(t_ms, 0.0, None, has_faces=has_faces):
                yield self._counts()

    def _counts(self) -> str:
        event = Event("frames", frames=self.frame_counts)
        return csv_line(event_row(event, self._session, self._last_ms, self._origin))

    def _exits(self, tracks: Sequence[_Track]) -> Iterator[str]:
        for track in sorted(tracks, key=lambda track: track.track_id):
            if track.entered is not None:
                name, person_id = track.entered
                event = Event(
                    "exit",
                    f"last seen at {track.last_ms:.0f} ms",
                    track.track_id,
                    name or None,
                    last_seen_ms=track.last_ms,
                    last_seen_index=track.last_index,
                    person_id=person_id or None,
                )
                track.entered = None
                yield csv_line(event_row(event, self._session, self._last_ms, self._origin))

    def _add_tracks(self, rows: Sequence[tuple[int, _Row]]) -> None:
        """Number the tracks that begin in a part in the order in which they began."""
        own_ids = {int(row[_TRACK]) for _, row in rows if row[_EVENT] == "seen"}
        for own_id in sorted(own_ids - self._tracks.keys()):
            self._tracks[own_id] = self._new_track(None)

    def _forget_ended(self) -> None:
        """Forget the tracks that have ended: a part can be a day long."""
        since_ms = self._last_ms - self._leave_after_ms
        ended = [own_id for own_id, one in self._tracks.items() if one.last_ms < since_ms and (one.has_exited or not one.entered)]
        for own_id in ended:
            del self._tracks[own_id]

    def _new_track(self, first_ms: float | None) -> _Track:
        self._count += 1
        return _Track(self._count, first_ms)

    def _line(self, index: int, t_ms: float, row: _Row) -> Iterator[str]:
        """Yield the line of a row of the last part, in the form that it has in the joined log."""
        row[_SESSION] = self._session.session_id
        if row[_TRACK]:
            track = self._tracks.get(int(row[_TRACK]))
            if track is None:
                return  # It ended before the part began.
            row[_TRACK] = str(track.track_id)
            if row[_EVENT] == "seen":
                track.last_ms, track.last_index = t_ms, index
                track.add_box(index, _box(row))
                # In full precision: the rows have three decimals.
                track.first_ms = t_ms if track.first_ms is None else track.first_ms
                row[_AGE] = _age_text(t_ms - track.first_ms)
            elif row[_EVENT] == "enter":
                if not self._enter(track, row):
                    return
            elif row[_EVENT] == "exit":
                track.has_exited = True
                if track.entered is None:
                    return
                track.entered = None
        yield csv_line(row)

    @staticmethod
    def _enter(track: _Track, row: _Row) -> bool:
        """Adapt a row of `enter` to what the track was before, and return whether that has changed."""
        before = track.entered
        track.entered = row[_NAME], row[_PERSON]
        if before is not None and before[0] == row[_NAME]:
            return False
        changed = before is not None
        row[_MESSAGE] = f"was {_plain(before[0]) or 'unknown'}" if before is not None else ""
        row[_CODE] = EventCode.NAME_CHANGED.value if changed else ""
        row[_EARLIER] = before[0] if before is not None else ""
        return True

    def _continue_tracks(self, part: PartRows) -> Iterator[str]:
        """Find the track of the part before that each track of the next part continues; the others end at the cut."""
        open_tracks = [track for track in self._tracks.values() if not track.has_exited]
        left = {one.track_id: one for one in open_tracks if self._last_ms - one.last_ms <= self._leave_after_ms}
        own = {own_id: one for own_id, one in _tracks_before(part).items() if one.last_ms >= self._last_ms - self._leave_after_ms}
        pairs = [(_shared(one, other), track_id, own_id) for track_id, one in left.items() for own_id, other in own.items()]
        self._tracks = {}
        for frame, track_id, own_id in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:])):
            if frame >= 0 and track_id in left and own_id not in self._tracks:
                self._tracks[own_id] = left.pop(track_id)
        continued = {track.track_id for track in self._tracks.values()}
        yield from self._exits([track for track in open_tracks if track.track_id not in continued])
        for own_id, other in sorted(own.items()):
            track = self._tracks.get(own_id) or self._new_track(other.first_ms)
            self._tracks[own_id] = track
            if other.enter is not None:  # The part has decided on the track before it begins.
                other.enter[_TRACK] = str(track.track_id)
                if self._enter(track, other.enter):
                    yield csv_line(other.enter)


@dataclass(slots=True)
class _TrackBefore:
    """A track of a part in the frames before it. `enter` is its last row of that kind."""

    first_ms: float
    last_ms: float = 0.0
    boxes: dict[int, Box] = field(default_factory=dict)
    enter: _Row | None = None
    has_exited: bool = False


def _tracks_before(part: PartRows) -> dict[int, _TrackBefore]:
    """Return the tracks of a part that have not ended before it, as they are in the frames before it, by their id."""
    found: dict[int, _TrackBefore] = {}
    for index, line in part.before:
        row = _cells(line)
        if not row[_TRACK]:
            continue
        own_id = int(row[_TRACK])
        if row[_EVENT] == "seen":
            track = found.setdefault(own_id, _TrackBefore(float(row[_TIME]) - float(row[_AGE])))
            track.last_ms = float(row[_TIME])
            track.boxes[index] = _box(row)
        elif own_id in found and row[_EVENT] == "enter":
            found[own_id].enter = row
        elif own_id in found and row[_EVENT] == "exit":
            found[own_id].has_exited = True
    return {own_id: track for own_id, track in found.items() if not track.has_exited}


def _shared(one: _Track, other: _TrackBefore) -> int:
    """Return the number of the last frame in which the boxes of two tracks overlap, -1 without one."""
    frames = one.boxes.keys() & other.boxes.keys()
    return max((frame for frame in frames if iou(one.boxes[frame], other.boxes[frame]) >= _SAME_IOU), default=-1)


def _box(row: _Row) -> Box:
    x, y, w, h = (float(row[place]) for place in _BOX)
    return Box(x, y, max(w, _MIN_SIDE_PX), max(h, _MIN_SIDE_PX))


def _cells(line: str) -> _Row:
    return next(csv.reader(io.StringIO(line, newline="")))


def _plain(cell: str) -> str:
    """Return the text of a cell without the apostrophe that keeps spreadsheets from running it."""
    return cell.removeprefix("'")
