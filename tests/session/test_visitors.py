"""VisitorTracker on hand-made decisions and on the real networks."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.capture.demo import DemoSource
from facecam.capture.source import open_source
from facecam.networks.embedding_networks import DEFAULT_NETWORK, embedding_network
from facecam.recognition.matching import DecisionRule, Index
from facecam.recognition.person_groups import GroupMatcher
from facecam.recognizer import Recognizer
from facecam.session import visitor_groups
from facecam.session import visitors as module
from facecam.session.visitor_groups import PORTRAIT_PX, Visit, crop_portrait, join_visits
from facecam.session.visitors import VisitorSummary, VisitorTracker
from facecam.settings import CaptureSettings, Mode, Settings, TrackSettings
from facecam.types import (
    VISIT_GAP_S,
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Event,
    EventCode,
    Expression,
    Face,
    Floats,
    Frame,
    Quality,
    Result,
    Sample,
    Sighting,
    TrackDecision,
)

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
GRAY = np.full((48, 64, 3), 90, np.uint8)


def named(name: str, reason: str = "votes", status: DecisionStatus = DecisionStatus.KNOWN) -> Decision:
    """Return a decision about a person whose person_id is the name in lower case."""
    return Decision(
        status, reason, name if status is DecisionStatus.KNOWN else None, Candidate(name, name.lower(), f"{name}/1.jpg", 0.2)
    )


UNKNOWN = Decision(DecisionStatus.UNKNOWN, "votes")
UNSURE = Decision(DecisionStatus.UNSURE, "few_sightings")
SKIPPED = Decision(DecisionStatus.SKIPPED, "blurry")


def sighting(
    track_id: int,
    decision: Decision,
    *,
    weight: float = 1.0,
    size_px: float = 20,
    gate: str | None = None,
    embedding: Floats | None = None,
) -> Sighting:
    points = np.array([[25, 15], [35, 15], [30, 20], [26, 26], [34, 26]], np.float32)
    face = Face(Box(20, 10, size_px, size_px), 0.99, points)
    track_decision = TrackDecision(track_id, 0.0, decision)
    quality, crop = Quality(0, 0, 0, 100, 120), np.full((96, 96, 3), 90, np.uint8)
    return Sighting(face, quality, gate, gate is None, decision, weight, track_decision, embedding=embedding, crop_rgb=crop)


NETWORK = embedding_network(DEFAULT_NETWORK)


FACES = [np.eye(NETWORK.length, dtype=np.float32)[number] for number in range(8)]
"""Embeddings of eight people: 1.41 apart."""


def matcher(
    people: dict[str, Floats] | None = None, rejected: dict[str, Floats] | None = None, *, network: str = "n"
) -> GroupMatcher:
    """Return a matcher of people by name, with one sample each and a person_id as in `named`; `rejected` are not that person."""

    def samples(faces: dict[str, Floats] | None) -> list[Sample]:
        return [Sample(f"{name}/1.jpg", name.lower(), name, Path(name), face) for name, face in (faces or {}).items()]

    names = {name.lower(): name for name in people or {}}
    index = Index(samples(people), samples(rejected))
    return GroupMatcher(NETWORK, network, REVISION, names, index, DecisionRule(0.8, 0.1, 0.05))


REVISION = "r"


LEAVES_AFTER_S = TrackSettings().leave_after_ms / 1e3


class Room:
    """VisitorTracker that is fed faces at chosen times."""

    def __init__(self) -> None:
        self.tracker = VisitorTracker()
        self.numbers = itertools.count()

    def update(
        self, at_s: float, *sightings: Sighting, slot: int = 0, events: tuple[Event, ...] = ()
    ) -> tuple[VisitorSummary, ...]:
        number = next(self.numbers)
        frame = Frame(GRAY, number, at_s * 1e3, at_s, "room")
        result = Result(number, at_s * 1e3, "room", "", (64, 48), Mode.FACES, sightings, events=events, gallery_revision=REVISION)
        self.tracker.update(slot, frame, result)
        return self.tracker.visitors


def names_and_presence(visitors: tuple[VisitorSummary, ...]) -> list[tuple[str | None, bool]]:
    return [(visitor.name, visitor.is_present) for visitor in visitors]


def test_a_named_visitor_has_been_present_since_the_first_frame_of_the_track() -> None:
    room = Room()
    room.update(5.0, sighting(1, UNSURE))
    room.update(5.1, sighting(1, named("Ann")))

    (visitor,) = room.update(6.0, sighting(1, named("Ann")))

    assert (visitor.name, visitor.person_id, visitor.track_ids) == ("Ann", "ann", (1,))
    assert (visitor.visit_started_s, visitor.last_seen_s) == (5.0, 6.0)


def test_a_new_track_of_the_same_person_is_the_same_visit() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))
    room.update(LEAVES_AFTER_S + 1.0)

    (visitor,) = room.update(VISIT_GAP_S - 1.0, sighting(2, named("Ann")))

    assert (visitor.track_ids, visitor.visit_started_s, visitor.visits) == ((2,), 0.0, 1)


def test_a_visitor_who_is_out_of_sight_for_a_second_has_no_expression() -> None:
    room, happy = Room(), Expression((0.0, 0.0, 0.0, 0.98, 0.0, 0.0, 0.02))
    room.update(0.0, dataclasses.replace(sighting(1, named("Ann")), expression=happy))
    room.update(1.0)
    shown, revision = room.tracker.visitors[0].expression, room.tracker.revision

    (visitor,) = room.update(1.1)

    assert shown is happy
    assert (visitor.is_present, visitor.expression) == (True, None)
    assert room.tracker.revision > revision


def test_a_later_return_is_a_new_visit() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))
    assert names_and_presence(room.update(LEAVES_AFTER_S + 0.1)) == [("Ann", False)]

    (visitor,) = room.update(VISIT_GAP_S + 1.0, sighting(2, named("Ann")))

    assert (visitor.is_present, visitor.first_seen_s, visitor.visit_started_s, visitor.visits) == (
        True,
        0.0,
        VISIT_GAP_S + 1.0,
        2,
    )


def test_a_short_absence_does_not_end_a_visit() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))

    assert names_and_presence(room.update(LEAVES_AFTER_S - 0.1)) == [("Ann", True)]


def test_a_visitor_whose_place_another_person_takes_has_left_at_once() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))
    left = Event("exit", "", 1, "Ann", EventCode.ANOTHER_PERSON, last_seen_ms=0.0)

    visitors = room.update(0.1, sighting(2, named("Ben")), events=(left,))

    assert names_and_presence(visitors) == [("Ben", True), ("Ann", False)]
    assert visitors[1].last_seen_s == 0.0


def test_visitors_leave_even_when_no_frame_arrives() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))

    room.tracker.advance(60.0)

    (visitor,) = room.tracker.visitors
    assert (visitor.is_present, visitor.last_seen_s) == (False, 0.0)


def test_one_person_in_front_of_two_cameras_is_one_visitor() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")), slot=0)

    (visitor,) = room.update(0.1, sighting(2, named("Ann")), slot=1)

    assert (visitor.track_ids, visitor.visit_started_s) == ((1, 2), 0.0)


def test_a_track_whose_name_changes_has_only_the_new_name() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))

    (visitor,) = room.update(1.0, sighting(1, named("Ben")))

    assert (visitor.name, visitor.visit_started_s) == ("Ben", 0.0)


def test_a_person_keeps_the_visitor_id_while_unsure() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))

    (visitor,) = room.update(0.1, sighting(1, named("Ann", "margin", DecisionStatus.UNSURE)))

    assert (visitor.visitor_id, visitor.status, visitor.possible_name) == ("person ann", DecisionStatus.UNSURE, "Ann")


def test_a_rejected_name_is_removed_from_the_track() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))
    room.update(2.0, sighting(1, named("Ann", "corrected", DecisionStatus.UNSURE)))

    (visitor,) = room.tracker.visitors
    assert (visitor.visitor_id, visitor.name, visitor.possible_name) == ("visitor 1", None, None)


def test_of_two_faces_in_one_frame_only_one_is_the_person() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))

    visitors = room.update(1.5, sighting(1, named("Ann", "name_taken", DecisionStatus.UNSURE)), sighting(2, named("Ann")))

    assert [(visitor.name, visitor.possible_name, visitor.track_ids) for visitor in visitors] == [
        (None, "Ann", (1,)),
        ("Ann", None, (2,)),
    ]


def test_an_unsure_face_in_a_late_frame_of_another_camera_is_still_the_person() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))
    room.update(0.0, sighting(2, named("Ann")), slot=1)
    room.update(2.0, sighting(1, named("Ann")))

    (visitor,) = room.update(1.9, sighting(2, named("Ann", "margin", DecisionStatus.UNSURE)), slot=1)

    assert visitor.track_ids == (1, 2)


def test_an_unknown_visitor_is_kept_and_a_briefly_undecided_face_is_not() -> None:
    room = Room()
    room.update(0.0, sighting(1, UNKNOWN), sighting(2, UNSURE), sighting(3, SKIPPED, gate="blurry"))

    (visitor,) = room.update(10.0)

    assert (visitor.visitor_id, visitor.is_present, visitor.name, visitor.status) == (
        "visitor 1",
        False,
        None,
        DecisionStatus.UNKNOWN,
    )


def test_a_face_that_cannot_be_compared_is_listed_while_present_and_then_dropped() -> None:
    room = Room()
    assert room.update(0.0, sighting(1, SKIPPED, gate="blurry")) == ()
    assert names_and_presence(room.update(1.5, sighting(1, SKIPPED, gate="blurry"))) == [(None, True)]

    assert room.update(20.0) == ()


def test_a_face_with_a_low_score_is_not_listed() -> None:
    room = Room()
    for at_s in range(5):
        visitors = room.update(float(at_s), sighting(1, SKIPPED, gate="low_score"))

    assert visitors == ()


def test_an_unknown_face_that_is_named_is_that_person_from_the_start() -> None:
    room = Room()
    room.update(0.0, sighting(1, UNKNOWN))

    (visitor,) = room.update(1.0, sighting(1, named("Ben")))

    assert (visitor.name, visitor.visit_started_s) == ("Ben", 0.0)


def test_the_largest_sharp_face_is_the_portrait_and_one_that_failed_a_gate_is_not() -> None:
    room = Room()
    room.update(0.0, sighting(1, UNKNOWN, size_px=16))
    room.update(0.1, sighting(1, UNKNOWN, size_px=24))
    room.update(0.2, sighting(1, UNKNOWN, size_px=40, gate="clipped"))

    (visitor,) = room.update(0.3, sighting(1, UNKNOWN, size_px=30, weight=0.3))

    assert visitor.portrait.bgr.shape == (60, 60, 3)


def test_the_last_compared_face_is_kept_with_its_crop() -> None:
    room = Room()
    room.update(0.0, sighting(1, UNKNOWN))
    (visitor,) = room.update(1.0, sighting(1, UNKNOWN, gate="dark"))

    assert visitor.last_compared is not None
    assert visitor.last_measured is not None
    assert (visitor.last_compared.seen_s, visitor.last_measured.seen_s) == (0.0, 1.0)
    assert visitor.last_compared.crop_rgb.shape == (96, 96, 3)


def test_a_visitor_is_found_by_its_track_while_present_and_after() -> None:
    room = Room()
    room.update(0.0, sighting(1, UNSURE))
    early = room.tracker.visitor_of(1)
    room.update(0.5, sighting(1, named("Ann")))
    room.update(10.0)
    late = room.tracker.visitor_of(1)

    assert early is not None
    assert late is not None
    assert (early.track_ids, late.name, late.is_present) == ((1,), "Ann", False)
    assert room.tracker.visitor_of(99) is None


def test_an_unknown_visitor_can_be_named_after_leaving_until_that_is_undone() -> None:
    room = Room()
    room.update(0.0, sighting(1, UNKNOWN))
    room.update(10.0)

    room.tracker.assign(1, "ben", "Ben")
    assert names_and_presence(room.tracker.visitors) == [("Ben", False)]
    assert names_and_presence(room.update(11.0, sighting(2, named("Ben")))) == [("Ben", True)]
    room.tracker.unassign(1)

    assert names_and_presence(room.tracker.visitors) == [("Ben", True), (None, False)]


def test_every_visitor_leaves_when_the_session_ends() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))

    room.tracker.end()

    assert names_and_presence(room.tracker.visitors) == [("Ann", False)]


@pytest.mark.parametrize("box", [Box(10, 10, 20, 20), Box(-15, -30, 40, 40), Box(60, 40, 300, 300), Box(500, 500, 9, 9)])
def test_a_portrait_is_a_square_of_bounded_size_wherever_the_face_is(box: Box) -> None:
    square = crop_portrait(GRAY, box)

    assert square.shape == (min(PORTRAIT_PX, round(2.5 * box.w)),) * 2 + (3,)
    assert (square == 90).all()


DECISIONS = st.one_of(
    st.builds(named, st.sampled_from(["Ann", "Ben", "Cleo"])),
    st.builds(
        named,
        st.sampled_from(["Ann", "Ben"]),
        st.sampled_from(["corrected", "name_taken", "margin"]),
        st.just(DecisionStatus.UNSURE),
    ),
    st.sampled_from([UNKNOWN, UNSURE, SKIPPED]),
)
STEPS = st.lists(
    st.tuples(st.floats(-1, 8), st.integers(0, 1), st.dictionaries(st.integers(1, 12), DECISIONS, max_size=4)), max_size=25
)


@settings(max_examples=60)
@given(STEPS)
def test_no_visitor_is_listed_twice_and_time_does_not_run_backwards(
    steps: list[tuple[float, int, dict[int, Decision]]],
) -> None:
    room, at_s = Room(), 100.0
    room.tracker.use_matcher(matcher({"Ann": FACES[0]}))
    for step_s, slot, faces in steps:
        at_s += step_s
        seen = [sighting(track_id, decision, embedding=FACES[track_id % 4]) for track_id, decision in faces.items()]
        visitors = room.update(at_s, *seen, slot=slot)

        assert len({visitor.visitor_id for visitor in visitors}) == len(visitors)
        people = [visitor.person_id for visitor in visitors if visitor.person_id is not None]
        assert len(set(people)) == len(people)
        tracks = [track_id for visitor in visitors for track_id in visitor.track_ids]
        assert len(set(tracks)) == len(tracks)
        assert [visitor.is_present for visitor in visitors] == sorted((visitor.is_present for visitor in visitors), reverse=True)
        for visitor in visitors:
            assert visitor.first_seen_s <= visitor.visit_started_s <= visitor.last_seen_s
            assert 0 <= visitor.absent_s <= visitor.last_seen_s - visitor.first_seen_s
            assert visitor.person_id is not None or len(set(visitor.track_ids) & set(faces)) <= 1
        given = [visitor.number for visitor in visitors if visitor.number is not None]
        assert len(set(given)) == len(given)


def test_only_the_latest_visitors_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_UNKNOWN", 5)
    monkeypatch.setattr(module, "MAX_PEOPLE", 3)
    monkeypatch.setattr(module, "MAX_TRACKS", 4)
    room = Room()
    for number in range(1, 40):
        room.update(number * 0.2, sighting(2 * number, UNKNOWN), sighting(2 * number + 1, named(f"P{number}")))
    visitors = room.update(60.0)

    assert [visitor.name for visitor in visitors if visitor.name] == ["P39", "P38", "P37"]
    assert [visitor.last_track_id for visitor in visitors if not visitor.name] == [78, 76, 74, 72, 70]


def test_the_demo_has_one_known_and_one_unknown_visitor(portraits: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / EILEEN).mkdir()
    shutil.copy(portraits["eileen_collins"], tmp_path / EILEEN)
    tracker = VisitorTracker()
    most: list[tuple[str | None, ...]] = []
    with Recognizer(Settings(), tmp_path) as recognize, DemoSource() as source:
        while (frame := source.read()) is not None:
            at = Frame(frame.bgr, frame.index, frame.t_ms, frame.t_ms / 1e3, frame.source)
            tracker.update(0, at, recognize(at))
            present = tuple(visitor.name for visitor in tracker.visitors if visitor.is_present)
            most = [*most, present] if not most or most[-1] != present else most
    tracker.end()

    assert (EILEEN, None) in most
    left = {visitor.name: visitor for visitor in tracker.visitors}
    assert set(left) == {EILEEN, None}
    assert left[EILEEN].last_seen_s < left[None].last_seen_s
    assert isinstance(left[EILEEN].sighting.expression, Expression)


def test_a_visitor_of_a_clip_arrives(test_data: Path, tmp_path: Path) -> None:
    tracker = VisitorTracker()
    counts: list[int] = []
    clip = test_data / "data" / "presence" / "noface_face.mov"
    with Recognizer(Settings(), tmp_path) as recognize, open_source(str(clip), CaptureSettings(), 0.0) as source:
        while (frame := source.read()) is not None:
            at = Frame(frame.bgr, frame.index, frame.t_ms, frame.t_ms / 1e3, frame.source)
            tracker.update(0, at, recognize(at))
            counts.append(sum(visitor.is_present for visitor in tracker.visitors))

    assert (counts[0], counts[-1]) == (0, 1)
    (visitor,) = tracker.visitors
    assert (visitor.status, visitor.portrait.score > 0) == (DecisionStatus.UNKNOWN, True)


def test_the_time_present_leaves_out_absences_and_pauses() -> None:
    room = Room()
    room.update(0.0, sighting(1, named("Ann")))
    room.update(4.0, sighting(1, named("Ann")))
    room.update(4.0 + LEAVES_AFTER_S + 0.1)
    returned_s = 4.0 + VISIT_GAP_S + 10.0
    room.update(returned_s, sighting(2, named("Ann")))
    room.tracker.skip_pause(30.0)

    (visitor,) = room.update(returned_s + 33.0, sighting(2, named("Ann")))

    assert (visitor.visits, visitor.present_s) == (2, pytest.approx(7.0))


def leave(room: Room, at_s: float) -> tuple[VisitorSummary, ...]:
    """Show an empty room after everybody's tracks have ended, and return the visitors."""
    return room.update(at_s + LEAVES_AFTER_S + 0.1)


