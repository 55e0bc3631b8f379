"""Markers: short texts that a user adds to the log of a running session, from the session's program or from another one.

A session watches a private folder, `<log folder>/.marks/<session id>/`. `send_marker` puts a file into the folder of every
running session and waits until it is gone, which it is when the marker's row is written. No network is used.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import platform
import re
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facecam.errors import LogError, SettingsError
from facecam.fileio import parse_json, read_regular
from facecam.logbook.sessions import is_in_use, session_parts
from facecam.messages import TranslatableText, visible

MAX_TEXT = 200
"""Longest text of a marker, in characters."""

ANSWER_S = 10.0
"""Time in which a running session writes a marker's row, unless a frame takes longer."""

_ABANDONED_AFTER_S = 3 * ANSWER_S

_FOLDER = ".marks"
_SENT, _TAKEN = ".mark", ".taken"
_POLL_S = 0.2
_MAX_BYTES = 4096
_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_log = logging.getLogger(__name__)


def marker_text(text: str) -> str:
    """Return the text of a marker without spaces around it. SettingsError unless it is one line of 1 to MAX_TEXT characters."""
    stripped = text.strip()
    if not stripped:
        raise SettingsError("the marker has no text; write what happens, such as `facecam mark begin`")
    if _CONTROL.search(stripped) or visible(stripped) != stripped:
        raise SettingsError("the marker's text has line breaks or control characters; write one line")
    if len(stripped) > MAX_TEXT:
        raise SettingsError(
            "the marker's text has {count} characters; write at most {limit}", count=len(stripped), limit=MAX_TEXT
        )
    return stripped


@dataclass(frozen=True, slots=True)
class Marker:
    """Text of a marker and the moment at which it was set (time.monotonic)."""

    text: str
    at_s: float


class MarkerFolder:
    """Folder in which a running session receives markers of other programs. Its methods never raise.

    `take` claims the waiting markers; `confirm` tells their senders that the rows are written.
    """

    def __init__(self, log_dir: Path, session_id: str) -> None:
        self._path = log_dir / _FOLDER / session_id
        self._taken: list[Path] = []
        self._next_s = 0.0
        self._create()

    def take(self, *, now: bool = False) -> list[Marker]:
        """Return the markers that have arrived, looking several times a second, or now."""
        if not now and time.monotonic() < self._next_s:
            return []
        self._next_s = time.monotonic() + _POLL_S
        try:
            sent = sorted(path for path in self._path.iterdir() if path.suffix == _SENT)
        except FileNotFoundError:
            self._create()
            return []
        except OSError as error:
            _log.debug("%s cannot be listed: %s", self._path, error)
            return []
        return [marker for path in sent if (marker := self._claim(path)) is not None]

    def confirm(self) -> None:
        """Tell the senders of all taken markers that these are in the log."""
        for path in self._taken:
            with contextlib.suppress(OSError):
                path.unlink()
        self._taken.clear()

    def close(self) -> None:
        """Delete the folder unless a marker is in it, whose sender waits for the answer and deletes both."""
        for folder in (self._path, self._path.parent):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _create(self) -> None:
        try:
            for folder in (self._path.parent, self._path):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            _log.info("`facecam mark` does not reach this session: %s", error)

    def _claim(self, path: Path) -> Marker | None:
        """Take a marker's file, so that its sender does not withdraw it, and return the marker; None for a damaged one."""
        taken = path.with_suffix(_TAKEN)
        try:
            path.rename(taken)
            content = parse_json(read_regular(taken, _MAX_BYTES))
            marker = Marker(marker_text(content["text"]), time.monotonic() - _age_s(content))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, SettingsError) as error:
            _log.warning("%s is not a marker and was left out (%s)", path, type(error).__name__)
            with contextlib.suppress(OSError):
                taken.unlink()
            return None
        self._taken.append(taken)
        return marker


