"""Pose ranges, hints, the checklist, and the frames collected of each pose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.enrollment.pose_capture import FRAMES_PER_POSE, SPACING_MS, PoseCapture
from facecam.enrollment.poses import (
    CHECKS,
    RANGES,
    CenterFinder,
    Check,
    HeadAngles,
    Pose,
    PoseHint,
    checklist,
    hint_toward,
    is_out_of_reach,
    pose_of,
)
from facecam.enrollment.samples import OUTLIER
from facecam.recognition.face_analyzer import SEVERAL_FACES
from facecam.settings import GateSettings
from facecam.types import Box, Face, FaceObservation, Floats, Frame, Quality

GATES = GateSettings()
GATE_CODES = ("low_score", "too_small", "clipped", "blurry", "dark", "bright", "extreme_pose")
TURNS = st.builds(HeadAngles, st.floats(-60, 60), st.floats(-60, 60))
ME, ANOTHER = np.eye(128, dtype=np.float32)[:2]
POSED = {Pose.CENTER: (0, 0), Pose.LEFT: (20, 0), Pose.RIGHT: (-20, 0), Pose.UP: (0, 15), Pose.DOWN: (0, -15)}


def a_face(yaw_deg: float, pitch_deg: float, sharpness: float = 100, embedding: Floats = ME) -> FaceObservation:
    quality = Quality(yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=0, sharpness=sharpness, brightness=128)
    return FaceObservation(Face(Box(4, 4, 8, 8), 0.99, np.zeros((5, 2), np.float32)), quality, None, embedding)


def a_frame(t_ms: float) -> Frame:
    return Frame(np.zeros((16, 16, 3), np.uint8), 0, t_ms, t_ms / 1000, "camera")


class Camera:
    """Feeds faces to a pose capture, one every SPACING_MS."""

    def __init__(self) -> None:
        self.capture = PoseCapture(GATES, max_spread_l2=0.5)
        self.t_ms = 0.0

    def show(self, *faces: FaceObservation, times: int = 1) -> None:
        for _ in range(times):
            self.t_ms += SPACING_MS
            self.capture.observe(a_frame(self.t_ms), faces)

    def find_center(self, yaw_deg: float = 0, pitch_deg: float = 0) -> None:
        self.show(a_face(yaw_deg, pitch_deg), times=6)

    @property
    def hint(self) -> str:
        return "".join(item.hint for item in self.capture.checks)


@pytest.fixture
def camera() -> Camera:
    return Camera()


@given(TURNS)
def test_pose_ranges_do_not_overlap(turn: HeadAngles) -> None:
    assert sum(turn in range_ for range_ in RANGES.values()) <= 1


def test_left_is_the_persons_own_left_and_the_right_of_the_image() -> None:
    assert pose_of(HeadAngles(yaw_deg=20, pitch_deg=0)) is Pose.LEFT
    assert pose_of(HeadAngles(yaw_deg=-20, pitch_deg=0)) is Pose.RIGHT


@given(st.sampled_from(Pose), TURNS)
def test_there_is_no_hint_exactly_inside_the_pose(pose: Pose, turn: HeadAngles) -> None:
    assert (hint_toward(pose, turn) == "") == (pose_of(turn) is pose)


@pytest.mark.parametrize(
    ("pose", "turn", "hint"),
    [
        (Pose.LEFT, HeadAngles(3, 0), PoseHint.TURN_LEFT),
        (Pose.RIGHT, HeadAngles(3, 0), PoseHint.TURN_RIGHT),
        (Pose.LEFT, HeadAngles(20, 25), PoseHint.CHIN_DOWN),
        (Pose.UP, HeadAngles(0, 2), PoseHint.CHIN_UP),
        (Pose.DOWN, HeadAngles(0, 2), PoseHint.CHIN_DOWN),
        (Pose.DOWN, HeadAngles(20, -20), PoseHint.TURN_RIGHT),
        (Pose.CENTER, HeadAngles(-15, 0), PoseHint.TURN_LEFT),
    ],
)
def test_the_hint_leads_into_the_pose(pose: Pose, turn: HeadAngles, hint: PoseHint) -> None:
    assert hint_toward(pose, turn) == hint


@given(st.sampled_from(Pose), st.floats(-15, 15), st.floats(-20, 20))
def test_with_a_camera_near_eye_level_the_gates_allow_every_pose(pose: Pose, yaw_deg: float, pitch_deg: float) -> None:
    assert not is_out_of_reach(pose, HeadAngles(yaw_deg, pitch_deg), GATES)


def test_a_camera_far_below_eye_level_puts_up_out_of_reach(camera: Camera) -> None:
    camera.find_center(pitch_deg=30)
    camera.show(a_face(0, 30), times=FRAMES_PER_POSE)
    for pose in (Pose.LEFT, Pose.RIGHT):
        camera.capture.skip(pose)

    camera.show(a_face(0, 34))

    assert camera.capture.current_pose is Pose.UP
    assert camera.hint == PoseHint.ASKEW
    camera.show(replace(a_face(0, 41), gate="extreme_pose", embedding=None))
    assert camera.hint == PoseHint.ASKEW


@pytest.mark.parametrize("code", [*GATE_CODES, *PoseHint])
def test_every_gate_and_every_hint_has_a_check(code: str) -> None:
    (failed,) = [item for item in checklist(code) if item.hint]

    assert (failed.code, failed.hint) == (CHECKS[code], code)
    assert not failed.done


@given(st.sampled_from(["", *CHECKS]))
def test_the_checklist_has_one_order_and_at_most_one_instruction(hint: str) -> None:
    items = checklist(hint)

    assert [item.code for item in items] == list(Check)
    done = [item.done for item in items]
    assert done == sorted(done, reverse=True), "what comes after the first failed check is not done"
    assert all(done) == (not hint) == (not any(item.hint for item in items))


def test_the_center_is_measured_for_each_person_and_camera(camera: Camera) -> None:
    camera.find_center(yaw_deg=5, pitch_deg=-13)

    camera.show(a_face(5, -13))
    camera.show(a_face(5, 0))

    assert {pose for pose, best in camera.capture.collected.items() if best} == {Pose.CENTER, Pose.UP}


def test_until_the_center_is_found_the_hint_is_to_look_straight(camera: Camera) -> None:
    camera.show(a_face(0, 0))

    assert camera.hint == PoseHint.LOOK_STRAIGHT


def test_a_moving_head_gives_a_center_only_after_the_maximum_of_frames() -> None:
    finder = CenterFinder()

    found = [finder.add(HeadAngles(0, pitch_deg=12 * (-1) ** number)) for number in range(30)]

    assert found[:-1] == [None] * 29
    assert found[-1] is not None


def test_a_head_turned_aside_never_gives_a_center() -> None:
    finder = CenterFinder()

    assert {finder.add(HeadAngles(yaw_deg=30, pitch_deg=0)) for _ in range(100)} == {None}


def test_a_repeated_frame_counts_once_toward_a_pose(camera: Camera) -> None:
    camera.find_center()
    for _ in range(100):
        camera.capture.observe(a_frame(camera.t_ms + SPACING_MS), [a_face(0, 0)])
    assert camera.capture.done == ()

    camera.show(a_face(0, 0), times=FRAMES_PER_POSE)

    assert camera.capture.done == (Pose.CENTER,)


def test_the_frames_of_a_pose_are_sorted_by_sharpness(camera: Camera) -> None:
    camera.find_center()

    camera.show(*[a_face(0, 0, sharpness=20)])
    for sharpness in (90, 30, 120, 60, 40):
        camera.show(a_face(0, 0, sharpness))

    assert [sample.observation.quality.sharpness for sample in camera.capture.collected[Pose.CENTER]] == [120, 90, 60, 40, 30, 20]


def test_a_sharp_hand_in_front_of_the_face_is_ranked_last(camera: Camera) -> None:
    covered = np.asarray((ME + 0.3 * ANOTHER) / np.linalg.norm(ME + 0.3 * ANOTHER), np.float32)
    camera.find_center()

    camera.show(a_face(0, 0, sharpness=120, embedding=covered), times=3)
    for sharpness in (20, 40, 30, 35):
        camera.show(a_face(0, 0, sharpness))

    ranked = [sample.observation.quality.sharpness for sample in camera.capture.collected[Pose.CENTER]]
    assert ranked == [40, 35, 30, 20, 120, 120, 120]


def test_a_pose_that_is_not_prompted_counts_too(camera: Camera) -> None:
    camera.find_center()

    camera.show(a_face(-20, 0), times=FRAMES_PER_POSE)

    assert camera.capture.current_pose is Pose.CENTER
    assert camera.capture.done == (Pose.RIGHT,)


def test_another_person_in_front_of_the_camera_is_not_collected(camera: Camera) -> None:
    camera.find_center()

    camera.show(a_face(20, 0, embedding=ANOTHER), times=FRAMES_PER_POSE)

    assert not camera.capture.collected[Pose.LEFT]
    assert camera.hint == OUTLIER


def test_a_retaken_center_may_be_another_persons(camera: Camera) -> None:
    camera.find_center()
    camera.capture.retake(Pose.CENTER)

    camera.show(a_face(0, 0, embedding=ANOTHER), times=6 + FRAMES_PER_POSE)

    assert camera.capture.done == (Pose.CENTER,)


def test_two_faces_give_the_hint_for_several_faces(camera: Camera) -> None:
    camera.show(a_face(0, 0), a_face(0, 0))

    assert camera.hint == SEVERAL_FACES


FACES = st.one_of(
    st.just(()),
    st.builds(lambda y, p, s: (a_face(y, p, s),), st.floats(-39, 39), st.floats(-34, 34), st.floats(15, 500)),
    st.builds(lambda y: (a_face(y, 0, embedding=ANOTHER),), st.floats(-39, 39)),
    st.builds(lambda code: (replace(a_face(0, 0), gate=code, embedding=None),), st.sampled_from(GATE_CODES)),
)


@given(st.lists(st.tuples(FACES, st.floats(-500, 500)), max_size=60))
def test_collected_samples_are_not_lost_and_progress_never_falls(
    frames: list[tuple[tuple[FaceObservation, ...], float]],
) -> None:
    camera = Camera()
    camera.find_center()
    fractions, sharpest = [camera.capture.fraction], dict.fromkeys(Pose, 0.0)
    for faces, step_ms in frames:
        camera.t_ms += step_ms
        camera.show(*faces)
        fractions.append(camera.capture.fraction)
        for pose, best in camera.capture.collected.items():
            now = max((sample.observation.quality.sharpness or 0 for sample in best), default=0)
            assert now >= sharpest[pose]
            sharpest[pose] = now

    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1


@settings(max_examples=50)
@given(st.permutations([pose for pose in Pose for _ in range(FRAMES_PER_POSE)]), st.integers(0, 2**16))
def test_poses_in_any_order_are_kept_at_their_sharpest(order: list[Pose], seed: int) -> None:
    camera = Camera()
    camera.find_center()
    expected: dict[Pose, list[float]] = {pose: [] for pose in Pose}
    for pose, sharpness in zip(order, np.random.default_rng(seed).uniform(15, 500, len(order)), strict=True):
        camera.show(a_face(*POSED[pose], sharpness))
        expected[pose].append(sharpness)

    assert camera.capture.done == tuple(Pose)
    assert camera.capture.current_pose is None
    for pose, best in camera.capture.collected.items():
        assert best[0].observation.quality.sharpness == max(expected[pose])


@given(st.sampled_from([pose for pose in Pose if pose is not Pose.CENTER]), st.lists(st.sampled_from(Pose), max_size=30))
def test_a_skipped_pose_is_not_collected_until_it_is_retaken(skipped: Pose, expected: list[Pose]) -> None:
    camera = Camera()
    camera.find_center()
    camera.capture.skip(skipped)
    for pose in expected:
        camera.show(a_face(*POSED[pose]))
    assert not camera.capture.collected[skipped]
    assert camera.capture.skipped == (skipped,)

    camera.capture.retake(skipped)
    camera.show(a_face(*POSED[skipped]))

    assert camera.capture.collected[skipped]
