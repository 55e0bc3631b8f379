"""Who is here, who was, and whom nobody knows: on votes made by hand, and on what the real networks see."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.capture.demo import DemoSource
from facecam.capture.source import open_source
from facecam.recognizer import Recognizer
from facecam.session import visitors as module
from facecam.session.visitors import LEAVES_AFTER_S, PORTRAIT_PX, SAME_VISIT_S, Presence, VisitorSummary, portrait
from facecam.settings import CaptureSettings, Mode, Settings
from facecam.types import (
    Box,
    Candidate,
    Decision,
    DecisionStatus,
    Expression,
    Face,
    Frame,
    Quality,
    Result,
    Sighting,
    TrackDecision,
)

EILEEN, GRACE = "Eileen Collins", "Grace Hopper"
GRAY = np.full((48, 64, 3), 90, np.uint8)


def named(name: str, reason: str = "votes", kind: DecisionStatus = DecisionStatus.KNOWN) -> Decision:
    """A decision about the person of that name; the person_id is the name in small letters."""
    return Decision(
        kind, reason, name if kind is DecisionStatus.KNOWN else None, Candidate(name, name.lower(), f"{name}/1.jpg", 0.2)
    )


UNKNOWN = Decision(DecisionStatus.UNKNOWN, "votes")
UNSURE = Decision(DecisionStatus.UNSURE, "few_sightings")
SKIPPED = Decision(DecisionStatus.SKIPPED, "blurry")


def sighting(track_id: int, decision: Decision, *, weight: float = 1.0, size_px: float = 20, gate: str | None = None) -> Sighting:
    points = np.array([[25, 15], [35, 15], [30, 20], [26, 26], [34, 26]], np.float32)
    face = Face(Box(20, 10, size_px, size_px), 0.99, points)
    return Sighting(
        face, Quality(0, 0, 0, 100, 120), gate, gate is None, decision, weight, TrackDecision(track_id, 0.0, decision)
    )


class Room:
    """A presence that is shown faces at times of one's own."""

    def __init__(self) -> None:
        self.presence = Presence()
        self.numbers = itertools.count()

    def see(self, at_s: float, *sightings: Sighting, slot: int = 0) -> tuple[VisitorSummary, ...]:
        number = next(self.numbers)
        frame = Frame(GRAY, number, at_s * 1e3, at_s, "room")
        self.presence.see(slot, frame, Result(number, at_s * 1e3, "room", "", (64, 48), Mode.FACES, sightings))
        return self.presence.cards


def told(cards: tuple[VisitorSummary, ...]) -> list[tuple[str | None, bool]]:
    return [(card.name, card.here) for card in cards]


def test_whoever_is_named_is_here_since_the_first_frame_of_the_track() -> None:
    room = Room()
    room.see(5.0, sighting(1, UNSURE))
    room.see(5.1, sighting(1, named("Ann")))

    (card,) = room.see(6.0, sighting(1, named("Ann")))

    assert (card.name, card.person_id, card.track_ids) == ("Ann", "ann", (1,))
    assert (card.since.at_s, card.since.t_ms, card.last.at_s) == (5.0, 5000, 6.0)


def test_a_new_track_of_the_same_person_is_the_same_visit() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))
    room.see(LEAVES_AFTER_S + 1.0)

    (card,) = room.see(SAME_VISIT_S - 1.0, sighting(2, named("Ann")))

    assert (card.track_ids, card.since.at_s, card.visits) == ((2,), 0.0, 1)


def test_whoever_comes_back_later_has_been_away() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))
    assert told(room.see(LEAVES_AFTER_S + 0.1)) == [("Ann", False)]

    (card,) = room.see(SAME_VISIT_S + 1.0, sighting(2, named("Ann")))

    assert (card.here, card.first.at_s, card.since.at_s, card.visits) == (True, 0.0, SAME_VISIT_S + 1.0, 2)


def test_nobody_goes_for_a_moment_out_of_sight() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))

    assert told(room.see(LEAVES_AFTER_S - 0.1)) == [("Ann", True)]


def test_they_go_also_when_no_frame_comes_any_more() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))

    room.presence.pass_time(60.0)

    (card,) = room.presence.cards
    assert (card.here, card.last.at_s) == (False, 0.0)