def between(one: Floats, other: Floats, share: float) -> Floats:
    """Return the embedding at this share of the way from one to the other."""
    embedding = (1 - share) * one + share * other
    return np.asarray(embedding / np.linalg.norm(embedding), np.float32)


@pytest.fixture
def grouping() -> Room:
    """A room with nobody enrolled, whose tracker groups faces by their embeddings."""
    room = Room()
    room.tracker.use_matcher(matcher())
    return room


def numbers(visitors: tuple[VisitorSummary, ...]) -> list[tuple[int | None, int, bool]]:
    return [(visitor.number, visitor.visits, visitor.is_present) for visitor in visitors]


def test_tracks_of_one_unknown_face_are_one_visitor_with_its_visits(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)
    grouping.update(5.0, sighting(2, UNKNOWN, embedding=FACES[2]))
    leave(grouping, 5.0)

    visitors = grouping.update(30.0, sighting(3, UNKNOWN, embedding=between(FACES[1], FACES[3], 0.3)))

    assert numbers(visitors) == [(1, 2, True), (2, 1, False)]
    assert visitors[0].track_ids == (3,)


def test_two_alike_faces_in_one_frame_are_two_visitors(grouping: Room) -> None:
    for at_s in (0.0, 0.3, 0.6):
        visitors = grouping.update(at_s, sighting(1, UNKNOWN, embedding=FACES[1]), sighting(2, UNKNOWN, embedding=FACES[1]))

    assert numbers(visitors) == [(1, 1, True), (2, 1, True)]
    assert numbers(leave(grouping, 0.6)) == [(1, 1, False), (2, 1, False)]


