"""Sightings over time: who has entered, who has left, and what a track stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.recognition.tracking import Tracker, TrackInput, single
from facecam.settings import TrackSettings
from facecam.types import Box, Candidate, Decision, DecisionStatus, Event, Floats, TrackDecision

FRAME_MS = 100.0
HERE, THERE = Box(100, 100, 60, 60), Box(400, 100, 60, 60)


def known(name: str, distance_l2: float = 0.1) -> Decision:
    nearest = Candidate(name, f"id-{name}", f"{name}/1.jpg", distance_l2)
    return Decision(DecisionStatus.KNOWN, "match", name=name, nearest=nearest)


STRANGER = Decision(DecisionStatus.UNKNOWN, "too_far", nearest=Candidate("Ada", "id-Ada", "Ada/1.jpg", 0.9))
UNSURE = Decision(DecisionStatus.UNSURE, "margin", nearest=Candidate("Ada", "id-Ada", "Ada/1.jpg", 0.3))
BLURRY = Decision(DecisionStatus.SKIPPED, "blurry")


def direction(number: int) -> Floats:
    """An embedding at right angles to every other number's."""
    return np.eye(128, dtype=np.float32)[number]


def seen(decision: Decision, box: Box = HERE, embedding: Floats | None = None, weight: float = 1.0) -> TrackInput:
    return TrackInput(box, decision, weight, embedding)


@dataclass
class Film:
    """A tracker and a clock: one call is one frame."""

    tracker: Tracker = field(default_factory=lambda: Tracker(TrackSettings(), different_l2=0.5))
    t_ms: float = 0.0
    events: list[Event] = field(default_factory=list)

    def frame(self, *observations: TrackInput) -> list[TrackDecision]:
        self.t_ms += FRAME_MS
        votes, events = self.tracker.update(observations, self.t_ms)
        self.events += events
        return votes

    def frames(self, count: int, *observations: TrackInput) -> list[TrackDecision]:
        return [self.frame(*observations) for _ in range(count)][-1]

    def happened(self) -> list[tuple[str, str | None]]:
        return [(event.kind, event.name) for event in self.events]


@pytest.fixture
def film() -> Film:
    return Film()


def test_a_moving_face_keeps_its_track(film: Film) -> None:
    votes = [film.frame(seen(STRANGER, Box(100 + 15 * step, 100, 60, 60)))[0] for step in range(10)]

    assert {vote.track_id for vote in votes} == {1}
    assert votes[-1].track_age_ms == 9 * FRAME_MS


def test_a_face_elsewhere_is_another_track(film: Film) -> None:
    (here,) = film.frame(seen(STRANGER, HERE))
    (there,) = film.frame(seen(STRANGER, THERE))

    assert here.track_id != there.track_id


def test_a_face_that_returns_before_it_has_left_keeps_its_track(film: Film) -> None:
    (before,) = film.frame(seen(STRANGER))
    film.frames(20)
    (after,) = film.frame(seen(STRANGER))

    assert after.track_id == before.track_id


def test_a_face_that_returns_after_it_has_left_is_a_new_track(film: Film) -> None:
    (before,) = film.frame(seen(STRANGER))
    film.frames(40)
    (after,) = film.frame(seen(STRANGER))

    assert after.track_id != before.track_id


def test_a_person_enters_with_the_third_agreeing_sighting(film: Film) -> None:
    votes = [film.frame(seen(known("Ada")))[0] for _ in range(3)]

    assert [vote.decision.name for vote in votes] == [None, None, "Ada"]
    assert [vote.decision.reason for vote in votes] == ["few_sightings", "few_sightings", "votes"]
    assert film.happened() == [("enter", "Ada")]


def test_a_stranger_enters_without_a_name(film: Film) -> None:
    (vote,) = film.frames(3, seen(STRANGER))

    assert vote.decision.status is DecisionStatus.UNKNOWN
    assert film.happened() == [("enter", None)]


