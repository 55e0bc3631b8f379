"""Processes that are forked for one piece of work each, at once, and can be killed at a given operation or after a time.

One process imports the library and forks a child for each request: a start takes milliseconds instead of seconds. Python's audit
events announce the operations.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Request = dict[str, Any]
"""What a child is to do, as JSON. `signal`, by default SIGKILL, ends it at the operation `kill_at` or after `kill_after_s`."""

Work = Callable[[], dict[str, Any]]
"""Does the work and returns what the parent is told, as JSON."""


def _kill_before(number: int, signal_number: int, is_counted: Callable[[str, tuple[Any, ...]], bool]) -> Callable[[], int]:
    """Send this process the signal before the operation of this number, 0 for never, and return a function that counts them."""
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if is_counted(event, arguments):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal_number)

    sys.addaudithook(hook)
    return lambda: count


def serve(prepare: Callable[[Request], Work], is_counted: Callable[[str, tuple[Any, ...]], bool]) -> None:
    """Fork a child for each request, a list of which is a line of standard input, and write the list of results as a line.

    Args:
        prepare: Called in the child, before the children start their work together.
        is_counted: Whether an audit event, with its arguments, is an operation.
    """
    for line in sys.stdin:
        requests = json.loads(line)
        start, go = os.pipe()
        children = []
        for request in requests:
            reader, answer = os.pipe()
            if (child := os.fork()) == 0:
                os.close(go)
                with contextlib.suppress(BaseException):
                    _run_child(request, prepare, is_counted, start, answer)
                os._exit(0)
            os.close(answer)
            children.append((child, reader))
        os.close(start)
        pipes = [os.fdopen(reader, "rb") for _, reader in children]
        failed = [line if (line := pipe.readline()) != b"ready\n" else b"" for pipe in pipes]
        os.close(go)
        results = []
        for request, (child, _), pipe, failure in zip(requests, children, pipes, failed, strict=True):
            with pipe:
                if request.get("kill_after_s"):
                    time.sleep(request["kill_after_s"])
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, request.get("signal", signal.SIGKILL))
                answer_text = failure or pipe.read()
            _, status = os.waitpid(child, 0)
            results.append(json.loads(answer_text) if answer_text else {"killed": os.WTERMSIG(status)})
        sys.stdout.write(json.dumps(results) + "\n")
        sys.stdout.flush()


def _run_child(
    request: Request,
    prepare: Callable[[Request], Work],
    is_counted: Callable[[str, tuple[Any, ...]], bool],
    start: int,
    answer: int,
) -> None:
    result: dict[str, Any]
    try:
        work = prepare(request)
        os.write(answer, b"ready\n")
        os.read(start, 1)  # until all children are ready
        counted = _kill_before(request.get("kill_at", 0), request.get("signal", signal.SIGKILL), is_counted)
        started_s = time.monotonic()
        result = work()
        result |= {"operations": counted(), "seconds": time.monotonic() - started_s}
    except Exception as error:  # noqa: BLE001 - the parent fails the test
        result = {"error": f"{type(error).__name__}: {error}", "crashed": True}
    os.write(answer, json.dumps(result).encode())


class ForkedProcesses:
    """Process that forks the children."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def run_all(self, *requests: Request) -> list[dict[str, Any]]:
        """Do the work of all requests at once, each in a process of its own, and return a result for each.

        A result has `killed`, the signal, or the number of `operations` and the `seconds`.
        """
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(requests) + "\n")
        self._server.stdin.flush()
        results: list[dict[str, Any]] = json.loads(self._server.stdout.readline())
        assert not any(result.get("crashed") for result in results), results
        return results


@contextmanager
def forking_process(
    module: str, starter: tuple[str, ...] = (), environment: dict[str, str] | None = None, umask: int = -1
) -> Iterator[subprocess.Popen[str]]:
    """Start the process that forks the children: the module calls `serve`. `starter` is a command that starts a command."""
    folder, pipe = Path(__file__).parents[1], subprocess.PIPE
    command = [*starter, sys.executable, "-m", module]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=folder, env=environment, umask=umask) as server:
        yield server
        assert server.stdin is not None
        server.stdin.close()
