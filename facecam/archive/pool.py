"""Processes that execute jobs, each on one core. One that dies is replaced, and its job is executed again."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from types import TracebackType
from typing import Any, Self

from facecam.explain.process import start_module
from facecam.gallery.files import encryption_key
from facecam.settings import Settings

_WORKER = "facecam.archive.worker"
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_ATTEMPTS = 2
"""A job during which a process dies this often has failed: its video may be what kills it."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A job, what to call with its progress, and what to call with its result, None when its processes have died."""

    message: Mapping[str, Any]
    on_result: Callable[[Mapping[str, Any] | None], None]
    on_progress: Callable[[float], None] = field(default=lambda t_ms: None)


def core_count() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ProcessPool:
    """Executes jobs in processes of their own until there are none left.

    Jobs are begun in the order of the queue. Results are handled one at a time, in threads of the pool; they may add jobs.

    Args:
        count: Number of processes.
        settings: Settings of the recognizers.
        gallery_dir: Folder of the enrolled people, unlocked in this process if it is encrypted.
        revision: State of the gallery that every process must have.
    """

    def __init__(self, count: int, settings: Settings, gallery_dir: Path, revision: str) -> None:
        sections = settings.replace({"detect.threads": 1, "identify.threads": 1}).to_dict()
        del sections["capture"]  # Files need none of it, and addresses of cameras may have credentials.
        key = encryption_key(gallery_dir)
        configuration = {
            "gallery": str(gallery_dir.absolute()),
            "key": "" if key is None else key.key.hex(),
            "settings": sections,
            "revision": revision,
        }
        self._configuration = json.dumps(configuration).encode() + b"\n"
        self._waiting: deque[Job] = deque()
        self._running = 0
        self._changed = threading.Condition()
        self._handling = threading.RLock()
        self._is_stopped = False
        self._failure: BaseException | None = None
        self._processes: set[Popen[bytes]] = set()
        self._threads = [threading.Thread(target=self._work, name=f"archive {number}", daemon=True) for number in range(count)]

    def add(self, job: Job, *, is_next: bool = False) -> None:
        """Add a job at the end of the queue, or as the next one."""
        with self._changed:
            (self._waiting.appendleft if is_next else self._waiting.append)(job)
            self._changed.notify_all()

    def run(self, poll: Callable[[], None], poll_s: float = 0.2) -> None:
        """Execute all jobs. `poll` is called in this thread meanwhile. Errors of a result's handler are raised here."""
        for thread in self._threads:
            thread.start()
        while any(thread.is_alive() for thread in self._threads):
            poll()
            with self._changed:
                self._changed.wait(poll_s)
            if self._failure is not None:
                raise self._failure
        poll()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Kill the processes. What they have not finished is lost."""
        with self._changed:
            self._is_stopped = True
            self._waiting.clear()
            for process in self._processes:
                process.kill()
            self._changed.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _work(self) -> None:
        """Execute jobs in one process after the other, until there are none."""
        process: Popen[bytes] | None = None
        try:
            while (job := self._take()) is not None:
                result = None
                for _ in range(_ATTEMPTS):
                    process = process or self._start()
                    if process is None:
                        break
                    result = _execute(process, job)
                    if result is not None or self._is_stopped:
                        break
                    self._end(process)
                    process = None
                with self._handling:
                    if not self._is_stopped:
                        job.on_result(result)
                self._finish()
        except BaseException as error:  # noqa: BLE001 - raised again by run()
            self._failure = error
            self._finish()
        finally:
            if process is not None:
                self._end(process)

    def _take(self) -> Job | None:
        """Wait for the next job; None when there are none left, and none runs that could add one."""
        with self._changed:
            while not self._waiting and self._running and not self._is_stopped:
                self._changed.wait()
            if self._is_stopped or not self._waiting:
                return None
            self._running += 1
            return self._waiting.popleft()

    def _finish(self) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def _start(self) -> Popen[bytes] | None:
        """Start a process; None when the pool has been stopped."""
        with self._changed:
            if self._is_stopped:
                return None
            process = start_module(_WORKER, environment=_ENVIRONMENT)
            self._processes.add(process)
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended, which is noticed when it gets a job
            process.stdin.write(self._configuration)
            process.stdin.flush()
        return process

    def _end(self, process: Popen[bytes]) -> None:
        process.kill()
        process.wait()
        with self._changed:
            self._processes.discard(process)
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


def _execute(process: Popen[bytes], job: Job) -> Mapping[str, Any] | None:
    """Have a process execute a job and return the result, None when it dies."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(job.message).encode() + b"\n")
        process.stdin.flush()
        while line := process.stdout.readline():
            message: dict[str, Any] = json.loads(line)
            if "t_ms" not in message:
                return message
            job.on_progress(message["t_ms"])
    except (OSError, ValueError):
        pass
    return None