def test_of_two_tracks_of_one_visitor_that_meet_in_a_frame_the_later_one_is_another_visitor(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    (visitor,) = grouping.update(0.1, sighting(2, UNKNOWN, embedding=FACES[1]))
    assert visitor.track_ids == (1, 2)

    visitors = grouping.update(0.2, sighting(1, UNKNOWN), sighting(2, UNKNOWN))

    assert [(visitor.number, visitor.track_ids) for visitor in visitors] == [(1, (1,)), (2, (2,))]


def test_later_faces_join_two_visitors_and_the_lower_number_stays(grouping: Room) -> None:
    far = between(FACES[1], FACES[2], 0.7)
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)
    assert numbers(grouping.update(20.0, sighting(2, UNKNOWN, embedding=far))) == [(2, 1, True), (1, 1, False)]

    for step in range(1, 9):
        visitors = grouping.update(20.0 + step, sighting(2, UNKNOWN, embedding=FACES[1]))

    assert numbers(visitors) == [(1, 2, True)]


def test_an_unknown_visitor_who_left_moves_to_the_person_when_enrolled_and_back_when_removed(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]), sighting(2, UNKNOWN, embedding=FACES[2]))
    leave(grouping, 0.0)

    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}))
    assert names_and_presence(grouping.tracker.visitors) == [("Ada", False), (None, False)]
    grouping.tracker.use_matcher(matcher())

    assert sorted(numbers(grouping.tracker.visitors)) == [(1, 1, False), (2, 1, False)]


