"""Face quality measures and the gates that decide whether a face is compared. Pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from facecam.networks.embedding_networks import Alignment
from facecam.settings import GateSettings
from facecam.types import Face, Floats, Image, Quality

# Position of a frontal face's nose tip between eyes and mouth, as a fraction: 0.536 in the alignment template, a mean face.
_FRONTAL_NOSE = 0.536
# Approximate depth of the nose tip in front of the plane of the eyes, in eye distances; converts its shift to an angle.
_NOSE_DEPTH = 0.45
# Approximate ratio of the nose's depth to the height from eyes to mouth; converts the nose's rise to an angle.
_NOSE_DEPTH_TO_MOUTH = 0.42

QUALITY_ALIGNMENT = Alignment(96, ((26.63, 16.06), (67.79, 15.26), (47.24, 40.52), (29.48, 61.62), (66.76, 60.88)))
"""Crop of a face on which sharpness and brightness are measured, so that the gates mean the same for all networks: that of
nn4.small2, means over OpenFace's 68-point template (openface/align_dlib.py) after its min-max scaling."""


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One measure with its limits. `value` is None if it was not measured; a limit is None if that side is unlimited.

    `measure` is one of score, size_px, clipped_fraction, sharpness, brightness, yaw_deg, pitch_deg, roll_deg.
    """

    measure: str
    value: float | None
    minimum: float | None
    maximum: float | None
    code_below: str
    code_above: str

    @property
    def reason(self) -> str | None:
        """The reason code if the value is beyond a limit, else None."""
        if self.value is not None and self.minimum is not None and self.value < self.minimum:
            return self.code_below
        if self.value is not None and self.maximum is not None and self.value > self.maximum:
            return self.code_above
        return None


def measure_quality(face: Face, crop_rgb: Image | None) -> Quality:
    """Return the pose from the landmarks, and sharpness and brightness of the RGB crop in QUALITY_ALIGNMENT if there is one.

    The variance of the Laplacian is taken on the aligned crop, since on the raw image it depends on the size of the face.
    """
    yaw, pitch, roll = pose_deg(face.landmarks_xy)
    if crop_rgb is None:
        return Quality(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)
    gray = cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY)
    sharpness = float(cv2.Laplacian(gray, cv2.CV_32F).var())
    return Quality(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll, sharpness=sharpness, brightness=float(gray.mean()))


def pose_deg(landmarks_xy: Floats) -> tuple[float, float, float]:
    """Estimate yaw, pitch and roll in degrees, positive to the right of the image, upward, and clockwise.

    Roll is the angle of the eye line. After removing it, yaw comes from the nose's horizontal offset in eye distances, pitch
    from its position between eyes and mouth. Five points allow only a rough estimate.
    """
    left_eye, right_eye, nose, left_mouth, right_mouth = landmarks_xy.astype(np.float64)
    across = right_eye - left_eye
    roll = math.atan2(across[1], across[0])
    cos, sin = math.cos(-roll), math.sin(-roll)
    upright = np.array([[cos, -sin], [sin, cos]])
    eyes = (left_eye + right_eye) / 2
    nose_at = upright @ (nose - eyes)
    mouth_at = upright @ ((left_mouth + right_mouth) / 2 - eyes)
    eye_distance = max(math.hypot(*across), 1e-6)
    shift = nose_at[0] / eye_distance / _NOSE_DEPTH
    rise = (_FRONTAL_NOSE - nose_at[1] / max(mouth_at[1], 1e-6)) / _NOSE_DEPTH_TO_MOUTH
    return _arcsin_deg(shift), _arcsin_deg(rise), math.degrees(roll)


def gate_checks(face: Face, quality: Quality, size_wh: tuple[int, int], settings: GateSettings) -> tuple[GateCheck, ...]:
    """Return all measures of a face in a frame of this size with their limits, in the order of the gates."""
    angles = (
        ("yaw_deg", quality.yaw_deg, settings.max_yaw_deg),
        ("pitch_deg", quality.pitch_deg, settings.max_pitch_deg),
        ("roll_deg", quality.roll_deg, settings.max_roll_deg),
    )
    return (
        GateCheck("score", face.score, settings.min_score, None, "low_score", ""),
        GateCheck("size_px", face.box.longer_side_px, settings.min_size_px, None, "too_small", ""),
        GateCheck("clipped_fraction", clipped_fraction(face, size_wh), None, settings.max_clipped_fraction, "", "clipped"),
        GateCheck("sharpness", quality.sharpness, settings.min_sharpness, None, "blurry", ""),
        GateCheck("brightness", quality.brightness, settings.min_brightness, settings.max_brightness, "dark", "bright"),
        *(GateCheck(name, value, -limit, limit, "extreme_pose", "extreme_pose") for name, value, limit in angles),
    )


def failed_gate(face: Face, quality: Quality, size_wh: tuple[int, int], settings: GateSettings) -> str | None:
    """Return the code of the first gate that the face fails, or None if it may be compared.

    Codes in order: low_score, too_small, clipped, blurry, dark, bright, extreme_pose.
    """
    reasons = (check.reason for check in gate_checks(face, quality, size_wh, settings))
    return next((reason for reason in reasons if reason is not None), None)


def clipped_fraction(face: Face, size_wh: tuple[int, int]) -> float:
    """Return the fraction of the face that lies outside the frame, 0 to 1.

    Detector boxes are clipped to the frame, so the face is reconstructed from the landmarks: it extends 0.43 of their larger
    extent beyond them on each side, as in the alignment template.
    """
    points = face.landmarks_xy
    low, high = points.min(axis=0), points.max(axis=0)
    reach = 0.43 * max(float((high - low).max()), 1e-6)
    x1, y1 = low - reach
    x2, y2 = high + reach
    inside_w = max(min(x2, size_wh[0]) - max(x1, 0.0), 0.0)
    inside_h = max(min(y2, size_wh[1]) - max(y1, 0.0), 0.0)
    return 1 - float(inside_w * inside_h / ((x2 - x1) * (y2 - y1)))


def evidence_weight(quality: Quality, settings: GateSettings) -> float:
    """Return the weight of a sighting in its track's votes, 0.25 to 1: lower for blurred or turned faces."""
    sharp = min((quality.sharpness or 0.0) / max(4 * settings.min_sharpness, 1e-6), 1.0)
    frontal = 1 - min(abs(quality.yaw_deg) / settings.max_yaw_deg, 1.0)
    return round(max(0.25, 0.5 * sharp + 0.5 * frontal), 3)


def _arcsin_deg(ratio: float) -> float:
    return math.degrees(math.asin(max(-1.0, min(1.0, ratio))))