def test_a_person_enters_once(film: Film) -> None:
    film.frames(30, seen(known("Ada")))

    assert film.happened() == [("enter", "Ada")]


def test_who_was_seen_too_briefly_neither_enters_nor_leaves(film: Film) -> None:
    film.frames(2, seen(known("Ada")))
    film.frames(40)

    assert film.happened() == []


def test_a_person_leaves_after_three_seconds_unseen(film: Film) -> None:
    film.frames(3, seen(known("Ada")))

    film.frames(30)
    assert film.happened() == [("enter", "Ada")]

    film.frame()
    assert film.happened() == [("enter", "Ada"), ("exit", "Ada")]


def test_a_closed_session_lets_everybody_leave(film: Film) -> None:
    film.frames(3, seen(known("Ada"), HERE), seen(STRANGER, THERE))

    exits = film.tracker.close(film.t_ms)

    assert sorted((event.kind, event.track_id, event.name) for event in exits) == [("exit", 1, "Ada"), ("exit", 2, None)]
    assert film.tracker.close(film.t_ms) == []


def test_a_wrong_name_for_a_moment_is_outvoted(film: Film) -> None:
    film.frames(10, seen(known("Ada")))
    during = [film.frame(seen(known("Grace")))[0].decision.name for _ in range(4)]
    (after,) = film.frame(seen(known("Ada")))

    assert during == ["Ada"] * 4
    assert after.decision.name == "Ada"
    assert film.happened() == [("enter", "Ada")]


def test_a_change_of_name_needs_more_evidence_than_a_first_name(film: Film) -> None:
    film.frames(10, seen(known("Ada")))

    names = [film.frame(seen(known("Grace")))[0].decision.name for _ in range(11)]

    assert names.index("Grace") + 1 > TrackSettings().enter_after_sightings
    assert names == ["Ada"] * 9 + [None, "Grace"]


def test_a_change_of_name_says_what_it_was(film: Film) -> None:
    film.frames(5, seen(known("Ada")))
    film.frames(6, seen(known("Grace")))

    assert film.happened() == [("enter", "Ada"), ("enter", "Grace")]
    assert film.events[-1].message == "was Ada"


def test_what_was_seen_long_ago_no_longer_votes(film: Film) -> None:
    film.frames(500, seen(known("Ada")))

    names = {film.frame(seen(known("Grace")))[0].decision.name for _ in range(30)}

    assert "Grace" in names


def test_a_tie_is_unsure(film: Film) -> None:
    film.frames(3, seen(known("Ada")))
    (vote,) = film.frames(3, seen(known("Grace")))

    assert vote.decision.status is DecisionStatus.UNSURE


def test_a_name_needs_more_than_half_of_all_the_evidence(film: Film) -> None:
    film.frames(4, seen(UNSURE))
    votes = [film.frame(seen(known("Ada")))[0] for _ in range(5)]

    assert [vote.decision.name for vote in votes] == [None] * 4 + ["Ada"]
    assert (votes[-1].votes_for, votes[-1].votes_total) == (5, 9)


def test_sharp_sightings_outvote_blurred_ones(film: Film) -> None:
    film.frames(6, seen(known("Grace"), weight=0.25))
    (vote,) = film.frames(3, seen(known("Ada"), weight=1.0))

    assert vote.decision.name == "Ada"
    assert (vote.votes_for, vote.votes_total) == (3.0, 4.5)


def test_skipped_sightings_do_not_vote(film: Film) -> None:
    (before,) = film.frames(3, seen(known("Ada")))
    (after,) = film.frames(20, seen(BLURRY))

    assert after.decision.name == "Ada"
    assert (after.votes_for, after.votes_total) == (before.votes_for, before.votes_total)


def test_a_track_that_was_only_ever_skipped_says_why(film: Film) -> None:
    (vote,) = film.frames(5, seen(BLURRY))

    assert (vote.decision.status, vote.decision.reason) == (DecisionStatus.SKIPPED, "blurry")
    assert film.happened() == []


