"""Whoever is not known cannot be recognized any more; whoever is known, and the rest of the picture, stays as it was."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facecam.rendering.renderer import blurred, strangers
from facecam.types import Box, DecisionStatus
from tests.session.test_record_switch import stranger


@pytest.mark.parametrize(
    ("kind", "count"),
    [(DecisionStatus.KNOWN, 0), (DecisionStatus.UNSURE, 1), (DecisionStatus.UNKNOWN, 1), (DecisionStatus.SKIPPED, 1)],
)
def test_only_the_known_are_left_as_they_are(kind: DecisionStatus, count: int) -> None:
    _, result = stranger(0, kind)

    assert len(strangers(result)) == count


def test_of_a_blurred_face_no_detail_is_left_and_the_rest_is_untouched() -> None:
    frame, result = stranger(0)
    picture = blurred(frame.bgr, strangers(result))

    before, after = (cv2.Laplacian(bgr[45:75, 65:95], cv2.CV_64F).var() for bgr in (frame.bgr, picture))
    assert after < before / 1000
    assert (picture[:, :40] == frame.bgr[:, :40]).all()
    assert (picture[40:80, 60:100] != frame.bgr[40:80, 60:100]).any(axis=2).mean() > 0.95, "the whole box is covered"


@pytest.mark.parametrize("box", [Box(-30, -30, 50, 50), Box(150, 110, 40, 40), Box(-500, 0, 10, 10), Box(0, 0, 1000, 1000)])
def test_a_face_at_the_edge_or_beyond_it_is_no_trouble(box: Box) -> None:
    frame, _ = stranger(0)

    assert blurred(frame.bgr, [box]).shape == frame.bgr.shape


def test_a_portrait_is_not_detected_as_that_person_any_more(portraits: dict) -> None:  # type: ignore[type-arg]
    from facecam.imageio import read_image
    from facecam.recognition.face_analyzer import open_face_analyzer
    from facecam.settings import Settings

    bgr = read_image(portraits["eileen_collins"])
    with open_face_analyzer(Settings()) as reader:
        (face, *_) = reader.analyze(bgr)
        after = reader.analyze(blurred(bgr, [face.face.box]))
    distances = [float(np.linalg.norm(a.embedding - face.embedding)) for a in after if a.embedding is not None]
    assert all(distance > 0.45 for distance in distances)
