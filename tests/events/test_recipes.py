"""Recipes of docs/guides/events.md: the scripts as they stand there, with stand-ins for what they control."""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import shlex
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from facecam.events.command import CommandConsumer
from facecam.events.event import EventKind, SessionEvent
from facecam.events.filters import EventFilter
from tests.events.test_consumers import event

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the recipes are for POSIX systems")

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "events.md").read_text(encoding="utf-8")
ARRIVED, LEFT, STRANGER = EventKind.PERSON_ARRIVED, EventKind.PERSON_LEFT, EventKind.STRANGER_ARRIVED

Deliver = Callable[..., None]


def recipe(title: str) -> tuple[list[str], list[str]]:
    """Return the code blocks of a recipe, and the words of its facecam command."""
    section = GUIDE.split(f"### {title}\n")[1].partition("\n##")[0]
    blocks = re.findall(r"^```\w*\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return blocks[:-1], shlex.split(blocks[-1])


@pytest.fixture
def deliver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deliver:
    """Deliver events to the command of a recipe, those that its filter accepts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / ".cache").mkdir()
    for program in ("loginctl", "espeak-ng"):
        script(tmp_path / program, f'#!/bin/sh\necho {program} "$@" >> called\n')

    def run(words: list[str], *events: SessionEvent) -> None:
        options = dict(itertools.pairwise(words))
        accepts = EventFilter.parse(options["--event-filter"]).accepts if "--event-filter" in options else lambda _: True
        consumer = CommandConsumer(options["--on-event"], 30)
        consumer.start()
        for each in filter(accepts, events):
            consumer.put(each)
        consumer.close(60)
        assert consumer.failed == consumer.dropped == 0

    return run


def script(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def left(person: str, reason: str = "absent", session: str = "s") -> SessionEvent:
    found = event()
    return SessionEvent(LEFT, found.at_utc, 1, session, "camera 0", person, "Ada", visit_s=61.5, reason=reason)


def arrived(person: str, session: str = "s") -> SessionEvent:
    return SessionEvent(ARRIVED, event().at_utc, 1, session, "camera 0", person, "Ada")


@pytest.mark.parametrize(
    ("events", "locks"),
    [
        ([arrived("1"), left("1")], 1),
        ([arrived("1"), arrived("2"), left("1"), left("2")], 1),
        ([arrived("1"), left("1", "session_ended")], 0),
        ([arrived("1", "killed"), arrived("2"), left("2")], 1),
        ([event(kind=STRANGER, name=None)], 0),
    ],
)
def test_the_screen_is_locked_when_the_last_person_has_left(
    deliver: Deliver, tmp_path: Path, events: list[SessionEvent], locks: int
) -> None:
    (text,), command = recipe("Lock the screen when no known person is there")
    script(tmp_path / "lock-screen", text)

    deliver(command, *events)

    called = (tmp_path / "called").read_text() if (tmp_path / "called").exists() else ""
    assert called == "loginctl lock-session\n" * locks


def test_people_are_announced_by_their_name(deliver: Deliver, tmp_path: Path) -> None:
    (text,), command = recipe("Announce people by speech")
    script(tmp_path / "announce", text)

    deliver(command, event(name="$(touch x) --Ada"), event(kind=STRANGER, name=None), left("1"))

    assert (tmp_path / "called").read_text() == "espeak-ng -- Hello $(touch x) --Ada\n"
    assert not (tmp_path / "x").exists()


def test_visits_are_written_to_a_sheet(deliver: Deliver, tmp_path: Path) -> None:
    (text,), command = recipe("Write attendance to a sheet")
    script(tmp_path / "attendance", text)
    formula = SessionEvent(LEFT, event().at_utc, 1, "s", None, "2", "=cmd|'x'", visit_s=2.0, reason="absent")

    deliver(command, arrived("1"), left("1"), formula)

    rows = list(csv.reader((tmp_path / "attendance.csv").read_text(encoding="utf-8").splitlines()))
    assert rows == [["2026-03-01T00:00:00.000Z", "Ada", "61.5"], ["2026-03-01T00:00:00.000Z", "'=cmd|'x'", "2.0"]]


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """A server on this computer that keeps what is posted to it."""
    posted: list[tuple[str, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((f"{self.path} {self.headers.get('Authorization')} {self.headers['Content-Type']}", json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}", posted
        http.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("title", "file", "request_line"),
    [
        ("Send a webhook", "webhook.conf", "/hooks/faces Bearer TOKEN application/json"),
        ("Presence in Home Assistant", "home-assistant.conf", "/api/webhook/WEBHOOK_ID None application/json"),
    ],
)
def test_an_event_is_posted_by_curl(
    deliver: Deliver,
    tmp_path: Path,
    server: tuple[str, list[tuple[str, dict[str, Any]]]],
    title: str,
    file: str,
    request_line: str,
) -> None:
    (text,), command = recipe(title)
    address, posted = server
    (tmp_path / file).write_text(re.sub(r"https?://[^/]+", address, text), encoding="utf-8")

    deliver(command, event(name="Łucja"))

    assert posted == [(request_line, event(name="Łucja").to_dict())]
    assert "TOKEN" not in " ".join(command)
