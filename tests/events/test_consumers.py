"""Consumers of events: queues, commands with their limits, files and sockets."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facecam.errors import OutputError, SettingsError
from facecam.events.command import CommandConsumer, split_command
from facecam.events.consumers import MAX_WAITING, EventConsumer, FileConsumer, SocketConsumer, StreamConsumer
from facecam.events.event import EventKind, SessionEvent
from facecam.events.filters import EventFilter, accepts_any
from tests.session.conftest import wait_for

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such processes and sockets")


def event(number: int = 0, kind: EventKind = EventKind.PERSON_ARRIVED, name: str | None = "Ada") -> SessionEvent:
    return SessionEvent(kind, datetime(2026, 3, 1, tzinfo=UTC), number, "s", "camera 0", None if name is None else "1", name)


@pytest.fixture
def started() -> Iterator[ExitStack]:
    """Closes the consumers that a test starts."""
    with ExitStack() as stack:
        yield stack


def start(stack: ExitStack, consumer: EventConsumer, timeout_s: float = 5.0) -> EventConsumer:
    consumer.start()
    stack.callback(consumer.close, timeout_s)
    return consumer


def is_running(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False


def pid_in(path: Path) -> int:
    wait_for(lambda: path.exists() and path.read_text(encoding="utf-8").endswith("\n"))
    return int(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("text", "is_accepted"),
    [
        ("kind=known", True),
        ("kind = person_arrived", True),
        ("kind=unknown", False),
        ("kind!=unknown and name=ADA", True),
        ("kind=known AND name != Ada", False),
        ("source=camera 0", True),
        ("reason=absent", False),
    ],
)
def test_a_filter_compares_fields(text: str, is_accepted: bool) -> None:
    assert EventFilter.parse(text).accepts(event()) is is_accepted


def test_one_of_several_filters_has_to_accept_an_event() -> None:
    filters = [EventFilter.parse("kind=unknown"), EventFilter.parse("name=Ada")]

    assert accepts_any(filters, event())
    assert not accepts_any(filters, event(name="Grace"))
    assert accepts_any([], event())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not FIELD=VALUE"),
        ("kind=known or name=Ada", "has an unknown kind; the kinds are person_arrived,"),
        ("kind=known and", "has an unknown kind"),
        ("age=3", "has an unknown field; the fields are kind, name"),
        ("kind>3", "is not FIELD=VALUE"),
    ],
)
def test_a_wrong_filter_names_its_part(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        EventFilter.parse(text)


@posix
def test_a_command_gets_each_event_in_order_and_no_shell_runs(started: ExitStack, tmp_path: Path) -> None:
    out = tmp_path / "a;b $HOME > c"
    consumer = start(started, CommandConsumer(f"tee -a '{out}'", 10))
    for number in range(5):
        consumer.put(event(number))
    consumer.close(20)

    assert [json.loads(line)["t_ms"] for line in out.read_text().splitlines()] == [0, 1, 2, 3, 4]
    assert consumer.delivered == 5
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize(
    ("text", "message"), [("", "is empty"), ("'a", "cannot be split"), ("no-such-program -x", "no-such-program .* was not found")]
)
def test_a_command_that_cannot_run_is_refused_before_the_start(text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        split_command(text)


@posix
def test_a_hanging_command_is_killed_with_its_children_and_the_next_event_is_delivered(
    started: ExitStack, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "hang.sh"
    script.write_text(f"test -e {tmp_path}/pid && exit 0\nsleep 1000 & echo $! > {tmp_path}/pid; wait\n", encoding="utf-8")
    consumer = start(started, CommandConsumer(f"sh {script}", 0.3))
    consumer.put(event())
    child = pid_in(tmp_path / "pid")
    consumer.put(event(1))
    wait_for(lambda: consumer.delivered == 1)

    assert not is_running(child)
    assert consumer.failed == 1
    assert "killed, because it ran longer than 0.3 s" in caplog.text


@posix
def test_a_run_of_failures_is_logged_once_and_counted(started: ExitStack, caplog: pytest.LogCaptureFixture) -> None:
    consumer = start(started, CommandConsumer("sh -c 'exit 3'", 10))
    for number in range(4):
        consumer.put(event(number))
    wait_for(lambda: consumer.failed == 4)

    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == [
        "events to sh: ended with status 3"
    ]


@posix
def test_a_full_queue_drops_the_oldest_events_and_ending_kills_the_command(started: ExitStack, tmp_path: Path) -> None:
    script = tmp_path / "hang.sh"
    script.write_text(f"echo $$ > {tmp_path}/pid; exec sleep 1000\n", encoding="utf-8")
    consumer = start(started, CommandConsumer(f"sh {script}", 1000))
    consumer.put(event())
    running = pid_in(tmp_path / "pid")
    for number in range(MAX_WAITING + 10):
        consumer.put(event(number))
    assert consumer.dropped == 10
    consumer.close(0)

    assert not is_running(running)
    assert consumer.dropped == 10 + MAX_WAITING + 1
    assert not consumer.is_alive()


@posix
def test_the_command_dies_with_a_killed_facecam(tmp_path: Path) -> None:
    script = tmp_path / "hang.sh"
    script.write_text(f"sleep 1000 & echo $! > {tmp_path}/pid; wait\n", encoding="utf-8")
    program = f"""