def test_the_visits_before_and_after_enrollment_are_those_of_one_person(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)
    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}))

    (visitor,) = grouping.update(60.0, sighting(2, named("Ada"), embedding=FACES[1]))

    assert (visitor.name, visitor.visits, visitor.first_seen_s, visitor.visit_started_s) == ("Ada", 2, 0.0, 60.0)


def test_the_visits_of_a_removed_person_are_those_of_one_unknown_visitor(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)
    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}))
    grouping.update(60.0, sighting(2, named("Ada"), embedding=FACES[1]))
    leave(grouping, 60.0)

    grouping.tracker.use_matcher(matcher())

    assert numbers(grouping.tracker.visitors) == [(1, 2, False)]


def test_a_name_given_to_a_visitor_holds_for_all_visits_and_its_undo_brings_the_visitor_back(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)
    grouping.update(60.0, sighting(2, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 60.0)
    grouping.tracker.use_matcher(matcher({"Ada": FACES[7]}))

    grouping.tracker.assign(1, "ada", "Ada")
    assert [(visitor.name, visitor.visits) for visitor in grouping.tracker.visitors] == [("Ada", 2)]
    grouping.tracker.unassign(1)

    assert numbers(grouping.tracker.visitors) == [(1, 2, False)]


def test_a_visitor_who_is_not_ada_does_not_move_to_ada(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, named("Ada"), embedding=FACES[1]))
    for at_s in (0.4, 0.8, 1.2):
        grouping.update(at_s, sighting(1, named("Ada", "corrected", DecisionStatus.UNSURE), embedding=FACES[1]))
    leave(grouping, 1.2)

    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}))
    assert [(visitor.name, visitor.possible_name) for visitor in grouping.tracker.visitors] == [(None, None)]
    grouping.tracker.allow(1, "ada")

    assert names_and_presence(grouping.tracker.visitors) == [("Ada", False)]