def test_another_face_at_the_same_place_begins_a_new_track(film: Film) -> None:
    (before,) = film.frames(5, seen(known("Ada"), embedding=direction(0)))
    (after,) = film.frame(seen(known("Grace"), embedding=direction(1)))

    assert after.track_id != before.track_id
    assert after.votes_total == 1


def test_a_sighting_without_an_embedding_stays_in_its_track(film: Film) -> None:
    (before,) = film.frame(seen(known("Ada"), embedding=direction(0)))
    (between,) = film.frame(seen(BLURRY))
    (after,) = film.frame(seen(known("Ada"), embedding=direction(0)))

    assert before.track_id == between.track_id == after.track_id


def test_a_name_claimed_twice_stays_with_the_track_that_has_more_votes(film: Film) -> None:
    film.frames(5, seen(known("Ada"), HERE))
    old, new = film.frames(4, seen(known("Ada"), HERE), seen(known("Ada"), THERE))

    assert old.decision.name == "Ada"
    assert (new.decision.status, new.decision.reason) == (DecisionStatus.UNSURE, "name_taken")
    assert film.happened() == [("enter", "Ada")]


def test_a_name_claimed_with_equal_votes_is_given_to_nobody(film: Film) -> None:
    votes = film.frames(5, seen(known("Ada"), HERE), seen(known("Ada"), THERE))

    assert [vote.decision.reason for vote in votes] == ["name_taken", "name_taken"]


def test_in_a_still_picture_a_sighting_stands_for_itself() -> None:
    decisions = [known("Ada"), STRANGER]

    votes = single(decisions)

    assert [vote.decision for vote in votes] == decisions
    assert [vote.track_id for vote in votes] == [1, 2]


# Coarse places, so that boxes overlap each other and overlaps tie.
BOXES = st.builds(
    Box, st.integers(0, 8).map(lambda n: 20.0 * n), st.integers(0, 1).map(lambda n: 20.0 * n), st.just(60), st.just(60)
)
DECISIONS = st.sampled_from([known("Ada"), known("Grace"), STRANGER, UNSURE, BLURRY])
OBSERVATIONS = st.builds(
    lambda decision, box, person: seen(decision, box, None if decision is BLURRY or person is None else direction(person)),
    DECISIONS,
    BOXES,
    st.sampled_from([None, 0, 1]),
)
FRAMES = st.lists(st.lists(OBSERVATIONS, max_size=4, unique_by=lambda o: o.box), min_size=1, max_size=12)


@given(FRAMES)
def test_two_tracks_of_a_frame_never_share_a_name_or_a_track(frames: list[list[TrackInput]]) -> None:
    film = Film()
    for observations in frames:
        votes = film.frame(*observations)

        names = [vote.decision.name for vote in votes if vote.decision.name is not None]
        assert len(set(names)) == len(names)
        assert len({vote.track_id for vote in votes}) == len(observations)


@given(FRAMES, st.randoms(use_true_random=False))
def test_the_order_of_the_faces_does_not_matter(frames: list[list[TrackInput]], random: Random) -> None:
    film, shuffled = Film(), Film()
    for observations in frames:
        order = list(range(len(observations)))
        random.shuffle(order)

        votes = film.frame(*observations)

        assert shuffled.frame(*(observations[place] for place in order)) == [votes[place] for place in order]


@given(FRAMES)
def test_nobody_leaves_who_did_not_enter(frames: list[list[TrackInput]]) -> None:
    film = Film()
    for observations in frames:
        film.frame(*observations)
    film.events += film.tracker.close(film.t_ms)

    entered = {event.track_id for event in film.events if event.kind == "enter"}
    left = [event.track_id for event in film.events if event.kind == "exit"]
    assert sorted(left) == sorted(entered)
