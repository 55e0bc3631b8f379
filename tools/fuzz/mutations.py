"""Random damage to a file's bytes. The same random generator gives the same damage."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Sequence

_EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
"""Values of lengths and sizes at which readers overflow or reserve too much memory."""

_TOKENS = (
    b"\0",
    b"\xef\xbb\xbf",
    b"[" * 4000,
    b"{" * 4000,
    b'"' * 7,
    b"9" * 400,
    b"-1e999",
    b"nan",
    b"0000-99-99T99:99:99Z",
    b"\x1b]0;title\x07",
    b"=1+1",
    b"\xff\xfe",
    "\u202e".encode(),
    b"\r\n" * 20,
    b";" * 40,
)
"""Texts that formats of text treat in a special way."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def mutate(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return the data with damage of one to four kinds; `others` are further files of the format, to take parts from."""
    damaged = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        rng.choice(_MUTATIONS)(damaged, others, rng)
    if damaged.startswith(PNG_SIGNATURE) and rng.random() < 0.7:
        return _with_checksums(bytes(damaged))
    return bytes(damaged)


def _range(damaged: bytearray, rng: random.Random, longest: int) -> slice:
    start = rng.randrange(len(damaged) + 1)
    return slice(start, start + rng.randint(1, longest))


def _flip_bits(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    for _ in range(rng.randint(1, 16) if damaged else 0):
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)


def _damage_head(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    for _ in range(rng.randint(1, 3) if damaged else 0):
        damaged[rng.randrange(min(len(damaged), 64))] = rng.randrange(256)


def _set_number(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    width = rng.choice((1, 2, 4, 4, 8))
    value = rng.choice(_EXTREMES) & ((1 << 8 * width) - 1)
    start = rng.randrange(min(len(damaged), 512) if rng.random() < 0.7 and damaged else len(damaged) + 1)
    damaged[start : start + width] = value.to_bytes(width, rng.choice(("big", "little")))


def _zero(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    part = _range(damaged, rng, 3000)
    damaged[part] = bytes(len(damaged[part]))


def _delete(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    del damaged[_range(damaged, rng, 400)]


def _repeat(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    part = _range(damaged, rng, 400)
    damaged[part.start : part.start] = damaged[part] * rng.randint(1, 8)


def _truncate(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    del damaged[rng.randrange(len(damaged) + 1) :]


def _insert_token(damaged: bytearray, _others: Sequence[bytes], rng: random.Random) -> None:
    start = rng.randrange(len(damaged) + 1)
    damaged[start:start] = rng.choice(_TOKENS)


def _insert_part(damaged: bytearray, others: Sequence[bytes], rng: random.Random) -> None:
    other = rng.choice(others)
    part = _range(bytearray(other), rng, 2000)
    start = rng.randrange(len(damaged) + 1)
    damaged[start:start] = other[part]


_MUTATIONS: tuple[Callable[[bytearray, Sequence[bytes], random.Random], None], ...] = (
    _flip_bits,
    _damage_head,
    _set_number,
    _set_number,
    _zero,
    _delete,
    _repeat,
    _truncate,
    _insert_token,
    _insert_part,
)


def _with_checksums(png: bytes) -> bytes:
    """Return a PNG with the checksum of each chunk corrected: decoders read nothing of a chunk with a wrong one."""
    at, parts = len(PNG_SIGNATURE), [png[: len(PNG_SIGNATURE)]]
    while at + 12 <= len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        chunk = png[at + 4 : at + 8 + length]
        if len(chunk) < 4 + length or at + 12 + length > len(png):
            break
        parts.append(png[at : at + 4] + chunk + struct.pack(">I", zlib.crc32(chunk)))
        at += 12 + length
    return b"".join([*parts, png[at:]])
