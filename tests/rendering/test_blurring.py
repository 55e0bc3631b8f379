"""Blurring of unidentified faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facecam.rendering.renderer import blur_faces, unidentified_boxes
from facecam.types import Box, DecisionStatus
from tests.session.test_recording_controller import face_in_noise


@pytest.mark.parametrize(
    ("kind", "count"),
    [(DecisionStatus.KNOWN, 0), (DecisionStatus.UNSURE, 1), (DecisionStatus.UNKNOWN, 1), (DecisionStatus.SKIPPED, 1)],
)
def test_only_known_faces_are_not_blurred(kind: DecisionStatus, count: int) -> None:
    _, result = face_in_noise(0, kind)

    assert len(unidentified_boxes(result)) == count


def test_a_blurred_face_has_no_detail_and_the_rest_is_unchanged() -> None:
    frame, result = face_in_noise(0)
    image = blur_faces(frame.bgr, unidentified_boxes(result))

    before, after = (cv2.Laplacian(bgr[45:75, 65:95], cv2.CV_64F).var() for bgr in (frame.bgr, image))
    assert after < before / 1000
    assert (image[:, :40] == frame.bgr[:, :40]).all()
    assert (image[40:80, 60:100] != frame.bgr[40:80, 60:100]).any(axis=2).mean() > 0.95, "the whole box is covered"


@pytest.mark.parametrize("box", [Box(-30, -30, 50, 50), Box(150, 110, 40, 40), Box(-500, 0, 10, 10), Box(0, 0, 1000, 1000)])
def test_a_box_at_or_beyond_the_edge_is_blurred(box: Box) -> None:
    frame, _ = face_in_noise(0)

    assert blur_faces(frame.bgr, [box]).shape == frame.bgr.shape


def test_a_blurred_portrait_is_not_recognized(portraits: dict) -> None:  # type: ignore[type-arg]
    from facecam.imageio import read_image
    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.settings import Settings

    bgr = read_image(portraits["eileen_collins"])
    with open_face_analyzer(Settings()) as reader:
        (face, *_) = reader.analyze(bgr)
        after = reader.analyze(blur_faces(bgr, [face.face.box]))
    distances = [float(np.linalg.norm(a.embedding - face.embedding)) for a in after if a.embedding is not None]
    assert all(distance > 0.45 for distance in distances)
