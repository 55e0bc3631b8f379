"""Consumer that runs a command for each event, one at a time, never through a shell."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from facecam.errors import SettingsError
from facecam.events import launcher
from facecam.events.consumers import DeliveryError, EventConsumer
from facecam.events.event import SessionEvent


def split_command(text: str) -> list[str]:
    """Split a command into its program and arguments by the rules of a shell, without its other features.

    Raises:
        SettingsError: The text is empty or has an open quotation mark, or the program does not exist.
    """
    try:
        words = shlex.split(text, posix=os.name != "nt")
    except ValueError as error:
        raise SettingsError("the event command {text} cannot be split into words: {error}", text=text, error=error) from error
    if not words:
        raise SettingsError("the event command is empty; name a program")
    words[0] = os.path.expanduser(words[0])  # noqa: PTH111 - a name without a folder is looked up in PATH
    if shutil.which(words[0]) is None:
        raise SettingsError(
            "the program {program} of the event command was not found, or cannot be run; check its name", program=words[0]
        )
    return words


class CommandConsumer(EventConsumer):
    """Runs a command per event, with the event as JSON on its stdin.

    A small process of its own, `facecam/events/launcher.py`, starts the command: a large process takes longer to start others,
    and when facecam is killed, the launcher sees its input end and kills the command.
    """

    def __init__(self, command: str, timeout_s: float) -> None:
        """Start the launcher.

        Raises:
            SettingsError: See `split_command`.
        """
        words = split_command(command)
        super().__init__(Path(words[0]).name)
        shows_errors = logging.getLogger().isEnabledFor(logging.DEBUG)
        # Its own session, so that Ctrl-C in a terminal does not end it before facecam has sent the last events.
        self._launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(launcher.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._send(json.dumps({"command": words, "timeout_s": timeout_s, "shows_errors": shows_errors}))

    def _send(self, line: str) -> None:
        assert self._launcher.stdin is not None
        self._launcher.stdin.write(line.encode() + b"\n")
        self._launcher.stdin.flush()

    def _deliver(self, event: SessionEvent) -> None:
        assert self._launcher.stdout is not None
        try:
            self._send(event.to_json())
            answer = self._launcher.stdout.readline()
        except (OSError, ValueError) as error:  # closed by `_interrupt`
            raise DeliveryError("the process that starts the command has ended") from error
        if not answer:
            raise DeliveryError("the process that starts the command has ended")
        if problem := json.loads(answer):
            raise DeliveryError(problem)

    def _interrupt(self) -> None:
        """End the input of the launcher, which kills the command."""
        assert self._launcher.stdin is not None
        with contextlib.suppress(OSError):
            self._launcher.stdin.close()

    def _release(self) -> None:
        self._interrupt()
        assert self._launcher.stdout is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._launcher.wait(5)
        self._launcher.stdout.close()
