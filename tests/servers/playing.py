"""What both stream servers share: the commands they take, and the pictures they show. Standard library alone."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable

from tests.servers.stamp import write_stamp

_BLOCK_PX = 24


class Part:
    """What is played at the moment: the word of the last command, until its seconds are over; then `ok`."""

    def __init__(self) -> None:
        self._word, self._until_s = "ok", math.inf

    def play(self, word: str, seconds: float = math.inf) -> None:
        self._word, self._until_s = word, time.monotonic() + seconds

    @property
    def word(self) -> str:
        return self._word if time.monotonic() < self._until_s else "ok"


class Pictures:
    """A background with its sending time, and a block that moves along the lower edge, clear of faces: no two are equal."""

    def __init__(self, size_wh: tuple[int, int], background: bytes | None = None) -> None:
        self._size_wh = size_wh
        self._background = background or b"\x60" * (size_wh[0] * size_wh[1] * 3)
        self._count = 0
        self._last = bytearray(self._background)

    def next(self, word: str) -> bytearray:
        """The BGR picture to send now: for `freeze` the last one again, for `black` one without anything on it."""
        width, height = self._size_wh
        if word == "black":
            return bytearray(width * height * 3)
        if word != "freeze":
            self._last = bytearray(self._background)
            write_stamp(memoryview(self._last).cast("B", (height, width, 3)), time.monotonic_ns() // 1000)
            self._move_block()
        return self._last

    def _move_block(self) -> None:
        width, height = self._size_wh
        self._count += 1
        x = self._count * 5 % (width - _BLOCK_PX)
        for row in range(height - _BLOCK_PX, height):
            start = (row * width + x) * 3
            self._last[start : start + _BLOCK_PX * 3] = b"\x20\xc0\xf0" * _BLOCK_PX


def say(line: str) -> None:
    """To whoever started the server; at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def listen(take: Callable[[str, list[float]], None], end: Callable[[], None]) -> None:
    """Hand every line of standard input to `take`, as its word and its numbers, from a thread; `end` when there are no more."""

    def run() -> None:
        for line in sys.stdin:
            word, *numbers = line.split()
            take(word, [float(number) for number in numbers])
        end()

    threading.Thread(target=run, daemon=True).start()
