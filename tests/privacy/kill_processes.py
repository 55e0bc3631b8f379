"""Processes that run real commands of facecam, and can be killed before an operation that changes a file, or after a time."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.conftest import environment_in
from tests.forked_processes import ForkedProcesses, Request, Work, forking_process, serve

_CHANGES = frozenset({"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.utime", "os.chmod", "os.truncate"})
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def _is_change(event: str, arguments: tuple[Any, ...]) -> bool:
    return event in _CHANGES or (event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITES))


def _prepare_command(request: Request) -> Work:
    from facecam.cli.main import main

    home = Path(request["home"])
    os.chdir(home)
    os.environ.clear()
    os.environ.update(request["environment"] or environment_in(home))
    sys.argv = ["facecam", *request["arguments"]]
    out = Path(request["output"]).open("w", buffering=1, encoding="utf-8")  # noqa: SIM115 - what was printed survives the kill
    errors = io.StringIO()
    sys.stdin = io.StringIO()

    def work() -> dict[str, Any]:
        code: object = 0
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
            try:
                main()
            except SystemExit as ended:
                code = ended.code
            finally:
                gc.enable()
        return {"code": code or 0, "errors": errors.getvalue()}

    return work


class CommandProcesses(ForkedProcesses):
    """Process that forks a child for each command."""

    def run(self, home: Path, *arguments: str, environment: dict[str, str] | None = None, **options: float) -> dict[str, Any]:
        """Run a command in a home folder and return its result; `stdout` is what it printed, also before it was killed."""
        output = home.with_name("stdout.txt")
        output.write_text("", encoding="utf-8")
        request = {"home": str(home), "arguments": arguments, "output": str(output), "environment": environment}
        (result,) = self.run_all(request | options)
        return result | {"stdout": output.read_text(encoding="utf-8")}


@contextmanager
def command_processes(
    starter: tuple[str, ...] = (), environment: dict[str, str] | None = None, umask: int = -1
) -> Iterator[CommandProcesses]:
    """Start the process that forks a child for each command."""
    with forking_process("tests.privacy.kill_processes", starter, environment, umask) as server:
        yield CommandProcesses(server)


if __name__ == "__main__":
    # What every command needs; no network is open when the children are forked.
    import facecam.cli.gallery
    import facecam.cli.main
    import facecam.cli.rights
    import facecam.gallery.conversion
    import facecam.privacy.forgetting
    import facecam.privacy.person_export
    import facecam.recognizer
    import facecam.training.object_teaching  # noqa: F401

    serve(_prepare_command, _is_change)
