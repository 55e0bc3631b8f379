"""Events found in the results and the status of a session."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from facecam.events.arrivals import ArrivalRule, ArrivalTracker
from facecam.events.event import SessionEvent
from facecam.events.worker import EventFeed, EventWorker
from facecam.session.visitors import VisitorSummary
from facecam.settings import Mode
from facecam.types import Decision, DecisionStatus, Event, Frame, Label, Result
from tests.session.conftest import Rig, ScriptedSource, wait_for


def visitor(status: DecisionStatus, begin_s: float, last_s: float, *, person: str | None = "1", here: bool = True) -> Any:
    nothing: Any = None
    tracks = (1,) if here else ()
    decision = Decision(status, "accepted", "Ada") if status is DecisionStatus.KNOWN else Decision(status, "too_far")
    who = f"person {person}" if person else "visitor 1"
    name = person and "Ada"
    return VisitorSummary(who, name, person, tracks, 1, begin_s, begin_s, last_s, 1, nothing, nothing, nothing, nothing, decision)


KNOWN, UNSURE, UNKNOWN = DecisionStatus.KNOWN, DecisionStatus.UNSURE, DecisionStatus.UNKNOWN


def test_a_doubtful_face_does_not_arrive_and_a_person_who_becomes_doubtful_does_not_leave() -> None:
    tracker = ArrivalTracker()
    assert tracker.find_arrivals([visitor(UNSURE, 0, 9, person=None)]) == []
    assert tracker.find_arrivals([visitor(UNSURE, 0, 10)]) == []
    assert len(tracker.find_arrivals([visitor(KNOWN, 0, 11)])) == 1
    assert tracker.find_arrivals([visitor(UNSURE, 0, 200)]) == []

    assert tracker.find_departures(200) == []


def test_arrivals_and_departures_of_a_person_alternate() -> None:
    tracker = ArrivalTracker(ArrivalRule(quiet_s=30))
    found = []
    for begin_s, last_s, now_s in [(0, 10, 10), (20, 25, 25), (20, 25, 54), (20, 25, 55), (56, 57, 57), (56, 57, 90)]:
        here = now_s == last_s
        found += ["+" for _ in tracker.find_arrivals([visitor(KNOWN, begin_s, last_s, here=here)])]
        found += [f"-{left.last_seen_s:g}" for left in tracker.find_departures(now_s)]

    assert found == ["+", "-25", "+", "-57"]


def test_without_a_quiet_time_a_person_in_view_neither_leaves_nor_arrives_again() -> None:
    tracker = ArrivalTracker(ArrivalRule(quiet_s=0))
    seen = [visitor(KNOWN, 0, last_s) for last_s in (0, 0, 1, 2)]

    assert [len(tracker.find_arrivals([each])) + len(tracker.find_departures(5)) for each in seen] == [1, 0, 0, 0]


def test_somebody_arrives_after_the_dwell_time_and_a_stranger_after_five_seconds() -> None:
    tracker = ArrivalTracker(ArrivalRule(dwell_s=3))

    assert [len(tracker.find_arrivals([visitor(KNOWN, 0, last_s)])) for last_s in (1, 2.9, 3, 4)] == [0, 0, 1, 0]
    assert [len(tracker.find_arrivals([visitor(UNKNOWN, 0, last_s, person=None)])) for last_s in (3, 4.9, 5, 6)] == [0, 0, 1, 0]


def test_a_taught_object_is_reported_once_until_it_was_away_for_the_quiet_time(tmp_path: Path) -> None:
    found: list[SessionEvent] = []
    session = Rig(tmp_path).session(ScriptedSource, log=False)
    worker = EventWorker(session, EventFeed(), ArrivalRule(quiet_s=10), found.append)
    mug, cup = Label("mug", "", 0.9), Label("cup", "n03147509", 0.9)
    for at_s, labels in [(1, (mug,)), (2, (mug, cup)), (3, (cup,)), (5, ()), (11, (mug,)), (25, (mug,))]:
        frame = Frame(np.zeros((4, 4, 3), np.uint8), at_s, at_s * 1e3, session.started_at_s + at_s, "fake")
        result = Result.empty(frame, Mode.OBJECTS)
        worker._step([(frame, dataclasses.replace(result, labels=labels, taught=(mug,)), 0)])

    assert [(event.kind, event.name, round(event.t_ms)) for event in found] == [
        ("object_shown", "mug", 1000),
        ("object_shown", "mug", 25_000),
    ]
    assert found[0].session_id == session.session_id


def test_a_lost_camera_is_reported_once_and_again_when_it_is_back(tmp_path: Path) -> None:
    rig, feed, found = Rig(tmp_path), EventFeed(), list[SessionEvent]()
    address = "rtsp://ada:s3cret@192.0.2.1/live"
    opened: list[ScriptedSource] = []

    def open_source(started_at_s: float) -> ScriptedSource:
        opened.append(ScriptedSource(started_at_s, source=address, count=30 if not opened else None))
        return opened[-1]

    session = rig.session(open_source, sinks=(feed,))
    worker = EventWorker(session, feed, ArrivalRule(), found.append)
    worker.start()
    session.start()
    wait_for(lambda: len(found) == 2)
    assert session.stop()
    worker.join()

    assert [event.kind for event in found] == ["camera_lost", "camera_back"]
    assert {event.source for event in found} == {"rtsp://192.0.2.1/live"}
    assert session.log is not None
    assert {event.session_id for event in found} == {session.log.path.stem}


def test_handing_over_a_result_never_waits_and_keeps_few_images() -> None:
    feed = EventFeed()
    for index in range(1000):
        frame = Frame(np.zeros((4, 4, 3), np.uint8), index, index * 33.0, index / 30, "fake")
        result = Result.empty(frame, Mode.FACES)
        feed(frame, dataclasses.replace(result, events=(Event("exit", "", 1),)), 0)

    assert [frame.index for frame, _, _ in feed.take(0)] == list(range(992, 1000))