def _age_s(content: dict[str, object]) -> float:
    """Return how long ago a marker was sent: by the monotonic clock, which all programs of one machine share."""
    is_here = content["machine"] == platform.node()
    sent_s, now_s = (content["at_s"], time.monotonic()) if is_here else (content["at_unix_s"], time.time())
    return max(0.0, now_s - float(sent_s))  # type: ignore[arg-type]


def send_marker(log_dir: Path, text: str, at_s: float | None = None) -> tuple[list[str], list[str]]:
    """Add a marker to the log of every running session of a log folder.

    Args:
        log_dir: The folder of logs.
        text: One line of 1 to MAX_TEXT characters.
        at_s: The moment (time.monotonic), now by default.

    Returns:
        The ids of the sessions that have it in their log, and of those that are running and did not answer.

    Raises:
        SettingsError: The text is not possible.
        LogError: No session is running, or another user's session is.
    """
    now_s = time.monotonic()
    at_s = now_s if at_s is None else at_s
    content = {"at_s": at_s, "at_unix_s": time.time() - (now_s - at_s), "machine": platform.node(), "text": marker_text(text)}
    data = json.dumps(content).encode()
    try:
        sent = [path for folder in _running(log_dir) if (path := _send(folder, data)) is not None]
    except OSError as error:
        advice = TranslatableText("check the folder and its disk")
        if isinstance(error, PermissionError):
            advice = TranslatableText("run this as the user who runs them")
        raise LogError(
            "the sessions in {folder} cannot be reached ({error}); {advice}", folder=log_dir, error=error, advice=advice
        ) from error
    if not sent:
        raise LogError(
            "no session is running with logs in {folder}; start one with `facecam run --log {folder}`, or "
            "give the folder of the running one with --log",
            folder=log_dir,
        )
    deadline_s = time.monotonic() + ANSWER_S
    while any(map(_is_waiting, sent)) and time.monotonic() < deadline_s:
        time.sleep(_POLL_S / 4)
    silent = [path.parent.name for path in sent if _withdraw(path)]
    return [path.parent.name for path in sent if path.parent.name not in silent], silent


def _running(log_dir: Path) -> Iterator[Path]:
    """Yield the marker folders of the running sessions, and delete those that killed sessions have left."""
    folders = log_dir / _FOLDER
    for folder in sorted(folders.iterdir()) if folders.is_dir() else []:
        if _may_run(folder):
            yield folder
        else:
            _delete(folder)


def _may_run(folder: Path) -> bool:
    """Return whether a session is writing its log. Where no lock tells it, only its answer does."""
    session_id = folder.name
    first = folder.parent.parent / f"{session_id[:4]}-{session_id[4:6]}-{session_id[6:8]}" / f"{session_id}.csv"
    try:
        return sys.platform == "win32" or any(is_in_use(part) for part in session_parts(first) if part.exists())
    except OSError:
        return True


def _send(folder: Path, data: bytes) -> Path | None:
    """Put a marker into a session's folder and return its file, None if the session has just ended."""
    path = folder / f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}{_SENT}"
    part = path.with_suffix(".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        part.rename(path)
    except FileNotFoundError:
        return None
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    return path


def _is_waiting(path: Path) -> bool:
    return path.exists() or path.with_suffix(_TAKEN).exists()


def _withdraw(path: Path) -> bool:
    """Delete a marker that was not answered; return False if it is in the log after all."""
    withdrawn = False
    for left in (path, path.with_suffix(_TAKEN)):
        with contextlib.suppress(OSError):
            left.unlink()
            withdrawn = True
    if not _may_run(path.parent):
        _delete(path.parent)
    return withdrawn


def _delete(folder: Path) -> None:
    """Delete the marker folder of a session that is not running.

    Markers whose senders may still wait stay: a sender takes it for the answer when its marker is gone.
    """
    with contextlib.suppress(OSError):
        for left in folder.iterdir():
            is_marker = left.suffix in (_SENT, _TAKEN, ".part")
            if is_marker and time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S:
                left.unlink()
        folder.rmdir()
        folder.parent.rmdir()
