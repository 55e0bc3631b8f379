"""Sizes that the AV1 bitstreams of an AVIF image state, for which a decoder takes memory whatever its container states.

References: ISO/IEC 14496-12, section 8.11.3 (iloc); AV1 Bitstream & Decoding Process Specification, sections 5.3 and 5.5.
"""

from __future__ import annotations

import contextlib
import re
import struct
from collections.abc import Iterator

from facecam.errors import ImageError

_AV1_SEQUENCE_HEADER = 1
_MAX_OBUS = 10_000


def av1_sizes(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield width and height of each sequence header in an AVIF image; nothing where the container or a bitstream is damaged."""
    found = 0
    for stream in _av1_streams(data):
        at = 0
        while at < len(stream) and found < _MAX_OBUS:
            found += 1
            head, at = stream[at], at + (2 if stream[at] & 4 else 1)
            size = len(stream) - at
            if head & 2:
                size, at = _leb128(stream, at)
            if head >> 3 & 15 == _AV1_SEQUENCE_HEADER:
                yield _av1_size(_Bits(bytes(stream[at : at + min(size, 256)])))
            at += size


def _av1_streams(data: bytes) -> Iterator[memoryview]:
    """Yield the content of each item, and what follows the start of each chunk of an image sequence."""
    idat = data.find(b"idat") + 4
    for table in re.finditer(rb"iloc", data):
        with contextlib.suppress(struct.error, IndexError, OverflowError):
            yield from _item_contents(data, table.end(), idat)
    for table in re.finditer(rb"stco|co64", data):
        width = 4 if table[0] == b"stco" else 8
        (count,) = struct.unpack_from(">I", data[table.end() + 4 : table.end() + 8].rjust(4, b"\0"))
        for at in range(table.end() + 8, min(table.end() + 8 + width * count, len(data)), width)[:_MAX_OBUS]:
            yield memoryview(data)[int.from_bytes(data[at : at + width], "big") :]


def _item_contents(data: bytes, at: int, idat: int) -> Iterator[memoryview]:
    """Yield the content of each item that an `iloc` box lists, whose content begins at `at`.

    ImageError when items of several pieces together are larger than the file.
    """
    joined_bytes = 0

    def number(size: int) -> int:
        nonlocal at
        at += size
        if at > len(data):
            raise IndexError
        return int.from_bytes(data[at - size : at], "big")

    version = number(4) >> 24
    sizes = number(2)
    offset_bytes, length_bytes, base_bytes = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_bytes = sizes & 15 if version else 0
    for _ in range(number(4 if version == 2 else 2)):
        number(4 if version == 2 else 2)
        is_in_idat = version > 0 and number(2) & 15 == 1
        number(2)
        start = number(base_bytes) + (idat if is_in_idat else 0)
        pieces = []
        for _ in range(number(2)):
            number(index_bytes)
            first = start + number(offset_bytes)
            length = number(length_bytes)
            pieces.append(memoryview(data)[first : first + length] if length else memoryview(data)[first:])
        if len(pieces) == 1:
            yield pieces[0]
            continue
        joined_bytes += sum(map(len, pieces))
        if joined_bytes > len(data):
            raise ImageError("its parts overlap")
        yield memoryview(b"".join(pieces))


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number of variable length, and the place after it."""
    value = 0
    for shift in range(0, 56, 7):
        byte = data[at : at + 1] or b"\0"
        value, at = value | (byte[0] & 0x7F) << shift, at + 1
        if not byte[0] & 0x80:
            break
    return value, at


class _Bits:
    """Reader of bits, which are 0 after the end."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def read(self, count: int) -> int:
        """Return the next bits as a number."""
        self._left -= count
        mask = (1 << count) - 1
        return self._value >> self._left & mask if self._left >= 0 else self._value << -self._left & mask

    def skip_uvlc(self) -> None:
        """Skip a number of variable length."""
        zeros = 0
        while zeros < 32 and self._left > 0 and not self.read(1):
            zeros += 1
        self.read(zeros if zeros < 32 else 0)


def _av1_size(bits: _Bits) -> tuple[int, int]:
    """Return the size in a sequence header."""
    bits.read(4)  # profile, and whether it is a still picture
    if bits.read(1):
        bits.read(5)
    else:
        delay_bits = _skip_timing(bits)
        has_display_delay = bits.read(1)
        for _ in range(bits.read(5) + 1):
            bits.read(12)
            if bits.read(5) > 7:
                bits.read(1)
            if delay_bits and bits.read(1):
                bits.read(2 * delay_bits + 1)
            if has_display_delay and bits.read(1):
                bits.read(4)
    width_bits, height_bits = bits.read(4) + 1, bits.read(4) + 1
    return bits.read(width_bits) + 1, bits.read(height_bits) + 1


def _skip_timing(bits: _Bits) -> int:
    """Skip the timing of a sequence header and return the length of its delays, 0 without any."""
    delay_bits = 0
    if bits.read(1):
        bits.read(64)
        if bits.read(1):
            bits.skip_uvlc()
        if bits.read(1):
            delay_bits = bits.read(5) + 1
            bits.read(42)
    return delay_bits
