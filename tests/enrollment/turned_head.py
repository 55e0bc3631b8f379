"""Simulated head turns: every pixel of a portrait moves like the head's surface below it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from facecam.types import Face, Image


def turned(bgr: Image, face: Face, yaw_deg: float, pitch_deg: float) -> Image:
    """Return the portrait with its face turned to the image's right by `yaw_deg` and up by `pitch_deg`.

    The surface is a dome with a nose on it, in eye distances; what lies around it stays where it is.
    """
    left_eye, right_eye, nose = face.landmarks_xy[:3]
    eye_distance = float(np.hypot(*(right_eye - left_eye)))
    middle = face.landmarks_xy.mean(axis=0)
    rows, columns = np.indices(bgr.shape[:2], np.float32)
    x, y = columns.copy(), rows.copy()
    for _ in range(12):  # where each pixel comes from: found by going back along the shift until it meets itself
        away = ((x - middle[0]) / (1.3 * eye_distance)) ** 2 + ((y - middle[1]) / (1.7 * eye_distance)) ** 2
        dome = 0.5 * np.clip(1 - away, 0, None) ** 2
        bump = 0.25 * np.exp(-((x - nose[0]) ** 2 + (y - nose[1]) ** 2) / (2 * (0.3 * eye_distance) ** 2))
        depth = (dome + bump) * eye_distance
        x = (columns - depth * math.sin(math.radians(yaw_deg))).astype(np.float32)
        y = (rows + depth * math.sin(math.radians(pitch_deg))).astype(np.float32)
    return np.asarray(cv2.remap(bgr, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
