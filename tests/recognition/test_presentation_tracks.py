"""Names of tracks with given live scores: when a name appears, stays, is withheld and comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from facecam.recognition.liveness import PRESENTATION_ATTACK, PRESENTATION_UNDECIDED
from facecam.recognition.tracking import Tracker, TrackInput
from facecam.settings import TrackSettings
from facecam.types import Box, Candidate, Decision, DecisionStatus, Event, Floats, TrackDecision
from tests.color_reader import NETWORK

FRAME_MS = 1000 / 30
LANDMARKS_XY = np.array([[220, 200], [260, 200], [240, 224], [224, 246], [256, 246]], np.float32)
LIVE, ATTACK = 0.98, 0.02


def embedding(direction: int) -> Floats:
    return np.eye(8, dtype=np.float32)[direction]


def face(name: str | None = "Ada", *, left: float = 200, passes_gates: bool = True) -> TrackInput:
    """Return a face that resembles a person, or nobody."""
    nearest = Candidate(name or "Ada", f"id-{name or 'Ada'}", "photo.jpg", 0.1 if name else 1.2)
    status = DecisionStatus.KNOWN if name else DecisionStatus.UNKNOWN
    decision = Decision(status, "match" if name else "too_far", name, nearest)
    landmarks = LANDMARKS_XY if passes_gates else None
    return TrackInput(Box(left, 180, 80, 90), decision, 1.0, embedding(int(left > 250)), landmarks)


class Camera:
    """Passes frames to a tracker, and gives each face the next score."""

    def __init__(self, settings: TrackSettings | None = None) -> None:
        self.tracker = Tracker(settings or TrackSettings(), NETWORK)
        self.scored: list[list[int]] = []
        self.events: list[Event] = []
        self._t_ms = 0.0

    def show(self, faces: Sequence[TrackInput], scores: Sequence[float] = (LIVE,)) -> list[TrackDecision]:
        """Return the decisions about the faces of the next frame; the scores are those of all faces, in order."""

        def live_scores(numbers: list[int]) -> list[float]:
            self.scored.append(numbers)
            return [scores[number] for number in numbers]

        decisions, events = self.tracker.update(faces, self._t_ms, live_scores=live_scores)
        self._t_ms += FRAME_MS
        self.events += events
        return decisions

    def names(self, score: float, seconds: float) -> Iterator[str | None]:
        """Yield the name in each frame of that many seconds in which Ada has this score whenever she is scored."""
        for _ in range(round(seconds * 1000 / FRAME_MS)):
            (decided,) = self.show([face()], [score])
            yield decided.decision.name


def test_a_living_face_is_named_within_half_a_second() -> None:
    assert list(Camera().names(LIVE, 0.5))[-1] == "Ada"


def test_a_face_has_no_name_and_enters_nobody_while_its_scores_are_those_of_a_picture() -> None:
    camera = Camera()

    assert set(camera.names(ATTACK, 3)) == {None}
    assert camera.events == []


def test_a_track_without_a_score_is_undecided() -> None:
    camera = Camera()
    for _ in range(5):
        (decided,) = camera.show([face(passes_gates=False)])

    assert (decided.decision.status, decided.decision.reason) == (DecisionStatus.UNSURE, PRESENTATION_UNDECIDED)
    assert decided.decision.nearest is not None
    assert decided.live_score is None
    assert camera.scored == []


def test_a_name_is_not_lost_to_one_bad_score() -> None:
    camera = Camera()
    list(camera.names(LIVE, 2))
    scored = len(camera.scored)
    names = []
    while len(camera.scored) == scored:
        names += camera.names(ATTACK, FRAME_MS / 1000)

    assert {*names, *camera.names(LIVE, 3)} == {"Ada"}


def test_a_name_is_lost_to_scores_that_stay_bad_and_comes_back_with_good_ones() -> None:
    camera = Camera()
    list(camera.names(LIVE, 2))

    bad = list(camera.names(ATTACK, 4))
    good = list(camera.names(LIVE, 6))

    assert bad[-1] is None
    assert good[-1] == "Ada"
    assert [event.kind for event in camera.events] == ["enter"]


def test_the_reason_of_a_withheld_name_is_the_attack() -> None:
    camera = Camera()
    for _ in range(60):
        (decided,) = camera.show([face()], [ATTACK])

    assert (decided.decision.status, decided.decision.reason) == (DecisionStatus.UNSURE, PRESENTATION_ATTACK)
    assert decided.live_score == ATTACK


def test_an_unknown_face_is_never_scored() -> None:
    camera = Camera()
    for _ in range(60):
        (decided,) = camera.show([face(None)])

    assert decided.decision.status is DecisionStatus.UNKNOWN
    assert camera.scored == []


def test_a_named_face_is_scored_seldom() -> None:
    camera = Camera()
    list(camera.names(LIVE, 10))

    assert len(camera.scored) <= 20


def test_a_picture_does_not_take_the_name_from_the_living_person() -> None:
    camera = Camera()
    for _ in range(60):
        living, picture = camera.show([face(), face(left=400)], [LIVE, ATTACK])

    assert living.decision.name == "Ada"
    assert picture.decision.reason == PRESENTATION_ATTACK


@pytest.mark.parametrize("score", [LIVE, ATTACK])
def test_a_score_belongs_to_the_frame_on_which_it_was_taken(score: float) -> None:
    camera = Camera()
    flags = []
    for _ in range(90):
        before = len(camera.scored)
        (decided,) = camera.show([face()], [score])
        flags.append(decided.is_scored == (len(camera.scored) > before))
        assert decided.live_score in (None, score)

    assert all(flags)


def test_a_name_that_the_user_confirmed_needs_no_score_until_that_is_undone() -> None:
    camera = Camera()
    for _ in range(60):
        (decided,) = camera.show([face()], [ATTACK])
    votes = camera.tracker.votes(decided.track_id)
    assert votes is not None
    votes.confirm("id-Ada")
    scored = len(camera.scored)
    confirmed = list(camera.names(ATTACK, 1))
    assert len(camera.scored) == scored
    votes.accept("id-Ada")
    undone = list(camera.names(ATTACK, 1))

    assert confirmed[-1] == "Ada"
    assert undone[-1] is None


def test_another_person_than_the_confirmed_one_needs_scores() -> None:
    camera = Camera()
    (decided,) = camera.show([face()], [ATTACK])
    votes = camera.tracker.votes(decided.track_id)
    assert votes is not None
    votes.confirm("id-Grace")

    assert set(camera.names(ATTACK, 2)) == {None}
