"""A stream server in a process of its own, held by a test: started, told what to play, killed, started again."""

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
_SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's bindings of GStreamer are for no other
_RTSP = [_SYSTEM_PYTHON, "-m", "tests.servers.rtsp_server"]
_MJPEG = [sys.executable, "-m", "tests.servers.mjpeg_server"]
_PATIENCE_S = 20


class StreamServer:
    """Serves while the `with` lasts. The modules `mjpeg_server` and `rtsp_server` tell their options and commands."""

    def __init__(self, program: list[str], scheme: str, options: tuple[str, ...]) -> None:
        self._program, self._scheme, self._options = program, scheme, options
        self._process: subprocess.Popen[str] | None = None
        self._stderr: IO[str]
        self._leaving = ExitStack()
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
        """The address with credentials in it."""
        return self.address.replace("://", f"://{user}:{password}@")

    def command(self, text: str) -> None:
        """Have the server play something; it does when this returns."""
        process = self._running()
        assert process.stdin is not None
        process.stdin.write(text + "\n")
        process.stdin.flush()
        answer = self._line()
        assert answer == text.partition(" ")[0], f"the server answered {answer!r} to {text!r}: {self._complaints()}"

    def kill(self) -> None:
        """End it as a power cut does: SIGKILL, nobody is told."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()  # reaps it and closes the pipes
            self._process = None

    def restart(self) -> None:
        """Start it again on its port."""
        self.kill()
        self._start()

    def __enter__(self) -> Self:
        with ExitStack() as leaving:
            self._stderr = leaving.enter_context(tempfile.TemporaryFile("w+"))
            leaving.callback(self.kill)
            self._start()
            self._leaving = leaving.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leaving.close()

    def _start(self) -> None:
        command = [*self._program, "--port", str(self.port), *self._options]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, stderr=self._stderr, text=True)
        port = self._line()
        if not port.isdecimal():
            raise RuntimeError(f"{' '.join(command)} does not start: {self._complaints() or 'it says nothing'}")
        self.port = int(port)

    def _line(self) -> str:
        """The server's next line; "" when it ends, or when it has been silent for so long that it is ended here."""
        process = self._running()
        assert process.stdout is not None
        watchdog = threading.Timer(_PATIENCE_S, process.kill)
        watchdog.start()
        try:
            return process.stdout.readline().strip()
        finally:
            watchdog.cancel()
            watchdog.join()

    def _running(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the server does not run: `with` starts it, restart() does after kill()"
        return self._process

    def _complaints(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().strip()


def wait_for(pictures: Iterator[Any], is_so: Callable[[Any], bool]) -> Any:
    """The first picture for which it is so, among the next 60: two seconds, as the servers send them."""
    return next(picture for picture in itertools.islice(pictures, 60) if is_so(picture))


def missing_for_rtsp() -> str | None:
    """Why there can be no RTSP server on this machine; None when there can."""
    if not Path(_SYSTEM_PYTHON).exists():
        return f"needs {_SYSTEM_PYTHON} with GStreamer's bindings"
    if subprocess.run([*_RTSP, "--check"], cwd=_ROOT, capture_output=True, check=False, timeout=60).returncode == 0:
        return None
    packages = "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good"
    return f"needs the Debian packages {packages}: sh scripts/system-libraries.sh streams"
