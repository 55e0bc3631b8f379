"""Consumers of events: a bounded queue and a thread each, so that a slow or dead one does not delay the others."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import socket
import sys
import threading
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path
from typing import BinaryIO, TextIO

from facecam.errors import OutputError
from facecam.events.event import SessionEvent
from facecam.fileio import give_to_owner

_log = logging.getLogger(__name__)

MAX_WAITING = 256
"""Events that wait for one consumer."""

CLOSING_S = 3.0
"""Time for the events that still wait at the end."""

_POLL_S = 0.2
_SEND_TIMEOUT_S = 5.0
_BACKOFF_S = (0.5, 30.0)
"""First and longest time between two attempts to connect."""

_MAX_LINE_BYTES = 65_536
_ATOMIC_BYTES = getattr(select, "PIPE_BUF", 512)
"""Bytes that a pipe takes without waiting when it is ready for writing."""


class DeliveryError(Exception):
    """An event could not be delivered. The text is a sentence."""


class EventConsumer(threading.Thread, ABC):
    """Delivers events in order. When MAX_WAITING wait, the oldest is dropped and counted.

    Attributes:
        label: What the consumer is, for messages.
        delivered: Number of delivered events.
        failed: Number of events that could not be delivered.
        dropped: Number of events that were dropped because too many waited, or at the end.
    """

    def __init__(self, label: str) -> None:
        super().__init__(name=f"events to {label}", daemon=True)
        self.label = label
        self.delivered = self.failed = self.dropped = 0
        self._waiting: deque[SessionEvent] = deque()
        self._changed = threading.Condition()
        self._is_closing = False
        self._is_failing = False
        self._ending = threading.Event()
        """Set when what is being delivered must be given up."""

    @abstractmethod
    def _deliver(self, event: SessionEvent) -> None:
        """Deliver an event. DeliveryError when that fails; it ends soon when `_ending` is set."""

    def _release(self) -> None:
        """Release what the consumer holds, in its own thread."""

    def put(self, event: SessionEvent) -> None:
        """Queue an event. Never waits."""
        with self._changed:
            if len(self._waiting) == MAX_WAITING:
                self._waiting.popleft()
                self.dropped += 1
                if self.dropped == 1:
                    _log.warning("events to %s: too slow, so that events are dropped", self.label)
            self._waiting.append(event)
            self._changed.notify()

    def close(self, timeout_s: float = CLOSING_S) -> None:
        """Deliver the waiting events as far as the time allows, and end the thread."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self.join(timeout_s)
        self._ending.set()
        self._interrupt()
        self.join(1.0)

    def _interrupt(self) -> None:
        """Make `_deliver` return, from another thread."""

    def run(self) -> None:
        while (event := self._next()) is not None:
            try:
                self._deliver(event)
            except DeliveryError as error:
                if self._ending.is_set():
                    self.dropped += 1
                    continue
                self.failed += 1
                if not self._is_failing:
                    _log.warning("events to %s: %s", self.label, error)
                self._is_failing = True
            except Exception:  # noqa: BLE001 - one consumer must not end for one event
                self.failed += 1
                _log.exception("events to %s: internal error, please report this", self.label)
            else:
                self.delivered += 1
                if self._is_failing:
                    _log.warning("events to %s: works again", self.label)
                self._is_failing = False
        self._release()

    def _next(self) -> SessionEvent | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closing)
            if self._ending.is_set():
                self.dropped += len(self._waiting)
                self._waiting.clear()
            return self._waiting.popleft() if self._waiting else None


