"""Stream server in its own process, controlled by a test: started, given commands, killed and restarted."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

_ROOT = Path(__file__).parents[2]
_SYSTEM_PYTHON = "/usr/bin/python3"  # The only one with Debian's bindings of GStreamer
_RTSP = [_SYSTEM_PYTHON, "-m", "tests.servers.rtsp_server"]
_MJPEG = [sys.executable, "-m", "tests.servers.mjpeg_server"]
_TIMEOUT_S = 20


class StreamServer:
    """Server that runs inside a `with` block. `mjpeg_server` and `rtsp_server` document options and commands."""

    def __init__(self, program: list[str], scheme: str, options: tuple[str, ...]) -> None:
        self._program, self._scheme, self._options = program, scheme, options
        self._process: subprocess.Popen[str] | None = None
        self._stderr: IO[str]
        self._exit_stack = ExitStack()
        self.port = 0

    @classmethod
    def mjpeg(cls, *options: str) -> Self:
        return cls(_MJPEG, "http", options)

    @classmethod
    def rtsp(cls, *options: str) -> Self:
        return cls(_RTSP, "rtsp", options)

    @property
    def address(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/video"

    def address_as(self, user: str, password: str) -> str:
        """Return the address with credentials."""
        return self.address.replace("://", f"://{user}:{password}@")

    def command(self, text: str) -> None:
        """Execute a command of the server and wait for its reply."""
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(text + "\n")
        process.stdin.flush()
        answer = self._line()
        assert answer == text.partition(" ")[0], f"the server answered {answer!r} to {text!r}: {self._errors()}"

    def kill(self) -> None:
        """Kill the server with SIGKILL, like a power cut."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()  # Reaps the process and closes the pipes.
            self._process = None

    def restart(self) -> None:
        """Start the server again on its port."""
        self.kill()
        self._start()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stderr = stack.enter_context(tempfile.TemporaryFile("w+"))
            stack.callback(self.kill)
            self._start()
            self._exit_stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._exit_stack.close()

    def _start(self) -> None:
        command = [*self._program, "--port", str(self.port), *self._options]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=self._stderr, text=True)
        port = self._line()
        if not port.isdecimal():
            raise RuntimeError(f"{' '.join(command)} does not start: {self._errors() or 'no output'}")
        self.port = int(port)

    def _line(self) -> str:
        """Return the server's next line; "" when it ends or is killed after a timeout."""
        process = self._running()
        assert process.stdout is not None
        watchdog = threading.Timer(_TIMEOUT_S, process.kill)
        watchdog.start()
        try:
            return process.stdout.readline().strip()
        finally:
            watchdog.cancel()
            watchdog.join()

    def _running(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the server does not run: `with` starts it, restart() does after kill()"
        return self._process

    def _errors(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().strip()


def wait_for(images: Iterator[Any], condition: Callable[[Any], bool]) -> Any:
    """Return the first of the next 60 images (two seconds) that meets the condition."""
    return next(image for image in itertools.islice(images, 60) if condition(image))


def missing_for_rtsp() -> str | None:
    """Return what is missing for an RTSP server on this machine, or None."""
    if not Path(_SYSTEM_PYTHON).exists():
        return f"needs {_SYSTEM_PYTHON} with GStreamer's bindings"
    if subprocess.run([*_RTSP, "--check"], cwd=_ROOT, capture_output=True, check=False, timeout=60).returncode == 0:
        return None
    packages = "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good"
    return f"needs the Debian packages {packages}: sh scripts/system-libraries.sh streams"
