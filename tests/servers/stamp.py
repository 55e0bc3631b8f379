"""Sending time of an image, drawn in blocks large enough to survive JPEG and H.264.

The number is time.monotonic_ns() // 1000. CLOCK_MONOTONIC is the same for all processes of a machine, so a receiver knows each
image's age. Standard library only, because the RTSP server's Python may lack NumPy.
"""

from __future__ import annotations

import binascii
import time
from typing import Any

_COLUMNS, _ROWS = 32, 2
_NUMBER_BITS, _CHECK_BITS = 48, 16
_BLOCK_HEIGHT_PX = 16


def write_stamp(bgr: Any, monotonic_us: int) -> None:
    """Draw the number along the upper edge of `bgr`: any writable buffer of bytes, contiguous and (height, width, 3)."""
    view = memoryview(bgr)
    width = view.shape[1]
    pixels = view.cast("B")
    bits = f"{monotonic_us:0{_NUMBER_BITS}b}{_checksum(monotonic_us):0{_CHECK_BITS}b}"
    for row in range(_ROWS):
        blocks = bits[row * _COLUMNS : (row + 1) * _COLUMNS]
        line = b"".join((b"\xff" if bit == "1" else b"\x00") * (width // _COLUMNS * 3) for bit in blocks)
        band = line.ljust(width * 3, b"\x00") * _BLOCK_HEIGHT_PX
        pixels[row * len(band) : (row + 1) * len(band)] = band


def read_stamp(bgr: Any) -> int | None:
    """Return the number in an array (height, width, 3); None if there is none with a valid checksum."""
    width, margin = bgr.shape[1] // _COLUMNS, 3
    bits = ""
    for row in range(_ROWS):
        band = bgr[row * _BLOCK_HEIGHT_PX + margin : (row + 1) * _BLOCK_HEIGHT_PX - margin]
        means = (band[:, i * width + margin : (i + 1) * width - margin].mean() for i in range(_COLUMNS))
        bits += "".join("1" if mean > 127 else "0" for mean in means)
    number, check = int(bits[:_NUMBER_BITS], 2), int(bits[_NUMBER_BITS:], 2)
    return number if check == _checksum(number) else None


def age_ms(bgr: Any) -> float:
    """Return the time since the image was sent."""
    sent_us = read_stamp(bgr)
    assert sent_us is not None, "the image has no readable stamp"
    return (time.monotonic_ns() // 1000 - sent_us) / 1000


def _checksum(number: int) -> int:
    # Starting at 0 would give a black image a valid checksum.
    return binascii.crc_hqx(number.to_bytes(_NUMBER_BITS // 8, "big"), 0xFFFF)