class StreamConsumer(EventConsumer):
    """Writes JSON lines to a stream, stdout. When its reader has gone, the output ends without a message."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__("stdout")
        self._stream = stream
        self._descriptor: int | None = None
        self._has_reader = True
        with contextlib.suppress(OSError, ValueError):  # a stream in memory has no descriptor
            stream.flush()
            self._descriptor = os.dup(stream.fileno())

    def _deliver(self, event: SessionEvent) -> None:
        line = event.to_json().encode() + b"\n"
        try:
            if self._has_reader:
                self._write(line)
        except OSError:
            self._has_reader = False

    def _write(self, line: bytes) -> None:
        if self._descriptor is None:
            self._stream.write(line.decode())
            self._stream.flush()
            return
        while line:
            if sys.platform != "win32":  # which has no select for pipes
                while not select.select((), (self._descriptor,), (), _POLL_S)[1]:
                    if self._ending.is_set():
                        raise DeliveryError("the reader of stdout does not read")
            try:
                line = line[os.write(self._descriptor, line[:_ATOMIC_BYTES]) :]
            except BlockingIOError:
                continue

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


class FileConsumer(EventConsumer):
    """Appends JSON lines to a file. A new file follows the umask, as other files that a user names."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            OutputError: The file cannot be written, or has something else than events.
        """
        super().__init__(str(path))
        try:
            self._file = _open_for_events(path)
        except OSError as error:
            raise OutputError("events cannot be written to {path}: {error}", path=path, error=error.strerror or error) from error

    def _deliver(self, event: SessionEvent) -> None:
        try:
            self._file.write(event.to_json().encode() + b"\n")
        except OSError as error:
            raise DeliveryError(f"cannot be written: {error.strerror or error}") from error

    def _release(self) -> None:
        self._file.close()


def _open_for_events(path: Path) -> BinaryIO:
    """Open a file of events for appending, or create one. OSError, or OutputError when it has something else."""
    if path.exists() and not path.is_file():
        raise OutputError("events cannot be written to {path}, which is not a file; name a file", path=path)
    is_new = not path.exists()
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o666)
    file: BinaryIO = os.fdopen(descriptor, "r+b", buffering=0)
    try:
        if is_new:
            give_to_owner(descriptor, path.parent)
        _check_content(file, path)
    except BaseException:
        file.close()
        raise
    return file


def _check_content(file: BinaryIO, path: Path) -> None:
    """Raise OutputError for a file that has something else than events, and end the last line of a killed program."""
    if file.seek(0, os.SEEK_END) == 0:
        return
    file.seek(0)
    if not _is_event(file.read(_MAX_LINE_BYTES).partition(b"\n")[0]):
        raise OutputError("{path} has something else than events, so that none are appended; name another file", path=path)
    file.seek(-1, os.SEEK_END)
    if file.read(1) != b"\n":
        file.write(b"\n")


def _is_event(line: bytes) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and "schema_version" in found and "kind" in found


class SocketConsumer(EventConsumer):
    """Sends JSON lines to a Unix socket on which another program listens. Connects again after a failure."""

    def __init__(self, path: Path) -> None:
        """Prepare the connection.

        Raises:
            OutputError: This system has no Unix sockets.
        """
        if not hasattr(socket, "AF_UNIX"):
            raise OutputError("unix:{path} cannot be used, because Python has no Unix sockets on this system", path=path)
        super().__init__(f"unix:{path}")
        self._path = path
        self._socket: socket.socket | None = None
        self._backoff_s = _BACKOFF_S[0]

    def _deliver(self, event: SessionEvent) -> None:
        line = event.to_json().encode() + b"\n"
        while not self._ending.is_set():
            try:
                self._connection().sendall(line)
            except OSError as error:
                self._disconnect()
                if not self._is_failing:
                    self._is_failing = True
                    _log.warning("events to %s: %s; connecting again", self.label, error.strerror or error)
                # While closing, one failure ends it.
                if self._is_closing or self._ending.wait(self._backoff_s):
                    break
                self._backoff_s = min(self._backoff_s * 2, _BACKOFF_S[1])
            else:
                self._backoff_s = _BACKOFF_S[0]
                return
        raise DeliveryError("not connected")

    def _connection(self) -> socket.socket:
        """Return the connection. A reader that has gone is noticed here, before an event is lost."""
        if self._socket is not None and select.select((self._socket,), (), (), 0)[0] and not self._socket.recv(4096):
            self._disconnect()
        if self._socket is None:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(_SEND_TIMEOUT_S)
            try:
                connection.connect(str(self._path))
            except OSError:
                connection.close()
                raise
            self._socket = connection
        return self._socket

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _interrupt(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self._socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr] # None is suppressed

    def _release(self) -> None:
        self._disconnect()