def name_visitor(room: Room, people: dict[str, Floats]) -> None:
    """Let Visitor 1 be unknown, get the name Ada, and be back under two other tracks, of which the last one stays."""
    room.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    room.tracker.use_matcher(matcher(people | {"Ada": FACES[1]}))
    room.tracker.assign(1, "ada", "Ada")
    room.update(0.5, sighting(1, named("Ada"), embedding=FACES[1]))
    leave(room, 0.5)
    room.update(60.0, sighting(2, named("Ada"), embedding=FACES[1]))
    leave(room, 60.0)
    (visitor, *_) = room.update(120.0, sighting(3, named("Ada"), embedding=FACES[1]))
    assert (visitor.name, visitor.visits) == ("Ada", 3)


def test_the_visits_of_a_rejected_name_are_those_of_the_visitor_again(grouping: Room) -> None:
    name_visitor(grouping, {})

    grouping.tracker.use_matcher(matcher({"Ben": FACES[7]}))
    grouping.tracker.reject(3, "ada")
    assert numbers(grouping.tracker.visitors) == [(1, 3, True)]
    grouping.update(120.1, sighting(3, named("Ada", "corrected", DecisionStatus.UNSURE), embedding=FACES[1]))

    assert numbers(leave(grouping, 120.1)) == [(1, 3, False)]