def test_one_person_before_two_cameras_is_one_visitor() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")), slot=0)

    (card,) = room.see(0.1, sighting(2, named("Ann")), slot=1)

    assert (card.track_ids, card.since.at_s) == ((1, 2), 0.0)


def test_a_track_that_turns_out_to_be_ben_has_never_been_ann() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))

    (card,) = room.see(1.0, sighting(1, named("Ben")))

    assert (card.name, card.since.at_s) == ("Ben", 0.0)


def test_a_person_who_is_unsure_for_a_moment_keeps_the_card() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))

    (card,) = room.see(0.1, sighting(1, named("Ann", "margin", DecisionStatus.UNSURE)))

    assert (card.card_id, card.kind, card.guess) == ("person ann", DecisionStatus.UNSURE, "Ann")


def test_whoever_was_said_not_to_be_ann_is_not_ann() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))
    room.see(2.0, sighting(1, named("Ann", "corrected", DecisionStatus.UNSURE)))

    assert [card.card_id for card in room.presence.cards] == ["track 1"]


def test_of_two_faces_at_once_only_one_is_the_person() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))

    cards = room.see(1.5, sighting(1, named("Ann", "name_taken", DecisionStatus.UNSURE)), sighting(2, named("Ann")))

    assert [(card.name, card.guess, card.track_ids) for card in cards] == [(None, "Ann", (1,)), ("Ann", None, (2,))]


def test_a_stranger_is_remembered_and_one_that_nothing_was_decided_of_in_passing_is_not() -> None:
    room = Room()
    room.see(0.0, sighting(1, UNKNOWN), sighting(2, UNSURE), sighting(3, SKIPPED, gate="blurry"))

    (card,) = room.see(10.0)

    assert (card.card_id, card.here, card.name, card.kind) == ("track 1", False, None, DecisionStatus.UNKNOWN)


def test_a_face_that_cannot_be_compared_is_shown_when_it_stays_and_forgotten_when_it_goes() -> None:
    room = Room()
    assert room.see(0.0, sighting(1, SKIPPED, gate="blurry")) == ()
    assert told(room.see(1.5, sighting(1, SKIPPED, gate="blurry"))) == [(None, True)]

    assert room.see(20.0) == ()


def test_what_is_hardly_a_face_is_nobodys_card() -> None:
    room = Room()
    for at_s in range(5):
        cards = room.see(float(at_s), sighting(1, SKIPPED, gate="low_score"))

    assert cards == ()


def test_a_stranger_who_gets_a_name_is_that_person_from_the_beginning() -> None:
    room = Room()
    room.see(0.0, sighting(1, UNKNOWN))

    (card,) = room.see(1.0, sighting(1, named("Ben")))

    assert (card.name, card.since.at_s) == ("Ben", 0.0)


def test_the_largest_sharp_face_is_the_portrait_and_one_that_failed_a_gate_is_not() -> None:
    room = Room()
    room.see(0.0, sighting(1, UNKNOWN, size_px=16))
    room.see(0.1, sighting(1, UNKNOWN, size_px=24))
    room.see(0.2, sighting(1, UNKNOWN, size_px=40, gate="clipped"))

    (card,) = room.see(0.3, sighting(1, UNKNOWN, size_px=30, weight=0.3))

    assert card.portrait.bgr.shape == (60, 60, 3)


def test_what_was_compared_last_is_kept_with_its_crop() -> None:
    room = Room()
    room.see(0.0, sighting(1, UNKNOWN))
    (card,) = room.see(1.0, sighting(1, UNKNOWN, gate="dark"))

    assert card.compared is not None
    assert card.measured is not None
    assert (card.compared.moment.at_s, card.measured.moment.at_s) == (0.0, 1.0)
    assert card.compared.crop_rgb.shape == (96, 96, 3)


def test_a_card_is_found_by_its_track_while_there_and_after() -> None:
    room = Room()
    room.see(0.0, sighting(1, UNSURE))
    early = room.presence.card_of(1)
    room.see(0.5, sighting(1, named("Ann")))
    room.see(10.0)
    late = room.presence.card_of(1)

    assert early is not None
    assert late is not None
    assert (early.track_ids, late.name, late.here) == ((1,), "Ann", False)
    assert room.presence.card_of(99) is None


