"""What moves like a picture is called one, what moves like a head is not."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facecam.recognition.tracking import MAX_OFF_PLANE, WINDOW_MS, StillImageDetector, Tracker, TrackInput, off_plane, spread_l2
from facecam.settings import TrackSettings
from facecam.types import Box, Candidate, Decision, DecisionStatus, Floats

FACE = np.array([[220, 200], [260, 200], [240, 224], [224, 246], [256, 246]], np.float32)
"""A frontal face whose eyes are 40 px apart."""

DEPTHS = np.array([0, 0, -18, -6, -6], np.float32)
"""How far before the eyes each point of a head stands, in pixels."""

FPS = 30.0


def turned(yaw_deg: float, depths: Floats) -> Floats:
    """The five points after a turn to the side, seen from far away."""
    turn = cv2.Rodrigues(np.array([0, np.radians(yaw_deg), 0]))[0]
    middle = FACE.mean(axis=0)
    solid = np.c_[FACE - middle, depths]
    return np.asarray((solid @ turn.T)[:, :2] + middle, np.float32)


def film(depths: Floats, noise_px: float = 0.05, degrees: float = 20, seconds: float = 3) -> list[Floats]:
    random = np.random.default_rng(0)
    yaws = degrees * np.sin(np.arange(int(seconds * FPS)) / FPS * 2)
    return [np.asarray(turned(yaw, depths) + random.normal(0, noise_px, (5, 2)), np.float32) for yaw in yaws]


def embeddings(spread: float, count: int = 90) -> list[Floats]:
    random = np.random.default_rng(1)
    middle = np.eye(128)[0]
    vectors = middle + random.normal(0, spread / np.sqrt(128), (count, 128))
    return list((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32))


def watched(points: list[Floats], faces: list[Floats]) -> StillImageDetector:
    watch = StillImageDetector()
    for index, (landmarks_xy, embedding) in enumerate(zip(points, faces, strict=False)):
        watch.add(index * 1000 / FPS, landmarks_xy, embedding)
    return watch


FLAT = np.zeros(5, np.float32)


def test_a_picture_that_is_turned_is_still() -> None:
    assert watched(film(FLAT), embeddings(0.03)).is_still


def test_a_head_that_turns_is_alive() -> None:
    assert not watched(film(DEPTHS), embeddings(0.03)).is_still


def test_a_face_whose_look_changes_is_alive_though_its_landmarks_rest() -> None:
    assert not watched(film(FLAT), embeddings(0.15)).is_still


def test_nothing_is_said_before_it_was_watched_long_enough() -> None:
    frames = int(WINDOW_MS / 1000 * FPS) - 1

    assert not watched(film(FLAT)[:frames], embeddings(0.03)).is_still


def test_nothing_is_said_without_embeddings() -> None:
    watch = StillImageDetector()
    for index, landmarks_xy in enumerate(film(FLAT)):
        watch.add(index * 1000 / FPS, landmarks_xy, None)

    assert not watch.is_still


def test_who_was_away_is_watched_anew() -> None:
    watch = watched(film(FLAT), embeddings(0.03))
    watch.add(60_000, FACE, None)

    assert not watch.is_still


def test_a_head_that_moves_after_long_rest_is_alive_at_once() -> None:
    watch = watched([*film(FLAT), *film(DEPTHS)[20:50]], embeddings(0.03, 120))

    assert not watch.is_still


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(-300, 300), st.integers(0, 2**20))
def test_no_affine_movement_of_a_picture_leaves_its_plane(
    a: float, b: float, c: float, d: float, shift: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    maps = [np.eye(2) + 0.2 * random.random() * np.array([[a, b], [c, d]]) for _ in range(30)]

    moved = np.array([FACE @ change.T + shift for change in maps], np.float32)

    assert off_plane(moved) < MAX_OFF_PLANE / 10


def test_the_spread_does_not_depend_on_how_many_were_seen() -> None:
    few = np.mean([spread_l2(np.array(embeddings(0.1, 400)[start : start + 4])) for start in range(0, 400, 4)])

    assert abs(few - spread_l2(np.array(embeddings(0.1, 400)))) < 0.005


def tracked(settings: TrackSettings, points: list[Floats]) -> Decision:
    """What a track of these landmarks stands for at its end, known as Ada by each of its sightings."""
    ada = Decision(DecisionStatus.KNOWN, "match", name="Ada", nearest=Candidate("Ada", "id-Ada", "Ada/1.jpg", 0.1))
    tracker = Tracker(settings, different_l2=0.5)
    for index, (landmarks_xy, embedding) in enumerate(zip(points, embeddings(0.03), strict=False)):
        seen = TrackInput(Box(200, 180, 80, 90), ada, 1.0, embedding, landmarks_xy)
        (vote,), _ = tracker.update([seen], index * 1000 / FPS)
    return vote.decision


def test_a_known_picture_is_unsure_where_pictures_are_looked_for() -> None:
    decision = tracked(TrackSettings(still_picture_check=True), film(FLAT))

    assert (decision.status, decision.reason) == (DecisionStatus.UNSURE, "still_picture")
    assert decision.nearest is not None


def test_a_living_face_is_known_all_the_same() -> None:
    assert tracked(TrackSettings(still_picture_check=True), film(DEPTHS)).name == "Ada"


def test_a_known_picture_is_known_where_nobody_asked() -> None:
    assert tracked(TrackSettings(), film(FLAT)).name == "Ada"