def test_a_frame_from_before_a_rejection_does_not_revoke_it(grouping: Room) -> None:
    name_visitor(grouping, {})
    grouping.tracker.use_matcher(dataclasses.replace(matcher({"Ada": FACES[7]}), gallery_revision="newer"))
    grouping.tracker.reject(3, "ada")

    grouping.update(120.1, sighting(3, named("Ada"), embedding=FACES[1]))
    grouping.update(120.2, sighting(3, UNKNOWN))

    assert numbers(grouping.tracker.visitors) == [(1, 3, True)]


def test_a_rejected_name_leaves_the_visits_of_the_person_who_has_it(grouping: Room) -> None:
    grouping.tracker.use_matcher(matcher({"Ada": FACES[5]}))
    grouping.update(0.0, sighting(9, named("Ada"), embedding=FACES[5]))
    leave(grouping, 0.0)
    grouping.update(60.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    grouping.tracker.assign(1, "ada", "Ada")
    grouping.update(61.0, sighting(1, named("Ada"), embedding=FACES[1]))
    leave(grouping, 61.0)
    (visitor,) = grouping.update(120.0, sighting(2, named("Ada"), embedding=FACES[1]))
    assert visitor.visits == 3

    grouping.tracker.reject(2, "ada")

    assert [(each.name, each.number, each.visits) for each in grouping.tracker.visitors] == [(None, 1, 2), ("Ada", None, 1)]


def test_the_visits_of_a_face_that_was_taken_for_a_person_move_to_the_visitor_when_rejected(grouping: Room) -> None:
    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}))
    grouping.update(0.0, sighting(1, named("Ada"), embedding=FACES[1]))
    leave(grouping, 0.0)
    grouping.update(60.0, sighting(2, named("Ada"), embedding=FACES[1]))

    grouping.tracker.reject(2, "ada")
    assert [(each.name, each.visits) for each in grouping.tracker.visitors] == [(None, 2)]
    grouping.tracker.allow(2, "ada")

    assert [(each.name, each.visits) for each in grouping.tracker.visitors] == [("Ada", 2)]


