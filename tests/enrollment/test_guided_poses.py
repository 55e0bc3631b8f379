"""When a head is in a pose, what is said until it is, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facecam.enrollment.pose_capture import FRAMES_PER_POSE, SPACING_MS, PoseCapture
from facecam.enrollment.poses import (
    HINTS,
    RANGES,
    CenterFinder,
    Check,
    Pose,
    PoseHint,
    Turn,
    checklist,
    missing,
    out_of_reach,
    pose_of,
)
from facecam.enrollment.samples import OUTLIER
from facecam.recognition.face_analyzer import SEVERAL_FACES, FaceObservation
from facecam.settings import GateSettings
from facecam.types import Box, Face, Floats, Frame, Quality

GATES = GateSettings()
GATE_CODES = ("low_score", "too_small", "clipped", "blurry", "dark", "bright", "extreme_pose")
TURNS = st.builds(Turn, st.floats(-60, 60), st.floats(-60, 60))
ME, SOMEBODY = np.eye(128, dtype=np.float32)[:2]
POSED = {Pose.CENTER: (0, 0), Pose.LEFT: (20, 0), Pose.RIGHT: (-20, 0), Pose.UP: (0, 15), Pose.DOWN: (0, -15)}


def a_face(yaw_deg: float, pitch_deg: float, sharpness: float = 100, embedding: Floats = ME) -> FaceObservation:
    quality = Quality(yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=0, sharpness=sharpness, brightness=128)
    return FaceObservation(Face(Box(4, 4, 8, 8), 0.99, np.zeros((5, 2), np.float32)), quality, None, embedding)


def a_frame(t_ms: float) -> Frame:
    return Frame(np.zeros((16, 16, 3), np.uint8), 0, t_ms, t_ms / 1000, "camera")


class Camera:
    """Shows faces to a sitting, one each SPACING_MS."""

    def __init__(self) -> None:
        self.sitting = PoseCapture(GATES, max_spread_l2=0.5)
        self.t_ms = 0.0

    def show(self, *faces: FaceObservation, times: int = 1) -> None:
        for _ in range(times):
            self.t_ms += SPACING_MS
            self.sitting.observe(a_frame(self.t_ms), faces)

    def find_center(self, yaw_deg: float = 0, pitch_deg: float = 0) -> None:
        self.show(a_face(yaw_deg, pitch_deg), times=6)

    @property
    def hint(self) -> str:
        return "".join(item.hint for item in self.sitting.checks)


@pytest.fixture
def camera() -> Camera:
    return Camera()


@given(TURNS)
def test_no_turn_is_two_poses(turn: Turn) -> None:
    assert sum(turn in range_ for range_ in RANGES.values()) <= 1


def test_left_is_the_persons_own_left_which_is_the_right_of_the_picture() -> None:
    assert pose_of(Turn(yaw_deg=20, pitch_deg=0)) is Pose.LEFT
    assert pose_of(Turn(yaw_deg=-20, pitch_deg=0)) is Pose.RIGHT


@given(st.sampled_from(Pose), TURNS)
def test_nothing_more_is_asked_of_a_head_exactly_when_it_is_in_the_pose(pose: Pose, turn: Turn) -> None:
    assert (missing(pose, turn) == "") == (pose_of(turn) is pose)


@pytest.mark.parametrize(
    ("pose", "turn", "hint"),
    [
        (Pose.LEFT, Turn(3, 0), PoseHint.TURN_LEFT),
        (Pose.RIGHT, Turn(3, 0), PoseHint.TURN_RIGHT),
        (Pose.LEFT, Turn(20, 25), PoseHint.CHIN_DOWN),
        (Pose.UP, Turn(0, 2), PoseHint.CHIN_UP),
        (Pose.DOWN, Turn(0, 2), PoseHint.CHIN_DOWN),
        (Pose.DOWN, Turn(20, -20), PoseHint.TURN_RIGHT),
        (Pose.CENTER, Turn(-15, 0), PoseHint.TURN_LEFT),
    ],
)
def test_a_head_is_told_the_way_into_the_pose(pose: Pose, turn: Turn, hint: PoseHint) -> None:
    assert missing(pose, turn) == hint


@given(st.sampled_from(Pose), st.floats(-15, 15), st.floats(-20, 20))
def test_with_a_camera_near_eye_level_the_gates_allow_every_pose(pose: Pose, yaw_deg: float, pitch_deg: float) -> None:
    assert not out_of_reach(pose, Turn(yaw_deg, pitch_deg), GATES)


def test_a_camera_that_sees_everybody_look_up_leaves_no_room_for_up(camera: Camera) -> None:
    camera.find_center(pitch_deg=30)
    camera.show(a_face(0, 30), times=FRAMES_PER_POSE)
    for pose in (Pose.LEFT, Pose.RIGHT):
        camera.sitting.skip(pose)

    camera.show(a_face(0, 34))

    assert camera.sitting.asked is Pose.UP
    assert camera.hint == PoseHint.ASKEW
    camera.show(replace(a_face(0, 41), gate="extreme_pose", embedding=None))
    assert camera.hint == PoseHint.ASKEW


@pytest.mark.parametrize("code", [*GATE_CODES, *PoseHint])
def test_every_gate_and_every_hint_has_its_line_and_its_sentence(code: str) -> None:
    (said,) = [item for item in checklist(code) if item.sentence]

    assert (said.code, said.sentence) == HINTS[code]
    assert not said.done


@given(st.sampled_from(["", *HINTS]))
def test_the_list_has_one_order_and_at_most_one_thing_to_do(hint: str) -> None:
    items = checklist(hint)

    assert [item.code for item in items] == list(Check)
    done = [item.done for item in items]
    assert done == sorted(done, reverse=True), "what comes after the first failed check is not done"
    assert all(done) == (not hint) == (not any(item.sentence for item in items))


def test_the_center_is_how_the_person_looks_into_this_camera(camera: Camera) -> None:
    camera.find_center(yaw_deg=5, pitch_deg=-13)

    camera.show(a_face(5, -13))
    camera.show(a_face(5, 0))

    assert {pose for pose, best in camera.sitting.collected.items() if best} == {Pose.CENTER, Pose.UP}


def test_until_the_center_is_found_one_is_asked_to_look_into_the_camera(camera: Camera) -> None:
    camera.show(a_face(0, 0))

    assert camera.hint == PoseHint.LOOK_STRAIGHT


def test_a_moving_head_gives_no_center_until_patience_ends() -> None:
    finder = CenterFinder()

    found = [finder.add(Turn(0, pitch_deg=12 * (-1) ** number)) for number in range(30)]

    assert found[:-1] == [None] * 29
    assert found[-1] is not None


def test_a_head_turned_aside_is_no_center_however_long_it_stays() -> None:
    finder = CenterFinder()

    assert {finder.add(Turn(yaw_deg=30, pitch_deg=0)) for _ in range(100)} == {None}


def test_a_pose_is_done_after_many_frames_and_not_after_one_shown_many_times(camera: Camera) -> None:
    camera.find_center()
    for _ in range(100):
        camera.sitting.observe(a_frame(camera.t_ms + SPACING_MS), [a_face(0, 0)])
    assert camera.sitting.done == ()

    camera.show(a_face(0, 0), times=FRAMES_PER_POSE)

    assert camera.sitting.done == (Pose.CENTER,)


def test_of_a_poses_frames_the_sharpest_is_kept(camera: Camera) -> None:
    camera.find_center()

    camera.show(*[a_face(0, 0, sharpness=20)])
    for sharpness in (90, 30, 120, 60, 40):
        camera.show(a_face(0, 0, sharpness))

    assert [sample.reading.quality.sharpness for sample in camera.sitting.collected[Pose.CENTER]] == [120, 90, 60, 40, 30, 20]


def test_a_hand_before_the_face_is_sharper_than_the_face_and_is_kept_last(camera: Camera) -> None:
    covered = np.asarray((ME + 0.3 * SOMEBODY) / np.linalg.norm(ME + 0.3 * SOMEBODY), np.float32)
    camera.find_center()

    camera.show(a_face(0, 0, sharpness=120, embedding=covered), times=3)
    for sharpness in (20, 40, 30, 35):
        camera.show(a_face(0, 0, sharpness))

    kept = [sample.reading.quality.sharpness for sample in camera.sitting.collected[Pose.CENTER]]
    assert kept == [40, 35, 30, 20, 120, 120, 120]


def test_another_pose_than_the_one_asked_for_counts_too(camera: Camera) -> None:
    camera.find_center()

    camera.show(a_face(-20, 0), times=FRAMES_PER_POSE)

    assert camera.sitting.asked is Pose.CENTER
    assert camera.sitting.done == (Pose.RIGHT,)


def test_somebody_else_who_comes_before_the_camera_is_not_kept(camera: Camera) -> None:
    camera.find_center()

    camera.show(a_face(20, 0, embedding=SOMEBODY), times=FRAMES_PER_POSE)

    assert not camera.sitting.collected[Pose.LEFT]
    assert camera.hint == OUTLIER


def test_a_center_taken_again_may_be_somebody_elses(camera: Camera) -> None:
    camera.find_center()
    camera.sitting.retake(Pose.CENTER)

    camera.show(a_face(0, 0, embedding=SOMEBODY), times=6 + FRAMES_PER_POSE)

    assert camera.sitting.done == (Pose.CENTER,)


def test_two_faces_are_one_too_many(camera: Camera) -> None:
    camera.show(a_face(0, 0), a_face(0, 0))

    assert camera.hint == SEVERAL_FACES


FACES = st.one_of(
    st.just(()),
    st.builds(lambda y, p, s: (a_face(y, p, s),), st.floats(-39, 39), st.floats(-34, 34), st.floats(15, 500)),
    st.builds(lambda y: (a_face(y, 0, embedding=SOMEBODY),), st.floats(-39, 39)),
    st.builds(lambda code: (replace(a_face(0, 0), gate=code, embedding=None),), st.sampled_from(GATE_CODES)),
)


@given(st.lists(st.tuples(FACES, st.floats(-500, 500)), max_size=60))
def test_whatever_comes_nothing_kept_is_lost_and_the_share_never_falls(
    frames: list[tuple[tuple[FaceObservation, ...], float]],
) -> None:
    camera = Camera()
    camera.find_center()
    shares, sharpest = [camera.sitting.share], dict.fromkeys(Pose, 0.0)
    for faces, step_ms in frames:
        camera.t_ms += step_ms
        camera.show(*faces)
        shares.append(camera.sitting.share)
        for pose, best in camera.sitting.collected.items():
            now = max((sample.reading.quality.sharpness or 0 for sample in best), default=0)
            assert now >= sharpest[pose]
            sharpest[pose] = now

    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


@settings(max_examples=50)
@given(st.permutations([pose for pose in Pose for _ in range(FRAMES_PER_POSE)]), st.integers(0, 2**16))
def test_in_whatever_order_poses_are_taken_all_of_them_are_kept_at_their_sharpest(order: list[Pose], seed: int) -> None:
    camera = Camera()
    camera.find_center()
    shown: dict[Pose, list[float]] = {pose: [] for pose in Pose}
    for pose, sharpness in zip(order, np.random.default_rng(seed).uniform(15, 500, len(order)), strict=True):
        camera.show(a_face(*POSED[pose], sharpness))
        shown[pose].append(sharpness)

    assert camera.sitting.done == tuple(Pose)
    assert camera.sitting.asked is None
    for pose, best in camera.sitting.collected.items():
        assert best[0].reading.quality.sharpness == max(shown[pose])


@given(st.sampled_from([pose for pose in Pose if pose is not Pose.CENTER]), st.lists(st.sampled_from(Pose), max_size=30))
def test_what_is_skipped_is_not_collected_until_it_is_taken_again(skipped: Pose, shown: list[Pose]) -> None:
    camera = Camera()
    camera.find_center()
    camera.sitting.skip(skipped)
    for pose in shown:
        camera.show(a_face(*POSED[pose]))
    assert not camera.sitting.collected[skipped]
    assert camera.sitting.skipped == (skipped,)

    camera.sitting.retake(skipped)
    camera.show(a_face(*POSED[skipped]))

    assert camera.sitting.collected[skipped]