import time
from datetime import datetime, UTC
from facecam.events.command import CommandConsumer
from facecam.events.event import EventKind, SessionEvent
consumer = CommandConsumer("sh {script}", 1000)
consumer.start()
consumer.put(SessionEvent(EventKind.PERSON_ARRIVED, datetime.now(UTC), 0, None))
time.sleep(1000)
"""
    with subprocess.Popen([sys.executable, "-c", program]) as process:
        child = pid_in(tmp_path / "pid")
        assert is_running(child)
        process.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_running(child))


def test_a_file_is_appended_to_also_after_a_torn_line(started: ExitStack, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for number in range(2):
        consumer = start(started, FileConsumer(path))
        consumer.put(event(number))
        consumer.close()
    with path.open("a") as file:
        file.write('{"schema_ver')
    consumer = start(started, FileConsumer(path))
    consumer.put(event(2))
    consumer.close()

    lines = path.read_text(encoding="ascii").splitlines()
    assert [json.loads(line)["t_ms"] for line in (lines[0], lines[1], lines[3])] == [0, 1, 2]


@pytest.mark.parametrize("content", [b"\x00\x01video", b"{}\n", b"name,t\nAda,1\n"])
def test_a_file_with_something_else_is_never_written_to(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine"
    path.write_bytes(content)

    with pytest.raises(OutputError, match="has something else than events"):
        FileConsumer(path)
    assert path.read_bytes() == content
    with pytest.raises(OutputError, match="is not a file"):
        FileConsumer(tmp_path)


@posix
def test_a_socket_is_connected_again_and_loses_no_waiting_event(started: ExitStack, tmp_path: Path) -> None:
    path = tmp_path / "s"
    consumer = start(started, SocketConsumer(path))
    consumer.put(event(1))  # nobody listens yet
    wait_for(lambda: consumer._is_failing)
    received = []
    for number in (1, 2):
        with socket.socket(socket.AF_UNIX) as server:
            path.unlink(missing_ok=True)
            server.bind(str(path))
            server.listen()
            if number == 2:
                consumer.put(event(2))
            connection, _ = server.accept()
            with connection, connection.makefile() as lines:
                received.append(json.loads(lines.readline())["t_ms"])

    assert received == [1, 2]


@posix
def test_a_reader_of_stdout_that_does_not_read_is_given_up_and_one_that_has_gone_is_quiet(
    started: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        consumer = start(started, StreamConsumer(stream))
        for number in range(600):  # more than the pipe holds
            consumer.put(event(number))
            wait_for(lambda: len(consumer._waiting) < 200 or consumer.delivered > 150)
        consumer.close(0)
        assert not consumer.is_alive()
        assert consumer.dropped > 0
        caplog.clear()
        os.close(reading)
        consumer = start(started, StreamConsumer(stream))
        consumer.put(event())
        consumer.close()
    assert caplog.records == []
    assert consumer.failed == 0


def test_putting_an_event_never_waits_for_a_consumer(started: ExitStack) -> None:
    release = threading.Event()

    class Stuck(EventConsumer):
        def _deliver(self, event: SessionEvent) -> None:  # noqa: ARG002 - as of its base class
            release.wait(60)

        def _interrupt(self) -> None:
            release.set()

    consumer = start(started, Stuck("nobody"), 0)
    for number in range(10_000):
        consumer.put(event(number))
    assert consumer.dropped >= 10_000 - MAX_WAITING - 1
