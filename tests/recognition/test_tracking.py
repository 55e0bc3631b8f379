"""Tracks over time: enter and exit events, track decisions and votes."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.recognition.tracking import FrameIntervals, Tracker, TrackInput, TrackVotes, face_thumbnail, untracked_decisions
from facecam.settings import TrackSettings
from facecam.types import Box, Candidate, Decision, DecisionStatus, Event, EventCode, Floats, TrackDecision
from tests.color_reader import NETWORK

FRAME_MS = 100.0
HERE, THERE = Box(100, 100, 60, 60), Box(400, 100, 60, 60)


def known(name: str, distance_l2: float = 0.1) -> Decision:
    nearest = Candidate(name, f"id-{name}", f"{name}/1.jpg", distance_l2)
    return Decision(DecisionStatus.KNOWN, "match", name=name, nearest=nearest)


STRANGER = Decision(DecisionStatus.UNKNOWN, "too_far", nearest=Candidate("Ada", "id-Ada", "Ada/1.jpg", 0.9))
UNSURE = Decision(DecisionStatus.UNSURE, "margin", nearest=Candidate("Ada", "id-Ada", "Ada/1.jpg", 0.3))
BLURRY = Decision(DecisionStatus.SKIPPED, "blurry")


def direction(number: int) -> Floats:
    """Return an embedding that is orthogonal to those of other numbers."""
    return np.eye(128, dtype=np.float32)[number]


LOOKS = tuple(np.eye(256, dtype=np.float32)[:2])
"""Thumbnails that do not correlate."""


def turned(distance_l2: float) -> Floats:
    """Return an embedding at this distance from `turned(0)`."""
    angle = 2 * np.arcsin(distance_l2 / 2)
    return np.asarray(np.cos(angle) * direction(0) + np.sin(angle) * direction(1), np.float32)


def face(
    decision: Decision,
    box: Box = HERE,
    embedding: Floats | None = None,
    weight: float = 1.0,
    thumbnail: Floats | None = None,
) -> TrackInput:
    return TrackInput(box, decision, weight, embedding, thumbnail=thumbnail)


@dataclass
class Video:
    """Tracker with a clock; each call is one frame."""

    tracker: Tracker = field(default_factory=lambda: Tracker(TrackSettings(), NETWORK))
    t_ms: float = 0.0
    index: int = 0
    events: list[Event] = field(default_factory=list)

    def frame(self, *faces: TrackInput) -> list[TrackDecision]:
        self.t_ms += FRAME_MS
        self.index += 1
        votes, events = self.tracker.update(faces, self.t_ms, self.index)
        self.events += events
        return votes

    def frames(self, count: int, *faces: TrackInput) -> list[TrackDecision]:
        return [self.frame(*faces) for _ in range(count)][-1]

    def event_names(self) -> list[tuple[str, str | None]]:
        return [(event.kind, event.name) for event in self.events]


@pytest.fixture
def video() -> Video:
    return Video()


def test_a_moving_face_keeps_its_track(video: Video) -> None:
    votes = [video.frame(face(STRANGER, Box(100 + 15 * step, 100, 60, 60)))[0] for step in range(10)]

    assert {vote.track_id for vote in votes} == {1}
    assert votes[-1].track_age_ms == 9 * FRAME_MS


def test_a_face_elsewhere_is_another_track(video: Video) -> None:
    (here,) = video.frame(face(STRANGER, HERE))
    (there,) = video.frame(face(STRANGER, THERE))

    assert here.track_id != there.track_id


def test_a_face_that_returns_before_its_exit_keeps_its_track(video: Video) -> None:
    (before,) = video.frame(face(STRANGER, embedding=direction(0)))
    video.frames(20)
    (after,) = video.frame(face(STRANGER, embedding=direction(0)))

    assert after.track_id == before.track_id


def test_a_face_that_returns_after_its_exit_is_a_new_track(video: Video) -> None:
    (before,) = video.frame(face(STRANGER))
    video.frames(40)
    (after,) = video.frame(face(STRANGER))

    assert after.track_id != before.track_id


def test_a_person_enters_with_the_third_agreeing_sighting(video: Video) -> None:
    votes = [video.frame(face(known("Ada")))[0] for _ in range(3)]

    assert [vote.decision.name for vote in votes] == [None, None, "Ada"]
    assert [vote.decision.reason for vote in votes] == ["few_sightings", "few_sightings", "votes"]
    assert video.event_names() == [("enter", "Ada")]


def test_a_stranger_enters_without_a_name(video: Video) -> None:
    (vote,) = video.frames(3, face(STRANGER))

    assert vote.decision.status is DecisionStatus.UNKNOWN
    assert video.event_names() == [("enter", None)]


def test_a_person_enters_once(video: Video) -> None:
    video.frames(30, face(known("Ada")))

    assert video.event_names() == [("enter", "Ada")]


def test_a_brief_sighting_has_no_events(video: Video) -> None:
    video.frames(2, face(known("Ada")))
    video.frames(40)

    assert video.event_names() == []


def test_a_person_leaves_after_three_seconds_unseen(video: Video) -> None:
    video.frames(3, face(known("Ada")))

    video.frames(30)
    assert video.event_names() == [("enter", "Ada")]

    video.frame()
    assert video.event_names() == [("enter", "Ada"), ("exit", "Ada")]
    assert video.events[-1].last_seen_ms == pytest.approx(3 * FRAME_MS)


def test_closing_the_tracker_ends_all_tracks(video: Video) -> None:
    video.frames(3, face(known("Ada"), HERE), face(STRANGER, THERE))

    exits = video.tracker.close(video.t_ms)

    assert sorted((event.kind, event.track_id, event.name) for event in exits) == [("exit", 1, "Ada"), ("exit", 2, None)]
    assert video.tracker.close(video.t_ms) == []


def test_a_wrong_name_for_a_moment_is_outvoted(video: Video) -> None:
    video.frames(10, face(known("Ada")))
    during = [video.frame(face(known("Grace")))[0].decision.name for _ in range(4)]
    (after,) = video.frame(face(known("Ada")))

    assert during == ["Ada"] * 4
    assert after.decision.name == "Ada"
    assert video.event_names() == [("enter", "Ada")]


def test_a_change_of_name_needs_more_evidence_than_a_first_name(video: Video) -> None:
    video.frames(10, face(known("Ada")))

    names = [video.frame(face(known("Grace")))[0].decision.name for _ in range(11)]

    assert names.index("Grace") + 1 > TrackSettings().enter_after_sightings
    assert names == ["Ada"] * 9 + [None, "Grace"]


def test_a_change_of_name_reports_the_previous_name(video: Video) -> None:
    video.frames(5, face(known("Ada")))
    video.frames(6, face(known("Grace")))

    assert video.event_names() == [("enter", "Ada"), ("enter", "Grace")]
    assert (video.events[-1].code, video.events[-1].person) == (EventCode.NAME_CHANGED, "Ada")


def test_old_sightings_do_not_vote(video: Video) -> None:
    video.frames(500, face(known("Ada")))

    names = {video.frame(face(known("Grace")))[0].decision.name for _ in range(30)}

    assert "Grace" in names


def test_a_tie_is_unsure(video: Video) -> None:
    video.frames(3, face(known("Ada")))
    (vote,) = video.frames(3, face(known("Grace")))

    assert vote.decision.status is DecisionStatus.UNSURE


def test_a_name_needs_more_than_half_of_all_the_evidence(video: Video) -> None:
    video.frames(4, face(UNSURE))
    votes = [video.frame(face(known("Ada")))[0] for _ in range(5)]

    assert [vote.decision.name for vote in votes] == [None] * 4 + ["Ada"]
    assert (votes[-1].votes_for, votes[-1].votes_total) == (5, 9)


def test_sharp_sightings_outvote_blurred_ones(video: Video) -> None:
    video.frames(6, face(known("Grace"), weight=0.25))
    (vote,) = video.frames(3, face(known("Ada"), weight=1.0))

    assert vote.decision.name == "Ada"
    assert (vote.votes_for, vote.votes_total) == (3.0, 4.5)


def test_skipped_sightings_do_not_vote(video: Video) -> None:
    (before,) = video.frames(3, face(known("Ada")))
    (after,) = video.frames(20, face(BLURRY))

    assert after.decision.name == "Ada"
    assert (after.votes_for, after.votes_total) == (before.votes_for, before.votes_total)


def test_a_track_with_only_skipped_sightings_has_their_reason(video: Video) -> None:
    (vote,) = video.frames(5, face(BLURRY))

    assert (vote.decision.status, vote.decision.reason) == (DecisionStatus.SKIPPED, "blurry")
    assert video.event_names() == []


def test_a_second_contradicting_embedding_begins_a_new_track(video: Video) -> None:
    """One may be a blurred or occluded face."""
    (before,) = video.frames(5, face(known("Ada"), embedding=direction(0)))
    (first,) = video.frame(face(known("Grace"), embedding=direction(1)))
    (second,) = video.frame(face(known("Grace"), embedding=direction(1)))

    assert (first.track_id, first.decision.name) == (before.track_id, "Ada")
    assert second.track_id != before.track_id
    assert second.votes_total == 1


def test_one_bad_embedding_does_not_end_a_track(video: Video) -> None:
    votes = [video.frame(face(known("Ada"), embedding=direction(1 if number % 3 == 2 else 0)))[0] for number in range(20)]

    assert {vote.track_id for vote in votes} == {1}


@pytest.mark.parametrize("frames_unseen", [1, 5, 20])
def test_after_a_gap_another_face_begins_a_new_track_at_once(video: Video, frames_unseen: int) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0)))
    video.frames(frames_unseen)

    (after,) = video.frame(face(known("Grace"), embedding=direction(1)))

    assert (after.track_id, after.decision.name, after.votes_total) == (2, None, 1)


def test_after_a_pause_without_frames_another_face_begins_a_new_track(video: Video) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0)))
    video.t_ms += 1000

    assert video.frame(face(known("Grace"), embedding=direction(1)))[0].track_id == 2


def test_a_face_whose_look_jumps_is_another_one_with_the_first_embedding(video: Video) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0), thumbnail=LOOKS[0]))

    (after,) = video.frame(face(known("Grace"), embedding=direction(1), thumbnail=LOOKS[1]))

    assert (after.track_id, after.decision.name) == (2, None)


def test_a_face_whose_look_jumps_stays_the_same_person_if_the_embedding_agrees(video: Video) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0), thumbnail=LOOKS[0]))

    (after,) = video.frame(face(known("Ada"), embedding=direction(0), thumbnail=LOOKS[1]))

    assert (after.track_id, after.decision.name) == (1, "Ada")


def test_a_face_that_resembles_the_one_before_but_another_person_more_begins_a_new_track(video: Video) -> None:
    """Siblings may be as close as photos of one person; their own samples are closer."""
    video.frames(5, face(known("Ada"), embedding=turned(0.0)))
    video.frame()

    (after,) = video.frame(face(known("Grace", distance_l2=0.05), embedding=turned(0.3)))

    assert after.track_id == 2


def test_a_face_keeps_its_track_when_it_is_enrolled_under_another_name(video: Video) -> None:
    """Its samples come from this track and are nearer than the embeddings of other poses."""
    video.frames(5, face(STRANGER, embedding=turned(0.0)))
    video.tracker.reset_votes()
    video.frame()

    (after,) = video.frame(face(known("Grace", distance_l2=0.05), embedding=turned(0.3)))

    assert after.track_id == 1


def test_after_a_gap_a_face_has_no_name_without_an_embedding(video: Video) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0)))
    video.frame()

    (blurred,) = video.frames(5, face(BLURRY))

    assert (blurred.track_id, blurred.decision.name) == (2, None)


def test_a_face_returns_to_its_track_once_it_is_embedded(video: Video) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0)))
    video.frame()
    video.frames(5, face(BLURRY))

    (after,) = video.frame(face(known("Ada"), embedding=direction(0)))

    assert (after.track_id, after.decision.name) == (1, "Ada")


def test_the_first_blurred_frames_of_the_next_person_belong_to_that_person(video: Video) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0)))
    video.frame()
    (blurred,) = video.frames(5, face(BLURRY))

    (after,) = video.frame(face(known("Grace"), embedding=direction(1)))

    assert after.track_id == blurred.track_id == 2


def test_a_track_ends_at_its_last_sighting_when_another_person_takes_its_place(video: Video) -> None:
    video.frames(5, face(known("Ada"), embedding=direction(0)))
    video.frame()
    video.frames(3, face(known("Grace"), embedding=direction(1)))

    enter, exited, _ = video.events
    assert (enter.kind, enter.name, enter.person_id) == ("enter", "Ada", "id-Ada")
    assert (exited.kind, exited.name, exited.person_id, exited.code) == ("exit", "Ada", "id-Ada", EventCode.ANOTHER_PERSON)
    assert (exited.last_seen_ms, exited.last_seen_index) == (pytest.approx(5 * FRAME_MS), 5)
    assert video.event_names() == [("enter", "Ada"), ("exit", "Ada"), ("enter", "Grace")]


def test_a_face_next_to_a_missed_one_does_not_end_its_track(video: Video) -> None:
    beside = Box(HERE.x + 30, HERE.y, HERE.w, HERE.h)
    video.frames(5, face(known("Ada"), HERE, direction(0)))

    (grace,) = video.frame(face(known("Grace"), beside, direction(1)))
    ada, _ = video.frame(face(known("Ada"), HERE, direction(0)), face(known("Grace"), beside, direction(1)))

    assert (grace.track_id, ada.track_id) == (2, 1)


def test_a_sighting_without_an_embedding_stays_in_its_track(video: Video) -> None:
    (before,) = video.frame(face(known("Ada"), embedding=direction(0)))
    (between,) = video.frame(face(BLURRY))
    (after,) = video.frame(face(known("Ada"), embedding=direction(0)))

    assert before.track_id == between.track_id == after.track_id


def test_a_name_claimed_twice_stays_with_the_track_that_has_more_votes(video: Video) -> None:
    video.frames(5, face(known("Ada"), HERE))
    old, new = video.frames(4, face(known("Ada"), HERE), face(known("Ada"), THERE))

    assert old.decision.name == "Ada"
    assert (new.decision.status, new.decision.reason) == (DecisionStatus.UNSURE, "name_taken")
    assert video.event_names() == [("enter", "Ada")]


def test_a_name_claimed_with_equal_votes_is_withheld(video: Video) -> None:
    votes = video.frames(5, face(known("Ada"), HERE), face(known("Ada"), THERE))

    assert [vote.decision.reason for vote in votes] == ["name_taken", "name_taken"]


def test_in_a_single_image_every_face_is_decided_alone() -> None:
    decisions = [known("Ada"), STRANGER]

    votes = untracked_decisions(decisions)

    assert [vote.decision for vote in votes] == decisions
    assert [vote.track_id for vote in votes] == [1, 2]


def add_votes(votes: TrackVotes, *names: str) -> Decision:
    """Return the decision after a sighting of each of these people."""
    for name in names:
        votes.add(known(name), 1.0)
    return votes.tally(known(names[-1]), 3)[0]


def test_a_rejected_person_gets_no_votes() -> None:
    votes = TrackVotes()
    assert add_votes(votes, *["Ada"] * 5).name == "Ada"

    votes.reject("id-Ada")

    decision = add_votes(votes, *["Ada"] * 100)
    assert (decision.status, decision.reason) == (DecisionStatus.UNSURE, "corrected")


def test_a_track_may_be_another_person_after_a_rejection() -> None:
    votes = TrackVotes()
    votes.reject("id-Ada")

    assert add_votes(votes, *["Grace"] * 3).name == "Grace"


def test_an_accepted_person_needs_new_votes() -> None:
    votes = TrackVotes()
    votes.reject("id-Ada")
    add_votes(votes, *["Ada"] * 10)

    votes.accept("id-Ada")

    assert [add_votes(votes, "Ada").name for _ in range(3)] == [None, None, "Ada"]


def test_a_reset_discards_votes_but_keeps_rejections() -> None:
    votes = TrackVotes()
    votes.reject("id-Ada")
    add_votes(votes, *["Grace"] * 10)

    votes.reset()

    assert len(votes) == 0
    assert [add_votes(votes, "Grace").name for _ in range(3)] == [None, None, "Grace"]
    assert add_votes(votes, *["Ada"] * 30).name != "Ada"


def sparse(*times_s: float, expected_ms: float | None = None) -> list[bool]:
    """Return for frames at these times whether the source is sparse; tracks live 3 s."""
    intervals, found = FrameIntervals(expected_ms), []
    for time_s in times_s:
        intervals.add(time_s * 1e3, 3000)
        found.append(intervals.is_sparse)
    return found


def test_a_source_is_sparse_after_two_intervals_longer_than_a_track_lives() -> None:
    assert sparse(0, 10, 20, 30) == [False, False, True, True]


def test_one_long_pause_does_not_make_a_source_sparse() -> None:
    assert sparse(0, 0.1, 10, 10.1, 20, 20.1) == [False] * 6


def test_a_source_with_a_known_long_interval_is_sparse_from_its_first_frame() -> None:
    assert sparse(0, 10, 20, expected_ms=10_000) == [True, True, True]


def test_a_sparse_source_is_so_no_longer_when_frames_come_fast() -> None:
    assert sparse(0, 10, 20, 20.1, 20.2, expected_ms=10_000) == [True, True, True, False, False]


def test_frames_as_far_apart_as_a_track_lives_are_not_sparse() -> None:
    assert sparse(0, 3, 6, 9, expected_ms=3000) == [False] * 4


def test_the_thumbnail_of_a_moved_turned_and_darker_face_correlates_with_it() -> None:
    random = np.random.default_rng(0)
    image = cv2.GaussianBlur(random.integers(0, 256, (240, 320, 3)).astype(np.uint8), (0, 0), 6)
    image = cv2.convertScaleAbs(image, alpha=8, beta=128 - 8 * 127)
    points = np.array([[130, 100], [170, 98], [150, 120], [135, 145], [166, 144]], np.float32)
    turn = cv2.getRotationMatrix2D((150, 120), 12, 1.1)
    turn[:, 2] += 20, -8
    moved = cv2.convertScaleAbs(cv2.warpAffine(image, turn, (320, 240)), alpha=0.7, beta=10)

    before = face_thumbnail(image, points)
    after = face_thumbnail(moved, (points @ turn[:, :2].T + turn[:, 2]).astype(np.float32))

    assert float(before @ after) > 0.98
    assert float(before @ face_thumbnail(image, points + 40)) < 0.9


# A coarse grid, so that boxes overlap and overlaps tie.
BOXES = st.builds(
    Box, st.integers(0, 8).map(lambda n: 20.0 * n), st.integers(0, 1).map(lambda n: 20.0 * n), st.just(60), st.just(60)
)
DECISIONS = st.sampled_from([known("Ada"), known("Grace"), STRANGER, UNSURE, BLURRY])
OBSERVATIONS = st.builds(
    lambda decision, box, person: face(decision, box, None if decision is BLURRY or person is None else direction(person)),
    DECISIONS,
    BOXES,
    st.sampled_from([None, 0, 1]),
)
FRAMES = st.lists(st.lists(OBSERVATIONS, max_size=4, unique_by=lambda o: o.box), min_size=1, max_size=12)


@given(FRAMES)
def test_two_tracks_of_a_frame_never_share_a_name_or_a_track(frames: list[list[TrackInput]]) -> None:
    video = Video()
    for faces in frames:
        votes = video.frame(*faces)

        names = [vote.decision.name for vote in votes if vote.decision.name is not None]
        assert len(set(names)) == len(names)
        assert len({vote.track_id for vote in votes}) == len(faces)


@given(FRAMES, st.randoms(use_true_random=False))
def test_the_order_of_the_faces_does_not_matter(frames: list[list[TrackInput]], random: Random) -> None:
    video, shuffled = Video(), Video()
    for faces in frames:
        order = list(range(len(faces)))
        random.shuffle(order)

        votes = video.frame(*faces)

        assert shuffled.frame(*(faces[index] for index in order)) == [votes[index] for index in order]


@given(FRAMES)
def test_every_exit_follows_an_enter_event(frames: list[list[TrackInput]]) -> None:
    video = Video()
    for faces in frames:
        video.frame(*faces)
    video.events += video.tracker.close(video.t_ms)

    entered = {event.track_id for event in video.events if event.kind == "enter"}
    left = [event.track_id for event in video.events if event.kind == "exit"]
    assert sorted(left) == sorted(entered)
