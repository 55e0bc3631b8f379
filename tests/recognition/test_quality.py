"""Gates on synthetic landmarks, and quality measures of real portraits."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facecam.detection.mtcnn import Mtcnn
from facecam.embedding.embedder import align
from facecam.imageio import read_image
from facecam.recognition.quality import (
    QUALITY_ALIGNMENT,
    clipped_fraction,
    evidence_weight,
    failed_gate,
    gate_checks,
    measure_quality,
    pose_deg,
)
from facecam.settings import DetectSettings, GateSettings
from facecam.types import Box, Face, Floats, Image, Quality

SIZE_WH = (640, 480)
TEMPLATE_XY = QUALITY_ALIGNMENT.template_xy
GOOD = Quality(sharpness=200, brightness=120, yaw_deg=0, pitch_deg=0, roll_deg=0)
GATES = ("low_score", "too_small", "clipped", "blurry", "dark", "bright", "extreme_pose")


def a_face(center_xy: tuple[float, float] = (320, 240), score: float = 0.99, size_px: float = 100) -> Face:
    """Return a frontal face: the template's points scaled to the box around `center_xy`."""
    points = (TEMPLATE_XY - TEMPLATE_XY.mean(axis=0)) * size_px / 96 + np.array(center_xy)
    box = Box(center_xy[0] - size_px / 2, center_xy[1] - size_px / 2, size_px, size_px)
    return Face(box, score, points.astype(np.float32))


def turned(yaw_deg: float = 0, pitch_deg: float = 0) -> Floats:
    """Return the template with a nose of usual length, rotated in space, in parallel projection."""
    points = np.column_stack([TEMPLATE_XY - TEMPLATE_XY.mean(axis=0), np.zeros(5)])
    points[2, 2] = 0.45 * 41.2
    yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
    x = points[:, 0] * math.cos(yaw) + points[:, 2] * math.sin(yaw)
    y = points[:, 1] * math.cos(pitch) - points[:, 2] * math.sin(pitch)
    return np.column_stack([x, y]).astype(np.float32)


def rolled(points: Floats, degrees: float) -> Floats:
    """Rotate points clockwise in the image, with y pointing down."""
    angle = math.radians(degrees)
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return (points @ matrix.T).astype(np.float32)


def failing(codes: tuple[str, ...]) -> tuple[Face, Quality]:
    """Return a face that fails exactly these gates."""
    face = a_face(
        center_xy=(5, 240) if "clipped" in codes else (320, 240),
        score=0.5 if "low_score" in codes else 0.99,
        size_px=30 if "too_small" in codes else 100,
    )
    quality = replace(
        GOOD,
        sharpness=1 if "blurry" in codes else 200,
        brightness=5 if "dark" in codes else 250 if "bright" in codes else 120,
        yaw_deg=80 if "extreme_pose" in codes else 0,
    )
    return face, quality


def test_a_good_face_passes_every_gate() -> None:
    assert failed_gate(a_face(), GOOD, SIZE_WH, GateSettings()) is None


@pytest.mark.parametrize("code", GATES)
def test_each_gate_has_its_own_code(code: str) -> None:
    assert failed_gate(*failing((code,)), SIZE_WH, GateSettings()) == code


@pytest.mark.parametrize(("first", "later"), list(itertools.pairwise(GATES)))
def test_of_two_failed_gates_the_earlier_one_is_named(first: str, later: str) -> None:
    if {first, later} == {"dark", "bright"}:
        later = "extreme_pose"  # no face is too dark and too bright

    assert failed_gate(*failing((later, first)), SIZE_WH, GateSettings()) == first


@pytest.mark.parametrize("angle", ["yaw_deg", "pitch_deg", "roll_deg"])
@pytest.mark.parametrize("degrees", [-60.0, 60.0])
def test_a_face_turned_too_far_either_way_is_an_extreme_pose(angle: str, degrees: float) -> None:
    assert failed_gate(a_face(), replace(GOOD, **{angle: degrees}), SIZE_WH, GateSettings()) == "extreme_pose"


@pytest.mark.parametrize("code", GATES)
def test_only_the_failed_measure_has_a_reason(code: str) -> None:
    checks = gate_checks(*failing((code,)), SIZE_WH, GateSettings())

    assert [check.reason for check in checks if check.reason] == [code]


def test_a_value_that_was_not_measured_has_no_reason() -> None:
    checks = gate_checks(a_face(), Quality(yaw_deg=0, pitch_deg=0, roll_deg=0), SIZE_WH, GateSettings())

    assert {check.measure: check.value for check in checks if check.value is None} == {"sharpness": None, "brightness": None}
    assert not any(check.reason for check in checks)


@pytest.mark.parametrize("code", GATES)
def test_without_gates_everything_passes(code: str) -> None:
    assert failed_gate(*failing((code,)), SIZE_WH, GateSettings.none()) is None


def test_the_mean_face_is_frontal() -> None:
    assert np.abs(pose_deg(TEMPLATE_XY)).max() < 2


