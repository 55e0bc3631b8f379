"""Processes that run real commands of facecam until they are killed.

One process imports the library and forks a child for each command: a start takes milliseconds instead of two seconds. A child is
killed before a given operation that changes a file, which Python's audit events announce, or after a time.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.conftest import environment_in

_CHANGES = frozenset({"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.utime", "os.chmod", "os.truncate"})
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _kill_before(number: int) -> Callable[[], int]:
    """Kill this process before the change of this number, 0 for never, and return a function that counts the changes."""
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return lambda: count


def _run_child(request: dict[str, Any], answer: int) -> None:
    from facecam.cli.main import main

    home = Path(request["home"])
    os.chdir(home)
    os.environ.clear()
    os.environ.update(environment_in(home))
    sys.argv = ["facecam", *request["arguments"]]
    out = Path(request["output"]).open("w", buffering=1, encoding="utf-8")  # noqa: SIM115 - what was printed survives the kill
    sys.stdout, sys.stderr = out, io.StringIO()
    sys.stdin = io.StringIO()
    counted = _kill_before(request.get("kill_at_change", 0))
    if delay_s := request.get("kill_after_s"):
        threading.Timer(delay_s, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
    code: object = 0
    started_s = time.monotonic()
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    finally:
        gc.enable()
    result = {"code": code or 0, "changes": counted(), "seconds": time.monotonic() - started_s, "errors": sys.stderr.getvalue()}
    os.write(answer, json.dumps(result).encode())


def _serve() -> None:
    # What every command needs; no network is open when the children are forked.
    import facecam.cli.gallery
    import facecam.cli.main
    import facecam.cli.rights
    import facecam.gallery.conversion
    import facecam.privacy.forgetting
    import facecam.privacy.person_export
    import facecam.recognizer
    import facecam.training.object_teaching  # noqa: F401

    for line in sys.stdin:
        request = json.loads(line)
        reader, answer = os.pipe()
        if (child := os.fork()) == 0:
            os.close(reader)
            with contextlib.suppress(BaseException):
                _run_child(request, answer)
            os._exit(0)
        os.close(answer)
        with os.fdopen(reader, "rb") as pipe:
            text = pipe.read()
        _, status = os.waitpid(child, 0)
        result = json.loads(text) if text else {"killed": os.WTERMSIG(status)}
        sys.__stdout__.write(json.dumps(result) + "\n")  # type: ignore[union-attr]
        sys.__stdout__.flush()  # type: ignore[union-attr]


class CommandProcesses:
    """Process that forks the children."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run(self, home: Path, *arguments: str, **options: float) -> dict[str, Any]:
        """Run a command in a home folder and return its result; `stdout` is what it printed, also before it was killed."""
        output = home.with_name("stdout.txt")
        output.write_text("", encoding="utf-8")
        request = {"home": str(home), "arguments": arguments, "output": str(output), **options}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        result: dict[str, Any] = json.loads(self._server.stdout.readline())
        return result | {"stdout": output.read_text(encoding="utf-8")}


@contextmanager
def command_processes() -> Iterator[CommandProcesses]:
    """Start the process that forks the children."""
    command = [sys.executable, "-m", "tests.privacy.kill_processes"]
    folder = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder) as server:
        yield CommandProcesses(server)
        assert server.stdin is not None
        server.stdin.close()


if __name__ == "__main__":
    _serve()
