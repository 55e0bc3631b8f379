"""Still-image detection on synthetic landmark motion."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facecam.recognition.liveness import MAX_OFF_PLANE, WINDOW_MS, StillImageDetector, off_plane, spread_l2
from facecam.recognition.tracking import Tracker, TrackInput
from facecam.settings import TrackSettings
from facecam.types import Box, Candidate, Decision, DecisionStatus, Floats
from tests.color_reader import NETWORK

FACE = np.array([[220, 200], [260, 200], [240, 224], [224, 246], [256, 246]], np.float32)
"""A frontal face whose eyes are 40 px apart."""

DEPTHS = np.array([0, 0, -18, -6, -6], np.float32)
"""Depth of each point of a head relative to the eyes, in pixels."""

FPS = 30.0


def turned(yaw_deg: float, depths: Floats) -> Floats:
    """Return the five points after a rotation to the side, in parallel projection."""
    turn = cv2.Rodrigues(np.array([0, np.radians(yaw_deg), 0]))[0]
    middle = FACE.mean(axis=0)
    solid = np.c_[FACE - middle, depths]
    return np.asarray((solid @ turn.T)[:, :2] + middle, np.float32)


def head_motion(depths: Floats, noise_px: float = 0.05, degrees: float = 20, seconds: float = 3) -> list[Floats]:
    random = np.random.default_rng(0)
    yaws = degrees * np.sin(np.arange(int(seconds * FPS)) / FPS * 2)
    return [np.asarray(turned(yaw, depths) + random.normal(0, noise_px, (5, 2)), np.float32) for yaw in yaws]


def embeddings(spread: float, count: int = 90) -> list[Floats]:
    random = np.random.default_rng(1)
    middle = np.eye(128)[0]
    vectors = middle + random.normal(0, spread / np.sqrt(128), (count, 128))
    return list((vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32))


def detector_for(points: list[Floats], faces: list[Floats]) -> StillImageDetector:
    detector = StillImageDetector(NETWORK.still_spread_l2)
    for index, (landmarks_xy, embedding) in enumerate(zip(points, faces, strict=False)):
        detector.add(index * 1000 / FPS, landmarks_xy, embedding)
    return detector


FLAT = np.zeros(5, np.float32)


def test_a_rotated_image_is_still() -> None:
    assert detector_for(head_motion(FLAT), embeddings(0.03)).is_still


def test_a_rotating_head_is_not_still() -> None:
    assert not detector_for(head_motion(DEPTHS), embeddings(0.03)).is_still


def test_changing_embeddings_are_not_still() -> None:
    assert not detector_for(head_motion(FLAT), embeddings(0.15)).is_still


def test_no_face_is_still_before_the_window_is_full() -> None:
    frames = int(WINDOW_MS / 1000 * FPS) - 1

    assert not detector_for(head_motion(FLAT)[:frames], embeddings(0.03)).is_still


def test_no_face_is_still_without_embeddings() -> None:
    detector = StillImageDetector(NETWORK.still_spread_l2)
    for index, landmarks_xy in enumerate(head_motion(FLAT)):
        detector.add(index * 1000 / FPS, landmarks_xy, None)

    assert not detector.is_still


def test_a_gap_restarts_the_window() -> None:
    detector = detector_for(head_motion(FLAT), embeddings(0.03))
    detector.add(60_000, FACE, None)

    assert not detector.is_still


def test_a_head_that_moves_after_a_long_rest_is_not_still() -> None:
    detector = detector_for([*head_motion(FLAT), *head_motion(DEPTHS)[20:50]], embeddings(0.03, 120))

    assert not detector.is_still


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(-300, 300), st.integers(0, 2**20))
def test_affine_motion_of_an_image_stays_in_its_plane(a: float, b: float, c: float, d: float, shift: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    maps = [np.eye(2) + 0.2 * random.random() * np.array([[a, b], [c, d]]) for _ in range(30)]

    moved = np.array([FACE @ change.T + shift for change in maps], np.float32)

    assert off_plane(moved) < MAX_OFF_PLANE / 10


def test_the_spread_does_not_depend_on_the_number_of_embeddings() -> None:
    few = np.mean([spread_l2(np.array(embeddings(0.1, 400)[start : start + 4])) for start in range(0, 400, 4)])

    assert abs(few - spread_l2(np.array(embeddings(0.1, 400)))) < 0.005


def final_decision(settings: TrackSettings, points: list[Floats]) -> Decision:
    """Return the final decision of a track whose sightings are all known as Ada."""
    ada = Decision(DecisionStatus.KNOWN, "match", name="Ada", nearest=Candidate("Ada", "id-Ada", "Ada/1.jpg", 0.1))
    tracker = Tracker(settings, NETWORK)
    for index, (landmarks_xy, embedding) in enumerate(zip(points, embeddings(0.03), strict=False)):
        face = TrackInput(Box(200, 180, 80, 90), ada, 1.0, embedding, landmarks_xy)
        (vote,), _ = tracker.update([face], index * 1000 / FPS)
    return vote.decision


def test_a_known_still_image_is_unsure_with_the_check() -> None:
    decision = final_decision(TrackSettings(still_picture_check=True), head_motion(FLAT))

    assert (decision.status, decision.reason) == (DecisionStatus.UNSURE, "still_picture")
    assert decision.nearest is not None


def test_a_moving_head_is_known_with_the_check() -> None:
    assert final_decision(TrackSettings(still_picture_check=True), head_motion(DEPTHS)).name == "Ada"


def test_a_known_still_image_is_known_without_the_check() -> None:
    assert final_decision(TrackSettings(), head_motion(FLAT)).name == "Ada"
