"""Is this face good enough to be compared? Measures, and gates with a reason code each. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from facecam.settings import GateSettings
from facecam.types import Face, Floats, Image, Quality

# How far the nose tip of a frontal face lies below the eyes, as a fraction of the way to the mouth: 0.536 in the alignment
# template, which is a mean face.
_FRONTAL_NOSE = 0.536
# The nose tip stands about this far before the plane of the eyes, in eye distances; it turns its shift into an angle.
_NOSE_DEPTH = 0.45
# A face is about this much taller from eyes to mouth than the nose is deep; it turns the nose's rise into an angle.
_NOSE_DEPTH_TO_MOUTH = 0.42


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One measure against its limits, None where there is no limit on that side; `value` is None where it was not measured.

    `measure` is one of score, size_px, clipped_fraction, sharpness, brightness, yaw_deg, pitch_deg, roll_deg.
    """

    measure: str
    value: float | None
    least: float | None
    most: float | None
    code_below: str
    code_above: str

    @property
    def fault(self) -> str | None:
        """The reason code when the value is beyond a limit, else None."""
        if self.value is not None and self.least is not None and self.value < self.least:
            return self.code_below
        if self.value is not None and self.most is not None and self.value > self.most:
            return self.code_above
        return None


def measure(face: Face, crop_rgb: Image | None) -> Quality:
    """Pose from the five landmarks, sharpness and brightness of the aligned (96, 96, 3) RGB crop if there is one.

    Sharpness is the variance of the Laplacian, taken on the aligned crop since on the raw one it depends on the face's size.
    """
    yaw, pitch, roll = pose_deg(face.landmarks_xy)
    if crop_rgb is None:
        return Quality(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)
    gray = cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY)
    sharpness = float(cv2.Laplacian(gray, cv2.CV_32F).var())
    return Quality(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll, sharpness=sharpness, brightness=float(gray.mean()))


def pose_deg(landmarks_xy: Floats) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees, roughly: positive to the picture's right, upward, and clockwise.

    Roll is the eye line's angle. Yaw comes from the nose's offset to the middle of the eyes over their distance, pitch from its
    place between eyes and mouth, both after roll is taken out. Five points allow no more than this.
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
    """Every measure of a face in a frame of this size against its limits, in the order in which the gates stand."""
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
        *(GateCheck(name, value, -most, most, "extreme_pose", "extreme_pose") for name, value, most in angles),
    )


def gate(face: Face, quality: Quality, size_wh: tuple[int, int], settings: GateSettings) -> str | None:
    """The first reason why this face must not be compared, None when it may.

    Codes, in this order: low_score, too_small, clipped, blurry, dark, bright, extreme_pose.
    """
    faults = (check.fault for check in gate_checks(face, quality, size_wh, settings))
    return next((fault for fault in faults if fault is not None), None)


def clipped_fraction(face: Face, size_wh: tuple[int, int]) -> float:
    """How much of the face the frame cuts off, 0 to 1.

    The detector's boxes end at the frame, so that the whole face is rebuilt from the landmarks: the alignment template spans
    0.43 eye-to-mouth heights beyond its points on each side.
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
    """How much a sighting counts in its track's vote, 0.25 to 1: less when blurred or turned away."""
    sharp = min((quality.sharpness or 0.0) / max(4 * settings.min_sharpness, 1e-6), 1.0)
    frontal = 1 - min(abs(quality.yaw_deg) / settings.max_yaw_deg, 1.0)
    return round(max(0.25, 0.5 * sharp + 0.5 * frontal), 3)


def _arcsin_deg(ratio: float) -> float:
    return math.degrees(math.asin(max(-1.0, min(1.0, ratio))))
