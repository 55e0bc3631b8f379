"""Following of faces over consecutive frames."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from facecam.detection.boxes import overlap
from facecam.detection.face_follower import FaceFollower
from facecam.detection.mtcnn import Mtcnn
from facecam.imageio import read_image
from facecam.settings import DetectSettings, FollowSettings
from facecam.types import Face, Frame, Image

SIZE_WH = (640, 480)
PORTRAIT_WH = (200, 220)
LEFT_XY, RIGHT_XY = (60, 130), (380, 130)
WALL = 160
SETTINGS = FollowSettings(detect_every_frames=12, detect_moving_every_frames=6)


class CountingMtcnn(Mtcnn):
    """Detector that counts full searches."""

    searches = 0

    def detect(self, bgr: Image) -> tuple[Face, ...]:
        self.searches += 1
        return super().detect(bgr)


@pytest.fixture(scope="module")
def networks() -> CountingMtcnn:
    return CountingMtcnn(DetectSettings())


@pytest.fixture
def detector(networks: CountingMtcnn) -> CountingMtcnn:
    """Return the detector with its count reset."""
    networks.searches = 0
    return networks


@pytest.fixture
def follower(detector: CountingMtcnn) -> FaceFollower:
    return FaceFollower(detector, SETTINGS)


@pytest.fixture(scope="module")
def eileen(portraits: dict[str, Path]) -> Image:
    return _portrait(portraits["eileen_collins"])


@pytest.fixture(scope="module")
def grace(portraits: dict[str, Path]) -> Image:
    return _portrait(portraits["grace_hopper"])


def _portrait(path: Path) -> Image:
    return np.asarray(cv2.resize(read_image(path), PORTRAIT_WH, interpolation=cv2.INTER_AREA), np.uint8)


def _canvas(*placed: tuple[Image, tuple[int, int]]) -> Image:
    """Return a plain background with portraits at these upper left corners."""
    canvas: Image = np.full((SIZE_WH[1], SIZE_WH[0], 3), WALL, np.uint8)
    for portrait, (x, y) in placed:
        canvas[y : y + portrait.shape[0], x : x + portrait.shape[1]] = portrait
    return canvas


def _walk(portrait: Image, *, frames: int = 40) -> Iterator[Image]:
    """Yield the portrait moving 6 px per frame to the right, up and down in a curve."""
    for step in range(frames):
        yield _canvas((portrait, (40 + 6 * step, round(130 + 60 * np.sin(step / 8)))))


def _faded(portrait: Image, share: float) -> Image:
    """Blend the portrait into the background: 0 is the background, 1 the portrait."""
    return np.asarray(cv2.addWeighted(portrait, share, np.full_like(portrait, WALL), 1 - share, 0), np.uint8)


def _iou(a: tuple[Face, ...], b: tuple[Face, ...]) -> float:
    """Return the smallest overlap of a face of `b` with its best match in `a`."""
    first, second = (np.array([face.box.xyxy for face in faces], np.float32).reshape(-1, 4) for faces in (a, b))
    return float(overlap(first, second).max(axis=0, initial=0).min(initial=1))


@pytest.mark.parametrize("name", ["eileen_collins", "grace_hopper"])
def test_a_moving_face_is_found_on_every_frame(follower: FaceFollower, portraits: dict[str, Path], name: str) -> None:
    found = [len(follower.detect(frame)) for frame in _walk(_portrait(portraits[name]))]

    assert found == [1] * len(found)


def test_a_followed_face_has_the_box_of_a_full_search(follower: FaceFollower, networks: CountingMtcnn, eileen: Image) -> None:
    overlaps = [_iou(follower.detect(frame), networks.detect(frame)) for frame in _walk(eileen)]

    assert min(overlaps) > 0.7


def test_a_followed_face_has_a_high_score(follower: FaceFollower, eileen: Image) -> None:
    assert min(face.score for frame in _walk(eileen) for face in follower.detect(frame)) > 0.95


def test_every_frame_is_searched_on_request(follower: FaceFollower, detector: CountingMtcnn, eileen: Image) -> None:
    searched = []
    for number, image in enumerate(_walk(eileen, frames=9)):
        follower.detect_next(Frame(image, number, 33.0 * number, 0.0, "walk"), search=3 <= number < 6)
        searched.append(follower.has_searched)

    assert searched == [True, False, False, True, True, True, False, False, False]
    assert detector.searches == 4


def test_two_faces_that_pass_each_other_at_a_distance_are_both_followed(
    follower: FaceFollower, detector: CountingMtcnn, eileen: Image, grace: Image
) -> None:
    frames = [_canvas((eileen, (20 + 4 * step, 10)), (grace, (400 - 4 * step, 250))) for step in range(36)]

    found = [follower.detect(frame) for frame in frames]

    assert [len(faces) for faces in found] == [2] * len(frames)
    assert detector.searches < len(frames) / 2
    assert _iou(found[-1], detector.detect(frames[-1])) > 0.7


def test_a_still_face_costs_one_search_in_detect_every_frames(
    follower: FaceFollower, detector: CountingMtcnn, eileen: Image
) -> None:
    still = _canvas((eileen, LEFT_XY))

    found = [len(follower.detect(still)) for _ in range(3 * SETTINGS.detect_every_frames)]

    assert found == [1] * len(found)
    assert detector.searches == 3


def test_an_empty_still_scene_costs_one_search_in_detect_every_frames(follower: FaceFollower, detector: CountingMtcnn) -> None:
    found = [follower.detect(_canvas()) for _ in range(3 * SETTINGS.detect_every_frames)]

    assert not any(found)
    assert detector.searches == 3


@pytest.mark.parametrize("after", [1, 4, 9])
def test_a_face_that_vanishes_is_lost_at_once(follower: FaceFollower, eileen: Image, after: int) -> None:
    for _ in range(after):
        assert follower.detect(_canvas((eileen, LEFT_XY)))

    assert follower.detect(_canvas()) == ()


def test_a_face_that_stays_is_kept_when_another_vanishes(follower: FaceFollower, eileen: Image, grace: Image) -> None:
    for _ in range(3):
        assert len(follower.detect(_canvas((eileen, LEFT_XY), (grace, RIGHT_XY)))) == 2

    (left,) = follower.detect(_canvas((eileen, LEFT_XY)))

    assert left.box.x < SIZE_WH[0] / 2


def test_a_face_that_jumps_is_found_on_the_very_next_frame(follower: FaceFollower, eileen: Image) -> None:
    for _ in range(3):
        follower.detect(_canvas((eileen, LEFT_XY)))

    (face,) = follower.detect(_canvas((eileen, RIGHT_XY)))

    assert face.box.x > SIZE_WH[0] / 2


@pytest.mark.parametrize("before", [1, 3, 6, 8, 11])
def test_a_face_that_appears_beside_another_is_found_within_detect_moving_every_frames(
    follower: FaceFollower, eileen: Image, grace: Image, before: int
) -> None:
    for _ in range(before):
        follower.detect(_canvas((eileen, LEFT_XY)))

    both = _canvas((eileen, LEFT_XY), (grace, RIGHT_XY))
    found = [len(follower.detect(both)) for _ in range(SETTINGS.detect_moving_every_frames)]

    assert found[-1] == 2


def test_a_face_that_appears_in_an_empty_scene_is_found_within_detect_moving_every_frames(
    follower: FaceFollower, eileen: Image
) -> None:
    follower.detect(_canvas())

    found = [len(follower.detect(_canvas((eileen, LEFT_XY)))) for _ in range(SETTINGS.detect_moving_every_frames)]

    assert found[-1] == 1


def test_a_face_that_appears_too_slowly_to_count_as_motion_is_found_within_detect_every_frames(
    follower: FaceFollower, detector: CountingMtcnn, eileen: Image, grace: Image
) -> None:
    # Each frame hardly differs from the last one that was searched.
    fading = [_canvas((eileen, LEFT_XY), (_faded(grace, min(1, step / 200)), RIGHT_XY)) for step in range(200)]
    findable = next(number for number, frame in enumerate(fading) if len(detector.detect(frame)) == 2)
    detector.searches = 0

    found = [len(follower.detect(frame)) for frame in fading[: findable + SETTINGS.detect_every_frames]]

    assert detector.searches <= len(found) / SETTINGS.detect_every_frames + 1, "motion was detected"
    assert found[-1] == 2


def test_a_moving_head_alone_does_not_cause_a_search(follower: FaceFollower, detector: CountingMtcnn, eileen: Image) -> None:
    (face,) = detector.detect(eileen)
    x1, y1, x2, y2 = map(round, face.box.xyxy)
    head = eileen[y1 - 10 : y2 + 10, x1 - 10 : x2 + 10]
    frames = [_canvas((head, (200 + step, 150))) for step in range(SETTINGS.detect_every_frames)]
    detector.searches = 0

    found = [len(follower.detect(frame)) for frame in frames]

    assert found == [1] * len(frames)
    assert detector.searches == 1


def test_detect_every_frames_1_searches_every_frame(detector: CountingMtcnn, eileen: Image) -> None:
    follower = FaceFollower(detector, FollowSettings(detect_every_frames=1, detect_moving_every_frames=1))

    for _ in range(5):
        follower.detect(_canvas((eileen, LEFT_XY)))

    assert detector.searches == 5
