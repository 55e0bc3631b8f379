"""A display that exists only in memory, the real command on it, and a hand that works it by keys and clicks."""

from __future__ import annotations

import mmap
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tests.cli.conftest import environment_in

Pixels = NDArray[np.uint8]

KNOWN_BGR = (115, 158, 0)
"""The color of a known face's box."""

CHOSEN_BGR = (198, 140, 48)
"""What is chosen in a list lies on this color: the highlight of Qt's own style."""

PICTURE_PX = 780
"""The picture is at the left of the window, and the window at the left of the screen."""

_PATIENCE_S = 90.0
"""A machine that does other things besides takes its time to open a window."""


def missing_for_a_desk() -> str | None:
    """Why there can be none on this machine; None when there can."""
    missing = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
    return f"needs {' and '.join(missing)}: sh scripts/system-libraries.sh test" if missing else None


class Desk:
    """Lasts as long as the `with`: then the command is killed if it still runs, and the display goes."""

    def __init__(self, home: Path, size_wh: tuple[int, int] = (1280, 900)) -> None:
        self.home = home
        self.said = ""
        self._size_wh = size_wh
        self._leaving = ExitStack()
        self._process: subprocess.Popen[str] | None = None
        self._display = ""
        self._screen = Path()
        self._hearing: threading.Thread | None = None

    def start(self, *words: str | Path, command: str = "run", **options: str) -> None:
        """Begin `facecam run ...` and wait until its window stands there, with the keyboard's focus."""
        self.begin(*words, command=command, **options)
        self.focus()

    def begin(self, *words: str | Path, command: str = "run", **options: str) -> None:
        """Begin it, without waiting for anything."""
        line = [sys.executable, "-m", "facecam", command, *map(str, words)]
        pipe = subprocess.PIPE
        self.said = ""
        self._process = subprocess.Popen(
            line, cwd=self.home, env=self.environment() | options, stdout=pipe, stderr=pipe, text=True
        )
        self._leaving.enter_context(self._process)
        self._hearing = threading.Thread(target=self._hear, args=(self._process,))
        self._hearing.start()
        self._leaving.callback(self._hearing.join)
        self._leaving.callback(self._process.kill)

    def environment(self) -> dict[str, str]:
        """What a command sees here: this home, this display, English."""
        kept = environment_in(self.home) | {"DISPLAY": self._display, "LC_ALL": "C.UTF-8"}
        kept.pop("QT_QPA_PLATFORM", None)  # these tests' own windows are offscreen
        return kept

    def focus(self, title: str = "^facecam$") -> str:
        """The X window of that title, once it is there and has the focus; there is no window manager to give it."""
        found = ""
        for _ in self._patiently(f"there is no window {title}"):
            found = self._xdotool("search", "--onlyvisible", "--name", title).split("\n")[0]
            if found:
                break
        self._xdotool("windowfocus", found)
        return found

    def key(self, *keys: str) -> None:
        """Press these keys, as xdotool names them, one after the other."""
        for key in keys:
            self._xdotool("key", "--clearmodifiers", key)

    def write(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "20", text)

    def click(self, x: int, y: int) -> None:
        """Click at a place of the screen."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def pixels(self, rows: slice = slice(None)) -> Pixels:
        """The screen now, or some rows of it (height, width, 3), blue first."""
        with self._screen.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as screen:
            # X11/XWDFile.h: 25 numbers, big-endian; then a name, colors of 12 bytes each, and the rows.
            header = struct.unpack(">25I", screen[:100])
            start, high, row, colors = header[0] + 12 * header[19], header[5], header[12], header[4]
            first, last, _ = rows.indices(high)
            pixels = np.frombuffer(screen[start + first * row : start + last * row], np.uint8).reshape(last - first, row)
            return np.array(pixels[:, : colors * 4].reshape(last - first, colors, 4)[:, :, :3])

    def shows(self, bgr: tuple[int, int, int]) -> int:
        """How many pixels of the picture have exactly this color; the panel at the right is left out."""
        return int((self.pixels()[:, :PICTURE_PX] == bgr).all(axis=2).sum())

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """What the condition gives, once it holds."""
        for _ in self._patiently(what):
            if answer := condition():
                return answer
        return None

    def end(self, number: signal.Signals | None = None) -> str:
        """Wait for the command's end, after a signal if one is given; what it wrote to stdout. It must have gone well."""
        assert self._process is not None
        if number is not None:
            self._process.send_signal(number)
        assert self.status() == 0, self.said
        assert self._process.stdout is not None
        return self._process.stdout.read()

    def status(self) -> int:
        """The command's exit status, once it has ended."""
        assert self._process is not None
        assert self._hearing is not None
        self._process.wait(_PATIENCE_S)
        self._hearing.join()
        assert "Traceback" not in self.said, self.said
        return self._process.returncode

    def log(self) -> Path | None:
        """The newest log, as soon as there is one."""
        logs = sorted((self.home / "logs").glob("*/*.csv"), key=lambda path: path.stat().st_mtime)
        return logs[-1] if logs else None

    def __enter__(self) -> Self:
        with ExitStack() as leaving:
            folder = Path(leaving.enter_context(tempfile.TemporaryDirectory()))
            wide, high = self._size_wh
            command = ["Xvfb", "-displayfd", "1", "-noreset", "-fbdir", str(folder), "-screen", "0", f"{wide}x{high}x24"]
            server = leaving.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            )
            leaving.callback(server.terminate)
            assert server.stdout is not None
            self._display = f":{server.stdout.readline().strip()}"
            self._screen = folder / "Xvfb_screen0"
            self._leaving = leaving.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leaving.close()

    def _hear(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.said += line

    def _xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env={"DISPLAY": self._display}, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout.strip()

    def _patiently(self, what: str) -> Any:
        until_s = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until_s:
            yield
            time.sleep(0.1)
        raise AssertionError(f"{what}; the command said: {self.said or 'nothing'}")
