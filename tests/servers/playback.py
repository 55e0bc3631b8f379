"""Commands and test images of both stream servers. Standard library only, because the RTSP server runs outside the venv."""

from __future__ import annotations

import math
import sys
import threading
import time
from collections.abc import Callable

from tests.servers.stamp import write_stamp

_BLOCK_PX = 24


class PlaybackState:
    """The last command until its time is over, then `ok`."""

    def __init__(self) -> None:
        self._word, self._until_s = "ok", math.inf

    def play(self, word: str, seconds: float = math.inf) -> None:
        self._word, self._until_s = word, time.monotonic() + seconds

    @property
    def word(self) -> str:
        return self._word if time.monotonic() < self._until_s else "ok"


class ImageSequence:
    """A background stamped with its sending time, and a block moving along the lower edge, so that no two images are equal."""

    def __init__(self, size_wh: tuple[int, int], background: bytes | None = None) -> None:
        self._size_wh = size_wh
        self._background = background or b"\x60" * (size_wh[0] * size_wh[1] * 3)
        self._count = 0
        self._last = bytearray(self._background)

    def next(self, word: str) -> bytearray:
        """Return the next BGR image: the previous one for `freeze`, a black one for `black`."""
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


def reply(line: str) -> None:
    """Write a line to standard output at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def listen(on_command: Callable[[str, list[float]], None], end: Callable[[], None]) -> None:
    """Call `on_command` from a thread with word and numbers of every line of standard input, and `end` after the last."""

    def run() -> None:
        for line in sys.stdin:
            word, *numbers = line.split()
            on_command(word, [float(number) for number in numbers])
        end()

    threading.Thread(target=run, daemon=True).start()