@pytest.mark.parametrize("degrees", [-30, -15, 15, 30])
def test_a_face_turned_to_the_images_right_has_positive_yaw(degrees: int) -> None:
    yaw, pitch, _ = pose_deg(turned(yaw_deg=degrees))

    assert yaw == pytest.approx(degrees, abs=8)
    assert abs(pitch) < 5


@pytest.mark.parametrize("degrees", [-30, -15, 15, 30])
def test_a_face_that_looks_up_has_positive_pitch(degrees: int) -> None:
    yaw, pitch, _ = pose_deg(turned(pitch_deg=degrees))

    assert pitch == pytest.approx(degrees, abs=10)
    assert abs(yaw) < 5


@given(roll=st.floats(-80, 80), yaw=st.floats(-30, 30))
def test_tilting_the_head_changes_only_roll(roll: float, yaw: float) -> None:
    upright = pose_deg(turned(yaw_deg=yaw))

    tilted = pose_deg(rolled(turned(yaw_deg=yaw), roll))

    assert tilted == pytest.approx((upright[0], upright[1], upright[2] + roll), abs=0.1)


def test_a_face_in_the_middle_is_not_clipped() -> None:
    assert clipped_fraction(a_face(), SIZE_WH) == 0


@pytest.mark.parametrize("center_xy", [(0, 240), (640, 240), (320, 0), (320, 480)])
def test_a_face_on_the_edge_is_half_clipped(center_xy: tuple[float, float]) -> None:
    assert clipped_fraction(a_face(center_xy), SIZE_WH) == pytest.approx(0.5, abs=0.1)


def test_a_face_beyond_the_edge_is_fully_clipped() -> None:
    assert clipped_fraction(a_face((-200, 240)), SIZE_WH) == 1


@given(x=st.floats(-200, 320), step=st.floats(0, 100), size_px=st.floats(10, 300))
def test_clipping_grows_with_the_distance_beyond_the_edge(x: float, step: float, size_px: float) -> None:
    inner, outer = (clipped_fraction(a_face((at, 240), size_px=size_px), SIZE_WH) for at in (x, x - step))

    assert 0 <= inner <= outer + 1e-6
    assert outer <= 1


@pytest.fixture(scope="module")
def detector() -> Mtcnn:
    return Mtcnn(DetectSettings())


@pytest.mark.parametrize("name", ["eileen_collins", "grace_hopper"])
def test_a_portrait_passes_every_gate(detector: Mtcnn, portraits: dict[str, Path], name: str) -> None:
    bgr = read_image(portraits[name])
    (face,) = detector.detect(bgr)

    quality = measure_quality(face, align(bgr, face.landmarks_xy, QUALITY_ALIGNMENT))

    assert failed_gate(face, quality, (bgr.shape[1], bgr.shape[0]), GateSettings()) is None


@pytest.mark.parametrize("name", ["eileen_collins", "grace_hopper"])
def test_the_more_a_portrait_is_blurred_the_less_sharp_it_is(detector: Mtcnn, portraits: dict[str, Path], name: str) -> None:
    bgr = read_image(portraits[name])
    (face,) = detector.detect(bgr)
    images: list[Image] = [bgr, *(np.asarray(cv2.GaussianBlur(bgr, (0, 0), sigma), np.uint8) for sigma in (3, 6, 12))]

    measured = [measure_quality(face, align(image, face.landmarks_xy, QUALITY_ALIGNMENT)) for image in images]

    sharpness = [quality.sharpness for quality in measured]
    assert sharpness == sorted(sharpness, reverse=True)
    assert sharpness[0] > GateSettings().min_sharpness > sharpness[-1]


@given(yaw=st.floats(-30, 30), pitch=st.floats(-30, 30), roll=st.floats(-60, 60))
def test_a_mirrored_face_looks_and_leans_the_other_way(yaw: float, pitch: float, roll: float) -> None:
    points = rolled(turned(yaw, pitch), roll)
    mirrored = (points * (-1, 1))[[1, 0, 2, 4, 3]].astype(np.float32)

    reflection = pose_deg(mirrored)

    own_yaw, own_pitch, own_roll = pose_deg(points)
    assert reflection == pytest.approx((-own_yaw, own_pitch, -own_roll), abs=0.01)


@given(sharpness=st.floats(0, 1e5), yaw=st.floats(-90, 90))
def test_evidence_weights_are_between_a_quarter_and_one(sharpness: float, yaw: float) -> None:
    assert 0.25 <= evidence_weight(replace(GOOD, sharpness=sharpness, yaw_deg=yaw), GateSettings()) <= 1


@pytest.mark.parametrize("worse", [replace(GOOD, sharpness=20), replace(GOOD, yaw_deg=30), replace(GOOD, yaw_deg=-30)])
def test_a_blurred_or_turned_face_counts_less(worse: Quality) -> None:
    settings = GateSettings()

    assert evidence_weight(worse, settings) < evidence_weight(GOOD, settings)


def test_without_a_gate_for_sharpness_every_face_counts_as_sharp() -> None:
    assert evidence_weight(replace(GOOD, sharpness=1), GateSettings.none()) == 1
