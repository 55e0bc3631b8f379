"""MTCNN on real images, with the `mtcnn` package as the reference."""

from __future__ import annotations

import hashlib
import importlib
import importlib.resources
import io
import os
from pathlib import Path

import cv2
import joblib
import numpy as np
import pytest

from facecam.detection.boxes import overlap
from facecam.detection.mtcnn import Detector, Mtcnn, extract_crops
from facecam.detection.mtcnn_package import PackageMtcnn
from facecam.imageio import read_image
from facecam.networks.manifest import load_arrays
from facecam.settings import DetectSettings
from facecam.types import Face, Floats, Image

PACKAGE_WEIGHTS = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}
"""SHA-256 of the files of mtcnn 1.0.0."""


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Mtcnn(DetectSettings(min_face_size_px=20))


@pytest.fixture(scope="module")
def package() -> Detector:
    return PackageMtcnn(DetectSettings(min_face_size_px=20))


def _xyxy(faces: tuple[Face, ...]) -> Floats:
    return np.array([face.box.xyxy for face in faces], np.float32).reshape(-1, 4)


@pytest.mark.parametrize("name", ["eileen_collins", "grace_hopper"])
def test_a_portrait_has_one_face_with_plausible_landmarks(detector: Detector, portraits: dict[str, Path], name: str) -> None:
    bgr = read_image(portraits[name])

    (face,) = detector.detect(bgr)

    assert face.score > 0.98
    left_eye, right_eye, nose, left_mouth, right_mouth = face.landmarks_xy
    assert left_eye[0] < nose[0] < right_eye[0]
    assert left_mouth[0] < right_mouth[0]
    assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])
    x1, y1, x2, y2 = face.box.xyxy
    assert ((face.landmarks_xy > (x1, y1)) & (face.landmarks_xy < (x2, y2))).all()


@pytest.mark.parametrize("name", ["eileen_collins", "grace_hopper", "cat", "coffee"])
def test_the_faces_equal_the_packages(detector: Detector, package: Detector, portraits: dict[str, Path], name: str) -> None:
    bgr = read_image(portraits[name])

    ours, theirs = detector.detect(bgr), package.detect(bgr)

    assert len(ours) == len(theirs)
    if not ours:
        return
    assert np.diag(overlap(_xyxy(ours), _xyxy(theirs))).min() > 0.9
    for own, other in zip(ours, theirs, strict=True):
        assert np.abs(own.landmarks_xy - other.landmarks_xy).max() < 0.03 * own.box.longer_side_px
        assert abs(own.score - other.score) < 0.03


@pytest.mark.parametrize("quarter_turns", [1, 2, 3])
def test_a_rotated_face_has_valid_boxes(detector: Detector, portraits: dict[str, Path], quarter_turns: int) -> None:
    bgr = np.ascontiguousarray(np.rot90(read_image(portraits["eileen_collins"]), quarter_turns))

    faces = detector.detect(bgr)

    assert all(face.box.w > 0 and face.box.h > 0 for face in faces)
    assert all(face.box.x >= 0 and face.box.xyxy[2] <= bgr.shape[1] for face in faces)


@pytest.mark.parametrize("shape", [(1, 1), (11, 11), (12, 12), (13, 400), (400, 13), (24, 24), (3, 5000)])
def test_images_of_any_size_are_accepted(detector: Detector, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)

    assert isinstance(detector.detect(noise), tuple)


def test_an_8k_image_is_searched(portraits: dict[str, Path]) -> None:
    portrait = read_image(portraits["eileen_collins"])
    bgr = cv2.resize(portrait, (7680, 4320))

    faces = Mtcnn(DetectSettings(min_face_size_px=400)).detect(np.asarray(bgr, np.uint8))

    assert len(faces) == 1