def test_a_stranger_who_is_named_after_going_has_the_name_until_it_is_taken_back() -> None:
    room = Room()
    room.see(0.0, sighting(1, UNKNOWN))
    room.see(10.0)

    room.presence.call(1, "Ben")
    assert told(room.presence.cards) == [("Ben", False)]
    assert told(room.see(11.0, sighting(2, named("Ben")))) == [("Ben", True)]
    room.presence.call(1, None)

    assert told(room.presence.cards) == [("Ben", True), (None, False)]


def test_a_session_that_ends_lets_everybody_go() -> None:
    room = Room()
    room.see(0.0, sighting(1, named("Ann")))

    room.presence.end()

    assert told(room.presence.cards) == [("Ann", False)]


@pytest.mark.parametrize("box", [Box(10, 10, 20, 20), Box(-15, -30, 40, 40), Box(60, 40, 300, 300), Box(500, 500, 9, 9)])
def test_a_portrait_is_a_square_of_bounded_size_wherever_the_face_is(box: Box) -> None:
    square = portrait(GRAY, box)

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
def test_whatever_is_seen_nobody_is_here_twice_and_time_does_not_run_backwards(
    steps: list[tuple[float, int, dict[int, Decision]]],
) -> None:
    room, at_s = Room(), 100.0
    last: dict[str, float] = {}
    for step_s, slot, faces in steps:
        at_s += step_s
        cards = room.see(at_s, *(sighting(track_id, decision) for track_id, decision in faces.items()), slot=slot)

        assert len({card.card_id for card in cards}) == len(cards)
        people = [card.person_id for card in cards if card.person_id is not None]
        assert len(set(people)) == len(people)
        tracks = [track_id for card in cards for track_id in card.track_ids]
        assert len(set(tracks)) == len(tracks)
        assert [card.here for card in cards] == sorted((card.here for card in cards), reverse=True)
        for card in cards:
            assert card.first.at_s <= card.since.at_s <= card.last.at_s
            # A person's last time may be taken back: the track was somebody else's all the time.
            assert card.person_id is not None or last.get(card.card_id, 0.0) <= card.last.at_s
            last[card.card_id] = card.last.at_s


def test_of_many_visitors_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STRANGERS_KEPT", 5)
    monkeypatch.setattr(module, "PEOPLE_KEPT", 3)
    monkeypatch.setattr(module, "TRACKS_KEPT", 4)
    room = Room()
    for number in range(1, 40):
        room.see(number * 0.2, sighting(2 * number, UNKNOWN), sighting(2 * number + 1, named(f"P{number}")))
    cards = room.see(60.0)

    assert [card.name for card in cards if card.name] == ["P39", "P38", "P37"]
    assert [card.last_track_id for card in cards if not card.name] == [78, 76, 74, 72, 70]


def test_the_demo_is_visited_by_eileen_and_by_a_stranger(portraits: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / EILEEN).mkdir()
    shutil.copy(portraits["eileen_collins"], tmp_path / EILEEN)
    presence = Presence()
    most: list[tuple[str | None, ...]] = []
    with Recognizer(Settings(), tmp_path) as recognize, DemoSource() as source:
        while (frame := source.read()) is not None:
            at = Frame(frame.bgr, frame.index, frame.t_ms, frame.t_ms / 1e3, frame.source)
            presence.see(0, at, recognize(at))
            here = tuple(card.name for card in presence.cards if card.here)
            most = [*most, here] if not most or most[-1] != here else most
    presence.end()

    assert (EILEEN, None) in most
    gone = {card.name: card for card in presence.cards}
    assert set(gone) == {EILEEN, None}
    assert gone[EILEEN].last.at_s < gone[None].last.at_s
    assert isinstance(gone[EILEEN].sighting.expression, Expression)


def test_on_film_somebody_comes_and_goes(test_data: Path, tmp_path: Path) -> None:
    presence = Presence()
    counts: list[int] = []
    clip = test_data / "data" / "presence" / "noface_face.mov"
    with Recognizer(Settings(), tmp_path) as recognize, open_source(str(clip), CaptureSettings(), 0.0) as source:
        while (frame := source.read()) is not None:
            at = Frame(frame.bgr, frame.index, frame.t_ms, frame.t_ms / 1e3, frame.source)
            presence.see(0, at, recognize(at))
            counts.append(sum(card.here for card in presence.cards))

    assert (counts[0], counts[-1]) == (0, 1)
    (card,) = presence.cards
    assert (card.kind, card.portrait.fitness > 0) == (DecisionStatus.UNKNOWN, True)
