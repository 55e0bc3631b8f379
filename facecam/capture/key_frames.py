"""Parts of a long video that can be read independently: where they begin depends on the file alone."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from facecam.capture.files import VideoFile
from facecam.capture.media import MediaError, MediaReader
from facecam.types import Frame

_MAX_GAP_MS = 86_400_000.0
_TOLERANCE_MS = 0.5


@dataclass(frozen=True, slots=True)
class VideoPart:
    """Frames `first_index` to `end_index` (exclusive, None for the end) of a video, read from an earlier key frame on.

    Attributes:
        first_index: Number of the first frame of the part.
        end_index: Number of the first frame after it; None for the last part.
        warm_index: Number of the key frame from which it is read.
        warm_ms: Time of that frame.
        last_ms: Time of the last frame of the part, None for the last part.
    """

    first_index: int = 0
    end_index: int | None = None
    warm_index: int = 0
    warm_ms: float = 0.0
    last_ms: float | None = None


WHOLE = VideoPart()
"""A video in one part."""


class PartError(Exception):
    """The frames of a part are not those that the file's index states, so that the video must be read in one part."""


def cut_video(path: Path, part_ms: float, overlap_ms: float) -> tuple[VideoPart, ...]:
    """Return the parts of a video: they begin at the key frames nearest to the multiples of `part_ms`.

    A part is read from the last key frame on that is at least `overlap_ms` before it. A video is one part if it is short or
    damaged, or if its frames cannot be found by their times.
    """
    try:
        with MediaReader.open_file(path, threads=1) as reader:
            packets = list(reader.stamps())
            if reader.fault is not None or reader.damaged_packets:
                return (WHOLE,)
            parts = _parts_of(packets, part_ms, overlap_ms)
            # Some formats have no index of their key frames: MPEG-TS is sought by its size.
            begin_ms = packets[0][0] if len(parts) > 1 else None
            can_be_sought = begin_ms is None or all(
                _is_found(reader, begin_ms + part.warm_ms) for part in parts if part.warm_index
            )
    except MediaError:
        return (WHOLE,)
    return parts if can_be_sought else (WHOLE,)


def _is_found(reader: MediaReader, stamp_ms: float) -> bool:
    """Return whether seeking leads to the key frame of a time stamp, or to an earlier one."""
    if not reader.seek(stamp_ms):
        return False
    found = next((stamp for stamp, is_key in reader.stamps() if is_key), None)
    return found is not None and found <= stamp_ms + _TOLERANCE_MS


def _parts_of(packets: list[tuple[float | None, bool]], part_ms: float, overlap_ms: float) -> tuple[VideoPart, ...]:
    """Return the parts of a video with these packets: time stamp, and whether it is a key frame."""
    times = sorted(stamp_ms for stamp_ms, _ in packets if stamp_ms is not None)
    steps = [after - before for before, after in pairwise(times)]
    if len(times) < max(2, len(packets)) or not all(0 < step <= _MAX_GAP_MS for step in steps):
        return (WHOLE,)
    stamp_ms, is_key = packets[0]
    if not is_key or stamp_ms != times[0]:
        return (WHOLE,)  # The frames before the first key frame are not shown.
    keys = sorted(stamp_ms - times[0] for stamp_ms, is_key in packets if is_key and stamp_ms is not None)
    return _parts([time - times[0] for time in times], keys, part_ms, overlap_ms)


def _parts(times: list[float], keys: list[float], part_ms: float, overlap_ms: float) -> tuple[VideoPart, ...]:
    """Return the parts of a video with frames and key frames at these times, both sorted and from 0 on."""
    cuts: list[float] = []
    for number in range(1, math.ceil(times[-1] / part_ms)):
        target_ms = number * part_ms
        place = bisect_left(keys, target_ms)
        nearest = min(keys[max(0, place - 1) : place + 1], key=lambda key: abs(key - target_ms))
        # The last part has at least half the length, and so has each between two key frames that are far apart.
        if nearest - (cuts[-1] if cuts else 0.0) >= part_ms / 2 and times[-1] - nearest >= part_ms / 2:
            cuts.append(nearest)
    parts = [WHOLE]
    for cut_ms in cuts:
        first = bisect_left(times, cut_ms)
        warm_ms = keys[max(0, bisect_right(keys, cut_ms - overlap_ms) - 1)]
        parts[-1] = replace(parts[-1], end_index=first, last_ms=times[first - 1])
        parts.append(VideoPart(first, None, bisect_left(times, warm_ms), warm_ms))
    return tuple(parts)


def read_part(video: VideoFile, part: VideoPart, every: int = 1) -> Iterator[Frame]:
    """Yield every N-th frame of a part and of the frames before it from which it is read. Frames keep their index and time.

    Raises:
        PartError: The frames are not where the file's index states.
    """
    shift, first = _seek(video, part)
    if first is not None and part.warm_index % every == 0:
        yield first
    index = part.warm_index + (first is not None)
    last: Frame | None = None
    while part.end_index is None or index < part.end_index:
        if index % every:
            if not video.skip():
                break
        elif (frame := video.read()) is None:
            break
        else:
            last = replace(frame, index=frame.index + shift)
            yield last
        index += 1
    if part.end_index is not None and (index < part.end_index or not _is_in_place(last, part)):
        raise PartError


def _seek(video: VideoFile, part: VideoPart) -> tuple[int, Frame | None]:
    """Go to the key frame from which a part is read; return what to add to the numbers of frames, and that frame.

    A video is read from its beginning without seeking, and the frame is None.
    """
    if not part.warm_index:
        return 0, None
    video.seek(part.warm_ms)
    found = video.read()
    if found is None or abs(found.t_ms - part.warm_ms) > _TOLERANCE_MS:
        raise PartError
    return part.warm_index - found.index, replace(found, index=part.warm_index)


def _is_in_place(last: Frame | None, part: VideoPart) -> bool:
    """Return whether the last frame that was read has the time of the last frame of the part, if it is that one."""
    if last is None or part.last_ms is None or part.end_index is None or last.index != part.end_index - 1:
        return True
    return abs(last.t_ms - part.last_ms) <= _TOLERANCE_MS