@pytest.mark.long
@pytest.mark.timeout(60)  # the detector once took longer than that
def test_a_face_among_thirteen_thousand_small_pictures_of_one_is_found_in_seconds(portraits: dict[str, Path]) -> None:
    portrait = read_image(portraits["eileen_collins"])
    small = cv2.resize(portrait[100:420, 130:400], (60, 60), interpolation=cv2.INTER_AREA)
    bgr = np.asarray(np.tile(small, (100, 133, 1)), np.uint8)
    bgr[3000:3512, 4000:4512] = portrait

    boxes = [face.box for face in Mtcnn(DetectSettings()).detect(bgr)]

    assert any(4000 < box.x < 4512 and 3000 < box.y < 3512 and box.w > 80 for box in boxes)


def test_two_faces_side_by_side_are_both_found(detector: Detector, portraits: dict[str, Path]) -> None:
    images = [cv2.resize(read_image(portraits[name]), (320, 384)) for name in ("eileen_collins", "grace_hopper")]

    faces = detector.detect(np.asarray(np.hstack(images), np.uint8))

    centers = sorted(face.box.x + face.box.w / 2 for face in faces)
    assert len(centers) == 2
    assert centers[0] < 320 < centers[1]


def test_only_the_region_is_searched_and_boxes_are_in_image_pixels(detector: Detector, portraits: dict[str, Path]) -> None:
    images = [cv2.resize(read_image(portraits[name]), (320, 384)) for name in ("eileen_collins", "grace_hopper")]
    both = np.asarray(np.hstack(images), np.uint8)
    right_half = Mtcnn(DetectSettings(min_face_size_px=20, left=0.5))

    (found,) = right_half.detect(both)

    expected = max(detector.detect(both), key=lambda face: face.box.x)
    assert overlap(_xyxy((found,)), _xyxy((expected,)))[0, 0] > 0.9


def test_a_crop_is_gray_beyond_the_edge() -> None:
    white: Image = np.full((50, 50, 3), 255, np.uint8)

    (crop,) = extract_crops(white, np.array([[-50, 0, 50, 50]], np.float32), 24)

    assert np.abs(crop[:, :10] - 127.5).max() <= 1
    assert crop[:, 14:].min() == 255


@pytest.mark.long
def test_on_wider_images_nearly_every_box_of_the_package_is_found(test_data: Path, detector: Detector, package: Detector) -> None:
    found, wanted = 0, 0
    for path in sorted(test_data.glob("data/wider/*/*.jpg")):
        bgr = read_image(path)
        theirs = _xyxy(tuple(face for face in package.detect(bgr) if face.score >= 0.95))
        ours = _xyxy(detector.detect(bgr))
        wanted += len(theirs)
        found += int((overlap(theirs, ours).max(axis=1, initial=0) >= 0.7).sum())

    assert wanted > 500
    assert found / wanted >= 0.98


def test_the_arrays_are_those_of_the_installed_package() -> None:
    """The package's files are pickles: they are loaded here only, after their hashes have been compared."""
    folder = Path(str(importlib.resources.files("mtcnn"))) / "assets" / "weights"
    own = load_arrays("mtcnn")
    compared = []
    for name, digest in PACKAGE_WEIGHTS.items():
        content = (folder / f"{name}.lz4").read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        theirs = sorted(joblib.load(io.BytesIO(content)), key=lambda array: (array.shape, array.tobytes()))
        ours = sorted(
            (array for key, array in own.items() if key.startswith(f"{name}/")), key=lambda array: (array.shape, array.tobytes())
        )
        assert [array.tobytes() for array in theirs] == [array.tobytes() for array in ours]
        compared += ours
    assert len(compared) == len(own)


def test_pickles_in_the_working_folder_and_in_the_package_are_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portraits: dict[str, Path]
) -> None:
    """The package itself would load ./pnet.lz4 and run what it says."""

    class Planted:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "code ran"),)

    for name in PACKAGE_WEIGHTS:
        joblib.dump(Planted(), tmp_path / f"{name}.lz4")
    monkeypatch.chdir(tmp_path)

    faces = PackageMtcnn(DetectSettings(min_face_size_px=20)).detect(read_image(portraits["eileen_collins"]))

    assert len(faces) == 1
    assert not (tmp_path / "code ran").exists()
    with pytest.raises(TypeError):  # the package does, and gets no arrays
        importlib.import_module("mtcnn").MTCNN()
    assert (tmp_path / "code ran").exists()
