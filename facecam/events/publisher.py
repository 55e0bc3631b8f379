"""Publisher of the events of all sessions of a run to its consumers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, TextIO

from facecam.errors import SettingsError
from facecam.events.arrivals import ArrivalRule
from facecam.events.command import CommandConsumer
from facecam.events.consumers import EventConsumer, FileConsumer, SocketConsumer, StreamConsumer
from facecam.events.event import SessionEvent
from facecam.events.filters import EventFilter, accepts_any
from facecam.events.worker import EventFeed, EventWorker
from facecam.fileio import expand_home
from facecam.session.session import Session

_log = logging.getLogger(__name__)

STDOUT = "-"
_UNIX = "unix:"
_JOIN_S = 5.0


@dataclass(frozen=True, slots=True)
class EventOptions:
    """Outputs, commands and filters of a run's events.

    Attributes:
        outputs: `-` for stdout, files, or `unix:PATH`.
        commands: Commands that run once per event.
        filters: Texts of which an event fulfills one; all events without any.
        rule: The rule of arrivals and departures.
        timeout_s: Longest time that a command may run.
    """

    outputs: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    rule: ArrivalRule = field(default_factory=ArrivalRule)
    timeout_s: float = 10.0

    @property
    def are_wanted(self) -> bool:
        """True if there is an output or a command."""
        return bool(self.outputs or self.commands)


def check_output(output: str) -> None:
    """Raise SettingsError for text that is not an output."""
    if not output or output == _UNIX or (output != STDOUT and "://" in output):
        raise SettingsError("events cannot be sent to this address; name a file, unix:PATH for a Unix socket, or - for stdout")


class EventPublisher:
    """Sends the events of sessions to consumers, until it is closed. As a context manager it closes itself."""

    def __init__(self, options: EventOptions, stdout: TextIO) -> None:
        """Open the consumers.

        Raises:
            SettingsError: An output, a command or a filter is not possible.
            OutputError: A file or a socket cannot be used.
        """
        self._rule = options.rule
        self._filters = [EventFilter.parse(text) for text in options.filters]
        self._workers: list[EventWorker] = []
        self.consumers: list[EventConsumer] = []
        for output in options.outputs:
            check_output(output)
        try:
            for output in options.outputs:
                self._add(_consumer(output, stdout))
            for command in options.commands:
                self._add(CommandConsumer(command, options.timeout_s))
        except BaseException:
            self.close()
            raise

    def watch(self, session: Session, feed: EventFeed) -> None:
        """Publish the events of a session, which has the feed as one of its sinks, until it ends."""
        self._workers = [worker for worker in self._workers if worker.is_alive()]
        self._workers.append(EventWorker(session, feed, self._rule, self.publish))
        self._workers[-1].start()

    def publish(self, event: SessionEvent) -> None:
        """Queue an event for every consumer, if a filter accepts it. Never waits."""
        if accepts_any(self._filters, event):
            for consumer in self.consumers:
                consumer.put(event)

    def status(self) -> str:
        """Return the numbers of events as a text for the status line."""
        counts = {name: sum(getattr(each, name) for each in self.consumers) for name in ("delivered", "dropped", "failed")}
        return f"events: {counts['delivered']} delivered" + "".join(
            f", {counts[name]} {name}" for name in ("dropped", "failed") if counts[name]
        )

    def close(self) -> None:
        """End the sessions' threads and the consumers, and log what was not delivered."""
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.join(_JOIN_S)
        for consumer in self.consumers:
            consumer.close()
            if consumer.dropped or consumer.failed:
                _log.warning(
                    "events to %s: %d delivered, %d dropped, %d failed",
                    consumer.label,
                    consumer.delivered,
                    consumer.dropped,
                    consumer.failed,
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _add(self, consumer: EventConsumer) -> None:
        self.consumers.append(consumer)
        consumer.start()


def _consumer(output: str, stdout: TextIO) -> EventConsumer:
    if output == STDOUT:
        return StreamConsumer(stdout)
    if output.startswith(_UNIX):
        return SocketConsumer(expand_home(output.removeprefix(_UNIX)))
    return FileConsumer(expand_home(output))


def trusted_values(values: Sequence[str], key: str, *, is_trusted: bool) -> tuple[str, ...]:
    """Return values of a configuration file that may be used.

    Raises:
        SettingsError: The file lies in the working folder and was not named: it may belong to a folder of unknown origin.
    """
    given = tuple(value for value in values if value)
    if given and not is_trusted:
        raise SettingsError(
            "{key} in ./facecam.toml runs a program or sends events only if you name the file: add --config facecam.toml, "
            "or move the setting to your own configuration file",
            key=key,
        )
    return given


def is_own_config(path: Path | None, named: Path | None) -> bool:
    """Return whether a configuration file was named, or is the user's own. None stands for no file."""
    return path is None or named is not None or path.is_absolute()
