"""D-Bus session bus with a tray, notifications and the accessibility bus, for tests of the real command."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SYSTEM_PYTHON = "/usr/bin/python3"
_SERVICE = Path(__file__).with_name("desktop_service.py")
_ACCESSIBILITY_SERVICE = Path("/usr/share/dbus-1/services/org.a11y.Bus.service")
_TIMEOUT_S = 90.0


def missing_desktop() -> str | None:
    """Return a message about what is missing for a desktop; None if it can be started."""
    has_gi = (
        Path(SYSTEM_PYTHON).is_file()
        and not subprocess.run([SYSTEM_PYTHON, "-c", "import gi.repository.Gio"], capture_output=True, check=False).returncode
    )
    parts = {"dbus-daemon": shutil.which("dbus-daemon"), "PyGObject": has_gi, "at-spi2-core": _ACCESSIBILITY_SERVICE.is_file()}
    missing = [name for name, found in parts.items() if not found]
    return f"needs {' and '.join(missing)}: sh scripts/system-libraries.sh test" if missing else None


class Desktop:
    """Context manager of a session bus with the services of `desktop_service.py`."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stack = ExitStack()
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._events: list[dict[str, Any]] = []
        self.environment: dict[str, str] = {}
        """Variables with which a program finds this desktop."""

    def ask(self, command: str) -> Any:
        """Send a command and return its answer. An error fails the test."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        while "event" in (line := self._lines.get(timeout=_TIMEOUT_S)):
            self._events.append(line)
        assert "error" not in line, (command, line)
        return line["answer"]

    def wait_for(self, event: str) -> dict[str, Any]:
        """Return the next event of this kind."""
        while True:
            for line in self._events:
                if line["event"] == event:
                    self._events.remove(line)
                    return line
            self._events.append(self._lines.get(timeout=_TIMEOUT_S))

    def events(self, event: str) -> list[dict[str, Any]]:
        """Return the events of this kind that have come and were not waited for."""
        while not self._lines.empty():
            self._events.append(self._lines.get())
        return [line for line in self._events if line["event"] == event]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
            # The accessibility bus asks dconf for settings, which would write to the user's home.
            environment = {"HOME": str(self._home), "GSETTINGS_BACKEND": "memory", "PATH": "/usr/bin:/bin"}
            daemon = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
            )
            stack.callback(daemon.terminate)
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            self.environment = {"DBUS_SESSION_BUS_ADDRESS": address, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
            pipe = subprocess.PIPE
            service = [SYSTEM_PYTHON, str(_SERVICE)]
            environment |= self.environment
            self._process = stack.enter_context(subprocess.Popen(service, stdin=pipe, stdout=pipe, text=True, env=environment))
            stack.callback(self._process.terminate)
            reader = threading.Thread(target=self._read)
            reader.start()
            stack.callback(reader.join)
            stack.callback(self._process.terminate)
            self.wait_for("ready")
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