def test_an_undecided_face_has_no_name_that_was_undone(grouping: Room) -> None:
    name_visitor(grouping, {"Ben": FACES[7]})

    grouping.tracker.use_matcher(matcher({"Ben": FACES[7]}))
    grouping.tracker.unassign(1)
    grouping.update(120.1, sighting(3, UNSURE))

    assert [visitor.possible_name for visitor in grouping.tracker.visitors] == [None]
    assert numbers(leave(grouping, 120.1)) == [(1, 3, False)]


def test_a_number_is_not_given_to_two_visitors_when_a_person_is_removed(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)
    grouping.update(20.0, sighting(2, UNKNOWN, embedding=FACES[1]))
    grouping.tracker.use_matcher(matcher({"Ada": FACES[2]}))
    for at_s in (21.0, 22.0, 23.0, 24.0, 25.0, 26.0):
        grouping.update(at_s, sighting(2, named("Ada"), embedding=FACES[2]))
    leave(grouping, 26.0)

    grouping.tracker.use_matcher(matcher())

    assert sorted(numbers(grouping.tracker.visitors)) == [(1, 1, False), (2, 1, False)]


def test_a_name_is_undone_after_any_number_of_cuts(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    grouping.tracker.use_matcher(matcher({"Ada": FACES[7]}))
    grouping.tracker.assign(1, "ada", "Ada")
    for number in range(1, 101):
        grouping.update(5.0 * number, sighting(number, named("Ada"), embedding=FACES[1]))

    grouping.tracker.unassign(1)

    assert numbers(grouping.tracker.visitors) == [(1, 1, True)]


def test_a_visitor_near_a_rejected_face_does_not_move_to_the_person(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)

    grouping.tracker.use_matcher(matcher({"Ada": between(FACES[1], FACES[2], 0.2)}, {"Ada": FACES[1]}))

    assert [visitor.name for visitor in grouping.tracker.visitors] == [None]


def test_a_visitor_seen_beside_a_person_is_not_that_person(grouping: Room) -> None:
    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}))
    grouping.update(0.0, sighting(1, named("Ada"), embedding=FACES[1]), sighting(2, UNKNOWN, embedding=FACES[1]))

    assert names_and_presence(leave(grouping, 0.0)) == [("Ada", False), (None, False)]


