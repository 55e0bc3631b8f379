"""Program that runs a command for each event, as its own small process beside facecam. It imports nothing of facecam.

It reads a line with the command and its limits, and then a line for each event; after each event it writes a line with the
outcome. When its input ends, also because facecam was killed, it kills the command that runs and ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a command and the processes that it has started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False)
    with contextlib.suppress(OSError):
        process.kill()


class _Launcher:
    def __init__(self, command: list[str], timeout_s: float, *, shows_errors: bool) -> None:
        self._command, self._timeout_s, self._shows_errors = command, timeout_s, shows_errors
        self._events: queue.Queue[bytes | None] = queue.Queue()
        self._has_ended = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def read(self) -> None:
        """Read events until the input ends, then kill the command."""
        for line in sys.stdin.buffer:
            self._events.put(line)
        self._has_ended.set()
        process = self._process
        if process is not None and process.poll() is None:
            _kill(process)
        self._events.put(None)

    def run(self) -> None:
        threading.Thread(target=self.read, daemon=True).start()
        while (event := self._events.get()) is not None and not self._has_ended.is_set():
            outcome = self._run_command(event)
            with contextlib.suppress(OSError):
                sys.stdout.write(json.dumps(outcome) + "\n")
                sys.stdout.flush()

    def _run_command(self, event: bytes) -> str:
        """Run the command and return why it failed, "" when it did not."""
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=None if self._shows_errors else subprocess.DEVNULL,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            return f"cannot be started: {getattr(error, 'strerror', None) or error}"
        try:
            if self._has_ended.is_set():
                _kill(self._process)
            self._process.communicate(event, timeout=self._timeout_s)
            status = self._process.wait()
        except subprocess.TimeoutExpired:
            _kill(self._process)
            self._process.wait()
            return f"killed, because it ran longer than {self._timeout_s:g} s"
        # What a command leaves in the background when it ends, such as a screen lock, goes on.
        return f"ended with status {status}" if status else ""


def main() -> None:
    """Run commands until the input ends."""
    start = json.loads(sys.stdin.buffer.readline())
    _Launcher(start["command"], start["timeout_s"], shows_errors=start["shows_errors"]).run()


if __name__ == "__main__":
    main()
