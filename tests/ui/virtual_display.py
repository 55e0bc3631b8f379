"""In-memory X display on which tests run the real command and operate it by keys and clicks."""

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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from facecam.logbook.reader import read_log
from tests.cli.conftest import environment_in

Pixels = NDArray[np.uint8]

KNOWN_BGR = (115, 158, 0)
"""The color of a known face's box."""

SELECTED_BGR = (198, 140, 48)
"""Highlight color of Qt's own style behind selected list entries."""

VIDEO_WIDTH_PX = 780
"""Width of the video, which is at the left edge of the window and of the screen."""

_TIMEOUT_S = 90.0
"""Time for a busy machine to open a window."""


def missing_programs() -> str | None:
    """Return a message about missing programs; None if a display can be started."""
    missing = [program for program in ("Xvfb", "xdotool") if shutil.which(program) is None]
    return f"needs {' and '.join(missing)}: sh scripts/system-libraries.sh test" if missing else None


class VirtualDisplay:
    """Context manager of an Xvfb display and one running command; both are ended on exit."""

    def __init__(self, home: Path, size_wh: tuple[int, int] = (1280, 900)) -> None:
        self.home = home
        self.stderr = ""
        self._size_wh = size_wh
        self._stack = ExitStack()
        self._process: subprocess.Popen[str] | None = None
        self._display = ""
        self._screen = Path()
        self._stderr_reader: threading.Thread | None = None

    def start(self, *arguments: str | Path, command: str = "run", **options: str) -> None:
        """Start `facecam run ...` and wait until its window has the keyboard focus."""
        self.launch(*arguments, command=command, **options)
        self.focus()

    def launch(self, *arguments: str | Path, command: str = "run", **options: str) -> None:
        """Start the command without waiting for its window."""
        line = [sys.executable, "-m", "facecam", command, *map(str, arguments)]
        pipe = subprocess.PIPE
        self.stderr = ""
        self._process = subprocess.Popen(
            line, cwd=self.home, env=self.environment() | options, stdout=pipe, stderr=pipe, text=True
        )
        self._stack.enter_context(self._process)
        self._stderr_reader = threading.Thread(target=self._read_stderr, args=(self._process,))
        self._stderr_reader.start()
        self._stack.callback(self._stderr_reader.join)
        self._stack.callback(self._process.kill)

    def environment(self) -> dict[str, str]:
        """Return the environment of the command: this home, this display, English, no check for pictures."""
        variables = environment_in(self.home) | {"DISPLAY": self._display, "LC_ALL": "C.UTF-8"}
        variables["FACECAM_TRACK_PRESENTATION_CHECK"] = "false"  # the cameras show portraits
        variables.pop("QT_QPA_PLATFORM", None)  # Only in-process tests use the offscreen platform.
        return variables

    def focus(self, title: str = "^facecam$") -> str:
        """Wait for the X window with this title, focus it (no window manager does), and return its id."""
        found = ""
        for _ in self._poll(f"there is no window {title}"):
            found = self._xdotool("search", "--onlyvisible", "--name", title).split("\n")[0]
            if found:
                break
        self._xdotool("windowfocus", found)
        return found

    def geometry(self) -> str:
        """Return xdotool's description of the window's position and size."""
        return self._xdotool("search", "--onlyvisible", "--name", "^facecam$", "getwindowgeometry")

    def has_window(self) -> bool:
        """Return whether facecam's window is visible."""
        return bool(self._xdotool("search", "--onlyvisible", "--name", "^facecam$"))

    def key(self, *keys: str) -> None:
        """Press keys one after the other, named as in xdotool."""
        for key in keys:
            self._xdotool("key", "--clearmodifiers", key)

    def type_text(self, text: str) -> None:
        """Type text."""
        self._xdotool("type", "--delay", "20", text)

    def click(self, x: int, y: int) -> None:
        """Click at a screen position."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def pixels(self, rows: slice = slice(None)) -> Pixels:
        """Return the screen, or some rows of it, as (height, width, 3) BGR."""
        with self._screen.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as screen:
            # X11/XWDFile.h: 25 numbers, big-endian; then a name, colors of 12 bytes each, and the rows.
            header = struct.unpack(">25I", screen[:100])
            start, high, row, colors = header[0] + 12 * header[19], header[5], header[12], header[4]
            first, last, _ = rows.indices(high)
            pixels = np.frombuffer(screen[start + first * row : start + last * row], np.uint8).reshape(last - first, row)
            return np.array(pixels[:, : colors * 4].reshape(last - first, colors, 4)[:, :, :3])

    def count_pixels(self, bgr: tuple[int, int, int]) -> int:
        """Count the pixels of exactly this color in the video, without the panel at the right."""
        return int((self.pixels()[:, :VIDEO_WIDTH_PX] == bgr).all(axis=2).sum())

    def wait_for(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait until the condition is truthy and return its value; fail with `what` otherwise."""
        for _ in self._poll(what):
            if answer := condition():
                return answer
        return None

    def wait_for_exit(self, number: signal.Signals | None = None) -> str:
        """Send a signal, if given, wait for exit status 0, and return stdout."""
        assert self._process is not None
        if number is not None:
            self.send_signal(number)
        assert self.exit_status() == 0, self.stderr
        assert self._process.stdout is not None
        return self._process.stdout.read()

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the command."""
        assert self._process is not None
        self._process.send_signal(number)

    def exit_status(self) -> int:
        """Wait for the command to exit and return its status."""
        assert self._process is not None
        assert self._stderr_reader is not None
        self._process.wait(_TIMEOUT_S)
        self._stderr_reader.join()
        assert "Traceback" not in self.stderr, self.stderr
        return self._process.returncode

    def log(self) -> Path | None:
        """Return the newest log, or None."""
        logs = sorted((self.home / "logs").glob("*/*.csv"), key=lambda path: path.stat().st_mtime)
        return logs[-1] if logs else None

    def count_rows(self) -> int:
        """Return the number of lines of the newest log."""
        path = self.log()
        return path.read_bytes().count(b"\n") if path is not None else 0

    def has_logged(self, text: str) -> bool:
        """Return whether a state message of the newest log contains the text."""
        path = self.log()
        if path is None or not path.stat().st_size:
            return False
        log = read_log(path)
        return any(text in message for message in log[log.event == "state"].message.dropna())

    @contextmanager
    def expect_change(self, what: str, fraction: float = 0.01) -> Iterator[None]:
        """Wait after the block until this fraction of the screen has changed since before it; fail with `what` otherwise."""
        before = self.pixels()
        yield
        self.wait_for(lambda: (self.pixels() != before).any(axis=2).mean() >= fraction, what)

    @contextmanager
    def second(self) -> Iterator[Self]:
        """Yield an object for another command on this display, with the same home."""
        other = type(self)(self.home)
        other._display = self._display
        with other._stack:
            yield other

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            width, height = self._size_wh
            # -r: keys do not repeat, even if a busy machine takes a second between press and release.
            command = ["Xvfb", "-displayfd", "1", "-noreset", "-r", "-fbdir", str(folder), "-screen", "0", f"{width}x{height}x24"]
            server = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
            stack.callback(server.terminate)
            assert server.stdout is not None
            self._display = f":{server.stdout.readline().strip()}"
            self._screen = folder / "Xvfb_screen0"
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _read_stderr(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.stderr += line

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env={"DISPLAY": self._display}, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout.strip()

    def _poll(self, what: str) -> Any:
        until_s = time.monotonic() + _TIMEOUT_S
        while time.monotonic() < until_s:
            yield
            time.sleep(0.1)
        raise AssertionError(f"{what}; stderr: {self.stderr or 'nothing'}")