def test_who_is_perhaps_enrolled_has_that_name_with_a_question_mark_after_leaving(grouping: Room) -> None:
    near = between(FACES[1], FACES[2], 0.52)
    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}))
    assert 0.8 < np.linalg.norm(near - FACES[1]) < 0.85
    for at_s in (0.0, 0.5, 1.0, 1.5):
        grouping.update(at_s, sighting(1, named("Ada", "near_threshold", DecisionStatus.UNSURE), embedding=near))

    (visitor,) = leave(grouping, 1.5)

    assert (visitor.name, visitor.possible_name, visitor.number) == (None, "Ada", None)


def test_embeddings_of_another_network_are_never_compared(grouping: Room) -> None:
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))
    leave(grouping, 0.0)

    grouping.tracker.use_matcher(matcher({"Ada": FACES[1]}, network="other"))
    visitors = grouping.update(20.0, sighting(2, UNKNOWN, embedding=FACES[1]))

    assert numbers(visitors) == [(2, 1, True), (1, 1, False)]


def test_a_face_of_an_older_state_of_the_gallery_is_not_compared(grouping: Room) -> None:
    old = dataclasses.replace(matcher({"Ada": FACES[1]}), gallery_revision="older")
    grouping.tracker.use_matcher(old)
    grouping.update(0.0, sighting(1, UNKNOWN, embedding=FACES[1]))

    assert names_and_presence(leave(grouping, 0.0)) == [(None, False)]


def test_two_visits_of_many_are_joined_when_the_list_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor_groups, "MAX_VISITS", 3)
    visits = join_visits(Visit(100.0 * number, 100.0 * number + 5) for number in range(5))

    assert len(visits) == 3
    assert (visits[0].began_s, visits[-1].ended_s) == (0.0, 405.0)
    assert sum(visit.present_s for visit in visits) == 25.0
