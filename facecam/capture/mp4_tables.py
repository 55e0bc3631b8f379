"""Check of what an MP4 or MOV file states about its frames, before FFmpeg reserves memory for them.

The index of an MP4 can state millions of frames in a few bytes: one size for all of them, or a fragment without a field for
each. FFmpeg reserves about 70 bytes per frame, so that a file of 2 KB took 4 GB. The index is searched for its tables byte by
byte instead of box by box, because FFmpeg finds a table in many places.

References: ISO/IEC 14496-12, sections 8.6.1.2 (stts), 8.7.3 (stsz, stz2) and 8.8.8 (trun); QuickTime File Format, "Compressed
movie resources" (cmov).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from facecam.fileio import open_regular

MAX_FRAMES = 10_000_000
"""Maximum number of frames and audio packets that an index may state: four days at 25 frames per second."""

_MAX_INDEX_BYTES = 256 * 1024**2
"""Maximum size of an index: 10 million frames with times, sizes and key frames have less."""

_KINDS = (b"stsz", b"stz2", b"trun", b"cmvd")
_PARSED = frozenset(
    {b"moov", b"cmov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex", b"udta", b"meta", b"edts", b"dinf", b"wave"}
    | {*_KINDS}
)
"""Boxes in which FFmpeg looks for tables, wherever they are, and the tables themselves."""

_TABLE_BYTES = 12
"""What is read of a table after its kind."""

_SMALL_TABLE_BYTES = 1 << 20
_WINDOW_BYTES = 4096
_TABLE = re.compile(b"|".join(_KINDS))
_OTHER_HANDLERS = frozenset({b"alis", b"url ", b"mdir", b"mdta"})


def stated_frames(path: Path) -> int:
    """Return the number of frames and packets for which an MP4 or MOV file lets FFmpeg reserve memory, 0 for another format.

    Uncompressed audio does not count, because FFmpeg keeps it by chunks. An index that is too large to be read, or that cannot
    be unpacked, counts as one frame more than MAX_FRAMES.

    Raises:
        OSError: The file cannot be read.
    """
    count = 0
    for index in _indexes(path):
        count += MAX_FRAMES + 1 if index is None else _frames_in(index)
        if count > MAX_FRAMES:
            break
    return count


class TableMonitor:
    """Count of the frames that an MP4 states while it arrives from a server.

    Where the index is, is not known then. What looks like a table with a large count is one, unless its size is that of an
    ordinary table: in a gigabyte of video, one such place is found in several thousand.
    """

    def __init__(self) -> None:
        self._last = b""
        self._count = 0

    def exceeds(self, data: bytes) -> bool:
        """Return whether more than MAX_FRAMES are stated so far, `data` included."""
        data = self._last + data
        if not any(kind in data for kind in _KINDS):  # ten times as fast as the search for all of them at once
            self._last = data[-_TABLE_BYTES - 8 :]
            return False
        for table in _TABLE.finditer(data, 4):
            at = table.end()
            if not len(self._last) < at + _TABLE_BYTES <= len(data):  # counted before, or complete only with the next data
                continue
            size = int.from_bytes(data[table.start() - 4 : table.start()], "big")
            if 16 <= size < _SMALL_TABLE_BYTES:
                self._count += MAX_FRAMES + 1 if table[0] == b"cmvd" else _small_table_frames(table[0], data, at)
        self._last = data[-_TABLE_BYTES - 8 :]
        return self._count > MAX_FRAMES


def _small_table_frames(kind: bytes, data: bytes, at: int) -> int:
    """Return the frames that a table states without a field for each."""
    if kind == b"trun":
        flags, samples = _integers(data, at)
        return 0 if flags & 0xF00 else samples
    size, samples = _integers(data, at + 4)
    return samples if size or kind == b"stz2" else 0


def _indexes(path: Path) -> Iterator[bytes | None]:
    """Yield kind and content of each outermost box that FFmpeg parses, None for one that is too large."""
    with open_regular(path) as file:
        size_bytes = file.seek(0, 2)
        at, window, window_at = 0, b"", 0
        while at + 8 <= size_bytes:
            if not window_at <= at <= window_at + len(window) - 16:
                # A recording of a day has 86,000 fragments, each with a small index.
                file.seek(at)
                window, window_at = file.read(_WINDOW_BYTES), at
            head = window[at - window_at : at - window_at + 16]
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            header_bytes = 8
            if length == 1:
                length, header_bytes = int.from_bytes(head[8:16], "big"), 16
            elif length == 0:
                length = size_bytes - at
            if length < header_bytes:
                return
            if kind in _PARSED:
                start, content_bytes = at + header_bytes, min(length, size_bytes - at) - header_bytes
                content = window[start - window_at :][:content_bytes]
                if len(content) < content_bytes <= _MAX_INDEX_BYTES:
                    file.seek(start)
                    content = file.read(content_bytes)
                yield kind + content if content_bytes <= _MAX_INDEX_BYTES else None
            at += length


def _frames_in(index: bytes) -> int:
    count = 0
    for table in _TABLE.finditer(index):
        kind, at = table[0], table.end()
        if kind == b"trun":
            flags, samples = _integers(index, at)
            # Each field of a frame takes four bytes, which bounds the number of frames by the size of the file.
            count += 0 if flags & 0xF00 else samples
        elif kind == b"cmvd":
            inflated = _inflated(index[at + 4 :])
            count += MAX_FRAMES + 1 if inflated is None else _frames_in(inflated)
        elif kind in (b"stsz", b"stz2"):
            samples = _integers(index, at + 4)[1]
            count += 0 if samples > MAX_FRAMES and _is_plain_audio(index, at, samples) else samples
        if count > MAX_FRAMES:
            break
    return count


def _is_plain_audio(index: bytes, at: int, samples: int) -> bool:
    """Return whether the table at this place belongs to a track that FFmpeg keeps by chunks, not by samples."""
    start = max(index.rfind(b"trak", 0, at), 0)
    end = index.find(b"trak", at)
    track = index[start : end if end >= 0 else len(index)]
    handlers = {track[found.end() + 8 : found.end() + 12] for found in re.finditer(rb"hdlr", track)}
    times = [track[found.end() + 4 : found.end() + 16] for found in re.finditer(rb"stts", track)]
    return b"soun" in handlers and handlers - {b"soun"} <= _OTHER_HANDLERS and times == [struct.pack(">III", 1, samples, 1)]


def _integers(index: bytes, at: int) -> tuple[int, int]:
    """Return two big-endian integers, 0 where the data end before them."""
    return int.from_bytes(index[at : at + 4], "big"), int.from_bytes(index[at + 4 : at + 8], "big")


def _inflated(data: bytes) -> bytes | None:
    """Return an unpacked index, None when it is damaged or too large."""
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(data, _MAX_INDEX_BYTES)
    except zlib.error:
        return None
    return content if not inflater.unconsumed_tail else None
